//! Composes: several containers that one file describes.

use serde_json::{Map, Value, json};

use crate::db::{Db, Row, text as column_text};
use crate::failure::Failure;
use crate::field::{Field, boolean, number, objects, one_of, text, texts};
use crate::procedure::{Outcome, Procedure, Reply, Session, mutation, query};
use crate::routers::service::{self, DEPLOYMENT};
use crate::routers::{
    Router, backup, bitbucket, domain, git_provider, gitea, github, gitlab, router,
};
use crate::schema::{Fill, OnDelete, Spec, column, created_at, id, table};
use crate::settings::Version;

const TABLES: &[&Spec] = &[&COMPOSE];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static COMPOSE: Spec = table(
    "compose",
    &[
        id("composeId"),
        column("name"),
        column("appName"),
        column("description"),
        column("env"),
        column("composeFile").or("\"\""),
        column("refreshToken").fill(Fill::Id),
        column("sourceType").or("\"github\""),
        column("composeType").or("\"docker-compose\""),
        column("repository"),
        column("owner"),
        column("branch"),
        column("autoDeploy").or("true"),
        column("gitlabProjectId").int(),
        column("gitlabRepository"),
        column("gitlabOwner"),
        column("gitlabBranch"),
        column("gitlabPathNamespace"),
        column("bitbucketRepository"),
        column("bitbucketRepositorySlug").since(Version::V0_30_2),
        column("bitbucketOwner"),
        column("bitbucketBranch"),
        column("giteaRepository"),
        column("giteaOwner"),
        column("giteaBranch"),
        column("customGitUrl"),
        column("customGitBranch"),
        column("customGitSSHKeyId").points_to("sshKey", OnDelete::SetNull),
        column("command").or("\"\""),
        column("createEnvFile").or("true").since(Version::V0_30_2),
        column("enableSubmodules").or("false"),
        column("composePath").or("\"./docker-compose.yml\""),
        column("suffix").or("\"\""),
        column("randomize").or("false"),
        column("isolatedDeployment").or("false"),
        column("isolatedDeploymentsVolume").or("false"),
        column("triggerType").or("\"push\""),
        column("composeStatus").or("\"idle\""),
        column("icon").since(Version::V0_30_2),
        column("environmentId").points_to("environment", OnDelete::Cascade),
        created_at(),
        column("watchPaths"),
        column("githubId").points_to("github", OnDelete::SetNull),
        column("gitlabId").points_to("gitlab", OnDelete::SetNull),
        column("bitbucketId").points_to("bitbucket", OnDelete::SetNull),
        column("giteaId").points_to("gitea", OnDelete::SetNull),
        column("serverId").points_to("server", OnDelete::Cascade),
        column("serviceNetworks").or("[]").since(Version::V0_30_2),
    ],
);

const ID: &[Field] = &[text("composeId").min(1)];

const CREATE: &[Field] = &[
    text("name").min(1),
    text("description").nullable().optional(),
    text("environmentId"),
    one_of("composeType", &["docker-compose", "stack"]).optional(),
    text("appName")
        .min(1)
        .max(63)
        .pattern(&service::APP_NAME)
        .optional(),
    text("serverId").nullable().optional(),
    text("composeFile").optional(),
    one_of(
        "sourceType",
        &["git", "github", "gitlab", "bitbucket", "gitea", "raw"],
    )
    .optional()
    .since(Version::V0_30_2),
];

