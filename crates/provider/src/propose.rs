//! Prior value and configuration to the proposed value. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use value::{Plain, Type, Unknown, Value};

use crate::schema::{Attribute, AttributeKind, Block, NestedBlock, Nesting};

/// The value that a provider is asked to plan: configured values, and what the prior object had where the
/// configuration says nothing of an attribute that the provider may decide.
///
/// `prior` is null for a create: computed attributes that are not configured are then unknown.
/// Nested blocks are matched by position (list), key (map), and by their configured values (set); in a block without
/// a prior one, computed attributes that are not configured are unknown too.
pub fn proposed(schema: &Block, prior: &Value, config: &Value) -> Value {
    merge(schema, prior, config, Fresh::Unknown)
}

/// The same, but what is new has null for computed attributes that are not configured: what providers behind the
/// plugin protocol are given.
pub fn merged(schema: &Block, prior: &Value, config: &Value) -> Value {
    merge(schema, prior, config, Fresh::Null)
}

/// A configuration with unknowns where the provider will decide: what a create that nobody planned looks like.
pub fn compute_unknown(schema: &Block, config: &Value) -> Value {
    merge(schema, &Value::null(schema.ty()), config, Fresh::Unknown)
}

/// The value of a block of which nothing is set: attributes are null, collections of blocks empty.
pub fn empty(schema: &Block) -> Value {
    let attributes = schema
        .attributes
        .iter()
        .map(|(name, it)| (name.clone(), Value::null(it.ty())));
    let blocks = schema
        .blocks
        .iter()
        .map(|(name, it)| (name.clone(), no_blocks(it)));
    Value::object(attributes.chain(blocks))
}

/// The value with null collections of nested blocks replaced by empty ones, at every depth, and missing attributes by
/// null: what older state files and lax providers leave out.
pub fn normalised(schema: &Block, value: &Value) -> Value {
    let (plain, marks) = value.peek();
    let Plain::Object(entries) = plain else {
        return value.clone();
    };
    let attributes = schema.attributes.iter().map(|(name, it)| {
        let value = entries
            .get(name)
            .cloned()
            .unwrap_or_else(|| Value::null(it.ty()));
        (name.clone(), value)
    });
    let blocks = schema.blocks.iter().map(|(name, nested)| {
        let value = match entries.get(name) {
            None => no_blocks(nested),
            Some(it) if it.is_null() => no_blocks(nested).mark(it.marks()),
            Some(it) => each_block(it, &mut |it| normalised(&nested.block, it)),
        };
        (name.clone(), value)
    });
    Value::object(attributes.chain(blocks)).mark(marks)
}

/// What computed attributes of new objects are that the configuration does not set.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fresh {
    Unknown,
    Null,
}

fn no_blocks(nested: &NestedBlock) -> Value {
    let object = nested.block.ty();
    match nested.nesting {
        Nesting::Single => Value::null(object),
        Nesting::Group => empty(&nested.block),
        Nesting::List if object.has_dynamic() => Value::tuple(Vec::new()),
        Nesting::List => Value::list(object, Vec::new()),
        Nesting::Set => Value::set(object, Vec::new()),
        Nesting::Map if object.has_dynamic() => Value::object(BTreeMap::<Arc<str>, Value>::new()),
        Nesting::Map => Value::map(object, BTreeMap::new()),
    }
}

/// Rebuilds the objects of a nested block's value, whatever collection they form.
fn each_block(value: &Value, change: &mut dyn FnMut(&Value) -> Value) -> Value {
    let (plain, marks) = value.peek();
    let res = match plain {
        Plain::List(ty, values) => Value::list((**ty).clone(), values.iter().map(change).collect()),
        Plain::Set(ty, values) => Value::set((**ty).clone(), values.iter().map(change).collect()),
        Plain::Tuple(values) => Value::tuple(values.iter().map(change).collect()),
        Plain::Map(ty, values) => Value::map(
            (**ty).clone(),
            values
                .iter()
                .map(|(key, it)| (key.clone(), change(it)))
                .collect(),
        ),
        Plain::Object(_) => return change(value),
        Plain::Unknown(_)
        | Plain::Null(_)
        | Plain::Bool(_)
        | Plain::Number(_)
        | Plain::String(_) => return value.clone(),
    };
    res.mark(marks)
}

