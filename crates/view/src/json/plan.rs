//! `show -json` of a plan: format 1.2.

use std::collections::BTreeMap;

use ::plan::{Action, ActionReason, Plan, ResourceChange};
use addr::ModuleInstance;
use plan::diff::mark_by_schema;
use provider::schema::Schemas;
use serde_json::{Map, Value as Json, json};
use value::{Mark, Path, Step, Type, Value};

use super::state::{header, tree};
use super::{known, sensitive, unknown};
use crate::json::configuration;

/// The document.
pub fn document(plan: &Plan, config: &config::Config, schemas: &Schemas) -> Json {
    let mut res = Map::new();
    let mut put = |name: &str, json: Json| {
        res.insert(name.to_owned(), json);
    };
    put("format_version", json!("1.2"));
    put("terraform_version", json!("1.11.4"));
    if !plan.variables.is_empty() {
        let variables = plan.variables.iter().map(|(name, it)| {
            let value = if it.value.is_wholly_known() {
                json!({"value": value::json::plain_json(&it.value)})
            } else {
                json!({})
            };
            (name.clone(), value)
        });
        put("variables", Json::Object(variables.collect()));
    }
    put("planned_values", planned_values(plan, schemas));
    let drift: Vec<Json> = plan
        .drift
        .iter()
        .filter(|it| {
            it.change.change.action != Action::NoOp || it.change.addr != it.change.previous
        })
        .map(|it| change(&it.change, schemas))
        .collect();
    if !drift.is_empty() {
        put("resource_drift", json!(drift));
    }
    let changes: Vec<Json> = plan.changes.iter().map(|it| change(it, schemas)).collect();
    if !changes.is_empty() {
        put("resource_changes", json!(changes));
    }
    if !plan.outputs.is_empty() {
        let outputs = plan.outputs.iter().map(|it| {
            let hide = |value: &Value| {
                if it.sensitive {
                    value.clone().mark(Mark::Sensitive)
                } else {
                    value.clone()
                }
            };
            let (before, after) = (hide(&it.change.before), hide(&it.change.after));
            let flag = |value: &Value| Json::Bool(value.has_mark(Mark::Sensitive));
            let output = json!({
                "actions": actions(it.change.action),
                "before": known(&before),
                "after": known(&after),
                "after_unknown": if after.is_wholly_known() { Json::Bool(false) } else { unknown(&after) },
                "before_sensitive": flag(&before),
                "after_sensitive": flag(&after),
            });
            let mut output = output;
            if !after.is_known() {
                output.as_object_mut().map(|it| it.remove("after"));
            }
            (it.name.clone(), output)
        });
        put("output_changes", Json::Object(outputs.collect()));
    }
    // The refreshed state has the outputs as they will be, where that is known.
    let mut refreshed = (*plan.refreshed).clone();
    for it in plan
        .outputs
        .iter()
        .filter(|it| it.change.after.is_wholly_known() && it.change.action != Action::Delete)
    {
        if it.change.after.is_null() {
            refreshed.outputs.remove(it.name.as_str());
        } else {
            let output = ::state::OutputValue {
                value: it.change.after.clone(),
                sensitive: it.sensitive,
            };
            refreshed.outputs.insert(it.name.as_str().into(), output);
        }
    }
    if !refreshed.is_empty() {
        let values = super::state::values(&refreshed, schemas);
        put(
            "prior_state",
            json!({"format_version": "1.0", "terraform_version": "1.11.4", "values": values}),
        );
    }
    put("configuration", configuration::document(config, schemas));
    if !plan.relevant.is_empty() {
        let relevant: Vec<Json> = plan
            .relevant
            .iter()
            .map(|it| json!({"resource": it.resource, "attribute": path(&it.path)}))
            .collect();
        put("relevant_attributes", json!(relevant));
    }
    if !plan.checks.is_empty() {
        put("checks", super::checks(&plan.checks));
    }
    put("timestamp", json!(plan.created));
    put("applyable", json!(plan.applicable));
    put("complete", json!(plan.complete));
    put("errored", json!(plan.errored));
    Json::Object(res)
}

/// The actions of a change as the list that tools read.
pub(crate) fn actions(action: Action) -> Json {
    match action {
        Action::NoOp => json!(["no-op"]),
        Action::Create => json!(["create"]),
        Action::Read => json!(["read"]),
        Action::Update => json!(["update"]),
        Action::DeleteThenCreate => json!(["delete", "create"]),
        Action::CreateThenDelete => json!(["create", "delete"]),
        Action::Delete => json!(["delete"]),
        Action::Forget => json!(["forget"]),
    }
}

fn reason(reason: ActionReason) -> Option<&'static str> {
    Some(match reason {
        ActionReason::None => return None,
        ActionReason::ReplaceBecauseTainted => "replace_because_tainted",
        ActionReason::ReplaceByRequest => "replace_by_request",
        ActionReason::ReplaceByTriggers => "replace_by_triggers",
        ActionReason::ReplaceBecauseCannotUpdate => "replace_because_cannot_update",
        ActionReason::DeleteBecauseNoResourceConfig => "delete_because_no_resource_config",
        ActionReason::DeleteBecauseWrongRepetition => "delete_because_wrong_repetition",
        ActionReason::DeleteBecauseCountIndex => "delete_because_count_index",
        ActionReason::DeleteBecauseEachKey => "delete_because_each_key",
        ActionReason::DeleteBecauseNoModule => "delete_because_no_module",
        ActionReason::DeleteBecauseNoMoveTarget => "delete_because_no_move_target",
        ActionReason::ReadBecauseConfigUnknown => "read_because_config_unknown",
        ActionReason::ReadBecauseDependencyPending => "read_because_dependency_pending",
        ActionReason::ReadBecauseCheckNested => "read_because_check_nested",
    })
}

