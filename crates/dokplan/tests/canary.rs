//! A canary: a unique marker in every sensitive input of every resource type, through a whole cycle of commands and
//! errors, and then searched in all that was printed, logged and written.
//!
//! The configuration is made from the schema of the binary, so that a new resource type is covered, or fails here until
//! [`SPECIAL`] knows what its arguments need.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use dokploy_sim::{Effect, Fault, Settings, Version};
use serde_json::Value as Json;

use crate::support::{Dir, Output, Server};

/// The marker that all secrets hold.
const MARK: &str = "canary7f3a";

/// Arguments that cannot be anything: of one type, or of all (`*`).
const SPECIAL: &[(&str, &str, &str)] = &[
    ("*", "project_id", "dokploy_project.base.id"),
    ("*", "environment_id", "dokploy_environment.base.id"),
    ("*", "application_id", "dokploy_application.base.id"),
    ("*", "service_id", "dokploy_application.base.id"),
    ("*", "destination_id", "dokploy_destination.canary.id"),
    ("*", "ssh_key_id", "dokploy_ssh_key.canary.id"),
    ("*", "gitlab_url", "\"https://gitlab.example.com\""),
    ("*", "gitea_url", "\"https://gitea.example.com\""),
    ("*", "api_url", "\"https://api.example.com\""),
    ("*", "public_key", "\"ssh-ed25519 AAAA\""),
    ("*", "registry_url", "\"ghcr.io\""),
    ("dokploy_mount", "type", "\"file\""),
    ("dokploy_mount", "file_path", "\"canary.txt\""),
];

/// Secrets that Dokploy does not keep when the object is created: those of a sign-in that it does itself.
const NOT_KEPT: &[&str] = &[
    "dokploy_gitlab_provider_access_token",
    "dokploy_gitlab_provider_refresh_token",
];

/// What other resources need.
const BASE: &str = r#"
resource "dokploy_project" "base" {
  name = "base"
}
resource "dokploy_environment" "base" {
  name       = "base"
  project_id = dokploy_project.base.id
}
resource "dokploy_application" "base" {
  name           = "base"
  environment_id = dokploy_environment.base.id
}
"#;

/// The configuration of a type with all of its secrets; the markers by the name of their variable.
struct Canary {
    text: String,
    markers: BTreeMap<String, String>,
}

fn argument(kind: &str, name: &str, attribute: &Json) -> String {
    let special = SPECIAL
        .iter()
        .find(|(it, attribute, _)| (*it == kind || *it == "*") && *attribute == name);
    if let Some((_, _, expr)) = special {
        return (*expr).to_owned();
    }
    match attribute["type"].as_str() {
        Some("string") => format!("\"{}\"", kind.replace('_', "-")),
        Some("number") => "1".to_owned(),
        Some("bool") => "true".to_owned(),
        _ if attribute["type"][0] == "map" => "{}".to_owned(),
        _ => "[]".to_owned(),
    }
}

fn canary(kind: &str, block: &Json) -> Canary {
    let mut res = Canary {
        text: String::new(),
        markers: BTreeMap::new(),
    };
    let mut body = String::new();
    let is_set = |it: &Json, flag: &str| it[flag] == true;
    for (name, attribute) in block["attributes"].as_object().unwrap() {
        let is_input = is_set(attribute, "required") || is_set(attribute, "optional");
        let is_special = SPECIAL.iter().any(|(it, at, _)| *it == kind && at == name);
        if is_input && is_set(attribute, "sensitive") {
            let variable = format!("{kind}_{name}");
            let mut marker = format!(
                "{MARK}-{}-{}",
                kind.replace('_', "-"),
                name.replace('_', "-")
            );
            if kind == "dokploy_ssh_key" {
                // What is no key is not taken.
                marker = format!(
                    "-----BEGIN OPENSSH PRIVATE KEY----- {marker} -----END OPENSSH PRIVATE KEY-----"
                );
            }
            let expr = if attribute["type"][0] == "map" {
                format!("{{ KEY = var.{variable} }}")
            } else {
                format!("var.{variable}")
            };
            let _ = writeln!(
                res.text,
                "variable \"{variable}\" {{\n  type      = string\n  sensitive = true\n}}"
            );
            let _ = writeln!(body, "  {name} = {expr}");
            res.markers.insert(variable, marker);
        } else if is_set(attribute, "required") || is_special {
            let _ = writeln!(body, "  {name} = {}", argument(kind, name, attribute));
        }
    }
    let _ = writeln!(res.text, "resource \"{kind}\" \"canary\" {{\n{body}}}");
    res
}

/// What was printed, by command, and where a marker may be.
struct Watch {
    dir: Dir,
    key: String,
    host: String,
}

