//! Names of things: `module.a["x"].dokploy_redis.cache[0]`, as values that parse, print and sort.
//!
//! Reading order: [`instance`] (keys), [`module`], [`resource`], [`provider`], [`object`], [`reference`] (what an
//! expression can point to), [`target`] and [`parse`] (from text).

pub mod instance;
pub mod module;
pub mod object;
pub mod parse;
pub mod provider;
pub mod reference;
pub mod resource;
pub mod target;

pub use instance::Key;
pub use module::{ModuleInstance, ModulePath};
pub use object::{DeposedKey, ObjectKey};
pub use provider::{LocalProvider, Provider, ProviderConfig};
pub use reference::{Reference, Subject};
pub use resource::{AbsResource, ConfigResource, Instance, Mode, Resource};
pub use target::Target;
