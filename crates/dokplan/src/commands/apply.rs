//! `apply` and `destroy`: make the changes of a plan.

use engine::{Applied, ApplyInputs};
use plan::{Mode, Plan};
use state::{Snapshot, StateStore};

use crate::args::ApplyArgs;
use crate::exit::{Exit, Outcome, Reported};
use crate::operation::{Operation, Selection};
use crate::session::Session;
use crate::ui::{self, Progress};

/// Plans and asks, or takes a saved plan; then applies.
pub(crate) async fn apply(
    session: &mut Session,
    mut args: ApplyArgs,
    order: &[String],
    destroy: bool,
) -> Outcome {
    session.json = args.json;
    session.set_style(&args.color);
    args.select.destroy |= destroy;
    args.is_destroy = destroy;
    if args.json {
        ui::json_version();
    }
    super::warn_of_state_flag(session, &args.state);
    if args.json && !args.auto_approve && args.plan.is_none() {
        return session.fail(
            diag::Diagnostic::error(
                &super::CONFLICTING,
                "With -json nobody can be asked. Add -auto-approve, or apply a saved plan.",
            )
            .titled("Plan file or auto-approve required"),
        );
    }
    let command = if args.is_refresh {
        "refresh"
    } else if destroy {
        "destroy"
    } else {
        "apply"
    };
    let select = crate::operation::select(session, &args.select, command)?;
    if let Some(path) = args.plan.clone() {
        if destroy {
            // What is no plan is told as that.
            crate::saved::read(session, &path)?;
            let detail = format!(
                "A saved plan says itself what is done. If it was made with \"plan -destroy\", apply it:\n  dokplan apply \"{}\"",
                path.display()
            );
            let error = diag::Diagnostic::error(&super::CONFLICTING, detail);
            return session.fail(error.titled("Destroy can't be called with a plan file"));
        }
        return saved(session, &args, &path, order).await;
    }
    // Everything can be destroyed without a configuration too, and read again.
    let loaded = if args.select.destroy || args.is_refresh {
        session.load_config()?
    } else {
        session.require_config()?
    };
    no_commands(session, &loaded.config)?;
    session.check_providers(&loaded.config)?;
    let variables = session.variables(&loaded.config, &args.vars, order, args.input.input)?;
    let mut store = session.open_state(Some(&loaded.config), Some(&args.state))?;
    let operation = Operation::new(session, loaded, variables, args.select.parallelism)?;
    session
        .lock(&mut store, &args.state, "OperationTypeApply")
        .await?;
    let res = fresh(session, &args, &select, &operation, &mut store).await;
    let _ = store.unlock();
    res
}

/// Refuses what an apply would run on this machine, before anything is done.
fn no_commands(session: &Session, config: &config::Config) -> Result<(), Reported> {
    if !crate::restricted::is_on() {
        return Ok(());
    }
    let mut diags = diag::Diagnostics::new();
    for module in config.modules.values() {
        let of_resources = module.resources.values().flat_map(|it| &it.provisioners);
        let of_removed = module.removed.iter().flat_map(|it| &it.provisioners);
        for it in of_resources.chain(of_removed) {
            diags.push(
                diag::Diagnostic::error(
                    &crate::load::code::RESTRICTED,
                    "A provisioner runs a command on this machine, and with -restricted nothing is run. A plan of it can be made; to apply it, read it and leave the option out.",
                )
                .at(it.span),
            );
        }
    }
    session.check(&diags)
}

/// See [`diag::Code`].
const EMPTY_STATE: diag::Code = diag::Code::new(
    "refresh-of-nothing",
    "Empty or non-existent state",
    "`refresh` reads again what the state remembers, and it remembers nothing.",
);

async fn fresh(
    session: &Session,
    args: &ApplyArgs,
    select: &Selection,
    operation: &Operation,
    store: &mut dyn StateStore,
) -> Outcome {
    let (plan, base, diags) =
        super::plan::make(session, operation, store, select, args.state.lock).await?;
    let Some(plan) = plan else {
        session.show_with(&diags, args.compact_warnings);
        return Err(Reported);
    };
    if args.is_refresh {
        // `refresh` shows what it read, not a plan.
        if base.state.resources.is_empty() {
            session.show(
                &diag::Diagnostic::warning(
                    &EMPTY_STATE,
                    "The state remembers no objects, so that there is nothing to read again.",
                )
                .into(),
            );
        }
    } else {
        super::plan::show(session, operation, &plan);
    }
    let asks = plan.applicable && !args.auto_approve;
    if asks || diags.has_errors() {
        session.show_with(&diags, args.compact_warnings);
    }
    if diags.has_errors() {
        return Err(Reported);
    }
    if asks && !approved(session, args, &plan) {
        return Ok(Exit::Failure);
    }
    let mut warnings = diag::Diagnostics::new();
    if !asks {
        // What the plan said of checks, the apply says again, from what there is then.
        for it in diags {
            if it.checked.is_none() && it.code.id != engine::code::CHECK_UNKNOWN.id {
                warnings.push(it);
            }
        }
    }
    carry_out(session, args, operation, store, &plan, base, warnings).await
}

