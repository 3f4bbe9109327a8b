//! Containers: there is no Docker here, and so none of them.

use serde_json::json;

use crate::failure::Failure;
use crate::field::{one_of, text};
use crate::procedure::{Outcome, Procedure, Session, query};
use crate::routers::{Router, router};

pub(crate) const ROUTER: Router = router(&[], PROCEDURES);

const PROCEDURES: &[Procedure] = &[
    query("docker.getContainers", &[text("serverId").optional()], none),
    query(
        "docker.getContainersByAppLabel",
        &[
            text("appName").min(1),
            text("serverId").optional(),
            one_of("type", &["standalone", "swarm"]),
        ],
        none,
    ),
    query(
        "docker.getContainersByAppNameMatch",
        &[
            one_of("appType", &["stack", "docker-compose"]).optional(),
            text("appName").min(1),
            text("serverId").optional(),
        ],
        none,
    ),
    query(
        "docker.getConfig",
        &[text("containerId").min(1), text("serverId").optional()],
        |_| Err(Failure::not_found("Container not found")),
    ),
];

fn none(_: &mut Session<'_>) -> Outcome {
    Ok(json!([]).into())
}
