//! The recorded expressions of `testdata/conformance/expr`, evaluated in-process.
//!
//! `known_failures.txt` lists the cases that do not pass yet. The list may only shrink: a listed case that passes is a
//! failure of the test too. `UPDATE=1` removes those from it (and writes a new list with `UPDATE=all`).

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use addr::{Reference, Subject};
use diag::{Code, Diagnostic, Diagnostics, SourceMap};
use lang::Scope;
use value::function::{CallError, World};
use value::{Mark, Value};

const KNOWN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/known_failures.txt");

fn expr_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/conformance/expr")
}

#[test]
fn recorded_expressions() {
    // Debug frames are large, and some expressions are deep.
    std::thread::Builder::new()
        .stack_size(64 << 20)
        .spawn(run)
        .unwrap()
        .join()
        .unwrap();
}

fn run() {
    let only = std::env::var("ONLY").ok();
    let known: BTreeSet<String> = std::fs::read_to_string(KNOWN)
        .unwrap_or_default()
        .lines()
        .map(str::to_owned)
        .filter(|it| !it.is_empty() && !it.starts_with('#'))
        .collect();
    let mut files: Vec<PathBuf> = std::fs::read_dir(expr_dir())
        .unwrap()
        .map(|it| it.unwrap().path())
        .filter(|it| it.extension().is_some_and(|it| it == "json"))
        .collect();
    files.sort();
    let mut failed = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut report = String::new();
    let mut table = String::new();
    for file in files {
        let group = file.file_stem().unwrap().to_string_lossy().into_owned();
        let cases: Vec<serde_json::Value> =
            serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        let mut n_passed = 0;
        for case in &cases {
            let id = case["id"].as_str().unwrap().to_owned();
            seen.insert(id.clone());
            if only
                .as_ref()
                .is_some_and(|only| !id.starts_with(only.as_str()))
            {
                continue;
            }
            let expr = case["expr"].as_str().unwrap();
            let actual = console(expr, case["vars"].as_str().unwrap_or(""));
            let wanted = Answer {
                ok: case["result"]["ok"].as_bool().unwrap(),
                text: case["result"]
                    .get("output")
                    .or(case["result"].get("error"))
                    .and_then(|it| it.as_str())
                    .unwrap_or("")
                    .to_owned(),
            };
            if actual == wanted {
                n_passed += 1;
            } else {
                if !known.contains(&id) || only.is_some() {
                    let _ = writeln!(
                        report,
                        "{id}\n  expr:   {expr}\n  wanted: {}\n  actual: {}",
                        wanted.show(),
                        actual.show()
                    );
                }
                failed.insert(id);
            }
        }
        let _ = writeln!(table, "{group:20} {n_passed:5} of {:5}", cases.len());
    }
    println!("{table}");
    if only.is_some() {
        println!("{report}");
        return;
    }
    let fixed: Vec<&String> = known.iter().filter(|it| !failed.contains(*it)).collect();
    match std::env::var("UPDATE").as_deref() {
        Ok("all") => write_known(failed.iter()),
        Ok(_) => write_known(known.iter().filter(|it| failed.contains(*it))),
        Err(_) => {
            assert!(
                report.is_empty(),
                "these cases fail and are not listed in known_failures.txt:\n{report}"
            );
            assert!(
                fixed.is_empty(),
                "these cases pass now; take them off known_failures.txt (UPDATE=1 does): {fixed:#?}"
            );
        }
    }
}

fn write_known<'a>(ids: impl Iterator<Item = &'a String>) {
    let mut text = "# Recorded expressions that do not pass yet; may only shrink.\n".to_owned();
    for id in ids {
        text.push_str(id);
        text.push('\n');
    }
    std::fs::write(KNOWN, text).unwrap();
}

#[derive(PartialEq, Eq)]
struct Answer {
    ok: bool,
    text: String,
}

impl Answer {
    fn show(&self) -> String {
        let text: String = self.text.chars().take(300).collect();
        if self.ok {
            text
        } else {
            format!("FAIL {text}")
        }
    }

    /// The titles, warnings first, those without a place before others, then by place.
    fn failure(diags: &Diagnostics) -> Answer {
        let mut sorted: Vec<&Diagnostic> = diags.iter().collect();
        sorted.sort_by_key(|it| {
            (
                it.is_error(),
                it.subject.map(|it| (it.source, it.start, it.end)),
            )
        });
        let titles: Vec<String> = sorted
            .into_iter()
            .map(|it| {
                let kind = if it.is_error() { "Error" } else { "Warning" };
                format!("{kind}: {}", it.summary)
            })
            .collect();
        Answer {
            ok: false,
            text: titles.join("\n"),
        }
    }
}

