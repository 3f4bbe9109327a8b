//! What the provider of today gets wrong, one test a bug, through plan, apply and a second plan on each version of the
//! API. The numbers are those of the list that was recorded with it (its version 0.6.0).

use dokploy_sim::{Effect, Fault, Request, Settings, Version};
use serde_json::{Value as Json, json};

use crate::lifecycles::{APPLICATION, DESTINATION, ENVIRONMENT, POSTGRES, SSH_KEY, run};
use crate::support::{Dir, Output, Server};

/// A Dokploy and a directory with a configuration for it.
struct World {
    version: Version,
    server: Server,
    dir: Dir,
}

/// Runs a test for each version.
fn each(test: fn(&World)) {
    for version in Version::ALL {
        test(&World {
            version,
            server: Server::new(Settings::for_tests(version)),
            dir: Dir::new(),
        });
    }
}

impl World {
    fn is_old(&self) -> bool {
        self.version == Version::V0_26_5
    }

    fn run(&self, args: &[&str]) -> Output {
        run(&self.server, &self.dir, args).done()
    }

    #[track_caller]
    fn ok(&self, args: &[&str]) -> Output {
        let output = self.run(args);
        assert_eq!(output.code, 0, "{}: {}", self.version, output.all());
        output
    }

    fn write(&self, parts: &[&str]) {
        self.dir.write("main.tf", &parts.concat());
    }

    /// Applies a configuration, after which nothing is left to do.
    #[track_caller]
    fn settle(&self, parts: &[&str]) -> Output {
        self.write(parts);
        self.server.sim.forget_calls();
        let output = self.ok(&["apply", "-auto-approve", "-no-color"]);
        self.is_settled();
        output
    }

    /// Panics unless there is nothing to do, however often it is asked.
    #[track_caller]
    fn is_settled(&self) {
        let output = self.run(&["plan", "-detailed-exitcode", "-no-color"]);
        assert_eq!(output.code, 0, "{}: {}", self.version, output.all());
    }

    fn plan(&self, parts: &[&str]) -> Output {
        self.write(parts);
        let output = self.run(&["plan", "-detailed-exitcode", "-no-color"]);
        assert_eq!(output.code, 2, "{}: {}", self.version, output.all());
        output
    }

    /// What was sent to a procedure since the last apply began.
    fn sent(&self, procedure: &str) -> Vec<Json> {
        let calls = self.server.sim.calls().into_iter();
        calls
            .filter(|it| it.procedure == procedure)
            .map(|it| it.input)
            .collect()
    }

    /// The one row of a table.
    #[track_caller]
    fn row(&self, table: &str) -> Json {
        let mut rows = self.server.sim.rows(table);
        assert_eq!(rows.len(), 1, "{table}: {rows:?}");
        rows.remove(0)
    }

    #[track_caller]
    fn edit(&self, table: &str, patch: Json) {
        let row = self.row(table);
        assert!(self.server.sim.edit(table, key(&row), patch));
    }

    /// An attribute of an object in the state.
    fn in_state(&self, address: &str, attribute: &str) -> Json {
        let state: Json = serde_json::from_str(&self.dir.read("terraform.tfstate")).unwrap();
        let resources = state["resources"].as_array().unwrap();
        let found = resources.iter().find(|it| {
            let (kind, name) = (it["type"].as_str(), it["name"].as_str());
            format!("{}.{}", kind.unwrap(), name.unwrap()) == address
        });
        found.map_or(Json::Null, |it| {
            it["instances"][0]["attributes"][attribute].clone()
        })
    }

    /// A call by somebody with a key.
    fn status(&self, procedure: &str, key: &str) -> u16 {
        let request = Request::get(&format!("/api/{procedure}"), "").with_key(key);
        self.server.send(request).status
    }
}

/// The id of a row: its first column.
fn key(row: &Json) -> &str {
    row.as_object()
        .unwrap()
        .values()
        .next()
        .unwrap()
        .as_str()
        .unwrap()
}

#[track_caller]
fn shows(output: &Output, text: &str) {
    assert!(
        output.all().contains(text),
        "{text:?} is not in:\n{}",
        output.all()
    );
}

const COMPOSE: &str = r#"
resource "dokploy_compose" "stack" {
  name                 = "stack"
  environment_id       = dokploy_environment.e.id
  source_type          = "raw"
  compose_file_content = "services: {}\n"
}
"#;

const DOMAIN: &str = r#"
resource "dokploy_domain" "web" {
  application_id = dokploy_application.app.id
  host           = "app.example.com"
  port           = 80
}
"#;

