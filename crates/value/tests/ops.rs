//! Operations on known, unknown, null and marked values. What the reference does was read from its plans.

use value::ops::{self, OpErrorKind};
use value::show::console;
use value::{Mark, Marks, Type, Value};

use crate::text::value;

type Binary = fn(&Value, &Value) -> Result<Value, ops::OpError>;

fn binary(name: &str) -> Binary {
    match name {
        "==" => |left, right| Ok(ops::equal(left, right)),
        "!=" => |left, right| Ok(ops::not_equal(left, right)),
        "&&" => ops::and,
        "||" => ops::or,
        "+" => ops::add,
        "-" => ops::sub,
        "*" => ops::mul,
        "/" => ops::div,
        "%" => ops::modulo,
        "<" => ops::lt,
        "<=" => ops::le,
        ">" => ops::gt,
        ">=" => ops::ge,
        "[]" => ops::index,
        "." => |left, right| ops::get_attr(left, right.as_str().unwrap_or_default()),
        _ => panic!("{name}"),
    }
}

/// `?` stands for an unknown, `error` for an error.
fn check(op: &str, cases: &[(&str, &str, &str)]) {
    for (left, right, expected) in cases {
        let (left, right) = (value(left), value(right));
        let found = match binary(op)(&left, &right) {
            Ok(it) if !it.is_known() => "?".to_owned(),
            Ok(it) => console(&it),
            Err(_) => "error".to_owned(),
        };
        assert_eq!(found, *expected, "{left:?} {op} {right:?}");
        // Marks of either side are on the result.
        let marked = (left.mark(Mark::Sensitive), right.mark(Mark::Ephemeral));
        if let Ok(it) = binary(op)(&marked.0, &marked.1) {
            let ephemeral = it.has_mark(Mark::Ephemeral) || op == ".";
            assert!(it.has_mark(Mark::Sensitive) && ephemeral, "{marked:?} {op}");
        }
    }
}

#[test]
fn equality() {
    check(
        "==",
        &[
            ("1", "1", "true"),
            ("1", "1.0", "true"),
            ("0", "-0", "true"),
            ("1", "\"1\"", "false"),
            ("true", "\"true\"", "false"),
            ("null", "null", "true"),
            ("null(string)", "null(number)", "true"),
            ("null", "1", "false"),
            ("[1]", "[1]", "true"),
            ("[1]", "tolist([1])", "false"),
            ("[1, 2]", "[1]", "false"),
            ("{a = null}", "{a = null}", "true"),
            ("{a = 1}", "{a = 1, b = 2}", "false"),
            ("{a = 1}", "{b = 1}", "false"),
            ("{}", "tomap({})", "false"),
            ("toset([1, 2])", "toset([2, 1])", "true"),
            ("toset([1])", "toset([1, 2])", "false"),
            ("empty(list(string))", "empty(list(number))", "false"),
            // With unknowns.
            ("unknown", "1", "?"),
            ("unknown", "null", "?"),
            ("unknown", "unknown", "?"),
            ("unknown(string)", "1", "false"),
            ("unknown(string)", "\"\"", "?"),
            ("notnull(string)", "null", "false"),
            ("[unknown, 1]", "[unknown, 2]", "?"),
            ("[1, unknown]", "[2, \"a\"]", "false"),
            ("{a = unknown, b = 1}", "{a = 1, b = 2}", "false"),
            ("{a = unknown, b = 1}", "{a = 1, b = 1}", "?"),
            (
                "tolist([unknown(string), \"a\"])",
                "tolist([\"a\"])",
                "false",
            ),
            ("toset([unknown(string)])", "toset([\"a\"])", "?"),
            ("unknown(list(string))", "[]", "false"),
            ("unknown(list(string))", "empty(list(string))", "?"),
        ],
    );
    check(
        "!=",
        &[
            ("1", "1", "false"),
            ("1", "2", "true"),
            ("unknown", "1", "?"),
        ],
    );
}

