//! Resources: within a module, in the configuration, in a module instance, and one instance.

use std::fmt;
use std::sync::Arc;

use crate::{Key, ModuleInstance, ModulePath};

/// What kind of block declares it. Sorts as the reference lists them: data sources first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// `data`.
    Data,
    /// `ephemeral`.
    Ephemeral,
    /// `resource`.
    Managed,
}

/// A resource within its module: `dokploy_registry.a`, `data.dokploy_servers.all`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Resource {
    /// The kind of block.
    pub mode: Mode,
    /// The first label.
    pub kind: Arc<str>,
    /// The second label.
    pub name: Arc<str>,
}

impl Resource {
    /// A managed resource.
    pub fn managed(kind: &str, name: &str) -> Self {
        Self {
            mode: Mode::Managed,
            kind: kind.into(),
            name: name.into(),
        }
    }

    /// A data source.
    pub fn data(kind: &str, name: &str) -> Self {
        Self {
            mode: Mode::Data,
            kind: kind.into(),
            name: name.into(),
        }
    }

    /// The provider's local name that the type implies: what stands before the first `_`.
    pub fn implied_provider(&self) -> &str {
        self.kind.split('_').next().unwrap_or(&self.kind)
    }

    /// This resource in an instance of its module.
    pub fn absolute(&self, module: &ModuleInstance) -> AbsResource {
        AbsResource {
            module: module.clone(),
            resource: self.clone(),
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mode {
            Mode::Managed => write!(f, "{}.{}", self.kind, self.name),
            Mode::Data => write!(f, "data.{}.{}", self.kind, self.name),
            Mode::Ephemeral => write!(f, "ephemeral.{}.{}", self.kind, self.name),
        }
    }
}

/// A resource where it is declared: module path without keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConfigResource {
    /// The module.
    pub module: ModulePath,
    /// The resource in it.
    pub resource: Resource,
}

impl fmt::Display for ConfigResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        self.resource.fmt(f)
    }
}

/// A resource in an instance of its module: the set of its instances there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AbsResource {
    /// The module instance.
    pub module: ModuleInstance,
    /// The resource in it.
    pub resource: Resource,
}

impl AbsResource {
    /// Where it is declared.
    pub fn config(&self) -> ConfigResource {
        ConfigResource {
            module: self.module.path(),
            resource: self.resource.clone(),
        }
    }

    /// One of its instances.
    pub fn instance(&self, key: Key) -> Instance {
        Instance {
            module: self.module.clone(),
            resource: self.resource.clone(),
            key,
        }
    }
}

impl fmt::Display for AbsResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        self.resource.fmt(f)
    }
}

/// One instance of a resource: `module.a["x"].dokploy_redis.cache[0]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instance {
    /// The module instance.
    pub module: ModuleInstance,
    /// The resource in it.
    pub resource: Resource,
    /// Which instance.
    pub key: Key,
}

impl Instance {
    /// The resource that it is an instance of.
    pub fn absolute(&self) -> AbsResource {
        AbsResource {
            module: self.module.clone(),
            resource: self.resource.clone(),
        }
    }

    /// Where it is declared.
    pub fn config(&self) -> ConfigResource {
        ConfigResource {
            module: self.module.path(),
            resource: self.resource.clone(),
        }
    }

    /// Whether it is managed.
    pub fn is_managed(&self) -> bool {
        self.resource.mode == Mode::Managed
    }
}

impl fmt::Display for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        write!(f, "{}{}", self.resource, self.key)
    }
}
