//! `test`: runs the test files of a configuration, each run in memory, and destroys what they made.

mod arrange;
mod junit;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use addr::Target;
use backend::memory::MemoryStore;
use config::Files;
use config::test::{TestFile, TestRun};
use diag::{Diagnostic, Diagnostics, Severity};
use engine::{ApplyInputs, Assertion, AssessInputs, GivenVariable, PlanInputs, TestNames};
use plan::{Mode, Plan};
use serde_json::{Value as Json, json};
use state::{Snapshot, State};
use value::Value;

use crate::args::TestArgs;
use crate::commands::test::arrange::{Arranged, arrange};
use crate::exit::{Exit, Outcome, Reported};
use crate::files::DiskFiles;
use crate::operation::Operation;
use crate::providers::Providers;
use crate::session::Session;
use crate::ui::{self, Progress};

/// The codes of this command.
pub(crate) mod code {
    use diag::Code;

    /// See [`Code`].
    pub(crate) const MISSING_FAILURE: Code = Code::new(
        "missing-expected-failure",
        "Missing expected failure",
        "A run of a test expected a condition to fail, and it did not.",
    );
    /// See [`Code`].
    pub(crate) const FAILED_EARLY: Code = Code::new(
        "expected-failure-while-planning",
        "Expected failure while planning",
        "A run that is to apply could not, because a condition that was expected to fail did so while planning. With `command = plan` that is a success.",
    );
    /// See [`Code`].
    pub(crate) const UNDECLARED: Code = Code::new(
        "undeclared-test-variable",
        "Value for undeclared variable",
        "A run of a test sets a variable that the module under test does not declare.",
    );
    /// See [`Code`].
    pub(crate) const LEFT: Code = Code::new(
        "test-objects-left",
        "Objects of a test are left",
        "What a test made could not be destroyed. It is listed, and kept in `errored_test.tfstate`.",
    );
    /// See [`Code`].
    pub(crate) const INTERRUPTED: Code = Code::new(
        "test-interrupted",
        "Tests were interrupted",
        "Somebody asked to stop: the run under way was ended early, the others are skipped, and what was made is destroyed.",
    );
    /// See [`Code`].
    pub(crate) const CLOUD: Code = Code::new(
        "test-cloud-run",
        "Remote test runs are not supported",
        "Tests run on this machine. Leave `-cloud-run` out.",
    );
    /// See [`Code`].
    pub(crate) const JUNIT: Code = Code::new(
        "junit-file",
        "error saving JUnit XML",
        "What came of the tests cannot be written to the file that `-junit-xml` names.",
    );
    /// See [`Code`].
    pub(crate) const MODULE: Code = Code::new(
        "test-module",
        "Unreadable module directory",
        "The directory that a run of a test names as its module is not there.",
    );
}

/// How a run or a file ended; the worst counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    Pass,
    Skip,
    Fail,
    Error,
}

impl Status {
    /// For people: what could not be carried out has failed too.
    fn word(self) -> &'static str {
        match self {
            Status::Pass => "pass",
            Status::Skip => "skip",
            Status::Fail | Status::Error => "fail",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Status::Error => "error",
            _ => self.word(),
        }
    }
}

/// How many runs ended how.
#[derive(Debug, Default)]
struct Counts {
    passed: usize,
    failed: usize,
    errored: usize,
    skipped: usize,
}

impl Counts {
    fn add(&mut self, status: Status) {
        match status {
            Status::Pass => self.passed += 1,
            Status::Skip => self.skipped += 1,
            Status::Fail => self.failed += 1,
            Status::Error => self.errored += 1,
        }
    }
}

/// A state that runs share, and what is needed to destroy it.
struct Shared {
    state: State,
    /// The last run that worked on it.
    run: usize,
    variables: BTreeMap<Arc<str>, GivenVariable>,
    /// When it was used last: what was used first is destroyed last.
    used: usize,
    /// What expressions of the test file could name then: values of variables, and outputs of runs.
    names: BTreeMap<Arc<str>, Value>,
    runs: BTreeMap<Arc<str>, Value>,
}

