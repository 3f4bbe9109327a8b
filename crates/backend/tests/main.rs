//! The local store: what is on the disk, and who is excluded.
#![allow(clippy::disallowed_methods, reason = "tests look at files")]
#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic as the tests do"
)]

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
        seal: std::sync::Arc::default(),
        disk: std::sync::Arc::new(backend::disk::RealDisk),
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
    let history = directory.path().join("terraform.tfstate.history");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&history), 0o700);
    for (directory, n_files) in [(directory.path(), 2), (&history, 2)] {
        let files: Vec<_> = std::fs::read_dir(directory)
            .unwrap()
            .map(|it| it.unwrap().path())
            .filter(|it| it.is_file())
            .collect();
        assert!(files.iter().all(|it| mode(it) == 0o600), "{files:?}");
        assert_eq!(files.len(), n_files, "no temporary file is left: {files:?}");
    }
}

#[test]
fn an_empty_file_is_an_error_that_names_the_backup() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("terraform.tfstate");
    std::fs::write(&path, "").unwrap();
    let before = directory.path().join("terraform.tfstate.backup");
    std::fs::write(&before, "x").unwrap();
    let backup_of = |error| match error {
        Err(StoreError::Damaged { backup, .. }) => backup,
        _ => panic!("not damaged"),
    };
    assert_eq!(backup_of(store(&path).read()), None, "that is no backup");
    std::fs::write(&before, state::file::write(&snapshot(1))).unwrap();
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
    let intent = |n: usize| {
        let text = r#"{"lineage":"l","addr":"x_y.z","deposed":null,"provider":"provider[\"registry.terraform.io/a/x\"]","intent":"N","doing":"create","since":"2026-01-01T00:00:00Z","identity":{},"template":{"schema_version":0,"attributes":{}}}"#;
        text.replace('N', &n.to_string()).into_bytes()
    };
    let ended = |n: usize| format!(r#"{{"lineage":"l","ends":"{n}"}}"#).into_bytes();
    let records = [intent(1), intent(2), ended(1)];
    store(&path).append_all(&records).unwrap();
    let mut later = store(&path);
    assert_eq!(later.journal().unwrap(), records);
    later.write(&snapshot(1)).unwrap();
    // What was begun and did not end is for the next run to look for.
    assert_eq!(later.journal().unwrap(), [intent(2)]);
    later.append(&ended(2)).unwrap();
    later.write(&snapshot(2)).unwrap();
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

/// A Terraform that waits for the lock has opened the file, and will read and write that one, whatever is at its path then.
#[test]
#[cfg(target_os = "linux")]
fn who_waits_finds_what_was_written_meanwhile() {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("terraform.tfstate");
    let file_of =
        |path: &Path| std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(path).unwrap());
    let mut store = store(&path);
    store.write(&snapshot(1)).unwrap();
    store.lock(&info("parent")).unwrap();
    let mut waiting = Command::new(std::env::current_exe().unwrap())
        .args(["wait_in_child", "--exact", "--ignored", "--nocapture"])
        .env("DOKPLAN_TEST_STATE", &path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(waiting.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("OPEN") {
        line.clear();
        assert_ne!(
            said.read_line(&mut line).unwrap(),
            0,
            "the child opens the file"
        );
    }
    let before = file_of(&path);
    let everybody = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(&path, everybody).unwrap();
    store.write(&snapshot(2)).unwrap();
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(
        file_of(&path),
        before,
        "the file is the one that is waited for"
    );
    store.unlock().unwrap();
    waiting.stdin.take().unwrap().write_all(b"go\n").unwrap();
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("LOCKED"), "{rest}");
    assert!(rest.contains("\"serial\": 2"), "{rest}");
    assert!(waiting.wait().unwrap().success());
    // And nobody waits now.
    self::store(&path).write(&snapshot(3)).unwrap();
    assert_ne!(file_of(&path), before);
    assert_eq!(store.read().unwrap(), Some(snapshot(3)));
}

#[test]
#[ignore = "the other process of who_waits_finds_what_was_written_meanwhile"]
fn wait_in_child() {
    use std::io::Read as _;
    let Some(path) = std::env::var_os("DOKPLAN_TEST_STATE") else {
        return;
    };
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.read(true).write(true).open(path).unwrap();
    println!("OPEN");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    let lock = rustix::fs::FlockOperation::NonBlockingLockExclusive;
    rustix::fs::fcntl_lock(&file, lock).unwrap();
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    println!("LOCKED {text}");
}

/// Who is killed at any point of taking the lock of a state that is not there yet leaves no state, and no riddle.
#[test]
fn a_lock_that_was_cut_off_is_no_empty_state() {
    let files = |path: &Path| std::fs::read_dir(path).unwrap().count();
    for has_file in [false, true] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("terraform.tfstate");
        std::fs::write(directory.path().join(".terraform.tfstate.new"), "").unwrap();
        if has_file {
            std::fs::write(&path, "").unwrap();
        }
        let mut store = store(&path);
        assert_eq!(store.read().unwrap(), None);
        store.lock(&info("a")).unwrap();
        assert_eq!(store.read().unwrap(), None);
        store.unlock().unwrap();
        assert_eq!(files(directory.path()), 0);
        store.lock(&info("a")).unwrap();
        store.write(&snapshot(1)).unwrap();
        store.unlock().unwrap();
        assert!(!directory.path().join(".terraform.tfstate.new").exists());
        // What becomes empty now is damage.
        std::fs::write(&path, "").unwrap();
        assert!(matches!(store.read(), Err(StoreError::Damaged { .. })));
    }
}

