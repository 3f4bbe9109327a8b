//! GitHub as a source of code. It is set up by clicking through GitHub, so there is nothing to create it with.

use crate::field::{Field, text};
use crate::procedure::{Outcome, Procedure, Session, mutation, query};
use crate::routers::{Router, git_provider, router};
use crate::schema::{OnDelete, Spec, column, id, table};
use crate::settings::Version;

const TABLES: &[&Spec] = &[&GITHUB];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static GITHUB: Spec = table(
    "github",
    &[
        id("githubId"),
        column("githubAppName"),
        column("githubAppId").int(),
        column("githubClientId"),
        column("githubClientSecret"),
        column("githubInstallationId"),
        column("githubPrivateKey"),
        column("githubWebhookSecret"),
        column("githubUrl").since(Version::V0_30_2),
        column("gitProviderId").points_to("git_provider", OnDelete::Cascade),
    ],
);

const UPDATE: &[Field] = &[
    text("githubId").min(1),
    text("name").min(1),
    text("gitProviderId").min(1),
    text("githubAppName").min(1),
];

const PROCEDURES: &[Procedure] = &[
    query("github.one", &[text("githubId").min(1)], one),
    query("github.githubProviders", &[], list),
    mutation("github.update", UPDATE, update).guarded("gitProviders"),
];

fn one(session: &mut Session<'_>) -> Outcome {
    git_provider::one(session, &GITHUB, "Github")
}

fn list(session: &mut Session<'_>) -> Outcome {
    git_provider::list(session, &GITHUB, |it| {
        !it.get("githubAppId").is_none_or(serde_json::Value::is_null)
    })
}

fn update(session: &mut Session<'_>) -> Outcome {
    git_provider::update(session, &GITHUB)?;
    Ok(crate::procedure::Reply::Empty)
}
