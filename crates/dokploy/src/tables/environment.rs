//! Environments: what a project's services are in.

use crate::quirk::Quirk;
use crate::table::{
    Call, Created, Form, Import, Mode, Modifier, Object, Resource, Same, Siblings, Unset,
    attribute, text,
};

/// What Dokploy has.
pub static ENVIRONMENT: Object = Object {
    name: "environment",
    noun: "environment",
    id: "environmentId",
    one: "environment.one",
    // project.all holds the names only.
    all: None,
    held: &[Siblings {
        procedure: "environment.byProjectId",
        by: "projectId",
        inside: "",
    }],
    create: "environment.create",
    created: Created::Object,
    updates: &[Call {
        procedure: "environment.update",
        form: Form::Partial,
        fields: &["name", "description"],
    }],
    remove: "environment.remove",
    gone: &[(400, "Environment not found")],
    fields: &[
        text("name"),
        // null is refused.
        text("description")
            .unset(Unset::Omitted, Unset::Empty)
            .same(Same::EmptyIsNull),
        text("projectId"),
        text("createdAt").read_only(),
    ],
    found_by: &[],
    quirks: &[Quirk::HasDefault],
    ..Object::PLAIN
};

/// How ahmedali6/dokploy names it.
pub static AHMEDALI6: Resource = Resource {
    kind: "dokploy_environment",
    object: &ENVIRONMENT,
    doc: "An environment of a project: a group of services.",
    title: "environment",
    attributes: &[
        attribute(
            "id",
            "environmentId",
            Mode::Computed,
            "Dokploy's id of the environment.",
        )
        .modified(&[Modifier::UseStateForUnknown]),
        attribute("name", "name", Mode::Required, "The name shown in Dokploy."),
        attribute(
            "description",
            "description",
            Mode::OptionalComputed,
            "A note for people. Where it is not configured, Dokploy's stays.",
        ),
        attribute(
            "project_id",
            "projectId",
            Mode::Required,
            "The project: the id of a `dokploy_project`.",
        )
        .modified(&[Modifier::RequiresReplace]),
    ],
    notes: "",
    example: r#"resource "dokploy_environment" "staging" {
  project_id = dokploy_project.shop.id
  name       = "staging"
}"#,
    import: Import::After("project_id"),
};
