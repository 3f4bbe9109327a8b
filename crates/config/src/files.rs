//! Where texts come from, as a trait: tests use a map.

use std::collections::BTreeMap;

/// Why a file or directory cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileError {
    /// It is not there.
    NotFound,
    /// It is there but cannot be read; why.
    Other(String),
}

/// Reads directories and files. Paths are relative to the working directory of the run, with `/`.
pub trait Files {
    /// The names of the files (not directories) in a directory, sorted.
    fn list(&self, directory: &str) -> Result<Vec<String>, FileError>;

    /// Whether a directory is there.
    fn is_directory(&self, path: &str) -> bool;

    /// A whole file.
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError>;
}

/// Files in memory: path to text.
#[derive(Debug, Clone, Default)]
pub struct MapFiles(pub BTreeMap<String, String>);

impl Files for MapFiles {
    fn list(&self, directory: &str) -> Result<Vec<String>, FileError> {
        let prefix = if directory.is_empty() || directory == "." {
            String::new()
        } else {
            format!("{directory}/")
        };
        Ok(self
            .0
            .keys()
            .filter_map(|it| it.strip_prefix(&prefix))
            .filter(|it| !it.contains('/'))
            .map(str::to_owned)
            .collect())
    }

    fn is_directory(&self, path: &str) -> bool {
        path.is_empty()
            || path == "."
            || self.0.keys().any(|it| it.starts_with(&format!("{path}/")))
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        self.0
            .get(path)
            .map(|it| it.clone().into_bytes())
            .ok_or(FileError::NotFound)
    }
}
