//! The write-only twins of secrets: `password_wo` and `password_wo_version` beside `password`.
//!
//! Every attribute that must not be shown and can be set has one, made from its row. A secret that is given by its twin
//! is in no plan and no state; it is sent when the object is made and when the version changes. The driver knows no
//! twins: what goes in to it is without them, and what comes out gets them here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use provider::{ApplyRequest, ApplyResponse, Issue, PlanRequest, PlanResponse, Private};
use serde_json::{Value as Json, json};
use value::{Path, Type, Value};

use crate::driver::Driver;
use crate::object::field_of;
use crate::table::{Attribute, Mode, Modifier, Resource};
use crate::wire::type_of;

/// A secret with its twin.
pub(crate) struct Twin {
    /// The attribute that holds the secret itself.
    pub(crate) plain: &'static Attribute,
    /// The name of the write-only argument.
    pub(crate) value: String,
    /// The name of the argument whose change sends it again.
    pub(crate) version: String,
    /// The type of the secret.
    pub(crate) ty: Type,
}

/// The twins of a resource type's secrets.
pub(crate) fn twins(resource: &Resource) -> impl Iterator<Item = Twin> {
    let secrets = resource
        .attributes
        .iter()
        .filter(|it| it.sensitive && it.mode != Mode::Computed);
    secrets.map(|plain| Twin {
        plain,
        value: format!("{}_wo", plain.name),
        version: format!("{}_wo_version", plain.name),
        ty: type_of(field_of(resource, plain).kind),
    })
}

impl Twin {
    /// Whether a configuration gives the secret by the twin: it may still be unknown.
    fn is_used(&self, config: &Value) -> bool {
        config.get(&self.value).is_some_and(|it| !it.is_null())
    }

    fn version_in(&self, value: &Value) -> Value {
        let version = value.get(&self.version);
        version.unwrap_or_else(|| Value::null(Type::Number))
    }
}

fn inner_type(resource: &Resource) -> Type {
    let attributes = resource.attributes.iter();
    Type::object(attributes.map(|it| (it.name, type_of(field_of(resource, it).kind))))
}

/// The type of a resource type's values, twins and all.
pub(crate) fn outer_type(resource: &Resource) -> Type {
    let attributes = resource.attributes.iter();
    let own = attributes.map(|it| (it.name.to_owned(), type_of(field_of(resource, it).kind)));
    let more = twins(resource).flat_map(|it| [(it.value, it.ty), (it.version, Type::Number)]);
    Type::object(own.chain(more))
}

/// A value without twins.
pub(crate) fn inner(resource: &Resource, value: &Value) -> Value {
    if value.is_null() {
        return Value::null(inner_type(resource));
    }
    let Some(entries) = value.entries() else {
        return value.clone();
    };
    let mut entries = entries.clone();
    for it in twins(resource) {
        entries.remove(it.value.as_str());
        entries.remove(it.version.as_str());
    }
    Value::object(entries)
}

/// A value with twins: their versions are those of another.
pub(crate) fn outer(resource: &Resource, value: &Value, versions: &Value) -> Value {
    if value.is_null() {
        return Value::null(outer_type(resource));
    }
    let mut entries = value.entries().cloned().unwrap_or_default();
    for it in twins(resource) {
        let version = it.version_in(versions);
        entries.insert(Arc::from(it.value), Value::null(it.ty));
        entries.insert(Arc::from(it.version), version);
    }
    Value::object(entries)
}

/// The value with some of its secrets taken out.
fn emptied<'a>(value: &Value, secrets: impl Iterator<Item = &'a Twin>) -> Value {
    let Some(entries) = value.entries() else {
        return value.clone();
    };
    let mut entries = entries.clone();
    for it in secrets {
        entries.insert(Arc::from(it.plain.name), Value::null(it.ty.clone()));
    }
    Value::object(entries)
}

/// What is read of an object whose secrets were given by twins.
pub(crate) fn read(
    resource: &Resource,
    value: &Value,
    current: &Value,
    private: &Private,
) -> Value {
    let names = noted(private);
    let used: Vec<Twin> = twins(resource)
        .filter(|it| names.contains(it.plain.name))
        .collect();
    outer(resource, &emptied(value, used.iter()), current)
}

/// The member of an identity that names the secrets which the state is not to hold.
const ABSENT: &str = "absent secrets";

/// An identity with the names of the secrets that the planned object does not hold.
pub(crate) fn identity(resource: &Resource, mut identity: Json, planned: &Value) -> Json {
    let absent: Vec<&str> = twins(resource)
        .map(|it| it.plain.name)
        .filter(|name| planned.get(name).is_some_and(|it| it.is_null()))
        .collect();
    if let Some(members) = identity.as_object_mut().filter(|_| !absent.is_empty()) {
        members.insert(ABSENT.to_owned(), json!(absent));
    }
    identity
}

/// What is found of an object that was to be made: it holds no secret that the plan did not hold.
pub(crate) fn found(resource: &Resource, value: &Value, identity: &Json) -> Value {
    let names = identity.get(ABSENT).and_then(Json::as_array);
    let is_absent = |name: &str| names.is_some_and(|it| it.iter().any(|it| it == name));
    let absent: Vec<Twin> = twins(resource)
        .filter(|it| is_absent(it.plain.name))
        .collect();
    outer(
        resource,
        &emptied(value, absent.iter()),
        &Value::null(Type::Dynamic),
    )
}

