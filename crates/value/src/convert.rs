//! A value to another type.
//!
//! The table of what converts to what is in `docs/values.md`, and tested row by row. Whether a conversion exists is a
//! matter of types alone ([`converted_type`]); only texts can fail on their value, and maps that lack an attribute.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Number, Path, Plain, Step, Type, Unknown, Value, show, unify};

/// Why a value does not convert.
#[derive(Debug, Clone, PartialEq)]
pub struct ConvertError {
    /// Where inside the value.
    pub path: Path,
    /// Why: `a number is required`, `attribute "x" is required`. Never holds a value.
    pub reason: String,
}

impl ConvertError {
    fn here(reason: impl Into<String>) -> ConvertError {
        ConvertError {
            path: Path::root(),
            reason: reason.into(),
        }
    }

    /// The same seen from outside: under one more step.
    fn under(mut self, step: Option<Step>) -> ConvertError {
        if let Some(step) = step {
            self.path.0.insert(0, step);
        }
        self
    }
}

impl std::fmt::Display for ConvertError {
    /// The place, where it is not the value itself, and the reason: `.a["b"]: a number is required`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.path.0.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.reason)
    }
}

/// The value as a value of another type: the same one, or one that says the same.
///
/// Null and unknown values convert when their type does. Marks stay. Optional attributes of the constraint that are
/// missing become null (defaults are `config`'s matter). `Type::Dynamic` in the constraint takes any type, collections
/// of it the unified type of the elements.
pub fn convert(value: &Value, ty: &Type) -> Result<Value, ConvertError> {
    if is_already(value, ty) {
        return Ok(value.clone());
    }
    // Each kind has a function of its own, so that deep values need little stack.
    let (plain, marks) = value.peek();
    match plain {
        Plain::Unknown(unknown) => {
            converted_type(&unknown.ty, ty).map(|ty| converted_unknown(unknown, ty))
        }
        Plain::Null(from) => converted_type(from, ty).map(Value::null),
        Plain::Bool(_) | Plain::Number(_) | Plain::String(_) => primitive(value, ty),
        Plain::List(..) | Plain::Set(..) | Plain::Tuple(_) => sequence(value, ty),
        Plain::Map(element, values) => named(values, Some(element), ty),
        Plain::Object(values) => named(values, None, ty),
    }
    .map(|it| it.mark(marks))
}

/// Whether nothing is to be done.
fn is_already(value: &Value, ty: &Type) -> bool {
    match (value.peek().0, ty) {
        (_, Type::Dynamic)
        | (Plain::Bool(_), Type::Bool)
        | (Plain::Number(_), Type::Number)
        | (Plain::String(_), Type::String) => true,
        (Plain::List(element, _), Type::List(wanted))
        | (Plain::Set(element, _), Type::Set(wanted))
        | (Plain::Map(element, _), Type::Map(wanted)) => element == wanted,
        _ => false,
    }
}

fn primitive(value: &Value, ty: &Type) -> Result<Value, ConvertError> {
    match (value.peek().0, ty) {
        (Plain::Bool(it), Type::String) => Ok(Value::from(if *it { "true" } else { "false" })),
        (Plain::Number(it), Type::String) => Ok(Value::from(it.to_string())),
        (Plain::String(it), Type::Number) => Number::parse(it)
            .map(Value::from)
            .ok_or_else(|| ConvertError::here("a number is required, and this text is not one")),
        (Plain::String(it), Type::Bool) => text_to_bool(it),
        _ => Err(wrong_type(&value.ty(), ty)),
    }
}

/// A list, set or tuple to another of them.
fn sequence(value: &Value, ty: &Type) -> Result<Value, ConvertError> {
    let (plain, _) = value.peek();
    let values = value.elements().unwrap_or_default();
    let (source, numbered) = match plain {
        Plain::List(element, _) => (Some(&**element), Numbered::Yes),
        Plain::Set(element, _) => (Some(&**element), Numbered::No),
        _ => (None, Numbered::Yes),
    };
    match ty {
        Type::List(wanted) => {
            let (element, converted) = elements(values, source, wanted, numbered)?;
            if matches!(plain, Plain::Set(..)) && values.len() > 1 && !value.is_wholly_known() {
                // How many elements there will be, and in what order, shows when they are known.
                return Ok(Unknown::of(Type::list(element)).not_null().settle());
            }
            Ok(Value::list(element, converted))
        }
        Type::Set(wanted) => {
            let (element, converted) = elements(values, source, wanted, numbered)?;
            Ok(Value::set(element, converted))
        }
        Type::Tuple(wanted) if source.is_none() => tuple(values, wanted),
        _ => Err(wrong_type(&value.ty(), ty)),
    }
}

