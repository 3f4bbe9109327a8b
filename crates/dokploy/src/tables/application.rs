//! Applications: one service of a repository or an image.
//!
//! Dokploy's own pages use a call for each of their parts, and these differ in what they demand from version to
//! version. `application.update` takes every column in all of them, so it is the only one used here.

use crate::table::{
    Answered, Attribute, Call, Created, DEPLOY_ON_CHANGE, Deploys, Field, Form, Import, Kind,
    Literal, Mode, Modifier, Object, Resource, Same, Span, Unset, WAIT_FOR, WAIT_TIMEOUT,
    attribute, deploy_on_change, flag, text, wait_for, wait_timeout, whole,
};

/// What Dokploy has.
pub static APPLICATION: Object = Object {
    name: "application",
    noun: "application",
    id: "applicationId",
    one: "application.one",
    create: "application.create",
    created: Created::Object,
    updates: &[
        Call {
            procedure: "application.update",
            form: Form::Partial,
            fields: &[
                "name",
                "environmentId",
                "description",
                "sourceType",
                "owner",
                "repository",
                "branch",
                "buildPath",
                "dockerfile",
                "args",
                "autoDeploy",
                "bitbucketBranch",
                "bitbucketBuildPath",
                "bitbucketId",
                "bitbucketOwner",
                "bitbucketRepository",
                "buildArgs",
                "buildRegistryId",
                "buildSecrets",
                "buildServerId",
                "buildType",
                "cleanCache",
                "command",
                "cpuLimit",
                "cpuReservation",
                "createEnvFile",
                "customGitBranch",
                "customGitBuildPath",
                "customGitSSHKeyId",
                "customGitUrl",
                "dockerBuildStage",
                "dockerContextPath",
                "dockerImage",
                "dropBuildPath",
                "enableSubmodules",
                "enabled",
                "endpointSpecSwarm",
                "env",
                "giteaBranch",
                "giteaBuildPath",
                "giteaId",
                "giteaOwner",
                "giteaRepository",
                "githubId",
                "gitlabBranch",
                "gitlabBuildPath",
                "gitlabId",
                "gitlabOwner",
                "gitlabPathNamespace",
                "gitlabProjectId",
                "gitlabRepository",
                "healthCheckSwarm",
                "herokuVersion",
                "isStaticSpa",
                "labelsSwarm",
                "memoryLimit",
                "memoryReservation",
                "modeSwarm",
                "networkSwarm",
                "password",
                "placementSwarm",
                "previewBuildArgs",
                "previewBuildSecrets",
                "previewCertificateType",
                "previewCustomCertResolver",
                "isPreviewDeploymentsActive",
                "previewEnv",
                "previewHttps",
                "previewLabels",
                "previewLimit",
                "previewPath",
                "previewPort",
                "previewRequireCollaboratorPermissions",
                "previewWildcard",
                "publishDirectory",
                "railpackVersion",
                "registryId",
                "registryUrl",
                "replicas",
                "restartPolicySwarm",
                "rollbackActive",
                "rollbackConfigSwarm",
                "rollbackRegistryId",
                "stopGracePeriodSwarm",
                "subtitle",
                "title",
                "triggerType",
                "updateConfigSwarm",
                "username",
                "watchPaths",
            ],
        },
        Call {
            procedure: "application.updateTraefikConfig",
            form: Form::Partial,
            fields: &["traefikConfig"],
        },
    ],
    remove: "application.delete",
    fields: FIELDS,
    deploys: Some(&Deploys {
        procedure: "application.deploy",
        history: Some("deployment.all"),
        status: "applicationStatus",
        containers: "swarm",
        output: Some("application.readLogs"),
        idle: &[
            "name",
            "environmentId",
            "description",
            "autoDeploy",
            "cleanCache",
            "isPreviewDeploymentsActive",
            "previewBuildArgs",
            "previewBuildSecrets",
            "previewCertificateType",
            "previewCustomCertResolver",
            "previewEnv",
            "previewHttps",
            "previewLabels",
            "previewLimit",
            "previewPath",
            "previewPort",
            "previewRequireCollaboratorPermissions",
            "previewWildcard",
            "rollbackActive",
            "rollbackRegistryId",
            "subtitle",
            "title",
            "traefikConfig",
            "triggerType",
            "watchPaths",
        ],
    }),
    spans: &[
        Span::undescribed("args"),
        Span::undescribed("createEnvFile"),
        Span::undescribed("rollbackRegistryId"),
    ],
    apart: &[("application.readTraefikConfig", "traefikConfig")],
    ..Object::PLAIN
};

