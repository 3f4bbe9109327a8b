//! What differs from the documents on purpose, each with its reason.

use crate::report::{Finding, Side};

/// A difference that is meant.
pub(crate) struct Exception {
    /// Whose.
    pub(crate) side: Side,
    /// The procedure; one that ends in `*` stands for all that begin so.
    pub(crate) procedure: &'static str,
    /// The field; `*` for each.
    pub(crate) field: &'static str,
    /// The word for the difference.
    pub(crate) code: &'static str,
    /// The version that it is for; empty for each.
    pub(crate) version: &'static str,
    /// Why.
    pub(crate) reason: &'static str,
}

impl Exception {
    pub(crate) fn covers(&self, finding: &Finding, version: &str) -> bool {
        let is_procedure = match self.procedure.strip_suffix('*') {
            Some(start) => finding.procedure.starts_with(start),
            None => finding.procedure == self.procedure,
        };
        is_procedure
            && self.side == finding.side
            && self.code == finding.code
            && (self.field == "*" || self.field == finding.field)
            && (self.version.is_empty() || self.version == version)
    }
}

/// One of the simulator's.
const fn played(
    procedure: &'static str,
    field: &'static str,
    code: &'static str,
    version: &'static str,
    reason: &'static str,
) -> Exception {
    Exception {
        side: Side::Simulator,
        procedure,
        field,
        code,
        version,
        reason,
    }
}

/// The document in Dokploy's repository is older than the release: what its server says of itself has these.
const STALE: &str =
    "the document in Dokploy's repository lacks it, the one that v0.30.2 serves has it";

/// What the oldest version stores and does not describe.
const UNDESCRIBED: &str = "v0.26.5 has the column, and its document is older";

/// What nobody whom the simulator is for sends.
const UNUSED: &str =
    "neither the provider nor a recording sends it, and nothing here depends on it";

/// All of them.
pub(crate) const EXCEPTIONS: &[Exception] = &[
    Exception {
        side: Side::Rows,
        procedure: "network.create",
        field: "mtu",
        code: "unknown-field",
        version: "v0.30.2",
        reason: STALE,
    },
    played(
        "application.create",
        "sourceType",
        "unknown-field",
        "v0.30.2",
        STALE,
    ),
    played(
        "compose.create",
        "sourceType",
        "unknown-field",
        "v0.30.2",
        STALE,
    ),
    played(
        "compose.saveEnvironment",
        "createEnvFile",
        "unknown-field",
        "v0.30.2",
        STALE,
    ),
    played(
        "compose.update",
        "createEnvFile",
        "unknown-field",
        "v0.30.2",
        STALE,
    ),
    played("compose.update", "icon", "unknown-field", "v0.30.2", STALE),
    played("dnsProvider.all", "", "no-procedure", "v0.30.2", STALE),
    played("domain.toggleEnable", "", "no-procedure", "v0.30.2", STALE),
    played(
        "domain.update",
        "enabled",
        "unknown-field",
        "v0.30.2",
        STALE,
    ),
    played(
        "mongo.update",
        "replicaSets",
        "refuses-null",
        "v0.30.2",
        STALE,
    ),
    played("network.create", "mtu", "unknown-field", "v0.30.2", STALE),
    played(
        "organization.update",
        "defaultRole",
        "unknown-field",
        "v0.30.2",
        STALE,
    ),
    played("vaultProvider.all", "", "no-procedure", "v0.30.2", STALE),
    played(
        "application.update",
        "args",
        "unknown-field",
        "v0.26.5",
        UNDESCRIBED,
    ),
    played(
        "application.update",
        "createEnvFile",
        "unknown-field",
        "v0.26.5",
        UNDESCRIBED,
    ),
    played(
        "application.update",
        "rollbackRegistryId",
        "unknown-field",
        "v0.26.5",
        UNDESCRIBED,
    ),
    played("user.update", "*", "passed-over", "", UNUSED),
    played("github.update", "*", "passed-over", "v0.26.5", UNUSED),
    played("gitlab.create", "*", "passed-over", "v0.26.5", UNUSED),
    played("gitlab.update", "*", "passed-over", "v0.26.5", UNUSED),
    played("schedule.*", "userId", "passed-over", "v0.26.5", UNUSED),
    played(
        "auditLog.all",
        "*",
        "passed-over",
        "",
        "it needs a licence, which nobody here has, and is refused before its input is looked at",
    ),
    played(
        "customRole.create",
        "*",
        "lets-off",
        "",
        "it needs a licence, which nobody here has, and is refused before its input is looked at",
    ),
];
