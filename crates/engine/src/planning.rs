//! The planning walk: from configuration and state to a plan.
//!
//! Nodes are visited in the order of the graph; instances appear when their resource is visited. Moves come before the
//! walk; orphans, outputs that are gone, drift and the order of operations after it, each a function of its own.

pub(crate) mod data;
pub(crate) mod follow;
pub(crate) mod imports;
pub(crate) mod moves;
pub(crate) mod order;
pub(crate) mod orphan;
pub(crate) mod outputs;
pub(crate) mod refresh;
pub(crate) mod relevant;
pub(crate) mod resource;
pub(crate) mod target;
pub(crate) mod trigger;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use addr::{AbsResource, ConfigResource, DeposedKey, Instance, ProviderConfig};
use diag::{Diagnostic, Diagnostics};
use plan::{Drift, Mode, Plan, ResourceChange, VariableValue};
use state::{Object, State};
use value::{Value, walk};

use crate::checks::Checks;
use crate::live::Live;
use crate::nodes::{Node, Nodes, nodes};
use crate::providers::{self, Schemas};
use crate::values::{Phase, Values};
use crate::{PlanInputs, code, declared};

/// A remembered object with its value, marks included.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) object: Arc<Object>,
    pub(crate) value: Value,
}

/// What is known of an instance.
#[derive(Debug, Clone, Default)]
pub(crate) struct Remembered {
    /// The current object as it is now.
    pub(crate) current: Option<Known>,
    /// The current object as it was remembered.
    pub(crate) before: Option<Known>,
    /// Deposed objects as they are now.
    pub(crate) deposed: BTreeMap<DeposedKey, Known>,
}

/// The walk's possessions.
pub(crate) struct Planning<'a> {
    pub(crate) inputs: &'a PlanInputs<'a>,
    pub(crate) nodes: &'a Nodes,
    pub(crate) values: Values<'a>,
    pub(crate) live: Live,
    /// For each node whether something that needs it is created before it is destroyed, or it is itself.
    pub(crate) create_before_destroy: Vec<bool>,
    /// The depth of each node in the graph.
    pub(crate) ranks: Vec<usize>,
    /// What is remembered, after moves; refreshed as the walk goes on.
    pub(crate) state: State,
    /// The resources that a provider configuration manages.
    pub(crate) managed: BTreeMap<ProviderConfig, Vec<AbsResource>>,
    pub(crate) memory: BTreeMap<Instance, Remembered>,
    /// What `removed` blocks with `destroy = false` cover, and the module that each stands in.
    pub(crate) forgotten: Vec<(&'a addr::ModulePath, &'a addr::Target)>,
    /// From where instances moved.
    pub(crate) moved: BTreeMap<Instance, Instance>,
    pub(crate) changes: BTreeMap<(Instance, Option<DeposedKey>), ResourceChange>,
    /// Resources that have a change that does something.
    pub(crate) pending: BTreeSet<ConfigResource>,
    /// Instances that the configuration asks for.
    pub(crate) desired: BTreeSet<Instance>,
    pub(crate) checks: Checks,
    pub(crate) imports: imports::Imports<'a>,
    /// Nodes that the targets leave.
    pub(crate) selected: Vec<bool>,
    /// Nodes with errors, and those that need them.
    pub(crate) failed: Vec<bool>,
    pub(crate) diags: Diagnostics,
}

