//! Destinations: S3 buckets that backups go to.

use serde_json::json;

use crate::db::{Db, Row};
use crate::failure::Failure;
use crate::field::{Field, Pattern, text, texts};
use crate::procedure::{Outcome, Procedure, Session, mutation, query};
use crate::routers::{Router, router};
use crate::schema::{Spec, column, created_at, id, organization_id, table};
use crate::settings::Version;

const TABLES: &[&Spec] = &[&DESTINATION];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static DESTINATION: Spec = table(
    "destination",
    &[
        id("destinationId"),
        column("name"),
        column("provider"),
        column("accessKey"),
        column("secretAccessKey"),
        column("bucket"),
        column("region"),
        column("endpoint"),
        column("additionalFlags").since(Version::V0_30_2),
        organization_id(),
        created_at(),
    ],
);

static FLAG: Pattern = Pattern {
    regex: "/^--[a-zA-Z0-9-]+(=[a-zA-Z0-9._:/@-]+)?$/",
    message: "Invalid flag format. Must start with -- (e.g. --s3-sign-accept-encoding=false)",
    holds: |it| {
        let Some(rest) = it.strip_prefix("--") else {
            return false;
        };
        let (name, value) = rest
            .split_once('=')
            .map_or((rest, None), |(name, value)| (name, Some(value)));
        let is_of = |text: &str, more: &[u8]| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|it| it.is_ascii_alphanumeric() || more.contains(&it))
        };
        is_of(name, b"-") && value.is_none_or(|it| is_of(it, b"._:/@-"))
    },
};

const ID: &[Field] = &[text("destinationId").min(1)];

const CREATE: &[Field] = &[
    text("name").min(1),
    text("provider").nullable().nonoptional(),
    text("accessKey"),
    text("bucket"),
    text("region"),
    text("endpoint"),
    text("secretAccessKey"),
    texts("additionalFlags")
        .pattern(&FLAG)
        .nullable()
        .default("[]")
        .since(Version::V0_30_2),
    text("serverId").optional(),
];

const UPDATE: &[Field] = &[
    text("name").min(1),
    text("accessKey"),
    text("bucket"),
    text("region"),
    text("endpoint"),
    text("secretAccessKey"),
    text("destinationId"),
    text("provider").nullable().nonoptional(),
    texts("additionalFlags")
        .pattern(&FLAG)
        .nullable()
        .default("[]")
        .since(Version::V0_30_2),
    text("serverId").optional(),
];

const PROCEDURES: &[Procedure] = &[
    mutation("destination.create", CREATE, create).guarded("destination"),
    mutation("destination.testConnection", CREATE, test),
    query("destination.one", ID, one).guarded("destination"),
    query("destination.all", &[], all).guarded("destination"),
    mutation("destination.remove", &[text("destinationId")], remove).guarded("destination"),
    mutation("destination.update", UPDATE, update).guarded("destination"),
];

/// A destination without its keys, as backups show it.
pub(crate) fn shown(db: &Db, id: &str) -> Option<Row> {
    let mut row = db.get(&DESTINATION, id)?.clone();
    row.shift_remove("accessKey");
    row.shift_remove("secretAccessKey");
    Some(row)
}

fn create(session: &mut Session<'_>) -> Outcome {
    let mut new = session.input_without(&["serverId"]);
    new.insert(
        "organizationId".to_owned(),
        json!(session.caller.organization),
    );
    let created = session.db.insert(&DESTINATION, new);
    Ok(created.map_err(|it| Failure::bad_request(it.0))?.into())
}

/// There is no rclone here, as there was none where the recordings were made.
fn test(_: &mut Session<'_>) -> Outcome {
    Err(Failure::bad_request(
        "Command execution failed: /bin/sh: 1: rclone: not found\n",
    ))
}

fn one(session: &mut Session<'_>) -> Outcome {
    Ok(find(session)?.into())
}

fn all(session: &mut Session<'_>) -> Outcome {
    let rows = session
        .db
        .rows_with(&DESTINATION, "organizationId", &session.caller.organization);
    Ok(json!(rows.rev().collect::<Vec<_>>()).into())
}

fn remove(session: &mut Session<'_>) -> Outcome {
    let row = find(session)?;
    session
        .db
        .delete(&DESTINATION, &session.text("destinationId"));
    Ok(row.into())
}

fn update(session: &mut Session<'_>) -> Outcome {
    find(session).map_err(|it| Failure::bad_request(it.message))?;
    let id = session.text("destinationId");
    let patch = session.input_without(&["destinationId", "serverId"]);
    Ok(json!(session.db.update(&DESTINATION, &id, &patch)?).into())
}

fn find(session: &Session<'_>) -> Result<Row, Failure> {
    let row = session.db.get(&DESTINATION, &session.text("destinationId"));
    let row = row.ok_or_else(|| Failure::not_found("Destination not found"))?;
    if session.is_foreign(row) {
        return Err(Failure::unauthorized(
            "You are not allowed to access this destination",
        ));
    }
    Ok(row.clone())
}
