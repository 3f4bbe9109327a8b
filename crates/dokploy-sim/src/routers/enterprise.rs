//! What needs a licence, which nobody here has.

use crate::failure::Failure;
use crate::procedure::{Outcome, Procedure, Session, mutation, query};
use crate::routers::Router;

pub(crate) const ROUTER: Router = Router {
    tables: &[],
    procedures: PROCEDURES,
};

const PROCEDURES: &[Procedure] = &[
    query("server.allForPermissions", &[], refuse),
    query("project.allForPermissions", &[], refuse),
    query("auditLog.all", &[], refuse),
    mutation("customRole.create", &[], refuse),
];

fn refuse(_: &mut Session<'_>) -> Outcome {
    Err(Failure::forbidden("Valid enterprise license required"))
}
