//! Applications, composes and what belongs to them.

use std::sync::Arc;

use dokploy_sim::Version;
use provider::Provider;
use serde_json::json;
use value::{Path, Type, Value};

use super::behaviour::each_version;
use super::bench::{Bench, Object, config, null, text, with};

pub(crate) async fn environment(bench: &Bench) -> Value {
    let project = bench
        .create(
            "dokploy_project",
            &config("dokploy_project", &[("name", "p".into())]),
        )
        .await;
    let configured = config(
        "dokploy_environment",
        &[
            ("name", "e".into()),
            ("project_id", project.value.get("id").unwrap()),
        ],
    );
    bench
        .create("dokploy_environment", &configured)
        .await
        .value
        .get("id")
        .unwrap()
}

pub(crate) fn image(environment: &Value) -> Value {
    config(
        "dokploy_application",
        &[
            ("name", "web".into()),
            ("environment_id", environment.clone()),
            ("source_type", "docker".into()),
            ("docker_image", "nginx:1".into()),
        ],
    )
}

pub(crate) async fn application(bench: &Bench) -> Object {
    let environment = environment(bench).await;
    bench
        .create("dokploy_application", &image(&environment))
        .await
}

async fn is_deleted(bench: &Bench, table: &str, object: &Object) {
    let id = text(&object.value, "id");
    assert_eq!(bench.delete(object).await, []);
    let rows = bench.sim.rows(table);
    assert!(
        rows.iter()
            .all(|row| row.as_object().unwrap().values().next() != Some(&json!(id))),
        "{rows:?}"
    );
    assert!(bench.read(object).await.is_none());
    assert_eq!(bench.delete(object).await, []);
}

