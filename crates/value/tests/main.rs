//! What the crate promises, checked against what the reference printed, and by properties.

mod console;
mod conversion;
mod json;
mod numbers;
mod ops;
mod props;
mod sets;
mod show;
mod text;
mod walk;
