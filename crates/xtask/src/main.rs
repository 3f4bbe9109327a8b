//! The workspace's own tasks: `cargo xtask check`, `cargo xtask bench`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a tool for developers that runs commands and prints"
)]

mod bench;
mod fuzz;
mod torture;

use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};

/// The tasks, their arguments and what they do.
const USAGE: &str = "usage: cargo xtask <task>

  check     the whole gate: formatting, lints, every test (what CI runs)
  bench     how fast it is, side by side with hcl-edit, and with terraform where it is on PATH
  fuzz      [TARGET] [SECONDS]: looks for texts that break a promise (nightly toolchain); all targets, a minute each
  contract  --openapi FILE: compares what the provider sends and the simulator takes with a Dokploy's own description
  torture   kills, power cuts and faults of the disk, longer than the tests do it (twenty minutes)
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match args.first().map(String::as_str) {
        Some("check") => check(),
        Some("bench") => bench::bench(&args[1..]),
        Some("fuzz") => fuzz::fuzz(&args[1..]),
        Some("contract") => contract(&args[1..]),
        Some("torture") => torture::torture(),
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
        && tests()
}

/// Runs every test, and closes with how many there were in all.
fn tests() -> bool {
    println!("$ cargo test --workspace --quiet");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let child = Command::new(cargo)
        .args(["test", "--workspace", "--quiet"])
        .stdout(Stdio::piped())
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => {
            eprintln!("cargo does not run: {error}");
            return false;
        }
    };
    let (mut passed, mut failed, mut skipped) = (0u64, 0u64, 0u64);
    for line in child
        .stdout
        .take()
        .into_iter()
        .flat_map(|it| BufReader::new(it).lines())
        .map_while(Result::ok)
    {
        println!("{line}");
        let Some(counts) = line.strip_prefix("test result: ") else {
            continue;
        };
        for part in counts.split(['.', ';']) {
            let mut words = part.split_whitespace();
            let (Some(count), Some(kind)) = (
                words.next().and_then(|it| it.parse::<u64>().ok()),
                words.next(),
            ) else {
                continue;
            };
            match kind {
                "passed" => passed += count,
                "failed" => failed += count,
                "ignored" => skipped += count,
                _ => {}
            }
        }
    }
    let done = child.wait().is_ok_and(|it| it.success());
    println!("\n{passed} passed, {failed} failed, {skipped} skipped");
    done
}

/// Compares with a description of Dokploy's API; its output is the crate's alone, for those who read JSON.
fn contract(args: &[String]) -> bool {
    let own = ["run", "--quiet", "-p", "contract", "--"];
    let args = args.iter().map(String::as_str);
    run(&own.into_iter().chain(args).collect::<Vec<_>>())
}

fn cargo(args: &[&str]) -> bool {
    println!("$ cargo {}", args.join(" "));
    run(args)
}

fn run(args: &[&str]) -> bool {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    match Command::new(cargo).args(args).status() {
        Ok(status) => status.success(),
        Err(error) => {
            eprintln!("cargo does not run: {error}");
            false
        }
    }
}
