//! Providers of language models. Updating one that is not there makes it.

use serde_json::json;

use crate::db::{Row, param, row, text as column_text};
use crate::failure::{Code, Failure};
use crate::field::{self, Field, boolean, text};
use crate::procedure::{Outcome, Procedure, Session, mutation, query};
use crate::routers::{Router, router, service};
use crate::schema::{Spec, column, created_at, id, organization_id, table};
use crate::settings::Version;

const TABLES: &[&Spec] = &[&AI];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static AI: Spec = table(
    "ai",
    &[
        id("aiId"),
        column("name"),
        column("apiUrl"),
        column("apiKey"),
        column("model"),
        column("isEnabled").or("true"),
        organization_id(),
        created_at(),
    ],
);

const ID: &[Field] = &[text("aiId")];

const CREATE: &[Field] = &[
    text("name").min(1),
    text("apiUrl"),
    text("apiKey"),
    text("model").min(1),
    boolean("isEnabled").nonoptional(),
];

const UPDATE: &[Field] = &[
    text("aiId").min(1),
    text("name").min(1).optional(),
    text("apiUrl").optional(),
    text("apiKey").optional(),
    text("model").min(1).optional(),
    boolean("isEnabled").coerced().optional(),
    text("createdAt").optional(),
];

const PROCEDURES: &[Procedure] = &[
    query("ai.one", ID, one),
    query("ai.get", ID, one),
    query("ai.getAll", &[], all),
    query("ai.getEnabledProviders", &[], enabled).since(Version::V0_30_2),
    mutation("ai.create", CREATE, create),
    mutation("ai.update", UPDATE, update),
    mutation("ai.delete", ID, delete),
];

fn one(session: &mut Session<'_>) -> Outcome {
    let row = session.db.get(&AI, &session.text("aiId"));
    let row = row.ok_or_else(|| Failure::not_found("AI settings not found"))?;
    if session.is_foreign(row) {
        return Err(Failure::unauthorized(
            "You don't have access to this AI configuration",
        ));
    }
    Ok(row.clone().into())
}

fn all(session: &mut Session<'_>) -> Outcome {
    let rows = session
        .db
        .rows_with(&AI, "organizationId", &session.caller.organization);
    Ok(json!(rows.rev().collect::<Vec<_>>()).into())
}

fn enabled(session: &mut Session<'_>) -> Outcome {
    let rows = session
        .db
        .rows_with(&AI, "organizationId", &session.caller.organization);
    let rows = rows
        .rev()
        .filter(|it| it.get("isEnabled") == Some(&json!(true)));
    let rows: Vec<Row> = rows
        .map(|it| service::some_columns(it, &["aiId", "name", "model"]))
        .collect();
    Ok(json!(rows).into())
}

fn create(session: &mut Session<'_>) -> Outcome {
    check_url(session)?;
    let mut new = session.input.clone();
    new.insert(
        "organizationId".to_owned(),
        json!(session.caller.organization),
    );
    session.db.insert(&AI, new)?;
    Ok(json!([]).into())
}

/// An insert that becomes an update when the id is there already; the database refuses it as an insert before it
/// looks, so that a change of a part fails.
fn update(session: &mut Session<'_>) -> Outcome {
    check_url(session)?;
    let id = session.text("aiId");
    let mut new = session.input.clone();
    new.insert(
        "organizationId".to_owned(),
        json!(session.caller.organization),
    );
    let is_whole = ["name", "apiUrl", "apiKey", "model", "isEnabled"]
        .iter()
        .all(|it| session.has(it));
    if !is_whole {
        return Err(refused(session, new));
    }
    match session.db.get(&AI, &id) {
        Some(old) if session.is_foreign(old) => Err(Failure::unauthorized(
            "You don't have access to this AI configuration",
        )),
        Some(_) => {
            let patch = session.input.clone();
            session.db.update(&AI, &id, &patch)?;
            Ok(json!([]).into())
        }
        None => {
            session.db.insert(&AI, new)?;
            Ok(json!([]).into())
        }
    }
}

fn refused(session: &mut Session<'_>, mut new: Row) -> Failure {
    new.insert("createdAt".to_owned(), json!(session.db.tick()));
    let mut params = Vec::new();
    let mut values = Vec::new();
    for column in AI.columns {
        match new.get(column.name) {
            Some(value) => {
                params.push(param(value));
                values.push(format!("${}", params.len()));
            }
            None => values.push("default".to_owned()),
        }
    }
    let mut set = Vec::new();
    for column in AI.columns {
        if let Some(value) = session.input.get(column.name) {
            params.push(param(value));
            set.push(format!("\"{}\" = ${}", column.name, params.len()));
        }
    }
    let columns: Vec<String> = AI
        .columns
        .iter()
        .map(|it| format!("\"{}\"", it.name))
        .collect();
    let message = format!(
        "Failed query: insert into \"ai\" ({}) values ({}) on conflict (\"aiId\") do update set {}\nparams: {}",
        columns.join(", "),
        values.join(", "),
        set.join(", "),
        params.join(",")
    );
    Failure::new(Code::Internal, message)
}

fn delete(session: &mut Session<'_>) -> Outcome {
    let id = session.text("aiId");
    if session
        .db
        .get(&AI, &id)
        .is_some_and(|it| !session.is_foreign(it))
    {
        session.db.delete(&AI, &id);
    }
    Ok(json!([]).into())
}

fn check_url(session: &Session<'_>) -> Result<(), Failure> {
    let url = column_text(&session.input, "apiUrl");
    let is_url = url
        .split_once("://")
        .is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty());
    if session.has("apiUrl") && !is_url {
        let detail = row(
            json!({"code": "invalid_format", "format": "url", "path": ["apiUrl"],
            "message": "Please enter a valid URL"}),
        );
        return Err(Failure::invalid(vec![field::Issue {
            field: "apiUrl",
            message: "Please enter a valid URL".to_owned(),
            detail: json!(detail),
        }]));
    }
    Ok(())
}
