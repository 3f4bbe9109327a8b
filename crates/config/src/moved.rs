//! `moved`, `removed` and `import` blocks.

use addr::{ConfigResource, Key, Mode, ModulePath, Resource, Target};
use diag::Diagnostics;
use hcl::{Block, Expr, ExprKind, Step, StepKind, Traversal};

use crate::reader::Reader;
use crate::resource::provisioner;
use crate::spec::Spec;
use crate::{Import, Moved, Removed, code, fixed};

pub(crate) fn moved(block: &Block, reader: &mut Reader<'_>) -> Option<Moved> {
    const SPEC: Spec = Spec {
        arguments: &[("from", true), ("to", true)],
        blocks: &[],
    };
    let content = SPEC.all(&block.body, reader.diags);
    let mut end = |name: &str| {
        let expr = fixed::json_only(&content.get(name)?.expr).into_owned();
        let traversal = fixed::traversal(&expr, reader.diags)?;
        let target = addr::parse::target_of(&traversal, expr.span, reader.diags)?;
        Some((target, expr.span))
    };
    let (from, to) = (end("from"), end("to"));
    let ((from, from_span), (to, to_span)) = (from?, to?);
    let is_module = |it: &Target| matches!(it, Target::Module(_));
    if is_module(&from) != is_module(&to) {
        reader.error(
            &code::MOVED_KINDS,
            format!("The addresses {from} and {to} are not of the same kind: a module moves to a module, a resource to a resource."),
            block.header(),
        );
    }
    Some(Moved {
        from,
        to,
        span: block.header(),
        from_span,
        to_span,
    })
}

pub(crate) fn removed(block: &Block, reader: &mut Reader<'_>) -> Option<Removed> {
    const SPEC: Spec = Spec {
        arguments: &[("from", true)],
        blocks: &[
            ("lifecycle", &[]),
            ("connection", &[]),
            ("provisioner", &["type"]),
        ],
    };
    const LIFECYCLE: Spec = Spec {
        arguments: &[("destroy", false)],
        blocks: &[],
    };
    let content = SPEC.all(&block.body, reader.diags);
    let mut destroy = true;
    let from = content.get("from").and_then(|it| {
        let expr = fixed::json_only(&it.expr).into_owned();
        let traversal = fixed::traversal(&expr, reader.diags)?;
        let target = removed_target(&traversal, &expr, reader)?;
        Some((target, expr.span))
    });
    let managed = match &from {
        Some((Target::Resource(it), _)) => it.resource.mode == Mode::Managed,
        _ => false,
    };
    let mut provisioners = Vec::new();
    for it in &content.blocks {
        match it.kind.name.as_str() {
            "lifecycle" => {
                let content = LIFECYCLE.all(&it.body, reader.diags);
                if let Some(it) = reader.bool(content.get("destroy")) {
                    destroy = it;
                }
            }
            "connection" if !managed => reader.error(
                &code::REMOVED_CONNECTION,
                "A connection is for provisioners that run when a managed resource is destroyed, and this block is about something else.",
                it.header(),
            ),
            "provisioner" if !managed => reader.error(
                &code::REMOVED_PROVISIONERS,
                "Provisioners run when a managed resource is destroyed, and this block is about something else.",
                it.header(),
            ),
            "provisioner" => {
                let Some(provisioner) = provisioner(it, reader) else {
                    continue;
                };
                if !provisioner.on_destroy {
                    reader.error(
                        &code::REMOVED_PROVISIONERS,
                        "Nothing is created by a \"removed\" block, so its provisioners say \"when = destroy\".",
                        it.header(),
                    );
                }
                provisioners.push(provisioner);
            }
            _ => {}
        }
    }
    let (from, from_span) = from?;
    Some(Removed {
        from,
        destroy,
        provisioners,
        span: block.header(),
        from_span,
    })
}

fn removed_target(traversal: &Traversal, expr: &Expr, reader: &mut Reader<'_>) -> Option<Target> {
    let target = addr::parse::target_of(traversal, expr.span, reader.diags)?;
    let key = traversal
        .steps
        .iter()
        .find(|it| !matches!(it.kind, StepKind::Attr(_)));
    let module_keys = match &target {
        Target::Module(it) => it.0.iter().any(|(_, key)| *key != Key::None),
        Target::Resource(it) => it.module.0.iter().any(|(_, key)| *key != Key::None),
        Target::Instance(it) => it.module.0.iter().any(|(_, key)| *key != Key::None),
    };
    if module_keys {
        reader.error(
            &code::MODULE_KEYS,
            "The block is about a module as it was declared, with all of its instances. Remove the key.",
            key.map_or(expr.span, |it| it.span),
        );
        return None;
    }
    let mode = match &target {
        Target::Module(_) => Mode::Managed,
        Target::Resource(it) => it.resource.mode,
        Target::Instance(it) => it.resource.mode,
    };
    if let Target::Instance(it) = &target
        && it.key != Key::None
    {
        reader.error(
            &code::RESOURCE_KEYS,
            "The block is about a resource as it was declared, with all of its instances. Remove the key.",
            key.map_or(expr.span, |it| it.span),
        );
        return None;
    }
    if mode == Mode::Data {
        reader.error(
            &code::REMOVED_DATA,
            "A data source is only read, so there is nothing to destroy or to keep. Delete its block; nothing else is needed.",
            expr.span,
        );
        return None;
    }
    Some(match target {
        Target::Instance(it) => Target::Resource(it.absolute()),
        it => it,
    })
}

