//! Plan and apply of many `terraform_data`, and evaluation of many expressions, side by side with the reference.

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
    let ours = run(&dokplan, &root.join("ours"), count);
    let theirs = run(Path::new("terraform"), &root.join("theirs"), count);
    let is_done = table(ours, theirs);
    println!("\nlanguage: a plan of it less a plan of nothing, best of 3; milliseconds");
    let ours = language(&dokplan, &root.join("our-language"));
    let theirs = language(Path::new("terraform"), &root.join("their-language"));
    let is_done = table(ours, theirs) && is_done;
    let _ = std::fs::remove_dir_all(&root);
    println!(
        "\nparse: 20 MB of dense text beside hcl-edit; rows of time, bytes a second and peak memory"
    );
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let parsed = Command::new(cargo)
        .args(["bench", "--quiet", "--package", "hcl", "--bench", "parse"])
        .args(["--", "dense"])
        .status();
    parsed.is_ok_and(|it| it.success()) && is_done
}

/// What was measured, by name.
type Times = Vec<(&'static str, Duration)>;

/// Prints our times beside the reference's, with the ratio; whether there are ours.
fn table(ours: Option<Times>, theirs: Option<Times>) -> bool {
    println!(
        "{:<24}{:>12}{:>12}{:>10}",
        "", "dokplan", "terraform", "ratio"
    );
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

/// The times of evaluating 100,000 small expressions, and of `yamlencode` of 10 MB.
fn language(binary: &Path, directory: &Path) -> Option<Times> {
    let mut many = String::from("locals {\n  n = 7\n  many = [\n");
    for i in 0..100_000 {
        many.push_str(&match i % 5 {
            0 => format!("    local.n + {i} * 2,\n"),
            1 => format!("    \"name-${{local.n}}-{i}\",\n"),
            2 => format!("    upper(\"text {i}\"),\n"),
            3 => format!("    local.n > {i} ? \"a\" : \"b\",\n"),
            _ => format!("    {{ key = {i}, list = [local.n, {i}] }}.list[1],\n"),
        });
    }
    many.push_str("  ]\n}\noutput \"x\" {\n  value = length(local.many)\n}\n");
    let yaml = "locals {\n  doc = { for i in range(1000) : \"service-${i}\" => [for j in range(100) : { image = \"registry.example.com/team/service-${i}:${j}\", command = \"run --number ${j}\", ports = [80, j], on = true }] }\n}\noutput \"x\" {\n  value = length(yamlencode(local.doc))\n}\n";
    let nothing = "output \"x\" {\n  value = 1\n}\n";
    let texts = [
        ("nothing", nothing),
        ("100,000 expressions", many.as_str()),
        ("yamlencode of 10 MB", yaml),
    ];
    let mut times: Times = Vec::new();
    for (at, (name, text)) in texts.into_iter().enumerate() {
        let here = directory.join(at.to_string());
        std::fs::create_dir_all(&here).ok()?;
        std::fs::write(here.join("main.tf"), text).ok()?;
        let args = ["plan", "-no-color", "-input=false"];
        let best = (0..3)
            .map(|_| timed(binary, &here, &args))
            .collect::<Option<Vec<_>>>()?
            .into_iter()
            .min()?;
        times.push((name, best));
    }
    let nothing = times.remove(0).1;
    // What a plan costs anyway is not the language's; a time below the noise counts as a millisecond.
    let own = |it: Duration| it.saturating_sub(nothing).max(Duration::from_millis(1));
    Some(
        times
            .into_iter()
            .map(|(name, it)| (name, own(it)))
            .collect(),
    )
}

/// The times of a first plan, an apply, an empty plan and a destroy.
fn run(binary: &Path, directory: &Path, count: usize) -> Option<Times> {
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
    let mut best: Times = Vec::new();
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
