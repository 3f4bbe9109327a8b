//! Tests of the crate as a whole: the recorded expressions, as a console would evaluate them.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests may read files and fail"
)]

mod console;
mod decoding;
mod limits;
