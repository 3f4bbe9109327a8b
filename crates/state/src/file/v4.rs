//! Version 4 of the format, member by member.

use std::collections::BTreeMap;
use std::sync::Arc;

use addr::{AbsResource, DeposedKey, Key, Mode};
use base64::Engine as _;
use serde_json::{Map, Value as Json, json};
use value::{Marks, Path};

use super::{FileError, FileErrorKind};
use crate::object::Attributes;
use crate::state::Each;
use crate::{
    CheckObject, CheckResult, CheckStatus, Instance, Object, OutputValue, Resource, Snapshot,
    State, Status,
};

const BASE64: base64::engine::GeneralPurpose = base64::engine::general_purpose::STANDARD;

type Read<T> = Result<T, FileError>;

fn wrong<T>(what: impl Into<String>) -> Read<T> {
    Err(FileError {
        kind: FileErrorKind::Invalid,
        reason: format!("the file is not a sound state: {}.", what.into()),
    })
}

fn text<'a>(json: &'a Json, name: &str, at: &str) -> Read<&'a str> {
    match json.get(name) {
        Some(Json::String(it)) => Ok(it),
        None | Some(Json::Null) => Ok(""),
        Some(_) => wrong(format!("the member \"{name}\" of {at} is not a text")),
    }
}

fn list<'a>(json: &'a Json, name: &str, at: &str) -> Read<&'a [Json]> {
    match json.get(name) {
        Some(Json::Array(it)) => Ok(it),
        None | Some(Json::Null) => Ok(&[]),
        Some(_) => wrong(format!("the member \"{name}\" of {at} is not a list")),
    }
}

/// Reads a document of version 4.
pub(super) fn read(json: &Json) -> Read<Snapshot> {
    let mut state = State::new();
    for (name, output) in json
        .get("outputs")
        .and_then(Json::as_object)
        .into_iter()
        .flatten()
    {
        let at = format!("output {name}");
        let Some(ty) = output.get("type").and_then(value::json::type_from_json) else {
            return wrong(format!("{at} has no type"));
        };
        let Ok(value) = value::json::from_json(output.get("value").unwrap_or(&Json::Null), &ty)
        else {
            return wrong(format!("the value of {at} does not have its type"));
        };
        let sensitive = output
            .get("sensitive")
            .and_then(Json::as_bool)
            .unwrap_or(false);
        state
            .outputs
            .insert(Arc::from(name.as_str()), OutputValue { value, sensitive });
    }
    for entry in list(json, "resources", "the state")? {
        let (addr, resource) = read_resource(entry)?;
        let known = state.resources.entry(addr).or_insert_with(|| Resource {
            instances: BTreeMap::new(),
            ..resource.clone()
        });
        known.instances.extend(resource.instances);
    }
    state.checks = match json.get("check_results") {
        None | Some(Json::Null) => None,
        Some(Json::Array(checks)) => Some(checks.iter().map(read_check).collect::<Read<_>>()?),
        Some(_) => return wrong("the member \"check_results\" is not a list"),
    };
    Ok(Snapshot {
        lineage: text(json, "lineage", "the state")?.to_owned(),
        serial: json.get("serial").and_then(Json::as_u64).unwrap_or(0),
        terraform_version: text(json, "terraform_version", "the state")?.to_owned(),
        state,
    })
}

