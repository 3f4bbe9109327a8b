//! Regular expressions in the syntax of RE2 as Go reads it: parsed here, matched by `regex-automata`.
//!
//! The syntax differs from that of the `regex` crate both ways: `\d`, `\w`, `\s` and `\b` are ASCII, `\Q…\E` quotes, a
//! brace that is no repetition is itself, and what the crate adds is refused.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, Mutex};

use regex_automata::meta;
use regex_automata::util::captures::Captures;
use regex_automata::util::syntax;
use regex_syntax::hir::{
    self, Capture, Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look, Repetition,
};
use value::{Type, Value};

/// How many compiled expressions are kept.
const KEPT: usize = 256;
/// How large a repetition may be, nested ones multiplied.
const MAX_REPEAT: u32 = 1000;
/// How deep groups may be nested.
const MAX_DEPTH: usize = 1000;
/// How much memory the compiled form may take.
const MAX_SIZE: usize = 64 << 20;
/// How long the result of a replacement may be.
const MAX_TEXT: usize = 256 << 20;

/// A compiled expression.
pub(crate) struct Regex {
    meta: meta::Regex,
    /// The names of the groups, from 1; none has one, or all have.
    names: Vec<Option<String>>,
    mixed: bool,
}

/// The compiled form of a pattern, made once.
pub(crate) fn compiled(pattern: &str) -> Result<Arc<Regex>, String> {
    static CACHE: LazyLock<Mutex<HashMap<String, Arc<Regex>>>> = LazyLock::new(Mutex::default);
    if let Ok(cache) = CACHE.lock()
        && let Some(it) = cache.get(pattern)
    {
        return Ok(it.clone());
    }
    // Parsing and building recurse as deep as groups are nested.
    let regex = Arc::new(if pattern.matches('(').count() > 50 {
        stacker::grow(64 << 20, || compile(pattern))?
    } else {
        compile(pattern)?
    });
    if let Ok(mut cache) = CACHE.lock() {
        if cache.len() >= KEPT {
            cache.clear();
        }
        cache.insert(pattern.to_owned(), regex.clone());
    }
    Ok(regex)
}

fn compile(pattern: &str) -> Result<Regex, String> {
    let mut parser = Parser {
        rest: pattern,
        names: Vec::new(),
        depth: 0,
    };
    let hir = parser
        .expression()
        .map_err(|it| format!("the pattern is not a valid regular expression: {it}"))?;
    let meta = meta::Builder::new()
        .configure(
            meta::Config::new()
                .nfa_size_limit(Some(MAX_SIZE))
                .onepass_size_limit(Some(1 << 20))
                .hybrid_cache_capacity(4 << 20),
        )
        .syntax(syntax::Config::new())
        .build_from_hir(&hir)
        .map_err(|_| "the regular expression is too large".to_owned())?;
    let named = parser.names.iter().filter(|it| it.is_some()).count();
    Ok(Regex {
        meta,
        mixed: named != 0 && named != parser.names.len(),
        names: parser.names,
    })
}

impl Regex {
    /// Refuses a pattern in which some groups have names and others have none.
    pub(crate) fn unmixed(&self) -> Result<(), String> {
        if self.mixed {
            return Err(
                "either all groups of the pattern have names, or none (?:…) takes the place of a group that has none"
                    .to_owned(),
            );
        }
        Ok(())
    }

    fn is_named(&self) -> bool {
        self.names.iter().any(Option::is_some)
    }

    /// What a match is: the text, a tuple of the groups' texts, or an object of them.
    pub(crate) fn result_type(&self) -> Type {
        if self.names.is_empty() {
            Type::String
        } else if self.is_named() {
            Type::object(
                self.names
                    .iter()
                    .flatten()
                    .map(|name| (name.as_str(), Type::String)),
            )
        } else {
            Type::tuple(self.names.iter().map(|_| Type::String))
        }
    }

    /// The first match.
    pub(crate) fn first(&self, text: &str) -> Option<Value> {
        let mut captures = self.meta.create_captures();
        self.meta.captures(text, &mut captures);
        captures.is_match().then(|| self.value(text, &captures))
    }

    /// All matches that do not overlap.
    pub(crate) fn all(&self, text: &str) -> Vec<Value> {
        self.meta
            .captures_iter(text)
            .map(|it| self.value(text, &it))
            .collect()
    }

