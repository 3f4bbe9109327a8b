//! Schemas: what a block of a resource type may hold, and the type of value that it gives.

use std::collections::BTreeMap;
use std::sync::Arc;

use value::Type;

/// All that a provider manages.
#[derive(Debug, Clone, Default)]
pub struct ProviderSchema {
    /// The provider block.
    pub provider: Schema,
    /// Resource types.
    pub resources: BTreeMap<Arc<str>, Arc<Schema>>,
    /// Data sources.
    pub data_sources: BTreeMap<Arc<str>, Arc<Schema>>,
    /// Ephemeral resource types.
    pub ephemeral: BTreeMap<Arc<str>, Arc<Schema>>,
}

/// The schema of a resource type, data source, or provider block.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Schema {
    /// Counts up when stored attributes change shape.
    pub version: u64,
    /// What it holds.
    pub block: Block,
}

/// What a block may hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Block {
    /// Arguments by name.
    pub attributes: BTreeMap<Arc<str>, Attribute>,
    /// Nested blocks by type.
    pub blocks: BTreeMap<Arc<str>, NestedBlock>,
    /// For people; Markdown if `markdown`.
    pub description: String,
    /// Whether the description is Markdown.
    pub markdown: bool,
    /// Whether it should not be used any more.
    pub deprecated: bool,
}

/// An argument.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// Its type, or nested attributes.
    pub kind: AttributeKind,
    /// For people.
    pub description: String,
    /// Whether the description is Markdown.
    pub markdown: bool,
    /// Must be set.
    pub required: bool,
    /// May be set.
    pub optional: bool,
    /// The provider may decide it. With `optional`: where it is not set.
    pub computed: bool,
    /// Must not be shown.
    pub sensitive: bool,
    /// Never stored; null in plan and state.
    pub write_only: bool,
    /// An addition to the schema of the provider whose name it has: where it is null it is left out of states and of
    /// what is printed, so that they are as that provider's.
    pub extra: bool,
    /// It, or the argument of this name, must be set.
    pub unless: Option<Arc<str>>,
    /// Whether it should not be used any more.
    pub deprecated: bool,
}

/// What an argument holds.
#[derive(Debug, Clone, PartialEq)]
pub enum AttributeKind {
    /// A value of a type.
    Plain(Type),
    /// Objects with attributes of their own (`Single`, `List`, `Set`, `Map`).
    Nested(Nesting, BTreeMap<Arc<str>, Attribute>),
}

/// How often a nested block may stand, and what collection its values form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nesting {
    /// Once or not: an object or null.
    Single,
    /// Once or not: an object whose attributes are null if not.
    Group,
    /// In order.
    List,
    /// Without order.
    Set,
    /// By label.
    Map,
}

/// A type of nested block.
#[derive(Debug, Clone, PartialEq)]
pub struct NestedBlock {
    /// How often.
    pub nesting: Nesting,
    /// What it holds.
    pub block: Block,
    /// At least so many.
    pub min: u64,
    /// At most so many; 0: any number.
    pub max: u64,
}

impl Attribute {
    /// An argument of a type that is neither required, optional nor computed yet.
    pub fn of(ty: Type) -> Self {
        Self {
            kind: AttributeKind::Plain(ty),
            description: String::new(),
            markdown: false,
            required: false,
            optional: false,
            computed: false,
            sensitive: false,
            write_only: false,
            extra: false,
            unless: None,
            deprecated: false,
        }
    }

    /// Must be set.
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// May be set.
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// The provider may decide it.
    pub fn computed(mut self) -> Self {
        self.computed = true;
        self
    }

    /// Must not be shown.
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// With a description.
    pub fn doc(mut self, text: impl Into<String>) -> Self {
        self.description = text.into();
        self
    }

    /// Whether a block is refused that sets neither it nor what can stand for it.
    pub fn is_needed(&self) -> bool {
        self.required || self.unless.is_some()
    }

    /// The type of its value.
    pub fn ty(&self) -> Type {
        match &self.kind {
            AttributeKind::Plain(ty) => ty.clone(),
            AttributeKind::Nested(nesting, attributes) => {
                let object =
                    Type::object(attributes.iter().map(|(name, it)| (name.clone(), it.ty())));
                match nesting {
                    Nesting::Single | Nesting::Group => object,
                    Nesting::List => Type::list(object),
                    Nesting::Set => Type::set(object),
                    Nesting::Map => Type::map(object),
                }
            }
        }
    }
}

impl NestedBlock {
    /// The type of the values of all blocks of this type together.
    pub fn ty(&self) -> Type {
        let object = self.block.ty();
        match self.nesting {
            Nesting::Single | Nesting::Group => object,
            // A list or map whose elements differ in type (a dynamic attribute) is a tuple or object instead.
            Nesting::List if object.has_dynamic() => Type::Dynamic,
            Nesting::Map if object.has_dynamic() => Type::Dynamic,
            Nesting::List => Type::list(object),
            Nesting::Set => Type::set(object),
            Nesting::Map => Type::map(object),
        }
    }
}

impl Block {
    /// Whether a path leads to a write-only attribute, or into one.
    pub fn is_write_only(&self, path: &value::Path) -> bool {
        fn inside(attributes: &BTreeMap<Arc<str>, Attribute>, steps: &[value::Step]) -> bool {
            let Some((name, rest)) = next_attr(steps) else {
                return false;
            };
            attributes.get(name).is_some_and(|it| {
                let nested = match &it.kind {
                    AttributeKind::Nested(_, inner) => inside(inner, rest),
                    AttributeKind::Plain(_) => false,
                };
                it.write_only || nested
            })
        }
        /// The next attribute of a path: steps into collections are passed over.
        fn next_attr(steps: &[value::Step]) -> Option<(&str, &[value::Step])> {
            let at = steps
                .iter()
                .position(|it| matches!(it, value::Step::Attr(_)))?;
            match steps.get(at..)? {
                [value::Step::Attr(name), rest @ ..] => Some((name, rest)),
                _ => None,
            }
        }
        let mut block = self;
        let mut steps = path.0.as_slice();
        while let Some((name, rest)) = next_attr(steps) {
            match block.blocks.get(name) {
                Some(nested) => {
                    block = &nested.block;
                    steps = rest;
                }
                None => return inside(&block.attributes, steps),
            }
        }
        false
    }

    /// The type of the block's value: an object with everything that it may hold.
    pub fn ty(&self) -> Type {
        let attributes = self
            .attributes
            .iter()
            .map(|(name, it)| (name.clone(), it.ty()));
        let blocks = self.blocks.iter().map(|(name, it)| (name.clone(), it.ty()));
        Type::object(attributes.chain(blocks))
    }
}

/// The schemas of all providers that a run uses.
#[derive(Debug, Clone, Default)]
pub struct Schemas(pub BTreeMap<addr::Provider, Arc<ProviderSchema>>);

/// What a provider manages, by reference where it owns the parts.
impl Schemas {
    /// The schema of a resource type, data source or ephemeral resource type.
    pub fn resource(
        &self,
        provider: &addr::Provider,
        mode: addr::Mode,
        kind: &str,
    ) -> Option<&Arc<Schema>> {
        let schema = self.0.get(provider)?;
        match mode {
            addr::Mode::Managed => schema.resources.get(kind),
            addr::Mode::Data => schema.data_sources.get(kind),
            addr::Mode::Ephemeral => schema.ephemeral.get(kind),
        }
    }
}