/// See [`crate::plan`].
pub(crate) async fn plan(inputs: &PlanInputs<'_>) -> (Option<Plan>, Diagnostics) {
    let common = &inputs.common;
    let mut diags = crate::validate(common).await;
    if diags.has_errors() {
        return (None, diags);
    }
    let remembered = inputs.prior.resources.values().map(|it| &it.provider);
    let schemas = Schemas::of(
        common.config,
        remembered.clone().map(|it| it.provider.clone()),
        common.registry,
    );
    let mut names = BTreeSet::new();
    names.extend(remembered.cloned());
    let Some(nodes) = nodes(common.config, &schemas, names, &mut diags) else {
        return (None, diags);
    };
    let (state, mut moved) = moves::apply(inputs, &schemas, &mut diags);
    if diags.has_errors() {
        return (None, diags);
    }
    target::moved_too(inputs, &moved, &mut diags);
    if diags.has_errors() {
        target::warn(inputs, &mut diags);
        return (None, diags);
    }
    if inputs.mode == Mode::Destroy {
        // Where something was before does not matter to who destroys it.
        moved.clear();
    }
    let mut selected = target::select(inputs, &nodes, &state, &mut diags);
    // Where nothing is there to be destroyed, nothing has to be known for it: a data source that can no longer be read
    // does not keep anybody from a destroy that has happened already.
    let nothing = state.resources.is_empty() && (state.outputs.is_empty() || !inputs.refresh);
    if inputs.mode == Mode::Destroy && nothing {
        selected.fill(false);
    }
    let mut planning = Planning {
        inputs,
        nodes: &nodes,
        values: Values::new(common, &schemas, Phase::Plan),
        live: Live::default(),
        create_before_destroy: create_before_destroy(common.config, &nodes),
        ranks: nodes.depths(),
        managed: managed(common.config, &state),
        state,
        memory: BTreeMap::new(),
        forgotten: forgotten(common.config),
        moved,
        changes: BTreeMap::new(),
        pending: BTreeSet::new(),
        desired: BTreeSet::new(),
        checks: Checks::default(),
        imports: imports::Imports::of(common.config),
        selected,
        failed: vec![false; nodes.dag.len()],
        diags,
    };
    planning.declare_checks();
    planning.walk().await;
    let (plan, diags) = planning.finish().await;
    // What would be done with no value for a variable is not worth showing; nor is half of a destruction, unless all that
    // keeps it from being whole is said of an object in it.
    let is_void = |it: &Diagnostic| {
        it.code.id == code::NO_VALUE.id
            || inputs.mode == Mode::Destroy && it.code.id != code::CANNOT_DESTROY.id
    };
    let plan = plan.filter(|_| !diags.iter().any(|it| it.is_error() && is_void(it)));
    (plan, diags.sorted(common.sources))
}

/// What `removed` blocks with `destroy = false` cover, and the module that each stands in.
fn forgotten(config: &config::Config) -> Vec<(&addr::ModulePath, &addr::Target)> {
    let modules = config.modules.iter();
    modules
        .flat_map(|(path, module)| module.removed.iter().map(move |it| (path, it)))
        .filter(|(_, it)| !it.destroy)
        .map(|(path, it)| (path, &it.from))
        .collect()
}

/// The resources in a state by the provider configuration that manages them now.
fn managed(config: &config::Config, state: &State) -> BTreeMap<ProviderConfig, Vec<AbsResource>> {
    let mut res: BTreeMap<ProviderConfig, Vec<AbsResource>> = BTreeMap::new();
    for (addr, resource) in &state.resources {
        if addr.resource.mode != addr::Mode::Managed {
            continue;
        }
        let path = addr.module.path();
        let provider = config
            .module(&path)
            .and_then(|it| it.resources.get(&addr.resource))
            .and_then(|it| providers::of_resource(config, &path, it))
            .unwrap_or_else(|| resource.provider.clone());
        res.entry(provider).or_default().push(addr.clone());
    }
    res
}

/// A resource on which one with create_before_destroy depends must be created before it is destroyed too: otherwise
/// the dependent would have to outlive what it needs.
pub(crate) fn create_before_destroy(config: &config::Config, nodes: &Nodes) -> Vec<bool> {
    let mut res = vec![false; nodes.dag.len()];
    for at in nodes.order.iter().rev() {
        if let Node::Resource(it) = nodes.dag.node(*at) {
            let own = config
                .module(&it.module)
                .and_then(|module| module.resources.get(&it.resource))
                .and_then(|it| it.lifecycle.create_before_destroy);
            if own == Some(true) {
                res[*at] = true;
            }
        }
        if res[*at] {
            for need in nodes.dag.needs(*at) {
                res[*need] = true;
            }
        }
    }
    res
}