fn tuple(values: &[Value], wanted: &[Type]) -> Result<Value, ConvertError> {
    if values.len() != wanted.len() {
        return Err(wrong_length(values.len(), wanted.len()));
    }
    let mut res = Vec::with_capacity(values.len());
    for (at, (value, wanted)) in values.iter().zip(wanted).enumerate() {
        match convert(value, wanted) {
            Ok(it) => res.push(it),
            Err(it) => return Err(it.under(Some(index(at)))),
        }
    }
    Ok(Value::tuple(res))
}

/// A map (which has an element type) or an object to another of them.
fn named(
    values: &BTreeMap<Arc<str>, Value>,
    source: Option<&Type>,
    ty: &Type,
) -> Result<Value, ConvertError> {
    match ty {
        Type::Map(wanted) => entries(values, source, wanted),
        Type::Object(wanted) => {
            if let Some(source) = source {
                for wanted in wanted.attributes.values() {
                    converted_type(source, wanted)?;
                }
            }
            attributes(values, source.is_some(), wanted)
        }
        _ => Err(match source {
            Some(element) => wrong_type(&Type::map(element.clone()), ty),
            None => wrong_type(&Type::Object(Arc::default()), ty),
        }),
    }
}

/// The type that values of one type have after conversion to another: what is dynamic in the wanted one is replaced by
/// what is there. An error where no value converts.
pub fn converted_type(from: &Type, to: &Type) -> Result<Type, ConvertError> {
    match (from, to) {
        (_, Type::Dynamic) => Ok(from.clone()),
        (Type::Dynamic, _) => Ok(to.without_optional()),
        (Type::Bool, Type::Bool | Type::String)
        | (Type::Number, Type::Number | Type::String)
        | (Type::String, Type::Bool | Type::Number | Type::String) => Ok(to.clone()),
        (Type::List(from), Type::List(to)) | (Type::Set(from), Type::List(to)) => {
            Ok(Type::list(converted_type(from, to)?))
        }
        (Type::List(from), Type::Set(to)) | (Type::Set(from), Type::Set(to)) => {
            Ok(Type::set(converted_type(from, to)?))
        }
        (Type::Map(from), Type::Map(to)) => Ok(Type::map(converted_type(from, to)?)),
        (Type::Tuple(from), Type::List(to)) => Ok(Type::list(converted_elements(
            from.iter()
                .enumerate()
                .map(|(at, ty)| (Some(index(at)), ty)),
            to,
        )?)),
        (Type::Tuple(from), Type::Set(to)) => Ok(Type::set(converted_elements(
            from.iter()
                .enumerate()
                .map(|(at, ty)| (Some(index(at)), ty)),
            to,
        )?)),
        (Type::Object(from), Type::Map(to)) if is_open(from.attributes.values(), to) => {
            Ok(Type::map(Type::Dynamic))
        }
        (Type::Object(from), Type::Map(to)) => Ok(Type::map(converted_elements(
            from.attributes
                .iter()
                .map(|(name, ty)| (Some(Step::Attr(name.clone())), ty)),
            to,
        )?)),
        (Type::Tuple(from), Type::Tuple(to)) => converted_tuple(from, to),
        (Type::Object(from), Type::Object(to)) => {
            if let Some(error) = missing(to, |name| from.attributes.contains_key(name)) {
                return Err(error);
            }
            converted_object(to, |name| from.attributes.get(name), false)
        }
        (Type::Map(from), Type::Object(to)) => converted_object(to, |_| Some(from), true),
        (
            Type::Bool
            | Type::Number
            | Type::String
            | Type::List(_)
            | Type::Set(_)
            | Type::Map(_)
            | Type::Tuple(_)
            | Type::Object(_),
            _,
        ) => Err(wrong_type(from, to)),
    }
}

fn converted_tuple(from: &[Type], to: &[Type]) -> Result<Type, ConvertError> {
    if from.len() != to.len() {
        return Err(wrong_length(from.len(), to.len()));
    }
    let mut res = Vec::with_capacity(from.len());
    for (at, (from, to)) in from.iter().zip(to).enumerate() {
        match converted_type(from, to) {
            Ok(it) => res.push(it),
            Err(it) => return Err(it.under(Some(index(at)))),
        }
    }
    Ok(Type::tuple(res))
}

fn converted_object<'a>(
    to: &crate::ObjectType,
    from: impl Fn(&str) -> Option<&'a Type>,
    of_map: bool,
) -> Result<Type, ConvertError> {
    let mut res = Vec::with_capacity(to.attributes.len());
    for (name, to) in &to.attributes {
        let Some(from) = from(name) else {
            res.push((name.clone(), to.without_optional()));
            continue;
        };
        match converted_type(from, to) {
            Ok(it) => res.push((name.clone(), it)),
            Err(it) => return Err(it.under(Some(name_step(name, of_map)))),
        }
    }
    Ok(Type::object(res))
}

