//! Values and types as texts for people. Hides what is marked sensitive.

use crate::{Mark, Plain, Type, Value};

/// A value as the console prints it: HCL-like, several lines, `(sensitive value)`, `(known after apply)`.
pub fn console(value: &Value) -> String {
    let mut res = String::new();
    write_console(value, 0, &mut res);
    res
}

/// The same for a place that is indented: lines after the first begin with so many spaces.
pub fn console_indented(value: &Value, indent: usize) -> String {
    let mut res = String::new();
    write_console(value, indent, &mut res);
    res
}

fn write_console(value: &Value, indent: usize, to: &mut String) {
    let (plain, marks) = value.peek();
    // That it is not known yet goes before everything else: nothing can be shown of it anyway.
    if !value.is_known() {
        return to.push_str("(known after apply)");
    }
    if marks.has(Mark::Sensitive) {
        return to.push_str("(sensitive value)");
    }
    if marks.has(Mark::Ephemeral) {
        return to.push_str("(ephemeral value)");
    }
    match plain {
        Plain::Unknown(_) => to.push_str("(known after apply)"),
        Plain::Null(ty) => to.push_str(&null(ty)),
        Plain::Bool(it) => to.push_str(if *it { "true" } else { "false" }),
        Plain::Number(it) => to.push_str(&it.to_string()),
        Plain::String(text) if marks.has(Mark::ConsoleType) => to.push_str(text),
        Plain::String(text) => to.push_str(&string(text, indent)),
        Plain::List(_, values) => {
            to.push_str("tolist(");
            write_elements(values, indent, to);
            to.push(')');
        }
        Plain::Set(_, values) => {
            to.push_str("toset(");
            write_elements(values, indent, to);
            to.push(')');
        }
        Plain::Tuple(values) => write_elements(values, indent, to),
        Plain::Map(_, values) => {
            to.push_str("tomap(");
            write_entries(values, indent, to);
            to.push(')');
        }
        Plain::Object(values) => write_entries(values, indent, to),
    }
}

fn write_elements(values: &[Value], indent: usize, to: &mut String) {
    if values.is_empty() {
        return to.push_str("[]");
    }
    to.push_str("[\n");
    for value in values {
        to.push_str(&" ".repeat(indent + 2));
        write_console(value, indent + 2, to);
        to.push_str(",\n");
    }
    to.push_str(&" ".repeat(indent));
    to.push(']');
}

fn write_entries(
    values: &std::collections::BTreeMap<std::sync::Arc<str>, Value>,
    indent: usize,
    to: &mut String,
) {
    if values.is_empty() {
        return to.push_str("{}");
    }
    to.push_str("{\n");
    for (name, value) in values {
        to.push_str(&" ".repeat(indent + 2));
        to.push_str(&quoted(name));
        to.push_str(" = ");
        write_console(value, indent + 2, to);
        to.push('\n');
    }
    to.push_str(&" ".repeat(indent));
    to.push('}');
}

fn null(ty: &Type) -> String {
    match ty {
        Type::Dynamic => "null".to_owned(),
        Type::Bool => "tobool(null)".to_owned(),
        Type::Number => "tonumber(null)".to_owned(),
        Type::String => "tostring(null)".to_owned(),
        Type::List(element) => format!("tolist(null) /* of {} */", friendly_type(element)),
        Type::Set(element) => format!("toset(null) /* of {} */", friendly_type(element)),
        Type::Map(element) => format!("tomap(null) /* of {} */", friendly_type(element)),
        Type::Tuple(_) | Type::Object(_) => format!("null /* {} */", friendly_type(ty)),
    }
}

