//! Every recorded session of Terraform with its Dokploy provider, replayed with our binary against the simulator: the
//! same actions, plans, states and documents, but for what [`DEVIATIONS`] lists.

use std::net::TcpListener;
use std::path::Path;

use dokploy_sim::{Settings, Sim, Version};
use serde_json::{Value as Json, json};

use crate::conformance::{entries, in_parallel, name};
use crate::normal::{Norm, differ, differ_json, plain, wording_aside, wording_aside_json};
use crate::support::{Dir, Run, Server, repository, text};

const SESSIONS: &str = "testdata/dokploy/terraform";

/// What is recorded of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// The exit code of the command.
    Exit,
    /// What the command prints.
    Output,
    /// The state file after it.
    State,
    /// `show -json` of the state after it.
    StateJson,
    /// `show` of the plan that it saved.
    Shown,
    /// `show -json` of the plan that it saved.
    PlanJson,
}

use Part::{Exit, Output, PlanJson, Shown, State, StateJson};

/// Where the recording shows a mistake of the provider that was recorded, and what is right instead is in the
/// snapshot of the session. Session, step, the parts that differ, and why.
const DEVIATIONS: &[(&str, &str, &[Part], &str)] = &[
    (
        "errors",
        "02-apply-api-400",
        &[Output],
        "the explanation is a list of what is wrong; the recorded one is the raw answer",
    ),
    (
        "errors",
        "07-apply-401",
        &[Output],
        "the explanation is a list of what is wrong; the recorded one is the raw answer",
    ),
    (
        "errors",
        "09-apply-wrong-path",
        &[Exit, Output, State, StateJson],
        "a host without /api is understood",
    ),
    (
        "errors",
        "10-apply-refused",
        &[Output, State, StateJson],
        "the registry that the step before created is there",
    ),
    (
        "registry-deleted-out-of-band",
        "02-plan-error",
        &[Exit, Output, PlanJson, Shown],
        "an object gone from Dokploy is created again",
    ),
    (
        "registry-deleted-out-of-band",
        "04-destroy-error",
        &[Exit, Output, State, StateJson],
        "an object gone from Dokploy needs no destroying",
    ),
    (
        "registry-deleted-out-of-band",
        "05-state-rm",
        &[Exit, Output],
        "the destroy before has forgotten the object",
    ),
    (
        "registry-import",
        "03-import",
        &[State, StateJson],
        "an import knows the password, since Dokploy tells it",
    ),
    (
        "registry-import",
        "04-plan-after-import",
        &[Exit, Output, State, StateJson, PlanJson, Shown],
        "an import knows the password, since Dokploy tells it",
    ),
    (
        "registry-import",
        "05-apply-after-import",
        &[Output],
        "an import knows the password, since Dokploy tells it",
    ),
    (
        "registry-import",
        "07-plan-generate-config",
        &[Exit, Output, PlanJson, Shown],
        "the generated configuration is whole: the password is a variable, with its value in a file beside it",
    ),
    (
        "registry-import",
        "08-plan-import-block",
        &[Output, PlanJson, Shown],
        "an import knows the password, since Dokploy tells it",
    ),
    (
        "registry-import",
        "09-apply-import-block",
        &[Output],
        "an import knows the password, since Dokploy tells it",
    ),
    (
        "registry-import-errors",
        "01-import-missing-id",
        &[Output],
        "no object of the id is an error of the import, not of the provider",
    ),
    (
        "registry-import-errors",
        "02-plan-import-block-missing",
        &[Output, PlanJson],
        "the explanation is a list of what is wrong; the recorded one is the raw answer",
    ),
    (
        "registry-server-id",
        "06-import",
        &[State, StateJson],
        "an import knows the password, since Dokploy tells it",
    ),
    (
        "registry-server-id",
        "07-plan-after-import",
        &[Output, State, StateJson, PlanJson, Shown],
        "an import knows the password, since Dokploy tells it",
    ),
    (
        "server-cbd-replace",
        "02-plan-replace",
        &[PlanJson],
        "a planned replacement keeps its secrets marked in JSON",
    ),
    (
        "server-description-remove",
        "01-apply",
        &[State],
        "a command that is removed goes: that it was configured is remembered",
    ),
    (
        "server-description-remove",
        "02-plan-remove-optional",
        &[Output, State, PlanJson, Shown],
        "a command that is removed goes: that it was configured is remembered",
    ),
    (
        "server-description-remove",
        "03-apply-remove-optional",
        &[Exit, Output, State, StateJson],
        "removing description and command converges",
    ),
    (
        "server-description-remove",
        "04-plan-after",
        &[Exit, Output, State, StateJson, PlanJson, Shown],
        "removing description and command converges",
    ),
    (
        "server-no-description-v0.26.5",
        "02-apply",
        &[Exit, Output, State, StateJson],
        "a server without description is created, once",
    ),
    (
        "server-no-description-v0.26.5",
        "03-plan-again",
        &[Exit, Output, State, StateJson, PlanJson, Shown],
        "a server without description is created, once",
    ),
    (
        "server-no-description-v0.26.5",
        "04-apply-again",
        &[Exit, Output, State, StateJson],
        "a server without description is created, once",
    ),
    (
        "server-no-description-v0.30.2",
        "02-apply",
        &[Exit, Output, State, StateJson],
        "a server without description is created, once",
    ),
    (
        "server-no-description-v0.30.2",
        "03-plan-again",
        &[Exit, Output, State, StateJson, PlanJson, Shown],
        "a server without description is created, once",
    ),
    (
        "server-no-description-v0.30.2",
        "04-apply-again",
        &[Exit, Output, State, StateJson],
        "a server without description is created, once",
    ),
    (
        "server-ssh_key-lifecycle",
        "10-plan-replace-key",
        &[PlanJson],
        "a planned replacement keeps its secrets marked in JSON",
    ),
    (
        "server-ssh_key-lifecycle",
        "14-apply-set-command",
        &[State],
        "that the command was configured is remembered, so that removing it is seen",
    ),
    (
        "server-ssh_key-lifecycle",
        "15-plan-noop",
        &[State],
        "that the command was configured is remembered, so that removing it is seen",
    ),
    (
        "server-ssh_key-lifecycle",
        "16-plan-drift-computed",
        &[State],
        "that the command was configured is remembered, so that removing it is seen",
    ),
    (
        "server-ssh_key-lifecycle",
        "17-plan-drift-ip",
        &[State],
        "that the command was configured is remembered, so that removing it is seen",
    ),
    (
        "server-ssh_key-lifecycle",
        "18-apply-drift-ip",
        &[State],
        "that the command was configured is remembered, so that removing it is seen",
    ),
    (
        "server-ssh_key-lifecycle",
        "19-plan-recreate-deleted",
        &[State],
        "that the command was configured is remembered, so that removing it is seen",
    ),
    (
        "server-ssh_key-lifecycle",
        "20-apply-recreate-deleted",
        &[State],
        "that the command was configured is remembered, so that removing it is seen",
    ),
    (
        "server-ssh_key-lifecycle",
        "21-plan-destroy",
        &[State],
        "that the command was configured is remembered, so that removing it is seen",
    ),
    (
        "ssh_key-deleted-out-of-band-v0.26.5",
        "03-plan",
        &[Exit, Output, PlanJson, Shown],
        "gone is gone in every version of the API",
    ),
    (
        "ssh_key-deleted-out-of-band-v0.26.5",
        "04-apply",
        &[Exit, Output, State, StateJson],
        "gone is gone in every version of the API",
    ),
    (
        "ssh_key-server-import",
        "03-import-key",
        &[State, StateJson],
        "an import remembers dependencies, and leaves outputs alone",
    ),
    (
        "ssh_key-server-import",
        "04-import-server",
        &[State, StateJson],
        "an import remembers dependencies, and leaves outputs alone",
    ),
    (
        "ssh_key-server-import",
        "05-plan-after-import",
        &[State, StateJson],
        "an import remembers dependencies, and leaves outputs alone",
    ),
    (
        "ssh_key-server-unreachable-port-404x",
        "02-plan-while-down",
        &[Exit, Output, PlanJson, Shown],
        "an address with 404 in it is not an answer: the server is down, nothing is forgotten",
    ),
];

