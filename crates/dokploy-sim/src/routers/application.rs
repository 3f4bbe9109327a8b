//! Applications: code or an image that Dokploy builds and runs. By far the widest table.

use serde_json::{Map, Value, json};

use crate::db::{Db, Row, row, text as column_text};
use crate::failure::Failure;
use crate::field::{Field, boolean, number, object, objects, one_of, text, texts};
use crate::procedure::{Outcome, Procedure, Reply, Session, mutation, query};
use crate::routers::service::{self, DEPLOYMENT};
use crate::routers::{
    Router, bitbucket, domain, git_provider, gitea, github, gitlab, port, redirect, registry,
    router, security,
};
use crate::schema::{Fill, OnDelete, Spec, column, created_at, id, table};
use crate::settings::Version;

const TABLES: &[&Spec] = &[&APPLICATION];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static APPLICATION: Spec = table(
    "application",
    &[
        id("applicationId"),
        column("name"),
        column("appName"),
        column("description"),
        column("env"),
        column("previewEnv"),
        column("watchPaths"),
        column("previewBuildArgs"),
        column("previewBuildSecrets"),
        column("previewLabels"),
        column("previewWildcard"),
        column("previewPort").or("3000").int(),
        column("previewHttps").or("false"),
        column("previewPath").or("\"/\""),
        column("previewCertificateType")
            .or("\"none\"")
            .sql("certificateType"),
        column("previewCustomCertResolver"),
        column("previewLimit").or("3").int(),
        column("isPreviewDeploymentsActive").or("false"),
        column("previewRequireCollaboratorPermissions").or("true"),
        column("rollbackActive").or("false"),
        column("buildArgs"),
        column("buildSecrets"),
        column("memoryReservation"),
        column("memoryLimit"),
        column("cpuReservation"),
        column("cpuLimit"),
        column("title"),
        column("enabled"),
        column("subtitle"),
        column("command"),
        column("args"),
        column("icon").since(Version::V0_30_2),
        column("refreshToken").fill(Fill::Id),
        column("sourceType").or("\"github\""),
        column("cleanCache").or("false"),
        column("repository"),
        column("owner"),
        column("branch"),
        column("buildPath").or("\"/\""),
        column("triggerType").or("\"push\""),
        column("autoDeploy").or("true"),
        column("gitlabProjectId").int(),
        column("gitlabRepository"),
        column("gitlabOwner"),
        column("gitlabBranch"),
        column("gitlabBuildPath").or("\"/\""),
        column("gitlabPathNamespace"),
        column("giteaRepository"),
        column("giteaOwner"),
        column("giteaBranch"),
        column("giteaBuildPath").or("\"/\""),
        column("bitbucketRepository"),
        column("bitbucketRepositorySlug").since(Version::V0_30_2),
        column("bitbucketOwner"),
        column("bitbucketBranch"),
        column("bitbucketBuildPath").or("\"/\""),
        column("username"),
        column("password"),
        column("dockerImage"),
        column("registryUrl"),
        column("customGitUrl"),
        column("customGitBranch"),
        column("customGitBuildPath"),
        column("customGitSSHKeyId").points_to("sshKey", OnDelete::SetNull),
        column("enableSubmodules").or("false"),
        column("dockerfile").or("\"Dockerfile\""),
        column("dockerContextPath"),
        column("dockerBuildStage"),
        column("dropBuildPath"),
        column("healthCheckSwarm"),
        column("restartPolicySwarm"),
        column("placementSwarm"),
        column("updateConfigSwarm"),
        column("rollbackConfigSwarm"),
        column("modeSwarm"),
        column("labelsSwarm"),
        column("networkSwarm"),
        column("stopGracePeriodSwarm"),
        column("endpointSpecSwarm"),
        column("ulimitsSwarm").since(Version::V0_30_2),
        column("replicas").or("1").int(),
        column("applicationStatus").or("\"idle\""),
        column("buildType").or("\"nixpacks\""),
        column("railpackVersion").or("\"0.15.4\""),
        column("herokuVersion").or("\"24\""),
        column("publishDirectory"),
        column("isStaticSpa"),
        column("createEnvFile").or("true"),
        created_at(),
        column("registryId").points_to("registry", OnDelete::SetNull),
        column("rollbackRegistryId").points_to("registry", OnDelete::SetNull),
        column("environmentId").points_to("environment", OnDelete::Cascade),
        column("githubId").points_to("github", OnDelete::SetNull),
        column("gitlabId").points_to("gitlab", OnDelete::SetNull),
        column("giteaId").points_to("gitea", OnDelete::SetNull),
        column("bitbucketId").points_to("bitbucket", OnDelete::SetNull),
        column("serverId").points_to("server", OnDelete::Cascade),
        column("buildServerId").points_to("server", OnDelete::SetNull),
        column("buildRegistryId").points_to("registry", OnDelete::SetNull),
        column("networkIds").or("[]").since(Version::V0_30_2),
        column("detachDokployNetwork")
            .or("false")
            .since(Version::V0_30_2),
    ],
)
.word("app");

