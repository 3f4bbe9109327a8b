//! State files as Terraform wrote them: read and written back byte by byte.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests read files, and fail by panics"
)]

mod properties;

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
        &|it| Path::new(it).extension().is_some_and(|it| it == "json"),
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

mod edit {
    use addr::{Key, ModuleInstance, ObjectKey, Provider, ProviderConfig, Target};
    use state::{State, edit};

    fn state(addresses: &[&str]) -> State {
        let provider = ProviderConfig {
            module: addr::ModulePath::root(),
            provider: Provider::builtin(),
            alias: None,
        };
        let mut res = State::new();
        let json = br#"{"version": 4, "resources": [{"mode": "managed", "type": "t", "name": "n",
            "provider": "provider[\"terraform.io/builtin/terraform\"]",
            "instances": [{"schema_version": 0, "attributes": {}}]}]}"#;
        let object = state::file::read(json)
            .unwrap()
            .state
            .resources
            .pop_first()
            .unwrap()
            .1;
        let object = object.instances[&Key::None].current.clone();
        for it in addresses {
            let addr = addr::parse::instance(it).unwrap();
            res.set_object(&addr, &ObjectKey::Current, &provider, object.clone());
        }
        res
    }

    fn addresses(state: &State) -> Vec<String> {
        state
            .instances()
            .map(|(addr, ..)| addr.to_string())
            .collect()
    }

    fn instance(text: &str) -> addr::Instance {
        addr::parse::instance(text).unwrap()
    }

    #[test]
    fn instances_move_to_free_addresses() {
        let mut it = state(&["a.b", "a.c[0]"]);
        assert!(edit::move_instance(
            &mut it,
            &instance("a.b"),
            &instance("module.m[\"k\"].a.b[1]")
        ));
        assert!(!edit::move_instance(
            &mut it,
            &instance("a.b"),
            &instance("a.d")
        ));
        assert!(!edit::move_instance(
            &mut it,
            &instance("a.c[0]"),
            &instance("module.m[\"k\"].a.b[1]")
        ));
        assert_eq!(addresses(&it), ["a.c[0]", "module.m[\"k\"].a.b[1]"]);
    }

    #[test]
    fn modules_move_with_all_that_is_in_them() {
        let mut it = state(&[
            "a.b",
            "module.m.a.b",
            "module.m.module.n[0].a.b",
            "module.mm.a.b",
        ]);
        let m = ModuleInstance::root().child("m", Key::None);
        let k = ModuleInstance::root().child("m", Key::Str("k".into()));
        assert!(edit::move_module(&mut it, &m, &k));
        assert_eq!(
            addresses(&it),
            [
                "a.b",
                "module.m[\"k\"].a.b",
                "module.m[\"k\"].module.n[0].a.b",
                "module.mm.a.b"
            ]
        );
    }

    #[test]
    fn what_a_target_covers_is_removed() {
        let mut it = state(&["a.b[0]", "a.b[1]", "a.c", "module.m[0].a.b[0]"]);
        let resource = instance("a.b").absolute();
        assert_eq!(edit::remove(&mut it, &Target::Resource(resource)).len(), 2);
        let module = ModuleInstance::root().child("m", Key::None);
        assert_eq!(edit::remove(&mut it, &Target::Module(module)).len(), 1);
        assert_eq!(addresses(&it), ["a.c"]);
    }

    #[test]
    fn providers_are_replaced() {
        let mut it = state(&["a.b", "a.c"]);
        let to = Provider::new("example.com", "x", "y");
        assert_eq!(
            edit::replace_provider(&mut it, &Provider::builtin(), &to).len(),
            2
        );
        assert!(it.resources.values().all(|it| it.provider.provider == to));
    }
}
