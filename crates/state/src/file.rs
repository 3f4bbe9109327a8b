//! The state file: version 4 read and written as Terraform does, versions 1 to 3 upgraded.

mod upgrade;
mod v4;

use serde::Deserialize as _;

use crate::Snapshot;

/// Why a text is not a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    /// What kind of trouble, for the title.
    pub kind: FileErrorKind,
    /// What is wrong, in a sentence. Never holds values of attributes.
    pub reason: String,
}

/// What kind of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileErrorKind {
    /// No bytes: a write was cut off.
    Empty,
    /// Not JSON, or cut off, at so many bytes.
    Torn(usize),
    /// JSON, but not a state.
    Invalid,
    /// Written by a newer version of the format.
    Newer,
}

impl FileError {
    fn new(kind: FileErrorKind, reason: impl Into<String>) -> Self {
        Self {
            kind,
            reason: reason.into(),
        }
    }
}

/// The largest file that is read. States of tens of thousands of objects are a tenth of it.
const SIZE_LIMIT: usize = 1 << 30;

/// How deep values may be inside each other.
const DEPTH_LIMIT: usize = 1000;

/// The stack on which a file is read: enough for [`DEPTH_LIMIT`] levels.
const STACK: usize = 4 << 20;

/// Reads a state file of any version.
///
/// A file without bytes is an error, and so is one that was cut off: to take either for an empty state would propose to
/// create everything anew.
pub fn read(bytes: &[u8]) -> Result<Snapshot, FileError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(FileError::new(
            FileErrorKind::Empty,
            "the file is empty, so that a write of it was cut off; an empty state is never written that way.",
        ));
    }
    if bytes.len() > SIZE_LIMIT {
        return Err(FileError::new(
            FileErrorKind::Invalid,
            "the file has more than a gigabyte.",
        ));
    }
    if depth(bytes) > DEPTH_LIMIT {
        return Err(FileError::new(
            FileErrorKind::Invalid,
            format!("the file has values inside each other more than {DEPTH_LIMIT} levels deep."),
        ));
    }
    // A value that is 60 lists deep has a type of twice that depth, which is more than serde_json takes by itself.
    let parsed = stacker::maybe_grow(STACK, STACK, || {
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        reader.disable_recursion_limit();
        let json = serde_json::Value::deserialize(&mut reader)?;
        reader.end().map(|()| json)
    });
    let json = parsed.map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        let lines = bytes.split_inclusive(|it| *it == b'\n');
        let before: usize = lines
            .take(error.line().saturating_sub(1))
            .map(<[u8]>::len)
            .sum();
        let kind = FileErrorKind::Torn(before + error.column());
        if error.is_eof() {
            FileError::new(
                kind,
                format!("the file ends in the middle ({place}): a write of it was cut off."),
            )
        } else {
            FileError::new(kind, format!("the file is not JSON ({place})."))
        }
    })?;
    let Some(object) = json.as_object() else {
        return Err(FileError::new(
            FileErrorKind::Invalid,
            "the file is JSON, but not a state: it holds no object.",
        ));
    };
    match object.get("version").and_then(serde_json::Value::as_u64) {
        Some(4) => v4::read(&json),
        Some(version @ 1..=3) => v4::read(&upgrade::to_v4(json, version)?),
        Some(version) if version > 4 => Err(FileError::new(
            FileErrorKind::Newer,
            format!(
                "the file has version {version} of the state format, and this dokplan reads versions 1 to 4: a newer tool wrote it."
            ),
        )),
        _ => Err(FileError::new(
            FileErrorKind::Invalid,
            "the file is JSON, but not a state: the member \"version\" is missing or is not a version.",
        )),
    }
}

/// How deep brackets are inside each other, strings aside.
fn depth(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in bytes {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'{' | b'[') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The bytes of a state file of version 4, with the layout of Terraform's.
pub fn write(snapshot: &Snapshot) -> Vec<u8> {
    v4::write(snapshot)
}

/// An object as the file holds it, for the journal.
pub(crate) fn object_json(object: &crate::Object) -> serde_json::Value {
    v4::write_object(&addr::Key::None, None, object)
}

/// The object that [`object_json`] wrote.
pub(crate) fn object_of_json(json: &serde_json::Value) -> Result<crate::Object, FileError> {
    v4::object_of(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> FileErrorKind {
        read(text.as_bytes()).unwrap_err().kind
    }

    #[test]
    fn broken_files_are_errors_never_empty_states() {
        assert_eq!(kind(""), FileErrorKind::Empty);
        assert_eq!(kind(" \n"), FileErrorKind::Empty);
        assert_eq!(kind("{\"version\": 4, \"resou"), FileErrorKind::Torn(21));
        assert_eq!(kind("not json"), FileErrorKind::Torn(2));
        assert_eq!(kind("{\n  \"a\": x}"), FileErrorKind::Torn(10));
        assert_eq!(kind("[]"), FileErrorKind::Invalid);
        assert_eq!(kind("{}"), FileErrorKind::Invalid);
        assert_eq!(kind("{\"version\": 5}"), FileErrorKind::Newer);
        assert_eq!(kind(&"[".repeat(100_000)), FileErrorKind::Invalid);
    }

    #[test]
    fn deep_values_are_read_back() {
        let deep = format!("{}{}", "[".repeat(450), "]".repeat(450));
        let file = format!(
            r#"{{"version": 4, "resources": [{{"mode": "managed", "type": "t", "name": "a",
            "provider": "provider[\"terraform.io/builtin/terraform\"]",
            "instances": [{{"schema_version": 0, "attributes": {{"x": {deep}}}}}]}}]}}"#
        );
        let snapshot = read(file.as_bytes()).unwrap();
        assert_eq!(read(&write(&snapshot)).unwrap(), snapshot);
    }

    #[test]
    fn no_cut_of_a_file_panics_or_passes() {
        let whole = include_bytes!("../../../testdata/state/v4/deposed-tainted-deep.json");
        for cut in (0..whole.len() - 3).step_by(1997) {
            assert!(read(&whole[..cut]).is_err(), "cut at {cut}");
        }
    }
}
