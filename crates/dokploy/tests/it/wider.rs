//! The types beyond registries, servers and keys: one life each.

use provider::Provider;
use serde_json::json;
use value::{Path, Value};

use super::behaviour::each_version;
use super::bench::{Bench, Object, config, text, with};
use dokploy_sim::Version;

/// Create, settle, change, settle, take out, settle, import, gone, delete.
async fn life(
    bench: &Bench,
    kind: &'static str,
    table: &str,
    plain: &Value,
    full: &Value,
) -> Object {
    let object = bench.create(kind, plain).await;
    bench.is_settled(&object, plain).await;
    let object = if plain == full {
        object
    } else {
        let object = bench.update(&object, full).await;
        bench.is_settled(&object, full).await;
        let object = bench.update(&object, plain).await;
        bench.is_settled(&object, plain).await;
        object
    };
    let other = bench.create(kind, full).await;
    bench.is_settled(&other, full).await;
    let id = text(&other.value, "id");
    assert!(bench.sim.delete(table, &id));
    assert!(bench.read(&other).await.is_none());
    assert_eq!(bench.delete(&other).await, []);
    object
}

async fn environment(bench: &Bench) -> (Object, Object) {
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
    let environment = bench.create("dokploy_environment", &configured).await;
    (project, environment)
}

each_version! {
    async fn project_life(bench) {
        let plain = config("dokploy_project", &[("name", "p".into())]);
        let full = with(&plain, &[("name", "q".into()), ("description", "d".into())]);
        let object = life(&bench, "dokploy_project", "project", &plain, &full).await;
        let imported = bench.import("dokploy_project", &text(&object.value, "id")).await;
        bench.is_settled(&imported, &plain).await;
        // Renaming keeps the id, and with it the environments.
        let plan = bench.plan("dokploy_project", &object.value, &None, &full).await;
        assert_eq!(plan.planned.get("id"), object.value.get("id"));
        assert_eq!(bench.delete(&object).await, []);
    }

    async fn environment_life(bench) {
        let (project, object) = environment(&bench).await;
        let id = project.value.get("id").unwrap();
        let plain = config("dokploy_environment", &[("name", "e".into()), ("project_id", id.clone())]);
        bench.is_settled(&object, &plain).await;
        let full = with(&plain, &[("name", "f".into()), ("description", "d".into())]);
        let object = bench.update(&object, &full).await;
        bench.is_settled(&object, &full).await;
        // What is not configured stays.
        bench.is_settled(&object, &with(&full, &[("description", super::bench::null())])).await;
        let import_id = format!("{}:{}", text(&project.value, "id"), text(&object.value, "id"));
        let imported = bench.import("dokploy_environment", &import_id).await;
        bench.is_settled(&imported, &full).await;
        assert!(bench.sim.delete("environment", &text(&object.value, "id")));
        assert!(bench.read(&object).await.is_none());
        assert_eq!(bench.delete(&object).await, []);
    }

    async fn the_production_environment_is_adopted(bench) {
        let (project, _) = environment(&bench).await;
        let id = project.value.get("id").unwrap();
        let plain = config("dokploy_environment", &[("name", "production".into()), ("project_id", id)]);
        let object = bench.create("dokploy_environment", &plain).await;
        bench.is_settled(&object, &plain).await;
        assert_eq!(bench.sim.rows("environment").len(), 2);
        let full = with(&plain, &[("description", "mine".into())]);
        let object = bench.update(&object, &full).await;
        bench.is_settled(&object, &full).await;
        let nothing = Value::null(object.value.ty());
        let request = provider::ApplyRequest {
            kind: object.kind.to_owned(),
            prior: object.value.clone(),
            planned: nothing.clone(),
            config: nothing,
            private: None,
        };
        let res = bench.provider.apply(request).await;
        assert!(res.object.is_null());
        assert_eq!(res.issues[0].summary, "Default environment kept");
        assert!(!res.issues[0].is_error());
    }

    async fn wrong_import_ids_are_told(bench) {
        for id in ["a", "a:", ":b", "a:b:c"] {
            let request = provider::ImportRequest { kind: "dokploy_environment".to_owned(), id: id.to_owned() };
            let issues = bench.provider.import(request).await.unwrap_err();
            assert_eq!(issues[0].summary, "Invalid Import ID");
        }
    }

    async fn destination_life(bench) {
        let plain = config("dokploy_destination", &[
            ("name", "d".into()), ("storage_provider", "AWS".into()), ("access_key", "ak".into()),
            ("secret_access_key", "sak-secret".into()), ("bucket", "b".into()), ("region", "r".into()),
            ("endpoint", "https://s3.example.com".into()),
        ]);
        let full = with(&plain, &[("name", "e".into()), ("server_id", "anything".into()), ("secret_access_key", "other".into())]);
        let object = life(&bench, "dokploy_destination", "destination", &plain, &full).await;
        let id = text(&object.value, "id");
        let imported = bench.import("dokploy_destination", &id).await;
        bench.is_settled(&imported, &plain).await;
        assert!(bench.sim.edit("destination", &id, json!({"secretAccessKey": "drift"})));
        assert_eq!(text(&bench.read(&object).await.unwrap().value, "secret_access_key"), "drift");
        assert_eq!(bench.delete(&object).await, []);
    }

    async fn destination_flags_are_kept(bench) {
        let plain = config("dokploy_destination", &[
            ("name", "d".into()), ("storage_provider", "AWS".into()), ("access_key", "ak".into()),
            ("secret_access_key", "sak-secret".into()), ("bucket", "b".into()), ("region", "r".into()),
            ("endpoint", "https://s3.example.com".into()),
        ]);
        let object = bench.create("dokploy_destination", &plain).await;
        let id = text(&object.value, "id");
        if bench.sim.edit("destination", &id, json!({"additionalFlags": ["--s3-a=b"]})) {
            bench.update(&object, &with(&plain, &[("name", "e".into())])).await;
            let row = bench.sim.rows("destination")[0].clone();
            assert!(row.get("additionalFlags").is_none_or(|it| *it == json!(["--s3-a=b"])), "{row}");
        }
    }

    async fn certificate_life(bench) {
        let plain = config("dokploy_certificate", &[
            ("name", "c".into()), ("certificate_data", "pem\n".into()), ("private_key", "key\n".into()),
        ]);
        let object = life(&bench, "dokploy_certificate", "certificate", &plain, &plain).await;
        let imported = bench.import("dokploy_certificate", &text(&object.value, "id")).await;
        bench.is_settled(&imported, &plain).await;
        let renewed = with(&plain, &[("auto_renew", true.into())]);
        let plan = bench.plan("dokploy_certificate", &object.value, &None, &renewed).await;
        assert_eq!(plan.replace, [Path::attr_of("auto_renew")]);
        assert_eq!(bench.delete(&object).await, []);
    }

    async fn database_lives(bench) {
        let (_, environment) = environment(&bench).await;
        let environment_id = environment.value.get("id").unwrap();
        for (kind, table, more) in [
            ("dokploy_postgres", "postgres", vec!["app_name", "database_name", "database_user"]),
            ("dokploy_mysql", "mysql", vec!["app_name", "database_name", "database_user", "database_root_password"]),
            ("dokploy_mariadb", "mariadb", vec!["app_name", "database_name", "database_user", "database_root_password"]),
            ("dokploy_mongo", "mongo", vec!["app_name", "database_user"]),
            ("dokploy_redis", "redis", vec!["app_name_prefix"]),
        ] {
            let mut given: Vec<(&'static str, Value)> = vec![
                ("name", "db".into()), ("environment_id", environment_id.clone()), ("database_password", "pass1234".into()),
                ("docker_image", "image:1".into()),
            ];
            given.extend(more.into_iter().map(|it| (it, Value::from("shop"))));
            let plain = config(kind, &given);
            let full = with(&plain, &[
                ("description", "d".into()), ("env", "A=1\nB=2".into()), ("command", "run".into()),
                ("memory_limit", "512m".into()), ("external_port", Value::from(5433_i64)), ("database_password", "pass5678".into()),
            ]);
            let object = life(&bench, kind, table, &plain, &full).await;
            let id = text(&object.value, "id");
            let imported = bench.import(kind, &id).await;
            let plan = bench.plan(kind, &imported.value, &None, &plain).await;
            assert_eq!(plan.planned, imported.value, "an imported database is not replaced");
            assert!(bench.sim.edit(table, &id, json!({"databasePassword": "drift"})));
            assert_eq!(text(&bench.read(&object).await.unwrap().value, "database_password"), "drift");
            assert_eq!(bench.delete(&object).await, []);
        }
    }
}

