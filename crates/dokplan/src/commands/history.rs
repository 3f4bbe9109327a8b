//! `state history` and `state undo`: the versions of the state that are kept beside it.

use std::path::Path;

use ::state::compare::{Difference, compare};
use ::state::{Snapshot, State, StateStore, StoreError};
use addr::ObjectKey;
use backend::LocalStore;
use backend::history::Version;
use diag::Diagnostic;
use serde_json::json;

use crate::args::StateFileArgs;
use crate::exit::{Exit, Outcome, Reported};
use crate::session::Session;
use crate::ui;

mod code {
    use diag::Code;

    /// See [`Code`].
    pub(crate) const NO_VERSION: Code = Code::new(
        "no-such-version",
        "No such version of the state",
        "The history beside the state holds no version of that number, or none to go back to.",
    );
}

/// A version with what it holds, or why it cannot be read.
struct Entry {
    version: Version,
    content: Result<Snapshot, StoreError>,
}

fn entries(session: &Session, store: &LocalStore) -> Result<Vec<Entry>, Reported> {
    let versions = store.versions().or_else(|error| {
        session.fail(crate::load::store_error(
            &error,
            &crate::load::code::UNREADABLE_STATE,
        ))
    })?;
    let entry = |version: Version| Entry {
        content: store.version(&version),
        version,
    };
    Ok(versions.into_iter().map(entry).collect())
}

fn count(before: &State, after: &State) -> [usize; 3] {
    let differences = compare(before, after);
    let of = |wanted| differences.values().filter(|it| **it == wanted).count();
    [
        of(Difference::Added),
        of(Difference::Changed),
        of(Difference::Removed),
    ]
}

/// Lists versions, the newest first.
pub(crate) fn list(session: &mut Session, file: Option<&Path>, json: bool) -> Outcome {
    session.json = json;
    let mut store = match file {
        Some(path) => session.open_state_file(path)?,
        None => session.open_current(None)?,
    };
    let present = store.read().ok().flatten();
    let entries = entries(session, &store)?;
    let nothing = State::new();
    let mut before = &nothing;
    let mut rows = Vec::new();
    for entry in &entries {
        let written = crate::world::rfc3339_of(entry.version.written);
        let number = entry.version.number;
        match &entry.content {
            Ok(it) => {
                let n_objects = compare(&nothing, &it.state).len();
                let [added, changed, removed] = count(before, &it.state);
                let is_present = present.as_ref() == Some(it);
                rows.push((
                    format!(
                        "{number:>6}  {:>6}  {written}  {n_objects:>7}  {added} added, {changed} changed, {removed} removed{}\n",
                        it.serial,
                        if is_present { "  (present)" } else { "" }
                    ),
                    json!({
                        "number": number, "serial": it.serial, "lineage": it.lineage, "written": written,
                        "objects": n_objects, "added": added, "changed": changed, "removed": removed,
                        "present": is_present,
                    }),
                ));
                before = &it.state;
            }
            Err(error) => {
                let why = crate::load::store_error(error, &crate::load::code::UNREADABLE_STATE);
                rows.push((
                    format!("{number:>6}       ?  {written}        ?  cannot be read\n"),
                    json!({"number": number, "written": written, "error": why.detail}),
                ));
            }
        }
    }
    rows.reverse();
    if json {
        let rows: Vec<_> = rows.into_iter().map(|(_, it)| it).collect();
        let document = json!({"format_version": "1.0", "versions": rows});
        ui::out(&format!("{document}\n"));
        return Ok(Exit::Success);
    }
    if rows.is_empty() {
        ui::out(
            "No versions are kept yet: dokplan keeps each version of the state that it writes.\n",
        );
        return Ok(Exit::Success);
    }
    ui::out(&format!(
        "Versions of {}, the newest first:\n\nNUMBER  SERIAL  WRITTEN               OBJECTS  CHANGES\n",
        view::style::safe(&store.path().display().to_string())
    ));
    for (row, _) in rows {
        ui::out(&row);
    }
    Ok(Exit::Success)
}

