//! Whole walks over a scripted provider: what is planned, what is done, in which order, and what is remembered.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use config::MapFiles;
use plan::{Action, Mode, Plan};
use provider::{
    Answer, ApplyRequest, ApplyResponse, Attribute, Block, ConfigureRequest, FollowRequest,
    FollowUp, FollowUpRequest, ImportRequest, ImportedObject, Issue, PlanRequest, PlanResponse,
    Private, Provider, ProviderSchema, ReadDataRequest, ReadRequest, ReadResponse, Schema,
    UpgradeRequest, Whole,
};
use state::{LockInfo, Snapshot, State, StateStore, StoreError};
use value::function::{CallError, World};
use value::{Path, Type, Value, ops};

use crate::{ApplyInputs, Common, NoProvisioners, PlanInputs};

/// Objects of the type `x_thing`: an id, `name` that can change, `kind` that cannot. A name that begins with `bad`
/// cannot be applied. `key_wo` is write-only, and taken on create and when `key_version` changes; a thing with the name
/// `leaky` answers it.
///
/// A thing whose name begins with `run` is deployed after it and its parts were made; a part has the id of its whole as
/// `kind`. One that begins with `runbad` cannot be deployed until the world holds `fixed`, and one with `runlong` asks
/// for the run to be stopped and is never done; `runslow` takes 35 seconds.
struct Double {
    schema: ProviderSchema,
    next_id: AtomicU64,
    /// The world: objects by id; `None` is one that was deleted by somebody else.
    world: Arc<Mutex<BTreeMap<String, Value>>>,
    calls: Arc<Mutex<Vec<String>>>,
    seed: u64,
    stop: Arc<AtomicBool>,
}

fn thing() -> Block {
    let attributes = [
        ("id", Attribute::of(Type::String).computed()),
        ("name", Attribute::of(Type::String).optional()),
        ("kind", Attribute::of(Type::String).optional()),
        ("key_version", Attribute::of(Type::String).optional()),
        ("key_wo", {
            let mut res = Attribute::of(Type::String).optional();
            res.write_only = true;
            res
        }),
    ];
    Block {
        attributes: attributes
            .into_iter()
            .map(|(name, it)| (name.into(), it))
            .collect(),
        ..Block::default()
    }
}

impl Double {
    fn text(value: &Value, name: &str) -> String {
        let found = value.get(name);
        found
            .as_ref()
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }
}

