//! One at a time: whoever holds the lock of a state is alone, also where the others are Terraform, and whoever comes
//! next finds what was written.

use std::time::Duration;

use crate::machine::Random;
use crate::support::{BIN, Dir, Run};

/// Each apply replaces the object, and the new one looks whether somebody else is at work, and says who it is.
const ALONE: &str = r#"
resource "terraform_data" "a" {
  triggers_replace = timestamp()

  provisioner "local-exec" {
    command = "mkdir held && sleep 0.05 && echo ${self.id} > last && rmdir held || echo twice >> twice"
  }
}
"#;

/// What came of the rounds.
#[derive(Default)]
struct Came {
    /// How many applied, by position of the program.
    applied: Vec<usize>,
    refused: usize,
}

/// The programs apply at nearly the same time, with and without waiting, again and again.
fn rounds(programs: &[&str], n: usize) -> Came {
    let dir = Dir::with(&[("main.tf", ALONE)]);
    let mut random = Random(11);
    let mut res = Came {
        applied: vec![0; programs.len()],
        refused: 0,
    };
    for program in programs {
        Run::of(program, dir.path(), &["init"]).ok();
    }
    for round in 0..n {
        let mut running = Vec::new();
        for (at, program) in programs.iter().enumerate() {
            let wait = ["-lock-timeout=0s", "-lock-timeout=50s"][random.below(2) as usize];
            let args = ["apply", "-auto-approve", "-no-color", wait];
            running.push((at, wait, Run::of(program, dir.path(), &args).spawn()));
            std::thread::sleep(Duration::from_millis(random.below(150)));
        }
        let mut n_applied = 0;
        for (at, wait, it) in running {
            let output = it.wait();
            let what = format!("round {round}: {} {wait}: {}", programs[at], output.all());
            if output.code == 0 {
                n_applied += 1;
                res.applied[at] += 1;
            } else {
                // Terraform gives up at once when it comes between the lock and the note about it, of its own kind too.
                let came_between = programs[at] != BIN && !output.stderr.contains("Lock Info");
                assert!(wait.ends_with("=0s") || came_between, "{what}");
                assert!(output.stderr.contains("acquiring the state lock"), "{what}");
                res.refused += 1;
            }
        }
        assert!(!dir.join("twice").exists(), "round {round}: two at a time");
        assert!(n_applied > 0, "round {round}: somebody is the first");
        // What the last one made is what the state holds.
        let state: serde_json::Value =
            serde_json::from_str(&dir.read("terraform.tfstate")).unwrap();
        let instance = &state["resources"][0]["instances"][0];
        assert_eq!(
            instance["attributes"]["id"],
            dir.read("last").trim(),
            "round {round}: forgotten"
        );
        assert!(!dir.join(".terraform.tfstate.lock.info").exists());
    }
    res
}

#[test]
fn three_for_one_lock() {
    let came = rounds(&[BIN, BIN, BIN], 15);
    assert!(came.applied.iter().all(|it| *it > 0), "{:?}", came.applied);
}

/// Against Terraform too, where it is on PATH.
#[test]
#[ignore = "longer: cargo xtask torture"]
fn a_thousand_rounds_for_one_lock() {
    let reference = std::process::Command::new("terraform")
        .arg("version")
        .output();
    let third = if reference.is_ok_and(|it| it.status.success()) {
        "terraform"
    } else {
        println!("terraform is not on PATH, so that a third dokplan takes its place");
        BIN
    };
    let came = rounds(&[BIN, BIN, third], 1000);
    println!(
        "1,000 rounds for one lock: {:?} applied (the last is {third}), {} refused, never two at a time",
        came.applied, came.refused
    );
}
