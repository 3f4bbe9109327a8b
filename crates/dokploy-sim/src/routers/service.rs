//! What all services have in common: applications, composes and databases live in an environment, perhaps on a
//! server, and run under a name that Dokploy makes up.

use serde_json::{Value, json};

use crate::db::{Db, Row, row, text as column_text};
use crate::deploying::{Deploying, UnderWay};
use crate::failure::Failure;
use crate::field::{Field, Pattern, number, text};
use crate::procedure::{Outcome, Procedure, Session};
use crate::routers::{Router, environment, mount, organization, project, router, server};
use crate::schema::{Fill, OnDelete, Spec, column, created_at, id, table};
use crate::time;

/// The same before there was libsql.
pub(crate) const OLDER_TYPES: &[&str] = &[
    "application",
    "postgres",
    "mysql",
    "mariadb",
    "mongo",
    "redis",
    "compose",
];

/// The services, as mounts and backups of volumes name their types.
pub(crate) const TYPES: &[&str] = &[
    "application",
    "postgres",
    "mysql",
    "mariadb",
    "mongo",
    "redis",
    "compose",
    "libsql",
];

/// Deployments are not called for by themselves here: services show theirs.
const TABLES: &[&Spec] = &[&DEPLOYMENT];

pub(crate) const ROUTER: Router = router(TABLES, NONE);

const NONE: &[Procedure] = &[];

pub(crate) static DEPLOYMENT: Spec = table(
    "deployment",
    &[
        id("deploymentId"),
        column("title"),
        column("description"),
        column("status").or("\"running\""),
        column("logPath"),
        column("pid"),
        column("applicationId").points_to("application", OnDelete::Cascade),
        column("composeId").points_to("compose", OnDelete::Cascade),
        column("serverId").points_to("server", OnDelete::Cascade),
        column("isPreviewDeployment").or("false"),
        column("previewDeploymentId"),
        created_at(),
        column("startedAt").fill(Fill::Now),
        column("finishedAt").fill(Fill::Now),
        column("errorMessage"),
        column("scheduleId"),
        column("backupId"),
        column("rollbackId"),
        column("volumeBackupId"),
        column("buildServerId").points_to("server", OnDelete::SetNull),
    ],
);

/// The form that a chosen name must have.
pub(crate) static APP_NAME: Pattern = Pattern {
    regex: "/^[a-zA-Z0-9._-]+$/",
    message: "App name can only contain letters, numbers, dots, underscores and hyphens",
    holds: |it| {
        !it.is_empty()
            && it
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || b"._-".contains(&it))
    },
};

/// The input of searches.
pub(crate) const SEARCH: &[Field] = &[
    text("q").optional(),
    text("name").optional(),
    text("appName").optional(),
    text("description").optional(),
    text("projectId").optional(),
    text("environmentId").optional(),
    number("limit").default("20"),
    number("offset").default("0"),
];

/// The input of moves, but for the id of what is moved.
pub(crate) const fn target() -> Field {
    text("targetEnvironmentId")
}

/// Refuses an environment or a server that the caller does not have.
pub(crate) fn check_place(session: &Session<'_>) -> Result<(), Failure> {
    let environment = session
        .db
        .get(&environment::ENVIRONMENT, &session.text("environmentId"));
    let environment = environment.ok_or_else(|| Failure::not_found("Environment not found"))?;
    let project = session
        .db
        .get(&project::PROJECT, column_text(environment, "projectId"));
    if project.is_none_or(|it| session.is_foreign(it)) {
        return Err(Failure::unauthorized(
            "You are not authorized to access this project",
        ));
    }
    let server_id = session.text("serverId");
    let server = session.db.get(&server::SERVER, &server_id);
    if !server_id.is_empty() && server.is_none_or(|it| session.is_foreign(it)) {
        return Err(Failure::unauthorized(
            "You are not authorized to access this server",
        ));
    }
    Ok(())
}

/// The name that a new service runs under: what was asked for, or something made up, and a random end.
pub(crate) fn new_app_name(session: &mut Session<'_>, prefix: &str) -> String {
    let asked = session.text("appName").to_lowercase();
    let stem = if asked.is_empty() {
        format!("{prefix}-generated")
    } else {
        asked
    };
    session.db.app_name(&stem)
}

/// Adds a service and notes that the caller has access to it.
pub(crate) fn insert(
    session: &mut Session<'_>,
    table: &'static Spec,
    new: Row,
) -> Result<Row, Failure> {
    let created = session.db.insert(table, new)?;
    let id = column_text(&created, table.key()).to_owned();
    organization::note_access(session, "accessedServices", &id);
    Ok(created)
}

