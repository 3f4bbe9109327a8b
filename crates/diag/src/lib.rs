//! Spans, source texts, and the [`Diagnostic`] that every other crate reports with.
//!
//! Reading order: [`source`] (which text, which bytes), [`code`] (the kinds of mistakes), [`diagnostic`]
//! (one message), [`list`] (many of them), [`suggest`] ("did you mean").
//! Nothing here prints: rendering is `view`'s.

pub mod code;
pub mod diagnostic;
pub mod list;
pub mod source;
pub mod suggest;

pub use code::Code;
pub use diagnostic::{CallNote, Diagnostic, Fact, Label, Severity};
pub use list::Diagnostics;
pub use source::{Position, SourceId, SourceMap, Span};
