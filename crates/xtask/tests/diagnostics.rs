//! The page of diagnostics, written from the rows of the sources: whoever adds a row adds it to the page.
//!
//! The set of kinds is open (each crate, and each command, has its own), so that no value of Rust holds all of them.
//! A row is three texts: id, title, what to do. They stand in `Code::new(…)` or behind a name in `codes! { … }`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// A kind of diagnostics.
#[derive(Debug)]
struct Row {
    /// The crate and the constant.
    owner: (String, String),
    file: PathBuf,
    id: String,
    title: String,
    doc: String,
    /// Titles under which it is printed instead.
    titles: BTreeSet<String>,
}

/// A part of Rust source text: only what the search needs.
#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Mark(char),
}

/// Words, texts and marks, without comments and everything behind `mod tests`.
fn tokens(source: &str) -> Vec<Token> {
    let source = source.split("\nmod tests {").next().unwrap();
    let chars: Vec<char> = source.chars().collect();
    let (mut at, mut res) = (0, Vec::new());
    while let Some(c) = chars.get(at).copied() {
        let next = chars.get(at + 1).copied();
        if c == '/' && next == Some('/') {
            while chars.get(at).is_some_and(|it| *it != '\n') {
                at += 1;
            }
        } else if c == 'r' && raw(&chars, at).is_some() {
            at = raw(&chars, at).unwrap_or(at + 1);
        } else if c == '"' {
            let (text, end) = literal(&chars, at + 1);
            res.push(Token::Text(text));
            at = end;
        } else if c == '\'' {
            // A character or a lifetime.
            at += match (next, chars.get(at + 2)) {
                (Some('\\'), _) => {
                    3 + chars[at + 3..].iter().position(|it| *it == '\'').unwrap() + 1
                }
                (_, Some('\'')) => 3,
                _ => 1,
            };
        } else if c.is_alphanumeric() || c == '_' {
            let start = at;
            while chars
                .get(at)
                .is_some_and(|it| it.is_alphanumeric() || *it == '_')
            {
                at += 1;
            }
            res.push(Token::Word(chars[start..at].iter().collect()));
        } else {
            if !c.is_whitespace() {
                res.push(Token::Mark(c));
            }
            at += 1;
        }
    }
    res
}

/// The place behind a raw literal that begins at a place, if one does. What it holds is not needed.
fn raw(chars: &[char], at: usize) -> Option<usize> {
    let is_word = |it: &char| it.is_alphanumeric() || *it == '_';
    if at > 0 && is_word(&chars[at - 1]) && chars[at - 1] != 'b' {
        return None;
    }
    let hashes = chars[at + 1..].iter().take_while(|it| **it == '#').count();
    if chars.get(at + 1 + hashes) != Some(&'"') {
        return None;
    }
    let end: Vec<char> = std::iter::once('"')
        .chain(std::iter::repeat_n('#', hashes))
        .collect();
    let rest = &chars[at + 2 + hashes..];
    let found = rest.windows(end.len()).position(|it| it == end)?;
    Some(at + 2 + hashes + found + end.len())
}

/// The text of a literal that begins at a place, and the place behind it.
fn literal(chars: &[char], mut at: usize) -> (String, usize) {
    let mut res = String::new();
    loop {
        match chars[at] {
            '"' => return (res, at + 1),
            '\\' => {
                at += 1;
                match chars[at] {
                    'n' => res.push('\n'),
                    '\n' => {
                        while chars[at + 1].is_whitespace() {
                            at += 1;
                        }
                    }
                    other => res.push(other),
                }
            }
            other => res.push(other),
        }
        at += 1;
    }
}

