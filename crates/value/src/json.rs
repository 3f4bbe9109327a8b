//! A value to and from JSON of a known type, as state files hold it.

use crate::{Path, Type, Value};

/// Why JSON is not a value of the type.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonError {
    /// Where.
    pub path: Path,
    /// Why, without values.
    pub reason: String,
}

/// The value that JSON holds, of a type. Where the type is [`Type::Dynamic`], `{"type": …, "value": …}`.
pub fn from_json(json: &serde_json::Value, ty: &Type) -> Result<Value, JsonError> {
    let _ = (json, ty);
    Ok(Value::dynamic())
}

/// The JSON of a wholly known value, marks ignored. Where `ty` is [`Type::Dynamic`], `{"type": …, "value": …}`.
pub fn to_json(value: &Value, ty: &Type) -> serde_json::Value {
    let _ = (value, ty);
    serde_json::Value::Null
}

/// The JSON of a value without type wrappers (`jsonencode`, `output -json`, `show -json`); unknowns become null.
pub fn plain_json(value: &Value) -> serde_json::Value {
    let _ = value;
    serde_json::Value::Null
}

/// A type as JSON: `"string"`, `["list","string"]`, `["object",{"a":"number"}]`.
pub fn type_to_json(ty: &Type) -> serde_json::Value {
    let _ = ty;
    serde_json::Value::Null
}

/// A type from its JSON.
pub fn type_from_json(json: &serde_json::Value) -> Option<Type> {
    let _ = json;
    None
}

/// The type that JSON has by itself: objects, tuples, strings, numbers, bools; null is dynamic.
pub fn implied_type(json: &serde_json::Value) -> Type {
    let _ = json;
    Type::Dynamic
}
