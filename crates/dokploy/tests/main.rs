//! The provider against the simulator, in one process and over loopback.
#![allow(missing_docs, reason = "tests are not an interface")]

mod it;
