//! No text overflows the stack, however deep or long, on the 2 MiB that a thread gets.

use diag::{Diagnostics, SourceId};

/// Parses, clones, compares, prints and drops on a small stack; gives the titles.
fn survives(text: String) -> Vec<String> {
    std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(move || {
            let mut diags = Diagnostics::new();
            let file = hcl::parse(SourceId(0), &text, &mut diags);
            let copy = file.clone();
            assert_eq!(copy, file);
            assert!(!format!("{file:?}").is_empty());
            diags
                .iter()
                .map(|it| it.summary.clone())
                .collect::<Vec<_>>()
        })
        .unwrap()
        .join()
        .unwrap()
}

#[test]
fn deep_nesting_is_one_clear_error() {
    let n = 10_000;
    for (open, middle, close) in [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("{a=", "1", "}"),
        ("f(", "1", ")"),
        ("\"${", "1", "}\""),
        ("!", "a", ""),
        ("-", "1", ""),
        ("a[b + ", "c", "]"),
        ("[for x in ", "y", " : x]"),
        ("a ? b : ", "c", ""),
        ("a ? ", "b", " : c"),
        ("1 + (", "2", ")"),
        ("\"%{ if a }", "b", "%{ endif }\""),
    ] {
        for n in [n, 240] {
            let text = format!("x = {}{middle}{}\n", open.repeat(n), close.repeat(n));
            let text = if open.starts_with("\"%") {
                format!(
                    "x = \"{}b{}\"\n",
                    "%{ if a }".repeat(n),
                    "%{ endif }".repeat(n)
                )
            } else {
                text
            };
            let titles = survives(text);
            if n == 240 {
                assert_eq!(titles, Vec::<String>::new(), "{open}");
            } else {
                assert_eq!(titles, ["Nested too deeply"], "{open}");
            }
        }
    }
    assert_eq!(survives("b {\n".repeat(n)), ["Nested too deeply"], "blocks");
    for step in ["[a]", "[*]", ".*[a]", "[*].a"] {
        assert_eq!(
            survives(format!("x = a{}\n", step.repeat(n))),
            ["Nested too deeply"],
            "{step}"
        );
    }
}

#[test]
fn long_chains_parse() {
    for chain in [" + 1", " && a", ".b", "[0]", "[\"k\"]", " + 1 * 2"] {
        assert_eq!(
            survives(format!("x = a{}\n", chain.repeat(10_000))),
            Vec::<String>::new(),
            "{chain}"
        );
    }
}
