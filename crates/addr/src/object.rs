//! Objects of an instance: the current one, and deposed ones that wait to be deleted.

use std::fmt;
use std::sync::Arc;

/// The name of a deposed object: 8 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeposedKey(pub Arc<str>);

impl fmt::Display for DeposedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which object of an instance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKey {
    /// The current one.
    Current,
    /// One that was replaced and is not deleted yet.
    Deposed(DeposedKey),
}
