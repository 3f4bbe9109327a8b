//! Blocks and arguments.

use std::collections::HashSet;

use diag::{Diagnostic, Span};

use super::{Parser, complete};
use crate::lex::{Kind, Token};
use crate::{Attribute, Block, Body, Ident, Syntax, Text, code};

/// From how many arguments on a set is kept to find repeated ones.
const MANY: usize = 16;

const NOT_AN_ITEM: &str = "Only arguments (name = value) and blocks (name { ... }) stand here.";
const UNCLOSED: &str = "The file ends before the closing brace of this block. If the block does have one, a brace is missing somewhere inside it.";
const NAME_WITHOUT_VALUE: &str = "A name alone means nothing here. To set an argument, write an equals sign and its value after the name; to begin a block, an opening brace.";

/// The names of a body's arguments, once they are many.
#[derive(Default)]
struct Names(HashSet<Text>);

impl Names {
    /// Whether an argument of this name is there already. Few are compared one by one, many are looked up.
    fn contain(&mut self, name: &Text, list: &[Attribute]) -> bool {
        if list.len() < MANY {
            return list.iter().any(|it| it.name.name == *name);
        }
        if self.0.is_empty() {
            self.0 = list.iter().map(|it| it.name.name.clone()).collect();
        }
        !self.0.insert(name.clone())
    }
}

impl Parser<'_, '_> {
    pub(super) fn file_body(&mut self) -> Body {
        let length = self.text.len() as u32;
        let start = Token {
            kind: Kind::Newline,
            start: 0,
            end: 0,
        };
        let mut res = self.body(Kind::Eof, start);
        res.span = self.span(0, length);
        res.end = self.span(0, 0);
        res
    }

    /// Everything up to the closing token, which is taken.
    fn body(&mut self, close: Kind, open: Token) -> Body {
        let first_attribute = self.scratch.attributes.len();
        let first_block = self.scratch.blocks.len();
        let mut names = Names::default();
        loop {
            let kind = self.peek();
            if kind == close {
                self.bump();
                break;
            }
            match kind {
                Kind::Newline => {
                    self.bump();
                }
                Kind::Ident => {
                    let name = self.bump();
                    self.item(name, first_attribute, &mut names);
                    self.resynchronise(name.start);
                }
                _ => {
                    let bad = self.bump();
                    self.not_an_item(bad, open);
                    if self.thorough && bad.kind != Kind::Eof {
                        self.resynchronise(bad.start);
                        continue;
                    }
                    self.recover(close);
                    break;
                }
            }
        }
        Body {
            syntax: Syntax::Native,
            attributes: complete(&mut self.scratch.attributes, first_attribute),
            blocks: complete(&mut self.scratch.blocks, first_block),
            span: self.span(open.end, self.previous.start.max(open.end)),
            end: self.span(open.start, open.start),
        }
    }

    fn not_an_item(&mut self, bad: Token, open: Token) {
        match bad.kind {
            Kind::OpenQuote => self.error_unless_recovering(
                &code::QUOTED_ARGUMENT,
                "Names of arguments and types of blocks are written without quotes.",
                self.span_of(bad),
                None,
            ),
            Kind::Eof if self.resynchronised => {}
            Kind::Eof => self.error_unless_recovering(
                &code::UNCLOSED_BLOCK,
                UNCLOSED,
                self.span_of(open),
                None,
            ),
            _ => self.error_unless_recovering(
                &code::ARGUMENT_OR_BLOCK_REQUIRED,
                NOT_AN_ITEM,
                self.span_of(bad),
                None,
            ),
        }
    }

    fn item(&mut self, name: Token, first_attribute: usize, names: &mut Names) {
        match self.peek() {
            Kind::Assign => {
                let attribute = self.attribute(name, false);
                let earlier = self
                    .scratch
                    .attributes
                    .get(first_attribute..)
                    .unwrap_or(&[]);
                if names.contain(&attribute.name.name, earlier) {
                    let first = earlier
                        .iter()
                        .find(|it| it.name.name == attribute.name.name)
                        .map(|it| it.name.span);
                    self.redefined(&attribute.name, first);
                } else {
                    self.scratch.attributes.push(attribute);
                }
            }
            Kind::OpenQuote | Kind::OpenBrace | Kind::Ident => {
                let block = self.block(name);
                self.scratch.blocks.push(block);
            }
            _ => {
                self.recover_after_item();
                let subject = self.span_of(name);
                self.error(
                    &code::ARGUMENT_OR_BLOCK_REQUIRED,
                    NAME_WITHOUT_VALUE,
                    subject,
                    None,
                );
            }
        }
    }