fn merge(schema: &Block, prior: &Value, config: &Value, fresh: Fresh) -> Value {
    if config.is_null() || !config.is_known() {
        return if config.is_null() && !prior.is_null() {
            prior.clone()
        } else {
            config.clone()
        };
    }
    let mut res = attributes(&schema.attributes, prior, config, fresh);
    for (name, nested) in &schema.blocks {
        let given = config.get(name).unwrap_or_else(|| no_blocks(nested));
        let before = prior.get(name).unwrap_or_else(|| Value::null(nested.ty()));
        res.insert(
            name.clone(),
            nested_value(
                &before,
                &given,
                nested.nesting,
                &Shape::Block(&nested.block),
                fresh,
            ),
        );
    }
    Value::object(res).mark(config.marks())
}

fn attributes(
    schema: &BTreeMap<Arc<str>, Attribute>,
    prior: &Value,
    config: &Value,
    fresh: Fresh,
) -> BTreeMap<Arc<str>, Value> {
    schema
        .iter()
        .map(|(name, attribute)| {
            let given = config
                .get(name)
                .unwrap_or_else(|| Value::null(attribute.ty()));
            let before = prior
                .get(name)
                .unwrap_or_else(|| Value::null(attribute.ty()));
            let value = if attribute.write_only {
                // What is never stored is never planned: a provider finds it in the configuration.
                Value::null(attribute.ty())
            } else if attribute.computed && given.is_null() {
                if prior.is_null() {
                    match fresh {
                        Fresh::Unknown => Value::unknown(attribute.ty()),
                        Fresh::Null => given,
                    }
                } else if was_configured(attribute, &before) {
                    given
                } else {
                    before
                }
            } else {
                match &attribute.kind {
                    AttributeKind::Nested(nesting, inner) => {
                        nested_value(&before, &given, *nesting, &Shape::Attributes(inner), fresh)
                    }
                    AttributeKind::Plain(_) => given,
                }
            };
            (name.clone(), value)
        })
        .collect()
}

/// What a nested object is made of.
enum Shape<'a> {
    Block(&'a Block),
    Attributes(&'a BTreeMap<Arc<str>, Attribute>),
}

impl Shape<'_> {
    fn merge(&self, prior: &Value, config: &Value, fresh: Fresh) -> Value {
        match self {
            Shape::Block(block) => merge(block, prior, config, fresh),
            Shape::Attributes(inner) => {
                if config.is_null() || !config.is_known() {
                    config.clone()
                } else {
                    Value::object(attributes(inner, prior, config, fresh)).mark(config.marks())
                }
            }
        }
    }

    fn ty(&self) -> Type {
        match self {
            Shape::Block(block) => block.ty(),
            Shape::Attributes(inner) => {
                Type::object(inner.iter().map(|(name, it)| (name.clone(), it.ty())))
            }
        }
    }
}

