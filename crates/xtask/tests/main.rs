//! What is checked of the repository itself.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests look at the files of the repository"
)]

mod diagnostics;
mod layers;
mod tidy;
