//! `state …`: what the state remembers, and changes of it by hand.

use ::state::journal::{Entry, Intent, encode};
use std::collections::BTreeSet;
use std::path::Path;

use diag::Diagnostic;

use ::state::StateStore;

use crate::args::StateFileArgs;
use crate::exit::{Exit, Outcome, Reported};
use crate::providers::Providers;
use crate::session::Session;
use crate::ui;

mod code {
    use diag::Code;

    /// See [`Code`].
    pub(crate) const UNKNOWN_MODULE: Code = Code::new(
        "unknown-module-in-state",
        "Unknown module",
        "The state holds no objects of a module that was named. `state list` shows what it holds.",
    );
    /// See [`Code`].
    pub(crate) const UNKNOWN_RESOURCE: Code = Code::new(
        "unknown-resource-in-state",
        "Unknown resource",
        "The state holds no resource that was named. `state list` shows what it holds.",
    );
    /// See [`Code`].
    pub(crate) const UNKNOWN_INSTANCE: Code = Code::new(
        "unknown-instance-in-state",
        "Unknown resource instance",
        "The state holds no instance that was named: its key may be another, or the apply that makes it is still to come.",
    );
    /// See [`Code`].
    pub(crate) const NO_MATCH: Code = Code::new(
        "no-matching-object",
        "Invalid target address",
        "An address given to a state command matches nothing in the state, or what it names cannot be changed that way.",
    );
}

const NO_STATE: &str = "No state file was found! Nothing was applied here yet, or the state is kept elsewhere: name it with -state=FILE.\n";

/// Lists addresses, all or those covered by the given ones.
pub(crate) fn list(
    session: &mut Session,
    file: Option<&Path>,
    id: Option<&str>,
    addresses: &[String],
) -> Outcome {
    let snapshot = session.plain_state(file)?;
    if snapshot.lineage.is_empty() {
        return crate::ui::refuse(NO_STATE);
    }
    let targets = crate::operation::targets(session, addresses, "address")?;
    for it in &targets {
        check_known(session, &snapshot.state, it)?;
    }
    for (addr, _, instance) in snapshot.state.instances() {
        let covered = targets.is_empty() || targets.iter().any(|it| it.covers(&addr));
        let matches = id.is_none_or(|id| {
            instance
                .current
                .as_ref()
                .is_some_and(|it| view::state::id_of(it).as_deref() == Some(id))
        });
        if covered && matches && instance.current.is_some() {
            ui::out(&format!("{}\n", view::style::safe(&addr.to_string())));
        }
    }
    Ok(Exit::Success)
}

/// An error where a state holds nothing at an address.
fn check_known(
    session: &Session,
    state: &::state::State,
    target: &addr::Target,
) -> Result<(), Reported> {
    if state.instances().any(|(addr, ..)| target.covers(&addr)) {
        return Ok(());
    }
    let (code, what) = match target {
        addr::Target::Module(_) => (&code::UNKNOWN_MODULE, "no module at"),
        addr::Target::Resource(_) => (&code::UNKNOWN_RESOURCE, "no resource"),
        addr::Target::Instance(_) => (&code::UNKNOWN_INSTANCE, "no resource instance"),
    };
    session.fail(Diagnostic::error(
        code,
        format!("The state holds {what} {target}. \"dokplan state list\" without an address shows what it holds; what was declared just now is in it after the next apply."),
    ))
}

/// Shows one object.
pub(crate) fn show(session: &mut Session, file: Option<&Path>, address: &str) -> Outcome {
    let snapshot = session.plain_state(file)?;
    if snapshot.lineage.is_empty() {
        return crate::ui::refuse(NO_STATE);
    }
    let source = session.sources.add("", address);
    let instance = match addr::parse::target(source, address, &mut diag::Diagnostics::new()) {
        Some(addr::Target::Instance(it)) => Some(it),
        Some(addr::Target::Resource(it)) => Some(it.instance(addr::Key::None)),
        Some(addr::Target::Module(_)) | None => None,
    };
    if instance.is_none() {
        return crate::ui::refuse(&format!(
            "Error parsing instance address: {address}\n\nThe address of one object is needed, such as dokploy_registry.ghcr or 'dokploy_registry.all[\"a\"]'. \"dokplan state list\" shows what the state holds.\n"
        ));
    }
    let found = instance.as_ref().and_then(|addr| {
        let resource = snapshot.state.resources.get(&addr.absolute())?;
        let object = resource.instances.get(&addr.key)?.current.clone()?;
        Some((addr.clone(), resource.provider.clone(), object))
    });
    let Some((addr, provider, object)) = found else {
        return crate::ui::refuse(&format!(
            "No instance found for the given address!\n\nThe state holds no object at {address}. \"dokplan state list\" shows what it holds; quote addresses with keys: 'dokploy_registry.all[\"a\"]'."
        ));
    };
    let schemas = Providers::schemas_of(&snapshot.state);
    ui::out(&view::state::object(
        &addr,
        &provider,
        &object,
        None,
        &schemas,
        session.style,
    ));
    Ok(Exit::Success)
}

