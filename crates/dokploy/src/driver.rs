//! The one driver of all rows: lists, reads, creates, changes, deletes and finds objects.
//!
//! It knows what the vocabulary means and no type of object by name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use provider::{
    ApplyRequest, ApplyResponse, FindRequest, Found, Issue, Private, ReadRequest, ReadResponse,
};
use serde_json::Value as Json;
use tokio::time::sleep;
use value::{Type, Value};

use crate::adopt::{self, Owners};
use crate::calls;
use crate::client::{Client, Failure};
use crate::discover::Search;
use crate::join::join_all;
use crate::limits::lock;
use crate::object::{
    completed, create_input, field_of, id_in, is_as_planned, is_complete, is_needed, update_input,
    value_of, wants_current, was_made_from,
};
use crate::quirk::Quirk;
use crate::round::Round;
use crate::table::{
    Answered, Attribute, Created, Dialect, Form, Object, Outside, Resource, Source, Span,
};
use crate::version::{NEWEST_KNOWN, OLDEST_KNOWN, Version};
use crate::wire::{literal_json, type_of};

/// How often the list is looked at for an object whose creation may still be going on, and the pause before the
/// second look; it doubles.
const LOOKS: u32 = 4;
const FIRST_LOOK: Duration = Duration::from_secs(1);

/// How old a creation is whose request cannot be on its way any more.
const SETTLED: Duration = Duration::from_secs(10);

/// By how many milliseconds the clock of a server and that of its database may differ, and its `Date` be rounded.
const CLOCKS_DIFFER: u16 = 10_000;

/// The environment that each project has.
const DEFAULT_ENVIRONMENT: &str = "production";

/// The environments of a project.
pub(crate) const ENVIRONMENTS: &str = "environment.byProjectId";

/// Makes up a host for a domain.
pub(crate) const MAKE_UP_HOST: &str = "domain.generateDomain";

/// The services that backups may be of where the row does not say.
pub(crate) const SERVICE_KINDS: &[&str] = &["compose", "postgres", "mysql", "mariadb", "mongo"];

const VERSION: &str = "settings.getDokployVersion";
const WHO: &str = "user.get";

/// A service that domains lead to, and that can be deployed.
struct Deployed {
    /// The query for one.
    one: &'static str,
    /// The field that identifies it, and the input of both calls.
    id: &'static str,
    /// What attributes that lead to it are called.
    attribute: &'static str,
    /// The call that deploys it.
    deploy: &'static str,
}

const APPLICATION: Deployed = Deployed {
    one: "application.one",
    id: "applicationId",
    attribute: "application_id",
    deploy: "application.deploy",
};

const COMPOSE: Deployed = Deployed {
    one: "compose.one",
    id: "composeId",
    attribute: "compose_id",
    deploy: "compose.deploy",
};

/// The calls that no row names.
pub(crate) fn own_calls() -> Vec<calls::Call> {
    let by = "driver";
    let mut res = vec![calls::query(by, VERSION, &[]), calls::query(by, WHO, &[])];
    for service in [APPLICATION, COMPOSE] {
        res.push(calls::query(by, service.one, &[service.id]));
        res.push(calls::change(by, service.deploy, &[service.id]));
    }
    res
}

/// Work with one key of one Dokploy.
pub(crate) struct Driver {
    pub(crate) client: Arc<Client>,
    pub(crate) owners: Owners,
}

/// Remembers the secrets of an object as it is stored.
pub(crate) fn conceal(
    secrets: &crate::redact::Secrets,
    resource: &Resource,
    attributes: &serde_json::Value,
) {
    for attribute in secret_attributes(resource) {
        let secret = &attributes[attribute.name];
        let entries = secret.as_object().into_iter().flat_map(|it| it.values());
        for text in std::iter::once(secret).chain(entries) {
            secrets.learn(text.as_str().unwrap_or_default());
        }
    }
}

fn secret_attributes(resource: &Resource) -> impl Iterator<Item = &'static Attribute> {
    let attributes = resource.attributes.iter();
    attributes.filter(|it| it.sensitive || field_of(resource, it).secret)
}

impl Driver {
    /// Remembers the secrets of a value, so that no text shows them.
    pub(crate) fn learn(&self, resource: &Resource, value: &Value) {
        for attribute in secret_attributes(resource) {
            let secret = value.get(attribute.name);
            if let Some(text) = secret.as_ref().and_then(Value::as_str) {
                self.client.secrets.learn(text);
            }
            let entries = secret.as_ref().and_then(Value::entries);
            for text in entries.into_iter().flat_map(BTreeMap::values) {
                self.client.secrets.learn(text.as_str().unwrap_or_default());
            }
        }
    }

    /// What many objects of one type are now. Only the first of several failures for one reason says it.
    pub(crate) async fn read_all(
        &self,
        resource: &'static Resource,
        requests: Vec<ReadRequest>,
        round: &Round,
    ) -> Vec<ReadResponse> {
        let object = resource.object;
        for request in &requests {
            self.learn(resource, &request.current);
            if let Some(id) = id_of(resource, &request.current) {
                self.owners.hold(object, &id);
            }
        }
        if let Some(issue) = self.lacks(resource).await {
            return unread(requests, issue);
        }
        let listed = match object.all {
            Some(procedure) => match self.list(object, procedure).await {
                Ok(rows) => Some(rows),
                Err(failure) => {
                    return unread(requests, complaint(resource, "reading", &failure));
                }
            },
            None => None,
        };
        let mut held = self.held(resource, &requests, round).await;
        let is_listed = listed.is_some();
        for raw in listed.into_iter().flatten() {
            if let Some(id) = id_in(object, &raw).map(str::to_owned) {
                held.objects.insert(id, raw);
            }
        }
        let mut told = BTreeSet::new();
        let held = &held;
        let responses: Vec<_> = requests
            .into_iter()
            .map(|request| {
                let failed = held.failure(resource, &request, &mut told, |failure| {
                    complaint(resource, "reading", failure)
                });
                async move {
                    let id = id_of(resource, &request.current);
                    let found = id.and_then(|it| held.objects.get(&it));
                    let (object, issues) = match (found, failed) {
                        (Some(raw), _) => (
                            Ok(Some(value_of(resource, raw, &request.current))),
                            Vec::new(),
                        ),
                        (None, Some(issues)) => (Err(()), issues),
                        (None, None) => {
                            return self.read_one(resource, request, is_listed, round).await;
                        }
                    };
                    ReadResponse {
                        object,
                        private: request.private,
                        issues,
                    }
                }
            })
            .collect();
        join_all(responses).await
    }

