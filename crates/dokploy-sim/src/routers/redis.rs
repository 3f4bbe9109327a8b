//! Redis databases: no user, no backups.

use crate::db::Row;
use crate::field::{Field, boolean, number, object, objects, one_of, text, texts};
use crate::procedure::{Procedure, mutation, query};
use crate::routers::database::{self, Engine, procedures};
use crate::routers::{Router, router, service};
use crate::schema::{OnDelete, Spec, column, created_at, id, table};
use crate::settings::Version;

const TABLES: &[&Spec] = &[&REDIS];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static ENGINE: Engine = Engine {
    table: &REDIS,
    label: "Redis",
    update_error: "Error updating Redis",
    mount_path: |_: &Row| "/data".to_owned(),
    passwords: &["databasePassword"],
    has_backups: false,
};

pub(crate) static REDIS: Spec = table(
    "redis",
    &[
        id("redisId"),
        column("name"),
        column("appName"),
        column("description"),
        column("databasePassword"),
        column("dockerImage"),
        column("command"),
        column("args"),
        column("env"),
        column("memoryReservation"),
        column("memoryLimit"),
        column("cpuReservation"),
        column("cpuLimit"),
        column("externalPort").int(),
        created_at(),
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
    text("appName").min(1).until(Version::V0_30_2),
    text("appName")
        .min(1)
        .max(63)
        .pattern(&service::APP_NAME)
        .optional()
        .since(Version::V0_30_2),
    text("databasePassword"),
    text("dockerImage").default("\"redis:8\""),
    text("environmentId"),
    text("description").nullable().optional(),
    text("serverId").nullable().optional(),
];

const UPDATE: &[Field] = &[
    text("redisId").min(1),
    text("name").min(1).optional(),
    text("appName")
        .min(1)
        .max(63)
        .pattern(&service::APP_NAME)
        .optional(),
    text("description").nullable().optional(),
    text("databasePassword").optional(),
    text("dockerImage").optional(),
    text("command").nullable().optional(),
    texts("args").nullable().optional().since(Version::V0_30_2),
    text("env").nullable().optional(),
    text("memoryReservation").nullable().optional(),
    text("memoryLimit").nullable().optional(),
    text("cpuReservation").nullable().optional(),
    text("cpuLimit").nullable().optional(),
    number("externalPort").nullable().coerced().optional(),
    text("createdAt").optional(),
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

const PORT: &[Field] = &[text("redisId"), number("externalPort").nullable().coerced()];
const PASSWORD: &[Field] = &[text("redisId").min(1), text("password").min(1)];

const PROCEDURES: &[Procedure] = procedures!(
    "redis",
    "redisId",
    CREATE,
    UPDATE,
    [
        mutation("redis.saveExternalPort", PORT, database::save_external_port),
        mutation("redis.changePassword", PASSWORD, database::change_password)
            .since(Version::V0_30_2),
        query("redis.search", service::SEARCH, database::search).since(Version::V0_30_2),
    ]
);
