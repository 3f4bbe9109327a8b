//! Helpers for the tests of other crates. Knows only `diag`, so that it can serve the unit tests of any crate above it.
//!
//! [`check_diagnostics`] compares the mistakes found in a text with annotations below its lines:
//!
//! ```text
//! a = 1 2
//! #     ^ error[missing-newline-after-argument]
//! ```

use diag::{Diagnostic, Diagnostics, Severity, SourceId, SourceMap, Span};

/// A text without its annotations, and what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixture {
    /// The text.
    pub text: String,
    /// The annotations in the order of the text.
    pub annotations: Vec<Annotation>,
}

/// What is expected at a place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Annotation {
    /// The line that it is about, from 1.
    pub line: u32,
    /// The first column, from 1. What begins in column 1 and 2 is not told apart, since the `#` stands in column 1.
    pub start: u32,
    /// The column after the last; on the line where the span ends, or after the end of the line for a span that goes on.
    pub end: u32,
    /// `error[code]` or `warning[code]`.
    pub kind: String,
    /// What the title or the detail contains; empty for anything.
    pub text: String,
}

/// Takes the annotations out of a text: lines that consist of `#`, blanks, carets, a kind, and perhaps a colon and a
/// part of the message.
pub fn fixture(annotated: &str) -> Fixture {
    let mut text = String::new();
    let mut annotations = Vec::new();
    let mut line_number = 0;
    for line in annotated.split_inclusive('\n') {
        if let Some(annotation) = annotation(line, line_number) {
            annotations.push(annotation);
        } else {
            text.push_str(line);
            line_number += 1;
        }
    }
    Fixture { text, annotations }
}

fn annotation(line: &str, about: u32) -> Option<Annotation> {
    let rest = line.strip_prefix('#')?;
    let carets = rest.trim_start_matches(' ');
    let message = carets.trim_start_matches('^');
    if message.len() == carets.len() {
        return None;
    }
    let start = 1 + rest.len() - carets.len();
    let n_carets = carets.len() - message.len();
    // A caret directly after the sign: the sign itself is the first.
    let (start, end) = if start == 1 {
        (1, 2 + n_carets)
    } else {
        (start + 1, start + 1 + n_carets)
    };
    let message = message.trim();
    let (kind, text) = message.split_once(": ").unwrap_or((message, ""));
    Some(Annotation {
        line: about,
        start: start as u32,
        end: end as u32,
        kind: kind.to_owned(),
        text: text.to_owned(),
    })
}

/// The text with what was found, in the form in which [`fixture`] reads it.
pub fn annotated(text: &str, diags: &Diagnostics) -> String {
    let mut sources = SourceMap::new();
    sources.add("fixture", text);
    let mut found: Vec<_> = diags
        .iter()
        .map(|it| (place(&sources, it.subject), it))
        .collect();
    found.sort_by_key(|it| it.0);
    let mut res = String::new();
    let mut found = found.into_iter().peekable();
    for (at, line) in text.split_inclusive('\n').enumerate() {
        res.push_str(line);
        while let Some(((_, start, end), it)) = found.next_if(|it| it.0.0 as usize == at + 1) {
            if !res.ends_with('\n') {
                res.push('\n');
            }
            res.push('#');
            if start > 2 {
                res.extend(std::iter::repeat_n(' ', start as usize - 2));
                res.extend(std::iter::repeat_n('^', (end - start) as usize));
            } else {
                res.extend(std::iter::repeat_n(
                    '^',
                    (end as usize).saturating_sub(2).max(1),
                ));
            }
            res.push_str(&format!(" {}: {}\n", kind(it), it.detail));
        }
    }
    // Places after the last line break, and those that are nowhere.
    for ((line, ..), it) in found {
        res.push_str(&format!("# line {line}: {}: {}\n", kind(it), it.detail));
    }
    res
}

