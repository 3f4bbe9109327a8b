//! What became of changes that were under way when an earlier run ended: looked for before anything is planned.
//!
//! Only a creation can leave something that nobody remembers. An object that was being changed or destroyed is in the
//! state, and is read again by every plan.

use std::collections::BTreeSet;
use std::sync::Arc;

use addr::{ObjectKey, ProviderConfig};
use diag::{Diagnostic, Diagnostics};
use provider::{FindRequest, Found};
use state::State;
use state::journal::{Doing, Entry, Intent, Record};

use crate::live::Live;
use crate::nodes::nodes;
use crate::providers::Schemas;
use crate::{Common, code, objects};

/// What was found out about an open intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// The object was made, and is remembered now: its id.
    Made(String),
    /// The object was not made.
    NotMade,
    /// The object was being changed or destroyed; it is read again.
    ReadAgain,
}

/// What was found out, as what the journal is to hold, so that nothing is looked for twice.
#[derive(Debug, Default)]
pub struct Recovery {
    /// In the order of the intents; those about which nothing could be found out have none.
    pub fates: Vec<(Intent, Fate)>,
    /// Records that end these intents.
    pub entries: Vec<Entry>,
}

/// See [`crate::recover`].
pub(crate) async fn recover(
    common: &Common<'_>,
    prior: &State,
    intents: &[Intent],
    now: &str,
) -> (Recovery, Diagnostics) {
    let mut diags = Diagnostics::new();
    let mut res = Recovery::default();
    let remembered = prior.resources.values().map(|it| &it.provider);
    let names: BTreeSet<ProviderConfig> = remembered
        .chain(intents.iter().map(|it| &it.provider))
        .cloned()
        .collect();
    let providers = names.iter().map(|it| it.provider.clone());
    let schemas = Schemas::of(common.config, providers, common.registry);
    let Some(nodes) = nodes(common.config, &schemas, names, &mut diags) else {
        return (res, diags);
    };
    let values = crate::console::remembered(
        common,
        &schemas,
        &nodes,
        prior,
        &std::collections::BTreeMap::new(),
        false,
        &mut Diagnostics::new(),
    );
    let mut live = Live::default();
    let mut known: BTreeSet<String> = BTreeSet::new();
    for intent in intents {
        let ended = |object| match object {
            None => Entry::Ended {
                lineage: intent.lineage.clone(),
                intent: intent.id.clone(),
            },
            Some(object) => Entry::Finished(Record {
                lineage: intent.lineage.clone(),
                addr: intent.addr.clone(),
                key: ObjectKey::Current,
                provider: intent.provider.clone(),
                object: Some(object),
                ends: Some(intent.id.clone()),
            }),
        };
        if intent.doing != Doing::Create {
            res.entries.push(ended(None));
            res.fates.push((intent.clone(), Fate::ReadAgain));
            continue;
        }
        if !live.has(&intent.provider) {
            live.configure(&values, &intent.provider, prior, &mut diags)
                .await;
        }
        let kind = &intent.addr.resource.kind;
        let schema = live
            .get(&intent.provider)
            .and_then(|it| it.schema().resources.get(kind).cloned());
        let (Some(provider), Some(schema)) = (live.get(&intent.provider), schema) else {
            diags.push(unclear(intent, "Its provider cannot be asked.", &[]));
            continue;
        };
        let request = FindRequest {
            kind: kind.to_string(),
            identity: intent.identity.clone(),
            since: intent.since.clone(),
            now: now.to_owned(),
            known: ids(prior, kind).chain(known.iter().cloned()).collect(),
        };
        match provider.find(request).await {
            Ok(Found::Object(value)) => {
                let id = objects::id_of(&value).map(|it| it.1).unwrap_or_default();
                let value = objects::marked(&schema.block, &value, &[]);
                let template = &intent.template;
                let object = objects::encode(
                    &schema,
                    &value,
                    template.status,
                    template.private.clone(),
                    template.dependencies.clone(),
                    template.create_before_destroy,
                );
                known.insert(id.clone());
                res.entries.push(ended(Some(Arc::new(object))));
                res.fates.push((intent.clone(), Fate::Made(id)));
            }
            Ok(Found::Nothing) => {
                res.entries.push(ended(None));
                res.fates.push((intent.clone(), Fate::NotMade));
            }
            Ok(Found::Unsure(candidates)) => {
                let why =
                    "More than one object, or one that may have been there before, could be it:";
                diags.push(unclear(intent, why, &candidates));
            }
            Ok(Found::CannotTell) => {
                diags.push(unclear(intent, "Its type has nothing to find it by.", &[]));
            }
            Err(issues) => objects::report(&issues, Some(&intent.addr), None, &mut diags),
        }
    }
    (res, diags)
}

/// The ids of the objects of a type that are remembered, current and deposed.
fn ids<'a>(state: &'a State, kind: &'a str) -> impl Iterator<Item = String> + 'a {
    state
        .instances()
        .filter(move |(addr, ..)| &*addr.resource.kind == kind)
        .flat_map(|(_, _, instance)| instance.current.iter().chain(instance.deposed.values()))
        .filter_map(|object| match &object.attributes {
            state::object::Attributes::Json(it) => it.get("id")?.as_str().map(str::to_owned),
            state::object::Attributes::Flat(it) => it.get("id").cloned(),
        })
}

/// It may exist, and nobody can say: that is for a person.
fn unclear(intent: &Intent, why: &str, candidates: &[String]) -> Diagnostic {
    let addr = &intent.addr;
    let list: String = candidates.iter().map(|it| format!("\n  - {it}")).collect();
    let detail = format!(
        "An earlier run began to make {addr} at {} and did not learn how that ended, so that the object may exist. {why}{list}\nLook on the server. If it is there, import it:\n    dokplan import '{addr}' ID\nIf it is not, or is something else:\n    dokplan state rm '{addr}'\nUntil then nothing is planned, so that no second one is made.",
        intent.since
    );
    Diagnostic::error(&code::UNKNOWN_CREATE, detail).about(addr.to_string())
}
