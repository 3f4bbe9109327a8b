//! Texts for messages.

use value::show::{brief, friendly_type, type_lines, type_name};
use value::{Mark, Type, Unknown, Value};

use crate::text::{ty, value};

#[test]
fn short_forms() {
    for (text, expected) in [
        ("\"x\"", "\"x\""),
        ("1.5", "1.5"),
        ("true", "true"),
        ("null", "null"),
        ("null(string)", "null"),
        (
            "tolist([\"a\", \"b\", \"c\"])",
            "list of string with 3 elements",
        ),
        ("toset([1])", "set of number with 1 element"),
        ("tomap({a = 1})", "map of number with 1 element"),
        ("empty(map(string))", "empty map of string"),
        ("[1, 2]", "tuple with 2 elements"),
        ("[]", "empty tuple"),
        ("{}", "object with no attributes"),
        ("{a = 1}", "object with 1 attribute \"a\""),
        ("{a = 1, b = 2}", "object with 2 attributes"),
        ("unknown", "a value known after apply"),
        ("unknown(string)", "a string, known after apply"),
        ("sensitive(1)", "a sensitive value"),
        ("sensitive([1])", "a sensitive value"),
        ("sensitive(unknown)", "a sensitive value"),
        ("[sensitive(1)]", "tuple with 1 element"),
    ] {
        assert_eq!(brief(&value(text)), expected, "{text}");
    }
    assert_eq!(
        brief(&Value::from("x").mark(Mark::Ephemeral)),
        "an ephemeral value"
    );
}

#[test]
fn types() {
    for (text, friendly, lines) in [
        ("any", "dynamic", "dynamic"),
        ("bool", "bool", "bool"),
        ("list(string)", "list of string", "list(string)"),
        (
            "map(list(number))",
            "map of list of number",
            "map(list(number))",
        ),
        ("tuple([])", "tuple", "tuple([])"),
        ("object({})", "object", "object({})"),
        (
            "tuple([string,any])",
            "tuple",
            "tuple([\n    string,\n    dynamic,\n])",
        ),
        (
            "object({a=number,b=tuple([bool])})",
            "object",
            "object({\n    a: number,\n    b: tuple([\n        bool,\n    ]),\n})",
        ),
        (
            "set(object({a=number}))",
            "set of object",
            "set(\n    object({\n        a: number,\n    }),\n)",
        ),
        (
            "list(list(object({})))",
            "list of list of object",
            "list(list(\n    object({}),\n))",
        ),
        (
            "object({a=optional(number)})",
            "object",
            "object({\n    a: number,\n})",
        ),
    ] {
        let ty = ty(text);
        assert_eq!(type_name(&ty), text);
        assert_eq!(friendly_type(&ty), friendly);
        assert_eq!(type_lines(&ty), lines);
    }
    assert_eq!(
        type_name(&Type::object([
            ("a b", Type::Bool),
            ("c-d", Type::Bool),
            ("1", Type::Bool)
        ])),
        "object({\"1\"=bool,\"a b\"=bool,c-d=bool})"
    );
}

#[test]
fn unknowns_settle_where_only_one_value_is_left() {
    let lengths = |ty: Type, min, max| Unknown {
        min_len: Some(min),
        max_len: Some(max),
        ..Unknown::of(ty).not_null()
    };
    let strings = Type::list(Type::String);
    for (unknown, expected) in [
        (lengths(strings.clone(), 0, 0), "empty(list(string))"),
        (
            lengths(strings.clone(), 2, 2),
            "tolist([unknown(string), unknown(string)])",
        ),
        (lengths(Type::set(Type::Bool), 0, 0), "empty(set(bool))"),
        (
            lengths(Type::set(Type::Bool), 1, 1),
            "toset([unknown(bool)])",
        ),
        (lengths(Type::map(Type::Bool), 0, 0), "empty(map(bool))"),
    ] {
        assert_eq!(unknown.settle(), value(expected));
    }
    for unknown in [
        lengths(strings.clone(), 1, 2),
        lengths(Type::map(Type::Bool), 1, 1),
        lengths(Type::set(Type::Bool), 2, 2),
        Unknown {
            max_len: Some(0),
            ..Unknown::of(strings)
        },
    ] {
        assert!(!unknown.settle().is_known());
    }
    let seven = value::Number::from(7i64);
    let number = Unknown {
        min: Some((seven.clone(), true)),
        max: Some((seven, true)),
        ..Unknown::of(Type::Number).not_null()
    };
    assert_eq!(number.settle(), Value::from(7i64));
}

#[test]
fn conversion_keeps_what_is_known_of_unknowns() {
    let convert = |from: Unknown, to: &str| {
        let value = Value::new(value::Plain::Unknown(Box::new(from)));
        match value::convert(&value, &ty(to)).expect("converts").split().0 {
            value::Plain::Unknown(it) => (it.not_null, it.min_len, it.max_len),
            other => panic!("{other:?}"),
        }
    };
    let list = |min, max| Unknown {
        min_len: min,
        max_len: max,
        ..Unknown::of(ty("list(string)")).not_null()
    };
    assert_eq!(
        convert(list(Some(2), Some(5)), "set(string)"),
        (true, Some(1), Some(5))
    );
    assert_eq!(
        convert(list(Some(2), Some(5)), "list(number)"),
        (true, Some(2), Some(5))
    );
    assert_eq!(
        convert(Unknown::of(ty("tuple([string, number])")), "set(string)"),
        (false, Some(1), Some(2))
    );
    assert_eq!(
        convert(Unknown::of(ty("object({a=string})")), "map(string)"),
        (false, Some(1), Some(1))
    );
    assert_eq!(
        convert(Unknown::of(Type::String), "number"),
        (false, None, None)
    );
}
