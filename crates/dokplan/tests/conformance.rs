//! The recorded cases of testdata/conformance that need a process: configurations and their steps, and a sample of
//! expressions and of formatting, which the crates that do that work check in full.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value as Json;

use crate::normal::{Norm, differ, differ_json, titles, wording_aside, wording_aside_json};
use crate::support::{Dir, Run, copy, repository, text};

/// Cases that do not pass yet. It only shrinks.
const FAILING: &str = "testdata/conformance/plan-failing.txt";

/// Set to write [`FAILING`] anew.
const UPDATE: &str = "UPDATE";
/// Set to part of a case's name to run only such cases and see all that differs.
const ONLY: &str = "ONLY";

#[test]
fn configurations() {
    let only = std::env::var(ONLY).ok();
    let mut cases: Vec<PathBuf> = entries(&repository("testdata/conformance/plan"));
    cases.retain(|it| {
        it.join("case.json").exists() && only.as_ref().is_none_or(|only| name(it).contains(only))
    });
    let results: BTreeMap<String, (String, Option<String>)> = in_parallel(&cases, |path| {
        let case: Json = serde_json::from_str(&text(path.join("case.json"))).unwrap();
        let group = case["group"].as_str().unwrap_or("misc").to_owned();
        (name(path), (group, run_case(path, &case)))
    })
    .into_iter()
    .collect();

    let mut groups: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for (group, difference) in results.values() {
        let figures = groups.entry(group).or_default();
        match difference {
            None => figures.0 += 1,
            Some(_) => figures.1 += 1,
        }
    }
    let mut report = String::new();
    for (group, (passed, failed)) in &groups {
        report.push_str(&format!("{group:20} {passed:4} passed {failed:4} failed\n"));
    }
    let failing: BTreeSet<&str> = results
        .iter()
        .filter(|(_, (_, difference))| difference.is_some())
        .map(|(id, _)| id.as_str())
        .collect();
    println!(
        "{report}{} of {} pass",
        results.len() - failing.len(),
        results.len()
    );

    if only.is_some() {
        for (id, (_, difference)) in &results {
            if let Some(it) = difference {
                println!("FAIL {id}\n{it}");
            }
        }
        return;
    }
    let path = repository(FAILING);
    if std::env::var_os(UPDATE).is_some() {
        let lines: Vec<&str> = failing.iter().copied().collect();
        std::fs::write(&path, lines.join("\n") + "\n").unwrap();
        return;
    }
    let listed = text(&path);
    let listed: BTreeSet<&str> = listed.lines().filter(|it| !it.is_empty()).collect();
    let broken: Vec<String> = failing
        .difference(&listed)
        .map(|id| format!("{id}: {}", results[*id].1.as_ref().unwrap()))
        .collect();
    let repaired: Vec<&&str> = listed.difference(&failing).collect();
    assert!(
        broken.is_empty(),
        "cases that passed do not any more:\n{}",
        broken.join("\n")
    );
    assert!(
        repaired.is_empty(),
        "cases pass now: take them out of {FAILING} (UPDATE=1 does it): {repaired:?}"
    );
}

