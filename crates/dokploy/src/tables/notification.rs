//! Notifications: one object for each kind of place that Dokploy sends word to.
//!
//! In Dokploy each is two rows, of which the second holds what its kind has. An update of the first row alone ends in
//! an error ("No values to set"), so that everything is sent always.

use crate::table::{
    Attribute, Call, Created, Form, Import, Kind, Literal, Mode, Modifier, Object, Outside,
    Resource, Same, Span, Unset, attribute, flag, text, whole,
};
use crate::version::{V0_27, V0_30, Version};

/// Events that the oldest version sends no word of.
const fn late(field: &'static str) -> Span {
    Span {
        field,
        from: Some(V0_27),
        until: None,
        outside: Outside::Refused,
    }
}

const fn event(name: &'static str, field: &'static str, doc: &'static str) -> Attribute {
    attribute(name, field, Mode::OptionalComputed, doc).default(Literal::Flag(false))
}

const fn webhook(doc: &'static str) -> Attribute {
    attribute("webhook_url", "webhookUrl", Mode::Required, doc).sensitive()
}

const fn from_address() -> Attribute {
    attribute("from_address", "fromAddress", Mode::Required, "The sender.")
}

const fn to_addresses() -> Attribute {
    attribute(
        "to_addresses",
        "toAddresses",
        Mode::Required,
        "The receivers.",
    )
}

/// The object and the resource of a kind: static names, words, the first version that has it, whether servers that
/// are short of something are among its events, and its own fields and attributes.
macro_rules! kind {
    (
        $object:ident, $resource:ident, $name:literal, $Name:literal, $title:literal, $since:expr,
        events: [$($event:literal, $event_name:literal, $event_doc:literal);*],
        fields: [$($field_name:literal: $field:expr),*], attributes: [$($attribute:expr),*], example: $example:literal
    ) => {
        static $object: Object = Object {
            name: concat!("notification.", $name),
            noun: concat!($title, " notification"),
            id: "notificationId",
            one: "notification.one",
            all: Some("notification.all"),
            create: concat!("notification.create", $Name),
            created: Created::Nothing,
            updates: &[Call {
                procedure: concat!("notification.update", $Name),
                form: Form::Whole,
                fields: &[
                    "name", "appDeploy", "appBuildError", "databaseBackup", "volumeBackup", "dokployRestart",
                    "dokployBackup", "dockerCleanup", $($event,)* $($field_name,)* concat!($name, "Id"),
                ],
            }],
            remove: "notification.remove",
            gone: &[(400, "Notification not found")],
            fields: &[
                text("name"),
                flag("appDeploy"),
                flag("appBuildError"),
                flag("databaseBackup"),
                flag("volumeBackup"),
                flag("dokployRestart"),
                flag("dokployBackup"),
                flag("dockerCleanup"),
                $(flag($event),)*
                $($field,)*
                // The other of the two rows: an update wants both ids.
                text(concat!($name, "Id")).unset(Unset::NotTaken, Unset::Omitted),
            ],
            found_by: &["name"],
            spans: &[
                late("volumeBackup"),
                late("dokployBackup"),
                // Only ntfy has such a field.
                Span { field: "accessToken", from: Some(V0_27), until: None, outside: Outside::Demanded },
            ],
            since: $since,
            only: Some(("notificationType", $name)),
            nested: Some($name),
            ..Object::PLAIN
        };

        #[doc = concat!("`dokploy_notification_", $name, "`.")]
        pub static $resource: Resource = Resource {
            kind: concat!("dokploy_notification_", $name),
            object: &$object,
            doc: concat!("Word of events by ", $title, "."),
            title: concat!($title, " notification"),
            attributes: &[
                attribute("id", "notificationId", Mode::Computed, "Dokploy's id of the notification.")
                    .modified(&[Modifier::UseStateForUnknown]),
                attribute("name", "name", Mode::Required, "The name shown in Dokploy."),
                event("app_deploy", "appDeploy", "Whether it tells of deployments."),
                event("app_build_error", "appBuildError", "Whether it tells of builds that failed."),
                event("database_backup", "databaseBackup", "Whether it tells of backups of databases."),
                event(
                    "volume_backup",
                    "volumeBackup",
                    "Whether it tells of backups of volumes. Dokploy v0.26 does not.",
                ),
                event("dokploy_restart", "dokployRestart", "Whether it tells of restarts of Dokploy."),
                event(
                    "dokploy_backup",
                    "dokployBackup",
                    "Whether it tells of backups of Dokploy itself. Dokploy v0.26 does not.",
                ),
                event("docker_cleanup", "dockerCleanup", "Whether it tells of Docker being cleaned up."),
                $(event($event_name, $event, $event_doc),)*
                $($attribute),*
            ],
            notes: "Dokploy does not try whether the receiver can be reached when it stores a notification.",
            example: $example,
            import: Import::Id,
        };
    };
}

