//! Who may write a state: the lock that Terraform takes, on the same file and in the same way.
//!
//! Terraform opens the state file (making an empty one if there is none), takes a POSIX record lock on all of it, and
//! writes `.terraform.tfstate.lock.info` beside it to say who holds it. Such a lock belongs to a process and an inode,
//! and closing any descriptor of that inode gives it up: so the file is read through the descriptor that holds the lock,
//! and a new file is locked before it takes the old one's place; where somebody waits with the old one open, that one is
//! written instead (docs/adr/0011-state-lock.md).

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, fcntl_lock};
use serde_json::json;
use state::LockInfo;

use crate::write::private;

/// A lock that is held; given up when dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    /// The state file, by which the lock is held. Files that were replaced meanwhile stay open and locked.
    files: Vec<File>,
    path: PathBuf,
    info: PathBuf,
    /// Whether the lock made the file: it is removed if nothing was written.
    created: bool,
    /// Who noted that they hold the lock, and held it no more.
    left_by: Option<Box<LockInfo>>,
    /// The file, by its place among the files, that was replaced last and still has a name: somebody may have opened it
    /// just before.
    replaced: Option<usize>,
}

/// What came of trying.
pub(crate) enum Tried {
    /// It is ours.
    Held(Lock),
    /// It is somebody else's.
    Busy(Box<LockInfo>),
}

/// A hidden file beside a state: `.terraform.tfstate` + `.lock.info`.
fn hidden_beside(path: &Path, ending: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}{ending}"))
}

/// The file that says who holds the lock of a state.
pub(crate) fn info_path(path: &Path) -> PathBuf {
    hidden_beside(path, ".lock.info")
}