impl Provider for Double {
    fn schema(&self) -> &ProviderSchema {
        &self.schema
    }
    fn validate_provider(&self, _: &Value) -> Vec<Issue> {
        Vec::new()
    }
    fn validate_resource(&self, _: &str, _: &Value) -> Vec<Issue> {
        Vec::new()
    }
    fn validate_data(&self, _: &str, _: &Value) -> Vec<Issue> {
        Vec::new()
    }
    fn configure(&self, _: ConfigureRequest) -> Answer<'_, Vec<Issue>> {
        Box::pin(async { Vec::new() })
    }
    fn upgrade(&self, _: UpgradeRequest) -> Result<Value, Vec<Issue>> {
        Err(Vec::new())
    }
    fn read(&self, request: ReadRequest) -> Answer<'_, ReadResponse> {
        let id = Double::text(&request.current, "id");
        let object = self.world.lock().unwrap().get(&id).cloned();
        Box::pin(async move {
            ReadResponse {
                object: Ok(object),
                private: request.private,
                issues: Vec::new(),
            }
        })
    }
    fn whole_of(&self, _: &str, object: &Value) -> Option<Whole> {
        let kind = object.get("kind").filter(|it| !it.is_null())?;
        let id = kind.as_str().map(str::to_owned);
        let is_part = id.as_ref().is_none_or(|it| it.starts_with("id-run"));
        is_part.then(|| Whole {
            kind: "x_thing".to_owned(),
            id,
            is_used: true,
        })
    }
    fn is_followed(&self, _: &str) -> bool {
        true
    }
    fn follow_up(&self, request: &FollowUpRequest) -> Option<FollowUp> {
        let why = if request.before.is_null() {
            "it is new"
        } else if request.has_new_parts {
            "its parts change"
        } else if request.private.is_some() {
            "it is due"
        } else {
            return None;
        };
        let is_it = Double::text(&request.after, "name").starts_with("run");
        is_it.then(|| FollowUp {
            verb: "deploy".to_owned(),
            why: why.to_owned(),
        })
    }
    fn note_due(&self, _: Private, is_due: bool) -> Private {
        is_due.then(|| b"due".to_vec())
    }
    fn follow(&self, request: FollowRequest) -> Answer<'_, Vec<Issue>> {
        let name = Double::text(&request.object, "name");
        Box::pin(async move {
            self.calls.lock().unwrap().push(format!("deploy {name}"));
            if name.starts_with("runlong") {
                self.stop.store(true, Ordering::SeqCst);
                std::future::pending::<()>().await;
            }
            if name.starts_with("runslow") {
                tokio::time::sleep(Duration::from_secs(35)).await;
            }
            if name.starts_with("runbad") && !self.world.lock().unwrap().contains_key("fixed") {
                return vec![Issue::error("Not deployed", "It is broken.")];
            }
            Vec::new()
        })
    }
    fn plan(&self, request: PlanRequest) -> Answer<'_, PlanResponse> {
        let replace = if request.prior.is_null() {
            Vec::new()
        } else {
            let (before, after) = (request.prior.get("kind"), request.proposed.get("kind"));
            let same = before
                .zip(after)
                .is_some_and(|(before, after)| ops::same(&before, &after));
            if same {
                Vec::new()
            } else {
                vec![Path::attr_of("kind")]
            }
        };
        Box::pin(async move {
            PlanResponse {
                planned: request.proposed,
                replace,
                private: None,
                issues: Vec::new(),
            }
        })
    }
    fn apply(&self, request: ApplyRequest) -> Answer<'_, ApplyResponse> {
        let n = self.next_id.fetch_add(1, Ordering::SeqCst);
        let name = Double::text(&request.planned, "name");
        // Any completion order, repeated by the seed.
        let delay =
            Duration::from_millis((self.seed ^ n).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54);
        Box::pin(async move {
            tokio::time::sleep(delay).await;
            let mut world = self.world.lock().unwrap();
            let mut calls = self.calls.lock().unwrap();
            if request.planned.is_null() {
                let id = Double::text(&request.prior, "id");
                calls.push(format!("delete {}", Double::text(&request.prior, "name")));
                world.remove(&id);
                return ApplyResponse {
                    object: request.planned,
                    private: None,
                    issues: Vec::new(),
                    is_unclear: false,
                };
            }
            if name.starts_with("bad") {
                calls.push(format!("fail {name}"));
                return ApplyResponse {
                    object: request.prior,
                    private: None,
                    issues: vec![Issue::error("No", "It does not work.")],
                    is_unclear: false,
                };
            }
            let create = request.prior.is_null();
            calls.push(format!(
                "{} {name}",
                if create { "create" } else { "update" }
            ));
            let id = if create {
                format!("id-{name}")
            } else {
                Double::text(&request.prior, "id")
            };
            let key = request.config.get("key_wo").unwrap();
            let version = request.planned.get("key_version").unwrap();
            if (create || request.prior.get("key_version") != Some(version.clone()))
                && let Some(text) = key.as_str()
            {
                calls.push(format!("key {text}"));
            }
            let kept = if name == "leaky" {
                key
            } else {
                Value::null(Type::String)
            };
            let object = Value::object([
                ("id", Value::from(id.as_str())),
                ("key_version", version),
                ("key_wo", kept),
                ("kind", request.planned.get("kind").unwrap()),
                ("name", request.planned.get("name").unwrap()),
            ]);
            world.insert(id, object.clone());
            ApplyResponse {
                object,
                private: None,
                issues: Vec::new(),
                is_unclear: false,
            }
        })
    }
    fn import(
        &self,
        request: ImportRequest,
    ) -> Answer<'_, Result<Vec<ImportedObject>, Vec<Issue>>> {
        let object = self.world.lock().unwrap().get(&request.id).cloned();
        Box::pin(async move {
            Ok(object
                .into_iter()
                .map(|object| ImportedObject {
                    kind: request.kind.clone(),
                    object,
                    private: None,
                })
                .collect())
        })
    }
    fn read_data(&self, _: ReadDataRequest) -> Answer<'_, Result<Value, Vec<Issue>>> {
        Box::pin(async { Err(Vec::new()) })
    }
}

struct Nowhere;

impl World for Nowhere {
    fn read_file(&self, _: &str) -> Result<Vec<u8>, String> {
        Err("no files".to_owned())
    }
    fn file_exists(&self, _: &str) -> Result<bool, String> {
        Ok(false)
    }
    fn list_files(&self, _: &str) -> Result<Vec<String>, String> {
        Ok(Vec::new())
    }
    fn absolute(&self, path: &str) -> String {
        path.to_owned()
    }
    fn home(&self) -> Option<String> {
        None
    }
    fn now(&self) -> Option<String> {
        None
    }
    fn plan_time(&self) -> Option<String> {
        None
    }
    fn random(&self, _: &mut [u8]) -> bool {
        false
    }
    fn render(&self, _: &str, _: &str, _: &Value) -> Result<Value, CallError> {
        Ok(Value::dynamic())
    }
}

