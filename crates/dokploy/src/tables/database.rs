//! Databases: five engines that differ in little.

use crate::table::{
    Attribute, Call, Created, DEPLOY_ON_CHANGE, Deploys, Field, Form, Import, Literal, Mode,
    Modifier, Object, Resource, Same, Siblings, Unset, WAIT_FOR, WAIT_TIMEOUT, attribute,
    deploy_on_change, flag, text, wait_for, wait_timeout, whole,
};
use crate::version::V0_30;

const KEPT: &[Modifier] = &[Modifier::UseStateForUnknown];
const NEW: &[Modifier] = &[Modifier::RequiresReplace];

const PASSWORD_NOTE: &str = "Without `deploy_on_change`, creating or changing a database does not deploy it: that is started in Dokploy. With it, see [how to wait for deployments](../../howto/wait-for-deployments.md). Passwords may not hold spaces, quotes, slashes, `$` and `!`. A changed password changes what Dokploy stores, not what a database that runs already accepts.";

/// A field that an update takes and a create does not, and that null clears.
const fn tuning(name: &'static str) -> Field {
    text(name)
        .unset(Unset::NotTaken, Unset::Null)
        .same(Same::EmptyIsNull)
}

/// A field that is fixed from the start.
const fn fixed(field: Field) -> Field {
    field.unset(Unset::Omitted, Unset::NotTaken)
}

const APP_NAME: Field = fixed(text("appName")).same(Same::WithSuffix);
const DESCRIPTION: Field = text("description")
    .unset(Unset::Omitted, Unset::Null)
    .same(Same::EmptyIsNull);
const SERVER_ID: Field = fixed(text("serverId")).same(Same::EmptyIsNull);
const EXTERNAL_PORT: Field = whole("externalPort").unset(Unset::NotTaken, Unset::Null);
const REPLICAS: Field = whole("replicas").unset(Unset::NotTaken, Unset::Omitted);

const ID_DOC: &str = "Dokploy's id of the database.";
const APP_NAME_DOC: &str =
    "What the name of its service begins with. Dokploy appends six random characters.";

const fn own_app_name() -> Attribute {
    attribute("app_name", "appName", Mode::Required, APP_NAME_DOC).modified(NEW)
}

const fn database_name() -> Attribute {
    attribute(
        "database_name",
        "databaseName",
        Mode::Required,
        "The name of the database in it.",
    )
    .modified(NEW)
}

const fn database_user() -> Attribute {
    attribute(
        "database_user",
        "databaseUser",
        Mode::Required,
        "The user that owns it.",
    )
    .modified(NEW)
}

const fn root_password() -> Attribute {
    attribute(
        "database_root_password",
        "databaseRootPassword",
        Mode::Required,
        "The password of the administrator.",
    )
    .sensitive()
}

