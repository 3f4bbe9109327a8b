//! The life cycles that were recorded with the provider of today, and what it gets wrong: create, an empty plan,
//! update, an empty plan, destroy, and nothing left, on each version of the API.
//!
//! The names are those of `testdata/dokploy/terraform/matrix.json`; 48 of its 92 runs are clean, here all must be.

use std::collections::BTreeSet;

use dokploy_sim::{Settings, Sim, Version};
use serde_json::{Value as Json, json};

use crate::support::{Dir, Output, Run, Server, repository, text};

/// A life cycle. Where the configuration says `{{a|b}}` it is created with `a` and updated to `b`.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// What it lies in.
    within: &'static [&'static str],
    resources: &'static str,
}

pub(crate) const ENVIRONMENT: &str = r#"
resource "dokploy_project" "p" {
  name        = "p"
  description = "d"
}

resource "dokploy_environment" "e" {
  project_id  = dokploy_project.p.id
  name        = "e"
  description = "d"
}
"#;

pub(crate) const APPLICATION: &str = r#"
resource "dokploy_application" "app" {
  name           = "app"
  environment_id = dokploy_environment.e.id
  source_type    = "docker"
  docker_image   = "nginx:1.27"
}
"#;

pub(crate) const DESTINATION: &str = r#"
resource "dokploy_destination" "s3" {
  name              = "s3"
  storage_provider  = "AWS"
  access_key        = "AK"
  secret_access_key = "SK"
  bucket            = "b"
  region            = "us-east-1"
  endpoint          = "https://s3.amazonaws.com"
}
"#;

pub(crate) const POSTGRES: &str = r#"
resource "dokploy_postgres" "db" {
  name              = "db"
  app_name          = "db"
  environment_id    = dokploy_environment.e.id
  database_name     = "app"
  database_user     = "app"
  database_password = "password1"
}
"#;

pub(crate) const SSH_KEY: &str = r#"
resource "dokploy_ssh_key" "k" {
  name        = "k"
  description = "d"
  private_key = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"
  public_key  = "ssh-ed25519 AAAA k"
}
"#;

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "project",
        within: &[],
        resources: r#"
