//! Certificates for Traefik. Whether they are any is not checked.

use serde_json::{Value, json};

use crate::db::{Row, text as column_text};
use crate::failure::Failure;
use crate::field::{Field, boolean, text};
use crate::procedure::{Outcome, Procedure, Session, mutation, query};
use crate::routers::{Router, router, server};
use crate::schema::{OnDelete, Spec, column, id, organization_id, table};
use crate::settings::Version;

const TABLES: &[&Spec] = &[&CERTIFICATE];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static CERTIFICATE: Spec = table(
    "certificate",
    &[
        id("certificateId"),
        column("name"),
        column("certificateData"),
        column("privateKey"),
        column("certificatePath"),
        column("autoRenew"),
        organization_id(),
        column("serverId").points_to("server", OnDelete::Cascade),
    ],
);

const ID: &[Field] = &[text("certificateId").min(1)];

const CREATE: &[Field] = &[
    text("certificateId").optional(),
    text("name").min(1),
    text("certificateData").min(1),
    text("privateKey").min(1),
    text("certificatePath").optional(),
    boolean("autoRenew").nullable().coerced().optional(),
    text("organizationId"),
    text("serverId").nullable().optional(),
];

const UPDATE: &[Field] = &[
    text("certificateId").min(1),
    text("name").min(1).optional(),
    text("certificateData").min(1).optional(),
    text("privateKey").min(1).optional(),
];

const PROCEDURES: &[Procedure] = &[
    mutation("certificates.create", CREATE, create).guarded("certificate"),
    query("certificates.one", ID, one).guarded("certificate"),
    mutation("certificates.remove", ID, remove).guarded("certificate"),
    query("certificates.all", &[], all).guarded("certificate"),
    mutation("certificates.update", UPDATE, update)
        .guarded("certificate")
        .since(Version::V0_30_2),
];

/// Both the id and the path may be chosen by the caller, the path without a check.
fn create(session: &mut Session<'_>) -> Outcome {
    let path = session.db.app_name("certificate-generated");
    let mut new = session.input.clone();
    new.insert(
        "organizationId".to_owned(),
        json!(session.caller.organization),
    );
    new.entry("certificatePath").or_insert(json!(path));
    Ok(session.db.insert(&CERTIFICATE, new)?.into())
}

fn one(session: &mut Session<'_>) -> Outcome {
    Ok(find(session)?.into())
}

fn remove(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    session
        .db
        .delete(&CERTIFICATE, &session.text("certificateId"));
    Ok(json!(true).into())
}

fn all(session: &mut Session<'_>) -> Outcome {
    let rows = session
        .db
        .rows_with(&CERTIFICATE, "organizationId", &session.caller.organization);
    let rows = rows.map(|it| {
        let mut row = it.clone();
        let server = session.db.get(&server::SERVER, column_text(it, "serverId"));
        row.insert(
            "server".to_owned(),
            server.map_or(Value::Null, |it| json!(it)),
        );
        row
    });
    Ok(json!(rows.collect::<Vec<_>>()).into())
}

fn update(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    let id = session.text("certificateId");
    let patch = session.input_without(&["certificateId"]);
    Ok(json!(session.db.update(&CERTIFICATE, &id, &patch)?).into())
}

fn find(session: &Session<'_>) -> Result<Row, Failure> {
    let row = session.db.get(&CERTIFICATE, &session.text("certificateId"));
    let row = row.ok_or_else(|| Failure::not_found("Certificate not found"))?;
    if session.is_foreign(row) {
        return Err(Failure::unauthorized(
            "You are not allowed to access this certificate",
        ));
    }
    Ok(row.clone())
}