/// Refuses values on the command line that a saved plan would not use: it holds those with which it was made.
fn nothing_new(
    session: &Session,
    args: &ApplyArgs,
    saved: &crate::saved::Saved,
) -> Result<(), Reported> {
    let mut diags = diag::Diagnostics::new();
    for text in &args.vars.var {
        let name = text.split('=').next().unwrap_or_default().trim_end();
        if saved.ephemeral.iter().any(|it| **it == *name) {
            continue;
        }
        let declared = saved.loaded.config.root().variables.get(name);
        let (title, detail) = if declared.is_some_and(|it| it.ephemeral) {
            (
                "Ephemeral variable was not set during planning",
                format!(
                    "The ephemeral variable \"{name}\" had no value when the plan was made, so that it can have none now. Leave the option out, or make a new plan with it."
                ),
            )
        } else {
            (
                crate::vars::code::UNDECLARED.title,
                format!(
                    "A saved plan is applied with the values with which it was made, so that -var cannot give \"{name}\" another. Leave the option out, or make a new plan with it."
                ),
            )
        };
        diags.push(diag::Diagnostic::error(&crate::vars::code::UNDECLARED, detail).titled(title));
    }
    session.check(&diags)
}

/// Values for the ephemeral variables of a saved plan, which holds none of them.
fn given_again(
    session: &mut Session,
    args: &ApplyArgs,
    saved: &mut crate::saved::Saved,
    order: &[String],
) -> Result<(), Reported> {
    if saved.ephemeral.is_empty() {
        return Ok(());
    }
    let mut given = session.variables(&saved.loaded.config, &args.vars, order, false)?;
    let mut diags = diag::Diagnostics::new();
    for name in &saved.ephemeral {
        match given.remove(name) {
            Some(it) => {
                saved.variables.insert(name.clone(), it);
            }
            None => diags.push(diag::Diagnostic::error(
                &crate::vars::code::NO_VALUE,
                format!("The ephemeral variable \"{name}\" was set for the plan, which does not keep it. Set it for the apply too: -var '{name}=…', or TF_VAR_{name}."),
            )),
        }
    }
    session.check(&diags)
}

async fn saved(
    session: &mut Session,
    args: &ApplyArgs,
    path: &std::path::Path,
    order: &[String],
) -> Outcome {
    let saved = crate::saved::read(session, path)?;
    nothing_new(session, args, &saved)?;
    no_commands(session, &saved.loaded.config)?;
    // The state is encrypted as the configuration in the plan says, with the values in the plan.
    session.sealed = None;
    let values = saved.variables.iter();
    session.given = Some(
        values
            .map(|(name, it)| (name.clone(), it.value.clone()))
            .collect(),
    );
    let mut store = session.open_state(Some(&saved.loaded.config), Some(&args.state))?;
    session
        .lock(&mut store, &args.state, "OperationTypeApply")
        .await?;
    let res = saved_locked(session, args, order, saved, &mut store).await;
    let _ = store.unlock();
    res
}

async fn saved_locked(
    session: &mut Session,
    args: &ApplyArgs,
    order: &[String],
    mut saved: crate::saved::Saved,
    store: &mut dyn StateStore,
) -> Outcome {
    let is_unfinished = session.has_journal(store)?;
    // What cannot be applied any more is not worth asking for values.
    let known = session.read_state(store)?;
    crate::saved::check_fresh(
        session,
        &saved.plan,
        &saved.made_from,
        &known,
        is_unfinished,
    )?;
    given_again(session, args, &mut saved, order)?;
    let crate::saved::Saved {
        plan,
        loaded,
        variables,
        ephemeral: _,
        made_from,
    } = saved;
    let mut operation = Operation::new(session, loaded, variables, args.select.parallelism)?;
    let base = session
        .recovered(store, &operation, args.state.lock)
        .await?;
    crate::saved::check_fresh(session, &plan, &made_from, &base, is_unfinished)?;
    operation.started_at.clone_from(&plan.created);
    operation.applying.plan_time = Some(plan.created.clone());
    if args.json {
        for it in view::json::events::planned(&plan, &crate::world::now_micros()) {
            ui::json_line(&it);
        }
    }
    carry_out(
        session,
        args,
        &operation,
        store,
        &plan,
        base,
        operation.warnings.clone(),
    )
    .await
}

