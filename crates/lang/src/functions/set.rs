//! Functions of sets, and products.

use std::collections::BTreeSet;

use value::function::{Call, CallError, Function, any, set_of};
use value::{Marks, Plain, Type, Value, convert, ops, unify};

use super::collection::Key;

/// How many values a product may consist of.
const MAX_PRODUCT: usize = 5_000_000;

pub(super) fn rows() -> Vec<Function> {
    vec![
        Function::new(
            "setunion",
            "Gives the elements that are in any of the sets.",
        )
        .takes([set_of("first_set", Type::Dynamic).or_dynamic()])
        .takes_more(set_of("other_sets", Type::Dynamic).or_dynamic())
        .gives_by(common)
        .not_null()
        .body(|call| {
            let sets = converted(call)?;
            let values = sets.iter().filter_map(Value::elements).flatten().cloned();
            Ok(ops::set_of(element(call), values.collect()))
        })
        .example(
            r#"setunion(["a", "b"], ["b", "c"])"#,
            "toset([\n  \"a\",\n  \"b\",\n  \"c\",\n])",
        ),
        Function::new(
            "setintersection",
            "Gives the elements that are in all of the sets.",
        )
        .takes([set_of("first_set", Type::Dynamic).or_dynamic()])
        .takes_more(set_of("other_sets", Type::Dynamic).or_dynamic())
        .gives_by(common)
        .not_null()
        .body(|call| chosen(call, true))
        .example(
            r#"setintersection(["a", "b"], ["b", "c"])"#,
            "toset([\n  \"b\",\n])",
        ),
        Function::new(
            "setsubtract",
            "Gives the elements of one set that are not in another.",
        )
        .takes([
            set_of("a", Type::Dynamic).or_dynamic(),
            set_of("b", Type::Dynamic).or_dynamic(),
        ])
        .gives_by(common)
        .not_null()
        .body(|call| chosen(call, false))
        .example(r#"setsubtract(["a", "b"], ["b"])"#, "toset([\n  \"a\",\n])"),
        Function::new(
            "setproduct",
            "Gives all combinations of one element of each of several sets or lists.",
        )
        .takes([])
        .takes_more(any("sets").or_unknown().with_marks())
        .gives_by(product_type)
        .not_null()
        .body(product)
        .example(
            r#"setproduct(["a", "b"], ["x"])"#,
            "tolist([\n  [\n    \"a\",\n    \"x\",\n  ],\n  [\n    \"b\",\n    \"x\",\n  ],\n])",
        ),
    ]
}

/// The set type to which all arguments convert. Empty sets of no type have no say.
fn common(args: &[Value]) -> Result<Type, CallError> {
    let types: Vec<Type> = args
        .iter()
        .filter_map(|it| {
            let ty = it.ty().element().cloned().unwrap_or(Type::Dynamic);
            let empty = it.elements().is_some_and(<[Value]>::is_empty);
            (!(empty && ty == Type::Dynamic)).then_some(ty)
        })
        .collect();
    if types.is_empty() {
        return Ok(Type::set(Type::Dynamic));
    }
    unify(&types)
        .map(Type::set)
        .ok_or_else(|| CallError::new("the elements of the sets have no common type"))
}

fn element(call: &Call<'_>) -> Type {
    call.returns.element().cloned().unwrap_or(Type::Dynamic)
}

fn converted(call: &Call<'_>) -> Result<Vec<Value>, CallError> {
    let convert_one = |(at, it): (usize, &Value)| {
        convert(it, call.returns).map_err(|it| CallError {
            argument: Some(at),
            path: it.path,
            reason: it.reason,
        })
    };
    call.args.iter().enumerate().map(convert_one).collect()
}

/// The elements of the first set that are in all others, or in none.
fn chosen(call: &Call<'_>, inside: bool) -> Result<Value, CallError> {
    let sets = converted(call)?;
    if !sets.iter().all(Value::is_wholly_known) {
        return Ok(call.unknown());
    }
    let Some((first, others)) = sets.split_first() else {
        return Ok(call.unknown());
    };
    let others: Vec<BTreeSet<Key>> = others
        .iter()
        .map(|it| it.elements().unwrap_or(&[]).iter().map(Key::of).collect())
        .collect();
    let values = first.elements().unwrap_or(&[]).iter().filter(|it| {
        let key = Key::of(it);
        others.iter().all(|it| it.contains(&key) == inside)
    });
    Ok(ops::set_of(element(call), values.cloned().collect()))
}

fn product_type(args: &[Value]) -> Result<Type, CallError> {
    if args.len() < 2 {
        return Err(CallError::new("at least two sets or lists are needed"));
    }
    let mut all_lists = true;
    let mut elements = Vec::with_capacity(args.len());
    for (at, arg) in args.iter().enumerate() {
        elements.push(match arg.ty() {
            Type::Dynamic => return Ok(Type::Dynamic),
            Type::Set(it) => {
                all_lists = false;
                Type::clone(&it)
            }
            Type::List(it) => Type::clone(&it),
            Type::Tuple(types) if types.is_empty() => Type::Dynamic,
            Type::Tuple(types) => unify(&types)
                .ok_or_else(|| CallError::at(at, "the elements have no common type"))?,
            Type::Bool | Type::Number | Type::String | Type::Map(_) | Type::Object(_) => {
                return Err(CallError::at(at, "a set or a list is required"));
            }
        });
    }
    let element = Type::tuple(elements);
    Ok(if all_lists {
        Type::list(element)
    } else {
        Type::set(element)
    })
}

fn product(call: &Call<'_>) -> Result<Value, CallError> {
    let marks = call
        .args
        .iter()
        .fold(Marks::NONE, |it, arg| it.union(arg.marks()));
    let Some(Type::Tuple(types)) = call.returns.element() else {
        return Ok(call.unknown().mark(marks));
    };
    let mut sources = Vec::with_capacity(call.count());
    let mut total = 1_usize;
    for arg in call.args {
        match arg.elements() {
            None => return Ok(call.unknown().mark(marks)),
            // Several elements that are not known may turn out to be the same.
            Some(it)
                if it.len() > 1
                    && matches!(arg.peek().0, Plain::Set(..))
                    && !arg.is_wholly_known() =>
            {
                return Ok(call.unknown().mark(marks));
            }
            Some(it) => {
                total = total.saturating_mul(it.len());
                sources.push(it);
            }
        }
    }
    if total.saturating_mul(sources.len()) > MAX_PRODUCT {
        return Err(CallError::new(format!(
            "there are {total} combinations, which is too many"
        )));
    }
    let mut columns = Vec::with_capacity(sources.len());
    for (at, (values, ty)) in sources.iter().zip(types.iter()).enumerate() {
        let values: Result<Vec<Value>, _> = values.iter().map(|it| convert(it, ty)).collect();
        columns.push(values.map_err(|it| CallError::at(at, it.reason))?);
    }
    let mut res = Vec::with_capacity(total);
    for n in 0..total {
        let mut rest = n;
        let mut row: Vec<Value> = columns
            .iter()
            .rev()
            .filter_map(|column| {
                let it = column.get(rest % column.len().max(1)).cloned();
                rest /= column.len().max(1);
                it
            })
            .collect();
        row.reverse();
        res.push(Value::tuple(row));
    }
    let element = element(call);
    let res = if matches!(call.returns, Type::List(_)) {
        Value::list(element, res)
    } else {
        ops::set_of(element, res)
    };
    Ok(res.mark(marks))
}