/// Whether positions in the source say something to the reader.
#[derive(Clone, Copy)]
enum Numbered {
    Yes,
    No,
}

/// The elements of a list, set or tuple as elements of one type. `source` is their common type, if they have one.
fn elements(
    values: &[Value],
    source: Option<&Type>,
    wanted: &Type,
    numbered: Numbered,
) -> Result<(Type, Vec<Value>), ConvertError> {
    let element = element_type(values.iter(), source, wanted)?;
    let res = convert_all(values, &element, numbered)?;
    let common = common_type(res.iter(), &element)?;
    if element.has_dynamic() && common != Type::Dynamic {
        let res = convert_all(&res, &common, numbered)?;
        all_of_type(res.iter(), &common)?;
        return Ok((common, res));
    }
    Ok((common, res))
}

fn convert_all(
    values: &[Value],
    element: &Type,
    numbered: Numbered,
) -> Result<Vec<Value>, ConvertError> {
    let mut res = Vec::with_capacity(values.len());
    for (at, value) in values.iter().enumerate() {
        match convert(value, element) {
            Ok(it) => res.push(it),
            Err(it) => {
                return Err(it.under(match numbered {
                    Numbered::Yes => Some(index(at)),
                    Numbered::No => None,
                }));
            }
        }
    }
    Ok(res)
}

/// The entries of a map or object as a map of one type.
fn entries(
    values: &BTreeMap<Arc<str>, Value>,
    source: Option<&Type>,
    wanted: &Type,
) -> Result<Value, ConvertError> {
    let types: Vec<Type> = values.values().map(Value::ty).collect();
    if source.is_none() && is_open(types.iter(), wanted) {
        let mut known = types.into_iter().filter(|it| *it != Type::Dynamic);
        let common = known.next().unwrap_or(Type::Dynamic);
        if known.any(|it| it != common) {
            return Err(no_common_type());
        }
        let res = convert_entries(values, &common, false)?;
        return Ok(Value::map(common, res));
    }
    let element = element_type(values.values(), source, wanted)?;
    let res = convert_entries(values, &element, source.is_some())?;
    let common = common_type(res.values(), &element)?;
    if element.has_dynamic() && common != Type::Dynamic {
        let res = convert_entries(&res, &common, source.is_some())?;
        all_of_type(res.values(), &common)?;
        return Ok(Value::map(common, res));
    }
    Ok(Value::map(common, res))
}

fn convert_entries(
    values: &BTreeMap<Arc<str>, Value>,
    element: &Type,
    of_map: bool,
) -> Result<BTreeMap<Arc<str>, Value>, ConvertError> {
    let mut res = BTreeMap::new();
    for (name, value) in values {
        match convert(value, element) {
            Ok(it) => res.insert(name.clone(), it),
            Err(it) => return Err(it.under(Some(name_step(name, of_map)))),
        };
    }
    Ok(res)
}

/// Whether attributes of these types, made a map of anything, have no type in common as long as some of them have none
/// (null, or not known yet): the values decide then. With lists the reference never waits for the values.
fn is_open<'a>(attributes: impl Iterator<Item = &'a Type>, wanted: &Type) -> bool {
    if *wanted != Type::Dynamic {
        return false;
    }
    let types: Vec<Type> = attributes.cloned().collect();
    types.iter().any(|it| *it != Type::Dynamic) && unify(&types) == Some(Type::Dynamic)
}

/// How a path leads to what is under a name.
fn name_step(name: &Arc<str>, of_map: bool) -> Step {
    if of_map {
        Step::Index(Value::from(&**name))
    } else {
        Step::Attr(name.clone())
    }
}

/// What elements are converted to first: the wanted type, or where any is wanted, the one they have in common.
fn element_type<'a>(
    values: impl Iterator<Item = &'a Value>,
    source: Option<&Type>,
    wanted: &Type,
) -> Result<Type, ConvertError> {
    match (source, wanted) {
        (Some(source), Type::Dynamic) => Ok(source.clone()),
        (Some(source), _) => {
            // Also where there are no elements: an empty list of bool is no list of number.
            converted_type(source, wanted)?;
            Ok(wanted.clone())
        }
        (None, Type::Dynamic) => {
            let types: Vec<Type> = values.map(Value::ty).collect();
            single_type(&types)
        }
        (None, _) => Ok(wanted.clone()),
    }
}

/// The type of elements after their conversion to `element`, in which parts may have been dynamic.
fn common_type<'a>(
    values: impl Iterator<Item = &'a Value>,
    element: &Type,
) -> Result<Type, ConvertError> {
    if !element.has_dynamic() {
        return Ok(element.without_optional());
    }
    let mut types: Vec<Type> = values.map(Value::ty).collect();
    types.dedup();
    if types.is_empty() {
        return Ok(element.without_optional());
    }
    single_type(&types)
}

