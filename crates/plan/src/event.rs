//! What happens while planning and applying, for whoever watches.

use addr::Instance;

use crate::Action;

/// Takes events; called from the task that owns the walk, must not block.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn event(&self, event: Event<'_>);
}

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Event<'a> {
    /// An object is being read; with its deposed key, its id attribute and value, where it has them.
    RefreshStart(&'a Instance, Option<&'a addr::DeposedKey>, Option<Id<'a>>),
    /// It was read.
    RefreshDone(&'a Instance, Option<&'a addr::DeposedKey>, Option<Id<'a>>),
    /// A data source is being read.
    ReadStart(&'a Instance),
    /// It was read.
    ReadDone(&'a Instance, Option<Id<'a>>, std::time::Duration),
    /// An import begins.
    ImportStart(&'a Instance, &'a str),
    /// While applying: what the plan imported is being remembered.
    ImportApply(&'a Instance, &'a str),
    /// While applying: it is remembered.
    ImportDone(&'a Instance, &'a str),
    /// An operation begins. `Action` is Create, Update, Delete or Read; a replacement has two.
    ApplyStart(
        &'a Instance,
        Option<&'a addr::DeposedKey>,
        Action,
        Option<Id<'a>>,
    ),
    /// An operation still runs.
    ApplyProgress(
        &'a Instance,
        Option<&'a addr::DeposedKey>,
        Action,
        Option<Id<'a>>,
        std::time::Duration,
    ),
    /// An operation is finished.
    ApplyDone(
        &'a Instance,
        Option<&'a addr::DeposedKey>,
        Action,
        Option<Id<'a>>,
        std::time::Duration,
    ),
    /// An operation failed.
    ApplyFailed(
        &'a Instance,
        Option<&'a addr::DeposedKey>,
        Action,
        std::time::Duration,
    ),
    /// What comes after an object's changes begins.
    FollowStart(&'a Instance, &'a crate::FollowUp, Option<Id<'a>>),
    /// It still goes on.
    FollowProgress(
        &'a Instance,
        &'a crate::FollowUp,
        Option<Id<'a>>,
        std::time::Duration,
    ),
    /// It is finished.
    FollowDone(
        &'a Instance,
        &'a crate::FollowUp,
        Option<Id<'a>>,
        std::time::Duration,
    ),
    /// It failed.
    FollowFailed(&'a Instance, &'a crate::FollowUp, std::time::Duration),
    /// A provisioner begins.
    ProvisionStart(&'a Instance, &'a str),
    /// A line of a provisioner's output.
    ProvisionOutput(&'a Instance, &'a str, &'a str),
    /// A provisioner is finished.
    ProvisionDone(&'a Instance, &'a str),
    /// A provisioner failed.
    ProvisionFailed(&'a Instance, &'a str),
    /// What a plan counts: done of all.
    Progress(usize, usize),
}

/// The attribute by which people know an object: `[id=…]`. Never a sensitive one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Id<'a> {
    /// `id` or `name`.
    pub key: &'a str,
    /// Its value.
    pub value: &'a str,
}