/// Runs the steps of a case up to the first that differs, and tells how it does.
fn run_case(path: &Path, case: &Json) -> Option<String> {
    let dir = Dir::new();
    let mut own = String::new();
    for entry in entries(path) {
        if name(&entry) == "case.json" {
            continue;
        }
        own.push_str(&all_text(&entry));
        if name(&entry).starts_with('+') {
            continue;
        }
        let target = dir.join(&name(&entry));
        if entry.is_dir() {
            copy(&entry, &target);
        } else {
            std::fs::copy(&entry, &target).unwrap();
            crate::support::private(&target);
        }
    }
    let flag = |name: &str, default: bool| case[name].as_bool().unwrap_or(default);
    let mut norm = Norm::new(
        &dir.path().to_string_lossy(),
        flag("ordered", false),
        flag("sort_diags", false),
    );
    let env = strings(&case["env"]);
    if flag("init", true) {
        let output = dir
            .run(&["init", "-no-color", "-input=false"])
            .envs(&env)
            .done();
        if output.code != 0 {
            return Some(format!("the init before it fails\n{}", output.all()));
        }
    }
    for (n, step) in case["steps"].as_array().into_iter().flatten().enumerate() {
        for it in list(&step["remove"]) {
            let target = dir.join(&it);
            if target.is_dir() {
                std::fs::remove_dir_all(target).unwrap();
            } else if target.exists() {
                std::fs::remove_file(target).unwrap();
            }
        }
        if let Some(overlay) = step["overlay"].as_str() {
            copy(&path.join(overlay), dir.path());
        }
        for (path, text) in strings(&step["write"]) {
            dir.write(&path, &text);
        }
        let mut differences: Vec<String> = Vec::new();
        if step["args"].is_array() {
            differences.extend(run_step(&dir, step, &env, &mut norm, &own));
        }
        if step["quiet"] != true {
            for (file, want) in step["files"].as_object().into_iter().flatten() {
                differences.extend(check_file(&dir.join(file), want, step, &mut norm));
            }
        }
        if !differences.is_empty() {
            let args = list(&step["args"]).join(" ");
            return Some(format!(
                "step {}: {args}\n{}",
                n + 1,
                differences.join("\n")
            ));
        }
    }
    None
}

fn run_step(
    dir: &Dir,
    step: &Json,
    env: &BTreeMap<String, String>,
    norm: &mut Norm,
    own: &str,
) -> Vec<String> {
    let args: Vec<String> = list(&step["args"])
        .iter()
        .map(|it| norm.with_uuids(it))
        .collect();
    let cwd = match step["cwd"].as_str() {
        Some(cwd) => dir.join(cwd),
        None => dir.path().to_owned(),
    };
    let output = Run::new(&cwd, &args)
        .envs(env)
        .envs(&strings(&step["env"]))
        .stdin(step["stdin"].as_str().unwrap_or_default())
        .done();
    let mut res = Vec::new();
    let exit = step["exit"].as_i64().unwrap_or(0);
    if i64::from(output.code) != exit {
        res.push(format!(
            "exit code {}, not {exit}\n{}",
            output.code,
            output.all()
        ));
    }
    if step["quiet"] == true {
        return res;
    }
    let raw = step["raw"] == true;
    let is_json = args.iter().any(|it| it == "-json")
        || args.first().is_some_and(|it| it == "state")
            && args.get(1).is_some_and(|it| it == "pull");
    let want = |key: &str| step.get(key).filter(|it| !it.is_null());
    let document: Option<Json> = (is_json && !raw && !output.stdout.trim().is_empty())
        .then(|| serde_json::from_str(&output.stdout).ok())
        .flatten();
    if let Some(want) = want("stdout_json") {
        let got = match document {
            Some(it) => wording_aside_json(&norm.value(&it)),
            None => Json::String(norm.text(&output.stdout)),
        };
        res.extend(differ_json("standard output", want, &got));
    } else if let Some(want) = want("stdout_jsonl") {
        let got = match norm.stream(&output.stdout) {
            Some(it) => wording_aside_json(&Json::Array(it)),
            None => Json::String(norm.text(&output.stdout)),
        };
        res.extend(differ_json("standard output", want, &got));
    } else {
        let want = want("stdout").and_then(Json::as_str).unwrap_or_default();
        let got = norm.text(&output.stdout);
        let got = if raw { got } else { wording_aside(&got, own) };
        res.extend(differ("standard output", want, &got));
    }
    let want = want("stderr").and_then(Json::as_str).unwrap_or_default();
    let got = wording_aside(&norm.text(&output.stderr), own);
    res.extend(differ("standard error", want, &got));
    res
}

fn check_file(path: &Path, want: &Json, step: &Json, norm: &mut Norm) -> Option<String> {
    let file = path.display().to_string();
    let Ok(bytes) = std::fs::read(path) else {
        return (!want.is_null()).then(|| format!("{file} is missing"));
    };
    let text = String::from_utf8_lossy(&bytes);
    let json: Option<Json> = (text.trim_start().starts_with(['{', '[']) && step["raw"] != true)
        .then(|| serde_json::from_str(&text).ok())
        .flatten();
    let got = match json {
        Some(it) => norm.value(&it),
        None => norm.text(&text).into(),
    };
    differ_json(&file, want, &got)
}

