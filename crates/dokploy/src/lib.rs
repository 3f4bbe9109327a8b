//! The built-in provider for Dokploy: rows in tables, and one generic driver.
//!
//! Reading order: [`table`] (the vocabulary), [`tables`] (the rows), [`quirk`] (named exceptions), `schema`, `plan`,
//! `object` and `wire` (pure functions of rows), `deploy` (what asks for a deployment), `driver` (which calls follow each
//! other), `adopt` (what is taken over instead of made), `follow` (deployments), `client` (one call), [`limits`] (what all
//! configurations of one Dokploy share), [`transport`] (how a request gets there), `redact`, `log`.
//!
//! *What Dokploy has* is apart from *how a provider's source address names it*: see [`table::Dialect`].
#![allow(
    clippy::disallowed_methods,
    reason = "an effect crate: it talks to Dokploy"
)]

mod adopt;
pub mod calls;
pub mod client;
mod data;
mod deploy;
mod discover;
mod driver;
mod follow;
mod join;
pub mod limits;
mod log;
mod note;
mod object;
mod plan;
pub mod quirk;
mod redact;
pub mod reference;
mod round;
pub mod schema;
mod stakes;
pub mod table;
pub mod tables;
pub mod transport;
mod twin;
pub mod version;
mod wire;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use provider::{
    Answer, ApplyRequest, ApplyResponse, ConfigureRequest, DiscoverRequest, Discovered, Discovery,
    FindRequest, FollowRequest, FollowUp, FollowUpRequest, Found, ImportRequest, ImportedObject,
    Issue, PlanRequest, PlanResponse, Private, Provider, ProviderSchema, ReadDataRequest,
    ReadRequest, ReadResponse, UpgradeRequest, Whole,
};
use value::{Path, Type, Value};

use crate::adopt::Owners;
use crate::client::{Client, Patience};
use crate::discover::{Search, Sighting};
use crate::driver::Driver;
use crate::limits::{Limits, lock};
use crate::redact::Secrets;
use crate::round::Round;
use crate::table::{Dialect, Import, Resource};
use crate::transport::Transport;

/// Where a Dokploy is and the key to it, from elsewhere than the configuration.
#[derive(Clone, Default)]
pub struct Access {
    /// The URL, with or without `/api`.
    pub host: Option<String>,
    /// The API key.
    pub api_key: Option<String>,
    /// API keys by authority (`dokploy.example.com`, `localhost:3000`), for a host without any other key.
    pub stored: std::collections::BTreeMap<String, String>,
}

/// What a provider is made with. There is no default: the caller decides.
#[derive(Clone)]
pub struct Settings {
    /// The names that configurations use.
    pub dialect: &'static Dialect,
    /// How requests get to a Dokploy.
    pub transport: Arc<dyn Transport>,
    /// `DOKPLOY_HOST` and `DOKPLOY_API_KEY`, for what the provider block leaves out.
    pub environment: Access,
    /// In place of the provider block and the environment, both members: for a sandbox.
    pub forced: Option<Access>,
    /// Whether requests go to the host of the environment only: a configuration that nobody has read yet must not send
    /// the key, or what it was given, elsewhere.
    pub pinned: bool,
    /// What all providers of the process share.
    pub limits: Arc<Limits>,
    /// The value of the header: `dokplan/1.0.0`.
    pub user_agent: String,
    /// How long to wait, and how often to ask again.
    pub patience: Patience,
}

/// One configuration of the provider.
pub struct Dokploy {
    settings: Settings,
    schema: ProviderSchema,
    secrets: Arc<Secrets>,
    driver: Mutex<Configured>,
}

/// What is known of the provider block.
enum Configured {
    /// Nothing: `configure` has not been called.
    Not,
    /// It holds unknown values: which.
    Unknown(Vec<&'static str>),
    /// It is wrong; that has been said.
    Wrong,
    /// All.
    Ready(Arc<Driver>),
}

/// The dialect that a provider address means, if it is one of ours.
pub fn dialect(address: &addr::Provider) -> Option<&'static Dialect> {
    let is_it = |(host, namespace, kind): &(&str, &str, &str)| {
        *address.host == **host && *address.namespace == **namespace && *address.kind == **kind
    };
    tables::DIALECTS
        .iter()
        .find(|it| it.addresses.iter().any(is_it))
        .copied()
}

