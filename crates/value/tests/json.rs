//! Values in state files and in `jsonencode`.

use serde_json::json;
use value::json::{
    check, from_json, from_plain_json, implied_type, plain_json, to_json, to_json_text,
    type_from_json, type_to_json,
};
use value::ops::same;
use value::show::type_name;
use value::{Path, Type, Value};

use crate::text::{ty, value};

#[test]
fn state_values() {
    for (text, of, json) in [
        ("\"a\"", "string", json!("a")),
        ("1.50", "number", json!(1.5)),
        ("true", "bool", json!(true)),
        ("null(string)", "string", json!(null)),
        ("tolist([1, 2])", "list(number)", json!([1, 2])),
        ("toset([\"b\", \"a\"])", "set(string)", json!(["a", "b"])),
        ("tomap({a = 1})", "map(number)", json!({"a": 1})),
        ("[1, \"x\"]", "tuple([number, string])", json!([1, "x"])),
        (
            "{a = 1, b = null(string)}",
            "object({a=number, b=string})",
            json!({"a": 1, "b": null}),
        ),
        // The type is written where the schema leaves it open.
        ("\"a\"", "any", json!({"value": "a", "type": "string"})),
        (
            "null(string)",
            "any",
            json!({"value": null, "type": "string"}),
        ),
        ("null", "any", json!(null)),
        (
            "{a = [1, null], e = null}",
            "any",
            json!({
                "value": {"a": [1, null], "e": null},
                "type": ["object", {"a": ["tuple", ["number", "dynamic"]], "e": "dynamic"}],
            }),
        ),
        (
            "{a = toset([[1]]), b = 2}",
            "object({a=any, b=number})",
            json!({"a": {"value": [[1]], "type": ["set", ["tuple", ["number"]]]}, "b": 2}),
        ),
        ("[true]", "list(any)", json!([true])),
    ] {
        let (value, ty) = (value(text), ty(of));
        if !text.starts_with('[') || of.starts_with("tuple") || of == "any" {
            assert_eq!(to_json(&value, &ty), json, "{text} as {of}");
            let read = from_json(&json, &ty).expect("a value");
            assert!(same(&read, &value), "{text} as {of}: {read:?}");
        }
    }
}

