//! `console`: evaluates expressions over the configuration and state.

use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal};

use diag::{Diagnostic, Diagnostics};

use crate::args::ConsoleArgs;
use crate::exit::{Exit, Outcome, Reported};
use crate::operation::Operation;
use crate::session::Session;
use crate::ui::{self, Progress};

mod code {
    use diag::Code;

    /// See [`Code`].
    pub(crate) const PROBLEMS: Code = Code::new(
        "console-with-problems",
        "Due to the problems above, some expressions may produce unexpected results.",
        "The configuration has mistakes. The console works all the same; what depends on them is unknown or not what it should be.",
    );
    /// See [`Code`].
    pub(crate) const NO_TERMINAL: Code = Code::new(
        "console-without-terminal",
        "Console not available",
        "The terminal that the console would read from cannot be used.",
    );
}

/// Reads expressions line by line and prints their values. Brackets that are open at the end of a line continue it.
pub(crate) async fn console(
    session: &mut Session,
    args: &ConsoleArgs,
    order: &[String],
) -> Outcome {
    session.set_style(&args.color);
    let loaded = session.load_config()?;
    session.check_providers(&loaded.config)?;
    let variables = session.variables(&loaded.config, &args.vars, order, false)?;
    let mut store = session.open_state(Some(&loaded.config), Some(&args.state))?;
    let base = session.read_state(&mut store)?;
    session.show_pending();
    let operation = Operation::new(session, loaded, variables, 10)?;
    let progress = Progress::silent();
    let mut planned = BTreeMap::new();
    let mut state = base.state.clone();
    if args.plan {
        let inputs = engine::PlanInputs {
            common: operation.common(session, &progress, false),
            prior: &base.state,
            mode: plan::Mode::Normal,
            refresh: true,
            targets: &[],
            excludes: &[],
            force_replace: &[],
        };
        let (plan, diags) = engine::plan(&inputs).await;
        session.check(&diags)?;
        if let Some(plan) = plan {
            planned = plan
                .changes
                .into_iter()
                .filter(|it| it.deposed.is_none())
                .map(|it| (it.addr, it.change.after))
                .collect();
            state = plan.refreshed.as_ref().clone();
        }
    }
    let problems = engine::problems(
        &operation.common(session, &progress, true),
        &state,
        &planned,
    )
    .await;
    session.show(&problems);
    if problems.has_errors() {
        session.show(&Diagnostic::warning(&code::PROBLEMS, "").into());
    }
    let mut input = match Input::open() {
        Ok(input) => input,
        Err(error) => {
            return session.fail(Diagnostic::error(
                &code::NO_TERMINAL,
                format!("The terminal cannot be used: {error}. Give expressions on standard input instead: echo 'local.x' | dokplan console"),
            ));
        }
    };
    let scope: Scope<'_> = (&state, &planned);
    let mut failed = false;
    let mut pending = String::new();
    // Scripts that pipe lines in get the value of the last one.
    let mut last = None;
    loop {
        let line = match input.line(pending.is_empty()) {
            Line::Text(line) => line,
            // What was begun is given up, not the session.
            Line::Interrupted if !pending.is_empty() => {
                pending.clear();
                continue;
            }
            Line::Interrupted | Line::End => break,
        };
        if !pending.is_empty() {
            pending.push('\n');
        }
        pending.push_str(&line);
        match pending.trim() {
            "" => {
                pending.clear();
                continue;
            }
            "exit" => return Ok(Exit::Success),
            "help" => {
                ui::out(
                    "Type an expression, such as local.registries or keys(var.teams), and its value is printed.\n\"exit\" or Ctrl-D ends, Ctrl-C too. Brackets that are open continue on the next line.\n",
                );
                pending.clear();
                continue;
            }
            _ => {}
        }
        if is_open(&pending) {
            continue;
        }
        let text = std::mem::take(&mut pending);
        input.remember(&text);
        let found = evaluate(session, &operation, &progress, scope, text.trim_end()).await;
        failed |= found.is_none();
        if input.is_terminal() {
            ui::out(&found.unwrap_or_default());
        } else if failed {
            return Err(Reported);
        } else {
            last = found;
        }
    }
    if !pending.trim().is_empty() {
        let found = evaluate(session, &operation, &progress, scope, pending.trim_end()).await;
        failed |= found.is_none();
        last = found;
    }
    if failed && !input.is_terminal() {
        return Err(Reported);
    }
    ui::out(&last.unwrap_or_default());
    Ok(Exit::Success)
}

