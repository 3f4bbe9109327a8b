//! PostgreSQL databases.

use crate::db::Row;
use crate::field::{Field, boolean, number, object, objects, one_of, text, texts};
use crate::procedure::{Procedure, mutation, query};
use crate::routers::database::{self, Engine, procedures};
use crate::routers::{Router, router, service};
use crate::schema::{OnDelete, Spec, column, created_at, id, table};
use crate::settings::Version;

const TABLES: &[&Spec] = &[&POSTGRES];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static ENGINE: Engine = Engine {
    table: &POSTGRES,
    label: "Postgres",
    update_error: "Error updating Postgres",
    mount_path: |row: &Row| {
        // Since version 18 the image keeps its data under the version.
        let image = crate::db::text(row, "dockerImage");
        let tag = image.rsplit_once(':').map_or("", |(_, tag)| tag);
        let major = tag
            .split(|it: char| !it.is_ascii_digit())
            .next()
            .unwrap_or_default();
        match major.parse::<u32>() {
            Ok(major) if major >= 18 => format!("/var/lib/postgresql/{major}/docker"),
            _ => "/var/lib/postgresql/data".to_owned(),
        }
    },
    passwords: &["databasePassword"],
    has_backups: true,
};

pub(crate) static POSTGRES: Spec = table(
    "postgres",
    &[
        id("postgresId"),
        column("name"),
        column("appName"),
        column("databaseName"),
        column("databaseUser"),
        column("databasePassword"),
        column("description"),
        column("dockerImage"),
        column("command"),
        column("args"),
        column("env"),
        column("memoryReservation"),
        column("externalPort").int(),
        column("memoryLimit"),
        column("cpuReservation"),
        column("cpuLimit"),
        column("applicationStatus").or("\"idle\""),
        column("healthCheckSwarm"),
        column("restartPolicySwarm"),
        column("placementSwarm"),
        column("updateConfigSwarm"),
        column("rollbackConfigSwarm"),
        column("modeSwarm"),
        column("labelsSwarm"),
        column("networkSwarm"),
        column("stopGracePeriodSwarm"),
        column("endpointSpecSwarm"),
        column("ulimitsSwarm").since(Version::V0_30_2),
        column("replicas").or("1").int(),
        created_at(),
        column("environmentId").points_to("environment", OnDelete::Cascade),
        column("serverId").points_to("server", OnDelete::Cascade),
        column("networkIds").or("[]").since(Version::V0_30_2),
        column("detachDokployNetwork")
            .or("false")
            .since(Version::V0_30_2),
    ],
);

const CREATE: &[Field] = &[
    text("name").min(1),
    text("appName").until(Version::V0_30_2),
    text("appName")
        .min(1)
        .max(63)
        .pattern(&service::APP_NAME)
        .optional()
        .since(Version::V0_30_2),
    text("databaseName").min(1),
    text("databaseUser").min(1),
    text("databasePassword").pattern(&database::PASSWORD),
    text("dockerImage").default("\"postgres:18\""),
    text("environmentId"),
    text("description").nullable().optional(),
    text("serverId").nullable().optional(),
];

const UPDATE: &[Field] = &[
    text("postgresId").min(1),
    text("name").min(1).optional(),
    text("appName")
        .min(1)
        .max(63)
        .pattern(&service::APP_NAME)
        .optional(),
    text("databaseName").min(1).optional(),
    text("databaseUser").min(1).optional(),
    text("databasePassword")
        .pattern(&database::PASSWORD)
        .optional(),
    text("description").nullable().optional(),
    text("dockerImage").optional(),
    text("command").nullable().optional(),
    texts("args").nullable().optional().since(Version::V0_30_2),
    text("env").nullable().optional(),
    text("memoryReservation").nullable().optional(),
    number("externalPort").nullable().coerced().optional(),
    text("memoryLimit").nullable().optional(),
    text("cpuReservation").nullable().optional(),
    text("cpuLimit").nullable().optional(),
    one_of("applicationStatus", &["idle", "running", "done", "error"]).optional(),
    object(
        "healthCheckSwarm",
        &["Test", "Interval", "Timeout", "StartPeriod", "Retries"],
    )
    .nullable()
    .optional(),
    object(
        "restartPolicySwarm",
        &["Condition", "Delay", "MaxAttempts", "Window"],
    )
    .nullable()
    .optional(),
    object(
        "placementSwarm",
        &["Constraints", "Preferences", "MaxReplicas", "Platforms"],
    )
    .nullable()
    .optional(),
    object(
        "updateConfigSwarm",
        &[
            "Parallelism",
            "Delay",
            "FailureAction",
            "Monitor",
            "MaxFailureRatio",
            "Order",
        ],
    )
    .nullable()
    .optional(),
    object(
        "rollbackConfigSwarm",
        &[
            "Parallelism",
            "Delay",
            "FailureAction",
            "Monitor",
            "MaxFailureRatio",
            "Order",
        ],
    )
    .nullable()
    .optional(),
    object(
        "modeSwarm",
        &["Replicated", "Global", "ReplicatedJob", "GlobalJob"],
    )
    .nullable()
    .optional(),
    object("labelsSwarm", &[]).nullable().optional(),
    objects("networkSwarm").nullable().optional(),
    number("stopGracePeriodSwarm")
        .nullable()
        .coerced()
        .optional(),
    object("endpointSpecSwarm", &["Mode", "Ports"])
        .nullable()
        .optional(),
    objects("ulimitsSwarm")
        .nullable()
        .optional()
        .since(Version::V0_30_2),
    number("replicas").coerced().optional(),
    text("createdAt").optional(),
    text("environmentId").optional(),
    texts("networkIds")
        .nullable()
        .optional()
        .since(Version::V0_30_2),
    boolean("detachDokployNetwork")
        .coerced()
        .optional()
        .since(Version::V0_30_2),
];

const PORT: &[Field] = &[
    text("postgresId"),
    number("externalPort").nullable().coerced(),
];
const PASSWORD: &[Field] = &[text("postgresId").min(1), text("password").min(1)];

const PROCEDURES: &[Procedure] = procedures!(
    "postgres",
    "postgresId",
    CREATE,
    UPDATE,
    [
        mutation(
            "postgres.saveExternalPort",
            PORT,
            database::save_external_port
        ),
        mutation(
            "postgres.changePassword",
            PASSWORD,
            database::change_password
        )
        .since(Version::V0_30_2),
        query("postgres.search", service::SEARCH, database::search).since(Version::V0_30_2),
    ]
);