const ALWAYS: Option<Version> = None;
const LATER: Option<Version> = Some(V0_30);

/// A text that must be sent and may be empty.
macro_rules! maybe {
    ($name:literal) => {
        text($name)
            .unset(Unset::Empty, Unset::Empty)
            .same(Same::EmptyIsNull)
    };
}

kind!(
    SLACK_OBJECT, SLACK, "slack", "Slack", "Slack", ALWAYS,
    events: ["serverThreshold", "server_threshold", "Whether it tells of servers that are short of something."],
    fields: ["webhookUrl": text("webhookUrl").secret(), "channel": maybe!("channel")],
    attributes: [
        webhook("The URL of the incoming webhook."),
        attribute("channel", "channel", Mode::Optional, "The channel, if it is not the webhook's own.")
    ],
    example: r##"resource "dokploy_notification_slack" "ops" {
  name            = "ops"
  webhook_url     = var.slack_webhook_url
  channel         = "#ops"
  app_deploy      = true
  app_build_error = true
}"##
);

kind!(
    DISCORD_OBJECT, DISCORD, "discord", "Discord", "Discord", ALWAYS,
    events: ["serverThreshold", "server_threshold", "Whether it tells of servers that are short of something."],
    fields: ["webhookUrl": text("webhookUrl").secret(), "decoration": flag("decoration")],
    attributes: [
        webhook("The URL of the webhook."),
        attribute("decoration", "decoration", Mode::OptionalComputed, "Whether messages have emojis.")
            .default(Literal::Flag(true))
    ],
    example: r#"resource "dokploy_notification_discord" "ops" {
  name            = "ops"
  webhook_url     = var.discord_webhook_url
  app_build_error = true
}"#
);

kind!(
    TELEGRAM_OBJECT, TELEGRAM, "telegram", "Telegram", "Telegram", ALWAYS,
    events: ["serverThreshold", "server_threshold", "Whether it tells of servers that are short of something."],
    fields: ["botToken": text("botToken").secret(), "chatId": text("chatId"), "messageThreadId": maybe!("messageThreadId")],
    attributes: [
        attribute("bot_token", "botToken", Mode::Required, "The token of the bot.").sensitive(),
        attribute("chat_id", "chatId", Mode::Required, "The chat."),
        attribute("message_thread_id", "messageThreadId", Mode::Optional, "The thread in the chat.")
    ],
    example: r#"resource "dokploy_notification_telegram" "ops" {
  name            = "ops"
  bot_token       = var.telegram_bot_token
  chat_id         = "-1001234567890"
  app_build_error = true
}"#
);