fn read_resource(json: &Json) -> Read<(AbsResource, Resource)> {
    let (kind, name) = (
        text(json, "type", "a resource")?,
        text(json, "name", "a resource")?,
    );
    let at = format!("resource {kind}.{name}");
    let mode = match text(json, "mode", &at)? {
        "managed" => Mode::Managed,
        "data" => Mode::Data,
        "ephemeral" => Mode::Ephemeral,
        other => return wrong(format!("{at} has the unknown mode \"{other}\"")),
    };
    let module = text(json, "module", &at)?;
    let Some(module) = addr::parse::module_instance(module) else {
        return wrong(format!(
            "{at} is in \"{module}\", which is not the address of a module"
        ));
    };
    let provider = text(json, "provider", &at)?;
    let Some(provider) = addr::parse::provider_config(provider) else {
        return wrong(format!(
            "{at} has the provider \"{provider}\", which is not an address"
        ));
    };
    let mut instances: BTreeMap<Key, Instance> = BTreeMap::new();
    for it in list(json, "instances", &at)? {
        let key = match it.get("index_key") {
            None | Some(Json::Null) => Key::None,
            Some(Json::String(it)) => Key::Str(it.as_str().into()),
            Some(number) => match number.as_u64() {
                Some(it) => Key::Int(it),
                None => {
                    return wrong(format!(
                        "an instance of {at} has an index_key that is neither a text nor a count"
                    ));
                }
            },
        };
        let object = Arc::new(read_object(it, &at)?);
        let instance = instances.entry(key).or_default();
        match text(it, "deposed", &at)? {
            "" => instance.current = Some(object),
            key => {
                instance.deposed.insert(DeposedKey(key.into()), object);
            }
        }
    }
    let each = match (text(json, "each", &at)?, instances.keys().next()) {
        ("list", _) | ("", Some(Key::Int(_))) => Each::List,
        ("map", _) | ("", Some(Key::Str(_))) => Each::Map,
        _ => Each::None,
    };
    let resource = addr::Resource {
        mode,
        kind: kind.into(),
        name: name.into(),
    };
    Ok((
        resource.absolute(&module),
        Resource {
            provider,
            each,
            instances,
        },
    ))
}

fn read_object(json: &Json, at: &str) -> Read<Object> {
    let status = match text(json, "status", at)? {
        "" => Status::Ready,
        "tainted" => Status::Tainted,
        other => {
            return wrong(format!(
                "an instance of {at} has the unknown status \"{other}\""
            ));
        }
    };
    let attributes = match (json.get("attributes"), json.get("attributes_flat")) {
        (Some(it @ Json::Object(_)), _) => Attributes::Json(Arc::new(it.clone())),
        (_, Some(Json::Object(flat))) => {
            let flat = flat
                .iter()
                .map(|(key, it)| (key.clone(), it.as_str().unwrap_or_default().to_owned()));
            Attributes::Flat(Arc::new(flat.collect()))
        }
        (None | Some(Json::Null), _) => Attributes::Json(Arc::new(json!({}))),
        _ => {
            return wrong(format!(
                "an instance of {at} has attributes that are not an object"
            ));
        }
    };
    let mut sensitive: Vec<(Path, Marks)> = Vec::new();
    for it in list(json, "sensitive_attributes", at)? {
        match Path::from_json(it) {
            Some(path) => sensitive.push((path, Marks::SENSITIVE)),
            None => {
                return wrong(format!(
                    "an instance of {at} has a sensitive_attributes entry that is not a path"
                ));
            }
        }
    }
    // Terraform writes them in the random order of a map; here they have one, so that equal objects are equal.
    sensitive.sort_by_cached_key(|(path, _)| path.to_json().to_string());
    let private = match text(json, "private", at)? {
        "" => None,
        it => match BASE64.decode(it) {
            Ok(it) => Some(it),
            Err(_) => {
                return wrong(format!(
                    "an instance of {at} has private data that is not base64"
                ));
            }
        },
    };
    let mut dependencies = Vec::new();
    // Older versions wrote depends_on for the same.
    for it in list(json, "dependencies", at)?
        .iter()
        .chain(list(json, "depends_on", at)?)
    {
        let found = it.as_str().and_then(addr::parse::instance);
        match found {
            Some(it) => dependencies.push(it.config()),
            None => {
                return wrong(format!(
                    "an instance of {at} depends on something that is not an address"
                ));
            }
        }
    }
    dependencies.sort_by_key(ToString::to_string);
    dependencies.dedup();
    Ok(Object {
        status,
        schema_version: json
            .get("schema_version")
            .and_then(Json::as_u64)
            .unwrap_or(0),
        attributes,
        sensitive,
        private,
        dependencies,
        create_before_destroy: json
            .get("create_before_destroy")
            .and_then(Json::as_bool)
            .unwrap_or(false),
        identity: identity(json),
    })
}

