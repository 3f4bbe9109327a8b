//! Composes: several services of one compose file.

use crate::table::{
    Attribute, Call, Created, DEPLOY_ON_CHANGE, Deploys, Field, Form, Import, Kind, Literal, Mode,
    Modifier, Object, Resource, Same, Unset, WAIT_FOR, WAIT_TIMEOUT, attribute, deploy_on_change,
    flag, text, wait_for, wait_timeout, whole,
};

/// What Dokploy has.
pub static COMPOSE: Object = Object {
    name: "compose",
    noun: "compose",
    id: "composeId",
    one: "compose.one",
    create: "compose.create",
    created: Created::Object,
    updates: &[Call {
        procedure: "compose.update",
        form: Form::Partial,
        fields: &[
            "name",
            "environmentId",
            "description",
            "sourceType",
            "composeType",
            "composeFile",
            "composePath",
            "autoDeploy",
            "bitbucketBranch",
            "bitbucketId",
            "bitbucketOwner",
            "bitbucketRepository",
            "branch",
            "command",
            "customGitBranch",
            "customGitSSHKeyId",
            "customGitUrl",
            "enableSubmodules",
            "env",
            "giteaBranch",
            "giteaId",
            "giteaOwner",
            "giteaRepository",
            "githubId",
            "gitlabBranch",
            "gitlabId",
            "gitlabOwner",
            "gitlabPathNamespace",
            "gitlabProjectId",
            "gitlabRepository",
            "isolatedDeployment",
            "isolatedDeploymentsVolume",
            "owner",
            "randomize",
            "repository",
            "suffix",
            "triggerType",
            "watchPaths",
        ],
    }],
    remove: "compose.delete",
    fields: FIELDS,
    deploys: Some(&Deploys {
        procedure: "compose.deploy",
        history: Some("deployment.allByCompose"),
        status: "composeStatus",
        containers: "standalone",
        output: None,
        idle: &[
            "name",
            "environmentId",
            "description",
            "autoDeploy",
            "triggerType",
            "watchPaths",
        ],
    }),
    // Volumes hold data: they are not deleted with what uses them.
    removal: &[("deleteVolumes", Literal::Flag(false))],
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
    text("serverId")
        .unset(Unset::Omitted, Unset::NotTaken)
        .same(Same::EmptyIsNull),
    text("sourceType")
        .unset(Unset::NotTaken, Unset::Omitted)
        .same(Same::EmptyIsNull),
    text("composeType")
        .unset(Unset::Omitted, Unset::Omitted)
        .same(Same::EmptyIsNull),
    text("composeFile")
        .unset(Unset::Omitted, Unset::Omitted)
        .same(Same::EmptyIsNull),
    text("composePath")
        .unset(Unset::NotTaken, Unset::Omitted)
        .same(Same::EmptyIsNull),
    flag("autoDeploy").unset(Unset::NotTaken, Unset::Omitted),
    text("bitbucketBranch")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("bitbucketBuildPath").local().same(Same::RootIsNull),
    text("bitbucketId")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("bitbucketOwner")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("bitbucketRepository")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("branch")
        .unset(Unset::NotTaken, Unset::Omitted)
        .same(Same::EmptyIsNull)
        .counts_if("sourceType", &["github"]),
    text("command")
        .unset(Unset::NotTaken, Unset::Empty)
        .same(Same::EmptyIsNull),
    text("composeStatus").read_only(),
    text("createdAt").read_only(),
    text("customGitBranch")
        .unset(Unset::NotTaken, Unset::Omitted)
        .same(Same::EmptyIsNull),
    text("customGitBuildPath").local().same(Same::RootIsNull),
    text("customGitSSHKeyId")
        .unset(Unset::NotTaken, Unset::Omitted)
        .same(Same::EmptyIsNull),
    text("customGitUrl")
        .unset(Unset::NotTaken, Unset::Omitted)
        .same(Same::EmptyIsNull),
    flag("deployOnCreate").local(),
    flag("enableSubmodules").unset(Unset::NotTaken, Unset::Omitted),
    text("env")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("giteaBranch")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("giteaBuildPath").local().same(Same::RootIsNull),
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
    text("gitlabBuildPath").local().same(Same::RootIsNull),
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
    flag("isolatedDeployment").unset(Unset::NotTaken, Unset::Omitted),
    flag("isolatedDeploymentsVolume").unset(Unset::NotTaken, Unset::Omitted),
    text("owner")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    flag("randomize").unset(Unset::NotTaken, Unset::Omitted),
    text("refreshToken").read_only().secret(),
    text("repository")
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
    text("suffix")
        .unset(Unset::NotTaken, Unset::Empty)
        .same(Same::EmptyIsNull),
    text("triggerType")
        .unset(Unset::NotTaken, Unset::Omitted)
        .same(Same::EmptyIsNull),
    text("watchPaths")
        .kind(Kind::Texts)
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull),
];

