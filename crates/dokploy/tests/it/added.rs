//! The types that the published provider lacks: one life each.

use dokploy_sim::Version;
use provider::Provider;
use serde_json::json;
use value::{Type, Value};

use super::behaviour::each_version;
use super::bench::{Bench, config, null, text, with};

/// Create, settle, change, settle, take out, settle, import, gone, delete, nothing left.
async fn life(
    bench: &Bench,
    kind: &'static str,
    table: &str,
    plain: &Value,
    full: &Value,
    is_imported_whole: bool,
) {
    let object = bench.create(kind, plain).await;
    bench.is_settled(&object, plain).await;
    let object = bench.update(&object, full).await;
    bench.is_settled(&object, full).await;
    let object = bench.update(&object, plain).await;
    bench.is_settled(&object, plain).await;
    let imported = bench.import(kind, &text(&object.value, "id")).await;
    if is_imported_whole {
        assert_eq!(imported.value, object.value, "{kind}");
        bench.is_settled(&imported, plain).await;
    }
    assert_eq!(bench.delete(&object).await, []);
    assert!(bench.sim.rows(table).is_empty(), "{kind}");

    let object = bench.create(kind, full).await;
    bench.is_settled(&object, full).await;
    assert!(bench.sim.delete(table, &text(&object.value, "id")));
    assert!(bench.read(&object).await.is_none());
    assert_eq!(bench.delete(&object).await, []);
}

async fn project(bench: &Bench) -> Value {
    let project = config("dokploy_project", &[("name", "p".into())]);
    let project = bench.create("dokploy_project", &project).await;
    project.value.get("id").unwrap()
}

async fn environment(bench: &Bench) -> Value {
    let project = project(bench).await;
    let environment = config(
        "dokploy_environment",
        &[("name", "e".into()), ("project_id", project)],
    );
    let environment = bench.create("dokploy_environment", &environment).await;
    environment.value.get("id").unwrap()
}

async fn application(bench: &Bench) -> Value {
    let environment = environment(bench).await;
    let application = config(
        "dokploy_application",
        &[("name", "web".into()), ("environment_id", environment)],
    );
    let application = bench.create("dokploy_application", &application).await;
    application.value.get("id").unwrap()
}

fn texts(of: &[&str]) -> Value {
    Value::list(Type::String, of.iter().map(|it| Value::from(*it)).collect())
}

