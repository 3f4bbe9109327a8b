//! `moved` blocks: a function from state to state before the walk.

use std::collections::BTreeMap;

use addr::{Instance, ModulePath, Target};
use diag::Diagnostics;
use state::State;

use crate::PlanInputs;

/// The state with everything at its new address, and where it was before.
pub(crate) fn apply(
    inputs: &PlanInputs<'_>,
    diags: &mut Diagnostics,
) -> (State, BTreeMap<Instance, Instance>) {
    let _ = diags;
    (inputs.prior.clone(), BTreeMap::new())
}

/// Whether an address that stands in a module covers an instance, in any instance of that module.
pub(crate) fn covers(path: &ModulePath, target: &Target, addr: &Instance) -> bool {
    if addr.module.0.len() < path.0.len() || !addr.module.path().0.starts_with(&path.0) {
        return false;
    }
    let relative = Instance {
        module: addr::ModuleInstance(addr.module.0[path.0.len()..].to_vec()),
        ..addr.clone()
    };
    target.covers(&relative)
}
