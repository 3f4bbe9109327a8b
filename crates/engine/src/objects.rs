//! What is remembered of an object to a value and back.

use std::sync::Arc;

use addr::{ConfigResource, Instance};
use diag::{Diagnostic, Diagnostics, Severity};
use provider::schema::{Attribute, AttributeKind, Nesting};
use provider::{Block, Issue, Provider, Schema, UpgradeRequest};
use serde_json::Value as Json;
use state::object::Attributes;
use state::{Object, Status};
use value::{Mark, Marks, Path, Type, Value, json, walk};

use crate::code;

/// The value of a remembered object, without marks, of its schema's type; `None` where it cannot be (reported).
pub(crate) fn decode(
    provider: &dyn Provider,
    schema: &Schema,
    addr: &Instance,
    object: &Object,
    diags: &mut Diagnostics,
) -> Option<Value> {
    let ty = schema.block.ty();
    if object.schema_version > schema.version {
        let detail = format!(
            "The object {addr} was stored by a newer version of its provider (schema version {}, and this provider knows {}). Upgrade the provider.",
            object.schema_version, schema.version
        );
        diags.push(
            Diagnostic::error(&code::RESOURCE_UPGRADE, detail)
                .titled("Resource instance managed by newer provider version"),
        );
        return None;
    }
    let attributes = match &object.attributes {
        Attributes::Json(it) => it.clone(),
        Attributes::Flat(it) => Arc::new(Json::Object(
            it.iter()
                .map(|(name, it)| (name.clone(), Json::String(it.clone())))
                .collect(),
        )),
    };
    if object.schema_version < schema.version || matches!(object.attributes, Attributes::Flat(_)) {
        let request = UpgradeRequest {
            kind: addr.resource.kind.to_string(),
            version: object.schema_version,
            attributes: (*attributes).clone(),
        };
        return match provider.upgrade(request) {
            Ok(value) => Some(value),
            Err(issues) => {
                report(&issues, Some(addr), None, diags);
                None
            }
        };
    }
    match json::from_json(&fitted(&attributes, &ty), &ty) {
        Ok(value) => Some(value),
        Err(err) => {
            let detail = format!(
                "What is remembered of {addr} does not fit the schema of its type{}: {}.",
                at_path(&err.path),
                err.reason
            );
            diags.push(Diagnostic::error(&code::STATE_DECODE, detail));
            None
        }
    }
}

/// ` at .a[0]`, or nothing.
fn at_path(path: &Path) -> String {
    let text = crate::variables::path_text(path);
    if text.is_empty() {
        text
    } else {
        format!(" at {text}")
    }
}

/// JSON without members that a type does not have, and with null for those that are missing.
fn fitted(json: &Json, ty: &Type) -> Json {
    match (json, ty) {
        (Json::Object(members), Type::Object(object)) => Json::Object(
            object
                .attributes
                .iter()
                .map(|(name, ty)| {
                    let member = members.get(&**name).map_or(Json::Null, |it| fitted(it, ty));
                    (name.to_string(), member)
                })
                .collect(),
        ),
        (Json::Object(members), Type::Map(element)) => Json::Object(
            members
                .iter()
                .map(|(name, it)| (name.clone(), fitted(it, element)))
                .collect(),
        ),
        (Json::Array(elements), Type::List(element) | Type::Set(element)) => {
            Json::Array(elements.iter().map(|it| fitted(it, element)).collect())
        }
        (_, _) => json.clone(),
    }
}

/// What is remembered of an object of this value. Marks become the list of sensitive places.
pub(crate) fn encode(
    schema: &Schema,
    value: &Value,
    status: Status,
    private: Option<Vec<u8>>,
    dependencies: Vec<ConfigResource>,
    create_before_destroy: bool,
) -> Object {
    let (plain, marks) = walk::unmark_deep(value);
    let mut attributes = json::to_json(&plain, &schema.block.ty());
    if let Some(members) = attributes.as_object_mut() {
        let extras = schema.block.attributes.iter().filter(|(_, it)| it.extra);
        for (name, _) in extras {
            if members.get(&**name).is_some_and(serde_json::Value::is_null) {
                members.shift_remove(&**name);
            }
        }
    }
    let sensitive = marks
        .into_iter()
        .filter(|(_, marks)| marks.has(Mark::Sensitive))
        .map(|(path, _)| (path, Marks::SENSITIVE))
        .collect();
    Object {
        status,
        schema_version: schema.version,
        attributes: Attributes::Json(Arc::new(attributes)),
        sensitive,
        private,
        dependencies,
        create_before_destroy,
        identity: None,
    }
}

