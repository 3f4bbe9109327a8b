//! Validate, plan, apply: walks that turn configuration and state into plans, and plans into state.
//!
//! The engine decides. It never prints, prompts, or reads files, the environment or the clock: those are inputs.

mod checks;
pub mod code;
mod dag;
mod declared;
mod discover;
mod expand;
pub mod graph;
mod live;
mod nodes;
mod objects;
mod providers;
mod schedule;
mod validate;
mod values;
mod variables;

mod apply;
mod assess;
mod console;
mod import;
mod planning;
mod recover;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use config::Config;
use diag::Diagnostics;
use plan::{Mode, Observer, Plan};
use provider::Registry;
use state::{Snapshot, State, StateStore};
use value::Value;
use value::function::World;

/// A value given to a root variable, and by whom, for messages.
#[derive(Debug, Clone)]
pub struct GivenVariable {
    /// The value: texts from `-var` and `TF_VAR_` for variables with a type other than string are parsed before.
    pub value: Value,
    /// Where it stands, if in a file.
    pub span: Option<diag::Span>,
    /// `-var`, `TF_VAR_x`, `terraform.tfvars`.
    pub source: String,
}

/// Runs provisioners: commands beside the creation or the destruction of an object.
pub trait Provisioners: Send + Sync {
    /// What a provisioner of a type takes; `None` where there is none of that type.
    fn schema(&self, kind: &str) -> Option<Arc<provider::Block>>;

    /// Runs one. Why it failed, in sentences that hold no secret.
    fn run(&self, request: ProvisionRequest) -> provider::Answer<'static, Result<(), String>>;
}

/// A provisioner to be run.
pub struct ProvisionRequest {
    /// Its type.
    pub kind: String,
    /// Its arguments, without marks.
    pub config: Value,
    /// Takes each line that it says.
    pub output: Box<dyn Fn(String) + Send + Sync>,
}

/// Where no provisioner can be run.
pub struct NoProvisioners;

impl Provisioners for NoProvisioners {
    fn schema(&self, kind: &str) -> Option<Arc<provider::Block>> {
        let _ = kind;
        None
    }

    fn run(&self, request: ProvisionRequest) -> provider::Answer<'static, Result<(), String>> {
        let _ = request;
        Box::pin(async { Err("No provisioners can be run here.".to_owned()) })
    }
}

/// What all walks need.
pub struct Common<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// Its texts, for messages that quote expressions.
    pub sources: &'a diag::SourceMap,
    /// Who makes providers.
    pub registry: &'a dyn Registry,
    /// Who runs provisioners.
    pub provisioners: &'a dyn Provisioners,
    /// Values of root variables.
    pub variables: &'a BTreeMap<Arc<str>, GivenVariable>,
    /// The workspace: `terraform.workspace`.
    pub workspace: &'a str,
    /// `path.cwd`, absolute.
    pub cwd: &'a str,
    /// `path.root` is always `.`; functions see the world through this.
    pub world: &'a (dyn World + Sync),
    /// RFC 3339, UTC: the time of the plan.
    pub started_at: &'a str,
    /// Makes deposed keys and anything else random reproducible.
    pub seed: u64,
    /// How many requests at once.
    pub parallelism: usize,
    /// Told what happens.
    pub observer: &'a dyn Observer,
    /// Set by the first Ctrl-C: no new operations.
    pub stop: &'a std::sync::atomic::AtomicBool,
}

/// What a plan is made from.
pub struct PlanInputs<'a> {
    /// The common part.
    pub common: Common<'a>,
    /// What is remembered.
    pub prior: &'a State,
    /// What kind of plan.
    pub mode: Mode,
    /// Whether to read what the world is (`-refresh`).
    pub refresh: bool,
    /// `-target`.
    pub targets: &'a [addr::Target],
    /// `-exclude`.
    pub excludes: &'a [addr::Target],
    /// `-replace`.
    pub force_replace: &'a [addr::Instance],
}

