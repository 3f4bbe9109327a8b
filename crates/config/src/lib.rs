//! What the user declared: a tree of modules whose expressions are not evaluated yet.
//!
//! Reading order: [`config`](mod@config) (the types), [`files`] (where texts come from), [`load`] (directory to tree).
//! Nothing here evaluates; constant things (types, lifecycle flags, labels, source addresses) are decoded.

pub mod config;
pub mod files;
pub mod load;

pub use config::*;
pub use files::{FileError, Files, MapFiles};
pub use load::{Loaded, load};