/// What is said of follow-ups.
#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl plan::Observer for Heard {
    fn event(&self, event: plan::Event<'_>) {
        use plan::Event::{FollowDone, FollowFailed, FollowProgress, FollowStart};
        let text = match event {
            FollowStart(addr, what, _) => format!("{addr}: {}", what.gerund()),
            FollowProgress(addr, what, _, time) => {
                format!("{addr}: still {} ({}s)", what.gerund(), time.as_secs())
            }
            FollowDone(addr, what, _, time) => {
                format!("{addr}: {} ({}s)", what.participle(), time.as_secs())
            }
            FollowFailed(addr, what, _) => format!("{addr}: not {}", what.participle()),
            _ => return,
        };
        self.0.lock().unwrap().push(text);
    }
}

#[derive(Default)]
struct Memory(Vec<Vec<u8>>);

impl StateStore for Memory {
    fn lock(&mut self, _: &LockInfo) -> Result<(), StoreError> {
        Ok(())
    }
    fn unlock(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
    fn read(&mut self) -> Result<Option<Snapshot>, StoreError> {
        Ok(None)
    }
    fn write(&mut self, _: &Snapshot) -> Result<(), StoreError> {
        Ok(())
    }
    fn append(&mut self, record: &[u8]) -> Result<(), StoreError> {
        self.0.push(record.to_vec());
        Ok(())
    }
    fn journal(&mut self) -> Result<Vec<Vec<u8>>, StoreError> {
        Ok(self.0.clone())
    }
}

/// A world, and what is remembered of it.
struct Lab {
    world: Arc<Mutex<BTreeMap<String, Value>>>,
    calls: Arc<Mutex<Vec<String>>>,
    state: State,
    parallelism: usize,
    seed: u64,
    titles: Vec<String>,
    /// Files beside `main.tf`.
    modules: BTreeMap<String, String>,
    stop: Arc<AtomicBool>,
    heard: Vec<String>,
}

struct Doubles<'a>(&'a Lab);

impl provider::Registry for Doubles<'_> {
    fn provider(&self, _: &addr::Provider) -> Option<Arc<dyn Provider>> {
        Some(Arc::new(Double {
            schema: ProviderSchema {
                resources: [(
                    "x_thing".into(),
                    Arc::new(Schema {
                        version: 0,
                        block: thing(),
                    }),
                )]
                .into(),
                ..ProviderSchema::default()
            },
            next_id: AtomicU64::new(0),
            world: self.0.world.clone(),
            calls: self.0.calls.clone(),
            seed: self.0.seed,
            stop: self.0.stop.clone(),
        }))
    }
}

impl Lab {
    fn new() -> Lab {
        Lab {
            world: Arc::default(),
            calls: Arc::default(),
            state: State::new(),
            parallelism: 10,
            seed: 0,
            titles: Vec::new(),
            modules: BTreeMap::new(),
            stop: Arc::default(),
            heard: Vec::new(),
        }
    }

