//! Paths as texts, and the patterns of `fileset`. Nothing here looks at files.

use std::collections::BTreeSet;

/// The shortest path that means the same: no repeated slashes, no `.`, no `..` that can be resolved.
pub(crate) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&"..") | None if rooted && parts.is_empty() => {}
                Some(&"..") | None => parts.push(".."),
                Some(_) => {
                    parts.pop();
                }
            },
            _ => parts.push(part),
        }
    }
    match (rooted, parts.join("/")) {
        (true, rest) => format!("/{rest}"),
        (false, rest) if rest.is_empty() => ".".to_owned(),
        (false, rest) => rest,
    }
}

/// The last part of a path.
pub(crate) fn base(path: &str) -> String {
    if path.is_empty() {
        return ".".to_owned();
    }
    match path.trim_end_matches('/').rsplit('/').next() {
        None | Some("") => "/".to_owned(),
        Some(it) => it.to_owned(),
    }
}

/// The path without its last part.
pub(crate) fn directory(path: &str) -> String {
    match path.rfind('/') {
        None => ".".to_owned(),
        Some(at) => clean(path.get(..=at).unwrap_or("/")),
    }
}

/// Two paths, one after the other.
pub(crate) fn join(first: &str, second: &str) -> String {
    match (first.is_empty(), second.is_empty()) {
        (true, true) => String::new(),
        (true, false) => clean(second),
        (false, true) => clean(first),
        (false, false) => clean(&format!("{first}/{second}")),
    }
}

/// The way from a directory to a path, both clean and of the same kind.
pub(crate) fn relative(from: &str, to: &str) -> String {
    let parts = |path: &str| -> Vec<String> {
        path.split('/')
            .filter(|it| !it.is_empty() && *it != ".")
            .map(str::to_owned)
            .collect()
    };
    let (from, to) = (parts(from), parts(to));
    let same = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from.iter().skip(same).map(|_| "..".to_owned());
    let res: Vec<String> = up.chain(to.iter().skip(same).cloned()).collect();
    if res.is_empty() {
        ".".to_owned()
    } else {
        res.join("/")
    }
}

/// A pattern with `*`, `?`, `[…]`, `{…,…}` and `**`.
pub(crate) struct Pattern {
    /// Alternatives of parts between slashes.
    alternatives: Vec<Vec<Part>>,
}

/// How many alternatives the braces of a pattern may make.
const MAX_ALTERNATIVES: usize = 1024;

enum Part {
    /// `**`: any number of directories.
    Any,
    Name(Vec<Token>),
}

enum Token {
    Char(char),
    /// `?`.
    One,
    /// `*`.
    Many,
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Pattern {
    pub(crate) fn parse(text: &str) -> Result<Pattern, String> {
        let mut alternatives = Vec::new();
        for text in expanded(text)? {
            let parts: Result<Vec<Part>, String> = text
                .split('/')
                .map(|part| match part {
                    "**" => Ok(Part::Any),
                    _ => tokens(part).map(Part::Name),
                })
                .collect();
            alternatives.push(parts?);
        }
        Ok(Pattern { alternatives })
    }

    /// How many parts a path that matches has at most; none where any number.
    pub(crate) fn depth(&self) -> Option<usize> {
        let mut res = 0;
        for parts in &self.alternatives {
            if parts.iter().any(|it| matches!(it, Part::Any)) {
                return None;
            }
            res = res.max(parts.len());
        }
        Some(res)
    }

    /// Whether a path matches; both relative to the same directory.
    pub(crate) fn matches(&self, path: &str) -> bool {
        let names: Vec<&str> = path.split('/').collect();
        self.alternatives.iter().any(|it| parts_match(it, &names))
    }
}

/// Whether a text has a character that means something in a pattern.
pub(crate) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '[', '{', '\\'])
}

/// All texts that the braces stand for.
fn expanded(text: &str) -> Result<Vec<String>, String> {
    let mut res = vec![String::new()];
    let mut chars = text.char_indices();
    while let Some((at, it)) = chars.next() {
        match it {
            '\\' => {
                let next = chars.next().map(|it| it.1);
                for res in &mut res {
                    res.push('\\');
                    res.extend(next);
                }
            }
            '{' => {
                let rest = text.get(at + 1..).unwrap_or("");
                let (options, length) =
                    options(rest).ok_or("a brace { in the pattern has no end")?;
                let mut all = Vec::new();
                for option in options {
                    let option_texts = expanded(&option)?;
                    for before in &res {
                        for it in &option_texts {
                            all.push(format!("{before}{it}"));
                            if all.len() > MAX_ALTERNATIVES {
                                return Err("the braces of the pattern have too many alternatives"
                                    .to_owned());
                            }
                        }
                    }
                }
                res = all;
                let end = at + 1 + length;
                while chars.clone().next().is_some_and(|(at, _)| at < end) {
                    chars.next();
                }
            }
            _ => res.iter_mut().for_each(|res| res.push(it)),
        }
    }
    Ok(res)
}