/// Asks whether to go on.
fn approved(session: &Session, args: &ApplyArgs, plan: &Plan) -> bool {
    let (title, text) = match plan.mode {
        Mode::Destroy => (
            "Do you really want to destroy all resources?",
            "Everything shown above will be destroyed. There is no undo.",
        ),
        Mode::RefreshOnly => (
            "Would you like to update the state to reflect these detected changes?",
            "What is shown above is stored in the state. No server is touched.",
        ),
        Mode::Normal => (
            "Do you want to perform these actions?",
            "What is shown above will be done, and nothing else.",
        ),
    };
    if !session.may_ask(args.input.input) {
        session.show(&diag::Diagnostic::error(
            &super::CONFLICTING,
            "The plan has changes that nobody can be asked about with -input=false. Add -auto-approve, or apply a saved plan.",
        ).titled("Cannot ask for approval").into());
        return false;
    }
    let question = format!(
        "{}\n  {text}\n  Only 'yes' will be accepted to approve.",
        session.style.bold(title)
    );
    let is_yes = ui::ask(&question, session.style).is_some_and(|it| it == "yes");
    if !is_yes {
        ui::out(if plan.mode == Mode::Destroy {
            "Destroy cancelled.\n"
        } else {
            "Apply cancelled.\n"
        });
    }
    is_yes
}

async fn carry_out(
    session: &Session,
    args: &ApplyArgs,
    operation: &Operation,
    store: &mut dyn StateStore,
    plan: &Plan,
    base: Snapshot,
    mut diags: diag::Diagnostics,
) -> Outcome {
    let base = Snapshot {
        terraform_version: crate::load::TERRAFORM_VERSION.to_owned(),
        ..base
    };
    let base = if base.lineage.is_empty() {
        Snapshot {
            lineage: crate::world::uuid(),
            ..base
        }
    } else {
        base
    };
    let progress = Progress::new(session.json, session.style);
    let inputs = ApplyInputs {
        common: operation.common(session, &progress, true),
        plan,
        base,
    };
    let (applied, more) = engine::apply(&inputs, store).await;
    diags.append(more);
    progress.finish();
    session.show_with(&diags, args.compact_warnings);
    if diags.has_errors() {
        if applied.stopped {
            ui::err(
                "\nStopped as asked. What was finished is in the state; the next plan shows what is left.\n",
            );
        }
        return Err(Reported);
    }
    if applied.stopped {
        ui::err(
            "\nStopped as asked. What was finished is in the state; the next plan shows what is left.\n",
        );
        return Err(Reported);
    }
    summary(session, args, &applied);
    Ok(Exit::Success)
}

fn summary(session: &Session, args: &ApplyArgs, applied: &Applied) {
    let counts = applied.counts;
    if session.json {
        for it in view::json::events::applied(
            args.is_destroy,
            counts.added,
            counts.changed,
            counts.destroyed,
            counts.imported,
            &applied.snapshot.state,
            &crate::world::now_micros(),
        ) {
            ui::json_line(&it);
        }
        return;
    }
    let mut parts = Vec::new();
    if args.is_destroy {
        parts.push(format!("{} destroyed", counts.destroyed));
    } else {
        if counts.imported > 0 {
            parts.push(format!("{} imported", counts.imported));
        }
        parts.push(format!("{} added", counts.added));
        parts.push(format!("{} changed", counts.changed));
        parts.push(format!("{} destroyed", counts.destroyed));
    }
    let word = if args.is_destroy { "Destroy" } else { "Apply" };
    if !args.is_refresh {
        ui::out(&format!(
            "\n{}\n",
            session.style.bold_green(&format!(
                "{word} complete! Resources: {}.",
                parts.join(", ")
            ))
        ));
    }
    let outputs = view::outputs::all(&applied.snapshot.state);
    if !outputs.is_empty() && !args.is_destroy {
        ui::out(&format!(
            "\n{}\n\n{outputs}",
            session.style.bold_green("Outputs:")
        ));
    }
}
