//! Patches: files of a repository that are replaced before it is built.

use serde_json::json;

use crate::db::Row;
use crate::failure::Failure;
use crate::field::{Field, boolean, one_of, text};
use crate::procedure::{Outcome, Procedure, Session, mutation, query};
use crate::routers::{Router, router};
use crate::schema::{OnDelete, Spec, column, created_at, id, table};
use crate::settings::Version;

const TABLES: &[&Spec] = &[&PATCH];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES).since(Version::V0_30_2);

pub(crate) static PATCH: Spec = table(
    "patch",
    &[
        id("patchId"),
        column("type").or("\"update\""),
        column("filePath"),
        column("enabled").or("true"),
        column("content"),
        created_at(),
        column("updatedAt"),
        column("applicationId").points_to("application", OnDelete::Cascade),
        column("composeId").points_to("compose", OnDelete::Cascade),
    ],
)
.unique(&[&["filePath", "applicationId"], &["filePath", "composeId"]]);

const ID: &[Field] = &[text("patchId").min(1)];

const CREATE: &[Field] = &[
    text("filePath").min(1),
    text("content"),
    one_of("type", &["create", "update", "delete"]).optional(),
    boolean("enabled").coerced().optional(),
    text("applicationId").nullable().optional(),
    text("composeId").nullable().optional(),
];

const UPDATE: &[Field] = &[
    text("patchId").min(1),
    one_of("type", &["create", "update", "delete"]).optional(),
    text("filePath").min(1).optional(),
    boolean("enabled").coerced().optional(),
    text("content").optional(),
    text("createdAt").optional(),
    text("updatedAt").nullable().optional(),
];

const PROCEDURES: &[Procedure] = &[
    mutation("patch.create", CREATE, create),
    query("patch.one", ID, one),
    query(
        "patch.byEntityId",
        &[text("id"), one_of("type", &["application", "compose"])],
        of_service,
    ),
    mutation("patch.update", UPDATE, update),
    mutation("patch.delete", ID, delete),
    mutation(
        "patch.toggleEnabled",
        &[text("patchId").min(1), boolean("enabled").coerced()],
        update,
    ),
];

fn create(session: &mut Session<'_>) -> Outcome {
    if session.text("applicationId").is_empty() && session.text("composeId").is_empty() {
        let message = "Either applicationId or composeId must be provided";
        return Err(Failure::bad_request(message));
    }
    let mut new = session.input.clone();
    new.entry("enabled").or_insert(json!(true));
    new.entry("type").or_insert(json!("update"));
    let now = session.db.tick();
    new.insert("createdAt".to_owned(), json!(now));
    new.insert("updatedAt".to_owned(), json!(now));
    Ok(session.db.insert(&PATCH, new)?.into())
}

fn one(session: &mut Session<'_>) -> Outcome {
    Ok(find(session)?.into())
}

fn of_service(session: &mut Session<'_>) -> Outcome {
    let column = format!("{}Id", session.text("type"));
    let id = session.text("id");
    let rows: Vec<&Row> = session.db.rows_with(&PATCH, &column, &id).collect();
    Ok(json!(rows).into())
}

/// Files end with an end of line, whatever was sent.
fn update(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    let id = session.text("patchId");
    let mut patch = session.input_without(&["patchId"]);
    if session.has("content") && !session.text("content").ends_with('\n') {
        patch.insert(
            "content".to_owned(),
            json!(format!("{}\n", session.text("content"))),
        );
    }
    patch.insert("updatedAt".to_owned(), json!(session.db.tick()));
    Ok(json!(session.db.update(&PATCH, &id, &patch)?).into())
}

fn delete(session: &mut Session<'_>) -> Outcome {
    let row = find(session)?;
    session.db.delete(&PATCH, &session.text("patchId"));
    Ok(row.into())
}

fn find(session: &Session<'_>) -> Result<Row, Failure> {
    let row = session.db.get(&PATCH, &session.text("patchId"));
    row.cloned()
        .ok_or_else(|| Failure::not_found("Patch not found"))
}
