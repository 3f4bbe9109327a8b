//! What differs between two versions of a state, object by object.

use std::collections::BTreeMap;
use std::sync::Arc;

use addr::{Instance, ObjectKey};

use crate::{Object, State};

/// How an object differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// It is only in the later version.
    Added,
    /// It is in both and not the same.
    Changed,
    /// It is only in the earlier version.
    Removed,
}

/// The objects that differ, by address: instance and which of its objects.
pub fn compare(before: &State, after: &State) -> BTreeMap<(Instance, ObjectKey), Difference> {
    let (before, after) = (objects(before), objects(after));
    let mut res = BTreeMap::new();
    for (key, object) in &after {
        match before.get(key) {
            None => {
                res.insert(key.clone(), Difference::Added);
            }
            Some(it) if it != object => {
                res.insert(key.clone(), Difference::Changed);
            }
            Some(_) => {}
        }
    }
    let gone = before.into_keys().filter(|it| !after.contains_key(it));
    res.extend(gone.map(|it| (it, Difference::Removed)));
    res
}

/// All objects of a state.
fn objects(state: &State) -> BTreeMap<(Instance, ObjectKey), &Arc<Object>> {
    let mut res = BTreeMap::new();
    for (addr, _, instance) in state.instances() {
        if let Some(it) = &instance.current {
            res.insert((addr.clone(), ObjectKey::Current), it);
        }
        for (key, it) in &instance.deposed {
            res.insert((addr.clone(), ObjectKey::Deposed(key.clone())), it);
        }
    }
    res
}