const UPDATE: &[Field] = &[
    text("composeId"),
    text("name").min(1).optional(),
    text("appName")
        .min(1)
        .max(63)
        .pattern(&service::APP_NAME)
        .optional(),
    text("description").nullable().optional(),
    text("env").nullable().optional(),
    text("composeFile").optional(),
    text("refreshToken").nullable().optional(),
    one_of(
        "sourceType",
        &["git", "github", "gitlab", "bitbucket", "gitea", "raw"],
    )
    .optional(),
    one_of("composeType", &["docker-compose", "stack"]).optional(),
    text("repository").nullable().optional(),
    text("owner").nullable().optional(),
    text("branch").nullable().optional(),
    boolean("autoDeploy").nullable().coerced().optional(),
    number("gitlabProjectId").nullable().coerced().optional(),
    text("gitlabRepository").nullable().optional(),
    text("gitlabOwner").nullable().optional(),
    text("gitlabBranch").nullable().optional(),
    text("gitlabPathNamespace").nullable().optional(),
    text("bitbucketRepository").nullable().optional(),
    text("bitbucketRepositorySlug")
        .nullable()
        .optional()
        .since(Version::V0_30_2),
    text("bitbucketOwner").nullable().optional(),
    text("bitbucketBranch").nullable().optional(),
    text("giteaRepository").nullable().optional(),
    text("giteaOwner").nullable().optional(),
    text("giteaBranch").nullable().optional(),
    text("customGitUrl").nullable().optional(),
    text("customGitBranch").nullable().optional(),
    text("customGitSSHKeyId").nullable().optional(),
    text("command").optional(),
    boolean("createEnvFile")
        .coerced()
        .optional()
        .since(Version::V0_30_2),
    boolean("enableSubmodules").coerced().optional(),
    text("composePath").min(1).optional(),
    text("suffix").optional(),
    boolean("randomize").coerced().optional(),
    boolean("isolatedDeployment").coerced().optional(),
    boolean("isolatedDeploymentsVolume").coerced().optional(),
    one_of("triggerType", &["push", "tag"])
        .nullable()
        .optional(),
    one_of("composeStatus", &["idle", "running", "done", "error"]).optional(),
    text("icon")
        .max(2_097_152)
        .nullable()
        .optional()
        .since(Version::V0_30_2),
    text("environmentId").optional(),
    text("createdAt").optional(),
    texts("watchPaths").nullable().optional(),
    text("githubId").nullable().optional(),
    text("gitlabId").nullable().optional(),
    text("bitbucketId").nullable().optional(),
    text("giteaId").nullable().optional(),
    objects("serviceNetworks")
        .nullable()
        .optional()
        .since(Version::V0_30_2),
];

const DELETE: &[Field] = &[text("composeId").min(1), boolean("deleteVolumes").coerced()];

const DEPLOY: &[Field] = &[
    text("composeId").min(1),
    text("title").optional(),
    text("description").optional(),
];

const PROCEDURES: &[Procedure] = &[
    mutation("compose.create", CREATE, create).guarded("service"),
    query("compose.one", ID, one),
    mutation("compose.update", UPDATE, update),
    mutation(
        "compose.saveEnvironment",
        &[
            text("composeId"),
            text("env").nullable(),
            boolean("createEnvFile").coerced().optional(),
        ],
        save_environment,
    )
    .since(Version::V0_30_2),
    mutation("compose.delete", DELETE, delete).guarded("service"),
    query(
        "compose.loadServices",
        &[
            text("composeId").min(1),
            one_of("type", &["fetch", "cache"]).optional(),
        ],
        load_services,
    ),
    mutation(
        "compose.isolatedDeployment",
        &[text("composeId").min(1), text("suffix").optional()],
        file,
    ),
    query("compose.getConvertedCompose", ID, file),
    mutation("compose.deploy", DEPLOY, deploy),
    mutation("compose.redeploy", DEPLOY, deploy),
    mutation("compose.stop", ID, stop),
    mutation("compose.start", ID, start),
    query("compose.getDefaultCommand", ID, default_command),
    mutation("compose.refreshToken", ID, refresh_token),
    mutation(
        "compose.move",
        &[text("composeId"), service::target()],
        move_to,
    ),
    query("compose.search", service::SEARCH, search).since(Version::V0_30_2),
];

fn create(session: &mut Session<'_>) -> Outcome {
    service::check_place(session)?;
    let app_name = service::new_app_name(session, "compose");
    let mut new = session.input.clone();
    new.insert("appName".to_owned(), json!(app_name));
    Ok(service::insert(session, &COMPOSE, new)?.into())
}

