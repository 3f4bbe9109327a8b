//! `discover`: writes configuration and import blocks for everything that exists on a Dokploy.
//!
//! What is written is planned before it is kept: an apply of it imports and changes nothing.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use config::MapFiles;
use diag::{Diagnostic, Diagnostics};
use engine::{GivenVariable, PlanInputs};
use plan::{Action, Mode, ResourceChange};
use provider::{DiscoverRequest, Discovered, PlanRequest, Registry};
use serde_json::json;
use value::Value;

use crate::adopt::{self, Adjustment, Inputs, Named, Written};
use crate::args::DiscoverArgs;
use crate::exit::{Exit, Outcome, Reported};
use crate::operation::Operation;
use crate::session::Session;
use crate::ui::{self, Progress};

mod code {
    use diag::Code;

    /// See [`Code`].
    pub(crate) const NOT_EMPTY: Code = Code::new(
        "discover-directory-in-use",
        "Directory in use",
        "`discover` writes to a directory without configuration, so that it never changes what somebody wrote.",
    );
    /// See [`Code`].
    pub(crate) const UNWRITABLE: Code = Code::new(
        "unwritable-discovered-configuration",
        "Failed to write configuration",
        "A file of the directory named with `-out` cannot be written.",
    );
    /// See [`Code`].
    pub(crate) const CHANGES: Code = Code::new(
        "discovered-object-changes",
        "Import would change an object",
        "What `discover` wrote of an object is not all that it is: an apply would change it. Compare the plan with what it should be before you apply.",
    );
}

/// The local name by which Dokploy's provider is looked for in the configuration of the working directory.
const LOCAL: &str = "dokploy";

/// How often what was written is corrected by what a plan of it would change.
const ROUNDS: usize = 3;

/// Looks, writes, plans what was written, and keeps it.
pub(crate) async fn discover(
    session: &mut Session,
    args: &DiscoverArgs,
    order: &[String],
) -> Outcome {
    session.set_style(&args.color);
    free(session, &args.out)?;
    let mut loaded = session.load_config()?;
    let mut variables = session.variables(&loaded.config, &args.vars, order, args.input.input)?;
    let is_configured = loaded.config.root().provider(LOCAL).is_some();
    if !is_configured {
        let files = MapFiles(BTreeMap::from([(
            "main.tf".to_owned(),
            BARE_CONFIGURATION.to_owned(),
        )]));
        loaded = load(session, &files)?;
        variables = BTreeMap::new();
    }
    let root = loaded.config.root();
    let provider = root.provider(LOCAL).cloned();
    let provider = provider.unwrap_or_else(|| addr::Provider::implied(LOCAL));
    let operation = Operation::new(session, loaded, variables, args.parallelism)?;
    let request = DiscoverRequest {
        kinds: args.kind.clone(),
        within: args.project.clone(),
    };
    known_types(session, &operation, &provider, &args.kind)?;
    if !args.json {
        ui::out(&format!(
            "{}\n",
            session.style.bold("Looking at what there is ...")
        ));
    }
    let progress = Progress::silent();
    let common = operation.common(session, &progress, false);
    let (objects, diags) = engine::discover(&common, &provider, request).await;
    session.check(&diags)?;
    let named = adopt::names(&objects);
    let (written, open) = checked(session, &operation, &provider, &named).await?;
    keep(session, &args.out, &written)?;
    let mut warnings = Diagnostics::new();
    for (address, attributes) in &open {
        warnings.push(Diagnostic::warning(
            &code::CHANGES,
            format!(
                "An apply of what was written would change {} of {address}. Look at the plan: correct the block, or let it be changed.",
                attributes.join(", ")
            ),
        ));
    }
    session.show(&warnings);
    if args.json {
        ui::json_line(&listed(&named, &args.out));
    } else {
        ui::out(&summary(session, &named, &args.out, &written));
    }
    Ok(Exit::Success)
}

/// What stands for a configuration where there is none.
const BARE_CONFIGURATION: &str = "terraform {\n  required_providers {\n    dokploy = {\n      source = \"ahmedali6/dokploy\"\n    }\n  }\n}\n\nprovider \"dokploy\" {}\n";

