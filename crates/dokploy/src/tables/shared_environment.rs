//! The variables that the services of a project share, as a map.

use crate::table::{
    Call, Created, Form, Import, Kind, Literal, Mode, Modifier, Object, Resource, attribute, text,
};

/// A part of a project: it is there as long as the project is.
pub static SHARED_ENVIRONMENT: Object = Object {
    name: "sharedEnvironment",
    noun: "set of shared variables",
    id: "projectId",
    one: "project.one",
    create: "project.update",
    created: Created::Part,
    updates: &[Call {
        procedure: "project.update",
        form: Form::Partial,
        fields: &["env"],
    }],
    // The project itself stays.
    remove: "project.update",
    removal: &[("env", Literal::Text(""))],
    fields: &[text("env").kind(Kind::Env).secret()],
    is_serial: true,
    ..Object::PLAIN
};

/// How this provider names it, in the manner of ahmedali6/dokploy.
pub static AHMEDALI6: Resource = Resource {
    kind: "dokploy_shared_environment",
    object: &SHARED_ENVIRONMENT,
    doc: "All variables that the services of a project share.",
    title: "shared environment",
    attributes: &[
        attribute(
            "project_id",
            "projectId",
            Mode::Required,
            "The project: the id of a `dokploy_project`.",
        )
        .modified(&[Modifier::RequiresReplace]),
        attribute("id", "projectId", Mode::Computed, "The id of the project.")
            .modified(&[Modifier::UseStateForUnknown]),
        attribute("variables", "env", Mode::Required, "Names and values.").sensitive(),
    ],
    notes: "Services refer to a shared variable as `$${{project.NAME}}` in their own `env`. The resource owns all shared variables of the project: others are removed. They are written in the order of their names. Deleting the resource removes the variables.",
    example: r#"resource "dokploy_shared_environment" "shop" {
  project_id = dokploy_project.shop.id
  variables = {
    SMTP_HOST = "mail.example.com"
  }
}"#,
    import: Import::Id,
};
