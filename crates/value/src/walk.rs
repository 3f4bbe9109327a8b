//! Visiting and rebuilding values.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Marks, Path, Plain, Step, Type, Value, unify};

/// Rebuilds a value from the leaves up: `change` is given each value with its path and gives what stands there.
///
/// Collections whose elements change their type become collections of the new type, if there is one for all.
pub fn rebuild(value: &Value, change: &mut dyn FnMut(&Path, Value) -> Value) -> Value {
    rebuild_at(value, &mut Path::root(), change)
}

fn rebuild_at(
    value: &Value,
    path: &mut Path,
    change: &mut dyn FnMut(&Path, Value) -> Value,
) -> Value {
    let (plain, marks) = value.peek();
    let rebuilt = match plain {
        Plain::Unknown(_)
        | Plain::Null(_)
        | Plain::Bool(_)
        | Plain::Number(_)
        | Plain::String(_) => value.clone(),
        Plain::List(element, values) => {
            let values = rebuild_list(values, path, change);
            let element = element_type(element, values.iter());
            Value::list(element, values).mark(marks)
        }
        Plain::Tuple(values) => Value::tuple(rebuild_list(values, path, change)).mark(marks),
        Plain::Set(element, values) => {
            let values: Vec<Value> = values
                .iter()
                .map(|it| {
                    under(path, Step::Index(it.clone()), |path| {
                        rebuild_at(it, path, change)
                    })
                })
                .collect();
            let element = element_type(element, values.iter());
            Value::set(element, values).mark(marks)
        }
        Plain::Map(element, values) => {
            let values: BTreeMap<Arc<str>, Value> = values
                .iter()
                .map(|(name, it)| {
                    let step = Step::Index(Value::new(Plain::String(name.clone())));
                    let it = under(path, step, |path| rebuild_at(it, path, change));
                    (name.clone(), it)
                })
                .collect();
            let element = element_type(element, values.values());
            Value::map(element, values).mark(marks)
        }
        Plain::Object(values) => {
            let values: BTreeMap<Arc<str>, Value> = values
                .iter()
                .map(|(name, it)| {
                    let step = Step::Attr(name.clone());
                    let it = under(path, step, |path| rebuild_at(it, path, change));
                    (name.clone(), it)
                })
                .collect();
            Value::new(Plain::Object(Arc::new(values))).mark(marks)
        }
    };
    change(path, rebuilt)
}

fn rebuild_list(
    values: &[Value],
    path: &mut Path,
    change: &mut dyn FnMut(&Path, Value) -> Value,
) -> Vec<Value> {
    values
        .iter()
        .enumerate()
        .map(|(at, it)| {
            under(path, Step::Index(Value::from(at)), |path| {
                rebuild_at(it, path, change)
            })
        })
        .collect()
}

fn under<T>(path: &mut Path, step: Step, inner: impl FnOnce(&mut Path) -> T) -> T {
    path.0.push(step);
    let res = inner(path);
    path.0.pop();
    res
}

/// The element type of a collection after its elements may have changed.
fn element_type<'a>(before: &Type, values: impl Iterator<Item = &'a Value>) -> Type {
    let mut others: Vec<Type> = Vec::new();
    let mut kept = false;
    for value in values {
        let ty = value.ty();
        if ty == *before {
            kept = true;
        } else if !others.contains(&ty) {
            others.push(ty);
        }
    }
    match (others.as_slice(), kept) {
        ([], _) => before.clone(),
        ([one], false) => one.clone(),
        _ => {
            if kept {
                others.push(before.clone());
            }
            unify(&others).unwrap_or_else(|| before.clone())
        }
    }
}

/// Shows each value with its path, the outer before the inner. `look` says whether to go inside.
pub fn visit(value: &Value, look: &mut dyn FnMut(&Path, &Value) -> bool) {
    visit_at(value, &mut Path::root(), look);
}

fn visit_at(value: &Value, path: &mut Path, look: &mut dyn FnMut(&Path, &Value) -> bool) {
    if !look(path, value) {
        return;
    }
    match value.peek().0 {
        Plain::Unknown(_)
        | Plain::Null(_)
        | Plain::Bool(_)
        | Plain::Number(_)
        | Plain::String(_) => {}
        Plain::List(_, values) | Plain::Tuple(values) => {
            for (at, it) in values.iter().enumerate() {
                under(path, Step::Index(Value::from(at)), |path| {
                    visit_at(it, path, look);
                });
            }
        }
        Plain::Set(_, values) => {
            for it in values.iter() {
                under(path, Step::Index(it.clone()), |path| {
                    visit_at(it, path, look);
                });
            }
        }
        Plain::Map(_, values) => {
            for (name, it) in values.iter() {
                let step = Step::Index(Value::new(Plain::String(name.clone())));
                under(path, step, |path| {
                    visit_at(it, path, look);
                });
            }
        }
        Plain::Object(values) => {
            for (name, it) in values.iter() {
                under(path, Step::Attr(name.clone()), |path| {
                    visit_at(it, path, look);
                });
            }
        }
    }
}

