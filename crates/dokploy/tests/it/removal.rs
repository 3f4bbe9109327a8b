//! Every optional attribute of every type, one by one: set, settled, taken out again, settled, and Dokploy has what it
//! had before. The provider of today could take out few of them.

use std::sync::Arc;

use dokploy::table::{Answered, Attribute, Mode, Modifier, Resource};
use dokploy::tables::AHMEDALI6;
use dokploy_sim::Version;
use serde_json::{Value as Json, json};
use value::{Type, Value};

use super::behaviour::each_version;
use super::bench::{Bench, config, registry, server, ssh_key, text, with};

/// Attributes that are not tried, and why.
const NOT_TRIED: &[(&str, &str)] = &[
    ("compose_id", "it says what a part belongs to"),
    ("application_id", "it says what a part belongs to"),
    ("database_id", "it says what a part belongs to"),
    ("database_type", "it says what a part belongs to"),
    ("app_name", "it cannot be changed"),
];

/// What a type is made with, and the table that it is in.
struct Sample {
    kind: &'static str,
    table: &'static str,
    base: Value,
}

/// What the samples refer to.
struct Others {
    github: String,
    gitlab: String,
    gitea: String,
    bitbucket: String,
    registry: String,
    server: String,
    key: String,
}

async fn id_of(bench: &Bench, kind: &'static str, given: &[(&'static str, Value)]) -> String {
    text(&bench.create(kind, &config(kind, given)).await.value, "id")
}

async fn others(bench: &Bench) -> Others {
    let key = text(
        &bench.create("dokploy_ssh_key", &ssh_key("k")).await.value,
        "id",
    );
    let on = server("s", &key.as_str().into());
    let server = text(&bench.create("dokploy_server", &on).await.value, "id");
    let registry = text(
        &bench.create("dokploy_registry", &registry("r")).await.value,
        "id",
    );
    let organization = bench.sim.organization_id();
    let github = json!({"name": "g", "providerType": "github", "organizationId": organization});
    let github = bench.sim.insert("git_provider", github).unwrap();
    let github = bench
        .sim
        .insert("github", json!({"gitProviderId": github}))
        .unwrap();
    let name = || ("name", Value::from("g"));
    let auth = || ("auth_id", Value::from("a"));
    Others {
        github,
        gitlab: id_of(
            bench,
            "dokploy_gitlab_provider",
            &[name(), auth(), ("gitlab_url", "https://gitlab.com".into())],
        )
        .await,
        gitea: id_of(
            bench,
            "dokploy_gitea_provider",
            &[name(), ("gitea_url", "https://gitea.com".into())],
        )
        .await,
        bitbucket: id_of(
            bench,
            "dokploy_bitbucket_provider",
            &[name(), auth(), ("bitbucket_username", "u".into())],
        )
        .await,
        registry,
        server,
        key,
    }
}

