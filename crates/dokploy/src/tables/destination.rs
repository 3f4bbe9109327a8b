//! Destinations: S3 buckets that backups go to.

use crate::table::{
    ADOPT, Answered, Call, Created, Form, Import, Kind, Mode, Modifier, Object, Outside, Resource,
    Span, Unset, adopt_existing, attribute, text,
};
use crate::version::V0_30;

/// What Dokploy has.
pub static DESTINATION: Object = Object {
    name: "destination",
    noun: "destination",
    id: "destinationId",
    one: "destination.one",
    all: Some("destination.all"),
    create: "destination.create",
    created: Created::Object,
    updates: &[Call {
        procedure: "destination.update",
        form: Form::Whole,
        fields: &[
            "name",
            "provider",
            "accessKey",
            "secretAccessKey",
            "bucket",
            "region",
            "endpoint",
            "additionalFlags",
            "serverId",
        ],
    }],
    remove: "destination.remove",
    gone: &[(400, "Destination not found")],
    fields: &[
        text("name"),
        text("provider"),
        text("accessKey"),
        text("secretAccessKey").secret(),
        text("bucket"),
        text("region"),
        text("endpoint"),
        // It must be there, null or not.
        text("additionalFlags")
            .kind(Kind::Texts)
            .unset(Unset::Null, Unset::Null),
        // Not stored: it only says where a test of the connection runs.
        text("serverId").answered(Answered::Never),
        text("createdAt").read_only(),
        ADOPT,
    ],
    found_by: &["name", "accessKey", "bucket", "endpoint"],
    spans: &[Span {
        field: "additionalFlags",
        from: Some(V0_30),
        until: None,
        outside: Outside::LeftOut,
    }],
    ..Object::PLAIN
};

/// How ahmedali6/dokploy names it.
pub static AHMEDALI6: Resource = Resource {
    kind: "dokploy_destination",
    object: &DESTINATION,
    doc: "An S3 bucket that backups go to.",
    title: "destination",
    attributes: &[
        attribute(
            "id",
            "destinationId",
            Mode::Computed,
            "Dokploy's id of the destination.",
        )
        .modified(&[Modifier::UseStateForUnknown]),
        attribute("name", "name", Mode::Required, "The name shown in Dokploy."),
        attribute(
            "storage_provider",
            "provider",
            Mode::Required,
            "Whose S3 it is, by rclone's name: `AWS`, `Cloudflare`, `Minio`.",
        ),
        attribute(
            "access_key",
            "accessKey",
            Mode::Required,
            "The access key id.",
        ),
        attribute(
            "secret_access_key",
            "secretAccessKey",
            Mode::Required,
            "The secret of the access key.",
        )
        .sensitive(),
        attribute(
            "bucket",
            "bucket",
            Mode::Required,
            "The name of the bucket.",
        ),
        attribute(
            "region",
            "region",
            Mode::Required,
            "The region of the bucket.",
        ),
        attribute(
            "endpoint",
            "endpoint",
            Mode::Required,
            "The URL of the S3 service.",
        ),
        attribute(
            "server_id",
            "serverId",
            Mode::Optional,
            "The server that uses it. Dokploy does not store it.",
        ),
        adopt_existing(
            "Whether a create takes over the one that is there with the same name, access key, bucket and endpoint, and changes it to what is configured, instead of making a second one.",
        ),
    ],
    notes: "Deleting a destination deletes the backups that go to it from Dokploy.",
    example: r#"resource "dokploy_destination" "r2" {
  name              = "backups"
  storage_provider  = "Cloudflare"
  access_key        = var.r2_access_key
  secret_access_key = var.r2_secret
  bucket            = "backups"
  region            = "auto"
  endpoint          = "https://account.r2.cloudflarestorage.com"
}"#,
    import: Import::Id,
};
