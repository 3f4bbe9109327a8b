//! Environments: what a project's services are in.

use serde_json::{Value, json};

use crate::db::{Db, Row, text as column_text};
use crate::failure::Failure;
use crate::field::{Field, text};
use crate::procedure::{Outcome, Procedure, Session, mutation, query};
use crate::routers::project::PROJECT;
use crate::routers::{self, Router, organization, router, service};
use crate::schema::{OnDelete, Spec, column, created_at, id, table};
use crate::settings::Version;

const TABLES: &[&Spec] = &[&ENVIRONMENT];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static ENVIRONMENT: Spec = table(
    "environment",
    &[
        id("environmentId"),
        column("name"),
        column("description"),
        created_at(),
        column("env").or("\"\""),
        column("projectId").points_to("project", OnDelete::Cascade),
        column("isDefault").or("false"),
    ],
)
.word("env");

const ID: &[Field] = &[text("environmentId").min(1)];

const CREATE: &[Field] = &[
    text("name").min(1),
    text("projectId").min(1),
    text("description")
        .nullable()
        .optional()
        .until(Version::V0_30_2),
    text("description").optional().since(Version::V0_30_2),
];

const UPDATE: &[Field] = &[
    text("environmentId").min(1),
    text("name").min(1).optional(),
    text("description")
        .nullable()
        .optional()
        .until(Version::V0_30_2),
    text("description").optional().since(Version::V0_30_2),
    text("createdAt").optional().until(Version::V0_30_2),
    text("projectId").optional(),
    text("env").optional(),
];

const DUPLICATE: &[Field] = &[
    text("environmentId").min(1),
    text("name").min(1),
    text("description")
        .nullable()
        .optional()
        .until(Version::V0_30_2),
    text("description").optional().since(Version::V0_30_2),
];

const PROCEDURES: &[Procedure] = &[
    mutation("environment.create", CREATE, create).guarded("environment"),
    query("environment.one", ID, one),
    query("environment.byProjectId", &[text("projectId")], by_project),
    mutation(
        "environment.remove",
        &[text("environmentId").min(1).nonoptional()],
        remove,
    )
    .guarded("environment"),
    mutation("environment.update", UPDATE, update),
    mutation("environment.duplicate", DUPLICATE, duplicate).guarded("environment"),
];

/// The kinds of services, by the name of the list that they are in.
const SERVICES: [(&str, &str); 8] = [
    ("applications", "application"),
    ("mariadb", "mariadb"),
    ("mongo", "mongo"),
    ("mysql", "mysql"),
    ("postgres", "postgres"),
    ("redis", "redis"),
    ("compose", "compose"),
    ("libsql", "libsql"),
];

/// The services of an environment, a list for each kind, in which each looks as the function says.
pub(crate) fn services(
    db: &Db,
    environment: &Row,
    shown: fn(&Db, &Spec, &Row) -> Row,
) -> Vec<(String, Value)> {
    let id = column_text(environment, "environmentId");
    let lists = SERVICES.iter().map(|(list, table)| {
        let spec = routers::services().find(|it| it.name == *table);
        let rows: Vec<Row> = spec
            .into_iter()
            .flat_map(|spec| {
                db.rows_with(spec, "environmentId", id)
                    .map(move |it| shown(db, spec, it))
            })
            .collect();
        ((*list).to_owned(), json!(rows))
    });
    lists.collect()
}

fn create(session: &mut Session<'_>) -> Outcome {
    if session.text("name") == "production" {
        let message = "You cannot create a environment with the name 'production'";
        return Err(Failure::bad_request(message));
    }
    let new = session.input.clone();
    let created = session.db.insert(&ENVIRONMENT, new);
    let created =
        created.map_err(|it| Failure::from(it).wrapped("Error creating the environment: "))?;
    let id = column_text(&created, "environmentId").to_owned();
    organization::note_access(session, "accessedEnvironments", &id);
    Ok(created.into())
}

fn one(session: &mut Session<'_>) -> Outcome {
    let row = find(session)?;
    let names = [
        "name",
        "description",
        "environmentId",
        "isDefault",
        "projectId",
        "env",
    ];
    Ok(detailed(session, &row, &names).into())
}

fn by_project(session: &mut Session<'_>) -> Outcome {
    let project = session.text("projectId");
    let rows = session.db.rows_with(&ENVIRONMENT, "projectId", &project);
    let names = ["name", "description", "environmentId", "isDefault"];
    let res = rows
        .filter(|it| !is_foreign(session, it))
        .map(|it| detailed(session, it, &names));
    Ok(json!(res.collect::<Vec<_>>()).into())
}

fn remove(session: &mut Session<'_>) -> Outcome {
    let row = find(session)?;
    if row.get("isDefault") == Some(&json!(true)) {
        return Err(Failure::bad_request(
            "You cannot delete the default environment",
        ));
    }
    let has_services = services(session.db, &row, service::in_environment)
        .iter()
        .any(|(_, list)| list.as_array().is_some_and(|it| !it.is_empty()));
    // The older version deletes what is in the environment without a word.
    if has_services && session.version() >= Version::V0_30_2 {
        let message =
            "Cannot delete environment: it has active services. Delete all services first.";
        return Err(Failure::bad_request(message));
    }
    session
        .db
        .delete(&ENVIRONMENT, &session.text("environmentId"));
    Ok(row.into())
}

fn update(session: &mut Session<'_>) -> Outcome {
    let wrapped = |it: Failure| it.wrapped("Error updating the environment: ");
    let row = find(session).map_err(|it| match it.message.as_str() {
        "Environment not found" => wrapped(it),
        _ => it,
    })?;
    if session.has("name") && row.get("isDefault") == Some(&json!(true)) {
        return Err(wrapped(Failure::bad_request(
            "You cannot rename the default environment",
        )));
    }
    let id = session.text("environmentId");
    let patch = session.input_without(&["environmentId"]);
    let row = session.db.update(&ENVIRONMENT, &id, &patch);
    Ok(json!(row.map_err(|it| wrapped(Failure::from(it)))?).into())
}

fn duplicate(session: &mut Session<'_>) -> Outcome {
    let original = find(session)?;
    let mut new = original.clone();
    for name in ["environmentId", "createdAt", "isDefault"] {
        new.shift_remove(name);
    }
    for (name, value) in session.input_without(&["environmentId"]) {
        new.insert(name, value);
    }
    Ok(session.db.insert(&ENVIRONMENT, new)?.into())
}

/// An environment as the web interface wants it: some columns, the services, the project.
fn detailed(session: &Session<'_>, row: &Row, columns: &[&str]) -> Row {
    let columns = columns.iter();
    let mut res: Row = columns
        .map(|name| {
            (
                (*name).to_owned(),
                row.get(*name).cloned().unwrap_or_default(),
            )
        })
        .collect();
    res.extend(services(session.db, row, service::in_environment));
    res.insert("project".to_owned(), json!(project_of(session, row)));
    res
}

fn project_of<'a>(session: &'a Session<'_>, row: &Row) -> Option<&'a Row> {
    session.db.get(&PROJECT, column_text(row, "projectId"))
}

fn is_foreign(session: &Session<'_>, row: &Row) -> bool {
    project_of(session, row).is_none_or(|it| session.is_foreign(it))
}

fn find(session: &Session<'_>) -> Result<Row, Failure> {
    let row = session.db.get(&ENVIRONMENT, &session.text("environmentId"));
    let row = row.ok_or_else(|| Failure::not_found("Environment not found"))?;
    if is_foreign(session, row) {
        return Err(Failure::forbidden(
            "You are not allowed to access this environment",
        ));
    }
    Ok(row.clone())
}
