//! Calls follow the version of the Dokploy, which is asked for once.

use std::sync::{Arc, Mutex};

use dokploy::Dokploy;
use dokploy::transport::{Request, Response, Sending, Transport, TransportError};
use dokploy_sim::{Sim, Version};
use serde_json::{Value as Json, json};
use value::Type;

use super::behaviour::each_version;
use super::bench::{Bench, InProcess, config, configure, registry, settings, text, with};

/// A simulator that claims to be of another version, or does not say.
struct Claims {
    sim: InProcess,
    version: Option<&'static str>,
    bodies: Mutex<Vec<Json>>,
}

impl Transport for Claims {
    fn send(&self, request: Request) -> Sending<'_> {
        if let Some(body) = &request.body {
            let body = serde_json::from_slice(body).unwrap();
            self.bodies.lock().unwrap().push(body);
        }
        if !request.path().ends_with("settings.getDokployVersion") {
            return self.sim.send(request);
        }
        Box::pin(async move {
            let (status, body) = match self.version {
                Some(it) => (200, json!(it)),
                None => (404, json!({"message": "Not found", "code": "NOT_FOUND"})),
            };
            Ok::<_, TransportError>(Response {
                status,
                headers: vec![("content-type".to_owned(), "application/json".to_owned())],
                body: body.to_string().into_bytes(),
            })
        })
    }
}

async fn claiming(version: Option<&'static str>) -> (Bench, Arc<Claims>) {
    let sim = Sim::new(dokploy_sim::Settings::for_tests(Version::V0_30_2));
    let transport = Arc::new(Claims {
        sim: InProcess(sim.clone()),
        version,
        bodies: Mutex::default(),
    });
    let provider = Dokploy::new(settings(transport.clone()));
    assert_eq!(configure(&provider, Type::Dynamic).await, []);
    (Bench { sim, provider }, transport)
}

fn destination(name: &str) -> value::Value {
    config(
        "dokploy_destination",
        &[
            ("name", name.into()),
            ("storage_provider", "AWS".into()),
            ("access_key", "AK".into()),
            ("secret_access_key", "secret-key".into()),
            ("bucket", "b".into()),
            ("region", "r".into()),
            ("endpoint", "https://s3.example.com".into()),
        ],
    )
}

each_version! {
    async fn fields_are_sent_to_versions_that_take_them(bench) {
        let one = bench.create("dokploy_destination", &destination("a")).await;
        bench.create("dokploy_destination", &destination("b")).await;
        bench.update(&one, &destination("c")).await;
        let calls = bench.sim.calls();
        let asked = calls.iter().filter(|it| it.procedure == "settings.getDokployVersion");
        assert_eq!(asked.count(), 1, "once, whatever is sent");
        let takes = bench.sim.rows("destination")[0].get("additionalFlags").is_some();
        for call in calls.iter().filter(|it| ["destination.create", "destination.update"].contains(&&*it.procedure)) {
            assert_eq!(call.input.get("additionalFlags").is_some(), takes, "{}", call.input);
        }
    }

    async fn permissions_that_the_dialect_does_not_name_stay(bench) {
        let user = bench.sim.insert("user", json!({"email": "m@example.com"})).unwrap();
        let member = json!({
            "organizationId": bench.sim.organization_id(), "userId": user, "role": "member",
            "accessedServices": ["s"], "canAccessToDocker": true,
        });
        let id = bench.sim.insert("member", member).unwrap();
        let has_servers = bench.sim.edit("member", &id, json!({"accessedServers": ["srv"]}))
            && bench.sim.rows("member")[1].get("accessedServers").is_some();
        let plain = config("dokploy_user_permissions", &[("member_id", id.as_str().into()), ("can_create_projects", true.into())]);
        let object = bench.create("dokploy_user_permissions", &plain).await;
        bench.is_settled(&object, &plain).await;
        let row = || bench.sim.rows("member").into_iter().find(|it| it["id"] == json!(id)).unwrap();
        // Flags have defaults; what is seen stays where it is not configured.
        assert_eq!(row()["canAccessToDocker"], json!(false));
        assert_eq!(row()["accessedServices"], json!(["s"]));
        let full = with(&plain, &[("accessed_services", value::Value::list(Type::String, vec!["t".into()]))]);
        let object = bench.update(&object, &full).await;
        bench.is_settled(&object, &full).await;
        assert_eq!(row()["accessedServices"], json!(["t"]));
        if has_servers {
            assert_eq!(row()["accessedServers"], json!(["srv"]));
        }
        let imported = bench.import("dokploy_user_permissions", &id).await;
        assert_eq!(text(&imported.value, "member_id"), id);
        bench.is_settled(&imported, &full).await;
        assert_eq!(bench.delete(&object).await, []);
        assert_eq!(row()["canCreateProjects"], json!(false));
        assert_eq!(row()["accessedServices"], json!([]));
        assert!(bench.sim.delete("member", &id));
        assert!(bench.read(&object).await.is_none());
        assert_eq!(bench.delete(&object).await, []);
    }
}