    /// One object by its own query: where there is no list, and for one that is not in it. The list says which
    /// objects of the key's organization there are; only an object of another organization is told apart here.
    async fn read_one(
        &self,
        resource: &'static Resource,
        request: ReadRequest,
        is_listed: bool,
        round: &Round,
    ) -> ReadResponse {
        let object = resource.object;
        let private = request.private;
        let respond = |object, private: Private, issues| ReadResponse {
            object,
            private,
            issues,
        };
        let Some(id) = id_of(resource, &request.current) else {
            return respond(Ok(None), private, Vec::new());
        };
        if object.one.is_empty() && is_listed {
            return respond(Ok(None), private, Vec::new());
        }
        let answer = self.shared(round, object.one, object.id_input(), &id).await;
        let answer = answer.map(|it| self.opened(object, Arc::unwrap_or_clone(it)));
        match answer {
            Ok(raw) if id_in(object, &raw) == Some(&id) && is_of(object, &raw) => {
                let raw = match self.with_parts(resource, &id, &request.current, raw).await {
                    Ok(raw) => raw,
                    Err(failure) => {
                        let issue = complaint(resource, "reading", &failure);
                        return respond(Err(()), private, vec![issue]);
                    }
                };
                let value = value_of(resource, &raw, &request.current);
                respond(Ok(Some(value)), private, Vec::new())
            }
            Ok(_) if is_listed => respond(Ok(None), private, Vec::new()),
            Ok(_) => {
                let failure = self
                    .client
                    .wrong_shape(object.one, false, "it is no such object");
                respond(
                    Err(()),
                    private,
                    vec![complaint(resource, "reading", &failure)],
                )
            }
            Err(failure) if says_gone(object, &failure) => respond(Ok(None), private, Vec::new()),
            Err(failure) if failure.says_foreign() => {
                let mut issue = complaint(resource, "reading", &failure);
                issue.detail.push_str(&format!(
                    "\nThe {} {id} exists, but not in the organization that the API key is for. Nothing is planned for it, so that no second one is made.",
                    object.noun
                ));
                respond(Err(()), private, vec![issue])
            }
            // The list is right about what there is, whatever this version answers for what there is not.
            Err(failure)
                if is_listed
                    && failure
                        .refusal()
                        .is_some_and(|it| it.status == 400 || it.status == 500) =>
            {
                respond(Ok(None), private, Vec::new())
            }
            Err(failure) => {
                let issue = complaint(resource, "reading", &failure);
                respond(Err(()), private, vec![issue])
            }
        }
    }

    /// The object with those of its remembered fields that have queries of their own.
    async fn with_parts(
        &self,
        resource: &Resource,
        id: &str,
        current: &Value,
        mut raw: Json,
    ) -> Result<Json, Failure> {
        let object = resource.object;
        for span in object.spans {
            let remembered = resource
                .attribute_of(span.field)
                .and_then(|it| current.get(it.name))
                .is_some_and(|it| !it.is_null());
            let is_null = raw.get(span.field).is_some_and(Json::is_null);
            if remembered && is_null && !span.holds(self.version().await) {
                let members = raw.as_object_mut();
                members.and_then(|it| it.shift_remove(span.field));
            }
        }
        for (procedure, field) in object.apart {
            let attribute = resource.attribute_of(field);
            let remembered = attribute.and_then(|it| current.get(it.name));
            if remembered.is_none_or(|it| it.is_null()) {
                continue;
            }
            let part = self.client.query(procedure, &[(object.id, id)]).await?;
            if let (Some(members), Json::String(_)) = (raw.as_object_mut(), &part) {
                members.insert((*field).to_owned(), part);
            }
        }
        Ok(raw)
    }

    /// Creates, changes or deletes an object.
    pub(crate) async fn apply(
        &self,
        resource: &'static Resource,
        request: ApplyRequest,
    ) -> ApplyResponse {
        for value in [&request.prior, &request.planned, &request.config] {
            self.learn(resource, value);
        }
        let private = request.private.clone();
        let lock = self.client.server.creating("routing");
        let _alone = if resource.object.is_serial {
            Some(lock.lock().await)
        } else {
            None
        };
        let mut is_unclear = false;
        let (object, issues) = if request.planned.is_null() {
            self.delete(resource, request.prior).await
        } else if request.prior.is_null() {
            self.create(resource, &request.planned, &private, &mut is_unclear)
                .await
        } else {
            self.update(resource, request.prior, &request.planned).await
        };
        let mut issues = issues;
        issues.extend(self.note());
        let private = adopt::over(private).filter(|_| !object.is_null());
        ApplyResponse {
            object,
            private,
            issues,
            is_unclear,
        }
    }

