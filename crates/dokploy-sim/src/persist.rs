//! The file of a sandbox: read whole, written whole, never half.

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::settings::Settings;
use crate::sim::{Sim, SimError};

/// Why a sandbox file cannot be used.
#[derive(Debug)]
pub enum PersistError {
    /// The file or its directory cannot be read or written.
    Io(PathBuf, io::Error),
    /// The file holds something else.
    Content(PathBuf, SimError),
}

impl fmt::Display for PersistError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PersistError::Io(path, error) => write!(f, "{}: {error}", path.display()),
            PersistError::Content(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for PersistError {}

/// The simulator whose content a file holds; a new one if there is no such file.
pub fn load(settings: Settings, path: &Path) -> Result<Sim, PersistError> {
    match fs::read_to_string(path) {
        Ok(json) => {
            Sim::load(settings, &json).map_err(|it| PersistError::Content(path.to_owned(), it))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Sim::new(settings)),
        Err(error) => Err(PersistError::Io(path.to_owned(), error)),
    }
}

/// Writes the content of a simulator to a file that only its owner can read (it holds keys and passwords), through
/// a temporary file beside it, so that a crash leaves the old or the new content. Makes the directory if needed.
pub fn save(sim: &Sim, path: &Path) -> Result<(), PersistError> {
    write(path, sim.save().as_bytes()).map_err(|it| PersistError::Io(path.to_owned(), it))
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(directory) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
        fs::create_dir_all(directory)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(name);
    let written = write_new(&temporary, content).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // What matters is the first error; that the leftover may stay is no news on top of it.
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}
