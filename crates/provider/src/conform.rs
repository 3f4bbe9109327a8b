//! Did the provider keep its promises? Pure.

use std::collections::BTreeMap;
use std::sync::Arc;

use value::{Mark, Path, Plain, Type, Value, show};

use crate::propose::same;
use crate::schema::{Attribute, AttributeKind, Block, Nesting};

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Breach {
    /// Where.
    pub path: Path,
    /// How, without the values of sensitive attributes.
    pub reason: String,
}

impl Breach {
    fn new(path: &Path, reason: impl Into<String>) -> Self {
        Self {
            path: path.clone(),
            reason: reason.into(),
        }
    }
}

/// Whether a planned value keeps to the configuration: configured attributes are as configured, others change only
/// where computed.
pub fn plan_conforms(
    schema: &Block,
    prior: &Value,
    config: &Value,
    planned: &Value,
) -> Vec<Breach> {
    let mut res = Vec::new();
    block_planned(schema, prior, config, planned, &Path::root(), &mut res);
    res
}

/// Whether a value is one that was planned: known parts are the same, unknown ones have the type.
pub fn applied_conforms(schema: &Block, planned: &Value, actual: &Value) -> Vec<Breach> {
    let mut res = Vec::new();
    block_applied(schema, planned, actual, &Path::root(), &mut res);
    res
}

/// Where a value that must be wholly known (after an apply) has unknowns.
pub fn unknown_paths(value: &Value) -> Vec<Path> {
    fn walk(value: &Value, path: &Path, res: &mut Vec<Path>) {
        match value.peek().0 {
            Plain::Unknown(_) => res.push(path.clone()),
            Plain::List(_, values) | Plain::Tuple(values) => {
                for (at, it) in values.iter().enumerate() {
                    walk(it, &path.clone().at(at), res);
                }
            }
            Plain::Set(_, values) => {
                if values.iter().any(|it| !it.is_wholly_known()) {
                    res.push(path.clone());
                }
            }
            Plain::Map(_, values) => {
                for (key, it) in values.iter() {
                    walk(it, &path.clone().index(&**key), res);
                }
            }
            Plain::Object(values) => {
                for (name, it) in values.iter() {
                    walk(it, &path.clone().attr(name), res);
                }
            }
            Plain::Null(_) | Plain::Bool(_) | Plain::Number(_) | Plain::String(_) => {}
        }
    }
    let mut res = Vec::new();
    walk(value, &Path::root(), &mut res);
    res
}

/// The paths of a value that its schema says are sensitive: what to mark, and what to store as such.
pub fn sensitive_paths(schema: &Block, value: &Value) -> Vec<Path> {
    fn inside_attributes(
        schema: &BTreeMap<Arc<str>, Attribute>,
        value: &Value,
        path: &Path,
        res: &mut Vec<Path>,
    ) {
        for (name, attribute) in schema {
            let path = path.clone().attr(name);
            if attribute.sensitive {
                res.push(path);
            } else if let AttributeKind::Nested(_, inner) = &attribute.kind
                && let Some(value) = value.get(name)
            {
                for (path, object) in objects(&value, &path) {
                    inside_attributes(inner, &object, &path, res);
                }
            }
        }
    }
    fn inside(schema: &Block, value: &Value, path: &Path, res: &mut Vec<Path>) {
        if value.is_null() || !value.is_known() {
            return;
        }
        inside_attributes(&schema.attributes, value, path, res);
        for (name, nested) in &schema.blocks {
            let Some(value) = value.get(name) else {
                continue;
            };
            for (path, object) in objects(&value, &path.clone().attr(name)) {
                inside(&nested.block, &object, &path, res);
            }
        }
    }
    let mut res = Vec::new();
    inside(schema, value, &Path::root(), &mut res);
    res
}

