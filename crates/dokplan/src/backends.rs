//! Which backend a working directory uses: what its configuration says, what `init -backend-config` added, and what
//! was chosen before.
//!
//! The choice is kept in `.terraform/terraform.tfstate`, where Terraform keeps it too: both see the same backend.

use std::collections::BTreeMap;
use std::path::PathBuf;

use config::Config;
use diag::{Diagnostic, Diagnostics};
use serde_json::{Value as Json, json};
use value::Value;

use crate::exit::Reported;
use crate::session::Session;

mod code {
    use diag::Code;

    /// See [`Code`].
    pub(crate) const UNSUPPORTED: Code = Code::new(
        "unsupported-backend",
        "Unsupported backend type",
        "dokplan keeps states in local files; other backends follow.",
    );
    /// See [`Code`].
    pub(crate) const UNSUPPORTED_ARGUMENT: Code = Code::new(
        "unsupported-backend-argument",
        "Unsupported argument",
        "The backend `local` has the arguments `path` and `workspace_dir`.",
    );
    /// See [`Code`].
    pub(crate) const INVALID_ARGUMENT: Code = Code::new(
        "invalid-backend-argument",
        "Invalid backend configuration argument",
        "`init -backend-config` takes `name=value` with an argument of the backend, or a file of such lines.",
    );
    /// See [`Code`].
    pub(crate) const REQUIRED: Code = Code::new(
        "backend-not-initialized",
        "Backend initialization required, please run \"dokplan init\"",
        "The configuration names a backend that `init` has not seen in this directory.",
    );
    /// See [`Code`].
    pub(crate) const CHANGED: Code = Code::new(
        "backend-changed",
        "Backend configuration changed",
        "The backend is another than at the last `init`. `init -migrate-state` takes the state along, `init -reconfigure` leaves it where it is.",
    );
    /// See [`Code`].
    pub(crate) const NOT_ASKED: Code = Code::new(
        "state-migration-not-asked",
        "Can't ask approval for state migration when interactive input is disabled.",
        "`init` found a state at the place that was used before and nobody who says whether to copy it to the new one. `-force-copy` copies it, `-reconfigure` does not.",
    );
    /// See [`Code`].
    pub(crate) const UNREADABLE: Code = Code::new(
        "unreadable-backend-file",
        "Failed to read file",
        "A file named with `-backend-config` cannot be read.",
    );
}

/// Where the local backend keeps states.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Local {
    pub path: Option<String>,
    pub workspace_dir: Option<String>,
}

fn file(session: &Session) -> PathBuf {
    session.data_dir().join("terraform.tfstate")
}

/// What was chosen before; `None` where nothing was, or where the file is no choice.
fn chosen(session: &Session) -> Option<Local> {
    let json: Json = serde_json::from_slice(&std::fs::read(file(session)).ok()?).ok()?;
    let backend = json.get("backend")?;
    if backend["type"].as_str() != Some("local") {
        return None;
    }
    let text = |name: &str| {
        backend["config"][name]
            .as_str()
            .filter(|it| !it.is_empty())
            .map(str::to_owned)
    };
    Some(Local {
        path: text("path"),
        workspace_dir: text("workspace_dir"),
    })
}

/// What the configuration says; `None` where it names no backend.
fn declared(session: &Session, config: &Config) -> Result<Option<Local>, Reported> {
    let Some(backend) = &config.root().settings.backend else {
        return Ok(None);
    };
    if &*backend.kind.name != "local" {
        return session.fail(
            Diagnostic::error(
                &code::UNSUPPORTED,
                format!(
                    "There is no backend \"{}\" in dokplan yet; it has \"local\". Keep the state in a file: backend \"local\" {{ path = \"…\" }}, or leave the block out for terraform.tfstate.",
                    backend.kind.name
                ),
            )
            .at(backend.kind.span.to(backend.span)),
        );
    }
    let mut diags = Diagnostics::new();
    let mut res = Local::default();
    for it in &backend.body.attributes {
        let value = crate::vars::constant(&it.expr, &mut diags);
        let text = value
            .as_str()
            .filter(|it| !it.is_empty())
            .map(str::to_owned);
        match it.name.name.as_str() {
            "path" => res.path = text,
            "workspace_dir" => res.workspace_dir = text,
            name => diags.push(
                Diagnostic::error(
                    &code::UNSUPPORTED_ARGUMENT,
                    format!("The backend \"local\" has no argument \"{name}\"; it has path and workspace_dir."),
                )
                .at(it.name.span),
            ),
        }
    }
    session.check(&diags)?;
    Ok(Some(res))
}