kind!(
    EMAIL_OBJECT, EMAIL, "email", "Email", "email", ALWAYS,
    events: ["serverThreshold", "server_threshold", "Whether it tells of servers that are short of something."],
    fields: [
        "smtpServer": text("smtpServer"), "smtpPort": whole("smtpPort"), "username": text("username"),
        "password": text("password").secret(), "fromAddress": text("fromAddress"),
        "toAddresses": text("toAddresses").kind(Kind::Texts)
    ],
    attributes: [
        attribute("smtp_server", "smtpServer", Mode::Required, "The server that sends it."),
        attribute("smtp_port", "smtpPort", Mode::Required, "The port of the server."),
        attribute("username", "username", Mode::Required, "The user at the server."),
        attribute("password", "password", Mode::Required, "The password of the user.").sensitive(),
        from_address(),
        to_addresses()
    ],
    example: r#"resource "dokploy_notification_email" "ops" {
  name            = "ops"
  smtp_server     = "mail.example.com"
  smtp_port       = 587
  username        = "dokploy"
  password        = var.smtp_password
  from_address    = "dokploy@example.com"
  to_addresses    = ["ops@example.com"]
  app_build_error = true
}"#
);

kind!(
    RESEND_OBJECT, RESEND, "resend", "Resend", "Resend", LATER,
    events: ["serverThreshold", "server_threshold", "Whether it tells of servers that are short of something."],
    fields: [
        "apiKey": text("apiKey").secret(), "fromAddress": text("fromAddress"),
        "toAddresses": text("toAddresses").kind(Kind::Texts)
    ],
    attributes: [
        attribute("api_key", "apiKey", Mode::Required, "The API key.").sensitive(),
        from_address(),
        to_addresses()
    ],
    example: r#"resource "dokploy_notification_resend" "ops" {
  name            = "ops"
  api_key         = var.resend_api_key
  from_address    = "dokploy@example.com"
  to_addresses    = ["ops@example.com"]
  app_build_error = true
}"#
);

kind!(
    GOTIFY_OBJECT, GOTIFY, "gotify", "Gotify", "Gotify", ALWAYS,
    events: [],
    fields: [
        "serverUrl": text("serverUrl"), "appToken": text("appToken").secret(), "priority": whole("priority"),
        "decoration": flag("decoration")
    ],
    attributes: [
        attribute("server_url", "serverUrl", Mode::Required, "The URL of the server."),
        attribute("app_token", "appToken", Mode::Required, "The token of the application.").sensitive(),
        attribute("priority", "priority", Mode::OptionalComputed, "The priority of its messages.")
            .default(Literal::Whole(5)),
        attribute("decoration", "decoration", Mode::OptionalComputed, "Whether messages have emojis.")
            .default(Literal::Flag(true))
    ],
    example: r#"resource "dokploy_notification_gotify" "ops" {
  name            = "ops"
  server_url      = "https://gotify.example.com"
  app_token       = var.gotify_token
  app_build_error = true
}"#
);

kind!(
    NTFY_OBJECT, NTFY, "ntfy", "Ntfy", "ntfy", ALWAYS,
    events: [],
    fields: [
        "serverUrl": text("serverUrl"), "topic": text("topic"), "accessToken": maybe!("accessToken").secret(),
        "priority": whole("priority")
    ],
    attributes: [
        attribute("server_url", "serverUrl", Mode::Required, "The URL of the server."),
        attribute("topic", "topic", Mode::Required, "The topic."),
        attribute("access_token", "accessToken", Mode::Optional, "The access token, if the server wants one. Dokploy v0.26 wants one always.")
            .sensitive(),
        attribute("priority", "priority", Mode::OptionalComputed, "The priority of its messages.")
            .default(Literal::Whole(3))
    ],
    example: r#"resource "dokploy_notification_ntfy" "ops" {
  name            = "ops"
  server_url      = "https://ntfy.sh"
  topic           = "acme-ops"
  app_build_error = true
}"#
);

