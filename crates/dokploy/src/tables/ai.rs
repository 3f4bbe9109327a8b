//! AI providers that Dokploy asks.

use crate::table::{
    Call, Created, Form, Import, Literal, Mode, Modifier, Object, Resource, attribute, flag, text,
};

/// What Dokploy has.
pub static AI: Object = Object {
    name: "ai",
    noun: "AI provider",
    id: "aiId",
    one: "ai.get",
    all: Some("ai.getAll"),
    create: "ai.create",
    created: Created::Nothing,
    updates: &[Call {
        procedure: "ai.update",
        form: Form::Whole,
        fields: &["name", "apiUrl", "apiKey", "model", "isEnabled"],
    }],
    remove: "ai.delete",
    fields: &[
        text("name"),
        text("apiUrl"),
        text("apiKey").secret(),
        text("model"),
        flag("isEnabled"),
        text("organizationId").read_only(),
        text("createdAt").read_only(),
    ],
    found_by: &["name", "apiUrl", "model"],
    ..Object::PLAIN
};

const KEPT: &[Modifier] = &[Modifier::UseStateForUnknown];

/// How ahmedali6/dokploy names it.
pub static AHMEDALI6: Resource = Resource {
    kind: "dokploy_ai",
    object: &AI,
    doc: "An AI provider that Dokploy asks.",
    title: "AI configuration",
    attributes: &[
        attribute("id", "aiId", Mode::Computed, "Dokploy's id of it.").modified(KEPT),
        attribute("name", "name", Mode::Required, "The name shown in Dokploy."),
        attribute(
            "api_url",
            "apiUrl",
            Mode::Required,
            "The URL of the provider's API.",
        ),
        attribute("api_key", "apiKey", Mode::Required, "The key for it.").sensitive(),
        attribute("model", "model", Mode::Required, "The model to ask."),
        attribute(
            "is_enabled",
            "isEnabled",
            Mode::OptionalComputed,
            "Whether it is used.",
        )
        .default(Literal::Flag(true)),
        attribute(
            "organization_id",
            "organizationId",
            Mode::Computed,
            "The organization that it belongs to.",
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
    notes: "",
    example: r#"resource "dokploy_ai" "main" {
  name    = "main"
  api_url = "https://api.example.com/v1"
  api_key = var.ai_key
  model   = "large"
}"#,
    import: Import::Id,
};
