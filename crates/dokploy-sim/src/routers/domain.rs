//! Domains: the hosts under which applications and composes are reached.

use serde_json::json;

use crate::db::{Db, Row, row, text as column_text};
use crate::failure::Failure;
use crate::field::{Field, boolean, number, one_of, text, texts};
use crate::procedure::{Outcome, Procedure, Session, mutation, query};
use crate::routers::application::APPLICATION;
use crate::routers::compose::COMPOSE;
use crate::routers::{Router, router, service};
use crate::schema::{Fill, OnDelete, Spec, column, created_at, id, table};
use crate::settings::Version;

const TABLES: &[&Spec] = &[&DOMAIN];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static DOMAIN: Spec = table(
    "domain",
    &[
        id("domainId"),
        column("host"),
        column("https").or("false"),
        column("port").or("3000").int(),
        column("customEntrypoint").since(Version::V0_30_2),
        column("path").or("\"/\""),
        column("serviceName"),
        column("domainType").or("\"application\""),
        column("uniqueConfigKey").fill(Fill::Serial),
        created_at(),
        column("composeId").points_to("compose", OnDelete::Cascade),
        column("customCertResolver"),
        column("applicationId").points_to("application", OnDelete::Cascade),
        column("previewDeploymentId"),
        column("certificateType").or("\"none\""),
        column("internalPath").or("\"/\""),
        column("stripPath").or("false"),
        column("middlewares").or("[]").since(Version::V0_30_2),
        column("forwardAuthEnabled")
            .or("false")
            .since(Version::V0_30_2),
        column("enabled").or("true").since(Version::V0_30_2),
    ],
);

const ID: &[Field] = &[text("domainId").min(1)];

const CREATE: &[Field] = &[
    text("host").filled("Add a hostname").check(check_host),
    text("path").min(1).nullable().optional(),
    number("port")
        .between(
            (1, "Port must be at least 1"),
            (65535, "Port must be 65535 or below"),
        )
        .nullable()
        .coerced()
        .optional(),
    text("customEntrypoint")
        .nullable()
        .optional()
        .since(Version::V0_30_2),
    boolean("https").coerced().optional(),
    text("applicationId").nullable().optional(),
    one_of("certificateType", &["letsencrypt", "none", "custom"]).optional(),
    text("customCertResolver").nullable().optional(),
    text("composeId").nullable().optional(),
    text("serviceName").nullable().optional(),
    one_of("domainType", &["compose", "application", "preview"])
        .nullable()
        .optional(),
    text("previewDeploymentId").nullable().optional(),
    text("internalPath").nullable().optional(),
    boolean("stripPath").coerced().optional(),
    texts("middlewares")
        .nullable()
        .optional()
        .since(Version::V0_30_2),
    boolean("forwardAuthEnabled")
        .coerced()
        .optional()
        .since(Version::V0_30_2),
];

const UPDATE: &[Field] = &[
    text("host").filled("Add a hostname").check(check_host),
    text("path").min(1).nullable().optional(),
    number("port")
        .between(
            (1, "Port must be at least 1"),
            (65535, "Port must be 65535 or below"),
        )
        .nullable()
        .coerced()
        .optional(),
    text("customEntrypoint")
        .nullable()
        .optional()
        .since(Version::V0_30_2),
    boolean("https").coerced().optional(),
    one_of("certificateType", &["letsencrypt", "none", "custom"]).optional(),
    text("customCertResolver").nullable().optional(),
    text("serviceName").nullable().optional(),
    one_of("domainType", &["compose", "application", "preview"])
        .nullable()
        .optional(),
    text("internalPath").nullable().optional(),
    boolean("stripPath").coerced().optional(),
    texts("middlewares")
        .nullable()
        .optional()
        .since(Version::V0_30_2),
    boolean("forwardAuthEnabled")
        .coerced()
        .optional()
        .since(Version::V0_30_2),
    boolean("enabled")
        .coerced()
        .optional()
        .since(Version::V0_30_2),
    text("domainId"),
];

