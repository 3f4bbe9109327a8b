//! What holds for every text.

use diag::{Diagnostics, SourceId};
use proptest::prelude::*;

use crate::conformance::testdata;

/// A tree as text without its spans.
fn without_spans(file: &hcl::File) -> String {
    let text = format!("{file:?}");
    let mut res = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("Span {") {
        res.push_str(&rest[..at]);
        rest = rest[at..].split_once('}').map_or("", |it| it.1);
    }
    res + rest
}

fn parsed(text: &str) -> Option<hcl::File> {
    let mut diags = Diagnostics::new();
    let file = hcl::parse(SourceId(0), text, &mut diags);
    (!diags.has_errors()).then_some(file)
}

/// Parsing what was printed gives the same tree.
fn check_print(text: &str) {
    let Some(file) = parsed(text) else { return };
    let printed = hcl::write::file(&file.body);
    let again = parsed(&printed)
        .unwrap_or_else(|| panic!("does not parse when printed:\n{text}\n---\n{printed}"));
    let (mut expected, mut found) = (without_spans(&file), without_spans(&again));
    // `fmt`, which lays out what was printed, unwraps `"${a}"` and modernises types.
    if expected != found {
        let formatted = parsed(&hcl::format(SourceId(0), text, &mut Diagnostics::new()).unwrap());
        expected = without_spans(&formatted.unwrap());
        let twice = hcl::format(SourceId(0), &printed, &mut Diagnostics::new()).unwrap();
        found = without_spans(&parsed(&twice).unwrap());
    }
    assert_eq!(found, expected, "\n{text}\n---\n{printed}");
}

/// The tokens of a text without line breaks: what `fmt` must not change.
fn tokens(text: &str) -> Vec<&str> {
    let mut lexer = hcl::lex::Lexer::new(text);
    let mut res = Vec::new();
    loop {
        let token = lexer.next_with_comments();
        if token.kind == hcl::lex::Kind::Eof {
            return res;
        }
        res.push(&text[token.start as usize..token.end as usize]);
    }
}

fn check_format(text: &str, changes_spelling: bool) {
    let Some(formatted) = hcl::format(SourceId(0), text, &mut Diagnostics::new()) else {
        return;
    };
    if !changes_spelling {
        assert_eq!(tokens(&formatted), tokens(text), "\n{text}");
    }
    // An unwrapped value can be unwrapped once more, and nesting in a heredoc needs a second look, so idempotence is
    // that of layout: formatting twice more gives the same.
    let twice = hcl::format(SourceId(0), &formatted, &mut Diagnostics::new())
        .unwrap_or_else(|| panic!("does not parse when formatted:\n{text}\n---\n{formatted}"));
    if !changes_spelling {
        assert_eq!(twice, formatted, "\n{text}");
    }
}

/// Everything that can be done with a text; nothing panics.
fn survives(text: &str) {
    let mut diags = Diagnostics::new();
    let file = hcl::parse(SourceId(0), text, &mut diags);
    for diagnostic in &diags {
        let span = diagnostic.subject.expect("every mistake has a place");
        assert!(
            text.get(span.start as usize..span.end as usize).is_some(),
            "{diagnostic:?} is not a part of the text"
        );
    }
    for it in hcl::visit::expressions(&file.body) {
        assert!(
            text.get(it.span.start as usize..it.span.end as usize)
                .is_some(),
            "{it:?} is not a part of the text"
        );
    }
    let _ = hcl::further_errors(SourceId(0), text, &diags);
    hcl::parse_expr(SourceId(0), text, 0, &mut Diagnostics::new());
    hcl::parse_template(SourceId(0), text, 0, &mut Diagnostics::new());
    hcl::parse_traversal(SourceId(0), text, &mut Diagnostics::new());
    let json = hcl::json::parse(SourceId(0), text, true, &mut Diagnostics::new());
    let shapes = [hcl::json::BlockShape {
        kind: "a",
        n_labels: 1,
    }];
    hcl::json::with_blocks(&json.body, &shapes, &mut Diagnostics::new());
    check_print(text);
}

