//! Entry points, reporting and recovery.
//!
//! A parser function that meets a mistake reports it, gives back what it has, and leaves the position at a place from
//! which its caller can go on: after the closing bracket, or at the next statement. Once anything was reported,
//! mistakes of the kind that follow from earlier ones are kept quiet (`recovery`), as the reference does.

mod body;
mod expr;
mod template;

pub(crate) use expr::is_number;

use diag::{Code, Diagnostic, Diagnostics, SourceId, Span};

use crate::code;
use crate::lex::{Kind, Lexer, Token};
use crate::unicode;
use crate::{
    Attribute, Block, Expr, ExprKind, File, Ident, ObjectItem, Step, StepKind, Template,
    TemplateForm, Text, Traversal,
};

/// How many brackets, blocks, sequences and signs may stand inside each other. Each costs some stack here and in
/// everything that walks the tree; threads have as little as 2 MiB.
pub(crate) const MAX_DEPTH: u32 = 250;

/// How many mistakes of one text are reported at most.
const MAX_ERRORS: u32 = 1_000;

/// How many mistakes are found beyond those that the reference reports too.
const MAX_FURTHER: usize = 20;

pub(crate) fn file(source: SourceId, text: &str, diags: &mut Diagnostics) -> File {
    let mut parser = Parser::new(source, text, 0, Lexer::new(text), diags);
    File {
        source,
        body: parser.file_body(),
    }
}

/// The mistakes of a file that [`file`] keeps quiet because they come after an earlier one. `known` are those that it
/// reported.
pub(crate) fn further_errors(source: SourceId, text: &str, known: &Diagnostics) -> Diagnostics {
    let mut found = Diagnostics::new();
    let mut parser = Parser::new(source, text, 0, Lexer::new(text), &mut found);
    parser.thorough = true;
    parser.file_body();
    let is_known = |it: &Diagnostic| {
        known
            .iter()
            .any(|known| known.summary == it.summary && known.subject == it.subject)
    };
    found
        .into_iter()
        .filter(|it| !is_known(it))
        .take(MAX_FURTHER)
        .collect()
}

pub(crate) fn expression(source: SourceId, text: &str, base: u32, diags: &mut Diagnostics) -> Expr {
    let mut parser = Parser::new(source, text, base, Lexer::new(text), diags);
    parser.newlines = false;
    let res = parser.expr();
    if parser.peek() != Kind::Eof {
        let here = parser.here();
        parser.error_unless_recovering(
            &code::EXTRA_AFTER_EXPRESSION,
            "The expression is complete before this, so what follows has no meaning here. Remove it, or join both with an operator.",
            here,
            None,
        );
        parser.skip_to_end();
    }
    res
}

pub(crate) fn template(source: SourceId, text: &str, base: u32, diags: &mut Diagnostics) -> Expr {
    let mut parser = Parser::new(source, text, base, Lexer::template(text), diags);
    let span = parser.span(0, text.len() as u32);
    let parts = parser.template_parts(Kind::Eof, false);
    parser.skip_to_end();
    Expr {
        kind: ExprKind::Template(Box::new(Template {
            form: TemplateForm::Bare,
            parts,
        })),
        span,
    }
}

pub(crate) fn traversal(
    source: SourceId,
    text: &str,
    diags: &mut Diagnostics,
) -> Option<Traversal> {
    let mut parser = Parser::new(source, text, 0, Lexer::new(text), diags);
    parser.newlines = false;
    let res = parser.absolute_traversal();
    parser.skip_to_end();
    res
}

/// How often each stray character was met, since only the first few are worth a message.
#[derive(Debug, Default)]
struct Told {
    bitwise: u32,
    backticks: u32,
    apostrophes: u32,
    semicolons: u32,
}

/// Lists under construction, innermost last. What is complete moves to a vector of just its length: lists of a tree are
/// many and short, and room that they never use would be a large part of its size.
#[derive(Default)]
struct Scratch {
    exprs: Vec<Expr>,
    items: Vec<ObjectItem>,
    attributes: Vec<Attribute>,
    blocks: Vec<Block>,
    flat: Vec<template::Flat>,
}

/// The list that began at `start`.
fn complete<T>(scratch: &mut Vec<T>, start: usize) -> Vec<T> {
    if start == 0 && scratch.len() > 1_000 {
        // Not copied, so that a large one is not there twice.
        let mut res = std::mem::take(scratch);
        res.shrink_to_fit();
        return res;
    }
    scratch.drain(start..).collect()
}

