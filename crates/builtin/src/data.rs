//! `terraform_data`: keeps a value in the state, and is replaced when another changes. Pure but for the id.

use std::collections::BTreeMap;
use std::sync::Arc;

use provider::{
    ApplyRequest, ApplyResponse, Attribute, Issue, PlanRequest, PlanResponse, Schema,
    UpgradeRequest,
};
use serde_json::Value as Json;
use value::{Path, Plain, Type, Unknown, Value};

use crate::Random;

/// The resource type.
pub const KIND: &str = "terraform_data";

const ATTRIBUTES: [&str; 4] = ["id", "input", "output", "triggers_replace"];

/// Its schema.
pub fn schema() -> Schema {
    crate::schema_of(vec![
        ("id", Attribute::of(Type::String).computed()),
        ("input", Attribute::of(Type::Dynamic).optional()),
        ("output", Attribute::of(Type::Dynamic).computed()),
        ("triggers_replace", Attribute::of(Type::Dynamic).optional()),
    ])
}

/// What an apply makes: the id and the output are new where they must be.
pub fn plan(request: PlanRequest) -> PlanResponse {
    let mut replace = Vec::new();
    let planned = if request.proposed.is_null() {
        request.proposed
    } else {
        let mut planned = attributes(&request.proposed);
        let input = attribute(&request.proposed, "input");
        let triggers = attribute(&request.proposed, "triggers_replace");
        let is_create = request.prior.is_null();
        let is_triggered = !is_create && attribute(&request.prior, "triggers_replace") != triggers;
        let fresh = Value::new(Plain::Unknown(Box::new(
            Unknown::of(Type::String).not_null(),
        )));
        if is_create || is_triggered {
            planned.insert("id".into(), fresh);
            // The output has the type of the input also where that is null.
            let output = if input.is_null() {
                input
            } else {
                Value::unknown(input.ty())
            };
            planned.insert("output".into(), output);
        } else if attribute(&request.prior, "input") != input {
            planned.insert("output".into(), Value::unknown(input.ty()));
        } else {
            for name in ["id", "output"] {
                planned.insert(name.into(), attribute(&request.prior, name));
            }
        }
        if !is_create && !is_triggered {
            planned.insert("id".into(), attribute(&request.prior, "id"));
        }
        if is_triggered {
            replace.push(Path::attr_of("triggers_replace"));
        }
        Value::object(planned)
    };
    PlanResponse {
        planned,
        replace,
        private: request.private,
        issues: Vec::new(),
    }
}

/// Fills in what the plan left open.
pub fn apply(request: ApplyRequest, random: &Random) -> ApplyResponse {
    let object = if request.planned.is_null() {
        request.planned
    } else {
        let mut object = attributes(&request.planned);
        if !attribute(&request.planned, "output").is_known() {
            object.insert("output".into(), attribute(&request.planned, "input"));
        }
        if !attribute(&request.planned, "id").is_known() {
            object.insert("id".into(), Value::from(uuid(random())));
        }
        Value::object(object)
    };
    ApplyResponse {
        object,
        private: request.private,
        issues: Vec::new(),
        is_unclear: false,
    }
}

/// One with an id and nothing else.
pub fn imported(id: &str) -> Value {
    let nothing = Value::null(Type::Dynamic);
    Value::object([
        ("id", Value::from(id)),
        ("input", nothing.clone()),
        ("output", nothing.clone()),
        ("triggers_replace", nothing),
    ])
}

/// From the state's JSON.
pub fn upgrade(request: &UpgradeRequest) -> Result<Value, Issue> {
    let failed = |detail: String| Issue::error("Failed to upgrade resource state", detail);
    if request.version > 0 {
        return Err(failed(format!(
            "The state holds a {KIND} of schema version {}; the newest known is 0.",
            request.version
        )));
    }
    let mut res = BTreeMap::new();
    for name in ATTRIBUTES {
        let ty = if name == "id" {
            Type::String
        } else {
            Type::Dynamic
        };
        let value = match request.attributes.get(name) {
            None | Some(Json::Null) => Value::null(ty),
            Some(json) => value::json::from_json(json, &ty).map_err(|it| {
                failed(format!(
                    "The state's value of {name} is not one: {}.",
                    it.reason
                ))
            })?,
        };
        res.insert(Arc::from(name), value);
    }
    Ok(Value::object::<Arc<str>>(res))
}

/// From a `null_resource`, whose triggers become those of this type.
pub fn moved(source_kind: &str, source: &Json) -> Result<Value, Issue> {
    if source_kind != "null_resource" {
        return Err(Issue::error(
            "Unsupported state move",
            format!(
                "An object of type {source_kind} cannot become a {KIND}: only a null_resource can."
            ),
        ));
    }
    let id = source.get("id").and_then(Json::as_str).unwrap_or_default();
    // The triggers are most often written as `{ … }`, which is an object and not a map: as a map they would differ.
    let triggers = source.get("triggers").and_then(Json::as_object);
    let triggers = triggers.map(|it| {
        Value::object(it.iter().map(|(name, text)| {
            let text = text
                .as_str()
                .map_or_else(|| Value::null(Type::String), Value::from);
            (name.as_str(), text)
        }))
    });
    let mut res = attributes(&imported(id));
    if let Some(triggers) = triggers {
        res.insert("triggers_replace".into(), triggers);
    }
    Ok(Value::object(res))
}

