//! Values of root variables, from all the places that may give them.
//!
//! Later ones win: the environment, `terraform.tfvars`, `terraform.tfvars.json`, `*.auto.tfvars` and
//! `*.auto.tfvars.json` by name, then `-var` and `-var-file` as they stand on the command line.

use std::collections::BTreeMap;
use std::sync::Arc;

use config::{Config, FileError, Files};
use diag::{Diagnostic, Diagnostics};
use engine::GivenVariable;
use value::Value;

use crate::args::VarArgs;
use crate::exit::Reported;
use crate::files::DiskFiles;
use crate::session::Session;
use crate::world::RealWorld;

/// The codes of this module.
pub(crate) mod code {
    use diag::Code;

    /// See [`Code`].
    pub(crate) const UNREADABLE_FILE: Code = Code::new(
        "unreadable-variables-file",
        "Failed to read variables file",
        "A file of variables named on the command line is not there or cannot be read.",
    );
    /// See [`Code`].
    pub(crate) const INVALID_OPTION: Code = Code::new(
        "invalid-var-option",
        "Invalid -var option",
        "`-var` takes a name and a value with `=` between them: `-var 'name=value'`.",
    );
    /// See [`Code`].
    pub(crate) const NO_VALUE: Code = Code::new(
        "no-value-for-variable",
        "No value for required variable",
        "A variable without default needs a value: `-var`, a `.tfvars` file or `TF_VAR_name`.",
    );
    /// See [`Code`].
    pub(crate) const UNDECLARED: Code = Code::new(
        "undeclared-root-variable",
        "Value for undeclared variable",
        "A value was given to a variable that the root module does not declare.",
    );
}

const NO_REFERENCES: &str = "Values of variables are needed before anything else is known, so that they can only be constants.";

impl Session {
    /// The values given to root variables.
    pub(crate) fn variables(
        &mut self,
        config: &Config,
        args: &VarArgs,
        order: &[String],
        ask: bool,
    ) -> Result<BTreeMap<Arc<str>, GivenVariable>, Reported> {
        let mut diags = Diagnostics::new();
        // What cannot even be read is told first and alone: what is in it is not known.
        let mut unread = Diagnostics::new();
        let mut given = BTreeMap::new();
        for (name, text) in self.env.clone() {
            let Some(name) = name.strip_prefix("TF_VAR_") else {
                continue;
            };
            if config.root().variables.contains_key(name) {
                let n_errors = diags.n_errors();
                let source = format!("<value for var.{name}>");
                let value = self.parse_text(config, name, &text, &source, &mut diags);
                if diags.n_errors() > n_errors {
                    continue;
                }
                given.insert(
                    Arc::from(name),
                    GivenVariable {
                        value,
                        span: None,
                        source: format!("TF_VAR_{name}"),
                    },
                );
            }
        }
        let mut files: Vec<String> = Vec::new();
        let names = DiskFiles.list(".").unwrap_or_default();
        files.extend(
            ["terraform.tfvars", "terraform.tfvars.json"]
                .iter()
                .filter(|it| names.iter().any(|name| name == *it))
                .map(ToString::to_string),
        );
        files.extend(
            names
                .iter()
                .filter(|it| it.ends_with(".auto.tfvars") || it.ends_with(".auto.tfvars.json"))
                .cloned(),
        );
        let mut undeclared = 0;
        for file in files {
            self.read_values(
                &file,
                config,
                &mut given,
                &mut undeclared,
                &mut unread,
                &mut diags,
            );
        }
        for (at, is_file) in option_order(order, args) {
            if is_file {
                self.read_values(
                    &args.var_file[at],
                    config,
                    &mut given,
                    &mut undeclared,
                    &mut unread,
                    &mut diags,
                );
                continue;
            }
            let Some((name, text)) = args.var[at].split_once('=') else {
                unread.push(Diagnostic::error(
                    &code::INVALID_OPTION,
                    format!("The option -var needs a name and a value: -var 'name=value'. Given was {:?}, which has no equals sign.", args.var[at]),
                ));
                continue;
            };
            let name = name.trim_end();
            if !config.root().variables.contains_key(name) {
                let detail = format!(
                    "A value for \"{name}\" was given with -var, but the root module declares no such variable.{} Declare it with a variable block, or leave the option out.",
                    diag::suggest::did_you_mean(
                        name,
                        config.root().variables.keys().map(|it| &**it)
                    )
                );
                diags.push(
                    Diagnostic::error(&code::UNDECLARED, detail)
                        .titled("Value for undeclared variable"),
                );
                continue;
            }
            let n_errors = diags.n_errors();
            let source = format!("<value for var.{name}>");
            let value = self.parse_text(config, name, text, &source, &mut diags);
            if diags.n_errors() > n_errors {
                continue;
            }
            given.insert(
                Arc::from(name),
                GivenVariable {
                    value,
                    span: None,
                    source: "-var".to_owned(),
                },
            );
        }
        if unread.has_errors() {
            self.show(&unread);
            return Err(Reported);
        }
        diags.append(unread);
        if undeclared > 2 {
            diags.push(
                Diagnostic::warning(
                    &code::UNDECLARED,
                    format!("{} more values in files of variables name variables that the root module does not declare.", undeclared - 2),
                )
                .titled("Values for undeclared variables"),
            );
        }
        let missing: Vec<_> = config
            .root()
            .variables
            .iter()
            .filter(|(name, it)| it.default.is_none() && !given.contains_key(&**name))
            .collect();
        if diags.has_errors() {
            for (name, it) in missing {
                diags.push(
                    Diagnostic::error(
                        &code::NO_VALUE,
                        format!("The variable \"{name}\" has no default, so that it needs a value: -var '{name}=…', a line in a .tfvars file, or TF_VAR_{name}."),
                    )
                    .at(it.span),
                );
            }
            self.show(&diags);
            return Err(Reported);
        }
        self.pending.append(diags);
        let may_ask = self.may_ask(ask) && !self.json;
        let mut diags = Diagnostics::new();
        for (name, it) in missing.into_iter().filter(|_| may_ask) {
            let about = it.description.as_ref().map_or_else(String::new, |it| {
                format!("\n  {}", it.replace('\n', "\n  "))
            });
            let Some(text) = crate::ui::ask(&format!("var.{name}{about}"), self.style) else {
                continue;
            };
            let value = self.parse_text(
                config,
                name,
                &text,
                &format!("<value for var.{name}>"),
                &mut diags,
            );
            given.insert(
                name.clone(),
                GivenVariable {
                    value,
                    span: None,
                    source: "the prompt".to_owned(),
                },
            );
        }
        self.check(&diags)?;
        let values = given
            .iter()
            .map(|(name, it)| (name.clone(), it.value.clone()));
        self.given = Some(values.collect());
        Ok(given)
    }

