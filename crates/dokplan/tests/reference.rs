//! Whole sessions in which Terraform 1.11.4 was watched, where no recorded case has the same. Exit codes, streams, titles
//! and structure are its own, sentences are not compared.

use crate::support::{Dir, Output};

/// A state with one output and nothing else.
const STATE: &str = r#"{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"00000000-0000-0000-0000-000000000001","outputs":{"k":{"value":1,"type":"number"}},"resources":[]}"#;

#[track_caller]
fn has(text: &str, part: &str) {
    assert!(text.contains(part), "no {part:?} in:\n{text}");
}

#[track_caller]
fn titled(output: &Output, title: &str) {
    has(&output.stderr, &format!("Error: {title}"));
}

#[test]
fn a_destroy_of_nothing_reads_nothing() {
    let dir = Dir::with(&[(
        "main.tf",
        "data \"terraform_remote_state\" \"x\" {\n  backend = \"local\"\n  config  = { path = \"missing.tfstate\" }\n}\nresource \"terraform_data\" \"a\" {\n  count = length(data.terraform_remote_state.x.outputs.q)\n}\n",
    )]);
    let output = dir.run(&["plan", "-destroy", "-no-color"]).ok();
    has(
        &output.stdout,
        "No changes. No objects need to be destroyed.",
    );
    let output = dir.run(&["destroy", "-auto-approve", "-no-color"]).ok();
    assert!(!output.stdout.contains("Reading..."), "{}", output.stdout);
    // An output that is remembered is something to destroy, and then the configuration counts.
    dir.write("terraform.tfstate", STATE);
    let output = dir.run(&["plan", "-destroy", "-no-color"]).exits(1);
    titled(&output, "Unable to find remote state");
    let output = dir
        .run(&["plan", "-destroy", "-no-color", "-refresh=false"])
        .ok();
    has(&output.stdout, "- k = 1 -> null");
}

#[test]
fn init_tells_of_a_damaged_state() {
    for args in [
        &["init", "-no-color"][..],
        &["init", "-no-color", "-backend=false"],
    ] {
        let dir = Dir::with(&[
            ("main.tf", "resource \"terraform_data\" \"a\" {}\n"),
            ("terraform.tfstate", "{\"version\": 4, \"serial\": \n"),
        ]);
        let output = dir.run(args).exits(1);
        titled(&output, "Error refreshing state: 2 problems:");
        has(&output.stderr, "terraform.tfstate was left as it is");
        assert_eq!(
            dir.read("terraform.tfstate"),
            "{\"version\": 4, \"serial\": \n"
        );
    }
}

#[test]
fn a_first_backend_takes_the_state_along_only_if_told_so() {
    let start = || {
        let dir = Dir::with(&[("main.tf", "resource \"terraform_data\" \"a\" {}\n")]);
        dir.run(&["apply", "-auto-approve"]).ok();
        dir.write(
            "b.tf",
            "terraform {\n  backend \"local\" {\n    path = \"sub/x.tfstate\"\n  }\n}\n",
        );
        dir
    };
    let dir = start();
    let output = dir.run(&["init", "-no-color", "-input=false"]).exits(1);
    titled(
        &output,
        "Can't ask approval for state migration when interactive input is disabled.",
    );
    titled(
        &dir.run(&["plan", "-no-color"]).exits(1),
        "Backend initialization required",
    );
    dir.run(&["init", "-input=false", "-force-copy"]).ok();
    let output = dir.run(&["plan", "-no-color"]).ok();
    has(&output.stdout, "No changes.");

    let dir = start();
    let output = dir.run(&["init", "-no-color"]).stdin("yes\n").ok();
    has(
        &output.stdout,
        "Do you want to copy existing state to the new backend?",
    );
    has(&dir.run(&["plan", "-no-color"]).ok().stdout, "No changes.");

    let dir = start();
    dir.run(&["init", "-no-color"]).stdin("no\n").ok();
    has(
        &dir.run(&["plan", "-no-color"]).ok().stdout,
        "Plan: 1 to add",
    );

    let dir = start();
    dir.run(&["init", "-no-color"]).exits(1);
    dir.run(&["init", "-no-color", "-input=false", "-reconfigure"])
        .ok();
    has(
        &dir.run(&["plan", "-no-color"]).ok().stdout,
        "Plan: 1 to add",
    );
}

