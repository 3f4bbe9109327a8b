//! YAML, written and read byte for byte as the reference does it.
//!
//! Writing follows the layout of libyaml's emitter: block style, all strings and keys in double quotes, texts of
//! several lines as literal blocks where those can hold them, long lines folded after 80 columns. Reading takes the
//! events of a port of libyaml and decides what plain scalars mean by the reference's own mixture of YAML 1.1 and 1.2.

use std::collections::BTreeMap;
use std::sync::Arc;

use libyaml_safer::{EventData, Parser, ScalarStyle};
use value::{Number, Plain, Type, Value, convert};

use super::time::Moment;

/// A value as a YAML document. What is unknown is written as null; the caller looks for it before.
pub(crate) fn encode(value: &Value) -> String {
    let mut emitter = Emitter {
        out: String::new(),
        column: 0,
        indent: None,
        whitespace: true,
        indention: true,
    };
    let open = emitter.node(value, Place::Root);
    emitter.indent = None;
    emitter.new_line();
    if open {
        emitter.indicator("...", true, false, false);
        emitter.new_line();
    }
    emitter.out
}

/// After how many columns a text in quotes is folded at the next space.
const WIDTH: usize = 80;
/// Longer keys are written with a question mark.
const MAX_KEY: usize = 128;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Sequence,
    /// A value of a mapping, or a key that is written with a question mark.
    Mapping,
    /// A key before a colon.
    Key,
}

struct Emitter {
    out: String,
    column: usize,
    indent: Option<usize>,
    /// The last thing written is white space.
    whitespace: bool,
    /// Only indentation and indicators were written in this line.
    indention: bool,
}

impl Emitter {
    /// Whether the document has to be closed with dots.
    fn node(&mut self, value: &Value, place: Place) -> bool {
        match value.peek().0 {
            Plain::Unknown(_) | Plain::Null(_) => return self.plain("null", place),
            Plain::Bool(true) => return self.plain("true", place),
            Plain::Bool(false) => return self.plain("false", place),
            Plain::Number(it) => return self.plain(&it.to_string(), place),
            Plain::String(it) => self.text(it, place),
            Plain::List(_, values) | Plain::Set(_, values) | Plain::Tuple(values) => {
                self.sequence(values, place);
            }
            Plain::Map(_, values) | Plain::Object(values) => self.mapping(values),
        }
        false
    }

    fn sequence(&mut self, values: &[Value], place: Place) {
        if values.is_empty() {
            self.indicator("[", true, true, false);
            self.indicator("]", false, false, false);
            return;
        }
        let before = self.indent;
        // A sequence in a mapping is not indented further.
        let level = place == Place::Mapping && !self.indention;
        self.indent = Some(match before {
            None => 0,
            Some(it) if level => it,
            Some(it) => it + 2,
        });
        for it in values {
            self.new_line();
            self.indicator("-", true, false, true);
            super::deep(|| self.node(it, Place::Sequence));
        }
        self.indent = before;
    }

    fn mapping(&mut self, values: &BTreeMap<Arc<str>, Value>) {
        if values.is_empty() {
            self.indicator("{", true, true, false);
            self.indicator("}", false, false, false);
            return;
        }
        let before = self.indent;
        self.indent = Some(before.map_or(0, |it| it + 2));
        for (key, it) in values {
            self.new_line();
            if key.len() > MAX_KEY || key.contains(is_break) {
                self.indicator("?", true, false, true);
                self.text(key, Place::Mapping);
                self.new_line();
                self.indicator(":", true, false, true);
            } else {
                self.text(key, Place::Key);
                self.indicator(":", false, false, false);
            }
            super::deep(|| self.node(it, Place::Mapping));
        }
        self.indent = before;
    }

    fn plain(&mut self, text: &str, place: Place) -> bool {
        if !self.whitespace {
            self.put(' ');
        }
        self.out.push_str(text);
        self.column += text.chars().count();
        self.whitespace = false;
        self.indention = false;
        place == Place::Root
    }

    fn text(&mut self, text: &str, place: Place) {
        let before = self.indent;
        self.indent = Some(before.unwrap_or(0) + 2);
        if before.is_none() {
            self.indent = Some(2);
        }
        if text.contains('\n') && place != Place::Key && fits_block(text) {
            self.literal(text);
        } else {
            self.quoted(text, place != Place::Key);
        }
        self.indent = before;
    }