const ID: &[Field] = &[text("applicationId").min(1)];

const CREATE: &[Field] = &[
    text("name").min(1),
    text("appName")
        .min(1)
        .max(63)
        .pattern(&service::APP_NAME)
        .optional(),
    text("description").nullable().optional(),
    text("environmentId"),
    text("serverId").nullable().optional(),
    one_of(
        "sourceType",
        &[
            "github",
            "docker",
            "git",
            "gitlab",
            "bitbucket",
            "gitea",
            "drop",
        ],
    )
    .optional()
    .since(Version::V0_30_2),
];

const UPDATE: &[Field] = &[
    text("applicationId").min(1),
    text("name").min(1).optional(),
    text("appName")
        .min(1)
        .max(63)
        .pattern(&service::APP_NAME)
        .optional(),
    text("description").nullable().optional(),
    text("env").nullable().optional(),
    text("previewEnv").nullable().optional(),
    texts("watchPaths").nullable().optional(),
    text("previewBuildArgs").nullable().optional(),
    text("previewBuildSecrets").nullable().optional(),
    texts("previewLabels").nullable().optional(),
    text("previewWildcard").nullable().optional(),
    number("previewPort").nullable().coerced().optional(),
    boolean("previewHttps").coerced().optional(),
    text("previewPath").nullable().optional(),
    one_of("previewCertificateType", &["letsencrypt", "none", "custom"]).optional(),
    text("previewCustomCertResolver").nullable().optional(),
    number("previewLimit").nullable().coerced().optional(),
    boolean("isPreviewDeploymentsActive")
        .nullable()
        .coerced()
        .optional(),
    boolean("previewRequireCollaboratorPermissions")
        .nullable()
        .coerced()
        .optional(),
    boolean("rollbackActive").nullable().coerced().optional(),
    text("buildArgs").nullable().optional(),
    text("buildSecrets").nullable().optional(),
    text("memoryReservation").nullable().optional(),
    text("memoryLimit").nullable().optional(),
    text("cpuReservation").nullable().optional(),
    text("cpuLimit").nullable().optional(),
    text("title").nullable().optional(),
    boolean("enabled").nullable().coerced().optional(),
    text("subtitle").nullable().optional(),
    text("command").nullable().optional(),
    // The description of v0.26.5 leaves this out, and createEnvFile and rollbackRegistryId; its table has the columns.
    texts("args").nullable().optional(),
    text("icon")
        .max(2_097_152)
        .nullable()
        .optional()
        .since(Version::V0_30_2),
    text("refreshToken").nullable().optional(),
    one_of(
        "sourceType",
        &[
            "github",
            "docker",
            "git",
            "gitlab",
            "bitbucket",
            "gitea",
            "drop",
        ],
    )
    .optional(),
    boolean("cleanCache").nullable().coerced().optional(),
    text("repository").nullable().optional(),
    text("owner").nullable().optional(),
    text("branch").nullable().optional(),
    text("buildPath").nullable().optional(),
    one_of("triggerType", &["push", "tag"])
        .nullable()
        .optional(),
    boolean("autoDeploy").nullable().coerced().optional(),
    number("gitlabProjectId").nullable().coerced().optional(),
    text("gitlabRepository").nullable().optional(),
    text("gitlabOwner").nullable().optional(),
    text("gitlabBranch").nullable().optional(),
    text("gitlabBuildPath").nullable().optional(),
    text("gitlabPathNamespace").nullable().optional(),
    text("giteaRepository").nullable().optional(),
    text("giteaOwner").nullable().optional(),
    text("giteaBranch").nullable().optional(),
    text("giteaBuildPath").nullable().optional(),
    text("bitbucketRepository").nullable().optional(),
    text("bitbucketRepositorySlug")
        .nullable()
        .optional()
        .since(Version::V0_30_2),
    text("bitbucketOwner").nullable().optional(),
    text("bitbucketBranch").nullable().optional(),
    text("bitbucketBuildPath").nullable().optional(),
    text("username").nullable().optional(),
    text("password").nullable().optional(),
    text("dockerImage").nullable().optional(),
    text("registryUrl").nullable().optional(),
    text("customGitUrl").nullable().optional(),
    text("customGitBranch").nullable().optional(),
    text("customGitBuildPath").nullable().optional(),
    text("customGitSSHKeyId").nullable().optional(),
    boolean("enableSubmodules").coerced().optional(),
    text("dockerfile").nullable().optional(),
    text("dockerContextPath").nullable().optional(),
    text("dockerBuildStage").nullable().optional(),
    text("dropBuildPath").nullable().optional(),
    object(
        "healthCheckSwarm",
        &["Test", "Interval", "Timeout", "StartPeriod", "Retries"],
    )
    .nullable()
    .optional(),
    object(
        "restartPolicySwarm",
        &["Condition", "Delay", "MaxAttempts", "Window"],
    )
    .nullable()
    .optional(),
    object(
        "placementSwarm",
        &["Constraints", "Preferences", "MaxReplicas", "Platforms"],
    )
    .nullable()
    .optional(),
    object(
        "updateConfigSwarm",
        &[
            "Parallelism",
            "Delay",
            "FailureAction",
            "Monitor",
            "MaxFailureRatio",
            "Order",
        ],
    )
    .nullable()
    .optional(),
    object(
        "rollbackConfigSwarm",
        &[
            "Parallelism",
            "Delay",
            "FailureAction",
            "Monitor",
            "MaxFailureRatio",
            "Order",
        ],
    )
    .nullable()
    .optional(),
    object(
        "modeSwarm",
        &["Replicated", "Global", "ReplicatedJob", "GlobalJob"],
    )
    .nullable()
    .optional(),
    object("labelsSwarm", &[]).nullable().optional(),
    objects("networkSwarm").nullable().optional(),
    number("stopGracePeriodSwarm")
        .nullable()
        .coerced()
        .optional(),
    object("endpointSpecSwarm", &["Mode", "Ports"])
        .nullable()
        .optional(),
    objects("ulimitsSwarm")
        .nullable()
        .optional()
        .since(Version::V0_30_2),
    number("replicas").coerced().optional(),
    one_of("applicationStatus", &["idle", "running", "done", "error"]).optional(),
    one_of(
        "buildType",
        &[
            "dockerfile",
            "heroku_buildpacks",
            "paketo_buildpacks",
            "nixpacks",
            "static",
            "railpack",
        ],
    )
    .optional(),
    text("railpackVersion").nullable().optional(),
    text("herokuVersion").nullable().optional(),
    text("publishDirectory").nullable().optional(),
    boolean("isStaticSpa").nullable().coerced().optional(),
    boolean("createEnvFile").coerced().optional(),
    text("createdAt").optional(),
    text("registryId").nullable().optional(),
    text("rollbackRegistryId").nullable().optional(),
    text("environmentId").optional(),
    text("githubId").nullable().optional(),
    text("gitlabId").nullable().optional(),
    text("giteaId").nullable().optional(),
    text("bitbucketId").nullable().optional(),
    text("buildServerId").nullable().optional(),
    text("buildRegistryId").nullable().optional(),
    texts("networkIds")
        .nullable()
        .optional()
        .since(Version::V0_30_2),
    boolean("detachDokployNetwork")
        .coerced()
        .optional()
        .since(Version::V0_30_2),
];

