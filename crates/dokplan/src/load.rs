//! Configuration and state, as commands load them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use diag::{Code, Diagnostic, Diagnostics};
use engine::Fate;
use state::journal::Folded;
use state::{LockInfo, Snapshot, StateStore, StoreError};

use crate::args::StateArgs;
use crate::exit::Reported;
use crate::files::DiskFiles;
use crate::session::Session;

/// The codes of this module.
pub(crate) mod code {
    use diag::Code;

    /// See [`Code`].
    pub(crate) const NO_CONFIGURATION: Code = Code::new(
        "no-configuration-files",
        "No configuration files",
        "The directory holds no `.tf` or `.tf.json` file. Change to the directory of the configuration, or name it with `-chdir`.",
    );
    /// See [`Code`].
    pub(crate) const LOCKED: Code = Code::new(
        "state-locked",
        "Error acquiring the state lock",
        "Somebody else works with the state. Wait for them (`-lock-timeout=2m` waits for you), or, if their process is dead, `force-unlock` with the id of the lock.",
    );
    /// See [`Code`].
    pub(crate) const UNREADABLE_STATE: Code = Code::new(
        "unreadable-state",
        "Error loading state",
        "The state file is damaged, written by a newer version, or cannot be read. Nothing was changed; the message names the way back.",
    );
    /// See [`Code`].
    pub(crate) const SEALED_STATE: Code = Code::new(
        "encrypted-state",
        "State encryption failed",
        "The state is encrypted and the configuration has no key that fits, or it is in clear where the configuration asks for encryption. Nothing was changed.",
    );
    /// See [`Code`].
    pub(crate) const RESTRICTED: Code = Code::new(
        "restricted",
        "Not allowed with -restricted",
        "The configuration asks for something that `-restricted` keeps from configuration that nobody has read yet.",
    );
    /// See [`Code`].
    pub(crate) const STATE_FORMAT: Code = Code::new(
        "unsupported-state-format",
        "Unsupported state file format",
        "The state file is no JSON, is cut off, or is of a version that dokplan does not read. It was left as it is; a backup lies beside it if there is one.",
    );
    /// See [`Code`].
    pub(crate) const UNWRITABLE_STATE: Code = Code::new(
        "unwritable-state",
        "Error saving state",
        "The state file cannot be written. The old one is intact, and what was done is in the journal beside it, which the next command reads.",
    );
    /// See [`Code`].
    pub(crate) const INVALID_DURATION: Code = Code::new(
        "invalid-duration",
        "Invalid duration",
        "A duration is a number with a unit: 500ms, 10s, 2m, 1h.",
    );
}

/// Whether the root module has a file of configuration: more is read besides, such as the list of modules.
pub(crate) fn has_configuration(loaded: &config::Loaded) -> bool {
    let ends = [".tf", ".tf.json", ".tofu", ".tofu.json"];
    loaded
        .files
        .iter()
        .any(|(it, _)| !it.contains('/') && ends.iter().any(|end| it.ends_with(end)))
}

impl Session {
    /// Reads the configuration of the working directory and what its declarations must say soundly. `None` where there
    /// is nothing to work with.
    pub(crate) fn read_config(&mut self) -> (Option<config::Loaded>, Diagnostics) {
        let mut diags = Diagnostics::new();
        let loaded = config::load(&DiskFiles, ".", &mut self.sources, &mut diags);
        if let Some(loaded) = &loaded {
            let world = crate::world::RealWorld {
                plan_time: None,
                applying: false,
            };
            engine::declarations(&loaded.config, &world, &mut diags);
        }
        (loaded, diags.sorted(&self.sources))
    }

    /// Reads the configuration of the working directory; reports every mistake in it.
    pub(crate) fn load_config(&mut self) -> Result<config::Loaded, Reported> {
        let (loaded, diags) = self.read_config();
        match loaded {
            Some(loaded) if !diags.has_errors() => {
                self.pending.append(diags);
                Ok(loaded)
            }
            _ => {
                self.show(&diags);
                Err(Reported)
            }
        }
    }

    /// The same, and an error where there is no file at all.
    pub(crate) fn require_config(&mut self) -> Result<config::Loaded, Reported> {
        let loaded = self.load_config()?;
        if !has_configuration(&loaded) {
            return self.fail(Diagnostic::error(
                &code::NO_CONFIGURATION,
                "There is no .tf or .tf.json file here, so there is nothing to work with. Change to the directory of the configuration, or name that directory with the option -chdir=DIR.",
            ));
        }
        Ok(loaded)
    }

