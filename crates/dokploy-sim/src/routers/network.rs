//! Docker networks that Dokploy knows of.

use serde_json::json;

use crate::db::{Row, text as column_text};
use crate::failure::Failure;
use crate::field::{Field, boolean, number, object, one_of, text};
use crate::procedure::{Outcome, Procedure, Session, mutation, query};
use crate::routers::{Router, router};
use crate::schema::{OnDelete, Spec, column, created_at, id, organization_id, table};
use crate::settings::Version;

const TABLES: &[&Spec] = &[&NETWORK];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES).since(Version::V0_30_2);

pub(crate) static NETWORK: Spec = table(
    "network",
    &[
        id("networkId"),
        column("name"),
        column("driver").or("\"bridge\""),
        column("internal").or("false"),
        column("attachable").or("false"),
        column("enableIPv4").or("true"),
        column("enableIPv6").or("false"),
        column("mtu").int(),
        column("ipam").or("{}"),
        created_at(),
        organization_id(),
        column("serverId").points_to("server", OnDelete::Cascade),
    ],
);

const ID: &[Field] = &[text("networkId").min(1)];

const CREATE: &[Field] = &[
    text("name").min(1).nonoptional(),
    one_of("driver", &["bridge", "overlay"]).optional(),
    boolean("internal").coerced().optional(),
    boolean("attachable").coerced().optional(),
    boolean("enableIPv4").coerced().optional(),
    boolean("enableIPv6").coerced().optional(),
    number("mtu").nullable().coerced().optional(),
    object("ipam", &[]).nullable().optional(),
    text("serverId").nullable().optional(),
];

const PROCEDURES: &[Procedure] = &[
    query("network.all", &[text("serverId").optional()], all),
    query("network.one", ID, one),
    mutation("network.create", CREATE, create),
    mutation("network.remove", ID, remove),
];

fn all(session: &mut Session<'_>) -> Outcome {
    let rows = session
        .db
        .rows_with(&NETWORK, "organizationId", &session.caller.organization);
    let server = session.text("serverId");
    let rows = rows.filter(|it| server.is_empty() || column_text(it, "serverId") == server);
    Ok(json!(rows.rev().collect::<Vec<_>>()).into())
}

fn one(session: &mut Session<'_>) -> Outcome {
    Ok(find(session)?.into())
}

fn create(session: &mut Session<'_>) -> Outcome {
    let mut new = session.input.clone();
    new.insert(
        "organizationId".to_owned(),
        json!(session.caller.organization),
    );
    Ok(session.db.insert(&NETWORK, new)?.into())
}

fn remove(session: &mut Session<'_>) -> Outcome {
    let row = find(session)?;
    session.db.delete(&NETWORK, &session.text("networkId"));
    Ok(row.into())
}

fn find(session: &Session<'_>) -> Result<Row, Failure> {
    let row = session.db.get(&NETWORK, &session.text("networkId"));
    let row = row.filter(|it| !session.is_foreign(it));
    row.cloned()
        .ok_or_else(|| Failure::not_found("Network not found"))
}
