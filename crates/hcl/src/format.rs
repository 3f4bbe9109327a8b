//! `fmt`: the canonical layout, byte for byte that of the reference.
//!
//! Works on tokens: each gets a number of spaces before it, and nothing else of the text changes. The exceptions come
//! first: legacy spellings that have a modern one (`"${a}"` alone as a value, quoted types of variables, bare labels)
//! are replaced in the list of tokens. Then, line by line: indentation by counting brackets, spaces between tokens by
//! their kinds, and alignment of equals signs and of trailing comments over neighbouring lines.

use std::borrow::Cow;
use std::ops::Range;

use diag::{Diagnostics, SourceId};
use unicode_segmentation::UnicodeSegmentation;

use crate::lex::{Kind, Lexer};
use crate::write::quoted;
use crate::{Attribute, Body};

#[derive(Debug, Clone)]
struct Token<'t> {
    kind: Kind,
    text: Cow<'t, str>,
    /// Where it stands in the source; for tokens put in, where what they replace stood.
    start: u32,
    spaces: usize,
}

impl Token<'_> {
    fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Ident && self.text == word
    }

    /// A comment to the end of its line contains the line break.
    fn ends_line(&self) -> bool {
        self.kind == Kind::Newline || self.kind == Kind::Comment && self.text.ends_with('\n')
    }

    fn columns(&self) -> usize {
        let width = if self.text.is_ascii() && !self.text.contains('\r') {
            self.text.len()
        } else {
            self.text.graphemes(true).count()
        };
        self.spaces + width
    }

    /// How many brackets it opens, less those that it closes.
    fn nesting(&self) -> i64 {
        match self.kind {
            Kind::OpenBrace
            | Kind::OpenBracket
            | Kind::OpenParen
            | Kind::OpenInterpolation
            | Kind::OpenDirective => 1,
            Kind::CloseBrace | Kind::CloseBracket | Kind::CloseParen | Kind::CloseSequence => -1,
            _ => 0,
        }
    }
}

pub(crate) fn format(source: SourceId, text: &str, diags: &mut Diagnostics) -> Option<String> {
    let mut own = Diagnostics::new();
    let file = crate::parse(source, text, &mut own);
    let failed = own.has_errors();
    diags.append(own);
    if failed {
        return None;
    }
    let mut tokens = modernised(tokens(text), &file.body);
    let lines = lines(&tokens);
    indent(&mut tokens, &lines);
    space(&mut tokens, &lines);
    align(&mut tokens, &lines);
    let mut res = String::with_capacity(text.len() + text.len() / 8);
    for token in &tokens {
        res.extend(std::iter::repeat_n(' ', token.spaces));
        res.push_str(&token.text);
    }
    Some(res)
}

/// All tokens with comments, and the end last.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut lexer = Lexer::new(text);
    let mut res = Vec::new();
    let mut end = 0;
    loop {
        let token = lexer.next_with_comments();
        let is_last = token.kind == Kind::Eof;
        res.push(Token {
            kind: token.kind,
            text: Cow::Borrowed(
                text.get(token.start as usize..token.end as usize)
                    .unwrap_or(""),
            ),
            start: token.start,
            // What stands before the end on its line stays, as spaces; the rest is set below.
            spaces: if is_last {
                (token.start - end) as usize
            } else {
                0
            },
        });
        if is_last {
            return res;
        }
        end = token.end;
    }
}

// ---- legacy spellings ----

/// Tokens to be put in the place of others.
struct Edit<'t> {
    range: Range<usize>,
    with: Vec<Token<'t>>,
}

