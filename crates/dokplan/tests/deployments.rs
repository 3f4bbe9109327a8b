//! Deployments: once after everything that belongs to an application, waited for, and due until they are done.

use dokploy_sim::{Deploying, Effect, Fault, Settings, Version};
use rustix::process::Signal;
use serde_json::Value as Json;

use crate::lifecycles::run;
use crate::support::{Dir, Server};

const SECRET: &str = "hunter2-of-the-shop";

const MAIN: &str = r#"
variable "token" {
  type      = string
  sensitive = true
  default   = "hunter2-of-the-shop"
}

resource "dokploy_project" "shop" {
  name = "shop"
}

resource "dokploy_environment" "live" {
  project_id = dokploy_project.shop.id
  name       = "live"
}

resource "dokploy_postgres" "db" {
  name              = "db"
  app_name          = "db"
  environment_id    = dokploy_environment.live.id
  database_name     = "shop"
  database_user     = "shop"
  database_password = "made-up-password"
  deploy_on_change  = true
}

resource "dokploy_application" "web" {
  name             = "web"
  environment_id   = dokploy_environment.live.id
  source_type      = "docker"
  docker_image     = "nginx:1"
  deploy_on_change = true
  wait_for         = "healthy"
}

resource "dokploy_environment_variables" "web" {
  application_id = dokploy_application.web.id
  variables = {
    DB    = dokploy_postgres.db.id
    TOKEN = var.token
  }
}

resource "dokploy_domain" "web" {
  application_id = dokploy_application.web.id
  host           = "shop.example.com"
}

resource "dokploy_mount" "web" {
  service_id  = dokploy_application.web.id
  type        = "volume"
  volume_name = "data"
  mount_path  = "/data"
}

resource "terraform_data" "smoke" {
  input = dokploy_application.web.id
}
"#;

const APPLY: &[&str] = &["apply", "-auto-approve", "-no-color"];
const PLAN: &[&str] = &["plan", "-no-color", "-detailed-exitcode"];

fn server() -> Server {
    let server = Server::new(Settings::for_tests(Version::V0_30_2));
    // One that runs, so that nobody waits for it to be seen.
    let body = r#"[{"containerId": "c1", "name": "web.1", "state": "running"}]"#;
    server.sim.inject(Fault::always(
        "docker.getContainersByAppLabel",
        Effect::Reply {
            status: 200,
            content_type: "application/json".to_owned(),
            body: body.to_owned(),
        },
    ));
    server
}

/// The changes since the last time, in their order.
fn changes(server: &Server) -> Vec<String> {
    let calls = server.sim.calls().into_iter();
    let changes = calls.filter(|it| it.method == "POST");
    let res = changes.map(|it| it.procedure).collect();
    server.sim.forget_calls();
    res
}

