//! Equality, arithmetic, comparison and indexing, for known, unknown and null, in one place.
//!
//! Marks of the operands are on the result of each. Refinements go through where something is still known.
//! Operands are not converted: who has an expression converts its operands first, and knows which was wrong.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use crate::number::NotANumber;
use crate::{Marks, Number, Plain, Type, Unknown, Value, convert, show, walk};

/// Why an operation has no result; the caller knows the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpError {
    /// Which mistake it is, for the title of a message.
    pub kind: OpErrorKind,
    /// A sentence that says why, without values.
    pub reason: String,
}

/// What kind of mistake an operation met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpErrorKind {
    /// The value operated on is null.
    Null,
    /// The key is null.
    NullKey,
    /// There is nothing under the key, or no attribute of the name.
    Missing,
    /// The value has no elements or attributes at all, or the key is of a wrong type.
    Type,
    /// There is no such number, as with `0 / 0`.
    Number,
}

impl OpError {
    fn new(kind: OpErrorKind, reason: impl Into<String>) -> OpError {
        OpError {
            kind,
            reason: reason.into(),
        }
    }
}

/// A set of values of type `element`: sorted as sets are walked, without repetitions, with the marks of its elements.
///
/// Unknown elements are all kept: they may turn out different.
pub fn set_of(element: Type, values: Vec<Value>) -> Value {
    let mut marks = Marks::NONE;
    let mut plain: Vec<Value> = Vec::with_capacity(values.len());
    for value in values {
        let own = value.deep_marks();
        marks = marks.union(own);
        plain.push(if own.is_empty() {
            value
        } else {
            walk::unmark_deep(&value).0
        });
    }
    if plain.iter().all(|it| it.ty().is_primitive()) {
        plain.sort_by(set_order);
    } else {
        let mut keyed: Vec<((u8, String), Value)> = plain
            .into_iter()
            .map(|it| ((rank(&it), set_key(&it)), it))
            .collect();
        keyed.sort_by(|one, other| one.0.cmp(&other.0));
        // The keys of different numbers can be the same, and the order must not depend on that of the values.
        for run in keyed.chunk_by_mut(|one, other| one.0 == other.0) {
            if run.len() > 1 {
                run.sort_by_cached_key(|it| exact_key(&it.1));
            }
        }
        plain = keyed.into_iter().map(|it| it.1).collect();
    }
    plain.dedup_by(|one, other| {
        one.is_wholly_known() && other.is_wholly_known() && same(one, other) && {
            // The two zeros are equal, and still two elements.
            match (one.as_number(), other.as_number()) {
                (Some(one), Some(other)) => one.is_negative() == other.is_negative(),
                _ => true,
            }
        }
    });
    Value::new(Plain::Set(Arc::new(element), Arc::new(plain))).mark(marks)
}

/// The order in which a set's elements are walked: strings by bytes, numbers by value, `false` first, others by their
/// [`set_key`]; then unknown ones, then null.
pub fn set_order(left: &Value, right: &Value) -> Ordering {
    rank(left)
        .cmp(&rank(right))
        .then_with(|| match (left.peek().0, right.peek().0) {
            (Plain::Bool(left), Plain::Bool(right)) => left.cmp(right),
            (Plain::String(left), Plain::String(right)) => left.as_bytes().cmp(right.as_bytes()),
            (Plain::Number(left), Plain::Number(right)) => left
                .cmp(right)
                .then_with(|| right.is_negative().cmp(&left.is_negative())),
            (Plain::Unknown(_), Plain::Unknown(_)) | (Plain::Null(_), Plain::Null(_)) => {
                Ordering::Equal
            }
            _ => set_key(left).cmp(&set_key(right)),
        })
}

fn rank(value: &Value) -> u8 {
    match value.peek().0 {
        Plain::Unknown(_) => 1,
        Plain::Null(_) => 2,
        Plain::Bool(_)
        | Plain::Number(_)
        | Plain::String(_)
        | Plain::List(..)
        | Plain::Set(..)
        | Plain::Map(..)
        | Plain::Tuple(_)
        | Plain::Object(_) => 0,
    }
}

