//! What will be done: changes, operation graph, events, saved-plan format. All data.
//!
//! Reading order: [`plan`](mod@plan), [`change`], [`graph`], [`event`].

pub mod change;
pub mod diff;
pub mod event;
pub mod file;
pub mod graph;
pub mod plan;

pub use change::{Action, ActionReason, Change, Drift, Importing, OutputChange, ResourceChange};
pub use event::{Event, Observer};
pub use graph::{Graph, Op, OpKind};
pub use plan::{Mode, Plan, RelevantAttribute, VariableValue};
pub use provider::FollowUp;
