//! What is made equal before an output is compared with a recorded one: testdata/conformance/NORMALISE.md in code.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::{Map, Value as Json};

/// The version that the recordings were made with, and that we claim to be.
const VERSION: &str = "1.11.4";

macro_rules! regex {
    ($pattern:expr) => {{
        static IT: LazyLock<Regex> = LazyLock::new(|| Regex::new($pattern).unwrap());
        &*IT
    }};
}

fn uuid() -> &'static Regex {
    regex!(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
}

fn progress() -> &'static Regex {
    regex!(concat!(
        r"^\S.*?( \(deposed object [0-9a-f]+\))?( \([a-z-]+\))?: ",
        r"(Creating\.\.\.|Creation complete|Destroying\.\.\.|Destruction complete|Modifying\.\.\.|",
        r"Modifications complete|Refreshing state\.\.\.|Reading\.\.\.|Read complete|Provisioning with|Executing:|",
        r"Preparing import\.\.\.|Importing|Import prepared|Import complete|Importing from ID|Refreshing\.\.\.|",
        r"Opening\.\.\.|Opening complete|Closing\.\.\.|Closing complete).*$"
    ))
}

/// Holds the state of one case: a UUID gets the same number in every step.
pub(crate) struct Norm {
    pub(crate) cwd: String,
    pub(crate) ordered: bool,
    pub(crate) sort_diags: bool,
    uuids: BTreeMap<String, String>,
    deposed: BTreeMap<String, String>,
}

impl Norm {
    pub(crate) fn new(cwd: &str, ordered: bool, sort_diags: bool) -> Norm {
        Norm {
            cwd: cwd.to_owned(),
            ordered,
            sort_diags,
            uuids: BTreeMap::new(),
            deposed: BTreeMap::new(),
        }
    }

    /// The text with the UUIDs that stand for the numbers in it.
    pub(crate) fn with_uuids(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (uuid, number) in &self.uuids {
            text = text.replace(number, uuid);
        }
        text
    }

    fn uuid(&mut self, found: &str) -> String {
        let next = format!("<UUID-{}>", self.uuids.len() + 1);
        self.uuids.entry(found.to_owned()).or_insert(next).clone()
    }

    fn deposed(&mut self, found: &str) -> String {
        let next = format!("<DEPOSED-{}>", self.deposed.len() + 1);
        self.deposed.entry(found.to_owned()).or_insert(next).clone()
    }

    /// A text in which order of concurrent work does not count.
    pub(crate) fn text(&mut self, text: &str) -> String {
        self.normal(text, true)
    }

    /// A text whose lines stay in order.
    pub(crate) fn flat(&mut self, text: &str) -> String {
        self.normal(text, false)
    }

