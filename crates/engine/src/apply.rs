//! The apply walk: obeys the graph of a plan. One task owns everything; what runs beside it owns only its request.

pub(crate) mod journal;
pub(crate) mod op;
pub(crate) mod provision;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use addr::{ConfigResource, DeposedKey, Instance, ObjectKey, ProviderConfig};
use diag::{Diagnostic, Diagnostics};
use plan::{Action, Mode, Op, OpKind, Plan, ResourceChange};
use state::{Object, OutputValue, Snapshot, State, StateStore};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use value::{Mark, walk};

use crate::apply::journal::Journal;
use crate::apply::op::{Next, Requesting, Running, Work};
use crate::checks::Checks;
use crate::expand::Each;
use crate::live::Live;
use crate::nodes::{Node, Nodes, nodes};
use crate::providers::Schemas;
use crate::schedule::{End, Schedule};
use crate::values::{Phase, Values};
use crate::{Applied, ApplyInputs, Counts, code, declared};

/// How often people hear of an operation that takes long.
const PROGRESS: Duration = Duration::from_secs(10);

/// How soon a wait ends when the user asks to stop.
const LOOK: Duration = Duration::from_millis(100);

/// The walk's possessions.
pub(crate) struct Applying<'a> {
    pub(crate) inputs: &'a ApplyInputs<'a>,
    pub(crate) plan: &'a Plan,
    pub(crate) nodes: &'a Nodes,
    pub(crate) values: Values<'a>,
    pub(crate) live: Live,
    /// Nodes that have been visited.
    visited: Vec<bool>,
    /// Nodes with errors.
    failed: Vec<bool>,
    /// The position of each node in the order.
    rank: Vec<usize>,
    pub(crate) changes: BTreeMap<(&'a Instance, Option<&'a DeposedKey>), &'a ResourceChange>,
    /// What the expressions of each instance see.
    pub(crate) each: BTreeMap<Instance, Each>,
    pub(crate) state: State,
    pub(crate) journal: Journal<'a>,
    pub(crate) checks: Checks,
    pub(crate) counts: Counts,
    pub(crate) diags: Diagnostics,
    /// What is told once the journal holds it, in order: nobody reads of a change that a crash would forget.
    news: Vec<News>,
    /// What running provisioners say: the instance, the type of the provisioner, a line.
    pub(crate) said: mpsc::UnboundedSender<Said>,
    heard: mpsc::UnboundedReceiver<Said>,
    /// Set when nobody waits any more for what follows finished changes.
    pub(crate) left: watch::Sender<bool>,
}

/// An event that waits for the journal.
type News = Box<dyn FnOnce(&dyn plan::Observer) + Send>;

/// A line of a provisioner.
pub(crate) struct Said {
    pub(crate) addr: Instance,
    pub(crate) kind: String,
    pub(crate) line: String,
}

/// See [`crate::apply`].
pub(crate) async fn apply(
    inputs: &ApplyInputs<'_>,
    store: &mut dyn StateStore,
) -> (Applied, Diagnostics) {
    let common = &inputs.common;
    let plan = inputs.plan;
    let mut diags = Diagnostics::new();
    let remembered = plan.refreshed.resources.values().map(|it| &it.provider);
    let schemas = Schemas::of(
        common.config,
        remembered.clone().map(|it| it.provider.clone()),
        common.registry,
    );
    let names: BTreeSet<_> = remembered.cloned().collect();
    let nodes = nodes(common.config, &schemas, names, &mut diags);
    let Some(nodes) = nodes.filter(|_| !plan.errored) else {
        let applied = Applied {
            snapshot: inputs.base.clone(),
            counts: Counts::default(),
            stopped: false,
        };
        return (applied, diags);
    };
    let mut rank = vec![0; nodes.dag.len()];
    for (at, node) in nodes.order.iter().enumerate() {
        rank[*node] = at;
    }
    let (said, heard) = mpsc::unbounded_channel();
    let mut applying = Applying {
        said,
        heard,
        left: watch::Sender::new(false),
        inputs,
        plan,
        nodes: &nodes,
        values: Values::new(common, &schemas, Phase::Apply),
        live: Live::default(),
        visited: vec![false; nodes.dag.len()],
        failed: vec![false; nodes.dag.len()],
        rank,
        changes: plan
            .changes
            .iter()
            .map(|it| ((&it.addr, it.deposed.as_ref()), it))
            .collect(),
        each: BTreeMap::new(),
        state: (*plan.refreshed).clone(),
        journal: Journal::new(store, &inputs.base.lineage, common.seed),
        checks: Checks::default(),
        counts: Counts::default(),
        diags,
        news: Vec::new(),
    };
    let (unfinished, stopped) = applying.walk().await;
    applying.finish(&unfinished, stopped).await
}

