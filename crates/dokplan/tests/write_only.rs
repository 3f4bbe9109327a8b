//! Write-only secrets through the process: from an ephemeral variable to the server, and to no file.

use dokploy_sim::{Settings, Version};
use serde_json::Value as Json;

use crate::support::{Dir, Run, Server};

const CONFIGURATION: &str = r#"
variable "token" {
  type      = string
  ephemeral = true
}

variable "turn" {
  type    = number
  default = 1
}

resource "dokploy_registry" "ghcr" {
  registry_name       = "ghcr"
  registry_url        = "ghcr.io"
  username            = "octocat"
  image_prefix        = "octocat"
  password_wo         = var.token
  password_wo_version = var.turn
}

output "turn" {
  value = dokploy_registry.ghcr.password_wo_version
}
"#;

fn run(server: &Server, dir: &Dir, args: &[&str], token: &str) -> Run {
    dir.run(args)
        .env("DOKPLOY_HOST", &format!("http://{}", server.address))
        .env("DOKPLOY_API_KEY", "test-key")
        .env("TF_VAR_token", token)
}

/// No file of the directory holds a text.
fn is_in_no_file(dir: &Dir, text: &str) {
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(text.len()).any(|it| it == text.as_bytes());
            assert!(!found, "{}", path.display());
        }
    }
}

#[test]
fn an_ephemeral_secret_reaches_dokploy_and_no_file() {
    for version in Version::ALL {
        let server = Server::new(Settings::for_tests(version));
        let dir = Dir::with(&[("main.tf", CONFIGURATION)]);
        let password = || server.sim.rows("registry")[0]["password"].clone();
        let saved = run(&server, &dir, &["plan", "-out=p", "-no-color"], "canary-1").ok();
        assert!(!saved.all().contains("canary"), "{}", saved.all());
        let applied = run(&server, &dir, &["apply", "-no-color", "p"], "canary-1").ok();
        assert!(!applied.all().contains("canary"), "{}", applied.all());
        assert_eq!(password(), "canary-1");
        is_in_no_file(&dir, "canary");

        let args = ["plan", "-detailed-exitcode", "-no-color"];
        run(&server, &dir, &args, "canary-2").ok();
        let args = ["apply", "-auto-approve", "-no-color", "-var=turn=2"];
        run(&server, &dir, &args, "canary-2").ok();
        assert_eq!(password(), "canary-2");
        is_in_no_file(&dir, "canary");

        let shown = run(&server, &dir, &["show", "-json"], "").ok();
        let shown: Json = serde_json::from_str(&shown.stdout).unwrap();
        let values = &shown["values"]["root_module"]["resources"][0]["values"];
        assert_eq!(
            (&values["password"], &values["password_wo"]),
            (&Json::Null, &Json::Null)
        );
        assert_eq!(values["password_wo_version"], 2);
        let args = ["destroy", "-auto-approve", "-no-color", "-var=turn=2"];
        run(&server, &dir, &args, "").ok();
        assert!(server.sim.rows("registry").is_empty());
    }
}

#[test]
fn the_printed_schema_says_what_is_write_only() {
    let dir = Dir::with(&[("main.tf", CONFIGURATION)]);
    let output = dir.run(&["providers", "schema", "-json"]).ok();
    let printed: Json = serde_json::from_str(&output.stdout).unwrap();
    let providers = printed["provider_schemas"].as_object().unwrap();
    let schema = providers
        .values()
        .find_map(|it| it["resource_schemas"].get("dokploy_registry"));
    let attributes = &schema.unwrap()["block"]["attributes"];
    assert_eq!(attributes["password_wo"]["write_only"], true);
    assert_eq!(attributes["password_wo"]["optional"], true);
    assert_eq!(attributes["password"].get("write_only"), None);
}

#[test]
fn an_ephemeral_secret_is_refused_where_it_would_be_stored() {
    let server = Server::new(Settings::for_tests(Version::V0_30_2));
    let text = CONFIGURATION
        .replace("password_wo         =", "password =")
        .replace("password_wo_version = var.turn", "")
        .replace("ghcr.password_wo_version", "ghcr.registry_name");
    let dir = Dir::with(&[("main.tf", &text)]);
    let output = run(&server, &dir, &["plan", "-no-color"], "canary-1").exits(1);
    assert!(!output.all().contains("canary"), "{}", output.all());
    assert!(output.stderr.contains("write-only"), "{}", output.stderr);
}
