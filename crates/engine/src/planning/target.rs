//! `-target` and `-exclude`: which declared things a plan covers. A function on the graph, not an edit of it.

use std::collections::BTreeSet;

use addr::{ConfigResource, Instance, ModulePath, Target};
use diag::{Diagnostic, Diagnostics};
use plan::Mode;
use state::State;

use crate::nodes::{Node, Nodes};
use crate::planning::Planning;
use crate::{PlanInputs, code};

/// The nodes that the targets leave: what they name, and all that it needs.
pub(crate) fn select(
    inputs: &PlanInputs<'_>,
    nodes: &Nodes,
    state: &State,
    diags: &mut Diagnostics,
) -> Vec<bool> {
    let _ = diags;
    let n = nodes.dag.len();
    if inputs.targets.is_empty() && inputs.excludes.is_empty() {
        return vec![true; n];
    }
    let mut named = vec![false; n];
    for (at, named) in named.iter_mut().enumerate() {
        if let Node::Resource(it) = nodes.dag.node(at) {
            let targeted = inputs.targets.is_empty()
                || inputs.targets.iter().any(|target| may_cover(target, it));
            *named = targeted && !inputs.excludes.iter().any(|it2| covers_all(it2, it));
        }
    }
    // What depends on something excluded is excluded too.
    if !inputs.excludes.is_empty() {
        let mut out = vec![false; n];
        for at in &nodes.order {
            let own = matches!(nodes.dag.node(*at), Node::Resource(it)
                if inputs.excludes.iter().any(|target| covers_all(target, it)));
            out[*at] = own || nodes.dag.needs(*at).iter().any(|it| out[*it]);
            if out[*at] {
                named[*at] = false;
            }
        }
    }
    if inputs.mode == Mode::Destroy {
        // What depends on something that is destroyed is destroyed too.
        let also = dependents(state, &named, nodes);
        for at in also {
            named[at] = true;
        }
    }
    let mut res = nodes.with_needs((0..n).filter(|it| named[*it]));
    // Providers of what is deleted are needed, and cost nothing.
    for at in 0..n {
        if matches!(nodes.dag.node(at), Node::Provider(_)) && !res[at] {
            let needs = nodes.with_needs([at]);
            let harmless = (0..n).all(|it| {
                !needs[it] || res[it] || !matches!(nodes.dag.node(it), Node::Resource(_))
            });
            if harmless {
                for (it, needed) in needs.into_iter().enumerate() {
                    res[it] |= needed;
                }
            }
        }
    }
    // Outputs of the root whose every resource is there.
    for at in 0..n {
        let node = nodes.dag.node(at);
        if matches!(node, Node::Output(path, _) if path.is_root()) {
            let needed = nodes.dependencies(node);
            let all = !needed.is_empty()
                && needed.iter().all(|it| {
                    nodes
                        .dag
                        .position(&Node::Resource(it.clone()))
                        .is_some_and(|it| res[it])
                });
            if all {
                for (it, needed) in nodes.with_needs([at]).into_iter().enumerate() {
                    res[it] |= needed;
                }
            }
        }
    }
    res
}

/// An error where something has moved, and the targets cover it at one address only: half of a move cannot be planned.
pub(crate) fn moved_too(
    inputs: &PlanInputs<'_>,
    moved: &std::collections::BTreeMap<Instance, Instance>,
    diags: &mut Diagnostics,
) {
    if inputs.targets.is_empty() {
        return;
    }
    let left_out: BTreeSet<String> = moved
        .iter()
        .flat_map(|(to, from)| [to, from])
        .filter(|addr| !inputs.targets.iter().any(|it| it.covers(addr)))
        .map(|addr| addr.absolute().to_string())
        .collect();
    if left_out.is_empty() {
        return;
    }
    let list: String = left_out
        .iter()
        .map(|it| format!("\n  -target={it:?}"))
        .collect();
    let detail = format!(
        "Objects in the state have moved to other addresses of the configuration, and the targets do not cover all of them at both addresses. Leave the targets out, or add these:{list}\n\nMore may come into the plan with them, because others are needed by them."
    );
    diags.push(Diagnostic::error(&code::MOVED_AND_EXCLUDED, detail));
}

