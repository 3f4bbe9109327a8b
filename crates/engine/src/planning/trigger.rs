//! `replace_triggered_by`: whether something that an instance names will change.

use std::sync::Arc;

use addr::{ConfigResource, Instance, Key, ModuleInstance, Resource};
use diag::{Diagnostic, Diagnostics};
use hcl::{Expr, ExprKind, StepKind};
use lang::Scope;
use plan::Action;
use value::{Path, Value, ops};

use crate::code;
use crate::expand::Each;
use crate::planning::Planning;

/// A step of an address that is written as an expression, its keys evaluated.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Part {
    /// A name.
    Name(Arc<str>),
    /// A key.
    Key(Key),
}

/// The steps of an address that is written as an expression, such as `a.b[each.key].c`; `None` where it is none.
pub(crate) fn parts(expr: &Expr, scope: &dyn Scope, diags: &mut Diagnostics) -> Option<Vec<Part>> {
    // Indexes and accesses nest to the left: collect from the outside in, then turn around.
    let mut res: Vec<Part> = Vec::new();
    let mut here = expr;
    loop {
        let steps = match &here.kind {
            ExprKind::Traversal(it) => {
                push_steps(&it.steps, &mut res)?;
                res.push(Part::Name(it.root.name.as_str().into()));
                res.reverse();
                return Some(res);
            }
            ExprKind::Index(it) => {
                let key = lang::eval(&it.key, scope, diags);
                res.push(Part::Key(key_of(&key)?));
                here = &it.collection;
                continue;
            }
            ExprKind::Access(it) => {
                here = &it.source;
                &it.steps
            }
            _ => return None,
        };
        push_steps(steps, &mut res)?;
    }
}

/// Adds steps, the last first.
fn push_steps(steps: &[hcl::Step], res: &mut Vec<Part>) -> Option<()> {
    for it in steps.iter().rev() {
        res.push(match &it.kind {
            StepKind::Attr(name) => Part::Name(name.as_str().into()),
            StepKind::Index(number) => Part::Key(Key::Int(number.parse().ok()?)),
            StepKind::Key(key) => Part::Key(Key::Str(key.as_str().into())),
        });
    }
    Some(())
}

/// A known value as a key.
fn key_of(value: &Value) -> Option<Key> {
    match (value.as_str(), value.as_number()) {
        (Some(text), _) => Some(Key::Str(text.into())),
        (None, Some(number)) => Some(Key::Int(u64::try_from(number.to_i64()?).ok()?)),
        (None, None) => None,
    }
}

/// An address from its steps: module steps, the resource, its key, and what is left.
pub(crate) fn address(
    parts: &[Part],
) -> Option<(ModuleInstance, Resource, Option<Key>, Vec<Part>)> {
    let mut module = ModuleInstance::root();
    let mut rest = parts;
    let name = |it: &Part| match it {
        Part::Name(name) => Some(name.clone()),
        Part::Key(_) => None,
    };
    while let [Part::Name(first), Part::Name(call), tail @ ..] = rest
        && &**first == "module"
    {
        let (key, tail) = match tail {
            [Part::Key(key), tail @ ..] => (key.clone(), tail),
            tail => (Key::None, tail),
        };
        module = module.child(call, key);
        rest = tail;
    }
    let mode = match rest.first() {
        Some(Part::Name(it)) if &**it == "data" => addr::Mode::Data,
        Some(Part::Name(it)) if &**it == "ephemeral" => addr::Mode::Ephemeral,
        _ => addr::Mode::Managed,
    };
    if mode != addr::Mode::Managed {
        rest = &rest[1..];
    }
    let [kind, label, tail @ ..] = rest else {
        return None;
    };
    let resource = Resource {
        mode,
        kind: name(kind)?,
        name: name(label)?,
    };
    match tail {
        [Part::Key(key), tail @ ..] => Some((module, resource, Some(key.clone()), tail.to_vec())),
        tail => Some((module, resource, None, tail.to_vec())),
    }
}

impl Planning<'_> {
    /// Whether one of the things that `replace_triggered_by` names will change.
    pub(crate) fn is_triggered(
        &self,
        declared: &config::Resource,
        module: usize,
        each: &Each,
        diags: &mut Diagnostics,
    ) -> bool {
        declared
            .lifecycle
            .replace_triggered_by
            .iter()
            .any(|expr| self.triggers(expr, module, each, diags))
    }

    fn triggers(&self, expr: &Expr, module: usize, each: &Each, diags: &mut Diagnostics) -> bool {
        let scope = self.values.at(module, each);
        let found = parts(expr, &scope, diags).and_then(|it| address(&it));
        let Some((inner, resource, key, rest)) = found else {
            let detail = "replace_triggered_by takes a resource, one of its instances, or an attribute of one.";
            diags.push(Diagnostic::error(&code::REPLACE_TRIGGER, detail).at(expr.span));
            return false;
        };
        let mut outer = self.values.modules[module].addr.clone();
        outer.0.extend(inner.0);
        let config = ConfigResource {
            module: outer.path(),
            resource: resource.clone(),
        };
        if !self.inputs.common.config.declares(&config) {
            let detail = format!("There is no {resource} to watch in this module.");
            diags.push(Diagnostic::error(&code::REPLACE_TRIGGER_REFERENCE, detail).at(expr.span));
            return false;
        }
        let low = Instance {
            module: outer.clone(),
            resource: resource.clone(),
            key: key.clone().unwrap_or(Key::None),
        };
        self.changes
            .range((low, None)..)
            .take_while(|((addr, _), _)| {
                addr.module == outer
                    && addr.resource == resource
                    && key.as_ref().is_none_or(|it| *it == addr.key)
            })
            .filter(|((_, deposed), _)| deposed.is_none())
            .any(|(_, change)| {
                let change = &change.change;
                let acts = change.action == Action::Update || change.action.is_replace();
                if rest.is_empty() {
                    return acts;
                }
                let path = Path(
                    rest.iter()
                        .map(|it| match it {
                            Part::Name(name) => value::Step::Attr(name.clone()),
                            Part::Key(Key::Str(key)) => value::Step::Index(Value::from(&**key)),
                            Part::Key(Key::Int(at)) => {
                                value::Step::Index(Value::from(i64::try_from(*at).unwrap_or(0)))
                            }
                            Part::Key(Key::None) => value::Step::Index(Value::from("")),
                        })
                        .collect(),
                );
                acts && match (path.apply(&change.before), path.apply(&change.after)) {
                    (Some(before), Some(after)) => {
                        !after.is_wholly_known() || !ops::same(&before, &after)
                    }
                    _ => false,
                }
            })
    }
}
