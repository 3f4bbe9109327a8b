//! Deployments: what asks for one, and what is waited for.

use dokploy_sim::{Deploying, Effect, Fault, Version};
use provider::{FollowRequest, FollowUpRequest, Issue, Private, Provider, Whole};
use serde_json::json;
use value::{Type, Value};

use super::behaviour::each_version;
use super::bench::{Bench, Object, config, with};
use super::services::{application, environment, image};

const SECRET: &str = "hunter2-of-the-shop";

fn why(
    bench: &Bench,
    kind: &str,
    before: &Value,
    after: &Value,
    private: &Private,
    has_new_parts: bool,
) -> Option<String> {
    let request = FollowUpRequest {
        kind: kind.to_owned(),
        before: before.clone(),
        after: after.clone(),
        private: private.clone(),
        has_new_parts,
    };
    let found = bench.provider.follow_up(&request)?;
    assert_eq!(found.verb, "deploy");
    Some(found.why)
}

async fn follow(bench: &Bench, object: &Object, wishes: &[(&'static str, Value)]) -> Vec<Issue> {
    let request = FollowRequest {
        kind: object.kind.to_owned(),
        object: with(&object.value, wishes),
        secrets: vec!["said-to-be-sensitive".to_owned()],
        private: object.private.clone(),
    };
    bench.provider.follow(request).await
}

fn healthy() -> Vec<(&'static str, Value)> {
    vec![
        ("deploy_on_change", true.into()),
        ("wait_for", "healthy".into()),
        ("wait_timeout", "2m".into()),
    ]
}

fn going(looks: u32) -> Deploying {
    Deploying {
        looks,
        ..Deploying::default()
    }
}

/// The one issue, an error.
#[track_caller]
fn error(issues: &[Issue]) -> &Issue {
    assert_eq!(issues.len(), 1, "{issues:?}");
    assert!(issues[0].is_error(), "{issues:?}");
    &issues[0]
}

fn containers(state: &str) -> Effect {
    Effect::Reply {
        status: 200,
        content_type: "application/json".to_owned(),
        body: json!([{"containerId": "c1", "name": "web.1", "state": state}]).to_string(),
    }
}

fn count(calls: &[String], procedure: &str) -> usize {
    calls.iter().filter(|it| *it == procedure).count()
}

const LIST: &str = "docker.getContainersByAppLabel";

fn postgres(environment: &Value) -> Value {
    config(
        "dokploy_postgres",
        &[
            ("name", "db".into()),
            ("app_name", "db".into()),
            ("environment_id", environment.clone()),
            ("database_name", "shop".into()),
            ("database_user", "shop".into()),
            ("database_password", SECRET.into()),
        ],
    )
}

each_version! {
    async fn what_containers_depend_on_asks_for_a_deployment(bench) {
        let kind = "dokploy_application";
        let environment = environment(&bench).await;
        let plain = image(&environment);
        let wanted = with(&plain, &[("deploy_on_change", true.into())]);
        let nothing = Value::null(wanted.ty());
        let asked = |before: &Value, after: &Value| why(&bench, kind, before, after, &None, false);
        let new = Some("it is new".to_owned());
        assert_eq!(asked(&nothing, &wanted), new);
        assert_eq!(asked(&nothing, &with(&plain, &[("deploy_on_create", true.into())])), new);
        assert_eq!(asked(&nothing, &plain), None);
        assert_eq!(asked(&nothing, &with(&wanted, &[("deploy_on_create", false.into())])), None);

        let object = bench.create(kind, &wanted).await;
        assert_eq!(bench.sim.rows("deployment").len(), 0, "the object is made, and what belongs to it is not");
        for (changes, expected) in [
            (vec![("env", Value::from("A=1"))], Some("env changes")),
            (vec![("docker_image", "nginx:2".into()), ("env", "A=1".into())], Some("docker_image, env change")),
            (vec![("env", Value::unknown(Type::String))], Some("env changes")),
            (vec![("password_wo_version", Value::from(1_i64))], Some("password changes")),
            (vec![("description", "d".into()), ("preview_limit", Value::from(7_i64)), ("wait_for", "healthy".into())], None),
            (vec![], None),
        ] {
            let after = with(&object.value, &changes);
            assert_eq!(asked(&object.value, &after).as_deref(), expected, "{changes:?}");
            // Without the wish nothing does.
            let off = [("deploy_on_change", Value::null(Type::Bool))];
            assert_eq!(asked(&with(&object.value, &off), &with(&after, &off)), None);
        }
        let (value, private) = (&object.value, &object.private);
        assert_eq!(why(&bench, kind, value, value, private, true).as_deref(), Some("what belongs to it changes"));
        let due = bench.provider.note_due(private.clone(), true);
        assert_eq!(why(&bench, kind, value, value, &due, false).as_deref(), Some("a deployment from before is not done"));
        assert_eq!(bench.provider.note_due(due, false), *private);
    }

    async fn parts_say_what_they_belong_to(bench) {
        let whole = |kind: &str, given: &[(&'static str, Value)]| {
            bench.provider.whole_of(kind, &config(kind, given))
        };
        let of = |kind: &str, id: Option<&str>, is_used| Some(Whole { kind: kind.to_owned(), id: id.map(str::to_owned), is_used });
        let id = || Value::from("w");
        assert_eq!(whole("dokploy_domain", &[("application_id", id())]), of("dokploy_application", Some("w"), false));
        assert_eq!(whole("dokploy_domain", &[("compose_id", id())]), of("dokploy_compose", Some("w"), true));
        assert_eq!(whole("dokploy_domain", &[]), None);
        assert_eq!(whole("dokploy_mount", &[("service_id", id()), ("service_type", "postgres".into())]), of("dokploy_postgres", Some("w"), true));
        assert_eq!(whole("dokploy_mount", &[("service_id", id()), ("service_type", "unheard-of".into())]), None);
        assert_eq!(whole("dokploy_port", &[("application_id", Value::unknown(Type::String))]), of("dokploy_application", None, true));
        assert_eq!(whole("dokploy_environment_variables", &[("application_id", id())]), of("dokploy_application", Some("w"), true));
        assert_eq!(whole("dokploy_redirect", &[("application_id", id())]), of("dokploy_application", Some("w"), false));
        assert_eq!(whole("dokploy_security", &[("application_id", id())]), of("dokploy_application", Some("w"), false));
        assert_eq!(whole("dokploy_registry", &[]), None);
    }

    async fn a_deployment_is_waited_for(bench) {
        let object = application(&bench).await;
        bench.sim.deployments_go(going(4));
        bench.calls();
        assert_eq!(follow(&bench, &object, &[("deploy_on_change", true.into())]).await, []);
        assert_eq!(bench.calls(), ["application.deploy"], "nothing is waited for unless it is asked for");
        while bench.sim.rows("deployment")[0]["status"] != "done" {
            bench.provider.read_data(provider::ReadDataRequest {
                kind: "dokploy_deployments".to_owned(),
                config: Value::object([("application_id", object.value.get("id").unwrap())]),
            }).await.unwrap();
        }
        bench.calls();

        bench.sim.inject(Fault::always(LIST, containers("running")));
        assert_eq!(follow(&bench, &object, &healthy()).await, []);
        let calls = bench.calls();
        assert!(count(&calls, "deployment.all") >= 5, "{calls:?}");
        assert_eq!(count(&calls, LIST), 2, "seen to run twice");
        let rows = bench.sim.rows("deployment");
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[1]["status"], json!("done"));
    }

    async fn an_answer_that_is_lost_is_no_failure_of_the_deployment(bench) {
        let object = application(&bench).await;
        bench.sim.inject(Fault::first("application.deploy", 1, Effect::LoseReply));
        // A Dokploy that deploys may be slow to answer, or be updated meanwhile.
        bench.sim.inject(Fault::first("deployment.all", 1, Effect::DelayMs(1)));
        bench.sim.deployments_go(going(2));
        assert_eq!(follow(&bench, &object, &healthy()).await, []);
        assert_eq!(bench.sim.rows("deployment").len(), 1, "deployed once");

        // One that never arrived is not told from one that waits for its turn, until the time is up.
        bench.sim.inject(Fault::always("application.deploy", Effect::LoseRequest));
        let issues = follow(&bench, &object, &healthy()).await;
        let detail = &error(&issues).detail;
        assert!(detail.contains("broke before application.deploy was answered"), "{detail}");
        assert!(detail.contains("The next apply deploys it again."), "{detail}");
    }

    async fn a_failed_deployment_shows_the_end_of_its_log_and_no_secret(bench) {
        let environment = environment(&bench).await;
        let secrets = with(&image(&environment), &[
            ("env", format!("TOKEN={SECRET}\nDB=postgres://shop:pa55-of-db@db/shop").into()),
            ("build_secrets", "KEY=key-of-the-build".into()),
        ]);
        let object = bench.create("dokploy_application", &secrets).await;
        let log = format!(
            "start\n{}\u{1b}[31mlogin with {SECRET} failed\u{1b}[0m\nconnecting as pa55-of-db\nkey key-of-the-build\u{7}\nrun said-to-be-sensitive\n",
            "step\n".repeat(90)
        );
        bench.sim.deployments_go(Deploying { looks: 2, fails: true, log });
        let issues = follow(&bench, &object, &healthy()).await;
        let issue = error(&issues);
        assert_eq!(issue.summary, "Error deploying application");
        let detail = &issue.detail;
        assert!(detail.starts_with("The deployment failed."), "{detail}");
        for secret in [SECRET, "pa55-of-db", "key-of-the-build", "said-to-be-sensitive"] {
            assert!(!detail.contains(secret), "{detail}");
        }
        assert!(detail.chars().all(|it| it == '\n' || !it.is_control()), "{detail:?}");
        assert!(detail.contains("The next apply deploys it again."), "{detail}");
        if bench.is_old() {
            assert!(detail.contains("gives no log of it here"), "{detail}");
        } else {
            assert!(detail.contains("\n  | login with (sensitive value) failed\n  | connecting as (sensitive value)\n"), "{detail}");
            assert!(!detail.contains("start"), "only the end: {detail}");
        }
    }

    async fn nobody_waits_longer_than_wait_timeout(bench) {
        let object = application(&bench).await;
        let log = "pulling\n".to_owned();
        bench.sim.deployments_go(Deploying { log, ..going(u32::MAX) });
        let start = tokio::time::Instant::now();
        let issues = follow(&bench, &object, &healthy()).await;
        let detail = &error(&issues).detail;
        assert!(detail.starts_with("After 2m the deployment is still under way."), "{detail}");
        assert!(detail.contains("wait_timeout"), "{detail}");
        let has_log = detail.contains("The end of its log so far:\n  | pulling\n");
        assert_eq!(has_log, !bench.is_old(), "{detail}");
        let seconds = start.elapsed().as_secs();
        assert!((120..150).contains(&seconds), "{seconds}");
        let looks = count(&bench.calls(), "deployment.all");
        assert!(looks < 60, "never faster than necessary: {looks}");
    }

    async fn containers_must_keep_running(bench) {
        let object = application(&bench).await;
        bench.sim.inject(Fault::always(LIST, containers("restarting")));
        let issues = follow(&bench, &object, &healthy()).await;
        let detail = &error(&issues).detail;
        assert!(detail.starts_with("After 2m its containers do not keep running."), "{detail}");
        bench.sim.heal();

        // Where Dokploy sees none, they are on another node, which it does not look at.
        bench.calls();
        assert_eq!(follow(&bench, &object, &healthy()).await, []);
        assert_eq!(count(&bench.calls(), LIST), 3);

        // A key that may not see containers sees none.
        let refusal = Effect::Reply {
            status: 401,
            content_type: "application/json".to_owned(),
            body: json!({"message": "You are not authorized", "code": "UNAUTHORIZED", "data": {"code": "UNAUTHORIZED", "httpStatus": 401, "path": LIST}}).to_string(),
        };
        bench.sim.inject(Fault::always(LIST, refusal));
        assert_eq!(follow(&bench, &object, &healthy()).await, []);
    }

    async fn a_deployment_that_does_not_start_fails_where_it_was_demanded(bench) {
        let object = application(&bench).await;
        bench.sim.inject(Fault::always("application.deploy", Effect::Status500));
        let issues = follow(&bench, &object, &[("deploy_on_create", true.into())]).await;
        assert_eq!(issues.len(), 1);
        assert_eq!(issues[0].summary, "Deployment not started");
        assert!(!issues[0].is_error(), "as the published provider has it");
        for wishes in [healthy(), vec![("deploy_on_change", true.into())]] {
            let issues = follow(&bench, &object, &wishes).await;
            assert_eq!(error(&issues).summary, "Error deploying application");
        }
    }

    async fn databases_are_deployed_within_the_call(bench) {
        let environment = environment(&bench).await;
        let object = bench.create("dokploy_postgres", &postgres(&environment)).await;
        bench.sim.deployments_go(going(3));
        bench.calls();
        assert_eq!(follow(&bench, &object, &healthy()).await, []);
        let calls = bench.calls();
        assert_eq!(count(&calls, "postgres.deploy"), 1);
        assert!(count(&calls, "postgres.one") >= 4, "{calls:?}");
        assert_eq!(bench.sim.rows("postgres")[0]["applicationStatus"], json!("done"));

        // An image that takes longer to fetch than anybody waits for one answer.
        bench.sim.inject(Fault::first("postgres.deploy", 1, Effect::DelayMs(60_000)));
        assert_eq!(follow(&bench, &object, &healthy()).await, []);

        bench.sim.deployments_go(Deploying { fails: true, ..going(1) });
        let issues = follow(&bench, &object, &healthy()).await;
        let issue = error(&issues);
        assert_eq!(issue.summary, "Error deploying PostgreSQL instance");
        assert!(issue.detail.starts_with("The PostgreSQL database could not be started."), "{}", issue.detail);
        assert!(!issue.detail.contains(SECRET));
    }

    async fn composes_are_waited_for_too(bench) {
        let environment = environment(&bench).await;
        let compose = config("dokploy_compose", &[
            ("name", "tools".into()), ("environment_id", environment.clone()),
            ("source_type", "raw".into()), ("compose_file_content", "services: {}".into()),
        ]);
        let object = bench.create("dokploy_compose", &compose).await;
        bench.sim.deployments_go(going(2));
        bench.calls();
        assert_eq!(follow(&bench, &object, &healthy()).await, []);
        let calls = bench.calls();
        assert!(count(&calls, "deployment.allByCompose") >= 3, "{calls:?}");
        let changed = with(&object.value, &[("compose_file_content", "services: {a: {}}".into())]);
        let wish = [("deploy_on_change", Value::from(true))];
        let found = why(&bench, "dokploy_compose", &with(&object.value, &wish), &with(&changed, &wish), &None, false);
        assert_eq!(found.as_deref(), Some("compose_file_content changes"));
    }

    async fn what_is_said_of_waiting_is_checked(bench) {
        let plain = config("dokploy_application", &[]);
        let check = |given: &[(&'static str, Value)]| {
            let issues = bench.provider.validate_resource("dokploy_application", &with(&plain, given));
            issues.into_iter().map(|it| (it.summary.clone(), it.is_error())).collect::<Vec<_>>()
        };
        let on = ("deploy_on_change", Value::from(true));
        assert_eq!(check(&healthy()), []);
        assert_eq!(check(&[on.clone(), ("wait_timeout", "soon".into())]), [("Invalid duration".to_owned(), true)]);
        assert_eq!(check(&[on.clone(), ("wait_timeout", "0s".into())]), [("Invalid duration".to_owned(), true)]);
        assert_eq!(check(&[on, ("wait_for", "ever".into())]), [("Invalid Attribute Value Match".to_owned(), true)]);
        assert_eq!(check(&[("wait_for", "healthy".into())]), [("Nothing to wait for".to_owned(), false)]);
    }
}
