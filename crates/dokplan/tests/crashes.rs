//! The process is killed while a request is under way, and Dokploy carries it out all the same: the next apply finds
//! what was made. Nothing is made twice, nothing is left.

use std::time::Duration;

use dokploy_sim::{Effect, Fault, Settings, Version};
use rustix::process::Signal;

use crate::lifecycles::{CASES, Case, at, left, member, run};
use crate::machine::Random;
use crate::support::{Dir, Server};
use crate::torture::{self, TWENTY, counts};

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

fn every_type(version: Version, step: usize) {
    let wrong: Vec<String> = CASES
        .iter()
        .filter(|it| !is_part(it))
        .step_by(step)
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
#[ignore = "longer: cargo xtask torture"]
fn what_a_killed_run_was_creating_is_found_on_v0_26_5() {
    every_type(Version::V0_26_5, 1);
}

#[test]
#[ignore = "longer: cargo xtask torture"]
fn what_a_killed_run_was_creating_is_found_on_v0_30_2() {
    every_type(Version::V0_30_2, 1);
}

/// Every other life cycle, for every run of the tests.
#[test]
fn what_a_killed_run_was_creating_is_found() {
    every_type(Version::V0_30_2, 2);
}

/// The process is killed at any time while it creates, changes or destroys twenty objects.
#[test]
#[ignore = "longer: cargo xtask torture"]
fn two_hundred_kills_of_the_process() {
    let mut random = Random(7);
    let apply: &[&str] = &["apply", "-auto-approve", "-no-color"];
    let destroy: &[&str] = &["destroy", "-auto-approve", "-no-color"];
    let mut n_found = 0;
    for n in 0..200 {
        let server = server(Version::V0_30_2);
        // As a Dokploy that is somewhere else.
        server.sim.inject(Fault::always("*", Effect::DelayMs(3)));
        let dir = Dir::with(&[("main.tf", &torture::at(TWENTY, 1))]);
        let phase = n % 3;
        if phase > 0 {
            run(&server, &dir, apply).ok();
        }
        if phase == 1 {
            dir.write("main.tf", &torture::at(TWENTY, 2));
        }
        let args = if phase == 2 { destroy } else { apply };
        let killed = run(&server, &dir, args).spawn();
        std::thread::sleep(Duration::from_micros(random.below(250_000)));
        killed.signal(Signal::KILL);
        killed.wait();
        while server.sim.calls().iter().any(|it| it.status.is_none()) {
            std::thread::sleep(Duration::from_millis(2));
        }
        let again = run(&server, &dir, args).ok();
        n_found += again.stderr.matches("was made (id ").count();
        let rows = counts(&server.sim.objects());
        let of = |name: &str| rows.get(name).copied().unwrap_or(0);
        let found = [
            of("registry"),
            of("sshKey"),
            of("application"),
            of("domain"),
            of("server"),
        ];
        let expected = if phase == 2 { [0; 5] } else { [5, 2, 3, 2, 1] };
        assert_eq!(found, expected, "run {n}: {}", again.all());
        let plan: &[&str] = if phase == 2 {
            &["plan", "-destroy", "-detailed-exitcode", "-no-color"]
        } else {
            &["plan", "-detailed-exitcode", "-no-color"]
        };
        run(&server, &dir, plan).ok();
    }
    println!("200 kills, {n_found} objects found that the killed run had not heard of");
}
