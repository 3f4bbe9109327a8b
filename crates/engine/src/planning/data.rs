//! Data sources: read while planning, or left to the apply with a reason.

use std::time::Duration;

use addr::{Instance, ObjectKey};
use diag::{Diagnostics, Severity};
use plan::event::{Event, Id};
use plan::{Action, ActionReason, Change, Mode, ResourceChange};
use provider::ReadDataRequest;
use state::Status;
use value::{Marks, Path, Value, walk};

use crate::checks::{self, Kind, Verdict};
use crate::expand::Each;
use crate::nodes::Node;
use crate::planning::Planning;
use crate::planning::resource::Block;
use crate::{live, objects};

/// One data source instance that can be read now.
struct Reading {
    module: usize,
    addr: Instance,
    each: Each,
    plain: Value,
    marks: Vec<(Path, Marks)>,
}

impl Planning<'_> {
    /// All instances of a data source.
    pub(crate) async fn data_instances(
        &mut self,
        block: &Block<'_>,
        instances: Vec<(usize, Instance, Each)>,
    ) {
        let pending = self.waits_for_changes(block);
        let mut readings = Vec::new();
        for (module, addr, each) in instances {
            if let Some(it) = self.data_instance(block, module, addr, each, pending) {
                readings.push(it);
            }
        }
        let observer = self.inputs.common.observer;
        let mut requests = Vec::new();
        for it in &readings {
            observer.event(Event::ReadStart(&it.addr));
            let request = ReadDataRequest {
                kind: it.addr.resource.kind.to_string(),
                config: it.plain.clone(),
            };
            let provider = block.provider.clone();
            requests.push(async move {
                let start = tokio::time::Instant::now();
                let answer = provider.read_data(request).await;
                (answer, start.elapsed())
            });
        }
        let answers = live::all(self.inputs.common.parallelism, requests).await;
        for (reading, answer) in readings.into_iter().zip(answers) {
            let (answer, elapsed) = answer.unwrap_or_else(|| {
                let issue = provider::Issue::error(
                    "Plugin did not respond",
                    "The provider gave no answer: it crashed.",
                );
                (Err(vec![issue]), Duration::ZERO)
            });
            self.data_read(block, reading, answer, elapsed);
        }
    }

    /// Whether something that the data source explicitly depends on will change.
    fn waits_for_changes(&self, block: &Block<'_>) -> bool {
        let config = self.inputs.common.config;
        let mut starts = Vec::new();
        let mut add = |path: &addr::ModulePath, list: &[hcl::Traversal]| {
            for it in list {
                let Some(reference) = addr::parse::reference(it, &mut Diagnostics::new()) else {
                    continue;
                };
                let node = match reference.subject {
                    addr::Subject::Resource(it) | addr::Subject::ResourceInstance(it, _) => {
                        Node::Resource(addr::ConfigResource {
                            module: path.clone(),
                            resource: it,
                        })
                    }
                    addr::Subject::Module(name) | addr::Subject::ModuleInstance(name, _) => {
                        Node::ModuleEnd(path.child(&name))
                    }
                    addr::Subject::Variable(name) => Node::Variable(path.clone(), name),
                    addr::Subject::Local(name) => Node::Local(path.clone(), name),
                    _ => continue,
                };
                starts.extend(self.nodes.dag.position(&node));
            }
        };
        add(&block.resource.module, &block.declared.depends_on);
        let mut path = block.resource.module.clone();
        while let Some((name, front)) = path.0.split_last() {
            let parent = addr::ModulePath(front.to_vec());
            let call = config.module(&parent).and_then(|it| it.calls.get(name));
            if let Some(call) = call {
                add(&parent, &call.depends_on);
            }
            path = parent;
        }
        if starts.is_empty() || self.pending.is_empty() {
            return false;
        }
        let closure = self.nodes.with_needs(starts);
        self.pending.iter().any(|it| {
            self.nodes
                .dag
                .position(&Node::Resource(it.clone()))
                .is_some_and(|at| closure[at])
        })
    }

    fn data_instance(
        &mut self,
        block: &Block<'_>,
        module: usize,
        addr: Instance,
        each: Each,
        pending: bool,
    ) -> Option<Reading> {
        let mut diags = Diagnostics::new();
        let scope = self.values.at(module, &each);
        let ty = block.schema.block.ty();
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
        let config = if diags.has_errors() {
            Value::unknown(ty.clone())
        } else {
            lang::decode::decode(
                &block.declared.body,
                &block.schema.block,
                &scope,
                &mut diags,
            )
        };
        if !block.declared.lifecycle.preconditions.is_empty() {
            self.checks.record(
                "resource",
                &block.resource.to_string(),
                &addr.to_string(),
                verdict,
            );
        }
        let (plain, marks) = walk::unmark_deep(&config);
        if !diags.has_errors() {
            let issues = block.provider.validate_data(&addr.resource.kind, &plain);
            let place = (
                &block.declared.body,
                &block.schema.block,
                block.declared.span,
            );
            objects::report(&issues, Some(&addr), Some(place), &mut diags);
        }
        let failed = diags.has_errors();
        self.diags.append(diags);
        if failed {
            self.values
                .set_instance(module, &addr.resource, &addr.key, Value::unknown(ty));
            return None;
        }
        let reason = if !plain.is_wholly_known() {
            Some(ActionReason::ReadBecauseConfigUnknown)
        } else if pending {
            Some(ActionReason::ReadBecauseDependencyPending)
        } else {
            None
        };
        let Some(reason) = reason else {
            return Some(Reading {
                module,
                addr,
                each,
                plain,
                marks,
            });
        };
        let after = walk::mark_paths(&unknown_object(&block.schema.block, &plain), &marks);
        let after = objects::marked(&block.schema.block, &after, &[]);
        self.values
            .set_instance(module, &addr.resource, &addr.key, after.clone());
        if self.inputs.mode == Mode::Normal {
            self.pending.insert(block.resource.clone());
            let change = read_change(block, &addr, Value::null(ty), after, reason);
            self.changes.insert((addr, None), change);
        }
        None
    }

    fn data_read(
        &mut self,
        block: &Block<'_>,
        reading: Reading,
        answer: Result<Value, Vec<provider::Issue>>,
        elapsed: Duration,
    ) {
        let Reading {
            module,
            addr,
            each,
            plain,
            marks,
        } = reading;
        let nested = block.declared.check.is_some();
        let ty = block.schema.block.ty();
        let value = match answer {
            // Providers give values without marks.
            Ok(value) => walk::unmark_deep(&value).0,
            Err(issues) => {
                let place = (
                    &block.declared.body,
                    &block.schema.block,
                    block.declared.span,
                );
                let mut diags = Diagnostics::new();
                objects::report(&issues, Some(&addr), Some(place), &mut diags);
                if nested {
                    as_warnings(&mut diags);
                    self.check_failed(block, &addr, &diags);
                }
                // What is destroyed is not checked.
                if !nested || self.inputs.mode != Mode::Destroy {
                    self.diags.append(diags);
                }
                let value = walk::mark_paths(&unknown_object(&block.schema.block, &plain), &marks);
                let value = objects::marked(&block.schema.block, &value, &[]);
                self.values
                    .set_instance(module, &addr.resource, &addr.key, value.clone());
                if nested && self.inputs.mode == Mode::Normal {
                    let change = read_change(
                        block,
                        &addr,
                        Value::null(ty),
                        value,
                        ActionReason::ReadBecauseCheckNested,
                    );
                    self.changes.insert((addr, None), change);
                }
                return;
            }
        };
        let value = objects::marked(&block.schema.block, &value, &marks);
        let id = objects::id_of(&value);
        self.inputs.common.observer.event(Event::ReadDone(
            &addr,
            id.as_ref().map(|(key, value)| Id { key, value }),
            elapsed,
        ));
        let mut diags = Diagnostics::new();
        if !block.declared.lifecycle.postconditions.is_empty() {
            let scope = self.values.at(module, &each).with_self(value.clone());
            let mut verdict = Verdict::pass();
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
            self.checks.record(
                "resource",
                &block.resource.to_string(),
                &addr.to_string(),
                verdict,
            );
        }
        self.diags.append(diags);
        let object = objects::encode(
            &block.schema,
            &value,
            Status::Ready,
            None,
            Vec::new(),
            false,
        );
        self.state.set_object(
            &addr,
            &ObjectKey::Current,
            &block.provider_config,
            Some(object.into()),
        );
        self.values
            .set_instance(module, &addr.resource, &addr.key, value.clone());
        if nested && self.inputs.mode == Mode::Normal {
            let change = read_change(
                block,
                &addr,
                value.clone(),
                value,
                ActionReason::ReadBecauseCheckNested,
            );
            self.changes.insert((addr, None), change);
        }
    }
}

