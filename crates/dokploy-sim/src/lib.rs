//! An embedded Dokploy: the sandbox that users run, and the pretend server with faults that tests run.
//!
//! It is written from recorded exchanges with a real Dokploy, never from the tables of our own provider: what the
//! provider believes and what the server does are two things, and this crate is the second opinion.
//!
//! * [`Sim`] is the server: a cheap handle that answers [`Request`]s in-process, and can be told to fail ([`Fault`]).
//! * [`server::serve`] offers a `Sim` over HTTP on a loopback address.
//! * [`persist`] keeps its content in a file, for the sandbox.
//!
//! How it is built, bottom up: `schema` says what tables look like, `db` stores rows and follows foreign keys,
//! `field` validates input the way Dokploy's zod schemas do, `procedure` joins the two to one callable thing,
//! `routers/*` hold one file for each of Dokploy's routers, `protocol` turns HTTP into calls of procedures, and
//! `sim` adds what can go wrong. `docs/howto/add-a-router.md` tells how to add a router.
//!
//! ```
//! use dokploy_sim::{Request, Settings, Sim, Version};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let sim = Sim::new(Settings::for_tests(Version::V0_30_2));
//! let request = Request::get("/api/registry.all", "").with_key("test-key");
//! let response = sim.handle(request).await.unwrap();
//! assert_eq!((response.status, response.body.as_slice()), (200, &b"[]"[..]));
//! # });
//! ```
#![allow(
    clippy::disallowed_methods,
    reason = "an effect crate: it keeps the sandbox file"
)]

mod db;
mod deploying;
mod failure;
mod fault;
mod field;
mod listing;
mod message;
pub mod persist;
mod procedure;
mod protocol;
#[expect(clippy::unnecessary_wraps, reason = "procedures share one signature")]
mod routers;
mod schema;
mod seed;
pub mod server;
mod settings;
mod sim;
mod time;

pub use deploying::Deploying;
pub use fault::{Effect, Fault, Match, Nth};
pub use field::Kind;
pub use listing::{Listed, ListedField, procedures};
pub use message::{Call, Lost, Request, Response};
pub use settings::{IdStyle, Settings, UnknownVersion, Version};
pub use sim::{Sim, SimError};
