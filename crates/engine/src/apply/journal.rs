//! Keeping state safe as an apply goes: what is about to be done, and each object that changed, at a cost that does not
//! grow with the state. How records look and how they are folded in is [`state::journal`]'s matter.

use std::sync::Arc;

use addr::{Instance, ObjectKey, ProviderConfig};
use diag::{Diagnostic, Diagnostics};
use serde_json::Value as Json;
use state::journal::{Doing, Entry, Intent, Record, encode};
use state::{Object, Snapshot, StateStore, StoreError};

use crate::code;

/// Writes what happens to where state is kept. Records wait in memory until [`Journal::flush`], so that those of
/// operations that start or end together share one write: no request for which there is an intent must be sent before.
pub(crate) struct Journal<'a> {
    store: &'a mut dyn StateStore,
    lineage: String,
    /// Tells the intents of this run from those of others.
    run: u64,
    n_intents: u64,
    waiting: Vec<Vec<u8>>,
    /// A record could not be written: no further operations must start.
    pub(crate) broken: bool,
}

/// What is about to be done, for [`Journal::intend`].
pub(crate) struct Intended {
    pub(crate) addr: Instance,
    pub(crate) key: ObjectKey,
    pub(crate) provider: ProviderConfig,
    pub(crate) doing: Doing,
    pub(crate) since: String,
    pub(crate) identity: Json,
    pub(crate) template: Object,
}

impl<'a> Journal<'a> {
    pub(crate) fn new(store: &'a mut dyn StateStore, lineage: &str, run: u64) -> Self {
        Self {
            store,
            lineage: lineage.to_owned(),
            run,
            n_intents: 0,
            waiting: Vec::new(),
            broken: false,
        }
    }

    /// A change is about to be made. Gives the name of the intent.
    pub(crate) fn intend(&mut self, it: Intended) -> String {
        self.n_intents += 1;
        let id = format!("{:x}.{}", self.run, self.n_intents);
        self.waiting.push(encode(&Entry::Intended(Intent {
            id: id.clone(),
            lineage: self.lineage.clone(),
            addr: it.addr,
            key: it.key,
            provider: it.provider,
            doing: it.doing,
            since: it.since,
            identity: it.identity,
            template: Arc::new(it.template),
        })));
        id
    }

    /// An object is now like this, or gone; that ends an intent.
    pub(crate) fn record(
        &mut self,
        addr: &Instance,
        key: &ObjectKey,
        provider: &ProviderConfig,
        object: Option<Arc<Object>>,
        ends: Option<String>,
    ) {
        self.waiting.push(encode(&Entry::Finished(Record {
            lineage: self.lineage.clone(),
            addr: addr.clone(),
            key: key.clone(),
            provider: provider.clone(),
            object,
            ends,
        })));
    }

    /// An intent came to an end, and nothing is another than before.
    pub(crate) fn ended(&mut self, intent: String) {
        self.waiting.push(encode(&Entry::Ended {
            lineage: self.lineage.clone(),
            intent,
        }));
    }

    /// Makes all records durable. Where that fails, no operation starts any more.
    pub(crate) fn flush(&mut self, diags: &mut Diagnostics) {
        if self.waiting.is_empty() {
            return;
        }
        let records = std::mem::take(&mut self.waiting);
        if let Err(err) = self.store.append_all(&records) {
            self.broken = true;
            report(&err, diags);
        }
    }

    /// The end: the whole state.
    pub(crate) fn write(&mut self, snapshot: &Snapshot, diags: &mut Diagnostics) {
        self.flush(diags);
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
