//! What we remember of the world, its file format and its upgrades.
//!
//! Reading order: [`state`] (what is remembered), [`object`], [`edit`] (moves, removals), [`compare`], [`store`] (the trait for where
//! it is kept), [`file`](mod@file) (the format of version 4 and the upgrades from older ones).

pub mod compare;
pub mod edit;
pub mod file;
pub mod journal;
pub mod object;
pub mod state;
pub mod store;

pub use object::{Object, Status};
pub use state::{CheckObject, CheckResult, CheckStatus, Instance, OutputValue, Resource, State};
pub use store::{LockInfo, Snapshot, StateStore, StoreError};
