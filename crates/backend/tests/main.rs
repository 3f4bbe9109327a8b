//! The local store: what is on the disk, and who is excluded.
#![allow(clippy::disallowed_methods, reason = "tests look at files")]

use std::path::Path;
use std::process::{Command, Stdio};

use backend::{LocalStore, Options};
use state::{LockInfo, Snapshot, StateStore, StoreError};

fn store(path: &Path) -> LocalStore {
    LocalStore::open(&Options {
        path: Some(path.to_owned()),
        out: None,
        backup: None,
        workspace: "default".to_owned(),
        workspace_dir: None,
    })
}

fn snapshot(serial: u64) -> Snapshot {
    Snapshot {
        lineage: "b5c7b1a2-0000-4000-8000-000000000000".to_owned(),
        serial,
        terraform_version: "1.11.4".to_owned(),
        ..Snapshot::default()
    }
}

fn info(id: &str) -> LockInfo {
    LockInfo {
        id: id.to_owned(),
        operation: "OperationTypeApply".to_owned(),
        ..LockInfo::default()
    }
}

#[test]
fn writes_whole_files_with_a_backup_that_only_the_owner_reads() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("terraform.tfstate");
    let mut store = store(&path);
    assert_eq!(store.read().unwrap(), None);
    store.write(&snapshot(1)).unwrap();
    let first = std::fs::read(&path).unwrap();
    let mut later = self::store(&path);
    later.write(&snapshot(2)).unwrap();
    assert_eq!(later.read().unwrap(), Some(snapshot(2)));
    assert_eq!(
        std::fs::read(directory.path().join("terraform.tfstate.backup")).unwrap(),
        first
    );
    for entry in std::fs::read_dir(directory.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(
            entry.metadata().unwrap().permissions().mode() & 0o777,
            0o600,
            "{:?}",
            entry.path()
        );
    }
    assert_eq!(
        std::fs::read_dir(directory.path()).unwrap().count(),
        2,
        "no temporary file is left"
    );
}

#[test]
fn an_empty_file_is_an_error_that_names_the_backup() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("terraform.tfstate");
    std::fs::write(&path, "").unwrap();
    std::fs::write(directory.path().join("terraform.tfstate.backup"), "x").unwrap();
    let Err(StoreError::Damaged {
        backup: Some(backup),
        ..
    }) = store(&path).read()
    else {
        panic!("not damaged")
    };
    assert!(backup.ends_with("terraform.tfstate.backup"));
    let mut locked = store(&path);
    locked.lock(&info("a")).unwrap();
    assert!(
        matches!(locked.read(), Err(StoreError::Damaged { .. })),
        "locking does not make it sound"
    );
    locked.unlock().unwrap();
    assert!(path.exists(), "what somebody else left is not removed");
}

#[test]
fn a_lock_leaves_nothing_behind() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("terraform.tfstate");
    let mut store = store(&path);
    store.lock(&info("a")).unwrap();
    assert!(
        directory
            .path()
            .join(".terraform.tfstate.lock.info")
            .exists()
    );
    assert_eq!(
        store.read().unwrap(),
        None,
        "a file that the lock made is no state"
    );
    store.unlock().unwrap();
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn the_journal_outlives_a_run_that_does_not_end() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("terraform.tfstate");
    store(&path).append(b"{}").unwrap();
    let mut later = store(&path);
    assert_eq!(later.journal().unwrap(), [b"{}".to_vec()]);
    later.write(&snapshot(1)).unwrap();
    assert_eq!(later.journal().unwrap(), Vec::<Vec<u8>>::new());
    assert!(!directory.path().join("terraform.tfstate.journal").exists());
}

/// What another process sees: this test binary runs itself with the path in the environment and reports.
#[test]
fn other_processes_are_excluded_also_after_a_write() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("terraform.tfstate");
    let tried = || {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["try_lock_in_child", "--exact", "--ignored", "--nocapture"])
            .env("DOKPLAN_TEST_STATE", &path)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if text.contains("LOCKED-BY parent") {
            "excluded"
        } else if text.contains("GOT-IT") {
            "got it"
        } else {
            panic!("the child did not report: {text}")
        }
    };
    let mut store = store(&path);
    store.lock(&info("parent")).unwrap();
    assert_eq!(tried(), "excluded");
    store.write(&snapshot(1)).unwrap();
    assert_eq!(
        tried(),
        "excluded",
        "the file that took the old one's place is locked too"
    );
    store.read().unwrap();
    assert_eq!(tried(), "excluded", "reading does not give the lock up");
    store.unlock().unwrap();
    assert_eq!(tried(), "got it");
}

#[test]
#[ignore = "the other process of other_processes_are_excluded_also_after_a_write"]
fn try_lock_in_child() {
    let Some(path) = std::env::var_os("DOKPLAN_TEST_STATE") else {
        return;
    };
    match store(Path::new(&path)).lock(&info("child")) {
        Ok(()) => println!("GOT-IT"),
        Err(StoreError::Locked(info)) => println!("LOCKED-BY {}", info.id),
        Err(error) => println!("{error:?}"),
    }
}