/// The backend of the working directory, for every command but `init`.
pub(crate) fn current(session: &Session, config: Option<&Config>) -> Result<Local, Reported> {
    let Some(config) = config else {
        return Ok(chosen(session).unwrap_or_default());
    };
    let Some(declared) = declared(session, config)? else {
        return Ok(Local::default());
    };
    let Some(chosen) = chosen(session) else {
        return session.fail(Diagnostic::error(
            &code::REQUIRED,
            "The configuration names a backend, and this directory has not been prepared for it. \"dokplan init\" does that; nothing is downloaded.",
        ));
    };
    if !agrees(&declared, &chosen) {
        return session.fail(Diagnostic::error(
            &code::CHANGED,
            "The backend in the configuration is not the one that this directory was prepared for. \"dokplan init -migrate-state\" takes the state along; \"dokplan init -reconfigure\" leaves it where it is and begins with what is at the new place.",
        ).titled("Backend initialization required: please run \"dokplan init\""));
    }
    Ok(chosen)
}

/// Whether a choice is one for the configuration: what the configuration leaves open may have come with
/// `-backend-config`.
fn agrees(declared: &Local, chosen: &Local) -> bool {
    let fits = |declared: &Option<String>, chosen: &Option<String>| {
        declared.is_none() || declared == chosen
    };
    fits(&declared.path, &chosen.path) && fits(&declared.workspace_dir, &chosen.workspace_dir)
}

fn changed<T>(session: &Session, what: &str) -> Result<T, Reported> {
    session.fail(Diagnostic::error(
        &code::CHANGED,
        format!("{what} The state is left where it is\nby \"dokplan init -reconfigure\"; it is taken along by \"dokplan init\n-migrate-state\"."),
    ))
}

/// What `init` is told.
pub(crate) struct Init<'a> {
    pub options: &'a [String],
    pub reconfigure: bool,
    pub migrate: bool,
    /// Whether to copy a state without asking.
    pub force: bool,
    /// Whether somebody can be asked.
    pub input: bool,
}

/// Chooses the backend for the working directory, and takes the state along if asked. `None` where it is the one of the
/// last time.
pub(crate) fn init(
    session: &mut Session,
    config: &Config,
    init: &Init<'_>,
) -> Result<Option<Local>, Reported> {
    let before = if init.reconfigure {
        None
    } else {
        chosen(session)
    };
    if let Some(backend) = &config.root().settings.backend
        && before.is_some()
    {
        // What is said now cannot even be read: that it is not what was chosen is what matters first.
        let mut found = Diagnostics::new();
        crate::vars::constants(&backend.body, &mut found);
        if &*backend.kind.name == "local" && found.has_errors() && !init.migrate {
            return changed(
                session,
                "The backend of this directory is another than the one in the configuration now.",
            );
        }
    }
    let declared = declared(session, config)?;
    session.seals(Some(config))?;
    let Some(mut wanted) = declared else {
        if before.is_some() {
            if !init.migrate {
                return changed(session, "The configuration names no backend any more.");
            }
            move_state(session, &before.unwrap_or_default(), &Local::default())?;
        }
        let _ = std::fs::remove_file(file(session));
        return Ok(None);
    };
    for (name, value) in options(session, init.options)? {
        let text = value
            .as_str()
            .filter(|it| !it.is_empty())
            .map(str::to_owned);
        match name.as_str() {
            "path" => wanted.path = text,
            "workspace_dir" => wanted.workspace_dir = text,
            _ => {
                return session.fail(Diagnostic::error(
                    &code::INVALID_ARGUMENT,
                    format!("The backend \"local\" has no argument \"{name}\"; it has path and workspace_dir."),
                ));
            }
        }
    }
    // A second init without options keeps what the first was told.
    if init.options.is_empty()
        && let Some(before) = &before
        && agrees(&wanted, before)
    {
        wanted = before.clone();
    }
    let old = before.clone().unwrap_or_default();
    if old != wanted && !init.reconfigure {
        if before.is_some() && !init.migrate {
            return changed(session, "The backend is not the one of the last init.");
        }
        if before.is_some() || wants_copy(session, init, &old, &wanted)? {
            move_state(session, &old, &wanted)?;
        }
    }
    let same = before.as_ref() == Some(&wanted);
    store(session, &wanted)
        .map(|()| Some(wanted).filter(|_| !same))
        .or_else(|error| {
            session.fail(Diagnostic::error(
                &crate::load::code::UNWRITABLE_STATE,
                format!("{} cannot be written: {error}.", file(session).display()),
            ))
        })
}

