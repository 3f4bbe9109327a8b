//! Which resources depend on which, for people: `dokplan graph`.
//!
//! What is between two resources (locals, variables, outputs, modules) is passed over, and edges that follow from
//! others are left out.

use std::collections::{BTreeMap, BTreeSet};

use addr::{ConfigResource, ModulePath, Subject};
use config::{Config, Module, Repetition};
use diag::Diagnostics;
use hcl::Expr;

/// Resources and who depends on whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResourceGraph {
    /// Every resource, in the order of addresses.
    pub resources: BTreeSet<ConfigResource>,
    /// `.0` depends on `.1`.
    pub edges: BTreeSet<(ConfigResource, ConfigResource)>,
}

/// Which walk a [`Walk`] shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WalkKind {
    /// `plan`, `plan-refresh-only`.
    Plan,
    /// `plan-destroy`.
    Destroy,
    /// `apply`.
    Apply,
}

/// A node of a [`Walk`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WalkNode {
    /// What it is called in edges.
    pub name: String,
    /// What it is called in pictures.
    pub label: String,
    /// Its shape in the DOT language.
    pub shape: &'static str,
}

/// Everything that a walk visits and what waits for what, as tools that draw Terraform's graphs expect it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Walk {
    /// Those that are drawn with a shape.
    pub nodes: Vec<WalkNode>,
    /// `.0` waits for `.1`; edges that follow from others are left out.
    pub edges: BTreeSet<(String, String)>,
}

/// The graph of a walk over a configuration (and over a state, where everything is destroyed).
pub fn walk(
    config: &Config,
    registry: &dyn provider::Registry,
    state: &state::State,
    kind: WalkKind,
) -> (Walk, Diagnostics) {
    let mut diags = Diagnostics::new();
    let mut drawing = Drawing::default();
    if kind == WalkKind::Destroy {
        drawing.destroy(config, state);
        return (drawing.finish(), diags);
    }
    let schemas = crate::providers::Schemas::of(config, [], registry);
    let Some(nodes) = crate::nodes::nodes(config, &schemas, [], &mut diags) else {
        return (Walk::default(), diags);
    };
    drawing.nodes(&nodes, kind);
    for (path, module) in &config.modules {
        for resource in module.resources.values() {
            if let Some(it) = crate::providers::of_resource(config, path, resource) {
                let resource = ConfigResource {
                    module: path.clone(),
                    resource: resource.addr.clone(),
                };
                drawing.connect(&format!("{it} (close)"), &format!("{resource} (expand)"));
            }
        }
        for (name, check) in &module.checks {
            if let Some(data) = check.data.as_ref().filter(|_| kind == WalkKind::Plan) {
                let dot = if path.is_root() { "" } else { "." };
                drawing.connect(
                    &format!("{path}{dot}{data} (expand)"),
                    &format!("{path}{dot}check.{name} (report)"),
                );
            }
        }
    }
    (drawing.finish(), diags)
}

/// A graph of names while it is put together.
#[derive(Default)]
struct Drawing {
    nodes: Vec<WalkNode>,
    names: BTreeMap<String, usize>,
    edges: Vec<(usize, usize)>,
}

impl Drawing {
    fn name(&mut self, name: &str) -> usize {
        let next = self.names.len();
        *self.names.entry(name.to_owned()).or_insert(next)
    }

    fn connect(&mut self, from: &str, to: &str) {
        let edge = (self.name(from), self.name(to));
        self.edges.push(edge);
    }

    fn draw(&mut self, name: &str, label: String, shape: &'static str) {
        self.name(name);
        self.nodes.push(WalkNode {
            name: name.to_owned(),
            label,
            shape,
        });
    }

    fn nodes(&mut self, nodes: &crate::nodes::Nodes, kind: WalkKind) {
        use crate::nodes::Node;
        let text = |node: &Node| match node {
            Node::Resource(it) => format!("{it} (expand)"),
            Node::Check(..) => format!("{node} (expand)"),
            _ => node.to_string(),
        };
        // A provider that nothing uses is not walked.
        let mut used = vec![false; nodes.dag.len()];
        for at in 0..nodes.dag.len() {
            for needed in nodes.dag.needs(at) {
                used[*needed] = true;
            }
        }
        for at in &nodes.order {
            let node = nodes.dag.node(*at);
            if matches!(node, Node::Provider(_)) && !used[*at] {
                continue;
            }
            let name = text(node);
            match node {
                Node::Resource(it) => self.draw(&name, it.to_string(), "box"),
                Node::Provider(_) => self.draw(&name, name.clone(), "diamond"),
                Node::Variable(path, _) if path.is_root() => {
                    self.draw(&name, name.clone(), "note");
                }
                Node::Check(..) if kind == WalkKind::Plan => {
                    let report = format!("{node} (report)");
                    self.connect(&name, &report);
                }
                _ => {
                    self.name(&name);
                }
            }
            for needed in nodes.dag.needs(*at) {
                self.connect(&name, &text(nodes.dag.node(*needed)));
            }
        }
    }