    /// `is_unclear` is set where an object may have been made that is not given.
    async fn create(
        &self,
        resource: &'static Resource,
        planned: &Value,
        private: &Private,
        is_unclear: &mut bool,
    ) -> (Value, Vec<Issue>) {
        let object = resource.object;
        if let Some(issue) = self.lacks(resource).await {
            return (nothing(resource), vec![issue]);
        }
        let failed = |failure: &Failure| {
            let issue = complaint(resource, "creating", failure);
            (nothing(resource), vec![issue])
        };
        let organization = match self.organization(object).await {
            Ok(it) => it,
            Err(failure) => return failed(&failure),
        };
        let mut input = create_input(resource, planned, organization.as_deref());
        if object.has(Quirk::DomainInput)
            && let Err(failure) = self.complete_domain(planned, &mut input).await
        {
            return failed(&failure);
        }
        let wants = asks(planned, "adopt_existing") && !object.found_by.is_empty();
        let making = self.owners.making(object);
        let is_alone = wants && adopt::is_open(private);
        let _alone = if is_alone {
            Some(making.write().await)
        } else {
            None
        };
        let _beside = if is_alone {
            None
        } else {
            Some(making.read().await)
        };
        if wants {
            match self.adoption(resource, planned, private).await {
                Ok(None) => {}
                Ok(Some(raw)) => {
                    let before = value_of(resource, &raw, &Value::null(Type::Dynamic));
                    let planned = completed(resource, planned, Some(&raw));
                    let (made, issues) = self.update(resource, before, &planned).await;
                    if issues.iter().any(Issue::is_error) {
                        // It was there before: a state that holds it as made in part would have it deleted.
                        return (nothing(resource), issues);
                    }
                    return (made, issues);
                }
                Err(issue) => return (nothing(resource), vec![*issue]),
            }
        }
        if let Err(failure) = self.verify(resource, planned, &input).await {
            let mut issue = complaint(resource, "creating", &failure);
            issue.detail.push_str("\nNothing was stored.");
            return (nothing(resource), vec![issue]);
        }
        if object.has(Quirk::HasDefault) {
            match self.adopt(resource, planned, &input).await {
                Ok(None) => {}
                Ok(Some(res)) => return res,
                Err(failure) => return failed(&failure),
            }
        }
        // Inside objects, and remembered as it was sent where no answer has it.
        let mut sent_organization = None;
        for field in object.fields.iter().filter(|it| it.name.contains('.')) {
            let (outer, inner) = field.name.split_once('.').unwrap_or_default();
            let Some(members) = input.as_object_mut() else {
                continue;
            };
            let Some(value) = members.remove(field.name) else {
                continue;
            };
            sent_organization = Some((field.name, value.clone()));
            let mut nested = serde_json::Map::new();
            nested.insert(inner.to_owned(), value);
            members.insert(outer.to_owned(), Json::Object(nested));
        }
        let raw = match object.created {
            Created::Object | Created::Within(_) => self.create_answered(object, input).await,
            Created::Nothing => self.create_silent(object, input).await,
            Created::Part => self.create_part(resource, planned, input).await,
        };
        let raw = match raw {
            Ok(mut raw) => {
                if let (Some((name, value)), Some(members)) =
                    (sent_organization, raw.as_object_mut())
                {
                    members.insert(name.to_owned(), value);
                }
                raw
            }
            Err(Uncreated::Failed(failure)) => {
                *is_unclear = failure.is_uncertain() && object.created != Created::Part;
                return failed(&failure);
            }
            Err(Uncreated::Unclear(failure, detail)) => {
                *is_unclear = true;
                let (object, mut issues) = failed(&failure);
                for issue in &mut issues {
                    issue.detail.push_str(&detail);
                }
                return (object, issues);
            }
        };
        let Some(id) = id_in(object, &raw).map(str::to_owned) else {
            let what = "the new object has no id";
            return failed(&self.client.wrong_shape(object.create, true, what));
        };
        self.owners.hold(object, &id);
        self.saw(object, &raw);
        // Some creates answer a part of the object. That the rest cannot be read is no failure: the next read has it.
        let raw = if object.one.is_empty() || is_complete(resource, planned, &raw) {
            raw
        } else {
            self.one(object, &id).await.unwrap_or(raw)
        };
        let made = completed(resource, planned, Some(&raw));

        // What a create does not take is set by an update right after it.
        let before = value_of(resource, &raw, &Value::null(Type::Dynamic));
        let rest = object.updates.iter().filter(|call| {
            let sets = call.fields.iter().any(|name| {
                let field = object.field(name);
                let is_untaken = field.is_some_and(|it| it.create == crate::table::Unset::NotTaken);
                let planned = resource
                    .attribute_of(name)
                    .and_then(|it| planned.get(it.name))
                    .filter(|it| it.is_known() && !crate::wire::is_empty(it));
                is_untaken && planned.is_some()
            });
            sets && is_needed(resource, call, &before, &made)
        });
        let mut issues = Vec::new();
        for call in rest {
            let input = update_input(resource, call, &id, &before, &made, Some(&raw));
            if is_idle(&input) {
                continue;
            }
            if let Err(failure) = self.change(object, call.procedure, input).await {
                let mut issue = complaint(resource, "creating", &failure);
                issue.detail.push_str(&format!(
                    "\nThe {} {id} was created; what failed came after it.",
                    object.noun
                ));
                issues.push(issue);
            }
        }
        if issues.is_empty() {
            // What the follow-up may have changed besides what was planned is seen by the next read.
            (made, issues)
        } else {
            let now = self.again(object, &id).await.ok().flatten().unwrap_or(raw);
            (value_of(resource, &now, &made), issues)
        }
    }

    /// Tries whether what is to be stored works, where that is asked for.
    async fn verify(
        &self,
        resource: &Resource,
        planned: &Value,
        input: &Json,
    ) -> Result<(), Failure> {
        let Some(test) = &resource.object.test else {
            return Ok(());
        };
        if !asks(planned, "verify_connection") {
            return Ok(());
        }
        let mut members = input.as_object().cloned().unwrap_or_default();
        members.retain(|name, _| test.fields.contains(&name.as_str()));
        let input = Json::Object(members);
        self.client.change(test.procedure, input).await.map(|_| ())
    }

    /// Takes over the environment that came with the project, if that is the one to be made.
    async fn adopt(
        &self,
        resource: &'static Resource,
        planned: &Value,
        input: &Json,
    ) -> Result<Option<(Value, Vec<Issue>)>, Failure> {
        let get = |name: &str| input.get(name).and_then(Json::as_str);
        let (Some(DEFAULT_ENVIRONMENT), Some(project)) = (get("name"), get("projectId")) else {
            return Ok(None);
        };
        let object = resource.object;
        let procedure = ENVIRONMENTS;
        let listed = self
            .client
            .query(procedure, &[("projectId", project)])
            .await?;
        let Json::Array(rows) = listed else {
            return Err(self.client.wrong_shape(procedure, false, "it is no list"));
        };
        let found = rows.iter().find(|it| {
            let is_default = it.get("isDefault").and_then(Json::as_bool);
            is_default == Some(true)
                || it.get("name").and_then(Json::as_str) == Some(DEFAULT_ENVIRONMENT)
        });
        let Some(id) = found.and_then(|it| id_in(object, it)) else {
            return Ok(None);
        };
        let raw = self.one(object, id).await?;
        // What is not configured stays as it is; what is configured is set.
        let before = value_of(resource, &raw, &Value::null(Type::Dynamic));
        let planned = completed(resource, planned, Some(&raw));
        Ok(Some(self.update(resource, before, &planned).await))
    }

    /// A create that answers the object.
    async fn create_answered(&self, object: &Object, input: Json) -> Result<Json, Uncreated> {
        let scope = self.client.scope(object.name);
        let failure = match self.change(object, object.create, input.clone()).await {
            Ok(mut answer) => {
                let raw = match object.created {
                    Created::Within(name) => {
                        let environment = answer.get_mut("environment").map(Json::take);
                        let mut raw = answer.get_mut(name).map(Json::take);
                        let members = raw.as_mut().and_then(Json::as_object_mut);
                        if let (Some(members), Some(it)) = (members, environment) {
                            members.insert("environments".to_owned(), Json::Array(vec![it]));
                        }
                        raw.map(|it| normalised(object, it))
                    }
                    Created::Object | Created::Nothing | Created::Part => Some(answer),
                };
                if let Some(raw) = raw.filter(|it| id_in(object, it).is_some()) {
                    return Ok(raw);
                }
                let what = "the new object has no id";
                self.client.wrong_shape(object.create, true, what)
            }
            Err(failure) if failure.is_uncertain() => failure,
            Err(failure) => return Err(Uncreated::Failed(failure)),
        };
        let before = self.client.server.known(&scope);
        self.recover(object, &input, before.as_ref(), failure).await
    }

    /// A create that sets a part of something that exists.
    async fn create_part(
        &self,
        resource: &'static Resource,
        planned: &Value,
        input: Json,
    ) -> Result<Json, Uncreated> {
        let object = resource.object;
        let id = input.get(object.id).and_then(Json::as_str);
        let id = id.unwrap_or_default().to_owned();
        let whole = object
            .updates
            .iter()
            .find(|it| it.procedure == object.create && it.form == Form::Whole);
        let missing = || {
            let what = "there is none with this id";
            Uncreated::Failed(self.client.wrong_shape(object.create, true, what))
        };
        let input = match whole {
            None => input,
            Some(call) => {
                // What is not configured stays as it is.
                let now = self.again(object, &id).await.map_err(Uncreated::Failed)?;
                let now = now.ok_or_else(missing)?;
                let nothing = Value::null(Type::Dynamic);
                update_input(resource, call, &id, &nothing, planned, Some(&now))
            }
        };
        let made = self.change(object, object.create, input).await;
        made.map_err(Uncreated::Failed)?;
        let made = self.again(object, &id).await.map_err(Uncreated::Failed)?;
        made.ok_or_else(missing)
    }

