//! `dokplan test`: runs of test files, what they make and leave, mocks that never ask a server.

use serde_json::Value as Json;

use crate::support::Dir;

const MAIN: &str = r#"
variable "v" {
  default = "a"
  validation {
    condition     = var.v != "bad"
    error_message = "bad v"
  }
}

resource "terraform_data" "x" {
  input = upper(var.v)
  lifecycle {
    postcondition {
      condition     = self.input != "POST"
      error_message = "post"
    }
  }
}

check "c" {
  assert {
    condition     = var.v != "check"
    error_message = "check failed"
  }
}

output "o" {
  value = terraform_data.x.output
}
"#;

/// The lines of standard output without those that are empty.
fn lines(text: &str) -> Vec<&str> {
    text.lines().filter(|it| !it.trim().is_empty()).collect()
}

#[test]
fn runs_share_a_state_and_know_the_outputs_of_earlier_ones() {
    let tests = r#"
variables {
  v = "file"
}

run "setup" {
  module {
    source = "./setup"
  }
  assert {
    condition     = output.id == 1
    error_message = "x"
  }
}

run "expected" {
  command = plan
  variables {
    v = "bad"
  }
  expect_failures = [var.v]
}

run "checked" {
  variables {
    v = "check"
  }
  expect_failures = [check.c]
}

run "after" {
  assert {
    condition     = var.v == "file" && terraform_data.x.input == "FILE" && run.setup.id == 1
    error_message = "y"
  }
}

run "fails" {
  assert {
    condition     = output.o == "q"
    error_message = "o is ${output.o}"
  }
}

run "breaks" {
  command = plan
  variables {
    v = "n"
  }
  assert {
    condition     = output.o == "q"
    error_message = "z"
  }
}

run "left_out" {}
"#;
    let setup = "resource \"terraform_data\" \"s\" {\n  input = 1\n}\noutput \"id\" {\n  value = terraform_data.s.output\n}\n";
    let dir = Dir::with(&[
        ("main.tf", MAIN),
        ("setup/main.tf", setup),
        ("tests/a.tftest.hcl", tests),
    ]);
    let output = dir.run(&["test", "-no-color"]).exits(1);
    assert_eq!(
        lines(&output.stdout),
        [
            "tests/a.tftest.hcl... in progress",
            "  run \"setup\"... pass",
            "  run \"expected\"... pass",
            "  run \"checked\"... pass",
            "  run \"after\"... pass",
            "  run \"fails\"... fail",
            "  run \"breaks\"... fail",
            "  run \"left_out\"... skip",
            "tests/a.tftest.hcl... tearing down",
            "tests/a.tftest.hcl... fail",
            "Failure! 4 passed, 2 failed, 1 skipped.",
        ]
    );
    let titles: Vec<&str> = output
        .stderr
        .lines()
        .filter(|it| it.starts_with("Error: "))
        .collect();
    assert_eq!(
        titles,
        [
            "Error: Test assertion failed",
            "Error: Unknown condition value"
        ]
    );
    assert!(output.stderr.contains("o is FILE"), "{}", output.stderr);
    // Nothing of a test is on the disk.
    assert!(!dir.join("terraform.tfstate").exists());
    assert!(!dir.join("errored_test.tfstate").exists());
}

#[test]
fn an_expected_failure_that_does_not_come_and_one_that_comes_too_early() {
    let tests = "run \"unmet\" {\n  expect_failures = [check.c, var.v]\n}\nrun \"next\" {}\n";
    let early = "run \"early\" {\n  variables {\n    v = \"post\"\n  }\n  expect_failures = [terraform_data.x]\n}\n";
    let dir = Dir::with(&[
        ("main.tf", MAIN),
        ("a.tftest.hcl", tests),
        ("b.tftest.hcl", early),
    ]);
    let output = dir.run(&["test", "-no-color"]).exits(1);
    assert!(
        output.stdout.contains("run \"next\"... skip"),
        "{}",
        output.stdout
    );
    assert_eq!(
        output
            .stderr
            .matches("Error: Missing expected failure")
            .count(),
        2
    );
    let early = "Warning: Expected failure while planning";
    assert!(output.stdout.contains(early), "{}", output.stdout);
    assert!(
        output
            .stderr
            .contains("Error: Resource postcondition failed")
    );
    assert!(
        output
            .stdout
            .ends_with("Failure! 0 passed, 2 failed, 1 skipped.\n")
    );
}

