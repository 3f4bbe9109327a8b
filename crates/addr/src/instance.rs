//! Which copy: the key of an instance of a resource or module.

use std::fmt;
use std::sync::Arc;

/// The key of an instance. Sorts as the reference lists instances: no key, then numbers, then texts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// Neither `count` nor `for_each`.
    None,
    /// `count`: `[0]`.
    Int(u64),
    /// `for_each`: `["a"]`.
    Str(Arc<str>),
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::None => Ok(()),
            Key::Int(it) => write!(f, "[{it}]"),
            Key::Str(it) => write!(f, "[{}]", quoted(it)),
        }
    }
}

/// A text as an HCL string literal: quotes, escapes, `$${` and `%%{`.
pub fn quoted(text: &str) -> String {
    let mut res = String::with_capacity(text.len() + 2);
    res.push('"');
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => res.push_str("\\\""),
            '\\' => res.push_str("\\\\"),
            '\n' => res.push_str("\\n"),
            '\r' => res.push_str("\\r"),
            '\t' => res.push_str("\\t"),
            '$' | '%' if rest.peek() == Some(&'{') => {
                res.push(c);
                res.push(c);
            }
            c if c.is_control() => res.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => res.push(c),
        }
    }
    res.push('"');
    res
}
