//! `dokplan import ADDR ID`: one object into the state, without a plan.

use std::collections::BTreeMap;

use addr::{Instance, ObjectKey};
use diag::{Diagnostic, Diagnostics};
use state::State;

use crate::live::Live;
use crate::nodes::{Node, nodes};
use crate::planning::imports::found;
use crate::providers::{self, Schemas};
use crate::{Common, code};

/// See [`crate::import`].
pub(crate) async fn import(
    common: &Common<'_>,
    prior: &State,
    target: &Instance,
    id: &str,
) -> (Option<State>, Diagnostics) {
    let mut diags = crate::validate(common).await;
    if diags.has_errors() {
        return (None, diags);
    }
    if prior.current(target).is_some() {
        let detail = format!(
            "An object is already managed at {target}. To import another one there, first remove that from the state: dokplan state rm '{target}'."
        );
        diags.push(Diagnostic::error(&code::IMPORT_EXISTS, detail));
        return (None, diags);
    }
    let path = target.module.path();
    let declared = common
        .config
        .module(&path)
        .and_then(|it| it.resources.get(&target.resource));
    let Some(declared) = declared else {
        let detail = format!(
            "The address {target} is not declared. Declare it first: `resource \"{}\" \"{}\" {{}}`.",
            target.resource.kind, target.resource.name
        );
        diags.push(
            Diagnostic::error(&code::IMPORT_NO_CONFIG, detail)
                .titled("Resource address not declared"),
        );
        return (None, diags);
    };
    let schemas = Schemas::of(common.config, [], common.registry);
    let Some(nodes) = nodes(common.config, &schemas, [], &mut diags) else {
        return (None, diags);
    };
    let values = crate::console::remembered(
        common,
        &schemas,
        &nodes,
        prior,
        &BTreeMap::new(),
        false,
        &mut diags,
    );
    let module = values.module_at(&target.module);
    let expansion = module.and_then(|it| {
        let scope = values.at(it, &crate::expand::Each::None);
        crate::expand::expand(&declared.repetition, &scope, true, &mut Diagnostics::new())
    });
    let is_asked_for = match &expansion {
        None => false,
        // What only an apply tells may well hold it.
        Some(crate::expand::Expansion::Unknown) => true,
        Some(it) => it.instances().iter().any(|(key, _)| *key == target.key),
    };
    if !is_asked_for {
        let detail = format!(
            "The configuration has a block for {}, but with its count or for_each (or those of its module) there is no instance {target}, so that the next plan would destroy what is imported there. Correct the address or the block; quote addresses with keys: '{}[\"key\"]'.",
            target.absolute(),
            target.absolute()
        );
        diags.push(Diagnostic::error(&code::IMPORT_NO_CONFIG, detail));
        return (None, diags);
    }
    let Some(config) = providers::of_resource(common.config, &path, declared) else {
        return (None, diags);
    };
    let mut live = Live::default();
    live.configure(&values, &config, prior, &mut diags).await;
    let (Some(provider), Some(schema)) = (
        live.get(&config).cloned(),
        schemas.resource(&declared.provider_addr, &declared.addr),
    ) else {
        return (None, diags);
    };
    let known = found(
        &provider,
        schema,
        target,
        id,
        None,
        common.observer,
        &mut diags,
    )
    .await;
    let Some(known) = known.filter(|_| !diags.has_errors()) else {
        return (None, diags);
    };
    let object = state::Object {
        dependencies: nodes.dependencies(&Node::Resource(target.config())),
        ..(*known.object).clone()
    };
    let mut state = prior.clone();
    state.set_object(target, &ObjectKey::Current, &config, Some(object.into()));
    (Some(state), diags)
}
