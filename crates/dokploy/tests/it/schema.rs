//! The schema is that of the provider whose configurations we run, but for additions.

use std::collections::BTreeMap;
use std::sync::Arc;

use dokploy::tables;
use provider::{Attribute, AttributeKind, Nesting};
use serde_json::{Map, Value as Json, json};
use value::Type;

fn recorded() -> Json {
    let text = include_str!("../../../../testdata/dokploy/provider-schema.json");
    let json: Json = serde_json::from_str(text).unwrap();
    json["provider_schemas"]["registry.terraform.io/ahmedali6/dokploy"].clone()
}

fn type_json(ty: &Type) -> Json {
    match ty {
        Type::String => json!("string"),
        Type::Number => json!("number"),
        Type::Bool => json!("bool"),
        Type::List(it) => json!(["list", type_json(it)]),
        Type::Set(it) => json!(["set", type_json(it)]),
        Type::Map(it) => json!(["map", type_json(it)]),
        other => panic!("no type of an attribute: {other:?}"),
    }
}

/// Attributes as `providers schema -json` prints them, without descriptions.
fn attributes_json(attributes: &BTreeMap<Arc<str>, Attribute>) -> Json {
    let mut res = Map::new();
    for (name, attribute) in attributes {
        let mut json = match &attribute.kind {
            AttributeKind::Plain(ty) => json!({ "type": type_json(ty) }),
            AttributeKind::Nested(nesting, attributes) => {
                assert_eq!(*nesting, Nesting::List);
                json!({"nested_type": {"attributes": attributes_json(attributes), "nesting_mode": "list"}})
            }
        };
        for (flag, is_set) in [
            ("required", attribute.required),
            ("optional", attribute.optional),
            ("computed", attribute.computed),
            ("sensitive", attribute.sensitive),
            ("write_only", attribute.write_only),
        ] {
            if is_set {
                json[flag] = json!(true);
            }
        }
        res.insert(name.to_string(), json);
    }
    Json::Object(res)
}

fn without_descriptions(json: &Json) -> Json {
    match json {
        Json::Object(entries) => entries
            .iter()
            .filter(|(name, value)| !(name.starts_with("description") && value.is_string()))
            .map(|(name, value)| (name.clone(), without_descriptions(value)))
            .collect(),
        other => other.clone(),
    }
}

/// What types of the published provider have here besides.
const ADDED: &[(&str, &str)] = &[
    ("dokploy_application", "deploy_on_change"),
    ("dokploy_application", "wait_for"),
    ("dokploy_application", "wait_timeout"),
    ("dokploy_compose", "deploy_on_change"),
    ("dokploy_compose", "wait_for"),
    ("dokploy_compose", "wait_timeout"),
    ("dokploy_mariadb", "deploy_on_change"),
    ("dokploy_mariadb", "wait_for"),
    ("dokploy_mariadb", "wait_timeout"),
    ("dokploy_mongo", "deploy_on_change"),
    ("dokploy_mongo", "wait_for"),
    ("dokploy_mongo", "wait_timeout"),
    ("dokploy_mysql", "deploy_on_change"),
    ("dokploy_mysql", "wait_for"),
    ("dokploy_mysql", "wait_timeout"),
    ("dokploy_postgres", "deploy_on_change"),
    ("dokploy_postgres", "wait_for"),
    ("dokploy_postgres", "wait_timeout"),
    ("dokploy_redis", "deploy_on_change"),
    ("dokploy_redis", "wait_for"),
    ("dokploy_redis", "wait_timeout"),
    ("dokploy_destination", "adopt_existing"),
    ("dokploy_project", "production_environment_id"),
    ("dokploy_registry", "adopt_existing"),
    ("dokploy_registry", "verify_connection"),
    ("dokploy_ssh_key", "adopt_existing"),
];

