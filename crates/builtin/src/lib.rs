//! The provider `terraform.io/builtin/terraform`: `terraform_data` and `terraform_remote_state`.
//!
//! What it needs of the world is given to it: random bytes for ids, and a [`StateReader`] for other states. Its
//! functions (`encode_tfvars` and others) belong to the language.

pub mod data;
pub mod remote_state;

use std::collections::BTreeMap;
use std::sync::Arc;

use provider::{
    Answer, ApplyRequest, ApplyResponse, Block, ConfigureRequest, ImportRequest, ImportedObject,
    Issue, PlanRequest, PlanResponse, Provider, ProviderSchema, ReadDataRequest, ReadRequest,
    ReadResponse, Schema, UpgradeRequest,
};
use value::Value;

pub use remote_state::{Outputs, StateReader};

/// Gives sixteen random bytes.
pub type Random = Arc<dyn Fn() -> [u8; 16] + Send + Sync>;

/// The provider. It needs no configuration.
pub struct Builtin {
    schema: ProviderSchema,
    random: Random,
    reader: Arc<dyn StateReader>,
}

impl Builtin {
    /// With where ids come from and who reads other states.
    pub fn new(random: Random, reader: Arc<dyn StateReader>) -> Builtin {
        let schema = ProviderSchema {
            provider: Schema::default(),
            resources: [(data::KIND.into(), Arc::new(data::schema()))].into(),
            data_sources: [(remote_state::KIND.into(), Arc::new(remote_state::schema()))].into(),
            ephemeral: BTreeMap::new(),
        };
        Builtin {
            schema,
            random,
            reader,
        }
    }
}

fn checked(kind: &str) -> Result<(), Vec<Issue>> {
    if kind == data::KIND {
        return Ok(());
    }
    Err(vec![Issue::error(
        "Invalid resource type",
        format!("The provider does not manage objects of the type \"{kind}\"."),
    )])
}

impl Provider for Builtin {
    fn schema(&self) -> &ProviderSchema {
        &self.schema
    }

    fn validate_provider(&self, config: &Value) -> Vec<Issue> {
        let _ = config;
        Vec::new()
    }

    fn validate_resource(&self, kind: &str, config: &Value) -> Vec<Issue> {
        let mut res = checked(kind).err().unwrap_or_default();
        for name in ["id", "output"] {
            if config.get(name).is_some_and(|it| !it.is_null()) {
                res.push(Issue::error(
                    format!("\"{name}\" attribute is read-only"),
                    format!("The argument {name} of a {kind} is decided when it is applied, so that it cannot be set. Remove it."),
                ).placeless());
            }
        }
        res
    }

    fn validate_data(&self, kind: &str, config: &Value) -> Vec<Issue> {
        let _ = kind;
        remote_state::validate(&*self.reader, config)
    }

    fn configure(&self, request: ConfigureRequest) -> Answer<'_, Vec<Issue>> {
        let _ = request;
        Box::pin(async { Vec::new() })
    }

    fn upgrade(&self, request: UpgradeRequest) -> Result<Value, Vec<Issue>> {
        checked(&request.kind)?;
        data::upgrade(&request).map_err(|it| vec![it])
    }

    fn read(&self, request: ReadRequest) -> Answer<'_, ReadResponse> {
        // The state is all there is of it.
        Box::pin(async move {
            ReadResponse {
                object: Ok(Some(request.current)),
                private: request.private,
                issues: Vec::new(),
            }
        })
    }

    fn plan(&self, request: PlanRequest) -> Answer<'_, PlanResponse> {
        Box::pin(async move { data::plan(request) })
    }

    fn apply(&self, request: ApplyRequest) -> Answer<'_, ApplyResponse> {
        Box::pin(async move { data::apply(request, &self.random) })
    }

    fn import(
        &self,
        request: ImportRequest,
    ) -> Answer<'_, Result<Vec<ImportedObject>, Vec<Issue>>> {
        Box::pin(async move {
            checked(&request.kind)?;
            Ok(vec![ImportedObject {
                object: data::imported(&request.id),
                kind: request.kind,
                private: None,
            }])
        })
    }

    fn read_data(&self, request: ReadDataRequest) -> Answer<'_, Result<Value, Vec<Issue>>> {
        Box::pin(async move { remote_state::read(&*self.reader, &request.config).await })
    }

    fn move_state(
        &self,
        source_kind: &str,
        source: &serde_json::Value,
        kind: &str,
    ) -> Result<Value, Vec<Issue>> {
        checked(kind)?;
        data::moved(source_kind, source).map_err(|it| vec![it])
    }
}

/// A schema of version 0.
fn schema_of(attributes: Vec<(&str, provider::Attribute)>) -> Schema {
    Schema {
        version: 0,
        block: Block {
            attributes: attributes
                .into_iter()
                .map(|(name, it)| (name.into(), it))
                .collect(),
            ..Block::default()
        },
    }
}
