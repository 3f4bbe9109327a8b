//! The saved plan as a document: what [`crate::Plan`] is, member by member, and back.
//!
//! The command line puts the texts that the plan was made from beside it, and a keyed digest around it
//! (docs/adr/0012-saved-plans.md). A format of our own: only dokplan reads it, and a version is in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use addr::{DeposedKey, Instance};
use diag::{Diagnostics, SourceId};
use serde_json::{Map, Value as Json, json};
use state::{CheckObject, CheckResult, CheckStatus, Snapshot};
use value::{Mark, Marks, Number, Path, Plain, Step, Unknown, Value};

use crate::{
    Action, ActionReason, Change, Drift, FollowUp, Graph, Importing, Mode, Op, OpKind,
    OutputChange, Plan, RelevantAttribute, ResourceChange, VariableValue,
};

/// The version of this format.
pub const VERSION: u64 = 1;

/// A document that is not a plan of this version; says which member is wrong, never what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFileError(pub String);

type Read<T> = Result<T, PlanFileError>;

fn wrong<T>(what: &str) -> Read<T> {
    Err(PlanFileError(format!(
        "the member \"{what}\" is missing or has another form than expected"
    )))
}

/// The plan as a document.
pub fn to_json(plan: &Plan) -> Json {
    let state = |it: &state::State| {
        let snapshot = Snapshot {
            lineage: "plan".to_owned(),
            serial: 0,
            terraform_version: String::new(),
            state: it.clone(),
        };
        String::from_utf8_lossy(&state::file::write(&snapshot)).into_owned()
    };
    json!({
        "version": VERSION,
        "mode": mode(plan.mode),
        "changes": plan.changes.iter().map(change_to_json).collect::<Vec<_>>(),
        "outputs": plan.outputs.iter().map(output_to_json).collect::<Vec<_>>(),
        "drift": plan.drift.iter().map(|it| json!({"change": change_to_json(&it.change), "relevant": it.relevant})).collect::<Vec<_>>(),
        "relevant": plan.relevant.iter().map(|it| json!({"resource": it.resource, "path": path_to_json(&it.path)})).collect::<Vec<_>>(),
        "graph": {
            "ops": plan.graph.ops.iter().map(op_to_json).collect::<Vec<_>>(),
            "after": plan.graph.after,
        },
        "prior": state(&plan.prior),
        "refreshed": state(&plan.refreshed),
        "variables": plan.variables.iter().map(|(name, it)| {
            (name.clone(), json!({"given": it.given.as_ref().map(value_to_json), "value": value_to_json(&it.value)}))
        }).collect::<Map<_, _>>(),
        "checks": plan.checks.iter().map(check_to_json).collect::<Vec<_>>(),
        "targets": plan.targets.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "force_replace": plan.force_replace.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "created": plan.created,
        "applicable": plan.applicable,
        "complete": plan.complete,
        "errored": plan.errored,
    })
}

/// The plan that a document holds.
pub fn from_json(json: &Json) -> Read<Plan> {
    if json["version"].as_u64() != Some(VERSION) {
        return Err(PlanFileError(
            "it was saved by another version of dokplan".to_owned(),
        ));
    }
    let state = |name: &str| -> Read<Arc<state::State>> {
        match json[name]
            .as_str()
            .map(|it| state::file::read(it.as_bytes()))
        {
            Some(Ok(snapshot)) => Ok(Arc::new(snapshot.state)),
            _ => wrong(name),
        }
    };
    let mut variables = BTreeMap::new();
    for (name, it) in json["variables"]
        .as_object()
        .map_or_else(|| wrong("variables"), Ok)?
    {
        let given = if it["given"].is_null() {
            None
        } else {
            Some(value_from_json(&it["given"])?)
        };
        variables.insert(
            name.clone(),
            VariableValue {
                given,
                value: value_from_json(&it["value"])?,
            },
        );
    }
    Ok(Plan {
        mode: mode_of(text(json, "mode")?)?,
        changes: list(json, "changes")?
            .iter()
            .map(change_from_json)
            .collect::<Read<_>>()?,
        outputs: list(json, "outputs")?
            .iter()
            .map(output_from_json)
            .collect::<Read<_>>()?,
        drift: list(json, "drift")?
            .iter()
            .map(|it| {
                Ok(Drift {
                    change: change_from_json(&it["change"])?,
                    relevant: flag(it, "relevant")?,
                })
            })
            .collect::<Read<_>>()?,
        relevant: list(json, "relevant")?
            .iter()
            .map(|it| {
                Ok(RelevantAttribute {
                    resource: text(it, "resource")?.to_owned(),
                    path: path_from_json(&it["path"])?,
                })
            })
            .collect::<Read<_>>()?,
        graph: graph_from_json(&json["graph"])?,
        prior: state("prior")?,
        refreshed: state("refreshed")?,
        variables,
        checks: list(json, "checks")?
            .iter()
            .map(check_from_json)
            .collect::<Read<_>>()?,
        targets: list(json, "targets")?
            .iter()
            .map(target_from_json)
            .collect::<Read<_>>()?,
        force_replace: list(json, "force_replace")?
            .iter()
            .map(|it| instance(it, "force_replace"))
            .collect::<Read<_>>()?,
        created: text(json, "created")?.to_owned(),
        applicable: flag(json, "applicable")?,
        complete: flag(json, "complete")?,
        errored: flag(json, "errored")?,
    })
}

