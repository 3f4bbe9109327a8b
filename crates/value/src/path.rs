//! Where inside a value.

use std::sync::Arc;

use crate::{Number, Type, Value};

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
                        here.elements()?.get(at.to_usize()?)?.clone()
                    } else {
                        let elements = here.elements()?;
                        elements
                            .iter()
                            .find(|it| crate::ops::same(it, key))?
                            .clone()
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

impl std::fmt::Display for Path {
    /// As it is written after a name: `.a["b"][0]`; empty for the value itself.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for step in &self.0 {
            match step {
                Step::Attr(name) => write!(f, ".{name}")?,
                Step::Index(key) => match (key.as_str(), key.as_number()) {
                    (Some(text), _) => write!(f, "[{}]", crate::show::quoted(text))?,
                    (_, Some(number)) => write!(f, "[{number}]")?,
                    _ => f.write_str("[...]")?,
                },
            }
        }
        Ok(())
    }
}

impl Path {
    /// As state files hold it: `[{"type":"get_attr","value":"a"},{"type":"index","value":{"value":0,"type":"number"}}]`.
    pub fn to_json(&self) -> serde_json::Value {
        self.0
            .iter()
            .map(|step| match step {
                Step::Attr(name) => serde_json::json!({"type": "get_attr", "value": &**name}),
                Step::Index(key) => serde_json::json!({
                    "type": "index",
                    "value": crate::json::to_json(key, &Type::Dynamic),
                }),
            })
            .collect()
    }

    /// From what state files hold; `None` where it is not a path.
    pub fn from_json(json: &serde_json::Value) -> Option<Path> {
        let mut res = Path::root();
        for step in json.as_array()? {
            let value = step.get("value")?;
            res.0.push(match step.get("type")?.as_str()? {
                "get_attr" => Step::Attr(value.as_str()?.into()),
                "index" => Step::Index(crate::json::from_json(value, &Type::Dynamic).ok()?),
                _ => return None,
            });
        }
        Some(res)
    }
}
