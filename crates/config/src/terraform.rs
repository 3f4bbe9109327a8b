//! `terraform` blocks: the settings of a module.

use std::collections::BTreeMap;

use addr::{LocalProvider, Provider};
use diag::{Diagnostic, Span};
use hcl::{Attribute, Block, ExprKind, ObjectItem, ObjectKey, StepKind};

use crate::constant::{Constant, constant};
use crate::provider::{constraints, local_name};
use crate::reader::Reader;
use crate::spec::Spec;
use crate::version::{CORE, Version};
use crate::{Backend, RequiredProvider, Settings, code, fixed};

/// Decodes a `terraform` block into the settings. `providers_at` is where `required_providers` stands in an earlier one.
pub(crate) fn settings(
    block: &Block,
    settings: &mut Settings,
    providers_at: &mut Option<Span>,
    reader: &mut Reader<'_>,
) {
    const SPEC: Spec = Spec {
        arguments: &[
            ("required_version", false),
            ("experiments", false),
            ("language", false),
        ],
        blocks: &[
            ("backend", &["type"]),
            ("cloud", &[]),
            ("encryption", &[]),
            ("required_providers", &[]),
            ("provider_meta", &["provider"]),
        ],
    };
    let content = SPEC.all(&block.body, reader.diags);
    if let Some(attribute) = content.get("required_version") {
        required_version(attribute, settings, reader);
    }
    if let Some(attribute) = content.get("language")
        && fixed::keyword(&fixed::json_only(&attribute.expr)) != Some("TF2021")
    {
        reader.error(
            &code::LANGUAGE_EDITION,
            "There is one edition of the language, TF2021. Remove the argument, or set it to that.",
            attribute.expr.span,
        );
    }
    if let Some(attribute) = content.get("experiments") {
        reader.error(
            &code::EXPERIMENTS,
            "Experimental features of the language exist only in prereleases of Terraform. Remove the argument.",
            attribute.name.span,
        );
    }
    let mut metas: BTreeMap<&str, Span> = BTreeMap::new();
    for it in &content.blocks {
        match it.kind.name.as_str() {
            "backend" => backend(it, settings, reader),
            "cloud" => match settings.cloud {
                Some(first) => reader.duplicate(
                    "Duplicate HCP Terraform configurations",
                    "The \"cloud\" block of this module",
                    first,
                    it.header(),
                ),
                None => settings.cloud = Some(it.header()),
            },
            "encryption" => settings.encryption = Some(it.body.clone()),
            "required_providers" => match *providers_at {
                Some(first) => reader.duplicate(
                    "Duplicate required providers configuration",
                    "The \"required_providers\" block of this module",
                    first,
                    it.header(),
                ),
                None => {
                    *providers_at = Some(it.header());
                    required_providers(it, settings, reader);
                }
            },
            _ => {
                let Some(label) = it.labels.first() else {
                    continue;
                };
                match metas.get(label.name.as_str()) {
                    Some(first) => reader.duplicate(
                        "Duplicate provider_meta block",
                        &format!("The \"provider_meta\" block for \"{}\"", label.name),
                        *first,
                        it.header(),
                    ),
                    None => {
                        metas.insert(&label.name, it.header());
                    }
                }
            }
        }
    }
}

/// Reports what can only be seen when all `terraform` blocks are known.
pub(crate) fn check(settings: &Settings, reader: &mut Reader<'_>) {
    if let (Some(backend), Some(cloud)) = (&settings.backend, settings.cloud) {
        let detail = format!(
            "State is kept in one place, and the module names two: this backend, and the \"cloud\" block at {}. Remove one of them.",
            reader.place(cloud)
        );
        reader.error(&code::BACKEND_AND_CLOUD, detail, backend.span);
    }
}

/// Whether the module's `required_version` admits this program; reported if not.
pub(crate) fn check_versions(settings: &Settings, reader: &mut Reader<'_>) -> bool {
    let Some(core) = Version::parse(CORE) else {
        return true;
    };
    let mut res = true;
    for (text, span) in &settings.required_versions {
        let admitted = crate::version::Constraints::parse(text).is_none_or(|it| it.admit(&core));
        if !admitted {
            res = false;
            reader.error(
                &code::UNSUPPORTED_VERSION,
                format!("This module asks for Terraform {text}, and this program works like Terraform {CORE}. Relax the constraint if the module needs nothing newer, or use a version of this program that implements what it needs."),
                *span,
            );
        }
    }
    res
}

