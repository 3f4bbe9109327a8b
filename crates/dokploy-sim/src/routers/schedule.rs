//! Schedules: commands that run at times. Whether the times are any is not checked.

use serde_json::{Value, json};

use crate::db::{Db, Row, text as column_text};
use crate::failure::Failure;
use crate::field::{Field, boolean, one_of, text};
use crate::procedure::{Outcome, Procedure, Session, mutation, query};
use crate::routers::application::APPLICATION;
use crate::routers::compose::COMPOSE;
use crate::routers::{Router, router, server, service};
use crate::schema::{OnDelete, Spec, column, created_at, id, organization_id, table};
use crate::settings::Version;

const TABLES: &[&Spec] = &[&SCHEDULE];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static SCHEDULE: Spec = table(
    "schedule",
    &[
        id("scheduleId"),
        column("name"),
        column("description").since(Version::V0_30_2),
        column("cronExpression"),
        column("appName"),
        column("serviceName"),
        column("shellType").or("\"bash\""),
        column("scheduleType").or("\"application\""),
        column("command"),
        column("script"),
        column("applicationId").points_to("application", OnDelete::Cascade),
        column("composeId").points_to("compose", OnDelete::Cascade),
        column("serverId").points_to("server", OnDelete::Cascade),
        organization_id().since(Version::V0_30_2),
        column("enabled").or("true"),
        column("timezone"),
        created_at(),
    ],
);

const ID: &[Field] = &[text("scheduleId")];

const CREATE: &[Field] = &[
    text("scheduleId").optional(),
    text("name"),
    text("description")
        .nullable()
        .optional()
        .since(Version::V0_30_2),
    text("cronExpression"),
    text("appName").optional(),
    text("serviceName").nullable().optional(),
    one_of("shellType", &["bash", "sh"]).optional(),
    one_of(
        "scheduleType",
        &["application", "compose", "server", "dokploy-server"],
    )
    .optional(),
    text("command"),
    text("script").nullable().optional(),
    text("applicationId").nullable().optional(),
    text("composeId").nullable().optional(),
    text("serverId").nullable().optional(),
    text("organizationId")
        .nullable()
        .optional()
        .since(Version::V0_30_2),
    boolean("enabled").coerced().optional(),
    text("timezone")
        .nullable()
        .optional()
        .since(Version::V0_30_2),
    text("createdAt").optional(),
];

const UPDATE: &[Field] = &[
    text("scheduleId").min(1),
    text("name"),
    text("description")
        .nullable()
        .optional()
        .since(Version::V0_30_2),
    text("cronExpression"),
    text("appName").optional(),
    text("serviceName").nullable().optional(),
    one_of("shellType", &["bash", "sh"]).optional(),
    one_of(
        "scheduleType",
        &["application", "compose", "server", "dokploy-server"],
    )
    .optional(),
    text("command"),
    text("script").nullable().optional(),
    text("applicationId").nullable().optional(),
    text("composeId").nullable().optional(),
    text("serverId").nullable().optional(),
    text("organizationId")
        .nullable()
        .optional()
        .since(Version::V0_30_2),
    boolean("enabled").coerced().optional(),
    text("timezone")
        .nullable()
        .optional()
        .since(Version::V0_30_2),
    text("createdAt").optional(),
];

const LIST: &[Field] = &[
    text("id"),
    one_of(
        "scheduleType",
        &["application", "compose", "server", "dokploy-server"],
    ),
];

const PROCEDURES: &[Procedure] = &[
    mutation("schedule.create", CREATE, create),
    mutation("schedule.update", UPDATE, update),
    mutation("schedule.delete", ID, delete),
    query("schedule.list", LIST, list),
    query("schedule.one", ID, one),
];

fn create(session: &mut Session<'_>) -> Outcome {
    let app_name = session.db.app_name("schedule-generated");
    let mut new = session.input_without(&["scheduleId", "organizationId"]);
    new.insert("appName".to_owned(), json!(app_name));
    if session.text("scheduleType") == "dokploy-server" {
        new.insert(
            "organizationId".to_owned(),
            json!(session.caller.organization),
        );
    }
    Ok(session.db.insert(&SCHEDULE, new)?.into())
}

fn update(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    let id = session.text("scheduleId");
    let patch = session.input_without(&["scheduleId", "appName"]);
    Ok(json!(session.db.update(&SCHEDULE, &id, &patch)?).into())
}

fn delete(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    session.db.delete(&SCHEDULE, &session.text("scheduleId"));
    Ok(json!(true).into())
}

fn list(session: &mut Session<'_>) -> Outcome {
    let column = match session.text("scheduleType").as_str() {
        "application" => "applicationId",
        "compose" => "composeId",
        "server" => "serverId",
        _ => "organizationId",
    };
    let id = match column {
        "organizationId" => session.caller.organization.clone(),
        _ => session.text("id"),
    };
    let rows = session.db.rows_with(&SCHEDULE, column, &id).map(|it| {
        let mut row = it.clone();
        let names = ["appName", "name", "serverId"];
        let application = session
            .db
            .get(&APPLICATION, column_text(it, "applicationId"));
        let application = application
            .map(|it| service::some_columns(it, &[&["applicationId"], &names[..]].concat()));
        row.insert("application".to_owned(), json!(application));
        row.insert(
            "server".to_owned(),
            json!(session.db.get(&server::SERVER, column_text(it, "serverId"))),
        );
        let compose = session.db.get(&COMPOSE, column_text(it, "composeId"));
        let compose =
            compose.map(|it| service::some_columns(it, &[&["composeId"], &names[..]].concat()));
        row.insert("compose".to_owned(), json!(compose));
        row.insert("deployments".to_owned(), json!([]));
        row
    });
    Ok(json!(rows.collect::<Vec<_>>()).into())
}

fn one(session: &mut Session<'_>) -> Outcome {
    let mut row = find(session)?;
    let application = of(session.db, &row, &APPLICATION);
    let compose = of(session.db, &row, &COMPOSE);
    let server = json!(
        session
            .db
            .get(&server::SERVER, column_text(&row, "serverId"))
    );
    row.insert("application".to_owned(), application);
    row.insert("compose".to_owned(), compose);
    row.insert("server".to_owned(), server);
    Ok(row.into())
}

/// A little of the service that a row points to, with its environment.
pub(crate) fn of(db: &Db, row: &Row, table: &Spec) -> Value {
    let service = db.get(table, column_text(row, table.key()));
    service.map_or(Value::Null, |it| {
        let mut shown = service::some_columns(it, &[table.key(), "appName", "serverId"]);
        shown.insert("environment".to_owned(), service::environment_of(db, it));
        Value::Object(shown)
    })
}

fn find(session: &Session<'_>) -> Result<Row, Failure> {
    let row = session.db.get(&SCHEDULE, &session.text("scheduleId"));
    row.cloned()
        .ok_or_else(|| Failure::not_found("Schedule not found"))
}
