//! Conditions: preconditions, postconditions, assertions and the rules of variables, and what came of them.

use std::collections::BTreeMap;

use config::Condition;
use diag::{Diagnostic, Diagnostics, Severity, Span};
use lang::Scope;
use state::{CheckObject, CheckResult, CheckStatus};
use value::{Mark, Type, convert};

use crate::code;
use crate::values::{Phase, Values};

/// What a condition is for: decides titles and severity.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// `validation`, with the place to blame.
    Variable(Span),
    /// `precondition` of a resource.
    Precondition,
    /// `postcondition` of a resource.
    Postcondition,
    /// `precondition` of an output.
    Output,
    /// `assert`.
    Assertion,
    /// `assert` of a test.
    TestAssertion,
}

impl Kind {
    fn failed(&self) -> &'static diag::Code {
        match self {
            Kind::Variable(_) => &code::INVALID_VARIABLE,
            Kind::Precondition => &code::PRECONDITION,
            Kind::Postcondition => &code::POSTCONDITION,
            Kind::Output => &code::OUTPUT_PRECONDITION,
            Kind::Assertion => &code::CHECK_FAILED,
            Kind::TestAssertion => &code::TEST_ASSERTION,
        }
    }

    fn severity(&self) -> Severity {
        match self {
            Kind::Assertion => Severity::Warning,
            Kind::Variable(_)
            | Kind::Precondition
            | Kind::Postcondition
            | Kind::Output
            | Kind::TestAssertion => Severity::Error,
        }
    }
}

/// What came of the conditions of one object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) status: CheckStatus,
    pub(crate) messages: Vec<String>,
}

impl Verdict {
    pub(crate) fn pass() -> Self {
        Self {
            status: CheckStatus::Pass,
            messages: Vec::new(),
        }
    }

    pub(crate) fn unknown() -> Self {
        Self {
            status: CheckStatus::Unknown,
            messages: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, other: Verdict) {
        self.status = worse(self.status, other.status);
        self.messages.extend(other.messages);
    }
}

/// The worse of two: an error, a failure, not known, and last that all is well.
fn worse(left: CheckStatus, right: CheckStatus) -> CheckStatus {
    let rank = |it: CheckStatus| match it {
        CheckStatus::Error => 3,
        CheckStatus::Fail => 2,
        CheckStatus::Unknown => 1,
        CheckStatus::Pass => 0,
    };
    if rank(left) >= rank(right) {
        left
    } else {
        right
    }
}

/// The results of all conditions, by the object in the configuration that has them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Checks {
    all: BTreeMap<(String, String), BTreeMap<String, Verdict>>,
}

impl Checks {
    /// Says that an object of the configuration has conditions, before anything is known of them.
    pub(crate) fn declare(&mut self, kind: &str, address: &str) {
        self.all
            .entry((kind.to_owned(), address.to_owned()))
            .or_default();
    }

    /// Records what came of the conditions of one instance; the conditions of one instance may come in parts.
    pub(crate) fn record(&mut self, kind: &str, address: &str, instance: &str, verdict: Verdict) {
        let objects = self
            .all
            .entry((kind.to_owned(), address.to_owned()))
            .or_default();
        match objects.get_mut(instance) {
            Some(known) => known.add(verdict),
            None => {
                objects.insert(instance.to_owned(), verdict);
            }
        }
    }

    /// Whether the data source of a check could not be read: its assertions are not looked at then.
    pub(crate) fn has_failed(&self, kind: &str, address: &str, instance: &str) -> bool {
        self.all
            .get(&(kind.to_owned(), address.to_owned()))
            .and_then(|it| it.get(instance))
            .is_some_and(|it| it.status == CheckStatus::Fail)
    }

