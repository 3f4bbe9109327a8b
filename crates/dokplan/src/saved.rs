//! Saved plans: the file, what it is bound to, and what it refuses.
//!
//! A first line names the format and holds a digest over the rest, keyed with the state that the plan was made from
//! and, if set, with `DOKPLAN_PLAN_KEY`. The rest is a JSON document: the plan, the configuration's texts and the
//! values of variables, so that what was reviewed is what runs. See docs/adr/0012-saved-plans.md.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use config::MapFiles;
use diag::{Code, Diagnostic, Diagnostics};
use engine::GivenVariable;
use hmac::{Hmac, KeyInit, Mac};
use plan::Plan;
use serde_json::{Value as Json, json};
use state::Snapshot;

use crate::exit::{Exit, Outcome, Reported};
use crate::operation::Operation;
use crate::session::Session;
use crate::ui;

const MAGIC: &str = "dokplan-plan-1 ";

mod code {
    use diag::Code;

    /// See [`Code`].
    pub(crate) const UNREADABLE: Code = Code::new(
        "unreadable-plan",
        "Failed to load plan file",
        "The file is not a plan that this version of dokplan saved, or it cannot be read. Make a new plan with `plan -out`.",
    );
    /// See [`Code`].
    pub(crate) const ALTERED: Code = Code::new(
        "altered-plan",
        "Saved plan was altered",
        "The file was changed after it was saved, or was saved for another state or with another `DOKPLAN_PLAN_KEY`. It is not applied. Make a new plan.",
    );
    /// See [`Code`].
    pub(crate) const STALE: Code = Code::new(
        "stale-plan",
        "Saved plan is stale",
        "The state has changed since the plan was saved, so that the plan may no longer be right. Make a new plan.",
    );
    /// See [`Code`].
    pub(crate) const UNWRITABLE: Code = Code::new(
        "unwritable-plan",
        "Failed to write plan file",
        "The plan cannot be written to the file named with `-out`. Nothing else was changed.",
    );
}

/// A plan with everything that it was made from.
pub(crate) struct Saved {
    pub plan: Plan,
    pub loaded: config::Loaded,
    pub variables: BTreeMap<Arc<str>, GivenVariable>,
    /// The ephemeral variables that were given to the plan: their values are in no file, and given again.
    pub ephemeral: Vec<Arc<str>>,
    pub made_from: MadeFrom,
}

/// The state that a plan was made from.
pub(crate) struct MadeFrom {
    lineage: String,
    serial: u64,
}

/// Whether a file is a saved plan, encrypted or not.
pub(crate) fn is_plan(session: &mut Session, path: &Path) -> Result<bool, Reported> {
    let Ok(bytes) = std::fs::read(path) else {
        return Ok(false);
    };
    if !backend::seal::is_sealed(&bytes) {
        return Ok(bytes.starts_with(MAGIC.as_bytes()));
    }
    let seal = seal(session)?;
    Ok(seal
        .open(&bytes)
        .is_ok_and(|it| it.plain.starts_with(MAGIC.as_bytes())))
}

/// How plans are encrypted in the working directory.
fn seal(session: &mut Session) -> Result<Arc<backend::seal::Seal>, Reported> {
    let loaded = session.config_with_mistakes();
    let seals = session.seals(loaded.as_ref().map(|it| &it.config))?;
    Ok(seals.plan)
}

