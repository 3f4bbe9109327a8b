//! Which text, which bytes.

use std::sync::Arc;

use unicode_segmentation::UnicodeSegmentation;

/// A text in a [`SourceMap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// A range of bytes of one source text, `start` inclusive, `end` exclusive. Both lie on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The text.
    pub source: SourceId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// The bytes `start..end` of a text.
    pub const fn new(source: SourceId, start: u32, end: u32) -> Self {
        Self { source, start, end }
    }

    /// From the start of this to the end of another span of the same text.
    pub fn to(self, other: Span) -> Span {
        Span {
            source: self.source,
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// The empty span at its start.
    pub fn head(self) -> Span {
        Span {
            end: self.start,
            ..self
        }
    }

    /// The empty span at its end.
    pub fn tail(self) -> Span {
        Span {
            start: self.end,
            ..self
        }
    }

    /// Whether a byte lies in it.
    pub fn contains(self, byte: u32) -> bool {
        self.start <= byte && byte < self.end
    }
}

/// A place as people count: lines from 1, columns from 1 in grapheme clusters, and the byte from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in grapheme clusters, from 1.
    pub column: u32,
    /// Byte offset, from 0.
    pub byte: u32,
}

#[derive(Debug, Clone)]
struct Source {
    name: String,
    text: Arc<str>,
    /// Byte offset of the start of each line.
    lines: Vec<u32>,
    /// Whether values in it are masked.
    masked: bool,
}

/// All texts that a run has read, so that a [`Span`] can be shown.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    sources: Vec<Source>,
}

/// A line of `name = value` with stars for the value, or with nothing but stars; as many bytes as before.
fn masked_line(line: &str) -> String {
    let is_name = |it: &str| {
        let it = it.trim();
        !it.is_empty()
            && it
                .chars()
                .all(|c| c.is_alphanumeric() || c == '_' || c == '-')
    };
    let start = line
        .split_once('=')
        .filter(|(name, _)| is_name(name))
        .map_or(0, |(name, _)| name.len() + 1);
    let (name, value) = line.split_at(start);
    let star = |c: char| match c {
        '\n' | '\r' | '\t' | ' ' => c.to_string(),
        _ => "*".repeat(c.len_utf8()),
    };
    name.chars()
        .map(String::from)
        .chain(value.chars().map(star))
        .collect()
}

impl SourceMap {
    /// No texts yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text under the name that messages show (`main.tf`, `modules/a/main.tf`, `<value for var.x>`).
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> SourceId {
        let text = text.into();
        let mut lines = vec![0];
        lines.extend(
            text.bytes()
                .enumerate()
                .filter(|(_, b)| *b == b'\n')
                .map(|(at, _)| at as u32 + 1),
        );
        self.sources.push(Source {
            name: name.into(),
            text,
            lines,
            masked: false,
        });
        SourceId(self.sources.len() as u32 - 1)
    }

    /// Adds a text with secrets in it: what is shown of it has stars where values are, and every place stays where it is.
    pub fn add_masked(&mut self, name: impl Into<String>, text: &str) -> SourceId {
        let masked: String = text.split_inclusive('\n').map(masked_line).collect();
        let id = self.add(name, masked);
        if let Some(it) = self.sources.last_mut() {
            it.masked = true;
        }
        id
    }

    /// Whether values in a text are masked, so that it must not be parsed.
    pub fn is_masked(&self, id: SourceId) -> bool {
        self.sources.get(id.0 as usize).is_some_and(|it| it.masked)
    }

    /// The name of a text; empty for one that is not here.
    pub fn name(&self, id: SourceId) -> &str {
        self.sources
            .get(id.0 as usize)
            .map_or("", |it| it.name.as_str())
    }

    /// The whole text; empty for one that is not here.
    pub fn text(&self, id: SourceId) -> &str {
        self.sources.get(id.0 as usize).map_or("", |it| &it.text)
    }

    /// A handle on the whole text.
    pub fn shared_text(&self, id: SourceId) -> Arc<str> {
        self.sources
            .get(id.0 as usize)
            .map_or_else(|| Arc::from(""), |it| it.text.clone())
    }

    /// The bytes of a span; empty where it does not fit its text.
    pub fn slice(&self, span: Span) -> &str {
        self.text(span.source)
            .get(span.start as usize..span.end as usize)
            .unwrap_or("")
    }

    /// Line and column of a byte.
    pub fn position(&self, id: SourceId, byte: u32) -> Position {
        let Some(source) = self.sources.get(id.0 as usize) else {
            return Position {
                line: 1,
                column: 1,
                byte,
            };
        };
        let line = source.lines.partition_point(|start| *start <= byte).max(1);
        let start = source.lines.get(line - 1).copied().unwrap_or(0);
        let before = source.text.get(start as usize..byte as usize).unwrap_or("");
        let column = if before.is_ascii() {
            before.len()
        } else {
            before.graphemes(true).count()
        };
        Position {
            line: line as u32,
            column: column as u32 + 1,
            byte,
        }
    }

    /// The text of a line (from 1), without its line break.
    pub fn line(&self, id: SourceId, line: u32) -> &str {
        let Some(source) = self.sources.get(id.0 as usize) else {
            return "";
        };
        let Some(start) = source.lines.get(line.saturating_sub(1) as usize) else {
            return "";
        };
        let end = source
            .lines
            .get(line as usize)
            .map_or(source.text.len(), |it| *it as usize);
        let text = source.text.get(*start as usize..end).unwrap_or("");
        let text = text.strip_suffix('\n').unwrap_or(text);
        text.strip_suffix('\r').unwrap_or(text)
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.sources.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_grapheme_clusters() {
        let mut sources = SourceMap::new();
        let id = sources.add("main.tf", "a = 1\nb = \"e\u{301}x\"\n");
        let at = sources.text(id).find('x').unwrap() as u32;
        assert_eq!(
            sources.position(id, at),
            Position {
                line: 2,
                column: 7,
                byte: at
            }
        );
        assert_eq!(sources.line(id, 2), "b = \"e\u{301}x\"");
    }

    #[test]
    fn masked_values_keep_their_place() {
        let mut sources = SourceMap::new();
        let text = "a = \"geheim\u{fc}\"\n  more secret\n";
        let id = sources.add_masked("x.tfvars", text);
        assert_eq!(sources.text(id), "a = **********\n  **** ******\n");
        assert_eq!(sources.text(id).len(), text.len());
        assert!(sources.is_masked(id));
    }
}
