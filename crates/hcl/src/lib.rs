//! HCL text to syntax tree and back, never failing, keeping every span.
//!
//! Reading order: [`ast`] (the tree), [`lex`], `parse`, [`json`], `format`.

pub mod ast;
pub mod code;
mod format;
pub mod json;
pub mod lex;
mod parse;
mod unicode;
pub mod visit;
pub mod write;

pub use ast::*;

use diag::{Diagnostics, SourceId, Span};

/// Parses a file in native syntax. Broken parts become [`ExprKind::Invalid`] or are left out, and are reported once.
pub fn parse(source: SourceId, text: &str, diags: &mut Diagnostics) -> File {
    parse::file(source, text, diags)
}

/// The mistakes of a file beyond those that [`parse`] reported.
///
/// Like the reference, [`parse`] keeps quiet about mistakes that may follow from an earlier one, which hides independent
/// ones further down. This parses once more, beginning anew with each statement, and gives what is new. `known` is what
/// [`parse`] reported; without an error in it there is nothing to find.
pub fn further_errors(source: SourceId, text: &str, known: &Diagnostics) -> Diagnostics {
    if !known.has_errors() {
        return Diagnostics::new();
    }
    parse::further_errors(source, text, known)
}

/// Parses one expression that is the whole text (`-var`, the console, a JSON expression).
///
/// `base` is added to every span: the text may be a part of the source that begins there.
pub fn parse_expr(source: SourceId, text: &str, base: u32, diags: &mut Diagnostics) -> Expr {
    parse::expression(source, text, base, diags)
}

/// Parses a text as a bare template (a template file, `templatestring`, a JSON string).
pub fn parse_template(source: SourceId, text: &str, base: u32, diags: &mut Diagnostics) -> Expr {
    parse::template(source, text, base, diags)
}

/// Parses an absolute traversal with literal keys (an address, a `-target`), the whole text.
pub fn parse_traversal(source: SourceId, text: &str, diags: &mut Diagnostics) -> Option<Traversal> {
    parse::traversal(source, text, diags)
}

/// The canonical layout of a text in native syntax, as `terraform fmt` gives it; works on tokens and changes none.
/// `None` where the text does not parse (reported).
pub fn format(source: SourceId, text: &str, diags: &mut Diagnostics) -> Option<String> {
    format::format(source, text, diags)
}

/// Where a file is not UTF-8: the place, in its text with U+FFFD for what cannot be read
/// ([`String::from_utf8_lossy`]), of the first such character outside of comments. Inside comments, it does no harm.
pub fn encoding_error(source: SourceId, bytes: &[u8]) -> Option<Span> {
    let mut wrong = Vec::new();
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        at += chunk.valid().len();
        if !chunk.invalid().is_empty() {
            wrong.push(at as u32);
            at += char::REPLACEMENT_CHARACTER.len_utf8();
        }
    }
    if wrong.is_empty() {
        return None;
    }
    let text = String::from_utf8_lossy(bytes);
    let mut lexer = lex::Lexer::new(&text);
    let mut wrong = wrong.into_iter().peekable();
    loop {
        let token = lexer.next_with_comments();
        let first = *wrong.peek()?;
        if token.kind == lex::Kind::Eof || first < token.end && token.kind != lex::Kind::Comment {
            return Some(Span::new(source, first, first + 3));
        }
        while wrong.next_if(|it| *it < token.end).is_some() {}
    }
}

/// Whether a word is an identifier.
pub fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(unicode::is_start) && chars.all(unicode::is_continue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_matter_outside_of_comments() {
        let place = |bytes| encoding_error(SourceId(0), bytes).map(|it| it.start);
        assert_eq!(place(b"# \xff\na = 1\n"), None);
        assert_eq!(place(b"/* \xff */ a = 1 // \xfe"), None);
        assert_eq!(place(b"a = \"\xff\"\n"), Some(5));
        assert_eq!(place(b"# \xff\na = \xff\n"), Some(10));
        assert_eq!(place("# é\na = \"日\"\n".as_bytes()), None);
    }

    #[test]
    fn words() {
        for word in ["a", "_a", "a-b", "é1", "a1"] {
            assert!(is_identifier(word), "{word}");
        }
        for word in ["", "-a", "1a", "a b", "a.b", "a\u{200d}b"] {
            assert!(!is_identifier(word), "{word}");
        }
    }

    #[test]
    fn codes_have_one_id_each() {
        let mut ids: Vec<_> = code::CODES.iter().map(|it| it.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), code::CODES.len());
    }
}
