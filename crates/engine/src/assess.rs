//! Assertions of tests, over what a plan says or an apply has made.

use std::collections::BTreeMap;
use std::sync::Arc;

use addr::{Instance, Reference, Subject};
use config::Condition;
use diag::{Diagnostic, Diagnostics};
use lang::Scope;
use plan::Plan;
use state::State;
use value::function::World;
use value::{Value, walk};

use crate::checks::{self, Kind};
use crate::expand::Each;
use crate::values::At;
use crate::{Common, code};

/// What came of an assertion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assertion {
    /// It holds.
    Holds,
    /// It does not hold.
    Fails,
    /// It could not be evaluated, or its result is not known.
    Broken,
}

/// What expressions of a test file can name besides what the configuration declares.
pub struct TestNames<'a> {
    /// `var.x`, where the configuration declares no such variable.
    pub variables: &'a BTreeMap<Arc<str>, Value>,
    /// `run.x`: the outputs of runs so far, as objects.
    pub runs: &'a BTreeMap<Arc<str>, Value>,
    /// Runs of the file that come later.
    pub later: &'a [String],
}

/// What an assessment is made of.
pub struct AssessInputs<'a> {
    /// The common part.
    pub common: Common<'a>,
    /// What is remembered: after an apply, or the refreshed state of the plan.
    pub state: &'a State,
    /// The plan, where nothing was applied.
    pub plan: Option<&'a Plan>,
    /// What else can be named.
    pub names: TestNames<'a>,
    /// The assertions.
    pub asserts: &'a [Condition],
}

/// Evaluates assertions; gives what came of each, and the outputs of the root module.
pub fn assess(
    inputs: &AssessInputs<'_>,
) -> (Vec<Assertion>, BTreeMap<Arc<str>, Value>, Diagnostics) {
    let mut diags = Diagnostics::new();
    let mut planned: BTreeMap<Instance, Value> = BTreeMap::new();
    for it in inputs.plan.iter().flat_map(|it| &it.changes) {
        if it.deposed.is_none() && !it.change.after.is_null() {
            planned.insert(it.addr.clone(), it.change.after.clone());
        }
    }
    let found = crate::console::surrounded(
        &inputs.common,
        inputs.state,
        &planned,
        &mut Diagnostics::new(),
        |values| {
            let outputs = values.modules[0].outputs.clone();
            let none = Each::None;
            let scope = TestScope {
                world: inputs.common.world,
                names: &inputs.names,
                inner: Some(values.at(0, &none)),
                outputs: &outputs,
            };
            let mut res = Vec::new();
            for rule in inputs.asserts {
                let mut found = Diagnostics::new();
                let verdict =
                    checks::condition("", values, rule, &scope, &Kind::TestAssertion, &mut found);
                res.push(match verdict.status {
                    state::CheckStatus::Pass => Assertion::Holds,
                    state::CheckStatus::Fail if !found.iter().any(is_broken) => Assertion::Fails,
                    _ => Assertion::Broken,
                });
                diags.append(found);
            }
            (res, outputs)
        },
    );
    let (results, outputs) = found.unwrap_or_default();
    (results, outputs, diags)
}

/// Whether it says more than that an assertion does not hold.
fn is_broken(it: &Diagnostic) -> bool {
    it.is_error() && it.code.id != code::TEST_ASSERTION.id
}

/// Evaluates an expression of a test file that stands outside of runs' assertions: values of variables, what mocks give.
pub fn evaluate_in_test(
    expr: &hcl::Expr,
    world: &(dyn World + Sync),
    names: &TestNames<'_>,
    diags: &mut Diagnostics,
) -> Value {
    let outputs = BTreeMap::new();
    let scope = TestScope {
        world,
        names,
        inner: None,
        outputs: &outputs,
    };
    lang::eval(expr, &scope, diags)
}

struct TestScope<'t, 'v, 'a> {
    world: &'t (dyn World + Sync),
    names: &'t TestNames<'t>,
    inner: Option<At<'v, 'a>>,
    outputs: &'t BTreeMap<Arc<str>, Value>,
}

