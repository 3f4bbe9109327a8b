//! Tests of the crate as a whole: the recorded expressions, as a console would evaluate them.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "tests may read files, print and fail"
)]

mod console;
mod decoding;
mod kinds;
mod limits;
mod messages;