    fn value(&self, text: &str, captures: &Captures) -> Value {
        let group = |at: usize| match part(text, captures, at) {
            Some(it) => Value::string(it),
            None => Value::null(Type::String),
        };
        if self.names.is_empty() {
            return group(0);
        }
        if self.is_named() {
            let values = self.names.iter().enumerate();
            return Value::object(
                values.filter_map(|(at, name)| Some((name.as_deref()?, group(at + 1)))),
            );
        }
        Value::tuple((1..=self.names.len()).map(group).collect())
    }

    /// The text with each match replaced. `$1`, `${1}`, `$name` and `${name}` are what groups matched, `$$` is `$`.
    pub(crate) fn replace_all(&self, text: &str, template: &str) -> Result<String, String> {
        let template = self.template(template);
        let mut res = String::new();
        let mut end = 0;
        for captures in self.meta.captures_iter(text) {
            let Some(found) = captures.get_match() else {
                continue;
            };
            res.push_str(text.get(end..found.start()).unwrap_or(""));
            for it in &template {
                match it {
                    Piece::Text(it) => res.push_str(it),
                    Piece::Group(at) => res.push_str(part(text, &captures, *at).unwrap_or("")),
                }
            }
            if res.len() > MAX_TEXT {
                return Err("the result would be longer than 256 MiB".to_owned());
            }
            end = found.end();
        }
        res.push_str(text.get(end..).unwrap_or(""));
        Ok(res)
    }

    fn template<'t>(&self, template: &'t str) -> Vec<Piece<'t>> {
        let mut res = Vec::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('$') {
            res.push(Piece::Text(before));
            if let Some(after) = after.strip_prefix('$') {
                res.push(Piece::Text("$"));
                rest = after;
                continue;
            }
            let Some((name, after)) = group_name(after) else {
                res.push(Piece::Text("$"));
                rest = after;
                continue;
            };
            let at = if name.bytes().all(|it| it.is_ascii_digit()) {
                name.parse().ok().filter(|at| *at <= self.names.len())
            } else {
                self.names
                    .iter()
                    .position(|it| it.as_deref() == Some(name))
                    .map(|at| at + 1)
            };
            if let Some(at) = at {
                res.push(Piece::Group(at));
            }
            rest = after;
        }
        res.push(Piece::Text(rest));
        res
    }
}

/// A part of what a match is replaced with.
enum Piece<'t> {
    Text(&'t str),
    Group(usize),
}

fn part<'t>(text: &'t str, captures: &Captures, group: usize) -> Option<&'t str> {
    let span = captures.get_group(group)?;
    text.get(span.start..span.end)
}

/// The name after `$`, with or without braces, and what follows.
fn group_name(text: &str) -> Option<(&str, &str)> {
    let (braced, text) = match text.strip_prefix('{') {
        Some(text) => (true, text),
        None => (false, text),
    };
    let end = text
        .find(|it: char| !(it.is_alphanumeric() || it == '_'))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if name.is_empty() {
        return None;
    }
    if braced {
        return Some((name, rest.strip_prefix('}')?));
    }
    Some((name, rest))
}

#[derive(Clone, Copy, Default)]
struct Flags {
    fold: bool,
    multi_line: bool,
    dot_newline: bool,
    swap_greed: bool,
}

struct Parser<'p> {
    rest: &'p str,
    names: Vec<Option<String>>,
    depth: usize,
}

/// A parsed part with the largest product of repetition counts inside it.
struct Part {
    hir: Hir,
    repeat: u32,
}

