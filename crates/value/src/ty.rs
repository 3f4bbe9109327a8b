//! Types.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The type of a value, or a constraint on types ([`Type::Dynamic`] then means "any").
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// Not known yet (of an unknown or null value), or any type (in a constraint).
    Dynamic,
    /// `bool`.
    Bool,
    /// `number`.
    Number,
    /// `string`.
    String,
    /// `list(…)`.
    List(Arc<Type>),
    /// `set(…)`.
    Set(Arc<Type>),
    /// `map(…)`.
    Map(Arc<Type>),
    /// `tuple([…])`.
    Tuple(Arc<[Type]>),
    /// `object({…})`.
    Object(Arc<ObjectType>),
}

/// The attributes of an object type.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectType {
    /// Name to type.
    pub attributes: BTreeMap<Arc<str>, Type>,
    /// The names that may be left out (constraints only): missing ones become null.
    pub optional: BTreeSet<Arc<str>>,
}

impl Type {
    /// `list(element)`.
    pub fn list(element: Type) -> Type {
        Type::List(Arc::new(element))
    }

    /// `set(element)`.
    pub fn set(element: Type) -> Type {
        Type::Set(Arc::new(element))
    }

    /// `map(element)`.
    pub fn map(element: Type) -> Type {
        Type::Map(Arc::new(element))
    }

    /// `tuple([…])`.
    pub fn tuple(elements: impl IntoIterator<Item = Type>) -> Type {
        Type::Tuple(elements.into_iter().collect())
    }

    /// `object({…})` without optional attributes.
    pub fn object<N: Into<Arc<str>>>(attributes: impl IntoIterator<Item = (N, Type)>) -> Type {
        let attributes = attributes
            .into_iter()
            .map(|(name, ty)| (name.into(), ty))
            .collect();
        Type::Object(Arc::new(ObjectType {
            attributes,
            optional: BTreeSet::new(),
        }))
    }

    /// `bool`, `number` or `string`.
    pub fn is_primitive(&self) -> bool {
        matches!(self, Type::Bool | Type::Number | Type::String)
    }

    /// `list`, `set` or `map`.
    pub fn is_collection(&self) -> bool {
        matches!(self, Type::List(_) | Type::Set(_) | Type::Map(_))
    }

    /// The element type of a list, set or map.
    pub fn element(&self) -> Option<&Type> {
        match self {
            Type::List(it) | Type::Set(it) | Type::Map(it) => Some(it),
            Type::Dynamic
            | Type::Bool
            | Type::Number
            | Type::String
            | Type::Tuple(_)
            | Type::Object(_) => None,
        }
    }

    /// Whether [`Type::Dynamic`] is it or is in it.
    pub fn has_dynamic(&self) -> bool {
        match self {
            Type::Dynamic => true,
            Type::Bool | Type::Number | Type::String => false,
            Type::List(it) | Type::Set(it) | Type::Map(it) => it.has_dynamic(),
            Type::Tuple(elements) => elements.iter().any(Type::has_dynamic),
            Type::Object(object) => object.attributes.values().any(Type::has_dynamic),
        }
    }

    /// The same without optional attributes: the type that values of a constraint have.
    pub fn without_optional(&self) -> Type {
        match self {
            Type::Dynamic | Type::Bool | Type::Number | Type::String => self.clone(),
            Type::List(it) => Type::list(it.without_optional()),
            Type::Set(it) => Type::set(it.without_optional()),
            Type::Map(it) => Type::map(it.without_optional()),
            Type::Tuple(elements) => {
                Type::Tuple(elements.iter().map(Type::without_optional).collect())
            }
            Type::Object(object) => Type::object(
                object
                    .attributes
                    .iter()
                    .map(|(name, ty)| (name.clone(), ty.without_optional())),
            ),
        }
    }
}
