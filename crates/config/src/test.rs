//! Test files: `*.tftest.hcl` and `*.tftest.json`. Nothing is evaluated.

use std::collections::BTreeMap;
use std::sync::Arc;

use addr::{LocalProvider, Target};
use diag::{Diagnostic, Diagnostics, SourceMap, Span};
use hcl::{Attribute, Block, Body, Expr, ExprKind, Ident};

use crate::reader::Reader;
use crate::spec::{Content, Spec};
use crate::{Condition, ProviderBlock, call, code, fixed, provider};

/// A test file.
#[derive(Debug, Clone, Default)]
pub struct TestFile {
    /// `variables`: for all runs.
    pub variables: BTreeMap<Arc<str>, (Ident, Expr)>,
    /// `provider` blocks.
    pub providers: BTreeMap<LocalProvider, ProviderBlock>,
    /// `mock_provider` blocks.
    pub mocks: BTreeMap<LocalProvider, MockProvider>,
    /// `override_resource`, `override_data` and `override_module` blocks, for all runs.
    pub overrides: Vec<Override>,
    /// `run` blocks in their order.
    pub runs: Vec<TestRun>,
}

/// `run "name" { … }`.
#[derive(Debug, Clone)]
pub struct TestRun {
    /// The name.
    pub name: Ident,
    /// The header.
    pub span: Span,
    /// `command = plan`; otherwise everything is applied.
    pub is_plan: bool,
    /// `plan_options`.
    pub options: PlanOptions,
    /// `variables`: for this run.
    pub variables: BTreeMap<Arc<str>, (Ident, Expr)>,
    /// `providers`: name in the module → name in the test file. `None` where not set: all of the file's.
    pub providers: Option<Vec<(LocalProvider, LocalProvider, Span)>>,
    /// `module { source = … }`: what is run in place of the root module.
    pub module: Option<(String, Span)>,
    /// `state_key`: runs with the same key share a state.
    pub state_key: Option<String>,
    /// `assert` blocks.
    pub asserts: Vec<Condition>,
    /// `expect_failures`: what is to fail.
    pub expect_failures: Vec<(hcl::Traversal, Span)>,
    /// Overrides for this run.
    pub overrides: Vec<Override>,
}

/// `plan_options { … }`.
#[derive(Debug, Clone)]
pub struct PlanOptions {
    /// `mode = refresh-only`.
    pub is_refresh_only: bool,
    /// `refresh`.
    pub refresh: bool,
    /// `target`.
    pub targets: Vec<Target>,
    /// `replace`.
    pub replace: Vec<(Target, Span)>,
}

impl Default for PlanOptions {
    fn default() -> Self {
        PlanOptions {
            is_refresh_only: false,
            refresh: true,
            targets: Vec::new(),
            replace: Vec::new(),
        }
    }
}

/// `mock_provider "name" { … }`.
#[derive(Debug, Clone)]
pub struct MockProvider {
    /// The header.
    pub span: Span,
    /// `source`: a directory with more definitions (`*.tfmock.hcl`).
    pub source: Option<(String, Span)>,
    /// `mock_resource` and `mock_data` blocks.
    pub types: Vec<MockType>,
    /// Overrides of objects of this provider.
    pub overrides: Vec<Override>,
    /// `override_during = plan`.
    pub is_during_plan: bool,
}

/// `mock_resource "type" { … }` or `mock_data "type" { … }`.
#[derive(Debug, Clone)]
pub struct MockType {
    /// Whether it is of a resource or of a data source.
    pub mode: addr::Mode,
    /// The type.
    pub kind: Ident,
    /// `defaults`.
    pub defaults: Option<Expr>,
    /// `override_during = plan`, if it is set.
    pub is_during_plan: Option<bool>,
}

/// What an override names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverrideKind {
    /// `override_resource`.
    Resource,
    /// `override_data`.
    Data,
    /// `override_module`.
    Module,
}

