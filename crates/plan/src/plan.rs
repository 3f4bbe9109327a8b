//! A plan: everything that an apply needs, and everything that people and tools look at.

use std::collections::BTreeMap;
use std::sync::Arc;

use state::State;
use value::{Path, Value};

use crate::{Drift, Graph, OutputChange, ResourceChange};

/// What kind of plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Make the world as configured.
    Normal,
    /// Destroy everything.
    Destroy,
    /// Only remember what the world is.
    RefreshOnly,
}

/// A variable's value as the plan used it.
#[derive(Debug, Clone, PartialEq)]
pub struct VariableValue {
    /// The value given (before conversion); `None` where the default is used.
    pub given: Option<Value>,
    /// The final value, marks included.
    pub value: Value,
}

/// An attribute of a resource that the configuration uses.
#[derive(Debug, Clone, PartialEq)]
pub struct RelevantAttribute {
    /// The resource instance or resource (as text).
    pub resource: String,
    /// The attribute.
    pub path: Path,
}

/// A plan.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What kind.
    pub mode: Mode,
    /// Every change, no-ops included, in the order of addresses.
    pub changes: Vec<ResourceChange>,
    /// Changes of root outputs, in the order of names; no-ops included.
    pub outputs: Vec<OutputChange>,
    /// What changed outside.
    pub drift: Vec<Drift>,
    /// Attributes whose values the plan depends on.
    pub relevant: Vec<RelevantAttribute>,
    /// Operations and their order.
    pub graph: Graph,
    /// The state that the plan was made from, as stored.
    pub prior: Arc<State>,
    /// The state after refresh and moves: what an apply starts from.
    pub refreshed: Arc<State>,
    /// Values of root variables.
    pub variables: BTreeMap<String, VariableValue>,
    /// Results of checks.
    pub checks: Vec<state::CheckResult>,
    /// What `-target` selected.
    pub targets: Vec<addr::Target>,
    /// What `-replace` named.
    pub force_replace: Vec<addr::Instance>,
    /// RFC 3339, UTC.
    pub created: String,
    /// An apply of it would do something: a change, an output change, or (refresh-only) drift.
    pub applicable: bool,
    /// An apply of it makes everything as configured (no `-target`, nothing deferred).
    pub complete: bool,
    /// It could not be made to the end: errors were reported.
    pub errored: bool,
}
