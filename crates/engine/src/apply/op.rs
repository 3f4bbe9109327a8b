//! One operation: evaluated on the task that owns everything, sent to the provider beside it, recorded when it is back.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use addr::{DeposedKey, Instance, ObjectKey};
use diag::{Diagnostic, Diagnostics};
use plan::event::{Event, Id};
use plan::{Action, FollowUp, Op, OpKind, ResourceChange};
use provider::{
    ApplyRequest, ApplyResponse, FollowRequest, Issue, PlanRequest, PlanResponse, Private,
    Provider, ReadDataRequest, Schema,
};
use state::journal::Doing;
use state::object::Attributes;
use state::{Object, Status};
use tokio::time::Instant;
use value::{Mark, Marks, Path, Plain, Type, Value, walk};

use crate::apply::journal::Intended;
use crate::apply::provision::Provisioning;
use crate::apply::{Applying, PROGRESS};
use crate::checks::{self, Kind, Verdict};
use crate::expand::Each;
use crate::nodes::Node;
use crate::planning::resource::ignored;
use crate::schedule::End;
use crate::{code, objects};

/// A request to a provider.
pub(crate) type Requesting = Pin<Box<dyn Future<Output = Work> + Send>>;

/// What comes after a step of an operation.
pub(crate) enum Next {
    /// Nothing: it ended.
    Finished(End),
    /// A request to a provider, and then [`Applying::go_on`].
    Wait(Running, Requesting),
}

/// What a provider answered.
pub(crate) enum Work {
    /// The final plan.
    Planned(Box<(PlanRequest, PlanResponse)>),
    /// What was made.
    Applied(Box<ApplyResponse>),
    /// What a data source says.
    Read(Result<Value, Vec<Issue>>),
    /// How a provisioner ended.
    Provisioned(Result<(), String>),
    /// What was said of a follow-up; `None` where nobody waits for it any more.
    Followed(Option<Vec<Issue>>),
}

/// An operation that waits for its provider.
pub(crate) struct Running {
    pub(crate) action: Action,
    pub(crate) deposed: Option<DeposedKey>,
    pub(crate) id: Option<(&'static str, String)>,
    pub(crate) start: Instant,
    pub(crate) next_progress: Instant,
    pub(crate) addr: Instance,
    pub(crate) stage: Stage,
    /// The intent that is open while the request is under way.
    pub(crate) intent: Option<String>,
    /// Provisioners that are left, and the object that they are about.
    pub(crate) provisioning: Option<Provisioning>,
    /// What is done, where that comes after all changes of the object.
    pub(crate) follow_up: Option<FollowUp>,
}

/// What is needed when the answer is there.
pub(crate) struct Stage {
    pub(crate) provider: Arc<dyn Provider>,
    schema: Arc<Schema>,
    pub(crate) module: usize,
    pub(crate) each: Each,
    /// Without marks; null for a delete.
    config: Value,
    prior: Value,
    marks: Vec<(Path, Marks)>,
    /// The final plan.
    planned: Value,
}

impl Applying<'_> {
    /// Tells that an operation takes long.
    pub(crate) fn progress(&self, run: &Running, now: Instant) {
        let (addr, id, took) = (&run.addr, shown(run.id.as_ref()), now - run.start);
        self.inputs.common.observer.event(match &run.follow_up {
            Some(follow_up) => Event::FollowProgress(addr, follow_up, id, took),
            None => Event::ApplyProgress(addr, run.deposed.as_ref(), run.action, id, took),
        });
    }

    /// Begins an operation.
    pub(crate) async fn start(&mut self, op: &Op) -> Next {
        match &op.kind {
            OpKind::Join => Next::Finished(End::Done),
            OpKind::Depose(key) => {
                self.depose(&op.addr, key);
                Next::Finished(End::Done)
            }
            OpKind::Forget => {
                self.forget(op);
                Next::Finished(End::Done)
            }
            OpKind::Create => self.start_make(op, Action::Create).await,
            OpKind::Update => self.start_make(op, Action::Update).await,
            OpKind::Delete | OpKind::DeleteDeposed(_) => self.start_delete(op).await,
            OpKind::Read => self.start_read(op).await,
            OpKind::FollowUp => self.start_follow_up(op).await,
        }
    }

