//! What the user declared: a tree of modules whose expressions are not evaluated yet.
//!
//! Reading order: [`config`](mod@config) (the types), [`files`] (where texts come from), [`load`] (directory to tree),
//! `module` (one directory), `spec` (what a block may hold), then a file for each block. [`values`] reads `.tfvars`.
//! Nothing here evaluates; constant things (types, lifecycle flags, labels, source addresses) are decoded.

pub mod config;
pub mod files;
pub mod load;
mod tree;
mod module;
mod merge;
mod spec;
mod reader;
mod constant;
mod fixed;
mod visit;
mod terraform;
mod provider;
mod variable;
mod resource;
mod call;
mod moved;
mod check;
pub mod code;
pub mod values;
pub mod version;

pub use config::*;
pub use files::{FileError, Files, MapFiles};
pub use load::{Loaded, load};