    /// All of them, as the state keeps them.
    pub(crate) fn results(&self) -> Vec<CheckResult> {
        self.all
            .iter()
            .map(|((kind, address), objects)| CheckResult {
                kind: kind.clone(),
                address: address.clone(),
                status: if objects.is_empty() {
                    CheckStatus::Unknown
                } else {
                    objects
                        .values()
                        .fold(CheckStatus::Pass, |all, it| worse(all, it.status))
                },
                objects: objects
                    .iter()
                    .map(|(address, verdict)| CheckObject {
                        address: address.clone(),
                        status: verdict.status,
                        messages: verdict.messages.clone(),
                    })
                    .collect(),
            })
            .collect()
    }
}

/// Evaluates one condition of an object of the configuration; reports where it does not hold.
pub(crate) fn condition(
    object: &str,
    values: &Values<'_>,
    rule: &Condition,
    scope: &dyn Scope,
    kind: &Kind,
    diags: &mut Diagnostics,
) -> Verdict {
    let error = Verdict {
        status: CheckStatus::Error,
        messages: Vec::new(),
    };
    let n_errors = diags.n_errors();
    let value = lang::eval(&rule.condition, scope, diags);
    if diags.n_errors() > n_errors {
        return error;
    }
    let invalid = match kind {
        Kind::Variable(_) => &code::VALIDATION_RESULT,
        _ => &code::INVALID_CONDITION,
    };
    let report = |code: &'static diag::Code, detail: &str, diags: &mut Diagnostics| {
        diags.push(
            Diagnostic::error(code, detail)
                .at(rule.condition.span)
                .facts(lang::eval::facts_of(&rule.condition, scope, false, false)),
        );
    };
    let held = match convert(&value, &Type::Bool) {
        Ok(it) if it.is_null() => {
            report(
                invalid,
                "A condition must be true or false, and this one is null.",
                diags,
            );
            return error;
        }
        Ok(it) => it,
        Err(err) => {
            report(
                invalid,
                &format!("A condition must be true or false: {}.", err.reason),
                diags,
            );
            return error;
        }
    };
    // What a module is given may be known already.
    let is_broken = matches!(kind, Kind::Variable(_)) && held.as_bool() == Some(false);
    if values.phase == Phase::Validate && !is_broken {
        // Its message is looked at for mistakes.
        let _ = message(object, rule, scope, kind, false, diags);
        return Verdict::unknown();
    }
    match held.as_bool() {
        None => {
            if matches!(kind, Kind::TestAssertion) {
                diags.push(
                    Diagnostic::error(
                        &code::TEST_UNKNOWN,
                        "Whether this holds depends on a value that only an apply tells, and the run only plans. Take the value out of the condition, or let the run apply (command = apply). Of an overridden object, override_during = plan makes values known while planning.",
                    )
                    .at(rule.condition.span)
                    .facts(lang::eval::facts_of(&rule.condition, scope, false, false)),
                );
            }
            // The reference warns about assertions whose result only the apply tells; so do its readers expect.
            if matches!(kind, Kind::Assertion) && values.phase == Phase::Plan {
                diags.push(
                    Diagnostic::warning(
                        &code::CHECK_UNKNOWN,
                        "Whether the assertion holds depends on values that are known only after an apply. It is checked then.",
                    )
                    .at(rule.condition.span)
                    .facts(lang::eval::facts_of(&rule.condition, scope, false, false)),
                );
            }
            Verdict::unknown()
        }
        Some(true) => Verdict::pass(),
        Some(false) => {
            let n_errors = diags.n_errors();
            let text = message(object, rule, scope, kind, true, diags);
            if diags.n_errors() > n_errors && matches!(kind, Kind::Assertion) {
                return error;
            }
            let shown = match &text {
                Ok(text) => text.clone(),
                Err(why) => format!("The condition does not hold; its error message {why}."),
            };
            let (span, detail) = match kind {
                Kind::Variable(span) => (
                    *span,
                    format!(
                        "{shown}\n\nThe rule that says so is at {}.",
                        place(values, rule.span)
                    ),
                ),
                _ => (rule.condition.span, shown),
            };
            diags.push(
                Diagnostic {
                    severity: kind.severity(),
                    checked: Some(object.to_owned()),
                    ..Diagnostic::error(kind.failed(), detail)
                }
                .at(span)
                .facts(lang::eval::facts_of(&rule.condition, scope, false, false)),
            );
            Verdict {
                status: CheckStatus::Fail,
                messages: text.into_iter().collect(),
            }
        }
    }
}

