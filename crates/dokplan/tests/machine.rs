//! A machine that can lose its power: the engine, a store on a disk of which every call is counted, and a Dokploy behind
//! a transport of which every exchange is counted.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use backend::disk::{Disk, DiskFile, Opening, RealDisk, Stat};
use backend::{LocalStore, Options};
use config::MapFiles;
use dokploy::transport::{Request, Response, Sending, Transport, TransportError};
use dokploy_sim::{Lost, Settings, Sim, Version};
use engine::{ApplyInputs, Common, NoProvisioners, PlanInputs};
use plan::Mode;
use provider::Provider;
use state::{Snapshot, StateStore};
use value::Value;
use value::function::{CallError, World};

/// What happens at the nth call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Nothing, ever.
    None,
    /// The power goes off; calls are counted before and after they take effect.
    Power,
    /// A call of the disk fails, without effect.
    Fails(i32),
    /// A write of the disk writes half, and fails.
    Short,
    /// A call of the disk fails, and all after it.
    FailsFrom(i32),
}

/// Counts calls, and lets one of them go wrong.
#[derive(Debug)]
pub(crate) struct Fuse {
    trouble: Trouble,
    nth: u64,
    seen: AtomicU64,
    is_off: AtomicBool,
}

impl Fuse {
    pub(crate) fn new(trouble: Trouble, nth: u64) -> Arc<Fuse> {
        Arc::new(Fuse {
            trouble,
            nth,
            seen: AtomicU64::new(0),
            is_off: AtomicBool::new(false),
        })
    }

    /// How many calls there were.
    pub(crate) fn seen(&self) -> u64 {
        self.seen.load(Ordering::SeqCst)
    }

    /// Whether something went wrong.
    pub(crate) fn has_blown(&self) -> bool {
        self.trouble != Trouble::None && self.seen() >= self.nth
    }

    /// Counts one; whether the power is on.
    fn is_on(&self) -> bool {
        if self.is_off.load(Ordering::SeqCst) {
            return false;
        }
        let n = self.seen.fetch_add(1, Ordering::SeqCst) + 1;
        if self.trouble == Trouble::Power && n >= self.nth {
            self.is_off.store(true, Ordering::SeqCst);
            return false;
        }
        true
    }

    /// A call of the disk: before, the call, after.
    fn disk<T>(&self, call: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        match self.trouble {
            Trouble::None | Trouble::Power => {
                if !self.is_on() {
                    return Err(io::Error::other("no power"));
                }
                let res = call();
                if !self.is_on() {
                    return Err(io::Error::other("no power"));
                }
                res
            }
            Trouble::Fails(_) | Trouble::FailsFrom(_) | Trouble::Short => match self.fails() {
                Some(error) => Err(error),
                None => call(),
            },
        }
    }

    /// Whether this call of the disk fails.
    fn fails(&self) -> Option<io::Error> {
        let n = self.seen.fetch_add(1, Ordering::SeqCst) + 1;
        match self.trouble {
            Trouble::Fails(code) if n == self.nth => Some(io::Error::from_raw_os_error(code)),
            Trouble::FailsFrom(code) if n >= self.nth => Some(io::Error::from_raw_os_error(code)),
            Trouble::Short if n == self.nth => Some(io::Error::from_raw_os_error(28)),
            _ => None,
        }
    }
}

/// A disk of which the calls are counted.
#[derive(Debug)]
struct Counted {
    disk: Arc<dyn Disk>,
    fuse: Arc<Fuse>,
}

#[derive(Debug)]
struct CountedFile {
    file: Box<dyn DiskFile>,
    fuse: Arc<Fuse>,
}

impl Disk for Counted {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.fuse.disk(|| self.disk.read(path))
    }
    fn open(&self, path: &Path, opening: Opening) -> io::Result<Box<dyn DiskFile>> {
        let file = self.fuse.disk(|| self.disk.open(path, opening))?;
        let fuse = self.fuse.clone();
        Ok(Box::new(CountedFile { file, fuse }))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.fuse.disk(|| self.disk.rename(from, to))
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.fuse.disk(|| self.disk.remove(path))
    }
    fn sync_directory_of(&self, path: &Path) -> io::Result<()> {
        self.fuse.disk(|| self.disk.sync_directory_of(path))
    }
    fn make_directory(&self, path: &Path, is_private: bool) -> io::Result<()> {
        self.fuse
            .disk(|| self.disk.make_directory(path, is_private))
    }
    fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>> {
        self.fuse.disk(|| self.disk.list(directory))
    }
    fn stat(&self, path: &Path) -> io::Result<Stat> {
        self.fuse.disk(|| self.disk.stat(path))
    }
    fn set_modified(&self, path: &Path, modified: SystemTime) -> io::Result<()> {
        self.fuse.disk(|| self.disk.set_modified(path, modified))
    }
    fn resolve(&self, path: &Path) -> PathBuf {
        self.disk.resolve(path)
    }
}

