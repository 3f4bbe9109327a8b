//! Expression to value.
//!
//! Evaluation has two steps: first every reference of the expression is resolved, once, through the [`Scope`]; where
//! one of them is wrong, that is all there is to say. Then the tree is walked with those values at hand, which cannot
//! fail for reasons outside of the expression.
//!
//! One file a form: [`operator`], [`template`], [`for_expr`], [`access`] (traversals, indexes, splats), [`call`], and
//! [`facts`] (the values that messages mention).

mod access;
mod call;
mod facts;
mod for_expr;
mod operator;
mod template;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use addr::{Reference, Subject};
use diag::{Code, Diagnostic, Diagnostics, Span};
use hcl::{Expr, ExprKind, ObjectItem, ObjectKey, Part, TemplateForm, Traversal};
use value::function::{NoWorld, World};
use value::{Mark, Marks, Number, Type, Value};

use crate::Scope;
use crate::refs::{self, MAX_DEPTH};

pub use template::render;

/// The value of an expression. Each mistake is reported once, at the part to blame, and that part gives an unknown.
pub fn eval(expr: &Expr, scope: &dyn Scope, diags: &mut Diagnostics) -> Value {
    let mut found = Vec::new();
    refs::traversals(expr, &mut |it| found.push(it.clone()));
    let Some(subjects) = Subjects::resolve(&found, scope, diags) else {
        return Value::dynamic();
    };
    let value = Evaluator::new(scope, &subjects).value(expr, &Names::NONE, diags);
    if scope.is_console()
        && value.deep_marks().has(Mark::ConsoleType)
        && !(value.has_mark(Mark::ConsoleType) && value.as_str().is_some())
    {
        diags.push(Diagnostic::error(
            &code::MISUSED_TYPE,
            "The function type() shows the type of a value in the console; its result cannot be a part of something else.",
        ));
        return Value::dynamic();
    }
    value
}

/// [`value::convert`], for which the result of `type()` is no value.
pub(crate) fn convert(value: &Value, ty: &Type) -> Result<Value, value::ConvertError> {
    if value.has_mark(Mark::ConsoleType) && *ty != Type::Dynamic {
        return Err(value::ConvertError {
            path: value::Path::root(),
            reason: "the result of type() is not a value".to_owned(),
        });
    }
    value::convert(value, ty)
}

/// The value of an expression, converted to a type; a value that does not convert is reported.
pub fn eval_as(expr: &Expr, ty: &Type, scope: &dyn Scope, diags: &mut Diagnostics) -> Value {
    let mut found = Vec::new();
    refs::traversals(expr, &mut |it| found.push(it.clone()));
    let Some(subjects) = Subjects::resolve(&found, scope, diags) else {
        return Value::unknown(ty.without_optional());
    };
    let evaluator = Evaluator::new(scope, &subjects);
    let value = evaluator.value(expr, &Names::NONE, diags);
    match convert(&value, ty) {
        Ok(value) => value,
        Err(err) => {
            let detail = format!(
                "The value must be {}: {}.",
                value::show::friendly_type(ty),
                reason(&err)
            );
            evaluator.report(
                Diagnostic::error(&code::INCORRECT_VALUE_TYPE, detail).at(expr.span),
                expr,
                &Names::NONE,
                diags,
            );
            Value::unknown(ty.without_optional())
        }
    }
}

/// The value of an expression that may neither name anything nor call functions: types' defaults, settings.
pub fn constant(expr: &Expr, diags: &mut Diagnostics) -> Value {
    let mut ok = true;
    refs::traversals(expr, &mut |it| {
        ok = false;
        diags.push(
            Diagnostic::error(
                &crate::scope::code::VARIABLES_NOT_ALLOWED,
                "The value is needed before anything is evaluated, so that nothing can be named here.",
            )
            .at(it.root.span),
        );
    });
    if !ok {
        return Value::dynamic();
    }
    let subjects = Subjects(BTreeMap::new());
    let evaluator = Evaluator {
        scope: None,
        world: &NoWorld,
        subjects: &subjects,
        no_calls: true,
        depth: Cell::new(0),
    };
    evaluator.value(expr, &Names::NONE, diags)
}

