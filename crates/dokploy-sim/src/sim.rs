//! The simulator as others see it: a server that can be told to fail, inspected, and changed behind its back.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::db::{self, Db, Row};
use crate::deploying::Deploying;
use crate::failure::{Code, Failure};
use crate::fault::{self, Effect, Fault};
use crate::message::{Call, Lost, Request, Response};
use crate::procedure::Kind;
use crate::protocol;
use crate::routers;
use crate::schema::Spec;
use crate::seed;
use crate::settings::{Settings, Version};

/// The connections in the database pool of a real Dokploy: as many nested changes at once hang it.
const POOL: usize = 10;

/// How many calls the log keeps.
const LOG_LIMIT: usize = 100_000;

/// The version of the persisted content.
const FORMAT: u64 = 1;

/// A pretend Dokploy. Clones are handles to the same server.
#[derive(Clone)]
pub struct Sim {
    world: Arc<Mutex<World>>,
    /// Counts how often the server was healed, so that waiting calls learn of it.
    healed: Arc<watch::Sender<u64>>,
}

/// Why content cannot be loaded.
#[derive(Debug)]
pub enum SimError {
    /// The text is not the JSON that [`Sim::save`] writes.
    Malformed(String),
    /// It was written by a later version of this crate.
    TooNew(u64),
}

impl fmt::Display for SimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SimError::Malformed(what) => write!(f, "not the content of a sandbox: {what}"),
            SimError::TooNew(format) => {
                write!(
                    f,
                    "written by a newer version (format {format}, known is {FORMAT})"
                )
            }
        }
    }
}

impl std::error::Error for SimError {}

struct World {
    db: Db,
    faults: Vec<Armed>,
    calls: VecDeque<Call>,
    /// How many calls the log has forgotten.
    forgotten: usize,
    /// Nested changes under way.
    nested: usize,
    /// Changes under way, and the most there ever were at once.
    changes: usize,
    most_changes: usize,
    is_down: bool,
    hangs: bool,
    /// Told of each change that was carried out, in the order in which they were.
    journal: Option<Journal>,
}

type Journal = Box<dyn FnMut(u64, &Request) + Send>;

/// A fault and how many calls matched it so far.
struct Armed {
    fault: Fault,
    seen: u64,
}

/// What is known of a call when it arrives.
struct Arrival {
    /// Its place in the log.
    number: usize,
    /// The faults that befall it, but for delays.
    effect: Option<Effect>,
    delay: u64,
    is_change: bool,
    nests: bool,
    /// The count of healings at its arrival.
    era: u64,
}

impl Sim {
    /// A Dokploy that was just set up: an administrator, an organization, the key of the settings.
    pub fn new(settings: Settings) -> Sim {
        let mut db = Db::new(settings);
        seed::plant(&mut db);
        Sim::with(db)
    }

