//! Objects as Dokploy answers them to values of a resource type, and planned values to what is sent. Pure.

use std::sync::Arc;

use serde_json::{Map, Value as Json};
use value::Value;

use crate::discover::CONFIDENTIAL;
use crate::table::{
    Answered, Attribute, Call, Created, Field, Form, Kind, Mode, Object, Resource, Same, Source,
    Unset, text,
};
use crate::wire::{answered, is_same, literal, literal_json, sent, type_of};

/// The id field, which no object lists among its fields.
static ID: Field = text("id").read_only();

/// The field that an attribute names.
pub(crate) fn field_of(resource: &Resource, attribute: &Attribute) -> &'static Field {
    resource.object.field(attribute.field).unwrap_or(&ID)
}

/// An attribute of a value; null where there is none.
pub(crate) fn attribute_value(resource: &Resource, value: &Value, attribute: &Attribute) -> Value {
    let null = || Value::null(type_of(field_of(resource, attribute).kind));
    value.get(attribute.name).unwrap_or_else(null)
}

/// The id in an answered object.
pub(crate) fn id_in<'a>(object: &Object, raw: &'a Json) -> Option<&'a str> {
    raw.get(object.id)
        .and_then(Json::as_str)
        .filter(|it| !it.is_empty())
}

/// A value whose id is known.
pub(crate) fn with_id(resource: &Resource, value: &Value, id: &str) -> Value {
    let mut entries = value.entries().cloned().unwrap_or_default();
    if let Some(attribute) = resource.attribute_of(resource.object.id) {
        entries.insert(Arc::from(attribute.name), Value::from(id));
    }
    Value::object(entries)
}

/// The value of an answered object. What the answer does not hold, and texts that mean the same, are as in
/// `current` (null where nothing is remembered).
pub(crate) fn value_of(resource: &Resource, raw: &Json, current: &Value) -> Value {
    Value::object(resource.attributes.iter().map(|attribute| {
        let remembered = attribute_value(resource, current, attribute);
        let value = if holds(resource, current, attribute) {
            attribute_of(resource, attribute, raw, &remembered)
        } else {
            remembered
        };
        (Arc::from(attribute.name), value)
    }))
}

/// The attribute whose value is that of a field, where several name it.
fn holder(resource: &Resource, value: &Value, field: &str) -> Option<&'static Attribute> {
    let mut last = None;
    for attribute in resource.names_of(field) {
        let its = attribute_value(resource, value, attribute);
        if its.is_known() && !its.is_null() {
            return Some(attribute);
        }
        last = Some(attribute);
    }
    last.or_else(|| resource.attribute_of(field))
}

/// Whether an attribute shows what the object has: it is the only name of its field, or the one in use.
fn holds(resource: &Resource, value: &Value, attribute: &Attribute) -> bool {
    attribute.mode == Mode::Computed
        || holder(resource, value, attribute.field).is_some_and(|it| it.name == attribute.name)
}

/// A planned object with what only the answer could tell.
pub(crate) fn completed(resource: &Resource, planned: &Value, raw: Option<&Json>) -> Value {
    let whole = planned;
    Value::object(resource.attributes.iter().map(|attribute| {
        let planned = attribute_value(resource, planned, attribute);
        let null = Value::null(type_of(field_of(resource, attribute).kind));
        let value = match raw {
            _ if planned.is_known() => planned,
            Some(raw) if holds(resource, whole, attribute) => {
                attribute_of(resource, attribute, raw, &null)
            }
            Some(_) | None => null,
        };
        (Arc::from(attribute.name), value)
    }))
}

/// Whether an answer holds all that the plan left open.
pub(crate) fn is_complete(resource: &Resource, planned: &Value, raw: &Json) -> bool {
    resource.attributes.iter().all(|attribute| {
        let is_never = field_of(resource, attribute).answered == Answered::Never;
        is_never
            || attribute_value(resource, planned, attribute).is_known()
            || raw.get(attribute.field).is_some()
    })
}

/// Whether everything planned that an answer can show is as planned.
pub(crate) fn is_as_planned(resource: &Resource, planned: &Value, raw: &Json) -> bool {
    let whole = planned;
    resource.attributes.iter().all(|attribute| {
        if !holds(resource, whole, attribute) {
            return true;
        }
        let planned = attribute_value(resource, planned, attribute);
        let field = field_of(resource, attribute);
        match shown(raw, attribute.field, field) {
            Some(json) if planned.is_known() => {
                is_same(field.same, &planned, &answered(json, field.kind))
            }
            _ => true,
        }
    })
}

