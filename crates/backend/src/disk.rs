//! The file system as the store uses it, as a trait: so that tests can let any call fail, or end the process there.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::write::private;

/// How a file is opened. It is made if it is not there, for its owner only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// Emptied.
    Anew,
    /// With what is in it.
    Kept,
}

/// What is known of a file without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// How many bytes it has.
    pub len: u64,
    /// When it was written.
    pub modified: SystemTime,
}

/// A file system. Errors are those of the calls.
pub trait Disk: fmt::Debug + Send + Sync {
    /// A whole file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// Opens a file for reading and writing.
    fn open(&self, path: &Path, opening: Opening) -> io::Result<Box<dyn DiskFile>>;
    /// Gives a file another name, in the place of what has it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Makes what was done to the names in a file's directory durable.
    fn sync_directory_of(&self, path: &Path) -> io::Result<()>;
    /// Makes a directory with those above it; for its owner only where `is_private`.
    fn make_directory(&self, path: &Path, is_private: bool) -> io::Result<()>;
    /// What is in a directory.
    fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>>;
    /// See [`Stat`].
    fn stat(&self, path: &Path) -> io::Result<Stat>;
    /// Sets when a file was written.
    fn set_modified(&self, path: &Path, modified: SystemTime) -> io::Result<()>;
    /// Where symbolic links lead; the path itself where there is nothing.
    fn resolve(&self, path: &Path) -> PathBuf;
}

/// An open file.
pub trait DiskFile: fmt::Debug + Send {
    /// All of it.
    fn read(&mut self) -> io::Result<Vec<u8>>;
    /// Writes at a place.
    fn write_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()>;
    /// Cuts it.
    fn cut(&mut self, len: u64) -> io::Result<()>;
    /// Makes what was written durable.
    fn sync(&mut self) -> io::Result<()>;
    /// The file of the operating system, where it is one.
    fn into_file(self: Box<Self>) -> Option<File>;
    /// The same, still in use here.
    fn file(&self) -> Option<&File>;
}

/// The file system of this machine.
#[derive(Debug, Clone, Copy)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn open(&self, path: &Path, opening: Opening) -> io::Result<Box<dyn DiskFile>> {
        let mut options = OpenOptions::new();
        options
            .read(true)
            .write(true)
            .create(true)
            .truncate(opening == Opening::Anew);
        private(&mut options);
        Ok(Box::new(RealFile(options.open(path)?)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn sync_directory_of(&self, path: &Path) -> io::Result<()> {
        let directory = path
            .parent()
            .filter(|it| !it.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        File::open(directory)?.sync_all()
    }

    fn make_directory(&self, path: &Path, is_private: bool) -> io::Result<()> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        if is_private {
            use std::os::unix::fs::DirBuilderExt as _;
            builder.mode(0o700);
        }
        #[cfg(not(unix))]
        let _ = is_private;
        builder.create(path)
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>> {
        std::fs::read_dir(directory)?
            .map(|it| Ok(it?.path()))
            .collect()
    }

    fn stat(&self, path: &Path) -> io::Result<Stat> {
        let metadata = std::fs::metadata(path)?;
        Ok(Stat {
            len: metadata.len(),
            modified: metadata.modified()?,
        })
    }

    fn set_modified(&self, path: &Path, modified: SystemTime) -> io::Result<()> {
        let file = File::options().write(true).open(path)?;
        file.set_modified(modified)
    }

    fn resolve(&self, path: &Path) -> PathBuf {
        std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
    }
}

#[derive(Debug)]
struct RealFile(File);

impl DiskFile for RealFile {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut res = Vec::new();
        self.0.seek(SeekFrom::Start(0))?;
        self.0.read_to_end(&mut res)?;
        Ok(res)
    }

    fn write_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.seek(SeekFrom::Start(at))?;
        self.0.write_all(bytes)
    }

    fn cut(&mut self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync(&mut self) -> io::Result<()> {
        // Content and length; times of access need not survive.
        self.0.sync_data()
    }

    fn into_file(self: Box<Self>) -> Option<File> {
        Some(self.0)
    }

    fn file(&self) -> Option<&File> {
        Some(&self.0)
    }
}
