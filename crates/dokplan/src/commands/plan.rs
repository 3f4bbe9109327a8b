//! `plan`: shows what an apply would change.

use diag::Diagnostic;
use engine::PlanInputs;
use plan::{Mode, Plan};
use state::{Snapshot, StateStore};

use crate::args::PlanArgs;
use crate::exit::{Exit, Outcome, Reported};
use crate::operation::{Operation, Selection};
use crate::session::Session;
use crate::ui::{self, Progress};

/// Plans, shows the plan, and keeps it if asked.
pub(crate) async fn plan(session: &mut Session, args: &PlanArgs, order: &[String]) -> Outcome {
    session.json = args.json;
    session.set_style(&args.color);
    if args.json {
        ui::json_version();
    }
    super::warn_of_state_flag(session, &args.state);
    let select = crate::operation::select(session, &args.select, "plan")?;
    let loaded = if args.select.destroy {
        session.load_config()?
    } else {
        session.require_config()?
    };
    session.check_providers(&loaded.config)?;
    let variables = session.variables(&loaded.config, &args.vars, order, args.input.input)?;
    let mut store = session.open_state(Some(&loaded.config), Some(&args.state))?;
    let mut operation = Operation::new(session, loaded, variables, args.select.parallelism)?;
    session
        .lock(&mut store, &args.state, "OperationTypePlan")
        .await?;
    let generated = match &args.generate_config_out {
        Some(path) => generate(session, &mut operation, &mut store, args, order, path).await,
        None => Ok(Vec::new()),
    };
    let made = match &generated {
        Ok(_) => make(session, &operation, &mut store, &select, false).await,
        Err(Reported) => Err(Reported),
    };
    let _ = store.unlock();
    let (plan, base, mut diags) = made?;
    let generated = generated?;
    if !generated.is_empty() {
        diags.push(Diagnostic::warning(
            &GENERATED,
            "The configuration was written from what the objects are now. Read it before you keep it: later versions may write it differently.",
        ));
    }
    let plan = plan.map(|mut plan| {
        for change in &mut plan.changes {
            let block = generated.iter().find(|it| it.addr == change.addr);
            if let (Some(block), Some(importing)) = (block, &mut change.importing) {
                importing.generated = Some(block.text.clone());
            }
        }
        plan
    });

    let Some(plan) = plan else {
        session.show_with(&diags, args.compact_warnings);
        return Err(Reported);
    };
    if let Some(path) = args.out.as_ref().filter(|_| !diags.has_errors()) {
        crate::saved::write(session, &operation, &plan, &base, path)?;
    }
    show(session, &operation, &plan);
    session.show_with(&diags, args.compact_warnings);
    if diags.has_errors() {
        return Err(Reported);
    }
    if !args.json && plan.applicable && session.var("TF_IN_AUTOMATION").is_none() {
        let style = session.style;
        let next = match &args.out {
            None => style.wrap(
                "Note: You did not save this plan with -out, so that \"dokplan apply\" makes a new one, which may differ if something changes in between.",
            ),
            Some(path) => format!(
                "Saved the plan to: {0}\n\nTo do exactly this:\n    dokplan apply \"{0}\"",
                path.display()
            ),
        };
        ui::out(&format!("\n{}\n\n{next}\n", style.rule()));
    }
    Ok(if args.detailed_exitcode && plan.applicable {
        Exit::Changes
    } else {
        Exit::Success
    })
}

/// Writes configuration for imports that have none, and loads everything again with it.
async fn generate(
    session: &mut Session,
    operation: &mut Operation,
    store: &mut dyn StateStore,
    args: &PlanArgs,
    order: &[String],
    path: &std::path::Path,
) -> Result<Vec<crate::generate::Generated>, Reported> {
    let base = session.read_state(store)?;
    let res = crate::generate::generate(session, operation, &base.state, path).await?;
    operation.loaded = session.require_config()?;
    operation.variables = session.variables(
        &operation.loaded.config,
        &args.vars,
        order,
        args.input.input,
    )?;
    operation.warnings = std::mem::take(&mut session.pending);
    Ok(res)
}

/// See [`diag::Code`].
const GENERATED: diag::Code = diag::Code::new(
    "generated-configuration",
    "Config generation is experimental",
    "`-generate-config-out` wrote configuration for imports; it is to be read before it is kept.",
);

/// Makes a plan over a locked store; `keeps`: see [`Session::recovered`]. Errors of the plan are in the diagnostics, not reported yet.
pub(crate) async fn make(
    session: &Session,
    operation: &Operation,
    store: &mut dyn StateStore,
    select: &Selection,
    keeps: bool,
) -> Result<(Option<Plan>, Snapshot, diag::Diagnostics), Reported> {
    let base = session.recovered(store, operation, keeps).await?;
    if select.mode != Mode::Normal && !select.force_replace.is_empty() {
        return session.fail(Diagnostic::error(
            &super::CONFLICTING,
            "What is named with -replace is destroyed and created anew, and a plan that only destroys or only reads cannot do that. Leave one of the options out.",
        ).titled("Unsupported plan mode"));
    }
    let progress = Progress::new(session.json, session.style);
    let inputs = PlanInputs {
        common: operation.common(session, &progress, false),
        prior: &base.state,
        mode: select.mode,
        refresh: select.refresh,
        targets: &select.targets,
        excludes: &select.excludes,
        force_replace: &select.force_replace,
    };
    let mut diags = operation.warnings.clone();
    let (plan, found) = engine::plan(&inputs).await;
    diags.append(found);
    progress.finish();
    Ok((plan, base, diags))
}

/// Prints a plan as text or as JSON.
pub(crate) fn show(session: &Session, operation: &Operation, plan: &Plan) {
    if session.json {
        for it in view::json::events::plan(plan, &crate::world::now_micros()) {
            ui::json_line(&it);
        }
    } else {
        ui::out(&view::plan::plan(
            plan,
            &operation.providers.schemas(operation.config()),
            session.style,
        ));
    }
}
