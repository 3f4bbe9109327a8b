//! Versions and constraints on them: `>= 1.2, < 2.0`, `~> 1.11`.

use std::cmp::Ordering;

/// The version of Terraform whose language this program implements: what `required_version` is compared to.
pub const CORE: &str = "1.11.4";

/// A version: numbers, and what follows a dash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// At least three.
    numbers: Vec<u64>,
    /// How many numbers were written.
    n_written: usize,
    /// `beta1` in `1.0.0-beta1`; empty in a release.
    prerelease: String,
}

impl Version {
    /// From `1`, `1.2`, `v1.2.3-rc1+build`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (text, build) = split(text, '+');
        let (numbers, prerelease) = split(text, '-');
        let word = |it: &str| {
            !it.is_empty()
                && it
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-.~".contains(c))
        };
        if !build.is_none_or(word) || !prerelease.is_none_or(word) {
            return None;
        }
        let mut numbers = numbers
            .split('.')
            .map(|it| {
                it.parse()
                    .ok()
                    .filter(|_| it.chars().all(|c| c.is_ascii_digit()))
            })
            .collect::<Option<Vec<u64>>>()?;
        let n_written = numbers.len();
        while numbers.len() < 3 {
            numbers.push(0);
        }
        Some(Self {
            numbers,
            n_written,
            prerelease: prerelease.unwrap_or("").to_owned(),
        })
    }

    fn number(&self, at: usize) -> u64 {
        self.numbers.get(at).copied().unwrap_or(0)
    }
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    match text.split_once(at) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let n = self.numbers.len().max(other.numbers.len());
        (0..n)
            .map(|at| self.number(at).cmp(&other.number(at)))
            .find(|it| it.is_ne())
            .unwrap_or_else(
                || match (self.prerelease.as_str(), other.prerelease.as_str()) {
                    ("", "") => Ordering::Equal,
                    ("", _) => Ordering::Greater,
                    (_, "") => Ordering::Less,
                    (left, right) => compare_prereleases(left, right),
                },
            )
    }
}

fn compare_prereleases(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.split('.'), right.split('.'));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(l), Some(r)) => match (l.parse::<u64>(), r.parse::<u64>()) {
                (Ok(l), Ok(r)) => l.cmp(&r),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => l.cmp(r),
            },
        };
        if order.is_ne() {
            return order;
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Pessimistic,
}

/// Constraints that must all hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraints(Vec<(Op, Version)>);

impl Constraints {
    /// From `>= 1.2, < 2.0`; `None` where it is not of that form.
    pub fn parse(text: &str) -> Option<Self> {
        text.split(',')
            .map(constraint)
            .collect::<Option<_>>()
            .map(Self)
    }

    /// Whether a version fulfils all of them.
    ///
    /// A prerelease fulfils only constraints that name a prerelease of the same numbers.
    pub fn admit(&self, version: &Version) -> bool {
        self.0
            .iter()
            .all(|(op, wanted)| admits(*op, wanted, version))
    }
}

fn constraint(text: &str) -> Option<(Op, Version)> {
    const OPS: [(&str, Op); 7] = [
        (">=", Op::GreaterOrEqual),
        ("<=", Op::LessOrEqual),
        ("~>", Op::Pessimistic),
        ("!=", Op::NotEqual),
        ("=", Op::Equal),
        (">", Op::Greater),
        ("<", Op::Less),
    ];
    let text = text.trim();
    let (op, rest) = OPS
        .iter()
        .find_map(|(sign, op)| Some((*op, text.strip_prefix(sign)?)))
        .unwrap_or((Op::Equal, text));
    Some((op, Version::parse(rest.trim_start())?))
}

fn admits(op: Op, wanted: &Version, version: &Version) -> bool {
    let same_numbers = wanted.numbers == version.numbers;
    let prerelease_fits =
        version.prerelease.is_empty() || !wanted.prerelease.is_empty() && same_numbers;
    match op {
        Op::Equal => version == wanted || version.cmp(wanted).is_eq(),
        Op::NotEqual => version.cmp(wanted).is_ne(),
        Op::Greater => prerelease_fits && version > wanted,
        Op::GreaterOrEqual => prerelease_fits && version >= wanted,
        Op::Less => prerelease_fits && version < wanted,
        Op::LessOrEqual => prerelease_fits && version <= wanted,
        Op::Pessimistic => {
            let last = wanted.n_written.saturating_sub(1);
            prerelease_fits
                && (wanted.prerelease.is_empty() || !version.prerelease.is_empty())
                && version >= wanted
                && (0..last).all(|at| version.number(at) == wanted.number(at))
                && version.number(last) >= wanted.number(last)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_admit_versions() {
        for (constraints, version, expected) in [
            (">= 1.2, < 2.0", "1.11.4", true),
            (">= 1.2, < 1.11.4", "1.11.4", false),
            ("~> 1.11", "1.99.0", true),
            ("~> 1.11.0", "1.12.0", false),
            ("~> 1", "2.0.0", true),
            ("1.11.4", "1.11.4", true),
            ("= 1.11", "1.11.4", false),
            ("!= 1.11.3", "1.11.4", true),
            ("> 1.0.0-beta1", "1.0.0-beta2", true),
            ("> 1.0", "2.0.0-beta2", false),
            ("> v1", "1.0.1", true),
        ] {
            let constraints = Constraints::parse(constraints).unwrap();
            let version = Version::parse(version).unwrap();
            assert_eq!(
                constraints.admit(&version),
                expected,
                "{constraints:?} {version:?}"
            );
        }
    }

    #[test]
    fn what_is_no_constraint() {
        for text in [
            "",
            "banana",
            "> 1, banana",
            "1.x",
            ">",
            "1..2",
            "99999999999999999999999",
        ] {
            assert_eq!(Constraints::parse(text), None, "{text}");
        }
    }
}