    /// Opens the state that the configuration's backend and the arguments name.
    pub(crate) fn open_state(
        &mut self,
        config: Option<&config::Config>,
        args: Option<&StateArgs>,
    ) -> Result<backend::LocalStore, Reported> {
        let local = crate::backends::current(self, config)?;
        self.seals(config)?;
        let store = self.open_local(&local, args);
        // What the command line names is the user's choice; what a configuration or a working directory says is not.
        if args.is_none_or(|it| it.state.is_none() && it.state_out.is_none())
            && let Some(reason) = crate::restricted::refusal(store.path())
        {
            return self.fail(Diagnostic::error(
                &code::RESTRICTED,
                format!("The state cannot be used: {reason}."),
            ));
        }
        if !store.is_sealed() && holds_secrets(store.path()) {
            self.warn_if_readable(store.path(), "this state");
        }
        Ok(store)
    }

    /// Opens the state of the working directory, for commands that only work on it. A configuration with mistakes must not
    /// hide the state: only its backend block matters here.
    pub(crate) fn open_current(
        &mut self,
        args: Option<&StateArgs>,
    ) -> Result<backend::LocalStore, Reported> {
        let loaded = self.config_with_mistakes();
        self.open_state(loaded.as_ref().map(|it| &it.config), args)
    }

    /// The configuration of the working directory as far as it can be read; mistakes are not reported.
    pub(crate) fn config_with_mistakes(&mut self) -> Option<config::Loaded> {
        let mut diags = Diagnostics::new();
        config::load(&DiskFiles, ".", &mut self.sources, &mut diags)
    }

    /// Opens a state of the local backend; its encryption must be known ([`Session::seals`]).
    pub(crate) fn open_local(
        &self,
        local: &crate::backends::Local,
        args: Option<&StateArgs>,
    ) -> backend::LocalStore {
        backend::LocalStore::open(&backend::Options {
            path: args
                .and_then(|it| it.state.clone())
                .or(local.path.clone().map(PathBuf::from)),
            out: args.and_then(|it| it.state_out.clone()),
            backup: args.and_then(|it| it.backup.clone()),
            workspace: self.workspace(),
            workspace_dir: local.workspace_dir.clone().map(PathBuf::from),
            seal: self.state_seal(),
            disk: std::sync::Arc::new(backend::disk::RealDisk),
        })
    }

    fn state_seal(&self) -> std::sync::Arc<backend::seal::Seal> {
        let seals = self.sealed.as_ref();
        seals.map(|it| it.state.clone()).unwrap_or_default()
    }

    /// Opens a state file by its path.
    pub(crate) fn open_state_file(&mut self, path: &Path) -> Result<backend::LocalStore, Reported> {
        if self.sealed.is_none() {
            let loaded = self.config_with_mistakes();
            self.seals(loaded.as_ref().map(|it| &it.config))?;
        }
        Ok(backend::LocalStore::open(&backend::Options {
            path: Some(path.to_owned()),
            out: None,
            backup: None,
            workspace: "default".to_owned(),
            workspace_dir: None,
            seal: self.state_seal(),
            disk: std::sync::Arc::new(backend::disk::RealDisk),
        }))
    }

    /// An error for a state that is there and cannot be understood: `init` says so, and not the first plan.
    pub(crate) fn check_state(&mut self, config: &config::Config) -> Result<(), Reported> {
        let mut store = self.open_state(Some(config), None)?;
        if let Err(StoreError::Damaged {
            error,
            path,
            backup,
            version,
        }) = store.read()
        {
            let way = way_back(&path, backup.as_deref(), version);
            return self.fail(
                Diagnostic::error(
                    &code::STATE_FORMAT,
                    format!("{path} was left as it is. {way}"),
                )
                .titled(format!("Error refreshing state: {}", problem_list(&error))),
            );
        }
        Ok(())
    }

    /// The same for commands whose errors have no title.
    pub(crate) fn plain_state(&mut self, file: Option<&Path>) -> Result<Snapshot, Reported> {
        let mut store = match file {
            Some(path) => self.open_state_file(path)?,
            None => self.open_current(None)?,
        };
        if let Err(StoreError::Damaged {
            error,
            path,
            backup,
            version,
        }) = store.read()
        {
            let way = way_back(&path, backup.as_deref(), version);
            let problems = problem_list(&error);
            return crate::ui::refuse(&format!("Failed to load state: {problems}\n\n{way}\n"));
        }
        self.read_state(&mut store)
    }

