//! Backups of volumes to destinations.

use crate::table::{
    Call, Created, Form, Import, Literal, Mode, Modifier, Object, Resource, Same, Service, Unset,
    attribute, flag, text, whole,
};

/// What Dokploy has.
pub static VOLUME_BACKUP: Object = Object {
    name: "volumeBackups",
    noun: "volume backup",
    id: "volumeBackupId",
    one: "volumeBackups.one",
    create: "volumeBackups.create",
    created: Created::Object,
    updates: &[Call {
        procedure: "volumeBackups.update",
        form: Form::Whole,
        fields: &[
            "name",
            "volumeName",
            "prefix",
            "cronExpression",
            "destinationId",
            "appName",
            "serviceName",
            "keepLatestCount",
            "turnOff",
            "enabled",
        ],
    }],
    remove: "volumeBackups.delete",
    fields: &[
        text("name"),
        text("volumeName"),
        text("prefix"),
        text("cronExpression"),
        text("destinationId"),
        text("serviceType").unset(Unset::Omitted, Unset::NotTaken),
        text("serviceId").unset(Unset::Omitted, Unset::NotTaken),
        // Some versions make up one of their own.
        text("appName").same(Same::Anything),
        text("serviceName")
            .unset(Unset::Omitted, Unset::Null)
            .same(Same::EmptyIsNull),
        whole("keepLatestCount").unset(Unset::Omitted, Unset::Null),
        flag("turnOff"),
        flag("enabled"),
        text("createdAt").read_only(),
    ],
    service: Some(Service {
        kind: "serviceType",
        id: "serviceId",
        is_renamed: true,
    }),
    ..Object::PLAIN
};

const KEPT: &[Modifier] = &[Modifier::UseStateForUnknown];
const NEW: &[Modifier] = &[Modifier::RequiresReplace];

/// How ahmedali6/dokploy names it.
pub static AHMEDALI6: Resource = Resource {
    kind: "dokploy_volume_backup",
    object: &VOLUME_BACKUP,
    doc: "A backup of a volume, at times of its own, to a destination.",
    title: "volume backup",
    attributes: &[
        attribute(
            "id",
            "volumeBackupId",
            Mode::Computed,
            "Dokploy's id of the backup.",
        )
        .modified(KEPT),
        attribute("name", "name", Mode::Required, "The name shown in Dokploy."),
        attribute("volume_name", "volumeName", Mode::Required, "The volume."),
        attribute(
            "prefix",
            "prefix",
            Mode::Required,
            "The folder of the bucket that it writes to.",
        ),
        attribute(
            "cron_expression",
            "cronExpression",
            Mode::Required,
            "When it runs, as a cron expression.",
        ),
        attribute(
            "destination_id",
            "destinationId",
            Mode::Required,
            "Where it goes: the id of a `dokploy_destination`.",
        ),
        attribute(
            "service_type",
            "serviceType",
            Mode::Required,
            "What the service is that uses the volume.",
        )
        .modified(NEW)
        .one_of(&[
            "application",
            "postgres",
            "mysql",
            "mariadb",
            "mongo",
            "redis",
            "compose",
        ]),
        attribute(
            "service_id",
            "serviceId",
            Mode::Required,
            "The id of that service.",
        )
        .modified(NEW),
        attribute(
            "app_name",
            "appName",
            Mode::Required,
            "The name of that service in Docker.",
        ),
        attribute(
            "service_name",
            "serviceName",
            Mode::Optional,
            "The service of the compose, for the type `compose`.",
        ),
        attribute(
            "enabled",
            "enabled",
            Mode::OptionalComputed,
            "Whether it runs.",
        )
        .default(Literal::Flag(true)),
        attribute(
            "keep_latest_count",
            "keepLatestCount",
            Mode::OptionalComputed,
            "How many backups are kept.",
        )
        .default(Literal::Whole(5)),
        attribute(
            "turn_off",
            "turnOff",
            Mode::OptionalComputed,
            "Whether the service is stopped while the backup is made.",
        )
        .default(Literal::Flag(false)),
        attribute(
            "created_at",
            "createdAt",
            Mode::Computed,
            "When it was created.",
        )
        .modified(KEPT),
    ],
    notes: "",
    example: r#"resource "dokploy_volume_backup" "data" {
  name            = "data"
  volume_name     = "web-data"
  service_type    = "application"
  service_id      = dokploy_application.web.id
  app_name        = dokploy_application.web.app_name
  destination_id  = dokploy_destination.r2.id
  prefix          = "web/"
  cron_expression = "0 4 * * *"
}"#,
    import: Import::Id,
};
