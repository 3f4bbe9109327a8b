//! Messages about expressions: titles, places, the values that they mention, and the call that failed.

use addr::Reference;
use diag::{Diagnostics, SourceMap};
use lang::Scope;
use value::function::{NoWorld, World};
use value::{Mark, Type, Value};

struct Here;

impl Scope for Here {
    fn value(&self, reference: &Reference, _diags: &mut Diagnostics) -> Value {
        let list = || Value::tuple(vec![Value::from("a"), Value::from("b")]);
        match reference.subject.to_string().as_str() {
            "var.s" => Value::from("foo"),
            "var.l" => list(),
            "var.m" => Value::object([("a", Value::from(1_i64)), ("b", Value::from(2_i64))]),
            "var.secret" => Value::from("hunter2").mark(Mark::Sensitive),
            "var.secrets" => Value::object([("hunter2", Value::from("x"))]).mark(Mark::Sensitive),
            "var.unknown" => Value::unknown(Type::String),
            _ => Value::dynamic(),
        }
    }

    fn world(&self) -> &dyn World {
        &NoWorld
    }
}

/// `title @ place; facts; call`, one a line.
fn messages(text: &str) -> String {
    let mut sources = SourceMap::new();
    let source = sources.add("main.tf", text);
    let mut diags = Diagnostics::new();
    let expr = hcl::parse_expr(source, text, 0, &mut diags);
    lang::eval(&expr, &Here, &mut diags);
    let mut lines = Vec::new();
    for it in &diags {
        assert!(!it.detail.contains("hunter2"), "a secret: {}", it.detail);
        let mut line = format!(
            "{} @ {}",
            it.summary,
            it.subject.map_or("", |span| sources.slice(span))
        );
        for fact in &it.facts {
            line.push_str(&format!("; {} {}", fact.traversal, fact.statement));
        }
        if let Some(call) = &it.call {
            let parameters = call.parameters.as_ref().map(|it| it.join(", "));
            line.push_str(&format!(
                "; {}({})",
                call.name,
                parameters.as_deref().unwrap_or("?")
            ));
        }
        lines.push(line);
    }
    lines.join("\n")
}

#[test]
fn what_messages_say() {
    for (text, wanted) in [
        ("var.s + 1", "Invalid operand @ var.s; var.s is \"foo\""),
        (
            "var.l[var.m[\"b\"] + 3]",
            "Invalid index @ [var.m[\"b\"] + 3]; var.l is tuple with 2 elements; var.m[\"b\"] is 2",
        ),
        (
            "var.m.zzz",
            "Unsupported attribute @ .zzz; var.m is object with 2 attributes",
        ),
        (
            "var.unknown.x",
            "Unsupported attribute @ .x; var.unknown is a string",
        ),
        ("var.other + {}", "Invalid operand @ {}"),
        ("var.secret + 1", "Invalid operand @ var.secret"),
        ("var.secrets.hunter", "Unsupported attribute @ .hunter"),
        ("var.secrets[\"hunter\"]", "Invalid index @ [\"hunter\"]"),
        // What comes out of an expanded list has no place of its own.
        (
            "upper(\"a\", var.l...)",
            "Too many function arguments @ var.l; var.l is tuple with 2 elements; upper(str)",
        ),
        (
            "upper([\"a\", 1]...)",
            "Too many function arguments @ [\"a\", 1]; upper(str)",
        ),
        (
            "abs(([[1]])...)",
            "Invalid function argument @ ([[1]]); abs(num)",
        ),
        (
            "parseint(\"\", 10)",
            "Invalid function argument @ ,; parseint(number, base)",
        ),
        (
            "var.unknown ? [1, null] : [[\"a\"], \"c\", [[\"e\"]]]",
            "Inconsistent conditional result types @ [1, null] : [[\"a\"], \"c\", [[\"e\"]]]; var.unknown is a string",
        ),
        (
            "true ? [{ a = var.l }, { a = null }, { a = [{}] }] : []",
            "Inconsistent conditional result types @ [{ a = var.l }, { a = null }, { a = [{}] }]; var.l is tuple with 2 elements",
        ),
        (
            "parseint(\"%{ for x in var.l }a%{ endfor }\", 10)",
            "Invalid function argument @ %{ for x in var.l }; var.l is tuple with 2 elements; parseint(number, base)",
        ),
        ("{ (null) = 12 }", "Null value as key @ 12"),
        (
            "[for x in [\"a\"] : abs(x)]",
            "Invalid function argument @ x; abs(?)",
        ),
        ("templatestring(\"x\", var.unknown)", ""),
        (
            "[for x in templatestring(var.unknown, {}) : x]",
            "Iteration over non-iterable value @ templatestring(var.unknown, {}); var.unknown is a string",
        ),
        ("formatlist(\"%\", var.other)", ""),
        ("formatlist(\"%z\", [])", ""),
        (
            "formatlist(\"%z\", [var.unknown], [])",
            "Invalid function argument @ [; formatlist(format, args...)",
        ),
        (
            "parseint(var.s, 10)",
            "Invalid function argument @ var.s; var.s is \"foo\"; parseint(number, base)",
        ),
        (
            "core::parseint(var.secret, 10)",
            "Invalid function argument @ var.secret; core::parseint(number, base)",
        ),
        (
            "upper(var.s, 1)",
            "Too many function arguments @ 1; var.s is \"foo\"; upper(str)",
        ),
        ("upper()", "Not enough function arguments @ ); upper(str)"),
        (
            "uper(var.s)",
            "Call to unknown function @ uper; var.s is \"foo\"",
        ),
        (
            "max(var.l...)",
            "Invalid function argument @ var.l; max(numbers...)\nInvalid function argument @ var.l; max(numbers...)",
        ),
        (
            "max(var.s...)",
            "Invalid expanding argument value @ var.s; var.s is \"foo\"; max(numbers...)",
        ),
        (
            "try(var.m.zzz, var.l[9])",
            "Error in function call @ try(; var.l is tuple with 2 elements; var.m is object with 2 attributes; try(expressions...)",
        ),
        (
            "[for x in var.l : parseint(x, 10)]",
            "Invalid function argument @ x; parseint(?)\nInvalid function argument @ x; parseint(?)",
        ),
        (
            "local",
            "Invalid reference @ local\nReference to undeclared local value @ ",
        ),
        // A wrong reference is all that is said; a wrong part of what is not taken is not said.
        ("[nope, var.s + 1]", "Invalid reference @ nope"),
        ("false ? var.m.zzz : 1", ""),
        (
            "var.m.zzz + var.m.yyy",
            "Unsupported attribute @ .zzz; var.m is object with 2 attributes\nUnsupported attribute @ .yyy; var.m is object with 2 attributes",
        ),
    ] {
        assert_eq!(messages(text), wanted, "{text}");
    }
}
