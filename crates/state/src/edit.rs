//! Moves, removals and renames, as functions on a state. Pure.

use addr::{AbsResource, Instance, ModuleInstance, Provider, Target};

use crate::State;

/// Moves an instance to another address. Gives `false` and changes nothing where there is none or the target is taken.
pub fn move_instance(state: &mut State, from: &Instance, to: &Instance) -> bool {
    if from == to || state.instance(to).is_some() {
        return false;
    }
    let Some(resource) = state.resources.get_mut(&from.absolute()) else {
        return false;
    };
    let Some(instance) = resource.instances.remove(&from.key) else {
        return false;
    };
    let provider = resource.provider.clone();
    if resource.instances.is_empty() {
        state.resources.remove(&from.absolute());
    }
    if let Some(current) = instance.current {
        state.set_object(to, &addr::ObjectKey::Current, &provider, Some(current));
    }
    for (key, object) in instance.deposed {
        state.set_object(to, &addr::ObjectKey::Deposed(key), &provider, Some(object));
    }
    true
}

/// Moves all instances of a resource. Gives `false` and changes nothing where there are none or the target is taken.
pub fn move_resource(state: &mut State, from: &AbsResource, to: &AbsResource) -> bool {
    if from == to || state.resources.contains_key(to) {
        return false;
    }
    match state.resources.remove(from) {
        Some(resource) => {
            state.resources.insert(to.clone(), resource);
            true
        }
        None => false,
    }
}

/// Moves everything in a module instance. Gives `false` and changes nothing where it is empty or the target is not.
pub fn move_module(state: &mut State, from: &ModuleInstance, to: &ModuleInstance) -> bool {
    let moved: Vec<AbsResource> = state
        .resources
        .keys()
        .filter(|it| it.module.is_within(from))
        .cloned()
        .collect();
    if from == to || moved.is_empty() || state.resources.keys().any(|it| it.module.is_within(to)) {
        return false;
    }
    for addr in moved {
        let mut module = to.clone();
        module.0.extend_from_slice(&addr.module.0[from.0.len()..]);
        if let Some(resource) = state.resources.remove(&addr) {
            state.resources.insert(
                AbsResource {
                    module,
                    resource: addr.resource,
                },
                resource,
            );
        }
    }
    true
}

/// Removes everything that a target covers, and gives the addresses removed.
pub fn remove(state: &mut State, target: &Target) -> Vec<Instance> {
    let covered: Vec<Instance> = state
        .instances()
        .map(|(addr, _, _)| addr)
        .filter(|it| target.covers(it))
        .collect();
    for addr in &covered {
        let absolute = addr.absolute();
        if let Some(resource) = state.resources.get_mut(&absolute) {
            resource.instances.remove(&addr.key);
            if resource.instances.is_empty() {
                state.resources.remove(&absolute);
            }
        }
    }
    covered
}

/// Gives all objects of one provider to another, and gives the resources changed.
pub fn replace_provider(state: &mut State, from: &Provider, to: &Provider) -> Vec<AbsResource> {
    let mut res = Vec::new();
    for (addr, resource) in &mut state.resources {
        if resource.provider.provider == *from {
            resource.provider.provider = to.clone();
            res.push(addr.clone());
        }
    }
    res
}
