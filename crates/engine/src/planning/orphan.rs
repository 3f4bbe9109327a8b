//! Objects that the configuration does not ask for: deleted or forgotten, and why.

use addr::{Instance, Key};
use config::Repetition;
use plan::{Action, ActionReason, Change, Mode, ResourceChange};
use value::Value;

use crate::planning::{Known, Planning};
use crate::providers;

impl Planning<'_> {
    /// Plans the end of everything that is remembered and not asked for; in destroy mode, of everything.
    pub(crate) fn orphans(&mut self) {
        let destroy = self.inputs.mode == Mode::Destroy;
        let all: Vec<(Instance, addr::ProviderConfig)> = self
            .state
            .instances()
            .filter(|(addr, _, _)| addr.is_managed())
            .map(|(addr, resource, _)| (addr, resource.provider.clone()))
            .collect();
        for (addr, provider) in all {
            if !self.is_targeted(&addr) {
                continue;
            }
            let config = addr.config();
            let left_out = self.is_left_out(&config);
            if left_out && (!destroy || self.failed_resource(&config)) {
                continue;
            }
            let declared = self
                .inputs
                .common
                .config
                .module(&config.module)
                .and_then(|it| it.resources.get(&config.resource));
            let provider = declared
                .and_then(|it| {
                    providers::of_resource(self.inputs.common.config, &config.module, it)
                })
                .unwrap_or(provider);
            let Some(remembered) = self.memory.get(&addr).cloned() else {
                self.no_provider(&addr, &provider);
                continue;
            };
            for (key, known) in &remembered.deposed {
                let mut change = self.ending(&addr, &provider, known, ActionReason::None);
                change.deposed = Some(key.clone());
                self.changes
                    .insert((addr.clone(), Some(key.clone())), change);
            }
            if !destroy && self.desired.contains(&addr) {
                continue;
            }
            let Some(known) = &remembered.current else {
                continue;
            };
            let reason = if destroy {
                ActionReason::None
            } else {
                self.reason(&addr, declared)
            };
            let change = self.ending(&addr, &provider, known, reason);
            if change.change.action == Action::Delete
                && let Some(declared) = declared
                && declared.lifecycle.prevent_destroy.is_some_and(|(it, _)| it)
            {
                self.cannot_destroy(&addr, declared);
            }
            self.changes.insert((addr, None), change);
        }
        // Data sources that are not asked for are simply not remembered any more.
        let data: Vec<Instance> = self
            .state
            .instances()
            .filter(|(addr, _, _)| !addr.is_managed())
            .map(|(addr, _, _)| addr)
            .filter(|it| destroy || !self.desired.contains(it))
            .filter(|it| !self.is_left_out(&it.config()))
            .collect();
        for addr in data {
            let provider = addr::ProviderConfig {
                module: addr::ModulePath::root(),
                provider: addr::Provider::builtin(),
                alias: None,
            };
            self.state
                .set_object(&addr, &addr::ObjectKey::Current, &provider, None);
        }
    }

    fn failed_resource(&self, config: &addr::ConfigResource) -> bool {
        self.nodes
            .dag
            .position(&crate::nodes::Node::Resource(config.clone()))
            .is_some_and(|at| self.failed[at])
    }

    fn no_provider(&mut self, addr: &Instance, provider: &addr::ProviderConfig) {
        if self.live.has(provider) {
            // Its errors are reported.
            return;
        }
        let detail = format!(
            "The object {addr} is remembered as managed by {provider}, and that configuration is not there any more, so nothing can delete it. Put the provider block back until it is destroyed, or forget it with a removed block or `state rm`.",
        );
        self.diags.push(diag::Diagnostic::error(
            &crate::code::PROVIDER_NOT_PRESENT,
            detail,
        ));
    }

    /// The end of an object: a deletion, unless a `removed` block says to forget it.
    fn ending(
        &self,
        addr: &Instance,
        provider: &addr::ProviderConfig,
        known: &Known,
        reason: ActionReason,
    ) -> ResourceChange {
        let action = if self.inputs.mode != Mode::Destroy && self.is_forgotten(addr) {
            Action::Forget
        } else {
            Action::Delete
        };
        let node = crate::nodes::Node::Resource(addr.config());
        let declared_cbd = self
            .nodes
            .dag
            .position(&node)
            .map(|at| self.create_before_destroy[at]);
        ResourceChange {
            addr: addr.clone(),
            previous: self
                .moved
                .get(addr)
                .cloned()
                .unwrap_or_else(|| addr.clone()),
            deposed: None,
            provider: provider.clone(),
            change: Change {
                action,
                before: known.value.clone(),
                after: Value::null(known.value.ty()),
            },
            reason,
            replace_paths: Vec::new(),
            importing: None,
            private: known.object.private.clone(),
            dependencies: known.object.dependencies.clone(),
            create_before_destroy: declared_cbd.unwrap_or(known.object.create_before_destroy),
            at_stake: None,
            follow_up: None,
        }
    }

    /// Whether a `removed` block with `destroy = false` covers an instance.
    pub(crate) fn is_forgotten(&self, addr: &Instance) -> bool {
        let mut forgotten = self.forgotten.iter();
        forgotten.any(|(path, from)| crate::planning::moves::covers(path, from, addr))
    }

    fn reason(&self, addr: &Instance, declared: Option<&config::Resource>) -> ActionReason {
        let Some(declared) = declared else {
            return if self.moved.contains_key(addr) {
                ActionReason::DeleteBecauseNoMoveTarget
            } else {
                ActionReason::DeleteBecauseNoResourceConfig
            };
        };
        if self.values.module_at(&addr.module).is_none() {
            return ActionReason::DeleteBecauseNoModule;
        }
        match (&addr.key, &declared.repetition) {
            (Key::None, Repetition::Count(_) | Repetition::ForEach(_))
            | (Key::Int(_), Repetition::None | Repetition::ForEach(_))
            | (Key::Str(_), Repetition::None | Repetition::Count(_)) => {
                ActionReason::DeleteBecauseWrongRepetition
            }
            (Key::Int(_), Repetition::Count(_)) => ActionReason::DeleteBecauseCountIndex,
            (Key::Str(_), Repetition::ForEach(_)) => ActionReason::DeleteBecauseEachKey,
            (Key::None, Repetition::None) => ActionReason::None,
        }
    }
}
