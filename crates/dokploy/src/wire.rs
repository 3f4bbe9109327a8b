//! Values to JSON and back, field by field. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value as Json;
use value::{Number, Type, Value};

use crate::table::{Kind, Literal, Same};

/// The type of values of a field.
pub(crate) fn type_of(kind: Kind) -> Type {
    match kind {
        Kind::Text | Kind::Json | Kind::Words => Type::String,
        Kind::Whole | Kind::Digits => Type::Number,
        Kind::Flag => Type::Bool,
        Kind::Texts => Type::list(Type::String),
        Kind::Env | Kind::Map => Type::map(Type::String),
    }
}

/// The value that a table holds.
pub(crate) fn literal(literal: Literal) -> Value {
    match literal {
        Literal::Text(it) => Value::from(it),
        Literal::Whole(it) => Value::from(it),
        Literal::Flag(it) => Value::from(it),
        Literal::NoTexts => Value::list(Type::String, Vec::new()),
        Literal::NoEntries => Value::map(Type::String, BTreeMap::new()),
    }
}

/// What is sent for a value that a table holds.
pub(crate) fn literal_json(literal: Literal) -> Json {
    match literal {
        Literal::Text(it) => Json::from(it),
        Literal::Whole(it) => Json::from(it),
        Literal::Flag(it) => Json::from(it),
        Literal::NoTexts => Json::Array(Vec::new()),
        Literal::NoEntries => Json::Object(serde_json::Map::new()),
    }
}

/// What is sent for a value; `None` for null, unknown and what is not of the kind.
pub(crate) fn sent(value: &Value, kind: Kind) -> Option<Json> {
    match kind {
        Kind::Text => value.as_str().map(Json::from),
        Kind::Whole => value.as_number().map(|it| {
            // A number beyond 64 bits is no number to Dokploy; it will say so.
            it.to_i64()
                .map_or_else(|| Json::from(it.to_f64()), Json::from)
        }),
        Kind::Digits => value.as_number().map(|it| Json::from(it.to_string())),
        Kind::Json => value
            .as_str()
            .map(|it| serde_json::from_str(it).unwrap_or_else(|_| Json::from(it))),
        Kind::Words => value.as_str().map(|it| {
            let list: Option<Vec<String>> = serde_json::from_str(it).ok();
            let words = || it.split_whitespace().map(Json::from).collect();
            list.map_or_else(words, Json::from)
        }),
        Kind::Env => value.entries().map(|it| Json::from(env_text(it))),
        Kind::Map => value.entries().map(|it| {
            let texts = it
                .iter()
                .filter_map(|(name, it)| Some((name.to_string(), it.as_str()?)));
            Json::Object(texts.map(|(name, it)| (name, Json::from(it))).collect())
        }),
        Kind::Flag => value.as_bool().map(Json::from),
        Kind::Texts => {
            let elements = value.elements()?;
            let texts = elements.iter().filter_map(Value::as_str);
            Some(Json::Array(texts.map(Json::from).collect()))
        }
    }
}

/// The value of an answered field; null where there is none or it is of another kind.
pub(crate) fn answered(json: &Json, kind: Kind) -> Value {
    let null = || Value::null(type_of(kind));
    match (kind, json) {
        (Kind::Text, Json::String(it)) => Value::from(it.as_str()),
        // Some versions answer numbers where others answer texts.
        (Kind::Text, Json::Number(it)) => Value::from(it.to_string()),
        (Kind::Whole, Json::Number(it)) => {
            Number::parse(&it.to_string()).map_or_else(null, Value::from)
        }
        (Kind::Whole | Kind::Digits, Json::String(it)) => {
            Number::parse(it).map_or_else(null, Value::from)
        }
        (Kind::Digits, Json::Number(it)) => {
            Number::parse(&it.to_string()).map_or_else(null, Value::from)
        }
        (Kind::Json, Json::Null) => null(),
        (Kind::Json, it) => Value::from(it.to_string()),
        (Kind::Words, Json::Array(elements)) => {
            let texts: Vec<&str> = elements.iter().filter_map(Json::as_str).collect();
            Value::from(texts.join(" "))
        }
        (Kind::Env, Json::Null) => Value::map(Type::String, BTreeMap::new()),
        (Kind::Env, Json::String(it)) => Value::map(Type::String, env_map(it)),
        (Kind::Map, Json::Object(members)) => {
            let texts = members
                .iter()
                .filter_map(|(name, it)| Some((name, it.as_str()?)));
            let entries = texts.map(|(name, it)| (Arc::from(name.as_str()), Value::from(it)));
            Value::map(Type::String, entries.collect())
        }
        (Kind::Flag, Json::Bool(it)) => Value::from(*it),
        (Kind::Texts, Json::Array(elements)) => {
            let texts = elements.iter().filter_map(Json::as_str);
            Value::list(Type::String, texts.map(Value::from).collect())
        }
        _ => null(),
    }
}

