//! Diagnostics as text and as JSON. The only file that names miette.
//!
//! Three renderers: the plain layout that scripts know (pipes, `-no-color`), miette's report with carets on colour
//! terminals, and JSON.

use diag::{Diagnostic, Diagnostics, Severity, SourceMap, Span};
use serde_json::{Value as Json, json};

use crate::style::{Style, safe};

/// The piece of source text that a diagnostic shows.
struct Snippet {
    context: Option<String>,
    code: String,
    start_line: u32,
    highlight: std::ops::Range<usize>,
}

/// What blocks stand at the top of each source, so that many diagnostics of one file cost one parse.
#[derive(Default)]
struct Contexts {
    blocks: std::collections::BTreeMap<diag::SourceId, Vec<(Span, String)>>,
}

impl Contexts {
    /// The header of the top-level block around a byte.
    fn around(&mut self, sources: &SourceMap, span: Span) -> Option<String> {
        let blocks = self.blocks.entry(span.source).or_insert_with(|| {
            let (name, text) = (sources.name(span.source), sources.text(span.source));
            // Of texts that are no files, `fmt` reads a whole configuration.
            let is_file = !name.starts_with('<') || name == "<stdin>";
            if name.ends_with(".json") || !is_file {
                return Vec::new();
            }
            let file = hcl::parse(span.source, text, &mut Diagnostics::new());
            file.body
                .blocks
                .iter()
                .map(|it| {
                    let labels: String = it
                        .labels
                        .iter()
                        .map(|it| format!(" {}", crate::diff::quoted(&it.name)))
                        .collect();
                    (it.span(), format!("{}{labels}", it.kind.name))
                })
                .collect()
        });
        // The byte before the place: a message about a block's header is not inside the block.
        let byte = span.start.checked_sub(1)?;
        blocks
            .iter()
            .find(|(block, _)| block.contains(byte))
            .map(|(_, header)| header.clone())
    }
}

fn snippet(
    diagnostic: &Diagnostic,
    sources: &SourceMap,
    contexts: &mut Contexts,
) -> Option<Snippet> {
    let subject = diagnostic.subject?;
    let text = sources.text(subject.source);
    if text.is_empty() && sources.name(subject.source).is_empty() {
        return None;
    }
    let non_empty = |span: Span| {
        if span.start == span.end {
            Span {
                end: span.end + 1,
                ..span
            }
        } else {
            span
        }
    };
    let shown = non_empty(
        diagnostic
            .context
            .filter(|it| it.source == subject.source)
            .map_or(subject, |it| it.to(subject)),
    );
    let highlight = non_empty(subject);
    let mut code = String::new();
    let mut start = None;
    let mut at = 0u32;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let bare = line.strip_suffix('\n').unwrap_or(line);
        let bare = bare.strip_suffix('\r').unwrap_or(bare);
        let line_span = Span {
            source: subject.source,
            start: at,
            end: at + bare.len() as u32,
        };
        at += line.len() as u32;
        // Empty lines overlap nothing, so that they are left out, as the reference leaves them out.
        let overlaps = !bare.is_empty()
            && (line_span.contains(shown.start)
                || line_span.contains(shown.end)
                || shown.contains(line_span.start)
                || shown.contains(line_span.end));
        if overlaps {
            if start.is_none() {
                start = Some((number as u32 + 1, line_span.start));
            }
            code.push_str(bare);
            code.push('\n');
        }
    }
    let (start_line, start_byte) = start.unwrap_or((
        sources.position(subject.source, subject.start).line,
        subject.start,
    ));
    if code.ends_with('\n') {
        code.pop();
    }
    let floor = |at: u32| {
        let mut at = (at.saturating_sub(start_byte) as usize).min(code.len());
        while !code.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let (from, to) = (floor(highlight.start), floor(highlight.end));
    let context = contexts.around(sources, highlight);
    Some(Snippet {
        context,
        start_line,
        highlight: from..to.max(from),
        code,
    })
}

