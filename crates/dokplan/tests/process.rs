//! What only a process can show: exit codes, signals, locks, files that are not as they should be, and that secrets
//! stay inside.

use dokploy_sim::{Effect, Fault, Settings, Version};
use rustix::process::Signal;
use serde_json::{Value as Json, json};

use crate::support::{Dir, Output, Run, Server, repository, text};

fn settings() -> Settings {
    Settings::for_tests(Version::V0_30_2)
}

/// A configuration of registries on a server.
fn registries(address: &str, names: &[&str]) -> String {
    let mut res = format!(
        "terraform {{\n  required_providers {{\n    dokploy = {{ source = \"ahmedali6/dokploy\" }}\n  }}\n}}\n\nprovider \"dokploy\" {{\n  host    = \"http://{address}\"\n  api_key = \"test-key\"\n}}\n"
    );
    for name in names {
        res.push_str(&format!(
            "\nresource \"dokploy_registry\" \"{name}\" {{\n  registry_name = \"{name}\"\n  registry_url  = \"ghcr.io\"\n  username      = \"acme\"\n  password      = \"hunter-{name}\"\n  image_prefix  = \"acme\"\n}}\n"
        ));
    }
    res
}

fn on_server(server: &Server, names: &[&str]) -> Dir {
    let dir = Dir::with(&[("main.tf", &registries(&server.address, names))]);
    dir.run(&["init"]).ok();
    dir
}

const APPLY: &[&str] = &["apply", "-no-color", "-auto-approve"];
const IS_EMPTY: &[&str] = &["plan", "-no-color", "-detailed-exitcode"];

fn state(dir: &Dir) -> Json {
    serde_json::from_str(&dir.read("terraform.tfstate")).unwrap()
}

fn names_in_state(dir: &Dir) -> Vec<String> {
    let output = dir.run(&["state", "list"]).ok();
    output.stdout.lines().map(str::to_owned).collect()
}

#[track_caller]
fn mentions(output: &Output, texts: &[&str]) {
    // Explanations wrap: white space does not count.
    let all = output
        .all()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    for text in texts {
        assert!(all.contains(text), "{text:?} is not in:\n{}", output.all());
    }
}

// Examples

fn check_example(name: &str) {
    let path = format!("examples/{name}");
    let dir = Dir::copy_of(&path);
    let secrets: Vec<String> = text(repository(&path).join("terraform.tfvars"))
        .split('"')
        .filter(|it| it.contains("made"))
        .map(str::to_owned)
        .collect();
    assert!(!secrets.is_empty());
    let run = |args: &[&str], code: i32| {
        let output = dir.run(args).exits(code);
        for secret in &secrets {
            assert!(
                !output.all().contains(secret.as_str()),
                "{args:?} prints {secret}:\n{}",
                output.all()
            );
        }
        output
    };
    run(&["fmt", "-check", "-recursive"], 0);
    run(&["-sandbox", "init"], 0);
    run(&["-sandbox", "validate"], 0);
    run(
        &["-sandbox", "plan", "-out=plan.out", "-detailed-exitcode"],
        2,
    );
    run(&["-sandbox", "show", "plan.out"], 0);
    run(&["-sandbox", "apply", "plan.out"], 0);
    run(&["-sandbox", "plan", "-detailed-exitcode"], 0);
    run(&["-sandbox", "show"], 0);
    run(&["-sandbox", "output"], 0);
    for address in names_in_state(&dir) {
        run(&["state", "show", &address], 0);
    }
    run(&["-sandbox", "destroy", "-auto-approve"], 0);
    assert!(names_in_state(&dir).is_empty());
}

#[test]
fn example_registries() {
    check_example("registries");
}

#[test]
fn example_application() {
    check_example("application");
}

#[test]
fn example_databases() {
    check_example("databases");
}

#[test]
fn example_compose() {
    check_example("compose");
}

#[test]
fn example_fleet() {
    check_example("fleet");
}

#[test]
fn example_team() {
    check_example("team");
}

