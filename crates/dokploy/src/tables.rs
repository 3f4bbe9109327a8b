//! The rows, one file an object. See `docs/howto/add-a-resource.md`.

pub mod certificate;
pub mod database;
pub mod destination;
pub mod environment;
pub mod organization;
pub mod project;
pub mod registry;
pub mod server;
pub mod ssh_key;

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
        &certificate::AHMEDALI6,
        &database::MARIADB,
        &database::MONGO,
        &database::MYSQL,
        &database::POSTGRES,
        &database::REDIS,
        &destination::AHMEDALI6,
        &environment::AHMEDALI6,
        &project::AHMEDALI6,
        &registry::AHMEDALI6,
        &server::AHMEDALI6,
        &ssh_key::AHMEDALI6,
    ],
    data_sources: &[&organization::ORGANIZATIONS, &server::SERVERS],
};

/// All dialects.
pub static DIALECTS: &[&Dialect] = &[&AHMEDALI6];
