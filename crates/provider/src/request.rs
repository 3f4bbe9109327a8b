//! Requests to a provider and its responses: plain data.

use diag::Severity;
use value::{Path, Value};

/// Data that a provider keeps with an object for itself; opaque to everyone else.
pub type Private = Option<Vec<u8>>;

/// A provider's complaint, about a place in the configuration where it can say so.
#[derive(Debug, Clone, PartialEq)]
pub struct Issue {
    /// Error or warning.
    pub severity: Severity,
    /// The title.
    pub summary: String,
    /// What is wrong and what to do. Never holds a secret.
    pub detail: String,
    /// Which attribute.
    pub path: Option<Path>,
    /// Whether it is about nothing that has a place or an address, so that people are shown neither.
    pub placeless: bool,
}

impl Issue {
    /// An error.
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            summary: summary.into(),
            detail: detail.into(),
            path: None,
            placeless: false,
        }
    }

    /// A warning.
    pub fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(summary, detail)
        }
    }

    /// The same about an attribute.
    pub fn at(mut self, path: Path) -> Self {
        self.path = Some(path);
        self
    }

    /// The same without a place.
    pub fn placeless(mut self) -> Self {
        self.placeless = true;
        self
    }

    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// The provider block's value.
#[derive(Debug, Clone)]
pub struct ConfigureRequest {
    /// Of the provider schema's type; unknown parts while planning.
    pub config: Value,
}

/// Stored attributes of an older schema version.
#[derive(Debug, Clone)]
pub struct UpgradeRequest {
    /// The resource type.
    pub kind: String,
    /// The version that they were stored with.
    pub version: u64,
    /// As stored. Unknown attributes may be there: they are dropped.
    pub attributes: serde_json::Value,
}

/// Which object to read.
#[derive(Debug, Clone)]
pub struct ReadRequest {
    /// The resource type.
    pub kind: String,
    /// What is remembered of it.
    pub current: Value,
    /// The provider's own data.
    pub private: Private,
}

/// What an object is now.
#[derive(Debug, Clone)]
pub struct ReadResponse {
    /// `None`: it does not exist any more. `Some(Err)`: could not be read (`issues` say why).
    pub object: Result<Option<Value>, ()>,
    /// The provider's own data.
    pub private: Private,
    /// Complaints; with an error, `object` is `Err`.
    pub issues: Vec<Issue>,
}

/// A change to be planned.
#[derive(Debug, Clone)]
pub struct PlanRequest {
    /// The resource type.
    pub kind: String,
    /// What is remembered (refreshed), null for a create.
    pub prior: Value,
    /// Configuration and prior merged ([`crate::propose`]), null for a delete.
    pub proposed: Value,
    /// The configuration alone.
    pub config: Value,
    /// The provider's own data of the prior object; of a create that an apply is about to make, what the plan said.
    pub private: Private,
}

/// What an apply would make.
#[derive(Debug, Clone)]
pub struct PlanResponse {
    /// The planned value, unknown where only the apply will tell.
    pub planned: Value,
    /// Attributes whose change needs a new object.
    pub replace: Vec<Path>,
    /// The provider's own data for the apply.
    pub private: Private,
    /// Complaints.
    pub issues: Vec<Issue>,
}

/// A change to be made.
#[derive(Debug, Clone)]
pub struct ApplyRequest {
    /// The resource type.
    pub kind: String,
    /// What is remembered, null for a create.
    pub prior: Value,
    /// What was planned, null for a delete.
    pub planned: Value,
    /// The configuration alone, wholly known but for what the provider itself decides; null for a delete.
    pub config: Value,
    /// From the plan (create, update) or the state (delete).
    pub private: Private,
}

/// What a change has made, also where it failed halfway.
#[derive(Debug, Clone)]
pub struct ApplyResponse {
    /// What the object is now; null where it does not exist. With errors: what is known to be there.
    pub object: Value,
    /// The provider's own data.
    pub private: Private,
    /// Complaints. A create with an error and an object leaves the object tainted.
    pub issues: Vec<Issue>,
    /// Whether a create that failed may have made an object all the same, which is to be looked for later
    /// ([`crate::Provider::find`]). Comes with an error, and without an object.
    pub is_unclear: bool,
}