/// The objects in a value of nested blocks or attributes, and where they are.
fn objects(value: &Value, path: &Path) -> Vec<(Path, Value)> {
    match value.peek().0 {
        Plain::List(_, values) | Plain::Tuple(values) => values
            .iter()
            .enumerate()
            .map(|(at, it)| (path.clone().at(at), it.clone()))
            .collect(),
        Plain::Set(_, values) => values
            .iter()
            .map(|it| (path.clone().index(it.clone()), it.clone()))
            .collect(),
        Plain::Map(_, values) => values
            .iter()
            .map(|(key, it)| (path.clone().index(&**key), it.clone()))
            .collect(),
        Plain::Object(_) => vec![(path.clone(), value.clone())],
        Plain::Unknown(_)
        | Plain::Null(_)
        | Plain::Bool(_)
        | Plain::Number(_)
        | Plain::String(_) => Vec::new(),
    }
}

fn block_planned(
    schema: &Block,
    prior: &Value,
    config: &Value,
    planned: &Value,
    path: &Path,
    res: &mut Vec<Breach>,
) {
    if planned.is_null() && !config.is_null() {
        res.push(Breach::new(
            path,
            "it is configured, and the plan has nothing",
        ));
        return;
    }
    if config.is_null() && !planned.is_null() {
        res.push(Breach::new(
            path,
            "it is not configured, and the plan has something",
        ));
        return;
    }
    if planned.is_null() || !config.is_known() {
        return;
    }
    attributes_planned(&schema.attributes, prior, config, planned, path, res);
    for (name, nested) in &schema.blocks {
        let path = path.clone().attr(name);
        let (Some(given), Some(then)) = (config.get(name), planned.get(name)) else {
            continue;
        };
        let before = prior.get(name).unwrap_or_else(|| Value::null(nested.ty()));
        if same(&given, &then) {
            continue;
        }
        if !given.is_known() {
            res.push(Breach::new(
                &path,
                "how many blocks there will be is not known yet, and the plan has decided",
            ));
            continue;
        }
        if !then.is_known() {
            res.push(Breach::new(
                &path,
                "the blocks are configured, and the plan leaves open how many there are",
            ));
            continue;
        }
        let each = &mut |before: &Value,
                         given: &Value,
                         then: &Value,
                         path: &Path,
                         res: &mut Vec<Breach>| {
            block_planned(&nested.block, before, given, then, path, res);
        };
        collection_planned(nested.nesting, &before, &given, &then, &path, each, res);
    }
}

type Compare<'a> = &'a mut dyn FnMut(&Value, &Value, &Value, &Path, &mut Vec<Breach>);

fn collection_planned(
    nesting: Nesting,
    prior: &Value,
    config: &Value,
    planned: &Value,
    path: &Path,
    each: Compare<'_>,
    res: &mut Vec<Breach>,
) {
    let nothing = Value::null(Type::Dynamic);
    if matches!(nesting, Nesting::Single | Nesting::Group) {
        each(prior, config, planned, path, res);
        return;
    }
    if planned.is_null() {
        res.push(Breach::new(
            path,
            "a collection that has no elements is empty, and the plan has null",
        ));
        return;
    }
    if let (Some(given), Some(then)) = (config.entries(), planned.entries()) {
        for (key, given) in given {
            let path = path.clone().index(&**key);
            match then.get(key) {
                Some(then) => {
                    let before = prior.get(key).unwrap_or_else(|| nothing.clone());
                    each(&before, given, then, &path, res);
                }
                None => res.push(Breach::new(&path, "it is configured, and not in the plan")),
            }
        }
        for key in then.keys().filter(|it| !given.contains_key(*it)) {
            res.push(Breach::new(
                &path.clone().index(&**key),
                "it is in the plan, and not configured",
            ));
        }
        return;
    }
    let (Some(given), Some(then)) = (config.elements(), planned.elements()) else {
        return;
    };
    if given.len() != then.len() {
        res.push(Breach::new(
            path,
            format!(
                "{} are configured, and the plan has {}",
                given.len(),
                then.len()
            ),
        ));
        return;
    }
    if nesting == Nesting::Set {
        // Elements have no identity: each planned one must be what became of a configured one.
        let all_found = then.iter().all(|then| {
            given.iter().any(|given| {
                let mut troubles = Vec::new();
                each(&nothing, given, then, path, &mut troubles);
                troubles.is_empty()
            })
        });
        if !all_found {
            res.push(Breach::new(
                path,
                "the plan has an element that does not come from a configured one",
            ));
        }
        return;
    }
    let before = prior.elements().unwrap_or(&[]);
    for (at, (given, then)) in given.iter().zip(then).enumerate() {
        each(
            before.get(at).unwrap_or(&nothing),
            given,
            then,
            &path.clone().at(at),
            res,
        );
    }
}