/// A killed holder leaves its note, and no lock.
#[test]
fn who_left_a_lock_is_known() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("terraform.tfstate");
    let note = directory.path().join(".terraform.tfstate.lock.info");
    let mut store = store(&path);
    store.lock(&info("first")).unwrap();
    assert_eq!(store.left_by(), None);
    let left = std::fs::read(&note).unwrap();
    store.unlock().unwrap();
    std::fs::write(&note, left).unwrap();
    store.lock(&info("second")).unwrap();
    assert_eq!(store.left_by().map(|it| it.id.as_str()), Some("first"));
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

fn seal(method: backend::seal::Method) -> std::sync::Arc<backend::seal::Seal> {
    let random = |bytes: &mut [u8]| {
        use std::io::Read as _;
        let device = std::fs::File::open("/dev/urandom");
        device.and_then(|mut it| it.read_exact(bytes)).is_ok()
    };
    std::sync::Arc::new(backend::seal::Seal::new(vec![method], random))
}

fn by_passphrase(passphrase: &str, rounds: u32) -> backend::seal::Method {
    backend::seal::Method::AesGcm {
        key: backend::seal::KeyProvider {
            name: "key_provider.pbkdf2.vector".to_owned(),
            source: backend::seal::KeySource::Pbkdf2 {
                passphrase: passphrase.to_owned().into(),
                rounds,
                key_length: 32,
                salt_length: 32,
                hash: backend::seal::Hash::Sha512,
            },
        },
        aad: Vec::new(),
    }
}

/// The files were made with another library: testdata/encryption/make.py.
#[test]
fn envelopes_of_another_implementation_open() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/encryption");
    let plain = std::fs::read(directory.join("plain.tfstate")).unwrap();
    let fixed = backend::seal::Method::AesGcm {
        key: backend::seal::KeyProvider {
            name: "key_provider.static.vector".to_owned(),
            source: backend::seal::KeySource::Static((0..32).collect::<Vec<u8>>().into()),
        },
        aad: vec![1, 2, 3],
    };
    let passphrase = by_passphrase("correct horse battery staple", 600_000);
    for (file, method) in [
        ("pbkdf2-sha512-32.tfstate", passphrase.clone()),
        ("pbkdf2-sha256-16.tfstate", passphrase),
        ("static-aad.tfstate", fixed),
    ] {
        let bytes = std::fs::read(directory.join(file)).unwrap();
        let opened = seal(method).open(&bytes).unwrap();
        assert_eq!(opened.plain, plain, "{file}");
        assert_eq!(opened.header.unwrap().1, 3, "{file}");
    }
}

fn sealed_store(path: &Path, passphrase: &str) -> LocalStore {
    LocalStore::open(&Options {
        path: Some(path.to_owned()),
        out: None,
        backup: None,
        workspace: "default".to_owned(),
        workspace_dir: None,
        seal: seal(by_passphrase(passphrase, 10)),
        disk: std::sync::Arc::new(backend::disk::RealDisk),
    })
}

fn secret_snapshot(serial: u64) -> Snapshot {
    let mut res = snapshot(serial);
    let output = state::OutputValue {
        value: value::Value::string("canary-of-the-store"),
        sensitive: true,
    };
    res.state.outputs.insert("token".into(), output);
    res
}