    /// Goes on with an operation whose provider has answered.
    pub(crate) async fn go_on(&mut self, op: &Op, run: Running, work: Work) -> Next {
        match work {
            Work::Planned(it) => self.planned(op, run, it.0, it.1),
            Work::Applied(it) if run.action == Action::Delete => self.deleted(op, run, *it),
            Work::Applied(it) => self.made(op, run, *it),
            Work::Read(answer) => self.read(op, run, answer),
            Work::Provisioned(result) => self.provisioned(op, run, result),
            Work::Followed(answer) => self.followed(op, &run, answer),
        }
    }

    fn depose(&mut self, addr: &Instance, key: &DeposedKey) {
        let Some(current) = self.state.current(addr).cloned() else {
            return;
        };
        let Some(provider) = self.provider_of(addr) else {
            return;
        };
        let deposed = ObjectKey::Deposed(key.clone());
        self.keep(addr, &deposed, &provider, Some(current));
        self.keep(addr, &ObjectKey::Current, &provider, None);
    }

    /// The creation failed and left nothing: what was set aside is current again.
    fn restore(&mut self, change: &ResourceChange) {
        if change.change.action != Action::CreateThenDelete
            || self.state.current(&change.addr).is_some()
        {
            return;
        }
        let key = self.plan.graph.ops.iter().find_map(|op| match &op.kind {
            OpKind::Depose(key) if op.addr == change.addr => Some(key.clone()),
            _ => None,
        });
        let Some(key) = key else {
            return;
        };
        let object = self
            .state
            .instance(&change.addr)
            .and_then(|it| it.deposed.get(&key))
            .cloned();
        if let Some(object) = object {
            self.keep(
                &change.addr,
                &ObjectKey::Current,
                &change.provider,
                Some(object),
            );
            self.keep(
                &change.addr,
                &ObjectKey::Deposed(key),
                &change.provider,
                None,
            );
        }
    }

    fn forget(&mut self, op: &Op) {
        let Some(change) = self.change_of(op) else {
            return;
        };
        let provider = change.provider.clone();
        let key = change
            .deposed
            .clone()
            .map_or(ObjectKey::Current, ObjectKey::Deposed);
        self.keep(&op.addr, &key, &provider, None);
    }

    fn provider_of(&self, addr: &Instance) -> Option<addr::ProviderConfig> {
        self.state
            .resources
            .get(&addr.absolute())
            .map(|it| it.provider.clone())
    }

    /// The configured provider of a change and the schema of its type.
    async fn provider(
        &mut self,
        change: &ResourceChange,
    ) -> Option<(Arc<dyn Provider>, Arc<Schema>)> {
        if !self.live.has(&change.provider) {
            match self
                .nodes
                .dag
                .position(&Node::Provider(change.provider.clone()))
            {
                Some(at) => {
                    if !self.ensure(at).await {
                        return None;
                    }
                }
                None => {
                    let mut diags = Diagnostics::new();
                    self.live
                        .configure(&self.values, &change.provider, &self.state, &mut diags)
                        .await;
                    self.diags.append(diags);
                }
            }
        }
        let provider = self.live.get(&change.provider)?.clone();
        let resource = &change.addr.resource;
        let schema = provider.schema();
        let schema = match resource.mode {
            addr::Mode::Managed => &schema.resources,
            addr::Mode::Data => &schema.data_sources,
            addr::Mode::Ephemeral => &schema.ephemeral,
        }
        .get(&resource.kind)?
        .clone();
        Some((provider, schema))
    }

    pub(crate) fn declared(&self, addr: &Instance) -> Option<&config::Resource> {
        self.inputs
            .common
            .config
            .module(&addr.module.path())?
            .resources
            .get(&addr.resource)
    }

    fn running(op: &Op, action: Action, before: &Value, stage: Stage) -> Running {
        let now = Instant::now();
        Running {
            action,
            deposed: match &op.kind {
                OpKind::DeleteDeposed(key) => Some(key.clone()),
                _ => None,
            },
            id: objects::id_of(before),
            start: now,
            next_progress: now + PROGRESS,
            addr: op.addr.clone(),
            stage,
            intent: None,
            provisioning: None,
            follow_up: None,
        }
    }