/// What a command that edits a state works on.
pub(crate) struct Editing {
    /// The state.
    pub state: ::state::State,
    /// Changes of an earlier run whose outcome is not known.
    pub open: Vec<Intent>,
    /// Those of them that are not to be looked for any more.
    pub ended: Vec<Intent>,
}

/// Loads, locks, changes and stores a state: what every command that edits one does.
pub(crate) async fn edit(
    session: &mut Session,
    args: &StateFileArgs,
    operation: &str,
    change: impl FnOnce(&mut Session, &mut Editing) -> Result<bool, Reported>,
) -> Outcome {
    session.set_style(&args.color);
    let mut store = session.open_current(Some(&args.state))?;
    session.lock(&mut store, &args.state, operation).await?;
    let folded = match session.read_folded(&mut store) {
        Ok(folded) => folded,
        Err(reported) => {
            let _ = store.unlock();
            return Err(reported);
        }
    };
    let base = folded.snapshot;
    if base.lineage.is_empty() && matches!(operation, "state-rm" | "state-mv") {
        let _ = store.unlock();
        return crate::ui::refuse(NO_STATE);
    }
    let mut editing = Editing {
        state: base.state.clone(),
        open: folded.open,
        ended: Vec::new(),
    };
    let res = change(session, &mut editing).and_then(|changed| {
        let ended = |it: &Intent| {
            encode(&Entry::Ended {
                lineage: it.lineage.clone(),
                intent: it.id.clone(),
            })
        };
        let records: Vec<Vec<u8>> = editing.ended.iter().map(ended).collect();
        if !records.is_empty()
            && let Err(error) = store.append_all(&records)
        {
            let code = &crate::load::code::UNWRITABLE_STATE;
            return session.fail(crate::load::store_error(&error, code));
        }
        if changed {
            session.write_state(&mut store, &base, editing.state)?;
        }
        Ok(Exit::Success)
    });
    let _ = store.unlock();
    res
}

/// `state rm`: forgets objects.
pub(crate) async fn rm(
    session: &mut Session,
    args: &StateFileArgs,
    dry_run: bool,
    addresses: &[String],
) -> Outcome {
    edit(session, args, "state-rm", |session, editing| {
        let targets = crate::operation::targets(session, addresses, "address")?;
        let mut removed = Vec::new();
        for (target, text) in targets.iter().zip(addresses) {
            let found = ::state::edit::remove(&mut editing.state, target);
            // What may have been made there is not looked for any more either.
            let (ended, open): (Vec<_>, Vec<_>) = std::mem::take(&mut editing.open)
                .into_iter()
                .partition(|it| target.covers(&it.addr));
            editing.open = open;
            if found.is_empty() && ended.is_empty() {
                return session.fail(Diagnostic::error(
                    &code::NO_MATCH,
                    format!("The state holds nothing at {text}. \"dokplan state list\" shows what it holds. Nothing was removed."),
                ));
            }
            removed.extend(found);
            for it in &ended {
                ui::out(&format!("What an earlier run may have made at {} is not looked for any more.\n", view::style::safe(&it.addr.to_string())));
            }
            if !dry_run {
                editing.ended.extend(ended);
            }
        }
        for addr in &removed {
            let word = if dry_run { "Would remove" } else { "Removed" };
            ui::out(&format!("{word} {}\n", view::style::safe(&addr.to_string())));
        }
        if !dry_run {
            ui::out(&format!("Successfully removed {} resource instance(s).\n", removed.len()));
        }
        Ok(!dry_run)
    })
    .await
}

