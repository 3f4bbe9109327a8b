//! What is said about a command line that cannot be read: each command in the manner that scripts know from Terraform,
//! that is on the same stream, under the same title and with the same exit code.

use clap::Command;
use clap::error::{ContextKind, ErrorKind};
use diag::Diagnostic;

use crate::args::definition;
use crate::exit::Exit;
use crate::{help, ui};

mod code {
    use diag::Code;

    /// See [`Code`].
    pub(crate) const FLAGS: Code = Code::new(
        "command-line-flags",
        "Failed to parse command-line flags",
        "An option of the command line is unknown to the command, lacks its value, or has one that it cannot take. `dokplan COMMAND -help` lists them.",
    );
    /// See [`Code`].
    pub(crate) const TOO_MANY: Code = Code::new(
        "too-many-arguments",
        "Too many command line arguments",
        "The command takes fewer arguments. Another directory is named with -chdir, before the command.",
    );
    /// See [`Code`].
    pub(crate) const TOO_FEW: Code = Code::new(
        "too-few-arguments",
        "Missing command line argument",
        "The command needs an argument that is not there. `dokplan COMMAND -help` names them.",
    );
    /// See [`Code`].
    pub(crate) const NO_DIRECTORY: Code = Code::new(
        "no-output-directory",
        "No output directory specified",
        "`providers mirror` needs the directory to write to, and nothing else.",
    );
}

/// How a command says that an option is wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flags {
    /// As an error with a title.
    Titled,
    /// In a line after the help, all on standard error.
    AfterHelp,
    /// In a line on standard error, the help on standard output.
    HelpApart,
    /// In a line.
    Alone,
}

/// How a command says that arguments are missing, or too many.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Arguments {
    /// As an error with a title.
    Titled,
    /// In a line before the help, all on standard error.
    WithHelp,
    /// In a line on standard error, the help on standard output.
    HelpApart,
    /// In a line that says where a directory is named.
    Chdir,
}

/// The commands with manners of their own; all others have titles. Observed with Terraform 1.11.4.
const MANNERS: &[(&str, Flags, Arguments)] = &[
    ("console", Flags::AfterHelp, Arguments::Chdir),
    ("fmt", Flags::AfterHelp, Arguments::Titled),
    ("force-unlock", Flags::AfterHelp, Arguments::HelpApart),
    ("get", Flags::AfterHelp, Arguments::Chdir),
    ("graph", Flags::AfterHelp, Arguments::Chdir),
    ("import", Flags::AfterHelp, Arguments::WithHelp),
    ("login", Flags::AfterHelp, Arguments::WithHelp),
    ("logout", Flags::AfterHelp, Arguments::WithHelp),
    ("metadata functions", Flags::AfterHelp, Arguments::WithHelp),
    ("providers", Flags::AfterHelp, Arguments::Chdir),
    ("providers lock", Flags::AfterHelp, Arguments::Titled),
    ("providers mirror", Flags::AfterHelp, Arguments::Titled),
    ("providers schema", Flags::AfterHelp, Arguments::WithHelp),
    ("state list", Flags::HelpApart, Arguments::HelpApart),
    ("state mv", Flags::Alone, Arguments::HelpApart),
    ("state pull", Flags::Alone, Arguments::HelpApart),
    ("state push", Flags::Alone, Arguments::HelpApart),
    (
        "state replace-provider",
        Flags::HelpApart,
        Arguments::HelpApart,
    ),
    ("state rm", Flags::Alone, Arguments::HelpApart),
    ("state show", Flags::Alone, Arguments::HelpApart),
    ("taint", Flags::AfterHelp, Arguments::WithHelp),
    ("untaint", Flags::AfterHelp, Arguments::WithHelp),
    ("version", Flags::AfterHelp, Arguments::Titled),
    ("workspace delete", Flags::AfterHelp, Arguments::HelpApart),
    ("workspace list", Flags::AfterHelp, Arguments::Chdir),
    ("workspace new", Flags::AfterHelp, Arguments::HelpApart),
    ("workspace select", Flags::AfterHelp, Arguments::HelpApart),
    ("workspace show", Flags::AfterHelp, Arguments::Chdir),
];