resource "dokploy_project" "x" {
  name        = "{{p|q}}"
  description = "{{d|e}}"
}
"#,
    },
    Case {
        name: "project-nodesc",
        within: &[],
        resources: r#"
resource "dokploy_project" "x" {
  name = "{{p|q}}"
}
"#,
    },
    Case {
        name: "project-rename-with-children",
        within: &[APPLICATION],
        resources: r#"
resource "dokploy_project" "p" {
  name        = "{{p|renamed}}"
  description = "d"
}

resource "dokploy_environment" "e" {
  project_id  = dokploy_project.p.id
  name        = "e"
  description = "d"
}
"#,
    },
    Case {
        name: "environment",
        within: &[],
        resources: r#"
resource "dokploy_project" "p" {
  name        = "p"
  description = "d"
}

resource "dokploy_environment" "e" {
  project_id  = dokploy_project.p.id
  name        = "{{e|f}}"
  description = "{{d|e}}"
}
"#,
    },
    Case {
        name: "environment-nodesc",
        within: &[],
        resources: r#"
resource "dokploy_project" "p" {
  name        = "p"
  description = "d"
}

resource "dokploy_environment" "e" {
  project_id = dokploy_project.p.id
  name       = "{{e|f}}"
}
"#,
    },
    Case {
        name: "application-docker",
        within: &[ENVIRONMENT],
        resources: r#"
resource "dokploy_application" "x" {
  name           = "app"
  environment_id = dokploy_environment.e.id
  source_type    = "docker"
  docker_image   = "nginx:{{1.27|1.28}}"
}
"#,
    },
    Case {
        name: "application-docker-rename",
        within: &[ENVIRONMENT],
        resources: r#"
resource "dokploy_application" "x" {
  name           = "{{app|renamed}}"
  environment_id = dokploy_environment.e.id
  source_type    = "docker"
  docker_image   = "nginx:1.27"
}
"#,
    },
    Case {
        name: "application-minimal-github",
        within: &[ENVIRONMENT],
        resources: r#"
resource "dokploy_application" "x" {
  name           = "{{app|renamed}}"
  environment_id = dokploy_environment.e.id
}
"#,
    },
    Case {
        name: "application-git",
        within: &[ENVIRONMENT],
        resources: r#"
resource "dokploy_application" "x" {
  name              = "app"
  environment_id    = dokploy_environment.e.id
  source_type       = "git"
  custom_git_url    = "https://example.com/r.git"
  custom_git_branch = "{{main|dev}}"
  build_type        = "dockerfile"
}
"#,
    },
    Case {
        name: "application-full",
        within: &[ENVIRONMENT],
        resources: r#"
resource "dokploy_application" "x" {
  name                        = "app"
  description                 = "{{d|e}}"
  environment_id              = dokploy_environment.e.id
  source_type                 = "docker"
  docker_image                = "nginx:1.27"
  title                       = "{{t|u}}"
  subtitle                    = "s"
  enabled                     = true
  env                         = "A={{1|2}}\nB=2"
  build_args                  = "X={{1|2}}"
  build_secrets               = "S=hidden"
  command                     = "run"
  args                        = "a {{b|c}}"
  auto_deploy                 = false
  replicas                    = {{2|3}}
  memory_limit                = 536870912
  memory_reservation          = 268435456
  cpu_limit                   = 1000000000
  cpu_reservation             = 500000000
  preview_deployments_enabled = {{true|false}}
  preview_port                = 4000
  preview_env                 = "P=1"
  preview_limit               = 5
  rollback_active             = true
  watch_paths                 = ["src", "{{lib|doc}}"]
  health_check_swarm          = jsonencode({ Test = ["CMD", "true"], Retries = {{3|4}} })
  restart_policy_swarm        = jsonencode({ Condition = "any" })
  placement_swarm             = jsonencode({ Constraints = ["node.role==manager"] })
  update_config_swarm         = jsonencode({ Parallelism = 1, Order = "start-first" })
  rollback_config_swarm       = jsonencode({ Parallelism = 1, Order = "stop-first" })
  mode_swarm                  = jsonencode({ Replicated = { Replicas = 2 } })
  labels_swarm                = jsonencode({ b = "1", a = "{{2|3}}" })
  network_swarm               = jsonencode([{ Target = "dokploy-network" }])
  endpoint_spec_swarm         = jsonencode({ Mode = "vip" })
  stop_grace_period_swarm     = 10
}
"#,
    },
    Case {
        name: "application-traefik",
        within: &[ENVIRONMENT],
        resources: r#"
resource "dokploy_application" "x" {
  name           = "app"
  environment_id = dokploy_environment.e.id
  source_type    = "docker"
  docker_image   = "nginx:1.27"
  traefik_config = "http:\n  routers: {}\n# {{1|2}}\n"
}
"#,
    },
    Case {
        name: "application-appname",
        within: &[ENVIRONMENT],
        resources: r#"
resource "dokploy_application" "x" {
  name           = "{{app|renamed}}"
  app_name       = "myapp"
  environment_id = dokploy_environment.e.id
  source_type    = "docker"
  docker_image   = "nginx:1.27"
}
"#,
    },
    Case {
        name: "application-docker-creds",
        within: &[ENVIRONMENT],
        resources: r#"
resource "dokploy_application" "x" {
  name           = "app"
  environment_id = dokploy_environment.e.id
  source_type    = "docker"
  docker_image   = "ghcr.io/o/i:{{1|2}}"
  registry_url   = "ghcr.io"
  username       = "u"
  password       = "{{pw-one|pw-two}}"
}
"#,
    },
    Case {
        name: "application-env",
        within: &[ENVIRONMENT],
        resources: r#"
resource "dokploy_application" "x" {
  name           = "app"
  environment_id = dokploy_environment.e.id
  source_type    = "docker"
  docker_image   = "nginx:1.27"
  env            = "A={{1|2}}"
}
"#,
    },
    Case {
        name: "compose-appname",
        within: &[ENVIRONMENT],
        resources: r#"
resource "dokploy_compose" "x" {
  name                 = "{{stack|renamed}}"
  app_name             = "mystack"
  environment_id       = dokploy_environment.e.id
  compose_file_content = "services: {}\n"
}
"#,
    },
    Case {
        name: "compose-raw",
        within: &[ENVIRONMENT],
        resources: r#"
resource "dokploy_compose" "x" {
  name                 = "stack"
  environment_id       = dokploy_environment.e.id
  source_type          = "raw"
  compose_file_content = "services: {}\n# {{1|2}}\n"
}
"#,
    },
    Case {
        name: "compose-git",
        within: &[ENVIRONMENT],
        resources: r#"
resource "dokploy_compose" "x" {
  name              = "stack"
  environment_id    = dokploy_environment.e.id
  source_type       = "git"
  custom_git_url    = "https://example.com/r.git"
  custom_git_branch = "{{main|dev}}"
  trigger_type      = "{{push|tag}}"
}
"#,
    },
    Case {
        name: "compose-env",
        within: &[ENVIRONMENT],
        resources: r#"
resource "dokploy_compose" "x" {
  name                 = "stack"
  description          = "d"
  environment_id       = dokploy_environment.e.id
  compose_file_content = "services: {}\n"
  env                  = "A={{1|2}}"
}
"#,
    },
    Case {
        name: "domain",
        within: &[ENVIRONMENT, APPLICATION],
        resources: r#"
resource "dokploy_domain" "x" {
  application_id = dokploy_application.app.id
  host           = "app.example.com"
  port           = {{80|8080}}
  https          = {{false|true}}
}
"#,
    },
    Case {
        name: "domain-full",
        within: &[ENVIRONMENT, APPLICATION],
        resources: r#"
resource "dokploy_domain" "x" {
  application_id   = dokploy_application.app.id
  host             = "app.example.com"
  path             = "/{{a|b}}"
  port             = {{80|8080}}
  https            = true
  certificate_type = "letsencrypt"
}
"#,
    },
    Case {
        name: "domain-traefikme",
        within: &[ENVIRONMENT, APPLICATION],
        resources: r#"
resource "dokploy_domain" "x" {
  application_id      = dokploy_application.app.id
  generate_traefik_me = true
  path                = "/{{a|b}}"
}
"#,
    },
    Case {
        name: "environment_variables",
        within: &[ENVIRONMENT, APPLICATION],
        resources: r#"
resource "dokploy_environment_variables" "x" {
  application_id = dokploy_application.app.id
  variables = {
    B = "{{1|2}}"
    A = "x=y"
  }
}
"#,
    },
    Case {
        name: "ssh_key-nodesc",
        within: &[],
        resources: r#"
resource "dokploy_ssh_key" "x" {
  name        = "{{k|l}}"
  private_key = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"
  public_key  = "ssh-ed25519 AAAA k"
}
"#,
    },
    Case {
        name: "mount-volume",
        within: &[ENVIRONMENT, APPLICATION],
        resources: r#"
resource "dokploy_mount" "x" {
  service_id  = dokploy_application.app.id
  type        = "volume"
  volume_name = "{{v|w}}"
  mount_path  = "/{{data|other}}"
}
"#,
    },
    Case {
        name: "mount-file",
        within: &[ENVIRONMENT, APPLICATION],
        resources: r#"
resource "dokploy_mount" "x" {
  service_id = dokploy_application.app.id
  type       = "file"
  file_path  = "conf"
  content    = "{{a|b}}"
  mount_path = "/etc/conf"
}
"#,
    },
    Case {
        name: "port",
        within: &[ENVIRONMENT, APPLICATION],
        resources: r#"
resource "dokploy_port" "x" {
  application_id = dokploy_application.app.id
  published_port = 8080
  target_port    = {{80|81}}
}
"#,
    },
    Case {
        name: "redirect",
        within: &[ENVIRONMENT, APPLICATION],
        resources: r#"
resource "dokploy_redirect" "x" {
  application_id = dokploy_application.app.id
  regex          = "^/{{a|b}}"
  replacement    = "/c"
  permanent      = {{true|false}}
}
"#,
    },
    Case {
        name: "registry",
        within: &[],
        resources: r#"
resource "dokploy_registry" "x" {
  registry_name = "{{r|s}}"
  registry_url  = "ghcr.io"
  username      = "u"
  password      = "{{pw-one|pw-two}}"
  image_prefix  = "org"
}
"#,
    },
    Case {
        name: "destination",
        within: &[],
        resources: r#"
resource "dokploy_destination" "s3" {
  name              = "{{s3|s4}}"
  storage_provider  = "AWS"
  access_key        = "AK"
  secret_access_key = "{{SK-one|SK-two}}"
  bucket            = "b"
  region            = "us-east-1"
  endpoint          = "https://s3.amazonaws.com"
}
"#,
    },
    Case {
        name: "backup",
        within: &[ENVIRONMENT, POSTGRES, DESTINATION],
        resources: r#"
resource "dokploy_backup" "x" {
  database_type  = "postgres"
  database_id    = dokploy_postgres.db.id
  database       = "app"
  destination_id = dokploy_destination.s3.id
  prefix         = "p"
  schedule       = "0 {{0|1}} * * *"
}
"#,
    },
    Case {
        name: "server",
        within: &[SSH_KEY],
        resources: r#"
resource "dokploy_server" "s" {
  name        = "{{s|t}}"
  description = "{{d|e}}"
  ip_address  = "192.0.2.1"
  port        = 22
  username    = "root"
  ssh_key_id  = dokploy_ssh_key.k.id
  server_type = "deploy"
}
"#,
    },
    Case {
        name: "postgres",
        within: &[ENVIRONMENT],
        resources: r#"
resource "dokploy_postgres" "x" {
  name              = "{{db|renamed}}"
  app_name          = "db"
  environment_id    = dokploy_environment.e.id
  database_name     = "app"
  database_user     = "app"
  database_password = "password1"
}
"#,
    },
    Case {
        name: "postgres-full",
        within: &[ENVIRONMENT],
        resources: r#"
resource "dokploy_postgres" "x" {
  name              = "db"
  app_name          = "db"
  environment_id    = dokploy_environment.e.id
  database_name     = "app"
  database_user     = "app"
  database_password = "password1"
  docker_image      = "postgres:{{16|17}}"
  {{description     = "d"
  env               = "A=1"
  command           = "postgres"
  memory_limit      = "512m"
  memory_reservation = "256m"
  cpu_limit         = "1"
  cpu_reservation   = "0.5"
  external_port     = 5433
  replicas          = 1|}}
}
"#,
    },
    Case {
        name: "mysql",
        within: &[ENVIRONMENT],
        resources: r#"
resource "dokploy_mysql" "x" {
  name                   = "{{db|renamed}}"
  app_name               = "db"
  environment_id         = dokploy_environment.e.id
  database_name          = "app"
  database_user          = "app"
  database_password      = "password1"
  database_root_password = "password2"
}
"#,
    },
    Case {
        name: "mariadb",
        within: &[ENVIRONMENT],
        resources: r#"
resource "dokploy_mariadb" "x" {
  name                   = "{{db|renamed}}"
  app_name               = "db"
  environment_id         = dokploy_environment.e.id
  database_name          = "app"
  database_user          = "app"
  database_password      = "password1"
  database_root_password = "password2"
}
"#,
    },
    Case {
        name: "mongo",
        within: &[ENVIRONMENT],
        resources: r#"
resource "dokploy_mongo" "x" {
  name              = "{{db|renamed}}"
  app_name          = "db"
  environment_id    = dokploy_environment.e.id
  database_user     = "app"
  database_password = "password1"
}
"#,
    },
    Case {
        name: "redis",
        within: &[ENVIRONMENT],
        resources: r#"
resource "dokploy_redis" "x" {
  name              = "{{db|renamed}}"
  app_name_prefix   = "db"
  environment_id    = dokploy_environment.e.id
  database_password = "password1"
}
"#,
    },
    Case {
        name: "gitlab_provider",
        within: &[],
        resources: r#"
resource "dokploy_gitlab_provider" "x" {
  name       = "{{g|h}}"
  auth_id    = "a"
  gitlab_url = "https://gitlab.com"
}
"#,
    },
    Case {
        name: "bitbucket_provider",
        within: &[],
        resources: r#"
resource "dokploy_bitbucket_provider" "x" {
  name               = "{{g|h}}"
  auth_id            = "a"
  bitbucket_username = "{{u|v}}"
}
"#,
    },
    Case {
        name: "gitea_provider",
        within: &[],
        resources: r#"
resource "dokploy_gitea_provider" "x" {
  name      = "{{g|h}}"
  gitea_url = "https://gitea.com"
}
"#,
    },
    Case {
        name: "organization",
        within: &[],
        resources: r#"
resource "dokploy_organization" "x" {
  name = "{{o|q}}"
}
"#,
    },
    Case {
        name: "volume_backup",
        within: &[ENVIRONMENT, APPLICATION, DESTINATION],
        resources: r#"
resource "dokploy_volume_backup" "x" {
  name            = "{{v|w}}"
  app_name        = "app"
  service_id      = dokploy_application.app.id
  service_type    = "application"
  volume_name     = "data"
  prefix          = "p"
  cron_expression = "0 0 * * *"
  destination_id  = dokploy_destination.s3.id
}
"#,
    },
    Case {
        name: "api_key",
        within: &[],
        resources: r#"
resource "dokploy_api_key" "x" {
  name = "{{k|l}}"
}
"#,
    },
    Case {
        name: "user_permissions",
        within: &[],
        resources: r#"
data "dokploy_users" "all" {}

resource "dokploy_user_permissions" "x" {
  member_id           = one([for it in data.dokploy_users.all.users : it.member_id if it.role == "member"])
  can_create_projects = {{true|false}}
  can_create_services = true
  accessed_projects   = ["{{p|q}}"]
}
"#,
    },
    Case {
        name: "ai",
        within: &[],
        resources: r#"
resource "dokploy_ai" "x" {
  name    = "{{a|b}}"
  api_url = "https://api.example.com"
  api_key = "{{sk-one|sk-two}}"
  model   = "m"
}
"#,
    },
    Case {
        name: "certificate",
        within: &[],
        resources: r#"
resource "dokploy_certificate" "x" {
  name             = "{{c|d}}"
  certificate_data = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
  private_key      = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
}
"#,
    },
];

