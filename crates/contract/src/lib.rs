//! Compares what the provider sends, and what the simulator takes, with a description of Dokploy's API: the OpenAPI
//! document that each Dokploy serves (`GET /api/settings.getOpenApiDocument`).
//!
//! The documents are Dokploy's and stay out of this repository; the caller names one. `document` reads it, `rows` holds
//! the calls of the provider against it, `simulator` the procedures of the simulator, `exceptions` names what differs on
//! purpose. All of it is pure; `cargo xtask contract` is the command.

mod document;
mod exceptions;
mod report;
mod rows;
mod simulator;

use dokploy::version::Version;

pub use document::{Document, Malformed};
pub use report::{Finding, Report, Side};

/// What is compared.
#[derive(Debug, Clone)]
pub struct Question {
    /// The version of Dokploy that the document describes.
    pub version: Version,
    /// The routers that are looked at; all of them if it is empty.
    pub routers: Vec<String>,
}

impl Question {
    fn wants(&self, procedure: &str) -> bool {
        let router = procedure.split('.').next().unwrap_or_default();
        self.routers.is_empty() || self.routers.iter().any(|it| it == router)
    }
}

/// Compares all rows of all dialects, and the simulator where it plays that version.
pub fn check(document: &Document, question: &Question) -> Report {
    let mut report = Report::new(question.version.to_string());
    for dialect in dokploy::tables::DIALECTS {
        rows::check(document, dialect, question, &mut report);
    }
    simulator::check(document, question, &mut report);
    report.excuse(exceptions::EXCEPTIONS);
    report
}