    /// A Dokploy with the content that [`save`](Sim::save) wrote. Of the settings, the key replaces the key of the
    /// administrator, the version decides what is played from now on, and the clock goes on from the later time.
    pub fn load(settings: Settings, json: &str) -> Result<Sim, SimError> {
        let malformed = |what: &str| SimError::Malformed(what.to_owned());
        let content: Value =
            serde_json::from_str(json).map_err(|it| SimError::Malformed(it.to_string()))?;
        let number = |name: &str| {
            content
                .get(name)
                .and_then(Value::as_u64)
                .ok_or_else(|| malformed(&format!("no number {name:?}")))
        };
        let format = number("format")?;
        if format > FORMAT {
            return Err(SimError::TooNew(format));
        }
        let api_key = settings.api_key.clone();
        let mut db = Db::new(settings);
        db.settings.seed = number("seed")?;
        db.counter = number("counter")?;
        db.now = db.now.max(number("now")?);
        db.changes = number("changes")?;
        let counted = content.get("counted").and_then(Value::as_object);
        db.counted = counted
            .into_iter()
            .flatten()
            .map(|(word, n)| (word.clone(), n.as_u64().unwrap_or_default()))
            .collect();
        let refused = content.get("refusedPasswords").and_then(Value::as_array);
        if let Some(refused) = refused {
            db.refused_passwords = refused
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect();
        }
        let tables = content.get("tables").and_then(Value::as_object);
        for (name, rows) in tables.ok_or_else(|| malformed("no \"tables\""))? {
            let spec = spec(name).ok_or_else(|| malformed(&format!("unknown table {name:?}")))?;
            let rows = rows
                .as_array()
                .ok_or_else(|| malformed(&format!("{name:?} is no list")))?;
            for given in rows {
                let row = completed(&db, spec, given)
                    .ok_or_else(|| malformed(&format!("a row of {name:?} without an id")))?;
                db.tables.entry(spec.name).or_default().put(spec.key(), row);
            }
        }
        let keys = &routers::user::API_KEY;
        let main = db.rows(keys).next().map(|it| db::text(it, "id").to_owned());
        let main = main.ok_or_else(|| malformed("no API key"))?;
        // The key column points nowhere, so the only failure would be a NUL in it, which no header can hold.
        let _ = db.update(keys, &main, &db::row(json!({ "key": api_key })));
        Ok(Sim::with(db))
    }

    fn with(db: Db) -> Sim {
        let world = World {
            db,
            faults: Vec::new(),
            calls: VecDeque::new(),
            forgotten: 0,
            nested: 0,
            changes: 0,
            most_changes: 0,
            is_down: false,
            hangs: false,
            journal: None,
        };
        Sim {
            world: Arc::new(Mutex::new(world)),
            healed: Arc::new(watch::Sender::new(0)),
        }
    }

    /// All content as JSON for people and for [`load`](Sim::load): rows, and what new ids follow from, so that
    /// none is ever given twice. Faults and the log of calls are not content.
    pub fn save(&self) -> String {
        let world = self.lock();
        let db = &world.db;
        let tables: BTreeMap<&str, Vec<&Row>> = db
            .tables
            .iter()
            .map(|(name, table)| (*name, table.rows().collect()))
            .collect();
        let content = json!({
            "format": FORMAT,
            "version": db.settings.version.to_string(),
            "seed": db.settings.seed,
            "counter": db.counter,
            "counted": db.counted,
            "now": db.now,
            "changes": db.changes,
            "refusedPasswords": db.refused_passwords,
            "tables": tables,
        });
        format!("{content:#}\n")
    }

    /// Answers a request, or loses it. Must be called within a tokio runtime.
    ///
    /// A call that takes time (see [`Effect::DelayMs`]) goes on when this future is dropped, as it does in a server
    /// whose client has gone.
    pub async fn handle(&self, request: Request) -> Result<Response, Lost> {
        let mut response = self.answer(request).await?;
        // RFC 9110, 6.6.1: by the clock that created things are dated with.
        let now = Duration::from_millis(self.lock().db.now);
        let date = httpdate::fmt_http_date(std::time::SystemTime::UNIX_EPOCH + now);
        response.headers.push(("date".to_owned(), date));
        Ok(response)
    }

    async fn answer(&self, request: Request) -> Result<Response, Lost> {
        let arrival = self.arrive(&request)?;
        if arrival.delay == 0 && !self.lock().hangs {
            return self.carry_out(&request, &arrival);
        }
        let sim = self.clone();
        let task = tokio::spawn(async move {
            if arrival.delay > 0 {
                tokio::time::sleep(Duration::from_millis(arrival.delay)).await;
            }
            let mut healed = sim.healed.subscribe();
            let is_stuck = sim.lock().hangs || *healed.borrow() != arrival.era;
            if is_stuck {
                // Nothing is answered until the server is started again, and then nobody remembers this call.
                // An error would mean that the server is gone, which it is not while this task holds it.
                let _ = healed.wait_for(|era| *era != arrival.era).await;
                return Err(Lost::Reset);
            }
            sim.carry_out(&request, &arrival)
        });
        task.await.unwrap_or(Err(Lost::Reset))
    }

