//! `docs/howto/move-from-terraform.md`, as written: its commands, in their order, on a state that Terraform's provider
//! left, and the way back.

use std::collections::BTreeSet;
use std::process::Command;

use dokploy_sim::{Settings, Version};
use serde_json::{Value as Json, json};

use crate::support::{BIN, Dir, Server, repository, text};

/// The commands of the page, by the headings that they are under.
fn commands(page: &str) -> Vec<(String, Vec<String>)> {
    let mut res: Vec<(String, Vec<String>)> = Vec::new();
    let mut heading = String::new();
    let mut is_inside = false;
    for line in page.lines() {
        if let Some(it) = line.strip_prefix("## ") {
            it.clone_into(&mut heading);
        } else if line == "```sh" {
            is_inside = true;
            res.push((heading.clone(), Vec::new()));
        } else if line == "```" {
            is_inside = false;
        } else if is_inside {
            res.last_mut().unwrap().1.push(line.to_owned());
        }
    }
    res
}

/// A Dokploy with what `testdata/moving` says.
fn server(version: Version) -> Server {
    let server = Server::new(Settings::for_tests(version));
    let rows: Json =
        serde_json::from_str(&text(repository("testdata/moving/dokploy.json"))).unwrap();
    for table in [
        "project",
        "environment",
        "registry",
        "application",
        "domain",
    ] {
        for row in rows[table].as_array().unwrap() {
            let mut row = row.clone();
            if ["project", "registry"].contains(&table) {
                row["organizationId"] = json!(server.sim.organization_id());
            }
            server.sim.insert(table, row).unwrap();
        }
    }
    server
}

/// A directory in which Terraform has worked.
fn directory() -> Dir {
    let dir = Dir::new();
    for name in ["main.tf", "terraform.tfstate", ".terraform.lock.hcl"] {
        dir.write(name, &text(repository(&format!("testdata/moving/{name}"))));
    }
    dir.write("bin/.keep", "");
    std::os::unix::fs::symlink(BIN, dir.join("bin/dokplan")).unwrap();
    dir
}

/// Runs a command of the page, and gives its exit code and what it printed.
fn run(server: &Server, dir: &Dir, command: &str) -> (i32, String) {
    let path = format!(
        "{}:{}",
        dir.join("bin").display(),
        std::env::var("PATH").unwrap()
    );
    let output = Command::new("bash")
        .args(["-e", "-c", command])
        .current_dir(dir.path())
        .env("PATH", &path)
        .env("TF_VAR_dokploy_host", format!("http://{}", server.address))
        .env("TF_VAR_dokploy_api_key", "test-key")
        .env("TF_VAR_ghcr_token", "ghp_5ecret")
        .env("TF_CLI_ARGS", "-no-color")
        .env_remove("DOKPLOY_HOST")
        .env_remove("DOKPLOY_API_KEY")
        .output()
        .unwrap();
    let all = [output.stdout, output.stderr].concat();
    let all = String::from_utf8(all).unwrap();
    assert!(
        command.contains("state pull") || !all.contains("ghp_5ecret"),
        "{command}: {all}"
    );
    (output.status.code().unwrap(), all)
}

fn state(dir: &Dir) -> Json {
    serde_json::from_str(&dir.read("terraform.tfstate")).unwrap()
}

fn row(server: &Server, table: &str) -> Json {
    server.sim.rows(table).pop().unwrap()
}

#[test]
fn the_commands_of_the_page_move_a_configuration() {
    let page = text(repository("docs/howto/move-from-terraform.md"));
    let parts = commands(&page);
    let headings: Vec<&str> = parts.iter().map(|(it, _)| it.as_str()).collect();
    assert_eq!(headings, ["Look", "Move", "Side by side, and back"]);
    for version in Version::ALL {
        let server = server(version);
        let dir = directory();
        let before = server.sim.objects();
        let (state_before, lock) = (
            dir.read("terraform.tfstate"),
            dir.read(".terraform.lock.hcl"),
        );

        // Looking changes nothing, and shows just what the page says of a Dokploy that nobody has touched.
        let look = &parts[0].1;
        let (last, first) = look.split_last().unwrap();
        for command in first {
            let (code, all) = run(&server, &dir, command);
            assert_eq!(code, 0, "{version}: {command}: {all}");
        }
        let (code, all) = run(&server, &dir, last);
        assert_eq!(code, 2, "{version}: {last}: {all}");
        assert!(all.contains("0 to add, 2 to change, 0 to destroy"), "{all}");
        let changed: Vec<&str> = all
            .lines()
            .map(str::trim_start)
            .filter(|it| ["+ ", "- ", "~ "].iter().any(|sign| it.starts_with(sign)))
            .filter_map(|it| it.split_whitespace().nth(1))
            .collect();
        // The first is of the legend.
        let expected = [
            "update",
            "resource",
            "application_status",
            "github_branch",
            "owner",
            "repository",
            "resource",
            "application_status",
            "traefik_config",
        ];
        assert_eq!(changed, expected, "{all}");
        assert_eq!(dir.read("terraform.tfstate"), state_before);
        assert_eq!(server.sim.objects(), before);

        // Moving touches the state, and nothing in Dokploy.
        for command in &parts[1].1 {
            let (code, all) = run(&server, &dir, command);
            assert_eq!(code, 0, "{version}: {command}: {all}");
        }
        assert_eq!(server.sim.objects(), before, "{version}");
        assert!(
            server.sim.calls().iter().all(|it| it.method == "GET"),
            "{version}"
        );
        assert_eq!(dir.read(".terraform.lock.hcl"), lock);
        assert_eq!(dir.read("before-dokplan.tfstate"), state_before);

        // And back: no test needs Terraform, so it is looked at what Terraform would read.
        let back = &parts[2].1;
        assert!(
            back.iter().any(|it| it.starts_with("terraform ")),
            "{back:?}"
        );
        for command in back.iter().filter(|it| it.starts_with("dokplan ")) {
            let (code, all) = run(&server, &dir, command);
            assert_eq!(code, 0, "{version}: {command}: {all}");
        }
        is_for_terraform(&state_before, &state(&dir));
    }
}