/// Lines `NAME=value` in the order of the names. A value of several lines stands in double quotes.
fn env_text(variables: &BTreeMap<Arc<str>, Value>) -> String {
    let lines = variables.iter().filter_map(|(name, value)| {
        let value = value.as_str()?;
        Some(if value.contains('\n') {
            format!("{name}=\"{value}\"")
        } else {
            format!("{name}={value}")
        })
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The variables of a text: comments and lines without `=` are passed over.
fn env_map(text: &str) -> BTreeMap<Arc<str>, Value> {
    let mut res = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some((name, value)) = line.trim().split_once('=') else {
            continue;
        };
        let name = name.trim();
        if name.is_empty() || name.starts_with('#') {
            continue;
        }
        let mut value = value.trim().to_owned();
        let is_open = |it: &str| it.strip_prefix('"').is_some_and(|it| !it.contains('"'));
        if is_open(&value) {
            let mut whole = value.clone();
            let mut rest = lines.clone();
            while is_open(&whole) {
                let Some(next) = rest.next() else { break };
                whole.push('\n');
                whole.push_str(next);
            }
            if let Some(inner) = whole.strip_prefix('"').and_then(|it| it.strip_suffix('"')) {
                inner.clone_into(&mut value);
                lines = rest;
            }
        }
        res.insert(Arc::from(name), Value::from(value));
    }
    res
}

/// Whether two known values of a field mean the same.
pub(crate) fn is_same(same: Same, a: &Value, b: &Value) -> bool {
    if a == b {
        return true;
    }
    if a.is_null() && b.is_null() {
        return true;
    }
    match same {
        Same::Exactly => false,
        Same::EmptyIsNull => is_empty(a) && is_empty(b),
        Same::Trimmed | Same::TrimmedKept => match (a.as_str(), b.as_str()) {
            (Some(a), Some(b)) => a.trim() == b.trim(),
            _ => false,
        },
        Same::Anything => a.as_str().is_some() && b.as_str().is_some(),
        Same::RootIsNull => is_root(a) && is_root(b),
        Same::AnyOrder => {
            let texts = |it: &Value| -> Option<BTreeSet<String>> {
                let elements = it.elements()?.iter();
                elements.map(|it| it.as_str().map(str::to_owned)).collect()
            };
            texts(a).is_some_and(|it| Some(it) == texts(b))
        }
        Same::RelativePath => match (a.as_str(), b.as_str()) {
            (Some(a), Some(b)) => {
                a.strip_prefix("./").unwrap_or(a) == b.strip_prefix("./").unwrap_or(b)
            }
            _ => is_empty(a) && is_empty(b),
        },
        Same::Json => match (a.as_str(), b.as_str()) {
            (Some(a), Some(b)) => {
                let parsed = |it| serde_json::from_str::<Json>(it).ok();
                // Members have no order.
                parsed(a)
                    .map(sorted)
                    .is_some_and(|it| Some(it) == parsed(b).map(sorted))
            }
            _ => is_empty(a) && is_empty(b),
        },
        Same::WithSuffix => match (a.as_str(), b.as_str()) {
            (Some(a), Some(b)) => is_suffixed(a, b) || is_suffixed(b, a),
            _ => false,
        },
    }
}

/// Whether a text is a name with what Dokploy appends to it.
fn is_suffixed(name: &str, text: &str) -> bool {
    let rest = text.strip_prefix(&name.trim().to_lowercase());
    let suffix = rest.and_then(|it| it.strip_prefix('-'));
    suffix.is_some_and(|it| it.len() == 6 && it.bytes().all(|it| it.is_ascii_alphanumeric()))
}

/// Whether it is null, the empty text, or a list or a map of nothing.
pub(crate) fn is_empty(value: &Value) -> bool {
    value.is_null()
        || value.as_str().is_some_and(str::is_empty)
        || value.elements().is_some_and(<[Value]>::is_empty)
        || value.entries().is_some_and(BTreeMap::is_empty)
}

fn is_root(value: &Value) -> bool {
    is_empty(value) || value.as_str() == Some("/")
}

/// JSON with the members of its objects in order; no deeper than a parser goes.
fn sorted(json: Json) -> Json {
    match json {
        Json::Object(members) => {
            let mut members: Vec<(String, Json)> = members
                .into_iter()
                .map(|(name, it)| (name, sorted(it)))
                .collect();
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            Json::Object(members.into_iter().collect())
        }
        Json::Array(elements) => Json::Array(elements.into_iter().map(sorted).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use value::{Type, Value};

    use super::{answered, is_same, sent};
    use crate::table::{Kind, Same};

    #[test]
    fn values_go_to_json_and_back() {
        for (kind, json) in [
            (Kind::Text, json!("a")),
            (Kind::Text, json!("")),
            (Kind::Whole, json!(22)),
            (Kind::Flag, json!(false)),
            (Kind::Texts, json!(["b", "a"])),
        ] {
            assert_eq!(sent(&answered(&json, kind), kind), Some(json));
        }
    }

    #[test]
    fn what_is_not_of_the_kind_is_null() {
        for (kind, json) in [
            (Kind::Text, json!(null)),
            (Kind::Text, json!({})),
            (Kind::Whole, json!(true)),
            (Kind::Flag, json!("true")),
        ] {
            let value = answered(&json, kind);
            assert!(value.is_null(), "{json}");
            assert_eq!(sent(&value, kind), None);
        }
    }

    #[test]
    fn variables_go_to_text_and_back() {
        let text = "A=1\nB=\"x\ny\"\nC=a=b";
        let value = answered(&json!(text), Kind::Env);
        assert_eq!(value.get("B"), Some("x\ny".into()));
        assert_eq!(value.get("C"), Some("a=b".into()));
        assert_eq!(sent(&value, Kind::Env), Some(json!(text)));
        let messy = answered(&json!("# c=d\n\n X = 1 \nnothing\nQ=\"open"), Kind::Env);
        let names: Vec<&str> = messy.entries().unwrap().keys().map(|it| &**it).collect();
        assert_eq!(names, ["Q", "X"]);
    }

    #[test]
    fn sameness() {
        let null = || Value::null(Type::String);
        let list =
            |of: &[&str]| Value::list(Type::String, of.iter().map(|it| Value::from(*it)).collect());
        for (same, a, b, expected) in [
            (Same::Exactly, "a".into(), "a".into(), true),
            (Same::Exactly, "".into(), null(), false),
            (Same::EmptyIsNull, "".into(), null(), true),
            (Same::EmptyIsNull, "a".into(), null(), false),
            (Same::Trimmed, "a\n".into(), "a".into(), true),
            (Same::TrimmedKept, "a\n".into(), " a".into(), true),
            (Same::Trimmed, "".into(), null(), false),
            (Same::AnyOrder, list(&["a", "b"]), list(&["b", "a"]), true),
            (Same::AnyOrder, list(&["a"]), list(&["a", "b"]), false),
            (
                Same::AnyOrder,
                list(&[]),
                Value::null(Type::list(Type::String)),
                false,
            ),
            (
                Same::WithSuffix,
                "My-app".into(),
                "my-app-bpifxe".into(),
                true,
            ),
            (
                Same::WithSuffix,
                "my-app-bpifxe".into(),
                "my-app".into(),
                true,
            ),
            (Same::WithSuffix, "my".into(), "my-app-bpifxe".into(), false),
            (Same::WithSuffix, "my-app".into(), "my-apps".into(), false),
        ] {
            assert_eq!(is_same(same, &a, &b), expected, "{a:?} {b:?}");
        }
    }
}
