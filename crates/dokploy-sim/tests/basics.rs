//! The server as a whole: over HTTP, kept in a file.

use std::net::TcpListener;

use dokploy_sim::server::{ServeError, serve};
use dokploy_sim::{Effect, Fault, Settings, Sim, Version, persist};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{get, new_sim, post};

fn registry(name: &str) -> Value {
    json!({
        "registryName": name, "username": "u", "password": "p", "registryUrl": "ghcr.io",
        "registryType": "cloud", "imagePrefix": null,
    })
}

/// All that a connection says after a request.
async fn raw(address: std::net::SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut res = Vec::new();
    // A connection that breaks is an end too.
    let _ = stream.read_to_end(&mut res).await;
    String::from_utf8(res).unwrap()
}

const GET_ALL: &str =
    "GET /api/registry.all HTTP/1.1\r\nhost: x\r\nx-api-key: test-key\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn serves_http_on_loopback() {
    let sim = new_sim();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = serve(sim.clone(), listener).await.unwrap();
    let body = registry("over-http").to_string();
    let request = format!(
        "POST /api/registry.create HTTP/1.1\r\nhost: x\r\nx-api-key: test-key\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let reply = raw(server.address, &request).await;
    assert!(
        reply.starts_with("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"),
        "{reply}"
    );
    let reply = raw(server.address, GET_ALL).await;
    assert!(reply.contains("\"registryName\":\"over-http\""), "{reply}");

    sim.inject(Fault::always("registry.all", Effect::CutBody));
    let reply = raw(server.address, GET_ALL).await;
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    let claimed = head.split("content-length: ").nth(1).unwrap();
    let claimed: usize = claimed.lines().next().unwrap().parse().unwrap();
    assert!(
        !body.is_empty() && body.len() < claimed,
        "{} of {claimed}",
        body.len()
    );
    sim.heal();

    sim.inject(Fault::always("registry.all", Effect::LoseReply));
    assert_eq!(raw(server.address, GET_ALL).await, "");
    sim.heal();
    sim.inject(Fault::always("registry.all", Effect::KillBefore));
    assert_eq!(raw(server.address, GET_ALL).await, "");
    assert_eq!(raw(server.address, GET_ALL).await, "");
    sim.heal();
    assert!(
        raw(server.address, GET_ALL)
            .await
            .starts_with("HTTP/1.1 200")
    );
    server.shutdown().await;
}

#[tokio::test]
async fn serves_on_no_other_address() {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let error = serve(new_sim(), listener).await.unwrap_err();
    assert!(matches!(error, ServeError::NotLoopback(_)));
}

#[tokio::test]
async fn a_sandbox_goes_on_where_it_ended() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(".dokplan/sandbox.json");
    let settings = || Settings::for_tests(Version::V0_30_2);
    let sim = persist::load(settings(), &path).unwrap();
    let first = post(&sim, "registry.create", &registry("a")).await.value();
    persist::save(&sim, &path).unwrap();

    let again = persist::load(settings(), &path).unwrap();
    assert_eq!(again.save(), sim.save());
    assert_eq!(
        get(&again, "registry.all", "").await.value(),
        json!([first])
    );
    let second = post(&again, "registry.create", &registry("b"))
        .await
        .value();
    assert_ne!(first["registryId"], second["registryId"]);
    assert!(first["createdAt"].as_str() < second["createdAt"].as_str());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    assert_eq!(
        std::fs::read_dir(path.parent().unwrap()).unwrap().count(),
        1
    );
}

/// A process that dies leaves its journal, from which the next one goes on.
#[tokio::test]
async fn a_killed_sandbox_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sandbox.json");
    let journal = directory.path().join("sandbox.json.journal");
    let settings = || Settings::for_tests(Version::V0_30_2);
    let sandbox = persist::open(settings(), &path).unwrap();
    let first = post(&sandbox, "registry.create", &registry("a"))
        .await
        .value();
    let id = first["registryId"].clone();
    let wrong = json!({"registryId": id, "password": "wrong"});
    assert_eq!(post(&sandbox, "registry.update", &wrong).await.status, 400);
    let before = sandbox.save();
    drop(sandbox);
    // The death may also tear the last line.
    let torn = std::fs::read_to_string(&journal).unwrap() + "{\"change\": 3, \"pa";
    std::fs::write(&journal, torn).unwrap();

    let sandbox = persist::open(settings(), &path).unwrap();
    assert_eq!(sandbox.save(), before);
    assert_eq!(sandbox.rows("registry")[0]["password"], "wrong");
    assert_eq!(std::fs::read_to_string(&journal).unwrap(), "");
    post(&sandbox, "registry.create", &registry("b")).await;
    // The death may also come between the writing of the file and the removal of the journal.
    persist::save(&sandbox, &path).unwrap();
    drop(sandbox);
    let sandbox = persist::open(settings(), &path).unwrap();
    assert_eq!(sandbox.rows("registry").len(), 2);
    sandbox.close().unwrap();
    assert!(path.exists() && !journal.exists());
}

#[test]
fn what_is_not_a_sandbox_is_refused() {
    let settings = || Settings::for_tests(Version::V0_30_2);
    for (content, expected) in [
        (
            "",
            "not the content of a sandbox: EOF while parsing a value at line 1 column 0",
        ),
        ("{}", "not the content of a sandbox: no number \"format\""),
        (
            "{\"format\": 99}",
            "written by a newer version (format 99, known is 1)",
        ),
    ] {
        assert_eq!(
            Sim::load(settings(), content).unwrap_err().to_string(),
            expected
        );
    }
}

#[tokio::test]
async fn the_same_seed_makes_the_same_ids() {
    let id = async |sim: Sim| {
        post(&sim, "registry.create", &registry("a")).await.value()["registryId"].clone()
    };
    let (first, second) = (id(new_sim()).await, id(new_sim()).await);
    assert_eq!(first, second);
    assert_eq!(first.as_str().unwrap().len(), 21);
    let other = Sim::new(Settings {
        seed: 2,
        ..Settings::for_tests(Version::V0_30_2)
    });
    assert_ne!(id(other).await, first);
}