    /// Adds a fault to those that are there.
    pub fn inject(&self, fault: Fault) {
        self.lock().faults.push(Armed { fault, seen: 0 });
    }

    /// Takes all faults away and starts the server again if it hangs or was killed. Calls that hang are lost, and
    /// what they would have changed stays as it was.
    pub fn heal(&self) {
        {
            let mut world = self.lock();
            world.faults.clear();
            world.is_down = false;
            world.hangs = false;
            world.nested = 0;
            world.changes = 0;
        }
        self.healed.send_modify(|era| *era += 1);
    }

    /// Whether the server hangs, so that only [`heal`](Sim::heal) helps.
    pub fn hangs(&self) -> bool {
        self.lock().hangs
    }

    /// Whether the server was killed and refuses all connections.
    pub fn is_down(&self) -> bool {
        self.lock().is_down
    }

    /// The requests that arrived, oldest first (the newest 100,000).
    pub fn calls(&self) -> Vec<Call> {
        self.lock().calls.iter().cloned().collect()
    }

    /// Forgets the requests that arrived so far.
    pub fn forget_calls(&self) {
        let mut world = self.lock();
        world.forgotten += world.calls.len();
        world.calls.clear();
        world.most_changes = world.changes;
    }

    /// The most changes that were under way at once. They only overlap when calls are delayed.
    pub fn most_changes_at_once(&self) -> usize {
        self.lock().most_changes
    }

    /// Makes `docker login` refuse a password. `wrong` is refused from the beginning.
    pub fn docker_login_refuses(&self, password: &str) {
        self.lock().db.refused_passwords.push(password.to_owned());
    }

    /// Makes `docker login` accept all passwords.
    pub fn docker_login_accepts_all(&self) {
        self.lock().db.refused_passwords.clear();
    }

    /// Says how deployments go from now on. It is not content: see [`save`](Sim::save).
    pub fn deployments_go(&self, deploying: Deploying) {
        self.lock().db.yard.next = deploying;
    }

    /// Moves the clock.
    pub fn advance(&self, ms: u64) {
        let mut world = self.lock();
        world.db.now = world.db.now.saturating_add(ms);
    }

    /// The version that is played.
    pub fn version(&self) -> Version {
        self.lock().db.settings.version
    }

    /// The id of the organization that the administrator's key is bound to.
    pub fn organization_id(&self) -> String {
        let world = self.lock();
        let first = world.db.rows(&routers::organization::ORGANIZATION).next();
        first
            .map(|it| db::text(it, "id").to_owned())
            .unwrap_or_default()
    }

    /// All rows: an object of tables, each a list.
    pub fn objects(&self) -> Value {
        let world = self.lock();
        let tables: BTreeMap<&str, Vec<&Row>> = world
            .db
            .tables
            .iter()
            .map(|(name, table)| (*name, table.rows().collect()))
            .collect();
        json!(tables)
    }

    /// The rows of a table (`registry`, `server`, `sshKey`, `project`, …), oldest first.
    pub fn rows(&self, table: &str) -> Vec<Value> {
        let world = self.lock();
        let Some(spec) = spec(table) else {
            return Vec::new();
        };
        world
            .db
            .rows(spec)
            .map(|it| Value::Object(it.clone()))
            .collect()
    }

    /// Changes columns of a row behind everybody's back, as a user of the web interface would.
    /// False if there is no such row, or the database would refuse.
    pub fn edit(&self, table: &str, id: &str, patch: Value) -> bool {
        let Some(spec) = spec(table) else {
            return false;
        };
        matches!(
            self.lock().db.update(spec, id, &db::row(patch)),
            Ok(Some(_))
        )
    }