impl Watch {
    /// Runs a command with everything that could make it talk; no marker may be in what it prints.
    fn run(&self, args: &[&str]) -> Output {
        self.talk(args, "")
    }

    fn talk(&self, args: &[&str], stdin: &str) -> Output {
        let output = self.start(args).stdin(stdin).done();
        assert!(
            !output.all().contains(MARK) && !output.all().contains(&self.key),
            "{args:?} prints a secret:\n{}",
            output.all()
        );
        output
    }

    /// Runs a command that shows secrets to whoever asks for them in so many words.
    fn reveals(&self, args: &[&str]) -> Output {
        let output = self.start(args).done();
        assert_eq!(output.code, 0, "{args:?}: {}", output.all());
        assert!(output.stdout.contains(MARK), "{args:?} shows nothing");
        assert!(!output.stderr.contains(MARK), "{}", output.stderr);
        output
    }

    fn start(&self, args: &[&str]) -> crate::support::Run {
        let log = self.dir.join("trace.log");
        self.dir
            .run(args)
            .env("DOKPLOY_HOST", &self.host)
            .env("DOKPLOY_API_KEY", &self.key)
            .env("TF_LOG", "trace")
            .env("TF_LOG_PATH", &log.to_string_lossy())
            .env("TMPDIR", &self.dir.join("tmp").to_string_lossy())
            .env("TF_ENCRYPTION", ENCRYPTION)
    }

    /// No file may hold a secret, but the one with the values of variables.
    fn files_are_clean(&self, after: &str) {
        let mut pending = vec![self.dir.path().to_owned()];
        while let Some(directory) = pending.pop() {
            for entry in std::fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    pending.push(path);
                } else if !path.ends_with("terraform.tfvars") {
                    let bytes = std::fs::read(&path).unwrap();
                    let text = String::from_utf8_lossy(&bytes);
                    let is_clean = !text.contains(MARK) && !text.contains(&self.key);
                    assert!(is_clean, "{} holds a secret after {after}", path.display());
                }
            }
        }
    }
}

const ENCRYPTION: &str = r#"
key_provider "static" "canary" {
  key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
}
method "aes_gcm" "canary" {
  keys = key_provider.static.canary
}
state {
  method = method.aes_gcm.canary
}
"#;

const HEAD: &str = r#"
terraform {
  required_providers {
    dokploy = { source = "ahmedali6/dokploy" }
  }
}
"#;

/// How a server repeats a secret.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// In the message of its error.
    Json,
    /// In JSON within the message.
    Quoted,
    /// In the values of an SQL statement, in no form that it should have.
    Sql,
    /// The key of the API.
    Key,
    /// On a page of HTML.
    Page,
}

/// A command that looks at the command lines of all processes while an apply runs, with a secret in its environment.
const LOOK: &str = r#"
resource "terraform_data" "look" {
  provisioner "local-exec" {
    command     = "cat /proc/[0-9]*/cmdline > cmdlines 2> /dev/null; echo \"$SECRET\""
    environment = { SECRET = var.dokploy_registry_password }
  }
}
output "secret" {
  value     = dokploy_registry.canary.password
  sensitive = true
}
"#;

