//! JSON to values, as the reference reads it: numbers by their text, the last of equal keys, lone surrogates replaced.

use std::collections::BTreeMap;
use std::sync::Arc;

use value::{Number, Type, Value};

/// How deep arrays and objects may be nested.
const MAX_DEPTH: usize = 500;

/// The value that a JSON text holds.
pub(crate) fn decode(text: &str) -> Result<Value, String> {
    let mut parser = Parser { text, at: 0 };
    parser.space();
    let value = parser.value(0)?;
    parser.space();
    if parser.at < text.len() {
        return Err(parser.wrong("something follows the value"));
    }
    Ok(value)
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn wrong(&self, what: &str) -> String {
        format!("{what} at offset {}", self.at)
    }

    fn eat(&mut self, it: u8) -> bool {
        let found = self.peek() == Some(it);
        if found {
            self.at += 1;
        }
        found
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self
            .text
            .get(self.at..)
            .is_some_and(|it| it.starts_with(word));
        if found {
            self.at += word.len();
        }
        found
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        if depth > MAX_DEPTH {
            return Err(self.wrong("arrays and objects are nested too deeply"));
        }
        match self.peek() {
            None => Err(self.wrong("a value is missing")),
            Some(b'"') => Ok(Value::from(self.string()?)),
            Some(b'[') => self.array(depth),
            Some(b'{') => self.object(depth),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) if self.word("true") => Ok(true.into()),
            Some(_) if self.word("false") => Ok(false.into()),
            Some(_) if self.word("null") => Ok(Value::null(Type::Dynamic)),
            Some(_) => Err(self.wrong("a value cannot begin like this")),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, String> {
        self.at += 1;
        let mut values = Vec::new();
        self.space();
        if self.eat(b']') {
            return Ok(Value::tuple(values));
        }
        loop {
            self.space();
            values.push(self.value(depth + 1)?);
            self.space();
            if self.eat(b']') {
                return Ok(Value::tuple(values));
            }
            if !self.eat(b',') {
                return Err(self.wrong("a comma or ] is missing"));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, String> {
        self.at += 1;
        let mut values: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        self.space();
        if self.eat(b'}') {
            return Ok(Value::object(values));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.wrong("a key in quotes is missing"));
            }
            let key = Value::from(self.string()?);
            self.space();
            if !self.eat(b':') {
                return Err(self.wrong("a colon is missing"));
            }
            self.space();
            let value = self.value(depth + 1)?;
            values.insert(key.as_str().unwrap_or("").into(), value);
            self.space();
            if self.eat(b'}') {
                return Ok(Value::object(values));
            }
            if !self.eat(b',') {
                return Err(self.wrong("a comma or } is missing"));
            }
        }
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        self.at - start
    }

    fn number(&mut self) -> Result<Value, String> {
        let start = self.at;
        self.eat(b'-');
        let leading_zero = self.peek() == Some(b'0');
        let whole = self.digits();
        if whole == 0 || (leading_zero && whole > 1) {
            return Err(self.wrong("a number is malformed"));
        }
        if self.eat(b'.') && self.digits() == 0 {
            return Err(self.wrong("a number is malformed"));
        }
        if self.eat(b'e') || self.eat(b'E') {
            if !self.eat(b'+') {
                self.eat(b'-');
            }
            if self.digits() == 0 {
                return Err(self.wrong("a number is malformed"));
            }
        }
        self.text
            .get(start..self.at)
            .and_then(Number::parse)
            .map(Value::from)
            .ok_or_else(|| self.wrong("a number is malformed"))
    }

    fn string(&mut self) -> Result<String, String> {
        self.at += 1;
        let mut res = String::new();
        loop {
            let rest = self.text.get(self.at..).unwrap_or("");
            let plain = rest
                .find(|it: char| it == '"' || it == '\\' || it < ' ')
                .ok_or_else(|| self.wrong("a string has no end"))?;
            res.push_str(rest.get(..plain).unwrap_or(""));
            self.at += plain;
            if self.eat(b'"') {
                return Ok(res);
            }
            if !self.eat(b'\\') {
                return Err(self.wrong("a string holds a control character"));
            }
            let escape = self.peek();
            self.at += 1;
            res.push(match escape {
                Some(it @ (b'"' | b'\\' | b'/')) => char::from(it),
                Some(b'b') => '\x08',
                Some(b'f') => '\x0C',
                Some(b'n') => '\n',
                Some(b'r') => '\r',
                Some(b't') => '\t',
                Some(b'u') => self.unicode()?,
                _ => return Err(self.wrong("an escape sequence is unknown")),
            });
        }
    }

    fn unit(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|it| it.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }

    fn unicode(&mut self) -> Result<char, String> {
        let Some(high) = self.unit() else {
            return Err(self.wrong("an escape sequence is unknown"));
        };
        if let Some(it) = char::from_u32(high) {
            return Ok(it);
        }
        let here = self.at;
        if high < 0xDC00
            && self.word("\\u")
            && let Some(low @ 0xDC00..=0xDFFF) = self.unit()
            && let Some(it) = char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
        {
            return Ok(it);
        }
        // Half of a pair stands for nothing, what follows it for itself.
        self.at = here;
        Ok(char::REPLACEMENT_CHARACTER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_json_and_what_not() {
        for text in [
            "1",
            "-0",
            "1.5e+3",
            " [1, {\"a\": null}] ",
            r#""\ud83d\ude00\u00e9\n""#,
            "{}",
            "[]",
        ] {
            assert!(decode(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "01",
            "+1",
            "1.",
            ".5",
            "1e",
            "[1,]",
            "{\"a\":}",
            "{a:1}",
            "'a'",
            "\"a",
            "\"\\x\"",
            "nul",
            "1 2",
            "\"\n\"",
            "\"\\u12\"",
            "\"\\u00é\"",
        ] {
            assert!(decode(text).is_err(), "{text}");
        }
        assert!(decode(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn half_a_pair_is_replaced() {
        assert_eq!(decode(r#""\ud83d\u0041""#), Ok(Value::from("\u{FFFD}A")));
    }
}
