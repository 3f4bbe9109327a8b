//! What a provider is: schemas, the [`Provider`] trait, and the pure rules that its answers must keep.
//!
//! Reading order: [`schema`], [`request`], the trait here, then the rules: [`propose`] (prior and configuration to
//! proposed value) and [`conform`] (did the provider keep its promises), [`registry`], and [`mock`] (a provider that asks nobody).

pub mod conform;
pub mod mock;
pub mod propose;
pub mod registry;
pub mod request;
pub mod schema;

use std::future::Future;
use std::pin::Pin;

pub use registry::Registry;
pub use request::{
    ApplyRequest, ApplyResponse, ConfigureRequest, DiscoverRequest, Discovered, Discovery,
    FindRequest, FollowRequest, FollowUp, FollowUpRequest, Found, ImportRequest, ImportedObject,
    Issue, PlanRequest, PlanResponse, Private, ReadDataRequest, ReadRequest, ReadResponse,
    UpgradeRequest, Whole,
};
pub use schema::{Attribute, AttributeKind, Block, NestedBlock, Nesting, ProviderSchema, Schema};
use value::Value;

/// What an async method of [`Provider`] gives.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Manages objects of some resource types. Shaped after Terraform's plugin protocol 6, with typed values.
///
/// One value of this trait is one configuration of a provider (one block, one alias): [`Provider::configure`] is
/// called once, before everything but `schema` and the validations. Methods may be called concurrently.
/// Values given to and taken from it carry no marks. Texts in issues never hold a secret.
pub trait Provider: Send + Sync {
    /// What it manages.
    fn schema(&self) -> &ProviderSchema;

    /// Checks the configuration of the provider block itself, which may hold unknowns.
    fn validate_provider(&self, config: &Value) -> Vec<Issue>;

    /// Checks a resource's configuration, which may hold unknowns.
    fn validate_resource(&self, kind: &str, config: &Value) -> Vec<Issue>;

    /// Checks a data source's configuration, which may hold unknowns.
    fn validate_data(&self, kind: &str, config: &Value) -> Vec<Issue>;

    /// Makes it ready. The configuration may hold unknowns while planning: then it must not fail for them, but
    /// later calls that need them may.
    fn configure(&self, request: ConfigureRequest) -> Answer<'_, Vec<Issue>>;

    /// Turns the stored attributes of an older schema version into the current one.
    fn upgrade(&self, request: UpgradeRequest) -> Result<Value, Vec<Issue>>;

    /// Tells of an object that a resource has, whether or not it is going to be read: no other resource must get it.
    fn remembers(&self, kind: &str, object: &Value) {
        let _ = (kind, object);
    }

    /// What the object is now.
    fn read(&self, request: ReadRequest) -> Answer<'_, ReadResponse>;

    /// What many objects are now, in the order asked, with as few requests as it can.
    fn read_many(&self, requests: Vec<ReadRequest>) -> Answer<'_, Vec<ReadResponse>> {
        Box::pin(async move {
            let mut res = Vec::with_capacity(requests.len());
            for request in requests {
                res.push(self.read(request).await);
            }
            res
        })
    }

    /// What an apply would make of it. Gives known values only where they are certain.
    fn plan(&self, request: PlanRequest) -> Answer<'_, PlanResponse>;

    /// Creates (prior is null), updates, or deletes (planned is null).
    fn apply(&self, request: ApplyRequest) -> Answer<'_, ApplyResponse>;

    /// Objects by an import id. An object that does not exist is an issue.
    fn import(&self, request: ImportRequest)
    -> Answer<'_, Result<Vec<ImportedObject>, Vec<Issue>>>;

    /// Reads a data source.
    fn read_data(&self, request: ReadDataRequest) -> Answer<'_, Result<Value, Vec<Issue>>>;

    /// Tells of an object as it is stored, whose secrets no message may show although nothing is asked about it.
    fn conceal(&self, kind: &str, attributes: &serde_json::Value) {
        let _ = (kind, attributes);
    }

    /// What data can be lost by a change, as a noun phrase (`the data of the database`): null `after` is a deletion, also
    /// the one of a replacement. `None` where nothing that a later plan could not bring back.
    fn at_stake(&self, kind: &str, before: &Value, after: &Value) -> Option<String> {
        let _ = (kind, before, after);
        None
    }

    /// What an object is a part of. The value may hold unknowns. `None` for what stands by itself.
    fn whole_of(&self, kind: &str, object: &Value) -> Option<Whole> {
        let _ = (kind, object);
        None
    }

    /// Whether objects of a type are ever followed up: the others are not asked about.
    fn is_followed(&self, kind: &str) -> bool {
        let _ = kind;
        false
    }

    /// Whether something is to be done with an object when it, and what belongs to it, is as planned: a container is
    /// started only when its mounts are there. Decided while planning; see [`Provider::follow`].
    fn follow_up(&self, request: &FollowUpRequest) -> Option<FollowUp> {
        let _ = request;
        None
    }

    /// The provider's own data with a note that a follow-up is due, or without one. The note is kept with the object
    /// until the follow-up is done, so that a run that ends in between leaves it to the next one.
    fn note_due(&self, private: Private, is_due: bool) -> Private {
        let _ = is_due;
        private
    }

    /// Does what [`Provider::follow_up`] said. The object is as planned then, whatever comes of this. May take long; a
    /// caller that waits no more drops the answer.
    fn follow(&self, request: FollowRequest) -> Answer<'_, Vec<Issue>> {
        let _ = request;
        Box::pin(async { Vec::new() })
    }

    /// By what an object that is about to be made, changed or deleted is found again, if the answer is lost: plain data
    /// without secrets, which is kept in the journal and given to [`Provider::find`]. `None` where there is nothing
    /// outside the state that could be lost.
    fn identity(&self, kind: &str, object: &Value) -> Option<serde_json::Value> {
        let _ = (kind, object);
        None
    }

    /// Finds an object that was to be created, after a create whose outcome is not known.
    fn find(&self, request: FindRequest) -> Answer<'_, Result<Found, Vec<Issue>>> {
        let _ = request;
        Box::pin(async { Ok(Found::CannotTell) })
    }

    /// Every object that exists and can be imported, as an import reads it.
    fn discover(&self, request: DiscoverRequest) -> Answer<'_, Discovery> {
        let _ = request;
        Box::pin(async {
            let issue = Issue::error(
                "Discovery not supported",
                "The provider cannot list the objects that exist. Write import blocks for those that you know.",
            );
            Discovery {
                objects: Vec::new(),
                issues: vec![issue],
            }
        })
    }

    /// Converts the state of another resource type into one of this provider's (`moved` between types).
    fn move_state(
        &self,
        source_kind: &str,
        source: &serde_json::Value,
        kind: &str,
    ) -> Result<Value, Vec<Issue>> {
        let _ = source;
        Err(vec![Issue::error(
            "Unsupported state move",
            format!("An object of type {source_kind} cannot become one of type {kind}."),
        )])
    }
}
