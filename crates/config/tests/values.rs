//! Values files.

use diag::{Diagnostics, SourceMap};

use crate::lines;

#[track_caller]
fn check(name: &str, text: &str, names: &[&str], expected: &str) {
    let mut sources = SourceMap::new();
    let mut diags = Diagnostics::new();
    let source = sources.add(name, text);
    let values = config::values::parse(source, text, name.contains(".json"), &mut diags);
    let found: Vec<&str> = values.iter().map(|(name, _)| name.name.as_str()).collect();
    assert_eq!(
        (found.as_slice(), lines(&diags, &sources).as_str()),
        (names, expected)
    );
}

#[test]
fn values_in_both_syntaxes() {
    check("a.tfvars", "a = 1\nb = [\"x\"]\n", &["a", "b"], "");
    check(
        "a.tfvars.json",
        "{\"a\": 1, \"b\": [\"${x}\"]}",
        &["a", "b"],
        "",
    );
    check(
        "a.tfvars",
        "variable \"a\" {\n  default = 2\n}\n",
        &[],
        "E a.tfvars:1 Variable declaration in .tfvars file: variable \"a\"",
    );
    check(
        "a.tfvars",
        "a = 1\nb {}\n",
        &["a"],
        "E a.tfvars:2 Unexpected \"b\" block: b",
    );
    check(
        "a.tfvars",
        "a = 1\na = 2\n",
        &["a"],
        "E a.tfvars:2 Attribute redefined: a",
    );
}
