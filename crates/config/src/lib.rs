//! What the user declared: a tree of modules whose expressions are not evaluated yet.
//!
//! Reading order: [`config`](mod@config) (the types), [`files`] (where texts come from), [`load`] (directory to tree),
//! `module` (one directory), `spec` (what a block may hold), then a file for each block. [`values`] reads `.tfvars`.
//! Nothing here evaluates; constant things (types, lifecycle flags, labels, source addresses) are decoded.

mod call;
mod check;
pub mod code;
pub mod config;
mod constant;
pub mod encryption;
pub mod files;
mod fixed;
pub mod load;
mod merge;
mod module;
mod moved;
mod provider;
mod reader;
mod resource;
mod spec;
mod terraform;
pub mod test;
mod tree;
pub mod values;
mod variable;
pub mod version;
mod visit;

pub use config::*;
pub use encryption::{Encryption, EncryptionPart, EncryptionTarget};
pub use files::{FileError, Files, MapFiles};
pub use load::{Loaded, load};