const FIELDS: &[Field] = &[
    DEPLOY_ON_CHANGE,
    WAIT_FOR,
    WAIT_TIMEOUT,
    text("name").unset(Unset::Omitted, Unset::Omitted),
    text("environmentId").unset(Unset::Omitted, Unset::Omitted),
    text("appName")
        .unset(Unset::Omitted, Unset::NotTaken)
        .same(Same::WithSuffix),
    text("description")
        .unset(Unset::Omitted, Unset::Null)
        .same(Same::EmptyIsNull),
    // No call changes it.
    text("serverId")
        .unset(Unset::Omitted, Unset::NotTaken)
        .same(Same::EmptyIsNull),
    text("sourceType")
        .unset(Unset::NotTaken, Unset::Omitted)
        .same(Same::EmptyIsNull),
    text("owner")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("repository")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("branch")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull)
        .counts_if("sourceType", &["github"]),
    text("buildPath")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::RootIsNull),
    text("dockerfile")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::RelativePath),
    text("applicationStatus").read_only(),
    text("args")
        .kind(Kind::Words)
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    flag("autoDeploy").unset(Unset::NotTaken, Unset::Omitted),
    text("bitbucketBranch")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("bitbucketBuildPath")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::RootIsNull),
    text("bitbucketId")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("bitbucketOwner")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("bitbucketRepository")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("buildArgs")
        .unset(Unset::NotTaken, Unset::Null)
        .answered(Answered::IfRemembered)
        .same(Same::EmptyIsNull),
    text("buildRegistryId")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("buildSecrets")
        .unset(Unset::NotTaken, Unset::Null)
        .answered(Answered::IfRemembered)
        .same(Same::EmptyIsNull)
        .secret(),
    text("buildServerId")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("buildType")
        .unset(Unset::NotTaken, Unset::Omitted)
        .same(Same::EmptyIsNull),
    flag("cleanCache").unset(Unset::NotTaken, Unset::Omitted),
    text("command")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    whole("cpuLimit")
        .kind(Kind::Digits)
        .unset(Unset::NotTaken, Unset::Null),
    whole("cpuReservation")
        .kind(Kind::Digits)
        .unset(Unset::NotTaken, Unset::Null),
    flag("createEnvFile").unset(Unset::NotTaken, Unset::Omitted),
    text("customGitBranch")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("customGitBuildPath")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::RootIsNull),
    text("customGitSSHKeyId")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("customGitUrl")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    flag("deployOnCreate").local(),
    text("dockerBuildStage")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("dockerContextPath")
        .unset(Unset::NotTaken, Unset::Omitted)
        .same(Same::EmptyIsNull)
        .counts_if(
            "sourceType",
            &["github", "gitlab", "bitbucket", "gitea", "git", "drop"],
        ),
    text("dockerImage")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("dropBuildPath")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::RootIsNull),
    flag("enableSubmodules").unset(Unset::NotTaken, Unset::Omitted),
    flag("enabled").unset(Unset::NotTaken, Unset::Omitted),
    text("endpointSpecSwarm")
        .kind(Kind::Json)
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::Json),
    text("env")
        .unset(Unset::NotTaken, Unset::Null)
        .answered(Answered::IfRemembered)
        .same(Same::EmptyIsNull),
    text("giteaBranch")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("giteaBuildPath")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::RootIsNull),
    text("giteaId")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("giteaOwner")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("giteaRepository")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("githubId")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("gitlabBranch")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("gitlabBuildPath")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::RootIsNull),
    text("gitlabId")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("gitlabOwner")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("gitlabPathNamespace")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    whole("gitlabProjectId").unset(Unset::NotTaken, Unset::Null),
    text("gitlabRepository")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("healthCheckSwarm")
        .kind(Kind::Json)
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::Json),
    text("herokuVersion")
        .unset(Unset::NotTaken, Unset::Omitted)
        .same(Same::EmptyIsNull),
    flag("isStaticSpa").unset(Unset::NotTaken, Unset::Omitted),
    text("labelsSwarm")
        .kind(Kind::Json)
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::Json),
    whole("memoryLimit")
        .kind(Kind::Digits)
        .unset(Unset::NotTaken, Unset::Null),
    whole("memoryReservation")
        .kind(Kind::Digits)
        .unset(Unset::NotTaken, Unset::Null),
    text("modeSwarm")
        .kind(Kind::Json)
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::Json),
    text("networkSwarm")
        .kind(Kind::Json)
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::Json),
    text("password")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull)
        .secret(),
    text("placementSwarm")
        .kind(Kind::Json)
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::Json),
    text("previewBuildArgs")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("previewBuildSecrets")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull)
        .secret(),
    text("previewCertificateType")
        .unset(Unset::NotTaken, Unset::Omitted)
        .same(Same::EmptyIsNull),
    text("previewCustomCertResolver")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    flag("isPreviewDeploymentsActive").unset(Unset::NotTaken, Unset::Omitted),
    text("previewEnv")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    flag("previewHttps").unset(Unset::NotTaken, Unset::Omitted),
    text("previewLabels")
        .kind(Kind::Texts)
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    whole("previewLimit").unset(Unset::NotTaken, Unset::Omitted),
    text("previewPath")
        .unset(Unset::NotTaken, Unset::Omitted)
        .same(Same::EmptyIsNull),
    whole("previewPort").unset(Unset::NotTaken, Unset::Omitted),
    flag("previewRequireCollaboratorPermissions").unset(Unset::NotTaken, Unset::Omitted),
    text("previewWildcard")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("publishDirectory")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("railpackVersion")
        .unset(Unset::NotTaken, Unset::Omitted)
        .same(Same::EmptyIsNull),
    text("registryId")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("registryUrl")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    whole("replicas").unset(Unset::NotTaken, Unset::Omitted),
    text("restartPolicySwarm")
        .kind(Kind::Json)
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::Json),
    flag("rollbackActive").unset(Unset::NotTaken, Unset::Omitted),
    text("rollbackConfigSwarm")
        .kind(Kind::Json)
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::Json),
    text("rollbackRegistryId")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    whole("stopGracePeriodSwarm").unset(Unset::NotTaken, Unset::Null),
    text("subtitle")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("title")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    // Where it is taken out of the configuration, what Dokploy serves stays.
    text("traefikConfig")
        .unset(Unset::NotTaken, Unset::Omitted)
        .same(Same::Trimmed),
    text("triggerType")
        .unset(Unset::NotTaken, Unset::Omitted)
        .same(Same::EmptyIsNull),
    text("updateConfigSwarm")
        .kind(Kind::Json)
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::Json),
    text("username")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("watchPaths")
        .kind(Kind::Texts)
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
];

