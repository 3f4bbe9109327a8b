//! Where state is kept, as a trait.

use crate::State;

/// A state with what identifies it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Snapshot {
    /// The identity of a state through all its versions: a UUID made with the first.
    pub lineage: String,
    /// Counts up with each version that differs.
    pub serial: u64,
    /// The version of the tool that wrote it.
    pub terraform_version: String,
    /// What is remembered.
    pub state: State,
}

/// Who holds a lock; the content of `.terraform.tfstate.lock.info`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LockInfo {
    /// A UUID.
    pub id: String,
    /// `OperationTypePlan`, `OperationTypeApply` …
    pub operation: String,
    /// Anything else.
    pub info: String,
    /// `user@host`.
    pub who: String,
    /// The version of the tool.
    pub version: String,
    /// RFC 3339 with nanoseconds, UTC.
    pub created: String,
    /// The path of the state.
    pub path: String,
}

/// Why a store did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// Somebody else holds the lock.
    Locked(Box<LockInfo>),
    /// What is stored is not a state; with where it is and what backup there is.
    Damaged {
        /// What is wrong with it.
        error: crate::file::FileError,
        /// Where it is.
        path: String,
        /// A file that holds the version before, whole.
        backup: Option<String>,
        /// The newest version of the history that is whole.
        version: Option<u64>,
    },
    /// It cannot be encrypted or decrypted.
    Sealed {
        /// Where it is.
        path: String,
        /// Why not, in a clause that begins with `it`.
        reason: String,
    },
    /// The file system or network failed.
    Io {
        /// What was being done: `write the state to terraform.tfstate`.
        doing: String,
        /// Why it failed.
        reason: String,
    },
    /// Another lineage or a newer serial is stored.
    Conflict(String),
}

/// Where state is kept. Blocking: calls are short and made from the one task that owns the state.
pub trait StateStore: Send {
    /// Takes the lock. Once; [`StateStore::unlock`] gives it back.
    fn lock(&mut self, info: &LockInfo) -> Result<(), StoreError>;

    /// Gives the lock back.
    fn unlock(&mut self) -> Result<(), StoreError>;

    /// What is stored; `None` where there is nothing yet.
    fn read(&mut self) -> Result<Option<Snapshot>, StoreError>;

    /// Stores a version, durably and all or nothing: after `Ok` it survives a crash, after `Err` the one before does.
    /// Of the journal only intents are kept that are open ([`crate::journal::still_open`]).
    fn write(&mut self, snapshot: &Snapshot) -> Result<(), StoreError>;

    /// Appends one record ([`crate::journal`]) to what is durably kept, at a cost that does not grow with the state, so
    /// that a crash before the next [`StateStore::write`] loses nothing.
    fn append(&mut self, record: &[u8]) -> Result<(), StoreError>;

    /// Appends several records at the cost of one. All are durable after `Ok`.
    fn append_all(&mut self, records: &[Vec<u8>]) -> Result<(), StoreError> {
        records.iter().try_for_each(|it| self.append(it))
    }

    /// Whether another process holds the lock: what the journal holds is that of a run that goes on.
    fn is_busy(&self) -> bool {
        false
    }

    /// Records appended since the last write and found when the store was opened: an earlier run did not end.
    fn journal(&mut self) -> Result<Vec<Vec<u8>>, StoreError>;
}