    /// Plans, and applies if asked to.
    fn run(&mut self, text: &str, mode: Mode, apply: bool) -> Option<Plan> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        self.calls.lock().unwrap().clear();
        let mut sources = diag::SourceMap::new();
        let mut diags = diag::Diagnostics::new();
        let mut files = MapFiles(self.modules.clone());
        files.0.insert("main.tf".to_owned(), text.to_owned());
        let loaded = config::load(&files, ".", &mut sources, &mut diags).unwrap();
        assert!(!diags.has_errors(), "{diags:?}");
        let variables = BTreeMap::new();
        self.stop.store(false, Ordering::SeqCst);
        let heard = Heard::default();
        let stop = self.stop.clone();
        let (plan, state, titles) = {
            let registry = Doubles(self);
            let common = || Common {
                config: &loaded.config,
                sources: &sources,
                registry: &registry,
                provisioners: &NoProvisioners,
                variables: &variables,
                workspace: "default",
                cwd: "/",
                world: &Nowhere,
                started_at: "2026-01-01T00:00:00Z",
                seed: 1,
                parallelism: self.parallelism,
                observer: &heard,
                stop: &stop,
            };
            let inputs = PlanInputs {
                common: common(),
                prior: &self.state,
                mode,
                refresh: true,
                targets: &[],
                excludes: &[],
                force_replace: &[],
            };
            let (plan, diags) = runtime.block_on(crate::plan(&inputs));
            let mut titles: Vec<String> = diags.iter().map(|it| it.summary.clone()).collect();
            let mut state = None;
            if let (Some(plan), true) = (&plan, apply && !diags.has_errors()) {
                let inputs = ApplyInputs {
                    common: common(),
                    plan,
                    base: Snapshot {
                        lineage: "l".to_owned(),
                        state: self.state.clone(),
                        ..Snapshot::default()
                    },
                };
                let mut store = Memory::default();
                let (applied, diags) = runtime.block_on(crate::apply(&inputs, &mut store));
                titles.extend(diags.iter().map(|it| it.summary.clone()));
                let before = Snapshot {
                    lineage: "l".to_owned(),
                    state: (*plan.refreshed).clone(),
                    ..Snapshot::default()
                };
                let folded = state::journal::fold(before, &store.0).unwrap();
                assert_eq!(
                    folded.snapshot.state.resources, applied.snapshot.state.resources,
                    "the journal says what the state says"
                );
                state = Some(applied.snapshot.state);
            }
            (plan, state, titles)
        };
        if let Some(state) = state {
            self.state = state;
        }
        self.titles = titles;
        self.heard = heard.0.into_inner().unwrap();
        plan
    }

    fn apply(&mut self, text: &str) -> Vec<String> {
        self.run(text, Mode::Normal, true);
        self.calls.lock().unwrap().clone()
    }

    fn actions(&mut self, text: &str, mode: Mode) -> Vec<(String, Action)> {
        let plan = self.run(text, mode, false).unwrap();
        plan.changes
            .iter()
            .filter(|it| it.change.action != Action::NoOp)
            .map(|it| (it.addr.to_string(), it.change.action))
            .collect()
    }
}

/// A thing with a key that comes from an ephemeral variable.
fn keyed(name: &str, key: &str, version: u32) -> String {
    format!(
        "variable \"key\" {{\n  ephemeral = true\n  default = \"{key}\"\n}}\nresource \"x_thing\" \"a\" {{\n  name = \"{name}\"\n  key_wo = var.key\n  key_version = \"{version}\"\n}}\n"
    )
}

#[test]
fn a_write_only_value_reaches_the_provider_and_neither_plan_nor_state() {
    let mut lab = Lab::new();
    let text = keyed("a", "s3cret", 1);
    let plan = lab.run(&text, Mode::Normal, false).unwrap();
    assert_eq!(lab.titles, Vec::<String>::new());
    let after = &plan.changes[0].change.after;
    assert!(after.get("key_wo").unwrap().is_null(), "{after:?}");
    assert_eq!(lab.apply(&text), ["create a", "key s3cret"]);
    assert_eq!(lab.titles, Vec::<String>::new());
    assert!(!format!("{:?}", lab.state).contains("s3cret"));

    // Another value alone is no difference, as nobody remembers the old one.
    let other = keyed("a", "0ther", 1);
    let plan = lab.run(&other, Mode::Normal, false).unwrap();
    assert!(!plan.applicable, "{:?}", plan.changes);
    assert_eq!(
        lab.apply(&keyed("a", "0ther", 2)),
        ["update a", "key 0ther"]
    );
    assert!(!format!("{:?}", lab.state).contains("0ther"));
}

#[test]
fn a_provider_that_stores_a_write_only_value_is_refused() {
    let mut lab = Lab::new();
    lab.apply(&keyed("leaky", "s3cret", 1));
    assert_eq!(
        lab.titles,
        ["Provider produced inconsistent result after apply"]
    );
}

const CHAIN: &str = r#"
resource "x_thing" "a" { name = "a" }
resource "x_thing" "b" {
  count = 2
  name  = "b-${x_thing.a.id}-${count.index}"
}
locals { last = x_thing.b[1].id }
resource "x_thing" "c" { name = "c-${local.last}" }
output "o" { value = x_thing.c.id }
"#;

#[test]
fn a_chain_is_made_in_order_and_then_there_is_nothing_to_do() {
    let mut lab = Lab::new();
    let calls = lab.apply(CHAIN);
    assert_eq!(calls.first().unwrap(), "create a");
    assert_eq!(calls.last().unwrap(), "create c-id-b-id-a-1");
    assert_eq!(
        lab.state.outputs["o"].value,
        Value::from("id-c-id-b-id-a-1")
    );
    let plan = lab.run(CHAIN, Mode::Normal, false).unwrap();
    assert!(!plan.applicable, "{:?}", plan.changes);
    assert_eq!(lab.titles, Vec::<String>::new());
}