    fn literal(&mut self, text: &str) {
        self.indicator("|", true, false, false);
        if text.starts_with(|it| it == ' ' || is_break(it)) {
            self.indicator("2", false, false, false);
        }
        let mut last = text.chars().rev();
        match (last.next(), last.next()) {
            (Some(it), _) if !is_break(it) => self.indicator("-", false, false, false),
            (Some(_), None) => self.indicator("+", false, false, false),
            (Some(_), Some(it)) if is_break(it) => self.indicator("+", false, false, false),
            _ => {}
        }
        self.line_break();
        self.indention = true;
        self.whitespace = true;
        let mut fresh = true;
        for it in text.chars() {
            if is_break(it) {
                if it == '\n' {
                    self.line_break();
                } else {
                    self.out.push(it);
                    self.column = 0;
                }
                self.indention = true;
                fresh = true;
            } else {
                if fresh {
                    self.new_line();
                }
                self.put(it);
                self.indention = false;
                fresh = false;
            }
        }
    }

    fn quoted(&mut self, text: &str, fold: bool) {
        self.indicator("\"", true, false, false);
        let mut after_space = false;
        for (at, it) in text.char_indices() {
            if it == ' ' {
                let last = at + 1 >= text.len();
                if fold && !after_space && self.column > WIDTH && at > 0 && !last {
                    self.new_line();
                    if text.get(at + 1..).is_some_and(|it| it.starts_with(' ')) {
                        self.put('\\');
                    }
                } else {
                    self.put(' ');
                }
                after_space = true;
                continue;
            }
            after_space = false;
            if is_printable(it) && !is_break(it) && it != '"' && it != '\\' {
                self.put(it);
                continue;
            }
            let short = match it {
                '\0' => "\\0",
                '\x07' => "\\a",
                '\x08' => "\\b",
                '\t' => "\\t",
                '\n' => "\\n",
                '\x0B' => "\\v",
                '\x0C' => "\\f",
                '\r' => "\\r",
                '\x1B' => "\\e",
                '"' => "\\\"",
                '\\' => "\\\\",
                '\u{85}' => "\\N",
                '\u{2028}' => "\\L",
                '\u{2029}' => "\\P",
                _ => "",
            };
            let code = it as u32;
            let escape = match code {
                _ if !short.is_empty() => short.to_owned(),
                0..=0xFF => format!("\\x{code:02X}"),
                0x100..=0xFFFF => format!("\\u{code:04X}"),
                _ => format!("\\U{code:08X}"),
            };
            self.column += escape.len();
            self.out.push_str(&escape);
        }
        self.indicator("\"", false, false, false);
        self.whitespace = false;
        self.indention = false;
    }

    fn indicator(&mut self, text: &str, apart: bool, whitespace: bool, indention: bool) {
        if apart && !self.whitespace {
            self.put(' ');
        }
        self.out.push_str(text);
        self.column += text.len();
        self.whitespace = whitespace;
        self.indention = self.indention && indention;
    }

    /// A new line where this one is not fresh, with the indentation.
    fn new_line(&mut self) {
        let indent = self.indent.unwrap_or(0);
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.line_break();
        }
        while self.column < indent {
            self.put(' ');
        }
        self.whitespace = true;
        self.indention = true;
    }

    fn line_break(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    fn put(&mut self, it: char) {
        self.out.push(it);
        self.column += 1;
    }
}

