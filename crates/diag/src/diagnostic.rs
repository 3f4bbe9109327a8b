//! One message to the user, as data.

use crate::{Code, Span};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The command cannot do what was asked.
    Error,
    /// The command goes on, but the user should know.
    Warning,
}

/// A second place that helps to understand the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is to be seen there, a short phrase without a full stop.
    pub text: String,
}

/// The value that a part of the guilty expression had: `var.name` `is "x"`.
///
/// Rendered as a line below the source snippet; the statement never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fact {
    /// The part of the expression as source text, `var.name`.
    pub traversal: String,
    /// What it is: `is "x"`, `has a sensitive value`, `is a string, known only after apply`.
    pub statement: String,
}

/// The function in whose call an error was found, for the line `while calling f(a, b...)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallNote {
    /// The name as called, `core::upper` included.
    pub name: String,
    /// The names of its parameters, the last with `...` where it is variadic; `None` inside `for`, where the reference
    /// does not say what was called.
    pub parameters: Option<Vec<String>>,
}

/// One message: what is wrong, where, why, and what to do.
///
/// Plain data; renderers are in `view`. Texts never hold a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kind of mistake.
    pub code: &'static Code,
    /// Error or warning.
    pub severity: Severity,
    /// The title; the code's title unless a provider or the user's own text says otherwise.
    pub summary: String,
    /// What is wrong, why, and what to do, in sentences. May be empty.
    pub detail: String,
    /// The guilty place.
    pub subject: Option<Span>,
    /// The construct around the guilty place, shown with it (the block header, the whole expression).
    pub context: Option<Span>,
    /// Further places, shown on terminals.
    pub labels: Vec<Label>,
    /// What to do, one sentence each, shown on terminals after the detail.
    pub hints: Vec<String>,
    /// The resource instance that it is about: `module.a.dokploy_registry.x["k"]`.
    pub address: Option<String>,
    /// The object whose condition it is about, as the configuration names it: `var.x`, `check.c`. Not shown; tests
    /// expect failures by it.
    pub checked: Option<String>,
    /// Values involved in the guilty expression.
    pub facts: Vec<Fact>,
    /// The function call that failed.
    pub call: Option<CallNote>,
}

impl Diagnostic {
    /// An error with the code's title.
    pub fn error(code: &'static Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            summary: code.title.to_owned(),
            detail: detail.into(),
            subject: None,
            context: None,
            labels: Vec::new(),
            hints: Vec::new(),
            address: None,
            checked: None,
            facts: Vec::new(),
            call: None,
        }
    }

    /// A warning with the code's title.
    pub fn warning(code: &'static Code, detail: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, detail)
        }
    }

    /// The same with another title, for texts that come from a provider or the user.
    pub fn titled(mut self, summary: impl Into<String>) -> Self {
        self.summary = summary.into();
        self
    }

    /// The same at a place.
    pub fn at(mut self, subject: Span) -> Self {
        self.subject = Some(subject);
        self
    }

    /// The same at a place that may be unknown.
    pub fn at_opt(mut self, subject: Option<Span>) -> Self {
        self.subject = subject.or(self.subject);
        self
    }

    /// The same with the construct around its place.
    pub fn within(mut self, context: Span) -> Self {
        self.context = Some(context);
        self
    }

    /// The same with a second place.
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// The same with a piece of advice.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The same about a resource instance.
    pub fn about(mut self, address: impl Into<String>) -> Self {
        self.address = Some(address.into());
        self
    }

    /// The same with the values involved.
    pub fn facts(mut self, facts: Vec<Fact>) -> Self {
        self.facts = facts;
        self
    }

    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