fn modernised<'t>(tokens: Vec<Token<'t>>, body: &Body) -> Vec<Token<'t>> {
    let mut edits = Vec::new();
    edit_body(&tokens, body, &[], &mut edits);
    if edits.is_empty() {
        return tokens;
    }
    edits.sort_by_key(|it| it.range.start);
    let mut res = Vec::with_capacity(tokens.len());
    let mut edits = edits.into_iter().peekable();
    let mut skip_to = 0;
    for (at, token) in tokens.into_iter().enumerate() {
        if let Some(edit) = edits.next_if(|it| it.range.start == at) {
            skip_to = edit.range.end;
            res.extend(edit.with);
        }
        if at >= skip_to {
            res.push(token);
        }
    }
    res
}

fn edit_body<'t>(tokens: &[Token<'t>], body: &Body, within: &[&str], edits: &mut Vec<Edit<'t>>) {
    for attribute in &body.attributes {
        let range = range_of(tokens, attribute);
        let is_type = within == ["variable"] && attribute.name.name == "type";
        let here = tokens.get(range.clone()).unwrap_or(&[]);
        let with = if is_type {
            modern_type(here)
        } else {
            unwrapped(here)
        };
        if let Some(with) = with {
            edits.push(Edit { range, with });
        }
    }
    for block in &body.blocks {
        if let (Some(first), Some(last)) = (block.labels.first(), block.labels.last()) {
            // Comments between the type and the labels are dropped, as the reference does.
            let start =
                index_of(tokens, block.kind.span.end).min(index_of(tokens, first.span.start));
            let range = start..index_of(tokens, last.span.end);
            let mut with = Vec::new();
            for label in &block.labels {
                with.push(put(Kind::OpenQuote, "\"", label.span.start));
                if !label.name.is_empty() {
                    let text = quoted(&label.name);
                    with.push(put(Kind::QuotedText, text, label.span.start));
                }
                with.push(put(Kind::CloseQuote, "\"", label.span.start));
            }
            // Comments that follow the last label directly are not part of the range.
            let range = range.start..end_of_labels(tokens, range);
            edits.push(Edit { range, with });
        }
        let mut within = within.to_vec();
        within.push(&block.kind.name);
        edit_body(tokens, &block.body, &within, edits);
    }
}

/// The range without comments at its end.
fn end_of_labels(tokens: &[Token<'_>], range: Range<usize>) -> usize {
    let mut end = range.end;
    while end > range.start + 1
        && tokens
            .get(end - 1)
            .is_some_and(|it| it.kind == Kind::Comment)
    {
        end -= 1;
    }
    end
}

fn put<'t>(kind: Kind, text: impl Into<Cow<'t, str>>, start: u32) -> Token<'t> {
    Token {
        kind,
        text: text.into(),
        start,
        spaces: 0,
    }
}

/// The first token at or after a byte.
fn index_of(tokens: &[Token<'_>], byte: u32) -> usize {
    tokens.partition_point(|it| it.start < byte)
}

fn range_of(tokens: &[Token<'_>], attribute: &Attribute) -> Range<usize> {
    let span = attribute.expr.span;
    let start = index_of(tokens, span.start);
    start..index_of(tokens, span.end).max(start)
}

/// `"${a}"` as a whole value is `a`.
fn unwrapped<'t>(tokens: &[Token<'t>]) -> Option<Vec<Token<'t>>> {
    let [open, begin, inside @ .., end, close] = tokens else {
        return None;
    };
    if inside.is_empty()
        || open.kind != Kind::OpenQuote
        || begin.kind != Kind::OpenInterpolation
        || end.kind != Kind::CloseSequence
        || close.kind != Kind::CloseQuote
    {
        return None;
    }
    let mut quotes = 0_i64;
    for token in inside {
        match token.kind {
            Kind::OpenQuote => quotes += 1,
            Kind::CloseQuote => quotes -= 1,
            // Another sequence or a text beside this one: the string is more than one value.
            Kind::OpenInterpolation | Kind::CloseSequence | Kind::QuotedText if quotes <= 0 => {
                return None;
            }
            _ => {}
        }
    }
    let is_newline = |it: &Token<'_>| it.kind == Kind::Newline;
    let start = inside.iter().position(|it| !is_newline(it))?;
    let end = inside.iter().rposition(|it| !is_newline(it))? + 1;
    let trimmed = inside.get(start..end)?;
    let mut res = trimmed.to_vec();
    let in_parens = trimmed.first().is_some_and(|it| it.kind == Kind::OpenParen)
        && trimmed.last().is_some_and(|it| it.kind == Kind::CloseParen);
    if trimmed.iter().any(is_newline) && !in_parens {
        res.insert(0, put(Kind::OpenParen, "(", open.start));
        res.push(put(Kind::CloseParen, ")", open.start));
    }
    Some(res)
}