fn path(path: &Path) -> Json {
    path.0
        .iter()
        .map(|step| match step {
            Step::Attr(name) => json!(&**name),
            Step::Index(key) => value::json::plain_json(key),
        })
        .collect()
}

/// One change of a resource instance.
fn change(it: &ResourceChange, schemas: &Schemas) -> Json {
    let schema = schemas.resource(
        &it.provider.provider,
        it.addr.resource.mode,
        &it.addr.resource.kind,
    );
    let marked = |value: &Value| match schema {
        Some(schema) => mark_by_schema(value, &schema.block),
        None => value.clone(),
    };
    let (before, after) = (marked(&it.change.before), marked(&it.change.after));
    let mut res = header(&it.addr, &it.provider);
    // The order of members of the reference: the provider's name comes last.
    let provider = res.shift_remove("provider_name");
    if it.addr != it.previous {
        let mut ordered = Map::new();
        for (name, json) in res {
            let is_address = name == "address";
            ordered.insert(name, json);
            if is_address {
                ordered.insert(
                    "previous_address".to_owned(),
                    json!(it.previous.to_string()),
                );
            }
        }
        res = ordered;
    }
    if !it.addr.module.is_root() {
        let mut ordered = Map::new();
        for (name, json) in res {
            if name == "mode" {
                ordered.insert(
                    "module_address".to_owned(),
                    json!(it.addr.module.to_string()),
                );
            }
            ordered.insert(name, json);
        }
        res = ordered;
    }
    res.extend(provider.map(|it| ("provider_name".to_owned(), it)));
    if let Some(key) = &it.deposed {
        res.insert("deposed".to_owned(), json!(key.to_string()));
    }
    let mut change = json!({
        "actions": actions(it.change.action),
        "before": known(&before),
        "after": known(&after),
        "after_unknown": if it.change.after.is_null() { json!({}) } else { unknown(&after) },
        "before_sensitive": if before.is_null() { Json::Bool(false) } else { sensitive(&before) },
        "after_sensitive": if after.is_null() { Json::Bool(false) } else { sensitive(&after) },
    });
    if it.change.action == Action::Delete || it.change.action == Action::Forget {
        change["after_unknown"] = json!({});
    }
    if !it.replace_paths.is_empty() {
        change["replace_paths"] = it.replace_paths.iter().map(path).collect();
    }
    if let Some(importing) = &it.importing {
        change["importing"] = importing
            .id
            .as_ref()
            .map_or_else(|| json!({"unknown": true}), |id| json!({"id": id}));
        if let Some(text) = &importing.generated {
            change["generated_config"] = json!(text);
        }
    }
    res.insert("change".to_owned(), change);
    if let Some(reason) = reason(it.reason) {
        res.insert("action_reason".to_owned(), json!(reason));
    }
    // Ours: readers of the reference's format pass over members that they do not know.
    if let Some(what) = &it.at_stake {
        res.insert("data_loss".to_owned(), json!(what));
    }
    if let Some(it) = &it.follow_up {
        let follow_up = json!({"verb": it.verb, "why": it.why});
        res.insert("follow_up".to_owned(), follow_up);
    }
    Json::Object(res)
}

fn planned_values(plan: &Plan, schemas: &Schemas) -> Json {
    let mut res = Map::new();
    let outputs: Map<String, Json> = plan
        .outputs
        .iter()
        .filter(|it| it.change.action != Action::Delete)
        .map(|it| {
            let mut output = Map::new();
            output.insert("sensitive".to_owned(), json!(it.sensitive));
            if it.change.after.is_wholly_known() {
                // A plan does not keep of which type a null is.
                let ty = if it.change.after.is_null() {
                    Type::Dynamic
                } else {
                    it.change.after.ty()
                };
                output.insert("type".to_owned(), value::json::type_to_json(&ty));
                output.insert(
                    "value".to_owned(),
                    value::json::plain_json(&it.change.after),
                );
            }
            (it.name.clone(), Json::Object(output))
        })
        .collect();
    if !outputs.is_empty() {
        res.insert("outputs".to_owned(), Json::Object(outputs));
    }
    let mut modules: BTreeMap<ModuleInstance, Vec<Json>> = BTreeMap::new();
    for it in &plan.changes {
        let stays =
            !matches!(it.change.action, Action::Delete | Action::Forget) && it.deposed.is_none();
        if !stays || it.change.after.is_null() {
            continue;
        }
        let schema = schemas.resource(
            &it.provider.provider,
            it.addr.resource.mode,
            &it.addr.resource.kind,
        );
        let value = match schema {
            Some(schema) => mark_by_schema(&it.change.after, &schema.block),
            None => it.change.after.clone(),
        };
        let mut entry = header(&it.addr, &it.provider);
        entry.insert(
            "schema_version".to_owned(),
            json!(schema.map_or(0, |it| it.version)),
        );
        // What is known of nothing is left out.
        let known = known(&value);
        if known.as_object().is_none_or(|it| !it.is_empty()) {
            entry.insert("values".to_owned(), known);
        }
        entry.insert("sensitive_values".to_owned(), sensitive(&value));
        modules
            .entry(it.addr.module.clone())
            .or_default()
            .push(Json::Object(entry));
    }
    res.insert(
        "root_module".to_owned(),
        tree(&ModuleInstance::root(), &modules),
    );
    Json::Object(res)
}
