//! GitLab as a source of code. Creating one tells no id, and neither does changing one that is not there tell so.

use crate::field::{Field, text};
use crate::procedure::{Outcome, Procedure, Reply, Session, mutation, query};
use crate::routers::{Router, git_provider, router};
use crate::schema::{OnDelete, Spec, column, id, table};
use crate::settings::Version;

const TABLES: &[&Spec] = &[&GITLAB];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static GITLAB: Spec = table(
    "gitlab",
    &[
        id("gitlabId"),
        column("gitlabUrl"),
        column("gitlabInternalUrl").since(Version::V0_30_2),
        column("applicationId"),
        column("redirectUri"),
        column("secret"),
        column("accessToken"),
        column("refreshToken"),
        column("groupName"),
        column("expiresAt").int(),
        column("gitProviderId").points_to("git_provider", OnDelete::Cascade),
    ],
);

const ID: &[Field] = &[text("gitlabId").min(1)];

const CREATE: &[Field] = &[
    text("authId").min(1),
    text("name").min(1),
    text("applicationId").optional(),
    text("secret").optional(),
    text("groupName").optional(),
    text("gitProviderId").optional(),
    text("redirectUri").optional(),
    text("gitlabUrl").min(1),
    text("gitlabInternalUrl")
        .nullable()
        .optional()
        .since(Version::V0_30_2),
];

const UPDATE: &[Field] = &[
    text("applicationId").optional(),
    text("secret").optional(),
    text("groupName").optional(),
    text("redirectUri").optional(),
    text("name").min(1),
    text("gitlabId").min(1),
    text("gitlabUrl").min(1),
    text("gitProviderId").min(1),
    text("gitlabInternalUrl")
        .nullable()
        .optional()
        .since(Version::V0_30_2),
];

const PROCEDURES: &[Procedure] = &[
    mutation("gitlab.create", CREATE, create).guarded("gitProviders"),
    query("gitlab.one", ID, one),
    query("gitlab.gitlabProviders", &[], list),
    mutation("gitlab.update", UPDATE, update).guarded("gitProviders"),
];

fn create(session: &mut Session<'_>) -> Outcome {
    git_provider::create(session, &GITLAB)?;
    Ok(Reply::Empty)
}

fn one(session: &mut Session<'_>) -> Outcome {
    git_provider::one(session, &GITLAB, "Gitlab")
}

fn list(session: &mut Session<'_>) -> Outcome {
    git_provider::list(session, &GITLAB, |it| {
        !it.get("accessToken").is_none_or(serde_json::Value::is_null)
    })
}

fn update(session: &mut Session<'_>) -> Outcome {
    git_provider::update(session, &GITLAB)?;
    Ok(Reply::Empty)
}