#[test]
fn destroying_leaves_nothing_and_goes_backwards() {
    let mut lab = Lab::new();
    lab.apply(CHAIN);
    lab.run(CHAIN, Mode::Destroy, true);
    let calls = lab.calls.lock().unwrap().clone();
    assert_eq!(calls.first().unwrap(), "delete c-id-b-id-a-1");
    assert_eq!(calls.last().unwrap(), "delete a");
    assert!(lab.state.is_empty());
    assert!(lab.world.lock().unwrap().is_empty());
}

#[test]
fn any_completion_order_gives_the_same_state() {
    let text = r#"
resource "x_thing" "many" {
  count = 20
  name  = "n${count.index}"
}
resource "x_thing" "last" { name = x_thing.many[7].id }
output "all" { value = x_thing.many[*].id }
"#;
    let states: Vec<State> = (0..16)
        .map(|seed| {
            let mut lab = Lab::new();
            lab.seed = seed;
            lab.parallelism = 1 + seed as usize;
            lab.apply(text);
            lab.state
        })
        .collect();
    assert!(states.iter().all(|it| *it == states[0]));
}

#[test]
fn plans_are_the_same_for_any_parallelism() {
    let mut lab = Lab::new();
    lab.apply(CHAIN);
    let text = CHAIN
        .replace("count = 2", "count = 3")
        .replace("\"a\" }", "\"z\" }");
    let plans: Vec<Plan> = [1, 2, 7, 64]
        .into_iter()
        .map(|parallelism| {
            lab.parallelism = parallelism;
            lab.run(&text, Mode::Normal, false).unwrap()
        })
        .collect();
    for plan in &plans {
        assert_eq!(plan.changes, plans[0].changes);
        assert_eq!(plan.graph, plans[0].graph);
    }
}

#[test]
fn replacing_deletes_dependents_first() {
    let text = |kind: &str| {
        format!(
            "resource \"x_thing\" \"a\" {{\n name = \"a\"\n kind = \"{kind}\"\n}}\nresource \"x_thing\" \"b\" {{\n name = \"b\"\n kind = x_thing.a.kind\n}}"
        )
    };
    let mut lab = Lab::new();
    lab.apply(&text("1"));
    assert_eq!(
        lab.apply(&text("2")),
        ["delete b", "delete a", "create a", "create b"]
    );
}

#[test]
fn create_before_destroy_spreads_to_what_is_needed() {
    let text = |kind: &str| {
        format!(
            "resource \"x_thing\" \"a\" {{\n name = \"a{kind}\"\n kind = \"{kind}\"\n}}\nresource \"x_thing\" \"b\" {{\n name = \"b{kind}\"\n kind = x_thing.a.kind\n lifecycle {{ create_before_destroy = true }}\n}}"
        )
    };
    let mut lab = Lab::new();
    lab.apply(&text("1"));
    assert_eq!(
        lab.apply(&text("2")),
        ["create a2", "create b2", "delete b1", "delete a1"]
    );
    assert!(
        lab.state
            .instances()
            .all(|(_, _, it)| it.deposed.is_empty())
    );
}

#[test]
fn a_failure_skips_dependents_only() {
    let mut lab = Lab::new();
    let calls = lab.apply(
        r#"
resource "x_thing" "bad" { name = "bad" }
resource "x_thing" "after" { name = x_thing.bad.id }
resource "x_thing" "other" { name = "other" }
"#,
    );
    let mut calls = calls;
    calls.sort();
    assert_eq!(calls, ["create other", "fail bad"]);
    assert_eq!(lab.titles, ["No"]);
    let kept: Vec<String> = lab
        .state
        .instances()
        .map(|(it, _, _)| it.to_string())
        .collect();
    assert_eq!(kept, ["x_thing.other"]);
}

#[test]
fn a_replacement_whose_creation_fails_keeps_the_old_object() {
    let text = |name: &str, kind: &str| {
        format!(
            "resource \"x_thing\" \"a\" {{\n name = \"{name}\"\n kind = \"{kind}\"\n lifecycle {{ create_before_destroy = true }}\n}}"
        )
    };
    let mut lab = Lab::new();
    lab.apply(&text("a", "1"));
    let before = lab.state.clone();
    lab.apply(&text("bad", "2"));
    assert_eq!(lab.state.resources, before.resources);
}

#[test]
fn what_vanished_is_made_again() {
    let mut lab = Lab::new();
    lab.apply(CHAIN);
    lab.world.lock().unwrap().remove("id-a");
    let actions = lab.actions(CHAIN, Mode::Normal);
    assert!(actions.contains(&("x_thing.a".to_owned(), Action::Create)));
}

