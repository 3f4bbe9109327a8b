//! `resource`, `data` and `ephemeral` blocks with their meta-arguments.

use std::collections::BTreeMap;
use std::sync::Arc;

use addr::{LocalProvider, Mode, Provider, Resource as ResourceAddr};
use diag::Span;
use hcl::{Block, Body, Expr, StepKind, Traversal};

use crate::reader::{Reader, with_escape};
use crate::spec::{Content, Spec};
use crate::{
    Condition, IgnoreChanges, Lifecycle, Provisioner, RequiredProvider, Resource, code, constant,
    fixed, visit,
};

type Required = BTreeMap<Arc<str>, RequiredProvider>;

pub(crate) fn resource(
    block: &Block,
    required: &Required,
    reader: &mut Reader<'_>,
) -> Option<Resource> {
    const SPEC: Spec = Spec {
        arguments: META,
        blocks: &[
            ("locals", &[]),
            ("lifecycle", &[]),
            ("connection", &[]),
            ("provisioner", &["type"]),
            ("_", &[]),
        ],
    };
    let content = SPEC.partial(&block.body, reader.diags);
    let mut res = common(block, Mode::Managed, &content, required, reader)?;
    let mut lifecycle_at: Option<Span> = None;
    let mut connection_at: Option<Span> = None;
    for it in &content.blocks {
        match it.kind.name.as_str() {
            "lifecycle" => {
                if let Some(first) = lifecycle_at {
                    second_block(&code::DUPLICATE_LIFECYCLE, "lifecycle", first, it, reader);
                    continue;
                }
                lifecycle_at = Some(it.header());
                res.lifecycle = managed_lifecycle(it, &res.addr, reader);
            }
            "connection" => {
                if let Some(first) = connection_at {
                    second_block(&code::DUPLICATE_CONNECTION, "connection", first, it, reader);
                    continue;
                }
                connection_at = Some(it.header());
                res.connection = Some(it.body.clone());
            }
            "provisioner" => res.provisioners.extend(provisioner(it, reader)),
            _ => {}
        }
    }
    if let Some(connection) = &res.connection
        && res.provisioners.iter().any(|it| it.on_destroy)
    {
        only_self(connection, reader);
    }
    let escape = reader.escape(
        &content.blocks,
        "resource",
        &["lifecycle", "connection", "provisioner"],
    );
    res.body = with_escape(content.rest.clone(), escape);
    Some(res)
}

pub(crate) fn data(
    block: &Block,
    check: Option<&str>,
    required: &Required,
    reader: &mut Reader<'_>,
) -> Option<Resource> {
    read_only(block, Mode::Data, check, required, reader)
}

pub(crate) fn ephemeral(
    block: &Block,
    required: &Required,
    reader: &mut Reader<'_>,
) -> Option<Resource> {
    read_only(block, Mode::Ephemeral, None, required, reader)
}

const META: &[(&str, bool)] = &[
    ("count", false),
    ("for_each", false),
    ("provider", false),
    ("depends_on", false),
];

/// Data sources and ephemeral resources: no provisioners, and only conditions in `lifecycle`.
fn read_only(
    block: &Block,
    mode: Mode,
    check: Option<&str>,
    required: &Required,
    reader: &mut Reader<'_>,
) -> Option<Resource> {
    const SPEC: Spec = Spec {
        arguments: META,
        blocks: &[("lifecycle", &[]), ("locals", &[]), ("_", &[])],
    };
    let content = SPEC.partial(&block.body, reader.diags);
    let mut res = common(block, mode, &content, required, reader)?;
    res.check = check.map(Into::into);
    let mut lifecycle_at: Option<Span> = None;
    if check.is_some() {
        for name in ["count", "for_each"] {
            if let Some(attribute) = content.get(name) {
                reader.titled(
                    &code::NESTED_DATA,
                    format!("Invalid \"{name}\" attribute"),
                    "The data source of a check block is read once, so it has neither \"count\" nor \"for_each\".",
                    attribute.name.span,
                );
            }
        }
    }
    for it in content
        .blocks
        .iter()
        .filter(|it| it.kind.name == "lifecycle")
    {
        if check.is_some() {
            reader.titled(
                &code::NESTED_DATA,
                "Invalid lifecycle block",
                "The data source of a check block has no \"lifecycle\" of its own. Write its conditions as \"assert\" blocks of the check.",
                it.header(),
            );
            continue;
        }
        if let Some(first) = lifecycle_at {
            second_block(&code::DUPLICATE_LIFECYCLE, "lifecycle", first, it, reader);
            continue;
        }
        lifecycle_at = Some(it.header());
        let content = LIFECYCLE.all(&it.body, reader.diags);
        let (kind, what) = match mode {
            Mode::Data => ("data resource", "data sources"),
            Mode::Ephemeral | Mode::Managed => ("ephemeral resource", "ephemeral resources"),
        };
        for (name, _) in LIFECYCLE.arguments {
            if let Some(attribute) = content.get(name) {
                reader.titled(
                    &code::LIFECYCLE_ARGUMENT,
                    format!("Invalid {kind} lifecycle argument"),
                    format!("The argument \"{name}\" is about changing and destroying objects, and {what} do neither. Only \"precondition\" and \"postcondition\" can stand here."),
                    attribute.name.span,
                );
            }
        }
        (res.lifecycle.preconditions, res.lifecycle.postconditions) =
            conditions(&content, &res.addr, reader);
    }
    let owner = match mode {
        Mode::Data => "data",
        Mode::Ephemeral | Mode::Managed => "ephemeral",
    };
    let escape = reader.escape(&content.blocks, owner, &["lifecycle"]);
    res.body = with_escape(content.rest.clone(), escape);
    Some(res)
}

