//! What is printed while things happen, and questions.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::Duration;

use plan::Action;
use plan::event::{Event, Id, Observer};
use view::style::{capitalized, for_terminal, safe};

/// Prints to standard output; a closed pipe is no reason to stop. A terminal gets nothing that would move it, whoever
/// wrote the text; a file or pipe gets what there is.
pub(crate) fn out(text: &str) {
    let stdout = std::io::stdout();
    let text = if stdout.is_terminal() {
        for_terminal(text)
    } else {
        text.into()
    };
    let mut stdout = stdout.lock();
    let _ = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
}

/// Whether nothing is said to people: a shell asks for completions.
static SILENT: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

/// From now on only what is asked for is printed, and no message.
pub(crate) fn silence() {
    SILENT.store(true, std::sync::atomic::Ordering::Relaxed);
}

/// See [`silence`].
pub(crate) fn is_silent() -> bool {
    SILENT.load(std::sync::atomic::Ordering::Relaxed)
}

/// Prints to standard error, which is for people: nothing in it moves a terminal.
pub(crate) fn err(text: &str) {
    if is_silent() {
        return;
    }
    let stderr = std::io::stderr();
    let text = if stderr.is_terminal() {
        for_terminal(text)
    } else {
        safe(text)
    };
    let mut stderr = stderr.lock();
    let _ = stderr
        .write_all(text.as_bytes())
        .and_then(|()| stderr.flush());
}

/// Ends a command with a text that has no title: where scripts know the reference to print none.
pub(crate) fn refuse<T>(text: &str) -> Result<T, crate::exit::Reported> {
    err(&format!("{text}\n"));
    Err(crate::exit::Reported)
}

/// Prints one document of a JSON stream.
pub(crate) fn json_line(message: &serde_json::Value) {
    out(&format!("{message}\n"));
}

/// Prints the first document of a JSON stream: the version that it is in.
pub(crate) fn json_version() {
    let (version, time) = (crate::load::TERRAFORM_VERSION, crate::world::now_micros());
    json_line(&view::json::events::version(version, &time));
}

/// Tells what happens, line by line; on a terminal with a bar below that counts.
pub(crate) struct Progress {
    json: bool,
    bar: Option<Mutex<indicatif::ProgressBar>>,
    style: view::Style,
    silent: bool,
}

impl Progress {
    /// For a command that prints text or JSON.
    pub(crate) fn new(json: bool, style: view::Style) -> Self {
        let terminal = !json && style.color && std::io::stdout().is_terminal();
        let bar = terminal.then(|| {
            let bar = indicatif::ProgressBar::new_spinner();
            bar.enable_steady_tick(Duration::from_millis(100));
            Mutex::new(bar)
        });
        Progress {
            json,
            bar,
            style,
            silent: false,
        }
    }

    /// One that tells nothing.
    pub(crate) fn silent() -> Self {
        Progress {
            json: false,
            bar: None,
            style: view::Style::PLAIN,
            silent: true,
        }
    }

    /// Removes the bar, before other output.
    pub(crate) fn finish(&self) {
        if let Some(Ok(bar)) = self.bar.as_ref().map(Mutex::lock) {
            bar.finish_and_clear();
        }
    }

    fn line(&self, text: &str) {
        match self.bar.as_ref().map(Mutex::lock) {
            Some(Ok(bar)) if !bar.is_finished() => bar.suspend(|| out(&format!("{text}\n"))),
            _ => out(&format!("{text}\n")),
        }
    }
}

fn id_note(id: Option<&Id<'_>>) -> String {
    id.map_or_else(String::new, |id| {
        format!(" [{}={}]", id.key, safe(id.value))
    })
}

fn elapsed(duration: &Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, seconds) => format!("{minutes}m{seconds}s"),
        (hours, minutes, seconds) => format!("{hours}h{minutes}m{seconds}s"),
    }
}

