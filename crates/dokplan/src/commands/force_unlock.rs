//! `force-unlock`: releases a lock that a dead process left.

use crate::args::ForceUnlockArgs;
use crate::exit::{Exit, Outcome, Reported};
use crate::session::Session;
use crate::ui;

/// Removes the note of a lock. A local lock ends with its process, so that this is all there is to release.
pub(crate) fn force_unlock(session: &mut Session, args: &ForceUnlockArgs) -> Outcome {
    session.set_style(&args.color);
    let store = session.open_state(None, None)?;
    let Some(info) = backend::lock_info(store.path()) else {
        ui::err("Nobody holds a lock on the state, so there is nothing to release.\n");
        return Err(Reported);
    };
    if info.id != args.id {
        ui::err(&format!(
            "The lock has the id {}, not {}: look at the message again.\n",
            info.id, args.id
        ));
        return Err(Reported);
    }
    if backend::is_locked(store.path()) {
        ui::err(&format!(
            "The process that holds the lock still runs ({}). Local locks end with their process: stop it.\n",
            info.who
        ));
        return Err(Reported);
    }
    if !args.force {
        let answer = ui::ask(
            "Do you really want to force-unlock?\n  If the holder is still at work, both of you may write the state.\n  Only 'yes' will be accepted to confirm.",
            session.style,
        );
        if answer.as_deref() != Some("yes") {
            ui::out("force-unlock cancelled.\n");
            return Err(Reported);
        }
    }
    match backend::remove_lock_info(store.path()) {
        Ok(()) => {
            ui::out("The state is unlocked.\n");
            Ok(Exit::Success)
        }
        Err(error) => {
            ui::err(&format!("The lock cannot be removed: {error}.\n"));
            Err(Reported)
        }
    }
}