    /// Deletes a row, and what goes with it, behind everybody's back. False if there is no such row.
    pub fn delete(&self, table: &str, id: &str) -> bool {
        let Some(spec) = spec(table) else {
            return false;
        };
        self.lock().db.delete(spec, id).is_some()
    }

    /// Adds a row behind everybody's back, and gives its id; what is left out gets the column's default.
    /// None if there is no such table, or the database would refuse.
    pub fn insert(&self, table: &str, row: Value) -> Option<String> {
        let spec = spec(table)?;
        let row = self.lock().db.insert(spec, db::row(row)).ok()?;
        Some(db::text(&row, spec.key()).to_owned())
    }

    /// Whether two handles are of the same server.
    pub fn is_same(&self, other: &Sim) -> bool {
        Arc::ptr_eq(&self.world, &other.world)
    }

    /// Tells of each change from now on, in the order in which they are carried out, with its number. What tests do
    /// behind everybody's back is not told.
    pub(crate) fn set_journal(&self, journal: impl FnMut(u64, &Request) + Send + 'static) {
        self.lock().journal = Some(Box::new(journal));
    }

    /// Carries out a change that a journal holds, unless the content has it already.
    pub(crate) fn repeat(&self, number: u64, request: &Request) {
        let mut world = self.lock();
        if number > world.db.changes {
            world.answer(request);
        }
    }

    /// Notes the arrival of a request, and which faults befall it.
    fn arrive(&self, request: &Request) -> Result<Arrival, Lost> {
        let era = *self.healed.borrow();
        let mut world = self.lock();
        let procedure = protocol::identify(request, world.db.settings.version);
        let name = match procedure {
            Some(procedure) => procedure.name,
            None => request.path.strip_prefix("/api/").unwrap_or(&request.path),
        };
        let input = protocol::raw_input(request);
        let nests = procedure.is_some_and(|it| (it.nests)(&input));
        let number = world.log(Call {
            method: request.method.clone(),
            procedure: name.to_owned(),
            input,
            status: None,
        });
        if world.is_down {
            return Err(Lost::Refused);
        }
        let mut res = Arrival {
            number,
            effect: None,
            delay: 0,
            is_change: procedure.is_some_and(|it| it.kind == Kind::Mutation),
            nests,
            era,
        };
        for armed in &mut world.faults {
            if !fault::glob(&armed.fault.when.procedure, name) {
                continue;
            }
            armed.seen += 1;
            if !armed.fault.when.nth.holds(armed.seen) {
                continue;
            }
            match &armed.fault.effect {
                Effect::DelayMs(ms) => res.delay = res.delay.saturating_add(*ms),
                effect => res.effect = res.effect.take().or_else(|| Some(effect.clone())),
            }
        }
        match &res.effect {
            Some(Effect::Refuse) => return Err(Lost::Refused),
            Some(Effect::LoseRequest) => return Err(Lost::Reset),
            Some(Effect::KillBefore) => {
                world.is_down = true;
                return Err(Lost::Reset);
            }
            Some(Effect::Hang) => world.hangs = true,
            _ => {}
        }
        if res.is_change {
            world.changes += 1;
            world.most_changes = world.most_changes.max(world.changes);
        }
        if res.nests {
            world.nested += 1;
            world.hangs |= world.nested >= POOL;
        }
        Ok(res)
    }

