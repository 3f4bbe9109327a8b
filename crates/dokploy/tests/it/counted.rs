//! How many requests a plan costs, and how long they take.

use std::time::Duration;

use dokploy_sim::{Effect, Fault, Request, Version};
use provider::{ImportRequest, Provider};
use serde_json::{Value as Json, json};
use tokio::time::Instant;
use value::Value;

use super::behaviour::each_version;
use super::bench::{Bench, Object, read_request, registry, text, with};

/// Objects as a state would hold them: imported, all in one round.
async fn imported(bench: &Bench, wanted: &[(&'static str, String)]) -> Vec<Object> {
    let mut objects = Vec::new();
    for (kind, id) in wanted {
        let request = ImportRequest {
            kind: (*kind).to_owned(),
            id: id.clone(),
        };
        let mut imported = bench.provider.import(request).await.unwrap();
        let it = imported.pop().unwrap();
        objects.push(Object {
            kind,
            value: it.object,
            private: it.private,
        });
    }
    let requests = objects.iter().map(read_request).collect();
    let responses = bench.provider.read_many(requests).await;
    let pairs = objects.iter().zip(responses);
    pairs
        .map(|(object, response)| Object {
            kind: object.kind,
            value: response.object.unwrap().unwrap(),
            private: response.private,
        })
        .collect()
}

each_version! {
    async fn a_thousand_mixed_objects_cost_a_request_a_type_project_and_service(bench) {
        let insert = |table: &str, row: Json| bench.sim.insert(table, row).expect("a row");
        let organization = bench.sim.organization_id();
        let mut wanted: Vec<(&'static str, String)> = Vec::new();
        for at in 0..150 {
            wanted.push(("dokploy_registry", insert("registry", json!({
                "registryName": format!("r{at}"), "imagePrefix": "org", "username": "u", "password": "pass-word",
                "registryUrl": "ghcr.io", "organizationId": organization,
            }))));
            wanted.push(("dokploy_ssh_key", insert("sshKey", json!({
                "name": format!("k{at}"), "privateKey": "private-key", "publicKey": "public-key", "organizationId": organization,
            }))));
        }
        let destination = insert("destination", json!({
            "name": "s3", "provider": "AWS", "accessKey": "a", "secretAccessKey": "secret-key", "bucket": "b", "region": "r",
            "endpoint": "e", "organizationId": organization,
        }));
        wanted.push(("dokploy_destination", destination.clone()));
        for project in 0..10 {
            let id = insert("project", json!({"name": format!("p{project}"), "organizationId": organization}));
            for at in 0..10 {
                let environment = insert("environment", json!({"name": format!("e{at}"), "projectId": id}));
                wanted.push(("dokploy_environment", format!("{id}:{environment}")));
                if at > 3 {
                    continue;
                }
                let app = insert("application", json!({"name": "web", "appName": "web-abcdef", "environmentId": environment}));
                for part in 0..4 {
                    wanted.push(("dokploy_domain", format!("application:{app}:{}", insert("domain", json!({
                        "host": format!("h{part}.example.com"), "applicationId": app, "domainType": "application",
                    })))));
                    wanted.push(("dokploy_mount", insert("mount", json!({
                        "type": "volume", "volumeName": "v", "mountPath": format!("/{part}"), "serviceType": "application", "applicationId": app,
                    }))));
                    wanted.push(("dokploy_port", insert("port", json!({
                        "publishedPort": 1000 + part, "targetPort": 80, "publishMode": "ingress", "protocol": "tcp", "applicationId": app,
                    }))));
                    wanted.push(("dokploy_redirect", insert("redirect", json!({
                        "regex": "a", "replacement": "b", "permanent": true, "applicationId": app,
                    }))));
                }
                wanted.push(("dokploy_environment_variables", app.clone()));
                wanted.push(("dokploy_application", app));
            }
            wanted.push(("dokploy_project", id));
        }
        assert!(wanted.len() > 1_000, "{}", wanted.len());
        let objects = imported(&bench, &wanted).await;
        bench.calls();
        let responses = bench.provider.read_many(objects.iter().map(read_request).collect()).await;
        for (response, object) in responses.into_iter().zip(&objects) {
            assert_eq!(response.issues, []);
            assert_eq!(response.object.unwrap().as_ref(), Some(&object.value), "{}", object.kind);
        }
        let mut calls = bench.calls();
        let total = calls.len();
        calls.sort();
        let count = |name: &str| calls.iter().filter(|it| *it == name).count();
        // Types.
        for name in ["registry.all", "sshKey.all", "destination.all", "project.all"] {
            assert_eq!(count(name), 1, "{name}");
        }
        // Projects.
        assert_eq!(count("environment.byProjectId"), 10);
        // Services: no list of Dokploy shows them whole.
        assert_eq!(count("application.one"), 40);
        assert_eq!(total, 54, "nothing else: {calls:?}");
    }

    async fn a_part_that_is_not_in_its_service_is_asked_for_by_itself(bench) {
        let insert = |table: &str, row: Json| bench.sim.insert(table, row).expect("a row");
        let project = insert("project", json!({"name": "p", "organizationId": bench.sim.organization_id()}));
        let environment = insert("environment", json!({"name": "e", "projectId": project}));
        let app = insert("application", json!({"name": "web", "appName": "web-abcdef", "environmentId": environment}));
        let other = insert("application", json!({"name": "api", "appName": "api-abcdef", "environmentId": environment}));
        let port = insert("port", json!({
            "publishedPort": 1000, "targetPort": 80, "publishMode": "ingress", "protocol": "tcp", "applicationId": app,
        }));
        let object = bench.import("dokploy_port", &port).await;
        // Somebody moved it.
        assert!(bench.sim.edit("port", &port, json!({"applicationId": other})));
        let now = bench.read(&object).await.expect("it exists");
        assert_eq!(text(&now.value, "application_id"), other);
        assert!(bench.sim.delete("port", &port));
        assert!(bench.read(&now).await.is_none());
        assert!(bench.sim.delete("application", &other));
        assert!(bench.read(&now).await.is_none());
    }

    async fn a_dokploy_that_is_down_is_told_once_for_all_parts_of_a_service(bench) {
        let insert = |table: &str, row: Json| bench.sim.insert(table, row).expect("a row");
        let project = insert("project", json!({"name": "p", "organizationId": bench.sim.organization_id()}));
        let environment = insert("environment", json!({"name": "e", "projectId": project}));
        let app = insert("application", json!({"name": "web", "appName": "web-abcdef", "environmentId": environment}));
        let mut wanted = Vec::new();
        for at in 0..20 {
            wanted.push(("dokploy_port", insert("port", json!({
                "publishedPort": at, "targetPort": 80, "publishMode": "ingress", "protocol": "tcp", "applicationId": app,
            }))));
        }
        let objects = imported(&bench, &wanted).await;
        bench.sim.inject(Fault::always("*", Effect::Refuse));
        let responses = bench.provider.read_many(objects.iter().map(read_request).collect()).await;
        assert!(responses.iter().all(|it| it.object.is_err()));
        assert_eq!(responses.iter().map(|it| it.issues.len()).sum::<usize>(), 1);
    }
}

/// The refresh of 1,000 registries at 20 ms latency, against one request an object, ten at a time, as the provider of
/// today asks.
#[tokio::test(start_paused = true)]
async fn a_thousand_registries_at_20_ms_latency_take_one_latency() {
    const COUNT: usize = 1_000;
    const LATENCY: u64 = 20;
    let bench = Bench::new(Version::V0_30_2).await;
    let first = bench.create("dokploy_registry", &registry("r")).await;
    let objects: Vec<Object> = (0..COUNT)
        .map(|at| {
            let row = json!({
                "registryName": format!("r{at}"), "imagePrefix": "org", "username": "octocat",
                "password": "s3cret-pass", "registryUrl": "ghcr.io", "organizationId": bench.sim.organization_id(),
            });
            let id = bench.sim.insert("registry", row).unwrap();
            let changes = [
                ("id", Value::from(id)),
                ("registry_name", format!("r{at}").into()),
            ];
            Object {
                value: with(&first.value, &changes),
                ..first.clone()
            }
        })
        .collect();
    bench
        .sim
        .inject(Fault::always("*", Effect::DelayMs(LATENCY)));

    bench.calls();
    let start = Instant::now();
    let requests = objects.iter().map(read_request).collect();
    let responses = bench.provider.read_many(requests).await;
    let ours = start.elapsed();
    assert!(responses.iter().all(|it| it.object.is_ok()));
    assert_eq!(bench.calls(), ["registry.all"]);

    let start = Instant::now();
    let ids: Vec<String> = objects.iter().map(|it| text(&it.value, "id")).collect();
    let mut askers = tokio::task::JoinSet::new();
    for share in ids.chunks(COUNT / 10) {
        let (sim, share) = (bench.sim.clone(), share.to_vec());
        askers.spawn(async move {
            for id in share {
                let request = Request::get("/api/registry.one", &format!("registryId={id}"));
                let answer = sim.handle(request.with_key("test-key")).await;
                assert_eq!(answer.unwrap().status, 200);
            }
        });
    }
    while let Some(done) = askers.join_next().await {
        done.unwrap();
    }
    let theirs = start.elapsed();
    assert_eq!(bench.calls().len(), COUNT);

    // The clock of a timer counts whole milliseconds.
    let slack = Duration::from_millis(5);
    assert!(ours <= Duration::from_millis(LATENCY) + slack, "{ours:?}");
    let expected = Duration::from_millis(LATENCY * COUNT as u64 / 10);
    assert!(theirs >= expected, "{theirs:?}");
}
