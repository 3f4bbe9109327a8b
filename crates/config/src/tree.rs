//! What can be said of the tree of modules as a whole: the provider configurations that calls pass on.

use addr::{LocalProvider, ModulePath, Provider};
use diag::{Diagnostic, Diagnostics};

use crate::{Config, Module, ModuleCall, Repetition, code};

/// Checks the provider configurations that each call passes to its module.
pub(crate) fn check_providers(config: &Config, diags: &mut Diagnostics) {
    for (path, module) in &config.modules {
        for (name, call) in &module.calls {
            let inside = path.child(name);
            if let Some(child) = config.module(&inside) {
                check_call(module, path, call, child, &inside, diags);
                legacy(config, call, child, &inside, diags);
            }
        }
        if !path.is_root() {
            redundant(module, diags);
        }
    }
}

/// What a local name means where configurations are passed. Differs from [`Provider::implied`] as the reference does:
/// `terraform` is the builtin provider only where it is declared so.
fn meaning(module: &Module, local: &LocalProvider) -> Provider {
    module
        .provider(&local.name)
        .cloned()
        .unwrap_or_else(|| Provider::new(addr::provider::DEFAULT_HOST, "hashicorp", &local.name))
}

fn module_name(path: &ModulePath) -> String {
    if path.is_root() {
        "the root module".to_owned()
    } else {
        path.to_string()
    }
}

fn check_call(
    module: &Module,
    path: &ModulePath,
    call: &ModuleCall,
    child: &Module,
    inside: &ModulePath,
    diags: &mut Diagnostics,
) {
    let passed = call.providers.as_deref().unwrap_or(&[]);
    for (there, here, span) in passed {
        let declared = child.settings.required_providers.get(&there.name);
        let is_alias = declared.is_some_and(|it| it.aliases.contains(there));
        if there.alias.is_some() && !is_alias {
            diags.push(
                Diagnostic::error(
                    &code::PROVIDER_UNDEFINED,
                    format!("The module \"{}\" expects no configuration under the name \"{there}\". If it should, add \"{there}\" to \"configuration_aliases\" in its \"required_providers\".", call.name.name),
                )
                .at(*span),
            );
        } else if declared.is_none() && !uses(child, there) {
            diags.push(
                Diagnostic::warning(
                    &code::PROVIDER_UNDEFINED,
                    format!("The module \"{}\" does not declare the provider \"{there}\", so it is taken for {}. Add an entry \"{there}\" with its source to the \"required_providers\" of the module.", call.name.name, meaning(child, there).for_display()),
                )
                .at(*span),
            );
        }
        if let Some(own) = child.providers.get(there)
            && !own.body.attributes.is_empty()
        {
            diags.push(
                Diagnostic::error(
                    &code::PROVIDER_OVERRIDE,
                    format!("The module \"{}\" has a \"provider\" block for \"{there}\" itself, so no configuration can be passed to it under that name. Remove the block from the module, or the entry here.", call.name.name),
                )
                .at(*span),
            );
            continue;
        }
        let (expected, given) = (meaning(child, there), meaning(module, here));
        if expected != given {
            diags.push(
                Diagnostic::error(
                    &code::PROVIDER_MISMATCH,
                    format!("The configuration \"{here}\" is one of {} in {}, and \"{there}\" is one of {} in {inside}. Pass a configuration of the same provider, or declare the right sources in the \"required_providers\" of both modules.", given.for_display(), module_name(path), expected.for_display()),
                )
                .at(*span),
            );
        }
    }
    for required in child.settings.required_providers.values() {
        for alias in &required.aliases {
            if alias.alias.is_some() && !passed.iter().any(|(there, ..)| there == alias) {
                diags.push(
                    Diagnostic::error(
                        &code::PROVIDER_NOT_PASSED,
                        format!("The module \"{}\" needs a configuration of {} under the name \"{alias}\". Pass one: \"providers = {{ {alias} = … }}\".", call.name.name, required.source.for_display()),
                    )
                    .at(call.span),
                );
            }
        }
    }
}

/// Whether a module needs no declaration to make sense of a local name: a resource or a provider block uses it.
fn uses(module: &Module, local: &LocalProvider) -> bool {
    // The builtin provider is the exception: its local name alone does not mean it.
    &*local.name != "terraform"
        && (module.resources.values().any(|it| it.provider == *local)
            || module.providers.contains_key(local))
}

/// A module that configures providers itself is called at most once.
fn legacy(
    config: &Config,
    call: &ModuleCall,
    child: &Module,
    inside: &ModulePath,
    diags: &mut Diagnostics,
) {
    let below = config
        .modules
        .iter()
        .filter(|(path, _)| path.0.starts_with(&inside.0));
    let configures = |it: &Module| {
        it.providers
            .values()
            .any(|it| !it.body.attributes.is_empty())
    };
    if !configures(child) && !below.into_iter().any(|(_, it)| configures(it)) {
        return;
    }
    let at = match (&call.repetition, call.depends_on.first()) {
        (Repetition::Count(it) | Repetition::ForEach(it), _) => it.span,
        (Repetition::None, Some(it)) => {
            let end = it.steps.last().map_or(it.root.span, |it| it.span);
            it.root.span.to(end)
        }
        (Repetition::None, None) => return,
    };
    diags.push(
        Diagnostic::error(
            &code::LEGACY_MODULE,
            format!("The module {inside} has \"provider\" blocks with arguments of its own. Configurations cannot come and go with instances of a module, so a call of it has no \"count\", \"for_each\" or \"depends_on\". Move the \"provider\" blocks out of the module and pass the configurations with \"providers\"."),
        )
        .at(at),
    );
}

/// Empty provider blocks in modules were once how a module said that it expects a configuration.
fn redundant(module: &Module, diags: &mut Diagnostics) {
    for it in module.providers.values() {
        let declared = module.settings.required_providers.get(&it.local.name);
        if !it.body.attributes.is_empty() || !it.body.blocks.is_empty() {
            continue;
        }
        let advice = if declared.is_some() {
            "Remove it; the entry in \"required_providers\" is enough.".to_owned()
        } else {
            let name = &it.local.name;
            format!(
                "Replace it by this entry of \"required_providers\" in a \"terraform\" block:\n    {name} = {{\n      source = \"{}\"\n    }}",
                meaning(module, &it.local).for_display()
            )
        };
        diags.push(
            Diagnostic::warning(
                &code::PROVIDER_REDUNDANT,
                format!("An empty \"provider\" block in a module configures nothing: modules take the configurations of their caller. {advice}"),
            )
            .at(it.span),
        );
    }
}
