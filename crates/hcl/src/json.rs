//! The JSON syntax of HCL, into the same tree.
//!
//! What is a block and what an attribute depends on the schema in JSON, so [`parse`] gives a body of attributes and
//! [`with_blocks`] turns those that name block types into blocks.

use std::borrow::Cow;
use std::collections::HashSet;

use diag::{Code, Diagnostic, Diagnostics, SourceId, Span};

use crate::parse::MAX_DEPTH;
use crate::{
    Attribute, Block, Body, Expr, ExprKind, File, Ident, ObjectItem, ObjectKey, Part, Syntax,
    Template, TemplateForm, Text, Unary, UnaryOp, code,
};

/// A type of block that a body may hold, and how many labels it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockShape<'a> {
    /// The type.
    pub kind: &'a str,
    /// How many labels.
    pub n_labels: usize,
}

/// The name of properties that are comments in bodies.
const COMMENT: &str = "//";

/// Parses a JSON document (`.tf.json`, `.tfvars.json`) into a body whose properties are all attributes.
///
/// Objects and arrays become [`crate::ExprKind::Object`] and [`crate::ExprKind::Tuple`], strings become bare
/// templates when `templates` is set (configuration) and plain literals otherwise (variable files).
/// The root may be an array of objects, whose properties are joined. `"//"` properties at the root are comments.
/// Repeated properties are kept; [`with_blocks`] reports repeated arguments.
pub fn parse(source: SourceId, text: &str, templates: bool, diags: &mut Diagnostics) -> File {
    let mut reader = Reader::new(source, text, templates, diags);
    let root = reader.value();
    if !reader.failed && reader.token.kind != Kind::Eof {
        let here = reader.span_of(reader.token);
        reader.report(
            &code::JSON_EXTRA,
            "The JSON value is complete before this, so nothing more should follow.",
            here,
        );
    }
    let whole = Span::new(source, 0, text.len() as u32);
    let mut attributes = Vec::new();
    match root.kind {
        ExprKind::Object(_) | ExprKind::Tuple(_) => {
            for (name, expr) in properties(&root, None, diags) {
                push_attribute(&mut attributes, name, expr);
            }
        }
        _ => diags.push(
            Diagnostic::error(
                &code::JSON_ROOT,
                "A JSON document of configuration is an object, or an array of objects.",
            )
            .at(root.span),
        ),
    }
    File {
        source,
        body: Body {
            syntax: Syntax::Json,
            attributes,
            blocks: Vec::new(),
            span: whole,
            end: missing_at(&root),
        },
    }
}

/// A JSON body with the attributes that name one of the block types turned into blocks; a native body unchanged.
///
/// Bodies of those blocks are JSON bodies again, to be asked in turn. Wrong shapes (a string where a block is
/// expected) and repeated arguments are reported.
pub fn with_blocks<'b>(
    body: &'b Body,
    shapes: &[BlockShape<'_>],
    diags: &mut Diagnostics,
) -> Cow<'b, Body> {
    if body.syntax == Syntax::Native {
        return Cow::Borrowed(body);
    }
    let mut names = HashSet::new();
    let mut res = Body {
        syntax: Syntax::Json,
        attributes: Vec::new(),
        blocks: body.blocks.clone(),
        span: body.span,
        end: body.end,
    };
    for attribute in &body.attributes {
        let name = attribute.name.name.as_str();
        if let Some(shape) = shapes.iter().find(|it| it.kind == name) {
            unpack(
                &attribute.expr,
                &attribute.name,
                shape.n_labels,
                &mut Vec::new(),
                &mut res.blocks,
                diags,
            );
        } else if names.insert(name) {
            res.attributes.push(attribute.clone());
        } else {
            diags.push(
                Diagnostic::error(
                    &code::JSON_DUPLICATE_ARGUMENT,
                    format!("The argument \"{name}\" is set already, and each argument is set only once."),
                )
                .at(attribute.name.span)
                .within(attribute.span()),
            );
        }
    }
    Cow::Owned(res)
}