/// What happened behind Terraform's back before a step.
const INTERLUDES: &[(&str, &str, fn(&Sim))] = &[
    ("registry-deleted-out-of-band", "02", |sim| {
        assert!(sim.delete("registry", "registry0000000000001"));
    }),
    ("ssh_key-deleted-out-of-band-v0.26.5", "03", |sim| {
        assert!(sim.delete("sshKey", "sshkey000000000000001"));
    }),
    ("ssh_key-deleted-out-of-band-v0.30.2", "03", |sim| {
        assert!(sim.delete("sshKey", "sshkey000000000000001"));
    }),
    ("registry-lifecycle", "09", |sim| {
        let patch = json!({"username": "someone-else"});
        assert!(sim.edit("registry", "registry0000000000001", patch));
    }),
    ("server-ssh_key-lifecycle", "16", |sim| {
        edit_server(sim, json!({"serverStatus": "inactive"}));
    }),
    ("server-ssh_key-lifecycle", "17", |sim| {
        edit_server(
            sim,
            json!({"serverStatus": "active", "ipAddress": "192.0.2.99"}),
        );
    }),
    ("server-ssh_key-lifecycle", "19", |sim| {
        assert!(sim.delete("server", "server000000000000001"));
    }),
];

fn edit_server(sim: &Sim, patch: Json) {
    assert!(sim.edit("server", "server000000000000001", patch));
}