const SAVE_ENVIRONMENT: &[Field] = &[
    text("applicationId"),
    text("env")
        .nullable()
        .nonoptional()
        .required_since(Version::V0_30_2),
    text("buildArgs")
        .nullable()
        .nonoptional()
        .required_since(Version::V0_30_2),
    text("buildSecrets")
        .nullable()
        .nonoptional()
        .required_since(Version::V0_30_2),
    boolean("createEnvFile")
        .coerced_after("application.update")
        .nonoptional()
        .since(Version::V0_30_2),
];

const SAVE_BUILD_TYPE: &[Field] = &[
    text("applicationId"),
    one_of(
        "buildType",
        &[
            "dockerfile",
            "heroku_buildpacks",
            "paketo_buildpacks",
            "nixpacks",
            "static",
            "railpack",
        ],
    )
    .nonoptional(),
    text("dockerfile")
        .nullable()
        .nonoptional()
        .required_since(Version::V0_30_2),
    text("dockerContextPath").nullable().nonoptional(),
    text("dockerBuildStage").nullable().nonoptional(),
    text("herokuVersion")
        .nullable()
        .nonoptional()
        .required_since(Version::V0_30_2),
    text("railpackVersion")
        .nullable()
        .nonoptional()
        .required_since(Version::V0_30_2),
    text("publishDirectory").nullable().optional(),
    boolean("isStaticSpa").nullable().coerced().optional(),
];

