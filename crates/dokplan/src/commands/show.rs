//! `show`: the state, or a saved plan, as text or JSON.

use diag::Diagnostic;
use state::{StateStore, StoreError};

use crate::args::ShowArgs;
use crate::exit::{Exit, Outcome};
use crate::providers::Providers;
use crate::session::Session;
use crate::ui;

/// An attribute of an object of the built-in provider that its schema lacks: the reference shows nothing then. The
/// schemas of other providers are written after what was seen of them, and may lack what a state rightly holds.
fn unsupported(state: &state::State, schemas: &provider::schema::Schemas) -> Option<String> {
    state.instances().find_map(|(addr, resource, instance)| {
        let provider = &resource.provider.provider;
        let schema = schemas
            .resource(provider, addr.resource.mode, &addr.resource.kind)
            .filter(|_| *provider == addr::Provider::builtin())?;
        let state::object::Attributes::Json(json) = &instance.current.as_ref()?.attributes else {
            return None;
        };
        let known = |name: &String| {
            schema.block.attributes.contains_key(name.as_str())
                || schema.block.blocks.contains_key(name.as_str())
        };
        json.as_object()?.keys().find(|it| !known(it)).cloned()
    })
}

/// See [`diag::Code`].
const NEITHER: diag::Code = diag::Code::new(
    "neither-state-nor-plan",
    "Failed to read the given file as a state or plan file",
    "`show` takes a state file or a plan that `plan -out` saved with the same version.",
);

/// Shows the current state, a state file or a saved plan.
pub(crate) fn show(session: &mut Session, args: &ShowArgs) -> Outcome {
    session.set_style(&args.color);
    let snapshot = match &args.file {
        Some(path) if crate::saved::is_plan(session, path)? => {
            return crate::saved::show(session, path, args.json);
        }
        Some(path) => {
            let mut store = session.open_state_file(path)?;
            let reason = match store.read() {
                Ok(None) => Some("There is no such file.".to_owned()),
                Err(StoreError::Damaged { error, .. }) => Some(crate::load::problem_list(&error)),
                Err(StoreError::Io { doing, reason }) => {
                    Some(format!("Could not {doing}: {reason}."))
                }
                Ok(Some(_)) | Err(_) => None,
            };
            if let Some(reason) = reason {
                return session.fail(Diagnostic::error(
                    &NEITHER,
                    format!("{} is neither a state nor a plan saved by this version of dokplan. As a state:\n{reason}", path.display()),
                ));
            }
            session.read_state(&mut store)?
        }
        None => session.current_state(None)?,
    };
    let schemas = Providers::schemas_of(&snapshot.state);
    if let Some(name) = unsupported(&snapshot.state, &schemas) {
        return crate::ui::refuse(&format!(
            "The state holds an attribute \"{name}\" that the provider does not know: it was written by another version. The next apply writes it anew without it.\n"
        ));
    }
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