#[tokio::test]
async fn an_unknown_newer_version_gets_the_newest_known_form_and_one_note() {
    let (bench, transport) = claiming(Some("v9.1.0")).await;
    let first = bench
        .try_create("dokploy_destination", &destination("a"))
        .await;
    let titles: Vec<&str> = first.issues.iter().map(|it| it.summary.as_str()).collect();
    assert_eq!(titles, ["Dokploy is newer than known"]);
    assert!(!first.object.is_null());
    let second = bench
        .try_create("dokploy_destination", &destination("b"))
        .await;
    assert_eq!(second.issues, []);
    let bodies = transport.bodies.lock().unwrap();
    assert!(
        bodies.iter().all(|it| it.get("additionalFlags").is_some()),
        "{bodies:?}"
    );
}

#[tokio::test]
async fn a_refusal_by_an_unknown_newer_version_says_that_it_is_newer() {
    let (bench, _) = claiming(Some("v9.1.0")).await;
    let wrong = with(
        &registry("r"),
        &[("registry_url", "https://ghcr.io/path".into())],
    );
    let res = bench.try_create("dokploy_registry", &wrong).await;
    let titles: Vec<&str> = res.issues.iter().map(|it| it.summary.as_str()).collect();
    assert_eq!(
        titles,
        ["Error creating registry", "Dokploy is newer than known"]
    );
}

#[tokio::test]
async fn the_form_of_errors_tells_the_version_that_does_not_say() {
    let (bench, transport) = claiming(None).await;
    // An old one takes no flags.
    bench.create("dokploy_destination", &destination("a")).await;
    let bodies = transport.bodies.lock().unwrap();
    assert!(
        bodies.iter().all(|it| it.get("additionalFlags").is_none()),
        "{bodies:?}"
    );
}

#[tokio::test]
async fn what_an_old_version_passes_over_is_no_difference_for_ever() {
    let bench = Bench::new(Version::V0_26_5).await;
    let project = config("dokploy_project", &[("name", "p".into())]);
    let project = bench.create("dokploy_project", &project).await;
    let environment = config(
        "dokploy_environment",
        &[
            ("name", "e".into()),
            ("project_id", project.value.get("id").unwrap()),
        ],
    );
    let environment = bench.create("dokploy_environment", &environment).await;
    let plain = config(
        "dokploy_application",
        &[
            ("name", "web".into()),
            ("environment_id", environment.value.get("id").unwrap()),
            ("args", "a b".into()),
        ],
    );
    let object = bench.create("dokploy_application", &plain).await;
    bench.is_settled(&object, &plain).await;
    // As one that does not store it.
    let id = text(&object.value, "id");
    assert!(bench.sim.edit("application", &id, json!({"args": null})));
    bench.is_settled(&object, &plain).await;
    assert!(bench.sim.edit("application", &id, json!({"args": ["c"]})));
    assert_eq!(text(&bench.read(&object).await.unwrap().value, "args"), "c");
}
