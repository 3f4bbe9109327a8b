//! Tags, and which of them a project has.

use crate::quirk::Quirk;
use crate::table::{
    ADOPT, Call, Created, Form, Import, Kind, Literal, Mode, Modifier, Object, Resource, Same,
    Unset, adopt_existing, attribute, text,
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

/// A part of a project: it is there as long as the project is. One call sets all of them.
pub static PROJECT_TAGS: Object = Object {
    name: "projectTags",
    noun: "set of tags",
    id: "projectId",
    one: "project.one",
    create: ASSIGN,
    created: Created::Part,
    updates: &[Call {
        procedure: ASSIGN,
        form: Form::Whole,
        fields: &["tagIds"],
    }],
    // Project and tags stay.
    remove: ASSIGN,
    removal: &[("tagIds", Literal::NoTexts)],
    fields: &[text("tagIds").kind(Kind::Texts).same(Same::AnyOrder)],
    quirks: &[Quirk::NamesTags],
    since: Some(V0_30),
    ..Object::PLAIN
};

const ASSIGN: &str = "tag.bulkAssign";

/// How this provider names the tags of a project.
pub static OF_PROJECT: Resource = Resource {
    kind: "dokploy_project_tags",
    object: &PROJECT_TAGS,
    doc: "All tags of a project.",
    title: "project tags",
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
        attribute(
            "tag_ids",
            "tagIds",
            Mode::Required,
            "The ids of `dokploy_tag`s, in any order.",
        ),
    ],
    notes: "Dokploy has tags from v0.30 on. The resource owns all tags of the project: others are taken off. Deleting the resource takes them off, and deletes no tag.",
    example: r#"resource "dokploy_project_tags" "shop" {
  project_id = dokploy_project.shop.id
  tag_ids    = [dokploy_tag.live.id]
}"#,
    import: Import::Id,
};
