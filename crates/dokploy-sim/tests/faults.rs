//! What can be made to go wrong.

use std::time::Duration;

use dokploy_sim::{Effect, Fault, Lost, Match, Nth, Request, Sim};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{get, new_sim, post, try_send};

fn registry() -> Value {
    json!({
        "registryName": "r", "username": "u", "password": "secret", "registryUrl": "ghcr.io",
        "registryType": "cloud", "imagePrefix": null,
    })
}

fn create() -> Request {
    Request::post("/api/registry.create", &registry())
}

fn n_registries(sim: &Sim) -> usize {
    sim.rows("registry").len()
}

/// Injects a fault of `registry.create`, calls it once, and gives what came and whether there is a row.
async fn check(effect: Effect, expected: Result<u16, Lost>, is_created: bool) {
    let sim = new_sim();
    sim.inject(Fault::always("registry.create", effect.clone()));
    let got = try_send(&sim, create()).await.map(|it| it.status);
    assert_eq!(
        (got, n_registries(&sim) == 1),
        (expected, is_created),
        "{effect:?}"
    );
    sim.heal();
    assert_eq!(
        try_send(&sim, create()).await.unwrap().status,
        200,
        "after {effect:?}"
    );
}

#[tokio::test]
async fn effects() {
    check(Effect::Refuse, Err(Lost::Refused), false).await;
    check(Effect::LoseRequest, Err(Lost::Reset), false).await;
    check(Effect::LoseReply, Err(Lost::Reset), true).await;
    check(Effect::KillBefore, Err(Lost::Reset), false).await;
    check(Effect::KillAfter, Err(Lost::Reset), true).await;
    check(Effect::Status500, Ok(500), false).await;
    check(Effect::Html502, Ok(502), false).await;
    check(Effect::RateLimited401, Ok(401), false).await;
    check(
        Effect::TooMany429 {
            retry_after: Some(3),
        },
        Ok(429),
        false,
    )
    .await;
    check(Effect::CutBody, Ok(200), true).await;
    check(Effect::WrongJson, Ok(200), true).await;
    check(Effect::MaskedValue, Ok(200), true).await;
}

#[tokio::test]
async fn bodies() {
    let sim = new_sim();
    let whole = post(&sim, "registry.create", &registry()).await;
    let mut replies = Vec::new();
    for effect in [
        Effect::CutBody,
        Effect::MaskedValue,
        Effect::TooMany429 {
            retry_after: Some(3),
        },
    ] {
        sim.inject(Fault::always("registry.all", effect));
        replies.push(get(&sim, "registry.all", "").await);
        sim.heal();
    }
    assert!(replies[0].cut && replies[0].body.len() == whole.body.len().midpoint(2));
    assert_eq!(replies[1].value()[0]["password"], "********");
    assert_eq!(replies[2].header("Retry-After"), Some("3"));
}

#[tokio::test]
async fn only_the_calls_that_are_meant() {
    let sim = new_sim();
    let when = Match {
        procedure: "*.all".to_owned(),
        nth: Nth::Only(2),
    };
    sim.inject(Fault {
        when,
        effect: Effect::Refuse,
    });
    let mut got = Vec::new();
    for procedure in ["registry.all", "registry.one", "server.all", "sshKey.all"] {
        let request = Request::get(&format!("/api/{procedure}"), "registryId=x");
        got.push(try_send(&sim, request).await.map(|it| it.status));
    }
    assert_eq!(got, [Ok(200), Ok(404), Err(Lost::Refused), Ok(200)]);
    let calls: Vec<_> = sim
        .calls()
        .into_iter()
        .map(|it| (it.procedure, it.status))
        .collect();
    let expected = [
        ("registry.all", Some(200)),
        ("registry.one", Some(404)),
        ("server.all", None),
        ("sshKey.all", Some(200)),
    ];
    assert_eq!(
        calls,
        expected.map(|(name, status)| (name.to_owned(), status))
    );
}

#[tokio::test]
async fn a_killed_server_stays_down() {
    let sim = new_sim();
    sim.inject(Fault::nth("registry.create", 1, Effect::KillAfter));
    assert_eq!(try_send(&sim, create()).await, Err(Lost::Reset));
    assert_eq!(try_send(&sim, create()).await, Err(Lost::Refused));
    sim.heal();
    assert_eq!(n_registries(&sim), 1);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_gives_up_does_not_stop_the_server() {
    let sim = new_sim();
    sim.inject(Fault::always("registry.create", Effect::DelayMs(4_000)));
    let given_up = timeout(Duration::from_secs(1), try_send(&sim, create())).await;
    assert!(given_up.is_err());
    assert_eq!(n_registries(&sim), 0);
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(n_registries(&sim), 1);
}

/// Sends creations with a serverId and a delay, all at once.
async fn nested(sim: &Sim, n: usize) -> Vec<Result<u16, Lost>> {
    sim.inject(Fault::always("registry.create", Effect::DelayMs(100)));
    let server = sim.insert("server", json!({"name": "s"})).unwrap();
    let mut input = registry();
    input["serverId"] = json!(server);
    let tasks: Vec<_> = (0..n)
        .map(|_| {
            let (sim, request) = (sim.clone(), Request::post("/api/registry.create", &input));
            tokio::spawn(async move { try_send(&sim, request).await.map(|it| it.status) })
        })
        .collect();
    let mut res = Vec::new();
    for task in tasks {
        res.push(task.await.unwrap());
    }
    res
}

#[tokio::test(start_paused = true)]
async fn nine_nested_changes_are_fine() {
    let sim = new_sim();
    assert_eq!(nested(&sim, 9).await, [Ok(200); 9]);
    assert_eq!((sim.most_changes_at_once(), n_registries(&sim)), (9, 9));
}

#[tokio::test(start_paused = true)]
async fn ten_nested_changes_hang_the_server() {
    let sim = new_sim();
    let calls = tokio::spawn({
        let sim = sim.clone();
        async move { nested(&sim, 10).await }
    });
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(sim.hangs() && !calls.is_finished());
    let other = timeout(Duration::from_secs(60), get(&sim, "tag.all", "")).await;
    assert!(other.is_err(), "nothing is answered any more");
    sim.heal();
    assert_eq!(calls.await.unwrap(), [Err(Lost::Reset); 10]);
    assert_eq!(n_registries(&sim), 0);
    assert_eq!(get(&sim, "tag.all", "").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn changes_that_the_client_gave_up_on_still_count() {
    let sim = new_sim();
    let given_up = timeout(Duration::from_millis(10), nested(&sim, 5)).await;
    assert!(given_up.is_err());
    let more = timeout(Duration::from_secs(60), nested(&sim, 5)).await;
    assert!(more.is_err() && sim.hangs());
}

#[tokio::test(start_paused = true)]
async fn simple_changes_do_not_hang_the_server() {
    let sim = new_sim();
    sim.inject(Fault::always("*", Effect::DelayMs(100)));
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let sim = sim.clone();
            tokio::spawn(async move { try_send(&sim, create()).await.unwrap().status })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), 200);
    }
    assert_eq!(sim.most_changes_at_once(), 50);
}