/// A value with the marks of its schema and of a list.
pub(crate) fn marked(schema: &Block, value: &Value, marks: &[(Path, Marks)]) -> Value {
    let mut all = schema_marks(schema, value);
    all.extend_from_slice(marks);
    if all.is_empty() {
        value.clone()
    } else {
        walk::mark_paths(value, &all)
    }
}

/// The places that a schema says are sensitive.
fn schema_marks(schema: &Block, value: &Value) -> Vec<(Path, Marks)> {
    let mut res = Vec::new();
    block_marks(schema, value, &Path::root(), &mut res);
    res
}

fn block_marks(schema: &Block, value: &Value, path: &Path, res: &mut Vec<(Path, Marks)>) {
    if value.is_null() || !value.is_known() {
        return;
    }
    attributes_marks(schema.attributes.iter(), value, path, res);
    for (name, nested) in &schema.blocks {
        let Some(inner) = value.get(name) else {
            continue;
        };
        each_element(
            &inner,
            nested.nesting,
            &path.clone().attr(name),
            &mut |it, path| {
                block_marks(&nested.block, it, path, res);
            },
        );
    }
}

fn attributes_marks<'a>(
    attributes: impl Iterator<Item = (&'a Arc<str>, &'a Attribute)>,
    value: &Value,
    path: &Path,
    res: &mut Vec<(Path, Marks)>,
) {
    for (name, attribute) in attributes {
        if attribute.sensitive {
            res.push((path.clone().attr(name), Marks::SENSITIVE));
            continue;
        }
        if let AttributeKind::Nested(nesting, inner) = &attribute.kind
            && let Some(value) = value.get(name)
        {
            each_element(
                &value,
                *nesting,
                &path.clone().attr(name),
                &mut |it, path| {
                    if !it.is_null() && it.is_known() {
                        attributes_marks(inner.iter(), it, path, res);
                    }
                },
            );
        }
    }
}

fn each_element(
    value: &Value,
    nesting: Nesting,
    path: &Path,
    visit: &mut dyn FnMut(&Value, &Path),
) {
    match nesting {
        Nesting::Single | Nesting::Group => visit(value, path),
        Nesting::List => {
            for (at, it) in value.elements().unwrap_or_default().iter().enumerate() {
                visit(it, &path.clone().at(at));
            }
        }
        // An element of a set is named by itself; marks inside lift to the set.
        Nesting::Set => {
            for it in value.elements().unwrap_or_default() {
                visit(it, &path.clone().index(it.clone()));
            }
        }
        Nesting::Map => {
            for (key, it) in value.entries().into_iter().flatten() {
                visit(it, &path.clone().index(Value::from(&**key)));
            }
        }
    }
}

/// Reports what a provider says; places come from the configuration, where there is one.
pub(crate) fn report(
    issues: &[Issue],
    addr: Option<&Instance>,
    config: Option<(&hcl::Body, &Block, diag::Span)>,
    diags: &mut Diagnostics,
) {
    for issue in issues {
        let (addr, config) = if issue.placeless {
            (None, None)
        } else {
            (addr, config)
        };
        // A complaint about the whole points to where the body begins.
        let span = config.map(|(body, schema, header)| match &issue.path {
            Some(path) => lang::decode::locate(body, schema, path),
            None if body.span.source == header.source => opening(body),
            None => header,
        });
        let mut diagnostic = Diagnostic {
            severity: issue.severity,
            ..Diagnostic::error(&code::PROVIDER_ISSUE, issue.detail.clone())
        }
        .titled(issue.summary.clone())
        .at_opt(span);
        if let Some(addr) = addr {
            diagnostic = diagnostic.about(addr.to_string());
        }
        diags.push(diagnostic);
    }
}

/// The opening brace of a body.
pub(crate) fn opening(body: &hcl::Body) -> diag::Span {
    diag::Span::new(
        body.span.source,
        body.span.start.saturating_sub(1),
        body.span.start,
    )
}

/// Whether one of them is an error.
pub(crate) fn has_errors(issues: &[Issue]) -> bool {
    issues.iter().any(|it| it.severity == Severity::Error)
}

/// The attribute by which people know an object.
pub(crate) fn id_of(value: &Value) -> Option<(&'static str, String)> {
    ["id", "name"].into_iter().find_map(|key| {
        let found = value.get(key)?;
        if found.has_mark(Mark::Sensitive) {
            return None;
        }
        found.as_str().map(|it| (key, it.to_owned()))
    })
}