const WORDS: &[&str] = &[
    "a",
    "b",
    "for",
    "in",
    "if",
    "null",
    "true",
    "1",
    "0.5",
    "1e3",
    "\"x\"",
    "\"",
    "${",
    "%{",
    "}",
    "{",
    "(",
    ")",
    "[",
    "]",
    ",",
    ".",
    ":",
    "::",
    "?",
    "=",
    "==",
    "=>",
    "...",
    "*",
    "+",
    "-",
    "!",
    "&&",
    "\n",
    " ",
    "<<EOT\n",
    "\nEOT\n",
    "<<-E\n",
    "  E\n",
    "# c\n",
    "/* c */",
    "//",
    "~",
    "~}",
    "${~",
    "%{ if a }",
    "%{ else }",
    "%{ endif }",
    "%{ for x in a }",
    "%{ endfor }",
    "\\n",
    "\\u00",
    "\\",
    "$",
    "%",
    "$${",
    "'",
    "`",
    ";",
    "\t",
    "\r\n",
    "\r",
    "é",
    "日",
    "\u{feff}",
    "\u{200d}",
    "[*]",
    ".*",
    ".0",
    "[0]",
    "{\"a\":",
    "\"a\": ",
    "},",
];

fn soup() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(WORDS), 0..30).prop_map(|it| it.concat())
}

/// Valid expressions of every form.
pub(crate) fn expression() -> impl Strategy<Value = String> {
    let leaf = proptest::sample::select(vec![
        "a",
        "a.b",
        "a[0]",
        "a[\"k\"].b",
        "a.0",
        "a.*.b",
        "a[*].b[0]",
        "a.*",
        "1",
        "1.50",
        "true",
        "null",
        "\"\"",
        "\"x\"",
        "\"a$${b}\\n\\\"é\"",
        "<<EOT\n  x\n y $ \nEOT\n",
        "a.*.b[*].c",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(4, 40, 4, |inner| {
        let many = proptest::collection::vec(inner.clone(), 0..4);
        let op = proptest::sample::select(vec![
            "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||",
        ]);
        let line = |it: &str| it.ends_with('\n');
        prop_oneof![
            inner.clone().prop_map(|a| format!("({a})")),
            many.clone().prop_map(|it| format!("[{}]", it.join(",\n"))),
            (many.clone(), any::<bool>()).prop_map(|(it, expand)| format!(
                "p::f({}{})",
                it.join(", "),
                if expand && !it.is_empty() { "..." } else { "" }
            )),
            many.clone().prop_map(move |it| {
                let items: String = it
                    .iter()
                    .enumerate()
                    .map(|(at, it)| {
                        let key = ["k", "\"k\"", "(a)", "a.b", "null"][at % 5];
                        format!("{key} = {it}{}", if line(it) { "" } else { "\n" })
                    })
                    .collect();
                format!("{{\n{items}}}")
            }),
            (inner.clone(), op, inner.clone()).prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            inner.clone().prop_map(|a| format!("-({a})")),
            inner.clone().prop_map(|a| format!("!!a[{a}]")),
            inner.clone().prop_map(|a| format!("({a})[*].b")),
            inner.clone().prop_map(|a| format!("({a}).*.b.0")),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| format!("[for x in {a} : {b} if x]")),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| format!("{{for k, v in {a} : k => {b}...}}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!(
                "\"x${{{a}}} %{{ if {b} ~}} y %{{ else }}z%{{~ endif }}\""
            )),
            (inner.clone(), inner).prop_map(|(a, b)| format!(
                "<<-EOT\n    $${{ ${{{a}}}\n  %{{ for x in {b} ~}}\n  z $ ${{~ x}}\n  %{{ endfor ~}}\n  EOT\n"
            )),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics(text in soup()) {
        survives(&text);
        survives(&format!("a = {text}\n"));
    }

    #[test]
    fn no_characters_panic(text in "\\PC{0,40}") {
        survives(&text);
    }

    #[test]
    fn print_then_parse_is_the_identity(expression in expression()) {
        let text = format!("a = [\n{expression}\n]\nb \"l\\\"\" m {{\n  c = [{expression}]\n}}\n");
        prop_assert!(parsed(&text).is_some(), "{}", text);
        check_print(&text);
    }

    #[test]
    fn format_changes_no_token_and_is_idempotent(expression in expression()) {
        check_format(&format!("a =[\n{expression}  ]\nb\t{{\n  ccc   = [{expression}] # c\n d=1\n}}\n"), false);
    }

    #[test]
    fn format_of_soup(text in soup()) {
        check_format(&format!("a = {text}\n"), true);
    }
}

#[test]
fn recorded_texts_print_and_format() {
    let mut n_files = 0;
    let mut dirs = vec![testdata("")];
    while let Some(dir) = dirs.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                dirs.push(path);
            } else if path.extension().is_some_and(|it| it == "tf") {
                let text = std::fs::read_to_string(&path).unwrap();
                check_print(&text);
                check_format(&text, true);
                n_files += 1;
            }
        }
    }
    assert!(n_files > 100);
}
