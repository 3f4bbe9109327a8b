//! Blocks beside resources, as the reference 1.11.4 has been seen to treat them.

use serde_json::Value as Json;

use crate::support::Dir;

#[test]
fn what_is_forgotten_is_not_read_and_is_shown_as_it_stays() {
    let first = "resource \"terraform_data\" \"b\" {\n  input = 1\n}\n";
    let dir = Dir::with(&[("main.tf", first)]);
    dir.run(&["apply", "-auto-approve"]).ok();
    let second =
        "removed {\n  from = terraform_data.b\n  lifecycle {\n    destroy = false\n  }\n}\n";
    dir.write("main.tf", second);
    let plan = dir.run(&["plan", "-no-color"]).ok();
    assert!(!plan.stdout.contains("Refreshing"), "{}", plan.all());
    let shown = " # terraform_data.b will no longer be managed by dokplan, but will not be destroyed\n # (destroy = false is set in the configuration)\n . resource \"terraform_data\" \"b\" {\n        id     = ";
    assert!(plan.stdout.contains(shown), "{}", plan.all());
    let hidden = "\n        # (2 unchanged attributes hidden)\n    }\n\nPlan: 0 to add, 0 to change, 0 to destroy.\n";
    assert!(plan.stdout.contains(hidden), "{}", plan.all());
    let warning = "Warning: Some objects will no longer be managed by dokplan";
    assert!(plan.stdout.contains(warning), "{}", plan.all());
    dir.run(&["apply", "-auto-approve"]).ok();
    assert_eq!(dir.run(&["state", "list"]).ok().stdout, "");
}

#[test]
fn a_check_whose_data_cannot_be_read_warns_and_remembers_what_it_asked_for() {
    let main = r#"
resource "terraform_data" "a" {
  input = 1
}

check "c" {
  data "terraform_remote_state" "s" {
    backend = "local"
    config = {
      path = "nope.tfstate"
    }
  }
  assert {
    condition     = data.terraform_remote_state.s.outputs.x == 1
    error_message = "bad"
  }
}

check "later" {
  assert {
    condition     = terraform_data.a.id != ""
    error_message = "no id"
  }
}
"#;
    let dir = Dir::with(&[("main.tf", main)]);
    let plan = dir.run(&["plan", "-no-color"]).ok();
    assert!(
        plan.stdout.contains("│ terraform_data.a.id is a string\n"),
        "{}",
        plan.all()
    );
    let apply = dir.run(&["apply", "-auto-approve", "-no-color"]).ok();
    assert_eq!(
        apply.stdout.matches("Warning: ").count(),
        1,
        "{}",
        apply.all()
    );
    let state: Json = serde_json::from_str(&dir.read("terraform.tfstate")).unwrap();
    let data = &state["resources"][0]["instances"][0]["attributes"];
    assert_eq!(data["config"]["value"]["path"], "nope.tfstate", "{state:#}");
    // What is destroyed is not checked.
    let destroy = dir.run(&["destroy", "-auto-approve", "-no-color"]).ok();
    assert!(!destroy.stdout.contains("Warning"), "{}", destroy.all());
}

#[test]
fn an_import_without_an_id_is_found_by_validate() {
    let main = "resource \"terraform_data\" \"a\" {}\n\nimport {\n  to = terraform_data.a\n  id = \"\"\n}\n";
    let dir = Dir::with(&[("main.tf", main)]);
    let output = dir.run(&["validate", "-no-color"]).exits(1);
    assert!(
        output
            .stderr
            .contains("Error: Invalid import id argument\n\n  on main.tf line 5, in import:"),
        "{}",
        output.all()
    );
}

#[test]
fn a_saved_plan_is_not_destroyed() {
    let dir = Dir::with(&[("main.tf", "resource \"terraform_data\" \"a\" {}\n")]);
    dir.run(&["plan", "-out=tfplan"]).ok();
    let output = dir.run(&["destroy", "-no-color", "tfplan"]).exits(1);
    let title = "Error: Destroy can't be called with a plan file";
    assert!(output.stderr.contains(title), "{}", output.all());
    dir.run(&["graph", "-module-depth=-1"]).ok();
    dir.run(&["apply", "tfplan"]).ok();
}

#[test]
fn output_with_secrets_is_suppressed_line_by_line() {
    let main = "resource \"terraform_data\" \"s\" {\n  provisioner \"local-exec\" {\n    command = \"echo ${sensitive(\"hunter2\")}; echo more\"\n  }\n}\n";
    let dir = Dir::with(&[("main.tf", main)]);
    let output = dir.run(&["apply", "-auto-approve", "-no-color"]).ok();
    let line =
        "terraform_data.s (local-exec): (output suppressed due to sensitive value in config)\n";
    assert_eq!(output.stdout.matches(line).count(), 3, "{}", output.all());
    assert!(!output.all().contains("hunter2"));
}

/// The reference ends without a diagnostic here, or with one that names no place.
#[test]
fn an_infinite_number_is_not_stored() {
    let main = "resource \"terraform_data\" \"a\" {\n  input = {\n    b = 1 / 0\n  }\n}\n";
    let dir = Dir::with(&[("main.tf", main)]);
    dir.run(&["validate"]).ok();
    let plan = dir.run(&["plan", "-no-color"]).exits(1);
    assert!(
        plan.stderr.contains("Error: Invalid number"),
        "{}",
        plan.all()
    );
    assert!(
        plan.stderr
            .contains("on main.tf line 3, in resource \"terraform_data\" \"a\":"),
        "{}",
        plan.all()
    );
}