#[test]
fn secrets_stay_out_of_mistakes() {
    let dir = Dir::copy_of("examples/registries");
    dir.run(&["init"]).ok();
    for expression in [
        "var.github_token.nope",
        "var.github_token + 1",
        "tonumber(var.github_token)",
        "[1][var.github_token]",
        "file(var.github_token)",
        "var.github_token",
    ] {
        let output = dir
            .run(&["console"])
            .stdin(&format!("{expression}\n"))
            .done();
        assert!(
            !output.all().contains("ghp_made_up"),
            "{expression}: {}",
            output.all()
        );
    }
}

// Files that are not as they should be

#[test]
fn an_empty_state_file_is_no_empty_state() {
    let server = Server::new(settings());
    let dir = on_server(&server, &["a"]);
    dir.run(APPLY).ok();
    // The first version has none before it.
    dir.write("main.tf", &registries(&server.address, &["a", "b"]));
    dir.run(APPLY).ok();
    dir.write("terraform.tfstate", "");
    mentions(&dir.run(IS_EMPTY).exits(1), &["dokplan state undo"]);
    dir.write("terraform.tfstate", "{\"version\": 4, \"ter");
    mentions(&dir.run(IS_EMPTY).exits(1), &["dokplan state undo"]);
    assert_eq!(server.sim.rows("registry").len(), 2);
}

#[test]
fn a_state_from_a_newer_version_is_refused() {
    let dir = Dir::with(&[
        ("main.tf", ""),
        (
            "terraform.tfstate",
            r#"{"version": 99, "terraform_version": "9.0.0", "serial": 1, "lineage": "x"}"#,
        ),
    ]);
    mentions(&dir.run(IS_EMPTY).exits(1), &["99"]);
}

#[test]
fn altered_and_stale_plans_are_refused() {
    let server = Server::new(settings());
    let dir = on_server(&server, &["a"]);
    dir.run(&["plan", "-out=plan.out"]).ok();
    dir.run(&["plan", "-out=stale.out"]).ok();
    let plan = dir.read("plan.out");
    dir.write("altered.out", &plan.replace("hunter-a", "hunter-b"));
    dir.write("cut.out", &plan[..plan.len() / 2]);
    mentions(
        &dir.run(&["apply", "altered.out"]).exits(1),
        &["Error: Saved plan was altered"],
    );
    dir.run(&["apply", "cut.out"]).exits(1);
    dir.run(&["apply", "main.tf"]).exits(1);
    assert!(server.sim.rows("registry").is_empty());
    dir.run(&["apply", "plan.out"]).ok();
    mentions(
        &dir.run(&["apply", "stale.out"]).exits(1),
        &["Error: Saved plan is stale"],
    );
    assert_eq!(server.sim.rows("registry").len(), 1);
}

#[test]
fn a_plan_for_another_lineage_is_refused() {
    let server = Server::new(settings());
    let dir = on_server(&server, &["a"]);
    dir.run(APPLY).ok();
    dir.write("main.tf", &registries(&server.address, &["a", "b"]));
    dir.run(&["plan", "-out=plan.out"]).ok();
    let mut other = state(&dir);
    other["lineage"] = json!("00000000-0000-0000-0000-000000000000");
    dir.write("terraform.tfstate", &other.to_string());
    mentions(&dir.run(&["apply", "plan.out"]).exits(1), &["lineage"]);
    assert_eq!(server.sim.rows("registry").len(), 1);
}

#[test]
fn a_directory_that_cannot_be_written_to() {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::new(settings());
    let dir = on_server(&server, &["a"]);
    let mode = |mode: u32| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(dir.path(), permissions).unwrap();
    };
    mode(0o555);
    // An administrator writes everywhere, so that there is nothing to show.
    let is_writable = std::fs::write(dir.join("probe"), "").is_ok();
    let output = dir.run(APPLY).done();
    mode(0o755);
    if !is_writable {
        assert_eq!(output.code, 1, "{}", output.all());
        assert!(server.sim.rows("registry").is_empty());
    }
}

// Locks

