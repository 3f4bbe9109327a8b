//! The routers of Dokploy's API, one file each: its tables, the input of its procedures, and what they do.

use crate::procedure::Procedure;
use crate::schema::Spec;
use crate::settings::Version;

pub(crate) mod ai;
pub(crate) mod application;
pub(crate) mod backup;
pub(crate) mod bitbucket;
pub(crate) mod certificate;
pub(crate) mod compose;
pub(crate) mod database;
mod deployment;
pub(crate) mod destination;
mod docker;
pub(crate) mod domain;
mod enterprise;
pub(crate) mod environment;
pub(crate) mod git_provider;
pub(crate) mod gitea;
pub(crate) mod github;
pub(crate) mod gitlab;
pub(crate) mod libsql;
pub(crate) mod mariadb;
pub(crate) mod mongo;
pub(crate) mod mount;
pub(crate) mod mysql;
pub(crate) mod network;
pub(crate) mod notification;
pub(crate) mod organization;
pub(crate) mod patch;
pub(crate) mod port;
pub(crate) mod postgres;
pub(crate) mod project;
pub(crate) mod redirect;
pub(crate) mod redis;
pub(crate) mod registry;
pub(crate) mod schedule;
pub(crate) mod security;
pub(crate) mod server;
pub(crate) mod service;
pub(crate) mod settings;
pub(crate) mod ssh_key;
pub(crate) mod tag;
pub(crate) mod user;
pub(crate) mod volume_backup;

/// What a router brings.
pub(crate) struct Router {
    tables: &'static [&'static Spec],
    procedures: &'static [Procedure],
    /// Absent in versions before this one.
    since: Version,
}

/// A router of all versions.
pub(crate) const fn router(
    tables: &'static [&'static Spec],
    procedures: &'static [Procedure],
) -> Router {
    Router {
        tables,
        procedures,
        since: Version::V0_26_5,
    }
}

impl Router {
    /// The first version that has it.
    pub(crate) const fn since(mut self, version: Version) -> Router {
        self.since = version;
        self
    }
}

static ROUTERS: &[Router] = &[
    registry::ROUTER,
    server::ROUTER,
    ssh_key::ROUTER,
    organization::ROUTER,
    user::ROUTER,
    project::ROUTER,
    environment::ROUTER,
    tag::ROUTER,
    notification::ROUTER,
    ai::ROUTER,
    network::ROUTER,
    patch::ROUTER,
    service::ROUTER,
    deployment::ROUTER,
    docker::ROUTER,
    application::ROUTER,
    compose::ROUTER,
    postgres::ROUTER,
    mysql::ROUTER,
    mariadb::ROUTER,
    mongo::ROUTER,
    redis::ROUTER,
    libsql::ROUTER,
    domain::ROUTER,
    mount::ROUTER,
    port::ROUTER,
    redirect::ROUTER,
    security::ROUTER,
    destination::ROUTER,
    backup::ROUTER,
    volume_backup::ROUTER,
    certificate::ROUTER,
    schedule::ROUTER,
    git_provider::ROUTER,
    github::ROUTER,
    gitlab::ROUTER,
    gitea::ROUTER,
    bitbucket::ROUTER,
    settings::ROUTER,
    enterprise::ROUTER,
];

/// All procedures, each with the first version that has it.
pub(crate) fn procedures() -> impl Iterator<Item = (&'static Procedure, Version)> {
    ROUTERS.iter().flat_map(|router| {
        router
            .procedures
            .iter()
            .map(|it| (it, it.since.max(router.since)))
    })
}

/// All tables.
pub(crate) fn tables() -> impl Iterator<Item = &'static Spec> {
    ROUTERS.iter().flat_map(|it| it.tables).copied()
}

/// The tables of services: what runs in an environment, and perhaps on a server.
pub(crate) fn services() -> impl Iterator<Item = &'static Spec> {
    tables().filter(|it| {
        it.columns.iter().any(|it| it.name == "environmentId") && it.name != "environment"
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_pointers_lead_somewhere() {
        let mut names = BTreeSet::new();
        for (procedure, _) in super::procedures() {
            assert!(
                names.insert(procedure.name.to_ascii_lowercase()),
                "{}",
                procedure.name
            );
        }
        let tables: BTreeSet<&str> = super::tables().map(|it| it.name).collect();
        assert_eq!(tables.len(), super::tables().count());
        for table in super::tables() {
            for reference in table.columns.iter().filter_map(|it| it.references) {
                assert!(
                    tables.contains(reference.table),
                    "{}: {}",
                    table.name,
                    reference.table
                );
            }
        }
    }
}