/// The types of variables as they were spelled before type expressions.
fn modern_type<'t>(tokens: &[Token<'t>]) -> Option<Vec<Token<'t>>> {
    let (name, element) = match tokens {
        [word] if word.kind == Kind::Ident => match &*word.text {
            "list" => ("list", Some("any")),
            "map" => ("map", Some("any")),
            "set" => ("set", Some("any")),
            _ => return None,
        },
        [open, text, close]
            if open.kind == Kind::OpenQuote
                && text.kind == Kind::QuotedText
                && close.kind == Kind::CloseQuote =>
        {
            match &*text.text {
                "string" => ("string", None),
                "list" => ("list", Some("string")),
                "map" => ("map", Some("string")),
                _ => return None,
            }
        }
        _ => return None,
    };
    let start = tokens.first().map_or(0, |it| it.start);
    let mut res = vec![put(Kind::Ident, name, start)];
    if let Some(element) = element {
        res.push(put(Kind::OpenParen, "(", start));
        res.push(put(Kind::Ident, element, start));
        res.push(put(Kind::CloseParen, ")", start));
    }
    Some(res)
}

// ---- lines ----

/// The tokens of a line in its cells. A heredoc belongs to the line on which it begins.
#[derive(Debug)]
struct Line {
    /// What is indented.
    lead: Range<usize>,
    /// The equals sign and the value, if the value ends on the line.
    assign: Option<Range<usize>>,
    /// The comment at the end, if there is something before it.
    comment: Option<usize>,
}