/// The values that messages about an expression mention: one for each of its traversals, sorted.
///
/// `unknown` and `sensitive` say whether the message is about a value being unknown, or sensitive or ephemeral: only
/// then are such values named as what they are.
pub fn facts_of(expr: &Expr, scope: &dyn Scope, unknown: bool, sensitive: bool) -> Vec<diag::Fact> {
    let mut found = Vec::new();
    refs::traversals(expr, &mut |it| found.push(it.clone()));
    match Subjects::resolve(&found, scope, &mut Diagnostics::new()) {
        Some(subjects) => Evaluator::new(scope, &subjects).facts(
            expr,
            &Names::NONE,
            facts::About { unknown, sensitive },
        ),
        None => Vec::new(),
    }
}

/// Whether an attribute of a type can be followed by these steps, whatever its value; the first that cannot is reported.
pub fn check_steps(ty: &Type, steps: &[hcl::Step], diags: &mut Diagnostics) {
    let mut value = Value::unknown(ty.clone());
    for it in steps {
        match access::step(&value, it) {
            Ok(next) => value = next,
            Err(trouble) => {
                diags.push(trouble.at(it.span));
                return;
            }
        }
    }
}

/// What a conversion failed for, with the place inside the value.
pub(crate) fn reason(err: &value::ConvertError) -> String {
    let path = path_text(&err.path);
    if path.is_empty() {
        err.reason.clone()
    } else {
        format!("{}: {}", path.trim_start_matches('.'), err.reason)
    }
}

/// A path as it is written after an expression: `.a[0]["k"]`.
pub(crate) fn path_text(path: &value::Path) -> String {
    let mut res = String::new();
    for step in &path.0 {
        match step {
            value::Step::Attr(name) => {
                res.push('.');
                res.push_str(name);
            }
            value::Step::Index(key) => match (key.as_str(), key.as_number()) {
                _ if !key.marks().is_empty() => res.push_str("[…]"),
                (Some(text), _) => res.push_str(&format!("[{}]", addr::instance::quoted(text))),
                (None, Some(number)) => res.push_str(&format!("[{number}]")),
                (None, None) => res.push_str("[…]"),
            },
        }
    }
    res
}

/// The values of everything that an expression or a body refers to, each resolved once.
pub(crate) struct Subjects(BTreeMap<Subject, Value>);

impl Subjects {
    /// `None` where a reference is wrong; all that are wrong are reported.
    pub(crate) fn resolve(
        traversals: &[Traversal],
        scope: &dyn Scope,
        diags: &mut Diagnostics,
    ) -> Option<Subjects> {
        let mut ok = true;
        let mut references: Vec<Reference> = Vec::with_capacity(traversals.len());
        for traversal in traversals {
            match addr::parse::reference(traversal, diags) {
                Some(reference) => references.push(reference),
                None => ok = false,
            }
        }
        let n_errors = diags.n_errors();
        for reference in &references {
            scope.check(reference, diags);
        }
        if diags.n_errors() > n_errors {
            return None;
        }
        let mut res = BTreeMap::new();
        for reference in references {
            let mut found = Diagnostics::new();
            let value = scope.value(&reference, &mut found);
            // That an instance is not there is for the part that wants it to say: `try` and conditions may do without.
            let is_instance = matches!(
                reference.subject,
                Subject::ResourceInstance(..) | Subject::ModuleInstance(..)
            );
            if found.has_errors() && is_instance {
                continue;
            }
            diags.append(found);
            res.insert(reference.subject, value);
        }
        (ok && diags.n_errors() == n_errors).then_some(Subjects(res))
    }
}

/// The names that `for` and splats bind, innermost first. Lives on the stack of the evaluation.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a> {
    innermost: Option<&'a Name<'a>>,
    /// What a splat is at.
    item: Option<&'a Value>,
    /// What a template is given.
    given: &'a [(&'a str, Value)],
}

struct Name<'a> {
    word: &'a str,
    value: Value,
    outer: Option<&'a Name<'a>>,
}

impl<'a> Names<'a> {
    pub(crate) const NONE: Names<'static> = Names {
        innermost: None,
        item: None,
        given: &[],
    };

    /// Does something with one more name bound.
    pub(crate) fn with<R>(
        &self,
        name: &str,
        value: Value,
        then: impl FnOnce(&Names<'_>) -> R,
    ) -> R {
        let name = Name {
            word: name,
            value,
            outer: self.innermost,
        };
        then(&Names {
            innermost: Some(&name),
            ..*self
        })
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        let mut here = self.innermost;
        while let Some(it) = here {
            if it.word == name {
                return Some(&it.value);
            }
            here = it.outer;
        }
        self.given
            .iter()
            .find(|(it, _)| *it == name)
            .map(|(_, value)| value)
    }
}

