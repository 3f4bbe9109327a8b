//! No expression panics when it is evaluated, gives the same twice, and nothing that is said or shown holds a secret.
#![no_main]

use addr::Reference;
use diag::{Diagnostics, SourceMap};
use lang::Scope;
use libfuzzer_sys::fuzz_target;
use value::function::{NoWorld, World};
use value::{Mark, Type, Value, show};

/// What the secrets hold, and nothing else.
const SECRET: &str = "canary";

struct Here;

impl Scope for Here {
    fn value(&self, reference: &Reference, _: &mut Diagnostics) -> Value {
        let list = || Value::list(Type::String, vec![Value::from("b"), Value::from("a")]);
        match reference.subject.to_string().as_str() {
            "var.s" => Value::from(SECRET).mark(Mark::Sensitive),
            "var.m" => Value::object([
                ("k", Value::from(SECRET).mark(Mark::Sensitive)),
                ("e", Value::from("x").mark(Mark::Ephemeral)),
                ("l", list()),
            ]),
            "var.u" => Value::unknown(Type::String),
            "var.n" => Value::unknown(Type::Number),
            "var.x" => Value::unknown(Type::map(Type::String)),
            "var.l" => list(),
            "var.t" => Value::set(Type::Number, vec![Value::from(1_i64), Value::from(2_i64)]),
            "var.z" => Value::null(Type::String),
            _ => Value::dynamic(),
        }
    }

    fn world(&self) -> &dyn World {
        &NoWorld
    }

    fn is_console(&self) -> bool {
        true
    }
}

fn evaluated(text: &str) -> (String, Vec<String>) {
    let mut sources = SourceMap::new();
    let source = sources.add("main.tf", text);
    let mut diags = Diagnostics::new();
    let expr = hcl::parse_expr(source, text, 0, &mut diags);
    if diags.has_errors() {
        return (String::new(), Vec::new());
    }
    let value = lang::eval(&expr, &Here, &mut diags);
    let said = diags.iter().map(|it| format!("{} {}", it.summary, it.detail));
    (show::console(&value), said.collect())
}

fuzz_target!(|text: &str| {
    // bcrypt is slow on purpose and salted at random; what `nonsensitive` shows is shown on purpose.
    if text.contains("bcrypt") || text.contains("nonsensitive") || text.contains(SECRET) {
        return;
    }
    let (shown, said) = evaluated(text);
    for it in said.iter().chain([&shown]) {
        assert!(!it.contains(SECRET), "a secret is shown: {it}");
    }
    assert_eq!(evaluated(text), (shown, said));
});