#[test]
fn what_is_known_of_unknowns_decides() {
    let prefixed = value::Unknown::of(Type::String)
        .not_null()
        .prefix("pre-")
        .settle();
    for (other, known) in [
        ("other", Some(false)),
        ("pre-x", None),
        ("pre", Some(false)),
    ] {
        assert_eq!(
            ops::equal(&prefixed, &Value::from(other)).as_bool(),
            known,
            "{other}"
        );
    }
    let set = value("toset([unknown(string), \"a\", \"b\"])");
    let length = ops::length(&set).expect("a length");
    assert!(!length.is_known());
    for (op, number, known) in [
        (">", 0i64, Some(true)),
        (">=", 0, Some(true)),
        (">=", 1, None),
        (">", 1, None),
        ("==", 0, Some(false)),
        ("==", 1, None),
        (">", 3, None),
        ("<", 5, Some(true)),
        ("<=", 0, Some(false)),
        (">=", 5, Some(false)),
        ("!=", 0, Some(true)),
    ] {
        let res = binary(op)(&length, &Value::from(number)).expect("a bool");
        assert_eq!(res.as_bool(), known, "length {op} {number}");
    }
    assert_eq!(
        ops::length(&value("toset([unknown(string)])")),
        Ok(Value::from(1i64))
    );
    let negative = ops::equal(
        &ops::length(&Value::unknown(Type::list(Type::String))).expect("a length"),
        &Value::from(-1i64),
    );
    assert_eq!(negative, Value::from(false));
}

#[test]
fn logic() {
    check(
        "&&",
        &[
            ("true", "true", "true"),
            ("true", "false", "false"),
            ("false", "unknown(bool)", "?"),
            ("unknown", "false", "?"),
            ("true", "null(bool)", "error"),
            ("true", "1", "error"),
        ],
    );
    check(
        "||",
        &[
            ("false", "false", "false"),
            ("true", "false", "true"),
            ("true", "unknown(bool)", "?"),
        ],
    );
    assert_eq!(ops::not(&Value::from(true)), Ok(Value::from(false)));
    assert_eq!(
        ops::equal(
            &ops::not(&Value::dynamic()).expect("a bool"),
            &Value::null(Type::Dynamic)
        ),
        Value::from(false)
    );
}

#[test]
fn arithmetic() {
    check(
        "+",
        &[
            ("1", "2", "3"),
            ("1", "unknown", "?"),
            ("1", "\"2\"", "error"),
        ],
    );
    check(
        "+",
        &[("inf", "-inf", "error"), ("1", "null(number)", "error")],
    );
    check("-", &[("1", "2", "-1"), ("inf", "inf", "error")]);
    check("*", &[("3", "2", "6"), ("0", "inf", "error")]);
    check(
        "/",
        &[("1", "4", "0.25"), ("1", "0", "+Inf"), ("0", "0", "error")],
    );
    check(
        "%",
        &[("5", "3", "2"), ("5", "0", "5"), ("1", "inf", "error")],
    );
    check(
        "<",
        &[
            ("1", "2", "true"),
            ("2", "2", "false"),
            ("unknown", "2", "?"),
        ],
    );
    check("<=", &[("2", "2", "true"), ("3", "2", "false")]);
    check(">", &[("inf", "2", "true"), ("null", "2", "error")]);
    check(">=", &[("2", "2", "true"), ("-1", "2", "false")]);
    assert_eq!(
        ops::negate(&Value::from(1i64)).map(|it| console(&it)),
        Ok("-1".to_owned())
    );
}

#[test]
fn indexing() {
    check(
        "[]",
        &[
            ("[1, 2]", "1", "2"),
            ("[1, 2]", "\"1\"", "2"),
            ("[1, 2]", "2", "error"),
            ("[1, 2]", "-1", "error"),
            ("[1, 2]", "0.5", "error"),
            ("[1, 2]", "\"x\"", "error"),
            ("[1, 2]", "unknown", "?"),
            ("tolist([1])", "0", "1"),
            ("tolist([1])", "1e30", "error"),
            ("{a = 1}", "\"a\"", "1"),
            ("{a = 1}", "\"b\"", "error"),
            ("{a = 1}", "unknown", "?"),
            ("tomap({a = 1})", "\"a\"", "1"),
            ("tomap({a = 1})", "null", "error"),
            ("tomap({a = 1})", "unknown(string)", "?"),
            ("toset([1])", "0", "error"),
            ("null", "0", "error"),
            ("1", "0", "error"),
            ("unknown", "0", "?"),
            ("unknown(list(string))", "0", "?"),
            ("unknown(list(string))", "-1", "error"),
            ("unknown(tuple([string]))", "0", "?"),
            ("unknown(tuple([string]))", "1", "error"),
            ("unknown(object({a=string}))", "\"a\"", "?"),
            ("unknown(object({a=string}))", "\"b\"", "error"),
        ],
    );
    check(
        ".",
        &[
            ("{a = 1}", "\"a\"", "1"),
            ("{a = 1}", "\"b\"", "error"),
            ("tomap({a = 1})", "\"a\"", "1"),
            ("null", "\"a\"", "error"),
            ("[1]", "\"a\"", "error"),
            ("unknown", "\"a\"", "?"),
            ("unknown(object({a=string}))", "\"a\"", "?"),
            ("unknown(object({a=string}))", "\"b\"", "error"),
        ],
    );
    let element = ops::index(&value("tomap({a = 1})"), &Value::unknown(Type::String));
    assert_eq!(element.map(|it| it.ty()), Ok(Type::Number));
    let element = ops::index(&value("unknown(object({a=bool}))"), &Value::from("a"));
    assert_eq!(element.map(|it| it.ty()), Ok(Type::Bool));
    let element = ops::index(&value("[sensitive(1)]"), &Value::from(0i64));
    assert_eq!(element.map(|it| it.marks()), Ok(Marks::SENSITIVE));
}

