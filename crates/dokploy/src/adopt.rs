//! Objects that are taken over instead of made: `adopt_existing`.
//!
//! The plan decides which object that is, and says so; an apply obeys. An object that another resource has, or takes
//! over, is none to be taken over: otherwise two resources would change it in turn, and the first to go would delete it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use provider::{Issue, Private};
use serde_json::{Value as Json, json};
use tokio::sync::{OnceCell, RwLock};
use value::Value;

use crate::client::Failure;
use crate::driver::{Driver, asks, complaint, title};
use crate::limits::lock;
use crate::note;
use crate::object::{id_in, is_found};
use crate::table::{Object, Resource};

/// The member of the private data with what the plan decided: `{"id": …}` where an object is taken over, `{"id": null}`
/// where none is, and `{"known": […]}` with the ids that other resources have where the key is not known yet.
const DECIDED: &str = "adoption";

/// A list on its way, or there.
type List = Arc<OnceCell<Result<Arc<Vec<Json>>, Failure>>>;

/// Ids by the type of object.
type Ids = Mutex<BTreeMap<&'static str, BTreeSet<String>>>;

/// What one configuration of the provider knows of who has which object. One plan or apply has one.
#[derive(Default)]
pub(crate) struct Owners {
    /// The ids of objects that resources have, by the type of object.
    held: Ids,
    /// The ids of objects that a plan takes over.
    reserved: Ids,
    /// The lists of what is there, each asked once.
    lists: Mutex<BTreeMap<&'static str, List>>,
    /// Held while something is made, by all; and alone while it is found out whether something is to be made.
    making: Mutex<BTreeMap<&'static str, Arc<RwLock<()>>>>,
}

impl Owners {
    /// Notes that a resource has an object.
    pub(crate) fn hold(&self, object: &Object, id: &str) {
        if !object.found_by.is_empty() {
            insert(&self.held, object, id);
        }
    }

    /// The lock for makings of a type.
    pub(crate) fn making(&self, object: &Object) -> Arc<RwLock<()>> {
        lock(&self.making).entry(object.name).or_default().clone()
    }

    fn has(set: &Ids, object: &Object, id: &str) -> bool {
        lock(set).get(object.name).is_some_and(|it| it.contains(id))
    }
}

/// Whether the id is new in the set.
fn insert(set: &Ids, object: &Object, id: &str) -> bool {
    let mut set = lock(set);
    set.entry(object.name).or_default().insert(id.to_owned())
}

impl Driver {
    /// Decides what a creation takes over, and notes it for the apply. What was decided before stands.
    pub(crate) async fn plan_adoption(
        &self,
        resource: &'static Resource,
        planned: &Value,
        before: &Private,
        private: Private,
    ) -> (Private, Option<Issue>) {
        let object = resource.object;
        if object.found_by.is_empty() || !asks(planned, "adopt_existing") {
            return (private, None);
        }
        if let Some(decided) = note::get(before, DECIDED) {
            return (Some(note::with(&private, DECIDED, decided)), None);
        }
        let is_open = object.found_by.iter().any(|name| {
            let attribute = resource.attribute_of(name);
            let value = attribute.and_then(|it| planned.get(it.name));
            value.is_some_and(|it| !it.is_known())
        });
        if is_open {
            let known = lock(&self.owners.held).get(object.name).cloned();
            let decided = json!({ "known": known.unwrap_or_default() });
            return (Some(note::with(&private, DECIDED, decided)), None);
        }
        let listed = match self.listed_once(object).await {
            Ok(it) => it,
            Err(failure) => return (private, Some(complaint(resource, "reading", &failure))),
        };
        let is_free = |id: &str| {
            !Owners::has(&self.owners.held, object, id)
                && !Owners::has(&self.owners.reserved, object, id)
        };
        let id = match only(resource, planned, &listed, is_free) {
            Ok(it) => it.and_then(|it| id_in(object, it)).map(str::to_owned),
            Err(issue) => return (private, Some(*issue)),
        };
        let told = id.as_ref().map(|id| {
            insert(&self.owners.reserved, object, id);
            let detail = format!(
                "The {} {id} is there already and has what identifies this one. It is taken over and changed to what is configured; no second one is made.",
                object.noun
            );
            Issue::warning("Existing object will be adopted", detail)
        });
        (
            Some(note::with(&private, DECIDED, json!({ "id": id }))),
            told,
        )
    }