    fn redefined(&mut self, name: &Ident, first: Option<Span>) {
        let mut diagnostic = Diagnostic::error(
            &code::ATTRIBUTE_REDEFINED,
            format!(
                "The argument \"{}\" is set already, and each argument is set only once in a block. Remove one of the two.",
                name.name
            ),
        )
        .at(name.span);
        if let Some(first) = first {
            diagnostic = diagnostic.label(first, "first set here");
        }
        // The statement is complete, so nothing has to be skipped even in a thorough parse.
        self.n_errors += 1;
        self.push(diagnostic);
    }

    /// From the equals sign on, to the end of the line unless it stands in a block of one line.
    fn attribute(&mut self, name: Token, single_line: bool) -> Attribute {
        self.bump();
        let before = self.n_errors;
        let expr = self.expr();
        if self.gave_up(before) {
            self.recover_after_item();
        } else if !single_line {
            let end = self.peek();
            if matches!(end, Kind::Newline | Kind::Eof) {
                self.bump();
            } else {
                let here = self.here();
                let context = Some(self.span_of(name).to(here));
                if end == Kind::Comma {
                    self.error_unless_recovering(
                        &code::COMMA_AFTER_ARGUMENT,
                        "Arguments are separated by line breaks, not by commas. Remove the comma, and put each argument on a line of its own.",
                        here,
                        context,
                    );
                } else {
                    self.error_unless_recovering(
                        &code::MISSING_NEWLINE_AFTER_ARGUMENT,
                        "The value is complete before this, and an argument ends with its line.",
                        here,
                        context,
                    );
                }
                self.recover_after_item();
            }
        }
        Attribute {
            name: self.ident(name),
            expr,
        }
    }

    /// From the labels on.
    fn block(&mut self, kind: Token) -> Block {
        let mut labels = Vec::new();
        let open = loop {
            match self.peek() {
                Kind::OpenBrace => break self.bump(),
                Kind::OpenQuote => {
                    labels.reserve_exact(1);
                    labels.push(self.quoted_literal());
                }
                Kind::Ident => {
                    let token = self.bump();
                    labels.reserve_exact(1);
                    labels.push(self.ident(token));
                }
                other => {
                    let here = self.here();
                    let context = self.span_of(kind).to(here);
                    let context = Some(context);
                    match other {
                        Kind::Assign => self.error(
                            &code::INVALID_BLOCK,
                            "An equals sign belongs to an argument, and this begins as a block does. Remove either the labels or the equals sign.",
                            here,
                            context,
                        ),
                        Kind::Newline => self.error(
                            &code::INVALID_BLOCK,
                            "The opening brace of a block (\"{\") stands on the same line as its type and labels.",
                            here,
                            context,
                        ),
                        _ => self.error_unless_recovering(
                            &code::INVALID_BLOCK,
                            "Either a label or the opening brace of the block (\"{\") is missing here.",
                            here,
                            context,
                        ),
                    }
                    self.recover_after_item();
                    return self.headless_block(kind, labels);
                }
            }
        };
        let body = if self.enter() {
            let body = self.block_body(kind, open);
            self.leave();
            body
        } else {
            self.empty_body(open)
        };
        let close = self.previous;
        if matches!(self.peek(), Kind::Newline | Kind::Eof) {
            self.bump();
        } else {
            let here = self.here();
            let context = self.span_of(kind).to(here);
            self.error_unless_recovering(&code::MISSING_NEWLINE_AFTER_BLOCK, "The block is complete before this, and nothing follows a closing brace on its line.", here, Some(context));
            self.recover_after_item();
        }
        Block {
            kind: self.ident(kind),
            labels,
            body,
            open: self.span_of(open),
            close: self.span_of(close),
        }
    }

    fn headless_block(&self, kind: Token, labels: Vec<Ident>) -> Block {
        let span = self.span_of(kind);
        Block {
            kind: self.ident(kind),
            labels,
            body: self.empty_body(kind),
            open: span,
            close: span,
        }
    }

    fn empty_body(&self, open: Token) -> Body {
        Body {
            syntax: Syntax::Native,
            attributes: Vec::new(),
            blocks: Vec::new(),
            span: self.span(open.end, open.end),
            end: self.span(open.start, open.start),
        }
    }

