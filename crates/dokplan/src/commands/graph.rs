//! `graph`: dependencies in the DOT language.

use diag::Diagnostic;

use crate::args::GraphArgs;
use crate::exit::{Exit, Outcome};
use crate::session::Session;
use crate::ui;

/// Prints which resources depend on which.
pub(crate) fn graph(session: &mut Session, args: &GraphArgs) -> Outcome {
    session.set_style(&args.color);
    if let Some(kind) = args.kind.as_deref() {
        return session.fail(
            Diagnostic::error(
                &super::plan::CONFLICTING,
                format!("-type={kind} prints the inner nodes of Terraform's own walks, which dokplan does not have. Leave it out for the graph of resources."),
            )
            .titled("Unsupported graph type"),
        );
    }
    let loaded = match &args.plan {
        Some(path) => crate::saved::read(session, path)?.loaded,
        None => session.require_config()?,
    };
    let graph = engine::graph::graph(&loaded.config);
    ui::out(&view::graph::dot(&graph.resources, &graph.edges));
    session.show_pending();
    Ok(Exit::Success)
}