impl Dokploy {
    /// An unconfigured provider.
    pub fn new(settings: Settings) -> Dokploy {
        Dokploy {
            schema: schema::schema(settings.dialect),
            settings,
            secrets: Arc::default(),
            driver: Mutex::new(Configured::Not),
        }
    }

    fn resource(&self, kind: &str) -> Result<&'static Resource, Issue> {
        let found = self
            .settings
            .dialect
            .resources
            .iter()
            .find(|it| it.kind == kind);
        found.copied().ok_or_else(|| {
            Issue::error(
                "Invalid resource type",
                format!("The provider does not manage objects of the type \"{kind}\"."),
            )
        })
    }

    fn driver(&self) -> Result<Arc<Driver>, Issue> {
        match &*lock(&self.driver) {
            Configured::Ready(driver) => Ok(driver.clone()),
            Configured::Unknown(names) => Err(Issue::error(
                "Provider configuration not known yet",
                format!(
                    "Dokploy cannot be asked, because {} of the provider block will be known only after apply. Apply what it depends on first (-target), or set it to a value that is known.",
                    names.join(" and ")
                ),
            )),
            Configured::Wrong => Err(Issue::error(
                "Provider not configured",
                "The configuration of the provider is not right, so Dokploy cannot be asked.",
            )),
            Configured::Not => Err(Issue::error(
                "Provider not configured",
                "Dokploy was to be asked before the provider was configured. This is a bug of dokplan.",
            )),
        }
    }

    /// What was seen, as an import reads it. What is gone by now is left out.
    async fn read_sightings(&self, sightings: Vec<Sighting>) -> Discovery {
        let mut res = Discovery::default();
        let mut seen = Vec::new();
        let mut requests = Vec::new();
        for it in sightings {
            let request = ImportRequest {
                kind: it.resource.kind.to_owned(),
                id: it.id.clone(),
            };
            match imported(it.resource, &request) {
                Ok(imported) => {
                    requests.push(ReadRequest {
                        kind: imported.kind,
                        current: imported.object,
                        private: imported.private,
                    });
                    seen.push(it);
                }
                Err(issue) => res.issues.push(issue),
            }
        }
        for (sighting, answer) in seen.into_iter().zip(self.read_many(requests).await) {
            res.issues.extend(answer.issues);
            let Ok(Some(object)) = answer.object else {
                continue;
            };
            if object.is_null() {
                continue;
            }
            res.objects.push(Discovered {
                kind: sighting.resource.kind.to_owned(),
                id: sighting.id,
                name: sighting.name,
                within: sighting.within,
                object,
                confidential: discover::confidential(sighting.resource),
            });
        }
        res
    }

    fn ready(&self, kind: &str) -> Result<(&'static Resource, Arc<Driver>), Issue> {
        Ok((self.resource(kind)?, self.driver()?))
    }

    fn is_of_environment(&self, base: &str) -> bool {
        let host = self.settings.environment.host.as_deref();
        host.and_then(|it| client::base_url(it).ok())
            .is_some_and(|it| it == base)
    }

    /// What the provider block and the environment come to.
    fn configured(&self, config: &Value) -> (Configured, Vec<Issue>) {
        let access = |name: &str, pick: fn(&Access) -> &Option<String>| -> Given {
            if let Some(forced) = &self.settings.forced {
                return Given::Is(pick(forced).clone().unwrap_or_default());
            }
            let given = config.get(name);
            match given {
                Some(it) if !it.is_known() => Given::Unknown,
                Some(it) if it.as_str().is_some_and(|it| !it.trim().is_empty()) => {
                    Given::Is(it.as_str().unwrap_or_default().to_owned())
                }
                _ => match pick(&self.settings.environment) {
                    Some(it) if !it.trim().is_empty() => Given::Is(it.clone()),
                    _ => Given::Missing,
                },
            }
        };
        let host = access("host", |it| &it.host);
        let mut key = access("api_key", |it| &it.api_key);
        if let (Given::Is(host), Given::Missing) = (&host, &key)
            && let Ok(base) = client::base_url(host)
            && let Some(stored) = {
                let authority = client::authority(&base).to_lowercase();
                self.settings.environment.stored.get(&authority)
            }
        {
            key = Given::Is(stored.clone());
        }
        let mut issues = Vec::new();
        let mut unknown = Vec::new();
        for (found, name, variable, what) in [
            (
                &host,
                "host",
                "DOKPLOY_HOST",
                "the URL of Dokploy, such as https://dokploy.example.com",
            ),
            (&key, "api_key", "DOKPLOY_API_KEY", "an API key of Dokploy"),
        ] {
            match found {
                Given::Is(_) => {}
                Given::Unknown => unknown.push(name),
                Given::Missing => issues.push(
                    Issue::error(
                        "Missing required argument",
                        format!("The provider needs {name}, {what}. Set it in the provider block, or set the environment variable {variable}."),
                    )
                    .at(Path::attr_of(name)),
                ),
            }
        }
        if !issues.is_empty() {
            return (Configured::Wrong, issues);
        }
        let (Given::Is(host), Given::Is(key)) = (host, key) else {
            return (Configured::Unknown(unknown), issues);
        };
        let base = match client::base_url(&host) {
            Ok(base) => base,
            Err(why) => return (Configured::Wrong, vec![invalid_host(&why)]),
        };
        if key
            .trim()
            .chars()
            .any(|it| it.is_control() || !it.is_ascii())
        {
            let issue = Issue::error(
                "Invalid API key",
                "The API key holds characters that a header cannot have: line breaks, or others that are not ASCII. Copy it again.",
            );
            return (Configured::Wrong, vec![issue.at(Path::attr_of("api_key"))]);
        }
        if client::is_exposed(&base) && self.settings.forced.is_none() {
            let authority = client::authority(&base);
            let issue = Issue::warning(
                "API key sent in clear",
                format!(
                    "Requests to {authority} are not encrypted, so everyone on the way can read the API key and the secrets in the requests. Use an https:// URL."
                ),
            );
            issues.push(issue.at(Path::attr_of("host")));
        }
        if self.settings.pinned && !self.is_of_environment(&base) {
            let issue = Issue::error(
                "Not allowed with -restricted",
                "With -restricted, requests go to the Dokploy that DOKPLOY_HOST names and nowhere else, so that a configuration cannot send secrets to another server. This provider has another host. Set DOKPLOY_HOST to the Dokploy that is meant, or leave the host out of the provider block.",
            );
            return (Configured::Wrong, vec![issue.at(Path::attr_of("host"))]);
        }
        let server = self.settings.limits.server(&base);
        let client = Client::new(
            base,
            key.trim().to_owned(),
            self.settings.user_agent.clone(),
            self.settings.transport.clone(),
            server,
            self.secrets.clone(),
            self.settings.patience,
        );
        let driver = Driver {
            client: Arc::new(client),
            owners: Owners::default(),
        };
        (Configured::Ready(Arc::new(driver)), issues)
    }
}

