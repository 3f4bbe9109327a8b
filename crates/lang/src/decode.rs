//! Body and schema to value.
//!
//! `dynamic` blocks are expanded on the way. In JSON, what is a block and what an argument is decided by the schema.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use diag::{Code, Diagnostic, Diagnostics, Span};
use hcl::json::{BlockShape, with_blocks};
use hcl::{Attribute, Body, Expr, ExprKind, Ident, ObjectKey, Syntax, Traversal};
use provider::{AttributeKind, Block, NestedBlock, Nesting};
use value::{Marks, Number, Path, Plain, Step, Type, Value, convert};

use crate::Scope;
use crate::eval::{Evaluator, Names, Subjects, reason};
use crate::refs;

/// The value of a block's body: an object of the schema's type. `dynamic` blocks are expanded.
///
/// Reported: unknown arguments and blocks (with a suggestion), missing ones, too many or too few blocks, values of the
/// wrong type; each at its place. Attributes not set are null. Where a reference is wrong, only that is reported and
/// the whole is unknown.
pub fn decode(body: &Body, schema: &Block, scope: &dyn Scope, diags: &mut Diagnostics) -> Value {
    let mut found = Vec::new();
    body_traversals(body, schema, &mut Vec::new(), &mut found);
    let Some(subjects) = Subjects::resolve(&found, scope, diags) else {
        return Value::unknown(schema.ty());
    };
    let decoder = Decoder {
        evaluator: Evaluator::new(scope, &subjects),
    };
    decoder.body(body, schema, &Names::NONE, Marks::NONE, diags)
}

/// Where in a body the value at a path is set, for a provider's complaints: the expression of the attribute, or the
/// body's end where it is not set.
pub fn locate(body: &Body, schema: &Block, path: &Path) -> Span {
    place(body, schema, &path.0)
}

/// A body with its blocks told from its arguments.
fn shaped<'b>(body: &'b Body, schema: &Block, diags: &mut Diagnostics) -> Cow<'b, Body> {
    if body.syntax == Syntax::Native {
        return Cow::Borrowed(body);
    }
    let mut shapes: Vec<BlockShape<'_>> = schema
        .blocks
        .iter()
        .map(|(name, block)| BlockShape {
            kind: name,
            n_labels: usize::from(block.nesting == Nesting::Map),
        })
        .collect();
    if !schema.blocks.is_empty() {
        shapes.push(BlockShape {
            kind: "dynamic",
            n_labels: 1,
        });
    }
    with_blocks(body, &shapes, diags)
}

fn shaped_dynamic<'b>(body: &'b Body, diags: &mut Diagnostics) -> Cow<'b, Body> {
    let content = BlockShape {
        kind: "content",
        n_labels: 0,
    };
    with_blocks(body, &[content], diags)
}

/// The parts of a `dynamic` block, as far as they are there.
struct Dynamic<'b> {
    /// The type of the blocks that it makes.
    kind: &'b Ident,
    for_each: Option<&'b Attribute>,
    iterator: Option<&'b Attribute>,
    labels: Option<&'b Attribute>,
    contents: Vec<&'b hcl::Block>,
}

impl<'b> Dynamic<'b> {
    fn of(block: &'b hcl::Block, body: &'b Body) -> Option<Dynamic<'b>> {
        let find = |name: &str| body.attributes.iter().find(|it| it.name.name == name);
        Some(Dynamic {
            kind: block.labels.first()?,
            for_each: find("for_each"),
            iterator: find("iterator"),
            labels: find("labels"),
            contents: body
                .blocks
                .iter()
                .filter(|it| it.kind.name == "content")
                .collect(),
        })
    }

    /// The name under which the element is known in the content.
    fn name(&self) -> &'b str {
        match self.iterator.map(|it| &it.expr.kind) {
            Some(ExprKind::Traversal(it)) if it.steps.is_empty() => &it.root.name,
            _ => &self.kind.name,
        }
    }
}

