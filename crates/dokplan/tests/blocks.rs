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

/// As the reference writes it: a module that inherits from nobody has a configuration of its own, what is known of nothing
/// is left out, and null is a constant.
#[test]
fn the_configuration_of_a_plan_as_tools_read_it() {
    let dir = Dir::with(&[
        (
            "main.tf",
            "module \"m\" {\n  source   = \"./m\"\n  for_each = toset([\"a\"])\n  v        = null\n}\nmodule \"n\" {\n  source = \"./m/n\"\n}\n",
        ),
        (
            "m/main.tf",
            "variable \"v\" {}\nmodule \"n\" {\n  source = \"./n\"\n}\nresource \"terraform_data\" \"y\" {}\n",
        ),
        (
            "m/n/main.tf",
            "resource \"terraform_data\" \"x\" {\n  input            = terraform_data.z.id\n  triggers_replace = terraform_data.z.id\n}\nresource \"terraform_data\" \"z\" {}\n",
        ),
    ]);
    dir.run(&["init"]).ok();
    dir.run(&["plan", "-out=p"]).ok();
    let shown: Json = serde_json::from_str(&dir.run(&["show", "-json", "p"]).ok().stdout).unwrap();
    let config = &shown["configuration"];
    let keys: Vec<&String> = config["provider_config"]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    assert_eq!(keys, ["module.m:terraform", "module.n:terraform"]);
    let call = &config["root_module"]["module_calls"]["m"];
    assert_eq!(call["for_each_expression"], Json::Null);
    assert_eq!(
        call["expressions"]["v"].as_object().unwrap()["constant_value"],
        Json::Null
    );
    let inner = &call["module"]["module_calls"]["n"]["module"]["resources"][0];
    assert_eq!(inner["provider_config_key"], "module.m:terraform");
    let alone = &shown["planned_values"]["root_module"]["child_modules"][1]["resources"][0];
    assert_eq!(alone["address"], "module.n.terraform_data.x");
    assert_eq!(alone.get("values"), None);
}

/// The reference takes such a configuration while the rule holds, and prints the secret when it does not.
#[test]
fn a_rule_whose_message_would_show_a_secret_works_and_keeps_it() {
    let own = "variable \"s\" {\n  sensitive = true\n  validation {\n    condition     = length(var.s) > 5\n    error_message = \"Value ${var.s} is short.\"\n  }\n}\nvariable \"a\" {\n  default = \"x\"\n  validation {\n    condition     = var.a != \"y\"\n    error_message = \"Not with ${var.s}.\"\n  }\n}\n";
    let dir = Dir::with(&[("main.tf", own)]);
    dir.run(&["validate"]).ok();
    dir.run(&["plan", "-var=s=goodgood"]).ok();
    let short = dir.run(&["plan", "-no-color", "-var=s=zqx"]).exits(1);
    assert!(
        short.stderr.contains("Error: Invalid value for variable"),
        "{}",
        short.all()
    );
    assert!(!short.all().contains("zqx"), "{}", short.all());
    assert_eq!(short.stderr.matches("Error:").count(), 1, "{}", short.all());
    let other = dir
        .run(&["plan", "-no-color", "-var=s=zqxzqx", "-var=a=y"])
        .exits(1);
    assert!(
        other
            .stderr
            .contains("Error: Error message refers to sensitive values"),
        "{}",
        other.all()
    );
    assert!(!other.all().contains("zqx"), "{}", other.all());
}

#[test]
fn what_a_module_is_given_is_validated_before_any_plan() {
    let dir = Dir::with(&[
        (
            "main.tf",
            "module \"m\" {\n  source = \"./m\"\n  v      = \"bad\"\n}\n",
        ),
        (
            "m/main.tf",
            "variable \"v\" {\n  validation {\n    condition     = var.v == \"good\"\n    error_message = \"Only good.\"\n  }\n}\n",
        ),
    ]);
    dir.run(&["init"]).ok();
    let found = dir.run(&["validate", "-no-color"]).exits(1);
    assert!(
        found
            .stderr
            .contains("Error: Invalid value for variable\n\n  on main.tf line 3, in module \"m\":"),
        "{}",
        found.all()
    );
}
