//! What plan, apply, refresh, import and console share: the engine's inputs from the session.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use config::Config;
use diag::Diagnostics;
use engine::{Common, GivenVariable};

use crate::exit::Reported;
use crate::providers::Providers;
use crate::session::Session;
use crate::ui::Progress;
use crate::world::RealWorld;

/// Everything that the engine is given and that must live as long as it runs.
pub(crate) struct Operation {
    /// The configuration with its texts.
    pub loaded: config::Loaded,
    /// Values given to root variables.
    pub variables: BTreeMap<Arc<str>, GivenVariable>,
    /// Who makes providers.
    pub providers: Providers,
    /// The world while planning.
    pub planning: RealWorld,
    /// The world while applying.
    pub applying: RealWorld,
    /// The time of the plan.
    pub started_at: String,
    /// For everything random in a plan.
    pub seed: u64,
    /// How many requests at once.
    pub parallelism: usize,
    /// Set by the first Ctrl-C.
    pub stop: Arc<AtomicBool>,
    /// Warnings of loading, to be shown with the result.
    pub warnings: diag::Diagnostics,
    workspace: String,
    cwd: String,
}

impl Operation {
    /// Gathers what an operation on the configuration of the working directory needs.
    pub(crate) fn new(
        session: &mut Session,
        loaded: config::Loaded,
        variables: BTreeMap<Arc<str>, GivenVariable>,
        parallelism: usize,
    ) -> Result<Operation, Reported> {
        let started_at = session.started_at.clone();
        let world = |applying| RealWorld {
            plan_time: Some(started_at.clone()),
            applying,
        };
        Ok(Operation {
            providers: Providers::new(session)?,
            planning: world(false),
            applying: world(true),
            started_at: session.started_at.clone(),
            seed: crate::world::seed(),
            parallelism: parallelism.max(1),
            stop: crate::signals::watch(),
            warnings: std::mem::take(&mut session.pending),
            workspace: session.workspace(),
            cwd: session.cwd.clone(),
            loaded,
            variables,
        })
    }

    /// The configuration.
    pub(crate) fn config(&self) -> &Config {
        &self.loaded.config
    }

    /// The engine's view of it, while planning or applying.
    pub(crate) fn common<'a>(
        &'a self,
        session: &'a Session,
        observer: &'a Progress,
        applying: bool,
    ) -> Common<'a> {
        Common {
            config: &self.loaded.config,
            sources: &session.sources,
            registry: &self.providers,
            provisioners: &crate::provisioner::LocalExec,
            variables: &self.variables,
            workspace: &self.workspace,
            cwd: &self.cwd,
            world: if applying {
                &self.applying
            } else {
                &self.planning
            },
            started_at: &self.started_at,
            seed: self.seed,
            parallelism: self.parallelism,
            observer,
            stop: &self.stop,
        }
    }
}

/// A text of the command line: there is no file to show.
const NO_SOURCE: diag::SourceId = diag::SourceId(u32::MAX);

/// Addresses of `-target` and `-exclude`.
pub(crate) fn targets(
    session: &Session,
    texts: &[String],
    option: &str,
) -> Result<Vec<addr::Target>, Reported> {
    let mut diags = Diagnostics::new();
    let mut res = Vec::new();
    for text in texts {
        let mut found = Diagnostics::new();
        let is_option = option.starts_with('-');
        // Places in an option help nobody: the whole option is shown in the title. Elsewhere the text has no file.
        res.extend(addr::parse::target(NO_SOURCE, text, &mut found));
        for it in found {
            diags.push(if is_option && it.is_error() {
                let what = if option == "-replace" { "force-replace address" } else { "target" };
                let detail = format!(
                    "The option {option} needs the address of a resource, an instance or a module, such as dokploy_registry.ghcr or 'module.teams[\"a\"]'. {}",
                    it.detail
                );
                diag::Diagnostic { subject: None, context: None, detail, ..it }.titled(format!("Invalid {what} \"{text}\""))
            } else {
                it
            });
        }
    }
    session.check(&diags)?;
    Ok(res)
}

/// Addresses of single instances: `-replace`, `import`.
pub(crate) fn instances(
    session: &Session,
    texts: &[String],
    option: &str,
) -> Result<Vec<addr::Instance>, Reported> {
    let targets = targets(session, texts, option)?;
    let mut res = Vec::new();
    for (target, text) in targets.into_iter().zip(texts) {
        match target {
            addr::Target::Instance(it) => res.push(it),
            addr::Target::Resource(it) => res.push(it.instance(addr::Key::None)),
            addr::Target::Module(_) => {
                let title = if option == "-replace" {
                    format!("Invalid force-replace address \"{text}\"")
                } else {
                    "Invalid address".to_owned()
                };
                return session.fail(diag::Diagnostic::error(
                    &addr::parse::code::INVALID_REFERENCE,
                    format!("What {option} takes is the address of a resource instance, such as dokploy_registry.ghcr or dokploy_registry.all[\"a\"]; {text} is a module."),
                ).titled(title));
            }
        }
    }
    Ok(res)
}