/// All traversals of a body under a schema, without those that begin with the name of an iterator.
pub(crate) fn body_traversals(
    body: &Body,
    schema: &Block,
    bound: &mut Vec<String>,
    found: &mut Vec<Traversal>,
) {
    let mut ignored = Diagnostics::new();
    let body = shaped(body, schema, &mut ignored);
    let collect = |expr: &Expr, bound: &[String], found: &mut Vec<Traversal>| {
        refs::traversals(expr, &mut |it| {
            if !bound.iter().any(|name| *name == it.root.name) {
                found.push(it.clone());
            }
        });
    };
    for attribute in &body.attributes {
        if schema.attributes.contains_key(attribute.name.name.as_str()) {
            collect(&attribute.expr, bound, found);
        }
    }
    for block in &body.blocks {
        if let Some(nested) = schema.blocks.get(block.kind.name.as_str()) {
            body_traversals(&block.body, &nested.block, bound, found);
        } else if block.kind.name == "dynamic" {
            let body = shaped_dynamic(&block.body, &mut ignored);
            let Some(dynamic) = Dynamic::of(block, &body) else {
                continue;
            };
            if let Some(it) = dynamic.for_each {
                collect(&it.expr, bound, found);
            }
            let Some(nested) = schema.blocks.get(dynamic.kind.name.as_str()) else {
                continue;
            };
            bound.push(dynamic.name().to_owned());
            if let Some(it) = dynamic.labels {
                collect(&it.expr, bound, found);
            }
            for content in &dynamic.contents {
                body_traversals(&content.body, &nested.block, bound, found);
            }
            bound.pop();
        }
    }
}

/// One nested block, written or made by a `dynamic` block.
struct Made {
    value: Value,
    /// The label of a block in a map.
    label: Option<Arc<str>>,
    span: Span,
    /// Made by a `dynamic` block whose collection is not known: stands for any number of blocks.
    unknown: bool,
}

struct Decoder<'a> {
    evaluator: Evaluator<'a>,
}