/// The text by which the reference orders elements of sets that are not primitive: brackets by kind, `;` after each
/// element, attributes in the order of their names but without the names.
pub fn set_key(value: &Value) -> String {
    let mut res = String::new();
    write_set_key(value, Number::ten_digits, &mut res);
    res
}

/// The same with all digits of numbers.
fn exact_key(value: &Value) -> String {
    let mut res = String::new();
    write_set_key(value, Number::to_string, &mut res);
    res
}

fn write_set_key(value: &Value, digits: fn(&Number) -> String, to: &mut String) {
    match value.peek().0 {
        Plain::Unknown(_) => to.push('?'),
        Plain::Null(_) => to.push('~'),
        Plain::Bool(it) => to.push(if *it { '1' } else { '0' }),
        Plain::Number(it) => to.push_str(&digits(it)),
        Plain::String(it) => to.push_str(&show::quoted(it)),
        Plain::List(_, values) | Plain::Set(_, values) => {
            to.push('[');
            for value in values.iter() {
                write_set_key(value, digits, to);
                to.push(';');
            }
            to.push(']');
        }
        Plain::Map(_, values) => {
            to.push('{');
            for (key, value) in values.iter() {
                to.push_str(&show::quoted(key));
                to.push(':');
                write_set_key(value, digits, to);
                to.push(';');
            }
            to.push('}');
        }
        Plain::Tuple(values) => {
            to.push('<');
            for value in values.iter() {
                write_set_key(value, digits, to);
                to.push(';');
            }
            to.push('>');
        }
        Plain::Object(values) => {
            to.push('<');
            for value in values.values() {
                write_set_key(value, digits, to);
                to.push(';');
            }
            to.push('>');
        }
    }
}

/// `left == right`: a bool, unknown where it cannot be known.
///
/// Nulls of all types are equal, values of different types never are.
pub fn equal(left: &Value, right: &Value) -> Value {
    let marks = left.deep_marks().union(right.deep_marks());
    let res = match are_equal(left, right) {
        Some(it) => Value::from(it),
        None => unknown_not_null(Type::Bool),
    };
    res.mark(marks)
}

/// `left != right`, as [`equal`].
pub fn not_equal(left: &Value, right: &Value) -> Value {
    let res = equal(left, right);
    match res.as_bool() {
        Some(it) => Value::from(!it).mark(res.marks()),
        None => res,
    }
}

/// Whether two values are the same for sure: types, nulls, unknowns (with equal types) and marks of all elements
/// aside. What a planner compares.
///
/// Unlike [`equal`] it always has an answer: an unknown is the same as another unknown of its type (whatever else is
/// known of them), and null only the same as a null of its type.
pub fn same(left: &Value, right: &Value) -> bool {
    same_inside(left, right, false)
}

/// The same as [`same`], and all marks at all depths equal.
pub fn same_with_marks(left: &Value, right: &Value) -> bool {
    same_inside(left, right, true)
}

fn same_inside(left: &Value, right: &Value, marks: bool) -> bool {
    if marks && left.marks() != right.marks() {
        return false;
    }
    let all = |left: &[Value], right: &[Value]| {
        left.len() == right.len()
            && left
                .iter()
                .zip(right)
                .all(|(left, right)| same_inside(left, right, marks))
    };
    match (left.peek().0, right.peek().0) {
        (Plain::Unknown(left), Plain::Unknown(right)) => left.ty == right.ty,
        (Plain::Null(left), Plain::Null(right)) => left == right,
        (Plain::Bool(left), Plain::Bool(right)) => left == right,
        (Plain::Number(left), Plain::Number(right)) => left == right,
        (Plain::String(left), Plain::String(right)) => left == right,
        (Plain::List(ty, left), Plain::List(other, right))
        | (Plain::Set(ty, left), Plain::Set(other, right)) => {
            ty == other && (Arc::ptr_eq(left, right) || all(left, right))
        }
        (Plain::Tuple(left), Plain::Tuple(right)) => Arc::ptr_eq(left, right) || all(left, right),
        (Plain::Map(ty, left), Plain::Map(other, right)) => {
            ty == other && (Arc::ptr_eq(left, right) || same_entries(left, right, marks))
        }
        (Plain::Object(left), Plain::Object(right)) => {
            Arc::ptr_eq(left, right) || same_entries(left, right, marks)
        }
        (
            Plain::Unknown(_)
            | Plain::Null(_)
            | Plain::Bool(_)
            | Plain::Number(_)
            | Plain::String(_)
            | Plain::List(..)
            | Plain::Set(..)
            | Plain::Map(..)
            | Plain::Tuple(_)
            | Plain::Object(_),
            _,
        ) => false,
    }
}

