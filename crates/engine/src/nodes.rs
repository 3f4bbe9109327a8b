//! Configuration to graph: the closed list of declared things that have a value, and who needs whom. Pure.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use addr::{ConfigResource, ModulePath, ProviderConfig, Reference, Subject};
use config::{Condition, Config, Repetition};
use diag::{Diagnostic, Diagnostics};
use hcl::{Expr, StepKind};

use crate::code;
use crate::dag::Dag;
use crate::providers::{self, Schemas};

/// A thing in the configuration that has a value. Instances of it appear while walking.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Node {
    /// A module call: its instances.
    Module(ModulePath),
    /// `variable`.
    Variable(ModulePath, Arc<str>),
    /// The `validation` blocks of a variable.
    Validation(ModulePath, Arc<str>),
    /// One of `locals`.
    Local(ModulePath, Arc<str>),
    /// `provider`, also one that is only implied.
    Provider(ProviderConfig),
    /// `resource`, `data`, `ephemeral`.
    Resource(ConfigResource),
    /// `output`.
    Output(ModulePath, Arc<str>),
    /// Everything in a module.
    ModuleEnd(ModulePath),
    /// `check`.
    Check(ModulePath, Arc<str>),
}

impl Node {
    /// The module in which it is evaluated.
    pub(crate) fn module(&self) -> &ModulePath {
        match self {
            Node::Module(path)
            | Node::ModuleEnd(path)
            | Node::Variable(path, _)
            | Node::Validation(path, _)
            | Node::Local(path, _)
            | Node::Output(path, _)
            | Node::Check(path, _) => path,
            Node::Provider(it) => &it.module,
            Node::Resource(it) => &it.module,
        }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dot = if self.module().is_root() { "" } else { "." };
        match self {
            Node::Module(path) => write!(f, "{path} (expand)"),
            Node::ModuleEnd(path) => write!(f, "{path} (close)"),
            Node::Variable(path, name) if path.is_root() => write!(f, "var.{name}"),
            Node::Variable(path, name) => write!(f, "{path}.var.{name} (expand)"),
            Node::Validation(path, name) => write!(f, "{path}{dot}var.{name} (validation)"),
            Node::Local(path, name) => write!(f, "{path}{dot}local.{name} (expand)"),
            Node::Output(path, name) => write!(f, "{path}{dot}output.{name} (expand)"),
            Node::Check(path, name) => write!(f, "{path}{dot}check.{name}"),
            Node::Provider(it) => it.fmt(f),
            Node::Resource(it) => it.fmt(f),
        }
    }
}

/// The graph of everything that a configuration declares, in an order in which it can be evaluated.
#[derive(Debug, Clone)]
pub(crate) struct Nodes {
    pub(crate) dag: Dag<Node>,
    pub(crate) order: Vec<usize>,
    /// For each node the resources that it needs, however indirectly, as positions, sorted. Shared.
    resources: Vec<Arc<Vec<usize>>>,
}

impl Nodes {
    /// Every resource that a declared thing needs, however indirectly, sorted.
    pub(crate) fn dependencies(&self, node: &Node) -> Vec<ConfigResource> {
        let Some(at) = self.dag.position(node) else {
            return Vec::new();
        };
        let mut res: Vec<ConfigResource> = self.resources[at]
            .iter()
            .filter_map(|it| match self.dag.node(*it) {
                Node::Resource(it) => Some(it.clone()),
                _ => None,
            })
            .collect();
        // The reference sorts by text.
        res.sort_by_cached_key(ToString::to_string);
        res
    }

    /// For each node the length of the longest way to something that needs nothing.
    pub(crate) fn depths(&self) -> Vec<usize> {
        let mut res = vec![0; self.dag.len()];
        for at in &self.order {
            res[*at] = self
                .dag
                .needs(*at)
                .iter()
                .map(|it| res[*it] + 1)
                .max()
                .unwrap_or(0);
        }
        res
    }

    /// The nodes of a set and all that they need.
    pub(crate) fn with_needs(&self, start: impl IntoIterator<Item = usize>) -> Vec<bool> {
        let mut res = vec![false; self.dag.len()];
        let mut open: Vec<usize> = start.into_iter().collect();
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut res[at], true) {
                open.extend_from_slice(self.dag.needs(at));
            }
        }
        res
    }
}

