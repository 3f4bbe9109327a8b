//! Nothing is ever lost: the power goes off at every call of the disk and at every exchange with the server, in turn;
//! every call of the disk fails, in turn; and a disk forgets what was not synced. After each, one more apply makes
//! everything right: nothing is lost, nothing is made twice, nothing is to be done by hand.
//!
//! What is `ignored` here takes longer, and is run by `cargo xtask torture`.

use std::collections::BTreeMap;
use std::sync::Arc;

use plan::Mode;
use serde_json::Value as Json;

use crate::machine::{Forgetful, Fuse, Machine, Ran, Random, Trouble};

/// Twenty objects of many types, of which `{v}` can change.
pub(crate) const TWENTY: &str = r#"
resource "dokploy_registry" "r" {
  for_each      = toset(["a", "b", "c", "d", "e"])
  registry_name = "${each.key}-{v}"
  registry_url  = "${each.key}.example.com"
  username      = "u"
  password      = "p"
  image_prefix  = ""
}

resource "dokploy_ssh_key" "k" {
  count       = 2
  name        = "k${count.index}-{v}"
  private_key = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"
  public_key  = "ssh-ed25519 AAAA k${count.index}"
}

resource "dokploy_project" "p" {
  name        = "p-{v}"
  description = dokploy_registry.r["a"].registry_name
}

resource "dokploy_environment" "e" {
  project_id = dokploy_project.p.id
  name       = "e-{v}"
}

resource "dokploy_application" "a" {
  count          = 3
  name           = "a${count.index}-{v}"
  environment_id = dokploy_environment.e.id
  source_type    = "docker"
  docker_image   = "nginx:1.27"
}

resource "dokploy_domain" "d" {
  count          = 2
  application_id = dokploy_application.a[count.index].id
  host           = "d${count.index}-{v}.example.com"
}

resource "dokploy_mount" "m" {
  service_id   = dokploy_application.a[0].id
  service_type = "application"
  type         = "volume"
  volume_name  = "v-{v}"
  mount_path   = "/data"
}

resource "dokploy_redirect" "x" {
  application_id = dokploy_application.a[1].id
  regex          = "^/{v}"
  replacement    = "/"
  permanent      = true
}

resource "dokploy_destination" "s3" {
  name              = "s3-{v}"
  storage_provider  = "AWS"
  access_key        = "AK"
  secret_access_key = "SK"
  bucket            = "b"
  region            = "us-east-1"
  endpoint          = "https://s3.amazonaws.com"
}

resource "dokploy_postgres" "db" {
  name              = "db-{v}"
  app_name          = "db"
  environment_id    = dokploy_environment.e.id
  database_name     = "app"
  database_user     = "app"
  database_password = "password1"
}

resource "dokploy_server" "s" {
  name        = "s-{v}"
  ip_address  = "192.0.2.1"
  port        = 22
  username    = "root"
  server_type = "deploy"
  ssh_key_id  = dokploy_ssh_key.k[0].id
}
"#;

/// Four objects, for what is done very often.
const FOUR: &str = r#"
resource "dokploy_registry" "r" {
  count         = 2
  registry_name = "${count.index}-{v}"
  registry_url  = "r.example.com"
  username      = "u"
  password      = "p"
  image_prefix  = ""
}

resource "dokploy_ssh_key" "k" {
  name        = "k-{v}"
  private_key = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"
  public_key  = "ssh-ed25519 AAAA k"
}

resource "dokploy_project" "p" {
  name        = "p-{v}"
  description = dokploy_ssh_key.k.name
}
"#;

pub(crate) fn at(text: &str, version: u32) -> String {
    text.replace("{v}", &version.to_string())
}

/// How many rows of each table there are.
pub(crate) fn counts(objects: &Json) -> BTreeMap<String, usize> {
    let tables = objects.as_object().unwrap().iter();
    tables
        .map(|(name, rows)| (name.clone(), rows.as_array().unwrap().len()))
        .collect()
}

/// What is done when the trouble comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Create,
    Update,
    Destroy,
}

const PHASES: [Phase; 3] = [Phase::Create, Phase::Update, Phase::Destroy];

impl Phase {
    fn run(self, machine: &Machine, text: &str, fuse: &Arc<Fuse>) -> Ran {
        match self {
            Phase::Create => machine.run(&at(text, 1), Mode::Normal, true, fuse),
            Phase::Update => machine.run(&at(text, 2), Mode::Normal, true, fuse),
            Phase::Destroy => machine.run(&at(text, 1), Mode::Destroy, true, fuse),
        }
    }

