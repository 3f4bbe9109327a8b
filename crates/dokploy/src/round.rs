//! One round of reading: what many objects are found in is asked for once.
//!
//! An application's answer holds its domains, mounts, ports and redirects; a project's list holds its environments.
//! All reads of a round share such answers, also while they are on their way.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use provider::{Issue, ReadRequest};
use serde_json::Value as Json;
use tokio::sync::OnceCell;

use crate::client::Failure;
use crate::driver::{Driver, normalised};
use crate::join::join_all;
use crate::limits::lock;
use crate::object::{attribute_value, id_in};
use crate::table::{Object, Resource, Siblings};

/// An answer on its way, or there.
type Answer = Arc<OnceCell<Result<Arc<Json>, Failure>>>;

/// The answers of one round, by procedure and input.
#[derive(Default)]
pub(crate) struct Round {
    answers: Mutex<BTreeMap<(String, String, String), Answer>>,
}

/// The objects of a type that the answers for what they are in hold.
pub(crate) struct Held {
    /// By id.
    pub(crate) objects: BTreeMap<String, Json>,
    /// What could not be asked, because of more than an object: by what the objects are in.
    pub(crate) failed: BTreeMap<Place, Failure>,
}

/// Where an object is held: procedure, input, the input's value, and the member with the list.
pub(crate) type Place = (String, String, String, &'static str);

impl Driver {
    /// A query whose answer may be there already.
    pub(crate) async fn shared(
        &self,
        round: &Round,
        procedure: &str,
        input: &str,
        value: &str,
    ) -> Result<Arc<Json>, Failure> {
        let key = (procedure.to_owned(), input.to_owned(), value.to_owned());
        let answer = lock(&round.answers).entry(key).or_default().clone();
        let asked = answer.get_or_init(|| async {
            let answer = self.client.query(procedure, &[(input, value)]).await;
            answer.map(Arc::new)
        });
        asked.await.clone()
    }

    /// The objects of a type that are held by what they are in.
    pub(crate) async fn held(
        &self,
        resource: &'static Resource,
        requests: &[ReadRequest],
        round: &Round,
    ) -> Held {
        let object = resource.object;
        let places: BTreeSet<Place> = requests
            .iter()
            .filter_map(|it| place_of(resource, it))
            .collect();
        let answers = join_all(places.into_iter().map(|place| async move {
            let (procedure, input, id, _) = &place;
            let answer = self.shared(round, procedure, input, id).await;
            (place, answer)
        }));
        let mut res = Held {
            objects: BTreeMap::new(),
            failed: BTreeMap::new(),
        };
        for (place, answer) in answers.await {
            match answer {
                Ok(answer) => self.unpack(object, &place, &answer, &mut res.objects),
                // Each object says by itself what is wrong with it.
                Err(failure) if failure.refusal().is_some() => {}
                Err(failure) => {
                    res.failed.insert(place, failure);
                }
            }
        }
        res
    }

    fn unpack(
        &self,
        object: &Object,
        place: &Place,
        answer: &Json,
        found: &mut BTreeMap<String, Json>,
    ) {
        let (_, input, parent, inside) = place;
        let rows = if inside.is_empty() {
            Some(answer)
        } else {
            answer.get(*inside)
        };
        for row in rows.and_then(Json::as_array).into_iter().flatten() {
            let mut raw = normalised(object, row.clone());
            if let Some(members) = raw.as_object_mut() {
                members
                    .entry(input.clone())
                    .or_insert_with(|| Json::from(parent.as_str()));
            }
            self.saw(object, &raw);
            if let Some(id) = id_in(object, &raw).map(str::to_owned) {
                found.insert(id, raw);
            }
        }
    }
}

impl Held {
    /// Why an object could not be asked for. The first of several that are in one thing says it.
    pub(crate) fn failure(
        &self,
        resource: &Resource,
        request: &ReadRequest,
        told: &mut BTreeSet<Place>,
        say: impl Fn(&Failure) -> Issue,
    ) -> Option<Vec<Issue>> {
        let place = place_of(resource, request)?;
        let failure = self.failed.get(&place)?;
        let issue = told.insert(place).then(|| say(failure));
        Some(issue.into_iter().collect())
    }
}

/// What holds an object, as far as it is remembered.
fn place_of(resource: &Resource, request: &ReadRequest) -> Option<Place> {
    let object = resource.object;
    let remembered = |field: &str| {
        let attribute = resource.attribute_of(field)?;
        let value = attribute_value(resource, &request.current, attribute);
        value
            .as_str()
            .filter(|it| !it.is_empty())
            .map(str::to_owned)
    };
    object.held.iter().find_map(|it: &Siblings| {
        if it.procedure.is_empty() {
            let service = object.service.as_ref()?;
            let kind = remembered(service.kind)?;
            let id = remembered(service.id)?;
            return Some((format!("{kind}.one"), format!("{kind}Id"), id, it.inside));
        }
        let id = remembered(it.by)?;
        Some((it.procedure.to_owned(), it.by.to_owned(), id, it.inside))
    })
}
