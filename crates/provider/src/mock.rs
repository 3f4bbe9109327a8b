//! A provider that asks nobody: values that a real one would decide are made up, or given.

use std::collections::BTreeMap;
use std::sync::Arc;

use value::{Path, Type, Value, convert, walk};

use crate::propose;
use crate::request::{
    ApplyRequest, ApplyResponse, ConfigureRequest, ImportRequest, ImportedObject, Issue,
    PlanRequest, PlanResponse, ReadDataRequest, ReadRequest, ReadResponse, UpgradeRequest,
};
use crate::schema::{Block, ProviderSchema};
use crate::{Answer, Provider};

/// What is given for a type instead of being made up.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// Attributes by name.
    pub values: BTreeMap<Arc<str>, Value>,
    /// Whether everything is decided while planning, so that the plan is wholly known.
    pub is_during_plan: bool,
}

/// A provider of the types of another one, which it only asks about schemas and validity. Nothing leaves the process.
pub struct Mock {
    inner: Arc<dyn Provider>,
    resources: BTreeMap<Arc<str>, Given>,
    data_sources: BTreeMap<Arc<str>, Given>,
    text: Arc<dyn Fn() -> String + Send + Sync>,
}

impl Mock {
    /// With what is given by type, and who makes up texts.
    pub fn new(
        inner: Arc<dyn Provider>,
        resources: BTreeMap<Arc<str>, Given>,
        data_sources: BTreeMap<Arc<str>, Given>,
        text: Arc<dyn Fn() -> String + Send + Sync>,
    ) -> Mock {
        Mock {
            inner,
            resources,
            data_sources,
            text,
        }
    }

    fn block(&self, kind: &str, is_data: bool) -> Option<&Block> {
        let schema = self.inner.schema();
        let all = if is_data {
            &schema.data_sources
        } else {
            &schema.resources
        };
        all.get(kind).map(|it| &it.block)
    }

    /// A value with everything decided that its provider decides: what is given, and the rest made up. With `config`,
    /// only what the configuration leaves to the provider, and always the same: an apply plans once more.
    fn decided(
        &self,
        block: &Block,
        value: &Value,
        given: Option<&Given>,
        config: Option<&Value>,
    ) -> Result<Value, Vec<Issue>> {
        let mut issues = Vec::new();
        let Some(entries) = value.entries() else {
            return Ok(value.clone());
        };
        let entries = entries.iter().map(|(name, it)| {
            let is_left = config.is_none_or(|config| {
                let configured = config.get(name);
                configured.is_none_or(|it| it.is_null())
            });
            if !is_left || it.is_wholly_known() {
                return (name.clone(), it.clone());
            }
            let own = given.and_then(|it| it.values.get(name));
            let value = match (own, block.attributes.get(name)) {
                (Some(own), Some(attribute)) => match convert(own, &attribute.ty()) {
                    Ok(own) => own,
                    Err(error) => {
                        issues.push(
                            Issue::error(
                                "Failed to compute attribute",
                                format!(
                                    "The value that is given for {name} does not fit: {}.",
                                    error.reason
                                ),
                            )
                            .at(Path::attr_of(name)),
                        );
                        Value::null(attribute.ty())
                    }
                },
                _ => walk::rebuild(it, &mut |_, it| {
                    if it.is_known() {
                        it
                    } else {
                        let text = || match config {
                            None => (self.text)(),
                            Some(_) => stable_text(name),
                        };
                        made_up(&it.ty(), &text)
                    }
                }),
            };
            (name.clone(), value)
        });
        let res = Value::object(entries.collect::<Vec<_>>());
        if issues.is_empty() {
            Ok(res)
        } else {
            Err(issues)
        }
    }
}

/// Eight letters and digits that a name leads to.
fn stable_text(name: &str) -> String {
    use std::hash::{Hash as _, Hasher as _};
    let mut hasher = std::hash::DefaultHasher::new();
    name.hash(&mut hasher);
    let text = format!("{:016x}", hasher.finish());
    text.chars().take(8).collect()
}

