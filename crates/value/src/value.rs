//! What a value is.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Mark, Marks, Number, Type, Unknown};

/// A value with its marks. Cheap to clone.
///
/// Elements of lists, maps, tuples and objects carry marks of their own; a set lifts its elements' marks to itself.
/// Look inside with [`Value::split`] (the marks are then in your hand) or with the readers that promise less.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    plain: Plain,
    marks: Marks,
}

/// A value whose marks somebody has taken in hand.
///
/// `Debug` prints secrets: never format one into a message, use [`crate::show`].
#[derive(Debug, Clone, PartialEq)]
pub enum Plain {
    /// Known later.
    Unknown(Box<Unknown>),
    /// `null` of a type.
    Null(Type),
    /// `true`, `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text in NFC.
    String(Arc<str>),
    /// Elements of one type, in order.
    List(Arc<Type>, Arc<Vec<Value>>),
    /// Different unmarked elements of one type, in the order in which sets are walked (see `ops::set_order`).
    /// May hold unknown elements.
    Set(Arc<Type>, Arc<Vec<Value>>),
    /// Values of one type by key.
    Map(Arc<Type>, Arc<BTreeMap<Arc<str>, Value>>),
    /// Elements of any types, in order.
    Tuple(Arc<Vec<Value>>),
    /// Values of any types by name.
    Object(Arc<BTreeMap<Arc<str>, Value>>),
}

impl Value {
    /// A value without marks.
    pub fn new(plain: Plain) -> Value {
        Value {
            plain,
            marks: Marks::NONE,
        }
    }

    /// An unknown of any type.
    pub fn dynamic() -> Value {
        Value::unknown(Type::Dynamic)
    }

    /// An unknown of a type.
    pub fn unknown(ty: Type) -> Value {
        Value::new(Plain::Unknown(Box::new(Unknown::of(ty))))
    }

    /// `null` of a type.
    pub fn null(ty: Type) -> Value {
        Value::new(Plain::Null(ty))
    }

    /// A text; normalised to NFC.
    pub fn string(text: impl AsRef<str>) -> Value {
        Value::new(Plain::String(nfc(text.as_ref())))
    }

    /// A list; `element` is the type of its elements (each must have it).
    pub fn list(element: Type, values: Vec<Value>) -> Value {
        Value::new(Plain::List(Arc::new(element), Arc::new(values)))
    }

    /// A map; `element` is the type of its values (each must have it).
    pub fn map(element: Type, values: BTreeMap<Arc<str>, Value>) -> Value {
        Value::new(Plain::Map(Arc::new(element), Arc::new(values)))
    }

    /// A set of values of type `element`: sorts them, drops repetitions, and lifts their marks.
    pub fn set(element: Type, values: Vec<Value>) -> Value {
        crate::ops::set_of(element, values)
    }

    /// A tuple.
    pub fn tuple(values: Vec<Value>) -> Value {
        Value::new(Plain::Tuple(Arc::new(values)))
    }

    /// An object.
    pub fn object<N: Into<Arc<str>>>(values: impl IntoIterator<Item = (N, Value)>) -> Value {
        Value::new(Plain::Object(Arc::new(
            values
                .into_iter()
                .map(|(name, it)| (name.into(), it))
                .collect(),
        )))
    }

    /// The value and its marks apart. Marks of elements stay on the elements.
    pub fn split(self) -> (Plain, Marks) {
        (self.plain, self.marks)
    }

    /// A look at the value and its marks.
    pub fn peek(&self) -> (&Plain, Marks) {
        (&self.plain, self.marks)
    }

    /// Its own marks, without those of its elements.
    pub fn marks(&self) -> Marks {
        self.marks
    }

    /// The same with more marks.
    pub fn mark(mut self, marks: impl Into<Marks>) -> Value {
        self.marks = self.marks.union(marks.into());
        self
    }

    /// The same without one mark (of its own; elements keep theirs).
    pub fn unmark(mut self, mark: Mark) -> Value {
        self.marks = self.marks.without(mark);
        self
    }

    /// Whether a mark is its own.
    pub fn has_mark(&self, mark: Mark) -> bool {
        self.marks.has(mark)
    }

    /// Whether it is null (known to be).
    pub fn is_null(&self) -> bool {
        matches!(self.plain, Plain::Null(_))
    }

    /// Whether it is not unknown itself; elements may be.
    pub fn is_known(&self) -> bool {
        !matches!(self.plain, Plain::Unknown(_))
    }

