//! Directories as texts in memory: what is declared, and what is reported where.

mod blocks;
mod modules;
mod overrides;
mod settings;
mod values;

use std::collections::BTreeMap;

use config::{Loaded, MapFiles, load};
use diag::{Diagnostics, SourceMap};

/// The files of a text: `#- path` begins one; without any, all is `main.tf`.
fn files(text: &str) -> MapFiles {
    let mut res: BTreeMap<String, String> = BTreeMap::new();
    let mut path = "main.tf".to_owned();
    for line in text.lines() {
        if let Some(next) = line.strip_prefix("#- ") {
            next.clone_into(&mut path);
            res.entry(path.clone()).or_default();
            continue;
        }
        let file = res.entry(path.clone()).or_default();
        file.push_str(line);
        file.push('\n');
    }
    res.retain(|_, text| !text.trim().is_empty());
    MapFiles(res)
}

/// Loads files, and gives what was reported, one a line: `E main.tf:2 Unsupported argument: nope`.
fn report(text: &str) -> (Option<Loaded>, String) {
    let mut sources = SourceMap::new();
    let mut diags = Diagnostics::new();
    let loaded = load(&files(text), ".", &mut sources, &mut diags);
    (loaded, lines(&diags, &sources))
}

fn lines(diags: &Diagnostics, sources: &SourceMap) -> String {
    let mut res = Vec::new();
    for it in diags {
        let severity = if it.is_error() { "E" } else { "W" };
        let place = it.subject.map_or_else(String::new, |span| {
            let line = sources.position(span.source, span.start).line;
            format!(" {}:{line}", sources.name(span.source))
        });
        let what = it
            .subject
            .map(|span| sources.slice(span))
            .filter(|it| !it.is_empty())
            .map_or_else(String::new, |it| format!(": {it}"));
        assert!(!it.detail.is_empty(), "{} says nothing more", it.summary);
        res.push(format!("{severity}{place} {}{what}", it.summary));
    }
    res.join("\n")
}

/// Checks what is reported.
#[track_caller]
fn check(text: &str, expected: &str) {
    let expected: Vec<&str> = expected
        .lines()
        .map(str::trim)
        .filter(|it| !it.is_empty())
        .collect();
    assert_eq!(report(text).1, expected.join("\n"));
}

/// The configuration of a text without mistakes.
#[track_caller]
fn loaded(text: &str) -> Loaded {
    let (loaded, reported) = report(text);
    assert_eq!(reported, "");
    loaded.expect("there are no mistakes")
}
