//! Deep and long expressions: answers or messages, never a stack overflow. These run on a test thread of 2 MB.

use diag::{Diagnostics, SourceId};
use lang::scope::Nothing;
use value::Value;
use value::function::NoWorld;

fn evaluated(text: &str) -> Result<Value, String> {
    let mut diags = Diagnostics::new();
    let expr = hcl::parse_expr(SourceId(0), text, 0, &mut diags);
    let scope = Nothing {
        world: &NoWorld,
        reason: "",
    };
    let value = lang::eval(&expr, &scope, &mut diags);
    match diags.iter().find(|it| it.is_error()) {
        Some(it) => Err(it.summary.clone()),
        None => Ok(value),
    }
}

#[test]
fn long_chains_are_fine() {
    let sum = vec!["1"; 10_000].join(" + ");
    assert_eq!(
        evaluated(&sum).unwrap().as_number().unwrap().to_i64(),
        Some(10_000)
    );
    let text = format!("\"{}\"", "${1}".repeat(10_000));
    assert_eq!(evaluated(&text).unwrap().as_str().unwrap().len(), 10_000);
}

#[test]
fn deep_nesting_has_an_end() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{ a = ", "}"),
        ("true ? 1 : (", ")"),
        ("\"x${", "}\""),
        ("[for x in [1] : ", "]"),
        ("(", " + 1)"),
        ("-", ""),
        ("[1][*].a ? 1 : true ? ", " : 1"),
        ("\"%{ if true }${", "}%{ endif }\""),
    ] {
        for n in [200, 240, 5_000] {
            let text = format!("{}1{}", open.repeat(n), close.repeat(n));
            // Whether it is a value or a message is not the point here.
            let _ = evaluated(&text);
        }
    }
}

#[test]
fn mistakes_in_each_of_many_elements_have_an_end() {
    let list = vec!["1"; 100_000].join(", ");
    for text in [
        format!("[for x in [{list}] : x.a]"),
        format!("[{list}][*].a"),
        format!("\"%{{ for x in [{list}] }}${{x.a}}%{{ endfor }}\""),
    ] {
        assert_eq!(evaluated(&text), Err("Unsupported attribute".to_owned()));
    }
}
