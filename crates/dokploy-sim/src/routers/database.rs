//! What the database engines have in common, which is nearly everything.

use serde_json::{Value, json};

use crate::db::{Row, row, text as column_text};
use crate::failure::Failure;
use crate::field::Pattern;
use crate::procedure::{Outcome, Reply, Session};
use crate::routers::service;
use crate::routers::{backup, libsql, mariadb, mongo, mount, mysql, postgres, redis};
use crate::schema::Spec;

/// How an engine differs from the others.
pub(crate) struct Engine {
    pub(crate) table: &'static Spec,
    /// Its name in most messages.
    pub(crate) label: &'static str,
    /// What an update of an unknown id is told.
    pub(crate) update_error: &'static str,
    /// Where its container keeps its data.
    pub(crate) mount_path: fn(&Row) -> String,
    /// The columns that hold passwords; left out or empty, they are made up.
    pub(crate) passwords: &'static [&'static str],
    pub(crate) has_backups: bool,
}

/// What passwords may consist of.
pub(crate) static PASSWORD: Pattern = Pattern {
    regex: r"/^[a-zA-Z0-9@#%^&*()_+\-=[\]{}|;:,.<>?~`]*$/",
    message: "Password contains invalid characters. Please avoid: $ ! ' \" \\ / and space characters for database compatibility",
    holds: |it| {
        it.bytes()
            .all(|it| it.is_ascii_alphanumeric() || b"@#%^&*()_+-=[]{}|;:,.<>?~`".contains(&it))
    },
};

/// The procedures of an engine: its name, the name of its id, the input of create and of update, and those that not
/// all engines have.
macro_rules! procedures {
    ($name:literal, $id:literal, $create:expr, $update:expr, [$($more:expr),* $(,)?]) => {
        &[
            $crate::procedure::mutation(
                concat!($name, ".create"),
                $create,
                $crate::routers::database::create,
            )
            .guarded("service"),
            $crate::procedure::query(
                concat!($name, ".one"),
                &[$crate::field::text($id).min(1)],
                $crate::routers::database::one,
            ),
            $crate::procedure::mutation(
                concat!($name, ".start"),
                &[$crate::field::text($id).min(1)],
                $crate::routers::database::start,
            ),
            $crate::procedure::mutation(
                concat!($name, ".stop"),
                &[$crate::field::text($id).min(1)],
                $crate::routers::database::stop,
            ),
            $crate::procedure::mutation(
                concat!($name, ".deploy"),
                &[$crate::field::text($id)],
                $crate::routers::database::deploy,
            ),
            $crate::procedure::mutation(
                concat!($name, ".rebuild"),
                &[$crate::field::text($id)],
                $crate::routers::database::reload,
            ),
            $crate::procedure::mutation(
                concat!($name, ".changeStatus"),
                &[
                    $crate::field::text($id),
                    $crate::field::one_of(
                        "applicationStatus",
                        &["idle", "running", "done", "error"],
                    ),
                ],
                $crate::routers::database::change_status,
            ),
            $crate::procedure::mutation(
                concat!($name, ".remove"),
                &[$crate::field::text($id).min(1)],
                $crate::routers::database::remove,
            )
            .guarded("service"),
            $crate::procedure::mutation(
                concat!($name, ".saveEnvironment"),
                &[
                    $crate::field::text($id),
                    $crate::field::text("env")
                        .nullable()
                        .nonoptional()
                        .required_since($crate::settings::Version::V0_30_2),
                ],
                $crate::routers::database::save_environment,
            ),
            $crate::procedure::mutation(
                concat!($name, ".reload"),
                &[
                    $crate::field::text($id),
                    $crate::field::text("appName").min(1).max(63),
                ],
                $crate::routers::database::reload,
            ),
            $crate::procedure::mutation(
                concat!($name, ".update"),
                $update,
                $crate::routers::database::update,
            ),
            $crate::procedure::mutation(
                concat!($name, ".move"),
                &[$crate::field::text($id), $crate::routers::service::target()],
                $crate::routers::database::move_to,
            ),
            $($more),*
        ]
    };
}
pub(crate) use procedures;

