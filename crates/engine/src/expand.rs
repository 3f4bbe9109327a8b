//! `count` and `for_each` to keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use addr::Key;
use config::Repetition;
use diag::{Code, Diagnostic, Diagnostics};
use hcl::Expr;
use lang::Scope;
use value::{Mark, Plain, Type, Value, convert};

use crate::code;

/// What `count.index` or `each.key` and `each.value` are in one instance.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Each {
    /// Neither.
    None,
    /// `count.index`.
    Count(Value),
    /// `each.key` and `each.value`.
    ForEach(Value, Value),
}

/// The instances that a block asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expansion {
    /// Neither `count` nor `for_each`.
    Single,
    /// `count`.
    Count(usize),
    /// `for_each`.
    Map(BTreeMap<Arc<str>, Value>),
    /// Not known yet.
    Unknown,
}

impl Expansion {
    /// The keys in order, with what the expressions of each instance see.
    pub(crate) fn instances(&self) -> Vec<(Key, Each)> {
        match self {
            Expansion::Single => vec![(Key::None, Each::None)],
            Expansion::Count(n) => (0..*n)
                .map(|it| (Key::Int(it as u64), Each::Count(Value::from(it))))
                .collect(),
            Expansion::Map(entries) => entries
                .iter()
                .map(|(key, value)| {
                    let each = Each::ForEach(Value::from(&**key), value.clone());
                    (Key::Str(key.clone()), each)
                })
                .collect(),
            Expansion::Unknown => Vec::new(),
        }
    }
}

/// What instances of a block see whose number is not known, or that are only validated.
pub(crate) fn unknown_each(repetition: &Repetition) -> Each {
    match repetition {
        Repetition::None => Each::None,
        Repetition::Count(_) => Each::Count(Value::unknown(Type::Number)),
        Repetition::ForEach(_) => Each::ForEach(Value::unknown(Type::String), Value::dynamic()),
    }
}

/// Evaluates `count` or `for_each`. `None` where that is not possible; reported.
/// Without `unknown_allowed` a number that is not known yet is reported too.
pub(crate) fn expand(
    repetition: &Repetition,
    scope: &dyn Scope,
    unknown_allowed: bool,
    diags: &mut Diagnostics,
) -> Option<Expansion> {
    match repetition {
        Repetition::None => Some(Expansion::Single),
        Repetition::Count(expr) => count(expr, scope, unknown_allowed, diags),
        Repetition::ForEach(expr) => for_each(expr, scope, unknown_allowed, diags),
    }
}

struct Report<'a> {
    expr: &'a Expr,
    scope: &'a dyn Scope,
}

impl Report<'_> {
    fn error(
        &self,
        code: &'static Code,
        detail: &str,
        about: (bool, bool),
        diags: &mut Diagnostics,
    ) {
        diags.push(
            Diagnostic::error(code, detail)
                .at(self.expr.span)
                .facts(lang::eval::facts_of(self.expr, self.scope, about.0, about.1)),
        );
    }
}

fn count(
    expr: &Expr,
    scope: &dyn Scope,
    unknown_allowed: bool,
    diags: &mut Diagnostics,
) -> Option<Expansion> {
    let n_errors = diags.n_errors();
    let value = lang::eval(expr, scope, diags);
    if diags.n_errors() > n_errors {
        return None;
    }
    let report = Report { expr, scope };
    let code = &code::INVALID_COUNT;
    if value.has_mark(Mark::Ephemeral) {
        report.error(code, "The number of instances is stored, so it cannot come from an ephemeral value. Use a value that is not ephemeral.", (false, false), diags);
        return None;
    }
    if value.is_null() {
        report.error(code, "The number of instances is null. Give a whole number, 0 for none.", (false, false), diags);
        return None;
    }
    let Ok(number) = convert(&value, &Type::Number) else {
        report.error(
            code,
            &format!(
                "The number of instances must be a whole number, and this is {}.",
                value::show::friendly_type(&value.ty())
            ),
            (false, false),
            diags,
        );
        return None;
    };
    if !number.is_known() {
        if unknown_allowed {
            return Some(Expansion::Unknown);
        }
        report.error(code, "The number of instances depends on something that is known only after an apply, so the plan cannot say how many there will be. Compute it from values that are known now, or first apply only what it depends on with -target.", (true, false), diags);
        return None;
    }
    match number.as_number().and_then(value::Number::to_i64) {
        Some(it) if it >= 0 => Some(Expansion::Count(usize::try_from(it).unwrap_or(0))),
        Some(_) => {
            report.error(code, "The number of instances is negative. The least is 0.", (false, false), diags);
            None
        }
        None => {
            report.error(code, "The number of instances must be a whole number.", (false, false), diags);
            None
        }
    }
}