/// Its destroy called procedures that no Dokploy has, took their 404 for "already gone", and left the services running.
#[test]
fn bug_1_destroy_really_deletes_applications_composes_and_domains() {
    each(|world| {
        world.settle(&[ENVIRONMENT, APPLICATION, COMPOSE, DOMAIN]);
        world.server.sim.forget_calls();
        world.ok(&["destroy", "-auto-approve", "-no-color"]);
        let calls = world.server.sim.calls();
        assert!(calls.iter().all(|it| it.status == Some(200)), "{calls:?}");
        let at = |procedure: &str| {
            let found = calls.iter().position(|it| it.procedure == procedure);
            found.unwrap_or_else(|| panic!("{procedure} was not called: {calls:?}"))
        };
        // What lies in something goes before it: newer versions refuse the rest, older ones orphan what runs.
        assert!(at("domain.delete") < at("application.delete"));
        assert!(at("application.delete") < at("environment.remove"));
        assert!(at("compose.delete") < at("environment.remove"));
        assert!(at("environment.remove") < at("project.remove"));
        for table in ["domain", "application", "compose", "environment", "project"] {
            assert_eq!(world.server.sim.rows(table), [] as [Json; 0], "{table}");
        }
    });
}

/// The same where only the services leave the configuration.
#[test]
fn bug_1_services_that_leave_the_configuration_are_deleted() {
    each(|world| {
        world.settle(&[ENVIRONMENT, APPLICATION, COMPOSE, DOMAIN]);
        let output = world.settle(&[ENVIRONMENT]);
        shows(&output, "0 added, 0 changed, 3 destroyed");
        for table in ["domain", "application", "compose"] {
            assert_eq!(world.server.sim.rows(table), [] as [Json; 0], "{table}");
        }
        assert_eq!(world.row("project")["name"], json!("p"));
    });
}

/// A project's id was unknown in every update, so that a rename replaced all environments and what was in them.
#[test]
fn bug_2_renaming_a_project_keeps_its_environments() {
    each(|world| {
        world.settle(&[ENVIRONMENT, APPLICATION, POSTGRES]);
        let before = ["environment", "application", "postgres"].map(|it| {
            world
                .server
                .sim
                .rows(it)
                .iter()
                .map(|it| key(it).to_owned())
                .collect::<Vec<_>>()
        });
        let renamed = ENVIRONMENT.replacen("\"p\"\n  description", "\"renamed\"\n  description", 1);
        assert_ne!(renamed, ENVIRONMENT);
        let output = world.plan(&[&renamed, APPLICATION, POSTGRES]);
        shows(&output, "0 to add, 1 to change, 0 to destroy");
        assert!(
            !output.stdout.contains("known after apply"),
            "{}",
            output.stdout
        );
        world.settle(&[&renamed, APPLICATION, POSTGRES]);
        let after = ["environment", "application", "postgres"].map(|it| {
            world
                .server
                .sim
                .rows(it)
                .iter()
                .map(|it| key(it).to_owned())
                .collect::<Vec<_>>()
        });
        assert_eq!(before, after);
        assert_eq!(world.row("project")["name"], json!("renamed"));
    });
}

/// Users work around bug 2 with `ignore_changes`, which must hold where the value is unknown in the plan.
#[test]
fn bug_2_ignore_changes_of_an_unknown_project_id_keeps_the_environment() {
    let text = |trigger: &str, lifecycle: &str| {
        format!(
            r#"
resource "terraform_data" "t" {{
  triggers_replace = "{trigger}"
}}

resource "dokploy_project" "p" {{
  name = "p"
}}

resource "dokploy_environment" "e" {{
  # Not known before terraform_data.t is made again.
  project_id = terraform_data.t.id == "" ? "none" : dokploy_project.p.id
  name       = "e"
  {lifecycle}
}}
"#
        )
    };
    for version in Version::ALL {
        let world = World {
            version,
            server: Server::new(Settings::for_tests(version)),
            dir: Dir::new(),
        };
        let ignoring = "lifecycle {\n    ignore_changes = [project_id]\n  }";
        world.settle(&[&text("1", ignoring)]);
        let id = world.in_state("dokploy_environment.e", "id");

        // Without it, what is unknown and forces replacement replaces.
        let output = world.plan(&[&text("2", "")]);
        shows(&output, "dokploy_environment.e must be replaced");
        let output = world.plan(&[&text("2", ignoring)]);
        shows(&output, "1 to add, 0 to change, 1 to destroy");
        assert!(
            !output.stdout.contains("# dokploy_environment.e"),
            "{}",
            output.stdout
        );
        world.settle(&[&text("2", ignoring)]);
        assert_eq!(world.in_state("dokploy_environment.e", "id"), id);
        assert_eq!(world.sent("environment.remove"), [] as [Json; 0]);

        // Something else of it can be changed meanwhile.
        let renamed = text("3", ignoring).replace("\"e\"\n  lifecycle", "\"f\"\n  lifecycle");
        let output = world.plan(&[&renamed]);
        shows(&output, "1 to add, 1 to change, 1 to destroy");
        world.settle(&[&renamed]);
        assert_eq!(world.in_state("dokploy_environment.e", "id"), id);
        assert_eq!(world.in_state("dokploy_environment.e", "name"), json!("f"));
    }
}