/// `state mv`: gives objects another address.
pub(crate) async fn mv(
    session: &mut Session,
    args: &StateFileArgs,
    dry_run: bool,
    source: &str,
    destination: &str,
) -> Outcome {
    let Some(out) = args.state.state_out.clone() else {
        return edit(session, args, "state-mv", |session, editing| {
            moved(session, &mut editing.state, dry_run, source, destination)
        })
        .await;
    };
    // Out of one file and into another, which may hold something already.
    let from_file = StateFileArgs {
        state: crate::args::StateArgs {
            state_out: None,
            ..args.state.clone()
        },
        ..args.clone()
    };
    let mut target = session.open_state_file(&out)?;
    session.lock(&mut target, &args.state, "state-mv").await?;
    let res = edit(session, &from_file, "state-mv", |session, editing| {
        let mut after = editing.state.clone();
        let moves = moved(session, &mut after, dry_run, source, destination)?;
        let addresses = |it: &::state::State| -> BTreeSet<addr::Instance> {
            it.instances().map(|(addr, ..)| addr).collect()
        };
        let (here, there) = (addresses(&editing.state), addresses(&after));
        let base = session.read_state(&mut target)?;
        let mut other = base.state.clone();
        for addr in there.difference(&here) {
            if other.instance(addr).is_some() {
                return session.fail(Diagnostic::error(
                    &code::NO_MATCH,
                    format!(
                        "There is something at {addr} in {} already. Nothing was moved.",
                        out.display()
                    ),
                ));
            }
            let absolute = addr.absolute();
            let Some(resource) = after.resources.get(&absolute) else {
                continue;
            };
            let Some(instance) = resource.instances.get(&addr.key) else {
                continue;
            };
            let place = other.resources.entry(absolute.clone()).or_insert_with(|| {
                let mut empty = resource.clone();
                empty.instances.clear();
                empty
            });
            place.instances.insert(addr.key.clone(), instance.clone());
            if let Some(resource) = after.resources.get_mut(&absolute) {
                resource.instances.remove(&addr.key);
                if resource.instances.is_empty() {
                    after.resources.remove(&absolute);
                }
            }
        }
        if moves {
            // First where it goes: what is in both files can be seen, what is in none is lost.
            session.write_state(&mut target, &base, other)?;
            editing.state = after;
        }
        Ok(moves)
    })
    .await;
    let _ = target.unlock();
    res
}

/// Moves inside a state; gives whether it is to be stored.
fn moved(
    session: &mut Session,
    state: &mut ::state::State,
    dry_run: bool,
    source: &str,
    destination: &str,
) -> Result<bool, Reported> {
    use addr::{Key, Target};
    let texts = [source.to_owned(), destination.to_owned()];
    let targets = crate::operation::targets(session, &texts, "address")?;
    let [from, to] = targets.as_slice() else {
        return Err(Reported);
    };
    let no_source = |session: &Session| {
        session.fail(
            Diagnostic::error(&code::NO_MATCH, format!("The state holds nothing at {source}. \"dokplan state list\" shows what it holds."))
                .titled("Invalid source address"),
        )
    };
    let bad_target = |session: &Session, reason: &str| {
        session.fail(Diagnostic::error(
            &code::NO_MATCH,
            format!(
                "A move of {source} to {destination} is not possible: {reason}. Nothing was moved."
            ),
        ))
    };
    let exists = |state: &::state::State, target: &Target| {
        state.instances().any(|(addr, _, _)| target.covers(&addr))
    };
    let moved = match (from, to) {
        (Target::Module(from), Target::Module(to)) => {
            if !exists(state, &Target::Module(from.clone())) {
                return no_source(session);
            }
            ::state::edit::move_module(state, from, to)
        }
        (Target::Resource(from), Target::Resource(to)) => {
            let Some(resource) = state.resources.get(from) else {
                return no_source(session);
            };
            if from.resource.kind != to.resource.kind || from.resource.mode != to.resource.mode {
                return bad_target(session, "the types differ");
            }
            let only = resource.instances.keys().collect::<Vec<_>>() == [&Key::None];
            if only {
                ::state::edit::move_instance(
                    state,
                    &from.instance(Key::None),
                    &to.instance(Key::None),
                )
            } else {
                ::state::edit::move_resource(state, from, to)
            }
        }
        (Target::Resource(_) | Target::Instance(_), Target::Resource(_) | Target::Instance(_)) => {
            let instance = |it: &Target| match it {
                Target::Resource(it) => Some(it.instance(Key::None)),
                Target::Instance(it) => Some(it.clone()),
                Target::Module(_) => None,
            };
            let (Some(from), Some(to)) = (instance(from), instance(to)) else {
                return Err(Reported);
            };
            if state.instance(&from).is_none() {
                return no_source(session);
            }
            if from.resource.kind != to.resource.kind || from.resource.mode != to.resource.mode {
                return bad_target(session, "the types differ");
            }
            ::state::edit::move_instance(state, &from, &to)
        }
        (Target::Module(_), _) | (_, Target::Module(_)) => {
            return bad_target(session, "one is a module, the other is not");
        }
    };
    if !moved {
        return bad_target(session, "there is something at the target already");
    }
    ui::out(&format!(
        "{} \"{source}\" to \"{destination}\"\n",
        if dry_run { "Would move" } else { "Move" }
    ));
    if !dry_run {
        ui::out("Successfully moved 1 object(s).\n");
    }
    Ok(!dry_run)
}

/// `state pull`: prints the state file.
pub(crate) fn pull(session: &mut Session) -> Outcome {
    let snapshot = session.plain_state(None)?;
    if !snapshot.lineage.is_empty() {
        ui::out(&String::from_utf8_lossy(&::state::file::write(&snapshot)));
    }
    Ok(Exit::Success)
}

