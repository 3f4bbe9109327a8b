//! MongoDB databases.

use crate::db::Row;
use crate::field::{Field, boolean, number, object, objects, one_of, text, texts};
use crate::procedure::{Procedure, mutation, query};
use crate::routers::database::{self, Engine, procedures};
use crate::routers::{Router, router, service};
use crate::schema::{OnDelete, Spec, column, created_at, id, table};
use crate::settings::Version;

const TABLES: &[&Spec] = &[&MONGO];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static ENGINE: Engine = Engine {
    table: &MONGO,
    label: "Mongo",
    update_error: "Update: Error updating Mongo",
    mount_path: |_: &Row| "/data/db".to_owned(),
    passwords: &["databasePassword"],
    has_backups: true,
};

pub(crate) static MONGO: Spec = table(
    "mongo",
    &[
        id("mongoId"),
        column("name"),
        column("appName"),
        column("description"),
        column("databaseUser"),
        column("databasePassword"),
        column("dockerImage").or("\"mongo:8\""),
        column("command"),
        column("args"),
        column("env"),
        column("memoryReservation"),
        column("memoryLimit"),
        column("cpuReservation"),
        column("cpuLimit"),
        column("externalPort").int(),
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
        column("replicaSets").or("false"),
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
    text("dockerImage").default("\"mongo:15\""),
    text("environmentId"),
    text("description").nullable().optional(),
    text("databaseUser").min(1),
    text("databasePassword").pattern(&database::PASSWORD),
    text("serverId").nullable().optional(),
    boolean("replicaSets").nullable().coerced().default("false"),
];

const UPDATE: &[Field] = &[
    text("mongoId").min(1),
    text("name").min(1).optional(),
    text("appName")
        .min(1)
        .max(63)
        .pattern(&service::APP_NAME)
        .optional(),
    text("description").nullable().optional(),
    text("databaseUser").min(1).optional(),
    text("databasePassword")
        .pattern(&database::PASSWORD)
        .optional(),
    text("dockerImage").optional(),
    text("command").nullable().optional(),
    texts("args").nullable().optional().since(Version::V0_30_2),
    text("env").nullable().optional(),
    text("memoryReservation").nullable().optional(),
    text("memoryLimit").nullable().optional(),
    text("cpuReservation").nullable().optional(),
    text("cpuLimit").nullable().optional(),
    number("externalPort").nullable().coerced().optional(),
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
    boolean("replicaSets")
        .nullable()
        .coerced()
        .optional()
        .until(Version::V0_30_2),
    boolean("replicaSets")
        .coerced()
        .optional()
        .since(Version::V0_30_2),
    texts("networkIds")
        .nullable()
        .optional()
        .since(Version::V0_30_2),
    boolean("detachDokployNetwork")
        .coerced()
        .optional()
        .since(Version::V0_30_2),
];

const PORT: &[Field] = &[text("mongoId"), number("externalPort").nullable().coerced()];
const PASSWORD: &[Field] = &[text("mongoId").min(1), text("password").min(1)];

const PROCEDURES: &[Procedure] = procedures!(
    "mongo",
    "mongoId",
    CREATE,
    UPDATE,
    [
        mutation("mongo.saveExternalPort", PORT, database::save_external_port),
        mutation("mongo.changePassword", PASSWORD, database::change_password)
            .since(Version::V0_30_2),
        query("mongo.search", service::SEARCH, database::search).since(Version::V0_30_2),
    ]
);
