//! Providers that are configured for this walk, and requests of which many run at once.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;

use addr::ProviderConfig;
use diag::{Diagnostic, Diagnostics};
use provider::{ConfigureRequest, Provider};
use tokio::task::JoinSet;
use value::{Value, walk};

use crate::expand::Each;
use crate::values::{Phase, Values};
use crate::{code, objects};

/// Providers by their configuration. `None`: could not be configured, and that is reported.
#[derive(Default)]
pub(crate) struct Live {
    all: BTreeMap<ProviderConfig, Option<Arc<dyn Provider>>>,
}

impl Live {
    /// A configured provider, if it could be configured.
    pub(crate) fn get(&self, config: &ProviderConfig) -> Option<&Arc<dyn Provider>> {
        self.all.get(config)?.as_ref()
    }

    /// Whether a configuration was visited.
    pub(crate) fn has(&self, config: &ProviderConfig) -> bool {
        self.all.contains_key(config)
    }

    /// Evaluates a provider's configuration and configures it. It is told the secrets of all its objects in the state,
    /// as a server may quote those of one that has no part in what is done.
    pub(crate) async fn configure(
        &mut self,
        values: &Values<'_>,
        config: &ProviderConfig,
        state: &state::State,
        diags: &mut Diagnostics,
    ) {
        let provider = configured(values, config, diags).await;
        if let Some(provider) = &provider {
            conceal(state, &config.provider, provider.as_ref());
        }
        self.all.insert(config.clone(), provider);
    }
}

fn conceal(state: &state::State, address: &addr::Provider, provider: &dyn Provider) {
    let own = |it: &&state::Resource| it.provider.provider == *address;
    for (addr, resource) in state.resources.iter().filter(|(_, it)| own(it)) {
        for instance in resource.instances.values() {
            for object in instance.current.iter().chain(instance.deposed.values()) {
                if let state::object::Attributes::Json(attributes) = &object.attributes {
                    provider.conceal(&addr.resource.kind, attributes);
                }
            }
        }
    }
}

/// The block of a provider configuration, if it has one.
pub(crate) fn block<'a>(
    values: &Values<'a>,
    config: &ProviderConfig,
) -> Option<&'a config::ProviderBlock> {
    let module = if config.module.is_root() {
        values.config.root()
    } else {
        values.config.module(&config.module)?
    };
    module.providers.values().find(|it| {
        it.local.alias == config.alias
            && module.provider_or_implied(&it.local.name) == config.provider
    })
}

async fn configured(
    values: &Values<'_>,
    config: &ProviderConfig,
    diags: &mut Diagnostics,
) -> Option<Arc<dyn Provider>> {
    let Some(provider) = values.common.registry.provider(&config.provider) else {
        let detail = format!(
            "There is no provider {}. Check the source address in required_providers.",
            config.provider.for_display()
        );
        diags.push(Diagnostic::error(&code::MISSING_PROVIDER, detail));
        return None;
    };
    let schema = provider.schema().provider.block.clone();
    let block = block(values, config);
    let empty = empty_body();
    let (body, header) = block.map_or((&empty, None), |it| (&it.body, Some(it.span)));
    let module = values.instances_of(&config.module).into_iter().next();
    // The module has no instances: nothing uses this configuration.
    let module = module?;
    let n_errors = diags.n_errors();
    let value = if block.is_some() {
        lang::decode::decode(body, &schema, &values.at(module, &Each::None), diags)
    } else {
        Value::object(schema_nulls(&schema))
    };
    if diags.n_errors() > n_errors {
        return None;
    }
    let (value, _) = walk::unmark_deep(&value);
    let place = header.map(|header| (body, &schema, header));
    let issues = provider.validate_provider(&value);
    objects::report(&issues, None, place, diags);
    if objects::has_errors(&issues) {
        return None;
    }
    if values.phase == Phase::Validate {
        return Some(provider);
    }
    let issues = provider.configure(ConfigureRequest { config: value }).await;
    objects::report(&issues, None, place, diags);
    (!objects::has_errors(&issues)).then_some(provider)
}

/// The attributes of an empty block.
fn schema_nulls(schema: &provider::Block) -> Vec<(Arc<str>, Value)> {
    let attributes = schema
        .attributes
        .iter()
        .map(|(name, it)| (name.clone(), Value::null(it.ty())));
    let blocks = schema.blocks.iter().map(|(name, it)| {
        let value = match it.ty() {
            value::Type::List(element) => Value::list((*element).clone(), Vec::new()),
            value::Type::Set(element) => Value::set((*element).clone(), Vec::new()),
            value::Type::Map(element) => Value::map((*element).clone(), BTreeMap::new()),
            ty => Value::null(ty),
        };
        (name.clone(), value)
    });
    attributes.chain(blocks).collect()
}

pub(crate) fn empty_body() -> hcl::Body {
    let span = diag::Span::new(diag::SourceId(u32::MAX), 0, 0);
    hcl::Body {
        syntax: hcl::Syntax::Native,
        attributes: Vec::new(),
        blocks: Vec::new(),
        span,
        end: span,
    }
}

/// Runs futures, so many at once, and gives their results in the order given.
pub(crate) async fn all<T: Send + 'static>(
    parallelism: usize,
    futures: Vec<impl Future<Output = T> + Send + 'static>,
) -> Vec<Option<T>> {
    let mut res: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    let mut waiting = futures.into_iter().enumerate();
    let mut running = JoinSet::new();
    loop {
        while running.len() < parallelism.max(1) {
            let Some((at, future)) = waiting.next() else {
                break;
            };
            running.spawn(async move { (at, future.await) });
        }
        let Some(joined) = running.join_next().await else {
            return res;
        };
        // A provider that panics has no answer.
        if let Ok((at, result)) = joined {
            res[at] = Some(result);
        }
    }
}