    /// Notes in the journal what is about to be done, so that it can be looked for if its outcome is lost.
    pub(crate) fn intend(&mut self, change: &ResourceChange, run: &mut Running, object: &Value) {
        let doing = match run.action {
            Action::Create => Doing::Create,
            Action::Delete => Doing::Delete,
            _ => Doing::Update,
        };
        let kind = &run.addr.resource.kind;
        let Some(identity) = run.stage.provider.identity(kind, object) else {
            return;
        };
        let has_provisioners = doing == Doing::Create
            && self.declared(&run.addr).is_some_and(|it| {
                let mut all = it.provisioners.iter();
                all.any(|it| !it.on_destroy)
            });
        let template = Object {
            status: if has_provisioners {
                Status::Tainted
            } else {
                Status::Ready
            },
            schema_version: run.stage.schema.version,
            attributes: Attributes::Json(Arc::new(serde_json::json!({}))),
            sensitive: Vec::new(),
            // One that is found again is followed up as one that was answered.
            private: change
                .follow_up
                .as_ref()
                .and_then(|_| run.stage.provider.note_due(None, true)),
            dependencies: change.dependencies.clone(),
            create_before_destroy: change.create_before_destroy,
            identity: None,
        };
        run.intent = Some(
            self.journal.intend(Intended {
                addr: run.addr.clone(),
                key: run
                    .deposed
                    .clone()
                    .map_or(ObjectKey::Current, ObjectKey::Deposed),
                provider: change.provider.clone(),
                doing,
                since: self.inputs.common.world.now().unwrap_or_default(),
                identity,
                template,
            }),
        );
    }

    /// An operation came to an end, and no object is another than before.
    fn ended(&mut self, intent: Option<String>) {
        if let Some(intent) = intent {
            self.journal.ended(intent);
        }
    }

    fn started(&mut self, run: &Running) {
        let (addr, deposed, action) = (run.addr.clone(), run.deposed.clone(), run.action);
        let (follow_up, id) = (run.follow_up.clone(), run.id.clone());
        self.announce(move |observer| {
            let id = shown(id.as_ref());
            observer.event(match &follow_up {
                Some(follow_up) => Event::FollowStart(&addr, follow_up, id),
                None => Event::ApplyStart(&addr, deposed.as_ref(), action, id),
            });
        });
    }

    pub(crate) fn failed(&mut self, run: &Running) {
        let (addr, deposed, action) = (run.addr.clone(), run.deposed.clone(), run.action);
        let (follow_up, took) = (run.follow_up.clone(), run.start.elapsed());
        self.announce(move |observer| {
            observer.event(match &follow_up {
                Some(follow_up) => Event::FollowFailed(&addr, follow_up, took),
                None => Event::ApplyFailed(&addr, deposed.as_ref(), action, took),
            });
        });
    }

    fn done(&mut self, run: &Running, now: &Value) {
        let (addr, deposed, action) = (run.addr.clone(), run.deposed.clone(), run.action);
        let (follow_up, took) = (run.follow_up.clone(), run.start.elapsed());
        let id = objects::id_of(now).or_else(|| run.id.clone());
        self.announce(move |observer| {
            let id = shown(id.as_ref());
            observer.event(match &follow_up {
                Some(follow_up) => Event::FollowDone(&addr, follow_up, id, took),
                None => Event::ApplyDone(&addr, deposed.as_ref(), action, id, took),
            });
        });
    }

    /// Evaluates the configuration again, over the results so far.
    async fn config_of(&mut self, op: &Op, schema: &Schema) -> Option<(usize, Each, Value)> {
        let node = self.nodes.dag.position(&Node::Resource(op.addr.config()))?;
        if !self.ensure(node).await {
            return None;
        }
        let (module, _) = self.place(op)?;
        let Some(each) = self.each.get(&op.addr).cloned() else {
            let detail = format!(
                "The instance {} was planned, and now the configuration does not ask for it. Plan again.",
                op.addr
            );
            self.diags
                .push(Diagnostic::error(&code::ALLOCATION, detail));
            return None;
        };
        let declared = self.declared(&op.addr)?.clone();
        let mut diags = Diagnostics::new();
        let scope = self.values.at(module, &each);
        if !declared.lifecycle.preconditions.is_empty() {
            let mut verdict = Verdict::pass();
            for rule in &declared.lifecycle.preconditions {
                verdict.add(checks::condition(
                    &op.addr.config().to_string(),
                    &self.values,
                    rule,
                    &scope,
                    &Kind::Precondition,
                    &mut diags,
                ));
            }
            self.checks.record(
                "resource",
                &op.addr.config().to_string(),
                &op.addr.to_string(),
                verdict,
            );
        }
        let config = if diags.has_errors() {
            Value::dynamic()
        } else {
            lang::decode::decode(&declared.body, &schema.block, &scope, &mut diags)
        };
        let failed = diags.has_errors();
        self.diags.append(diags);
        (!failed).then_some((module, each, config))
    }

