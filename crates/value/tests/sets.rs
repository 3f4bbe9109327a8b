//! The order in which sets are walked, as the reference's console showed it.

use value::{Type, Value, convert};

fn object(name: &str, value: impl Into<Value>) -> Value {
    Value::object([(name, value.into())])
}

fn number(text: &str) -> Value {
    Value::from(value::Number::parse(text).expect("a number"))
}

/// The values are in the expected order; each order of giving them must lead to it.
fn check(values: Vec<Value>) {
    let element = values[0].ty();
    let mut given = values.clone();
    for _ in 0..values.len() {
        given.rotate_left(1);
        let set = Value::set(element.clone(), given.clone());
        assert_eq!(set.elements(), Some(values.as_slice()));
    }
    given.reverse();
    let tuple = Value::tuple(given);
    let set = convert(&tuple, &Type::set(Type::Dynamic)).expect("a set");
    assert_eq!(set.elements(), Some(values.as_slice()));
}

#[test]
fn primitives_by_value() {
    check(["Z", "a", "b", "z", "é", "日"].map(Value::from).to_vec());
    check(["-3", "1.5", "2", "10"].map(number).to_vec());
    check(vec![false.into(), true.into()]);
    check(vec!["a".into(), Value::null(Type::String)]);
    check(vec!["a".into(), Value::unknown(Type::String)]);
}

#[test]
fn numbers_inside_by_their_text() {
    for texts in [
        vec!["10", "1", "2", "3"],
        vec!["100000000000", "100000000000000", "2"],
        vec!["0.0001", "1", "0.00001"],
        vec!["-1", "0", "1"],
        vec!["1.25", "1.5", "15"],
        vec!["1000000000", "10000000000", "99999999999", "9999999999"],
        vec!["0.1", "0.33333333333333333333", "0.3"],
    ] {
        check(texts.iter().map(|it| object("a", number(it))).collect());
        check(
            texts
                .iter()
                .map(|it| Value::tuple(vec![number(it)]))
                .collect(),
        );
    }
}

#[test]
fn texts_inside_by_their_quoted_form() {
    for texts in [
        vec!["10", "9", "aa", "b"],
        vec!["x y", "x", "x\"y"],
        vec!["\u{200b}", "x", "x\ny", "é"],
        vec!["a", "z", "é", "日"],
    ] {
        check(texts.into_iter().map(|it| object("a", it)).collect());
    }
}

#[test]
fn structures() {
    let list = |values: &[i64]| {
        Value::list(
            Type::Number,
            values.iter().map(|it| Value::from(*it)).collect(),
        )
    };
    check(vec![list(&[1, 3]), list(&[2]), list(&[])]);
    let both = |a: i64, b: i64| Value::object([("a", a.into()), ("b", Value::from(b))]);
    check(vec![both(1, 2), both(2, 1)]);
    check(vec![
        object("a", "x"),
        object("a", Value::null(Type::String)),
    ]);
    check(vec![
        object("a", "z"),
        object("a", Value::unknown(Type::String)),
    ]);
    let map = |name: &str| Value::map(Type::Number, [(name.into(), Value::from(1i64))].into());
    check(vec![map("a"), map("b")]);
    let set = |it: i64| Value::set(Type::Number, vec![it.into()]);
    check(vec![set(1), set(2)]);
}

#[test]
fn repetitions() {
    let length = |values: Vec<Value>| {
        let element = values[0].ty();
        Value::set(element, values).elements().map(<[Value]>::len)
    };
    assert_eq!(length(vec!["a".into(), "a".into()]), Some(1));
    assert_eq!(length(vec![object("a", 1i64), object("a", 1i64)]), Some(1));
    let null = || Value::null(Type::String);
    assert_eq!(length(vec![null(), null()]), Some(1));
    // Unknown elements may turn out different, and the two zeros are two.
    let unknown = || Value::unknown(Type::String);
    assert_eq!(length(vec![unknown(), unknown()]), Some(2));
    assert_eq!(
        length(vec![object("a", unknown()), object("a", unknown())]),
        Some(2)
    );
    assert_eq!(length(vec![number("0"), number("-0")]), Some(2));
}
