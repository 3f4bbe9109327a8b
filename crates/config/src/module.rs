//! One directory: its files' blocks together, as a [`Module`].

use std::collections::BTreeMap;
use std::sync::Arc;

use diag::Span;
use hcl::{Attribute, Block, Body};

use crate::reader::Reader;
use crate::spec::Spec;
use crate::{
    Local, Module, Settings, call, check, code, merge, moved, provider, resource, terraform,
    variable,
};

/// What a file holds at its top level.
const FILE: Spec = Spec {
    arguments: &[],
    blocks: &[
        ("terraform", &[]),
        ("required_providers", &[]),
        ("provider", &["name"]),
        ("variable", &["name"]),
        ("locals", &[]),
        ("output", &["name"]),
        ("module", &["name"]),
        ("resource", &["type", "name"]),
        ("data", &["type", "name"]),
        ("ephemeral", &["type", "name"]),
        ("moved", &[]),
        ("import", &[]),
        ("check", &["name"]),
        ("removed", &[]),
    ],
};

/// The module that the files of a directory declare: primary files, then override files, each in their order.
pub(crate) fn module(primary: &[Body], overrides: &[Body], reader: &mut Reader<'_>) -> Module {
    let mut blocks: Vec<Block> = Vec::new();
    for body in primary {
        blocks.extend(FILE.all(body, reader.diags).blocks);
    }
    let mut settings_over = Settings::default();
    let mut providers_at = None;
    for body in overrides {
        for block in FILE.all(body, reader.diags).blocks {
            if block.kind.name == "terraform" {
                terraform::settings(&block, &mut settings_over, &mut providers_at, reader);
            } else {
                merge::block(&mut blocks, block, reader);
            }
        }
    }

    let mut res = Module::default();
    let mut providers_at = None;
    for it in blocks.iter().filter(|it| it.kind.name == "terraform") {
        terraform::settings(it, &mut res.settings, &mut providers_at, reader);
    }
    merge::settings(&mut res.settings, settings_over);
    terraform::check(&res.settings, reader);
    terraform::check_versions(&res.settings, reader);
    for it in &blocks {
        declare(it, &mut res, reader);
    }
    // Last, so that a clash with a data source outside of a check is reported at the check.
    for it in blocks.iter().filter(|it| it.kind.name == "check") {
        declare_check(it, &mut res, reader);
    }
    res
}

fn declare(block: &Block, module: &mut Module, reader: &mut Reader<'_>) {
    match block.kind.name.as_str() {
        "required_providers" => reader.error(
            &code::REQUIRED_PROVIDERS_PLACE,
            "A \"required_providers\" block stands inside a \"terraform\" block.",
            block.header(),
        ),
        "provider" => {
            let Some(it) = provider::provider(block, reader) else {
                return;
            };
            match module.providers.get(&it.local) {
                Some(first) => {
                    let first = first.span;
                    let what = match &it.local.alias {
                        None => format!("The default configuration of \"{}\"", it.local.name),
                        Some(alias) => format!(
                            "A configuration of \"{}\" with the alias \"{alias}\"",
                            it.local.name
                        ),
                    };
                    reader.duplicate("Duplicate provider configuration", &what, first, it.span);
                }
                None => {
                    module.providers.insert(it.local.clone(), it);
                }
            }
        }
        "variable" => {
            let Some(it) = variable::variable(block, reader) else {
                return;
            };
            let name = it.name.name.as_str();
            let first = module.variables.get(name).map(|it| it.span);
            if fresh(
                first,
                "Duplicate variable declaration",
                &format!("The variable \"{name}\""),
                it.span,
                reader,
            ) {
                module.variables.insert(name.into(), it);
            }
        }
        "locals" => locals(&block.body, &mut module.locals, reader),
        "output" => {
            let Some(it) = variable::output(block, reader) else {
                return;
            };
            let name = it.name.name.as_str();
            let first = module.outputs.get(name).map(|it| it.span);
            if fresh(
                first,
                "Duplicate output definition",
                &format!("The output \"{name}\""),
                it.span,
                reader,
            ) {
                module.outputs.insert(name.into(), it);
            }
        }
        "module" => {
            module.has_calls = true;
            let Some(it) = call::call(block, reader) else {
                return;
            };
            let name = it.name.name.as_str();
            let first = module.calls.get(name).map(|it| it.span);
            if fresh(
                first,
                "Duplicate module call",
                &format!("A call of a module named \"{name}\""),
                it.span,
                reader,
            ) {
                module.calls.insert(name.into(), it);
            }
        }
        "resource" => {
            let it = resource::resource(block, &module.settings.required_providers, reader);
            declare_resource(it, "resource", module, reader);
        }
        "data" => {
            let it = resource::data(block, None, &module.settings.required_providers, reader);
            declare_resource(it, "data", module, reader);
        }
        "ephemeral" => {
            let it = resource::ephemeral(block, &module.settings.required_providers, reader);
            declare_resource(it, "ephemeral", module, reader);
        }
        "moved" => module.moved.extend(moved::moved(block, reader)),
        "removed" => module.removed.extend(moved::removed(block, reader)),
        "import" => {
            let Some(it) = moved::import(block, reader) else {
                return;
            };
            let to = |it: &crate::Import| reader.sources.slice(it.to.span).to_owned();
            let first = module
                .imports
                .iter()
                .find(|other| {
                    to(other) == to(&it) && it.for_each.is_none() && other.for_each.is_none()
                })
                .map(|it| it.span);
            let address = to(&it);
            if fresh(
                first,
                &format!("Duplicate import configuration for \"{address}\""),
                &format!("An import into \"{address}\""),
                it.to.span,
                reader,
            ) {
                module.imports.push(it);
            }
        }
        _ => {}
    }
}

