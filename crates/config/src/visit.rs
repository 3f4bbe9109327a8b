//! What an expression mentions, without evaluating it.

use diag::Span;
use hcl::{Expr, ExprKind, ObjectKey, Part, Text, Traversal};

/// Something that an expression mentions.
pub(crate) enum Mention<'e> {
    /// A reference that is not to a name of an enclosing `for`.
    Reference(&'e Traversal, Span),
    /// A function call. What its arguments mention follows.
    Call(Span),
}

/// Everything that an expression mentions, in the order of the text.
pub(crate) fn mentions(expr: &Expr) -> Vec<Mention<'_>> {
    let mut walk = Walk {
        names: Vec::new(),
        found: Vec::new(),
    };
    walk.expr(expr);
    walk.found
}

/// The references of an expression.
pub(crate) fn references(expr: &Expr) -> Vec<(&Traversal, Span)> {
    mentions(expr)
        .into_iter()
        .filter_map(|it| match it {
            Mention::Reference(traversal, span) => Some((traversal, span)),
            Mention::Call(_) => None,
        })
        .collect()
}

struct Walk<'e> {
    /// The names that enclosing `for` expressions and directives bind.
    names: Vec<&'e Text>,
    found: Vec<Mention<'e>>,
}

impl<'e> Walk<'e> {
    fn expr(&mut self, expr: &'e Expr) {
        match &expr.kind {
            ExprKind::Invalid
            | ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Number(_)
            | ExprKind::SplatItem => {}
            ExprKind::Template(it) => self.parts(&it.parts),
            ExprKind::Tuple(items) => items.iter().for_each(|it| self.expr(it)),
            ExprKind::Object(items) => {
                for item in items {
                    if let ObjectKey::Expr(key) = &item.key {
                        self.expr(key);
                    }
                    self.expr(&item.value);
                }
            }
            ExprKind::Traversal(it) => {
                if !self.names.iter().any(|name| **name == it.root.name) {
                    self.found.push(Mention::Reference(it, expr.span));
                }
            }
            ExprKind::Access(it) => self.expr(&it.source),
            ExprKind::Index(it) => {
                self.expr(&it.collection);
                self.expr(&it.key);
            }
            ExprKind::Splat(it) => {
                self.expr(&it.source);
                self.expr(&it.each);
            }
            ExprKind::Call(it) => {
                self.found.push(Mention::Call(expr.span));
                it.args.iter().for_each(|it| self.expr(it));
            }
            ExprKind::Unary(it) => self.expr(&it.operand),
            ExprKind::Binary(it) => {
                let chain = it.chain();
                if let Some(first) = chain.last() {
                    self.expr(&first.left);
                }
                for it in chain.into_iter().rev() {
                    self.expr(&it.right);
                }
            }
            ExprKind::Conditional(it) => {
                self.expr(&it.condition);
                self.expr(&it.then);
                self.expr(&it.otherwise);
            }
            ExprKind::For(it) => {
                self.expr(&it.collection);
                let n_names = self.names.len();
                self.names.extend(it.key_name.as_ref().map(|it| &it.name));
                self.names.push(&it.value_name.name);
                it.key.iter().for_each(|it| self.expr(it));
                self.expr(&it.value);
                it.condition.iter().for_each(|it| self.expr(it));
                self.names.truncate(n_names);
            }
            ExprKind::Paren(it) => self.expr(it),
        }
    }

    fn parts(&mut self, parts: &'e [Part]) {
        for part in parts {
            match part {
                Part::Literal(..) => {}
                Part::Interpolation(it) => self.expr(&it.expr),
                Part::If(it) => {
                    self.expr(&it.condition);
                    self.parts(&it.then);
                    self.parts(&it.otherwise);
                }
                Part::For(it) => {
                    self.expr(&it.collection);
                    let n_names = self.names.len();
                    self.names.extend(it.key.as_ref().map(|it| &it.name));
                    self.names.push(&it.value.name);
                    self.parts(&it.body);
                    self.names.truncate(n_names);
                }
            }
        }
    }
}
