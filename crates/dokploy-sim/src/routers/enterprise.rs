//! What needs a licence, which nobody here has: refused, or a list of nothing.

use crate::failure::Failure;
use crate::procedure::{Outcome, Procedure, Session, mutation, query};
use crate::routers::{Router, router};
use crate::settings::Version;

pub(crate) const ROUTER: Router = router(&[], PROCEDURES).since(Version::V0_30_2);

const PROCEDURES: &[Procedure] = &[
    query("server.allForPermissions", &[], refuse),
    query("project.allForPermissions", &[], refuse),
    query("auditLog.all", &[], refuse),
    mutation("customRole.create", &[], refuse),
    query("customRole.all", &[], none),
    query("dnsProvider.all", &[], none),
    query("vaultProvider.all", &[], none),
];

fn refuse(_: &mut Session<'_>) -> Outcome {
    Err(Failure::forbidden("Valid enterprise license required"))
}

fn none(_: &mut Session<'_>) -> Outcome {
    Ok(serde_json::json!([]).into())
}