pub(crate) struct Parser<'t, 'd> {
    source: SourceId,
    text: &'t str,
    /// Added to every span.
    base: u32,
    lexer: Lexer<'t>,
    /// The next token.
    token: Token,
    /// The token before it.
    previous: Token,
    /// Whether line breaks mean something here.
    newlines: bool,
    /// Whether something was reported that may cause further mistakes.
    recovery: bool,
    /// How many mistakes the parser has reported; those of single characters do not count.
    n_errors: u32,
    n_reported: u32,
    /// Whether to begin anew with each statement after a mistake, instead of keeping quiet.
    thorough: bool,
    /// In a thorough parse: where the mistake of the current statement is. The text seems to end there, so that all
    /// constructs are left at once; [`Parser::resynchronise`] goes on.
    failed_at: Option<u32>,
    /// In a thorough parse: whether there was a mistake, after which closing braces may have been missed.
    resynchronised: bool,
    depth: u32,
    told: Told,
    scratch: Scratch,
    diags: &'d mut Diagnostics,
}

impl<'t, 'd> Parser<'t, 'd> {
    fn new(
        source: SourceId,
        text: &'t str,
        base: u32,
        lexer: Lexer<'t>,
        diags: &'d mut Diagnostics,
    ) -> Self {
        let start = Token {
            kind: Kind::Newline,
            start: 0,
            end: 0,
        };
        let mut res = Self {
            source,
            text,
            base,
            lexer,
            token: start,
            previous: start,
            newlines: true,
            recovery: false,
            n_errors: 0,
            n_reported: 0,
            thorough: false,
            failed_at: None,
            resynchronised: false,
            depth: 0,
            told: Told::default(),
            scratch: Scratch::default(),
            diags,
        };
        res.bump();
        res
    }

    // ---- tokens ----

    /// The kind of the next token.
    fn peek(&mut self) -> Kind {
        if !self.newlines {
            while self.token.kind == Kind::Newline {
                self.token = self.lex();
            }
        }
        self.token.kind
    }

    /// Takes the next token. What comes after it is not looked at before it is asked for, since the caller may change
    /// `newlines` in between.
    fn bump(&mut self) -> Token {
        self.peek();
        self.previous = self.token;
        self.token = self.lex();
        self.previous
    }

    /// Takes the next token if it is of a kind.
    fn eat(&mut self, kind: Kind) -> bool {
        let res = self.peek() == kind;
        if res {
            self.bump();
        }
        res
    }

    /// Whether the next token is this word.
    fn at_word(&mut self, word: &str) -> bool {
        self.peek() == Kind::Ident && self.slice(self.token) == word
    }

    fn lex(&mut self) -> Token {
        let token = self.lexer.next();
        if matches!(
            token.kind,
            Kind::Invalid | Kind::Bitwise | Kind::QuotedNewline
        ) {
            self.stray(token);
        }
        token
    }

    /// Reads everything that is left, for the sake of its stray characters.
    fn skip_to_end(&mut self) {
        while self.token.kind != Kind::Eof {
            self.bump();
        }
    }