/// The service of the input's id, if the caller may have it.
pub(crate) fn find(session: &Session<'_>, table: &Spec, label: &str) -> Result<Row, Failure> {
    let row = session.db.get(table, &session.text(table.key()));
    let row = row.ok_or_else(|| Failure::not_found(format!("{label} not found")))?;
    if organization_of(session.db, row) != session.caller.organization {
        let label = if label == "Application" || label == "Compose" {
            label.to_lowercase()
        } else {
            label.to_owned()
        };
        return Err(Failure::unauthorized(format!(
            "You are not authorized to access this {label}"
        )));
    }
    Ok(row.clone())
}

/// The organization that a service belongs to, through its environment and project.
pub(crate) fn organization_of<'a>(db: &'a Db, service: &Row) -> &'a str {
    let environment = db.get(
        &environment::ENVIRONMENT,
        column_text(service, "environmentId"),
    );
    let project =
        environment.and_then(|it| db.get(&project::PROJECT, column_text(it, "projectId")));
    project.map_or("", |it| column_text(it, "organizationId"))
}

/// The environment of a service, with its project.
pub(crate) fn environment_of(db: &Db, service: &Row) -> Value {
    let environment = db.get(
        &environment::ENVIRONMENT,
        column_text(service, "environmentId"),
    );
    let Some(mut environment) = environment.cloned() else {
        return Value::Null;
    };
    let project = db.get(&project::PROJECT, column_text(&environment, "projectId"));
    environment.insert("project".to_owned(), json!(project));
    Value::Object(environment)
}

/// The server of a service; null if it runs on the Dokploy host.
pub(crate) fn server_of(db: &Db, service: &Row) -> Value {
    json!(db.get(&server::SERVER, column_text(service, "serverId")))
}

/// The rows of a table that point to a service.
pub(crate) fn pointing_to(db: &Db, table: &Spec, column: &str, id: &str) -> Value {
    json!(db.rows_with(table, column, id).collect::<Vec<_>>())
}

/// The mounts of a service.
pub(crate) fn mounts_of(db: &Db, column: &str, id: &str) -> Value {
    pointing_to(db, &mount::MOUNT, column, id)
}

/// Moves a service to another environment, and answers the row.
pub(crate) fn move_to(session: &mut Session<'_>, table: &'static Spec, label: &str) -> Outcome {
    find(session, table, label)?;
    let target = session.text("targetEnvironmentId");
    let id = session.text(table.key());
    let patch = row(json!({ "environmentId": target }));
    Ok(json!(session.db.update(table, &id, &patch)?).into())
}

/// Sets columns of a service that is there.
pub(crate) fn set(
    session: &mut Session<'_>,
    table: &'static Spec,
    patch: Value,
) -> Result<(), Failure> {
    let id = session.text(table.key());
    session.db.update(table, &id, &row(patch))?;
    Ok(())
}

/// Deploys a service with a history of deployments: at once, or as [`crate::Deploying`] says.
pub(crate) fn deploy(session: &mut Session<'_>, table: &'static Spec) -> Result<(), Failure> {
    let id = session.text(table.key());
    let app_name = session
        .db
        .get(table, &id)
        .map_or("", |it| column_text(it, "appName"))
        .to_owned();
    let title = session.text("title");
    let title = if title.is_empty() {
        "Manual deployment".to_owned()
    } else {
        title
    };
    let now = time::iso(session.db.now.saturating_add(session.db.settings.tick));
    let deployment = json!({
        "title": title, "description": session.text("description"), "status": "running",
        "logPath": format!("/etc/dokploy/logs/{app_name}/{app_name}-{}.log", now.replace('T', ":").get(..19).unwrap_or_default()),
        table.key(): id,
    });
    let made = session.db.insert(&DEPLOYMENT, row(deployment))?;
    let deployment = column_text(&made, "deploymentId").to_owned();
    begin(session, table, Some(deployment))
}

/// Begins to deploy a service.
pub(crate) fn begin(
    session: &mut Session<'_>,
    table: &'static Spec,
    deployment: Option<String>,
) -> Result<(), Failure> {
    let id = session.text(table.key());
    let yard = &mut session.db.yard;
    let Deploying { looks, fails, log } = yard.next.clone();
    yard.logs
        .extend(deployment.clone().map(|deployment| (deployment, log)));
    let under_way = UnderWay {
        looks,
        fails,
        deployment,
    };
    yard.under_way.insert(id.clone(), under_way);
    set(session, table, json!({ status_of(table): "running" }))?;
    look(session, table, &id)
}

