//! Tests by what they are about.

mod behaviour;
mod bench;
mod failures;
mod http;
mod pages;
mod schema;
mod services;
mod wider;