fn nested_value(
    prior: &Value,
    config: &Value,
    nesting: Nesting,
    shape: &Shape<'_>,
    fresh: Fresh,
) -> Value {
    if !config.is_known() || config.is_null() {
        return config.clone();
    }
    let nothing = Value::null(shape.ty());
    let (plain, marks) = config.peek();
    let res = match (nesting, plain) {
        (Nesting::Single | Nesting::Group, _) => return shape.merge(prior, config, fresh),
        (Nesting::Set, Plain::Set(ty, values)) => {
            let priors: &[Value] = prior.elements().unwrap_or(&[]);
            let mut used = BTreeSet::new();
            let merged = values.iter().map(|given| {
                let found = priors.iter().enumerate().find(|(at, before)| {
                    !used.contains(at) && could_come_from(shape, before, given)
                });
                match found {
                    Some((at, before)) => {
                        used.insert(at);
                        shape.merge(before, given, fresh)
                    }
                    None => shape.merge(&nothing, given, fresh),
                }
            });
            Value::set((**ty).clone(), merged.collect())
        }
        (_, Plain::List(..) | Plain::Tuple(_)) => {
            let values = config.elements().unwrap_or(&[]);
            let priors = prior.elements().unwrap_or(&[]);
            let merged: Vec<Value> = values
                .iter()
                .enumerate()
                .map(|(at, given)| shape.merge(priors.get(at).unwrap_or(&nothing), given, fresh))
                .collect();
            match plain {
                Plain::List(ty, _) => Value::list((**ty).clone(), merged),
                _ => Value::tuple(merged),
            }
        }
        (_, Plain::Map(..) | Plain::Object(_)) => {
            let Some(values) = config.entries() else {
                return config.clone();
            };
            let merged: BTreeMap<Arc<str>, Value> = values
                .iter()
                .map(|(key, given)| {
                    let before = prior.get(key);
                    let before = before.as_ref().unwrap_or(&nothing);
                    (key.clone(), shape.merge(before, given, fresh))
                })
                .collect();
            match plain {
                Plain::Map(ty, _) => Value::map((**ty).clone(), merged),
                _ => Value::object(merged),
            }
        }
        _ => return config.clone(),
    };
    res.mark(marks)
}

/// Whether an object of nested attributes has values that only a configuration can have set: then the configuration
/// had it before, and has it no more.
fn was_configured(attribute: &Attribute, before: &Value) -> bool {
    fn any_configured(inner: &BTreeMap<Arc<str>, Attribute>, object: &Value) -> bool {
        inner.iter().any(|(name, attribute)| {
            object.get(name).is_some_and(|value| {
                !value.is_null()
                    && (!attribute.computed
                        || matches!(&attribute.kind, AttributeKind::Nested(_, inner) if objects(&value).iter().any(|it| any_configured(inner, it))))
            })
        })
    }
    match &attribute.kind {
        AttributeKind::Nested(_, inner) if attribute.optional => {
            objects(before).iter().any(|it| any_configured(inner, it))
        }
        AttributeKind::Nested(..) | AttributeKind::Plain(_) => false,
    }
}

/// The objects that a nested attribute's value holds.
fn objects(value: &Value) -> Vec<Value> {
    match value.peek().0 {
        Plain::List(_, values) | Plain::Set(_, values) | Plain::Tuple(values) => values.to_vec(),
        Plain::Map(_, values) => values.values().cloned().collect(),
        Plain::Object(_) => vec![value.clone()],
        Plain::Unknown(_)
        | Plain::Null(_)
        | Plain::Bool(_)
        | Plain::Number(_)
        | Plain::String(_) => Vec::new(),
    }
}

/// Whether a prior object may be what became of a configured one: it differs in computed attributes only that are not
/// configured.
fn could_come_from(shape: &Shape<'_>, prior: &Value, config: &Value) -> bool {
    if same(prior, config) {
        return true;
    }
    if prior.is_null() || config.is_null() || !config.is_known() || !prior.is_known() {
        return false;
    }
    let attributes = match shape {
        Shape::Block(block) => &block.attributes,
        Shape::Attributes(inner) => *inner,
    };
    let attributes_fit = attributes.iter().all(|(name, attribute)| {
        let (Some(before), Some(given)) = (prior.get(name), config.get(name)) else {
            return false;
        };
        if attribute.write_only || same(&before, &given) || (attribute.computed && given.is_null())
        {
            return true;
        }
        match &attribute.kind {
            AttributeKind::Plain(_) => false,
            AttributeKind::Nested(nesting, inner) => {
                all_could_come_from(*nesting, &Shape::Attributes(inner), &before, &given)
            }
        }
    });
    let blocks_fit = match shape {
        Shape::Attributes(_) => true,
        Shape::Block(block) => block.blocks.iter().all(|(name, nested)| {
            let (Some(before), Some(given)) = (prior.get(name), config.get(name)) else {
                return false;
            };
            same(&before, &given)
                || all_could_come_from(
                    nested.nesting,
                    &Shape::Block(&nested.block),
                    &before,
                    &given,
                )
        }),
    };
    attributes_fit && blocks_fit
}