#[test]
fn mistakes_say_what_they_are() {
    let reason = |collection: &str, key: &str| {
        let error = ops::index(&value(collection), &value(key)).expect_err("an error");
        (error.kind, error.reason)
    };
    for (collection, key, kind, text) in [
        (
            "[1, 2]",
            "2",
            OpErrorKind::Missing,
            "the collection has 2 elements, the last at 1",
        ),
        (
            "[1]",
            "2",
            OpErrorKind::Missing,
            "the collection has only one element, at 0",
        ),
        (
            "[]",
            "0",
            OpErrorKind::Missing,
            "the collection has no elements",
        ),
        (
            "[1]",
            "-1",
            OpErrorKind::Missing,
            "the key must not be negative; positions count from 0",
        ),
        (
            "[1]",
            "0.5",
            OpErrorKind::Missing,
            "the key must be a whole number",
        ),
        (
            "[1]",
            "\"x\"",
            OpErrorKind::Type,
            "of the key, a number is required, and this text is not one",
        ),
        (
            "tomap({a = 1})",
            "\"b\"",
            OpErrorKind::Missing,
            "the map has no element with this key",
        ),
        (
            "null",
            "0",
            OpErrorKind::Null,
            "this value is null, so it has no elements",
        ),
        ("[1]", "null", OpErrorKind::NullKey, "the key is null"),
        ("1", "0", OpErrorKind::Type, "a number has no elements"),
    ] {
        assert_eq!(reason(collection, key), (kind, text.to_owned()));
    }
}

#[test]
fn sameness() {
    for (left, right, expected) in [
        ("1", "1", true),
        ("1", "\"1\"", false),
        ("null(string)", "null(string)", true),
        ("null(string)", "null(number)", false),
        ("unknown(string)", "unknown(string)", true),
        ("unknown(string)", "notnull(string)", true),
        ("unknown(string)", "unknown", false),
        ("unknown(string)", "\"a\"", false),
        ("[1]", "tolist([1])", false),
        ("[1, unknown]", "[1, unknown]", true),
        ("{a = 1}", "{a = 1}", true),
        ("{a = 1}", "{a = 2}", false),
        ("{a = 1}", "{b = 1}", false),
        ("empty(list(string))", "empty(list(number))", false),
        ("sensitive(1)", "1", true),
        ("[sensitive(1)]", "[1]", true),
    ] {
        let (left, right) = (value(left), value(right));
        assert_eq!(ops::same(&left, &right), expected, "{left:?} {right:?}");
        assert_eq!(
            ops::same_with_marks(&left, &right),
            expected && left.deep_marks() == right.deep_marks()
        );
    }
}

#[test]
fn lengths() {
    for (collection, expected) in [
        ("[1, 2]", "2"),
        ("{a = 1}", "1"),
        ("toset([1, 1])", "1"),
        ("empty(map(string))", "0"),
        ("unknown(tuple([string]))", "1"),
        ("unknown(object({a=string}))", "1"),
        ("unknown(list(string))", "(known after apply)"),
        ("unknown", "(known after apply)"),
    ] {
        let length = ops::length(&value(collection)).expect("a length");
        assert_eq!(console(&length), expected, "{collection}");
    }
    for collection in ["null", "1", "\"a\"", "unknown(bool)"] {
        assert!(ops::length(&value(collection)).is_err(), "{collection}");
    }
}
