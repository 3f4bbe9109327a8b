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