fn same_entries(
    left: &std::collections::BTreeMap<Arc<str>, Value>,
    right: &std::collections::BTreeMap<Arc<str>, Value>,
    marks: bool,
) -> bool {
    left.len() == right.len()
        && left
            .iter()
            .zip(right)
            .all(|((name, left), (other, right))| name == other && same_inside(left, right, marks))
}

fn are_equal(left: &Value, right: &Value) -> Option<bool> {
    let (left_plain, right_plain) = (left.peek().0, right.peek().0);
    match (left_plain, right_plain) {
        (Plain::Unknown(_), Plain::Unknown(_)) => None,
        (Plain::Unknown(unknown), _) => equal_unknown(unknown, right),
        (_, Plain::Unknown(unknown)) => equal_unknown(unknown, left),
        (Plain::Null(_), Plain::Null(_)) => Some(true),
        (Plain::Null(_), _) | (_, Plain::Null(_)) => Some(false),
        (Plain::Bool(left), Plain::Bool(right)) => Some(left == right),
        (Plain::Number(left), Plain::Number(right)) => Some(left == right),
        (Plain::String(left), Plain::String(right)) => Some(left == right),
        (Plain::Tuple(left), Plain::Tuple(right)) => {
            if left.len() != right.len() {
                return Some(false);
            }
            in_order(left.iter().zip(right.iter()))
        }
        (Plain::List(ty, left), Plain::List(other, right)) => {
            if ty != other || left.len() != right.len() {
                return Some(false);
            }
            in_order(left.iter().zip(right.iter()))
        }
        (Plain::Set(ty, one), Plain::Set(other, another)) => {
            if ty != other {
                return Some(false);
            }
            if !left.is_wholly_known() || !right.is_wholly_known() {
                return None;
            }
            Some(same_inside(
                &Value::new(Plain::Tuple(one.clone())),
                &Value::new(Plain::Tuple(another.clone())),
                false,
            ))
        }
        (Plain::Map(ty, left), Plain::Map(other, right)) => {
            if ty != other || left.len() != right.len() || !left.keys().eq(right.keys()) {
                return Some(false);
            }
            in_any_order(left.values().zip(right.values()))
        }
        (Plain::Object(left), Plain::Object(right)) => {
            if !left.keys().eq(right.keys()) {
                return Some(false);
            }
            in_any_order(left.values().zip(right.values()))
        }
        (
            Plain::Bool(_)
            | Plain::Number(_)
            | Plain::String(_)
            | Plain::List(..)
            | Plain::Set(..)
            | Plain::Map(..)
            | Plain::Tuple(_)
            | Plain::Object(_),
            _,
        ) => Some(false),
    }
}

/// Stops at the first difference, and at the first that is unknown, as the reference does.
fn in_order<'a>(pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> Option<bool> {
    for (left, right) in pairs {
        if !are_equal(left, right)? {
            return Some(false);
        }
    }
    Some(true)
}

/// Any difference decides, also beside something unknown. (With the reference it depends on chance.)
fn in_any_order<'a>(pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> Option<bool> {
    let mut res = Some(true);
    for (left, right) in pairs {
        match are_equal(left, right) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => res = None,
        }
    }
    res
}

