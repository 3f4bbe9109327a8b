//! The provider against the simulator, in one process and over loopback.
#![allow(missing_docs, reason = "tests are not an interface")]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by a panic, and compares files"
)]

mod it;