/// An argument of the provider block.
enum Given {
    Is(String),
    Unknown,
    Missing,
}

/// What an import id says of an object.
fn imported(resource: &Resource, request: &ImportRequest) -> Result<ImportedObject, Issue> {
    let mut known: Vec<(&str, &str)> = Vec::new();
    let id = match resource.import {
        Import::Id => request.id.as_str(),
        Import::Under(parents) => {
            let parts: Vec<&str> = request.id.split(':').collect();
            let found = match parts.as_slice() {
                [word, parent, id] if !parent.is_empty() && !id.is_empty() => parents
                    .iter()
                    .find(|(it, _)| it == word)
                    .map(|(_, name)| (*name, *parent, *id)),
                _ => None,
            };
            let Some((name, parent, id)) = found else {
                let forms: Vec<String> = parents
                    .iter()
                    .map(|(word, name)| format!("{word}:{name}:id"))
                    .collect();
                let detail = format!(
                    "The import id of a {} is {}; \"{}\" is not.",
                    resource.kind,
                    forms.join(" or "),
                    request.id
                );
                return Err(Issue::error("Invalid Import ID", detail));
            };
            known.push((name, parent));
            id
        }
        Import::After(name) => match request.id.split_once(':') {
            Some((first, id)) if !first.is_empty() && !id.is_empty() && !id.contains(':') => {
                known.push((name, first));
                id
            }
            _ => {
                let detail = format!(
                    "The import id of a {} is {name}:id, two ids with a colon between them; \"{}\" is not.",
                    resource.kind, request.id
                );
                return Err(Issue::error("Invalid Import ID", detail));
            }
        },
    };
    if let Some(attribute) = resource.attribute_of(resource.object.id) {
        known.push((attribute.name, id));
    }
    let object = Value::object(resource.attributes.iter().map(|attribute| {
        let given = known.iter().find(|(name, _)| *name == attribute.name);
        let ty = wire::type_of(object::field_of(resource, attribute).kind);
        let value = given.map_or_else(|| Value::null(ty), |(_, it)| Value::from(*it));
        (attribute.name, value)
    }));
    Ok(ImportedObject {
        kind: request.kind.clone(),
        object,
        private: None,
    })
}

