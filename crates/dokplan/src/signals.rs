//! Ctrl-C and its like: the first asks for a clean stop, the second ends at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Watches for signals from now on. The flag is set by the first; the second ends the process with exit code 1: every
/// finished operation is on disk already.
pub(crate) fn watch() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    tokio::spawn(async move {
        loop {
            next().await;
            if flag.swap(true, Ordering::SeqCst) {
                eprintln!("\nStopping at once. What was finished is recorded in the state.");
                end();
            }
            eprintln!(
                "\nInterrupt received: no new operations are started, those in flight are finished and recorded.\nInterrupt again to stop at once."
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

#[cfg(unix)]
async fn next() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut int), Ok(mut term), Ok(mut hup)) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
        signal(SignalKind::hangup()),
    ) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = int.recv() => {}
        _ = term.recv() => {}
        _ = hup.recv() => {}
    }
}

#[cfg(not(unix))]
async fn next() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