fn lines(tokens: &[Token<'_>]) -> Vec<Line> {
    let mut res = Vec::new();
    let mut start = 0;
    for (at, token) in tokens.iter().enumerate() {
        let end = if token.kind == Kind::Eof {
            at
        } else if token.ends_line() {
            at + 1
        } else {
            continue;
        };
        res.push(line(tokens, start..end));
        start = end;
    }
    res
}

fn line(tokens: &[Token<'_>], mut lead: Range<usize>) -> Line {
    let mut comment = None;
    if lead.len() > 1 && tokens[lead.end - 1].kind == Kind::Comment {
        comment = Some(lead.end - 1);
        lead.end -= 1;
    }
    let equals = lead
        .clone()
        .skip(1)
        .find(|at| tokens[*at].kind == Kind::Assign);
    let mut assign = None;
    if let Some(equals) = equals {
        let nesting: i64 = tokens[equals..lead.end].iter().map(Token::nesting).sum();
        if nesting == 0 {
            assign = Some(equals..lead.end);
            lead.end = equals;
        }
    }
    Line {
        lead,
        assign,
        comment,
    }
}

/// Sets the spaces at the start of each line: two for each earlier line that opened more brackets than it closed,
/// until as many are closed.
fn indent(tokens: &mut [Token<'_>], lines: &[Line]) {
    let mut levels: Vec<i64> = Vec::new();
    for line in lines {
        let Some(first) = tokens
            .get(line.lead.start)
            .filter(|_| !line.lead.is_empty())
        else {
            continue;
        };
        if first.kind == Kind::Newline {
            continue;
        }
        let mut nesting = 0;
        // What is in the cell of the value closes all that it opens.
        for token in &tokens[line.lead.clone()] {
            nesting += token.nesting();
            if token.kind == Kind::OpenHeredoc {
                break;
            }
        }
        let mut spaces = 2 * levels.len();
        if nesting > 0 {
            levels.push(nesting);
        } else if nesting < 0 {
            let mut closed = -nesting;
            while closed > 0
                && let Some(level) = levels.last_mut()
            {
                if closed < *level {
                    *level -= closed;
                    break;
                }
                closed -= *level;
                levels.pop();
            }
            spaces = 2 * levels.len();
        }
        tokens[line.lead.start].spaces = spaces;
    }
}

fn space(tokens: &mut [Token<'_>], lines: &[Line]) {
    for line in lines {
        space_cell(tokens, line.lead.clone());
        if let Some(assign) = &line.assign {
            tokens[assign.start].spaces = 1;
            space_cell(tokens, assign.clone());
        }
    }
}

fn space_cell(tokens: &mut [Token<'_>], cell: Range<usize>) {
    for at in cell.start + 1..cell.end {
        let before = if at >= cell.start + 2 {
            tokens.get(at - 2)
        } else {
            None
        };
        let spaced = is_spaced(before, &tokens[at - 1], &tokens[at])
            || would_join(before, &tokens[at - 1..cell.end]);
        tokens[at].spaces = usize::from(spaced);
    }
}

/// Whether a space stands between `token` and `after`; `before` stands before `token` in the same cell.
fn is_spaced(before: Option<&Token<'_>>, token: &Token<'_>, after: &Token<'_>) -> bool {
    let within_text = matches!(
        token.kind,
        Kind::QuotedText | Kind::Text | Kind::OpenQuote | Kind::OpenHeredoc
    ) || matches!(
        after.kind,
        Kind::QuotedText | Kind::Text | Kind::CloseQuote | Kind::CloseHeredoc
    );
    match (token.kind, after.kind) {
        (_, Kind::Newline)
        | (Kind::Ident, Kind::OpenParen | Kind::DoubleColon)
        | (Kind::DoubleColon, Kind::Ident)
        | (Kind::Dot, _)
        | (_, Kind::Dot | Kind::Comma | Kind::Ellipsis) => false,
        (Kind::Comma, _) => true,
        _ if within_text => false,
        // `for x in [a]`, which is not the index `in[a]`.
        (Kind::Ident, _)
            if token.is_word("in") && before.is_some_and(|it| it.kind == Kind::Ident) =>
        {
            true
        }
        (Kind::Ident | Kind::Number, Kind::OpenBracket) => false,
        (_, Kind::OpenBracket) if token.nesting() < 0 => false,
        (Kind::Bang, _) => false,
        (Kind::Minus, _) => before.is_some_and(|it| is_operand_end(it.kind)),
        (Kind::OpenBrace, Kind::CloseBrace) => false,
        (Kind::OpenBrace, _) | (_, Kind::CloseBrace) => true,
        (Kind::OpenInterpolation | Kind::OpenDirective, Kind::OpenBrace)
        | (Kind::CloseBrace, Kind::CloseSequence) => true,
        (Kind::CloseSequence, Kind::OpenInterpolation | Kind::OpenDirective) => false,
        _ => token.nesting() <= 0 && after.nesting() >= 0,
    }
}

/// Whether a number and the index behind it would be one token without a space: `1 .5` is no `1.5`. The reference joins
/// them, and so changes what is said.
fn would_join(before: Option<&Token<'_>>, tokens: &[Token<'_>]) -> bool {
    let kind = |at: usize| tokens.get(at).map(|it: &Token<'_>| it.kind);
    let is_number = |at: usize| kind(at) == Some(Kind::Number);
    let is_index = before.is_some_and(|it| it.kind == Kind::Dot);
    !is_index && is_number(0) && kind(1) == Some(Kind::Dot) && is_number(2)
}

/// Whether a minus after this token subtracts; otherwise it negates.
fn is_operand_end(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::OpenParen
            | Kind::OpenBrace
            | Kind::OpenBracket
            | Kind::Assign
            | Kind::Colon
            | Kind::Comma
            | Kind::Question
            | Kind::Plus
            | Kind::Star
            | Kind::Slash
            | Kind::Percent
            | Kind::Minus
            | Kind::Equal
            | Kind::NotEqual
            | Kind::Greater
            | Kind::GreaterOrEqual
            | Kind::Less
            | Kind::LessOrEqual
            | Kind::And
            | Kind::Or
            | Kind::Bang
    )
}

/// Aligns the equals signs of neighbouring lines, and then their comments.
fn align(tokens: &mut [Token<'_>], lines: &[Line]) {
    align_cells(tokens, lines, |line| {
        Some((line.lead.clone(), line.assign.as_ref()?.start))
    });
    align_cells(tokens, lines, |line| {
        let end = line.assign.as_ref().map_or(line.lead.end, |it| it.end);
        Some((line.lead.start..end, line.comment?))
    });
}

/// For each run of lines that have the cell: pads it so that it begins one column after the longest of what stands
/// before it. `cell` gives what stands before the cell, and its first token.
fn align_cells(
    tokens: &mut [Token<'_>],
    lines: &[Line],
    cell: impl Fn(&Line) -> Option<(Range<usize>, usize)>,
) {
    let mut run: Vec<(usize, usize)> = Vec::new();
    let close = |run: &mut Vec<(usize, usize)>, tokens: &mut [Token<'_>]| {
        let longest = run.iter().map(|it| it.0).max().unwrap_or(0);
        for (columns, first) in run.drain(..) {
            tokens[first].spaces = longest - columns + 1;
        }
    };
    for line in lines {
        match cell(line) {
            Some((before, first)) => {
                let columns = tokens[before].iter().map(Token::columns).sum();
                run.push((columns, first));
            }
            None => close(&mut run, tokens),
        }
    }
    close(&mut run, tokens);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = format(SourceId(0), text, &mut Diagnostics::new());
        assert_eq!(found.as_deref(), Some(expected));
    }

    #[test]
    fn lone_interpolations_are_unwrapped() {
        check("a = \"${b}\"\n", "a = b\n");
        check("a = \"${b}${c}\"\n", "a = \"${b}${c}\"\n");
        check("a = \"${f(\"${b}\")}\"\n", "a = f(\"${b}\")\n");
        check("a = [\"${b}\"]\n", "a = [\"${b}\"]\n");
        check("a = \"${\n  b\n}\"\n", "a = b\n");
        check("a = \"${b ?\nc : d}\"\n", "a = (b ?\nc : d)\n");
    }

    #[test]
    fn types_of_variables_are_modernised() {
        check(
            "variable \"a\" {\ntype = \"map\"\n}\n",
            "variable \"a\" {\n  type = map(string)\n}\n",
        );
        check(
            "variable \"a\" { type = list }\n",
            "variable \"a\" { type = list(any) }\n",
        );
        check(
            "output \"a\" { type = list }\n",
            "output \"a\" { type = list }\n",
        );
    }

    #[test]
    fn no_token_is_made_of_two() {
        check("a=1   .5\n", "a = 1 .5\n");
        check("a=1.5 .1\n", "a = 1.5 .1\n");
        check("a=1 .b\n", "a = 1.b\n");
        check("a=b .0 .1\n", "a = b.0.1\n");
    }

    #[test]
    fn labels_are_quoted() {
        check(
            "a b /* c */ \"d\" /* e */ {\n}\n",
            "a \"b\" \"d\" /* e */ {\n}\n",
        );
    }

    #[test]
    fn the_end_stays_as_it_is() {
        check("a=1", "a = 1");
        check("a=1\n\n  ", "a = 1\n\n  ");
        check("", "");
        check("# ", "# ");
    }
}