#[test]
fn count_that_comes_moves_the_object() {
    let mut lab = Lab::new();
    lab.apply("resource \"x_thing\" \"a\" { name = \"a\" }");
    let text = "resource \"x_thing\" \"a\" {\n count = 1\n name = \"a\"\n}";
    let plan = lab.run(text, Mode::Normal, false).unwrap();
    assert_eq!(plan.changes[0].previous.to_string(), "x_thing.a");
    assert_eq!(plan.changes[0].addr.to_string(), "x_thing.a[0]");
    assert_eq!(plan.changes[0].change.action, Action::NoOp);
}

#[test]
fn an_import_adopts_what_exists() {
    let mut lab = Lab::new();
    lab.apply("resource \"x_thing\" \"a\" { name = \"a\" }");
    lab.state = State::new();
    let text =
        "import {\n to = x_thing.b\n id = \"id-a\"\n}\nresource \"x_thing\" \"b\" { name = \"a\" }";
    assert_eq!(lab.apply(text), Vec::<String>::new());
    assert!(!lab.state.is_empty());
}

#[test]
fn mistakes_have_the_titles_that_people_search_for() {
    let titles = |text: &str| {
        let mut lab = Lab::new();
        lab.run(text, Mode::Normal, false);
        lab.titles
    };
    assert_eq!(
        titles("output \"a\" { value = x_thing.none.id }"),
        ["Reference to undeclared resource"]
    );
    assert_eq!(
        titles("output \"a\" { value = var.none }"),
        ["Reference to undeclared input variable"]
    );
    assert_eq!(
        titles("locals {\n a = local.b\n b = local.a\n}"),
        ["Cycle: local.a (expand), local.b (expand)"]
    );
    assert_eq!(
        titles("resource \"x_thing\" \"a\" { count = -1 }"),
        ["Invalid count argument"]
    );
    assert_eq!(
        titles("resource \"x_thong\" \"a\" {}"),
        ["Invalid resource type"]
    );
    assert_eq!(
        titles("output \"a\" { value = { b = 1 / 0 } }"),
        ["Invalid number"]
    );
    let many = "resource \"x_thing\" \"c\" {\n count = 2\n name = \"a\"\n}\n";
    let asked = |of: &str| titles(&format!("{many}output \"a\" {{ value = {of} }}"));
    assert_eq!(asked("x_thing.c[0][1]"), ["Invalid index operation"]);
    assert_eq!(asked("x_thing.c[0].name.x"), ["Unsupported attribute"]);
    assert_eq!(asked("x_thing.c[1e30]"), ["Invalid index key"]);
    assert_eq!(
        asked("x_thing.c.nothing"),
        ["Missing resource instance key", "Unsupported attribute"]
    );
    assert_eq!(
        asked("x_thing.c.count"),
        [
            "Missing resource instance key",
            "Invalid resource count attribute"
        ]
    );
    assert_eq!(
        titles(
            "resource \"x_thing\" \"a\" {\n name = \"a\"\n depends_on = [x_thing.b.name]\n}\nresource \"x_thing\" \"b\" { name = \"b\" }"
        ),
        ["Invalid depends_on reference"]
    );
    assert_eq!(
        titles("output \"a\" {\n value = 1\n depends_on = [x_thing.none]\n}"),
        ["Reference to undeclared resource"]
    );
    assert_eq!(
        titles(
            "variable \"s\" {\n default = \"x\"\n sensitive = true\n}\noutput \"a\" {\n value = 1\n precondition {\n condition = var.s == \"y\"\n error_message = var.s\n }\n}"
        ),
        [
            "Error message refers to sensitive values",
            "Module output value precondition failed"
        ]
    );
    // Where a reference can never be right, nothing is said of what is merely not declared.
    assert_eq!(
        asked("[x_thing.c.name, local.none]"),
        ["Missing resource instance key"]
    );
    assert_eq!(
        titles("variable \"v\" {}"),
        ["No value for required variable"]
    );
}

#[test]
fn what_changed_outside_is_drift_and_relevant_only_if_something_uses_it() {
    let text = |used: &str| {
        format!(
            "resource \"x_thing\" \"a\" {{\n kind = \"k\"\n lifecycle {{ ignore_changes = [name] }}\n}}\noutput \"o\" {{ value = {used} }}"
        )
    };
    let mut lab = Lab::new();
    lab.apply(&text("x_thing.a.name"));
    let changed = Value::object([
        ("id", Value::from("id-")),
        ("kind", Value::from("k")),
        ("name", Value::from("other")),
    ]);
    lab.world.lock().unwrap().insert("id-".to_owned(), changed);
    let plan = lab
        .run(&text("x_thing.a.name"), Mode::Normal, false)
        .unwrap();
    assert_eq!(plan.drift.len(), 1);
    assert!(plan.drift[0].relevant, "{:?}", plan.relevant);
    let plan = lab
        .run(&text("x_thing.a.kind"), Mode::Normal, false)
        .unwrap();
    assert!(!plan.drift[0].relevant);
    let plan = lab
        .run(&text("x_thing.a.name"), Mode::RefreshOnly, true)
        .unwrap();
    assert!(plan.applicable && plan.changes.is_empty());
    assert_eq!(lab.state.outputs["o"].value, Value::from("other"));
}