impl Planning<'_> {
    /// Says which objects of the configuration have conditions.
    fn declare_checks(&mut self) {
        for (path, module) in &self.inputs.common.config.modules {
            let dot = if path.is_root() { "" } else { "." };
            for (name, it) in &module.variables {
                if !it.validations.is_empty() {
                    self.checks
                        .declare("var", &format!("{path}{dot}var.{name}"));
                }
            }
            for (name, it) in &module.outputs {
                if !it.preconditions.is_empty() {
                    self.checks
                        .declare("output_value", &format!("{path}{dot}output.{name}"));
                }
            }
            for name in module.checks.keys() {
                self.checks
                    .declare("check", &format!("{path}{dot}check.{name}"));
            }
            for (addr, it) in &module.resources {
                if !it.lifecycle.preconditions.is_empty() || !it.lifecycle.postconditions.is_empty()
                {
                    self.checks
                        .declare("resource", &format!("{path}{dot}{addr}"));
                }
            }
        }
    }

    async fn walk(&mut self) {
        for at in &self.nodes.order {
            let at = *at;
            if !self.selected[at] {
                continue;
            }
            if self.nodes.dag.needs(at).iter().any(|it| self.failed[*it]) {
                self.failed[at] = true;
                continue;
            }
            if self.stopped() {
                self.failed[at] = true;
                continue;
            }
            let mut diags = Diagnostics::new();
            std::mem::swap(&mut diags, &mut self.diags);
            // Only what this node reports is in `self.diags` now.
            self.visit(at).await;
            self.failed[at] = self.diags.has_errors();
            std::mem::swap(&mut diags, &mut self.diags);
            self.diags.append(diags);
        }
    }

    /// Whether the user asked to stop.
    pub(crate) fn stopped(&self) -> bool {
        self.inputs
            .common
            .stop
            .load(std::sync::atomic::Ordering::Relaxed)
    }

    async fn visit(&mut self, at: usize) {
        let nodes = self.nodes;
        match nodes.dag.node(at) {
            Node::Provider(config) => self.provider(config).await,
            Node::Resource(resource) => self.resource(at, resource).await,
            // A destroyed world has no outputs and keeps no promises.
            Node::Check(..) if self.inputs.mode == Mode::Destroy => {}
            Node::Output(path, _) if self.inputs.mode == Mode::Destroy && path.is_root() => {}
            node => declared::visit(&mut self.values, node, &mut self.checks, &mut self.diags),
        }
    }

    async fn provider(&mut self, config: &ProviderConfig) {
        let mut diags = Diagnostics::new();
        let prior = self.inputs.prior;
        self.live
            .configure(&self.values, config, prior, &mut diags)
            .await;
        self.diags.append(diags);
        self.remember(config).await;
        self.read_ahead(config).await;
    }

    /// Whether a resource's node was not visited, or not well: nothing can be said of its instances.
    pub(crate) fn is_left_out(&self, resource: &ConfigResource) -> bool {
        match self.nodes.dag.position(&Node::Resource(resource.clone())) {
            Some(at) => !self.selected[at] || self.failed[at],
            None => false,
        }
    }

    /// Makes a plan of what was found; `None` where blocks contradict each other.
    async fn finish(mut self) -> (Option<Plan>, Diagnostics) {
        let mode = self.inputs.mode;
        let n_errors = self.diags.n_errors();
        self.still_declared();
        if self.diags.n_errors() > n_errors {
            return (None, self.diags);
        }
        if mode != Mode::RefreshOnly {
            self.orphans();
        }
        self.unmatched_imports().await;
        let errored_early = self.diags.has_errors();
        let outputs = self.outputs();
        let mut changes: Vec<ResourceChange> = {
            let mut changes = std::mem::take(&mut self.changes);
            if mode == Mode::RefreshOnly {
                changes.clear();
            }
            changes.into_values().collect()
        };
        for it in &mut changes {
            it.at_stake = self.at_stake(it);
        }
        let parts = match mode {
            Mode::Normal => self.follow_ups(&mut changes),
            Mode::Destroy | Mode::RefreshOnly => follow::Parts::new(),
        };
        let graph = order::order(&changes, &self.needs(&changes, parts));
        let relevant = relevant::attributes(&self, &changes, &outputs);
        let drift: Vec<Drift> = self.drift(&relevant);
        target::warn(self.inputs, &mut self.diags);
        self.warn_of_replacements();
        self.warn_of_forgotten(&changes);
        let does_something = |it: &ResourceChange| {
            it.change.action != plan::Action::NoOp
                || it.importing.is_some()
                || it.previous != it.addr
                || it.follow_up.is_some()
        };
        let applicable = !errored_early
            && match mode {
                Mode::RefreshOnly => {
                    drift
                        .iter()
                        .any(|it| it.change.change.action != plan::Action::NoOp)
                        || outputs
                            .iter()
                            .any(|it| it.change.action != plan::Action::NoOp)
                        || !self.moved.is_empty()
                }
                Mode::Normal | Mode::Destroy => {
                    changes.iter().any(does_something)
                        || outputs
                            .iter()
                            .any(|it| it.change.action != plan::Action::NoOp)
                }
            };
        let errored = self.diags.has_errors();
        let variables = self
            .inputs
            .common
            .config
            .root()
            .variables
            .iter()
            // What is ephemeral is in no plan.
            .filter(|(_, it)| !it.ephemeral)
            .filter_map(|(name, _)| {
                let value = self.values.modules[0].variables.get(name)?.clone();
                let given = self.inputs.common.variables.get(name);
                Some((
                    name.to_string(),
                    VariableValue {
                        given: given.map(|it| it.value.clone()),
                        value,
                    },
                ))
            })
            .collect();
        let plan = Plan {
            mode,
            changes,
            outputs,
            drift,
            relevant,
            graph,
            prior: Arc::new(self.inputs.prior.clone()),
            refreshed: Arc::new(self.state),
            variables,
            checks: self.checks.results(),
            targets: self.inputs.targets.to_vec(),
            force_replace: self.inputs.force_replace.to_vec(),
            created: self.inputs.common.started_at.to_owned(),
            applicable: applicable && !errored,
            complete: self.inputs.targets.is_empty() && self.inputs.excludes.is_empty(),
            errored,
        };
        (Some(plan), self.diags)
    }

    /// Who depends on whom, for the order of operations.
    fn needs(&self, changes: &[ResourceChange], parts: follow::Parts) -> order::Needs {
        let mut res = order::Needs {
            parts,
            ..order::Needs::default()
        };
        for change in changes {
            let config = change.addr.config();
            if self.inputs.mode != Mode::Destroy
                && let Some(at) = self.nodes.dag.position(&Node::Resource(config.clone()))
                && !res.config.contains_key(&config)
            {
                let needs = self.nodes.dependencies(self.nodes.dag.node(at));
                res.config.insert(config, needs);
            }
            let Some(instance) = self.state.instance(&change.addr) else {
                continue;
            };
            let object = match &change.deposed {
                None => instance.current.as_ref(),
                Some(key) => instance.deposed.get(key),
            };
            if let Some(object) = object {
                res.state.insert(
                    (change.addr.clone(), change.deposed.clone()),
                    object.dependencies.clone(),
                );
            }
        }
        res
    }

    /// What can be lost by a change, as its provider says.
    fn at_stake(&self, change: &ResourceChange) -> Option<String> {
        use plan::Action;
        let after = match change.change.action {
            Action::Update => walk::unmark_deep(&change.change.after).0,
            Action::Delete | Action::DeleteThenCreate | Action::CreateThenDelete => {
                Value::null(change.change.before.ty())
            }
            Action::NoOp | Action::Create | Action::Read | Action::Forget => return None,
        };
        let provider = self.values.schemas.provider(&change.provider.provider)?;
        let before = walk::unmark_deep(&change.change.before).0;
        provider.at_stake(&change.addr.resource.kind, &before, &after)
    }

    /// Says which objects nobody will manage any more.
    fn warn_of_forgotten(&mut self, changes: &[ResourceChange]) {
        let forgotten = changes
            .iter()
            .filter(|it| it.change.action == plan::Action::Forget);
        let list: String = forgotten.map(|it| format!("\n - {}", it.addr)).collect();
        if !list.is_empty() {
            let detail = format!(
                "These objects stay as they are, and an apply of this plan forgets them:\n{list}\n\nTo manage one of them again, import it."
            );
            self.diags
                .push(Diagnostic::warning(&code::FORGOTTEN, detail));
        }
    }

    /// An error about an instance of a resource whose block is at hand.
    pub(crate) fn cannot_destroy(&mut self, addr: &Instance, declared: &config::Resource) {
        let detail = format!(
            "The plan would destroy {addr}, whose lifecycle says prevent_destroy. If that is meant, remove prevent_destroy; if not, take back the change that asks for it, or leave it out with -target."
        );
        self.diags
            .push(Diagnostic::error(&code::CANNOT_DESTROY, detail).at(declared.span));
    }
}