kind!(
    MATTERMOST_OBJECT, MATTERMOST, "mattermost", "Mattermost", "Mattermost", LATER,
    events: ["serverThreshold", "server_threshold", "Whether it tells of servers that are short of something."],
    fields: [
        "webhookUrl": text("webhookUrl").secret(),
        "channel": text("channel").unset(Unset::Omitted, Unset::Empty).same(Same::EmptyIsNull),
        "username": text("username").unset(Unset::Omitted, Unset::Empty).same(Same::EmptyIsNull)
    ],
    attributes: [
        webhook("The URL of the incoming webhook."),
        attribute("channel", "channel", Mode::Optional, "The channel, if it is not the webhook's own."),
        attribute("username", "username", Mode::Optional, "The name that messages come from.")
    ],
    example: r#"resource "dokploy_notification_mattermost" "ops" {
  name            = "ops"
  webhook_url     = var.mattermost_webhook_url
  app_build_error = true
}"#
);

kind!(
    CUSTOM_OBJECT, CUSTOM, "custom", "Custom", "webhook", LATER,
    events: ["serverThreshold", "server_threshold", "Whether it tells of servers that are short of something."],
    fields: [
        "endpoint": text("endpoint"),
        "headers": text("headers")
            .kind(Kind::Map)
            .unset(Unset::Omitted, Unset::Default(Literal::NoEntries))
            .same(Same::EmptyIsNull)
            .secret()
    ],
    attributes: [
        attribute("endpoint", "endpoint", Mode::Required, "The URL that is called."),
        attribute("headers", "headers", Mode::Optional, "The headers that are sent with it.").sensitive()
    ],
    example: r#"resource "dokploy_notification_custom" "ops" {
  name            = "ops"
  endpoint        = "https://hooks.example.com/dokploy"
  headers         = { Authorization = "Bearer ${var.hook_token}" }
  app_build_error = true
}"#
);

kind!(
    LARK_OBJECT, LARK, "lark", "Lark", "Lark", ALWAYS,
    events: ["serverThreshold", "server_threshold", "Whether it tells of servers that are short of something."],
    fields: ["webhookUrl": text("webhookUrl").secret()],
    attributes: [webhook("The URL of the webhook.")],
    example: r#"resource "dokploy_notification_lark" "ops" {
  name            = "ops"
  webhook_url     = var.lark_webhook_url
  app_build_error = true
}"#
);

kind!(
    PUSHOVER_OBJECT, PUSHOVER, "pushover", "Pushover", "Pushover", LATER,
    events: ["serverThreshold", "server_threshold", "Whether it tells of servers that are short of something."],
    fields: [
        "userKey": text("userKey").secret(), "apiToken": text("apiToken").secret(), "priority": whole("priority"),
        "retry": whole("retry").unset(Unset::Omitted, Unset::Null),
        "expire": whole("expire").unset(Unset::Omitted, Unset::Null)
    ],
    attributes: [
        attribute("user_key", "userKey", Mode::Required, "The key of the user or group.").sensitive(),
        attribute("api_token", "apiToken", Mode::Required, "The token of the application.").sensitive(),
        attribute("priority", "priority", Mode::OptionalComputed, "The priority of its messages, from -2 to 2.")
            .default(Literal::Whole(0)),
        attribute("retry", "retry", Mode::Optional, "The seconds between two tries, for the priority 2."),
        attribute("expire", "expire", Mode::Optional, "The seconds after which it gives up, for the priority 2.")
    ],
    example: r#"resource "dokploy_notification_pushover" "ops" {
  name            = "ops"
  user_key        = var.pushover_user
  api_token       = var.pushover_token
  app_build_error = true
}"#
);

kind!(
    TEAMS_OBJECT, TEAMS, "teams", "Teams", "Microsoft Teams", LATER,
    events: ["serverThreshold", "server_threshold", "Whether it tells of servers that are short of something."],
    fields: ["webhookUrl": text("webhookUrl").secret()],
    attributes: [webhook("The URL of the webhook.")],
    example: r#"resource "dokploy_notification_teams" "ops" {
  name            = "ops"
  webhook_url     = var.teams_webhook_url
  app_build_error = true
}"#
);