/// One walk over expressions whose references are resolved.
pub(crate) struct Evaluator<'a> {
    /// `None` inside template files, where only the given names exist.
    scope: Option<&'a dyn Scope>,
    world: &'a dyn World,
    subjects: &'a Subjects,
    /// Inside constants, where functions cannot be called.
    no_calls: bool,
    depth: Cell<u32>,
}

impl<'a> Evaluator<'a> {
    pub(crate) fn new(scope: &'a dyn Scope, subjects: &'a Subjects) -> Self {
        Self {
            scope: Some(scope),
            world: scope.world(),
            subjects,
            no_calls: !scope.may_call(),
            depth: Cell::new(0),
        }
    }

    /// The value of an expression.
    pub(crate) fn value(&self, expr: &Expr, names: &Names<'_>, diags: &mut Diagnostics) -> Value {
        let depth = self.depth.get();
        if depth > MAX_DEPTH {
            diags.push(
                Diagnostic::error(
                    &code::TOO_DEEP,
                    format!(
                        "Expressions may be nested {MAX_DEPTH} levels deep. Give inner parts a name as local values."
                    ),
                )
                .at(expr.span),
            );
            return Value::dynamic();
        }
        self.depth.set(depth + 1);
        // Frames of a debug build are large and threads' stacks small, so more is taken where less than 128 kB are left.
        let res = stacker::maybe_grow(128 << 10, 2 << 20, || self.form(expr, names, diags));
        self.depth.set(depth);
        res
    }

    fn form(&self, expr: &Expr, names: &Names<'_>, diags: &mut Diagnostics) -> Value {
        match &expr.kind {
            ExprKind::Invalid => Value::dynamic(),
            ExprKind::Null => Value::null(Type::Dynamic),
            ExprKind::Bool(it) => Value::from(*it),
            ExprKind::Number(text) => Number::parse(text).map_or_else(Value::dynamic, Value::from),
            ExprKind::Template(template) => self.template(expr, template, names, diags),
            ExprKind::Tuple(items) => Value::tuple(
                items
                    .iter()
                    .map(|it| self.value(it, names, diags))
                    .collect(),
            ),
            ExprKind::Object(items) => self.object(items, names, diags),
            ExprKind::Traversal(it) => self.traversal(expr, it, names, diags),
            ExprKind::Access(access) => {
                let source = self.value(&access.source, names, diags);
                self.steps(source, &access.steps, expr, names, diags)
            }
            ExprKind::Index(index) => self.index(expr, index, names, diags),
            ExprKind::Splat(splat) => self.splat(splat, names, diags),
            ExprKind::SplatItem => names.item.cloned().unwrap_or_else(Value::dynamic),
            ExprKind::Call(call) => self.call(expr, call, names, diags),
            ExprKind::Unary(unary) => self.unary(expr, unary, names, diags),
            ExprKind::Binary(_) => self.binary(expr, names, diags),
            ExprKind::Conditional(it) => self.conditional(expr, it, names, diags),
            ExprKind::For(it) => self.for_expr(expr, it, names, diags),
            ExprKind::Paren(inner) => self.value(inner, names, diags),
        }
    }

    fn object(&self, items: &[ObjectItem], names: &Names<'_>, diags: &mut Diagnostics) -> Value {
        let mut values: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        let mut marks = Marks::NONE;
        let mut known = true;
        for item in items {
            let n_errors = diags.n_errors();
            let key = match &item.key {
                ObjectKey::Word(word) => Value::from(word.name.as_str()),
                ObjectKey::Expr(key) => self.object_key(key, names, diags),
            };
            let key_failed = diags.n_errors() > n_errors;
            let value = self.value(&item.value, names, diags);
            if key_failed {
                known = false;
                continue;
            }
            if key.is_null() {
                // The place is that of the value, as in the reference.
                let diag = Diagnostic::error(
                    &code::NULL_KEY,
                    "The name of an object's attribute must be a text; this one is null.",
                )
                .at(item.value.span);
                self.report_key(diag, &item.key, names, diags);
                known = false;
                continue;
            }
            marks = marks.union(key.marks());
            match convert(&key, &Type::String) {
                Ok(key) => match key.as_str() {
                    Some(name) => {
                        values.insert(name.into(), value);
                    }
                    None => known = false,
                },
                Err(err) => {
                    let diag = Diagnostic::error(
                        &code::INCORRECT_KEY_TYPE,
                        format!("This value cannot name an attribute: {}.", reason(&err)),
                    )
                    .at(item.key.span());
                    self.report_key(diag, &item.key, names, diags);
                    known = false;
                }
            }
        }
        if known {
            Value::object(values).mark(marks)
        } else {
            Value::dynamic().mark(marks)
        }
    }

