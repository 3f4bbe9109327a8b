//! What the provider does when things go wrong.

use std::sync::Arc;

use dokploy::limits::MAX_CHANGES;
use dokploy::{Access, Dokploy};
use dokploy_sim::{Effect, Fault, Version};
use provider::{Issue, Provider, ReadDataRequest};
use serde_json::json;
use value::{Type, Value};

use super::behaviour::each_version;
use super::bench::{
    Bench, InProcess, Object, configure, null, registry, server, settings, ssh_key, text, with,
};

fn details(issues: &[Issue]) -> String {
    let texts: Vec<&str> = issues.iter().map(|it| it.detail.as_str()).collect();
    texts.join("\n")
}

each_version! {
    async fn a_refused_login_on_create_leaves_nothing(bench) {
        let res = bench.try_create("dokploy_registry", &with(&registry("a"), &[("password", "wrong".into())])).await;
        assert!(res.object.is_null());
        assert_eq!(res.issues[0].summary, "Error creating registry");
        assert!(details(&res.issues).contains("docker login"), "{}", details(&res.issues));
        assert!(bench.sim.rows("registry").is_empty());
    }

    async fn a_refused_login_on_update_is_read_back(bench) {
        let object = bench.create("dokploy_registry", &registry("a")).await;
        bench.sim.docker_login_refuses("it's wrong");
        let wanted = with(&registry("b"), &[("password", "it's wrong".into())]);
        let res = bench.try_update(&object, &wanted).await;
        assert_eq!(res.issues.len(), 1);
        let detail = details(&res.issues);
        assert!(detail.contains("has stored the new values"), "{detail}");
        assert!(!detail.contains("s wrong"), "{detail}");
        // The state says what is stored, so that correcting the password is what is left.
        assert_eq!(text(&res.object, "registry_name"), "b");
        let object = Object { value: res.object, ..object };
        bench.sim.docker_login_accepts_all();
        let right = with(&wanted, &[("password", "right".into())]);
        let object = bench.update(&object, &right).await;
        bench.is_settled(&object, &right).await;
    }

    async fn an_unknown_server_leaves_the_server_id_to_be_done(bench) {
        let object = bench.create("dokploy_registry", &registry("a")).await;
        let wanted = with(&registry("b"), &[("server_id", "nowhere".into())]);
        let res = bench.try_update(&object, &wanted).await;
        assert!(details(&res.issues).contains("Server not found"));
        assert_eq!(text(&res.object, "registry_name"), "b");
        assert_eq!(res.object.get("server_id"), Some(null()));
        let plan = bench.plan("dokploy_registry", &res.object, &None, &wanted).await;
        assert_ne!(plan.planned, res.object);
    }

    async fn a_failed_logout_deletes_all_the_same(bench) {
        let configured = with(&registry("a"), &[("registry_url", "logoutfail.example.com".into())]);
        let object = bench.create("dokploy_registry", &configured).await;
        assert_eq!(bench.delete(&object).await, []);
        assert!(bench.sim.rows("registry").is_empty());
    }

    async fn a_lost_answer_to_an_update_is_no_error(bench) {
        let object = bench.create("dokploy_registry", &registry("a")).await;
        bench.sim.inject(Fault::first("registry.update", 1, Effect::LoseReply));
        let object = bench.update(&object, &registry("b")).await;
        bench.is_settled(&object, &registry("b")).await;
    }

    async fn a_lost_request_for_an_update_is_an_error(bench) {
        let object = bench.create("dokploy_registry", &registry("a")).await;
        bench.sim.inject(Fault::first("registry.update", 1, Effect::LoseRequest));
        let res = bench.try_update(&object, &registry("b")).await;
        assert_eq!(res.object, object.value);
        assert!(details(&res.issues).contains("may have been carried out"));
    }

    async fn a_lost_answer_to_a_create_finds_the_object(bench) {
        // Something was listed before, as a plan does, so that what is new is known.
        let first = bench.create("dokploy_registry", &registry("a")).await;
        bench.read(&first).await;
        bench.sim.inject(Fault::first("registry.create", 1, Effect::LoseReply));
        let object = bench.create("dokploy_registry", &registry("a")).await;
        assert_ne!(text(&object.value, "id"), text(&first.value, "id"));
        assert_eq!(bench.sim.rows("registry").len(), 2);
        bench.sim.inject(Fault::first("sshKey.create", 1, Effect::CutBody));
        bench.create("dokploy_ssh_key", &ssh_key("k")).await;
        assert_eq!(bench.sim.rows("sshKey").len(), 1);
    }

    async fn a_lost_answer_to_a_create_without_a_list_is_told(bench) {
        bench.sim.inject(Fault::first("registry.create", 1, Effect::LoseReply));
        let res = bench.try_create("dokploy_registry", &registry("a")).await;
        assert!(res.object.is_null());
        let id = bench.sim.rows("registry")[0]["registryId"].clone();
        assert!(details(&res.issues).contains(id.as_str().unwrap()), "{}", details(&res.issues));
    }

    async fn a_lost_request_for_a_create_is_told(bench) {
        bench.sim.inject(Fault::first("sshKey.create", 1, Effect::LoseRequest));
        let res = bench.try_create("dokploy_ssh_key", &ssh_key("k")).await;
        assert!(res.object.is_null());
        assert!(details(&res.issues).contains("was looked for and is not there"), "{}", details(&res.issues));
    }

    async fn a_lost_answer_to_a_delete_is_no_error(bench) {
        let object = bench.create("dokploy_registry", &registry("a")).await;
        bench.sim.inject(Fault::first("registry.remove", 1, Effect::LoseReply));
        assert_eq!(bench.delete(&object).await, []);
    }

    async fn a_server_in_use_is_not_deleted(bench) {
        let object = bench.create("dokploy_registry", &registry("a")).await;
        bench.sim.inject(Fault::first("registry.remove", 1, Effect::Status500));
        let issues = bench.delete(&object).await;
        assert_eq!(issues[0].summary, "Error deleting registry");
        assert!(bench.read(&object).await.is_some());
    }

    async fn reads_are_tried_again(bench) {
        let object = bench.create("dokploy_registry", &registry("a")).await;
        for effect in [
            Effect::Refuse, Effect::LoseReply, Effect::Status500, Effect::Html502, Effect::RateLimited401, Effect::CutBody,
            Effect::TooMany429 { retry_after: Some(3) },
        ] {
            bench.sim.heal();
            bench.sim.inject(Fault::first("registry.all", 3, effect.clone()));
            bench.calls();
            assert!(bench.read(&object).await.is_some(), "{effect:?}");
            assert_eq!(bench.calls().len(), 4, "{effect:?}");
        }
    }

    async fn changes_are_not_tried_again(bench) {
        for effect in [Effect::Refuse, Effect::Status500, Effect::Html502, Effect::RateLimited401] {
            bench.sim.heal();
            bench.sim.inject(Fault::always("registry.create", effect.clone()));
            let res = bench.try_create("dokploy_registry", &registry("a")).await;
            assert!(res.object.is_null() && !res.issues.is_empty(), "{effect:?}");
            let creates = bench.calls().into_iter().filter(|it| it == "registry.create").count();
            assert_eq!(creates, 1, "{effect:?}");
        }
    }

    async fn a_bare_401_names_its_three_causes(bench) {
        let object = bench.create("dokploy_registry", &registry("a")).await;
        bench.sim.inject(Fault::always("*", Effect::RateLimited401));
        bench.calls();
        let res = bench.try_read(&object).await;
        assert!(res.object.is_err());
        assert_eq!(bench.calls().len(), 4);
        let detail = details(&res.issues);
        for cause in ["wrong, expired", "rate-limited", "database"] {
            assert!(detail.contains(cause), "{detail}");
        }
        assert!(!detail.contains("test-key"));
    }

    async fn a_list_of_another_form_deletes_nothing(bench) {
        let object = bench.create("dokploy_registry", &registry("a")).await;
        bench.sim.inject(Fault::always("registry.all", Effect::WrongJson));
        assert!(bench.try_read(&object).await.object.is_err());
        for body in ["[]]", "{}", "[{}]", "null", ""] {
            bench.sim.heal();
            bench.sim.inject(Fault::always("registry.all", Effect::Reply {
                status: 200, content_type: "application/json".to_owned(), body: body.to_owned(),
            }));
            assert!(bench.try_read(&object).await.object.is_err(), "{body}");
        }
    }

    async fn one_cause_is_told_once(bench) {
        let object = bench.create("dokploy_registry", &registry("a")).await;
        bench.sim.inject(Fault::always("*", Effect::Refuse));
        let requests = vec![super::bench::read_request(&object); 3];
        let responses = bench.provider.read_many(requests).await;
        let issues: Vec<usize> = responses.iter().map(|it| it.issues.len()).collect();
        assert_eq!(issues, [1, 0, 0]);
        assert!(responses.iter().all(|it| it.object.is_err()));
    }

    async fn an_unknown_procedure_is_not_a_missing_object(bench) {
        let object = bench.create("dokploy_registry", &registry("a")).await;
        let id = text(&object.value, "id");
        assert!(bench.sim.delete("registry", &id));
        let body = r#"{"message":"Not found","code":"NOT_FOUND"}"#;
        bench.sim.inject(Fault::always("registry.remove", Effect::Reply {
            status: 404, content_type: "application/json".to_owned(), body: body.to_owned(),
        }));
        // The list still says that it is gone, which is what counts for a registry; a server has no such excuse.
        assert_eq!(bench.delete(&object).await, []);
        let key = bench.create("dokploy_ssh_key", &ssh_key("k")).await;
        let server = bench.create("dokploy_server", &server("s", &key.value.get("id").unwrap())).await;
        bench.sim.inject(Fault::always("server.remove", Effect::Reply {
            status: 404, content_type: "application/json".to_owned(), body: body.to_owned(),
        }));
        assert!(details(&bench.delete(&server).await).contains("does not know the procedure"));
    }

    async fn sql_with_values_is_cut(bench) {
        let body = json!({
            "message": "Failed query: insert into \"registry\" values ($1)\nparams: s3cret-pass,other",
            "code": "INTERNAL_SERVER_ERROR",
        });
        bench.sim.inject(Fault::always("registry.create", Effect::Reply {
            status: 500, content_type: "application/json".to_owned(), body: body.to_string(),
        }));
        let detail = details(&bench.try_create("dokploy_registry", &registry("a")).await.issues);
        assert!(!detail.contains("s3cret-pass") && !detail.contains("other"), "{detail}");
        bench.sim.heal();
        let body = json!({"message": "printf %s 's3cret-pass' | docker login", "code": "BAD_REQUEST"});
        bench.sim.inject(Fault::always("registry.create", Effect::Reply {
            status: 400, content_type: "application/json".to_owned(), body: body.to_string(),
        }));
        let detail = details(&bench.try_create("dokploy_registry", &registry("a")).await.issues);
        assert!(detail.contains("printf %s '(sensitive value)'"), "{detail}");
    }

    async fn eight_changes_at_once(bench) {
        bench.sim.inject(Fault::always("*", Effect::DelayMs(1_000)));
        let configs: Vec<Value> = (0..30).map(|at| registry(&format!("r{at}"))).collect();
        let creates = configs.iter().map(|it| bench.create("dokploy_registry", it));
        let objects = all(creates).await;
        assert_eq!(objects.len(), 30);
        assert_eq!(bench.sim.most_changes_at_once(), MAX_CHANGES);
    }

    async fn calls_given_up_on_count(bench) {
        bench.sim.inject(Fault::always("registry.create", Effect::DelayMs(100_000)));
        let configs: Vec<Value> = (0..30).map(|at| registry(&format!("r{at}"))).collect();
        // Each is given up after 30 seconds, and would let the next one in; the server would have 16 at once.
        let creates = configs.iter().map(|it| bench.try_create("dokploy_registry", it));
        all(creates).await;
        assert_eq!(bench.sim.most_changes_at_once(), MAX_CHANGES);
        assert!(!bench.sim.hangs());
    }

    async fn two_configurations_share_the_limit(bench) {
        let mut shared = settings(Arc::new(InProcess(bench.sim.clone())));
        let one = Dokploy::new(shared.clone());
        shared.environment.host = Some("http://localhost:3000/api/".to_owned());
        let two = Dokploy::new(shared);
        configure(&one, Type::Dynamic).await;
        configure(&two, Type::Dynamic).await;
        let benches = [one, two].map(|provider| Bench { sim: bench.sim.clone(), provider });
        bench.sim.inject(Fault::always("*", Effect::DelayMs(1_000)));
        let configured = registry("a");
        let creates = (0..30).map(|at| benches[at % 2].create("dokploy_registry", &configured));
        all(creates).await;
        assert_eq!(bench.sim.most_changes_at_once(), MAX_CHANGES);
    }

    async fn a_body_that_is_too_big_is_not_sent(bench) {
        let big = with(&registry("a"), &[("registry_name", "x".repeat(1 << 20).into())]);
        let res = bench.try_create("dokploy_registry", &big).await;
        assert!(details(&res.issues).contains("Nothing was sent"), "{}", details(&res.issues));
        assert!(bench.calls().is_empty());
    }

    async fn invalid_input_names_fields(bench) {
        let wrong = with(&registry("a"), &[("registry_url", "https://ghcr.io".into())]);
        let res = bench.try_create("dokploy_registry", &wrong).await;
        let detail = details(&res.issues);
        assert!(detail.contains("registryUrl"), "{detail}");
    }
}

