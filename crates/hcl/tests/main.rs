//! The parser against recorded answers of the reference.
#![allow(clippy::disallowed_methods, reason = "tests read testdata")]
#![allow(
    clippy::unwrap_used,
    clippy::format_collect,
    reason = "a test fails by panicking, and builds small texts"
)]

mod conformance;
mod depth;
mod diagnostics;
mod fmt;
mod properties;
mod recovery;
mod second_opinion;
