//! A procedure: one thing that the API can do. And the session in which it runs.

use serde_json::Value;

use crate::db::{self, Db, Row};
use crate::failure::Failure;
use crate::field::Field;
use crate::settings::Version;

/// One callable of a router.
pub(crate) struct Procedure {
    /// Its full name, such as `registry.create`.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) fields: &'static [Field],
    pub(crate) run: fn(&mut Session<'_>) -> Outcome,
    /// What a member without permissions is told that it may not access; empty if everybody may.
    pub(crate) resource: &'static str,
    /// Whether a call with this input opens a transaction and, within it, asks for a second connection.
    /// Ten of these at once hang the server.
    pub(crate) nests: fn(&Value) -> bool,
    /// Absent in versions before this one.
    pub(crate) since: Version,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Called with GET.
    Query,
    /// Called with POST.
    Mutation,
}

/// What a procedure answers.
pub(crate) type Outcome = Result<Reply, Failure>;

pub(crate) enum Reply {
    Json(Value),
    /// 200 with a body of no bytes.
    Empty,
}

impl From<Value> for Reply {
    fn from(value: Value) -> Reply {
        Reply::Json(value)
    }
}

impl From<Row> for Reply {
    fn from(row: Row) -> Reply {
        Reply::Json(Value::Object(row))
    }
}

/// A procedure that reads.
pub(crate) const fn query(
    name: &'static str,
    fields: &'static [Field],
    run: fn(&mut Session<'_>) -> Outcome,
) -> Procedure {
    Procedure {
        name,
        kind: Kind::Query,
        fields,
        run,
        resource: "",
        nests: never,
        since: Version::V0_26_5,
    }
}

/// A procedure that changes.
pub(crate) const fn mutation(
    name: &'static str,
    fields: &'static [Field],
    run: fn(&mut Session<'_>) -> Outcome,
) -> Procedure {
    Procedure {
        name,
        kind: Kind::Mutation,
        fields,
        run,
        resource: "",
        nests: never,
        since: Version::V0_26_5,
    }
}

fn never(_: &Value) -> bool {
    false
}

impl Procedure {
    /// Refused to members: `unauthorized to access resource "…"`.
    pub(crate) const fn guarded(mut self, resource: &'static str) -> Procedure {
        self.resource = resource;
        self
    }

    /// The first version that has it.
    pub(crate) const fn since(mut self, version: Version) -> Procedure {
        self.since = version;
        self
    }

    /// Holds two database connections for inputs of which this is true.
    pub(crate) const fn nests(mut self, when: fn(&Value) -> bool) -> Procedure {
        self.nests = when;
        self
    }
}

/// One call: the database, who calls, and the validated input.
pub(crate) struct Session<'a> {
    pub(crate) db: &'a mut Db,
    pub(crate) procedure: &'static Procedure,
    pub(crate) caller: Caller,
    pub(crate) input: Row,
}

/// Who calls, as the API key says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caller {
    /// The id of the user.
    pub(crate) user: String,
    /// The id of the organization that the key is bound to.
    pub(crate) organization: String,
    /// The id of the user's membership of it.
    pub(crate) member: String,
    /// The role of that membership.
    pub(crate) role: String,
}

impl Session<'_> {
    /// A text of the input; empty if it was left out.
    pub(crate) fn text(&self, name: &str) -> String {
        db::text(&self.input, name).to_owned()
    }

    /// Whether the input has this field.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.input.contains_key(name)
    }

    /// The input without some fields.
    pub(crate) fn input_without(&self, names: &[&str]) -> Row {
        let kept = self
            .input
            .iter()
            .filter(|(name, _)| !names.contains(&name.as_str()));
        kept.map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// The version that is played.
    pub(crate) fn version(&self) -> Version {
        self.db.settings.version
    }

    /// Whether the row belongs to another organization than the caller's.
    pub(crate) fn is_foreign(&self, row: &Row) -> bool {
        db::text(row, "organizationId") != self.caller.organization
    }
}
