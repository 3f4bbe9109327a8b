//! Tests of the simulator as its users see it.
#![allow(
    clippy::disallowed_methods,
    reason = "reads recordings and temporary directories"
)]

mod basics;
mod support;
mod terraform;