impl Decoder<'_> {
    fn body(
        &self,
        body: &Body,
        schema: &Block,
        names: &Names<'_>,
        marks: Marks,
        diags: &mut Diagnostics,
    ) -> Value {
        let body = shaped(body, schema, diags);
        let mut values: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        for (name, attribute) in &schema.attributes {
            if attribute.required && !body.attributes.iter().any(|it| it.name.name == **name) {
                diags.push(missing_argument(name, body.end));
            }
        }
        check_unexpected(&body, schema, diags);
        for written in &body.attributes {
            let Some((name, attribute)) =
                schema.attributes.get_key_value(written.name.name.as_str())
            else {
                continue;
            };
            let value = self.evaluator.value(&written.expr, names, diags);
            let value = match convert(&value, &config_type(attribute)) {
                Ok(value) => value,
                Err(err) => {
                    self.evaluator.report(
                        Diagnostic::error(
                            &code::INCORRECT_ATTRIBUTE,
                            format!(
                                "The argument \"{name}\" takes {}: {}.",
                                value::show::friendly_type(&attribute.ty()),
                                reason(&err)
                            ),
                        )
                        .at(written.expr.span)
                        .within(written.span()),
                        &written.expr,
                        names,
                        diags,
                    );
                    Value::unknown(attribute.ty())
                }
            };
            values.insert(name.clone(), value.mark(marks));
        }
        for (name, attribute) in &schema.attributes {
            if !values.contains_key(name) {
                values.insert(name.clone(), Value::null(attribute.ty()));
            }
        }
        let mut made: BTreeMap<&str, Vec<Made>> = BTreeMap::new();
        for block in &body.blocks {
            if let Some((name, nested)) = schema.blocks.get_key_value(block.kind.name.as_str()) {
                let labels: Vec<(Arc<str>, Span)> = block
                    .labels
                    .iter()
                    .map(|it| (Arc::from(it.name.as_str()), it.span))
                    .collect();
                let Ok(label) = checked_label(name, nested, block, labels, diags) else {
                    continue;
                };
                let value = self.body(&block.body, &nested.block, names, marks, diags);
                made.entry(name).or_default().push(Made {
                    value,
                    label,
                    span: block.header(),
                    unknown: false,
                });
            } else if block.kind.name == "dynamic"
                && !schema.blocks.is_empty()
                && let Some((name, blocks)) = self.dynamic(block, schema, names, marks, diags)
            {
                made.entry(name).or_default().extend(blocks);
            }
        }
        for (name, nested) in &schema.blocks {
            let blocks = made.remove(&**name).unwrap_or_default();
            values.insert(
                name.clone(),
                together(name, nested, blocks, body.end, diags),
            );
        }
        Value::object(values)
    }

    /// The blocks that a `dynamic` block makes, and their type; `None` where it makes none because of a mistake.
    fn dynamic<'s>(
        &self,
        block: &hcl::Block,
        schema: &'s Block,
        names: &Names<'_>,
        marks: Marks,
        diags: &mut Diagnostics,
    ) -> Option<(&'s str, Vec<Made>)> {
        let n_errors = diags.n_errors();
        let body = shaped_dynamic(&block.body, diags);
        let Some(dynamic) = Dynamic::of(block, &body) else {
            diags.push(
                Diagnostic::error(
                    &code::MISSING_LABEL,
                    "A dynamic block has one label, the type of the blocks that it makes: dynamic \"TYPE\" { … }.",
                )
                .titled("Missing type for dynamic")
                .at(block.open),
            );
            return None;
        };
        if let Some(extra) = block.labels.get(1) {
            diags.push(
                Diagnostic::error(
                    &code::EXTRANEOUS_LABEL,
                    "A dynamic block has one label, the type of the blocks that it makes.",
                )
                .titled("Extraneous label for dynamic")
                .at(extra.span)
                .within(block.kind.span.to(block.open)),
            );
            return None;
        }
        let Some((kind, nested)) = schema.blocks.get_key_value(dynamic.kind.name.as_str()) else {
            diags.push(unsupported_block(
                &dynamic.kind.name,
                schema,
                dynamic.kind.span,
            ));
            return None;
        };
        for it in &body.attributes {
            if !matches!(it.name.name.as_str(), "for_each" | "iterator" | "labels") {
                diags.push(
                    Diagnostic::error(
                        &code::UNSUPPORTED_ARGUMENT,
                        format!(
                            "An argument named \"{}\" is not expected here. A dynamic block has for_each, iterator, labels and a content block, in which the arguments of the blocks stand.",
                            it.name.name
                        ),
                    )
                    .at(it.name.span),
                );
            }
        }
        for it in body.blocks.iter().filter(|it| it.kind.name != "content") {
            diags.push(
                Diagnostic::error(
                    &code::UNSUPPORTED_BLOCK,
                    format!(
                        "Blocks of type \"{}\" are not expected here: in a dynamic block, they stand inside the content block.",
                        it.kind.name
                    ),
                )
                .at(it.kind.span),
            );
        }
        let Some(for_each) = dynamic.for_each else {
            diags.push(missing_argument("for_each", body.end));
            return None;
        };
        if let Some(it) = dynamic.iterator
            && !matches!(&it.expr.kind, ExprKind::Traversal(it) if it.steps.is_empty())
        {
            diags.push(
                Diagnostic::error(
                    &code::INVALID_ITERATOR,
                    "The iterator of a dynamic block is one name, under which the content knows the element.",
                )
                .at(it.expr.span),
            );
        }
        let content = match dynamic.contents.as_slice() {
            [it] => *it,
            [] => {
                diags.push(
                    Diagnostic::error(
                        &code::MISSING_CONTENT,
                        "A dynamic block needs a block of type \"content\", which says what each block that it makes holds.",
                    )
                    .at(body.end),
                );
                return None;
            }
            [_, second, ..] => {
                diags.push(
                    Diagnostic::error(
                        &code::EXTRANEOUS_CONTENT,
                        "A dynamic block has one content block only.",
                    )
                    .at(second.header()),
                );
                return None;
            }
        };
        let collection = self.evaluator.value(&for_each.expr, names, diags);
        if diags.n_errors() > n_errors {
            return None;
        }
        let entries = match self.elements(&collection, for_each, names, diags) {
            Some(it) => it,
            None if diags.n_errors() > n_errors => return None,
            None => {
                // Not known: one block of unknowns, in place of any number of blocks.
                let element =
                    Value::object([("key", Value::dynamic()), ("value", Value::dynamic())]);
                let value = names.with(dynamic.name(), element, |names| {
                    self.body(&content.body, &nested.block, names, marks, diags)
                });
                return Some((
                    kind,
                    vec![Made {
                        value,
                        label: None,
                        span: block.header(),
                        unknown: true,
                    }],
                ));
            }
        };
        let marks = marks.union(collection.marks());
        let mut res = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let element = Value::object([("key", key), ("value", value)]);
            let made = names.with(dynamic.name(), element, |names| {
                let labels = self.labels(dynamic.labels, names, diags);
                let label = checked_label(kind, nested, block, labels, diags).ok()?;
                let value = self.body(&content.body, &nested.block, names, marks, diags);
                Some(Made {
                    value,
                    label,
                    span: block.header(),
                    unknown: false,
                })
            });
            res.extend(made);
        }
        Some((kind, res))
    }

    /// Keys and values of a `for_each`; `None` where it is unknown, or wrong (reported).
    fn elements(
        &self,
        collection: &Value,
        for_each: &Attribute,
        names: &Names<'_>,
        diags: &mut Diagnostics,
    ) -> Option<Vec<(Value, Value)>> {
        let marks = collection.marks();
        let (plain, _) = collection.peek();
        let trouble = match plain {
            Plain::List(_, values) | Plain::Tuple(values) => {
                return Some(
                    values
                        .iter()
                        .enumerate()
                        .map(|(at, it)| (Value::from(at), it.clone().mark(marks)))
                        .collect(),
                );
            }
            Plain::Set(_, values) => {
                return Some(
                    values
                        .iter()
                        .map(|it| (it.clone().mark(marks), it.clone().mark(marks)))
                        .collect(),
                );
            }
            Plain::Map(_, values) | Plain::Object(values) => {
                return Some(
                    values
                        .iter()
                        .map(|(key, it)| (Value::from(&**key).mark(marks), it.clone().mark(marks)))
                        .collect(),
                );
            }
            Plain::Unknown(it) if !it.ty.is_primitive() => return None,
            Plain::Null(_) => "it is null".to_owned(),
            Plain::Unknown(_) | Plain::Bool(_) | Plain::Number(_) | Plain::String(_) => {
                format!("it is a {}", value::show::friendly_type(&collection.ty()))
            }
        };
        self.evaluator.report(
            Diagnostic::error(
                &code::INVALID_DYNAMIC_FOR_EACH,
                format!(
                    "The for_each of a dynamic block must be a list, set, tuple, map or object; {trouble}."
                ),
            )
            .at(for_each.expr.span),
            &for_each.expr,
            names,
            diags,
        );
        None
    }

    fn labels(
        &self,
        labels: Option<&Attribute>,
        names: &Names<'_>,
        diags: &mut Diagnostics,
    ) -> Vec<(Arc<str>, Span)> {
        let Some(labels) = labels else {
            return Vec::new();
        };
        let ExprKind::Tuple(items) = &labels.expr.kind else {
            diags.push(
                Diagnostic::error(
                    &code::INVALID_DYNAMIC_LABEL,
                    "The labels of a dynamic block are a list in brackets, one element a label.",
                )
                .at(labels.expr.span),
            );
            return Vec::new();
        };
        let mut res = Vec::with_capacity(items.len());
        for item in items {
            let value = self.evaluator.value(item, names, diags);
            let text = convert(&value, &Type::String)
                .ok()
                .filter(|it| it.marks().is_empty())
                .and_then(|it| it.as_str().map(Arc::from));
            match text {
                Some(text) => res.push((text, item.span)),
                None => diags.push(
                    Diagnostic::error(
                        &code::INVALID_DYNAMIC_LABEL,
                        "A label of a dynamic block must be a text that is known now, neither null nor sensitive.",
                    )
                    .at(item.span),
                ),
            }
        }
        res
    }
}