impl DiskFile for CountedFile {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        let fuse = self.fuse.clone();
        fuse.disk(|| self.file.read())
    }
    fn write_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let fuse = self.fuse.clone();
        if fuse.trouble == Trouble::Short && fuse.seen() + 1 == fuse.nth {
            self.file.write_at(at, &bytes[..bytes.len() / 2])?;
        }
        fuse.disk(|| self.file.write_at(at, bytes))
    }
    fn cut(&mut self, len: u64) -> io::Result<()> {
        let fuse = self.fuse.clone();
        fuse.disk(|| self.file.cut(len))
    }
    fn sync(&mut self) -> io::Result<()> {
        let fuse = self.fuse.clone();
        fuse.disk(|| self.file.sync())
    }
    fn into_file(self: Box<Self>) -> Option<std::fs::File> {
        self.file.into_file()
    }
    fn file(&self) -> Option<&std::fs::File> {
        self.file.file()
    }
}

/// Numbers from a seed (splitmix64).
#[derive(Debug, Clone)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut res = self.0;
        res = (res ^ (res >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        res = (res ^ (res >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        res ^ (res >> 31)
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.next() % n.max(1)
    }
}

/// A disk that forgets what was not synced: POSIX promises no more.
#[derive(Debug, Clone, Default)]
pub(crate) struct Forgetful(Arc<Mutex<Platter>>);

#[derive(Debug, Default)]
struct Platter {
    files: Vec<Content>,
    names: BTreeMap<PathBuf, usize>,
    synced_names: BTreeMap<PathBuf, usize>,
}

#[derive(Debug, Default, Clone)]
struct Content {
    now: Vec<u8>,
    synced: Vec<u8>,
}

#[derive(Debug)]
struct ForgetfulFile {
    disk: Forgetful,
    at: usize,
}

fn missing() -> io::Error {
    io::Error::from(io::ErrorKind::NotFound)
}

impl Forgetful {
    /// The power comes back. Of what was not synced, anything may have reached the disk.
    pub(crate) fn crash(&self, random: &mut Random) {
        let mut platter = self.0.lock().unwrap();
        for file in &mut platter.files {
            if file.now != file.synced {
                let kept = match random.below(4) {
                    0 => file.synced.clone(),
                    1 => file.now.clone(),
                    2 => {
                        // The beginning of what is new.
                        let same = file.now.iter().zip(&file.synced);
                        let same = same.take_while(|(now, synced)| now == synced).count();
                        let n = random.below((file.now.len() - same) as u64 + 1) as usize;
                        file.now[..same + n].to_vec()
                    }
                    _ => {
                        // The new length, and not the new content.
                        let mut res = file.synced.clone();
                        res.resize(file.now.len(), 0);
                        res
                    }
                };
                file.now.clone_from(&kept);
                file.synced = kept;
            }
        }
        let all: BTreeSet<PathBuf> = platter
            .names
            .keys()
            .chain(platter.synced_names.keys())
            .cloned()
            .collect();
        let mut names = BTreeMap::new();
        for name in all {
            let which = if random.below(2) == 0 {
                &platter.names
            } else {
                &platter.synced_names
            };
            if let Some(at) = which.get(&name) {
                names.insert(name, *at);
            }
        }
        platter.synced_names.clone_from(&names);
        platter.names = names;
    }
}

impl Disk for Forgetful {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let platter = self.0.lock().unwrap();
        let at = platter.names.get(path).ok_or_else(missing)?;
        Ok(platter.files[*at].now.clone())
    }
    fn open(&self, path: &Path, opening: Opening) -> io::Result<Box<dyn DiskFile>> {
        let mut platter = self.0.lock().unwrap();
        let at = match platter.names.get(path) {
            Some(at) => *at,
            None => {
                platter.files.push(Content::default());
                let at = platter.files.len() - 1;
                platter.names.insert(path.to_owned(), at);
                at
            }
        };
        if opening == Opening::Anew {
            platter.files[at].now.clear();
        }
        let disk = self.clone();
        Ok(Box::new(ForgetfulFile { disk, at }))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut platter = self.0.lock().unwrap();
        let at = platter.names.remove(from).ok_or_else(missing)?;
        platter.names.insert(to.to_owned(), at);
        Ok(())
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut platter = self.0.lock().unwrap();
        platter.names.remove(path).map(|_| ()).ok_or_else(missing)
    }
    fn sync_directory_of(&self, path: &Path) -> io::Result<()> {
        let mut platter = self.0.lock().unwrap();
        let directory = path.parent();
        let is_in = |it: &PathBuf| it.parent() == directory;
        let now = platter.names.clone();
        platter.synced_names.retain(|it, _| !is_in(it));
        let synced = now.into_iter().filter(|(it, _)| is_in(it));
        platter.synced_names.extend(synced);
        Ok(())
    }
    fn make_directory(&self, _: &Path, _: bool) -> io::Result<()> {
        Ok(())
    }
    fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>> {
        let platter = self.0.lock().unwrap();
        let names = platter.names.keys();
        Ok(names
            .filter(|it| it.parent() == Some(directory))
            .cloned()
            .collect())
    }
    fn stat(&self, path: &Path) -> io::Result<Stat> {
        Ok(Stat {
            len: self.read(path)?.len() as u64,
            modified: SystemTime::UNIX_EPOCH,
        })
    }
    fn set_modified(&self, _: &Path, _: SystemTime) -> io::Result<()> {
        Ok(())
    }
    fn resolve(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }
}

impl DiskFile for ForgetfulFile {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.disk.0.lock().unwrap().files[self.at].now.clone())
    }
    fn write_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let mut platter = self.disk.0.lock().unwrap();
        let now = &mut platter.files[self.at].now;
        let at = at as usize;
        if now.len() < at + bytes.len() {
            now.resize(at + bytes.len(), 0);
        }
        now[at..at + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }
    fn cut(&mut self, len: u64) -> io::Result<()> {
        let mut platter = self.disk.0.lock().unwrap();
        platter.files[self.at].now.resize(len as usize, 0);
        Ok(())
    }
    fn sync(&mut self) -> io::Result<()> {
        let mut platter = self.disk.0.lock().unwrap();
        let file = &mut platter.files[self.at];
        file.synced.clone_from(&file.now);
        Ok(())
    }
    fn into_file(self: Box<Self>) -> Option<std::fs::File> {
        None
    }
    fn file(&self) -> Option<&std::fs::File> {
        None
    }
}

