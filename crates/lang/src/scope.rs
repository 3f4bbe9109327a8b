//! What an address is worth.

use addr::Reference;
use diag::Diagnostics;
use value::Value;
use value::function::World;

/// The surroundings in which an expression is evaluated. One question: what is the value of this address?
pub trait Scope {
    /// The value of what a reference points to (its remaining steps are the evaluator's work).
    ///
    /// Where there is none, reports why at the reference's place and gives an unknown.
    fn value(&self, reference: &Reference, diags: &mut Diagnostics) -> Value;

    /// Reports what is wrong with a reference whatever the values are: a resource that is not declared, a key that is
    /// missing, an attribute that the schema does not have. Where one reference of an expression is wrong in that way,
    /// none is looked up, so that nothing else is said of the expression.
    fn check(&self, reference: &Reference, diags: &mut Diagnostics) {
        let _ = (reference, diags);
    }

    /// What functions may look at.
    fn world(&self) -> &dyn World;

    /// What may be called here besides the core functions, e.g. provider functions; usually `None`.
    fn is_pure(&self) -> bool {
        false
    }

    /// Which provider a local name means in this module's `required_providers`: for `provider::NAME::function`.
    fn provider(&self, local: &str) -> Option<addr::Provider> {
        let _ = local;
        None
    }

    /// Whether functions may be called here.
    fn may_call(&self) -> bool {
        true
    }

    /// Whether this is the console, where `type()` can be called.
    fn is_console(&self) -> bool {
        false
    }
}

/// A scope in which nothing can be named and no function called: defaults of variables, backend configuration.
pub struct Nothing<'a> {
    /// What functions may look at.
    pub world: &'a dyn World,
    /// Why nothing can be named here, for the message: `Variables may not be used here.`
    pub reason: &'static str,
}

impl Scope for Nothing<'_> {
    fn value(&self, reference: &Reference, diags: &mut Diagnostics) -> Value {
        // The first name alone is pointed to: what follows does not matter.
        let subject = reference.subject.to_string();
        let root = subject.split(['.', '[']).next().unwrap_or("").len();
        let end = reference.span.end.min(reference.span.start + root as u32);
        let span = diag::Span {
            end,
            ..reference.span
        };
        diags.push(diag::Diagnostic::error(&code::VARIABLES_NOT_ALLOWED, self.reason).at(span));
        Value::dynamic()
    }

    fn world(&self) -> &dyn World {
        self.world
    }

    fn may_call(&self) -> bool {
        false
    }
}

/// The codes of this module.
pub mod code {
    use diag::Code;

    /// See [`Code`].
    pub const VARIABLES_NOT_ALLOWED: Code = Code::new(
        "variables-not-allowed",
        "Variables not allowed",
        "The value here is needed before anything else is evaluated, so that it must be a constant.",
    );
}