const ATTRIBUTES: &[Attribute] = &[
    attribute(
        "id",
        "composeId",
        Mode::Computed,
        "Dokploy's id of the compose.",
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
        Mode::OptionalComputed,
        "The server that it runs on, if it is not Dokploy's own.",
    )
    .modified(&[Modifier::RequiresReplace, Modifier::UseStateForUnknown]),
    attribute(
        "source_type",
        "sourceType",
        Mode::OptionalComputed,
        "Where it comes from.",
    )
    .modified(&[Modifier::UseStateForUnknown])
    .one_of(&["github", "gitlab", "bitbucket", "gitea", "git", "raw"]),
    attribute(
        "compose_type",
        "composeType",
        Mode::OptionalComputed,
        "What runs it: Docker Compose, or a Swarm stack.",
    )
    .default(Literal::Text("docker-compose"))
    .one_of(&["docker-compose", "stack"]),
    attribute(
        "compose_file_content",
        "composeFile",
        Mode::OptionalComputed,
        "The text of the compose file, for the source `raw`.",
    )
    .modified(&[Modifier::UseStateForUnknown]),
    attribute(
        "compose_path",
        "composePath",
        Mode::OptionalComputed,
        "The path of the compose file in the repository.",
    )
    .default(Literal::Text("./docker-compose.yml")),
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
        "branch",
        "branch",
        Mode::OptionalComputed,
        "The branch, of a repository on GitHub.",
    )
    .default(Literal::Text("main")),
    attribute(
        "command",
        "command",
        Mode::Optional,
        "Replaces the command that starts it.",
    ),
    attribute(
        "compose_status",
        "composeStatus",
        Mode::Computed,
        "Whether it runs: `idle`, `running`, `done` or `error`.",
    )
    .modified(&[Modifier::UseStateForUnknown]),
    attribute(
        "created_at",
        "createdAt",
        Mode::Computed,
        "When it was created.",
    )
    .modified(&[Modifier::UseStateForUnknown]),
    attribute(
        "custom_git_branch",
        "customGitBranch",
        Mode::OptionalComputed,
        "The branch of that repository.",
    )
    .modified(&[Modifier::UseStateForUnknown]),
    attribute(
        "custom_git_build_path",
        "customGitBuildPath",
        Mode::Optional,
        "The folder in that repository.",
    ),
    attribute(
        "custom_git_ssh_key_id",
        "customGitSSHKeyId",
        Mode::OptionalComputed,
        "The SSH key to fetch it with: the id of a `dokploy_ssh_key`.",
    )
    .modified(&[Modifier::UseStateForUnknown]),
    attribute(
        "custom_git_url",
        "customGitUrl",
        Mode::OptionalComputed,
        "The URL of a Git repository anywhere.",
    )
    .modified(&[Modifier::UseStateForUnknown]),
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
        "enable_submodules",
        "enableSubmodules",
        Mode::OptionalComputed,
        "Whether submodules of the repository are fetched.",
    )
    .default(Literal::Flag(false)),
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
        "isolated_deployment",
        "isolatedDeployment",
        Mode::OptionalComputed,
        "Whether it gets a network of its own.",
    )
    .default(Literal::Flag(false)),
    attribute(
        "isolated_deployments_volume",
        "isolatedDeploymentsVolume",
        Mode::OptionalComputed,
        "Whether it also gets volumes of its own.",
    )
    .default(Literal::Flag(false)),
    attribute(
        "owner",
        "owner",
        Mode::Optional,
        "The owner of the repository on GitHub.",
    ),
    attribute(
        "randomize",
        "randomize",
        Mode::OptionalComputed,
        "Whether names in the file get a suffix.",
    )
    .default(Literal::Flag(false)),
    attribute(
        "refresh_token",
        "refreshToken",
        Mode::Computed,
        "The secret part of the URL that deploys it.",
    )
    .modified(&[Modifier::UseStateForUnknown])
    .sensitive(),
    attribute(
        "repository",
        "repository",
        Mode::Optional,
        "The name of the repository on GitHub.",
    ),
    attribute(
        "suffix",
        "suffix",
        Mode::Optional,
        "The suffix that names in the file get.",
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
        "watch_paths",
        "watchPaths",
        Mode::Optional,
        "Only changes under these paths deploy it.",
    ),
];

/// How ahmedali6/dokploy names it.
pub static AHMEDALI6: Resource = Resource {
    kind: "dokploy_compose",
    object: &COMPOSE,
    doc: "Several services of one compose file.",
    title: "compose",
    attributes: ATTRIBUTES,
    notes: "Dokploy has no build path for composes: those attributes are kept in the state and do nothing. Deleting a compose keeps its volumes. Changes take effect in Dokploy with the next deployment.",
    example: r#"resource "dokploy_compose" "tools" {
  name                 = "tools"
  environment_id       = dokploy_environment.staging.id
  source_type          = "raw"
  compose_file_content = file("compose.yml")
}"#,
    import: Import::Id,
};
