//! Gitea as a source of code.

use serde_json::json;

use crate::field::{Field, number, text};
use crate::procedure::{Outcome, Procedure, Session, mutation, query};
use crate::routers::{Router, git_provider, router};
use crate::schema::{OnDelete, Spec, column, id, table};
use crate::settings::Version;

const TABLES: &[&Spec] = &[&GITEA];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static GITEA: Spec = table(
    "gitea",
    &[
        id("giteaId"),
        column("giteaUrl"),
        column("giteaInternalUrl").since(Version::V0_30_2),
        column("redirectUri"),
        column("clientId"),
        column("clientSecret"),
        column("gitProviderId").points_to("git_provider", OnDelete::Cascade),
        column("accessToken"),
        column("refreshToken"),
        column("expiresAt").int(),
        column("scopes").or("\"repo,repo:status,read:user,read:org\""),
        column("lastAuthenticatedAt").int(),
    ],
);

const ID: &[Field] = &[text("giteaId").min(1)];

const CREATE: &[Field] = &[
    text("giteaId").optional(),
    text("giteaUrl").min(1),
    text("giteaInternalUrl")
        .nullable()
        .optional()
        .since(Version::V0_30_2),
    text("redirectUri").optional(),
    text("clientId").optional(),
    text("clientSecret").optional(),
    text("gitProviderId").optional(),
    text("accessToken").optional(),
    text("refreshToken").optional(),
    number("expiresAt").coerced().optional(),
    text("scopes").optional(),
    number("lastAuthenticatedAt").coerced().optional(),
    text("name").min(1),
    text("giteaUsername").optional(),
    text("organizationName").optional(),
];

const UPDATE: &[Field] = &[
    text("giteaId").min(1),
    text("giteaUrl").min(1),
    text("giteaInternalUrl")
        .nullable()
        .optional()
        .since(Version::V0_30_2),
    text("redirectUri").optional(),
    text("clientId").optional(),
    text("clientSecret").optional(),
    text("gitProviderId"),
    text("accessToken").optional(),
    text("refreshToken").optional(),
    number("expiresAt").coerced().optional(),
    text("scopes").optional(),
    number("lastAuthenticatedAt").coerced().optional(),
    text("name").min(1),
    text("giteaUsername").optional(),
    text("organizationName").optional(),
];

const PROCEDURES: &[Procedure] = &[
    mutation("gitea.create", CREATE, create).guarded("gitProviders"),
    query("gitea.one", ID, one),
    query("gitea.giteaProviders", &[], list),
    mutation("gitea.update", UPDATE, update).guarded("gitProviders"),
];

fn create(session: &mut Session<'_>) -> Outcome {
    let row = git_provider::create(session, &GITEA)?;
    Ok(json!({"giteaId": row.get("giteaId"), "clientId": row.get("clientId"), "giteaUrl": row.get("giteaUrl")}).into())
}

fn one(session: &mut Session<'_>) -> Outcome {
    git_provider::one(session, &GITEA, "Gitea")
}

fn list(session: &mut Session<'_>) -> Outcome {
    git_provider::list(session, &GITEA, |_| true)
}

fn update(session: &mut Session<'_>) -> Outcome {
    git_provider::update(session, &GITEA)?;
    Ok(json!({"success": true}).into())
}