/// In quotes, or as a heredoc where it has several lines.
fn string(text: &str, indent: usize) -> String {
    if !text.contains('\n') {
        return quoted(text);
    }
    let mut end = "EOT".to_owned();
    while text.split('\n').any(|line| line.trim() == end) {
        end.push('_');
    }
    let minus = if indent > 0 { "-" } else { "" };
    let spaces = " ".repeat(indent);
    let mut res = format!("<<{minus}{end}");
    for line in text.split('\n') {
        res.push('\n');
        res.push_str(&spaces);
        res.push_str(line);
    }
    res.push('\n');
    res.push_str(&spaces);
    res.push_str(&end);
    res
}

/// A text in double quotes with Go's escapes: `"a\tb\u200b\x00"`.
pub fn quoted(text: &str) -> String {
    let mut res = String::with_capacity(text.len() + 2);
    res.push('"');
    for letter in text.chars() {
        match letter {
            '"' => res.push_str("\\\""),
            '\\' => res.push_str("\\\\"),
            '\u{7}' => res.push_str("\\a"),
            '\u{8}' => res.push_str("\\b"),
            '\u{c}' => res.push_str("\\f"),
            '\n' => res.push_str("\\n"),
            '\r' => res.push_str("\\r"),
            '\t' => res.push_str("\\t"),
            '\u{b}' => res.push_str("\\v"),
            ' '..='~' => res.push(letter),
            '\0'..='\u{7f}' => res.push_str(&format!("\\x{:02x}", u32::from(letter))),
            _ if is_printable(letter) => res.push(letter),
            '\u{80}'..='\u{ffff}' => res.push_str(&format!("\\u{:04x}", u32::from(letter))),
            _ => res.push_str(&format!("\\U{:08x}", u32::from(letter))),
        }
    }
    res.push('"');
    res
}

/// Whether a letter is shown as itself. The standard library knows, and tells only by its escapes; after another
/// letter it escapes no combining marks.
fn is_printable(letter: char) -> bool {
    let mut pair = String::from("a");
    pair.push(letter);
    pair.escape_debug().eq(pair.chars())
}

/// A short form for a message: `"x"`, `12`, `list of string with 3 elements`, `a sensitive value`.
pub fn brief(value: &Value) -> String {
    let (plain, marks) = value.peek();
    if value.deep_marks().has(Mark::Sensitive) && (marks.has(Mark::Sensitive) || is_leaf(plain)) {
        return "a sensitive value".to_owned();
    }
    if marks.has(Mark::Ephemeral) {
        return "an ephemeral value".to_owned();
    }
    let ty = value.ty();
    let count = |count: usize, empty: String| match count {
        0 => empty,
        1 => format!("{} with 1 element", friendly_type(&ty)),
        _ => format!("{} with {count} elements", friendly_type(&ty)),
    };
    match plain {
        Plain::Unknown(unknown) => match &unknown.ty {
            Type::Dynamic => "a value known after apply".to_owned(),
            ty => format!("a {}, known after apply", friendly_type(ty)),
        },
        Plain::Null(_) => "null".to_owned(),
        Plain::Bool(it) => it.to_string(),
        Plain::Number(it) => it.to_string(),
        Plain::String(text) => quoted(text),
        Plain::List(_, values) | Plain::Set(_, values) => {
            count(values.len(), format!("empty {}", friendly_type(&ty)))
        }
        Plain::Map(_, values) => count(values.len(), format!("empty {}", friendly_type(&ty))),
        Plain::Tuple(values) => count(values.len(), "empty tuple".to_owned()),
        Plain::Object(values) => match (values.len(), values.keys().next()) {
            (0, _) | (_, None) => "object with no attributes".to_owned(),
            (1, Some(name)) => format!("object with 1 attribute {}", quoted(name)),
            (count, _) => format!("object with {count} attributes"),
        },
    }
}

fn is_leaf(plain: &Plain) -> bool {
    matches!(
        plain,
        Plain::Unknown(_) | Plain::Null(_) | Plain::Bool(_) | Plain::Number(_) | Plain::String(_)
    )
}

