//! dokplan: plans and applies existing Terraform configuration for Dokploy.
#![allow(
    clippy::disallowed_methods,
    reason = "this crate is the edge: it reads the environment, the clock and files, and prints"
)]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this crate is where output happens (ui.rs)"
)]

mod adopt;
mod args;
mod backends;
mod commands;
mod complete;
mod credentials;
mod encryption;
mod exit;
mod files;
mod generate;
mod help;
mod load;
mod log;
mod operation;
mod providers;
mod provisioner;
mod restricted;
mod sandbox;
mod saved;
mod session;
mod signals;
mod states;
mod ui;
mod usage;
mod vars;
mod world;

fn main() -> std::process::ExitCode {
    // Deep expressions recurse: a stack of our own makes the depth that works the same everywhere.
    let worker = std::thread::Builder::new()
        .name("dokplan".to_owned())
        .stack_size(64 << 20)
        .spawn(run);
    let code = match worker.map(std::thread::JoinHandle::join) {
        Ok(Ok(code)) => code,
        Ok(Err(_)) => 1,
        Err(error) => {
            eprintln!("dokplan cannot start its thread: {error}");
            1
        }
    };
    std::process::ExitCode::from(code)
}

fn run() -> u8 {
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_stack_size(16 << 20)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("dokplan cannot start: {error}");
            return 1;
        }
    };
    let code = runtime.block_on(commands::main(std::env::args_os().collect()));
    runtime.shutdown_background();
    code
}