/// The results of many futures at once.
async fn all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut futures: Vec<_> = futures.into_iter().map(|it| (Box::pin(it), None)).collect();
    std::future::poll_fn(|context| {
        let mut is_open = false;
        for (future, output) in &mut futures {
            if output.is_none() {
                match future.as_mut().poll(context) {
                    std::task::Poll::Ready(res) => *output = Some(res),
                    std::task::Poll::Pending => is_open = true,
                }
            }
        }
        if is_open {
            std::task::Poll::Pending
        } else {
            std::task::Poll::Ready(())
        }
    })
    .await;
    futures
        .into_iter()
        .filter_map(|(_, output)| output)
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_wrong_key_is_told() {
    let bench = Bench::new(Version::V0_30_2).await;
    let mut wrong = settings(Arc::new(InProcess(bench.sim.clone())));
    wrong.environment.api_key = Some("nope-nope".to_owned());
    let provider = Dokploy::new(wrong);
    configure(&provider, Type::Dynamic).await;
    let request = ReadDataRequest {
        kind: "dokploy_organizations".to_owned(),
        config: Value::null(Type::Dynamic),
    };
    let issues = provider.read_data(request).await.unwrap_err();
    assert!(details(&issues).contains("DOKPLOY_API_KEY"));
    assert!(!details(&issues).contains("nope-nope"));
}

