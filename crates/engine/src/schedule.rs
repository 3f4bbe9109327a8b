//! What may run next: a state machine over a graph of operations. No async, no effects.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// How an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Well: those that wait for it may start.
    Done,
    /// Badly: those that wait for it, however indirectly, never start.
    Failed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Waiting,
    Running,
    Done,
    Failed,
    Skipped,
}

/// Which operations are where.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    /// How many each still waits for.
    open: Vec<usize>,
    needed_by: Vec<Vec<usize>>,
    status: Vec<Status>,
    ready: BinaryHeap<Reverse<usize>>,
}

impl Schedule {
    /// All operations wait; `after` says for each which must be finished before.
    pub(crate) fn new(after: &[Vec<usize>]) -> Self {
        let open: Vec<usize> = after.iter().map(Vec::len).collect();
        Self {
            ready: open
                .iter()
                .enumerate()
                .filter(|(_, n)| **n == 0)
                .map(|(at, _)| Reverse(at))
                .collect(),
            needed_by: crate::dag::reversed(after),
            status: vec![Status::Waiting; open.len()],
            open,
        }
    }

    /// An operation that may run now, the first in the order of the graph.
    pub(crate) fn start(&mut self) -> Option<usize> {
        while let Some(Reverse(at)) = self.ready.pop() {
            if self.status[at] == Status::Waiting {
                self.status[at] = Status::Running;
                return Some(at);
            }
        }
        None
    }

    /// An operation ended.
    pub(crate) fn finish(&mut self, at: usize, end: End) {
        match end {
            End::Done => {
                self.status[at] = Status::Done;
                for next in &self.needed_by[at] {
                    self.open[*next] -= 1;
                    if self.open[*next] == 0 && self.status[*next] == Status::Waiting {
                        self.ready.push(Reverse(*next));
                    }
                }
            }
            End::Failed => {
                self.status[at] = Status::Failed;
                let mut open = self.needed_by[at].clone();
                while let Some(next) = open.pop() {
                    if self.status[next] == Status::Waiting {
                        self.status[next] = Status::Skipped;
                        open.extend_from_slice(&self.needed_by[next]);
                    }
                }
            }
        }
    }

    /// Those that did not end well: failed, skipped, or never started.
    pub(crate) fn unfinished(&self) -> impl Iterator<Item = usize> {
        self.status
            .iter()
            .enumerate()
            .filter(|(_, it)| **it != Status::Done)
            .map(|(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failure_skips_dependents_only() {
        // 0 ← 1 ← 3, 2 alone
        let mut schedule = Schedule::new(&[vec![], vec![0], vec![], vec![1]]);
        assert_eq!(schedule.start(), Some(0));
        assert_eq!(schedule.start(), Some(2));
        assert_eq!(schedule.start(), None);
        schedule.finish(0, End::Failed);
        schedule.finish(2, End::Done);
        assert_eq!(schedule.start(), None);
        assert_eq!(schedule.unfinished().collect::<Vec<_>>(), vec![0, 1, 3]);
    }

    #[test]
    fn all_of_a_kind_must_be_done() {
        let mut schedule = Schedule::new(&[vec![], vec![], vec![0, 1]]);
        assert_eq!((schedule.start(), schedule.start()), (Some(0), Some(1)));
        schedule.finish(1, End::Done);
        assert_eq!(schedule.start(), None);
        schedule.finish(0, End::Done);
        assert_eq!(schedule.start(), Some(2));
    }
}