    /// The values of root variables for what is needed before a plan: those that the command gathered, or else those
    /// that come by themselves (the environment, files), and defaults.
    pub(crate) fn values_of_variables(
        &mut self,
        config: &Config,
    ) -> Result<BTreeMap<Arc<str>, Value>, Reported> {
        if self.given.is_none() {
            // What there is to warn of is said by the command that plans.
            let pending = std::mem::take(&mut self.pending);
            let gathered = self.variables(config, &VarArgs::default(), &[], false);
            self.pending = pending;
            gathered?;
        }
        let mut res: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        for (name, it) in &config.root().variables {
            if let Some(default) = &it.default {
                res.insert(name.clone(), constant(default, &mut Diagnostics::new()));
            }
        }
        res.extend(self.given.clone().unwrap_or_default());
        Ok(res)
    }

    /// A text from the command line or environment as a value: the text itself for a variable of a primitive type (or
    /// none), an expression else.
    fn parse_text(
        &mut self,
        config: &Config,
        name: &str,
        text: &str,
        source: &str,
        diags: &mut Diagnostics,
    ) -> Value {
        let ty = config
            .root()
            .variables
            .get(name)
            .and_then(|it| it.ty.as_ref());
        let is_text = ty.is_none_or(|ty| {
            lang::types::type_constraint(ty, &mut Diagnostics::new())
                .0
                .is_primitive()
        });
        if is_text {
            return Value::string(text);
        }
        // The text stays out of messages: values of variables are secrets often enough.
        let id = self.sources.add(source, "");
        let n_errors = diags.n_errors();
        let expr = hcl::parse_expr(id, text, 0, diags);
        if diags.n_errors() > n_errors {
            return Value::dynamic();
        }
        constant(&expr, diags)
    }

