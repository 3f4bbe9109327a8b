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