#[test]
fn a_mocked_provider_never_asks_a_server() {
    let main = r#"
terraform {
  required_providers {
    dokploy = {
      source = "ahmedali6/dokploy"
    }
  }
}

provider "dokploy" {
  host    = "http://127.0.0.1:1"
  api_key = "none"
}

variable "password" {
  sensitive = true
}

resource "dokploy_project" "p" {
  name = "p"
}

resource "dokploy_registry" "r" {
  registry_name = "r"
  registry_url  = "ghcr.io"
  username      = "u"
  password      = var.password
  image_prefix  = ""
}

data "dokploy_organizations" "all" {}

output "project" {
  value = dokploy_project.p.id
}

output "registry" {
  value = dokploy_registry.r.id
}
"#;
    let tests = r#"
mock_provider "dokploy" {
  mock_resource "dokploy_project" {
    defaults = {
      id = "project-1"
    }
  }
}

variables {
  password = "hunter2"
}

override_resource {
  target          = dokploy_registry.r
  override_during = plan
  values = {
    id = "registry-1"
  }
}

run "planned" {
  command = plan
  assert {
    condition     = output.registry == "registry-1"
    error_message = "registry is ${output.registry}"
  }
}

run "applied" {
  assert {
    condition     = output.project == "project-1" && output.registry == "registry-1"
    error_message = "project is ${output.project}"
  }
}
"#;
    let dir = Dir::with(&[("main.tf", main), ("mocked.tftest.hcl", tests)]);
    let output = dir.run(&["test", "-no-color", "-verbose"]).ok();
    assert!(
        output.stdout.ends_with("Success! 2 passed, 0 failed.\n"),
        "{}",
        output.all()
    );
    assert!(!output.all().contains("hunter2"), "{}", output.all());
}

#[test]
fn an_overridden_module_has_outputs_only() {
    let main = "module \"m\" {\n  source = \"./m\"\n}\noutput \"o\" {\n  value = module.m.y\n}\n";
    let module = "resource \"terraform_data\" \"y\" {\n  input = 3\n}\nlocals {\n  z = terraform_data.y.output\n}\noutput \"y\" {\n  value = local.z\n}\n";
    let tests = "override_module {\n  target  = module.m\n  outputs = { y = \"other\" }\n}\nrun \"r\" {\n  assert {\n    condition     = output.o == \"other\"\n    error_message = \"o is ${output.o}\"\n  }\n}\n";
    let dir = Dir::with(&[
        ("main.tf", main),
        ("m/main.tf", module),
        ("a.tftest.hcl", tests),
    ]);
    dir.run(&["test", "-no-color"]).ok();
}

#[test]
fn machine_readable_output_names_file_and_run() {
    let tests = "run \"r\" {\n  assert {\n    condition     = output.o == \"q\"\n    error_message = \"no\"\n  }\n}\n";
    let dir = Dir::with(&[("main.tf", MAIN), ("a.tftest.hcl", tests)]);
    let output = dir.run(&["test", "-json", "-verbose"]).exits(1);
    let messages: Vec<Json> = output
        .stdout
        .lines()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    let kinds: Vec<&str> = messages
        .iter()
        .map(|it| it["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "version",
            "test_abstract",
            "test_file",
            "test_run",
            "test_run",
            "test_state",
            "diagnostic",
            "test_file",
            "test_run",
            "test_file",
            "test_summary",
        ]
    );
    let diagnostic = &messages[6];
    assert_eq!(diagnostic["@testfile"], "a.tftest.hcl");
    assert_eq!(diagnostic["@testrun"], "r");
    let state = &messages[5]["test_state"];
    assert_eq!(
        state["root_module"]["resources"][0]["address"],
        "terraform_data.x"
    );
    assert!(state["provider_schemas"]["terraform.io/builtin/terraform"].is_object());
    assert_eq!(messages[10]["test_summary"]["failed"], 1);
}

#[test]
fn what_cannot_be_destroyed_is_told_and_kept() {
    let main = "resource \"terraform_data\" \"x\" {\n  provisioner \"local-exec\" {\n    when    = destroy\n    command = \"exit 3\"\n  }\n}\n";
    let dir = Dir::with(&[("main.tf", main), ("a.tftest.hcl", "run \"r\" {}\n")]);
    let output = dir.run(&["test", "-no-color"]).exits(1);
    assert!(
        output.stderr.contains("Error: Objects of a test are left"),
        "{}",
        output.all()
    );
    assert!(
        output.stderr.contains("  - terraform_data.x"),
        "{}",
        output.all()
    );
    let listed = dir
        .run(&["state", "list", "-state=errored_test.tfstate"])
        .ok();
    assert_eq!(listed.stdout, "terraform_data.x\n");
}

