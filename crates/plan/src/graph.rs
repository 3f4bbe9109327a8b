//! The operation graph: who waits for whom. Data only.

use addr::{DeposedKey, Instance};

/// What an operation does. Its values are in the [`crate::ResourceChange`] that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OpKind {
    /// Create the object.
    Create,
    /// Change it in place.
    Update,
    /// Delete the current object.
    Delete,
    /// Set the current object aside under a deposed key, before its successor is created.
    Depose(DeposedKey),
    /// Delete a deposed object.
    DeleteDeposed(DeposedKey),
    /// Read a data source.
    Read,
    /// Forget the object.
    Forget,
    /// Do with the object what comes after all else: [`crate::ResourceChange::follow_up`].
    FollowUp,
    /// Nothing: it is finished when everything before it is. Stands between two large groups so that not each of one
    /// has an edge to each of the other; its address is only a name.
    Join,
}

/// One operation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Op {
    /// On which instance.
    pub addr: Instance,
    /// What.
    pub kind: OpKind,
}

/// Operations and which of them must be finished before each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Graph {
    /// The operations; an order that satisfies all edges.
    pub ops: Vec<Op>,
    /// For each operation the positions of those that must be finished before it, sorted.
    pub after: Vec<Vec<usize>>,
}