each_version! {
    async fn a_change_of_one_setting_plans_that_one(bench) {
        let environment = environment(&bench).await;
        let plain = image(&environment);
        let object = bench.create("dokploy_application", &plain).await;
        let changed = with(&plain, &[("docker_image", "nginx:2".into())]);
        let plan = bench.plan("dokploy_application", &object.value, &object.private, &changed).await;
        let differs = |name: &&Arc<str>| plan.planned.get(name) != object.value.get(name);
        let names: Vec<Arc<str>> = plan.planned.entries().unwrap().keys().cloned().collect();
        let names: Vec<&str> = names.iter().filter(differs).map(|it| &**it).collect();
        assert_eq!(names, ["application_status", "docker_image"]);
    }

    async fn application_life(bench) {
        let environment = environment(&bench).await;
        let plain = image(&environment);
        let object = bench.create("dokploy_application", &plain).await;
        bench.is_settled(&object, &plain).await;
        let full = with(&plain, &[
            ("name", "web2".into()), ("description", "d".into()), ("env", "A=1".into()), ("build_secrets", "S=tops3cret".into()),
            ("username", "u".into()), ("password", "pw-of-registry".into()), ("registry_url", "ghcr.io".into()),
            ("memory_limit", Value::from(536_870_912_i64)), ("replicas", Value::from(2_i64)), ("enabled", true.into()),
            ("preview_deployments_enabled", true.into()), ("preview_limit", Value::from(5_i64)),
            ("rollback_active", true.into()), ("auto_deploy", false.into()), ("command", "run".into()),
            ("watch_paths", Value::list(Type::String, vec!["src".into()])),
            ("labels_swarm", r#"{ "b": "1", "a": "2" }"#.into()),
            ("health_check_swarm", r#"{"Test":["CMD","true"],"Retries":3}"#.into()),
            ("stop_grace_period_swarm", Value::from(10_i64)),
        ]);
        let object = bench.update(&object, &full).await;
        bench.is_settled(&object, &full).await;
        let row = bench.sim.rows("application")[0].clone();
        assert_eq!(row["memoryLimit"], json!("536870912"));
        assert_eq!(row["labelsSwarm"], json!({"b": "1", "a": "2"}));
        assert_eq!(row["isPreviewDeploymentsActive"], json!(true));
        let object = bench.update(&object, &plain).await;
        bench.is_settled(&object, &plain).await;
        let row = bench.sim.rows("application")[0].clone();
        for name in ["description", "env", "memoryLimit", "labelsSwarm", "command", "watchPaths", "buildSecrets"] {
            assert_eq!(row[name], json!(null), "{name}");
        }
        let imported = bench.import("dokploy_application", &text(&object.value, "id")).await;
        let plan = bench.plan("dokploy_application", &imported.value, &None, &plain).await;
        assert_eq!(plan.replace, []);
        is_deleted(&bench, "application", &object).await;
    }

    async fn application_created_in_full(bench) {
        let environment = environment(&bench).await;
        let full = with(&image(&environment), &[
            ("app_name", "Shop".into()), ("description", "d".into()), ("env", "A=1".into()), ("deploy_on_create", true.into()),
            ("memory_limit", Value::from(1_i64)), ("traefik_config", "http: {}".into()),
        ]);
        bench.calls();
        let object = bench.create("dokploy_application", &full).await;
        assert_eq!(bench.calls(), [
            "application.create", "application.update", "application.updateTraefikConfig",
        ]);
        let now = bench.read(&object).await.unwrap();
        assert_eq!(text(&now.value, "app_name"), "Shop");
        assert_eq!(bench.calls(), ["application.one", "application.readTraefikConfig"]);
    }

    async fn names_of_one_thing_do_not_differ(bench) {
        let environment = environment(&bench).await;
        for (given, branch) in [
            (vec![("github_owner", "o".into()), ("github_repository", "r".into()), ("github_branch", "dev".into())], "dev"),
            (vec![("owner", "o".into()), ("repository", "r".into())], "main"),
            (vec![("owner", "o".into()), ("repository", "r".into()), ("branch", "dev".into()), ("dockerfile", "Other".into())], "dev"),
        ] {
            let base = config("dokploy_application", &[
                ("name", "web".into()), ("environment_id", environment.clone()), ("source_type", "github".into()),
            ]);
            let configured = with(&base, &given);
            let object = bench.create("dokploy_application", &configured).await;
            bench.is_settled(&object, &configured).await;
            let row = bench.sim.rows("application").pop().unwrap();
            assert_eq!((&row["owner"], &row["branch"]), (&json!("o"), &json!(branch)));
        }
    }

    async fn traefik_is_left_alone_unless_configured(bench) {
        let object = application(&bench).await;
        bench.calls();
        bench.read(&object).await;
        assert_eq!(bench.calls(), ["application.one"]);
    }

    async fn a_failure_after_create_is_tainted_and_not_lost(bench) {
        let environment = environment(&bench).await;
        bench.sim.inject(dokploy_sim::Fault::always("application.update", dokploy_sim::Effect::Status500));
        let res = bench.try_create("dokploy_application", &image(&environment)).await;
        assert!(!res.object.is_null());
        assert!(res.issues[0].is_error());
        assert_eq!(bench.sim.rows("application")[0]["applicationId"], json!(text(&res.object, "id")));
    }

    async fn compose_life(bench) {
        let environment = environment(&bench).await;
        let plain = config("dokploy_compose", &[
            ("name", "tools".into()), ("environment_id", environment), ("source_type", "raw".into()),
            ("compose_file_content", "services: {}".into()),
        ]);
        let object = bench.create("dokploy_compose", &plain).await;
        bench.is_settled(&object, &plain).await;
        let full = with(&plain, &[
            ("description", "d".into()), ("env", "A=1".into()), ("command", "c".into()), ("suffix", "s".into()),
            ("trigger_type", "tag".into()), ("randomize", true.into()), ("custom_git_build_path", "/x".into()),
        ]);
        let object = bench.update(&object, &full).await;
        bench.is_settled(&object, &full).await;
        let object = bench.update(&object, &plain).await;
        bench.is_settled(&object, &plain).await;
        let row = bench.sim.rows("compose")[0].clone();
        assert_eq!((&row["env"], &row["triggerType"], &row["command"]), (&json!(null), &json!("push"), &json!("")));
        let imported = bench.import("dokploy_compose", &text(&object.value, "id")).await;
        let plan = bench.plan("dokploy_compose", &imported.value, &None, &plain).await;
        assert_eq!(plan.replace, []);
        is_deleted(&bench, "compose", &object).await;
    }

    async fn domain_life(bench) {
        let application = application(&bench).await;
        let plain = config("dokploy_domain", &[
            ("application_id", application.value.get("id").unwrap()), ("host", "a.example.com".into()),
        ]);
        let object = bench.create("dokploy_domain", &plain).await;
        bench.is_settled(&object, &plain).await;
        assert_eq!((text(&object.value, "path"), text(&object.value, "certificate_type")), ("/".into(), "letsencrypt".into()));
        // What is not configured stays.
        let object = bench.update(&object, &with(&plain, &[("path", "/x".into())])).await;
        let row = bench.sim.rows("domain")[0].clone();
        assert_eq!((&row["https"], &row["port"], &row["path"]), (&json!(true), &json!(3000), &json!("/x")));
        let id = format!("application:{}:{}", text(&application.value, "id"), text(&object.value, "id"));
        let imported = bench.import("dokploy_domain", &id).await;
        bench.is_settled(&imported, &with(&plain, &[("path", "/x".into())])).await;
        let plan = bench.plan("dokploy_domain", &object.value, &None, &with(&plain, &[("host", "b.example.com".into())])).await;
        assert_eq!(plan.replace, [Path::attr_of("host")]);
        is_deleted(&bench, "domain", &object).await;
    }

    async fn domains_can_be_made_up(bench) {
        let application = application(&bench).await;
        let plain = config("dokploy_domain", &[
            ("application_id", application.value.get("id").unwrap()), ("generate_traefik_me", true.into()),
            ("https", false.into()), ("redeploy_on_update", true.into()),
        ]);
        let object = bench.create("dokploy_domain", &plain).await;
        bench.is_settled(&object, &plain).await;
        assert_eq!(text(&object.value, "certificate_type"), "none");
        bench.calls();
        bench.update(&object, &with(&plain, &[("port", Value::from(80_i64))])).await;
        assert_eq!(bench.calls().last().map(String::as_str), Some("application.deploy"));
        let wrong = provider::ImportRequest { kind: "dokploy_domain".to_owned(), id: "a:b".to_owned() };
        assert!(bench.provider.import(wrong).await.is_err());
    }

    async fn mount_life(bench) {
        let application = application(&bench).await;
        let plain = config("dokploy_mount", &[
            ("type", "file".into()), ("mount_path", "/f".into()), ("file_path", "f".into()), ("content", "secret text".into()),
            ("service_id", application.value.get("id").unwrap()),
        ]);
        let object = bench.create("dokploy_mount", &plain).await;
        bench.is_settled(&object, &plain).await;
        let full = with(&plain, &[("content", "other text".into()), ("mount_path", "/g".into())]);
        let object = bench.update(&object, &full).await;
        bench.is_settled(&object, &full).await;
        let object = bench.update(&object, &with(&full, &[("content", null())])).await;
        let imported = bench.import("dokploy_mount", &text(&object.value, "id")).await;
        bench.is_settled(&imported, &with(&full, &[("content", null())])).await;
        is_deleted(&bench, "mount", &object).await;
    }

    async fn port_life(bench) {
        let application = application(&bench).await;
        let plain = config("dokploy_port", &[
            ("application_id", application.value.get("id").unwrap()), ("published_port", Value::from(2525_i64)),
            ("target_port", Value::from(25_i64)),
        ]);
        let object = bench.create("dokploy_port", &plain).await;
        bench.is_settled(&object, &plain).await;
        let full = with(&plain, &[("protocol", "udp".into()), ("target_port", Value::from(26_i64))]);
        let object = bench.update(&object, &full).await;
        bench.is_settled(&object, &full).await;
        let imported = bench.import("dokploy_port", &text(&object.value, "id")).await;
        bench.is_settled(&imported, &full).await;
        is_deleted(&bench, "port", &object).await;
    }

    async fn redirect_life(bench) {
        let application = application(&bench).await;
        let plain = config("dokploy_redirect", &[
            ("application_id", application.value.get("id").unwrap()), ("regex", "a".into()), ("replacement", "b".into()),
        ]);
        let (object, other) = tokio::join!(
            bench.create("dokploy_redirect", &plain),
            bench.create("dokploy_redirect", &plain),
        );
        assert_ne!(text(&object.value, "id"), text(&other.value, "id"));
        bench.is_settled(&object, &plain).await;
        let full = with(&plain, &[("permanent", false.into())]);
        let object = bench.update(&object, &full).await;
        bench.is_settled(&object, &full).await;
        let imported = bench.import("dokploy_redirect", &text(&object.value, "id")).await;
        bench.is_settled(&imported, &full).await;
        is_deleted(&bench, "redirect", &object).await;
    }
}

each_version! {
    async fn environment_variables_life(bench) {
        let application = application(&bench).await;
        let variables = |pairs: &[(&'static str, &'static str)]| Value::map(
            Type::String,
            pairs.iter().map(|(name, value)| ((*name).into(), Value::from(*value))).collect(),
        );
        let plain = config("dokploy_environment_variables", &[
            ("application_id", application.value.get("id").unwrap()), ("variables", variables(&[("B", "2"), ("A", "secret=1")])),
        ]);
        let object = bench.create("dokploy_environment_variables", &plain).await;
        assert_eq!(bench.sim.rows("application")[0]["env"], json!("A=secret=1\nB=2"));
        // The application itself has no say in them.
        let of_application = image(&application.value.get("environment_id").unwrap());
        bench.is_settled(&application, &of_application).await;
        bench.is_settled(&object, &plain).await;
        let full = with(&plain, &[("variables", variables(&[("C", "x\ny")])), ]);
        let object = bench.update(&object, &full).await;
        bench.is_settled(&object, &full).await;
        let imported = bench.import("dokploy_environment_variables", &text(&application.value, "id")).await;
        bench.is_settled(&imported, &full).await;
        assert_eq!(bench.delete(&object).await, []);
        assert_eq!(bench.sim.rows("application")[0]["env"], json!(""));
        assert_eq!(bench.delete(&application).await, []);
        assert!(bench.read(&object).await.is_none());
        assert_eq!(bench.delete(&object).await, []);
    }

    async fn the_env_file_is_switched(bench) {
        let application = application(&bench).await;
        let plain = config("dokploy_environment_variables", &[
            ("application_id", application.value.get("id").unwrap()), ("variables", Value::map(Type::String, [].into())),
            ("create_env_file", false.into()),
        ]);
        bench.create("dokploy_environment_variables", &plain).await;
        assert_eq!(bench.sim.rows("application")[0]["createEnvFile"], json!(false));
    }

    async fn organization_life(bench) {
        let plain = config("dokploy_organization", &[("name", "o".into())]);
        let object = bench.create("dokploy_organization", &plain).await;
        bench.is_settled(&object, &plain).await;
        let full = with(&plain, &[("name", "p".into()), ("logo", "https://x/logo.png".into())]);
        let object = bench.update(&object, &full).await;
        bench.is_settled(&object, &full).await;
        let object = bench.update(&object, &plain).await;
        bench.is_settled(&object, &plain).await;
        let imported = bench.import("dokploy_organization", &text(&object.value, "id")).await;
        bench.is_settled(&imported, &plain).await;
        assert_eq!(bench.delete(&object).await, []);
        assert!(bench.read(&object).await.is_none());
    }

    async fn ai_life(bench) {
        let plain = config("dokploy_ai", &[
            ("name", "a".into()), ("api_url", "https://ai.example.com/v1".into()), ("api_key", "key-of-ai".into()), ("model", "m".into()),
        ]);
        let object = bench.create("dokploy_ai", &plain).await;
        bench.is_settled(&object, &plain).await;
        let full = with(&plain, &[("model", "n".into()), ("is_enabled", false.into())]);
        let object = bench.update(&object, &full).await;
        bench.is_settled(&object, &full).await;
        let imported = bench.import("dokploy_ai", &text(&object.value, "id")).await;
        bench.is_settled(&imported, &full).await;
        is_deleted(&bench, "ai", &object).await;
    }

    async fn backup_life(bench) {
        let environment = environment(&bench).await;
        let destination = bench.create("dokploy_destination", &config("dokploy_destination", &[
            ("name", "d".into()), ("storage_provider", "AWS".into()), ("access_key", "ak".into()),
            ("secret_access_key", "sak-secret".into()), ("bucket", "b".into()), ("region", "r".into()),
            ("endpoint", "https://s3.example.com".into()),
        ])).await.value.get("id").unwrap();
        let database = bench.create("dokploy_postgres", &config("dokploy_postgres", &[
            ("name", "db".into()), ("app_name", "db".into()), ("environment_id", environment.clone()), ("database_name", "a".into()),
            ("database_user", "b".into()), ("database_password", "cdefgh".into()),
        ])).await;
        let plain = config("dokploy_backup", &[
            ("schedule", "0 0 * * *".into()), ("prefix", "p".into()), ("database", "a".into()), ("destination_id", destination.clone()),
            ("database_type", "postgres".into()), ("database_id", database.value.get("id").unwrap()),
        ]);
        let (object, other) = tokio::join!(
            bench.create("dokploy_backup", &plain),
            bench.create("dokploy_backup", &plain),
        );
        assert_ne!(text(&object.value, "id"), text(&other.value, "id"));
        bench.is_settled(&object, &plain).await;
        let full = with(&plain, &[("schedule", "1 0 * * *".into()), ("keep_latest_count", Value::from(3_i64))]);
        let object = bench.update(&object, &full).await;
        bench.is_settled(&object, &full).await;
        let imported = bench.import("dokploy_backup", &text(&object.value, "id")).await;
        bench.is_settled(&imported, &full).await;
        is_deleted(&bench, "backup", &object).await;

        let compose = bench.create("dokploy_compose", &config("dokploy_compose", &[
            ("name", "tools".into()), ("environment_id", environment),
        ])).await;
        let of_compose = config("dokploy_backup", &[
            ("schedule", "0 0 * * *".into()), ("prefix", "p".into()), ("database", "a".into()), ("destination_id", destination.clone()),
            ("backup_type", "compose".into()), ("compose_id", compose.value.get("id").unwrap()), ("service_name", "db".into()),
        ]);
        let object = bench.create("dokploy_backup", &of_compose).await;
        bench.is_settled(&object, &of_compose).await;
        let object = bench.update(&object, &with(&of_compose, &[("prefix", "q".into())])).await;
        is_deleted(&bench, "backup", &object).await;

        let plain = config("dokploy_volume_backup", &[
            ("name", "v".into()), ("volume_name", "vol".into()), ("prefix", "p".into()), ("cron_expression", "0 0 * * *".into()),
            ("destination_id", destination), ("service_type", "postgres".into()), ("service_id", database.value.get("id").unwrap()),
            ("app_name", "db".into()),
        ]);
        let object = bench.create("dokploy_volume_backup", &plain).await;
        bench.is_settled(&object, &plain).await;
        let full = with(&plain, &[("name", "w".into()), ("turn_off", true.into()), ("service_name", "s".into())]);
        let object = bench.update(&object, &full).await;
        bench.is_settled(&object, &full).await;
        let object = bench.update(&object, &plain).await;
        let imported = bench.import("dokploy_volume_backup", &text(&object.value, "id")).await;
        bench.is_settled(&imported, &plain).await;
        is_deleted(&bench, "volume_backup", &object).await;
    }
}

each_version! {
    async fn lists_and_single_objects_are_read(bench) {
        let configured = config("dokploy_destination", &[
            ("name", "d".into()), ("storage_provider", "AWS".into()), ("access_key", "ak".into()),
            ("secret_access_key", "sak-secret".into()), ("bucket", "b".into()), ("region", "r".into()),
            ("endpoint", "https://s3.example.com".into()),
        ]);
        let destination = bench.create("dokploy_destination", &configured).await.value.get("id").unwrap();
        let read = async |kind: &str, config: Value| {
            let request = provider::ReadDataRequest { kind: kind.to_owned(), config };
            let res = bench.provider.read_data(request).await.unwrap();
            assert_eq!(res.ty(), bench.provider.schema().data_sources[kind].block.ty(), "{kind}");
            res
        };
        let one = read("dokploy_destination", Value::object([("id", destination.clone())])).await;
        assert_eq!(text(&one, "storage_provider"), "AWS");
        assert_eq!(one.get("id"), Some(destination));
        let all = read("dokploy_destinations", Value::object([("destinations", null())])).await;
        assert_eq!(all.get("destinations").unwrap().elements().unwrap().len(), 1);
        for kind in [
            "dokploy_ais", "dokploy_certificates", "dokploy_bitbucket_providers", "dokploy_gitea_providers",
            "dokploy_github_providers", "dokploy_gitlab_providers",
        ] {
            read(kind, Value::object([("nothing", null())])).await;
        }
        let service = Value::object([("service_id", "x".into()), ("service_type", Value::from("application"))]);
        read("dokploy_volume_backups", service).await;
        let request = provider::ReadDataRequest {
            kind: "dokploy_compose".to_owned(),
            config: Value::object([("id", Value::from("gone"))]),
        };
        assert!(bench.provider.read_data(request).await.is_err());
    }
}

each_version! {
    async fn git_provider_lives(bench) {
        for (kind, table, given, more) in [
            ("dokploy_gitlab_provider", "gitlab", vec![("auth_id", "x"), ("gitlab_url", "https://gitlab.com")],
                vec![("group_name", "g"), ("secret", "shush-gitlab")]),
            ("dokploy_gitea_provider", "gitea", vec![("gitea_url", "https://gitea.example.com")],
                vec![("client_id", "c"), ("client_secret", "shush-gitea"), ("access_token", "token-of-gitea")]),
            ("dokploy_bitbucket_provider", "bitbucket", vec![("auth_id", "x")],
                vec![("bitbucket_username", "u"), ("api_token", "token-of-bb")]),
        ] {
            let values = |pairs: &[(&'static str, &'static str)]| -> Vec<(&'static str, Value)> {
                pairs.iter().map(|(name, value)| (*name, Value::from(*value))).collect()
            };
            let plain = with(&config(kind, &[("name", "p".into())]), &values(&given));
            let object = bench.create(kind, &plain).await;
            bench.is_settled(&object, &plain).await;
            assert_ne!(text(&object.value, "git_provider_id"), "");
            let full = with(&with(&plain, &[("name", "q".into())]), &values(&more));
            let object = bench.update(&object, &full).await;
            bench.is_settled(&object, &full).await;
            let object = bench.update(&object, &plain).await;
            bench.is_settled(&object, &plain).await;
            let imported = bench.import(kind, &text(&object.value, "id")).await;
            let plan = bench.plan(kind, &imported.value, &None, &plain).await;
            assert_eq!(plan.replace, []);
            // Without the id of the entry, it is asked for.
            let bare = Object { value: with(&object.value, &[("git_provider_id", null())]), ..object.clone() };
            is_deleted(&bench, table, &bare).await;
            assert!(bench.sim.rows("git_provider").is_empty());
        }
    }
}

each_version! {
    async fn api_key_life(bench) {
        let plain = config("dokploy_api_key", &[("name", "ci".into()), ("rate_limit_enabled", false.into())]);
        let object = bench.create("dokploy_api_key", &plain).await;
        assert_eq!(text(&object.value, "organization_id"), bench.sim.organization_id());
        assert_eq!(text(&object.value, "key").len(), 64);
        let now = bench.read(&object).await.unwrap();
        let plan = bench.plan("dokploy_api_key", &now.value, &None, &plain).await;
        assert_eq!(plan.planned, now.value);
        let plan = bench.plan("dokploy_api_key", &now.value, &None, &with(&plain, &[("name", "cd".into())])).await;
        assert_eq!(plan.replace, [Path::attr_of("name")]);
        assert_eq!(bench.delete(&object).await, []);
        assert!(bench.read(&object).await.is_none());
    }
}
