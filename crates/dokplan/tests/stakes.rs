//! Changes that can lose data are marked, in the text and in the JSON.

use dokploy_sim::{Settings, Version};
use serde_json::Value as Json;

use crate::lifecycles::run;
use crate::support::{Dir, Server};

const MAIN: &str = r#"
resource "dokploy_project" "p" {
  name = "p"
}

resource "dokploy_environment" "e" {
  project_id = dokploy_project.p.id
  name       = "e"
}

resource "dokploy_postgres" "db" {
  name              = "db"
  app_name          = "db"
  environment_id    = dokploy_environment.e.id
  database_name     = "app"
  database_user     = "app"
  database_password = "PASSWORD"
}
"#;

#[test]
fn a_database_that_goes_and_a_password_that_changes_are_marked() {
    let server = Server::new(Settings::for_tests(Version::V0_30_2));
    let dir = Dir::with(&[("main.tf", &MAIN.replace("PASSWORD", "password1"))]);
    // What is made loses nothing.
    let made = run(&server, &dir, &["apply", "-auto-approve", "-no-color"]).ok();
    assert!(!made.stdout.contains("lose data"), "{}", made.all());

    dir.write("main.tf", &MAIN.replace("PASSWORD", "password2"));
    let plan = run(&server, &dir, &["plan", "-no-color", "-out=tfplan"]).ok();
    let mark = "  # dokploy_postgres.db will be updated in-place\n  # (can lose data: access to the database, which keeps the password that it was made with)\n";
    assert!(plan.stdout.contains(mark), "{}", plan.all());
    let json = run(&server, &dir, &["show", "-json", "tfplan"]).ok();
    let json: Json = serde_json::from_str(&json.stdout).unwrap();
    let changes = json["resource_changes"].as_array().unwrap();
    let marked: Vec<&str> = changes
        .iter()
        .filter(|it| it["data_loss"].is_string())
        .map(|it| it["address"].as_str().unwrap())
        .collect();
    assert_eq!(marked, ["dokploy_postgres.db"]);

    let plan = run(&server, &dir, &["plan", "-destroy", "-no-color"]).ok();
    assert!(
        plan.stdout
            .contains("# (can lose data: the data of the database)"),
        "{}",
        plan.all()
    );
    assert!(
        plan.stdout.contains(
            "\nData can be lost:\n  - dokploy_environment.e: everything in the environment"
        ),
        "{}",
        plan.all()
    );
    let lines = run(&server, &dir, &["plan", "-destroy", "-json"]).ok();
    let marked = lines
        .stdout
        .lines()
        .map(|it| serde_json::from_str::<Json>(it).unwrap())
        .filter(|it| it["change"]["data_loss"].is_string())
        .count();
    assert_eq!(marked, 3, "{}", lines.all());
}
