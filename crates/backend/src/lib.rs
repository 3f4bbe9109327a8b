//! Where state is kept: a local file with a lock and a journal, or memory for tests.
//!
//! Reading order: [`local`] (the store), `lock` (who may write), `journal` (what is finished but not folded in yet),
//! `write` (a file whole or not at all), [`memory`].
#![allow(
    clippy::disallowed_methods,
    reason = "this crate is where the state's files are touched"
)]

mod journal;
pub mod local;
mod lock;
pub mod memory;
mod write;

use std::collections::BTreeMap;

pub use local::{LocalStore, Options};
use value::Value;
pub use write::write_whole;

/// What a `backend "local"` block says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// `path`.
    pub path: Option<String>,
    /// `workspace_dir`.
    pub workspace_dir: Option<String>,
}

/// The settings in a backend block; why they are wrong, in sentences.
pub fn settings(
    kind: &str,
    arguments: &BTreeMap<String, Value>,
) -> Result<Option<Settings>, String> {
    if kind != "local" {
        return Err(format!(
            "There is no backend \"{kind}\" in dokplan yet; it has \"local\". Keep the state in a file: backend \"local\" {{ path = \"…\" }}, or leave the block out for terraform.tfstate."
        ));
    }
    let mut res = Settings::default();
    for (name, value) in arguments {
        let text = value.as_str().map(str::to_owned);
        match name.as_str() {
            "path" => res.path = text.filter(|it| !it.is_empty()),
            "workspace_dir" => res.workspace_dir = text.filter(|it| !it.is_empty()),
            _ => {
                return Err(format!(
                    "The backend \"local\" has no argument \"{name}\"; it has path and workspace_dir."
                ));
            }
        }
    }
    Ok(Some(res))
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
