//! Deployments, as they are listed: the newest first.

use serde_json::json;

use crate::failure::Failure;
use crate::field::text;
use crate::procedure::{Outcome, Procedure, Session, query};
use crate::routers::service::DEPLOYMENT;
use crate::routers::{Router, application, compose, router, server};
use crate::schema::Spec;

pub(crate) const ROUTER: Router = router(&[], PROCEDURES);

const PROCEDURES: &[Procedure] = &[
    query(
        "deployment.all",
        &[text("applicationId").min(1)],
        |session| {
            list(
                session,
                &application::APPLICATION,
                "applicationId",
                "Application",
            )
        },
    ),
    query(
        "deployment.allByCompose",
        &[text("composeId").min(1)],
        |session| list(session, &compose::COMPOSE, "composeId", "Compose"),
    ),
    query(
        "deployment.allByServer",
        &[text("serverId").min(1)],
        |session| list(session, &server::SERVER, "serverId", "Server"),
    ),
];

fn list(session: &mut Session<'_>, of: &'static Spec, name: &str, noun: &str) -> Outcome {
    let id = session.text(name);
    session
        .db
        .get(of, &id)
        .ok_or_else(|| Failure::not_found(format!("{noun} not found")))?;
    let mut rows: Vec<_> = session.db.rows_with(&DEPLOYMENT, name, &id).collect();
    rows.reverse();
    Ok(json!(rows).into())
}
