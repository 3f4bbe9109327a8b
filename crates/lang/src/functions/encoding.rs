//! Functions that write and read encodings.

use base64::Engine as _;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use value::function::{Call, CallError, Function, any, text};
use value::{Plain, Type, Unknown, Value};

use super::{charset, csv, deflate, json, yaml};

/// Base64 as Go reads it: padding is needed, bits that do not count are ignored.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

pub(super) fn rows() -> Vec<Function> {
    vec![
        Function::new("jsonencode", "Writes a value as JSON.")
            .takes([any("val").or_null().or_unknown().or_dynamic()])
            .gives(Type::String)
            .not_null()
            .body(|call| {
                let value = call.arg(0);
                if !value.is_wholly_known() {
                    return Ok(unknown_json(&value));
                }
                value::json::check(&value).map_err(|it| CallError::new(it.reason))?;
                Ok(value::json::to_json_text(&value).into())
            })
            .example(
                r#"jsonencode({ hello = "world" })"#,
                r#""{\"hello\":\"world\"}""#,
            ),
        Function::new("jsondecode", "Reads a value from JSON.")
            .takes([text("str")])
            .gives_by(|args| match args.first().and_then(Value::as_str) {
                Some(text) => Ok(decode_json(text)?.ty()),
                None => Ok(Type::Dynamic),
            })
            .body(|call| decode_json(call.text(0)))
            .example(
                r#"jsondecode("{\"hello\": \"world\"}")"#,
                "{\n  \"hello\" = \"world\"\n}",
            ),
        Function::new("yamlencode", "Writes a value as YAML, in block style.")
            .takes([any("value").or_null().or_unknown().or_dynamic()])
            .gives(Type::String)
            .not_null()
            .body(|call| {
                if !call.wholly_known() {
                    return Ok(call.unknown());
                }
                Ok(yaml::encode(&call.arg(0)).into())
            })
            .example(
                r#"yamlencode({ a = "b", c = [1] })"#,
                "<<EOT\n\"a\": \"b\"\n\"c\":\n- 1\n\nEOT",
            ),
        Function::new("yamldecode", "Reads a value from YAML.")
            .takes([text("src")])
            .gives_by(|args| match args.first().and_then(Value::as_str) {
                Some(text) => Ok(yaml::decode(text).map_err(CallError::new)?.ty()),
                None => Ok(Type::Dynamic),
            })
            .body(|call| yaml::decode(call.text(0)).map_err(CallError::new))
            .example(
                r#"yamldecode("{a: 1, b: [true]}")"#,
                "{\n  \"a\" = 1\n  \"b\" = [\n    true,\n  ]\n}",
            ),
        Function::new(
            "csvdecode",
            "Reads a list of objects from comma-separated values with a first line of names.",
        )
        .takes([text("str")])
        .gives_by(|args| match args.first().and_then(Value::as_str) {
            Some(text) => Ok(csv_type(&csv::parse(text).map_err(CallError::new)?)?),
            None => Ok(Type::Dynamic),
        })
        .body(|call| {
            let rows = csv::parse(call.text(0)).map_err(CallError::new)?;
            let ty = csv_type(&rows)?;
            let element = ty.element().cloned().unwrap_or(Type::Dynamic);
            let Some((names, rows)) = rows.split_first() else {
                return Ok(call.unknown());
            };
            let rows = rows.iter().map(|row| {
                Value::object(
                    names
                        .iter()
                        .zip(row)
                        .map(|(name, it)| (key(name), Value::string(it))),
                )
            });
            Ok(Value::list(element, rows.collect()))
        })
        .example(
            r#"csvdecode("a,b\n1,2\n")"#,
            "tolist([\n  {\n    \"a\" = \"1\"\n    \"b\" = \"2\"\n  },\n])",
        ),
        Function::new("base64encode", "Writes the bytes of a string as Base64.")
            .takes([text("str")])
            .gives(Type::String)
            .not_null()
            .body(|call| Ok(base64(call.text(0).as_bytes()).into()))
            .example(r#"base64encode("Hello World")"#, r#""SGVsbG8gV29ybGQ=""#),
        Function::new("base64decode", "Reads a string from Base64.")
            .takes([text("str")])
            .gives(Type::String)
            .not_null()
            .body(|call| {
                let bytes = from_base64(call.text(0))
                    .ok_or_else(|| CallError::new("the string is not Base64"))?;
                let text = String::from_utf8(bytes)
                    .map_err(|_| CallError::new("what the Base64 holds is not text in UTF-8"))?;
                Ok(text.into())
            })
            .example(r#"base64decode("SGVsbG8gV29ybGQ=")"#, r#""Hello World""#),
        Function::new(
            "base64gzip",
            "Compresses a string with gzip and writes it as Base64.",
        )
        .takes([text("str")])
        .gives(Type::String)
        .not_null()
        .body(|call| Ok(base64(&deflate::gzip(call.text(0).as_bytes())).into()))
        .example(
            r#"base64gzip("hello")"#,
            r#""H4sIAAAAAAAA/8pIzcnJBwAAAP//AQAA//+GphA2BQAAAA==""#,
        ),
        Function::new(
            "textencodebase64",
            "Writes a string in a character encoding and that as Base64.",
        )
        .takes([text("string"), text("encoding")])
        .gives(Type::String)
        .not_null()
        .body(|call| {
            let charset = charset(call)?;
            let bytes = charset
                .encode(call.text(0))
                .map_err(|it| CallError::at(0, it))?;
            Ok(base64(&bytes).into())
        })
        .example(r#"textencodebase64("Hi", "UTF-16LE")"#, r#""SABpAA==""#),
        Function::new(
            "textdecodebase64",
            "Reads a string in a character encoding from Base64.",
        )
        .takes([text("source"), text("encoding")])
        .gives(Type::String)
        .not_null()
        .body(|call| {
            let charset = charset(call)?;
            let bytes =
                from_base64(call.text(0)).ok_or_else(|| CallError::at(0, "it is not Base64"))?;
            let text = charset.decode(&bytes).map_err(|it| CallError::at(0, it))?;
            Ok(text.into())
        })
        .example(r#"textdecodebase64("SABpAA==", "UTF-16LE")"#, r#""Hi""#),
        Function::new(
            "urlencode",
            "Writes a string so that it can stand in the query of a URL.",
        )
        .takes([text("str")])
        .gives(Type::String)
        .not_null()
        .body(|call| Ok(url(call.text(0)).into()))
        .example(r#"urlencode("a b/c")"#, r#""a+b%2Fc""#),
    ]
}

/// Bytes as Base64.
pub(super) fn base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

/// The bytes of Base64; newlines do not count.
pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    if text.contains(['\r', '\n']) {
        return BASE64.decode(text.replace(['\r', '\n'], "")).ok();
    }
    BASE64.decode(text).ok()
}

/// What is known of the JSON of a value that is not known yet: how it begins.
fn unknown_json(value: &Value) -> Value {
    let unknown = Unknown::of(Type::String).not_null();
    let is_null_possible = match value.peek().0 {
        Plain::Unknown(it) => !it.not_null,
        _ => false,
    };
    let prefix = match value.ty() {
        _ if is_null_possible => None,
        Type::Object(_) | Type::Map(_) => Some("{"),
        Type::List(_) | Type::Set(_) | Type::Tuple(_) => Some("["),
        Type::String => Some("\""),
        _ => None,
    };
    match prefix {
        Some(prefix) => unknown.prefix(prefix).settle(),
        None => unknown.settle(),
    }
}

fn decode_json(text: &str) -> Result<Value, CallError> {
    json::decode(text).map_err(|it| CallError::new(format!("the string is not JSON: {it}")))
}

fn csv_type(rows: &[Vec<String>]) -> Result<Type, CallError> {
    let Some(names) = rows.first() else {
        return Err(CallError::new(
            "there is no first line with the names of the columns",
        ));
    };
    let mut types = std::collections::BTreeMap::new();
    for name in names {
        if types.insert(key(name), Type::String).is_some() {
            return Err(CallError::new("two columns have the same name"));
        }
    }
    Ok(Type::list(Type::object(types)))
}

/// A name as objects have it.
fn key(name: &str) -> std::sync::Arc<str> {
    match Value::string(name).split().0 {
        Plain::String(it) => it,
        _ => name.into(),
    }
}

fn charset(call: &Call<'_>) -> Result<charset::Charset, CallError> {
    charset::by_name(call.text(1)).ok_or_else(|| {
        CallError::at(
            1,
            "it is not the name of a character encoding that is supported; UTF-8, UTF-16LE, ISO-8859-1 and Windows-1252 are some that are",
        )
    })
}

fn url(text: &str) -> String {
    use std::fmt::Write as _;
    let mut res = String::with_capacity(text.len());
    for it in text.bytes() {
        match it {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                res.push(char::from(it));
            }
            b' ' => res.push('+'),
            _ => {
                let _ = write!(res, "%{it:02X}");
            }
        }
    }
    res
}
