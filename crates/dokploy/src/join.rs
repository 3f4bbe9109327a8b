//! Waits for many futures at once, in the same task.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// The results of all futures, in their order.
pub(crate) async fn join_all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<(Option<Pin<Box<F>>>, Option<F::Output>)> = futures
        .into_iter()
        .map(|it| (Some(Box::pin(it)), None))
        .collect();
    poll_fn(move |context| {
        let mut is_open = false;
        for (future, output) in &mut waiting {
            let Some(it) = future else { continue };
            match it.as_mut().poll(context) {
                Poll::Ready(res) => {
                    *output = Some(res);
                    *future = None;
                }
                Poll::Pending => is_open = true,
            }
        }
        if is_open {
            return Poll::Pending;
        }
        Poll::Ready(waiting.drain(..).filter_map(|(_, output)| output).collect())
    })
    .await
}