    fn slice(&self, token: Token) -> &'t str {
        self.text
            .get(token.start as usize..token.end as usize)
            .unwrap_or("")
    }

    fn span(&self, start: u32, end: u32) -> Span {
        Span::new(
            self.source,
            self.base.saturating_add(start),
            self.base.saturating_add(end),
        )
    }

    fn span_of(&self, token: Token) -> Span {
        self.span(token.start, token.end)
    }

    /// Where the next token stands.
    fn here(&mut self) -> Span {
        self.peek();
        self.span_of(self.token)
    }

    fn ident(&self, token: Token) -> Ident {
        Ident {
            name: Text::new(self.slice(token)),
            span: self.span_of(token),
        }
    }

    // ---- reports ----

    /// Reports a mistake. Building the diagnostic here and not at its many callers keeps their stack frames small,
    /// which is what the depth limit rests on.
    fn error(&mut self, code: &'static Code, detail: &str, at: Span, within: Option<Span>) {
        let mut diagnostic = Diagnostic::error(code, detail).at(at);
        diagnostic.context = within;
        self.report(diagnostic);
    }

    fn error_unless_recovering(
        &mut self,
        code: &'static Code,
        detail: &str,
        at: Span,
        within: Option<Span>,
    ) {
        if !self.recovery {
            self.error(code, detail, at, within);
        }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.n_errors += 1;
        if self.failed_at.is_some() {
            return;
        }
        if self.thorough {
            self.failed_at = Some(self.previous.start);
            self.recovery = true;
            self.lexer.abort();
            self.token = self.lexer.next();
        }
        self.push(diagnostic);
    }

    fn push(&mut self, diagnostic: Diagnostic) {
        self.n_reported += 1;
        if self.n_reported <= MAX_ERRORS {
            self.diags.push(diagnostic);
        }
    }

    /// Whether something was reported since, after which it makes no sense to go on in this construct.
    fn gave_up(&self, n_errors_before: u32) -> bool {
        self.recovery && self.n_errors > n_errors_before
    }

    /// Reports a token that is never right.
    fn stray(&mut self, token: Token) {
        let text = self.slice(token);
        let (code, detail): (&'static Code, String) = match (token.kind, text) {
            (Kind::Bitwise, _) => {
                self.told.bitwise += 1;
                if self.told.bitwise > 4 {
                    return;
                }
                let meant = match text {
                    "&" => " Did you mean the logical operator \"&&\"?",
                    "|" => " Did you mean the logical operator \"||\"?",
                    "~" => " Did you mean the logical operator \"!\"?",
                    _ => "",
                };
                (
                    &code::UNSUPPORTED_OPERATOR,
                    format!("There are no bitwise operators, so \"{text}\" means nothing here.{meant}"),
                )
            }
            (Kind::QuotedNewline, _) => (
                &code::MULTILINE_STRING,
                "A quoted string ends on the line on which it began. For a text of several lines, write a heredoc (\"<<EOT\"), or put \"\\n\" where a line breaks.".to_owned(),
            ),
            (_, "`") => {
                self.told.backticks += 1;
                if self.told.backticks != 1 && self.told.backticks != 3 {
                    return;
                }
                (
                    &code::INVALID_CHARACTER,
                    "Backticks do not quote here. A text of several lines is written as a heredoc: \"<<EOT\", the text, and \"EOT\" on a line of its own.".to_owned(),
                )
            }
            (_, "'") => {
                self.told.apostrophes += 1;
                if self.told.apostrophes != 1 && self.told.apostrophes != 3 {
                    return;
                }
                (
                    &code::INVALID_CHARACTER,
                    "Single quotes do not quote here. Write double quotes (\") around strings.".to_owned(),
                )
            }
            (_, ";") => {
                self.told.semicolons += 1;
                if self.told.semicolons > 1 {
                    return;
                }
                (
                    &code::INVALID_CHARACTER,
                    "Semicolons separate nothing here. Put each argument and each block on a line of its own.".to_owned(),
                )
            }
            (_, "\u{201c}" | "\u{201d}") => (
                &code::INVALID_CHARACTER,
                "Curly quotes do not quote here; they often come from a word processor or a web page. Write straight double quotes (\") around strings.".to_owned(),
            ),
            (_, "\\") => (
                &code::INVALID_CHARACTER,
                "A backslash has a meaning only inside a quoted string, before the character that it escapes.".to_owned(),
            ),
            _ => (
                &code::INVALID_CHARACTER,
                "The language does not use this character outside strings and comments.".to_owned(),
            ),
        };
        let span = self.span_of(token);
        self.push(Diagnostic::error(code, detail).at(span));
    }

    // ---- depth ----

    /// Goes one level deeper; `false`, and the rest of the text is given up, where that is too deep.
    fn enter(&mut self) -> bool {
        if self.depth < MAX_DEPTH {
            self.depth += 1;
            return true;
        }
        if self.token.kind != Kind::Eof {
            let here = self.here();
            self.too_deep(here);
            self.recovery = true;
            self.lexer.abort();
            self.token = self.lexer.next();
        }
        false
    }

    fn too_deep(&mut self, at: Span) {
        self.error(&code::NESTED_TOO_DEEPLY, &format!("More than {MAX_DEPTH} brackets, blocks or template sequences stand inside each other here, which is as far as can be followed; the rest was not read. Move inner parts to local values."), at, None);
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }

    // ---- recovery ----

    /// Goes to the bracket that closes the current construct, over nested ones, and takes it.
    fn recover(&mut self, close: Kind) -> Token {
        self.recovery = true;
        let mut nested = 0_u32;
        loop {
            let token = self.bump();
            if token.kind == Kind::Eof {
                return token;
            }
            if token.kind == close {
                if nested == 0 {
                    return token;
                }
                nested -= 1;
            } else if opens(token.kind, close) {
                nested += 1;
            }
        }
    }

    /// Goes to the start of the next statement of this body, over brackets opened in between.
    fn recover_after_item(&mut self) {
        self.recovery = true;
        let mut open: Vec<Kind> = Vec::new();
        loop {
            let kind = self.bump().kind;
            match kind {
                Kind::Eof => return,
                Kind::Newline if open.is_empty() => return,
                Kind::OpenBrace
                | Kind::OpenBracket
                | Kind::OpenParen
                | Kind::OpenQuote
                | Kind::OpenHeredoc
                | Kind::OpenInterpolation
                | Kind::OpenDirective => open.push(kind),
                Kind::CloseBrace
                | Kind::CloseBracket
                | Kind::CloseParen
                | Kind::CloseQuote
                | Kind::CloseHeredoc
                | Kind::CloseSequence => while open.pop().is_some_and(|it| !opens(it, kind)) {},
                _ => {}
            }
        }
    }

    /// After a mistake in a thorough parse: goes to the line where the next statement begins, judged by indentation,
    /// which people keep right even where brackets are wrong. `start` is the first byte of the guilty statement.
    fn resynchronise(&mut self, start: u32) {
        let Some(failed_at) = self.failed_at.take() else {
            return;
        };
        self.resynchronised = true;
        let indent = self.indent_at(start as usize);
        let mut at = failed_at.max(start) as usize;
        let mut next = self.text.len();
        while let Some(newline) = self.text.get(at..).and_then(|it| it.find('\n')) {
            at += newline + 1;
            let rest = self.text.get(at..).unwrap_or("");
            let content = rest.trim_start_matches([' ', '\t']);
            let here = rest.len() - content.len();
            let begins_statement = match content.chars().next() {
                // A bracket on the level of the statement is its own; one further out closes what is around it.
                Some('}') => here < indent,
                Some(char) => here <= indent && unicode::is_start(char),
                None => false,
            };
            if begins_statement {
                next = at;
                break;
            }
        }
        self.recovery = false;
        self.newlines = true;
        self.lexer.restart(next);
        self.token = self.lex();
    }

    /// How far the line of a byte is indented.
    fn indent_at(&self, byte: usize) -> usize {
        let before = self.text.get(..byte).unwrap_or("");
        let line = before.rfind('\n').map_or(0, |it| it + 1);
        let line = self.text.get(line..).unwrap_or("");
        line.len() - line.trim_start_matches([' ', '\t']).len()
    }

    // ---- traversals that stand alone ----

    fn absolute_traversal(&mut self) -> Option<Traversal> {
        if self.peek() != Kind::Ident {
            let here = self.here();
            self.error(
                &code::VARIABLE_NAME_REQUIRED,
                "A reference begins with a name.",
                here,
                None,
            );
            return None;
        }
        let root = self.bump();
        let root = self.ident(root);
        let mut steps = Vec::new();
        loop {
            match self.peek() {
                Kind::Eof => return Some(Traversal { root, steps }),
                Kind::Dot => {
                    let dot = self.bump();
                    if self.peek() != Kind::Ident {
                        let detail = if self.peek() == Kind::Star {
                            "Splat expressions (\".*\") cannot be used here: the reference must name one thing."
                        } else {
                            "After a dot comes the name of an attribute."
                        };
                        let here = self.here();
                        self.error(&code::ATTRIBUTE_NAME_REQUIRED, detail, here, None);
                        return None;
                    }
                    let name = self.bump();
                    steps.push(Step {
                        kind: StepKind::Attr(Text::new(self.slice(name))),
                        span: self.span(dot.start, name.end),
                    });
                }
                Kind::OpenBracket => {
                    let open = self.bump();
                    let kind = match self.peek() {
                        Kind::Number => {
                            let token = self.bump();
                            self.check_number(token);
                            StepKind::Index(Text::new(self.slice(token)))
                        }
                        Kind::OpenQuote => StepKind::Key(self.quoted_literal().name),
                        other => {
                            let detail = if other == Kind::Star {
                                "Splat expressions (\"[*]\") cannot be used here: the reference must name one thing."
                            } else {
                                "Between the brackets stands a whole number or a quoted string."
                            };
                            let here = self.here();
                            self.error(&code::INDEX_VALUE_REQUIRED, detail, here, None);
                            return None;
                        }
                    };
                    if self.peek() != Kind::CloseBracket {
                        let here = self.here();
                        self.error(
                            &code::UNCLOSED_INDEX_BRACKETS,
                            "The index ends with a closing bracket (\"]\").",
                            here,
                            None,
                        );
                        return None;
                    }
                    let close = self.bump();
                    steps.push(Step {
                        kind,
                        span: self.span(open.start, close.end),
                    });
                }
                _ => {
                    let here = self.here();
                    self.error(
                        &code::INVALID_CHARACTER,
                        "Only a dot or an opening bracket can follow here.",
                        here,
                        None,
                    );
                    return None;
                }
            }
        }
    }
}

fn invalid(span: Span) -> Expr {
    Expr {
        kind: ExprKind::Invalid,
        span,
    }
}

/// Whether a token of one kind is closed by one of the other.
fn opens(open: Kind, close: Kind) -> bool {
    match close {
        Kind::CloseBrace => open == Kind::OpenBrace,
        Kind::CloseBracket => open == Kind::OpenBracket,
        Kind::CloseParen => open == Kind::OpenParen,
        Kind::CloseQuote => open == Kind::OpenQuote,
        Kind::CloseHeredoc => open == Kind::OpenHeredoc,
        Kind::CloseSequence => matches!(open, Kind::OpenInterpolation | Kind::OpenDirective),
        _ => false,
    }
}
