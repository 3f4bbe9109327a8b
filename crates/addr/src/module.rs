//! Modules: the call path (`module.a.module.b`), and one instance of it (`module.a["x"].module.b[0]`).

use std::fmt;
use std::sync::Arc;

use crate::Key;

/// The path of module calls from the root, without instance keys: where a module stands in the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModulePath(pub Vec<Arc<str>>);

impl ModulePath {
    /// The root module.
    pub fn root() -> Self {
        Self::default()
    }

    /// A module called from this one.
    pub fn child(&self, name: &str) -> Self {
        let mut res = self.clone();
        res.0.push(name.into());
        res
    }

    /// Whether it is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for ModulePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, name) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(".")?;
            }
            write!(f, "module.{name}")?;
        }
        Ok(())
    }
}

/// One instance of a module. Sorts by depth-first comparison of its steps; the root comes first.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleInstance(pub Vec<(Arc<str>, Key)>);

impl ModuleInstance {
    /// The root module.
    pub fn root() -> Self {
        Self::default()
    }

    /// An instance of a module called from this one.
    pub fn child(&self, name: &str, key: Key) -> Self {
        let mut res = self.clone();
        res.0.push((name.into(), key));
        res
    }

    /// Whether it is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The path without keys.
    pub fn path(&self) -> ModulePath {
        ModulePath(self.0.iter().map(|(name, _)| name.clone()).collect())
    }

    /// The calling module and the call, unless this is the root.
    pub fn parent(&self) -> Option<(ModuleInstance, Arc<str>, Key)> {
        let (last, front) = self.0.split_last()?;
        Some((
            ModuleInstance(front.to_vec()),
            last.0.clone(),
            last.1.clone(),
        ))
    }

    /// Whether this is another or lies inside it.
    pub fn is_within(&self, other: &ModuleInstance) -> bool {
        self.0.starts_with(&other.0)
    }
}

impl fmt::Display for ModuleInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (name, key)) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(".")?;
            }
            write!(f, "module.{name}{key}")?;
        }
        Ok(())
    }
}