fn made_up(ty: &Type, text: &dyn Fn() -> String) -> Value {
    match ty {
        Type::String => Value::from(text().as_str()),
        Type::Number => Value::from(0i64),
        Type::Bool => Value::from(false),
        Type::List(element) => Value::list((**element).clone(), Vec::new()),
        Type::Set(element) => Value::set((**element).clone(), Vec::new()),
        Type::Map(element) => Value::map((**element).clone(), BTreeMap::new()),
        Type::Object(object) => Value::object(
            object
                .attributes
                .iter()
                .map(|(name, ty)| (name.clone(), made_up(ty, text))),
        ),
        Type::Tuple(elements) => {
            Value::tuple(elements.iter().map(|it| made_up(it, text)).collect())
        }
        Type::Dynamic => Value::null(Type::Dynamic),
    }
}

impl Provider for Mock {
    fn schema(&self) -> &ProviderSchema {
        self.inner.schema()
    }

    fn validate_provider(&self, config: &Value) -> Vec<Issue> {
        let _ = config;
        Vec::new()
    }

    fn validate_resource(&self, kind: &str, config: &Value) -> Vec<Issue> {
        self.inner.validate_resource(kind, config)
    }

    fn validate_data(&self, kind: &str, config: &Value) -> Vec<Issue> {
        self.inner.validate_data(kind, config)
    }

