//! `import`: takes an existing object under management.

use diag::{Diagnostic, Diagnostics};
use state::StateStore;

use crate::args::ImportArgs;
use crate::exit::{Exit, Outcome, Reported};
use crate::operation::Operation;
use crate::session::Session;
use crate::ui::{self, Progress};

mod code {
    use diag::Code;

    /// See [`Code`].
    pub(crate) const NOT_DECLARED: Code = Code::new(
        "import-not-declared",
        "Resource not declared",
        "An object is imported to the address of a resource block, which must be written first.",
    );
}

/// Reads the object with an id and stores it in the state under an address.
pub(crate) async fn import(session: &mut Session, args: &ImportArgs, order: &[String]) -> Outcome {
    session.set_style(&args.color);
    let loaded = session.load_config()?;
    if !crate::load::has_configuration(&loaded) {
        return session.fail(
            Diagnostic::error(
                &crate::load::code::NO_CONFIGURATION,
                "An object is imported to the address of a block in the configuration, and there is no .tf or .tf.json file here. Write the block first, or name the directory of the configuration with -chdir=DIR.",
            )
            .titled("No dokplan configuration files"),
        );
    }
    session.check_providers(&loaded.config)?;
    let variables = session.variables(&loaded.config, &args.vars, order, args.input.input)?;
    let source = session
        .sources
        .add("<import-address>", args.address.clone());
    let mut diags = Diagnostics::new();
    let target = match addr::parse::target(source, &args.address, &mut diags) {
        Some(addr::Target::Instance(it)) => Some(it),
        Some(addr::Target::Resource(it)) => Some(it.instance(addr::Key::None)),
        Some(addr::Target::Module(_)) => {
            let place = diag::Span {
                source,
                start: 0,
                end: args.address.len() as u32,
            };
            let detail = "An object is imported to the address of a resource instance, and this is a module. Add the resource after it.";
            diags.push(
                Diagnostic::error(&addr::parse::code::INVALID_REFERENCE, detail)
                    .titled("Invalid address")
                    .at(place),
            );
            None
        }
        None => None,
    };
    let Some(target) = target.filter(|_| !diags.has_errors()) else {
        session.show(&diags);
        ui::out(
            "How addresses are written:\nhttps://developer.hashicorp.com/terraform/cli/state/resource-addressing\n",
        );
        return Err(Reported);
    };
    if target.resource.mode != addr::Mode::Managed {
        let detail = "A data source is read at each plan and is never imported. Name the address of a resource block.";
        return session.fail(
            Diagnostic::error(&code::NOT_DECLARED, detail).titled(
                "A managed resource address is required. Importing into a data resource is not allowed.",
            ),
        );
    }
    if loaded.config.module(&target.module.path()).is_none() {
        return session.fail(
            Diagnostic::error(
                &code::NOT_DECLARED,
                format!("The configuration has no module at {}. Call it first, and declare in it what is to be imported.", target.module),
            )
            .titled("Import to non-existent module"),
        );
    }
    let declared = loaded
        .config
        .module(&target.module.path())
        .is_some_and(|it| it.resources.contains_key(&target.resource));
    if !declared {
        let detail = format!(
            "There is no block for {0} in the configuration. Write one first, for example:\n\nresource \"{1}\" \"{2}\" {{\n  # (resource arguments)\n}}",
            args.address, target.resource.kind, target.resource.name
        );
        return session.fail(
            Diagnostic::error(&code::NOT_DECLARED, detail).titled(format!(
                "resource address \"{}\" does not exist in the configuration.",
                args.address
            )),
        );
    }
    let mut store = session.open_state(Some(&loaded.config), Some(&args.state))?;
    session.show_pending();
    let operation = Operation::new(session, loaded, variables, args.parallelism)?;
    session
        .lock(&mut store, &args.state, "OperationTypeImport")
        .await?;
    let res = locked(session, args, &operation, &mut store, &target).await;
    let _ = store.unlock();
    res
}

async fn locked(
    session: &Session,
    args: &ImportArgs,
    operation: &Operation,
    store: &mut dyn StateStore,
    target: &addr::Instance,
) -> Outcome {
    let base = session.read_state(store)?;
    ui::out(&format!(
        "{}\n",
        session.style.bold_green(&format!(
            "{}: Importing from ID {:?}...",
            args.address, args.id
        ))
    ));
    let progress = Progress::silent();
    let (state, diags) = engine::import(
        &operation.common(session, &progress, false),
        &base.state,
        target,
        &args.id,
    )
    .await;
    // What did not begin says nothing about the object.
    if diags
        .iter()
        .any(|it| it.code.id == engine::code::IMPORT_NO_CONFIG.id)
    {
        session.show(&diags);
        return Err(Reported);
    }
    let begun = !diags.iter().any(|it| it.code.id == "import-exists");
    ui::out(&format!(
        "{}\n  Prepared {} for import\n",
        session
            .style
            .bold_green(&format!("{}: Import prepared!", args.address)),
        target.resource.kind,
    ));
    if begun {
        let line = format!("{}: Refreshing state... [id={}]", args.address, args.id);
        ui::out(&format!(
            "{}\n",
            session.style.bold(&view::style::safe(&line))
        ));
    }
    session.show(&diags);
    let Some(state) = state.filter(|_| !diags.has_errors()) else {
        return Err(Reported);
    };
    session.write_state(store, &base, state)?;
    ui::out(&format!(
        "\n{}\n\nThe object is in the state now and managed from here on.\n\n",
        session.style.bold_green("Import successful!")
    ));
    Ok(Exit::Success)
}