    /// A create that answers nothing: the new object is the one that was not there before.
    async fn create_silent(&self, object: &Object, input: Json) -> Result<Json, Uncreated> {
        let lock = self.client.server.creating(object.name);
        let _alone = lock.lock().await;
        let before = self.candidates(object, &input).await;
        let Some(before) = before.map_err(Uncreated::Failed)? else {
            let what = "nothing, where the table names no list to find the new object in";
            let failure = self.client.wrong_shape(object.create, true, what);
            return Err(Uncreated::Failed(failure));
        };
        let before: BTreeSet<String> = before
            .iter()
            .filter_map(|it| id_in(object, it).map(str::to_owned))
            .collect();
        let failure = match self.change(object, object.create, input.clone()).await {
            // Some versions do answer the object.
            Ok(raw) if id_in(object, &raw).is_some() => return Ok(raw),
            Ok(_) => {
                let what = "the new object is not in the list";
                self.client.wrong_shape(object.create, true, what)
            }
            Err(failure) if failure.is_uncertain() => failure,
            Err(failure) => return Err(Uncreated::Failed(failure)),
        };
        self.recover(object, &input, Some(&before), failure).await
    }

    /// The objects among which a new one is; `None` where Dokploy has no such list.
    async fn candidates(
        &self,
        object: &Object,
        input: &Json,
    ) -> Result<Option<Vec<Json>>, Failure> {
        if let Some(all) = object.all {
            return self.list(object, all).await.map(Some);
        }
        let Some(siblings) = &object.siblings else {
            return Ok(None);
        };
        if siblings.by.is_empty() && !siblings.procedure.is_empty() {
            let Json::Array(rows) = self.client.query(siblings.procedure, &[]).await? else {
                let what = "it is no list";
                return Err(self.client.wrong_shape(siblings.procedure, false, what));
            };
            let rows = rows.into_iter().filter_map(|mut row| {
                let own = row.get_mut(siblings.inside).map(Json::take)?;
                let members = row.as_object_mut()?;
                members.extend(own.as_object()?.clone());
                Some(row)
            });
            return Ok(Some(rows.collect()));
        }
        let get = |name: &str| input.get(name).and_then(Json::as_str);
        let (procedure, by) = if siblings.procedure.is_empty() {
            let of_input = |kind: &&&str| get(&format!("{kind}Id")).is_some();
            let kind = SERVICE_KINDS.iter().find(of_input).unwrap_or(&"postgres");
            (format!("{kind}.one"), format!("{kind}Id"))
        } else {
            (siblings.procedure.to_owned(), siblings.by.to_owned())
        };
        let parent = get(&by).unwrap_or_default();
        let answer = self.client.query(&procedure, &[(&by, parent)]).await?;
        let Some(Json::Array(rows)) = answer.get(siblings.inside) else {
            let what = "it does not hold the list";
            return Err(self.client.wrong_shape(&procedure, false, what));
        };
        Ok(Some(rows.clone()))
    }

    /// What a new domain is sent besides its attributes.
    async fn complete_domain(&self, planned: &Value, input: &mut Json) -> Result<(), Failure> {
        let Some(members) = input.as_object_mut() else {
            return Ok(());
        };
        let text = |name: &str| {
            planned
                .get(name)
                .and_then(|it| it.as_str().map(str::to_owned))
        };
        let is_of_compose = text("compose_id").is_some_and(|it| !it.is_empty());
        let kind = if is_of_compose {
            "compose"
        } else {
            "application"
        };
        members.insert("domainType".to_owned(), Json::from(kind));
        if !members.contains_key("certificateType") {
            let is_secure = members.get("https").and_then(Json::as_bool) == Some(true);
            let certificate = if is_secure { "letsencrypt" } else { "none" };
            members.insert("certificateType".to_owned(), Json::from(certificate));
        }
        let is_generated = planned
            .get("generate_traefik_me")
            .is_some_and(|it| it.as_bool() == Some(true));
        if is_generated && !members.contains_key("host") {
            let service = if is_of_compose { COMPOSE } else { APPLICATION };
            let parent = text(service.attribute).unwrap_or_default();
            let inputs = [(service.id, parent.as_str())];
            let parent = self.client.query(service.one, &inputs).await?;
            let name = parent.get("name").and_then(Json::as_str).unwrap_or("app");
            let mut wish = serde_json::Map::new();
            wish.insert("appName".to_owned(), Json::from(name));
            let procedure = MAKE_UP_HOST;
            let host = self.client.change(procedure, Json::Object(wish)).await?;
            if !host.is_string() {
                return Err(self.client.wrong_shape(procedure, true, "it is no text"));
            }
            members.insert("host".to_owned(), host);
        }
        Ok(())
    }

    /// Deploys what a domain leads to, if an attribute asks for that. That it failed is a warning.
    async fn redeploy(&self, resource: &Resource, value: &Value) -> Option<Issue> {
        if !asks(value, "redeploy_on_update") || !resource.object.has(Quirk::Deploys) {
            return None;
        }
        let text = |name: &str| {
            let value = value.get(name)?;
            value
                .as_str()
                .filter(|it| !it.is_empty())
                .map(str::to_owned)
        };
        let of = |service: Deployed| Some((text(service.attribute)?, service));
        let (id, service) = of(APPLICATION).or_else(|| of(COMPOSE))?;
        let mut input = serde_json::Map::new();
        input.insert(service.id.to_owned(), Json::from(id));
        let input = Json::Object(input);
        let failure = self.client.change(service.deploy, input).await.err()?;
        Some(Issue::warning("Deployment not started", failure.detail()))
    }

    /// Looks for an object that was made and not answered: it is in the list, was not there before, and has
    /// everything that was sent.
    async fn recover(
        &self,
        object: &Object,
        input: &Json,
        before: Option<&BTreeSet<String>>,
        failure: Failure,
    ) -> Result<Json, Uncreated> {
        let noun = object.noun;
        let mut pause = FIRST_LOOK;
        for look in 0..LOOKS {
            if look > 0 {
                sleep(pause).await;
                pause *= 2;
            }
            let rows = match self.candidates(object, input).await {
                Ok(Some(rows)) => rows,
                Ok(None) => return Err(Uncreated::Failed(failure)),
                Err(again) => {
                    let detail = format!(
                        "\nWhether the {noun} was created is not known, as it could not be looked for either: {} Look in Dokploy before the next apply; if it is there, import it.",
                        again.detail()
                    );
                    return Err(Uncreated::Unclear(failure, detail));
                }
            };
            let mut made: Vec<Json> = rows
                .into_iter()
                .filter(|raw| was_made_from(object, input, raw))
                .filter(|raw| {
                    let id = id_in(object, raw);
                    id.is_some_and(|id| before.is_none_or(|it| !it.contains(id)))
                })
                .collect();
            match (made.len(), before) {
                (0, _) => {}
                (1, Some(_)) => return made.pop().ok_or(Uncreated::Failed(failure)),
                _ => {
                    let ids: Vec<&str> = made.iter().filter_map(|it| id_in(object, it)).collect();
                    let detail = format!(
                        "\nWhether the {noun} was created is not known. These look like it: {}. If one of them is new, import it; otherwise apply again.",
                        ids.join(", ")
                    );
                    return Err(Uncreated::Unclear(failure, detail));
                }
            }
        }
        let detail = format!(
            "\nA new {noun} was looked for and is not there. If Dokploy is still at work it may appear later: look before the next apply, and import it if it is there."
        );
        Err(Uncreated::Unclear(failure, detail))
    }

