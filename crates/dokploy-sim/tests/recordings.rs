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
    projects_and_applications(&mut replay).await;
    databases(&mut replay).await;
    parts_of_applications(&mut replay).await;
    backups_and_schedules(&mut replay).await;
    git_providers(&mut replay).await;
    replay.run("tag", 0..=18, &[]).await;
    replay.run("ai", 0..=14, &[]).await;
    notifications(&mut replay).await;
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
    replay.run("network", 0..=7, &[]).await;
    replay.run("patch", 0..=8, &[]).await;
    for file in ["customRole", "dnsProvider", "vaultProvider"] {
        replay.run(file, 0..=0, &[]).await;
    }
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
    replay.run("_auth", 18..=27, &[]).await;
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
    replay.run("_auth", 33..=40, &[(33, cookie)]).await;
    replay.use_main_key();
    replay.run("_auth", 41..=44, &[]).await;
    let moved = "rows that were changed move in the database, in a way that is not pretended";
    let random = "what is generated is random";
    replay
        .run(
            "_misc",
            0..=17,
            &[
                (2, moved),
                (5, moved),
                (13, moved),
                (15, random),
                (17, random),
            ],
        )
        .await;
    finish(&replay, 858);
}

async fn projects_and_applications(replay: &mut Replay) {
    replay.run("project", 0..=16, &[]).await;
    replay.run("environment", 0..=19, &[]).await;
    replay.run("registry_in_use", 0..=0, &[]).await;
    replay.run("application", 0..=61, &[]).await;
    replay.run("server_in_use", 0..=0, &[]).await;
    replay.run("environment", 20..=20, &[]).await;
    replay.run("application", 62..=62, &[]).await;
    replay.run("registry_in_use", 1..=2, &[]).await;
    replay.run("application", 63..=69, &[]).await;
    let environment = replay.id("R_5V4R4MG7RnQ7W-9_u5W");
    for _ in 0..20 {
        post(
            &replay.sim,
            "application.create",
            &json!({"name": "par", "environmentId": environment}),
        )
        .await;
        post(&replay.sim, "project.create", &json!({"name": "par"})).await;
    }
    replay.run("project", 18..=19, &[]).await;
    replay.run("application", 71..=71, &[]).await;
    replay.run("project", 20..=20, &[]).await;
    replay.run("application", 72..=72, &[]).await;
    replay.run("project", 21..=21, &[]).await;
}

async fn databases(replay: &mut Replay) {
    replay
        .run("compose", 0..=30, &[(19, "needs a reader of YAML")])
        .await;
    for (file, last) in [
        ("postgres", 29),
        ("mysql", 30),
        ("mariadb", 30),
        ("mongo", 30),
        ("redis", 29),
    ] {
        replay.run(file, 0..=last, &[]).await;
    }
    replay.run("libsql", 0..=0, &[]).await;
    replay.learn("bVrhSaa49POkWMbA5xt_n", "libsql", 0, "libsqlId");
    let moved = "rows that were changed move in the database, in a way that is not pretended";
    replay.run("libsql", 1..=26, &[(1, moved)]).await;
    replay.learn("DVxz7lvNv7SOK2XMjBqSb", "libsql", 2, "libsqlId");
    replay.run("libsql", 27..=28, &[]).await;
}

async fn parts_of_applications(replay: &mut Replay) {
    replay.run("domain", 0..=29, &[(26, "a random host")]).await;
    replay.run("mounts", 0..=22, &[]).await;
    replay.run("port", 0..=14, &[]).await;
    // Redirects and names in front of applications are created without an answer of their ids.
    replay.run("redirects", 0..=5, &[]).await;
    replay.learn("h2drPl_oD3o6orq87Gdva", "redirect", 0, "redirectId");
    replay.run("redirects", 7..=13, &[]).await;
    replay.run("security", 0..=3, &[]).await;
    replay.learn("cm-iDIxVDyV5vX1GztoWC", "security", 0, "securityId");
    replay.run("security", 5..=11, &[]).await;
}

async fn backups_and_schedules(replay: &mut Replay) {
    replay
        .run("destination", 0..=12, &[(6, "the command line of rclone")])
        .await;
    replay.run("backup", 0..=5, &[]).await;
    replay.learn("WMUtE0jYpSKle1ARIXfmF", "backup", 0, "backupId");
    replay.run("backup", 7..=11, &[]).await;
    replay.run("destination", 13..=13, &[]).await;
    replay.run("backup", 12..=14, &[]).await;
    replay.run("destination", 14..=15, &[]).await;
    replay.run("volumeBackups", 0..=12, &[]).await;
    replay.run("schedule", 0..=11, &[]).await;
    replay.run("certificates", 0..=18, &[]).await;
}

async fn notifications(replay: &mut Replay) {
    replay.run("notification", 0..=8, &[]).await;
    replay.run("notification", 9..=22, &[]).await;
}

async fn git_providers(replay: &mut Replay) {
    replay.run("gitProvider", 0..=0, &[]).await;
    replay.run("gitlab", 0..=2, &[]).await;
    replay.run("gitea", 0..=2, &[]).await;
    replay.run("bitbucket", 0..=2, &[]).await;
    replay.run("gitProvider", 1..=1, &[]).await;
    replay.run("gitlab", 3..=7, &[]).await;
    replay.run("gitea", 3..=6, &[]).await;
    replay.run("bitbucket", 3..=6, &[]).await;
    replay.run("github", 0..=1, &[]).await;
    replay.run("gitProvider", 3..=7, &[]).await;
}

/// What is accepted depends on what was called before.
#[tokio::test]
async fn order_of_calls() {
    let mut replay = Replay::new();
    replay.learn("SxjbTNSQW1y0WINvG-ynk", "organization", 0, "id");
    replay.run("_coercion_order", 0..=24, &[]).await;
    finish(&replay, 25);
}

#[tokio::test]
async fn probes() {
    let mut replay = Replay::new();
    replay.learn("SxjbTNSQW1y0WINvG-ynk", "organization", 0, "id");
    replay.learn("n1OIyIVDFJZATEGZt19GKAhclzBKXl2i", "user", 0, "id");
    let others = "lists what was there before";
    for _ in 0..49 {
        // Uses up a number.
        post(
            &replay.sim,
            "domain.create",
            &json!({"host": "x", "applicationId": "nope"}),
        )
        .await;
    }
    replay.run("_probes", 0..=50, &[(48, others)]).await;
    replay.use_key_named("dflt");
    for _ in 0..5 {
        replay.get("tag.all").await;
    }
    replay.run("_probes", 56..=58, &[]).await;
    replay.use_main_key();
    replay.run("_probes", 59..=65, &[]).await;
    finish(&replay, 60);
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