/// Saves a plan.
pub(crate) fn write(
    session: &Session,
    operation: &Operation,
    plan: &Plan,
    base: &Snapshot,
    path: &Path,
) -> Result<(), Reported> {
    let variables: BTreeMap<&str, Json> = operation
        .variables
        .iter()
        .map(|(name, it)| {
            let declared = operation.loaded.config.root().variables.get(name);
            let json = if declared.is_some_and(|it| it.ephemeral) {
                json!({"ephemeral": true})
            } else {
                json!({"value": plan::file::value_to_json(&it.value), "source": it.source})
            };
            (&**name, json)
        })
        .collect();
    let files: Vec<Json> = operation
        .loaded
        .files
        .iter()
        .map(|(path, bytes)| json!({"path": path, "text": String::from_utf8_lossy(bytes)}))
        .collect();
    let document = json!({
        "lineage": base.lineage,
        "serial": base.serial,
        "files": files,
        "variables": variables,
        "plan": plan::file::to_json(plan),
    })
    .to_string();
    let digest = digest(session, &base.lineage, base.serial, &document);
    let text = format!("{MAGIC}{digest}\n{document}\n");
    let seal = session
        .sealed
        .as_ref()
        .map(|it| it.plan.clone())
        .unwrap_or_default();
    let sealed = seal
        .seal(text.as_bytes(), None)
        .map_err(|it| std::io::Error::other(it.to_string()));
    let written = sealed.and_then(|it| backend::write_whole(path, &it));
    written.or_else(|error| {
        session.fail(Diagnostic::error(
            &code::UNWRITABLE,
            format!("The plan cannot be written to {}: {error}. Check that the directory exists and has room.", path.display()),
        ))
    })
}

fn digest(session: &Session, lineage: &str, serial: u64, document: &str) -> String {
    let key = format!(
        "{lineage}\n{serial}\n{}",
        session.var("DOKPLAN_PLAN_KEY").unwrap_or_default()
    );
    let Ok(mut mac) = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()) else {
        return String::new();
    };
    mac.update(document.as_bytes());
    mac.finalize()
        .into_bytes()
        .iter()
        .map(|it| format!("{it:02x}"))
        .collect()
}

/// Reads a saved plan and checks that nobody has changed it.
pub(crate) fn read(session: &mut Session, path: &Path) -> Result<Saved, Reported> {
    let refuse = |session: &Session, code: &'static Code, reason: String| {
        session.fail(Diagnostic::error(code, reason).titled(match code.id {
            "unreadable-plan" => format!("Failed to load \"{}\" as a plan file", path.display()),
            _ => code.title.to_owned(),
        }))
    };
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let reason = format!(
                "There is no such file. Make a plan with \"dokplan plan -out={0}\".",
                path.display()
            );
            let res = refuse(session, &code::UNREADABLE, reason);
            let missing = format!("stat {}: no such file or directory", path.display());
            session.show(
                &Diagnostic::error(&code::UNREADABLE, "")
                    .titled(missing)
                    .into(),
            );
            return res;
        }
        Err(error) => {
            return refuse(
                session,
                &code::UNREADABLE,
                format!(
                    "The file {} cannot be read: {error}. Make a plan with \"dokplan plan -out={0}\".",
                    path.display()
                ),
            );
        }
    };
    let plain = match seal(session)?.open(&bytes) {
        Ok(opened) => opened.plain,
        Err(error) => {
            return refuse(
                session,
                &code::UNREADABLE,
                format!("{}: {error}.", path.display()),
            );
        }
    };
    if !backend::seal::is_sealed(&bytes) {
        session.warn_if_readable(path, "a saved plan");
    }
    let text = String::from_utf8_lossy(&plain);
    let parts = text.strip_prefix(MAGIC).and_then(|it| it.split_once('\n'));
    let Some((stored, document)) = parts else {
        return refuse(
            session,
            &code::UNREADABLE,
            format!(
                "{} is not a plan saved by this version of dokplan. Plans saved by Terraform cannot be read: make a new one with \"dokplan plan -out\".",
                path.display()
            ),
        );
    };
    let document = document.strip_suffix('\n').unwrap_or(document);
    let Ok(json) = serde_json::from_str::<Json>(document) else {
        return refuse(
            session,
            &code::ALTERED,
            format!(
                "{} is damaged: it does not hold a whole plan any more. It is not applied; make a new plan.",
                path.display()
            ),
        );
    };
    let (lineage, serial) = (
        json["lineage"].as_str().unwrap_or_default().to_owned(),
        json["serial"].as_u64().unwrap_or(0),
    );
    if digest(session, &lineage, serial, document) != stored {
        return refuse(
            session,
            &code::ALTERED,
            format!(
                "{} is not as it was when it was saved: somebody or something has edited it, or DOKPLAN_PLAN_KEY has another value than when it was saved. It is not applied; make a new plan.",
                path.display()
            ),
        );
    }
    let plan = match plan::file::from_json(&json["plan"]) {
        Ok(plan) => plan,
        Err(error) => {
            return refuse(
                session,
                &code::UNREADABLE,
                format!("{}: {}. Make a new plan.", path.display(), error.0),
            );
        }
    };
    let mut files = BTreeMap::new();
    for it in json["files"].as_array().into_iter().flatten() {
        if let (Some(path), Some(text)) = (it["path"].as_str(), it["text"].as_str()) {
            files.insert(path.to_owned(), text.to_owned());
        }
    }
    let mut diags = Diagnostics::new();
    let loaded = config::load(&MapFiles(files), ".", &mut session.sources, &mut diags);
    let Some(loaded) = loaded.filter(|_| !diags.has_errors()) else {
        session.show(&diags);
        return refuse(
            session,
            &code::UNREADABLE,
            format!(
                "The configuration inside {} cannot be loaded. Make a new plan.",
                path.display()
            ),
        );
    };
    let mut variables = BTreeMap::new();
    let mut ephemeral = Vec::new();
    for (name, it) in json["variables"].as_object().into_iter().flatten() {
        if it["ephemeral"] == true {
            ephemeral.push(Arc::from(name.as_str()));
            continue;
        }
        if let Ok(value) = plan::file::value_from_json(&it["value"]) {
            let source = it["source"].as_str().unwrap_or_default().to_owned();
            variables.insert(
                Arc::from(name.as_str()),
                GivenVariable {
                    value,
                    span: None,
                    source,
                },
            );
        }
    }
    Ok(Saved {
        plan,
        loaded,
        variables,
        ephemeral,
        made_from: MadeFrom { lineage, serial },
    })
}

