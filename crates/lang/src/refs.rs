//! What an expression refers to.

use addr::Reference;
use diag::Diagnostics;

/// All references of an expression, in the order of the text, repetitions included. Names that `for` binds are left
/// out. Traversals that cannot be references are reported.
pub fn references(expr: &hcl::Expr, diags: &mut Diagnostics) -> Vec<Reference> {
    let _ = (expr, diags);
    Vec::new()
}

/// All references in a body that is decoded with a schema, `dynamic` blocks included (their iterators left out).
pub fn body_references(
    body: &hcl::Body,
    schema: &provider::Block,
    diags: &mut Diagnostics,
) -> Vec<Reference> {
    let _ = (body, schema, diags);
    Vec::new()
}