impl Planning<'_> {
    /// The data source of a check could not be read.
    fn check_failed(&mut self, block: &Block<'_>, addr: &Instance, diags: &Diagnostics) {
        let Some(name) = &block.declared.check else {
            return;
        };
        let messages = diags
            .iter()
            .map(|it| format!("{}: {}", it.summary, it.detail))
            .collect();
        let dot = if addr.module.is_root() { "" } else { "." };
        self.checks.record(
            "check",
            &format!("{}{dot}check.{name}", block.resource.module),
            &format!("{}{dot}check.{name}", addr.module),
            Verdict {
                status: state::CheckStatus::Fail,
                messages,
            },
        );
    }
}

fn read_change(
    block: &Block<'_>,
    addr: &Instance,
    before: Value,
    after: Value,
    reason: ActionReason,
) -> ResourceChange {
    ResourceChange {
        addr: addr.clone(),
        previous: addr.clone(),
        deposed: None,
        provider: block.provider_config.clone(),
        change: Change {
            action: Action::Read,
            before,
            after,
        },
        reason,
        replace_paths: Vec::new(),
        importing: None,
        private: None,
        dependencies: block.dependencies.clone(),
        create_before_destroy: false,
        at_stake: None,
        follow_up: None,
    }
}

/// Inside a check, what goes wrong is a warning.
pub(crate) fn as_warnings(diags: &mut Diagnostics) {
    for it in diags.iter_mut() {
        it.severity = Severity::Warning;
    }
}

/// An object that is as configured, and unknown wherever the provider decides.
pub(crate) fn unknown_object(schema: &provider::Block, config: &Value) -> Value {
    let Some(entries) = config.entries() else {
        return Value::unknown(schema.ty());
    };
    Value::object(entries.iter().map(|(name, value)| {
        let value = match schema.attributes.get(name) {
            Some(it) if it.computed && value.is_null() => Value::unknown(it.ty()),
            _ => value.clone(),
        };
        (name.clone(), value)
    }))
}