const ATTRIBUTES: &[Attribute] = &[
    attribute(
        "id",
        "applicationId",
        Mode::Computed,
        "Dokploy's id of the application.",
    )
    .modified(&[Modifier::UseStateForUnknown]),
    attribute("name", "name", Mode::Required, "The name shown in Dokploy."),
    attribute(
        "environment_id",
        "environmentId",
        Mode::Required,
        "The environment that it is in: the id of a `dokploy_environment`.",
    ),
    attribute(
        "app_name",
        "appName",
        Mode::OptionalComputed,
        "What the name of its service begins with. Dokploy appends six random characters.",
    )
    .modified(&[Modifier::UseStateForUnknown]),
    attribute(
        "description",
        "description",
        Mode::Optional,
        "A note for people.",
    ),
    attribute(
        "server_id",
        "serverId",
        Mode::Optional,
        "The server that it runs on, if it is not Dokploy's own.",
    )
    .modified(&[Modifier::RequiresReplace]),
    attribute(
        "source_type",
        "sourceType",
        Mode::OptionalComputed,
        "Where it comes from.",
    )
    .modified(&[Modifier::UseStateForUnknown])
    .one_of(&[
        "github",
        "gitlab",
        "bitbucket",
        "gitea",
        "git",
        "docker",
        "drop",
    ]),
    attribute(
        "github_owner",
        "owner",
        Mode::Optional,
        "The owner of the repository on GitHub.",
    ),
    attribute(
        "github_repository",
        "repository",
        Mode::Optional,
        "The name of the repository on GitHub.",
    ),
    attribute(
        "github_branch",
        "branch",
        Mode::Optional,
        "The branch of the repository on GitHub.",
    ),
    attribute(
        "github_build_path",
        "buildPath",
        Mode::Optional,
        "The folder to build in the repository on GitHub.",
    ),
    attribute(
        "owner",
        "owner",
        Mode::Optional,
        "The owner of the repository on GitHub.",
    ),
    attribute(
        "repository",
        "repository",
        Mode::Optional,
        "The name of the repository on GitHub.",
    ),
    attribute(
        "branch",
        "branch",
        Mode::OptionalComputed,
        "The branch, of a repository on GitHub.",
    )
    .default(Literal::Text("main")),
    attribute(
        "build_path",
        "buildPath",
        Mode::Optional,
        "The folder to build in the repository.",
    ),
    attribute(
        "dockerfile",
        "dockerfile",
        Mode::Optional,
        "The path of the Dockerfile; goes before `dockerfile_path`.",
    ),
    attribute(
        "dockerfile_path",
        "dockerfile",
        Mode::OptionalComputed,
        "The path of the Dockerfile.",
    )
    .default(Literal::Text("./Dockerfile")),
    attribute(
        "application_status",
        "applicationStatus",
        Mode::Computed,
        "Whether it runs: `idle`, `running`, `done` or `error`.",
    ),
    attribute(
        "args",
        "args",
        Mode::Optional,
        "The arguments of the command: words, or a JSON list.",
    ),
    attribute(
        "auto_deploy",
        "autoDeploy",
        Mode::OptionalComputed,
        "Whether a push to the repository deploys it.",
    ),
    attribute(
        "bitbucket_branch",
        "bitbucketBranch",
        Mode::Optional,
        "The branch of the repository on Bitbucket.",
    ),
    attribute(
        "bitbucket_build_path",
        "bitbucketBuildPath",
        Mode::Optional,
        "The folder to build in the repository on Bitbucket.",
    ),
    attribute(
        "bitbucket_id",
        "bitbucketId",
        Mode::Optional,
        "The Bitbucket provider in Dokploy.",
    ),
    attribute(
        "bitbucket_owner",
        "bitbucketOwner",
        Mode::Optional,
        "The owner of the repository on Bitbucket.",
    ),
    attribute(
        "bitbucket_repository",
        "bitbucketRepository",
        Mode::Optional,
        "The name of the repository on Bitbucket.",
    ),
    attribute(
        "build_args",
        "buildArgs",
        Mode::Optional,
        "Variables of the build, one `NAME=value` a line.",
    ),
    attribute(
        "build_registry_id",
        "buildRegistryId",
        Mode::Optional,
        "The registry that a build server pushes to.",
    ),
    attribute(
        "build_secrets",
        "buildSecrets",
        Mode::Optional,
        "Secrets of the build, one `NAME=value` a line.",
    )
    .sensitive(),
    attribute(
        "build_server_id",
        "buildServerId",
        Mode::Optional,
        "The server that it is built on.",
    ),
    attribute(
        "build_type",
        "buildType",
        Mode::OptionalComputed,
        "What builds it.",
    )
    .default(Literal::Text("nixpacks"))
    .one_of(&[
        "dockerfile",
        "heroku_buildpacks",
        "paketo_buildpacks",
        "nixpacks",
        "static",
        "railpack",
    ]),
    attribute(
        "clean_cache",
        "cleanCache",
        Mode::OptionalComputed,
        "Whether builds begin without a cache.",
    )
    .default(Literal::Flag(false)),
    attribute(
        "command",
        "command",
        Mode::Optional,
        "Replaces the command that starts it.",
    ),
    attribute(
        "cpu_limit",
        "cpuLimit",
        Mode::Optional,
        "The biggest share of processors that it may use.",
    ),
    attribute(
        "cpu_reservation",
        "cpuReservation",
        Mode::Optional,
        "The share of processors that it is guaranteed.",
    ),
    attribute(
        "create_env_file",
        "createEnvFile",
        Mode::OptionalComputed,
        "Whether the variables are also written to a file `.env` for the build.",
    ),
    attribute(
        "custom_git_branch",
        "customGitBranch",
        Mode::Optional,
        "The branch of that repository.",
    ),
    attribute(
        "custom_git_build_path",
        "customGitBuildPath",
        Mode::Optional,
        "The folder in that repository.",
    ),
    attribute(
        "custom_git_ssh_key_id",
        "customGitSSHKeyId",
        Mode::Optional,
        "The SSH key to fetch it with: the id of a `dokploy_ssh_key`.",
    ),
    attribute(
        "custom_git_url",
        "customGitUrl",
        Mode::Optional,
        "The URL of a Git repository anywhere.",
    ),
    attribute(
        "deploy_on_create",
        "deployOnCreate",
        Mode::Optional,
        "Whether it is deployed when it has been created, and what belongs to it in the same apply is there.",
    ),
    deploy_on_change(),
    wait_for(),
    wait_timeout(),
    attribute(
        "docker_build_stage",
        "dockerBuildStage",
        Mode::Optional,
        "The stage of the Dockerfile to build.",
    ),
    attribute(
        "docker_context_path",
        "dockerContextPath",
        Mode::OptionalComputed,
        "The folder that is sent to the Docker build.",
    )
    .default(Literal::Text(".")),
    attribute(
        "docker_image",
        "dockerImage",
        Mode::Optional,
        "The image to run, for the source `docker`.",
    ),
    attribute(
        "drop_build_path",
        "dropBuildPath",
        Mode::Optional,
        "The folder to build, for the source `drop`.",
    ),
    attribute(
        "enable_submodules",
        "enableSubmodules",
        Mode::OptionalComputed,
        "Whether submodules of the repository are fetched.",
    )
    .default(Literal::Flag(false)),
    attribute(
        "enabled",
        "enabled",
        Mode::OptionalComputed,
        "Whether Dokploy treats it as switched on.",
    ),
    attribute(
        "endpoint_spec_swarm",
        "endpointSpecSwarm",
        Mode::Optional,
        "A part of the Swarm service, as JSON in Docker's form: the endpoint.",
    ),
    attribute(
        "env",
        "env",
        Mode::Optional,
        "Environment variables, one `NAME=value` a line.",
    ),
    attribute(
        "gitea_branch",
        "giteaBranch",
        Mode::Optional,
        "The branch of the repository on Gitea.",
    ),
    attribute(
        "gitea_build_path",
        "giteaBuildPath",
        Mode::Optional,
        "The folder to build in the repository on Gitea.",
    ),
    attribute(
        "gitea_id",
        "giteaId",
        Mode::Optional,
        "The Gitea provider in Dokploy.",
    ),
    attribute(
        "gitea_owner",
        "giteaOwner",
        Mode::Optional,
        "The owner of the repository on Gitea.",
    ),
    attribute(
        "gitea_repository",
        "giteaRepository",
        Mode::Optional,
        "The name of the repository on Gitea.",
    ),
    attribute(
        "github_id",
        "githubId",
        Mode::Optional,
        "The GitHub provider in Dokploy.",
    ),
    attribute(
        "gitlab_branch",
        "gitlabBranch",
        Mode::Optional,
        "The branch of the repository on GitLab.",
    ),
    attribute(
        "gitlab_build_path",
        "gitlabBuildPath",
        Mode::Optional,
        "The folder to build in the repository on GitLab.",
    ),
    attribute(
        "gitlab_id",
        "gitlabId",
        Mode::Optional,
        "The GitLab provider in Dokploy.",
    ),
    attribute(
        "gitlab_owner",
        "gitlabOwner",
        Mode::Optional,
        "The owner of the repository on GitLab.",
    ),
    attribute(
        "gitlab_path_namespace",
        "gitlabPathNamespace",
        Mode::Optional,
        "The path of the project on GitLab.",
    ),
    attribute(
        "gitlab_project_id",
        "gitlabProjectId",
        Mode::Optional,
        "The number of the project on GitLab.",
    ),
    attribute(
        "gitlab_repository",
        "gitlabRepository",
        Mode::Optional,
        "The name of the repository on GitLab.",
    ),
    attribute(
        "health_check_swarm",
        "healthCheckSwarm",
        Mode::Optional,
        "A part of the Swarm service, as JSON in Docker's form: the health check.",
    ),
    attribute(
        "heroku_version",
        "herokuVersion",
        Mode::OptionalComputed,
        "The version of the Heroku build packs.",
    ),
    attribute(
        "is_static_spa",
        "isStaticSpa",
        Mode::OptionalComputed,
        "Whether it is a single-page application, for the build `static`.",
    ),
    attribute(
        "labels_swarm",
        "labelsSwarm",
        Mode::Optional,
        "A part of the Swarm service, as JSON in Docker's form: the labels.",
    ),
    attribute(
        "memory_limit",
        "memoryLimit",
        Mode::Optional,
        "The most memory that it may use, in bytes.",
    ),
    attribute(
        "memory_reservation",
        "memoryReservation",
        Mode::Optional,
        "The memory that it is guaranteed, in bytes.",
    ),
    attribute(
        "mode_swarm",
        "modeSwarm",
        Mode::Optional,
        "A part of the Swarm service, as JSON in Docker's form: the mode.",
    ),
    attribute(
        "network_swarm",
        "networkSwarm",
        Mode::Optional,
        "A part of the Swarm service, as JSON in Docker's form: the networks.",
    ),
    attribute(
        "password",
        "password",
        Mode::Optional,
        "The password for the image's registry.",
    )
    .sensitive(),
    attribute(
        "placement_swarm",
        "placementSwarm",
        Mode::Optional,
        "A part of the Swarm service, as JSON in Docker's form: the placement.",
    ),
    attribute(
        "preview_build_args",
        "previewBuildArgs",
        Mode::Optional,
        "Variables of the builds of previews.",
    ),
    attribute(
        "preview_build_secrets",
        "previewBuildSecrets",
        Mode::Optional,
        "Secrets of the builds of previews.",
    )
    .sensitive(),
    attribute(
        "preview_certificate_type",
        "previewCertificateType",
        Mode::OptionalComputed,
        "Which certificates the hosts of previews get.",
    )
    .one_of(&["letsencrypt", "none"]),
    attribute(
        "preview_custom_cert_resolver",
        "previewCustomCertResolver",
        Mode::Optional,
        "The resolver of Traefik for the certificates of previews.",
    ),
    attribute(
        "preview_deployments_enabled",
        "isPreviewDeploymentsActive",
        Mode::OptionalComputed,
        "Whether pull requests are deployed as previews.",
    ),
    attribute(
        "preview_env",
        "previewEnv",
        Mode::Optional,
        "Environment variables of previews.",
    ),
    attribute(
        "preview_https",
        "previewHttps",
        Mode::OptionalComputed,
        "Whether previews are reached by HTTPS.",
    ),
    attribute(
        "preview_labels",
        "previewLabels",
        Mode::Optional,
        "Only pull requests with one of these labels are deployed.",
    ),
    attribute(
        "preview_limit",
        "previewLimit",
        Mode::OptionalComputed,
        "The most previews at a time.",
    ),
    attribute(
        "preview_path",
        "previewPath",
        Mode::OptionalComputed,
        "The path under which previews are reached.",
    ),
    attribute(
        "preview_port",
        "previewPort",
        Mode::OptionalComputed,
        "The port that previews listen on.",
    ),
    attribute(
        "preview_require_collaborator_permissions",
        "previewRequireCollaboratorPermissions",
        Mode::OptionalComputed,
        "Whether only pull requests of collaborators are deployed.",
    ),
    attribute(
        "preview_wildcard",
        "previewWildcard",
        Mode::Optional,
        "The domain below which previews get their hosts.",
    ),
    attribute(
        "publish_directory",
        "publishDirectory",
        Mode::Optional,
        "The folder with the files to serve, for the builds `static` and `nixpacks`.",
    ),
    attribute(
        "railpack_version",
        "railpackVersion",
        Mode::OptionalComputed,
        "The version of Railpack.",
    ),
    attribute(
        "registry_id",
        "registryId",
        Mode::Optional,
        "The registry in Dokploy: the id of a `dokploy_registry`.",
    ),
    attribute(
        "registry_url",
        "registryUrl",
        Mode::Optional,
        "The registry of the image.",
    ),
    attribute(
        "replicas",
        "replicas",
        Mode::OptionalComputed,
        "How many containers run.",
    )
    .modified(&[Modifier::UseStateForUnknown]),
    attribute(
        "restart_policy_swarm",
        "restartPolicySwarm",
        Mode::Optional,
        "A part of the Swarm service, as JSON in Docker's form: the restart policy.",
    ),
    attribute(
        "rollback_active",
        "rollbackActive",
        Mode::OptionalComputed,
        "Whether images are kept to roll back to.",
    ),
    attribute(
        "rollback_config_swarm",
        "rollbackConfigSwarm",
        Mode::Optional,
        "A part of the Swarm service, as JSON in Docker's form: how updates are rolled back.",
    ),
    attribute(
        "rollback_registry_id",
        "rollbackRegistryId",
        Mode::Optional,
        "The registry that keeps images to roll back to.",
    ),
    attribute(
        "stop_grace_period_swarm",
        "stopGracePeriodSwarm",
        Mode::Optional,
        "How long it may take to stop, in nanoseconds.",
    ),
    attribute(
        "subtitle",
        "subtitle",
        Mode::Optional,
        "A second line below the title.",
    ),
    attribute("title", "title", Mode::Optional, "A title for people."),
    attribute(
        "traefik_config",
        "traefikConfig",
        Mode::Optional,
        "The configuration of Traefik, as YAML. Left to Dokploy where it is not configured.",
    ),
    attribute(
        "trigger_type",
        "triggerType",
        Mode::OptionalComputed,
        "Which events deploy it: pushes to the branch, or tags.",
    )
    .default(Literal::Text("push"))
    .one_of(&["push", "tag"]),
    attribute(
        "update_config_swarm",
        "updateConfigSwarm",
        Mode::Optional,
        "A part of the Swarm service, as JSON in Docker's form: how updates are rolled out.",
    ),
    attribute(
        "username",
        "username",
        Mode::Optional,
        "The user for the image's registry.",
    ),
    attribute(
        "watch_paths",
        "watchPaths",
        Mode::Optional,
        "Only changes under these paths deploy it.",
    ),
];

/// How ahmedali6/dokploy names it.
pub static AHMEDALI6: Resource = Resource {
    kind: "dokploy_application",
    object: &APPLICATION,
    doc: "An application: one service, built from a repository or run from an image.",
    title: "application",
    attributes: ATTRIBUTES,
    notes: "`github_owner`, `github_repository`, `github_branch` and `github_build_path` are other names of `owner`, `repository`, `branch` and `build_path`, and go before them. Changes take effect in Dokploy with the next deployment: see [how to wait for deployments](../../howto/wait-for-deployments.md).",
    example: r#"resource "dokploy_application" "web" {
  name           = "web"
  environment_id = dokploy_environment.staging.id
  source_type    = "docker"
  docker_image   = "nginx:1.29"
}"#,
    import: Import::Id,
};
