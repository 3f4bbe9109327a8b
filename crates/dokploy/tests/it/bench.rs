//! What the tests stand on: a simulator behind the provider's transport, and an engine in a few lines.

use std::sync::Arc;
use std::time::Duration;

use dokploy::client::Patience;
use dokploy::limits::Limits;
use dokploy::tables;
use dokploy::transport::{Request, Response, Sending, Transport, TransportError};
use dokploy::{Access, Dokploy, Settings};
use dokploy_sim::{Lost, Sim, Version};
use provider::{
    ApplyRequest, ApplyResponse, ConfigureRequest, ImportRequest, Issue, PlanRequest, PlanResponse,
    Private, Provider, ReadRequest, ReadResponse,
};
use value::{Type, Value};

/// A simulator as a transport.
pub(crate) struct InProcess(pub(crate) Sim);

impl Transport for InProcess {
    fn send(&self, request: Request) -> Sending<'_> {
        Box::pin(async move {
            let request = dokploy_sim::Request {
                method: request.method.as_str().to_owned(),
                path: request.path().to_owned(),
                query: request.query().to_owned(),
                headers: request
                    .headers
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), value.clone()))
                    .collect(),
                body: request.body.unwrap_or_default(),
            };
            match self.0.handle(request).await {
                Ok(response) => Ok(Response {
                    status: response.status,
                    headers: response.headers,
                    body: response.body,
                }),
                Err(Lost::Refused) => Err(TransportError::Refused),
                Err(Lost::Reset) => Err(TransportError::Broken("reset".to_owned())),
            }
        })
    }
}

pub(crate) const QUICK: Patience = Patience {
    timeout: Duration::from_secs(30),
    retries: 3,
    pause: Duration::from_millis(1),
};

pub(crate) fn settings(transport: Arc<dyn Transport>) -> Settings {
    Settings {
        dialect: &tables::AHMEDALI6,
        transport,
        environment: Access {
            host: Some("http://localhost:3000".to_owned()),
            api_key: Some("test-key".to_owned()),
            ..Access::default()
        },
        forced: None,
        pinned: false,
        limits: Limits::new(),
        user_agent: "test".to_owned(),
        patience: QUICK,
    }
}

/// A provider with its simulator.
pub(crate) struct Bench {
    pub(crate) sim: Sim,
    pub(crate) provider: Dokploy,
}

/// What an engine remembers of an object.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) kind: &'static str,
    pub(crate) value: Value,
    pub(crate) private: Private,
}

/// Every call that a test makes is one that `dokploy::calls` names.
impl Drop for Bench {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        // Some tests are with a Dokploy that does not say which version it is.
        let versions = [
            dokploy::version::OLDEST_KNOWN,
            dokploy::version::NEWEST_KNOWN,
        ];
        let foreseen = versions.map(|it| dokploy::calls::calls(&tables::AHMEDALI6, it));
        for call in self.sim.calls() {
            let members = call.input.as_object().cloned().unwrap_or_default();
            let members: Vec<&str> = members.keys().map(String::as_str).collect();
            let is_change = call.method == "POST";
            let mut calls = foreseen.iter().flatten();
            let is_foreseen = calls.any(|it| it.covers(&call.procedure, is_change, &members));
            assert!(is_foreseen, "dokploy::calls does not name {call:?}");
        }
    }
}

impl Bench {
    pub(crate) async fn new(version: Version) -> Bench {
        let sim = Sim::new(dokploy_sim::Settings::for_tests(version));
        let provider = Dokploy::new(settings(Arc::new(InProcess(sim.clone()))));
        let issues = configure(&provider, Type::Dynamic).await;
        assert_eq!(issues, []);
        Bench { sim, provider }
    }

    /// Another configuration of the provider, for the same Dokploy: another run, or somebody else.
    pub(crate) async fn another(&self) -> Bench {
        let sim = self.sim.clone();
        let provider = Dokploy::new(settings(Arc::new(InProcess(sim.clone()))));
        assert_eq!(configure(&provider, Type::Dynamic).await, []);
        Bench { sim, provider }
    }

