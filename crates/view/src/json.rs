//! The promised formats: what other people's tools read.
//!
//! Each format is made here, member by member, from data that knows nothing of JSON (docs/architecture.md, Formats).

mod configuration;
pub mod events;
pub mod plan;
pub mod schema;
pub mod state;

use ::state::State;
use diag::{Diagnostics, Severity, SourceMap};
use serde_json::{Map, Value as Json, json};
use value::{Mark, Plain, Type, Value};

/// `validate -json`.
pub fn validate(diags: &Diagnostics, sources: &SourceMap) -> Json {
    json!({
        "format_version": "1.0",
        "valid": !diags.has_errors(),
        "error_count": diags.of(Severity::Error).count(),
        "warning_count": diags.of(Severity::Warning).count(),
        "diagnostics": crate::diagnostic::json(diags, sources),
    })
}

/// `output -json`.
pub fn outputs(state: &State) -> Json {
    let entries = state.outputs.iter().map(|(name, it)| {
        let entry = json!({
            "sensitive": it.sensitive,
            "type": value::json::type_to_json(&it.value.ty()),
            "value": value::json::plain_json(&it.value),
        });
        (name.to_string(), entry)
    });
    Json::Object(entries.collect())
}

/// JSON on one line as Go writes it: `<`, `>`, `&` and the line separators escaped.
pub fn go_text(json: &Json) -> String {
    escape(&json.to_string())
}

/// JSON indented by two spaces, escaped as Go does.
pub fn pretty(json: &Json) -> String {
    escape(&serde_json::to_string_pretty(json).unwrap_or_default())
}

fn escape(text: &str) -> String {
    // These characters stand only inside strings, so that replacing them keeps the meaning.
    if !text.contains(['<', '>', '&', '\u{2028}', '\u{2029}']) {
        return text.to_owned();
    }
    let mut res = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '<' => res.push_str("\\u003c"),
            '>' => res.push_str("\\u003e"),
            '&' => res.push_str("\\u0026"),
            '\u{2028}' => res.push_str("\\u2028"),
            '\u{2029}' => res.push_str("\\u2029"),
            c => res.push(c),
        }
    }
    res
}

/// A value as JSON without its unknown parts: members that are unknown are left out, elements are null.
pub(crate) fn known(value: &Value) -> Json {
    match value.peek().0 {
        Plain::Unknown(_) => Json::Null,
        Plain::Null(_) | Plain::Bool(_) | Plain::Number(_) | Plain::String(_) => {
            value::json::plain_json(value)
        }
        Plain::List(_, values) | Plain::Set(_, values) | Plain::Tuple(values) => {
            Json::Array(values.iter().map(known).collect())
        }
        Plain::Map(_, values) | Plain::Object(values) => Json::Object(
            values
                .iter()
                .filter(|(_, it)| it.is_known())
                .map(|(key, it)| (key.to_string(), known(it)))
                .collect(),
        ),
    }
}

/// Where a value is unknown: `true` there, objects and arrays around it, `false` for known elements of arrays.
pub(crate) fn unknown(value: &Value) -> Json {
    match value.peek().0 {
        Plain::Unknown(_) => Json::Bool(true),
        Plain::Null(_) | Plain::Bool(_) | Plain::Number(_) | Plain::String(_) => Json::Bool(false),
        Plain::List(_, values) | Plain::Set(_, values) | Plain::Tuple(values) => {
            Json::Array(values.iter().map(unknown).collect())
        }
        Plain::Map(_, values) | Plain::Object(values) => {
            sparse(values.iter().map(|(key, it)| (key, unknown(it))))
        }
    }
}

/// Where a value is sensitive: `true` there, objects and arrays around it.
pub(crate) fn sensitive(value: &Value) -> Json {
    if value.has_mark(Mark::Sensitive) {
        return Json::Bool(true);
    }
    match value.peek().0 {
        // What an unknown collection holds may be sensitive: nothing can be said of it.
        Plain::Unknown(it) => match &it.ty {
            Type::List(_) | Type::Set(_) | Type::Tuple(_) => json!([]),
            Type::Map(_) | Type::Object(_) => json!({}),
            Type::Dynamic | Type::Bool | Type::Number | Type::String => Json::Bool(false),
        },
        Plain::Null(_) | Plain::Bool(_) | Plain::Number(_) | Plain::String(_) => Json::Bool(false),
        Plain::List(_, values) | Plain::Set(_, values) | Plain::Tuple(values) => {
            Json::Array(values.iter().map(sensitive).collect())
        }
        Plain::Map(_, values) | Plain::Object(values) => {
            sparse(values.iter().map(|(key, it)| (key, sensitive(it))))
        }
    }
}