fn all_could_come_from(nesting: Nesting, shape: &Shape<'_>, prior: &Value, config: &Value) -> bool {
    match nesting {
        Nesting::Single | Nesting::Group => could_come_from(shape, prior, config),
        // Elements of sets cannot be told apart inside of others.
        Nesting::Set => false,
        Nesting::List => match (prior.elements(), config.elements()) {
            (Some(before), Some(given)) => {
                before.len() == given.len()
                    && before
                        .iter()
                        .zip(given)
                        .all(|(before, given)| could_come_from(shape, before, given))
            }
            _ => false,
        },
        Nesting::Map => match (prior.entries(), config.entries()) {
            (Some(before), Some(given)) => {
                before.len() == given.len()
                    && before.iter().all(|(key, before)| {
                        given
                            .get(key)
                            .is_some_and(|given| could_come_from(shape, before, given))
                    })
            }
            _ => false,
        },
    }
}

/// Whether two values are the same, marks and what is known of unknowns aside.
pub(crate) fn same(left: &Value, right: &Value) -> bool {
    fn bare(value: &Value) -> Value {
        let values = |it: &[Value]| it.iter().map(bare).collect::<Vec<_>>();
        let entries = |it: &BTreeMap<Arc<str>, Value>| {
            it.iter()
                .map(|(key, it)| (key.clone(), bare(it)))
                .collect::<BTreeMap<_, _>>()
        };
        match value.peek().0 {
            Plain::Unknown(it) => Value::new(Plain::Unknown(Box::new(Unknown::of(it.ty.clone())))),
            Plain::List(ty, it) => Value::list((**ty).clone(), values(it)),
            Plain::Set(ty, it) => Value::set((**ty).clone(), values(it)),
            Plain::Tuple(it) => Value::tuple(values(it)),
            Plain::Map(ty, it) => Value::map((**ty).clone(), entries(it)),
            Plain::Object(it) => Value::object(entries(it)),
            plain @ (Plain::Null(_) | Plain::Bool(_) | Plain::Number(_) | Plain::String(_)) => {
                Value::new(plain.clone())
            }
        }
    }
    left == right || bare(left) == bare(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Block {
        let mut schema = Block::default();
        for (name, attribute) in [
            ("id", Attribute::of(Type::String).computed()),
            ("name", Attribute::of(Type::String).required()),
            ("size", Attribute::of(Type::String).optional().computed()),
            ("note", Attribute::of(Type::String).optional()),
        ] {
            schema.attributes.insert(name.into(), attribute);
        }
        schema
    }

    fn text(it: &str) -> Value {
        Value::from(it)
    }

    fn null() -> Value {
        Value::null(Type::String)
    }

    fn object(id: Value, name: &str, size: Value, note: Value) -> Value {
        Value::object([
            ("id", id),
            ("name", text(name)),
            ("size", size),
            ("note", note),
        ])
    }

    #[test]
    fn what_is_write_only_is_never_proposed() {
        let mut schema = schema();
        let attribute = |name: &str| {
            let mut res = Attribute::of(Type::String).optional();
            res.write_only = name == "key_wo";
            res
        };
        schema.attributes = ["key_wo", "name"]
            .map(|it| (it.into(), attribute(it)))
            .into();
        let key = NestedBlock {
            nesting: Nesting::Set,
            block: schema.clone(),
            min: 0,
            max: 0,
        };
        schema.blocks.insert("part".into(), key);
        let inner = |key: Value| Value::object([("key_wo", key), ("name", text("a"))]);
        let outer = |key: Value| {
            let part = inner(key.clone());
            let parts = Value::set(part.ty(), vec![part]);
            Value::object([("key_wo", key), ("name", text("a")), ("part", parts)])
        };
        for prior in [Value::null(schema.ty()), outer(null())] {
            assert_eq!(proposed(&schema, &prior, &outer(text("k"))), outer(null()));
            assert_eq!(merged(&schema, &prior, &outer(text("k"))), outer(null()));
        }
        let planned = crate::conform::plan_conforms;
        let applied = crate::conform::applied_conforms;
        let nothing = Value::null(schema.ty());
        assert_eq!(
            planned(&schema, &nothing, &outer(text("k")), &outer(null())),
            []
        );
        assert_eq!(applied(&schema, &outer(null()), &outer(null())), []);
        let breaches = planned(&schema, &nothing, &outer(text("k")), &outer(text("k")));
        assert!(!breaches.is_empty());
        assert!(!format!("{breaches:?}").contains("\"k\""));
        assert!(!applied(&schema, &outer(null()), &outer(text("k"))).is_empty());
        let path = value::Path::attr_of("part")
            .index(inner(text("k")))
            .attr("key_wo");
        assert!(schema.is_write_only(&path));
        assert!(!schema.is_write_only(&value::Path::attr_of("part").at(0).attr("name")));
    }

    #[test]
    fn a_create_has_unknowns_where_the_provider_decides() {
        let config = object(null(), "a", null(), null());
        let unknown = || Value::unknown(Type::String);
        assert_eq!(
            proposed(&schema(), &Value::null(schema().ty()), &config),
            object(unknown(), "a", unknown(), null())
        );
        assert_eq!(
            merged(&schema(), &Value::null(schema().ty()), &config),
            config
        );
    }

    #[test]
    fn an_update_keeps_what_is_not_configured() {
        let prior = object(text("1"), "a", text("big"), text("x"));
        assert_eq!(
            proposed(&schema(), &prior, &object(null(), "b", null(), null())),
            object(text("1"), "b", text("big"), null())
        );
    }

    #[test]
    fn elements_of_sets_are_matched_by_what_is_configured() {
        let mut outer = Block::default();
        outer.blocks.insert(
            "disk".into(),
            NestedBlock {
                nesting: Nesting::Set,
                block: schema(),
                min: 0,
                max: 0,
            },
        );
        let ty = schema().ty();
        let set = |values: Vec<Value>| Value::object([("disk", Value::set(ty.clone(), values))]);
        let prior = set(vec![
            object(text("1"), "a", text("big"), null()),
            object(text("2"), "b", text("big"), null()),
        ]);
        let config = set(vec![
            object(null(), "b", null(), null()),
            object(null(), "c", null(), null()),
        ]);
        let unknown = || Value::unknown(Type::String);
        assert_eq!(
            proposed(&outer, &prior, &config),
            set(vec![
                object(text("2"), "b", text("big"), null()),
                object(unknown(), "c", unknown(), null()),
            ])
        );
    }

    #[test]
    fn null_blocks_become_empty_ones() {
        let mut outer = Block::default();
        outer.blocks.insert(
            "disk".into(),
            NestedBlock {
                nesting: Nesting::List,
                block: schema(),
                min: 0,
                max: 0,
            },
        );
        let ty = schema().ty();
        let null_list = Value::object([("disk", Value::null(Type::list(ty.clone())))]);
        let empty_list = Value::object([("disk", Value::list(ty, Vec::new()))]);
        assert_eq!(normalised(&outer, &null_list), empty_list);
        assert_eq!(empty(&outer), empty_list);
    }
}