/// Goes back to a version: its content becomes the state, with a new serial.
pub(crate) async fn undo(
    session: &mut Session,
    args: &StateFileArgs,
    auto_approve: bool,
    number: Option<u64>,
) -> Outcome {
    session.set_style(&args.color);
    let mut store = session.open_current(Some(&args.state))?;
    session.lock(&mut store, &args.state, "state-undo").await?;
    let res = go_back(session, &mut store, auto_approve, number);
    let _ = store.unlock();
    res
}

fn go_back(
    session: &Session,
    store: &mut LocalStore,
    auto_approve: bool,
    number: Option<u64>,
) -> Outcome {
    let present = present(session, store)?;
    let entries = entries(session, store)?;
    let Some((version, target)) = choose(session, &entries, present.as_ref(), number)? else {
        return session.fail(Diagnostic::error(
            &code::NO_VERSION,
            "The history holds no version that differs from the state as it is, so that there is nothing to go back to. \"dokplan state history\" lists what is kept.",
        ));
    };
    let nothing = State::new();
    let state = present.as_ref().map_or(&nothing, |it| &it.state);
    ui::out(&format!(
        "The state goes back to version {} (serial {}):\n\n",
        version.number, target.serial
    ));
    for ((addr, key), difference) in compare(state, &target.state) {
        let sign = match difference {
            Difference::Added => "+",
            Difference::Changed => "~",
            Difference::Removed => "-",
        };
        let deposed = match key {
            ObjectKey::Current => String::new(),
            ObjectKey::Deposed(key) => format!(" (deposed object {key})"),
        };
        let addr = addr.to_string();
        ui::out(&format!("  {sign} {}{deposed}\n", view::style::safe(&addr)));
    }
    ui::out(
        "\nOnly the state changes. Servers are not touched: the next plan shows where they differ.\n",
    );
    if !auto_approve {
        let answer = ui::ask(
            "Do you want to go back to this version?\n  Only 'yes' will be accepted to continue.",
            session.style,
        );
        if answer.as_deref() != Some("yes") {
            ui::out("Cancelled. Nothing was changed.\n");
            return Ok(Exit::Failure);
        }
    }
    let serial = present
        .as_ref()
        .map_or(target.serial, |it| it.serial.max(target.serial));
    let snapshot = Snapshot {
        serial: serial.saturating_add(1),
        ..target.clone()
    };
    if let Err(error) = store.write(&snapshot) {
        return session.fail(crate::load::store_error(
            &error,
            &crate::load::code::UNWRITABLE_STATE,
        ));
    }
    ui::out(&format!(
        "\nThe state is that of version {} again, with serial {}. \"dokplan state undo\" once more takes this back.\n",
        version.number, snapshot.serial
    ));
    Ok(Exit::Success)
}

/// The state as it is; `None` where it is damaged or not there. What a run that did not end left in the journal is
/// written first, so that it is a version too.
fn present(session: &Session, store: &mut LocalStore) -> Result<Option<Snapshot>, Reported> {
    if let Err(StoreError::Damaged { .. }) = store.read() {
        return Ok(None);
    }
    let open = store.journal().is_ok_and(|it| !it.is_empty());
    let snapshot = session.read_state(store)?;
    if open {
        let state = snapshot.state.clone();
        let before = Snapshot {
            state: State::new(),
            ..snapshot
        };
        return session.write_state(store, &before, state).map(Some);
    }
    Ok(Some(snapshot).filter(|it| !it.lineage.is_empty()))
}

/// The version to go back to; `None` where there is none.
fn choose<'a>(
    session: &Session,
    entries: &'a [Entry],
    present: Option<&Snapshot>,
    number: Option<u64>,
) -> Result<Option<(&'a Version, &'a Snapshot)>, Reported> {
    let Some(number) = number else {
        let mut whole = entries
            .iter()
            .rev()
            .filter_map(|it| Some((&it.version, it.content.as_ref().ok()?)));
        return Ok(whole.find(|(_, it)| present.is_none_or(|present| present.state != it.state)));
    };
    let Some(entry) = entries.iter().find(|it| it.version.number == number) else {
        return session.fail(Diagnostic::error(
            &code::NO_VERSION,
            format!("The history holds no version {number}. \"dokplan state history\" lists what is kept."),
        ));
    };
    match &entry.content {
        Ok(it) => Ok(Some((&entry.version, it))),
        Err(error) => session.fail(crate::load::store_error(
            error,
            &crate::load::code::UNREADABLE_STATE,
        )),
    }
}