/// What a network or somebody else does at a call, for as long as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Meddling {
    /// The request never arrives, and no answer comes.
    HoldBefore,
    /// The request is carried out, and no answer comes.
    HoldAfter,
    /// Somebody deletes the objects of this table right before the call.
    VanishBefore(&'static str),
    /// The same right after it.
    VanishAfter(&'static str),
    /// This query goes on answering what it answered before the call, so many times.
    Lag(&'static str, u64),
}

/// A Dokploy behind a network of which every exchange is counted, before and after.
struct Line {
    sim: Sim,
    fuse: Arc<Fuse>,
    meddling: Option<(String, Meddling)>,
    stale: Mutex<Option<(dokploy_sim::Response, u64)>>,
}

impl Line {
    fn asked(request: &Request) -> dokploy_sim::Request {
        let headers = request.headers.iter();
        let headers = headers.map(|(name, value)| ((*name).to_owned(), value.clone()));
        dokploy_sim::Request {
            method: request.method.as_str().to_owned(),
            path: request.path().to_owned(),
            query: request.query().to_owned(),
            headers: headers.collect(),
            body: request.body.clone().unwrap_or_default(),
        }
    }

    fn vanish(&self, table: &str) {
        for row in self.sim.rows(table) {
            let id = row[format!("{table}Id")].as_str().unwrap().to_owned();
            self.sim.delete(table, &id);
        }
    }

    /// The answer of the server, as the network and others leave it.
    async fn meddled(&self, request: &Request) -> Result<dokploy_sim::Response, Lost> {
        let asked = Line::asked(request);
        let here = self.meddling.as_ref();
        if let Some((_, Meddling::Lag(query, _))) = here
            && request.path().ends_with(query)
        {
            let mut stale = self.stale.lock().unwrap();
            if let Some((answer, left)) = stale.as_mut().filter(|(_, left)| *left > 0) {
                *left -= 1;
                return Ok(answer.clone());
            }
        }
        let here = here.filter(|(procedure, _)| request.path().ends_with(procedure));
        match here.map(|(_, it)| it) {
            None => self.sim.handle(asked).await,
            Some(Meddling::HoldBefore) => std::future::pending().await,
            Some(Meddling::HoldAfter) => {
                self.sim.handle(asked).await?;
                std::future::pending().await
            }
            Some(Meddling::VanishBefore(table)) => {
                self.vanish(table);
                self.sim.handle(asked).await
            }
            Some(Meddling::VanishAfter(table)) => {
                let res = self.sim.handle(asked).await;
                self.vanish(table);
                res
            }
            Some(Meddling::Lag(query, times)) => {
                let before = dokploy_sim::Request {
                    method: "GET".to_owned(),
                    path: format!("/api/{query}"),
                    body: Vec::new(),
                    ..asked.clone()
                };
                let before = self.sim.handle(before).await?;
                *self.stale.lock().unwrap() = Some((before, *times));
                self.sim.handle(asked).await
            }
        }
    }
}

impl Transport for Line {
    fn send(&self, request: Request) -> Sending<'_> {
        Box::pin(async move {
            let is_power = matches!(self.fuse.trouble, Trouble::None | Trouble::Power);
            let lost = || TransportError::Broken("no power".to_owned());
            if is_power && !self.fuse.is_on() {
                return Err(lost());
            }
            let answer = self.meddled(&request).await;
            if is_power && !self.fuse.is_on() {
                return Err(lost());
            }
            match answer {
                Ok(it) => Ok(Response {
                    status: it.status,
                    headers: it.headers,
                    body: it.body,
                }),
                Err(Lost::Refused) => Err(TransportError::Refused),
                Err(Lost::Reset) => Err(TransportError::Broken("reset".to_owned())),
            }
        })
    }
}

struct Providers {
    transport: Arc<dyn Transport>,
    limits: Arc<dokploy::limits::Limits>,
}

impl provider::Registry for Providers {
    fn provider(&self, address: &addr::Provider) -> Option<Arc<dyn Provider>> {
        let access = dokploy::Access {
            host: Some("http://localhost:3000".to_owned()),
            api_key: Some("test-key".to_owned()),
            ..dokploy::Access::default()
        };
        Some(Arc::new(dokploy::Dokploy::new(dokploy::Settings {
            dialect: dokploy::dialect(address)?,
            transport: self.transport.clone(),
            environment: access.clone(),
            forced: Some(access),
            pinned: false,
            limits: self.limits.clone(),
            user_agent: "test".to_owned(),
            patience: dokploy::client::Patience {
                timeout: Duration::from_secs(30),
                retries: 2,
                pause: Duration::from_millis(10),
            },
        })))
    }
}

/// Only the time, which stands still.
struct Clock;

const NOW: &str = "2026-05-01T12:00:00Z";

impl World for Clock {
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
        Some(NOW.to_owned())
    }
    fn plan_time(&self) -> Option<String> {
        Some(NOW.to_owned())
    }
    fn random(&self, _: &mut [u8]) -> bool {
        false
    }
    fn render(&self, _: &str, _: &str, _: &Value) -> Result<Value, CallError> {
        Ok(Value::dynamic())
    }
}

