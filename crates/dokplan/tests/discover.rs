//! `discover`: everything on a Dokploy becomes configuration, which an apply only imports.

use std::os::unix::fs::PermissionsExt;

use dokploy_sim::{Settings, Version};

use crate::support::{Dir, Output, Run, Server};

/// What each secret of the fixture begins with.
const CANARY: &str = "canary-";

fn server(version: Version) -> Server {
    Server::new(Settings::for_tests(version))
}

fn run(server: &Server, dir: &Dir, args: &[&str]) -> Run {
    dir.run(args)
        .env("DOKPLOY_HOST", &format!("http://{}", server.address))
        .env("DOKPLOY_API_KEY", "test-key")
}

fn ok(server: &Server, dir: &Dir, args: &[&str]) -> Output {
    run(server, dir, args).ok()
}

/// A Dokploy with some of everything.
fn filled(version: Version) -> Server {
    let server = server(version);
    let dir = Dir::copy_of("testdata/discover");
    let newer = format!("-var=is_newer={}", version > Version::V0_26_5);
    let args = ["apply", "-auto-approve", "-no-color", &newer];
    ok(&server, &dir, &args);
    server
}

fn adopted(version: Version) {
    let server = filled(version);
    let dir = Dir::new();
    let output = ok(&server, &dir, &["discover", "-out", "adopted", "-no-color"]);
    let found: usize = output
        .stdout
        .split("Discovered ")
        .nth(1)
        .and_then(|it| it.split(' ').next())
        .and_then(|it| it.parse().ok())
        .unwrap();
    assert!(found >= 200, "{}", output.stdout);
    assert!(!output.stdout.contains("Warning"), "{}", output.stdout);

    let secrets = dir.join("adopted/secrets.auto.tfvars");
    let mode = std::fs::metadata(&secrets).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(dir.read("adopted/secrets.auto.tfvars").contains(CANARY));
    for entry in std::fs::read_dir(dir.join("adopted")).unwrap() {
        let name = entry.unwrap().file_name();
        let name = name.to_str().unwrap();
        if name == "secrets.auto.tfvars" {
            continue;
        }
        let text = dir.read(&format!("adopted/{name}"));
        assert!(!text.contains(CANARY), "a secret in {name}:\n{text}");
    }
    assert!(!output.all().contains(CANARY));

    ok(&server, &dir, &["-chdir=adopted", "fmt", "-check"]);
    ok(&server, &dir, &["-chdir=adopted", "validate"]);
    // However many are imported: one request where one serves all.
    server.sim.forget_calls();
    ok(&server, &dir, &["-chdir=adopted", "plan", "-no-color"]);
    for procedure in ["registry.all", "sshKey.all", "server.all"] {
        let asked = server.sim.calls();
        let asked = asked.iter().filter(|it| it.procedure == procedure).count();
        assert_eq!(asked, 1, "{procedure}");
    }
    let applied = ok(
        &server,
        &dir,
        &["-chdir=adopted", "apply", "-auto-approve", "-no-color"],
    );
    let expected =
        format!("Apply complete! Resources: {found} imported, 0 added, 0 changed, 0 destroyed.");
    assert!(applied.stdout.contains(&expected), "{}", applied.stdout);
    ok(
        &server,
        &dir,
        &["-chdir=adopted", "plan", "-detailed-exitcode", "-no-color"],
    );
}

#[test]
fn everything_is_imported_and_nothing_changed() {
    adopted(Version::V0_30_2);
}

#[test]
fn everything_is_imported_and_nothing_changed_on_the_older_version() {
    adopted(Version::V0_26_5);
}

#[test]
fn a_project_or_a_type_can_be_chosen() {
    let server = filled(Version::V0_30_2);
    let dir = Dir::new();
    let args = ["discover", "-out=a", "-project=shop", "-json"];
    let output = ok(&server, &dir, &args);
    let listed: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    let objects = listed["objects"].as_array().unwrap();
    assert!(objects.len() > 30);
    for it in objects {
        assert_eq!(it["within"][0], "shop", "{it}");
        assert_eq!(it["file"], "a/project_shop.tf", "{it}");
    }
    ok(
        &server,
        &dir,
        &["-chdir=a", "plan", "-no-color", "-input=false"],
    );

    let args = [
        "discover",
        "-out=b",
        "-type=dokploy_registry",
        "-type=dokploy_ssh_key",
    ];
    let output = ok(&server, &dir, &args);
    assert!(
        output.stdout.contains("Discovered 9 objects."),
        "{}",
        output.stdout
    );
}

#[test]
fn mistakes_say_what_to_do() {
    let server = server(Version::V0_30_2);
    let dir = Dir::with(&[("used/main.tf", "")]);
    let output = run(&server, &dir, &["discover", "-out=used", "-no-color"]).exits(1);
    assert!(
        output.stderr.contains("Error: Directory in use"),
        "{}",
        output.stderr
    );
    let args = ["discover", "-out=a", "-type=dokploy_registri", "-no-color"];
    let output = run(&server, &dir, &args).exits(1);
    let text = output.stderr.replace('\n', " ");
    assert!(
        text.contains("Did you mean \"dokploy_registry\"?"),
        "{text}"
    );
    let args = ["discover", "-out=a", "-no-color"];
    let output = run(&server, &dir, &args)
        .env("DOKPLOY_API_KEY", "wrong")
        .exits(1);
    assert!(
        output.stderr.contains("Unauthorized") || output.stderr.contains("401"),
        "{}",
        output.stderr
    );
    assert!(!dir.join("a").exists());
}
