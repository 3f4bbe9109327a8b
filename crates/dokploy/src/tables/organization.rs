//! Organizations that the owner of the API key is a member of.

use crate::table::{DataSource, Item, Kind};

/// All organizations.
pub static ORGANIZATIONS: DataSource = DataSource {
    kind: "dokploy_organizations",
    procedure: "organization.all",
    doc: "The organizations that the owner of the API key is a member of.",
    list: ("organizations", "The organizations."),
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
};

const fn item(name: &'static str, field: &'static str, nullable: bool, doc: &'static str) -> Item {
    Item {
        name,
        field,
        kind: Kind::Text,
        nullable,
        doc,
    }
}
