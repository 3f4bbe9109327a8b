//! The comparison on small documents of our own: `testdata/contract`. Dokploy's documents stay out of the repository.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests read files and run the binary"
)]

use std::path::PathBuf;
use std::process::{Command, Output};

use contract::{Document, Question, Report, check};
use dokploy::version::Version;
use serde_json::Value as Json;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../testdata/contract")
        .join(name)
}

fn compared(name: &str, version: &str, router: &str) -> Report {
    let text = std::fs::read_to_string(path(name)).unwrap();
    let question = Question {
        version: Version::parse(version).unwrap(),
        routers: vec![router.to_owned()],
    };
    check(&Document::parse(&text).unwrap(), &question)
}

#[track_caller]
fn is_clean(report: &Report) {
    assert!(report.is_clean(), "{}", report.text());
    assert!(
        report.n_calls > 3 && report.n_fields > 10,
        "{}",
        report.text()
    );
}

#[test]
fn registries_are_as_described() {
    let report = compared("registry-v0.30.2.json", "v0.30.2", "registry");
    is_clean(&report);
    assert_eq!(report.n_simulated, Some(7));
}

#[test]
fn ports_are_as_described_in_the_older_form() {
    let report = compared("port-v0.26.5.json", "v0.26.5", "port");
    is_clean(&report);
    assert_eq!(report.n_simulated, Some(4));
}

#[test]
fn a_version_that_the_simulator_does_not_play_is_compared_with_the_rows_only() {
    let report = compared("port-v0.26.5.json", "v0.27.0", "port");
    is_clean(&report);
    assert_eq!(report.n_simulated, None);
    assert!(report.text().contains("does not play this version"));
}

#[test]
fn every_sort_of_difference_is_found() {
    let report = compared("registry-other.json", "v0.30.2", "registry");
    let found: Vec<String> = report
        .findings()
        .map(|it| {
            format!(
                "{} {} {} {}",
                it.side.word(),
                it.procedure,
                it.field,
                it.code
            )
        })
        .collect();
    let expected = [
        "rows registry.all  wrong-method",
        "rows registry.create region not-sent",
        "rows registry.create registryType wrong-value",
        "rows registry.create serverId unknown-field",
        "rows registry.create username wrong-type",
        "rows registry.remove  no-procedure",
        "rows registry.update serverId not-sent",
        "simulator registry.all  wrong-method",
        "simulator registry.create imagePrefix takes-null",
        "simulator registry.create region lets-off",
        "simulator registry.create registryType wrong-type",
        "simulator registry.create serverId unknown-field",
        "simulator registry.create username wrong-type",
        "simulator registry.remove  no-procedure",
        "simulator registry.testRegistry registryType demands-optional",
        "simulator registry.update createdAt refuses-null",
        "simulator registry.update serverId lets-off",
        "simulator registry.update token passed-over",
    ];
    let mut found = found;
    found.sort();
    assert_eq!(found, expected, "{}", report.text());
}

/// What is sent as null where nothing is configured.
#[test]
fn null_where_it_may_not_be_is_found() {
    let text = r#"{"paths": {"/project.create": {"post": {"requestBody": {"content": {"application/json": {"schema":
        {"type": "object", "properties": {"name": {"type": "string"}, "description": {"type": "string"}, "env":
        {"type": "string"}}, "required": ["name"]}}}}}}}}"#;
    let question = Question {
        version: Version::parse("v0.30.2").unwrap(),
        routers: vec!["project".to_owned()],
    };
    let report = check(&Document::parse(text).unwrap(), &question);
    let found: Vec<_> = report
        .findings()
        .filter(|it| it.procedure == "project.create")
        .map(|it| (it.side.word(), it.field.as_str(), it.code))
        .collect();
    assert_eq!(
        found,
        [
            ("rows", "description", "null"),
            ("simulator", "description", "takes-null")
        ]
    );
}

fn run(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_contract"));
    command.args(args).output().unwrap()
}

/// The command: what CI runs, with its exit codes.
#[test]
fn the_command_says_it_in_lines_and_in_json() {
    let good = path("registry-v0.30.2.json");
    let bad = path("registry-other.json");
    let (good, bad) = (good.to_str().unwrap(), bad.to_str().unwrap());
    let output = run(&["--openapi", good, "--only", "registry"]);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.starts_with("Dokploy v0.30.2: ") && text.lines().count() == 1,
        "{text}"
    );

    let output = run(&["--openapi", bad, "--only=registry"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    let line = "rows: registry.create: `region` is demanded, and not always sent [not-sent] (dokploy_registry)";
    assert!(text.lines().any(|it| it == line), "{text}");

    let output = run(&["--openapi", bad, "--only", "registry", "-json"]);
    assert_eq!(output.status.code(), Some(1));
    let json: Json = serde_json::from_slice(&output.stdout).unwrap();
    let findings = json["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 18, "{json}");
    assert!(
        findings
            .iter()
            .all(|it| it["text"].is_string() && it["by"].is_array())
    );
}

#[test]
fn what_is_no_document_is_told() {
    let port = path("port-v0.26.5.json");
    let port = port.to_str().unwrap();
    for (args, said) in [
        (&["--openapi", "/nowhere.json"] as &[&str], "No such file"),
        (
            &["--openapi", port, "--dokploy", "latest"],
            "is no version of Dokploy",
        ),
        (&["--openapi"], "usage:"),
        (&[], "usage:"),
    ] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains(said), "{args:?}: {text}");
    }
    for (text, said) in [("{", "no JSON"), ("{}", "no \"paths\"")] {
        let error = Document::parse(text).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    // Its name says the version, as its info does not.
    let output = run(&["--openapi", port, "--only", "port"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.starts_with(b"Dokploy v0.26.5: "));
}

/// A reference to itself does not end the process.
#[test]
fn references_in_a_circle_end() {
    let text = r##"{"paths": {"/port.one": {"get": {"parameters": [{"name": "portId", "in": "query", "required": true,
        "schema": {"$ref": "#/components/schemas/A"}}]}}},
        "components": {"schemas": {"A": {"anyOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/A"}]}}}}"##;
    let document = Document::parse(text).unwrap();
    assert_eq!(document.len(), 1);
    assert!(!document.is_empty());
}
