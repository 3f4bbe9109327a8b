//! A tree of differences as text, in the layout that people know.

use std::collections::BTreeMap;

use plan::diff::{self, Diff, Does, Kind};
use value::{Plain, Value};

use crate::style::{Style, safe};

/// What a renderer passes down.
#[derive(Clone, Copy)]
struct Options {
    style: Style,
    /// States are shown without signs.
    hide_signs: bool,
    /// Unchanged parts are shown too.
    show_unchanged: bool,
    /// Removed parts do not say `-> null`: their parent does.
    hide_null: bool,
    /// Every part says that it forces a replacement.
    force_note: bool,
}

/// A change as text, without its own sign: `{ … }` for a block.
pub fn change(diff: &Diff, indent: usize, style: Style) -> String {
    render(diff, indent, options(style))
}

/// The same with what does not change: nobody has seen an imported object yet.
pub fn whole(diff: &Diff, indent: usize, style: Style) -> String {
    render(
        diff,
        indent,
        Options {
            show_unchanged: true,
            ..options(style)
        },
    )
}

/// A value that does not change, without signs: an object of a state.
pub fn state(diff: &Diff, indent: usize, style: Style) -> String {
    render(
        diff,
        indent,
        Options {
            hide_signs: true,
            show_unchanged: true,
            ..options(style)
        },
    )
}

/// The sign of what happens, with a space: two columns of four. Empty where signs are hidden.
pub fn sign(does: Does, style: Style) -> String {
    match does {
        Does::Stay => "    ".to_owned(),
        Does::Come => format!("  {} ", style.green("+")),
        Does::Go => format!("  {} ", style.red("-")),
        Does::Change => format!("  {} ", style.yellow("~")),
    }
}

/// A name as it stands in a block or object: quoted where it is not an identifier.
pub fn attribute_name(name: &str) -> String {
    let valid = name.chars().enumerate().all(|(at, c)| {
        c == '_' || c == '-' && at > 0 || c.is_alphabetic() || (at > 0 && c.is_alphanumeric())
    });
    if valid && !name.is_empty() {
        name.to_owned()
    } else {
        quoted(name)
    }
}

fn options(style: Style) -> Options {
    Options {
        style,
        hide_signs: false,
        show_unchanged: false,
        hide_null: false,
        force_note: false,
    }
}

impl Options {
    fn sign(self, does: Does) -> String {
        if self.hide_signs {
            String::new()
        } else {
            sign(does, self.style)
        }
    }

    fn forces(self, replace: bool) -> String {
        if replace || self.force_note {
            format!(" {}", self.style.red("# forces replacement"))
        } else {
            String::new()
        }
    }

    fn null(self, does: Does) -> String {
        if does == Does::Go && !self.hide_null {
            format!(" {}", self.style.dim("-> null"))
        } else {
            String::new()
        }
    }

    fn hidden(self, noun: &str, count: usize) -> String {
        let plural = if count == 1 { "" } else { "s" };
        self.style
            .dim(&format!("# ({count} unchanged {noun}{plural} hidden)"))
    }

    fn arrow(self) -> String {
        self.style.yellow("->")
    }
}

fn pad(indent: usize) -> String {
    "    ".repeat(indent)
}

fn is_important(name: &str) -> bool {
    matches!(name, "id" | "name" | "tags")
}

fn render(diff: &Diff, indent: usize, opts: Options) -> String {
    match &diff.kind {
        Kind::Primitive(before, after) => {
            primitive(diff, before.as_ref(), after.as_ref(), indent, opts)
        }
        Kind::List(elements, context) => list(diff, elements, *context, indent, opts),
        Kind::Set(elements, nested) => set(diff, elements, *nested, indent, opts),
        Kind::Map(elements, nested) => map(diff, elements, *nested, indent, opts),
        Kind::Object(attributes, nested) => object(diff, attributes, *nested, indent, opts),
        Kind::Block(attributes, blocks) => block(diff, attributes, blocks, indent, opts),
        Kind::Unknown(None) => format!("(known after apply){}", opts.forces(diff.replace)),
        Kind::Unknown(Some(before)) => {
            let before = render(
                before,
                indent,
                Options {
                    hide_null: true,
                    ..opts
                },
            );
            format!(
                "{before} {} (known after apply){}",
                opts.arrow(),
                opts.forces(diff.replace)
            )
        }
        Kind::Hidden { block: false, .. } => {
            format!(
                "(sensitive value){}{}",
                opts.null(diff.does),
                opts.forces(diff.replace)
            )
        }
        Kind::Hidden { block: true, .. } => {
            let (inner, outer) = (pad(indent + 1), pad(indent));
            let (sign, note) = (opts.sign(Does::Stay), opts.forces(diff.replace));
            format!(
                "{{{note}\n{inner}{sign}# At least one attribute in this block is (or was) sensitive,\n{inner}{sign}# so its contents will not be displayed.\n{outer}{sign}}}"
            )
        }
        Kind::Retyped(before, after) => {
            let opts = Options {
                hide_null: true,
                ..opts
            };
            let (before, after) = (render(before, indent, opts), render(after, indent, opts));
            format!(
                "{before} {} {after}{}",
                opts.arrow(),
                opts.forces(diff.replace)
            )
        }
    }
}

