//! Body and schema to value.

use diag::{Diagnostics, Span};
use provider::Block;
use value::{Path, Value};

use crate::Scope;

/// The value of a block's body: an object of the schema's type. `dynamic` blocks are expanded.
///
/// Reported: unknown arguments and blocks (with a suggestion), missing ones, too many or too few blocks, values of the
/// wrong type; each at its place. Attributes not set are null.
pub fn decode(
    body: &hcl::Body,
    schema: &Block,
    scope: &dyn Scope,
    diags: &mut Diagnostics,
) -> Value {
    let _ = (body, schema, scope, diags);
    Value::dynamic()
}

/// Where in a body the value at a path is set, for a provider's complaints: the expression of the attribute, or the
/// body's end where it is not set.
pub fn locate(body: &hcl::Body, schema: &Block, path: &Path) -> Span {
    let _ = (schema, path);
    body.end
}