#[test]
fn a_saved_plan_takes_no_other_values() {
    let dir = Dir::with(&[(
        "main.tf",
        "variable \"v\" { default = \"one\" }\nvariable \"e\" {\n  ephemeral = true\n  default   = \"x\"\n}\nresource \"terraform_data\" \"a\" { input = var.v }\n",
    )]);
    dir.run(&["plan", "-out=p"]).ok();
    let output = dir.run(&["apply", "-no-color", "-var=v=two", "p"]).exits(1);
    titled(&output, "Value for undeclared variable");
    let output = dir.run(&["apply", "-no-color", "-var=e=y", "p"]).exits(1);
    titled(&output, "Ephemeral variable was not set during planning");
    let output = dir.run(&["apply", "-no-color", "p"]).ok();
    has(&output.stdout, "Apply complete! Resources: 1 added");
    titled(
        &dir.run(&["apply", "-no-color", "p"]).exits(1),
        "Saved plan is stale",
    );
}

#[test]
fn a_stale_plan_is_told_before_values_are_asked_for() {
    let dir = Dir::with(&[(
        "main.tf",
        "variable \"e\" {\n  type      = string\n  ephemeral = true\n}\nresource \"terraform_data\" \"a\" {}\n",
    )]);
    dir.run(&["plan", "-out=p", "-var=e=1"]).ok();
    dir.run(&["apply", "-auto-approve", "-var=e=1"]).ok();
    titled(
        &dir.run(&["apply", "-no-color", "p"]).exits(1),
        "Saved plan is stale",
    );
}

#[test]
fn what_the_state_does_not_hold_is_an_error_to_list() {
    let dir = Dir::with(&[("main.tf", "resource \"terraform_data\" \"a\" {}\n")]);
    dir.run(&["apply", "-auto-approve"]).ok();
    for (address, title) in [
        ("terraform_data.nope", "Unknown resource"),
        ("module.nope", "Unknown module"),
        ("terraform_data.a[0]", "Unknown resource instance"),
    ] {
        let output = dir.run(&["state", "list", "-no-color", address]).exits(1);
        titled(&output, &format!("{title}\n"));
        assert_eq!(output.stdout, "");
    }
    let output = dir.run(&["state", "show", "terraform_data.nope"]).exits(1);
    assert!(
        output
            .stderr
            .starts_with("No instance found for the given address!\n"),
        "{}",
        output.stderr
    );
    let output = dir.run(&["state", "show", "module.x"]).exits(1);
    assert!(
        output
            .stderr
            .starts_with("Error parsing instance address: module.x\n"),
        "{}",
        output.stderr
    );
}

#[test]
fn output_of_commands_with_ephemeral_values_is_suppressed() {
    let dir = Dir::with(&[(
        "main.tf",
        "variable \"e\" {\n  ephemeral = true\n  default   = \"s3cret\"\n}\nresource \"terraform_data\" \"a\" {\n  provisioner \"local-exec\" {\n    command = \"echo ${var.e}\"\n  }\n}\n",
    )]);
    let output = dir.run(&["apply", "-auto-approve", "-no-color"]).ok();
    let line =
        "terraform_data.a (local-exec): (output suppressed due to ephemeral value in config)\n";
    assert_eq!(output.stdout.matches(line).count(), 2, "{}", output.stdout);
    assert!(!output.all().contains("s3cret"), "{}", output.all());
}

#[test]
fn a_gone_line_stands_before_the_one_that_takes_its_place() {
    let dir = Dir::with(&[(
        "main.tf",
        "resource \"terraform_data\" \"a\" {\n  input = \"top\\n- a\\n- b\\nyes\\nend\\n\"\n}\n",
    )]);
    dir.run(&["apply", "-auto-approve"]).ok();
    dir.write(
        "main.tf",
        "resource \"terraform_data\" \"a\" {\n  input = \"top\\n* a\\n* b\\nnew\\nend\\n\"\n}\n",
    );
    let output = dir.run(&["plan", "-no-color"]).ok();
    let lines = "            top\n          - - a\n          + * a\n          - - b\n          + * b\n          - yes\n          + new\n            end\n";
    has(&output.stdout, lines);
}