struct Silent;

impl plan::Observer for Silent {
    fn event(&self, _: plan::Event<'_>) {}
}

/// A machine with a disk, and the Dokploy that it works on.
pub(crate) struct Machine {
    pub(crate) sim: Sim,
    disk: Arc<dyn Disk>,
    directory: PathBuf,
    n_runs: AtomicU64,
    /// What happens at calls of a procedure.
    pub(crate) meddling: Mutex<Option<(String, Meddling)>>,
    pub(crate) parallelism: usize,
}

/// How a run ended.
#[derive(Debug, Default)]
pub(crate) struct Ran {
    /// Titles and details of errors; empty if all went well.
    pub(crate) errors: Vec<String>,
    /// How many changes the plan had.
    pub(crate) n_changes: usize,
    /// What they are: addresses and actions.
    pub(crate) changes: Vec<(String, plan::Action)>,
    /// What became of changes that were under way.
    pub(crate) fates: Vec<String>,
    /// The state after it, where there is one.
    pub(crate) snapshot: Option<Snapshot>,
}

impl Machine {
    /// With the disk of this machine.
    pub(crate) fn real(directory: &Path) -> Machine {
        Machine::new(Arc::new(RealDisk), directory)
    }

    /// Another machine that works on the same Dokploy.
    pub(crate) fn beside(other: &Machine, directory: &Path) -> Machine {
        Machine::on(other.sim.clone(), Arc::new(RealDisk), directory)
    }

    pub(crate) fn new(disk: Arc<dyn Disk>, directory: &Path) -> Machine {
        let settings = Settings {
            tick: 1,
            ..Settings::for_tests(Version::V0_30_2)
        };
        Machine::on(Sim::new(settings), disk, directory)
    }

    fn on(sim: Sim, disk: Arc<dyn Disk>, directory: &Path) -> Machine {
        Machine {
            sim,
            disk,
            directory: directory.to_owned(),
            n_runs: AtomicU64::new(0),
            meddling: Mutex::default(),
            parallelism: 10,
        }
    }