async fn samples(bench: &Bench) -> Vec<Sample> {
    let number = |it: i64| Value::from(it);
    let project = id_of(bench, "dokploy_project", &[("name", "p".into())]).await;
    let environment = [
        ("name", "e".into()),
        ("project_id", project.as_str().into()),
    ];
    let environment = id_of(bench, "dokploy_environment", &environment).await;
    let within = || ("environment_id", Value::from(environment.as_str()));
    let named = || ("name", Value::from("x"));
    let image = [
        named(),
        within(),
        ("source_type", "docker".into()),
        ("docker_image", "nginx:1".into()),
    ];
    let application = id_of(bench, "dokploy_application", &image).await;
    let of_application = || ("application_id", Value::from(application.as_str()));
    let password = || ("database_password", Value::from("password1"));
    let app = || ("app_name", Value::from("db"));
    let user = || ("database_user", Value::from("app"));
    let database = || ("database_name", Value::from("app"));
    let root = || ("database_root_password", Value::from("password2"));
    let bucket = [
        named(),
        ("storage_provider", "AWS".into()),
        ("access_key", "AK".into()),
        ("secret_access_key", "SK".into()),
        ("bucket", "b".into()),
        ("region", "r".into()),
        ("endpoint", "https://s3.example.com".into()),
    ];
    let destination = id_of(bench, "dokploy_destination", &bucket).await;
    let goes_to = || ("destination_id", Value::from(destination.as_str()));
    let postgres = [named(), within(), app(), database(), user(), password()];
    let backed_up = id_of(bench, "dokploy_postgres", &postgres).await;
    let hook = || {
        (
            "webhook_url",
            Value::from("https://hooks.example.com/s3cret"),
        )
    };
    let samples: Vec<(&'static str, &'static str, Vec<(&'static str, Value)>)> = vec![
        // Of no source, so that those of all sources can be tried.
        (
            "dokploy_application",
            "application",
            vec![named(), within()],
        ),
        (
            "dokploy_compose",
            "compose",
            vec![
                named(),
                within(),
                ("compose_file_content", "services: {}\n".into()),
            ],
        ),
        ("dokploy_postgres", "postgres", postgres.to_vec()),
        (
            "dokploy_mysql",
            "mysql",
            vec![
                named(),
                within(),
                database(),
                user(),
                app(),
                password(),
                root(),
            ],
        ),
        (
            "dokploy_mariadb",
            "mariadb",
            vec![
                named(),
                within(),
                database(),
                user(),
                app(),
                password(),
                root(),
            ],
        ),
        (
            "dokploy_mongo",
            "mongo",
            vec![named(), within(), user(), app(), password()],
        ),
        (
            "dokploy_redis",
            "redis",
            vec![
                named(),
                within(),
                ("app_name_prefix", "db".into()),
                password(),
            ],
        ),
        (
            "dokploy_libsql",
            "libsql",
            vec![named(), within(), user(), app(), password()],
        ),
        (
            "dokploy_domain",
            "domain",
            vec![of_application(), ("host", "x.example.com".into())],
        ),
        (
            "dokploy_mount",
            "mount",
            vec![
                ("service_id", application.as_str().into()),
                ("type", "volume".into()),
                ("mount_path", "/data".into()),
                ("volume_name", "v".into()),
            ],
        ),
        (
            "dokploy_backup",
            "backup",
            vec![
                ("database_type", "postgres".into()),
                ("database_id", backed_up.as_str().into()),
                ("database", "app".into()),
                goes_to(),
                ("prefix", "p".into()),
                ("schedule", "0 0 * * *".into()),
            ],
        ),
        (
            "dokploy_volume_backup",
            "volume_backup",
            vec![
                named(),
                ("app_name", "app".into()),
                ("service_id", application.as_str().into()),
                ("service_type", "application".into()),
                ("volume_name", "v".into()),
                ("prefix", "p".into()),
                ("cron_expression", "0 0 * * *".into()),
                goes_to(),
            ],
        ),
        (
            "dokploy_schedule",
            "schedule",
            vec![
                named(),
                of_application(),
                ("cron_expression", "0 0 * * *".into()),
                ("command", "true".into()),
            ],
        ),
        ("dokploy_destination", "destination", bucket.to_vec()),
        ("dokploy_project", "project", vec![named()]),
        ("dokploy_organization", "organization", vec![named()]),
        (
            "dokploy_gitlab_provider",
            "gitlab",
            vec![
                named(),
                ("auth_id", "a".into()),
                ("gitlab_url", "https://gitlab.com".into()),
            ],
        ),
        (
            "dokploy_gitea_provider",
            "gitea",
            vec![named(), ("gitea_url", "https://gitea.com".into())],
        ),
        (
            "dokploy_bitbucket_provider",
            "bitbucket",
            vec![named(), ("auth_id", "a".into())],
        ),
        ("dokploy_tag", "tag", vec![named()]),
        ("dokploy_notification_slack", "slack", vec![named(), hook()]),
        (
            "dokploy_notification_telegram",
            "telegram",
            vec![named(), ("bot_token", "t".into()), ("chat_id", "-1".into())],
        ),
        (
            "dokploy_notification_ntfy",
            "ntfy",
            vec![
                named(),
                ("server_url", "https://ntfy.sh".into()),
                ("topic", "ops".into()),
                ("access_token", "t".into()),
            ],
        ),
        (
            "dokploy_notification_mattermost",
            "mattermost",
            vec![named(), hook()],
        ),
        (
            "dokploy_notification_custom",
            "custom",
            vec![named(), ("endpoint", "https://hook.example.com".into())],
        ),
        (
            "dokploy_notification_pushover",
            "pushover",
            vec![
                named(),
                ("user_key", "u".into()),
                ("api_token", "t".into()),
                ("priority", number(2)),
                ("retry", number(30)),
                ("expire", number(600)),
            ],
        ),
        ("dokploy_network", "network", vec![named()]),
    ];
    samples
        .into_iter()
        .map(|(kind, table, given)| Sample {
            kind,
            table,
            base: config(kind, &given),
        })
        .collect()
}

/// A value of an attribute that Dokploy takes, and another one than it has.
fn value_of(attribute: &Attribute, now: &Value, others: &Others) -> Value {
    let name = attribute.name;
    let is_other = |it: &&&str| now.as_str() != Some(**it);
    if let Some(other) = attribute.one_of.iter().find(is_other) {
        return Value::from(*other);
    }
    let json = match name {
        "health_check_swarm" => r#"{"Test":["CMD","true"],"Retries":3}"#,
        "restart_policy_swarm" => r#"{"Condition":"any"}"#,
        "placement_swarm" => r#"{"Constraints":["node.role==manager"]}"#,
        "update_config_swarm" | "rollback_config_swarm" => {
            r#"{"Parallelism":1,"Order":"stop-first"}"#
        }
        "mode_swarm" => r#"{"Replicated":{"Replicas":2}}"#,
        "labels_swarm" => r#"{"team":"shop"}"#,
        "network_swarm" => r#"[{"Target":"dokploy-network"}]"#,
        "endpoint_spec_swarm" => r#"{"Mode":"vip"}"#,
        "github_id" => &others.github,
        "gitlab_id" => &others.gitlab,
        "gitea_id" => &others.gitea,
        "bitbucket_id" => &others.bitbucket,
        "registry_id" | "build_registry_id" | "rollback_registry_id" => &others.registry,
        "build_server_id" | "server_id" => &others.server,
        "custom_git_ssh_key_id" => &others.key,
        "certificate_type" => "none",
        "path" => "/some",
        _ => "",
    };
    if !json.is_empty() {
        return Value::from(json);
    }
    match now.ty() {
        Type::Number => Value::from(5433_i64),
        Type::Bool => Value::from(now.as_bool() != Some(true)),
        Type::List(_) => Value::list(Type::String, vec!["src/**".into()]),
        Type::Map(_) => Value::map(Type::String, [(Arc::from("A"), Value::from("1"))].into()),
        _ => Value::from(format!("some-{}", name.replace('_', "-"))),
    }
}

fn is_tried(resource: &Resource, attribute: &Attribute, base: &Value, mode: Mode) -> bool {
    let is_replaced = attribute.modifiers.contains(&Modifier::RequiresReplace);
    let is_given = base.get(attribute.name).is_some_and(|it| !it.is_null());
    let field = resource.object.field(attribute.field);
    let is_local = field.is_some_and(|it| it.answered == Answered::Never);
    attribute.mode == mode
        && !is_replaced
        && !is_given
        && !is_local
        && !NOT_TRIED.iter().any(|(name, _)| *name == attribute.name)
}

/// What a row holds besides what changes with every change.
fn settings(bench: &Bench, table: &str) -> Json {
    let mut row = bench.sim.rows(table).pop().unwrap();
    for name in [
        "applicationStatus",
        "composeStatus",
        "createdAt",
        "updatedAt",
    ] {
        row.as_object_mut().unwrap().shift_remove(name);
    }
    // What is nothing in them, and the root of a repository, are one thing: which of them it is depends on the field.
    for (name, value) in row.as_object_mut().unwrap() {
        let nothing = [json!(""), json!([]), json!({})];
        if nothing.contains(value) || (name.ends_with("uildPath") && *value == json!("/")) {
            *value = Json::Null;
        }
    }
    row
}

each_version! {
    async fn every_optional_attribute_can_be_taken_out(bench) {
        let others = others(&bench).await;
        let mut n_tried = 0;
        for Sample { kind, table, base } in samples(&bench).await {
            let resource = AHMEDALI6.resources.iter().find(|it| it.kind == kind).unwrap();
            if resource.object.since.is_some() && bench.is_old() {
                continue;
            }
            let mut object = bench.create(kind, &base).await;
            bench.is_settled(&object, &base).await;
            let before = settings(&bench, table);
            let spans = || resource.object.spans.iter();
            let tried: Vec<(&'static str, Value)> = resource
                .attributes
                .iter()
                .filter(|it| is_tried(resource, it, &base, Mode::Optional))
                .filter(|it| !bench.is_old() || spans().all(|span| span.field != it.field))
                .map(|it| (it.name, value_of(it, &object.value.get(it.name).unwrap(), &others)))
                .collect();
            for (name, value) in &tried {
                let set = with(&base, &[(*name, value.clone())]);
                let changed = bench.update(&object, &set).await;
                bench.is_settled(&changed, &set).await;
                object = bench.update(&changed, &base).await;
                bench.is_settled(&object, &base).await;
                let after = settings(&bench, table);
                let has = |(name, it): &(&String, &Json)| before.get(name.as_str()) != Some(*it);
                let left: Vec<_> = after.as_object().unwrap().iter().filter(has).collect();
                assert_eq!(left, [], "{kind}.{name}");
            }
            assert_eq!(bench.delete(&object).await, [], "{kind}");
            // The same where it was there from the start.
            for (name, value) in &tried {
                let set = with(&base, &[(*name, value.clone())]);
                let made = bench.create(kind, &set).await;
                bench.is_settled(&made, &set).await;
                let object = bench.update(&made, &base).await;
                bench.is_settled(&object, &base).await;
                assert_eq!(bench.delete(&object).await, [], "{kind}.{name}");
            }
            n_tried += tried.len();
        }
        assert!(n_tried > 150, "{n_tried}");
    }

    // What Dokploy decides where the configuration does not is taken over from there, and kept.
    async fn every_attribute_that_dokploy_may_decide_settles(bench) {
        let others = others(&bench).await;
        let mut n_tried = 0;
        for Sample { kind, base, .. } in samples(&bench).await {
            let resource = AHMEDALI6.resources.iter().find(|it| it.kind == kind).unwrap();
            if resource.object.since.is_some() && bench.is_old() {
                continue;
            }
            let mut object = bench.create(kind, &base).await;
            let is_tried = |it: &&Attribute| is_tried(resource, it, &base, Mode::OptionalComputed);
            for attribute in resource.attributes.iter().filter(is_tried) {
                if bench.is_old() && resource.object.spans.iter().any(|it| it.field == attribute.field) {
                    continue;
                }
                let name = attribute.name;
                let value = value_of(attribute, &object.value.get(name).unwrap(), &others);
                let set = with(&base, &[(name, value)]);
                let changed = bench.update(&object, &set).await;
                bench.is_settled(&changed, &set).await;
                let now = bench.read(&changed).await.unwrap();
                let plan = bench.plan(kind, &now.value, &now.private, &base).await;
                // Those with a default go back to it; the others stay as they are.
                object = if attribute.default.is_some() {
                    bench.update(&changed, &base).await
                } else {
                    assert_eq!(plan.planned.get(name), now.value.get(name), "{kind}.{name}");
                    changed
                };
                bench.is_settled(&object, &base).await;
                n_tried += 1;
            }
            assert_eq!(bench.delete(&object).await, [], "{kind}");
        }
        assert!(n_tried > 50, "{n_tried}");
    }
}
