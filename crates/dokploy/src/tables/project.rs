//! Projects: what environments are in.

use crate::quirk::Quirk;
use crate::table::{
    Call, Created, Form, Import, Mode, Modifier, Object, Resource, Same, Unset, attribute, text,
};

/// What Dokploy has.
pub static PROJECT: Object = Object {
    name: "project",
    noun: "project",
    id: "projectId",
    one: "project.one",
    all: Some("project.all"),
    create: "project.create",
    created: Created::Within("project"),
    updates: &[Call {
        procedure: "project.update",
        form: Form::Partial,
        fields: &["name", "description"],
    }],
    remove: "project.remove",
    gone: &[],
    fields: &[
        text("name"),
        text("description")
            .unset(Unset::Null, Unset::Null)
            .same(Same::EmptyIsNull),
        text("productionEnvironmentId").read_only(),
        text("createdAt").read_only(),
    ],
    found_by: &["name"],
    quirks: &[Quirk::NamesDefault],
    ..Object::PLAIN
};

/// How ahmedali6/dokploy names it.
pub static AHMEDALI6: Resource = Resource {
    kind: "dokploy_project",
    object: &PROJECT,
    doc: "A project: a group of environments.",
    title: "project",
    attributes: &[
        // The dialect's own provider plans a new id for every change, and so new environments with all that is in
        // them: nobody wants that plan.
        attribute(
            "id",
            "projectId",
            Mode::Computed,
            "Dokploy's id of the project.",
        )
        .modified(&[Modifier::UseStateForUnknown]),
        attribute("name", "name", Mode::Required, "The name shown in Dokploy."),
        attribute(
            "description",
            "description",
            Mode::Optional,
            "A note for people.",
        ),
        attribute(
            "production_environment_id",
            "productionEnvironmentId",
            Mode::Computed,
            "The id of the environment `production`, which Dokploy makes with the project.",
        )
        .modified(&[Modifier::UseStateForUnknown])
        .extra(),
    ],
    notes: "Deleting a project deletes its environments and their services from Dokploy, also those that are not in the configuration.",
    example: r#"resource "dokploy_project" "shop" {
  name        = "shop"
  description = "The web shop"
}"#,
    import: Import::Id,
};
