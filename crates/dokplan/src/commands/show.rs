//! `show`: the state, or a saved plan, as text or JSON.

use crate::args::ShowArgs;
use crate::exit::{Exit, Outcome};
use crate::providers::Providers;
use crate::session::Session;
use crate::ui;

/// Shows the current state, a state file or a saved plan.
pub(crate) fn show(session: &mut Session, args: &ShowArgs) -> Outcome {
    session.set_style(&args.color);
    let snapshot = match &args.file {
        Some(path) if crate::saved::is_plan(session, path)? => {
            return crate::saved::show(session, path, args.json);
        }
        Some(path) => session.current_state(Some(path))?,
        None => session.current_state(None)?,
    };
    let schemas = Providers::schemas_of(&snapshot.state);
    if args.json {
        let exists = !snapshot.lineage.is_empty();
        ui::out(&format!(
            "{}\n",
            view::json::go_text(&view::json::state::document(
                exists.then_some(&snapshot),
                &schemas
            ))
        ));
    } else if snapshot.lineage.is_empty() {
        ui::out("No state.\n");
    } else {
        ui::out(&view::state::state(
            &snapshot.state,
            &schemas,
            session.style,
        ));
    }
    Ok(Exit::Success)
}
