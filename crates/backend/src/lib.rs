//! Where state is kept: a local file with a lock and a journal, or memory for tests.
//!
//! Reading order: [`local`] (the store), `lock` (who may write), `journal` (what is finished but not folded in yet),
//! `write` (a file whole or not at all), [`disk`] (the file system), [`history`] (earlier versions), [`seal`] (encryption), [`memory`].
#![allow(
    clippy::disallowed_methods,
    reason = "this crate is where the state's files are touched"
)]

pub mod disk;
pub mod history;
mod journal;
pub mod local;
mod lock;
pub mod memory;
pub mod seal;
mod write;

pub use local::{LocalStore, Options};
pub use write::write_whole;

/// The whole records in the bytes of a journal; what is torn or no journal holds none.
pub fn journal_records(bytes: &[u8]) -> Vec<Vec<u8>> {
    journal::parse(bytes).0
}

/// Who has noted that they hold the lock of a state file; `None` where nobody has.
pub fn lock_info(path: &std::path::Path) -> Option<state::LockInfo> {
    let info = lock::info_path(path);
    info.exists().then(|| lock::read_info(&info))
}

/// Whether a living process holds the lock of a state file.
pub fn is_locked(path: &std::path::Path) -> bool {
    path.exists() && matches!(lock::Lock::probe(path), Ok(true))
}

/// Removes the note that a dead holder left.
pub fn remove_lock_info(path: &std::path::Path) -> std::io::Result<()> {
    std::fs::remove_file(lock::info_path(path))
}
