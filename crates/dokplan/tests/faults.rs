//! Everything that a server, a network or somebody else can do at each operation, and what comes of it: the table in
//! `docs/faults.md` is what this measures. After each, a calm run makes everything right.

use std::fmt::Write as _;

use dokploy_sim::{Effect, Fault};
use plan::Mode;

use crate::machine::{Fuse, Machine, Meddling, Ran, Trouble};
use crate::support::{repository, text};

const REGISTRY: &str = r#"
resource "dokploy_registry" "r" {
  registry_name = "{v}"
  registry_url  = "ghcr.io"
  username      = "u"
  password      = "hunter2"
  image_prefix  = ""
}
"#;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Create,
    Read,
    Update,
    Delete,
}

impl Operation {
    const ALL: [Operation; 4] = [
        Operation::Create,
        Operation::Read,
        Operation::Update,
        Operation::Delete,
    ];

    fn name(self) -> &'static str {
        match self {
            Operation::Create => "create",
            Operation::Read => "read",
            Operation::Update => "update",
            Operation::Delete => "delete",
        }
    }

    fn procedure(self) -> &'static str {
        match self {
            Operation::Create => "registry.create",
            Operation::Read => "registry.all",
            Operation::Update => "registry.update",
            Operation::Delete => "registry.remove",
        }
    }

    fn run(self, machine: &Machine) -> Ran {
        let calm = Fuse::new(Trouble::None, 0);
        let (text, mode) = self.wanted();
        machine.run(&text, mode, self != Operation::Read, &calm)
    }

    fn wanted(self) -> (String, Mode) {
        match self {
            Operation::Create | Operation::Read => (REGISTRY.replace("{v}", "a"), Mode::Normal),
            Operation::Update => (REGISTRY.replace("{v}", "b"), Mode::Normal),
            Operation::Delete => (REGISTRY.replace("{v}", "a"), Mode::Destroy),
        }
    }
}

/// What goes wrong.
enum Cause {
    /// Calls of the operation's procedure have this effect.
    Call(Effect),
    /// This is done to them.
    Meddling(fn(Operation) -> Meddling),
    /// There is another object just like it, which is somebody else's.
    Twin,
}

const CAUSES: &[(&str, Cause)] = &[
    (
        "timeout before it is carried out",
        Cause::Meddling(|_| Meddling::HoldBefore),
    ),
    (
        "timeout after it is carried out",
        Cause::Meddling(|_| Meddling::HoldAfter),
    ),
    ("connection reset in the body", Cause::Call(Effect::CutBody)),
    ("401 of a rate limit", Cause::Call(Effect::RateLimited401)),
    (
        "429 with Retry-After",
        Cause::Call(Effect::TooMany429 {
            retry_after: Some(2),
        }),
    ),
    ("500", Cause::Call(Effect::Status500)),
    ("502 with an HTML page", Cause::Call(Effect::Html502)),
    ("200 with wrong JSON", Cause::Call(Effect::WrongJson)),
    ("200 with masked values", Cause::Call(Effect::MaskedValue)),
    (
        "the object vanishes",
        Cause::Meddling(|it| match it {
            Operation::Create => Meddling::VanishAfter("registry"),
            _ => Meddling::VanishBefore("registry"),
        }),
    ),
    ("a duplicate of it", Cause::Twin),
    ("a minute's delay", Cause::Call(Effect::DelayMs(60_000))),
    (
        "reads lag behind writes",
        Cause::Meddling(|_| Meddling::Lag("registry.all", 2)),
    ),
];

