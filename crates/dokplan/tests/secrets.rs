//! That secrets stay where they belong, that nothing of an encrypted state is in clear, and that a state spoiled by
//! hand has a way back.

use std::path::{Path, PathBuf};

use crate::support::{Dir, Output, Run};

const APPLY: &[&str] = &["apply", "-no-color", "-auto-approve"];
const PASSPHRASE: &str = "correct horse battery staple";

/// A configuration that stores a secret without any server; `rest` stands in the `encryption` block.
fn storing(secret: &str, rest: &str) -> String {
    format!(
        r#"
terraform {{
  encryption {{
    key_provider "pbkdf2" "main" {{
      passphrase = var.passphrase
      iterations = local.iterations
    }}
    method "aes_gcm" "main" {{
      keys = key_provider.pbkdf2.main
    }}
    {rest}
  }}
}}
locals {{
  iterations = 200 * 1000
}}
variable "passphrase" {{
  type      = string
  sensitive = true
}}
resource "terraform_data" "store" {{
  input = "{secret}"
}}
output "secret" {{
  value     = terraform_data.store.output
  sensitive = true
}}
"#
    )
}

const STATE: &str = "state {\n method = method.aes_gcm.main\n enforced = true\n }";

fn with_passphrase(dir: &Dir, args: &[&str]) -> Run {
    dir.run(args).env("TF_VAR_passphrase", PASSPHRASE)
}

/// The files of a directory that hold a text, configuration aside.
fn files_with(directory: &Path, text: &str) -> Vec<PathBuf> {
    let mut res = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let is_config = path
            .extension()
            .is_some_and(|it| it == "tf" || it == "tfvars");
        if path.is_dir() {
            res.extend(files_with(&path, text));
        } else if !is_config
            && std::fs::read(&path)
                .unwrap()
                .windows(text.len())
                .any(|it| it == text.as_bytes())
        {
            res.push(path);
        }
    }
    res
}