#[test]
fn one_at_a_time() {
    let server = Server::new(settings());
    let dir = on_server(&server, &["a"]);
    server
        .sim
        .inject(Fault::first("registry.create", 1, Effect::DelayMs(60_000)));
    let first = dir.run(APPLY).spawn();
    wait_for_call(&server, "registry.create", 1);
    let second = dir.run(APPLY).exits(1);
    mentions(
        &second,
        &[
            "Error: Error acquiring the state lock",
            "Who:",
            "OperationTypeApply",
        ],
    );
    first.signal(Signal::KILL);
    first.wait();
    server.sim.heal();
}

/// Waits until so many calls of a procedure have arrived.
fn wait_for_call(server: &Server, procedure: &str, count: usize) {
    loop {
        let calls = server.sim.calls();
        if calls.iter().filter(|it| it.procedure == procedure).count() >= count {
            return;
        }
        std::thread::yield_now();
    }
}

// Servers that do not do what they should

#[test]
fn a_dead_server() {
    let dir = Dir::with(&[("main.tf", &registries("127.0.0.1:1", &["a"]))]);
    dir.run(&["init"]).ok();
    mentions(
        &dir.run(APPLY).exits(1),
        &["Error creating registry", "127.0.0.1:1"],
    );
}

#[test]
fn a_wrong_key() {
    let server = Server::new(settings());
    let dir = on_server(&server, &["a"]);
    let config = dir.read("main.tf").replace("test-key", "wrong-key-canary");
    dir.write("main.tf", &config);
    let output = dir.run(APPLY).exits(1);
    mentions(&output, &["key is wrong", "rate-limited", "database"]);
    assert!(!output.all().contains("wrong-key-canary"));
}

#[test]
fn control_characters_of_a_server_are_escaped() {
    let server = Server::new(settings());
    let dir = on_server(&server, &["a"]);
    dir.run(APPLY).ok();
    let id = server.sim.rows("registry")[0]["registryId"]
        .as_str()
        .unwrap()
        .to_owned();
    let patch = json!({"username": "\u{1b}]0;owned\u{7}\u{1b}[31m\u{202e}x"});
    assert!(server.sim.edit("registry", &id, patch));
    let output = dir.run(IS_EMPTY).exits(2);
    for c in ['\u{1b}', '\u{7}', '\u{202e}'] {
        assert!(!output.all().contains(c), "{:?}", output.all());
    }
    let answer = json!({"message": "\u{1b}[2Jgone"}).to_string();
    server.sim.inject(Fault::always(
        "registry.*",
        Effect::Reply {
            status: 400,
            content_type: "application/json".to_owned(),
            body: answer,
        },
    ));
    let output = dir.run(IS_EMPTY).exits(1);
    assert!(!output.all().contains('\u{1b}'), "{:?}", output.all());
}

/// Objects that -target leaves out are not evaluated, and a server may quote them all the same.
#[test]
fn secrets_of_objects_that_are_left_out_are_masked_too() {
    let server = Server::new(settings());
    let dir = on_server(&server, &["a", "b"]);
    dir.run(APPLY).ok();
    let config = dir.read("main.tf");
    let renamed = config.replace("registry_name = \"b\"", "registry_name = \"c\"");
    dir.write("main.tf", &renamed);
    let message = "name taken by {\"password\":\"hunter-a\"}, not \"hunter-b\"";
    server.sim.inject(Fault::always(
        "registry.update",
        Effect::Reply {
            status: 400,
            content_type: "application/json".to_owned(),
            body: json!({ "message": message }).to_string(),
        },
    ));
    let target = &[APPLY, &["-target=dokploy_registry.b"]].concat();
    let output = dir.run(target).exits(1);
    mentions(&output, &["name taken by"]);
    assert!(!output.all().contains("hunter"), "{}", output.all());
}

// Interrupted

