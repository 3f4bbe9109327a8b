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

use diag::{Diagnostics, SourceId};

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

/// Whether a word is an identifier.
pub fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(unicode::is_start) && chars.all(unicode::is_continue)
}
