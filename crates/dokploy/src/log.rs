//! The end of a log, fit to be shown: no control characters, no secrets, not too long. Pure.

use serde_json::Value as Json;

use crate::redact::Secrets;

/// How much of a log is looked at, in bytes from its end.
const LOOKED_AT: usize = 64 << 10;

/// How many lines are shown, and how many characters of one.
const LINES: usize = 20;
const WIDTH: usize = 300;

/// Values of variables are secrets from this length on; shorter ones are in every text.
const SHORTEST: usize = 4;

/// The text of an answered log: a text, a list of lines, or an object that holds one.
pub(crate) fn text_of(answer: &Json) -> Option<String> {
    match answer {
        Json::String(text) => Some(text.clone()),
        Json::Array(lines) => {
            let lines = lines.iter().filter_map(Json::as_str);
            Some(lines.collect::<Vec<_>>().join("\n"))
        }
        Json::Object(members) => {
            let mut names = ["logs", "log", "data", "content"].iter();
            names.find_map(|name| text_of(members.get(*name)?))
        }
        _ => None,
    }
}

/// The last lines of a log with a bar in front of each; empty where there are none.
pub(crate) fn end_of(log: &str, secrets: &Secrets) -> String {
    let mut start = log.len().saturating_sub(LOOKED_AT);
    while !log.is_char_boundary(start) {
        start += 1;
    }
    let mut log = log.get(start..).unwrap_or_default();
    if start > 0 {
        // The rest of a line that was cut could be the rest of a secret.
        log = log.split_once('\n').map_or("", |it| it.1);
    }
    let log = secrets.mask(&plain(log));
    let lines: Vec<&str> = log.lines().filter(|it| !it.trim().is_empty()).collect();
    let first = lines.len().saturating_sub(LINES);
    let shown = lines.iter().skip(first).map(|line| {
        let short: String = line.trim_end().chars().take(WIDTH).collect();
        let more = if short.len() < line.trim_end().len() {
            "…"
        } else {
            ""
        };
        format!("\n  | {short}{more}")
    });
    shown.collect()
}

/// A text without what moves or colours a terminal. Of a line that was written over, the last version stays.
fn plain(text: &str) -> String {
    let mut res = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(it) = letters.next() {
        match it {
            '\u{1b}' => match letters.next() {
                // ECMA-48: a control sequence ends with a letter or one of a few signs, a string with BEL or ST.
                Some('[') => {
                    for it in letters.by_ref() {
                        if ('@'..='~').contains(&it) {
                            break;
                        }
                    }
                }
                Some(']' | 'P' | 'X' | '^' | '_') => {
                    while let Some(it) = letters.next() {
                        if it == '\u{7}' {
                            break;
                        }
                        if it == '\u{1b}' {
                            letters.next();
                            break;
                        }
                    }
                }
                _ => {}
            },
            '\r' if letters.peek() == Some(&'\n') => {}
            '\r' => {
                let line = res.rfind('\n').map_or(0, |it| it + 1);
                res.truncate(line);
            }
            '\n' => res.push('\n'),
            '\t' => res.push(' '),
            it if it.is_control() => {}
            it => res.push(it),
        }
    }
    res
}

/// Remembers the values in lines `NAME=value` as secrets, and the passwords in URLs among them: they may be, and what is
/// printed while something is built can hold them. A value in quotes may have several lines.
pub(crate) fn learn_variables(text: &str, secrets: &Secrets) {
    let learn = |it: &str| {
        let is_small_number = it.len() < 6 && it.bytes().all(|it| it.is_ascii_digit());
        if it.chars().count() >= SHORTEST && !is_small_number {
            secrets.learn(it);
        }
    };
    let mut open = None;
    for line in text.lines() {
        let line = line.trim();
        if let Some(quote) = open {
            learn(line);
            learn(line.trim_end_matches(quote));
            if line.ends_with(quote) {
                open = None;
            }
            continue;
        }
        let Some((_, value)) = line.split_once('=') else {
            continue;
        };
        let value = value.trim();
        let bare = value.trim_matches(['"', '\'']);
        learn(value);
        learn(bare);
        let user = bare.split_once("://").map(|it| it.1);
        let user = user.and_then(|it| it.rsplit_once('@')).map(|it| it.0);
        if let Some((_, password)) = user.and_then(|it| it.split_once(':')) {
            secrets.learn(password);
        }
        let mut letters = value.chars();
        open = letters
            .next()
            .filter(|it| matches!(it, '"' | '\'') && !letters.as_str().ends_with(*it));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn logs_are_answered_in_several_forms() {
        for (answer, expected) in [
            (json!("a\nb"), Some("a\nb")),
            (json!(["a", "b"]), Some("a\nb")),
            (json!({"logs": "a\nb"}), Some("a\nb")),
            (json!(null), None),
            (json!({"other": 1}), None),
        ] {
            assert_eq!(text_of(&answer).as_deref(), expected, "{answer}");
        }
    }

    #[test]
    fn nothing_moves_the_terminal_and_the_last_version_of_a_line_stays() {
        for (text, expected) in [
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{1b}]0;title\u{7}x", "x"),
            ("\u{1b}]8;;url\u{1b}\\x", "x"),
            ("10%\r50%\r100%", "100%"),
            ("a\r\nb", "a\nb"),
            ("bell\u{7}\u{8}", "bell"),
            ("\u{1b}[", ""),
            ("\u{1b}", ""),
        ] {
            assert_eq!(plain(text), expected, "{text:?}");
        }
    }

    #[test]
    fn the_end_is_shown_without_secrets() {
        let secrets = Secrets::default();
        learn_variables(
            "DB=postgres://shop:hunter2@db/shop\nTOKEN=\"abc-def\"\nPORT=3000\nA=b\n",
            &secrets,
        );
        // Colours in the middle of a secret do not hide it from the mask.
        let log = "login hunter2\ntoken abc-\u{1b}[1mdef\nlistening on 3000\n";
        assert_eq!(
            end_of(log, &secrets),
            "\n  | login (sensitive value)\n  | token (sensitive value)\n  | listening on 3000"
        );
        learn_variables(
            "KEY=\"-----BEGIN\nbase64-of-it==\n-----END\"\nNEXT=after-it\n",
            &secrets,
        );
        assert_eq!(
            end_of("read base64-of-it== and after-it", &secrets),
            "\n  | read (sensitive value) and (sensitive value)"
        );
        let long: String = (0..100).map(|it| format!("line {it}\n")).collect();
        let end = end_of(&long, &secrets);
        assert_eq!(end.lines().filter(|it| !it.is_empty()).count(), LINES);
        assert!(end.ends_with("  | line 99"), "{end}");
        let wide = end_of(&"é".repeat(100_000), &secrets);
        assert_eq!(wide, "", "one line that was cut could hold half a secret");
        let wide = end_of(&"é".repeat(1_000), &secrets);
        assert_eq!(wide.chars().filter(|it| *it == 'é').count(), WIDTH);
    }
}