/// Notes above a part.
fn warnings(diff: &Diff, indent: usize, opts: Options) -> Vec<String> {
    let Kind::Hidden {
        before,
        after,
        same,
        block,
    } = diff.kind
    else {
        return Vec::new();
    };
    if before == after || !matches!(diff.does, Does::Change | Does::Stay) {
        return Vec::new();
    }
    let noun = if block { "block" } else { "attribute value" };
    let warning = opts.style.yellow("Warning");
    let unchanged = if same { " The value is unchanged." } else { "" };
    let line = format!("{}{}", pad(indent), if opts.hide_signs { "" } else { "  " });
    vec![if after {
        format!(
            "  # {warning}: this {noun} will be marked as sensitive and will not\n{line}# display in UI output after applying this change.{unchanged}"
        )
    } else {
        format!(
            "  # {warning}: this {noun} will no longer be marked as sensitive\n{line}# after applying this change.{unchanged}"
        )
    }]
}

fn write_warnings(res: &mut String, diff: &Diff, indent: usize, opts: Options) {
    for warning in warnings(diff, indent, opts) {
        res.push_str(&format!("{}{warning}\n", pad(indent)));
    }
}

/// The lines of attributes by name; unchanged ones are counted unless they tell which object it is.
fn write_attributes(
    res: &mut String,
    attributes: &BTreeMap<String, Diff>,
    indent: usize,
    opts: Options,
) {
    // The reference takes the longest name by its bytes and fills up by characters.
    let width = attributes
        .keys()
        .map(|it| attribute_name(it).len())
        .max()
        .unwrap_or(0);
    let mut n_hidden = 0;
    for (name, part) in attributes {
        if part.does == Does::Stay && !opts.show_unchanged && !is_important(name) {
            n_hidden += 1;
            continue;
        }
        write_warnings(res, part, indent + 1, opts);
        let (sign, value) = (opts.sign(part.does), render(part, indent + 1, opts));
        let name = attribute_name(name);
        res.push_str(&format!(
            "{}{sign}{name:width$} = {value}\n",
            pad(indent + 1)
        ));
    }
    if n_hidden > 0 {
        res.push_str(&format!(
            "{}{}{}\n",
            pad(indent + 1),
            opts.sign(Does::Stay),
            opts.hidden("attribute", n_hidden)
        ));
    }
}

fn block(
    diff: &Diff,
    attributes: &BTreeMap<String, Diff>,
    blocks: &BTreeMap<String, Vec<(Option<String>, Diff)>>,
    indent: usize,
    opts: Options,
) -> String {
    if attributes.is_empty() && blocks.is_empty() {
        return format!("{{}}{}", opts.forces(diff.replace));
    }
    let mut res = format!("{{{}\n", opts.forces(diff.replace));
    write_attributes(&mut res, attributes, indent, opts);
    let mut n_hidden = 0;
    for (name, parts) in blocks {
        let mut first = true;
        for (label, part) in parts {
            if part.does == Does::Stay && !opts.show_unchanged {
                n_hidden += 1;
                continue;
            }
            if first && !attributes.is_empty() {
                res.push('\n');
            }
            first = false;
            write_warnings(&mut res, part, indent + 1, opts);
            let label = label
                .as_ref()
                .map_or_else(String::new, |it| format!(" {}", quoted(it)));
            let (sign, value) = (opts.sign(part.does), render(part, indent + 1, opts));
            res.push_str(&format!(
                "{}{sign}{}{label} {value}\n",
                pad(indent + 1),
                attribute_name(name)
            ));
        }
    }
    if n_hidden > 0 {
        res.push_str(&format!(
            "\n{}{}{}\n",
            pad(indent + 1),
            opts.sign(Does::Stay),
            opts.hidden("block", n_hidden)
        ));
    }
    res.push_str(&format!("{}{}}}", pad(indent), opts.sign(Does::Stay)));
    res
}

