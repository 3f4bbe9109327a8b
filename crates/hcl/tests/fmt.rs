//! The recorded `fmt` cases: `NAME.in.tf` gives `NAME.out.tf`, or the errors of `NAME.err.txt`.

use diag::{Diagnostics, SourceId, SourceMap};

use crate::conformance::testdata;

fn formatted(text: &str) -> Result<String, Diagnostics> {
    let mut diags = Diagnostics::new();
    hcl::format(SourceId(0), text, &mut diags).ok_or(diags)
}

/// Titles and lines of errors as they stand in `NAME.err.txt`, sorted by place.
fn shown(text: &str, diags: &Diagnostics) -> Vec<(String, u32)> {
    let mut sources = SourceMap::new();
    let id = sources.add("<stdin>", text);
    let mut found: Vec<_> = diags.iter().collect();
    found.sort_by_key(|it| it.subject.map(|it| it.start));
    found
        .iter()
        .map(|it| {
            let at = it.subject.map_or(0, |it| it.start);
            (it.summary.clone(), sources.position(id, at).line)
        })
        .collect()
}

#[test]
fn recorded_cases() {
    let mut n_cases = 0;
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(testdata("conformance/fmt")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Some(name) = name.strip_suffix(".in.tf") else {
            continue;
        };
        n_cases += 1;
        let text = std::fs::read_to_string(&path).unwrap();
        let expected = std::fs::read_to_string(path.with_file_name(format!("{name}.out.tf")));
        match (formatted(&text), expected) {
            (Ok(found), Ok(expected)) if found == expected => {
                assert_eq!(formatted(&found).unwrap(), found, "{name} again");
            }
            (Ok(found), Ok(expected)) => wrong.push(format!(
                "{name}\n--- expected\n{expected}\n--- found\n{found}"
            )),
            (Err(diags), Err(_)) => {
                let errors =
                    std::fs::read_to_string(path.with_file_name(format!("{name}.err.txt")))
                        .unwrap();
                let mut expected = Vec::new();
                let mut title = "";
                for line in errors.lines() {
                    if let Some(it) = line.strip_prefix("Error: ") {
                        title = it;
                    } else if let Some(it) = line.trim().strip_prefix("on <stdin> line ") {
                        let digits: String = it.chars().take_while(char::is_ascii_digit).collect();
                        expected.push((title.to_owned(), digits.parse().unwrap()));
                    }
                }
                let found = shown(&text, &diags);
                if found != expected {
                    wrong.push(format!("{name}\n expected {expected:?}\n found {found:?}"));
                }
            }
            (found, expected) => wrong.push(format!("{name}: {found:?} {expected:?}")),
        }
    }
    assert!(n_cases > 60, "{n_cases}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