    fn object_key(&self, key: &Expr, names: &Names<'_>, diags: &mut Diagnostics) -> Value {
        if let ExprKind::Traversal(traversal) = &key.kind
            && !traversal.steps.is_empty()
        {
            diags.push(
                Diagnostic::error(
                    &code::AMBIGUOUS_KEY,
                    "It is not clear whether this is a reference or a name. Write a reference in parentheses, and a name that has dots in quotes.",
                )
                .at(key.span),
            );
            return Value::dynamic();
        }
        self.value(key, names, diags)
    }

    fn report_key(
        &self,
        diag: Diagnostic,
        key: &ObjectKey,
        names: &Names<'_>,
        diags: &mut Diagnostics,
    ) {
        match key {
            ObjectKey::Word(_) => diags.push(diag),
            ObjectKey::Expr(expr) => self.report(diag, expr, names, diags),
        }
    }

    /// Adds the values that an expression's traversals have to a message about it.
    pub(crate) fn report(
        &self,
        diag: Diagnostic,
        about: &Expr,
        names: &Names<'_>,
        diags: &mut Diagnostics,
    ) {
        let facts = self.facts(about, names, facts::About::PLAIN);
        diags.push(diag.facts(facts));
    }
}

/// Where an expression begins, as messages about calls point to it: a reference as a whole, of others the first
/// operand, the bracket, or the sign.
pub(crate) fn head(expr: &Expr) -> Span {
    let mut here = expr;
    loop {
        here = match &here.kind {
            ExprKind::Binary(it) => &it.left,
            ExprKind::Conditional(it) => &it.condition,
            ExprKind::Paren(inner) => inner,
            ExprKind::Index(it) => return it.open,
            ExprKind::Splat(it) => return it.marker,
            ExprKind::Unary(it) => return it.op_span,
            ExprKind::Call(it) => return it.name.span.to(it.open),
            ExprKind::For(_) | ExprKind::Tuple(_) | ExprKind::Object(_) => {
                return Span {
                    end: (here.span.start + 1).min(here.span.end),
                    ..here.span
                };
            }
            ExprKind::Template(it) => match it.parts.as_slice() {
                [Part::Literal(_, span), ..] => return *span,
                [Part::Interpolation(it), _, ..] => &it.expr,
                [Part::If(it), ..] => &it.condition,
                // The marker that opens it.
                [Part::For(it), ..] => {
                    let end = it
                        .body
                        .first()
                        .map_or(it.collection.span.end, |it| match it {
                            Part::Literal(_, span) => span.start,
                            Part::Interpolation(it) => it.span.start,
                            Part::If(it) => it.span.start,
                            Part::For(it) => it.span.start,
                        });
                    return Span { end, ..it.span };
                }
                // Of a text without anything in it the reference points to what follows: the comma or bracket.
                [] if it.form == TemplateForm::Quoted => {
                    return Span {
                        start: here.span.end,
                        end: here.span.end.saturating_add(1),
                        ..here.span
                    };
                }
                _ => return here.span,
            },
            ExprKind::Traversal(_)
            | ExprKind::Access(_)
            | ExprKind::Invalid
            | ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Number(_)
            | ExprKind::SplatItem => return here.span,
        };
    }
}

/// The codes of evaluation.
pub mod code {
    use super::Code;

    macro_rules! codes {
        ($($name:ident: $id:literal, $title:literal, $doc:literal;)*) => {
            $(
                #[doc = $doc]
                pub const $name: Code = Code::new($id, $title, $doc);
            )*
            /// All of them.
            pub const CODES: &[&Code] = &[$(&$name),*];
        };
    }

