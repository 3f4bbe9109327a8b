//! The values that messages mention.

use diag::Fact;
use hcl::{Expr, Step, StepKind, Traversal};
use value::{Mark, Plain, Type, Value, show};

use super::{Evaluator, Names};
use crate::refs;

/// What a message is about; other values of these kinds are not worth a mention.
#[derive(Clone, Copy)]
pub(crate) struct About {
    pub(crate) unknown: bool,
    pub(crate) sensitive: bool,
}

impl About {
    /// About neither.
    pub(crate) const PLAIN: About = About {
        unknown: false,
        sensitive: false,
    };
}

impl Evaluator<'_> {
    /// One fact for each traversal of an expression, sorted, without repetitions.
    ///
    /// Of a traversal that fails, the longest part that has a value is named. Single names are never named: they are
    /// bound by a `for` that stands nearby.
    pub(crate) fn facts(&self, expr: &Expr, names: &Names<'_>, about: About) -> Vec<Fact> {
        let mut found: Vec<Traversal> = Vec::new();
        refs::traversals(expr, &mut |it| found.push(it.clone()));
        let mut res: Vec<Fact> = Vec::new();
        for mut traversal in found {
            while !traversal.steps.is_empty() {
                let Some(value) = self.quietly(&traversal, names) else {
                    traversal.steps.pop();
                    continue;
                };
                let text = text(&traversal);
                if !res.iter().any(|it| it.traversal == text)
                    && let Some(statement) = statement(&value, about)
                {
                    res.push(Fact {
                        traversal: text,
                        statement,
                    });
                }
                break;
            }
        }
        res.sort();
        res
    }
}

/// A traversal as messages write it.
fn text(traversal: &Traversal) -> String {
    let mut res = traversal.root.name.to_string();
    for Step { kind, .. } in &traversal.steps {
        match kind {
            StepKind::Attr(name) => {
                res.push('.');
                res.push_str(name);
            }
            StepKind::Index(number) => res.push_str(&format!("[{number}]")),
            StepKind::Key(key) => {
                res.push_str(&format!("[{}]", show::brief(&Value::from(key.as_str()))));
            }
        }
    }
    res
}

/// What a value is, in a few words that hold no secret; `None` where it is not worth a mention.
fn statement(value: &Value, about: About) -> Option<String> {
    if value.has_mark(Mark::Sensitive) {
        return about.sensitive.then(|| "has a sensitive value".to_owned());
    }
    if value.has_mark(Mark::Ephemeral) {
        return about.sensitive.then(|| "has an ephemeral value".to_owned());
    }
    let Plain::Unknown(unknown) = value.peek().0 else {
        return Some(format!("is {}", brief(value)));
    };
    if unknown.ty == Type::Dynamic {
        return about
            .unknown
            .then(|| "will be known only after apply".to_owned());
    }
    let ty = show::friendly_type(&unknown.ty);
    if !about.unknown {
        return Some(format!("is a {ty}"));
    }
    let length = match (unknown.min_len.unwrap_or(0), unknown.max_len) {
        _ if !unknown.ty.is_collection() => String::new(),
        (min, Some(max)) if min == max => format!(" of length {min}"),
        (min, Some(max)) if min != 0 && max <= 1024 => {
            format!(" with between {min} and {max} elements")
        }
        (min, _) if min != 0 => format!(" with at least {min} elements"),
        (_, Some(max)) if max <= 1024 => format!(" with up to {max} elements"),
        (_, _) => String::new(),
    };
    Some(format!("is a {ty}{length}, known only after apply"))
}

/// A known value in a few words; of collections only the size.
fn brief(value: &Value) -> String {
    let elements = |n: usize| match n {
        0 => format!("empty {}", show::friendly_type(&value.ty())),
        1 => format!("{} with 1 element", show::friendly_type(&value.ty())),
        n => format!("{} with {n} elements", show::friendly_type(&value.ty())),
    };
    match value.peek().0 {
        Plain::List(_, values) | Plain::Set(_, values) | Plain::Tuple(values) => {
            elements(values.len())
        }
        Plain::Map(_, values) => elements(values.len()),
        Plain::Object(values) => match values.len() {
            0 => "object with no attributes".to_owned(),
            1 => values
                .keys()
                .next()
                .map_or_else(String::new, |it| format!("object with 1 attribute {it:?}")),
            n => format!("object with {n} attributes"),
        },
        Plain::Null(_) => "null".to_owned(),
        Plain::Unknown(_) | Plain::Bool(_) | Plain::Number(_) | Plain::String(_) => {
            show::brief(value)
        }
    }
}
