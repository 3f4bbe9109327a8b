//! Published ports of applications.

use serde_json::json;

use crate::db::{Row, text as column_text};
use crate::failure::Failure;
use crate::field::{Field, number, one_of, text};
use crate::procedure::{Outcome, Procedure, Session, mutation, query};
use crate::routers::{Router, router};
use crate::schema::{OnDelete, Spec, column, id, table};

const TABLES: &[&Spec] = &[&PORT];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static PORT: Spec = table(
    "port",
    &[
        id("portId"),
        column("publishedPort").int(),
        column("publishMode").or("\"host\""),
        column("targetPort").int(),
        column("protocol"),
        column("applicationId").points_to("application", OnDelete::Cascade),
    ],
);

const ID: &[Field] = &[text("portId").min(1)];

const CREATE: &[Field] = &[
    number("publishedPort"),
    one_of("publishMode", &["ingress", "host"]).default("\"ingress\""),
    number("targetPort"),
    one_of("protocol", &["tcp", "udp"]).default("\"tcp\""),
    text("applicationId").min(1),
];

const UPDATE: &[Field] = &[
    text("portId").min(1),
    number("publishedPort"),
    one_of("publishMode", &["ingress", "host"]).default("\"ingress\""),
    number("targetPort"),
    one_of("protocol", &["tcp", "udp"]).default("\"tcp\""),
];

const PROCEDURES: &[Procedure] = &[
    mutation("port.create", CREATE, create),
    query("port.one", ID, one),
    mutation("port.delete", ID, delete),
    mutation("port.update", UPDATE, update),
];

fn create(session: &mut Session<'_>) -> Outcome {
    let new = session.input.clone();
    let created = session.db.insert(&PORT, new);
    Ok(created
        .map_err(|_| Failure::bad_request("Error input: Inserting port"))?
        .into())
}

/// The only reading procedure that says 400 for what is not there.
fn one(session: &mut Session<'_>) -> Outcome {
    let mut row = find(session).map_err(|it| Failure::bad_request(it.message))?;
    let application = json!({"applicationId": column_text(&row, "applicationId")});
    row.insert("application".to_owned(), application);
    Ok(row.into())
}

fn delete(session: &mut Session<'_>) -> Outcome {
    let row = find(session)?;
    session.db.delete(&PORT, &session.text("portId"));
    Ok(row.into())
}

fn update(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    let id = session.text("portId");
    let patch = session.input_without(&["portId"]);
    Ok(json!(session.db.update(&PORT, &id, &patch)?).into())
}

fn find(session: &Session<'_>) -> Result<Row, Failure> {
    let row = session.db.get(&PORT, &session.text("portId"));
    row.cloned()
        .ok_or_else(|| Failure::not_found("Port not found"))
}