    /// What follows the opening brace, and the closing one.
    fn block_body(&mut self, kind: Token, open: Token) -> Body {
        if matches!(self.peek(), Kind::Newline | Kind::Eof | Kind::CloseBrace) {
            return self.body(Kind::CloseBrace, open);
        }
        let attribute = self.single_attribute();
        let here = self.here();
        match self.peek() {
            Kind::CloseBrace => {
                self.bump();
            }
            Kind::Comma => {
                self.error(&code::SINGLE_LINE_BLOCK, "A block written on one line holds one argument. For more, put each on a line of its own, without commas.", here, None);
                self.recover(Kind::CloseBrace);
            }
            Kind::Newline => {
                self.error(&code::SINGLE_LINE_BLOCK, "An argument on the line of the opening brace makes a block of one line, so its closing brace must follow on the same line. Put the brace there, or the argument on a line of its own.", here, None);
                self.recover(Kind::CloseBrace);
            }
            Kind::Eof => {
                let subject = self.span_of(open);
                let context = self.span_of(kind).to(subject);
                self.error_unless_recovering(
                    &code::UNCLOSED_BLOCK,
                    UNCLOSED,
                    subject,
                    Some(context),
                );
                self.recover(Kind::CloseBrace);
            }
            _ => {
                self.error_unless_recovering(&code::SINGLE_LINE_BLOCK, "A block written on one line ends right after its one argument. Put the parts of this block on lines of their own.", here, None);
                self.recover(Kind::CloseBrace);
            }
        }
        Body {
            syntax: Syntax::Native,
            span: self.span(open.end, self.previous.start.max(open.end)),
            end: self.span(open.start, open.start),
            attributes: attribute.into_iter().collect(),
            blocks: Vec::new(),
        }
    }

    fn single_attribute(&mut self) -> Option<Attribute> {
        let name = self.bump();
        let subject = self.span_of(name);
        if name.kind != Kind::Ident {
            self.recover_after_item();
            self.error(
                &code::ARGUMENT_OR_BLOCK_REQUIRED,
                NOT_AN_ITEM,
                subject,
                None,
            );
            return None;
        }
        let next = self.peek();
        if next == Kind::Assign {
            return Some(self.attribute(name, true));
        }
        let with_next = subject.to(self.here());
        self.recover_after_item();
        if matches!(next, Kind::OpenQuote | Kind::OpenBrace | Kind::Ident) {
            self.error(
                &code::ARGUMENT_REQUIRED,
                &format!(
                    "A block written on one line holds one argument and no blocks. If \"{}\" is an argument, an equals sign is missing after it; if it is a block, put it on a line of its own.",
                    self.slice(name)
                ),
                with_next,
                None,
            );
        } else {
            self.error(
                &code::ARGUMENT_OR_BLOCK_REQUIRED,
                NAME_WITHOUT_VALUE,
                subject,
                None,
            );
        }
        None
    }

    /// A quoted text without sequences: a label.
    pub(super) fn quoted_literal(&mut self) -> Ident {
        let open = self.bump();
        let mut name = Text::default();
        let last = loop {
            let token = self.bump();
            let subject = self.span_of(token);
            let context = self.span(open.start, token.end);
            match token.kind {
                Kind::CloseQuote => break token,
                Kind::QuotedText => name.push_str(&self.quoted_text(token)),
                Kind::OpenInterpolation | Kind::OpenDirective => {
                    let sign = if token.kind == Kind::OpenInterpolation {
                        '$'
                    } else {
                        '%'
                    };
                    self.error(&code::INVALID_STRING_LITERAL, &format!(
                                "Only a plain string can stand here, without template sequences. For a literal \"{sign}{{\" write \"{sign}{sign}{{\"."
                            ), subject, Some(context));
                    // A mark that no valid name equals, so that the rest of the header still can be checked.
                    name.push(sign);
                    name.push_str("{ ... }");
                    self.recover(Kind::CloseSequence);
                }
                Kind::Eof => {
                    self.error(
                        &code::UNTERMINATED_STRING_LITERAL,
                        "The text ends before the closing quote of this string.",
                        subject,
                        Some(context),
                    );
                    break token;
                }
                _ => {
                    self.error(
                        &code::INVALID_STRING_LITERAL,
                        "This cannot stand in a plain string.",
                        subject,
                        Some(context),
                    );
                    break self.recover(Kind::CloseQuote);
                }
            }
        };
        Ident {
            name,
            span: self.span(open.start, last.end),
        }
    }
}
