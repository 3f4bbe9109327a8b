//! What decoding needs everywhere: the texts, and where mistakes go.

use diag::{Code, Diagnostic, Diagnostics, SourceMap, Span};
use hcl::{Attribute, Block, Body, Expr, Ident};

use crate::spec::{Content, Spec};
use crate::{Condition, code, constant, visit};

/// What decoding needs everywhere.
pub(crate) struct Reader<'a> {
    /// The texts, for constants in JSON and for places in messages.
    pub(crate) sources: &'a SourceMap,
    /// Where mistakes go.
    pub(crate) diags: &'a mut Diagnostics,
}

impl Reader<'_> {
    pub(crate) fn error(&mut self, code: &'static Code, detail: impl Into<String>, at: Span) {
        self.diags.push(Diagnostic::error(code, detail).at(at));
    }

    pub(crate) fn titled(
        &mut self,
        code: &'static Code,
        title: impl Into<String>,
        detail: impl Into<String>,
        at: Span,
    ) {
        self.diags
            .push(Diagnostic::error(code, detail).titled(title).at(at));
    }

    /// Reports a second declaration of the same thing.
    pub(crate) fn duplicate(
        &mut self,
        title: impl Into<String>,
        what: &str,
        first: Span,
        second: Span,
    ) {
        let detail = format!(
            "{what} is declared already, at {}. Remove one of the two, or give it another name.",
            self.place(first)
        );
        self.diags.push(
            Diagnostic::error(&code::DUPLICATE, detail)
                .titled(title)
                .at(second)
                .label(first, "declared here first"),
        );
    }

    /// A place for a message: `main.tf:3`.
    pub(crate) fn place(&self, span: Span) -> String {
        let line = self.sources.position(span.source, span.start).line;
        format!("{}:{line}", self.sources.name(span.source))
    }

    pub(crate) fn text(&mut self, attribute: Option<&Attribute>) -> Option<String> {
        constant::text(&attribute?.expr, self.sources, self.diags)
    }

    pub(crate) fn bool(&mut self, attribute: Option<&Attribute>) -> Option<bool> {
        constant::bool(&attribute?.expr, self.sources, self.diags)
    }

    /// Reports a name that is none.
    pub(crate) fn name(&mut self, ident: &Ident, title: &str) {
        if hcl::is_identifier(&ident.name) {
            return;
        }
        let mut detail = "A name begins with a letter or an underscore, and goes on with letters, digits, underscores and dashes.".to_owned();
        let suggestion: String = ident
            .name
            .chars()
            .map(|it| {
                if it == '-' || it.is_alphanumeric() {
                    it
                } else {
                    '_'
                }
            })
            .collect();
        let suggestion = suggestion.trim_matches('_').to_owned();
        if hcl::is_identifier(&suggestion) {
            detail.push_str(&format!(" \"{suggestion}\" would be one."));
        }
        self.titled(&code::INVALID_NAME, title, detail, ident.span);
    }

    /// Reports blocks of types that are kept for later, and gives the one `_` block.
    pub(crate) fn escape<'b>(
        &mut self,
        blocks: &'b [Block],
        owner: &str,
        used: &[&str],
    ) -> Option<&'b Block> {
        let mut res: Option<&Block> = None;
        for it in blocks {
            if used.contains(&it.kind.name.as_str()) {
                continue;
            }
            if it.kind.name != "_" {
                self.titled(
                    &code::RESERVED_BLOCK,
                    format!("Reserved block type name in {owner} block"),
                    format!("The block type \"{}\" is kept for the language and means nothing here yet. If the {owner} itself has a block of this type, write it inside a block \"_\".", it.kind.name),
                    it.kind.span,
                );
                continue;
            }
            match res {
                None => res = Some(it),
                Some(first) => {
                    let detail = format!(
                        "A block has at most one \"_\" block, and this one has the first at {}. Put all arguments into one.",
                        self.place(first.header())
                    );
                    self.error(&code::DUPLICATE_ESCAPE, detail, it.header());
                }
            }
        }
        res
    }

    /// `count` and `for_each`.
    pub(crate) fn repetition(&mut self, content: &Content) -> crate::Repetition {
        let count = content.get("count");
        let for_each = content.get("for_each");
        if let (Some(_), Some(for_each)) = (count, for_each) {
            self.error(
                &code::COUNT_AND_FOR_EACH,
                "A block is repeated in one way: \"count\" makes instances with numbers, \"for_each\" instances with names. Keep one of the two.",
                for_each.name.span,
            );
        }
        match (count, for_each) {
            (_, Some(it)) => crate::Repetition::ForEach(it.expr.clone()),
            (Some(it), None) => crate::Repetition::Count(it.expr.clone()),
            (None, None) => crate::Repetition::None,
        }
    }

    /// A `validation`, `precondition`, `postcondition` or `assert` block.
    pub(crate) fn condition(&mut self, block: &Block) -> Option<Condition> {
        const SPEC: Spec = Spec {
            arguments: &[("condition", true), ("error_message", true)],
            blocks: &[],
        };
        let content = SPEC.all(&block.body, self.diags);
        let condition = content.get("condition").map(|it| it.expr.clone());
        if let Some(condition) = &condition
            && !has_invalid(condition)
            && visit::references(condition).is_empty()
        {
            self.titled(
                &code::CONSTANT_CONDITION,
                format!("Invalid {} expression", block.kind.name),
                "This condition refers to nothing, so its result is always the same and it checks nothing. Refer to at least one variable, resource or other object.",
                condition.span,
            );
            return None;
        }
        Some(Condition {
            condition: condition?,
            message: content.get("error_message")?.expr.clone(),
            span: block.header(),
        })
    }
}

/// Whether something in it did not parse, so that what it refers to is not known.
pub(crate) fn has_invalid(expr: &Expr) -> bool {
    expr.kind == hcl::ExprKind::Invalid
}

/// A body without its `_` block, whose content takes its place.
pub(crate) fn with_escape(mut body: Body, escape: Option<&Block>) -> Body {
    if let Some(block) = escape {
        body.attributes
            .extend(block.body.attributes.iter().cloned());
        body.blocks.extend(block.body.blocks.iter().cloned());
    }
    body
}