    async fn start_make(&mut self, op: &Op, action: Action) -> Next {
        let failed = Next::Finished(End::Failed);
        let Some(change) = self.change_of(op).cloned() else {
            return failed;
        };
        let Some((provider, schema)) = self.provider(&change).await else {
            self.restore(&change);
            return failed;
        };
        let Some((module, each, config)) = self.config_of(op, &schema).await else {
            self.restore(&change);
            return failed;
        };
        let Some(declared) = self.declared(&op.addr) else {
            return failed;
        };
        let (config, marks) = walk::unmark_deep(&config);
        let prior = if action == Action::Update {
            walk::unmark_deep(&change.change.before).0
        } else {
            Value::null(schema.block.ty())
        };
        let merged = ignored(&declared.lifecycle.ignore_changes, &prior, config.clone());
        let request = PlanRequest {
            kind: op.addr.resource.kind.to_string(),
            proposed: provider::propose::proposed(&schema.block, &prior, &merged),
            prior: prior.clone(),
            config: merged.clone(),
            private: match action {
                // What the plan decided stands.
                Action::Create => change.private.clone(),
                _ => self.private(&op.addr),
            },
        };
        let before = if action == Action::Update {
            change.change.before.clone()
        } else {
            Value::null(Type::Dynamic)
        };
        let stage = Stage {
            provider: provider.clone(),
            schema,
            module,
            each,
            config: merged,
            prior,
            marks,
            planned: Value::null(Type::Dynamic),
        };
        let run = Self::running(op, action, &before, stage);
        let future = async move {
            let answer = provider.plan(request.clone()).await;
            Work::Planned(Box::new((request, answer)))
        };
        Next::Wait(run, Box::pin(future))
    }

    fn private(&self, addr: &Instance) -> Private {
        self.state.current(addr)?.private.clone()
    }

    /// The final plan is there: it must keep to what was planned before.
    fn planned(
        &mut self,
        op: &Op,
        mut run: Running,
        request: PlanRequest,
        answer: PlanResponse,
    ) -> Next {
        let Some(change) = self.change_of(op).cloned() else {
            return Next::Finished(End::Failed);
        };
        self.report(op, &run.stage, &answer.issues);
        let planned = match self.declared(&op.addr) {
            Some(it) => ignored(&it.lifecycle.ignore_changes, &request.prior, answer.planned),
            None => answer.planned,
        };
        let mut failed = objects::has_errors(&answer.issues);
        if !failed {
            let (promised, _) = walk::unmark_deep(&change.change.after);
            let breaches =
                provider::conform::applied_conforms(&run.stage.schema.block, &promised, &planned);
            failed = !breaches.is_empty();
            self.breaches(
                &change,
                &code::PROVIDER_FINAL_PLAN,
                "planned before and plans now do not agree",
                breaches,
            );
        }
        if failed {
            self.restore(&change);
            return Next::Finished(End::Failed);
        }
        let request = ApplyRequest {
            kind: request.kind,
            prior: request.prior,
            planned: planned.clone(),
            config: run.stage.config.clone(),
            private: answer.private,
        };
        run.stage.planned = planned;
        run.start = Instant::now();
        run.next_progress = run.start + PROGRESS;
        self.started(&run);
        self.intend(&change, &mut run, &request.planned);
        let provider = run.stage.provider.clone();
        Next::Wait(
            run,
            Box::pin(async move { Work::Applied(Box::new(provider.apply(request).await)) }),
        )
    }

    fn report(&mut self, op: &Op, stage: &Stage, issues: &[Issue]) {
        let mut diags = Diagnostics::new();
        let place = self
            .declared(&op.addr)
            .map(|it| (&it.body, &stage.schema.block, it.span));
        objects::report(issues, Some(&op.addr), place, &mut diags);
        self.diags.append(diags);
    }

