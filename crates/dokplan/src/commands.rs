//! The commands, one small file each: load, call the engine, show, exit code.

mod apply;
mod console;
mod discover;
mod fmt;
mod force_unlock;
mod graph;
mod history;
mod import;
mod info;
mod init;
mod output;
mod plan;
mod refresh;
mod sandbox;
mod show;
mod state;
mod taint;
mod test;
mod validate;
mod version;
mod workspace;

use std::ffi::OsString;

use clap::{CommandFactory, Parser};

use crate::args::{Cli, Command, StateCommand};
use crate::exit::{Exit, Reported};
use crate::session::Session;

/// See [`diag::Code`].
pub(crate) const CONFLICTING: diag::Code = diag::Code::new(
    "conflicting-options",
    "Incompatible command line options",
    "Two options of the command line contradict each other.",
);

/// Runs the command line and gives the exit code.
pub(crate) async fn main(args: Vec<OsString>) -> u8 {
    let args = crate::args::normalise(args, &|name| std::env::var(name).ok());
    let order: Vec<String> = args
        .iter()
        .map(|it| it.to_string_lossy().into_owned())
        .collect();
    let cli = match Cli::try_parse_from(&args) {
        Ok(cli) => cli,
        Err(error) => return wrong_arguments(&error, &args),
    };
    match run(cli, &order).await {
        Ok(exit) => exit.code(),
        Err(Reported) => Exit::Failure.code(),
    }
}

/// The providers that a configuration needs and that are not here.
pub(crate) fn missing_providers(config: &config::Config) -> Vec<addr::Provider> {
    init::needed(config)
        .into_iter()
        .filter(|it| {
            matches!(
                crate::providers::Providers::availability(it),
                crate::providers::Availability::Missing
            )
        })
        .collect()
}

/// Says what is wrong with the command line, in the form that scripts know, and where help is.
fn wrong_arguments(error: &clap::Error, args: &[OsString]) -> u8 {
    use clap::error::{ContextKind, ErrorKind};
    if !error.use_stderr() {
        let _ = error.print();
        return Exit::Success.code();
    }
    let command: Vec<String> = args
        .iter()
        .skip(1)
        .map(|it| it.to_string_lossy().into_owned())
        .filter(|it| !it.starts_with('-'))
        .take_while(|it| Cli::command().find_subcommand(it).is_some())
        .collect();
    let name = command.first().cloned().unwrap_or_default();
    let context = |kind: ContextKind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let help = format!("For more help on using this command, run:\n  dokplan {name} -help\n");
    match error.kind() {
        ErrorKind::InvalidSubcommand if name.is_empty() => crate::ui::err(&format!(
            "dokplan has no command named {:?}.{}\n\nAll commands are listed by:\n  dokplan -help\n\n",
            context(ContextKind::InvalidSubcommand),
            match error.get(ContextKind::SuggestedSubcommand) {
                Some(it) => format!(" Did you mean {it}?"),
                None => String::new(),
            }
        )),
        ErrorKind::UnknownArgument if !context(ContextKind::InvalidArg).starts_with('-') => {
            if matches!(name.as_str(), "console" | "graph" | "get") {
                crate::ui::err(&format!(
                    "Too many command line arguments: {:?}. Did you mean to use -chdir?\n",
                    context(ContextKind::InvalidArg)
                ));
                return Exit::Failure.code();
            }
            let detail = if name == "init" {
                ". Did you mean to use -chdir?"
            } else {
                ""
            };
            crate::ui::err(&format!(
                "\nError: Too many command line arguments{detail}\n\nThe argument {:?} is one too many.\n{}",
                context(ContextKind::InvalidArg),
                if name == "init" {
                    String::new()
                } else {
                    format!("\n{help}")
                }
            ));
        }
        ErrorKind::MissingRequiredArgument
        | ErrorKind::MissingSubcommand
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
        }
        _ => {
            let text = error.render().to_string().replace("--", "-");
            let reason = text
                .strip_prefix("error: ")
                .unwrap_or(&text)
                .split("\n\n")
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned();
            crate::ui::err(&format!(
                "\nError: Failed to parse command-line flags\n\nIn this command line, {reason}.\n\n{help}"
            ));
        }
    }
    Exit::Failure.code()
}