/// Nothing of several types under one name: a dynamic part of the common type may stand for nothing else.
fn all_of_type<'a>(
    mut values: impl Iterator<Item = &'a Value>,
    common: &Type,
) -> Result<(), ConvertError> {
    if common.has_dynamic() && values.any(|it| it.ty() != *common) {
        return Err(no_common_type());
    }
    Ok(())
}

/// The one type of the elements of a list, set or map made from elements of these types.
fn single_type(types: &[Type]) -> Result<Type, ConvertError> {
    if types.is_empty() {
        return Ok(Type::Dynamic);
    }
    let res = unify(types).ok_or_else(no_common_type)?;
    if res == Type::Dynamic && types.iter().any(|it| *it != Type::Dynamic) {
        return Err(no_common_type());
    }
    Ok(res)
}

fn no_common_type() -> ConvertError {
    ConvertError::here("all elements must have the same type, and these have none in common")
}

fn converted_elements<'a>(
    from: impl Iterator<Item = (Option<Step>, &'a Type)>,
    to: &Type,
) -> Result<Type, ConvertError> {
    let mut types = Vec::new();
    for (step, from) in from {
        types.push(converted_type(from, to).map_err(|it| it.under(step))?);
    }
    if to.has_dynamic() && !types.is_empty() {
        single_type(&types)
    } else {
        Ok(to.without_optional())
    }
}

/// The attributes of an object type from those of an object or the elements of a map; others are dropped.
fn attributes(
    values: &BTreeMap<Arc<str>, Value>,
    of_map: bool,
    wanted: &crate::ObjectType,
) -> Result<Value, ConvertError> {
    if let Some(error) = missing(wanted, |name| values.contains_key(name)) {
        return Err(error);
    }
    let mut res = BTreeMap::new();
    for (name, ty) in &wanted.attributes {
        let Some(value) = values.get(name) else {
            res.insert(name.clone(), Value::null(ty.without_optional()));
            continue;
        };
        match convert(value, ty) {
            Ok(it) => res.insert(name.clone(), it),
            Err(it) => return Err(it.under(Some(name_step(name, of_map)))),
        };
    }
    Ok(Value::new(Plain::Object(Arc::new(res))))
}

/// The error that names the attributes which are neither there nor optional.
fn missing(wanted: &crate::ObjectType, has: impl Fn(&str) -> bool) -> Option<ConvertError> {
    let names: Vec<String> = wanted
        .attributes
        .keys()
        .filter(|name| !wanted.optional.contains(*name) && !has(name))
        .map(|name| show::quoted(name))
        .collect();
    let (last, others) = names.split_last()?;
    Some(ConvertError::here(if others.is_empty() {
        format!("attribute {last} is required")
    } else {
        format!("attributes {} and {last} are required", others.join(", "))
    }))
}

/// An unknown value after conversion to a type, with what is still known of it.
fn converted_unknown(from: &Unknown, ty: Type) -> Value {
    let mut res = Unknown::of(ty);
    res.not_null = from.not_null;
    let (min, max) = match &from.ty {
        Type::Tuple(it) => (Some(it.len() as u64), Some(it.len() as u64)),
        Type::Object(it) => (
            Some(it.attributes.len() as u64),
            Some(it.attributes.len() as u64),
        ),
        Type::Dynamic
        | Type::Bool
        | Type::Number
        | Type::String
        | Type::List(_)
        | Type::Set(_)
        | Type::Map(_) => (from.min_len, from.max_len),
    };
    if res.ty.is_collection() {
        // Elements that become equal fall together in a set.
        let falls_together = matches!(res.ty, Type::Set(_));
        res.min_len = min.map(|it| if falls_together { it.min(1) } else { it });
        res.max_len = max;
    }
    if res.ty == from.ty {
        res = from.clone();
    }
    res.settle()
}

/// Numbers as texts pass too, as with the reference.
fn text_to_bool(text: &str) -> Result<Value, ConvertError> {
    match text {
        "true" | "1" => Ok(Value::from(true)),
        "false" | "0" => Ok(Value::from(false)),
        _ => Err(ConvertError::here(
            "a bool is required, and of texts only \"true\" and \"false\" are one",
        )),
    }
}

fn wrong_type(from: &Type, to: &Type) -> ConvertError {
    ConvertError::here(format!(
        "{} is required, not {}",
        article(to),
        article(from)
    ))
}

fn wrong_length(has: usize, wanted: usize) -> ConvertError {
    ConvertError::here(format!(
        "a tuple of {wanted} elements is required, not of {has}"
    ))
}

fn article(ty: &Type) -> String {
    let name = show::friendly_type(ty);
    let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {name}")
}

fn index(at: usize) -> Step {
    Step::Index(Value::from(at))
}
