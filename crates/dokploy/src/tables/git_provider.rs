//! Git providers: accounts of GitLab, Gitea and Bitbucket that repositories are fetched with.
//!
//! Those of GitHub are made in the browser only.

use crate::table::{
    Answered, Attribute, Call, Created, Field, Form, Import, Literal, Mode, Modifier, Object,
    Outside, Resource, Same, Siblings, Span, Unset, attribute, text, whole,
};
use crate::version::V0_28;

const KEPT: &[Modifier] = &[Modifier::UseStateForUnknown];

/// What cannot be null.
const fn plain(name: &'static str) -> Field {
    text(name)
        .unset(Unset::Omitted, Unset::Empty)
        .same(Same::EmptyIsNull)
}

/// What Dokploy itself renews.
const fn token(name: &'static str) -> Field {
    text(name).answered(Answered::Never).secret()
}

const NAMED: [Field; 4] = [
    text("name"),
    text("gitProviderId"),
    text("organizationId").read_only(),
    text("createdAt").read_only(),
];

/// Who asks. Dokploy does not store it.
const AUTH_ID: Field = text("authId")
    .unset(Unset::Omitted, Unset::NotTaken)
    .answered(Answered::Never);

const fn siblings(inside: &'static str) -> Siblings {
    Siblings {
        procedure: "gitProvider.getAll",
        by: "",
        inside,
    }
}

/// The attributes that all kinds have.
const fn common(at: usize) -> Attribute {
    match at {
        0 => attribute("name", "name", Mode::Required, "The name shown in Dokploy."),
        1 => attribute(
            "git_provider_id",
            "gitProviderId",
            Mode::Computed,
            "The id of its entry among all Git providers.",
        )
        .modified(KEPT),
        2 => attribute(
            "organization_id",
            "organizationId",
            Mode::Computed,
            "The organization that it belongs to.",
        )
        .modified(KEPT),
        _ => attribute(
            "created_at",
            "createdAt",
            Mode::Computed,
            "When it was created.",
        )
        .modified(KEPT),
    }
}

const fn id(field: &'static str) -> Attribute {
    attribute("id", field, Mode::Computed, "Dokploy's id of the provider.").modified(KEPT)
}

const AUTH: Attribute = attribute(
    "auth_id",
    "authId",
    Mode::Required,
    "Any text: Dokploy demands it and does not store it.",
);

const NOTES: &str = "The account itself is connected in Dokploy's pages, in a browser. Tokens that Dokploy renews are sent when they are changed here, and not compared.";

const GONE: &[(u16, &str)] = &[(400, "Git Provider not found")];

/// A field that older versions took.
const fn early(field: &'static str) -> Span {
    Span {
        field,
        from: None,
        until: Some(V0_28),
        outside: Outside::LeftOut,
    }
}

static GITLAB_OBJECT: Object = Object {
    name: "gitlab",
    noun: "GitLab provider",
    id: "gitlabId",
    one: "gitlab.one",
    create: "gitlab.create",
    created: Created::Nothing,
    siblings: Some(siblings("gitlab")),
    updates: &[Call {
        procedure: "gitlab.update",
        form: Form::Whole,
        fields: &[
            "name",
            "gitProviderId",
            "gitlabUrl",
            "applicationId",
            "redirectUri",
            "secret",
            "groupName",
            "accessToken",
            "refreshToken",
            "expiresAt",
        ],
    }],
    remove: "gitProvider.remove",
    removed_by: Some("gitProviderId"),
    gone: GONE,
    fields: &[
        NAMED[0],
        NAMED[1],
        NAMED[2],
        NAMED[3],
        AUTH_ID,
        text("gitlabUrl"),
        plain("applicationId"),
        plain("redirectUri"),
        plain("secret").secret(),
        plain("groupName"),
        token("accessToken"),
        token("refreshToken"),
        whole("expiresAt"),
    ],
    // What Dokploy gets from GitLab itself.
    spans: &[
        early("accessToken"),
        early("refreshToken"),
        early("expiresAt"),
    ],
    ..Object::PLAIN
};

