//! A value to and from JSON of a known type, as state files hold it; and without a type, as `jsonencode` writes it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::{Number, ObjectType, Path, Plain, Type, Value, walk};

/// Why JSON is not a value of the type.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonError {
    /// Where.
    pub path: Path,
    /// Why, without values.
    pub reason: String,
}

impl std::fmt::Display for JsonError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.path.0.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.reason)
    }
}

/// The value that JSON holds, of a type. Where the type is [`Type::Dynamic`], `{"type": …, "value": …}`.
///
/// Attributes that are missing are null; others than those of the type are an error.
pub fn from_json(json: &Json, ty: &Type) -> Result<Value, JsonError> {
    read(json, ty, &mut Path::root())
}

fn read(json: &Json, ty: &Type, path: &mut Path) -> Result<Value, JsonError> {
    let wrong = |path: &Path, what: &str| JsonError {
        path: path.clone(),
        reason: format!("{what} is required"),
    };
    match (ty, json) {
        (Type::Dynamic, Json::Object(entries)) => {
            let ty = entries.get("type").and_then(type_from_json);
            let (Some(ty), Some(value)) = (ty, entries.get("value")) else {
                return Err(wrong(path, "an object with \"type\" and \"value\""));
            };
            if ty == Type::Dynamic {
                return match value {
                    Json::Null => Ok(Value::null(Type::Dynamic)),
                    _ => Err(wrong(path, "a type that is known")),
                };
            }
            read(value, &ty, path)
        }
        (_, Json::Null) => Ok(Value::null(ty.without_optional())),
        (Type::Bool, Json::Bool(it)) => Ok(Value::from(*it)),
        (Type::Bool, Json::String(text)) => match text.as_str() {
            "true" => Ok(Value::from(true)),
            "false" => Ok(Value::from(false)),
            _ => Err(wrong(path, "a bool")),
        },
        (Type::Number, Json::Number(it)) => number(it)
            .map(Value::from)
            .ok_or_else(|| wrong(path, "a number")),
        (Type::Number, Json::String(text)) => Number::parse(text)
            .map(Value::from)
            .ok_or_else(|| wrong(path, "a number")),
        (Type::String, Json::String(text)) => Ok(Value::from(text.as_str())),
        (Type::String, Json::Number(it)) => Ok(Value::from(it.to_string())),
        (Type::String, Json::Bool(it)) => Ok(Value::from(it.to_string())),
        (Type::List(element), Json::Array(values)) => {
            let element = element.without_optional();
            let values = read_list(values, |_| Some(&element), path)?;
            Ok(Value::list(element, values))
        }
        (Type::Set(element), Json::Array(values)) => {
            let element = element.without_optional();
            let values = read_list(values, |_| Some(&element), path)?;
            Ok(Value::set(element, values))
        }
        (Type::Tuple(elements), Json::Array(values)) => {
            if elements.len() != values.len() {
                return Err(JsonError {
                    path: path.clone(),
                    reason: format!(
                        "{} elements are required, not {}",
                        elements.len(),
                        values.len()
                    ),
                });
            }
            Ok(Value::tuple(read_list(
                values,
                |at| elements.get(at),
                path,
            )?))
        }
        (Type::Map(element), Json::Object(entries)) => {
            let element = element.without_optional();
            let mut values = BTreeMap::new();
            for (name, json) in entries {
                let value = inside(
                    path,
                    |path| path.index(name.as_str()),
                    |path| read(json, &element, path),
                )?;
                values.insert(key(name), value);
            }
            Ok(Value::map(element, values))
        }
        (Type::Object(object), Json::Object(entries)) => {
            let mut values = BTreeMap::new();
            for (name, json) in entries {
                let name = key(name);
                let Some(ty) = object.attributes.get(&name) else {
                    return Err(JsonError {
                        path: path.clone(),
                        reason: format!("unsupported attribute {}", crate::show::quoted(&name)),
                    });
                };
                let value = inside(path, |path| path.attr(&name), |path| read(json, ty, path))?;
                values.insert(name, value);
            }
            for (name, ty) in &object.attributes {
                if !values.contains_key(name) {
                    values.insert(name.clone(), Value::null(ty.without_optional()));
                }
            }
            Ok(Value::new(Plain::Object(Arc::new(values))))
        }
        (Type::Dynamic, _) => Err(wrong(path, "an object with \"type\" and \"value\"")),
        (Type::Bool, _) => Err(wrong(path, "a bool")),
        (Type::Number, _) => Err(wrong(path, "a number")),
        (Type::String, _) => Err(wrong(path, "a string")),
        (Type::List(_) | Type::Set(_) | Type::Tuple(_), _) => Err(wrong(path, "an array")),
        (Type::Map(_) | Type::Object(_), _) => Err(wrong(path, "an object")),
    }
}

