//! Plan and apply of many `terraform_data`, side by side with the reference.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Measures the release binary, and `terraform` where it is on PATH; prints times and ratios. The argument is how many
/// objects, 1,000 if left out.
pub(crate) fn bench(args: &[String]) -> bool {
    let count: usize = args.first().and_then(|it| it.parse().ok()).unwrap_or(1000);
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--release", "--quiet", "--package", "dokplan"])
        .status();
    if !built.is_ok_and(|it| it.success()) {
        eprintln!("the release build failed");
        return false;
    }
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
    let Ok(dokplan) = Path::new(&target).join("release/dokplan").canonicalize() else {
        eprintln!("the release binary is not where it should be");
        return false;
    };
    let root = std::env::temp_dir().join(format!("dokplan-bench-{}", std::process::id()));
    println!("{count} terraform_data, best of 3; milliseconds");
    println!(
        "{:<24}{:>12}{:>12}{:>10}",
        "", "dokplan", "terraform", "ratio"
    );
    let ours = run(&dokplan, &root.join("ours"), count);
    let theirs = run(Path::new("terraform"), &root.join("theirs"), count);
    let _ = std::fs::remove_dir_all(&root);
    let Some(ours) = ours else {
        eprintln!("dokplan failed");
        return false;
    };
    for (at, (name, time)) in ours.iter().enumerate() {
        let other = theirs.as_ref().map(|it| it[at].1);
        let ms = |it: Duration| format!("{:.0}", it.as_secs_f64() * 1000.0);
        let ratio = other.map_or_else(
            || "-".to_owned(),
            |it| format!("{:.1}x", it.as_secs_f64() / time.as_secs_f64()),
        );
        println!(
            "{name:<24}{:>12}{:>12}{ratio:>10}",
            ms(*time),
            other.map_or_else(|| "-".to_owned(), ms)
        );
    }
    true
}

/// The times of a first plan, an apply, an empty plan and a destroy.
fn run(binary: &Path, directory: &Path, count: usize) -> Option<Vec<(&'static str, Duration)>> {
    let text = format!(
        "resource \"terraform_data\" \"many\" {{\n  count = {count}\n  input = \"value-${{count.index}}\"\n}}\n"
    );
    let steps: [(&'static str, &[&str]); 4] = [
        ("plan (create all)", &["plan", "-no-color", "-input=false"]),
        (
            "apply (create all)",
            &["apply", "-no-color", "-auto-approve"],
        ),
        (
            "plan (nothing to do)",
            &["plan", "-no-color", "-input=false"],
        ),
        ("destroy", &["destroy", "-no-color", "-auto-approve"]),
    ];
    let mut best: Vec<(&'static str, Duration)> = Vec::new();
    for round in 0..3 {
        let here = directory.join(round.to_string());
        std::fs::create_dir_all(&here).ok()?;
        std::fs::write(here.join("main.tf"), &text).ok()?;
        timed(binary, &here, &["init", "-no-color"])?;
        for (at, (name, args)) in steps.iter().enumerate() {
            let time = timed(binary, &here, args)?;
            match best.get_mut(at) {
                Some(known) => known.1 = known.1.min(time),
                None => best.push((name, time)),
            }
        }
    }
    Some(best)
}

fn timed(binary: &Path, directory: &Path, args: &[&str]) -> Option<Duration> {
    let start = Instant::now();
    let status = Command::new(binary)
        .args(args)
        .current_dir(directory)
        .env("CHECKPOINT_DISABLE", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .ok()?;
    status.success().then(|| start.elapsed())
}