/// Every secret has a write-only twin here, and is required no more where it was: one of the two is.
fn take_out_twins(ours: &mut Json, theirs: &mut Json) {
    let (Some(ours), Some(theirs)) = (ours.as_object_mut(), theirs.as_object_mut()) else {
        return;
    };
    for (name, recorded) in theirs {
        let may_be_set = recorded["required"] == true || recorded["optional"] == true;
        let is_secret = recorded["sensitive"] == true;
        let twin = ours.shift_remove(&format!("{name}_wo"));
        let version = ours.shift_remove(&format!("{name}_wo_version"));
        if !(may_be_set && is_secret && ours.contains_key(name)) {
            assert_eq!((twin, version), (None, None), "{name}");
            continue;
        }
        let expected = json!({"type": recorded["type"], "optional": true, "write_only": true});
        assert_eq!(twin, Some(expected), "{name}");
        assert_eq!(
            version,
            Some(json!({"type": "number", "optional": true})),
            "{name}"
        );
        let recorded = recorded.as_object_mut().unwrap();
        if recorded.shift_remove("required").is_some() {
            recorded.insert("optional".to_owned(), json!(true));
        }
    }
}

#[test]
fn resources_and_data_sources_are_as_recorded() {
    let schema = dokploy::schema::schema(&tables::AHMEDALI6);
    let recorded = recorded();
    let all = [
        (&schema.resources, "resource_schemas"),
        (&schema.data_sources, "data_source_schemas"),
    ];
    assert_eq!(recorded["resource_schemas"].as_object().unwrap().len(), 28);
    assert_eq!(
        recorded["data_source_schemas"].as_object().unwrap().len(),
        23
    );
    for (ours, name) in all {
        for kind in recorded[name].as_object().unwrap().keys() {
            assert!(ours.contains_key(kind.as_str()), "{kind} is not there");
        }
        for (kind, ours) in ours {
            // What we add is ours to decide.
            let Some(theirs) = recorded[name].get(&**kind) else {
                continue;
            };
            assert_eq!(theirs["version"], json!(ours.version), "{kind}");
            let mut theirs = without_descriptions(&theirs["block"]["attributes"]);
            let mut ours = attributes_json(&ours.block.attributes);
            if name == "resource_schemas" {
                for (_, added) in ADDED.iter().filter(|(it, _)| *it == &**kind) {
                    let added = ours.as_object_mut().unwrap().shift_remove(*added);
                    assert!(added.is_some(), "{kind}");
                }
                take_out_twins(&mut ours, &mut theirs);
            }
            assert_eq!(ours, theirs, "{kind}");
        }
    }
}

#[test]
fn the_provider_block_is_as_recorded_but_optional() {
    let ours = attributes_json(
        &dokploy::schema::schema(&tables::AHMEDALI6)
            .provider
            .block
            .attributes,
    );
    let mut theirs = without_descriptions(&recorded()["provider"]["block"]["attributes"]);
    for name in ["host", "api_key"] {
        let attribute = theirs[name].as_object_mut().unwrap();
        attribute.shift_remove("required");
        attribute.insert("optional".to_owned(), json!(true));
    }
    assert_eq!(ours, theirs);
}

#[test]
fn rows_name_fields_that_exist() {
    for dialect in tables::DIALECTS {
        for row in dialect.resources {
            let object = row.object;
            for attribute in row.attributes {
                let is_id = attribute.field == object.id;
                assert!(
                    is_id || object.field(attribute.field).is_some(),
                    "{} {}",
                    row.kind,
                    attribute.name
                );
                assert!(
                    !attribute.doc.is_empty() && attribute.doc.ends_with('.'),
                    "{} {}",
                    row.kind,
                    attribute.name
                );
                let is_secret = object.field(attribute.field).is_some_and(|it| it.secret);
                assert_eq!(
                    attribute.sensitive, is_secret,
                    "{} {}",
                    row.kind, attribute.name
                );
            }
            assert!(
                row.attribute_of(object.id).is_some(),
                "{} has an id",
                row.kind
            );
            for call in object.updates {
                for name in call.fields {
                    assert!(object.field(name).is_some(), "{} {name}", call.procedure);
                }
            }
            for name in object.found_by {
                assert!(object.field(name).is_some(), "{} {name}", row.kind);
            }
        }
    }
}

#[test]
fn addresses_mean_the_dialect() {
    for (address, expected) in [
        ("ahmedali6/dokploy", true),
        ("registry.terraform.io/ahmedali6/dokploy", true),
        ("registry.opentofu.org/ahmedali6/dokploy", true),
        ("registry.example.com/ahmedali6/dokploy", false),
        ("somebody/dokploy", false),
        ("dokploy", true),
        ("hashicorp/random", false),
    ] {
        let address = addr::Provider::parse(address).unwrap();
        assert_eq!(
            dokploy::dialect(&address).is_some(),
            expected,
            "{address:?}"
        );
    }
}
