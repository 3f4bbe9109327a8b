//! Values and types as texts for people. Hides what is marked sensitive.

use crate::{Type, Value};

/// A value as the console prints it: HCL-like, several lines, `(sensitive value)`, `(known after apply)`.
pub fn console(value: &Value) -> String {
    let _ = value;
    String::new()
}

/// A short form for a message: `"x"`, `12`, `list of string with 3 elements`, `a sensitive value`.
pub fn brief(value: &Value) -> String {
    let _ = value;
    String::new()
}

/// A type as it is written in a variable's `type`: `list(string)`, `object({a=number})`.
pub fn type_name(ty: &Type) -> String {
    let _ = ty;
    String::new()
}

/// A type as messages name it: `string`, `list of string`, `object`.
pub fn friendly_type(ty: &Type) -> String {
    let _ = ty;
    String::new()
}
