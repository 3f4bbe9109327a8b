//! The instances of a resource: expand, refresh, propose, plan, compare.

use std::sync::Arc;

use addr::{ConfigResource, Instance, Key, ProviderConfig};
use config::IgnoreChanges;
use diag::{Diagnostic, Diagnostics};
use plan::{Action, ActionReason, Change, Importing, Mode, ResourceChange};
use provider::{PlanRequest, PlanResponse, Provider, Schema};
use state::Status;
use value::{Mark, Marks, Path, Plain, Value, ops, walk};

use crate::checks::{self, Kind, Verdict};
use crate::expand::{self, Each, Expansion};
use crate::planning::{Known, Planning};
use crate::{code, live, objects, providers};

/// What is asked of a provider for one instance, and what the answer is compared with.
pub(crate) struct Asked {
    pub(crate) addr: Instance,
    pub(crate) each: Each,
    /// The configuration, marks included.
    pub(crate) config: Value,
    /// The current object, if there is one.
    pub(crate) prior: Option<Known>,
    /// Whether it is to be replaced whatever its attributes say.
    pub(crate) forced: Option<ActionReason>,
    pub(crate) importing: Option<Importing>,
}

/// What all instances of a resource share.
pub(crate) struct Block<'a> {
    pub(crate) declared: &'a config::Resource,
    pub(crate) resource: &'a ConfigResource,
    pub(crate) schema: Arc<Schema>,
    pub(crate) provider: Arc<dyn Provider>,
    pub(crate) provider_config: ProviderConfig,
    pub(crate) create_before_destroy: bool,
    pub(crate) dependencies: Vec<ConfigResource>,
}

impl Block<'_> {
    fn report(&self, issues: &[provider::Issue], addr: &Instance, diags: &mut Diagnostics) {
        let place = (&self.declared.body, &self.schema.block, self.declared.span);
        objects::report(issues, Some(addr), Some(place), diags);
    }
}