/// The native expression that a JSON string holds, where the language wants a reference or a type and not a value:
/// `"depends_on": ["a.b"]`, `"type": "list(string)"`. `None` for what is not a plain string.
pub fn embedded_expr(expr: &Expr, diags: &mut Diagnostics) -> Option<Expr> {
    let ExprKind::Template(template) = &expr.kind else {
        return None;
    };
    if template.form != TemplateForm::Bare {
        return None;
    }
    let text = template.literal()?;
    Some(crate::parse_expr(
        expr.span.source,
        &text,
        expr.span.start.saturating_add(1),
        diags,
    ))
}

/// A JSON value where nothing is evaluated, such as the default of a variable: its strings are their characters,
/// template sequences included. `text` is the whole source that the value stands in, which must be JSON.
pub fn verbatim(expr: &Expr, text: &str) -> Expr {
    let end = expr.span.end as usize;
    let Some(text) = text.get(..end) else {
        return expr.clone();
    };
    let mut diags = Diagnostics::new();
    let mut reader = Reader::new(expr.span.source, text, false, &mut diags);
    reader.at = expr.span.start as usize;
    reader.token = reader.lex();
    let res = reader.value();
    if diags.has_errors() || res.span != expr.span {
        return expr.clone();
    }
    res
}

// ---- blocks ----

/// Adds the blocks of a type that a value stands for. `labels` are those found so far.
fn unpack(
    value: &Expr,
    kind: &Ident,
    n_labels: usize,
    labels: &mut Vec<Ident>,
    blocks: &mut Vec<Block>,
    diags: &mut Diagnostics,
) {
    if labels.len() < n_labels {
        let found = properties(value, Some(&kind.name), diags);
        if found.is_empty() {
            diags.push(
                Diagnostic::error(
                    &code::JSON_MISSING_LABEL,
                    format!("A block of type \"{}\" has {n_labels} label(s), which are the names of nested JSON properties. At least one property is needed here.", kind.name),
                )
                .at(start_of(value)),
            );
            return;
        }
        for (label, value) in found {
            labels.push(label);
            unpack(value, kind, n_labels, labels, blocks, diags);
            labels.pop();
        }
        return;
    }
    match &value.kind {
        ExprKind::Null => {}
        ExprKind::Object(_) => blocks.push(block(value, kind, labels, diags)),
        ExprKind::Tuple(items) => {
            for item in items {
                blocks.push(block(item, kind, labels, diags));
            }
        }
        _ => diags.push(
            Diagnostic::error(
                &code::JSON_VALUE_TYPE,
                format!("A JSON object is required here, or an array of them: the contents of one or more \"{}\" blocks.", kind.name),
            )
            .at(start_of(value)),
        ),
    }
}

fn block(value: &Expr, kind: &Ident, labels: &[Ident], diags: &mut Diagnostics) -> Block {
    let mut attributes = Vec::new();
    for (name, expr) in properties(value, None, diags) {
        push_attribute(&mut attributes, name, expr);
    }
    let open = opening(value);
    let close = Span {
        start: value.span.end.saturating_sub(1).max(value.span.start),
        ..value.span
    };
    Block {
        kind: kind.clone(),
        labels: labels.to_vec(),
        body: Body {
            syntax: Syntax::Json,
            attributes,
            blocks: Vec::new(),
            span: value.span,
            end: missing_at(value),
        },
        open,
        close,
    }
}

fn push_attribute(attributes: &mut Vec<Attribute>, name: Ident, expr: &Expr) {
    if name.name != COMMENT {
        attributes.push(Attribute {
            name,
            expr: expr.clone(),
        });
    }
}

/// The properties of an object, or of all objects of an array. `labels_of` is the block type whose labels they are.
fn properties<'e>(
    value: &'e Expr,
    labels_of: Option<&str>,
    diags: &mut Diagnostics,
) -> Vec<(Ident, &'e Expr)> {
    let mut res = Vec::new();
    let mut wrong = |value: &Expr| {
        let what = match labels_of {
            Some(kind) => format!("the labels of \"{kind}\" blocks"),
            None => "arguments and nested blocks".to_owned(),
        };
        diags.push(
            Diagnostic::error(
                &code::JSON_VALUE_TYPE,
                format!("A JSON object is required here, or an array of them, whose properties are {what}."),
            )
            .at(start_of(value)),
        );
    };
    match &value.kind {
        ExprKind::Null => {}
        ExprKind::Object(items) => push_properties(&mut res, items),
        ExprKind::Tuple(values) => {
            for value in values {
                match &value.kind {
                    ExprKind::Object(items) => push_properties(&mut res, items),
                    _ => wrong(value),
                }
            }
        }
        _ => wrong(value),
    }
    res
}