/// Looks at what is deployed: it ends when it was looked at often enough.
pub(crate) fn look(
    session: &mut Session<'_>,
    table: &'static Spec,
    id: &str,
) -> Result<(), Failure> {
    let Some(it) = session.db.yard.under_way.get_mut(id) else {
        return Ok(());
    };
    if it.looks > 0 {
        it.looks -= 1;
        return Ok(());
    }
    let Some(it) = session.db.yard.under_way.remove(id) else {
        return Ok(());
    };
    let status = if it.fails { "error" } else { "done" };
    if let Some(deployment) = it.deployment {
        let now = time::iso(session.db.now);
        let end = row(json!({"status": status, "finishedAt": now}));
        session.db.update(&DEPLOYMENT, &deployment, &end)?;
    }
    let end = row(json!({ status_of(table): status }));
    session.db.update(table, id, &end)?;
    Ok(())
}

/// The column that says how a service goes.
fn status_of(table: &Spec) -> &'static str {
    if table.key() == "composeId" {
        "composeStatus"
    } else {
        "applicationStatus"
    }
}

/// The services that a search asks for, newest first, as some of their columns.
pub(crate) fn search(session: &Session<'_>, table: &Spec, columns: &[&str]) -> Outcome {
    let asked = |name: &str| session.text(name).to_lowercase();
    let has = |row: &Row, column: &str, part: &str| {
        column_text(row, column).to_lowercase().contains(part)
    };
    let q = asked("q");
    let parts = ["name", "appName", "description"].map(|it| (it, asked(it)));
    // What only applications are searched by.
    let sources = ["repository", "owner", "dockerImage"].map(|it| (it, asked(it)));
    let (project, environment) = (session.text("projectId"), session.text("environmentId"));
    let found: Vec<&Row> = session
        .db
        .rows(table)
        .rev()
        .filter(|it| organization_of(session.db, it) == session.caller.organization)
        .filter(|it| q.is_empty() || parts.iter().any(|(column, _)| has(it, column, &q)))
        .filter(|it| {
            parts
                .iter()
                .chain(&sources)
                .all(|(column, part)| part.is_empty() || has(it, column, part))
        })
        .filter(|it| environment.is_empty() || column_text(it, "environmentId") == environment)
        .filter(|it| project.is_empty() || project_of(session.db, it) == project)
        .collect();
    let number = |name: &str| {
        session
            .input
            .get(name)
            .and_then(Value::as_u64)
            .unwrap_or_default() as usize
    };
    let page = found.iter().skip(number("offset")).take(number("limit"));
    let items: Vec<Row> = page.map(|it| some_columns(it, columns)).collect();
    Ok(json!({"items": items, "total": found.len()}).into())
}

fn project_of<'a>(db: &'a Db, service: &Row) -> &'a str {
    let environment = db.get(
        &environment::ENVIRONMENT,
        column_text(service, "environmentId"),
    );
    environment.map_or("", |it| column_text(it, "projectId"))
}

/// Some columns of a row, in this order.
pub(crate) fn some_columns(row: &Row, columns: &[&str]) -> Row {
    columns
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), row.get(*name)?.clone())))
        .collect()
}

/// A service as environments list it.
pub(crate) fn in_environment(db: &Db, table: &Spec, row: &Row) -> Row {
    let key = table.key();
    let columns: &[&str] = match table.name {
        "application" => &[
            "name",
            key,
            "createdAt",
            "applicationStatus",
            "description",
            "serverId",
            "icon",
        ],
        "postgres" => &[
            key,
            "name",
            "description",
            "createdAt",
            "applicationStatus",
            "serverId",
        ],
        "compose" => &[
            key,
            "name",
            "createdAt",
            "composeStatus",
            "description",
            "serverId",
        ],
        _ => &[
            key,
            "name",
            "createdAt",
            "applicationStatus",
            "description",
            "serverId",
        ],
    };
    with_server_name(db, row, columns)
}

/// A service as projects list it.
pub(crate) fn in_project(db: &Db, table: &Spec, row: &Row) -> Row {
    let key = table.key();
    let rest: &[&str] = match table.name {
        "application" => &["applicationStatus", key, "icon"],
        "compose" => &[key, "composeStatus"],
        _ => &["applicationStatus", key],
    };
    let columns = [
        &["name", "description", "appName", "createdAt", "serverId"],
        rest,
    ]
    .concat();
    with_server_name(db, row, &columns)
}

fn with_server_name(db: &Db, row: &Row, columns: &[&str]) -> Row {
    let mut res = some_columns(row, columns);
    let server = db.get(&server::SERVER, column_text(row, "serverId"));
    let server = server.map(|it| json!({"name": it.get("name"), "serverId": it.get("serverId")}));
    res.insert("server".to_owned(), json!(server));
    res
}
