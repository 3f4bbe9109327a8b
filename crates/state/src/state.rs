//! What is remembered of the world.

use std::collections::BTreeMap;
use std::sync::Arc;

use addr::{AbsResource, DeposedKey, Key, ProviderConfig};
use value::Value;

use crate::Object;

/// What is remembered of the world. Cheap to clone: objects are shared.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    /// Resources in the order of their addresses.
    pub resources: BTreeMap<AbsResource, Resource>,
    /// Outputs of the root module.
    pub outputs: BTreeMap<Arc<str>, OutputValue>,
    /// Results of checks; `None`: `"check_results": null`.
    pub checks: Option<Vec<CheckResult>>,
}

/// A resource in a module instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// Which provider configuration manages it.
    pub provider: ProviderConfig,
    /// Whether it had `count` or `for_each`, or neither (for the `each` member of the file).
    pub each: Each,
    /// Instances by key.
    pub instances: BTreeMap<Key, Instance>,
}

/// How instances were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Each {
    /// One.
    None,
    /// `count`.
    List,
    /// `for_each`.
    Map,
}

/// One instance: its current object, and deposed ones.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Instance {
    /// The current object.
    pub current: Option<Arc<Object>>,
    /// Objects that were replaced and are still there.
    pub deposed: BTreeMap<DeposedKey, Arc<Object>>,
}

/// An output of the root module.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputValue {
    /// Its value, without marks.
    pub value: Value,
    /// Whether it must not be shown.
    pub sensitive: bool,
}

/// Whether conditions hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckStatus {
    /// Not evaluated, or depends on unknown values.
    Unknown,
    /// They hold.
    Pass,
    /// One does not.
    Fail,
    /// One could not be evaluated.
    Error,
}

/// The conditions of one configuration object.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckResult {
    /// `resource`, `output_value`, `check`, `var`.
    pub kind: String,
    /// Its address in the configuration.
    pub address: String,
    /// All of its instances together.
    pub status: CheckStatus,
    /// Each instance.
    pub objects: Vec<CheckObject>,
}

/// The conditions of one instance.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckObject {
    /// Its address.
    pub address: String,
    /// Whether they hold.
    pub status: CheckStatus,
    /// Messages of those that do not.
    pub messages: Vec<String>,
}

impl State {
    /// Nothing remembered.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether there is no object and no output.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.outputs.is_empty()
    }

    /// An instance.
    pub fn instance(&self, addr: &addr::Instance) -> Option<&Instance> {
        self.resources
            .get(&addr.absolute())?
            .instances
            .get(&addr.key)
    }

    /// The current object of an instance.
    pub fn current(&self, addr: &addr::Instance) -> Option<&Arc<Object>> {
        self.instance(addr)?.current.as_ref()
    }

    /// All instances, in order.
    pub fn instances(&self) -> impl Iterator<Item = (addr::Instance, &Resource, &Instance)> {
        self.resources.iter().flat_map(|(addr, resource)| {
            resource
                .instances
                .iter()
                .map(move |(key, instance)| (addr.instance(key.clone()), resource, instance))
        })
    }

    /// Sets or removes (`None`) an object, making and removing instance and resource around it as needed.
    pub fn set_object(
        &mut self,
        addr: &addr::Instance,
        key: &addr::ObjectKey,
        provider: &ProviderConfig,
        object: Option<Arc<Object>>,
    ) {
        let absolute = addr.absolute();
        if object.is_none() && self.instance(addr).is_none() {
            return;
        }
        let each = match addr.key {
            Key::None => Each::None,
            Key::Int(_) => Each::List,
            Key::Str(_) => Each::Map,
        };
        let resource = self
            .resources
            .entry(absolute.clone())
            .or_insert_with(|| Resource {
                provider: provider.clone(),
                each,
                instances: BTreeMap::new(),
            });
        if object.is_some() {
            resource.provider = provider.clone();
            resource.each = each;
        }
        let instance = resource.instances.entry(addr.key.clone()).or_default();
        match (key, object) {
            (addr::ObjectKey::Current, object) => instance.current = object,
            (addr::ObjectKey::Deposed(key), Some(object)) => {
                instance.deposed.insert(key.clone(), object);
            }
            (addr::ObjectKey::Deposed(key), None) => {
                instance.deposed.remove(key);
            }
        }
        if instance.current.is_none() && instance.deposed.is_empty() {
            resource.instances.remove(&addr.key);
        }
        if resource.instances.is_empty() {
            self.resources.remove(&absolute);
        }
    }
}
