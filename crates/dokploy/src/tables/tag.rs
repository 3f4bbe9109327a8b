//! Tags of projects.

use crate::table::{
    ADOPT, Call, Created, Form, Import, Mode, Modifier, Object, Resource, Same, Unset,
    adopt_existing, attribute, text,
};
use crate::version::V0_30;

/// What Dokploy has.
pub static TAG: Object = Object {
    name: "tag",
    noun: "tag",
    id: "tagId",
    one: "tag.one",
    all: Some("tag.all"),
    create: "tag.create",
    created: Created::Object,
    updates: &[Call {
        procedure: "tag.update",
        form: Form::Partial,
        fields: &["name", "color"],
    }],
    remove: "tag.remove",
    fields: &[
        text("name"),
        text("color")
            .unset(Unset::Omitted, Unset::Null)
            .same(Same::EmptyIsNull),
        text("createdAt").read_only(),
        ADOPT,
    ],
    found_by: &["name"],
    since: Some(V0_30),
    ..Object::PLAIN
};

/// How this provider names it, in the manner of ahmedali6/dokploy.
pub static AHMEDALI6: Resource = Resource {
    kind: "dokploy_tag",
    object: &TAG,
    doc: "A tag that projects can be given.",
    title: "tag",
    attributes: &[
        attribute("id", "tagId", Mode::Computed, "Dokploy's id of the tag.")
            .modified(&[Modifier::UseStateForUnknown]),
        attribute(
            "name",
            "name",
            Mode::Required,
            "The name shown in Dokploy. No two tags have one name.",
        ),
        attribute(
            "color",
            "color",
            Mode::Optional,
            "Its color, as CSS writes it: `#22c55e`.",
        ),
        adopt_existing(
            "Whether a create takes over the one that is there with the same name, and changes it to what is configured, instead of making a second one.",
        ),
    ],
    notes: "Dokploy has tags from v0.30 on. Deleting a tag takes it off the projects that have it.",
    example: r##"resource "dokploy_tag" "live" {
  name  = "live"
  color = "#22c55e"
}"##,
    import: Import::Id,
};
