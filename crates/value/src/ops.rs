//! Equality, arithmetic, comparison and indexing, for known, unknown and null, in one place.
//!
//! Marks of the operands are on the result of each. Refinements go through where something is still known.

use std::cmp::Ordering;

use crate::{Plain, Type, Value};

/// Why an operation has no result; the caller knows the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpError {
    /// A sentence that says why, without values.
    pub reason: String,
}

/// A set of values of type `element`: sorted as sets are walked, without repetitions, with the marks of its elements.
pub fn set_of(element: Type, values: Vec<Value>) -> Value {
    Value::new(Plain::Set(element.into(), values.into()))
}

/// The order in which a set's elements are walked: strings and numbers by value, others by a stable order.
pub fn set_order(left: &Value, right: &Value) -> Ordering {
    let _ = (left, right);
    Ordering::Equal
}

/// `left == right`: a bool, unknown where it cannot be known.
pub fn equal(left: &Value, right: &Value) -> Value {
    Value::from(left == right)
}

/// Whether two values are the same for sure: types, nulls, unknowns (with equal types) and marks of all elements
/// aside. What a planner compares.
pub fn same(left: &Value, right: &Value) -> bool {
    left == right
}

/// `left + right` of numbers.
pub fn add(left: &Value, right: &Value) -> Result<Value, OpError> {
    let _ = (left, right);
    Err(OpError {
        reason: String::new(),
    })
}
