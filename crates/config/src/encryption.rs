//! `encryption` blocks (OpenTofu's): key providers, methods, and what is encrypted with them.
//!
//! References between the parts are resolved to names here; arguments are expressions that somebody else evaluates. Two
//! configurations are merged as OpenTofu does with the block of the root module and `TF_ENCRYPTION`, which wins.

use std::collections::BTreeMap;

use diag::{Diagnostic, Diagnostics, SourceMap, Span};
use hcl::{Attribute, Block, Body, Expr, ExprKind, Part, StepKind, TemplateForm};

use crate::reader::Reader;
use crate::spec::Spec;
use crate::{code, fixed};

/// An `encryption` block.
#[derive(Debug, Clone, Default)]
pub struct Encryption {
    /// `key_provider "TYPE" "NAME"`, by type and name.
    pub key_providers: BTreeMap<(String, String), EncryptionPart>,
    /// `method "TYPE" "NAME"`, by type and name.
    pub methods: BTreeMap<(String, String), EncryptionPart>,
    /// `state`.
    pub state: Option<EncryptionTarget>,
    /// `plan`.
    pub plan: Option<EncryptionTarget>,
    /// `remote_state_data_sources`: `default`.
    pub remote: Option<EncryptionTarget>,
    /// `remote_state_data_sources`: `remote_state_data_source "NAME"`.
    pub named_remotes: BTreeMap<String, EncryptionTarget>,
}

/// A key provider or a method.
#[derive(Debug, Clone)]
pub struct EncryptionPart {
    /// Its arguments by name.
    pub arguments: BTreeMap<String, Expr>,
    /// The header of its block.
    pub span: Span,
}

/// What a `state` or `plan` block says.
#[derive(Debug, Clone)]
pub struct EncryptionTarget {
    /// Type and name of its method.
    pub method: Option<(String, String)>,
    /// Whether `unencrypted` is refused.
    pub enforced: bool,
    /// What reads what the method does not.
    pub fallback: Option<Box<EncryptionTarget>>,
    /// The header of its block.
    pub span: Span,
}

impl EncryptionTarget {
    /// It and its fallbacks, in the order in which they are tried.
    pub fn chain(&self) -> impl Iterator<Item = &EncryptionTarget> {
        std::iter::successors(Some(self), |it| it.fallback.as_deref())
    }
}

/// Decodes the body of a block, or of `TF_ENCRYPTION`.
pub fn decode(body: &Body, sources: &SourceMap, diags: &mut Diagnostics) -> Encryption {
    const SPEC: Spec = Spec {
        arguments: &[],
        blocks: &[
            ("key_provider", &["type", "name"]),
            ("method", &["type", "name"]),
            ("state", &[]),
            ("plan", &[]),
            ("remote_state_data_sources", &[]),
        ],
    };
    let content = SPEC.all(body, diags);
    let mut reader = Reader { sources, diags };
    let mut res = Encryption::default();
    for it in &content.blocks {
        match it.kind.name.as_str() {
            "key_provider" => part(it, &mut res.key_providers, &mut reader),
            "method" => part(it, &mut res.methods, &mut reader),
            "state" => only(it, &mut res.state, true, &mut reader),
            "plan" => only(it, &mut res.plan, true, &mut reader),
            _ => remotes(it, &mut res, &mut reader),
        }
    }
    res
}

fn part(
    block: &Block,
    parts: &mut BTreeMap<(String, String), EncryptionPart>,
    reader: &mut Reader<'_>,
) {
    let [kind, name] = block.labels.as_slice() else {
        return;
    };
    let key = (kind.name.to_string(), name.name.to_string());
    let what = format!("{} \"{}\" \"{}\"", block.kind.name, key.0, key.1);
    if let Some(first) = parts.get(&key) {
        let first = first.span;
        reader.duplicate(
            format!("Duplicate {}", block.kind.name),
            &format!("The {what}"),
            first,
            block.header(),
        );
        return;
    }
    let body = hcl::json::with_blocks(&block.body, &[], reader.diags).into_owned();
    for it in &body.blocks {
        reader.error(
            &code::UNSUPPORTED_BLOCK,
            format!("A {} has arguments and no blocks.", block.kind.name),
            it.kind.span,
        );
    }
    let argument = |it: Attribute| (it.name.name.to_string(), it.expr);
    let part = EncryptionPart {
        arguments: body.attributes.into_iter().map(argument).collect(),
        span: block.header(),
    };
    parts.insert(key, part);
}