fn object(
    diff: &Diff,
    attributes: &BTreeMap<String, Diff>,
    nested: bool,
    indent: usize,
    opts: Options,
) -> String {
    if attributes.is_empty() {
        return format!("{{}}{}{}", opts.null(diff.does), opts.forces(diff.replace));
    }
    let inner = Options {
        hide_null: !nested,
        ..opts
    };
    let mut res = format!("{{{}\n", opts.forces(diff.replace));
    write_attributes(&mut res, attributes, indent, inner);
    res.push_str(&format!(
        "{}{}}}{}",
        pad(indent),
        opts.sign(Does::Stay),
        opts.null(diff.does)
    ));
    res
}

fn map(
    diff: &Diff,
    elements: &BTreeMap<String, Diff>,
    nested: bool,
    indent: usize,
    opts: Options,
) -> String {
    if elements.is_empty() {
        return format!("{{}}{}{}", opts.null(diff.does), opts.forces(diff.replace));
    }
    let inner = Options {
        hide_null: opts.hide_null || !nested,
        ..opts
    };
    let mut res = format!("{{{}\n", opts.forces(diff.replace));
    let width = elements
        .keys()
        .map(|it| quoted(it).len())
        .max()
        .unwrap_or(0);
    let mut n_hidden = 0;
    for (key, part) in elements {
        if part.does == Does::Stay && !opts.show_unchanged {
            n_hidden += 1;
            continue;
        }
        write_warnings(&mut res, part, indent + 1, opts);
        let (sign, value) = (opts.sign(part.does), render(part, indent + 1, inner));
        let comma = if nested { "," } else { "" };
        let key = quoted(key);
        res.push_str(&format!(
            "{}{sign}{key:width$} = {value}{comma}\n",
            pad(indent + 1)
        ));
    }
    if n_hidden > 0 {
        res.push_str(&format!(
            "{}{}{}\n",
            pad(indent + 1),
            opts.sign(Does::Stay),
            opts.hidden("element", n_hidden)
        ));
    }
    res.push_str(&format!(
        "{}{}}}{}",
        pad(indent),
        opts.sign(Does::Stay),
        opts.null(diff.does)
    ));
    res
}

fn set(diff: &Diff, elements: &[Diff], nested: bool, indent: usize, opts: Options) -> String {
    let note_here = diff.replace && !nested;
    if elements.is_empty() {
        return format!("[]{}{}", opts.null(diff.does), opts.forces(diff.replace));
    }
    let inner = Options {
        hide_null: true,
        force_note: diff.replace && nested,
        ..opts
    };
    let mut res = format!("[{}\n", opts.forces(note_here));
    let mut n_hidden = 0;
    for part in elements {
        if part.does == Does::Stay && !opts.show_unchanged {
            n_hidden += 1;
            continue;
        }
        write_warnings(&mut res, part, indent + 1, opts);
        let (sign, value) = (opts.sign(part.does), render(part, indent + 1, inner));
        res.push_str(&format!("{}{sign}{value},\n", pad(indent + 1)));
    }
    if n_hidden > 0 {
        res.push_str(&format!(
            "{}{}{}\n",
            pad(indent + 1),
            opts.sign(Does::Stay),
            opts.hidden("element", n_hidden)
        ));
    }
    res.push_str(&format!(
        "{}{}]{}",
        pad(indent),
        opts.sign(Does::Stay),
        opts.null(diff.does)
    ));
    res
}