/// What stands between braces and commas after `{`, and how long that is with the closing brace.
fn options(text: &str) -> Option<(Vec<String>, usize)> {
    let mut res = vec![String::new()];
    let mut depth = 0_usize;
    let mut chars = text.char_indices();
    while let Some((at, it)) = chars.next() {
        match it {
            '}' if depth == 0 => return Some((res, at + 1)),
            ',' if depth == 0 => {
                res.push(String::new());
                continue;
            }
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        let last = res.last_mut()?;
        last.push(it);
        if it == '\\' {
            last.extend(chars.next().map(|it| it.1));
        }
        if depth > 100 {
            return None;
        }
    }
    None
}

fn tokens(part: &str) -> Result<Vec<Token>, String> {
    let mut res = Vec::new();
    let mut chars = part.chars().peekable();
    while let Some(it) = chars.next() {
        res.push(match it {
            '*' => {
                if matches!(res.last(), Some(Token::Many)) {
                    continue;
                }
                Token::Many
            }
            '?' => Token::One,
            '\\' => Token::Char(chars.next().ok_or("the pattern ends after a backslash")?),
            '[' => {
                let negated = chars.next_if(|it| matches!(it, '^' | '!')).is_some();
                let mut ranges = Vec::new();
                loop {
                    let no_end = "a bracket [ in the pattern has no end";
                    let mut next = || match chars.next() {
                        Some('\\') => chars.next().map(|it| (it, true)),
                        it => it.map(|it| (it, false)),
                    };
                    let low = match next().ok_or(no_end)? {
                        (']', false) if !ranges.is_empty() => break,
                        (']' | '-', false) => {
                            return Err("a bracket [ in the pattern holds no range of characters"
                                .to_owned());
                        }
                        (it, _) => it,
                    };
                    let mut high = low;
                    if chars.next_if_eq(&'-').is_some() {
                        let mut next = || match chars.next() {
                            Some('\\') => chars.next(),
                            it => it,
                        };
                        high = next().filter(|it| *it != ']').ok_or(no_end)?;
                    }
                    ranges.push((low, high));
                }
                Token::Class { negated, ranges }
            }
            _ => Token::Char(it),
        });
    }
    Ok(res)
}

/// Which positions in the names the parts before lead to, part by part: no backtracking.
fn parts_match(parts: &[Part], names: &[&str]) -> bool {
    let mut here = BTreeSet::from([0_usize]);
    for part in parts {
        let mut next = BTreeSet::new();
        match part {
            Part::Any => {
                if let Some(first) = here.first() {
                    next.extend(*first..=names.len());
                }
            }
            Part::Name(tokens) => {
                for at in here {
                    if names.get(at).is_some_and(|name| name_matches(tokens, name)) {
                        next.insert(at + 1);
                    }
                }
            }
        }
        here = next;
    }
    here.contains(&names.len())
}

fn name_matches(tokens: &[Token], name: &str) -> bool {
    let chars: Vec<char> = name.chars().collect();
    let (mut token, mut at) = (0, 0);
    // Where the last star was, and how far it reaches.
    let mut star: Option<(usize, usize)> = None;
    while at < chars.len() {
        let it = chars.get(at).copied().unwrap_or('\0');
        let fits = match tokens.get(token) {
            Some(Token::Many) => {
                star = Some((token, at));
                token += 1;
                continue;
            }
            Some(Token::One) => true,
            Some(Token::Char(wanted)) => *wanted == it,
            Some(Token::Class { negated, ranges }) => {
                ranges
                    .iter()
                    .any(|(low, high)| (*low..=*high).contains(&it))
                    != *negated
            }
            None => false,
        };
        if fits {
            token += 1;
            at += 1;
            continue;
        }
        let Some((star_token, star_at)) = star else {
            return false;
        };
        star = Some((star_token, star_at + 1));
        token = star_token + 1;
        at = star_at + 1;
    }
    tokens
        .get(token..)
        .is_some_and(|rest| rest.iter().all(|it| matches!(it, Token::Many)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        assert_eq!(clean("a//b/../c/."), "a/c");
        assert_eq!(clean("/.."), "/");
        assert_eq!(clean("../../a/.."), "../..");
        assert_eq!(clean(""), ".");
        assert_eq!(base("a//b//"), "b");
        assert_eq!(base("//"), "/");
        assert_eq!(directory("a//b"), "a");
        assert_eq!(directory("/a"), "/");
        assert_eq!(directory("a/b/"), "a/b");
        assert_eq!(relative("files/sub", "files/a.txt"), "../a.txt");
        assert_eq!(relative(".", "a/b"), "a/b");
    }

    fn check(pattern: &str, path: &str, expected: bool) {
        assert_eq!(
            Pattern::parse(pattern).unwrap().matches(path),
            expected,
            "{pattern} {path}"
        );
    }

    #[test]
    fn patterns() {
        check("*.txt", "a.txt", true);
        check("*.txt", "d/a.txt", false);
        check("**/*.txt", "a.txt", true);
        check("**/*.txt", "x/y/a.txt", true);
        check("**", "x/y", true);
        check("a/**/b", "a/b", true);
        check("{hello,em{p,q}ty}.txt", "empty.txt", true);
        check("[a-c]*", "bx", true);
        check("[^a-c]*", "bx", false);
        check("\\*", "*", true);
        check("a?c", "aéc", true);
        assert_eq!(Pattern::parse("{a,b/*}/c").unwrap().depth(), Some(3));
        assert_eq!(Pattern::parse("**/c").unwrap().depth(), None);
        check(&"*a".repeat(30), &"a".repeat(29), false);
        for pattern in ["[", "{", "[a", "\\", "[]", "[-]"] {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
    }
}
