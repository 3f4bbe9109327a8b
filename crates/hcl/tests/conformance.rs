//! The recorded expression cases: what parses there parses here, and what does not fails with the same titles.

use std::path::PathBuf;

use diag::{Diagnostics, SourceId};

pub(crate) fn testdata(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../testdata")
        .join(path)
}

/// The titles of errors in the order of their places, each line once.
fn titles(diags: &Diagnostics) -> Vec<String> {
    let mut found: Vec<_> = diags
        .iter()
        .map(|it| {
            (
                it.subject.map(|it| it.start),
                format!("Error: {}", it.summary),
            )
        })
        .collect();
    found.sort_by_key(|it| it.0);
    found.into_iter().map(|it| it.1).collect()
}

fn is_of_parser(title: &str) -> bool {
    let title = title.strip_prefix("Error: ").unwrap_or(title);
    hcl::code::CODES.iter().any(|it| it.title == title)
        || (title.starts_with("Unexpected ") && title.ends_with(" directive"))
        || title.starts_with("Extra characters in ")
}

#[test]
fn expressions_parse_or_fail_as_recorded() {
    let mut n_cases = 0;
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(testdata("conformance/expr")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|it| it != "json") {
            continue;
        }
        let cases: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for case in cases.as_array().unwrap() {
            let expr = case["expr"].as_str().unwrap();
            if matches!(expr, "" | "help" | "exit") || expr.starts_with("local.r") {
                continue;
            }
            n_cases += 1;
            let expected: Vec<String> = case["result"]["error"]
                .as_str()
                .unwrap_or("")
                .lines()
                .map(str::to_owned)
                .collect();
            let mut diags = Diagnostics::new();
            hcl::parse_expr(SourceId(0), expr, 0, &mut diags);
            let found = titles(&diags);
            let expected = if expected.iter().any(|it| is_of_parser(it)) {
                expected
            } else {
                Vec::new()
            };
            if found != expected {
                wrong.push(format!(
                    "{}: {expr}\n  expected {expected:?}\n  found {found:?}",
                    case["id"]
                ));
            }
        }
    }
    assert!(n_cases > 3_000);
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn recorded_configurations_parse() {
    fn visit(dir: PathBuf, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                visit(path, found);
            } else if path
                .extension()
                .is_some_and(|it| it == "tf" || it == "tfvars")
            {
                found.push(path);
            }
        }
    }
    let mut files = Vec::new();
    visit(testdata(""), &mut files);
    let mut broken = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut diags = Diagnostics::new();
        hcl::parse(SourceId(0), &text, &mut diags);
        let name = path.to_string_lossy().into_owned();
        let may_fail = [
            "syn-",
            "-error",
            "syntax",
            "err-names",
            "err-reserved",
            "fmt-cli-broken",
        ]
        .iter()
        .any(|it| name.contains(it));
        if diags.has_errors() && !may_fail {
            broken.push(format!("{name}: {:?}", titles(&diags)));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
