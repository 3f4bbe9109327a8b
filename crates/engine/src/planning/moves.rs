//! `moved` blocks: a function from state to state before the walk. What they move is where it was in a map, for the
//! messages; what they cannot move stays, and is named in one warning.

use std::collections::{BTreeMap, BTreeSet};

use addr::{Instance, Key, ModuleInstance, ModulePath, ObjectKey, Target};
use config::{Config, Moved, Repetition};
use diag::{Diagnostic, Diagnostics};
use state::State;

use crate::planning::Planning;
use crate::providers::Schemas;
use crate::{Common, PlanInputs, code, dag};

/// A `moved` block and the module that it stands in.
struct Statement<'a> {
    path: &'a ModulePath,
    block: &'a Moved,
}

/// The state with everything at its new address, and where it was before.
pub(crate) fn apply(
    inputs: &PlanInputs<'_>,
    schemas: &Schemas,
    diags: &mut Diagnostics,
) -> (State, BTreeMap<Instance, Instance>) {
    let mut state = inputs.prior.clone();
    let mut moved: BTreeMap<Instance, Instance> = BTreeMap::new();
    let mut blocked = Vec::new();
    let statements = statements(inputs.common.config);
    if let Some(order) = ordered(&inputs.common, &statements, diags) {
        for at in order {
            one(
                &statements[at],
                schemas,
                &mut state,
                &mut moved,
                &mut blocked,
                diags,
            );
        }
    }
    implied(inputs.common.config, &mut state, &mut moved);
    if !blocked.is_empty() {
        let list: Vec<String> = blocked
            .iter()
            .map(|(from, to)| format!("\n  - {from} could not move to {to}"))
            .collect();
        let detail = format!(
            "Moved blocks name new addresses that are taken by other objects, so these stay where they are:{}\n\nThe plan treats them as objects at their old addresses. To resolve this, remove or move what is in the way, or the moved blocks.",
            list.concat()
        );
        diags.push(Diagnostic::warning(&code::MOVE_BLOCKED, detail));
    }
    (state, moved)
}

fn statements(config: &Config) -> Vec<Statement<'_>> {
    config
        .modules
        .iter()
        .flat_map(|(path, module)| {
            module
                .moved
                .iter()
                .map(move |block| Statement { path, block })
        })
        .collect()
}

/// Where a target leads in the configuration: module names, and the resource if it is one.
fn names(path: &ModulePath, target: &Target) -> (ModulePath, Option<addr::Resource>) {
    let (module, resource) = match target {
        Target::Module(module) => (module, None),
        Target::Resource(it) => (&it.module, Some(it.resource.clone())),
        Target::Instance(it) => (&it.module, Some(it.resource.clone())),
    };
    let mut res = path.clone();
    res.0.extend(module.path().0);
    (res, resource)
}

/// Whether what one statement names may be, or lie in, what another names.
fn overlaps(left: (&ModulePath, &Target), right: (&ModulePath, &Target)) -> bool {
    let same_key = |left: &Target, right: &Target| match (left, right) {
        (Target::Instance(left), Target::Instance(right)) => left.key == right.key,
        _ => true,
    };
    let (left_names, right_names) = (names(left.0, left.1), names(right.0, right.1));
    match (&left_names.1, &right_names.1) {
        (Some(l), Some(r)) => l == r && left_names.0 == right_names.0 && same_key(left.1, right.1),
        (None, _) => right_names.0.0.starts_with(&left_names.0.0),
        (_, None) => left_names.0.0.starts_with(&right_names.0.0),
    }
}

/// Whether a target, as it is written, names no instance by its key.
fn is_whole(target: &Target) -> bool {
    match target {
        Target::Module(it) => it.0.last().is_none_or(|it| it.1 == Key::None),
        Target::Resource(_) => true,
        Target::Instance(it) => it.key == Key::None,
    }
}

/// Whether what a target names lies in what another names.
fn is_within(inner: (&ModulePath, &Target), outer: (&ModulePath, &Target)) -> bool {
    let (inner, outer) = (names(inner.0, inner.1), names(outer.0, outer.1));
    let is_more = inner.1.is_some() || inner.0.0.len() > outer.0.0.len();
    outer.1.is_none() && is_more && inner.0.0.starts_with(&outer.0.0)
}

