//! The workspace's own tasks: `cargo xtask check`, `cargo xtask bench`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a tool for developers that runs commands and prints"
)]

mod bench;

use std::process::{Command, ExitCode};

/// The tasks, their arguments and what they do.
const USAGE: &str = "usage: cargo xtask <task>

  check     the whole gate: formatting, lints, every test (what CI runs)
  bench     plan and apply of 1,000 objects, side by side with terraform where it is on PATH
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match args.first().map(String::as_str) {
        Some("check") => check(),
        Some("bench") => bench::bench(&args[1..]),
        _ => {
            eprint!("{USAGE}");
            false
        }
    };
    if done {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Formatting, lints, tests: the first that fails ends it.
fn check() -> bool {
    cargo(&["fmt", "--all", "--check"])
        && cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ])
        && cargo(&["test", "--workspace", "--quiet"])
}

fn cargo(args: &[&str]) -> bool {
    println!("$ cargo {}", args.join(" "));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    match Command::new(cargo).args(args).status() {
        Ok(status) => status.success(),
        Err(error) => {
            eprintln!("cargo does not run: {error}");
            false
        }
    }
}
