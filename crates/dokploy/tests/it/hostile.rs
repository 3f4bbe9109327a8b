//! Answers that no Dokploy gives: whatever a server says to a question about whatever type, there is a result or a
//! mistake, and no panic.

use std::sync::{Arc, Mutex};

use dokploy::Dokploy;
use dokploy::transport::{Request, Response, Sending, Transport};
use provider::{DiscoverRequest, ImportRequest, Provider, ReadDataRequest, ReadRequest};
use serde_json::{Value as Json, json};
use value::{Type, Value};

use super::bench::{configure, settings};

/// Answers every question with the same body.
struct Parrot(Mutex<Vec<u8>>);

impl Transport for Parrot {
    fn send(&self, _: Request) -> Sending<'_> {
        Box::pin(async {
            Ok(Response {
                status: 200,
                headers: Vec::new(),
                body: self.0.lock().unwrap().clone(),
            })
        })
    }
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let mut res = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut chars = word.chars();
        res.extend(chars.next().map(|it| it.to_ascii_uppercase()));
        res.extend(chars);
    }
    res
}

/// An object with every name that a type could have, all with one value, as it is and in the wrappings of Dokploy.
fn bodies(kind: &str, names: &[String], value: &Json) -> Vec<Json> {
    let noun = camel(kind.strip_prefix("dokploy_").unwrap_or(kind));
    let mut object: serde_json::Map<String, Json> =
        names.iter().map(|it| (camel(it), value.clone())).collect();
    object.insert(format!("{noun}Id"), json!("x"));
    object.insert("id".to_owned(), value.clone());
    let object = Json::Object(object);
    vec![
        json!([object.clone(), object.clone()]),
        object,
        value.clone(),
    ]
}

#[tokio::test(start_paused = true)]
async fn no_answer_panics() {
    let parrot = Arc::new(Parrot(Mutex::new(b"null".to_vec())));
    let provider = Dokploy::new(settings(parrot.clone()));
    configure(&provider, Type::Dynamic).await;
    let values: Vec<Json> = [
        "null",
        "true",
        "-1",
        "1e400",
        "0.1",
        "\"\"",
        "\"\\u0000\\u202e\"",
        "\"x\"",
        "[]",
        "[[[]]]",
        "[null]",
        "{}",
        "{\"a\": {\"b\": [1]}}",
        "123456789012345678901234567890",
    ]
    .iter()
    .map(|it| serde_json::from_str(it).unwrap())
    .collect();
    let schema = provider.schema();
    for (kind, schema) in &schema.resources {
        let names: Vec<String> = schema
            .block
            .attributes
            .keys()
            .map(ToString::to_string)
            .collect();
        for body in values.iter().flat_map(|it| bodies(kind, &names, it)) {
            *parrot.0.lock().unwrap() = body.to_string().into_bytes();
            let import = ImportRequest {
                kind: kind.to_string(),
                id: "x".to_owned(),
            };
            for it in provider.import(import).await.into_iter().flatten() {
                let read = ReadRequest {
                    kind: it.kind,
                    current: it.object,
                    private: it.private,
                };
                provider.read(read).await;
            }
        }
    }
    for (kind, schema) in &schema.data_sources {
        let names: Vec<String> = schema
            .block
            .attributes
            .keys()
            .map(ToString::to_string)
            .collect();
        let config = schema.block.attributes.keys().map(|name| {
            let is_key = name.ends_with("id") || name.ends_with("type");
            let value = if is_key {
                Value::string("x")
            } else {
                Value::null(Type::Dynamic)
            };
            (name.clone(), value)
        });
        let config = Value::object(config.collect::<Vec<_>>());
        for body in values.iter().flat_map(|it| bodies(kind, &names, it)) {
            *parrot.0.lock().unwrap() = body.to_string().into_bytes();
            let request = ReadDataRequest {
                kind: kind.to_string(),
                config: config.clone(),
            };
            let _ = provider.read_data(request).await;
        }
    }
    let everything = || DiscoverRequest {
        kinds: Vec::new(),
        within: Vec::new(),
    };
    for text in [
        "",
        "[",
        "{\"a\":",
        "\u{0}",
        "<html>",
        &"[".repeat(200_000),
        &"{\"a\":".repeat(100_000),
    ] {
        *parrot.0.lock().unwrap() = text.as_bytes().to_vec();
        provider.discover(everything()).await;
    }
}