/// `dokploy_gitlab_provider` of ahmedali6/dokploy.
pub static GITLAB: Resource = Resource {
    kind: "dokploy_gitlab_provider",
    object: &GITLAB_OBJECT,
    doc: "An account of a GitLab server.",
    title: "GitLab provider",
    attributes: &[
        id("gitlabId"),
        common(0),
        AUTH,
        attribute(
            "gitlab_url",
            "gitlabUrl",
            Mode::Required,
            "The URL of the GitLab server.",
        ),
        attribute(
            "application_id",
            "applicationId",
            Mode::Optional,
            "The id of the OAuth application.",
        ),
        attribute(
            "secret",
            "secret",
            Mode::Optional,
            "The secret of the OAuth application.",
        )
        .sensitive(),
        attribute(
            "redirect_uri",
            "redirectUri",
            Mode::Optional,
            "Where GitLab sends the browser back to.",
        ),
        attribute(
            "group_name",
            "groupName",
            Mode::Optional,
            "Only repositories of this group.",
        ),
        attribute(
            "access_token",
            "accessToken",
            Mode::Optional,
            "An access token.",
        )
        .sensitive(),
        attribute(
            "refresh_token",
            "refreshToken",
            Mode::Optional,
            "What renews the access token.",
        )
        .sensitive(),
        attribute(
            "expires_at",
            "expiresAt",
            Mode::OptionalComputed,
            "When the access token ends, in seconds since 1970.",
        ),
        common(1),
        common(2),
        common(3),
    ],
    notes: NOTES,
    example: r#"resource "dokploy_gitlab_provider" "main" {
  name       = "main"
  auth_id    = "main"
  gitlab_url = "https://gitlab.com"
}"#,
    import: Import::Id,
};

static GITEA_OBJECT: Object = Object {
    name: "gitea",
    noun: "Gitea provider",
    id: "giteaId",
    one: "gitea.one",
    create: "gitea.create",
    created: Created::Nothing,
    siblings: Some(siblings("gitea")),
    updates: &[Call {
        procedure: "gitea.update",
        form: Form::Whole,
        fields: &[
            "name",
            "gitProviderId",
            "giteaUrl",
            "redirectUri",
            "clientId",
            "clientSecret",
            "scopes",
            "giteaUsername",
            "organizationName",
            "accessToken",
            "refreshToken",
            "expiresAt",
            "lastAuthenticatedAt",
        ],
    }],
    remove: "gitProvider.remove",
    removed_by: Some("gitProviderId"),
    gone: GONE,
    fields: &[
        NAMED[0],
        NAMED[1],
        NAMED[2],
        NAMED[3],
        text("giteaUrl"),
        plain("redirectUri"),
        plain("clientId"),
        plain("clientSecret").secret(),
        // Dokploy chooses them where they are not given.
        text("scopes")
            .unset(
                Unset::Omitted,
                Unset::Restored(Literal::Text("repo,repo:status,read:user,read:org")),
            )
            .answered(Answered::IfRemembered)
            .same(Same::EmptyIsNull),
        plain("giteaUsername"),
        plain("organizationName"),
        token("accessToken"),
        token("refreshToken"),
        whole("expiresAt"),
        whole("lastAuthenticatedAt"),
    ],
    ..Object::PLAIN
};

