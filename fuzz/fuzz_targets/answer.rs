//! No answer of a server panics the Dokploy provider, whatever type was asked about.
#![no_main]

use std::sync::Arc;

use dokploy::transport::{Request, Response, Sending, Transport};
use libfuzzer_sys::fuzz_target;
use provider::{ConfigureRequest, DiscoverRequest, ImportRequest, Provider, ReadRequest};
use value::{Type, Value};

/// Answers every question with the same body.
struct Parrot(Vec<u8>);

impl Transport for Parrot {
    fn send(&self, _: Request) -> Sending<'_> {
        Box::pin(async {
            Ok(Response {
                status: 200,
                headers: Vec::new(),
                body: self.0.clone(),
            })
        })
    }
}

fuzz_target!(|bytes: &[u8]| {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without threads starts");
    let access = dokploy::Access {
        host: Some("http://localhost:3000".to_owned()),
        api_key: Some("key".to_owned()),
    };
    let provider = dokploy::Dokploy::new(dokploy::Settings {
        dialect: &dokploy::tables::AHMEDALI6,
        transport: Arc::new(Parrot(bytes.to_vec())),
        environment: access,
        forced: None,
        pinned: false,
        limits: dokploy::limits::Limits::new(),
        user_agent: "fuzz".to_owned(),
        patience: dokploy::client::Patience::STANDARD,
    });
    runtime.block_on(async {
        let null = || Value::null(Type::String);
        let config = Value::object([("host", null()), ("api_key", null())]);
        provider.configure(ConfigureRequest { config }).await;
        let kinds: Vec<String> = provider.schema().resources.keys().map(ToString::to_string).collect();
        for kind in kinds {
            let id = "x".to_owned();
            for it in provider.import(ImportRequest { kind, id }).await.into_iter().flatten() {
                let read = ReadRequest {
                    kind: it.kind,
                    current: it.object,
                    private: it.private,
                };
                provider.read(read).await;
            }
        }
        let all = DiscoverRequest {
            kinds: Vec::new(),
            within: Vec::new(),
        };
        provider.discover(all).await;
    });
});
