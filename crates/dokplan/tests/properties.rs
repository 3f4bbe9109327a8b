//! What holds of every configuration: of pairs of random ones, the first applied, then the second, then nothing.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use plan::{Action, Mode};

use crate::machine::{Forgetful, Fuse, Machine, Ran, Random, Trouble};

/// Registries, keys and projects that need each other at random; `version` is in what can change.
fn configuration(random: &mut Random) -> String {
    let mut res = String::new();
    let n = random.below(7);
    for at in 0..n {
        let needed = if at > 0 && random.below(2) == 0 {
            format!("name_{}", random.below(at))
        } else {
            String::new()
        };
        let version = random.below(3);
        let needed = if needed.is_empty() {
            format!("\"{version}\"")
        } else {
            format!("\"${{local.{needed}}} {version}\"")
        };
        let before = if random.below(4) == 0 {
            "  lifecycle {\n    create_before_destroy = true\n  }\n"
        } else {
            ""
        };
        // What a block is of changes with the configuration too.
        match random.below(3) {
            0 => writeln!(
                res,
                "resource \"dokploy_registry\" \"r{at}\" {{\n  registry_name = {needed}\n  registry_url = \"r{at}.example.com\"\n  username = \"u\"\n  password = \"p\"\n  image_prefix = \"\"\n{before}}}\nlocals {{\n  name_{at} = dokploy_registry.r{at}.registry_name\n}}"
            ),
            1 => writeln!(
                res,
                "resource \"dokploy_ssh_key\" \"k{at}\" {{\n  name = {needed}\n  private_key = \"-----BEGIN OPENSSH PRIVATE KEY-----\\nAAAA\\n-----END OPENSSH PRIVATE KEY-----\\n\"\n  public_key = \"ssh-ed25519 AAAA k{version}\"\n{before}}}\nlocals {{\n  name_{at} = dokploy_ssh_key.k{at}.name\n}}"
            ),
            _ => writeln!(
                res,
                "resource \"dokploy_project\" \"p{at}\" {{\n  count = {}\n  name = {needed}\n}}\nlocals {{\n  name_{at} = join(\",\", dokploy_project.p{at}[*].name)\n}}",
                random.below(3)
            ),
        }
        .unwrap();
    }
    res
}

fn calm(machine: &Machine, text: &str, mode: Mode, applies: bool) -> Ran {
    let ran = machine.run(text, mode, applies, &Fuse::new(Trouble::None, 0));
    assert_eq!(ran.errors, Vec::<String>::new(), "{text}");
    ran
}

/// How many requests of a plan change something, at least and at most: a change may need more than one.
fn promised(ran: &Ran) -> (usize, usize) {
    let n = |it: &(String, Action)| match it.1 {
        Action::NoOp | Action::Read | Action::Forget => (0, 0),
        Action::Create | Action::Update => (1, 2),
        Action::Delete => (1, 1),
        Action::DeleteThenCreate | Action::CreateThenDelete => (2, 3),
    };
    let all = ran.changes.iter().map(n);
    all.fold((0, 0), |all, it| (all.0 + it.0, all.1 + it.1))
}

fn n_sent(machine: &Machine) -> usize {
    let calls = machine.sim.calls();
    calls.iter().filter(|it| it.method == "POST").count()
}

/// What is remembered, but for ids, which are random.
fn remembered(ran: &Ran) -> Vec<String> {
    let state = &ran.snapshot.as_ref().unwrap().state;
    let all = state.instances().map(|(addr, _, instance)| {
        let object = instance.current.as_ref().unwrap();
        let state::object::Attributes::Json(attributes) = &object.attributes else {
            panic!("flat");
        };
        let mut attributes = (**attributes).clone();
        for name in [
            "id",
            "created_at",
            "production_environment_id",
            "organization_id",
        ] {
            attributes.as_object_mut().unwrap().shift_remove(name);
        }
        format!("{addr} {attributes} {:?}", object.dependencies)
    });
    all.collect()
}

fn holds(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let mut random = Random(seed);
        let texts = [configuration(&mut random), configuration(&mut random)];
        let mut states: BTreeSet<Vec<String>> = BTreeSet::new();
        let mut plans: BTreeSet<Vec<(String, String)>> = BTreeSet::new();
        for parallelism in [1, 4, 64] {
            let disk = Arc::new(Forgetful::default());
            let mut machine = Machine::new(disk, Path::new("/disk"));
            machine.parallelism = parallelism;
            let before = crate::lifecycles::left(&machine.sim.objects());
            let mut last = Ran::default();
            for text in &texts {
                machine.sim.forget_calls();
                last = calm(&machine, text, Mode::Normal, true);
                let (sent, (least, most)) = (n_sent(&machine), promised(&last));
                assert!(
                    (least..=most).contains(&sent),
                    "seed {seed}: {sent} changes sent for {:?}",
                    last.changes
                );
                let changes = last.changes.iter();
                plans.insert(
                    changes
                        .map(|(addr, action)| (addr.clone(), format!("{text} {action:?}")))
                        .collect(),
                );
                let again = calm(&machine, text, Mode::Normal, false);
                assert_eq!(
                    again.changes,
                    [],
                    "seed {seed}: a plan after an apply is empty"
                );
            }
            states.insert(remembered(&last));
            calm(&machine, &texts[1], Mode::Destroy, true);
            let after = crate::lifecycles::left(&machine.sim.objects());
            assert_eq!(after, before, "seed {seed}: a destroy leaves nothing");
        }
        assert_eq!(
            states.len(),
            1,
            "seed {seed}: one state, however many at once: {states:#?}"
        );
        assert!(
            plans.len() <= 2,
            "seed {seed}: one plan each, however many at once: {plans:#?}"
        );
    }
}

#[test]
fn plans_and_applies_keep_their_promises() {
    holds(0..12);
}

#[test]
#[ignore = "longer: cargo xtask torture"]
fn plans_and_applies_keep_their_promises_ten_thousand_times() {
    holds(0..10_000);
}