fn for_each(
    expr: &Expr,
    scope: &dyn Scope,
    unknown_allowed: bool,
    diags: &mut Diagnostics,
) -> Option<Expansion> {
    let n_errors = diags.n_errors();
    let value = lang::eval(expr, scope, diags);
    if diags.n_errors() > n_errors {
        return None;
    }
    let report = Report { expr, scope };
    let code = &code::INVALID_FOR_EACH;
    if value.has_mark(Mark::Sensitive) {
        report.error(code, "The keys become parts of addresses, which are shown, so they cannot come from a sensitive value. Use nonsensitive() if the keys may be shown, or keys that are not sensitive with the sensitive values looked up inside.", (false, true), diags);
        return None;
    }
    if value.has_mark(Mark::Ephemeral) {
        report.error(code, "The keys are stored, so they cannot come from an ephemeral value. Use keys that are not ephemeral.", (false, false), diags);
        return None;
    }
    let ty = value.ty();
    if value.is_null() {
        report.error(code, "The value is null. Give a map, or a set of strings; an empty one for no instances.", (false, false), diags);
        return None;
    }
    let fits = match &ty {
        Type::Dynamic => !value.is_known(),
        Type::Map(_) | Type::Object(_) | Type::Set(_) => true,
        Type::Bool | Type::Number | Type::String | Type::List(_) | Type::Tuple(_) => false,
    };
    if !fits {
        let toset = match &ty {
            Type::List(_) | Type::Tuple(_) => " Instances of a list would change their keys when one is added in front; toset(…) makes a set of it.",
            _ => "",
        };
        report.error(
            code,
            &format!(
                "for_each takes a map, or a set of strings, and this is {}.{toset}",
                value::show::friendly_type(&ty)
            ),
            (false, false),
            diags,
        );
        return None;
    }
    if !value.is_known() {
        if unknown_allowed {
            return Some(Expansion::Unknown);
        }
        report.error(code, "The keys depend on something that is known only after an apply, so the plan cannot say which instances there will be. Use a map with constant keys whose values may be unknown, or first apply only what it depends on with -target.", (true, false), diags);
        return None;
    }
    match value.peek().0 {
        Plain::Map(_, entries) | Plain::Object(entries) => {
            Some(Expansion::Map((**entries).clone()))
        }
        Plain::Set(element, values) => {
            if !matches!(**element, Type::String | Type::Dynamic) {
                report.error(
                    &code::INVALID_FOR_EACH_SET,
                    &format!(
                        "A set for for_each holds strings, because its elements are the keys, and this is a set of {}.",
                        value::show::friendly_type(element)
                    ),
                    (false, false),
                    diags,
                );
                return None;
            }
            let mut res = BTreeMap::new();
            for it in values.iter() {
                if !it.is_known() {
                    if unknown_allowed {
                        return Some(Expansion::Unknown);
                    }
                    report.error(code, "The set holds an element that is known only after an apply, and elements are keys. Use a map with constant keys whose values may be unknown, or first apply only what it depends on with -target.", (true, false), diags);
                    return None;
                }
                let Some(text) = it.as_str() else {
                    report.error(&code::INVALID_FOR_EACH_SET, "The set holds null, and elements are keys.", (false, false), diags);
                    return None;
                };
                res.insert(Arc::from(text), it.clone());
            }
            Some(Expansion::Map(res))
        }
        _ => None,
    }
}
