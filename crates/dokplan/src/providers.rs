//! Which provider answers for which address: those that are built in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use addr::Provider as Address;
use config::Config;
use provider::schema::Schemas;
use provider::{Provider, Registry};

use crate::exit::Reported;
use crate::sandbox::KEY;
use crate::session::Session;

/// Where a provider comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Availability {
    /// `terraform.io/builtin/terraform`.
    Builtin,
    /// Part of dokplan.
    Included,
    /// Not here.
    Missing,
}

/// Makes providers.
pub(crate) struct Providers {
    transport: Arc<dyn dokploy::transport::Transport>,
    environment: dokploy::Access,
    forced: Option<dokploy::Access>,
    limits: Arc<dokploy::limits::Limits>,
    states: Arc<crate::states::States>,
}

impl Providers {
    /// With HTTP, or with the embedded Dokploy.
    pub(crate) fn new(session: &Session) -> Result<Providers, Reported> {
        let text = |name: &str| session.var(name).map(str::to_owned);
        let environment = dokploy::Access {
            host: text("DOKPLOY_HOST"),
            api_key: text("DOKPLOY_API_KEY"),
            stored: stored_keys(session),
        };
        let mut forced = None;
        let transport: Arc<dyn dokploy::transport::Transport> = if session.sandbox {
            forced = Some(dokploy::Access {
                host: Some("http://sandbox.localhost".to_owned()),
                api_key: Some(KEY.to_owned()),
                ..dokploy::Access::default()
            });
            let sandbox = crate::sandbox::open(dokploy_sim::Version::V0_30_2).or_else(|reason| {
                crate::ui::err(&format!("Error: The sandbox cannot be opened: {reason}. \"dokplan sandbox reset\" empties it.\n"));
                Err(Reported)
            })?;
            Arc::new(InProcess(sandbox))
        } else {
            match dokploy::transport::HttpTransport::new() {
                Ok(it) => Arc::new(it),
                Err(error) => {
                    crate::ui::err(&format!("Error: HTTP cannot be set up: {error:?}.\n"));
                    return Err(Reported);
                }
            }
        };
        Ok(Providers {
            transport,
            environment,
            forced,
            limits: dokploy::limits::Limits::new(),
            states: Arc::new(crate::states::States {
                seal: session
                    .sealed
                    .as_ref()
                    .map(|it| it.remote.clone())
                    .unwrap_or_default(),
            }),
        })
    }

    /// Where a provider comes from.
    pub(crate) fn availability(address: &Address) -> Availability {
        if *address == Address::builtin() {
            Availability::Builtin
        } else if dokploy::dialect(address).is_some() {
            Availability::Included
        } else {
            Availability::Missing
        }
    }

    /// The schemas of all providers of a configuration.
    pub(crate) fn schemas(&self, config: &Config) -> Schemas {
        let mut addresses: BTreeSet<Address> = BTreeSet::new();
        for module in config.modules.values() {
            addresses.extend(
                module
                    .settings
                    .required_providers
                    .values()
                    .map(|it| it.source.clone()),
            );
            addresses.extend(module.resources.values().map(|it| it.provider_addr.clone()));
        }
        // Objects in the state may belong to providers that the configuration no longer names.
        addresses.insert(Address::builtin());
        for namespace in ["ahmedali6", "hashicorp"] {
            addresses.insert(Address::new(
                addr::provider::DEFAULT_HOST,
                namespace,
                "dokploy",
            ));
        }
        self.schemas_for(addresses)
    }

    fn schemas_for(&self, addresses: impl IntoIterator<Item = Address>) -> Schemas {
        let found = addresses.into_iter().filter_map(|it| {
            let schema = Arc::new(self.provider(&it)?.schema().clone());
            Some((it, schema))
        });
        Schemas(found.collect::<BTreeMap<_, _>>())
    }

    /// The schemas for what a state holds; nothing is asked of any server.
    pub(crate) fn schemas_of(state: &state::State) -> Schemas {
        let providers = Providers {
            transport: Arc::new(Nowhere),
            environment: dokploy::Access::default(),
            forced: None,
            limits: dokploy::limits::Limits::new(),
            states: Arc::default(),
        };
        let addresses: BTreeSet<Address> = state
            .resources
            .values()
            .map(|it| it.provider.provider.clone())
            .collect();
        providers.schemas_for(addresses)
    }
}

impl Registry for Providers {
    fn provider(&self, address: &Address) -> Option<Arc<dyn Provider>> {
        if *address == Address::builtin() {
            let random = || {
                let mut bytes = [0u8; 16];
                crate::world::random(&mut bytes);
                bytes
            };
            return Some(Arc::new(builtin::Builtin::new(
                Arc::new(random),
                self.states.clone(),
            )));
        }
        let settings = dokploy::Settings {
            dialect: dokploy::dialect(address)?,
            transport: self.transport.clone(),
            environment: self.environment.clone(),
            forced: self.forced.clone(),
            pinned: crate::restricted::is_on() && self.forced.is_none(),
            limits: self.limits.clone(),
            user_agent: format!("dokplan/{}", env!("CARGO_PKG_VERSION")),
            patience: dokploy::client::Patience::STANDARD,
        };
        Some(Arc::new(dokploy::Dokploy::new(settings)))
    }
}

/// A transport for commands that ask no server anything.
struct Nowhere;

impl dokploy::transport::Transport for Nowhere {
    fn send(&self, _: dokploy::transport::Request) -> dokploy::transport::Sending<'_> {
        Box::pin(async { Err(dokploy::transport::TransportError::Refused) })
    }
}

/// The API keys that `login` has stored. Without the file, or with one that cannot be read, there are none: a provider
/// that needs one says so.
fn stored_keys(session: &Session) -> std::collections::BTreeMap<String, String> {
    if session.sandbox || session.var("DOKPLOY_API_KEY").is_some() {
        return std::collections::BTreeMap::new();
    }
    match crate::credentials::Credentials::read(session) {
        Ok(it) => it.tokens(),
        Err(reason) => {
            tracing::warn!("no stored API keys: {reason}");
            std::collections::BTreeMap::new()
        }
    }
}

/// Requests answered by the embedded Dokploy.
struct InProcess(dokploy_sim::persist::Sandbox);

impl dokploy::transport::Transport for InProcess {
    fn send(&self, request: dokploy::transport::Request) -> dokploy::transport::Sending<'_> {
        Box::pin(async move {
            let headers = request
                .headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect();
            let asked = dokploy_sim::Request {
                method: request.method.as_str().to_owned(),
                path: request.path().to_owned(),
                query: request.query().to_owned(),
                headers,
                body: request.body.clone().unwrap_or_default(),
            };
            match self.0.handle(asked).await {
                Ok(it) => Ok(dokploy::transport::Response {
                    status: it.status,
                    headers: it.headers,
                    body: it.body,
                }),
                Err(lost) => Err(dokploy::transport::TransportError::Broken(format!(
                    "{lost:?}"
                ))),
            }
        })
    }
}
