//! What happens during a run as records, and a state with records folded in.
//!
//! A record is one JSON document; how records are framed and kept is the backend's matter
//! ([`crate::StateStore::append`]). There are three: a change is about to be made ([`Intent`]), an object is now like
//! this ([`Record`]), and an intent came to an end without a new object. An intent that no later record ends is *open*:
//! whether its request was carried out is not known.

use std::collections::BTreeSet;
use std::sync::Arc;

use addr::{DeposedKey, Instance, ObjectKey, ProviderConfig};
use serde_json::{Value as Json, json};

use crate::file::object_json;
use crate::{Object, Snapshot, State};

/// A finished change.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The identity of the state that it belongs to.
    pub lineage: String,
    /// Which instance.
    pub addr: Instance,
    /// Which of its objects.
    pub key: ObjectKey,
    /// Who manages it.
    pub provider: ProviderConfig,
    /// What it is now; `None` where it is gone.
    pub object: Option<Arc<Object>>,
    /// The intent that it is the outcome of.
    pub ends: Option<String>,
}

/// What is about to be done to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// It is made.
    Create,
    /// It is changed.
    Update,
    /// It is destroyed.
    Delete,
}

impl Doing {
    const ALL: [Doing; 3] = [Doing::Create, Doing::Update, Doing::Delete];

    fn name(self) -> &'static str {
        match self {
            Doing::Create => "create",
            Doing::Update => "update",
            Doing::Delete => "delete",
        }
    }
}

/// A change that is about to be made: written before its request is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Intent {
    /// Names it in the record that ends it.
    pub id: String,
    /// The identity of the state that it belongs to.
    pub lineage: String,
    /// Which instance.
    pub addr: Instance,
    /// Which of its objects.
    pub key: ObjectKey,
    /// Who manages it.
    pub provider: ProviderConfig,
    /// What is done.
    pub doing: Doing,
    /// When, RFC 3339 in UTC.
    pub since: String,
    /// What the provider finds the object by; holds no secret.
    pub identity: Json,
    /// What is remembered of a created object besides its attributes: its status, and what it depends on.
    pub template: Arc<Object>,
}

/// What stands in a journal.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// A change is about to be made.
    Intended(Intent),
    /// An object is now like this.
    Finished(Record),
    /// An intent came to an end, and no object is another than before.
    Ended {
        /// The identity of the state that it belongs to.
        lineage: String,
        /// Which intent.
        intent: String,
    },
}

/// An entry as bytes.
pub fn encode(entry: &Entry) -> Vec<u8> {
    let place = |lineage: &str, addr: &Instance, key: &ObjectKey, provider: &ProviderConfig| {
        let deposed = match key {
            ObjectKey::Current => None,
            ObjectKey::Deposed(key) => Some(key.to_string()),
        };
        json!({
            "lineage": lineage,
            "addr": addr.to_string(),
            "deposed": deposed,
            "provider": provider.to_string(),
        })
    };
    let json = match entry {
        Entry::Finished(it) => {
            let mut res = place(&it.lineage, &it.addr, &it.key, &it.provider);
            res["object"] = it.object.as_ref().map(|it| object_json(it)).into();
            if let Some(intent) = &it.ends {
                res["ends"] = intent.as_str().into();
            }
            res
        }
        Entry::Intended(it) => {
            let mut res = place(&it.lineage, &it.addr, &it.key, &it.provider);
            res["intent"] = it.id.as_str().into();
            res["doing"] = it.doing.name().into();
            res["since"] = it.since.as_str().into();
            res["identity"] = it.identity.clone();
            res["template"] = object_json(&it.template);
            res
        }
        Entry::Ended { lineage, intent } => json!({ "lineage": lineage, "ends": intent }),
    };
    json.to_string().into_bytes()
}