/// The module that the session with a module was recorded with; the recording holds its shape, not its text.
const MODULE: &str = r#"
terraform {
  required_providers {
    dokploy = { source = "ahmedali6/dokploy" }
  }
}

variable "registries" {
  type = map(object({ url = string, user = string, prefix = optional(string) }))
}

variable "token" {
  type      = string
  sensitive = true
}

resource "dokploy_registry" "this" {
  for_each      = var.registries
  registry_name = each.key
  registry_url  = each.value.url
  username      = each.value.user
  password      = var.token
  image_prefix  = coalesce(each.value.prefix, each.value.url)

  lifecycle {
    ignore_changes = [username]
  }
}

output "ids" {
  value = { for name, registry in dokploy_registry.this : name => registry.id }
}
"#;

fn version(session: &str) -> Version {
    if session.ends_with("v0.26.5") {
        Version::V0_26_5
    } else {
        Version::V0_30_2
    }
}

fn settings(session: &str) -> Settings {
    Settings {
        api_key: "test-api-key".to_owned(),
        ..Settings::for_terraform_recordings(version(session))
    }
}

/// A session under way: its Dokploy, and what stands for the recorded addresses.
struct Stage {
    server: Option<Server>,
    /// The address that main.tf names, and the one that stands for it.
    addresses: Vec<(&'static str, String)>,
}

impl Stage {
    /// Addresses are as long as those of the recording, so that texts wrap, and bytes count, as they did there.
    fn new(session: &str) -> Stage {
        let bind = |port: u16| TcpListener::bind(("127.0.0.1", port)).ok();
        let (recorded, listener) = if session.ends_with("port-404x") {
            // What was a mistake there: the digits of the address were taken for the status "not found".
            // Each port is used once: after the server is stopped, no other test may answer in its place.
            static USED: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
            let next = || USED.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let ports = || (14_040..14_050).chain(24_040..24_050).nth(next());
            let listener = std::iter::from_fn(ports).find_map(bind);
            ("127.0.0.1:14041", listener.unwrap())
        } else {
            ("127.0.0.1:3999", (4_000..10_000).find_map(bind).unwrap())
        };
        let server = Server::on(listener, settings(session));
        // A port on which nobody listens: it was free a moment ago.
        let dead = (2_000..3_000).find_map(bind).unwrap();
        let dead = dead.local_addr().unwrap().to_string();
        Stage {
            addresses: vec![(recorded, server.address.clone()), ("127.0.0.1:3998", dead)],
            server: Some(server),
        }
    }