/// Whether an unknown can turn out equal to a known value.
fn equal_unknown(unknown: &Unknown, known: &Value) -> Option<bool> {
    if known.is_null() {
        return unknown.not_null.then_some(false);
    }
    let ty = known.ty();
    if !unknown.ty.has_dynamic() && !ty.has_dynamic() && unknown.ty != ty {
        return Some(false);
    }
    unknown.excludes(known).then_some(false)
}

/// `left && right` of bools; unknown where either is, as with the reference.
pub fn and(left: &Value, right: &Value) -> Result<Value, OpError> {
    logical(left, right, |left, right| left && right)
}

/// `left || right` of bools; unknown where either is, as with the reference.
pub fn or(left: &Value, right: &Value) -> Result<Value, OpError> {
    logical(left, right, |left, right| left || right)
}

fn logical(left: &Value, right: &Value, op: fn(bool, bool) -> bool) -> Result<Value, OpError> {
    for operand in [left, right] {
        expect(operand, &Type::Bool)?;
    }
    let marks = left.marks().union(right.marks());
    let res = match (left.as_bool(), right.as_bool()) {
        (Some(left), Some(right)) => Value::from(op(left, right)),
        _ => unknown_not_null(Type::Bool),
    };
    Ok(res.mark(marks))
}

/// `!value` of a bool.
pub fn not(value: &Value) -> Result<Value, OpError> {
    expect(value, &Type::Bool)?;
    Ok(match value.as_bool() {
        Some(it) => Value::from(!it),
        None => unknown_not_null(Type::Bool),
    }
    .mark(value.marks()))
}

/// `left + right` of numbers.
pub fn add(left: &Value, right: &Value) -> Result<Value, OpError> {
    arithmetic(left, right, Number::add, "the sum of opposite infinities")
}

/// `left - right` of numbers.
pub fn sub(left: &Value, right: &Value) -> Result<Value, OpError> {
    arithmetic(
        left,
        right,
        Number::sub,
        "the difference of equal infinities",
    )
}

/// `left * right` of numbers.
pub fn mul(left: &Value, right: &Value) -> Result<Value, OpError> {
    arithmetic(left, right, Number::mul, "the product of zero and infinity")
}

/// `left / right` of numbers. `1 / 0` is infinite, `0 / 0` an error.
pub fn div(left: &Value, right: &Value) -> Result<Value, OpError> {
    let what = "the quotient of two zeros or two infinities";
    arithmetic(left, right, Number::div, what)
}

/// `left % right` of numbers, with the sign of `left`. `5 % 0` is 5.
pub fn modulo(left: &Value, right: &Value) -> Result<Value, OpError> {
    let what = "the rest of a division with infinity";
    arithmetic(left, right, Number::modulo, what)
}

/// `-value` of a number.
pub fn negate(value: &Value) -> Result<Value, OpError> {
    expect(value, &Type::Number)?;
    Ok(match value.as_number() {
        Some(it) => Value::from(it.neg()),
        None => unknown_not_null(Type::Number),
    }
    .mark(value.marks()))
}

type Arithmetic = fn(&Number, &Number) -> Result<Number, NotANumber>;

/// Bounds of unknown operands are not carried over, as with the reference: else a plan would know here what it does
/// not know there.
fn arithmetic(left: &Value, right: &Value, op: Arithmetic, what: &str) -> Result<Value, OpError> {
    for operand in [left, right] {
        expect(operand, &Type::Number)?;
    }
    let marks = left.marks().union(right.marks());
    let res = match (left.as_number(), right.as_number()) {
        (Some(left), Some(right)) => Value::from(op(left, right).map_err(|NotANumber| {
            OpError::new(OpErrorKind::Number, format!("{what} is not a number"))
        })?),
        _ => unknown_not_null(Type::Number),
    };
    Ok(res.mark(marks))
}