fn attributes_planned(
    schema: &BTreeMap<Arc<str>, Attribute>,
    prior: &Value,
    config: &Value,
    planned: &Value,
    path: &Path,
    res: &mut Vec<Breach>,
) {
    for (name, attribute) in schema {
        let null = || Value::null(attribute.ty());
        let before = prior.get(name).unwrap_or_else(null);
        let given = config.get(name).unwrap_or_else(null);
        let Some(then) = planned.get(name) else {
            continue;
        };
        let path = path.clone().attr(name);
        if attribute.write_only {
            never_stored(&then, &path, res);
            continue;
        }
        let hidden = attribute.sensitive
            || given.deep_marks().has(Mark::Sensitive)
            || then.deep_marks().has(Mark::Sensitive);
        if same(&then, &given) {
            continue;
        }
        // The provider holds the old value and the new one for two ways to write the same.
        if same(&then, &before) && !before.is_null() && !given.is_null() {
            continue;
        }
        if given.is_null() {
            if !attribute.computed {
                res.push(Breach::new(
                    &path,
                    if hidden {
                        "it is not configured and not computed, and the plan has a sensitive value"
                            .to_owned()
                    } else {
                        format!(
                            "it is not configured and not computed, and the plan has {}",
                            show::brief(&then)
                        )
                    },
                ));
            }
            continue;
        }
        if !given.is_known() && attribute.computed {
            // The provider may not decide what the configuration will say, but it may say so later.
            if !then.is_known() {
                continue;
            }
        }
        if let AttributeKind::Nested(nesting, inner) = &attribute.kind
            && given.is_known()
            && then.is_known()
            && !then.is_null()
        {
            let each = &mut |before: &Value,
                             given: &Value,
                             then: &Value,
                             path: &Path,
                             res: &mut Vec<Breach>| {
                if given.is_null() || then.is_null() || !given.is_known() || !then.is_known() {
                    if !same(given, then) {
                        res.push(Breach::new(path, "the plan is not what is configured"));
                    }
                    return;
                }
                attributes_planned(inner, before, given, then, path, res);
            };
            collection_planned(*nesting, &before, &given, &then, &path, each, res);
            continue;
        }
        res.push(Breach::new(
            &path,
            if hidden {
                "the planned value is not the configured one".to_owned()
            } else {
                format!(
                    "{} is configured, and the plan has {}",
                    show::brief(&given),
                    show::brief(&then)
                )
            },
        ));
    }
}

/// A write-only value in what is planned or stored.
fn never_stored(value: &Value, path: &Path, res: &mut Vec<Breach>) {
    if !value.is_null() {
        let reason = "it is write-only, so that it may be in no plan and no state, and has a value";
        res.push(Breach::new(path, reason));
    }
}

/// Write-only values in an object of nested attributes.
fn stored_inside(
    schema: &BTreeMap<Arc<str>, Attribute>,
    value: &Value,
    path: &Path,
    res: &mut Vec<Breach>,
) {
    for (name, attribute) in schema {
        let Some(value) = value.get(name) else {
            continue;
        };
        let path = path.clone().attr(name);
        if attribute.write_only {
            never_stored(&value, &path, res);
        } else if let AttributeKind::Nested(_, inner) = &attribute.kind {
            for (path, object) in objects(&value, &path) {
                stored_inside(inner, &object, &path, res);
            }
        }
    }
}