/// What an answer says of a field. Some hold fields that say nothing: see [`Answered::Never`].
fn shown<'a>(raw: &'a Json, name: &str, field: &Field) -> Option<&'a Json> {
    raw.get(name).filter(|_| field.answered != Answered::Never)
}

fn attribute_of(resource: &Resource, attribute: &Attribute, raw: &Json, current: &Value) -> Value {
    let field = field_of(resource, attribute);
    let Some(json) = shown(raw, attribute.field, field) else {
        // What a version does not know at all is as it is where nobody sets it.
        let mut spans = resource.object.spans.iter();
        let is_late = spans.any(|it| it.field == field.name);
        return match attribute.default.filter(|_| is_late && current.is_null()) {
            Some(default) => literal(default),
            None => current.clone(),
        };
    };
    if field.answered == Answered::IfRemembered && current.is_null() {
        return current.clone();
    }
    let value = answered(json, field.kind);
    if current.is_known() && is_same(field.same, current, &value) && !current.is_null() {
        return current.clone();
    }
    let is_idle = field.counts_if.is_some_and(|(name, values)| {
        let other = raw.get(name).and_then(Json::as_str);
        other.is_some_and(|it| !values.contains(&it))
    });
    let default = attribute.default.map(literal);
    if is_idle && value.is_null() && default.is_some_and(|it| it == *current) {
        return current.clone();
    }
    let is_text = matches!(field.kind, crate::table::Kind::Text);
    match attribute.mode {
        Mode::Required if value.is_null() && is_text => Value::from(""),
        // What means nothing is null, so that leaving it out of the configuration is no difference.
        Mode::Optional if is_same(field.same, &value, &Value::null(type_of(field.kind))) => {
            Value::null(type_of(field.kind))
        }
        _ => match (field.same, value.as_str()) {
            (Same::Trimmed, Some(it)) => Value::from(it.trim()),
            _ => value,
        },
    }
}

/// What is sent to create an object.
pub(crate) fn create_input(
    resource: &Resource,
    planned: &Value,
    organization: Option<&str>,
) -> Json {
    let mut res = Map::new();
    for field in resource.object.fields {
        if field.create == Unset::NotTaken {
            continue;
        }
        if field.source == Source::Organization {
            if let Some(id) = organization {
                res.insert(field.name.to_owned(), Json::from(id));
            }
            continue;
        }
        let value =
            holder(resource, planned, field.name).map(|it| attribute_value(resource, planned, it));
        put(&mut res, field, value.as_ref(), field.create);
    }
    if let Some(service) = resource.object.service.as_ref().filter(|it| it.is_renamed) {
        let kind = res.get(service.kind).and_then(Json::as_str);
        let column = kind.map(|it| format!("{it}Id"));
        if let (Some(column), Some(id)) = (column, res.remove(service.id)) {
            res.insert(column, id);
        }
    }
    if let Created::Part = resource.object.created {
        let id = resource
            .names_of(resource.object.id)
            .find_map(|it| sent(&attribute_value(resource, planned, it), Kind::Text));
        res.insert(resource.object.id.to_owned(), id.unwrap_or_default());
    }
    Json::Object(res)
}

/// The planned value of a field, if it is known and another than before.
fn is_changed(resource: &Resource, name: &str, before: &Value, planned: &Value) -> Option<Value> {
    let now = attribute_value(resource, planned, holder(resource, planned, name)?);
    let was = attribute_value(resource, before, holder(resource, before, name)?);
    (now.is_known() && now != was).then_some(now)
}

/// The attribute that sets a field to another value than before; one that is not known yet may be another.
pub(crate) fn is_set_otherwise(
    resource: &Resource,
    name: &str,
    before: &Value,
    planned: &Value,
) -> Option<&'static Attribute> {
    let attribute = holder(resource, planned, name)?;
    let now = attribute_value(resource, planned, attribute);
    let was = attribute_value(resource, before, holder(resource, before, name)?);
    (now != was).then_some(attribute)
}

/// Whether a changing call is needed: one of its fields has another value than before.
pub(crate) fn is_needed(resource: &Resource, call: &Call, before: &Value, planned: &Value) -> bool {
    call.fields
        .iter()
        .any(|name| is_changed(resource, name, before, planned).is_some())
}

/// Whether a changing call sends values that only the object itself has.
pub(crate) fn wants_current(resource: &Resource, call: &Call, planned: &Value) -> bool {
    call.form == Form::Whole
        && call.fields.iter().any(|name| {
            let is_answered = resource
                .object
                .field(name)
                .is_some_and(|it| it.answered != Answered::Never);
            let is_known = holder(resource, planned, name)
                .is_some_and(|it| attribute_value(resource, planned, it).is_known());
            is_answered && !is_known
        })
}