/// Runs the tests.
pub(crate) async fn test(session: &mut Session, args: &TestArgs, order: &[String]) -> Outcome {
    session.json = args.json;
    session.set_style(&args.color);
    if args.cloud_run.is_some() {
        return session.fail(Diagnostic::error(
            &code::CLOUD,
            "With -cloud-run, tests would run in HCP Terraform, which dokplan does not know. Leave the option out: they run here.",
        ));
    }
    if let Some(word) = args.rest.first() {
        // The reference says nothing and runs all tests, which who names a file does not expect.
        ui::err(&format!(
            "{word:?} is not used: all tests are run. Some are chosen with -filter=FILE.\n"
        ));
    }
    let (loaded, mut diags) = session.read_config();
    let files = read_files(session, &args.test_directory, &args.filter, &mut diags);
    let Some(loaded) = loaded.filter(|_| !diags.has_errors()) else {
        session.show(&diags);
        return Err(Reported);
    };
    session.show(&diags);
    session.check_providers(&loaded.config)?;
    let given = session.variables(&loaded.config, &args.vars, order, false)?;
    let inside = values_inside(session, &loaded.config, &args.test_directory, &given)?;
    if args.json {
        ui::json_version();
        abstract_line(&files);
    }
    let mut tester = Tester {
        providers: Arc::new(Providers::new(session)?),
        session,
        args,
        loaded: &loaded,
        inside,
        given,
        is_inside: false,
        counts: Counts::default(),
        stop: crate::signals::watch(),
        suites: Vec::new(),
    };
    let mut worst = Status::Pass;
    for (name, file) in &files {
        worst = worst.max(tester.file(name, file).await?);
    }
    tester.summary(worst);
    tester.write_junit()?;
    if worst >= Status::Fail {
        Err(Reported)
    } else {
        Ok(Exit::Success)
    }
}