/// Without a description, both failed on create ("was null, but now """) and were made anew by each apply.
#[test]
fn bug_3_projects_and_servers_without_a_description_settle() {
    const TEXT: &str = r#"
resource "dokploy_project" "p" {
  name = "p"
}

resource "dokploy_server" "s" {
  name        = "s"
  ip_address  = "192.0.2.1"
  port        = 22
  username    = "root"
  ssh_key_id  = dokploy_ssh_key.k.id
  server_type = "deploy"
}
"#;
    each(|world| {
        world.settle(&[SSH_KEY, TEXT]);
        // With one, and without one again.
        let described = TEXT
            .replace("\"p\"\n", "\"p\"\n  description = \"d\"\n")
            .replace("\"s\"\n", "\"s\"\n  description = \"d\"\n");
        world.settle(&[SSH_KEY, &described]);
        assert_eq!(world.row("server")["description"], json!("d"));
        world.settle(&[SSH_KEY, TEXT]);
        let empty = described.replace("\"d\"", "\"\"");
        world.settle(&[SSH_KEY, &empty]);
    });
}

/// An update of a domain set everything that was not configured to false, 0 and the empty text.
#[test]
fn bug_4_a_domain_keeps_what_is_not_configured() {
    each(|world| {
        world.settle(&[ENVIRONMENT, APPLICATION, DOMAIN]);
        world.edit(
            "domain",
            json!({"path": "/shop", "https": true, "certificateType": "letsencrypt"}),
        );
        world.is_settled();
        world.settle(&[ENVIRONMENT, APPLICATION, &DOMAIN.replace("80", "8080")]);
        let row = world.row("domain");
        assert_eq!(
            (
                &row["port"],
                &row["path"],
                &row["https"],
                &row["certificateType"]
            ),
            (
                &json!(8080),
                &json!("/shop"),
                &json!(true),
                &json!("letsencrypt")
            )
        );
        world.edit("domain", json!({"https": false}));
        world.is_settled();
        world.settle(&[ENVIRONMENT, APPLICATION, &DOMAIN.replace("80", "81")]);
        assert_eq!(world.row("domain")["https"], json!(false));
    });
}

/// Thirty-eight attributes of applications were accepted and never sent.
#[test]
fn bug_5_all_attributes_of_an_application_are_sent_and_read() {
    // Attribute, its value here, its column, and what is in it.
    let settings: &[(&str, &str, &str, Json)] = &[
        (
            "health_check_swarm",
            r#"jsonencode({ Test = ["CMD", "true"], Retries = 3 })"#,
            "healthCheckSwarm",
            json!({"Retries": 3, "Test": ["CMD", "true"]}),
        ),
        (
            "restart_policy_swarm",
            r#"jsonencode({ Condition = "any" })"#,
            "restartPolicySwarm",
            json!({"Condition": "any"}),
        ),
        (
            "placement_swarm",
            r#"jsonencode({ Constraints = ["node.role==manager"] })"#,
            "placementSwarm",
            json!({"Constraints": ["node.role==manager"]}),
        ),
        (
            "update_config_swarm",
            r#"jsonencode({ Parallelism = 1, Order = "start-first" })"#,
            "updateConfigSwarm",
            json!({"Order": "start-first", "Parallelism": 1}),
        ),
        (
            "rollback_config_swarm",
            r#"jsonencode({ Parallelism = 1, Order = "stop-first" })"#,
            "rollbackConfigSwarm",
            json!({"Order": "stop-first", "Parallelism": 1}),
        ),
        (
            "mode_swarm",
            "jsonencode({ Replicated = { Replicas = 2 } })",
            "modeSwarm",
            json!({"Replicated": {"Replicas": 2}}),
        ),
        (
            "labels_swarm",
            r#"jsonencode({ team = "shop" })"#,
            "labelsSwarm",
            json!({"team": "shop"}),
        ),
        (
            "network_swarm",
            r#"jsonencode([{ Target = "dokploy-network" }])"#,
            "networkSwarm",
            json!([{"Target": "dokploy-network"}]),
        ),
        (
            "stop_grace_period_swarm",
            "30",
            "stopGracePeriodSwarm",
            json!(30),
        ),
        (
            "memory_limit",
            "536870912",
            "memoryLimit",
            json!("536870912"),
        ),
        (
            "memory_reservation",
            "268435456",
            "memoryReservation",
            json!("268435456"),
        ),
        ("cpu_limit", "1000000000", "cpuLimit", json!("1000000000")),
        (
            "cpu_reservation",
            "500000000",
            "cpuReservation",
            json!("500000000"),
        ),
        (
            "preview_deployments_enabled",
            "true",
            "isPreviewDeploymentsActive",
            json!(true),
        ),
        ("preview_env", "\"A=1\"", "previewEnv", json!("A=1")),
        ("preview_limit", "5", "previewLimit", json!(5)),
        ("preview_port", "8080", "previewPort", json!(8080)),
        ("preview_path", "\"/p\"", "previewPath", json!("/p")),
        (
            "preview_wildcard",
            "\"*.example.com\"",
            "previewWildcard",
            json!("*.example.com"),
        ),
        ("preview_https", "true", "previewHttps", json!(true)),
        ("rollback_active", "true", "rollbackActive", json!(true)),
        ("enabled", "true", "enabled", json!(true)),
        ("env", "\"A=1\"", "env", json!("A=1")),
        ("command", "\"run\"", "command", json!("run")),
        ("title", "\"t\"", "title", json!("t")),
        ("subtitle", "\"s\"", "subtitle", json!("s")),
    ];
    for version in Version::ALL {
        let world = World {
            version,
            server: Server::new(Settings::for_tests(version)),
            dir: Dir::new(),
        };
        let lines = settings
            .iter()
            .map(|(name, value, ..)| format!("  {name} = {value}\n"));
        let full = APPLICATION.replace("\n}\n", &format!("\n{}}}\n", lines.collect::<String>()));
        world.settle(&[ENVIRONMENT, &full]);
        let row = world.row("application");
        for (name, _, column, expected) in settings {
            assert_eq!(&row[column], expected, "{version}: {name}");
        }
        // What somebody changes is seen, and set again.
        world.edit(
            "application",
            json!({"memoryLimit": "1", "labelsSwarm": null, "previewLimit": 9}),
        );
        let output = world.plan(&[ENVIRONMENT, &full]);
        for name in ["memory_limit", "labels_swarm", "preview_limit"] {
            shows(&output, name);
        }
        world.settle(&[ENVIRONMENT, &full]);
        assert_eq!(
            world.row("application")["labelsSwarm"],
            json!({"team": "shop"})
        );
        // And all of them can be taken out again.
        world.settle(&[ENVIRONMENT, APPLICATION]);
        let row = world.row("application");
        for column in [
            "healthCheckSwarm",
            "labelsSwarm",
            "memoryLimit",
            "env",
            "command",
            "previewEnv",
        ] {
            assert_eq!(row[column], json!(null), "{version}: {column}");
        }
    }
}

