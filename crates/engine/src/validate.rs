//! Static validation: references, types, arguments and what providers say, of all modules at once, without values.

use diag::{Diagnostic, Diagnostics};
use value::{Type, Value, walk};

use crate::checks::{self, Checks, Kind};
use crate::expand::{self, Each, unknown_each};
use crate::live::Live;
use crate::nodes::{Node, nodes};
use crate::planning::imports::import_id;
use crate::planning::resource::no_ephemeral;
use crate::providers::{self, Schemas};
use crate::values::{Phase, Values};
use crate::{Common, code, declared};

/// See [`crate::validate`].
pub(crate) async fn validate(common: &Common<'_>) -> Diagnostics {
    let mut diags = Diagnostics::new();
    let schemas = Schemas::of(common.config, [], common.registry);
    if !types(common, &schemas, &mut diags) {
        return diags;
    }
    let Some(nodes) = nodes(common.config, &schemas, [], &mut diags) else {
        return diags;
    };
    let mut values = Values::new(common, &schemas, Phase::Validate);
    let mut live = Live::default();
    let mut checks = Checks::default();
    let mut failed = vec![false; nodes.dag.len()];
    for at in &nodes.order {
        // Module calls and their arguments are looked at whatever else is wrong.
        if nodes.dag.needs(*at).iter().any(|it| failed[*it]) {
            failed[*at] = true;
            continue;
        }
        let mut found = Diagnostics::new();
        match nodes.dag.node(*at) {
            Node::Provider(config) => {
                live.configure(&values, config, &state::State::default(), &mut found)
                    .await;
            }
            Node::Resource(it) => resource(&values, &it.module, &it.resource, &mut found),
            node => declared::visit(&mut values, node, &mut checks, &mut found),
        }
        failed[*at] = found.has_errors();
        diags.append(found);
    }
    imports(&values, &mut diags);
    diags
}

/// What imports are asked for, and ids that are known already and are none.
fn imports(values: &Values<'_>, diags: &mut Diagnostics) {
    let root = values.config.root();
    for it in &root.imports {
        if let Some(all) = &it.for_each {
            lang::eval(all, &values.at(0, &Each::None), diags);
        }
        if it.for_each.is_some() && !values.config.declares(&it.target) {
            let detail = format!(
                "The block imports to instances of {}, which is not declared. A plan can write a first version of single objects only: declare the resource, with the same for_each.",
                it.target
            );
            diags.push(
                Diagnostic::error(&code::IMPORT_NO_CONFIG, detail)
                    .titled("Invalid import 'to' expression")
                    .at(it.to.span),
            );
        }
        let each = match it.for_each {
            Some(_) => Each::ForEach(Value::unknown(Type::String), Value::dynamic()),
            None => Each::None,
        };
        let n_errors = diags.n_errors();
        let id = lang::eval(&it.id, &values.at(0, &each), diags);
        if diags.n_errors() > n_errors || !id.is_known() {
            continue;
        }
        if let Err(wrong) = import_id(&id, it.id.span) {
            diags.push(*wrong);
        }
    }
}

