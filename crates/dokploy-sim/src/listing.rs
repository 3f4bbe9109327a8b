//! What the simulator offers, as data: for whoever compares it with a description of Dokploy's API.

use crate::field::{Field, Kind as FieldKind};
use crate::procedure::Kind;
use crate::routers;
use crate::settings::Version;

/// A procedure as a version has it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its full name, such as `registry.create`.
    pub name: &'static str,
    /// Whether it changes something, and so is called with POST.
    pub is_change: bool,
    /// The members of its input, in the order in which they are looked at.
    pub fields: Vec<ListedField>,
}

/// A member of a procedure's input.
#[derive(Clone, Debug)]
pub struct ListedField {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub kind: FieldKind,
    /// Whether a call without it is refused, or takes false for it.
    pub is_required: bool,
    /// Whether it may be null.
    pub is_nullable: bool,
}

/// All procedures of a version, by router and in the order of its file.
pub fn procedures(version: Version) -> Vec<Listed> {
    routers::procedures()
        .filter(|(_, since)| *since <= version)
        .map(|(procedure, _)| Listed {
            name: procedure.name,
            is_change: procedure.kind == Kind::Mutation,
            fields: procedure
                .fields
                .iter()
                .filter(|it| it.is_in(version))
                .map(|it| listed(it, version))
                .collect(),
        })
        .collect()
}

fn listed(field: &Field, version: Version) -> ListedField {
    ListedField {
        name: field.name,
        kind: field.kind(),
        is_required: field.is_required(version),
        is_nullable: field.is_nullable(),
    }
}