/// Reports arguments and blocks that are not in the schema.
fn check_unexpected(body: &Body, schema: &Block, diags: &mut Diagnostics) {
    for written in &body.attributes {
        let name = written.name.name.as_str();
        if schema.attributes.contains_key(name) {
            continue;
        }
        if body.syntax == Syntax::Json {
            diags.push(
                Diagnostic::error(
                    &code::EXTRANEOUS_PROPERTY,
                    format!(
                        "There is no argument or block type named \"{name}\" here.{}",
                        diag::suggest::did_you_mean(
                            name,
                            schema
                                .attributes
                                .keys()
                                .chain(schema.blocks.keys())
                                .map(|it| &**it)
                        )
                    ),
                )
                .at(written.name.span),
            );
            continue;
        }
        let hint = if schema.blocks.contains_key(name) {
            format!(" \"{name}\" is a block: write it without the equals sign, {name} {{ … }}.")
        } else {
            let free = schema
                .attributes
                .keys()
                .map(|it| &**it)
                .filter(|candidate| !body.attributes.iter().any(|it| it.name.name == **candidate));
            diag::suggest::did_you_mean(name, free)
        };
        diags.push(
            Diagnostic::error(
                &code::UNSUPPORTED_ARGUMENT,
                format!("An argument named \"{name}\" is not expected here.{hint}"),
            )
            .at(written.name.span),
        );
    }
    for block in &body.blocks {
        let name = block.kind.name.as_str();
        if schema.blocks.contains_key(name) || (name == "dynamic" && !schema.blocks.is_empty()) {
            continue;
        }
        diags.push(match (name, block.labels.as_slice()) {
            // What a dynamic block would make is not expected.
            ("dynamic", [made]) => unsupported_block(&made.name, schema, made.span),
            ("dynamic", []) => Diagnostic::error(
                &code::MISSING_LABEL,
                "A dynamic block has one label: the type of the blocks that it makes.",
            )
            .titled("Missing type for dynamic")
            .at(block.open),
            _ => unsupported_block(name, schema, block.kind.span),
        });
    }
}