fn only(
    block: &Block,
    slot: &mut Option<EncryptionTarget>,
    enforceable: bool,
    reader: &mut Reader<'_>,
) {
    if let Some(first) = slot {
        let first = first.span;
        reader.duplicate(
            format!("Duplicate {} block", block.kind.name),
            &format!("The \"{}\" block", block.kind.name),
            first,
            block.header(),
        );
        return;
    }
    *slot = Some(target(block, enforceable, reader));
}

fn target(block: &Block, enforceable: bool, reader: &mut Reader<'_>) -> EncryptionTarget {
    const ENFORCEABLE: Spec = Spec {
        arguments: &[("method", false), ("enforced", false)],
        blocks: &[("fallback", &[])],
    };
    const PLAIN: Spec = Spec {
        arguments: &[("method", false)],
        blocks: &[("fallback", &[])],
    };
    let spec = if enforceable { &ENFORCEABLE } else { &PLAIN };
    let content = spec.all(&block.body, reader.diags);
    let mut fallback = None;
    for it in &content.blocks {
        only(it, &mut fallback, false, reader);
    }
    EncryptionTarget {
        method: content
            .get("method")
            .and_then(|it| name_of(&it.expr, "method", reader.diags)),
        enforced: reader.bool(content.get("enforced")).unwrap_or(false),
        fallback: fallback.map(Box::new),
        span: block.header(),
    }
}

fn remotes(block: &Block, res: &mut Encryption, reader: &mut Reader<'_>) {
    const SPEC: Spec = Spec {
        arguments: &[],
        blocks: &[("default", &[]), ("remote_state_data_source", &["name"])],
    };
    let content = SPEC.all(&block.body, reader.diags);
    for it in &content.blocks {
        if it.kind.name == "default" {
            only(it, &mut res.remote, false, reader);
        } else if let Some(name) = it.labels.first() {
            let mut slot = res.named_remotes.remove(name.name.as_str());
            only(it, &mut slot, false, reader);
            if let Some(it) = slot {
                res.named_remotes.insert(name.name.to_string(), it);
            }
        }
    }
}

/// Type and name in `method.TYPE.NAME` or `key_provider.TYPE.NAME`; in JSON also within `"${…}"`.
pub fn name_of(expr: &Expr, root: &str, diags: &mut Diagnostics) -> Option<(String, String)> {
    let inner = match &expr.kind {
        ExprKind::Template(it) if it.form == TemplateForm::Bare => match it.parts.as_slice() {
            [Part::Interpolation(it)] => Some(&it.expr),
            _ => None,
        },
        _ => None,
    };
    let expr = fixed::json_only(inner.unwrap_or(expr));
    if let ExprKind::Traversal(it) = &expr.kind
        && it.root.name == root
        && let [kind, name] = it.steps.as_slice()
        && let (StepKind::Attr(kind), StepKind::Attr(name)) = (&kind.kind, &name.kind)
    {
        return Some((kind.to_string(), name.to_string()));
    }
    if expr.kind != ExprKind::Invalid {
        diags.push(
            Diagnostic::error(
                &code::STATIC_EXPRESSION,
                format!("What belongs here is the address of a {root} block, without quotes: {root}.TYPE.NAME."),
            )
            .at(expr.span),
        );
    }
    None
}

/// A configuration with another laid over it: arguments one by one, methods and fallbacks as a whole, and `enforced`
/// where either says so.
pub fn merge(base: Encryption, over: Encryption) -> Encryption {
    fn parts(
        mut base: BTreeMap<(String, String), EncryptionPart>,
        over: BTreeMap<(String, String), EncryptionPart>,
    ) -> BTreeMap<(String, String), EncryptionPart> {
        for (key, it) in over {
            match base.get_mut(&key) {
                Some(there) => there.arguments.extend(it.arguments),
                None => {
                    base.insert(key, it);
                }
            }
        }
        base
    }
    fn target(
        base: Option<EncryptionTarget>,
        over: Option<EncryptionTarget>,
    ) -> Option<EncryptionTarget> {
        match (base, over) {
            (Some(base), Some(over)) => Some(EncryptionTarget {
                method: over.method.or(base.method),
                enforced: base.enforced || over.enforced,
                fallback: over.fallback.or(base.fallback),
                span: base.span,
            }),
            (base, over) => over.or(base),
        }
    }
    let mut named_remotes = base.named_remotes;
    for (name, it) in over.named_remotes {
        let merged = target(named_remotes.remove(&name), Some(it));
        named_remotes.extend(merged.map(|it| (name, it)));
    }
    Encryption {
        key_providers: parts(base.key_providers, over.key_providers),
        methods: parts(base.methods, over.methods),
        state: target(base.state, over.state),
        plan: target(base.plan, over.plan),
        remote: target(base.remote, over.remote),
        named_remotes,
    }
}
