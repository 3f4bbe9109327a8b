//! `workspace`: several states for one configuration.

use std::path::PathBuf;

use ::state::StateStore;

use crate::args::{StateFileArgs, WorkspaceCommand};
use crate::exit::{Exit, Outcome, Reported};
use crate::session::Session;
use crate::ui;

/// See [`diag::Code`].
const NOT_EMPTY: diag::Code = diag::Code::new(
    "workspace-not-empty",
    "Workspace is not empty",
    "The state of the workspace remembers objects. Destroy them first, or delete the workspace with `-force`.",
);

/// Lists, shows, makes, selects or deletes.
pub(crate) async fn workspace(session: &mut Session, command: WorkspaceCommand) -> Outcome {
    match command {
        WorkspaceCommand::List { color } => {
            session.set_style(&color);
            let current = session.workspace();
            for name in names(session)? {
                ui::out(&format!(
                    "{} {name}\n",
                    if name == current { "*" } else { " " }
                ));
            }
            ui::out("\n");
            Ok(Exit::Success)
        }
        WorkspaceCommand::Show { color, .. } => {
            session.set_style(&color);
            ui::out(&format!("{}\n", session.workspace()));
            Ok(Exit::Success)
        }
        WorkspaceCommand::New { file, name } => {
            session.set_style(&file.color);
            make(session, file.state.state.as_deref(), &name)
        }
        WorkspaceCommand::Select {
            color,
            or_create,
            name,
        } => {
            session.set_style(&color);
            if !names(session)?.contains(&name) {
                if or_create {
                    return make(session, None, &name);
                }
                return refuse(format!(
                    "There is no workspace \"{name}\". Make it with \"dokplan workspace new {name}\"; \"dokplan workspace list\" shows those that are there."
                ));
            }
            select(session, &name)?;
            ui::out(&format!("Switched to workspace \"{name}\".\n"));
            Ok(Exit::Success)
        }
        WorkspaceCommand::Delete { file, force, name } => {
            session.set_style(&file.color);
            delete(session, &file, force, &name).await
        }
    }
}

fn refuse<T>(reason: impl std::fmt::Display) -> Result<T, Reported> {
    crate::ui::refuse(&format!("\n{reason}\n"))
}

fn directory(session: &mut Session) -> PathBuf {
    let mut diags = diag::Diagnostics::new();
    let loaded = config::load(
        &crate::files::DiskFiles,
        ".",
        &mut session.sources,
        &mut diags,
    );
    let body = loaded.and_then(|it| {
        it.config
            .root()
            .settings
            .backend
            .as_ref()
            .map(|it| it.body.clone())
    });
    let named = body.and_then(|body| {
        let found = crate::vars::constants(&body, &mut diags);
        found
            .get("workspace_dir")
            .and_then(|it| it.as_str().map(PathBuf::from))
    });
    named.unwrap_or_else(|| PathBuf::from("terraform.tfstate.d"))
}

/// The workspaces, the default one first.
pub(crate) fn names(session: &mut Session) -> Result<Vec<String>, Reported> {
    let mut res = vec!["default".to_owned()];
    match std::fs::read_dir(directory(session)) {
        Ok(entries) => {
            let mut found: Vec<String> = entries
                .filter_map(Result::ok)
                .filter(|it| it.path().is_dir())
                .map(|it| it.file_name().to_string_lossy().into_owned())
                .collect();
            found.sort();
            res.extend(found);
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => {
            return refuse(format!("The workspaces cannot be listed: {error}."));
        }
    }
    Ok(res)
}

fn select(session: &Session, name: &str) -> Result<(), Reported> {
    if session.var("TF_WORKSPACE").is_some() {
        return refuse(
            "TF_WORKSPACE selects the workspace, so that nothing else can. Unset it first."
                .to_owned(),
        );
    }
    let file = session.data_dir().join("environment");
    let written =
        std::fs::create_dir_all(session.data_dir()).and_then(|()| std::fs::write(&file, name));
    written.or_else(|error| refuse(format!("{} cannot be written: {error}.", file.display())))
}

/// Makes a workspace, with a copy of a state if one is named, and selects it.
fn make(session: &mut Session, source: Option<&std::path::Path>, name: &str) -> Outcome {
    let valid = !name.is_empty()
        && name != "."
        && name != ".."
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || "-_.".contains(c));
    if !valid {
        return refuse(format!(
            "\"{name}\" cannot name a workspace: use letters, digits, dashes, dots and underscores."
        ));
    }
    if names(session)?.iter().any(|it| it == name) {
        return refuse(format!(
            "There is a workspace \"{name}\" already. \"dokplan workspace select {name}\" selects it."
        ));
    }
    let home = directory(session).join(name);
    if let Err(error) = std::fs::create_dir_all(&home) {
        return refuse(format!("{} cannot be made: {error}.", home.display()));
    }
    if let Some(source) = source {
        let snapshot = session.current_state(Some(source))?;
        let mut store = session.open_state_file(&home.join("terraform.tfstate"))?;
        if let Err(error) = store.write(&snapshot) {
            return session.fail(crate::load::store_error(
                &error,
                &crate::load::code::UNWRITABLE_STATE,
            ));
        }
    }
    select(session, name)?;
    ui::out(&format!(
        "Created and switched to workspace \"{name}\"!\n\nIt has a state of its own, which is empty: a plan proposes to create everything.\n"
    ));
    Ok(Exit::Success)
}

async fn delete(session: &mut Session, args: &StateFileArgs, force: bool, name: &str) -> Outcome {
    if name == "default" {
        return refuse("The workspace \"default\" cannot be deleted.".to_owned());
    }
    if session.workspace() == name {
        return refuse(format!(
            "\"{name}\" is the selected workspace. Select another first: dokplan workspace select default."
        ));
    }
    if !names(session)?.iter().any(|it| it == name) {
        return refuse(format!("There is no workspace \"{name}\"."));
    }
    let home = directory(session).join(name);
    let mut store = session.open_state_file(&home.join("terraform.tfstate"))?;
    session
        .lock(&mut store, &args.state, "workspace-delete")
        .await?;
    let snapshot = session.read_state(&mut store);
    let _ = store.unlock();
    let snapshot = snapshot?;
    let remembered: Vec<String> = snapshot
        .state
        .instances()
        .map(|(addr, ..)| format!("\n  - {addr}"))
        .collect();
    if !remembered.is_empty() && !force {
        return session.fail(diag::Diagnostic::error(
            &NOT_EMPTY,
            format!(
                "The state of \"{name}\" still remembers objects, which would be left without anybody who manages them:{}\n\nDestroy them first, or delete it with -force and look after them yourself.",
                remembered.concat()
            ),
        ));
    }
    if let Err(error) = std::fs::remove_dir_all(&home) {
        return refuse(format!("{} cannot be removed: {error}.", home.display()));
    }
    ui::out(&format!("Deleted workspace \"{name}\"!\n"));
    Ok(Exit::Success)
}