fn attributes(value: &Value) -> BTreeMap<Arc<str>, Value> {
    ATTRIBUTES
        .iter()
        .map(|name| (Arc::from(*name), attribute(value, name)))
        .collect()
}

fn attribute(value: &Value, name: &str) -> Value {
    value
        .get(name)
        .unwrap_or_else(|| Value::null(Type::Dynamic))
}

/// A random UUID (version 4).
fn uuid(mut bytes: [u8; 16]) -> String {
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let mut res = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            res.push('-');
        }
        res.push_str(&format!("{byte:02x}"));
    }
    res
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use provider::{ApplyRequest, PlanRequest, PlanResponse, UpgradeRequest};
    use serde_json::json;
    use value::{Path, Type, Value};

    use super::{apply, imported, moved, plan, upgrade, uuid};
    use crate::Random;

    fn object(id: Value, input: Value, output: Value, triggers: Value) -> Value {
        Value::object([
            ("id", id),
            ("input", input),
            ("output", output),
            ("triggers_replace", triggers),
        ])
    }

    fn null() -> Value {
        Value::null(Type::Dynamic)
    }

    fn planned(prior: Value, proposed: Value) -> PlanResponse {
        plan(PlanRequest {
            kind: super::KIND.to_owned(),
            prior,
            config: proposed.clone(),
            proposed,
            private: None,
        })
    }

    fn applied(planned: Value) -> Value {
        let random: Random = Arc::new(|| [0xff; 16]);
        let request = ApplyRequest {
            kind: super::KIND.to_owned(),
            prior: null(),
            config: planned.clone(),
            planned,
            private: None,
        };
        apply(request, &random).object
    }

    #[test]
    fn create_plans_id_and_output() {
        let res = planned(null(), object(null(), "a".into(), null(), null()));
        assert!(!res.planned.get("id").unwrap().is_known());
        assert_eq!(
            res.planned.get("output"),
            Some(Value::unknown(Type::String))
        );
        let res = applied(res.planned);
        assert_eq!(
            res,
            object(
                "ffffffff-ffff-4fff-bfff-ffffffffffff".into(),
                "a".into(),
                "a".into(),
                null()
            )
        );
    }

    #[test]
    fn create_without_input_has_a_null_output() {
        let res = planned(null(), object(null(), null(), null(), null()));
        assert_eq!(res.planned.get("output"), Some(null()));
    }

    #[test]
    fn another_input_is_an_update() {
        let prior = object("i".into(), "a".into(), "a".into(), null());
        let res = planned(
            prior.clone(),
            object("i".into(), "b".into(), "a".into(), null()),
        );
        assert!(res.replace.is_empty());
        assert_eq!(res.planned.get("id"), Some("i".into()));
        assert_eq!(
            res.planned.get("output"),
            Some(Value::unknown(Type::String))
        );
        assert_eq!(applied(res.planned).get("output"), Some("b".into()));
        let res = planned(prior.clone(), prior.clone());
        assert_eq!(res.planned, prior);
    }

    #[test]
    fn another_trigger_replaces() {
        let prior = object("i".into(), "a".into(), "a".into(), "t".into());
        let res = planned(
            prior,
            object("i".into(), "a".into(), "a".into(), Value::dynamic()),
        );
        assert_eq!(res.replace, [Path::attr_of("triggers_replace")]);
        assert!(!res.planned.get("id").unwrap().is_known());
        assert!(!res.planned.get("output").unwrap().is_known());
    }

    #[test]
    fn deletes_pass() {
        assert!(planned(imported("i"), null()).planned.is_null());
        assert!(applied(null()).is_null());
    }

    #[test]
    fn null_resources_move() {
        let res = moved("null_resource", &json!({"id": "5", "triggers": {"a": "b"}})).unwrap();
        let triggers = Value::object([("a", Value::from("b"))]);
        assert_eq!(res, object("5".into(), null(), null(), triggers));
        assert!(moved("aws_instance", &json!({})).is_err());
    }

    #[test]
    fn newer_states_are_refused() {
        let request = UpgradeRequest {
            kind: super::KIND.to_owned(),
            version: 1,
            attributes: json!({}),
        };
        assert!(upgrade(&request).is_err());
        let request = UpgradeRequest {
            version: 0,
            ..request
        };
        assert_eq!(
            upgrade(&request).unwrap(),
            object(Value::null(Type::String), null(), null(), null())
        );
    }

    #[test]
    fn uuids() {
        assert_eq!(uuid([0; 16]), "00000000-0000-4000-8000-000000000000");
    }
}
