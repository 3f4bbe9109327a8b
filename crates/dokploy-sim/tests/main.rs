//! Tests of the simulator as its users see it.
#![allow(
    clippy::disallowed_methods,
    reason = "reads recordings and temporary directories"
)]

mod basics;
mod faults;
mod recordings;
mod replay;
mod support;
mod terraform;
mod versions;
