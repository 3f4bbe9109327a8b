//! Functions of strings.

use value::function::{CallError, Function, any, list_of, number, text};
use value::{Plain, Type, Value};

use super::{graphemes, regex, strings, unmarked, whole};

/// Longer results of `indent` are refused: a mistake, not a text.
const MAX_TEXT: usize = 256 << 20;

pub(super) fn rows() -> Vec<Function> {
    vec![
        Function::new("upper", "Converts all letters to upper case.")
            .takes([text("str")])
            .gives(Type::String)
            .not_null()
            .body(|call| Ok(call.text(0).chars().map(upper).collect::<String>().into()))
            .example(r#"upper("hello")"#, r#""HELLO""#),
        Function::new("lower", "Converts all letters to lower case.")
            .takes([text("str")])
            .gives(Type::String)
            .not_null()
            .body(|call| Ok(call.text(0).chars().map(lower).collect::<String>().into()))
            .example(r#"lower("HELLO")"#, r#""hello""#),
        Function::new("title", "Converts the first letter of each word to upper case.")
            .takes([text("str")])
            .gives(Type::String)
            .not_null()
            .body(|call| Ok(titled(call.text(0)).into()))
            .example(r#"title("hello world")"#, r#""Hello World""#),
        Function::new("chomp", "Removes all newlines at the end of a string.")
            .takes([text("str")])
            .gives(Type::String)
            .not_null()
            .body(|call| Ok(call.text(0).trim_end_matches(['\r', '\n']).into()))
            .example(r#"chomp("hello\n\n")"#, r#""hello""#),
        Function::new(
            "trim",
            "Removes characters of a set from the start and end of a string.",
        )
        .takes([text("str"), text("cutset")])
        .gives(Type::String)
        .not_null()
        .body(|call| {
            let cut: std::collections::BTreeSet<char> = call.text(1).chars().collect();
            Ok(call.text(0).trim_matches(|it| cut.contains(&it)).into())
        })
        .example(r#"trim("?!hello?!", "!?")"#, r#""hello""#),
        Function::new(
            "trimprefix",
            "Removes a prefix from a string that begins with it.",
        )
        .takes([text("str"), text("prefix")])
        .gives(Type::String)
        .not_null()
        .body(|call| {
            let text = call.text(0);
            Ok(text.strip_prefix(call.text(1)).unwrap_or(text).into())
        })
        .example(r#"trimprefix("helloworld", "hello")"#, r#""world""#),
        Function::new(
            "trimsuffix",
            "Removes a suffix from a string that ends with it.",
        )
        .takes([text("str"), text("suffix")])
        .gives(Type::String)
        .not_null()
        .body(|call| {
            let text = call.text(0);
            Ok(text.strip_suffix(call.text(1)).unwrap_or(text).into())
        })
        .example(r#"trimsuffix("helloworld", "world")"#, r#""hello""#),
        Function::new("trimspace", "Removes white space from both ends of a string.")
            .takes([text("str")])
            .gives(Type::String)
            .not_null()
            .body(|call| Ok(call.text(0).trim().into()))
            .example(r#"trimspace("  hello\n\n")"#, r#""hello""#),
        Function::new("strrev", "Reverses the characters of a string.")
            .takes([text("str")])
            .gives(Type::String)
            .not_null()
            .body(|call| {
                let parts: Vec<&str> = graphemes::clusters(call.text(0)).collect();
                Ok(parts.into_iter().rev().collect::<String>().into())
            })
            .example(r#"strrev("hello")"#, r#""olleh""#),
        Function::new(
            "substr",
            "Gives a part of a string, by the position and number of its characters.",
        )
        .takes([text("str"), number("offset"), number("length")])
        .gives(Type::String)
        .not_null()
        .body(|call| {
            let offset = whole(call, 1, "the offset")?;
            let length = whole(call, 2, "the length")?;
            Ok(substr(call.text(0), offset, length).into())
        })
        .example(r#"substr("hello world", 1, 4)"#, r#""ello""#)
        .example(r#"substr("hello world", -5, -1)"#, r#""world""#),
        Function::new(
            "join",
            "Concatenates the elements of lists with a separator between them.",
        )
        .takes([text("separator")])
        .takes_more(list_of("lists", Type::String))
        .gives(Type::String)
        .not_null()
        .body(|call| {
            if call.count() < 2 {
                return Err(CallError::new("at least one list is needed"));
            }
            if !call.wholly_known() {
                return Ok(call.unknown());
            }
            let mut parts = Vec::new();
            for (at, list) in call.args.iter().enumerate().skip(1) {
                for (n, it) in list.elements().unwrap_or(&[]).iter().enumerate() {
                    let Some(it) = it.as_str() else {
                        return Err(CallError::at(
                            at,
                            format!("element {n} is null, which cannot be joined"),
                        ));
                    };
                    parts.push(it);
                }
            }
            Ok(parts.join(call.text(0)).into())
        })
        .example(r#"join(", ", ["foo", "bar"])"#, r#""foo, bar""#),
        Function::new("split", "Divides a string at each occurrence of a separator.")
            .takes([text("separator"), text("str")])
            .gives(Type::list(Type::String))
            .not_null()
            .body(|call| {
                let (separator, text) = (call.text(0), call.text(1));
                if separator.is_empty() {
                    let mut buffer = [0; 4];
                    return Ok(strings(
                        text.chars().map(|it| it.encode_utf8(&mut buffer).to_owned()),
                    ));
                }
                Ok(strings(text.split(separator)))
            })
            .example(
                r#"split(",", "foo,bar")"#,
                "tolist([\n  \"foo\",\n  \"bar\",\n])",
            ),
        Function::new(
            "replace",
            "Replaces each occurrence of a substring, or of a regular expression between slashes.",
        )
        .takes([text("str"), text("substr"), text("replace")])
        .gives(Type::String)
        .not_null()
        .body(|call| {
            let (text, wanted, new) = (call.text(0), call.text(1), call.text(2));
            let pattern = wanted
                .strip_prefix('/')
                .and_then(|rest| rest.strip_suffix('/'));
            match pattern {
                Some(pattern) => {
                    let regex = regex::compiled(pattern).map_err(CallError::new)?;
                    regex.replace_all(text, new).map(Value::from).map_err(CallError::new)
                }
                None if grows_beyond(text.len(), wanted.len(), new.len()) => Err(too_long()),
                None => Ok(text.replace(wanted, new).into()),
            }
        })
        .example(r#"replace("1 + 2 + 3", "+", "-")"#, r#""1 - 2 - 3""#)
        .example(r#"replace("hello world", "/w.*d/", "everybody")"#, r#""hello everybody""#),
        Function::new("startswith", "Whether a string begins with another.")
            .takes([text("str").or_unknown(), text("prefix")])
            .gives(Type::Bool)
            .not_null()
            .body(|call| {
                let prefix = call.text(1);
                let (plain, _) = unmarked(&call.arg(0));
                match plain {
                    Plain::String(text) => Ok(text.starts_with(prefix).into()),
                    Plain::Unknown(it) => Ok(match &it.prefix {
                        Some(known) if known.starts_with(prefix) => true.into(),
                        Some(known) if !prefix.starts_with(&**known) => false.into(),
                        _ => call.unknown(),
                    }),
                    _ => Ok(call.unknown()),
                }
            })
            .example(r#"startswith("hello world", "hello")"#, "true"),
        Function::new("endswith", "Whether a string ends with another.")
            .takes([text("str"), text("suffix")])
            .gives(Type::Bool)
            .not_null()
            .body(|call| Ok(call.text(0).ends_with(call.text(1)).into()))
            .example(r#"endswith("hello world", "world")"#, "true"),
        Function::new("strcontains", "Whether a string contains another.")
            .takes([text("str"), text("substr")])
            .gives(Type::Bool)
            .not_null()
            .body(|call| Ok(call.text(0).contains(call.text(1)).into()))
            .example(r#"strcontains("hello world", "wor")"#, "true"),
        Function::new(
            "indent",
            "Puts spaces before each line of a string but the first.",
        )
        .takes([number("spaces"), text("str")])
        .gives(Type::String)
        .not_null()
        .body(|call| {
            let spaces = usize::try_from(whole(call, 0, "the number of spaces")?)
                .map_err(|_| CallError::new("the number of spaces must not be negative"))?;
            let text = call.text(1);
            let lines = text.bytes().filter(|it| *it == b'\n').count();
            if lines.saturating_mul(spaces).saturating_add(spaces) > MAX_TEXT {
                return Err(too_long());
            }
            Ok(text.replace('\n', &format!("\n{}", " ".repeat(spaces))).into())
        })
        .example(
            "indent(2, \"[\\n  foo\\n]\")",
            "<<EOT\n[\n    foo\n  ]\nEOT",
        ),
        Function::new(
            "regex",
            "Gives the first match of a regular expression in a string, or the parts that its groups matched.",
        )
        .takes([text("pattern"), text("string")])
        .gives_by(|args| match args.first().and_then(Value::as_str) {
            None => Ok(Type::Dynamic),
            Some(pattern) => Ok(compiled(pattern)?.result_type()),
        })
        .not_null()
        .body(|call| {
            compiled(call.text(0))?
                .first(call.text(1))
                .ok_or_else(|| CallError::new("the pattern matches no part of the string"))
        })
        .example(r#"regex("[a-z]+", "53453453.345345aaabbbccc23454")"#, r#""aaabbbccc""#)
        .example(
            r#"regex("(\\d\\d\\d\\d)-(\\d\\d)-(\\d\\d)", "2019-02-01")"#,
            "[\n  \"2019\",\n  \"02\",\n  \"01\",\n]",
        ),
        Function::new(
            "regexall",
            "Gives all matches of a regular expression in a string, as a list.",
        )
        .takes([text("pattern"), text("string")])
        .gives_by(|args| match args.first().and_then(Value::as_str) {
            None => Ok(Type::list(Type::Dynamic)),
            Some(pattern) => Ok(Type::list(compiled(pattern)?.result_type())),
        })
        .not_null()
        .body(|call| {
            let regex = compiled(call.text(0))?;
            Ok(Value::list(regex.result_type(), regex.all(call.text(1))))
        })
        .example(
            r#"regexall("[a-z]+", "1234abcd5678efgh9")"#,
            "tolist([\n  \"abcd\",\n  \"efgh\",\n])",
        ),
        Function::new(
            "length",
            "How many elements a collection has, or how many characters a string.",
        )
        .takes([any("value").or_unknown().or_dynamic().with_marks()])
        .gives_by(|args| {
            match args.first().map(Value::ty) {
                Some(Type::Bool | Type::Number) => Err(CallError::new(
                    "only a string, a collection, a tuple or an object has a length",
                )),
                _ => Ok(Type::Number),
            }
        })
        .not_null()
        .body(|call| {
            let value = call.arg(0);
            if value.ty() == Type::String {
                let (plain, marks) = unmarked(&value);
                let res = match plain {
                    Plain::String(text) => Value::from(graphemes::count(&text)),
                    _ => call.unknown(),
                };
                return Ok(res.mark(marks));
            }
            if value.ty() == Type::Dynamic {
                return Ok(call.unknown().mark(value.marks()));
            }
            value::ops::length(&value).map_err(CallError::from)
        })
        .example(r#"length(["a", "b"])"#, "2")
        .example(r#"length("hello")"#, "5"),
    ]
}

/// A pattern given as the first argument.
fn compiled(pattern: &str) -> Result<std::sync::Arc<regex::Regex>, CallError> {
    let regex = regex::compiled(pattern).map_err(|it| CallError::at(0, it))?;
    regex.unmixed().map_err(|it| CallError::at(0, it))?;
    Ok(regex)
}

fn too_long() -> CallError {
    CallError::new("the result would be longer than 256 MiB")
}

fn grows_beyond(text: usize, wanted: usize, new: usize) -> bool {
    (text / wanted.max(1)).saturating_mul(new) > MAX_TEXT
}

fn substr(text: &str, offset: i64, length: i64) -> String {
    let mut offset = offset;
    if offset < 0 {
        let total = i64::try_from(graphemes::count(text)).unwrap_or(i64::MAX);
        offset = offset.saturating_add(total);
    } else if length == 0 {
        return String::new();
    }
    let skip = usize::try_from(offset).unwrap_or(0);
    let rest = graphemes::clusters(text).skip(skip);
    match usize::try_from(length) {
        // With a negative offset the reference takes all that is left.
        Err(_) | Ok(0) => rest.collect(),
        Ok(length) => rest.take(length).collect(),
    }
}

/// The simple upper case mapping of Unicode 15.0: one character for one.
fn upper(it: char) -> char {
    match it {
        'ᾀ'..='ᾇ' | 'ᾐ'..='ᾗ' | 'ᾠ'..='ᾧ' => shifted(it, 8),
        'ᾳ' | 'ῃ' | 'ῳ' => shifted(it, 9),
        _ => single(it, it.to_uppercase()),
    }
}

/// The simple lower case mapping of Unicode 15.0.
fn lower(it: char) -> char {
    if it == 'İ' {
        return 'i';
    }
    single(it, it.to_lowercase())
}

fn title(it: char) -> char {
    match it {
        'Ǆ'..='ǆ' => 'ǅ',
        'Ǉ'..='ǉ' => 'ǈ',
        'Ǌ'..='ǌ' => 'ǋ',
        'Ǳ'..='ǳ' => 'ǲ',
        '\u{10D0}'..='\u{10FA}' | '\u{10FD}'..='\u{10FF}' => it,
        _ => upper(it),
    }
}

fn single(it: char, mut mapped: impl Iterator<Item = char>) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(to), None) if !is_newer(it) && !is_newer(to) => to,
        _ => it,
    }
}

/// Letters with case that came after Unicode 15.0.
fn is_newer(it: char) -> bool {
    matches!(it,
        '\u{1C89}' | '\u{1C8A}' | '\u{A7CB}'..='\u{A7CF}' | '\u{A7D2}'..='\u{A7D5}' | '\u{A7DA}'..='\u{A7DC}'
        | '\u{10D50}'..='\u{10D85}' | '\u{16EA0}'..='\u{16EDF}')
}

fn shifted(it: char, by: u32) -> char {
    char::from_u32(it as u32 + by).unwrap_or(it)
}

fn titled(text: &str) -> String {
    let mut before = ' ';
    text.chars()
        .map(|it| {
            let starts = is_separator(before);
            before = it;
            if starts { title(it) } else { it }
        })
        .collect()
}

/// Where a word ends. Beyond ASCII only white space ends one.
fn is_separator(it: char) -> bool {
    if it.is_ascii() {
        !(it.is_ascii_alphanumeric() || it == '_')
    } else {
        it.is_whitespace()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_one_character_for_one() {
        let upper = |it: &str| it.chars().map(upper).collect::<String>();
        let lower = |it: &str| it.chars().map(lower).collect::<String>();
        assert_eq!(upper("ßŉﬁΐᾳǆı"), "ßŉﬁΐᾼǄI");
        assert_eq!(lower("İΑΣ"), "iασ");
        assert_eq!(titled("ǆ o'neil 3rd élan"), "ǅ O'Neil 3rd Élan");
    }

    #[test]
    fn parts_of_strings() {
        assert_eq!(substr("hello", -3, 2), "ll");
        assert_eq!(substr("hello", -3, 0), "llo");
        assert_eq!(substr("hello", -9, 2), "he");
        assert_eq!(substr("hello", 9, 2), "");
        assert_eq!(substr("日本語", 1, -1), "本語");
    }
}
