//! `adopt_existing` in whole runs: what another resource has is not taken over, and one list serves all.

use dokploy_sim::{Settings, Version};
use serde_json::json;

use crate::lifecycles::run;
use crate::support::{Dir, Server};

const APPLY: &[&str] = &["apply", "-auto-approve", "-no-color"];
const PLAN: &[&str] = &["plan", "-no-color", "-detailed-exitcode"];

fn destination(address: &str, more: &str) -> String {
    format!(
        "resource \"dokploy_destination\" \"{address}\" {{\n  name = \"s3\"\n  storage_provider = \"AWS\"\n  access_key = \"AK\"\n  secret_access_key = \"made-up\"\n  bucket = \"b\"\n  region = \"r\"\n  endpoint = \"https://s3.example.com\"\n{more}}}\n"
    )
}

const ADOPT: &str = "  adopt_existing = true\n";

#[test]
fn a_renamed_block_does_not_lose_the_object_that_it_takes_over() {
    for args in [
        &["plan", "-no-color", "-out=tfplan"][..],
        &["plan", "-no-color", "-out=tfplan", "-refresh=false"],
    ] {
        let server = Server::new(Settings::for_tests(Version::V0_30_2));
        let dir = Dir::with(&[("main.tf", &destination("old", ""))]);
        run(&server, &dir, APPLY).ok();
        // The new block is no other name of the old one, as nothing says so: one goes, and one is made.
        dir.write("main.tf", &destination("new", ADOPT));
        let plan = run(&server, &dir, args).ok();
        assert!(!plan.all().contains("will be adopted"), "{}", plan.all());
        run(&server, &dir, &["apply", "-no-color", "tfplan"]).ok();
        assert_eq!(server.sim.rows("destination").len(), 1, "{args:?}");
        run(&server, &dir, PLAN).ok();
    }
}

#[test]
fn one_list_serves_all_that_is_taken_over() {
    let server = Server::new(Settings::for_tests(Version::V0_30_2));
    for name in ["a", "b", "c"] {
        let row = json!({
            "name": name, "color": "#ffffff", "organizationId": server.sim.organization_id(),
        });
        server.sim.insert("tag", row).unwrap();
    }
    let text = "resource \"dokploy_tag\" \"all\" {\n  for_each = toset([\"a\", \"b\", \"c\", \"d\"])\n  name = each.key\n  color = \"#22c55e\"\n  adopt_existing = true\n}\n";
    let dir = Dir::with(&[("main.tf", text)]);
    let plan = run(&server, &dir, &["plan", "-no-color", "-out=tfplan"]).ok();
    let told = [
        "Warning: Existing object will be adopted",
        "(and 2 more similar warnings elsewhere)",
    ];
    assert!(
        told.iter().all(|it| plan.all().contains(it)),
        "{}",
        plan.all()
    );
    // The id of what is taken over is known.
    let known = plan.stdout.matches("+ id             = \"").count();
    assert_eq!(known, 3, "{}", plan.stdout);
    let lists = || {
        let calls = server.sim.calls();
        let n = calls.iter().filter(|it| it.procedure == "tag.all").count();
        server.sim.forget_calls();
        n
    };
    assert_eq!(lists(), 1, "one for the plan");
    run(&server, &dir, &["apply", "-no-color", "tfplan"]).ok();
    assert_eq!(lists(), 1, "and one for the apply");
    let rows = server.sim.rows("tag");
    assert_eq!(rows.len(), 4);
    assert!(rows.iter().all(|it| it["color"] == "#22c55e"), "{rows:?}");
    run(&server, &dir, PLAN).ok();
}