/// An error where a directory holds configuration already.
fn free(session: &Session, directory: &Path) -> Result<(), Reported> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            return session.fail(Diagnostic::error(
                &code::UNWRITABLE,
                format!(
                    "The directory {} cannot be read: {error}. Name another with -out.",
                    directory.display()
                ),
            ));
        }
    };
    let is_configuration = |name: &str| {
        [
            ".tf",
            ".tf.json",
            ".tofu",
            ".tofu.json",
            ".tfvars",
            ".tfstate",
        ]
        .iter()
        .any(|it| name.ends_with(it))
    };
    let found = entries
        .filter_map(Result::ok)
        .map(|it| it.file_name().to_string_lossy().into_owned())
        .find(|it| is_configuration(it));
    match found {
        None => Ok(()),
        Some(name) => session.fail(Diagnostic::error(
            &code::NOT_EMPTY,
            format!(
                "The directory {} holds {name}, and what is discovered goes to a directory of its own, so that nothing that somebody wrote is changed. Name a new directory: -out=discovered.",
                directory.display()
            ),
        )),
    }
}

/// An error where a type is named that the provider does not have.
fn known_types(
    session: &Session,
    operation: &Operation,
    provider: &addr::Provider,
    kinds: &[String],
) -> Result<(), Reported> {
    let schemas = operation.providers.schemas(operation.config());
    let mut diags = Diagnostics::new();
    for kind in kinds {
        let is_known = schemas
            .resource(provider, addr::Mode::Managed, kind)
            .is_some();
        if is_known {
            continue;
        }
        let names = schemas.0.get(provider).map(|it| it.resources.keys());
        let names = names.into_iter().flatten().map(|it| &**it);
        let advice = diag::suggest::did_you_mean(kind, names);
        diags.push(
            Diagnostic::error(
                &crate::commands::CONFLICTING,
                format!(
                    "-type={kind} names no resource type of {}.{advice}",
                    provider.for_display()
                ),
            )
            .titled("Unknown resource type"),
        );
    }
    session.check(&diags)
}