impl Parser<'_> {
    fn expression(&mut self) -> Result<Hir, String> {
        let res = self.alternation(Flags::default())?;
        if !self.rest.is_empty() {
            return Err("there is a ) without its (".to_owned());
        }
        Ok(res.hir)
    }

    fn alternation(&mut self, flags: Flags) -> Result<Part, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("groups are nested deeper than {MAX_DEPTH} levels"));
        }
        let mut flags = flags;
        let mut branches = Vec::new();
        let mut repeat = 1;
        loop {
            let branch = self.concatenation(&mut flags)?;
            repeat = repeat.max(branch.repeat);
            branches.push(branch.hir);
            if !self.eat("|") {
                break;
            }
        }
        self.depth -= 1;
        Ok(Part {
            hir: Hir::alternation(branches),
            repeat,
        })
    }

    fn concatenation(&mut self, flags: &mut Flags) -> Result<Part, String> {
        let mut parts: Vec<Part> = Vec::new();
        let mut after_repetition = false;
        while let Some(next) = self.rest.chars().next() {
            if next == '|' || next == ')' {
                break;
            }
            if let Some(count) = self.repetition()? {
                if after_repetition {
                    return Err("a repetition follows another one".to_owned());
                }
                let lazy = self.eat("?");
                let part = parts
                    .pop()
                    .ok_or("there is nothing before a repetition operator")?;
                parts.push(repeated(part, count, lazy, *flags)?);
                after_repetition = true;
                continue;
            }
            after_repetition = false;
            if let Some(part) = self.atom(flags)? {
                parts.extend(part);
            }
        }
        let repeat = parts.iter().map(|it| it.repeat).max().unwrap_or(1);
        Ok(Part {
            hir: Hir::concat(parts.into_iter().map(|it| it.hir).collect()),
            repeat,
        })
    }

    /// A repetition operator, if one is next.
    fn repetition(&mut self) -> Result<Option<(u32, Option<u32>)>, String> {
        if self.eat("*") {
            return Ok(Some((0, None)));
        }
        if self.eat("+") {
            return Ok(Some((1, None)));
        }
        if self.eat("?") {
            return Ok(Some((0, Some(1))));
        }
        let Some(inner) = self.rest.strip_prefix('{') else {
            return Ok(None);
        };
        let Some((min, after)) = count(inner) else {
            return Ok(None);
        };
        let (max, after) = match after.strip_prefix(',') {
            None => (Some(min), after),
            Some(after) if after.starts_with('}') => (None, after),
            Some(after) => match count(after) {
                Some((max, after)) => (Some(max), after),
                None => return Ok(None),
            },
        };
        let Some(after) = after.strip_prefix('}') else {
            return Ok(None);
        };
        self.rest = after;
        if min > MAX_REPEAT || max.is_some_and(|max| max > MAX_REPEAT || max < min) {
            return Err(format!(
                "a repetition count goes from the smaller to the larger number, and to {MAX_REPEAT} at most"
            ));
        }
        Ok(Some((min, max)))
    }

    /// One thing that can be repeated; several for a quotation; none where only flags are set.
    fn atom(&mut self, flags: &mut Flags) -> Result<Option<Vec<Part>>, String> {
        let one = |hir| Ok(Some(vec![Part { hir, repeat: 1 }]));
        let Some(next) = self.rest.chars().next() else {
            return Ok(None);
        };
        match next {
            '(' => {
                self.eat("(");
                self.group(flags).map(|it| it.map(|it| vec![it]))
            }
            '[' => {
                self.eat("[");
                one(self.class(*flags)?)
            }
            '.' => {
                self.eat(".");
                one(Hir::dot(if flags.dot_newline {
                    hir::Dot::AnyChar
                } else {
                    hir::Dot::AnyCharExceptLF
                }))
            }
            '^' => {
                self.eat("^");
                one(Hir::look(if flags.multi_line {
                    Look::StartLF
                } else {
                    Look::Start
                }))
            }
            '$' => {
                self.eat("$");
                one(Hir::look(if flags.multi_line {
                    Look::EndLF
                } else {
                    Look::End
                }))
            }
            '\\' => self.escape(*flags),
            _ => {
                self.rest = self.rest.get(next.len_utf8()..).unwrap_or("");
                one(literal(next, *flags))
            }
        }
    }

    fn escape(&mut self, flags: Flags) -> Result<Option<Vec<Part>>, String> {
        let one = |hir| Ok(Some(vec![Part { hir, repeat: 1 }]));
        for (text, look) in [
            ("\\A", Look::Start),
            ("\\z", Look::End),
            ("\\b", Look::WordAscii),
            ("\\B", Look::WordAsciiNegate),
        ] {
            if self.eat(text) {
                return one(Hir::look(look));
            }
        }
        if self.eat("\\Q") {
            let (quoted, rest) = self.rest.split_once("\\E").unwrap_or((self.rest, ""));
            self.rest = rest;
            return Ok(Some(
                quoted
                    .chars()
                    .map(|it| Part {
                        hir: literal(it, flags),
                        repeat: 1,
                    })
                    .collect(),
            ));
        }
        if let Some(class) = self.class_escape(flags)? {
            return one(Hir::class(Class::Unicode(class)));
        }
        let it = self.char_escape()?;
        one(literal(it, flags))
    }

    /// After `(`: a group, or flags up to the end of the group around it.
    fn group(&mut self, flags: &mut Flags) -> Result<Option<Part>, String> {
        let mut inside = *flags;
        let mut capture = None;
        if self.eat("?P<") || self.eat("?<") {
            let (name, rest) = self
                .rest
                .split_once('>')
                .ok_or("the name of a group has no end")?;
            let valid = !name.is_empty()
                && name
                    .bytes()
                    .all(|it| it.is_ascii_alphanumeric() || it == b'_');
            if !valid {
                return Err(
                    "the name of a group consists of letters, digits and underscores; look-behind is not supported"
                        .to_owned(),
                );
            }
            self.rest = rest;
            self.names.push(Some(name.to_owned()));
            capture = Some(self.names.len());
        } else if self.eat("?") {
            if self.flags(&mut inside)? {
                *flags = inside;
                return Ok(None);
            }
        } else {
            self.names.push(None);
            capture = Some(self.names.len());
        }
        let part = self.alternation(inside)?;
        if !self.eat(")") {
            return Err("there is a ( without its )".to_owned());
        }
        let Some(index) = capture else {
            return Ok(Some(part));
        };
        Ok(Some(Part {
            hir: Hir::capture(Capture {
                index: u32::try_from(index).map_err(|_| "there are too many groups")?,
                name: None,
                sub: Box::new(part.hir),
            }),
            repeat: part.repeat,
        }))
    }

    /// After `(?`: flags up to `)` (true) or `:` (false).
    fn flags(&mut self, flags: &mut Flags) -> Result<bool, String> {
        let (mut on, mut any) = (true, false);
        loop {
            let next = self.rest.chars().next();
            self.rest = self
                .rest
                .get(next.map_or(0, char::len_utf8)..)
                .unwrap_or("");
            match next {
                Some('i') => flags.fold = on,
                Some('m') => flags.multi_line = on,
                Some('s') => flags.dot_newline = on,
                Some('U') => flags.swap_greed = on,
                Some('-') if on => {
                    on = false;
                    any = false;
                    continue;
                }
                Some(end @ (')' | ':')) if on || any => return Ok(end == ')'),
                _ => {
                    return Err(
                        "after (? come flags of i, m, s and U, a name, or a colon; look-around is not supported"
                            .to_owned(),
                    );
                }
            }
            any = true;
        }
    }

    /// After `[`.
    fn class(&mut self, flags: Flags) -> Result<Hir, String> {
        let negated = self.eat("^");
        let mut class = ClassUnicode::empty();
        let mut first = true;
        loop {
            if self.rest.is_empty() {
                return Err("a character class has no closing ]".to_owned());
            }
            if !first && self.eat("]") {
                break;
            }
            first = false;
            if self.rest.starts_with("[:")
                && let Some(end) = self.rest.find(":]")
            {
                let name = self.rest.get(2..end).unwrap_or("");
                class.union(&posix(name, flags).ok_or("there is no character class of this name")?);
                self.rest = self.rest.get(end + 2..).unwrap_or("");
                continue;
            }
            if self.rest.starts_with('\\')
                && let Some(it) = self.class_escape(flags)?
            {
                class.union(&it);
                continue;
            }
            let low = self.class_char()?;
            let mut high = low;
            if self.rest.starts_with('-') && self.rest.len() > 1 && !self.rest.starts_with("-]") {
                self.eat("-");
                high = self.class_char()?;
                if high < low {
                    return Err(
                        "a range of characters goes from the smaller to the larger".to_owned()
                    );
                }
            }
            let mut range = ClassUnicode::new([ClassUnicodeRange::new(low, high)]);
            if flags.fold {
                fold(&mut range);
            }
            class.union(&range);
        }
        if negated {
            class.negate();
        }
        Ok(Hir::class(Class::Unicode(class)))
    }

    fn class_char(&mut self) -> Result<char, String> {
        match self.rest.chars().next() {
            None => Err("a character class has no closing ]".to_owned()),
            Some('\\') => self.char_escape(),
            Some(it) => {
                self.rest = self.rest.get(it.len_utf8()..).unwrap_or("");
                Ok(it)
            }
        }
    }

    /// `\d`, `\pL`, `\p{Greek}` and their like, if one is next.
    fn class_escape(&mut self, flags: Flags) -> Result<Option<ClassUnicode>, String> {
        for (text, ranges, negated) in [
            ("\\d", DIGIT, false),
            ("\\D", DIGIT, true),
            ("\\s", SPACE, false),
            ("\\S", SPACE, true),
            ("\\w", WORD, false),
            ("\\W", WORD, true),
        ] {
            if self.eat(text) {
                return Ok(Some(ascii(ranges, negated, flags)));
            }
        }
        let mut negated = if self.eat("\\p") {
            false
        } else if self.eat("\\P") {
            true
        } else {
            return Ok(None);
        };
        let name = if self.eat("{") {
            let (name, rest) = self
                .rest
                .split_once('}')
                .ok_or("the name of a Unicode class has no end")?;
            self.rest = rest;
            name
        } else {
            let end = self.rest.chars().next().map_or(0, char::len_utf8);
            let (name, rest) = self.rest.split_at(end);
            self.rest = rest;
            name
        };
        let name = match name.strip_prefix('^') {
            Some(name) => {
                negated = !negated;
                name
            }
            None => name,
        };
        let mut class =
            unicode(name).ok_or("there is no Unicode category or script of this name")?;
        if flags.fold {
            fold(&mut class);
        }
        if negated {
            class.negate();
        }
        Ok(Some(class))
    }

    /// A backslash and what it makes one character.
    fn char_escape(&mut self) -> Result<char, String> {
        self.eat("\\");
        let Some(it) = self.rest.chars().next() else {
            return Err("there is nothing after a backslash".to_owned());
        };
        self.rest = self.rest.get(it.len_utf8()..).unwrap_or("");
        let bad = || format!("there is no escape sequence \\{it}");
        match it {
            '1'..='7' if !self.rest.starts_with(|it| matches!(it, '0'..='7')) => {
                Err("references to groups are not supported".to_owned())
            }
            '0'..='7' => {
                let mut code = it as u32 - u32::from(b'0');
                for _ in 0..2 {
                    let Some(digit @ '0'..='7') = self.rest.chars().next() else {
                        break;
                    };
                    code = code * 8 + (digit as u32 - u32::from(b'0'));
                    self.rest = self.rest.get(1..).unwrap_or("");
                }
                char::from_u32(code).ok_or_else(bad)
            }
            'x' => {
                let digits = if self.eat("{") {
                    let (digits, rest) = self.rest.split_once('}').ok_or_else(bad)?;
                    self.rest = rest;
                    digits
                } else {
                    let digits = self.rest.get(..2).ok_or_else(bad)?;
                    self.rest = self.rest.get(2..).unwrap_or("");
                    digits
                };
                if digits.is_empty() || !digits.bytes().all(|it| it.is_ascii_hexdigit()) {
                    return Err(bad());
                }
                u32::from_str_radix(digits.trim_start_matches('0'), 16)
                    .or_else(|err| {
                        let zeros = digits.bytes().all(|it| it == b'0');
                        if zeros { Ok(0) } else { Err(err) }
                    })
                    .ok()
                    .and_then(char::from_u32)
                    .ok_or_else(bad)
            }
            'a' => Ok('\x07'),
            'f' => Ok('\x0C'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'v' => Ok('\x0B'),
            _ if it.is_ascii() && !it.is_ascii_alphanumeric() => Ok(it),
            _ => Err(bad()),
        }
    }

    fn eat(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
}

/// A count in braces. More digits than any count that is allowed has count as too large.
fn count(text: &str) -> Option<(u32, &str)> {
    let end = text
        .find(|it: char| !it.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    // A number with a leading zero is no count.
    if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
        return None;
    }
    Some((digits.parse().unwrap_or(u32::MAX), rest))
}

fn repeated(
    part: Part,
    count: (u32, Option<u32>),
    lazy: bool,
    flags: Flags,
) -> Result<Part, String> {
    let (min, max) = count;
    let own = max.unwrap_or(min).max(1);
    let repeat = part.repeat.saturating_mul(own);
    if own >= 2 && repeat > MAX_REPEAT {
        return Err(format!(
            "nested repetition counts multiply to more than {MAX_REPEAT}"
        ));
    }
    Ok(Part {
        hir: Hir::repetition(Repetition {
            min,
            max,
            greedy: lazy == flags.swap_greed,
            sub: Box::new(part.hir),
        }),
        repeat,
    })
}

fn literal(it: char, flags: Flags) -> Hir {
    if flags.fold {
        let mut class = ClassUnicode::new([ClassUnicodeRange::new(it, it)]);
        fold(&mut class);
        return Hir::class(Class::Unicode(class));
    }
    Hir::literal(it.encode_utf8(&mut [0; 4]).as_bytes())
}

fn fold(class: &mut ClassUnicode) {
    // Fails only where the tables of case folding were left out of the build.
    let _ = class.try_case_fold_simple();
}

const DIGIT: &[(char, char)] = &[('0', '9')];
const SPACE: &[(char, char)] = &[('\t', '\n'), ('\x0C', '\r'), (' ', ' ')];
const WORD: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];