    fn breaches(
        &mut self,
        change: &ResourceChange,
        code: &'static diag::Code,
        what: &str,
        breaches: Vec<provider::conform::Breach>,
    ) {
        let span = self.declared(&change.addr).map(|it| it.span);
        for it in breaches {
            let detail = format!(
                "What the provider {} {what} for {}{}: {}. This is a mistake of the provider, which should be told to its makers.",
                change.provider.provider.for_display(),
                change.addr,
                crate::variables::path_text(&it.path),
                it.reason
            );
            self.diags.push(
                Diagnostic::error(code, detail)
                    .at_opt(span)
                    .about(change.addr.to_string()),
            );
        }
    }

    /// An object was created or updated, or that failed.
    fn made(&mut self, op: &Op, mut run: Running, mut answer: ApplyResponse) -> Next {
        let Some(change) = self.change_of(op).cloned() else {
            return Next::Finished(End::Failed);
        };
        self.report(op, &run.stage, &answer.issues);
        let mut failed = objects::has_errors(&answer.issues);
        if !failed && answer.object.is_null() {
            failed = true;
            let detail = format!(
                "The provider {} says that it made {}, and gives no object. This is a mistake of the provider.",
                change.provider.provider.for_display(),
                op.addr
            );
            self.diags
                .push(Diagnostic::error(&code::PROVIDER_RESULT, detail).about(op.addr.to_string()));
        }
        let intent = run.intent.take();
        let stage = &run.stage;
        if !answer.object.is_wholly_known() {
            if !failed {
                failed = true;
                let detail = format!(
                    "After the change of {} the provider {} still does not know all of its attributes. This is a mistake of the provider. What is not known is stored as null.",
                    op.addr,
                    change.provider.provider.for_display()
                );
                self.diags.push(
                    Diagnostic::error(&code::PROVIDER_RESULT, detail)
                        .titled("Provider returned invalid result object after apply")
                        .about(op.addr.to_string()),
                );
            }
            answer.object = walk::rebuild(&answer.object, &mut |_, it| {
                if it.is_known() {
                    it
                } else {
                    Value::null(it.ty())
                }
            });
        }
        if !failed {
            let breaches = provider::conform::applied_conforms(
                &stage.schema.block,
                &stage.planned,
                &answer.object,
            );
            failed = !breaches.is_empty();
            self.breaches(
                &change,
                &code::PROVIDER_RESULT,
                "made is not what it had planned",
                breaches,
            );
        }
        if change.follow_up.is_some() {
            answer.private = stage.provider.note_due(answer.private, true);
        }
        let marks: Vec<(Path, Marks)> = stage
            .marks
            .iter()
            .filter(|(path, marks)| {
                marks.has(Mark::Sensitive) && !stage.schema.block.is_write_only(path)
            })
            .map(|(path, _)| (path.clone(), Marks::SENSITIVE))
            .collect();
        let value = objects::marked(&stage.schema.block, &answer.object, &marks);
        let provisioning = (run.action == Action::Create && !failed)
            .then(|| self.create_provisioners(op, &value))
            .flatten();
        // Until its provisioners have run it is not done: a process that is killed meanwhile must not leave it as if.
        let status = if run.action == Action::Create && (failed || provisioning.is_some()) {
            Status::Tainted
        } else if run.action == Action::Update && failed {
            self.state
                .current(&op.addr)
                .map_or(Status::Ready, |it| it.status)
        } else {
            Status::Ready
        };
        let object = (!answer.object.is_null()).then(|| {
            Arc::new(objects::encode(
                &stage.schema,
                &value,
                status,
                answer.private,
                change.dependencies.clone(),
                change.create_before_destroy,
            ))
        });
        let gone = object.is_none();
        if gone && answer.is_unclear && intent.is_some() {
            // The intent stays open: the next run looks for the object. What was set aside stays where it is, as the
            // place may be taken.
        } else if gone && failed && run.action == Action::Update {
            self.ended(intent);
        } else {
            let current = ObjectKey::Current;
            self.keep_outcome(&op.addr, &current, &change.provider, object, intent);
            if gone {
                self.restore(&change);
            }
        }
        if failed {
            self.failed(&run);
            return Next::Finished(End::Failed);
        }
        self.values
            .set_instance(stage.module, &op.addr.resource, &op.addr.key, value.clone());
        if let Some(provisioning) = provisioning {
            run.provisioning = Some(provisioning);
            return self.provision(op, run);
        }
        self.settled(op, &run, &value)
    }

