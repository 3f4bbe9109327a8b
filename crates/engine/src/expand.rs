//! `count` and `for_each` to keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use addr::Key;
use config::Repetition;
use diag::Diagnostics;
use lang::Scope;
use lang::repeat::{self, Repeat};
use value::{Type, Value};

/// What `count.index` or `each.key` and `each.value` are in one instance.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::enum_variant_names,
    reason = "for_each is the word of the language"
)]
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
    let repeat = match repetition {
        Repetition::None => return Some(Expansion::Single),
        Repetition::Count(expr) => repeat::count(expr, scope, diags)?,
        Repetition::ForEach(expr) => repeat::for_each(expr, scope, diags)?,
    };
    match repeat {
        Repeat::Count(n) => Some(Expansion::Count(usize::try_from(n).unwrap_or(usize::MAX))),
        Repeat::Each(entries) => Some(Expansion::Map(entries)),
        Repeat::Unknown(_) if unknown_allowed => Some(Expansion::Unknown),
        Repeat::Unknown(diagnostic) => {
            diags.push(*diagnostic);
            None
        }
    }
}
