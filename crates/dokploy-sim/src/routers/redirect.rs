//! Redirects of applications. Creating one tells no id.

use serde_json::json;

use crate::db::Row;
use crate::failure::Failure;
use crate::field::{Field, boolean, text};
use crate::procedure::{Outcome, Procedure, Session, mutation, query};
use crate::routers::{Router, router};
use crate::schema::{Fill, OnDelete, Spec, column, created_at, id, table};

const TABLES: &[&Spec] = &[&REDIRECT];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static REDIRECT: Spec = table(
    "redirect",
    &[
        id("redirectId"),
        column("regex"),
        column("replacement"),
        column("permanent").or("false"),
        column("uniqueConfigKey").fill(Fill::Serial),
        created_at(),
        column("applicationId").points_to("application", OnDelete::Cascade),
    ],
);

const ID: &[Field] = &[text("redirectId").min(1)];

const CREATE: &[Field] = &[
    text("regex").min(1),
    text("replacement").min(1),
    boolean("permanent").nonoptional(),
    text("applicationId"),
];

const UPDATE: &[Field] = &[
    text("redirectId").min(1),
    text("regex").min(1),
    text("replacement").min(1),
    boolean("permanent").nonoptional(),
];

const PROCEDURES: &[Procedure] = &[
    mutation("redirects.create", CREATE, create).nests(|_| true),
    query("redirects.one", ID, one),
    mutation("redirects.delete", ID, delete),
    mutation("redirects.update", UPDATE, update),
];

fn create(session: &mut Session<'_>) -> Outcome {
    let new = session.input.clone();
    let created = session.db.insert(&REDIRECT, new);
    created.map_err(|_| Failure::bad_request("Error creating this redirect"))?;
    Ok(json!(true).into())
}

fn one(session: &mut Session<'_>) -> Outcome {
    Ok(find(session)?.into())
}

fn delete(session: &mut Session<'_>) -> Outcome {
    let row = find(session)?;
    session.db.delete(&REDIRECT, &session.text("redirectId"));
    Ok(row.into())
}

fn update(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    let id = session.text("redirectId");
    let patch = session.input_without(&["redirectId"]);
    Ok(json!(session.db.update(&REDIRECT, &id, &patch)?).into())
}

fn find(session: &Session<'_>) -> Result<Row, Failure> {
    let row = session.db.get(&REDIRECT, &session.text("redirectId"));
    row.cloned()
        .ok_or_else(|| Failure::not_found("Redirect not found"))
}