    /// Answers a request that has arrived and waited as long as it must.
    fn carry_out(&self, request: &Request, arrival: &Arrival) -> Result<Response, Lost> {
        let mut world = self.lock();
        if arrival.is_change {
            world.changes = world.changes.saturating_sub(1);
        }
        if arrival.nests {
            world.nested = world.nested.saturating_sub(1);
        }
        if world.is_down {
            return Err(Lost::Reset);
        }
        let version = world.db.settings.version;
        let mut response = match &arrival.effect {
            Some(Effect::Status500) => {
                let path = protocol::identify(request, version).map(|it| it.name);
                Failure::new(Code::Internal, "Internal server error").response(version, path)
            }
            Some(Effect::Html502) => {
                let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
                    <center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";
                Response::text(502, "text/html", page)
            }
            Some(Effect::RateLimited401) => protocol::bare_401(),
            Some(Effect::TooMany429 { retry_after }) => {
                let mut res = Response::text(429, "text/plain", "Too Many Requests");
                if let Some(seconds) = retry_after {
                    res.headers
                        .push(("retry-after".to_owned(), seconds.to_string()));
                }
                res
            }
            _ => world.answer(request),
        };
        match &arrival.effect {
            Some(Effect::LoseReply) => return Err(Lost::Reset),
            Some(Effect::KillAfter) => {
                world.is_down = true;
                return Err(Lost::Reset);
            }
            Some(Effect::CutBody) => {
                response.body.truncate(response.body.len() / 2);
                response.cut = true;
            }
            Some(Effect::WrongJson) => {
                response = Response::json(response.status, &json!({"result": [{"unexpected": 1}]}));
            }
            Some(Effect::MaskedValue) => {
                let mut value = response.value();
                mask(&mut value);
                if !response.body.is_empty() {
                    response.body = value.to_string().into_bytes();
                }
            }
            Some(Effect::Reply {
                status,
                content_type,
                body,
            }) => {
                response = Response::text(*status, content_type, body.as_str());
            }
            _ => {}
        }
        world.note_status(arrival.number, response.status);
        Ok(response)
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Sim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sim").finish_non_exhaustive()
    }
}

impl World {
    /// Carries a request out, and tells the journal of changes.
    fn answer(&mut self, request: &Request) -> Response {
        let procedure = protocol::identify(request, self.db.settings.version);
        let response = protocol::answer(&mut self.db, request);
        if procedure.is_some_and(|it| it.kind == Kind::Mutation) {
            self.db.changes = self.db.changes.wrapping_add(1);
            if let Some(journal) = &mut self.journal {
                journal(self.db.changes, request);
            }
        }
        response
    }

    /// Adds to the log, and gives the number of the call.
    fn log(&mut self, call: Call) -> usize {
        if self.calls.len() >= LOG_LIMIT {
            self.calls.pop_front();
            self.forgotten += 1;
        }
        self.calls.push_back(call);
        self.forgotten + self.calls.len() - 1
    }

    fn note_status(&mut self, number: usize, status: u16) {
        let at = number.checked_sub(self.forgotten);
        if let Some(call) = at.and_then(|it| self.calls.get_mut(it)) {
            call.status = Some(status);
        }
    }
}

/// The table of this name.
fn spec(name: &str) -> Option<&'static Spec> {
    routers::tables().find(|it| it.name == name)
}

/// A stored row with the columns of the version that is played: those that it lacks get their default.
/// None if it has no id.
fn completed(db: &Db, spec: &Spec, given: &Value) -> Option<Row> {
    let id = given.get(spec.key())?.as_str()?;
    let mut res = Row::new();
    for column in spec
        .columns
        .iter()
        .filter(|it| it.since <= db.settings.version)
    {
        let value = given
            .get(column.name)
            .cloned()
            .unwrap_or_else(|| match column.fill {
                crate::schema::Fill::Json(json) => serde_json::from_str(json).unwrap_or_default(),
                _ => Value::Null,
            });
        res.insert(column.name.to_owned(), value);
    }
    (!id.is_empty()).then_some(res)
}

/// Replaces secrets by asterisks. The depth is that of our own answers, which is small.
fn mask(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                let lower = name.to_ascii_lowercase();
                let is_secret = ["password", "privatekey", "secret", "accesskey", "token"]
                    .iter()
                    .any(|it| lower.contains(it));
                match value {
                    Value::String(text) if is_secret && !text.is_empty() => {
                        "********".clone_into(text);
                    }
                    other => mask(other),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
