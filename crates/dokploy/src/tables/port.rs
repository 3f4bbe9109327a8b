//! Ports of applications that are reached without Traefik.

use crate::table::{
    Call, Created, Form, Import, Literal, Mode, Modifier, Object, PartOf, Resource, Siblings,
    Unset, attribute, text, whole,
};

/// What Dokploy has.
pub static PORT: Object = Object {
    name: "port",
    noun: "port",
    id: "portId",
    one: "port.one",
    create: "port.create",
    // Before v0.28 it answers `true`.
    created: Created::Nothing,
    siblings: Some(Siblings {
        procedure: "application.one",
        by: "applicationId",
        inside: "ports",
    }),
    held: &[Siblings {
        procedure: "application.one",
        by: "applicationId",
        inside: "ports",
    }],
    updates: &[Call {
        procedure: "port.update",
        form: Form::Whole,
        fields: &["publishedPort", "targetPort", "protocol", "publishMode"],
    }],
    remove: "port.delete",
    gone: &[(400, "Port not found")],
    fields: &[
        whole("publishedPort"),
        whole("targetPort"),
        text("protocol"),
        text("publishMode"),
        text("applicationId").unset(Unset::Omitted, Unset::NotTaken),
    ],
    part_of: &[PartOf {
        field: "applicationId",
        object: "application",
        is_used: true,
    }],
    ..Object::PLAIN
};

/// How ahmedali6/dokploy names it.
pub static AHMEDALI6: Resource = Resource {
    kind: "dokploy_port",
    object: &PORT,
    doc: "A port of an application that is reached without Traefik.",
    title: "port",
    attributes: &[
        attribute("id", "portId", Mode::Computed, "Dokploy's id of the port.")
            .modified(&[Modifier::UseStateForUnknown]),
        attribute("application_id", "applicationId", Mode::Required, "The application.")
            .modified(&[Modifier::RequiresReplace]),
        attribute(
            "published_port",
            "publishedPort",
            Mode::Required,
            "The port that is reached from outside.",
        )
        .modified(&[Modifier::RequiresReplace]),
        attribute(
            "target_port",
            "targetPort",
            Mode::Required,
            "The port that the application listens on.",
        ),
        attribute("protocol", "protocol", Mode::OptionalComputed, "`tcp` or `udp`.")
            .default(Literal::Text("tcp")),
        attribute(
            "publish_mode",
            "publishMode",
            Mode::OptionalComputed,
            "Where it is reached: on every node (`ingress`), or on the one that it runs on (`host`).",
        )
        .default(Literal::Text("ingress")),
    ],
    notes: "",
    example: r#"resource "dokploy_port" "smtp" {
  application_id = dokploy_application.web.id
  published_port = 2525
  target_port    = 25
}"#,
    import: Import::Id,
};
