//! `refresh`: stores in the state what the real objects are.

use crate::args::{ApplyArgs, Refresh, RefreshArgs, SelectArgs};
use crate::exit::Outcome;
use crate::session::Session;

/// The same as `apply -refresh-only -auto-approve`.
pub(crate) async fn refresh(
    session: &mut Session,
    args: &RefreshArgs,
    order: &[String],
) -> Outcome {
    let select = SelectArgs {
        destroy: false,
        refresh_only: true,
        refresh: Refresh { refresh: true },
        replace: Vec::new(),
        target: args.target.clone(),
        exclude: Vec::new(),
        parallelism: args.parallelism,
    };
    let apply = ApplyArgs {
        color: args.color.clone(),
        input: args.input.clone(),
        select,
        vars: args.vars.clone(),
        state: args.state.clone(),
        auto_approve: true,
        compact_warnings: args.compact_warnings,
        json: args.json,
        plan: None,
        is_refresh: true,
        is_destroy: false,
    };
    super::apply::apply(session, apply, order, false).await
}
