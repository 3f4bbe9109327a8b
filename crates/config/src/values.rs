//! Values files: `*.tfvars`, `*.tfvars.json`.

use diag::{Diagnostic, Diagnostics, SourceId};
use hcl::{Expr, Ident};

use crate::code;

/// The variables that a values file sets, in the order of the text. Nothing is evaluated.
pub fn parse(
    source: SourceId,
    text: &str,
    json: bool,
    diags: &mut Diagnostics,
) -> Vec<(Ident, Expr)> {
    let file = if json {
        hcl::json::parse(source, text, false, diags)
    } else {
        hcl::parse(source, text, diags)
    };
    let body = hcl::json::with_blocks(&file.body, &[], diags).into_owned();
    let mut is_first = true;
    for it in &body.blocks {
        if it.kind.name == "variable" {
            let name = it.labels.first().map_or("name", |it| it.name.as_str());
            diags.push(
                Diagnostic::error(
                    &code::DECLARATION_IN_VALUES,
                    format!("A values file sets variables, and .tf files declare them. To set this one write:\n    {name} = <value>\n\nTo declare it, move the block to a .tf file."),
                )
                .at(it.header()),
            );
            return Vec::new();
        }
        if !std::mem::take(&mut is_first) {
            continue;
        }
        diags.push(
            Diagnostic::error(
                &code::INVALID_VALUES,
                "A values file holds only variables and their values, \"name = value\", and no blocks.",
            )
            .titled(format!("Unexpected \"{}\" block", it.kind.name))
            .at(it.kind.span),
        );
    }
    body.attributes
        .into_iter()
        .map(|it| (it.name, it.expr))
        .collect()
}
