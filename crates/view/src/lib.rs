//! Plans, states, diagnostics, events as text or JSON; pure functions.
//!
//! Reading order: [`style`], [`plan`], [`diff`], [`mod@state`], [`diagnostic`], [`json`].
//! Nothing here asks the engine anything, and nothing prints: callers get texts.

pub mod diagnostic;
pub mod diff;
pub mod graph;
pub mod json;
pub mod outputs;
pub mod plan;
pub mod state;
pub mod style;

pub use style::Style;