/// Every file below a directory that holds a text.
fn files_with(directory: &Path, text: &str) -> Vec<std::path::PathBuf> {
    let mut res = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            res.extend(files_with(&path, text));
        } else if std::fs::read(&path)
            .unwrap()
            .windows(text.len())
            .any(|it| it == text.as_bytes())
        {
            res.push(path);
        }
    }
    res
}

#[test]
fn nothing_of_an_encrypted_state_is_on_the_disk_in_clear() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("terraform.tfstate");
    // Before encryption: state, backup and history are in clear.
    store(&path).write(&secret_snapshot(1)).unwrap();
    store(&path).write(&secret_snapshot(2)).unwrap();
    assert_eq!(files_with(directory.path(), "canary-of-the-store").len(), 4);
    assert!(
        matches!(
            sealed_store(&path, "a").read(),
            Err(StoreError::Sealed { .. })
        ),
        "clear text is not taken where encryption is asked for"
    );
    // The state was taken over by a fallback: the next write leaves nothing behind.
    let mut sealed = LocalStore::open(&Options {
        path: Some(path.clone()),
        out: None,
        backup: None,
        workspace: "default".to_owned(),
        workspace_dir: None,
        disk: std::sync::Arc::new(backend::disk::RealDisk),
        seal: std::sync::Arc::new(backend::seal::Seal::new(
            vec![by_passphrase("a", 10), backend::seal::Method::Unencrypted],
            |bytes| {
                bytes.fill(3);
                true
            },
        )),
    });
    assert_eq!(sealed.read().unwrap(), Some(secret_snapshot(2)));
    sealed.append(b"canary-of-the-store").unwrap();
    let journal = sealed.journal().unwrap();
    assert_eq!(journal, [b"canary-of-the-store".to_vec()]);
    assert!(
        files_with(directory.path(), "canary-of-the-store")
            .iter()
            .all(|it| !it.ends_with("terraform.tfstate.journal"))
    );
    sealed.write(&secret_snapshot(3)).unwrap();
    assert_eq!(
        files_with(directory.path(), "canary-of-the-store"),
        Vec::<std::path::PathBuf>::new()
    );
    // Another process with the passphrase reads all of it, one with another reads nothing.
    let mut later = sealed_store(&path, "a");
    assert_eq!(later.read().unwrap(), Some(secret_snapshot(3)));
    let versions = later.versions().unwrap();
    let serials: Vec<u64> = versions
        .iter()
        .map(|it| later.version(it).unwrap().serial)
        .collect();
    assert_eq!(serials, [1, 2, 3]);
    assert!(matches!(
        sealed_store(&path, "b").read(),
        Err(StoreError::Sealed { .. })
    ));
    assert!(matches!(
        store(&path).read(),
        Err(StoreError::Sealed { .. })
    ));
}

#[test]
fn a_header_that_does_not_fit_its_content_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("terraform.tfstate");
    sealed_store(&path, "a").write(&secret_snapshot(7)).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("\"serial\":7", "\"serial\":8")).unwrap();
    let Err(StoreError::Sealed { reason, .. }) = sealed_store(&path, "a").read() else {
        panic!("it was read")
    };
    assert!(reason.contains("changed"), "{reason}");
}

#[test]
fn a_damaged_state_names_its_newest_whole_version_and_never_becomes_the_backup() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("terraform.tfstate");
    store(&path).write(&snapshot(1)).unwrap();
    store(&path).write(&snapshot(2)).unwrap();
    let backup = directory.path().join("terraform.tfstate.backup");
    let before = std::fs::read(&backup).unwrap();
    let history = directory.path().join("terraform.tfstate.history");
    std::fs::write(history.join("00000003.tfstate"), "{\"version\": 4, \"res").unwrap();
    for (torn, newest) in [("", 2), ("{\"version\": 4,", 4)] {
        std::fs::write(&path, torn).unwrap();
        let mut damaged = store(&path);
        damaged.lock(&info("a")).unwrap();
        let Err(StoreError::Damaged { version, .. }) = damaged.read() else {
            panic!("not damaged")
        };
        assert_eq!(version, Some(newest));
        damaged.write(&snapshot(3)).unwrap();
        assert_eq!(damaged.read().unwrap(), Some(snapshot(3)));
        assert_eq!(std::fs::read(&backup).unwrap(), before);
    }
    let aside = directory.path().join("terraform.tfstate.damaged");
    assert_eq!(std::fs::read_to_string(aside).unwrap(), "{\"version\": 4,");
}
