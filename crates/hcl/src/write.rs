//! Building new text: trees back to source.

/// A text as it stands between quotes: escapes for what cannot stand there as it is.
pub fn quoted(text: &str) -> String {
    let mut res = String::with_capacity(text.len() + 2);
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\n' => res.push_str("\\n"),
            '\r' => res.push_str("\\r"),
            '\t' => res.push_str("\\t"),
            '"' | '\\' => {
                res.push('\\');
                res.push(char);
            }
            '$' | '%' => {
                res.push(char);
                if chars.peek() == Some(&'{') {
                    res.push(char);
                }
            }
            _ if is_printable(char) => res.push(char),
            _ => {
                let number = char as u32;
                if number < 0x10000 {
                    res.push_str(&format!("\\u{number:04x}"));
                } else {
                    res.push_str(&format!("\\U{number:08x}"));
                }
            }
        }
    }
    res
}

/// Whether a character shows as itself: not a control or format character, and no white space but the plain one.
fn is_printable(char: char) -> bool {
    if char.is_ascii() {
        return !char.is_ascii_control();
    }
    !(char.is_control()
        || char.is_whitespace()
        || matches!(char as u32,
            0xad | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x890..=0x891 | 0x8e2 | 0x180e
            | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0xe000..=0xf8ff | 0xfeff
            | 0xfff0..=0xfffb | 0xfffe..=0xffff | 0xe0000..=0xe00ff | 0xf0000..))
}
