//! What exists and is not managed yet: asked of a provider as it is configured in the root module.

use addr::{ModulePath, ProviderConfig};
use diag::Diagnostics;
use provider::{DiscoverRequest, Discovered};

use crate::live::Live;
use crate::nodes::nodes;
use crate::providers::Schemas;
use crate::{Common, objects};

/// See [`crate::discover`].
pub(crate) async fn discover(
    common: &Common<'_>,
    provider: &addr::Provider,
    request: DiscoverRequest,
) -> (Vec<Discovered>, Diagnostics) {
    let mut diags = crate::validate(common).await;
    if diags.has_errors() {
        return (Vec::new(), diags);
    }
    let schemas = Schemas::of(common.config, [], common.registry);
    let Some(nodes) = nodes(common.config, &schemas, [], &mut diags) else {
        return (Vec::new(), diags);
    };
    let state = state::State::default();
    let values = crate::console::remembered(
        common,
        &schemas,
        &nodes,
        &state,
        &std::collections::BTreeMap::new(),
        false,
        &mut diags,
    );
    let config = ProviderConfig {
        module: ModulePath::root(),
        provider: provider.clone(),
        alias: None,
    };
    let mut live = Live::default();
    live.configure(&values, &config, &state::State::default(), &mut diags)
        .await;
    let Some(provider) = live.get(&config) else {
        return (Vec::new(), diags);
    };
    let found = provider.discover(request).await;
    objects::report(&found.issues, None, None, &mut diags);
    (found.objects, diags)
}