/// An object without the members that say `false`.
fn sparse<'a>(entries: impl Iterator<Item = (&'a std::sync::Arc<str>, Json)>) -> Json {
    let members: Map<String, Json> = entries
        .filter(|(_, it)| *it != Json::Bool(false))
        .map(|(key, it)| (key.to_string(), it))
        .collect();
    Json::Object(members)
}

/// The key of an instance as JSON.
pub(crate) fn key(key: &addr::Key) -> Json {
    match key {
        addr::Key::None => Json::Null,
        addr::Key::Int(it) => json!(it),
        addr::Key::Str(it) => json!(&**it),
    }
}

/// `managed`, `data`, `ephemeral`.
pub(crate) fn mode(mode: addr::Mode) -> &'static str {
    match mode {
        addr::Mode::Managed => "managed",
        addr::Mode::Data => "data",
        addr::Mode::Ephemeral => "ephemeral",
    }
}

/// The module of an output, a check or a variable that has conditions, and its name there; `None` in the root module.
fn split_checked(address: &str) -> Option<(&str, &str)> {
    [".output.", ".check.", ".var."]
        .into_iter()
        .find_map(|it| address.rsplit_once(it))
        .filter(|(module, _)| module.starts_with("module."))
}

/// Check results as `show -json` prints them.
pub(crate) fn checks(checks: &[::state::CheckResult]) -> Json {
    let status = |it: ::state::CheckStatus| match it {
        ::state::CheckStatus::Unknown => "unknown",
        ::state::CheckStatus::Pass => "pass",
        ::state::CheckStatus::Fail => "fail",
        ::state::CheckStatus::Error => "error",
    };
    let mut sorted: Vec<&::state::CheckResult> = checks.iter().collect();
    sorted.sort_by(|l, r| l.address.cmp(&r.address));
    sorted
        .into_iter()
        .map(|check| {
            let mut address = json!({"to_display": check.address, "kind": check.kind});
            let (module, local) = match split_checked(&check.address) {
                Some((module, name)) => (Some(module.to_owned()), name.to_owned()),
                None => (None, check.address.clone()),
            };
            match check.kind.as_str() {
                "resource" => {
                    if let Some(it) = addr::parse::instance(&check.address) {
                        address["mode"] = json!(mode(it.resource.mode));
                        address["type"] = json!(&*it.resource.kind);
                        address["name"] = json!(&*it.resource.name);
                        if !it.module.is_root() {
                            address["module"] = json!(it.module.to_string());
                        }
                    }
                }
                "output_value" | "check" | "var" => {
                    address["name"] = json!(local.rsplit('.').next().unwrap_or(&local));
                    if let Some(module) = module {
                        address["module"] = json!(module);
                    }
                }
                _ => {}
            }
            let instances: Vec<Json> = check
                .objects
                .iter()
                .map(|object| {
                    let mut address = json!({"to_display": object.address});
                    if let Some(it) =
                        addr::parse::instance(&object.address).filter(|_| check.kind == "resource")
                    {
                        if it.key != addr::Key::None {
                            address["instance_key"] = key(&it.key);
                        }
                        if !it.module.is_root() {
                            address["module"] = json!(it.module.to_string());
                        }
                    }
                    if check.kind != "resource"
                        && let Some((module, _)) = split_checked(&object.address)
                    {
                        address["module"] = json!(module);
                    }
                    let mut res = json!({"address": address, "status": status(object.status)});
                    if !object.messages.is_empty() {
                        let problems: Vec<Json> = object
                            .messages
                            .iter()
                            .map(|it| json!({"message": it}))
                            .collect();
                        res["problems"] = json!(problems);
                    }
                    res
                })
                .collect();
            let mut res = json!({"address": address, "status": status(check.status)});
            if !instances.is_empty() {
                res["instances"] = json!(instances);
            }
            res
        })
        .collect()
}
