//! Bodies under a schema, as values or with messages at their places.

use addr::Reference;
use diag::{Diagnostics, SourceMap};
use lang::Scope;
use provider::{Attribute, Block, NestedBlock, Nesting};
use value::function::{NoWorld, World};
use value::{Path, Type, Value, show};

struct Here;

impl Scope for Here {
    fn value(&self, reference: &Reference, _diags: &mut Diagnostics) -> Value {
        match reference.subject.to_string().as_str() {
            "var.names" => Value::list(Type::String, vec![Value::from("x"), Value::from("y")]),
            "var.unknown" => Value::unknown(Type::list(Type::String)),
            _ => Value::dynamic(),
        }
    }

    fn world(&self) -> &dyn World {
        &NoWorld
    }
}

fn schema() -> Block {
    let mut inner = Block::default();
    inner
        .attributes
        .insert("path".into(), Attribute::of(Type::String).required());
    inner
        .attributes
        .insert("port".into(), Attribute::of(Type::Number).optional());
    let nested = |nesting, min, max| NestedBlock {
        nesting,
        block: inner.clone(),
        min,
        max,
    };
    let mut res = Block::default();
    res.attributes
        .insert("name".into(), Attribute::of(Type::String).required());
    res.attributes
        .insert("size".into(), Attribute::of(Type::Number).optional());
    res.blocks
        .insert("mount".into(), nested(Nesting::List, 0, 2));
    res.blocks.insert("tag".into(), nested(Nesting::Map, 0, 0));
    res.blocks
        .insert("limits".into(), nested(Nesting::Single, 0, 1));
    res.blocks
        .insert("group".into(), nested(Nesting::Group, 0, 1));
    res
}

/// The value in the console's form, or the messages as `title @ text`, one a line.
fn decoded(text: &str, json: bool) -> String {
    let mut sources = SourceMap::new();
    let source = sources.add("main.tf", text);
    let mut diags = Diagnostics::new();
    let file = if json {
        hcl::json::parse(source, text, true, &mut diags)
    } else {
        hcl::parse(source, text, &mut diags)
    };
    let value = lang::decode::decode(&file.body, &schema(), &Here, &mut diags);
    if diags.is_empty() {
        return show::console(&value);
    }
    let lines: Vec<String> = diags
        .iter()
        .map(|it| {
            format!(
                "{} @ {}",
                it.summary,
                it.subject.map_or("", |span| sources.slice(span))
            )
        })
        .collect();
    lines.join("\n")
}

#[test]
fn what_is_not_set_is_null_or_empty() {
    let wanted = show::console(&Value::object([
        ("name", Value::from("a")),
        ("size", Value::null(Type::Number)),
        (
            "mount",
            Value::list(schema().blocks["mount"].block.ty(), vec![]),
        ),
        (
            "tag",
            Value::map(
                schema().blocks["tag"].block.ty(),
                std::collections::BTreeMap::new(),
            ),
        ),
        ("limits", Value::null(schema().blocks["limits"].block.ty())),
        (
            "group",
            Value::object([
                ("path", Value::null(Type::String)),
                ("port", Value::null(Type::Number)),
            ]),
        ),
    ]));
    assert_eq!(decoded("name = \"a\"", false), wanted);
    assert_eq!(decoded("{\"name\": \"a\"}", true), wanted);
}

#[test]
fn dynamic_blocks_are_like_written_ones() {
    let written = decoded(
        "name = 1\nmount {\n path = \"x\"\n port = 0\n}\nmount {\n path = \"y\"\n port = \"1\"\n}",
        false,
    );
    let dynamic = "name = \"1\"\ndynamic \"mount\" {\n for_each = var.names\n iterator = it\n content {\n path = it.value\n port = it.key\n}\n}";
    assert_eq!(decoded(dynamic, false), written);
    let json = r#"{"name": "1", "dynamic": {"mount": {"for_each": "${var.names}", "content": {"path": "${mount.value}", "port": "${mount.key}"}}}}"#;
    assert_eq!(decoded(json, true), written);
    let tags = "name = 1\ndynamic \"tag\" {\n for_each = var.names\n labels = [tag.value]\n content {\n path = \"p\"\n}\n}";
    assert_eq!(
        decoded(tags, false),
        decoded(
            "name = 1\ntag \"x\" {\n path = \"p\"\n}\ntag \"y\" {\n path = \"p\"\n}",
            false
        )
    );
}