/// Refuses a plan that was made from another version of the state.
pub(crate) fn check_fresh(
    session: &Session,
    plan: &Plan,
    made_from: &MadeFrom,
    base: &Snapshot,
    is_unfinished: bool,
) -> Result<(), Reported> {
    if made_from.lineage != base.lineage && !made_from.lineage.is_empty() {
        return session.fail(
            Diagnostic::error(&code::STALE, "The plan was made from another state (its lineage differs), so that applying it here would be wrong. Make a new plan in this directory.")
                .titled("Saved plan does not match the given state"),
        );
    }
    if made_from.serial != base.serial || made_from.lineage != base.lineage {
        return session.fail(Diagnostic::error(
            &code::STALE,
            format!(
                "The plan was made from version {} of the state, which is at version {} by now: something was applied in between. Make a new plan, read it, and apply that.",
                made_from.serial, base.serial
            ),
        ));
    }
    // What a journal holds has no serial yet, so that the numbers agree although a part of the plan may be done.
    if is_unfinished && plan.prior.resources != base.state.resources {
        return session.fail(Diagnostic::error(
            &code::STALE,
            "A run that did not end has changed objects since the plan was made: perhaps it was this very plan, and a part of it is done. Doing all of it would make some objects twice. Make a new plan, which shows what is left, and apply that.",
        ));
    }
    if plan.errored {
        return session.fail(Diagnostic::error(&code::STALE, "The plan could not be made to its end, so that it cannot be applied. Correct what it complained about and make a new plan.").titled("Cannot apply incomplete plan"));
    }
    Ok(())
}

/// Shows a saved plan.
pub(crate) fn show(session: &mut Session, path: &Path, json: bool) -> Outcome {
    let saved = read(session, path)?;
    let providers = crate::providers::Providers::new(session)?;
    let schemas = providers.schemas(&saved.loaded.config);
    if json {
        let document = view::json::plan::document(&saved.plan, &saved.loaded.config, &schemas);
        ui::out(&format!("{}\n", view::json::go_text(&document)));
    } else {
        ui::out(&view::plan::plan(&saved.plan, &schemas, session.style));
    }
    Ok(Exit::Success)
}
