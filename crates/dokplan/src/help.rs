//! What a command takes, from its definition in `args`: the text of `-help` and the page of the reference.
//!
//! Laid out as Terraform lays out its help (usage, what it does, options with one dash), in our own words.

use clap::{Arg, ArgAction, Command};

use crate::args::definition;

/// The commands of everyday work, which stand first.
const MAIN: [&str; 5] = ["init", "validate", "plan", "apply", "destroy"];

/// The width of a line of help.
const WIDTH: usize = 80;

/// The help of a command by its path (`["state", "mv"]`), or of the whole for an empty path. What does not lead to a
/// command is left aside.
pub(crate) fn text(path: &[String]) -> String {
    let (mut command, mut names) = (definition(), Vec::new());
    for name in path {
        let Some(sub) = command.find_subcommand(name) else {
            break;
        };
        command = sub;
        names.push(name.as_str());
    }
    let mut res = format!("Usage: {}\n\n", usage(command, &names));
    res += &paragraph(&about(command), "  ");
    let subcommands: Vec<&Command> = command.get_subcommands().collect();
    if names.is_empty() {
        let (main, other): (Vec<&Command>, Vec<&Command>) = subcommands
            .into_iter()
            .partition(|it| MAIN.contains(&it.get_name()));
        res += &section("Main commands:", main.into_iter().map(row_of_command));
        res += &section("All other commands:", other.into_iter().map(row_of_command));
        res += &section(
            "Global options (use these before the command):",
            options(command).chain([help_row()]),
        );
    } else {
        res += &section("Subcommands:", subcommands.into_iter().map(row_of_command));
        res += &section(
            "Arguments:",
            positionals(command).map(|it| (placeholder(it), help_of(it))),
        );
        res += &section("Options:", options(command));
    }
    if let Some(after) = command.get_after_help() {
        res += "\n";
        res += &paragraph(&after.to_string(), "  ");
    }
    res
}

/// The usage line, without `Usage:`.
fn usage(command: &Command, names: &[&str]) -> String {
    let mut res = "dokplan [global options]".to_owned();
    for name in names {
        res += " ";
        res += name;
    }
    if command.get_subcommands().next().is_some() {
        res += if command.is_subcommand_required_set() || names.is_empty() {
            " <subcommand> [args]"
        } else {
            " [options] [subcommand]"
        };
    } else if options(command).next().is_some() {
        res += " [options]";
    }
    for it in positionals(command) {
        let name = placeholder(it);
        res += &match (it.is_required_set(), takes_many(it)) {
            (true, true) => format!(" {name}..."),
            (true, false) => format!(" {name}"),
            (false, true) => format!(" [{name}...]"),
            (false, false) => format!(" [{name}]"),
        };
    }
    res
}

fn takes_many(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Append)
}

fn about(command: &Command) -> String {
    let res = command
        .get_long_about()
        .or_else(|| command.get_about())
        .map(ToString::to_string)
        .unwrap_or_default();
    sentence(&res)
}

/// With a full stop, which the definitions lose on the way.
fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', ')', ':']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

fn help_of(arg: &Arg) -> String {
    let res = arg
        .get_long_help()
        .or_else(|| arg.get_help())
        .map(ToString::to_string)
        .unwrap_or_default();
    let default = arg
        .get_default_values()
        .iter()
        .map(|it| it.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ");
    if default.is_empty() || matches!(arg.get_action(), ArgAction::SetTrue) {
        sentence(&res)
    } else {
        format!("{} Default: {default}.", sentence(&res))
    }
}

fn placeholder(arg: &Arg) -> String {
    arg.get_value_names()
        .and_then(<[_]>::first)
        .map(ToString::to_string)
        .unwrap_or_default()
        .to_uppercase()
}

fn positionals(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_positionals().filter(|it| !it.is_hide_set())
}

/// The options of a command and what each means.
fn options(command: &Command) -> impl Iterator<Item = (String, String)> {
    command.get_arguments().filter_map(|it| {
        let name = it.get_long().filter(|_| !it.is_hide_set())?;
        let value = placeholder(it);
        let flag = match it.get_action() {
            ArgAction::SetTrue => format!("-{name}"),
            _ if it.get_num_args().is_some_and(|it| it.min_values() == 0) => {
                if value == "BOOL" {
                    format!("-{name}={value}")
                } else {
                    format!("-{name}[={value}]")
                }
            }
            _ => format!("-{name}={value}"),
        };
        Some((flag, help_of(it)))
    })
}

fn help_row() -> (String, String) {
    (
        "-help".to_owned(),
        "Show this, or the help of the command.".to_owned(),
    )
}

fn row_of_command(command: &Command) -> (String, String) {
    let about = command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default();
    (command.get_name().to_owned(), sentence(&about))
}

fn section(title: &str, rows: impl Iterator<Item = (String, String)>) -> String {
    let rows: Vec<(String, String)> = rows.collect();
    if rows.is_empty() {
        return String::new();
    }
    let widest = rows
        .iter()
        .map(|(name, _)| name.chars().count())
        .filter(|it| *it <= 24)
        .max()
        .unwrap_or(0);
    let mut res = format!("\n{title}\n\n");
    let indent = " ".repeat(widest + 4);
    for (name, help) in rows {
        let lines = wrap(&help, WIDTH - indent.len());
        let mut lines = lines.iter();
        let first = if name.chars().count() > widest {
            res += &format!("  {name}\n");
            None
        } else {
            lines.next().map(|it| format!("  {name:<widest$}  {it}\n"))
        };
        res += &first.unwrap_or_default();
        for line in lines {
            res += &format!("{indent}{line}\n");
        }
    }
    res
}

fn paragraph(text: &str, indent: &str) -> String {
    text.lines()
        .flat_map(|it| {
            let lines = wrap(it, WIDTH - indent.len());
            if lines.is_empty() {
                vec![String::new()]
            } else {
                lines
            }
        })
        .map(|it| format!("{indent}{it}").trim_end().to_owned() + "\n")
        .collect()
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut res: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match res.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => res.push(word.to_owned()),
        }
    }
    res
}

