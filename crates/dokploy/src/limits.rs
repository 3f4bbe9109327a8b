//! What all provider configurations of one Dokploy share: how many changes are in flight, who is creating what, and
//! what was seen last.
//!
//! A Dokploy hangs for good when ten of its changes wait for each other's database connections, and calls that a
//! client has given up on go on in the server. So a change holds its permit until the server has answered it, not
//! until its caller has lost patience: see [`ABANDONED`] and [`BROKEN`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use serde_json::Value as Json;
use tokio::sync::{Mutex as AsyncMutex, Semaphore};

/// The most changes in flight on one Dokploy. It hangs at ten; the web interface and other clients count too.
pub const MAX_CHANGES: usize = 8;

/// The most queries in flight on one Dokploy: they share its ten database connections with everybody else.
pub(crate) const MAX_QUERIES: usize = 16;

/// How long a change that nobody waits for any more keeps its permit while the server does not answer.
pub const ABANDONED: Duration = Duration::from_secs(300);

/// How long a change whose connection broke keeps its permit: it may still be going on in the server.
pub const BROKEN: Duration = Duration::from_secs(30);

/// The Dokploys that this process talks to. Make one for the process, and give it to every provider.
#[derive(Default)]
pub struct Limits {
    servers: Mutex<BTreeMap<String, Arc<Server>>>,
}

impl Limits {
    /// No Dokploy yet.
    pub fn new() -> Arc<Limits> {
        Arc::new(Limits::default())
    }

    /// What is shared about the Dokploy at a base URL.
    pub(crate) fn server(&self, base: &str) -> Arc<Server> {
        let mut servers = lock(&self.servers);
        let found = servers.entry(base.to_owned()).or_insert_with(|| {
            Arc::new(Server {
                changes: Arc::new(Semaphore::new(MAX_CHANGES)),
                queries: Semaphore::new(MAX_QUERIES),
                creating: Mutex::default(),
                seen: Mutex::default(),
                facts: Mutex::default(),
                date: Mutex::default(),
            })
        });
        found.clone()
    }
}

/// One Dokploy.
pub(crate) struct Server {
    /// Permits for changes.
    pub(crate) changes: Arc<Semaphore>,
    /// Permits for queries.
    pub(crate) queries: Semaphore,
    creating: Mutex<BTreeMap<&'static str, Arc<AsyncMutex<()>>>>,
    seen: Mutex<BTreeMap<String, Seen>>,
    /// Small answers that do not change while the process runs (the organization of a key), by what they are.
    pub(crate) facts: Mutex<BTreeMap<String, String>>,
    /// The time that its last answer was given at, by its own clock.
    date: Mutex<Option<SystemTime>>,
}

/// The objects of a type, as they were when last read.
#[derive(Default)]
struct Seen {
    /// Whether all of them were listed.
    is_whole: bool,
    ids: BTreeSet<String>,
    last: BTreeMap<String, Json>,
}

impl Server {
    /// Remembers the `Date` of an answer (RFC 9110, 6.6.1).
    pub(crate) fn said_date(&self, date: &str) {
        if let Ok(date) = httpdate::parse_http_date(date.trim()) {
            *lock(&self.date) = Some(date);
        }
    }

    /// What the server's clock showed when it answered last.
    pub(crate) fn date(&self) -> Option<SystemTime> {
        *lock(&self.date)
    }

    /// The lock for creating things of a type whose create tells no id.
    pub(crate) fn creating(&self, object: &'static str) -> Arc<AsyncMutex<()>> {
        lock(&self.creating).entry(object).or_default().clone()
    }

    /// Remembers an object as read just now. Objects are kept apart by API key, which may belong to another
    /// organization.
    pub(crate) fn saw(&self, scope: &str, id: &str, object: &Json) {
        let mut seen = lock(&self.seen);
        let seen = seen.entry(scope.to_owned()).or_default();
        seen.ids.insert(id.to_owned());
        seen.last.insert(id.to_owned(), object.clone());
    }

    /// Remembers that all objects of a type have been seen.
    pub(crate) fn saw_all(&self, scope: &str) {
        lock(&self.seen)
            .entry(scope.to_owned())
            .or_default()
            .is_whole = true;
    }

    /// The object as it was when last read.
    pub(crate) fn last(&self, scope: &str, id: &str) -> Option<Json> {
        lock(&self.seen).get(scope)?.last.get(id).cloned()
    }

    /// Forgets how an object was when last read, as it was changed since. That it existed is not forgotten.
    pub(crate) fn forget(&self, scope: &str, id: &str) {
        if let Some(seen) = lock(&self.seen).get_mut(scope) {
            seen.last.remove(id);
        }
    }

    /// The ids ever seen of a type; `None` if its objects have never been listed, so that others may have been there.
    pub(crate) fn known(&self, scope: &str) -> Option<BTreeSet<String>> {
        let seen = lock(&self.seen);
        let seen = seen.get(scope).filter(|it| it.is_whole)?;
        Some(seen.ids.clone())
    }
}

/// A lock whose holder panicked still holds whole data: each critical section here is a single change.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
