//! Providers: the source address, the local name, and one configuration of one.

use std::fmt;
use std::sync::Arc;

use crate::ModulePath;

/// A provider's source address: `registry.terraform.io/ahmedali6/dokploy`, `terraform.io/builtin/terraform`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Provider {
    /// The registry's host.
    pub host: Arc<str>,
    /// Who publishes it.
    pub namespace: Arc<str>,
    /// Its type.
    pub kind: Arc<str>,
}

/// The host that a source address without one means.
pub const DEFAULT_HOST: &str = "registry.terraform.io";

impl Provider {
    /// `host/namespace/kind`.
    pub fn new(host: &str, namespace: &str, kind: &str) -> Self {
        Self {
            host: host.into(),
            namespace: namespace.into(),
            kind: kind.into(),
        }
    }

    /// `terraform.io/builtin/terraform`.
    pub fn builtin() -> Self {
        Self::new("terraform.io", "builtin", "terraform")
    }

    /// What a local name means without `required_providers`: `terraform` is the builtin one, another name is
    /// `registry.terraform.io/hashicorp/NAME`.
    pub fn implied(local: &str) -> Self {
        if local == "terraform" {
            Self::builtin()
        } else {
            Self::new(DEFAULT_HOST, "hashicorp", local)
        }
    }

    /// From `kind`, `namespace/kind` or `host/namespace/kind`.
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('/').collect();
        let valid = |it: &&str| {
            !it.is_empty()
                && it
                    .chars()
                    .all(|c| c.is_alphanumeric() || "-_.:".contains(c))
        };
        if !parts.iter().all(valid) {
            return None;
        }
        match parts.as_slice() {
            [kind] => Some(Self::new(DEFAULT_HOST, "hashicorp", &kind.to_lowercase())),
            [namespace, kind] => Some(Self::new(
                DEFAULT_HOST,
                &namespace.to_lowercase(),
                &kind.to_lowercase(),
            )),
            [host, namespace, kind] => Some(Self::new(
                &host.to_lowercase(),
                &namespace.to_lowercase(),
                &kind.to_lowercase(),
            )),
            _ => None,
        }
    }

    /// The form for people: the default host is left out.
    pub fn for_display(&self) -> String {
        if &*self.host == DEFAULT_HOST {
            format!("{}/{}", self.namespace, self.kind)
        } else {
            self.to_string()
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.host, self.namespace, self.kind)
    }
}

/// How a module names a provider configuration: `dokploy`, `dokploy.staging`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalProvider {
    /// The local name.
    pub name: Arc<str>,
    /// The alias.
    pub alias: Option<Arc<str>>,
}

impl fmt::Display for LocalProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.alias
            .as_ref()
            .map_or(Ok(()), |alias| write!(f, ".{alias}"))
    }
}

/// One configuration of a provider: `module.a.provider["registry.terraform.io/ahmedali6/dokploy"].staging`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderConfig {
    /// Where it is declared.
    pub module: ModulePath,
    /// Which provider.
    pub provider: Provider,
    /// The alias.
    pub alias: Option<Arc<str>>,
}

impl fmt::Display for ProviderConfig {
    /// The form of state files.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        write!(f, "provider[\"{}\"]", self.provider)?;
        self.alias
            .as_ref()
            .map_or(Ok(()), |alias| write!(f, ".{alias}"))
    }
}
