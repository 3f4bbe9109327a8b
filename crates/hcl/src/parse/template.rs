//! Quoted texts, heredocs and bare templates.
//!
//! First a flat list of literals, interpolations and directives, as they stand; on it work strip markers and the
//! removal of indentation. Then the directives are nested.

use std::borrow::Cow;

use diag::{Diagnostic, Span};

use super::{MAX_DEPTH, Parser, complete, invalid};
use crate::lex::{Kind, Token};
use crate::{Expr, ForDirective, Ident, IfDirective, Interpolation, Part, Text, code};

/// A piece of a template before nesting.
pub(super) enum Flat {
    Literal(Text, Span),
    Interpolation(Box<Interpolation>),
    Open(Box<Directive>, Span),
    Else(Span),
    EndIf(Span),
    EndFor(Span),
}

/// A directive whose end was not met yet.
struct Open {
    directive: Box<Directive>,
    span: Span,
    /// The parts so far: of the current branch.
    parts: Vec<Part>,
}

pub(super) enum Directive {
    If {
        condition: Expr,
        /// The parts before `else`, once that was met.
        then: Option<Vec<Part>>,
    },
    For {
        key: Option<Ident>,
        value: Ident,
        collection: Expr,
    },
}

impl<'t> Parser<'t, '_> {
    /// The parts up to the closing token, which is taken. The opening one was taken before.
    pub(super) fn template_parts(&mut self, close: Kind, flush: bool) -> Vec<Part> {
        if close == Kind::CloseQuote
            && let Some(parts) = self.plain_quoted()
        {
            return parts;
        }
        let start = self.scratch.flat.len();
        let end = self.flat(close);
        if flush && let Some(flat) = self.scratch.flat.get_mut(start..) {
            remove_indentation(flat);
        }
        let flat = complete(&mut self.scratch.flat, start);
        self.nest(flat, end)
    }

    /// The parts of a quoted text without sequences, which most are; `None` (nothing taken) for others.
    fn plain_quoted(&mut self) -> Option<Vec<Part>> {
        match self.peek() {
            Kind::CloseQuote => {
                self.bump();
                Some(Vec::new())
            }
            Kind::QuotedText => {
                let after = self.text.as_bytes().get(self.token.end as usize);
                if after != Some(&b'"') {
                    return None;
                }
                let token = self.bump();
                let text = self.quoted_text(token);
                let span = self.span_of(token);
                self.bump();
                Some(vec![Part::Literal(Text::new(text), span)])
            }
            _ => None,
        }
    }

    /// Puts the pieces up to the closing token into the scratch list. Gives where that token stands.
    fn flat(&mut self, close: Kind) -> Span {
        let start = self.here();
        // Whether the next text loses the white space at its start, and whether the last piece is a text that a
        // strip marker may shorten at its end.
        let mut trim_next = false;
        let mut literal_before = false;
        let newlines = std::mem::replace(&mut self.newlines, true);
        let end = loop {
            let token = self.bump();
            let trim = std::mem::take(&mut trim_next);
            let can_trim = std::mem::take(&mut literal_before);
            match token.kind {
                kind if kind == close => break self.span_of(token),
                Kind::QuotedText | Kind::Text => {
                    let text = if token.kind == Kind::QuotedText {
                        self.quoted_text(token)
                    } else {
                        unescaped(self.slice(token))
                    };
                    let text = if trim { text.trim_start() } else { &text };
                    let piece = Flat::Literal(Text::new(text), self.span_of(token));
                    self.scratch.flat.push(piece);
                    literal_before = true;
                }
                Kind::OpenInterpolation | Kind::OpenDirective => {
                    if can_trim
                        && self.slice(token).ends_with('~')
                        && let Some(Flat::Literal(text, _)) = self.scratch.flat.last_mut()
                    {
                        text.truncate(text.trim_end().len());
                    }
                    self.newlines = false;
                    trim_next = if token.kind == Kind::OpenInterpolation {
                        self.interpolation(token, close, start)
                    } else {
                        self.directive(token, start)
                    };
                    self.newlines = true;
                }
                _ => {
                    let here = self.span_of(token);
                    self.error_unless_recovering(&code::UNTERMINATED_TEMPLATE, "The mark that closes this string is missing. A quoted string ends with a quote on the same line; a heredoc ends with a line that holds only its marker.", here, Some(start.to(here)));
                    let last = self.recover(close);
                    break self.span_of(last);
                }
            }
        };
        self.newlines = newlines;
        end
    }

    /// From after `${` on. Gives whether it closed with a strip marker.
    fn interpolation(&mut self, open: Token, close: Kind, start: Span) -> bool {
        let expr = self.expr();
        let next = self.peek();
        let here = self.here();
        let mut strips = false;
        if next == Kind::CloseSequence {
            let token = self.bump();
            strips = token.end - token.start == 2;
        } else {
            let errant_quote =
                close == Kind::CloseQuote && matches!(next, Kind::OpenQuote | Kind::CloseQuote);
            let context = Some(start.to(here));
            if next == Kind::Eof || errant_quote {
                self.error_unless_recovering(
                    &code::UNCLOSED_INTERPOLATION,
                    "The closing brace of an interpolation (\"${ ... }\") is missing in this string. If there is one, brackets or quotes inside the interpolation do not match.",
                    start,
                    None,
                );
            } else if next == Kind::Colon {
                self.error_unless_recovering(
                    &code::EXTRA_AFTER_INTERPOLATION,
                    "A colon means nothing at this place of an interpolation. If the sequence is meant for another language, such as a shell, write \"$${\" for a literal \"${\".",
                    here,
                    context,
                );
            } else {
                self.error_unless_recovering(
                    &code::EXTRA_AFTER_INTERPOLATION,
                    "The expression is complete before this, so the closing brace of the interpolation should stand here.",
                    here,
                    context,
                );
            }
            self.recover(Kind::CloseSequence);
        }
        let span = self.span_of(open).to(here);
        self.scratch
            .flat
            .push(Flat::Interpolation(Box::new(Interpolation { expr, span })));
        strips
    }

    /// From after `%{` on. Gives whether it closed with a strip marker.
    fn directive(&mut self, open: Token, start: Span) -> bool {
        let open_span = self.span_of(open);
        let keyword_kind = self.peek();
        let here = self.here();
        if keyword_kind != Kind::Ident {
            self.error_unless_recovering(&code::INVALID_DIRECTIVE, "After \"%{\" comes one of if, else, endif, for, endfor. For a literal \"%{\" write \"%%{\".", here, Some(open_span.to(here)));
            self.recover(Kind::CloseSequence);
            return false;
        }
        let keyword = self.bump();
        let keyword = self.slice(keyword);
        let piece = match keyword {
            "if" => {
                let condition = self.expr();
                let here = self.here();
                let directive = Directive::If {
                    condition,
                    then: None,
                };
                Flat::Open(Box::new(directive), open_span.to(here))
            }
            "else" => Flat::Else(open_span.to(self.here())),
            "endif" => Flat::EndIf(open_span.to(self.here())),
            "endfor" => Flat::EndFor(open_span.to(self.here())),
            "for" => match self.for_directive(open_span) {
                Ok(it) => it,
                Err(detail) => {
                    let here = self.here();
                    self.error_unless_recovering(&code::INVALID_FOR_DIRECTIVE, detail, here, None);
                    self.recover(Kind::CloseSequence);
                    return false;
                }
            },
            other => {
                let hint =
                    diag::suggest::did_you_mean(other, ["if", "else", "endif", "for", "endfor"]);
                self.error_unless_recovering(&code::UNKNOWN_DIRECTIVE, &format!("There is no directive \"{other}\"; there are if, else, endif, for and endfor.{hint}"), here, Some(open_span.to(here)));
                self.recover(Kind::CloseSequence);
                return false;
            }
        };
        self.scratch.flat.push(piece);
        if self.peek() == Kind::CloseSequence {
            let token = self.bump();
            return token.end - token.start == 2;
        }
        let here = self.here();
        if !self.recovery {
            self.report(
                Diagnostic::error(
                    &code::EXTRA_IN_DIRECTIVE,
                    "The directive is complete before this, so its closing brace should stand here.",
                )
                .titled(format!("Extra characters in {keyword} marker"))
                .at(here)
                .within(start.to(here)),
            );
        }
        self.recover(Kind::CloseSequence);
        false
    }

    fn for_directive(&mut self, open: Span) -> Result<Flat, &'static str> {
        if self.peek() != Kind::Ident {
            return Err("After \"for\" comes a name for the element.");
        }
        let first = self.bump();
        let mut value = self.ident(first);
        let mut key = None;
        if self.eat(Kind::Comma) {
            if self.peek() != Kind::Ident {
                return Err(
                    "After the comma comes a name for the element; the first name is for its key.",
                );
            }
            let second = self.bump();
            key = Some(std::mem::replace(&mut value, self.ident(second)));
        }
        if !self.at_word("in") {
            return Err("After the names comes the word \"in\", and then what is walked.");
        }
        self.bump();
        let collection = self.expr();
        let span = open.to(self.here());
        let directive = Directive::For {
            key,
            value,
            collection,
        };
        Ok(Flat::Open(Box::new(directive), span))
    }

    // ---- nesting ----

    fn nest(&mut self, flat: Vec<Flat>, end: Span) -> Vec<Part> {
        let mut root = Vec::with_capacity(flat.len());
        let mut open: Vec<Open> = Vec::new();
        for piece in flat {
            let parts = match open.last_mut() {
                Some(it) => &mut it.parts,
                None => &mut root,
            };
            let (name, span) = match piece {
                Flat::Literal(text, span) => {
                    push_literal(parts, text, span);
                    continue;
                }
                Flat::Interpolation(it) => {
                    parts.push(Part::Interpolation(it));
                    continue;
                }
                Flat::Open(directive, span) => {
                    if self.depth as usize + open.len() >= MAX_DEPTH as usize {
                        self.too_deep(span);
                        return vec![invalid_part(end)];
                    }
                    open.push(Open {
                        directive,
                        span,
                        parts: Vec::new(),
                    });
                    continue;
                }
                Flat::Else(span) => ("else", span),
                Flat::EndIf(span) => ("endif", span),
                Flat::EndFor(span) => ("endfor", span),
            };
            let Some(mut directive) = open.pop() else {
                self.unexpected(name, span, None);
                root.push(invalid_part(span));
                continue;
            };
            match (&mut *directive.directive, name) {
                (Directive::If { then, .. }, "else") if then.is_none() => {
                    *then = Some(std::mem::take(&mut directive.parts));
                    open.push(directive);
                }
                (Directive::If { .. }, "endif") | (Directive::For { .. }, "endfor") => {
                    let part = closed(directive, span);
                    match open.last_mut() {
                        Some(it) => it.parts.push(part),
                        None => root.push(part),
                    }
                }
                _ => {
                    self.unexpected(name, span, Some(directive.span));
                    match open.last_mut() {
                        Some(it) => it.parts.push(invalid_part(span)),
                        None => root.push(invalid_part(span)),
                    }
                }
            }
        }
        while let Some(directive) = open.pop() {
            let (name, closer) = match *directive.directive {
                Directive::If { .. } => ("if", "endif"),
                Directive::For { .. } => ("for", "endfor"),
            };
            self.report(
                Diagnostic::error(
                    &code::UNEXPECTED_END_OF_TEMPLATE,
                    format!("The template ends here, but its \"{name}\" directive has no \"%{{ {closer} }}\" yet."),
                )
                .at(end)
                .label(directive.span, "opened here"),
            );
            root.push(invalid_part(end));
        }
        root.shrink_to_fit();
        root
    }

    fn unexpected(&mut self, name: &str, span: Span, opened: Option<Span>) {
        let mut diagnostic = Diagnostic::error(
            &code::UNEXPECTED_DIRECTIVE,
            if opened.is_some() {
                format!("The directive \"{name}\" does not fit to the directive that is open here. Each if is closed by its endif and each for by its endfor, innermost first; else stands once in an if.")
            } else {
                format!("The directive \"{name}\" has nothing to end here: no directive is open.")
            },
        )
        .titled(format!("Unexpected {name} directive"))
        .at(span);
        if let Some(opened) = opened {
            diagnostic = diagnostic.label(opened, "opened here");
        }
        self.report(diagnostic);
    }

    // ---- text ----

    /// What a quoted text says, with its escapes resolved.
    pub(super) fn quoted_text(&mut self, token: Token) -> Cow<'t, str> {
        let text = self.slice(token);
        if !text.contains(['\\', '$', '%']) {
            return Cow::Borrowed(text);
        }
        let mut res = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(['\\', '$', '%']) {
            res.push_str(&rest[..at]);
            rest = &rest[at..];
            let start = token.start + (text.len() - rest.len()) as u32;
            if let Some(after) = rest.strip_prefix('\\') {
                rest = self.escape(after, start, &mut res);
            } else {
                rest = sign(rest, &mut res);
            }
        }
        res.push_str(rest);
        Cow::Owned(res)
    }

    /// Resolves the escape whose selector is at the start of `text`; `start` is the place of its backslash. Gives what
    /// follows it.
    fn escape<'a>(&mut self, text: &'a str, start: u32, res: &mut String) -> &'a str {
        let mut chars = text.chars();
        let Some(selector) = chars.next() else {
            return text;
        };
        let rest = chars.as_str();
        let n_digits = match selector {
            'n' => {
                res.push('\n');
                return rest;
            }
            'r' => {
                res.push('\r');
                return rest;
            }
            't' => {
                res.push('\t');
                return rest;
            }
            '"' | '\\' => {
                res.push(selector);
                return rest;
            }
            'u' => 4,
            'U' => 8,
            other => {
                let subject = self.span(start, start + 1 + other.len_utf8() as u32);
                self.error(&code::INVALID_ESCAPE, &format!("\"\\{}\" is not an escape sequence. A backslash is followed by n, r, t, \", \\, u or U; for a literal backslash write two.", other.escape_debug()), subject, None);
                res.push(other);
                return rest;
            }
        };
        let found = rest
            .bytes()
            .take(n_digits)
            .take_while(u8::is_ascii_hexdigit)
            .count();
        let (digits, rest) = rest.split_at(found);
        let char = if found == n_digits {
            u32::from_str_radix(digits, 16)
                .ok()
                .and_then(char::from_u32)
        } else {
            None
        };
        match char {
            Some(char) => res.push(char),
            None => {
                let subject = self.span(start, start + 2 + found as u32);
                let detail = if found < n_digits {
                    format!(
                        "After \"\\{selector}\" come {n_digits} hexadecimal digits, and here are {found}."
                    )
                } else {
                    format!("There is no character with the number {digits}.")
                };
                self.error(&code::INVALID_ESCAPE, &detail, subject, None);
            }
        }
        rest
    }
}

