//! Rows to schemas. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;

use provider::{Attribute, AttributeKind, Block, Nesting, ProviderSchema, Schema};
use value::Type;

use crate::table::{self, DataSource, Dialect, Mode, Resource};
use crate::twin::twins;
use crate::wire::type_of;

/// All that a dialect manages.
pub fn schema(dialect: &Dialect) -> ProviderSchema {
    let resources = dialect.resources.iter();
    let data_sources = dialect.data_sources.iter();
    ProviderSchema {
        provider: provider_block(),
        resources: resources
            .map(|it| (Arc::from(it.kind), Arc::new(resource(it))))
            .collect(),
        data_sources: data_sources
            .map(|it| (Arc::from(it.kind), Arc::new(data_source(it))))
            .collect(),
        ephemeral: BTreeMap::new(),
    }
}

/// The arguments of the provider block. They are optional, since the environment can give them.
fn provider_block() -> Schema {
    let attributes = [
        (
            "host",
            Attribute::of(Type::String).optional().doc(
                "The URL of Dokploy, with or without /api: https://dokploy.example.com. Else taken from DOKPLOY_HOST.",
            ),
        ),
        (
            "api_key",
            Attribute::of(Type::String)
                .optional()
                .sensitive()
                .doc("An API key of Dokploy, without rate limit. Else taken from DOKPLOY_API_KEY."),
        ),
    ];
    of(
        attributes.map(|(name, it)| (Arc::from(name), it)).into(),
        "",
    )
}

fn resource(row: &Resource) -> Schema {
    let attributes = row.attributes.iter().map(|it| {
        let kind = row
            .object
            .field(it.field)
            .map_or(table::Kind::Text, |it| it.kind);
        (Arc::from(it.name), attribute(it, type_of(kind)))
    });
    let mut attributes: BTreeMap<Arc<str>, Attribute> = attributes.collect();
    for it in twins(row) {
        if let Some(plain) = attributes.get_mut(it.plain.name)
            && plain.required
        {
            // One of the two is.
            plain.required = false;
            plain.optional = true;
            plain.unless = Some(Arc::from(it.value.as_str()));
        }
        let mut value = Attribute::of(it.ty).optional().doc(format!(
            "The same as `{}`, but in no plan and no state. May be ephemeral.",
            it.plain.name
        ));
        value.write_only = true;
        value.extra = true;
        let mut version = Attribute::of(Type::Number)
            .optional()
            .doc(format!("A number: another one sends `{}` again.", it.value));
        version.extra = true;
        attributes.insert(Arc::from(it.value), value);
        attributes.insert(Arc::from(it.version), version);
    }
    of(attributes, row.doc)
}

fn attribute(row: &table::Attribute, ty: Type) -> Attribute {
    let mut res = Attribute::of(ty).doc(row.doc);
    match row.mode {
        Mode::Required => res.required = true,
        Mode::Optional => res.optional = true,
        Mode::OptionalComputed => {
            res.optional = true;
            res.computed = true;
        }
        Mode::Computed => res.computed = true,
    }
    res.sensitive = row.sensitive;
    res.extra = row.extra;
    res
}

fn data_source(row: &DataSource) -> Schema {
    let items = row.items.iter().map(|it| {
        let mut attribute = Attribute::of(type_of(it.kind)).computed().doc(it.doc);
        attribute.sensitive = it.sensitive;
        (Arc::from(it.name), attribute)
    });
    let mut attributes: BTreeMap<Arc<str>, Attribute> = match row.list {
        None => items.collect(),
        Some((name, doc)) => {
            let mut list = Attribute::of(Type::Dynamic).computed().doc(doc);
            list.kind = AttributeKind::Nested(Nesting::List, items.collect());
            [(Arc::from(name), list)].into()
        }
    };
    for (name, _, doc) in row.inputs {
        let attribute = Attribute::of(Type::String).required().doc(*doc);
        attributes.insert(Arc::from(*name), attribute);
    }
    for (name, _, doc) in row.filters.iter().chain(row.options) {
        let attribute = Attribute::of(Type::String).optional().doc(*doc);
        attributes.insert(Arc::from(*name), attribute);
    }
    for name in row.secrets {
        if let Some(attribute) = attributes.get_mut(*name) {
            attribute.sensitive = true;
        }
    }
    of(attributes, row.doc)
}

fn of(attributes: BTreeMap<Arc<str>, Attribute>, doc: &str) -> Schema {
    Schema {
        version: 0,
        block: Block {
            attributes,
            description: doc.to_owned(),
            ..Block::default()
        },
    }
}
