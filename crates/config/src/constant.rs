//! Values that must be known before anything is evaluated: flags, texts, versions.

use diag::{Diagnostic, Diagnostics, SourceMap, Span};
use hcl::{Expr, ExprKind, Part, TemplateForm, UnaryOp};

use crate::code;
use crate::visit::{Mention, mentions};

/// A constant of a simple type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Constant {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A number as written.
    Number(String),
    /// A text.
    Text(String),
    /// A list, an object, or something that would have to be evaluated.
    Other,
}

/// The constant that an expression is. Nothing is reported.
pub(crate) fn constant(expr: &Expr, sources: &SourceMap) -> Constant {
    match &expr.kind {
        ExprKind::Null => Constant::Null,
        ExprKind::Bool(it) => Constant::Bool(*it),
        ExprKind::Number(it) => Constant::Number(it.to_string()),
        ExprKind::Template(template) => match template.literal() {
            Some(text) => Constant::Text(text),
            // Where nothing is evaluated, a JSON string is its characters, template sequences included.
            None if template.form == TemplateForm::Bare => {
                let text = sources.slice(expr.span);
                Constant::Text(text.trim_matches('"').to_owned())
            }
            None => interpolated(&template.parts, sources),
        },
        ExprKind::Paren(it) => constant(it, sources),
        ExprKind::Unary(it) => match (it.op, constant(&it.operand, sources)) {
            (UnaryOp::Not, Constant::Bool(it)) => Constant::Bool(!it),
            (UnaryOp::Negate, Constant::Number(it)) => Constant::Number(format!("-{it}")),
            _ => Constant::Other,
        },
        _ => Constant::Other,
    }
}

/// A text with constants put in; a template that is one interpolation is that constant.
fn interpolated(parts: &[Part], sources: &SourceMap) -> Constant {
    if let [Part::Interpolation(it)] = parts {
        return constant(&it.expr, sources);
    }
    let mut res = String::new();
    for part in parts {
        match part {
            Part::Literal(text, _) => res.push_str(text.as_str()),
            Part::Interpolation(it) => match constant(&it.expr, sources) {
                Constant::Text(it) | Constant::Number(it) => res.push_str(&it),
                Constant::Bool(it) => res.push_str(&it.to_string()),
                Constant::Null | Constant::Other => return Constant::Other,
            },
            Part::If(_) | Part::For(_) => return Constant::Other,
        }
    }
    Constant::Text(res)
}

/// Reports what an expression that must be constant refers to. Gives whether there was nothing to report.
pub(crate) fn check(expr: &Expr, diags: &mut Diagnostics) -> bool {
    let mut within_call: Option<Span> = None;
    let mut res = true;
    for mention in mentions(expr) {
        let (code, detail, span, subject) = match mention {
            Mention::Reference(it, span) => (
                &code::VARIABLES_NOT_ALLOWED,
                "This value is read before anything is evaluated, so it cannot refer to variables, resources or other objects. Write the value itself.",
                span,
                it.root.span,
            ),
            Mention::Call(span) => (
                &code::FUNCTIONS_NOT_ALLOWED,
                "This value is read before anything is evaluated, so no function can be called for it. Write the value itself.",
                span,
                span,
            ),
        };
        if within_call.is_some_and(|it| span.start >= it.start && span.end <= it.end) {
            continue;
        }
        if code.id == code::FUNCTIONS_NOT_ALLOWED.id {
            within_call = Some(span);
        }
        res = false;
        diags.push(Diagnostic::error(code, detail).at(subject));
    }
    res
}

/// A constant text; numbers and bools become one.
pub(crate) fn text(expr: &Expr, sources: &SourceMap, diags: &mut Diagnostics) -> Option<String> {
    match constant(expr, sources) {
        Constant::Text(it) | Constant::Number(it) => return Some(it),
        Constant::Bool(it) => return Some(it.to_string()),
        it => unsuitable(expr, &it, "a string", diags),
    }
    None
}

/// A constant bool; the texts `"true"` and `"false"` become one.
pub(crate) fn bool(expr: &Expr, sources: &SourceMap, diags: &mut Diagnostics) -> Option<bool> {
    match constant(expr, sources) {
        Constant::Bool(it) => return Some(it),
        Constant::Text(it) if it == "true" => return Some(true),
        Constant::Text(it) if it == "false" => return Some(false),
        it => unsuitable(expr, &it, "true or false", diags),
    }
    None
}

fn unsuitable(expr: &Expr, found: &Constant, wanted: &str, diags: &mut Diagnostics) {
    if expr.kind == ExprKind::Invalid {
        return;
    }
    if *found == Constant::Other {
        check(expr, diags);
    }
    let found = match found {
        Constant::Null => "null is none",
        Constant::Bool(_) => "this is a bool",
        Constant::Number(_) => "this is a number",
        Constant::Text(_) => "this text is none",
        Constant::Other => "it must be written as such",
    };
    diags.push(
        Diagnostic::error(
            &code::UNSUITABLE_TYPE,
            format!("The value must be {wanted}, and {found}."),
        )
        .at(start(expr))
        .within(expr.span),
    );
}

/// Where messages about a whole expression point to: its first token, more or less.
pub(crate) fn start(expr: &Expr) -> Span {
    let first_byte = Span {
        end: expr.span.end.min(expr.span.start.saturating_add(1)),
        ..expr.span
    };
    match &expr.kind {
        ExprKind::Tuple(_) | ExprKind::Object(_) | ExprKind::Paren(_) => first_byte,
        ExprKind::For(it) => it.open,
        ExprKind::Call(it) => it.name.span.to(it.open),
        ExprKind::Unary(it) => it.op_span,
        ExprKind::Binary(it) => it.chain().last().map_or(expr.span, |it| start(&it.left)),
        ExprKind::Conditional(it) => start(&it.condition),
        ExprKind::Access(it) => start(&it.source),
        ExprKind::Index(it) => start(&it.collection),
        ExprKind::Splat(it) => start(&it.source),
        ExprKind::Template(it) if it.form != TemplateForm::Bare => match it.parts.first() {
            Some(hcl::Part::Literal(_, span)) => *span,
            Some(hcl::Part::Interpolation(it)) => start(&it.expr),
            Some(hcl::Part::If(it)) => it.span,
            Some(hcl::Part::For(it)) => it.span,
            None => expr.span,
        },
        _ => expr.span,
    }
}