fn invalid_host(why: &str) -> Issue {
    Issue::error(
        "Invalid Dokploy URL",
        format!("host is no URL of a Dokploy: {why}. It is written like https://dokploy.example.com, with or without /api."),
    )
    .at(Path::attr_of("host"))
}

impl Provider for Dokploy {
    fn schema(&self) -> &ProviderSchema {
        &self.schema
    }

    fn validate_provider(&self, config: &Value) -> Vec<Issue> {
        if self.settings.forced.is_some() {
            return Vec::new();
        }
        let host = config.get("host");
        let host = host.as_ref().and_then(Value::as_str);
        let wrong = host
            .filter(|it| !it.trim().is_empty())
            .and_then(|it| client::base_url(it).err());
        wrong.iter().map(|it| invalid_host(it)).collect()
    }

    fn validate_resource(&self, kind: &str, config: &Value) -> Vec<Issue> {
        match self.resource(kind) {
            Ok(resource) => {
                let mut res = plan::validate(resource, &twin::inner(resource, config));
                res.extend(twin::validate(resource, config));
                res.extend(deploy::validate(resource, config));
                res
            }
            Err(issue) => vec![issue],
        }
    }

    fn validate_data(&self, kind: &str, config: &Value) -> Vec<Issue> {
        let _ = (kind, config);
        Vec::new()
    }

