//! What takes longer than a test run may: kills, faults of the disk, and the reference beside us.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// How often each program is killed.
const KILLS: u64 = 40;

/// How many objects it makes meanwhile.
const OBJECTS: usize = 300;

/// Runs the ignored tests of the process, then kills the reference, where it is on PATH, and us.
pub(crate) fn torture() -> bool {
    let tests = [
        "test",
        "--release",
        "-p",
        "dokplan",
        "--test",
        "it",
        "--",
        "--ignored",
        "--nocapture",
        "--skip",
        "try_lock_in_child",
        "--skip",
        "on_the_terminal",
    ];
    if !super::cargo(&tests) || !super::cargo(&["build", "--release", "-p", "dokplan"]) {
        return false;
    }
    let Ok(root) = std::env::current_dir() else {
        eprintln!("there is no working directory");
        return false;
    };
    let ours = root.join("target/release/dokplan");
    println!("\n{KILLS} kills at any time while {OBJECTS} terraform_data are made:");
    let mut is_sound = true;
    for program in [Path::new("terraform"), ours.as_path()] {
        match kills(program) {
            Ok(found) => {
                println!(
                    "{:>10}: {} states that cannot be read, {} finished objects forgotten",
                    program.file_name().unwrap_or_default().to_string_lossy(),
                    found.unreadable,
                    found.forgotten
                );
                is_sound &= program != ours || (found.unreadable, found.forgotten) == (0, 0);
            }
            Err(error) => {
                println!("{}: {error}", program.display());
                is_sound &= program != ours;
            }
        }
    }
    is_sound
}

/// What was lost.
#[derive(Default)]
struct Found {
    unreadable: usize,
    forgotten: usize,
}

fn kills(program: &Path) -> std::io::Result<Found> {
    let mut res = Found::default();
    let text = format!("resource \"terraform_data\" \"a\" {{\n  count = {OBJECTS}\n}}\n");
    // The time that a whole run takes says where kills make sense.
    let whole = {
        let dir = directory(program, &text)?;
        let start = std::time::Instant::now();
        apply(program, &dir).status()?;
        let taken = start.elapsed();
        std::fs::remove_dir_all(&dir)?;
        taken
    };
    for n in 0..KILLS {
        let dir = directory(program, &text)?;
        let mut child = apply(program, &dir).stdout(Stdio::piped()).spawn()?;
        let out = child.stdout.take();
        let reader = std::thread::spawn(move || {
            let lines = out.into_iter().flat_map(|it| BufReader::new(it).lines());
            let done = lines
                .map_while(Result::ok)
                .filter(|it| it.contains("Creation complete"));
            done.count()
        });
        let share = u32::try_from(1 + n * 97 % 100).unwrap_or(1);
        std::thread::sleep((whole * share / 100).max(Duration::from_millis(1)));
        child.kill()?;
        child.wait()?;
        let n_done = reader.join().unwrap_or(0);
        let list = Command::new(program)
            .args(["state", "list"])
            .current_dir(&dir)
            .stderr(Stdio::null())
            .output()?;
        let n_listed = String::from_utf8_lossy(&list.stdout).lines().count();
        let is_broken = std::fs::read(dir.join("terraform.tfstate"))
            .is_ok_and(|it| it.is_empty() && n_done > 0 && n_listed == 0)
            || (n_done > 0 && !list.status.success());
        res.unreadable += usize::from(is_broken);
        res.forgotten += n_done.saturating_sub(n_listed);
        std::fs::remove_dir_all(&dir)?;
    }
    Ok(res)
}

/// A new directory with the configuration, made ready.
fn directory(program: &Path, text: &str) -> std::io::Result<std::path::PathBuf> {
    let dir = std::env::temp_dir().join(format!("dokplan-torture-{}", std::process::id()));
    std::fs::create_dir_all(&dir)?;
    std::fs::write(dir.join("main.tf"), text)?;
    let made = Command::new(program)
        .args(["init", "-no-color"])
        .current_dir(&dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    if made.success() {
        Ok(dir)
    } else {
        Err(std::io::Error::other("init fails"))
    }
}

fn apply(program: &Path, dir: &Path) -> Command {
    let mut res = Command::new(program);
    res.args(["apply", "-auto-approve", "-no-color"])
        .current_dir(dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    res
}