/// The configuration at the beginning, and after the update.
pub(crate) fn at(case: &Case, is_updated: bool) -> String {
    let mut res = String::new();
    let parts = case.within.iter().chain([&case.resources]);
    for text in parts {
        let mut rest = *text;
        while let Some((before, after)) = rest.split_once("{{") {
            let (choice, after) = after.split_once("}}").unwrap();
            let (first, second) = choice.split_once('|').unwrap();
            res.push_str(before);
            res.push_str(if is_updated { second } else { first });
            rest = after;
        }
        res.push_str(rest);
    }
    res
}

pub(crate) fn run(server: &Server, dir: &Dir, args: &[&str]) -> Run {
    dir.run(args)
        .env("DOKPLOY_HOST", &format!("http://{}", server.address))
        .env("DOKPLOY_API_KEY", "test-key")
}

/// Every row that there is. What the owner has made stays in the owner's lists of what may be seen: that is Dokploy's.
pub(crate) fn left(objects: &Json) -> BTreeSet<String> {
    let tables = objects.as_object().unwrap();
    let rows = tables.iter().flat_map(|(table, rows)| {
        let rows = rows.as_array().unwrap().iter();
        rows.map(move |row| {
            let mut row = row.clone();
            if row.get("role").and_then(Json::as_str) == Some("owner") {
                for name in [
                    "accessedProjects",
                    "accessedEnvironments",
                    "accessedServices",
                ] {
                    row[name] = json!([]);
                }
            }
            format!("{table} {row}")
        })
    });
    rows.collect()
}