fn missing_argument(name: &str, at: Span) -> Diagnostic {
    Diagnostic::error(
        &code::MISSING_ARGUMENT,
        format!("The argument \"{name}\" must be set here, and is not."),
    )
    .at(at)
}

fn unsupported_block(name: &str, schema: &Block, at: Span) -> Diagnostic {
    let hint = if schema.attributes.contains_key(name) {
        format!(" \"{name}\" is an argument: write it with an equals sign, {name} = ….")
    } else {
        diag::suggest::did_you_mean(name, schema.blocks.keys().map(|it| &**it))
    };
    Diagnostic::error(
        &code::UNSUPPORTED_BLOCK,
        format!("Blocks of type \"{name}\" are not expected here.{hint}"),
    )
    .at(at)
}

/// A mistake that has its message already.
struct Reported;

/// The label of a block where its type has one; too many and too few are reported.
fn checked_label(
    kind: &str,
    nested: &NestedBlock,
    block: &hcl::Block,
    labels: Vec<(Arc<str>, Span)>,
    diags: &mut Diagnostics,
) -> Result<Option<Arc<str>>, Reported> {
    let n_labels = usize::from(nested.nesting == Nesting::Map);
    if let Some((_, span)) = labels.get(n_labels) {
        let detail = if n_labels == 0 {
            format!("Blocks of type \"{kind}\" have no labels.")
        } else {
            format!("Blocks of type \"{kind}\" have one label, their key.")
        };
        diags.push(
            Diagnostic::error(&code::EXTRANEOUS_LABEL, detail)
                .titled(format!("Extraneous label for {kind}"))
                .at(*span)
                .within(block.kind.span.to(block.open)),
        );
        return Err(Reported);
    }
    if n_labels == 1 && labels.is_empty() {
        diags.push(
            Diagnostic::error(
                &code::MISSING_LABEL,
                format!("Blocks of type \"{kind}\" have one label, their key."),
            )
            .titled(format!("Missing key for {kind}"))
            .at(block.open)
            .within(block.kind.span.to(block.open)),
        );
        return Err(Reported);
    }
    Ok(labels.into_iter().next().map(|(text, _)| text))
}

