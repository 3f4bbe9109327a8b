//! Keeping state safe as an apply goes: one record for each instance that changed, at a cost that does not grow with
//! the state.
//!
//! A record is a JSON object: `{"instance": ADDRESS, "state": STATE}` with a state file that holds only the instance
//! (`null`: it is gone), or `{"intent": ADDRESS}` before an object is asked for whose outcome is then not known.

use std::collections::BTreeSet;

use addr::Instance;
use diag::{Diagnostic, Diagnostics};
use serde_json::{Value as Json, json};
use state::{Resource, Snapshot, State, StateStore, StoreError};

use crate::{Folded, code};

/// Writes what happens to where state is kept.
pub(crate) struct Journal<'a> {
    store: &'a mut dyn StateStore,
    /// A record could not be written: no further operations must start.
    pub(crate) broken: bool,
}

impl<'a> Journal<'a> {
    pub(crate) fn new(store: &'a mut dyn StateStore) -> Self {
        Self {
            store,
            broken: false,
        }
    }

    /// An object is about to be asked for.
    pub(crate) fn intent(&mut self, addr: &Instance, diags: &mut Diagnostics) {
        self.append(&json!({ "intent": addr.to_string() }), diags);
    }

    /// An instance is now as it is in this state.
    pub(crate) fn record(&mut self, addr: &Instance, state: &State, diags: &mut Diagnostics) {
        let absolute = addr.absolute();
        let mut part = State::new();
        if let Some(resource) = state.resources.get(&absolute)
            && let Some(instance) = resource.instances.get(&addr.key)
        {
            let resource = Resource {
                provider: resource.provider.clone(),
                each: resource.each,
                instances: std::iter::once((addr.key.clone(), instance.clone())).collect(),
            };
            part.resources.insert(absolute, resource);
        }
        let record = if part.resources.is_empty() {
            Json::Null
        } else {
            let snapshot = Snapshot {
                state: part,
                ..Snapshot::default()
            };
            let bytes = state::file::write(&snapshot);
            Json::String(String::from_utf8_lossy(&bytes).into_owned())
        };
        self.append(
            &json!({ "instance": addr.to_string(), "state": record }),
            diags,
        );
    }

    fn append(&mut self, record: &Json, diags: &mut Diagnostics) {
        if let Err(err) = self.store.append(record.to_string().as_bytes()) {
            self.broken = true;
            report(&err, diags);
        }
    }

    /// The end: the whole state.
    pub(crate) fn write(&mut self, snapshot: &Snapshot, diags: &mut Diagnostics) {
        if let Err(err) = self.store.write(snapshot) {
            report(&err, diags);
        }
    }
}

fn report(err: &StoreError, diags: &mut Diagnostics) {
    let reason = match err {
        StoreError::Locked(_) => "Somebody else holds the lock.".to_owned(),
        StoreError::Damaged { error, path, .. } => format!("{path}: {}", error.reason),
        StoreError::Io { doing, reason } => format!("Could not {doing}: {reason}."),
        StoreError::Conflict(reason) => reason.clone(),
    };
    let detail = format!(
        "{reason} What was done up to here is done, but may not be remembered: nothing new is started."
    );
    diags.push(Diagnostic::error(&code::STATE_WRITE, detail));
}

/// Puts the records of a run that did not end into the state that it began with.
pub(crate) fn fold(state: &mut State, records: &[Vec<u8>]) -> Folded {
    let mut res = Folded::default();
    let mut intents: BTreeSet<Instance> = BTreeSet::new();
    for record in records {
        if !fold_one(state, record, &mut intents, &mut res) {
            res.n_unreadable += 1;
        }
    }
    res.maybe_created = intents.into_iter().collect();
    res
}

fn fold_one(
    state: &mut State,
    record: &[u8],
    intents: &mut BTreeSet<Instance>,
    res: &mut Folded,
) -> bool {
    let Ok(json) = serde_json::from_slice::<Json>(record) else {
        return false;
    };
    let addr_of = |key: &str| json.get(key)?.as_str().and_then(addr::parse::instance);
    if let Some(addr) = addr_of("intent") {
        intents.insert(addr);
        return true;
    }
    let Some(addr) = addr_of("instance") else {
        return false;
    };
    let part = match json.get("state") {
        Some(Json::String(text)) => match state::file::read(text.as_bytes()) {
            Ok(snapshot) => snapshot.state,
            Err(_) => return false,
        },
        Some(Json::Null) => State::new(),
        _ => return false,
    };
    let absolute = addr.absolute();
    let found = part
        .resources
        .into_iter()
        .next()
        .and_then(|(_, mut it)| Some((it.instances.remove(&addr.key)?, it)));
    match found {
        Some((instance, from)) => {
            let resource = state.resources.entry(absolute).or_insert_with(|| Resource {
                instances: std::collections::BTreeMap::new(),
                ..from
            });
            resource.instances.insert(addr.key.clone(), instance);
        }
        None => {
            if let Some(resource) = state.resources.get_mut(&absolute) {
                resource.instances.remove(&addr.key);
                if resource.instances.is_empty() {
                    state.resources.remove(&absolute);
                }
            }
        }
    }
    intents.remove(&addr);
    res.n_changes += 1;
    true
}