/// What a console prints for an expression in a module with one file.
fn console(expr: &str, main: &str) -> Answer {
    let mut sources = SourceMap::new();
    let mut diags = Diagnostics::new();
    let source = sources.add("main.tf", main);
    let file = hcl::parse(source, main, &mut diags);
    if diags.has_errors() {
        return Answer::failure(&diags);
    }
    let world = Rc::new(Files {
        root: expr_dir(),
        n_asked: Cell::new(0),
    });
    let mut module = Module {
        variables: BTreeMap::new(),
        locals: BTreeMap::new(),
        providers: BTreeSet::new(),
        done: RefCell::new(BTreeMap::new()),
        world,
    };
    for block in &file.body.blocks {
        match block.kind.name.as_str() {
            "variable" => {
                module.variables.insert(
                    block.labels[0].name.to_string(),
                    variable(&block.body, &mut diags),
                );
            }
            "locals" => {
                for it in &block.body.attributes {
                    module
                        .locals
                        .insert(it.name.name.to_string(), it.expr.clone());
                }
            }
            "terraform" => {
                for it in block.body.blocks.iter().flat_map(|it| &it.body.attributes) {
                    module.providers.insert(it.name.name.to_string());
                }
            }
            _ => {}
        }
    }
    for name in module.locals.keys() {
        module.local(name, &mut diags);
    }
    let text = expr.trim();
    let source = sources.add("<console-input>", text);
    let n_errors = diags.n_errors();
    let parsed = hcl::parse_expr(source, text, 0, &mut diags);
    if diags.n_errors() > n_errors {
        return Answer::failure(&diags);
    }
    let value = lang::eval(&parsed, &module, &mut diags);
    if diags.n_errors() > n_errors {
        return Answer::failure(&diags);
    }
    let text = without_uuids(&value::show::console(&value).replace("\r\n", "\n"));
    Answer {
        ok: true,
        text: if n_errors > 0 {
            format!(
                "\nWarning: Due to the problems above, some expressions may produce unexpected results.\n\n\n{text}"
            )
        } else {
            text
        },
    }
}