/// A type as it is written in a variable's `type`: `list(string)`, `object({a=number})`.
pub fn type_name(ty: &Type) -> String {
    match ty {
        Type::Dynamic => "any".to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::Number => "number".to_owned(),
        Type::String => "string".to_owned(),
        Type::List(element) => format!("list({})", type_name(element)),
        Type::Set(element) => format!("set({})", type_name(element)),
        Type::Map(element) => format!("map({})", type_name(element)),
        Type::Tuple(elements) => {
            let elements: Vec<String> = elements.iter().map(type_name).collect();
            format!("tuple([{}])", elements.join(","))
        }
        Type::Object(object) => {
            let attributes: Vec<String> = object
                .attributes
                .iter()
                .map(|(name, ty)| {
                    let ty = type_name(ty);
                    if object.optional.contains(name) {
                        format!("{}=optional({ty})", attribute_name(name))
                    } else {
                        format!("{}={ty}", attribute_name(name))
                    }
                })
                .collect();
            format!("object({{{}}})", attributes.join(","))
        }
    }
}

/// As it is, if it is a word, else in quotes.
fn attribute_name(name: &str) -> String {
    let word = name.chars().enumerate().all(|(at, it)| {
        it.is_alphabetic() || it == '_' || at > 0 && (it.is_numeric() || it == '-')
    });
    if word && !name.is_empty() {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// A type as `type()` prints it in the console, over several lines.
pub fn type_lines(ty: &Type) -> String {
    let mut res = String::new();
    write_type(ty, 0, &mut res);
    res
}

fn write_type(ty: &Type, indent: usize, to: &mut String) {
    match ty {
        Type::Dynamic => to.push_str("dynamic"),
        Type::Bool => to.push_str("bool"),
        Type::Number => to.push_str("number"),
        Type::String => to.push_str("string"),
        Type::List(element) => write_collection("list", element, indent, to),
        Type::Set(element) => write_collection("set", element, indent, to),
        Type::Map(element) => write_collection("map", element, indent, to),
        Type::Tuple(elements) => {
            if elements.is_empty() {
                return to.push_str("tuple([])");
            }
            to.push_str("tuple([\n");
            for element in elements.iter() {
                to.push_str(&" ".repeat(indent + 4));
                write_type(element, indent + 4, to);
                to.push_str(",\n");
            }
            to.push_str(&" ".repeat(indent));
            to.push_str("])");
        }
        Type::Object(object) => {
            if object.attributes.is_empty() {
                return to.push_str("object({})");
            }
            to.push_str("object({\n");
            for (name, ty) in &object.attributes {
                to.push_str(&" ".repeat(indent + 4));
                to.push_str(name);
                to.push_str(": ");
                write_type(ty, indent + 4, to);
                to.push_str(",\n");
            }
            to.push_str(&" ".repeat(indent));
            to.push_str("})");
        }
    }
}

fn write_collection(kind: &str, element: &Type, indent: usize, to: &mut String) {
    to.push_str(kind);
    to.push('(');
    if matches!(element, Type::Object(_) | Type::Tuple(_)) {
        to.push('\n');
        to.push_str(&" ".repeat(indent + 4));
        write_type(element, indent + 4, to);
        to.push_str(",\n");
        to.push_str(&" ".repeat(indent));
    } else {
        write_type(element, indent, to);
    }
    to.push(')');
}

/// A type as messages name it: `string`, `list of string`, `object`.
pub fn friendly_type(ty: &Type) -> String {
    match ty {
        Type::Dynamic => "dynamic".to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::Number => "number".to_owned(),
        Type::String => "string".to_owned(),
        Type::List(element) => format!("list of {}", friendly_type(element)),
        Type::Set(element) => format!("set of {}", friendly_type(element)),
        Type::Map(element) => format!("map of {}", friendly_type(element)),
        Type::Tuple(_) => "tuple".to_owned(),
        Type::Object(_) => "object".to_owned(),
    }
}