/// The text with each run of white space as one space: explanations wrap.
fn flat(output: &Output) -> String {
    output
        .all()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[track_caller]
fn says(output: &Output, text: &str) {
    assert!(
        flat(output).contains(text),
        "{text:?} is not in:\n{}",
        output.all()
    );
}

// Encryption

#[test]
fn an_encrypted_state_is_nowhere_in_clear_and_every_command_reads_it() {
    let secret = "canary-4711-state";
    let dir = Dir::with(&[("main.tf", &storing(secret, STATE))]);
    with_passphrase(&dir, &["init"]).ok();
    with_passphrase(&dir, &["plan", "-out=tfplan"]).ok();
    with_passphrase(&dir, &["show", "tfplan"]).ok();
    let plan = with_passphrase(&dir, &["show", "-json", "tfplan"]).ok();
    assert!(plan.stdout.contains("planned_values"));
    with_passphrase(&dir, &["apply", "tfplan"]).ok();
    dir.write("main.tf", &storing(&format!("{secret}-2"), STATE));
    with_passphrase(&dir, APPLY).ok();
    for file in ["terraform.tfstate", "terraform.tfstate.backup", "tfplan"] {
        let text = dir.read(file);
        assert!(
            text.contains("\"encryption_version\":\"v0\""),
            "{file}: {text}"
        );
    }
    assert!(
        dir.join("terraform.tfstate.history/00000002.tfstate")
            .exists()
    );
    assert_eq!(files_with(dir.path(), secret), Vec::<PathBuf>::new());
    assert_eq!(files_with(dir.path(), PASSPHRASE), Vec::<PathBuf>::new());
    let output = with_passphrase(&dir, &["output", "-raw", "secret"]).ok();
    assert_eq!(output.stdout, format!("{secret}-2"));
    let list = with_passphrase(&dir, &["state", "list"]).ok();
    assert_eq!(list.stdout, "terraform_data.store\n");
    let pulled = with_passphrase(&dir, &["state", "pull"]).ok();
    assert!(pulled.stdout.contains("\"serial\": 2"));
    with_passphrase(&dir, &["plan", "-detailed-exitcode"]).ok();
    let history = with_passphrase(&dir, &["state", "history"]).ok();
    says(&history, "1 added, 0 changed, 0 removed");
    with_passphrase(&dir, &["state", "undo", "-auto-approve"]).ok();
    let output = with_passphrase(&dir, &["output", "-raw", "secret"]).ok();
    assert_eq!(output.stdout, secret);
    assert_eq!(files_with(dir.path(), secret), Vec::<PathBuf>::new());
}

#[test]
fn a_wrong_passphrase_no_passphrase_and_clear_text_are_refused() {
    let dir = Dir::with(&[("main.tf", &storing("x", STATE))]);
    with_passphrase(&dir, APPLY).ok();
    let sealed = dir.read("terraform.tfstate");
    let wrong = dir
        .run(&["plan"])
        .env("TF_VAR_passphrase", "another passphrase of some length")
        .exits(1);
    says(&wrong, "the passphrase or key is not the one");
    assert!(!wrong.all().contains("another passphrase"));
    let none = dir.run(&["state", "list"]).exits(1);
    says(&none, "set TF_VAR_passphrase");
    // Without the block the file is known for what it is.
    let bare = Dir::with(&[("terraform.tfstate", &sealed)]);
    says(
        &bare.run(&["state", "list"]).exits(1),
        "no encryption is configured",
    );
    // In clear where encryption is enforced.
    let pulled = with_passphrase(&dir, &["state", "pull"]).ok().stdout;
    dir.write("terraform.tfstate", &pulled);
    says(
        &with_passphrase(&dir, &["plan"]).exits(1),
        "it is not encrypted",
    );
    // One bit of the content.
    let at = sealed.find("encrypted_data").unwrap() + 40;
    let other = if &sealed[at..=at] == "A" { "B" } else { "A" };
    let changed = format!("{}{other}{}", &sealed[..at], &sealed[at + 1..]);
    dir.write("terraform.tfstate", &changed);
    says(
        &with_passphrase(&dir, &["plan"]).exits(1),
        "the file was changed since",
    );
    assert_eq!(
        dir.read("terraform.tfstate"),
        changed,
        "nothing was written"
    );
}

#[test]
fn encryption_is_turned_on_rolled_over_and_turned_off_by_fallbacks() {
    let secret = "canary-4711-rollover";
    let clear = storing(secret, "");
    let dir = Dir::with(&[("main.tf", &clear)]);
    with_passphrase(&dir, APPLY).ok();
    assert!(!files_with(dir.path(), secret).is_empty());
    let on = "method \"unencrypted\" \"u\" {}\n state {\n method = method.aes_gcm.main\n fallback {\n method = method.unencrypted.u\n }\n }";
    dir.write("main.tf", &storing(secret, on));
    with_passphrase(&dir, APPLY).ok();
    assert_eq!(files_with(dir.path(), secret), Vec::<PathBuf>::new());
    let over = r#"
    key_provider "static" "new" {
      key = "000102030405060708090a0b0c0d0e0f"
    }
    method "aes_gcm" "new" {
      keys = key_provider.static.new
      aad  = [1, 2, 3]
    }
    state {
      method = method.aes_gcm.new
      fallback {
        method = method.aes_gcm.main
      }
    }"#;
    dir.write("main.tf", &storing(secret, over));
    with_passphrase(&dir, APPLY).ok();
    assert!(
        dir.read("terraform.tfstate")
            .contains("key_provider.static.new")
    );
    let off = "method \"unencrypted\" \"u\" {}\n key_provider \"static\" \"new\" {\n key = \"000102030405060708090a0b0c0d0e0f\"\n }\n method \"aes_gcm\" \"new\" {\n keys = key_provider.static.new\n aad = [1, 2, 3]\n }\n state {\n method = method.unencrypted.u\n fallback {\n method = method.aes_gcm.new\n }\n }";
    dir.write("main.tf", &storing(secret, off));
    with_passphrase(&dir, APPLY).ok();
    assert!(dir.read("terraform.tfstate").contains(secret));
}

#[test]
fn tf_encryption_is_merged_over_the_configuration_as_hcl_and_as_json() {
    let dir = Dir::with(&[("main.tf", &storing("x", "state {\n enforced = true\n }"))]);
    // The block alone enforces what it does not have.
    says(&with_passphrase(&dir, APPLY).exits(1), "names no method");
    let hcl = "state {\n  method = method.aes_gcm.main\n}\n";
    with_passphrase(&dir, APPLY).env("TF_ENCRYPTION", hcl).ok();
    assert!(
        dir.read("terraform.tfstate")
            .contains("key_provider.pbkdf2.main")
    );
    let json = r#"{"state": {"method": "${method.aes_gcm.main}"}, "key_provider": {"pbkdf2": {"main": {"passphrase": "correct horse battery staple"}}}}"#;
    dir.run(&["state", "list"])
        .env("TF_ENCRYPTION", json)
        .env("TF_VAR_passphrase", "not the one that is used here")
        .ok();
    let broken = dir
        .run(&["state", "list"])
        .env(
            "TF_ENCRYPTION",
            "key_provider \"static\" \"x\" { key = \"hunter-in-env\"",
        )
        .exits(1);
    assert!(!broken.all().contains("hunter-in-env"), "{}", broken.all());
}

#[test]
fn mistakes_in_the_encryption_block_are_all_reported_and_show_no_passphrase() {
    let rest = r#"
    key_provider "pbkdf2" "short" {
      passphrase = "hunter-short"
    }
    key_provider "aws_kms" "k" {}
    method "aes_gcm" "a" {
      keys = key_provider.pbkdf2.short
    }
    method "aes_gcm" "b" {
      keys = key_provider.aws_kms.k
    }
    method "rot13" "c" {}
    state {
      method = method.aes_gcm.a
      fallback {
        method = method.aes_gcm.b
        fallback {
          method = method.rot13.c
        }
      }
    }
    plan {
      method = method.aes_gcm.nowhere
    }"#;
    let dir = Dir::with(&[("main.tf", &storing("x", rest))]);
    let output = with_passphrase(&dir, &["plan"]).exits(1);
    for text in [
        "must have at least 16 characters",
        "has no key provider \"aws_kms\"",
        "no encryption method \"rot13\"",
        "method.aes_gcm.nowhere, and there is no such method",
    ] {
        says(&output, text);
    }
    assert!(!output.all().contains("hunter-short"));
}

#[test]
fn a_remote_state_is_read_with_its_own_key() {
    let secret = "canary-4711-remote";
    let producer = Dir::with(&[("main.tf", &storing(secret, STATE))]);
    with_passphrase(&producer, APPLY).ok();
    let path = producer.join("terraform.tfstate");
    let consumer = |rest: &str| {
        format!(
            "{}\ndata \"terraform_remote_state\" \"other\" {{\n backend = \"local\"\n config = {{ path = \"{}\" }}\n}}\noutput \"copy\" {{\n value = data.terraform_remote_state.other.outputs.secret\n sensitive = true\n}}\n",
            storing("y", rest),
            path.display()
        )
    };
    let dir = Dir::with(&[("main.tf", &consumer(""))]);
    says(
        &with_passphrase(&dir, APPLY).exits(1),
        "no encryption is configured",
    );
    let remote = "remote_state_data_sources {\n default {\n method = method.aes_gcm.main\n }\n }";
    dir.write("main.tf", &consumer(remote));
    with_passphrase(&dir, APPLY).ok();
    let output = dir
        .run(&["output", "-raw", "copy"])
        .env("TF_VAR_passphrase", PASSPHRASE)
        .ok();
    assert_eq!(output.stdout, secret);
}

// History

const TWO: &str = "resource \"terraform_data\" \"a\" {}\nresource \"terraform_data\" \"b\" {}\n";

#[test]
fn history_lists_what_changed_and_undo_goes_back_and_forth() {
    let dir = Dir::with(&[("main.tf", TWO)]);
    says(
        &dir.run(&["state", "history"]).ok(),
        "No versions are kept yet",
    );
    dir.run(&["state", "undo", "-auto-approve"]).exits(1);
    dir.run(APPLY).ok();
    dir.run(&["state", "rm", "terraform_data.b"]).ok();
    let history = dir.run(&["state", "history", "-json"]).ok().stdout;
    let history: serde_json::Value = serde_json::from_str(&history).unwrap();
    let rows: Vec<_> = history["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let n = |name: &str| it[name].as_u64().unwrap();
            (
                n("number"),
                n("serial"),
                n("objects"),
                n("added"),
                n("removed"),
                it["present"] == true,
            )
        })
        .collect();
    assert_eq!(rows, [(2, 2, 1, 0, 1, true), (1, 1, 2, 2, 0, false)]);
    let asked = dir.run(&["state", "undo"]).stdin("no\n").exits(1);
    says(&asked, "+ terraform_data.b");
    says(&asked, "Nothing was changed");
    dir.run(&["state", "undo"]).stdin("yes\n").ok();
    let list = || dir.run(&["state", "list"]).ok().stdout;
    assert_eq!(list(), "terraform_data.a\nterraform_data.b\n");
    assert!(dir.read("terraform.tfstate").contains("\"serial\": 3"));
    dir.run(&["state", "undo", "-auto-approve"]).ok();
    assert_eq!(list(), "terraform_data.a\n");
    dir.run(&["state", "undo", "-auto-approve", "1"]).ok();
    assert_eq!(list(), "terraform_data.a\nterraform_data.b\n");
    says(&dir.run(&["state", "undo", "77"]).exits(1), "no version 77");
    dir.run(&["plan", "-detailed-exitcode"]).ok();
}

