//! Ctrl-C and its like: the first asks for a clean stop, the second ends at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Watches for signals from now on. The flag is set by the first; the second ends the process with exit code 1: every
/// finished operation is on disk already, and so is what those in flight are about.
pub(crate) fn watch() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    tokio::spawn(async move {
        let Some(mut signals) = Signals::new() else {
            return;
        };
        loop {
            signals.next().await;
            // The terminal may be what has gone away: nothing here minds if nobody reads it.
            if flag.swap(true, Ordering::SeqCst) {
                crate::ui::err("\nStopping at once. What was finished is recorded in the state.\n");
                end();
            }
            crate::ui::err(
                "\nInterrupt received: no new operations are started, those in flight are finished and recorded.\nInterrupt again to stop at once.\n",
            );
        }
    });
    stop
}

#[expect(
    clippy::exit,
    reason = "the second Ctrl-C must end the process, whatever still runs"
)]
fn end() {
    std::process::exit(1);
}

/// Listens all the time, so that no signal is missed between two.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> Option<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Some(Signals {
            interrupt: signal(SignalKind::interrupt()).ok()?,
            terminate: signal(SignalKind::terminate()).ok()?,
            hangup: signal(SignalKind::hangup()).ok()?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hangup.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Option<Signals> {
        Some(Signals)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