/// `state push`: stores a file as the state, unless lineage or serial speak against it.
pub(crate) async fn push(
    session: &mut Session,
    args: &StateFileArgs,
    force: bool,
    path: &str,
) -> Outcome {
    session.set_style(&args.color);
    let bytes = if path == "-" {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin(), &mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    let mut store = session.open_current(Some(&args.state))?;
    let seals = session.sealed.clone().unwrap_or_default();
    let read = bytes.map_err(|it| it.to_string()).and_then(|bytes| {
        let plain = if backend::seal::is_sealed(&bytes) {
            let opened = seals.state.open(&bytes).map_err(|it| it.to_string())?;
            opened.plain
        } else {
            bytes
        };
        ::state::file::read(&plain).map_err(|it| crate::load::problem_list(&it))
    });
    let pushed = match read {
        Ok(snapshot) => snapshot,
        Err(reason) => {
            ui::err(&format!("Error reading source state {path:?}: {reason}\n"));
            return Err(Reported);
        }
    };
    session.lock(&mut store, &args.state, "state-push").await?;
    let res = session.read_state(&mut store).and_then(|stored| {
        // The rules are Terraform's: an empty state can be replaced by any, and a state without lineage fits everywhere.
        let is_there = !stored.lineage.is_empty();
        let refused = if force || !is_there || stored.state.is_empty() {
            None
        } else if stored.lineage != pushed.lineage && !pushed.lineage.is_empty() {
            Some("it has another lineage: it is the state of something else")
        } else if stored.serial > pushed.serial {
            Some("its serial is lower: what is stored is newer")
        } else if stored.serial == pushed.serial && stored.state != pushed.state {
            Some("its serial is the same but its content differs")
        } else {
            None
        };
        if let Some(reason) = refused {
            ui::err(&format!(
                "The state in {path} was not stored: {reason}. Use -force if you are sure.\n"
            ));
            return Err(Reported);
        }
        let is_new_version = is_there && stored.state != pushed.state;
        let lineage = if !pushed.lineage.is_empty() {
            pushed.lineage.clone()
        } else if is_there {
            stored.lineage.clone()
        } else {
            crate::world::uuid()
        };
        let snapshot = ::state::Snapshot {
            serial: pushed.serial.saturating_add(u64::from(is_new_version)),
            lineage,
            ..pushed.clone()
        };
        match store.write(&snapshot) {
            Ok(()) => Ok(Exit::Success),
            Err(error) => session.fail(crate::load::store_error(
                &error,
                &crate::load::code::UNWRITABLE_STATE,
            )),
        }
    });
    let _ = store.unlock();
    res
}

/// `state replace-provider`: gives objects to another provider.
pub(crate) async fn replace_provider(
    session: &mut Session,
    args: &StateFileArgs,
    auto_approve: bool,
    from: &str,
    to: &str,
) -> Outcome {
    let parse = |session: &Session, text: &str, side: &str| {
        match addr::Provider::parse(text) {
        Some(it) => Ok(it),
        None => session.fail(
            Diagnostic::error(&code::NO_MATCH, format!("The text {text:?} names no provider. Write NAMESPACE/TYPE or HOST/NAMESPACE/TYPE, as in ahmedali6/dokploy."))
                .titled(format!("Invalid \"{side}\" provider \"{text}\"")),
        ),
    }
    };
    session.set_style(&args.color);
    let (from, to) = (parse(session, from, "from")?, parse(session, to, "to")?);
    edit(session, args, "state-replace-provider", |_, editing| {
        let state = &mut editing.state;
        let changed = ::state::edit::replace_provider(state, &from, &to);
        if changed.is_empty() {
            ui::out("No matching resources found.\n");
            return Ok(false);
        }
        ui::out(&format!(
            "The provider of these objects changes:\n\n  ~ Updating provider:\n    - {}\n    + {}\n\nChanging {} resources:\n\n",
            from.for_display(),
            to.for_display(),
            changed.len()
        ));
        for addr in &changed {
            ui::out(&format!("  {addr}\n"));
        }
        if !auto_approve {
            // The prompt of the reference is a line of its own here, and scripts read it.
            ui::out("\nDo you want to make these changes?\nOnly 'yes' will be accepted to continue.\n\nEnter a value: ");
            let answer = ui::answer();
            ui::out("\n");
            if answer.as_deref() != Some("yes") {
                ui::out("Cancelled. Nothing was changed.\n");
                return Ok(false);
            }
        }
        ui::out(&format!("\nSuccessfully replaced the provider of {} resources.\n", changed.len()));
        Ok(true)
    })
    .await
}