fn ascii(ranges: &[(char, char)], negated: bool, flags: Flags) -> ClassUnicode {
    let mut class = ClassUnicode::new(
        ranges
            .iter()
            .map(|(low, high)| ClassUnicodeRange::new(*low, *high)),
    );
    if flags.fold {
        fold(&mut class);
    }
    if negated {
        class.negate();
    }
    class
}

/// The class inside `[:` and `:]`.
fn posix(name: &str, flags: Flags) -> Option<ClassUnicode> {
    let (negated, name) = match name.strip_prefix('^') {
        Some(name) => (true, name),
        None => (false, name),
    };
    let ranges: &[(char, char)] = match name {
        "alnum" => &[('0', '9'), ('A', 'Z'), ('a', 'z')],
        "alpha" => &[('A', 'Z'), ('a', 'z')],
        "ascii" => &[('\0', '\x7F')],
        "blank" => &[('\t', '\t'), (' ', ' ')],
        "cntrl" => &[('\0', '\x1F'), ('\x7F', '\x7F')],
        "digit" => DIGIT,
        "graph" => &[('!', '~')],
        "lower" => &[('a', 'z')],
        "print" => &[(' ', '~')],
        "punct" => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        "space" => &[('\t', '\r'), (' ', ' ')],
        "upper" => &[('A', 'Z')],
        "word" => WORD,
        "xdigit" => &[('0', '9'), ('A', 'F'), ('a', 'f')],
        _ => return None,
    };
    Some(ascii(ranges, negated, flags))
}

