//! References, keywords and lists that are read, not evaluated: `depends_on`, `ignore_changes`, `provider`, `when`.

use std::borrow::Cow;

use addr::LocalProvider;
use diag::{Diagnostic, Diagnostics, Span};
use hcl::{Expr, ExprKind, StepKind, TemplateForm, Traversal};

use crate::code;
use crate::constant::start;

/// The items of a list in square brackets.
pub(crate) fn list<'e>(expr: &'e Expr, diags: &mut Diagnostics) -> &'e [Expr] {
    match &expr.kind {
        ExprKind::Tuple(items) => items,
        ExprKind::Invalid => &[],
        _ => {
            diags.push(
                Diagnostic::error(
                    &code::STATIC_EXPRESSION,
                    "This argument takes a list, written out in square brackets: \"[a, b]\".",
                )
                .at(start(expr))
                .within(expr.span),
            );
            &[]
        }
    }
}

/// What is meant by a quoted text where the language wants a reference or keyword: the parsed text, with a warning.
pub(crate) fn unquoted<'e>(
    expr: &'e Expr,
    keyword: bool,
    diags: &mut Diagnostics,
) -> Cow<'e, Expr> {
    let ExprKind::Template(template) = &expr.kind else {
        return Cow::Borrowed(expr);
    };
    match (template.form, template.literal()) {
        (TemplateForm::Quoted, Some(text)) => {
            let (code, what) = if keyword {
                (&code::QUOTED_KEYWORD, "keyword")
            } else {
                (&code::QUOTED_REFERENCE, "reference")
            };
            diags.push(
                Diagnostic::warning(code, format!("A {what} stands here, and it is written without quotes. The quoted form is accepted for the sake of old configurations. Remove the quotes."))
                    .at(expr.span),
            );
            let base = expr.span.start.saturating_add(1);
            let mut res = hcl::parse_expr(expr.span.source, &text, base, diags);
            if let ExprKind::Traversal(_) = res.kind {
                res.span = expr.span;
            }
            Cow::Owned(res)
        }
        (TemplateForm::Bare, Some(_)) => {
            let mut ignored = Diagnostics::new();
            match hcl::json::embedded_expr(expr, &mut ignored) {
                Some(res) if !ignored.has_errors() => Cow::Owned(Expr {
                    span: expr.span,
                    kind: res.kind,
                }),
                _ => Cow::Borrowed(expr),
            }
        }
        _ => Cow::Borrowed(expr),
    }
}

/// A JSON string parsed as the expression that it holds; other expressions as they are.
pub(crate) fn embedded<'e>(expr: &'e Expr, diags: &mut Diagnostics) -> Cow<'e, Expr> {
    match hcl::json::embedded_expr(expr, diags) {
        Some(res) => Cow::Owned(res),
        None => Cow::Borrowed(expr),
    }
}

/// Like [`unquoted`] for JSON strings, without a change for native ones: where quotes were never right.
pub(crate) fn json_only(expr: &Expr) -> Cow<'_, Expr> {
    match &expr.kind {
        ExprKind::Template(it) if it.form == TemplateForm::Bare => {
            unquoted(expr, false, &mut Diagnostics::new())
        }
        _ => Cow::Borrowed(expr),
    }
}

/// A reference with literal keys.
pub(crate) fn traversal(expr: &Expr, diags: &mut Diagnostics) -> Option<Traversal> {
    match &expr.kind {
        ExprKind::Traversal(it) => Some((**it).clone()),
        ExprKind::Invalid => None,
        _ => {
            diags.push(
                Diagnostic::error(
                    &code::STATIC_EXPRESSION,
                    "A plain reference is required here: a name, attributes after dots, and constant keys in square brackets. It is read before anything is evaluated, so nothing can be computed in it.",
                )
                .at(expr.span),
            );
            None
        }
    }
}

/// The word that an expression is, if it is one.
pub(crate) fn keyword(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Traversal(it) if it.steps.is_empty() => Some(&it.root.name),
        _ => None,
    }
}

/// `depends_on`: a list of references.
pub(crate) fn depends_on(expr: &Expr, diags: &mut Diagnostics) -> Vec<Traversal> {
    list(expr, diags)
        .iter()
        .filter_map(|it| traversal(&unquoted(it, false, diags), diags))
        .collect()
}

/// `provider = x.y`, and the names in `providers`.
pub(crate) fn provider(
    expr: &Expr,
    argument: &str,
    diags: &mut Diagnostics,
) -> Option<LocalProvider> {
    let mut error = |span: Span, detail: String| {
        diags.push(Diagnostic::error(&code::PROVIDER_REFERENCE, detail).at(span));
    };
    let ExprKind::Traversal(it) = &expr.kind else {
        if expr.kind != ExprKind::Invalid {
            error(
                expr.span,
                format!(
                    "The argument \"{argument}\" takes the local name of a provider, and after a dot the alias if the configuration has one: \"dokploy\" or \"dokploy.staging\", without quotes."
                ),
            );
        }
        return None;
    };
    match it.steps.as_slice() {
        [] => Some(LocalProvider {
            name: it.root.name.as_str().into(),
            alias: None,
        }),
        [alias] => match &alias.kind {
            StepKind::Attr(name) => Some(LocalProvider {
                name: it.root.name.as_str().into(),
                alias: Some(name.as_str().into()),
            }),
            StepKind::Index(_) | StepKind::Key(_) => {
                error(alias.span, "After the name of a provider comes nothing, or a dot and an alias. Configurations are chosen before anything is evaluated, so they have no keys.".to_owned());
                None
            }
        },
        _ => {
            error(
                expr.span,
                format!(
                    "The argument \"{argument}\" takes the local name of a provider, and after a dot its alias; there are too many parts here."
                ),
            );
            None
        }
    }
}