/// `override_resource`, `override_data` or `override_module`.
#[derive(Debug, Clone)]
pub struct Override {
    /// Which of them.
    pub kind: OverrideKind,
    /// `target`.
    pub target: Target,
    /// `values`, or `outputs` of a module.
    pub values: Option<Expr>,
    /// `override_during = plan`, if it is set.
    pub is_during_plan: Option<bool>,
    /// The header.
    pub span: Span,
}

/// Decodes a test file that has been parsed.
pub fn test_file(body: &Body, sources: &SourceMap, diags: &mut Diagnostics) -> TestFile {
    const SPEC: Spec = Spec {
        arguments: &[],
        blocks: &[
            ("test", &[]),
            ("run", &["name"]),
            ("variables", &[]),
            ("provider", &["name"]),
            ("mock_provider", &["name"]),
            ("override_resource", &[]),
            ("override_data", &[]),
            ("override_module", &[]),
        ],
    };
    let mut reader = Reader { sources, diags };
    let content = SPEC.all(body, reader.diags);
    let mut res = TestFile::default();
    let mut variables: Option<Span> = None;
    for it in &content.blocks {
        match it.kind.name.as_str() {
            "run" => {
                if let Some(run) = run(it, &mut reader) {
                    let first = res
                        .runs
                        .iter()
                        .find(|known| known.name.name == run.name.name);
                    if let Some(first) = first {
                        let detail = format!(
                            "There is a run \"{}\" already, at {}. The names of the runs of a file differ.",
                            run.name.name,
                            reader.place(first.span)
                        );
                        reader.titled(
                            &code::DUPLICATE,
                            "Duplicate \"run\" block names",
                            detail,
                            it.header(),
                        );
                    }
                    res.runs.push(run);
                }
            }
            "variables" => {
                if let Some(first) = variables {
                    let detail = format!(
                        "A test file has one block of variables, and this one has the first at {}.",
                        reader.place(first)
                    );
                    reader.titled(
                        &code::DUPLICATE,
                        "Multiple \"variables\" blocks",
                        detail,
                        it.header(),
                    );
                } else {
                    variables = Some(it.header());
                    res.variables = assigned(it, &mut reader);
                }
            }
            "provider" => {
                if let Some(it) = provider::provider(it, &mut reader) {
                    if let Some(first) = res.providers.get(&it.local) {
                        reader.duplicate(
                            "Duplicate provider block",
                            &format!("The provider {}", local_text(&it.local)),
                            first.span,
                            it.span,
                        );
                    }
                    res.providers.insert(it.local.clone(), it);
                }
            }
            "mock_provider" => {
                if let Some((local, it)) = mock(it, &mut reader) {
                    res.mocks.insert(local, it);
                }
            }
            "test" => {
                const TEST: Spec = Spec {
                    arguments: &[("parallel", false)],
                    blocks: &[],
                };
                TEST.all(&it.body, reader.diags);
            }
            _ => add_override(&mut res.overrides, it, &mut reader),
        }
    }
    res
}

/// Adds an override, of which there is one for a target.
fn add_override(all: &mut Vec<Override>, block: &Block, reader: &mut Reader<'_>) {
    let Some(found) = overriding(block, reader) else {
        return;
    };
    if let Some(first) = all.iter().find(|it| it.target == found.target) {
        let detail = format!(
            "What {} is to be is said already, at {}. One override is enough.",
            found.target,
            reader.place(first.span)
        );
        reader.titled(
            &code::DUPLICATE,
            format!("Duplicate {} block", block.kind.name),
            detail,
            block.header(),
        );
    }
    all.push(found);
}

/// What a file of a mock's `source` declares: `*.tfmock.hcl`.
pub fn mock_file(
    body: &Body,
    sources: &SourceMap,
    diags: &mut Diagnostics,
) -> (Vec<MockType>, Vec<Override>) {
    const SPEC: Spec = Spec {
        arguments: &[],
        blocks: MOCK_BLOCKS,
    };
    let mut reader = Reader { sources, diags };
    let content = SPEC.all(body, reader.diags);
    mocked(&content, &mut reader)
}