#[test]
fn no_secret_comes_out_of_a_whole_cycle() {
    let key = format!("{MARK}-api-key");
    let settings = Settings {
        api_key: key.clone(),
        ..Settings::for_tests(Version::V0_30_2)
    };
    let server = Server::new(settings);
    let watch = Watch {
        dir: Dir::with(&[("main.tf", HEAD)]),
        key,
        host: format!("http://{}", server.address),
    };
    let schemas: Json =
        serde_json::from_str(&watch.run(&["providers", "schema", "-json"]).stdout).unwrap();
    let schemas = schemas["provider_schemas"].as_object().unwrap();
    let (_, dokploy) = schemas
        .iter()
        .find(|(name, _)| name.ends_with("dokploy"))
        .unwrap();
    let mut values = String::new();
    let mut markers = BTreeMap::new();
    for (kind, schema) in dokploy["resource_schemas"].as_object().unwrap() {
        let found = canary(kind, &schema["block"]);
        if found.markers.is_empty() {
            continue;
        }
        for (name, marker) in &found.markers {
            let _ = writeln!(values, "{name} = \"{marker}\"");
        }
        markers.extend(found.markers);
        watch.dir.write(&format!("{kind}.tf"), &found.text);
    }
    assert!(markers.len() >= 25, "{markers:?}");
    watch.dir.write("terraform.tfvars", &values);
    watch.dir.write("base.tf", BASE);
    watch.dir.write("look.tf", LOOK);
    std::fs::create_dir(watch.dir.join("tmp")).unwrap();
    let ok = |args: &[&str]| {
        let output = watch.run(args);
        assert_eq!(output.code, 0, "{args:?}:\n{}", output.all());
        output
    };
    ok(&["init"]);
    ok(&["validate"]);
    ok(&["validate", "-json"]);
    ok(&["graph"]);
    ok(&["plan"]);
    ok(&["plan", "-json"]);
    ok(&["plan", "-out=tfplan"]);
    ok(&["show", "tfplan"]);
    watch.files_are_clean("a plan");
    let applied = watch.run(&["apply", "tfplan"]);
    // What the pretend Dokploy does not take (certificates that are none) are errors that hold no secret either.
    watch.run(&["apply", "-json", "-auto-approve"]);
    watch.files_are_clean("an apply");
    assert!(watch.dir.join("cmdlines").exists(), "{}", applied.all());
    let everything = server.sim.save();
    let missing: Vec<&String> = markers
        .iter()
        .filter(|(_, marker)| !everything.contains(*marker))
        .map(|(name, _)| name)
        .collect();
    assert!(
        missing.iter().all(|it| NOT_KEPT.contains(&it.as_str())),
        "{missing:?} did not arrive: {}",
        applied.all()
    );
    ok(&["plan", "-refresh-only"]);
    ok(&["show"]);
    ok(&["output"]);
    ok(&["state", "history"]);
    ok(&["providers"]);
    let list = ok(&["state", "list"]).stdout;
    for address in list.lines() {
        ok(&["state", "show", address]);
    }
    for expression in [
        "dokploy_registry.canary",
        "var.dokploy_registry_password",
        "\"${var.dokploy_registry_password}\"",
        "tonumber(var.dokploy_registry_password)",
        "jsondecode(var.dokploy_registry_password)",
        "file(var.dokploy_registry_password)",
        "{ (var.dokploy_registry_password) = 1 }[\"x\"]",
    ] {
        watch.talk(&["console"], &format!("{expression}\n"));
    }
    // The documented ways to see secrets.
    watch.reveals(&["show", "-json"]);
    watch.reveals(&["show", "-json", "tfplan"]);
    watch.reveals(&["state", "pull"]);
    watch.reveals(&["output", "-json"]);
    watch.reveals(&["output", "-raw", "secret"]);
    // A server that repeats what it was given, in each of its forms.
    let mut before = markers["dokploy_registry_password"].clone();
    // An update whose reply is lost in some way is looked up, and may turn out to be done.
    let mut n_failed = 0;
    for (status, form) in [
        (400, Form::Json),
        (500, Form::Quoted),
        (500, Form::Sql),
        (401, Form::Key),
        (502, Form::Page),
    ] {
        let fresh = format!("{MARK}-{status}-{form:?}");
        let after = markers["dokploy_registry_password"].replace(MARK, &fresh);
        let command = format!("docker login -p '{after}' || docker login -p '{before}'");
        let message = serde_json::json!({"message": command, "code": "BAD_REQUEST"}).to_string();
        watch
            .dir
            .write("terraform.tfvars", &values.replace(MARK, &fresh));
        server.sim.inject(Fault::first(
            "registry.update",
            20,
            Effect::Reply {
                status,
                content_type: "application/json".to_owned(),
                body: match form {
                    Form::Json => message,
                    Form::Quoted => serde_json::json!({"message": message}).to_string(),
                    Form::Sql => format!("Failed query\nparams: {after},{before},b,{}", watch.key),
                    Form::Key => serde_json::json!({"message": watch.key}).to_string(),
                    Form::Page => format!("<html>{after}</html>"),
                },
            },
        ));
        let failed = watch.run(&["apply", "-auto-approve", "-target=dokploy_registry.canary"]);
        n_failed += failed.code;
        server.sim.heal();
        before = after;
    }
    assert!(n_failed >= 3, "{n_failed} of these were errors");
    // Mistakes in the file with the values.
    watch.dir.write(
        "terraform.tfvars",
        &format!("{values}typed = \"unclosed {MARK}\n"),
    );
    assert_eq!(watch.run(&["plan"]).code, 1);
    watch.dir.write(
        "typed.tf",
        "variable \"typed\" {\n  type      = number\n  sensitive = true\n}\n",
    );
    watch.dir.write(
        "terraform.tfvars",
        &format!("{values}typed = \"{MARK}-typed\"\n"),
    );
    assert_eq!(watch.run(&["plan"]).code, 1);
    watch.run(&["plan", "-var", &format!("typed={MARK}-option")]);
    watch
        .dir
        .write("terraform.tfvars", &format!("{values}typed = 1\n"));
    watch.run(&["destroy", "-auto-approve"]);
    watch.files_are_clean("the end");
}