fn is_break(it: char) -> bool {
    matches!(it, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_printable(it: char) -> bool {
    matches!(it, '\n' | ' '..='~' | '\u{A0}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}')
        && it != '\u{FEFF}'
}

/// Whether a literal block gives the text back.
fn fits_block(text: &str) -> bool {
    let mut after_space = false;
    for it in text.chars() {
        if !is_printable(it) || (is_break(it) && after_space) {
            return false;
        }
        after_space = it == ' ';
    }
    !after_space
}

/// How deep a document may be nested.
const MAX_DEPTH: usize = 500;
/// How many values a document may have, with those that aliases repeat.
const MAX_SIZE: usize = 1_000_000;

/// The value of a document.
pub(crate) fn decode(text: &str) -> Result<Value, String> {
    // A byte order mark is no part of the text.
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    // All ends of lines mean the same, and the parser stumbles over some.
    let lines: String;
    let text = if text.contains(['\r', '\u{85}']) {
        lines = text.replace("\r\n", "\n").replace(['\r', '\u{85}'], "\n");
        &lines
    } else {
        text
    };
    // The parser also stumbles over a text without a newline at its end.
    let closed: String;
    let whole = if text.ends_with('\n') {
        text
    } else {
        closed = format!("{text}\n");
        &closed
    };
    // What it still does not return as an error is a comma right after some tags.
    std::panic::catch_unwind(|| read(text, whole))
        .unwrap_or_else(|_| Err("the text is not YAML".to_owned()))
}

/// Reads a text with a newline at the end, which may not be there in truth.
fn read(text: &str, whole: &str) -> Result<Value, String> {
    let last = text.rsplit('\n').next().unwrap_or("");
    let mut bytes = whole.as_bytes();
    let mut reader = Reader {
        parser: Parser::new(),
        anchors: BTreeMap::new(),
        size: 0,
        start: 0,
        end: 0,
        text: whole,
        length: text.len() as u64,
        last_is_blank: last.trim_matches(' ').is_empty(),
    };
    reader.parser.set_input_string(&mut bytes);
    reader.document()
}

struct Reader<'t> {
    parser: Parser<'t>,
    /// The values of anchors with their sizes; none while the value is being read.
    anchors: BTreeMap<String, Option<(Value, usize)>>,
    size: usize,
    /// Where the last event begins and ends.
    start: u64,
    end: u64,
    text: &'t str,
    /// How long the text is, without the newline that was added.
    length: u64,
    /// Whether its last line has nothing but spaces.
    last_is_blank: bool,
}

impl Reader<'_> {
    fn next(&mut self) -> Result<EventData, String> {
        match self.parser.parse() {
            Ok(event) => {
                self.start = event.start_mark.index;
                self.end = event.end_mark.index;
                Ok(event.data)
            }
            Err(err) => {
                let place = err
                    .problem_mark()
                    .map_or_else(String::new, |it| format!(" in line {}", it.line + 1));
                Err(format!("the text is not YAML: {}{place}", err.problem()))
            }
        }
    }

    fn document(&mut self) -> Result<Value, String> {
        self.next()?;
        match self.next()? {
            EventData::DocumentStart {
                version_directive, ..
            } => {
                if version_directive.is_some_and(|it| it.major != 1 || it.minor != 1) {
                    return Err("the version in %YAML must be 1.1".to_owned());
                }
            }
            _ => return Err("there is no document in the text".to_owned()),
        }
        let first = self.next()?;
        let value = self.value(first, 0)?;
        self.next()?;
        match self.next()? {
            EventData::StreamEnd => Ok(value),
            _ => Err("there is more than one document in the text".to_owned()),
        }
    }

    fn value(&mut self, event: EventData, depth: usize) -> Result<Value, String> {
        if depth > MAX_DEPTH {
            return Err("the document is nested too deeply".to_owned());
        }
        let before = self.size;
        self.grow(1)?;
        let (anchor, value) = match event {
            EventData::Alias { anchor } => {
                let Some(Some((value, size))) = self.anchors.get(&anchor).cloned() else {
                    return Err(format!(
                        "there is no anchor {} before its use",
                        value::show::quoted(&anchor)
                    ));
                };
                self.grow(size)?;
                return Ok(value);
            }
            EventData::Scalar {
                anchor,
                tag,
                mut value,
                style,
                ..
            } => {
                if style == ScalarStyle::DoubleQuoted && self.has_escaped_slash() {
                    return Err("the text is not YAML: there is no escape sequence \\/".to_owned());
                }
                // The newline that was added is none of the text of a block.
                let added = is_block(style)
                    && self.end > self.length
                    && (!self.last_is_blank || value.ends_with("\n\n") || value == "\n");
                if added && value.ends_with('\n') {
                    value.pop();
                }
                (anchor, scalar(tag.as_deref(), &value, style)?)
            }
            EventData::SequenceStart { anchor, tag, .. } => {
                accept_tag(tag.as_deref(), "seq")?;
                self.begin(anchor.as_ref());
                let mut values = Vec::new();
                loop {
                    match self.next()? {
                        EventData::SequenceEnd => break,
                        event => values.push(self.value(event, depth + 1)?),
                    }
                }
                (anchor, Value::tuple(values))
            }
            EventData::MappingStart { anchor, tag, .. } => {
                accept_tag(tag.as_deref(), "map")?;
                self.begin(anchor.as_ref());
                let value = self.mapping(depth)?;
                (anchor, value)
            }
            _ => return Err("the text is not YAML".to_owned()),
        };
        if let Some(anchor) = anchor {
            self.anchors
                .insert(anchor, Some((value.clone(), self.size - before)));
        }
        Ok(value)
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, String> {
        let mut values: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        loop {
            let key = match self.next()? {
                EventData::MappingEnd => return Ok(Value::object(values)),
                event => event,
            };
            let is_merge = matches!(
                &key,
                EventData::Scalar { value, style: ScalarStyle::Plain, tag: None, .. } if value == "<<"
            );
            let key = self.value(key, depth + 1)?;
            let event = self.next()?;
            let value = self.value(event, depth + 1)?;
            if is_merge {
                let entries = value.entries().ok_or("what << merges must be a mapping")?;
                values.extend(entries.iter().map(|(key, it)| (key.clone(), it.clone())));
                continue;
            }
            let key = convert(&key, &Type::String)
                .ok()
                .and_then(|it| it.as_str().map(Arc::<str>::from))
                .ok_or("the keys of a mapping must be strings, numbers or bools")?;
            values.insert(key, value);
        }
    }

    /// Whether the source of the last event has `\/`, which only newer versions of YAML know.
    fn has_escaped_slash(&self) -> bool {
        let place =
            usize::try_from(self.start).unwrap_or(0)..usize::try_from(self.end).unwrap_or(0);
        let source = self.text.get(place).unwrap_or("");
        let mut chars = source.chars();
        while let Some(it) = chars.next() {
            if it == '\\' && chars.next() == Some('/') {
                return true;
            }
        }
        false
    }

    fn begin(&mut self, anchor: Option<&String>) {
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor.clone(), None);
        }
    }

    fn grow(&mut self, by: usize) -> Result<(), String> {
        self.size = self.size.saturating_add(by);
        if self.size > MAX_SIZE {
            return Err(format!(
                "with what aliases repeat, the document has more than {MAX_SIZE} values"
            ));
        }
        Ok(())
    }
}