    /// Objects in the order of their destruction: those that need others first.
    fn destroy(&mut self, config: &Config, state: &state::State) {
        for name in config.root().outputs.keys() {
            self.name(&format!("output.{name} (expand)"));
        }
        for (addr, resource, instance) in state.instances() {
            if !addr.is_managed() {
                continue;
            }
            let (label, provider) = (addr.config().to_string(), resource.provider.to_string());
            let name = format!("{label} (destroy)");
            if !self.names.contains_key(&provider) {
                self.draw(&provider, provider.clone(), "diamond");
            }
            self.connect(&name, &provider);
            self.connect(&format!("{provider} (close)"), &name);
            let objects = instance.current.iter().chain(instance.deposed.values());
            for needed in objects.flat_map(|it| it.dependencies.iter()) {
                if needed.resource.mode == addr::Mode::Managed {
                    self.connect(&format!("{needed} (destroy)"), &name);
                }
            }
            self.draw(&name, label, "box");
        }
    }

    /// Everything below one root, without edges that follow from others.
    fn finish(mut self) -> Walk {
        use petgraph::algo::tred;
        let mut has_above = vec![false; self.names.len()];
        for (_, to) in &self.edges {
            has_above[*to] = true;
        }
        let root = self.name("root");
        for (at, has) in has_above.into_iter().enumerate() {
            if !has {
                self.edges.push((root, at));
            }
        }
        self.edges.sort_unstable();
        self.edges.dedup();
        self.edges.retain(|(from, to)| from != to);
        let mut graph: petgraph::graph::DiGraph<usize, ()> = petgraph::graph::DiGraph::new();
        let indices: Vec<_> = (0..self.names.len()).map(|at| graph.add_node(at)).collect();
        for (from, to) in &self.edges {
            graph.add_edge(indices[*from], indices[*to], ());
        }
        let Ok(order) = petgraph::algo::toposort(&graph, None) else {
            return Walk::default();
        };
        let (sorted, places) = tred::dag_to_toposorted_adjacency_list::<_, u32>(&graph, &order);
        let (reduced, _) = tred::dag_transitive_reduction_closure(&sorted);
        let mut names = vec![""; self.names.len()];
        for (name, at) in &self.names {
            names[*at] = name;
        }
        let edges = self
            .edges
            .iter()
            .filter(|(from, to)| reduced.contains_edge(places[*from], places[*to]))
            .map(|(from, to)| (names[*from].to_owned(), names[*to].to_owned()))
            .collect();
        let mut nodes = self.nodes;
        nodes.sort();
        Walk { nodes, edges }
    }
}

/// A declared thing that stands between resources or is one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    Resource(ConfigResource),
    Local(ModulePath, String),
    Variable(ModulePath, String),
    Output(ModulePath, String),
    Call(ModulePath, String),
}

/// The graph of a configuration.
pub fn graph(config: &Config) -> ResourceGraph {
    let mut direct: BTreeMap<Thing, BTreeSet<Thing>> = BTreeMap::new();
    for (path, module) in &config.modules {
        things(config, path, module, &mut direct);
    }
    let mut res = ResourceGraph::default();
    let mut needs: BTreeMap<ConfigResource, BTreeSet<ConfigResource>> = BTreeMap::new();
    for thing in direct.keys() {
        if let Thing::Resource(resource) = thing {
            res.resources.insert(resource.clone());
            needs.insert(resource.clone(), reached(thing, &direct));
        }
    }
    for (resource, found) in &needs {
        for needed in found {
            let follows = found
                .iter()
                .any(|it| it != needed && reaches(it, needed, &needs));
            if !follows {
                res.edges.insert((resource.clone(), needed.clone()));
            }
        }
    }
    res
}

/// The resources that a thing leads to without another resource between.
fn reached(from: &Thing, direct: &BTreeMap<Thing, BTreeSet<Thing>>) -> BTreeSet<ConfigResource> {
    let (mut res, mut seen, mut todo) = (BTreeSet::new(), BTreeSet::new(), vec![from]);
    while let Some(thing) = todo.pop() {
        for next in direct.get(thing).into_iter().flatten() {
            if let Thing::Resource(it) = next {
                res.insert(it.clone());
            } else if seen.insert(next) {
                todo.push(next);
            }
        }
    }
    if let Thing::Resource(it) = from {
        res.remove(it);
    }
    res
}

fn reaches(
    from: &ConfigResource,
    to: &ConfigResource,
    needs: &BTreeMap<ConfigResource, BTreeSet<ConfigResource>>,
) -> bool {
    let (mut seen, mut todo) = (BTreeSet::new(), vec![from]);
    while let Some(it) = todo.pop() {
        for next in needs.get(it).into_iter().flatten() {
            if next == to {
                return true;
            }
            if seen.insert(next) {
                todo.push(next);
            }
        }
    }
    false
}

