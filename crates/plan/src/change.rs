//! Changes: what is and what will be.

use addr::{DeposedKey, Instance, ProviderConfig};
use provider::FollowUp;
use value::{Path, Value};

/// What is done to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Nothing.
    NoOp,
    /// Create.
    Create,
    /// Read a data source while applying.
    Read,
    /// Change in place.
    Update,
    /// Replace: delete, then create.
    DeleteThenCreate,
    /// Replace: create, then delete.
    CreateThenDelete,
    /// Delete.
    Delete,
    /// Forget without deleting.
    Forget,
}

impl Action {
    /// Either kind of replacement.
    pub fn is_replace(self) -> bool {
        matches!(self, Action::DeleteThenCreate | Action::CreateThenDelete)
    }
}

/// Why an action was chosen, where it is not the ordinary reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActionReason {
    /// The ordinary reason.
    None,
    /// Replaced because it is tainted.
    ReplaceBecauseTainted,
    /// Replaced because `-replace` says so.
    ReplaceByRequest,
    /// Replaced because `replace_triggered_by` says so.
    ReplaceByTriggers,
    /// Replaced because an attribute cannot be changed in place.
    ReplaceBecauseCannotUpdate,
    /// Deleted because there is no resource block any more.
    DeleteBecauseNoResourceConfig,
    /// Deleted because `count` or `for_each` came or went.
    DeleteBecauseWrongRepetition,
    /// Deleted because the index is out of range of `count`.
    DeleteBecauseCountIndex,
    /// Deleted because the key is not in `for_each`.
    DeleteBecauseEachKey,
    /// Deleted because its module instance is gone.
    DeleteBecauseNoModule,
    /// Deleted because it moved to an address that is not declared.
    DeleteBecauseNoMoveTarget,
    /// Read while applying: configuration not known yet.
    ReadBecauseConfigUnknown,
    /// Read while applying: something it depends on changes.
    ReadBecauseDependencyPending,
    /// Read while applying: a check block's own data source.
    ReadBecauseCheckNested,
}

/// Values before and after. Marks say what must not be shown; unknowns what only the apply will tell.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What is done.
    pub action: Action,
    /// What is; null for a create.
    pub before: Value,
    /// What will be; null for a delete.
    pub after: Value,
}

/// What an import made of a change.
#[derive(Debug, Clone, PartialEq)]
pub struct Importing {
    /// The import id; `None` where it is not known yet.
    pub id: Option<String>,
    /// The configuration that was generated for it, as text.
    pub generated: Option<String>,
}

/// The change of one object.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceChange {
    /// Which instance.
    pub addr: Instance,
    /// Its address in the state before, where it moved.
    pub previous: Instance,
    /// Which of its objects, if not the current one.
    pub deposed: Option<DeposedKey>,
    /// Who manages it.
    pub provider: ProviderConfig,
    /// What and why.
    pub change: Change,
    /// Why.
    pub reason: ActionReason,
    /// Attributes that force a replacement.
    pub replace_paths: Vec<Path>,
    /// Whether it is imported first.
    pub importing: Option<Importing>,
    /// The provider's own data from its plan.
    pub private: Option<Vec<u8>>,
    /// What it depends on, for the state.
    pub dependencies: Vec<addr::ConfigResource>,
    /// Whether it is created before its predecessor is destroyed.
    pub create_before_destroy: bool,
    /// What can be lost by it, as a noun phrase: data that no later plan brings back.
    pub at_stake: Option<String>,
    /// What is done with the object when it and its parts are as planned; also where it does not change itself.
    pub follow_up: Option<FollowUp>,
}

/// The change of an output of the root module.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputChange {
    /// Its name.
    pub name: String,
    /// Values and action.
    pub change: Change,
    /// Whether it must not be shown.
    pub sensitive: bool,
}

/// What changed outside: what was remembered and what is.
#[derive(Debug, Clone, PartialEq)]
pub struct Drift {
    /// The change from what was remembered to what is; `Update` or `Delete`, or `NoOp` for a mere move.
    pub change: ResourceChange,
    /// Whether something in this plan depends on what changed, so that people should see it.
    pub relevant: bool,
}