/// UUIDs as the recording has them: numbered in the order of their first appearance.
fn without_uuids(text: &str) -> String {
    let is_uuid = |text: &str| {
        text.char_indices().all(|(at, c)| match at {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        })
    };
    let mut res = String::new();
    let mut seen: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        match rest.get(..36).filter(|it| is_uuid(it)) {
            Some(uuid) => {
                if !seen.contains(&uuid) {
                    seen.push(uuid);
                }
                let n = seen.iter().position(|it| *it == uuid).unwrap() + 1;
                res.push_str(&format!("<UUID-{n}>"));
                rest = &rest[36..];
            }
            None => {
                res.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    res
}

fn variable(body: &hcl::Body, diags: &mut Diagnostics) -> Value {
    let find = |name: &str| {
        body.attributes
            .iter()
            .find(|it| it.name.name == name)
            .map(|it| &it.expr)
    };
    let (ty, defaults) = match find("type") {
        Some(expr) => lang::types::type_constraint(expr, diags),
        None => (value::Type::Dynamic, lang::types::Defaults::default()),
    };
    let value = match find("default") {
        Some(expr) => {
            let value = lang::eval::constant(expr, diags);
            value::convert(&defaults.apply(&value), &ty).unwrap()
        }
        None => Value::unknown(ty.without_optional()),
    };
    let flag = |name: &str| {
        matches!(
            find(name).map(|it| &it.kind),
            Some(hcl::ExprKind::Bool(true))
        )
    };
    let value = if flag("sensitive") {
        value.mark(Mark::Sensitive)
    } else {
        value
    };
    if flag("ephemeral") {
        value.mark(Mark::Ephemeral)
    } else {
        value
    }
}

struct Module {
    variables: BTreeMap<String, Value>,
    locals: BTreeMap<String, hcl::Expr>,
    /// Local names of the built-in provider: no other is required in the cases.
    providers: BTreeSet<String>,
    done: RefCell<BTreeMap<String, Value>>,
    world: Rc<Files>,
}

impl Module {
    fn local(&self, name: &str, diags: &mut Diagnostics) -> Value {
        if let Some(value) = self.done.borrow().get(name) {
            return value.clone();
        }
        let Some(expr) = self.locals.get(name) else {
            return Value::dynamic();
        };
        let value = lang::eval(expr, self, diags);
        self.done
            .borrow_mut()
            .insert(name.to_owned(), value.clone());
        value
    }
}

macro_rules! code {
    ($name:ident, $title:literal) => {
        const $name: Code = Code::new("test", $title, "");
    };
}
code!(
    UNDECLARED_VARIABLE,
    "Reference to undeclared input variable"
);
code!(UNDECLARED_LOCAL, "Reference to undeclared local value");
code!(UNDECLARED_RESOURCE, "Reference to undeclared resource");
code!(UNDECLARED_MODULE, "Reference to undeclared module");
code!(NO_COUNT, "Reference to \"count\" in non-counted context");
code!(NO_EACH, "Reference to \"each\" in context without for_each");
code!(NO_SELF, "Invalid \"self\" reference");
code!(NO_PATH, "Invalid \"path\" attribute");
code!(NO_TERRAFORM, "Invalid \"terraform\" attribute");

impl Scope for Module {
    fn value(&self, reference: &Reference, diags: &mut Diagnostics) -> Value {
        let mut fail = |code: &'static Code| {
            diags.push(Diagnostic::error(code, "Not here.").at(reference.span));
            Value::dynamic()
        };
        match &reference.subject {
            Subject::Variable(name) => match self.variables.get(&**name) {
                Some(value) => value.clone(),
                None => fail(&UNDECLARED_VARIABLE),
            },
            Subject::Local(name) if self.locals.contains_key(&**name) => self.local(name, diags),
            Subject::Local(_) => fail(&UNDECLARED_LOCAL),
            Subject::Module(_) | Subject::ModuleInstance(..) => fail(&UNDECLARED_MODULE),
            Subject::CountIndex => fail(&NO_COUNT),
            Subject::EachKey | Subject::EachValue => fail(&NO_EACH),
            Subject::SelfObject => fail(&NO_SELF),
            Subject::Path(name) if matches!(&**name, "module" | "root") => Value::from("."),
            Subject::Path(name) if &**name == "cwd" => Value::from("<CWD>"),
            Subject::Path(_) => fail(&NO_PATH),
            Subject::Terraform(name) if &**name == "workspace" => Value::from("default"),
            Subject::Terraform(name) if &**name == "applying" => {
                Value::from(false).mark(Mark::Ephemeral)
            }
            Subject::Terraform(_) => fail(&NO_TERRAFORM),
            Subject::Resource(_)
            | Subject::ResourceInstance(..)
            | Subject::Check(_)
            | Subject::Output(_)
            | Subject::Run(_) => fail(&UNDECLARED_RESOURCE),
        }
    }

    fn world(&self) -> &dyn World {
        &*self.world
    }

    fn provider(&self, local: &str) -> Option<addr::Provider> {
        self.providers.contains(local).then(addr::Provider::builtin)
    }

    fn is_console(&self) -> bool {
        true
    }
}

struct Files {
    root: PathBuf,
    /// How often random bytes were asked for: they differ each time.
    n_asked: Cell<u8>,
}

impl World for Files {
    fn read_file(&self, path: &str) -> Result<Vec<u8>, String> {
        std::fs::read(self.root.join(path)).map_err(|err| err.to_string())
    }

    fn file_exists(&self, path: &str) -> Result<bool, String> {
        match std::fs::metadata(self.root.join(path)) {
            Ok(it) if it.is_file() => Ok(true),
            Ok(_) => Err("not a regular file".to_owned()),
            Err(_) => Ok(false),
        }
    }

    fn list_files(&self, directory: &str) -> Result<Vec<String>, String> {
        fn walk(root: &Path, at: &Path, res: &mut Vec<String>) -> Result<(), String> {
            for entry in std::fs::read_dir(at).map_err(|err| err.to_string())? {
                let path = entry.map_err(|err| err.to_string())?.path();
                if path.is_dir() {
                    walk(root, &path, res)?;
                } else if let Ok(it) = path.strip_prefix(root) {
                    res.push(it.to_string_lossy().into_owned());
                }
            }
            Ok(())
        }
        let root = self.root.join(directory);
        let mut res = Vec::new();
        if root.is_dir() {
            walk(&root, &root, &mut res)?;
        }
        res.sort();
        Ok(res)
    }

    fn absolute(&self, path: &str) -> String {
        if path.starts_with('/') {
            return path.to_owned();
        }
        let path = path.trim_start_matches("./");
        if path.is_empty() || path == "." {
            "<CWD>".to_owned()
        } else {
            format!("<CWD>/{path}")
        }
    }

    fn home(&self) -> Option<String> {
        Some("/root-none".to_owned())
    }

    fn now(&self) -> Option<String> {
        Some("2026-01-02T03:04:05Z".to_owned())
    }

    fn plan_time(&self) -> Option<String> {
        None
    }

    fn random(&self, bytes: &mut [u8]) -> bool {
        let n = self.n_asked.get().wrapping_add(1);
        self.n_asked.set(n);
        bytes.fill(n);
        true
    }

    fn render(&self, name: &str, text: &str, vars: &Value) -> Result<Value, CallError> {
        lang::eval::render(name, text, vars, self)
    }
}