    /// An object is as configured, and its provisioners have run.
    pub(crate) fn settled(&mut self, op: &Op, run: &Running, value: &Value) -> Next {
        self.done(run, value);
        match run.action {
            Action::Create => self.counts.added += 1,
            _ => self.counts.changed += 1,
        }
        let holds = self.postconditions(op, run.stage.module, &run.stage.each, value);
        Next::Finished(if holds { End::Done } else { End::Failed })
    }

    fn postconditions(&mut self, op: &Op, module: usize, each: &Each, value: &Value) -> bool {
        let rules = self
            .declared(&op.addr)
            .map(|it| it.lifecycle.postconditions.clone())
            .unwrap_or_default();
        if rules.is_empty() {
            return true;
        }
        let mut diags = Diagnostics::new();
        let mut verdict = Verdict::pass();
        let scope = self.values.at(module, each).with_self(value.clone());
        for rule in &rules {
            verdict.add(checks::condition(
                &op.addr.config().to_string(),
                &self.values,
                rule,
                &scope,
                &Kind::Postcondition,
                &mut diags,
            ));
        }
        self.checks.record(
            "resource",
            &op.addr.config().to_string(),
            &op.addr.to_string(),
            verdict,
        );
        let holds = !diags.has_errors();
        self.diags.append(diags);
        holds
    }

    async fn start_delete(&mut self, op: &Op) -> Next {
        let Some(change) = self.change_of(op).cloned() else {
            return Next::Finished(End::Failed);
        };
        let Some((provider, schema)) = self.provider(&change).await else {
            return Next::Finished(End::Failed);
        };
        let object = match &op.kind {
            OpKind::DeleteDeposed(key) => self
                .state
                .instance(&op.addr)
                .and_then(|it| it.deposed.get(key)),
            _ => self.state.current(&op.addr),
        };
        // Gone already: the creation failed, and what was set aside is current again.
        let Some(object) = object.cloned() else {
            return Next::Finished(End::Done);
        };
        let (prior, _) = walk::unmark_deep(&change.change.before);
        let null = Value::null(schema.block.ty());
        let request = ApplyRequest {
            kind: op.addr.resource.kind.to_string(),
            prior: prior.clone(),
            planned: null.clone(),
            config: null.clone(),
            private: object.private.clone(),
        };
        let stage = Stage {
            provider: provider.clone(),
            schema,
            module: 0,
            each: Each::None,
            config: null.clone(),
            prior,
            marks: Vec::new(),
            planned: null,
        };
        let mut run = Self::running(op, Action::Delete, &change.change.before, stage);
        self.started(&run);
        let tainted = object.status == Status::Tainted;
        run.provisioning = Some(self.destroy_provisioners(op, &change, request, tainted));
        self.provision(op, run)
    }

    fn deleted(&mut self, op: &Op, mut run: Running, answer: ApplyResponse) -> Next {
        let Some(change) = self.change_of(op).cloned() else {
            return Next::Finished(End::Failed);
        };
        self.report(op, &run.stage, &answer.issues);
        let mut failed = objects::has_errors(&answer.issues);
        if !failed && !answer.object.is_null() {
            failed = true;
            let detail = format!(
                "The provider {} says that it destroyed {}, and still gives an object. This is a mistake of the provider.",
                change.provider.provider.for_display(),
                op.addr
            );
            self.diags
                .push(Diagnostic::error(&code::PROVIDER_RESULT, detail).about(op.addr.to_string()));
        }
        let key = match &op.kind {
            OpKind::DeleteDeposed(key) => ObjectKey::Deposed(key.clone()),
            _ => ObjectKey::Current,
        };
        if failed {
            if !answer.object.is_null() && answer.object != run.stage.prior {
                self.half_deleted(op, &change, &run, &key, &answer);
            }
            self.ended(run.intent.take());
            self.failed(&run);
            return Next::Finished(End::Failed);
        }
        let provider = self
            .provider_of(&op.addr)
            .unwrap_or_else(|| change.provider.clone());
        let ends = run.intent.take();
        self.keep_outcome(&op.addr, &key, &provider, None, ends);
        self.done(&run, &run.stage.prior);
        self.counts.destroyed += 1;
        Next::Finished(End::Done)
    }

