//! What the tests share.

use std::path::PathBuf;

use dokploy_sim::{Lost, Request, Response, Settings, Sim, Version};
use serde_json::Value;

/// A file or directory of the recordings in the repository.
pub(crate) fn testdata(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../testdata/dokploy")
        .join(path)
}

pub(crate) fn new_sim() -> Sim {
    Sim::new(Settings::for_tests(Version::V0_30_2))
}

/// The reply to a GET with the administrator's key.
pub(crate) async fn get(sim: &Sim, procedure: &str, query: &str) -> Response {
    try_send(sim, Request::get(&format!("/api/{procedure}"), query))
        .await
        .unwrap()
}

/// The reply to a POST with the administrator's key.
pub(crate) async fn post(sim: &Sim, procedure: &str, input: &Value) -> Response {
    try_send(sim, Request::post(&format!("/api/{procedure}"), input))
        .await
        .unwrap()
}

pub(crate) async fn try_send(sim: &Sim, request: Request) -> Result<Response, Lost> {
    sim.handle(request.with_key("test-key")).await
}
