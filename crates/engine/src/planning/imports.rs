//! `import` blocks: objects that exist already and become managed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use addr::{ConfigResource, Instance, ObjectKey, ProviderConfig};
use config::Config;
use diag::{Diagnostic, Diagnostics, Span};
use plan::event::{Event, Id};
use plan::{Importing, Mode};
use provider::{ImportRequest, ImportedObject, Issue, Provider, ReadRequest, ReadResponse, Schema};
use state::Status;
use value::{Mark, Type, Value, convert};

use crate::expand::Each;
use crate::planning::resource::Block;
use crate::planning::trigger::{address, parts};
use crate::planning::{Known, Planning};
use crate::{code, objects};

/// The `import` blocks by the resource that they name, and what they found.
pub(crate) struct Imports<'a> {
    by_resource: BTreeMap<ConfigResource, Vec<&'a config::Import>>,
    found: BTreeMap<Instance, Importing>,
    /// What was read ahead, by provider configuration, type and import id.
    ahead: BTreeMap<(ProviderConfig, Arc<str>, String), Answered>,
}

/// What a provider says of an import id: the object that it means and that object as it is, or that there is none.
pub(crate) type Answered = Result<Option<(ImportedObject, ReadResponse)>, Vec<Issue>>;

impl<'a> Imports<'a> {
    pub(crate) fn of(config: &'a Config) -> Self {
        let mut by_resource: BTreeMap<ConfigResource, Vec<&'a config::Import>> = BTreeMap::new();
        for it in &config.root().imports {
            by_resource.entry(it.target.clone()).or_default().push(it);
        }
        Self {
            by_resource,
            found: BTreeMap::new(),
            ahead: BTreeMap::new(),
        }
    }

    /// What an import made of an instance.
    pub(crate) fn importing(&self, addr: &Instance) -> Option<Importing> {
        self.found.get(addr).cloned()
    }
}

/// An import block, evaluated.
struct Wanted<'a> {
    block: &'a config::Import,
    addr: Instance,
    id: String,
}

/// Asks a provider for objects of one type by their import ids, with as few requests as it can.
async fn answers(provider: &Arc<dyn Provider>, wanted: &[(Arc<str>, String)]) -> Vec<Answered> {
    let mut res: Vec<Result<Option<ImportedObject>, Vec<Issue>>> = Vec::new();
    let mut requests = Vec::new();
    for (kind, id) in wanted {
        let request = ImportRequest {
            kind: kind.to_string(),
            id: id.clone(),
        };
        let imported = provider.import(request).await.map(|objects| {
            objects
                .into_iter()
                .find(|it| it.kind == **kind && !it.object.is_null())
        });
        if let Ok(Some(it)) = &imported {
            requests.push(ReadRequest {
                kind: kind.to_string(),
                current: it.object.clone(),
                private: it.private.clone(),
            });
        }
        res.push(imported);
    }
    let mut read = provider.read_many(requests).await.into_iter();
    res.into_iter()
        .map(|it| Ok(it?.and_then(|object| Some((object, read.next()?)))))
        .collect()
}

/// What a provider found under an import id; `ahead` is its answer where it was asked before.
pub(crate) async fn found(
    provider: &Arc<dyn Provider>,
    schema: &Schema,
    addr: &Instance,
    id: &str,
    ahead: Option<Answered>,
    observer: &dyn plan::Observer,
    diags: &mut Diagnostics,
) -> Option<Known> {
    observer.event(Event::ImportStart(addr, id));
    let answer = match ahead {
        Some(answer) => answer,
        None => {
            let wanted = [(addr.resource.kind.clone(), id.to_owned())];
            answers(provider, &wanted).await.pop()?
        }
    };
    known(answer, schema, addr, id, observer, diags)
}