#[test]
fn prevent_destroy_refuses_and_removed_forgets() {
    let mut lab = Lab::new();
    lab.apply(
        "resource \"x_thing\" \"a\" {\n name = \"a\"\n lifecycle { prevent_destroy = true }\n}",
    );
    let kept = "resource \"x_thing\" \"a\" {\n count = 0\n name = \"a\"\n lifecycle { prevent_destroy = true }\n}";
    lab.run(kept, Mode::Normal, false);
    assert_eq!(lab.titles, ["Instance cannot be destroyed"]);
    let forgotten = "removed {\n from = x_thing.a\n lifecycle { destroy = false }\n}";
    assert_eq!(lab.apply(forgotten), Vec::<String>::new());
    assert!(lab.state.is_empty());
    assert_eq!(lab.world.lock().unwrap().len(), 1);
}

#[test]
fn conditions_stop_before_anything_is_done() {
    let mut lab = Lab::new();
    let calls = lab.apply(
        r#"
locals { one = 1 }
resource "x_thing" "a" {
  name = "a"
  lifecycle {
    precondition {
      condition     = local.one == 2
      error_message = "Never."
    }
  }
}
check "c" {
  assert {
    condition     = local.one == 2
    error_message = "A warning."
  }
}
"#,
    );
    assert_eq!(calls, Vec::<String>::new());
    assert_eq!(
        lab.titles,
        [
            "Check block assertion failed",
            "Resource precondition failed"
        ]
    );
}

#[test]
fn modules_pass_values_down_and_up() {
    let mut lab = Lab::new();
    let runtime_free = "module \"m\" {\n source = \"./m\"\n for_each = toset([\"x\", \"y\"])\n name = each.key\n}\noutput \"o\" { value = [for it in module.m : it.id] }";
    let child = "variable \"name\" {}\nresource \"x_thing\" \"a\" { name = var.name }\noutput \"id\" { value = x_thing.a.id }";
    lab.modules.insert("m/main.tf".to_owned(), child.to_owned());
    let mut calls = lab.apply(runtime_free);
    calls.sort();
    assert_eq!(calls, ["create x", "create y"]);
    assert_eq!(
        lab.state.outputs["o"].value,
        Value::tuple(vec![Value::from("id-x"), Value::from("id-y")])
    );
    let gone = runtime_free.replace("\"x\", \"y\"", "\"x\"");
    let plan = lab.run(&gone, Mode::Normal, false).unwrap();
    let reasons: Vec<plan::ActionReason> = plan
        .changes
        .iter()
        .filter(|it| it.change.action == Action::Delete)
        .map(|it| it.reason)
        .collect();
    assert_eq!(reasons, [plan::ActionReason::DeleteBecauseNoModule]);
}

/// A whole, a part that needs something which needs the whole, and something that only needs the whole.
const WHOLE: &str = r#"
resource "x_thing" "run" { name = "run" }
resource "x_thing" "between" { name = "b-${x_thing.run.name}" }
resource "x_thing" "part" {
  name = "p-${x_thing.between.name}"
  kind = x_thing.run.id
}
resource "x_thing" "after" {
  name       = "after"
  depends_on = [x_thing.run]
}
"#;

fn followed(plan: &Plan) -> Vec<(String, String)> {
    let changes = plan.changes.iter();
    changes
        .filter_map(|it| Some((it.addr.to_string(), it.follow_up.as_ref()?.why.clone())))
        .collect()
}