/// The lowest and the highest that a number can be, infinite where open.
fn bounds(value: &Value) -> Option<[Number; 2]> {
    match value.peek().0 {
        Plain::Number(it) => Some([it.clone(), it.clone()]),
        Plain::Unknown(it) => {
            let bound = |it: &Option<(Number, bool)>| it.as_ref().map(|it| it.0.clone());
            Some([
                bound(&it.min).unwrap_or_else(|| Number::infinity(true)),
                bound(&it.max).unwrap_or_else(|| Number::infinity(false)),
            ])
        }
        _ => None,
    }
}

/// `left < right` of numbers.
pub fn lt(left: &Value, right: &Value) -> Result<Value, OpError> {
    compare(left, right, Ordering::Less, false)
}

/// `left <= right` of numbers.
pub fn le(left: &Value, right: &Value) -> Result<Value, OpError> {
    compare(left, right, Ordering::Less, true)
}

/// `left > right` of numbers.
pub fn gt(left: &Value, right: &Value) -> Result<Value, OpError> {
    compare(left, right, Ordering::Greater, false)
}

/// `left >= right` of numbers.
pub fn ge(left: &Value, right: &Value) -> Result<Value, OpError> {
    compare(left, right, Ordering::Greater, true)
}

/// Whether they stand in an order, or are equal where that is allowed. The order looks at the exact value, and
/// equality at what is printed: numbers of different precision can be equal and still one be larger, as they can with
/// the reference.
fn compare(
    left: &Value,
    right: &Value,
    wanted: Ordering,
    or_equal: bool,
) -> Result<Value, OpError> {
    for operand in [left, right] {
        expect(operand, &Type::Number)?;
    }
    let marks = left.marks().union(right.marks());
    let known = match (left.as_number(), right.as_number()) {
        (Some(left), Some(right)) => {
            Some(left.compare(right) == wanted || or_equal && left == right)
        }
        // Bounds that touch decide nothing, as with the reference.
        _ => bounds(left).zip(bounds(right)).and_then(
            |([left_min, left_max], [right_min, right_max])| {
                if left_max < right_min {
                    Some(wanted == Ordering::Less)
                } else if left_min > right_max {
                    Some(wanted == Ordering::Greater)
                } else {
                    None
                }
            },
        ),
    };
    let res = match known {
        Some(it) => Value::from(it),
        None => unknown_not_null(Type::Bool),
    };
    Ok(res.mark(marks))
}

/// `collection[key]`: the element of a list or tuple at a position, of a map or object under a name.
pub fn index(collection: &Value, key: &Value) -> Result<Value, OpError> {
    let marks = collection.marks().union(key.deep_marks());
    if collection.is_null() {
        return Err(OpError::new(
            OpErrorKind::Null,
            "this value is null, so it has no elements",
        ));
    }
    if key.is_null() {
        return Err(OpError::new(OpErrorKind::NullKey, "the key is null"));
    }
    let ty = collection.ty();
    let key_type = match &ty {
        Type::Dynamic => return Ok(Value::dynamic().mark(marks)),
        Type::List(_) | Type::Tuple(_) => Type::Number,
        Type::Map(_) | Type::Object(_) => Type::String,
        Type::Set(_) => {
            return Err(OpError::new(
                OpErrorKind::Type,
                "elements of a set have no key; use a for expression, or tolist() for an arbitrary order",
            ));
        }
        Type::Bool | Type::Number | Type::String => {
            return Err(OpError::new(
                OpErrorKind::Type,
                format!("a {} has no elements", show::friendly_type(&ty)),
            ));
        }
    };
    let key = convert(key, &key_type)
        .map_err(|it| OpError::new(OpErrorKind::Type, format!("of the key, {}", it.reason)))?;
    match has_index(collection, &key).as_bool() {
        Some(true) => {}
        Some(false) => return Err(missing_element(collection, &key)),
        None => {
            let element = ty.element().cloned().unwrap_or(Type::Dynamic);
            return Ok(Value::unknown(element).mark(marks));
        }
    }
    let element = match (collection.peek().0, key.peek().0) {
        (Plain::List(_, values) | Plain::Tuple(values), Plain::Number(at)) => {
            at.to_usize().and_then(|at| values.get(at)).cloned()
        }
        (Plain::Map(_, values) | Plain::Object(values), Plain::String(name)) => {
            values.get(&**name).cloned()
        }
        (Plain::Unknown(_), _) => Some(match (&ty, key.peek().0) {
            (Type::Tuple(elements), Plain::Number(at)) => Value::unknown(
                at.to_usize()
                    .and_then(|at| elements.get(at))
                    .cloned()
                    .unwrap_or(Type::Dynamic),
            ),
            (Type::Object(object), Plain::String(name)) => Value::unknown(
                object
                    .attributes
                    .get(&**name)
                    .cloned()
                    .unwrap_or(Type::Dynamic),
            ),
            _ => Value::unknown(ty.element().cloned().unwrap_or(Type::Dynamic)),
        }),
        _ => None,
    };
    element
        .map(|it| it.mark(marks))
        .ok_or_else(|| missing_element(collection, &key))
}