    /// A machine on which the phase can begin.
    fn ready(self, machine: Machine, text: &str) -> Machine {
        if self != Phase::Create {
            let ran = machine.apply(&at(text, 1));
            assert_eq!(ran.errors, Vec::<String>::new());
        }
        machine
    }

    /// What must hold after the trouble: one more run makes everything right.
    fn check(self, machine: &Machine, text: &str, expected: &BTreeMap<String, usize>, when: &str) {
        let calm = Fuse::new(Trouble::None, 0);
        let again = self.run(machine, text, &calm);
        assert_eq!(again.errors, Vec::<String>::new(), "{when}");
        let found = counts(&machine.sim.objects());
        assert_eq!(
            &found, expected,
            "{when}: nothing lost, nothing twice; {:?}",
            again.fates
        );
        let (text, mode) = match self {
            Phase::Create => (at(text, 1), Mode::Normal),
            Phase::Update => (at(text, 2), Mode::Normal),
            Phase::Destroy => (at(text, 1), Mode::Destroy),
        };
        let plan = machine.run(&text, mode, false, &calm);
        assert_eq!(plan.errors, Vec::<String>::new(), "{when}");
        assert_eq!(plan.n_changes, 0, "{when}: nothing is left to do");
        assert_eq!(plan.fates, Vec::<String>::new(), "{when}");
    }
}

/// What there is after a phase without trouble, and how many calls it makes.
fn undisturbed(phase: Phase, text: &str, trouble: Trouble) -> (BTreeMap<String, usize>, u64) {
    let directory = tempfile::tempdir().unwrap();
    let machine = phase.ready(Machine::real(directory.path()), text);
    let fuse = Fuse::new(trouble, u64::MAX);
    let ran = phase.run(&machine, text, &fuse);
    assert_eq!(ran.errors, Vec::<String>::new());
    (counts(&machine.sim.objects()), fuse.seen())
}

/// The power goes off at the nth call, for every `step`th n. Gives at how many.
fn power(phase: Phase, text: &str, step: usize) -> usize {
    let (expected, n) = undisturbed(phase, text, Trouble::Power);
    let points: Vec<u64> = (1..=n).step_by(step).collect();
    for nth in &points {
        let directory = tempfile::tempdir().unwrap();
        let machine = phase.ready(Machine::real(directory.path()), text);
        let fuse = Fuse::new(Trouble::Power, *nth);
        phase.run(&machine, text, &fuse);
        assert!(fuse.has_blown(), "{phase:?}: {nth} of {n}");
        phase.check(
            &machine,
            text,
            &expected,
            &format!("{phase:?}, power off at call {nth} of {n}"),
        );
    }
    points.len()
}

#[test]
fn the_power_goes_off_while_twenty_objects_are_created() {
    println!("{} points", power(Phase::Create, TWENTY, 3));
}

#[test]
fn the_power_goes_off_while_twenty_objects_are_updated() {
    println!("{} points", power(Phase::Update, TWENTY, 3));
}

#[test]
fn the_power_goes_off_while_twenty_objects_are_destroyed() {
    println!("{} points", power(Phase::Destroy, TWENTY, 3));
}

/// An application with a part, and one without, both deployed.
const DEPLOYED: &str = r#"
resource "dokploy_project" "p" {
  name = "p"
}

resource "dokploy_environment" "e" {
  project_id = dokploy_project.p.id
  name       = "e"
}

resource "dokploy_application" "web" {
  name             = "web"
  environment_id   = dokploy_environment.e.id
  source_type      = "docker"
  docker_image     = "nginx:1"
  deploy_on_change = true
}

resource "dokploy_mount" "web" {
  service_id  = dokploy_application.web.id
  type        = "volume"
  volume_name = "v"
  mount_path  = "/data{v}"
}

resource "dokploy_application" "solo" {
  name             = "solo"
  environment_id   = dokploy_environment.e.id
  source_type      = "docker"
  docker_image     = "nginx:{v}"
  deploy_on_change = true
}
"#;

