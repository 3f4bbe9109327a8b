//! The parser against recorded answers of the reference.
#![allow(clippy::disallowed_methods, reason = "tests read testdata")]

mod conformance;
mod depth;
mod fmt;
mod properties;
mod recovery;
mod second_opinion;
