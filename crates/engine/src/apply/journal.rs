//! Keeping state safe as an apply goes: one record for each object that changed, at a cost that does not grow with the
//! state. How records look and how they are folded in is [`state::journal`]'s matter.

use std::sync::Arc;

use addr::{Instance, ObjectKey, ProviderConfig};
use diag::{Diagnostic, Diagnostics};
use state::journal::{Record, encode};
use state::{Object, Snapshot, StateStore, StoreError};

use crate::code;

/// Writes what happens to where state is kept.
pub(crate) struct Journal<'a> {
    store: &'a mut dyn StateStore,
    lineage: String,
    /// A record could not be written: no further operations must start.
    pub(crate) broken: bool,
}

impl<'a> Journal<'a> {
    pub(crate) fn new(store: &'a mut dyn StateStore, lineage: &str) -> Self {
        Self {
            store,
            lineage: lineage.to_owned(),
            broken: false,
        }
    }

    /// An object is now like this, or gone.
    pub(crate) fn record(
        &mut self,
        addr: &Instance,
        key: &ObjectKey,
        provider: &ProviderConfig,
        object: Option<Arc<Object>>,
        diags: &mut Diagnostics,
    ) {
        let record = Record {
            lineage: self.lineage.clone(),
            addr: addr.clone(),
            key: key.clone(),
            provider: provider.clone(),
            object,
        };
        if let Err(err) = self.store.append(&encode(&record)) {
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
        StoreError::Sealed { path, reason } => format!("{path}: {reason}."),
        StoreError::Io { doing, reason } => format!("Could not {doing}: {reason}."),
        StoreError::Conflict(reason) => reason.clone(),
    };
    let detail = format!(
        "{reason} What was done up to here is done, but may not be remembered: nothing new is started."
    );
    diags.push(Diagnostic::error(&code::STATE_WRITE, detail));
}