fn local_text(local: &LocalProvider) -> String {
    match &local.alias {
        None => local.name.to_string(),
        Some(alias) => format!("{}.{alias}", local.name),
    }
}

/// Everything in a block of variables.
fn assigned(block: &Block, reader: &mut Reader<'_>) -> BTreeMap<Arc<str>, (Ident, Expr)> {
    let body = hcl::json::with_blocks(&block.body, &[], reader.diags).into_owned();
    if let Some(it) = body.blocks.first() {
        reader.titled(
            &code::UNEXPECTED_BLOCK,
            format!("Unexpected \"{}\" block", it.kind.name),
            "A block of variables holds only variables and their values, \"name = value\".",
            it.kind.span,
        );
    }
    let attributes = body.attributes.into_iter();
    attributes
        .map(|it| (Arc::from(it.name.name.as_str()), (it.name, it.expr)))
        .collect()
}

fn run(block: &Block, reader: &mut Reader<'_>) -> Option<TestRun> {
    const SPEC: Spec = Spec {
        arguments: &[
            ("command", false),
            ("providers", false),
            ("expect_failures", false),
            ("state_key", false),
            ("parallel", false),
        ],
        blocks: &[
            ("plan_options", &[]),
            ("assert", &[]),
            ("variables", &[]),
            ("module", &[]),
            ("override_resource", &[]),
            ("override_data", &[]),
            ("override_module", &[]),
        ],
    };
    let content = SPEC.all(&block.body, reader.diags);
    let name = block.labels.first()?.clone();
    reader.name(&name, "Invalid run block name");
    let is_plan = content
        .get("command")
        .is_some_and(|it| word(it, "command", &["plan", "apply"], reader) == Some("plan"));
    let mut res = TestRun {
        name,
        span: block.header(),
        is_plan,
        options: PlanOptions::default(),
        variables: BTreeMap::new(),
        providers: content.get("providers").map(|it| passed(it, reader)),
        module: None,
        state_key: reader.text(content.get("state_key")),
        asserts: Vec::new(),
        expect_failures: Vec::new(),
        overrides: Vec::new(),
    };
    if let Some(attribute) = content.get("expect_failures") {
        for it in fixed::list(&attribute.expr, reader.diags) {
            let it = fixed::json_only(it).into_owned();
            let span = it.span;
            let Some(traversal) = fixed::traversal(&it, reader.diags) else {
                continue;
            };
            const WITHOUT: [&str; 9] = [
                "count",
                "each",
                "local",
                "module",
                "path",
                "run",
                "self",
                "terraform",
                "tofu",
            ];
            if WITHOUT.contains(&traversal.root.name.as_str()) {
                reader.titled(
                    &code::STATIC_EXPRESSION,
                    "Invalid `expect_failures` reference",
                    "Only what has conditions can be expected to fail: variables, outputs, checks, resources and data sources of the root module.",
                    span,
                );
                continue;
            }
            res.expect_failures.push((traversal, span));
        }
    }
    for it in &content.blocks {
        match it.kind.name.as_str() {
            "plan_options" => options(it, &mut res.options, reader),
            "assert" => res.asserts.extend(reader.condition(it)),
            "variables" => res.variables = assigned(it, reader),
            "module" => res.module = module(it, reader),
            _ => add_override(&mut res.overrides, it, reader),
        }
    }
    Some(res)
}

/// One of some words.
fn word(
    attribute: &Attribute,
    name: &str,
    words: &[&'static str],
    reader: &mut Reader<'_>,
) -> Option<&'static str> {
    let expr = fixed::json_only(&attribute.expr).into_owned();
    let found = fixed::keyword(&expr).and_then(|it| words.iter().find(|word| **word == it));
    if found.is_none() && expr.kind != ExprKind::Invalid {
        reader.titled(
            &code::STATIC_EXPRESSION,
            format!("Invalid \"{name}\" keyword"),
            format!(
                "The argument \"{name}\" takes one of these words, without quotes: {}.",
                words.join(", ")
            ),
            attribute.expr.span,
        );
    }
    found.copied()
}