/// What is sent to change an object. `current` is the object as Dokploy has it.
pub(crate) fn update_input(
    resource: &Resource,
    call: &Call,
    id: &str,
    before: &Value,
    planned: &Value,
    current: Option<&Json>,
) -> Json {
    let mut res = Map::new();
    res.insert(resource.object.id_input().to_owned(), Json::from(id));
    for name in call.fields {
        let Some(field) = resource.object.field(name) else {
            continue;
        };
        let value = holder(resource, planned, name)
            .map(|it| attribute_value(resource, planned, it))
            .filter(Value::is_known);
        let is_due = match call.form {
            Form::Whole => true,
            Form::With(always) if always == *name => true,
            Form::With(_) | Form::Partial => is_changed(resource, name, before, planned).is_some(),
        };
        match value {
            _ if !is_due => {}
            Some(value) => {
                let unset = match field.update {
                    Unset::Restored(it)
                        if is_changed(resource, name, before, planned).is_some() =>
                    {
                        Unset::Default(it)
                    }
                    unset => unset,
                };
                put(&mut res, field, Some(&value), unset);
            }
            // What may not be null is never null, so null may be sent back.
            None => match current.and_then(|it| it.get(field.name)) {
                Some(kept) => {
                    res.insert(field.name.to_owned(), kept.clone());
                }
                None => put(&mut res, field, None, field.update),
            },
        }
    }
    Json::Object(res)
}

fn put(body: &mut Map<String, Json>, field: &Field, value: Option<&Value>, unset: Unset) {
    let json = match value {
        // What Dokploy decides is left out, unless the table decides it.
        Some(it) if !it.is_known() => match unset {
            Unset::Default(_) => nothing(unset),
            Unset::Null | Unset::Empty | Unset::Omitted | Unset::Restored(_) | Unset::NotTaken => {
                None
            }
        },
        Some(it) => sent(it, field.kind).or_else(|| nothing(unset)),
        None => nothing(unset),
    };
    if let Some(json) = json {
        body.insert(field.name.to_owned(), json);
    }
}

fn nothing(unset: Unset) -> Option<Json> {
    match unset {
        Unset::Null => Some(Json::Null),
        Unset::Empty => Some(Json::from("")),
        Unset::Default(it) => Some(literal_json(it)),
        Unset::Omitted | Unset::Restored(_) | Unset::NotTaken => None,
    }
}

/// Whether an answered object could be the one that a create was to make: everything that was sent and is answered
/// again is the same.
pub(crate) fn was_made_from(object: &Object, input: &Json, raw: &Json) -> bool {
    object.fields.iter().all(
        |field| match (input.get(field.name), shown(raw, field.name, field)) {
            (Some(sent), Some(has)) if field.source == Source::Attribute => {
                let sent = answered(sent, field.kind);
                is_same(field.same, &sent, &answered(has, field.kind))
            }
            _ => true,
        },
    )
}

/// By what an object is found again, without secrets: what is sent to create it, or the id of one that is there. `None`
/// for a part of something that exists: setting it again is the same.
pub(crate) fn identity(resource: &Resource, value: &Value) -> Option<Json> {
    let object = resource.object;
    if object.created == Created::Part {
        return None;
    }
    let mut ids = resource
        .attributes
        .iter()
        .filter(|it| it.field == object.id);
    let id = ids.find_map(|it| sent(&attribute_value(resource, value, it), Kind::Text));
    if let Some(id) = id.filter(|it| !it.is_null()) {
        return Some(Json::Object(Map::from_iter([(object.id.to_owned(), id)])));
    }
    let mut res = create_input(resource, value, None);
    let members = res.as_object_mut()?;
    members.retain(|name, _| {
        let is_secret = object.field(name).is_some_and(|it| it.secret);
        let is_sensitive = resource.names_of(name).any(|it| it.sensitive);
        !is_secret && !is_sensitive && !CONFIDENTIAL.contains(&name.as_str())
    });
    Some(res)
}

/// Whether an answered object has the key of a planned one.
pub(crate) fn is_found(resource: &Resource, planned: &Value, raw: &Json) -> bool {
    resource.object.found_by.iter().all(|name| {
        let Some(attribute) = resource.attribute_of(name) else {
            return true;
        };
        let field = field_of(resource, attribute);
        let wanted = attribute_value(resource, planned, attribute);
        let has = answered(raw.get(*name).unwrap_or(&Json::Null), field.kind);
        !wanted.is_known() || is_same(field.same, &wanted, &has)
    })
}
