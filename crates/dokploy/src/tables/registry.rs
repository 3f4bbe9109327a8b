//! Container registries that Dokploy pulls from and pushes to.

use crate::quirk::Quirk;
use crate::table::{
    ADOPT, Answered, Call, Created, Form, Import, Literal, Mode, Modifier, Object, Resource, Same,
    Unset, adopt_existing, attribute, flag, text,
};

/// What Dokploy has.
pub static REGISTRY: Object = Object {
    name: "registry",
    noun: "registry",
    id: "registryId",
    one: "registry.one",
    all: Some("registry.all"),
    create: "registry.create",
    created: Created::Object,
    // Every update logs in with the stored password, so nothing is saved by sending less than everything.
    updates: &[Call {
        procedure: "registry.update",
        form: Form::Whole,
        fields: &[
            "registryName",
            "registryUrl",
            "username",
            "password",
            "imagePrefix",
            "registryType",
            "serverId",
        ],
    }],
    test: Some(Call {
        procedure: "registry.testRegistry",
        form: Form::Whole,
        fields: &[
            "registryName",
            "registryUrl",
            "username",
            "password",
            "imagePrefix",
            "registryType",
            "serverId",
        ],
    }),
    remove: "registry.remove",
    gone: &[],
    fields: &[
        text("registryName"),
        text("registryUrl").same(Same::EmptyIsNull),
        text("username").same(Same::Trimmed),
        text("password").answered(Answered::InLists).secret(),
        text("imagePrefix")
            .unset(Unset::Null, Unset::Null)
            .same(Same::EmptyIsNull),
        text("registryType"),
        // Not stored: it only says where `docker login` runs. null is refused.
        text("serverId").answered(Answered::Never),
        text("createdAt").read_only(),
        ADOPT,
        flag("verifyConnection").local(),
        text("organizationId").read_only(),
    ],
    found_by: &["registryName", "registryUrl", "username"],
    quirks: &[Quirk::StoredWhenRefused, Quirk::GoneWhenRefused],
    ..Object::PLAIN
};

/// How ahmedali6/dokploy names it.
pub static AHMEDALI6: Resource = Resource {
    kind: "dokploy_registry",
    object: &REGISTRY,
    doc: "A container registry that Dokploy logs in to.",
    title: "registry",
    attributes: &[
        attribute("id", "registryId", Mode::Computed, "Dokploy's id of the registry.")
            .modified(&[Modifier::UseStateForUnknown]),
        attribute("registry_name", "registryName", Mode::Required, "The name shown in Dokploy."),
        attribute(
            "registry_url",
            "registryUrl",
            Mode::Required,
            "Host, or host:port, without scheme and path: `ghcr.io`. The empty text is Docker Hub.",
        ),
        attribute("username", "username", Mode::Required, "The user that Dokploy logs in as."),
        attribute(
            "password",
            "password",
            Mode::Required,
            "The password or access token of the user. Dokploy gives it back, so that a change made elsewhere is seen.",
        )
        .sensitive(),
        attribute(
            "image_prefix",
            "imagePrefix",
            Mode::Required,
            "What stands between the host and the name of images: `myorg`. May be the empty text.",
        ),
        attribute(
            "registry_type",
            "registryType",
            Mode::OptionalComputed,
            "The kind of registry. Dokploy knows only `cloud`.",
        )
        .default(Literal::Text("cloud")),
        attribute(
            "server_id",
            "serverId",
            Mode::Optional,
            "The server on which `docker login` runs instead of Dokploy's own host. Dokploy does not store it.",
        ),
        adopt_existing("Whether a create takes over the one that is there with the same name, URL and user, and changes it to what is configured, instead of making a second one."),
        attribute(
            "verify_connection",
            "verifyConnection",
            Mode::Optional,
            "Whether Dokploy tries to log in before anything is stored: a refused change then leaves the registry as it was.",
        )
        .extra(),
    ],
    notes: "",
    example: r#"resource "dokploy_registry" "ghcr" {
  registry_name = "ghcr"
  registry_url  = "ghcr.io"
  username      = "octocat"
  password      = var.ghcr_token
  image_prefix  = "octocat"
}"#,
    import: Import::Id,
};