fn push_properties<'e>(res: &mut Vec<(Ident, &'e Expr)>, items: &'e [ObjectItem]) {
    for item in items {
        let ident = match &item.key {
            ObjectKey::Word(ident) => ident.clone(),
            ObjectKey::Expr(expr) => {
                let name = match &expr.kind {
                    ExprKind::Template(template) => template.literal(),
                    _ => None,
                };
                Ident {
                    name: Text::new(name.unwrap_or_else(|| "${ ... }".to_owned())),
                    span: expr.span,
                }
            }
        };
        res.push((ident, &item.value));
    }
}

/// Where messages about a value point to: its opening bracket, or all of it.
fn start_of(value: &Expr) -> Span {
    match value.kind {
        ExprKind::Object(_) | ExprKind::Tuple(_) => opening(value),
        _ => value.span,
    }
}

/// Where a missing property is reported: the brace that closes an object, the bracket that opens an array.
fn missing_at(value: &Expr) -> Span {
    match value.kind {
        ExprKind::Object(_) => Span {
            start: value.span.end.saturating_sub(1).max(value.span.start),
            ..value.span
        },
        _ => opening(value),
    }
}

fn opening(value: &Expr) -> Span {
    Span {
        end: (value.span.start + 1).min(value.span.end),
        ..value.span
    }
}

// ---- text to values ----

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,
    Comma,
    Colon,
    Equals,
    Keyword,
    String,
    Number,
    Invalid,
    Eof,
}

#[derive(Debug, Clone, Copy)]
struct Token {
    kind: Kind,
    start: u32,
    end: u32,
}

struct Reader<'t, 'd> {
    source: SourceId,
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    token: Token,
    templates: bool,
    failed: bool,
    /// Whether the rest of the text is not read, so that brackets missing there mean nothing.
    gave_up: bool,
    depth: u32,
    diags: &'d mut Diagnostics,
}

impl<'t, 'd> Reader<'t, 'd> {
    fn new(source: SourceId, text: &'t str, templates: bool, diags: &'d mut Diagnostics) -> Self {
        let mut res = Self {
            source,
            text,
            bytes: text.as_bytes(),
            at: 0,
            token: Token {
                kind: Kind::Eof,
                start: 0,
                end: 0,
            },
            templates,
            failed: false,
            gave_up: false,
            depth: 0,
            diags,
        };
        res.token = res.lex();
        res
    }

    fn lex(&mut self) -> Token {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        let start = self.at;
        let length_of = |test: fn(u8) -> bool| {
            self.bytes[start..]
                .iter()
                .take_while(|it| test(**it))
                .count()
        };
        let (kind, length) = match self.bytes.get(start).copied() {
            None => (Kind::Eof, 0),
            Some(b'{') => (Kind::OpenBrace, 1),
            Some(b'}') => (Kind::CloseBrace, 1),
            Some(b'[') => (Kind::OpenBracket, 1),
            Some(b']') => (Kind::CloseBracket, 1),
            Some(b',') => (Kind::Comma, 1),
            Some(b':') => (Kind::Colon, 1),
            Some(b'=') => (Kind::Equals, 1),
            Some(b'"') => (Kind::String, self.string_length()),
            Some(b'-' | b'.' | b'0'..=b'9') => (
                Kind::Number,
                length_of(|it| matches!(it, b'-' | b'+' | b'.' | b'0'..=b'9' | b'e' | b'E')),
            ),
            Some(b'a'..=b'z' | b'A'..=b'Z') => {
                (Kind::Keyword, length_of(|it| it.is_ascii_alphabetic()))
            }
            Some(_) => {
                let char = self.text.get(start..).and_then(|it| it.chars().next());
                let length = char.map_or(1, char::len_utf8);
                // As in the reference, nothing is read after a character that is not JSON.
                self.bytes = self.bytes.get(..start + length).unwrap_or(self.bytes);
                (Kind::Invalid, length)
            }
        };
        self.at = start + length;
        Token {
            kind,
            start: start as u32,
            end: self.at as u32,
        }
    }