/// Whether each application was deployed after the last change that its containers depend on.
fn are_deployed(machine: &Machine, when: &str) {
    let id_of = |name: &str| {
        let rows = machine.sim.rows("application");
        let found = rows.iter().find(|it| it["name"] == name);
        found.map(|it| it["applicationId"].clone())
    };
    let calls = machine.sim.calls();
    let last = |names: &[&str], is_it: &dyn Fn(&Json) -> bool| {
        calls
            .iter()
            .rposition(|it| names.contains(&it.procedure.as_str()) && is_it(&it.input))
    };
    for name in ["web", "solo"] {
        let id = id_of(name).unwrap_or_else(|| panic!("{when}: {name} is not there"));
        let deployed = last(&["application.deploy"], &|it| it["applicationId"] == id);
        let changed = if name == "web" {
            last(&["mounts.create", "mounts.update"], &|_| true)
        } else {
            last(&["application.create", "application.update"], &|it| {
                it["name"] == "solo" || it["applicationId"] == id
            })
        };
        assert!(
            changed.is_some() && changed < deployed,
            "{when}: {name} is deployed after all: {calls:?}"
        );
    }
}

/// A deployment is due until it is done, wherever the power goes off.
#[test]
fn the_power_goes_off_and_everything_is_deployed_in_the_end() {
    for phase in [Phase::Create, Phase::Update] {
        let (_, n) = undisturbed(phase, DEPLOYED, Trouble::Power);
        for nth in 1..=n {
            let directory = tempfile::tempdir().unwrap();
            let machine = phase.ready(Machine::real(directory.path()), DEPLOYED);
            let fuse = Fuse::new(Trouble::Power, nth);
            phase.run(&machine, DEPLOYED, &fuse);
            let when = format!("{phase:?}, power off at call {nth} of {n}");
            let calm = Fuse::new(Trouble::None, 0);
            let again = phase.run(&machine, DEPLOYED, &calm);
            assert_eq!(again.errors, Vec::<String>::new(), "{when}");
            are_deployed(&machine, &when);
            machine.sim.forget_calls();
            let last = phase.run(&machine, DEPLOYED, &calm);
            assert_eq!(last.errors, Vec::<String>::new(), "{when}");
            let calls = machine.sim.calls();
            let more = calls.iter().any(|it| it.procedure == "application.deploy");
            assert!(!more, "{when}: once it is done, it is done");
        }
    }
}

/// A destination that is there already, and one that is not.
const ADOPTED: &str = r#"
resource "dokploy_destination" "d" {
  for_each          = toset(["there", "new"])
  name              = each.key
  storage_provider  = "AWS"
  access_key        = "AK"
  secret_access_key = "SK"
  bucket            = "b"
  region            = "region-{v}"
  endpoint          = "https://s3.amazonaws.com"
  adopt_existing    = true
}
"#;

/// What is taken over is taken over once, wherever the power goes off, and nothing is made beside it.
#[test]
fn the_power_goes_off_while_something_is_taken_over() {
    let ready = || {
        let directory = tempfile::tempdir().unwrap();
        let machine = Machine::real(directory.path());
        let row = serde_json::json!({
            "name": "there", "provider": "AWS", "accessKey": "AK", "secretAccessKey": "SK", "bucket": "b",
            "region": "old", "endpoint": "https://s3.amazonaws.com",
            "organizationId": machine.sim.organization_id(),
        });
        let id = machine.sim.insert("destination", row).unwrap();
        (directory, machine, id)
    };
    let text = at(ADOPTED, 1);
    let (_directory, machine, _) = ready();
    let fuse = Fuse::new(Trouble::Power, u64::MAX);
    let ran = machine.run(&text, Mode::Normal, true, &fuse);
    assert_eq!(ran.errors, Vec::<String>::new());
    let n = fuse.seen();
    for nth in 1..=n {
        let (_directory, machine, id) = ready();
        machine.run(&text, Mode::Normal, true, &Fuse::new(Trouble::Power, nth));
        let when = format!("power off at call {nth} of {n}");
        let again = machine.apply(&text);
        assert_eq!(again.errors, Vec::<String>::new(), "{when}");
        let rows = machine.sim.rows("destination");
        assert_eq!(rows.len(), 2, "{when}: nothing twice");
        assert!(
            rows.iter().any(|it| it["destinationId"] == id.as_str()),
            "{when}: nothing lost"
        );
        assert!(
            rows.iter().all(|it| it["region"] == "region-1"),
            "{when}: {rows:?}"
        );
        let plan = machine.run(&text, Mode::Normal, false, &Fuse::new(Trouble::None, 0));
        assert_eq!((plan.errors.len(), plan.n_changes), (0, 0), "{when}");
    }
}