/// Resources whose objects were made with something that is named.
fn dependents(state: &State, named: &[bool], nodes: &Nodes) -> Vec<usize> {
    let names: BTreeSet<&ConfigResource> = (0..nodes.dag.len())
        .filter(|it| named[*it])
        .filter_map(|it| match nodes.dag.node(it) {
            Node::Resource(it) => Some(it),
            _ => None,
        })
        .collect();
    state
        .instances()
        .filter(|(_, _, instance)| {
            instance
                .current
                .iter()
                .chain(instance.deposed.values())
                .any(|it| it.dependencies.iter().any(|it| names.contains(it)))
        })
        .filter_map(|(addr, _, _)| nodes.dag.position(&Node::Resource(addr.config())))
        .collect()
}

/// Whether a target covers some instance of a resource.
fn may_cover(target: &Target, resource: &ConfigResource) -> bool {
    let starts = |path: &ModulePath, outer: &ModulePath| path.0.starts_with(&outer.0);
    match target {
        Target::Module(it) => starts(&resource.module, &it.path()),
        Target::Resource(it) => {
            it.resource == resource.resource && it.module.path() == resource.module
        }
        Target::Instance(it) => {
            it.resource == resource.resource && it.module.path() == resource.module
        }
    }
}

/// Whether a target covers every instance of a resource.
fn covers_all(target: &Target, resource: &ConfigResource) -> bool {
    let keyless = |it: &addr::ModuleInstance| it.0.iter().all(|(_, key)| *key == addr::Key::None);
    match target {
        Target::Module(it) => keyless(it) && may_cover(target, resource),
        Target::Resource(it) => keyless(&it.module) && may_cover(target, resource),
        Target::Instance(_) => false,
    }
}

impl Planning<'_> {
    /// Whether an instance may be changed. What is only needed by a target is planned too.
    pub(crate) fn is_targeted(&self, addr: &Instance) -> bool {
        if self.inputs.excludes.iter().any(|it| it.covers(addr)) {
            return false;
        }
        if self.inputs.targets.is_empty() || self.inputs.targets.iter().any(|it| it.covers(addr)) {
            return true;
        }
        // Another instance of the same resource is named: this one is not meant.
        let config = addr.config();
        let Some(at) = self.nodes.dag.position(&Node::Resource(config.clone())) else {
            return false;
        };
        let named = self.inputs.targets.iter().any(|it| may_cover(it, &config));
        !named && self.selected[at]
    }
}

impl Planning<'_> {
    /// Says where `-replace` names a resource without saying which of its instances.
    pub(crate) fn warn_of_replacements(&mut self) {
        let force = self.inputs.force_replace;
        for addr in force {
            if self.desired.contains(addr) || addr.key != addr::Key::None {
                continue;
            }
            let keys: Vec<String> = self
                .desired
                .iter()
                .filter(|it| it.absolute() == addr.absolute())
                .map(|it| format!("\n  -replace={}", addr::instance::quoted(&it.to_string())))
                .collect();
            if keys.is_empty() {
                continue;
            }
            let detail = format!(
                "The address {addr} is a resource with several instances, so -replace does not say which one is meant. To replace particular ones, name them:{}",
                keys.concat()
            );
            self.diags
                .push(Diagnostic::warning(&code::FORCE_REPLACE, detail));
        }
    }
}

/// Says that the plan is not whole.
pub(crate) fn warn(inputs: &PlanInputs<'_>, diags: &mut Diagnostics) {
    if inputs.targets.is_empty() && inputs.excludes.is_empty() {
        return;
    }
    diags.push(Diagnostic::warning(
        &code::TARGETING,
        "The plan covers only what -target or -exclude leaves, so that the result may not be all that the configuration asks for. That is for exceptional situations, such as repairing after an error; afterwards plan without it.",
    ));
}