/// The rows of a crate's file.
fn rows(krate: &str, file: &std::path::Path, tokens: &[Token]) -> Vec<Row> {
    let mut res = Vec::new();
    let mut name = String::new();
    for (at, window) in tokens.windows(6).enumerate() {
        if let [Token::Word(word), Token::Mark(':'), ..] = window
            && word
                .chars()
                .all(|it| it.is_uppercase() || it == '_' || it.is_numeric())
        {
            name.clone_from(word);
        }
        let [
            Token::Mark(before @ ('(' | '=' | ':')),
            Token::Text(id),
            Token::Mark(','),
            Token::Text(title),
            Token::Mark(','),
            Token::Text(doc),
        ] = window
        else {
            continue;
        };
        let word = |back: usize| match at.checked_sub(back).map(|it| &tokens[it]) {
            Some(Token::Word(it)) => it.as_str(),
            _ => "",
        };
        let name = match before {
            '(' if word(1) == "new" && word(4) == "Code" => name.clone(),
            '=' | ':' if !word(1).is_empty() => word(1).to_owned(),
            _ => continue,
        };
        res.push(Row {
            owner: (krate.to_owned(), name),
            file: file.to_owned(),
            id: id.clone(),
            title: title.clone(),
            doc: doc.clone(),
            titles: BTreeSet::new(),
        });
    }
    res
}

/// The constants and titles of `titled("…")` and `reader.titled(&code::X, "…")`: the path of the constant that stands
/// in the call, or else the last before it.
fn other_titles(tokens: &[Token]) -> Vec<(Vec<String>, String)> {
    let mut res = Vec::new();
    let mut last: Vec<String> = Vec::new();
    for at in 0..tokens.len() {
        if tokens[at] == Token::Mark('&')
            && let Some(path) = constant(&tokens[at + 1..])
        {
            last = path;
        }
        let is_call = matches!(&tokens[at], Token::Word(it) if it == "titled")
            && tokens.get(at + 1) == Some(&Token::Mark('('));
        if !is_call {
            continue;
        }
        let mut rest = &tokens[at + 2..];
        let mut path = last.clone();
        if rest.first() == Some(&Token::Mark('&'))
            && let Some(own) = constant(&rest[1..])
        {
            path = own;
            let comma = rest.iter().position(|it| *it == Token::Mark(','));
            rest = &rest[comma.unwrap() + 1..];
        }
        let title = match rest {
            [Token::Text(it), ..] => it,
            [
                Token::Word(format),
                Token::Mark('!'),
                Token::Mark('('),
                Token::Text(it),
                ..,
            ] if format == "format" => it,
            _ => continue,
        };
        res.push((path, title.clone()));
    }
    res
}

/// The path of a constant that begins here, if one does.
fn constant(tokens: &[Token]) -> Option<Vec<String>> {
    let mut res = Vec::new();
    for token in tokens {
        match token {
            Token::Word(it) => res.push(it.clone()),
            Token::Mark(':') => {}
            _ => break,
        }
    }
    let last = res.last()?;
    let is_constant = last.chars().all(|it| it.is_uppercase() || it == '_') && last.len() > 2;
    is_constant.then_some(res)
}

/// The titles that providers give.
fn of_providers(tokens: &[Token]) -> Vec<String> {
    tokens
        .windows(6)
        .filter_map(|it| match it {
            [
                Token::Word(issue),
                Token::Mark(':'),
                Token::Mark(':'),
                Token::Word(_),
                Token::Mark('('),
                Token::Text(title),
            ] if issue == "Issue" => Some(title.clone()),
            [
                Token::Mark('.'),
                Token::Word(issue),
                Token::Mark('('),
                Token::Text(title),
                ..,
            ] if issue == "issue" && title.starts_with(char::is_uppercase) => Some(title.clone()),
            _ => None,
        })
        .collect()
}

/// A text as a cell: what varies is `…`.
fn cell(text: &str) -> String {
    let mut res = String::new();
    let mut depth = 0;
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                res.push('…');
            }
            _ if depth > 0 => {}
            '|' => res.push_str("\\|"),
            '\n' => res.push(' '),
            c => res.push(c),
        }
    }
    res
}