fn list(diff: &Diff, elements: &[Diff], context: bool, indent: usize, opts: Options) -> String {
    if elements.is_empty() {
        return format!("[]{}{}", opts.null(diff.does), opts.forces(diff.replace));
    }
    let inner = Options {
        hide_null: true,
        ..opts
    };
    let quiet = Options {
        show_unchanged: true,
        ..inner
    };
    let mut res = format!("[{}\n", opts.forces(diff.replace));
    let line = |res: &mut String, part: &Diff, opts: Options| {
        write_warnings(res, part, indent + 1, opts);
        let (sign, value) = (opts.sign(part.does), render(part, indent + 1, opts));
        res.push_str(&format!("{}{sign}{value},\n", pad(indent + 1)));
    };
    let count = |res: &mut String, n: usize| {
        res.push_str(&format!(
            "{}{}{}\n",
            pad(indent + 1),
            opts.sign(Does::Stay),
            opts.hidden("element", n)
        ));
    };
    let mut hidden: Vec<&Diff> = Vec::new();
    let mut show_next = false;
    for part in elements {
        if part.does == Does::Stay && !show_next && !opts.show_unchanged {
            hidden.push(part);
            continue;
        }
        show_next = false;
        let mut part_opts = inner;
        if context {
            if let Some((last, others)) = hidden.split_last() {
                if !others.is_empty() {
                    count(&mut res, others.len());
                }
                line(&mut res, last, quiet);
            }
            hidden.clear();
            if part.does == Does::Stay {
                part_opts = quiet;
            } else {
                show_next = true;
            }
        }
        line(&mut res, part, part_opts);
    }
    if !hidden.is_empty() {
        count(&mut res, hidden.len());
    }
    res.push_str(&format!(
        "{}{}]{}",
        pad(indent),
        opts.sign(Does::Stay),
        opts.null(diff.does)
    ));
    res
}

fn primitive(
    diff: &Diff,
    before: Option<&Value>,
    after: Option<&Value>,
    indent: usize,
    opts: Options,
) -> String {
    let texts = [before, after]
        .into_iter()
        .flatten()
        .any(|it| it.as_str().is_some());
    if texts {
        return text(diff, before, after, indent, opts);
    }
    let (before, after) = (simple(before), simple(after));
    let note = opts.forces(diff.replace);
    match diff.does {
        Does::Come => format!("{after}{note}"),
        Does::Go => format!("{before}{}{note}", opts.null(diff.does)),
        Does::Stay => format!("{before}{note}"),
        Does::Change => format!("{before} {} {after}{note}", opts.arrow()),
    }
}

fn simple(value: Option<&Value>) -> String {
    match value.map(|it| it.peek().0) {
        None | Some(Plain::Null(_)) => "null".to_owned(),
        Some(Plain::Bool(it)) => it.to_string(),
        Some(Plain::Number(it)) => it.to_string(),
        Some(Plain::String(it)) => quoted(it),
        Some(_) => "(known after apply)".to_owned(),
    }
}

/// A text, as what it looks like.
struct Text {
    content: Option<String>,
    json: Option<Value>,
    lines: bool,
}

impl Text {
    fn of(value: Option<&Value>) -> Text {
        let Some(text) = value.and_then(Value::as_str) else {
            return Text {
                content: None,
                json: None,
                lines: false,
            };
        };
        // Lines around a text of several lines that hold nothing are not worth a place in a plan.
        let shown = if text.contains('\n') {
            text.trim()
        } else {
            text
        };
        let json = if text.starts_with('{') || text.starts_with('[') {
            serde_json::from_str::<serde_json::Value>(text)
                .ok()
                .and_then(|json| {
                    value::json::from_json(&json, &value::json::implied_type(&json)).ok()
                })
        } else {
            None
        };
        Text {
            content: Some(shown.to_owned()),
            json,
            lines: text.contains('\n'),
        }
    }

    fn simple(&self) -> String {
        self.content
            .as_deref()
            .map_or_else(|| "null".to_owned(), quoted)
    }
}