/// What an object is a part of: a domain of an application, a mount of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// The resource type of the whole.
    pub kind: String,
    /// The id of the whole; `None` where it is not known yet.
    pub id: Option<String>,
    /// Whether the whole is out of date when the part comes, goes or changes.
    pub is_used: bool,
}

/// An object of which it is to be said whether something is to be done with it afterwards.
#[derive(Debug, Clone)]
pub struct FollowUpRequest {
    /// The resource type.
    pub kind: String,
    /// What it is; null where it is to be created, or to be replaced.
    pub before: Value,
    /// What is planned.
    pub after: Value,
    /// The provider's own data of what it is.
    pub private: Private,
    /// Whether parts of it change by which it gets out of date ([`Whole::is_used`]).
    pub has_new_parts: bool,
}

/// What is to be done with an object when it and all of its parts are as planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUp {
    /// A regular verb: `deploy`, which will be deployed.
    pub verb: String,
    /// Why, as a clause: `its image changes`.
    pub why: String,
}

impl FollowUp {
    /// `deployed`.
    pub fn participle(&self) -> String {
        format!("{}ed", self.verb)
    }

    /// `deploying`.
    pub fn gerund(&self) -> String {
        format!("{}ing", self.verb)
    }
}

/// An object that is to be followed up.
#[derive(Debug, Clone)]
pub struct FollowRequest {
    /// The resource type.
    pub kind: String,
    /// What it is.
    pub object: Value,
    /// Texts in it that the configuration calls sensitive, beside those that the schema does: no message shows them.
    pub secrets: Vec<String>,
    /// The provider's own data.
    pub private: Private,
}

/// Which object to look for.
#[derive(Debug, Clone)]
pub struct FindRequest {
    /// The resource type.
    pub kind: String,
    /// What [`crate::Provider::identity`] said of it.
    pub identity: serde_json::Value,
    /// When it was about to be created: RFC 3339, UTC, by the clock of this machine.
    pub since: String,
    /// The time now by the same clock, so that the server's clock can be compared.
    pub now: String,
    /// The ids of objects of the type that are known to be other ones.
    pub known: Vec<String>,
}

/// Which object to import.
#[derive(Debug, Clone)]
pub struct ImportRequest {
    /// The resource type.
    pub kind: String,
    /// The id as the user gave it.
    pub id: String,
}

/// An object found by its import id.
#[derive(Debug, Clone)]
pub struct ImportedObject {
    /// The resource type.
    pub kind: String,
    /// What is known; a read follows.
    pub object: Value,
    /// The provider's own data.
    pub private: Private,
}

/// A data source to be read.
#[derive(Debug, Clone)]
pub struct ReadDataRequest {
    /// The data source's type.
    pub kind: String,
    /// Its configuration, wholly known.
    pub config: Value,
}

/// What was found of an object that may have been created.
#[derive(Debug, Clone)]
pub enum Found {
    /// It is there.
    Object(Value),
    /// It is not there.
    Nothing,
    /// These could be it, and it is not certain that one of them is: descriptions that begin with the import id.
    Unsure(Vec<String>),
    /// The type has nothing to find it by.
    CannotTell,
}

/// Which objects to look for: [`crate::Provider::discover`].
#[derive(Debug, Clone, Default)]
pub struct DiscoverRequest {
    /// Resource types; empty for all that can be looked for.
    pub kinds: Vec<String>,
    /// Names of the outermost things that objects lie in (projects); empty for all. Where there are some, nothing is
    /// found that lies in none.
    pub within: Vec<String>,
}

/// An object that exists and can be imported.
#[derive(Debug, Clone)]
pub struct Discovered {
    /// The resource type.
    pub kind: String,
    /// The import id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The names of what it lies in, from the outside in; the first is a project, or there is none.
    pub within: Vec<String>,
    /// The object as an import reads it.
    pub object: Value,
    /// Attributes that are shown to people and may hold secrets all the same, such as environment variables.
    pub confidential: Vec<&'static str>,
}

/// What was discovered.
#[derive(Debug, Clone, Default)]
pub struct Discovery {
    /// The objects: parents before what lies in them.
    pub objects: Vec<Discovered>,
    /// Complaints; with an error, objects are missing.
    pub issues: Vec<Issue>,
}
