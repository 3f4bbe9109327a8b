//! How deployments go: at once and well, unless a test says otherwise.

use std::collections::BTreeMap;

/// How deployments go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deploying {
    /// How many looks find one under way before it has ended: lists of the deployments of a service, or reads of a
    /// database. The clock has no part in it, so that runs repeat.
    pub looks: u32,
    /// Whether they end with an error.
    pub fails: bool,
    /// What their logs hold.
    pub log: String,
}

/// Deployments under way, and logs.
#[derive(Default)]
pub(crate) struct Yard {
    /// How those go that are started from now on.
    pub(crate) next: Deploying,
    /// What is under way, by the id of the service.
    pub(crate) under_way: BTreeMap<String, UnderWay>,
    /// Logs, by the id of the deployment.
    pub(crate) logs: BTreeMap<String, String>,
}

/// A deployment under way.
#[derive(Clone)]
pub(crate) struct UnderWay {
    /// How many looks are left before it ends.
    pub(crate) looks: u32,
    pub(crate) fails: bool,
    /// Its id, where there is a row of it.
    pub(crate) deployment: Option<String>,
}
