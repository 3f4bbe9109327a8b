//! libSQL databases, which creating tells no id of.

use crate::db::Row;
use crate::field::{Field, boolean, number, object, objects, one_of, text, texts};
use crate::procedure::{Procedure, mutation};
use crate::routers::database::{self, Engine, procedures};
use crate::routers::{Router, router, service};
use crate::schema::{OnDelete, Spec, column, created_at, id, table};
use crate::settings::Version;

const TABLES: &[&Spec] = &[&LIBSQL];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES).since(Version::V0_30_2);

pub(crate) static ENGINE: Engine = Engine {
    table: &LIBSQL,
    label: "Libsql",
    update_error: "Error updating Libsql",
    mount_path: |_: &Row| "/var/lib/sqld".to_owned(),
    passwords: &["databasePassword"],
    has_backups: true,
};

pub(crate) static LIBSQL: Spec = table(
    "libsql",
    &[
        id("libsqlId"),
        column("name"),
        column("appName"),
        column("description"),
        column("databaseUser"),
        column("databasePassword"),
        column("sqldNode").or("\"primary\""),
        column("sqldPrimaryUrl"),
        column("enableNamespaces").or("false"),
        column("dockerImage"),
        column("command"),
        column("env"),
        column("memoryReservation"),
        column("memoryLimit"),
        column("cpuReservation"),
        column("cpuLimit"),
        column("externalPort").int(),
        column("externalGRPCPort").int(),
        column("externalAdminPort").int(),
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
        column("replicas").or("1").int(),
        column("networkIds").or("[]"),
        column("detachDokployNetwork").or("false"),
        created_at(),
        column("environmentId").points_to("environment", OnDelete::Cascade),
        column("serverId").points_to("server", OnDelete::Cascade),
    ],
);

const CREATE: &[Field] = &[
    text("name").min(1),
    text("appName")
        .min(1)
        .pattern(&service::APP_NAME)
        .nonoptional(),
    text("dockerImage").default("\"ghcr.io/tursodatabase/libsql-server:v0.24.32\""),
    text("environmentId"),
    text("description").nullable().nonoptional(),
    text("databaseUser").min(1),
    text("databasePassword").pattern(&database::PASSWORD),
    one_of("sqldNode", &["primary", "replica"]).nonoptional(),
    text("sqldPrimaryUrl").nullable().nonoptional(),
    boolean("enableNamespaces").coerced().default("false"),
    text("serverId").nullable().nonoptional(),
];

const UPDATE: &[Field] = &[
    text("libsqlId").min(1),
    text("name").min(1).optional(),
    text("appName")
        .min(1)
        .pattern(&service::APP_NAME)
        .optional(),
    text("description").nullable().optional(),
    text("databaseUser").min(1).optional(),
    text("databasePassword")
        .pattern(&database::PASSWORD)
        .optional(),
    one_of("sqldNode", &["primary", "replica"]).optional(),
    text("sqldPrimaryUrl").nullable().optional(),
    boolean("enableNamespaces").coerced().default("false"),
    text("dockerImage").default("\"ghcr.io/tursodatabase/libsql-server:v0.24.32\""),
    text("command").nullable().optional(),
    text("env").nullable().optional(),
    text("memoryReservation").nullable().optional(),
    text("memoryLimit").nullable().optional(),
    text("cpuReservation").nullable().optional(),
    text("cpuLimit").nullable().optional(),
    number("externalPort").nullable().coerced().optional(),
    number("externalGRPCPort").nullable().coerced().optional(),
    number("externalAdminPort").nullable().coerced().optional(),
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
    number("replicas").coerced().optional(),
    texts("networkIds").nullable().optional(),
    boolean("detachDokployNetwork").coerced().optional(),
    text("createdAt").optional(),
    text("environmentId").optional(),
];

const PORTS: &[Field] = &[
    text("libsqlId"),
    number("externalPort").nullable().coerced().optional(),
    number("externalGRPCPort").nullable().coerced().optional(),
    number("externalAdminPort").nullable().coerced().optional(),
];

const PROCEDURES: &[Procedure] = procedures!(
    "libsql",
    "libsqlId",
    CREATE,
    UPDATE,
    [mutation(
        "libsql.saveExternalPorts",
        PORTS,
        database::save_external_port
    )]
);