/// Says what is wrong with the command line, and where help is; gives the exit code.
pub(crate) fn report(error: &clap::Error, args: &[String]) -> u8 {
    let root = definition();
    let path = path(args);
    let name = path.join(" ");
    let context = |kind: ContextKind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let invalid = context(ContextKind::InvalidArg);
    let manner = MANNERS.iter().find(|it| it.0 == name);
    let flags = manner.map_or(Flags::Titled, |it| it.1);
    let arguments = manner.map_or(Arguments::Titled, |it| it.2);
    let command = command(&path);
    match error.kind() {
        ErrorKind::InvalidSubcommand if path.is_empty() => {
            let name = context(ContextKind::InvalidSubcommand);
            let known = root.get_subcommands().map(Command::get_name);
            ui::err(&format!(
                "dokplan has no command named {name:?}.{}\n\nAll commands are listed by:\n  dokplan -help\n\n",
                diag::suggest::did_you_mean(&name, known)
            ));
            return Exit::Failure.code();
        }
        // Without a command, whatever else is there.
        _ if path.is_empty() && positional(args).is_none() => {
            ui::out(&help::text(&[]));
            return Exit::NoCommand.code();
        }
        // A command that is nothing without another.
        _ if command.is_subcommand_required_set() => ui::out(&help::text(&path)),
        ErrorKind::MissingRequiredArgument => {
            let names = needed(command);
            let detail = format!("This command needs {names}.");
            complain(args, &path, arguments, &code::TOO_FEW, detail);
        }
        ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand if !invalid.starts_with('-') => {
            let word = if invalid.is_empty() {
                context(ContextKind::InvalidSubcommand)
            } else {
                invalid
            };
            let detail = match needed(command) {
                it if it.is_empty() => format!("The argument {word:?} is one too many."),
                it => format!("The argument {word:?} is one too many: this command takes {it}."),
            };
            complain(args, &path, arguments, &code::TOO_MANY, detail);
        }
        kind => {
            let detail = wrong_flag(
                kind,
                &invalid,
                &context(ContextKind::InvalidValue),
                command,
                args,
                error,
            );
            match flags {
                Flags::Titled => titled(args, &path, &code::FLAGS, detail),
                Flags::AfterHelp => {
                    ui::err(&format!("{}{FLAGS_LINE}{detail}\n", help::text(&path)));
                }
                Flags::HelpApart => {
                    ui::err(&format!("{FLAGS_LINE}{detail}\n"));
                    ui::out(&help::text(&path));
                }
                Flags::Alone => ui::err(&format!("{FLAGS_LINE}{detail}\n")),
            }
        }
    }
    Exit::Failure.code()
}

/// How such a line begins, by which programs know it.
const FLAGS_LINE: &str = "Error parsing command-line flags: ";

/// The commands that are named, outermost first.
pub(crate) fn path(args: &[String]) -> Vec<String> {
    let mut at = definition();
    let mut res = Vec::new();
    for arg in args.iter().skip(1).filter(|it| !it.starts_with('-')) {
        let Some(sub) = at.find_subcommand(arg) else {
            break;
        };
        res.push(arg.clone());
        at = sub;
    }
    res
}

/// The command that a path leads to; the whole where it leads to none.
pub(crate) fn command(path: &[String]) -> &'static Command {
    let root = definition();
    let found = path.iter().try_fold(root, |at, it| at.find_subcommand(it));
    found.unwrap_or(root)
}

/// Whether help is asked for: by `-help` anywhere, as the reference has it. A command that does not exist has none.
pub(crate) fn asks_for_help(args: &[String]) -> bool {
    let asked = args
        .iter()
        .skip(1)
        .take_while(|it| *it != "--")
        .any(|it| matches!(it.as_str(), "-h" | "-help" | "--help"));
    asked && (positional(args).is_none() || !path(args).is_empty())
}

/// The first word that is no option.
fn positional(args: &[String]) -> Option<&String> {
    args.iter().skip(1).find(|it| !it.starts_with('-'))
}

/// The arguments that a command takes, in words.
fn needed(command: &Command) -> String {
    let names: Vec<String> = command
        .get_positionals()
        .filter(|it| !it.is_hide_set())
        .map(|it| {
            let name = it.get_id().as_str().to_uppercase();
            match (it.is_required_set(), it.get_action()) {
                (true, clap::ArgAction::Append) => format!("at least one {name}"),
                (true, _) => name,
                (false, _) => format!("[{name}]"),
            }
        })
        .collect();
    match names.as_slice() {
        [] => String::new(),
        [one] if one.starts_with("at least") => one.clone(),
        [one] => format!("one argument, {one}"),
        many => format!("two arguments, {}", many.join(" and ")),
    }
}

