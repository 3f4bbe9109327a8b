//! Where inside a value.

use std::sync::Arc;

use crate::{Number, Value};

/// A step into a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// An attribute of an object.
    Attr(Arc<str>),
    /// An index: a number into a list or tuple, a string into a map, an element of a set.
    Index(Value),
}

/// A way from a value to something inside it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// The value itself.
    pub fn root() -> Path {
        Path(Vec::new())
    }

    /// A top-level attribute.
    pub fn attr_of(name: &str) -> Path {
        Path::root().attr(name)
    }

    /// An attribute of what this leads to.
    pub fn attr(mut self, name: &str) -> Path {
        self.0.push(Step::Attr(name.into()));
        self
    }

    /// An element of what this leads to.
    pub fn index(mut self, key: impl Into<Value>) -> Path {
        self.0.push(Step::Index(key.into()));
        self
    }

    /// The element at a position of what this leads to.
    pub fn at(self, position: usize) -> Path {
        self.index(Value::from(Number::from(
            i64::try_from(position).unwrap_or(i64::MAX),
        )))
    }

    /// What it leads to, marks on the way included; `None` where it leads nowhere or through an unknown.
    pub fn apply(&self, value: &Value) -> Option<Value> {
        let mut here = value.clone();
        for step in &self.0 {
            let marks = here.marks();
            let next = match step {
                Step::Attr(name) => here.get(name)?,
                Step::Index(key) => {
                    if let Some(name) = key.as_str().filter(|_| here.entries().is_some()) {
                        here.get(name)?
                    } else if let Some(at) = key
                        .as_number()
                        .filter(|_| !matches!(here.peek().0, crate::Plain::Set(..)))
                    {
                        here.elements()?
                            .get(usize::try_from(at.to_i64()?).ok()?)?
                            .clone()
                    } else {
                        here.elements()?.iter().find(|it| *it == key)?.clone()
                    }
                }
            };
            here = next.mark(marks);
        }
        Some(here)
    }

    /// Whether this begins with all steps of another.
    pub fn starts_with(&self, other: &Path) -> bool {
        self.0.starts_with(&other.0)
    }
}