    /// Plans, and applies if asked to, until the end or until something goes wrong.
    pub(crate) fn run(&self, text: &str, mode: Mode, applies: bool, fuse: &Arc<Fuse>) -> Ran {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(self.go(text, mode, applies, fuse))
    }

    /// Applies without any trouble.
    pub(crate) fn apply(&self, text: &str) -> Ran {
        self.run(text, Mode::Normal, true, &Fuse::new(Trouble::None, 0))
    }

    async fn go(&self, text: &str, mode: Mode, applies: bool, fuse: &Arc<Fuse>) -> Ran {
        let mut res = Ran::default();
        let mut sources = diag::SourceMap::new();
        let mut diags = diag::Diagnostics::new();
        let files = MapFiles([("main.tf".to_owned(), text.to_owned())].into());
        let loaded = config::load(&files, ".", &mut sources, &mut diags).unwrap();
        assert!(!diags.has_errors(), "{diags:?}");
        let registry = Providers {
            transport: Arc::new(Line {
                sim: self.sim.clone(),
                fuse: fuse.clone(),
                meddling: self.meddling.lock().unwrap().clone(),
                stale: Mutex::default(),
            }),
            limits: dokploy::limits::Limits::new(),
        };
        let variables = BTreeMap::new();
        let stop = AtomicBool::new(false);
        let seed = self.n_runs.fetch_add(1, Ordering::SeqCst);
        let common = || Common {
            config: &loaded.config,
            sources: &sources,
            registry: &registry,
            provisioners: &NoProvisioners,
            variables: &variables,
            workspace: "default",
            cwd: "/",
            world: &Clock,
            started_at: NOW,
            seed,
            parallelism: self.parallelism,
            observer: &Silent,
            stop: &stop,
        };
        let mut store = LocalStore::open(&Options {
            path: Some(self.directory.join("terraform.tfstate")),
            out: None,
            backup: None,
            workspace: "default".to_owned(),
            workspace_dir: None,
            seal: Arc::default(),
            disk: Arc::new(Counted {
                disk: self.disk.clone(),
                fuse: fuse.clone(),
            }),
        });
        let read = store
            .read()
            .and_then(|it| Ok((it.unwrap_or_default(), store.journal()?)));
        let (snapshot, records) = match read {
            Ok(it) => it,
            Err(error) => {
                res.errors.push(format!("{error:?}"));
                return res;
            }
        };
        let folded = state::journal::fold(snapshot, &records).expect("what was written is read");
        let mut base = folded.snapshot;
        if !folded.open.is_empty() {
            let (recovery, diags) =
                engine::recover(&common(), &base.state, &folded.open, NOW).await;
            let fates = recovery.fates.iter();
            res.fates
                .extend(fates.map(|(it, fate)| format!("{} {fate:?}", it.addr)));
            let entries = recovery.entries.iter();
            let entries: Vec<Vec<u8>> = entries.map(state::journal::encode).collect();
            if let Err(error) = store.append_all(&entries) {
                res.errors.push(format!("{error:?}"));
                return res;
            }
            res.errors.extend(errors(&diags));
            if diags.has_errors() {
                return res;
            }
            base = state::journal::fold(base, &entries).unwrap().snapshot;
        }
        let (plan, diags) = engine::plan(&PlanInputs {
            common: common(),
            prior: &base.state,
            mode,
            refresh: true,
            targets: &[],
            excludes: &[],
            force_replace: &[],
        })
        .await;
        res.errors.extend(errors(&diags));
        let Some(plan) = plan.filter(|_| !diags.has_errors()) else {
            return res;
        };
        let changes = plan.changes.iter();
        res.changes = changes
            .filter(|it| it.change.action != plan::Action::NoOp)
            .map(|it| (it.addr.to_string(), it.change.action))
            .collect();
        res.n_changes = res.changes.len();
        if !applies {
            return res;
        }
        if base.lineage.is_empty() {
            "lineage".clone_into(&mut base.lineage);
        }
        let inputs = ApplyInputs {
            common: common(),
            plan: &plan,
            base,
        };
        let (applied, diags) = engine::apply(&inputs, &mut store).await;
        res.errors.extend(errors(&diags));
        res.snapshot = Some(applied.snapshot);
        res
    }
}

fn errors(diags: &diag::Diagnostics) -> Vec<String> {
    let errors = diags.iter().filter(|it| it.is_error());
    errors
        .map(|it| format!("{}: {}", it.summary, it.detail))
        .collect()
}