/// What a source in git wants of its submodules, before v0.30.2 and since.
const OLDER_SUBMODULES: Field = boolean("enableSubmodules")
    .coerced()
    .until(Version::V0_30_2);
const SUBMODULES: Field = boolean("enableSubmodules")
    .coerced()
    .optional()
    .since(Version::V0_30_2);

/// The branch of a source in git, before v0.30.2.
const fn older_branch(name: &'static str) -> Field {
    text(name).nullable().nonoptional().until(Version::V0_30_2)
}

/// The same since.
const fn branch(name: &'static str) -> Field {
    text(name).min(1).nonoptional().since(Version::V0_30_2)
}

const SAVE_GITHUB: &[Field] = &[
    text("applicationId"),
    text("repository")
        .nullable()
        .nonoptional()
        .required_since(Version::V0_30_2),
    text("owner").nullable().nonoptional(),
    text("buildPath")
        .nullable()
        .nonoptional()
        .required_since(Version::V0_30_2),
    text("githubId").nullable().nonoptional(),
    text("branch").nullable().optional().until(Version::V0_30_2),
    branch("branch"),
    one_of("triggerType", &["push", "tag"])
        .default("\"push\"")
        .required_since(Version::V0_30_2),
    OLDER_SUBMODULES,
    SUBMODULES,
    texts("watchPaths").nullable().optional(),
];

const SAVE_GITLAB: &[Field] = &[
    text("applicationId"),
    text("gitlabBuildPath").nullable().nonoptional(),
    text("gitlabOwner").nullable().nonoptional(),
    text("gitlabRepository").nullable().nonoptional(),
    text("gitlabId").nullable().nonoptional(),
    number("gitlabProjectId").nullable().nonoptional(),
    text("gitlabPathNamespace").nullable().nonoptional(),
    older_branch("gitlabBranch"),
    branch("gitlabBranch"),
    OLDER_SUBMODULES,
    SUBMODULES,
    texts("watchPaths").nullable().optional(),
];