const TAG: &str = "tag:yaml.org,2002:";

fn accept_tag(tag: Option<&str>, wanted: &str) -> Result<(), String> {
    match tag {
        None => Ok(()),
        Some(tag) if tag.strip_prefix(TAG) == Some(wanted) => Ok(()),
        Some(tag) => Err(unknown_tag(tag)),
    }
}

fn unknown_tag(tag: &str) -> String {
    format!("the tag {} is not supported here", value::show::quoted(tag))
}

fn is_block(style: ScalarStyle) -> bool {
    matches!(style, ScalarStyle::Literal | ScalarStyle::Folded)
}

fn scalar(tag: Option<&str>, text: &str, style: ScalarStyle) -> Result<Value, String> {
    let is_block = is_block(style);
    let value = resolved(tag, text, is_block || style == ScalarStyle::Plain)?;
    if is_block && tag.is_none() && !value.is_null() {
        // A block is a string, but one of what its text means: `|-` with `yes` is "true".
        return convert(&value, &Type::String).map_err(|it| it.reason);
    }
    Ok(value)
}

fn resolved(tag: Option<&str>, text: &str, plain: bool) -> Result<Value, String> {
    let tag = match tag {
        None => None,
        Some(tag) => Some(tag.strip_prefix(TAG).ok_or_else(|| unknown_tag(tag))?),
    };
    let known = ["str", "int", "float", "bool", "null", "timestamp", "binary"];
    if let Some(tag) = tag
        && !known.contains(&tag)
    {
        return Err(unknown_tag(&format!("!!{tag}")));
    }
    if !plain || matches!(tag, Some("str" | "binary")) {
        return Ok(Value::from(text));
    }
    let not_one = || {
        let tag = tag.unwrap_or("str");
        format!("{} is not of the type !!{tag}", value::show::quoted(text))
    };
    match tag {
        Some("null") => return Ok(Value::null(Type::Dynamic)),
        Some("bool") => {
            return word(text)
                .filter(|it| it.as_bool().is_some())
                .ok_or_else(not_one);
        }
        Some("int" | "float") => return number(text).ok_or_else(not_one),
        Some("timestamp") => return timestamp(text).ok_or_else(not_one),
        _ => {}
    }
    if let Some(it) = word(text) {
        return Ok(it);
    }
    match text {
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Ok(Number::infinity(false).into());
        }
        "-.inf" | "-.Inf" | "-.INF" => return Ok(Number::infinity(true).into()),
        ".nan" | ".NaN" | ".NAN" => return Err("there is no value for .nan".to_owned()),
        _ => {}
    }
    Ok(number(text)
        .or_else(|| timestamp(text))
        .unwrap_or_else(|| Value::from(text)))
}