#[test]
fn everything_is_there_before_the_one_deployment() {
    let server = server();
    let dir = Dir::with(&[("main.tf", MAIN)]);
    let plan = run(&server, &dir, &["plan", "-no-color", "-out=tfplan"]).ok();
    let mark = "  # dokploy_application.web will be created\n  # (will be deployed afterwards, because it is new)\n";
    assert!(plan.stdout.contains(mark), "{}", plan.all());
    let summary =
        "Plan: 8 to add, 0 to change, 0 to destroy.\nAfterwards 2 objects will be deployed.\n";
    assert!(plan.stdout.contains(summary), "{}", plan.all());
    let json = run(&server, &dir, &["show", "-json", "tfplan"]).ok();
    let json: Json = serde_json::from_str(&json.stdout).unwrap();
    let marked = json["resource_changes"].as_array().unwrap().iter();
    let marked: Vec<&str> = marked
        .filter(|it| it["follow_up"]["verb"] == "deploy")
        .map(|it| it["address"].as_str().unwrap())
        .collect();
    assert_eq!(marked, ["dokploy_application.web", "dokploy_postgres.db"]);

    changes(&server);
    let output = run(&server, &dir, &["apply", "-no-color", "tfplan"]).ok();
    let changes = changes(&server);
    let last = |procedure: &str| changes.iter().rposition(|it| it == procedure);
    for before in [
        "domain.create",
        "mounts.create",
        "application.update",
        "postgres.deploy",
    ] {
        assert!(
            last(before) < last("application.deploy"),
            "{before}: {changes:?}"
        );
    }
    for once in ["application.deploy", "postgres.deploy"] {
        let n = changes.iter().filter(|it| *it == once).count();
        assert_eq!(n, 1, "{once}: {changes:?}");
    }
    let place = |line: &str| {
        output
            .stdout
            .find(line)
            .unwrap_or_else(|| panic!("{line}: {}", output.all()))
    };
    assert!(
        place("dokploy_application.web: Deploying... [id=")
            < place("dokploy_application.web: Deployed after")
    );
    // What only uses the application waits until it runs.
    assert!(
        place("dokploy_application.web: Deployed after")
            < place("terraform_data.smoke: Creating...")
    );
    run(&server, &dir, PLAN).ok();

    // A part changes, and the application does not.
    dir.write("main.tf", &MAIN.replace("\"/data\"", "\"/srv\""));
    let plan = run(&server, &dir, PLAN).exits(2);
    let mark = "\n  # dokploy_application.web will be deployed\n  # (because what belongs to it changes)\n\n";
    assert!(plan.stdout.contains(mark), "{}", plan.all());
    crate::deployments::changes(&server);
    let lines = run(&server, &dir, &["apply", "-auto-approve", "-json"]).ok();
    assert_eq!(
        crate::deployments::changes(&server),
        ["mounts.update", "application.deploy"]
    );
    let types: Vec<String> = lines
        .stdout
        .lines()
        .map(|it| serde_json::from_str::<Json>(it).unwrap())
        .filter(|it| it["hook"]["action"] == "deploy")
        .map(|it| it["type"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(types, ["apply_start", "apply_complete"]);

    // A domain of an application is in a file that Traefik reads, and a note for people is nowhere.
    let text = MAIN.replace("\"/data\"", "\"/srv\"");
    let text = text.replace(
        "\"shop.example.com\"",
        "\"shop.example.com\"\n  path = \"/new\"",
    );
    let text = text.replace("= \"web\"", "= \"web\"\n  description = \"d\"");
    dir.write("main.tf", &text);
    run(&server, &dir, APPLY).ok();
    let changes = crate::deployments::changes(&server);
    assert!(changes.contains(&"domain.update".to_owned()), "{changes:?}");
    assert!(
        !changes.contains(&"application.deploy".to_owned()),
        "{changes:?}"
    );
    run(&server, &dir, &["destroy", "-auto-approve", "-no-color"]).ok();
    let changes = crate::deployments::changes(&server);
    assert!(
        !changes.contains(&"application.deploy".to_owned()),
        "{changes:?}"
    );
}

#[test]
fn a_deployment_that_fails_is_an_error_with_its_log_and_is_done_again() {
    let server = server();
    let dir = Dir::with(&[("main.tf", MAIN)]);
    let log = format!("pulling\nlogin as {SECRET}\n\u{1b}[31mno such image\u{1b}[0m\n");
    server.sim.deployments_go(Deploying {
        looks: 0,
        fails: true,
        log,
    });
    // Nobody waits for the database, whose status says by itself how it went.
    let output = run(&server, &dir, APPLY).exits(1);
    let all = output.all();
    assert!(all.contains("Error deploying application"), "{all}");
    assert!(all.contains("| no such image"), "{all}");
    assert!(all.contains("| login as (sensitive value)"), "{all}");
    for forbidden in [SECRET, "made-up-password", "\u{1b}"] {
        assert!(!all.contains(forbidden), "{forbidden:?}: {all}");
    }
    let listed = run(&server, &dir, &["state", "list"]).ok();
    assert!(
        listed.stdout.contains("dokploy_application.web\n"),
        "{}",
        listed.all()
    );
    assert!(
        !listed.stdout.contains("terraform_data.smoke"),
        "{}",
        listed.all()
    );

    server.sim.deployments_go(Deploying::default());
    let plan = run(&server, &dir, PLAN).exits(2);
    let mark = "  # dokploy_application.web will be deployed\n  # (because a deployment from before is not done)\n";
    assert!(plan.stdout.contains(mark), "{}", plan.all());
    changes(&server);
    run(&server, &dir, APPLY).ok();
    assert_eq!(changes(&server), ["application.deploy"]);
    run(&server, &dir, PLAN).ok();
}

#[test]
fn an_interrupt_ends_the_wait_at_once() {
    let server = server();
    let dir = Dir::with(&[("main.tf", MAIN)]);
    server.sim.deployments_go(Deploying {
        looks: u32::MAX,
        ..Deploying::default()
    });
    let applying = run(&server, &dir, APPLY).spawn();
    while !server
        .sim
        .calls()
        .iter()
        .any(|it| it.procedure == "application.deploy")
    {
        std::thread::yield_now();
    }
    applying.signal(Signal::INT);
    // One that goes on waiting is killed after a minute, and has another exit code then.
    let output = applying.wait();
    assert_eq!(output.code, 1, "{}", output.all());
    assert!(
        output.all().contains("Stopped while waiting"),
        "{}",
        output.all()
    );

    server.sim.deployments_go(Deploying::default());
    let plan = run(&server, &dir, PLAN).exits(2);
    assert!(
        plan.stdout.contains("a deployment from before is not done"),
        "{}",
        plan.all()
    );
    run(&server, &dir, APPLY).ok();
    run(&server, &dir, PLAN).ok();
}

#[test]
fn a_killed_process_leaves_the_deployment_to_the_next_run() {
    let server = server();
    let dir = Dir::with(&[("main.tf", MAIN)]);
    run(&server, &dir, APPLY).ok();
    dir.write("main.tf", &MAIN.replace("\"/data\"", "\"/srv\""));
    // The mount is changed, and the application is not deployed yet.
    server.sim.inject(Fault::first(
        "application.deploy",
        1,
        Effect::DelayMs(60_000),
    ));
    let applying = run(&server, &dir, APPLY).spawn();
    while server
        .sim
        .calls()
        .iter()
        .filter(|it| it.procedure == "application.deploy")
        .count()
        < 2
    {
        std::thread::yield_now();
    }
    applying.signal(Signal::KILL);
    applying.wait();
    changes(&server);
    let output = run(&server, &dir, APPLY).ok();
    assert_eq!(changes(&server), ["application.deploy"], "{}", output.all());
    run(&server, &dir, PLAN).ok();
}