const SAVE_BITBUCKET: &[Field] = &[
    text("bitbucketBuildPath").nullable().nonoptional(),
    text("bitbucketOwner").nullable().nonoptional(),
    text("bitbucketRepository").nullable().nonoptional(),
    text("bitbucketRepositorySlug")
        .nullable()
        .nonoptional()
        .since(Version::V0_30_2),
    text("bitbucketId").nullable().nonoptional(),
    text("applicationId"),
    older_branch("bitbucketBranch"),
    branch("bitbucketBranch"),
    OLDER_SUBMODULES,
    SUBMODULES,
    texts("watchPaths").nullable().optional(),
];

const SAVE_GITEA: &[Field] = &[
    text("applicationId"),
    text("giteaBuildPath").nullable().nonoptional(),
    text("giteaOwner").nullable().nonoptional(),
    text("giteaRepository").nullable().nonoptional(),
    text("giteaId").nullable().nonoptional(),
    older_branch("giteaBranch"),
    branch("giteaBranch"),
    OLDER_SUBMODULES,
    SUBMODULES,
    texts("watchPaths").nullable().optional(),
];

const SAVE_DOCKER: &[Field] = &[
    text("dockerImage")
        .nullable()
        .nonoptional()
        .required_since(Version::V0_30_2),
    text("applicationId"),
    text("username")
        .nullable()
        .nonoptional()
        .required_since(Version::V0_30_2),
    text("password")
        .nullable()
        .nonoptional()
        .required_since(Version::V0_30_2),
    text("registryUrl")
        .nullable()
        .nonoptional()
        .required_since(Version::V0_30_2),
];

const SAVE_GIT: &[Field] = &[
    text("applicationId"),
    text("customGitBuildPath")
        .nullable()
        .nonoptional()
        .required_since(Version::V0_30_2),
    text("customGitUrl")
        .nullable()
        .nonoptional()
        .required_since(Version::V0_30_2),
    texts("watchPaths")
        .nullable()
        .nonoptional()
        .required_since(Version::V0_30_2),
    OLDER_SUBMODULES,
    SUBMODULES,
    text("customGitBranch")
        .nullable()
        .optional()
        .until(Version::V0_30_2),
    branch("customGitBranch"),
    text("customGitSSHKeyId").nullable().optional(),
];

const SEARCH: &[Field] = &[
    text("q").optional(),
    text("name").optional(),
    text("appName").optional(),
    text("description").optional(),
    text("repository").optional(),
    text("owner").optional(),
    text("dockerImage").optional(),
    text("projectId").optional(),
    text("environmentId").optional(),
    number("limit").default("20"),
    number("offset").default("0"),
];

const RELOAD: &[Field] = &[
    text("appName").min(1).max(63).pattern(&service::APP_NAME),
    text("applicationId"),
];

const PROCEDURES: &[Procedure] = &[
    mutation("application.create", CREATE, create).guarded("service"),
    query("application.one", ID, one),
    mutation("application.reload", RELOAD, start_again),
    mutation("application.delete", ID, delete).guarded("service"),
    mutation("application.stop", ID, stop),
    mutation("application.start", ID, start),
    mutation("application.saveEnvironment", SAVE_ENVIRONMENT, save),
    mutation("application.saveBuildType", SAVE_BUILD_TYPE, save),
    mutation("application.saveGithubProvider", SAVE_GITHUB, save),
    mutation("application.saveGitlabProvider", SAVE_GITLAB, save),
    mutation("application.saveBitbucketProvider", SAVE_BITBUCKET, save),
    mutation("application.saveGiteaProvider", SAVE_GITEA, save),
    mutation("application.saveDockerProvider", SAVE_DOCKER, save),
    mutation("application.saveGitProvider", SAVE_GIT, save),
    mutation("application.disconnectGitProvider", ID, disconnect),
    mutation("application.markRunning", ID, mark_running),
    mutation("application.update", UPDATE, update),
    mutation("application.refreshToken", ID, refresh_token),
    mutation(
        "application.deploy",
        &[
            text("applicationId").min(1),
            text("title").optional(),
            text("description").optional(),
        ],
        deploy,
    ),
    mutation(
        "application.redeploy",
        &[
            text("applicationId").min(1),
            text("title").optional(),
            text("description").optional(),
        ],
        deploy,
    ),
    mutation("application.cleanQueues", ID, clean_queues),
    query("application.readTraefikConfig", ID, read_traefik),
    mutation(
        "application.updateTraefikConfig",
        &[text("applicationId"), text("traefikConfig")],
        update_traefik,
    ),
    mutation(
        "application.move",
        &[text("applicationId"), service::target()],
        move_to,
    ),
    query("application.search", SEARCH, search).since(Version::V0_30_2),
];