fn common(
    block: &Block,
    mode: Mode,
    content: &Content,
    required: &Required,
    reader: &mut Reader<'_>,
) -> Option<Resource> {
    let [kind, name] = block.labels.as_slice() else {
        return None;
    };
    let (kind_title, name_title) = match mode {
        Mode::Managed => ("Invalid resource type name", "Invalid resource name"),
        Mode::Data => ("Invalid data source name", "Invalid data resource name"),
        Mode::Ephemeral => (
            "Invalid ephemeral resource type",
            "Invalid ephemeral resource name",
        ),
    };
    reader.name(kind, kind_title);
    reader.name(name, name_title);
    let addr = ResourceAddr {
        mode,
        kind: kind.name.as_str().into(),
        name: name.name.as_str().into(),
    };
    let repetition = reader.repetition(content);
    let chosen = content.get("provider").and_then(|it| {
        let expr = fixed::unquoted(&it.expr, false, reader.diags);
        fixed::provider(&expr, "provider", reader.diags).map(|local| (local, it.expr.span))
    });
    let depends_on = content
        .get("depends_on")
        .map(|it| fixed::depends_on(&it.expr, reader.diags))
        .unwrap_or_default();
    let (provider, provider_span) = match chosen {
        Some((local, span)) => (local, Some(span)),
        None => (
            LocalProvider {
                name: addr.implied_provider().into(),
                alias: None,
            },
            None,
        ),
    };
    let provider_addr = required
        .get(&provider.name)
        .map_or_else(|| Provider::implied(&provider.name), |it| it.source.clone());
    Some(Resource {
        addr,
        span: block.header(),
        kind_span: kind.span,
        body: content.rest.clone(),
        repetition,
        provider,
        provider_span,
        provider_addr,
        depends_on,
        lifecycle: Lifecycle::default(),
        provisioners: Vec::new(),
        connection: None,
        check: None,
    })
}

fn second_block(
    code: &'static diag::Code,
    kind: &str,
    first: Span,
    second: &Block,
    reader: &mut Reader<'_>,
) {
    let detail = format!(
        "There is a \"{kind}\" block already, at {}. Put everything into one.",
        reader.place(first)
    );
    reader.error(code, detail, second.header());
}

const LIFECYCLE: Spec = Spec {
    arguments: &[
        ("create_before_destroy", false),
        ("prevent_destroy", false),
        ("ignore_changes", false),
        ("replace_triggered_by", false),
    ],
    blocks: &[("precondition", &[]), ("postcondition", &[])],
};

fn managed_lifecycle(block: &Block, addr: &ResourceAddr, reader: &mut Reader<'_>) -> Lifecycle {
    let content = LIFECYCLE.all(&block.body, reader.diags);
    let (preconditions, postconditions) = conditions(&content, addr, reader);
    Lifecycle {
        create_before_destroy: reader.bool(content.get("create_before_destroy")),
        prevent_destroy: content
            .get("prevent_destroy")
            .and_then(|it| Some((reader.bool(Some(it))?, it.expr.span))),
        ignore_changes: content
            .get("ignore_changes")
            .map(|it| ignore_changes(&it.expr, reader))
            .unwrap_or_default(),
        replace_triggered_by: content
            .get("replace_triggered_by")
            .map(|it| replace_triggered_by(&it.expr, reader))
            .unwrap_or_default(),
        preconditions,
        postconditions,
    }
}