/// The graph of a configuration, and of provider configurations that only the state names. Cycles are reported.
pub(crate) fn nodes(
    config: &Config,
    schemas: &Schemas,
    remembered: impl IntoIterator<Item = ProviderConfig>,
    diags: &mut Diagnostics,
) -> Option<Nodes> {
    let mut builder = Builder {
        config,
        schemas,
        dag: Dag::new(),
        all: BTreeMap::new(),
    };
    for it in remembered {
        if config.module(&it.module).is_some() {
            builder.dag.add(Node::Provider(it));
        }
    }
    for (path, module) in &config.modules {
        builder.declare(path, module);
    }
    for (path, module) in &config.modules {
        builder.connect(path, module);
    }
    let mut dag = builder.dag;
    match dag.order() {
        Ok(order) => {
            let resources = resources_needed(&dag, &order);
            Some(Nodes {
                dag,
                order,
                resources,
            })
        }
        Err(cycles) => {
            for cycle in cycles {
                let mut names: Vec<String> =
                    cycle.iter().map(|it| dag.node(*it).to_string()).collect();
                names.sort();
                diags.push(
                    Diagnostic::error(&code::CYCLE, "")
                        .titled(format!("Cycle: {}", names.join(", "))),
                );
            }
            None
        }
    }
}

/// For each node the resources that it needs. Nodes that need the same as one they need share the list.
fn resources_needed(dag: &Dag<Node>, order: &[usize]) -> Vec<Arc<Vec<usize>>> {
    let empty: Arc<Vec<usize>> = Arc::new(Vec::new());
    let mut res = vec![empty.clone(); dag.len()];
    for at in order {
        let mut largest = empty.clone();
        let mut own: Vec<usize> = Vec::new();
        for need in dag.needs(*at) {
            if matches!(dag.node(*need), Node::Resource(_)) {
                own.push(*need);
            }
            if res[*need].len() > largest.len() {
                largest = res[*need].clone();
            }
        }
        for need in dag.needs(*at) {
            if !Arc::ptr_eq(&res[*need], &largest) {
                own.extend(
                    res[*need]
                        .iter()
                        .filter(|it| largest.binary_search(it).is_err()),
                );
            }
        }
        own.retain(|it| largest.binary_search(it).is_err());
        res[*at] = if own.is_empty() {
            largest
        } else {
            own.extend_from_slice(&largest);
            own.sort_unstable();
            own.dedup();
            Arc::new(own)
        };
    }
    res
}

struct Builder<'a> {
    config: &'a Config,
    schemas: &'a Schemas,
    dag: Dag<Node>,
    /// Everything declared in a module, for its end.
    all: BTreeMap<ModulePath, Vec<usize>>,
}