/// Removes all marks at all depths, and says where they were.
pub fn unmark_deep(value: &Value) -> (Value, Vec<(Path, Marks)>) {
    if value.deep_marks().is_empty() {
        return (value.clone(), Vec::new());
    }
    let mut found = Vec::new();
    visit(value, &mut |path, it| {
        if !it.marks().is_empty() {
            found.push((path.clone(), it.marks()));
        }
        !it.deep_marks().is_empty()
    });
    (unmarked(value), found)
}

fn unmarked(value: &Value) -> Value {
    if value.deep_marks().is_empty() {
        return value.clone();
    }
    let list = |values: &[Value]| Arc::new(values.iter().map(unmarked).collect::<Vec<_>>());
    let map = |values: &BTreeMap<Arc<str>, Value>| {
        Arc::new(
            values
                .iter()
                .map(|(name, it)| (name.clone(), unmarked(it)))
                .collect::<BTreeMap<_, _>>(),
        )
    };
    Value::new(match value.peek().0 {
        plain @ (Plain::Unknown(_)
        | Plain::Null(_)
        | Plain::Bool(_)
        | Plain::Number(_)
        | Plain::String(_)) => plain.clone(),
        // A set's elements have no marks of their own.
        Plain::Set(element, values) => Plain::Set(element.clone(), values.clone()),
        Plain::List(element, values) => Plain::List(element.clone(), list(values)),
        Plain::Tuple(values) => Plain::Tuple(list(values)),
        Plain::Map(element, values) => Plain::Map(element.clone(), map(values)),
        Plain::Object(values) => Plain::Object(map(values)),
    })
}

/// Adds marks at paths; paths that lead nowhere are passed over, one that leads into a set marks the set.
pub fn mark_paths(value: &Value, marks: &[(Path, Marks)]) -> Value {
    let marks: Vec<(&[Step], Marks)> = marks
        .iter()
        .map(|(path, marks)| (path.0.as_slice(), *marks))
        .collect();
    mark_at(value, &marks)
}

fn mark_at(value: &Value, marks: &[(&[Step], Marks)]) -> Value {
    if marks.is_empty() {
        return value.clone();
    }
    let (plain, mut own) = value.peek();
    // What is below, by its place there.
    let mut named: BTreeMap<&str, Vec<(&[Step], Marks)>> = BTreeMap::new();
    let mut numbered: BTreeMap<usize, Vec<(&[Step], Marks)>> = BTreeMap::new();
    let mut into_set = Marks::NONE;
    for (path, marks) in marks {
        let Some((step, rest)) = path.split_first() else {
            own = own.union(*marks);
            continue;
        };
        into_set = into_set.union(*marks);
        match step {
            Step::Attr(name) => named.entry(name).or_default().push((rest, *marks)),
            Step::Index(key) => {
                if let Some(name) = key.as_str() {
                    named.entry(name).or_default().push((rest, *marks));
                } else if let Some(at) = key.as_number().and_then(|it| it.to_usize()) {
                    numbered.entry(at).or_default().push((rest, *marks));
                }
            }
        }
    }
    let list = |values: &[Value]| {
        let mut values = values.to_vec();
        for (at, marks) in &numbered {
            if let Some(it) = values.get_mut(*at) {
                *it = mark_at(it, marks);
            }
        }
        Arc::new(values)
    };
    let map = |values: &BTreeMap<Arc<str>, Value>| {
        let mut values = values.clone();
        for (name, marks) in &named {
            if let Some(it) = values.get_mut(*name) {
                *it = mark_at(it, marks);
            }
        }
        Arc::new(values)
    };
    let plain = match plain {
        Plain::Unknown(_)
        | Plain::Null(_)
        | Plain::Bool(_)
        | Plain::Number(_)
        | Plain::String(_) => plain.clone(),
        Plain::Set(..) => {
            own = own.union(into_set);
            plain.clone()
        }
        Plain::List(element, values) if !numbered.is_empty() => {
            Plain::List(element.clone(), list(values))
        }
        Plain::Tuple(values) if !numbered.is_empty() => Plain::Tuple(list(values)),
        Plain::Map(element, values) if !named.is_empty() => {
            Plain::Map(element.clone(), map(values))
        }
        Plain::Object(values) if !named.is_empty() => Plain::Object(map(values)),
        Plain::List(..) | Plain::Tuple(_) | Plain::Map(..) | Plain::Object(_) => plain.clone(),
    };
    Value::new(plain).mark(own)
}
