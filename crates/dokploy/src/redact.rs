//! Keeps secrets out of texts: Dokploy's error messages can hold the shell commands and the SQL that it ran, values
//! included.

use std::collections::BTreeSet;
use std::sync::Mutex;

use crate::limits::lock;

/// What stands in a text where a secret was.
pub(crate) const MASK: &str = "(sensitive value)";

/// Secrets shorter than this are masked only where they stand as a word: `a` is in every text.
const SHORT: usize = 4;

/// Lines of a secret at least this long are secrets too: a private key can be quoted in pieces.
const LINE: usize = 16;

/// The longest text of Dokploy's that is shown.
const LONGEST: usize = 2_000;

/// All secrets that were seen in configuration, state and answers.
#[derive(Default)]
pub(crate) struct Secrets {
    known: Mutex<BTreeSet<String>>,
}

impl Secrets {
    /// Remembers a secret.
    pub(crate) fn learn(&self, secret: &str) {
        let mut known = lock(&self.known);
        let trimmed = secret.trim();
        if trimmed.is_empty() {
            return;
        }
        known.insert(secret.to_owned());
        known.insert(trimmed.to_owned());
        let lines = trimmed.lines().map(str::trim);
        known.extend(
            lines
                .filter(|it| it.len() >= LINE && !it.starts_with("-----"))
                .map(str::to_owned),
        );
    }

    /// A text of the server's, fit to be shown: values of SQL cut off, secrets masked, and not too long. Control
    /// characters stay as they are: the view escapes them.
    pub(crate) fn redact(&self, text: &str) -> String {
        // drizzle appends all values of a failed statement, each secret or not.
        let mut res = match text.split_once("\nparams:") {
            Some((before, _)) => self.mask(&format!("{before}\n(its values are not shown)")),
            None => self.mask(text),
        };
        if res.len() > LONGEST {
            let end = (0..=LONGEST).rev().find(|at| res.is_char_boundary(*at));
            res.truncate(end.unwrap_or_default());
            res.push('…');
        }
        res
    }

    /// The same secrets, to which others can be added.
    pub(crate) fn copied(&self) -> Secrets {
        let known = lock(&self.known).clone();
        Secrets {
            known: Mutex::new(known),
        }
    }

    /// A text of any length with its secrets masked, in every form in which they appear.
    pub(crate) fn mask(&self, text: &str) -> String {
        let mut res = text.to_owned();
        let mut forms: BTreeSet<String> = BTreeSet::new();
        for secret in &*lock(&self.known) {
            forms.extend(forms_of(secret));
        }
        let mut forms: Vec<String> = forms.into_iter().collect();
        // Long ones first, so that a secret that is part of another leaves no rest of it.
        forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        for form in forms {
            if form.len() >= SHORT {
                res = res.replace(&form, MASK);
            } else {
                res = replaced_words(&res, &form);
            }
        }
        res
    }
}

/// How a secret may be written: as it is, inside a JSON string (once and twice), inside single quotes of a shell,
/// and in a URL.
fn forms_of(secret: &str) -> Vec<String> {
    let json = |text: &str| {
        let quoted = serde_json::Value::from(text).to_string();
        quoted
            .strip_prefix('"')
            .and_then(|it| it.strip_suffix('"'))
            .unwrap_or_default()
            .to_owned()
    };
    let shell = secret.replace('\'', "'\\''");
    let in_json = json(secret);
    vec![
        secret.to_owned(),
        json(&in_json),
        in_json,
        json(&shell),
        secret.replace('\'', "'\"'\"'"),
        shell,
        crate::client::percent_encoded(secret),
    ]
}

/// Replaces a short text where no letter or digit stands beside it.
fn replaced_words(text: &str, word: &str) -> String {
    let mut res = String::with_capacity(text.len());
    let mut rest = text;
    let mut before: Option<char> = None;
    while let Some((head, tail)) = rest.split_once(word) {
        let left = head.chars().next_back().or(before);
        let right = tail.chars().next();
        let is_word = |it: Option<char>| it.is_some_and(char::is_alphanumeric);
        res.push_str(head);
        res.push_str(if is_word(left) || is_word(right) {
            word
        } else {
            MASK
        });
        before = word.chars().next_back();
        rest = tail;
    }
    res.push_str(rest);
    res
}

#[cfg(test)]
mod tests {
    use super::Secrets;

    #[test]
    fn secrets_are_masked_in_every_form() {
        for (secret, text, expected) in [
            (
                "hunter22",
                "password hunter22!",
                "password (sensitive value)!",
            ),
            (
                "wr'ong",
                "printf %s 'wr'\\''ong'",
                "printf %s '(sensitive value)'",
            ),
            (
                "a\"b\\c",
                r#"{"p":"a\"b\\c"}"#,
                r#"{"p":"(sensitive value)"}"#,
            ),
            (
                "ab",
                "about ab, 'ab'",
                "about (sensitive value), '(sensitive value)'",
            ),
            ("p&ss word", "?p=p%26ss%20word", "?p=(sensitive value)"),
            (
                "x",
                "Failed query: insert\nparams: other,secrets",
                "Failed query: insert\n(its values are not shown)",
            ),
        ] {
            let secrets = Secrets::default();
            secrets.learn(secret);
            assert_eq!(secrets.redact(text), expected, "{secret}");
        }
    }

    #[test]
    fn longer_secrets_first_and_lines_of_keys() {
        let secrets = Secrets::default();
        secrets.learn("pass");
        secrets.learn("password1");
        secrets.learn("-----BEGIN X-----\nAAAABBBBCCCCDDDDEEEE\n-----END X-----\n");
        assert_eq!(secrets.redact("is password1"), "is (sensitive value)");
        assert_eq!(
            secrets.redact("line AAAABBBBCCCCDDDDEEEE"),
            "line (sensitive value)"
        );
        assert_eq!(secrets.redact(&"é".repeat(3000)).chars().count(), 1001);
    }

    #[test]
    fn nothing_known_changes_nothing() {
        let secrets = Secrets::default();
        secrets.learn("  ");
        assert_eq!(secrets.redact("text"), "text");
    }
}
