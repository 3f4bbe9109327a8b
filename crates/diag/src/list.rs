//! An accumulator of diagnostics.

use crate::{Diagnostic, Severity, SourceMap};

/// Diagnostics in the order in which they were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one. An exact repetition of an earlier one is dropped.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if !self.list.contains(&diagnostic) {
            self.list.push(diagnostic);
        }
    }

    /// Adds all of another list.
    pub fn append(&mut self, other: Diagnostics) {
        for it in other.list {
            self.push(it);
        }
    }

    /// Adds all of another list, repetitions too.
    pub fn extend_repeated(&mut self, other: Diagnostics) {
        self.list.extend(other.list);
    }

    /// Whether one of them is an error.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(Diagnostic::is_error)
    }

    /// Whether there is none, not even a warning.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// One after another.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// All, to be changed in place (an address added, say).
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Diagnostic> {
        self.list.iter_mut()
    }

    /// Those of one severity.
    pub fn of(&self, severity: Severity) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter().filter(move |it| it.severity == severity)
    }

    /// Each as many times as `times` says: where the same mistake is found at several stages and each of them tells it.
    #[must_use]
    pub fn repeated(&self, times: impl Fn(&Diagnostic) -> usize) -> Diagnostics {
        let list = self.list.iter();
        Diagnostics {
            list: list
                .flat_map(|it| std::iter::repeat_n(it.clone(), times(it)))
                .collect(),
        }
    }

    /// The same in the order in which people are shown them: warnings first, then those without a place, then by file
    /// (those of outer directories first) and place. Equal ones keep their order.
    #[must_use]
    pub fn sorted(&self, sources: &SourceMap) -> Diagnostics {
        let mut res = self.clone();
        res.list.sort_by_cached_key(|it| {
            let place = it.subject.map(|span| {
                let name = sources.name(span.source);
                (
                    name.matches('/').count(),
                    name.to_owned(),
                    span.start,
                    span.end,
                )
            });
            (it.is_error(), place)
        });
        res
    }

    /// The same with one warning for all that have the same title and a place; the one that stays says how many more
    /// there are. Failed assertions of checks are the user's own messages: each stays.
    pub fn consolidated(&self) -> Diagnostics {
        let mut res: Vec<Diagnostic> = Vec::new();
        let mut more: std::collections::BTreeMap<String, (usize, usize)> =
            std::collections::BTreeMap::new();
        for it in &self.list {
            let merges = it.severity == Severity::Warning && !it.code.id.starts_with("check-");
            if merges && it.subject.is_some() {
                if let Some((_, count)) = more.get_mut(&it.summary) {
                    *count += 1;
                    continue;
                }
                more.insert(it.summary.clone(), (res.len(), 0));
            }
            res.push(it.clone());
        }
        for (at, count) in more.into_values().filter(|(_, count)| *count > 0) {
            let note = match count {
                1 => "(and one more similar warning elsewhere)".to_owned(),
                count => format!("(and {count} more similar warnings elsewhere)"),
            };
            let detail = &mut res[at].detail;
            *detail = format!("{}\n\n{note}", detail.trim_end());
        }
        Diagnostics { list: res }
    }

    /// How many errors. Used to see whether a step added one.
    pub fn n_errors(&self) -> usize {
        self.of(Severity::Error).count()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self {
            list: vec![diagnostic],
        }
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<T: IntoIterator<Item = Diagnostic>>(iter: T) -> Self {
        let mut res = Self::new();
        for it in iter {
            res.push(it);
        }
        res
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<T: IntoIterator<Item = Diagnostic>>(&mut self, iter: T) {
        for it in iter {
            self.push(it);
        }
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.list.iter()
    }
}

impl<'a> IntoIterator for &'a mut Diagnostics {
    type Item = &'a mut Diagnostic;
    type IntoIter = std::slice::IterMut<'a, Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.list.iter_mut()
    }
}
