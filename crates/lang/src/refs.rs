//! What an expression refers to.

use addr::Reference;
use diag::Diagnostics;
use hcl::{Body, Expr, ExprKind, ObjectKey, Part, Traversal};
use provider::Block;

use crate::decode;

/// All references of an expression, in the order of the text, repetitions included. Names that `for` binds are left
/// out. Traversals that cannot be references are reported.
pub fn references(expr: &Expr, diags: &mut Diagnostics) -> Vec<Reference> {
    let mut res = Vec::new();
    traversals(expr, &mut |traversal| {
        res.extend(addr::parse::reference(traversal, diags));
    });
    res
}

/// All references in a body that is decoded with a schema, `dynamic` blocks included (their iterators left out).
pub fn body_references(body: &Body, schema: &Block, diags: &mut Diagnostics) -> Vec<Reference> {
    let mut res = Vec::new();
    let mut found = Vec::new();
    decode::body_traversals(body, schema, &mut Vec::new(), &mut found);
    for traversal in &found {
        res.extend(addr::parse::reference(traversal, diags));
    }
    res
}

/// Hands out every traversal of an expression whose first name is not bound by a `for` around it.
pub fn traversals(expr: &Expr, found: &mut dyn FnMut(&Traversal)) {
    walk(expr, &mut Vec::new(), 0, found);
}

/// How deep expressions may nest, here and in evaluation; a binary chain counts once.
pub(crate) const MAX_DEPTH: u32 = 250;

/// The same where some names are bound already.
pub(crate) fn walk<'e>(
    expr: &'e Expr,
    bound: &mut Vec<&'e str>,
    depth: u32,
    found: &mut dyn FnMut(&Traversal),
) {
    if depth > MAX_DEPTH {
        return;
    }
    let deeper = depth + 1;
    match &expr.kind {
        ExprKind::Invalid
        | ExprKind::Null
        | ExprKind::Bool(_)
        | ExprKind::Number(_)
        | ExprKind::SplatItem => {}
        ExprKind::Template(template) => walk_parts(&template.parts, bound, deeper, found),
        ExprKind::Tuple(items) => {
            for item in items {
                walk(item, bound, deeper, found);
            }
        }
        ExprKind::Object(items) => {
            for item in items {
                if let ObjectKey::Expr(key) = &item.key {
                    walk(key, bound, deeper, found);
                }
                walk(&item.value, bound, deeper, found);
            }
        }
        ExprKind::Traversal(traversal) => {
            if !bound.contains(&traversal.root.name.as_str()) {
                found(traversal);
            }
        }
        ExprKind::Access(access) => walk(&access.source, bound, deeper, found),
        ExprKind::Index(index) => {
            walk(&index.collection, bound, deeper, found);
            walk(&index.key, bound, deeper, found);
        }
        ExprKind::Splat(splat) => {
            walk(&splat.source, bound, deeper, found);
            walk(&splat.each, bound, deeper, found);
        }
        ExprKind::Call(call) => {
            for arg in &call.args {
                walk(arg, bound, deeper, found);
            }
        }
        ExprKind::Unary(unary) => walk(&unary.operand, bound, deeper, found),
        ExprKind::Binary(_) => {
            // A chain of operators leans to the left: its right sides are few levels deep, its left one 10,000.
            let mut rights = Vec::new();
            let mut here = expr;
            while let ExprKind::Binary(binary) = &here.kind {
                rights.push(&binary.right);
                here = &binary.left;
            }
            walk(here, bound, deeper, found);
            while let Some(right) = rights.pop() {
                walk(right, bound, deeper, found);
            }
        }
        ExprKind::Conditional(it) => {
            walk(&it.condition, bound, deeper, found);
            walk(&it.then, bound, deeper, found);
            walk(&it.otherwise, bound, deeper, found);
        }
        ExprKind::For(it) => {
            walk(&it.collection, bound, deeper, found);
            let n_bound = bound.len();
            bound.extend(it.key_name.iter().map(|name| name.name.as_str()));
            bound.push(it.value_name.name.as_str());
            if let Some(key) = &it.key {
                walk(key, bound, deeper, found);
            }
            walk(&it.value, bound, deeper, found);
            if let Some(condition) = &it.condition {
                walk(condition, bound, deeper, found);
            }
            bound.truncate(n_bound);
        }
        ExprKind::Paren(inner) => walk(inner, bound, deeper, found),
    }
}

fn walk_parts<'e>(
    parts: &'e [Part],
    bound: &mut Vec<&'e str>,
    depth: u32,
    found: &mut dyn FnMut(&Traversal),
) {
    if depth > MAX_DEPTH {
        return;
    }
    for part in parts {
        match part {
            Part::Literal(..) => {}
            Part::Interpolation(it) => walk(&it.expr, bound, depth + 1, found),
            Part::If(it) => {
                walk(&it.condition, bound, depth + 1, found);
                walk_parts(&it.then, bound, depth + 1, found);
                walk_parts(&it.otherwise, bound, depth + 1, found);
            }
            Part::For(it) => {
                walk(&it.collection, bound, depth + 1, found);
                let n_bound = bound.len();
                bound.extend(it.key.iter().map(|name| name.name.as_str()));
                bound.push(it.value.name.as_str());
                walk_parts(&it.body, bound, depth + 1, found);
                bound.truncate(n_bound);
            }
        }
    }
}