/// What newer versions of Terraform know of the identity of an object: their members as they are.
fn identity(json: &Json) -> Option<Json> {
    json.get("identity").filter(|it| !it.is_null())?;
    let members: Map<String, Json> = ["identity_schema_version", "identity"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), json.get(name)?.clone())))
        .collect();
    Some(Json::Object(members))
}

fn read_status(json: &Json, at: &str) -> Read<CheckStatus> {
    match text(json, "status", at)? {
        "pass" => Ok(CheckStatus::Pass),
        "fail" => Ok(CheckStatus::Fail),
        "error" => Ok(CheckStatus::Error),
        "unknown" | "" => Ok(CheckStatus::Unknown),
        other => wrong(format!("{at} has the unknown status \"{other}\"")),
    }
}

fn read_check(json: &Json) -> Read<CheckResult> {
    let address = text(json, "config_addr", "a check")?.to_owned();
    let at = format!("the check of {address}");
    let object = |it: &Json| {
        let messages = list(it, "failure_messages", &at)?;
        Ok(CheckObject {
            address: text(it, "object_addr", &at)?.to_owned(),
            status: read_status(it, &at)?,
            messages: messages
                .iter()
                .filter_map(Json::as_str)
                .map(str::to_owned)
                .collect(),
        })
    };
    Ok(CheckResult {
        kind: text(json, "object_kind", &at)?.to_owned(),
        status: read_status(json, &at)?,
        objects: list(json, "objects", &at)?
            .iter()
            .map(object)
            .collect::<Read<_>>()?,
        address,
    })
}

/// The bytes of a file: two spaces of indentation, Go's escapes, a line break at the end.
pub(super) fn write(snapshot: &Snapshot) -> Vec<u8> {
    let state = &snapshot.state;
    let outputs: Map<String, Json> = state
        .outputs
        .iter()
        .map(|(name, it)| {
            let ty = it.value.ty();
            let mut output = json!({"value": value::json::plain_json(&it.value), "type": value::json::type_to_json(&ty)});
            if it.sensitive {
                output["sensitive"] = json!(true);
            }
            (name.to_string(), output)
        })
        .collect();
    let resources: Vec<Json> = state
        .resources
        .iter()
        .map(|(addr, it)| write_resource(addr, it))
        .collect();
    let checks = state
        .checks
        .as_ref()
        .map(|it| it.iter().map(write_check).collect::<Vec<_>>());
    let document = json!({
        "version": 4,
        "terraform_version": snapshot.terraform_version,
        "serial": snapshot.serial,
        "lineage": snapshot.lineage,
        "outputs": outputs,
        "resources": resources,
        "check_results": checks,
    });
    let mut res = String::new();
    indented(&document, 0, &mut res);
    res.push('\n');
    res.into_bytes()
}

fn write_resource(addr: &AbsResource, resource: &Resource) -> Json {
    let mut res = Map::new();
    if !addr.module.is_root() {
        res.insert("module".to_owned(), json!(addr.module.to_string()));
    }
    let mode = match addr.resource.mode {
        Mode::Managed => "managed",
        Mode::Data => "data",
        Mode::Ephemeral => "ephemeral",
    };
    res.insert("mode".to_owned(), json!(mode));
    res.insert("type".to_owned(), json!(&*addr.resource.kind));
    res.insert("name".to_owned(), json!(&*addr.resource.name));
    res.insert("provider".to_owned(), json!(resource.provider.to_string()));
    let mut instances = Vec::new();
    for (key, instance) in &resource.instances {
        instances.extend(
            instance
                .current
                .iter()
                .map(|it| write_object(key, None, it)),
        );
        instances.extend(
            instance
                .deposed
                .iter()
                .map(|(deposed, it)| write_object(key, Some(deposed), it)),
        );
    }
    res.insert("instances".to_owned(), json!(instances));
    Json::Object(res)
}

