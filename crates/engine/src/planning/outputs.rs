//! Outputs of the root module, before and after.

use std::collections::BTreeSet;
use std::sync::Arc;

use plan::{Action, Change, Drift, Mode, OutputChange, RelevantAttribute, ResourceChange};
use value::{Marks, Type, Value, ops, walk};

use crate::nodes::Node;
use crate::planning::{Known, Planning};

impl Planning<'_> {
    /// The changes of outputs, in the order of their names.
    pub(crate) fn outputs(&mut self) -> Vec<OutputChange> {
        let root = self.inputs.common.config.root();
        let mut names: BTreeSet<&Arc<str>> = root.outputs.keys().collect();
        names.extend(self.inputs.prior.outputs.keys());
        let mut res = Vec::new();
        for name in names {
            let declared = root
                .outputs
                .get(name)
                .filter(|_| self.inputs.mode != Mode::Destroy);
            let known = self.inputs.prior.outputs.get(name);
            let sensitive_before = known.is_some_and(|it| it.sensitive);
            let before = known.map_or_else(|| Value::null(Type::Dynamic), |it| it.value.clone());
            let node = Node::Output(addr::ModulePath::root(), name.clone());
            let left_out = self
                .nodes
                .dag
                .position(&node)
                .is_some_and(|at| !self.selected[at] || self.failed[at]);
            // A destruction of some objects leaves the outputs as they were; a plan of some, those that went.
            let is_kept = !self.inputs.targets.is_empty() && declared.is_none();
            if left_out || is_kept {
                continue;
            }
            let (after, sensitive_after) = match declared {
                None => (Value::null(Type::Dynamic), false),
                Some(it) => (
                    self.values.modules[0]
                        .outputs
                        .get(name)
                        .cloned()
                        .unwrap_or_else(Value::dynamic),
                    it.sensitive == Some(true),
                ),
            };
            let (plain, _) = walk::unmark_deep(&after);
            let same = plain.is_wholly_known() && ops::same(&before, &plain);
            let action = if declared.is_none() {
                Action::Delete
            } else if before.is_null() && plain.is_null() && plain.is_known() {
                Action::NoOp
            } else if known.is_none() {
                Action::Create
            } else if same && sensitive_before == sensitive_after {
                Action::NoOp
            } else {
                Action::Update
            };
            let sensitive = sensitive_before || sensitive_after;
            let marked = |it: Value, sensitive: bool| {
                if sensitive {
                    it.mark(Marks::SENSITIVE)
                } else {
                    it
                }
            };
            res.push(OutputChange {
                name: name.to_string(),
                change: Change {
                    action,
                    before: marked(before, sensitive_before),
                    after: marked(after, sensitive_after),
                },
                sensitive,
            });
        }
        res
    }

    /// What changed outside: what is, compared with what was remembered.
    pub(crate) fn drift(&self, relevant: &[RelevantAttribute]) -> Vec<Drift> {
        let index = crate::planning::relevant::index(relevant);
        let mut res = Vec::new();
        for (addr, it) in &self.memory {
            let Some(before) = &it.before else {
                continue;
            };
            let previous = self.moved.get(addr).cloned();
            let (action, after) = match &it.current {
                None => (Action::Delete, Value::null(before.value.ty())),
                Some(now) if same(before, now) => match previous {
                    Some(_) => (Action::NoOp, now.value.clone()),
                    None => continue,
                },
                Some(now) => (Action::Update, now.value.clone()),
            };
            let provider = self
                .state
                .resources
                .get(&addr.absolute())
                .or_else(|| self.inputs.prior.resources.get(&addr.absolute()))
                .map(|it| it.provider.clone());
            let Some(provider) = provider else {
                continue;
            };
            let change = ResourceChange {
                addr: addr.clone(),
                previous: previous.unwrap_or_else(|| addr.clone()),
                deposed: None,
                provider,
                change: Change {
                    action,
                    before: before.value.clone(),
                    after,
                },
                reason: plan::ActionReason::None,
                replace_paths: Vec::new(),
                importing: None,
                private: None,
                dependencies: Vec::new(),
                create_before_destroy: false,
                at_stake: None,
                follow_up: None,
            };
            let relevant = self.inputs.mode == Mode::RefreshOnly
                || crate::planning::relevant::concerns(&change, &index);
            res.push(Drift { change, relevant });
        }
        res
    }
}

fn same(before: &Known, now: &Known) -> bool {
    Arc::ptr_eq(&before.object, &now.object) || ops::same(&before.value, &now.value)
}
