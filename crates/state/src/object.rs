//! One remote object as it is remembered.

use std::sync::Arc;

use addr::ConfigResource;
use value::{Marks, Path};

/// Whether an object is sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It is as its provider left it.
    Ready,
    /// Its creation failed halfway, or the user said so: it is to be replaced.
    Tainted,
}

/// One remote object as it is remembered.
///
/// Attributes are kept as JSON until a schema is at hand: a state can be read, moved and shown without providers.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// Sound or tainted.
    pub status: Status,
    /// The version of the schema that the attributes were stored with.
    pub schema_version: u64,
    /// The attributes as JSON (an object), or the flat map of version 3 states.
    pub attributes: Attributes,
    /// Where values are sensitive beside what the schema says.
    pub sensitive: Vec<(Path, Marks)>,
    /// The provider's own data.
    pub private: Option<Vec<u8>>,
    /// What it was made after, sorted: what must outlive it.
    pub dependencies: Vec<ConfigResource>,
    /// Whether it was made under create_before_destroy.
    pub create_before_destroy: bool,
    /// The members about identity that Terraform 1.12 and newer write; kept as they are, not used.
    pub identity: Option<serde_json::Value>,
}

/// Stored attributes.
#[derive(Debug, Clone, PartialEq)]
pub enum Attributes {
    /// A JSON object, shared: states are cloned.
    Json(Arc<serde_json::Value>),
    /// `attributes_flat` of objects that no provider has upgraded since version 3.
    Flat(Arc<std::collections::BTreeMap<String, String>>),
}
