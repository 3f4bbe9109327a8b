//! What the crate promises, checked against what the reference printed, and by properties.

mod console;
mod conversion;
mod numbers;
mod sets;
mod text;