#[test]
fn a_whole_is_followed_up_once_after_its_parts_and_before_others() {
    let mut lab = Lab::new();
    let calls = lab.apply(WHOLE);
    assert_eq!(
        calls,
        [
            "create run",
            "create b-run",
            "create p-b-run",
            "deploy run",
            "create after"
        ]
    );
    let plan = lab.run(WHOLE, Mode::Normal, false).unwrap();
    assert!(!plan.applicable, "{:?}", followed(&plan));

    // The whole itself does not change.
    let changed = WHOLE.replace("\"p-", "\"q-");
    let plan = lab.run(&changed, Mode::Normal, false).unwrap();
    let whole = ("x_thing.run".to_owned(), "its parts change".to_owned());
    assert_eq!(followed(&plan), [whole]);
    assert_eq!(lab.apply(&changed), ["update q-b-run", "deploy run"]);

    // A part that goes.
    let (start, _) = changed.split_once("resource \"x_thing\" \"part\"").unwrap();
    let (_, end) = changed.split_once("x_thing.run.id\n}").unwrap();
    let without = format!("{start}{end}");
    assert_eq!(lab.apply(&without), ["delete q-b-run", "deploy run"]);
    assert!(!lab.run(&without, Mode::Normal, false).unwrap().applicable);
    lab.run(&without, Mode::Destroy, true);
    assert!(lab.state.is_empty());
    assert!(!lab.calls.lock().unwrap().contains(&"deploy run".to_owned()));
}

#[test]
fn a_follow_up_that_fails_is_due_until_it_is_done() {
    let text = WHOLE.replace("\"run\" }", "\"runbad\" }");
    let mut lab = Lab::new();
    let calls = lab.apply(&text);
    assert_eq!(calls.last().unwrap(), "deploy runbad");
    assert_eq!(lab.titles, ["Not deployed"]);
    let run = addr::parse::instance("x_thing.run").unwrap();
    let object = lab.state.current(&run).unwrap();
    assert_eq!(object.status, state::Status::Ready, "it is there");

    // What comes after it comes now, and it is tried again.
    assert_eq!(lab.apply(&text), ["deploy runbad"]);
    lab.world
        .lock()
        .unwrap()
        .insert("fixed".to_owned(), Value::from(true));
    let plan = lab.run(&text, Mode::Normal, false).unwrap();
    assert!(plan.applicable);
    assert_eq!(
        followed(&plan),
        [("x_thing.run".to_owned(), "it is due".to_owned())]
    );
    assert_eq!(lab.apply(&text), ["deploy runbad", "create after"]);
    assert_eq!(lab.titles, Vec::<String>::new());
    assert!(!lab.run(&text, Mode::Normal, false).unwrap().applicable);
}

#[test]
fn a_part_that_fails_leaves_the_follow_up_to_the_next_run() {
    let mut lab = Lab::new();
    lab.apply(WHOLE);
    let bad = WHOLE.replace("\"p-", "\"bad-");
    assert_eq!(lab.apply(&bad), ["fail bad-b-run"]);
    // The part is taken back: what may have happened to it meanwhile is for the whole to find out.
    assert_eq!(lab.apply(WHOLE), ["deploy run"]);
    assert!(!lab.run(WHOLE, Mode::Normal, false).unwrap().applicable);
}

#[test]
fn a_stop_ends_the_wait_for_a_follow_up() {
    let text = WHOLE.replace("\"run\" }", "\"runlong\" }");
    let mut lab = Lab::new();
    let calls = lab.apply(&text);
    assert_eq!(calls.last().unwrap(), "deploy runlong");
    assert_eq!(lab.titles, ["Stopped while waiting"]);
    let plan = lab.run(&text, Mode::Normal, false).unwrap();
    let due = ("x_thing.run".to_owned(), "it is due".to_owned());
    assert_eq!(followed(&plan), [due]);
}

#[test]
fn the_object_that_needs_another_is_followed_up_after_it() {
    let text = r#"
resource "x_thing" "db" { name = "rundb" }
resource "x_thing" "web" { name = "run-${x_thing.db.name}" }
resource "x_thing" "host" {
  name = "host"
  kind = x_thing.web.id
}
"#;
    let mut lab = Lab::new();
    let expected = [
        "create rundb",
        "deploy rundb",
        "create run-rundb",
        "create host",
        "deploy run-rundb",
    ];
    assert_eq!(lab.apply(text), expected);
}

#[test]
fn people_hear_of_a_follow_up_that_takes_long() {
    let mut lab = Lab::new();
    lab.apply("resource \"x_thing\" \"a\" { name = \"runslow\" }");
    let expected = [
        "x_thing.a: deploying",
        "x_thing.a: still deploying (10s)",
        "x_thing.a: still deploying (20s)",
        "x_thing.a: still deploying (30s)",
        "x_thing.a: deployed (35s)",
    ];
    assert_eq!(lab.heard, expected);
    lab.apply("resource \"x_thing\" \"a\" { name = \"runbad\" }\nresource \"x_thing\" \"b\" { name = \"runbad2\" }");
    assert_eq!(
        lab.heard,
        ["x_thing.b: deploying", "x_thing.b: not deployed"]
    );
}
