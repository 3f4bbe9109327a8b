//! The time, randomness, files and names of the real world.

use std::path::{Path, PathBuf};

use value::Value;
use value::function::{CallError, World};

use crate::session::Session;

/// What functions of the language may look at.
pub(crate) struct RealWorld {
    /// The time of the plan; functions that ask for the present get nothing while planning.
    pub plan_time: Option<String>,
    /// Whether changes are being made: `timestamp()` and `uuid()` have values then.
    pub applying: bool,
}

impl World for RealWorld {
    fn read_file(&self, path: &str) -> Result<Vec<u8>, String> {
        let path = allowed(path)?;
        std::fs::read(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
            std::io::ErrorKind::PermissionDenied => "permission to read it is denied".to_owned(),
            _ => error.to_string(),
        })
    }

    fn file_exists(&self, path: &str) -> Result<bool, String> {
        match std::fs::metadata(allowed(path)?) {
            Ok(it) if it.is_file() => Ok(true),
            Ok(it) if it.is_dir() => Err("it is a directory, not a file".to_owned()),
            Ok(_) => Err("it is neither a regular file nor a directory".to_owned()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error.to_string()),
        }
    }

    fn list_files(&self, directory: &str) -> Result<Vec<String>, String> {
        // A link may lead back up: directories that deep are a circle.
        self.list_files_within(directory, 65)
    }

    fn list_files_within(&self, directory: &str, parts: usize) -> Result<Vec<String>, String> {
        fn walk(
            root: &Path,
            at: &Path,
            depth: usize,
            res: &mut Vec<String>,
        ) -> std::io::Result<()> {
            // A link may lead out of the directory that everything must be in.
            if let Some(reason) = crate::restricted::refusal(at) {
                return Err(std::io::Error::other(reason));
            }
            for entry in std::fs::read_dir(at)? {
                let path = entry?.path();
                if path.is_dir() {
                    if depth > 1 {
                        walk(root, &path, depth - 1, res)?;
                    }
                } else if path.is_file()
                    && let Ok(relative) = path.strip_prefix(root)
                {
                    res.push(relative.to_string_lossy().replace('\\', "/"));
                }
            }
            Ok(())
        }
        let root = expand(directory);
        let mut res = Vec::new();
        match walk(&root, &root, parts.min(65), &mut res) {
            Ok(()) => {}
            // What is no directory has no files.
            Err(error)
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
                ) => {}
            Err(error) => return Err(error.to_string()),
        }
        res.sort();
        Ok(res)
    }

    fn absolute(&self, path: &str) -> String {
        let path = Path::new(path);
        let joined = if path.is_absolute() {
            path.to_owned()
        } else {
            std::env::current_dir().unwrap_or_default().join(path)
        };
        let mut res = PathBuf::new();
        for part in joined.components() {
            match part {
                std::path::Component::CurDir => {}
                std::path::Component::ParentDir => {
                    res.pop();
                }
                part => res.push(part),
            }
        }
        res.to_string_lossy().into_owned()
    }

    fn home(&self) -> Option<String> {
        let home = std::env::var("HOME").ok();
        home.filter(|it| !it.is_empty() && !crate::restricted::is_on())
    }

    fn now(&self) -> Option<String> {
        self.applying.then(now)
    }

    fn plan_time(&self) -> Option<String> {
        self.plan_time.clone()
    }

    fn random(&self, bytes: &mut [u8]) -> bool {
        if !self.applying {
            return false;
        }
        random(bytes);
        true
    }

    fn render(&self, name: &str, text: &str, vars: &Value) -> Result<Value, CallError> {
        lang::eval::render(name, text, vars, self)
    }
}

/// The path that a function was given, where it may be read.
fn allowed(path: &str) -> Result<PathBuf, String> {
    let path = expand(path);
    crate::restricted::refusal(&path).map_or(Ok(path), Err)
}

fn expand(path: &str) -> PathBuf {
    match path.strip_prefix("~/").zip(std::env::var_os("HOME")) {
        Some((rest, home)) => Path::new(&home).join(rest),
        None => PathBuf::from(path),
    }
}

/// Random bytes from the operating system.
pub(crate) fn random(bytes: &mut [u8]) {
    use std::io::Read;
    let read = std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(bytes));
    if read.is_err() {
        // Without that device, the hasher's keys, which the standard library draws from the system's randomness.
        use std::hash::{BuildHasher, Hasher};
        for chunk in bytes.chunks_mut(8) {
            let word = std::collections::hash_map::RandomState::new()
                .build_hasher()
                .finish()
                .to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }
}

/// Random bytes for keys; `false` where the system has none, so that nothing is encrypted with guessable ones.
pub(crate) fn secure_random(bytes: &mut [u8]) -> bool {
    getrandom::fill(bytes).is_ok()
}

/// A random UUID (version 4).
pub(crate) fn uuid() -> String {
    let mut bytes = [0u8; 16];
    random(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|it| format!("{it:02x}")).collect();
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

/// A seed from the operating system.
pub(crate) fn seed() -> u64 {
    let mut bytes = [0u8; 8];
    random(&mut bytes);
    u64::from_le_bytes(bytes)
}

/// The present, RFC 3339, UTC, whole seconds.
pub(crate) fn now() -> String {
    let since = since_epoch();
    rfc3339(since.as_secs(), "")
}

/// The present, RFC 3339, UTC, with nanoseconds.
pub(crate) fn now_nanos() -> String {
    let since = since_epoch();
    rfc3339(since.as_secs(), &format!(".{:09}", since.subsec_nanos()))
}

/// The present, RFC 3339, UTC, with microseconds.
pub(crate) fn now_micros() -> String {
    let since = since_epoch();
    rfc3339(since.as_secs(), &format!(".{:06}", since.subsec_micros()))
}

/// A time, RFC 3339, UTC, whole seconds.
pub(crate) fn rfc3339_of(time: std::time::SystemTime) -> String {
    let since = time.duration_since(std::time::UNIX_EPOCH);
    rfc3339(since.unwrap_or_default().as_secs(), "")
}

fn since_epoch() -> std::time::Duration {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default()
}

/// Seconds since 1970 as RFC 3339. The calendar is the proleptic Gregorian one, with March as first month of the year so
/// that the leap day is its last.
fn rfc3339(seconds: u64, fraction: &str) -> String {
    let (days, time) = (seconds / 86400, seconds % 86400);
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 {
        month_index + 3
    } else {
        month_index - 9
    };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}{fraction}Z",
        time / 3600,
        time / 60 % 60,
        time % 60
    )
}

/// `user@host`, for locks.
pub(crate) fn who(session: &Session) -> String {
    let user = session
        .var("USER")
        .or(session.var("LOGNAME"))
        .unwrap_or("unknown")
        .to_owned();
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname")
        .map(|it| it.trim().to_owned())
        .unwrap_or_else(|_| session.var("HOSTNAME").unwrap_or("unknown").to_owned());
    format!("{user}@{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        assert_eq!(rfc3339(0, ""), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(951_782_400, ""), "2000-02-29T00:00:00Z");
        assert_eq!(rfc3339(1_795_485_600, ".5"), "2026-11-24T02:00:00.5Z");
    }

    #[test]
    fn uuids_are_of_version_4() {
        let it = uuid();
        assert_eq!((it.len(), &it[14..15]), (36, "4"));
    }
}