/// The object and the resource of an engine: static names, words, and what it has that others have not.
macro_rules! engine {
    (
        $object:ident, $resource:ident, $name:literal, $id:literal, $title:literal, $kind:literal,
        fields: [$($field:expr),*], updated: [$($updated:literal),*], attributes: [$($attribute:expr),*], example: $example:literal
    ) => {
        static $object: Object = Object {
            name: $name,
            noun: concat!($title, " database"),
            id: $id,
            one: concat!($name, ".one"),
            all: None,
            create: concat!($name, ".create"),
            created: Created::Object,
            updates: &[Call {
                procedure: concat!($name, ".update"),
                form: Form::Partial,
                fields: &[
                    "name", "description", "databasePassword", "dockerImage", "command", "env", "memoryReservation",
                    "memoryLimit", "cpuReservation", "cpuLimit", "externalPort", "replicas", $($updated),*
                ],
            }],
            remove: concat!($name, ".remove"),
            gone: &[],
            fields: &[
                text("name"),
                APP_NAME,
                DESCRIPTION,
                fixed(text("environmentId")),
                SERVER_ID,
                text("databasePassword").secret(),
                text("dockerImage"),
                tuning("command"),
                tuning("env"),
                tuning("memoryReservation"),
                tuning("memoryLimit"),
                tuning("cpuReservation"),
                tuning("cpuLimit"),
                EXTERNAL_PORT,
                REPLICAS,
                text("applicationStatus").read_only(),
                text("createdAt").read_only(),
                DEPLOY_ON_CHANGE,
                WAIT_FOR,
                WAIT_TIMEOUT,
                $($field),*
            ],
            deploys: Some(&Deploys {
                procedure: concat!($name, ".deploy"),
                history: None,
                status: "applicationStatus",
                containers: "swarm",
                output: Some(concat!($name, ".readLogs")),
                idle: &["name", "description"],
            }),
            ..Object::PLAIN
        };

        #[doc = concat!("`", $kind, "` of ahmedali6/dokploy.")]
        pub static $resource: Resource = Resource {
            kind: $kind,
            object: &$object,
            doc: concat!("A ", $title, " database."),
            title: concat!($title, " instance"),
            attributes: &[
                attribute("id", $id, Mode::Computed, ID_DOC).modified(KEPT),
                attribute("name", "name", Mode::Required, "The name shown in Dokploy."),
                attribute(
                    "environment_id",
                    "environmentId",
                    Mode::Required,
                    "The environment that it is in: the id of a `dokploy_environment`.",
                )
                .modified(NEW),
                attribute(
                    "database_password",
                    "databasePassword",
                    Mode::Required,
                    "The password of the user.",
                )
                .sensitive(),
                attribute("description", "description", Mode::Optional, "A note for people."),
                attribute(
                    "docker_image",
                    "dockerImage",
                    Mode::OptionalComputed,
                    "The image to run, with its tag. Where it is not configured, Dokploy chooses one.",
                )
                .modified(KEPT),
                attribute("command", "command", Mode::Optional, "Replaces the command of the image."),
                attribute("env", "env", Mode::Optional, "Environment variables, one `NAME=value` a line."),
                attribute(
                    "memory_reservation",
                    "memoryReservation",
                    Mode::Optional,
                    "The memory that it is guaranteed.",
                ),
                attribute("memory_limit", "memoryLimit", Mode::Optional, "The most memory that it may use."),
                attribute(
                    "cpu_reservation",
                    "cpuReservation",
                    Mode::Optional,
                    "The share of processors that it is guaranteed.",
                ),
                attribute(
                    "cpu_limit",
                    "cpuLimit",
                    Mode::Optional,
                    "The biggest share of processors that it may use.",
                ),
                attribute(
                    "external_port",
                    "externalPort",
                    Mode::Optional,
                    "The port under which it can be reached from outside, if it can.",
                ),
                attribute("replicas", "replicas", Mode::OptionalComputed, "How many containers run.")
                    .modified(KEPT),
                attribute(
                    "server_id",
                    "serverId",
                    Mode::Optional,
                    "The server that it runs on, if it is not Dokploy's own.",
                )
                .modified(NEW),
                attribute(
                    "application_status",
                    "applicationStatus",
                    Mode::Computed,
                    "Whether it runs: `idle`, `running`, `done` or `error`.",
                )
                .modified(KEPT),
                deploy_on_change(),
                wait_for(),
                wait_timeout(),
                $($attribute),*
            ],
            notes: PASSWORD_NOTE,
            example: $example,
            import: Import::Id,
        };
    };
}

engine!(
    POSTGRES_OBJECT, POSTGRES, "postgres", "postgresId", "PostgreSQL", "dokploy_postgres",
    fields: [fixed(text("databaseName")), fixed(text("databaseUser"))],
    updated: [],
    attributes: [own_app_name(), database_name(), database_user()],
    example: r#"resource "dokploy_postgres" "shop" {
  name              = "shop"
  app_name          = "shop-db"
  environment_id    = dokploy_environment.staging.id
  database_name     = "shop"
  database_user     = "shop"
  database_password = var.db_password
  docker_image      = "postgres:17"
}"#
);

engine!(
    MYSQL_OBJECT, MYSQL, "mysql", "mysqlId", "MySQL", "dokploy_mysql",
    fields: [fixed(text("databaseName")), fixed(text("databaseUser")), text("databaseRootPassword").secret()],
    updated: ["databaseRootPassword"],
    attributes: [own_app_name(), database_name(), database_user(), root_password()],
    example: r#"resource "dokploy_mysql" "shop" {
  name                   = "shop"
  app_name               = "shop-db"
  environment_id         = dokploy_environment.staging.id
  database_name          = "shop"
  database_user          = "shop"
  database_password      = var.db_password
  database_root_password = var.db_root_password
}"#
);

