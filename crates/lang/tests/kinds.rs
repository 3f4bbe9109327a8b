//! Type expressions, defaults, `count` and `for_each`.

use addr::Reference;
use diag::{Diagnostics, SourceMap};
use lang::Scope;
use lang::repeat::Repeat;
use value::function::{NoWorld, World};
use value::{Mark, Type, Value, show};

struct Here;

impl Scope for Here {
    fn value(&self, reference: &Reference, _diags: &mut Diagnostics) -> Value {
        let set = |values| Value::set(Type::String, values);
        match reference.subject.to_string().as_str() {
            "var.secret" => Value::from(1_i64).mark(Mark::Sensitive),
            "var.secrets" => Value::object([("a", Value::from(1_i64))]).mark(Mark::Sensitive),
            "var.number" => Value::unknown(Type::Number),
            "var.map" => Value::unknown(Type::map(Type::String)),
            "var.set" => set(vec![Value::from("b"), Value::from("a")]),
            "var.unknowns" => set(vec![Value::from("b"), Value::unknown(Type::String)]),
            "var.nulls" => set(vec![Value::null(Type::String)]),
            "var.numbers" => Value::set(Type::Number, vec![Value::from(1_i64)]),
            "var.list" => Value::list(Type::String, vec![Value::from("a")]),
            _ => Value::dynamic(),
        }
    }

    fn world(&self) -> &dyn World {
        &NoWorld
    }
}

fn parsed(text: &str) -> (hcl::Expr, SourceMap, Diagnostics) {
    let mut sources = SourceMap::new();
    let source = sources.add("main.tf", text);
    let mut diags = Diagnostics::new();
    let expr = hcl::parse_expr(source, text, 0, &mut diags);
    (expr, sources, diags)
}

fn messages(sources: &SourceMap, diags: &Diagnostics) -> String {
    let lines: Vec<String> = diags
        .iter()
        .map(|it| {
            let place = it.subject.map_or("", |span| sources.slice(span));
            format!("{} @ {place}", it.summary)
        })
        .collect();
    lines.join("\n")
}

fn constraint(text: &str) -> String {
    let (expr, sources, mut diags) = parsed(text);
    let (ty, _) = lang::types::type_constraint(&expr, &mut diags);
    if diags.is_empty() {
        show::type_name(&ty)
    } else {
        messages(&sources, &diags)
    }
}

#[test]
fn type_expressions() {
    for (text, wanted) in [
        ("string", "string"),
        ("list", "list(any)"),
        ("set(number)", "set(number)"),
        ("tuple([string, bool])", "tuple([string,bool])"),
        ("list", "list(any)"),
        ("foo", "Invalid type specification @ foo"),
        ("set", "Invalid type specification @ set"),
        ("\"string\"", "Invalid quoted type constraints @ \"string\""),
        (
            "\"number\"",
            "Invalid legacy variable type hint @ \"number\"",
        ),
        ("list()", "Invalid type specification @ ()"),
        (
            "list(string, number)",
            "Invalid type specification @ number",
        ),
        ("string()", "Invalid type specification @ ()"),
        ("foo(string)", "Invalid type specification @ foo(string)"),
        (
            "list(optional(string))",
            "Invalid type specification @ optional",
        ),
        ("object(string)", "Invalid type specification @ string"),
        (
            "object({ \"a\" = string })",
            "Invalid type specification @ \"a\"",
        ),
        (
            "object({ a = string, a = bool })",
            "Invalid type specification @ a",
        ),
        (
            "object({ a = optional(number, \"x\") })",
            "Invalid default value for optional attribute @ \"x\"",
        ),
        (
            "object({ a = optional(string, var.x) })",
            "Variables not allowed @ var",
        ),
        (
            "object({ a = optional(string, upper(\"x\")) })",
            "Function calls not allowed @ upper(\"x\")",
        ),
    ] {
        assert_eq!(constraint(text), wanted, "{text}");
    }
}

#[test]
fn defaults_fill_what_is_missing_or_null() {
    let (expr, _, mut diags) = parsed(
        "list(object({ a = string, b = optional(number, 5), c = optional(object({ d = optional(string, \"d\") }), {}) }))",
    );
    let (ty, defaults) = lang::types::type_constraint(&expr, &mut diags);
    let (given, _, _) =
        parsed("[{ a = \"x\", b = null }, { a = \"y\", b = 1, c = { d = \"z\" } }]");
    let value = lang::eval::constant(&given, &mut diags);
    let value = value::convert(&defaults.apply(&value), &ty).unwrap();
    let (wanted, _, _) = parsed(
        "[{ a = \"x\", b = 5, c = { d = \"d\" } }, { a = \"y\", b = 1, c = { d = \"z\" } }]",
    );
    let wanted = value::convert(&lang::eval::constant(&wanted, &mut diags), &ty).unwrap();
    assert_eq!(value, wanted);
    assert!(diags.is_empty());
}

type Read = fn(&hcl::Expr, &dyn Scope, &mut Diagnostics) -> Option<Repeat>;

fn repeated(read: Read, text: &str) -> String {
    let (expr, sources, mut diags) = parsed(text);
    match read(&expr, &Here, &mut diags) {
        Some(Repeat::Unknown(diag)) => {
            let facts: Vec<String> = diag
                .facts
                .iter()
                .map(|it| format!("{} {}", it.traversal, it.statement))
                .collect();
            format!("unknown: {}; {}", diag.summary, facts.join(", "))
        }
        Some(it) => {
            let keys: Vec<String> = it.keys().unwrap().iter().map(ToString::to_string).collect();
            keys.join(" ")
        }
        None => messages(&sources, &diags),
    }
}

#[test]
fn counts() {
    for (text, wanted) in [
        ("2", "[0] [1]"),
        ("\"1\"", "[0]"),
        ("0", ""),
        ("var.secret", "[0]"),
        ("var.number", "unknown: Invalid count argument; "),
        ("null", "Invalid count argument @ null"),
        ("-1", "Invalid count argument @ -1"),
        ("1.5", "Invalid count argument @ 1.5"),
        ("\"x\"", "Incorrect value type @ \"x\""),
        ("[1]", "Incorrect value type @ [1]"),
    ] {
        assert_eq!(repeated(lang::repeat::count, text), wanted, "{text}");
    }
}

#[test]
fn for_eaches() {
    for (text, wanted) in [
        ("{ b = 1, a = 2 }", "[\"a\"] [\"b\"]"),
        ("var.set", "[\"a\"] [\"b\"]"),
        ("{}", ""),
        (
            "var.map",
            "unknown: Invalid for_each argument; var.map is a map of string, known only after apply",
        ),
        (
            "var.other",
            "unknown: Invalid for_each argument; var.other will be known only after apply",
        ),
        (
            "var.unknowns",
            "unknown: Invalid for_each argument; var.unknowns is set of string with 2 elements",
        ),
        ("var.secrets", "Invalid for_each argument @ var.secrets"),
        ("null", "Invalid for_each argument @ null"),
        ("[\"a\"]", "Invalid for_each argument @ [\"a\"]"),
        ("var.list", "Invalid for_each argument @ var.list"),
        ("\"a\"", "Invalid for_each argument @ \"a\""),
        ("var.numbers", "Invalid for_each set argument @ var.numbers"),
        ("var.nulls", "Invalid for_each set argument @ var.nulls"),
    ] {
        assert_eq!(repeated(lang::repeat::for_each, text), wanted, "{text}");
    }
}