#[test]
fn a_spoiled_state_is_refused_and_undo_puts_the_newest_whole_version_back() {
    let dir = Dir::with(&[("main.tf", TWO)]);
    dir.run(APPLY).ok();
    let whole = dir.read("terraform.tfstate");
    for spoiled in ["", "{\n  \"version\": 4,\n  \"terraf", "no state"] {
        dir.write("terraform.tfstate", spoiled);
        for command in [&["plan"][..], APPLY, &["state", "list"], &["output"]] {
            let refused = dir.run(command).exits(1);
            says(&refused, "\"dokplan state undo\" puts it back");
            assert_eq!(dir.read("terraform.tfstate"), spoiled);
        }
        says(&dir.run(&["state", "history"]).ok(), "2 added");
        dir.run(&["state", "undo", "-auto-approve"]).ok();
        dir.run(&["plan", "-detailed-exitcode"]).ok();
    }
    let n_ids = |text: &str| text.matches("\"id\"").count();
    assert_eq!(n_ids(&dir.read("terraform.tfstate")), n_ids(&whole));
}

/// A state of one object, or of none, as a file.
fn stored(serial: u64, lineage: &str, name: Option<&str>) -> String {
    let object = |name: &str| {
        format!(
            r#"{{"mode": "managed", "type": "terraform_data", "name": "{name}", "provider": "provider[\"terraform.io/builtin/terraform\"]", "instances": [{{"schema_version": 0, "attributes": {{"id": "x", "input": null, "output": null, "triggers_replace": null}}}}]}}"#
        )
    };
    format!(
        r#"{{"version": 4, "terraform_version": "1.11.4", "serial": {serial}, "lineage": "{lineage}", "outputs": {{}}, "resources": [{}], "check_results": null}}"#,
        name.map(object).unwrap_or_default()
    )
}

