//! Which attributes a plan depends on, so that only changes outside that matter are shown.

use plan::{OutputChange, RelevantAttribute, ResourceChange};

use crate::planning::Planning;

/// Every attribute of a resource that something which changes refers to, however indirectly.
pub(crate) fn attributes(
    planning: &Planning<'_>,
    changes: &[ResourceChange],
    outputs: &[OutputChange],
) -> Vec<RelevantAttribute> {
    let _ = (planning, changes, outputs);
    Vec::new()
}

/// Whether a change outside touches one of them.
pub(crate) fn concerns(change: &ResourceChange, relevant: &[RelevantAttribute]) -> bool {
    let instance = change.addr.to_string();
    let resource = change.addr.absolute().to_string();
    relevant.iter().any(|it| {
        (it.resource == instance || it.resource == resource) && {
            let before = it.path.apply(&change.change.before);
            let after = it.path.apply(&change.change.after);
            match (before, after) {
                (Some(before), Some(after)) => !value::ops::same(&before, &after),
                (before, after) => before.is_some() || after.is_some(),
            }
        }
    })
}
