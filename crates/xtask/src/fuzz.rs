//! Runs the fuzz targets of `fuzz/` without another tool than a nightly toolchain: the flags are those of libFuzzer.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What makes the compiler count which branches an input takes.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares -Cdebug-assertions -Ccodegen-units=1";

/// Where the binaries are, below the target directory of `fuzz/`. A target triple keeps the flags from build scripts.
const TRIPLE: &str = "x86_64-unknown-linux-gnu";

/// `[TARGET] [SECONDS]`: one target or all, a minute each if not said otherwise. Stops at the first finding, which is
/// left in `fuzz/artifacts`.
pub(crate) fn fuzz(args: &[String]) -> bool {
    let (names, seconds): (Vec<&String>, Vec<&String>) =
        args.iter().partition(|it| it.parse::<u64>().is_err());
    let seconds = seconds.first().map_or("60", |it| it.as_str());
    let Some(targets) = targets() else {
        eprintln!("run this in the repository: fuzz/fuzz_targets is not here");
        return false;
    };
    let unknown = names.iter().find(|it| !targets.contains(it));
    if let Some(name) = unknown {
        eprintln!(
            "there is no fuzz target {name}; there are {}",
            targets.join(", ")
        );
        return false;
    }
    let chosen = targets
        .iter()
        .filter(|it| names.is_empty() || names.contains(it));
    for target in chosen {
        println!("{target}: {seconds} s");
        if !build(target) || !seed(target) || !run(target, seconds) {
            return false;
        }
    }
    true
}

fn targets() -> Option<Vec<String>> {
    let mut res: Vec<String> = std::fs::read_dir("fuzz/fuzz_targets")
        .ok()?
        .filter_map(|it| Some(it.ok()?.path().file_stem()?.to_str()?.to_owned()))
        .collect();
    res.sort();
    Some(res)
}

fn build(target: &str) -> bool {
    let built = Command::new("cargo")
        .args(["+nightly", "build", "--release", "--quiet"])
        .args(["--manifest-path", "fuzz/Cargo.toml", "--target", TRIPLE])
        .args(["--target-dir", "fuzz/target", "--bin", target])
        .env("RUSTFLAGS", FLAGS)
        .env_remove("CARGO")
        .env_remove("RUSTUP_TOOLCHAIN")
        .status();
    match built {
        Ok(status) => status.success(),
        Err(error) => {
            eprintln!("cargo does not run: {error}");
            false
        }
    }
}

/// Begins a corpus with the recorded cases, so that not every run has to find the language by itself.
fn seed(target: &str) -> bool {
    let corpus = Path::new("fuzz/corpus").join(target);
    if corpus.exists() {
        return true;
    }
    let cases = Path::new("testdata/conformance");
    let texts = if target == "eval" {
        expressions(&cases.join("expr"))
    } else if ["parse", "fmt"].contains(&target) {
        files(&cases.join("fmt"), ".in.tf")
    } else {
        Some(Vec::new())
    };
    let Some(texts) = texts else {
        eprintln!("the recorded cases cannot be read: {}", cases.display());
        return false;
    };
    let written = std::fs::create_dir_all(&corpus).and_then(|()| {
        texts
            .iter()
            .enumerate()
            .try_for_each(|(at, text)| std::fs::write(corpus.join(format!("seed-{at}")), text))
    });
    if let Err(error) = &written {
        eprintln!("{} cannot be filled: {error}", corpus.display());
    }
    written.is_ok()
}

/// The texts of the files in a directory whose names end so.
fn files(directory: &Path, ending: &str) -> Option<Vec<String>> {
    let mut res = Vec::new();
    for entry in std::fs::read_dir(directory).ok()? {
        let path = entry.ok()?.path();
        if path.to_string_lossy().ends_with(ending) {
            res.extend(std::fs::read_to_string(path));
        }
    }
    Some(res)
}

/// The recorded expressions.
fn expressions(directory: &Path) -> Option<Vec<String>> {
    let mut res = Vec::new();
    for text in files(directory, ".json")? {
        let cases: Vec<serde_json::Value> = serde_json::from_str(&text).ok()?;
        let texts = cases.iter().filter_map(|it| it["expr"].as_str());
        res.extend(texts.map(str::to_owned));
    }
    Some(res)
}

fn run(target: &str, seconds: &str) -> bool {
    let corpus = Path::new("fuzz/corpus").join(target);
    let artifacts = Path::new("fuzz/artifacts").join(target);
    for directory in [&corpus, &artifacts] {
        if let Err(error) = std::fs::create_dir_all(directory) {
            eprintln!("{} cannot be made: {error}", directory.display());
            return false;
        }
    }
    let binary = PathBuf::from("fuzz/target")
        .join(TRIPLE)
        .join("release")
        .join(target);
    let status = Command::new(binary)
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .args(["-timeout=60", "-rss_limit_mb=4096", "-print_final_stats=1"])
        .arg(corpus)
        .status();
    match status {
        Ok(status) => status.success(),
        Err(error) => {
            eprintln!("{target} does not run: {error}");
            false
        }
    }
}