/// Every update switched automatic deployment off where it was not configured.
#[test]
fn bug_5_auto_deploy_is_not_switched_off() {
    each(|world| {
        world.settle(&[ENVIRONMENT, APPLICATION]);
        world.edit("application", json!({"autoDeploy": true}));
        world.settle(&[ENVIRONMENT, &APPLICATION.replace("1.27", "1.28")]);
        let sent = world.sent("application.update");
        assert!(!sent.is_empty());
        assert!(
            sent.iter()
                .all(|it| it.get("autoDeploy") != Some(&json!(false))),
            "{sent:?}"
        );
        assert_eq!(world.row("application")["autoDeploy"], json!(true));
    });
}

/// A failure after `application.create` lost the application: it was there, and in no state. The same of all types that
/// are made by two calls.
#[test]
fn bug_5_a_failure_after_create_leaves_the_object_in_the_state() {
    let with_env = |text: &str| text.replacen("\n}\n", "\n  env = \"A=1\"\n}\n", 1);
    let server = r#"
resource "dokploy_server" "s" {
  name        = "s"
  ip_address  = "192.0.2.1"
  port        = 22
  username    = "root"
  ssh_key_id  = dokploy_ssh_key.k.id
  server_type = "deploy"
  command     = "echo"
}
"#;
    let cases = [
        (
            "application",
            "dokploy_application.app",
            with_env(APPLICATION),
        ),
        ("compose", "dokploy_compose.stack", with_env(COMPOSE)),
        ("postgres", "dokploy_postgres.db", with_env(POSTGRES)),
        ("server", "dokploy_server.s", server.to_owned()),
    ];
    for version in Version::ALL {
        for (router, address, text) in &cases {
            let world = World {
                version,
                server: Server::new(Settings::for_tests(version)),
                dir: Dir::new(),
            };
            let parts = [ENVIRONMENT, SSH_KEY, text];
            world.settle(&[ENVIRONMENT, SSH_KEY]);
            world.write(&parts);
            let update = format!("{router}.update");
            let fault = Fault::first(&update, 1, Effect::Status500);
            world.server.sim.inject(fault);
            let output = world.run(&["apply", "-auto-approve", "-no-color"]);
            assert_eq!(output.code, 1, "{router}: {}", output.all());
            let first = key(&world.row(router)).to_owned();
            assert_eq!(world.in_state(address, "id"), json!(first));
            let output = world.plan(&parts);
            shows(
                &output,
                &format!("{address} is tainted, so must be replaced"),
            );
            world.server.sim.heal();
            world.settle(&parts);
            assert_ne!(key(&world.row(router)), first, "{router}");
        }
    }
}

