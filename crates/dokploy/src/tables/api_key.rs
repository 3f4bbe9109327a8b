//! API keys of the user that this provider's own key belongs to.

use crate::table::{
    Answered, Created, Import, Literal, Mode, Modifier, Object, Resource, Source, Unset, attribute,
    flag, text, whole,
};

/// What Dokploy has.
pub static API_KEY: Object = Object {
    name: "apiKey",
    noun: "API key",
    id: "id",
    id_input: Some("apiKeyId"),
    all: Some("user.get"),
    inside: &["user", "apiKeys"],
    create: "user.createApiKey",
    created: Created::Object,
    remove: "user.deleteApiKey",
    gone: &[(404, "API key not found"), (400, "API key not found")],
    fields: &[
        text("name"),
        whole("expiresIn").answered(Answered::Never),
        flag("rateLimitEnabled"),
        whole("rateLimitMax"),
        whole("rateLimitTimeWindow"),
        text("metadata.organizationId")
            .unset(Unset::Omitted, Unset::NotTaken)
            .from(Source::Organization),
        // Only the answer to the create has it.
        text("key").read_only().secret(),
        text("start").read_only(),
        text("referenceId").read_only(),
        flag("enabled").read_only(),
        text("expiresAt").read_only(),
        text("createdAt").read_only(),
    ],
    found_by: &[],
    ..Object::PLAIN
};

const KEPT: &[Modifier] = &[Modifier::UseStateForUnknown];
const NEW: &[Modifier] = &[Modifier::RequiresReplace];

/// How ahmedali6/dokploy names it.
pub static AHMEDALI6: Resource = Resource {
    kind: "dokploy_api_key",
    object: &API_KEY,
    doc: "An API key of the user that the provider's own key belongs to.",
    title: "API key",
    attributes: &[
        attribute("id", "id", Mode::Computed, "Dokploy's id of the key.").modified(KEPT),
        attribute("name", "name", Mode::Required, "The name shown in Dokploy.").modified(NEW),
        attribute(
            "expires_in",
            "expiresIn",
            Mode::Optional,
            "After how many seconds it ends, if it does.",
        )
        .modified(NEW),
        attribute(
            "organization_id",
            "metadata.organizationId",
            Mode::OptionalComputed,
            "The organization that it works in. Default: that of the provider's own key.",
        )
        .modified(&[Modifier::RequiresReplace, Modifier::UseStateForUnknown]),
        attribute(
            "rate_limit_enabled",
            "rateLimitEnabled",
            Mode::OptionalComputed,
            "Whether its calls are counted.",
        )
        .default(Literal::Flag(true))
        .modified(NEW),
        attribute(
            "rate_limit_max",
            "rateLimitMax",
            Mode::OptionalComputed,
            "How many checks are allowed in a window; each call is two.",
        )
        .default(Literal::Whole(10))
        .modified(NEW),
        attribute(
            "rate_limit_time_window",
            "rateLimitTimeWindow",
            Mode::OptionalComputed,
            "The window in milliseconds.",
        )
        .default(Literal::Whole(86_400_000))
        .modified(NEW),
        attribute(
            "key",
            "key",
            Mode::Computed,
            "The key itself. It cannot be read again.",
        )
        .modified(KEPT)
        .sensitive(),
        attribute("start", "start", Mode::Computed, "How the key begins.").modified(KEPT),
        attribute(
            "user_id",
            "referenceId",
            Mode::Computed,
            "The user that it belongs to.",
        )
        .modified(KEPT),
        attribute("enabled", "enabled", Mode::Computed, "Whether it works.").modified(KEPT),
        attribute(
            "expires_at",
            "expiresAt",
            Mode::Computed,
            "When it ends, if it does.",
        )
        .modified(KEPT),
        attribute(
            "created_at",
            "createdAt",
            Mode::Computed,
            "When it was created.",
        )
        .modified(KEPT),
    ],
    notes: "With the defaults a key is good for five calls a day: set `rate_limit_enabled = false` for one that programs use.",
    example: r#"resource "dokploy_api_key" "ci" {
  name               = "ci"
  rate_limit_enabled = false
}"#,
    import: Import::Id,
};