/// Whether the state that was kept here without a backend is taken along to the first one: a plan without it would make
/// everything anew.
fn wants_copy(
    session: &Session,
    init: &Init<'_>,
    from: &Local,
    to: &Local,
) -> Result<bool, Reported> {
    use ::state::StateStore;
    let lineage = |at: &Local| -> Option<String> {
        let snapshot = session.open_local(at, None).read().ok()??;
        (!snapshot.state.is_empty()).then_some(snapshot.lineage)
    };
    let Some(here) = lineage(from) else {
        return Ok(false);
    };
    if lineage(to) == Some(here) {
        return Ok(false);
    }
    if init.force {
        return Ok(true);
    }
    let place = to.path.as_deref().unwrap_or("terraform.tfstate");
    if !session.may_ask(init.input) {
        return session.fail(Diagnostic::error(
            &code::NOT_ASKED,
            format!("There is a state in terraform.tfstate, and the configuration now names {place} for it. Nobody can be asked whether to copy it. \"dokplan init -force-copy\" copies it; \"dokplan init -reconfigure\" leaves it where it is and begins with what is at the new place."),
        ));
    }
    let question = format!(
        "{}\n  There is a state in terraform.tfstate, and the configuration now names {place} for it.\n  Without a copy, a plan will propose to create everything anew.\n\n  Enter \"yes\" to copy it and \"no\" to begin with what is at the new place.",
        session
            .style
            .bold("Do you want to copy existing state to the new backend?")
    );
    match crate::ui::ask(&question, session.style).as_deref() {
        Some("yes") => Ok(true),
        Some("no") => Ok(false),
        _ => session.fail(Diagnostic::error(
            &code::NOT_ASKED,
            "Whether to copy the state was answered neither with \"yes\" nor with \"no\", so that nothing was done. Run the command again, with -force-copy to copy it without a question.",
        ).titled("State migration was cancelled")),
    }
}

/// Remembers the backend of a configuration that has other mistakes, where none was chosen before: the next `init` is
/// compared with it.
pub(crate) fn remember(session: &Session, config: &Config) {
    let Some(backend) = &config.root().settings.backend else {
        return;
    };
    let mut diags = Diagnostics::new();
    let found = crate::vars::constants(&backend.body, &mut diags);
    let is_sound = &*backend.kind.name == "local"
        && !diags.has_errors()
        && found
            .keys()
            .all(|it| matches!(it.as_str(), "path" | "workspace_dir"));
    if is_sound && chosen(session).is_none() {
        let text = |name: &str| Some(found.get(name)?.as_str()?.to_owned());
        let wanted = Local {
            path: text("path"),
            workspace_dir: text("workspace_dir"),
        };
        // Nothing depends on it: a file that cannot be written now is written by the next `init` or complained about.
        let _ = store(session, &wanted);
    }
}

fn store(session: &Session, wanted: &Local) -> std::io::Result<()> {
    let text = json!({
        "version": 3,
        "terraform_version": crate::load::TERRAFORM_VERSION,
        "backend": {
            "type": "local",
            "config": {"path": wanted.path, "workspace_dir": wanted.workspace_dir},
            "hash": 0,
        },
    });
    std::fs::create_dir_all(session.data_dir())?;
    backend::write_whole(&file(session), format!("{text:#}\n").as_bytes())
}

/// `-backend-config`: `name=value`, or a file of such lines.
fn options(session: &mut Session, texts: &[String]) -> Result<BTreeMap<String, Value>, Reported> {
    let mut res = BTreeMap::new();
    for text in texts {
        if let Some((name, value)) = text.split_once('=') {
            res.insert(name.trim().to_owned(), Value::string(value));
            continue;
        }
        if let Some(reason) = crate::restricted::refusal(std::path::Path::new(text)) {
            return session.fail(Diagnostic::error(
                &crate::load::code::RESTRICTED,
                format!("The file of -backend-config cannot be used: {reason}."),
            ));
        }
        let Ok(content) = std::fs::read_to_string(text) else {
            return session.fail(Diagnostic::error(
                &code::UNREADABLE,
                format!("The option -backend-config={text} is neither name=value nor names a file that can be read."),
            ));
        };
        let mut diags = Diagnostics::new();
        let source = session.sources.add(text.clone(), content.clone());
        for (name, expr) in
            config::values::parse(source, &content, text.ends_with(".json"), &mut diags)
        {
            res.insert(
                name.name.to_string(),
                crate::vars::constant(&expr, &mut diags),
            );
        }
        session.check(&diags)?;
    }
    Ok(res)
}

/// Copies the state of the selected workspace to a new place where there is none yet.
fn move_state(session: &Session, from: &Local, to: &Local) -> Result<(), Reported> {
    use ::state::StateStore;
    let mut source = session.open_local(from, None);
    let mut target = session.open_local(to, None);
    let folded = session.read_folded(&mut source)?;
    let snapshot = folded.snapshot;
    let there = session.read_state(&mut target)?;
    if snapshot.lineage.is_empty() || there.lineage == snapshot.lineage {
        return Ok(());
    }
    if !there.lineage.is_empty() && !there.state.is_empty() {
        return session.fail(Diagnostic::error(
            &code::CHANGED,
            "There is a state at the new place already, and it is the state of something else. Move one of them away first.",
        ));
    }
    // What may have been made is looked for from the new place.
    let open = folded.open.into_iter();
    let open: Vec<_> = open
        .map(|it| ::state::journal::encode(&::state::journal::Entry::Intended(it)))
        .collect();
    let moved = target.write(&snapshot).and_then(|()| {
        if open.is_empty() {
            return Ok(());
        }
        target.append_all(&open)
    });
    moved.or_else(|error| {
        session.fail(crate::load::store_error(
            &error,
            &crate::load::code::UNWRITABLE_STATE,
        ))
    })
}
