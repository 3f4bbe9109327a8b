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
    pub(crate) const UNSOUND: Code = Code::new(
        "unsound-configuration",
        "dokplan encountered problems during initialisation, including problems",
        "`init` found mistakes in the configuration, which it lists. Correct them and run it again.",
    );
    /// See [`Code`].
    pub(crate) const NOT_EMPTY: Code = Code::new(
        "directory-not-empty",
        "The working directory already contains files. The -from-module option requires",
        "`init -from-module` copies a module into a directory that has no configuration yet.",
    );
    /// See [`Code`].
    pub(crate) const NO_MODULE: Code = Code::new(
        "no-such-module",
        "Failed to download module",
        "`init -from-module` takes the path of a directory: `./templates/app`.",
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
        ui::json_version();
    }
    if let Some(source) = &args.from_module {
        from_module(session, source)?;
    }
    let (loaded, diags) = session.read_config();
    let mut of_tests = Diagnostics::new();
    let tests = super::test::read_files(session, &args.test_directory, &[], &mut of_tests);
    if loaded
        .as_ref()
        .is_some_and(|it| !crate::load::has_configuration(it))
        && !diags.has_errors()
    {
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
    let Some(loaded) = loaded else {
        session.show(&diags);
        return Err(Reported);
    };
    let root = loaded.config.root();
    let calls = args.get && root.has_calls;
    let in_root = |session: &Session, it: &Diagnostic| {
        it.subject
            .is_none_or(|at| !session.sources.name(at.source).contains('/'))
    };
    // The modules are looked at first where there are any, and then what is wrong with them is said together with what
    // is wrong with the root. Where there are none, the reference reads the root once more for its backend, and tools
    // count on seeing each mistake twice; those of syntax it remembers.
    let root_is_wrong =
        of_tests.has_errors() || diags.iter().any(|it| it.is_error() && in_root(session, it));
    // Of a configuration for another version nothing else is known to be wrong.
    let version = config::code::UNSUPPORTED_VERSION.id;
    let others: Diagnostics = diags
        .iter()
        .filter(|it| it.is_error() && it.code.id == version)
        .cloned()
        .collect();
    session.check(&others)?;
    let is_syntax = |it: &Diagnostic| hcl::code::CODES.iter().any(|code| code.id == it.code.id);
    let heading = || {
        Diagnostic::error(
            &code::UNSOUND,
            "The configuration has to be sound before the directory can be prepared for it: it says which modules and providers are needed. What is wrong follows.",
        )
    };
    if root_is_wrong && !calls {
        let again = args.backend && root.settings.backend.is_none();
        let mut all = Diagnostics::from(heading());
        all.extend_repeated(diags.clone());
        all.extend_repeated(
            diags.repeated(|it| usize::from(again && !is_syntax(it) && in_root(session, it))),
        );
        all.extend_repeated(of_tests);
        if args.backend {
            crate::backends::remember(session, &loaded.config);
        }
        session.show(&all);
        return Err(Reported);
    }
    if args.backend && !root_is_wrong {
        let init = crate::backends::Init {
            options: &args.backend_config,
            reconfigure: args.reconfigure,
            migrate: args.migrate_state || args.force_copy,
            force: args.force_copy,
            input: args.input.input && !args.json,
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
    if calls {
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
        // The reference looks at the syntax of the root after the modules, and at the rest with them.
        let mut errors = diags.iter().filter(|it| it.is_error());
        let mut all = Diagnostics::new();
        if errors.all(|it| is_syntax(it) && in_root(session, it)) {
            all.push(heading());
        }
        all.extend_repeated(diags);
        session.show(&all);
        return Err(Reported);
    }
    if args.get
        && tests
            .iter()
            .any(|(_, it)| it.runs.iter().any(|it| it.module.is_some()))
    {
        if !calls {
            say(
                session,
                "initializing_modules_message",
                "Initializing modules...",
            );
        }
        let mut found = Diagnostics::new();
        for (key, module) in super::test::run_modules(session, &tests, &mut found) {
            if !session.json {
                ui::out(&format!("- {key} in {}\n", module.config.root().directory));
            }
        }
        session.check(&found)?;
    }
    if args.backend || root.settings.backend.is_none() {
        session.check_state(&loaded.config)?;
    }
    // Each stage that reads the configuration tells its warnings: the root alone, the modules, and all together.
    let diags = diags.repeated(|it| 1 + usize::from(in_root(session, it)) + usize::from(calls));
    session.pending.extend_repeated(diags);
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

/// `-from-module`: the files of a module as the beginning of a configuration.
fn from_module(session: &mut Session, source: &str) -> Result<(), Reported> {
    let (loaded, diags) = session.read_config();
    if diags.has_errors() || loaded.is_some_and(|it| crate::load::has_configuration(&it)) {
        return session.fail(Diagnostic::error(
            &code::NOT_EMPTY,
            "an empty directory, because the files of the module are copied into it.\n\nTo work with the configuration that is here already, leave out the\n-from-module option.",
        ));
    }
    let from = std::path::Path::new(source);
    if !from.is_dir() {
        return session.fail(Diagnostic::error(
            &code::NO_MODULE,
            format!("There is no directory {source}. dokplan copies modules from directories only: fetch the module first, then name its path."),
        ));
    }
    if !session.json {
        ui::out(&format!("Copying configuration from \"{source}\"...\n"));
    }
    copy(from, std::path::Path::new(".")).or_else(|error| {
        session.fail(Diagnostic::error(
            &code::NO_MODULE,
            format!("The files of {source} cannot be copied: {error}."),
        ))
    })
}

/// Copies what is in a directory, without what tools keep there (names that begin with a dot).
fn copy(from: &std::path::Path, to: &std::path::Path) -> std::io::Result<()> {
    let entries: Vec<_> = std::fs::read_dir(from)?.collect::<Result<_, _>>()?;
    std::fs::create_dir_all(to)?;
    for entry in entries {
        let (name, path) = (entry.file_name(), entry.path());
        if name.to_string_lossy().starts_with('.') {
            continue;
        }
        if path.is_dir() {
            copy(&path, &to.join(name))?;
        } else {
            std::fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
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
    for line in found(config).1 {
        if session.json {
            ui::json_line(&view::json::events::log(&line, &crate::world::now_micros()));
        } else {
            ui::out(&format!("- {line}\n"));
        }
    }
    available(session, config)
}

/// An error for providers that are not here.
pub(crate) fn available(session: &Session, config: &config::Config) -> Result<(), Reported> {
    session.check(&found(config).0)
}

/// Where each provider comes from, and errors for those that are not here.
fn found(config: &config::Config) -> (Diagnostics, Vec<String>) {
    let (mut diags, mut lines) = (Diagnostics::new(), Vec::new());
    for provider in needed(config) {
        lines.push(match Providers::availability(&provider) {
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
        });
    }
    (diags, lines)
}

/// The providers that any module names or uses.
pub(super) fn needed(config: &config::Config) -> BTreeSet<addr::Provider> {
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
        // The plan can write configuration for what is imported and not declared.
        let undeclared = module
            .imports
            .iter()
            .filter(|it| it.provider.is_none() && !config.declares(&it.target));
        let of_imports = undeclared.map(|it| it.target.resource.implied_provider());
        let of_blocks = module.providers.keys().map(|it| &*it.name);
        let names = of_imports.chain(of_blocks);
        res.extend(names.map(|it| module.provider_or_implied(it)));
    }
    res
}