impl Planning<'_> {
    /// Visits a resource: all of its instances in all instances of its module.
    pub(crate) async fn resource(&mut self, at: usize, resource: &ConfigResource) {
        let config = self.inputs.common.config;
        let Some(declared) = config
            .module(&resource.module)
            .and_then(|it| it.resources.get(&resource.resource))
        else {
            return;
        };
        let Some(provider_config) = providers::of_resource(config, &resource.module, declared)
        else {
            return;
        };
        let Some(provider) = self.live.get(&provider_config).cloned() else {
            return;
        };
        let Some(schema) = self
            .values
            .schemas
            .resource(&declared.provider_addr, &resource.resource)
            .cloned()
        else {
            return;
        };
        let block = Block {
            declared,
            resource,
            schema,
            provider,
            provider_config,
            create_before_destroy: self.create_before_destroy[at],
            dependencies: self.nodes.dependencies(self.nodes.dag.node(at)),
        };
        let mut asked = Vec::new();
        for module in self.values.instances_of(&resource.module) {
            for (key, each) in self.expanded(module, declared) {
                let addr = Instance {
                    module: self.values.modules[module].addr.clone(),
                    resource: resource.resource.clone(),
                    key,
                };
                self.desired.insert(addr.clone());
                asked.push((module, addr, each));
            }
        }
        match resource.resource.mode {
            addr::Mode::Managed => {
                let n_errors = self.diags.n_errors();
                self.imports_of(&block).await;
                if self.diags.n_errors() > n_errors {
                    // What could not be imported must not be created instead.
                    for (module, addr, _) in asked {
                        self.set_unknown(&block, module, &addr);
                    }
                    return;
                }
                self.managed_instances(&block, asked).await;
            }
            addr::Mode::Data => self.data_instances(&block, asked).await,
            addr::Mode::Ephemeral => {}
        }
    }

    /// The instances that a block asks for in one module instance; says so to the values.
    fn expanded(&mut self, module: usize, declared: &config::Resource) -> Vec<(Key, Each)> {
        let expansion = expand::expand(
            &declared.repetition,
            &self.values.at(module, &Each::None),
            false,
            &mut self.diags,
        );
        match expansion {
            Some(expansion) if expansion != Expansion::Unknown => {
                self.values.set_expanded(module, &declared.addr);
                expansion.instances()
            }
            _ => Vec::new(),
        }
    }

    async fn managed_instances(
        &mut self,
        block: &Block<'_>,
        instances: Vec<(usize, Instance, Each)>,
    ) {
        match self.inputs.mode {
            Mode::Normal => {}
            Mode::Destroy | Mode::RefreshOnly => {
                for (module, addr, _) in instances {
                    let current = self
                        .memory
                        .get(&addr)
                        .and_then(|it| it.current.as_ref())
                        .map(|it| it.value.clone());
                    let value = current.unwrap_or_else(|| Value::unknown(block.schema.block.ty()));
                    self.values
                        .set_instance(module, &addr.resource, &addr.key, value);
                }
                return;
            }
        }
        let mut asked = Vec::new();
        // An instance that all of them mention is planned before the others, and cannot be: it mentions itself.
        let mentioned = mentioned_instances(block);
        let blocked = instances
            .iter()
            .any(|(_, addr, _)| mentioned.contains(&addr.key));
        for (module, addr, each) in instances {
            if !self.is_targeted(&addr) {
                self.keep(block, module, &addr);
                continue;
            }
            if blocked && !mentioned.contains(&addr.key) {
                self.set_unknown(block, module, &addr);
                continue;
            }
            match self.ask(block, module, &addr, each) {
                Some(it) => asked.push((module, it)),
                None => self.set_unknown(block, module, &addr),
            }
        }
        let requests = asked
            .iter()
            .map(|(_, it)| planned(block, request(block, it)))
            .collect();
        let answers = live::all(self.inputs.common.parallelism, requests).await;
        let mut again = Vec::new();
        let mut decided = Vec::new();
        for ((module, asked), answer) in asked.into_iter().zip(answers) {
            let Some((request, answer)) = answer else {
                self.no_answer(&asked.addr);
                self.set_unknown(block, module, &asked.addr);
                continue;
            };
            match self.decide(block, &asked, &request, answer) {
                Some(it) if it.action.is_replace() && !request.prior.is_null() => {
                    again.push((module, asked, it));
                }
                Some(it) => decided.push((module, asked, it)),
                None => self.set_unknown(block, module, &asked.addr),
            }
        }
        // A replacement is planned once more, as a create: computed attributes will be new.
        let requests = again
            .iter()
            .map(|(_, it, _)| planned(block, create_request(block, it)))
            .collect();
        let answers = live::all(self.inputs.common.parallelism, requests).await;
        for ((module, asked, first), answer) in again.into_iter().zip(answers) {
            let Some((request, answer)) = answer else {
                self.no_answer(&asked.addr);
                continue;
            };
            match self.decide(block, &asked, &request, answer) {
                Some(second) => decided.push((
                    module,
                    asked,
                    Decision {
                        planned: second.planned,
                        private: second.private,
                        ..first
                    },
                )),
                None => self.set_unknown(block, module, &asked.addr),
            }
        }
        decided.sort_by(|(_, left, _), (_, right, _)| left.addr.cmp(&right.addr));
        for (module, asked, decision) in decided {
            self.settle(block, module, asked, decision);
        }
    }

    fn no_answer(&mut self, addr: &Instance) {
        let issue = provider::Issue::error(
            "Plugin did not respond",
            format!("The provider gave no answer for {addr}: it crashed."),
        );
        objects::report(&[issue], Some(addr), None, &mut self.diags);
    }

    /// An instance that targets leave out stays as it is.
    fn keep(&mut self, block: &Block<'_>, module: usize, addr: &Instance) {
        let current = self.memory.get(addr).and_then(|it| it.current.clone());
        let value = current.map_or_else(|| Value::unknown(block.schema.block.ty()), |it| it.value);
        self.values
            .set_instance(module, &addr.resource, &addr.key, value);
    }

    fn set_unknown(&mut self, block: &Block<'_>, module: usize, addr: &Instance) {
        let value = Value::unknown(block.schema.block.ty());
        self.values
            .set_instance(module, &addr.resource, &addr.key, value);
    }

    /// Evaluates what is needed to ask the provider; `None` where there are errors.
    fn ask(
        &mut self,
        block: &Block<'_>,
        module: usize,
        addr: &Instance,
        each: Each,
    ) -> Option<Asked> {
        let mut diags = Diagnostics::new();
        let scope = self.values.at(module, &each);
        if !block.declared.lifecycle.preconditions.is_empty() {
            let mut verdict = Verdict::pass();
            for rule in &block.declared.lifecycle.preconditions {
                verdict.add(checks::condition(
                    &block.resource.to_string(),
                    &self.values,
                    rule,
                    &scope,
                    &Kind::Precondition,
                    &mut diags,
                ));
            }
            self.checks.record(
                "resource",
                &block.resource.to_string(),
                &addr.to_string(),
                verdict,
            );
        }
        if !diags.has_errors() {
            self_references(block, addr, &mut diags);
        }
        if diags.has_errors() {
            self.diags.append(diags);
            return None;
        }
        let config = lang::decode::decode(
            &block.declared.body,
            &block.schema.block,
            &scope,
            &mut diags,
        );
        if !diags.has_errors() {
            no_ephemeral(
                (&block.declared.body, &block.schema.block),
                &addr.to_string(),
                &config,
                &mut diags,
            );
            no_infinite(block, addr, &config, &mut diags);
        }
        if !diags.has_errors() {
            let (plain, _) = walk::unmark_deep(&config);
            let issues = block
                .provider
                .validate_resource(&addr.resource.kind, &plain);
            block.report(&issues, addr, &mut diags);
        }
        let mut forced = self
            .inputs
            .force_replace
            .contains(addr)
            .then_some(ActionReason::ReplaceByRequest);
        if !diags.has_errors()
            && forced.is_none()
            && self.is_triggered(block.declared, module, &each, &mut diags)
        {
            forced = Some(ActionReason::ReplaceByTriggers);
        }
        let failed = diags.has_errors();
        self.diags.append(diags);
        if failed {
            return None;
        }
        Some(Asked {
            addr: addr.clone(),
            each,
            config,
            prior: self.memory.get(addr).and_then(|it| it.current.clone()),
            forced,
            importing: self.imports.importing(addr),
        })
    }

    /// What the answer of a provider means.
    fn decide(
        &mut self,
        block: &Block<'_>,
        asked: &Asked,
        request: &PlanRequest,
        answer: PlanResponse,
    ) -> Option<Decision> {
        block.report(&answer.issues, &asked.addr, &mut self.diags);
        if objects::has_errors(&answer.issues) {
            return None;
        }
        let planned = ignored(
            &block.declared.lifecycle.ignore_changes,
            &request.prior,
            answer.planned,
        );
        let breaches = provider::conform::plan_conforms(
            &block.schema.block,
            &request.prior,
            &request.config,
            &planned,
        );
        if !breaches.is_empty() {
            for it in breaches {
                let detail = format!(
                    "The provider {} planned an invalid value for {}{}: {}. This is a mistake of the provider, which should be told to its makers.",
                    block.provider_config.provider.for_display(),
                    asked.addr,
                    crate::variables::path_text(&it.path),
                    it.reason
                );
                self.diags.push(
                    Diagnostic::error(&code::PROVIDER_PLAN, detail)
                        .at(block.declared.span)
                        .about(asked.addr.to_string()),
                );
            }
            return None;
        }
        let tainted = asked
            .prior
            .as_ref()
            .is_some_and(|it| it.object.status == Status::Tainted);
        let replace = if block.create_before_destroy {
            Action::CreateThenDelete
        } else {
            Action::DeleteThenCreate
        };
        let same = planned.is_wholly_known() && ops::same(&request.prior, &planned);
        let replace_paths: Vec<Path> = answer
            .replace
            .into_iter()
            .filter(|path| {
                let (before, after) = (path.apply(&request.prior), path.apply(&planned));
                match (before, after) {
                    (Some(before), Some(after)) => {
                        !after.is_wholly_known() || !ops::same(&before, &after)
                    }
                    (before, after) => before.is_some() || after.is_some(),
                }
            })
            .collect();
        let (action, reason) = if request.prior.is_null() {
            if tainted {
                (replace, ActionReason::ReplaceBecauseTainted)
            } else {
                (Action::Create, ActionReason::None)
            }
        } else if let Some(reason) = asked.forced {
            (replace, reason)
        } else if same {
            (Action::NoOp, ActionReason::None)
        } else if !replace_paths.is_empty() {
            (replace, ActionReason::ReplaceBecauseCannotUpdate)
        } else {
            (Action::Update, ActionReason::None)
        };
        let reason = match reason {
            ActionReason::ReplaceByRequest if !replace_paths.is_empty() => reason,
            other => other,
        };
        Some(Decision {
            action,
            reason,
            planned,
            replace_paths,
            private: answer.private,
        })
    }

    /// Records a decision: the change, and the value that others see.
    fn settle(&mut self, block: &Block<'_>, module: usize, asked: Asked, mut decision: Decision) {
        let (_, config_marks) = walk::unmark_deep(&asked.config);
        let config_marks: Vec<(Path, Marks)> = config_marks
            .into_iter()
            .filter(|(path, marks)| {
                marks.has(Mark::Sensitive) && !block.schema.block.is_write_only(path)
            })
            .map(|(path, _)| (path, Marks::SENSITIVE))
            .collect();
        let after = objects::marked(&block.schema.block, &decision.planned, &config_marks);
        let ty = block.schema.block.ty();
        let before = asked
            .prior
            .as_ref()
            .map_or_else(|| Value::null(ty), |it| it.value.clone());
        if decision.action == Action::NoOp && !same_marks(&before, &after) {
            decision.action = Action::Update;
        }
        if decision.action.is_replace()
            && block
                .declared
                .lifecycle
                .prevent_destroy
                .is_some_and(|(it, _)| it)
        {
            self.cannot_destroy(&asked.addr, block.declared);
        }
        if !block.declared.lifecycle.postconditions.is_empty() {
            let scope = self.values.at(module, &asked.each).with_self(after.clone());
            let mut verdict = Verdict::pass();
            let mut diags = Diagnostics::new();
            for rule in &block.declared.lifecycle.postconditions {
                verdict.add(checks::condition(
                    &block.resource.to_string(),
                    &self.values,
                    rule,
                    &scope,
                    &Kind::Postcondition,
                    &mut diags,
                ));
            }
            self.diags.append(diags);
            self.checks.record(
                "resource",
                &block.resource.to_string(),
                &asked.addr.to_string(),
                verdict,
            );
        }
        self.values
            .set_instance(module, &asked.addr.resource, &asked.addr.key, after.clone());
        if decision.action != Action::NoOp {
            self.pending.insert(block.resource.clone());
        }
        let change = ResourceChange {
            previous: self
                .moved
                .get(&asked.addr)
                .cloned()
                .unwrap_or_else(|| asked.addr.clone()),
            addr: asked.addr.clone(),
            deposed: None,
            provider: block.provider_config.clone(),
            change: Change {
                action: decision.action,
                before,
                after,
            },
            reason: decision.reason,
            replace_paths: decision.replace_paths,
            importing: asked.importing,
            private: decision.private,
            dependencies: block.dependencies.clone(),
            create_before_destroy: block.create_before_destroy,
            at_stake: None,
            follow_up: None,
        };
        self.changes.insert((asked.addr, None), change);
    }
}

