//! Completion in shells: what may stand where the cursor is, and the lines by which a shell asks.
//!
//! The shell calls dokplan with the line so far in `COMP_LINE` (bash's `complete -C`, which zsh has too; fish by a
//! function). Commands and options come from their definitions, workspaces from the directory, addresses from the state.
//! Nothing is asked over a network, and what cannot be read completes to nothing.

use std::path::{Path, PathBuf};

use clap::{ArgAction, Command};

use crate::exit::{Exit, Outcome, Reported};
use crate::session::Session;
use crate::ui;

/// What completes a word.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    /// One of these.
    Words(Vec<String>),
    /// The name of a workspace.
    Workspaces,
    /// An address in the state, after what stands before it in the word.
    Addresses(String),
}

/// Answers the shell if it is the shell that asks.
pub(crate) fn answer(args: &[String], env: &dyn Fn(&str) -> Option<String>) -> Option<u8> {
    let line = env("COMP_LINE")?;
    let end = env("COMP_POINT")
        .and_then(|it| it.parse().ok())
        .filter(|it| line.is_char_boundary(*it))
        .unwrap_or(line.len());
    let line = line.get(..end)?;
    let mut words = crate::args::shell_words(line);
    let last = if line.ends_with(char::is_whitespace) {
        String::new()
    } else {
        words.pop().unwrap_or_default()
    };
    ui::silence();
    let found = match wanted(&words, &last) {
        Wanted::Words(it) => it,
        Wanted::Workspaces => known(&words, workspaces),
        Wanted::Addresses(before) => known(&words, addresses)
            .into_iter()
            .map(|it| format!("{before}{it}"))
            .collect(),
    };
    // bash breaks words at `=` and `:` too, and gives what it takes for the word: what stands before it is not wanted.
    let word = args.get(2).filter(|_| args.len() == 4);
    let given = word.map_or(0, |it| {
        let written = it.trim_start_matches(['\'', '"']);
        last.len().saturating_sub(written.len())
    });
    for it in found.iter().filter(|it| it.starts_with(&last)) {
        let rest = it.get(given..).unwrap_or(it);
        ui::out(&format!(
            "{}\n",
            if word.is_some() {
                quoted(rest)
            } else {
                rest.to_owned()
            }
        ));
    }
    Some(Exit::Success.code())
}

/// As one word of a shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "._-/=:@+,".contains(c);
    if text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// What completes the last word of a line.
fn wanted(words: &[String], last: &str) -> Wanted {
    let path = crate::usage::path(words);
    let command = crate::usage::command(&path);
    let option = |word: &str| {
        let name = word.trim_start_matches('-');
        command
            .get_arguments()
            .find(|it| word.starts_with('-') && it.get_long() == Some(name))
    };
    let takes_value = |word: &String| {
        option(word).is_some_and(|it| {
            !matches!(it.get_action(), ArgAction::SetTrue)
                && it.get_num_args().is_none_or(|it| it.min_values() > 0)
        })
    };
    if last.starts_with('-') {
        return match last.split_once('=') {
            Some((name, _)) if is_address(name) => Wanted::Addresses(format!("{name}=")),
            _ => Wanted::Words(options(command, last)),
        };
    }
    if let Some(before) = words.last().filter(|it| takes_value(it)) {
        return if is_address(before) {
            Wanted::Addresses(String::new())
        } else {
            Wanted::Words(Vec::new())
        };
    }
    let mut names: Vec<String> = command
        .get_subcommands()
        .filter(|it| !it.is_hide_set())
        .map(|it| it.get_name().to_owned())
        .collect();
    names.sort();
    if !names.is_empty() {
        return Wanted::Words(names);
    }
    let mut given = 0;
    let mut is_value = false;
    for word in words.iter().skip(1) {
        if !is_value && !word.starts_with('-') {
            given += 1;
        }
        is_value = takes_value(word);
    }
    let given = given - path.len().min(given);
    match (path.join(" ").as_str(), given) {
        ("state list" | "state rm", _)
        | ("state show" | "taint" | "untaint", 0)
        | ("state mv", 0 | 1) => Wanted::Addresses(String::new()),
        ("workspace select" | "workspace delete", 0) => Wanted::Workspaces,
        _ => Wanted::Words(Vec::new()),
    }
}

/// Whether the value of an option is an address in the state.
fn is_address(option: &str) -> bool {
    matches!(
        option.trim_start_matches('-'),
        "target" | "replace" | "exclude"
    )
}