    /// A deletion failed and left something else than there was.
    fn half_deleted(
        &mut self,
        op: &Op,
        change: &ResourceChange,
        run: &Running,
        key: &ObjectKey,
        answer: &ApplyResponse,
    ) {
        let known = match key {
            ObjectKey::Current => self.state.current(&op.addr).cloned(),
            ObjectKey::Deposed(key) => self
                .state
                .instance(&op.addr)
                .and_then(|it| it.deposed.get(key).cloned()),
        };
        let Some(known) = known.filter(|_| answer.object.is_wholly_known()) else {
            return;
        };
        let schema = &run.stage.schema;
        let value = objects::marked(&schema.block, &answer.object, &known.sensitive);
        let object = objects::encode(
            schema,
            &value,
            known.status,
            answer.private.clone(),
            known.dependencies.clone(),
            known.create_before_destroy,
        );
        self.keep(&op.addr, key, &change.provider, Some(object.into()));
    }

    /// Notes for each object that is there already, and is to be followed up, that this is due: parts of it may change
    /// before, and a run that ends in between must leave it to the next one.
    pub(crate) fn note_due(&mut self) {
        let plan = self.plan;
        for change in &plan.changes {
            let stays = matches!(change.change.action, Action::NoOp | Action::Update);
            if change.follow_up.is_none() || !stays {
                continue;
            }
            // Its own configuration may not be known yet, and is not needed for a note.
            if let Some(provider) = self.values.schemas.provider(&change.provider.provider) {
                let provider = provider.clone();
                self.note(change, provider.as_ref(), true);
            }
        }
    }

    /// Notes with an object that its follow-up is due, or is not.
    fn note(&mut self, change: &ResourceChange, provider: &dyn Provider, is_due: bool) {
        let Some(object) = self.state.current(&change.addr).cloned() else {
            return;
        };
        let mut noted = (*object).clone();
        noted.private = provider.note_due(noted.private, is_due);
        if noted != *object {
            let noted = Some(Arc::new(noted));
            self.keep(&change.addr, &ObjectKey::Current, &change.provider, noted);
        }
    }

    async fn start_follow_up(&mut self, op: &Op) -> Next {
        let failed = Next::Finished(End::Failed);
        let Some(change) = self.change_of(op).cloned() else {
            return failed;
        };
        let Some(follow_up) = change.follow_up.clone() else {
            return failed;
        };
        let Some((provider, schema)) = self.provider(&change).await else {
            return failed;
        };
        let Some(object) = self.state.current(&op.addr).cloned() else {
            return failed;
        };
        let mut diags = Diagnostics::new();
        let value = objects::decode(provider.as_ref(), &schema, &op.addr, &object, &mut diags);
        self.diags.append(diags);
        let Some(value) = value else {
            return failed;
        };
        let hidden = object
            .sensitive
            .iter()
            .filter_map(|(path, _)| path.apply(&value));
        let mut secrets = Vec::new();
        hidden.for_each(|it| texts(&it, &mut secrets));
        let request = FollowRequest {
            kind: op.addr.resource.kind.to_string(),
            object: value.clone(),
            secrets,
            private: object.private.clone(),
        };
        let stage = Stage {
            provider: provider.clone(),
            schema,
            module: 0,
            each: Each::None,
            config: Value::null(Type::Dynamic),
            prior: Value::null(Type::Dynamic),
            marks: Vec::new(),
            planned: Value::null(Type::Dynamic),
        };
        let mut run = Self::running(op, Action::NoOp, &value, stage);
        run.follow_up = Some(follow_up);
        self.started(&run);
        let mut left = self.left.subscribe();
        let future = async move {
            tokio::select! {
                biased;
                answer = provider.follow(request) => Work::Followed(Some(answer)),
                _ = left.wait_for(|it| *it) => Work::Followed(None),
            }
        };
        Next::Wait(run, Box::pin(future))
    }

    fn followed(&mut self, op: &Op, run: &Running, answer: Option<Vec<Issue>>) -> Next {
        let Some((change, follow_up)) = self.change_of(op).cloned().zip(run.follow_up.clone())
        else {
            return Next::Finished(End::Failed);
        };
        let Some(issues) = answer else {
            let detail = format!(
                "{} was being {} when this was stopped. Nobody waits for it any more; what was started goes on by itself. Because its outcome is not known, the next apply does it once more.",
                op.addr,
                follow_up.participle()
            );
            self.diags.push(
                Diagnostic::warning(&code::FOLLOW_UP_LEFT, detail).about(op.addr.to_string()),
            );
            self.failed(run);
            return Next::Finished(End::Failed);
        };
        self.report(op, &run.stage, &issues);
        if objects::has_errors(&issues) {
            self.failed(run);
            return Next::Finished(End::Failed);
        }
        self.note(&change, run.stage.provider.as_ref(), false);
        self.done(run, &run.stage.prior);
        Next::Finished(End::Done)
    }

