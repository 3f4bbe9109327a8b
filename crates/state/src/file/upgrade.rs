//! Older versions of the format into version 4, one step each, on JSON.
//!
//! Version 1 held modules without dependencies of instances; version 2 added types to outputs; version 3 changed
//! numbering only. All three hold attributes as flat maps, which a provider turns into values when it first reads them
//! (`attributes_flat`).

use base64::Engine as _;
use serde_json::{Map, Value as Json, json};

use super::{FileError, FileErrorKind};

/// A document of version 4 from one of versions 1 to 3.
pub(super) fn to_v4(json: Json, version: u64) -> Result<Json, FileError> {
    let json = if version == 1 { v1_to_v3(json) } else { json };
    v3_to_v4(&json)
}

/// Version 1 held bare output values.
fn v1_to_v3(mut json: Json) -> Json {
    for module in json
        .get_mut("modules")
        .and_then(Json::as_array_mut)
        .into_iter()
        .flatten()
    {
        for (_, output) in module
            .get_mut("outputs")
            .and_then(Json::as_object_mut)
            .into_iter()
            .flatten()
        {
            if let Json::String(text) = output {
                *output = json!({"type": "string", "value": text, "sensitive": false});
            }
        }
    }
    json
}

fn invalid(reason: String) -> FileError {
    FileError {
        kind: FileErrorKind::Invalid,
        reason: format!("the file is not a sound state: {reason}."),
    }
}

fn v3_to_v4(json: &Json) -> Result<Json, FileError> {
    let mut outputs = Map::new();
    let mut resources: Vec<Json> = Vec::new();
    for module in json
        .get("modules")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
    {
        let path: Vec<&str> = module
            .get("path")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .collect();
        let names = path.strip_prefix(&["root"]).unwrap_or(&path);
        let module_addr = names
            .iter()
            .map(|it| format!("module.{it}"))
            .collect::<Vec<_>>()
            .join(".");
        if names.is_empty() {
            for (name, output) in module
                .get("outputs")
                .and_then(Json::as_object)
                .into_iter()
                .flatten()
            {
                let value = output.get("value").cloned().unwrap_or(Json::Null);
                let ty = output_type(output, &value);
                let mut entry = json!({"value": value, "type": ty});
                if output.get("sensitive").and_then(Json::as_bool) == Some(true) {
                    entry["sensitive"] = json!(true);
                }
                outputs.insert(name.clone(), entry);
            }
        }
        let mut found: std::collections::BTreeMap<(bool, String, String), Json> =
            std::collections::BTreeMap::new();
        for (key, resource) in module
            .get("resources")
            .and_then(Json::as_object)
            .into_iter()
            .flatten()
        {
            let (is_data, rest) = match key.strip_prefix("data.") {
                Some(rest) => (true, rest),
                None => (false, key.as_str()),
            };
            let parts: Vec<&str> = rest.split('.').collect();
            let (kind, name, index) = match parts.as_slice() {
                [kind, name] => (*kind, *name, None),
                [kind, name, index] => match index.parse::<u64>() {
                    Ok(index) => (*kind, *name, Some(index)),
                    Err(_) => {
                        return Err(invalid(format!("\"{key}\" is not the key of a resource")));
                    }
                },
                _ => return Err(invalid(format!("\"{key}\" is not the key of a resource"))),
            };
            let provider = provider_of(
                resource
                    .get("provider")
                    .and_then(Json::as_str)
                    .unwrap_or(""),
                kind,
            );
            let entry = found
                .entry((is_data, kind.to_owned(), name.to_owned()))
                .or_insert_with(|| {
                    let mut entry = json!({
                        "mode": if is_data { "data" } else { "managed" },
                        "type": kind, "name": name, "provider": provider, "instances": [],
                    });
                    if !module_addr.is_empty() {
                        entry["module"] = json!(module_addr);
                    }
                    entry
                });
            let mut dependencies: Vec<Json> = Vec::new();
            for it in resource
                .get("depends_on")
                .and_then(Json::as_array)
                .into_iter()
                .flatten()
            {
                // Version 3 names modules and whole resources relative to the module; only resources are kept.
                let relative = it.as_str().unwrap_or("").trim_end_matches(".*");
                let whole = if module_addr.is_empty() {
                    relative.to_owned()
                } else {
                    format!("{module_addr}.{relative}")
                };
                let is_resource = !["local.", "var.", "path.", "each.", "count."]
                    .iter()
                    .any(|it| relative.starts_with(it));
                if is_resource && addr::parse::instance(&whole).is_some() {
                    dependencies.push(json!(whole));
                }
            }
            let mut push = |object: &Json, deposed: Option<String>| {
                let mut instance = Map::new();
                if let Some(index) = index {
                    instance.insert("index_key".to_owned(), json!(index));
                }
                if object.get("tainted").and_then(Json::as_bool) == Some(true) {
                    instance.insert("status".to_owned(), json!("tainted"));
                }
                if let Some(key) = deposed {
                    instance.insert("deposed".to_owned(), json!(key));
                }
                let version = match object.get("meta").and_then(|it| it.get("schema_version")) {
                    Some(Json::String(it)) => it.parse().unwrap_or(0),
                    Some(it) => it.as_u64().unwrap_or(0),
                    None => 0,
                };
                instance.insert("schema_version".to_owned(), json!(version));
                instance.insert(
                    "attributes_flat".to_owned(),
                    object
                        .get("attributes")
                        .cloned()
                        .unwrap_or_else(|| json!({})),
                );
                if let Some(private) = private(object.get("meta")) {
                    instance.insert("private".to_owned(), json!(private));
                }
                instance.insert("dependencies".to_owned(), json!(dependencies));
                if let Some(list) = entry["instances"].as_array_mut() {
                    list.push(Json::Object(instance));
                }
            };
            if let Some(primary) = resource
                .get("primary")
                .filter(|it| it.get("attributes").is_some())
            {
                push(primary, None);
            }
            for (at, it) in resource
                .get("deposed")
                .and_then(Json::as_array)
                .into_iter()
                .flatten()
                .enumerate()
            {
                push(it, Some(format!("{:08x}", at + 1)));
            }
        }
        resources.extend(found.into_values());
    }
    let member = |name: &str| json.get(name).cloned().unwrap_or(Json::Null);
    Ok(json!({
        "version": 4,
        "terraform_version": member("terraform_version"),
        "serial": member("serial"),
        "lineage": member("lineage"),
        "outputs": outputs,
        "resources": resources,
        "check_results": null,
    }))
}