    fn configure(&self, request: ConfigureRequest) -> Answer<'_, Vec<Issue>> {
        let _ = request;
        Box::pin(async { Vec::new() })
    }

    fn upgrade(&self, request: UpgradeRequest) -> Result<Value, Vec<Issue>> {
        self.inner.upgrade(request)
    }

    fn read(&self, request: ReadRequest) -> Answer<'_, ReadResponse> {
        Box::pin(async move {
            ReadResponse {
                object: Ok(Some(request.current)),
                private: request.private,
                issues: Vec::new(),
            }
        })
    }

    fn plan(&self, request: PlanRequest) -> Answer<'_, PlanResponse> {
        let given = self.resources.get(request.kind.as_str());
        let mut issues = Vec::new();
        let mut planned = request.proposed;
        if let (Some(block), true) = (
            self.block(&request.kind, false),
            given.is_some_and(|it| it.is_during_plan),
        ) {
            match self.decided(block, &planned, given, Some(&request.config)) {
                Ok(it) => planned = it,
                Err(found) => issues = found,
            }
        }
        Box::pin(async move {
            PlanResponse {
                planned,
                replace: Vec::new(),
                private: request.private,
                issues,
            }
        })
    }

    fn apply(&self, request: ApplyRequest) -> Answer<'_, ApplyResponse> {
        let given = self.resources.get(request.kind.as_str());
        let block = self.block(&request.kind, false);
        let (object, issues) = match block {
            Some(block) if !request.planned.is_null() => {
                match self.decided(block, &request.planned, given, None) {
                    Ok(object) => (object, Vec::new()),
                    Err(issues) => (request.prior.clone(), issues),
                }
            }
            _ => (request.planned.clone(), Vec::new()),
        };
        Box::pin(async move {
            ApplyResponse {
                object,
                private: request.private,
                issues,
                is_unclear: false,
            }
        })
    }

    fn import(
        &self,
        request: ImportRequest,
    ) -> Answer<'_, Result<Vec<ImportedObject>, Vec<Issue>>> {
        let _ = request;
        Box::pin(async {
            Err(vec![Issue::error(
                "Import of a mocked object",
                "The provider is mocked, and a mocked provider has no objects that could be imported.",
            )])
        })
    }

    fn read_data(&self, request: ReadDataRequest) -> Answer<'_, Result<Value, Vec<Issue>>> {
        let given = self.data_sources.get(request.kind.as_str());
        let res = match self.block(&request.kind, true) {
            Some(block) => {
                let value = propose::compute_unknown(block, &request.config);
                self.decided(block, &value, given, None)
            }
            None => Ok(request.config.clone()),
        };
        Box::pin(async move { res })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Attribute, Schema};

    struct Never(ProviderSchema);

    impl Provider for Never {
        fn schema(&self) -> &ProviderSchema {
            &self.0
        }
        fn validate_provider(&self, _: &Value) -> Vec<Issue> {
            panic!("a mock asks nobody")
        }
        fn validate_resource(&self, _: &str, _: &Value) -> Vec<Issue> {
            Vec::new()
        }
        fn validate_data(&self, _: &str, _: &Value) -> Vec<Issue> {
            Vec::new()
        }
        fn configure(&self, _: ConfigureRequest) -> Answer<'_, Vec<Issue>> {
            panic!("a mock asks nobody")
        }
        fn upgrade(&self, _: UpgradeRequest) -> Result<Value, Vec<Issue>> {
            Err(Vec::new())
        }
        fn read(&self, _: ReadRequest) -> Answer<'_, ReadResponse> {
            panic!("a mock asks nobody")
        }
        fn plan(&self, _: PlanRequest) -> Answer<'_, PlanResponse> {
            panic!("a mock asks nobody")
        }
        fn apply(&self, _: ApplyRequest) -> Answer<'_, ApplyResponse> {
            panic!("a mock asks nobody")
        }
        fn import(&self, _: ImportRequest) -> Answer<'_, Result<Vec<ImportedObject>, Vec<Issue>>> {
            panic!("a mock asks nobody")
        }
        fn read_data(&self, _: ReadDataRequest) -> Answer<'_, Result<Value, Vec<Issue>>> {
            panic!("a mock asks nobody")
        }
    }

    /// Runs a future that never waits.
    fn now<T>(mut answer: Answer<'_, T>) -> T {
        let waker = std::task::Waker::noop();
        let mut context = std::task::Context::from_waker(waker);
        match answer.as_mut().poll(&mut context) {
            std::task::Poll::Ready(it) => it,
            std::task::Poll::Pending => panic!("a mock waits for nobody"),
        }
    }

    #[test]
    fn what_is_left_to_the_provider_is_made_up_or_given() {
        let block = Block {
            attributes: [
                ("id", Attribute::of(Type::String).computed()),
                ("name", Attribute::of(Type::String).optional()),
                ("size", Attribute::of(Type::Number).optional().computed()),
                ("tags", Attribute::of(Type::list(Type::String)).computed()),
            ]
            .map(|(name, it)| (name.into(), it))
            .into(),
            ..Block::default()
        };
        let schema = ProviderSchema {
            resources: [(
                "x".into(),
                Arc::new(Schema {
                    version: 0,
                    block: block.clone(),
                }),
            )]
            .into(),
            ..ProviderSchema::default()
        };
        let given = Given {
            values: [("id".into(), Value::from("given"))].into(),
            is_during_plan: false,
        };
        let mock = Mock::new(
            Arc::new(Never(schema)),
            [("x".into(), given)].into(),
            BTreeMap::new(),
            Arc::new(|| "made-up".to_owned()),
        );
        let null = |ty: Type| Value::null(ty);
        let config = Value::object([
            ("id", null(Type::String)),
            ("name", Value::from("n")),
            ("size", null(Type::Number)),
            ("tags", null(Type::list(Type::String))),
        ]);
        let prior = Value::null(block.ty());
        let planned = now(mock.plan(PlanRequest {
            kind: "x".to_owned(),
            prior: prior.clone(),
            proposed: propose::proposed(&block, &prior, &config),
            config: config.clone(),
            private: None,
        }));
        assert!(!planned.planned.get("id").unwrap().is_known());
        let made = now(mock.apply(ApplyRequest {
            kind: "x".to_owned(),
            prior,
            planned: planned.planned,
            config,
            private: None,
        }));
        let expected = Value::object([
            ("id", Value::from("given")),
            ("name", Value::from("n")),
            ("size", Value::from(0i64)),
            ("tags", Value::list(Type::String, Vec::new())),
        ]);
        assert_eq!((made.object, made.issues), (expected, Vec::new()));
    }
}
