//! The file of a sandbox: read whole, written whole, never half. And a journal beside it, so that each change is kept
//! at once without writing the whole: a process that is killed in the middle of an apply leaves a sandbox that knows
//! what was done, as a real server would.

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::ops::Deref;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::message::Request;
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

/// A simulator whose content is kept in a file: each change goes to a journal at once, and all of it to the file by
/// [`close`](Sandbox::close), or at the next [`open`]. One process at a time.
#[derive(Debug)]
pub struct Sandbox {
    sim: Sim,
    path: PathBuf,
}

impl Deref for Sandbox {
    type Target = Sim;

    fn deref(&self) -> &Sim {
        &self.sim
    }
}

/// Opens the sandbox that a file and its journal hold; a new one if there are none. Writes the file, so that a
/// directory that cannot be written is known before anything is done.
pub fn open(settings: Settings, path: &Path) -> Result<Sandbox, PersistError> {
    let sim = load(settings, path)?;
    save(&sim, path)?;
    let journal = journal_path(path);
    let error = |it| PersistError::Io(journal.clone(), it);
    let mut file = create(&journal).map_err(error)?;
    sim.set_journal(move |number, request| {
        let line = line_of(number, request).to_string() + "\n";
        // There is nobody to tell here; `close` writes the whole content, and tells if that fails too.
        let _ = file.write_all(line.as_bytes());
    });
    Ok(Sandbox {
        sim,
        path: path.to_owned(),
    })
}

impl Sandbox {
    /// The simulator, for those who need a handle of their own.
    pub fn sim(&self) -> Sim {
        self.sim.clone()
    }

    /// Writes the content to the file and removes the journal.
    pub fn close(self) -> Result<(), PersistError> {
        save(&self.sim, &self.path)?;
        let journal = journal_path(&self.path);
        match fs::remove_file(&journal) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(PersistError::Io(journal, error))
            }
            _ => Ok(()),
        }
    }
}

/// The simulator whose content a file and its journal hold; a new one if there is no such file.
pub fn load(settings: Settings, path: &Path) -> Result<Sim, PersistError> {
    let sim = match read(path)? {
        Some(json) => {
            Sim::load(settings, &json).map_err(|it| PersistError::Content(path.to_owned(), it))?
        }
        None => return Ok(Sim::new(settings)),
    };
    let journal = read(&journal_path(path))?.unwrap_or_default();
    // The last line may be torn; what was torn was not answered yet.
    for (number, request) in journal.lines().map_while(request_of) {
        sim.repeat(number, &request);
    }
    Ok(sim)
}

/// Writes the content of a simulator to a file that only its owner can read (it holds keys and passwords), through
/// a temporary file beside it, so that a crash leaves the old or the new content. Makes the directory if needed.
pub fn save(sim: &Sim, path: &Path) -> Result<(), PersistError> {
    write(path, sim.save().as_bytes()).map_err(|it| PersistError::Io(path.to_owned(), it))
}

/// Where the changes are that the file does not hold yet.
fn journal_path(path: &Path) -> PathBuf {
    with_suffix(path, ".journal")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    path.with_file_name(name)
}

/// A change as a line of the journal.
fn line_of(number: u64, request: &Request) -> Value {
    json!({
        "change": number,
        "path": request.path,
        "key": request.header("x-api-key"),
        "type": request.header("content-type"),
        "body": String::from_utf8_lossy(&request.body),
    })
}

fn request_of(line: &str) -> Option<(u64, Request)> {
    let line: Value = serde_json::from_str(line).ok()?;
    let text = |name: &str| line.get(name).and_then(Value::as_str);
    let mut request = Request::get(text("path")?, "");
    "POST".clone_into(&mut request.method);
    text("body")?.as_bytes().clone_into(&mut request.body);
    for (header, name) in [("x-api-key", "key"), ("content-type", "type")] {
        if let Some(value) = text(name) {
            request.headers.push((header.to_owned(), value.to_owned()));
        }
    }
    Some((line.get("change")?.as_u64()?, request))
}

/// The text of a file; none if there is no such file.
fn read(path: &Path) -> Result<Option<String>, PersistError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(PersistError::Io(path.to_owned(), error)),
    }
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(directory) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
        fs::create_dir_all(directory)?;
    }
    let temporary = with_suffix(path, &format!(".{}.tmp", std::process::id()));
    let written = write_new(&temporary, content).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // What matters is the first error; that the leftover may stay is no news on top of it.
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = create(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// An empty file that only its owner can read.
fn create(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}
