//! State files as Terraform wrote them: read and written back byte by byte.
#![allow(clippy::disallowed_methods, reason = "tests read files")]

use std::path::{Path, PathBuf};

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata")
}

fn files(directory: &Path, wanted: &dyn Fn(&str) -> bool, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(directory)
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, wanted, found);
        } else if wanted(&path.file_name().unwrap().to_string_lossy()) {
            found.push(path);
        }
    }
}

fn check_same_bytes(paths: &[PathBuf]) {
    let mut wrong = Vec::new();
    for path in paths {
        let bytes = std::fs::read(path).unwrap();
        let snapshot = match state::file::read(&bytes) {
            Ok(it) => it,
            Err(error) => {
                wrong.push(format!("{}: {}", path.display(), error.reason));
                continue;
            }
        };
        let written = state::file::write(&snapshot);
        assert_eq!(state::file::read(&written).unwrap(), snapshot);
        if written != bytes {
            let (before, after) = (
                String::from_utf8_lossy(&bytes),
                String::from_utf8_lossy(&written),
            );
            let line = before
                .lines()
                .zip(after.lines())
                .position(|(before, after)| before != after)
                .unwrap_or(before.lines().count().min(after.lines().count()));
            wrong.push(format!(
                "{}:{}: {:?} became {:?}",
                path.display(),
                line + 1,
                before.lines().nth(line),
                after.lines().nth(line)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_recorded_state_is_written_back_byte_by_byte() {
    let mut paths = Vec::new();
    files(
        &testdata().join("dokploy/terraform"),
        &|it| it == "terraform.tfstate",
        &mut paths,
    );
    assert!(paths.len() > 100, "{} files", paths.len());
    check_same_bytes(&paths);
}

#[test]
fn every_member_is_written_back_byte_by_byte() {
    let mut paths = Vec::new();
    files(
        &testdata().join("state/v4"),
        &|it| it.ends_with(".json"),
        &mut paths,
    );
    assert!(paths.len() >= 2);
    check_same_bytes(&paths);
}

/// What Terraform makes of the same file (`terraform state pull`), but that dependencies are kept.
#[test]
fn version_3_is_upgraded_as_terraform_does_it() {
    let read = |path: &str| std::fs::read(testdata().join("state").join(path)).unwrap();
    let mut snapshot = state::file::read(&read("v3/everything.json")).unwrap();
    assert_eq!(snapshot.terraform_version, "0.11.14");
    let mut n_dependencies = 0;
    for resource in snapshot.state.resources.values_mut() {
        for instance in resource.instances.values_mut() {
            for object in instance
                .current
                .iter_mut()
                .chain(instance.deposed.values_mut())
            {
                let object = std::sync::Arc::make_mut(object);
                n_dependencies += object.dependencies.len();
                object.dependencies.clear();
            }
        }
    }
    assert_eq!(n_dependencies, 5);
    snapshot.terraform_version = "1.11.4".to_owned();
    let written = String::from_utf8(state::file::write(&snapshot)).unwrap();
    let expected = String::from_utf8(read("v3/everything.upgraded.json")).unwrap();
    assert_eq!(written.trim_end(), expected.trim_end());
}