fn kind(diagnostic: &Diagnostic) -> String {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    format!("{severity}[{}]", diagnostic.code.id)
}

/// Line, first column, and column after the last on that line; at least one column wide.
fn place(sources: &SourceMap, span: Option<Span>) -> (u32, u32, u32) {
    let Some(span) = span else {
        return (0, 0, 0);
    };
    let start = sources.position(span.source, span.start);
    let end = sources.position(span.source, span.end);
    let end = if end.line == start.line {
        end.column
    } else {
        let line = sources.line(span.source, start.line);
        sources
            .position(
                span.source,
                start.byte - start_of(sources, span) + line.len() as u32,
            )
            .column
    };
    (start.line, start.column, end.max(start.column + 1))
}

/// How many bytes into its line a span begins.
fn start_of(sources: &SourceMap, span: Span) -> u32 {
    let before = sources
        .text(span.source)
        .get(..span.start as usize)
        .unwrap_or("");
    (before.len() - before.rfind('\n').map_or(0, |it| it + 1)) as u32
}

/// Asserts that what `find` finds in a text is what its annotations say, no more and no less.
#[track_caller]
pub fn check_diagnostics(annotated_text: &str, find: impl FnOnce(SourceId, &str) -> Diagnostics) {
    let fixture = fixture(annotated_text);
    let mut sources = SourceMap::new();
    let source = sources.add("fixture", fixture.text.as_str());
    let diags = find(source, &fixture.text);
    let mut found: Vec<_> = diags
        .iter()
        .map(|it| (place(&sources, it.subject), it))
        .collect();
    found.sort_by_key(|it| it.0);
    let agrees = |expected: &Annotation, found: &((u32, u32, u32), &Diagnostic)| {
        let ((line, start, end), diagnostic) = found;
        let same_place = *line == expected.line
            && if expected.start == 1 {
                *start <= 2 && (*end).max(3) == expected.end
            } else {
                (*start, *end) == (expected.start, expected.end)
            };
        same_place
            && kind(diagnostic) == expected.kind
            && (diagnostic.detail.contains(&expected.text)
                || diagnostic.summary.contains(&expected.text))
    };
    let all_agree = found.len() == fixture.annotations.len()
        && fixture
            .annotations
            .iter()
            .zip(&found)
            .all(|(expected, found)| agrees(expected, found));
    assert!(
        all_agree,
        "other diagnostics than annotated.\n--- expected\n{annotated_text}\n--- found\n{}",
        annotated(&fixture.text, &diags)
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use diag::Code;

    static CODE: Code = Code::new("bad-word", "Bad word", "");

    fn find(word: &str, source: SourceId, text: &str) -> Diagnostics {
        text.match_indices(word)
            .map(|(at, _)| {
                Diagnostic::error(&CODE, "Not this word.").at(Span::new(
                    source,
                    at as u32,
                    (at + word.len()) as u32,
                ))
            })
            .collect()
    }

    #[test]
    fn annotations_and_findings_meet() {
        check_diagnostics(
            "# a comment\na bad\n# ^^^ error[bad-word]: Not this\nbad\n#^^ error[bad-word]\n  é bad b\n#   ^^^ error[bad-word]: Bad word\n",
            |source, text| find("bad", source, text),
        );
    }

    #[test]
    #[should_panic(expected = "other diagnostics than annotated")]
    fn a_missing_annotation_is_noticed() {
        check_diagnostics("a bad\n", |source, text| find("bad", source, text));
    }

    #[test]
    fn what_is_shown_can_be_read_again() {
        let text = "x bad y\nbad\n";
        let shown = annotated(text, &find("bad", SourceId(0), text));
        assert_eq!(
            shown,
            "x bad y\n# ^^^ error[bad-word]: Not this word.\nbad\n#^^ error[bad-word]: Not this word.\n"
        );
        assert_eq!(fixture(&shown).text, text);
        check_diagnostics(&shown, |source, text| find("bad", source, text));
    }
}
