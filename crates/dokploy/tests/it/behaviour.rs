//! What the provider does with a Dokploy that works: every rule twice, for the oldest and the newest version.

use dokploy_sim::Version;
use provider::{FindRequest, Found, Provider, ReadDataRequest};
use serde_json::json;
use value::{Path, Type, Value};

use super::bench::{
    Bench, PRIVATE, PUBLIC, config, null, read_request, registry, server, ssh_key, text, with,
};

/// Runs a test for each version.
macro_rules! each_version {
    ($(async fn $name:ident($bench:ident) $body:block)*) => {
        $(#[tokio::test(start_paused = true)]
        async fn $name() {
            for version in Version::ALL {
                let $bench = Bench::new(version).await;
                $body
            }
        })*
    };
}
pub(crate) use each_version;

each_version! {
    async fn registry_life(bench) {
        let configured = registry("a");
        let object = bench.create("dokploy_registry", &configured).await;
        assert_eq!(bench.calls(), ["registry.create"]);
        assert_eq!(text(&object.value, "registry_type"), "cloud");
        bench.is_settled(&object, &configured).await;
        bench.calls();

        let changed = with(&configured, &[("registry_name", "b".into()), ("image_prefix", "".into())]);
        let object = bench.update(&object, &changed).await;
        assert_eq!(bench.calls(), ["registry.all", "registry.update"]);
        bench.is_settled(&object, &changed).await;
        assert_eq!(bench.sim.rows("registry")[0]["imagePrefix"], json!(""));

        assert_eq!(bench.delete(&object).await, []);
        assert!(bench.sim.rows("registry").is_empty());
        assert!(bench.read(&object).await.is_none());
        assert_eq!(bench.delete(&object).await, []);
    }

    async fn an_empty_image_prefix_converges(bench) {
        let configured = with(&registry("a"), &[("image_prefix", "".into())]);
        let object = bench.create("dokploy_registry", &configured).await;
        bench.is_settled(&object, &configured).await;
        // null and the empty text are the same to whoever pulls.
        let id = text(&object.value, "id");
        assert!(bench.sim.edit("registry", &id, json!({"imagePrefix": null})));
        bench.is_settled(&object, &configured).await;
    }

    async fn surrounding_space_of_a_user_name_converges(bench) {
        let configured = with(&registry("a"), &[("username", " bob ".into())]);
        let object = bench.create("dokploy_registry", &configured).await;
        bench.is_settled(&object, &configured).await;
    }

    async fn registry_server_id_is_sent_and_remembered(bench) {
        let key = bench.create("dokploy_ssh_key", &ssh_key("k")).await;
        let server = bench.create("dokploy_server", &server("s", &key.value.get("id").unwrap())).await;
        let on_server = with(&registry("a"), &[("server_id", server.value.get("id").unwrap())]);
        let object = bench.create("dokploy_registry", &on_server).await;
        bench.is_settled(&object, &on_server).await;
        let object = bench.update(&object, &registry("a")).await;
        bench.is_settled(&object, &registry("a")).await;
        let object = bench.update(&object, &on_server).await;
        bench.is_settled(&object, &on_server).await;
    }

    async fn a_changed_password_is_drift(bench) {
        let configured = registry("a");
        let object = bench.create("dokploy_registry", &configured).await;
        let id = text(&object.value, "id");
        assert!(bench.sim.edit("registry", &id, json!({"password": "other"})));
        let now = bench.read(&object).await.unwrap();
        assert_eq!(text(&now.value, "password"), "other");
        let object = bench.update(&object, &configured).await;
        bench.is_settled(&object, &configured).await;
    }

    async fn imported_registry_has_its_password(bench) {
        let configured = registry("a");
        let object = bench.create("dokploy_registry", &configured).await;
        let imported = bench.import("dokploy_registry", &text(&object.value, "id")).await;
        bench.is_settled(&imported, &configured).await;
    }

    async fn server_without_description_converges(bench) {
        let key = bench.create("dokploy_ssh_key", &ssh_key("k")).await;
        let plain = server("s", &key.value.get("id").unwrap());
        let object = bench.create("dokploy_server", &plain).await;
        bench.is_settled(&object, &plain).await;
        assert_eq!(text(&object.value, "server_status"), "active");

        let full = with(&plain, &[("description", "d".into()), ("command", "echo".into())]);
        let object = bench.update(&object, &full).await;
        bench.is_settled(&object, &full).await;
        assert_eq!(bench.sim.rows("server")[0]["command"], json!("echo"));

        // Taking both out clears both.
        let object = bench.update(&object, &plain).await;
        bench.is_settled(&object, &plain).await;
        let row = &bench.sim.rows("server")[0];
        assert_eq!((&row["command"], &row["description"]), (&json!(""), &json!(null)));
        assert!(object.private.is_none());

        let empty = with(&plain, &[("description", "".into())]);
        let object = bench.update(&object, &empty).await;
        bench.is_settled(&object, &empty).await;
        assert_eq!(bench.delete(&object).await, []);
    }

    async fn server_with_a_command_from_the_start(bench) {
        let key = bench.create("dokploy_ssh_key", &ssh_key("k")).await;
        let full = with(&server("s", &key.value.get("id").unwrap()), &[("command", "echo".into())]);
        let object = bench.create("dokploy_server", &full).await;
        bench.is_settled(&object, &full).await;
        assert_eq!(bench.sim.rows("server")[0]["command"], json!("echo"));
    }

    async fn a_command_from_elsewhere_is_left_alone(bench) {
        let key = bench.create("dokploy_ssh_key", &ssh_key("k")).await;
        let plain = server("s", &key.value.get("id").unwrap());
        let object = bench.create("dokploy_server", &plain).await;
        let id = text(&object.value, "id");
        assert!(bench.sim.edit("server", &id, json!({"command": "theirs"})));
        let imported = bench.import("dokploy_server", &id).await;
        bench.is_settled(&imported, &plain).await;
    }

    async fn a_server_update_keeps_what_has_no_attribute(bench) {
        let key = bench.create("dokploy_ssh_key", &ssh_key("k")).await;
        let plain = server("s", &key.value.get("id").unwrap());
        let object = bench.create("dokploy_server", &plain).await;
        let id = text(&object.value, "id");
        assert!(bench.sim.edit("server", &id, json!({"enableDockerCleanup": false})));
        bench.update(&object, &with(&plain, &[("name", "t".into())])).await;
        assert_eq!(bench.sim.rows("server")[0]["enableDockerCleanup"], json!(false));
    }

    async fn a_server_update_plans_its_status_unknown(bench) {
        let key = bench.create("dokploy_ssh_key", &ssh_key("k")).await;
        let plain = server("s", &key.value.get("id").unwrap());
        let object = bench.create("dokploy_server", &plain).await;
        let replaced_key = with(&plain, &[("ssh_key_id", Value::unknown(Type::String))]);
        let plan = bench.plan("dokploy_server", &object.value, &object.private, &replaced_key).await;
        assert!(plan.replace.is_empty());
        let is_known = |name: &str| plan.planned.get(name).unwrap().is_known();
        assert_eq!(
            (is_known("server_status"), is_known("id"), is_known("command"), is_known("ssh_key_id")),
            (false, true, true, false)
        );
    }

    async fn ssh_key_life(bench) {
        let plain = ssh_key("a");
        let object = bench.create("dokploy_ssh_key", &plain).await;
        assert_eq!(bench.calls(), ["user.get", "sshKey.all", "sshKey.create", "sshKey.all"]);
        bench.is_settled(&object, &plain).await;

        let described = with(&plain, &[("description", "d".into()), ("name", "b".into())]);
        let object = bench.update(&object, &described).await;
        bench.is_settled(&object, &described).await;
        let object = bench.update(&object, &with(&plain, &[("name", "b".into())])).await;
        assert_eq!(bench.sim.rows("sshKey")[0]["description"], json!(null));

        let imported = bench.import("dokploy_ssh_key", &text(&object.value, "id")).await;
        assert_eq!(text(&imported.value, "private_key"), PRIVATE);
        assert_eq!(text(&imported.value, "public_key"), PUBLIC.trim());
        let plan = bench.plan("dokploy_ssh_key", &imported.value, &None, &with(&plain, &[("name", "b".into())])).await;
        assert_eq!(plan.planned, imported.value, "line breaks at the end are no difference");

        assert_eq!(bench.delete(&object).await, []);
        assert!(bench.read(&object).await.is_none());
        assert_eq!(bench.delete(&object).await, []);
    }

    async fn other_texts_of_a_key_replace_it(bench) {
        let plain = ssh_key("a");
        let object = bench.create("dokploy_ssh_key", &plain).await;
        let other = with(&plain, &[("public_key", "ssh-ed25519 AAAAother".into())]);
        let plan = bench.plan("dokploy_ssh_key", &object.value, &None, &other).await;
        assert_eq!(plan.replace, [Path::attr_of("public_key")]);
        let unknown = with(&plain, &[("private_key", Value::unknown(Type::String))]);
        let plan = bench.plan("dokploy_ssh_key", &object.value, &None, &unknown).await;
        assert_eq!(plan.replace, [Path::attr_of("private_key")]);
    }

    async fn keys_of_one_name_at_once_get_ids_of_their_own(bench) {
        let configured = ssh_key("same");
        let (a, b, c) = tokio::join!(
            bench.create("dokploy_ssh_key", &configured),
            bench.create("dokploy_ssh_key", &configured),
            bench.create("dokploy_ssh_key", &configured),
        );
        let ids = [&a, &b, &c].map(|it| text(&it.value, "id"));
        let mut sorted = ids.to_vec();
        sorted.sort();
        sorted.dedup();
        assert_eq!(sorted.len(), 3);
    }

    async fn what_is_gone_is_gone(bench) {
        let key = bench.create("dokploy_ssh_key", &ssh_key("k")).await;
        let server = bench.create("dokploy_server", &server("s", &key.value.get("id").unwrap())).await;
        let registry = bench.create("dokploy_registry", &registry("a")).await;
        for (table, object) in [("registry", &registry), ("server", &server), ("sshKey", &key)] {
            assert!(bench.read(object).await.is_some());
            assert!(bench.sim.delete(table, &text(&object.value, "id")));
            assert!(bench.read(object).await.is_none(), "{table}");
        }
    }

    async fn an_object_of_another_organization_is_not_gone(bench) {
        let object = bench.create("dokploy_registry", &registry("a")).await;
        let owner = bench.sim.rows("organization")[0]["ownerId"].clone();
        let other = bench.sim.insert("organization", json!({"name": "other", "ownerId": owner}));
        let other = other.expect("an organization");
        assert!(bench.sim.edit("registry", &text(&object.value, "id"), json!({"organizationId": other})));
        let res = bench.try_read(&object).await;
        assert!(res.object.is_err());
        assert!(res.issues[0].detail.contains("not in the organization"), "{}", res.issues[0].detail);
    }

    async fn a_thousand_registries_are_one_request(bench) {
        let mut objects = Vec::new();
        let first = bench.create("dokploy_registry", &registry("r0")).await;
        for at in 0..1000 {
            let id = bench.sim.insert("registry", json!({
                "registryName": format!("r{at}"), "imagePrefix": "org", "username": "octocat",
                "password": "s3cret-pass", "registryUrl": "ghcr.io", "organizationId": bench.sim.organization_id(),
            }));
            let value = with(&first.value, &[("id", id.unwrap().into()), ("registry_name", format!("r{at}").into())]);
            objects.push(super::bench::Object { value, ..first.clone() });
        }
        bench.calls();
        let requests = objects.iter().map(read_request).collect();
        let responses = bench.provider.read_many(requests).await;
        assert_eq!(bench.calls(), ["registry.all"]);
        for (response, object) in responses.into_iter().zip(&objects) {
            assert_eq!(response.object.unwrap().as_ref(), Some(&object.value));
        }
    }

    async fn mixed_reads_keep_their_order(bench) {
        let key = bench.create("dokploy_ssh_key", &ssh_key("k")).await;
        let registry = bench.create("dokploy_registry", &registry("a")).await;
        let gone = super::bench::Object {
            value: with(&registry.value, &[("id", "gone".into())]),
            ..registry.clone()
        };
        bench.calls();
        let requests = [&registry, &key, &gone, &registry].map(read_request).into();
        let responses = bench.provider.read_many(requests).await;
        let ids: Vec<Option<String>> = responses
            .into_iter()
            .map(|it| it.object.unwrap().map(|it| text(&it, "id")))
            .collect();
        let id = |it: &super::bench::Object| Some(text(&it.value, "id"));
        assert_eq!(ids, [id(&registry), id(&key), None, id(&registry)]);
        let mut calls = bench.calls();
        calls.sort();
        assert_eq!(calls, ["registry.all", "registry.one", "sshKey.all"]);
    }

    async fn servers_are_listed_and_filtered(bench) {
        let key = bench.create("dokploy_ssh_key", &ssh_key("k")).await;
        let id = key.value.get("id").unwrap();
        bench.create("dokploy_server", &server("s", &id)).await;
        bench.create("dokploy_server", &with(&server("b", &id), &[("server_type", "build".into())])).await;
        for (filter, names) in [(null(), vec!["b", "s"]), ("build".into(), vec!["b"]), ("x".into(), vec![])] {
            let request = ReadDataRequest {
                kind: "dokploy_servers".to_owned(),
                config: Value::object([("server_type", filter)]),
            };
            let res = bench.provider.read_data(request).await.unwrap();
            let servers = res.get("servers").unwrap();
            let servers = servers.elements().unwrap();
            assert_eq!(servers.iter().map(|it| text(it, "name")).collect::<Vec<_>>(), names);
            for it in servers {
                assert_eq!(text(it, "description"), "");
                assert_eq!(it.get("port"), Some(Value::from(22_i64)));
            }
        }
    }

    async fn organizations_are_listed(bench) {
        let request = ReadDataRequest {
            kind: "dokploy_organizations".to_owned(),
            config: Value::object([("organizations", null())]),
        };
        let res = bench.provider.read_data(request).await.unwrap();
        let list = res.get("organizations").unwrap();
        let first = list.elements().unwrap()[0].clone();
        assert_eq!(text(&first, "name"), "My Organization");
        assert_eq!(first.get("logo"), Some(null()));
        let schema = &bench.provider.schema().data_sources["dokploy_organizations"];
        assert_eq!(res.ty(), schema.block.ty());
    }

    async fn objects_are_found_after_a_crash(bench) {
        let planned = bench.plan("dokploy_registry", &Value::null(registry("a").ty()), &None, &registry("a")).await.planned;
        let identity = bench.provider.identity("dokploy_registry", &planned).unwrap();
        assert_eq!(identity["registryName"], "a");
        assert!(!identity.to_string().contains(&text(&planned, "password")), "{identity}");
        let find = |since: &str, known: &[String]| bench.provider.find(FindRequest {
            kind: "dokploy_registry".to_owned(),
            identity: identity.clone(),
            since: since.to_owned(),
            now: "2026-05-01T12:00:30Z".to_owned(),
            known: known.to_vec(),
        });
        const EARLIER: &str = "2026-05-01T12:00:00.123Z";
        assert!(matches!(find(EARLIER, &[]).await, Ok(Found::Nothing)));
        let object = bench.create("dokploy_registry", &registry("a")).await;
        let expected = with(&object.value, &[("password", null())]);
        match find(EARLIER, &[]).await {
            Ok(Found::Object(found)) => assert_eq!(found, expected),
            other => panic!("{other:?}"),
        }
        let id = text(&object.value, "id");
        assert!(matches!(find(EARLIER, std::slice::from_ref(&id)).await, Ok(Found::Nothing)));
        bench.sim.advance(60_000);
        // It was there before the creation began: somebody else may have made it.
        match find(EARLIER, &[]).await {
            Ok(Found::Unsure(them)) => assert!(them.len() == 1 && them[0].starts_with(&id), "{them:?}"),
            other => panic!("{other:?}"),
        }
        let second = bench.create("dokploy_registry", &registry("a")).await;
        match find(EARLIER, &[]).await {
            Ok(Found::Object(found)) => assert_eq!(text(&found, "id"), text(&second.value, "id")),
            other => panic!("{other:?}"),
        }
        bench.create("dokploy_registry", &registry("a")).await;
        match find(EARLIER, &[]).await {
            Ok(Found::Unsure(them)) => assert_eq!(them.len(), 2),
            other => panic!("{other:?}"),
        }
    }

    async fn closed_sets_are_checked(bench) {
        let wrong = config("dokploy_server", &[("server_type", "swarm".into())]);
        let issues = bench.provider.validate_resource("dokploy_server", &wrong);
        assert_eq!(issues.len(), 1);
        assert_eq!(issues[0].path, Some(Path::attr_of("server_type")));
        let open = config("dokploy_server", &[("server_type", Value::unknown(Type::String))]);
        assert_eq!(bench.provider.validate_resource("dokploy_server", &open), []);
    }
}