/// All diagnostics as text, each with an empty line before it.
pub fn text(diags: &Diagnostics, sources: &SourceMap, style: Style) -> String {
    let mut contexts = Contexts::default();
    let mut res: String = diags
        .iter()
        .map(|it| one(it, sources, style, &mut contexts))
        .collect();
    if style.color {
        for it in &further(diags, sources) {
            res.push_str(&one(it, sources, style, &mut contexts));
        }
    }
    res
}

/// The mistakes of syntax that come after the reported ones in the same files. The reference keeps quiet about them, and
/// so does the plain layout; on a terminal they spare a run each.
fn further(diags: &Diagnostics, sources: &SourceMap) -> Diagnostics {
    let mut by_source: std::collections::BTreeMap<diag::SourceId, Diagnostics> =
        std::collections::BTreeMap::new();
    for it in diags.of(Severity::Error) {
        if let Some(subject) = it.subject
            && hcl::code::CODES.iter().any(|code| code.id == it.code.id)
        {
            by_source
                .entry(subject.source)
                .or_default()
                .push(it.clone());
        }
    }
    let mut res = Diagnostics::new();
    for (source, known) in by_source {
        let name = sources.name(source);
        if sources.is_masked(source) {
            continue;
        }
        if !name.ends_with(".json") && (!name.starts_with('<') || name == "<stdin>") {
            res.append(hcl::further_errors(source, sources.text(source), &known));
        }
    }
    res
}

/// One diagnostic in the plain layout or as a report.
fn one(
    diagnostic: &Diagnostic,
    sources: &SourceMap,
    style: Style,
    contexts: &mut Contexts,
) -> String {
    if style.color {
        report(diagnostic, sources, style)
    } else {
        plain(diagnostic, sources, style, contexts)
    }
}

fn plain(
    diagnostic: &Diagnostic,
    sources: &SourceMap,
    style: Style,
    contexts: &mut Contexts,
) -> String {
    let word = match diagnostic.severity {
        Severity::Error => "Error",
        Severity::Warning => "Warning",
    };
    let mut res = format!("\n{word}: {}\n\n", safe(&diagnostic.summary));
    if let Some(address) = &diagnostic.address {
        res.push_str(&format!("  with {},\n", safe(address)));
    }
    if let Some(subject) = diagnostic.subject {
        let name = safe(sources.name(subject.source));
        let line = sources.position(subject.source, subject.start).line;
        // What was typed or piped into a console stands right above, and is not shown again.
        match snippet(diagnostic, sources, contexts).filter(|it| {
            (!it.code.is_empty() || !name.starts_with('<')) && name != "<console-input>"
        }) {
            None => res.push_str(&format!(
                "  on {name} line {line}:\n  (source code not available)\n\n"
            )),
            Some(snippet) => {
                let context = snippet
                    .context
                    .map_or_else(String::new, |it| format!(", in {it}"));
                res.push_str(&format!("  on {name} line {line}{context}:\n"));
                for (at, text) in snippet.code.split('\n').enumerate() {
                    res.push_str(&format!(
                        "{:4}: {}\n",
                        snippet.start_line + at as u32,
                        safe(text)
                    ));
                }
                res.push_str(&facts(diagnostic));
                res.push('\n');
            }
        }
    } else if diagnostic.address.is_some() {
        res.push('\n');
    }
    let detail = detail(diagnostic);
    if !detail.is_empty() {
        res.push_str(&style.wrap(&safe(&detail)));
        res.push('\n');
    } else if diagnostic.subject.is_none() {
        // As the reference: an explanation that is empty is a line all the same.
        res.push('\n');
    }
    res
}

/// The detail with the hints after it.
fn detail(diagnostic: &Diagnostic) -> String {
    let mut res = diagnostic.detail.trim_end().to_owned();
    for hint in &diagnostic.hints {
        if !res.is_empty() {
            res.push_str("\n\n");
        }
        res.push_str(hint);
    }
    res
}

/// `while calling f(a, b...)`, where it is known what was called.
fn called(diagnostic: &Diagnostic) -> Option<String> {
    let call = diagnostic.call.as_ref()?;
    let parameters = call.parameters.as_ref()?.join(", ");
    Some(format!("while calling {}({parameters})", call.name))
}

