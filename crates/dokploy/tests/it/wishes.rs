//! What users asked for: connections that are tried first, objects that are taken over, the environment of a project.

use dokploy_sim::Version;
use provider::{Issue, PlanRequest, PlanResponse, Provider};
use serde_json::json;
use value::Value;

use super::behaviour::each_version;
use super::bench::{Bench, Object, config, registry, ssh_key, text, with};

/// Plans a create.
async fn planned(bench: &Bench, kind: &str, config: &Value) -> PlanResponse {
    let nothing = Value::null(config.ty());
    let schema = &bench.provider.schema().resources[kind].block;
    let request = PlanRequest {
        kind: kind.to_owned(),
        prior: nothing.clone(),
        proposed: provider::propose::proposed(schema, &nothing, config),
        config: config.clone(),
        private: None,
    };
    bench.provider.plan(request).await
}

fn titles(plan: &PlanResponse) -> Vec<&str> {
    plan.issues.iter().map(|it| it.summary.as_str()).collect()
}

const ADOPTED: [&str; 1] = ["Existing object will be adopted"];

/// Plans and applies a create of which the plan says that it takes something over.
async fn adopts(bench: &Bench, kind: &'static str, config: &Value) -> Object {
    let nothing = Value::null(config.ty());
    let plan = planned(bench, kind, config).await;
    assert_eq!(titles(&plan), ADOPTED, "{kind}");
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
            let there = bench.another().await.create(kind, &first).await;
            let wanted = with(&second, std::slice::from_ref(&wish));
            let object = adopts(&bench, kind, &wanted).await;
            assert_eq!(object.value.get("id"), there.value.get("id"), "{kind}");
            assert_eq!(bench.sim.rows(table).len(), 1, "{kind}");
            let later = bench.another().await;
            later.is_settled(&object, &wanted).await;
            assert_eq!(later.delete(&object).await, []);
            // Where there is none, one is made, and nothing is said.
            let object = later.create(kind, &wanted).await;
            later.is_settled(&object, &wanted).await;
        }
        // Of two, none is taken.
        let another = bench.another().await;
        another.create("dokploy_ssh_key", &ssh_key("k")).await;
        another.create("dokploy_ssh_key", &ssh_key("k")).await;
        let wanted = with(&ssh_key("k"), &[wish]);
        let plan = planned(&bench.another().await, "dokploy_ssh_key", &wanted).await;
        assert_eq!(titles(&plan), ["Error adopting SSH Key"]);
        assert!(plan.issues[0].is_error());
    }

    async fn one_object_is_taken_over_by_one_resource(bench) {
        let kind = "dokploy_registry";
        let wanted = with(&registry("a"), &[("adopt_existing", true.into())]);
        let nothing = Value::null(wanted.ty());
        let there = bench.another().await.create(kind, &registry("a")).await;
        let first = planned(&bench, kind, &wanted).await;
        let second = planned(&bench, kind, &wanted).await;
        assert_eq!(titles(&first), ADOPTED);
        assert_eq!(titles(&second), Vec::<&str>::new(), "a second one is made");
        assert_eq!(bench.calls().iter().filter(|it| *it == "registry.all").count(), 1, "listed once");

        // In whichever order they are applied, each does what its plan says.
        let applying = bench.another().await;
        let second = applying.apply(kind, &nothing, &second, &wanted).await;
        let first = applying.apply(kind, &nothing, &first, &wanted).await;
        assert_eq!((first.issues.len(), second.issues.len()), (0, 0));
        assert_eq!(first.object.get("id"), there.value.get("id"));
        assert_ne!(second.object.get("id"), there.value.get("id"));
        assert_eq!((first.private, second.private), (None, None), "what was decided is over");
        assert_eq!(bench.sim.rows("registry").len(), 2);
        let calls = bench.calls();
        assert_eq!(calls.iter().filter(|it| *it == "registry.all").count(), 1, "{calls:?}");
        // And nobody takes what these two have.
        let third = planned(&applying, kind, &wanted).await;
        assert_eq!(titles(&third), Vec::<&str>::new());
    }

    async fn what_a_resource_has_is_not_taken_over(bench) {
        let kind = "dokploy_ssh_key";
        let wanted = with(&ssh_key("k"), &[("adopt_existing", true.into())]);
        let there = bench.another().await.create(kind, &ssh_key("k")).await;
        // Whoever is refreshed before is known to have it.
        assert!(bench.read(&there).await.is_some());
        assert_eq!(titles(&planned(&bench, kind, &wanted).await), Vec::<&str>::new());

        // Without a refresh it is told of.
        let hasty = bench.another().await;
        hasty.provider.remembers(kind, &there.value);
        assert_eq!(titles(&planned(&hasty, kind, &wanted).await), Vec::<&str>::new());
    }

    async fn an_apply_obeys_the_plan_or_says_why_not(bench) {
        let kind = "dokploy_ssh_key";
        let wanted = with(&ssh_key("k"), &[("adopt_existing", true.into())]);
        let nothing = Value::null(wanted.ty());
        // One that came after the plan is another one.
        let plan = planned(&bench, kind, &wanted).await;
        bench.another().await.create(kind, &ssh_key("k")).await;
        let made = bench.another().await.apply(kind, &nothing, &plan, &wanted).await;
        assert_eq!(made.issues, []);
        assert_eq!(bench.sim.rows("sshKey").len(), 2);

        // One that has gone since.
        let other = with(&ssh_key("other"), &[("adopt_existing", true.into())]);
        let there = bench.another().await.create(kind, &ssh_key("other")).await;
        let plan = planned(&bench.another().await, kind, &other).await;
        assert_eq!(titles(&plan), ADOPTED);
        assert_eq!(bench.another().await.delete(&there).await, []);
        let made = bench.another().await.apply(kind, &nothing, &plan, &other).await;
        assert!(made.object.is_null());
        assert_eq!(made.issues[0].summary, "Error adopting SSH Key");
        assert!(made.issues[0].detail.contains("Plan again"), "{}", made.issues[0].detail);
        assert_eq!(bench.sim.rows("sshKey").len(), 2, "nothing was made");
    }

    async fn a_key_that_is_known_late_is_looked_for_late(bench) {
        let kind = "dokploy_ssh_key";
        let wanted = with(&ssh_key("k"), &[("adopt_existing", true.into())]);
        let open = with(&wanted, &[("name", Value::unknown(value::Type::String))]);
        let nothing = Value::null(wanted.ty());
        let mine = bench.another().await.create(kind, &ssh_key("k")).await;
        assert!(bench.read(&mine).await.is_some());
        let there = bench.another().await.create(kind, &ssh_key("k")).await;
        let plan = planned(&bench, kind, &open).await;
        assert_eq!(titles(&plan), Vec::<&str>::new());
        let applying = bench.another().await;
        let schema = &applying.provider.schema().resources[kind].block;
        let request = PlanRequest {
            kind: kind.to_owned(),
            prior: nothing.clone(),
            proposed: provider::propose::proposed(schema, &nothing, &wanted),
            config: wanted.clone(),
            private: plan.private,
        };
        let plan = applying.provider.plan(request).await;
        let made = applying.apply(kind, &nothing, &plan, &wanted).await;
        assert_eq!(made.issues, []);
        // The other one has a resource, as the plan knew.
        assert_eq!(made.object.get("id"), there.value.get("id"));
    }

    async fn what_could_not_be_changed_is_not_had(bench) {
        let kind = "dokploy_registry";
        bench.another().await.create(kind, &registry("a")).await;
        bench.sim.docker_login_refuses("wrong-pass");
        let wanted = with(&registry("a"), &[("adopt_existing", true.into()), ("password", "wrong-pass".into())]);
        let plan = planned(&bench, kind, &wanted).await;
        assert_eq!(titles(&plan), ADOPTED);
        let made = bench.apply(kind, &Value::null(wanted.ty()), &plan, &wanted).await;
        assert!(made.issues[0].is_error());
        assert!(made.object.is_null(), "a state with half an object would have it deleted");
        assert_eq!(bench.sim.rows("registry").len(), 1);
    }
}