/// What a kind of notification wants, more for an update, and whether the oldest version has it.
type Sample = (
    &'static str,
    Vec<(&'static str, Value)>,
    Vec<(&'static str, Value)>,
    bool,
);

fn notifications() -> Vec<Sample> {
    let number = |it: i64| Value::from(it);
    let hook = || {
        (
            "webhook_url",
            Value::from("https://hooks.example.com/s3cret"),
        )
    };
    let from = || ("from_address", Value::from("a@example.com"));
    let to = || ("to_addresses", texts(&["b@example.com", "c@example.com"]));
    let headers = Value::map(Type::String, [("X-Token".into(), "s3cret".into())].into());
    vec![
        (
            "slack",
            vec![hook()],
            vec![("channel", "#ops".into())],
            true,
        ),
        (
            "discord",
            vec![hook()],
            vec![("decoration", false.into())],
            true,
        ),
        (
            "telegram",
            vec![("bot_token", "t".into()), ("chat_id", "-1".into())],
            vec![("message_thread_id", "7".into())],
            true,
        ),
        (
            "email",
            vec![
                ("smtp_server", "mail.example.com".into()),
                ("smtp_port", number(587)),
                ("username", "u".into()),
                ("password", "p".into()),
                from(),
                to(),
            ],
            vec![
                ("smtp_port", number(25)),
                ("to_addresses", texts(&["d@example.com"])),
            ],
            true,
        ),
        (
            "gotify",
            vec![
                ("server_url", "https://g.example.com".into()),
                ("app_token", "t".into()),
            ],
            vec![("priority", number(0)), ("decoration", false.into())],
            true,
        ),
        (
            "ntfy",
            vec![
                ("server_url", "https://ntfy.sh".into()),
                ("topic", "ops".into()),
                ("access_token", "t".into()),
            ],
            vec![("access_token", "u".into()), ("priority", number(5))],
            true,
        ),
        (
            "lark",
            vec![hook()],
            vec![("webhook_url", "https://other.example.com".into())],
            true,
        ),
        (
            "resend",
            vec![("api_key", "k".into()), from(), to()],
            vec![("api_key", "l".into())],
            false,
        ),
        (
            "mattermost",
            vec![hook()],
            vec![("channel", "ops".into()), ("username", "dok".into())],
            false,
        ),
        (
            "custom",
            vec![("endpoint", "https://hook.example.com".into())],
            vec![("headers", headers)],
            false,
        ),
        (
            "pushover",
            vec![("user_key", "u".into()), ("api_token", "t".into())],
            vec![
                ("priority", number(2)),
                ("retry", number(30)),
                ("expire", number(600)),
            ],
            false,
        ),
        (
            "teams",
            vec![hook()],
            vec![("webhook_url", "https://other.example.com".into())],
            false,
        ),
    ]
}

/// The name that a row of the dialect has for the program's life.
fn named(kind: &str) -> &'static str {
    let name = format!("dokploy_notification_{kind}");
    let rows = dokploy::tables::AHMEDALI6.resources;
    rows.iter().find(|it| it.kind == name).unwrap().kind
}

each_version! {
    async fn tag_and_network_lives(bench) {
        let tag = config("dokploy_tag", &[("name", "live".into())]);
        let network = config("dokploy_network", &[("name", "backend".into())]);
        if bench.is_old() {
            for (kind, plain) in [("dokploy_tag", &tag), ("dokploy_network", &network)] {
                refused(&bench, kind, plain).await;
            }
            return;
        }
        let full = with(&tag, &[("name", "prod".into()), ("color", "#22c55e".into())]);
        life(&bench, "dokploy_tag", "tag", &tag, &full, true).await;

        let ipam = r#"{"driver": "default", "config": [{"subnet": "10.9.0.0/16"}]}"#;
        let full = with(&network, &[
            ("driver", "overlay".into()), ("internal", true.into()), ("attachable", true.into()),
            ("enable_ipv6", true.into()), ("mtu", Value::from(1400_i64)), ("ipam", ipam.into()),
        ]);
        for it in [&network, &full] {
            let object = bench.create("dokploy_network", it).await;
            bench.is_settled(&object, it).await;
            let imported = bench.import("dokploy_network", &text(&object.value, "id")).await;
            bench.is_settled(&imported, it).await;
            // There is no call that changes one.
            let other = with(it, &[("name", "other".into())]);
            let plan = bench.plan("dokploy_network", &object.value, &None, &other).await;
            assert_eq!(plan.replace, [value::Path::attr_of("name")]);
            assert_eq!(bench.delete(&object).await, []);
            assert!(bench.sim.rows("network").is_empty());
        }
    }

    async fn security_life(bench) {
        let application = application(&bench).await;
        let plain = config("dokploy_security", &[
            ("application_id", application), ("username", "staff".into()), ("password", "s3cret-one".into()),
        ]);
        let full = with(&plain, &[("username", "team".into()), ("password", "s3cret-two".into())]);
        life(&bench, "dokploy_security", "security", &plain, &full, true).await;
        let object = bench.create("dokploy_security", &plain).await;
        let again = bench.try_create("dokploy_security", &plain).await;
        assert!(again.object.is_null());
        assert!(!again.issues[0].detail.contains("s3cret"), "{}", again.issues[0].detail);
        assert_eq!(bench.sim.rows("security").len(), 1);
        assert_eq!(bench.delete(&object).await, []);
    }

    async fn schedule_life(bench) {
        let application = application(&bench).await;
        let plain = config("dokploy_schedule", &[
            ("name", "s".into()), ("application_id", application), ("cron_expression", "0 3 * * *".into()),
            ("command", "true".into()),
        ]);
        let full = with(&plain, &[
            ("name", "t".into()), ("command", "false".into()), ("shell_type", "sh".into()), ("enabled", false.into()),
            ("script", "echo".into()),
        ]);
        life(&bench, "dokploy_schedule", "schedule", &plain, &full, true).await;

        let newer = with(&full, &[("description", "d".into()), ("timezone", "Europe/Berlin".into())]);
        if bench.is_old() {
            refused(&bench, "dokploy_schedule", &newer).await;
        } else {
            life(&bench, "dokploy_schedule", "schedule", &plain, &newer, true).await;
        }
        let own = config("dokploy_schedule", &[
            ("name", "s".into()), ("schedule_type", "dokploy-server".into()), ("cron_expression", "0 3 * * *".into()),
            ("command", "".into()), ("script", "docker system prune".into()),
        ]);
        let object = bench.create("dokploy_schedule", &own).await;
        bench.is_settled(&object, &own).await;
        assert_eq!(bench.delete(&object).await, []);
    }

    async fn libsql_life(bench) {
        let environment = environment(&bench).await;
        let plain = config("dokploy_libsql", &[
            ("name", "edge".into()), ("app_name", "edge".into()), ("environment_id", environment),
            ("database_user", "u".into()), ("database_password", "pass1234".into()),
        ]);
        if bench.is_old() {
            refused(&bench, "dokploy_libsql", &plain).await;
            return;
        }
        let full = with(&plain, &[
            ("name", "core".into()), ("description", "d".into()), ("docker_image", "libsql:1".into()), ("env", "A=1".into()),
            ("enable_namespaces", true.into()), ("sqld_node", "replica".into()), ("sqld_primary_url", "http://a:5001".into()),
            ("external_port", Value::from(8080_i64)), ("external_grpc_port", Value::from(5001_i64)),
            ("memory_limit", "512m".into()), ("database_user", "v".into()), ("database_password", "pass5678".into()),
        ]);
        life(&bench, "dokploy_libsql", "libsql", &plain, &full, false).await;
        // An update that leaves them out would reset them.
        let kept = with(&plain, &[("docker_image", "libsql:1".into()), ("enable_namespaces", true.into())]);
        let object = bench.create("dokploy_libsql", &kept).await;
        let object = bench.update(&object, &with(&kept, &[("name", "other".into())])).await;
        let row = &bench.sim.rows("libsql")[0];
        assert_eq!((&row["dockerImage"], &row["enableNamespaces"]), (&json!("libsql:1"), &json!(true)));
        assert_eq!(bench.delete(&object).await, []);
    }

    async fn shared_environment_life(bench) {
        let project = project(&bench).await;
        let variables = |of: &[(&'static str, &'static str)]| {
            Value::map(Type::String, of.iter().map(|(name, it)| ((*name).into(), (*it).into())).collect())
        };
        let plain = config("dokploy_shared_environment", &[("project_id", project.clone()), ("variables", variables(&[("A", "1")]))]);
        let object = bench.create("dokploy_shared_environment", &plain).await;
        bench.is_settled(&object, &plain).await;
        let full = with(&plain, &[("variables", variables(&[("B", "2"), ("A", "x=y")]))]);
        let object = bench.update(&object, &full).await;
        bench.is_settled(&object, &full).await;
        assert_eq!(bench.sim.rows("project")[0]["env"], json!("A=x=y\nB=2"));
        let imported = bench.import("dokploy_shared_environment", project.as_str().unwrap()).await;
        bench.is_settled(&imported, &full).await;
        assert_eq!(bench.delete(&object).await, []);
        assert_eq!(bench.sim.rows("project")[0]["env"], json!(""));
    }

    async fn schedules_of_servers_are_found_after_a_crash(bench) {
        let key = bench.create("dokploy_ssh_key", &super::bench::ssh_key("k")).await;
        let server = super::bench::server("s", &key.value.get("id").unwrap());
        let server = bench.create("dokploy_server", &server).await;
        let kind = "dokploy_schedule";
        let nightly = |given: &[(&'static str, Value)]| {
            let plain = config(kind, &[
                ("name", "nightly".into()), ("cron_expression", "0 3 * * *".into()), ("command", "true".into()),
            ]);
            with(&plain, given)
        };
        let on_server = nightly(&[("schedule_type", "server".into()), ("server_id", server.value.get("id").unwrap())]);
        let own = nightly(&[("schedule_type", "dokploy-server".into())]);
        // The older version knows its own ones by a user, whom nothing that was recorded tells.
        let both = if bench.is_old() { vec![on_server] } else { vec![on_server, own] };
        for configured in both {
            let planned = bench.plan(kind, &Value::null(configured.ty()), &None, &configured).await.planned;
            let find = || bench.provider.find(provider::FindRequest {
                kind: kind.to_owned(),
                identity: bench.provider.identity(kind, &planned).unwrap(),
                since: "2026-05-01T12:00:00.123Z".to_owned(),
                now: "2026-05-01T12:00:30Z".to_owned(),
                known: Vec::new(),
            });
            assert!(matches!(find().await, Ok(provider::Found::Nothing)));
            let object = bench.create(kind, &configured).await;
            match find().await {
                Ok(provider::Found::Object(found)) => assert_eq!(found, object.value),
                other => panic!("{other:?}"),
            }
        }
    }

    async fn environment_shared_variables_life(bench) {
        let project = project(&bench).await;
        let variables = |of: &[(&'static str, &'static str)]| {
            Value::map(Type::String, of.iter().map(|(name, it)| ((*name).into(), (*it).into())).collect())
        };
        let kind = "dokploy_environment_shared_variables";
        // The environment that came with the project has them as well as others.
        let id = bench.sim.rows("environment")[0]["environmentId"].as_str().unwrap().to_owned();
        assert_eq!(bench.sim.rows("environment")[0]["isDefault"], json!(true));
        let environment = config("dokploy_environment", &[("name", "e".into()), ("project_id", project)]);
        let environment = bench.create("dokploy_environment", &environment).await;
        for (n, id) in [(0, id), (1, text(&environment.value, "id"))] {
            let env = || bench.sim.rows("environment")[n]["env"].clone();
            let plain = config(kind, &[("environment_id", id.as_str().into()), ("variables", variables(&[("A", "1")]))]);
            let object = bench.create(kind, &plain).await;
            bench.is_settled(&object, &plain).await;
            let full = with(&plain, &[("variables", variables(&[("B", "2"), ("A", "x=y")]))]);
            let object = bench.update(&object, &full).await;
            bench.is_settled(&object, &full).await;
            assert_eq!(env(), json!("A=x=y\nB=2"));
            let imported = bench.import(kind, &id).await;
            bench.is_settled(&imported, &full).await;
            assert_eq!(bench.delete(&object).await, []);
            assert_eq!(env(), json!(""));
            // An environment that is gone takes them with it.
            if n == 1 {
                assert!(bench.sim.delete("environment", &id));
                assert!(bench.read(&object).await.is_none());
                assert_eq!(bench.delete(&object).await, []);
            }
        }
    }

    async fn tags_of_a_project_are_set_as_a_whole(bench) {
        let kind = "dokploy_project_tags";
        let project = project(&bench).await;
        if bench.is_old() {
            let plain = config(kind, &[("project_id", project), ("tag_ids", texts(&["t"]))]);
            refused(&bench, kind, &plain).await;
            return;
        }
        let mut ids = Vec::new();
        for name in ["live", "shop", "theirs"] {
            let tag = bench.create("dokploy_tag", &config("dokploy_tag", &[("name", name.into())])).await;
            ids.push(text(&tag.value, "id"));
        }
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let has = || {
            let rows = bench.sim.rows("project_tag");
            let mut res: Vec<String> = rows.iter().map(|it| it["tagId"].as_str().unwrap().to_owned()).collect();
            res.sort_by_key(|it| ids.iter().position(|id| id == it));
            res
        };
        let of = |tags: &[&str]| config(kind, &[("project_id", project.clone()), ("tag_ids", texts(tags))]);
        let object = bench.create(kind, &of(&[ids[1], ids[0]])).await;
        assert_eq!(has(), [ids[0], ids[1]]);
        bench.is_settled(&object, &of(&[ids[1], ids[0]])).await;
        // The order is none of theirs.
        let now = bench.read(&object).await.unwrap();
        let plan = bench.plan(kind, &now.value, &now.private, &of(&[ids[0], ids[1]])).await;
        assert_eq!(plan.planned, now.value);
        // A tag from elsewhere is taken off again.
        let pair = json!({"projectId": project.as_str().unwrap(), "tagId": ids[2]});
        bench.sim.insert("project_tag", pair).unwrap();
        let object = bench.update(&object, &of(&[ids[1], ids[0]])).await;
        assert_eq!(has(), [ids[0], ids[1]]);
        let object = bench.update(&object, &of(&[])).await;
        bench.is_settled(&object, &of(&[])).await;
        assert_eq!(has(), [] as [&str; 0]);
        let object = bench.update(&object, &of(&[ids[2]])).await;
        let imported = bench.import(kind, project.as_str().unwrap()).await;
        bench.is_settled(&imported, &of(&[ids[2]])).await;
        assert_eq!(bench.delete(&object).await, []);
        assert_eq!(has(), [] as [&str; 0]);
        assert_eq!(bench.sim.rows("tag").len(), 3);
    }

    async fn notification_lives(bench) {
        for (kind, wants, more, is_everywhere) in notifications() {
            let name = named(kind);
            let mut given = vec![("name", Value::from("ops"))];
            given.extend(wants);
            let plain = config(name, &given);
            if bench.is_old() && !is_everywhere {
                refused(&bench, name, &plain).await;
                continue;
            }
            let mut changes = vec![("name", Value::from("dev")), ("app_deploy", true.into()), ("docker_cleanup", true.into())];
            changes.extend(more);
            let full = with(&plain, &changes);
            life(&bench, name, "notification", &plain, &full, true).await;
            let late = with(&plain, &[("volume_backup", true.into()), ("dokploy_backup", true.into())]);
            if bench.is_old() {
                refused(&bench, name, &late).await;
            } else {
                let object = bench.create(name, &late).await;
                bench.is_settled(&object, &late).await;
                assert_eq!(bench.delete(&object).await, []);
            }
        }
    }

    async fn an_update_of_a_name_sends_all_of_a_notification(bench) {
        let hook = ("webhook_url", Value::from("https://hooks.example.com/s3cret"));
        let plain = config("dokploy_notification_slack", &[("name", "a".into()), hook]);
        let object = bench.create("dokploy_notification_slack", &plain).await;
        bench.update(&object, &with(&plain, &[("name", "b".into())])).await;
        let calls = bench.sim.calls();
        let update = calls.iter().find(|it| it.procedure == "notification.updateSlack").unwrap();
        for name in ["slackId", "webhookUrl", "channel", "name", "appDeploy"] {
            assert!(!update.input[name].is_null(), "{name}: {}", update.input);
        }
        assert_eq!(bench.sim.rows("notification")[0]["name"], json!("b"));
    }

    async fn a_token_is_left_out_where_the_version_does_without(bench) {
        let plain = config("dokploy_notification_ntfy", &[
            ("name", "a".into()), ("server_url", "https://ntfy.sh".into()), ("topic", "ops".into()),
        ]);
        if bench.is_old() {
            refused(&bench, "dokploy_notification_ntfy", &plain).await;
            return;
        }
        let object = bench.create("dokploy_notification_ntfy", &plain).await;
        bench.is_settled(&object, &plain).await;
    }

    async fn a_domain_needs_a_host_from_somewhere(bench) {
        let application = application(&bench).await;
        let plain = config("dokploy_domain", &[("application_id", application)]);
        let nothing = Value::null(plain.ty());
        let request = provider::PlanRequest {
            kind: "dokploy_domain".to_owned(),
            prior: nothing,
            proposed: plain.clone(),
            config: plain.clone(),
            private: None,
        };
        let issues = bench.provider.plan(request).await.issues;
        assert_eq!(issues.len(), 1);
        assert_eq!(issues[0].summary, "Missing host");
        let made_up = with(&plain, &[("generate_traefik_me", true.into())]);
        let object = bench.create("dokploy_domain", &made_up).await;
        bench.is_settled(&object, &made_up).await;
    }

    async fn a_notification_of_another_kind_is_not_there(bench) {
        let hook = || ("webhook_url", Value::from("https://hooks.example.com/s3cret"));
        let slack = config("dokploy_notification_slack", &[("name", "a".into()), hook()]);
        let discord = config("dokploy_notification_discord", &[("name", "a".into()), hook()]);
        let slack = bench.create("dokploy_notification_slack", &slack).await;
        let discord = bench.create("dokploy_notification_discord", &discord).await;
        assert_ne!(slack.value.get("id"), discord.value.get("id"));
        let value = with(&discord.value, &[("id", slack.value.get("id").unwrap())]);
        assert!(bench.read(&super::bench::Object { value, ..discord }).await.is_none());
    }
}

/// A plan of a create says that the Dokploy is too old, and so does an apply, which makes nothing.
async fn refused(bench: &Bench, kind: &'static str, config: &Value) {
    let nothing = Value::null(config.ty());
    let request = provider::PlanRequest {
        kind: kind.to_owned(),
        prior: nothing.clone(),
        proposed: config.clone(),
        config: config.clone(),
        private: None,
    };
    let res = bench.provider.plan(request).await;
    assert!(!res.issues.is_empty(), "{kind}");
    for issue in &res.issues {
        assert_eq!(issue.summary, "Dokploy too old");
        assert!(
            issue.detail.contains("This Dokploy is v0.26.5"),
            "{}",
            issue.detail
        );
    }
    assert_eq!(config.get("id"), Some(null()));
}