fn page() -> String {
    let crates = crate::tidy::root().join("crates");
    let mut sources = Vec::new();
    crate::tidy::files(&crates, ".rs", &mut sources);
    sources.sort();
    let sources: Vec<(String, PathBuf, Vec<Token>)> = sources
        .into_iter()
        .filter_map(|it| {
            let inside = it.strip_prefix(&crates).unwrap();
            let mut parts = inside.iter().map(|it| it.to_string_lossy().into_owned());
            let krate = parts.next()?;
            let is_source = parts.next()? == "src";
            let tools = ["testkit", "xtask", "dokploy-sim", "diag"];
            (is_source && !tools.contains(&krate.as_str())).then(|| {
                let tokens = tokens(&std::fs::read_to_string(&it).unwrap());
                (krate, inside.to_owned(), tokens)
            })
        })
        .collect();
    let mut all: Vec<Row> = sources
        .iter()
        .flat_map(|(krate, file, tokens)| rows(krate, file, tokens))
        .collect();
    for (krate, file, tokens) in &sources {
        for (path, title) in other_titles(tokens) {
            let name = path.last().cloned().unwrap_or_default();
            let krate = sources
                .iter()
                .map(|it| &it.0)
                .find(|it| Some(*it) == path.first())
                .unwrap_or(krate);
            let owner = (krate.clone(), name);
            let at = all
                .iter()
                .position(|it| it.owner == owner && it.file == *file)
                .or_else(|| all.iter().position(|it| it.owner == owner));
            if let Some(at) = at
                && all[at].title != title
            {
                all[at].titles.insert(title);
            }
        }
    }
    all.sort_by(|a, b| (&a.title, &a.id).cmp(&(&b.title, &b.id)));
    let mut res = String::from(
        "# Diagnostics\n\n\
        Written from the rows in the sources by `UPDATE_DOCS=1 cargo test -p xtask diagnostics`; a test keeps it true.\n\n\
        The title is what stands behind `Error:` or `Warning:`, and is Terraform's where it has the same mistake. A kind whose\n\
        messages have titles of their own in some places has them below its title; `…` is what varies. The message itself says\n\
        where the mistake is and what to do there; this says what is meant in general.\n\n\
        | title | kind | what it is, and what to do |\n|---|---|---|\n",
    );
    for row in &all {
        let titles: Vec<String> = std::iter::once(&row.title)
            .chain(&row.titles)
            .map(|it| cell(it))
            .collect();
        res += &format!(
            "| {} | `{}` | {} |\n",
            titles.join("<br>"),
            row.id,
            cell(&row.doc)
        );
    }
    let mut of: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (krate, _, tokens) in &sources {
        let name = match krate.as_str() {
            "dokploy" => "Dokploy",
            "builtin" => "The built-in provider",
            _ => continue,
        };
        of.entry(name).or_default().extend(of_providers(tokens));
    }
    res += "\n## Titles of providers\n\nWhat a provider says has titles without a kind; each message says what to do.\n";
    for (name, titles) in of {
        res += &format!("\n{name}:\n\n");
        for it in titles {
            res += &format!("- {}\n", cell(&it));
        }
    }
    res
}

#[test]
fn the_page_of_diagnostics_has_every_kind() {
    let path = crate::tidy::root().join("docs/reference/diagnostics.md");
    let page = page();
    assert!(page.lines().count() > 200, "{page}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    assert!(
        std::fs::read_to_string(&path).unwrap_or_default() == page,
        "UPDATE_DOCS=1 cargo test -p xtask diagnostics writes docs/reference/diagnostics.md anew"
    );
}

#[test]
fn rows_are_found_in_both_forms() {
    let source = r#"
        /// Not "this", "is", "one".
        const A_B: Code = Code::new("a-b", "A \"b\"", "What \
            it is.");
        codes! { CCC = "c", "C c", "See."; D: "d", "D d", "Also."; }
        fn f() { e(&code::CCC, x).titled(format!("C {x} c")); r.titled(&A_B, "B"); g('"', '\'', r"\", "x", "y", "z") }
    "#;
    let tokens = tokens(source);
    let found: Vec<(String, String, String)> = rows("k", std::path::Path::new("f"), &tokens)
        .into_iter()
        .map(|it| (it.owner.1, it.title, it.doc))
        .collect();
    let row = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
    assert_eq!(
        found,
        [
            row("A_B", "A \"b\"", "What it is."),
            row("CCC", "C c", "See."),
            row("D", "D d", "Also."),
        ]
    );
    let titles: Vec<String> = other_titles(&tokens)
        .into_iter()
        .map(|(path, title)| format!("{}: {}", path.join("::"), cell(&title)))
        .collect();
    assert_eq!(titles, ["code::CCC: C … c", "A_B: B"]);
}