/// Whether providers have the types that are declared. `false` where blocks have no provider at all: then there is no
/// use in going on.
fn types(common: &Common<'_>, schemas: &Schemas, diags: &mut Diagnostics) -> bool {
    let mut all_there = true;
    for (path, module) in &common.config.modules {
        for resource in module.resources.values() {
            let provider = &resource.provider_addr;
            let Some(known) = schemas.provider(provider) else {
                let detail = format!(
                    "The block {} needs the provider {}, which is not there. Check its source address in required_providers, then make the directory ready:\n  dokplan init",
                    resource.addr,
                    provider.for_display()
                );
                diags.push(Diagnostic::error(&code::MISSING_PROVIDER, detail));
                all_there = false;
                continue;
            };
            if providers::of_resource(common.config, path, resource).is_none() {
                let detail = format!(
                    "The block {} uses the provider configuration {}, which its module does not have. Declare it with a provider block, or hand it down with `providers` in the module call.",
                    resource.addr, resource.provider
                );
                diags.push(Diagnostic::error(&code::PROVIDER_UNDECLARED, detail));
                all_there = false;
            }
            if schemas.resource(provider, &resource.addr).is_some() {
                continue;
            }
            let schema = known.schema();
            let (code, what, all) = match resource.addr.mode {
                addr::Mode::Managed => (
                    &code::INVALID_RESOURCE_TYPE,
                    "resource type",
                    &schema.resources,
                ),
                addr::Mode::Data => (
                    &code::INVALID_DATA_SOURCE,
                    "data source",
                    &schema.data_sources,
                ),
                addr::Mode::Ephemeral => (
                    &code::INVALID_EPHEMERAL,
                    "ephemeral resource type",
                    &schema.ephemeral,
                ),
            };
            let kind = &resource.addr.kind;
            let other = match resource.addr.mode {
                addr::Mode::Managed if schema.data_sources.contains_key(kind) => {
                    format!(
                        " There is a data source of this name: `data \"{kind}\" \"{}\"`.",
                        resource.addr.name
                    )
                }
                addr::Mode::Data if schema.resources.contains_key(kind) => {
                    format!(
                        " There is a resource type of this name: `resource \"{kind}\" \"{}\"`.",
                        resource.addr.name
                    )
                }
                _ => diag::suggest::did_you_mean(kind, all.keys().map(|it| &**it)),
            };
            let detail = format!(
                "The provider {} has no {what} \"{kind}\".{other}",
                provider.for_display()
            );
            diags.push(Diagnostic::error(code, detail).at(resource.kind_span));
        }
    }
    all_there
}

fn resource(
    values: &Values<'_>,
    path: &addr::ModulePath,
    resource: &addr::Resource,
    diags: &mut Diagnostics,
) {
    let Some(declared) = values
        .config
        .module(path)
        .and_then(|it| it.resources.get(resource))
    else {
        return;
    };
    for module in values.instances_of(path) {
        let none = Each::None;
        expand::expand(&declared.repetition, &values.at(module, &none), true, diags);
        let Some(schema) = values.schemas.resource(&declared.provider_addr, resource) else {
            continue;
        };
        let each = unknown_each(&declared.repetition);
        let scope = values.at(module, &each);
        let n_errors = diags.n_errors();
        let config = lang::decode::decode(&declared.body, &schema.block, &scope, diags);
        let dot = if path.is_root() { "" } else { "." };
        let (plain, _) = walk::unmark_deep(&config);
        if resource.mode == addr::Mode::Managed && diags.n_errors() == n_errors {
            no_ephemeral(
                (&declared.body, &schema.block),
                &format!("{path}{dot}{resource}"),
                &config,
                diags,
            );
        }
        if diags.n_errors() == n_errors
            && let Some(provider) = values.schemas.provider(&declared.provider_addr)
        {
            let issues = match resource.mode {
                addr::Mode::Managed => provider.validate_resource(&resource.kind, &plain),
                addr::Mode::Data => provider.validate_data(&resource.kind, &plain),
                addr::Mode::Ephemeral => Vec::new(),
            };
            let mut found = Diagnostics::new();
            crate::objects::report(
                &issues,
                None,
                Some((&declared.body, &schema.block, declared.span)),
                &mut found,
            );
            for it in found.iter_mut().filter(|it| it.subject.is_some()) {
                it.address = Some(format!("{path}{dot}{resource}"));
            }
            diags.append(found);
        }
        for rule in &declared.lifecycle.preconditions {
            checks::condition("", values, rule, &scope, &Kind::Precondition, diags);
        }
        let with_self = scope.clone().with_self(Value::dynamic());
        for rule in &declared.lifecycle.postconditions {
            checks::condition("", values, rule, &with_self, &Kind::Postcondition, diags);
        }
        depends_on(values, module, &declared.depends_on, diags);
        ignore_changes(declared, &schema.block, diags);
        replace_triggers(declared, diags);
        provisioners(values, module, declared, diags);
    }
}