fn block_applied(
    schema: &Block,
    planned: &Value,
    actual: &Value,
    path: &Path,
    res: &mut Vec<Breach>,
) {
    if !planned.is_known() {
        return;
    }
    if planned.is_null() && !actual.is_null() {
        res.push(Breach::new(
            path,
            "it was planned to be absent, and is there",
        ));
        return;
    }
    if actual.is_null() && !planned.is_null() {
        res.push(Breach::new(
            path,
            "it was planned to be there, and is absent",
        ));
        return;
    }
    if planned.is_null() {
        return;
    }
    for (name, attribute) in &schema.attributes {
        let (Some(then), Some(now)) = (planned.get(name), actual.get(name)) else {
            continue;
        };
        let path = path.clone().attr(name);
        if attribute.write_only {
            never_stored(&now, &path, res);
            continue;
        }
        let mut troubles = Vec::new();
        value_applied(&then, &now, &path, &mut troubles);
        if let AttributeKind::Nested(_, inner) = &attribute.kind {
            for (path, object) in objects(&now, &path) {
                stored_inside(inner, &object, &path, &mut troubles);
            }
        }
        let hidden = attribute.sensitive
            || then.deep_marks().has(Mark::Sensitive)
            || now.deep_marks().has(Mark::Sensitive);
        if hidden && !troubles.is_empty() {
            res.push(Breach::new(
                &path,
                "the values of this sensitive attribute do not agree",
            ));
        } else {
            res.append(&mut troubles);
        }
    }
    for (name, nested) in &schema.blocks {
        let (Some(then), Some(now)) = (planned.get(name), actual.get(name)) else {
            continue;
        };
        let path = path.clone().attr(name);
        if !then.is_known() {
            continue;
        }
        match nested.nesting {
            Nesting::Single | Nesting::Group => {
                block_applied(&nested.block, &then, &now, &path, res);
            }
            Nesting::List => {
                let (Some(then), Some(now)) = (then.elements(), now.elements()) else {
                    continue;
                };
                for (at, (then, now)) in then.iter().zip(now).enumerate() {
                    block_applied(&nested.block, then, now, &path.clone().at(at), res);
                }
                if then.len() != now.len() {
                    res.push(changed_count(&path, then.len(), now.len()));
                }
            }
            Nesting::Map => {
                let (Some(then), Some(now)) = (then.entries(), now.entries()) else {
                    continue;
                };
                for (key, then) in then {
                    let path = path.clone().index(&**key);
                    match now.get(key) {
                        Some(now) => block_applied(&nested.block, then, now, &path, res),
                        None => res.push(Breach::new(&path, "it was planned, and is not there")),
                    }
                }
                for key in now.keys().filter(|it| !then.contains_key(*it)) {
                    res.push(Breach::new(
                        &path.clone().index(&**key),
                        "it is there, and was not planned",
                    ));
                }
            }
            Nesting::Set => {
                let (Some(then), Some(now)) = (then.elements(), now.elements()) else {
                    continue;
                };
                // Elements that turn out to be equal become one, so that there may be fewer, never more.
                if now.len() > then.len() {
                    res.push(changed_count(&path, then.len(), now.len()));
                    continue;
                }
                for (at, now) in now.iter().enumerate() {
                    let found = then.iter().any(|then| {
                        let mut troubles = Vec::new();
                        block_applied(&nested.block, then, now, &path, &mut troubles);
                        troubles.is_empty()
                    });
                    if !found {
                        res.push(Breach::new(
                            &path,
                            format!("element {} is not one that was planned", at + 1),
                        ));
                    }
                }
            }
        }
    }
}

fn changed_count(path: &Path, then: usize, now: usize) -> Breach {
    Breach::new(path, format!("{then} were planned, and there are {now}"))
}

