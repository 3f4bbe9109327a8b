//! The rows, one file an object. See `docs/howto/add-a-resource.md`.

pub mod organization;
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
        &registry::AHMEDALI6,
        &server::AHMEDALI6,
        &ssh_key::AHMEDALI6,
    ],
    data_sources: &[&organization::ORGANIZATIONS, &server::SERVERS],
};

/// All dialects.
pub static DIALECTS: &[&Dialect] = &[&AHMEDALI6];
