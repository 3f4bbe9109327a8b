//! Addresses from text and from traversals.

use diag::{Diagnostic, Diagnostics, SourceId, Span};

use crate::{Instance, ModuleInstance, ProviderConfig, Reference, Target};

/// The codes of this crate's diagnostics.
pub mod code {
    use diag::Code;

    /// See [`Code`].
    pub const INVALID_REFERENCE: Code = Code::new(
        "invalid-reference",
        "Invalid reference",
        "An expression names something that is not complete or cannot exist, such as a resource type without a name.",
    );
}

/// What a traversal in an expression refers to; mistakes are reported.
pub fn reference(traversal: &hcl::Traversal, diags: &mut Diagnostics) -> Option<Reference> {
    let _ = traversal;
    diags.push(Diagnostic::error(&code::INVALID_REFERENCE, ""));
    None
}

/// A target from the command line: `module.a`, `dokploy_registry.a["x"]`.
pub fn target(source: SourceId, text: &str, diags: &mut Diagnostics) -> Option<Target> {
    let _ = (source, text, diags);
    None
}

/// A target from a traversal (`moved`, `removed`, `import`).
pub fn target_of(
    traversal: &hcl::Traversal,
    span: Span,
    diags: &mut Diagnostics,
) -> Option<Target> {
    let _ = (traversal, span, diags);
    None
}

/// An address of one instance; `None` where it is not one. No diagnostics: for state files and JSON.
pub fn instance(text: &str) -> Option<Instance> {
    let _ = text;
    None
}

/// A module instance; `None` where it is not one. The empty text is the root.
pub fn module_instance(text: &str) -> Option<ModuleInstance> {
    let _ = text;
    None
}

/// A provider configuration as state files hold it; `None` where it is not one.
pub fn provider_config(text: &str) -> Option<ProviderConfig> {
    let _ = text;
    None
}