/// `provider.aws`, `provider.aws.west`, `module.m.provider.aws` as version 4 names it: with the legacy namespace, since
/// version 3 did not know who publishes a provider.
fn provider_of(text: &str, kind: &str) -> String {
    let (module, rest) = match text.split_once("provider.") {
        Some((module, rest)) => (module, rest),
        None => ("", text),
    };
    let (name, alias) = match rest.split_once('.') {
        Some((name, alias)) => (name, Some(alias)),
        None => (rest, None),
    };
    let name = if name.is_empty() {
        kind.split('_').next().unwrap_or(kind)
    } else {
        name
    };
    let address = if name == "terraform" {
        addr::Provider::builtin()
    } else {
        addr::Provider::new(addr::provider::DEFAULT_HOST, "-", name)
    };
    let alias = alias.map_or_else(String::new, |alias| format!(".{alias}"));
    format!("{module}provider[\"{address}\"]{alias}")
}

/// The type of an output: version 3 says `list` and `map` of what are a list and a map of texts.
fn output_type(output: &Json, value: &Json) -> Json {
    match (output.get("type").and_then(Json::as_str), value) {
        (Some("list"), Json::Array(it)) if it.iter().all(Json::is_string) => {
            json!(["list", "string"])
        }
        (Some("map"), Json::Object(it)) if it.values().all(Json::is_string) => {
            json!(["map", "string"])
        }
        _ => value::json::type_to_json(&value::json::implied_type(value)),
    }
}

/// The provider's own data: what is in `meta` beside the schema version.
fn private(meta: Option<&Json>) -> Option<String> {
    let mut meta = meta?.as_object()?.clone();
    meta.remove("schema_version");
    meta.sort_keys();
    (!meta.is_empty())
        .then(|| base64::engine::general_purpose::STANDARD.encode(Json::Object(meta).to_string()))
}
