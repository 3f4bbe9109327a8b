//! Which provider configuration a block means, and the schemas of all providers.

use std::collections::BTreeMap;
use std::sync::Arc;

use addr::{LocalProvider, Mode, ModulePath, Provider, ProviderConfig};
use config::Config;
use provider::{Registry, Schema};

/// One unconfigured provider for each address: its schemas and validations.
#[derive(Clone, Default)]
pub(crate) struct Schemas {
    providers: BTreeMap<Provider, Arc<dyn provider::Provider>>,
}

impl Schemas {
    /// Providers for all addresses that a configuration and a state name.
    pub(crate) fn of(
        config: &Config,
        remembered: impl IntoIterator<Item = Provider>,
        registry: &dyn Registry,
    ) -> Self {
        let mut res = Self::default();
        let declared = config.modules.values().flat_map(|module| {
            let blocks = module.providers.keys().map(|local| address(module, local));
            let resources = module.resources.values().map(|it| it.provider_addr.clone());
            blocks.chain(resources)
        });
        for address in declared.chain(remembered) {
            if !res.providers.contains_key(&address)
                && let Some(provider) = registry.provider(&address)
            {
                res.providers.insert(address, provider);
            }
        }
        res
    }

    /// An unconfigured provider.
    pub(crate) fn provider(&self, address: &Provider) -> Option<&Arc<dyn provider::Provider>> {
        self.providers.get(address)
    }

    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<dyn provider::Provider>> {
        self.providers.values()
    }

    /// The schema of a provider block.
    pub(crate) fn provider_block(&self, address: &Provider) -> Option<&Schema> {
        Some(&self.provider(address)?.schema().provider)
    }

    /// The schema of a resource type.
    pub(crate) fn resource(
        &self,
        address: &Provider,
        resource: &addr::Resource,
    ) -> Option<&Arc<Schema>> {
        let schema = self.provider(address)?.schema();
        match resource.mode {
            Mode::Managed => &schema.resources,
            Mode::Data => &schema.data_sources,
            Mode::Ephemeral => &schema.ephemeral,
        }
        .get(&resource.kind)
    }
}

/// The source address of a local name in a module.
fn address(module: &config::Module, local: &LocalProvider) -> Provider {
    module
        .provider(&local.name)
        .cloned()
        .unwrap_or_else(|| Provider::implied(&local.name))
}

/// The configuration that a resource block means; `None` where a module is not given the one it names.
pub(crate) fn of_resource(
    config: &Config,
    path: &ModulePath,
    resource: &config::Resource,
) -> Option<ProviderConfig> {
    let mut res = resolve(config, path, &resource.provider)?;
    res.provider = resource.provider_addr.clone();
    Some(res)
}

/// The configuration that a local name means in a module: its own, one handed down by the call, or (without alias)
/// the inherited default one.
pub(crate) fn resolve(
    config: &Config,
    path: &ModulePath,
    local: &LocalProvider,
) -> Option<ProviderConfig> {
    let mut path = path.clone();
    let mut local = local.clone();
    let provider = address(config.module(&path)?, &local);
    loop {
        let module = config.module(&path)?;
        let found = |path: &ModulePath, local: &LocalProvider| ProviderConfig {
            module: path.clone(),
            provider: provider.clone(),
            alias: local.alias.clone(),
        };
        if module.providers.contains_key(&local) {
            return Some(found(&path, &local));
        }
        let Some((name, front)) = path.0.split_last() else {
            return local.alias.is_none().then(|| found(&path, &local));
        };
        let parent = ModulePath(front.to_vec());
        let outer = config.module(&parent)?;
        let call = outer.calls.get(name)?;
        let passed = call
            .providers
            .iter()
            .flatten()
            .find(|(child, _, _)| *child == local);
        if let Some((_, given, _)) = passed {
            local = given.clone();
        } else if local.alias.is_some() {
            return None;
        } else {
            // The name may be another in the calling module; what counts is the address.
            let name = outer
                .settings
                .required_providers
                .iter()
                .find(|(_, it)| it.source == provider)
                .map(|(name, _)| name.clone());
            if let Some(name) = name {
                local.name = name;
            }
        }
        path = parent;
    }
}