/// Whether a state is what Terraform reads with the published provider: the format, the lineage, each object with the
/// attributes of the provider's schema.
fn is_for_terraform(before: &str, after: &Json) {
    let before: Json = serde_json::from_str(before).unwrap();
    assert_eq!(
        (&after["version"], &after["lineage"]),
        (&json!(4), &before["lineage"])
    );
    assert!(after["serial"].as_u64() > before["serial"].as_u64());
    let members: BTreeSet<&String> = after.as_object().unwrap().keys().collect();
    assert_eq!(members, before.as_object().unwrap().keys().collect());
    assert_eq!(after["outputs"], before["outputs"]);

    let schema: Json =
        serde_json::from_str(&text(repository("testdata/dokploy/provider-schema.json"))).unwrap();
    let schemas = schema["provider_schemas"]
        .as_object()
        .unwrap()
        .values()
        .next()
        .unwrap();
    let resources = after["resources"].as_array().unwrap();
    assert_eq!(
        resources.len(),
        before["resources"].as_array().unwrap().len()
    );
    for (resource, old) in resources
        .iter()
        .zip(before["resources"].as_array().unwrap())
    {
        let kind = resource["type"].as_str().unwrap();
        assert_eq!(
            (&resource["type"], &resource["provider"]),
            (&old["type"], &old["provider"])
        );
        let instance = &resource["instances"][0];
        assert_eq!(instance["schema_version"], json!(0));
        let known: BTreeSet<&String> = schemas["resource_schemas"][kind]["block"]["attributes"]
            .as_object()
            .unwrap()
            .keys()
            .collect();
        let has: BTreeSet<&String> = instance["attributes"].as_object().unwrap().keys().collect();
        // Terraform passes over what the schema of a provider lacks, as the page says.
        let more: Vec<&str> = has.difference(&known).map(|it| it.as_str()).collect();
        let allowed: &[&str] = match kind {
            "dokploy_project" => &["production_environment_id"],
            _ => &[],
        };
        assert_eq!(more, allowed, "{kind}");
        assert!(known.is_subset(&has), "{kind}");
        assert_eq!(
            instance["attributes"]["id"],
            old["instances"][0]["attributes"]["id"]
        );
    }
}

/// The rows of the page about what may differ: what somebody has changed, and what the provider never sent.
#[test]
fn what_the_page_says_of_first_plans_holds() {
    for version in Version::ALL {
        let server = server(version);
        let dir = directory();
        let registry = row(&server, "registry");
        let id = registry["registryId"].as_str().unwrap();
        assert!(
            server
                .sim
                .edit("registry", id, json!({"password": "from-the-panel"}))
        );
        let (code, all) = run(&server, &dir, "dokplan plan -detailed-exitcode");
        assert_eq!(code, 2, "{all}");
        assert!(
            all.contains("~ password") && all.contains("(sensitive value)"),
            "{all}"
        );
        assert!(!all.contains("from-the-panel"), "{all}");
        let (code, all) = run(&server, &dir, "dokplan apply -auto-approve");
        assert_eq!(code, 0, "{all}");
        assert_eq!(row(&server, "registry")["password"], json!("ghp_5ecret"));

        // Terraform's provider said that it had set this, and had not.
        let config = dir.read("main.tf").replace(
            "  env            =",
            "  memory_limit = 536870912\n  env            =",
        );
        dir.write("main.tf", &config);
        let mut state = state(&dir);
        let resources = state["resources"].as_array_mut().unwrap();
        let application = resources
            .iter_mut()
            .find(|it| it["type"] == "dokploy_application" && it["name"] == "web")
            .unwrap();
        application["instances"][0]["attributes"]["memory_limit"] = json!(536_870_912);
        dir.write("terraform.tfstate", &state.to_string());
        let (code, all) = run(&server, &dir, "dokplan plan -detailed-exitcode");
        assert_eq!(code, 2, "{all}");
        assert!(all.contains("+ memory_limit"), "{all}");
        // Set by a script beside Terraform, it is as configured.
        let application = row(&server, "application");
        let id = application["applicationId"].as_str().unwrap();
        assert!(
            server
                .sim
                .edit("application", id, json!({"memoryLimit": "536870912"}))
        );
        let (code, all) = run(&server, &dir, "dokplan plan -detailed-exitcode");
        assert_eq!(code, 0, "{all}");
    }
}