/// What a text of a heredoc or bare template says.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains("$${") && !text.contains("%%{") {
        return Cow::Borrowed(text);
    }
    let mut res = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['$', '%']) {
        res.push_str(&rest[..at]);
        rest = sign(&rest[at..], &mut res);
    }
    res.push_str(rest);
    Cow::Owned(res)
}

/// Resolves `$${` and `%%{`; `text` begins with one of the signs.
fn sign<'a>(text: &'a str, res: &mut String) -> &'a str {
    if let Some(rest) = text.strip_prefix("$${") {
        res.push_str("${");
        rest
    } else if let Some(rest) = text.strip_prefix("%%{") {
        res.push_str("%{");
        rest
    } else {
        let (sign, rest) = text.split_at(1);
        res.push_str(sign);
        rest
    }
}

/// Neighbouring literals become one.
fn push_literal(parts: &mut Vec<Part>, text: Text, span: Span) {
    if let Some(Part::Literal(before, before_span)) = parts.last_mut() {
        before.push_str(&text);
        *before_span = before_span.to(span);
    } else {
        parts.push(Part::Literal(text, span));
    }
}

fn invalid_part(span: Span) -> Part {
    Part::Interpolation(Box::new(Interpolation {
        expr: invalid(span),
        span,
    }))
}

