//! What plan, apply, refresh, import and console share: the engine's inputs from the session.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use config::Config;
use diag::{Diagnostic, Diagnostics};
use engine::{Common, GivenVariable};
use plan::Mode;

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
    pub providers: Arc<Providers>,
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
        let providers = Arc::new(Providers::new(session)?);
        Ok(Operation::sharing(
            providers,
            session,
            loaded,
            variables,
            parallelism,
            crate::signals::watch(),
        ))
    }

    /// The same with providers that other operations of the command use too: a connection each would be one too many. So
    /// with the flag that stops them: signals are watched for once.
    pub(crate) fn sharing(
        providers: Arc<Providers>,
        session: &mut Session,
        loaded: config::Loaded,
        variables: BTreeMap<Arc<str>, GivenVariable>,
        parallelism: usize,
        stop: Arc<AtomicBool>,
    ) -> Operation {
        let started_at = session.started_at.clone();
        let world = |applying| RealWorld {
            plan_time: Some(started_at.clone()),
            applying,
        };
        Operation {
            providers,
            planning: world(false),
            applying: world(true),
            started_at: session.started_at.clone(),
            seed: crate::world::seed(),
            parallelism: parallelism.max(1),
            stop,
            warnings: std::mem::take(&mut session.pending),
            workspace: session.workspace(),
            cwd: session.cwd.clone(),
            loaded,
            variables,
        }
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
        self.common_with(&*self.providers, session, observer, applying)
    }

    /// The same with other providers.
    pub(crate) fn common_with<'a>(
        &'a self,
        registry: &'a dyn provider::Registry,
        session: &'a Session,
        observer: &'a Progress,
        applying: bool,
    ) -> Common<'a> {
        Common {
            config: &self.loaded.config,
            sources: &session.sources,
            registry,
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

/// What a plan is made of, and how.
pub(crate) struct Selection {
    /// What kind of plan.
    pub mode: Mode,
    /// `-refresh`.
    pub refresh: bool,
    /// `-target`.
    pub targets: Vec<addr::Target>,
    /// `-exclude`.
    pub excludes: Vec<addr::Target>,
    /// `-replace`.
    pub force_replace: Vec<addr::Instance>,
}

/// Reads the options that select, before anything is loaded; all mistakes in them at once.
pub(crate) fn select(
    session: &Session,
    args: &crate::args::SelectArgs,
    command: &str,
) -> Result<Selection, Reported> {
    let mut diags = Diagnostics::new();
    let mut conflict = |title: &str, detail: &str| {
        diags.push(Diagnostic::error(&crate::commands::CONFLICTING, detail).titled(title));
    };
    let mode = match (args.destroy, args.refresh_only) {
        (true, true) if command == "destroy" => {
            conflict(
                "Invalid mode option",
                "What destroys everything cannot at the same time change nothing: leave out the option -refresh-only, or use \"dokplan apply -refresh-only\".",
            );
            Mode::Destroy
        }
        (true, true) => {
            conflict(
                "Incompatible plan mode options",
                "One of -destroy and -refresh-only destroys everything, the other changes nothing. Choose one.",
            );
            Mode::Destroy
        }
        (true, false) => Mode::Destroy,
        (false, true) => Mode::RefreshOnly,
        (false, false) => Mode::Normal,
    };
    if mode == Mode::RefreshOnly && !args.refresh.refresh {
        conflict(
            "Incompatible refresh options",
            "Reading the real objects is all that -refresh-only does. It excludes\n-refresh=false, because dokplan would have nothing to do.",
        );
    }
    let targets = parse_targets(&args.target, "-target", &mut diags);
    let excludes = parse_targets(&args.exclude, "-exclude", &mut diags);
    let force_replace = parse_instances(&args.replace, "-replace", &mut diags);
    session.check_arguments(&diags, command)?;
    Ok(Selection {
        mode,
        refresh: args.refresh.refresh,
        targets,
        excludes,
        force_replace,
    })
}

/// Addresses that a command is given.
pub(crate) fn targets(
    session: &Session,
    texts: &[String],
    option: &str,
) -> Result<Vec<addr::Target>, Reported> {
    let mut diags = Diagnostics::new();
    let res = parse_targets(texts, option, &mut diags);
    session.check(&diags)?;
    Ok(res)
}

fn parse_targets(texts: &[String], option: &str, diags: &mut Diagnostics) -> Vec<addr::Target> {
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
                Diagnostic { subject: None, context: None, detail, ..it }.titled(format!("Invalid {what} \"{text}\""))
            } else {
                it
            });
        }
    }
    res
}

/// Addresses of single instances: `import`, `taint`.
pub(crate) fn instances(
    session: &Session,
    texts: &[String],
    option: &str,
) -> Result<Vec<addr::Instance>, Reported> {
    let mut diags = Diagnostics::new();
    let res = parse_instances(texts, option, &mut diags);
    session.check(&diags)?;
    Ok(res)
}

fn parse_instances(texts: &[String], option: &str, diags: &mut Diagnostics) -> Vec<addr::Instance> {
    let n_errors = diags.n_errors();
    let targets = parse_targets(texts, option, diags);
    if diags.n_errors() > n_errors {
        return Vec::new();
    }
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
                let mut error = Diagnostic::error(
                    &addr::parse::code::INVALID_REFERENCE,
                    format!("What {option} takes is the address of a resource instance, such as dokploy_registry.ghcr or dokploy_registry.all[\"a\"]; {text} is a module."),
                ).titled(title);
                if option != "-replace" {
                    error = error.at(diag::Span {
                        source: NO_SOURCE,
                        start: 0,
                        end: text.len() as u32,
                    });
                }
                diags.push(error);
            }
        }
    }
    res
}
