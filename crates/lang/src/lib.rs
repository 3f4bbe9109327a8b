//! What expressions mean: references, scopes, evaluation, the function library.
//!
//! Reading order: [`scope`] (the one question asked of the world), [`refs`] (what an expression refers to), [`eval`]
//! (expression to value), [`decode`] (body and schema to value), [`repeat`] (`count` and
//! `for_each`), [`types`] (type expressions), [`functions`].

pub mod decode;
pub mod eval;
pub mod functions;
pub mod refs;
pub mod repeat;
pub mod scope;
pub mod types;

pub use eval::eval;
pub use scope::Scope;
