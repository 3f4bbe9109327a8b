//! Notes in a resource's private data, which is JSON of ours: each has a member. Pure.

use provider::Private;
use serde_json::{Map, Value as Json};

fn members(private: &Private) -> Map<String, Json> {
    let json = private
        .as_deref()
        .and_then(|it| serde_json::from_slice(it).ok());
    match json {
        Some(Json::Object(members)) => members,
        _ => Map::new(),
    }
}

/// A note, if it is there.
pub(crate) fn get(private: &Private, name: &str) -> Option<Json> {
    members(private).shift_remove(name)
}

/// The data with a note.
pub(crate) fn with(private: &Private, name: &str, value: Json) -> Vec<u8> {
    let mut members = members(private);
    members.insert(name.to_owned(), value);
    Json::Object(members).to_string().into_bytes()
}

/// The data without a note; as it was where the note is not there.
pub(crate) fn without(private: Private, name: &str) -> Private {
    let mut members = members(&private);
    if members.shift_remove(name).is_none() {
        return private;
    }
    (!members.is_empty()).then(|| Json::Object(members).to_string().into_bytes())
}