/// What an answer makes known of an instance.
fn known(
    answer: Answered,
    schema: &Schema,
    addr: &Instance,
    id: &str,
    observer: &dyn plan::Observer,
    diags: &mut Diagnostics,
) -> Option<Known> {
    let missing = || {
        let detail = format!(
            "There is no object \"{id}\" that {addr} could be. Check the id; to make a new object, remove the import."
        );
        Diagnostic::error(&code::IMPORT_MISSING, detail)
    };
    let (object, answer) = match answer {
        Ok(Some(it)) => it,
        Ok(None) => {
            diags.push(missing());
            return None;
        }
        Err(issues) => {
            objects::report(&issues, Some(addr), None, diags);
            return None;
        }
    };
    let id_text = objects::id_of(&object.object);
    let id_event = id_text.as_ref().map(|(key, value)| Id { key, value });
    observer.event(Event::RefreshStart(addr, None, id_event));
    objects::report(&answer.issues, Some(addr), None, diags);
    let value = match answer.object {
        Ok(Some(value)) if !value.is_null() => value,
        Ok(_) => {
            diags.push(missing());
            return None;
        }
        Err(()) => return None,
    };
    observer.event(Event::RefreshDone(addr, None, id_event));
    let value = objects::marked(&schema.block, &value, &[]);
    let object = objects::encode(
        schema,
        &value,
        Status::Ready,
        answer.private,
        Vec::new(),
        false,
    );
    Some(Known {
        object: object.into(),
        value,
    })
}

