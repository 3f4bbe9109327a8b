//! `show -json` of a state.

use std::collections::BTreeMap;

use ::state::{Snapshot, State, Status};
use addr::ModuleInstance;
use provider::schema::Schemas;
use serde_json::{Map, Value as Json, json};

use super::{key, known, mode, sensitive};

/// The document; without a state only the version of the format.
pub fn document(snapshot: Option<&Snapshot>, schemas: &Schemas) -> Json {
    let mut res = json!({"format_version": "1.0"});
    let Some(snapshot) = snapshot.filter(|it| !it.state.is_empty()) else {
        return res;
    };
    res["terraform_version"] = json!(snapshot.terraform_version);
    res["values"] = values(&snapshot.state, schemas);
    if let Some(checks) = snapshot.state.checks.as_ref().filter(|it| !it.is_empty()) {
        res["checks"] = super::checks(checks);
    }
    res
}

/// Outputs and resources of a state.
pub(crate) fn values(state: &State, schemas: &Schemas) -> Json {
    let mut res = Map::new();
    if !state.outputs.is_empty() {
        let outputs = state.outputs.iter().map(|(name, it)| {
            let output = json!({
                "sensitive": it.sensitive,
                "value": value::json::plain_json(&it.value),
                "type": value::json::type_to_json(&it.value.ty()),
            });
            (name.to_string(), output)
        });
        res.insert("outputs".to_owned(), Json::Object(outputs.collect()));
    }
    let mut modules: BTreeMap<ModuleInstance, Vec<Json>> = BTreeMap::new();
    for (addr, resource, instance) in state.instances() {
        let mut push = |object: &::state::Object, deposed: Option<&addr::DeposedKey>| {
            let value = crate::state::value_of(&addr.resource, &resource.provider, object, schemas);
            let mut entry = header(&addr, &resource.provider);
            entry.insert("schema_version".to_owned(), json!(object.schema_version));
            entry.insert("values".to_owned(), known(&value));
            entry.insert("sensitive_values".to_owned(), sensitive(&value));
            if !object.dependencies.is_empty() {
                let list: Vec<String> = object
                    .dependencies
                    .iter()
                    .map(ToString::to_string)
                    .collect();
                entry.insert("depends_on".to_owned(), json!(list));
            }
            if object.status == Status::Tainted {
                entry.insert("tainted".to_owned(), json!(true));
            }
            if let Some(it) = deposed {
                entry.insert("deposed_key".to_owned(), json!(it.to_string()));
            }
            modules
                .entry(addr.module.clone())
                .or_default()
                .push(Json::Object(entry));
        };
        if let Some(object) = &instance.current {
            push(object, None);
        }
        for (deposed, object) in &instance.deposed {
            push(object, Some(deposed));
        }
    }
    res.insert(
        "root_module".to_owned(),
        tree(&ModuleInstance::root(), &modules),
    );
    Json::Object(res)
}

/// What every entry of a resource instance begins with.
pub(crate) fn header(addr: &addr::Instance, provider: &addr::ProviderConfig) -> Map<String, Json> {
    let mut res = Map::new();
    res.insert("address".to_owned(), json!(addr.to_string()));
    res.insert("mode".to_owned(), json!(mode(addr.resource.mode)));
    res.insert("type".to_owned(), json!(&*addr.resource.kind));
    res.insert("name".to_owned(), json!(&*addr.resource.name));
    if addr.key != addr::Key::None {
        res.insert("index".to_owned(), key(&addr.key));
    }
    res.insert(
        "provider_name".to_owned(),
        json!(provider.provider.to_string()),
    );
    res
}

/// A module with its resources and the modules in it.
pub(crate) fn tree(at: &ModuleInstance, modules: &BTreeMap<ModuleInstance, Vec<Json>>) -> Json {
    let mut res = Map::new();
    if let Some(resources) = modules.get(at).filter(|it| !it.is_empty()) {
        res.insert("resources".to_owned(), json!(resources));
    }
    if !at.is_root() {
        res.insert("address".to_owned(), json!(at.to_string()));
    }
    let mut children: Vec<ModuleInstance> = modules
        .keys()
        .filter(|it| it.0.len() > at.0.len() && it.is_within(at))
        .map(|it| ModuleInstance(it.0[..=at.0.len()].to_vec()))
        .collect();
    children.sort();
    children.dedup();
    if !children.is_empty() {
        let children: Vec<Json> = children.iter().map(|it| tree(it, modules)).collect();
        res.insert("child_modules".to_owned(), json!(children));
    }
    Json::Object(res)
}
