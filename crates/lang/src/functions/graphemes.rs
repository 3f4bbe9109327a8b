//! Grapheme clusters as the reference counts them: those of Unicode 15.0, before conjuncts of Indic scripts were joined.

use unicode_segmentation::UnicodeSegmentation;

/// The clusters of a text.
pub(crate) fn clusters(text: &str) -> impl Iterator<Item = &str> {
    text.graphemes(true).flat_map(Parts)
}

/// How many clusters a text has.
pub(crate) fn count(text: &str) -> usize {
    if text.is_ascii() && !text.contains('\r') {
        return text.len();
    }
    clusters(text).count()
}

/// The part of a text that stays as it is, whatever is written behind it.
pub(crate) fn sure_prefix(text: &str) -> &str {
    let last = clusters(text).last().map_or(0, str::len);
    match text.char_indices().next_back() {
        None => text,
        // A printable ASCII character and a digit can still be given a combining mark.
        Some(_) => text.get(..text.len() - last).unwrap_or(""),
    }
}

/// What today's rules join and those of Unicode 15.0 do not: a consonant after a virama.
struct Parts<'a>(&'a str);

impl<'a> Iterator for Parts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.0.is_empty() {
            return None;
        }
        let mut before = None;
        for (at, it) in self.0.char_indices() {
            if before.is_some_and(|it| it != '\u{0D4E}') && is_consonant(it) {
                let (part, rest) = self.0.split_at(at);
                self.0 = rest;
                return Some(part);
            }
            before = Some(it);
        }
        Some(std::mem::take(&mut self.0))
    }
}

/// `Indic_Conjunct_Break=Consonant`.
fn is_consonant(it: char) -> bool {
    matches!(it,
        '\u{0915}'..='\u{0939}' | '\u{0958}'..='\u{095F}' | '\u{0978}'..='\u{097F}'
        | '\u{0995}'..='\u{09A8}' | '\u{09AA}'..='\u{09B0}' | '\u{09B2}' | '\u{09B6}'..='\u{09B9}'
        | '\u{09DC}'..='\u{09DD}' | '\u{09DF}' | '\u{09F0}'..='\u{09F1}'
        | '\u{0A95}'..='\u{0AA8}' | '\u{0AAA}'..='\u{0AB0}' | '\u{0AB2}'..='\u{0AB3}'
        | '\u{0AB5}'..='\u{0AB9}' | '\u{0AF9}'
        | '\u{0B15}'..='\u{0B28}' | '\u{0B2A}'..='\u{0B30}' | '\u{0B32}'..='\u{0B33}'
        | '\u{0B35}'..='\u{0B39}' | '\u{0B5C}'..='\u{0B5D}' | '\u{0B5F}' | '\u{0B71}'
        | '\u{0C15}'..='\u{0C28}' | '\u{0C2A}'..='\u{0C39}' | '\u{0C58}'..='\u{0C5A}'
        | '\u{0D15}'..='\u{0D3A}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_are_those_of_unicode_15() {
        assert_eq!(count("hello"), 5);
        assert_eq!(count("e\u{301}a"), 2);
        assert_eq!(count("\u{1F469}\u{200D}\u{1F469}\u{200D}\u{1F467}!"), 2);
        assert_eq!(count("क्षि"), 2);
        assert_eq!(count("a\r\nb"), 3);
    }

    #[test]
    fn a_prefix_ends_before_what_may_combine() {
        assert_eq!(sure_prefix("ab"), "a");
        assert_eq!(sure_prefix(""), "");
    }
}