    fn normal(&mut self, text: &str, structure: bool) -> String {
        let mut s = text.replace("\r\n", "\n");
        if !self.cwd.is_empty() {
            s = s.replace(&self.cwd, "<CWD>");
        }
        s = replace_where(
            &s,
            VERSION,
            |before| !before.is_some_and(|c| c.is_ascii_digit() || c == '.'),
            |after| !after.starts_with(|c: char| c.is_ascii_digit()),
            "<VERSION>",
        );
        for (pattern, to) in [
            (
                regex!(r#"("(?:@?timestamp|created|Created)"\s*:\s*)"[^"]*""#),
                r#"$1"<TIMESTAMP>""#,
            ),
            (regex!(r#"("lineage"\s*:\s*)"[^"]*""#), r#"$1"<LINEAGE>""#),
            (regex!(r#"("serial"\s*:\s*)\d+"#), r#"$1"<SERIAL>""#),
            (
                regex!(r#"(?m)^(\s*)"?lineage"?( *[:=] *)"?[0-9a-f-]{36}"?"#),
                "${1}lineage$2<LINEAGE>",
            ),
            (regex!(r"(?m)(\bWho:\s+)\S+@\S+$"), "$1<WHO>"),
            (
                regex!(r"(?m)(\bCreated:\s+)\d{4}-\d\d-\d\d \d.*$"),
                "$1<TIMESTAMP>",
            ),
            (
                regex!(r"(?m)^.*: Still (creating|destroying|modifying|reading)\.\.\..*\n?"),
                "",
            ),
            (
                regex!(r"\b(after|for|elapsed\]?) (?:\d+h)?(?:\d+m)?\d+s\b"),
                "$1 <ELAPSED>",
            ),
        ] {
            s = pattern.replace_all(&s, to).into_owned();
        }
        s = regex!(r"(Cycle: )([^\n]+)")
            .replace_all(&s, |it: &Captures<'_>| {
                let mut members: Vec<&str> = it[2].split(", ").collect();
                members.sort_unstable();
                format!("{}{}", &it[1], members.join(", "))
            })
            .into_owned();
        s = regex!(r"(?m)(?:^ - \S[^\n]*\n){2,}")
            .replace_all(&s, |it: &Captures<'_>| {
                let mut lines: Vec<&str> = it[0].trim_end_matches('\n').split('\n').collect();
                lines.sort_unstable();
                lines.join("\n") + "\n"
            })
            .into_owned();
        if structure {
            if !self.ordered {
                s = sort_progress(&s);
            }
            if self.sort_diags {
                s = sort_diags(&s);
            }
        }
        s = regex!(concat!(
            r#"(deposed object |\(deposed |deposed key |"deposed": ?"|"deposed_key": ?")"#,
            "([0-9a-f]{8})"
        ))
        .replace_all(&s, |it: &Captures<'_>| {
            if &it[2] == "00000001" {
                return it[0].to_owned();
            }
            format!("{}{}", &it[1], self.deposed(&it[2]))
        })
        .into_owned();
        uuid()
            .replace_all(&s, |it: &Captures<'_>| self.uuid(&it[0]))
            .into_owned()
    }

    /// A JSON value; members in order of their names.
    pub(crate) fn value(&mut self, value: &Json) -> Json {
        self.member(value, "")
    }

    fn member(&mut self, value: &Json, key: &str) -> Json {
        if !value.is_object() && !value.is_array() {
            match key {
                "timestamp" | "@timestamp" | "created" => return "<TIMESTAMP>".into(),
                "lineage" => return "<LINEAGE>".into(),
                "serial" => return "<SERIAL>".into(),
                "elapsed_seconds" | "elapsed" => return 0.into(),
                _ => {}
            }
        }
        match value {
            Json::String(text) => {
                let is_key = text.len() == 8 && text.chars().all(|c| c.is_ascii_hexdigit());
                if ["deposed", "deposed_key"].contains(&key) && is_key {
                    return self.deposed(text).into();
                }
                self.flat(text).into()
            }
            Json::Array(items) => {
                let mut items: Vec<Json> = items.iter().map(|it| self.member(it, "")).collect();
                if key == "diagnostics" && self.sort_diags {
                    items.sort_by_cached_key(dumps);
                }
                items.into()
            }
            Json::Object(members) => {
                let mut names: Vec<&String> = members.keys().collect();
                names.sort();
                let members: Map<String, Json> = names
                    .into_iter()
                    .map(|name| (name.clone(), self.member(&members[name], name)))
                    .collect();
                Json::Object(members)
            }
            it => it.clone(),
        }
    }

    /// A stream of JSON documents, a line each; None if it is not one.
    pub(crate) fn stream(&mut self, text: &str) -> Option<Vec<Json>> {
        let mut documents: Vec<Json> = Vec::new();
        for line in text.lines().filter(|it| !it.trim().is_empty()) {
            documents.push(serde_json::from_str(line).ok()?);
        }
        let (mut res, mut run) = (Vec::new(), Vec::new());
        let flush = |run: &mut Vec<Json>, res: &mut Vec<Json>| {
            run.sort_by_cached_key(|it: &Json| {
                let mut it = it.clone();
                if let Some(members) = it.as_object_mut() {
                    members.remove("@timestamp");
                }
                uuid().replace_all(&dumps(&it), "U").into_owned()
            });
            res.append(run);
        };
        for document in documents {
            let kind = document["type"].as_str().unwrap_or_default().to_owned();
            if kind.ends_with("_progress") {
                continue;
            }
            let concurrent = [
                "apply_",
                "refresh_",
                "provision_",
                "ephemeral_op_",
                "planned_change",
                "resource_drift",
            ];
            if !self.ordered && concurrent.iter().any(|it| kind.starts_with(it)) {
                run.push(document);
            } else {
                flush(&mut run, &mut res);
                res.push(document);
            }
        }
        flush(&mut run, &mut res);
        if self.sort_diags {
            let is_diagnostic = |it: &Json| it["type"] == "diagnostic";
            let mut diags: Vec<Json> = res.iter().filter(|it| is_diagnostic(it)).cloned().collect();
            diags.sort_by_cached_key(|it| dumps(&it["diagnostic"]));
            let mut diags = diags.into_iter();
            for it in res.iter_mut().filter(|it| is_diagnostic(it)) {
                *it = diags.next().unwrap();
            }
        }
        Some(res.iter().map(|it| self.value(it)).collect())
    }
}

/// JSON as Python writes it with sorted names, which the recordings were sorted by.
fn dumps(value: &Json) -> String {
    match value {
        Json::String(text) => {
            let mut res = String::from("\"");
            for unit in text.encode_utf16() {
                match char::from_u32(u32::from(unit)) {
                    Some('"') => res.push_str("\\\""),
                    Some('\\') => res.push_str("\\\\"),
                    Some('\n') => res.push_str("\\n"),
                    Some('\r') => res.push_str("\\r"),
                    Some('\t') => res.push_str("\\t"),
                    Some(c) if (' '..='~').contains(&c) => res.push(c),
                    _ => res.push_str(&format!("\\u{unit:04x}")),
                }
            }
            res.push('"');
            res
        }
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(dumps).collect();
            format!("[{}]", items.join(", "))
        }
        Json::Object(members) => {
            let members: BTreeMap<&String, &Json> = members.iter().collect();
            let members: Vec<String> = members
                .into_iter()
                .map(|(name, it)| format!("{}: {}", dumps(&name.as_str().into()), dumps(it)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
        it => it.to_string(),
    }
}

fn sort_progress(text: &str) -> String {
    let mut res: Vec<&str> = Vec::new();
    let mut run: Vec<&str> = Vec::new();
    for line in text.split('\n') {
        if progress().is_match(line) {
            run.push(line);
        } else {
            sort_without_uuids(&mut run);
            res.append(&mut run);
            res.push(line);
        }
    }
    sort_without_uuids(&mut run);
    res.append(&mut run);
    res.join("\n")
}

fn sort_without_uuids(lines: &mut [&str]) {
    lines.sort_by_cached_key(|it| uuid().replace_all(it, "U").into_owned());
}

/// Splits before each match of the pattern.
fn split_before<'a>(text: &'a str, pattern: &Regex, limit: usize) -> Vec<&'a str> {
    let mut res = Vec::new();
    let mut start = 0;
    for found in pattern.find_iter(text) {
        if found.start() > 0 && res.len() < limit {
            res.push(&text[start..found.start()]);
            start = found.start();
        } else if found.start() == 0 && res.len() < limit {
            res.push("");
        }
    }
    res.push(&text[start..]);
    res
}

fn sort_diags(text: &str) -> String {
    let mut parts = split_before(text, regex!(r"(?m)^(?:Error|Warning): "), usize::MAX);
    if parts.len() < 3 {
        return text.to_owned();
    }
    let last = parts.pop().unwrap();
    let ends = regex!(
        "(?m)^(?:\u{2500}|Apply complete!|Destroy complete!|Outputs:|Success!|Note: |Saved the plan|Plan: )"
    );
    let ended = split_before(last, ends, 1);
    parts.push(ended[0]);
    let tail = ended
        .get(1)
        .map_or_else(String::new, |it| format!("\n{it}"));
    let mut rest: Vec<&str> = parts[1..].iter().map(|it| it.trim_matches('\n')).collect();
    rest.sort_unstable();
    format!("{}{}\n{tail}", parts[0], rest.join("\n\n"))
}

/// Replaces a text where what stands before and after it allows it.
fn replace_where(
    text: &str,
    from: &str,
    before: impl Fn(Option<char>) -> bool,
    after: impl Fn(&str) -> bool,
    to: &str,
) -> String {
    let mut res = String::new();
    let mut done = 0;
    for (at, _) in text.match_indices(from) {
        if at < done {
            continue;
        }
        let end = at + from.len();
        if before(text[..at].chars().next_back()) && after(&text[end..]) {
            res.push_str(&text[done..at]);
            res.push_str(to);
            done = end;
        }
    }
    res.push_str(&text[done..]);
    res
}

/// Drops prose from human output: paragraphs that start in column one with a sentence, the explanation below an
/// error's title and place, and the explanation above a prompt. `own` is the text of the case's files: what it
/// contains, a custom error message say, is not prose of the product and stays.
pub(crate) fn wording_aside(text: &str, own: &str) -> String {
    let keep = regex!(concat!(
        r"^(?:Plan: \d|Apply complete! |Destroy complete! |Outputs:$|Changes to Outputs:$|Success! \d|Failure! |",
        r#"Import successful!$|Move "|Would move "|Removed |Error: |Warning: |Modules declared by|Providers required by|"#,
        r#"Initializing |resource "|data "|module\.|data\.|terraform_data\.|digraph|[\]\[{}()]|[+~<-]|\#|\* |"|<|[├└]|"#,
        r"[A-Za-z_][\w-]* = |[\w./-]+\.(?:tf|tfvars|hcl|json)\b|[\w./-]+\.\.\. |EOT|\d|\.$|\S+$)"
    ));
    let mut text = text.to_owned();
    for (pattern, to) in [
        (regex!(r"(?m)^No changes\..*$"), "No changes."),
        (regex!(r"(?m)^Success! The .*$"), "Success!"),
        (regex!("(?m)^\u{2500}+$\n?"), ""),
    ] {
        text = pattern.replace_all(&text, to).into_owned();
    }
    let one_line = |text: &str| regex!(r"\s+").replace_all(text, " ").into_owned();
    let own = one_line(own);
    let mut out: Vec<String> = Vec::new();
    let mut prose: Vec<&str> = Vec::new();
    let mut asked = false;
    let flush = |prose: &mut Vec<&str>, out: &mut Vec<String>| {
        let whole = one_line(&prose.join(" "));
        if whole.chars().count() > 3 && own.contains(&whole) {
            out.push(whole);
        }
        prose.clear();
    };
    for line in text.split('\n') {
        if line.trim().is_empty() {
            flush(&mut prose, &mut out);
            asked = false;
            out.push(String::new());
        } else if !line.starts_with(char::is_whitespace) {
            let moving = progress().is_match(line);
            let assigns = regex!(r"^[A-Za-z_][\w-]* = ").is_match(line);
            let goes_on = !prose.is_empty()
                && line.starts_with(|c: char| c.is_ascii_lowercase() || c == '"')
                && !moving
                && !assigns;
            if (keep.is_match(line) || moving) && !goes_on {
                flush(&mut prose, &mut out);
                out.push(line.to_owned());
                asked = false;
            } else {
                prose.push(line);
                asked = line.trim_end().ends_with('?');
            }
        } else if !asked || line.contains("Enter a value") {
            flush(&mut prose, &mut out);
            out.push(line.to_owned());
        }
    }
    flush(&mut prose, &mut out);
    regex!(r"\n{2,}")
        .replace_all(&out.join("\n"), "\n\n")
        .trim_matches('\n')
        .to_owned()
}

/// A text without what colours it.
pub(crate) fn plain(text: &str) -> String {
    regex!("\x1b\\[[0-9;]*m").replace_all(text, "").into_owned()
}

/// The titles of the errors and warnings in human output, in order.
pub(crate) fn titles(text: &str) -> String {
    let titles: Vec<&str> = text
        .split('\n')
        .filter(|it| it.starts_with("Error: ") || it.starts_with("Warning: "))
        .collect();
    titles.join("\n")
}

/// Drops prose from JSON output.
pub(crate) fn wording_aside_json(value: &Json) -> Json {
    match value {
        Json::Object(members) => {
            let diagnostic = members.contains_key("severity") && members.contains_key("summary");
            let init = members.get("type").is_some_and(|it| it == "init_output");
            let members: Map<String, Json> = members
                .iter()
                .filter(|(name, _)| {
                    !(diagnostic && *name == "detail" || init && *name == "@message")
                })
                .map(|(name, it)| (name.clone(), wording_aside_json(it)))
                .collect();
            Json::Object(members)
        }
        Json::Array(items) => items.iter().map(wording_aside_json).collect(),
        it => it.clone(),
    }
}

/// Makes text comparable between products that differ in name only.
pub(crate) fn neutral(text: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let command = regex!(concat!(
        r"^ (?:(?:init|validate|plan|apply|destroy|console|fmt|force-unlock|get|graph|import|login|logout|metadata|",
        r"modules|output|providers|refresh|show|state|taint|test|untaint|version|workspace|env|-install-autocomplete|",
        r"-help|-version|CLI|-chdir)\b|\[global options\])"
    ));
    let mut text = text.to_owned();
    for (product, cli) in [("Terraform", "terraform"), ("dokplan", "dokplan")] {
        text = replace_where(
            &text,
            cli,
            |it| !it.is_some_and(|c| is_word(c) || "./<-".contains(c)),
            |it| command.is_match(it),
            "<PRODUCT>",
        );
        text = replace_where(
            &text,
            product,
            |it| !it.is_some_and(|c| is_word(c) || "./-".contains(c)),
            |it| {
                let mut after = it.chars();
                match after.next() {
                    Some('.') => !after.next().is_some_and(is_word),
                    Some(c) => !is_word(c) && c != '/' && c != '-',
                    None => true,
                }
            },
            "<PRODUCT>",
        );
    }
    text = regex!(r"https://(developer|www)\.(hashicorp|terraform)\.[a-z]+\S*")
        .replace_all(&text, "<DOCURL>")
        .into_owned();
    // Paragraphs that hold the product's name wrap at other places: unwrap them.
    let mut out: Vec<String> = Vec::new();
    let mut paragraph: Vec<&str> = Vec::new();
    let flush = |paragraph: &mut Vec<&str>, out: &mut Vec<String>| {
        let named = |it: &&str| it.contains("<PRODUCT>") || it.contains("<DOCURL>");
        if paragraph.iter().any(named) {
            out.push(paragraph.join(" "));
        } else {
            out.extend(paragraph.iter().map(ToString::to_string));
        }
        paragraph.clear();
    };
    for line in text.split('\n') {
        if !line.is_empty() && !line.starts_with(char::is_whitespace) {
            paragraph.push(line);
        } else {
            flush(&mut paragraph, &mut out);
            out.push(line.to_owned());
        }
    }
    flush(&mut paragraph, &mut out);
    out.join("\n")
}

fn neutral_json(value: &Json) -> Json {
    match value {
        Json::String(text) => neutral(text).into(),
        Json::Array(items) => items.iter().map(neutral_json).collect(),
        Json::Object(members) => members
            .iter()
            .map(|(name, it)| (name.clone(), neutral_json(it)))
            .collect(),
        it => it.clone(),
    }
}

/// Whether two values are the same: order of members does not count, nor how a number is written.
fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        (Json::Number(a), Json::Number(b)) => {
            let whole = |it: &str| it.bytes().all(|b| b.is_ascii_digit() || b == b'-');
            let (x, y) = (a.to_string(), b.to_string());
            x == y || (!(whole(&x) && whole(&y)) && a.as_f64() == b.as_f64())
        }
        (a, b) => a == b,
    }
}

/// What differs between two texts, for people; None if nothing does.
pub(crate) fn differ(name: &str, want: &str, got: &str) -> Option<String> {
    if want == got {
        return None;
    }
    let (want, got) = (neutral(want), neutral(got));
    (want != got).then(|| format!("--- {name}\n{}", lines(&want, &got)))
}

/// As [`differ`], of JSON values.
pub(crate) fn differ_json(name: &str, want: &Json, got: &Json) -> Option<String> {
    let (want, got) = (neutral_json(want), neutral_json(got));
    if same(&want, &got) {
        return None;
    }
    fn sorted(value: &Json) -> Json {
        match value {
            Json::Array(items) => items.iter().map(sorted).collect(),
            Json::Object(members) => {
                let members: BTreeMap<&String, &Json> = members.iter().collect();
                members
                    .into_iter()
                    .map(|(name, it)| (name.clone(), sorted(it)))
                    .collect()
            }
            it => it.clone(),
        }
    }
    let text = |it: &Json| format!("{:#}", sorted(it));
    Some(format!("--- {name}\n{}", lines(&text(&want), &text(&got))))
}

/// The lines that differ, each with up to three that do not before and after.
fn lines(want: &str, got: &str) -> String {
    let want: Vec<&str> = want.split('\n').collect();
    let got: Vec<&str> = got.split('\n').collect();
    // How many lines are common from here on, of all pairs of places.
    let width = got.len() + 1;
    let mut common = vec![0u32; (want.len() + 1) * width];
    for w in (0..want.len()).rev() {
        for g in (0..got.len()).rev() {
            common[w * width + g] = if want[w] == got[g] {
                common[(w + 1) * width + g + 1] + 1
            } else {
                common[(w + 1) * width + g].max(common[w * width + g + 1])
            };
        }
    }
    let mut all: Vec<(char, &str)> = Vec::new();
    let (mut w, mut g) = (0, 0);
    while w < want.len() || g < got.len() {
        if w < want.len() && g < got.len() && want[w] == got[g] {
            all.push((' ', want[w]));
            w += 1;
            g += 1;
        } else if g == got.len()
            || w < want.len() && common[(w + 1) * width + g] >= common[w * width + g + 1]
        {
            all.push(('-', want[w]));
            w += 1;
        } else {
            all.push(('+', got[g]));
            g += 1;
        }
    }
    let mut res = String::new();
    for (at, (sign, line)) in all.iter().enumerate() {
        let near = &all[at.saturating_sub(3)..(at + 4).min(all.len())];
        if near.iter().any(|it| it.0 != ' ') {
            res.push_str(&format!("{sign} {line}\n"));
        }
    }
    res
}