fn facts(diagnostic: &Diagnostic) -> String {
    let called = called(diagnostic);
    if diagnostic.facts.is_empty() && called.is_none() {
        return String::new();
    }
    let mut res = "    ├────────────────\n".to_owned();
    if let Some(call) = called {
        res.push_str(&format!("    │ {call}\n"));
    }
    let mut facts: Vec<&diag::Fact> = diagnostic.facts.iter().collect();
    facts.sort();
    for fact in facts {
        res.push_str(&format!(
            "    │ {} {}\n",
            safe(&fact.traversal),
            safe(&fact.statement)
        ));
    }
    res
}

/// A source and a diagnostic as miette wants them.
#[derive(Debug)]
struct Report {
    summary: String,
    help: Option<String>,
    severity: miette::Severity,
    code: String,
    labels: Vec<miette::LabeledSpan>,
    source: Option<miette::NamedSource<String>>,
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.summary)
    }
}

impl std::error::Error for Report {}

impl miette::Diagnostic for Report {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new(&self.code))
    }
    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        self.help
            .as_ref()
            .map(|it| Box::new(it) as Box<dyn std::fmt::Display>)
    }
    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.source.as_ref().map(|it| it as &dyn miette::SourceCode)
    }
    fn labels(&self) -> Option<Box<dyn Iterator<Item = miette::LabeledSpan> + '_>> {
        if self.labels.is_empty() {
            None
        } else {
            Some(Box::new(self.labels.iter().cloned()))
        }
    }
}

fn report(diagnostic: &Diagnostic, sources: &SourceMap, style: Style) -> String {
    let word = match diagnostic.severity {
        Severity::Error => "Error",
        Severity::Warning => "Warning",
    };
    let mut labels = Vec::new();
    let mut source = None;
    if let Some(subject) = diagnostic.subject {
        // Control characters would reach the terminal through miette: the text shown has them replaced byte by byte.
        let text: String = sources
            .text(subject.source)
            .chars()
            .map(|c| {
                if safe(c.encode_utf8(&mut [0; 4])).len() == c.len_utf8() {
                    c.to_string()
                } else {
                    "?".repeat(c.len_utf8())
                }
            })
            .collect();
        source = Some(miette::NamedSource::new(sources.name(subject.source), text));
        let label = |span: Span, text: String| {
            miette::LabeledSpan::new(
                Some(text).filter(|it| !it.is_empty()),
                span.start as usize,
                (span.end - span.start) as usize,
            )
        };
        let mut here: Vec<String> = Vec::new();
        for fact in &diagnostic.facts {
            here.push(format!(
                "{} {}",
                safe(&fact.traversal),
                safe(&fact.statement)
            ));
        }
        labels.push(label(subject, here.join("; ")));
        for it in diagnostic
            .labels
            .iter()
            .filter(|it| it.span.source == subject.source)
        {
            labels.push(label(it.span, safe(&it.text).into_owned()));
        }
    }
    let mut help = String::new();
    if let Some(address) = &diagnostic.address {
        help.push_str(&format!("with {}\n", safe(address)));
    }
    if let Some(call) = called(diagnostic) {
        help.push_str(&format!("{call}\n"));
    }
    help.push_str(&safe(&detail(diagnostic)));
    let report = Report {
        summary: format!("{word}: {}", safe(&diagnostic.summary)),
        help: Some(help.trim_end().to_owned()).filter(|it| !it.is_empty()),
        severity: match diagnostic.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        },
        code: diagnostic.code.id.to_owned(),
        labels,
        source,
    };
    let mut res = String::from("\n");
    let width = if style.width == 0 { 100 } else { style.width };
    let handler = miette::GraphicalReportHandler::new()
        .with_width(width)
        .with_context_lines(1);
    if handler.render_report(&mut res, &report).is_err() {
        return plain(diagnostic, sources, style, &mut Contexts::default());
    }
    res
}

/// Diagnostics as the JSON that Terraform's tools read, in order.
pub fn json(diags: &Diagnostics, sources: &SourceMap) -> Vec<Json> {
    let mut contexts = Contexts::default();
    diags
        .iter()
        .map(|it| one_json(it, sources, &mut contexts))
        .collect()
}