/// All blocks of a type as one value.
fn together(
    name: &str,
    nested: &NestedBlock,
    blocks: Vec<Made>,
    end: Span,
    diags: &mut Diagnostics,
) -> Value {
    let object = nested.block.ty();
    if matches!(nested.nesting, Nesting::Single | Nesting::Group) {
        if let Some(second) = blocks.get(1) {
            diags.push(
                Diagnostic::error(
                    &code::DUPLICATE_BLOCK,
                    format!("There can be one block of type \"{name}\" here, and this is another."),
                )
                .titled(format!("Duplicate {name} block"))
                .at(second.span),
            );
        }
        if blocks.is_empty() && nested.min > 0 {
            diags.push(
                Diagnostic::error(
                    &code::MISSING_BLOCK,
                    format!("A block of type \"{name}\" must stand here, and there is none."),
                )
                .titled(format!("Missing {name} block"))
                .at(end),
            );
        }
        return match blocks.into_iter().next() {
            Some(it) if it.unknown => Value::unknown(object),
            Some(it) => it.value,
            None if nested.nesting == Nesting::Group => nothing(&nested.block),
            None => Value::null(object),
        };
    }
    let unknown = blocks.iter().any(|it| it.unknown);
    let n_blocks = blocks.len() as u64;
    if nested.nesting != Nesting::Map && !unknown {
        if n_blocks < nested.min {
            diags.push(
                Diagnostic::error(
                    &code::INSUFFICIENT_BLOCKS,
                    format!(
                        "At least {} of type \"{name}\" must stand here, and there {}.",
                        blocks_text(nested.min),
                        match n_blocks {
                            0 => "is none".to_owned(),
                            1 => "is one".to_owned(),
                            n => format!("are {n}"),
                        }
                    ),
                )
                .titled(format!("Insufficient {name} blocks"))
                .at(end),
            );
        } else if nested.max > 0
            && let Some(first_too_many) = usize::try_from(nested.max)
                .ok()
                .and_then(|max| blocks.get(max))
        {
            diags.push(
                Diagnostic::error(
                    &code::TOO_MANY_BLOCKS,
                    format!(
                        "At most {} of type \"{name}\" can stand here, and there are {n_blocks}.",
                        blocks_text(nested.max)
                    ),
                )
                .titled(format!("Too many {name} blocks"))
                .at(first_too_many.span),
            );
        }
    }
    let is_dynamic = object.has_dynamic();
    if unknown {
        return Value::unknown(nested.ty());
    }
    match nested.nesting {
        Nesting::Map => {
            let mut values = BTreeMap::new();
            for it in blocks {
                let Some(label) = it.label else { continue };
                if values.contains_key(&label) {
                    diags.push(
                        Diagnostic::error(
                            &code::DUPLICATE_BLOCK,
                            format!("There is another block of type \"{name}\" with the label \"{label}\": labels are keys, so that each can stand once."),
                        )
                        .titled(format!("Duplicate {name} block"))
                        .at(it.span),
                    );
                    continue;
                }
                values.insert(label, it.value);
            }
            if is_dynamic {
                Value::object(values)
            } else {
                Value::map(object, values)
            }
        }
        Nesting::Set => Value::set(object, blocks.into_iter().map(|it| it.value).collect()),
        Nesting::Single | Nesting::Group | Nesting::List => {
            let values = blocks.into_iter().map(|it| it.value).collect();
            if is_dynamic {
                Value::tuple(values)
            } else {
                Value::list(object, values)
            }
        }
    }
}

