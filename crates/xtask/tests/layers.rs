//! The layer table of docs/architecture.md, and a test that no crate uses another that it may not.

use std::path::PathBuf;

/// Crate, and the crates of this workspace that it may use.
const LAYERS: &[(&str, &[&str])] = &[
    ("diag", &[]),
    ("hcl", &["diag"]),
    ("value", &[]),
    ("addr", &["hcl", "diag"]),
    ("provider", &["value", "diag", "addr"]),
    ("config", &["hcl", "addr", "diag"]),
    ("state", &["value", "addr", "diag"]),
    ("plan", &["state", "provider", "value", "addr", "diag"]),
    ("lang", &["hcl", "value", "addr", "provider", "diag"]),
    (
        "engine",
        &[
            "diag", "hcl", "value", "addr", "provider", "config", "state", "plan", "lang",
        ],
    ),
    // `show -json` prints the configuration, and snippets name the block around a mistake: so hcl, config and lang.
    (
        "view",
        &[
            "plan", "state", "provider", "value", "addr", "diag", "hcl", "config", "lang",
        ],
    ),
    ("backend", &["state", "value"]),
    ("dokploy", &["provider", "value", "addr", "diag"]),
    ("builtin", &["provider", "value", "addr", "diag"]),
    ("dokploy-sim", &[]),
    (
        "dokplan",
        &[
            "diag",
            "hcl",
            "value",
            "addr",
            "provider",
            "config",
            "state",
            "plan",
            "lang",
            "engine",
            "view",
            "backend",
            "dokploy",
            "builtin",
            "dokploy-sim",
        ],
    ),
    // Looks at both, and is used by neither.
    ("contract", &["dokploy", "dokploy-sim"]),
    ("testkit", &["diag"]),
    ("xtask", &[]),
];

/// Crates that tests of a crate may use beside those of its layer, with the reason.
const FOR_TESTS: &[(&str, &str, &str)] = &[
    (
        "dokploy",
        "dokploy-sim",
        "the provider is tested against a pretend Dokploy",
    ),
    ("engine", "builtin", "walks are tested with terraform_data"),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn crates_use_only_lower_layers() {
    let names: Vec<&str> = LAYERS.iter().map(|(name, _)| *name).collect();
    let mut found: Vec<String> = std::fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    let mut known: Vec<String> = names.iter().map(ToString::to_string).collect();
    known.sort();
    assert_eq!(found, known, "every crate has a row in LAYERS");

    let mut wrong = Vec::new();
    for (name, may_use) in LAYERS {
        let manifest =
            std::fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).unwrap();
        let mut section = String::new();
        for line in manifest.lines() {
            if let Some(it) = line.strip_prefix('[') {
                section = it.trim_end_matches(']').to_owned();
                continue;
            }
            let used = line.split(['.', '=', ' ']).next().unwrap_or("");
            let listed = section == "dependencies" || section == "dev-dependencies";
            if !listed || !names.contains(&used) {
                continue;
            }
            let for_tests = section == "dev-dependencies"
                && (used == "testkit"
                    || FOR_TESTS
                        .iter()
                        .any(|(user, it, _)| user == name && *it == used));
            if !may_use.contains(&used) && !for_tests {
                wrong.push(format!(
                    "`{name}` must not use `{used}` (docs/architecture.md, Crates and layers)"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