/// What is wrong with an option.
fn wrong_flag(
    kind: ErrorKind,
    invalid: &str,
    value: &str,
    command: &Command,
    args: &[String],
    error: &clap::Error,
) -> String {
    let name = invalid
        .trim_start_matches('-')
        .split([' ', '=', '['])
        .next()
        .unwrap_or_default();
    let is_switch = command
        .get_arguments()
        .chain(definition().get_arguments())
        .find(|it| it.get_long() == Some(name))
        .is_some_and(|it| {
            matches!(it.get_action(), clap::ArgAction::SetTrue)
                || it.get_num_args().is_some_and(|it| it.min_values() == 0)
        });
    match kind {
        ErrorKind::UnknownArgument => {
            // An option that no command has is seen letter by letter: what was written is in the arguments.
            let written = args
                .iter()
                .find(|it| it.starts_with(invalid))
                .map_or(invalid, String::as_str);
            let name = written
                .trim_start_matches('-')
                .split('=')
                .next()
                .unwrap_or_default();
            let known = command.get_arguments().filter_map(|it| it.get_long());
            let meant = diag::suggest::nearest(name, known)
                .map_or_else(String::new, |it| format!(" Did you mean -{it}?"));
            format!("this command has no option -{name}.{meant}")
        }
        ErrorKind::InvalidValue if value.is_empty() => {
            format!("the option -{name} needs a value: -{name}=VALUE.")
        }
        ErrorKind::TooManyValues | ErrorKind::InvalidValue if is_switch => {
            format!(
                "the option -{name} is a switch and cannot be {value:?}: write -{name}=true or -{name}=false."
            )
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation | ErrorKind::TooManyValues => {
            let reason =
                std::error::Error::source(error).map_or_else(String::new, |it| format!(": {it}"));
            format!("the option -{name} cannot be {value:?}{reason}.")
        }
        _ => {
            let text = error.render().to_string().replace("--", "-");
            let reason = text
                .strip_prefix("error: ")
                .unwrap_or(&text)
                .split("\n\n")
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned();
            format!("{reason}.")
        }
    }
}

/// Says that arguments are missing or too many.
fn complain(
    args: &[String],
    path: &[String],
    manner: Arguments,
    code: &'static diag::Code,
    detail: String,
) {
    let help = || help::text(path);
    match manner {
        Arguments::Titled => {
            let code = match path.join(" ").as_str() {
                "providers mirror" => &code::NO_DIRECTORY,
                _ => code,
            };
            titled(args, path, code, detail);
        }
        Arguments::WithHelp => ui::err(&format!("{detail}\n{}", help())),
        Arguments::HelpApart => {
            ui::err(&format!("{detail}\n"));
            ui::out(&help());
        }
        Arguments::Chdir => ui::err(&format!(
            "{}. Did you mean to use -chdir? {detail}\n",
            code.title
        )),
    }
}

/// An error with a title, in the stream of JSON messages where there is one.
fn titled(args: &[String], path: &[String], code: &'static diag::Code, detail: String) {
    let name = path.join(" ");
    let streams = ["plan", "apply", "destroy", "refresh", "init"];
    let json = streams.contains(&name.as_str()) && args.iter().any(|it| it == "--json");
    let detail = view::style::capitalized(&detail);
    if json {
        ui::json_version();
        let time = crate::world::now_micros();
        let diags = Diagnostic::error(code, detail).into();
        for it in view::json::events::diagnostics(&diags, &diag::SourceMap::new(), &time) {
            ui::json_line(&it);
        }
        return;
    }
    let title = match (name.as_str(), code.id) {
        ("init", "too-many-arguments") => format!("{}. Did you mean to use -chdir?", code.title),
        ("output", "too-many-arguments") => "Unexpected argument".to_owned(),
        _ => code.title.to_owned(),
    };
    ui::err(&format!("\nError: {title}\n\n{detail}\n"));
    if !(name == "init" && code.id == "too-many-arguments") {
        ui::err(&format!(
            "\nFor more help on using this command, run:\n  dokplan {name} -help\n"
        ));
    }
}