/// The engine that a procedure belongs to.
fn engine(session: &Session<'_>) -> &'static Engine {
    let router = session.procedure.name.split('.').next().unwrap_or_default();
    match router {
        "mysql" => &mysql::ENGINE,
        "mariadb" => &mariadb::ENGINE,
        "mongo" => &mongo::ENGINE,
        "redis" => &redis::ENGINE,
        "libsql" => &libsql::ENGINE,
        _ => &postgres::ENGINE,
    }
}

pub(crate) fn create(session: &mut Session<'_>) -> Outcome {
    service::check_place(session)?;
    let engine = engine(session);
    let app_name = service::new_app_name(session, engine.table.name);
    let mut new = session.input.clone();
    for column in engine.passwords {
        if column_text(&new, column).is_empty() {
            let made_up = session
                .db
                .random(16, b"abcdefghijklmnopqrstuvwxyz0123456789");
            new.insert((*column).to_owned(), json!(made_up));
        }
    }
    let volume = format!("{app_name}-data");
    new.insert("appName".to_owned(), json!(app_name));
    let created = service::insert(session, engine.table, new)?;
    let id = column_text(&created, engine.table.key());
    session.db.insert(
        &mount::MOUNT,
        row(json!({
            "type": "volume", "volumeName": volume, "serviceType": engine.table.name,
            "mountPath": (engine.mount_path)(&created), engine.table.key(): id,
        })),
    )?;
    // libSQL is the exception that tells nothing of what it made.
    Ok(if engine.table.name == "libsql" {
        json!(true).into()
    } else {
        created.into()
    })
}

pub(crate) fn one(session: &mut Session<'_>) -> Outcome {
    let table = engine(session).table;
    let id = session.text(table.key());
    service::look(session, table, &id)?;
    Ok(detailed(session)?.into())
}

/// Starting, stopping and most others answer the database as it was before.
pub(crate) fn start(session: &mut Session<'_>) -> Outcome {
    before(session, json!({"applicationStatus": "done"}))
}

pub(crate) fn stop(session: &mut Session<'_>) -> Outcome {
    before(session, json!({"applicationStatus": "idle"}))
}

/// Databases have no history of deployments. A real one is deployed when this answers; here it may be under way for
/// some more looks, as if the answer had been late.
pub(crate) fn deploy(session: &mut Session<'_>) -> Outcome {
    let row = detailed(session)?;
    service::begin(session, engine(session).table, None)?;
    Ok(Reply::from(row))
}

/// Publishing a port deploys the database again.
pub(crate) fn save_external_port(session: &mut Session<'_>) -> Outcome {
    let mut patch = session.input_without(&[engine(session).table.key()]);
    if patch.values().any(|it| !it.is_null()) {
        patch.insert("applicationStatus".to_owned(), json!("done"));
    }
    before(session, Value::Object(patch))
}

pub(crate) fn change_status(session: &mut Session<'_>) -> Outcome {
    let patch = session.input_without(&[engine(session).table.key()]);
    before(session, Value::Object(patch))
}

pub(crate) fn remove(session: &mut Session<'_>) -> Outcome {
    let row = detailed(session)?;
    let table = engine(session).table;
    session.db.delete(table, &session.text(table.key()));
    Ok(row.into())
}

pub(crate) fn save_environment(session: &mut Session<'_>) -> Outcome {
    let env = session.input.get("env").cloned();
    before(session, json!({ "env": env }))?;
    Ok(json!(true).into())
}

pub(crate) fn reload(session: &mut Session<'_>) -> Outcome {
    before(session, json!({"applicationStatus": "done"}))?;
    Ok(json!(true).into())
}

pub(crate) fn update(session: &mut Session<'_>) -> Outcome {
    let engine = engine(session);
    let id = session.text(engine.table.key());
    let patch = session.input_without(&[engine.table.key(), "appName"]);
    let unknown = || Failure::bad_request(engine.update_error);
    if let Some(row) = session.db.get(engine.table, &id)
        && service::organization_of(session.db, row) != session.caller.organization
    {
        let message = format!("You are not authorized to update this {}", engine.label);
        return Err(Failure::unauthorized(message));
    }
    session
        .db
        .update(engine.table, &id, &patch)?
        .ok_or_else(unknown)?;
    Ok(json!(true).into())
}

pub(crate) fn change_password(session: &mut Session<'_>) -> Outcome {
    let row = find(session)?;
    let name = column_text(&row, "appName");
    Err(Failure::bad_request(format!(
        "No running container found for {name}"
    )))
}

pub(crate) fn move_to(session: &mut Session<'_>) -> Outcome {
    let engine = engine(session);
    service::move_to(session, engine.table, engine.label)
}

pub(crate) fn search(session: &mut Session<'_>) -> Outcome {
    let table = engine(session).table;
    let columns = [
        table.key(),
        "name",
        "appName",
        "description",
        "environmentId",
        "applicationStatus",
        "createdAt",
    ];
    service::search(session, table, &columns)
}

/// Changes a database, and answers what it was before.
fn before(session: &mut Session<'_>, patch: Value) -> Outcome {
    let row = detailed(session)?;
    service::set(session, engine(session).table, patch)?;
    Ok(Reply::from(row))
}

fn find(session: &Session<'_>) -> Result<Row, Failure> {
    let engine = engine(session);
    service::find(session, engine.table, engine.label)
}

/// The database of the input's id with all that hangs on it.
fn detailed(session: &Session<'_>) -> Result<Row, Failure> {
    let engine = engine(session);
    let mut row = find(session)?;
    let (db, key) = (&*session.db, engine.table.key());
    let id = session.text(key);
    let environment = service::environment_of(db, &row);
    let server = service::server_of(db, &row);
    row.insert("environment".to_owned(), environment);
    row.insert("mounts".to_owned(), service::mounts_of(db, key, &id));
    row.insert("server".to_owned(), server);
    if engine.has_backups {
        row.insert("backups".to_owned(), backup::of(db, key, &id));
    }
    Ok(row)
}
