//! What data a change can lose: rows, looked at for each change of a plan.

use value::Value;

use crate::object::attribute_value;
use crate::table::Resource;

/// What goes with an object of a type when it is deleted, by the object's name.
const DELETED: &[(&str, &str)] = &[
    ("libsql", "the data of the database"),
    ("mariadb", "the data of the database"),
    ("mongo", "the data of the database"),
    ("mysql", "the data of the database"),
    ("postgres", "the data of the database"),
    ("redis", "the data of the database"),
    ("compose", "what its containers have stored"),
    ("mounts", "what is stored in it"),
    (
        "project",
        "everything in the project, also what is not managed here",
    ),
    (
        "environment",
        "everything in the environment, also what is not managed here",
    ),
    (
        "organization",
        "everything in the organization, also what is not managed here",
    ),
];

/// What the change of a field can lose, by the field.
const CHANGED: &[(&str, &str)] = &[
    (
        "databasePassword",
        "access to the database, which keeps the password that it was made with",
    ),
    (
        "databaseRootPassword",
        "access to the database, which keeps the password that it was made with",
    ),
    ("volumeName", "what is stored in the volume used before"),
    ("hostPath", "what is stored at the path used before"),
];

/// What data can be lost by a change; null `after` is a deletion.
pub(crate) fn at_stake(resource: &Resource, before: &Value, after: &Value) -> Option<String> {
    if after.is_null() {
        let row = DELETED
            .iter()
            .find(|(name, _)| *name == resource.object.name);
        return row.map(|(_, what)| (*what).to_owned());
    }
    let changed = |field: &str| {
        resource.names_of(field).any(|it| {
            let (was, is) = (
                attribute_value(resource, before, it),
                attribute_value(resource, after, it),
            );
            !was.is_null() && was != is
        })
    };
    let row = CHANGED.iter().find(|(field, _)| changed(field));
    row.map(|(_, what)| (*what).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::DIALECTS;

    #[test]
    fn rows_name_what_there_is() {
        let resources = || DIALECTS.iter().flat_map(|it| it.resources);
        for (name, _) in DELETED {
            assert!(resources().any(|it| it.object.name == *name), "{name}");
        }
        for (field, _) in CHANGED {
            assert!(
                resources().any(|it| it.object.field(field).is_some()),
                "{field}"
            );
        }
    }
}