    fn configure(&self, request: ConfigureRequest) -> Answer<'_, Vec<Issue>> {
        let (configured, issues) = self.configured(&request.config);
        *lock(&self.driver) = configured;
        Box::pin(async move { issues })
    }

    fn conceal(&self, kind: &str, attributes: &serde_json::Value) {
        if let Ok(resource) = self.resource(kind) {
            driver::conceal(&self.secrets, resource, attributes);
        }
    }

    fn upgrade(&self, request: UpgradeRequest) -> Result<Value, Vec<Issue>> {
        let resource = self.resource(&request.kind).map_err(|it| vec![it])?;
        if request.version > 0 {
            let detail = format!(
                "The state holds a {} of schema version {}; this provider knows version 0. It was written by a newer provider.",
                request.kind, request.version
            );
            return Err(vec![Issue::error(
                "Resource instance managed by newer provider version",
                detail,
            )]);
        }
        let mut res = BTreeMap::new();
        for attribute in resource.attributes {
            let ty = wire::type_of(object::field_of(resource, attribute).kind);
            let json = request.attributes.get(attribute.name);
            let value = match json {
                None | Some(serde_json::Value::Null) => Value::null(ty),
                Some(json) => value::json::from_json(json, &ty).map_err(|_| {
                    let detail = format!(
                        "The state's value of {} is not a {}.",
                        attribute.name,
                        match ty {
                            Type::String => "string",
                            Type::Number => "number",
                            Type::Bool => "bool",
                            _ => "list",
                        }
                    );
                    vec![Issue::error("Failed to upgrade resource state", detail)]
                })?,
            };
            res.insert(attribute.name, value);
        }
        let versions = twin::twins(resource).map(|it| {
            let number = request.attributes.get(it.version.as_str());
            let number = number.and_then(|it| value::json::from_json(it, &Type::Number).ok());
            (
                it.version,
                number.unwrap_or_else(|| Value::null(Type::Number)),
            )
        });
        let versions = Value::object(versions);
        Ok(twin::outer(resource, &Value::object(res), &versions))
    }

    fn remembers(&self, kind: &str, object: &Value) {
        if let Ok((resource, driver)) = self.ready(kind)
            && let Some(id) = driver::id_of(resource, object)
        {
            driver.owners.hold(resource.object, &id);
        }
    }

    fn read(&self, request: ReadRequest) -> Answer<'_, ReadResponse> {
        Box::pin(async move {
            let private = request.private.clone();
            let mut responses = self.read_many(vec![request]).await;
            responses.pop().unwrap_or(ReadResponse {
                object: Err(()),
                private,
                issues: Vec::new(),
            })
        })
    }

    fn read_many(&self, requests: Vec<ReadRequest>) -> Answer<'_, Vec<ReadResponse>> {
        Box::pin(async move {
            let mut groups: BTreeMap<String, Vec<(usize, ReadRequest)>> = BTreeMap::new();
            let count = requests.len();
            for (at, request) in requests.into_iter().enumerate() {
                groups
                    .entry(request.kind.clone())
                    .or_default()
                    .push((at, request));
            }
            let round = &Round::default();
            let groups = groups.into_iter().map(|(kind, group)| async move {
                let (places, requests): (Vec<_>, Vec<_>) = group.into_iter().unzip();
                let responses = match self.ready(&kind) {
                    Ok((resource, driver)) => read_group(&driver, resource, requests, round).await,
                    Err(issue) => driver::unread(requests, issue),
                };
                places.into_iter().zip(responses).collect::<Vec<_>>()
            });
            let mut res: Vec<(usize, ReadResponse)> = Vec::with_capacity(count);
            for group in join::join_all(groups).await {
                res.extend(group);
            }
            res.sort_by_key(|(at, _)| *at);
            res.into_iter().map(|(_, it)| it).collect()
        })
    }

    fn plan(&self, request: PlanRequest) -> Answer<'_, PlanResponse> {
        let resource = match self.resource(&request.kind) {
            Ok(resource) => resource,
            Err(issue) => {
                let response = PlanResponse {
                    planned: request.proposed,
                    replace: Vec::new(),
                    private: request.private,
                    issues: vec![issue],
                };
                return Box::pin(async move { response });
            }
        };
        let mut response = twin::plan(resource, &request);
        // Without a connection that is said where it is needed.
        let driver = self.driver().ok().filter(|_| !request.proposed.is_null());
        Box::pin(async move {
            if let Some(driver) = driver {
                let config = twin::inner(resource, &request.config);
                let is_new = request.prior.is_null();
                let unmet = driver.unmet(resource, &config, is_new).await;
                let is_met = unmet.is_empty();
                response.issues.extend(unmet);
                if is_met && is_new {
                    let planned = twin::inner(resource, &response.planned);
                    let private = response.private.take();
                    let (private, told) = driver
                        .plan_adoption(resource, &planned, &request.private, private)
                        .await;
                    if let Some(id) = adopt::decided_id(&private) {
                        response.planned = object::with_id(resource, &response.planned, &id);
                    }
                    response.private = private;
                    response.issues.extend(told);
                }
            }
            response
        })
    }

    fn apply(&self, request: ApplyRequest) -> Answer<'_, ApplyResponse> {
        Box::pin(async move {
            match self.ready(&request.kind) {
                Ok((resource, driver)) => twin::apply(&driver, resource, request).await,
                Err(issue) => ApplyResponse {
                    object: request.prior,
                    private: request.private,
                    issues: vec![issue],
                    is_unclear: false,
                },
            }
        })
    }

    fn import(
        &self,
        request: ImportRequest,
    ) -> Answer<'_, Result<Vec<ImportedObject>, Vec<Issue>>> {
        let result = self.resource(&request.kind).and_then(|resource| {
            let mut res = imported(resource, &request)?;
            res.object = twin::outer(resource, &res.object, &Value::null(Type::Dynamic));
            Ok(res)
        });
        let result = result.map(|it| vec![it]);
        Box::pin(async move { result.map_err(|it| vec![it]) })
    }

    fn read_data(&self, request: ReadDataRequest) -> Answer<'_, Result<Value, Vec<Issue>>> {
        Box::pin(async move {
            let rows = self.settings.dialect.data_sources;
            let Some(row) = rows.iter().find(|it| it.kind == request.kind) else {
                let detail = format!("The provider has no data source \"{}\".", request.kind);
                return Err(vec![Issue::error("Invalid data source", detail)]);
            };
            let driver = self.driver().map_err(|it| vec![it])?;
            driver.read_data(row, &request.config).await
        })
    }

    fn discover(&self, request: DiscoverRequest) -> Answer<'_, Discovery> {
        Box::pin(async move {
            let failed = |issue| Discovery {
                objects: Vec::new(),
                issues: vec![issue],
            };
            let driver = match self.driver() {
                Ok(driver) => driver,
                Err(issue) => return failed(issue),
            };
            let search = Search {
                dialect: self.settings.dialect,
                kinds: &request.kinds,
                projects: &request.within,
            };
            let sightings = match driver.sightings(&search).await {
                Ok(sightings) => sightings,
                Err(failure) => return failed(failure.issue("Error discovering objects")),
            };
            self.read_sightings(sightings).await
        })
    }

    fn at_stake(&self, kind: &str, before: &Value, after: &Value) -> Option<String> {
        stakes::at_stake(self.resource(kind).ok()?, before, after)
    }

    fn whole_of(&self, kind: &str, object: &Value) -> Option<Whole> {
        deploy::whole_of(self.settings.dialect, self.resource(kind).ok()?, object)
    }

    fn is_followed(&self, kind: &str) -> bool {
        self.resource(kind)
            .is_ok_and(|it| it.object.deploys.is_some())
    }

    fn follow_up(&self, request: &FollowUpRequest) -> Option<FollowUp> {
        deploy::follow_up(self.resource(&request.kind).ok()?, request)
    }

    fn note_due(&self, private: Private, is_due: bool) -> Private {
        deploy::note_due(private, is_due)
    }

    fn follow(&self, request: FollowRequest) -> Answer<'_, Vec<Issue>> {
        Box::pin(async move {
            match self.ready(&request.kind) {
                Ok((resource, driver)) => {
                    let object = twin::inner(resource, &request.object);
                    let request = FollowRequest { object, ..request };
                    driver.follow(resource, &request).await
                }
                Err(issue) => vec![issue],
            }
        })
    }

    fn identity(&self, kind: &str, object: &Value) -> Option<serde_json::Value> {
        let resource = self.resource(kind).ok()?;
        let identity = object::identity(resource, &twin::inner(resource, object))?;
        Some(twin::identity(resource, identity, object))
    }

    fn find(&self, request: FindRequest) -> Answer<'_, Result<Found, Vec<Issue>>> {
        Box::pin(async move {
            let (resource, driver) = self.ready(&request.kind).map_err(|it| vec![it])?;
            let found = driver
                .find(self.settings.dialect, resource, &request)
                .await?;
            Ok(match found {
                Found::Object(it) => Found::Object(twin::found(resource, &it, &request.identity)),
                other => other,
            })
        })
    }
}

/// The null value of a resource type of a dialect.
pub fn null_of(resource: &'static Resource) -> Value {
    Value::null(twin::outer_type(resource))
}

/// What objects of one type are now.
async fn read_group(
    driver: &Driver,
    resource: &'static Resource,
    requests: Vec<ReadRequest>,
    round: &Round,
) -> Vec<ReadResponse> {
    let known: Vec<Value> = requests.iter().map(|it| it.current.clone()).collect();
    let within = requests.into_iter().map(|it| ReadRequest {
        current: twin::inner(resource, &it.current),
        ..it
    });
    let mut res = driver.read_all(resource, within.collect(), round).await;
    for (answer, current) in res.iter_mut().zip(&known) {
        if let Ok(Some(object)) = &mut answer.object {
            *object = twin::read(resource, object, current, &answer.private);
        }
    }
    res
}