    /// The length of the string here with its quotes; it ends before a control character, such as a line break, if it
    /// has no closing quote.
    fn string_length(&self) -> usize {
        let mut at = self.at + 1;
        loop {
            match self.bytes.get(at) {
                None | Some(..b' ') => return at - self.at,
                Some(b'"') => return at + 1 - self.at,
                Some(b'\\') if self.bytes.get(at + 1).is_some_and(|it| *it >= b' ') => at += 2,
                Some(_) => at += 1,
            }
        }
    }

    fn bump(&mut self) -> Token {
        let token = self.token;
        self.token = self.lex();
        token
    }

    fn span(&self, start: u32, end: u32) -> Span {
        Span::new(self.source, start, end)
    }

    fn span_of(&self, token: Token) -> Span {
        self.span(token.start, token.end)
    }

    fn slice(&self, token: Token) -> &'t str {
        self.text
            .get(token.start as usize..token.end as usize)
            .unwrap_or("")
    }

    fn report(&mut self, code: &'static Code, detail: impl Into<String>, at: Span) {
        self.failed = true;
        if !self.gave_up {
            self.diags.push(Diagnostic::error(code, detail).at(at));
        }
    }

    /// One value; [`ExprKind::Invalid`] at the token where it began if there is none.
    fn value(&mut self) -> Expr {
        let first = self.token;
        let span = self.span_of(first);
        let kind = match first.kind {
            Kind::OpenBrace => self.nested(Self::object),
            Kind::OpenBracket => self.nested(Self::array),
            Kind::Number => self.number(),
            Kind::String => self.string(),
            Kind::Keyword => self.keyword(),
            Kind::CloseBrace => {
                self.report(
                    &code::JSON_MISSING_VALUE,
                    "A JSON value should stand here: an object, an array, a string, a number, true, false or null.",
                    span,
                );
                None
            }
            Kind::CloseBracket => {
                self.report(
                    &code::JSON_MISSING_ELEMENT,
                    "A JSON value should stand here: an object, an array, a string, a number, true, false or null.",
                    span,
                );
                None
            }
            Kind::Eof => {
                self.report(
                    &code::JSON_END,
                    "The JSON text ends here, where a value should stand.",
                    span,
                );
                None
            }
            Kind::Comma | Kind::Colon | Kind::Equals | Kind::Invalid => {
                self.report(
                    &code::JSON_INVALID_START,
                    "No JSON value begins with this. A value is an object, an array, a string in double quotes, a number, true, false or null.",
                    span,
                );
                None
            }
        };
        match kind {
            Some((kind, end)) => Expr {
                kind,
                span: self.span(first.start, end),
            },
            None => Expr {
                kind: ExprKind::Invalid,
                span,
            },
        }
    }

    fn nested(
        &mut self,
        parse: fn(&mut Self) -> Option<(ExprKind, u32)>,
    ) -> Option<(ExprKind, u32)> {
        if self.depth == MAX_DEPTH {
            let here = self.span_of(self.token);
            self.report(
                &code::NESTED_TOO_DEEPLY,
                format!("More than {MAX_DEPTH} objects and arrays stand inside each other here, which is as far as can be followed; the rest of the text was not read."),
                here,
            );
            self.gave_up = true;
            self.at = self.bytes.len();
            self.token = self.lex();
            return None;
        }
        self.depth += 1;
        let res = parse(self);
        self.depth -= 1;
        res
    }

    /// Goes behind a closing bracket that is likely to be that of the current construct.
    fn recover(&mut self, first: Token, open: Kind, close: Kind) {
        let mut token = first;
        let mut nested = 1_i64;
        loop {
            if token.kind == open {
                nested += 1;
            } else if token.kind == close {
                nested -= 1;
                if nested <= 1 {
                    return;
                }
            } else if token.kind == Kind::Eof {
                return;
            }
            token = self.bump();
        }
    }

    fn object(&mut self) -> Option<(ExprKind, u32)> {
        let open = self.bump();
        let mut items = Vec::new();
        while self.token.kind != Kind::CloseBrace {
            let is_string = self.token.kind == Kind::String;
            let mut key_span = self.span_of(self.token);
            let key = if is_string {
                self.string().map(|(kind, _)| Expr {
                    kind,
                    span: key_span,
                })
            } else {
                key_span = start_of(&self.value());
                None
            };
            let Some(key) = key else {
                self.report(
                    &code::JSON_PROPERTY_NAME,
                    "The name of a JSON property is a string in double quotes.",
                    key_span,
                );
                return None;
            };
            let colon = self.bump();
            if colon.kind != Kind::Colon {
                self.recover(colon, Kind::OpenBrace, Kind::CloseBrace);
                let here = self.span_of(colon);
                match colon.kind {
                    Kind::CloseBrace | Kind::Comma => self.report(
                        &code::JSON_MISSING_OBJECT_VALUE,
                        "This property has no value. In a JSON object each property has one, after a colon; a list of values is an array, in brackets.",
                        here,
                    ),
                    Kind::Equals => self.report(
                        &code::JSON_MISSING_COLON,
                        "In JSON a colon stands between the name and the value of a property, not an equals sign.",
                        here,
                    ),
                    _ => self.report(
                        &code::JSON_MISSING_COLON,
                        "A colon is needed between the name and the value of a property.",
                        here,
                    ),
                }
                return None;
            }
            let value = self.value();
            items.push(ObjectItem {
                key: ObjectKey::Expr(key),
                value,
            });
            match self.token.kind {
                Kind::Comma => {
                    let comma = self.bump();
                    if self.token.kind == Kind::CloseBrace {
                        let here = self.span_of(comma);
                        self.report(
                            &code::JSON_TRAILING_COMMA_OBJECT,
                            "JSON allows no comma after the last property of an object.",
                            here,
                        );
                        return None;
                    }
                }
                Kind::CloseBrace => {}
                Kind::Eof => {
                    let here = self.span_of(open);
                    self.report(
                        &code::JSON_UNCLOSED_OBJECT,
                        "The text ends before the closing brace of this object.",
                        here,
                    );
                    return None;
                }
                Kind::CloseBracket => {
                    self.bump();
                    let here = self.span_of(self.token);
                    self.report(
                        &code::JSON_MISMATCHED_BRACES,
                        "A JSON object ends with a brace, not with a bracket.",
                        here,
                    );
                    return None;
                }
                _ => {
                    let bad = self.bump();
                    self.recover(bad, Kind::OpenBrace, Kind::CloseBrace);
                    let here = self.span_of(self.token);
                    self.report(
                        &code::JSON_MISSING_COMMA,
                        "A comma is needed between two properties of an object.",
                        here,
                    );
                    return None;
                }
            }
        }
        let close = self.bump();
        Some((ExprKind::Object(items), close.end))
    }

    fn array(&mut self) -> Option<(ExprKind, u32)> {
        let open = self.bump();
        let mut items = Vec::new();
        while self.token.kind != Kind::CloseBracket {
            items.push(self.value());
            match self.token.kind {
                Kind::Comma => {
                    let comma = self.bump();
                    if self.token.kind == Kind::CloseBracket {
                        let here = self.span_of(comma);
                        self.report(
                            &code::JSON_TRAILING_COMMA_ARRAY,
                            "JSON allows no comma after the last value of an array.",
                            here,
                        );
                        return None;
                    }
                }
                Kind::CloseBracket => {}
                Kind::Colon => {
                    let bad = self.bump();
                    self.recover(bad, Kind::OpenBracket, Kind::CloseBracket);
                    let here = self.span_of(self.token);
                    self.report(
                        &code::JSON_ARRAY_VALUE,
                        "A colon has no meaning in a JSON array. Values with names are an object, in braces.",
                        here,
                    );
                    return None;
                }
                Kind::Eof => {
                    let bad = self.bump();
                    self.recover(bad, Kind::OpenBracket, Kind::CloseBracket);
                    let here = self.span_of(open);
                    self.report(
                        &code::JSON_UNCLOSED_ARRAY,
                        "The text ends before the closing bracket of this array.",
                        here,
                    );
                    return None;
                }
                Kind::CloseBrace => {
                    let bad = self.bump();
                    self.recover(bad, Kind::OpenBracket, Kind::CloseBracket);
                    let here = self.span_of(self.token);
                    self.report(
                        &code::JSON_MISMATCHED_BRACKETS,
                        "A JSON array ends with a bracket, not with a brace.",
                        here,
                    );
                    return None;
                }
                _ => {
                    let bad = self.bump();
                    self.recover(bad, Kind::OpenBracket, Kind::CloseBracket);
                    let here = self.span_of(self.token);
                    self.report(
                        &code::JSON_MISSING_COMMA,
                        "A comma is needed between two values of an array.",
                        here,
                    );
                    return None;
                }
            }
        }
        let close = self.bump();
        Some((ExprKind::Tuple(items), close.end))
    }

    fn number(&mut self) -> Option<(ExprKind, u32)> {
        let token = self.bump();
        let text = self.slice(token);
        let span = self.span_of(token);
        if !is_number(text) {
            self.report(
                &code::JSON_NUMBER,
                format!("\"{text}\" is not a number in JSON, where a number has no leading zeros, digits on both sides of its point, and perhaps an exponent."),
                span,
            );
            return None;
        }
        let kind = match text.strip_prefix('-') {
            Some(digits) => ExprKind::Unary(Box::new(Unary {
                op: UnaryOp::Negate,
                op_span: self.span(token.start, token.start + 1),
                operand: Expr {
                    kind: ExprKind::Number(Text::new(digits)),
                    span: self.span(token.start + 1, token.end),
                },
            })),
            None => ExprKind::Number(Text::new(text)),
        };
        Some((kind, token.end))
    }

    fn keyword(&mut self) -> Option<(ExprKind, u32)> {
        let token = self.bump();
        let kind = match self.slice(token) {
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "null" => ExprKind::Null,
            other => {
                let detail = match other {
                    "undefined" => {
                        "JSON has no \"undefined\"; for a value that is not set, write null."
                            .to_owned()
                    }
                    "NaN" | "Infinity" => format!("JSON has no number \"{other}\"."),
                    _ => format!(
                        "\"{other}\" is not a word of JSON, whose only words are true, false and null.{} A string stands in double quotes.",
                        diag::suggest::did_you_mean(other, ["true", "false", "null"])
                    ),
                };
                let span = self.span_of(token);
                self.report(&code::JSON_KEYWORD, detail, span);
                return None;
            }
        };
        Some((kind, token.end))
    }

    fn string(&mut self) -> Option<(ExprKind, u32)> {
        let token = self.bump();
        let raw = self.slice(token);
        let text = match unquoted(raw) {
            Ok(text) => text,
            Err(offset) => {
                let start = token.start as usize + offset;
                let mut end = (start + 1).min(self.text.len());
                while !self.text.is_char_boundary(end) {
                    end += 1;
                }
                let span = self.span(start as u32, end.max(start) as u32);
                let whole = self.span_of(token);
                self.failed = true;
                self.diags.push(
                    Diagnostic::error(
                        &code::JSON_STRING,
                        "This JSON string is not right before this place: it holds an unknown escape or a control character, or its closing quote is missing.",
                    )
                    .at(span)
                    .within(whole),
                );
                return None;
            }
        };
        let has_sequences = text.contains("${") || text.contains("%{");
        if self.templates && has_sequences {
            let before = self.diags.n_errors();
            let expr = crate::parse_template(self.source, &text, token.start + 1, self.diags);
            let kind = if self.diags.n_errors() > before {
                ExprKind::Invalid
            } else {
                expr.kind
            };
            return Some((kind, token.end));
        }
        let parts = if text.is_empty() {
            Vec::new()
        } else {
            vec![Part::Literal(
                Text::new(text),
                self.span(token.start + 1, token.end - 1),
            )]
        };
        let kind = ExprKind::Template(Box::new(Template {
            form: TemplateForm::Bare,
            parts,
        }));
        Some((kind, token.end))
    }
}