fn closed(open: Open, end: Span) -> Part {
    let span = open.span.to(end);
    match *open.directive {
        Directive::If {
            condition,
            then: Some(then),
        } => Part::If(Box::new(IfDirective {
            condition,
            then,
            otherwise: open.parts,
            span,
        })),
        Directive::If {
            condition,
            then: None,
        } => Part::If(Box::new(IfDirective {
            condition,
            then: open.parts,
            otherwise: Vec::new(),
            span,
        })),
        Directive::For {
            key,
            value,
            collection,
        } => Part::For(Box::new(ForDirective {
            key,
            value,
            collection,
            body: open.parts,
            span,
        })),
    }
}

/// `<<-`: removes as much white space from the start of each line as the least indented one has.
///
/// As the reference does it: lines of only white space do not count and stay as they are, a sequence at the start of a
/// line counts as no indentation, and a line whose line break was eaten by a strip marker hides the start of the next.
fn remove_indentation(flat: &mut [Flat]) {
    let mut least = usize::MAX;
    let mut indented = Vec::new();
    let mut fresh = true;
    for (at, piece) in flat.iter().enumerate() {
        let Flat::Literal(text, _) = piece else {
            if fresh {
                least = 0;
                fresh = false;
            }
            continue;
        };
        let ends = text.ends_with('\n');
        if fresh {
            let trimmed = text.trim_start();
            if !(trimmed.is_empty() && ends) {
                let indent = text[..text.len() - trimmed.len()].chars().count();
                least = least.min(indent);
                indented.push(at);
            }
        }
        fresh = ends;
    }
    for at in indented {
        if let Some(Flat::Literal(text, span)) = flat.get_mut(at) {
            let cut = text
                .char_indices()
                .nth(least)
                .map_or(text.len(), |(at, _)| at);
            *text = Text::new(&text[cut..]);
            span.start += cut as u32;
        }
    }
}