fn required_version(attribute: &Attribute, settings: &mut Settings, reader: &mut Reader<'_>) {
    let at = attribute.expr.span;
    let n_errors = reader.diags.n_errors();
    crate::constant::check(&attribute.expr, reader.diags);
    if reader.diags.n_errors() > n_errors {
        return;
    }
    match constant(&attribute.expr, reader.sources) {
        Constant::Text(text) => {
            if constraints(Some(text.clone()), at, reader).is_some() {
                settings.required_versions.push((text, attribute.span()));
            }
        }
        _ => reader.error(
            &code::VERSION_CONSTRAINT,
            "A version constraint is a text in quotes: \">= 1.2, < 2.0\".",
            at,
        ),
    }
}

fn backend(block: &Block, settings: &mut Settings, reader: &mut Reader<'_>) {
    let Some(kind) = block.labels.first() else {
        return;
    };
    if let Some(first) = &settings.backend {
        let first = first.span;
        reader.duplicate(
            "Duplicate backend configuration",
            "The backend of this module",
            first,
            block.header(),
        );
        return;
    }
    settings.backend = Some(Backend {
        kind: kind.clone(),
        body: block.body.clone(),
        span: block.header(),
    });
}

fn required_providers(block: &Block, settings: &mut Settings, reader: &mut Reader<'_>) {
    if let Some(it) = block.body.blocks.first() {
        reader.titled(
            &code::UNEXPECTED_BLOCK,
            format!("Unexpected \"{}\" block", it.kind.name),
            "An entry is an argument, the local name of a provider: \"dokploy = { source = … }\".",
            it.kind.span,
        );
    }
    let mut first: Vec<(Provider, String)> = Vec::new();
    for attribute in &block.body.attributes {
        let name = attribute.name.name.as_str();
        let Some(entry) = required_provider(attribute, reader) else {
            continue;
        };
        if let Some((_, other)) = first.iter().find(|(it, _)| *it == entry.source) {
            reader.diags.push(
                Diagnostic::warning(
                    &code::DUPLICATE_REQUIRED_PROVIDER,
                    format!("The provider {} has two local names in this module, \"{other}\" and \"{name}\". Keep one of them.", entry.source),
                )
                .at(attribute.expr.span),
            );
        }
        first.push((entry.source.clone(), name.to_owned()));
        settings.required_providers.insert(name.into(), entry);
    }
}

fn required_provider(attribute: &Attribute, reader: &mut Reader<'_>) -> Option<RequiredProvider> {
    let name = attribute.name.name.as_str();
    let mut res = RequiredProvider {
        source: Provider::implied(name),
        explicit: false,
        version: None,
        aliases: Vec::new(),
        span: attribute.name.span,
    };
    let items = match &attribute.expr.kind {
        ExprKind::Object(items) => items,
        ExprKind::Invalid => return None,
        _ => {
            let at = attribute.expr.span;
            match constant(&attribute.expr, reader.sources) {
                // The form of Terraform 0.12: only a version.
                Constant::Text(text) | Constant::Number(text) => {
                    constraints(Some(text.clone()), at, reader)?;
                    res.version = Some(text);
                    return Some(res);
                }
                _ => {
                    if local_name(name, at, reader) {
                        reader.error(
                            &code::REQUIRED_PROVIDER,
                            "An entry of \"required_providers\" is an object: \"{ source = \"NAMESPACE/TYPE\", version = \"~> 1.0\" }\".",
                            at,
                        );
                    }
                    return None;
                }
            }
        }
    };
    if !local_name(name, attribute.expr.span, reader) {
        return None;
    }
    let n_errors = reader.diags.n_errors();
    for item in items {
        entry_item(item, &mut res, reader);
    }
    (reader.diags.n_errors() == n_errors).then_some(res)
}

