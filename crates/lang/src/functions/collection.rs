//! Functions of lists, maps, tuples and objects.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use value::function::{Call, CallError, Function, any, list_of, map_of, number, text};
use value::{Marks, Plain, Type, Unknown, Value, convert, ops, unify};

use super::{strings, unmarked, whole_of};

pub(super) fn rows() -> Vec<Function> {
    vec![
        Function::new("alltrue", "Whether all elements of a list are true.")
            .takes([list_of("list", Type::Bool)])
            .gives(Type::Bool)
            .not_null()
            .body(|call| Ok(all_or_any(call, true)))
            .example("alltrue([true, false])", "false"),
        Function::new("anytrue", "Whether at least one element of a list is true.")
            .takes([list_of("list", Type::Bool)])
            .gives(Type::Bool)
            .not_null()
            .body(|call| Ok(all_or_any(call, false)))
            .example("anytrue([true, false])", "true"),
        Function::new(
            "chunklist",
            "Divides a list into lists of a size; the last may be shorter.",
        )
        .takes([list_of("list", Type::Dynamic).with_marks(), number("size")])
        .gives_by(|args| Ok(Type::list(ty(args, 0))))
        .not_null()
        .body(|call| {
            let size = whole_of(&call.arg(1), "the size").map_err(CallError::new)?;
            let size = usize::try_from(size)
                .map_err(|_| CallError::new("the size must not be negative"))?;
            let values = call.elements(0);
            let element = call.arg(0).ty();
            let inner = element.element().cloned().unwrap_or(Type::Dynamic);
            // 0 means: all in one.
            let size = if size == 0 { values.len().max(1) } else { size };
            let chunks = values.chunks(size).map(|it| Value::list(inner.clone(), it.to_vec()));
            Ok(Value::list(element, chunks.collect()).mark(call.arg(0).marks()))
        })
        .example(
            r#"chunklist(["a", "b", "c"], 2)"#,
            "tolist([\n  tolist([\n    \"a\",\n    \"b\",\n  ]),\n  tolist([\n    \"c\",\n  ]),\n])",
        ),
        Function::new(
            "coalesce",
            "Gives the first of the values that is neither null nor an empty string.",
        )
        .takes([])
        .takes_more(any("vals").or_null().or_unknown().or_dynamic())
        .gives_by(|args| {
            if args.is_empty() {
                return Err(CallError::new("at least one value is needed"));
            }
            let types: Vec<Type> = args.iter().map(Value::ty).collect();
            unify(&types)
                .ok_or_else(|| CallError::new("the values have no common type"))
        })
        .not_null()
        .body(|call| {
            for it in call.args {
                let it = convert(it, call.returns)?;
                if !it.is_known() {
                    return Ok(call.unknown());
                }
                if !it.is_null() && it.as_str() != Some("") {
                    return Ok(it);
                }
            }
            Err(CallError::new("all values are null or empty strings"))
        })
        .example(r#"coalesce("", "b")"#, r#""b""#),
        Function::new(
            "coalescelist",
            "Gives the first of the lists that has elements.",
        )
        .takes([])
        .takes_more(any("vals").or_null().or_unknown().or_dynamic())
        .gives_by(|args| {
            let mut common: Option<Type> = None;
            let mut mixed = false;
            for arg in args {
                if !arg.is_known() {
                    return Ok(Type::Dynamic);
                }
                let ty = arg.ty();
                if !matches!(ty, Type::List(_) | Type::Tuple(_)) {
                    return Err(CallError::new("all values must be lists or tuples"));
                }
                mixed |= common.as_ref().is_some_and(|it| *it != ty);
                common = Some(ty);
            }
            match common {
                None => Err(CallError::new("at least one list is needed")),
                Some(_) if mixed => Ok(Type::Dynamic),
                Some(ty) => Ok(ty),
            }
        })
        .not_null()
        .body(|call| {
            for it in call.args {
                if !it.is_known() {
                    return Ok(call.unknown());
                }
                if it.elements().is_some_and(|it| !it.is_empty()) {
                    return Ok(it.clone());
                }
            }
            Err(CallError::new("all lists are null or empty"))
        })
        .example(r#"coalescelist([], ["c"])"#, "[\n  \"c\",\n]"),
        Function::new("compact", "Leaves out the empty and null strings of a list.")
            .takes([list_of("list", Type::String)])
            .gives(Type::list(Type::String))
            .not_null()
            .body(|call| {
                if !call.wholly_known() {
                    return Ok(call.unknown());
                }
                let texts = call.elements(0).iter().filter_map(Value::as_str);
                Ok(strings(texts.filter(|it| !it.is_empty())))
            })
            .example(
                r#"compact(["a", "", null, "b"])"#,
                "tolist([\n  \"a\",\n  \"b\",\n])",
            ),
        Function::new("concat", "Puts several lists or tuples one after the other.")
            .takes([])
            .takes_more(any("seqs").with_marks())
            .gives_by(concat_type)
            .not_null()
            .body(concat)
            .example(r#"concat(["a"], ["b", "c"])"#, "[\n  \"a\",\n  \"b\",\n  \"c\",\n]"),
        Function::new("contains", "Whether a list, set or tuple has a value as an element.")
            .takes([any("list"), any("value")])
            .gives(Type::Bool)
            .not_null()
            .body(|call| {
                let list = call.arg(0);
                let Some(values) = list.elements() else {
                    return Err(CallError::new("only a list, set or tuple can be searched"));
                };
                let wanted = call.arg(1);
                let mut unsure = false;
                for it in values {
                    match ops::equal(&wanted, it).as_bool() {
                        Some(true) => return Ok(true.into()),
                        Some(false) => {}
                        None => unsure = true,
                    }
                }
                Ok(if unsure { call.unknown() } else { false.into() })
            })
            .example(r#"contains(["a", "b"], "a")"#, "true"),
        Function::new("distinct", "Leaves out the repetitions in a list.")
            .takes([list_of("list", Type::Dynamic)])
            .gives_by(|args| Ok(ty(args, 0)))
            .not_null()
            .body(|call| {
                if !call.wholly_known() {
                    return Ok(call.unknown());
                }
                let mut seen = BTreeSet::new();
                let values = call.elements(0).iter().filter(|it| seen.insert(Key::of(it)));
                let element = call.returns.element().cloned().unwrap_or(Type::Dynamic);
                Ok(Value::list(element, values.cloned().collect()))
            })
            .example(
                r#"distinct(["a", "b", "a"])"#,
                "tolist([\n  \"a\",\n  \"b\",\n])",
            ),
        Function::new(
            "element",
            "Gives the element of a list at a position, counted from the start again after the end.",
        )
        .takes([any("list").with_marks(), number("index")])
        .gives_by(|args| {
            let list = ty(args, 0);
            let position = args.get(1).filter(|it| it.is_known());
            match list {
                Type::List(it) => Ok(Type::clone(&it)),
                Type::Tuple(types) => match position {
                    None => Ok(Type::Dynamic),
                    Some(position) => {
                        let at = around(position, types.len(), false)?;
                        Ok(types.get(at).cloned().unwrap_or(Type::Dynamic))
                    }
                },
                _ => Err(CallError::new("only a list or tuple has elements at positions")),
            }
        })
        .body(|call| {
            let list = call.arg(0);
            let values = list.elements().unwrap_or(&[]);
            let is_list = matches!(list.peek().0, Plain::List(..));
            let at = around(&call.arg(1), values.len(), is_list)?;
            match values.get(at) {
                Some(it) => Ok(it.clone().mark(list.marks())),
                None => Ok(call.unknown()),
            }
        })
        .example(r#"element(["a", "b", "c"], 4)"#, r#""b""#),
        Function::new(
            "flatten",
            "Replaces lists, sets and tuples inside a list by their elements, at all depths.",
        )
        .takes([any("list").with_marks()])
        .gives_by(|args| match args.first() {
            Some(it) if it.is_known() => {
                if it.elements().is_none() {
                    return Err(CallError::new("only a list, set or tuple can be flattened"));
                }
                let mut flat = Flat::default();
                flat.add(it);
                if flat.unsure {
                    return Ok(Type::Dynamic);
                }
                Ok(Type::tuple(flat.values.iter().map(Value::ty)))
            }
            _ => Ok(Type::Dynamic),
        })
        .not_null()
        .body(|call| {
            let mut flat = Flat::default();
            flat.add(&call.arg(0));
            let res = if flat.unsure {
                call.unknown()
            } else {
                Value::tuple(flat.values)
            };
            Ok(res.mark(flat.marks))
        })
        .example(
            r#"flatten([["a", "b"], [], ["c"]])"#,
            "[\n  \"a\",\n  \"b\",\n  \"c\",\n]",
        ),
        Function::new("index", "Gives the position of a value in a list.")
            .takes([any("list"), any("value")])
            .gives(Type::Number)
            .not_null()
            .body(|call| {
                let list = call.arg(0);
                let (Plain::List(_, values) | Plain::Tuple(values)) = list.peek().0 else {
                    return Err(CallError::new("only a list or tuple can be searched"));
                };
                let wanted = call.arg(1);
                for (at, it) in values.iter().enumerate() {
                    match ops::equal(it, &wanted).as_bool() {
                        Some(true) => return Ok(at.into()),
                        Some(false) => {}
                        None => return Ok(call.unknown()),
                    }
                }
                Err(CallError::new("no element is equal to the value"))
            })
            .example(r#"index(["a", "b", "c"], "b")"#, "1"),
        Function::new("keys", "Gives the keys of a map or the attribute names of an object, sorted.")
            .takes([any("inputMap").or_unknown().with_marks()])
            .gives_by(|args| match ty(args, 0) {
                Type::Map(_) => Ok(Type::list(Type::String)),
                Type::Object(it) => Ok(Type::tuple(it.attributes.keys().map(|_| Type::String))),
                Type::Dynamic => Ok(Type::Dynamic),
                _ => Err(CallError::at(0, "a map or an object is required")),
            })
            .not_null()
            .body(|call| {
                let (plain, marks) = unmarked(&call.arg(0));
                let res = match (plain, call.arg(0).ty()) {
                    (Plain::Map(_, it), _) => strings(it.keys()),
                    (_, Type::Object(it)) => {
                        Value::tuple(it.attributes.keys().map(Value::string).collect())
                    }
                    _ => call.unknown(),
                };
                Ok(res.mark(marks))
            })
            .example("keys({ b = 2, a = 1 })", "[\n  \"a\",\n  \"b\",\n]"),
        Function::new("values", "Gives the values of a map or object, by the order of their keys.")
            .takes([any("mapping").with_marks()])
            .gives_by(|args| match ty(args, 0) {
                Type::Map(it) => Ok(Type::list(Type::clone(&it))),
                Type::Object(it) => Ok(Type::tuple(it.attributes.values().cloned())),
                Type::Dynamic => Ok(Type::Dynamic),
                _ => Err(CallError::new("a map or an object is required")),
            })
            .not_null()
            .body(|call| {
                let (plain, marks) = unmarked(&call.arg(0));
                let res = match plain {
                    Plain::Map(element, it) => {
                        Value::list(Type::clone(&element), it.values().cloned().collect())
                    }
                    Plain::Object(it) => Value::tuple(it.values().cloned().collect()),
                    _ => call.unknown(),
                };
                Ok(res.mark(marks))
            })
            .example("values({ b = 2, a = 1 })", "[\n  1,\n  2,\n]"),
        Function::new(
            "lookup",
            "Gives the value of a map under a key, or a default where there is none.",
        )
        .takes([any("inputMap").with_marks(), text("key").with_marks()])
        .takes_more(any("default").or_null().or_unknown().or_dynamic().with_marks())
        .gives_by(lookup_type)
        .body(lookup)
        .example(r#"lookup({ a = 1 }, "b", 2)"#, "2"),
        Function::new(
            "matchkeys",
            "Gives the elements of one list whose counterparts in another are in a third.",
        )
        .takes([
            list_of("values", Type::Dynamic),
            list_of("keys", Type::Dynamic),
            list_of("searchset", Type::Dynamic),
        ])
        .gives_by(|args| {
            if unify(&[ty(args, 1), ty(args, 2)]).is_none() {
                return Err(CallError::new(
                    "keys and searchset have no common type",
                ));
            }
            Ok(ty(args, 0))
        })
        .not_null()
        .body(|call| {
            let values = call.elements(0);
            if values.len() != call.elements(1).len() {
                return Err(CallError::new("values and keys must have the same length"));
            }
            let Some(common) = unify(&[call.arg(1).ty(), call.arg(2).ty()]) else {
                return Ok(call.unknown());
            };
            let keys = convert(&call.arg(1), &common)?;
            let searched = convert(&call.arg(2), &common)?;
            let element = call.returns.element().cloned().unwrap_or(Type::Dynamic);
            let wanted = searched.elements().unwrap_or(&[]);
            if wanted.is_empty() {
                return Ok(Value::list(element, vec![]));
            }
            if !call.wholly_known() {
                return Ok(call.unknown());
            }
            let wanted: BTreeSet<Key> = wanted.iter().map(Key::of).collect();
            let found = values.iter().zip(keys.elements().unwrap_or(&[]));
            let found = found.filter(|(_, key)| wanted.contains(&Key::of(key)));
            Ok(Value::list(element, found.map(|(it, _)| it.clone()).collect()))
        })
        .example(
            r#"matchkeys(["i-1", "i-2"], ["us", "eu"], ["eu"])"#,
            "tolist([\n  \"i-2\",\n])",
        ),
        Function::new(
            "merge",
            "Puts maps or objects together; where keys are equal, the last value stays.",
        )
        .takes([])
        .takes_more(any("maps").or_null().or_unknown().or_dynamic().with_marks())
        .gives_by(merge_type)
        .not_null()
        .body(|call| Ok(merge(call)))
        .example("merge({ a = 1, b = 2 }, { b = 3 })", "{\n  \"a\" = 1\n  \"b\" = 3\n}"),
        Function::new(
            "one",
            "Gives the only element of a list, set or tuple, or null where it is empty.",
        )
        .takes([any("list")])
        .gives_by(|args| match ty(args, 0) {
            Type::List(it) | Type::Set(it) => Ok(Type::clone(&it)),
            Type::Tuple(it) if it.len() <= 1 => Ok(it.first().cloned().unwrap_or(Type::Dynamic)),
            Type::Dynamic => Ok(Type::Dynamic),
            _ => Err(not_one()),
        })
        .body(|call| {
            let list = call.arg(0);
            let values = list.elements().unwrap_or(&[]);
            if matches!(list.peek().0, Plain::Set(..))
                && values.len() > 1
                && !list.is_wholly_known()
            {
                return Ok(call.unknown());
            }
            match values {
                [] => Ok(Value::null(call.returns.clone())),
                [it] => Ok(it.clone()),
                _ => Err(not_one()),
            }
        })
        .example(r#"one(["a"])"#, r#""a""#)
        .example("one([])", "null"),
        Function::new("reverse", "Gives the elements of a list in the opposite order.")
            .takes([any("list").with_marks()])
            .gives_by(|args| match ty(args, 0) {
                Type::List(it) | Type::Set(it) => Ok(Type::List(it)),
                Type::Tuple(it) => Ok(Type::tuple(it.iter().rev().cloned())),
                Type::Dynamic => Ok(Type::Dynamic),
                _ => Err(CallError::at(0, "a list, set or tuple is required")),
            })
            .not_null()
            .body(|call| {
                let (plain, marks) = unmarked(&call.arg(0));
                let res = match plain {
                    Plain::List(element, it) => reversed(&element, &it),
                    Plain::Set(_, it) if !it.iter().all(Value::is_wholly_known) => call.unknown(),
                    Plain::Set(element, it) => reversed(&element, &it),
                    Plain::Tuple(it) => Value::tuple(it.iter().rev().cloned().collect()),
                    _ => call.unknown(),
                };
                Ok(res.mark(marks))
            })
            .example("reverse([1, 2, 3])", "[\n  3,\n  2,\n  1,\n]"),
        Function::new("slice", "Gives the elements of a list from one position to before another.")
            .takes([
                any("list").with_marks(),
                number("start_index"),
                number("end_index"),
            ])
            .gives_by(|args| {
                let list = ty(args, 0);
                let length = match (&list, args.first().and_then(Value::elements)) {
                    (Type::Tuple(it), _) => Some(it.len()),
                    (_, it) => it.map(<[Value]>::len),
                };
                match list {
                    Type::List(_) => {
                        bounds(args, length)?;
                        Ok(list)
                    }
                    Type::Tuple(types) => Ok(match bounds(args, length)? {
                        Some((start, end)) => {
                            Type::tuple(types.get(start..end).unwrap_or(&[]).iter().cloned())
                        }
                        None => Type::Dynamic,
                    }),
                    Type::Dynamic => Ok(Type::Dynamic),
                    Type::Set(_) => Err(CallError::at(
                        0,
                        "the elements of a set have no positions; make it a list first if their order does not matter",
                    )),
                    _ => Err(CallError::at(0, "a list or tuple is required")),
                }
            })
            .not_null()
            .body(|call| {
                let (plain, marks) = unmarked(&call.arg(0));
                let length = call.elements(0).len();
                let (start, end) = bounds(call.args, Some(length))?.unwrap_or((0, 0));
                let values = call.elements(0).get(start..end).unwrap_or(&[]).to_vec();
                let res = match plain {
                    Plain::List(element, _) => Value::list(Type::clone(&element), values),
                    _ => Value::tuple(values),
                };
                Ok(res.mark(marks))
            })
            .example(
                r#"slice(["a", "b", "c", "d"], 1, 3)"#,
                "[\n  \"b\",\n  \"c\",\n]",
            ),
        Function::new("sort", "Sorts a list of strings by their bytes.")
            .takes([list_of("list", Type::String)])
            .gives(Type::list(Type::String))
            .not_null()
            .body(|call| {
                if !call.wholly_known() {
                    let unknown = Unknown::of(Type::String).not_null().settle();
                    let n = call.elements(0).len();
                    return Ok(Value::list(Type::String, vec![unknown; n]));
                }
                let mut texts = Vec::with_capacity(call.elements(0).len());
                for (at, it) in call.elements(0).iter().enumerate() {
                    texts.push(it.as_str().ok_or_else(|| {
                        CallError::new(format!("element {at} is null, which has no order"))
                    })?);
                }
                texts.sort_unstable();
                Ok(strings(texts))
            })
            .example(
                r#"sort(["b", "c", "a"])"#,
                "tolist([\n  \"a\",\n  \"b\",\n  \"c\",\n])",
            ),
        Function::new(
            "transpose",
            "Turns a map of lists of strings around: each string becomes a key of the list of the keys it was under.",
        )
        .takes([map_of("values", Type::list(Type::String))])
        .gives(Type::map(Type::list(Type::String)))
        .not_null()
        .body(|call| {
            if !call.wholly_known() {
                return Ok(call.unknown());
            }
            let mut res: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
            for (key, list) in call.entries(0) {
                let Some(values) = list.elements() else {
                    return Err(CallError::new("a list in the map is null"));
                };
                for it in values {
                    let Some(it) = it.as_str() else {
                        return Err(CallError::new("a string in one of the lists is null"));
                    };
                    res.entry(it.into()).or_default().push(Value::string(key));
                }
            }
            let lists = res
                .into_iter()
                .map(|(key, it)| (key, Value::list(Type::String, it)));
            Ok(Value::map(Type::list(Type::String), lists.collect()))
        })
        .example(
            r#"transpose({ a = ["1", "2"] })"#,
            "tomap({\n  \"1\" = tolist([\n    \"a\",\n  ])\n  \"2\" = tolist([\n    \"a\",\n  ])\n})",
        ),
        Function::new("zipmap", "Makes a map or object of a list of keys and a list of values.")
            .takes([
                list_of("keys", Type::String).with_marks(),
                any("values").with_marks(),
            ])
            .gives_by(zipmap_type)
            .not_null()
            .body(zipmap)
            .example(
                r#"zipmap(["a", "b"], [1, 2])"#,
                "{\n  \"a\" = 1\n  \"b\" = 2\n}",
            ),
    ]
}

/// A wholly known value in an order that agrees with equality, for sets of values of one type. Marks do not count.
pub(super) struct Key(Value);

impl Key {
    pub(super) fn of(value: &Value) -> Key {
        Key(value.clone())
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Key) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Key) -> Ordering {
        super::deep(|| order(&self.0, &other.0))
    }
}

fn order(left: &Value, right: &Value) -> Ordering {
    let rank = |it: &Plain| match it {
        Plain::Null(_) => 0,
        Plain::Bool(_) => 1,
        Plain::Number(_) => 2,
        Plain::String(_) => 3,
        Plain::List(..) => 4,
        Plain::Set(..) => 5,
        Plain::Tuple(_) => 6,
        Plain::Map(..) => 7,
        Plain::Object(_) => 8,
        Plain::Unknown(_) => 9,
    };
    let each = |left: &[Value], right: &[Value]| {
        let pairs = left
            .iter()
            .zip(right)
            .map(|(left, right)| super::deep(|| order(left, right)));
        pairs
            .into_iter()
            .find(|it| it.is_ne())
            .unwrap_or_else(|| left.len().cmp(&right.len()))
    };
    match (left.peek().0, right.peek().0) {
        (Plain::Bool(left), Plain::Bool(right)) => left.cmp(right),
        (Plain::Number(left), Plain::Number(right)) => left.cmp(right),
        (Plain::String(left), Plain::String(right)) => left.cmp(right),
        (Plain::List(_, left), Plain::List(_, right))
        | (Plain::Set(_, left), Plain::Set(_, right))
        | (Plain::Tuple(left), Plain::Tuple(right)) => each(left, right),
        (Plain::Map(_, left), Plain::Map(_, right))
        | (Plain::Object(left), Plain::Object(right)) => {
            let pairs = left.iter().zip(right.iter());
            pairs
                .map(|(left, right)| {
                    left.0
                        .cmp(right.0)
                        .then_with(|| super::deep(|| order(left.1, right.1)))
                })
                .find(|it| it.is_ne())
                .unwrap_or_else(|| left.len().cmp(&right.len()))
        }
        (left, right) => rank(left).cmp(&rank(right)),
    }
}

fn ty(args: &[Value], at: usize) -> Type {
    args.get(at).map_or(Type::Dynamic, Value::ty)
}

fn all_or_any(call: &Call<'_>, all: bool) -> Value {
    let mut unsure = false;
    for it in call.elements(0) {
        match it.as_bool() {
            Some(it) if it != all => return (!all).into(),
            Some(_) => {}
            None if it.is_null() => {
                if all {
                    return false.into();
                }
            }
            // Here the reference looks no further, although what follows may decide.
            None if all => return call.unknown(),
            None => unsure = true,
        }
    }
    if unsure { call.unknown() } else { all.into() }
}

fn not_one() -> CallError {
    CallError::at(
        0,
        "a list, set or tuple with one element or none is required",
    )
}

fn reversed(element: &Type, values: &[Value]) -> Value {
    Value::list(element.clone(), values.iter().rev().cloned().collect())
}

/// A position that starts again after the end.
///
/// Before the start it goes on at the end of a list, as in the reference; the position in a tuple must not be negative
/// there, unless it falls on the first element.
fn around(position: &Value, length: usize, is_list: bool) -> Result<usize, CallError> {
    let at = whole_of(position, "the index").map_err(CallError::new)?;
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    if length == 0 {
        return Err(CallError::new("an empty list has no elements"));
    }
    let at = if is_list {
        at.rem_euclid(length)
    } else {
        at % length
    };
    usize::try_from(at)
        .ok()
        .ok_or_else(|| CallError::new("the index must not be negative"))
}

/// The positions of `slice`, checked; none where one is unknown.
fn bounds(args: &[Value], length: Option<usize>) -> Result<Option<(usize, usize)>, CallError> {
    let position = |at: usize, what: &str| {
        let Some(it) = args.get(at).filter(|it| it.is_known()) else {
            return Ok(None);
        };
        let it = whole_of(it, what).map_err(|it| CallError::at(at, it))?;
        let it = usize::try_from(it)
            .map_err(|_| CallError::at(at, format!("{what} must not be negative")))?;
        if length.is_some_and(|length| it > length) {
            return Err(CallError::at(
                at,
                format!("{what} is greater than the length of the list"),
            ));
        }
        Ok(Some(it))
    };
    let start = position(1, "the start index")?;
    let end = position(2, "the end index")?;
    match (start, end) {
        (Some(start), Some(end)) if start > end => Err(CallError::at(
            1,
            "the start index must not be greater than the end index",
        )),
        (Some(start), Some(end)) => Ok(Some((start, end))),
        _ => Ok(None),
    }
}

fn concat_type(args: &[Value]) -> Result<Type, CallError> {
    if args.is_empty() {
        return Err(CallError::new("at least one list is needed"));
    }
    let types: Vec<Type> = args.iter().map(Value::ty).collect();
    if types.iter().all(|it| matches!(it, Type::List(_)))
        && let Some(ty) = unify(&types)
    {
        return Ok(ty);
    }
    let mut elements = Vec::new();
    for (at, arg) in args.iter().enumerate() {
        match (arg.ty(), arg.elements()) {
            (Type::Tuple(types), _) => elements.extend(types.iter().cloned()),
            (Type::List(element), Some(values)) => {
                elements.extend(values.iter().map(|_| Type::clone(&element)));
            }
            (Type::List(_) | Type::Dynamic, None) => return Ok(Type::Dynamic),
            _ => {
                return Err(CallError::at(at, "a list or tuple is required"));
            }
        }
    }
    Ok(Type::tuple(elements))
}

fn concat(call: &Call<'_>) -> Result<Value, CallError> {
    let mut marks = Marks::NONE;
    let mut res = Vec::new();
    for (at, arg) in call.args.iter().enumerate() {
        marks = marks.union(arg.marks());
        if let Type::List(_) = call.returns {
            let list = convert(arg, call.returns).map_err(|it| CallError::at(at, it.reason))?;
            res.extend_from_slice(list.elements().unwrap_or(&[]));
        } else {
            res.extend_from_slice(arg.elements().unwrap_or(&[]));
        }
    }
    let res = match call.returns {
        Type::List(element) => Value::list(Type::clone(element), res),
        _ => Value::tuple(res),
    };
    Ok(res.mark(marks))
}

#[derive(Default)]
struct Flat {
    values: Vec<Value>,
    marks: Marks,
    /// Something is unknown that may turn out to have elements.
    unsure: bool,
}

impl Flat {
    fn add(&mut self, list: &Value) {
        self.marks = self.marks.union(list.marks());
        if let (Plain::Set(..), false) = (list.peek().0, list.is_wholly_known()) {
            self.unsure = true;
        }
        for it in list.elements().unwrap_or(&[]) {
            match it.peek().0 {
                Plain::List(..) | Plain::Set(..) | Plain::Tuple(_) => super::deep(|| self.add(it)),
                Plain::Unknown(unknown) => match unknown.ty {
                    Type::List(_) | Type::Set(_) | Type::Tuple(_) | Type::Dynamic => {
                        self.unsure = true;
                        self.marks = self.marks.union(it.marks());
                    }
                    _ => self.values.push(it.clone()),
                },
                _ => self.values.push(it.clone()),
            }
        }
    }
}

fn lookup_type(args: &[Value]) -> Result<Type, CallError> {
    if args.len() > 3 {
        return Err(CallError::new(
            "a map, a key and a default are all it takes",
        ));
    }
    match ty(args, 0) {
        Type::Object(object) => {
            let Some(key) = args.get(1).and_then(Value::as_str) else {
                return Ok(Type::Dynamic);
            };
            match (object.attributes.get(key), args.get(2)) {
                (Some(ty), _) => Ok(ty.clone()),
                (None, Some(default)) => Ok(default.ty()),
                (None, None) => Err(CallError::at(
                    0,
                    "the object has no attribute of this name, and there is no default",
                )),
            }
        }
        Type::Map(element) => {
            if let Some(default) = args.get(2) {
                convert(default, &element).map_err(|_| {
                    CallError::at(2, "the default must have the type of the map's elements")
                })?;
            }
            Ok(Type::clone(&element))
        }
        Type::Dynamic => Ok(Type::Dynamic),
        _ => Err(CallError::at(0, "a map or an object is required")),
    }
}

fn lookup(call: &Call<'_>) -> Result<Value, CallError> {
    let marks = call.arg(0).marks().union(call.arg(1).marks());
    if let Some(it) = call.entries(0).get(call.text(1)) {
        return Ok(it.clone().mark(marks));
    }
    match call.args.get(2) {
        Some(default) => {
            let default =
                convert(default, call.returns).map_err(|it| CallError::at(2, it.reason))?;
            Ok(default.mark(marks))
        }
        None => Err(CallError::new(
            "the map has no such key, and there is no default",
        )),
    }
}

fn merge_type(args: &[Value]) -> Result<Type, CallError> {
    let Some(first) = args.first().map(Value::ty) else {
        return Ok(Type::object::<Arc<str>>([]));
    };
    let mut attributes: BTreeMap<Arc<str>, Type> = BTreeMap::new();
    let (mut matching, mut keys_known) = (true, true);
    for arg in args {
        let ty = arg.ty();
        match &ty {
            Type::Dynamic => return Ok(Type::Dynamic),
            Type::Object(object) => {
                if !arg.is_null() {
                    let types = object.attributes.iter();
                    attributes.extend(types.map(|(name, ty)| (name.clone(), ty.clone())));
                }
            }
            Type::Map(element) => match arg.entries() {
                Some(entries) => {
                    attributes.extend(
                        entries
                            .keys()
                            .map(|key| (key.clone(), Type::clone(element))),
                    );
                }
                None => keys_known &= arg.is_null(),
            },
            _ => {
                return Err(CallError::new(format!(
                    "all arguments must be maps or objects, and one is {}",
                    value::show::friendly_type(&ty)
                )));
            }
        }
        matching &= ty == first;
    }
    Ok(if matching {
        first
    } else if keys_known {
        Type::object(attributes)
    } else {
        Type::Dynamic
    })
}

fn merge(call: &Call<'_>) -> Value {
    let marks = call
        .args
        .iter()
        .fold(Marks::NONE, |it, arg| it.union(arg.marks()));
    let mut res = BTreeMap::new();
    for arg in call.args {
        if !arg.is_known() {
            return call.unknown().mark(marks);
        }
        if let Some(entries) = arg.entries() {
            res.extend(entries.iter().map(|(key, it)| (key.clone(), it.clone())));
        }
    }
    let res = match call.returns {
        Type::Map(element) => Value::map(Type::clone(element), res),
        _ => Value::object(res),
    };
    res.mark(marks)
}

fn zipmap_type(args: &[Value]) -> Result<Type, CallError> {
    let (keys, values) = (args.first(), ty(args, 1));
    match values {
        Type::List(element) => Ok(Type::map(Type::clone(&element))),
        Type::Tuple(types) => {
            let keys = keys.filter(|it| it.is_wholly_known());
            let Some(keys) = keys.and_then(Value::elements) else {
                return Ok(Type::Dynamic);
            };
            if keys.len() != types.len() {
                return Err(different_lengths(keys.len(), types.len()));
            }
            let mut attributes = BTreeMap::new();
            for (key, ty) in keys.iter().zip(types.iter()) {
                attributes.insert(Arc::<str>::from(key_text(key)?), ty.clone());
            }
            Ok(Type::object(attributes))
        }
        Type::Dynamic => Ok(Type::Dynamic),
        _ => Err(CallError::new("the values must be a list or tuple")),
    }
}

fn zipmap(call: &Call<'_>) -> Result<Value, CallError> {
    let mut marks = call.arg(0).marks().union(call.arg(1).marks());
    if !call.arg(0).is_wholly_known() {
        return Ok(call.unknown().mark(marks));
    }
    let (keys, values) = (call.elements(0), call.elements(1));
    if keys.len() != values.len() {
        return Err(different_lengths(keys.len(), values.len()));
    }
    let mut res = BTreeMap::new();
    for (key, it) in keys.iter().zip(values) {
        marks = marks.union(key.marks());
        res.insert(Arc::<str>::from(key_text(key)?), it.clone());
    }
    let res = match call.returns {
        Type::Map(element) => Value::map(Type::clone(element), res),
        _ => Value::object(res),
    };
    Ok(res.mark(marks))
}

fn key_text(key: &Value) -> Result<&str, CallError> {
    key.as_str()
        .ok_or_else(|| CallError::new("one of the keys is null"))
}

fn different_lengths(keys: usize, values: usize) -> CallError {
    CallError::new(format!(
        "there are {keys} keys and {values} values, which cannot be paired"
    ))
}