/// Whether `ignore_changes` names arguments that can be ignored.
fn ignore_changes(declared: &config::Resource, schema: &provider::Block, diags: &mut Diagnostics) {
    let config::IgnoreChanges::Some(list) = &declared.lifecycle.ignore_changes else {
        return;
    };
    for it in list {
        let name = it.root.name.as_str();
        if schema.blocks.contains_key(name) {
            continue;
        }
        match schema.attributes.get(name) {
            None => {
                let names = schema.attributes.keys().chain(schema.blocks.keys());
                let suggestion = diag::suggest::did_you_mean(name, names.map(|it| &**it));
                let detail = format!(
                    "Objects of type {} have no argument or block \"{name}\".{suggestion}",
                    declared.addr.kind
                );
                diags
                    .push(Diagnostic::error(&code::UNSUPPORTED_ATTRIBUTE, detail).at(it.root.span));
            }
            Some(attribute) if attribute.computed && !attribute.optional => {
                let detail = format!(
                    "The attribute {name} is decided by the provider alone, so that there is no configured value whose changes could be ignored. Leave it out of ignore_changes."
                );
                diags.push(
                    Diagnostic::warning(&code::REDUNDANT_IGNORE, detail)
                        .at(crate::objects::opening(&declared.body)),
                );
            }
            Some(_) => {}
        }
    }
}

/// Whether `replace_triggered_by` names resources.
fn replace_triggers(declared: &config::Resource, diags: &mut Diagnostics) {
    for expr in &declared.lifecycle.replace_triggered_by {
        let references = lang::refs::references(expr, &mut Diagnostics::new());
        let is_resource = |it: &addr::Reference| {
            matches!(
                it.subject,
                addr::Subject::Resource(_)
                    | addr::Subject::ResourceInstance(..)
                    | addr::Subject::CountIndex
                    | addr::Subject::EachKey
            )
        };
        if references.is_empty() || !references.iter().all(is_resource) {
            let detail = "Only resources, their instances and attributes of them can be watched in replace_triggered_by. To watch another value, put it into the input of a terraform_data resource and watch that.";
            diags.push(Diagnostic::error(&code::REPLACE_TRIGGER, detail).at(expr.span));
        }
    }
}

/// Whether provisioners are given what they take.
fn provisioners(
    values: &Values<'_>,
    module: usize,
    declared: &config::Resource,
    diags: &mut Diagnostics,
) {
    for it in &declared.provisioners {
        let Some(schema) = values.common.provisioners.schema(&it.kind.name) else {
            let detail = format!("There is no provisioner \"{}\".", it.kind.name);
            diags.push(Diagnostic::error(&code::PROVISIONER_UNKNOWN, detail).at(it.kind.span));
            continue;
        };
        let each = unknown_each(&declared.repetition);
        let scope = values.at(module, &each).with_self(Value::dynamic());
        lang::decode::decode(&it.body, &schema, &scope, diags);
    }
}

/// Whether everything that `depends_on` names is a whole object that is declared. After a mistake nothing is looked up
/// any more.
pub(crate) fn depends_on(
    values: &Values<'_>,
    module: usize,
    list: &[hcl::Traversal],
    diags: &mut Diagnostics,
) {
    let none = Each::None;
    let scope = values.at(module, &none);
    let n_errors = diags.n_errors();
    for it in list {
        let Some(reference) = addr::parse::reference(it, diags) else {
            continue;
        };
        // An output of a module is a whole.
        let is_output = matches!(
            reference.subject,
            addr::Subject::Module(_) | addr::Subject::ModuleInstance(..)
        ) && matches!(
            reference.rest.first().map(|it| &it.kind),
            Some(hcl::StepKind::Attr(_))
        );
        let rest = reference.rest.get(usize::from(is_output)..).unwrap_or(&[]);
        if let (Some(first), Some(last)) = (rest.first(), rest.last()) {
            let detail = format!(
                "What is needed first must be named as a whole, and this is a part of it. Write {} alone.",
                reference.subject
            );
            diags.push(
                Diagnostic::error(&code::INVALID_DEPENDS_ON, detail).at(first.span.to(last.span)),
            );
        }
        if diags.n_errors() == n_errors {
            lang::Scope::value(&scope, &reference, diags);
        }
    }
}
