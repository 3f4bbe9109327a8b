//! Redirects of the hosts of applications.

use crate::table::{
    Call, Created, Form, Import, Literal, Mode, Modifier, Object, PartOf, Resource, Siblings,
    Unset, attribute, flag, text,
};

/// What Dokploy has.
pub static REDIRECT: Object = Object {
    name: "redirects",
    noun: "redirect",
    id: "redirectId",
    one: "redirects.one",
    create: "redirects.create",
    created: Created::Nothing,
    siblings: Some(Siblings {
        procedure: "application.one",
        by: "applicationId",
        inside: "redirects",
    }),
    held: &[Siblings {
        procedure: "application.one",
        by: "applicationId",
        inside: "redirects",
    }],
    updates: &[Call {
        procedure: "redirects.update",
        form: Form::Whole,
        fields: &["regex", "replacement", "permanent"],
    }],
    remove: "redirects.delete",
    fields: &[
        text("regex"),
        text("replacement"),
        flag("permanent"),
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

/// How ahmedali6/dokploy names it.
pub static AHMEDALI6: Resource = Resource {
    kind: "dokploy_redirect",
    object: &REDIRECT,
    doc: "A redirect of the hosts of an application.",
    title: "redirect",
    attributes: &[
        attribute(
            "id",
            "redirectId",
            Mode::Computed,
            "Dokploy's id of the redirect.",
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
            "regex",
            "regex",
            Mode::Required,
            "Which URLs are redirected.",
        ),
        attribute(
            "replacement",
            "replacement",
            Mode::Required,
            "Where they are redirected to.",
        ),
        attribute(
            "permanent",
            "permanent",
            Mode::OptionalComputed,
            "Whether browsers may remember it.",
        )
        .default(Literal::Flag(true)),
    ],
    notes: "",
    example: r#"resource "dokploy_redirect" "www" {
  application_id = dokploy_application.web.id
  regex          = "^https?://www.example.com/(.*)"
  replacement    = "https://example.com/$${1}"
}"#,
    import: Import::Id,
};