#[test]
fn mistakes_in_test_files_are_told_by_validate_and_init() {
    let dir = Dir::with(&[
        ("main.tf", MAIN),
        ("a.tftest.hcl", "run \"x\" {\n  comand = plan\n}\n"),
    ]);
    for args in [&["validate", "-no-color"], &["init", "-no-color"]] {
        let output = dir.run(args).exits(1);
        assert!(
            output.stderr.contains("Error: Unsupported argument"),
            "{}",
            output.all()
        );
    }
    dir.run(&["validate", "-no-tests"]).ok();
}

#[test]
fn files_of_variables_beside_tests_are_for_them() {
    let main = "variable \"v\" {\n  default = \"d\"\n}\noutput \"o\" {\n  value = var.v\n}\n";
    let asserts = |wanted: &str| {
        format!(
            "run \"r\" {{\n  assert {{\n    condition     = output.o == \"{wanted}\"\n    error_message = output.o\n  }}\n}}\n"
        )
    };
    let dir = Dir::with(&[
        ("main.tf", main),
        ("terraform.tfvars", "v = \"root\"\n"),
        ("tests/terraform.tfvars", "v = \"tests\"\n"),
        ("a.tftest.hcl", &asserts("root")),
        ("tests/b.tftest.hcl", &asserts("tests")),
    ]);
    dir.run(&["test", "-no-color"]).ok();
}

#[test]
fn what_a_test_file_may_not_say() {
    let main = "variable \"v\" {\n  default = 1\n}\nresource \"terraform_data\" \"x\" {\n  input = var.v\n}\noutput \"o\" {\n  value = terraform_data.x.output\n}\n";
    for (tests, title) in [
        (
            "run \"r\" {\n  expect_failures = [local.x]\n}\n",
            "Invalid `expect_failures` reference",
        ),
        (
            "run \"r\" {\n  module {\n    source = \"a/b/c\"\n  }\n}\n",
            "Invalid module source address",
        ),
        (
            "override_resource {\n  target = terraform_data.x\n}\noverride_resource {\n  target = terraform_data.x\n}\nrun \"r\" {}\n",
            "Duplicate override_resource block",
        ),
        (
            "run \"p\" {\n  command = plan\n}\nrun \"r\" {\n  variables {\n    v = run.p.o\n  }\n}\n",
            "Reference to unknown value",
        ),
    ] {
        let dir = Dir::with(&[("main.tf", main), ("a.tftest.hcl", tests)]);
        let output = dir.run(&["test", "-no-color"]).exits(1);
        assert!(
            output.stderr.contains(&format!("Error: {title}")),
            "{}",
            output.all()
        );
    }
}

#[test]
fn runs_are_written_as_junit() {
    let dir = Dir::with(&[
        (
            "main.tf",
            "variable \"x\" { default = 1 }\nresource \"terraform_data\" \"a\" { input = var.x }\noutput \"o\" { value = terraform_data.a.output }\n",
        ),
        (
            "tests/a.tftest.hcl",
            "run \"one\" {\n  assert {\n    condition     = output.o == 1\n    error_message = \"not one\"\n  }\n}\nrun \"two\" {\n  command = plan\n  assert {\n    condition     = terraform_data.a.input == 3\n    error_message = \"not three\"\n  }\n}\nrun \"bad\" {\n  assert {\n    condition     = output.nope == 6\n    error_message = \"no\"\n  }\n}\nrun \"last\" {}\n",
        ),
    ]);
    dir.run(&["test", "-no-color", "-junit-xml=out.xml"])
        .exits(1);
    let text = dir.read("out.xml");
    for part in [
        "<testsuite name=\"tests/a.tftest.hcl\" tests=\"4\" skipped=\"1\" failures=\"1\" errors=\"1\">",
        "<failure message=\"1 of 1 assertions fail: not three\"><![CDATA[\nError: Test assertion failed\n",
        "Error: Reference to undeclared output value",
        "<testcase name=\"last\" classname=\"tests/a.tftest.hcl\">\n      <skipped ",
    ] {
        assert!(text.contains(part), "no {part:?} in:\n{text}");
    }
    assert_eq!(text.matches("<testcase ").count(), 4);
    let output = dir
        .run(&["test", "-no-color", "-junit-xml=nowhere/out.xml"])
        .exits(1);
    assert!(
        output
            .stderr
            .contains("Error: error saving JUnit XML to file \"nowhere/out.xml\""),
        "{}",
        output.stderr
    );
}

