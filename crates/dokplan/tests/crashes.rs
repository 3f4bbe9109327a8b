//! The process is killed while a request is under way, and Dokploy carries it out all the same: the next apply finds
//! what was made. Nothing is made twice, nothing is left.

use std::collections::BTreeMap;
use std::time::Duration;

use dokploy_sim::{Effect, Fault, Settings, Version};
use rustix::process::Signal;
use serde_json::Value as Json;

use crate::lifecycles::{CASES, Case, at, left, member, run};
use crate::support::{Dir, Server};

/// How many rows of each table there are.
fn counts(objects: &Json) -> BTreeMap<String, usize> {
    let tables = objects.as_object().unwrap().iter();
    tables
        .map(|(name, rows)| (name.clone(), rows.as_array().unwrap().len()))
        .collect()
}

/// A server as a life cycle finds it.
fn server(version: Version) -> Server {
    let server = Server::new(Settings {
        tick: 1,
        ..Settings::for_tests(version)
    });
    member(&server.sim);
    server
}

/// Kills the process while the last creation of a life cycle is under way. Gives what went wrong.
fn killed_while_creating(version: Version, case: &Case) -> Vec<String> {
    let apply: &[&str] = &["apply", "-auto-approve", "-no-color"];
    // How it goes without.
    let undisturbed = server(version);
    let dir = Dir::with(&[("main.tf", &at(case, false))]);
    run(&undisturbed, &dir, apply).ok();
    let expected = counts(&undisturbed.sim.objects());
    let calls = undisturbed.sim.calls();
    let creates = |name: &str| calls.iter().filter(|it| it.procedure == name).count();
    let last = calls
        .iter()
        .rev()
        .map(|it| it.procedure.as_str())
        .find(|it| it.contains(".create"))
        .unwrap();

    let server = server(version);
    let before = server.sim.objects();
    let dir = Dir::with(&[("main.tf", &at(case, false))]);
    let nth = creates(last) as u64;
    server
        .sim
        .inject(Fault::nth(last, nth, Effect::DelayMs(300)));
    let killed = run(&server, &dir, apply).spawn();
    while server
        .sim
        .calls()
        .iter()
        .filter(|it| it.procedure == last)
        .count()
        < nth as usize
    {
        std::thread::sleep(Duration::from_millis(2));
    }
    killed.signal(Signal::KILL);
    killed.wait();
    while server.sim.calls().iter().any(|it| it.status.is_none()) {
        std::thread::sleep(Duration::from_millis(2));
    }
    server.sim.heal();

    let mut wrong = Vec::new();
    let again = run(&server, &dir, apply).done();
    if again.code != 0 || !again.stderr.contains("was made (id ") {
        wrong.push(format!("apply after {last}: {}", again.all()));
    }
    let found = counts(&server.sim.objects());
    if found != expected {
        wrong.push(format!(
            "{last}: there are {found:?}, and should be {expected:?}"
        ));
    }
    let plan = run(&server, &dir, &["plan", "-detailed-exitcode", "-no-color"]).done();
    if plan.code != 0 || plan.all().contains("earlier run") {
        wrong.push(format!("plan after {last}: {}", plan.all()));
    }
    let destroy = run(&server, &dir, &["destroy", "-auto-approve", "-no-color"]).done();
    if destroy.code != 0 {
        wrong.push(format!("destroy after {last}: {}", destroy.all()));
    }
    let (before, after) = (left(&before), left(&server.sim.objects()));
    wrong.extend(after.difference(&before).map(|it| format!("left: {it}")));
    wrong
}

/// Whether the only thing that a life cycle makes last is a part of something that exists: then making it again is
/// the same, and nothing is looked for.
fn is_part(case: &Case) -> bool {
    ["user_permissions", "environment_variables"]
        .iter()
        .any(|it| case.name.starts_with(it))
}

fn every_type(version: Version) {
    let wrong: Vec<String> = CASES
        .iter()
        .filter(|it| !is_part(it))
        .flat_map(|case| {
            let wrong = killed_while_creating(version, case);
            wrong
                .into_iter()
                .map(move |it| format!("{} on {version}, {it}", case.name))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_a_killed_run_was_creating_is_found_on_v0_26_5() {
    every_type(Version::V0_26_5);
}

#[test]
fn what_a_killed_run_was_creating_is_found_on_v0_30_2() {
    every_type(Version::V0_30_2);
}
