//! Walking a tree.
//!
//! Without recursion over expressions, so the depth of a tree does not matter.

use crate::{Body, Expr, ExprKind, ObjectKey, Part};

/// An expression and all expressions inside it, each before its parts, in the order of the text.
///
/// Includes the expressions of templates and the [`ExprKind::SplatItem`]s that stand for elements of splats.
pub fn descendants(expr: &Expr) -> Descendants<'_> {
    Descendants { stack: vec![expr] }
}

/// All expressions of a body and of the blocks in it, each before its parts.
pub fn expressions(body: &Body) -> impl Iterator<Item = &Expr> {
    let mut bodies = vec![body];
    let mut all = Vec::new();
    while let Some(body) = bodies.pop() {
        all.extend(body.attributes.iter().map(|it| &it.expr));
        bodies.extend(body.blocks.iter().rev().map(|it| &it.body));
    }
    all.into_iter().flat_map(descendants)
}

/// The iterator that [`descendants`] gives.
#[derive(Debug, Clone)]
pub struct Descendants<'e> {
    stack: Vec<&'e Expr>,
}

impl<'e> Iterator for Descendants<'e> {
    type Item = &'e Expr;

    fn next(&mut self) -> Option<&'e Expr> {
        let expr = self.stack.pop()?;
        let from = self.stack.len();
        push_children(expr, &mut self.stack);
        if let Some(children) = self.stack.get_mut(from..) {
            children.reverse();
        }
        Some(expr)
    }
}

/// Appends the expressions that an expression directly consists of, in the order of the text.
pub fn push_children<'e>(expr: &'e Expr, into: &mut Vec<&'e Expr>) {
    match &expr.kind {
        ExprKind::Invalid
        | ExprKind::Null
        | ExprKind::Bool(_)
        | ExprKind::Number(_)
        | ExprKind::Traversal(_)
        | ExprKind::SplatItem => {}
        ExprKind::Template(it) => push_parts(&it.parts, into),
        ExprKind::Tuple(items) => into.extend(items),
        ExprKind::Object(items) => {
            for item in items {
                if let ObjectKey::Expr(key) = &item.key {
                    into.push(key);
                }
                into.push(&item.value);
            }
        }
        ExprKind::Access(it) => into.push(&it.source),
        ExprKind::Index(it) => into.extend([&it.collection, &it.key]),
        ExprKind::Splat(it) => into.extend([&it.source, &it.each]),
        ExprKind::Call(it) => into.extend(&it.args),
        ExprKind::Unary(it) => into.push(&it.operand),
        ExprKind::Binary(it) => into.extend([&it.left, &it.right]),
        ExprKind::Conditional(it) => into.extend([&it.condition, &it.then, &it.otherwise]),
        ExprKind::For(it) => {
            into.push(&it.collection);
            into.extend(&it.key);
            into.push(&it.value);
            into.extend(&it.condition);
        }
        ExprKind::Paren(it) => into.push(it),
    }
}

/// Appends the expressions of template parts, those inside directives too.
fn push_parts<'e>(parts: &'e [Part], into: &mut Vec<&'e Expr>) {
    for part in parts {
        match part {
            Part::Literal(..) => {}
            Part::Interpolation(it) => into.push(&it.expr),
            Part::If(it) => {
                into.push(&it.condition);
                push_parts(&it.then, into);
                push_parts(&it.otherwise, into);
            }
            Part::For(it) => {
                into.push(&it.collection);
                push_parts(&it.body, into);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use diag::{Diagnostics, SourceId};

    #[test]
    fn every_expression_is_met_in_order() {
        let text = "a = [b, \"${c}%{ if d }${e}%{ endif }\", {(f) = g(h[i]...)}]\nx {\n  y = [for k, v in j : k => l... if m]\n}\nz = n ? -o : p + q\n";
        let file = crate::parse(SourceId(0), text, &mut Diagnostics::new());
        let names: String = expressions(&file.body)
            .filter_map(|it| match &it.kind {
                ExprKind::Traversal(it) => Some(it.root.name.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(names, "bcdefhinopqjklm");
    }
}