    /// What a creation takes over, as the plan decided; `None` where something is made.
    pub(crate) async fn adoption(
        &self,
        resource: &'static Resource,
        planned: &Value,
        private: &Private,
    ) -> Result<Option<Json>, Box<Issue>> {
        let object = resource.object;
        let failed = |failure: &Failure| Box::new(complaint(resource, "reading", failure));
        let decided = note::get(private, DECIDED).unwrap_or_default();
        let Some(id) = decided.get("id") else {
            // What others have made meanwhile is in a list of now, and known to be theirs.
            let known = decided.get("known").and_then(Json::as_array);
            let known: BTreeSet<&str> = known
                .into_iter()
                .flatten()
                .filter_map(Json::as_str)
                .collect();
            let Some(all) = object.all else {
                return Ok(None);
            };
            let rows = self.list(object, all).await.map_err(|it| failed(&it))?;
            let is_free =
                |id: &str| !known.contains(id) && !Owners::has(&self.owners.held, object, id);
            let found = only(resource, planned, &rows, is_free)?.cloned();
            return Ok(self.taken(object, found));
        };
        let Some(id) = id.as_str() else {
            return Ok(None);
        };
        let listed = self.listed_once(object).await.map_err(|it| failed(&it))?;
        let found = listed
            .iter()
            .find(|raw| id_in(object, raw) == Some(id) && is_found(resource, planned, raw));
        let taken = self.taken(object, found.cloned());
        if taken.is_none() {
            let detail = format!(
                "The plan takes over the {} {id}, which is not there any more, has another name by now, or belongs to another resource. Nothing was changed. Plan again.",
                object.noun
            );
            return Err(Box::new(Issue::error(title(resource, "adopting"), detail)));
        }
        Ok(taken)
    }

    /// Takes an object, unless somebody was faster.
    fn taken(&self, object: &Object, found: Option<Json>) -> Option<Json> {
        let id = found.as_ref().and_then(|it| id_in(object, it));
        let is_taken = id.is_some_and(|id| insert(&self.owners.held, object, id));
        found.filter(|_| is_taken)
    }

    /// All objects of a type, asked once for all that may be taken over.
    async fn listed_once(&self, object: &'static Object) -> Result<Arc<Vec<Json>>, Failure> {
        let Some(all) = object.all else {
            return Ok(Arc::default());
        };
        let list = lock(&self.owners.lists)
            .entry(object.name)
            .or_default()
            .clone();
        let asked = list.get_or_init(|| async { self.list(object, all).await.map(Arc::new) });
        asked.await.clone()
    }
}

/// The one free object that has the key of a planned one; several are an error.
fn only<'a>(
    resource: &Resource,
    planned: &Value,
    rows: &'a [Json],
    is_free: impl Fn(&str) -> bool,
) -> Result<Option<&'a Json>, Box<Issue>> {
    let object = resource.object;
    let found: Vec<&Json> = rows
        .iter()
        .filter(|raw| is_found(resource, planned, raw))
        .filter(|raw| id_in(object, raw).is_some_and(&is_free))
        .collect();
    if found.len() > 1 {
        let ids: Vec<&str> = found.iter().filter_map(|it| id_in(object, it)).collect();
        let detail = format!(
            "adopt_existing is set, and {} of them are as configured: {}. Import the one that is meant, or give them different names.",
            ids.len(),
            ids.join(", ")
        );
        return Err(Box::new(Issue::error(title(resource, "adopting"), detail)));
    }
    Ok(found.first().copied())
}

/// Private data for the state: what was decided of a creation is over with it.
pub(crate) fn over(private: Private) -> Private {
    note::without(private, DECIDED)
}

/// The id of the object that a plan takes over, if it is decided and there is one.
pub(crate) fn decided_id(private: &Private) -> Option<String> {
    let decided = note::get(private, DECIDED)?;
    decided.get("id").and_then(Json::as_str).map(str::to_owned)
}

/// Whether a plan left open what a creation takes over.
pub(crate) fn is_open(private: &Private) -> bool {
    note::get(private, DECIDED).is_none_or(|it| it.get("id").is_none())
}
