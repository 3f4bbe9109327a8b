//! `format` and `formatlist`; the verbs themselves are in [`super::verbs`].

use value::function::{Call, CallError, Function, any, text};
use value::{Plain, Type, Unknown, Value};

use super::unknown_after;
use super::verbs::{Format, FormatError, literal_prefix};

pub(super) fn rows() -> Vec<Function> {
    vec![
        Function::new(
            "format",
            "Puts values into a text at the places of verbs such as `%s`.",
        )
        .takes([text("format")])
        .takes_more(any("args").or_null().or_unknown())
        .gives(Type::String)
        .not_null()
        .body(|call| {
            let format = call.text(0);
            let values = call.args.get(1..).unwrap_or(&[]);
            if !values.iter().all(Value::is_wholly_known) {
                return Ok(unknown_after(literal_prefix(format)));
            }
            let res = Format::parse(format).and_then(|it| it.apply(values));
            res.map(Value::from).map_err(blame)
        })
        .example(r#"format("Hello, %s!", "Ander")"#, r#""Hello, Ander!""#)
        .example(r#"format("%05.1f", 3.14159)"#, r#""003.1""#),
        Function::new(
            "formatlist",
            "Puts the values of lists into a text, one result for each position in the lists.",
        )
        .takes([text("format")])
        .takes_more(any("args").or_null().or_unknown())
        .gives(Type::list(Type::String))
        .not_null()
        .body(formatlist)
        .example(
            r#"formatlist("%s=%d", ["a", "b"], [1, 2])"#,
            "tolist([\n  \"a=1\",\n  \"b=2\",\n])",
        ),
    ]
}

fn blame(error: FormatError) -> CallError {
    match error.value {
        Some(at) => CallError::at(at + 1, error.reason),
        None => CallError::new(error.reason),
    }
}

/// A value of `formatlist`: one for all rows, or one for each.
enum Column {
    Same(Value),
    Each(Vec<Value>),
}

fn formatlist(call: &Call<'_>) -> Result<Value, CallError> {
    let mut columns = Vec::with_capacity(call.count());
    let mut length: Option<(usize, usize)> = None;
    let mut unknown = false;
    for (at, arg) in call.args.iter().enumerate().skip(1) {
        let fixed = match (arg.peek().0, arg.ty()) {
            (Plain::Null(_), _) => {
                columns.push(Column::Same(arg.clone()));
                continue;
            }
            (Plain::Unknown(_), Type::Tuple(types)) => Some(types.len()),
            (Plain::Unknown(_), Type::List(_) | Type::Set(_)) => {
                unknown = true;
                continue;
            }
            // Of several elements that are not known, some may turn out to be the same.
            (Plain::Set(_, it), _) if it.len() > 1 && !arg.is_wholly_known() => {
                unknown = true;
                continue;
            }
            (Plain::List(_, it) | Plain::Set(_, it) | Plain::Tuple(it), _) => Some(it.len()),
            (Plain::Unknown(_), Type::Dynamic) => {
                unknown = true;
                continue;
            }
            _ => None,
        };
        let Some(n) = fixed else {
            columns.push(Column::Same(arg.clone()));
            continue;
        };
        match length {
            Some((first, of)) if of != n => {
                return Err(CallError::at(
                    at,
                    format!(
                        "it has {n} elements, and argument {first} has {of}; all lists must have the same length"
                    ),
                ));
            }
            _ => length = Some((at, n)),
        }
        match arg.elements() {
            Some(it) => columns.push(Column::Each(it.to_vec())),
            None => columns.push(Column::Each(vec![Value::dynamic(); n])),
        }
    }
    if unknown {
        return Ok(call.unknown());
    }
    let n = length.map_or(1, |it| it.1);
    let mut res = Vec::with_capacity(n);
    // A format that is wrong is of no matter where nothing is formatted with it.
    let mut parsed: Option<Format> = None;
    for row in 0..n {
        let values: Vec<Value> = columns
            .iter()
            .filter_map(|it| match it {
                Column::Same(it) => Some(it.clone()),
                Column::Each(it) => it.get(row).cloned(),
            })
            .collect();
        if !values.iter().all(Value::is_wholly_known) {
            let prefix = literal_prefix(call.text(0));
            res.push(if prefix.is_empty() {
                Unknown::of(Type::String).not_null().settle()
            } else {
                unknown_after(prefix)
            });
            continue;
        }
        let format = match &mut parsed {
            Some(it) => it,
            none => none.insert(Format::parse(call.text(0)).map_err(blame)?),
        };
        let text = format
            .apply(&values)
            .map_err(|it| CallError::new(format!("in row {row}: {}", it.reason)))?;
        res.push(Value::from(text));
    }
    Ok(Value::list(Type::String, res))
}