/// The options of a command, with as many dashes as were typed.
fn options(command: &Command, last: &str) -> Vec<String> {
    let dashes = if last.starts_with("--") { "--" } else { "-" };
    let mut res: Vec<String> = command
        .get_arguments()
        .filter(|it| !it.is_hide_set())
        .flat_map(|it| {
            let Some(name) = it.get_long() else {
                return Vec::new();
            };
            let is_switch = it.get_default_values().iter().any(|it| it == "true");
            if is_switch {
                vec![
                    format!("{dashes}{name}=false"),
                    format!("{dashes}{name}=true"),
                ]
            } else if name == "chdir" {
                vec![format!("{dashes}{name}=")]
            } else {
                vec![format!("{dashes}{name}")]
            }
        })
        .collect();
    res.push(format!("{dashes}help"));
    res.sort();
    res
}

/// What is read in the directory that the line names; nothing where it cannot be.
fn known(words: &[String], read: fn(&mut Session) -> Result<Vec<String>, Reported>) -> Vec<String> {
    let directory = words
        .iter()
        .find_map(|it| it.trim_start_matches('-').strip_prefix("chdir="));
    if let Some(directory) = directory
        && std::env::set_current_dir(directory).is_err()
    {
        return Vec::new();
    }
    let cwd = std::env::current_dir()
        .map(|it| it.to_string_lossy().into_owned())
        .unwrap_or_default();
    read(&mut Session::new(cwd, false)).unwrap_or_default()
}

fn workspaces(session: &mut Session) -> Result<Vec<String>, Reported> {
    crate::commands::workspaces(session)
}

fn addresses(session: &mut Session) -> Result<Vec<String>, Reported> {
    let snapshot = session.plain_state(None)?;
    let mut res: Vec<String> = snapshot
        .state
        .instances()
        .map(|(addr, _, _)| addr.to_string())
        .collect();
    res.dedup();
    Ok(res)
}

mod code {
    use diag::Code;

    /// See [`Code`].
    pub(crate) const AUTOCOMPLETE: Code = Code::new(
        "autocomplete",
        "Completion cannot be installed",
        "`-install-autocomplete` writes a line into the start-up file of a shell, which must be there: ~/.bashrc, ~/.zshrc, or the directory ~/.config/fish.",
    );
}

/// A shell that can be taught.
struct Shell {
    file: PathBuf,
    text: String,
    /// Whether the file is ours as a whole.
    whole: bool,
}

/// The shells whose start-up files are there.
fn shells(home: &Path, program: &str) -> Vec<Shell> {
    let ask = format!(
        "complete -o default -C {} dokplan",
        quoted(&quoted(program))
    );
    let mut res = Vec::new();
    let bash = [".bashrc", ".bash_profile", ".bash_login", ".profile"];
    res.extend(
        bash.iter()
            .map(|it| home.join(it))
            .find(|it| it.is_file())
            .map(|file| Shell {
                file,
                text: format!("{ask}\n"),
                whole: false,
            }),
    );
    let zsh = home.join(".zshrc");
    if zsh.is_file() {
        res.push(Shell {
            file: zsh,
            text: format!("autoload -U +X bashcompinit && bashcompinit && {ask}\n"),
            whole: false,
        });
    }
    let fish = home.join(".config/fish");
    if fish.is_dir() {
        res.push(Shell {
            file: fish.join("completions/dokplan.fish"),
            text: format!(
                "function __dokplan_complete\n    set -lx COMP_LINE (commandline -cp)\n    {}\nend\ncomplete -c dokplan -f -a '(__dokplan_complete)'\n",
                quoted(program)
            ),
            whole: true,
        });
    }
    res
}

/// Whether a line of a start-up file is one of ours.
fn is_ours(line: &str) -> bool {
    let line = line.trim();
    line.contains("complete -o default -C ") && line.ends_with(" dokplan")
}

/// Adds completion to the shells of the user, or takes it away; says what was changed where.
pub(crate) fn install(session: &mut Session, add: bool) -> Outcome {
    let Some(home) = session.var("HOME").map(PathBuf::from) else {
        return refuse(
            session,
            "HOME is not set, so that start-up files of shells cannot be found.".to_owned(),
        );
    };
    let program = match std::env::current_exe() {
        Ok(it) => it.to_string_lossy().into_owned(),
        Err(error) => {
            return refuse(
                session,
                format!("The path of dokplan cannot be found: {error}."),
            );
        }
    };
    let shells = shells(&home, &program);
    if shells.is_empty() {
        let detail = format!(
            "There is no start-up file of a shell in {}: no .bashrc, .bash_profile, .bash_login, .profile or .zshrc, and no .config/fish. Make the one of your shell, empty, and try again.",
            home.display()
        );
        return refuse(session, detail);
    }
    for shell in shells {
        let path = shell.file.display().to_string();
        let before = match std::fs::read_to_string(&shell.file) {
            Ok(it) => it,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return refuse(session, format!("{path} cannot be read: {error}.")),
        };
        let after = changed(&before, &shell, add);
        if after == before {
            let state = if add {
                "has completion already"
            } else {
                "has no completion"
            };
            ui::out(&format!("{path} {state}.\n"));
            continue;
        }
        if let Err(error) = written(&shell, &after) {
            return refuse(session, format!("{path} cannot be written: {error}."));
        }
        if add {
            let text: String = shell.text.lines().map(|it| format!("  {it}\n")).collect();
            ui::out(&format!("Added to {path}:\n{text}"));
        } else {
            ui::out(&format!("Removed from {path}.\n"));
        }
    }
    if add {
        ui::out("Shells that are started from now on complete dokplan.\n");
    }
    Ok(Exit::Success)
}