fn text<'a>(json: &'a Json, name: &str) -> Read<&'a str> {
    json[name].as_str().map_or_else(|| wrong(name), Ok)
}

fn flag(json: &Json, name: &str) -> Read<bool> {
    json[name].as_bool().map_or_else(|| wrong(name), Ok)
}

fn list<'a>(json: &'a Json, name: &str) -> Read<&'a Vec<Json>> {
    json[name].as_array().map_or_else(|| wrong(name), Ok)
}

fn instance(json: &Json, name: &str) -> Read<Instance> {
    json.as_str()
        .and_then(addr::parse::instance)
        .map_or_else(|| wrong(name), Ok)
}

fn target_from_json(json: &Json) -> Read<addr::Target> {
    let mut diags = Diagnostics::new();
    json.as_str()
        .and_then(|it| addr::parse::target(SourceId(0), it, &mut diags))
        .map_or_else(|| wrong("targets"), Ok)
}

fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Normal => "normal",
        Mode::Destroy => "destroy",
        Mode::RefreshOnly => "refresh-only",
    }
}

fn mode_of(text: &str) -> Read<Mode> {
    match text {
        "normal" => Ok(Mode::Normal),
        "destroy" => Ok(Mode::Destroy),
        "refresh-only" => Ok(Mode::RefreshOnly),
        _ => wrong("mode"),
    }
}

const ACTIONS: [(Action, &str); 8] = [
    (Action::NoOp, "no-op"),
    (Action::Create, "create"),
    (Action::Read, "read"),
    (Action::Update, "update"),
    (Action::DeleteThenCreate, "delete-create"),
    (Action::CreateThenDelete, "create-delete"),
    (Action::Delete, "delete"),
    (Action::Forget, "forget"),
];

const REASONS: [(ActionReason, &str); 14] = [
    (ActionReason::None, ""),
    (ActionReason::ReplaceBecauseTainted, "tainted"),
    (ActionReason::ReplaceByRequest, "requested"),
    (ActionReason::ReplaceByTriggers, "triggers"),
    (ActionReason::ReplaceBecauseCannotUpdate, "cannot-update"),
    (ActionReason::DeleteBecauseNoResourceConfig, "no-resource"),
    (
        ActionReason::DeleteBecauseWrongRepetition,
        "wrong-repetition",
    ),
    (ActionReason::DeleteBecauseCountIndex, "count-index"),
    (ActionReason::DeleteBecauseEachKey, "each-key"),
    (ActionReason::DeleteBecauseNoModule, "no-module"),
    (ActionReason::DeleteBecauseNoMoveTarget, "no-move-target"),
    (ActionReason::ReadBecauseConfigUnknown, "config-unknown"),
    (
        ActionReason::ReadBecauseDependencyPending,
        "dependency-pending",
    ),
    (ActionReason::ReadBecauseCheckNested, "check-nested"),
];