/// Checks that each secret is given once, and a required one at all.
pub(crate) fn validate(resource: &Resource, config: &Value) -> Vec<Issue> {
    let mut res = Vec::new();
    let is_given =
        |name: &str| -> Option<bool> { config.get(name).map(|it| it.is_known() && !it.is_null()) };
    let is_absent = |name: &str| {
        config
            .get(name)
            .is_none_or(|it| it.is_known() && it.is_null())
    };
    for it in twins(resource) {
        let (plain, value, version) = (it.plain.name, it.value.as_str(), it.version.as_str());
        if is_given(plain) == Some(true) && is_given(value) == Some(true) {
            let detail = format!(
                "Both {plain} and {value} are set, and they are two ways to give one secret. Remove one of them: {value} keeps the secret out of the state."
            );
            let issue = Issue::error("Conflicting configuration arguments", detail);
            res.push(issue.at(Path::attr_of(value)));
        }
        if is_given(version) == Some(true) && is_absent(value) {
            let detail = format!(
                "{version} says when {value} is to be sent again, and {value} is not set. Set it, or remove {version}."
            );
            let issue = Issue::error("Missing required argument", detail);
            res.push(issue.at(Path::attr_of(version)));
        }
        if it.plain.mode == Mode::Required && is_absent(plain) && is_absent(value) {
            let detail = format!(
                "The argument \"{plain}\" is required, but no definition was found. Set it, or set \"{value}\", which keeps the secret out of the state."
            );
            res.push(Issue::error("Missing required argument", detail));
        }
    }
    res
}

/// Plans a create or an update.
pub(crate) fn plan(resource: &Resource, request: &PlanRequest) -> PlanResponse {
    let within = PlanRequest {
        kind: request.kind.clone(),
        prior: inner(resource, &request.prior),
        proposed: inner(resource, &request.proposed),
        config: inner(resource, &request.config),
        private: request.private.clone(),
    };
    let mut res = crate::plan::plan(resource, &within);
    if request.proposed.is_null() {
        res.planned = Value::null(outer_type(resource));
        return res;
    }
    let used: Vec<Twin> = twins(resource)
        .filter(|it| it.is_used(&request.config))
        .collect();
    let planned = emptied(&res.planned, used.iter());
    res.planned = outer(resource, &planned, &request.config);
    for it in used.iter().filter(|_| !request.prior.is_null()) {
        let is_other = it.version_in(&request.prior) != it.version_in(&request.config);
        if is_other && it.plain.modifiers.contains(&Modifier::RequiresReplace) {
            res.replace.push(Path::attr_of(it.version.as_str()));
        }
    }
    res.private = noting(res.private, &used);
    res
}

/// Creates, changes or deletes an object.
pub(crate) async fn apply(
    driver: &Driver,
    resource: &'static Resource,
    request: ApplyRequest,
) -> ApplyResponse {
    let used: Vec<Twin> = twins(resource)
        .filter(|it| it.is_used(&request.config))
        .collect();
    let mut planned = inner(resource, &request.planned);
    if let Some(entries) = planned.entries().filter(|_| !used.is_empty()) {
        let mut entries: BTreeMap<Arc<str>, Value> = entries.clone();
        for it in &used {
            let was_plain = request
                .prior
                .get(it.plain.name)
                .is_some_and(|it| !it.is_null());
            let is_due = request.prior.is_null()
                || was_plain
                || it.version_in(&request.prior) != it.version_in(&request.planned);
            // What is not due stays as Dokploy has it.
            let value = request.config.get(&it.value).filter(|_| is_due);
            let value = value.unwrap_or_else(|| Value::unknown(it.ty.clone()));
            entries.insert(Arc::from(it.plain.name), value);
        }
        planned = Value::object(entries);
    }
    let within = ApplyRequest {
        kind: request.kind,
        prior: inner(resource, &request.prior),
        planned,
        config: inner(resource, &request.config),
        private: request.private,
    };
    let mut res = driver.apply(resource, within).await;
    // What failed is to be sent again.
    let has_failed = res.issues.iter().any(Issue::is_error) && !request.prior.is_null();
    let versions = if has_failed {
        &request.prior
    } else {
        &request.planned
    };
    let object = emptied(&res.object, used.iter());
    res.object = outer(resource, &object, versions);
    res
}

/// The names of the secrets that were given by their twins.
fn noted(private: &Private) -> BTreeSet<String> {
    let json: Option<Json> = private
        .as_deref()
        .and_then(|it| serde_json::from_slice(it).ok());
    let names = json.as_ref().and_then(|it| it.get("write_only"));
    let names = names.and_then(Json::as_array).into_iter().flatten();
    names
        .filter_map(|it| it.as_str().map(str::to_owned))
        .collect()
}

/// Notes which secrets are given by their twins; nothing where none is, so that most states are as before.
fn noting(private: Private, used: &[Twin]) -> Private {
    if used.is_empty() {
        return private;
    }
    let known: Option<Json> = private
        .as_deref()
        .and_then(|it| serde_json::from_slice(it).ok());
    let mut res = known.unwrap_or_else(|| json!({}));
    let names: Vec<&str> = used.iter().map(|it| it.plain.name).collect();
    if let Some(members) = res.as_object_mut() {
        members.insert("write_only".to_owned(), json!(names));
    }
    Some(res.to_string().into_bytes())
}