/// The default of `branch` filled `github_branch`, which then differed in each plan.
#[test]
fn bug_5_the_default_branch_is_no_difference() {
    each(|world| {
        let github = r#"
resource "dokploy_application" "app" {
  name              = "app"
  environment_id    = dokploy_environment.e.id
  source_type       = "github"
  github_owner      = "acme"
  github_repository = "shop"
}
"#;
        world.settle(&[ENVIRONMENT, github]);
        let other = github.replace("\"shop\"\n", "\"shop\"\n  github_branch = \"dev\"\n");
        world.settle(&[ENVIRONMENT, &other]);
        assert_eq!(world.row("application")["branch"], json!("dev"));
    });
}

/// Dokploy appends six characters to a configured name, which was an inconsistent result.
#[test]
fn bug_5_a_suffix_of_app_name_is_no_difference() {
    each(|world| {
        let named = |text: &str| {
            text.replacen(
                "  environment_id",
                "  app_name = \"shop\"\n  environment_id",
                1,
            )
        };
        let (application, compose) = (named(APPLICATION), named(COMPOSE));
        world.settle(&[ENVIRONMENT, &application, &compose]);
        let id = key(&world.row("application")).to_owned();
        let name = world.row("application")["appName"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(name.starts_with("shop-") && name.len() == 11, "{name}");
        // After an import too, which knows only the whole name.
        world.ok(&["state", "rm", "dokploy_application.app"]);
        world.ok(&["import", "-no-color", "dokploy_application.app", &id]);
        let output = world.run(&["plan", "-no-color"]);
        shows(&output, "No changes");
    });
}

/// A changed name is dropped by Dokploy, so that the same change was planned for ever.
#[test]
fn bug_5_an_app_name_that_cannot_be_changed_is_told_at_the_plan() {
    each(|world| {
        let named = |text: &str, name: &str| {
            let line = format!("  app_name = \"{name}\"\n  environment_id");
            text.replacen("  environment_id", &line, 1)
        };
        world.settle(&[
            ENVIRONMENT,
            &named(APPLICATION, "shop"),
            &named(COMPOSE, "shop"),
        ]);
        world.write(&[
            ENVIRONMENT,
            &named(APPLICATION, "store"),
            &named(COMPOSE, "shop"),
        ]);
        let output = world.run(&["plan", "-no-color"]);
        assert_eq!(output.code, 1, "{}", output.all());
        shows(&output, "Error: Cannot be changed");
        // Whoever wants another one says so.
        let parts = [
            ENVIRONMENT,
            &named(APPLICATION, "store"),
            &named(COMPOSE, "shop"),
        ];
        world.ok(&["taint", "dokploy_application.app"]);
        shows(&world.plan(&parts), "1 to add, 0 to change, 1 to destroy");
        world.ok(&["untaint", "dokploy_application.app"]);
        // Without the argument it stays as it is.
        world.settle(&[ENVIRONMENT, APPLICATION, COMPOSE]);
    });
}

/// Once Dokploy had written the file for a domain, each plan took it out, and an apply wiped the routing.
#[test]
fn bug_5_traefik_config_is_left_alone_unless_configured() {
    each(|world| {
        world.settle(&[ENVIRONMENT, APPLICATION, DOMAIN]);
        world.settle(&[ENVIRONMENT, &APPLICATION.replace("1.27", "1.28"), DOMAIN]);
        assert_eq!(
            world.sent("application.updateTraefikConfig"),
            [] as [Json; 0]
        );
        let configured = APPLICATION.replace("\n}\n", "\n  traefik_config = \"http: {}\\n\"\n}\n");
        world.settle(&[ENVIRONMENT, &configured, DOMAIN]);
        assert_eq!(world.sent("application.updateTraefikConfig").len(), 1);
        // Taken out of the configuration, it is not wiped either.
        world.settle(&[ENVIRONMENT, APPLICATION, DOMAIN]);
        assert_eq!(
            world.sent("application.updateTraefikConfig"),
            [] as [Json; 0]
        );
    });
}

/// Newer versions of Dokploy say `Dockerfile` for the provider's own default `./Dockerfile`.
#[test]
fn bug_5_the_default_dockerfile_path_is_no_difference() {
    each(|world| {
        let built = r#"
resource "dokploy_application" "app" {
  name              = "app"
  environment_id    = dokploy_environment.e.id
  source_type       = "git"
  custom_git_url    = "https://example.com/r.git"
  custom_git_branch = "main"
  build_type        = "dockerfile"
}
"#;
        world.settle(&[ENVIRONMENT, built]);
        for path in ["Dockerfile", "./Dockerfile"] {
            assert!(world.server.sim.edit(
                "application",
                key(&world.row("application")),
                json!({"dockerfile": path})
            ));
            world.is_settled();
        }
    });
}

/// Five attributes of composes were accepted and never sent.
#[test]
fn bug_6_all_attributes_of_a_compose_are_sent_and_read() {
    each(|world| {
        let full = COMPOSE.replace(
            "\n}\n",
            "\n  app_name     = \"stack\"\n  description  = \"d\"\n  env          = \"A=1\"\n  trigger_type = \"tag\"\n}\n",
        );
        world.settle(&[ENVIRONMENT, &full]);
        let row = world.row("compose");
        assert_eq!(
            (&row["description"], &row["env"], &row["triggerType"]),
            (&json!("d"), &json!("A=1"), &json!("tag"))
        );
        assert!(
            row["appName"].as_str().unwrap().starts_with("stack-"),
            "{row}"
        );
        world.edit("compose", json!({"env": "A=2", "triggerType": "push"}));
        let output = world.plan(&[ENVIRONMENT, &full]);
        shows(&output, "trigger_type");
        world.settle(&[ENVIRONMENT, &full.replace("A=1", "A=3")]);
        assert_eq!(world.row("compose")["env"], json!("A=3"));
        world.settle(&[ENVIRONMENT, COMPOSE]);
        assert_eq!(world.row("compose")["env"], json!(null));
        assert_eq!(world.row("compose")["description"], json!(null));
    });
}

/// GitLab and Gitea could never be created, and a Bitbucket differed in its name for ever.
#[test]
fn bug_7_git_providers_are_created_and_settle() {
    each(|world| {
        let text = |name: &str| {
            format!(
                r#"
resource "dokploy_gitlab_provider" "x" {{
  name       = "{name}"
  auth_id    = "a"
  gitlab_url = "https://gitlab.com"
}}

resource "dokploy_gitea_provider" "x" {{
  name      = "{name}"
  gitea_url = "https://gitea.com"
}}

resource "dokploy_bitbucket_provider" "x" {{
  name               = "{name}"
  auth_id            = "a"
  bitbucket_username = "u"
}}
"#
            )
        };
        let output = world.settle(&[&text("a")]);
        shows(&output, "3 added, 0 changed, 0 destroyed");
        let output = world.settle(&[&text("b")]);
        shows(&output, "0 added, 3 changed, 0 destroyed");
        world.ok(&["destroy", "-auto-approve", "-no-color"]);
        assert_eq!(world.server.sim.rows("git_provider"), [] as [Json; 0]);
    });
}

/// Taking an optional attribute out of a database was an inconsistent result, and then a difference for ever.
#[test]
fn bug_8_optional_attributes_of_databases_can_be_taken_out() {
    each(|world| {
        let database = |kind: &str, own: &str, optional: &str| {
            format!(
                "\nresource \"dokploy_{kind}\" \"x\" {{\n  name              = \"{kind}\"\n  environment_id    = dokploy_environment.e.id\n  database_password = \"password1\"\n{own}{optional}}}\n"
            )
        };
        let user = "  database_user = \"app\"\n";
        let named = "  database_user = \"app\"\n  database_name = \"app\"\n  app_name = \"db\"\n";
        let rooted = "  database_user = \"app\"\n  database_name = \"app\"\n  app_name = \"db\"\n  database_root_password = \"password2\"\n";
        let kinds = [
            ("postgres", named.to_owned()),
            ("mysql", rooted.to_owned()),
            ("mariadb", rooted.to_owned()),
            ("mongo", format!("{user}  app_name = \"db\"\n")),
            ("redis", "  app_name_prefix = \"db\"\n".to_owned()),
        ];
        let all = |optional: &str| {
            let texts = kinds
                .iter()
                .map(|(kind, own)| database(kind, own, optional));
            texts.collect::<String>()
        };
        let full = all(
            "  description = \"d\"\n  env = \"A=1\"\n  command = \"run\"\n  memory_limit = \"512m\"\n  cpu_limit = \"1\"\n  external_port = 5433\n",
        );
        world.settle(&[ENVIRONMENT, &full]);
        let output = world.settle(&[ENVIRONMENT, &all("")]);
        shows(&output, "0 added, 5 changed, 0 destroyed");
        for (kind, _) in &kinds {
            let row = world.row(kind);
            for column in ["description", "env", "memoryLimit", "externalPort"] {
                assert_eq!(
                    row[column],
                    json!(null),
                    "{} {kind} {column}",
                    world.version
                );
            }
        }
    });
}

/// After an import, the next plan replaced the database.
#[test]
fn bug_8_an_imported_database_is_not_replaced() {
    each(|world| {
        world.settle(&[ENVIRONMENT, POSTGRES]);
        let id = key(&world.row("postgres")).to_owned();
        world.ok(&["state", "rm", "dokploy_postgres.db"]);
        world.ok(&["import", "-no-color", "dokploy_postgres.db", &id]);
        let output = world.run(&["plan", "-no-color", "-detailed-exitcode"]);
        assert!(!output.all().contains("replaced"), "{}", output.all());
        world.settle(&[ENVIRONMENT, POSTGRES]);
        assert_eq!(key(&world.row("postgres")), id);
    });
}

/// Variables were written in random order, over what others had set, and their id was unknown in every update.
#[test]
fn bug_9_environment_variables_have_one_order_and_a_known_id() {
    const VARIABLES: &str = r#"
resource "dokploy_environment_variables" "x" {
  application_id = dokploy_application.app.id
  variables = {
    ZULU  = "1"
    ALPHA = "2"
    MIKE  = "3"
    BRAVO = "4"
  }
}
"#;
    each(|world| {
        world.settle(&[ENVIRONMENT, APPLICATION]);
        world.edit("application", json!({"env": "FOREIGN=1"}));
        world.settle(&[ENVIRONMENT, APPLICATION, VARIABLES]);
        assert_eq!(
            world.row("application")["env"],
            json!("ALPHA=2\nBRAVO=4\nMIKE=3\nZULU=1")
        );
        let changed = VARIABLES.replace("\"4\"", "\"5\"");
        let output = world.plan(&[ENVIRONMENT, APPLICATION, &changed]);
        assert!(
            !output.stdout.contains("known after apply"),
            "{}",
            output.stdout
        );
        world.settle(&[ENVIRONMENT, APPLICATION, &changed]);
        assert_eq!(
            world.row("application")["env"],
            json!("ALPHA=2\nBRAVO=5\nMIKE=3\nZULU=1")
        );
        // In another order they are the same.
        world.edit(
            "application",
            json!({"env": "ZULU=1\nMIKE=3\nBRAVO=5\nALPHA=2"}),
        );
        world.is_settled();
    });
}

/// "404" anywhere in an error meant that the object was gone: also in the port of a server that did not answer.
#[test]
fn bug_10_a_server_that_cannot_be_reached_drops_nothing() {
    for version in Version::ALL {
        let ports = [14040..14050, 24040..24050, 34040..34050, 40400..40500]
            .into_iter()
            .flatten();
        let listener = ports
            .map(|port: u16| std::net::TcpListener::bind(("127.0.0.1", port)))
            .find_map(Result::ok)
            .unwrap();
        let world = World {
            version,
            server: Server::on(listener, Settings::for_tests(version)),
            dir: Dir::new(),
        };
        assert!(
            world.server.address.contains("404"),
            "{}",
            world.server.address
        );
        world.settle(&[ENVIRONMENT, APPLICATION, SSH_KEY, DESTINATION]);
        let before = world.dir.read("terraform.tfstate");
        let (address, dir) = (world.server.address.clone(), world.dir);
        drop(world.server);
        for args in [
            &["plan", "-no-color"] as &[&str],
            &["apply", "-no-color", "-auto-approve"],
            &["refresh", "-no-color"],
        ] {
            let output = dir
                .run(args)
                .env("DOKPLOY_HOST", &format!("http://{address}"))
                .env("DOKPLOY_API_KEY", "test-key")
                .exits(1);
            shows(&output, "404");
            assert_eq!(dir.read("terraform.tfstate"), before);
        }
    }
}

/// What was gone was an error for ever, until it was taken out of the state by hand.
#[test]
fn bug_10_what_was_deleted_elsewhere_is_made_again() {
    const PARTS: &str = r#"
resource "dokploy_registry" "x" {
  registry_name = "r"
  registry_url  = "ghcr.io"
  username      = "u"
  password      = "pw"
  image_prefix  = "org"
}

resource "dokploy_mount" "x" {
  service_id  = dokploy_application.app.id
  type        = "volume"
  volume_name = "v"
  mount_path  = "/data"
}

resource "dokploy_port" "x" {
  application_id = dokploy_application.app.id
  published_port = 8080
  target_port    = 80
}

resource "dokploy_redirect" "x" {
  application_id = dokploy_application.app.id
  regex          = "^/a"
  replacement    = "/c"
  permanent      = true
}

resource "dokploy_bitbucket_provider" "x" {
  name               = "b"
  auth_id            = "a"
  bitbucket_username = "u"
}

resource "dokploy_environment_variables" "x" {
  application_id = dokploy_application.app.id
  variables      = { A = "1" }
}

resource "dokploy_backup" "x" {
  database_type  = "postgres"
  database_id    = dokploy_postgres.db.id
  database       = "app"
  destination_id = dokploy_destination.s3.id
  prefix         = "p"
  schedule       = "0 0 * * *"
}

resource "dokploy_volume_backup" "x" {
  name            = "v"
  app_name        = "app"
  service_id      = dokploy_application.app.id
  service_type    = "application"
  volume_name     = "data"
  prefix          = "p"
  cron_expression = "0 0 * * *"
  destination_id  = dokploy_destination.s3.id
}
"#;
    each(|world| {
        let parts = [
            ENVIRONMENT,
            APPLICATION,
            COMPOSE,
            DOMAIN,
            POSTGRES,
            DESTINATION,
            SSH_KEY,
            PARTS,
        ];
        world.settle(&parts);
        // With a project goes everything in it.
        let tables = [
            "registry",
            "sshKey",
            "destination",
            "git_provider",
            "domain",
            "mount",
            "compose",
            "project",
        ];
        for table in tables {
            for row in world.server.sim.rows(table) {
                assert!(world.server.sim.delete(table, key(&row)), "{table}");
            }
            let output = world.plan(&parts);
            assert!(
                !output.stdout.contains(" to add, 0 to change, 1 to destroy"),
                "{table}: {}",
                output.all()
            );
            world.settle(&parts);
            assert!(!world.server.sim.rows(table).is_empty(), "{table}");
        }
    });
}

/// With its defaults a key was good for five calls a day, and what a used-up one answers did not say so.
#[test]
fn bug_11_a_key_without_a_limit_has_none_and_a_used_up_one_is_told() {
    const KEY: &str = r#"
resource "dokploy_api_key" "ci" {
  name               = "ci"
  rate_limit_enabled = false
}
"#;
    each(|world| {
        world.settle(&[KEY]);
        let secret = world.in_state("dokploy_api_key.ci", "key");
        let secret = secret.as_str().unwrap();
        for n in 0..20 {
            assert_eq!(world.status("project.all", secret), 200, "call {n}");
        }
        world.settle(&[&KEY.replace("= false", "= true")]);
        let secret = world.in_state("dokploy_api_key.ci", "key");
        let secret = secret.as_str().unwrap();
        let n_answered = (0..20)
            .take_while(|_| world.status("project.all", secret) == 200)
            .count();
        assert_eq!(n_answered, 5);
        let dir = Dir::with(&[("main.tf", "data \"dokploy_servers\" \"all\" {}\n")]);
        let output = dir
            .run(&["plan", "-no-color"])
            .env("DOKPLOY_HOST", &format!("http://{}", world.server.address))
            .env("DOKPLOY_API_KEY", secret)
            .exits(1);
        shows(&output, "rate-limited");
        assert!(!output.all().contains(secret));
    });
}

/// The environment that each project has could not be taken over: its name is refused.
#[test]
fn production_environments_are_adopted() {
    const PRODUCTION: &str = r#"
resource "dokploy_project" "p" {
  name = "p"
}

resource "dokploy_environment" "production" {
  project_id  = dokploy_project.p.id
  name        = "production"
  description = "live"
}
"#;
    each(|world| {
        world.settle(&[PRODUCTION]);
        let row = world.row("environment");
        assert_eq!(
            world.in_state("dokploy_environment.production", "id"),
            json!(key(&row))
        );
        assert_eq!(row["description"], json!("live"));
        assert_eq!(world.sent("environment.create"), [] as [Json; 0]);
        world.settle(&[&PRODUCTION.replace("live", "still live")]);
        assert_eq!(world.row("environment")["description"], json!("still live"));
        world.ok(&["destroy", "-auto-approve", "-no-color"]);
        assert_eq!(world.server.sim.rows("project"), [] as [Json; 0]);
    });
}

/// The prefix of a registry's images could not be taken away, and an import lost the password.
#[test]
fn registries_can_be_cleared_and_imported() {
    const REGISTRY: &str = r#"
resource "dokploy_registry" "x" {
  registry_name = "r"
  registry_url  = "ghcr.io"
  username      = "u"
  password      = "pw-of-registry"
  image_prefix  = "org"
}
"#;
    each(|world| {
        world.settle(&[REGISTRY]);
        let cleared = REGISTRY.replace("\"org\"", "\"\"");
        world.settle(&[&cleared]);
        let row = world.row("registry");
        assert!(
            row["imagePrefix"].as_str().is_none_or(str::is_empty),
            "{row}"
        );
        world.ok(&["state", "rm", "dokploy_registry.x"]);
        world.ok(&["import", "-no-color", "dokploy_registry.x", key(&row)]);
        world.is_settled();
    });
}

/// From v0.28 Dokploy demands fields that may be null, and refused what the provider sent without them.
#[test]
fn fields_that_newer_versions_demand_are_sent() {
    each(|world| {
        // Each call that was refused without what it demands: see the life cycles for the rest of them.
        let text = r#"
resource "dokploy_application" "git" {
  name              = "git"
  environment_id    = dokploy_environment.e.id
  source_type       = "git"
  custom_git_url    = "https://example.com/r.git"
  custom_git_branch = "main"
  env               = "A=1"
}

resource "dokploy_backup" "x" {
  database_type  = "postgres"
  database_id    = dokploy_postgres.db.id
  database       = "app"
  destination_id = dokploy_destination.s3.id
  prefix         = "p"
  schedule       = "0 0 * * *"
}
"#;
        let parts = [ENVIRONMENT, APPLICATION, POSTGRES, DESTINATION, text];
        world.settle(&parts);
        let changed = text.replace("0 0 * * *", "0 1 * * *").replace("A=1", "A=2");
        world.settle(&[ENVIRONMENT, APPLICATION, POSTGRES, DESTINATION, &changed]);
        let calls = world.server.sim.calls();
        assert!(calls.iter().all(|it| it.status == Some(200)), "{calls:?}");
        let updates = world.sent("backup.update");
        assert_eq!(updates.len(), 1);
        assert!(
            world.is_old() || updates[0].get("metadata").is_some(),
            "{updates:?}"
        );
    });
}
