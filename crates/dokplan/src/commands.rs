//! The commands, one small file each: load, call the engine, show, exit code.

mod apply;
mod console;
mod fmt;
mod force_unlock;
mod graph;
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
mod validate;
mod version;
mod workspace;

use std::ffi::OsString;

use clap::{CommandFactory, Parser};

use crate::args::{Cli, Command, StateCommand};
use crate::exit::{Exit, Reported};
use crate::session::Session;

/// Runs the command line and gives the exit code.
pub(crate) async fn main(args: Vec<OsString>) -> u8 {
    let args = crate::args::normalise(args, &|name| std::env::var(name).ok());
    let order: Vec<String> = args
        .iter()
        .map(|it| it.to_string_lossy().into_owned())
        .collect();
    let cli = match Cli::try_parse_from(&args) {
        Ok(cli) => cli,
        Err(error) => {
            let help = !error.use_stderr();
            let _ = error.print();
            return if help { 0 } else { 1 };
        }
    };
    match run(cli, &order).await {
        Ok(exit) => exit.code(),
        Err(Reported) => Exit::Failure.code(),
    }
}

async fn run(cli: Cli, order: &[String]) -> Result<Exit, Reported> {
    let cwd = std::env::current_dir()
        .map(|it| it.to_string_lossy().into_owned())
        .unwrap_or_default();
    if let Some(directory) = &cli.chdir {
        if let Err(error) = std::env::set_current_dir(directory) {
            crate::ui::err(&format!(
                "Error: -chdir={} does not work: {error}. Name a directory that exists.\n",
                directory.display()
            ));
            return Err(Reported);
        }
    }
    let mut session = Session::new(cwd, cli.sandbox);
    if cli.version {
        return version::version(&session, false);
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
        Command::Get(args) => info::get(session, &args),
        Command::ForceUnlock(args) => force_unlock::force_unlock(session, &args),
        Command::Console(args) => console::console(session, &args, order).await,
        Command::Fmt(args) => fmt::fmt(session, &args),
        Command::Graph(args) => graph::graph(session, &args),
        Command::Version(args) => version::version(session, args.json),
        Command::Sandbox { command } => sandbox::sandbox(session, command).await,
    }
}