impl Lock {
    /// Takes the lock of a state file, if nobody holds it.
    pub(crate) fn take(path: &Path, info: &LockInfo) -> io::Result<Tried> {
        if let Some(directory) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
            std::fs::create_dir_all(directory)?;
        }
        loop {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false);
            private(&mut options);
            // The note comes first: who is killed in between leaves no empty file that nobody can explain.
            if !path.exists() {
                private_file(&new_path(path))?;
            }
            let file = options.open(path)?;
            match fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {}
                Err(rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS) => {
                    return Ok(Tried::Busy(Box::new(read_info(&info_path(path)))));
                }
                Err(error) => return Err(error.into()),
            }
            // Between opening and locking, the holder before may have put another file in its place.
            if !is_at(&file, path) {
                continue;
            }
            // A process that was killed before its first write leaves the empty file that its lock made.
            let is_empty = file.metadata()?.len() == 0;
            let created = is_empty && is_new(path);
            let note = info_path(path);
            let left_by = note.exists().then(|| Box::new(read_info(&note)));
            let mut lock = Lock {
                files: vec![file],
                path: path.to_owned(),
                info: note,
                created,
                left_by,
                replaced: None,
            };
            // What a killed holder may have left.
            lock.forget_replaced();
            if !is_empty {
                lock.is_written();
            }
            lock.write_info(info)?;
            return Ok(Tried::Held(lock));
        }
    }

    /// Whether another process holds the lock; takes it for a moment if not.
    pub(crate) fn probe(path: &Path) -> io::Result<bool> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        match fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(false),
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    /// The state file as it is now.
    pub(crate) fn file(&self) -> Option<&File> {
        self.files.last()
    }

    /// Whether the file is one that taking the lock made.
    pub(crate) fn created(&self) -> bool {
        self.created
    }

    /// Whose note there was although nobody held the lock: they were killed, or their machine was.
    pub(crate) fn left_by(&self) -> Option<&LockInfo> {
        self.left_by.as_deref()
    }

    /// Whether another process has the state file open, as a Terraform has that waits for the lock.
    pub(crate) fn is_awaited(&self) -> bool {
        self.files.last().is_some_and(is_open_elsewhere)
    }

    /// Writes the state file where it is, durably. What was there before must have been kept: a crash within leaves
    /// neither. Space is taken first, so that a full disk leaves what was there; after another failure `before` is
    /// written back, as far as that works.
    pub(crate) fn overwrite(&mut self, content: &[u8], before: &[u8]) -> io::Result<()> {
        let missing = || io::Error::other("the lock holds no file");
        let file = self.files.last().ok_or_else(missing)?;
        if let Err(error) = put(file, content) {
            // The first error is the news.
            let _ = put(file, before);
            return Err(error);
        }
        self.is_written();
        Ok(())
    }

    /// There is a state in the file, so that it is not new any more.
    fn is_written(&mut self) {
        self.created = false;
        let _ = std::fs::remove_file(new_path(&self.path));
    }

    /// To be called before another file takes the state file's place: this one keeps a second name, so that it can
    /// come back if somebody opens it in the meantime ([`Lock::settle`]).
    pub(crate) fn will_be_replaced(&mut self) {
        self.settle();
        let linked = std::fs::canonicalize(&self.path)
            .and_then(|path| std::fs::hard_link(&path, replaced_path(&path)));
        // Without hard links there is no way back, as there is none for who cannot be seen.
        self.replaced = linked.ok().and(self.files.len().checked_sub(1));
    }

    /// Where another process has opened the file that was replaced, and so waits for a lock of what is no longer the
    /// state, that file becomes the state file again, with what is in the state now. After the replacement nobody can
    /// open it any more, so that whoever is not seen here was not there.
    fn settle(&mut self) {
        let Some(at) = self.replaced.take() else {
            return;
        };
        let is_needed =
            at + 1 < self.files.len() && is_open_elsewhere(&self.files[at]) && !self.is_awaited();
        if is_needed && self.bring_back(at).is_ok() {
            let file = self.files.remove(at);
            self.files.push(file);
        } else {
            self.forget_replaced();
        }
    }

    fn bring_back(&self, at: usize) -> io::Result<()> {
        let missing = || io::Error::other("the lock holds no file");
        let mut now = self.files.last().ok_or_else(missing)?;
        let mut content = Vec::new();
        now.seek(SeekFrom::Start(0))?;
        now.read_to_end(&mut content)?;
        put(&self.files[at], &content)?;
        let path = std::fs::canonicalize(&self.path)?;
        std::fs::rename(replaced_path(&path), &path)
    }

    fn forget_replaced(&self) {
        let path = std::fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let _ = std::fs::remove_file(replaced_path(&path));
    }

    /// Locks a file that is about to take the state file's place.
    pub(crate) fn extend(file: &File) -> io::Result<()> {
        fcntl_lock(file, FlockOperation::NonBlockingLockExclusive).map_err(Into::into)
    }

    /// Keeps the lock by a file that has taken the state file's place.
    pub(crate) fn keep(&mut self, file: File) {
        self.files.push(file);
        self.is_written();
    }

    fn write_info(&self, info: &LockInfo) -> io::Result<()> {
        let text = json!({
            "ID": info.id, "Operation": info.operation, "Info": info.info, "Who": info.who,
            "Version": info.version, "Created": info.created, "Path": info.path,
        });
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        private(&mut options);
        options
            .open(&self.info)?
            .write_all(text.to_string().as_bytes())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.settle();
        let _ = std::fs::remove_file(&self.info);
        let is_empty = std::fs::metadata(&self.path).is_ok_and(|it| it.len() == 0);
        if self.created && is_empty {
            let _ = std::fs::remove_file(&self.path);
            let _ = std::fs::remove_file(new_path(&self.path));
        }
        // Closing the files gives the lock up.
    }
}

/// Makes sure that a file can be that long, where the file system can say so.
fn reserve(file: &File, length: u64) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::io::Errno;
        let flags = rustix::fs::FallocateFlags::KEEP_SIZE;
        match rustix::fs::fallocate(file, flags, 0, length) {
            Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (file, length);
        Ok(())
    }
}

/// The second name of a file that was replaced.
fn replaced_path(path: &Path) -> PathBuf {
    hidden_beside(path, ".replaced")
}

/// Makes a content that of a file, durably, without putting another in its place. Only its owner can read it then.
fn put(mut file: &File, content: &[u8]) -> io::Result<()> {
    let length = content.len() as u64;
    reserve(file, length)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    }
    file.seek(SeekFrom::Start(0))?;
    file.write_all(content)?;
    file.set_len(length)?;
    file.sync_all()
}