    /// Whether its Dokploy is the oldest that is known.
    pub(crate) fn is_old(&self) -> bool {
        self.sim.version() == Version::V0_26_5
    }

    /// The calls since the last time, as `procedure`.
    pub(crate) fn calls(&self) -> Vec<String> {
        let calls = self.sim.calls();
        self.sim.forget_calls();
        calls.into_iter().map(|it| it.procedure).collect()
    }

    pub(crate) async fn plan(
        &self,
        kind: &str,
        prior: &Value,
        private: &Private,
        config: &Value,
    ) -> PlanResponse {
        let schema = &self.provider.schema().resources[kind].block;
        let proposed = if config.is_null() {
            config.clone()
        } else {
            provider::propose::proposed(schema, prior, config)
        };
        let request = PlanRequest {
            kind: kind.to_owned(),
            prior: prior.clone(),
            proposed,
            config: config.clone(),
            private: private.clone(),
        };
        let res = self.provider.plan(request).await;
        assert_eq!(res.issues, []);
        let breaches = provider::conform::plan_conforms(schema, prior, config, &res.planned);
        assert_eq!(breaches, [], "planned as promised");
        res
    }

    pub(crate) async fn apply(
        &self,
        kind: &str,
        prior: &Value,
        plan: &PlanResponse,
        config: &Value,
    ) -> ApplyResponse {
        let request = ApplyRequest {
            kind: kind.to_owned(),
            prior: prior.clone(),
            planned: plan.planned.clone(),
            config: config.clone(),
            private: plan.private.clone(),
        };
        let res = self.provider.apply(request).await;
        if !res.issues.iter().any(Issue::is_error) {
            let schema = &self.provider.schema().resources[kind].block;
            let breaches = provider::conform::applied_conforms(schema, &plan.planned, &res.object);
            assert_eq!(breaches, [], "applied as planned");
        }
        res
    }

    /// Plans and applies a create; panics on complaints.
    pub(crate) async fn create(&self, kind: &'static str, config: &Value) -> Object {
        let res = self.try_create(kind, config).await;
        assert_eq!(res.issues, []);
        Object {
            kind,
            value: res.object,
            private: res.private,
        }
    }

    pub(crate) async fn try_create(&self, kind: &'static str, config: &Value) -> ApplyResponse {
        let nothing = Value::null(config.ty());
        let plan = self.plan(kind, &nothing, &None, config).await;
        self.apply(kind, &nothing, &plan, config).await
    }

    /// Reads, plans and applies an update; panics on complaints, and if nothing differs.
    pub(crate) async fn update(&self, object: &Object, config: &Value) -> Object {
        let res = self.try_update(object, config).await;
        assert_eq!(res.issues, []);
        Object {
            kind: object.kind,
            value: res.object,
            private: res.private,
        }
    }

    pub(crate) async fn try_update(&self, object: &Object, config: &Value) -> ApplyResponse {
        let now = self.read(object).await.expect("the object exists");
        let plan = self
            .plan(object.kind, &now.value, &now.private, config)
            .await;
        assert_ne!(plan.planned, now.value, "something to do");
        assert!(plan.replace.is_empty(), "in place");
        self.apply(object.kind, &now.value, &plan, config).await
    }

    /// What an object is now; panics on complaints.
    pub(crate) async fn read(&self, object: &Object) -> Option<Object> {
        let res = self.try_read(object).await;
        assert_eq!(res.issues, []);
        let value = res.object.expect("no complaint, an answer")?;
        Some(Object {
            kind: object.kind,
            value,
            private: res.private,
        })
    }

    pub(crate) async fn try_read(&self, object: &Object) -> ReadResponse {
        self.provider.read(read_request(object)).await
    }

    pub(crate) async fn delete(&self, object: &Object) -> Vec<Issue> {
        let nothing = Value::null(object.value.ty());
        let request = ApplyRequest {
            kind: object.kind.to_owned(),
            prior: object.value.clone(),
            planned: nothing.clone(),
            config: nothing,
            private: object.private.clone(),
        };
        let res = self.provider.apply(request).await;
        assert_eq!(res.object.is_null(), res.issues.is_empty());
        res.issues
    }

