//! The type system: typed values that can be unknown, null or marked; conversion; what a function is.
//!
//! Reading order: [`ty`], [`value`] (what a value is), [`mark`], [`unknown`], [`number`], then what can be done with
//! values: [`ops`], [`mod@convert`], [`mod@unify`], [`path`], [`walk`], [`json`], [`show`], and [`function`].
//!
//! The rule of this crate: nobody sees what is inside a value without taking its marks in hand ([`Value::split`]).

pub mod convert;
pub mod function;
pub mod json;
pub mod mark;
pub mod number;
pub mod ops;
pub mod path;
pub mod show;
pub mod ty;
pub mod unify;
pub mod unknown;
pub mod value;
pub mod walk;

pub use convert::{ConvertError, convert};
pub use mark::{Mark, Marks};
pub use number::Number;
pub use path::{Path, Step};
pub use ty::{ObjectType, Type};
pub use unify::unify;
pub use unknown::Unknown;
pub use value::{Plain, Value};