impl TestScope<'_, '_, '_> {
    fn run(&self, name: &Arc<str>, at: &Reference, diags: &mut Diagnostics) -> Value {
        if let Some(value) = self.names.runs.get(name) {
            if let Some(hcl::Step {
                kind: hcl::StepKind::Attr(output),
                ..
            }) = at.rest.first()
                && value.get(output).is_some_and(|it| !it.is_wholly_known())
            {
                let detail = format!(
                    "The run \"{name}\" only planned, and its output \"{output}\" is known only after an apply. Let that run apply (command = apply)."
                );
                diags.push(
                    Diagnostic::error(&code::TEST_REFERENCE, detail)
                        .titled("Reference to unknown value")
                        .at(at.span),
                );
            }
            return value.clone();
        }
        let (title, detail) = if self.names.later.iter().any(|it| **it == **name) {
            (
                "Reference to unavailable run block",
                format!(
                    "The run \"{name}\" has not been made yet at this place. Runs are made in the order of the file, and only the outputs of earlier ones are there."
                ),
            )
        } else {
            let names = self.names.runs.keys().map(|it| &**it);
            let suggestion = diag::suggest::did_you_mean(name, names);
            (
                "Reference to unknown run block",
                format!("There is no run \"{name}\" in this file.{suggestion}"),
            )
        };
        diags.push(
            Diagnostic::error(&code::TEST_REFERENCE, detail)
                .titled(title)
                .at(at.span),
        );
        Value::dynamic()
    }
}

impl Scope for TestScope<'_, '_, '_> {
    fn value(&self, at: &Reference, diags: &mut Diagnostics) -> Value {
        match (&at.subject, &self.inner) {
            (Subject::Run(name), _) => self.run(name, at, diags),
            (Subject::Output(name), Some(_)) => {
                self.outputs.get(name).cloned().unwrap_or_else(|| {
                    let names = self.outputs.keys().map(|it| &**it);
                    let suggestion = diag::suggest::did_you_mean(name, names);
                    let detail =
                        format!("The module under test has no output \"{name}\".{suggestion}");
                    diags.push(
                        Diagnostic::error(&code::TEST_REFERENCE, detail)
                            .titled("Reference to undeclared output value")
                            .at(at.span),
                    );
                    Value::dynamic()
                })
            }
            (Subject::Variable(name), Some(inner)) if inner.declares_variable(name) => {
                inner.value(at, diags)
            }
            (Subject::Variable(name), inner) => match (self.names.variables.get(name), inner) {
                (Some(value), _) => value.clone(),
                (None, Some(inner)) => inner.value(at, diags),
                (None, None) => {
                    let names = self.names.variables.keys().map(|it| &**it);
                    let suggestion = diag::suggest::did_you_mean(name, names);
                    let detail = format!(
                        "No variable \"{name}\" is set in this file or on the command line.{suggestion}"
                    );
                    diags.push(
                        Diagnostic::error(&code::TEST_REFERENCE, detail)
                            .titled("Reference to unavailable variable")
                            .at(at.span),
                    );
                    Value::dynamic()
                }
            },
            (_, Some(inner)) => inner.value(at, diags),
            (subject, None) => {
                let detail = format!(
                    "Only variables (var.x) and the outputs of earlier runs (run.x.y) can be named here, and {subject} is neither."
                );
                diags.push(
                    Diagnostic::error(&code::TEST_REFERENCE, detail)
                        .titled("Invalid reference")
                        .at(at.span),
                );
                Value::dynamic()
            }
        }
    }

    fn check(&self, at: &Reference, diags: &mut Diagnostics) {
        if let Some(inner) = &self.inner {
            inner.check(at, diags);
        }
    }

    fn world(&self) -> &dyn World {
        self.world
    }

    fn provider(&self, local: &str) -> Option<addr::Provider> {
        self.inner.as_ref()?.provider(local)
    }
}

/// The outputs of a run as one object, without what only this run may know.
pub fn run_value(outputs: &BTreeMap<Arc<str>, Value>) -> Value {
    Value::object(outputs.iter().map(|(name, it)| {
        let value = if it.is_null() {
            Value::null(walk::unmark_deep(it).0.ty())
        } else {
            it.clone()
        };
        (name.clone(), value)
    }))
}