engine!(
    MARIADB_OBJECT, MARIADB, "mariadb", "mariadbId", "MariaDB", "dokploy_mariadb",
    fields: [fixed(text("databaseName")), fixed(text("databaseUser")), text("databaseRootPassword").secret()],
    updated: ["databaseRootPassword"],
    attributes: [own_app_name(), database_name(), database_user(), root_password()],
    example: r#"resource "dokploy_mariadb" "shop" {
  name                   = "shop"
  app_name               = "shop-db"
  environment_id         = dokploy_environment.staging.id
  database_name          = "shop"
  database_user          = "shop"
  database_password      = var.db_password
  database_root_password = var.db_root_password
}"#
);

engine!(
    MONGO_OBJECT, MONGO, "mongo", "mongoId", "MongoDB", "dokploy_mongo",
    fields: [fixed(text("databaseUser")), flag("replicaSets")],
    updated: ["replicaSets"],
    attributes: [
        own_app_name(),
        database_user(),
        attribute("replica_sets", "replicaSets", Mode::OptionalComputed, "Whether it runs as a replica set.")
            .default(Literal::Flag(false))
    ],
    example: r#"resource "dokploy_mongo" "shop" {
  name              = "shop"
  app_name          = "shop-db"
  environment_id    = dokploy_environment.staging.id
  database_user     = "shop"
  database_password = var.db_password
  docker_image      = "mongo:8"
}"#
);

engine!(
    REDIS_OBJECT, REDIS, "redis", "redisId", "Redis", "dokploy_redis",
    fields: [],
    updated: [],
    attributes: [
        // Both name one field: the first is what is sent.
        attribute("app_name_prefix", "appName", Mode::Required, APP_NAME_DOC).modified(NEW),
        attribute(
            "app_name",
            "appName",
            Mode::Computed,
            "The name of its service, with what Dokploy appended.",
        )
        .modified(KEPT)
    ],
    example: r#"resource "dokploy_redis" "cache" {
  name              = "cache"
  app_name_prefix   = "cache"
  environment_id    = dokploy_environment.staging.id
  database_password = var.cache_password
  docker_image      = "redis:8"
}"#
);

/// What Dokploy has. It resets the image and the namespaces where an update leaves them out.
static LIBSQL_OBJECT: Object = Object {
    name: "libsql",
    noun: "libSQL database",
    id: "libsqlId",
    one: "libsql.one",
    create: "libsql.create",
    created: Created::Nothing,
    siblings: Some(Siblings {
        procedure: "environment.one",
        by: "environmentId",
        inside: "libsql",
    }),
    updates: &[Call {
        procedure: "libsql.update",
        form: Form::Whole,
        fields: &[
            "name",
            "description",
            "databaseUser",
            "databasePassword",
            "sqldNode",
            "sqldPrimaryUrl",
            "enableNamespaces",
            "dockerImage",
            "command",
            "env",
            "memoryReservation",
            "memoryLimit",
            "cpuReservation",
            "cpuLimit",
            "externalPort",
            "externalGRPCPort",
            "externalAdminPort",
            "replicas",
        ],
    }],
    remove: "libsql.remove",
    fields: &[
        text("name"),
        APP_NAME,
        text("description")
            .unset(Unset::Null, Unset::Null)
            .same(Same::EmptyIsNull),
        fixed(text("environmentId")),
        text("serverId")
            .unset(Unset::Null, Unset::NotTaken)
            .same(Same::EmptyIsNull),
        text("databaseUser"),
        text("databasePassword").secret(),
        text("sqldNode"),
        text("sqldPrimaryUrl")
            .unset(Unset::Null, Unset::Null)
            .same(Same::EmptyIsNull),
        flag("enableNamespaces"),
        text("dockerImage"),
        tuning("command"),
        tuning("env"),
        tuning("memoryReservation"),
        tuning("memoryLimit"),
        tuning("cpuReservation"),
        tuning("cpuLimit"),
        EXTERNAL_PORT,
        whole("externalGRPCPort").unset(Unset::NotTaken, Unset::Null),
        whole("externalAdminPort").unset(Unset::NotTaken, Unset::Null),
        REPLICAS,
        text("applicationStatus").read_only(),
        text("createdAt").read_only(),
        DEPLOY_ON_CHANGE,
        WAIT_FOR,
        WAIT_TIMEOUT,
    ],
    deploys: Some(&Deploys {
        procedure: "libsql.deploy",
        history: None,
        status: "applicationStatus",
        containers: "swarm",
        output: Some("libsql.readLogs"),
        idle: &["name", "description"],
    }),
    since: Some(V0_30),
    ..Object::PLAIN
};

