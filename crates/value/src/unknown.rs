//! Values that will be known later, and what is known of them already.

use std::sync::Arc;

use crate::{Number, Type};

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
}
