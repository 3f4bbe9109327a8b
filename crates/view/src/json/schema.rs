//! `providers schema -json`: what providers manage.

use addr::Provider;
use provider::schema::{Attribute, AttributeKind, Block, NestedBlock, Nesting, Schema, Schemas};
use serde_json::{Map, Value as Json, json};

/// The document.
pub fn document(schemas: &Schemas) -> Json {
    let providers: Map<String, Json> = schemas
        .0
        .iter()
        .map(|(name, schema)| (name.to_string(), provider_schema(name, schema)))
        .collect();
    json!({"format_version": "1.0", "provider_schemas": providers})
}

fn provider_schema(name: &Provider, it: &provider::ProviderSchema) -> Json {
    let all = |map: &std::collections::BTreeMap<std::sync::Arc<str>, std::sync::Arc<Schema>>| {
        Json::Object(
            map.iter()
                .map(|(name, it)| (name.to_string(), schema(it)))
                .collect(),
        )
    };
    let mut res = json!({"provider": schema(&it.provider)});
    if !it.resources.is_empty() {
        res["resource_schemas"] = all(&it.resources);
    }
    if !it.data_sources.is_empty() {
        res["data_source_schemas"] = all(&it.data_sources);
    }
    if !it.ephemeral.is_empty() {
        res["ephemeral_resource_schemas"] = all(&it.ephemeral);
    }
    if *name == Provider::builtin() {
        res["functions"] = lang::functions::provider_metadata();
    }
    res
}

fn schema(it: &Schema) -> Json {
    json!({"version": it.version, "block": block(&it.block)})
}

fn description_kind(markdown: bool) -> &'static str {
    if markdown { "markdown" } else { "plain" }
}

fn block(it: &Block) -> Json {
    let mut res = Map::new();
    if !it.attributes.is_empty() {
        let attributes = it
            .attributes
            .iter()
            .map(|(name, it)| (name.to_string(), attribute(it)));
        res.insert("attributes".to_owned(), Json::Object(attributes.collect()));
    }
    if !it.blocks.is_empty() {
        let blocks = it
            .blocks
            .iter()
            .map(|(name, it)| (name.to_string(), nested(it)));
        res.insert("block_types".to_owned(), Json::Object(blocks.collect()));
    }
    if !it.description.is_empty() {
        res.insert("description".to_owned(), json!(it.description));
    }
    res.insert(
        "description_kind".to_owned(),
        json!(description_kind(it.markdown)),
    );
    if it.deprecated {
        res.insert("deprecated".to_owned(), json!(true));
    }
    Json::Object(res)
}

fn nesting(it: Nesting) -> &'static str {
    match it {
        Nesting::Single => "single",
        Nesting::Group => "group",
        Nesting::List => "list",
        Nesting::Set => "set",
        Nesting::Map => "map",
    }
}

fn attribute(it: &Attribute) -> Json {
    let mut res = Map::new();
    match &it.kind {
        AttributeKind::Plain(ty) => {
            res.insert("type".to_owned(), value::json::type_to_json(ty));
        }
        AttributeKind::Nested(kind, attributes) => {
            let attributes: Map<String, Json> = attributes
                .iter()
                .map(|(name, it)| (name.to_string(), attribute(it)))
                .collect();
            res.insert(
                "nested_type".to_owned(),
                json!({"attributes": attributes, "nesting_mode": nesting(*kind)}),
            );
        }
    }
    if !it.description.is_empty() {
        res.insert("description".to_owned(), json!(it.description));
    }
    res.insert(
        "description_kind".to_owned(),
        json!(description_kind(it.markdown)),
    );
    for (name, flag) in [
        ("deprecated", it.deprecated),
        ("required", it.required),
        ("optional", it.optional),
        ("computed", it.computed),
        ("sensitive", it.sensitive),
        ("write_only", it.write_only),
    ] {
        if flag {
            res.insert(name.to_owned(), json!(true));
        }
    }
    Json::Object(res)
}

fn nested(it: &NestedBlock) -> Json {
    let mut res = json!({"nesting_mode": nesting(it.nesting), "block": block(&it.block)});
    if it.min > 0 {
        res["min_items"] = json!(it.min);
    }
    if it.max > 0 {
        res["max_items"] = json!(it.max);
    }
    res
}
