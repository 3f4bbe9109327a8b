//! Rules of docs/style.md that a program can check.

use std::path::{Path, PathBuf};

pub(crate) fn files(at: &Path, ending: &str, res: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(at).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') {
                files(&path, ending, res);
            }
        } else if name.ends_with(ending) {
            res.push(path);
        }
    }
}

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn every_file_says_what_it_is_for() {
    let mut sources = Vec::new();
    files(&root().join("crates"), ".rs", &mut sources);
    assert!(sources.len() > 50);
    let silent: Vec<_> = sources
        .iter()
        .filter(|it| {
            let text = std::fs::read_to_string(it).unwrap();
            !text.starts_with("//!") || text.starts_with("//! .\n")
        })
        .collect();
    assert!(
        silent.is_empty(),
        "these begin without a `//!` that says what they are for: {silent:#?}"
    );
}

#[test]
fn tests_stand_alone() {
    let mut sources = Vec::new();
    files(&root().join("crates"), ".rs", &mut sources);
    let me = Path::new(file!()).file_name().unwrap();
    let needle = ["..", "/shared"].concat();
    let wrong: Vec<_> = sources
        .iter()
        .filter(|it| {
            it.file_name() != Some(me) && std::fs::read_to_string(it).unwrap().contains(&needle)
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "tests use what is in testdata/: {wrong:#?}"
    );
}

#[test]
fn there_are_no_mod_rs_files() {
    let mut sources = Vec::new();
    files(&root().join("crates"), "mod.rs", &mut sources);
    assert!(
        sources.is_empty(),
        "foo.rs beside foo/, never mod.rs: {sources:#?}"
    );
}

#[test]
fn links_of_the_documentation_lead_somewhere() {
    let mut pages = Vec::new();
    files(&root().join("docs"), ".md", &mut pages);
    pages.push(root().join("README.md"));
    let mut broken = Vec::new();
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|it| it.split(')').next())
        {
            let target = link.split('#').next().unwrap_or("");
            if target.is_empty() || target.contains("://") {
                continue;
            }
            if !page.parent().unwrap().join(target).exists() {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}
