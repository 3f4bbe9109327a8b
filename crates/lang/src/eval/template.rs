//! Templates: interpolations and directives.

use std::borrow::Cow;
use std::collections::BTreeMap;

use diag::{Diagnostic, Diagnostics, SourceMap, Span};
use hcl::{Expr, ExprKind, Part, Template};
use unicode_segmentation::UnicodeSegmentation;
use value::function::{CallError, World};
use value::{Marks, Path, Plain, Type, Unknown, Value};

use super::access::{MAX_FAILED, in_iteration};
use super::{Evaluator, Names, Subjects, code, convert, reason};
use crate::refs;

/// Renders a text as a template in which only the given names exist (`templatefile`, `templatestring`).
///
/// `name` is what messages call the text. A template that is one interpolation gives its value as it is.
pub fn render(name: &str, text: &str, vars: &Value, world: &dyn World) -> Result<Value, CallError> {
    let fail = |argument, reason: String| {
        Err(CallError {
            argument,
            path: Path::root(),
            reason,
        })
    };
    let (plain, marks) = vars.peek();
    let entries: Cow<'_, BTreeMap<_, _>> = match plain {
        Plain::Object(it) | Plain::Map(_, it) => Cow::Borrowed(&**it),
        Plain::Unknown(it) if !it.ty.is_primitive() => return Ok(Value::dynamic().mark(marks)),
        _ => {
            return fail(
                Some(1),
                "the variables must be given as a map or object".to_owned(),
            );
        }
    };
    for key in entries.keys() {
        if !hcl::is_identifier(key) {
            return fail(
                Some(1),
                format!(
                    "\"{key}\" cannot be a name in a template: a name begins with a letter and has letters, digits and underscores only"
                ),
            );
        }
    }
    let mut sources = SourceMap::new();
    let source = sources.add(name, text);
    let place = |span: Option<Span>| {
        span.map_or_else(String::new, |span| {
            let at = sources.position(source, span.start);
            format!("{name}:{},{}: ", at.line, at.column)
        })
    };
    let messages = |diags: &Diagnostics| {
        let texts: Vec<String> = diags
            .iter()
            .filter(|it| it.is_error())
            .map(|it| format!("{}{}; {}", place(it.subject), it.summary, it.detail))
            .collect();
        texts.join(" ")
    };
    let mut diags = Diagnostics::new();
    let expr = hcl::parse_template(source, text, 0, &mut diags);
    if diags.has_errors() {
        return fail(Some(0), messages(&diags));
    }
    let mut missing = None;
    refs::traversals(&expr, &mut |it| {
        if missing.is_none() && !entries.contains_key(it.root.name.as_str()) {
            missing = Some(it.root.clone());
        }
    });
    if let Some(root) = missing {
        return fail(
            Some(1),
            format!(
                "{}the template uses \"{}\", which is not among the variables that it is given",
                place(Some(root.span)),
                root.name
            ),
        );
    }
    let subjects = Subjects(BTreeMap::new());
    let evaluator = Evaluator {
        scope: None,
        world,
        subjects: &subjects,
        no_calls: false,
        depth: std::cell::Cell::new(0),
    };
    let names: Vec<(&str, Value)> = entries
        .iter()
        .map(|(key, it)| (&**key, it.clone().mark(marks)))
        .collect();
    let names = Names {
        given: &names,
        ..Names::NONE
    };
    let value = evaluator.value(&expr, &names, &mut diags);
    if diags.has_errors() {
        return fail(None, messages(&diags));
    }
    Ok(value)
}