/// The test files of the configuration and of a directory, by name; only those that `filter` names, if it names some.
/// Mistakes in the others are reported too.
pub(crate) fn read_files(
    session: &mut Session,
    directory: &str,
    filter: &[String],
    diags: &mut Diagnostics,
) -> Vec<(String, TestFile)> {
    let directory = directory.trim_end_matches('/');
    let directory = directory.strip_prefix("./").unwrap_or(directory);
    let mut names: Vec<String> = Vec::new();
    let mut places = vec![".".to_owned()];
    if directory != "." && !directory.is_empty() {
        places.push(directory.to_owned());
    }
    for place in &places {
        let found = DiskFiles.list(place).unwrap_or_default();
        let tests = found
            .into_iter()
            .filter(|it| it.ends_with(".tftest.hcl") || it.ends_with(".tftest.json"));
        names.extend(tests.map(|it| match place.as_str() {
            "." => it,
            place => format!("{place}/{it}"),
        }));
    }
    names.sort();
    let is_wanted = |name: &String| {
        let plain = |it: &String| it.strip_prefix("./").unwrap_or(it).to_owned();
        filter.is_empty() || filter.iter().any(|it| plain(it) == *name)
    };
    let mut found = Diagnostics::new();
    let mut res = Vec::new();
    for name in names {
        let Ok(bytes) = DiskFiles.read(&name) else {
            let detail = format!("The file \"{name}\" cannot be read.");
            found.push(Diagnostic::error(&config::code::UNREADABLE_FILE, detail));
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        let source = session.sources.add(name.clone(), &*text);
        let body = if name.ends_with(".tftest.json") {
            hcl::json::parse(source, &text, true, &mut found).body
        } else {
            hcl::parse(source, &text, &mut found).body
        };
        let mut file = config::test::test_file(&body, &session.sources, &mut found);
        for mock in file.mocks.values_mut() {
            mock_source(session, mock, &mut found);
        }
        if is_wanted(&name) {
            res.push((name, file));
        }
    }
    diags.append(found.sorted(&session.sources));
    res
}

/// Values of variables for files in the test directory: what is given, and over it what the directory's own files say.
fn values_inside(
    session: &mut Session,
    config: &config::Config,
    directory: &str,
    given: &BTreeMap<Arc<str>, GivenVariable>,
) -> Result<BTreeMap<Arc<str>, GivenVariable>, Reported> {
    let mut res = given.clone();
    let names = DiskFiles.list(directory).unwrap_or_default();
    let is_one = |it: &&String| {
        ["terraform.tfvars", "terraform.tfvars.json"].contains(&it.as_str())
            || it.ends_with(".auto.tfvars")
            || it.ends_with(".auto.tfvars.json")
    };
    let (mut undeclared, mut diags) = (0, Diagnostics::new());
    let (first, last): (Vec<&String>, Vec<&String>) = names
        .iter()
        .filter(is_one)
        .partition(|it| it.starts_with("terraform.tfvars"));
    for name in first.into_iter().chain(last) {
        let path = format!("{}/{name}", directory.trim_end_matches('/'));
        let mut unread = Diagnostics::new();
        session.read_values(
            &path,
            config,
            &mut res,
            &mut undeclared,
            &mut unread,
            &mut diags,
        );
        diags.append(unread);
    }
    session.check(&diags)?;
    Ok(res)
}

/// Reads what a mock's `source` declares; what the mock itself says counts more.
fn mock_source(
    session: &mut Session,
    mock: &mut config::test::MockProvider,
    diags: &mut Diagnostics,
) {
    let Some((directory, span)) = mock.source.clone() else {
        return;
    };
    let Ok(names) = DiskFiles.list(&directory) else {
        diags.push(
            Diagnostic::error(
                &code::MODULE,
                format!("The directory \"{directory}\" cannot be read."),
            )
            .titled("Unreadable mock directory")
            .at(span),
        );
        return;
    };
    for name in names {
        let is_json = name.ends_with(".tfmock.json");
        if !is_json && !name.ends_with(".tfmock.hcl") {
            continue;
        }
        let path = format!("{}/{name}", directory.trim_end_matches('/'));
        let Ok(bytes) = DiskFiles.read(&path) else {
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        let source = session.sources.add(path, &*text);
        let body = if is_json {
            hcl::json::parse(source, &text, true, diags).body
        } else {
            hcl::parse(source, &text, diags).body
        };
        let (types, overrides) = config::test::mock_file(&body, &session.sources, diags);
        mock.types.splice(0..0, types);
        mock.overrides.splice(0..0, overrides);
    }
}

/// One message of the JSON stream.
fn line(message: &str, kind: &str, file: Option<&str>, run: Option<&str>, content: Json) {
    let mut res = json!({
        "@level": "info",
        "@message": message,
        "@module": "terraform.ui",
    });
    if let Some(file) = file {
        res["@testfile"] = file.into();
    }
    if let Some(run) = run {
        res["@testrun"] = run.into();
    }
    res["@timestamp"] = crate::world::now_micros().into();
    res[kind] = content;
    res["type"] = kind.into();
    ui::json_line(&res);
}

fn plural(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

fn abstract_line(files: &[(String, TestFile)]) {
    let mut content = serde_json::Map::new();
    let mut n_runs = 0;
    for (name, file) in files {
        let names = file.runs.iter().map(|it| it.name.name.as_str());
        n_runs += file.runs.len();
        content.insert(name.clone(), names.collect::<Vec<_>>().into());
    }
    let message = format!(
        "Found {} and {}",
        plural(files.len(), "file"),
        plural(n_runs, "run block")
    );
    line(&message, "test_abstract", None, None, Json::Object(content));
}

/// What the runs work with.
struct Tester<'s> {
    /// For all runs.
    providers: Arc<Providers>,
    session: &'s mut Session,
    args: &'s TestArgs,
    loaded: &'s config::Loaded,
    given: BTreeMap<Arc<str>, GivenVariable>,
    /// The same for files in the test directory, which may have files of variables of its own.
    inside: BTreeMap<Arc<str>, GivenVariable>,
    /// Whether the present file is one of those.
    is_inside: bool,
    counts: Counts,
    /// Set by the first Ctrl-C.
    stop: Arc<AtomicBool>,
    /// What came of each file, for `-junit-xml`.
    suites: Vec<junit::Suite>,
}

/// What came of a run.
struct Ran {
    status: Status,
    diags: Diagnostics,
    outputs: BTreeMap<Arc<str>, Value>,
    /// What `-verbose` shows.
    shown: Option<Shown>,
}

/// What `-verbose` shows of a run.
enum Shown {
    /// For people.
    Text(String),
    /// A message, and what it is called.
    Json(&'static str, &'static str, Json),
}

impl Ran {
    fn error(diags: Diagnostics) -> Ran {
        Ran {
            status: Status::Error,
            diags,
            outputs: BTreeMap::new(),
            shown: None,
        }
    }
}

impl Tester<'_> {
    /// Whether somebody asked to stop.
    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    async fn file(&mut self, name: &str, file: &TestFile) -> Result<Status, Reported> {
        let mut cases = Vec::new();
        let mut cause = String::new();
        self.is_inside = name.contains('/');
        self.file_line(name, "starting", "in progress", None);
        let mut worst = Status::Pass;
        let mut states: BTreeMap<String, Shared> = BTreeMap::new();
        let mut runs: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        for (at, run) in file.runs.iter().enumerate() {
            if self.is_stopped() {
                worst = Status::Error;
                "The tests were interrupted.".clone_into(&mut cause);
            }
            if worst == Status::Error {
                self.counts.add(Status::Skip);
                self.run_line(name, run, Status::Skip);
                cases.push(junit::Case {
                    name: run.name.name.to_string(),
                    time: None,
                    end: junit::End::Skipped(cause.clone()),
                });
                continue;
            }
            let (start, clock) = (crate::world::now(), tokio::time::Instant::now());
            if self.args.json {
                let text = run.name.name.as_str();
                let content =
                    json!({ "path": name, "run": text, "progress": "starting", "elapsed": 0 });
                let message = format!("  {text:?}... in progress");
                line(&message, "test_run", Some(name), Some(text), content);
            }
            let ran = self.run(file, at, &runs, &mut states).await?;
            cases.push(junit::Case {
                name: run.name.name.to_string(),
                time: Some((start, clock.elapsed().as_secs_f64())),
                end: self.end_of(run, &ran),
            });
            if ran.status == Status::Error {
                cause = format!(
                    "The run \"{}\" before could not be carried out.",
                    run.name.name
                );
            }
            self.counts.add(ran.status);
            self.run_line(name, run, ran.status);
            match ran.shown {
                None => {}
                Some(Shown::Text(text)) => ui::out(&format!("\n{text}\n")),
                Some(Shown::Json(kind, message, content)) => {
                    line(message, kind, Some(name), Some(&run.name.name), content);
                }
            }
            self.show(name, Some(run), &ran.diags);
            runs.insert(
                run.name.name.as_str().into(),
                engine::run_value(&ran.outputs),
            );
            worst = worst.max(ran.status);
        }
        self.file_line(name, "teardown", "tearing down", None);
        worst = worst.max(self.tear_down(name, file, states).await?);
        self.file_line(name, "complete", worst.word(), Some(worst));
        self.suites.push(junit::Suite {
            name: name.to_owned(),
            cases,
        });
        Ok(worst)
    }

    /// How a run ended, for `-junit-xml`.
    fn end_of(&self, run: &TestRun, ran: &Ran) -> junit::End {
        let errors: Diagnostics = ran
            .diags
            .iter()
            .filter(|it| it.is_error())
            .cloned()
            .collect();
        let text = view::diagnostic::text(&errors, &self.session.sources, view::Style::PLAIN);
        match ran.status {
            Status::Pass => junit::End::Passed,
            Status::Skip => junit::End::Skipped(String::new()),
            Status::Error => junit::End::Errored(text),
            Status::Fail => {
                let failed = errors
                    .iter()
                    .filter(|it| it.code.id == engine::code::TEST_ASSERTION.id);
                let messages: Vec<&str> = failed.map(|it| it.detail.trim()).collect();
                let message = format!(
                    "{} of {} assertions fail: {}",
                    messages.len(),
                    run.asserts.len(),
                    messages.join("; ")
                );
                junit::End::Failed(message, text)
            }
        }
    }

    /// Writes the file of `-junit-xml`, if one is asked for.
    fn write_junit(&self) -> Result<(), Reported> {
        let Some(path) = &self.args.junit_xml else {
            return Ok(());
        };
        let text = junit::document(&self.suites);
        std::fs::write(path, text).or_else(|error| {
            self.session.fail(
                Diagnostic::error(
                    &code::JUNIT,
                    format!(
                        "{}: {error}. Name a file in a directory that exists.",
                        path.display()
                    ),
                )
                .titled(format!(
                    "error saving JUnit XML to file \"{}\"",
                    path.display()
                )),
            )
        })
    }

    fn file_line(&self, name: &str, progress: &str, word: &str, status: Option<Status>) {
        if self.args.json {
            let mut content = json!({ "path": name, "progress": progress });
            if let Some(status) = status {
                content["status"] = status.name().into();
            }
            let message = format!("{name}... {word}");
            line(&message, "test_file", Some(name), None, content);
        } else {
            ui::out(&format!("{name}... {word}\n"));
        }
    }

    fn run_line(&self, file: &str, run: &TestRun, status: Status) {
        let text = run.name.name.as_str();
        let word = status.word();
        if self.args.json {
            let content = json!({ "path": file, "run": text, "progress": "complete", "status": status.name() });
            let message = format!("  {text:?}... {word}");
            line(&message, "test_run", Some(file), Some(text), content);
        } else {
            ui::out(&format!("  run {text:?}... {word}\n"));
        }
    }

    /// Diagnostics of a run, or of a file where there is none.
    fn show(&self, file: &str, run: Option<&TestRun>, diags: &Diagnostics) {
        if !self.args.json {
            self.session.show(diags);
            return;
        }
        let time = crate::world::now_micros();
        for mut it in view::json::events::diagnostics(diags, &self.session.sources, &time) {
            it["@testfile"] = file.into();
            if let Some(run) = run {
                it["@testrun"] = run.name.name.as_str().into();
            }
            ui::json_line(&it);
        }
    }

    fn summary(&self, worst: Status) {
        let counts = &self.counts;
        let failed = counts.failed + counts.errored;
        let skipped = if counts.skipped > 0 {
            format!(", {} skipped", counts.skipped)
        } else {
            String::new()
        };
        let style = self.session.style;
        let (plain, word) = if worst >= Status::Fail {
            ("Failure!", style.bold_red("Failure!"))
        } else {
            ("Success!", style.bold_green("Success!"))
        };
        let text = format!("{} passed, {failed} failed{skipped}.", counts.passed);
        if self.args.json {
            let content = json!({
                "status": worst.name(), "passed": counts.passed, "failed": counts.failed,
                "errored": counts.errored, "skipped": counts.skipped,
            });
            line(
                &format!("{plain} {text}"),
                "test_summary",
                None,
                None,
                content,
            );
            return;
        }
        let gap = if counts.passed + failed + counts.skipped > 0 {
            "\n"
        } else {
            ""
        };
        ui::out(&format!("{gap}{word} {text}\n"));
    }

    /// What an operation of a run needs.
    fn operation(
        &mut self,
        loaded: config::Loaded,
        variables: BTreeMap<Arc<str>, GivenVariable>,
    ) -> Operation {
        let parallelism = self.args.parallelism;
        let providers = self.providers.clone();
        let stop = self.stop.clone();
        Operation::sharing(
            providers,
            self.session,
            loaded,
            variables,
            parallelism,
            stop,
        )
    }

    /// The configuration that a run is of.
    fn module(&mut self, run: &TestRun, diags: &mut Diagnostics) -> Option<config::Loaded> {
        let Some((source, span)) = &run.module else {
            return Some(self.loaded.clone());
        };
        if !DiskFiles.is_directory(source) {
            diags.push(unreadable(source, *span));
            return None;
        }
        let res = config::load(&DiskFiles, source, &mut self.session.sources, diags);
        res.filter(|_| !diags.has_errors())
    }

    /// The values of variables for a run, and all names that expressions of the test file can use.
    #[allow(
        clippy::type_complexity,
        reason = "two maps by name: what the module is given, and what expressions see"
    )]
    fn variables(
        &self,
        config: &config::Config,
        file: &TestFile,
        run: &TestRun,
        runs: &BTreeMap<Arc<str>, Value>,
        later: &[String],
        diags: &mut Diagnostics,
    ) -> (BTreeMap<Arc<str>, GivenVariable>, BTreeMap<Arc<str>, Value>) {
        let world = crate::world::RealWorld {
            plan_time: Some(self.session.started_at.clone()),
            applying: true,
        };
        let declared = &config.root().variables;
        let all = if self.is_inside {
            &self.inside
        } else {
            &self.given
        };
        let mut given: BTreeMap<Arc<str>, GivenVariable> = all
            .iter()
            .filter(|(name, _)| declared.contains_key(&***name))
            .map(|(name, it)| (name.clone(), it.clone()))
            .collect();
        let mut names: BTreeMap<Arc<str>, Value> = all
            .iter()
            .map(|(name, it)| (name.clone(), it.value.clone()))
            .collect();
        for (is_own, block) in [(false, &file.variables), (true, &run.variables)] {
            let mut found = BTreeMap::new();
            for (name, (ident, expr)) in block {
                let scope = TestNames {
                    variables: &names,
                    runs,
                    later,
                };
                let value = engine::evaluate_in_test(expr, &world, &scope, diags);
                if declared.contains_key(name) {
                    let it = GivenVariable {
                        value: value.clone(),
                        span: Some(expr.span),
                        source: "a test file".to_owned(),
                    };
                    given.insert(name.clone(), it);
                } else if is_own {
                    let detail = format!(
                        "The run \"{}\" sets a variable \"{name}\", which the module under test does not declare.",
                        run.name.name
                    );
                    diags.push(
                        Diagnostic::warning(&code::UNDECLARED, detail).at(ident.span.to(expr.span)),
                    );
                }
                found.insert(name.clone(), value);
            }
            names.extend(found);
        }
        (given, names)
    }

    /// Carries out a run.
    async fn run(
        &mut self,
        file: &TestFile,
        at: usize,
        runs: &BTreeMap<Arc<str>, Value>,
        states: &mut BTreeMap<String, Shared>,
    ) -> Result<Ran, Reported> {
        let run = &file.runs[at];
        let mut diags = Diagnostics::new();
        let Some(loaded) = self.module(run, &mut diags) else {
            return Ok(Ran::error(diags));
        };
        let later: Vec<String> = file.runs[at..]
            .iter()
            .map(|it| it.name.name.to_string())
            .collect();
        let (variables, names) =
            self.variables(&loaded.config, file, run, runs, &later, &mut diags);
        if diags.has_errors() {
            return Ok(Ran::error(diags));
        }
        let names = TestNames {
            variables: &names,
            runs,
            later: &later,
        };
        let key = state_key(run);
        let used = states.values().map(|it| it.used + 1).max().unwrap_or(0);
        let shared = states.entry(key).or_insert_with(|| Shared {
            state: State::default(),
            run: at,
            variables: BTreeMap::new(),
            used,
            names: BTreeMap::new(),
            runs: BTreeMap::new(),
        });
        shared.run = at;
        shared.used = used;
        shared.variables.clone_from(&variables);
        shared.names.clone_from(names.variables);
        shared.runs.clone_from(runs);
        let operation = self.operation(loaded, variables);
        let progress = Progress::silent();
        let world = &operation.planning;
        let Arranged { config, registry } = arrange(
            operation.config(),
            file,
            run,
            &*operation.providers,
            &mut |expr| engine::evaluate_in_test(expr, world, &names, &mut diags),
        );
        if diags.has_errors() {
            return Ok(Ran::error(diags));
        }
        let common = |applying| engine::Common {
            config: &config,
            ..operation.common_with(&registry, self.session, &progress, applying)
        };
        let force_replace: Vec<addr::Instance> = run
            .options
            .replace
            .iter()
            .filter_map(|(it, _)| match it {
                Target::Instance(it) => Some(it.clone()),
                Target::Resource(it) => Some(it.instance(addr::Key::None)),
                Target::Module(_) => None,
            })
            .collect();
        let mut expected = Expected::of(run, &mut diags);
        let inputs = PlanInputs {
            common: common(false),
            prior: &shared.state,
            mode: if run.options.is_refresh_only {
                Mode::RefreshOnly
            } else {
                Mode::Normal
            },
            refresh: run.options.refresh,
            targets: &run.options.targets,
            excludes: &[],
            force_replace: &force_replace,
        };
        let (plan, found) = engine::plan(&inputs).await;
        if self.is_stopped() {
            return Ok(Ran::error(interrupted(run).into()));
        }
        let stopped = expected.stops(&found);
        let mut first = Diagnostics::new();
        for it in found {
            // What a check says while planning it says again after the apply.
            let is_repeated = !run.is_plan && it.checked.is_some() && !it.is_error();
            if !is_repeated {
                first.push(it);
            }
        }
        if let (Some(object), false) = (&stopped, run.is_plan) {
            let detail = format!(
                "A condition of {object} failed while planning, so that nothing was applied. The failure was expected, and yet the run was to apply: set command = plan if the plan is what is tested. The failure itself is reported too."
            );
            diags.push(Diagnostic::warning(&code::FAILED_EARLY, detail));
            diags.append(first);
            return Ok(Ran::error(diags));
        }
        let is_failed = expected.filter(first, &mut diags);
        let (Some(plan), false) = (plan, is_failed) else {
            let mut status = Status::Error;
            if !is_failed && stopped.is_some() {
                expected.missing(&mut diags);
                status = if diags.has_errors() {
                    Status::Error
                } else {
                    Status::Pass
                };
            }
            return Ok(Ran {
                status,
                ..Ran::error(diags)
            });
        };
        let mut state = (*plan.refreshed).clone();
        if !run.is_plan {
            let (made, found) = apply_in_memory(common(true), &plan, &shared.state).await;
            state = made;
            shared.state = state.clone();
            if self.is_stopped() {
                diags.append(found);
                diags.push(interrupted(run));
                return Ok(Ran::error(diags));
            }
            if expected.filter(found, &mut diags) {
                return Ok(Ran::error(diags));
            }
        }
        expected.missing(&mut diags);
        let (results, outputs, found) = engine::assess(&AssessInputs {
            common: common(!run.is_plan),
            state: &state,
            plan: run.is_plan.then_some(&plan),
            names,
            asserts: &run.asserts,
        });
        diags.append(found);
        let fails = results.contains(&Assertion::Fails);
        let is_broken = results.contains(&Assertion::Broken) || expected.has_missed;
        let shown = self.args.verbose.then(|| {
            let schemas = operation.providers.schemas(operation.config());
            if run.is_plan {
                let plan = registry.unmasked_plan(&plan);
                self.shown_plan(&plan, &config, &schemas)
            } else {
                self.shown_state(&registry.unmasked(&state), &schemas)
            }
        });
        Ok(Ran {
            status: if is_broken {
                Status::Error
            } else if fails {
                Status::Fail
            } else {
                Status::Pass
            },
            diags,
            outputs,
            shown,
        })
    }

    fn shown_plan(
        &self,
        plan: &Plan,
        config: &config::Config,
        schemas: &provider::schema::Schemas,
    ) -> Shown {
        if !self.args.json {
            let text = view::plan::plan(plan, schemas, self.session.style);
            return Shown::Text(text.trim_matches('\n').to_owned() + "\n");
        }
        let document = view::json::plan::document(plan, config, schemas);
        let mut content = json!({ "plan_format_version": document["format_version"] });
        for name in [
            "output_changes",
            "resource_changes",
            "resource_drift",
            "relevant_attributes",
        ] {
            if let Some(it) = document.get(name) {
                content[name] = it.clone();
            }
        }
        let addresses = plan.changes.iter().map(|it| &it.provider.provider);
        with_schemas(&mut content, addresses, schemas);
        Shown::Json("test_plan", "-verbose flag enabled, printing plan", content)
    }

    fn shown_state(&self, state: &State, schemas: &provider::schema::Schemas) -> Shown {
        if !self.args.json {
            let text = view::state::state(state, schemas, self.session.style);
            return Shown::Text(text.trim_matches('\n').to_owned() + "\n");
        }
        let snapshot = Snapshot {
            state: state.clone(),
            ..Snapshot::default()
        };
        let document = view::json::state::document(Some(&snapshot), schemas);
        let mut content = json!({ "state_format_version": document["format_version"] });
        for name in ["root_module", "outputs"] {
            if let Some(it) = document["values"].get(name) {
                content[name] = it.clone();
            }
        }
        let addresses = state.resources.values().map(|it| &it.provider.provider);
        with_schemas(&mut content, addresses, schemas);
        Shown::Json(
            "test_state",
            "-verbose flag enabled, printing state",
            content,
        )
    }

    /// Destroys what the runs of a file made, the last first.
    async fn tear_down(
        &mut self,
        name: &str,
        file: &TestFile,
        states: BTreeMap<String, Shared>,
    ) -> Result<Status, Reported> {
        let mut worst = Status::Pass;
        let mut order: Vec<(String, Shared)> = states
            .into_iter()
            .filter(|(_, it)| !it.state.resources.is_empty())
            .collect();
        order.sort_by_key(|(_, it)| std::cmp::Reverse(it.used));
        for (_, shared) in order {
            let run = &file.runs[shared.run];
            if self.args.json {
                let text = run.name.name.as_str();
                let content =
                    json!({ "path": name, "run": text, "progress": "teardown", "elapsed": 0 });
                let message = format!("  {text:?}... tearing down");
                line(&message, "test_run", Some(name), Some(text), content);
            }
            let (left, mut diags) = self.destroy(file, run, shared).await?;
            let addresses: BTreeSet<String> = left
                .instances()
                .filter(|(addr, ..)| addr.resource.mode == addr::Mode::Managed)
                .map(|(addr, ..)| addr.to_string())
                .collect();
            if !addresses.is_empty() {
                let list: String = addresses.iter().map(|it| format!("\n  - {it}")).collect();
                let kept = keep(left);
                diags.push(Diagnostic::error(
                    &code::LEFT,
                    format!("These objects are left after the run \"{}\", and have to be destroyed by hand:{list}\n\n{kept}", run.name.name),
                ));
            }
            if diags.has_errors() {
                worst = Status::Error;
            }
            self.show(name, Some(run), &diags);
        }
        Ok(worst)
    }

    async fn destroy(
        &mut self,
        file: &TestFile,
        run: &TestRun,
        shared: Shared,
    ) -> Result<(State, Diagnostics), Reported> {
        let mut diags = Diagnostics::new();
        let Some(loaded) = self.module(run, &mut diags) else {
            return Ok((shared.state, diags));
        };
        let mut operation = self.operation(loaded, shared.variables);
        // What was made is destroyed whoever asked to stop; who asks once more ends the process.
        operation.stop = Arc::new(AtomicBool::new(false));
        let progress = Progress::silent();
        let names = TestNames {
            variables: &shared.names,
            runs: &shared.runs,
            later: &[],
        };
        let world = &operation.planning;
        let Arranged { config, registry } = arrange(
            operation.config(),
            file,
            run,
            &*operation.providers,
            &mut |expr| engine::evaluate_in_test(expr, world, &names, &mut Diagnostics::new()),
        );
        let common = |applying| engine::Common {
            config: &config,
            ..operation.common_with(&registry, self.session, &progress, applying)
        };
        let inputs = PlanInputs {
            common: common(false),
            prior: &shared.state,
            mode: Mode::Destroy,
            refresh: true,
            targets: &[],
            excludes: &[],
            force_replace: &[],
        };
        let (plan, found) = engine::plan(&inputs).await;
        // Warnings of a destruction are nobody's concern: the runs have said them.
        diags.extend(found.into_iter().filter(Diagnostic::is_error));
        let Some(plan) = plan.filter(|_| !diags.has_errors()) else {
            return Ok((registry.unmasked(&shared.state), diags));
        };
        let (left, found) = apply_in_memory(common(true), &plan, &shared.state).await;
        diags.extend(found.into_iter().filter(Diagnostic::is_error));
        Ok((registry.unmasked(&left), diags))
    }
}