fn ignore_changes(expr: &Expr, reader: &mut Reader<'_>) -> IgnoreChanges {
    if fixed::keyword(&fixed::json_only(expr)) == Some("all") {
        return IgnoreChanges::All;
    }
    let mut wildcard = None;
    let mut res = Vec::new();
    for it in fixed::list(expr, reader.diags) {
        if constant::constant(it, reader.sources) == constant::Constant::Text("*".to_owned()) {
            wildcard = Some(it.span);
            reader.error(
                &code::IGNORE_ALL,
                "The wildcard \"*\" is not a form of this list any more. Write \"ignore_changes = all\", without brackets and quotes.",
                expr.span,
            );
            continue;
        }
        let it = fixed::unquoted(it, false, reader.diags);
        res.extend(fixed::traversal(&it, reader.diags));
    }
    if let Some(span) = wildcard
        && !res.is_empty()
    {
        reader.error(
            &code::IGNORE_RULESET,
            "A wildcard covers all attributes, so no single ones can stand beside it.",
            span,
        );
    }
    if wildcard.is_some() {
        return IgnoreChanges::All;
    }
    IgnoreChanges::Some(res)
}

fn replace_triggered_by(expr: &Expr, reader: &mut Reader<'_>) -> Vec<Expr> {
    let mut res = Vec::new();
    for it in fixed::list(expr, reader.diags) {
        let it = fixed::json_only(it).into_owned();
        if it.kind == hcl::ExprKind::Invalid {
            continue;
        }
        let mut n_resources = 0;
        for (traversal, _) in visit::references(&it) {
            let first = traversal.steps.first().map(|it| &it.kind);
            let is = |name: &str| matches!(first, Some(StepKind::Attr(it)) if it == name);
            let title = match traversal.root.name.as_str() {
                "count" if is("index") => continue,
                "each" if is("key") => continue,
                "count" => "Invalid count reference in replace_triggered_by expression",
                "each" => "Invalid each reference in replace_triggered_by expression",
                "var" | "local" | "module" | "self" | "path" | "terraform" | "tofu" => {
                    "Invalid reference in replace_triggered_by expression"
                }
                _ => {
                    n_resources += 1;
                    continue;
                }
            };
            reader.titled(
                &code::REPLACE_TRIGGER,
                title,
                "Only resources of this module can trigger a replacement, chosen with constants, \"count.index\" or \"each.key\". For other values put a terraform_data resource between.",
                it.span,
            );
        }
        let detail = match n_resources {
            1 => {
                res.push(it);
                continue;
            }
            0 => {
                "A resource, an instance of one, or one of its attributes is named here, and this names none."
            }
            _ => {
                "One item of the list names one resource, and this names several. Make it several items."
            }
        };
        reader.error(&code::REPLACE_TRIGGER, detail, it.span);
    }
    res
}

/// The `precondition` and `postcondition` blocks of a `lifecycle` block.
fn conditions(
    content: &Content,
    addr: &ResourceAddr,
    reader: &mut Reader<'_>,
) -> (Vec<Condition>, Vec<Condition>) {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for it in &content.blocks {
        let Some(condition) = reader.condition(it) else {
            continue;
        };
        for expr in [&condition.condition, &condition.message] {
            if visit::references(expr)
                .iter()
                .any(|(it, _)| names(it, addr))
            {
                let advice = if it.kind.name == "postcondition" {
                    format!("Write \"self\" instead of \"{addr}\".")
                } else {
                    "A condition on the result is a \"postcondition\", and refers to it as \"self\".".to_owned()
                };
                reader.titled(
                    &code::SELF_REFERENCE,
                    format!("Invalid reference in {}", it.kind.name),
                    format!("The condition belongs to {addr} and cannot refer to it by its address, which would be a circle. {advice}"),
                    expr.span,
                );
            }
        }
        if it.kind.name == "precondition" {
            before.push(condition);
        } else {
            after.push(condition);
        }
    }
    (before, after)
}

