//! Evaluating an expression over configuration and state, without planning.

use std::collections::BTreeMap;

use addr::{AbsResource, Instance};
use diag::Diagnostics;
use state::State;
use value::Value;

use crate::checks::Checks;
use crate::expand::{self, Each};
use crate::nodes::{Node, Nodes, nodes};
use crate::providers::Schemas;
use crate::values::{Phase, Values};
use crate::{Common, declared, objects};

/// See [`crate::evaluate`].
pub(crate) async fn evaluate(
    common: &Common<'_>,
    state: &State,
    planned: &BTreeMap<Instance, Value>,
    expr: &hcl::Expr,
) -> (Value, Diagnostics) {
    let mut diags = Diagnostics::new();
    let value = surrounded(common, state, planned, &mut Diagnostics::new(), |values| {
        lang::eval(expr, &values.at(0, &Each::None), &mut diags)
    });
    (value.unwrap_or_else(Value::dynamic), diags)
}

/// See [`crate::problems`].
pub(crate) async fn problems(
    common: &Common<'_>,
    state: &State,
    planned: &BTreeMap<Instance, Value>,
) -> Diagnostics {
    let mut diags = Diagnostics::new();
    surrounded(common, state, planned, &mut diags, |_| ());
    diags
}

/// Does something with the values of everything declared; nothing where they depend on themselves.
pub(crate) fn surrounded<T>(
    common: &Common<'_>,
    state: &State,
    planned: &BTreeMap<Instance, Value>,
    diags: &mut Diagnostics,
    then: impl FnOnce(&Values<'_>) -> T,
) -> Option<T> {
    let schemas = Schemas::of(
        common.config,
        state
            .resources
            .values()
            .map(|it| it.provider.provider.clone()),
        common.registry,
    );
    let nodes = nodes(common.config, &schemas, [], diags)?;
    let values = remembered(common, &schemas, &nodes, state, planned, true, diags);
    Some(then(&values))
}

/// What everything declared is worth by a state and by what was planned over it, without planning; outputs only if asked
/// for.
pub(crate) fn remembered<'a>(
    common: &'a Common<'a>,
    schemas: &'a Schemas,
    nodes: &Nodes,
    state: &State,
    planned: &BTreeMap<Instance, Value>,
    outputs: bool,
    diags: &mut Diagnostics,
) -> Values<'a> {
    let mut values = Values::new(common, schemas, Phase::Console);
    let mut checks = Checks::default();
    for at in &nodes.order {
        match nodes.dag.node(*at) {
            Node::Resource(it) => resource(&mut values, state, planned, it, diags),
            Node::Provider(_) | Node::Check(..) | Node::Validation(..) => {}
            Node::Output(..) if !outputs => {}
            node => declared::visit(&mut values, node, &mut checks, diags),
        }
    }
    values
}

fn resource(
    values: &mut Values<'_>,
    state: &State,
    planned: &BTreeMap<Instance, Value>,
    resource: &addr::ConfigResource,
    diags: &mut Diagnostics,
) {
    let Some(declared) = values
        .config
        .module(&resource.module)
        .and_then(|it| it.resources.get(&resource.resource))
    else {
        return;
    };
    let Some((provider, schema)) = values
        .schemas
        .provider(&declared.provider_addr)
        .cloned()
        .zip(
            values
                .schemas
                .resource(&declared.provider_addr, &declared.addr)
                .cloned(),
        )
    else {
        return;
    };
    for module in values.instances_of(&resource.module) {
        let here = AbsResource {
            module: values.modules[module].addr.clone(),
            resource: resource.resource.clone(),
        };
        // Instances of one resource stand together, and that without a key is the first of them.
        let mut planned_here = planned.range(here.instance(addr::Key::None)..);
        let is_planned = planned_here
            .next()
            .is_some_and(|(it, _)| it.absolute() == here);
        if !state.resources.contains_key(&here) && !is_planned {
            // Nothing is known of what was never made, not even how many there will be.
            continue;
        }
        let expansion = expand::expand(
            &declared.repetition,
            &values.at(module, &Each::None),
            true,
            &mut Diagnostics::new(),
        );
        let Some(expansion) = expansion.filter(|it| *it != expand::Expansion::Unknown) else {
            continue;
        };
        values.set_expanded(module, &declared.addr);
        for (key, _) in expansion.instances() {
            let addr = Instance {
                module: values.modules[module].addr.clone(),
                resource: resource.resource.clone(),
                key,
            };
            if let Some(value) = planned.get(&addr) {
                values.set_instance(module, &addr.resource, &addr.key, value.clone());
                continue;
            }
            let value = state.current(&addr).and_then(|object| {
                let value = objects::decode(provider.as_ref(), &schema, &addr, object, diags)?;
                Some(objects::marked(&schema.block, &value, &object.sensitive))
            });
            let value = value.unwrap_or_else(|| Value::unknown(schema.block.ty()));
            values.set_instance(module, &addr.resource, &addr.key, value);
        }
    }
}
