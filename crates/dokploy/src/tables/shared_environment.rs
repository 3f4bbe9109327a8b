//! The variables that the services of a project, or of an environment, share: as maps.

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

/// A part of an environment: it is there as long as the environment is. The one that comes with a project has it too.
pub static SHARED_IN_ENVIRONMENT: Object = Object {
    name: "sharedInEnvironment",
    noun: "set of shared variables",
    id: "environmentId",
    one: "environment.one",
    create: "environment.update",
    created: Created::Part,
    updates: &[Call {
        procedure: "environment.update",
        form: Form::Partial,
        fields: &["env"],
    }],
    // The environment itself stays.
    remove: "environment.update",
    removal: &[("env", Literal::Text(""))],
    gone: &[(400, "Error updating the environment: Environment not found")],
    fields: &[text("env").kind(Kind::Env).secret()],
    is_serial: true,
    ..Object::PLAIN
};

/// How this provider names what an environment's services share.
pub static IN_ENVIRONMENT: Resource = Resource {
    kind: "dokploy_environment_shared_variables",
    object: &SHARED_IN_ENVIRONMENT,
    doc: "All variables that the services of an environment share.",
    title: "shared variables",
    attributes: &[
        attribute(
            "environment_id",
            "environmentId",
            Mode::Required,
            "The environment: the id of a `dokploy_environment`, or `production_environment_id` of a `dokploy_project`.",
        )
        .modified(&[Modifier::RequiresReplace]),
        attribute(
            "id",
            "environmentId",
            Mode::Computed,
            "The id of the environment.",
        )
        .modified(&[Modifier::UseStateForUnknown]),
        attribute("variables", "env", Mode::Required, "Names and values.").sensitive(),
    ],
    notes: "Services refer to a shared variable as `$${{environment.NAME}}` in their own `env`. The resource owns all shared variables of the environment: others are removed. They are written in the order of their names. Deleting the resource removes the variables. Those of a project are a `dokploy_shared_environment`.",
    example: r#"resource "dokploy_environment_shared_variables" "staging" {
  environment_id = dokploy_environment.staging.id
  variables = {
    LOG_LEVEL = "debug"
  }
}"#,
    import: Import::Id,
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