fn create(session: &mut Session<'_>) -> Outcome {
    service::check_place(session)?;
    let app_name = service::new_app_name(session, "app");
    let mut new = session.input.clone();
    new.insert("appName".to_owned(), json!(app_name));
    Ok(service::insert(session, &APPLICATION, new)?.into())
}

fn one(session: &mut Session<'_>) -> Outcome {
    let mut row = detailed(session.db, find(session)?);
    row.insert("hasGitProviderAccess".to_owned(), json!(true));
    row.insert("unauthorizedProvider".to_owned(), Value::Null);
    Ok(row.into())
}

fn delete(session: &mut Session<'_>) -> Outcome {
    let row = detailed(session.db, find(session)?);
    session
        .db
        .delete(&APPLICATION, &session.text("applicationId"));
    Ok(row.into())
}

/// Stopping and starting answer the application as it was before.
fn stop(session: &mut Session<'_>) -> Outcome {
    let row = detailed(session.db, find(session)?);
    service::set(session, &APPLICATION, json!({"applicationStatus": "idle"}))?;
    Ok(row.into())
}

fn start(session: &mut Session<'_>) -> Outcome {
    let row = detailed(session.db, find(session)?);
    service::set(session, &APPLICATION, json!({"applicationStatus": "done"}))?;
    Ok(row.into())
}

fn start_again(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    service::set(session, &APPLICATION, json!({"applicationStatus": "done"}))?;
    Ok(json!(true).into())
}

/// The save procedures set their input, and those of providers also where the code comes from.
fn save(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    let mut patch = session.input_without(&["applicationId"]);
    let source = match session.procedure.name {
        "application.saveGithubProvider" => Some("github"),
        "application.saveGitlabProvider" => Some("gitlab"),
        "application.saveBitbucketProvider" => Some("bitbucket"),
        "application.saveGiteaProvider" => Some("gitea"),
        "application.saveDockerProvider" => Some("docker"),
        "application.saveGitProvider" => Some("git"),
        _ => None,
    };
    if let Some(source) = source {
        patch.insert("sourceType".to_owned(), json!(source));
        patch.insert("applicationStatus".to_owned(), json!("idle"));
    }
    service::set(session, &APPLICATION, Value::Object(patch))?;
    Ok(json!(true).into())
}

/// What is forgotten when the git provider goes; the slug of Bitbucket and all of the docker provider stay.
const OF_PROVIDERS: [&str; 25] = [
    "repository",
    "owner",
    "branch",
    "githubId",
    "gitlabId",
    "gitlabProjectId",
    "gitlabRepository",
    "gitlabOwner",
    "gitlabBranch",
    "gitlabBuildPath",
    "gitlabPathNamespace",
    "giteaId",
    "giteaRepository",
    "giteaOwner",
    "giteaBranch",
    "giteaBuildPath",
    "bitbucketId",
    "bitbucketRepository",
    "bitbucketOwner",
    "bitbucketBranch",
    "bitbucketBuildPath",
    "customGitUrl",
    "customGitBranch",
    "customGitBuildPath",
    "customGitSSHKeyId",
];