/// What Terraform 1.11.4 did for each, run in the same way: refused, or the serial and lineage that were stored.
#[test]
fn push_follows_the_rules_of_the_reference() {
    type State = (u64, &'static str, Option<&'static str>);
    const A: &str = "aaaaaaaa-0000-4000-8000-000000000000";
    const B: &str = "bbbbbbbb-0000-4000-8000-000000000000";
    let full: State = (5, A, Some("a"));
    let empty: State = (5, A, None);
    let cases: &[(State, State, bool, Option<(u64, &str)>)] = &[
        (full, (5, A, Some("a")), false, Some((5, A))),
        (full, (5, A, Some("b")), false, None),
        (full, (5, A, Some("b")), true, Some((6, A))),
        (full, (4, A, Some("b")), false, None),
        (full, (4, A, Some("b")), true, Some((5, A))),
        (full, (6, A, Some("b")), false, Some((7, A))),
        (full, (6, A, None), false, Some((7, A))),
        (full, (5, B, Some("a")), false, None),
        (full, (6, B, Some("b")), false, None),
        (full, (6, B, Some("b")), true, Some((7, B))),
        (empty, (5, A, Some("b")), false, Some((6, A))),
        (empty, (4, A, Some("b")), false, Some((5, A))),
        (empty, (6, B, Some("b")), false, Some((7, B))),
        (empty, (4, A, None), false, Some((4, A))),
    ];
    for (before, pushed, force, expected) in cases {
        let dir = Dir::with(&[
            ("main.tf", ""),
            ("terraform.tfstate", &stored(before.0, before.1, before.2)),
            ("new.json", &stored(pushed.0, pushed.1, pushed.2)),
        ]);
        let mut args = vec!["state", "push"];
        args.extend(force.then_some("-force"));
        args.push("new.json");
        let code = dir.run(&args).done().code;
        let found: serde_json::Value =
            serde_json::from_str(&dir.read("terraform.tfstate")).unwrap();
        let (serial, lineage) = expected.unwrap_or((before.0, before.1));
        assert_eq!(
            (
                code,
                found["serial"].as_u64().unwrap(),
                found["lineage"].as_str().unwrap()
            ),
            (i32::from(expected.is_none()), serial, lineage),
            "{before:?} then {pushed:?}, force {force}"
        );
    }
    // What cannot be read is never stored.
    for broken in ["", "{\"version\": 4,", "[]"] {
        let whole = stored(5, A, Some("a"));
        let dir = Dir::with(&[
            ("main.tf", ""),
            ("terraform.tfstate", &whole),
            ("new.json", broken),
        ]);
        dir.run(&["state", "push", "-force", "new.json"]).exits(1);
        assert_eq!(dir.read("terraform.tfstate"), whole);
    }
}

