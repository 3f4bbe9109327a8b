//! What the git providers have in common: a row that names them, which they go with.

use serde_json::{Value, json};

use crate::db::{Db, Row, row, text as column_text};
use crate::failure::Failure;
use crate::field::{Field, boolean, text};
use crate::procedure::{Outcome, Procedure, Session, mutation, query};
use crate::routers::bitbucket::BITBUCKET;
use crate::routers::gitea::GITEA;
use crate::routers::github::GITHUB;
use crate::routers::gitlab::GITLAB;
use crate::routers::{Router, router, service};
use crate::schema::{OnDelete, Spec, column, created_at, id, organization_id, table};
use crate::settings::Version;

const TABLES: &[&Spec] = &[&GIT_PROVIDER];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static GIT_PROVIDER: Spec = table(
    "git_provider",
    &[
        id("gitProviderId"),
        column("name"),
        column("providerType").or("\"github\""),
        created_at(),
        organization_id(),
        column("userId").points_to("user", OnDelete::Cascade),
        column("sharedWithOrganization")
            .or("false")
            .since(Version::V0_30_2),
    ],
)
.word("gitprov");

const ID: &[Field] = &[text("gitProviderId").min(1)];

const PROCEDURES: &[Procedure] = &[
    query("gitProvider.getAll", &[], all),
    mutation(
        "gitProvider.toggleShare",
        &[
            text("gitProviderId").min(1),
            boolean("sharedWithOrganization"),
        ],
        share,
    )
    .since(Version::V0_30_2),
    mutation("gitProvider.remove", ID, remove).guarded("gitProviders"),
];

/// Adds a provider of a kind: the row that names it, and its own.
pub(crate) fn create(session: &mut Session<'_>, kind: &'static Spec) -> Result<Row, Failure> {
    let named = json!({
        "name": session.text("name"), "providerType": kind.name,
        "organizationId": session.caller.organization, "userId": session.caller.user,
    });
    let named = session.db.insert(&GIT_PROVIDER, row(named))?;
    let mut new = session.input_without(&[kind.key(), "name"]);
    new.insert(
        "gitProviderId".to_owned(),
        named.get("gitProviderId").cloned().unwrap_or_default(),
    );
    Ok(session.db.insert(kind, new)?)
}

/// The provider of a kind that the input's id names, with the row that names it.
pub(crate) fn one(session: &Session<'_>, kind: &Spec, label: &str) -> Outcome {
    let row = session.db.get(kind, &session.text(kind.key()));
    let row = row.ok_or_else(|| Failure::not_found(format!("{label} Provider not found")))?;
    let mut res = row.clone();
    res.insert("gitProvider".to_owned(), named(session.db, row));
    Ok(res.into())
}

/// The providers of a kind: their ids, with the rows that name them.
pub(crate) fn list(session: &Session<'_>, kind: &Spec, is_ready: fn(&Row) -> bool) -> Outcome {
    let rows = session.db.rows(kind).filter(|it| is_ready(it)).map(|it| {
        let mut res = service::some_columns(it, &[kind.key()]);
        res.insert("gitProvider".to_owned(), named(session.db, it));
        res
    });
    let is_own = |it: &Row| {
        let organization = it
            .get("gitProvider")
            .and_then(|it| it.get("organizationId"));
        organization.and_then(Value::as_str) == Some(session.caller.organization.as_str())
    };
    Ok(json!(rows.filter(is_own).collect::<Vec<_>>()).into())
}

/// Changes the name of a provider and what its kind has.
pub(crate) fn update(session: &mut Session<'_>, kind: &'static Spec) -> Result<(), Failure> {
    // Both in one transaction: with nothing for the kind, the name does not change either.
    let patch = session.input_without(&[kind.key(), "gitProviderId", "name", "organizationId"]);
    session.db.update(kind, &session.text(kind.key()), &patch)?;
    let name = row(json!({ "name": session.text("name") }));
    session
        .db
        .update(&GIT_PROVIDER, &session.text("gitProviderId"), &name)?;
    Ok(())
}

/// The provider that a service takes its code from, if it is of this kind.
pub(crate) fn of(db: &Db, kind: &Spec, service: &Row) -> Value {
    json!(db.get(kind, column_text(service, kind.key())))
}

fn named(db: &Db, row: &Row) -> Value {
    json!(db.get(&GIT_PROVIDER, column_text(row, "gitProviderId")))
}

fn all(session: &mut Session<'_>) -> Outcome {
    let rows = session.db.rows_with(
        &GIT_PROVIDER,
        "organizationId",
        &session.caller.organization,
    );
    let res = rows.rev().map(|it| {
        let mut res = it.clone();
        let id = column_text(it, "gitProviderId");
        let kinds: [(&str, &Spec, &[&str], &[&str]); 4] = [
            (
                "gitlab",
                &GITLAB,
                &["gitlabId", "applicationId", "gitlabUrl"],
                &["accessToken", "refreshToken"],
            ),
            (
                "bitbucket",
                &BITBUCKET,
                &["bitbucketId", "bitbucketUsername"],
                &["bitbucketEmail", "apiToken"],
            ),
            (
                "github",
                &GITHUB,
                &["githubId", "githubAppName", "githubUrl"],
                &["githubAppId"],
            ),
            (
                "gitea",
                &GITEA,
                &["giteaId", "giteaUrl", "clientId"],
                &["accessToken", "refreshToken"],
            ),
        ];
        for (name, kind, columns, needed) in kinds {
            let own = session
                .db
                .rows_with(kind, "gitProviderId", id)
                .next()
                .map(|own| {
                    let mut shown = service::some_columns(own, columns);
                    let has = |column: &&str| !own.get(*column).unwrap_or(&Value::Null).is_null();
                    shown.insert("isConfigured".to_owned(), json!(needed.iter().all(has)));
                    if name == "bitbucket" {
                        let is_deprecated = has(&"appPassword") && !has(&"apiToken");
                        shown.insert("isDeprecated".to_owned(), json!(is_deprecated));
                    }
                    shown
                });
            res.insert(name.to_owned(), json!(own));
        }
        res.insert(
            "isOwner".to_owned(),
            json!(column_text(it, "userId") == session.caller.user),
        );
        res
    });
    Ok(json!(res.collect::<Vec<_>>()).into())
}

fn share(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    let id = session.text("gitProviderId");
    let patch = session.input_without(&["gitProviderId"]);
    Ok(json!(session.db.update(&GIT_PROVIDER, &id, &patch)?).into())
}

fn remove(session: &mut Session<'_>) -> Outcome {
    let row = find(session)?;
    session
        .db
        .delete(&GIT_PROVIDER, &session.text("gitProviderId"));
    Ok(row.into())
}

fn find(session: &Session<'_>) -> Result<Row, Failure> {
    let row = session
        .db
        .get(&GIT_PROVIDER, &session.text("gitProviderId"));
    let row = row.filter(|it| !session.is_foreign(it));
    row.cloned()
        .ok_or_else(|| Failure::bad_request("Git Provider not found"))
}