fn blocks_text(n: u64) -> String {
    if n == 1 {
        "one block".to_owned()
    } else {
        format!("{n} blocks")
    }
}

/// The object of a block that does not stand there, where that is not null: a group.
fn nothing(schema: &Block) -> Value {
    let attributes = schema
        .attributes
        .iter()
        .map(|(name, it)| (name.clone(), Value::null(it.ty())));
    let blocks = schema.blocks.iter().map(|(name, it)| {
        let value = match it.nesting {
            Nesting::Single => Value::null(it.block.ty()),
            Nesting::Group => nothing(&it.block),
            Nesting::List if it.block.ty().has_dynamic() => Value::tuple(Vec::new()),
            Nesting::List => Value::list(it.block.ty(), Vec::new()),
            Nesting::Set => Value::set(it.block.ty(), Vec::new()),
            Nesting::Map if it.block.ty().has_dynamic() => {
                Value::object(Vec::<(Arc<str>, Value)>::new())
            }
            Nesting::Map => Value::map(it.block.ty(), BTreeMap::new()),
        };
        (name.clone(), value)
    });
    Value::object(attributes.chain(blocks))
}

/// The type that an argument is converted to: nested attributes that need not be set are optional.
fn config_type(attribute: &provider::Attribute) -> Type {
    let AttributeKind::Nested(nesting, attributes) = &attribute.kind else {
        return attribute.ty();
    };
    let object = Type::Object(Arc::new(value::ObjectType {
        attributes: attributes
            .iter()
            .map(|(name, it)| (name.clone(), config_type(it)))
            .collect(),
        optional: attributes
            .iter()
            .filter(|(_, it)| !it.required)
            .map(|(name, _)| name.clone())
            .collect(),
    }));
    match nesting {
        Nesting::Single | Nesting::Group => object,
        Nesting::List => Type::list(object),
        Nesting::Set => Type::set(object),
        Nesting::Map => Type::map(object),
    }
}

fn place(body: &Body, schema: &Block, steps: &[Step]) -> Span {
    let body = shaped(body, schema, &mut Diagnostics::new());
    let Some((Step::Attr(name), rest)) = steps.split_first() else {
        return body.end;
    };
    if let Some(attribute) = body.attributes.iter().find(|it| it.name.name == **name) {
        return place_in(&attribute.expr, rest);
    }
    let Some(nested) = schema.blocks.get(name) else {
        return body.end;
    };
    let (position, label, rest) = match (nested.nesting, rest.split_first()) {
        (Nesting::Single | Nesting::Group, _) => (None, None, rest),
        (_, Some((Step::Index(key), rest))) => (
            key.as_number()
                .and_then(Number::to_i64)
                .and_then(|it| usize::try_from(it).ok()),
            key.as_str(),
            rest,
        ),
        _ => (None, None, rest),
    };
    let mut written = body.blocks.iter().filter(|it| it.kind.name == **name);
    let block = match label {
        Some(label) => written.find(|it| it.labels.first().is_some_and(|it| it.name == *label)),
        None => written.nth(position.unwrap_or(0)),
    };
    if let Some(block) = block {
        return place(&block.body, &nested.block, rest);
    }
    let made = body.blocks.iter().find(|it| {
        it.kind.name == "dynamic" && it.labels.first().is_some_and(|it| it.name == **name)
    });
    let Some(dynamic) = made else {
        return body.end;
    };
    let inner = shaped_dynamic(&dynamic.body, &mut Diagnostics::new());
    inner
        .blocks
        .iter()
        .find(|it| it.kind.name == "content")
        .map_or(body.end, |it| place(&it.body, &nested.block, rest))
}