// Permissions

#[test]
fn files_with_secrets_that_others_can_read_are_warned_of() {
    use std::os::unix::fs::PermissionsExt as _;
    let config = "variable \"a\" {\n  sensitive = true\n}\nvariable \"b\" {\n}\nresource \"terraform_data\" \"x\" {\n  input = [var.a, var.b]\n}\n";
    let dir = Dir::with(&[
        ("main.tf", config),
        ("terraform.tfvars", "a = 1\n"),
        ("b.auto.tfvars", "b = 1\n"),
    ]);
    let open = |file: &str| {
        let mode = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(dir.join(file), mode).unwrap();
    };
    let title = "File with secrets readable by others";
    dir.run(APPLY).ok();
    let n_warnings = |output: &Output| output.all().matches(title).count();
    assert_eq!(n_warnings(&dir.run(&["plan", "-out=tfplan"]).ok()), 0);
    open("b.auto.tfvars");
    assert_eq!(
        n_warnings(&dir.run(&["plan"]).ok()),
        0,
        "it gives no secret"
    );
    open("terraform.tfvars");
    says(&dir.run(&["plan"]).ok(), "chmod 600 terraform.tfvars");
    open("terraform.tfstate");
    says(&dir.run(&["plan"]).ok(), "chmod 600 terraform.tfstate");
    let without = Dir::with(&[("main.tf", "resource \"terraform_data\" \"x\" {\n}\n")]);
    without.run(APPLY).ok();
    let mode = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(without.join("terraform.tfstate"), mode).unwrap();
    let output = without.run(&["plan"]).ok();
    assert_eq!(n_warnings(&output), 0, "a state without secrets");
    open("tfplan");
    says(&dir.run(&["apply", "tfplan"]).ok(), "chmod 600 tfplan");
    for file in ["tfplan", "terraform.tfstate"] {
        dir.write("main.tf", &config.replace("[var.a, var.b]", "[var.a, 2]"));
        dir.run(&["plan", "-out=tfplan"]).ok();
        dir.run(APPLY).ok();
        let mode = std::fs::metadata(dir.join(file))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{file} is written private");
    }
}