#[tokio::test]
async fn provider_blocks_are_checked() {
    let bench = Bench::new(Version::V0_30_2).await;
    let mut settings = settings(Arc::new(InProcess(bench.sim.clone())));
    settings.environment = Access::default();
    let unknown = || Value::unknown(Type::String);
    for (host, key, expected) in [
        (
            null(),
            null(),
            "Missing required argument|Missing required argument",
        ),
        (null(), "k".into(), "Missing required argument"),
        (
            "dokploy.example.com".into(),
            "k".into(),
            "Invalid Dokploy URL",
        ),
        (
            "http://dokploy.example.com".into(),
            "k".into(),
            "API key sent in clear",
        ),
        ("https://dokploy.example.com/".into(), "k\n".into(), ""),
        (
            "https://dokploy.example.com".into(),
            "k\nk".into(),
            "Invalid API key",
        ),
        ("http://127.0.0.1:3000/api".into(), "k".into(), ""),
        (unknown(), "k".into(), ""),
        (unknown(), null(), "Missing required argument"),
    ] {
        let provider = Dokploy::new(settings.clone());
        let issues = configure(&provider, (host, key)).await;
        let titles: Vec<&str> = issues.iter().map(|it| it.summary.as_str()).collect();
        assert_eq!(titles.join("|"), expected);
    }
}