/// What an apply works on.
pub struct ApplyInputs<'a> {
    /// The common part.
    pub common: Common<'a>,
    /// The plan to obey.
    pub plan: &'a Plan,
    /// What identifies the state that is written (lineage, serial before).
    pub base: Snapshot,
}

/// Checks what a configuration must say soundly before anything else is looked at: types and defaults of variables.
pub fn declarations(config: &Config, world: &(dyn World + Sync), diags: &mut Diagnostics) {
    variables::declarations(config, world, diags);
}

/// Checks the configuration without state or world: references, types, arguments, provider validations.
pub async fn validate(common: &Common<'_>) -> Diagnostics {
    validate::validate(common).await.sorted(common.sources)
}

/// Configuration and state to a plan. The plan is `None` where nothing could be planned.
pub async fn plan(inputs: &PlanInputs<'_>) -> (Option<Plan>, Diagnostics) {
    planning::plan(inputs).await
}

/// What an apply did.
#[derive(Debug, Clone)]
pub struct Applied {
    /// The state after it; already in the store.
    pub snapshot: Snapshot,
    /// How many objects were created, changed, destroyed, imported.
    pub counts: Counts,
    /// Whether it was stopped before its end.
    pub stopped: bool,
}

/// What was done, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Created.
    pub added: usize,
    /// Changed in place.
    pub changed: usize,
    /// Destroyed.
    pub destroyed: usize,
    /// Imported.
    pub imported: usize,
}

/// Obeys a plan. Each finished operation is in `store` before anything that depends on it starts.
pub async fn apply(inputs: &ApplyInputs<'_>, store: &mut dyn StateStore) -> (Applied, Diagnostics) {
    apply::apply(inputs, store).await
}

pub use assess::{Assertion, AssessInputs, TestNames, assess, evaluate_in_test, run_value};
pub use recover::{Fate, Recovery};

/// The provider configuration that a resource block means; `None` where its module is not given the one it names.
pub fn provider_config(
    config: &Config,
    path: &addr::ModulePath,
    resource: &config::Resource,
) -> Option<addr::ProviderConfig> {
    providers::of_resource(config, path, resource)
}

/// Looks for what was under way when an earlier run ended. `now` is the time, RFC 3339 in UTC. An error says about which
/// objects nothing could be found out: then nothing must be planned.
pub async fn recover(
    common: &Common<'_>,
    prior: &State,
    intents: &[state::journal::Intent],
    now: &str,
) -> (Recovery, Diagnostics) {
    let (recovery, diags) = recover::recover(common, prior, intents, now).await;
    (recovery, diags.sorted(common.sources))
}

/// Imports one object into the state (`dokplan import ADDR ID`): reads it and gives the new state.
pub async fn import(
    common: &Common<'_>,
    prior: &State,
    target: &addr::Instance,
    id: &str,
) -> (Option<State>, Diagnostics) {
    import::import(common, prior, target, id).await
}

/// What exists on the other side of a provider, as the root module configures it, and can be imported.
pub async fn discover(
    common: &Common<'_>,
    provider: &addr::Provider,
    request: provider::DiscoverRequest,
) -> (Vec<provider::Discovered>, Diagnostics) {
    discover::discover(common, provider, request).await
}

/// What is wrong with everything that is declared, as far as it can be seen without planning: for the console, which
/// works all the same.
pub async fn problems(
    common: &Common<'_>,
    state: &State,
    planned: &BTreeMap<addr::Instance, Value>,
) -> Diagnostics {
    console::problems(common, state, planned)
        .await
        .sorted(common.sources)
}

/// Evaluates one expression over configuration and state, for the console. Says what is wrong with the expression,
/// not with what it refers to: see [`problems`]. What `planned` holds takes the place of what is remembered.
pub async fn evaluate(
    common: &Common<'_>,
    state: &State,
    planned: &BTreeMap<addr::Instance, Value>,
    expr: &hcl::Expr,
) -> (Value, Diagnostics) {
    console::evaluate(common, state, planned, expr).await
}
