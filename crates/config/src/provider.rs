//! `provider` blocks.

use addr::LocalProvider;
use diag::{Diagnostic, Span};
use hcl::Block;

use crate::reader::{Reader, with_escape};
use crate::spec::Spec;
use crate::version::Constraints;
use crate::{ProviderBlock, code};

pub(crate) fn provider(block: &Block, reader: &mut Reader<'_>) -> Option<ProviderBlock> {
    const RESERVED: [&str; 4] = ["count", "depends_on", "for_each", "source"];
    const SPEC: Spec = Spec {
        arguments: &[
            ("alias", false),
            ("version", false),
            ("count", false),
            ("depends_on", false),
            ("for_each", false),
            ("source", false),
        ],
        blocks: &[("_", &[]), ("lifecycle", &[]), ("locals", &[])],
    };
    let content = SPEC.partial(&block.body, reader.diags);
    let name = block.labels.first()?;
    local_name(&name.name, block.header(), reader);
    let mut alias = None;
    if let Some(attribute) = content.get("alias") {
        let text = reader.text(Some(attribute));
        if text.as_ref().is_none_or(|it| !hcl::is_identifier(it)) {
            reader.diags.push(Diagnostic::error(
                &code::PROVIDER_ALIAS,
                format!("The alias of the configuration at {} is not a name. A name begins with a letter or an underscore, and goes on with letters, digits, underscores and dashes.", reader.place(attribute.expr.span)),
            ).label(attribute.expr.span, "not a name"));
        }
        alias = text.map(|it| it.as_str().into());
    }
    if let Some(attribute) = content.get("version") {
        reader.diags.push(
            Diagnostic::warning(
                &code::PROVIDER_VERSION,
                format!("The version of a provider is a matter of the whole module. Move the constraint to the entry \"{}\" of \"required_providers\" in a \"terraform\" block.", name.name),
            )
            .at(attribute.expr.span),
        );
        constraints(reader.text(Some(attribute)), attribute.expr.span, reader);
    }
    for it in RESERVED {
        if let Some(attribute) = content.get(it) {
            reader.titled(
                &code::RESERVED_ARGUMENT,
                "Reserved argument name in provider block",
                format!("The name \"{it}\" is kept for the language and means nothing in a provider block yet. If the provider itself has an argument of this name, set it inside a block \"_\"."),
                attribute.name.span,
            );
        }
    }
    let escape = reader.escape(&content.blocks, "provider", &[]);
    Some(ProviderBlock {
        local: LocalProvider {
            name: name.name.as_str().into(),
            alias,
        },
        body: with_escape(content.rest.clone(), escape),
        span: block.header(),
    })
}

/// Reports a local name that is not in the form that all names of providers have.
pub(crate) fn local_name(name: &str, at: Span, reader: &mut Reader<'_>) -> bool {
    let lower = name.to_lowercase();
    let valid = !name.is_empty()
        && name.chars().all(|it| it == '-' || it.is_alphanumeric())
        && !name.starts_with('-')
        && !name.ends_with('-');
    if valid && lower == name {
        return true;
    }
    let detail = if valid {
        format!("Names of providers are in lower case. Write \"{lower}\" instead of \"{name}\".")
    } else {
        format!(
            "The word \"{name}\" cannot be the name of a provider. Names of providers are made of lower-case letters, digits, and dashes between them."
        )
    };
    reader.error(&code::PROVIDER_NAME, detail, at);
    false
}

/// Reports a text that is no version constraint.
pub(crate) fn constraints(
    text: Option<String>,
    at: Span,
    reader: &mut Reader<'_>,
) -> Option<Constraints> {
    let res = Constraints::parse(&text?);
    if res.is_none() {
        reader.error(
            &code::VERSION_CONSTRAINT,
            "This is not a version constraint. A constraint is an operator and a version, and several are separated by commas: \">= 1.2, < 2.0\".",
            at,
        );
    }
    res
}