    async fn start_read(&mut self, op: &Op) -> Next {
        let failed = Next::Finished(End::Failed);
        let Some(change) = self.change_of(op).cloned() else {
            return failed;
        };
        let Some((provider, schema)) = self.provider(&change).await else {
            return failed;
        };
        let Some((module, each, config)) = self.config_of(op, &schema).await else {
            return failed;
        };
        let (config, marks) = walk::unmark_deep(&config);
        let request = ReadDataRequest {
            kind: op.addr.resource.kind.to_string(),
            config: config.clone(),
        };
        let stage = Stage {
            provider: provider.clone(),
            schema,
            module,
            each,
            config,
            prior: Value::null(Type::Dynamic),
            marks,
            planned: Value::null(Type::Dynamic),
        };
        let run = Self::running(op, Action::Read, &Value::null(Type::Dynamic), stage);
        self.started(&run);
        Next::Wait(
            run,
            Box::pin(async move { Work::Read(provider.read_data(request).await) }),
        )
    }

    /// Records that the data source of a check could not be read; what was said of it begins at a place in the list.
    fn check_failed(&mut self, op: &Op, from: usize) {
        let Some(name) = self.declared(&op.addr).and_then(|it| it.check.clone()) else {
            return;
        };
        let said = self.diags.iter().skip(from);
        let verdict = Verdict {
            status: state::CheckStatus::Fail,
            messages: said
                .map(|it| format!("{}: {}", it.summary, it.detail))
                .collect(),
        };
        let dot = if op.addr.module.is_root() { "" } else { "." };
        self.checks.record(
            "check",
            &format!("{}{dot}check.{name}", op.addr.module.path()),
            &format!("{}{dot}check.{name}", op.addr.module),
            verdict,
        );
    }

    fn read(&mut self, op: &Op, run: Running, answer: Result<Value, Vec<Issue>>) -> Next {
        let Some(change) = self.change_of(op).cloned() else {
            return Next::Finished(End::Failed);
        };
        let nested = self.declared(&op.addr).is_some_and(|it| it.check.is_some());
        let stage = &run.stage;
        match answer {
            Ok(value) => {
                let (value, _) = walk::unmark_deep(&value);
                let value = objects::marked(&stage.schema.block, &value, &stage.marks);
                let object = objects::encode(
                    &stage.schema,
                    &value,
                    Status::Ready,
                    None,
                    Vec::new(),
                    false,
                );
                self.keep(
                    &op.addr,
                    &ObjectKey::Current,
                    &change.provider,
                    Some(object.into()),
                );
                self.values.set_instance(
                    stage.module,
                    &op.addr.resource,
                    &op.addr.key,
                    value.clone(),
                );
                self.done(&run, &value);
                let holds = self.postconditions(op, stage.module, &stage.each, &value);
                Next::Finished(if holds { End::Done } else { End::Failed })
            }
            Err(issues) => {
                let n = self.diags.len();
                self.report(op, &run.stage, &issues);
                if nested {
                    for it in self.diags.iter_mut().skip(n) {
                        it.severity = diag::Severity::Warning;
                    }
                    self.check_failed(op, n);
                    // What it was asked for is remembered, with nothing that it would have told.
                    let stage = &run.stage;
                    let value = objects::marked(&stage.schema.block, &stage.config, &stage.marks);
                    let object = objects::encode(
                        &stage.schema,
                        &value,
                        Status::Ready,
                        None,
                        Vec::new(),
                        false,
                    );
                    let current = ObjectKey::Current;
                    self.keep(&op.addr, &current, &change.provider, Some(object.into()));
                }
                self.failed(&run);
                Next::Finished(if nested { End::Done } else { End::Failed })
            }
        }
    }
}

/// The texts in a value.
fn texts(value: &Value, res: &mut Vec<String>) {
    walk::visit(value, &mut |_, it| {
        if let Plain::String(text) = it.peek().0 {
            res.push(text.to_string());
        }
        true
    });
}

/// The name and value by which an object is told from others.
fn shown<'a>(id: Option<&'a (&'static str, String)>) -> Option<Id<'a>> {
    id.map(|(key, value)| Id { key, value })
}