/// Where expressions come from.
enum Input {
    /// Somebody who types, with a history that ends with the session: expressions may hold secrets.
    Terminal(Box<rustyline::DefaultEditor>),
    /// A file or another program.
    Lines(std::io::Lines<std::io::StdinLock<'static>>),
}

/// What was typed.
enum Line {
    Text(String),
    /// Ctrl-C.
    Interrupted,
    /// Ctrl-D, or there is no more.
    End,
}

impl Input {
    fn open() -> rustyline::Result<Input> {
        Ok(if std::io::stdin().is_terminal() {
            Input::Terminal(Box::new(rustyline::DefaultEditor::new()?))
        } else {
            Input::Lines(std::io::stdin().lock().lines())
        })
    }

    fn is_terminal(&self) -> bool {
        matches!(self, Input::Terminal(_))
    }

    /// The next line; `first` if nothing is open.
    fn line(&mut self, first: bool) -> Line {
        match self {
            Input::Terminal(editor) => match editor.readline(if first { "> " } else { ": " }) {
                Ok(text) => Line::Text(text),
                Err(rustyline::error::ReadlineError::Interrupted) => Line::Interrupted,
                Err(_) => Line::End,
            },
            Input::Lines(lines) => match lines.next() {
                Some(Ok(text)) => Line::Text(text),
                Some(Err(_)) | None => Line::End,
            },
        }
    }

    /// Keeps what was typed for the arrow keys.
    fn remember(&mut self, text: &str) {
        if let Input::Terminal(editor) = self {
            // A history that cannot take it costs a key press later, nothing else.
            let _ = editor.add_history_entry(text);
        }
    }
}

/// What expressions are evaluated over: the state, and what a plan makes of it.
type Scope<'a> = (&'a state::State, &'a BTreeMap<addr::Instance, value::Value>);

/// The value of an expression as text; `None` if there is none, which is reported.
async fn evaluate(
    session: &mut Session,
    operation: &Operation,
    progress: &Progress,
    (state, planned): Scope<'_>,
    text: &str,
) -> Option<String> {
    let mut diags = Diagnostics::new();
    let source = session.sources.add("<console-input>", text);
    let expr = hcl::parse_expr(source, text, 0, &mut diags);
    if diags.has_errors() {
        session.show(&diags);
        return None;
    }
    // A console tells the time and makes random values: nothing waits for an apply here.
    let (value, diags) = engine::evaluate(
        &operation.common(session, progress, true),
        state,
        planned,
        &expr,
    )
    .await;
    session.show(&diags);
    if diags.has_errors() {
        return None;
    }
    Some(format!("{}\n", shown(&value::show::console(&value))))
}

/// A value's text; what a terminal would obey is escaped where there is one.
fn shown(text: &str) -> std::borrow::Cow<'_, str> {
    if std::io::stdout().is_terminal() {
        view::style::safe(text)
    } else {
        text.into()
    }
}

/// Whether brackets or a heredoc are still open: more lines belong to the expression.
fn is_open(text: &str) -> bool {
    let mut depth = 0i32;
    let mut quoted = false;
    let mut heredoc: Option<String> = None;
    for line in text.split('\n') {
        if let Some(end) = &heredoc {
            if line.trim() == end {
                heredoc = None;
            }
            continue;
        }
        let mut chars = line.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' if quoted => {
                    chars.next();
                }
                '"' => quoted = !quoted,
                '(' | '[' | '{' if !quoted => depth += 1,
                ')' | ']' | '}' if !quoted => depth -= 1,
                '#' if !quoted => break,
                '<' if !quoted && line[at..].starts_with("<<") && heredoc.is_none() => {
                    let name = line[at + 2..].trim_start_matches('-').trim();
                    if !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_') {
                        heredoc = Some(name.to_owned());
                    }
                }
                _ => {}
            }
        }
        quoted = false;
    }
    depth > 0 || heredoc.is_some()
}

#[cfg(test)]
mod tests {
    use super::is_open;

    #[test]
    fn open_brackets_want_more() {
        assert!(is_open("[1,"));
        assert!(is_open("{\n  a = 1"));
        assert!(!is_open("[1,\n2]"));
        assert!(!is_open("\"[\""));
        assert!(is_open("<<EOT\nx"));
        assert!(!is_open("<<EOT\nx\nEOT"));
    }
}
