//! What was found, as lines and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value as Json, json};

use crate::exceptions::Exception;

/// Whose mistake it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The rows of the provider, or its driver.
    Rows,
    /// The simulator.
    Simulator,
}

impl Side {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Side::Rows => "rows",
            Side::Simulator => "simulator",
        }
    }
}

/// A difference between us and the document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Whose it is.
    pub side: Side,
    /// The procedure.
    pub procedure: String,
    /// The field; empty where it is about the procedure.
    pub field: String,
    /// What is different, as a word that exceptions name: `unknown-field`.
    pub code: &'static str,
    /// The same in a sentence.
    pub text: String,
}

/// What was compared, and what is different.
#[derive(Debug, Clone)]
pub struct Report {
    /// The version of Dokploy.
    pub version: String,
    /// How many different calls of rows and driver were compared.
    pub n_calls: usize,
    /// How many procedures of the simulator were compared; `None` where it does not play the version.
    pub n_simulated: Option<usize>,
    /// How many fields were compared, of both.
    pub n_fields: usize,
    /// The exceptions that held, each with its reason.
    pub excused: Vec<(Finding, &'static str)>,
    findings: BTreeMap<Finding, Vec<String>>,
}

impl Report {
    pub(crate) fn new(version: String) -> Report {
        Report {
            version,
            n_calls: 0,
            n_simulated: None,
            n_fields: 0,
            excused: Vec::new(),
            findings: BTreeMap::new(),
        }
    }

    /// Adds a finding, and who it is about. The same of several is one.
    pub(crate) fn add(&mut self, finding: Finding, by: &str) {
        let all = self.findings.entry(finding).or_default();
        if !all.iter().any(|it| it == by) {
            all.push(by.to_owned());
        }
    }

    /// Takes out what differs on purpose.
    pub(crate) fn excuse(&mut self, exceptions: &[Exception]) {
        let excuse = |finding: &Finding| {
            exceptions
                .iter()
                .find(|it| it.covers(finding, &self.version))
        };
        let mut excused = Vec::new();
        for finding in self.findings.keys() {
            excused.extend(excuse(finding).map(|it| (finding.clone(), it.reason)));
        }
        for (finding, _) in &excused {
            self.findings.remove(finding);
        }
        self.excused = excused;
    }

    /// Whether nothing is different that may not be.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// What is different, in order.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.keys()
    }

    /// A line a finding, then the counts.
    pub fn text(&self) -> String {
        let mut res = String::new();
        for (finding, by) in &self.findings {
            let _ = writeln!(
                res,
                "{}: {}: {} [{}] ({})",
                finding.side.word(),
                finding.procedure,
                finding.text,
                finding.code,
                by.join(", ")
            );
        }
        let simulated = match self.n_simulated {
            Some(it) => format!("{it} procedures of the simulator"),
            None => "no simulator, which does not play this version".to_owned(),
        };
        let _ = writeln!(
            res,
            "Dokploy {}: {} calls of the provider, {simulated}, {} fields: {} differences, {} on purpose",
            self.version,
            self.n_calls,
            self.n_fields,
            self.findings.len(),
            self.excused.len()
        );
        res
    }

    /// The same for machines: one object.
    pub fn json(&self) -> Json {
        let one = |finding: &Finding| {
            json!({"side": finding.side.word(), "procedure": finding.procedure, "field": finding.field,
                "code": finding.code, "text": finding.text})
        };
        let findings = self.findings.iter().map(|(finding, by)| {
            let mut res = one(finding);
            if let Some(members) = res.as_object_mut() {
                members.insert("by".to_owned(), json!(by));
            }
            res
        });
        let excused = self.excused.iter().map(|(finding, reason)| {
            let mut res = one(finding);
            if let Some(members) = res.as_object_mut() {
                members.insert("reason".to_owned(), json!(reason));
            }
            res
        });
        json!({
            "version": self.version, "calls": self.n_calls, "simulated": self.n_simulated, "fields": self.n_fields,
            "findings": findings.collect::<Vec<_>>(), "excused": excused.collect::<Vec<_>>(),
        })
    }
}
