//! What a block may hold, declared; decoding a body by it, and reporting what does not fit.

use std::collections::BTreeMap;

use diag::suggest::did_you_mean;
use diag::{Diagnostic, Diagnostics};
use hcl::json::BlockShape;
use hcl::{Attribute, Block, Body, Syntax, Text};

use crate::code;

/// What a block may hold.
pub(crate) struct Spec {
    /// Arguments, and whether they are required.
    pub(crate) arguments: &'static [(&'static str, bool)],
    /// Types of nested blocks, and what their labels are called.
    pub(crate) blocks: &'static [(&'static str, &'static [&'static str])],
}

/// A body decoded by a [`Spec`].
pub(crate) struct Content {
    attributes: BTreeMap<Text, Attribute>,
    /// The blocks of the types that the spec names, with the right number of labels.
    pub(crate) blocks: Vec<Block>,
    /// Everything that the spec does not name.
    pub(crate) rest: Body,
}

impl Content {
    /// An argument, if it is set.
    pub(crate) fn get(&self, name: &str) -> Option<&Attribute> {
        self.attributes.get(name)
    }
}

impl Spec {
    /// Decodes the named parts and leaves the rest.
    pub(crate) fn partial(&self, body: &Body, diags: &mut Diagnostics) -> Content {
        let mut rest = Body {
            syntax: body.syntax,
            attributes: Vec::new(),
            blocks: Vec::new(),
            span: body.span,
            end: body.end,
        };
        let mut known = rest.clone();
        for it in &body.attributes {
            let name = it.name.name.as_str();
            let is_block = body.syntax == Syntax::Json && self.labels(name).is_some();
            if is_block || self.arguments.iter().any(|(it, _)| *it == name) {
                known.attributes.push(it.clone());
            } else {
                rest.attributes.push(it.clone());
            }
        }
        for it in &body.blocks {
            if self.labels(&it.kind.name).is_some() {
                known.blocks.push(it.clone());
            } else {
                rest.blocks.push(it.clone());
            }
        }
        let shapes: Vec<BlockShape<'_>> = self
            .blocks
            .iter()
            .map(|(kind, labels)| BlockShape {
                kind,
                n_labels: labels.len(),
            })
            .collect();
        let known = hcl::json::with_blocks(&known, &shapes, diags).into_owned();

        let mut attributes = BTreeMap::new();
        for it in known.attributes {
            attributes.entry(it.name.name.clone()).or_insert(it);
        }
        for (name, required) in self.arguments {
            if *required && !attributes.contains_key(*name) {
                diags.push(
                    Diagnostic::error(
                        &code::MISSING_ARGUMENT,
                        format!("The argument \"{name}\" must be set here, and it is not."),
                    )
                    .at(body.end),
                );
            }
        }
        let blocks = known
            .blocks
            .into_iter()
            .filter(|it| self.labels_fit(it, diags))
            .collect();
        Content {
            attributes,
            blocks,
            rest,
        }
    }

    /// Decodes the named parts and reports everything else.
    pub(crate) fn all(&self, body: &Body, diags: &mut Diagnostics) -> Content {
        let res = self.partial(body, diags);
        let arguments = || self.arguments.iter().map(|(name, _)| *name);
        let kinds = || self.blocks.iter().map(|(kind, _)| *kind);
        for it in &res.rest.attributes {
            let name = it.name.name.as_str();
            let (code, what) = match body.syntax {
                Syntax::Native => (
                    &code::UNSUPPORTED_ARGUMENT,
                    format!("There is no argument \"{name}\" here."),
                ),
                Syntax::Json => (
                    &code::EXTRANEOUS_PROPERTY,
                    format!("There is no argument and no block type \"{name}\" here."),
                ),
            };
            let advice = if kinds().any(|it| it == name) {
                format!(
                    " \"{name}\" is a block: write it without the equals sign, \"{name} {{ … }}\"."
                )
            } else {
                did_you_mean(name, arguments())
            };
            diags.push(Diagnostic::error(code, what + &advice).at(it.name.span));
        }
        for it in &res.rest.blocks {
            let kind = it.kind.name.as_str();
            let advice = if arguments().any(|it| it == kind) {
                format!(" \"{kind}\" is an argument: write it with an equals sign, \"{kind} = …\".")
            } else {
                did_you_mean(kind, kinds())
            };
            diags.push(
                Diagnostic::error(
                    &code::UNSUPPORTED_BLOCK,
                    format!("There are no blocks of type \"{kind}\" here.{advice}"),
                )
                .at(it.kind.span)
                .within(it.header()),
            );
        }
        res
    }

    fn labels(&self, kind: &str) -> Option<&'static [&'static str]> {
        self.blocks
            .iter()
            .find(|(it, _)| *it == kind)
            .map(|(_, labels)| *labels)
    }

    fn labels_fit(&self, block: &Block, diags: &mut Diagnostics) -> bool {
        let kind = block.kind.name.as_str();
        let labels = self.labels(kind).unwrap_or(&[]);
        let shape = || {
            let labels = labels.iter().map(|it| format!("\"{}\"", it.to_uppercase()));
            let words: Vec<String> = std::iter::once(kind.to_owned()).chain(labels).collect();
            format!("{} {{ … }}", words.join(" "))
        };
        if let Some(missing) = labels.get(block.labels.len()) {
            diags.push(
                Diagnostic::error(
                    &code::MISSING_LABEL,
                    format!(
                        "The header of this block is not complete. It has the form: {}",
                        shape()
                    ),
                )
                .titled(format!("Missing {missing} for {kind}"))
                .at(block.open)
                .within(block.kind.span.to(block.open)),
            );
            return false;
        }
        if let Some(extra) = block.labels.get(labels.len()) {
            diags.push(
                Diagnostic::error(
                    &code::EXTRANEOUS_LABEL,
                    format!(
                        "The header of this block has a label too many. It has the form: {}",
                        shape()
                    ),
                )
                .titled(format!("Extraneous label for {kind}"))
                .at(extra.span)
                .within(block.kind.span.to(block.open)),
            );
            return false;
        }
        true
    }
}
