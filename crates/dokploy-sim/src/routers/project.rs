//! Projects. Each begins with an environment, and takes all of its content with it.

use serde_json::{Value, json};

use crate::db::{Row, row, text as column_text};
use crate::failure::Failure;
use crate::field::{Field, number, text};
use crate::procedure::{Outcome, Procedure, Session, mutation, query};
use crate::routers::environment::{self, ENVIRONMENT};
use crate::routers::{Router, organization, router, service, tag};
use crate::schema::{Spec, column, created_at, id, organization_id, table};
use crate::settings::Version;

const TABLES: &[&Spec] = &[&PROJECT];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static PROJECT: Spec = table(
    "project",
    &[
        id("projectId"),
        column("name"),
        column("description"),
        created_at(),
        organization_id(),
        column("env").or("\"\""),
    ],
);

const CREATE: &[Field] = &[
    text("name").min(1),
    text("description").nullable().optional(),
    text("env").optional(),
];

const UPDATE: &[Field] = &[
    text("projectId").min(1),
    text("name").min(1).optional(),
    text("description").nullable().optional(),
    text("createdAt").optional(),
    text("organizationId").optional(),
    text("env").optional(),
];

const SEARCH: &[Field] = &[
    text("q").optional(),
    text("name").optional(),
    text("description").optional(),
    number("limit").default("20"),
    number("offset").default("0"),
];

const PROCEDURES: &[Procedure] = &[
    mutation("project.create", CREATE, create).guarded("project"),
    query("project.one", &[text("projectId").min(1)], one),
    query("project.all", &[], all),
    query("project.search", SEARCH, search).since(Version::V0_30_2),
    mutation(
        "project.remove",
        &[text("projectId").min(1).nonoptional()],
        remove,
    )
    .guarded("project"),
    mutation("project.update", UPDATE, update),
];

fn create(session: &mut Session<'_>) -> Outcome {
    let mut new = session.input.clone();
    new.insert(
        "organizationId".to_owned(),
        json!(session.caller.organization),
    );
    let wrapped = |it| Failure::from(it).wrapped("Error creating the project: ");
    let project = session.db.insert(&PROJECT, new).map_err(wrapped)?;
    let id = column_text(&project, "projectId").to_owned();
    let environment = json!({
        "name": "production", "description": "Production environment", "projectId": id, "isDefault": true,
    });
    let environment = session
        .db
        .insert(&ENVIRONMENT, row(environment))
        .map_err(wrapped)?;
    organization::note_access(session, "accessedProjects", &id);
    let environment_id = column_text(&environment, "environmentId").to_owned();
    organization::note_access(session, "accessedEnvironments", &environment_id);
    Ok(json!({"project": project, "environment": environment}).into())
}

fn one(session: &mut Session<'_>) -> Outcome {
    let mut project = find(session)?;
    let id = session.text("projectId");
    let environments = session
        .db
        .rows_with(&ENVIRONMENT, "projectId", &id)
        .map(|it| {
            let mut row = it.clone();
            // This one answers its lists in alphabetical order, the others do not.
            let mut services = environment::services(session.db, it, service::in_project);
            services.sort_by(|(a, _), (b, _)| a.cmp(b));
            row.extend(services);
            row
        });
    let environments = environments.collect::<Vec<_>>();
    project.insert("environments".to_owned(), json!(environments));
    project.insert("projectTags".to_owned(), tag::of_project(session.db, &id));
    Ok(project.into())
}

fn all(session: &mut Session<'_>) -> Outcome {
    let rows = session
        .db
        .rows_with(&PROJECT, "organizationId", &session.caller.organization);
    // Members see what they were given access to.
    let visible = organization::accessed(session, "accessedProjects");
    let rows = rows.filter(|it| {
        session.caller.role != "member"
            || visible.iter().any(|id| id == column_text(it, "projectId"))
    });
    let res = rows.rev().map(|it| {
        let mut project = it.clone();
        let id = column_text(it, "projectId");
        let environments = session
            .db
            .rows_with(&ENVIRONMENT, "projectId", id)
            .map(|it| {
                let mut row = Row::new();
                for name in ["name", "environmentId", "isDefault"] {
                    row.insert(name.to_owned(), it.get(name).cloned().unwrap_or_default());
                }
                row.extend(environment::services(
                    session.db,
                    it,
                    service::in_environment,
                ));
                row
            });
        project.insert(
            "environments".to_owned(),
            json!(environments.collect::<Vec<_>>()),
        );
        project.insert("projectTags".to_owned(), tag::of_project(session.db, id));
        project
    });
    Ok(json!(res.collect::<Vec<_>>()).into())
}

fn search(session: &mut Session<'_>) -> Outcome {
    let rows = session
        .db
        .rows_with(&PROJECT, "organizationId", &session.caller.organization);
    let q = session.text("q").to_lowercase();
    let has = |row: &Row, column: &str, part: &str| {
        part.is_empty() || column_text(row, column).to_lowercase().contains(part)
    };
    let (name, description) = (
        session.text("name").to_lowercase(),
        session.text("description").to_lowercase(),
    );
    let found: Vec<&Row> = rows
        .rev()
        .filter(|it| has(it, "name", &q) || has(it, "description", &q))
        .filter(|it| has(it, "name", &name) && has(it, "description", &description))
        .collect();
    let number = |name: &str| {
        session
            .input
            .get(name)
            .and_then(Value::as_u64)
            .unwrap_or_default() as usize
    };
    let page: Vec<&Row> = found
        .iter()
        .skip(number("offset"))
        .take(number("limit"))
        .copied()
        .collect();
    Ok(json!({"items": page, "total": found.len()}).into())
}

fn remove(session: &mut Session<'_>) -> Outcome {
    let row = find(session)?;
    session.db.delete(&PROJECT, &session.text("projectId"));
    Ok(row.into())
}

fn update(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    let patch = session.input.clone();
    let row = session
        .db
        .update(&PROJECT, &session.text("projectId"), &patch)?;
    Ok(json!(row).into())
}

fn find(session: &Session<'_>) -> Result<Row, Failure> {
    let row = session.db.get(&PROJECT, &session.text("projectId"));
    let row = row.ok_or_else(|| Failure::not_found("Project not found"))?;
    if session.is_foreign(row) {
        return Err(Failure::unauthorized(
            "You are not authorized to access this project",
        ));
    }
    Ok(row.clone())
}
