//! Names and passwords that guard the hosts of applications.

use crate::table::{
    Call, Created, Form, Import, Mode, Modifier, Object, PartOf, Resource, Siblings, Unset,
    attribute, text,
};

/// What Dokploy has.
pub static SECURITY: Object = Object {
    name: "security",
    noun: "name and password",
    id: "securityId",
    one: "security.one",
    create: "security.create",
    created: Created::Nothing,
    siblings: Some(Siblings {
        procedure: "application.one",
        by: "applicationId",
        inside: "security",
    }),
    held: &[Siblings {
        procedure: "application.one",
        by: "applicationId",
        inside: "security",
    }],
    updates: &[Call {
        procedure: "security.update",
        form: Form::Whole,
        fields: &["username", "password"],
    }],
    remove: "security.delete",
    fields: &[
        text("username"),
        text("password").secret(),
        text("applicationId").unset(Unset::Omitted, Unset::NotTaken),
    ],
    is_serial: true,
    // Traefik reads it from a file at once.
    part_of: &[PartOf {
        field: "applicationId",
        object: "application",
        is_used: false,
    }],
    ..Object::PLAIN
};

/// How this provider names it, in the manner of ahmedali6/dokploy.
pub static AHMEDALI6: Resource = Resource {
    kind: "dokploy_security",
    object: &SECURITY,
    doc: "A name and a password that the hosts of an application ask for.",
    title: "security",
    attributes: &[
        attribute(
            "id",
            "securityId",
            Mode::Computed,
            "Dokploy's id of the pair.",
        )
        .modified(&[Modifier::UseStateForUnknown]),
        attribute(
            "application_id",
            "applicationId",
            Mode::Required,
            "The application.",
        )
        .modified(&[Modifier::RequiresReplace]),
        attribute(
            "username",
            "username",
            Mode::Required,
            "The name. No two of an application are the same.",
        ),
        attribute("password", "password", Mode::Required, "The password.").sensitive(),
    ],
    notes: "Whoever opens a host of the application is asked for one of its names and passwords (HTTP basic authentication).",
    example: r#"resource "dokploy_security" "staff" {
  application_id = dokploy_application.web.id
  username       = "staff"
  password       = var.staff_password
}"#,
    import: Import::Id,
};