fn refuse<T>(session: &Session, detail: String) -> Result<T, Reported> {
    session.fail(diag::Diagnostic::error(&code::AUTOCOMPLETE, detail))
}

/// The text of a start-up file with our lines, once, or without.
fn changed(before: &str, shell: &Shell, add: bool) -> String {
    if shell.whole {
        return if add {
            shell.text.clone()
        } else {
            String::new()
        };
    }
    if add && before.lines().any(|it| it == shell.text.trim_end()) {
        return before.to_owned();
    }
    let mut res: String = before
        .split_inclusive('\n')
        .filter(|it| !is_ours(it))
        .collect();
    if add {
        if !res.is_empty() && !res.ends_with('\n') {
            res.push('\n');
        }
        res.push_str(&shell.text);
    }
    res
}

fn written(shell: &Shell, text: &str) -> std::io::Result<()> {
    if shell.whole && text.is_empty() {
        return std::fs::remove_file(&shell.file);
    }
    if let Some(directory) = shell.file.parent() {
        std::fs::create_dir_all(directory)?;
    }
    // In place: a start-up file may be a link, and keeps its owner and mode.
    std::fs::write(&shell.file, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &Wanted) {
        let mut words = crate::args::shell_words(line);
        let last = if line.ends_with(' ') {
            String::new()
        } else {
            words.pop().unwrap()
        };
        let res = match wanted(&words, &last) {
            Wanted::Words(it) => {
                Wanted::Words(it.into_iter().filter(|it| it.starts_with(&last)).collect())
            }
            other => other,
        };
        assert_eq!(&res, expected, "{line}");
    }

    fn words(list: &[&str]) -> Wanted {
        Wanted::Words(list.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn commands_and_options() {
        check("dokplan pl", &words(&["plan"]));
        check("dokplan -chdir=x pl", &words(&["plan"]));
        check("dokplan workspace s", &words(&["select", "show"]));
        check(
            "dokplan plan -de",
            &words(&["-destroy", "-detailed-exitcode"]),
        );
        check(
            "dokplan plan --de",
            &words(&["--destroy", "--detailed-exitcode"]),
        );
        check(
            "dokplan plan -lock=",
            &words(&["-lock=false", "-lock=true"]),
        );
        check("dokplan -ch", &words(&["-chdir="]));
        check("dokplan plan -out ", &words(&[]));
    }

    #[test]
    fn addresses_and_workspaces() {
        let address = |before: &str| Wanted::Addresses(before.to_owned());
        check("dokplan state show ", &address(""));
        check("dokplan state show a.b ", &words(&[]));
        check("dokplan state mv a.b ", &address(""));
        check("dokplan state rm a.b c", &address(""));
        check("dokplan taint -lock-timeout 3s ", &address(""));
        check("dokplan plan -target=a", &address("-target="));
        check("dokplan apply -replace ", &address(""));
        check("dokplan workspace select ", &Wanted::Workspaces);
        check("dokplan workspace new ", &words(&[]));
    }

    #[test]
    fn start_up_files_get_the_line_once_and_lose_it_again() {
        let shell = Shell {
            file: PathBuf::new(),
            text: "complete -o default -C /new/dokplan dokplan\n".to_owned(),
            whole: false,
        };
        let old = "a\ncomplete -o default -C /old/dokplan dokplan\nb";
        let with = changed(old, &shell, true);
        assert_eq!(with, "a\nb\ncomplete -o default -C /new/dokplan dokplan\n");
        assert_eq!(changed(&with, &shell, true), with);
        assert_eq!(changed(&with, &shell, false), "a\nb\n");
        assert_eq!(changed("a\n", &shell, false), "a\n");
    }

    #[test]
    fn words_are_quoted_where_a_shell_would_read_them() {
        assert_eq!(quoted("terraform_data.a"), "terraform_data.a");
        assert_eq!(quoted("a.b[\"x\"]"), "'a.b[\"x\"]'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