// Bugs of the provider of today, each by its name.
each_version! {
    async fn bug_destroy_of_application_compose_and_domain_is_a_silent_no_op(bench) {
        let (_, environment) = environment(&bench).await;
        let within = ("environment_id", environment.value.get("id").unwrap());
        let app = config("dokploy_application", &[("name", "a".into()), within.clone()]);
        let app = bench.create("dokploy_application", &app).await;
        let stack = config("dokploy_compose", &[("name", "s".into()), within, ("compose_file_content", "services: {}".into())]);
        let stack = bench.create("dokploy_compose", &stack).await;
        let domain = config("dokploy_domain", &[
            ("application_id", app.value.get("id").unwrap()), ("host", "a.example.com".into()),
        ]);
        let domain = bench.create("dokploy_domain", &domain).await;
        for (object, table) in [(&domain, "domain"), (&app, "application"), (&stack, "compose")] {
            assert_eq!(bench.delete(object).await, []);
            assert!(bench.sim.rows(table).is_empty(), "{table}");
        }
        // Nothing is active any more, so that the environment can go.
        assert_eq!(bench.delete(&environment).await, []);
    }

    async fn bug_a_domain_update_resets_what_is_not_configured(bench) {
        let (_, environment) = environment(&bench).await;
        let app = config("dokploy_application", &[("name", "a".into()), ("environment_id", environment.value.get("id").unwrap())]);
        let app = bench.create("dokploy_application", &app).await;
        let domain = config("dokploy_domain", &[
            ("application_id", app.value.get("id").unwrap()), ("host", "a.example.com".into()), ("https", true.into()),
        ]);
        let object = bench.create("dokploy_domain", &domain).await;
        let row = bench.sim.rows("domain")[0].clone();
        bench.update(&object, &with(&domain, &[("port", Value::from(8080_i64))])).await;
        let now = bench.sim.rows("domain")[0].clone();
        assert_eq!(now["port"], json!(8080));
        for name in ["https", "path", "certificateType", "host"] {
            assert_eq!(now[name], row[name], "{name}");
        }
    }
}