fn missing_element(collection: &Value, key: &Value) -> OpError {
    let reason: Cow<'static, str> = match (&collection.ty(), key.peek().0) {
        (Type::List(_) | Type::Tuple(_), Plain::Number(at)) => {
            let length = collection.elements().map(<[Value]>::len);
            if !at.is_whole() {
                "the key must be a whole number".into()
            } else if at.signum() < 0 {
                "the key must not be negative; positions count from 0".into()
            } else {
                match length {
                    Some(0) => "the collection has no elements".into(),
                    Some(1) => "the collection has only one element, at 0".into(),
                    Some(length) => format!(
                        "the collection has {length} elements, the last at {}",
                        length - 1
                    )
                    .into(),
                    None => "the collection is shorter than that".into(),
                }
            }
        }
        (Type::Map(_), _) => "the map has no element with this key".into(),
        (Type::Object(_), _) => "the object has no attribute with this name".into(),
        _ => "there is no element with this key".into(),
    };
    OpError::new(OpErrorKind::Missing, reason)
}

/// Whether `collection[key]` is there: a bool, unknown where it cannot be known. The key must have the right type.
pub fn has_index(collection: &Value, key: &Value) -> Value {
    let marks = collection.marks().union(key.deep_marks());
    let position = || {
        key.as_number()
            .map(|it| it.to_u64().filter(|_| it.is_whole()))
    };
    let known = match collection.peek().0 {
        Plain::List(_, values) | Plain::Tuple(values) => {
            position().map(|at| at.is_some_and(|at| at < values.len() as u64))
        }
        Plain::Map(_, values) | Plain::Object(values) => {
            key.as_str().map(|name| values.contains_key(name))
        }
        Plain::Unknown(unknown) => match &unknown.ty {
            Type::Tuple(elements) => {
                position().map(|at| at.is_some_and(|at| at < elements.len() as u64))
            }
            Type::Object(object) => key
                .as_str()
                .map(|name| object.attributes.contains_key(name)),
            Type::List(_) => match position() {
                Some(None) => Some(false),
                Some(Some(at)) if unknown.max_len.is_some_and(|max| at >= max) => Some(false),
                _ => None,
            },
            Type::Map(_) | Type::Dynamic => None,
            Type::Bool | Type::Number | Type::String | Type::Set(_) => Some(false),
        },
        Plain::Null(_) | Plain::Bool(_) | Plain::Number(_) | Plain::String(_) | Plain::Set(..) => {
            Some(false)
        }
    };
    let known = if key.is_known() { known } else { None };
    match known {
        Some(it) => Value::from(it),
        None => unknown_not_null(Type::Bool),
    }
    .mark(marks)
}

