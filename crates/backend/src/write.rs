//! A file whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes a file that only its owner can read, so that after a crash or a full disk either the old or the new content
/// is there: a temporary file beside it, fsync, rename, fsync of the directory. Follows symbolic links.
pub fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    replace(path, content, |_| Ok(())).map(|_| ())
}

/// The same; `prepare` sees the new file before it takes the old one's place (a lock goes on it there). Gives the new
/// file, still open.
pub(crate) fn replace(
    path: &Path,
    content: &[u8],
    prepare: impl FnOnce(&File) -> io::Result<()>,
) -> io::Result<File> {
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let temporary = beside(&path, &format!(".{}.tmp", std::process::id()));
    let written = create(&temporary).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()?;
        prepare(&file)?;
        std::fs::rename(&temporary, &path)?;
        Ok(file)
    });
    match written {
        Ok(file) => {
            sync_directory(&path)?;
            Ok(file)
        }
        Err(error) => {
            // The first error is the news; a leftover would only add to it.
            let _ = std::fs::remove_file(&temporary);
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

/// A new file, readable and writable for its owner only.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(true);
    private(&mut options);
    options.open(path)
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

/// Makes a rename in a file's directory durable.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    let directory = path
        .parent()
        .filter(|it| !it.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(directory)?.sync_all()
}
