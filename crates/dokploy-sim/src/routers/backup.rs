//! Backups of databases and composes. Creating one tells no id.

use serde_json::{Value, json};

use crate::db::{Db, Row, text as column_text};
use crate::failure::Failure;
use crate::field::{Field, any, boolean, number, one_of, text};
use crate::procedure::{Outcome, Procedure, Reply, Session, mutation, query};
use crate::routers::{self, Router, destination, router};
use crate::schema::{OnDelete, Spec, column, id, table};
use crate::settings::Version;

const TABLES: &[&Spec] = &[&BACKUP];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static BACKUP: Spec = table(
    "backup",
    &[
        id("backupId"),
        column("appName"),
        column("schedule"),
        column("enabled"),
        column("database"),
        column("prefix"),
        column("serviceName"),
        column("destinationId").points_to("destination", OnDelete::Cascade),
        column("keepLatestCount").int(),
        column("includeEncryptionKey")
            .or("true")
            .since(Version::V0_30_2),
        column("backupType").or("\"database\""),
        column("databaseType"),
        column("composeId").points_to("compose", OnDelete::Cascade),
        column("postgresId").points_to("postgres", OnDelete::Cascade),
        column("mariadbId").points_to("mariadb", OnDelete::Cascade),
        column("mysqlId").points_to("mysql", OnDelete::Cascade),
        column("mongoId").points_to("mongo", OnDelete::Cascade),
        column("libsqlId")
            .points_to("libsql", OnDelete::Cascade)
            .since(Version::V0_30_2),
        column("userId").points_to("user", OnDelete::Cascade),
        column("metadata"),
    ],
);

/// What versions before libsql know.
const OLDER_DATABASES: &[&str] = &["postgres", "mariadb", "mysql", "mongo", "web-server"];

const DATABASES: &[&str] = &[
    "postgres",
    "mariadb",
    "mysql",
    "mongo",
    "web-server",
    "libsql",
];

const ID: &[Field] = &[text("backupId")];

const CREATE: &[Field] = &[
    text("schedule"),
    boolean("enabled").nullable().coerced().optional(),
    text("prefix").min(1),
    text("destinationId"),
    number("keepLatestCount").nullable().coerced().optional(),
    text("database").min(1),
    text("mariadbId").nullable().optional(),
    text("mysqlId").nullable().optional(),
    text("postgresId").nullable().optional(),
    text("mongoId").nullable().optional(),
    text("libsqlId")
        .nullable()
        .optional()
        .since(Version::V0_30_2),
    one_of("databaseType", OLDER_DATABASES).until(Version::V0_30_2),
    one_of("databaseType", DATABASES).since(Version::V0_30_2),
    text("userId").nullable().optional(),
    one_of("backupType", &["database", "compose"]).optional(),
    text("composeId").nullable().optional(),
    text("serviceName").nullable().optional(),
    boolean("includeEncryptionKey")
        .coerced()
        .optional()
        .since(Version::V0_30_2),
    any("metadata").nullable().optional(),
];

const UPDATE: &[Field] = &[
    text("schedule"),
    boolean("enabled")
        .nullable()
        .nonoptional()
        .required_since(Version::V0_30_2),
    text("prefix").min(1),
    text("backupId"),
    text("destinationId"),
    text("database").min(1),
    number("keepLatestCount")
        .nullable()
        .nonoptional()
        .required_since(Version::V0_30_2),
    text("serviceName").nullable().nonoptional(),
    any("metadata")
        .nullable()
        .nonoptional()
        .required_since(Version::V0_30_2),
    one_of("databaseType", OLDER_DATABASES).until(Version::V0_30_2),
    one_of("databaseType", DATABASES).since(Version::V0_30_2),
    boolean("includeEncryptionKey")
        .coerced()
        .optional()
        .since(Version::V0_30_2),
];

const PROCEDURES: &[Procedure] = &[
    mutation("backup.create", CREATE, create),
    query("backup.one", &[text("backupId").min(1)], one),
    mutation("backup.update", UPDATE, update),
    mutation("backup.remove", ID, remove),
];

/// The backups of a service, as it shows them: each with its destination and its deployments.
pub(crate) fn of(db: &Db, column: &str, id: &str) -> Value {
    let rows = db.rows_with(&BACKUP, column, id).map(|it| {
        let mut row = it.clone();
        let destination = destination::shown(db, column_text(it, "destinationId"));
        row.insert("destination".to_owned(), json!(destination));
        row.insert("deployments".to_owned(), json!([]));
        row
    });
    json!(rows.collect::<Vec<_>>())
}

fn create(session: &mut Session<'_>) -> Outcome {
    let app_name = session.db.app_name("backup-generated");
    let mut new = session.input.clone();
    new.insert("appName".to_owned(), json!(app_name));
    session
        .db
        .insert(&BACKUP, new)
        .map_err(|it| Failure::bad_request(it.0))?;
    Ok(Reply::Empty)
}

fn one(session: &mut Session<'_>) -> Outcome {
    let mut row = find(session)?;
    for name in ["postgres", "mysql", "mariadb", "mongo", "libsql"] {
        let service = service(session.db, &row, name);
        row.insert(name.to_owned(), service);
    }
    let destination = destination::shown(session.db, column_text(&row, "destinationId"));
    row.insert("destination".to_owned(), json!(destination));
    let compose = service(session.db, &row, "compose");
    row.insert("compose".to_owned(), compose);
    Ok(row.into())
}

fn service(db: &Db, row: &Row, name: &str) -> Value {
    let table = routers::services().find(|it| it.name == name);
    json!(table.and_then(|it| db.get(it, column_text(row, it.key()))))
}

fn update(session: &mut Session<'_>) -> Outcome {
    find(session).map_err(|it| Failure::bad_request(it.message))?;
    let id = session.text("backupId");
    let patch = session.input_without(&["backupId"]);
    session
        .db
        .update(&BACKUP, &id, &patch)
        .map_err(|it| Failure::bad_request(it.0))?;
    Ok(Reply::Empty)
}

fn remove(session: &mut Session<'_>) -> Outcome {
    let row = find(session).map_err(|it| Failure::bad_request(it.message))?;
    session.db.delete(&BACKUP, &session.text("backupId"));
    Ok(row.into())
}

fn find(session: &Session<'_>) -> Result<Row, Failure> {
    let row = session.db.get(&BACKUP, &session.text("backupId"));
    row.cloned()
        .ok_or_else(|| Failure::not_found("Backup not found"))
}