/// `value.name`: the attribute of an object, or the element of a map under a name.
pub fn get_attr(value: &Value, name: &str) -> Result<Value, OpError> {
    let marks = value.marks();
    let missing = |reason: String| OpError::new(OpErrorKind::Missing, reason);
    if value.is_null() {
        return Err(OpError::new(
            OpErrorKind::Null,
            "this value is null, so it has no attributes",
        ));
    }
    match value.peek().0 {
        Plain::Object(values) => values
            .get(name)
            .cloned()
            .map(|it| it.mark(marks))
            .ok_or_else(|| {
                missing(format!(
                    "this object has no attribute named {}",
                    show::quoted(name)
                ))
            }),
        Plain::Map(_, values) => values
            .get(name)
            .cloned()
            .map(|it| it.mark(marks))
            .ok_or_else(|| {
                missing(format!(
                    "this map has no element with the key {}",
                    show::quoted(name)
                ))
            }),
        Plain::Unknown(unknown) => match &unknown.ty {
            Type::Dynamic => Ok(Value::dynamic().mark(marks)),
            Type::Map(element) => Ok(Value::unknown(Type::clone(element)).mark(marks)),
            Type::Object(object) => match object.attributes.get(name) {
                Some(ty) => Ok(Value::unknown(ty.clone()).mark(marks)),
                None => Err(missing(format!(
                    "this object has no attribute named {}",
                    show::quoted(name)
                ))),
            },
            _ => Err(no_attributes(&unknown.ty)),
        },
        _ => Err(no_attributes(&value.ty())),
    }
}

fn no_attributes(ty: &Type) -> OpError {
    OpError::new(
        OpErrorKind::Type,
        format!("a {} has no attributes", show::friendly_type(ty)),
    )
}

/// How many elements a list, set, map, tuple or object has; unknown with bounds where it is not known. Strings have
/// none here: what a character is, is the matter of `lang`.
pub fn length(value: &Value) -> Result<Value, OpError> {
    let marks = value.marks();
    let res = match value.peek().0 {
        Plain::Null(_) => {
            return Err(OpError::new(
                OpErrorKind::Null,
                "this value is null, so it has no length",
            ));
        }
        Plain::List(_, values) | Plain::Tuple(values) => Value::from(values.len()),
        Plain::Map(_, values) | Plain::Object(values) => Value::from(values.len()),
        Plain::Set(_, values) => {
            // What is unknown may turn out to be what is there already.
            if values.len() < 2 || values.iter().all(Value::is_wholly_known) {
                Value::from(values.len())
            } else {
                length_between(1, Some(values.len() as u64))
            }
        }
        Plain::Unknown(unknown) => match &unknown.ty {
            Type::Tuple(elements) => Value::from(elements.len()),
            Type::Object(object) => Value::from(object.attributes.len()),
            Type::List(_) | Type::Set(_) | Type::Map(_) => {
                length_between(unknown.min_len.unwrap_or(0), unknown.max_len)
            }
            Type::Dynamic => unknown_not_null(Type::Number),
            Type::Bool | Type::Number | Type::String => return Err(no_length(&unknown.ty)),
        },
        Plain::Bool(_) | Plain::Number(_) | Plain::String(_) => return Err(no_length(&value.ty())),
    };
    Ok(res.mark(marks))
}

fn no_length(ty: &Type) -> OpError {
    OpError::new(
        OpErrorKind::Type,
        format!("a {} has no elements to count", show::friendly_type(ty)),
    )
}

fn length_between(min: u64, max: Option<u64>) -> Value {
    Unknown {
        min: Some((Number::from(min), true)),
        max: max.map(|it| (Number::from(it), true)),
        ..Unknown::of(Type::Number).not_null()
    }
    .settle()
}

fn unknown_not_null(ty: Type) -> Value {
    Value::new(Plain::Unknown(Box::new(Unknown::of(ty).not_null())))
}

/// Whether an operand has the type that an operation needs, or may still have it.
fn expect(value: &Value, ty: &Type) -> Result<(), OpError> {
    if value.is_null() {
        return Err(OpError::new(
            OpErrorKind::Null,
            "the operand must not be null",
        ));
    }
    let is = value.ty();
    if is == *ty || is == Type::Dynamic {
        return Ok(());
    }
    Err(OpError::new(
        OpErrorKind::Type,
        format!(
            "a {} is required, not a {}",
            show::friendly_type(ty),
            show::friendly_type(&is)
        ),
    ))
}
