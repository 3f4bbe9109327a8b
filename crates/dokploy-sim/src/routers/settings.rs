//! What the server says of itself.

use serde_json::{Map, Value, json};

use crate::procedure::{Kind, Outcome, Procedure, Session, query};
use crate::routers::{self, Router, router};

pub(crate) const ROUTER: Router = router(&[], PROCEDURES);

const PROCEDURES: &[Procedure] = &[
    query("settings.getDokployVersion", &[], version),
    query(
        "settings.getReleaseTag",
        &[],
        |_| Ok(json!("latest").into()),
    ),
    query("settings.getIp", &[], |_| Ok(json!("").into())),
    query("settings.isCloud", &[], |_| Ok(json!(false).into())),
    query("settings.isUserSubscribed", &[], |_| Ok(json!(true).into())),
    query("settings.haveActivateRequests", &[], |_| {
        Ok(json!(false).into())
    }),
    query("settings.health", &[], |_| {
        Ok(json!({"status": "ok"}).into())
    }),
    query("settings.getOpenApiDocument", &[], open_api),
];

fn version(session: &mut Session<'_>) -> Outcome {
    Ok(json!(session.version().to_string()).into())
}

/// A document of the procedures that are pretended: their names and methods, not their input.
fn open_api(session: &mut Session<'_>) -> Outcome {
    let mut paths = Map::new();
    for (procedure, since) in routers::procedures() {
        if since > session.version() {
            continue;
        }
        let method = match procedure.kind {
            Kind::Query => "get",
            Kind::Mutation => "post",
        };
        let operation = json!({ method: {"operationId": procedure.name.replace('.', "-")} });
        paths.insert(format!("/{}", procedure.name), operation);
    }
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Dokploy API",
            "description": "Endpoints for dokploy",
            "version": session.version().to_string(),
        },
        "paths": Value::Object(paths),
    })
    .into())
}
