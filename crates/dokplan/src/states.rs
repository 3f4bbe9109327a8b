//! States of other configurations, for `terraform_remote_state`.

use std::path::PathBuf;

use builtin::{Outputs, StateReader};
use provider::{Answer, Issue};
use state::{StateStore, StoreError};
use value::{Mark, Path, Plain, Value};

/// Reads states that the local backend keeps.
#[derive(Debug, Default)]
pub(crate) struct States {
    /// How they are encrypted.
    pub seal: std::sync::Arc<backend::seal::Seal>,
}

impl StateReader for States {
    fn check(&self, backend: &str, config: &Value) -> Vec<Issue> {
        if backend != "local" {
            return vec![
                Issue::error(
                    "Invalid backend configuration",
                    format!("There is no backend \"{backend}\" in dokplan; a remote state can be read from \"local\", a file."),
                )
                .at(Path::attr_of("backend")),
            ];
        }
        let Some(entries) = config.entries() else {
            return Vec::new();
        };
        entries
            .iter()
            .filter(|(name, it)| !matches!(&***name, "path" | "workspace_dir") && !it.is_null())
            .map(|(name, _)| {
                Issue::error(
                    "Invalid backend configuration",
                    format!("The backend \"local\" has no argument \"{name}\"; it has path and workspace_dir."),
                )
                .at(Path::attr_of("config"))
            })
            .collect()
    }

    fn outputs<'a>(
        &'a self,
        _backend: &'a str,
        config: &'a Value,
        workspace: &'a str,
    ) -> Answer<'a, Result<Option<Outputs>, Vec<Issue>>> {
        let text = |name: &str| match config.get(name).map(Value::split) {
            Some((Plain::String(it), _)) if !it.is_empty() => Some(PathBuf::from(&*it)),
            _ => None,
        };
        let options = backend::Options {
            path: text("path"),
            out: None,
            backup: None,
            workspace: workspace.to_owned(),
            workspace_dir: text("workspace_dir"),
            seal: self.seal.clone(),
            disk: std::sync::Arc::new(backend::disk::RealDisk),
        };
        Box::pin(async move {
            let mut store = backend::LocalStore::open(&options);
            if let Some(reason) = crate::restricted::refusal(store.path()) {
                let detail = format!("The other state cannot be read: {reason}.");
                return Err(vec![Issue::error("Not allowed with -restricted", detail)]);
            }
            match store.read() {
                Ok(snapshot) => Ok(snapshot.map(|it| {
                    it.state
                        .outputs
                        .iter()
                        .map(|(name, output)| {
                            let value = output.value.clone();
                            (
                                name.clone(),
                                if output.sensitive {
                                    value.mark(Mark::Sensitive)
                                } else {
                                    value
                                },
                            )
                        })
                        .collect()
                })),
                Err(StoreError::Damaged { error, path, .. }) => Err(vec![Issue::error(
                    "Error loading state",
                    format!("{path}: {}", error.reason),
                )]),
                Err(StoreError::Sealed { path, reason }) => Err(vec![Issue::error(
                    "Error loading state",
                    format!("{path}: {reason}."),
                )]),
                Err(StoreError::Io { doing, reason }) => Err(vec![Issue::error(
                    "Error loading state",
                    format!("Could not {doing}: {reason}."),
                )]),
                Err(StoreError::Locked(_) | StoreError::Conflict(_)) => Ok(None),
            }
        })
    }
}
