//! State in a local file.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use std::sync::Arc;

use state::{LockInfo, Snapshot, StateStore, StoreError};

use crate::disk::{Disk, DiskFile};
use crate::history::{History, Version};
use crate::journal::Journal;
use crate::lock::{Lock, Tried};
use crate::seal::{Seal, SealError};
use crate::write::{beside, replace, write_on};

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
    /// How the state, the version before, its history and its journal are encrypted.
    pub seal: Arc<Seal>,
    /// The file system that all of that is on. The lock is always on that of this machine.
    pub disk: Arc<dyn Disk>,
}

/// A state in a local file, with its lock, its journal, the version before and earlier ones.
#[derive(Debug)]
pub struct LocalStore {
    from: PathBuf,
    out: PathBuf,
    backup: Option<PathBuf>,
    backed_up: bool,
    lock: Option<Lock>,
    journal: Journal,
    history: History,
    seal: Arc<Seal>,
    disk: Arc<dyn Disk>,
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
        let journal = Journal::new(options.disk.clone(), beside(&out, ".journal"));
        let history = History::new(options.disk.clone(), beside(&out, ".history"));
        LocalStore {
            from: path,
            out,
            backup,
            backed_up: false,
            lock: None,
            journal,
            history,
            seal: options.seal.clone(),
            disk: options.disk.clone(),
        }
    }

    /// The file that is written.
    pub fn path(&self) -> &Path {
        &self.out
    }

    /// Who noted that they hold the lock that is ours now: they were killed, or their machine was.
    pub fn left_by(&self) -> Option<&LockInfo> {
        self.lock.as_ref()?.left_by()
    }

    /// Whether what is written is encrypted.
    pub fn is_sealed(&self) -> bool {
        self.seal.encrypts()
    }

    /// Earlier versions of the state and the present one, oldest first.
    pub fn versions(&self) -> Result<Vec<Version>, StoreError> {
        at(
            "list the versions in",
            self.history.directory(),
            self.history.versions(),
        )
    }

    /// What a version holds.
    pub fn version(&self, version: &Version) -> Result<Snapshot, StoreError> {
        let read = self.disk.read(&version.path);
        let bytes = at("read a version of the state from", &version.path, read)?;
        self.decode(&version.path, &bytes)
    }

    /// The state that a file's bytes are.
    fn decode(&self, path: &Path, bytes: &[u8]) -> Result<Snapshot, StoreError> {
        let damaged = |error| StoreError::Damaged {
            error,
            path: path.display().to_string(),
            backup: self.good_backup(path),
            version: self.good_version(path),
        };
        let sealed = |reason: String| StoreError::Sealed {
            path: path.display().to_string(),
            reason,
        };
        let opened = match self.seal.open(bytes) {
            Ok(it) => it,
            // An empty or torn file is that in the first place.
            Err(SealError::Clear) => {
                state::file::read(bytes).map_err(damaged)?;
                return Err(sealed(SealError::Clear.to_string()));
            }
            Err(error) => return Err(sealed(error.to_string())),
        };
        let snapshot = state::file::read(&opened.plain).map_err(damaged)?;
        match opened.header {
            Some((lineage, serial)) if lineage != snapshot.lineage || serial != snapshot.serial => {
                Err(sealed(
                    "what it says about itself in clear is not what is inside: somebody has changed it"
                        .to_owned(),
                ))
            }
            _ => Ok(snapshot),
        }
    }

    /// The version before, where it is whole. Only the state itself has one.
    fn good_backup(&self, path: &Path) -> Option<String> {
        let backup = beside(&self.from, ".backup");
        if path != self.from {
            return None;
        }
        let bytes = self.disk.read(&backup).ok()?;
        let opened = self.seal.open(&bytes).ok()?;
        state::file::read(&opened.plain).ok()?;
        Some(backup.display().to_string())
    }

    /// The newest version of the history that is whole.
    fn good_version(&self, path: &Path) -> Option<u64> {
        if path != self.from && path != self.out {
            return None;
        }
        let is_whole = |it: &Version| {
            let bytes = self.disk.read(&it.path).ok()?;
            let opened = self.seal.open(&bytes).ok()?;
            state::file::read(&opened.plain).ok()
        };
        let versions = self.history.versions().ok()?;
        let found = versions.iter().rev().find(|it| is_whole(it).is_some())?;
        Some(found.number)
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
        match self.disk.read(path) {
            Ok(bytes) if bytes.is_empty() && crate::lock::is_new(path) => Ok(None),
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => at("read the state from", path, Err(error)),
        }
    }

    /// Keeps what is there before it is replaced: in the backup, once, and in the history.
    fn back_up(&mut self, before: Option<&[u8]>) -> Result<(), StoreError> {
        let Some(stored) = before.filter(|_| !self.backed_up) else {
            return Ok(());
        };
        let opened = self.seal.open(stored).ok();
        let whole = opened.filter(|it| state::file::read(&it.plain).is_ok());
        let Some(opened) = whole else {
            // What cannot be read is no version to go back to: it must not take the place of one.
            if !stored.is_empty() {
                let aside = beside(&self.out, ".damaged");
                let written = write_on(self.disk.as_ref(), &aside, stored);
                at("keep what was damaged in", &aside, written)?;
            }
            self.backed_up = true;
            return Ok(());
        };
        // Clear text from before encryption was turned on does not stay.
        let resealed = if opened.is_current || !self.seal.encrypts() {
            None
        } else {
            Some(self.sealed(&opened.plain, None)?)
        };
        let stored = resealed.as_deref().unwrap_or(stored);
        if let Some(backup) = &self.backup {
            let written = write_on(self.disk.as_ref(), backup, stored);
            at("keep the version before in", backup, written)?;
        }
        let kept = self.history.keep(&opened.plain, stored, &self.seal);
        at("keep the version before in", self.history.directory(), kept)?;
        self.backed_up = true;
        Ok(())
    }

    fn sealed(&self, plain: &[u8], header: Option<(&str, u64)>) -> Result<Vec<u8>, StoreError> {
        self.seal
            .seal(plain, header)
            .map_err(|error| StoreError::Sealed {
                path: self.out.display().to_string(),
                reason: error.to_string(),
            })
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
        self.decode(&self.from, &bytes).map(Some)
    }

    fn write(&mut self, snapshot: &Snapshot) -> Result<(), StoreError> {
        let plain = state::file::write(snapshot);
        let before = self.bytes(&self.out)?;
        let is_there = before
            .as_ref()
            .and_then(|it| self.seal.open(it).ok())
            .is_some_and(|it| it.is_current && it.plain == plain);
        if !is_there {
            let stored = self.sealed(&plain, Some((&snapshot.lineage, snapshot.serial)))?;
            if let Some(directory) = self.out.parent().filter(|it| !it.as_os_str().is_empty()) {
                let made = self.disk.make_directory(directory, false);
                at("make the directory of", &self.out, made)?;
            }
            self.back_up(before.as_deref())?;
            let kept = self.history.keep(&plain, &stored, &self.seal);
            let kept = at("keep the version in", self.history.directory(), kept)?;
            let is_locked = self.lock.is_some();
            let written = match &mut self.lock {
                // Whoever waits has the file open, will read and write that one, and look at no other.
                Some(lock) if lock.is_awaited() => {
                    let before = before.as_deref().unwrap_or_default();
                    lock.overwrite(&stored, before).map(|()| None)
                }
                lock => {
                    lock.iter_mut().for_each(Lock::will_be_replaced);
                    replace(self.disk.as_ref(), &self.out, &stored, |file| {
                        if is_locked {
                            Lock::extend(file)
                        } else {
                            Ok(())
                        }
                    })
                    .map(DiskFile::into_file)
                }
            };
            if written.is_err()
                && let Some(kept) = kept
            {
                // It was never the state.
                let _ = self.disk.remove(&kept);
            }
            let file = at("write the state to", &self.out, written)?;
            if let (Some(lock), Some(file)) = (&mut self.lock, file) {
                lock.keep(file);
            }
        }
        // What was begun and may or may not have been done is for the next run to look for.
        let open = state::journal::still_open(&self.journal()?, &snapshot.state);
        let open = open
            .iter()
            .map(|it| self.sealed(it, None))
            .collect::<Result<Vec<_>, _>>()?;
        let reset = self.journal.reset(&open);
        at("put the journal away", self.journal.path(), reset)
    }

    fn append(&mut self, record: &[u8]) -> Result<(), StoreError> {
        self.append_all(&[record.to_vec()])
    }

    fn append_all(&mut self, records: &[Vec<u8>]) -> Result<(), StoreError> {
        let sealed = records
            .iter()
            .map(|it| self.sealed(it, None))
            .collect::<Result<Vec<_>, _>>()?;
        let appended = self.journal.append(&sealed);
        at("write to the journal", self.journal.path(), appended)
    }

    fn is_busy(&self) -> bool {
        // Who holds the lock must not open the file again: closing it would give the lock up.
        self.lock.is_none() && crate::is_locked(&self.out)
    }

    fn journal(&mut self) -> Result<Vec<Vec<u8>>, StoreError> {
        let records = at(
            "read the journal",
            self.journal.path(),
            self.journal.records(),
        )?;
        let open = |it: &Vec<u8>| match self.seal.open(it) {
            Ok(it) => Ok(it.plain),
            // From before encryption was turned on: a run that ended halfway is not lost for that.
            Err(SealError::Clear) => Ok(it.clone()),
            Err(error) => Err(StoreError::Sealed {
                path: self.journal.path().display().to_string(),
                reason: error.to_string(),
            }),
        };
        records.iter().map(open).collect()
    }
}

/// An error of the file system with what was being done, and where.
fn at<T>(doing: &str, path: &Path, result: io::Result<T>) -> Result<T, StoreError> {
    result.map_err(|error| StoreError::Io {
        doing: format!("{doing} {}", path.display()),
        reason: error.to_string(),
    })
}
