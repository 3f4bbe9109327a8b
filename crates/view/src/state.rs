//! States as text.

use addr::ProviderConfig;
use plan::diff::{self, Diff, Focus, Kind};
use provider::schema::Schemas;
use state::object::Attributes;
use state::{Object, State, Status};
use value::{Type, Value};

use crate::style::{Style, safe};

/// The value of a stored object: with the schema's types where there is a schema, else as the JSON itself says.
/// Sensitive parts are marked, by the schema and by what was stored.
pub fn value_of(
    addr: &addr::Resource,
    provider: &ProviderConfig,
    object: &Object,
    schemas: &Schemas,
) -> Value {
    let schema = schemas.resource(&provider.provider, addr.mode, &addr.kind);
    let value = match &object.attributes {
        Attributes::Json(json) => schema
            .and_then(|it| value::json::from_json(json, &it.block.ty()).ok())
            .or_else(|| value::json::from_json(json, &value::json::implied_type(json)).ok())
            .unwrap_or_else(|| Value::null(Type::Dynamic)),
        Attributes::Flat(flat) => Value::object(
            flat.iter()
                .map(|(key, text)| (key.as_str(), Value::string(text))),
        ),
    };
    let value = value::walk::mark_paths(&value, &object.sensitive);
    match schema {
        Some(schema) => diff::mark_by_schema(&value, &schema.block),
        None => value,
    }
}

/// The `id` of a stored object, if it has one.
pub fn id_of(object: &Object) -> Option<String> {
    match &object.attributes {
        Attributes::Json(json) => json.get("id")?.as_str().map(str::to_owned),
        Attributes::Flat(flat) => flat.get("id").cloned(),
    }
}

/// One object, as `state show` prints it.
pub fn object(
    addr: &addr::Instance,
    provider: &ProviderConfig,
    object: &Object,
    deposed: Option<&addr::DeposedKey>,
    schemas: &Schemas,
    style: Style,
) -> String {
    let value = value_of(&addr.resource, provider, object, schemas);
    let schema = schemas.resource(&provider.provider, addr.resource.mode, &addr.resource.kind);
    let focus = Focus {
        replace: &[],
        relevant: None,
    };
    let difference = match schema {
        Some(schema) => diff::block(&value, &value, &schema.block, focus),
        None => diff::any(&value, &value),
    };
    let word = match addr.resource.mode {
        addr::Mode::Managed => "resource",
        addr::Mode::Data => "data",
        addr::Mode::Ephemeral => "ephemeral",
    };
    let mut note = String::new();
    if let Some(key) = deposed {
        note.push_str(&format!(" (deposed object {key})"));
    }
    if object.status == Status::Tainted {
        note.push_str(" (tainted)");
    }
    format!(
        "# {}:{note}\n{word} \"{}\" \"{}\" {}\n",
        safe(&addr.to_string()),
        addr.resource.kind,
        addr.resource.name,
        crate::diff::state(&difference, 0, style)
    )
}

/// Outputs as `show` prints them: an empty text is shown as none, as scripts know it. (`output` shows it as it is.)
fn without_empty_texts(diff: &mut Diff) {
    match &mut diff.kind {
        Kind::Primitive(before, after) => {
            for side in [before, after].into_iter().flatten() {
                if side.as_str() == Some("") {
                    *side = Value::null(Type::String);
                }
            }
        }
        Kind::List(parts, _) | Kind::Set(parts, _) => {
            parts.iter_mut().for_each(without_empty_texts);
        }
        Kind::Map(parts, _) | Kind::Object(parts, _) => {
            parts.values_mut().for_each(without_empty_texts);
        }
        Kind::Block(..) | Kind::Unknown(_) | Kind::Hidden { .. } | Kind::Retyped(..) => {}
    }
}

/// A whole state, as `show` prints it.
pub fn state(state: &State, schemas: &Schemas, style: Style) -> String {
    if state.is_empty() {
        return "The state file is empty. No resources are represented.\n".to_owned();
    }
    let mut objects = Vec::new();
    for (addr, resource, instance) in state.instances() {
        let module = addr.module.clone();
        if let Some(it) = &instance.current {
            let text = object(&addr, &resource.provider, it, None, schemas, style);
            objects.push((module.clone(), text));
        }
        for (key, it) in &instance.deposed {
            let text = object(&addr, &resource.provider, it, Some(key), schemas, style);
            objects.push((module.clone(), text));
        }
    }
    let mut res = spaced(&objects);
    if !state.outputs.is_empty() {
        res.push_str("\nOutputs:\n\n");
        for (name, output) in &state.outputs {
            let value = output.value.clone();
            let value = if output.sensitive {
                value.mark(value::Mark::Sensitive)
            } else {
                value
            };
            let mut difference = diff::typed(&value, &value.ty());
            without_empty_texts(&mut difference);
            let text = crate::diff::state(&difference, 0, style);
            res.push_str(&format!("{name} = {text}\n"));
        }
    }
    res
}

/// The texts of objects, an empty line between two of a module, and two where a module begins in one that has objects
/// itself; none where a module begins in one without.
fn spaced(objects: &[(addr::ModuleInstance, String)]) -> String {
    let mut res = String::new();
    let mut before: Option<&addr::ModuleInstance> = None;
    let with_objects: std::collections::BTreeSet<_> = objects
        .iter()
        .map(|(module, _)| module.0.as_slice())
        .collect();
    for (module, text) in objects {
        let is_inside = (0..module.0.len()).any(|depth| with_objects.contains(&module.0[..depth]));
        res.push_str(match before {
            Some(it) if it == module => "\n",
            Some(_) if is_inside => "\n\n",
            _ => "",
        });
        res.push_str(text);
        before = Some(module);
    }
    if !objects.is_empty() {
        res.push('\n');
    }
    res
}