// Restricted

#[test]
fn restricted_keeps_configuration_inside_its_directory() {
    let outside = Dir::with(&[
        ("secret.txt", "outside-content"),
        ("module/main.tf", "output \"x\" {\n  value = 1\n}\n"),
        ("values.tfvars", "a = \"outside-content\"\n"),
        (
            "other.tfstate",
            &stored(1, "aaaaaaaa-0000-4000-8000-000000000000", Some("a")),
        ),
    ]);
    let at = |file: &str| outside.join(file).display().to_string();
    let output = |expr: String| format!("output \"x\" {{\n  value = {expr}\n}}\n");
    let cases: Vec<(&str, String)> = vec![
        ("file", output(format!("file(\"{}\")", at("secret.txt")))),
        (
            "relative",
            output(format!(
                "file(\"${{path.module}}/../{}/secret.txt\")",
                outside.path().file_name().unwrap().to_string_lossy()
            )),
        ),
        ("link", output("file(\"link.txt\")".to_owned())),
        (
            "linked directory",
            output("file(\"linked/secret.txt\")".to_owned()),
        ),
        (
            "exists",
            output(format!("fileexists(\"{}\")", at("secret.txt"))),
        ),
        (
            "hash",
            output(format!("filesha256(\"{}\")", at("secret.txt"))),
        ),
        (
            "template",
            output(format!("templatefile(\"{}\", {{}})", at("secret.txt"))),
        ),
        (
            "set",
            output(format!("fileset(\"{}\", \"*\")", outside.path().display())),
        ),
        (
            "set by link",
            output("fileset(\".\", \"linked/*\")".to_owned()),
        ),
        ("home", output("file(\"~/secret.txt\")".to_owned())),
        (
            "module",
            format!(
                "module \"m\" {{\n  source = \"../{}/module\"\n}}\n",
                outside.path().file_name().unwrap().to_string_lossy()
            ),
        ),
        (
            "remote state",
            format!(
                "data \"terraform_remote_state\" \"o\" {{\n  backend = \"local\"\n  config  = {{ path = \"{}\" }}\n}}\n",
                at("other.tfstate")
            ),
        ),
    ];
    for (what, config) in &cases {
        let dir = Dir::with(&[("main.tf", config)]);
        std::os::unix::fs::symlink(outside.join("secret.txt"), dir.join("link.txt")).unwrap();
        std::os::unix::fs::symlink(outside.path(), dir.join("linked")).unwrap();
        let run = |args: &[&str]| {
            dir.run(args)
                .env("HOME", &outside.path().display().to_string())
        };
        if *what != "module" {
            run(&["plan"]).ok();
        }
        let refused = run(&["plan", "-restricted"]).exits(1);
        says(&refused, "-restricted");
        assert!(
            !refused.all().contains("outside-content"),
            "{what}: {}",
            refused.all()
        );
    }
    let dir = Dir::with(&[
        ("main.tf", "variable \"a\" {\n  default = 1\n}\n"),
        ("in.txt", "x"),
    ]);
    let var_file = format!("-var-file={}", at("values.tfvars"));
    dir.run(&["plan", &var_file]).ok();
    says(
        &dir.run(&["plan", "-restricted", &var_file]).exits(1),
        "-restricted",
    );
    std::os::unix::fs::symlink(outside.join("values.tfvars"), dir.join("a.auto.tfvars")).unwrap();
    says(&dir.run(&["plan", "-restricted"]).exits(1), "-restricted");
    std::fs::remove_file(dir.join("a.auto.tfvars")).unwrap();
    std::os::unix::fs::symlink(outside.join("module/main.tf"), dir.join("linked.tf")).unwrap();
    says(
        &dir.run(&["validate", "-restricted"]).exits(1),
        "-restricted",
    );
    std::fs::remove_file(dir.join("linked.tf")).unwrap();
    // The state's own place.
    std::os::unix::fs::symlink(outside.join("new.tfstate"), dir.join("terraform.tfstate")).unwrap();
    says(&dir.run(&["plan", "-restricted"]).exits(1), "-restricted");
    std::fs::remove_file(dir.join("terraform.tfstate")).unwrap();
    dir.write(".terraform/environment", "../../../../tmp/x");
    says(&dir.run(&["plan", "-restricted"]).exits(1), "-restricted");
    std::fs::remove_dir_all(dir.join(".terraform")).unwrap();
    dir.write(
        "main.tf",
        &format!(
            "terraform {{\n  backend \"local\" {{\n    path = \"{}\"\n  }}\n}}\n",
            at("new.tfstate")
        ),
    );
    dir.run(&["init"]).ok();
    says(&dir.run(&["plan", "-restricted"]).exits(1), "-restricted");
    assert!(!outside.join("new.tfstate").exists());
    // What is inside works, also with links, and a directory can be named.
    dir.write("main.tf", "output \"x\" {\n  value = [file(\"in.txt\"), file(\"./inner.txt\"), fileexists(\"no.txt\")]\n}\n");
    std::os::unix::fs::symlink(dir.join("in.txt"), dir.join("inner.txt")).unwrap();
    dir.run(&["init", "-reconfigure", "-restricted"]).ok();
    dir.run(&["plan", "-restricted"]).ok();
    let tree = Dir::with(&[
        (
            "env/main.tf",
            "module \"m\" {\n  source = \"../module\"\n}\n",
        ),
        ("module/main.tf", ""),
    ]);
    says(
        &tree.run(&["-chdir=env", "plan", "-restricted"]).exits(1),
        "-restricted",
    );
    tree.run(&["-chdir=env", "plan", "-restricted=."]).ok();
    says(
        &tree
            .run(&["-chdir=env", "plan", "-restricted=module"])
            .exits(1),
        "-restricted does not work",
    );
}

