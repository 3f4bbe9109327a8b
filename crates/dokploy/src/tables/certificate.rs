//! TLS certificates that Traefik serves.

use crate::table::{
    Created, Import, Mode, Modifier, Object, Resource, Same, Source, Unset, attribute, flag, text,
};

/// What Dokploy has.
pub static CERTIFICATE: Object = Object {
    name: "certificates",
    noun: "certificate",
    id: "certificateId",
    one: "certificates.one",
    all: Some("certificates.all"),
    create: "certificates.create",
    created: Created::Object,
    updates: &[],
    remove: "certificates.remove",
    gone: &[],
    fields: &[
        text("name"),
        text("certificateData").same(Same::TrimmedKept).secret(),
        text("privateKey").same(Same::TrimmedKept).secret(),
        text("certificatePath").same(Same::EmptyIsNull),
        flag("autoRenew"),
        text("serverId").same(Same::EmptyIsNull),
        text("organizationId")
            .unset(Unset::Omitted, Unset::NotTaken)
            .from(Source::Organization),
    ],
    found_by: &["name", "certificateData"],
    quirks: &[],
    ..Object::PLAIN
};

/// How ahmedali6/dokploy names it.
pub static AHMEDALI6: Resource = Resource {
    kind: "dokploy_certificate",
    object: &CERTIFICATE,
    doc: "A TLS certificate that Dokploy's Traefik serves.",
    title: "certificate",
    attributes: &[
        attribute("id", "certificateId", Mode::Computed, "Dokploy's id of the certificate.")
            .modified(&[Modifier::UseStateForUnknown]),
        attribute("name", "name", Mode::Required, "The name shown in Dokploy.")
            .modified(&[Modifier::RequiresReplace]),
        attribute(
            "certificate_data",
            "certificateData",
            Mode::Required,
            "The certificate and its chain, as PEM. A line break more or less at its end is no difference.",
        )
        .modified(&[Modifier::RequiresReplace])
        .sensitive(),
        attribute(
            "private_key",
            "privateKey",
            Mode::Required,
            "The private key, as PEM. A line break more or less at its end is no difference.",
        )
        .modified(&[Modifier::RequiresReplace])
        .sensitive(),
        attribute(
            "certificate_path",
            "certificatePath",
            Mode::OptionalComputed,
            "The folder that Dokploy keeps it in.",
        )
        .modified(&[Modifier::RequiresReplace, Modifier::UseStateForUnknown]),
        attribute("auto_renew", "autoRenew", Mode::Optional, "Whether it is renewed by itself.")
            .modified(&[Modifier::RequiresReplace]),
        attribute(
            "server_id",
            "serverId",
            Mode::Optional,
            "The server whose Traefik serves it, if it is not Dokploy's own.",
        )
        .modified(&[Modifier::RequiresReplace]),
    ],
    notes: "Every change makes a new certificate.",
    example: r#"resource "dokploy_certificate" "wildcard" {
  name             = "wildcard"
  certificate_data = file("wildcard.pem")
  private_key      = file("wildcard.key")
}"#,
    import: Import::Id,
};