impl Planning<'_> {
    /// Reads at once what import blocks of one provider configuration name by ids that are written down: one after
    /// another, a list would be asked for as many times as it has elements.
    pub(crate) async fn read_ahead(&mut self, config: &ProviderConfig) {
        if self.inputs.mode != Mode::Normal {
            return;
        }
        let Some(provider) = self.live.get(config).cloned() else {
            return;
        };
        let tree = self.inputs.common.config;
        let mut objects: BTreeSet<(Arc<str>, String)> = BTreeSet::new();
        for (resource, blocks) in &self.imports.by_resource {
            let declared = tree
                .module(&resource.module)
                .and_then(|it| it.resources.get(&resource.resource));
            let is_its = declared
                .and_then(|it| crate::providers::of_resource(tree, &resource.module, it))
                .is_some_and(|it| it == *config);
            if !is_its {
                continue;
            }
            for block in blocks.iter().filter(|it| it.for_each.is_none()) {
                let is_written_down = match &block.id.kind {
                    hcl::ExprKind::Template(it) => it.literal().is_some(),
                    _ => false,
                };
                if !is_written_down {
                    continue;
                }
                // What is wrong with it is said when the block's turn comes.
                let wanted = self.evaluate_import(block, &mut Diagnostics::new());
                let is_new = |it: &Wanted<'_>| {
                    self.state.current(&it.addr).is_none() && self.is_targeted(&it.addr)
                };
                for it in wanted.into_iter().filter(is_new) {
                    objects.insert((resource.resource.kind.clone(), it.id));
                }
            }
        }
        let objects: Vec<_> = objects.into_iter().collect();
        let answers = answers(&provider, &objects).await;
        for ((kind, id), answer) in objects.into_iter().zip(answers) {
            self.imports
                .ahead
                .insert((config.clone(), kind, id), answer);
        }
    }

    /// Imports what the blocks of a resource name.
    pub(crate) async fn imports_of(&mut self, block: &Block<'_>) {
        let Some(blocks) = self.imports.by_resource.get(block.resource).cloned() else {
            return;
        };
        if self.inputs.mode != Mode::Normal {
            return;
        }
        let mut wanted: Vec<Wanted<'_>> = Vec::new();
        for it in blocks {
            let mut diags = Diagnostics::new();
            wanted.extend(self.evaluate_import(it, &mut diags));
            self.diags.append(diags);
        }
        for it in wanted {
            if self.state.current(&it.addr).is_some() || !self.is_targeted(&it.addr) {
                continue;
            }
            if !self.desired.contains(&it.addr) {
                self.no_import_target(it.block, &it.addr.to_string());
                continue;
            }
            if self.imports.found.contains_key(&it.addr) {
                let detail = format!("Another import block imports to {} too. Keep one.", it.addr);
                self.diags
                    .push(Diagnostic::error(&code::IMPORT_MULTIPLE, detail).at(it.block.to.span));
                continue;
            }
            let mut diags = Diagnostics::new();
            let kind = it.addr.resource.kind.clone();
            let key = (block.provider_config.clone(), kind, it.id.clone());
            let ahead = self.imports.ahead.remove(&key);
            let known = found(
                &block.provider,
                &block.schema,
                &it.addr,
                &it.id,
                ahead,
                self.inputs.common.observer,
                &mut diags,
            )
            .await;
            self.diags.append(diags);
            let Some(known) = known else {
                continue;
            };
            self.state.set_object(
                &it.addr,
                &ObjectKey::Current,
                &block.provider_config,
                Some(known.object.clone()),
            );
            self.memory.entry(it.addr.clone()).or_default().current = Some(known);
            self.imports.found.insert(
                it.addr,
                Importing {
                    id: Some(it.id),
                    generated: None,
                },
            );
        }
    }

    fn no_import_target(&mut self, block: &config::Import, target: &str) {
        let detail = format!(
            "The block imports to {target}, which is not declared. Declare it, or let the plan write a first version of it:\n  dokplan plan -generate-config-out=generated.tf"
        );
        self.diags
            .push(Diagnostic::error(&code::IMPORT_NO_CONFIG, detail).at(block.to.span));
    }

    /// The instances and ids that a block means.
    fn evaluate_import<'b>(
        &self,
        block: &'b config::Import,
        diags: &mut Diagnostics,
    ) -> Vec<Wanted<'b>> {
        let mut wanted = Vec::new();
        let eaches: Vec<Each> = match &block.for_each {
            None => vec![Each::None],
            Some(expr) => {
                let repetition = config::Repetition::ForEach(expr.clone());
                let scope = self.values.at(0, &Each::None);
                let expansion = crate::expand::expand(&repetition, &scope, false, diags);
                expansion
                    .map(|it| it.instances().into_iter().map(|(_, each)| each).collect())
                    .unwrap_or_default()
            }
        };
        for each in eaches {
            let scope = self.values.at(0, &each);
            let parts = parts(&block.to, &scope, diags);
            let Some((module, resource, key, _)) = parts.and_then(|it| address(&it)) else {
                continue;
            };
            let addr = Instance {
                module,
                resource,
                key: key.unwrap_or(addr::Key::None),
            };
            let n_errors = diags.n_errors();
            let id = lang::eval(&block.id, &scope, diags);
            if diags.n_errors() > n_errors {
                continue;
            }
            match import_id(&id, block.id.span) {
                Ok(id) => wanted.push(Wanted { block, addr, id }),
                Err(wrong) => diags.push(*wrong),
            }
        }
        wanted
    }

    /// Reports blocks whose resource is not declared.
    pub(crate) async fn unmatched_imports(&mut self) {
        let config = self.inputs.common.config;
        let unmatched: Vec<&config::Import> = self
            .imports
            .by_resource
            .iter()
            .filter(|(resource, _)| !config.declares(resource))
            .flat_map(|(_, blocks)| blocks.iter().copied())
            .collect();
        if self.inputs.mode != Mode::Normal {
            return;
        }
        for it in unmatched {
            self.no_import_target(it, &it.target.to_string());
        }
    }
}

/// The id of an import, or why it is none.
pub(crate) fn import_id(value: &Value, at: Span) -> Result<String, Box<Diagnostic>> {
    let wrong = |detail: &str| Err(Box::new(Diagnostic::error(&code::IMPORT_ID, detail).at(at)));
    if value.has_mark(Mark::Ephemeral) {
        return wrong(
            "The id is an ephemeral value, and ids of imports are kept in the plan. Use one that is not ephemeral.",
        );
    }
    if value.has_mark(Mark::Sensitive) {
        return wrong(
            "The id is a sensitive value, and ids of imports are shown. Use nonsensitive() if it may be.",
        );
    }
    let Ok(value) = convert(value, &Type::String) else {
        return wrong("The id must be a string.")
            .map_err(|it| Box::new(it.titled("Incorrect value type")));
    };
    if value.is_null() {
        return wrong("The id is null. Give the id of the object that exists.");
    }
    match value.as_str() {
        None => wrong(
            "The id is known only after an apply, and an import happens while planning. Use an id that is known now.",
        ),
        Some("") => wrong("The id is empty. Give the id of the object that exists."),
        Some(id) => Ok(id.to_owned()),
    }
}