pub(crate) fn import(block: &Block, reader: &mut Reader<'_>) -> Option<Import> {
    const SPEC: Spec = Spec {
        arguments: &[
            ("for_each", false),
            ("id", true),
            ("provider", false),
            ("to", true),
        ],
        blocks: &[],
    };
    let content = SPEC.all(&block.body, reader.diags);
    let provider = content.get("provider").and_then(|it| {
        let expr = fixed::unquoted(&it.expr, false, reader.diags);
        Some((
            fixed::provider(&expr, "provider", reader.diags)?,
            it.expr.span,
        ))
    });
    let to = content.get("to").and_then(|it| {
        let expr = fixed::json_only(&it.expr).into_owned();
        let target = import_target(&expr, reader.diags);
        match target {
            Some(target) if target.resource.mode == Mode::Managed => Some((expr, target)),
            _ => {
                if let (ExprKind::Traversal(it), None) = (&expr.kind, &target) {
                    addr::parse::target_of(it, expr.span, reader.diags);
                }
                if expr.kind != ExprKind::Invalid {
                    reader.error(
                        &code::IMPORT_ADDRESS,
                        "An import is into an instance of a managed resource: \"dokploy_registry.a\", \"module.m.dokploy_registry.a[\"key\"]\".",
                        it.span(),
                    );
                }
                None
            }
        }
    });
    let id = content.get("id")?.expr.clone();
    let (to, target) = to?;
    Some(Import {
        to,
        target,
        id,
        for_each: content.get("for_each").map(|it| it.expr.clone()),
        provider,
        span: block.header(),
    })
}

/// A part of an address: a name, or a key that may be any expression.
enum Part<'e> {
    Name(&'e str),
    Key,
}

/// The resource that the address of an import names, keys aside. What is wrong with it is reported.
fn import_target(expr: &Expr, diags: &mut Diagnostics) -> Option<ConfigResource> {
    let mut parts = Vec::new();
    if !flatten(expr, &mut parts) {
        // The same as for a constant address, with its messages.
        fixed::traversal(expr, diags);
        return None;
    }
    let mut parts = parts.into_iter().peekable();
    let mut module = ModulePath::root();
    let name = |parts: &mut std::iter::Peekable<std::vec::IntoIter<Part<'_>>>| match parts.next() {
        Some(Part::Name(it)) => Some(it.to_owned()),
        _ => None,
    };
    let mut first = name(&mut parts)?;
    while first == "module" {
        module = module.child(&name(&mut parts)?);
        if let Some(Part::Key) = parts.peek() {
            parts.next();
        }
        first = name(&mut parts)?;
    }
    let (mode, kind) = match first.as_str() {
        "data" => (Mode::Data, name(&mut parts)?),
        "ephemeral" => (Mode::Ephemeral, name(&mut parts)?),
        "resource" => (Mode::Managed, name(&mut parts)?),
        _ => (Mode::Managed, first),
    };
    let resource = Resource {
        mode,
        kind: kind.as_str().into(),
        name: name(&mut parts)?.as_str().into(),
    };
    if let Some(Part::Key) = parts.peek() {
        parts.next();
    }
    parts
        .next()
        .is_none()
        .then_some(ConfigResource { module, resource })
}

fn flatten<'e>(expr: &'e Expr, parts: &mut Vec<Part<'e>>) -> bool {
    let push = |steps: &'e [Step], parts: &mut Vec<Part<'e>>| {
        parts.extend(steps.iter().map(|it| match &it.kind {
            StepKind::Attr(name) => Part::Name(name),
            StepKind::Index(_) | StepKind::Key(_) => Part::Key,
        }));
        true
    };
    match &expr.kind {
        ExprKind::Traversal(it) => {
            parts.push(Part::Name(&it.root.name));
            push(&it.steps, parts)
        }
        ExprKind::Access(it) => flatten(&it.source, parts) && push(&it.steps, parts),
        ExprKind::Index(it) => {
            let res = flatten(&it.collection, parts);
            parts.push(Part::Key);
            res
        }
        _ => false,
    }
}
