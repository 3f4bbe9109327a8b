//! `fmt`: lays out configuration files.

use std::io::Read;
use std::path::Path;

use diag::{Diagnostic, Diagnostics};

use crate::args::FmtArgs;
use crate::exit::{Exit, Outcome};
use crate::session::Session;

mod code {
    use diag::Code;

    /// See [`Code`].
    pub(crate) const NO_SUCH_PATH: Code = Code::new(
        "no-such-path",
        "No file or directory",
        "A path given to a command does not exist or cannot be read.",
    );
}

/// Formats files, directories, or standard input.
pub(crate) fn fmt(session: &mut Session, args: &FmtArgs) -> Outcome {
    session.set_style(&args.color);
    let mut diags = Diagnostics::new();
    let mut run = Run {
        args,
        changed: false,
        said: String::new(),
    };
    if args.paths.iter().any(|it| it == "-") {
        let mut text = String::new();
        if let Err(error) = std::io::stdin().read_to_string(&mut text) {
            return session.fail(Diagnostic::error(
                &code::NO_SUCH_PATH,
                format!("Standard input cannot be read: {error}."),
            ));
        }
        run.text(session, "<stdin>", None, &text, &mut diags);
    } else {
        let here = [".".to_owned()];
        for path in if args.paths.is_empty() {
            &here[..]
        } else {
            &args.paths[..]
        } {
            run.path(session, Path::new(path), true, &mut diags);
        }
    }
    // A check lists only where everything could be read.
    if args.list && !diags.has_errors() {
        crate::ui::out(&run.said);
    }
    session.show(&diags);
    Ok(if diags.has_errors() {
        Exit::Changes
    } else if args.check && run.changed {
        Exit::Unformatted
    } else {
        Exit::Success
    })
}

struct Run<'a> {
    args: &'a FmtArgs,
    changed: bool,
    /// What a check says in the end.
    said: String,
}

impl Run<'_> {
    fn path(&mut self, session: &mut Session, path: &Path, named: bool, diags: &mut Diagnostics) {
        if path.is_dir() {
            let mut entries: Vec<_> = match std::fs::read_dir(path) {
                Ok(entries) => entries.filter_map(Result::ok).map(|it| it.path()).collect(),
                Err(error) => {
                    diags.push(Diagnostic::error(
                        &code::NO_SUCH_PATH,
                        format!("{} cannot be read: {error}.", path.display()),
                    ));
                    return;
                }
            };
            entries.sort();
            for entry in entries {
                let hidden = entry
                    .file_name()
                    .is_some_and(|it| it.to_string_lossy().starts_with('.'));
                if hidden || (entry.is_dir() && !self.args.recursive) {
                    continue;
                }
                if entry.is_dir() || is_configuration(&entry) {
                    self.path(session, &entry, false, diags);
                }
            }
            return;
        }
        if named && path.is_file() && !is_configuration(path) {
            diags.push(
                Diagnostic::error(
                    &code::NO_SUCH_PATH,
                    format!(
                        "The command line names {}, which is none of them.",
                        path.display()
                    ),
                )
                .titled(
                    "Only .tf, .tfvars, and .tftest.hcl files can be processed with dokplan fmt",
                ),
            );
            return;
        }
        match std::fs::read(path) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let name = path
                    .strip_prefix(".")
                    .unwrap_or(path)
                    .to_string_lossy()
                    .into_owned();
                self.text(session, &name, Some(path), &text, diags);
            }
            Err(error) if named => {
                diags.push(
                    Diagnostic::error(
                        &code::NO_SUCH_PATH,
                        format!(
                            "The command line names {}, which cannot be read: {error}.",
                            path.display()
                        ),
                    )
                    .titled(format!("No file or directory at {}", path.display())),
                );
            }
            Err(error) => {
                diags.push(Diagnostic::error(
                    &code::NO_SUCH_PATH,
                    format!("{} cannot be read: {error}.", path.display()),
                ));
            }
        }
    }

    fn text(
        &mut self,
        session: &mut Session,
        name: &str,
        path: Option<&Path>,
        text: &str,
        diags: &mut Diagnostics,
    ) {
        let source = session.sources.add(name, text);
        let Some(formatted) = hcl::format(source, text, diags) else {
            return;
        };
        let changes = formatted != text;
        self.changed |= changes;
        if changes {
            if self.args.check || (self.args.list && path.is_some()) {
                self.say(&format!("{name}\n"));
            }
            if self.args.diff {
                self.say(&difference(name, text, &formatted));
            }
            if let Some(path) = path.filter(|_| self.args.write && !self.args.check)
                && let Err(error) = backend::write_whole(path, formatted.as_bytes())
            {
                diags.push(Diagnostic::error(
                    &code::NO_SUCH_PATH,
                    format!("{name} cannot be written: {error}."),
                ));
            }
        }
        // Where nothing else is done with it, the text itself is what was asked for.
        let is_text_only = path.is_none() || !self.args.list && !self.args.write;
        if is_text_only && !self.args.check && !self.args.diff {
            crate::ui::out(&formatted);
        }
    }

    /// Says something now, or in the end where it depends on all files.
    fn say(&mut self, text: &str) {
        if self.args.check {
            self.said.push_str(text);
        } else {
            crate::ui::out(text);
        }
    }
}

fn is_configuration(path: &Path) -> bool {
    let name = path
        .file_name()
        .map(|it| it.to_string_lossy().into_owned())
        .unwrap_or_default();
    [".tf", ".tfvars", ".tftest.hcl", ".tofu", ".tofutest.hcl"]
        .iter()
        .any(|it| name.ends_with(it))
}

/// The two texts as a unified difference with three lines of context.
fn difference(name: &str, before: &str, after: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let pairs = plan::diff::line_pairs(&old, &new);
    let mut res = format!("--- old/{name}\n+++ new/{name}\n");
    let is_change = |it: &(Option<usize>, Option<usize>)| it.0.is_none() || it.1.is_none();
    let mut at = 0;
    while let Some(first) = (at..pairs.len()).find(|it| is_change(&pairs[*it])) {
        let start = first.saturating_sub(3).max(at);
        let mut end = first;
        let mut quiet = 0usize;
        while end < pairs.len() && quiet <= 6 {
            quiet = if is_change(&pairs[end]) { 0 } else { quiet + 1 };
            end += 1;
        }
        end = end.saturating_sub(quiet.saturating_sub(3)).min(pairs.len());
        let hunk = &pairs[start..end];
        let (olds, news) = (
            hunk.iter().filter(|it| it.0.is_some()).count(),
            hunk.iter().filter(|it| it.1.is_some()).count(),
        );
        let from = |side: fn(&(Option<usize>, Option<usize>)) -> Option<usize>| {
            hunk.iter().find_map(side).map_or(0, |it| it + 1)
        };
        res.push_str(&format!(
            "@@ -{},{olds} +{},{news} @@\n",
            from(|it| it.0),
            from(|it| it.1)
        ));
        for pair in hunk {
            match pair {
                (Some(old_at), Some(_)) => res.push_str(&format!(" {}\n", old[*old_at])),
                (Some(old_at), None) => res.push_str(&format!("-{}\n", old[*old_at])),
                (None, Some(new_at)) => res.push_str(&format!("+{}\n", new[*new_at])),
                (None, None) => {}
            }
        }
        at = end;
    }
    res
}