/// Adds a user who may be given permissions.
pub(crate) fn member(sim: &Sim) {
    let user = json!({"email": "m@example.com", "emailVerified": true, "twoFactorEnabled": false});
    let user = sim.insert("user", user).unwrap();
    let organization = sim.organization_id();
    let member = json!({"organizationId": organization, "userId": user, "role": "member"});
    sim.insert("member", member).unwrap();
}

/// What went wrong in a life, in its order; empty for a clean one.
fn life(version: Version, case: &Case) -> Vec<String> {
    let server = Server::new(Settings::for_tests(version));
    member(&server.sim);
    let before = server.sim.objects();

    let dir = Dir::new();
    let mut wrong = Vec::new();
    let mut step = |what: &str, args: &[&str], is_right: &dyn Fn(&Output) -> bool| {
        let output = run(&server, &dir, args).done();
        if !is_right(&output) {
            wrong.push(format!("{what}: {}", output.all()));
        }
    };
    let quiet = |it: &Output| it.code == 0 && !it.all().contains("Warning");
    let apply: &[&str] = &["apply", "-auto-approve", "-no-color"];
    let plan: &[&str] = &["plan", "-detailed-exitcode", "-no-color"];
    dir.write("main.tf", &at(case, false));
    step("create", apply, &quiet);
    step("plan after create", plan, &quiet);
    dir.write("main.tf", &at(case, true));
    step("update", apply, &|it| {
        quiet(it) && !it.stdout.contains("0 added, 0 changed, 0 destroyed")
    });
    step("plan after update", plan, &quiet);
    step(
        "destroy",
        &["destroy", "-auto-approve", "-no-color"],
        &quiet,
    );
    for call in server.sim.calls() {
        // A call that is refused is one that should not have been made.
        if call.status != Some(200) {
            wrong.push(format!("refused: {call:?}"));
        }
    }
    wrong.extend(unforeseen(version, &server.sim.calls()));
    let (before, after) = (left(&before), left(&server.sim.objects()));
    wrong.extend(after.difference(&before).map(|it| format!("left: {it}")));
    wrong.extend(before.difference(&after).map(|it| format!("gone: {it}")));
    wrong
}

