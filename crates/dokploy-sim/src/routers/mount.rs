//! Mounts: volumes, directories and files that containers of services see.

use serde_json::{Value, json};

use crate::db::{Db, Row, row, text as column_text};
use crate::failure::Failure;
use crate::field::{Field, one_of, text};
use crate::procedure::{Outcome, Procedure, Reply, Session, mutation, query};
use crate::routers::{self, Router, router, service};
use crate::schema::{OnDelete, Spec, column, id, table};
use crate::settings::Version;

const TABLES: &[&Spec] = &[&MOUNT];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static MOUNT: Spec = table(
    "mount",
    &[
        id("mountId"),
        column("type"),
        column("hostPath"),
        column("volumeName"),
        column("filePath"),
        column("content"),
        column("serviceType").or("\"application\""),
        column("mountPath"),
        column("applicationId").points_to("application", OnDelete::Cascade),
        column("composeId").points_to("compose", OnDelete::Cascade),
        column("libsqlId")
            .points_to("libsql", OnDelete::Cascade)
            .since(Version::V0_30_2),
        column("mariadbId").points_to("mariadb", OnDelete::Cascade),
        column("mongoId").points_to("mongo", OnDelete::Cascade),
        column("mysqlId").points_to("mysql", OnDelete::Cascade),
        column("postgresId").points_to("postgres", OnDelete::Cascade),
        column("redisId").points_to("redis", OnDelete::Cascade),
    ],
);

const ID: &[Field] = &[text("mountId").min(1)];

const CREATE: &[Field] = &[
    one_of("type", &["bind", "volume", "file"]),
    text("hostPath").nullable().optional(),
    text("volumeName").nullable().optional(),
    text("content").nullable().optional(),
    text("mountPath").min(1),
    text("filePath").nullable().optional(),
    one_of("serviceType", service::OLDER_TYPES)
        .optional()
        .until(Version::V0_30_2),
    one_of("serviceType", service::TYPES)
        .optional()
        .since(Version::V0_30_2),
    text("serviceId").min(1),
];

const UPDATE: &[Field] = &[
    text("mountId").min(1),
    one_of("type", &["bind", "volume", "file"]).optional(),
    text("hostPath").nullable().optional(),
    text("volumeName").nullable().optional(),
    text("filePath").nullable().optional(),
    text("content").nullable().optional(),
    one_of("serviceType", service::OLDER_TYPES)
        .optional()
        .until(Version::V0_30_2),
    one_of("serviceType", service::TYPES)
        .optional()
        .since(Version::V0_30_2),
    text("mountPath").min(1).optional(),
    text("applicationId").nullable().optional(),
    text("composeId").nullable().optional(),
    text("libsqlId")
        .nullable()
        .optional()
        .since(Version::V0_30_2),
    text("mariadbId").nullable().optional(),
    text("mongoId").nullable().optional(),
    text("mysqlId").nullable().optional(),
    text("postgresId").nullable().optional(),
    text("redisId").nullable().optional(),
];

const PROCEDURES: &[Procedure] = &[
    mutation("mounts.create", CREATE, create),
    mutation("mounts.remove", &[text("mountId")], remove),
    query("mounts.one", ID, one),
    mutation("mounts.update", UPDATE, update).nests(|_| true),
    query(
        "mounts.allNamedByApplicationId",
        &[text("applicationId").min(1)],
        all_named,
    ),
    query(
        "mounts.listByServiceId",
        &[text("serviceType").min(1), text("serviceId").min(1)],
        of_service,
    )
    .since(Version::V0_30_2),
];

/// The kinds of services, in the order in which a mount shows them.
const SERVICES: [&str; 8] = [
    "application",
    "compose",
    "libsql",
    "mariadb",
    "mongo",
    "mysql",
    "postgres",
    "redis",
];

fn create(session: &mut Session<'_>) -> Outcome {
    let mut new = session.input_without(&["serviceId"]);
    // Only a type that was given says which column the id goes to: without one, the mount belongs to nothing.
    if session.has("serviceType") {
        let column = format!("{}Id", session.text("serviceType"));
        new.insert(column, json!(session.text("serviceId")));
    }
    let created = session.db.insert(&MOUNT, new);
    Ok(created
        .map_err(|it| Failure::bad_request(format!("Error {}", it.0)))?
        .into())
}

fn remove(session: &mut Session<'_>) -> Outcome {
    let row = find(session)?;
    session.db.delete(&MOUNT, &session.text("mountId"));
    Ok(row.into())
}

fn one(session: &mut Session<'_>) -> Outcome {
    Ok(with_services(session.db, find(session)?).into())
}

/// Answers the mount as it was before: the real one reads it through another connection, before the commit.
fn update(session: &mut Session<'_>) -> Outcome {
    let before = with_services(session.db, find(session)?);
    let id = session.text("mountId");
    let patch = session.input.clone();
    session.db.update(&MOUNT, &id, &patch)?;
    Ok(before.into())
}

fn all_named(_: &mut Session<'_>) -> Outcome {
    Ok(Reply::Empty)
}

fn of_service(session: &mut Session<'_>) -> Outcome {
    let column = format!("{}Id", session.text("serviceType"));
    let id = session.text("serviceId");
    let rows: Vec<&Row> = session.db.rows_with(&MOUNT, &column, &id).collect();
    Ok(json!(rows).into())
}

fn find(session: &Session<'_>) -> Result<Row, Failure> {
    let row = session.db.get(&MOUNT, &session.text("mountId"));
    row.cloned()
        .ok_or_else(|| Failure::not_found("Mount not found"))
}

/// The mount with a little of the service that it belongs to.
fn with_services(db: &Db, mut mount: Row) -> Row {
    for name in SERVICES {
        let table = routers::services().find(|it| it.name == name);
        let service = table.and_then(|it| db.get(it, column_text(&mount, it.key())));
        let shown = service.map_or(Value::Null, |it| {
            let mut shown = service::some_columns(it, &["serverId", "appName"]);
            let organization = service::organization_of(db, it);
            let environment = json!({"project": {"organizationId": organization}});
            shown.extend(row(json!({ "environment": environment })));
            Value::Object(shown)
        });
        mount.insert(name.to_owned(), shown);
    }
    mount
}