fn things(
    config: &Config,
    path: &ModulePath,
    module: &Module,
    direct: &mut BTreeMap<Thing, BTreeSet<Thing>>,
) {
    let of_expr = |expr: &Expr| -> BTreeSet<Thing> {
        lang::refs::references(expr, &mut Diagnostics::new())
            .into_iter()
            .flat_map(|it| subject(config, path, it.subject, it.rest.first()))
            .collect()
    };
    let of_traversals = |list: &[hcl::Traversal]| -> BTreeSet<Thing> {
        list.iter()
            .filter_map(|it| addr::parse::reference(it, &mut Diagnostics::new()))
            .flat_map(|it| subject(config, path, it.subject, it.rest.first()))
            .collect()
    };
    let of_repetition = |repetition: &Repetition| match repetition {
        Repetition::None => BTreeSet::new(),
        Repetition::Count(expr) | Repetition::ForEach(expr) => of_expr(expr),
    };
    let of_body = |body: &hcl::Body| {
        let mut res = BTreeSet::new();
        bodies(body, &mut |expr| res.extend(of_expr(expr)));
        res
    };
    for (name, local) in &module.locals {
        direct.insert(
            Thing::Local(path.clone(), name.to_string()),
            of_expr(&local.expr),
        );
    }
    for (name, output) in &module.outputs {
        let mut found = of_expr(&output.value);
        found.extend(of_traversals(&output.depends_on));
        direct.insert(Thing::Output(path.clone(), name.to_string()), found);
    }
    for (name, call) in &module.calls {
        let child = path.child(name);
        let mut around = of_repetition(&call.repetition);
        around.extend(of_traversals(&call.depends_on));
        direct.insert(Thing::Call(path.clone(), name.to_string()), around);
        for it in &call.body.attributes {
            let found = direct
                .entry(Thing::Variable(child.clone(), it.name.name.to_string()))
                .or_default();
            found.extend(of_expr(&it.expr));
        }
    }
    for (resource, it) in &module.resources {
        let mut found = of_body(&it.body);
        found.extend(of_repetition(&it.repetition));
        found.extend(of_traversals(&it.depends_on));
        for condition in it
            .lifecycle
            .preconditions
            .iter()
            .chain(&it.lifecycle.postconditions)
        {
            found.extend(of_expr(&condition.condition));
            found.extend(of_expr(&condition.message));
        }
        for provisioner in &it.provisioners {
            found.extend(of_body(&provisioner.body));
        }
        if let Some((name, parent)) = path.0.split_last() {
            found.insert(Thing::Call(ModulePath(parent.to_vec()), name.to_string()));
        }
        let resource = ConfigResource {
            module: path.clone(),
            resource: resource.clone(),
        };
        found.remove(&Thing::Resource(resource.clone()));
        direct.insert(Thing::Resource(resource), found);
    }
}

/// Every expression of a body and the blocks in it.
fn bodies(body: &hcl::Body, look: &mut dyn FnMut(&Expr)) {
    let mut todo = vec![body];
    while let Some(body) = todo.pop() {
        for it in &body.attributes {
            look(&it.expr);
        }
        todo.extend(body.blocks.iter().map(|it| &it.body));
    }
}

/// What a reference leads to.
fn subject(
    config: &Config,
    path: &ModulePath,
    subject: Subject,
    next: Option<&hcl::Step>,
) -> Vec<Thing> {
    match subject {
        Subject::Variable(name) => vec![Thing::Variable(path.clone(), name.to_string())],
        Subject::Local(name) => vec![Thing::Local(path.clone(), name.to_string())],
        Subject::Resource(resource) | Subject::ResourceInstance(resource, _) => {
            vec![Thing::Resource(ConfigResource {
                module: path.clone(),
                resource,
            })]
        }
        Subject::Module(name) | Subject::ModuleInstance(name, _) => {
            let child = path.child(&name);
            let outputs = config.module(&child).map(|it| &it.outputs);
            let named = match next.map(|it| &it.kind) {
                Some(hcl::StepKind::Attr(output)) => Some(output.to_string()),
                _ => None,
            };
            let mut res: Vec<Thing> = outputs
                .into_iter()
                .flat_map(|it| it.keys())
                .filter(|it| named.as_ref().is_none_or(|named| named == &***it))
                .map(|it| Thing::Output(child.clone(), it.to_string()))
                .collect();
            res.push(Thing::Call(path.clone(), name.to_string()));
            res
        }
        Subject::CountIndex
        | Subject::EachKey
        | Subject::EachValue
        | Subject::SelfObject
        | Subject::Path(_)
        | Subject::Terraform(_)
        | Subject::Check(_)
        | Subject::Output(_)
        | Subject::Run(_) => Vec::new(),
    }
}