/// Whether a statement applies after another: it goes on from where the other leads, or what one of them moves lies in
/// what the other moves, and must be moved while it is there.
fn depends(it: &Statement<'_>, before: &Statement<'_>) -> bool {
    let (from, to) = ((it.path, &it.block.from), (it.path, &it.block.to));
    let (before_from, before_to) = (
        (before.path, &before.block.from),
        (before.path, &before.block.to),
    );
    let goes_on = overlaps(before_to, from);
    if !goes_on && !is_within(to, before_to) && !is_within(before_from, from) {
        return false;
    }
    // A call that only gets other keys leaves its inside where it was by name: what is moved in there is moved after.
    let keys_only = match (from.1, to.1) {
        (Target::Module(l), Target::Module(r)) => l.path() == r.path(),
        _ => false,
    };
    !(keys_only && it.path.0.len() < before.path.0.len())
}

/// The order in which statements apply: chains from their start. Mistakes that make an order impossible are reported.
fn ordered(
    common: &Common<'_>,
    statements: &[Statement<'_>],
    diags: &mut Diagnostics,
) -> Option<Vec<usize>> {
    let n_errors = diags.n_errors();
    for it in statements {
        if it.block.from == it.block.to {
            let detail = format!(
                "The block moves {} to where it is. Remove the block, or correct one of the addresses.",
                it.block.from
            );
            diags.push(Diagnostic::error(&code::MOVE_REDUNDANT, detail).at(it.block.span));
        }
    }
    // One address can be that of all instances of a call or of its only one.
    type End<'s> = (&'s ModulePath, &'s Target, bool);
    let mut froms: BTreeMap<End<'_>, &Statement<'_>> = BTreeMap::new();
    let mut tos: BTreeMap<End<'_>, &Statement<'_>> = BTreeMap::new();
    for it in statements {
        let whole = is_whole(&it.block.from) && is_whole(&it.block.to);
        if let Some(other) = froms.insert((it.path, &it.block.from, whole), it)
            && other.block.to != it.block.to
        {
            let detail = format!(
                "The block moves {} to {}, and an earlier one moves it to {}. Keep one of them.",
                it.block.from, it.block.to, other.block.to
            );
            diags.push(Diagnostic::error(&code::MOVE_AMBIGUOUS, detail).at(it.block.span));
        }
        if let Some(other) = tos.insert((it.path, &it.block.to, whole), it)
            && other.block.from != it.block.from
        {
            let detail = format!(
                "The block moves {} to {}, and an earlier one moves {} there. Only one object can have an address.",
                it.block.from, it.block.to, other.block.from
            );
            diags.push(Diagnostic::error(&code::MOVE_AMBIGUOUS, detail).at(it.block.span));
        }
    }
    if diags.n_errors() > n_errors {
        return None;
    }
    let needs: Vec<Vec<usize>> = statements
        .iter()
        .enumerate()
        .map(|(at, it)| {
            (0..statements.len())
                .filter(|other| *other != at && depends(it, &statements[*other]))
                .collect()
        })
        .collect();
    let order = dag::topological(&needs);
    if order.len() == statements.len() {
        return Some(order);
    }
    let text = |it: &Target| match it {
        Target::Resource(it) => format!("{it}[*]"),
        Target::Module(_) | Target::Instance(_) => it.to_string(),
    };
    let list: Vec<String> = dag::cycles(&needs)
        .into_iter()
        .flatten()
        .map(|at| {
            let block = statements[at].block;
            let place = common.sources.position(block.span.source, block.span.start);
            format!(
                "\n  - {}:{},{}: {} → {}",
                common.sources.name(block.span.source),
                place.line,
                place.column,
                text(&block.from),
                text(&block.to)
            )
        })
        .collect();
    let detail = format!(
        "These moved blocks lead in a circle, so that there is no last address:{}\n\nRemove one of them.",
        list.concat()
    );
    diags.push(Diagnostic::error(&code::MOVE_CYCLE, detail));
    None
}

/// Applies one statement to every instance of its module.
fn one(
    statement: &Statement<'_>,
    schemas: &Schemas,
    state: &mut State,
    moved: &mut BTreeMap<Instance, Instance>,
    blocked: &mut Vec<(Instance, Instance)>,
    diags: &mut Diagnostics,
) {
    let candidates: Vec<(Instance, Instance)> = state
        .instances()
        .filter_map(|(addr, _, _)| {
            let to = destination(statement, &addr)?;
            Some((addr, to))
        })
        .collect();
    for (from, to) in candidates {
        let origin = moved.remove(&from).unwrap_or_else(|| from.clone());
        if from.resource.kind != to.resource.kind && !convert(&from, &to, schemas, state, diags) {
            continue;
        }
        if state::edit::move_instance(state, &from, &to) {
            if origin != to {
                moved.insert(to, origin);
            }
        } else {
            if origin != from {
                moved.insert(from.clone(), origin);
            }
            blocked.push((from, to));
        }
    }
}

/// An object of another type: its provider makes one of the new type of it.
fn convert(
    from: &Instance,
    to: &Instance,
    schemas: &Schemas,
    state: &mut State,
    diags: &mut Diagnostics,
) -> bool {
    let Some(config) = state
        .resources
        .get(&from.absolute())
        .map(|it| it.provider.clone())
    else {
        return false;
    };
    let found = schemas
        .all()
        .find(|it| it.schema().resources.contains_key(&to.resource.kind));
    let (Some(provider), Some(object)) = (found, state.current(from).cloned()) else {
        return false;
    };
    let Some(schema) = provider.schema().resources.get(&to.resource.kind) else {
        return false;
    };
    let state::object::Attributes::Json(json) = &object.attributes else {
        return false;
    };
    match provider.move_state(&from.resource.kind, json, &to.resource.kind) {
        Ok(value) => {
            let made = crate::objects::encode(
                schema,
                &value,
                object.status,
                None,
                object.dependencies.clone(),
                object.create_before_destroy,
            );
            state.set_object(from, &ObjectKey::Current, &config, Some(made.into()));
            true
        }
        Err(issues) => {
            crate::objects::report(&issues, Some(to), None, diags);
            false
        }
    }
}

/// Where a statement moves an instance, if it does.
fn destination(statement: &Statement<'_>, addr: &Instance) -> Option<Instance> {
    let n = statement.path.0.len();
    if addr.module.0.len() < n || addr.module.path().0[..n] != statement.path.0[..] {
        return None;
    }
    let (outer, inner) = addr.module.0.split_at(n);
    let within = |module: &ModuleInstance| {
        let mut res = outer.to_vec();
        res.extend_from_slice(&module.0);
        ModuleInstance(res)
    };
    let instance = |it: &Target| match it {
        Target::Instance(it) => Some(it.clone()),
        Target::Resource(it) => Some(it.instance(Key::None)),
        Target::Module(_) => None,
    };
    match (&statement.block.from, &statement.block.to) {
        (Target::Resource(from), Target::Resource(to)) => {
            (inner == from.module.0 && addr.resource == from.resource).then(|| Instance {
                module: within(&to.module),
                resource: to.resource.clone(),
                key: addr.key.clone(),
            })
        }
        (Target::Module(from), Target::Module(to)) => {
            let ((from_last, from_front), (to_last, to_front)) =
                (from.0.split_last()?, to.0.split_last()?);
            if inner.len() < from.0.len() || inner[..from_front.len()] != *from_front {
                return None;
            }
            let step = &inner[from_front.len()];
            let whole_call = from_last.1 == Key::None && to_last.1 == Key::None;
            if step.0 != from_last.0 || (!whole_call && step.1 != from_last.1) {
                return None;
            }
            let mut module = to_front.to_vec();
            let key = if whole_call {
                step.1.clone()
            } else {
                to_last.1.clone()
            };
            module.push((to_last.0.clone(), key));
            module.extend_from_slice(&inner[from.0.len()..]);
            Some(Instance {
                module: within(&ModuleInstance(module)),
                ..addr.clone()
            })
        }
        (from, to) => {
            let (from, to) = (instance(from)?, instance(to)?);
            (inner == from.module.0 && addr.resource == from.resource && addr.key == from.key).then(
                || Instance {
                    module: within(&to.module),
                    ..to
                },
            )
        }
    }
}

/// `count` came or went: the instance without key and the one with key 0 are the same object.
fn implied(config: &Config, state: &mut State, moved: &mut BTreeMap<Instance, Instance>) {
    let mut moves = Vec::new();
    for (absolute, resource) in &state.resources {
        let Some(declared) = config
            .module(&absolute.module.path())
            .and_then(|it| it.resources.get(&absolute.resource))
        else {
            continue;
        };
        let (from, to) = match declared.repetition {
            Repetition::None => (Key::Int(0), Key::None),
            Repetition::Count(_) => (Key::None, Key::Int(0)),
            Repetition::ForEach(_) => continue,
        };
        if resource.instances.contains_key(&from) && !resource.instances.contains_key(&to) {
            moves.push((absolute.instance(from), absolute.instance(to)));
        }
    }
    for (from, to) in moves {
        if state::edit::move_instance(state, &from, &to) {
            let origin = moved.remove(&from).unwrap_or(from);
            moved.insert(to, origin);
        }
    }
}

/// Whether an address that stands in a module covers an instance, in any instance of that module.
pub(crate) fn covers(path: &ModulePath, target: &Target, addr: &Instance) -> bool {
    let n = path.0.len();
    if addr.module.0.len() < n || addr.module.path().0[..n] != path.0[..] {
        return false;
    }
    let relative = Instance {
        module: ModuleInstance(addr.module.0[n..].to_vec()),
        ..addr.clone()
    };
    target.covers(&relative)
}

impl Planning<'_> {
    /// Whether what `moved` and `removed` blocks name is still declared; that is known only after the walk.
    pub(crate) fn still_declared(&mut self) {
        let config = self.inputs.common.config;
        let mut found: BTreeSet<diag::Span> = BTreeSet::new();
        for statement in statements(config) {
            let (path, resource) = names(statement.path, &statement.block.from);
            let span = statement.block.span;
            let declared = match (&statement.block.from, &resource) {
                (Target::Instance(from), _) if from.key != Key::None => self
                    .desired
                    .iter()
                    .any(|it| covers(statement.path, &Target::Instance(from.clone()), it)),
                (Target::Resource(_) | Target::Instance(_), Some(resource)) => {
                    let declared = config
                        .module(&path)
                        .and_then(|it| it.resources.get(resource));
                    // `a` in a move to `a["x"]` is the instance without key.
                    let keyed = matches!(statement.block.to, Target::Instance(_));
                    declared.is_some_and(|it| !keyed || matches!(it.repetition, Repetition::None))
                }
                (Target::Module(from), _) => {
                    let to_keyed = matches!(&statement.block.to, Target::Module(to)
                        if to.0.last().is_some_and(|it| it.1 != Key::None));
                    let from_key = from.0.last().map(|it| it.1.clone());
                    if to_keyed || from_key.is_some_and(|it| it != Key::None) {
                        self.values.instances_of(&path).into_iter().any(|at| {
                            let module = &self.values.modules[at].addr;
                            let n = statement.path.0.len();
                            module.0[n..] == from.0[..]
                        })
                    } else {
                        config.module(&path).is_some()
                    }
                }
                (_, None) => false,
            };
            if declared && found.insert(span) {
                let detail = format!(
                    "This block says that {} has the address {} now, and {0} is still declared. Rename or remove that declaration, or remove this block.",
                    statement.block.from, statement.block.to
                );
                self.diags
                    .push(Diagnostic::error(&code::MOVE_EXISTS, detail).at(span));
            }
        }
        for (path, module) in &config.modules {
            for it in &module.removed {
                let (path, resource) = names(path, &it.from);
                let Some(declared) = config.module(&path) else {
                    continue;
                };
                match resource {
                    Some(resource) => {
                        if let Some(declared) = declared.resources.get(&resource) {
                            let detail = format!(
                                "A removed block says that {} is not declared any more, and this is its declaration. Remove one of them.",
                                it.from
                            );
                            self.diags.push(
                                Diagnostic::error(&code::REMOVED_EXISTS, detail).at(declared.span),
                            );
                        }
                    }
                    None => {
                        let detail = format!(
                            "This block says that {} is not called any more, and it is. Remove one of them.",
                            it.from
                        );
                        self.diags.push(
                            Diagnostic::error(&code::REMOVED_MODULE_EXISTS, detail)
                                .at(it.from_span),
                        );
                    }
                }
            }
        }
    }
}