fn read_list<'a>(
    values: &[Json],
    ty: impl Fn(usize) -> Option<&'a Type>,
    path: &mut Path,
) -> Result<Vec<Value>, JsonError> {
    let mut res = Vec::with_capacity(values.len());
    for (at, json) in values.iter().enumerate() {
        let ty = ty(at).unwrap_or(&Type::Dynamic);
        res.push(inside(
            path,
            |path| path.at(at),
            |path| read(json, ty, path),
        )?);
    }
    Ok(res)
}

/// Does something one step further, and steps back.
fn inside<T>(
    path: &mut Path,
    step: impl FnOnce(Path) -> Path,
    work: impl FnOnce(&mut Path) -> T,
) -> T {
    *path = step(std::mem::take(path));
    let res = work(path);
    path.0.pop();
    res
}

fn number(json: &serde_json::Number) -> Option<Number> {
    Number::parse(json.as_str())
}

/// A name as values have it, in NFC.
fn key(name: &str) -> Arc<str> {
    match Value::from(name).split().0 {
        Plain::String(text) => text,
        _ => name.into(),
    }
}

/// The value that JSON has by itself: objects, tuples, strings, numbers, bools; null is null of any type.
pub fn from_plain_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::null(Type::Dynamic),
        Json::Bool(it) => Value::from(*it),
        Json::Number(it) => number(it).map_or_else(|| Value::null(Type::Number), Value::from),
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(values) => Value::tuple(values.iter().map(from_plain_json).collect()),
        Json::Object(entries) => Value::object(
            entries
                .iter()
                .map(|(name, it)| (key(name), from_plain_json(it))),
        ),
    }
}

/// The JSON of a wholly known value, marks ignored. Where `ty` is [`Type::Dynamic`], `{"type": …, "value": …}`.
///
/// What JSON cannot hold (unknowns, infinities) becomes null: see [`check`].
pub fn to_json(value: &Value, ty: &Type) -> Json {
    let (plain, _) = value.peek();
    match (plain, ty) {
        (Plain::Null(Type::Dynamic), Type::Dynamic) => Json::Null,
        (_, Type::Dynamic) => {
            let ty = value.ty();
            let mut res = serde_json::Map::new();
            res.insert("value".to_owned(), to_json_of(value, &ty));
            res.insert("type".to_owned(), type_to_json(&ty));
            Json::Object(res)
        }
        _ => to_json_of(value, ty),
    }
}

fn to_json_of(value: &Value, ty: &Type) -> Json {
    match (value.peek().0, ty) {
        (
            Plain::List(_, values) | Plain::Set(_, values),
            Type::List(element) | Type::Set(element),
        ) => values.iter().map(|it| to_json(it, element)).collect(),
        (Plain::Tuple(values), Type::Tuple(elements)) => values
            .iter()
            .zip(elements.iter())
            .map(|(it, ty)| to_json(it, ty))
            .collect(),
        (Plain::Map(_, values), Type::Map(element)) => Json::Object(
            values
                .iter()
                .map(|(name, it)| (name.to_string(), to_json(it, element)))
                .collect(),
        ),
        (Plain::Object(values), Type::Object(object)) => Json::Object(
            values
                .iter()
                .map(|(name, it)| {
                    let json = match object.attributes.get(name) {
                        Some(ty) => to_json(it, ty),
                        None => plain_json(it),
                    };
                    (name.to_string(), json)
                })
                .collect(),
        ),
        _ => plain_json(value),
    }
}

/// The JSON of a value without type wrappers (`output -json`, `show -json`); unknowns become null.
pub fn plain_json(value: &Value) -> Json {
    match value.peek().0 {
        Plain::Unknown(_) | Plain::Null(_) => Json::Null,
        Plain::Bool(it) => Json::Bool(*it),
        Plain::Number(it) => it.to_json().map_or(Json::Null, Json::Number),
        Plain::String(text) => Json::String(text.to_string()),
        Plain::List(_, values) | Plain::Set(_, values) | Plain::Tuple(values) => {
            values.iter().map(plain_json).collect()
        }
        Plain::Map(_, values) | Plain::Object(values) => Json::Object(
            values
                .iter()
                .map(|(name, it)| (name.to_string(), plain_json(it)))
                .collect(),
        ),
    }
}

/// The text that `jsonencode` gives: no spaces, keys sorted, `<`, `>`, `&` and some more escaped, numbers in plain form.
///
/// What JSON cannot hold (unknowns, infinities) becomes null: see [`check`].
pub fn to_json_text(value: &Value) -> String {
    let mut res = String::new();
    write_text(value, &mut res);
    res
}

