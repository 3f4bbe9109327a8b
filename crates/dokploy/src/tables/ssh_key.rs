//! SSH keys that Dokploy logs in to servers and repositories with.

use crate::table::{
    ADOPT, Call, Created, Form, Import, Mode, Modifier, Object, Resource, Same, Source, Unset,
    adopt_existing, attribute, text,
};

/// What Dokploy has.
pub static SSH_KEY: Object = Object {
    name: "sshKey",
    noun: "SSH key",
    id: "sshKeyId",
    one: "sshKey.one",
    all: Some("sshKey.all"),
    create: "sshKey.create",
    created: Created::Nothing,
    updates: &[Call {
        procedure: "sshKey.update",
        form: Form::Partial,
        fields: &["name", "description"],
    }],
    remove: "sshKey.remove",
    gone: &[(400, "SSH Key not found"), (500, "SSH Key not found")],
    fields: &[
        text("name"),
        text("description")
            .unset(Unset::Null, Unset::Null)
            .same(Same::EmptyIsNull),
        text("privateKey")
            .unset(Unset::Omitted, Unset::NotTaken)
            .same(Same::TrimmedKept)
            .secret(),
        text("publicKey")
            .unset(Unset::Omitted, Unset::NotTaken)
            .same(Same::Trimmed),
        text("organizationId")
            .unset(Unset::Omitted, Unset::NotTaken)
            .from(Source::Organization),
        text("createdAt").read_only(),
        ADOPT,
    ],
    found_by: &["name", "publicKey"],
    quirks: &[],
    ..Object::PLAIN
};

/// How ahmedali6/dokploy names it.
pub static AHMEDALI6: Resource = Resource {
    kind: "dokploy_ssh_key",
    object: &SSH_KEY,
    doc: "An SSH key with which Dokploy logs in to servers and repositories.",
    title: "SSH Key",
    attributes: &[
        attribute("id", "sshKeyId", Mode::Computed, "Dokploy's id of the key.")
            .modified(&[Modifier::UseStateForUnknown]),
        attribute("name", "name", Mode::Required, "The name shown in Dokploy."),
        attribute("description", "description", Mode::Optional, "A note for people."),
        attribute(
            "private_key",
            "privateKey",
            Mode::Required,
            "The private key as OpenSSH or PEM (RSA) text. A line break more or less at its end is no difference.",
        )
        .modified(&[Modifier::RequiresReplace])
        .sensitive(),
        attribute(
            "public_key",
            "publicKey",
            Mode::Required,
            "The public key on one line: `ssh-ed25519 …` or `ssh-rsa …`. A line break more or less at its end is no difference.",
        )
        .modified(&[Modifier::RequiresReplace]),
        adopt_existing("Whether a create takes over the one that is there with the same name and public key, and changes it to what is configured, instead of making a second one."),
    ],
    notes: "Dokploy cannot change the texts of a key: new ones make a new key, and servers that use it are updated in place. The private key is stored in the state, also on import. Deleting a key that servers use leaves them without one.",
    example: r#"resource "dokploy_ssh_key" "build" {
  name        = "build"
  private_key = file("~/.ssh/id_ed25519")
  public_key  = file("~/.ssh/id_ed25519.pub")
}"#,
    import: Import::Id,
};
