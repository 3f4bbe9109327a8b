//! Docker networks that Dokploy makes.

use crate::table::{
    Created, Import, Kind, Literal, Mode, Modifier, Object, Resource, Same, Unset, attribute, flag,
    text, whole,
};
use crate::version::V0_30;

/// What Dokploy has. There is no call that changes one.
pub static NETWORK: Object = Object {
    name: "network",
    noun: "network",
    id: "networkId",
    one: "network.one",
    all: Some("network.all"),
    create: "network.create",
    created: Created::Object,
    remove: "network.remove",
    fields: &[
        text("name").unset(Unset::Omitted, Unset::NotTaken),
        text("driver").unset(Unset::Omitted, Unset::NotTaken),
        flag("internal").unset(Unset::Omitted, Unset::NotTaken),
        flag("attachable").unset(Unset::Omitted, Unset::NotTaken),
        flag("enableIPv4").unset(Unset::Omitted, Unset::NotTaken),
        flag("enableIPv6").unset(Unset::Omitted, Unset::NotTaken),
        whole("mtu").unset(Unset::Omitted, Unset::NotTaken),
        text("ipam")
            .kind(Kind::Json)
            .unset(Unset::Omitted, Unset::NotTaken)
            .same(Same::Json),
        text("serverId")
            .unset(Unset::Omitted, Unset::NotTaken)
            .same(Same::EmptyIsNull),
        text("createdAt").read_only(),
    ],
    found_by: &["name", "serverId"],
    since: Some(V0_30),
    ..Object::PLAIN
};

const NEW: &[Modifier] = &[Modifier::RequiresReplace];

/// How this provider names it, in the manner of ahmedali6/dokploy.
pub static AHMEDALI6: Resource = Resource {
    kind: "dokploy_network",
    object: &NETWORK,
    doc: "A Docker network that Dokploy makes.",
    title: "network",
    attributes: &[
        attribute(
            "id",
            "networkId",
            Mode::Computed,
            "Dokploy's id of the network.",
        )
        .modified(&[Modifier::UseStateForUnknown]),
        attribute("name", "name", Mode::Required, "The name of the network.").modified(NEW),
        attribute(
            "driver",
            "driver",
            Mode::OptionalComputed,
            "On one host (`bridge`), or on all nodes of the swarm (`overlay`).",
        )
        .default(Literal::Text("bridge"))
        .one_of(&["bridge", "overlay"])
        .modified(NEW),
        attribute(
            "internal",
            "internal",
            Mode::OptionalComputed,
            "Whether nothing outside can be reached from it.",
        )
        .default(Literal::Flag(false))
        .modified(NEW),
        attribute(
            "attachable",
            "attachable",
            Mode::OptionalComputed,
            "Whether containers outside of services may join it.",
        )
        .default(Literal::Flag(false))
        .modified(NEW),
        attribute(
            "enable_ipv4",
            "enableIPv4",
            Mode::OptionalComputed,
            "Whether its containers get IPv4 addresses.",
        )
        .default(Literal::Flag(true))
        .modified(NEW),
        attribute(
            "enable_ipv6",
            "enableIPv6",
            Mode::OptionalComputed,
            "Whether its containers get IPv6 addresses.",
        )
        .default(Literal::Flag(false))
        .modified(NEW),
        attribute(
            "mtu",
            "mtu",
            Mode::Optional,
            "The most bytes that a packet in it has.",
        )
        .modified(NEW),
        attribute(
            "ipam",
            "ipam",
            Mode::OptionalComputed,
            "How addresses are given, as JSON: `jsonencode({ driver = \"default\", config = [{ subnet = \"10.9.0.0/16\" }] })`.",
        )
        .modified(&[Modifier::RequiresReplace, Modifier::UseStateForUnknown]),
        attribute(
            "server_id",
            "serverId",
            Mode::Optional,
            "The server that it is on, if it is not Dokploy's own.",
        )
        .modified(NEW),
    ],
    notes: "Dokploy has networks from v0.30 on, and cannot change one: a change makes a new network.",
    example: r#"resource "dokploy_network" "backend" {
  name     = "backend"
  driver   = "overlay"
  internal = true
}"#,
    import: Import::Id,
};