/// `dokploy_libsql`, which the published provider lacks.
pub static LIBSQL: Resource = Resource {
    kind: "dokploy_libsql",
    object: &LIBSQL_OBJECT,
    doc: "A libSQL database.",
    title: "libSQL instance",
    attributes: &[
        attribute("id", "libsqlId", Mode::Computed, ID_DOC).modified(KEPT),
        attribute("name", "name", Mode::Required, "The name shown in Dokploy."),
        own_app_name(),
        attribute(
            "environment_id",
            "environmentId",
            Mode::Required,
            "The environment that it is in: the id of a `dokploy_environment`.",
        )
        .modified(NEW),
        attribute(
            "database_user",
            "databaseUser",
            Mode::Required,
            "The user of the database.",
        ),
        attribute(
            "database_password",
            "databasePassword",
            Mode::Required,
            "The password of the user.",
        )
        .sensitive(),
        attribute(
            "description",
            "description",
            Mode::Optional,
            "A note for people.",
        ),
        attribute(
            "docker_image",
            "dockerImage",
            Mode::OptionalComputed,
            "The image to run, with its tag.",
        )
        .default(Literal::Text(
            "ghcr.io/tursodatabase/libsql-server:v0.24.32",
        )),
        attribute(
            "sqld_node",
            "sqldNode",
            Mode::OptionalComputed,
            "Whether it is written to (`primary`), or follows another (`replica`).",
        )
        .default(Literal::Text("primary"))
        .one_of(&["primary", "replica"]),
        attribute(
            "sqld_primary_url",
            "sqldPrimaryUrl",
            Mode::Optional,
            "The URL of the one that a replica follows.",
        ),
        attribute(
            "enable_namespaces",
            "enableNamespaces",
            Mode::OptionalComputed,
            "Whether it holds several databases.",
        )
        .default(Literal::Flag(false)),
        attribute(
            "command",
            "command",
            Mode::Optional,
            "Replaces the command of the image.",
        ),
        attribute(
            "env",
            "env",
            Mode::Optional,
            "Environment variables, one `NAME=value` a line.",
        ),
        attribute(
            "memory_reservation",
            "memoryReservation",
            Mode::Optional,
            "The memory that it is guaranteed.",
        ),
        attribute(
            "memory_limit",
            "memoryLimit",
            Mode::Optional,
            "The most memory that it may use.",
        ),
        attribute(
            "cpu_reservation",
            "cpuReservation",
            Mode::Optional,
            "The share of processors that it is guaranteed.",
        ),
        attribute(
            "cpu_limit",
            "cpuLimit",
            Mode::Optional,
            "The biggest share of processors that it may use.",
        ),
        attribute(
            "external_port",
            "externalPort",
            Mode::Optional,
            "The port under which it can be reached from outside, if it can.",
        ),
        attribute(
            "external_grpc_port",
            "externalGRPCPort",
            Mode::Optional,
            "The same, for gRPC.",
        ),
        attribute(
            "external_admin_port",
            "externalAdminPort",
            Mode::Optional,
            "The same, for its administration.",
        ),
        attribute(
            "replicas",
            "replicas",
            Mode::OptionalComputed,
            "How many containers run.",
        )
        .modified(KEPT),
        attribute(
            "server_id",
            "serverId",
            Mode::Optional,
            "The server that it runs on, if it is not Dokploy's own.",
        )
        .modified(NEW),
        attribute(
            "application_status",
            "applicationStatus",
            Mode::Computed,
            "Whether it runs: `idle`, `running`, `done` or `error`.",
        )
        .modified(KEPT),
        deploy_on_change(),
        wait_for(),
        wait_timeout(),
    ],
    notes: PASSWORD_NOTE,
    example: r#"resource "dokploy_libsql" "edge" {
  name              = "edge"
  app_name          = "edge-db"
  environment_id    = dokploy_environment.staging.id
  database_user     = "edge"
  database_password = var.db_password
}"#,
    import: Import::Id,
};