/// One cell: what comes of it, as a row of the table.
fn cell(name: &str, cause: &Cause, operation: Operation) -> String {
    let directory = tempfile::tempdir().unwrap();
    let machine = Machine::real(directory.path());
    let twin = || {
        let other = tempfile::tempdir().unwrap();
        let other = Machine::beside(&machine, other.path());
        assert_eq!(
            other.apply(&REGISTRY.replace("{v}", "a")).errors,
            Vec::<String>::new()
        );
    };
    if operation != Operation::Create {
        let ran = machine.apply(&REGISTRY.replace("{v}", "a"));
        assert_eq!(ran.errors, Vec::<String>::new());
    }
    match cause {
        Cause::Call(effect) => {
            let fault = Fault::always(operation.procedure(), effect.clone());
            machine.sim.inject(fault);
        }
        Cause::Meddling(what) => {
            let meddling = (operation.procedure().to_owned(), what(operation));
            *machine.meddling.lock().unwrap() = Some(meddling);
        }
        Cause::Twin => twin(),
    }
    let n_twins = usize::from(matches!(cause, Cause::Twin));
    machine.sim.forget_calls();
    let first = operation.run(&machine);
    let is_change = |it: &&dokploy_sim::Call| it.method == "POST";
    let n_changes = machine.sim.calls().iter().filter(is_change).count();
    let told = first.errors.join("\n");
    assert!(
        !told.contains("hunter2"),
        "{name}, {}: {told}",
        operation.name()
    );
    machine.sim.heal();
    *machine.meddling.lock().unwrap() = None;

    // Whatever it was, one calm run makes it right.
    let (text, mode) = operation.wanted();
    let calm = Fuse::new(Trouble::None, 0);
    let again = machine.run(&text, mode, true, &calm);
    let when = format!("{name}, {}: {first:?}, then {again:?}", operation.name());
    assert_eq!(again.errors, Vec::<String>::new(), "{when}");
    let expected = usize::from(operation != Operation::Delete) + n_twins;
    assert_eq!(machine.sim.rows("registry").len(), expected, "{when}");
    let plan = machine.run(&text, mode, false, &calm);
    assert_eq!(
        (plan.errors.len(), plan.n_changes),
        (0, 0),
        "{when}; {plan:?}"
    );

    let outcome = match first.errors.first() {
        None => "well".to_owned(),
        Some(it) => it.split(": ").next().unwrap_or_default().to_owned(),
    };
    let next = match (again.fates.first(), again.n_changes) {
        (Some(fate), _) if fate.contains("NotMade") => "looks for it, and makes it",
        (Some(fate), _) if fate.contains("Made") => "finds it and remembers it",
        (_, 0) => "nothing is left to do",
        (_, _) => match operation {
            Operation::Create | Operation::Read => "makes it",
            Operation::Update if again.snapshot.is_some() && n_updates(&machine) == 0 => "makes it",
            Operation::Update => "changes it",
            Operation::Delete => "deletes it",
        },
    };
    format!(
        "| {name} | {} | {outcome} | {n_changes} | {next} |",
        operation.name()
    )
}

/// How many updates there were since the faults went away.
fn n_updates(machine: &Machine) -> usize {
    let calls = machine.sim.calls();
    let last_create = calls
        .iter()
        .rposition(|it| it.procedure == "registry.create");
    let last_update = calls
        .iter()
        .rposition(|it| it.procedure == "registry.update");
    usize::from(last_update > last_create)
}

#[test]
fn the_fault_matrix_is_as_documented() {
    let mut table = String::new();
    for (name, cause) in CAUSES {
        for operation in Operation::ALL {
            writeln!(table, "{}", cell(name, cause, operation)).unwrap();
        }
    }
    assert_eq!(table.lines().count(), 52);
    let path = repository("docs/faults.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let page = text(&path);
        let (head, rest) = page.split_once("<!-- table -->\n").unwrap();
        let (_, tail) = rest.split_once("<!-- end -->").unwrap();
        let head_row = "| what happens | at | the run | changes that arrive | the next run |\n|---|---|---|---|---|\n";
        let page = format!("{head}<!-- table -->\n{head_row}{table}<!-- end -->{tail}");
        std::fs::write(&path, page).unwrap();
    }
    let page = text(&path);
    let documented: String = page
        .lines()
        .filter(|it| {
            CAUSES
                .iter()
                .any(|(name, _)| it.starts_with(&format!("| {name} |")))
        })
        .fold(String::new(), |all, it| all + it + "\n");
    assert_eq!(
        documented, table,
        "UPDATE_DOCS=1 cargo test -p dokplan --test it faults:: writes the page"
    );
}
