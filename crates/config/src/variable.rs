//! `variable` and `output` blocks.

use hcl::{Block, ExprKind, StepKind};

use crate::fixed;
use crate::reader::Reader;
use crate::spec::Spec;
use crate::{Condition, Output, Variable, code, constant, visit};

/// Names of arguments and blocks of `module` blocks, which therefore cannot be names of variables.
const RESERVED: [&str; 9] = [
    "source",
    "version",
    "providers",
    "count",
    "for_each",
    "depends_on",
    "lifecycle",
    "locals",
    "_",
];

pub(crate) fn variable(block: &Block, reader: &mut Reader<'_>) -> Option<Variable> {
    const SPEC: Spec = Spec {
        arguments: &[
            ("description", false),
            ("default", false),
            ("type", false),
            ("sensitive", false),
            ("ephemeral", false),
            ("nullable", false),
            ("deprecated", false),
        ],
        blocks: &[("validation", &[])],
    };
    let content = SPEC.all(&block.body, reader.diags);
    let name = block.labels.first()?.clone();
    reader.name(&name, "Invalid variable name");
    if RESERVED.contains(&name.name.as_str()) {
        reader.titled(
            &code::INVALID_NAME,
            "Invalid variable name",
            format!("The name \"{}\" has a meaning of its own in module blocks, where variables are set, so no variable can have this name.", name.name),
            name.span,
        );
    }
    let nullable = reader.bool(content.get("nullable")).unwrap_or(true);
    let mut default = content.get("default").map(|it| match block.body.syntax {
        hcl::Syntax::Native => it.expr.clone(),
        hcl::Syntax::Json => {
            hcl::json::verbatim(&it.expr, reader.sources.text(it.expr.span.source))
        }
    });
    if let Some(default) = &mut default {
        if !constant::check(default, reader.diags) {
            // Said once is enough.
            default.kind = ExprKind::Invalid;
        }
        if !nullable && default.kind == ExprKind::Null {
            reader.error(
                &code::NULL_DEFAULT,
                "The variable is declared with \"nullable = false\", so null cannot be its default. Leave the default out to make the variable required.",
                default.span,
            );
        }
    }
    let mut validations: Vec<Condition> = Vec::new();
    for it in &content.blocks {
        let refers_to_it = |(traversal, _): &(&hcl::Traversal, diag::Span)| {
            traversal.root.name == "var"
                && matches!(traversal.steps.first().map(|it| &it.kind), Some(StepKind::Attr(it)) if *it == name.name)
        };
        // The check of the condition must not hang on whether the message is there too.
        let condition = it
            .body
            .attributes
            .iter()
            .find(|it| it.name.name == "condition");
        let decoded = reader.condition(it);
        if let Some(condition) = condition
            && !visit::references(&condition.expr).iter().any(refers_to_it)
            && condition.expr.kind != ExprKind::Invalid
        {
            reader.error(
                &code::VALIDATION_CONDITION,
                format!("The condition checks the variable \"{0}\" and does not refer to it. Use \"var.{0}\" in it.", name.name),
                condition.expr.span,
            );
        }
        validations.extend(decoded);
    }
    let ty = content
        .get("type")
        .map(|it| fixed::embedded(&it.expr, reader.diags).into_owned());
    Some(Variable {
        span: block.header(),
        ty,
        default,
        description: reader.text(content.get("description")),
        sensitive: reader.bool(content.get("sensitive")).unwrap_or(false),
        ephemeral: reader.bool(content.get("ephemeral")).unwrap_or(false),
        nullable,
        deprecated: reader.text(content.get("deprecated")),
        validations,
        name,
    })
}

pub(crate) fn output(block: &Block, reader: &mut Reader<'_>) -> Option<Output> {
    const SPEC: Spec = Spec {
        arguments: &[
            ("description", false),
            ("value", true),
            ("depends_on", false),
            ("sensitive", false),
            ("ephemeral", false),
            ("deprecated", false),
        ],
        blocks: &[("precondition", &[])],
    };
    let content = SPEC.all(&block.body, reader.diags);
    let name = block.labels.first()?.clone();
    reader.name(&name, "Invalid output name");
    let description = reader.text(content.get("description"));
    let sensitive = reader.bool(content.get("sensitive"));
    let ephemeral = reader.bool(content.get("ephemeral")).unwrap_or(false);
    let deprecated = reader.text(content.get("deprecated"));
    let depends_on = content
        .get("depends_on")
        .map(|it| fixed::depends_on(&it.expr, reader.diags))
        .unwrap_or_default();
    let preconditions = content
        .blocks
        .iter()
        .filter_map(|it| reader.condition(it))
        .collect();
    Some(Output {
        span: block.header(),
        value: content.get("value")?.expr.clone(),
        description,
        sensitive,
        ephemeral,
        depends_on,
        preconditions,
        deprecated,
        name,
    })
}