#[tokio::test]
async fn an_unknown_host_fails_only_what_needs_it() {
    let bench = Bench::new(Version::V0_30_2).await;
    let provider = Dokploy::new(settings(Arc::new(InProcess(bench.sim.clone()))));
    let issues = configure(&provider, (Value::unknown(Type::String), "k".into())).await;
    assert_eq!(issues, []);
    let bench = Bench {
        sim: bench.sim.clone(),
        provider,
    };
    let plan = bench
        .plan(
            "dokploy_registry",
            &Value::null(registry("a").ty()),
            &None,
            &registry("a"),
        )
        .await;
    assert!(!plan.planned.get("id").unwrap().is_known());
    let res = bench
        .apply(
            "dokploy_registry",
            &Value::null(registry("a").ty()),
            &plan,
            &registry("a"),
        )
        .await;
    assert_eq!(
        res.issues[0].summary,
        "Provider configuration not known yet"
    );
}

#[tokio::test]
async fn a_sandbox_needs_no_configuration() {
    let bench = Bench::new(Version::V0_30_2).await;
    let mut forced = settings(Arc::new(InProcess(bench.sim.clone())));
    forced.environment = Access::default();
    forced.forced = Some(Access {
        host: Some("http://sandbox.invalid".to_owned()),
        api_key: Some("test-key".to_owned()),
        ..Access::default()
    });
    let provider = Dokploy::new(forced);
    assert_eq!(
        configure(&provider, (Value::unknown(Type::String), null())).await,
        []
    );
    let bench = Bench {
        sim: bench.sim.clone(),
        provider,
    };
    bench.create("dokploy_registry", &registry("a")).await;
}
