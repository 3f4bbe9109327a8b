//! The rows, one file an object. See `docs/howto/add-a-resource.md`.

pub mod ai;
pub mod api_key;
pub mod application;
pub mod backup;
pub mod certificate;
pub mod compose;
pub mod data_sources;
pub mod database;
pub mod destination;
pub mod domain;
pub mod environment;
pub mod environment_variables;
pub mod git_provider;
pub mod mount;
pub mod network;
pub mod notification;
pub mod organization;
pub mod port;
pub mod project;
pub mod redirect;
pub mod registry;
pub mod schedule;
pub mod security;
pub mod server;
pub mod shared_environment;
pub mod ssh_key;
pub mod tag;
pub mod user_permissions;
pub mod volume_backup;

use crate::table::Dialect;

/// The provider that most configurations were written for when this was made.
pub static AHMEDALI6: Dialect = Dialect {
    addresses: &[
        ("registry.terraform.io", "ahmedali6", "dokploy"),
        ("registry.opentofu.org", "ahmedali6", "dokploy"),
        // What `dokploy` means without required_providers, by either tool's default registry.
        ("registry.terraform.io", "hashicorp", "dokploy"),
        ("registry.opentofu.org", "hashicorp", "dokploy"),
    ],
    resources: &[
        &ai::AHMEDALI6,
        &api_key::AHMEDALI6,
        &application::AHMEDALI6,
        &backup::AHMEDALI6,
        &git_provider::BITBUCKET,
        &git_provider::GITEA,
        &git_provider::GITLAB,
        &certificate::AHMEDALI6,
        &compose::AHMEDALI6,
        &database::MARIADB,
        &database::MONGO,
        &database::MYSQL,
        &database::POSTGRES,
        &database::REDIS,
        &destination::AHMEDALI6,
        &domain::AHMEDALI6,
        &environment::AHMEDALI6,
        &environment_variables::AHMEDALI6,
        &mount::AHMEDALI6,
        &organization::AHMEDALI6,
        &port::AHMEDALI6,
        &project::AHMEDALI6,
        &redirect::AHMEDALI6,
        &registry::AHMEDALI6,
        &server::AHMEDALI6,
        &ssh_key::AHMEDALI6,
        &user_permissions::AHMEDALI6,
        &volume_backup::AHMEDALI6,
        // What the published provider lacks.
        &database::LIBSQL,
        &network::AHMEDALI6,
        &notification::CUSTOM,
        &notification::DISCORD,
        &notification::EMAIL,
        &notification::GOTIFY,
        &notification::LARK,
        &notification::MATTERMOST,
        &notification::NTFY,
        &notification::PUSHOVER,
        &notification::RESEND,
        &notification::SLACK,
        &notification::TEAMS,
        &notification::TELEGRAM,
        &schedule::AHMEDALI6,
        &security::AHMEDALI6,
        &shared_environment::AHMEDALI6,
        &shared_environment::IN_ENVIRONMENT,
        &tag::AHMEDALI6,
        &tag::OF_PROJECT,
    ],
    data_sources: &[
        &organization::ORGANIZATIONS,
        &server::SERVERS,
        &data_sources::AIS,
        &data_sources::AI_MODELS,
        &data_sources::APPLICATION,
        &data_sources::APPLICATIONS,
        &data_sources::BACKUP_FILES,
        &data_sources::COMPOSES,
        &data_sources::DEPLOYMENTS,
        &data_sources::DOCKER_CONTAINER,
        &data_sources::DOCKER_CONTAINERS,
        &data_sources::USER,
        &data_sources::USERS,
        &data_sources::BITBUCKET_PROVIDERS,
        &data_sources::CERTIFICATE,
        &data_sources::CERTIFICATES,
        &data_sources::COMPOSE,
        &data_sources::DESTINATION,
        &data_sources::DESTINATIONS,
        &data_sources::GITEA_PROVIDERS,
        &data_sources::GITHUB_PROVIDERS,
        &data_sources::GITLAB_PROVIDERS,
        &data_sources::VOLUME_BACKUPS,
    ],
};

/// All dialects.
pub static DIALECTS: &[&Dialect] = &[&AHMEDALI6];
