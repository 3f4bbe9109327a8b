//! `init`: prepares the working directory. There is nothing to install: modules are local, providers are built in.

use std::collections::BTreeSet;

use diag::{Diagnostic, Diagnostics};

use crate::args::InitArgs;
use crate::exit::{Exit, Outcome, Reported};
use crate::files::DiskFiles;
use crate::providers::{Availability, Providers};
use crate::session::Session;
use crate::ui;

mod code {
    use diag::Code;

    /// See [`Code`].
    pub(crate) const UNSOUND: Code = Code::new(
        "unsound-configuration",
        "dokplan encountered problems during initialisation, including problems",
        "`init` found mistakes in the configuration, which it lists. Correct them and run it again.",
    );
    /// See [`Code`].
    pub(crate) const NO_PROVIDER: Code = Code::new(
        "no-such-provider",
        "Failed to query available provider packages",
        "The configuration needs a provider that is not built in. dokplan has the providers for Dokploy and `terraform_data`.",
    );
}

/// Checks backend, modules and providers, and makes the data directory.
pub(crate) fn init(session: &mut Session, args: &InitArgs) -> Outcome {
    session.json = args.json;
    session.set_style(&args.color);
    if args.json {
        let version = crate::load::TERRAFORM_VERSION;
        ui::json_line(&view::json::events::version(
            version,
            &crate::world::now_micros(),
        ));
    }
    let mut diags = Diagnostics::new();
    let loaded = config::load(&DiskFiles, ".", &mut session.sources, &mut diags);
    if loaded.as_ref().is_some_and(|it| it.files.is_empty()) && !diags.has_errors() {
        say(
            session,
            "output_init_empty_message",
            "dokplan initialized in an empty directory!\n\nThe directory holds no configuration yet. Write a .tf file and run this command again.",
        );
        return Ok(Exit::Success);
    }
    if args.backend {
        say(
            session,
            "initializing_backend_message",
            "Initializing the backend...",
        );
    }
    let in_root = |it: &Diagnostic| {
        it.subject
            .is_none_or(|at| !session.sources.name(at.source).contains('/'))
    };
    if diags.iter().any(|it| it.is_error() && in_root(it)) {
        let heading = Diagnostic::error(
            &code::UNSOUND,
            "The configuration has to be sound before the directory can be prepared for it: it says which modules and providers are needed. What is wrong follows.",
        );
        session.show(&heading.into());
    }
    let Some(loaded) = loaded.filter(|_| !diags.iter().any(|it| it.is_error() && in_root(it)))
    else {
        session.show(&diags);
        return Err(Reported);
    };
    if args.backend {
        let init = crate::backends::Init {
            options: &args.backend_config,
            reconfigure: args.reconfigure,
            migrate: args.migrate_state || args.force_copy,
        };
        if let Some(local) = crate::backends::init(session, &loaded.config, &init)? {
            let path = local.path.unwrap_or_else(|| "terraform.tfstate".to_owned());
            say(
                session,
                "backend_configured_success",
                &format!("\nThe state is kept in the local file {path}.\n"),
            );
        }
    }
    if args.get && loaded.config.modules.len() > 1 {
        if args.upgrade {
            say(session, "upgrading_modules_message", "Upgrading modules...");
        } else {
            say(
                session,
                "initializing_modules_message",
                "Initializing modules...",
            );
        }
        crate::commands::info::install(session, &loaded.config, args.upgrade)?;
    }
    if diags.has_errors() {
        session.show(&diags);
        return Err(Reported);
    }
    session.pending.append(diags);
    providers(session, &loaded.config)?;
    if let Err(error) = std::fs::create_dir_all(session.data_dir()) {
        return session.fail(Diagnostic::error(
            &crate::load::code::UNWRITABLE_STATE,
            format!("The directory {} cannot be made: {error}. Check that the working directory is writable.", session.data_dir().display()),
        ).titled("Failed to initialize the working directory"));
    }
    say(
        session,
        "output_init_success_message",
        &format!(
            "\n{}",
            session
                .style
                .bold_green("dokplan has been successfully initialized!")
        ),
    );
    if session.var("TF_IN_AUTOMATION").is_none() {
        say(
            session,
            "output_init_success_cli_message",
            "\nNothing had to be downloaded. \"dokplan plan\" shows what would change; run \"dokplan init\" again after you add a module or a provider.",
        );
    }
    session.show_pending();
    Ok(Exit::Success)
}

/// A line of progress, as text or as a document with a code that tools know.
fn say(session: &Session, code: &str, text: &str) {
    if session.json {
        let time = crate::world::now_micros();
        ui::json_line(&view::json::events::init(code, text.trim(), &time));
    } else if code.starts_with("initializing") || code.starts_with("upgrading") {
        ui::out(&format!("{}\n", session.style.bold(text)));
    } else {
        ui::out(&format!("{text}\n"));
    }
}

/// Says where each provider comes from; an error for those that are not here.
fn providers(session: &Session, config: &config::Config) -> Result<(), Reported> {
    say(
        session,
        "initializing_provider_plugin_message",
        "Initializing provider plugins...",
    );
    let mut diags = Diagnostics::new();
    for provider in needed(config) {
        let line = match Providers::availability(&provider) {
            Availability::Builtin => format!("{provider} is built in to dokplan"),
            Availability::Included => format!("{} is part of dokplan", provider.for_display()),
            Availability::Missing => {
                diags.push(Diagnostic::error(
                    &code::NO_PROVIDER,
                    format!(
                        "The configuration uses the provider {}, which is not part of dokplan. It has the Dokploy provider (ahmedali6/dokploy) and the built-in terraform provider. If the name is a slip, correct it in required_providers; if a resource type is misspelled, its first word names a provider that you did not mean.",
                        provider.for_display()
                    ),
                ));
                continue;
            }
        };
        if session.json {
            ui::json_line(&view::json::events::log(&line, &crate::world::now_micros()));
        } else {
            ui::out(&format!("- {line}\n"));
        }
    }
    session.check(&diags)
}

/// The providers that any module names or uses.
fn needed(config: &config::Config) -> BTreeSet<addr::Provider> {
    let mut res = BTreeSet::new();
    for module in config.modules.values() {
        res.extend(
            module
                .settings
                .required_providers
                .values()
                .map(|it| it.source.clone()),
        );
        res.extend(module.resources.values().map(|it| it.provider_addr.clone()));
    }
    res
}
