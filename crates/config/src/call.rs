//! `module` blocks.

use hcl::{Block, ExprKind, ObjectKey};

use crate::provider::constraints;
use crate::reader::{Reader, with_escape};
use crate::spec::Spec;
use crate::{ModuleCall, code, fixed};

pub(crate) fn call(block: &Block, reader: &mut Reader<'_>) -> Option<ModuleCall> {
    const SPEC: Spec = Spec {
        arguments: &[
            ("source", true),
            ("version", false),
            ("count", false),
            ("for_each", false),
            ("depends_on", false),
            ("providers", false),
        ],
        blocks: &[
            ("_", &[]),
            ("lifecycle", &[]),
            ("locals", &[]),
            ("provider", &["type"]),
        ],
    };
    let content = SPEC.partial(&block.body, reader.diags);
    let name = block.labels.first()?.clone();
    reader.name(&name, "Invalid module instance name");
    let version = content.get("version").and_then(|it| {
        let text = reader.text(Some(it))?;
        constraints(Some(text.clone()), it.expr.span, reader)?;
        Some((text, it.expr.span))
    });
    let source = content.get("source").and_then(|it| {
        let text = reader.text(Some(it))?;
        let at = it.expr.span;
        if content.get("version").is_some() && !is_registry(&text) {
            reader.error(
                &code::REGISTRY_SOURCE,
                format!("The source \"{text}\" is not the address of a module in a registry, and only those have a \"version\". Remove \"version\"; other sources name the version in the source itself."),
                at,
            );
            return None;
        }
        if !is_local(&text) && !is_registry(&text) && !is_remote(&text) {
            let detail = if text.is_empty() {
                "The source of a module cannot be empty. For a directory of this configuration begin it with \"./\" or \"../\".".to_owned()
            } else {
                format!("The source \"{text}\" does not say where the module is. For a directory beside this one write \"./{text}\".")
            };
            reader.error(&code::MODULE_SOURCE, detail, at);
            return None;
        }
        Some((text, at))
    });
    let repetition = reader.repetition(&content);
    let depends_on = content
        .get("depends_on")
        .map(|it| fixed::depends_on(&it.expr, reader.diags))
        .unwrap_or_default();
    let providers = content.get("providers").map(|it| {
        let ExprKind::Object(items) = &it.expr.kind else {
            if it.expr.kind != ExprKind::Invalid {
                reader.error(
                    &code::STATIC_EXPRESSION,
                    "The argument \"providers\" takes a map, written out in braces: \"{ dokploy = dokploy.staging }\".",
                    crate::constant::start(&it.expr),
                );
            }
            return Vec::new();
        };
        let mut res: Vec<(addr::LocalProvider, addr::LocalProvider, diag::Span)> = Vec::new();
        for item in items {
            let child = match &item.key {
                ObjectKey::Word(it) => Some(addr::LocalProvider {
                    name: it.name.as_str().into(),
                    alias: None,
                }),
                ObjectKey::Expr(it) => {
                    let it = fixed::unquoted(it, false, reader.diags);
                    fixed::provider(&it, "providers", reader.diags)
                }
            };
            let here = fixed::unquoted(&item.value, false, reader.diags);
            let here = fixed::provider(&here, "providers", reader.diags);
            let (Some(child), Some(here)) = (child, here) else {
                continue;
            };
            if res.iter().any(|(it, ..)| *it == child) {
                reader.titled(
                    &code::DUPLICATE,
                    "Duplicate provider address",
                    format!("A configuration is passed under the name \"{child}\" already. Each name of the module gets one."),
                    item.value.span,
                );
                continue;
            }
            let at = match &item.value.kind {
                ExprKind::Traversal(it) => it.root.span,
                _ => item.value.span,
            };
            res.push((child, here, at));
        }
        res
    });
    let escape = reader.escape(&content.blocks, "module", &[]);
    Some(ModuleCall {
        span: block.header(),
        source: source?,
        version,
        body: with_escape(content.rest.clone(), escape),
        repetition,
        providers,
        depends_on,
        name,
    })
}

/// Whether a source is a directory relative to the calling module's.
pub(crate) fn is_local(source: &str) -> bool {
    source.starts_with("./") || source.starts_with("../") || source == ".."
}

fn is_registry(source: &str) -> bool {
    let path = source.split("//").next().unwrap_or(source);
    let parts: Vec<&str> = path.split('/').collect();
    let word = |it: &&str| {
        !it.is_empty()
            && it
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    let host = |it: &str| it.contains('.') && !matches!(it, "github.com" | "bitbucket.org");
    match parts.as_slice() {
        [namespace, name, system] => [namespace, name, system].into_iter().all(word),
        [first, namespace, name, system] => {
            host(first) && [namespace, name, system].into_iter().all(word)
        }
        _ => false,
    }
}

fn is_remote(source: &str) -> bool {
    source.contains("::")
        || source.contains("://")
        || source.starts_with("git@")
        || source.starts_with("github.com/")
        || source.starts_with("bitbucket.org/")
        || source.starts_with('/')
}
