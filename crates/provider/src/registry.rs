//! Which provider answers for which address.

use std::sync::Arc;

use crate::Provider;

/// Makes providers for addresses. The engine asks it once a provider configuration.
pub trait Registry: Send + Sync {
    /// A new, unconfigured provider; `None` where there is none for the address.
    fn provider(&self, address: &addr::Provider) -> Option<Arc<dyn Provider>>;

    /// What a local name means where `required_providers` does not say: `None` for the usual rule
    /// ([`addr::Provider::implied`]).
    fn implied(&self, local: &str) -> Option<addr::Provider> {
        let _ = local;
        None
    }
}