fn word<T: Copy + PartialEq>(table: &[(T, &'static str)], it: T) -> &'static str {
    table
        .iter()
        .find(|(row, _)| *row == it)
        .map_or("", |(_, word)| word)
}

fn of_word<T: Copy>(table: &[(T, &'static str)], json: &Json, name: &str) -> Read<T> {
    let found = json[name]
        .as_str()
        .and_then(|text| table.iter().find(|(_, word)| *word == text));
    found.map_or_else(|| wrong(name), |(row, _)| Ok(*row))
}

fn change_value_to_json(change: &Change) -> Json {
    json!({
        "action": word(&ACTIONS, change.action),
        "before": value_to_json(&change.before),
        "after": value_to_json(&change.after),
    })
}

fn change_value_from_json(json: &Json) -> Read<Change> {
    Ok(Change {
        action: of_word(&ACTIONS, json, "action")?,
        before: value_from_json(&json["before"])?,
        after: value_from_json(&json["after"])?,
    })
}

fn bytes_to_json(bytes: Option<&Vec<u8>>) -> Json {
    bytes.map_or(Json::Null, |it| {
        json!(it.iter().map(|it| format!("{it:02x}")).collect::<String>())
    })
}

fn bytes_from_json(json: &Json, name: &str) -> Read<Option<Vec<u8>>> {
    let Some(text) = json[name].as_str() else {
        return if json[name].is_null() {
            Ok(None)
        } else {
            wrong(name)
        };
    };
    let digits: Vec<u32> = text
        .chars()
        .map(|it| it.to_digit(16))
        .collect::<Option<_>>()
        .map_or_else(|| wrong(name), Ok)?;
    Ok(Some(
        digits
            .chunks(2)
            .map(|it| it.iter().fold(0u32, |all, it| all * 16 + it) as u8)
            .collect(),
    ))
}

fn change_to_json(it: &ResourceChange) -> Json {
    json!({
        "addr": it.addr.to_string(),
        "previous": it.previous.to_string(),
        "deposed": it.deposed.as_ref().map(ToString::to_string),
        "provider": it.provider.to_string(),
        "change": change_value_to_json(&it.change),
        "reason": word(&REASONS, it.reason),
        "replace": it.replace_paths.iter().map(path_to_json).collect::<Vec<_>>(),
        "importing": it.importing.as_ref().map(|it| json!({"id": it.id, "generated": it.generated})),
        "private": bytes_to_json(it.private.as_ref()),
        "dependencies": it.dependencies.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "create_before_destroy": it.create_before_destroy,
        "at_stake": it.at_stake,
        "follow_up": it.follow_up.as_ref().map(|it| json!({"verb": it.verb, "why": it.why})),
    })
}

fn change_from_json(json: &Json) -> Read<ResourceChange> {
    let provider = text(json, "provider")?;
    let dependency = |it: &Json| match it.as_str().and_then(addr::parse::instance) {
        Some(it) => Ok(it.config()),
        None => wrong("dependencies"),
    };
    Ok(ResourceChange {
        addr: instance(&json["addr"], "addr")?,
        previous: instance(&json["previous"], "previous")?,
        deposed: json["deposed"].as_str().map(|it| DeposedKey(it.into())),
        provider: addr::parse::provider_config(provider).map_or_else(|| wrong("provider"), Ok)?,
        change: change_value_from_json(&json["change"])?,
        reason: of_word(&REASONS, json, "reason")?,
        replace_paths: list(json, "replace")?
            .iter()
            .map(path_from_json)
            .collect::<Read<_>>()?,
        importing: json["importing"].as_object().map(|it| Importing {
            id: it.get("id").and_then(Json::as_str).map(str::to_owned),
            generated: it
                .get("generated")
                .and_then(Json::as_str)
                .map(str::to_owned),
        }),
        private: bytes_from_json(json, "private")?,
        dependencies: list(json, "dependencies")?
            .iter()
            .map(dependency)
            .collect::<Read<_>>()?,
        create_before_destroy: flag(json, "create_before_destroy")?,
        at_stake: json["at_stake"].as_str().map(str::to_owned),
        follow_up: match &json["follow_up"] {
            Json::Null => None,
            it => Some(FollowUp {
                verb: text(it, "verb")?.to_owned(),
                why: text(it, "why")?.to_owned(),
            }),
        },
    })
}

fn output_to_json(it: &OutputChange) -> Json {
    json!({"name": it.name, "change": change_value_to_json(&it.change), "sensitive": it.sensitive})
}

fn output_from_json(json: &Json) -> Read<OutputChange> {
    Ok(OutputChange {
        name: text(json, "name")?.to_owned(),
        change: change_value_from_json(&json["change"])?,
        sensitive: flag(json, "sensitive")?,
    })
}

fn op_to_json(op: &Op) -> Json {
    let (kind, key) = match &op.kind {
        OpKind::Create => ("create", None),
        OpKind::Update => ("update", None),
        OpKind::Delete => ("delete", None),
        OpKind::Depose(key) => ("depose", Some(key)),
        OpKind::DeleteDeposed(key) => ("delete-deposed", Some(key)),
        OpKind::Read => ("read", None),
        OpKind::Forget => ("forget", None),
        OpKind::FollowUp => ("follow-up", None),
        OpKind::Join => ("join", None),
    };
    json!({"addr": op.addr.to_string(), "kind": kind, "key": key.map(ToString::to_string)})
}

fn graph_from_json(json: &Json) -> Read<Graph> {
    let ops: Vec<Op> = list(json, "ops")?
        .iter()
        .map(|it| {
            let key = || {
                it["key"]
                    .as_str()
                    .map_or_else(|| wrong("key"), |it| Ok(DeposedKey(it.into())))
            };
            let kind = match text(it, "kind")? {
                "create" => OpKind::Create,
                "update" => OpKind::Update,
                "delete" => OpKind::Delete,
                "depose" => OpKind::Depose(key()?),
                "delete-deposed" => OpKind::DeleteDeposed(key()?),
                "read" => OpKind::Read,
                "forget" => OpKind::Forget,
                "follow-up" => OpKind::FollowUp,
                "join" => OpKind::Join,
                _ => return wrong("kind"),
            };
            Ok(Op {
                addr: instance(&it["addr"], "addr")?,
                kind,
            })
        })
        .collect::<Read<_>>()?;
    let position = |it: &Json| {
        let at = it
            .as_u64()
            .and_then(|it| usize::try_from(it).ok())
            .filter(|it| *it < ops.len());
        at.map_or_else(|| wrong("after"), Ok)
    };
    let after: Vec<Vec<usize>> = list(json, "after")?
        .iter()
        .map(|it| {
            it.as_array()
                .map_or_else(|| wrong("after"), |it| it.iter().map(position).collect())
        })
        .collect::<Read<_>>()?;
    // Operations stand in an order that satisfies all edges, so that no cycle is possible.
    let sound = after.len() == ops.len()
        && after
            .iter()
            .enumerate()
            .all(|(at, before)| before.iter().all(|it| *it < at));
    if sound {
        Ok(Graph { ops, after })
    } else {
        wrong("after")
    }
}

const STATUSES: [(CheckStatus, &str); 4] = [
    (CheckStatus::Unknown, "unknown"),
    (CheckStatus::Pass, "pass"),
    (CheckStatus::Fail, "fail"),
    (CheckStatus::Error, "error"),
];

fn check_to_json(it: &CheckResult) -> Json {
    let objects: Vec<Json> = it
        .objects
        .iter()
        .map(|it| json!({"address": it.address, "status": word(&STATUSES, it.status), "messages": it.messages}))
        .collect();
    json!({"kind": it.kind, "address": it.address, "status": word(&STATUSES, it.status), "objects": objects})
}

fn check_from_json(json: &Json) -> Read<CheckResult> {
    let object = |it: &Json| {
        Ok(CheckObject {
            address: text(it, "address")?.to_owned(),
            status: of_word(&STATUSES, it, "status")?,
            messages: list(it, "messages")?
                .iter()
                .filter_map(Json::as_str)
                .map(str::to_owned)
                .collect(),
        })
    };
    Ok(CheckResult {
        kind: text(json, "kind")?.to_owned(),
        address: text(json, "address")?.to_owned(),
        status: of_word(&STATUSES, json, "status")?,
        objects: list(json, "objects")?
            .iter()
            .map(object)
            .collect::<Read<_>>()?,
    })
}

fn path_to_json(path: &Path) -> Json {
    path.0
        .iter()
        .map(|step| match step {
            Step::Attr(name) => json!({"attr": &**name}),
            Step::Index(key) => json!({"index": value_to_json(key)}),
        })
        .collect()
}

fn path_from_json(json: &Json) -> Read<Path> {
    let steps = json.as_array().map_or_else(|| wrong("path"), Ok)?;
    let step = |it: &Json| match it["attr"].as_str() {
        Some(name) => Ok(Step::Attr(name.into())),
        None => Ok(Step::Index(value_from_json(&it["index"])?)),
    };
    Ok(Path(steps.iter().map(step).collect::<Read<_>>()?))
}

/// A value with its types, unknowns and marks.
pub fn value_to_json(value: &Value) -> Json {
    let (plain, marks) = value.peek();
    let ty = value::json::type_to_json;
    let all = |values: &[Value]| values.iter().map(value_to_json).collect::<Vec<_>>();
    let entries = |values: &BTreeMap<Arc<str>, Value>| {
        values
            .iter()
            .map(|(key, it)| (key.to_string(), value_to_json(it)))
            .collect::<Map<_, _>>()
    };
    let bound = |it: &Option<(Number, bool)>| {
        it.as_ref()
            .map(|(number, inclusive)| json!([number.to_string(), inclusive]))
    };
    let res = match plain {
        Plain::Unknown(it) => json!({"unknown": {
            "type": ty(&it.ty), "not_null": it.not_null, "prefix": it.prefix.as_deref(),
            "min_len": it.min_len, "max_len": it.max_len, "min": bound(&it.min), "max": bound(&it.max),
        }}),
        Plain::Null(it) => json!({"null": ty(it)}),
        Plain::Bool(it) => json!(it),
        Plain::Number(it) => json!({"number": it.to_string()}),
        Plain::String(it) => json!(&**it),
        Plain::List(element, values) => json!({"list": all(values), "type": ty(element)}),
        Plain::Set(element, values) => json!({"set": all(values), "type": ty(element)}),
        Plain::Map(element, values) => json!({"map": entries(values), "type": ty(element)}),
        Plain::Tuple(values) => json!({"tuple": all(values)}),
        Plain::Object(values) => json!({"object": entries(values)}),
    };
    if marks.is_empty() {
        return res;
    }
    json!({"value": res, "sensitive": marks.has(Mark::Sensitive), "ephemeral": marks.has(Mark::Ephemeral)})
}

/// The value that [`value_to_json`] wrote.
pub fn value_from_json(json: &Json) -> Read<Value> {
    let ty = |it: &Json| value::json::type_from_json(it).map_or_else(|| wrong("type"), Ok);
    let all = |it: &Json| -> Read<Vec<Value>> {
        it.as_array().map_or_else(
            || wrong("value"),
            |it| it.iter().map(value_from_json).collect(),
        )
    };
    let entries = |it: &Json| -> Read<BTreeMap<Arc<str>, Value>> {
        let members = it.as_object().map_or_else(|| wrong("value"), Ok)?;
        members
            .iter()
            .map(|(key, it)| Ok((Arc::from(key.as_str()), value_from_json(it)?)))
            .collect()
    };
    let number = |it: &Json| {
        it.as_str()
            .and_then(Number::parse)
            .map_or_else(|| wrong("number"), Ok)
    };
    let object = match json {
        Json::Bool(it) => return Ok(Value::from(*it)),
        Json::String(it) => return Ok(Value::string(it)),
        Json::Object(it) => it,
        Json::Null | Json::Number(_) | Json::Array(_) => return wrong("value"),
    };
    if let Some(inner) = object.get("value") {
        let mut marks = Marks::NONE;
        for (name, mark) in [
            ("sensitive", Mark::Sensitive),
            ("ephemeral", Mark::Ephemeral),
        ] {
            if flag(json, name)? {
                marks = marks.with(mark);
            }
        }
        return Ok(value_from_json(inner)?.mark(marks));
    }
    if let Some(it) = object.get("unknown") {
        let bound = |it: &Json| -> Read<Option<(Number, bool)>> {
            if it.is_null() {
                Ok(None)
            } else {
                Ok(Some((number(&it[0])?, it[1].as_bool().unwrap_or(true))))
            }
        };
        let mut unknown = Unknown::of(ty(&it["type"])?);
        unknown.not_null = flag(it, "not_null")?;
        unknown.prefix = it["prefix"].as_str().map(Into::into);
        unknown.min_len = it["min_len"].as_u64();
        unknown.max_len = it["max_len"].as_u64();
        unknown.min = bound(&it["min"])?;
        unknown.max = bound(&it["max"])?;
        return Ok(Value::new(Plain::Unknown(Box::new(unknown))));
    }
    if let Some(it) = object.get("null") {
        return Ok(Value::null(ty(it)?));
    }
    if let Some(it) = object.get("number") {
        return Ok(Value::from(number(it)?));
    }
    if let Some(it) = object.get("list") {
        return Ok(Value::list(ty(&json["type"])?, all(it)?));
    }
    if let Some(it) = object.get("set") {
        return Ok(Value::set(ty(&json["type"])?, all(it)?));
    }
    if let Some(it) = object.get("map") {
        return Ok(Value::map(ty(&json["type"])?, entries(it)?));
    }
    if let Some(it) = object.get("tuple") {
        return Ok(Value::tuple(all(it)?));
    }
    match object.get("object") {
        Some(it) => Ok(Value::object(entries(it)?)),
        None => wrong("value"),
    }
}
