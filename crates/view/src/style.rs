//! Colour, width, and what is safe to print.

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// ANSI colours.
    pub color: bool,
    /// Columns to wrap prose at; 0: do not wrap.
    pub width: usize,
}

impl Style {
    /// No colours, wrapped at 78 columns: what `-no-color` and pipes get.
    pub const PLAIN: Style = Style {
        color: false,
        width: 78,
    };

    fn paint(self, code: &str, text: &str) -> String {
        if self.color {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// Bold.
    pub fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    /// Green: what comes.
    pub fn green(self, text: &str) -> String {
        self.paint("32", text)
    }

    /// Red: what goes, errors.
    pub fn red(self, text: &str) -> String {
        self.paint("31", text)
    }

    /// Yellow: what changes, warnings.
    pub fn yellow(self, text: &str) -> String {
        self.paint("33", text)
    }

    /// Cyan: what is read.
    pub fn cyan(self, text: &str) -> String {
        self.paint("36", text)
    }

    /// Grey: what is not important.
    pub fn dim(self, text: &str) -> String {
        self.paint("90", text)
    }

    /// Bold and red.
    pub fn bold_red(self, text: &str) -> String {
        self.paint("1;31", text)
    }

    /// Bold and green.
    pub fn bold_green(self, text: &str) -> String {
        self.paint("1;32", text)
    }

    /// Underlined.
    pub fn underline(self, text: &str) -> String {
        self.paint("4", text)
    }

    /// A line across the terminal.
    pub fn rule(self) -> String {
        let width = if self.width == 0 { 78 } else { self.width };
        self.dim(&"─".repeat(width.saturating_sub(1).max(1)))
    }

    /// Prose wrapped at the width; lines that begin with a space are left alone.
    pub fn wrap(self, text: &str) -> String {
        if self.width == 0 {
            return text.to_owned();
        }
        let lines: Vec<String> = text
            .split('\n')
            .map(|line| {
                if line.starts_with(' ') {
                    line.to_owned()
                } else {
                    wrap_line(line, self.width - 1)
                }
            })
            .collect();
        lines.join("\n")
    }
}

/// Breaks a line of prose between words. Numbers, brackets and signs stay with the word before them, so that no line
/// looks like a list item, a place, or a result that a script reads.
fn wrap_line(line: &str, width: usize) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    let mut res = String::new();
    let mut used = 0;
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let glued = words
            .iter()
            .enumerate()
            .skip(at + 1)
            .take_while(|(at, it)| {
                // `name = value` would look like a result.
                let is_setting = words.get(*at + 1).is_some_and(|it| *it == "=");
                is_setting || !begins_line(it, *at + 1 == words.len())
            })
            .count();
        let length = |words: &[&str]| {
            words.iter().map(|it| it.chars().count()).sum::<usize>() + words.len().saturating_sub(1)
        };
        let group = words.get(at..=at + glued).unwrap_or(&[]);
        // A group that is too long for any line is broken like other words.
        let group = if length(group) > width {
            std::slice::from_ref(word)
        } else {
            group
        };
        let n_chars = length(group);
        if used > 0 && used + 1 + n_chars > width {
            res.push('\n');
            used = 0;
        } else if used > 0 {
            res.push(' ');
            used += 1;
        }
        res.push_str(&group.join(" "));
        used += n_chars;
        at += group.len();
    }
    res
}

/// Whether a line of prose may begin with a word.
fn begins_line(word: &str, is_last: bool) -> bool {
    match word.chars().next() {
        None => true,
        Some(c) => c.is_lowercase() || c == '"' || (c.is_uppercase() && !is_last),
    }
}

/// A text with a capital letter in front.
pub fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|it| it.to_uppercase().to_string());
    format!("{}{}", first.unwrap_or_default(), letters.as_str())
}

/// A text that a remote or a user made, safe for a terminal: control and direction characters are escaped. Line
/// breaks and tabs stay.
pub fn safe(text: &str) -> std::borrow::Cow<'_, str> {
    let obeyed = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    if !text.contains(obeyed) {
        return text.into();
    }
    let mut res = String::with_capacity(text.len() + 8);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        // A carriage return before a line feed moves nothing that the line feed does not.
        if obeyed(c) && !(c == '\r' && rest.peek() == Some(&'\n')) {
            res.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
        } else {
            res.push(c);
        }
    }
    res.into()
}

/// A text for a terminal in which only what the view itself writes is obeyed: colours and weights (`ESC [ 1 m`). The
/// second net under [`safe`], which whoever shows a text of others uses.
pub fn for_terminal(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains('\u{1b}') {
        return safe(text);
    }
    let mut res = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        res.push_str(&safe(before));
        let style = after.strip_prefix('[').and_then(|it| {
            let end = it.find(|c: char| !c.is_ascii_digit() && c != ';')?;
            it[end..].starts_with('m').then_some(end + 2)
        });
        match style {
            Some(end) => {
                res.push('\u{1b}');
                res.push_str(&after[..end]);
                rest = &after[end..];
            }
            None => {
                res.push_str("\\u{1b}");
                rest = after;
            }
        }
    }
    res.push_str(&safe(rest));
    res.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_a_terminal_would_obey() {
        assert_eq!(safe("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(safe("a\u{202e}b"), "a\\u{202e}b");
        assert_eq!(safe("a\n\tb"), "a\n\tb");
    }

    #[test]
    fn a_terminal_obeys_colours_only() {
        for (text, expected) in [
            ("\u{1b}[1;31mred\u{1b}[0m", "\u{1b}[1;31mred\u{1b}[0m"),
            ("\u{1b}[2Jx", "\\u{1b}[2Jx"),
            ("\u{1b}]0;t\u{7}", "\\u{1b}]0;t\\u{7}"),
            ("\u{1b}[1", "\\u{1b}[1"),
            ("\u{9b}2J\u{202e}", "\\u{9b}2J\\u{202e}"),
            ("\u{1b}", "\\u{1b}"),
        ] {
            assert_eq!(for_terminal(text), expected);
        }
    }

    #[test]
    fn wraps_prose_but_not_code() {
        let style = Style {
            color: false,
            width: 11,
        };
        assert_eq!(
            style.wrap("one two three\n    four five six"),
            "one two\nthree\n    four five six"
        );
        assert_eq!(style.wrap("of the two 11."), "of the\ntwo 11.");
    }
}