    fn rewritten(&self, text: &str) -> String {
        let replace = |text: String, (from, to): &(&str, String)| text.replace(from, to);
        self.addresses.iter().fold(text.to_owned(), replace)
    }

    fn recorded(&self, text: &str) -> String {
        let replace = |text: String, (from, to): &(&str, String)| text.replace(to, from);
        self.addresses.iter().fold(text.to_owned(), replace)
    }

    fn before(&mut self, session: &str, step: &str) {
        if session.ends_with("port-404x") && step.starts_with("02") {
            self.server = None;
        }
        if let Some(server) = &self.server {
            for (_, _, happens) in INTERLUDES
                .iter()
                .filter(|it| it.0 == session && step.starts_with(it.1))
            {
                happens(&server.sim);
            }
        }
    }
}

/// How a session went.
struct Replayed {
    session: String,
    snapshot: String,
    /// Step, part, and how it differs.
    differences: Vec<(String, Part, String)>,
}

#[test]
fn sessions() {
    let paths: Vec<_> = entries(&repository(SESSIONS))
        .into_iter()
        .filter(|it| it.is_dir())
        .collect();
    let replayed = in_parallel(&paths, |it| replay(it));
    let mut wrong = Vec::new();
    for it in &replayed {
        let known = |step: &str, part: Part| {
            DEVIATIONS
                .iter()
                .any(|row| row.0 == it.session && row.1 == step && row.2.contains(&part))
        };
        for (step, part, difference) in &it.differences {
            if !known(step, *part) {
                wrong.push(format!("{} {step} {part:?}\n{difference}", it.session));
            }
        }
    }
    for (session, step, parts, _) in DEVIATIONS {
        for part in *parts {
            let found = replayed.iter().any(|it| {
                it.session == *session
                    && it
                        .differences
                        .iter()
                        .any(|it| it.0 == *step && it.1 == *part)
            });
            if !found {
                wrong.push(format!(
                    "{session} {step} {part:?} is as recorded: it is no deviation"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for it in replayed {
        insta::assert_snapshot!(it.session, it.snapshot);
    }
}

/// What Terraform has applied and remembered is nothing to do for us.
#[test]
fn states_of_terraform_plan_empty() {
    let paths: Vec<_> = entries(&repository(SESSIONS))
        .into_iter()
        .filter(|it| it.is_dir())
        .collect();
    let wrong: Vec<String> = in_parallel(&paths, |it| plan_recorded_states(it))
        .into_iter()
        .flatten()
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn plan_recorded_states(path: &Path) -> Vec<String> {
    let session = name(path);
    let mut stage = Stage::new(&session);
    let mut wrong = Vec::new();
    for step in entries(path).into_iter().filter(|it| it.is_dir()) {
        let step_name = name(&step);
        stage.before(&session, &step_name);
        let Some(server) = &stage.server else { break };
        for line in text(step.join("requests.jsonl")).lines() {
            let it: Json = serde_json::from_str(line).unwrap();
            if it["method"] == "POST" && it["status"] == 200 {
                let body = serde_json::from_str(it["body"].as_str().unwrap()).unwrap();
                let request = dokploy_sim::Request::post(it["path"].as_str().unwrap(), &body);
                server.send(request.with_key("test-api-key"));
            }
        }
        let command = text(step.join("command.txt"));
        let applied = command.starts_with("terraform apply") && command.contains("exit code: 0");
        if !applied {
            continue;
        }
        let dir = Dir::new();
        if session == "registry-module-foreach" {
            dir.write("mod/main.tf", MODULE);
        }
        let state = text(step.join("terraform.tfstate"));
        dir.write("terraform.tfstate", &state);
        dir.write("main.tf", &stage.rewritten(&text(step.join("main.tf"))));
        dir.run(&["init"]).ok();
        let args = ["plan", "-no-color", "-detailed-exitcode"];
        let output = dir.run(&args).done();
        let is_destroyed = serde_json::from_str::<Json>(&state).unwrap()["resources"] == json!([]);
        if output.code != if is_destroyed { 2 } else { 0 } {
            wrong.push(format!("{session} {step_name}\n{}", output.all()));
        }
        if dir.read("terraform.tfstate") != state {
            wrong.push(format!(
                "{session} {step_name}: a plan has written the state"
            ));
        }
    }
    wrong
}

fn replay(path: &Path) -> Replayed {
    let session = name(path);
    let mut stage = Stage::new(&session);
    let dir = Dir::new();
    if session == "registry-module-foreach" {
        dir.write("mod/main.tf", MODULE);
    }
    let mut norms = [new_norm(&dir), new_norm(&dir)];
    let (mut snapshot, mut differences) = (String::new(), Vec::new());
    let mut is_initialised = false;
    for step in entries(path).into_iter().filter(|it| it.is_dir()) {
        let step_name = name(&step);
        dir.write("main.tf", &stage.rewritten(&text(step.join("main.tf"))));
        stage.before(&session, &step_name);
        if !is_initialised {
            // What is wrong with a configuration is for the step to tell.
            dir.run(&["init", "-no-color"]).done();
            is_initialised = true;
        }
        let mut check = Step {
            session: &session,
            path: &step,
            stage: &stage,
            dir: &dir,
            norms: &mut norms,
            found: Vec::new(),
        };
        snapshot.push_str(&check.run());
        let found = check.found;
        differences.extend(
            found
                .into_iter()
                .map(|(part, it)| (step_name.clone(), part, it)),
        );
        if step_name.ends_with("generate-config") {
            _ = std::fs::remove_file(dir.join("generated.tf"));
            _ = std::fs::remove_file(dir.join("generated.auto.tfvars"));
        }
    }
    Replayed {
        session,
        snapshot,
        differences,
    }
}

fn new_norm(dir: &Dir) -> Norm {
    Norm::new(&dir.path().to_string_lossy(), false, true)
}

/// One step of a session.
struct Step<'a> {
    session: &'a str,
    path: &'a Path,
    stage: &'a Stage,
    dir: &'a Dir,
    /// Of what was recorded and of what is replayed, since they number their own UUIDs.
    norms: &'a mut [Norm; 2],
    found: Vec<(Part, String)>,
}

impl Step<'_> {
    /// Runs the step and gives what the snapshot holds of it.
    fn run(&mut self) -> String {
        let command = text(self.path.join("command.txt"));
        let (command, exit) = command.trim().split_once("\nexit code: ").unwrap();
        let args: Vec<&str> = command.split(' ').skip(1).collect();
        let output = self.ours(&args).done();
        let (exit, all) = (exit.parse::<i32>().unwrap(), self.recorded(&output.all()));
        if output.code != exit {
            let difference = format!("{}, not {exit}\n{all}", output.code);
            self.found.push((Exit, difference));
        }
        self.check_output(&args, &all);
        self.check_state();
        self.check_saved_plan();
        let shown = norm_of_snapshot(&all);
        let prompt = args.join(" ");
        format!("$ dokplan {prompt}\n{shown}\n[{}]\n\n", output.code)
    }

    fn ours(&self, args: &[&str]) -> Run {
        // The recorded session happened to create in another order than ours does one by one.
        let one = self.session == "registry-module-foreach";
        let parallelism = if one { "-parallelism=1" } else { "" };
        self.dir.run(args).env("TF_CLI_ARGS_apply", parallelism)
    }

    /// Our text with what the recording calls things.
    fn recorded(&self, text: &str) -> String {
        let text = self.stage.recorded(text);
        if self.session != "registry-module-foreach" {
            return text;
        }
        text.replace("registry0000000000001", "<hub>")
            .replace("registry0000000000002", "registry0000000000001")
            .replace("<hub>", "registry0000000000002")
    }

    fn differs(&mut self, part: Part, difference: Option<String>) {
        self.found.extend(difference.map(|it| (part, it)));
    }

    fn check_output(&mut self, args: &[&str], got: &str) {
        let want = text(self.path.join("output.txt"));
        let difference = if args.contains(&"-json") {
            let [of_want, of_got] = &mut *self.norms;
            let parse = |norm: &mut Norm, text: &str| match serde_json::from_str::<Json>(text) {
                Ok(it) => wording_aside_json(&norm.value(&it)),
                Err(_) => match norm.stream(text) {
                    Some(it) => wording_aside_json(&Json::Array(it)),
                    None => Json::String(text.to_owned()),
                },
            };
            differ_json("output", &parse(of_want, &want), &parse(of_got, got))
        } else {
            let own = text(self.path.join("main.tf"));
            let [of_want, of_got] = &mut *self.norms;
            let want = wording_aside(&of_want.text(&plain(&want)), &own);
            let got = wording_aside(&of_got.text(&plain(got)), &own);
            differ("output", &want, &got)
        };
        self.differs(Output, difference);
    }

    fn check_state(&mut self) {
        self.check_file(State, "terraform.tfstate", |dir| {
            std::fs::read_to_string(dir.join("terraform.tfstate")).unwrap_or_default()
        });
        self.check_file(StateJson, "state.json", |dir| {
            dir.run(&["show", "-json"]).done().stdout
        });
    }

    fn check_saved_plan(&mut self) {
        self.check_file(PlanJson, "plan.json", |dir| {
            dir.run(&["show", "-json", "plan.out"]).done().stdout
        });
        let Ok(want) = std::fs::read_to_string(self.path.join("plan.color.txt")) else {
            return;
        };
        let output = self.dir.run(&["show", "-no-color", "plan.out"]).done();
        // The recording holds standard output; where no plan was made, that is empty.
        let got = self.recorded(&output.stdout);
        let [of_want, of_got] = &mut *self.norms;
        let want = wording_aside(&of_want.text(&plain(&want)), "");
        let got = wording_aside(&of_got.text(&got), "");
        let difference = differ("show plan.out", &want, &got);
        self.differs(Shown, difference);
    }

    /// A JSON document that the recording holds.
    fn check_file(&mut self, part: Part, file: &str, ours: impl Fn(&Dir) -> String) {
        let Ok(want) = std::fs::read_to_string(self.path.join(file)) else {
            return;
        };
        let got = self.recorded(&ours(self.dir));
        let [of_want, of_got] = &mut *self.norms;
        let parse = |norm: &mut Norm, text: &str| match serde_json::from_str::<Json>(text) {
            Ok(mut it) => {
                unordered(&mut it);
                norm.value(&it)
            }
            Err(_) => Json::String(text.trim().to_owned()),
        };
        let difference = differ_json(file, &parse(of_want, &want), &parse(of_got, &got));
        self.differs(part, difference);
    }
}

/// Sorts the lists whose order changes from run to run of the recorded binary.
fn unordered(value: &mut Json) {
    for (name, it) in value.as_object_mut().into_iter().flatten() {
        if let Some(list) = it.as_array_mut() {
            if ["relevant_attributes", "replace_paths"].contains(&name.as_str()) {
                list.sort_by_cached_key(Json::to_string);
            }
            list.iter_mut().for_each(unordered);
        }
        unordered(it);
    }
}

/// Output as the snapshot of a session holds it: without what differs from run to run.
fn norm_of_snapshot(text: &str) -> String {
    let mut norm = Norm::new("", false, true);
    let text = match norm.stream(text) {
        Some(it) if text.starts_with('{') => it.iter().map(|it| format!("{it}\n")).collect(),
        _ => norm.text(text),
    };
    text.trim_end().to_owned()
}