#[test]
fn restricted_runs_no_command_and_asks_no_other_server() {
    let command = "resource \"terraform_data\" \"x\" {\n  provisioner \"local-exec\" {\n    command = \"touch ran\"\n  }\n}\n";
    let dir = Dir::with(&[("main.tf", command)]);
    dir.run(&["plan", "-restricted", "-out=tfplan"]).ok();
    for args in [
        &["apply", "-restricted", "-auto-approve"][..],
        &["apply", "-restricted", "tfplan"],
    ] {
        says(&dir.run(args).exits(1), "with -restricted nothing is run");
        assert!(!dir.join("ran").exists() && !dir.join("terraform.tfstate").exists());
    }
    let server = crate::support::Server::new(dokploy_sim::Settings::for_tests(
        dokploy_sim::Version::V0_30_2,
    ));
    let evil = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    evil.set_nonblocking(true).unwrap();
    let evil_host = format!("http://{}", evil.local_addr().unwrap());
    let config = |host: &str| {
        format!(
            "terraform {{\n  required_providers {{\n    dokploy = {{ source = \"ahmedali6/dokploy\" }}\n  }}\n}}\nprovider \"dokploy\" {{\n{host}\n}}\ndata \"dokploy_servers\" \"all\" {{}}\n"
        )
    };
    let dir = Dir::with(&[("main.tf", &config(&format!("  host = \"{evil_host}\"")))]);
    let own = format!("http://{}", server.address);
    let run = || {
        dir.run(&["plan", "-restricted"])
            .env("DOKPLOY_HOST", &own)
            .env("DOKPLOY_API_KEY", "test-key")
    };
    says(&run().exits(1), "Not allowed with -restricted");
    assert!(evil.accept().is_err(), "nobody may have called");
    says(
        &dir.run(&["plan", "-restricted"])
            .env("DOKPLOY_API_KEY", "test-key")
            .exits(1),
        "Not allowed with -restricted",
    );
    dir.write("main.tf", &config(""));
    run().ok();
    dir.write("main.tf", &config(&format!("  host = \"{own}/api\"")));
    run().ok();
}

