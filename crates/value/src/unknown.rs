//! Values that will be known later, and what is known of them already.

use std::sync::Arc;

use crate::{Number, Plain, Type, Value};

/// A value that will be known later.
#[derive(Debug, Clone, PartialEq)]
pub struct Unknown {
    /// Its type; [`Type::Dynamic`] where not even that is known.
    pub ty: Type,
    /// It will not be null.
    pub not_null: bool,
    /// A string that begins like this.
    pub prefix: Option<Arc<str>>,
    /// A collection with at least so many elements.
    pub min_len: Option<u64>,
    /// A collection with at most so many elements.
    pub max_len: Option<u64>,
    /// A number not below this (`true`: it may be equal).
    pub min: Option<(Number, bool)>,
    /// A number not above this (`true`: it may be equal).
    pub max: Option<(Number, bool)>,
}

impl Unknown {
    /// Nothing known but the type.
    pub fn of(ty: Type) -> Self {
        Self {
            ty,
            not_null: false,
            prefix: None,
            min_len: None,
            max_len: None,
            min: None,
            max: None,
        }
    }

    /// The same, known not to be null.
    pub fn not_null(mut self) -> Self {
        self.not_null = true;
        self
    }

    /// The same, known to begin with a text (of a string).
    pub fn prefix(mut self, prefix: &str) -> Self {
        self.prefix = Some(prefix.into());
        self
    }

    /// The value: unknown, or known where what is said of it leaves only one.
    pub fn settle(self) -> Value {
        if self.not_null {
            if let (Some((min, true)), Some((max, true))) = (&self.min, &self.max)
                && min == max
                && self.ty == Type::Number
            {
                return Value::from(min.clone());
            }
            let known = match (&self.ty, self.min_len, self.max_len) {
                (Type::List(element), _, Some(0)) => {
                    Some(Value::list(Type::clone(element), vec![]))
                }
                (Type::Set(element), _, Some(0)) => Some(Value::set(Type::clone(element), vec![])),
                (Type::Map(element), _, Some(0)) => Some(Value::map(
                    Type::clone(element),
                    std::collections::BTreeMap::new(),
                )),
                (Type::List(element), Some(min), Some(max)) if min == max && max <= 10_000 => {
                    let element = Type::clone(element);
                    let values = (0..max).map(|_| Value::unknown(element.clone())).collect();
                    Some(Value::list(element, values))
                }
                (Type::Set(element), Some(1), Some(1)) => {
                    let element = Type::clone(element);
                    Some(Value::set(element.clone(), vec![Value::unknown(element)]))
                }
                _ => None,
            };
            if let Some(known) = known {
                return known;
            }
        }
        Value::new(Plain::Unknown(Box::new(self)))
    }

    /// Whether it cannot turn out to be a known value, from what is said of it beside the type.
    pub fn excludes(&self, known: &Value) -> bool {
        let (plain, _) = known.peek();
        match plain {
            Plain::Null(_) => self.not_null,
            Plain::String(text) => self
                .prefix
                .as_ref()
                .is_some_and(|prefix| !text.starts_with(&**prefix)),
            Plain::Number(number) => {
                let below = self
                    .min
                    .as_ref()
                    .is_some_and(|(min, equal)| number < min || (number == min && !equal));
                let above = self
                    .max
                    .as_ref()
                    .is_some_and(|(max, equal)| number > max || (number == max && !equal));
                below || above
            }
            Plain::List(_, values) => self.excludes_length(values.len(), values.len()),
            Plain::Map(_, values) => self.excludes_length(values.len(), values.len()),
            Plain::Set(_, values) => {
                let known = values.iter().filter(|it| it.is_wholly_known()).count();
                self.excludes_length(known.max(usize::from(!values.is_empty())), values.len())
            }
            Plain::Unknown(_) | Plain::Bool(_) | Plain::Tuple(_) | Plain::Object(_) => false,
        }
    }

    fn excludes_length(&self, least: usize, most: usize) -> bool {
        self.min_len.is_some_and(|min| (most as u64) < min)
            || self.max_len.is_some_and(|max| least as u64 > max)
    }
}