/// `dokploy_gitea_provider` of ahmedali6/dokploy.
pub static GITEA: Resource = Resource {
    kind: "dokploy_gitea_provider",
    object: &GITEA_OBJECT,
    doc: "An account of a Gitea server.",
    title: "Gitea provider",
    attributes: &[
        id("giteaId"),
        common(0),
        attribute(
            "gitea_url",
            "giteaUrl",
            Mode::Required,
            "The URL of the Gitea server.",
        ),
        attribute(
            "client_id",
            "clientId",
            Mode::Optional,
            "The id of the OAuth application.",
        ),
        attribute(
            "client_secret",
            "clientSecret",
            Mode::Optional,
            "The secret of the OAuth application.",
        )
        .sensitive(),
        attribute(
            "redirect_uri",
            "redirectUri",
            Mode::Optional,
            "Where Gitea sends the browser back to.",
        ),
        attribute(
            "scopes",
            "scopes",
            Mode::Optional,
            "What the account is asked for.",
        ),
        attribute(
            "gitea_username",
            "giteaUsername",
            Mode::Optional,
            "The user on Gitea.",
        ),
        attribute(
            "organization_name",
            "organizationName",
            Mode::Optional,
            "Only repositories of this organization.",
        ),
        attribute(
            "access_token",
            "accessToken",
            Mode::Optional,
            "An access token.",
        )
        .sensitive(),
        attribute(
            "refresh_token",
            "refreshToken",
            Mode::Optional,
            "What renews the access token.",
        )
        .sensitive(),
        attribute(
            "expires_at",
            "expiresAt",
            Mode::OptionalComputed,
            "When the access token ends, in seconds since 1970.",
        ),
        attribute(
            "last_authenticated_at",
            "lastAuthenticatedAt",
            Mode::OptionalComputed,
            "When the account was last connected, in seconds since 1970.",
        ),
        common(1),
        common(2),
        common(3),
    ],
    notes: NOTES,
    example: r#"resource "dokploy_gitea_provider" "main" {
  name      = "main"
  gitea_url = "https://gitea.example.com"
}"#,
    import: Import::Id,
};

static BITBUCKET_OBJECT: Object = Object {
    name: "bitbucket",
    noun: "Bitbucket provider",
    id: "bitbucketId",
    one: "bitbucket.one",
    create: "bitbucket.create",
    created: Created::Nothing,
    siblings: Some(siblings("bitbucket")),
    updates: &[Call {
        procedure: "bitbucket.update",
        form: Form::Whole,
        fields: &[
            "name",
            "gitProviderId",
            "bitbucketUsername",
            "bitbucketEmail",
            "bitbucketWorkspaceName",
            "appPassword",
            "apiToken",
        ],
    }],
    remove: "gitProvider.remove",
    removed_by: Some("gitProviderId"),
    gone: GONE,
    fields: &[
        NAMED[0],
        NAMED[1],
        NAMED[2],
        NAMED[3],
        AUTH_ID,
        plain("bitbucketUsername"),
        plain("bitbucketEmail"),
        plain("bitbucketWorkspaceName"),
        plain("appPassword").secret(),
        plain("apiToken").secret(),
    ],
    ..Object::PLAIN
};

/// `dokploy_bitbucket_provider` of ahmedali6/dokploy.
pub static BITBUCKET: Resource = Resource {
    kind: "dokploy_bitbucket_provider",
    object: &BITBUCKET_OBJECT,
    doc: "An account of Bitbucket.",
    title: "Bitbucket provider",
    attributes: &[
        id("bitbucketId"),
        common(0),
        AUTH,
        attribute(
            "bitbucket_username",
            "bitbucketUsername",
            Mode::Optional,
            "The user on Bitbucket.",
        ),
        attribute(
            "bitbucket_email",
            "bitbucketEmail",
            Mode::Optional,
            "The user's e-mail address.",
        ),
        attribute(
            "bitbucket_workspace_name",
            "bitbucketWorkspaceName",
            Mode::Optional,
            "The workspace with the repositories.",
        ),
        attribute(
            "app_password",
            "appPassword",
            Mode::Optional,
            "An app password, which Bitbucket gives up.",
        )
        .sensitive(),
        attribute("api_token", "apiToken", Mode::Optional, "An API token.").sensitive(),
        common(1),
        common(2),
        common(3),
    ],
    notes: NOTES,
    example: r#"resource "dokploy_bitbucket_provider" "main" {
  name               = "main"
  auth_id            = "main"
  bitbucket_username = "octocat"
  bitbucket_email    = "octocat@example.com"
  api_token          = var.bitbucket_token
}"#,
    import: Import::Id,
};