fn declare_resource(
    resource: Option<crate::Resource>,
    block: &str,
    module: &mut Module,
    reader: &mut Reader<'_>,
) {
    let Some(it) = resource else { return };
    let first = module.resources.get(&it.addr).map(|it| it.span);
    let title = format!("Duplicate {block} \"{}\" configuration", it.addr.kind);
    if fresh(
        first,
        &title,
        &format!("The address \"{}\"", it.addr),
        it.span,
        reader,
    ) {
        module.resources.insert(it.addr.clone(), it);
    }
}

fn declare_check(block: &Block, module: &mut Module, reader: &mut Reader<'_>) {
    let Some((check, data)) = check::check(block, &module.settings.required_providers, reader)
    else {
        return;
    };
    let name = check.name.name.as_str();
    let first = module.checks.get(name).map(|it| it.span);
    let title = format!("Duplicate check \"{name}\" configuration");
    if fresh(
        first,
        &title,
        &format!("A check named \"{name}\""),
        check.span,
        reader,
    ) {
        module.checks.insert(name.into(), check);
        declare_resource(data, "data", module, reader);
    }
}

/// Whether there is no earlier declaration; reported if there is.
fn fresh(
    first: Option<Span>,
    title: &str,
    what: &str,
    second: Span,
    reader: &mut Reader<'_>,
) -> bool {
    if let Some(first) = first {
        reader.duplicate(title, what, first, second);
    }
    first.is_none()
}

fn locals(body: &Body, locals: &mut BTreeMap<Arc<str>, Local>, reader: &mut Reader<'_>) {
    // One says enough: after a slip in the syntax, the rest of the file may be taken for blocks in this one.
    if let Some(it) = body.blocks.first() {
        reader.titled(
            &code::UNEXPECTED_BLOCK,
            format!("Unexpected \"{}\" block", it.kind.name),
            "A \"locals\" block holds only arguments. For a value with several parts write an object: \"name = { … }\".",
            it.kind.span,
        );
    }
    for attribute in &body.attributes {
        local(attribute, locals, reader);
    }
}

fn local(attribute: &Attribute, locals: &mut BTreeMap<Arc<str>, Local>, reader: &mut Reader<'_>) {
    let name = attribute.name.name.as_str();
    reader.name(&attribute.name, "Invalid local value name");
    let first = locals.get(name).map(|it| it.name.span);
    if fresh(
        first,
        "Duplicate local value definition",
        &format!("The local value \"{name}\""),
        attribute.span(),
        reader,
    ) {
        locals.insert(
            name.into(),
            Local {
                name: attribute.name.clone(),
                expr: attribute.expr.clone(),
            },
        );
    }
}
