//! What an apply would make of an object: the rules of the plugin framework that the dialects' providers are made
//! with (their users' plans depend on them), and what makes our plans converge. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use provider::{Issue, PlanRequest, PlanResponse, Private};
use serde_json::{Value as Json, json};
use value::{Path, Value};

use crate::object::field_of;
use crate::table::{Answered, Attribute, Field, Mode, Modifier, Resource};
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

    let issues = if is_create {
        Vec::new()
    } else {
        let fixed = resource.attributes.iter().filter(|it| {
            let now = planned.get(it.name);
            is_fixed(resource, it) && differs(&planned, it) && now.is_some_and(Value::is_known)
        });
        fixed
            .map(|it| cannot_change(resource, it, &get(&request.prior, it)))
            .collect()
    };
    let names = resource.attributes.iter().filter(|it| {
        it.modifiers.contains(&Modifier::EmptyWhenRemoved) && !get(&request.config, it).is_null()
    });
    PlanResponse {
        planned: Value::object(planned.into_iter().map(|(name, it)| (Arc::from(name), it))),
        replace,
        private: remembered(names.map(|it| it.name).collect()),
        issues,
    }
}

/// Whether an attribute is what a create made it, and no call changes it. The dialect's own provider knows no such
/// attribute: it reports a result that is not what was planned, or plans the same change for ever.
fn is_fixed(resource: &Resource, attribute: &Attribute) -> bool {
    let object = resource.object;
    let is_sent = |field: &Field| {
        let mut updates = object.updates.iter();
        updates.any(|it| it.fields.contains(&field.name))
    };
    attribute.mode != Mode::Computed
        && !attribute.modifiers.contains(&Modifier::RequiresReplace)
        && object
            .field(attribute.field)
            .is_some_and(|it| it.answered != Answered::Never && !is_sent(it))
}

/// That an attribute is to be something else than it was made.
fn cannot_change(resource: &Resource, attribute: &Attribute, prior: &Value) -> Issue {
    let (name, noun) = (attribute.name, resource.object.noun);
    let is = match prior.as_str().filter(|_| !attribute.sensitive) {
        Some(it) => format!("\"{it}\""),
        None => "as it was made".to_owned(),
    };
    let way = match (prior.is_null(), attribute.mode) {
        (true, _) | (false, Mode::OptionalComputed) => "take the argument out of the configuration",
        (false, _) => "set it to that",
    };
    let detail = format!(
        "Dokploy keeps {name} as it was when the {noun} was created, and here it is {is}. To keep the {noun}, {way}; to have a new one in its place, taint this one first."
    );
    Issue::error("Cannot be changed", detail).at(Path::attr_of(name))
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

#[cfg(test)]
mod tests {
    use super::is_fixed;
    use crate::tables::AHMEDALI6;

    /// A new row whose field is in no update by mistake would be here too.
    #[test]
    fn what_no_call_changes() {
        let mut found = Vec::new();
        for resource in AHMEDALI6.resources {
            for attribute in resource
                .attributes
                .iter()
                .filter(|it| is_fixed(resource, it))
            {
                found.push(format!("{}.{}", resource.kind, attribute.name));
            }
        }
        assert_eq!(
            found,
            ["dokploy_application.app_name", "dokploy_compose.app_name"]
        );
    }
}
