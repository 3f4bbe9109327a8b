//! Backups of databases to destinations.

use crate::table::{
    Call, Created, Form, Import, Kind, Literal, Mode, Modifier, Object, Resource, Same, Service,
    Siblings, Unset, attribute, flag, text, whole,
};

/// What Dokploy has.
pub static BACKUP: Object = Object {
    name: "backup",
    noun: "backup",
    id: "backupId",
    one: "backup.one",
    create: "backup.create",
    created: Created::Nothing,
    siblings: Some(Siblings {
        procedure: "",
        by: "",
        inside: "backups",
    }),
    held: &[
        Siblings {
            procedure: "",
            by: "",
            inside: "backups",
        },
        Siblings {
            procedure: "compose.one",
            by: "composeId",
            inside: "backups",
        },
    ],
    updates: &[Call {
        procedure: "backup.update",
        form: Form::Whole,
        fields: &[
            "schedule",
            "enabled",
            "prefix",
            "destinationId",
            "database",
            "databaseType",
            "keepLatestCount",
            "serviceName",
            "metadata",
        ],
    }],
    remove: "backup.remove",
    gone: &[(400, "Backup not found")],
    fields: &[
        text("schedule"),
        flag("enabled"),
        text("prefix"),
        text("destinationId"),
        text("database"),
        // Demanded for composes too, where it means nothing.
        text("databaseType").unset(
            Unset::Default(Literal::Text("postgres")),
            Unset::Default(Literal::Text("postgres")),
        ),
        text("databaseId")
            .unset(Unset::Omitted, Unset::NotTaken)
            .same(Same::EmptyIsNull),
        text("backupType").unset(Unset::Omitted, Unset::NotTaken),
        whole("keepLatestCount").unset(Unset::Omitted, Unset::Null),
        text("composeId")
            .unset(Unset::Omitted, Unset::NotTaken)
            .same(Same::EmptyIsNull),
        text("serviceName")
            .unset(Unset::Omitted, Unset::Null)
            .same(Same::EmptyIsNull),
        // From v0.28 an update demands it.
        text("metadata")
            .kind(Kind::Json)
            .unset(Unset::NotTaken, Unset::Null),
    ],
    service: Some(Service {
        kind: "databaseType",
        id: "databaseId",
        is_renamed: true,
    }),
    ..Object::PLAIN
};

const NEW: &[Modifier] = &[Modifier::RequiresReplace];

/// How ahmedali6/dokploy names it.
pub static AHMEDALI6: Resource = Resource {
    kind: "dokploy_backup",
    object: &BACKUP,
    doc: "A backup of a database, at times of its own, to a destination.",
    title: "backup",
    attributes: &[
        attribute(
            "id",
            "backupId",
            Mode::Computed,
            "Dokploy's id of the backup.",
        )
        .modified(&[Modifier::UseStateForUnknown]),
        attribute(
            "schedule",
            "schedule",
            Mode::Required,
            "When it runs, as a cron expression.",
        ),
        attribute(
            "prefix",
            "prefix",
            Mode::Required,
            "The folder of the bucket that it writes to.",
        ),
        attribute(
            "database",
            "database",
            Mode::Required,
            "The name of the database in the server.",
        ),
        attribute(
            "destination_id",
            "destinationId",
            Mode::Required,
            "Where it goes: the id of a `dokploy_destination`.",
        ),
        attribute(
            "backup_type",
            "backupType",
            Mode::OptionalComputed,
            "Whether it is of a database of Dokploy's, or of one in a compose.",
        )
        .default(Literal::Text("database"))
        .modified(NEW)
        .one_of(&["database", "compose"]),
        attribute(
            "database_type",
            "databaseType",
            Mode::Optional,
            "The engine of the database.",
        )
        .modified(NEW)
        .one_of(&["postgres", "mysql", "mariadb", "mongo"]),
        attribute(
            "database_id",
            "databaseId",
            Mode::Optional,
            "The id of the database.",
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
        .default(Literal::Whole(30)),
    ],
    notes: "",
    example: r#"resource "dokploy_backup" "nightly" {
  database_type  = "postgres"
  database_id    = dokploy_postgres.shop.id
  database       = "shop"
  destination_id = dokploy_destination.r2.id
  prefix         = "shop/"
  schedule       = "0 3 * * *"
}"#,
    import: Import::Id,
};