fn one(session: &mut Session<'_>) -> Outcome {
    let mut row = detailed(session.db, find(session)?);
    row.insert("hasGitProviderAccess".to_owned(), json!(true));
    row.insert("unauthorizedProvider".to_owned(), Value::Null);
    Ok(row.into())
}

/// Answers nothing, and no error, when there is no such compose.
fn update(session: &mut Session<'_>) -> Outcome {
    let id = session.text("composeId");
    let Some(row) = session.db.get(&COMPOSE, &id) else {
        return Ok(Reply::Empty);
    };
    if service::organization_of(session.db, row) != session.caller.organization {
        return Err(Failure::unauthorized(
            "You are not authorized to update this compose",
        ));
    }
    let mut patch = session.input_without(&["appName"]);
    patch.insert("composeId".to_owned(), json!(id));
    Ok(json!(session.db.update(&COMPOSE, &id, &patch)?).into())
}

fn save_environment(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    let patch = session.input_without(&["composeId"]);
    service::set(session, &COMPOSE, Value::Object(patch))?;
    Ok(json!(true).into())
}

fn delete(session: &mut Session<'_>) -> Outcome {
    let row = detailed(session.db, find(session)?);
    session.db.delete(&COMPOSE, &session.text("composeId"));
    Ok(row.into())
}

/// No file was ever written, so it has no services.
fn load_services(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    Err(Failure::not_found("Services not found"))
}

fn file(session: &mut Session<'_>) -> Outcome {
    Ok(json!(find(session)?.get("composeFile")).into())
}

fn deploy(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    service::deploy(session, &COMPOSE)?;
    let id = session.text("composeId");
    Ok(json!({"success": true, "message": "Deployment queued", "composeId": id}).into())
}

fn stop(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    service::set(session, &COMPOSE, json!({"composeStatus": "idle"}))?;
    Ok(json!(true).into())
}

fn start(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    service::set(session, &COMPOSE, json!({"composeStatus": "done"}))?;
    Ok(json!(true).into())
}

fn default_command(session: &mut Session<'_>) -> Outcome {
    let row = find(session)?;
    let name = column_text(&row, "appName");
    let file = match column_text(&row, "sourceType") {
        "raw" => "docker-compose.yml",
        _ => column_text(&row, "composePath"),
    };
    Ok(json!(format!(
        "docker compose -p {name} -f {file} up -d --build --remove-orphans"
    ))
    .into())
}

fn refresh_token(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    let token = session.db.new_id("token");
    service::set(session, &COMPOSE, json!({ "refreshToken": token }))?;
    Ok(json!(true).into())
}

fn move_to(session: &mut Session<'_>) -> Outcome {
    service::move_to(session, &COMPOSE, "Compose")
}

fn search(session: &mut Session<'_>) -> Outcome {
    let columns = [
        "composeId",
        "name",
        "appName",
        "description",
        "environmentId",
        "composeStatus",
        "sourceType",
        "createdAt",
    ];
    service::search(session, &COMPOSE, &columns)
}

fn find(session: &Session<'_>) -> Result<Row, Failure> {
    service::find(session, &COMPOSE, "Compose")
}

/// A compose with all that hangs on it.
fn detailed(db: &Db, mut row: Row) -> Row {
    let id = column_text(&row, "composeId").to_owned();
    let of = |table: &Spec| service::pointing_to(db, table, "composeId", &id);
    let mut more = Map::new();
    let mut add = |name: &str, value: Value| more.insert(name.to_owned(), value);
    add("environment", service::environment_of(db, &row));
    add("deployments", of(&DEPLOYMENT));
    add("mounts", service::mounts_of(db, "composeId", &id));
    add("domains", of(&domain::DOMAIN));
    add("github", git_provider::of(db, &github::GITHUB, &row));
    add("gitlab", git_provider::of(db, &gitlab::GITLAB, &row));
    add(
        "bitbucket",
        git_provider::of(db, &bitbucket::BITBUCKET, &row),
    );
    add("gitea", git_provider::of(db, &gitea::GITEA, &row));
    add("server", service::server_of(db, &row));
    add("backups", backup::of(db, "composeId", &id));
    row.extend(more);
    row
}