    async fn update(
        &self,
        resource: &'static Resource,
        prior: Value,
        planned: &Value,
    ) -> (Value, Vec<Issue>) {
        let object = resource.object;
        let Some(id) = id_of(resource, &prior) else {
            let issue = Issue::error(
                title(resource, "updating"),
                format!(
                    "The state holds no id of this {}. Remove it from the state and import it.",
                    object.noun
                ),
            );
            return (prior, vec![issue]);
        };
        let calls: Vec<_> = object
            .updates
            .iter()
            .filter(|it| is_needed(resource, it, &prior, planned))
            .collect();
        let scope = self.client.scope(object.name);
        let mut raw = None;
        if calls.iter().any(|it| wants_current(resource, it, planned)) {
            raw = self.client.server.last(&scope, &id);
            if raw.is_none() {
                match self.one(object, &id).await {
                    Ok(it) => raw = Some(it),
                    Err(failure) => {
                        return (prior, vec![complaint(resource, "updating", &failure)]);
                    }
                }
            }
        }
        if let Some(test) = resource.object.test.as_ref().filter(|_| !calls.is_empty()) {
            let input = update_input(resource, test, &id, &prior, planned, raw.as_ref());
            if let Err(failure) = self.verify(resource, planned, &input).await {
                let mut issue = complaint(resource, "updating", &failure);
                issue.detail.push_str("\nNothing was changed.");
                return (prior, vec![issue]);
            }
        }
        for call in calls {
            let current = raw.as_ref().filter(|_| call.form == Form::Whole);
            let input = update_input(resource, call, &id, &prior, planned, current);
            if is_idle(&input) {
                continue;
            }
            self.client.server.forget(&scope, &id);
            match self.change(object, call.procedure, input).await {
                Ok(_) if object.has(Quirk::AnswersOld) => raw = None,
                // Some answer the object, some `true`, some nothing.
                Ok(answer) if id_in(object, &answer) == Some(&id) => {
                    self.saw(object, &answer);
                    raw = Some(answer);
                }
                Ok(_) => raw = None,
                Err(failure) => {
                    return self
                        .read_back(resource, &id, &prior, planned, &failure)
                        .await;
                }
            }
        }
        let made = completed(resource, planned, raw.as_ref());
        let is_open = raw.is_none() && planned != &made;
        if !is_open {
            let issue = self.redeploy(resource, &made).await;
            return (made, issue.into_iter().collect());
        }
        match self.again(object, &id).await {
            Ok(Some(raw)) => {
                let made = completed(resource, planned, Some(&raw));
                let issue = self.redeploy(resource, &made).await;
                (made, issue.into_iter().collect())
            }
            Ok(None) => {
                let detail = format!("The {} {id} was changed, and is gone since.", object.noun);
                let issue = Issue::error(title(resource, "updating"), detail);
                (nothing(resource), vec![issue])
            }
            Err(failure) => (made, vec![complaint(resource, "updating", &failure)]),
        }
    }

    /// What is there after an update that failed, or whose answer was lost.
    async fn read_back(
        &self,
        resource: &'static Resource,
        id: &str,
        prior: &Value,
        planned: &Value,
        failure: &Failure,
    ) -> (Value, Vec<Issue>) {
        let object = resource.object;
        let mut issue = complaint(resource, "updating", failure);
        let may_be_stored = failure.is_uncertain() || failure.refusal().is_some();
        if !may_be_stored {
            return (prior.clone(), vec![issue]);
        }
        match self.again(object, id).await {
            Ok(Some(raw)) if failure.is_uncertain() && is_as_planned(resource, planned, &raw) => {
                // The answer was lost; the change was not.
                (completed(resource, planned, Some(&raw)), Vec::new())
            }
            Ok(Some(raw)) => {
                let is_stored = is_as_planned(resource, planned, &raw);
                if is_stored && object.has(Quirk::StoredWhenRefused) {
                    issue.detail.push_str(
                        "\nDokploy has stored the new values all the same, and the state says so. If they are wrong, correct them and apply again; until then this object does not work.",
                    );
                }
                // Texts that mean what was planned are kept as planned; what is never answered is as before.
                let known = completed(resource, planned, Some(&raw));
                let base = Value::object(resource.attributes.iter().map(|attribute| {
                    let field = field_of(resource, attribute);
                    let is_shown =
                        raw.get(attribute.field).is_some() && field.answered != Answered::Never;
                    let from = if is_shown { &known } else { prior };
                    let value = crate::object::attribute_value(resource, from, attribute);
                    let value = if value.is_known() {
                        value
                    } else {
                        Value::null(type_of(field.kind))
                    };
                    (Arc::from(attribute.name), value)
                }));
                (value_of(resource, &raw, &base), vec![issue])
            }
            Ok(None) => {
                issue.detail.push_str(&format!(
                    "\nThe {} {id} does not exist any more.",
                    object.noun
                ));
                (nothing(resource), vec![issue])
            }
            Err(again) => {
                issue.detail.push_str(&format!(
                    "\nWhat is stored now could not be read back either: {} The state keeps the old values; the next plan compares again.",
                    again.detail()
                ));
                (prior.clone(), vec![issue])
            }
        }
    }

