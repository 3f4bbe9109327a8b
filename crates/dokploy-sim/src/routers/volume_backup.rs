//! Backups of volumes.

use serde_json::json;

use crate::db::{Row, text as column_text};
use crate::failure::Failure;
use crate::field::{Field, Pattern, boolean, number, one_of, text};
use crate::procedure::{Outcome, Procedure, Reply, Session, mutation, query};
use crate::routers::{self, Router, destination, router, schedule, service};
use crate::schema::{OnDelete, Spec, column, created_at, id, table};
use crate::settings::Version;

const TABLES: &[&Spec] = &[&VOLUME_BACKUP];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static VOLUME_BACKUP: Spec = table(
    "volume_backup",
    &[
        id("volumeBackupId"),
        column("name"),
        column("volumeName"),
        column("prefix"),
        column("serviceType").or("\"application\""),
        column("appName"),
        column("serviceName"),
        column("turnOff").or("false"),
        column("cronExpression"),
        column("keepLatestCount").int(),
        column("enabled"),
        column("applicationId").points_to("application", OnDelete::Cascade),
        column("postgresId").points_to("postgres", OnDelete::Cascade),
        column("mariadbId").points_to("mariadb", OnDelete::Cascade),
        column("mongoId").points_to("mongo", OnDelete::Cascade),
        column("mysqlId").points_to("mysql", OnDelete::Cascade),
        column("redisId").points_to("redis", OnDelete::Cascade),
        column("libsqlId")
            .points_to("libsql", OnDelete::Cascade)
            .since(Version::V0_30_2),
        column("composeId").points_to("compose", OnDelete::Cascade),
        created_at(),
        column("destinationId").points_to("destination", OnDelete::Cascade),
    ],
);

static VOLUME: Pattern = Pattern {
    regex: "/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/",
    message: "Volume name must start with a letter or number and contain only letters, numbers, dots, underscores and hyphens",
    holds: |it| {
        it.starts_with(|it: char| it.is_ascii_alphanumeric())
            && it
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || b"_.-".contains(&it))
    },
};

const ID: &[Field] = &[text("volumeBackupId").min(1)];

const CREATE: &[Field] = &[
    text("name"),
    text("volumeName").pattern(&VOLUME),
    text("prefix"),
    one_of("serviceType", service::OLDER_TYPES)
        .optional()
        .until(Version::V0_30_2),
    one_of("serviceType", service::TYPES)
        .optional()
        .since(Version::V0_30_2),
    text("appName").optional(),
    text("serviceName").nullable().optional(),
    boolean("turnOff").coerced().optional(),
    text("cronExpression"),
    number("keepLatestCount").nullable().coerced().optional(),
    boolean("enabled").nullable().coerced().optional(),
    text("applicationId").nullable().optional(),
    text("postgresId").nullable().optional(),
    text("mariadbId").nullable().optional(),
    text("mongoId").nullable().optional(),
    text("mysqlId").nullable().optional(),
    text("redisId").nullable().optional(),
    text("libsqlId")
        .nullable()
        .optional()
        .since(Version::V0_30_2),
    text("composeId").nullable().optional(),
    text("createdAt").optional(),
    text("destinationId"),
];

const UPDATE: &[Field] = &[
    text("name"),
    text("volumeName").pattern(&VOLUME),
    text("prefix"),
    one_of("serviceType", service::OLDER_TYPES)
        .optional()
        .until(Version::V0_30_2),
    one_of("serviceType", service::TYPES)
        .optional()
        .since(Version::V0_30_2),
    text("appName").optional(),
    text("serviceName").nullable().optional(),
    boolean("turnOff").coerced().optional(),
    text("cronExpression"),
    number("keepLatestCount").nullable().coerced().optional(),
    boolean("enabled").nullable().coerced().optional(),
    text("applicationId").nullable().optional(),
    text("postgresId").nullable().optional(),
    text("mariadbId").nullable().optional(),
    text("mongoId").nullable().optional(),
    text("mysqlId").nullable().optional(),
    text("redisId").nullable().optional(),
    text("libsqlId")
        .nullable()
        .optional()
        .since(Version::V0_30_2),
    text("composeId").nullable().optional(),
    text("createdAt").optional(),
    text("destinationId"),
    text("volumeBackupId").min(1),
];

const LIST: &[Field] = &[
    text("id").min(1),
    one_of("volumeBackupType", service::OLDER_TYPES).until(Version::V0_30_2),
    one_of("volumeBackupType", service::TYPES).since(Version::V0_30_2),
];

const PROCEDURES: &[Procedure] = &[
    query("volumeBackups.list", LIST, list),
    mutation("volumeBackups.create", CREATE, create),
    query("volumeBackups.one", ID, one),
    mutation("volumeBackups.delete", ID, delete),
    mutation("volumeBackups.update", UPDATE, update),
];

/// The kinds of services, in the order in which a backup shows them.
const SERVICES: [&str; 8] = [
    "application",
    "postgres",
    "mysql",
    "mariadb",
    "mongo",
    "redis",
    "compose",
    "libsql",
];

fn list(session: &mut Session<'_>) -> Outcome {
    let column = format!("{}Id", session.text("volumeBackupType"));
    let id = session.text("id");
    let rows = session
        .db
        .rows_with(&VOLUME_BACKUP, &column, &id)
        .rev()
        .map(|it| {
            let mut row = it.clone();
            for name in SERVICES {
                let table = routers::services().find(|it| it.name == name);
                let service = table.and_then(|table| {
                    let service = session.db.get(table, column_text(it, table.key()))?;
                    Some(service::some_columns(
                        service,
                        &[table.key(), "appName", "serverId"],
                    ))
                });
                row.insert(name.to_owned(), json!(service));
            }
            row
        });
    Ok(json!(rows.collect::<Vec<_>>()).into())
}

fn create(session: &mut Session<'_>) -> Outcome {
    let app_name = session.db.app_name("volumeBackup-generated");
    let mut new = session.input.clone();
    new.insert("appName".to_owned(), json!(app_name));
    Ok(session.db.insert(&VOLUME_BACKUP, new)?.into())
}

fn one(session: &mut Session<'_>) -> Outcome {
    let mut row = find(session)?;
    for name in SERVICES {
        let table = routers::services().find(|it| it.name == name);
        let shown = table
            .map(|it| schedule::of(session.db, &row, it))
            .unwrap_or_default();
        row.insert(name.to_owned(), shown);
    }
    let destination = destination::shown(session.db, column_text(&row, "destinationId"));
    row.insert("destination".to_owned(), json!(destination));
    Ok(row.into())
}

fn delete(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    session
        .db
        .delete(&VOLUME_BACKUP, &session.text("volumeBackupId"));
    Ok(Reply::Empty)
}

fn update(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    let id = session.text("volumeBackupId");
    let patch = session.input_without(&["volumeBackupId", "appName"]);
    Ok(json!(session.db.update(&VOLUME_BACKUP, &id, &patch)?).into())
}

fn find(session: &Session<'_>) -> Result<Row, Failure> {
    let row = session
        .db
        .get(&VOLUME_BACKUP, &session.text("volumeBackupId"));
    row.cloned()
        .ok_or_else(|| Failure::not_found("Volume backup not found"))
}