/// What is done to an instance.
pub(crate) struct Decision {
    action: Action,
    reason: ActionReason,
    planned: Value,
    replace_paths: Vec<Path>,
    private: provider::Private,
}

/// Whether two values are sensitive in the same places.
fn same_marks(left: &Value, right: &Value) -> bool {
    let marks = |it: &Value| {
        let (_, mut marks) = walk::unmark_deep(it);
        marks.retain(|(_, marks)| marks.has(Mark::Sensitive));
        marks
    };
    let (left, right) = (marks(left), marks(right));
    left.len() == right.len() && left.iter().all(|it| right.contains(it))
}

async fn ask_provider(
    provider: Arc<dyn Provider>,
    request: PlanRequest,
) -> (PlanRequest, PlanResponse) {
    let answer = provider.plan(request.clone()).await;
    (request, answer)
}

fn planned(
    block: &Block<'_>,
    request: PlanRequest,
) -> impl Future<Output = (PlanRequest, PlanResponse)> + Send + use<> {
    ask_provider(block.provider.clone(), request)
}

/// The request for an instance as it is: a tainted object is as good as none.
fn request(block: &Block<'_>, asked: &Asked) -> PlanRequest {
    match &asked.prior {
        Some(known) if known.object.status == Status::Ready => {
            let (prior, _) = walk::unmark_deep(&known.value);
            let (config, _) = walk::unmark_deep(&asked.config);
            let config = ignored(&block.declared.lifecycle.ignore_changes, &prior, config);
            PlanRequest {
                kind: asked.addr.resource.kind.to_string(),
                proposed: provider::propose::proposed(&block.schema.block, &prior, &config),
                prior,
                config,
                private: known.object.private.clone(),
            }
        }
        _ => create_request(block, asked),
    }
}

