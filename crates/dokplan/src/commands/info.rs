//! `providers`, `modules`, `get`: what a configuration consists of.

use std::collections::BTreeSet;

use addr::ModulePath;
use config::Config;
use serde_json::json;

use crate::args::{GetArgs, MetadataCommand, ModulesArgs, ProvidersArgs, ProvidersCommand};
use crate::exit::{Exit, Outcome, Reported};
use crate::providers::Providers;
use crate::session::Session;
use crate::ui;

/// A tree as text: a line a branch.
struct Tree {
    label: String,
    children: Vec<Tree>,
}

impl Tree {
    fn draw(&self, indent: &str, res: &mut String) {
        for (at, child) in self.children.iter().enumerate() {
            let is_last = at + 1 == self.children.len();
            res.push_str(&format!(
                "{indent}{}{}\n",
                if is_last { "└── " } else { "├── " },
                child.label
            ));
            child.draw(
                &format!("{indent}{}", if is_last { "    " } else { "│   " }),
                res,
            );
        }
    }
}

mod code {
    use diag::Code;

    /// See [`Code`].
    pub(crate) const NOT_REQUIRED: Code = Code::new(
        "provider-not-required",
        "Invalid provider argument",
        "`providers lock` takes providers that the configuration needs, by their source addresses: `ahmedali6/dokploy`.",
    );
}

/// An error for providers that the configuration does not need.
fn check_required(session: &Session, config: &Config, named: &[String]) -> Result<(), Reported> {
    let needed = super::init::needed(config);
    let mut diags = diag::Diagnostics::new();
    for name in named {
        let is_needed = needed
            .iter()
            .any(|it| it.to_string() == *name || it.for_display() == *name);
        if !is_needed {
            diags.push(diag::Diagnostic::error(
                &code::NOT_REQUIRED,
                format!("The configuration needs no provider {name}. \"dokplan providers\" shows which it needs."),
            ));
        }
    }
    session.check(&diags)
}

/// `providers`: which are needed by the configuration and by the state; `providers schema`: what they manage.
pub(crate) fn providers(session: &mut Session, args: &ProvidersArgs) -> Outcome {
    session.set_style(&args.color);
    let loaded = if args.command.is_none() {
        session.require_config()?
    } else {
        session.load_config()?
    };
    match &args.command {
        Some(ProvidersCommand::Schema { json: false, .. }) => {
            return crate::ui::refuse(&format!(
                "The schemas are printed as JSON only: add -json.\n\n{}",
                crate::help::text(&["providers".to_owned(), "schema".to_owned()])
            ));
        }
        Some(ProvidersCommand::Lock { .. } | ProvidersCommand::Mirror { .. }) => {
            super::init::available(session, &loaded.config)?;
            if let Some(ProvidersCommand::Lock { providers, .. }) = &args.command {
                check_required(session, &loaded.config, providers)?;
            }
            if matches!(args.command, Some(ProvidersCommand::Lock { .. })) {
                ui::out(
                    "\nSuccess! The providers of this configuration are part of dokplan, so that the lock file has nothing to hold.\n",
                );
            }
            return Ok(Exit::Success);
        }
        Some(ProvidersCommand::Schema { .. }) | None => {}
    }
    if args.command.is_some() {
        let providers = Providers::new(session)?;
        let mut schemas = providers.schemas(&loaded.config);
        let needed = needed(&loaded.config);
        schemas.0.retain(|address, _| needed.contains(address));
        ui::out(&format!(
            "{}\n",
            view::json::go_text(&view::json::schema::document(&schemas))
        ));
        return Ok(Exit::Success);
    }
    let mut text = String::from("\nProviders required by configuration:\n.\n");
    provider_tree(&loaded.config, &ModulePath::root()).draw("", &mut text);
    let snapshot = session.current_state(None)?;
    let in_state: BTreeSet<String> = snapshot
        .state
        .resources
        .values()
        .map(|it| it.provider.provider.to_string())
        .collect();
    if !in_state.is_empty() {
        text.push_str("\nProviders required by state:\n\n");
        for it in in_state {
            text.push_str(&format!("    provider[{it}]\n\n"));
        }
    }
    ui::out(&text);
    session.show_pending();
    Ok(Exit::Success)
}

fn needed(config: &Config) -> BTreeSet<addr::Provider> {
    config
        .modules
        .values()
        .flat_map(of_module)
        .map(|(address, _)| address)
        .collect()
}

/// The providers of a module with their version constraints.
fn of_module(
    module: &std::sync::Arc<config::Module>,
) -> BTreeSet<(addr::Provider, Option<String>)> {
    let mut res: BTreeSet<(addr::Provider, Option<String>)> = module
        .settings
        .required_providers
        .values()
        .map(|it| (it.source.clone(), it.version.clone()))
        .collect();
    for it in module.resources.values().map(|it| &it.provider_addr) {
        if !res.iter().any(|(address, _)| address == it) {
            res.insert((it.clone(), None));
        }
    }
    res
}