/// `main.tf:4,3-13`.
pub(crate) fn place(values: &Values<'_>, span: Span) -> String {
    let sources = values.common.sources;
    let start = sources.position(span.source, span.start);
    let end = sources.position(span.source, span.end);
    format!(
        "{}:{},{}-{}",
        sources.name(span.source),
        start.line,
        start.column,
        end.column
    )
}

/// The error message of a condition, or why it is not shown (mistakes in it are reported).
///
/// A message of a variable that holds the secret of another object is a mistake where it would be shown; of others, and
/// where the secret is the variable's own, it is only left out. The reference shows the latter.
fn message(
    object: &str,
    rule: &Condition,
    scope: &dyn Scope,
    kind: &Kind,
    has_failed: bool,
    diags: &mut Diagnostics,
) -> Result<String, &'static str> {
    const WRONG: &str = "could not be evaluated";
    const SECRET: &str = "would show a sensitive value";
    let n_errors = diags.n_errors();
    let value = lang::eval(&rule.message, scope, diags);
    if diags.n_errors() > n_errors {
        return Err(WRONG);
    }
    let is_variable = matches!(kind, Kind::Variable(_));
    let mut report = |code: &'static diag::Code, detail: &str, sensitive: bool| {
        let severity = if sensitive && !is_variable {
            Severity::Warning
        } else {
            Severity::Error
        };
        diags.push(
            Diagnostic {
                severity,
                ..Diagnostic::error(code, detail)
            }
            .at(rule.message.span)
            .facts(lang::eval::facts_of(
                &rule.message,
                scope,
                false,
                sensitive && is_variable,
            )),
        );
    };
    if value.has_mark(Mark::Sensitive) {
        if is_variable && !(has_failed && shows_another(object, rule, scope)) {
            return Err(SECRET);
        }
        report(
            &code::ERROR_MESSAGE_SENSITIVE,
            "The message would show a sensitive value. Leave it out, or use nonsensitive() if it may be shown.",
            true,
        );
        return Err(SECRET);
    }
    if value.has_mark(Mark::Ephemeral) {
        report(
            &code::ERROR_MESSAGE_EPHEMERAL,
            "The message would store an ephemeral value. Leave it out, or use ephemeralasnull().",
            false,
        );
        return Err("would show an ephemeral value");
    }
    match convert(&value, &Type::String) {
        Ok(text) if text.is_null() => {
            report(&code::VALIDATION_MESSAGE, "The message is null.", false);
            Err(WRONG)
        }
        Ok(text) => Ok(text.as_str().map_or_else(
            || "The message is not known yet.".to_owned(),
            |it| it.trim().to_owned(),
        )),
        Err(err) => {
            report(
                &code::VALIDATION_MESSAGE,
                &format!("A message must be a string: {}.", err.reason),
                false,
            );
            Err(WRONG)
        }
    }
}

/// Whether the secret in a variable's message is that of another object.
fn shows_another(object: &str, rule: &Condition, scope: &dyn Scope) -> bool {
    let mut ignored = Diagnostics::new();
    let references = lang::refs::references(&rule.message, &mut ignored);
    let is_own = |it: &addr::Reference| match &it.subject {
        addr::Subject::Variable(name) => object.rsplit('.').next() == Some(&**name),
        _ => false,
    };
    let mut others = references.iter().filter(|it| !is_own(it));
    others.any(|it| {
        let value = scope.value(it, &mut ignored);
        value.deep_marks().has(Mark::Sensitive)
    })
}