/// What is written, after plans of it told what cannot be written; and what a plan would change all the same, by
/// address.
async fn checked(
    session: &mut Session,
    operation: &Operation,
    provider: &addr::Provider,
    named: &[Named<'_>],
) -> Result<(Written, BTreeMap<String, Vec<String>>), Reported> {
    let schemas = operation.providers.schemas(operation.config());
    let defaults = defaults(operation, provider, named).await;
    let mut adjustments: BTreeMap<String, Adjustment> = BTreeMap::new();
    let mut round = 0;
    loop {
        let written = adopt::written(&Inputs {
            named,
            schemas: &schemas,
            provider,
            defaults: &defaults,
            adjustments: &adjustments,
        });
        let open = differences(session, operation, &written).await?;
        round += 1;
        if open.is_empty() || round == ROUNDS {
            return Ok((written, open));
        }
        for (address, attributes) in open {
            let adjustment = adjustments.entry(address).or_default();
            adjustment.ignored.extend(attributes);
        }
    }
}

/// What attributes are where the configuration leaves them out: what a plan of a create says that is known.
async fn defaults(
    operation: &Operation,
    provider: &addr::Provider,
    named: &[Named<'_>],
) -> BTreeMap<String, BTreeMap<String, Value>> {
    let mut res = BTreeMap::new();
    let Some(it) = operation.providers.provider(provider) else {
        return res;
    };
    for object in named.iter().map(|it| it.object) {
        let Some(schema) = it.schema().resources.get(&*object.kind) else {
            continue;
        };
        if res.contains_key(&object.kind) {
            continue;
        }
        let attributes = schema.block.attributes.iter().map(|(name, attribute)| {
            let value = object.object.get(name).filter(|_| attribute.is_needed());
            let value = value.unwrap_or_else(|| Value::null(attribute.ty()));
            (name.clone(), value)
        });
        let config = Value::object(attributes);
        let request = PlanRequest {
            kind: object.kind.clone(),
            prior: Value::null(schema.block.ty()),
            proposed: config.clone(),
            config,
            private: None,
        };
        let planned = it.plan(request).await.planned;
        let known = schema
            .block
            .attributes
            .iter()
            .filter_map(|(name, attribute)| {
                let value = planned.get(name)?;
                let is_default = !attribute.required && value.is_known() && !value.is_null();
                is_default.then(|| (name.to_string(), value))
            });
        res.insert(object.kind.clone(), known.collect());
    }
    res
}

/// Plans what was written over an empty state: for each object that would be changed, what of it.
async fn differences(
    session: &mut Session,
    operation: &Operation,
    written: &Written,
) -> Result<BTreeMap<String, Vec<String>>, Reported> {
    let sources = session.sources.clone();
    let res = planned(session, operation, written).await;
    session.sources = sources;
    res
}

async fn planned(
    session: &mut Session,
    operation: &Operation,
    written: &Written,
) -> Result<BTreeMap<String, Vec<String>>, Reported> {
    let mut files = written.files.clone();
    files.remove(adopt::SECRETS);
    // The provider is configured as it was for looking.
    let loaded = load(session, &MapFiles(files))?;
    let variables = written.values.iter().map(|(name, value)| {
        let given = GivenVariable {
            value: value.clone(),
            span: None,
            source: adopt::SECRETS.to_owned(),
        };
        (Arc::from(name.as_str()), given)
    });
    let progress = Progress::silent();
    let variables = variables.collect();
    let mut common = operation.common(session, &progress, false);
    common.config = &loaded.config;
    common.variables = &variables;
    let state = state::State::default();
    let (plan, diags) = engine::plan(&PlanInputs {
        common,
        prior: &state,
        mode: Mode::Normal,
        refresh: true,
        targets: &[],
        excludes: &[],
        force_replace: &[],
    })
    .await;
    let Some(plan) = plan.filter(|_| !diags.has_errors()) else {
        session.show(&diags);
        return Err(Reported);
    };
    let changed = plan
        .changes
        .iter()
        .filter(|it| it.change.action != Action::NoOp);
    Ok(changed
        .map(|it| (it.addr.to_string(), attributes(it)))
        .collect())
}

/// The attributes that a change is about: those that will have another value, where any is known to.
fn attributes(change: &ResourceChange) -> Vec<String> {
    let (before, after) = (&change.change.before, &change.change.after);
    let names: Vec<Arc<str>> = after
        .entries()
        .into_iter()
        .flat_map(|it| it.keys().cloned())
        .collect();
    let differs = |name: &&Arc<str>| before.get(name) != after.get(name);
    let is_known = |name: &&Arc<str>| after.get(name).is_some_and(|it| it.is_known());
    let known: Vec<String> = names
        .iter()
        .filter(differs)
        .filter(is_known)
        .map(ToString::to_string)
        .collect();
    if known.is_empty() {
        names
            .iter()
            .filter(differs)
            .map(ToString::to_string)
            .collect()
    } else {
        known
    }
}

/// Loads configuration that was made here. That it has mistakes is a mistake of ours, shown as any other.
fn load(session: &mut Session, files: &MapFiles) -> Result<config::Loaded, Reported> {
    let mut diags = Diagnostics::new();
    match config::load(files, ".", &mut session.sources, &mut diags) {
        Some(loaded) if !diags.has_errors() => Ok(loaded),
        _ => {
            session.show(&diags);
            Err(Reported)
        }
    }
}

/// Writes the files; what holds secrets is for its owner only.
fn keep(session: &Session, directory: &Path, written: &Written) -> Result<(), Reported> {
    let failed = |path: &Path, error: std::io::Error| {
        session.fail(Diagnostic::error(
            &code::UNWRITABLE,
            format!("{} cannot be written: {error}. Check that there is room and that the directory is yours.", path.display()),
        ))
    };
    if let Err(error) = std::fs::create_dir_all(directory) {
        return failed(directory, error);
    }
    for (name, text) in &written.files {
        let path = directory.join(name);
        if name.starts_with('.') && path.exists() {
            continue;
        }
        let done = if name == adopt::SECRETS {
            backend::write_whole(&path, text.as_bytes())
        } else {
            std::fs::write(&path, text)
        };
        if let Err(error) = done {
            return failed(&path, error);
        }
    }
    Ok(())
}

/// How many of what, and what to do next.
fn summary(session: &Session, named: &[Named<'_>], out: &Path, written: &Written) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for it in named {
        *counts.entry(&it.object.kind).or_default() += 1;
    }
    let mut res = String::new();
    for (kind, count) in &counts {
        res.push_str(&format!("  {count:>5}  {kind}\n"));
    }
    let head = format!("Discovered {} objects.", named.len());
    let secrets = if written.values.is_empty() {
        String::new()
    } else {
        format!(
            "Secrets are in {}, which only you can read: do not commit it.\n",
            out.join(adopt::SECRETS).display()
        )
    };
    format!(
        "\n{}\n\n{res}\nTheir configuration is in {}. {secrets}To take them over, without changing any:\n\n    dokplan -chdir={} apply\n\nAfterwards {} has done its work and can be deleted.\n",
        session.style.bold_green(&head),
        out.display(),
        out.display(),
        out.join("imports.tf").display(),
    )
}

/// The same for machines.
fn listed(named: &[Named<'_>], out: &Path) -> serde_json::Value {
    let objects: Vec<_> = named
        .iter()
        .map(|it| {
            let Discovered {
                kind, id, within, ..
            } = it.object;
            json!({
                "address": it.address(),
                "type": kind,
                "name": it.object.name,
                "import_id": id,
                "within": within,
                "file": out.join(it.file()).to_string_lossy(),
            })
        })
        .collect();
    json!({ "format_version": "1.0", "objects": objects })
}