    async fn delete(&self, resource: &'static Resource, prior: Value) -> (Value, Vec<Issue>) {
        let object = resource.object;
        let Some(id) = id_of(resource, &prior) else {
            return (nothing(resource), Vec::new());
        };
        let mut input = serde_json::Map::new();
        match object.removed_by {
            None => {
                input.insert(object.id_input().to_owned(), Json::from(id.as_str()));
            }
            Some(field) => {
                let attribute = resource.attribute_of(field);
                let known = attribute.and_then(|it| prior.get(it.name));
                let known = known.and_then(|it| it.as_str().map(str::to_owned));
                let value = match known.filter(|it| !it.is_empty()) {
                    Some(it) => Json::from(it),
                    None => match self.one(object, &id).await {
                        Ok(raw) => raw.get(field).cloned().unwrap_or_default(),
                        Err(failure) if says_gone(object, &failure) => {
                            return (nothing(resource), Vec::new());
                        }
                        Err(failure) => {
                            return (prior, vec![complaint(resource, "deleting", &failure)]);
                        }
                    },
                };
                input.insert(field.to_owned(), value);
            }
        }
        for (name, value) in object.removal {
            input.insert((*name).to_owned(), literal_json(*value));
        }
        self.client
            .server
            .forget(&self.client.scope(object.name), &id);
        let input = Json::Object(input);
        let failure = match self.change(object, object.remove, input).await {
            Ok(_) => return (nothing(resource), Vec::new()),
            Err(failure) if says_gone(object, &failure) => {
                return (nothing(resource), Vec::new());
            }
            Err(failure) => failure,
        };
        let is_default = failure
            .refusal()
            .is_some_and(|it| it.message == "You cannot delete the default environment");
        if object.has(Quirk::HasDefault) && is_default {
            let detail = "The environment came with its project, and Dokploy deletes it only with the project. It is no longer managed here.";
            let issue = Issue::warning("Default environment kept", detail);
            return (nothing(resource), vec![issue]);
        }
        let may_be_gone = failure.is_uncertain()
            || (object.has(Quirk::GoneWhenRefused) && failure.refusal().is_some());
        if may_be_gone && matches!(self.again(object, &id).await, Ok(None)) {
            return (nothing(resource), Vec::new());
        }
        (prior, vec![complaint(resource, "deleting", &failure)])
    }

    /// Looks for an object that was to be created.
    pub(crate) async fn find(
        &self,
        dialect: &'static Dialect,
        resource: &'static Resource,
        request: &FindRequest,
    ) -> Result<Found, Vec<Issue>> {
        let object = resource.object;
        let kinds = [resource.kind.to_owned()];
        let search = Search {
            dialect,
            kinds: &kinds,
            projects: &[],
        };
        if let Some(id) = id_in(object, &request.identity) {
            // It was to be taken over, and was there before.
            let sightings = self.sightings(&search).await;
            let sightings = sightings.map_err(|it| vec![complaint(resource, "reading", &it)])?;
            let mut raws = sightings.into_iter().map(|it| normalised(object, it.raw));
            return Ok(match raws.find(|raw| id_in(object, raw) == Some(id)) {
                Some(raw) => Found::Object(self.found(resource, request, &raw).await),
                None => Found::Nothing,
            });
        }
        let mut pause = FIRST_LOOK;
        for look in 0..LOOKS {
            let sightings = self.sightings(&search).await;
            let sightings = sightings.map_err(|it| vec![complaint(resource, "reading", &it)])?;
            let mut found: Vec<Json> = sightings
                .into_iter()
                .map(|it| normalised(object, it.raw))
                .filter(|raw| was_made_from(object, &request.identity, raw))
                .filter(|raw| {
                    let id = id_in(object, raw);
                    id.is_some_and(|id| !request.known.iter().any(|it| it == id))
                })
                .collect();
            let clock = Clock::of(request, self.client.server.date());
            let is_young = clock.as_ref().is_none_or(|it| it.age < SETTLED);
            let (newer, older): (Vec<Json>, Vec<Json>) = found
                .drain(..)
                .partition(|raw| is_newer(object, raw, clock.as_ref()));
            match (newer.as_slice(), older.as_slice()) {
                ([raw], _) => return Ok(Found::Object(self.found(resource, request, raw).await)),
                // The request may be on its way still.
                ([], _) if is_young && look + 1 < LOOKS => {
                    sleep(pause).await;
                    pause *= 2;
                }
                ([], []) => return Ok(Found::Nothing),
                ([], some) | (some, _) => {
                    let some = some.iter().map(|raw| described(object, raw));
                    return Ok(Found::Unsure(some.collect()));
                }
            }
        }
        Ok(Found::Nothing)
    }

    /// A found object as a value: what no answer has is as it was to be.
    async fn found(&self, resource: &Resource, request: &FindRequest, raw: &Json) -> Value {
        let object = resource.object;
        let whole = match id_in(object, raw).filter(|_| !object.one.is_empty()) {
            // That the rest cannot be read is no failure: the next read has it.
            Some(id) => self.one(object, id).await.unwrap_or_else(|_| raw.clone()),
            None => raw.clone(),
        };
        let meant = value_of(resource, &request.identity, &Value::null(Type::Dynamic));
        value_of(resource, &whole, &meant)
    }

    /// All objects of a type, remembered as last seen.
    pub(crate) async fn list(
        &self,
        object: &Object,
        procedure: &str,
    ) -> Result<Vec<Json>, Failure> {
        let mut answer = self.client.query(procedure, &[]).await?;
        for name in object.inside {
            answer = answer.get_mut(*name).map(Json::take).unwrap_or_default();
        }
        let Json::Array(mut rows) = answer else {
            return Err(self.client.wrong_shape(procedure, false, "it is no list"));
        };
        rows.retain(|it| is_of(object, it));
        if object.nested.is_some() || object.has(Quirk::NamesDefault) {
            rows = rows.into_iter().map(|it| normalised(object, it)).collect();
        }
        for raw in &rows {
            self.saw(object, raw);
        }
        if rows.iter().any(|it| id_in(object, it).is_none()) {
            // A list whose elements cannot be told apart must not make objects look gone.
            let what = "an element of the list has no id";
            return Err(self.client.wrong_shape(procedure, false, what));
        }
        self.client.server.saw_all(&self.client.scope(object.name));
        Ok(rows)
    }

    pub(crate) async fn one(&self, object: &Object, id: &str) -> Result<Json, Failure> {
        let inputs = [(object.id_input(), id)];
        let raw = self.client.query(object.one, &inputs).await?;
        Ok(self.opened(object, raw))
    }

    /// An answered object with its fields where the rows say, and its secrets remembered.
    fn opened(&self, object: &Object, raw: Json) -> Json {
        let res = normalised(object, raw);
        self.learn_raw(object, &res);
        res
    }