impl Applying<'_> {
    /// Runs the operations; gives those that did not end well, and whether the user stopped the walk.
    async fn walk(&mut self) -> (Vec<usize>, bool) {
        let plan = self.plan;
        for it in &plan.changes {
            if let Some(id) = it.importing.as_ref().and_then(|it| it.id.as_deref()) {
                let observer = self.inputs.common.observer;
                observer.event(plan::Event::ImportApply(&it.addr, id));
                observer.event(plan::Event::ImportDone(&it.addr, id));
            }
        }
        self.note_due();
        let mut schedule = Schedule::new(&plan.graph.after);
        let mut tasks: JoinSet<(usize, Work)> = JoinSet::new();
        let mut running: BTreeMap<usize, Running> = BTreeMap::new();
        let parallelism = self.inputs.common.parallelism.max(1);
        let mut stopped = false;
        // What is to be sent once the journal holds everything that stands before it.
        let mut ready: Vec<(usize, Running, Requesting)> = Vec::new();
        loop {
            while running.len() + ready.len() < parallelism {
                stopped |= self.stop_asked();
                if stopped || self.journal.broken {
                    break;
                }
                let Some(at) = schedule.start() else {
                    break;
                };
                match self.start(&plan.graph.ops[at]).await {
                    Next::Finished(end) => schedule.finish(at, end),
                    Next::Wait(run, future) => ready.push((at, run, future)),
                }
            }
            self.flush();
            for (at, run, future) in ready.drain(..) {
                if self.journal.broken && run.intent.is_some() {
                    // Its intent is not on the disk: it must not be sent.
                    self.failed(&run);
                    schedule.finish(at, End::Failed);
                    continue;
                }
                running.insert(at, run);
                tasks.spawn(async move { (at, future.await) });
            }
            if running.is_empty() {
                break;
            }
            let mut joined = self.join(&mut tasks, &mut running).await;
            if joined.is_none() {
                break;
            }
            // Others that are back already share the next write of the journal.
            while let Some(result) = joined {
                let Ok((at, work)) = result else {
                    // A task can only end without result if a provider panics; which one is not known.
                    self.diags.push(
                        Diagnostic::error(
                            &code::PROVIDER_ISSUE,
                            "A provider crashed while it was applying a change. What it did is not known: run a plan to see what is there.",
                        )
                        .titled("Plugin did not respond"),
                    );
                    stopped = true;
                    tasks.abort_all();
                    running.clear();
                    break;
                };
                if let Some(run) = running.remove(&at) {
                    match self.go_on(&plan.graph.ops[at], run, work).await {
                        Next::Finished(end) => schedule.finish(at, end),
                        Next::Wait(run, future) => ready.push((at, run, future)),
                    }
                }
                joined = tasks.try_join_next();
            }
        }
        self.flush();
        (schedule.unfinished().collect(), stopped)
    }

    /// Waits for a result; meanwhile passes on what provisioners say, and tells every ten seconds that it waits.
    async fn join(
        &mut self,
        tasks: &mut JoinSet<(usize, Work)>,
        running: &mut BTreeMap<usize, Running>,
    ) -> Option<Result<(usize, Work), tokio::task::JoinError>> {
        loop {
            let next = running.values().map(|it| it.next_progress).min()?;
            let may_leave =
                !*self.left.borrow() && running.values().any(|it| it.follow_up.is_some());
            tokio::select! {
                biased;
                Some(said) = self.heard.recv() => self.tell(&said),
                joined = tasks.join_next() => {
                    while let Ok(said) = self.heard.try_recv() {
                        self.tell(&said);
                    }
                    return joined;
                }
                () = tokio::time::sleep(LOOK), if may_leave => {
                    if self.stop_asked() {
                        self.left.send_replace(true);
                    }
                }
                () = tokio::time::sleep_until(next) => {
                    let now = Instant::now();
                    for it in running.values_mut().filter(|it| it.next_progress <= now) {
                        it.next_progress += PROGRESS;
                        self.progress(it, now);
                    }
                }
            }
        }
    }

    fn tell(&self, said: &Said) {
        self.inputs
            .common
            .observer
            .event(plan::Event::ProvisionOutput(
                &said.addr, &said.kind, &said.line,
            ));
    }

    fn stop_asked(&self) -> bool {
        self.inputs
            .common
            .stop
            .load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Visits a node and all that it needs, each once. Gives whether all of them are well.
    pub(crate) async fn ensure(&mut self, at: usize) -> bool {
        let mut found = Vec::new();
        let mut open = vec![at];
        let mut seen = BTreeSet::new();
        while let Some(at) = open.pop() {
            if !self.visited[at] && seen.insert(at) {
                found.push(at);
                open.extend_from_slice(self.nodes.dag.needs(at));
            }
        }
        found.sort_by_key(|it| self.rank[*it]);
        for at in found {
            self.visited[at] = true;
            if self.nodes.dag.needs(at).iter().any(|it| self.failed[*it]) {
                self.failed[at] = true;
                continue;
            }
            let mut diags = Diagnostics::new();
            std::mem::swap(&mut diags, &mut self.diags);
            self.visit(at).await;
            self.failed[at] = self.diags.has_errors();
            std::mem::swap(&mut diags, &mut self.diags);
            self.diags.append(diags);
        }
        !self.failed[at]
    }

    async fn visit(&mut self, at: usize) {
        let nodes = self.nodes;
        match nodes.dag.node(at) {
            Node::Provider(config) => {
                let mut diags = Diagnostics::new();
                self.live
                    .configure(&self.values, config, &self.state, &mut diags)
                    .await;
                self.diags.append(diags);
            }
            Node::Resource(resource) => self.expand(resource),
            node => declared::visit(&mut self.values, node, &mut self.checks, &mut self.diags),
        }
    }

    /// The instances of a resource, with the values that they have or will have.
    fn expand(&mut self, resource: &ConfigResource) {
        let Some(declared) = self
            .inputs
            .common
            .config
            .module(&resource.module)
            .and_then(|it| it.resources.get(&resource.resource))
        else {
            return;
        };
        for module in self.values.instances_of(&resource.module) {
            let expansion = crate::expand::expand(
                &declared.repetition,
                &self.values.at(module, &Each::None),
                false,
                &mut self.diags,
            );
            let Some(expansion) = expansion else {
                continue;
            };
            self.values.set_expanded(module, &declared.addr);
            let addr = self.values.modules[module].addr.clone();
            for (key, each) in expansion.instances() {
                let instance = Instance {
                    module: addr.clone(),
                    resource: resource.resource.clone(),
                    key,
                };
                let change = self.changes.get(&(&instance, None)).copied();
                let value = match change {
                    Some(it) if self.plan.mode == Mode::Destroy => Some(it.change.before.clone()),
                    Some(it) if it.change.action == Action::Delete => None,
                    Some(it) => Some(it.change.after.clone()),
                    None => self.remembered(&instance, declared),
                };
                if let Some(value) = value {
                    self.values
                        .set_instance(module, &instance.resource, &instance.key, value);
                }
                self.each.insert(instance, each);
            }
        }
    }

    /// The value of an instance that the plan leaves alone.
    fn remembered(&self, instance: &Instance, declared: &config::Resource) -> Option<value::Value> {
        let object = self.state.current(instance)?;
        let provider = self.values.schemas.provider(&declared.provider_addr)?;
        let schema = self
            .values
            .schemas
            .resource(&declared.provider_addr, &declared.addr)?;
        let value = crate::objects::decode(
            provider.as_ref(),
            schema,
            instance,
            object,
            &mut Diagnostics::new(),
        )?;
        Some(crate::objects::marked(
            &schema.block,
            &value,
            &object.sensitive,
        ))
    }

    async fn finish(mut self, unfinished: &[usize], stopped: bool) -> (Applied, Diagnostics) {
        let plan = self.plan;
        let lost: BTreeSet<ConfigResource> = unfinished
            .iter()
            .map(|it| &plan.graph.ops[*it])
            // What could not be followed up is as configured all the same.
            .filter(|it| !matches!(it.kind, OpKind::Join | OpKind::FollowUp))
            .map(|it| it.addr.config())
            .collect();
        for resource in &lost {
            if let Some(at) = self.nodes.dag.position(&Node::Resource(resource.clone())) {
                self.failed[at] = true;
                self.visited[at] = true;
            }
        }
        if !stopped {
            self.last().await;
        }
        if !plan.targets.is_empty() {
            self.diags.push(Diagnostic::warning(
                &code::TARGETING_APPLY,
                "The plan covered only what -target left, so that some of the configuration may not be applied yet. See what is left with:\n    dokplan plan\n\nWorking with -target is for exceptional situations.",
            ));
        }
        self.counts.imported = plan
            .changes
            .iter()
            .filter(|it| it.importing.is_some())
            .count();
        self.state.checks = self.check_results();
        let differs = self.state != self.inputs.base.state;
        let snapshot = Snapshot {
            lineage: self.inputs.base.lineage.clone(),
            serial: self.inputs.base.serial + u64::from(differs),
            terraform_version: self.inputs.base.terraform_version.clone(),
            state: self.state,
        };
        self.journal.write(&snapshot, &mut self.diags);
        let applied = Applied {
            snapshot,
            counts: self.counts,
            stopped,
        };
        let diags = self.diags.sorted(self.inputs.common.sources);
        (applied, diags)
    }

    /// What has values only now: outputs, checks, conditions.
    async fn last(&mut self) {
        let plan = self.plan;
        match plan.mode {
            Mode::Destroy => {
                for it in &plan.outputs {
                    self.state.outputs.remove(it.name.as_str());
                }
                return;
            }
            Mode::RefreshOnly => {
                for it in &plan.outputs {
                    let (value, _) = walk::unmark_deep(&it.change.after);
                    self.set_output(&it.name, value, it.change.after.has_mark(Mark::Sensitive));
                }
                return;
            }
            Mode::Normal => {}
        }
        let nodes = self.nodes;
        for at in &nodes.order {
            let wanted = match nodes.dag.node(*at) {
                Node::Output(path, name) => {
                    !path.is_root() || plan.outputs.iter().any(|it| it.name == **name)
                }
                Node::Check(..) | Node::Validation(..) => true,
                _ => false,
            };
            if !wanted
                || (!plan.complete
                    && !matches!(nodes.dag.node(*at), Node::Output(path, _) if path.is_root()))
            {
                continue;
            }
            self.ensure(*at).await;
        }
        for it in &plan.outputs {
            if it.change.action == Action::Delete {
                self.state.outputs.remove(it.name.as_str());
                continue;
            }
            let node = Node::Output(addr::ModulePath::root(), it.name.as_str().into());
            let well = nodes
                .dag
                .position(&node)
                .is_some_and(|at| self.visited[at] && !self.failed[at]);
            if !well {
                continue;
            }
            let Some(value) = self.values.modules[0].outputs.get(it.name.as_str()) else {
                continue;
            };
            let (plain, _) = walk::unmark_deep(value);
            let sensitive = value.has_mark(Mark::Sensitive);
            self.set_output(&it.name, plain, sensitive);
        }
    }

    fn set_output(&mut self, name: &str, value: value::Value, sensitive: bool) {
        if value.is_null() {
            self.state.outputs.remove(name);
        } else if value.is_wholly_known() {
            self.state
                .outputs
                .insert(name.into(), OutputValue { value, sensitive });
        }
    }

    /// The results of conditions: those of now, and where they were not evaluated now, those of the plan.
    fn check_results(&self) -> Option<Vec<state::CheckResult>> {
        let now = self.checks.results();
        let mut res = self.plan.checks.clone();
        for it in &mut res {
            if let Some(newer) = now
                .iter()
                .find(|newer| newer.kind == it.kind && newer.address == it.address)
            {
                *it = newer.clone();
            }
        }
        (!res.is_empty()).then_some(res)
    }

    /// The key of the module instance and resource of an operation.
    pub(crate) fn place(&self, op: &Op) -> Option<(usize, usize)> {
        let module = self.values.module_at(&op.addr.module)?;
        let node = self.nodes.dag.position(&Node::Resource(op.addr.config()))?;
        Some((module, node))
    }

    /// The change that an operation belongs to.
    pub(crate) fn change_of(&self, op: &Op) -> Option<&ResourceChange> {
        let deposed = match &op.kind {
            OpKind::DeleteDeposed(key) => Some(key),
            _ => None,
        };
        self.changes
            .get(&(&op.addr, deposed))
            .or_else(|| self.changes.get(&(&op.addr, None)))
            .copied()
    }

    /// Sets an object, or removes it; the journal keeps that before anything else is sent.
    pub(crate) fn keep(
        &mut self,
        addr: &Instance,
        key: &ObjectKey,
        provider: &ProviderConfig,
        object: Option<Arc<Object>>,
    ) {
        self.keep_outcome(addr, key, provider, object, None);
    }

    /// The same, as the outcome of an intent.
    pub(crate) fn keep_outcome(
        &mut self,
        addr: &Instance,
        key: &ObjectKey,
        provider: &ProviderConfig,
        object: Option<Arc<Object>>,
        ends: Option<String>,
    ) {
        self.state.set_object(addr, key, provider, object.clone());
        self.journal.record(addr, key, provider, object, ends);
    }

    /// Tells something as soon as the journal holds what was kept until now.
    pub(crate) fn announce(&mut self, news: impl FnOnce(&dyn plan::Observer) + Send + 'static) {
        self.news.push(Box::new(news));
    }

    /// Makes everything that was kept durable, and tells of it.
    fn flush(&mut self) {
        let mut diags = Diagnostics::new();
        self.journal.flush(&mut diags);
        self.diags.append(diags);
        for it in self.news.drain(..) {
            it(self.inputs.common.observer);
        }
    }
}