/// Two cases of each file of expressions, through the command.
#[test]
fn expressions() {
    let mut sample: Vec<(Json, String)> = Vec::new();
    for path in entries(&repository("testdata/conformance/expr")) {
        if path.extension().is_none_or(|it| it != "json") {
            continue;
        }
        let cases: Vec<Json> = serde_json::from_str(&text(&path)).unwrap();
        let step = (cases.len() / 2).max(1);
        // What `help` prints is prose from end to end.
        let cases = cases.into_iter().filter(|it| it["expr"] != "help");
        for case in cases.step_by(step).take(2) {
            sample.push((case, name(&path)));
        }
    }
    let differences: Vec<String> = in_parallel(&sample, |(case, file)| {
        let dir = Dir::with(&[("main.tf", case["vars"].as_str().unwrap_or_default())]);
        copy(
            &repository("testdata/conformance/expr/files"),
            &dir.join("files"),
        );
        let mut norm = Norm::new(&dir.path().to_string_lossy(), false, false);
        let output = dir
            .run(&["console", "-no-color"])
            .envs(&strings(&case["env"]))
            .stdin(&format!("{}\n", case["expr"].as_str().unwrap()))
            .done();
        let want = &case["result"];
        let (key, got) = match output.code {
            0 => (
                "output",
                norm.flat(&output.stdout).trim_end_matches('\n').to_owned(),
            ),
            _ => ("error", titles(&norm.flat(&output.stderr))),
        };
        let difference = differ(key, want[key].as_str().unwrap_or("(absent)"), &got)?;
        Some(format!("{file} {}: {difference}", case["id"]))
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Every eighth case of formatting, through the command.
#[test]
fn formatting() {
    let inputs: Vec<PathBuf> = entries(&repository("testdata/conformance/fmt"))
        .into_iter()
        .filter(|it| name(it).ends_with(".in.tf"))
        .step_by(8)
        .collect();
    let differences: Vec<String> = in_parallel(&inputs, |path| {
        let sibling = |ending: &str| path.with_file_name(name(path).replace(".in.tf", ending));
        let dir = Dir::new();
        let output = dir
            .run(&["fmt", "-no-color", "-"])
            .stdin(&text(path))
            .done();
        if sibling(".out.tf").exists() {
            differ(&name(path), &text(sibling(".out.tf")), &output.stdout)
        } else {
            let mut norm = Norm::new(&dir.path().to_string_lossy(), false, false);
            let got = wording_aside(&norm.flat(&output.stderr), "") + "\n";
            differ(&name(path), &text(sibling(".err.txt")), &got)
        }
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// What four threads make of all items, in order.
pub(crate) fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done: Mutex<BTreeMap<usize, R>> = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((n, item)) = {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    items.get(n).map(|it| (n, it))
                } {
                    let res = work(item);
                    done.lock().unwrap().insert(n, res);
                }
            });
        }
    });
    done.into_inner().unwrap().into_values().collect()
}

pub(crate) fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// What is in a directory, by name.
pub(crate) fn entries(path: &Path) -> Vec<PathBuf> {
    let mut res: Vec<PathBuf> = std::fs::read_dir(path)
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    res.sort();
    res
}

/// The texts of all files in a directory.
fn all_text(path: &Path) -> String {
    if path.is_dir() {
        return entries(path).iter().map(|it| all_text(it)).collect();
    }
    String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned() + "\n"
}

fn list(value: &Json) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items
        .filter_map(|it| it.as_str().map(str::to_owned))
        .collect()
}

fn strings(value: &Json) -> BTreeMap<String, String> {
    let members = value.as_object().into_iter().flatten();
    members
        .filter_map(|(name, it)| Some((name.clone(), it.as_str()?.to_owned())))
        .collect()
}