impl Builder<'_> {
    fn declare(&mut self, path: &ModulePath, module: &config::Module) {
        let mut all = Vec::new();
        if !path.is_root() {
            all.push(self.dag.add(Node::Module(path.clone())));
        }
        for name in module.variables.keys() {
            all.push(self.dag.add(Node::Variable(path.clone(), name.clone())));
        }
        for (name, variable) in &module.variables {
            if !variable.validations.is_empty() {
                all.push(self.dag.add(Node::Validation(path.clone(), name.clone())));
            }
        }
        for name in module.locals.keys() {
            all.push(self.dag.add(Node::Local(path.clone(), name.clone())));
        }
        for local in module.providers.keys() {
            if let Some(it) = providers::resolve(self.config, path, local) {
                all.push(self.dag.add(Node::Provider(it)));
            }
        }
        for resource in module.resources.values() {
            if let Some(it) = providers::of_resource(self.config, path, resource) {
                self.dag.add(Node::Provider(it));
            }
        }
        for resource in module.resources.keys() {
            all.push(self.dag.add(Node::Resource(ConfigResource {
                module: path.clone(),
                resource: resource.clone(),
            })));
        }
        for name in module.outputs.keys() {
            all.push(self.dag.add(Node::Output(path.clone(), name.clone())));
        }
        for name in module.checks.keys() {
            all.push(self.dag.add(Node::Check(path.clone(), name.clone())));
        }
        self.all.insert(path.clone(), all);
        if !path.is_root() {
            self.dag.add(Node::ModuleEnd(path.clone()));
        }
    }

    fn connect(&mut self, path: &ModulePath, module: &config::Module) {
        let start = (!path.is_root()).then(|| self.dag.add(Node::Module(path.clone())));
        let all = self.all.get(path).cloned().unwrap_or_default();
        if let Some(start) = start {
            for it in &all {
                self.dag.connect(*it, start);
            }
            let end = self.dag.add(Node::ModuleEnd(path.clone()));
            for it in all {
                self.dag.connect(end, it);
            }
        }
        for (name, call) in &module.calls {
            self.call(path, name, call);
        }
        for (name, local) in &module.locals {
            let node = self.dag.add(Node::Local(path.clone(), name.clone()));
            self.expr(node, path, &local.expr);
        }
        for (name, variable) in &module.variables {
            if variable.validations.is_empty() {
                continue;
            }
            let node = self.dag.add(Node::Validation(path.clone(), name.clone()));
            for it in &variable.validations {
                for reference in references(&it.condition)
                    .into_iter()
                    .chain(references(&it.message))
                {
                    self.reference(node, path, &reference, false);
                }
            }
            let variable = self.dag.add(Node::Variable(path.clone(), name.clone()));
            self.dag.connect(node, variable);
        }
        for (local, block) in &module.providers {
            let Some(it) = providers::resolve(self.config, path, local) else {
                continue;
            };
            let schema = self.schemas.provider_block(&it.provider);
            let node = self.dag.add(Node::Provider(it));
            if let Some(schema) = schema {
                self.body(node, path, &block.body, &schema.block);
            }
        }
        for resource in module.resources.values() {
            self.resource(path, resource);
        }
        for (name, output) in &module.outputs {
            let node = self.dag.add(Node::Output(path.clone(), name.clone()));
            self.expr(node, path, &output.value);
            self.conditions(node, path, &output.preconditions);
            self.depends_on(node, path, &output.depends_on);
        }
        for (name, check) in &module.checks {
            let node = self.dag.add(Node::Check(path.clone(), name.clone()));
            self.conditions(node, path, &check.asserts);
            if let Some(data) = &check.data {
                let data = self.dag.add(Node::Resource(ConfigResource {
                    module: path.clone(),
                    resource: data.clone(),
                }));
                self.dag.connect(node, data);
            }
        }
    }

    /// A module call: its instances and the arguments for its variables.
    fn call(&mut self, path: &ModulePath, name: &str, call: &config::ModuleCall) {
        let child = path.child(name);
        let Some(module) = self.config.module(&child) else {
            return;
        };
        let node = self.dag.add(Node::Module(child.clone()));
        if !path.is_root() {
            let outer = self.dag.add(Node::Module(path.clone()));
            self.dag.connect(node, outer);
            let outer_end = self.dag.add(Node::ModuleEnd(path.clone()));
            let end = self.dag.add(Node::ModuleEnd(child.clone()));
            self.dag.connect(outer_end, end);
        }
        self.repetition(node, path, &call.repetition);
        self.depends_on(node, path, &call.depends_on);
        let names: Vec<Arc<str>> = module.variables.keys().cloned().collect();
        for name in names {
            let variable = self.dag.add(Node::Variable(child.clone(), name.clone()));
            for attribute in &call.body.attributes {
                if attribute.name.name == *name {
                    self.expr(variable, path, &attribute.expr);
                }
            }
        }
    }

    fn resource(&mut self, path: &ModulePath, resource: &config::Resource) {
        let node = self.dag.add(Node::Resource(ConfigResource {
            module: path.clone(),
            resource: resource.addr.clone(),
        }));
        if let Some(it) = providers::of_resource(self.config, path, resource) {
            let it = self.dag.add(Node::Provider(it));
            self.dag.connect(node, it);
        }
        self.repetition(node, path, &resource.repetition);
        if let Some(schema) = self
            .schemas
            .resource(&resource.provider_addr, &resource.addr)
        {
            self.body(node, path, &resource.body, &schema.block);
        }
        self.conditions(node, path, &resource.lifecycle.preconditions);
        self.conditions(node, path, &resource.lifecycle.postconditions);
        for it in &resource.lifecycle.replace_triggered_by {
            self.expr(node, path, it);
        }
        for it in &resource.provisioners {
            if !it.on_destroy {
                self.all_of(node, path, &it.body);
                if let Some(it) = &it.connection {
                    self.all_of(node, path, it);
                }
            }
        }
        if let Some(it) = &resource.connection {
            self.all_of(node, path, it);
        }
        self.depends_on(node, path, &resource.depends_on);
    }

    fn repetition(&mut self, node: usize, path: &ModulePath, repetition: &Repetition) {
        match repetition {
            Repetition::None => {}
            Repetition::Count(expr) | Repetition::ForEach(expr) => self.expr(node, path, expr),
        }
    }

    fn conditions(&mut self, node: usize, path: &ModulePath, conditions: &[Condition]) {
        for it in conditions {
            self.expr(node, path, &it.condition);
            self.expr(node, path, &it.message);
        }
    }

    fn expr(&mut self, node: usize, path: &ModulePath, expr: &Expr) {
        for reference in references(expr) {
            self.reference(node, path, &reference, true);
        }
    }

    fn body(&mut self, node: usize, path: &ModulePath, body: &hcl::Body, schema: &provider::Block) {
        // Mistakes in references are reported when they are evaluated.
        for reference in lang::refs::body_references(body, schema, &mut Diagnostics::new()) {
            self.reference(node, path, &reference, true);
        }
    }

    /// References of a body without a schema at hand: of every attribute at any depth.
    fn all_of(&mut self, node: usize, path: &ModulePath, body: &hcl::Body) {
        let mut open = vec![body];
        while let Some(body) = open.pop() {
            for it in &body.attributes {
                self.expr(node, path, &it.expr);
            }
            open.extend(body.blocks.iter().map(|it| &it.body));
        }
    }

    fn depends_on(&mut self, node: usize, path: &ModulePath, list: &[hcl::Traversal]) {
        for it in list {
            if let Some(reference) = addr::parse::reference(it, &mut Diagnostics::new()) {
                self.reference(node, path, &reference, true);
                if let Subject::Module(name) | Subject::ModuleInstance(name, _) = &reference.subject
                {
                    self.module_end(node, &path.child(name));
                }
            }
        }
    }

    fn module_end(&mut self, node: usize, child: &ModulePath) {
        if let Some(end) = self.dag.position(&Node::ModuleEnd(child.clone())) {
            self.dag.connect(node, end);
        }
    }

    fn reference(&mut self, node: usize, path: &ModulePath, it: &Reference, validated: bool) {
        let need = |this: &mut Self, needed: Node| {
            if let Some(needed) = this.dag.position(&needed) {
                this.dag.connect(node, needed);
            }
        };
        match &it.subject {
            Subject::Variable(name) => {
                need(self, Node::Variable(path.clone(), name.clone()));
                if validated {
                    need(self, Node::Validation(path.clone(), name.clone()));
                }
            }
            Subject::Local(name) => need(self, Node::Local(path.clone(), name.clone())),
            Subject::Module(name) | Subject::ModuleInstance(name, _) => {
                let child = path.child(name);
                need(self, Node::Module(child.clone()));
                match it.rest.first().map(|it| &it.kind) {
                    Some(StepKind::Attr(output)) => {
                        let output: Arc<str> = output.as_str().into();
                        need(self, Node::Output(child, output));
                    }
                    _ => {
                        let outputs: Vec<Arc<str>> = self
                            .config
                            .module(&child)
                            .map(|it| it.outputs.keys().cloned().collect())
                            .unwrap_or_default();
                        for output in outputs {
                            need(self, Node::Output(child.clone(), output));
                        }
                    }
                }
            }
            Subject::Resource(it) | Subject::ResourceInstance(it, _) => need(
                self,
                Node::Resource(ConfigResource {
                    module: path.clone(),
                    resource: it.clone(),
                }),
            ),
            Subject::CountIndex
            | Subject::EachKey
            | Subject::EachValue
            | Subject::SelfObject
            | Subject::Path(_)
            | Subject::Terraform(_)
            | Subject::Check(_)
            | Subject::Output(_)
            | Subject::Run(_) => {}
        }
    }
}

/// The references of an expression; mistakes in them are reported when it is evaluated.
fn references(expr: &Expr) -> Vec<Reference> {
    lang::refs::references(expr, &mut Diagnostics::new())
}