// Terminals

#[test]
fn control_and_bidi_characters_reach_no_terminal() {
    let config = r#"
resource "terraform_data" "a" {
  for_each = { "k\u001b[31m\u202e" = "v\u001b]0;title\u0007\u009b2J\u2066" }
  input    = each.value
}
output "o" {
  value = "o\u001b[2J\u202ex\r"
}
check "c" {
  assert {
    condition     = length(terraform_data.a) == 0
    error_message = "m\u001b[1A\u202e"
  }
}
"#;
    let dir = Dir::with(&[("main.tf", config)]);
    let clean = |output: Output| {
        let dangerous = |c: char| {
            (c.is_control() && c != '\n' && c != '\t')
                || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        let found: Vec<char> = output.all().chars().filter(|c| dangerous(*c)).collect();
        assert!(found.is_empty(), "{found:?} in:\n{:?}", output.all());
        output
    };
    clean(dir.run(&["plan"]).ok());
    clean(dir.run(APPLY).ok());
    clean(dir.run(&["show"]).ok());
    clean(dir.run(&["output"]).ok());
    clean(dir.run(&["output", "o"]).ok());
    clean(dir.run(&["plan", "-destroy"]).ok());
    let list = clean(dir.run(&["state", "list"]).ok());
    assert!(list.stdout.contains("terraform_data.a["), "{}", list.stdout);
    clean(dir.run(&["graph"]).ok());
    clean(
        dir.run(&["state", "rm", "terraform_data.nope\u{1b}[31m"])
            .exits(1),
    );
    clean(
        dir.run(&["console"])
            .stdin("\"x\\u001b[31m\"\nterraform_data.a\n\u{1b}[31m\n")
            .done(),
    );
    clean(dir.run(&["plan", "-target=a.b\u{202e}"]).exits(1));
    clean(dir.run(&["plan", "-var", "n\u{1b}[31m"]).exits(1));
    clean(dir.run(&["wrong\u{1b}[31m"]).exits(1));
    clean(dir.run(&["plan", "-wrong\u{1b}[31m"]).exits(1));
    clean(dir.run(&["-chdir=no\u{1b}[31m", "plan"]).exits(1));
    clean(dir.run(&["state", "push", "no\u{1b}[31m"]).exits(1));
    clean(dir.run(&["workspace", "select", "no\u{1b}[31m"]).exits(1));
    clean(dir.run(&["show", "no\u{1b}[31m"]).done());
    clean(dir.run(&["apply", "no\u{1b}[31m"]).exits(1));
    clean(dir.run(&["fmt", "no\u{1b}[31m"]).done());
    dir.write("b\u{1b}[31m.tf", "nonsense {\n");
    clean(dir.run(&["validate"]).exits(1));
}