/// The entry that [`encode`] made; why not, in a phrase without values.
pub fn decode(bytes: &[u8]) -> Result<Entry, String> {
    let mut json: Json =
        serde_json::from_slice(bytes).map_err(|_| "a record is not JSON".to_owned())?;
    let text = |json: &Json, name: &str| {
        json[name]
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| format!("a record has no \"{name}\""))
    };
    let lineage = text(&json, "lineage")?;
    let ends = json["ends"].as_str().map(str::to_owned);
    if let (Some(intent), None) = (&ends, json.get("addr")) {
        let intent = intent.clone();
        return Ok(Entry::Ended { lineage, intent });
    }
    let addr = addr::parse::instance(&text(&json, "addr")?)
        .ok_or("a record has an address that is none")?;
    let provider = addr::parse::provider_config(&text(&json, "provider")?)
        .ok_or("a record has a provider that is none")?;
    let key = json["deposed"].as_str().map_or(ObjectKey::Current, |it| {
        ObjectKey::Deposed(DeposedKey(it.into()))
    });
    let object = |it: &Json| match it {
        Json::Null => Ok(None),
        it => crate::file::object_of_json(it)
            .map(|it| Some(Arc::new(it)))
            .map_err(|it| it.reason),
    };
    if json.get("intent").is_none() {
        return Ok(Entry::Finished(Record {
            object: object(&json["object"])?,
            lineage,
            addr,
            key,
            provider,
            ends,
        }));
    }
    let doing = text(&json, "doing")?;
    let doing = Doing::ALL
        .into_iter()
        .find(|it| it.name() == doing)
        .ok_or("a record is of something that cannot be done")?;
    Ok(Entry::Intended(Intent {
        id: text(&json, "intent")?,
        since: text(&json, "since")?,
        template: object(&json["template"])?.ok_or("a record has no \"template\"")?,
        identity: json["identity"].take(),
        lineage,
        addr,
        key,
        provider,
        doing,
    }))
}

/// A state with the records of a run that did not end.
#[derive(Debug, Clone, PartialEq)]
pub struct Folded {
    /// The state with every finished change.
    pub snapshot: Snapshot,
    /// How many changes were finished.
    pub n_finished: usize,
    /// What was begun, and may or may not have been done.
    pub open: Vec<Intent>,
}

/// A state with the records of a run that did not end. Records of another lineage are an error: they belong to another
/// state. A state that was never written takes the lineage of its records.
pub fn fold(mut snapshot: Snapshot, records: &[Vec<u8>]) -> Result<Folded, String> {
    let mut n_finished = 0;
    let mut open: Vec<Intent> = Vec::new();
    let mut ended = BTreeSet::new();
    for bytes in records {
        let entry = decode(bytes)?;
        let lineage = match &entry {
            Entry::Intended(it) => &it.lineage,
            Entry::Finished(it) => &it.lineage,
            Entry::Ended { lineage, .. } => lineage,
        };
        if snapshot.lineage.is_empty() {
            snapshot.lineage.clone_from(lineage);
        }
        if snapshot.lineage != *lineage {
            return Err("it belongs to a state of another lineage".to_owned());
        }
        match entry {
            Entry::Intended(it) => open.push(it),
            Entry::Finished(it) => {
                n_finished += 1;
                ended.extend(it.ends);
                snapshot
                    .state
                    .set_object(&it.addr, &it.key, &it.provider, it.object);
            }
            Entry::Ended { intent, .. } => {
                ended.insert(intent);
            }
        }
    }
    open.retain(|it| is_open(it, &ended, &snapshot.state));
    Ok(Folded {
        snapshot,
        n_finished,
        open,
    })
}

/// The records of intents that are still open once a state is stored: what a store keeps when it writes that state.
/// Records that cannot be read are kept too.
pub fn still_open(records: &[Vec<u8>], stored: &State) -> Vec<Vec<u8>> {
    let entries: Vec<_> = records.iter().map(|it| decode(it)).collect();
    let ended: BTreeSet<String> = entries
        .iter()
        .filter_map(|it| match it {
            Ok(Entry::Ended { intent, .. }) => Some(intent.clone()),
            Ok(Entry::Finished(it)) => it.ends.clone(),
            Ok(Entry::Intended(_)) | Err(_) => None,
        })
        .collect();
    let is_kept = |it: &Result<Entry, String>| match it {
        Ok(Entry::Intended(it)) => is_open(it, &ended, stored),
        Ok(_) => false,
        Err(_) => true,
    };
    records
        .iter()
        .zip(&entries)
        .filter(|(_, it)| is_kept(it))
        .map(|(it, _)| it.clone())
        .collect()
}

/// Nothing ended it, and the object that it was to make is not there: where somebody has imported one meanwhile, that
/// is the object.
fn is_open(intent: &Intent, ended: &BTreeSet<String>, state: &State) -> bool {
    let has_object = || match &intent.key {
        ObjectKey::Current => state.current(&intent.addr).is_some(),
        ObjectKey::Deposed(key) => state
            .instance(&intent.addr)
            .is_some_and(|it| it.deposed.contains_key(key)),
    };
    let is_there = intent.doing == Doing::Create && has_object();
    !is_there && !ended.contains(&intent.id)
}
