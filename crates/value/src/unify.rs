//! One type for several.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::Type;
use crate::convert::converted_type;

/// The type to which values of all these types convert, if there is one. [`Type::Dynamic`] where it is not known yet.
///
/// Objects with the same attributes give an object, others a map; tuples of one length give a tuple, others a list;
/// primitives give a string where they differ. `None` for no types at all.
pub fn unify(types: &[Type]) -> Option<Type> {
    let first = types.first()?;
    if types.iter().all(|it| it == first) {
        return Some(first.clone());
    }
    // The elements of a long list have few different types.
    let distinct: Vec<Type>;
    let types = if types.len() > 8 {
        let mut seen = BTreeSet::new();
        distinct = types
            .iter()
            .filter(|it| seen.insert(*it))
            .cloned()
            .collect();
        &distinct
    } else {
        types
    };
    let count = Count::of(types);
    let all = types.len();
    if count.maps > 0 && count.maps + count.dynamic == all {
        return collection(types, &count, Type::map);
    }
    if count.lists > 0 && count.lists + count.dynamic == all {
        return collection(types, &count, Type::list);
    }
    if count.sets > 0 && count.sets + count.dynamic == all {
        return collection(types, &count, Type::set);
    }
    if count.objects > 0 && count.objects + count.dynamic == all {
        return if count.dynamic > 0 {
            Some(Type::Dynamic)
        } else {
            objects(types)
        };
    }
    if count.tuples > 0 && count.tuples + count.dynamic == all {
        return if count.dynamic > 0 {
            Some(Type::Dynamic)
        } else {
            tuples(types)
        };
    }
    if count.maps > 0
        && count.maps + count.objects + count.dynamic == all
        && let Some(ty) = among_maps(types)
    {
        return Some(ty);
    }
    if count.lists > 0
        && count.lists + count.tuples + count.dynamic == all
        && let Some(ty) = among_lists(types)
    {
        return Some(ty);
    }
    if count.objects > 0 && count.tuples > 0 {
        return None;
    }
    preferred(types)
}

#[derive(Default)]
struct Count {
    maps: usize,
    lists: usize,
    sets: usize,
    objects: usize,
    tuples: usize,
    dynamic: usize,
}

impl Count {
    fn of(types: &[Type]) -> Count {
        let mut res = Count::default();
        for ty in types {
            match ty {
                Type::Map(_) => res.maps += 1,
                Type::List(_) => res.lists += 1,
                Type::Set(_) => res.sets += 1,
                Type::Object(_) => res.objects += 1,
                Type::Tuple(_) => res.tuples += 1,
                Type::Dynamic => res.dynamic += 1,
                Type::Bool | Type::Number | Type::String => {}
            }
        }
        res
    }
}

fn collection(types: &[Type], count: &Count, make: fn(Type) -> Type) -> Option<Type> {
    if count.dynamic > 0 {
        return Some(Type::Dynamic);
    }
    let elements: Vec<Type> = types.iter().filter_map(Type::element).cloned().collect();
    // A map that was found for a map and an object may not take the object.
    unify(&elements)
        .filter(|ty| elements.iter().all(|it| converted_type(it, ty).is_ok()))
        .map(make)
}

/// Attribute by attribute where all have the same names, else as a map.
fn objects(types: &[Type]) -> Option<Type> {
    let mut across: BTreeMap<&Arc<str>, Vec<Type>> = BTreeMap::new();
    for ty in types {
        if let Type::Object(object) = ty {
            for (name, ty) in &object.attributes {
                across.entry(name).or_default().push(ty.clone());
            }
        }
    }
    if across.values().any(|it| it.len() != types.len()) {
        return attributes_as_map(types);
    }
    let attributes: Option<Vec<_>> = across
        .into_iter()
        .map(|(name, types)| Some((name.clone(), unify(&types)?)))
        .collect();
    attributes.map(Type::object)
}