/// A general category by its short name or a script by its name, spelled as in the standard.
fn unicode(name: &str) -> Option<ClassUnicode> {
    static KNOWN: LazyLock<Mutex<BTreeMap<String, Option<ClassUnicode>>>> =
        LazyLock::new(Mutex::default);
    if name == "Any" {
        return Some(ClassUnicode::new([ClassUnicodeRange::new('\0', char::MAX)]));
    }
    const CATEGORIES: &[&str] = &[
        "C", "Cc", "Cf", "Co", "Cs", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N",
        "Nd", "Nl", "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm",
        "So", "Z", "Zl", "Zp", "Zs",
    ];
    if name == "Cs" {
        return Some(ClassUnicode::empty());
    }
    let is_script = name.len() > 2
        && name.starts_with(|it: char| it.is_ascii_uppercase())
        && name.split('_').all(|word| {
            word.starts_with(|it: char| it.is_ascii_alphabetic())
                && word.bytes().all(|it| it.is_ascii_alphabetic())
        });
    let query = if CATEGORIES.contains(&name) {
        format!("\\p{{gc={name}}}")
    } else if is_script {
        format!("\\p{{sc={name}}}")
    } else {
        return None;
    };
    let known = KNOWN.lock().ok().and_then(|it| it.get(name).cloned());
    if let Some(known) = known {
        return known;
    }
    let class = regex_syntax::parse(&query)
        .ok()
        .and_then(|it| match it.into_kind() {
            HirKind::Class(Class::Unicode(class)) => Some(class),
            HirKind::Literal(it) => {
                let text = std::str::from_utf8(&it.0).ok()?;
                let it = text.chars().next()?;
                Some(ClassUnicode::new([ClassUnicodeRange::new(it, it)]))
            }
            _ => None,
        })
        .map(|mut class| {
            // The reference's C does not hold what is not assigned.
            if name == "C"
                && let Some(HirKind::Class(Class::Unicode(unassigned))) =
                    regex_syntax::parse("\\p{gc=Cn}").ok().map(Hir::into_kind)
            {
                class.difference(&unassigned);
            }
            class
        });
    if let Ok(mut known) = KNOWN.lock()
        && known.len() < 1000
    {
        known.insert(name.to_owned(), class.clone());
    }
    class
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_valid(pattern: &str, valid: bool) {
        let res = compiled(pattern);
        assert_eq!(res.is_ok(), valid, "{pattern}: {:?}", res.err());
    }

    #[test]
    fn syntax_is_that_of_re2() {
        for pattern in [
            r"\Qa.b\E",
            r"[\d-z]",
            r"\07",
            "{",
            "a{,2}",
            "a{2",
            "x*?",
            "(?i)a",
            "(?U)a+",
            "[]a]",
            "[^]a]",
            "[a-]",
            r"\pL",
            r"\p{Greek}",
            r"\p{^Lu}",
            "[[:^alpha:]x]",
            "(?:|a)*",
            "a|",
            "()",
            r"\x{10FFFF}",
            r"\_",
            "(?P<1a>a)",
            "x{1000}",
            "a(?i)*",
            "^*",
            "(?i-s:a)",
            "",
        ] {
            check_valid(pattern, true);
        }
        for pattern in [
            "a{1001}",
            "(?x)",
            "(?u)",
            "x*+",
            "a**",
            "(?R)",
            r"\p{Alphabetic}",
            r"\u0041",
            r"\1",
            "(?=a)",
            "(?<!a)b",
            "*",
            "a|*",
            "(*)",
            "[b-a]",
            r"[a-\d]",
            "x{2,1}",
            "(",
            ")",
            "[",
            "[a",
            r"\Z",
            r"\C",
            r"\",
            "(?-)",
            "(?i",
            "(x{100}){100}",
            r"\p{greek}",
            r"\8",
            "[[:nope:]]",
            "(?P<a-b>x)",
        ] {
            check_valid(pattern, false);
        }
        let deep = format!("{}a{}", "(".repeat(5000), ")".repeat(5000));
        check_valid(&deep, false);
    }

    fn check_first(pattern: &str, text: &str, expected: Option<&str>) {
        let res = compiled(pattern).unwrap().first(text);
        assert_eq!(res.as_ref().and_then(Value::as_str), expected, "{pattern}");
    }

    #[test]
    fn classes_are_ascii() {
        check_first(r"\d+", "١a1", Some("1"));
        check_first(r"\w+", "éa", Some("a"));
        check_first(r"\s", "\u{b}", None);
        check_first(r"(?i)s", "ſ", Some("ſ"));
        check_first("[^a]", "a\n", Some("\n"));
        check_first(r"\bé", "aé", Some("é"));
        check_first(r"(?:|a)*", "aaa", Some(""));
        check_first("(?U)a+", "aaa", Some("a"));
        check_first("(?U)a+?", "aaa", Some("aaa"));
    }

    #[test]
    fn replacements_name_groups() {
        let regex = compiled("(?P<x>a)(b)?").unwrap();
        let check = |template: &str, expected: &str| {
            assert_eq!(regex.replace_all("-ab-", template).unwrap(), expected);
        };
        check("[$1]", "-[a]-");
        check("[$1x]", "-[]-");
        check("[${1}x$x]", "-[axa]-");
        check("$$1$", "-$1$-");
        check("${1", "-${1-");
        check("$9", "--");
    }

    #[test]
    fn no_pattern_panics() {
        for text in [
            "\\x{",
            "\\x",
            "\\x1",
            "\\xé",
            "(?é)",
            "[é",
            "\\p",
            "\\p{",
            "\\pé",
            "a{9999999999999}",
            "\\é",
        ] {
            check_valid(text, false);
        }
    }
}