#[test]
fn the_first_interrupt_ends_what_is_under_way() {
    let server = Server::new(settings());
    let dir = on_server(&server, &["a", "b", "c"]);
    server
        .sim
        .inject(Fault::nth("registry.create", 2, Effect::DelayMs(1_000)));
    let run = dir
        .run(&["apply", "-no-color", "-auto-approve", "-parallelism=1"])
        .spawn();
    wait_for_call(&server, "registry.create", 2);
    run.signal(Signal::INT);
    let output = run.wait();
    assert_eq!(output.code, 1, "{}", output.all());
    assert_eq!(server.sim.rows("registry").len(), 2, "{}", output.all());
    assert_eq!(names_in_state(&dir).len(), 2, "{}", output.all());
    dir.run(APPLY).ok();
    assert_eq!(server.sim.rows("registry").len(), 3);
    dir.run(IS_EMPTY).ok();
}

#[test]
fn a_kill_loses_nothing_that_was_finished() {
    let server = Server::new(settings());
    let dir = on_server(&server, &["a", "b", "c"]);
    server
        .sim
        .inject(Fault::nth("registry.create", 2, Effect::DelayMs(60_000)));
    let run = dir
        .run(&["apply", "-no-color", "-auto-approve", "-parallelism=1"])
        .spawn();
    wait_for_call(&server, "registry.create", 2);
    run.signal(Signal::KILL);
    run.wait();
    // What hung is lost with the server's memory of it.
    server.sim.heal();
    assert_eq!(server.sim.rows("registry").len(), 1);
    dir.run(APPLY).ok();
    assert_eq!(server.sim.rows("registry").len(), 3);
    assert_eq!(names_in_state(&dir).len(), 3);
    dir.run(IS_EMPTY).ok();
}

#[test]
fn a_saved_plan_that_was_half_applied_is_not_applied_again() {
    let server = Server::new(settings());
    let dir = on_server(&server, &["x"]);
    dir.run(APPLY).ok();
    dir.write("main.tf", &registries(&server.address, &["x", "a", "b"]));
    dir.run(&["plan", "-out=half.out"]).ok();
    server
        .sim
        .inject(Fault::nth("registry.create", 2, Effect::DelayMs(60_000)));
    let run = dir
        .run(&["apply", "-no-color", "-parallelism=1", "half.out"])
        .spawn();
    wait_for_call(&server, "registry.create", 3);
    run.signal(Signal::KILL);
    run.wait();
    // What hung is lost with the server's memory of it.
    server.sim.heal();
    let before = server.sim.rows("registry");
    assert_eq!(before.len(), 2);
    mentions(
        &dir.run(&["apply", "-no-color", "half.out"]).exits(1),
        &["Error: Saved plan is stale", "a part of it is done"],
    );
    assert_eq!(server.sim.rows("registry"), before);
    // A plan that knows of the journal is applied, although the journal is still there.
    dir.run(&["plan", "-out=rest.out"]).ok();
    dir.run(&["apply", "-no-color", "rest.out"]).ok();
    assert_eq!(server.sim.rows("registry").len(), 3);
    assert_eq!(names_in_state(&dir).len(), 3);
    dir.run(IS_EMPTY).ok();
}

#[test]
fn a_kill_within_a_provisioner_leaves_a_tainted_object() {
    // The provisioner reads a pipe; opening that to write waits until it does, and closing it lets it end.
    let dir = Dir::with(&[(
        "main.tf",
        "resource \"terraform_data\" \"a\" {\n  provisioner \"local-exec\" {\n    command = \"test -e pipe || { mkfifo pipe && cat pipe; }\"\n  }\n}\n",
    )]);
    dir.run(&["init"]).ok();
    let run = dir.run(APPLY).spawn();
    while !dir.join("pipe").exists() {
        std::thread::yield_now();
    }
    let pipe = std::fs::File::options()
        .write(true)
        .open(dir.join("pipe"))
        .unwrap();
    run.signal(Signal::KILL);
    drop(pipe);
    run.wait();
    mentions(
        &dir.run(&["plan", "-no-color"]).ok(),
        &["terraform_data.a is tainted, so must be replaced"],
    );
    dir.run(APPLY).ok();
    dir.run(IS_EMPTY).ok();
    let instance = &state(&dir)["resources"][0]["instances"][0];
    assert_eq!(instance.get("status"), None, "{instance}");
}

// Variables and arguments

