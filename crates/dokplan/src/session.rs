//! What a command is given: where it works, how it prints, what it reads from the environment.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use diag::{Diagnostic, Diagnostics, SourceMap};
use view::Style;

use crate::args::ColorArgs;
use crate::exit::Reported;

/// See [`diag::Code`].
const MISSING_PROVIDERS: diag::Code = diag::Code::new(
    "missing-providers",
    "Inconsistent dependency lock file",
    "The configuration needs providers that are not part of dokplan, so that nothing can be planned.",
);

/// What a command is given.
pub(crate) struct Session {
    /// How to print to standard output.
    pub style: Style,
    /// How to print to standard error.
    pub error_style: Style,
    /// Every text read so far.
    pub sources: SourceMap,
    /// The environment, read once.
    pub env: BTreeMap<String, String>,
    /// The directory in which the command was started, before `-chdir`.
    pub cwd: String,
    /// Whether to run against the embedded Dokploy.
    pub sandbox: bool,
    /// RFC 3339, UTC.
    pub started_at: String,
    /// Warnings of loading, shown with the result.
    pub pending: Diagnostics,
    /// Whether the state's lock is held: what is wrong with the state is then said as a failure to lock it.
    pub locked: std::cell::Cell<bool>,
    /// Machine-readable output: diagnostics go to standard output as JSON.
    pub json: bool,
    /// Values of root variables, once a command has gathered them.
    pub given: Option<BTreeMap<Arc<str>, value::Value>>,
    /// How files are encrypted, once a command needed to know.
    pub sealed: Option<crate::encryption::Seals>,
}

/// See [`diag::Code`].
const READABLE: diag::Code = diag::Code::new(
    "readable-by-others",
    "File with secrets readable by others",
    "A state, a saved plan or a file of variables is readable by the group or by everybody, and holds secrets in clear. `chmod 600` makes it private; what dokplan writes is private from the start.",
);

impl Session {
    /// A session in the current directory.
    pub(crate) fn new(cwd: String, sandbox: bool) -> Self {
        let env = std::env::vars_os()
            .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Session {
            style: Style::PLAIN,
            error_style: Style::PLAIN,
            sources: SourceMap::new(),
            env,
            cwd,
            sandbox,
            started_at: crate::world::now(),
            pending: Diagnostics::new(),
            locked: std::cell::Cell::new(false),
            json: false,
            given: None,
            sealed: None,
        }
    }

    /// Chooses colours and width once the arguments are known.
    pub(crate) fn set_style(&mut self, color: &ColorArgs) {
        use std::io::IsTerminal;
        let wanted = !color.no_color && !self.env.contains_key("NO_COLOR") && !self.json;
        let style = |terminal: bool| Style {
            color: wanted && terminal,
            width: Style::PLAIN.width,
        };
        self.style = style(std::io::stdout().is_terminal());
        self.error_style = style(std::io::stderr().is_terminal());
    }

    /// Whether somebody may be asked: by the option -input, and by TF_INPUT.
    pub(crate) fn may_ask(&self, input: bool) -> bool {
        input && !matches!(self.var("TF_INPUT"), Some("0" | "false"))
    }

    /// An environment variable that is set and not empty.
    pub(crate) fn var(&self, name: &str) -> Option<&str> {
        self.env
            .get(name)
            .map(String::as_str)
            .filter(|it| !it.is_empty())
    }

    /// Where dokplan and Terraform keep what belongs to a working directory.
    pub(crate) fn data_dir(&self) -> PathBuf {
        PathBuf::from(self.var("TF_DATA_DIR").unwrap_or(".terraform"))
    }

    /// The selected workspace.
    pub(crate) fn workspace(&self) -> String {
        if let Some(name) = self.var("TF_WORKSPACE") {
            return name.to_owned();
        }
        std::fs::read_to_string(self.data_dir().join("environment"))
            .map(|it| it.trim().to_owned())
            .ok()
            .filter(|it| !it.is_empty())
            .unwrap_or_else(|| "default".to_owned())
    }

