//! `import` blocks: objects that exist already and become managed.

use std::collections::BTreeMap;

use addr::{ConfigResource, Instance};
use config::Config;
use plan::Importing;

use crate::expand::Each;
use crate::planning::Planning;
use crate::planning::resource::Block;

/// The `import` blocks by the resource that they name, and what they found.
pub(crate) struct Imports<'a> {
    pub(crate) by_resource: BTreeMap<ConfigResource, Vec<&'a config::Import>>,
    pub(crate) found: BTreeMap<Instance, Importing>,
}

impl<'a> Imports<'a> {
    pub(crate) fn of(config: &'a Config) -> Self {
        let mut by_resource: BTreeMap<ConfigResource, Vec<&'a config::Import>> = BTreeMap::new();
        for it in &config.root().imports {
            by_resource.entry(it.target.clone()).or_default().push(it);
        }
        Self {
            by_resource,
            found: BTreeMap::new(),
        }
    }

    /// What an import made of an instance.
    pub(crate) fn importing(&self, addr: &Instance) -> Option<Importing> {
        self.found.get(addr).cloned()
    }
}

impl Planning<'_> {
    /// Imports what the blocks of a resource name.
    pub(crate) async fn imports_of(
        &mut self,
        block: &Block<'_>,
        instances: &[(usize, Instance, Each)],
    ) {
        let _ = (block, instances);
    }

    /// Reports blocks whose target is not asked for.
    pub(crate) async fn unmatched_imports(&mut self) {}
}