#[test]
fn without_configuration() {
    let dir = Dir::new();
    let output = dir.run(&["refresh", "-no-color"]).ok();
    has(&output.stdout, "Warning: Empty or non-existent state");
    titled(
        &dir.run(&["providers", "-no-color"]).exits(1),
        "No configuration files",
    );
    titled(
        &dir.run(&["import", "-no-color", "a.b", "c"]).exits(1),
        "No dokplan configuration files",
    );
    // A list of modules is no configuration.
    dir.run(&["get"]).ok();
    let output = dir.run(&["plan", "-json"]).exits(1);
    let lines: Vec<serde_json::Value> = output
        .stdout
        .lines()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    let kinds: Vec<&str> = lines
        .iter()
        .map(|it| it["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["version", "diagnostic"]);
    assert_eq!(lines[1]["diagnostic"]["summary"], "No configuration files");
}

#[test]
fn workspaces_are_made_by_select_and_kept_while_they_hold_something() {
    let dir = Dir::with(&[("main.tf", "resource \"terraform_data\" \"a\" {}\n")]);
    dir.run(&["workspace", "select", "-or-create", "qa"]).ok();
    dir.run(&["workspace", "select", "default"]).ok();
    dir.run(&["workspace", "delete", "qa"]).ok();
    dir.run(&["workspace", "new", "dev"]).ok();
    dir.run(&["apply", "-auto-approve"]).ok();
    dir.run(&["workspace", "select", "default"]).ok();
    let output = dir
        .run(&["workspace", "delete", "-no-color", "dev"])
        .exits(1);
    titled(&output, "Workspace is not empty\n");
    has(&output.stderr, "\n  - terraform_data.a\n");
    dir.run(&["workspace", "delete", "-force", "dev"]).ok();
}

#[test]
fn what_cannot_be_read_of_variables_is_told_alone() {
    let dir = Dir::with(&[
        (
            "main.tf",
            "variable \"a\" {}\noutput \"o\" { value = var.a }\n",
        ),
        ("x.auto.tfvars", "nope = 1\n"),
        ("bad.tfvars", "a = var.a\nblock {}\n"),
    ]);
    let output = dir
        .run(&["plan", "-no-color", "-var-file=bad.tfvars"])
        .exits(1);
    assert_eq!(
        output.stderr.matches("Error: ").count(),
        1,
        "{}",
        output.stderr
    );
    titled(&output, "Unexpected \"block\" block");
    assert_eq!(output.stdout, "");
}

#[test]
fn moves_of_keys_of_a_module_and_moves_inside_it_are_no_circle() {
    let inside = "resource \"terraform_data\" \"b\" {\n  for_each = toset([\"0\"])\n}\nmoved {\n  from = terraform_data.b[0]\n  to   = terraform_data.b[\"0\"]\n}\n";
    let dir = Dir::with(&[
        (
            "main.tf",
            "resource \"terraform_data\" \"b\" {\n  count = 1\n}\n",
        ),
        ("m/main.tf", inside),
    ]);
    dir.run(&["apply", "-auto-approve"]).ok();
    dir.write(
        "main.tf",
        "module \"n\" {\n  source = \"./m\"\n  count  = 1\n}\nmoved {\n  from = terraform_data.b\n  to   = module.m.terraform_data.b\n}\nmoved {\n  from = module.m\n  to   = module.n\n}\nmoved {\n  from = module.n\n  to   = module.n[0]\n}\n",
    );
    let output = dir.run(&["plan", "-no-color"]).ok();
    has(
        &output.stdout,
        "  # terraform_data.b[0] has moved to module.n[0].terraform_data.b[\"0\"]\n",
    );
    has(&output.stdout, "Plan: 0 to add, 0 to change, 0 to destroy.");
}

#[test]
fn nothing_is_imported_where_the_configuration_has_no_instance() {
    let dir = Dir::with(&[(
        "main.tf",
        "resource \"terraform_data\" \"a\" {}\nresource \"terraform_data\" \"f\" {\n  for_each = toset([\"k\"])\n}\n",
    )]);
    for address in [
        "terraform_data.f",
        "terraform_data.f[\"nope\"]",
        "terraform_data.a[0]",
    ] {
        let output = dir.run(&["import", "-no-color", address, "id"]).exits(1);
        titled(&output, "Configuration for import target does not exist");
    }
    let output = dir
        .run(&["import", "-no-color", "module.x.terraform_data.q", "id"])
        .exits(1);
    titled(&output, "Import to non-existent module");
    let output = dir
        .run(&["import", "-no-color", "data.terraform_remote_state.q", "id"])
        .exits(1);
    titled(&output, "A managed resource address is required.");
    assert!(!dir.join("terraform.tfstate").exists());
    dir.run(&["import", "terraform_data.f[\"k\"]", "id"]).ok();
}

#[test]
fn what_moves_to_another_state_file_leaves_the_first() {
    let dir = Dir::with(&[(
        "main.tf",
        "resource \"terraform_data\" \"a\" {}\nresource \"terraform_data\" \"b\" {}\n",
    )]);
    dir.run(&["apply", "-auto-approve"]).ok();
    let mv = |from: &str, to: &str| {
        dir.run(&[
            "state",
            "mv",
            "-no-color",
            "-state=terraform.tfstate",
            "-state-out=two.tfstate",
            from,
            to,
        ])
    };
    mv("terraform_data.a", "terraform_data.x").ok();
    let list = |file: &str| {
        let flag = format!("-state={file}");
        dir.run(&["state", "list", &flag]).ok().stdout
    };
    assert_eq!(list("terraform.tfstate"), "terraform_data.b\n");
    assert_eq!(list("two.tfstate"), "terraform_data.x\n");
    // What is there already stays, and is not overwritten.
    let output = mv("terraform_data.b", "terraform_data.x").exits(1);
    has(&output.stderr, "There is something at terraform_data.x");
    mv("terraform_data.b", "terraform_data.y").ok();
    assert_eq!(list("two.tfstate"), "terraform_data.x\nterraform_data.y\n");
    assert_eq!(list("terraform.tfstate"), "");
}

#[test]
fn a_check_of_fmt_lists_only_where_all_can_be_read() {
    let dir = Dir::with(&[("a.tf", "locals {\n a = 1\n}\n")]);
    let output = dir.run(&["fmt", "-check"]).exits(3);
    assert_eq!(output.stdout, "a.tf\n");
    let output = dir.run(&["fmt", "-list=false", "-write=false"]).ok();
    assert_eq!(output.stdout, "locals {\n  a = 1\n}\n");
    dir.write("b.tf", "locals {\n");
    let output = dir.run(&["fmt", "-check"]).exits(2);
    assert_eq!(output.stdout, "");
}

#[test]
fn validate_finds_what_is_ephemeral_and_would_be_stored() {
    let dir = Dir::with(&[(
        "main.tf",
        "variable \"e\" {\n  type      = string\n  ephemeral = true\n}\nresource \"terraform_data\" \"a\" {\n  input = var.e\n}\n",
    )]);
    let output = dir.run(&["validate", "-no-color"]).exits(1);
    titled(&output, "Invalid use of ephemeral value");
    has(
        &output.stderr,
        "  with terraform_data.a,\n  on main.tf line 6",
    );
}

#[test]
fn objects_of_modules_stand_apart_and_outputs_in_line() {
    let dir = Dir::with(&[
        (
            "main.tf",
            "variable \"v\" { default = 1 }\nresource \"terraform_data\" \"r\" {}\nmodule \"a\" { source = \"./m\" }\noutput \"long\" { value = 1 }\noutput \"b\" { value = var.v }\n",
        ),
        (
            "m/main.tf",
            "resource \"terraform_data\" \"x\" {}\nresource \"terraform_data\" \"y\" {}\n",
        ),
    ]);
    dir.run(&["init"]).ok();
    dir.run(&["apply", "-auto-approve"]).ok();
    let shown = dir.run(&["show", "-no-color"]).ok().stdout;
    has(&shown, "}\n\n\n# module.a.terraform_data.x:\n");
    has(&shown, "}\n\n# module.a.terraform_data.y:\n");
    has(&shown, "\nb = 1\nlong = 1\n");
    let output = dir.run(&["plan", "-no-color", "-var=v=2"]).ok();
    has(&output.stdout, "  ~ b    = 1 -> \"2\"\n");
}

#[test]
fn errors_of_declarations_show_the_line_that_is_meant() {
    let dir = Dir::with(&[(
        "main.tf",
        "variable \"y\" {\n  default = {\n    a = nope.x\n    b = 1\n  }\n}\nresource \"terraform_data\" \"a\" {\n  input = each.value\n}\nlocals {\n  a {}\n  b {}\n}\n",
    )]);
    let output = dir.run(&["validate", "-no-color"]).exits(1);
    has(
        &output.stderr,
        "  on main.tf line 3, in variable \"y\":\n   3:     a = nope.x\n\n",
    );
    assert_eq!(
        output.stderr.matches("Error: Unexpected ").count(),
        1,
        "{}",
        output.stderr
    );
    dir.write(
        "main.tf",
        "resource \"terraform_data\" \"a\" {\n  input = each.value\n}\n",
    );
    let output = dir.run(&["validate", "-no-color"]).exits(1);
    titled(&output, "each.value cannot be used in this context\n");
}

#[test]
fn targets_cover_both_ends_of_a_move_and_leave_other_outputs_alone() {
    let dir = Dir::with(&[(
        "main.tf",
        "resource \"terraform_data\" \"a\" {}\nresource \"terraform_data\" \"e\" {}\noutput \"o\" { value = 1 }\n",
    )]);
    dir.run(&["apply", "-auto-approve"]).ok();
    // With a count, the one without key has moved to the first.
    dir.write(
        "main.tf",
        "resource \"terraform_data\" \"a\" {}\nresource \"terraform_data\" \"e\" {\n  count = 1\n}\n",
    );
    let output = dir
        .run(&["plan", "-no-color", "-target=terraform_data.a"])
        .exits(1);
    titled(&output, "Moved resource instances excluded by targeting");
    has(&output.stderr, "\n  -target=\"terraform_data.e\"\n");
    let output = dir
        .run(&["plan", "-no-color", "-target=terraform_data.e"])
        .ok();
    has(
        &output.stdout,
        "# terraform_data.e has moved to terraform_data.e[0]",
    );
    assert!(
        !output.stdout.contains("Changes to Outputs"),
        "{}",
        output.stdout
    );
    let output = dir.run(&["plan", "-no-color", "-destroy"]).ok();
    assert!(!output.stdout.contains("moved from"), "{}", output.stdout);
    has(&output.stdout, "# terraform_data.e[0] will be destroyed");
}

#[test]
fn an_instance_that_is_not_there_can_be_done_without() {
    let dir = Dir::with(&[
        (
            "main.tf",
            "resource \"terraform_data\" \"a\" {\n  count = 0\n}\nmodule \"m\" {\n  source = \"./m\"\n  count  = 1\n}\noutput \"o\" { value = try(terraform_data.a[0].output, \"none\") }\noutput \"p\" { value = can(module.m[3].v) }\noutput \"r\" { value = length(terraform_data.a) > 0 ? terraform_data.a[0].output : \"off\" }\n",
        ),
        ("m/main.tf", "output \"v\" { value = 1 }\n"),
    ]);
    dir.run(&["init"]).ok();
    let output = dir.run(&["plan", "-no-color"]).ok();
    for line in ["  + o = \"none\"\n", "  + p = false\n", "  + r = \"off\"\n"] {
        has(&output.stdout, line);
    }
    dir.write(
        "s.tf",
        "output \"s\" { value = terraform_data.a[0].output }\n",
    );
    let output = dir.run(&["plan", "-no-color"]).exits(1);
    titled(&output, "Invalid index\n\n  on s.tf line 1");
    assert_eq!(
        output.stderr.matches("Error: Invalid index").count(),
        1,
        "{}",
        output.stderr
    );
}
