//! The recorded exchanges, in the order in which they happened.

use serde_json::json;

use crate::replay::Replay;
use crate::support::post;

/// What the stories below compare in all. The number is here so that they cannot shrink unnoticed.
#[track_caller]
fn finish(replay: &Replay, n_compared: usize) {
    let differences = replay.differences.join("\n");
    assert!(
        replay.differences.is_empty(),
        "{} differences:\n{differences}",
        replay.differences.len()
    );
    assert_eq!(replay.n_compared, n_compared, "exchanges compared");
}

#[tokio::test]
async fn protocol() {
    let mut replay = Replay::new();
    let left_out = [
        (44, "not pretended: the web interface's own form of the API"),
        (45, "not pretended: the web interface's own form of the API"),
        (49, "replies are not compressed"),
    ];
    replay.run("_protocol", 0..=50, &left_out).await;
    finish(&replay, 48);
}

#[tokio::test]
async fn first_day() {
    let mut replay = Replay::new();
    let is_random = "what is generated is random";
    replay
        .run(
            "sshKey",
            0..=31,
            &[(0, is_random), (1, is_random), (2, is_random)],
        )
        .await;
    replay
        .run("server", 0..=38, &[(20, "a script of 18 kB")])
        .await;
    replay.run("sshKey", 32..=32, &[]).await;
    replay.run("server", 39..=39, &[]).await;
    replay.run("sshKey", 33..=34, &[]).await;
    replay.run("server", 40..=40, &[]).await;
    replay.run("registry", 0..=101, &[]).await;
    for registry in replay.sim.rows("registry") {
        assert!(
            replay
                .sim
                .delete("registry", registry["registryId"].as_str().unwrap())
        );
    }
    replay.run("registry", 106..=112, &[]).await;
    let cu = replay.id("ssETUU1KwbfAJH-TsNEaF");
    assert!(
        replay
            .sim
            .edit("registry", &cu, json!({"registryName": "cu14"}))
    );
    replay.run("registry_in_use", 0..=2, &[]).await;
    replay.run("project", 0..=16, &[]).await;
    for _ in 0..20 {
        post(&replay.sim, "project.create", &json!({"name": "par"})).await;
    }
    replay.run("project", 18..=21, &[]).await;
    let services = "needs services, which are not pretended yet";
    replay.run("environment", 0..=20, &[(20, services)]).await;
    replay.run("tag", 0..=18, &[]).await;
    replay.run("organization", 0..=14, &[]).await;

    // What was done between the recordings: another key of the administrator.
    let key = replay.api_key("main");
    replay.sim.insert("apikey", json!({
        "name": "nolimit", "key": "another", "referenceId": key["referenceId"], "rateLimitEnabled": false,
        "organizationId": key["organizationId"],
    }));
    replay.run("user", 0..=15, &[]).await;
    replay.use_key_named("k1");
    replay.run("user", 16..=23, &[]).await;
    replay.use_key_named("k5");
    replay.run("user", 25..=28, &[]).await;
    let deleted = replay.api_key("k1")["key"].clone();
    replay.use_main_key();
    replay.run("user", 30..=30, &[]).await;
    replay.use_key(deleted.as_str().unwrap());
    replay.run("user", 31..=31, &[]).await;
    replay.use_main_key();
    replay.run("user", 32..=32, &[]).await;

    let cookie = "called with a session cookie instead of a key";
    let services = "needs services, which are not pretended yet";
    replay.run("_auth", 0..=0, &[]).await;
    replay.use_key_named("rl");
    replay.run("_auth", 1..=4, &[]).await;
    replay.sim.advance(3_500);
    replay.run("_auth", 5..=5, &[]).await;
    replay.use_main_key();
    replay.run("_auth", 7..=7, &[]).await;
    replay.use_key_named("rl3");
    replay.run("_auth", 8..=10, &[]).await;
    replay.use_main_key();
    replay.run("_auth", 11..=11, &[]).await;
    let id = replay.api_key("exp")["id"].clone();
    assert!(
        replay
            .sim
            .edit("apikey", id.as_str().unwrap(), json!({"expiresAt": 1}))
    );
    replay.use_key_named("exp");
    replay.run("_auth", 12..=12, &[]).await;
    replay.use_main_key();
    replay.run("_auth", 13..=13, &[]).await;
    let id = replay.api_key("dis")["id"].clone();
    assert!(
        replay
            .sim
            .edit("apikey", id.as_str().unwrap(), json!({"enabled": false}))
    );
    replay.use_key_named("dis");
    replay.run("_auth", 14..=14, &[]).await;
    replay.use_main_key();
    replay.run("_auth", 15..=17, &[]).await;
    replay.use_key_named("org2");
    replay
        .run("_auth", 18..=27, &[(22, services), (26, services)])
        .await;
    replay.use_main_key();
    replay.run("_auth", 28..=29, &[]).await;
    replay.use_key_named("org2");
    replay.run("_auth", 30..=30, &[]).await;
    replay.use_main_key();
    replay.run("_auth", 31..=31, &[]).await;
    replay.use_key_named("org2");
    replay.run("_auth", 32..=32, &[]).await;
    let member = replay.id("5rFf-ppflN9Xt1JvHZ77w");
    replay.sim.insert(
        "apikey",
        json!({
            "name": "m", "key": "member-key", "referenceId": member, "rateLimitEnabled": false,
            "organizationId": key["organizationId"],
        }),
    );
    replay.use_key("member-key");
    replay
        .run("_auth", 33..=40, &[(33, cookie), (39, services)])
        .await;
    replay.use_main_key();
    replay.run("_auth", 41..=44, &[]).await;
    finish(&replay, 310);
}

#[tokio::test]
async fn settings() {
    let mut replay = Replay::new();
    replay
        .run(
            "settings",
            0..=8,
            &[(5, "the settings of the web server are not pretended")],
        )
        .await;
    finish(&replay, 8);
}
