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
mod login;
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

use clap::Parser;

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
    let env = |name: &str| std::env::var(name).ok();
    let plain: Vec<String> = args
        .iter()
        .map(|it| it.to_string_lossy().into_owned())
        .collect();
    if let Some(code) = crate::complete::answer(&plain, &env) {
        return code;
    }
    let args = crate::args::normalise(args, &env);
    let order: Vec<String> = args
        .iter()
        .map(|it| it.to_string_lossy().into_owned())
        .collect();
    if crate::usage::asks_for_help(&order) {
        crate::ui::out(&crate::help::text(&crate::usage::path(&order)));
        return Exit::Success.code();
    }
    let cli = match Cli::try_parse_from(&args) {
        Ok(cli) => cli,
        Err(error) => return crate::usage::report(&error, &order),
    };
    match run(cli, &order).await {
        Ok(exit) => exit.code(),
        Err(Reported) => Exit::Failure.code(),
    }
}

/// See [`diag::Code`].
const DEPRECATED_FLAG: diag::Code = diag::Code::new(
    "deprecated-state-flag",
    "Deprecated flag: -state",
    "Where the state is kept is said by the `path` of the backend \"local\", once for all commands.",
);

/// Warns of `-state`, which the reference will drop.
pub(crate) fn warn_of_state_flag(session: &Session, args: &crate::args::StateArgs) {
    if args.state.is_some() {
        let warning = diag::Diagnostic::warning(
            &DEPRECATED_FLAG,
            "Name the file in the configuration instead, so that no command misses it: the argument path of the backend \"local\".",
        );
        session.show(&warning.into());
    }
}

/// The names of workspaces, for completion.
pub(crate) fn workspaces(session: &mut Session) -> Result<Vec<String>, Reported> {
    workspace::names(session)
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
    if cli.install_autocomplete || cli.uninstall_autocomplete {
        return crate::complete::install(&mut session, cli.install_autocomplete);
    }
    let Some(command) = cli.command else {
        crate::ui::out(&crate::help::text(&[]));
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
            StateCommand::Pull { color, .. } => {
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
        Command::Login(args) => login::login(session, &args),
        Command::Logout(args) => login::logout(session, &args),
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