/// Whether a text is a number in JSON.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let mantissa = unsigned.split(['e', 'E']).next().unwrap_or("");
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    !leading_zero && fraction != Some("") && crate::parse::is_number(unsigned)
}

/// The text of a JSON string with its quotes; or after how many bytes it is wrong.
fn unquoted(raw: &str) -> Result<Cow<'_, str>, usize> {
    let inner = raw.strip_prefix('"').unwrap_or(raw);
    if let Some(plain) = inner.strip_suffix('"')
        && plain.bytes().all(|it| it != b'\\' && it >= b' ')
    {
        return Ok(Cow::Borrowed(plain));
    }
    let mut res = String::with_capacity(inner.len());
    let mut chars = inner.char_indices();
    while let Some((at, char)) = chars.next() {
        let after = 1 + at + char.len_utf8();
        match char {
            '"' => return Ok(Cow::Owned(res)),
            '\\' => {
                let (at, selector) = chars.next().ok_or(raw.len())?;
                let plain = match selector {
                    '"' | '\\' | '/' => selector,
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'u' => {
                        let (char, length) = unicode_escape(&inner[at + 1..])
                            .map_err(|wrong| (at + 2 + wrong + 1).min(raw.len()))?;
                        for _ in 0..length {
                            chars.next();
                        }
                        char
                    }
                    other => return Err(1 + at + other.len_utf8()),
                };
                res.push(plain);
            }
            '\0'..='\u{1f}' => return Err(after),
            _ => res.push(char),
        }
    }
    Err(raw.len())
}

