//! Data sources.

use dokploy_sim::Version;
use provider::{Provider, ReadDataRequest};
use serde_json::json;
use value::Value;

use super::behaviour::each_version;
use super::bench::{Bench, config, null, text};

/// Reads a data source with these arguments.
async fn data(bench: &Bench, kind: &str, given: &[(&str, Value)]) -> Value {
    try_data(bench, kind, given).await.unwrap()
}

async fn try_data(bench: &Bench, kind: &str, given: &[(&str, Value)]) -> Result<Value, String> {
    let schema = &bench.provider.schema().data_sources[kind].block.attributes;
    let config = Value::object(schema.iter().map(|(name, attribute)| {
        let value = given.iter().find(|(it, _)| **it == **name);
        let value = value.map_or_else(|| Value::null(attribute.ty()), |(_, it)| it.clone());
        (name.clone(), value)
    }));
    let request = ReadDataRequest {
        kind: kind.to_owned(),
        config,
    };
    let res = bench.provider.read_data(request).await;
    res.map_err(|issues| issues[0].summary.clone())
}

fn names(value: &Value, list: &str) -> Vec<String> {
    let value = value.get(list).unwrap();
    let elements = value.elements().unwrap();
    let mut res: Vec<String> = elements.iter().map(|it| text(it, "name")).collect();
    res.sort();
    res
}

each_version! {
    async fn services_of_all_projects_and_of_an_environment(bench) {
        let mut environments = Vec::new();
        for name in ["p", "q"] {
            let project = bench.create("dokploy_project", &config("dokploy_project", &[("name", name.into())])).await;
            let environment = config("dokploy_environment", &[("name", "e".into()), ("project_id", project.value.get("id").unwrap())]);
            let environment = bench.create("dokploy_environment", &environment).await.value.get("id").unwrap();
            let app = config("dokploy_application", &[
                ("name", format!("app-{name}").into()), ("environment_id", environment.clone()), ("replicas", Value::from(3_i64)),
            ]);
            bench.create("dokploy_application", &app).await;
            let stack = config("dokploy_compose", &[
                ("name", format!("stack-{name}").into()), ("environment_id", environment.clone()), ("compose_file_content", "services: {}".into()),
            ]);
            bench.create("dokploy_compose", &stack).await;
            environments.push(environment);
        }
        let all = data(&bench, "dokploy_applications", &[]).await;
        assert_eq!(names(&all, "applications"), ["app-p", "app-q"]);
        let all = all.get("applications").unwrap();
        let first = all.elements().unwrap().iter().find(|it| text(it, "name") == "app-p").unwrap();
        assert_eq!(first.get("replicas"), Some(Value::from(3_i64)));
        assert_eq!(first.get("environment_id").as_ref(), Some(&environments[0]));
        assert_eq!(names(&data(&bench, "dokploy_composes", &[]).await, "composes"), ["stack-p", "stack-q"]);
        let given = [("environment_id", environments[1].clone())];
        assert_eq!(names(&data(&bench, "dokploy_applications", &given).await, "applications"), ["app-q"]);
        assert_eq!(names(&data(&bench, "dokploy_composes", &given).await, "composes"), ["stack-q"]);
        let one = data(&bench, "dokploy_application", &[("id", first.get("id").unwrap())]).await;
        assert_eq!((text(&one, "name"), text(&one, "build_type")), ("app-p".to_owned(), "nixpacks".to_owned()));
        let id = first.get("id").unwrap();
        let deployments = data(&bench, "dokploy_deployments", &[("application_id", id.clone())]).await;
        assert_eq!(deployments.get("deployments").unwrap().elements().unwrap().len(), 0);
        let both = [("application_id", id.clone()), ("compose_id", id)];
        assert_eq!(try_data(&bench, "dokploy_deployments", &both).await, Err("Conflicting Filter Options".to_owned()));
        assert_eq!(try_data(&bench, "dokploy_deployments", &[]).await, Err("Missing Filter".to_owned()));
    }

    async fn users(bench) {
        let me = data(&bench, "dokploy_user", &[]).await;
        assert_eq!(text(&me, "email"), "admin@example.com");
        assert_eq!(text(&me, "id"), text(&me, "user_id"));
        let all = data(&bench, "dokploy_users", &[]).await;
        let first = all.get("users").unwrap().elements().unwrap()[0].clone();
        assert_eq!(text(&first, "role"), "owner");
        assert_eq!(text(&first, "member_id"), text(&me, "member_id"));
    }

    async fn containers_are_asked_for_as_the_arguments_say(bench) {
        for (given, expected) in [
            (vec![], ("docker.getContainers", json!({}))),
            (vec![("app_name", "web".into()), ("app_type", "compose".into())],
                ("docker.getContainersByAppNameMatch", json!({"appName": "web", "appType": "docker-compose"}))),
            (vec![("app_name", "web".into()), ("app_type", "application".into())],
                ("docker.getContainersByAppNameMatch", json!({"appName": "web"}))),
            (vec![("app_name", "web".into()), ("label_type", "swarm".into())],
                ("docker.getContainersByAppLabel", json!({"appName": "web", "type": "swarm"}))),
        ] {
            bench.sim.forget_calls();
            let value = data(&bench, "dokploy_docker_containers", &given).await;
            assert!(value.get("containers").unwrap().elements().unwrap().is_empty());
            let call = bench.sim.calls().pop().unwrap();
            assert_eq!((&*call.procedure, call.input), expected);
        }
        let wrong = [("app_name", "web".into()), ("label_type", "x".into())];
        assert_eq!(try_data(&bench, "dokploy_docker_containers", &wrong).await, Err("Invalid Attribute Value Match".to_owned()));
        let gone = [("container_id", "abc".into()), ("server_id", null())];
        assert!(try_data(&bench, "dokploy_docker_container", &gone).await.is_err());
    }
}
