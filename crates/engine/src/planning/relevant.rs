//! Which attributes a plan depends on, so that only changes outside that matter are shown.
//!
//! From everything that changes, references are followed through locals, variables, outputs and resources; each
//! attribute of a resource that is met on the way contributes to the plan.

use std::collections::{BTreeMap, BTreeSet};

use addr::{ConfigResource, ModulePath, Reference, Subject};
use config::{Config, Repetition};
use diag::Diagnostics;
use hcl::{Expr, StepKind};
use plan::{Action, OutputChange, RelevantAttribute, ResourceChange};
use value::{Path, Value};

use crate::nodes::Node;
use crate::planning::Planning;

/// Every attribute of a resource that something which changes refers to, however indirectly.
pub(crate) fn attributes(
    planning: &Planning<'_>,
    changes: &[ResourceChange],
    outputs: &[OutputChange],
) -> Vec<RelevantAttribute> {
    let config = planning.inputs.common.config;
    let mut open: Vec<(Node, Option<String>)> = Vec::new();
    for it in changes {
        if it.change.action != Action::NoOp {
            open.push((Node::Resource(it.addr.config()), None));
        }
    }
    for it in outputs {
        if it.change.action != Action::NoOp {
            let node = Node::Output(ModulePath::root(), it.name.as_str().into());
            open.push((node, None));
        }
    }
    // Outputs of other modules are not remembered, so that each of them comes anew.
    for (path, module) in config.modules.iter().filter(|(path, _)| !path.is_root()) {
        for name in module.outputs.keys() {
            open.push((Node::Output(path.clone(), name.clone()), None));
        }
    }
    let mut seen: BTreeSet<(Node, Option<String>)> = open.iter().cloned().collect();
    let mut res: Vec<(String, RelevantAttribute)> = Vec::new();
    let mut names: BTreeSet<String> = BTreeSet::new();
    while let Some((node, attribute)) = open.pop() {
        for (path, reference) in references(planning, config, &node, attribute.as_deref()) {
            let mut part = None;
            let next = match &reference.subject {
                Subject::Variable(name) => Node::Variable(path.clone(), name.clone()),
                Subject::Local(name) => Node::Local(path.clone(), name.clone()),
                Subject::Module(name) | Subject::ModuleInstance(name, _) => {
                    let child = path.child(name);
                    let output = reference.rest.iter().find_map(|it| match &it.kind {
                        StepKind::Attr(name) => Some(name.as_str()),
                        _ => None,
                    });
                    match output {
                        Some(output) => Node::Output(child, output.into()),
                        None => Node::ModuleEnd(child),
                    }
                }
                Subject::Resource(resource) | Subject::ResourceInstance(resource, _) => {
                    add(&path, &reference, &mut names, &mut res);
                    part = reference.rest.first().and_then(|it| match &it.kind {
                        StepKind::Attr(name) => Some(name.to_string()),
                        _ => None,
                    });
                    Node::Resource(ConfigResource {
                        module: path.clone(),
                        resource: resource.clone(),
                    })
                }
                _ => continue,
            };
            if seen.insert((next.clone(), part.clone())) {
                open.push((next, part));
            }
        }
    }
    res.sort_by(|(left, _), (right, _)| left.cmp(right));
    res.into_iter().map(|(_, it)| it).collect()
}

fn add(
    path: &ModulePath,
    reference: &Reference,
    names: &mut BTreeSet<String>,
    res: &mut Vec<(String, RelevantAttribute)>,
) {
    let dot = if path.is_root() { "" } else { "." };
    let resource = format!("{path}{dot}{}", reference.subject);
    let mut attribute = Path::root();
    for step in &reference.rest {
        attribute = match &step.kind {
            StepKind::Attr(name) => attribute.attr(name),
            StepKind::Key(key) => attribute.index(Value::from(key.as_str())),
            StepKind::Index(number) => match number.parse() {
                Ok(at) => attribute.at(at),
                Err(_) => break,
            },
        };
    }
    let name = format!("{resource}{}", crate::variables::path_text(&attribute));
    if names.insert(name.clone()) {
        res.push((
            name,
            RelevantAttribute {
                resource,
                path: attribute,
            },
        ));
    }
}