async fn run(cli: Cli, order: &[String]) -> Result<Exit, Reported> {
    let cwd = std::env::current_dir()
        .map(|it| it.to_string_lossy().into_owned())
        .unwrap_or_default();
    // A directory is named from where the command was started.
    let restricted = cli
        .restricted
        .as_ref()
        .filter(|it| !it.is_empty())
        .map(|it| std::path::Path::new(&cwd).join(it));
    if let Some(directory) = &cli.chdir
        && let Err(error) = std::env::set_current_dir(directory)
    {
        crate::ui::err(&format!(
            "Error: -chdir={} does not work: {error}. Name a directory that exists.\n",
            directory.display()
        ));
        return Err(Reported);
    }
    if cli.restricted.is_some() {
        let root = restricted.as_deref().unwrap_or(std::path::Path::new("."));
        if let Err(reason) = crate::restricted::enter(root) {
            crate::ui::err(&format!(
                "Error: -restricted does not work: {reason}. Name a directory that holds the configuration.\n"
            ));
            return Err(Reported);
        }
    }
    let mut session = Session::new(cwd, cli.sandbox);
    if let Some(complaint) = crate::log::start(&session.env) {
        crate::ui::err(&format!("{complaint}\n"));
    }
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        cwd = session.cwd,
        "dokplan begins"
    );
    if cli.version {
        version::version(false);
        return Ok(Exit::Success);
    }
    let Some(command) = cli.command else {
        let _ = Cli::command().print_help();
        return Ok(Exit::NoCommand);
    };
    let session = &mut session;
    match command {
        Command::Init(args) => init::init(session, &args),
        Command::Validate(args) => validate::validate(session, &args).await,
        Command::Plan(args) => plan::plan(session, &args, order).await,
        Command::Apply(args) => apply::apply(session, args, order, false).await,
        Command::Destroy(args) => apply::apply(session, args, order, true).await,
        Command::Refresh(args) => refresh::refresh(session, &args, order).await,
        Command::Import(args) => import::import(session, &args, order).await,
        Command::Discover(args) => discover::discover(session, &args, order).await,
        Command::Show(args) => show::show(session, &args),
        Command::Output(args) => output::output(session, &args),
        Command::State { command } => match command {
            StateCommand::List {
                color,
                state,
                id,
                addresses,
            } => {
                session.set_style(&color);
                state::list(session, state.as_deref(), id.as_deref(), &addresses)
            }
            StateCommand::Show {
                color,
                state,
                address,
            } => {
                session.set_style(&color);
                state::show(session, state.as_deref(), &address)
            }
            StateCommand::Rm {
                file,
                dry_run,
                addresses,
            } => state::rm(session, &file, dry_run, &addresses).await,
            StateCommand::Mv {
                file,
                dry_run,
                source,
                destination,
            } => state::mv(session, &file, dry_run, &source, &destination).await,
            StateCommand::Pull { color } => {
                session.set_style(&color);
                state::pull(session)
            }
            StateCommand::Push { file, force, path } => {
                state::push(session, &file, force, &path).await
            }
            StateCommand::History { color, state, json } => {
                session.set_style(&color);
                history::list(session, state.as_deref(), json)
            }
            StateCommand::Undo {
                file,
                auto_approve,
                number,
            } => history::undo(session, &file, auto_approve, number).await,
            StateCommand::ReplaceProvider {
                file,
                auto_approve,
                from,
                to,
            } => state::replace_provider(session, &file, auto_approve, &from, &to).await,
        },
        Command::Taint(args) => taint::taint(session, &args, true).await,
        Command::Untaint(args) => taint::taint(session, &args, false).await,
        Command::Workspace { command } => workspace::workspace(session, command).await,
        Command::Providers(args) => info::providers(session, &args),
        Command::Modules(args) => info::modules(session, &args),
        Command::Metadata { command } => info::metadata(&command),
        Command::Get(args) => info::get(session, &args),
        Command::ForceUnlock(args) => force_unlock::force_unlock(session, &args),
        Command::Console(args) => console::console(session, &args, order).await,
        Command::Fmt(args) => fmt::fmt(session, &args),
        Command::Test(args) => test::test(session, &args, order).await,
        Command::Graph(args) => graph::graph(session, &args),
        Command::Version(args) => {
            session.set_style(&args.color);
            version::version(args.json);
            Ok(Exit::Success)
        }
        Command::Sandbox { command } => sandbox::sandbox(session, command).await,
    }
}
