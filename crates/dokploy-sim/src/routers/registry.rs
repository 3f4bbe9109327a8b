//! Container registries. Nearly every change runs `docker login`, and most quirks come from that.

use serde_json::{Value, json};

use crate::db::{DbError, Row, text as column_text};
use crate::failure::Failure;
use crate::field::{Field, one_of, text};
use crate::procedure::{Outcome, Procedure, Session, mutation, query};
use crate::routers::{Router, router, server};
use crate::schema::{Spec, column, created_at, id, organization_id, table};
use crate::settings::{IdStyle, Version};

const TABLES: &[&Spec] = &[&REGISTRY];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static REGISTRY: Spec = table(
    "registry",
    &[
        id("registryId"),
        column("registryName"),
        column("imagePrefix"),
        column("username"),
        column("password"),
        column("registryUrl").or("\"\""),
        created_at(),
        column("registryType").sql("selfHosted").or("\"cloud\""),
        organization_id(),
    ],
);

const URL_MESSAGE: &str = "Registry URL must be a valid hostname or hostname:port (e.g. registry.example.com or localhost:5000)";

const ID: &[Field] = &[text("registryId").min(1)];

const CREATE: &[Field] = &[
    text("registryName").min(1),
    text("username").trim().min(1),
    text("password").min(1),
    text("registryUrl").check(check_url),
    one_of("registryType", &["cloud"]),
    text("imagePrefix").nullable().nonoptional(),
    text("serverId").optional(),
];

const UPDATE: &[Field] = &[
    text("registryId").min(1),
    text("registryName").min(1).optional(),
    text("imagePrefix").nullable().optional(),
    text("username").trim().min(1).optional(),
    text("password").min(1).optional(),
    text("registryUrl").check(check_url).optional(),
    text("createdAt").optional(),
    one_of("registryType", &["cloud"]).optional(),
    text("organizationId").min(1).optional(),
    text("serverId").optional(),
];

const TEST: &[Field] = &[
    text("registryName").optional(),
    text("username").trim().min(1),
    text("password").min(1),
    text("registryUrl").check(check_url),
    one_of("registryType", &["cloud"]),
    text("imagePrefix").nullable().optional(),
    text("serverId").optional(),
];

const PROCEDURES: &[Procedure] = &[
    mutation("registry.create", CREATE, create)
        .guarded("registry")
        .nests(names_a_server),
    mutation(
        "registry.remove",
        &[text("registryId").min(1).nonoptional()],
        remove,
    )
    .guarded("registry"),
    mutation("registry.update", UPDATE, update).guarded("registry"),
    query("registry.all", &[], all).guarded("registry"),
    query("registry.one", ID, one).guarded("registry"),
    mutation("registry.testRegistry", TEST, test).guarded("registry"),
    mutation(
        "registry.testRegistryById",
        &[
            text("registryId").min(1).optional(),
            text("serverId").optional(),
        ],
        test_by_id,
    )
    .guarded("registry")
    .since(Version::V0_30_2),
];

fn create(session: &mut Session<'_>) -> Outcome {
    let given = session.input.clone();
    log_in(session, &given, &session.text("serverId"))?;
    let mut new = session.input_without(&["serverId"]);
    new.insert(
        "organizationId".to_owned(),
        json!(session.caller.organization),
    );
    let row = session.db.insert(&REGISTRY, new).map_err(refused)?;
    Ok(row.into())
}

fn remove(session: &mut Session<'_>) -> Outcome {
    let row = find(session, "delete")?;
    session.db.delete(&REGISTRY, &session.text("registryId"));
    // `docker logout` comes after the row is gone, and its failure does not bring the row back.
    if column_text(&row, "registryUrl").starts_with("logoutfail") {
        return Err(Failure::bad_request("Error removing this registry"));
    }
    Ok(row.into())
}

fn update(session: &mut Session<'_>) -> Outcome {
    find(session, "update")?;
    let id = session.text("registryId");
    let patch = session.input_without(&["registryId", "serverId"]);
    if patch.is_empty() && session.has("serverId") {
        return Err(refused(session.db.failed_update(&REGISTRY, "", &[id])));
    }
    // Stored first, tried afterwards: what `docker login` refuses stays stored.
    let row = session.db.update(&REGISTRY, &id, &patch).map_err(refused)?;
    let row = row.ok_or_else(|| Failure::not_found("Registry not found"))?;
    log_in(session, &row, &session.text("serverId"))?;
    Ok(json!(true).into())
}