fn attributes_as_map(types: &[Type]) -> Option<Type> {
    let parts: Vec<Vec<Type>> = types
        .iter()
        .filter_map(|it| match it {
            Type::Object(object) => Some(object.attributes.values().cloned().collect()),
            _ => None,
        })
        .collect();
    unify_all(&parts, Type::map)
}

/// Element by element where all have the same length, else as a list.
fn tuples(types: &[Type]) -> Option<Type> {
    let all: Vec<&Arc<[Type]>> = types
        .iter()
        .filter_map(|it| match it {
            Type::Tuple(elements) => Some(elements),
            _ => None,
        })
        .collect();
    let length = all.first()?.len();
    if all.iter().any(|it| it.len() != length) {
        return elements_as_list(types);
    }
    let elements: Option<Vec<Type>> = (0..length)
        .map(|at| {
            let across: Vec<Type> = all.iter().filter_map(|it| it.get(at).cloned()).collect();
            unify(&across)
        })
        .collect();
    elements.map(Type::tuple)
}

fn elements_as_list(types: &[Type]) -> Option<Type> {
    let parts: Vec<Vec<Type>> = types
        .iter()
        .filter_map(|it| match it {
            Type::Tuple(elements) => Some(elements.to_vec()),
            _ => None,
        })
        .collect();
    unify_all(&parts, Type::list)
}

/// A collection of the unified type of parts that have types of their own, by the values that they are parts of.
fn unify_all(parts: &[Vec<Type>], make: fn(Type) -> Type) -> Option<Type> {
    let all = parts.concat();
    match unify(&all)? {
        // What the parts will have in common is not known yet, unless nothing is known of any.
        Type::Dynamic if all.iter().any(|it| *it != Type::Dynamic) => {
            let is_list = make(Type::Dynamic) == Type::list(Type::Dynamic);
            let own: Option<Vec<Type>> = parts
                .iter()
                .filter(|it| !it.is_empty())
                .map(|it| unify(it))
                .collect();
            // Each value becomes a collection by itself.
            match own {
                Some(own) if !own.contains(&Type::Dynamic) => Some(make(Type::Dynamic)),
                Some(_) if !is_list => Some(make(Type::Dynamic)),
                _ => None,
            }
        }
        element => Some(make(element)),
    }
}

/// Objects among maps are maps in disguise, if their attributes have a type in common.
fn among_maps(types: &[Type]) -> Option<Type> {
    let map = attributes_as_map(types)?;
    let types: Vec<Type> = types
        .iter()
        .map(|it| match it {
            Type::Object(_) => map.clone(),
            _ => it.clone(),
        })
        .collect();
    unify(&types).filter(|it| matches!(it, Type::Map(_)))
}

/// Tuples among lists are lists in disguise, if their elements have a type in common.
fn among_lists(types: &[Type]) -> Option<Type> {
    let list = elements_as_list(types)?;
    let types: Vec<Type> = types
        .iter()
        .map(|it| match it {
            Type::Tuple(_) => list.clone(),
            _ => it.clone(),
        })
        .collect();
    unify(&types).filter(|it| matches!(it, Type::List(_)))
}

/// One of the types, to which all others convert: the most general first.
fn preferred(types: &[Type]) -> Option<Type> {
    let mut order: Vec<&Type> = types.iter().collect();
    order.sort_by_key(|it| rank(it));
    order
        .into_iter()
        .find(|wanted| types.iter().all(|it| converted_type(it, wanted).is_ok()))
        .cloned()
}

/// Strings before other primitives, collections before what resembles them, what is not known yet last.
fn rank(ty: &Type) -> u8 {
    match ty {
        Type::String | Type::List(_) | Type::Map(_) => 0,
        Type::Bool | Type::Number | Type::Tuple(_) | Type::Object(_) => 1,
        Type::Set(_) => 2,
        Type::Dynamic => 3,
    }
}