/// Whether a reference is to a resource of this module.
fn names(traversal: &Traversal, addr: &ResourceAddr) -> bool {
    let step = |at: usize| match traversal.steps.get(at).map(|it| &it.kind) {
        Some(StepKind::Attr(it)) => it.as_str(),
        _ => "",
    };
    let (kind, name) = match (addr.mode, traversal.root.name.as_str()) {
        (Mode::Data, "data") | (Mode::Ephemeral, "ephemeral") => (step(0), step(1)),
        (Mode::Managed, "resource") => (step(0), step(1)),
        (Mode::Managed, kind) => (kind, step(0)),
        _ => return false,
    };
    kind == &*addr.kind && name == &*addr.name
}

/// A `provisioner` block.
pub(crate) fn provisioner(block: &Block, reader: &mut Reader<'_>) -> Option<Provisioner> {
    const SPEC: Spec = Spec {
        arguments: &[("when", false), ("on_failure", false)],
        blocks: &[
            ("_", &[]),
            ("connection", &[]),
            ("lifecycle", &[]),
            ("locals", &[]),
        ],
    };
    let content = SPEC.partial(&block.body, reader.diags);
    let kind = block.labels.first()?.clone();
    if matches!(
        kind.name.as_str(),
        "chef" | "habitat" | "puppet" | "salt-masterless"
    ) {
        reader.titled(
            &code::REMOVED_PROVISIONER,
            format!("The \"{}\" provisioner has been removed", kind.name),
            "This provisioner no longer exists. Run the tool from a \"local-exec\" or \"remote-exec\" provisioner, or outside of the configuration.",
            kind.span,
        );
        return None;
    }
    let mut on_destroy = false;
    if let Some(attribute) = content.get("when") {
        let expr = fixed::unquoted(&attribute.expr, true, reader.diags);
        match fixed::keyword(&expr) {
            Some("create") => {}
            Some("destroy") => on_destroy = true,
            _ => reader.error(
                &code::WHEN_KEYWORD,
                "The argument \"when\" says when the provisioner runs: \"create\" or \"destroy\".",
                expr.span,
            ),
        }
    }
    let mut continue_on_failure = false;
    if let Some(attribute) = content.get("on_failure") {
        let expr = fixed::unquoted(&attribute.expr, true, reader.diags);
        match fixed::keyword(&expr) {
            Some("continue") => continue_on_failure = true,
            Some("fail") => {}
            _ => reader.error(
                &code::ON_FAILURE_KEYWORD,
                "The argument \"on_failure\" says what happens after a failure: \"continue\" or \"fail\".",
                attribute.expr.span,
            ),
        }
    }
    let mut connection: Option<(Body, Span)> = None;
    for it in content
        .blocks
        .iter()
        .filter(|it| it.kind.name == "connection")
    {
        match &connection {
            Some((_, first)) => {
                second_block(
                    &code::DUPLICATE_CONNECTION,
                    "connection",
                    *first,
                    it,
                    reader,
                );
            }
            None => connection = Some((it.body.clone(), it.header())),
        }
    }
    let escape = reader.escape(&content.blocks, "provisioner", &["connection"]);
    let body = with_escape(content.rest.clone(), escape);
    if on_destroy {
        only_self(&body, reader);
        if let Some((connection, _)) = &connection {
            only_self(connection, reader);
        }
    }
    Some(Provisioner {
        kind,
        body,
        on_destroy,
        continue_on_failure,
        connection: connection.map(|(it, _)| it),
        span: block.header(),
    })
}

/// Reports references of a destroy-time provisioner to objects that may be gone when it runs.
fn only_self(body: &Body, reader: &mut Reader<'_>) {
    for attribute in &body.attributes {
        for (traversal, _) in visit::references(&attribute.expr) {
            let first = traversal.steps.first().map(|it| &it.kind);
            let is = |name: &str| matches!(first, Some(StepKind::Attr(it)) if it == name);
            let valid = match traversal.root.name.as_str() {
                "self" | "path" | "terraform" => true,
                "count" => is("index"),
                "each" => is("key"),
                _ => false,
            };
            if !valid {
                reader.error(
                    &code::DESTROY_REFERENCE,
                    format!("The provisioner runs when the object is destroyed, and \"{}\" may not be known or there any more by then. What else is needed can be kept in the resource's own attributes: use \"self\", \"count.index\" or\n'each.key'.", traversal.root.name),
                    attribute.expr.span,
                );
            }
        }
    }
}