/// The character of the digits after `\u`, and how many bytes were taken; or the offset of a wrong digit. Halves of
/// surrogate pairs that stand alone become U+FFFD.
fn unicode_escape(text: &str) -> Result<(char, usize), usize> {
    let digits = |text: &str| -> Result<u32, usize> {
        let found = text
            .bytes()
            .take(4)
            .take_while(u8::is_ascii_hexdigit)
            .count();
        if found < 4 {
            return Err(found);
        }
        u32::from_str_radix(&text[..4], 16).map_err(|_| 0)
    };
    let first = digits(text)?;
    if (0xd800..0xdc00).contains(&first)
        && let Some(rest) = text[4..].strip_prefix("\\u")
        && let Ok(second) = digits(rest)
        && (0xdc00..0xe000).contains(&second)
    {
        let number = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return Ok((char::from_u32(number).unwrap_or('\u{fffd}'), 10));
    }
    Ok((char::from_u32(first).unwrap_or('\u{fffd}'), 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(diags: &Diagnostics) -> Vec<(u32, &str)> {
        diags
            .iter()
            .map(|it| (it.subject.map_or(0, |it| it.start), it.summary.as_str()))
            .collect()
    }

    fn parsed(text: &str) -> (Body, Diagnostics) {
        let mut diags = Diagnostics::new();
        let file = parse(SourceId(0), text, true, &mut diags);
        (file.body, diags)
    }

    /// The blocks as `kind labels arguments`.
    fn blocks(text: &str, shapes: &[(&str, usize)]) -> (Vec<String>, Diagnostics) {
        let (body, mut diags) = parsed(text);
        let shapes: Vec<_> = shapes
            .iter()
            .map(|(kind, n_labels)| BlockShape {
                kind,
                n_labels: *n_labels,
            })
            .collect();
        let body = with_blocks(&body, &shapes, &mut diags);
        let names = |list: &mut dyn Iterator<Item = &Ident>| {
            list.map(|it| it.name.to_string())
                .collect::<Vec<_>>()
                .join(",")
        };
        let blocks = body
            .blocks
            .iter()
            .map(|it| {
                format!(
                    "{} {} {}",
                    it.kind.name,
                    names(&mut it.labels.iter()),
                    names(&mut it.body.attributes.iter().map(|it| &it.name))
                )
            })
            .collect();
        (blocks, diags)
    }

    #[test]
    fn blocks_by_labels_and_arrays() {
        let (found, diags) = blocks(
            r#"{"//": 1, "a": {"x": {"y": {"k": 1, "//": 2}, "z": [{"l": 1}, {"m": 2}]}}, "b": [{"n": 1}, {}], "c": null, "d": 1}"#,
            &[("a", 2), ("b", 0), ("c", 0)],
        );
        assert_eq!(found, ["a x,y k", "a x,z l", "a x,z m", "b  n", "b  "]);
        assert!(diags.is_empty());
        let (found, _) = blocks(
            r#"[{"a": {"x": {}}}, {"a": [{"y": {}}, {"x": {}}]}]"#,
            &[("a", 1)],
        );
        assert_eq!(found, ["a x ", "a y ", "a x "]);
    }

    #[test]
    fn wrong_shapes() {
        let (found, diags) = blocks(
            r#"{"a": "x", "b": {}, "c": 1, "c": 2}"#,
            &[("a", 0), ("b", 1)],
        );
        assert!(found.is_empty());
        assert_eq!(
            titles(&diags),
            [
                (6, "Incorrect JSON value type"),
                (16, "Missing block label"),
                (28, "Duplicate argument")
            ]
        );
    }

    #[test]
    fn strings_are_templates_of_configurations_and_texts_of_variables() {
        let (body, diags) = parsed(r#"{"a": "x ${y.z}\n", "b": -1.5, "c": "$${d}"}"#);
        assert!(diags.is_empty());
        let shown: Vec<_> = body
            .attributes
            .iter()
            .map(|it| crate::write::expr(&it.expr))
            .collect();
        assert_eq!(shown, ["\"x ${y.z}\\n\"", "-1.5", "\"$${d}\""]);
        let file = parse(
            SourceId(0),
            r#"{"a": "${y}"}"#,
            false,
            &mut Diagnostics::new(),
        );
        assert_eq!(
            crate::write::expr(&file.body.attributes[0].expr),
            "\"$${y}\""
        );
        let (_, diags) = parsed(r#"{"a": "b ${1 2}"}"#);
        assert_eq!(
            titles(&diags),
            [(13, "Extra characters after interpolation expression")]
        );
    }

    #[test]
    fn verbatim_strings_are_their_characters() {
        let text = r#"{"a": {"k${x}": ["${y", 1]}}"#;
        let (body, _) = parsed(text);
        let expr = verbatim(&body.attributes[0].expr, text);
        assert_eq!(
            crate::write::expr(&expr),
            "{\n\"k$${x}\" = [\"$${y\", 1]\n}"
        );
        assert_eq!(expr.span, body.attributes[0].expr.span);
    }

    #[test]
    fn embedded_expressions_keep_their_place() {
        let (body, _) = parsed(r#"{"type": "list(string)"}"#);
        let expr = embedded_expr(&body.attributes[0].expr, &mut Diagnostics::new()).unwrap();
        assert_eq!(crate::write::expr(&expr), "list(string)");
        assert_eq!((expr.span.start, expr.span.end), (10, 22));
    }

    #[test]
    fn escapes() {
        assert_eq!(
            unquoted(r#""a\"\\\/\b\f\n\r\t\u00e9""#).unwrap(),
            "a\"\\/\u{8}\u{c}\n\r\té"
        );
        assert_eq!(
            unquoted(r#""\ud83d\ude00 \ud83d \ude00x""#).unwrap(),
            "😀 \u{fffd} \u{fffd}x"
        );
        assert_eq!(unquoted(r#""a\q""#), Err(4));
        assert_eq!(unquoted(r#""\u12""#), Err(6));
        assert_eq!(unquoted("\"abc"), Err(4));
    }

    #[test]
    fn numbers() {
        for good in ["0", "1", "-1", "1.5", "1e5", "1E-5", "-0.0", "1e400"] {
            assert!(is_number(good), "{good}");
        }
        for bad in ["", "-", "01", ".5", "1.", "1e", "--1", "1.5.2", "+1"] {
            assert!(!is_number(bad), "{bad}");
        }
    }

    #[test]
    fn deep_nesting_is_one_error() {
        let (_, diags) = parsed(&"[".repeat(10_000));
        assert!(titles(&diags).contains(&(250, "Nested too deeply")));
        assert!(diags.len() < 10, "{}", diags.len());
    }
}