    codes! {
        TOO_DEEP: "expression-too-deep", "Expression too deep",
            "An expression nests more levels than can be evaluated.";
        INCORRECT_VALUE_TYPE: "incorrect-value-type", "Incorrect value type",
            "A value is not of the type that is needed where it stands, and does not convert to it.";
        NULL_KEY: "null-object-key", "Null value as key",
            "The name of an object's attribute is null.";
        INCORRECT_KEY_TYPE: "incorrect-key-type", "Incorrect key type",
            "The name of an object's attribute is not a text, and does not convert to one.";
        AMBIGUOUS_KEY: "ambiguous-attribute-key", "Ambiguous attribute key",
            "The name of an object's attribute looks like a reference: references are written in parentheses, names with dots in quotes.";
        UNKNOWN_VARIABLE: "unknown-name", "Unknown variable",
            "A template uses a name that it is not given.";
        NULL_ATTRIBUTE_OF: "attribute-of-null", "Attempt to get attribute from null value",
            "An attribute is asked of a value that is null.";
        UNSUPPORTED_ATTRIBUTE: "unsupported-attribute", "Unsupported attribute",
            "A value has no attribute of the name.";
        MISSING_MAP_ELEMENT: "missing-map-element", "Missing map element",
            "A map has no element under the key.";
        INDEX_OF_NULL: "index-of-null", "Attempt to index null value",
            "An element is asked of a value that is null.";
        INVALID_INDEX: "invalid-index", "Invalid index",
            "A collection has no element under the index.";
        SPLAT_OF_NULL: "splat-of-null", "Splat of null value",
            "A splat expression walks a list or set that is null.";
        INVALID_OPERAND: "invalid-operand", "Invalid operand",
            "A value is not of the type that an operator takes, and does not convert to it.";
        OPERATION_FAILED: "operation-failed", "Operation failed",
            "An operator has no result for these values.";
        INCONSISTENT_CONDITIONAL: "inconsistent-conditional", "Inconsistent conditional result types",
            "The two results of a conditional have no type in common.";
        NULL_CONDITION: "null-condition", "Null condition",
            "A condition is null, where it must be true or false.";
        INCORRECT_CONDITION: "incorrect-condition-type", "Incorrect condition type",
            "A condition is neither true nor false.";
        INVALID_INTERPOLATION: "invalid-interpolation", "Invalid template interpolation value",
            "A value that stands in a text is not one that can be written as text.";
        FOR_OF_NULL: "for-of-null", "Iteration over null value",
            "A `for` walks a value that is null.";
        FOR_OF_OTHER: "for-of-other", "Iteration over non-iterable value",
            "A `for` walks a value that is not a collection.";
        FOR_NULL_CONDITION: "for-null-condition", "Condition is null",
            "The `if` of a `for` is null.";
        FOR_CONDITION: "for-condition", "Invalid 'for' condition",
            "The `if` of a `for` is neither true nor false.";
        FOR_KEY: "for-key", "Invalid object key",
            "The key of a `for` is null, or not a text.";
        FOR_DUPLICATE_KEY: "for-duplicate-key", "Duplicate object key",
            "Two elements of a `for` have the same key.";
        CALLS_NOT_ALLOWED: "calls-not-allowed", "Function calls not allowed",
            "A value that is needed before anything is evaluated calls a function.";
        MISUSED_TYPE: "misused-type-function", "Invalid use of type function",
            "The console's function `type` is a part of a larger expression.";
        UNKNOWN_FUNCTION: "unknown-function", "Call to unknown function",
            "There is no function of the name.";
        UNKNOWN_PROVIDER_FUNCTION: "unknown-provider-function", "Unknown provider function",
            "There is no function of the name in that namespace: functions of a provider are called provider::NAME::FUNCTION.";
        INVALID_EXPANSION: "invalid-argument-expansion", "Invalid expanding argument value",
            "The value before `...` is not a list, set or tuple.";
        TOO_FEW_ARGUMENTS: "too-few-arguments", "Not enough function arguments",
            "A function is called with too few arguments.";
        TOO_MANY_ARGUMENTS: "too-many-arguments", "Too many function arguments",
            "A function is called with too many arguments.";
        INVALID_ARGUMENT: "invalid-function-argument", "Invalid function argument",
            "An argument is not what the function takes.";
        FAILED_CALL: "failed-function-call", "Error in function call",
            "A function has no result for its arguments.";
    }
}