#[test]
fn a_directory_of_a_run_that_is_not_there_is_told_by_init() {
    let dir = Dir::with(&[
        ("main.tf", "resource \"terraform_data\" \"a\" {}\n"),
        (
            "tests/c.tftest.hcl",
            "run \"m\" {\n  module {\n    source = \"./nope\"\n  }\n}\n",
        ),
    ]);
    for command in ["init", "validate"] {
        let output = dir.run(&[command, "-no-color"]).exits(1);
        assert!(
            output.stderr.contains("Error: Unreadable module directory"),
            "{}",
            output.stderr
        );
    }
    // What is wrong in one that is there is told by validate.
    dir.write(
        "nope/main.tf",
        "resource \"terraform_data\" \"z\" {\n  inpt = 1\n}\n",
    );
    let output = dir.run(&["init", "-no-color"]).ok();
    assert!(
        output.stdout.contains("- test.tests.c.m in nope\n"),
        "{}",
        output.stdout
    );
    let output = dir.run(&["validate", "-no-color"]).exits(1);
    assert!(
        output.stderr.contains("on nope/main.tf line 2"),
        "{}",
        output.stderr
    );
}

#[test]
fn a_provider_of_tests_is_configured_by_what_runs_gave() {
    let server = crate::support::Server::new(dokploy_sim::Settings::for_tests(
        dokploy_sim::Version::V0_30_2,
    ));
    let dir = Dir::with(&[
        (
            "main.tf",
            "terraform {\n  required_providers {\n    dokploy = { source = \"ahmedali6/dokploy\" }\n  }\n}\nresource \"dokploy_project\" \"p\" {\n  name = \"p\"\n}\n",
        ),
        (
            "setup/main.tf",
            "variable \"host\" {}\noutput \"host\" { value = var.host }\noutput \"key\" {\n  value     = \"test-key\"\n  sensitive = true\n}\n",
        ),
    ]);
    let tests = "variables {\n  host = \"http://ADDRESS\"\n}\nprovider \"dokploy\" {\n  host    = run.setup.host\n  api_key = run.setup.key\n}\nrun \"setup\" {\n  module {\n    source = \"./setup\"\n  }\n}\nrun \"make\" {\n  assert {\n    condition     = dokploy_project.p.name == \"p\"\n    error_message = \"name\"\n  }\n}\n";
    dir.write(
        "tests/a.tftest.hcl",
        &tests.replace("ADDRESS", &server.address),
    );
    let output = dir.run(&["test", "-no-color"]).ok();
    assert!(
        output.stdout.contains("Success! 2 passed, 0 failed."),
        "{}",
        output.all()
    );
    assert!(!output.all().contains("test-key"), "{}", output.all());
    let calls = server.sim.calls();
    let count = |name: &str| calls.iter().filter(|it| it.procedure == name).count();
    assert_eq!((count("project.create"), count("project.remove")), (1, 1));
}

/// Ctrl-C while a run applies: that run ends, the next do not begin, and what was made is destroyed once.
#[test]
fn what_was_made_is_destroyed_after_an_interrupt() {
    let dir = Dir::with(&[
        (
            "main.tf",
            "resource \"terraform_data\" \"a\" {\n  provisioner \"local-exec\" {\n    command = \"echo made >> log; mkfifo go; touch waits; cat go\"\n  }\n  provisioner \"local-exec\" {\n    when    = destroy\n    command = \"echo gone >> log\"\n  }\n}\n",
        ),
        ("a.tftest.hcl", "run \"one\" {}\nrun \"two\" {}\n"),
        ("b.tftest.hcl", "run \"three\" {}\n"),
    ]);
    // What it says goes to a file, which can be read while it runs: the signal is taken when it says so.
    let file = |name: &str| std::fs::File::create(dir.join(name)).unwrap();
    let mut running = std::process::Command::new(crate::support::BIN)
        .args(["test", "-no-color"])
        .current_dir(dir.path())
        .env("HOME", "/root-none")
        .stdin(std::process::Stdio::null())
        .stdout(file("out"))
        .stderr(file("err"))
        .spawn()
        .unwrap();
    let pid = rustix::process::Pid::from_child(&running);
    let mut still_runs = || assert_eq!(running.try_wait().unwrap(), None, "it ended too early");
    while !dir.join("waits").exists() {
        still_runs();
    }
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    while !dir.read("err").contains("Interrupt received") {
        still_runs();
    }
    // Opening the pipe waits for its reader; what is read ends the command.
    std::fs::write(dir.join("go"), "").unwrap();
    let status = running.wait().unwrap();
    let (out, err) = (dir.read("out"), dir.read("err"));
    assert_eq!(status.code(), Some(1), "{out}{err}");
    assert_eq!(dir.read("log"), "made\ngone\n", "{out}{err}");
    assert_eq!(err.matches("Interrupt received").count(), 1, "{err}");
    assert!(
        out.contains("Failure! 0 passed, 1 failed, 2 skipped."),
        "{out}"
    );
}