/// What a node refers to, and the module in whose terms. Of a resource of which one attribute is asked for, only the
/// expression of that attribute counts: one that the provider computes has none.
fn references(
    planning: &Planning<'_>,
    config: &Config,
    node: &Node,
    attribute: Option<&str>,
) -> Vec<(ModulePath, Reference)> {
    let of = |expr: &Expr, path: &ModulePath| -> Vec<(ModulePath, Reference)> {
        lang::refs::references(expr, &mut Diagnostics::new())
            .into_iter()
            .map(|it| (path.clone(), it))
            .collect()
    };
    match node {
        Node::Local(path, name) => config
            .module(path)
            .and_then(|it| it.locals.get(name))
            .map(|it| of(&it.expr, path))
            .unwrap_or_default(),
        Node::Output(path, name) => config
            .module(path)
            .and_then(|it| it.outputs.get(name))
            .map(|it| of(&it.value, path))
            .unwrap_or_default(),
        Node::ModuleEnd(path) => config
            .module(path)
            .into_iter()
            .flat_map(|it| it.outputs.values())
            .flat_map(|it| of(&it.value, path))
            .collect(),
        Node::Variable(path, name) => {
            let Some((call, front)) = path.0.split_last() else {
                return Vec::new();
            };
            let parent = ModulePath(front.to_vec());
            config
                .module(&parent)
                .and_then(|it| it.calls.get(call))
                .and_then(|it| it.body.attributes.iter().find(|it| it.name.name == **name))
                .map(|it| of(&it.expr, &parent))
                .unwrap_or_default()
        }
        Node::Resource(it) => {
            let it_module = &it.module;
            let Some(declared) = config
                .module(&it.module)
                .and_then(|module| module.resources.get(&it.resource))
            else {
                return Vec::new();
            };
            let mut res = Vec::new();
            if let Some(attribute) = attribute {
                for it in &declared.body.attributes {
                    if *it.name.name == *attribute {
                        res.extend(of(&it.expr, it_module));
                    }
                }
                return res;
            }
            if let Repetition::Count(expr) | Repetition::ForEach(expr) = &declared.repetition {
                res.extend(of(expr, &it.module));
            }
            if let Some(schema) = planning
                .values
                .schemas
                .resource(&declared.provider_addr, &declared.addr)
            {
                res.extend(
                    lang::refs::body_references(
                        &declared.body,
                        &schema.block,
                        &mut Diagnostics::new(),
                    )
                    .into_iter()
                    .map(|reference| (it.module.clone(), reference)),
                );
            }
            for expr in &declared.lifecycle.replace_triggered_by {
                res.extend(of(expr, &it.module));
            }
            res
        }
        Node::Module(_) | Node::Validation(..) | Node::Provider(_) | Node::Check(..) => Vec::new(),
    }
}

/// Attributes by the resource or instance that they are of.
pub(crate) type Index<'a> = BTreeMap<&'a str, Vec<&'a Path>>;

/// The attributes by resource, for many questions.
pub(crate) fn index(relevant: &[RelevantAttribute]) -> Index<'_> {
    let mut res = Index::new();
    for it in relevant {
        res.entry(&it.resource).or_default().push(&it.path);
    }
    res
}

/// Whether a change outside touches one of them.
pub(crate) fn concerns(change: &ResourceChange, relevant: &Index<'_>) -> bool {
    let names = [
        change.addr.to_string(),
        change.addr.absolute().to_string(),
        change.addr.config().to_string(),
    ];
    names
        .iter()
        .filter_map(|it| relevant.get(it.as_str()))
        .flatten()
        .any(|path| {
            match (
                path.apply(&change.change.before),
                path.apply(&change.change.after),
            ) {
                (Some(before), Some(after)) => !value::ops::same(&before, &after),
                (before, after) => before.is_some() || after.is_some(),
            }
        })
}