fn one_json(diagnostic: &Diagnostic, sources: &SourceMap, contexts: &mut Contexts) -> Json {
    let mut res = json!({
        "severity": match diagnostic.severity { Severity::Error => "error", Severity::Warning => "warning" },
        "summary": diagnostic.summary,
        "detail": detail(diagnostic),
    });
    if let Some(address) = &diagnostic.address {
        res["address"] = json!(address);
    }
    let Some(subject) = diagnostic.subject else {
        return res;
    };
    let position = |byte: u32| {
        let at = sources.position(subject.source, byte);
        json!({"line": at.line, "column": at.column, "byte": at.byte})
    };
    let mut end = position(subject.end);
    if subject.start == subject.end {
        end = position(subject.start);
        for member in ["column", "byte"] {
            end[member] = json!(end[member].as_u64().unwrap_or(0) + 1);
        }
    }
    res["range"] = json!({"filename": sources.name(subject.source), "start": position(subject.start), "end": end});
    if let Some(snippet) = snippet(diagnostic, sources, contexts) {
        let mut facts: Vec<&diag::Fact> = diagnostic.facts.iter().collect();
        facts.sort();
        let values: Vec<Json> = facts
            .iter()
            .map(|it| json!({"traversal": it.traversal, "statement": it.statement}))
            .collect();
        res["snippet"] = json!({
            "context": snippet.context,
            "code": snippet.code,
            "start_line": snippet.start_line,
            "highlight_start_offset": snippet.highlight.start,
            "highlight_end_offset": snippet.highlight.end,
            "values": values,
        });
        if let Some(call) = &diagnostic.call {
            res["snippet"]["function_call"] = call_json(call);
        }
    }
    res
}

fn call_json(call: &diag::CallNote) -> Json {
    let mut res = json!({"called_as": call.name});
    let name = call.name.rsplit("::").next().unwrap_or(&call.name);
    if call.parameters.is_some()
        && let Some(function) = lang::functions::all().get(name)
    {
        let param = |it: &value::function::Param| json!({"name": it.name, "type": value::json::type_to_json(&it.ty)});
        let params: Vec<Json> = function.params.iter().map(param).collect();
        let mut signature = json!({"name": function.name, "params": params});
        if let Some(it) = &function.variadic {
            signature["variadic_param"] = param(it);
        }
        signature["return_type"] =
            value::json::type_to_json(&lang::functions::return_type(function));
        res["signature"] = signature;
    }
    res
}

/// Many warnings of one title as one line each (`-compact-warnings`).
pub fn compact(diags: &Diagnostics, sources: &SourceMap) -> String {
    let mut res = String::from("\nWarnings:\n\n");
    let mut counts: Vec<(&str, Option<Span>, usize)> = Vec::new();
    for it in diags.of(Severity::Warning) {
        match counts
            .iter_mut()
            .find(|(summary, _, _)| *summary == it.summary)
            // Assertions of checks are the user's own: each stays.
            .filter(|_| !it.code.id.starts_with("check-"))
        {
            Some((_, _, count)) => *count += 1,
            None => counts.push((&it.summary, it.subject, 1)),
        }
    }
    for (summary, subject, count) in counts {
        res.push_str(&format!("- {}\n", safe(summary)));
        if let Some(subject) = subject {
            let (name, line) = (
                sources.name(subject.source),
                sources.position(subject.source, subject.start).line,
            );
            let more = if count > 1 {
                format!(" (and {} more)", count - 1)
            } else {
                String::new()
            };
            res.push_str(&format!("  on {name} line {line}{more}\n"));
        }
    }
    res
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_mistakes_of_a_file_are_further_ones() {
        let mut sources = SourceMap::new();
        let text = "locals {\n  a = 1 +\n}\nlocals {\n  b = [1 2]\n}\n";
        let source = sources.add("main.tf", text);
        let mut diags = Diagnostics::new();
        hcl::parse(source, text, &mut diags);
        assert_eq!(diags.len(), 1);
        let found = further(&diags, &sources);
        let titles: Vec<_> = found.iter().map(|it| it.summary.as_str()).collect();
        assert_eq!(titles, ["Missing item separator"]);
    }
}