/// What is said of a run that was ended early.
fn interrupted(run: &TestRun) -> Diagnostic {
    Diagnostic::error(
        &code::INTERRUPTED,
        format!(
            "The run \"{}\" was ended early, and those after it are skipped. What the tests made is destroyed; interrupt again to leave it.",
            run.name.name
        ),
    )
}

/// The directories that runs name, with what is wrong with them: key, source, directory.
pub(crate) fn run_modules(
    session: &mut Session,
    files: &[(String, TestFile)],
    diags: &mut Diagnostics,
) -> Vec<(String, config::Loaded)> {
    let mut res = Vec::new();
    for (name, file) in files {
        let stem = name
            .trim_end_matches(".hcl")
            .trim_end_matches(".json")
            .trim_end_matches(".tftest")
            .replace('/', ".");
        for run in &file.runs {
            let Some((source, span)) = &run.module else {
                continue;
            };
            if !DiskFiles.is_directory(source) {
                diags.push(unreadable(source, *span));
                continue;
            }
            let loaded = config::load(&DiskFiles, source, &mut session.sources, diags);
            if let Some(loaded) = loaded {
                res.push((format!("test.{stem}.{}", run.name.name), loaded));
            }
        }
    }
    res
}

fn unreadable(source: &str, span: diag::Span) -> Diagnostic {
    Diagnostic::error(
        &code::MODULE,
        format!("There is no directory \"{source}\". The path is relative to the directory of the configuration."),
    )
    .at(span)
}

