//! Names and passwords in front of applications. Creating one tells no id.

use serde_json::json;

use crate::db::Row;
use crate::failure::Failure;
use crate::field::{Field, text};
use crate::procedure::{Outcome, Procedure, Reply, Session, mutation, query};
use crate::routers::application::APPLICATION;
use crate::routers::{Router, router};
use crate::schema::{OnDelete, Spec, column, created_at, id, table};

const TABLES: &[&Spec] = &[&SECURITY];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static SECURITY: Spec = table(
    "security",
    &[
        id("securityId"),
        column("username"),
        column("password"),
        created_at(),
        column("applicationId").points_to("application", OnDelete::Cascade),
    ],
)
.unique(&[&["username", "applicationId"]]);

const ID: &[Field] = &[text("securityId").min(1)];

const CREATE: &[Field] = &[
    text("applicationId"),
    text("username").min(1),
    text("password").min(1),
];

const UPDATE: &[Field] = &[
    text("securityId").min(1),
    text("username").min(1),
    text("password").min(1),
];

const PROCEDURES: &[Procedure] = &[
    mutation("security.create", CREATE, create).nests(|_| true),
    query("security.one", ID, one),
    mutation("security.delete", ID, delete),
    mutation("security.update", UPDATE, update).nests(|_| true),
];

fn create(session: &mut Session<'_>) -> Outcome {
    if session
        .db
        .get(&APPLICATION, &session.text("applicationId"))
        .is_none()
    {
        return Err(Failure::bad_request("Application not found"));
    }
    let new = session.input.clone();
    session
        .db
        .insert(&SECURITY, new)
        .map_err(|it| Failure::bad_request(it.0))?;
    Ok(json!(true).into())
}

fn one(session: &mut Session<'_>) -> Outcome {
    Ok(find(session)?.into())
}

fn delete(session: &mut Session<'_>) -> Outcome {
    let row = find(session)?;
    session.db.delete(&SECURITY, &session.text("securityId"));
    Ok(row.into())
}

fn update(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    let id = session.text("securityId");
    let patch = session.input_without(&["securityId"]);
    session
        .db
        .update(&SECURITY, &id, &patch)
        .map_err(|it| Failure::bad_request(it.0))?;
    Ok(Reply::Empty)
}

fn find(session: &Session<'_>) -> Result<Row, Failure> {
    let row = session.db.get(&SECURITY, &session.text("securityId"));
    row.cloned()
        .ok_or_else(|| Failure::not_found("Security not found"))
}