#[test]
fn what_is_not_of_the_type() {
    for (json, of, message) in [
        (json!(1), "bool", "a bool is required"),
        (json!("x"), "number", "a number is required"),
        (json!({}), "string", "a string is required"),
        (json!({}), "list(string)", "an array is required"),
        (json!([]), "map(string)", "an object is required"),
        (
            json!([1]),
            "tuple([number, number])",
            "2 elements are required, not 1",
        ),
        (
            json!({"b": 1}),
            "object({a=number})",
            "unsupported attribute \"b\"",
        ),
        (
            json!({"a": [{"b": "x"}]}),
            "object({a=list(object({b=number}))})",
            ".a[0].b: a number is required",
        ),
        (
            json!({"k": {"b": []}}),
            "map(object({b=number}))",
            "[\"k\"].b: a number is required",
        ),
        (
            json!("x"),
            "any",
            "an object with \"type\" and \"value\" is required",
        ),
        (
            json!({"value": 1, "type": "nonsense"}),
            "any",
            "an object with \"type\" and \"value\" is required",
        ),
        (
            json!({"value": 1, "type": "dynamic"}),
            "any",
            "a type that is known is required",
        ),
    ] {
        let error = from_json(&json, &ty(of)).expect_err(of);
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn lenient_where_state_files_are() {
    for (json, of, text) in [
        (json!({}), "object({a=number})", "{a = null(number)}"),
        (json!("12"), "number", "12"),
        (json!("true"), "bool", "true"),
        (json!(12), "string", "\"12\""),
        (json!(false), "string", "\"false\""),
    ] {
        let read = from_json(&json, &ty(of)).expect(of);
        assert!(same(&read, &value(text)), "{json} as {of}");
    }
}

#[test]
fn encoded_texts() {
    for (of, text) in [
        (
            Value::from("<a>&\u{2028}\u{2029}"),
            r#""\u003ca\u003e\u0026\u2028\u2029""#,
        ),
        (Value::from("\u{8}\u{c}\n\r\t\"\\/"), r#""\b\f\n\r\t\"\\/""#),
        (
            Value::from("\0\u{1f}\u{7f}\u{80}é🎉"),
            "\"\\u0000\\u001f\u{7f}\u{80}é🎉\"",
        ),
        (
            value("{b = 1, a = [true, null, \"x\"]}"),
            r#"{"a":[true,null,"x"],"b":1}"#,
        ),
        (value("1e21"), "1000000000000000000000"),
        (value("1e-7"), "0.0000001"),
        (value("-0"), "-0"),
        (value("12345678901234567890"), "12345678901234567890"),
        (value("toset([\"b\", \"a\"])"), r#"["a","b"]"#),
        (
            Value::object([
                ("<", Value::from(1i64)),
                ("Z", 3i64.into()),
                ("é", 2i64.into()),
            ]),
            r#"{"\u003c":1,"Z":3,"é":2}"#,
        ),
        (value("[]"), "[]"),
        (value("tomap({})"), "{}"),
        (value("null(string)"), "null"),
        (value("sensitive(1)"), "1"),
    ] {
        assert_eq!(to_json_text(&of), text);
        let parsed: serde_json::Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(plain_json(&of), parsed);
        assert_eq!(to_json_text(&from_plain_json(&parsed)), text);
    }
}

#[test]
fn what_json_cannot_hold() {
    assert_eq!(check(&value("{a = [1, null]}")), Ok(()));
    let error = check(&value("{a = [1, inf]}")).map_err(|it| it.to_string());
    assert_eq!(error, Err(".a[1]: JSON has no infinite numbers".to_owned()));
    let error = check(&value("tomap({a = unknown})")).map_err(|it| it.to_string());
    assert_eq!(error, Err("[\"a\"]: the value is not known yet".to_owned()));
}

#[test]
fn types() {
    for (of, json) in [
        ("string", json!("string")),
        ("any", json!("dynamic")),
        ("list(bool)", json!(["list", "bool"])),
        ("set(map(number))", json!(["set", ["map", "number"]])),
        ("tuple([])", json!(["tuple", []])),
        ("object({})", json!(["object", {}])),
        (
            "object({a=number,b=optional(string)})",
            json!(["object", {"a": "number", "b": "string"}, ["b"]]),
        ),
    ] {
        assert_eq!(type_to_json(&ty(of)), json);
        assert_eq!(type_from_json(&json), Some(ty(of)));
        assert_eq!(type_name(&ty(of)), of);
    }
    for json in [
        json!("text"),
        json!(1),
        json!([]),
        json!(["list"]),
        json!(["list", "string", 1]),
        json!(["object", {}, ["a"]]),
        json!(["tuple", "string"]),
        json!(["queue", "string"]),
    ] {
        assert_eq!(type_from_json(&json), None, "{json}");
    }
    assert_eq!(
        implied_type(&json!({"a": [1, "x", null], "b": true})),
        ty("object({a=tuple([number, string, any]), b=bool})")
    );
}

#[test]
fn paths() {
    let path = Path::root().attr("d").index("k").at(0);
    let json = json!([
        {"type": "get_attr", "value": "d"},
        {"type": "index", "value": {"value": "k", "type": "string"}},
        {"type": "index", "value": {"value": 0, "type": "number"}},
    ]);
    assert_eq!(path.to_json(), json);
    assert_eq!(Path::from_json(&json), Some(path.clone()));
    assert_eq!(path.to_string(), ".d[\"k\"][0]");
    assert_eq!(
        Path::from_json(&json!([{"type": "other", "value": 1}])),
        None
    );
    assert_eq!(Path::from_json(&json!({})), None);
    assert_eq!(Path::root().to_string(), "");
    let inside = path.apply(&value("{d = tomap({k = tolist([7])})}"));
    assert_eq!(inside, Some(Value::from(7i64)));
    assert_eq!(path.apply(&Value::unknown(Type::Dynamic)), None);
}
