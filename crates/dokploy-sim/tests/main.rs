//! Tests of the simulator as its users see it.
#![allow(
    clippy::disallowed_methods,
    reason = "reads recordings and temporary directories"
)]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod anything;
mod basics;
mod faults;
mod recordings;
mod replay;
mod round_trip;
mod support;
mod terraform;
mod versions;
