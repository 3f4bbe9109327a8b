//! What `-target`, `-replace`, `moved`, `import` and the state commands accept.

use std::fmt;

use crate::{AbsResource, Instance, ModuleInstance};

/// A part of the configuration or state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// `module.a`, `module.a["x"]`: everything in it. Without a key on the last step, all its instances.
    Module(ModuleInstance),
    /// `dokploy_registry.a`: all its instances.
    Resource(AbsResource),
    /// `dokploy_registry.a["x"]`.
    Instance(Instance),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Module(it) => it.fmt(f),
            Target::Resource(it) => it.fmt(f),
            Target::Instance(it) => it.fmt(f),
        }
    }
}

impl Target {
    /// Whether an instance belongs to it. A module step or resource without key stands for all keys.
    pub fn covers(&self, instance: &Instance) -> bool {
        match self {
            Target::Module(module) => within(&instance.module, module),
            Target::Resource(it) => {
                instance.resource == it.resource
                    && instance.module.0.len() == it.module.0.len()
                    && within(&instance.module, &it.module)
            }
            Target::Instance(it) => {
                instance.resource == it.resource
                    && instance.module.0.len() == it.module.0.len()
                    && within(&instance.module, &it.module)
                    && instance.key == it.key
            }
        }
    }
}

fn within(module: &ModuleInstance, outer: &ModuleInstance) -> bool {
    module.0.len() >= outer.0.len()
        && outer
            .0
            .iter()
            .zip(&module.0)
            .all(|((outer_name, outer_key), (name, key))| {
                outer_name == name && (outer_key == key || *outer_key == crate::Key::None)
            })
}