/// Input and output error, no space left, read-only file system.
const CODES: [i32; 3] = [5, 28, 30];

/// Each call of the disk goes wrong in each of these ways, in turn.
fn disk(troubles: &[Trouble]) -> usize {
    let mut n_points = 0;
    for (phase, trouble) in PHASES
        .into_iter()
        .flat_map(|phase| troubles.iter().map(move |it| (phase, *it)))
    {
        let (expected, n) = undisturbed(phase, FOUR, trouble);
        for nth in 1..=n {
            n_points += 1;
            let directory = tempfile::tempdir().unwrap();
            let machine = phase.ready(Machine::real(directory.path()), FOUR);
            let path = directory.path().join("terraform.tfstate");
            let before = std::fs::read(&path).ok();
            let ran = phase.run(&machine, FOUR, &Fuse::new(trouble, nth));
            let when = format!("{phase:?}, {trouble:?} at call {nth} of {n}");
            let after = std::fs::read(&path).ok();
            if ran.errors.is_empty() {
                // It did not matter: everything is done, and remembered.
                assert_eq!(counts(&machine.sim.objects()), expected, "{when}");
            } else if after != before {
                let whole = state::file::read(&after.unwrap());
                assert!(whole.is_ok(), "{when}: the state is whole");
            }
            phase.check(&machine, FOUR, &expected, &when);
        }
    }
    n_points
}

#[test]
fn every_call_of_the_disk_fails_in_turn() {
    let troubles = [Trouble::Fails(28), Trouble::FailsFrom(5), Trouble::Short];
    println!("{} points", disk(&troubles));
}

#[test]
#[ignore = "longer: cargo xtask torture"]
fn every_call_of_the_disk_fails_in_turn_in_every_way() {
    let mut troubles = vec![Trouble::Short];
    for code in CODES {
        troubles.extend([Trouble::Fails(code), Trouble::FailsFrom(code)]);
    }
    println!("{} points", disk(&troubles));
}

/// The power goes off anywhere, and what was not synced may be gone.
fn forgetful(seeds: std::ops::Range<u64>) {
    for phase in PHASES {
        let (expected, n) = undisturbed(phase, FOUR, Trouble::Power);
        for seed in seeds.clone() {
            let mut random = Random(seed);
            let disk = Forgetful::default();
            let machine = Machine::new(Arc::new(disk.clone()), std::path::Path::new("/disk"));
            let machine = phase.ready(machine, FOUR);
            let nth = 1 + random.below(n);
            phase.run(&machine, FOUR, &Fuse::new(Trouble::Power, nth));
            disk.crash(&mut random);
            // And once more, while it is made right.
            let nth = 1 + random.below(n);
            phase.run(&machine, FOUR, &Fuse::new(Trouble::Power, nth));
            disk.crash(&mut random);
            phase.check(
                &machine,
                FOUR,
                &expected,
                &format!("{phase:?}, seed {seed}"),
            );
        }
    }
}

#[test]
fn a_disk_that_forgets_what_was_not_synced() {
    forgetful(0..100);
}

#[test]
#[ignore = "longer: cargo xtask torture"]
fn a_disk_that_forgets_what_was_not_synced_a_thousand_times() {
    forgetful(0..1000);
}

#[test]
#[ignore = "longer: cargo xtask torture"]
fn the_power_goes_off_at_every_call() {
    let points: usize = PHASES.iter().map(|it| power(*it, TWENTY, 1)).sum();
    println!("{points} points");
}

/// Ten thousand runs that end anywhere, each followed by one that is not disturbed.
#[test]
#[ignore = "longer: cargo xtask torture"]
fn ten_thousand_kills() {
    let mut random = Random(1);
    for phase in PHASES {
        let (expected, n) = undisturbed(phase, FOUR, Trouble::Power);
        for _ in 0..3334 {
            let directory = tempfile::tempdir().unwrap();
            let machine = phase.ready(Machine::real(directory.path()), FOUR);
            let mut kills = Vec::new();
            // Several in a row, now and then.
            for _ in 0..=random.below(3) {
                let nth = 1 + random.below(n);
                kills.push(nth);
                phase.run(&machine, FOUR, &Fuse::new(Trouble::Power, nth));
            }
            phase.check(
                &machine,
                FOUR,
                &expected,
                &format!("{phase:?}, killed at {kills:?}"),
            );
        }
    }
}