    pub(crate) async fn import(&self, kind: &'static str, id: &str) -> Object {
        let request = ImportRequest {
            kind: kind.to_owned(),
            id: id.to_owned(),
        };
        let mut imported = self.provider.import(request).await.expect("an id");
        let imported = imported.pop().expect("one object");
        let object = Object {
            kind,
            value: imported.object,
            private: imported.private,
        };
        self.read(&object).await.expect("it exists")
    }

    /// Panics unless a read and a plan find nothing to do.
    pub(crate) async fn is_settled(&self, object: &Object, config: &Value) {
        let now = self.read(object).await.expect("the object exists");
        let plan = self
            .plan(object.kind, &now.value, &now.private, config)
            .await;
        assert_eq!(plan.planned, now.value, "nothing to do");
        assert_eq!(now.value, object.value, "no drift");
    }
}

pub(crate) fn read_request(object: &Object) -> ReadRequest {
    ReadRequest {
        kind: object.kind.to_owned(),
        current: object.value.clone(),
        private: object.private.clone(),
    }
}

pub(crate) async fn configure(provider: &Dokploy, config: impl Into<Config>) -> Vec<Issue> {
    let config = config.into().0;
    provider.configure(ConfigureRequest { config }).await
}

/// The provider block: nothing, or host and key.
pub(crate) struct Config(Value);

impl From<Type> for Config {
    fn from(_: Type) -> Config {
        let null = || Value::null(Type::String);
        Config(Value::object([("host", null()), ("api_key", null())]))
    }
}

impl From<(Value, Value)> for Config {
    fn from((host, key): (Value, Value)) -> Config {
        Config(Value::object([("host", host), ("api_key", key)]))
    }
}

/// A configuration: what is given, null for the rest.
pub(crate) fn config(kind: &str, given: &[(&'static str, Value)]) -> Value {
    let schema = dokploy::schema::schema(&tables::AHMEDALI6);
    let attributes = &schema.resources[kind].block.attributes;
    Value::object(attributes.iter().map(|(name, attribute)| {
        let value = given.iter().find(|(it, _)| **it == **name);
        let null = || Value::null(attribute.ty());
        (name.clone(), value.map_or_else(null, |(_, it)| it.clone()))
    }))
}

/// The same with other values.
pub(crate) fn with(config: &Value, changes: &[(&'static str, Value)]) -> Value {
    let mut entries = config.entries().expect("an object").clone();
    for (name, value) in changes {
        entries.insert((*name).into(), value.clone());
    }
    Value::object(entries)
}

pub(crate) fn null() -> Value {
    Value::null(Type::String)
}

pub(crate) fn registry(name: &str) -> Value {
    config(
        "dokploy_registry",
        &[
            ("registry_name", name.into()),
            ("registry_url", "ghcr.io".into()),
            ("username", "octocat".into()),
            ("password", "s3cret-pass".into()),
            ("image_prefix", "org".into()),
        ],
    )
}

pub(crate) const PRIVATE: &str = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU=\n-----END OPENSSH PRIVATE KEY-----\n";
pub(crate) const PUBLIC: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIabc me@example\n";

pub(crate) fn ssh_key(name: &str) -> Value {
    config(
        "dokploy_ssh_key",
        &[
            ("name", name.into()),
            ("private_key", PRIVATE.into()),
            ("public_key", PUBLIC.into()),
        ],
    )
}

pub(crate) fn server(name: &str, key: &Value) -> Value {
    config(
        "dokploy_server",
        &[
            ("name", name.into()),
            ("ip_address", "192.0.2.1".into()),
            ("port", Value::from(22_i64)),
            ("username", "root".into()),
            ("ssh_key_id", key.clone()),
            ("server_type", "deploy".into()),
        ],
    )
}

pub(crate) fn text(value: &Value, name: &str) -> String {
    let value = value.get(name).expect("an attribute");
    value.as_str().expect("a text").to_owned()
}