    /// Prints diagnostics: errors to standard error, warnings to standard output.
    pub(crate) fn show(&self, diags: &Diagnostics) {
        self.show_with(diags, false);
    }

    /// The same; warnings one line each if `compact`.
    pub(crate) fn show_with(&self, diags: &Diagnostics, compact: bool) {
        if diags.is_empty() || crate::ui::is_silent() {
            return;
        }
        if self.json {
            let time = crate::world::now_micros();
            for it in view::json::events::diagnostics(diags, &self.sources, &time) {
                crate::ui::json_line(&it);
            }
            return;
        }
        let diags = diags.sorted(&self.sources);
        let diags = if compact { diags } else { diags.consolidated() };
        let warnings = diags.repeated(|it| usize::from(!it.is_error()));
        let errors = diags.repeated(|it| usize::from(it.is_error()));
        if compact && !warnings.is_empty() && errors.is_empty() {
            crate::ui::out(&view::diagnostic::compact(&warnings, &self.sources));
        } else {
            crate::ui::out(&view::diagnostic::text(
                &warnings,
                &self.sources,
                self.style,
            ));
        }
        crate::ui::err(&view::diagnostic::text(
            &errors,
            &self.sources,
            self.error_style,
        ));
    }

    /// Prints the warnings of loading, by commands that have no other result.
    pub(crate) fn show_pending(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        self.show(&pending);
    }

    /// Warns, with the result of the command, of a file with secrets in clear that others can read.
    pub(crate) fn warn_if_readable(&mut self, path: &std::path::Path, what: &str) {
        if is_readable_by_others(path) {
            let path = path.display();
            self.pending.push(Diagnostic::warning(
                &READABLE,
                format!("Other users of this machine can read {path}, and {what} holds secrets. Make it private: chmod 600 {path}"),
            ));
        }
    }

    /// Prints diagnostics and ends the command if there are errors.
    pub(crate) fn check(&self, diags: &Diagnostics) -> Result<(), Reported> {
        self.show(diags);
        if diags.has_errors() {
            Err(Reported)
        } else {
            Ok(())
        }
    }

    /// Says where help is, after errors of the command line.
    pub(crate) fn help(&self, command: &str) {
        if !self.json {
            crate::ui::err(&format!(
                "\nFor more help on using this command, run:\n  dokplan {command} -help\n"
            ));
        }
    }

    /// Prints errors of the command line and ends the command if there are some.
    pub(crate) fn check_arguments(
        &self,
        diags: &Diagnostics,
        command: &str,
    ) -> Result<(), Reported> {
        let res = self.check(diags);
        if res.is_err() {
            self.help(command);
        }
        res
    }

    /// An error where the configuration needs providers that are not here, for commands that would use them.
    pub(crate) fn check_providers(&self, config: &config::Config) -> Result<(), Reported> {
        let missing: Vec<String> = crate::commands::missing_providers(config)
            .iter()
            .map(|it| {
                format!(
                    "  - provider {it}: required by this configuration but no version is selected\n"
                )
            })
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        self.fail(Diagnostic::error(
            &MISSING_PROVIDERS,
            format!(
                "Providers that the configuration needs are not part of dokplan:\n{}\nIf a name is a slip, correct it in required_providers. This says which providers dokplan has:\n  dokplan init",
                missing.concat()
            ),
        ))
    }

    /// Prints one error and ends the command.
    pub(crate) fn fail<T>(&self, diagnostic: Diagnostic) -> Result<T, Reported> {
        self.show(&diagnostic.into());
        Err(Reported)
    }
}

/// Whether a file has content that its group or everybody can read.
pub(crate) fn is_readable_by_others(path: &std::path::Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::metadata(path)
            .is_ok_and(|it| it.is_file() && it.len() > 0 && it.permissions().mode() & 0o044 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}
