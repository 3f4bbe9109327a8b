//! The kinds of mistakes. Each crate declares its own table of codes as constants and a slice `CODES` of all of
//! them; the reference page and the tests are made from those slices.

/// A kind of mistake: a stable kebab-case id, the title printed after `Error:`, and a paragraph for the reference.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Kebab-case words, stable over releases: `undeclared-variable`.
    pub id: &'static str,
    /// The summary of diagnostics of this code. Terraform's title where it has the same error.
    pub title: &'static str,
    /// What the mistake is and what to do about it, in our own words; for `docs/reference/diagnostics.md`.
    pub doc: &'static str,
}

impl Code {
    /// A row of a table of codes.
    pub const fn new(id: &'static str, title: &'static str, doc: &'static str) -> Self {
        Self { id, title, doc }
    }
}