pub(crate) fn write_object(key: &Key, deposed: Option<&DeposedKey>, object: &Object) -> Json {
    let mut res = Map::new();
    match key {
        Key::None => {}
        Key::Int(it) => {
            res.insert("index_key".to_owned(), json!(it));
        }
        Key::Str(it) => {
            res.insert("index_key".to_owned(), json!(&**it));
        }
    }
    if object.status == Status::Tainted {
        res.insert("status".to_owned(), json!("tainted"));
    }
    if let Some(it) = deposed {
        res.insert("deposed".to_owned(), json!(it.to_string()));
    }
    res.insert("schema_version".to_owned(), json!(object.schema_version));
    match &object.attributes {
        Attributes::Json(it) => res.insert("attributes".to_owned(), (**it).clone()),
        Attributes::Flat(it) => res.insert("attributes_flat".to_owned(), json!(**it)),
    };
    let mut sensitive: Vec<Json> = object
        .sensitive
        .iter()
        .map(|(path, _)| path.to_json())
        .collect();
    sensitive.sort_by_key(ToString::to_string);
    res.insert("sensitive_attributes".to_owned(), Json::Array(sensitive));
    if let Some(Json::Object(members)) = &object.identity {
        res.extend(members.clone());
    }
    if let Some(it) = object.private.as_ref().filter(|it| !it.is_empty()) {
        res.insert("private".to_owned(), json!(BASE64.encode(it)));
    }
    if !object.dependencies.is_empty() {
        let mut names: Vec<String> = object
            .dependencies
            .iter()
            .map(ToString::to_string)
            .collect();
        names.sort();
        names.dedup();
        res.insert("dependencies".to_owned(), json!(names));
    }
    if object.create_before_destroy {
        res.insert("create_before_destroy".to_owned(), json!(true));
    }
    Json::Object(res)
}

/// The object of a record that [`write_object`] made.
pub(crate) fn object_of(json: &Json) -> Read<Object> {
    read_object(json, "the journal")
}

fn write_check(check: &CheckResult) -> Json {
    let status = |it: CheckStatus| match it {
        CheckStatus::Unknown => "unknown",
        CheckStatus::Pass => "pass",
        CheckStatus::Fail => "fail",
        CheckStatus::Error => "error",
    };
    let objects: Vec<Json> = check
        .objects
        .iter()
        .map(|it| {
            let mut object = json!({"object_addr": it.address, "status": status(it.status)});
            if !it.messages.is_empty() {
                object["failure_messages"] = json!(it.messages);
            }
            object
        })
        .collect();
    json!({
        "object_kind": check.kind,
        "config_addr": check.address,
        "status": status(check.status),
        "objects": if objects.is_empty() { Json::Null } else { Json::Array(objects) },
    })
}

/// JSON as Go's `MarshalIndent` lays it out.
fn indented(json: &Json, depth: usize, res: &mut String) {
    let pad = |depth: usize, res: &mut String| {
        res.push('\n');
        for _ in 0..depth {
            res.push_str("  ");
        }
    };
    match json {
        Json::Null | Json::Bool(_) | Json::Number(_) => res.push_str(&json.to_string()),
        Json::String(it) => value::json::write_string(it, res),
        Json::Array(items) if items.is_empty() => res.push_str("[]"),
        Json::Array(items) => {
            res.push('[');
            for (at, it) in items.iter().enumerate() {
                if at > 0 {
                    res.push(',');
                }
                pad(depth + 1, res);
                indented(it, depth + 1, res);
            }
            pad(depth, res);
            res.push(']');
        }
        Json::Object(members) if members.is_empty() => res.push_str("{}"),
        Json::Object(members) => {
            res.push('{');
            for (at, (name, it)) in members.iter().enumerate() {
                if at > 0 {
                    res.push(',');
                }
                pad(depth + 1, res);
                value::json::write_string(name, res);
                res.push_str(": ");
                indented(it, depth + 1, res);
            }
            pad(depth, res);
            res.push('}');
        }
    }
}