const PROCEDURES: &[Procedure] = &[
    mutation("domain.create", CREATE, create)
        .guarded("domain")
        .nests(|_| true),
    query(
        "domain.byApplicationId",
        &[text("applicationId").min(1)],
        by_application,
    ),
    query(
        "domain.byComposeId",
        &[text("composeId").min(1)],
        by_compose,
    ),
    mutation(
        "domain.generateDomain",
        &[text("appName"), text("serverId").optional()],
        generate,
    ),
    mutation("domain.update", UPDATE, update),
    mutation("domain.toggleEnable", ID, toggle).since(Version::V0_30_2),
    query("domain.one", &[text("domainId")], one),
    mutation("domain.delete", &[text("domainId")], delete).guarded("domain"),
    mutation(
        "domain.validateDomain",
        &[text("domain"), text("serverIp").optional()],
        validate,
    ),
];

fn create(session: &mut Session<'_>) -> Outcome {
    let new = session.input.clone();
    let created = session.db.insert(&DOMAIN, new);
    Ok(created.map_err(|it| Failure::bad_request(it.0))?.into())
}

fn by_application(session: &mut Session<'_>) -> Outcome {
    let id = session.text("applicationId");
    let rows = session.db.rows_with(&DOMAIN, "applicationId", &id);
    let rows: Vec<Row> = rows.map(|it| with_target(session.db, it, false)).collect();
    Ok(json!(rows).into())
}

fn by_compose(session: &mut Session<'_>) -> Outcome {
    let id = session.text("composeId");
    let rows = session.db.rows_with(&DOMAIN, "composeId", &id);
    let rows: Vec<Row> = rows.map(|it| with_target(session.db, it, true)).collect();
    Ok(json!(rows).into())
}

fn generate(session: &mut Session<'_>) -> Outcome {
    let end = session.db.random(6, b"0123456789abcdef");
    Ok(json!(format!(
        "{}-{end}-127-0-0-1.sslip.io",
        session.text("appName")
    ))
    .into())
}

fn update(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    let id = session.text("domainId");
    let patch = session.input_without(&["domainId"]);
    Ok(json!(session.db.update(&DOMAIN, &id, &patch)?).into())
}

fn toggle(session: &mut Session<'_>) -> Outcome {
    let domain = find(session)?;
    let id = session.text("domainId");
    let enabled = domain.get("enabled") != Some(&json!(true));
    let row = session
        .db
        .update(&DOMAIN, &id, &row(json!({ "enabled": enabled })))?;
    let mut row = row.unwrap_or_default();
    let is_of_compose = !column_text(&row, "composeId").is_empty();
    row.insert("requiresRedeploy".to_owned(), json!(is_of_compose));
    Ok(row.into())
}

fn one(session: &mut Session<'_>) -> Outcome {
    Ok(with_target(session.db, &find(session)?, false).into())
}

fn delete(session: &mut Session<'_>) -> Outcome {
    let row = find(session)?;
    session.db.delete(&DOMAIN, &session.text("domainId"));
    Ok(row.into())
}

/// There is no name service here.
fn validate(session: &mut Session<'_>) -> Outcome {
    let error = format!("queryA ENOTFOUND {}", session.text("domain"));
    Ok(json!({"isValid": false, "error": error}).into())
}

fn find(session: &Session<'_>) -> Result<Row, Failure> {
    let row = session.db.get(&DOMAIN, &session.text("domainId"));
    row.cloned()
        .ok_or_else(|| Failure::not_found("Domain not found"))
}

/// The domain with the names of what it leads to.
fn with_target(db: &Db, row: &Row, is_compose: bool) -> Row {
    let mut res = row.clone();
    let (name, table): (&str, &Spec) = if is_compose {
        ("compose", &COMPOSE)
    } else {
        ("application", &APPLICATION)
    };
    let target = db.get(table, column_text(row, table.key()));
    let target = target.map(|it| service::some_columns(it, &[table.key(), "appName", "name"]));
    res.insert(name.to_owned(), json!(target));
    res
}

/// Labels of letters, digits and hyphens, with dots between them.
fn check_host(host: &str) -> Option<&'static str> {
    if host.trim() != host {
        return Some("Domain name cannot have leading or trailing spaces");
    }
    let is_label = |it: &str| {
        !it.is_empty()
            && it
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || it == b'-')
            && !it.starts_with('-')
            && !it.ends_with('-')
    };
    (!host.is_empty() && !host.split('.').all(is_label)).then_some(
        "Invalid domain name. Use only letters, numbers, hyphens and dots (e.g. example.com). Underscores are not allowed.",
    )
}