fn word(text: &str) -> Option<Value> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Some(Value::null(Type::Dynamic)),
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Some(true.into())
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Some(false.into())
        }
        _ => None,
    }
}

fn number(text: &str) -> Option<Value> {
    let in_base = |digits: &str, base| {
        let it = num_bigint::BigInt::parse_bytes(digits.as_bytes(), base)?;
        Some(Value::from(Number::parse(&it.to_string())?))
    };
    if let Some(digits) = text.strip_prefix("0x") {
        let valid = !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_hexdigit());
        return valid.then(|| in_base(digits, 16)).flatten();
    }
    if let Some(digits) = text.strip_prefix("0o") {
        let valid = !digits.is_empty() && digits.bytes().all(|it| matches!(it, b'0'..=b'7'));
        return valid.then(|| in_base(digits, 8)).flatten();
    }
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let whole = digits(rest);
    let mut rest = rest.get(whole..)?;
    let mut fraction = 0;
    if let Some(after) = rest.strip_prefix('.') {
        fraction = digits(after);
        rest = after.get(fraction..)?;
    }
    if whole + fraction == 0 {
        return None;
    }
    if let Some(after) = rest.strip_prefix(['e', 'E']) {
        let after = after.strip_prefix(['-', '+']).unwrap_or(after);
        let n = digits(after);
        if n == 0 {
            return None;
        }
        rest = after.get(n..)?;
    }
    if !rest.is_empty() {
        return None;
    }
    Number::parse(text).map(Value::from)
}

/// A date, or a date with a time, as RFC 3339 without parts of seconds.
fn timestamp(text: &str) -> Option<Value> {
    let year = text.get(..4)?;
    if !year.bytes().all(|it| it.is_ascii_digit()) || !text.get(4..)?.starts_with('-') {
        return None;
    }
    Moment::parse_yaml(text).map(|it| it.rfc3339().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: Value, expected: &str) {
        assert_eq!(encode(&value), expected);
    }

    #[test]
    fn strings() {
        check("a".into(), "\"a\"\n");
        check("a\nb".into(), "|-\n  a\n  b\n");
        check("a\nb\n".into(), "|\n  a\n  b\n");
        check("a\n\n".into(), "|+\n  a\n\n");
        check("\n".into(), "|2+\n\n");
        check("a \nb".into(), "\"a \\nb\"\n");
        check("a\tb\n".into(), "\"a\\tb\\n\"\n");
        check("é 😀\u{2028}".into(), "\"é \\U0001F600\\L\"\n");
    }

    #[test]
    fn scalars_at_the_root_are_closed() {
        check(true.into(), "true\n...\n");
        check(Value::null(Type::Dynamic), "null\n...\n");
    }

    #[test]
    fn collections() {
        let list = Value::tuple(vec![1_i64.into(), Value::tuple(vec![2_i64.into()])]);
        check(list.clone(), "- 1\n- - 2\n");
        check(Value::object([("a", list)]), "\"a\":\n- 1\n- - 2\n");
        check(
            Value::object([("a\nb", Value::tuple(vec![]))]),
            "? |-\n  a\n  b\n: []\n",
        );
        check(
            Value::tuple(vec![Value::object([
                ("a", Value::from("x\ny\n")),
                ("b", 1_i64.into()),
            ])]),
            "- \"a\": |\n    x\n    y\n  \"b\": 1\n",
        );
    }

    #[test]
    fn what_is_written_is_read_back() {
        for text in [
            "",
            "yes",
            "a: b",
            "x\n y\n",
            " lead\nx",
            "\u{1F600}\n",
            "é\r\n",
            "a\u{85}b",
            &"long words ".repeat(40),
        ] {
            assert_eq!(decode(&encode(&Value::from(text))), Ok(Value::from(text)));
        }
    }

    #[test]
    fn aliases_do_not_explode() {
        let mut text = String::from("a0: &a0 [1, 1]\n");
        for n in 1..40 {
            text.push_str(&format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1));
        }
        assert!(decode(&text).is_err());
        assert!(decode(&"[".repeat(5000)).is_err());
        assert!(decode("a: &a [*a]").is_err());
    }
}