fn value_applied(planned: &Value, actual: &Value, path: &Path, res: &mut Vec<Breach>) {
    if let Plain::Unknown(unknown) = planned.peek().0 {
        if unknown.ty != Type::Dynamic && !type_fits(&actual.ty(), &unknown.ty) {
            res.push(Breach::new(
                path,
                format!(
                    "a {} was planned, and this is a {}",
                    show::type_name(&unknown.ty),
                    show::type_name(&actual.ty())
                ),
            ));
        } else if unknown.not_null && actual.is_null() {
            res.push(Breach::new(path, "it was planned not to be null, and is"));
        }
        return;
    }
    if planned.is_null() && actual.is_null() {
        return;
    }
    if !actual.is_known() {
        res.push(Breach::new(path, "it was planned, and is not known"));
        return;
    }
    if planned.is_null() || actual.is_null() {
        res.push(Breach::new(path, differs(planned, actual)));
        return;
    }
    match (planned.peek().0, actual.peek().0) {
        (Plain::List(_, then) | Plain::Tuple(then), Plain::List(_, now) | Plain::Tuple(now)) => {
            for (at, (then, now)) in then.iter().zip(now.iter()).enumerate() {
                value_applied(then, now, &path.clone().at(at), res);
            }
            for at in now.len()..then.len() {
                res.push(Breach::new(
                    &path.clone().at(at),
                    "it was planned, and is not there",
                ));
            }
            for at in then.len()..now.len() {
                res.push(Breach::new(
                    &path.clone().at(at),
                    "it is there, and was not planned",
                ));
            }
        }
        (Plain::Map(_, then), Plain::Map(_, now)) | (Plain::Object(then), Plain::Object(now)) => {
            let is_map = matches!(planned.peek().0, Plain::Map(..));
            let inner = |key: &str| {
                if is_map {
                    path.clone().index(key)
                } else {
                    path.clone().attr(key)
                }
            };
            for (key, then) in then.iter() {
                match now.get(key) {
                    Some(now) => value_applied(then, now, &inner(key), res),
                    None => res.push(Breach::new(&inner(key), "it was planned, and is not there")),
                }
            }
            for key in now.keys().filter(|it| !then.contains_key(*it)) {
                res.push(Breach::new(&inner(key), "it is there, and was not planned"));
            }
        }
        (Plain::Set(_, then), Plain::Set(_, now)) => {
            if now.len() > then.len() || (then.len() > now.len() && planned.is_wholly_known()) {
                res.push(changed_count(path, then.len(), now.len()));
                return;
            }
            let all_found = now.iter().all(|now| {
                then.iter().any(|then| {
                    let mut troubles = Vec::new();
                    value_applied(then, now, path, &mut troubles);
                    troubles.is_empty()
                })
            });
            if !all_found {
                res.push(Breach::new(path, "it has an element that was not planned"));
            }
        }
        _ => {
            if !same(planned, actual) {
                res.push(Breach::new(path, differs(planned, actual)));
            }
        }
    }
}

fn differs(planned: &Value, actual: &Value) -> String {
    format!(
        "{} was planned, and this is {}",
        show::brief(planned),
        show::brief(actual)
    )
}

/// Whether a type is one, [`Type::Dynamic`] in the wanted one standing for any.
fn type_fits(ty: &Type, wanted: &Type) -> bool {
    match (ty, wanted) {
        (_, Type::Dynamic) => true,
        (Type::List(a), Type::List(b))
        | (Type::Set(a), Type::Set(b))
        | (Type::Map(a), Type::Map(b)) => type_fits(a, b),
        (Type::Tuple(a), Type::Tuple(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| type_fits(a, b))
        }
        (Type::Object(a), Type::Object(b)) => {
            a.attributes.len() == b.attributes.len()
                && a.attributes
                    .iter()
                    .all(|(name, a)| b.attributes.get(name).is_some_and(|b| type_fits(a, b)))
        }
        (a, b) => a == b,
    }
}