/// Whether another process has a file open. Only processes of the same user can be seen (of all, for root), and only on
/// Linux: elsewhere nobody is.
fn is_open_elsewhere(file: &File) -> bool {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::MetadataExt as _;
        let inode = |it: std::fs::Metadata| (it.dev(), it.ino());
        let (Ok(wanted), Ok(processes)) = (file.metadata().map(inode), std::fs::read_dir("/proc"))
        else {
            return false;
        };
        let us = std::process::id().to_string();
        let is_other = |it: &std::fs::DirEntry| {
            let name = it.file_name();
            let name = name.to_string_lossy();
            name.bytes().all(|it| it.is_ascii_digit()) && name != us
        };
        let has_it = |it: std::fs::DirEntry| {
            let files = std::fs::read_dir(it.path().join("fd"));
            let mut files = files.into_iter().flatten().flatten();
            files.any(|it| std::fs::metadata(it.path()).is_ok_and(|it| inode(it) == wanted))
        };
        processes.flatten().filter(is_other).any(has_it)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = file;
        false
    }
}

/// Whether a file is the one that a path leads to.
fn is_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let (Ok(open), Ok(named)) = (file.metadata(), std::fs::metadata(path)) else {
            return false;
        };
        (open.dev(), open.ino()) == (named.dev(), named.ino())
    }
    #[cfg(not(unix))]
    {
        let _ = (file, path);
        true
    }
}

/// Whether an empty state file is one that was made to be locked and never written, so that there is no state yet.
/// Terraform leaves no such note: an empty file of its own is a write that was cut off.
pub(crate) fn is_new(path: &Path) -> bool {
    new_path(path).exists()
}

/// The note that a state file is made to be locked, and there was none before.
fn new_path(path: &Path) -> PathBuf {
    hidden_beside(path, ".new")
}

/// Makes an empty file that only its owner can read, if there is none.
fn private_file(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    private(&mut options);
    options.open(path).map(|_| ())
}

/// Who holds a lock, as far as can be read.
pub(crate) fn read_info(path: &Path) -> LockInfo {
    let json: serde_json::Value = std::fs::read(path)
        .ok()
        .and_then(|it| serde_json::from_slice(&it).ok())
        .unwrap_or(serde_json::Value::Null);
    let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
    LockInfo {
        id: text("ID"),
        operation: text("Operation"),
        info: text("Info"),
        who: text("Who"),
        version: text("Version"),
        created: text("Created"),
        path: text("Path"),
    }
}

#[cfg(all(test, target_os = "linux"))]
#[allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic as the tests do"
)]
mod tests {
    use super::*;
    use std::io::{BufRead as _, BufReader};
    use std::os::unix::fs::MetadataExt as _;
    use std::process::{Command, Stdio};

    /// Somebody opens the state file after we looked, and before another takes its place.
    fn replaced_while(is_opened: bool) -> (bool, String) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("terraform.tfstate");
        std::fs::write(&path, "a longer text from before").unwrap();
        let Tried::Held(mut lock) = Lock::take(&path, &LockInfo::default()).unwrap() else {
            panic!("nobody else holds it");
        };
        let before = std::fs::metadata(&path).unwrap().ino();
        lock.will_be_replaced();
        let mut other = None;
        if is_opened {
            let mut child = Command::new("sh")
                .args(["-c", "exec 3<>\"$1\"; echo open; read -r line", "sh"])
                .arg(&path)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut line = String::new();
            let mut said = BufReader::new(child.stdout.take().unwrap());
            said.read_line(&mut line).unwrap();
            assert_eq!(line, "open\n");
            other = Some(child);
        }
        let new = directory.path().join("new");
        std::fs::write(&new, "now").unwrap();
        let file = File::options().read(true).write(true).open(&new).unwrap();
        Lock::extend(&file).unwrap();
        std::fs::rename(&new, &path).unwrap();
        lock.keep(file);
        drop(lock);
        let is_back = std::fs::metadata(&path).unwrap().ino() == before;
        let text = std::fs::read_to_string(&path).unwrap();
        drop(other.as_mut().and_then(|it| it.stdin.take()));
        other.map(|mut it| it.wait());
        let left = std::fs::read_dir(directory.path()).unwrap().count();
        assert_eq!(left, 1, "neither a note nor a second name stays");
        (is_back, text)
    }

    #[test]
    fn a_file_that_was_opened_just_before_comes_back() {
        assert_eq!(replaced_while(true), (true, "now".to_owned()));
        assert_eq!(replaced_while(false), (false, "now".to_owned()));
    }
}