impl Evaluator<'_> {
    pub(super) fn template(
        &self,
        expr: &Expr,
        template: &Template,
        names: &Names<'_>,
        diags: &mut Diagnostics,
    ) -> Value {
        match template.parts.as_slice() {
            [] => Value::from(""),
            [Part::Literal(text, _)] => Value::from(text.as_str()),
            // `"${x}"` is x itself, not a text.
            [Part::Interpolation(it)] => self.value(&it.expr, names, diags),
            parts => self.text(parts, expr.span, names, diags),
        }
    }

    /// The text of some parts one after another.
    fn text(
        &self,
        parts: &[Part],
        context: Span,
        names: &Names<'_>,
        diags: &mut Diagnostics,
    ) -> Value {
        let n_errors = diags.n_errors();
        let mut text = String::new();
        let mut marks = Marks::NONE;
        let mut known = true;
        for part in parts {
            let (value, span, about) = match part {
                Part::Literal(literal, _) => {
                    if known {
                        text.push_str(literal);
                    }
                    continue;
                }
                Part::Interpolation(it) => (
                    self.value(&it.expr, names, diags),
                    it.expr.span,
                    Some(&it.expr),
                ),
                Part::If(it) => (
                    self.choice(
                        &it.condition,
                        it.span,
                        &mut |diags| self.text(&it.then, it.span, names, diags),
                        &mut |diags| self.text(&it.otherwise, it.span, names, diags),
                        (it.span, it.span),
                        None,
                        names,
                        diags,
                    ),
                    it.span,
                    None,
                ),
                Part::For(it) => (self.repeated(it, names, diags), it.span, None),
            };
            let trouble = if value.is_null() {
                Some("the value is null".to_owned())
            } else {
                marks = marks.union(value.marks());
                if !value.is_known() {
                    known = false;
                    continue;
                }
                match convert(&value, &Type::String) {
                    Ok(it) => {
                        if known && let Some(it) = it.as_str() {
                            text.push_str(it);
                        }
                        None
                    }
                    Err(err) => Some(reason(&err)),
                }
            };
            if let Some(trouble) = trouble {
                let diag = not_text(&trouble).at(span).within(context);
                match about {
                    Some(about) => self.report(diag, about, names, diags),
                    None => diags.push(diag),
                }
            }
        }
        let failed = diags.n_errors() > n_errors;
        if known {
            return Value::from(text).mark(marks);
        }
        let mut unknown = Unknown::of(Type::String).not_null();
        if !failed {
            let prefix = sure_prefix(&text);
            if !prefix.is_empty() {
                unknown.prefix = Some(prefix.into());
            }
        }
        Value::new(Plain::Unknown(Box::new(unknown))).mark(marks)
    }

    /// `%{ for }`: the texts of all elements.
    fn repeated(
        &self,
        it: &hcl::ForDirective,
        names: &Names<'_>,
        diags: &mut Diagnostics,
    ) -> Value {
        let walked = match self.walked(&it.collection, it.span, names, diags) {
            Ok(it) => it,
            Err(value) => return Value::unknown(Type::String).mark(value.marks()),
        };
        let mut marks = walked.marks;
        let Some(entries) = walked.entries else {
            return Value::unknown(Type::String).mark(marks);
        };
        let mut text = String::new();
        let mut known = true;
        let mut n_failed = 0;
        for (key, value) in entries {
            let mut troubles = Diagnostics::new();
            let value = Self::bound(
                it.key.as_ref(),
                &it.value,
                key.clone(),
                value,
                names,
                |names| self.text(&it.body, it.span, names, &mut troubles),
            );
            n_failed += usize::from(troubles.has_errors());
            diags.append(in_iteration(troubles, &key));
            if n_failed == MAX_FAILED {
                known = false;
                break;
            }
            marks = marks.union(value.marks());
            match value.as_str() {
                Some(it) => text.push_str(it),
                None => known = false,
            }
        }
        if known {
            Value::from(text).mark(marks)
        } else {
            Value::unknown(Type::String).mark(marks)
        }
    }
}

fn not_text(trouble: &str) -> Diagnostic {
    Diagnostic::error(
        &code::INVALID_INTERPOLATION,
        format!(
            "A value inside a text must be a text, a number or a bool: {trouble}. For lists and objects see join() and jsonencode()."
        ),
    )
}

/// The part of a text that stays as it is, whatever follows: what follows may change the last character, by
/// combining with it.
fn sure_prefix(text: &str) -> String {
    let text: String = match Value::from(text).as_str() {
        Some(it) => it.to_owned(),
        None => return String::new(),
    };
    // Nothing combines with these in practice, and they end most prefixes: `https://`, `name-`.
    const ENDS: &[char] = &[
        '-', '_', ':', ';', '/', '\\', ',', '.', '(', ')', '{', '}', '[', ']', '|', '?', '!', '~',
        ' ', '\t', '@', '#', '$', '%', '^', '&', '*', '+', '"', '\'',
    ];
    if text.ends_with(ENDS) {
        return text;
    }
    match text.grapheme_indices(true).next_back() {
        Some((at, _)) => text.get(..at).unwrap_or("").to_owned(),
        None => text,
    }
}

/// Whether an expression is a reference, possibly with indexes: what `templatestring` takes as its template.
pub(super) fn is_reference(expr: &Expr) -> bool {
    let mut here = expr;
    loop {
        here = match &here.kind {
            ExprKind::Traversal(_) => return true,
            ExprKind::Access(it) => &it.source,
            ExprKind::Index(it) => &it.collection,
            _ => return false,
        };
    }
}