fn options(block: &Block, res: &mut PlanOptions, reader: &mut Reader<'_>) {
    const SPEC: Spec = Spec {
        arguments: &[
            ("mode", false),
            ("refresh", false),
            ("replace", false),
            ("target", false),
        ],
        blocks: &[],
    };
    let content = SPEC.all(&block.body, reader.diags);
    if let Some(it) = content.get("mode") {
        res.is_refresh_only =
            word(it, "mode", &["refresh-only", "normal"], reader) == Some("refresh-only");
    }
    if let Some(it) = content.get("refresh") {
        res.refresh = reader.bool(Some(it)).unwrap_or(true);
    }
    let mut targets = |name: &str| -> Vec<(Target, Span)> {
        let Some(it) = content.get(name) else {
            return Vec::new();
        };
        fixed::list(&it.expr, reader.diags)
            .iter()
            .filter_map(|it| {
                let it = fixed::json_only(it).into_owned();
                let traversal = fixed::traversal(&it, reader.diags)?;
                let target = addr::parse::target_of(&traversal, it.span, reader.diags)?;
                Some((target, it.span))
            })
            .collect()
    };
    res.targets = targets("target").into_iter().map(|(it, _)| it).collect();
    res.replace = targets("replace");
}

fn module(block: &Block, reader: &mut Reader<'_>) -> Option<(String, Span)> {
    const SPEC: Spec = Spec {
        arguments: &[("source", true), ("version", false)],
        blocks: &[],
    };
    let content = SPEC.all(&block.body, reader.diags);
    let source = content.get("source")?;
    let text = reader.text(Some(source))?;
    if call::is_local(&text) {
        return Some((text, source.expr.span));
    }
    reader.titled(
        &code::MODULE_SOURCE,
        "Invalid module source address",
        "The module of a run is a directory: write its path with ./ or ../ in front. Modules from elsewhere have to be copied into a directory before.",
        source.expr.span,
    );
    None
}

/// `providers = { name = name }`.
fn passed(
    attribute: &Attribute,
    reader: &mut Reader<'_>,
) -> Vec<(LocalProvider, LocalProvider, Span)> {
    let expr = fixed::json_only(&attribute.expr).into_owned();
    let ExprKind::Object(items) = &expr.kind else {
        reader.titled(
            &code::STATIC_EXPRESSION,
            "Invalid providers argument",
            "The argument \"providers\" takes names of provider configurations in the module and in this file, written out in braces: { dokploy = dokploy.staging }.",
            expr.span,
        );
        return Vec::new();
    };
    let mut res = Vec::new();
    for item in items {
        let key = match &item.key {
            hcl::ObjectKey::Word(it) => Some(LocalProvider {
                name: it.name.as_str().into(),
                alias: None,
            }),
            hcl::ObjectKey::Expr(it) => fixed::provider(it, "providers", reader.diags),
        };
        let value = fixed::json_only(&item.value).into_owned();
        let value = fixed::provider(&value, "providers", reader.diags);
        if let (Some(key), Some(value)) = (key, value) {
            res.push((key, value, item.value.span));
        }
    }
    res
}

const MOCK_BLOCKS: &[(&str, &[&str])] = &[
    ("mock_resource", &["type"]),
    ("mock_data", &["type"]),
    ("override_resource", &[]),
    ("override_data", &[]),
];

