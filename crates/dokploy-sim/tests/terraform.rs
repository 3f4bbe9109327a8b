//! Replays the requests that Terraform sent in the recorded sessions: the replies must be the same, byte for byte.
//! What the sessions changed behind Terraform's back is not in the recordings, so it is written down here.

use dokploy_sim::{Request, Settings, Sim, Version};
use serde_json::{Value, json};

use crate::support::{testdata, try_send};

/// What happens before the nth request (from 0) of a session.
type Interlude = (usize, fn(&Sim));

async fn check(session: &str, version: Version, interludes: &[Interlude]) {
    let sim = Sim::new(Settings::for_terraform_recordings(version));
    let path = testdata(&format!("terraform/{session}/requests.jsonl"));
    let text = std::fs::read_to_string(path).unwrap();
    for (n, line) in text.lines().enumerate() {
        for (_, happens) in interludes.iter().filter(|it| it.0 == n) {
            happens(&sim);
        }
        let exchange: Value = serde_json::from_str(line).unwrap();
        let string = |name: &str| exchange[name].as_str().unwrap();
        let (path, query) = string("path")
            .split_once('?')
            .unwrap_or((string("path"), ""));
        let request = match string("method") {
            "GET" => Request::get(path, query),
            _ => Request::post(path, &serde_json::from_str(string("body")).unwrap()),
        };
        let response = try_send(&sim, request).await.unwrap();
        let body = String::from_utf8(response.body).unwrap();
        let at = format!(
            "{session}, request {n}: {} {}",
            string("method"),
            string("path")
        );
        assert_eq!(
            Some(u64::from(response.status)),
            exchange["status"].as_u64(),
            "{at}: {body}"
        );
        if path != "/api/user.get" && !string("response").contains("Input validation failed") {
            assert_eq!(body, string("response"), "{at}");
        }
    }
}

const NEW: Version = Version::V0_30_2;
const OLD: Version = Version::V0_26_5;

#[tokio::test]
async fn sessions_without_interference() {
    for session in [
        "registry-color",
        "registry-import-errors",
        "registry-import",
        "registry-json-ui",
        "registry-module-foreach",
        "registry-server-id",
        "registry-server_id-remove",
        "server-cbd-replace",
        "server-description-remove",
        "server-no-description-v0.30.2",
        "ssh_key-description-remove",
        "ssh_key-env-unknown-from-other",
        "ssh_key-server-import",
        "ssh_key-server-unreachable-port-404x",
    ] {
        check(session, NEW, &[]).await;
    }
    check("server-no-description-v0.26.5", OLD, &[]).await;
}

#[tokio::test]
async fn objects_deleted_out_of_band() {
    let registry = |sim: &Sim| assert!(sim.delete("registry", "registry0000000000001"));
    check("registry-deleted-out-of-band", NEW, &[(1, registry)]).await;
    let key = |sim: &Sim| assert!(sim.delete("sshKey", "sshkey000000000000001"));
    check("ssh_key-deleted-out-of-band-v0.26.5", OLD, &[(4, key)]).await;
    check("ssh_key-deleted-out-of-band-v0.30.2", NEW, &[(4, key)]).await;
}

#[tokio::test]
async fn drift() {
    check(
        "registry-lifecycle",
        NEW,
        &[(9, |sim| {
            assert!(sim.edit(
                "registry",
                "registry0000000000001",
                json!({"username": "someone-else"})
            ));
        })],
    )
    .await;
    check(
        "server-ssh_key-lifecycle",
        NEW,
        &[
            (33, |sim| {
                edit_server(sim, json!({"serverStatus": "inactive"}));
            }),
            (34, |sim| {
                edit_server(
                    sim,
                    json!({"serverStatus": "active", "ipAddress": "192.0.2.99"}),
                );
            }),
            (38, |sim| {
                assert!(sim.delete("server", "server000000000000001"));
            }),
        ],
    )
    .await;
}

fn edit_server(sim: &Sim, patch: Value) {
    assert!(sim.edit("server", "server000000000000001", patch));
}

#[tokio::test]
async fn errors() {
    let sim = Sim::new(Settings::for_terraform_recordings(NEW));
    let request = Request::post("/api/registry.create", &json!({})).with_key("wrong");
    let response = sim.handle(request).await.unwrap();
    assert_eq!(
        (response.status, response.value()),
        (401, json!({"message": "Unauthorized"}))
    );
    let response = try_send(&sim, Request::post("/registry.create", &json!({})))
        .await
        .unwrap();
    let page = "<!DOCTYPE html><html><title>404: This page could not be found</title></html>";
    assert_eq!(
        (response.status, response.body.as_slice()),
        (404, page.as_bytes())
    );
}
