//! Tags of projects. Their names are among the few in Dokploy that must be unique.

use serde_json::{Value, json};

use crate::db::{Db, DbError, Row, row, text as column_text};
use crate::failure::Failure;
use crate::field::{Field, text, texts};
use crate::procedure::{Outcome, Procedure, Session, mutation, query};
use crate::routers::{Router, router};
use crate::schema::{OnDelete, Spec, column, created_at, id, organization_id, table};
use crate::settings::Version;

const TABLES: &[&Spec] = &[&TAG, &PROJECT_TAG];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES).since(Version::V0_30_2);

pub(crate) static TAG: Spec = table(
    "tag",
    &[
        id("tagId"),
        column("name"),
        column("color"),
        created_at(),
        organization_id(),
    ],
)
.unique(&[&["organizationId", "name"]]);

pub(crate) static PROJECT_TAG: Spec = table(
    "project_tag",
    &[
        id("id"),
        column("projectId").points_to("project", OnDelete::Cascade),
        column("tagId").points_to("tag", OnDelete::Cascade),
    ],
)
.unique(&[&["projectId", "tagId"]]);

const ID: &[Field] = &[text("tagId").min(1)];
const PAIR: &[Field] = &[text("projectId").min(1), text("tagId").min(1)];

const UPDATE: &[Field] = &[
    text("tagId").min(1),
    text("name").min(1).optional(),
    text("color").nullable().optional(),
    text("createdAt").optional(),
    text("organizationId").optional(),
];

const PROCEDURES: &[Procedure] = &[
    mutation(
        "tag.create",
        &[text("name").min(1), text("color").nullable().optional()],
        create,
    )
    .guarded("tag"),
    query("tag.all", &[], all),
    query("tag.one", ID, one),
    mutation("tag.update", UPDATE, update).guarded("tag"),
    mutation("tag.remove", ID, remove).guarded("tag"),
    mutation("tag.assignToProject", PAIR, assign),
    mutation("tag.removeFromProject", PAIR, unassign),
    mutation(
        "tag.bulkAssign",
        &[text("projectId").min(1), texts("tagIds")],
        bulk_assign,
    ),
];

/// The tags of a project, as projects answer them.
pub(crate) fn of_project(db: &Db, project: &str) -> Value {
    let pairs = db
        .rows_with(&PROJECT_TAG, "projectId", project)
        .map(|pair| {
            let mut pair = pair.clone();
            pair.insert(
                "tag".to_owned(),
                json!(db.get(&TAG, column_text(&pair, "tagId"))),
            );
            pair
        });
    json!(pairs.collect::<Vec<_>>())
}

fn create(session: &mut Session<'_>) -> Outcome {
    let mut new = session.input.clone();
    new.insert(
        "organizationId".to_owned(),
        json!(session.caller.organization),
    );
    let row = session.db.insert(&TAG, new);
    Ok(row.map_err(wrapped("Error creating tag: "))?.into())
}

fn all(session: &mut Session<'_>) -> Outcome {
    let rows = session
        .db
        .rows_with(&TAG, "organizationId", &session.caller.organization);
    Ok(json!(rows.collect::<Vec<_>>()).into())
}

fn one(session: &mut Session<'_>) -> Outcome {
    Ok(find(session, "Tag not found")?.into())
}

fn update(session: &mut Session<'_>) -> Outcome {
    find(
        session,
        "Tag not found or you don't have permission to update it",
    )?;
    // Both are taken, and neither is changed.
    let patch = session.input_without(&["tagId", "createdAt", "organizationId"]);
    let row = session.db.update(&TAG, &session.text("tagId"), &patch);
    Ok(json!(row.map_err(wrapped("Error updating tag: "))?).into())
}

fn remove(session: &mut Session<'_>) -> Outcome {
    find(
        session,
        "Tag not found or you don't have permission to delete it",
    )?;
    session.db.delete(&TAG, &session.text("tagId"));
    Ok(json!({"success": true}).into())
}

fn assign(session: &mut Session<'_>) -> Outcome {
    let new = session.input.clone();
    let row = session.db.insert(&PROJECT_TAG, new);
    Ok(row
        .map_err(wrapped("Error assigning tag to project: "))?
        .into())
}

fn unassign(session: &mut Session<'_>) -> Outcome {
    let tag = session.text("tagId");
    take_off(session, |it| column_text(it, "tagId") == tag);
    Ok(json!({"success": true}).into())
}

fn bulk_assign(session: &mut Session<'_>) -> Outcome {
    take_off(session, |_| true);
    let project = session.text("projectId");
    let tags = session
        .input
        .get("tagIds")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    for tag in tags {
        let pair = row(json!({"projectId": project, "tagId": tag}));
        session
            .db
            .insert(&PROJECT_TAG, pair)
            .map_err(wrapped("Error assigning tags to project: "))?;
    }
    Ok(json!({"success": true}).into())
}

/// Takes some of its tags off the project of the input.
fn take_off(session: &mut Session<'_>, is_meant: impl Fn(&Row) -> bool) {
    let project = session.text("projectId");
    let pairs = session.db.rows_with(&PROJECT_TAG, "projectId", &project);
    let ids: Vec<String> = pairs
        .filter(|it| is_meant(it))
        .map(|it| column_text(it, "id").to_owned())
        .collect();
    for id in ids {
        session.db.delete(&PROJECT_TAG, &id);
    }
}

fn find(session: &Session<'_>, message: &str) -> Result<Row, Failure> {
    let row = session
        .db
        .get(&TAG, &session.text("tagId"))
        .filter(|it| !session.is_foreign(it));
    row.cloned().ok_or_else(|| Failure::not_found(message))
}

fn wrapped(prefix: &'static str) -> impl Fn(DbError) -> Failure {
    move |error| Failure::from(error).wrapped(prefix)
}