#[test]
fn the_last_word_about_a_variable() {
    let dir = Dir::with(&[
        (
            "main.tf",
            "variable \"v\" {\n  default = \"default\"\n}\n\noutput \"v\" {\n  value = var.v\n}\n",
        ),
        ("other.tfvars", "v = \"var-file\"\n"),
    ]);
    let value = |run: Run| {
        run.ok();
        dir.run(&["output", "-raw", "v"]).ok().stdout
    };
    assert_eq!(value(dir.run(APPLY)), "default");
    let with_env = |args: &[&str]| {
        let all: Vec<&str> = APPLY.iter().chain(args).copied().collect();
        dir.run(&all).env("TF_VAR_v", "env")
    };
    assert_eq!(value(with_env(&[])), "env");
    dir.write("terraform.tfvars", "v = \"tfvars\"\n");
    assert_eq!(value(with_env(&[])), "tfvars");
    dir.write("terraform.tfvars.json", "{\"v\": \"json\"}");
    assert_eq!(value(with_env(&[])), "json");
    dir.write("a.auto.tfvars", "v = \"auto\"\n");
    assert_eq!(value(with_env(&[])), "auto");
    assert_eq!(value(with_env(&["-var-file=other.tfvars"])), "var-file");
    assert_eq!(
        value(with_env(&["-var-file=other.tfvars", "-var", "v=var"])),
        "var"
    );
    assert_eq!(
        value(with_env(&["-var", "v=var", "-var-file=other.tfvars"])),
        "var-file"
    );
    let run = dir
        .run(APPLY)
        .env("TF_CLI_ARGS_apply", "-var 'v=from arguments'");
    assert_eq!(value(run), "from arguments");
}

#[test]
fn exit_codes() {
    let dir = Dir::with(&[("main.tf", "output \"a\" {\n  value = 1\n}\n")]);
    dir.run(&["plan", "-detailed-exitcode"]).exits(2);
    dir.run(&["plan"]).exits(0);
    dir.run(&["plan", "-nonsense"]).exits(1);
    dir.run(&["nonsense"]).exits(1);
    dir.run(&["version"]).exits(0);
    dir.run(&["apply"]).stdin("no\n").exits(1);
    dir.run(&["apply"]).stdin("yes\n").exits(0);
    dir.run(&["plan", "-detailed-exitcode"]).exits(0);
    dir.write("main.tf", "output \"a\" {\n  value = nope\n}\n");
    dir.run(&["plan", "-detailed-exitcode"]).exits(1);
    dir.write("main.tf", "output \"a\" {\n    value=1\n}\n");
    dir.run(&["fmt", "-check"]).exits(3);
    dir.run(&["-chdir=nowhere", "plan"]).exits(1);
}

// The sandbox over HTTP

#[test]
fn the_sandbox_is_served() {
    use std::io::BufRead;
    let dir = Dir::new();
    let mut child = std::process::Command::new(crate::support::BIN)
        .args(["sandbox", "serve", "-port=0"])
        .current_dir(dir.path())
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = child.stdout.take().unwrap();
    let mut said: Vec<String> = Vec::new();
    for line in std::io::BufReader::new(stdout).lines() {
        said.push(line.unwrap());
        if said.iter().any(|it| it.contains("DOKPLOY_API_KEY=")) {
            break;
        }
    }
    let value = |name: &str| {
        let line = said.iter().find(|it| it.contains(name)).unwrap();
        line.split_once('=').unwrap().1.trim().to_owned()
    };
    let example = Dir::copy_of("examples/team");
    let run = |args: &[&str]| {
        example
            .run(args)
            .env("DOKPLOY_HOST", &value("DOKPLOY_HOST="))
            .env("DOKPLOY_API_KEY", &value("DOKPLOY_API_KEY="))
    };
    run(&["init"]).ok();
    run(APPLY).ok();
    run(IS_EMPTY).ok();
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), Signal::INT).unwrap();
    assert!(child.wait().unwrap().success());
    // What was made there is there again.
    let kept = dir.run(&["sandbox", "show"]).ok();
    assert!(kept.stdout.contains("acme-web"), "{}", kept.all());
}