fn disconnect(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    let mut patch: Row = OF_PROVIDERS
        .iter()
        .map(|it| ((*it).to_owned(), Value::Null))
        .collect();
    patch.extend(row(json!({
        "sourceType": "github", "buildPath": "/", "triggerType": "push", "watchPaths": null,
        "enableSubmodules": false, "applicationStatus": "idle",
    })));
    service::set(session, &APPLICATION, Value::Object(patch))?;
    Ok(json!(true).into())
}

fn mark_running(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    service::set(
        session,
        &APPLICATION,
        json!({"applicationStatus": "running"}),
    )?;
    Ok(Reply::Empty)
}

fn update(session: &mut Session<'_>) -> Outcome {
    let id = session.text("applicationId");
    let patch = session.input_without(&["applicationId", "appName"]);
    let unknown = || Failure::bad_request("Error updating application");
    if let Some(row) = session.db.get(&APPLICATION, &id)
        && service::organization_of(session.db, row) != session.caller.organization
    {
        return Err(Failure::unauthorized(
            "You are not authorized to update this application",
        ));
    }
    session
        .db
        .update(&APPLICATION, &id, &patch)?
        .ok_or_else(unknown)?;
    Ok(json!(true).into())
}

fn refresh_token(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    let token = session.db.new_id("token");
    service::set(session, &APPLICATION, json!({ "refreshToken": token }))?;
    Ok(json!(true).into())
}

fn deploy(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    service::deploy(session, &APPLICATION)?;
    Ok(Reply::Empty)
}

fn clean_queues(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    Ok(Reply::Empty)
}

fn read_traefik(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    Ok(Value::Null.into())
}

fn update_traefik(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    Ok(json!(true).into())
}

fn move_to(session: &mut Session<'_>) -> Outcome {
    service::move_to(session, &APPLICATION, "Application")
}

fn search(session: &mut Session<'_>) -> Outcome {
    let columns = [
        "applicationId",
        "name",
        "appName",
        "description",
        "environmentId",
        "applicationStatus",
        "sourceType",
        "createdAt",
    ];
    service::search(session, &APPLICATION, &columns)
}

fn find(session: &Session<'_>) -> Result<Row, Failure> {
    service::find(session, &APPLICATION, "Application")
}

/// An application with all that hangs on it. Registries come without their password.
fn detailed(db: &Db, mut row: Row) -> Row {
    let id = column_text(&row, "applicationId").to_owned();
    let of = |table: &Spec| service::pointing_to(db, table, "applicationId", &id);
    let registry = |column: &str| {
        let mut registry = db
            .get(&registry::REGISTRY, column_text(&row, column))
            .cloned();
        if let Some(registry) = &mut registry {
            registry.shift_remove("password");
        }
        json!(registry)
    };
    let mut more = Map::new();
    let mut add = |name: &str, value: Value| more.insert(name.to_owned(), value);
    add("environment", service::environment_of(db, &row));
    add("domains", of(&domain::DOMAIN));
    add("deployments", of(&DEPLOYMENT));
    add("mounts", service::mounts_of(db, "applicationId", &id));
    add("redirects", of(&redirect::REDIRECT));
    add("security", of(&security::SECURITY));
    add("ports", of(&port::PORT));
    add("gitlab", git_provider::of(db, &gitlab::GITLAB, &row));
    add("github", git_provider::of(db, &github::GITHUB, &row));
    add(
        "bitbucket",
        git_provider::of(db, &bitbucket::BITBUCKET, &row),
    );
    add("gitea", git_provider::of(db, &gitea::GITEA, &row));
    add("server", service::server_of(db, &row));
    add("previewDeployments", json!([]));
    add("registry", registry("registryId"));
    add("buildRegistry", registry("buildRegistryId"));
    add("rollbackRegistry", registry("rollbackRegistryId"));
    row.extend(more);
    row
}