/// Applies a plan over a state in memory; gives the state after it.
async fn apply_in_memory(
    common: engine::Common<'_>,
    plan: &Plan,
    state: &State,
) -> (State, Diagnostics) {
    let inputs = ApplyInputs {
        common,
        plan,
        base: Snapshot {
            lineage: "test".to_owned(),
            state: state.clone(),
            ..Snapshot::default()
        },
    };
    let (applied, diags) = engine::apply(&inputs, &mut MemoryStore::new(None)).await;
    (applied.snapshot.state, diags)
}

/// Keeps what could not be destroyed where it can be found again.
fn keep(state: State) -> String {
    let path = std::path::Path::new("errored_test.tfstate");
    let snapshot = Snapshot {
        lineage: crate::world::uuid(),
        serial: 1,
        terraform_version: crate::load::TERRAFORM_VERSION.to_owned(),
        state,
    };
    match backend::write_whole(path, &state::file::write(&snapshot)) {
        Ok(()) => format!(
            "Their state is in {}: \"dokplan state list -state={0}\" shows it.",
            path.display()
        ),
        Err(error) => format!("Their state could not be kept: {error}."),
    }
}

/// Adds the schemas of the providers that a document names, so that its readers need nothing else.
fn with_schemas<'p>(
    content: &mut Json,
    addresses: impl Iterator<Item = &'p addr::Provider>,
    schemas: &provider::schema::Schemas,
) {
    let addresses: BTreeSet<_> = addresses.collect();
    let own = addresses
        .into_iter()
        .filter_map(|it| Some((it.clone(), schemas.0.get(it)?.clone())));
    let document = view::json::schema::document(&provider::schema::Schemas(own.collect()));
    content["provider_format_version"] = document["format_version"].clone();
    content["provider_schemas"] = document["provider_schemas"].clone();
}