fn create_request(block: &Block<'_>, asked: &Asked) -> PlanRequest {
    let (config, _) = walk::unmark_deep(&asked.config);
    let prior = Value::null(block.schema.block.ty());
    PlanRequest {
        kind: asked.addr.resource.kind.to_string(),
        proposed: provider::propose::proposed(&block.schema.block, &prior, &config),
        prior,
        config,
        private: None,
    }
}

/// A value with what `ignore_changes` names taken from the prior object.
pub(crate) fn ignored(ignore: &IgnoreChanges, prior: &Value, value: Value) -> Value {
    if prior.is_null() || value.is_null() {
        return value;
    }
    match ignore {
        IgnoreChanges::None => value,
        IgnoreChanges::All => prior.clone(),
        IgnoreChanges::Some(list) => list.iter().fold(value, |value, traversal| {
            let mut path = vec![hcl::StepKind::Attr(traversal.root.name.clone())];
            path.extend(traversal.steps.iter().map(|it| it.kind.clone()));
            replaced(&value, prior, &path)
        }),
    }
}

/// A value with what stands at a path taken from another value; unchanged where the path leads nowhere.
fn replaced(value: &Value, prior: &Value, path: &[hcl::StepKind]) -> Value {
    let Some((first, rest)) = path.split_first() else {
        return prior.clone();
    };
    let (plain, marks) = value.peek();
    match first {
        hcl::StepKind::Attr(name) | hcl::StepKind::Key(name) => {
            let old = prior.get(name);
            let is_map = matches!(plain, value::Plain::Map(..));
            let Some(entries) = value.entries() else {
                return value.clone();
            };
            let mut entries = entries.clone();
            match (entries.get(name.as_str()).cloned(), old) {
                (Some(new), Some(old)) => {
                    entries.insert(name.as_str().into(), replaced(&new, &old, rest));
                }
                // A key of a map that came or went is as it was.
                (Some(_), None) if is_map && rest.is_empty() => {
                    entries.remove(name.as_str());
                }
                (None, Some(old)) if is_map && rest.is_empty() => {
                    entries.insert(name.as_str().into(), old);
                }
                (_, _) => return value.clone(),
            }
            match plain {
                value::Plain::Map(element, _) => {
                    Value::map((**element).clone(), entries).mark(marks)
                }
                _ => Value::object(entries).mark(marks),
            }
        }
        hcl::StepKind::Index(number) => {
            let (Ok(at), Some(new), Some(old)) =
                (number.parse::<usize>(), value.elements(), prior.elements())
            else {
                return value.clone();
            };
            let mut elements = new.to_vec();
            let (Some(element), Some(old)) = (elements.get_mut(at), old.get(at)) else {
                return value.clone();
            };
            *element = replaced(element, old, rest);
            match plain {
                value::Plain::List(ty, _) => Value::list((**ty).clone(), elements).mark(marks),
                value::Plain::Tuple(_) => Value::tuple(elements).mark(marks),
                _ => value.clone(),
            }
        }
    }
}

