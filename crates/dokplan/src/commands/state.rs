//! `state list` and `state show`.

use std::path::Path;

use diag::Diagnostic;

use crate::exit::{Exit, Outcome};
use crate::providers::Providers;
use crate::session::Session;
use crate::ui;

mod code {
    use diag::Code;

    /// See [`Code`].
    pub(crate) const NO_INSTANCE: Code = Code::new(
        "no-such-instance",
        "No instance found for the given address!",
        "The state holds nothing at the address. `state list` shows what it holds.",
    );
    /// See [`Code`].
    pub(crate) const NO_STATE: Code = Code::new(
        "no-state",
        "No state file was found!",
        "A command that reads the state found none: nothing was applied yet, or it is kept elsewhere (`-state`).",
    );
}

/// Lists addresses, all or those covered by the given ones.
pub(crate) fn list(
    session: &mut Session,
    file: Option<&Path>,
    id: Option<&str>,
    addresses: &[String],
) -> Outcome {
    let snapshot = session.current_state(file)?;
    if snapshot.lineage.is_empty() {
        return session.fail(Diagnostic::error(&code::NO_STATE, "Nothing was applied here yet, or the state is kept elsewhere: name it with -state=FILE."));
    }
    let targets = crate::operation::targets(session, addresses, "address")?;
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

/// Shows one object.
pub(crate) fn show(session: &mut Session, file: Option<&Path>, address: &str) -> Outcome {
    let snapshot = session.current_state(file)?;
    let instance = crate::operation::instances(session, &[address.to_owned()], "address")?;
    let found = instance.first().and_then(|addr| {
        let resource = snapshot.state.resources.get(&addr.absolute())?;
        let object = resource.instances.get(&addr.key)?.current.clone()?;
        Some((addr.clone(), resource.provider.clone(), object))
    });
    let Some((addr, provider, object)) = found else {
        return session.fail(Diagnostic::error(
            &code::NO_INSTANCE,
            format!("The state holds no object at {address}. \"dokplan state list\" shows what it holds; quote addresses with keys: 'dokploy_registry.all[\"a\"]'."),
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
