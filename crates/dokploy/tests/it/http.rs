//! The same over HTTP on loopback.

use std::net::TcpListener;
use std::sync::Arc;

use dokploy::transport::HttpTransport;
use dokploy::{Access, Dokploy};
use dokploy_sim::{Effect, Fault, Sim, Version, server};
use value::{Type, Value};

use super::bench::{Bench, configure, registry, settings, text};

async fn bench(host: impl Fn(&str) -> String) -> (Bench, server::Handle) {
    let sim = Sim::new(dokploy_sim::Settings::for_tests(Version::V0_30_2));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let handle = server::serve(sim.clone(), listener).await.unwrap();
    let mut settings = settings(Arc::new(HttpTransport::new().unwrap()));
    settings.environment = Access {
        host: Some(host(&handle.address.to_string())),
        api_key: Some("test-key".to_owned()),
        ..Access::default()
    };
    let provider = Dokploy::new(settings);
    assert_eq!(configure(&provider, Type::Dynamic).await, []);
    (Bench { sim, provider }, handle)
}

#[tokio::test]
async fn all_forms_of_host_work() {
    for form in ["http://{}", "http://{}/", "http://{}/api", "http://{}/api/"] {
        let (bench, _handle) = bench(|address| form.replace("{}", address)).await;
        let object = bench.create("dokploy_registry", &registry("a")).await;
        bench.is_settled(&object, &registry("a")).await;
    }
}

#[tokio::test]
async fn a_broken_answer_is_found_again() {
    let (bench, _handle) = bench(|address| format!("http://{address}")).await;
    let first = bench.create("dokploy_registry", &registry("a")).await;
    bench.read(&first).await;
    bench
        .sim
        .inject(Fault::first("registry.create", 1, Effect::CutBody));
    let object = bench.create("dokploy_registry", &registry("b")).await;
    assert_eq!(text(&object.value, "registry_name"), "b");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (bench, _handle) = bench(|address| format!("http://{address}")).await;
    let object = bench.create("dokploy_registry", &registry("a")).await;
    bench.sim.inject(Fault::always(
        "registry.all",
        Effect::Reply {
            status: 302,
            content_type: "text/plain".to_owned(),
            body: String::new(),
        },
    ));
    let res = bench.try_read(&object).await;
    assert!(
        res.issues[0].detail.contains("redirect"),
        "{}",
        res.issues[0].detail
    );
}

#[tokio::test]
async fn dead_ends_have_one_clear_message_each() {
    // A port that was free a moment ago, and names that do not exist by definition.
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let (living, handle) = bench(|address| format!("http://{address}")).await;
    let cases = [
        (format!("http://{free}"), "was refused"),
        ("http://dokploy.invalid".to_owned(), "has no address"),
        (
            format!("https://{}", handle.address),
            "no secure connection",
        ),
    ];
    for (host, expected) in cases {
        let provider = Dokploy::new(settings(Arc::new(HttpTransport::new().unwrap())));
        configure(
            &provider,
            (Value::from(host.as_str()), Value::from("key-of-mine")),
        )
        .await;
        let bench = Bench {
            sim: living.sim.clone(),
            provider,
        };
        let res = bench.try_create("dokploy_registry", &registry("a")).await;
        let detail = &res.issues[0].detail;
        assert!(detail.contains(expected), "{host}: {detail}");
        assert!(!detail.contains("key-of-mine"));
    }
}