    /// The state of a file, or of the working directory's backend; nothing is locked.
    pub(crate) fn current_state(&mut self, file: Option<&Path>) -> Result<Snapshot, Reported> {
        let mut store = match file {
            Some(path) => self.open_state_file(path)?,
            None => self.open_current(None)?,
        };
        self.read_state(&mut store)
    }

    /// Takes the lock, waiting as long as the arguments say.
    pub(crate) async fn lock(
        &self,
        store: &mut backend::LocalStore,
        args: &StateArgs,
        operation: &str,
    ) -> Result<(), Reported> {
        if !args.lock {
            return Ok(());
        }
        let Some(timeout) = duration(&args.lock_timeout) else {
            return self.fail(Diagnostic::error(
                &code::INVALID_DURATION,
                format!("-lock-timeout={} is not a duration. Write a number with a unit: 500ms, 10s, 2m.", args.lock_timeout),
            ));
        };
        let info = LockInfo {
            id: crate::world::uuid(),
            operation: operation.to_owned(),
            info: String::new(),
            who: crate::world::who(self),
            version: TERRAFORM_VERSION.to_owned(),
            created: crate::world::now_nanos(),
            path: store.path().to_string_lossy().into_owned(),
        };
        let deadline = tokio::time::Instant::now() + timeout;
        loop {
            match store.lock(&info) {
                Ok(()) => {
                    self.locked.set(true);
                    if let Some(dead) = store.left_by() {
                        crate::ui::err(&taken_over(dead));
                    }
                    return Ok(());
                }
                Err(StoreError::Locked(_)) if tokio::time::Instant::now() < deadline => {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                Err(error) => return self.fail(store_error(&error, &code::LOCKED)),
            }
        }
    }

    /// What the store holds, with the records of a run that did not end folded in.
    pub(crate) fn read_state(&self, store: &mut dyn StateStore) -> Result<Snapshot, Reported> {
        let folded = self.read_folded(store)?;
        if !folded.open.is_empty() && !self.is_running(store) {
            crate::ui::err(&format!(
                "{} changes were under way then. What became of them is looked for by the next plan or apply.\n",
                folded.open.len()
            ));
        }
        Ok(folded.snapshot)
    }

    /// The same, with what was under way when that run ended. Says that there was one.
    pub(crate) fn read_folded(&self, store: &mut dyn StateStore) -> Result<Folded, Reported> {
        let snapshot = match store.read() {
            Ok(snapshot) => snapshot.unwrap_or_default(),
            Err(error) => {
                self.show(&unreadable(&error, self.locked.get()));
                return Err(Reported);
            }
        };
        let records = match store.journal() {
            Ok(records) => records,
            Err(error) => return self.fail(store_error(&error, &code::UNREADABLE_STATE)),
        };
        let folded = match state::journal::fold(snapshot, &records) {
            Ok(folded) => folded,
            Err(reason) => {
                return self.fail(Diagnostic::error(
                    &code::UNREADABLE_STATE,
                    format!(
                        "The journal beside the state cannot be read: {reason}. It was left in place."
                    ),
                ));
            }
        };
        let has_some = folded.n_finished > 0 || !folded.open.is_empty();
        if has_some && !self.is_running(store) {
            crate::ui::err(&format!(
                "An earlier run did not end: {} finished operations are taken over from its journal.\n",
                folded.n_finished
            ));
        }
        Ok(folded)
    }

    /// Whether the journal is that of another process right now, and so of no run that did not end.
    fn is_running(&self, store: &dyn StateStore) -> bool {
        !self.locked.get() && store.is_busy()
    }

    /// The same for what plans: what was under way is looked for. Where `keeps`, what was found is kept in the journal,
    /// so that nothing is looked for twice.
    pub(crate) async fn recovered(
        &self,
        store: &mut dyn StateStore,
        operation: &crate::operation::Operation,
        keeps: bool,
    ) -> Result<Snapshot, Reported> {
        let folded = self.read_folded(store)?;
        if folded.open.is_empty() || self.is_running(store) {
            return Ok(folded.snapshot);
        }
        let silent = crate::ui::Progress::silent();
        let (recovery, diags) = engine::recover(
            &operation.common(self, &silent, false),
            &folded.snapshot.state,
            &folded.open,
            &crate::world::now_nanos(),
        )
        .await;
        for (intent, fate) in &recovery.fates {
            let addr = view::style::safe(&intent.addr.to_string()).into_owned();
            let what = match fate {
                Fate::Made(id) => format!(
                    "was made (id {}), and is remembered now",
                    view::style::safe(id)
                ),
                Fate::NotMade => "was about to be made, and was not".to_owned(),
                Fate::ReadAgain => {
                    "was being changed or destroyed; the plan tells what it is now".to_owned()
                }
            };
            crate::ui::err(&format!("  {addr} {what}.\n"));
        }
        let records: Vec<Vec<u8>> = recovery
            .entries
            .iter()
            .map(state::journal::encode)
            .collect();
        if keeps && let Err(error) = store.append_all(&records) {
            return self.fail(store_error(&error, &code::UNWRITABLE_STATE));
        }
        if diags.has_errors() {
            self.show(&diags);
            return Err(Reported);
        }
        match state::journal::fold(folded.snapshot, &records) {
            Ok(folded) => Ok(folded.snapshot),
            Err(reason) => self.fail(Diagnostic::error(&code::UNREADABLE_STATE, reason)),
        }
    }

    /// Whether an earlier run left a journal that no written state holds yet.
    pub(crate) fn has_journal(&self, store: &mut dyn StateStore) -> Result<bool, Reported> {
        match store.journal() {
            Ok(records) => Ok(!records.is_empty()),
            Err(error) => self.fail(store_error(&error, &code::UNREADABLE_STATE)),
        }
    }

    /// Writes a state, with a new serial if it differs from what was there.
    pub(crate) fn write_state(
        &self,
        store: &mut dyn StateStore,
        before: &Snapshot,
        after: state::State,
    ) -> Result<Snapshot, Reported> {
        let snapshot = next_snapshot(before, after);
        match store.write(&snapshot) {
            Ok(()) => Ok(snapshot),
            Err(error) => self.fail(store_error(&error, &code::UNWRITABLE_STATE)),
        }
    }
}

/// Whether a state in clear that others can read may hold secrets: something in it is marked sensitive, or belongs to a
/// provider of something real. Terraform writes states for everybody to read, and one without secrets is not worth a
/// warning in every run. A private file is not looked into.
fn holds_secrets(path: &Path) -> bool {
    if !crate::session::is_readable_by_others(path) {
        return false;
    }
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let Ok(state) = serde_json::from_str::<serde_json::Value>(&text) else {
        return false;
    };
    let outputs = state["outputs"].as_object().into_iter().flatten();
    let mut resources = state["resources"].as_array().into_iter().flatten();
    outputs.map(|(_, it)| it).any(|it| it["sensitive"] == true)
        || resources.any(|resource| {
            let provider = resource["provider"].as_str().unwrap_or_default();
            let mut instances = resource["instances"].as_array().into_iter().flatten();
            !provider.contains("terraform.io/builtin/terraform")
                || instances.any(|it| {
                    let marked = it["sensitive_attributes"].as_array();
                    marked.is_some_and(|it| !it.is_empty())
                })
        })
}

/// What is said about a lock whose holder is gone: a local lock ends with its process, the note of it does not.
fn taken_over(dead: &LockInfo) -> String {
    let said = |text: &str| match view::style::safe(text) {
        it if it.is_empty() => "?".to_owned(),
        it => it.into_owned(),
    };
    format!(
        "The lock that {} took at {} ({}) is taken over: its process is gone.\n",
        said(&dead.who),
        said(&dead.created),
        said(&dead.operation),
    )
}

/// The version of Terraform whose formats and language dokplan follows.
pub(crate) const TERRAFORM_VERSION: &str = "1.11.4";

/// The next version of a state.
pub(crate) fn next_snapshot(before: &Snapshot, after: state::State) -> Snapshot {
    let is_new = before.lineage.is_empty();
    let lineage = if is_new {
        crate::world::uuid()
    } else {
        before.lineage.clone()
    };
    let serial = if after == before.state && !is_new {
        before.serial
    } else {
        before.serial + 1
    };
    Snapshot {
        lineage,
        serial,
        terraform_version: TERRAFORM_VERSION.to_owned(),
        state: after,
    }
}

/// What is wrong with a state file, one item a line as scripts know them.
pub(crate) fn problems(error: &state::file::FileError) -> Vec<String> {
    use state::file::FileErrorKind;
    match error.kind {
        FileErrorKind::Torn(offset) => vec![
            format!("The state file could not be parsed as JSON: syntax error at byte offset {offset}."),
            "The state file does not have a \"version\" attribute, which is required to identify the format version.".to_owned(),
        ],
        FileErrorKind::Empty | FileErrorKind::Invalid | FileErrorKind::Newer => Vec::new(),
    }
}

/// The same as a list below a sentence, or the one reason behind it.
pub(crate) fn problem_list(error: &state::file::FileError) -> String {
    let found = problems(error);
    if found.is_empty() {
        return error.reason.clone();
    }
    let lines: Vec<String> = found
        .iter()
        .map(|it| format!("- {}: {it}", code::STATE_FORMAT.title))
        .collect();
    format!("{} problems:\n\n{}", found.len(), lines.join("\n"))
}

/// What went wrong when a state was read, for people.
fn unreadable(error: &StoreError, locked: bool) -> Diagnostics {
    let StoreError::Damaged {
        error,
        path,
        backup,
        version,
    } = error
    else {
        return store_error(error, &code::UNREADABLE_STATE).into();
    };
    let way = way_back(path, backup.as_deref(), *version);
    if locked {
        return Diagnostic::error(
            &code::LOCKED,
            format!(
                "The state cannot be read: {}\n\n{path} was left as it is, and nothing was done. {way}",
                problem_list(error)
            ),
        )
        .into();
    }
    let mut found = problems(error);
    if found.is_empty() {
        found.push(error.reason.clone());
    }
    found
        .into_iter()
        .map(|it| Diagnostic::error(&code::STATE_FORMAT, format!("{path}: {it} {way}")))
        .collect()
}

fn way_back(path: &str, backup: Option<&str>, version: Option<u64>) -> String {
    match (version, backup) {
        (Some(it), _) => format!(
            "The newest whole version is number {it} of its history: \"dokplan state history\" shows it, \"dokplan state undo\" puts it back."
        ),
        (None, Some(it)) => format!(
            "The version before is in {it}: if it is the right one, copy it over {path} and run the command again."
        ),
        (None, None) => {
            "There is no whole backup beside it. If you have one elsewhere, put it there."
                .to_owned()
        }
    }
}

/// What went wrong with a store, for people.
pub(crate) fn store_error(error: &StoreError, code: &'static Code) -> Diagnostic {
    match error {
        StoreError::Locked(info) => Diagnostic::error(
            &code::LOCKED,
            format!(
                "Error message: resource temporarily unavailable\n\nThe state is locked by somebody else, so it could change while this runs. Wait for them (-lock-timeout=2m waits for you); if their process is dead, release the lock with force-unlock and its id.\n\nLock Info:\n  ID:        {}\n  Path:      {}\n  Operation: {}\n  Who:       {}\n  Version:   {}\n  Created:   {}\n  Info:      {}\n",
                info.id, info.path, info.operation, info.who, info.version, info.created, info.info
            ),
        ),
        StoreError::Damaged {
            error,
            path,
            backup,
            version,
        } => {
            let way = way_back(path, backup.as_deref(), *version);
            Diagnostic::error(
                &code::UNREADABLE_STATE,
                format!(
                    "{path}: {} It was left as it is, and nothing was done. {way}",
                    error.reason
                ),
            )
        }
        StoreError::Sealed { path, reason } => {
            Diagnostic::error(&code::SEALED_STATE, format!("{path}: {reason}."))
        }
        StoreError::Io { doing, reason } => Diagnostic::error(
            code,
            format!("Could not {doing}: {reason}. What was there before is unchanged."),
        ),
        StoreError::Conflict(reason) => Diagnostic::error(code, reason.clone()),
    }
}

/// `500ms`, `10s`, `1h30m` as a duration.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let mut total = 0.0;
    let mut rest = text.trim();
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    while !rest.is_empty() {
        let number: String = rest
            .chars()
            .take_while(|c| c.is_ascii_digit() || *c == '.')
            .collect();
        let value: f64 = number.parse().ok()?;
        rest = &rest[number.len()..];
        let unit: String = rest.chars().take_while(|c| c.is_alphabetic()).collect();
        rest = &rest[unit.len()..];
        total += value
            * match unit.as_str() {
                "ms" => 0.001,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                _ => return None,
            };
    }
    (total.is_finite() && total < 1e9 && !text.trim().is_empty())
        .then(|| Duration::from_secs_f64(total))
}