fn text(
    diff: &Diff,
    before: Option<&Value>,
    after: Option<&Value>,
    indent: usize,
    opts: Options,
) -> String {
    let (before, after) = (Text::of(before), Text::of(after));
    let note = opts.forces(diff.replace);
    let line = |does: Does, line: &str| {
        format!(
            "{}{}{}",
            pad(indent + 1),
            opts.sign(does),
            safe(line.strip_suffix('\r').unwrap_or(line))
        )
    };
    let lines: Vec<String> = match diff.does {
        Does::Come | Does::Stay => {
            if after.json.is_some() {
                let before = if diff.does == Does::Stay {
                    after.json.as_ref()
                } else {
                    None
                };
                return json(diff, before, after.json.as_ref(), indent, opts);
            }
            if !after.lines {
                return format!("{}{note}", after.simple());
            }
            after
                .content
                .unwrap_or_default()
                .split('\n')
                .map(|it| line(Does::Stay, it))
                .collect()
        }
        Does::Go => {
            if before.content.is_none() {
                return format!("{}{note}", before.simple());
            }
            if before.json.is_some() {
                return json(diff, before.json.as_ref(), None, indent, opts);
            }
            if !before.lines {
                return format!("{}{}{note}", before.simple(), opts.null(diff.does));
            }
            before
                .content
                .unwrap_or_default()
                .split('\n')
                .map(|it| line(Does::Stay, it))
                .collect()
        }
        Does::Change => {
            if before.json.is_some() && after.json.is_some() {
                return json(
                    diff,
                    before.json.as_ref(),
                    after.json.as_ref(),
                    indent,
                    opts,
                );
            }
            if before.json.is_some() || after.json.is_some() {
                let side = |text: Text, does: Does| {
                    let value = text
                        .content
                        .map_or_else(|| Value::null(value::Type::String), Value::string);
                    let kind = match does {
                        Does::Go => Kind::Primitive(Some(value), None),
                        Does::Come | Does::Stay | Does::Change => {
                            Kind::Primitive(None, Some(value))
                        }
                    };
                    Box::new(Diff {
                        does,
                        replace: false,
                        kind,
                    })
                };
                let kind = Kind::Retyped(side(before, Does::Go), side(after, Does::Come));
                return render(
                    &Diff {
                        does: Does::Change,
                        replace: diff.replace,
                        kind,
                    },
                    indent,
                    opts,
                );
            }
            if !before.lines && !after.lines {
                return format!(
                    "{} {} {}{note}",
                    before.simple(),
                    opts.arrow(),
                    after.simple()
                );
            }
            let (before, after) = (
                before.content.unwrap_or_default(),
                after.content.unwrap_or_default(),
            );
            let before: Vec<&str> = before.split('\n').collect();
            let after: Vec<&str> = after.split('\n').collect();
            diff::changed_lines(&before, &after)
                .into_iter()
                .map(|pair| match pair {
                    (Some(b), Some(_)) => line(Does::Stay, before[b]),
                    (Some(b), None) => line(Does::Go, before[b]),
                    (None, Some(a)) => line(Does::Come, after[a]),
                    (None, None) => String::new(),
                })
                .collect()
        }
    };
    let (start, end) = (pad(indent), opts.sign(Does::Stay));
    format!(
        "<<-EOT{note}\n{}\n{start}{end}EOT{}",
        lines.join("\n"),
        opts.null(diff.does)
    )
}

/// A text that holds JSON, shown as a call of `jsonencode` with the difference inside.
fn json(
    diff: &Diff,
    before: Option<&Value>,
    after: Option<&Value>,
    indent: usize,
    opts: Options,
) -> String {
    let null = || Value::null(value::Type::Dynamic);
    let inner = diff::any(
        &before.cloned().unwrap_or_else(null),
        &after.cloned().unwrap_or_else(null),
    );
    let mut inner_opts = Options {
        hide_null: true,
        force_note: false,
        ..opts
    };
    let mut note = opts.forces(diff.replace);
    let mut space = "";
    if inner.does == Does::Stay && diff.does == Does::Change {
        space = if diff.replace {
            " # whitespace changes force replacement"
        } else {
            " # whitespace changes"
        };
        note = String::new();
        inner_opts.show_unchanged = true;
    }
    let space = if space.is_empty() {
        String::new()
    } else {
        opts.style.red(space)
    };
    let rendered = render(&inner, indent + 1, inner_opts);
    if !rendered.contains('\n') {
        return format!("jsonencode({rendered}){space}{note}");
    }
    let does = if diff.does == Does::Change {
        inner.does
    } else {
        Does::Stay
    };
    let (deeper, here) = (pad(indent + 1), pad(indent));
    format!(
        "jsonencode({space}\n{deeper}{}{rendered}{note}\n{here}{}){}",
        opts.sign(does),
        opts.sign(Does::Stay),
        opts.null(diff.does)
    )
}

/// A text in quotes as Go's `%q` writes it.
pub fn quoted(text: &str) -> String {
    let mut res = String::with_capacity(text.len() + 2);
    res.push('"');
    for c in text.chars() {
        match c {
            '"' => res.push_str("\\\""),
            '\\' => res.push_str("\\\\"),
            '\n' => res.push_str("\\n"),
            '\r' => res.push_str("\\r"),
            '\t' => res.push_str("\\t"),
            '\u{7}' => res.push_str("\\a"),
            '\u{8}' => res.push_str("\\b"),
            '\u{b}' => res.push_str("\\v"),
            '\u{c}' => res.push_str("\\f"),
            c if (c as u32) < 0x20 || c as u32 == 0x7f => {
                res.push_str(&format!("\\x{:02x}", u32::from(c)));
            }
            c if safe(c.encode_utf8(&mut [0; 4])).len() != c.len_utf8() => {
                res.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => res.push(c),
        }
    }
    res.push('"');
    res
}