fn all(session: &mut Session<'_>) -> Outcome {
    let rows = session
        .db
        .rows_with(&REGISTRY, "organizationId", &session.caller.organization);
    Ok(json!(rows.collect::<Vec<_>>()).into())
}

fn one(session: &mut Session<'_>) -> Outcome {
    let mut row = find(session, "access")?;
    row.shift_remove("password");
    Ok(row.into())
}

fn test(session: &mut Session<'_>) -> Outcome {
    let given = session.input.clone();
    test_login(session, &given)
}

fn test_by_id(session: &mut Session<'_>) -> Outcome {
    let row = session
        .db
        .get(&REGISTRY, &session.text("registryId"))
        .cloned();
    let row = row.filter(|it| !session.is_foreign(it));
    let row = row.ok_or_else(|| Failure::bad_request("Registry not found"))?;
    test_login(session, &row)
}

fn test_login(session: &Session<'_>, row: &Row) -> Outcome {
    let server = session.text("serverId");
    match log_in(session, row, &server) {
        Err(_) if is_local(&server) => Err(Failure::bad_request(format!(
            "Command failed with code 1. Stderr: {DOCKER_SAYS}"
        ))),
        result => result.map(|()| json!(true).into()),
    }
}

/// The registry of the input's id, if the caller may do this with it.
fn find(session: &Session<'_>, verb: &str) -> Result<Row, Failure> {
    let row = session.db.get(&REGISTRY, &session.text("registryId"));
    let row = row.ok_or_else(|| Failure::not_found("Registry not found"))?;
    if session.is_foreign(row) {
        return Err(Failure::unauthorized(format!(
            "You are not allowed to {verb} this registry"
        )));
    }
    Ok(row.clone())
}

const DOCKER_SAYS: &str = "Error response from daemon: Get \"https://registry/v2/\": unauthorized: incorrect username or password\n";

/// `docker login`, here or on a server.
fn log_in(session: &Session<'_>, row: &Row, server_id: &str) -> Result<(), Failure> {
    let is_local = is_local(server_id);
    let is_checked = session.db.settings.ids == IdStyle::Nanoid;
    if is_checked && !is_local && session.db.get(&server::SERVER, server_id).is_none() {
        return Err(Failure::bad_request("Server not found"));
    }
    let password = column_text(row, "password");
    if !session.db.refused_passwords.iter().any(|it| it == password) {
        return Ok(());
    }
    if !is_local {
        return Err(Failure::bad_request(
            "Remote command failed with exit code 1",
        ));
    }
    // Dokploy masks the password as it was given, so one that the shell's quoting changes is not masked.
    let shown = if password.contains('\'') {
        quoted(password)
    } else {
        "'***'".to_owned()
    };
    Err(Failure::bad_request(format!(
        "Command execution failed: Command failed: printf %s {shown} | docker login {} -u {} --password-stdin\n{DOCKER_SAYS}",
        quoted(column_text(row, "registryUrl")),
        quoted(column_text(row, "username")),
    )))
}

/// Whether a serverId stands for the Dokploy host itself.
fn is_local(server_id: &str) -> bool {
    server_id.is_empty() || server_id == "none"
}

fn names_a_server(input: &Value) -> bool {
    let id = input.get("serverId").and_then(Value::as_str);
    id.is_some_and(|it| !is_local(it))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn refused(error: DbError) -> Failure {
    Failure::bad_request(error.0)
}

/// `^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9])?(:\d{1,5})?$`, or empty for Docker Hub.
fn check_url(url: &str) -> Option<&'static str> {
    let (host, port) = url
        .split_once(':')
        .map_or((url, None), |(host, port)| (host, Some(port)));
    let is_end = |it: Option<u8>| it.is_some_and(|it| it.is_ascii_alphanumeric());
    let host_is_right = host
        .bytes()
        .all(|it| it.is_ascii_alphanumeric() || b"._-".contains(&it))
        && is_end(host.bytes().next())
        && is_end(host.bytes().last());
    let port_is_right = port
        .is_none_or(|it| (1..=5).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_digit()));
    let is_right = url.is_empty() || (host_is_right && port_is_right);
    (!is_right).then_some(URL_MESSAGE)
}