fn mock(block: &Block, reader: &mut Reader<'_>) -> Option<(LocalProvider, MockProvider)> {
    const SPEC: Spec = Spec {
        arguments: &[
            ("alias", false),
            ("source", false),
            ("override_during", false),
        ],
        blocks: MOCK_BLOCKS,
    };
    let content = SPEC.all(&block.body, reader.diags);
    let name = block.labels.first()?;
    provider::local_name(&name.name, block.header(), reader);
    let local = LocalProvider {
        name: name.name.as_str().into(),
        alias: reader
            .text(content.get("alias"))
            .map(|it| it.as_str().into()),
    };
    let (types, overrides) = mocked(&content, reader);
    let source = content.get("source");
    let source = source.and_then(|it| Some((reader.text(Some(it))?, it.expr.span)));
    let res = MockProvider {
        span: block.header(),
        source,
        types,
        overrides,
        is_during_plan: during(&content, reader).unwrap_or(false),
    };
    Some((local, res))
}

fn mocked(content: &Content, reader: &mut Reader<'_>) -> (Vec<MockType>, Vec<Override>) {
    const SPEC: Spec = Spec {
        arguments: &[("defaults", false), ("override_during", false)],
        blocks: &[],
    };
    let (mut types, mut overrides) = (Vec::new(), Vec::new());
    for it in &content.blocks {
        let mode = match it.kind.name.as_str() {
            "mock_resource" => addr::Mode::Managed,
            "mock_data" => addr::Mode::Data,
            _ => {
                overrides.extend(overriding(it, reader));
                continue;
            }
        };
        let content = SPEC.all(&it.body, reader.diags);
        let Some(kind) = it.labels.first() else {
            continue;
        };
        types.push(MockType {
            mode,
            kind: kind.clone(),
            defaults: content.get("defaults").map(|it| it.expr.clone()),
            is_during_plan: during(&content, reader),
        });
    }
    (types, overrides)
}

/// `override_during = plan` or `apply`, if it is set.
fn during(content: &Content, reader: &mut Reader<'_>) -> Option<bool> {
    let it = content.get("override_during")?;
    Some(word(it, "override_during", &["plan", "apply"], reader) == Some("plan"))
}

fn overriding(block: &Block, reader: &mut Reader<'_>) -> Option<Override> {
    const OBJECT: Spec = Spec {
        arguments: &[
            ("target", true),
            ("values", false),
            ("override_during", false),
        ],
        blocks: &[],
    };
    const MODULE: Spec = Spec {
        arguments: &[
            ("target", true),
            ("outputs", false),
            ("override_during", false),
        ],
        blocks: &[],
    };
    let (kind, spec, values, wanted) = match block.kind.name.as_str() {
        "override_resource" => (OverrideKind::Resource, OBJECT, "values", "a resource"),
        "override_data" => (OverrideKind::Data, OBJECT, "values", "a data source"),
        _ => (OverrideKind::Module, MODULE, "outputs", "a module"),
    };
    let content = spec.all(&block.body, reader.diags);
    let is_during_plan = during(&content, reader);
    let expr = fixed::json_only(&content.get("target")?.expr).into_owned();
    let traversal = fixed::traversal(&expr, reader.diags)?;
    let target = addr::parse::target_of(&traversal, expr.span, reader.diags)?;
    let mode = match &target {
        Target::Module(_) => None,
        Target::Resource(it) => Some(it.resource.mode),
        Target::Instance(it) => Some(it.resource.mode),
    };
    let fits = match kind {
        OverrideKind::Resource => mode == Some(addr::Mode::Managed),
        OverrideKind::Data => mode == Some(addr::Mode::Data),
        OverrideKind::Module => mode.is_none(),
    };
    if !fits {
        reader.diags.push(
            Diagnostic::error(
                &code::STATIC_EXPRESSION,
                format!(
                    "The target of a block \"{}\" is the address of {wanted}, and {target} is not.",
                    block.kind.name
                ),
            )
            .titled("Invalid override target")
            .at(expr.span),
        );
        return None;
    }
    Some(Override {
        kind,
        target,
        values: content.get(values).map(|it| it.expr.clone()),
        is_during_plan,
        span: block.header(),
    })
}
