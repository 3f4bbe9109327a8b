//! How the older version differs.

use dokploy_sim::{Settings, Sim, Version};
use serde_json::json;

use crate::support::{get, post};

#[tokio::test]
async fn the_older_version_demands_less_and_says_less() {
    let sim = Sim::new(Settings::for_tests(Version::V0_26_5));
    let server = json!({
        "name": "s", "ipAddress": "192.0.2.1", "port": 22, "username": "root", "sshKeyId": null,
        "serverType": "deploy",
    });
    let created = post(&sim, "server.create", &server).await;
    assert_eq!(created.status, 200);
    assert_eq!(created.value()["description"], json!(null));
    assert_eq!(created.value().get("buildsConcurrency"), None);
    let missing = get(&sim, "registry.one", "registryId=nope").await;
    assert_eq!(
        missing.value(),
        json!({"message": "Registry not found", "code": "NOT_FOUND"})
    );
    let unknown = get(&sim, "registry.nope", "").await;
    assert_eq!(
        unknown.value(),
        json!({"message": "Not found", "code": "NOT_FOUND"})
    );
    let invalid = post(&sim, "registry.create", &json!({})).await.value();
    assert_eq!(
        (&invalid["message"], invalid.get("data")),
        (&json!("Input validation failed"), None)
    );
    assert_eq!(
        get(&sim, "settings.getDokployVersion", "").await.value(),
        json!("v0.26.5")
    );
}

#[tokio::test]
async fn what_the_older_version_kept_can_be_loaded_by_the_newer() {
    let sim = Sim::new(Settings::for_tests(Version::V0_26_5));
    sim.insert("server", json!({"name": "s"})).unwrap();
    let newer = Sim::load(Settings::for_tests(Version::V0_30_2), &sim.save()).unwrap();
    assert_eq!(newer.rows("server")[0]["buildsConcurrency"], json!(1));
}

#[tokio::test]
async fn the_older_version_deletes_environments_with_all_that_is_in_them() {
    for (version, status, left) in [(Version::V0_26_5, 200, 0), (Version::V0_30_2, 400, 1)] {
        let sim = Sim::new(Settings::for_tests(version));
        let project = post(&sim, "project.create", &json!({"name": "p"}))
            .await
            .value();
        let input = json!({"name": "e", "projectId": project["project"]["projectId"]});
        let environment =
            post(&sim, "environment.create", &input).await.value()["environmentId"].clone();
        let input = json!({"name": "a", "environmentId": environment});
        assert_eq!(post(&sim, "application.create", &input).await.status, 200);
        let removed = post(
            &sim,
            "environment.remove",
            &json!({"environmentId": environment}),
        )
        .await;
        assert_eq!(
            (removed.status, sim.rows("application").len()),
            (status, left),
            "{version}"
        );
    }
}