/// The keys of the block's own instances that its body mentions.
fn mentioned_instances(block: &Block<'_>) -> Vec<Key> {
    if matches!(block.declared.repetition, config::Repetition::None) {
        return Vec::new();
    }
    lang::refs::body_references(
        &block.declared.body,
        &block.schema.block,
        &mut Diagnostics::new(),
    )
    .into_iter()
    .filter_map(|it| match it.subject {
        addr::Subject::ResourceInstance(resource, key) if resource == block.resource.resource => {
            Some(key)
        }
        _ => None,
    })
    .collect()
}

/// An object cannot be made from itself.
fn self_references(block: &Block<'_>, addr: &Instance, diags: &mut Diagnostics) {
    let references = lang::refs::body_references(
        &block.declared.body,
        &block.schema.block,
        &mut Diagnostics::new(),
    );
    for it in references {
        let to_self = match &it.subject {
            addr::Subject::Resource(resource) => *resource == addr.resource,
            addr::Subject::ResourceInstance(resource, key) => {
                *resource == addr.resource && *key == addr.key
            }
            _ => false,
        };
        if !to_self {
            continue;
        }
        let detail = format!(
            "The configuration of {addr} uses {} itself, which does not exist before it is configured.",
            it.subject
        );
        diags.push(Diagnostic::error(&code::SELF_REFERENTIAL, detail).at(it.span));
        if addr.key == Key::None {
            // The reference says this once for the instance and once for its resource.
            let detail = format!(
                "This block declares {}. To repeat a value, put it into a local value and use that twice.",
                it.subject
            );
            diags.push(Diagnostic::error(&code::SELF_REFERENTIAL, detail).at(it.span));
        }
    }
}