fn entry_item(item: &ObjectItem, entry: &mut RequiredProvider, reader: &mut Reader<'_>) {
    let key = match &item.key {
        ObjectKey::Word(it) => Some(it.name.to_string()),
        ObjectKey::Expr(it) => match constant(it, reader.sources) {
            Constant::Text(it) => Some(it),
            _ => None,
        },
    };
    let at = item.value.span;
    match key.as_deref() {
        Some("version") => match text_of(&item.value, reader) {
            Some(text) => {
                if constraints(Some(text.clone()), at, reader).is_some() {
                    entry.version = Some(text);
                }
            }
            None => reader.error(
                &code::VERSION_CONSTRAINT,
                "A version constraint is a text in quotes, without variables: \">= 1.2, < 2.0\".",
                at,
            ),
        },
        Some("source") => match text_of(&item.value, reader) {
            Some(text) => {
                if let Some(source) = provider_source(&text, at, reader) {
                    entry.source = source;
                    entry.explicit = true;
                }
            }
            None => reader.titled(
                &code::PROVIDER_SOURCE,
                "Invalid source",
                "The source of a provider is a text in quotes, without variables.",
                at,
            ),
        },
        Some("configuration_aliases") => {
            let n_errors = reader.diags.n_errors();
            let items = fixed::list(&item.value, reader.diags);
            if reader.diags.n_errors() > n_errors {
                return;
            }
            for it in items {
                let it = fixed::json_only(it);
                let alias = match &it.kind {
                    ExprKind::Traversal(name) => match name.steps.as_slice() {
                        [] => Some((name, None)),
                        [step] => match &step.kind {
                            StepKind::Attr(alias) => Some((name, Some(alias.as_str().into()))),
                            StepKind::Index(_) | StepKind::Key(_) => None,
                        },
                        _ => None,
                    },
                    _ => None,
                };
                if let Some((name, alias)) = alias {
                    entry.aliases.push(LocalProvider {
                        name: name.root.name.as_str().into(),
                        alias,
                    });
                    continue;
                }
                reader.error(
                    &code::CONFIGURATION_ALIASES,
                    "An item is the local name of the provider, a dot, and an alias: \"dokploy.staging\".",
                    at,
                );
            }
        }
        _ => reader.error(
            &code::REQUIRED_PROVIDER,
            "An entry of \"required_providers\" has \"source\", \"version\" and \"configuration_aliases\", and nothing else. Arguments of the provider belong into a \"provider\" block.",
            item.key.span(),
        ),
    }
}

/// A source address; what is wrong with it is reported.
fn provider_source(text: &str, at: Span, reader: &mut Reader<'_>) -> Option<Provider> {
    let parts: Vec<&str> = text.split('/').collect();
    let valid = |it: &str| {
        !it.is_empty()
            && it.chars().all(|it| it == '-' || it.is_alphanumeric())
            && !it.starts_with('-')
            && !it.ends_with('-')
            && !it.contains("--")
    };
    let wrong = match parts.as_slice() {
        [.., kind] if parts.len() < 4 && !valid(kind) => Some(("type", *kind)),
        [.., namespace, _] if parts.len() < 4 && !valid(namespace) => {
            Some(("namespace", *namespace))
        }
        _ => None,
    };
    if let Some((part, found)) = wrong.filter(|(_, it)| !it.is_empty()) {
        reader.titled(
            &code::PROVIDER_SOURCE,
            format!("Invalid provider {part}"),
            format!("The part \"{found}\" in \"{text}\" cannot be the {part} of a provider, which is made of letters, digits, and single dashes between them."),
            at,
        );
        return None;
    }
    let res = Provider::parse(text).filter(|_| wrong.is_none());
    if res.is_none() {
        reader.error(
            &code::PROVIDER_SOURCE,
            format!("The text \"{text}\" is not the source of a provider. A source is \"NAMESPACE/TYPE\" or \"HOST/NAMESPACE/TYPE\", such as \"ahmedali6/dokploy\"."),
            at,
        );
    }
    res
}

fn text_of(expr: &hcl::Expr, reader: &Reader<'_>) -> Option<String> {
    match constant(expr, reader.sources) {
        Constant::Text(it) => Some(it),
        _ => None,
    }
}
