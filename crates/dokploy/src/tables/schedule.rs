//! Schedules: commands that run at times, in a service or on a server.

use crate::table::{
    Call, Created, Form, Import, Literal, Mode, Modifier, Object, Outside, Resource, Same, Span,
    Unset, attribute, flag, text,
};
use crate::version::V0_27;

const fn late(field: &'static str) -> Span {
    Span {
        field,
        from: Some(V0_27),
        until: None,
        outside: Outside::Refused,
    }
}

/// What Dokploy has.
pub static SCHEDULE: Object = Object {
    name: "schedule",
    noun: "schedule",
    id: "scheduleId",
    one: "schedule.one",
    create: "schedule.create",
    created: Created::Object,
    updates: &[Call {
        procedure: "schedule.update",
        form: Form::Whole,
        fields: &[
            "name",
            "description",
            "cronExpression",
            "serviceName",
            "shellType",
            "scheduleType",
            "command",
            "script",
            "enabled",
            "timezone",
        ],
    }],
    remove: "schedule.delete",
    fields: &[
        text("name"),
        text("description")
            .unset(Unset::Omitted, Unset::Null)
            .same(Same::EmptyIsNull),
        text("cronExpression"),
        text("serviceName")
            .unset(Unset::Omitted, Unset::Null)
            .same(Same::EmptyIsNull),
        text("shellType"),
        text("scheduleType"),
        text("command"),
        text("script")
            .unset(Unset::Omitted, Unset::Null)
            .same(Same::EmptyIsNull),
        text("applicationId")
            .unset(Unset::Omitted, Unset::NotTaken)
            .same(Same::EmptyIsNull),
        text("composeId")
            .unset(Unset::Omitted, Unset::NotTaken)
            .same(Same::EmptyIsNull),
        text("serverId")
            .unset(Unset::Omitted, Unset::NotTaken)
            .same(Same::EmptyIsNull),
        flag("enabled"),
        text("timezone")
            .unset(Unset::Omitted, Unset::Null)
            .same(Same::EmptyIsNull),
        text("createdAt").read_only(),
    ],
    spans: &[late("description"), late("timezone")],
    ..Object::PLAIN
};

const NEW: &[Modifier] = &[Modifier::RequiresReplace];

/// How this provider names it, in the manner of ahmedali6/dokploy.
pub static AHMEDALI6: Resource = Resource {
    kind: "dokploy_schedule",
    object: &SCHEDULE,
    doc: "A command that runs at times, in a service or on a server.",
    title: "schedule",
    attributes: &[
        attribute(
            "id",
            "scheduleId",
            Mode::Computed,
            "Dokploy's id of the schedule.",
        )
        .modified(&[Modifier::UseStateForUnknown]),
        attribute("name", "name", Mode::Required, "The name shown in Dokploy."),
        attribute(
            "description",
            "description",
            Mode::Optional,
            "A note for people. Dokploy v0.26 has none.",
        ),
        attribute(
            "cron_expression",
            "cronExpression",
            Mode::Required,
            "When it runs, as a cron expression. Dokploy does not check it.",
        ),
        attribute("command", "command", Mode::Required, "What runs."),
        attribute(
            "script",
            "script",
            Mode::Optional,
            "The script that runs on a server instead of a command.",
        ),
        attribute(
            "shell_type",
            "shellType",
            Mode::OptionalComputed,
            "The shell that runs it.",
        )
        .default(Literal::Text("bash"))
        .one_of(&["bash", "sh"]),
        attribute(
            "schedule_type",
            "scheduleType",
            Mode::OptionalComputed,
            "Where it runs.",
        )
        .default(Literal::Text("application"))
        .one_of(&["application", "compose", "server", "dokploy-server"])
        .modified(NEW),
        attribute(
            "application_id",
            "applicationId",
            Mode::Optional,
            "The application, for the type `application`.",
        )
        .modified(NEW),
        attribute(
            "compose_id",
            "composeId",
            Mode::Optional,
            "The compose, for the type `compose`.",
        )
        .modified(NEW),
        attribute(
            "service_name",
            "serviceName",
            Mode::Optional,
            "The service of the compose.",
        ),
        attribute(
            "server_id",
            "serverId",
            Mode::Optional,
            "The server, for the type `server`.",
        )
        .modified(NEW),
        attribute(
            "enabled",
            "enabled",
            Mode::OptionalComputed,
            "Whether it runs.",
        )
        .default(Literal::Flag(true)),
        attribute(
            "timezone",
            "timezone",
            Mode::Optional,
            "Where the clock is that the times are by: `Europe/Berlin`. Dokploy v0.26 has none.",
        ),
    ],
    notes: "",
    example: r#"resource "dokploy_schedule" "cleanup" {
  name            = "cleanup"
  application_id  = dokploy_application.web.id
  cron_expression = "0 3 * * *"
  command         = "bin/cleanup --older-than 30d"
}"#,
    import: Import::Id,
};