#[test]
fn mistakes_are_reported_at_their_places() {
    for (text, wanted) in [
        ("", "Missing required argument @ "),
        ("name = 1\nsiz = 2", "Unsupported argument @ siz"),
        ("name = 1\nmount = 2", "Unsupported argument @ mount"),
        ("name = 1\nsize {}", "Unsupported block type @ size"),
        (
            "name = 1\nsize = \"x\"",
            "Incorrect attribute value type @ \"x\"",
        ),
        ("name = 1\nmount {}", "Missing required argument @ "),
        (
            "name = 1\nmount \"x\" {\n path = 1\n}",
            "Extraneous label for mount @ \"x\"",
        ),
        ("name = 1\ntag {\n path = 1\n}", "Missing key for tag @ {"),
        (
            "name = 1\nlimits {\n path = 1\n}\nlimits {\n path = 2\n}",
            "Duplicate limits block @ limits",
        ),
        (
            "name = 1\nmount {\n path = 1\n}\nmount {\n path = 1\n}\nmount {\n path = 1\n}",
            "Too many mount blocks @ mount",
        ),
        (
            "name = 1\ndynamic \"mount\" {\n for_each = 5\n content {}\n}",
            "Invalid dynamic for_each value @ 5",
        ),
        (
            "name = 1\ndynamic \"mount\" {\n for_each = []\n}",
            "Missing dynamic content block @ ",
        ),
        (
            "name = 1\ndynamic \"mout\" {}",
            "Unsupported block type @ \"mout\"",
        ),
        ("name = resource_type", "Invalid reference @ resource_type"),
    ] {
        assert_eq!(decoded(text, false), wanted, "{text}");
    }
    assert_eq!(
        decoded("{\"name\": 1, \"siz\": 2}", true),
        "Extraneous JSON object property @ \"siz\""
    );
}

#[test]
fn an_unknown_collection_leaves_the_blocks_open() {
    let mut sources = SourceMap::new();
    let text = "name = 1\ndynamic \"mount\" {\n for_each = var.unknown\n content {\n path = mount.value\n}\n}";
    let source = sources.add("main.tf", text);
    let mut diags = Diagnostics::new();
    let file = hcl::parse(source, text, &mut diags);
    let value = lang::decode::decode(&file.body, &schema(), &Here, &mut diags);
    assert!(diags.is_empty());
    assert!(!value.get("mount").unwrap().is_known());
    let references = lang::refs::body_references(&file.body, &schema(), &mut diags);
    assert!(diags.is_empty());
    let names: Vec<String> = references.iter().map(|it| it.subject.to_string()).collect();
    assert_eq!(names, ["var.unknown"]);
}

#[test]
fn places_of_values() {
    let mut sources = SourceMap::new();
    let text = "name = \"n\"\nmount {\n path = \"p0\"\n}\nmount {\n path = [\"a\", { b = 5 }]\n}\ntag \"k\" {\n port = 7\n}\n";
    let source = sources.add("main.tf", text);
    let file = hcl::parse(source, text, &mut Diagnostics::new());
    let place = |path: &Path| {
        sources
            .slice(lang::decode::locate(&file.body, &schema(), path))
            .to_owned()
    };
    assert_eq!(place(&Path::attr_of("name")), "\"n\"");
    assert_eq!(place(&Path::attr_of("size")), "");
    assert_eq!(place(&Path::attr_of("mount").at(0).attr("path")), "\"p0\"");
    assert_eq!(
        place(&Path::attr_of("mount").at(1).attr("path").at(1).attr("b")),
        "5"
    );
    assert_eq!(place(&Path::attr_of("mount").at(1).attr("port")), "");
    assert_eq!(place(&Path::attr_of("tag").index("k").attr("port")), "7");
}
