//! Whatever is asked, there is an answer: no panic, no status outside of HTTP, and what is kept can be loaded again.

use dokploy_sim::{Request, Settings, Sim, Version};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// The names of all procedures, from the document that the simulator serves.
fn procedures(sim: &Sim) -> Vec<String> {
    let request = Request::get("/api/settings.getOpenApiDocument", "").with_key("test-key");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let document = runtime.block_on(sim.handle(request)).unwrap().value();
    let paths = document["paths"].as_object().unwrap();
    paths
        .keys()
        .map(|it| it.trim_start_matches('/').to_owned())
        .collect()
}

/// Names that inputs have, so that what is sent is not all dropped.
const NAMES: [&str; 24] = [
    "name",
    "registryId",
    "registryName",
    "username",
    "password",
    "registryUrl",
    "registryType",
    "imagePrefix",
    "serverId",
    "sshKeyId",
    "description",
    "ipAddress",
    "port",
    "serverType",
    "projectId",
    "environmentId",
    "applicationId",
    "privateKey",
    "publicKey",
    "organizationId",
    "limit",
    "offset",
    "metadata",
    "expiresIn",
];

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|it| json!(it)),
        any::<i64>().prop_map(|it| json!(it)),
        any::<f64>().prop_map(|it| json!(it)),
        ".{0,8}".prop_map(|it| json!(it)),
        Just(json!("cloud")),
        Just(json!("deploy")),
        Just(json!("ID")),
        Just(json!("a\u{0}b")),
        Just(json!([1, "a"])),
        Just(json!({"organizationId": "ID"})),
    ]
}

fn input() -> impl Strategy<Value = Map<String, Value>> {
    let member = (prop::sample::select(&NAMES[..]), value());
    prop::collection::vec(member, 0..12).prop_map(|it| {
        it.into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn is_answered(calls in prop::collection::vec((any::<prop::sample::Index>(), input(), any::<bool>()), 1..40)) {
        let sim = Sim::new(Settings::for_tests(Version::V0_30_2));
        let names = procedures(&sim);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut ids = vec![sim.organization_id()];
        for (procedure, input, is_query) in calls {
            let path = format!("/api/{}", procedure.get(&names));
            let known = procedure.get(&ids).clone();
            let text = Value::Object(input).to_string().replace("\"ID\"", &json!(known).to_string());
            let request = if is_query {
                Request::get(&path, &text.replace(['{', '}', '"'], "").replace(':', "=").replace(',', "&"))
            } else {
                Request::post(&path, &serde_json::from_str(&text).unwrap())
            };
            let response = runtime.block_on(sim.handle(request.with_key("test-key"))).unwrap();
            prop_assert!((200..600).contains(&response.status));
            if let Some(members) = response.value().as_object() {
                let new = members.iter().filter(|(name, _)| name.ends_with("Id"));
                ids.extend(new.filter_map(|(_, id)| id.as_str()).map(str::to_owned));
            }
        }
        let again = Sim::load(Settings::for_tests(Version::V0_30_2), &sim.save()).unwrap();
        prop_assert_eq!(again.save(), sim.save());
    }

    #[test]
    fn raw_requests_are_answered(
        method in "[A-Z]{0,6}", path in "(/api/|/)?.{0,20}", query in ".{0,30}", body in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let sim = Sim::new(Settings::for_tests(Version::V0_30_2));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut request = Request::post(&path, &json!({})).with_key("test-key");
        (request.method, request.query, request.body) = (method, query, body);
        let response = runtime.block_on(sim.handle(request)).unwrap();
        prop_assert!((200..600).contains(&response.status));
    }
}
