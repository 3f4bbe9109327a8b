//! Servers that Dokploy deploys to or builds on. Nothing here opens a connection to them.

use serde_json::{Value, json};

use crate::db::{Row, text as column_text};
use crate::failure::Failure;
use crate::field::{Field, boolean, number, one_of, text};
use crate::procedure::{Outcome, Procedure, Session, mutation, query};
use crate::routers::{self, Router, router, ssh_key};
use crate::schema::{OnDelete, Spec, column, created_at, id, organization_id, table};
use crate::settings::{IdStyle, Version};
use crate::time;

const TABLES: &[&Spec] = &[&SERVER];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static SERVER: Spec = table(
    "server",
    &[
        id("serverId"),
        column("name"),
        column("description"),
        column("ipAddress"),
        column("port"),
        column("username").or("\"root\""),
        column("appName"),
        column("enableDockerCleanup").or("false"),
        column("buildsConcurrency").or("1").since(Version::V0_30_2),
        created_at(),
        organization_id(),
        column("serverStatus").or("\"active\""),
        column("serverType").or("\"deploy\""),
        column("command").or("\"\""),
        column("sshKeyId").points_to("sshKey", OnDelete::SetNull),
        column("metricsConfig").or("{}"),
    ],
);

const METRICS: &str = r#"{
    "server": {"port": 4500, "type": "Remote", "token": "", "cronJob": "", "thresholds": {"cpu": 0, "memory": 0},
        "refreshRate": 60, "urlCallback": "", "retentionDays": 2},
    "containers": {"services": {"exclude": [], "include": []}, "refreshRate": 60}
}"#;

const ID: &[Field] = &[text("serverId").min(1)];

const CREATE: &[Field] = &[
    text("name").min(1),
    text("description")
        .nullable()
        .nonoptional()
        .required_since(Version::V0_30_2),
    text("ipAddress"),
    number("port"),
    text("username").nonoptional(),
    text("sshKeyId").nullable().nonoptional(),
    one_of("serverType", &["deploy", "build"]).nonoptional(),
    boolean("enableDockerCleanup")
        .coerced()
        .default("true")
        .since(Version::V0_30_2),
];

const UPDATE: &[Field] = &[
    text("name").min(1),
    text("description")
        .nullable()
        .nonoptional()
        .required_since(Version::V0_30_2),
    text("serverId").min(1),
    text("ipAddress"),
    number("port"),
    text("username").nonoptional(),
    text("sshKeyId").nullable().nonoptional(),
    one_of("serverType", &["deploy", "build"]).nonoptional(),
    boolean("enableDockerCleanup")
        .coerced()
        .default("true")
        .since(Version::V0_30_2),
    text("command").optional(),
];

const PROCEDURES: &[Procedure] = &[
    mutation("server.create", CREATE, create).guarded("server"),
    query("server.one", ID, one).guarded("server"),
    query("server.getDefaultCommand", ID, default_command).guarded("server"),
    query("server.all", &[], all).guarded("server"),
    query("server.count", &[], count),
    query("server.withSSHKey", &[], with_ssh_key),
    query("server.buildServers", &[], build_servers),
    mutation(
        "server.remove",
        &[text("serverId").min(1).nonoptional()],
        remove,
    )
    .guarded("server"),
    mutation("server.update", UPDATE, update).guarded("server"),
    mutation(
        "server.updateBuildsConcurrency",
        &[text("serverId").min(1), number("buildsConcurrency").min(1)],
        update,
    )
    .since(Version::V0_30_2)
    .guarded("server"),
    query("server.getServerTime", &[], server_time),
];

fn create(session: &mut Session<'_>) -> Outcome {
    let app_name = session.db.app_name("server-generated");
    let mut new = session.input.clone();
    match session.db.settings.ids {
        IdStyle::Nanoid => {
            new.insert(
                "metricsConfig".to_owned(),
                serde_json::from_str(METRICS).unwrap_or_default(),
            );
        }
        // The stand-in of the Terraform recordings leaves this one to the database.
        IdStyle::Counted => {
            new.shift_remove("enableDockerCleanup");
        }
    }
    new.insert("appName".to_owned(), json!(app_name));
    new.insert(
        "organizationId".to_owned(),
        json!(session.caller.organization),
    );
    let row = session.db.insert(&SERVER, new);
    let row = row.map_err(|_| Failure::bad_request("Error creating the server"))?;
    Ok(row.into())
}