/// The calls that are not as `dokploy::calls` says, which is what is compared with descriptions of the API.
fn unforeseen(version: Version, made: &[dokploy_sim::Call]) -> Vec<String> {
    let version = dokploy::version::Version::parse(&version.to_string()).unwrap();
    let foreseen = dokploy::calls::calls(&dokploy::tables::AHMEDALI6, version);
    let strange = made.iter().filter(|call| {
        let members = call.input.as_object().unwrap();
        let members: Vec<&str> = members.keys().map(String::as_str).collect();
        let is_change = call.method == "POST";
        let mut calls = foreseen.iter();
        !calls.any(|it| it.covers(&call.procedure, is_change, &members))
    });
    strange.map(|it| format!("not foreseen: {it:?}")).collect()
}

/// All lives on a version. Each has a server and a directory of its own.
fn lives(version: Version) {
    let wrong: Vec<String> = CASES
        .iter()
        .flat_map(|case| {
            let wrong = life(version, case);
            wrong
                .into_iter()
                .map(move |it| format!("{} on {version}, {it}", case.name))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn forty_six_life_cycles_are_clean_on_v0_26_5() {
    lives(Version::V0_26_5);
}

#[test]
fn forty_six_life_cycles_are_clean_on_v0_30_2() {
    lives(Version::V0_30_2);
}

#[test]
fn the_life_cycles_are_the_recorded_ones() {
    let recorded = text(repository("testdata/dokploy/terraform/matrix.json"));
    let recorded: Json = serde_json::from_str(&recorded).unwrap();
    let recorded: BTreeSet<&str> = recorded
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let ours: BTreeSet<&str> = CASES.iter().map(|it| it.name).collect();
    assert_eq!((recorded.len(), CASES.len()), (46, 46));
    assert_eq!(ours, recorded);
}