/// What is stored must not hold what must not be stored.
pub(crate) fn no_ephemeral(
    (body, schema): (&hcl::Body, &provider::Block),
    addr: &str,
    config: &Value,
    diags: &mut Diagnostics,
) {
    if !config.deep_marks().has(Mark::Ephemeral) {
        return;
    }
    let (_, marks) = walk::unmark_deep(config);
    for (path, marks) in marks {
        if !marks.has(Mark::Ephemeral) || schema.is_write_only(&path) {
            continue;
        }
        let detail = format!(
            "The argument{} is stored in the state, and its value is ephemeral, which must not be stored. Only write-only arguments take ephemeral values.",
            crate::variables::path_text(&path).replacen('.', " ", 1)
        );
        diags.push(
            Diagnostic::error(&code::EPHEMERAL_ARGUMENT, detail)
                .at(lang::decode::locate(body, schema, &path))
                .about(addr),
        );
    }
}

/// The state is JSON, which has no infinite numbers: one would come back as null, and differ in each plan.
fn no_infinite(block: &Block<'_>, addr: &Instance, config: &Value, diags: &mut Diagnostics) {
    if let Some(path) = infinite(config) {
        let detail = format!(
            "The argument{} would be an infinite number, the result of a division by zero. It cannot be stored.",
            crate::variables::path_text(&path).replacen('.', " ", 1)
        );
        let body = &block.declared.body;
        let place = lang::decode::locate(body, &block.schema.block, &path);
        diags.push(
            Diagnostic::error(&code::INFINITE, detail)
                .at(place)
                .about(addr.to_string()),
        );
    }
}

/// Where in a value an infinite number is.
pub(crate) fn infinite(value: &Value) -> Option<Path> {
    let mut found = None;
    walk::visit(value, &mut |path, it| {
        if matches!(it.peek().0, Plain::Number(it) if it.is_infinite()) {
            found = Some(path.clone());
        }
        found.is_none()
    });
    found
}
