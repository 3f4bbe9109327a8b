//! The functions of the provider `terraform`: configuration as text, and back.

use std::collections::BTreeMap;
use std::sync::Arc;

use diag::Diagnostics;
use value::function::{CallError, Function, any, text};
use value::{Plain, Type, Value};

pub(super) fn rows() -> Vec<Function> {
    vec![
        Function::new("encode_expr", "Writes a value as an expression.")
            .takes([any("expr").or_null().or_unknown().or_dynamic()])
            .gives(Type::String)
            .not_null()
            .body(|call| {
                if !call.wholly_known() {
                    return Ok(call.unknown());
                }
                let mut res = String::new();
                expression(&call.arg(0), 0, &mut res);
                Ok(res.into())
            })
            .example(
                "provider::terraform::encode_expr([1, \"a\"])",
                r#""[1, \"a\"]""#,
            ),
        Function::new(
            "encode_tfvars",
            "Writes an object as the text of a .tfvars file.",
        )
        .takes([any("value").or_unknown().or_dynamic()])
        .gives(Type::String)
        .not_null()
        .body(|call| {
            let value = call.arg(0);
            if !value.is_wholly_known() {
                return Ok(call.unknown());
            }
            let Some(entries) = value.entries() else {
                return Err(CallError::new("an object or a map is required"));
            };
            let mut res = String::new();
            for (name, it) in entries {
                if !is_name(name) {
                    return Err(CallError::new(format!(
                        "{} is not a name that a variable can have",
                        value::show::quoted(name)
                    )));
                }
                res.push_str(name);
                res.push_str(" = ");
                expression(it, 0, &mut res);
                res.push('\n');
            }
            Ok(res.into())
        })
        .example(
            "provider::terraform::encode_tfvars({ a = 1 })",
            "<<EOT\na = 1\n\nEOT",
        ),
        Function::new(
            "decode_tfvars",
            "Reads the text of a .tfvars file as an object.",
        )
        .takes([text("src").or_unknown()])
        .gives(Type::Dynamic)
        .body(|call| {
            if !call.wholly_known() {
                return Ok(call.unknown());
            }
            decode(call.text(0))
        })
        .example(
            "provider::terraform::decode_tfvars(\"a = 1\")",
            "{\n  \"a\" = 1\n}",
        ),
    ]
}

fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars
        .next()
        .is_some_and(|it| it.is_alphabetic() || it == '_')
        && chars.all(|it| it.is_alphanumeric() || it == '_' || it == '-')
}

fn expression(value: &Value, indent: usize, to: &mut String) {
    match value.peek().0 {
        Plain::Unknown(_) | Plain::Null(_) => to.push_str("null"),
        Plain::Bool(it) => to.push_str(if *it { "true" } else { "false" }),
        Plain::Number(it) => to.push_str(&it.to_string()),
        Plain::String(it) => quoted(it, to),
        Plain::List(_, values) | Plain::Set(_, values) | Plain::Tuple(values) => {
            to.push('[');
            for (at, it) in values.iter().enumerate() {
                if at > 0 {
                    to.push_str(", ");
                }
                super::deep(|| expression(it, indent, to));
            }
            to.push(']');
        }
        Plain::Map(_, values) | Plain::Object(values) => object(values, indent, to),
    }
}

fn object(values: &BTreeMap<Arc<str>, Value>, indent: usize, to: &mut String) {
    if values.is_empty() {
        to.push_str("{}");
        return;
    }
    to.push_str("{\n");
    for (key, it) in values {
        to.push_str(&" ".repeat(indent + 2));
        if is_name(key) {
            to.push_str(key);
        } else {
            quoted(key, to);
        }
        to.push_str(" = ");
        super::deep(|| expression(it, indent + 2, to));
        to.push('\n');
    }
    to.push_str(&" ".repeat(indent));
    to.push('}');
}

fn quoted(text: &str, to: &mut String) {
    to.push('"');
    let mut chars = text.chars().peekable();
    while let Some(it) = chars.next() {
        match it {
            '"' => to.push_str("\\\""),
            '\\' => to.push_str("\\\\"),
            '\n' => to.push_str("\\n"),
            '\r' => to.push_str("\\r"),
            '\t' => to.push_str("\\t"),
            '$' | '%' if chars.peek() == Some(&'{') => {
                to.push(it);
                to.push(it);
            }
            _ => to.push(it),
        }
    }
    to.push('"');
}

fn decode(text: &str) -> Result<Value, CallError> {
    let mut sources = diag::SourceMap::new();
    let source = sources.add("<decode_tfvars argument>", text);
    let mut diags = Diagnostics::new();
    let file = hcl::parse(source, text, &mut diags);
    let mut values = BTreeMap::new();
    if let Some(block) = file.body.blocks.first() {
        return Err(CallError::new(format!(
            "there is a block {}, and only attributes are allowed",
            value::show::quoted(&block.kind.name)
        )));
    }
    for it in &file.body.attributes {
        let value = crate::eval::constant(&it.expr, &mut diags);
        values.insert(Arc::<str>::from(it.name.name.as_str()), value);
    }
    if let Some(it) = diags.iter().find(|it| it.is_error()) {
        return Err(CallError::new(format!(
            "the text is not that of a .tfvars file: {}: {}",
            it.summary,
            it.detail.trim_end_matches('.')
        )));
    }
    Ok(Value::object(values))
}
