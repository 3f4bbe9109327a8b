//! `TF_LOG`: what happens inside, for whoever looks for a mistake. Off unless asked for.
//!
//! What is logged says what was asked, of whom, and how that ended; never what was sent or answered, as both hold secrets.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

/// The levels, and what they let through.
const LEVELS: &[(&str, &str)] = &[
    ("TRACE", "trace"),
    ("DEBUG", "debug"),
    ("INFO", "info"),
    ("WARN", "warn"),
    ("ERROR", "error"),
    ("JSON", "trace"),
];

/// Starts the log that `TF_LOG` asks for (`TF_LOG_PROVIDER` counts too), into the file of `TF_LOG_PATH` or on standard
/// error. Gives a complaint where that is not possible.
pub(crate) fn start(env: &BTreeMap<String, String>) -> Option<String> {
    let asked = ["TF_LOG", "TF_LOG_PROVIDER", "TF_LOG_CORE"]
        .iter()
        .find_map(|it| env.get(*it).filter(|it| !it.is_empty()))?;
    let asked = asked.to_uppercase();
    if asked == "OFF" {
        return None;
    }
    let level = LEVELS.iter().find(|(name, _)| *name == asked);
    // As the reference: a level that is none means all.
    let level = level.map_or("trace", |(_, it)| *it);
    let mut complaint = None;
    let path = env.get("TF_LOG_PATH").filter(|it| !it.is_empty());
    let writer = match path.map(|it| open(it)) {
        Some(Ok(file)) => BoxMakeWriter::new(Mutex::new(file)),
        Some(Err(error)) => {
            complaint = Some(format!(
                "The log cannot be written to the file of TF_LOG_PATH: {error}. It goes to standard error."
            ));
            BoxMakeWriter::new(std::io::stderr)
        }
        None => BoxMakeWriter::new(std::io::stderr),
    };
    // Of others, only what went wrong: libraries do not know what is a secret.
    let filter = EnvFilter::new(format!("error,dokplan={level},dokploy={level}"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(writer);
    let started = if asked == "JSON" {
        builder.json().try_init()
    } else {
        builder.try_init()
    };
    // There is a log already where commands run in one process, as in tests.
    drop(started);
    complaint
}

fn open(path: &str) -> std::io::Result<std::fs::File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}
