//! What is remembered, as it is now: decoded once a provider is there, and read again with one request a type.

use std::sync::Arc;

use addr::{DeposedKey, Instance, ObjectKey, ProviderConfig};
use diag::Diagnostics;
use plan::Mode;
use plan::event::{Event, Id};
use provider::{Provider, ReadRequest, ReadResponse};
use state::Object;
use value::{Marks, Path, walk};

use crate::objects;
use crate::planning::{Known, Planning};

/// One object to be read.
struct Reading {
    addr: Instance,
    deposed: Option<DeposedKey>,
    known: Known,
}

impl Planning<'_> {
    /// Decodes everything that a provider configuration manages, and reads it if asked to.
    pub(crate) async fn remember(&mut self, config: &ProviderConfig) {
        let resources = self.managed.get(config).cloned().unwrap_or_default();
        if resources.is_empty() {
            return;
        }
        let Some(provider) = self.live.get(config).cloned() else {
            return;
        };
        let mut readings: Vec<Reading> = Vec::new();
        for absolute in resources {
            let Some(resource) = self.state.resources.get(&absolute) else {
                continue;
            };
            let Some(schema) = provider
                .schema()
                .resources
                .get(&absolute.resource.kind)
                .cloned()
            else {
                self.no_such_type(&absolute.resource, config);
                continue;
            };
            let mut objects = Vec::new();
            for (key, instance) in &resource.instances {
                let addr = absolute.instance(key.clone());
                if let Some(it) = &instance.current {
                    objects.push((addr.clone(), None, it.clone()));
                }
                for (key, it) in &instance.deposed {
                    objects.push((addr.clone(), Some(key.clone()), it.clone()));
                }
            }
            for (addr, deposed, object) in objects {
                let mut diags = Diagnostics::new();
                let value = objects::decode(provider.as_ref(), &schema, &addr, &object, &mut diags);
                self.diags.append(diags);
                let Some(value) = value else {
                    continue;
                };
                let known = Known {
                    value: objects::marked(&schema.block, &value, &object.sensitive),
                    object,
                };
                let entry = self.memory.entry(addr.clone()).or_default();
                match &deposed {
                    None => {
                        entry.before = Some(known.clone());
                        entry.current = Some(known.clone());
                    }
                    Some(key) => {
                        entry.deposed.insert(key.clone(), known.clone());
                    }
                }
                // What is to be forgotten need not be asked for.
                let is_forgotten = self.inputs.mode == Mode::Normal && self.is_forgotten(&addr);
                if !is_forgotten {
                    provider.remembers(&addr.resource.kind, &value);
                }
                if self.inputs.refresh && self.is_targeted(&addr) && !is_forgotten {
                    readings.push(Reading {
                        addr,
                        deposed,
                        known,
                    });
                }
            }
        }
        if !readings.is_empty() {
            self.read_again(provider.as_ref(), config, readings).await;
        }
    }

    async fn read_again(
        &mut self,
        provider: &dyn Provider,
        config: &ProviderConfig,
        readings: Vec<Reading>,
    ) {
        let observer = self.inputs.common.observer;
        let mut readings = readings;
        readings.sort_by_cached_key(|it| (self.rank(&it.addr), it.addr.clone()));
        let requests = readings
            .iter()
            .map(|it| ReadRequest {
                kind: it.addr.resource.kind.to_string(),
                current: walk::unmark_deep(&it.known.value).0,
                private: it.known.object.private.clone(),
            })
            .collect();
        // All are read at once. People are told in the order of dependencies, as if one after another: those that need
        // nothing begin now, the others when what they need is there.
        let start = |it: &Reading| {
            let id = objects::id_of(&it.known.value);
            observer.event(Event::RefreshStart(
                &it.addr,
                it.deposed.as_ref(),
                id.as_ref().map(|(key, value)| Id { key, value }),
            ));
        };
        let ranks: Vec<usize> = readings.iter().map(|it| self.rank(&it.addr)).collect();
        let n_first = ranks
            .iter()
            .take_while(|it| ranks.first() == Some(*it))
            .count();
        readings.iter().take(n_first).for_each(start);
        let answers = provider.read_many(requests).await;
        for (at, (reading, answer)) in readings.into_iter().zip(answers).enumerate() {
            if at >= n_first {
                start(&reading);
            }
            let now = answer.object.as_ref().ok().and_then(Option::as_ref);
            let id = objects::id_of(now.unwrap_or(&reading.known.value));
            observer.event(Event::RefreshDone(
                &reading.addr,
                reading.deposed.as_ref(),
                id.as_ref().map(|(key, value)| Id { key, value }),
            ));
            self.read_done(provider, config, reading, answer);
        }
    }

    fn read_done(
        &mut self,
        provider: &dyn Provider,
        config: &ProviderConfig,
        reading: Reading,
        answer: ReadResponse,
    ) {
        let Reading {
            addr,
            deposed,
            known,
        } = reading;
        let declared = self
            .inputs
            .common
            .config
            .module(&addr.module.path())
            .and_then(|it| it.resources.get(&addr.resource));
        let schema = provider.schema().resources.get(&addr.resource.kind);
        let place = declared
            .zip(schema)
            .map(|(it, schema)| (&it.body, &schema.block, it.span));
        objects::report(&answer.issues, Some(&addr), place, &mut self.diags);
        let Ok(object) = answer.object else {
            if !objects::has_errors(&answer.issues) {
                let issue = provider::Issue::error(
                    "Object could not be read",
                    format!("The provider could not read {addr} and does not say why."),
                );
                objects::report(&[issue], Some(&addr), place, &mut self.diags);
            }
            return;
        };
        let Some(schema) = schema else {
            return;
        };
        let now = object.filter(|it| !it.is_null()).map(|value| {
            let (before, _) = walk::unmark_deep(&known.value);
            if known.object.schema_version == schema.version
                && known.object.private == answer.private
                && matches!(known.object.attributes, state::object::Attributes::Json(_))
                && value == before
            {
                return known.clone();
            }
            let value = objects::marked(&schema.block, &value, &known.object.sensitive);
            let object = Object {
                private: answer.private,
                ..objects::encode(
                    schema,
                    &value,
                    known.object.status,
                    None,
                    known.object.dependencies.clone(),
                    known.object.create_before_destroy,
                )
            };
            let object = Object {
                sensitive: kept_marks(&known.object.sensitive, &object.sensitive),
                identity: known.object.identity.clone(),
                ..object
            };
            Known {
                object: Arc::new(object),
                value,
            }
        });
        let key = deposed
            .clone()
            .map_or(ObjectKey::Current, ObjectKey::Deposed);
        let stored = now.as_ref().map(|it| it.object.clone());
        self.state.set_object(&addr, &key, config, stored);
        let entry = self.memory.entry(addr).or_default();
        match (deposed, now) {
            (None, now) => entry.current = now,
            (Some(key), Some(now)) => {
                entry.deposed.insert(key, now);
            }
            (Some(key), None) => {
                entry.deposed.remove(&key);
            }
        }
    }

    /// Where a resource stands in the order of the graph; those that are not declared come last.
    fn rank(&self, addr: &Instance) -> usize {
        let node = crate::nodes::Node::Resource(addr.config());
        self.nodes
            .dag
            .position(&node)
            .map_or(usize::MAX, |at| self.ranks[at])
    }

    fn no_such_type(&mut self, resource: &addr::Resource, config: &ProviderConfig) {
        let detail = format!(
            "The state holds objects of type {}, and the provider {} knows no such type. Use the version of the provider that made them, or remove them from the state.",
            resource.kind,
            config.provider.for_display()
        );
        self.diags
            .push(diag::Diagnostic::error(&crate::code::STATE_DECODE, detail));
    }
}

/// Where values are sensitive: as was remembered and as is now, without repetitions.
fn kept_marks(before: &[(Path, Marks)], now: &[(Path, Marks)]) -> Vec<(Path, Marks)> {
    let mut res = now.to_vec();
    for it in before {
        if !res.contains(it) {
            res.push(it.clone());
        }
    }
    res
}
