//! Bitbucket as a source of code. Creating one tells no id.

use serde_json::json;

use crate::field::{Field, text};
use crate::procedure::{Outcome, Procedure, Reply, Session, mutation, query};
use crate::routers::{Router, git_provider, router};
use crate::schema::{OnDelete, Spec, column, id, table};

const TABLES: &[&Spec] = &[&BITBUCKET];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static BITBUCKET: Spec = table(
    "bitbucket",
    &[
        id("bitbucketId"),
        column("bitbucketUsername"),
        column("bitbucketEmail"),
        column("appPassword"),
        column("apiToken"),
        column("bitbucketWorkspaceName"),
        column("gitProviderId").points_to("git_provider", OnDelete::Cascade),
    ],
);

const ID: &[Field] = &[text("bitbucketId").min(1)];

const CREATE: &[Field] = &[
    text("authId").min(1),
    text("name").min(1),
    text("bitbucketId").optional(),
    text("bitbucketUsername").optional(),
    text("bitbucketEmail").optional(),
    text("appPassword").optional(),
    text("apiToken").optional(),
    text("bitbucketWorkspaceName").optional(),
    text("gitProviderId").optional(),
];

const UPDATE: &[Field] = &[
    text("bitbucketId").min(1),
    text("bitbucketUsername").optional(),
    text("bitbucketEmail").optional(),
    text("appPassword").optional(),
    text("apiToken").optional(),
    text("bitbucketWorkspaceName").optional(),
    text("gitProviderId"),
    text("name").min(1),
    text("organizationId").optional(),
];

const PROCEDURES: &[Procedure] = &[
    mutation("bitbucket.create", CREATE, create).guarded("gitProviders"),
    query("bitbucket.one", ID, one),
    query("bitbucket.bitbucketProviders", &[], list),
    mutation("bitbucket.update", UPDATE, update).guarded("gitProviders"),
];

fn create(session: &mut Session<'_>) -> Outcome {
    git_provider::create(session, &BITBUCKET)?;
    Ok(Reply::Empty)
}

fn one(session: &mut Session<'_>) -> Outcome {
    git_provider::one(session, &BITBUCKET, "Bitbucket")
}

fn list(session: &mut Session<'_>) -> Outcome {
    git_provider::list(session, &BITBUCKET, |_| true)
}

fn update(session: &mut Session<'_>) -> Outcome {
    git_provider::update(session, &BITBUCKET)?;
    Ok(json!(true).into())
}
