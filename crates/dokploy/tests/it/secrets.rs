//! Secrets that are given by write-only arguments: sent once for each version, and kept nowhere.

use dokploy_sim::Version;
use provider::{AttributeKind, Provider};
use serde_json::json;
use value::{Path, Type, Value};

use super::behaviour::each_version;
use super::bench::{Bench, Object, config, null, registry, ssh_key, text, with};

fn number(it: i64) -> Value {
    Value::from(it)
}

fn is_nowhere(object: &Object, secret: &str) {
    assert!(!format!("{object:?}").contains(secret), "{object:?}");
}

fn written(plain: &Value, name: &'static str, secret: &str, version: i64) -> Value {
    let twin = |more: &str| -> &'static str {
        let names = [
            "password_wo",
            "password_wo_version",
            "private_key_wo",
            "private_key_wo_version",
        ];
        let wanted = format!("{name}{more}");
        names.into_iter().find(|it| *it == wanted).unwrap()
    };
    with(
        plain,
        &[
            (name, null()),
            (twin("_wo"), secret.into()),
            (twin("_wo_version"), number(version)),
        ],
    )
}

fn sent(bench: &Bench, procedure: &str, name: &str) -> Vec<serde_json::Value> {
    let calls = bench.sim.calls();
    let of_it = calls.iter().filter(|it| it.procedure == procedure);
    of_it.map(|it| it.input[name].clone()).collect()
}

each_version! {
    async fn a_write_only_password_is_sent_on_create_and_with_a_new_version(bench) {
        let first = written(&registry("a"), "password", "canary-1", 1);
        let object = bench.create("dokploy_registry", &first).await;
        is_nowhere(&object, "canary");
        assert_eq!(sent(&bench, "registry.create", "password"), [json!("canary-1")]);
        bench.is_settled(&object, &first).await;
        // Another one of the same version is no difference.
        bench.is_settled(&object, &written(&registry("a"), "password", "canary-2", 1)).await;

        let second = written(&registry("a"), "password", "canary-2", 2);
        let object = bench.update(&object, &second).await;
        is_nowhere(&object, "canary");
        assert_eq!(bench.sim.rows("registry")[0]["password"], json!("canary-2"));
        bench.is_settled(&object, &second).await;

        // An update that wants everything sends the one that Dokploy has.
        let third = written(&with(&registry("a"), &[("registry_name", "b".into())]), "password", "canary-3", 2);
        let object = bench.update(&object, &third).await;
        is_nowhere(&object, "canary");
        assert_eq!(bench.sim.rows("registry")[0]["password"], json!("canary-2"));
        bench.is_settled(&object, &third).await;

        // And back.
        let plain = with(&registry("b"), &[]);
        let object = bench.update(&object, &plain).await;
        assert_eq!(text(&object.value, "password"), "s3cret-pass");
        bench.is_settled(&object, &plain).await;
        let object = bench.update(&object, &written(&plain, "password", "canary-4", 1)).await;
        is_nowhere(&object, "canary");
        is_nowhere(&object, "s3cret");
        assert_eq!(bench.sim.rows("registry")[0]["password"], json!("canary-4"));
        assert_eq!(bench.delete(&object).await, []);
    }

    async fn a_write_only_password_needs_no_version(bench) {
        let plain = with(&registry("a"), &[("password", null()), ("password_wo", "canary".into())]);
        let object = bench.create("dokploy_registry", &plain).await;
        is_nowhere(&object, "canary");
        bench.is_settled(&object, &plain).await;
        let imported = bench.import("dokploy_registry", &text(&object.value, "id")).await;
        let object = bench.update(&imported, &plain).await;
        is_nowhere(&object, "canary");
    }

    async fn a_new_version_of_a_key_makes_a_new_key(bench) {
        let first = written(&ssh_key("k"), "private_key", super::bench::PRIVATE, 1);
        let object = bench.create("dokploy_ssh_key", &first).await;
        is_nowhere(&object, "PRIVATE KEY");
        bench.is_settled(&object, &first).await;
        let second = written(&ssh_key("k"), "private_key", super::bench::PRIVATE, 2);
        let plan = bench.plan("dokploy_ssh_key", &object.value, &object.private, &second).await;
        assert_eq!(plan.replace, [Path::attr_of("private_key_wo_version")]);
    }

    async fn a_refused_new_password_is_sent_again(bench) {
        let first = written(&registry("a"), "password", "canary-1", 1);
        let object = bench.create("dokploy_registry", &first).await;
        bench.sim.docker_login_refuses("canary-wrong");
        let res = bench.try_update(&object, &written(&registry("a"), "password", "canary-wrong", 2)).await;
        assert!(res.issues.iter().any(provider::Issue::is_error));
        assert!(!format!("{:?}", res.issues).contains("canary"), "{:?}", res.issues);
        assert_eq!(res.object.get("password_wo_version"), Some(number(1)));
        assert!(!format!("{:?}", res.object).contains("canary"));
    }

    async fn variables_can_be_write_only(bench) {
        let project = bench.create("dokploy_project", &config("dokploy_project", &[("name", "p".into())])).await;
        let variables = Value::map(Type::String, [("A".into(), "canary".into())].into());
        let plain = config("dokploy_shared_environment", &[
            ("project_id", project.value.get("id").unwrap()), ("variables_wo", variables), ("variables_wo_version", number(1)),
        ]);
        let object = bench.create("dokploy_shared_environment", &plain).await;
        is_nowhere(&object, "canary");
        assert_eq!(bench.sim.rows("project")[0]["env"], json!("A=canary"));
        bench.is_settled(&object, &plain).await;
    }

    async fn a_secret_is_given_once(bench) {
        let titles = |config: &Value| -> Vec<String> {
            let issues = bench.provider.validate_resource("dokploy_registry", config);
            issues.into_iter().map(|it| it.summary).collect()
        };
        let plain = registry("a");
        assert_eq!(titles(&plain), Vec::<String>::new());
        let both = with(&plain, &[("password_wo", "canary".into())]);
        assert_eq!(titles(&both), ["Conflicting configuration arguments"]);
        let none = with(&plain, &[("password", null())]);
        assert_eq!(titles(&none), ["Missing required argument"]);
        let unknown = with(&none, &[("password_wo", Value::unknown(Type::String))]);
        assert_eq!(titles(&unknown), Vec::<String>::new());
        let alone = with(&plain, &[("password_wo_version", number(1))]);
        assert_eq!(titles(&alone), ["Missing required argument"]);
        for config in [&both, &none, &alone] {
            let issues = bench.provider.validate_resource("dokploy_registry", config);
            assert!(!format!("{issues:?}").contains("canary"));
            assert!(!format!("{issues:?}").contains("s3cret"));
        }
    }

    async fn every_secret_that_can_be_set_has_a_twin(bench) {
        let mut found = 0;
        for (kind, schema) in &bench.provider.schema().resources {
            let attributes = &schema.block.attributes;
            for (name, attribute) in attributes {
                if !attribute.sensitive || attribute.write_only || !attribute.optional {
                    assert!(attribute.write_only || !attribute.sensitive || attribute.computed, "{kind} {name}");
                    continue;
                }
                found += 1;
                let twin = &attributes[format!("{name}_wo").as_str()];
                assert!(twin.write_only && twin.optional && !twin.computed, "{kind} {name}");
                assert!(matches!(twin.kind, AttributeKind::Plain(_)) && twin.ty() == attribute.ty());
                assert_eq!(attributes[format!("{name}_wo_version").as_str()].ty(), Type::Number);
            }
        }
        assert!(found > 30, "{found}");
    }
}
