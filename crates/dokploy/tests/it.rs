//! Tests by what they are about.

mod added;
mod behaviour;
mod bench;
mod counted;
mod deploying;
mod failures;
mod hostile;
mod http;
mod pages;
mod reading;
mod removal;
mod schema;
mod secrets;
mod services;
mod versions;
mod wider;
mod wishes;