/// Which state a run works on.
fn state_key(run: &TestRun) -> String {
    match (&run.state_key, &run.module) {
        (Some(key), _) => format!("key {key}"),
        (None, Some((source, _))) => format!("module {source}"),
        (None, None) => String::new(),
    }
}

/// The failures that a run expects.
struct Expected {
    objects: BTreeMap<String, diag::Span>,
    seen: BTreeSet<String>,
    has_missed: bool,
}

impl Expected {
    fn of(run: &TestRun, diags: &mut Diagnostics) -> Expected {
        let mut objects = BTreeMap::new();
        for (traversal, span) in &run.expect_failures {
            if let Some(it) = addr::parse::reference(traversal, diags) {
                let subject = match it.subject {
                    addr::Subject::ResourceInstance(it, _) => it.to_string(),
                    it => it.to_string(),
                };
                objects.insert(subject, *span);
            }
        }
        Expected {
            objects,
            seen: BTreeSet::new(),
            has_missed: false,
        }
    }

    /// The expected failure that stopped a plan, if one did.
    fn stops(&self, found: &Diagnostics) -> Option<String> {
        let is_it = |it: &&Diagnostic| {
            let object = it.checked.as_ref();
            it.is_error() && object.is_some_and(|it| self.objects.contains_key(it))
        };
        found.iter().find(is_it).and_then(|it| it.checked.clone())
    }

    /// Passes on what was not expected; a check that fails is an error here. Gives whether there was one.
    fn filter(&mut self, found: Diagnostics, diags: &mut Diagnostics) -> bool {
        let mut is_failed = false;
        for mut it in found {
            if let Some(object) = &it.checked {
                if self.objects.contains_key(object) {
                    self.seen.insert(object.clone());
                    continue;
                }
                it.severity = Severity::Error;
            }
            is_failed |= it.is_error();
            diags.push(it);
        }
        is_failed
    }

    /// Reports what was expected and did not happen.
    fn missing(&mut self, diags: &mut Diagnostics) {
        for (object, span) in &self.objects {
            if !self.seen.contains(object) {
                self.has_missed = true;
                let detail = format!("A condition of {object} was expected to fail, and none did.");
                diags.push(Diagnostic::error(&code::MISSING_FAILURE, detail).at(*span));
            }
        }
    }
}