impl Observer for Progress {
    fn event(&self, event: Event<'_>) {
        if tracing::enabled!(tracing::Level::INFO)
            && let Some(it) = view::json::events::event(&event, "")
        {
            // Addresses and ids: what everybody may see of it.
            let message = it["@message"].as_str().unwrap_or_default();
            tracing::info!(kind = it["type"].as_str(), "{}", safe(message));
        }
        if self.silent {
            return;
        }
        if self.json {
            if let Some(it) = view::json::events::event(&event, &crate::world::now_micros()) {
                json_line(&it);
            }
            return;
        }
        let name = |addr: &addr::Instance, deposed: Option<&addr::DeposedKey>| {
            let text = match deposed {
                Some(key) => format!("{addr} (deposed object {key})"),
                None => addr.to_string(),
            };
            self.style.bold(&safe(&text))
        };
        match &event {
            Event::RefreshStart(addr, deposed, id) => {
                self.line(&format!(
                    "{}: Refreshing state...{}",
                    name(addr, *deposed),
                    id_note(id.as_ref())
                ));
            }
            Event::RefreshDone(..) => {}
            Event::ReadStart(addr) => self.line(&format!("{}: Reading...", name(addr, None))),
            Event::ReadDone(addr, id, time) => {
                self.line(&format!(
                    "{}: Read complete after {}{}",
                    name(addr, None),
                    elapsed(time),
                    id_note(id.as_ref())
                ));
            }
            Event::ImportStart(addr, id) => {
                self.line(&format!(
                    "{}: Preparing import... [id={}]",
                    name(addr, None),
                    safe(id)
                ));
            }
            Event::ImportApply(addr, id) => {
                self.line(&format!(
                    "{}: Importing... [id={}]",
                    name(addr, None),
                    safe(id)
                ));
            }
            Event::ImportDone(addr, id) => {
                self.line(&format!(
                    "{}: Import complete [id={}]",
                    name(addr, None),
                    safe(id)
                ));
            }
            Event::ApplyStart(addr, deposed, action, id) => {
                let doing = match action {
                    Action::Create => "Creating",
                    Action::Update => "Modifying",
                    Action::Delete => "Destroying",
                    Action::Read => "Reading",
                    Action::NoOp
                    | Action::DeleteThenCreate
                    | Action::CreateThenDelete
                    | Action::Forget => return,
                };
                let id = if *action == Action::Create {
                    String::new()
                } else {
                    id_note(id.as_ref())
                };
                self.line(&format!("{}: {doing}...{id}", name(addr, *deposed)));
            }
            Event::ApplyProgress(addr, deposed, action, id, time) => {
                let doing = match action {
                    Action::Create => "creating",
                    Action::Update => "modifying",
                    Action::Delete => "destroying",
                    Action::Read => "reading",
                    Action::NoOp
                    | Action::DeleteThenCreate
                    | Action::CreateThenDelete
                    | Action::Forget => return,
                };
                let id =
                    id.map_or_else(String::new, |id| format!("{}={}, ", id.key, safe(id.value)));
                self.line(&format!(
                    "{}: Still {doing}... [{id}{} elapsed]",
                    name(addr, *deposed),
                    elapsed(time)
                ));
            }
            Event::ApplyDone(addr, _, action, id, time) => {
                let (done, id) = match action {
                    Action::Create => ("Creation complete", id_note(id.as_ref())),
                    Action::Update => ("Modifications complete", id_note(id.as_ref())),
                    Action::Delete => ("Destruction complete", String::new()),
                    Action::Read => ("Read complete", id_note(id.as_ref())),
                    Action::NoOp
                    | Action::DeleteThenCreate
                    | Action::CreateThenDelete
                    | Action::Forget => return,
                };
                self.line(&format!(
                    "{}: {done} after {}{id}",
                    name(addr, None),
                    elapsed(time)
                ));
            }
            Event::ApplyFailed(..) | Event::FollowFailed(..) => {}
            Event::FollowStart(addr, what, id) => {
                self.line(&format!(
                    "{}: {}...{}",
                    name(addr, None),
                    safe(&capitalized(&what.gerund())),
                    id_note(id.as_ref())
                ));
            }
            Event::FollowProgress(addr, what, id, time) => {
                let id =
                    id.map_or_else(String::new, |id| format!("{}={}, ", id.key, safe(id.value)));
                self.line(&format!(
                    "{}: Still {}... [{id}{} elapsed]",
                    name(addr, None),
                    safe(&what.gerund()),
                    elapsed(time)
                ));
            }
            Event::FollowDone(addr, what, id, time) => {
                self.line(&format!(
                    "{}: {} after {}{}",
                    name(addr, None),
                    safe(&capitalized(&what.participle())),
                    elapsed(time),
                    id_note(id.as_ref())
                ));
            }
            Event::ProvisionStart(addr, kind) => {
                self.line(&format!(
                    "{}: Provisioning with '{kind}'...",
                    name(addr, None)
                ));
            }
            Event::ProvisionOutput(addr, kind, line) => {
                self.line(&format!("{} ({kind}): {}", name(addr, None), safe(line)));
            }
            Event::ProvisionDone(..) | Event::ProvisionFailed(..) => {}
            Event::Progress(done, all) => {
                if let Some(Ok(bar)) = self.bar.as_ref().map(Mutex::lock) {
                    bar.set_message(format!("{done} of {all}"));
                }
            }
        }
    }
}

/// Asks until there is an answer; `None` where nobody can be asked.
pub(crate) fn ask(question: &str, style: view::Style) -> Option<String> {
    out(&format!(
        "\n{question}\n\n  {} ",
        style.bold("Enter a value:")
    ));
    let res = answer();
    out("\n");
    res
}

/// A line of standard input; `None` at its end.
pub(crate) fn answer() -> Option<String> {
    let mut line = String::new();
    match std::io::stdin().read_line(&mut line) {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(line.trim().to_owned()),
    }
}

/// A line of a terminal that is not shown while it is typed; `None` where there is no terminal, or after Ctrl-C.
#[cfg(unix)]
pub(crate) fn secret_answer() -> Option<String> {
    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

    /// Gives the terminal back as it was, however reading ends.
    struct Quiet(Termios);
    impl Drop for Quiet {
        fn drop(&mut self) {
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Drain, &self.0);
        }
    }

    let before = tcgetattr(std::io::stdin()).ok()?;
    // Without signals: Ctrl-C is read as a byte, so that it cannot leave a terminal that shows nothing.
    let mut quiet = before.clone();
    quiet.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
    tcsetattr(std::io::stdin(), OptionalActions::Drain, &quiet).ok()?;
    let _quiet = Quiet(before);
    let mut res: Vec<u8> = Vec::new();
    let mut bytes = std::io::Read::bytes(std::io::stdin().lock());
    loop {
        match bytes.next()?.ok()? {
            b'\r' | b'\n' | 0x04 => return String::from_utf8(res).ok(),
            0x03 => return None,
            0x08 | 0x7f => _ = res.pop(),
            byte => res.push(byte),
        }
    }
}

/// The same where terminals cannot be told to show nothing.
#[cfg(not(unix))]
pub(crate) fn secret_answer() -> Option<String> {
    answer()
}
