//! `init`: prepares the working directory. There is nothing to install: modules are local, providers are built in.

use std::collections::BTreeSet;

use diag::{Diagnostic, Diagnostics};

use crate::args::InitArgs;
use crate::exit::{Exit, Outcome, Reported};
use crate::providers::{Availability, Providers};
use crate::session::Session;
use crate::ui;

mod code {
    use diag::Code;

    /// See [`Code`].
    pub(crate) const NO_PROVIDER: Code = Code::new(
        "no-such-provider",
        "Failed to query available provider packages",
        "The configuration needs a provider that is not built in. dokplan has the providers for Dokploy and `terraform_data`.",
    );
}

/// Checks backend, modules and providers, and makes the data directory.
pub(crate) fn init(session: &mut Session, args: &InitArgs) -> Outcome {
    session.set_style(&args.color);
    let loaded = session.load_config()?;
    if loaded.files.is_empty() {
        ui::out(
            "dokplan initialized in an empty directory!\n\nThe directory holds no configuration yet. Write a .tf file and run this command again.\n",
        );
        return Ok(Exit::Success);
    }
    let style = session.style;
    if args.backend {
        ui::out(&format!("{}\n", style.bold("Initializing the backend...")));
        let init = crate::backends::Init {
            options: &args.backend_config,
            reconfigure: args.reconfigure,
            migrate: args.migrate_state || args.force_copy,
        };
        if let Some(local) = crate::backends::init(session, &loaded.config, &init)? {
            let path = local.path.unwrap_or_else(|| "terraform.tfstate".to_owned());
            ui::out(&format!(
                "\nThe state is kept in the local file {path}.\n\n"
            ));
        }
    }
    if args.get && loaded.config.modules.len() > 1 {
        let doing = if args.upgrade {
            "Upgrading modules..."
        } else {
            "Initializing modules..."
        };
        ui::out(&format!("{}\n", style.bold(doing)));
        crate::commands::info::install(session, &loaded.config, args.upgrade)?;
    }
    ui::out(&format!(
        "{}\n",
        style.bold("Initializing provider plugins...")
    ));
    let mut diags = Diagnostics::new();
    for provider in needed(&loaded.config) {
        match Providers::availability(&provider) {
            Availability::Builtin => ui::out(&format!("- {provider} is built in to Terraform\n")),
            Availability::Included => ui::out(&format!("- {} is part of dokplan\n", provider.for_display())),
            Availability::Missing => diags.push(Diagnostic::error(
                &code::NO_PROVIDER,
                format!(
                    "The configuration uses the provider {}, which is not part of dokplan. It has the Dokploy provider (ahmedali6/dokploy) and the built-in terraform provider. If the name is a slip, correct it in required_providers; if a resource type is misspelled, its first word names a provider that you did not mean.",
                    provider.for_display()
                ),
            )),
        }
    }
    session.show(&diags);
    if diags.has_errors() {
        return Err(Reported);
    }
    if let Err(error) = std::fs::create_dir_all(session.data_dir()) {
        return session.fail(Diagnostic::error(
            &crate::load::code::UNWRITABLE_STATE,
            format!("The directory {} cannot be made: {error}. Check that the working directory is writable.", session.data_dir().display()),
        ).titled("Failed to initialize the working directory"));
    }
    ui::out(&format!(
        "\n{}\n",
        style.bold_green("dokplan has been successfully initialized!")
    ));
    if session.var("TF_IN_AUTOMATION").is_none() {
        ui::out(
            "\nNothing had to be downloaded. \"dokplan plan\" shows what would change; run \"dokplan init\" again after you add a module or a provider.\n",
        );
    }
    session.show_pending();
    Ok(Exit::Success)
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