/// The place of a part of a literal list or object; the whole expression where it is not written out.
fn place_in(expr: &Expr, steps: &[Step]) -> Span {
    let mut here = expr;
    for step in steps {
        let next = match (&here.kind, step) {
            (ExprKind::Tuple(items), Step::Index(key)) => key
                .as_number()
                .and_then(Number::to_i64)
                .and_then(|it| usize::try_from(it).ok())
                .and_then(|at| items.get(at)),
            (ExprKind::Object(items), Step::Attr(_) | Step::Index(_)) => {
                let name = match step {
                    Step::Attr(name) => Some(&**name),
                    Step::Index(key) => key.as_str(),
                };
                items
                    .iter()
                    .find(|item| match &item.key {
                        ObjectKey::Word(word) => Some(word.name.as_str()) == name,
                        ObjectKey::Expr(Expr {
                            kind: ExprKind::Template(template),
                            ..
                        }) => template.literal().as_deref() == name,
                        ObjectKey::Expr(_) => false,
                    })
                    .map(|it| &it.value)
            }
            _ => None,
        };
        match next {
            Some(next) => here = next,
            None => break,
        }
    }
    here.span
}

/// The codes of decoding.
pub mod code {
    use super::Code;

    macro_rules! codes {
        ($($name:ident: $id:literal, $title:literal, $doc:literal;)*) => {
            $(
                #[doc = $doc]
                pub const $name: Code = Code::new($id, $title, $doc);
            )*
            /// All of them.
            pub const CODES: &[&Code] = &[$(&$name),*];
        };
    }

    codes! {
        MISSING_ARGUMENT: "missing-argument", "Missing required argument",
            "An argument that must be set is not.";
        UNSUPPORTED_ARGUMENT: "unsupported-argument", "Unsupported argument",
            "There is no argument of the name in this block.";
        EXTRANEOUS_PROPERTY: "extraneous-json-property", "Extraneous JSON object property",
            "There is no argument or block type of the name here.";
        UNSUPPORTED_BLOCK: "unsupported-block-type", "Unsupported block type",
            "Blocks of the type cannot stand in this block.";
        INCORRECT_ATTRIBUTE: "incorrect-attribute-type", "Incorrect attribute value type",
            "The value of an argument is not of its type, and does not convert to it.";
        INSUFFICIENT_BLOCKS: "insufficient-blocks", "Insufficient blocks",
            "There are fewer blocks of a type than must be there.";
        TOO_MANY_BLOCKS: "too-many-blocks", "Too many blocks",
            "There are more blocks of a type than can be there.";
        DUPLICATE_BLOCK: "duplicate-block", "Duplicate block",
            "A block that can stand once stands twice.";
        MISSING_BLOCK: "missing-block", "Missing block",
            "A block that must be there is not.";
        EXTRANEOUS_LABEL: "extraneous-label", "Extraneous label",
            "A block has more labels than its type.";
        MISSING_LABEL: "missing-label", "Missing label",
            "A block has fewer labels than its type.";
        INVALID_ITERATOR: "invalid-iterator", "Invalid expression",
            "The iterator of a dynamic block is not a name.";
        MISSING_CONTENT: "missing-dynamic-content", "Missing dynamic content block",
            "A dynamic block has no content block.";
        EXTRANEOUS_CONTENT: "extraneous-dynamic-content", "Extraneous dynamic content block",
            "A dynamic block has several content blocks.";
        INVALID_DYNAMIC_FOR_EACH: "invalid-dynamic-for-each", "Invalid dynamic for_each value",
            "The for_each of a dynamic block is not a collection.";
        INVALID_DYNAMIC_LABEL: "invalid-dynamic-label", "Invalid dynamic block label",
            "A label of a dynamic block is not a known text.";
    }
}