    /// Whether neither it nor anything in it is unknown.
    pub fn is_wholly_known(&self) -> bool {
        match &self.plain {
            Plain::Unknown(_) => false,
            Plain::Null(_) | Plain::Bool(_) | Plain::Number(_) | Plain::String(_) => true,
            Plain::List(_, values) | Plain::Set(_, values) | Plain::Tuple(values) => {
                values.iter().all(Value::is_wholly_known)
            }
            Plain::Map(_, values) | Plain::Object(values) => {
                values.values().all(Value::is_wholly_known)
            }
        }
    }

    /// Its marks and those of everything in it.
    pub fn deep_marks(&self) -> Marks {
        let inner = match &self.plain {
            Plain::Unknown(_)
            | Plain::Null(_)
            | Plain::Bool(_)
            | Plain::Number(_)
            | Plain::String(_) => Marks::NONE,
            Plain::List(_, values) | Plain::Set(_, values) | Plain::Tuple(values) => values
                .iter()
                .fold(Marks::NONE, |marks, it| marks.union(it.deep_marks())),
            Plain::Map(_, values) | Plain::Object(values) => values
                .values()
                .fold(Marks::NONE, |marks, it| marks.union(it.deep_marks())),
        };
        self.marks.union(inner)
    }

    /// Its type.
    pub fn ty(&self) -> Type {
        match &self.plain {
            Plain::Unknown(unknown) => unknown.ty.clone(),
            Plain::Null(ty) => ty.clone(),
            Plain::Bool(_) => Type::Bool,
            Plain::Number(_) => Type::Number,
            Plain::String(_) => Type::String,
            Plain::List(element, _) => Type::List(element.clone()),
            Plain::Set(element, _) => Type::Set(element.clone()),
            Plain::Map(element, _) => Type::Map(element.clone()),
            Plain::Tuple(values) => Type::tuple(values.iter().map(Value::ty)),
            Plain::Object(values) => {
                Type::object(values.iter().map(|(name, it)| (name.clone(), it.ty())))
            }
        }
    }

    /// The text of a known, not-null string, whatever its marks: the caller must not show it.
    pub fn as_str(&self) -> Option<&str> {
        match &self.plain {
            Plain::String(text) => Some(text),
            _ => None,
        }
    }

    /// A known, not-null bool, whatever its marks.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.plain {
            Plain::Bool(it) => Some(*it),
            _ => None,
        }
    }

    /// A known, not-null number, whatever its marks.
    pub fn as_number(&self) -> Option<&Number> {
        match &self.plain {
            Plain::Number(it) => Some(it),
            _ => None,
        }
    }

    /// The attribute of an object, or the value of a map, under a name; with the marks of the whole added.
    /// `None` where there is none, or where this is not a known object or map.
    pub fn get(&self, name: &str) -> Option<Value> {
        match &self.plain {
            Plain::Object(values) | Plain::Map(_, values) => {
                values.get(name).map(|it| it.clone().mark(self.marks))
            }
            _ => None,
        }
    }

    /// The elements of a known list, set or tuple (marks of the whole not added).
    pub fn elements(&self) -> Option<&[Value]> {
        match &self.plain {
            Plain::List(_, values) | Plain::Set(_, values) | Plain::Tuple(values) => Some(values),
            _ => None,
        }
    }

    /// The entries of a known map or object (marks of the whole not added).
    pub fn entries(&self) -> Option<&BTreeMap<Arc<str>, Value>> {
        match &self.plain {
            Plain::Map(_, values) | Plain::Object(values) => Some(values),
            _ => None,
        }
    }
}

impl From<bool> for Value {
    fn from(it: bool) -> Self {
        Value::new(Plain::Bool(it))
    }
}

impl From<&str> for Value {
    fn from(it: &str) -> Self {
        Value::string(it)
    }
}

impl From<String> for Value {
    fn from(it: String) -> Self {
        Value::string(it)
    }
}

impl From<Number> for Value {
    fn from(it: Number) -> Self {
        Value::new(Plain::Number(it))
    }
}

impl From<i64> for Value {
    fn from(it: i64) -> Self {
        Value::new(Plain::Number(Number::from(it)))
    }
}

impl From<usize> for Value {
    fn from(it: usize) -> Self {
        Value::from(i64::try_from(it).unwrap_or(i64::MAX))
    }
}

fn nfc(text: &str) -> Arc<str> {
    use unicode_normalization::{UnicodeNormalization, is_nfc};
    if text.is_ascii() || is_nfc(text) {
        text.into()
    } else {
        text.nfc().collect::<String>().into()
    }
}
