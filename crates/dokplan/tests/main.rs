//! Tests of the binary: recorded cases, recorded sessions against the simulator, and what only a process can show.
#![allow(
    clippy::disallowed_methods,
    reason = "tests of a process start processes, and read and write files"
)]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "figures and differences of recorded cases"
)]
#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic as the tests do"
)]

mod adopting;
mod blocks;
mod canary;
mod ci;
mod command_line;
mod conformance;
mod crashes;
mod deployments;
mod discover;
mod faults;
mod hostile;
mod lifecycles;
mod locks;
mod machine;
mod moving;
mod normal;
mod process;
mod properties;
mod provider_bugs;
mod reference;
mod replay;
mod secrets;
mod stakes;
mod support;
mod terminal;
mod testing;
mod torture;
mod write_only;