fn provider_tree(config: &Config, path: &ModulePath) -> Tree {
    let label = path
        .0
        .last()
        .map_or_else(|| ".".to_owned(), |it| format!("module.{it}"));
    let Some(module) = config.modules.get(path) else {
        return Tree {
            label,
            children: Vec::new(),
        };
    };
    let mut children: Vec<Tree> = of_module(module)
        .into_iter()
        .map(|(address, version)| {
            let version = version.map_or_else(String::new, |it| format!(" {it}"));
            Tree {
                label: format!("provider[{address}]{version}"),
                children: Vec::new(),
            }
        })
        .collect();
    children.extend(
        module
            .calls
            .keys()
            .map(|it| provider_tree(config, &path.child(it))),
    );
    Tree { label, children }
}

/// `modules`: which are declared.
pub(crate) fn modules(session: &mut Session, args: &ModulesArgs) -> Outcome {
    session.set_style(&args.color);
    let loaded = session.load_config()?;
    if args.json {
        let mut rows = Vec::new();
        for (path, module) in &loaded.config.modules {
            for (name, call) in &module.calls {
                let key: Vec<String> = path
                    .0
                    .iter()
                    .map(ToString::to_string)
                    .chain([name.to_string()])
                    .collect();
                let version = call.version.as_ref().map_or("", |it| &it.0);
                rows.push(
                    json!({"key": key.join("."), "source": call.source.0, "version": version}),
                );
            }
        }
        ui::out(&format!(
            "{}\n",
            json!({"format_version": "1.0", "modules": rows})
        ));
        return Ok(Exit::Success);
    }
    let mut text = String::from("\nModules declared by configuration:\n.\n");
    module_tree(&loaded.config, &ModulePath::root()).draw("", &mut text);
    text.push('\n');
    ui::out(&if loaded.config.root().calls.is_empty() {
        "No modules found in configuration.\n".to_owned()
    } else {
        text
    });
    session.show_pending();
    Ok(Exit::Success)
}

fn module_tree(config: &Config, path: &ModulePath) -> Tree {
    let children = config
        .module(path)
        .into_iter()
        .flat_map(|module| &module.calls)
        .map(|(name, call)| {
            let version = call
                .version
                .as_ref()
                .map_or_else(String::new, |it| format!(" ({})", it.0));
            Tree {
                label: format!("\"{name}\"[{}]{version}", call.source.0),
                ..module_tree(config, &path.child(name))
            }
        });
    Tree {
        label: String::new(),
        children: children.collect(),
    }
}

/// `get`: checks that modules are there.
pub(crate) fn get(session: &mut Session, args: &GetArgs) -> Outcome {
    session.set_style(&args.color);
    let loaded = session.load_config()?;
    install(session, &loaded.config, args.update)?;
    session.show_pending();
    Ok(Exit::Success)
}

/// Notes where modules are, as Terraform does, and names those that were not noted before (all of them if `all`).
pub(crate) fn install(session: &Session, config: &Config, all: bool) -> Result<(), Reported> {
    let file = session.data_dir().join("modules/modules.json");
    let known: serde_json::Value = std::fs::read(&file)
        .ok()
        .and_then(|it| serde_json::from_slice(&it).ok())
        .unwrap_or(serde_json::Value::Null);
    let mut rows = vec![json!({"Key": "", "Source": "", "Dir": "."})];
    for (path, module) in config.modules.iter().filter(|(path, _)| !path.is_root()) {
        let names: Vec<&str> = path.0.iter().map(|it| &**it).collect();
        let (key, source) = (names.join("."), module.source.clone().unwrap_or_default());
        let row = json!({"Key": key, "Source": source, "Dir": module.directory});
        let is_known = known["Modules"]
            .as_array()
            .is_some_and(|it| it.contains(&row));
        if (all || !is_known) && !session.json {
            ui::out(&format!("- {key} in {}\n", module.directory));
        }
        rows.push(row);
    }
    let text = json!({"Modules": rows}).to_string();
    let written = std::fs::create_dir_all(file.parent().unwrap_or(&file))
        .and_then(|()| std::fs::write(&file, text));
    written.or_else(|error| {
        session.fail(
            diag::Diagnostic::error(
                &crate::load::code::UNWRITABLE_STATE,
                format!(
                    "{} cannot be written: {error}. Check that the working directory is writable.",
                    file.display()
                ),
            )
            .titled("Failed to write the list of modules"),
        )
    })
}

/// `metadata functions`: what can be called.
pub(crate) fn metadata(command: &MetadataCommand) -> Outcome {
    let MetadataCommand::Functions { json, .. } = command;
    if !json {
        return crate::ui::refuse(&format!(
            "The functions are printed as JSON only: add -json.\n\n{}",
            crate::help::text(&["metadata".to_owned(), "functions".to_owned()])
        ));
    }
    ui::out(&format!(
        "{}\n",
        view::json::go_text(&lang::functions::metadata())
    ));
    Ok(Exit::Success)
}
