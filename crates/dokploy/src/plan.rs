//! What an apply would make of an object: the rules of the plugin framework that the dialects' providers are made
//! with (their users' plans depend on them), and what makes our plans converge. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use provider::{Issue, PlanRequest, PlanResponse, Private};
use serde_json::{Value as Json, json};
use value::{Path, Value};

use crate::object::field_of;
use crate::table::{Attribute, Mode, Modifier, Resource};
use crate::wire::{is_empty, is_same, literal, type_of};

/// Plans a create (no prior) or an update. A delete is planned as it is asked for.
pub(crate) fn plan(resource: &Resource, request: &PlanRequest) -> PlanResponse {
    if request.proposed.is_null() {
        return PlanResponse {
            planned: request.proposed.clone(),
            replace: Vec::new(),
            private: request.private.clone(),
            issues: Vec::new(),
        };
    }
    let is_create = request.prior.is_null();
    let get = |from: &Value, attribute: &Attribute| {
        let null = || Value::null(type_of(field_of(resource, attribute).kind));
        from.get(attribute.name).unwrap_or_else(null)
    };
    let was_configured = configured(&request.private);

    // Configuration, defaults, and what was there before.
    let mut planned: BTreeMap<&str, Value> = BTreeMap::new();
    let mut emptied: BTreeSet<&str> = BTreeSet::new();
    for attribute in resource.attributes {
        let config = get(&request.config, attribute);
        let prior = get(&request.prior, attribute);
        let field = field_of(resource, attribute);
        let value = if !config.is_null() {
            let may_keep = !is_create && config.is_known() && !prior.is_null();
            if may_keep && is_same(field.same, &prior, &config) {
                prior
            } else {
                config
            }
        } else if let Some(default) = attribute.default {
            let default = literal(default);
            if !is_create && is_same(field.same, &prior, &default) {
                prior
            } else {
                default
            }
        } else if attribute.is_computed() {
            let is_removed = attribute.modifiers.contains(&Modifier::EmptyWhenRemoved)
                && was_configured.contains(attribute.name);
            if is_removed && !is_create {
                emptied.insert(attribute.name);
                if is_empty(&prior) {
                    prior
                } else {
                    Value::from("")
                }
            } else if is_create {
                Value::unknown(type_of(field.kind))
            } else {
                prior
            }
        } else {
            config
        };
        planned.insert(attribute.name, value);
    }

    // Any difference makes everything unknown that Dokploy alone decides. What a configuration could set and does not
    // stays as it was: Dokploy changes no setting that an update does not name, and a plan that says otherwise hides
    // its one difference among twenty.
    let differs = |planned: &BTreeMap<&str, Value>, attribute: &Attribute| {
        planned.get(attribute.name) != Some(&get(&request.prior, attribute))
    };
    let is_changed = is_create || resource.attributes.iter().any(|it| differs(&planned, it));
    if is_changed {
        for attribute in resource.attributes {
            let is_decided_here = attribute.default.is_some() || emptied.contains(attribute.name);
            let is_kept = attribute.mode == Mode::OptionalComputed && !is_create;
            if attribute.is_computed()
                && get(&request.config, attribute).is_null()
                && !is_decided_here
                && !is_kept
            {
                let kind = field_of(resource, attribute).kind;
                planned.insert(attribute.name, Value::unknown(type_of(kind)));
            }
        }
    }

    let mut replace = Vec::new();
    if !is_create {
        for attribute in resource.attributes {
            let mut is_raised = false;
            for modifier in attribute.modifiers {
                match modifier {
                    Modifier::UseStateForUnknown => {
                        let is_unknown =
                            planned.get(attribute.name).is_some_and(|it| !it.is_known());
                        if is_unknown && get(&request.config, attribute).is_known() {
                            planned.insert(attribute.name, get(&request.prior, attribute));
                        }
                    }
                    Modifier::RequiresReplace => is_raised |= differs(&planned, attribute),
                    Modifier::EmptyWhenRemoved => {}
                }
            }
            // A later modifier may have taken the difference away.
            if is_raised && differs(&planned, attribute) {
                replace.push(Path::attr_of(attribute.name));
            }
        }
    }

    let names = resource.attributes.iter().filter(|it| {
        it.modifiers.contains(&Modifier::EmptyWhenRemoved) && !get(&request.config, it).is_null()
    });
    PlanResponse {
        planned: Value::object(planned.into_iter().map(|(name, it)| (Arc::from(name), it))),
        replace,
        private: remembered(names.map(|it| it.name).collect()),
        issues: Vec::new(),
    }
}

/// Checks configured values against the closed sets of the rows.
pub(crate) fn validate(resource: &Resource, config: &Value) -> Vec<Issue> {
    let mut res = Vec::new();
    for attribute in resource.attributes {
        let value = config.get(attribute.name);
        if matches!(attribute.mode, Mode::Computed)
            && value.as_ref().is_some_and(|it| !it.is_null())
        {
            let detail = format!(
                "Dokploy decides {}, so that it cannot be set. Remove the argument; to read it, refer to it from elsewhere.",
                attribute.name
            );
            let issue = Issue::error("Invalid Configuration for Read-Only Attribute", detail);
            res.push(issue.at(Path::attr_of(attribute.name)));
            continue;
        }
        let Some(text) = value.as_ref().and_then(Value::as_str) else {
            continue;
        };
        if !attribute.one_of.is_empty() && !attribute.one_of.contains(&text) {
            let choices: Vec<String> = attribute
                .one_of
                .iter()
                .map(|it| format!("\"{it}\""))
                .collect();
            let given = if attribute.sensitive {
                "what it is given".to_owned()
            } else {
                format!("\"{text}\"")
            };
            let detail = format!(
                "The argument {} cannot be {given}. It must be {}.",
                attribute.name,
                choices.join(" or ")
            );
            let issue = Issue::error("Invalid Attribute Value Match", detail);
            res.push(issue.at(Path::attr_of(attribute.name)));
        }
    }
    res
}

/// The attributes that the configuration set when the object was last applied, as far as they were noted.
fn configured(private: &Private) -> BTreeSet<String> {
    let json: Option<Json> = private
        .as_deref()
        .and_then(|it| serde_json::from_slice(it).ok());
    let names = json.as_ref().and_then(|it| it.get("configured"));
    names
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
        .filter_map(|it| it.as_str().map(str::to_owned))
        .collect()
}

/// Notes the attributes that would have to be emptied if they were taken out of the configuration. Nothing is noted
/// where there are none, so that most states are as the dialect's own provider writes them.
fn remembered(names: Vec<&str>) -> Private {
    (!names.is_empty()).then(|| json!({ "configured": names }).to_string().into_bytes())
}
