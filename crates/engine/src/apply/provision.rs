//! Provisioners: run after a creation and before a destruction, one after another.

use std::sync::Arc;

use addr::{Key, ObjectKey};
use diag::{Diagnostic, Diagnostics};
use plan::event::Event;
use plan::{Op, OpKind, ResourceChange};
use provider::ApplyRequest;
use state::{Object, Status};
use value::{Mark, Type, Value, walk};

use crate::apply::op::{Next, Running, Work};
use crate::apply::{Applying, Said};
use crate::expand::Each;
use crate::schedule::End;
use crate::{ProvisionRequest, code};

/// Provisioners that are left, and the object that they are about.
pub(crate) struct Provisioning {
    /// The next one is the last.
    left: Vec<config::Provisioner>,
    /// The one that runs.
    current: Option<config::Provisioner>,
    object: Value,
    /// The module instance in whose terms they are written.
    module: usize,
    each: Each,
    /// A destruction that comes after them.
    then: Option<ApplyRequest>,
}

impl Applying<'_> {
    /// What is to be run after a creation.
    pub(crate) fn create_provisioners(&self, op: &Op, object: &Value) -> Option<Provisioning> {
        let declared = self.declared(&op.addr)?;
        let mut left: Vec<config::Provisioner> = declared
            .provisioners
            .iter()
            .filter(|it| !it.on_destroy)
            .cloned()
            .collect();
        if left.is_empty() {
            return None;
        }
        left.reverse();
        Some(Provisioning {
            left,
            current: None,
            object: object.clone(),
            module: self.values.module_at(&op.addr.module)?,
            each: self.each.get(&op.addr).cloned().unwrap_or(Each::None),
            then: None,
        })
    }

    /// What is to be run before a destruction, and the destruction itself. Tainted and deposed objects are destroyed
    /// without.
    pub(crate) fn destroy_provisioners(
        &self,
        op: &Op,
        change: &ResourceChange,
        request: ApplyRequest,
        tainted: bool,
    ) -> Provisioning {
        let config = self.inputs.common.config;
        let mut left: Vec<config::Provisioner> = Vec::new();
        let mut module = self.values.module_at(&op.addr.module).unwrap_or(0);
        if op.kind == OpKind::Delete && !tainted {
            if let Some(declared) = self.declared(&op.addr) {
                left.extend(
                    declared
                        .provisioners
                        .iter()
                        .filter(|it| it.on_destroy)
                        .cloned(),
                );
            }
            for (path, outer) in &config.modules {
                for it in &outer.removed {
                    if crate::planning::moves::covers(path, &it.from, &op.addr) {
                        left.extend(it.provisioners.iter().cloned());
                        module = self.values.instances_of(path).first().copied().unwrap_or(0);
                    }
                }
            }
        }
        left.reverse();
        Provisioning {
            left,
            current: None,
            object: change.change.before.clone(),
            module,
            each: match &op.addr.key {
                Key::None => Each::None,
                Key::Int(at) => Each::Count(Value::from(i64::try_from(*at).unwrap_or(i64::MAX))),
                Key::Str(key) => Each::ForEach(Value::from(&**key), Value::dynamic()),
            },
            then: Some(request),
        }
    }

    /// Runs the next provisioner, or goes on with what comes after them.
    pub(crate) fn provision(&mut self, op: &Op, mut run: Running) -> Next {
        let Some(mut provisioning) = run.provisioning.take() else {
            return Next::Finished(End::Failed);
        };
        let Some(next) = provisioning.left.pop() else {
            let Some(request) = provisioning.then else {
                let object = provisioning.object;
                self.keep_ready(op);
                return self.settled(op, &run, &object);
            };
            if let Some(change) = self.change_of(op).cloned() {
                self.intend(&change, &mut run, &request.prior);
            }
            let provider = run.stage.provider.clone();
            return Next::Wait(
                run,
                Box::pin(async move { Work::Applied(Box::new(provider.apply(request).await)) }),
            );
        };
        let kind = next.kind.name.to_string();
        let provisioners = self.inputs.common.provisioners;
        let mut diags = Diagnostics::new();
        let mut config = Value::null(Type::Dynamic);
        match provisioners.schema(&kind) {
            None => diags.push(
                Diagnostic::error(
                    &code::PROVISIONER_UNKNOWN,
                    format!("There is no provisioner \"{kind}\"."),
                )
                .at(next.span),
            ),
            Some(schema) => {
                let scope = self
                    .values
                    .at(provisioning.module, &provisioning.each)
                    .with_self(provisioning.object.clone());
                config = lang::decode::decode(&next.body, &schema, &scope, &mut diags);
            }
        }
        let failed = diags.has_errors();
        self.diags.append(diags);
        provisioning.current = Some(next);
        run.provisioning = Some(provisioning);
        if failed {
            return self.provisioner_failed(&run);
        }
        let marks = config.deep_marks();
        let secret = [
            (Mark::Sensitive, "sensitive"),
            (Mark::Ephemeral, "ephemeral"),
        ]
        .into_iter()
        .find(|(it, _)| marks.has(*it));
        let (config, _) = walk::unmark_deep(&config);
        let said = self.said.clone();
        let (addr, name) = (op.addr.clone(), kind.clone());
        let say = move |line: String| {
            // Nobody listens any more only when the walk is over.
            let _ = said.send(Said {
                addr: addr.clone(),
                kind: name.clone(),
                line,
            });
        };
        let (addr, name) = (op.addr.clone(), kind.clone());
        self.announce(move |observer| observer.event(Event::ProvisionStart(&addr, &name)));
        let output: Box<dyn Fn(String) + Send + Sync> = if let Some((_, what)) = secret {
            // A line for each line, as readers of logs count on.
            Box::new(move |_| {
                say(format!("(output suppressed due to {what} value in config)"));
            })
        } else {
            Box::new(say)
        };
        let answer = provisioners.run(ProvisionRequest {
            kind,
            config,
            output,
        });
        Next::Wait(
            run,
            Box::pin(async move { Work::Provisioned(answer.await) }),
        )
    }

    /// A provisioner ended.
    pub(crate) fn provisioned(
        &mut self,
        op: &Op,
        run: Running,
        result: Result<(), String>,
    ) -> Next {
        let current = run.provisioning.as_ref().and_then(|it| it.current.clone());
        let Some(current) = current else {
            return Next::Finished(End::Failed);
        };
        let kind = current.kind.name.to_string();
        let (addr, name, is_done) = (op.addr.clone(), kind.clone(), result.is_ok());
        self.announce(move |observer| {
            observer.event(if is_done {
                Event::ProvisionDone(&addr, &name)
            } else {
                Event::ProvisionFailed(&addr, &name)
            });
        });
        if let Err(reason) = result
            && !current.continue_on_failure
        {
            self.diags.push(
                Diagnostic::error(&code::PROVISIONER, reason)
                    .titled(format!("{kind} provisioner error"))
                    .at(current.span)
                    .about(op.addr.to_string()),
            );
            return self.provisioner_failed(&run);
        }
        self.provision(op, run)
    }

    /// A created object whose provisioner failed stays tainted; one to be destroyed stays as it is.
    fn provisioner_failed(&mut self, run: &Running) -> Next {
        self.failed(run);
        Next::Finished(End::Failed)
    }

    /// Keeps a created object as ready: its provisioners have run.
    fn keep_ready(&mut self, op: &Op) {
        let Some(object) = self.state.current(&op.addr).cloned() else {
            return;
        };
        let resource = self.state.resources.get(&op.addr.absolute());
        let Some(provider) = resource.map(|it| it.provider.clone()) else {
            return;
        };
        let object = Object {
            status: Status::Ready,
            ..(*object).clone()
        };
        let object = Some(Arc::new(object));
        self.keep(&op.addr, &ObjectKey::Current, &provider, object);
    }
}
