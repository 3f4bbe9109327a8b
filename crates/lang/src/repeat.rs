//! `count` and `for_each`: how many instances, and under which keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use diag::{Code, Diagnostic, Diagnostics};
use hcl::Expr;
use value::{Mark, Number, Plain, Type, Value};

use crate::Scope;
use crate::eval::{eval, eval_as, facts_of};

/// The instances of a resource or module.
#[derive(Debug, Clone, PartialEq)]
pub enum Repeat {
    /// `count`: so many, with the keys 0, 1, ….
    Count(u64),
    /// `for_each`: one for each key, with the value of `each.value`.
    Each(BTreeMap<Arc<str>, Value>),
    /// Not known yet. The message says so, for those who cannot go on without it.
    Unknown(Box<Diagnostic>),
}

impl Repeat {
    /// The keys of the instances; `None` where they are not known.
    pub fn keys(&self) -> Option<Vec<addr::Key>> {
        match self {
            Repeat::Count(n) => Some((0..*n).map(addr::Key::Int).collect()),
            Repeat::Each(values) => Some(values.keys().cloned().map(addr::Key::Str).collect()),
            Repeat::Unknown(_) => None,
        }
    }
}

/// What a `count` says; `None` where it is wrong (reported).
pub fn count(expr: &Expr, scope: &dyn Scope, diags: &mut Diagnostics) -> Option<Repeat> {
    let n_errors = diags.n_errors();
    let value = eval_as(expr, &Type::Number, scope, diags);
    if diags.n_errors() > n_errors {
        return None;
    }
    let error = |detail: &str| Diagnostic::error(&code::COUNT, detail).at(expr.span);
    let mut fail = |detail: &str| {
        diags.push(error(detail));
        None
    };
    if value.has_mark(Mark::Ephemeral) {
        return fail(
            "The value is ephemeral: it may differ from run to run, so that it cannot decide how many instances there are.",
        );
    }
    if value.is_null() {
        return fail("The value of count is null; it must be a whole number, 0 or more.");
    }
    let Some(number) = value.as_number() else {
        let diag = error(
            "How many instances there are must be known while planning, and this value is known only after apply. Apply first what it depends on (with -target), or use a value that the configuration itself gives.",
        );
        return Some(Repeat::Unknown(Box::new(diag)));
    };
    if !number.is_whole() {
        return fail("The value of count has a fraction; it must be a whole number, 0 or more.");
    }
    if number.to_f64() < 0.0 {
        return fail("The value of count is negative; it must be 0 or more.");
    }
    match Number::to_i64(number).and_then(|it| u64::try_from(it).ok()) {
        Some(n) => Some(Repeat::Count(n)),
        None => fail("The value of count is larger than any number of instances can be."),
    }
}

/// What a `for_each` says; `None` where it is wrong (reported).
pub fn for_each(expr: &Expr, scope: &dyn Scope, diags: &mut Diagnostics) -> Option<Repeat> {
    let n_errors = diags.n_errors();
    let value = eval(expr, scope, diags);
    if diags.n_errors() > n_errors {
        return None;
    }
    for_each_of(&value, expr, scope, diags)
}

/// The same for a value that is evaluated already.
pub fn for_each_of(
    value: &Value,
    expr: &Expr,
    scope: &dyn Scope,
    diags: &mut Diagnostics,
) -> Option<Repeat> {
    let error = |code, detail: &str| Diagnostic::error(code, detail).at(expr.span);
    let facts = |unknown, sensitive| facts_of(expr, scope, unknown, sensitive);
    let unknown = || {
        let diag = error(
            &code::FOR_EACH,
            "Under which keys there are instances must be known while planning, and these keys are known only after apply. Use a map whose keys the configuration itself gives, with the values that are not known yet as its values; or apply first what the keys depend on (with -target).",
        )
        .facts(facts(true, false));
        Some(Repeat::Unknown(Box::new(diag)))
    };
    if value.has_mark(Mark::Sensitive) {
        diags.push(
            error(
                &code::FOR_EACH,
                "The value is sensitive, and its keys would be shown as part of addresses. Where the keys alone are no secret, take them out with nonsensitive(keys(…)).",
            )
            .facts(facts(false, true)),
        );
        return None;
    }
    if value.has_mark(Mark::Ephemeral) {
        diags.push(
            error(
                &code::FOR_EACH,
                "The value is ephemeral: it may differ from run to run, so that it cannot decide which instances there are.",
            )
            .facts(facts(false, true)),
        );
        return None;
    }
    let mut fail = |code, detail: &str| {
        diags.push(error(code, detail).facts(facts(false, false)));
        None
    };
    if value.is_null() {
        return fail(
            &code::FOR_EACH,
            "The value of for_each is null; it must be a map, an object, or a set of strings. For no instances, use an empty one.",
        );
    }
    let ty = value.ty();
    let fits = matches!(
        ty,
        Type::Dynamic | Type::Map(_) | Type::Set(_) | Type::Object(_)
    );
    if !fits {
        let hint = match ty {
            Type::Tuple(_) | Type::List(_) => " toset(…) makes a set of a list of strings.",
            _ => "",
        };
        return fail(
            &code::FOR_EACH,
            &format!(
                "The value of for_each must be a map, an object, or a set of strings; this is a {}.{hint}",
                value::show::friendly_type(&ty)
            ),
        );
    }
    match value.peek().0 {
        Plain::Map(_, values) | Plain::Object(values) => Some(Repeat::Each((**values).clone())),
        Plain::Set(_, values) if values.is_empty() => Some(Repeat::Each(BTreeMap::new())),
        Plain::Set(element, values) => {
            if !value.is_wholly_known() {
                return unknown();
            }
            if **element != Type::String {
                return fail(
                    &code::FOR_EACH_SET,
                    &format!(
                        "The elements of the set become keys, so that they must be strings; these are of the type {}.",
                        value::show::friendly_type(element)
                    ),
                );
            }
            let mut res = BTreeMap::new();
            for it in values.iter() {
                match it.as_str() {
                    Some(key) => {
                        res.insert(Arc::from(key), it.clone());
                    }
                    None => {
                        return fail(
                            &code::FOR_EACH_SET,
                            "The elements of the set become keys, so that none may be null.",
                        );
                    }
                }
            }
            Some(Repeat::Each(res))
        }
        _ => unknown(),
    }
}

/// The codes of repetition.
pub mod code {
    use super::Code;

    /// See [`Code`].
    pub const COUNT: Code = Code::new(
        "invalid-count",
        "Invalid count argument",
        "The value of `count` is not a whole number, 0 or more, that is known while planning.",
    );

    /// See [`Code`].
    pub const FOR_EACH: Code = Code::new(
        "invalid-for-each",
        "Invalid for_each argument",
        "The value of `for_each` is not a map, an object, or a set of strings whose keys are known while planning.",
    );

    /// See [`Code`].
    pub const FOR_EACH_SET: Code = Code::new(
        "invalid-for-each-set",
        "Invalid for_each set argument",
        "A set in `for_each` has elements that cannot be keys.",
    );

    /// See [`Code`].
    pub const CODES: &[&Code] = &[&COUNT, &FOR_EACH, &FOR_EACH_SET];
}
