//! Organizations that the owner of the API key is a member of.

use crate::table::{
    Call, Created, DataSource, Form, Import, Item, Kind, Mode, Modifier, Object, Resource, Same,
    Unset, attribute, text,
};

/// What Dokploy has.
pub static ORGANIZATION: Object = Object {
    name: "organization",
    noun: "organization",
    id: "id",
    id_input: Some("organizationId"),
    one: "organization.one",
    all: Some("organization.all"),
    create: "organization.create",
    created: Created::Object,
    updates: &[Call {
        procedure: "organization.update",
        form: Form::With("name"),
        fields: &["name", "logo"],
    }],
    remove: "organization.delete",
    // What one is not a member of and what does not exist are answered alike.
    gone: &[(403, "You are not a member of this organization")],
    fields: &[
        text("name"),
        text("logo")
            .unset(Unset::Omitted, Unset::Empty)
            .same(Same::EmptyIsNull),
        text("slug").read_only(),
        text("ownerId").read_only(),
        text("createdAt").read_only(),
    ],
    found_by: &["name"],
    ..Object::PLAIN
};

const KEPT: &[Modifier] = &[Modifier::UseStateForUnknown];

/// How ahmedali6/dokploy names it.
pub static AHMEDALI6: Resource = Resource {
    kind: "dokploy_organization",
    object: &ORGANIZATION,
    doc: "An organization: a group of users with projects, servers and keys of its own.",
    title: "organization",
    attributes: &[
        attribute(
            "id",
            "id",
            Mode::Computed,
            "Dokploy's id of the organization.",
        )
        .modified(KEPT),
        attribute("name", "name", Mode::Required, "The name shown in Dokploy."),
        attribute("logo", "logo", Mode::Optional, "The URL of its logo."),
        attribute(
            "slug",
            "slug",
            Mode::Computed,
            "Its name in URLs, if it has one.",
        )
        .modified(KEPT),
        attribute(
            "owner_id",
            "ownerId",
            Mode::Computed,
            "The id of the user who owns it.",
        )
        .modified(KEPT),
        attribute(
            "created_at",
            "createdAt",
            Mode::Computed,
            "When it was created.",
        )
        .modified(KEPT),
    ],
    notes: "An API key works in one organization: what is created elsewhere in the configuration is not in this one.",
    example: r#"resource "dokploy_organization" "customer" {
  name = "Customer"
}"#,
    import: Import::Id,
};

/// All organizations.
pub static ORGANIZATIONS: DataSource = DataSource {
    kind: "dokploy_organizations",
    procedure: "organization.all",
    doc: "The organizations that the owner of the API key is a member of.",
    list: Some(("organizations", "The organizations.")),
    inputs: &[],
    items: &[
        item("id", "id", false, "Dokploy's id of the organization."),
        item("name", "name", false, "Its name."),
        item("slug", "slug", true, "Its name in URLs, if it has one."),
        item("logo", "logo", true, "The URL of its logo, if it has one."),
        item(
            "owner_id",
            "ownerId",
            false,
            "The id of the user who owns it.",
        ),
        item("created_at", "createdAt", false, "When it was created."),
    ],
    filters: &[],
    ..DataSource::PLAIN
};

const fn item(name: &'static str, field: &'static str, nullable: bool, doc: &'static str) -> Item {
    Item {
        name,
        field,
        kind: Kind::Text,
        sensitive: false,
        nullable,
        doc,
    }
}
