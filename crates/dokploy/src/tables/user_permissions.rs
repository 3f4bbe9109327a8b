//! What a member of the organization may do and see.

use crate::table::{
    Call, Created, Field, Form, Import, Kind, Literal, Mode, Modifier, Object, Outside, Resource,
    Span, Unset, attribute, flag, text,
};
use crate::version::V0_30;

const CALL: &str = "user.assignPermissions";

/// A part of a member: there as long as the member is. Every call wants all of it.
pub static USER_PERMISSIONS: Object = Object {
    name: "userPermissions",
    noun: "member",
    id: "id",
    all: Some("user.all"),
    create: CALL,
    created: Created::Part,
    updates: &[Call {
        procedure: CALL,
        form: Form::Whole,
        fields: &[
            "canAccessToAPI",
            "canAccessToDocker",
            "canAccessToGitProviders",
            "canAccessToSSHKeys",
            "canAccessToTraefikFiles",
            "canCreateEnvironments",
            "canCreateProjects",
            "canCreateServices",
            "canDeleteEnvironments",
            "canDeleteProjects",
            "canDeleteServices",
            "accessedEnvironments",
            "accessedProjects",
            "accessedServices",
            "accessedGitProviders",
            "accessedServers",
        ],
    }],
    // The member stays, and may do nothing.
    remove: CALL,
    removal: &[
        ("canAccessToAPI", Literal::Flag(false)),
        ("canAccessToDocker", Literal::Flag(false)),
        ("canAccessToGitProviders", Literal::Flag(false)),
        ("canAccessToSSHKeys", Literal::Flag(false)),
        ("canAccessToTraefikFiles", Literal::Flag(false)),
        ("canCreateEnvironments", Literal::Flag(false)),
        ("canCreateProjects", Literal::Flag(false)),
        ("canCreateServices", Literal::Flag(false)),
        ("canDeleteEnvironments", Literal::Flag(false)),
        ("canDeleteProjects", Literal::Flag(false)),
        ("canDeleteServices", Literal::Flag(false)),
        ("accessedEnvironments", Literal::NoTexts),
        ("accessedProjects", Literal::NoTexts),
        ("accessedServices", Literal::NoTexts),
        ("accessedGitProviders", Literal::NoTexts),
        ("accessedServers", Literal::NoTexts),
    ],
    fields: &[
        may("canAccessToAPI"),
        may("canAccessToDocker"),
        may("canAccessToGitProviders"),
        may("canAccessToSSHKeys"),
        may("canAccessToTraefikFiles"),
        may("canCreateEnvironments"),
        may("canCreateProjects"),
        may("canCreateServices"),
        may("canDeleteEnvironments"),
        may("canDeleteProjects"),
        may("canDeleteServices"),
        sees("accessedEnvironments"),
        sees("accessedProjects"),
        sees("accessedServices"),
        // The dialect has no attributes for these: they stay as they are.
        sees("accessedGitProviders"),
        sees("accessedServers"),
    ],
    spans: &[late("accessedGitProviders"), late("accessedServers")],
    ..Object::PLAIN
};

const fn may(name: &'static str) -> Field {
    let no = Unset::Default(Literal::Flag(false));
    flag(name).unset(no, no)
}

const fn sees(name: &'static str) -> Field {
    let none = Unset::Default(Literal::NoTexts);
    text(name).kind(Kind::Texts).unset(none, none)
}

const fn late(field: &'static str) -> Span {
    Span {
        field,
        from: Some(V0_30),
        until: None,
        outside: Outside::LeftOut,
    }
}

/// How ahmedali6/dokploy names it.
pub static AHMEDALI6: Resource = Resource {
    kind: "dokploy_user_permissions",
    object: &USER_PERMISSIONS,
    doc: "What a member of the organization may do and see.",
    title: "user permissions",
    attributes: &[
        attribute(
            "member_id",
            "id",
            Mode::Required,
            "The member: a `member_id` of the data source `dokploy_users`.",
        )
        .modified(&[Modifier::RequiresReplace]),
        attribute("id", "id", Mode::Computed, "The id of the member.")
            .modified(&[Modifier::UseStateForUnknown]),
        attribute(
            "can_access_to_api",
            "canAccessToAPI",
            Mode::OptionalComputed,
            "Whether the member may use the API.",
        )
        .default(Literal::Flag(false)),
        attribute(
            "can_access_to_docker",
            "canAccessToDocker",
            Mode::OptionalComputed,
            "Whether the member sees Docker.",
        )
        .default(Literal::Flag(false)),
        attribute(
            "can_access_to_git_providers",
            "canAccessToGitProviders",
            Mode::OptionalComputed,
            "Whether the member may use Git providers.",
        )
        .default(Literal::Flag(false)),
        attribute(
            "can_access_to_ssh_keys",
            "canAccessToSSHKeys",
            Mode::OptionalComputed,
            "Whether the member may use SSH keys.",
        )
        .default(Literal::Flag(false)),
        attribute(
            "can_access_to_traefik_files",
            "canAccessToTraefikFiles",
            Mode::OptionalComputed,
            "Whether the member may read and write the files of Traefik.",
        )
        .default(Literal::Flag(false)),
        attribute(
            "can_create_environments",
            "canCreateEnvironments",
            Mode::OptionalComputed,
            "Whether the member may create environments.",
        )
        .default(Literal::Flag(false)),
        attribute(
            "can_create_projects",
            "canCreateProjects",
            Mode::OptionalComputed,
            "Whether the member may create projects.",
        )
        .default(Literal::Flag(false)),
        attribute(
            "can_create_services",
            "canCreateServices",
            Mode::OptionalComputed,
            "Whether the member may create services.",
        )
        .default(Literal::Flag(false)),
        attribute(
            "can_delete_environments",
            "canDeleteEnvironments",
            Mode::OptionalComputed,
            "Whether the member may delete environments.",
        )
        .default(Literal::Flag(false)),
        attribute(
            "can_delete_projects",
            "canDeleteProjects",
            Mode::OptionalComputed,
            "Whether the member may delete projects.",
        )
        .default(Literal::Flag(false)),
        attribute(
            "can_delete_services",
            "canDeleteServices",
            Mode::OptionalComputed,
            "Whether the member may delete services.",
        )
        .default(Literal::Flag(false)),
        attribute(
            "accessed_environments",
            "accessedEnvironments",
            Mode::OptionalComputed,
            "The ids of the environments that the member sees. Where it is not configured, they stay as they are.",
        ),
        attribute(
            "accessed_projects",
            "accessedProjects",
            Mode::OptionalComputed,
            "The ids of the projects that the member sees. Where it is not configured, they stay as they are.",
        ),
        attribute(
            "accessed_services",
            "accessedServices",
            Mode::OptionalComputed,
            "The ids of the services that the member sees. Where it is not configured, they stay as they are.",
        ),
    ],
    notes: "The resource owns what it has arguments for; what the member sees of Git providers and servers stays as it is. Deleting the resource takes all permissions from the member, who stays in the organization. The owner of an organization may do everything, whatever is set here.",
    example: r#"data "dokploy_users" "all" {}

resource "dokploy_user_permissions" "builder" {
  member_id           = one([for it in data.dokploy_users.all.users : it.member_id if it.email == "builder@example.com"])
  can_create_services = true
  accessed_projects   = [dokploy_project.shop.id]
}"#,
    import: Import::Id,
};
