//! State in a local file.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use state::{LockInfo, Snapshot, StateStore, StoreError};

use crate::journal::Journal;
use crate::lock::{Lock, Tried};
use crate::write::{beside, replace, write_whole};

/// Where a local state is.
#[derive(Debug, Clone)]
pub struct Options {
    /// The file to read; `terraform.tfstate` if left out.
    pub path: Option<PathBuf>,
    /// The file to write; the one that is read if left out.
    pub out: Option<PathBuf>,
    /// Where the version before goes; `FILE.backup` if left out, nowhere if `-`.
    pub backup: Option<PathBuf>,
    /// The workspace: others than `default` have a directory of their own.
    pub workspace: String,
    /// The directory of workspaces; `terraform.tfstate.d` if left out.
    pub workspace_dir: Option<PathBuf>,
}

/// A state in a local file, with its lock, its journal and the version before.
#[derive(Debug)]
pub struct LocalStore {
    from: PathBuf,
    out: PathBuf,
    backup: Option<PathBuf>,
    backed_up: bool,
    lock: Option<Lock>,
    journal: Journal,
}

impl LocalStore {
    /// The store; nothing is touched yet.
    pub fn open(options: &Options) -> LocalStore {
        let path = match (&options.path, options.workspace.as_str()) {
            (Some(path), "default" | "") => path.clone(),
            (None, "default" | "") => PathBuf::from("terraform.tfstate"),
            (_, name) => {
                let directory = options
                    .workspace_dir
                    .clone()
                    .unwrap_or_else(|| PathBuf::from("terraform.tfstate.d"));
                directory.join(name).join("terraform.tfstate")
            }
        };
        let out = options.out.clone().unwrap_or_else(|| path.clone());
        let backup = match &options.backup {
            Some(it) if it.as_os_str() == "-" => None,
            Some(it) => Some(it.clone()),
            None => Some(beside(&out, ".backup")),
        };
        let journal = Journal::new(beside(&out, ".journal"));
        LocalStore {
            from: path,
            out,
            backup,
            backed_up: false,
            lock: None,
            journal,
        }
    }

    /// The file that is written.
    pub fn path(&self) -> &Path {
        &self.out
    }

    /// The bytes of a state file; `None` where there is none.
    fn bytes(&self, path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
        if let Some(lock) = self.lock.as_ref().filter(|_| path == self.out) {
            // Any other descriptor would give the lock up when it is closed.
            let Some(mut file) = lock.file() else {
                return Ok(None);
            };
            let mut res = Vec::new();
            let read = file
                .seek(SeekFrom::Start(0))
                .and_then(|_| file.read_to_end(&mut res));
            at("read the state from", path, read)?;
            return Ok(Some(res).filter(|it| !(it.is_empty() && lock.created())));
        }
        match std::fs::read(path) {
            Ok(bytes) if bytes.is_empty() && crate::lock::is_new(path) => Ok(None),
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => at("read the state from", path, Err(error)),
        }
    }

    fn back_up(&mut self) -> Result<(), StoreError> {
        let Some(backup) = self.backup.clone().filter(|_| !self.backed_up) else {
            return Ok(());
        };
        if let Some(bytes) = self.bytes(&self.out.clone())? {
            let written = write_whole(&backup, &bytes);
            at("keep the version before in", &backup, written)?;
        }
        self.backed_up = true;
        Ok(())
    }
}

impl StateStore for LocalStore {
    fn lock(&mut self, info: &LockInfo) -> Result<(), StoreError> {
        let tried = Lock::take(&self.out, info);
        match at("lock the state", &self.out, tried)? {
            Tried::Held(lock) => {
                self.lock = Some(lock);
                Ok(())
            }
            Tried::Busy(info) => Err(StoreError::Locked(info)),
        }
    }

    fn unlock(&mut self) -> Result<(), StoreError> {
        self.lock = None;
        Ok(())
    }

    fn read(&mut self) -> Result<Option<Snapshot>, StoreError> {
        let Some(bytes) = self.bytes(&self.from)? else {
            return Ok(None);
        };
        state::file::read(&bytes).map(Some).map_err(|error| {
            let backup = beside(&self.from, ".backup");
            let backup = backup.exists().then(|| backup.display().to_string());
            StoreError::Damaged {
                error,
                path: self.from.display().to_string(),
                backup,
            }
        })
    }

    fn write(&mut self, snapshot: &Snapshot) -> Result<(), StoreError> {
        let bytes = state::file::write(snapshot);
        if self.bytes(&self.out)?.as_ref() != Some(&bytes) {
            self.back_up()?;
            if let Some(directory) = self.out.parent().filter(|it| !it.as_os_str().is_empty()) {
                let made = std::fs::create_dir_all(directory);
                at("make the directory of", &self.out, made)?;
            }
            let is_locked = self.lock.is_some();
            let written = replace(&self.out, &bytes, |file| {
                if is_locked {
                    Lock::extend(file)
                } else {
                    Ok(())
                }
            });
            let file = at("write the state to", &self.out, written)?;
            if let Some(lock) = &mut self.lock {
                lock.keep(file);
            }
        }
        let cleared = self.journal.clear();
        at("remove the journal", self.journal.path(), cleared)
    }

    fn append(&mut self, record: &[u8]) -> Result<(), StoreError> {
        self.append_all(&[record.to_vec()])
    }

    fn append_all(&mut self, records: &[Vec<u8>]) -> Result<(), StoreError> {
        let appended = self.journal.append(records);
        at("write to the journal", self.journal.path(), appended)
    }

    fn journal(&mut self) -> Result<Vec<Vec<u8>>, StoreError> {
        let records = self.journal.records();
        at("read the journal", self.journal.path(), records)
    }
}

/// An error of the file system with what was being done, and where.
fn at<T>(doing: &str, path: &Path, result: io::Result<T>) -> Result<T, StoreError> {
    result.map_err(|error| StoreError::Io {
        doing: format!("{doing} {}", path.display()),
        reason: error.to_string(),
    })
}
