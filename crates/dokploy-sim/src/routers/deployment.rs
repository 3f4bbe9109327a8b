//! Deployments, as they are listed: the newest first.

use serde_json::{Value, json};

use crate::failure::Failure;
use crate::field::{Field, number, text};
use crate::procedure::{Outcome, Procedure, Session, query};
use crate::routers::service::{self, DEPLOYMENT};
use crate::routers::{Router, application, compose, router, server};
use crate::schema::Spec;
use crate::settings::Version;

pub(crate) const ROUTER: Router = router(&[], PROCEDURES);

const LOG: &[Field] = &[text("deploymentId").min(1), number("tail").default("100")];

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
    // In what form it answers was not recorded: a text here.
    query("deployment.readLogs", LOG, read_logs).since(Version::V0_30_2),
];

fn read_logs(session: &mut Session<'_>) -> Outcome {
    let id = session.text("deploymentId");
    let row = session.db.get(&DEPLOYMENT, &id);
    row.ok_or_else(|| Failure::not_found("Deployment not found"))?;
    let log = session.db.yard.logs.get(&id).cloned().unwrap_or_default();
    let tail = session.input.get("tail").and_then(Value::as_u64);
    let lines: Vec<&str> = log.lines().collect();
    let first = lines.len().saturating_sub(tail.unwrap_or(100) as usize);
    Ok(json!(lines.get(first..).unwrap_or_default().join("\n")).into())
}

fn list(session: &mut Session<'_>, of: &'static Spec, name: &str, noun: &str) -> Outcome {
    let id = session.text(name);
    session
        .db
        .get(of, &id)
        .ok_or_else(|| Failure::not_found(format!("{noun} not found")))?;
    service::look(session, of, &id)?;
    let mut rows: Vec<_> = session.db.rows_with(&DEPLOYMENT, name, &id).collect();
    rows.reverse();
    Ok(json!(rows).into())
}