fn one(session: &mut Session<'_>) -> Outcome {
    let row = find(session)?;
    Ok(detailed(session, row).into())
}

fn all(session: &mut Session<'_>) -> Outcome {
    let rows = session
        .db
        .rows_with(&SERVER, "organizationId", &session.caller.organization);
    let rows = rows.rev().map(|it| {
        let mut row = it.clone();
        let n_services = services_on(session, column_text(it, "serverId"));
        row.insert("totalSum".to_owned(), json!(n_services));
        row
    });
    Ok(json!(rows.collect::<Vec<_>>()).into())
}

fn count(session: &mut Session<'_>) -> Outcome {
    let rows = session
        .db
        .rows_with(&SERVER, "organizationId", &session.caller.organization);
    Ok(json!(rows.count()).into())
}

fn with_ssh_key(session: &mut Session<'_>) -> Outcome {
    Ok(with_key_of_type(session, "deploy").into())
}

fn build_servers(session: &mut Session<'_>) -> Outcome {
    Ok(with_key_of_type(session, "build").into())
}

fn with_key_of_type(session: &Session<'_>, server_type: &str) -> Value {
    let rows = session
        .db
        .rows_with(&SERVER, "organizationId", &session.caller.organization);
    let rows = rows.rev().filter(|it| {
        column_text(it, "serverType") == server_type && !column_text(it, "sshKeyId").is_empty()
    });
    json!(rows.collect::<Vec<_>>())
}

fn default_command(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    Ok(json!("\nset -e;\necho \"Nothing to install: this server is pretended.\"\n").into())
}

fn remove(session: &mut Session<'_>) -> Outcome {
    let row = find(session)?;
    let id = session.text("serverId");
    if services_on(session, &id) > 0 {
        let message = "Server has active services, please delete them first";
        return Err(Failure::bad_request(message));
    }
    let row = match session.db.settings.ids {
        IdStyle::Nanoid => detailed(session, row),
        IdStyle::Counted => row,
    };
    session.db.delete(&SERVER, &id);
    Ok(row.into())
}

fn update(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    let id = session.text("serverId");
    let mut patch = session.input_without(&["serverId"]);
    if session.db.settings.ids == IdStyle::Counted {
        patch.shift_remove("enableDockerCleanup");
    }
    let row = session.db.update(&SERVER, &id, &patch)?;
    Ok(row
        .ok_or_else(|| Failure::not_found("Server not found"))?
        .into())
}

fn server_time(session: &mut Session<'_>) -> Outcome {
    Ok(json!({"time": time::iso(session.db.now), "timezone": "UTC"}).into())
}

fn find(session: &Session<'_>) -> Result<Row, Failure> {
    let row = session.db.get(&SERVER, &session.text("serverId"));
    let row = row.ok_or_else(|| Failure::not_found("Server not found"))?;
    if session.is_foreign(row) {
        return Err(Failure::unauthorized(
            "You are not authorized to access this server",
        ));
    }
    Ok(row.clone())
}

/// The server with its deployments and its key. The newer version shows no private key here.
fn detailed(session: &Session<'_>, mut row: Row) -> Row {
    let key = session
        .db
        .get(&ssh_key::SSH_KEY, column_text(&row, "sshKeyId"))
        .cloned();
    let key = key.map(|mut key| {
        if session.version() >= Version::V0_30_2 {
            key.insert("privateKey".to_owned(), json!(""));
        }
        key
    });
    row.insert("deployments".to_owned(), json!([]));
    row.insert("sshKey".to_owned(), json!(key));
    row
}

/// How many services run on a server.
fn services_on(session: &Session<'_>, server_id: &str) -> usize {
    routers::services()
        .map(|it| session.db.rows_with(it, "serverId", server_id).count())
        .sum()
}
