//! All independent mistakes of a file are found, and no mistake twice.

use diag::{Diagnostics, SourceId, SourceMap};

/// The titles and lines of what `parse` reports, and of what `further_errors` adds.
fn errors(text: &str) -> (Vec<(u32, String)>, Vec<(u32, String)>) {
    let mut sources = SourceMap::new();
    let id = sources.add("main.tf", text);
    let mut diags = Diagnostics::new();
    hcl::parse(id, text, &mut diags);
    let further = hcl::further_errors(id, text, &diags);
    let show = |diags: &Diagnostics| {
        diags
            .iter()
            .map(|it| {
                let at = it.subject.map_or(0, |it| it.start);
                (sources.position(id, at).line, it.summary.clone())
            })
            .collect()
    };
    (show(&diags), show(&further))
}

#[track_caller]
fn check_errors(text: &str, first: &[(u32, &str)], further: &[(u32, &str)]) {
    let own = |list: &[(u32, &str)]| {
        list.iter()
            .map(|(line, title)| (*line, (*title).to_owned()))
            .collect::<Vec<_>>()
    };
    assert_eq!(errors(text), (own(first), own(further)));
}

#[test]
fn later_statements_are_read_after_a_mistake() {
    check_errors(
        "locals {\n  a = { x = 1 y = 2 }\n}\nlocals {\n  b = { x }\n  c = 1\n}\nlocals {\n  d = { 1 + 1 2 }\n}\n",
        &[(2, "Missing attribute separator")],
        &[
            (5, "Missing key/value separator"),
            (9, "Missing key/value separator"),
        ],
    );
    check_errors(
        "locals {\n  a = 1 === 2\n}\nlocals {\n  c = !\n}\n",
        &[(2, "Invalid expression")],
        &[(5, "Invalid expression")],
    );
    check_errors(
        "locals {\n  a = [1, 2\n  b = )\n}\nresource x {\n  y = [\n    1 2\n  ]\n  z = (\n}\n",
        &[(3, "Missing item separator")],
        &[
            (3, "Invalid expression"),
            (7, "Missing item separator"),
            (10, "Invalid expression"),
        ],
    );
}

#[test]
fn a_mistake_alone_has_no_followers() {
    for text in [
        "locals {\n  a = foo[\n}\n",
        "locals {\n  a = \"x ${var.v\"\n  b = 1\n}\nc = 1\n",
        "locals {\n  a = [\n    1\n    2\n  ]\n  b = 1\n}\n",
        "b {\n  c = {\n    d = 1 2\n  }\n  e = 1\n}\nf {\n}\n",
        "b \"x\" = {\n  c = 1\n}\nf {\n}\n",
        "b {\n  c = 1, d = 2\n  e {\n  }\n}\n",
        "b {\n  c {\n    d = 1\n\n  e = 2\n}\n",
        "locals {\n  a = <<EOT\n  x\n}\n",
        "locals { a = 1; b = 2 }\nlocals { c = 1 }\n",
        "}\nlocals {\n  a = 1\n}\n",
        "locals {\n  a = f(1\n  b = {\n    x = 1\n  }\n}\n",
    ] {
        let (first, further) = errors(text);
        assert!(!first.is_empty(), "{text}");
        assert_eq!(further, [], "{text}");
    }
    let mut diags = Diagnostics::new();
    hcl::parse(SourceId(0), "a = 1\n", &mut diags);
    assert!(hcl::further_errors(SourceId(0), "a = 1\n", &diags).is_empty());
}
