//! What users asked for: connections that are tried first, objects that are taken over, the environment of a project.

use dokploy_sim::Version;
use provider::Issue;
use serde_json::json;
use value::Value;

use super::behaviour::each_version;
use super::bench::{Bench, Object, config, registry, ssh_key, text, with};

/// Plans and applies a create of which the plan says that it takes something over.
async fn adopts(bench: &Bench, kind: &'static str, config: &Value) -> Object {
    let nothing = Value::null(config.ty());
    let schema = &provider::Provider::schema(&bench.provider).resources[kind].block;
    let request = provider::PlanRequest {
        kind: kind.to_owned(),
        prior: nothing.clone(),
        proposed: provider::propose::proposed(schema, &nothing, config),
        config: config.clone(),
        private: None,
    };
    let plan = provider::Provider::plan(&bench.provider, request).await;
    let titles: Vec<&str> = plan.issues.iter().map(|it| it.summary.as_str()).collect();
    assert_eq!(titles, ["Existing object will be adopted"], "{kind}");
    assert!(!plan.issues.iter().any(Issue::is_error));
    let res = bench.apply(kind, &nothing, &plan, config).await;
    assert_eq!(res.issues, []);
    Object {
        kind,
        value: res.object,
        private: res.private,
    }
}

fn destination(secret: &str) -> Value {
    config(
        "dokploy_destination",
        &[
            ("name", "s3".into()),
            ("storage_provider", "AWS".into()),
            ("access_key", "AK".into()),
            ("secret_access_key", secret.into()),
            ("bucket", "b".into()),
            ("region", "r".into()),
            ("endpoint", "https://s3.example.com".into()),
        ],
    )
}

each_version! {
    async fn a_project_tells_the_id_of_its_production_environment(bench) {
        let plain = config("dokploy_project", &[("name", "p".into())]);
        let object = bench.create("dokploy_project", &plain).await;
        let environments = bench.sim.rows("environment");
        assert_eq!(json!(text(&object.value, "production_environment_id")), environments[0]["environmentId"]);
        bench.is_settled(&object, &plain).await;
        let renamed = with(&plain, &[("name", "q".into())]);
        let object = bench.update(&object, &renamed).await;
        bench.is_settled(&object, &renamed).await;
        let imported = bench.import("dokploy_project", &text(&object.value, "id")).await;
        assert_eq!(imported.value, object.value);
    }

    async fn a_refused_login_changes_nothing_where_connections_are_verified(bench) {
        let verified = with(&registry("a"), &[("verify_connection", true.into())]);
        bench.sim.docker_login_refuses("wrong-pass");
        let wrong = with(&verified, &[("password", "wrong-pass".into())]);
        let res = bench.try_create("dokploy_registry", &wrong).await;
        assert!(res.object.is_null());
        assert!(res.issues[0].detail.contains("Nothing was stored."), "{}", res.issues[0].detail);
        assert!(!res.issues[0].detail.contains("wrong-pass"));
        assert!(!bench.calls().contains(&"registry.create".to_owned()));

        let object = bench.create("dokploy_registry", &verified).await;
        bench.is_settled(&object, &verified).await;
        bench.calls();
        let res = bench.try_update(&object, &with(&wrong, &[("registry_name", "b".into())])).await;
        assert!(res.issues[0].detail.contains("Nothing was changed."), "{}", res.issues[0].detail);
        assert_eq!(res.object, object.value);
        assert!(!bench.calls().contains(&"registry.update".to_owned()));
        assert_eq!(bench.sim.rows("registry")[0]["registryName"], json!("a"));

        // What is tried is what is stored.
        let renamed = with(&verified, &[("registry_name", "b".into())]);
        bench.update(&object, &renamed).await;
        let calls = bench.sim.calls();
        let test = calls.iter().find(|it| it.procedure == "registry.testRegistry").unwrap();
        let update = calls.iter().find(|it| it.procedure == "registry.update").unwrap();
        for name in ["username", "password", "registryUrl", "registryType"] {
            assert_eq!(test.input[name], update.input[name], "{name}");
        }
        assert_eq!(test.input.get("registryId"), None);
    }

    async fn what_is_there_with_the_same_key_is_adopted(bench) {
        let wish = ("adopt_existing", Value::from(true));
        let mut samples = vec![
            ("dokploy_registry", "registry", registry("a"), with(&registry("a"), &[("password", "0ther-pass".into())])),
            ("dokploy_ssh_key", "sshKey", ssh_key("k"), with(&ssh_key("k"), &[("description", "d".into())])),
            ("dokploy_destination", "destination", destination("one"), destination("two")),
        ];
        if !bench.is_old() {
            let tag = config("dokploy_tag", &[("name", "live".into())]);
            let other = with(&tag, &[("color", "#22c55e".into())]);
            samples.push(("dokploy_tag", "tag", tag, other));
        }
        for (kind, table, first, second) in samples {
            let there = bench.create(kind, &first).await;
            let wanted = with(&second, std::slice::from_ref(&wish));
            let object = adopts(&bench, kind, &wanted).await;
            assert_eq!(object.value.get("id"), there.value.get("id"), "{kind}");
            assert_eq!(bench.sim.rows(table).len(), 1, "{kind}");
            bench.is_settled(&object, &wanted).await;
            assert_eq!(bench.delete(&object).await, []);
            // Where there is none, one is made, and nothing is said.
            let object = bench.create(kind, &wanted).await;
            bench.is_settled(&object, &wanted).await;
        }
        // Of two, none is taken.
        bench.create("dokploy_ssh_key", &ssh_key("k")).await;
        let nothing = Value::null(ssh_key("k").ty());
        let wanted = with(&ssh_key("k"), &[wish]);
        let request = provider::PlanRequest {
            kind: "dokploy_ssh_key".to_owned(),
            prior: nothing,
            proposed: wanted.clone(),
            config: wanted,
            private: None,
        };
        let plan = provider::Provider::plan(&bench.provider, request).await;
        assert_eq!(plan.issues[0].summary, "Error adopting SSH Key");
        assert!(plan.issues[0].is_error());
    }
}
