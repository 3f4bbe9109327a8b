//! "Did you mean", by edit distance.

/// The candidate nearest to a name, if one is near enough to be what was meant.
///
/// Near enough: at most a third of the name's length apart, counting insertions, deletions, replacements and swaps of
/// neighbours, and never more than three.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .filter(|it| *it != name)
        .map(|it| (distance(name, it), it))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, it)| it)
}

/// ` Did you mean "x"?`, or nothing.
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, candidates).map_or_else(String::new, |it| format!(" Did you mean \"{it}\"?"))
}

/// Optimal string alignment distance.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    if left.len().abs_diff(right.len()) > 3 {
        return usize::MAX;
    }
    let width = right.len() + 1;
    let mut rows = vec![(0..width).collect::<Vec<_>>()];
    for (i, l) in left.iter().enumerate() {
        let mut row = vec![i + 1; width];
        for (j, r) in right.iter().enumerate() {
            let mut best = (rows[i][j + 1] + 1)
                .min(row[j] + 1)
                .min(rows[i][j] + usize::from(l != r));
            if i > 0 && j > 0 && *l == right[j - 1] && left[i - 1] == *r {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row[j + 1] = best;
        }
        rows.push(row);
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_slips_and_nothing_else() {
        assert_eq!(nearest("nmae", ["name", "url"]), Some("name"));
        assert_eq!(
            nearest("registry_nam", ["registry_name", "registry_url"]),
            Some("registry_name")
        );
        assert_eq!(nearest("port", ["username"]), None);
    }
}