    /// An object as it is now, by the fullest answer; `None` if it does not exist.
    async fn again(&self, object: &Object, id: &str) -> Result<Option<Json>, Failure> {
        if let Some(procedure) = object.all {
            let rows = self.list(object, procedure).await?;
            return Ok(rows.into_iter().find(|it| id_in(object, it) == Some(id)));
        }
        match self.one(object, id).await {
            Ok(raw) => Ok(Some(raw)),
            Err(failure) if says_gone(object, &failure) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    pub(crate) fn saw(&self, object: &Object, raw: &Json) {
        self.learn_raw(object, raw);
        if let Some(id) = id_in(object, raw) {
            let scope = self.client.scope(object.name);
            self.client.server.saw(&scope, id, raw);
        }
    }

    fn learn_raw(&self, object: &Object, raw: &Json) {
        for field in object.fields.iter().filter(|it| it.secret) {
            let found = raw.get(field.name);
            let members = found.and_then(Json::as_object).into_iter().flatten();
            for text in found.into_iter().chain(members.map(|(_, it)| it)) {
                self.client.secrets.learn(text.as_str().unwrap_or_default());
            }
        }
    }

    /// Makes a change with what the version of Dokploy takes.
    async fn change(
        &self,
        object: &Object,
        procedure: &str,
        mut input: Json,
    ) -> Result<Json, Failure> {
        for span in object.spans {
            let Some(members) = input.as_object_mut() else {
                break;
            };
            let is_sent = matches!(span.outside, Outside::Doubtful | Outside::Demanded);
            if is_sent || !members.contains_key(span.field) {
                continue;
            }
            if !span.holds(self.version().await) {
                members.shift_remove(span.field);
            }
        }
        let res = self.client.change(procedure, input).await;
        // A new demand of a newer version is refused like any other mistake.
        let refusal = res.as_ref().err().and_then(Failure::refusal);
        if refusal.is_some_and(|it| !it.problems.is_empty()) {
            self.version().await;
        }
        res
    }

    /// The version of Dokploy, asked once. One that does not say is told by the form of its errors, and else taken
    /// for the newest known.
    pub(crate) async fn version(&self) -> Version {
        const FACT: &str = "version";
        let facts = &self.client.server.facts;
        let known = lock(facts).get(FACT).and_then(|it| Version::parse(it));
        if let Some(known) = known {
            return known;
        }
        let answer = self.client.query(VERSION, &[]).await;
        let found = match answer {
            Ok(it) => it.as_str().and_then(Version::parse),
            Err(failure) => match failure.refusal() {
                Some(refusal) if !refusal.has_data => Some(OLDEST_KNOWN),
                // It may say so the next time.
                _ => return NEWEST_KNOWN,
            },
        };
        let found = found.unwrap_or(NEWEST_KNOWN);
        lock(facts).insert(FACT.to_owned(), found.to_string());
        found
    }

    /// That the Dokploy has no objects of a type, where that is so.
    pub(crate) async fn lacks(&self, resource: &Resource) -> Option<Issue> {
        let since = resource.object.since?;
        let version = self.version().await;
        (version < since).then(|| {
            let detail = format!(
                "This Dokploy is {version}, and {} needs {since} or newer. Update Dokploy, or take the resource out of the configuration.",
                resource.kind
            );
            Issue::error("Dokploy too old", detail)
        })
    }

    /// What a plan wants of a Dokploy that is too old for it, and what a new object lacks that no Dokploy makes up.
    pub(crate) async fn unmet(
        &self,
        resource: &Resource,
        config: &Value,
        is_new: bool,
    ) -> Vec<Issue> {
        if let Some(issue) = self.lacks(resource).await {
            return vec![issue];
        }
        let mut res = Vec::new();
        if resource.object.has(Quirk::DomainInput) && is_new {
            res.extend(without_host(resource, config));
        }
        for span in resource.object.spans {
            if span.outside == Outside::Demanded {
                res.extend(self.demanded(resource, span, config).await);
                continue;
            }
            let asks = resource.names_of(span.field).find(|it| {
                let value = config.get(it.name).filter(Value::is_known);
                let plain = it.default.map(crate::wire::literal);
                value.is_some_and(|it| !crate::wire::is_empty(&it) && Some(it) != plain)
            });
            let Some(attribute) = asks.filter(|_| span.outside == Outside::Refused) else {
                continue;
            };
            let version = self.version().await;
            if !span.holds(version) {
                let detail = format!(
                    "This Dokploy is {version}, which does not take {} of a {}. Update Dokploy, or take the argument out of the configuration.",
                    attribute.name, resource.kind
                );
                let issue = Issue::error("Dokploy too old", detail);
                res.push(issue.at(value::Path::attr_of(attribute.name)));
            }
        }
        res
    }

    /// That a version wants a value for what others do without.
    async fn demanded(&self, resource: &Resource, span: &Span, config: &Value) -> Option<Issue> {
        let attribute = resource.names_of(span.field).last()?;
        let mut values = resource
            .names_of(span.field)
            .filter_map(|it| config.get(it.name));
        // What is not known yet may be one.
        if values.any(|it| !it.is_known() || !crate::wire::is_empty(&it)) {
            return None;
        }
        let version = self.version().await;
        (!span.holds(version)).then(|| {
            let detail = format!(
                "This Dokploy is {version}, which makes no {} without {}. Update Dokploy, or set the argument.",
                resource.kind, attribute.name
            );
            Issue::error("Dokploy too old", detail).at(value::Path::attr_of(attribute.name))
        })
    }

    /// The note that a Dokploy is newer than what is known, once.
    fn note(&self) -> Option<Issue> {
        const FACT: &str = "version noted";
        let mut facts = lock(&self.client.server.facts);
        let version = facts.get("version").and_then(|it| Version::parse(it))?;
        if !version.is_newer_than_known() || facts.contains_key(FACT) {
            return None;
        }
        facts.insert(FACT.to_owned(), String::new());
        Some(Issue::warning(
            "Dokploy is newer than known",
            format!(
                "This Dokploy is {version}; calls are known up to {NEWEST_KNOWN}, and are made as that version wants them. If it refuses one, look for a newer dokplan."
            ),
        ))
    }

    /// The organization of the key, if a field of the object wants it.
    async fn organization(&self, object: &Object) -> Result<Option<String>, Failure> {
        if !object
            .fields
            .iter()
            .any(|it| it.source == Source::Organization)
        {
            return Ok(None);
        }
        self.organization_id().await.map(Some)
    }

    /// The organization of the key, asked once.
    pub(crate) async fn organization_id(&self) -> Result<String, Failure> {
        let facts = &self.client.server.facts;
        let name = self.client.scope("organizationId");
        if let Some(known) = lock(facts).get(&name) {
            return Ok(known.clone());
        }
        let procedure = WHO;
        let user = self.client.query(procedure, &[]).await?;
        let Some(id) = user.get("organizationId").and_then(Json::as_str) else {
            let what = "it has no organizationId";
            return Err(self.client.wrong_shape(procedure, false, what));
        };
        lock(facts).insert(name, id.to_owned());
        Ok(id.to_owned())
    }
}

/// An answered object with its fields where the rows say.
pub(crate) fn normalised(object: &Object, mut raw: Json) -> Json {
    // The name of a Git provider is in the object in the object.
    let named = raw.get("gitProvider").cloned();
    if let (Some(Json::Object(named)), Some(members)) = (named, raw.as_object_mut()) {
        for (name, value) in named {
            members.entry(name).or_insert(value);
        }
    }
    if object.has(Quirk::NamesDefault) {
        let environments = raw.get("environments").and_then(Json::as_array);
        let is_default = |it: &&Json| it.get("isDefault").and_then(Json::as_bool) == Some(true);
        let is_named =
            |it: &&Json| it.get("name").and_then(Json::as_str) == Some(DEFAULT_ENVIRONMENT);
        let all = || environments.into_iter().flatten();
        let found = all().find(is_default).or_else(|| all().find(is_named));
        let id = found.and_then(|it| it.get("environmentId")).cloned();
        if let (Some(id), Some(members)) = (id, raw.as_object_mut()) {
            members.insert("productionEnvironmentId".to_owned(), id);
        }
    }
    if object.has(Quirk::NamesTags) {
        let pairs = raw.get("projectTags").and_then(Json::as_array);
        let ids = pairs.map(|them| {
            let ids = them.iter().filter_map(|it| it.get("tagId")).cloned();
            ids.collect::<Vec<Json>>()
        });
        if let (Some(ids), Some(members)) = (ids, raw.as_object_mut()) {
            members.insert("tagIds".to_owned(), Json::Array(ids));
        }
    }
    let nested = object.nested.and_then(|it| raw.get(it)).cloned();
    if let (Some(Json::Object(nested)), Some(members)) = (nested, raw.as_object_mut()) {
        for (name, value) in nested {
            members.entry(name).or_insert(value);
        }
    }
    if let (Some(service), Some(members)) = (&object.service, raw.as_object_mut()) {
        let kind = members.get(service.kind).and_then(Json::as_str);
        let column = format!("{}Id", kind.unwrap_or_default());
        if let Some(id) = members.get(&column).cloned() {
            members.insert(service.id.to_owned(), id);
        }
        // A backup of a compose has a type of database all the same, and none that counts.
        if members.get("backupType").and_then(Json::as_str) == Some("compose") {
            members.remove(service.kind);
        }
    }
    raw
}

/// Whether an answered object is of a type, where several types are in one list.
fn is_of(object: &Object, raw: &Json) -> bool {
    object
        .only
        .is_none_or(|(name, value)| raw.get(name).and_then(Json::as_str) == Some(value))
}

/// Whether an update would change nothing: it holds the id alone.
fn is_idle(input: &Json) -> bool {
    input.as_object().is_some_and(|it| it.len() <= 1)
}

/// The answers for objects that cannot be read, for one reason: the first says it.
pub(crate) fn unread(requests: Vec<ReadRequest>, issue: Issue) -> Vec<ReadResponse> {
    let mut issue = Some(issue);
    let responses = requests.into_iter().map(|request| ReadResponse {
        object: Err(()),
        private: request.private,
        issues: issue.take().into_iter().collect(),
    });
    responses.collect()
}

/// The two clocks when an object is looked for.
struct Clock {
    /// When its creation began, by the server's clock, in milliseconds since 1970.
    since: i128,
    /// How long ago that is.
    age: Duration,
}

impl Clock {
    /// `None` where one of the times cannot be read.
    fn of(request: &FindRequest, server: Option<SystemTime>) -> Option<Clock> {
        let since = millis(&request.since)?;
        let now = millis(&request.now)?;
        let age = u64::try_from((now - since).max(0)).ok()?;
        let server = server?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        let server = i128::try_from(server.as_millis()).ok()?;
        Some(Clock {
            since: server - i128::from(age),
            age: Duration::from_millis(age),
        })
    }
}

/// Whether an object may have been made after its creation began. What says no time may be; the environment that comes
/// with a project is as old as the project.
fn is_newer(object: &Object, raw: &Json, clock: Option<&Clock>) -> bool {
    let created = raw.get("createdAt").and_then(Json::as_str).and_then(millis);
    match (created, clock) {
        (Some(created), Some(clock)) => {
            object.has(Quirk::HasDefault) || created + i128::from(CLOCKS_DIFFER) >= clock.since
        }
        _ => true,
    }
}

fn described(object: &Object, raw: &Json) -> String {
    let id = id_in(object, raw).unwrap_or_default();
    match raw.get("createdAt").and_then(Json::as_str) {
        Some(at) => format!("{id}, created at {at}"),
        None => id.to_owned(),
    }
}

/// A time of RFC 3339 in UTC as milliseconds since 1970.
fn millis(text: &str) -> Option<i128> {
    let (date, time) = text.trim().strip_suffix('Z')?.split_once(['T', ' '])?;
    let mut date = date.split('-').map(str::parse::<i64>);
    let mut next = || date.next()?.ok();
    let (year, month, day) = (next()?, next()?, next()?);
    let mut time = time.split(':');
    let (hour, minute, second) = (time.next()?, time.next()?, time.next()?);
    let (second, fraction) = second.split_once('.').unwrap_or((second, ""));
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
    let second: i64 = second.parse().ok()?;
    let fraction: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    let is_date =
        (0..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    let is_time =
        (0..24).contains(&hour) && (0..60).contains(&minute) && (0..=60).contains(&second);
    if !is_date || !is_time {
        return None;
    }
    // Days of the Gregorian calendar, counted from 1 March of year 0, so that the leap day is the last of a year.
    let (year, month) = if month < 3 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    let days = 365 * year + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (153 * month + 2) / 5
        + day
        - 1
        - 719_468;
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
    Some(i128::from(seconds) * 1000 + i128::from(fraction))
}

/// That nobody says which host a new domain is to have.
fn without_host(resource: &Resource, config: &Value) -> Option<Issue> {
    let is_left_out = |name: &str| {
        let value = config.get(name);
        value.is_none_or(|it| it.is_known() && crate::wire::is_empty(&it))
    };
    let is_generated = config
        .get("generate_traefik_me")
        .is_some_and(|it| !it.is_known() || it.as_bool() == Some(true));
    (is_left_out("host") && !is_generated).then(|| {
        let detail = format!(
            "A new {} needs a host: set host, or generate_traefik_me = true to let Dokploy make one up.",
            resource.kind
        );
        Issue::error("Missing host", detail).at(value::Path::attr_of("host"))
    })
}

/// Whether an attribute that is a wish is true.
pub(crate) fn asks(value: &Value, name: &str) -> bool {
    value.get(name).is_some_and(|it| it.as_bool() == Some(true))
}

/// Why there is no new object.
enum Uncreated {
    /// It was not made.
    Failed(Failure),
    /// It may have been made: what more is to be said.
    Unclear(Failure, String),
}

/// Whether a failure says that the object of a call does not exist.
pub(crate) fn says_gone(object: &Object, failure: &Failure) -> bool {
    failure.says_gone()
        || failure.refusal().is_some_and(|refusal| {
            object
                .gone
                .iter()
                .any(|(status, message)| refusal.status == *status && refusal.message == *message)
        })
}

pub(crate) fn complaint(resource: &Resource, doing: &str, failure: &Failure) -> Issue {
    failure.issue(&title(resource, doing))
}

pub(crate) fn title(resource: &Resource, doing: &str) -> String {
    format!("Error {doing} {}", resource.title)
}

/// The id in a value.
pub(crate) fn id_of(resource: &Resource, value: &Value) -> Option<String> {
    let attribute = resource.attribute_of(resource.object.id)?;
    let id = value.get(attribute.name)?;
    id.as_str().filter(|it| !it.is_empty()).map(str::to_owned)
}

/// The null of a resource type.
pub(crate) fn nothing(resource: &Resource) -> Value {
    let attributes = resource
        .attributes
        .iter()
        .map(|it| (it.name, type_of(field_of(resource, it).kind)));
    Value::null(Type::object(attributes))
}