fn write_text(value: &Value, to: &mut String) {
    match value.peek().0 {
        Plain::Unknown(_) | Plain::Null(_) => to.push_str("null"),
        Plain::Bool(it) => to.push_str(if *it { "true" } else { "false" }),
        Plain::Number(it) if it.is_infinite() => to.push_str("null"),
        Plain::Number(it) => to.push_str(&it.to_string()),
        Plain::String(text) => write_string(text, to),
        Plain::List(_, values) | Plain::Set(_, values) | Plain::Tuple(values) => {
            to.push('[');
            for (at, value) in values.iter().enumerate() {
                if at > 0 {
                    to.push(',');
                }
                write_text(value, to);
            }
            to.push(']');
        }
        Plain::Map(_, values) | Plain::Object(values) => {
            to.push('{');
            for (at, (name, value)) in values.iter().enumerate() {
                if at > 0 {
                    to.push(',');
                }
                write_string(name, to);
                to.push(':');
                write_text(value, to);
            }
            to.push('}');
        }
    }
}

/// A JSON string as Go writes it: safe to stand inside HTML and scripts.
pub fn write_string(text: &str, to: &mut String) {
    to.push('"');
    for letter in text.chars() {
        match letter {
            '"' => to.push_str("\\\""),
            '\\' => to.push_str("\\\\"),
            '\n' => to.push_str("\\n"),
            '\r' => to.push_str("\\r"),
            '\t' => to.push_str("\\t"),
            '\u{8}' => to.push_str("\\b"),
            '\u{c}' => to.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                to.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            _ => to.push(letter),
        }
    }
    to.push('"');
}

/// Whether JSON can hold a value: an error where something in it is unknown or infinite.
pub fn check(value: &Value) -> Result<(), JsonError> {
    let mut found = None;
    walk::visit(value, &mut |path, it| {
        let reason = match it.peek().0 {
            Plain::Unknown(_) => Some("the value is not known yet"),
            Plain::Number(it) if it.is_infinite() => Some("JSON has no infinite numbers"),
            _ => None,
        };
        if let (Some(reason), None) = (reason, &found) {
            found = Some(JsonError {
                path: path.clone(),
                reason: reason.to_owned(),
            });
        }
        found.is_none()
    });
    found.map_or(Ok(()), Err)
}

/// A type as JSON: `"string"`, `["list","string"]`, `["object",{"a":"number"}]`.
pub fn type_to_json(ty: &Type) -> Json {
    let pair = |kind: &str, of: Json| Json::Array(vec![kind.into(), of]);
    match ty {
        Type::Dynamic => "dynamic".into(),
        Type::Bool => "bool".into(),
        Type::Number => "number".into(),
        Type::String => "string".into(),
        Type::List(element) => pair("list", type_to_json(element)),
        Type::Set(element) => pair("set", type_to_json(element)),
        Type::Map(element) => pair("map", type_to_json(element)),
        Type::Tuple(elements) => pair("tuple", elements.iter().map(type_to_json).collect()),
        Type::Object(object) => {
            let attributes = object
                .attributes
                .iter()
                .map(|(name, ty)| (name.to_string(), type_to_json(ty)))
                .collect();
            let mut res = vec!["object".into(), Json::Object(attributes)];
            if !object.optional.is_empty() {
                res.push(object.optional.iter().map(|it| &**it).collect());
            }
            Json::Array(res)
        }
    }
}

/// A type from its JSON.
pub fn type_from_json(json: &Json) -> Option<Type> {
    if let Some(name) = json.as_str() {
        return match name {
            "dynamic" => Some(Type::Dynamic),
            "bool" => Some(Type::Bool),
            "number" => Some(Type::Number),
            "string" => Some(Type::String),
            _ => None,
        };
    }
    let parts = json.as_array()?;
    let kind = parts.first()?.as_str()?;
    let of = parts.get(1)?;
    if kind != "object" && parts.len() != 2 {
        return None;
    }
    match kind {
        "list" => type_from_json(of).map(Type::list),
        "set" => type_from_json(of).map(Type::set),
        "map" => type_from_json(of).map(Type::map),
        "tuple" => {
            let elements: Option<Vec<Type>> = of.as_array()?.iter().map(type_from_json).collect();
            elements.map(Type::tuple)
        }
        "object" => {
            let mut object = ObjectType::default();
            for (name, ty) in of.as_object()? {
                object.attributes.insert(key(name), type_from_json(ty)?);
            }
            if let Some(optional) = parts.get(2) {
                for name in optional.as_array()? {
                    let name = key(name.as_str()?);
                    if !object.attributes.contains_key(&name) {
                        return None;
                    }
                    object.optional.insert(name);
                }
            }
            (parts.len() <= 3).then(|| Type::Object(Arc::new(object)))
        }
        _ => None,
    }
}

/// The type that JSON has by itself: objects, tuples, strings, numbers, bools; null is dynamic.
pub fn implied_type(json: &Json) -> Type {
    match json {
        Json::Null => Type::Dynamic,
        Json::Bool(_) => Type::Bool,
        Json::Number(_) => Type::Number,
        Json::String(_) => Type::String,
        Json::Array(values) => Type::tuple(values.iter().map(implied_type)),
        Json::Object(entries) => Type::object(
            entries
                .iter()
                .map(|(name, it)| (key(name), implied_type(it))),
        ),
    }
}
