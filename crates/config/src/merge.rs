//! Override files: `override.tf` and `*_override.tf` change what other files declare, argument by argument.
//!
//! Blocks are merged before they are decoded, so everything else sees one declaration.

use hcl::json::BlockShape;
use hcl::{Attribute, Block, Body, ExprKind};

use crate::constant::{Constant, constant};
use crate::reader::Reader;
use crate::{Settings, code};

/// Merges a block of an override file into the one that it overrides.
pub(crate) fn block(blocks: &mut Vec<Block>, over: Block, reader: &mut Reader<'_>) {
    let kind = over.kind.name.as_str();
    let label = |at: usize| over.labels.get(at).map_or("", |it| it.name.as_str());
    let (title, what) = match kind {
        "locals" => {
            locals(blocks, &over, reader);
            return;
        }
        "moved" | "import" | "removed" => {
            reader.titled(
                &code::CANNOT_OVERRIDE,
                format!("Cannot override '{kind}' blocks"),
                format!("An override file changes what other files declare, and there is nothing to change about a \"{kind}\" block. Move it to another file."),
                over.header(),
            );
            return;
        }
        "check" => {
            reader.titled(
                &code::CANNOT_OVERRIDE,
                "Can't override check blocks",
                "An override file cannot change checks. Move the block to another file.",
                over.header(),
            );
            return;
        }
        "required_providers" => {
            blocks.push(over);
            return;
        }
        "variable" => (
            "Missing base variable declaration to override".to_owned(),
            format!("variable \"{}\"", label(0)),
        ),
        "output" => (
            "Missing base output definition to override".to_owned(),
            format!("output \"{}\"", label(0)),
        ),
        "module" => (
            "Missing module call to override".to_owned(),
            format!("module call \"{}\"", label(0)),
        ),
        "provider" => (
            "Missing base provider configuration for override".to_owned(),
            format!("configuration of \"{}\" with this alias", label(0)),
        ),
        "data" => (
            "Missing data resource to override".to_owned(),
            format!("data source \"{}.{}\"", label(0), label(1)),
        ),
        _ => (
            "Missing resource to override".to_owned(),
            format!("resource \"{}.{}\"", label(0), label(1)),
        ),
    };
    let identity = |it: &Block| -> Vec<String> {
        let alias = (it.kind.name == "provider")
            .then(|| it.body.attributes.iter().find(|it| it.name.name == "alias"))
            .flatten()
            .and_then(|it| match constant(&it.expr, reader.sources) {
                Constant::Text(it) => Some(it),
                _ => None,
            });
        let labels = it.labels.iter().map(|it| it.name.to_string());
        std::iter::once(it.kind.name.to_string())
            .chain(labels)
            .chain(alias)
            .collect()
    };
    let wanted = identity(&over);
    let base = blocks.iter().position(|it| identity(it) == wanted);
    match base.and_then(|at| blocks.get_mut(at)) {
        Some(base) => merge(base, over, reader),
        // A provider has a default configuration also where none is written.
        None if kind == "provider" && wanted.len() == 2 => blocks.push(over),
        None => reader.titled(
            &code::MISSING_BASE,
            title,
            format!("An override file changes what another file of the directory declares, and there is no {what} in another file."),
            over.header(),
        ),
    }
}

/// The same for the settings of `terraform` blocks.
pub(crate) fn settings(base: &mut Settings, over: Settings) {
    if !over.required_versions.is_empty() {
        base.required_versions = over.required_versions;
    }
    base.required_providers.extend(over.required_providers);
    if over.backend.is_some() || over.cloud.is_some() {
        base.backend = over.backend;
        base.cloud = over.cloud;
    }
    if over.encryption.is_some() {
        base.encryption = over.encryption;
    }
}

/// Blocks inside the overridable ones that belong to the language.
const NESTED: [BlockShape<'static>; 6] = [
    BlockShape {
        kind: "lifecycle",
        n_labels: 0,
    },
    BlockShape {
        kind: "connection",
        n_labels: 0,
    },
    BlockShape {
        kind: "provisioner",
        n_labels: 1,
    },
    BlockShape {
        kind: "validation",
        n_labels: 0,
    },
    BlockShape {
        kind: "precondition",
        n_labels: 0,
    },
    BlockShape {
        kind: "_",
        n_labels: 0,
    },
];

fn merge(base: &mut Block, over: Block, reader: &mut Reader<'_>) {
    let n_shapes = match over.kind.name.as_str() {
        "resource" | "data" | "ephemeral" | "variable" | "output" => NESTED.len(),
        _ => 0,
    };
    let shapes = NESTED.get(..n_shapes).unwrap_or(&[]);
    let mut content = hcl::json::with_blocks(&over.body, shapes, reader.diags).into_owned();
    base.body = hcl::json::with_blocks(&base.body, shapes, reader.diags).into_owned();
    content.attributes.retain(|it| {
        let refused = it.name.name == "depends_on" && over.kind.name != "provider";
        if refused {
            let at = match &it.expr.kind {
                ExprKind::Tuple(items) => items.first().map_or(it.expr.span, |it| it.span),
                _ => it.expr.span,
            };
            reader.error(
                &code::UNSUPPORTED_OVERRIDE,
                "The argument \"depends_on\" cannot be changed by an override file: changed dependencies that are not seen in the original would surprise its readers.",
                at,
            );
        }
        !refused
    });
    body(&mut base.body, content);
}

fn body(base: &mut Body, over: Body) {
    for it in over.attributes {
        let other = match it.name.name.as_str() {
            "count" => "for_each",
            "for_each" => "count",
            _ => "",
        };
        base.attributes.retain(|it| it.name.name != other);
        set(&mut base.attributes, it);
    }
    let mut replaced: Vec<hcl::Text> = Vec::new();
    for it in over.blocks {
        let kind = it.kind.name.clone();
        if kind == "lifecycle"
            && let Some(base) = base.blocks.iter_mut().find(|it| it.kind.name == kind)
        {
            body(&mut base.body, it.body);
            continue;
        }
        if !replaced.contains(&kind) {
            base.blocks.retain(|it| it.kind.name != kind);
            replaced.push(kind);
        }
        base.blocks.push(it);
    }
}

fn set(attributes: &mut Vec<Attribute>, attribute: Attribute) {
    match attributes
        .iter_mut()
        .find(|it| it.name.name == attribute.name.name)
    {
        Some(it) => *it = attribute,
        None => attributes.push(attribute),
    }
}

fn locals(blocks: &mut [Block], over: &Block, reader: &mut Reader<'_>) {
    for it in &over.body.attributes {
        let base = blocks
            .iter_mut()
            .filter(|it| it.kind.name == "locals")
            .flat_map(|it| &mut it.body.attributes)
            .find(|base| base.name.name == it.name.name);
        match base {
            Some(base) => *base = it.clone(),
            None => reader.titled(
                &code::MISSING_BASE,
                "Missing base local value definition to override",
                format!("An override file changes what another file of the directory declares, and there is no local value \"{}\" in another file.", it.name.name),
                it.span(),
            ),
        }
    }
}
