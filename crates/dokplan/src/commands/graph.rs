//! `graph`: dependencies in the DOT language.

use diag::Diagnostic;
use engine::graph::WalkKind;

use crate::args::GraphArgs;
use crate::exit::{Exit, Outcome};
use crate::session::Session;
use crate::ui;

/// Prints which resources depend on which.
pub(crate) fn graph(session: &mut Session, args: &GraphArgs) -> Outcome {
    session.set_style(&args.color);
    let kind = match args.kind.as_deref() {
        None if args.plan.is_some() => Some(WalkKind::Apply),
        None => None,
        Some("plan" | "plan-refresh-only") => Some(WalkKind::Plan),
        Some("plan-destroy") => Some(WalkKind::Destroy),
        Some("apply") => Some(WalkKind::Apply),
        Some(kind @ ("validate" | "eval")) => {
            return session.fail(
                Diagnostic::error(
                    &super::CONFLICTING,
                    format!("There is no graph of type {kind} any more. The one of -type=plan is nearly the same."),
                )
                .titled("Graph type no longer available"),
            );
        }
        Some(kind) => {
            return session.fail(
                Diagnostic::error(
                    &super::CONFLICTING,
                    format!("The option -type={kind} names no type of graph. There are plan, plan-refresh-only, plan-destroy and apply; without the option, the graph of resources is printed."),
                )
                .titled("Unsupported graph type"),
            );
        }
    };
    let loaded = match &args.plan {
        Some(path) => crate::saved::read(session, path)?.loaded,
        None => session.load_config()?,
    };
    if let Some(kind) = kind {
        session.check_providers(&loaded.config)?;
        let state = match kind {
            WalkKind::Destroy => session.current_state(None)?.state,
            WalkKind::Plan | WalkKind::Apply => state::State::default(),
        };
        let providers = crate::providers::Providers::new(session)?;
        let (walk, diags) = engine::graph::walk(&loaded.config, &providers, &state, kind);
        session.check(&diags)?;
        ui::out(&view::graph::walk(
            walk.nodes
                .iter()
                .map(|it| (it.name.as_str(), it.label.as_str(), it.shape)),
            walk.edges
                .iter()
                .map(|(from, to)| (from.as_str(), to.as_str())),
        ));
        return Ok(Exit::Success);
    }
    let graph = engine::graph::graph(&loaded.config);
    ui::out(&view::graph::dot(&graph.resources, &graph.edges));
    Ok(Exit::Success)
}
