//! Servers that Dokploy deploys to or builds on.

use crate::table::{
    Attribute, Call, Created, DataSource, Form, Import, Item, Kind, Mode, Modifier, Object,
    Resource, Same, Span, Unset, attribute, flag, text, whole,
};

/// What Dokploy has.
pub static SERVER: Object = Object {
    name: "server",
    noun: "server",
    id: "serverId",
    one: "server.one",
    all: Some("server.all"),
    create: "server.create",
    created: Created::Object,
    updates: &[Call {
        procedure: "server.update",
        form: Form::Whole,
        fields: &[
            "name",
            "description",
            "ipAddress",
            "port",
            "username",
            "sshKeyId",
            "serverType",
            "command",
            "enableDockerCleanup",
        ],
    }],
    remove: "server.remove",
    gone: &[],
    fields: &[
        text("name"),
        // From v0.28 it must be there, null or not.
        text("description")
            .unset(Unset::Null, Unset::Null)
            .same(Same::EmptyIsNull),
        text("ipAddress"),
        whole("port"),
        text("username"),
        text("sshKeyId").unset(Unset::Null, Unset::Null),
        text("serverType"),
        text("serverStatus").read_only(),
        // A create ignores it.
        text("command")
            .unset(Unset::NotTaken, Unset::Empty)
            .same(Same::EmptyIsNull),
        // An update without it switches it on.
        flag("enableDockerCleanup"),
        text("createdAt").read_only(),
    ],
    found_by: &["name", "ipAddress", "username"],
    spans: &[Span::undescribed("enableDockerCleanup")],
    ..Object::PLAIN
};

const SERVER_TYPES: &[&str] = &["deploy", "build"];

const ATTRIBUTES: &[Attribute] = &[
    attribute("id", "serverId", Mode::Computed, "Dokploy's id of the server.")
        .modified(&[Modifier::UseStateForUnknown]),
    attribute("name", "name", Mode::Required, "The name shown in Dokploy."),
    attribute("description", "description", Mode::Optional, "A note for people."),
    attribute("ip_address", "ipAddress", Mode::Required, "The address that Dokploy connects to."),
    attribute("port", "port", Mode::Required, "The port of the SSH server, usually 22."),
    attribute("username", "username", Mode::Required, "The user that Dokploy logs in as by SSH."),
    attribute(
        "ssh_key_id",
        "sshKeyId",
        Mode::Required,
        "The SSH key to log in with: the id of a `dokploy_ssh_key`.",
    ),
    attribute(
        "server_type",
        "serverType",
        Mode::Required,
        "What it is for: `deploy` to run applications, `build` to build images.",
    )
    .one_of(SERVER_TYPES),
    attribute(
        "command",
        "command",
        Mode::OptionalComputed,
        "A script that replaces Dokploy's own when the server is set up. Taking it out of the configuration clears it.",
    )
    .modified(&[Modifier::EmptyWhenRemoved, Modifier::UseStateForUnknown]),
    attribute(
        "server_status",
        "serverStatus",
        Mode::Computed,
        "Whether Dokploy uses the server: `active` or `inactive`.",
    ),
];

/// How ahmedali6/dokploy names it.
pub static AHMEDALI6: Resource = Resource {
    kind: "dokploy_server",
    object: &SERVER,
    doc: "A remote server on which Dokploy deploys or builds.",
    title: "server",
    attributes: ATTRIBUTES,
    notes: "Dokploy does not connect to the server when it is created or changed: setting it up is started in Dokploy. A server with services on it cannot be deleted. What Dokploy stores of a server and this resource has no attribute for (cleaning of Docker, monitoring) stays as it is.",
    example: r#"resource "dokploy_server" "build" {
  name        = "build-1"
  ip_address  = "192.0.2.10"
  port        = 22
  username    = "root"
  ssh_key_id  = dokploy_ssh_key.build.id
  server_type = "build"
}"#,
    import: Import::Id,
};

/// All servers.
pub static SERVERS: DataSource = DataSource {
    kind: "dokploy_servers",
    procedure: "server.all",
    doc: "All servers of the API key's organization.",
    list: Some(("servers", "The servers.")),
    inputs: &[],
    items: &[
        item("id", "serverId", Kind::Text, "Dokploy's id of the server."),
        item("name", "name", Kind::Text, "The name shown in Dokploy."),
        item(
            "description",
            "description",
            Kind::Text,
            "A note for people.",
        ),
        item(
            "ip_address",
            "ipAddress",
            Kind::Text,
            "The address that Dokploy connects to.",
        ),
        item("port", "port", Kind::Whole, "The port of the SSH server."),
        item(
            "username",
            "username",
            Kind::Text,
            "The user that Dokploy logs in as.",
        ),
        item(
            "server_type",
            "serverType",
            Kind::Text,
            "`deploy` or `build`.",
        ),
        item(
            "server_status",
            "serverStatus",
            Kind::Text,
            "`active` or `inactive`.",
        ),
        item(
            "ssh_key_id",
            "sshKeyId",
            Kind::Text,
            "The id of the SSH key.",
        ),
        item(
            "created_at",
            "createdAt",
            Kind::Text,
            "When it was created.",
        ),
    ],
    filters: &[(
        "server_type",
        "serverType",
        "Gives only servers of this type: `deploy` or `build`.",
    )],
    ..DataSource::PLAIN
};

const fn item(name: &'static str, field: &'static str, kind: Kind, doc: &'static str) -> Item {
    Item {
        name,
        field,
        kind,
        sensitive: false,
        nullable: false,
        doc,
    }
}