/// The page of the reference: every command with its arguments and options.
#[cfg(test)]
fn page() -> String {
    let root = definition();
    let mut res = String::from(
        "# Commands\n\n\
        Generated from the definitions in `crates/dokplan/src/args.rs`; `UPDATE_DOCS=1 cargo test -p dokplan help` writes it anew.\n\
        `dokplan COMMAND -help` shows the same on a terminal.\n\n\
        Options are written with one dash or two. A switch (no value named here) takes `=true` and `=false` too; where an option\n\
        stands twice, the last counts, except for those that gather (`-var`, `-var-file`, `-target`, `-replace`, `-exclude`,\n\
        `-backend-config`, `-filter`, `-platform`, `-plugin-dir`).\n\n\
        ## Exit codes\n\n\
        | code | meaning |\n|---|---|\n\
        | 0 | done |\n\
        | 1 | an error, which was told; a command line that cannot be read |\n\
        | 2 | `plan -detailed-exitcode`: there are changes; `fmt`: a file cannot be read or parsed |\n\
        | 3 | `fmt -check`: files are not laid out as they should be |\n\
        | 127 | no command was named |\n\n",
    );
    res += "## Global options\n\nBefore the command.\n\n";
    res += &table(options(root).chain([help_row()]));
    for command in root.get_subcommands() {
        describe(command, &[], &mut res);
    }
    res.trim_end().to_owned() + "\n"
}

#[cfg(test)]
fn describe(command: &Command, outer: &[&str], res: &mut String) {
    let mut names = outer.to_vec();
    names.push(command.get_name());
    let usage = usage(command, &names).replace(" [global options]", "");
    *res += &format!(
        "{} {}\n\n`{usage}`\n\n{}\n\n",
        "#".repeat(names.len() + 1),
        names.join(" "),
        about(command)
    );
    let arguments = positionals(command).map(|it| (placeholder(it), help_of(it)));
    let rows: Vec<(String, String)> = arguments.chain(options(command)).collect();
    if !rows.is_empty() {
        *res += &table(rows.into_iter());
    }
    if let Some(after) = command.get_after_help() {
        *res += &format!("{after}\n\n");
    }
    for sub in command.get_subcommands() {
        describe(sub, &names, res);
    }
}

#[cfg(test)]
fn table(rows: impl Iterator<Item = (String, String)>) -> String {
    let rows: String = rows
        .map(|(name, help)| format!("| `{name}` | {} |\n", help.replace('|', "\\|")))
        .collect();
    format!("| | |\n|---|---|\n{rows}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_is_of_the_command_that_is_named() {
        let path =
            |names: &[&str]| -> Vec<String> { names.iter().map(ToString::to_string).collect() };
        assert!(text(&[]).starts_with("Usage: dokplan [global options] <subcommand> [args]\n"));
        let mv = text(&path(&["state", "mv", "terraform_data.a"]));
        assert!(mv.starts_with(
            "Usage: dokplan [global options] state mv [options] SOURCE DESTINATION\n"
        ));
        assert!(mv.contains("\n  -dry-run"));
        assert!(!mv.contains("--"));
        let apply = text(&path(&["apply"]));
        assert!(apply.contains("apply [options] [PLAN]\n"), "{apply}");
        assert!(apply.contains("  -lock=BOOL"), "{apply}");
    }

    #[test]
    fn no_line_of_help_is_too_wide() {
        fn walk(command: &Command, path: &mut Vec<String>) {
            for line in text(path).lines() {
                assert!(line.chars().count() <= WIDTH, "{path:?}: {line}");
            }
            for sub in command.get_subcommands() {
                path.push(sub.get_name().to_owned());
                walk(sub, path);
                path.pop();
            }
        }
        walk(definition(), &mut Vec::new());
    }

    #[test]
    fn the_reference_has_every_command() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../docs/reference/commands.md"
        );
        let page = page();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, &page).unwrap();
        }
        assert!(
            std::fs::read_to_string(path).unwrap_or_default() == page,
            "UPDATE_DOCS=1 cargo test -p dokplan help writes docs/reference/commands.md anew"
        );
    }
}
