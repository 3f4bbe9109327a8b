//! A file whole or not at all.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::disk::{Disk, DiskFile, Opening, RealDisk};

/// Writes a file that only its owner can read, so that after a crash or a full disk either the old or the new content
/// is there: a temporary file beside it, fsync, rename, fsync of the directory. Follows symbolic links.
pub fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    write_on(&RealDisk, path, content)
}

/// The same on a disk.
pub(crate) fn write_on(disk: &dyn Disk, path: &Path, content: &[u8]) -> io::Result<()> {
    replace(disk, path, content, |_| Ok(())).map(|_| ())
}

/// The same; `prepare` sees the new file before it takes the old one's place (a lock goes on it there). Gives the new
/// file, still open.
pub(crate) fn replace(
    disk: &dyn Disk,
    path: &Path,
    content: &[u8],
    prepare: impl FnOnce(&File) -> io::Result<()>,
) -> io::Result<Box<dyn DiskFile>> {
    let path = disk.resolve(path);
    let temporary = beside(&path, &format!(".{}.tmp", std::process::id()));
    let written = disk.open(&temporary, Opening::Anew).and_then(|mut file| {
        file.write_at(0, content)?;
        file.sync()?;
        if let Some(file) = file.file() {
            prepare(file)?;
        }
        disk.rename(&temporary, &path)?;
        Ok(file)
    });
    match written {
        Ok(file) => {
            disk.sync_directory_of(&path)?;
            Ok(file)
        }
        Err(error) => {
            // The first error is the news; a leftover would only add to it.
            let _ = disk.remove(&temporary);
            Err(error)
        }
    }
}

/// A path with something behind its name: `terraform.tfstate` + `.backup`.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}

/// Files made with these options are 0600.
pub(crate) fn private(options: &mut OpenOptions) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _ = options;
}