    /// Reads a file of values: into `unread` what keeps it from being read, into `diags` what is wrong with the values.
    pub(crate) fn read_values(
        &mut self,
        file: &str,
        config: &Config,
        given: &mut BTreeMap<Arc<str>, GivenVariable>,
        undeclared: &mut usize,
        unread: &mut Diagnostics,
        diags: &mut Diagnostics,
    ) {
        let bytes = match DiskFiles.read(file) {
            Ok(bytes) => bytes,
            Err(FileError::NotFound) => {
                unread.push(Diagnostic::error(&code::UNREADABLE_FILE, format!("Given variables file {file} does not exist. Check the path; it is relative to the directory that the command works in.")));
                return;
            }
            Err(FileError::Other(reason)) => {
                unread.push(Diagnostic::error(
                    &code::UNREADABLE_FILE,
                    format!("The file {file} cannot be read: {reason}."),
                ));
                return;
            }
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        // A mistake in the file must not show the secrets beside it.
        let may_be_secret = config
            .root()
            .variables
            .iter()
            .any(|(name, it)| it.sensitive && text.contains(&**name));
        let id = if may_be_secret {
            self.sources.add_masked(file, &text)
        } else {
            self.sources.add(file, text.clone())
        };
        let mut is_secret = false;
        for (name, expr) in config::values::parse(id, &text, file.ends_with(".json"), unread) {
            if !config.root().variables.contains_key(name.name.as_str()) {
                *undeclared += 1;
                if *undeclared <= 2 {
                    diags.push(
                        Diagnostic::warning(
                            &code::UNDECLARED,
                            format!(
                                "The file {file} gives a value to \"{}\", but the root module declares no such variable.{} Declare it, or remove the value.",
                                name.name,
                                diag::suggest::did_you_mean(&name.name, config.root().variables.keys().map(|it| &**it))
                            ),
                        )
                    );
                }
                continue;
            }
            let declared = config.root().variables.get(name.name.as_str());
            is_secret |= declared.is_some_and(|it| it.sensitive);
            let value = constant(&expr, diags);
            given.insert(
                Arc::from(name.name.as_str()),
                GivenVariable {
                    value,
                    span: Some(expr.span),
                    source: file.to_owned(),
                },
            );
        }
        if is_secret {
            self.warn_if_readable(std::path::Path::new(file), "a file of variables");
        }
    }
}

/// The value of an expression in which nothing can be named.
pub(crate) fn constant(expr: &hcl::Expr, diags: &mut Diagnostics) -> Value {
    let n_errors = diags.n_errors();
    lang::refs::traversals(expr, &mut |it| {
        diags.push(
            Diagnostic::error(&lang::scope::code::VARIABLES_NOT_ALLOWED, NO_REFERENCES)
                .at(it.root.span),
        );
    });
    if diags.n_errors() > n_errors {
        return Value::dynamic();
    }
    let world = RealWorld {
        plan_time: None,
        applying: false,
    };
    lang::eval(
        expr,
        &lang::scope::Nothing {
            world: &world,
            reason: NO_REFERENCES,
        },
        diags,
    )
}

/// The constant attributes of a body (a backend block).
pub(crate) fn constants(body: &hcl::Body, diags: &mut Diagnostics) -> BTreeMap<String, Value> {
    body.attributes
        .iter()
        .map(|it| (it.name.name.to_string(), constant(&it.expr, diags)))
        .collect()
}

/// `-var` and `-var-file` in the order of the command line: positions in the two lists.
fn option_order(order: &[String], args: &VarArgs) -> Vec<(usize, bool)> {
    let mut res: Vec<(usize, bool)> = Vec::new();
    let (mut n_vars, mut n_files) = (0, 0);
    for arg in order {
        if arg == "--var" || arg.starts_with("--var=") {
            res.push((n_vars, false));
            n_vars += 1;
        } else if arg == "--var-file" || arg.starts_with("--var-file=") {
            res.push((n_files, true));
            n_files += 1;
        }
    }
    res.retain(|(at, is_file)| {
        *at < if *is_file {
            args.var_file.len()
        } else {
            args.var.len()
        }
    });
    // What came from elsewhere (a value that looks like an option) is not lost.
    let missing = |is_file: bool, n: usize, len: usize| (n..len).map(move |at| (at, is_file));
    res.extend(missing(
        true,
        n_files.min(args.var_file.len()),
        args.var_file.len(),
    ));
    res.extend(missing(false, n_vars.min(args.var.len()), args.var.len()));
    res
}
