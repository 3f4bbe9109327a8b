//! Earlier versions of a state, beside it: `terraform.tfstate.history/00000012.tfstate`.
//!
//! Each version that is written is kept here too, in the same form (encrypted where the state is), so that a state that
//! another tool emptied, or a hand spoiled, has a way back. The oldest go when there are more than [`KEPT`].

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::disk::Disk;
use crate::seal::{Seal, is_sealed};
use crate::write::write_on;

/// How many versions are kept.
pub const KEPT: usize = 20;

/// A version that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Counts up; what `state undo` takes.
    pub number: u64,
    /// Where it is.
    pub path: PathBuf,
    /// When it was written.
    pub written: SystemTime,
}

/// The versions of one state.
#[derive(Debug)]
pub(crate) struct History {
    disk: Arc<dyn Disk>,
    directory: PathBuf,
}

impl History {
    pub(crate) fn new(disk: Arc<dyn Disk>, directory: PathBuf) -> Self {
        History { disk, directory }
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The versions that are kept, oldest first. Files of other names are not ours.
    pub(crate) fn versions(&self) -> io::Result<Vec<Version>> {
        let entries = match self.disk.list(&self.directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut res = Vec::new();
        for path in entries {
            let number = path
                .file_name()
                .and_then(|it| it.to_str())
                .and_then(|it| it.strip_suffix(".tfstate"))
                .and_then(|it| it.parse().ok());
            if let Some(number) = number {
                let written = self.disk.stat(&path)?.modified;
                res.push(Version {
                    number,
                    path,
                    written,
                });
            }
        }
        res.sort_by_key(|it| it.number);
        Ok(res)
    }

    /// Keeps a version, unless it is there already: `plain` is its content, `stored` how the state file holds it. Gives
    /// the new file, if there is one.
    pub(crate) fn keep(
        &self,
        plain: &[u8],
        stored: &[u8],
        seal: &Seal,
    ) -> io::Result<Option<PathBuf>> {
        let versions = self.versions()?;
        if seal.encrypts() {
            reseal(self.disk.as_ref(), &versions, seal)?;
        }
        for it in versions.iter().rev() {
            // The same content has the same length, encrypted or not.
            if self.disk.stat(&it.path)?.len != stored.len() as u64 {
                continue;
            }
            let bytes = self.disk.read(&it.path)?;
            if seal.open(&bytes).is_ok_and(|it| it.plain == plain) {
                return Ok(None);
            }
        }
        if let Some(surplus) = (versions.len() + 1).checked_sub(KEPT) {
            for it in versions.iter().take(surplus) {
                self.disk.remove(&it.path)?;
            }
        }
        self.disk.make_directory(&self.directory, true)?;
        let number = versions.last().map_or(0, |it| it.number).saturating_add(1);
        let path = self.directory.join(format!("{number:08}.tfstate"));
        write_on(self.disk.as_ref(), &path, stored)?;
        Ok(Some(path))
    }
}

/// Encrypts versions from before encryption was turned on: nothing of the state stays on the disk in clear.
fn reseal(disk: &dyn Disk, versions: &[Version], seal: &Seal) -> io::Result<()> {
    for it in versions {
        let bytes = disk.read(&it.path)?;
        if is_sealed(&bytes) {
            continue;
        }
        let sealed = seal
            .seal(&bytes, None)
            .map_err(|error| io::Error::other(error.to_string()))?;
        write_on(disk, &it.path, &sealed)?;
        // It is still the version of that time.
        disk.set_modified(&it.path, it.written)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_versions_are_kept_each_once() {
        let directory = tempfile::tempdir().unwrap();
        let history = History::new(
            Arc::new(crate::disk::RealDisk),
            directory.path().join("x.history"),
        );
        let seal = Seal::default();
        for n in 0..30 {
            let text = format!("{{\"version\": 4, \"serial\": {}}}", 100 + n);
            let first = history.keep(text.as_bytes(), text.as_bytes(), &seal);
            assert!(first.unwrap().is_some());
            let again = history.keep(text.as_bytes(), text.as_bytes(), &seal);
            assert_eq!(again.unwrap(), None);
        }
        let versions = history.versions().unwrap();
        assert_eq!(versions.len(), KEPT);
        assert_eq!((versions[0].number, versions[19].number), (11, 30));
        let newest = std::fs::read_to_string(&versions[19].path).unwrap();
        assert_eq!(newest, "{\"version\": 4, \"serial\": 129}");
    }
}
