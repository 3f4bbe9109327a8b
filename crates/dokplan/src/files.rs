//! Files on the disk, for the configuration loader.

use std::path::Path;

use config::{FileError, Files};

/// The real file system, relative to the working directory.
pub(crate) struct DiskFiles;

fn error(error: std::io::Error) -> FileError {
    if error.kind() == std::io::ErrorKind::NotFound {
        FileError::NotFound
    } else {
        FileError::Other(error.to_string())
    }
}

/// An error where `-restricted` keeps a path from being read.
fn allowed(path: &Path) -> Result<(), FileError> {
    crate::restricted::refusal(path).map_or(Ok(()), |it| Err(FileError::Other(it)))
}

fn path_of(text: &str) -> &Path {
    Path::new(if text.is_empty() { "." } else { text })
}

impl Files for DiskFiles {
    fn list(&self, directory: &str) -> Result<Vec<String>, FileError> {
        allowed(path_of(directory))?;
        let mut res = Vec::new();
        for entry in std::fs::read_dir(path_of(directory)).map_err(error)? {
            let entry = entry.map_err(error)?;
            if !entry.path().is_dir() {
                res.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        res.sort();
        Ok(res)
    }

    fn is_directory(&self, path: &str) -> bool {
        // What may not be looked at passes for one here, so that reading it says why not.
        allowed(path_of(path)).is_err() || path_of(path).is_dir()
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        allowed(path_of(path))?;
        std::fs::read(path).map_err(error)
    }
}
