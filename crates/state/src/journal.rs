//! Finished changes as records, and a state with records folded in.
//!
//! A record is one JSON document; how records are framed and kept is the backend's matter
//! ([`crate::StateStore::append`]).

use std::sync::Arc;

use addr::{DeposedKey, Instance, ObjectKey, ProviderConfig};
use serde_json::{Value as Json, json};

use crate::file::object_json;
use crate::{Object, Snapshot};

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
}

/// A record as bytes.
pub fn encode(record: &Record) -> Vec<u8> {
    let deposed = match &record.key {
        ObjectKey::Current => None,
        ObjectKey::Deposed(key) => Some(key.to_string()),
    };
    json!({
        "lineage": record.lineage,
        "addr": record.addr.to_string(),
        "deposed": deposed,
        "provider": record.provider.to_string(),
        "object": record.object.as_ref().map(|it| object_json(it)),
    })
    .to_string()
    .into_bytes()
}

/// The record that [`encode`] made; why not, in a phrase without values.
pub fn decode(bytes: &[u8]) -> Result<Record, String> {
    let json: Json =
        serde_json::from_slice(bytes).map_err(|_| "a record is not JSON".to_owned())?;
    let text = |name: &str| {
        json[name]
            .as_str()
            .ok_or_else(|| format!("a record has no \"{name}\""))
    };
    let addr =
        addr::parse::instance(text("addr")?).ok_or("a record has an address that is none")?;
    let provider = addr::parse::provider_config(text("provider")?)
        .ok_or("a record has a provider that is none")?;
    let key = json["deposed"].as_str().map_or(ObjectKey::Current, |it| {
        ObjectKey::Deposed(DeposedKey(it.into()))
    });
    let object = match &json["object"] {
        Json::Null => None,
        object => Some(Arc::new(
            crate::file::object_of_json(object).map_err(|it| it.reason)?,
        )),
    };
    Ok(Record {
        lineage: text("lineage")?.to_owned(),
        addr,
        key,
        provider,
        object,
    })
}

/// A state with the records of a run that did not end. Records of another lineage are an error: they belong to another
/// state. A state that was never written takes the lineage of its records.
pub fn fold(mut snapshot: Snapshot, records: &[Vec<u8>]) -> Result<Snapshot, String> {
    for bytes in records {
        let record = decode(bytes)?;
        if snapshot.lineage.is_empty() {
            snapshot.lineage.clone_from(&record.lineage);
        }
        if snapshot.lineage != record.lineage {
            return Err("it belongs to a state of another lineage".to_owned());
        }
        snapshot
            .state
            .set_object(&record.addr, &record.key, &record.provider, record.object);
    }
    Ok(snapshot)
}
