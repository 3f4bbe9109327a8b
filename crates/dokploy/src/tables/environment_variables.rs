//! The environment variables of an application, as a map.

use crate::table::{
    Call, Created, Form, Import, Kind, Literal, Mode, Modifier, Object, PartOf, Resource, Span,
    Unset, attribute, flag, text,
};

/// A part of an application: it is there as long as the application is.
pub static ENVIRONMENT_VARIABLES: Object = Object {
    name: "environmentVariables",
    noun: "set of environment variables",
    id: "applicationId",
    one: "application.one",
    create: "application.update",
    created: Created::Part,
    updates: &[Call {
        procedure: "application.update",
        form: Form::Partial,
        fields: &["env", "createEnvFile"],
    }],
    // The application itself stays.
    remove: "application.update",
    removal: &[("env", Literal::Text(""))],
    gone: &[(400, "Error updating application")],
    fields: &[
        text("env").kind(Kind::Env).secret(),
        flag("createEnvFile").unset(Unset::Omitted, Unset::Omitted),
    ],
    is_serial: true,
    spans: &[Span::undescribed("createEnvFile")],
    part_of: &[PartOf {
        field: "applicationId",
        object: "application",
        is_used: true,
    }],
    ..Object::PLAIN
};

/// How ahmedali6/dokploy names it.
pub static AHMEDALI6: Resource = Resource {
    kind: "dokploy_environment_variables",
    object: &ENVIRONMENT_VARIABLES,
    doc: "All environment variables of an application.",
    title: "environment variables",
    attributes: &[
        // Another application is another set: the variables do not stay on the old one.
        attribute(
            "application_id",
            "applicationId",
            Mode::Required,
            "The application: the id of a `dokploy_application`.",
        )
        .modified(&[Modifier::RequiresReplace]),
        attribute(
            "id",
            "applicationId",
            Mode::Computed,
            "The id of the application.",
        )
        .modified(&[Modifier::UseStateForUnknown]),
        attribute("variables", "env", Mode::Required, "Names and values.").sensitive(),
        attribute(
            "create_env_file",
            "createEnvFile",
            Mode::OptionalComputed,
            "Whether the variables are also written to a file `.env` for the build.",
        )
        .default(Literal::Flag(true)),
    ],
    notes: "The resource owns all variables of the application: others are removed. Do not set `env` of the application too. They are written in the order of their names. Deleting the resource removes the variables.",
    example: r#"resource "dokploy_environment_variables" "web" {
  application_id = dokploy_application.web.id
  variables = {
    LOG_LEVEL = "info"
  }
}"#,
    import: Import::Id,
};
