//! The recorded round trips: each field of 14 kinds of objects set to a value, to null and to nothing, and read again.

use dokploy_sim::Sim;
use serde_json::{Value, json};

use crate::support::{get, new_sim, post, testdata};

/// What a kind of object is created with, beside its update and its read procedure.
async fn created(sim: &Sim, kind: &str) -> (String, String) {
    let project = post(sim, "project.create", &json!({"name": "rt"}))
        .await
        .value();
    let environment = project["environment"]["environmentId"].clone();
    let service = json!({
        "name": "rt", "environmentId": environment, "databaseName": "d", "databaseUser": "u",
        "databasePassword": "p", "databaseRootPassword": "p",
    });
    let application =
        post(sim, "application.create", &service).await.value()["applicationId"].clone();
    let input = match kind {
        "project" => json!({"name": "rt"}),
        "environment" => json!({"name": "rt", "projectId": project["project"]["projectId"]}),
        "registry" => json!({
            "registryName": "rt", "username": "u", "password": "p", "registryUrl": "ghcr.io",
            "registryType": "cloud", "imagePrefix": null,
        }),
        "domain" => json!({"host": "rt48133.example.com", "applicationId": application}),
        "mounts" => json!({
            "type": "volume", "volumeName": "rt", "mountPath": "/rt", "serviceType": "application",
            "serviceId": application,
        }),
        "destination" => destination(),
        "tag" => json!({"name": "rt48133", "color": "#fff"}),
        _ => service,
    };
    let row = post(sim, &format!("{kind}.create"), &input).await.value();
    let row = if kind == "project" {
        &row["project"]
    } else {
        &row
    };
    let id = match kind {
        "mounts" => "mountId".to_owned(),
        _ => format!("{kind}Id"),
    };
    let value = row[&id]
        .as_str()
        .unwrap_or_else(|| panic!("{kind} {row}"))
        .to_owned();
    if kind == "tag" {
        // The one field that is not set by an update shows what it was created with.
        assert!(sim.edit(
            "tag",
            &value,
            json!({"createdAt": "2026-11-23T15:36:40.581Z"})
        ));
    }
    (id, value)
}

fn destination() -> Value {
    json!({
        "name": "rt", "provider": "AWS", "accessKey": "a", "bucket": "b", "region": "r",
        "endpoint": "e", "secretAccessKey": "s", "additionalFlags": null,
    })
}

#[tokio::test]
async fn every_field() {
    let text = std::fs::read_to_string(testdata("recordings/_roundtrip.json")).unwrap();
    let kinds: Vec<Value> = serde_json::from_str(&text).unwrap();
    let mut n_compared = 0;
    let mut differences = Vec::new();
    for recorded in &kinds {
        let sim = new_sim();
        let string = |name: &str| recorded[name].as_str().unwrap();
        let (id, value) = created(&sim, string("entity")).await;
        for row in recorded["rows"].as_array().unwrap() {
            let field = row["field"].as_str().unwrap();
            for probe in ["set", "null", "empty"] {
                let Some(expected) = row.get(probe) else {
                    continue;
                };
                let mut input = match string("entity") {
                    "destination" => destination(),
                    "domain" => json!({"host": "rt-host"}),
                    _ => json!({}),
                };
                input[&id] = json!(value);
                input[field] = expected["sent"].clone();
                let response = post(&sim, string("update"), &input).await;
                let read = get(&sim, string("read"), &format!("{id}={value}"))
                    .await
                    .value();
                let got = json!({"status": response.status, "read": read[field]});
                let absent = json!("<absent from one>");
                let read = if expected["read"] == absent {
                    &Value::Null
                } else {
                    &expected["read"]
                };
                let wanted = json!({"status": expected["status"], "read": read});
                n_compared += 1;
                if got != wanted {
                    let reply = String::from_utf8_lossy(&response.body).into_owned();
                    let sent = &expected["sent"];
                    differences.push(format!(
                        "{} {field} = {sent}: {got}, not {wanted} ({}): {reply:.300}",
                        string("entity"),
                        expected["error"]
                    ));
                }
            }
        }
    }
    assert!(
        differences.is_empty(),
        "{}\n{}",
        differences.len(),
        differences.join("\n")
    );
    assert_eq!(n_compared, 844, "probes compared");
}
