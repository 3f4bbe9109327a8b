//! The function library: rows.
//!
//! A family of functions is a file with a `rows()`. Adding a function is adding a row: its name, one sentence, its
//! parameters, its body, and at least one example, which the tests run. What a row says is what the metadata and the
//! reference page say. The algorithms that are longer than a row have files of their own: [`regex`], [`yaml`],
//! [`verbs`], [`deflate`], [`graphemes`], [`json`], [`csv`], [`charset`], [`rsa`], [`paths`].

mod collection;
mod convert;
mod encoding;
mod file;
mod format;
mod hash;
mod net;
mod number;
mod provider;
mod set;
mod text;
mod time;

mod charset;
mod csv;
mod deflate;
mod graphemes;
mod json;
mod paths;
mod regex;
mod rsa;
mod verbs;
mod yaml;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use serde_json::json as j;
use value::function::{Call, CallError, Function, Param, result_type};
use value::{Plain, Type, Unknown, Value};

/// All functions by name.
pub fn all() -> &'static BTreeMap<&'static str, Function> {
    static ALL: LazyLock<BTreeMap<&'static str, Function>> = LazyLock::new(|| {
        by_name([
            text::rows(),
            number::rows(),
            collection::rows(),
            set::rows(),
            convert::rows(),
            encoding::rows(),
            hash::rows(),
            format::rows(),
            time::rows(),
            net::rows(),
            file::rows(),
        ])
    });
    &ALL
}

/// The functions of the built-in provider, by the name after `provider::terraform::`.
pub fn terraform() -> &'static BTreeMap<&'static str, Function> {
    static ALL: LazyLock<BTreeMap<&'static str, Function>> =
        LazyLock::new(|| by_name([provider::rows()]));
    &ALL
}

/// The signatures of all functions, as `metadata functions -json` prints them.
pub fn metadata() -> serde_json::Value {
    let mut signatures = BTreeMap::new();
    for (name, function) in all() {
        let signature = signature(function);
        signatures.insert(format!("core::{name}"), signature.clone());
        signatures.insert((*name).to_owned(), signature);
    }
    j!({ "format_version": "1.0", "function_signatures": signatures })
}

/// The signatures of the functions of the provider `terraform`, as `providers schema -json` prints them.
pub fn provider_metadata() -> serde_json::Value {
    let signatures = terraform().iter().map(|(name, function)| {
        let full = signature(function);
        let parameters: Vec<serde_json::Value> = full["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|it| j!({"name": it["name"], "type": it["type"]}))
            .collect();
        let entry = j!({
            "description": function.doc,
            "summary": function.doc,
            "return_type": full["return_type"],
            "parameters": parameters,
        });
        ((*name).to_owned(), entry)
    });
    serde_json::Value::Object(signatures.collect())
}

/// The text of `docs/reference/functions.md`.
pub fn reference_md() -> String {
    let mut res = String::from(
        "# Functions\n\n\
         <!-- Generated from the rows in crates/lang/src/functions; do not edit. -->\n\n\
         Each can also be called with the prefix `core::`. Examples are followed by what the console prints.\n",
    );
    let sections = [("", all()), ("provider::terraform::", terraform())];
    for (prefix, functions) in sections {
        for (name, function) in functions {
            let mut params: Vec<String> = function
                .params
                .iter()
                .map(|it| it.name.to_owned())
                .collect();
            params.extend(function.variadic.iter().map(|it| format!("{}...", it.name)));
            let _ = write!(
                res,
                "\n## {prefix}{name}\n\n`{prefix}{name}({})` → {}\n\n{}\n",
                params.join(", "),
                returned(function).map_or_else(|| "any".to_owned(), |it| reader_type(&it)),
                function.doc
            );
            let kinds: Vec<String> = function
                .params
                .iter()
                .chain(&function.variadic)
                .map(|it| format!("- `{}`: {}", it.name, reader_type(&it.ty)))
                .collect();
            if !kinds.is_empty() {
                let _ = write!(res, "\n{}\n", kinds.join("\n"));
            }
            for (expr, output) in &function.examples {
                let _ = write!(res, "\n```\n> {expr}\n{output}\n```\n");
            }
        }
    }
    res
}

fn by_name<const N: usize>(families: [Vec<Function>; N]) -> BTreeMap<&'static str, Function> {
    families
        .into_iter()
        .flatten()
        .map(|it| (it.name, it))
        .collect()
}

/// The type of what a function gives, as its signature says it; dynamic where it depends on the arguments.
pub fn return_type(function: &Function) -> Type {
    returned(function)
        .unwrap_or(Type::Dynamic)
        .without_optional()
}

fn signature(function: &Function) -> serde_json::Value {
    let mut res = serde_json::Map::new();
    res.insert("description".to_owned(), function.doc.into());
    res.insert(
        "return_type".to_owned(),
        value::json::type_to_json(&return_type(function)),
    );
    if !function.params.is_empty() {
        let params: Vec<serde_json::Value> = function.params.iter().map(param).collect();
        res.insert("parameters".to_owned(), params.into());
    }
    if let Some(it) = &function.variadic {
        res.insert("variadic_parameter".to_owned(), param(it));
    }
    serde_json::Value::Object(res)
}

fn param(it: &Param) -> serde_json::Value {
    let mut res = serde_json::Map::new();
    res.insert("name".to_owned(), it.name.into());
    if it.null {
        res.insert("is_nullable".to_owned(), true.into());
    }
    res.insert("type".to_owned(), value::json::type_to_json(&it.ty));
    serde_json::Value::Object(res)
}

/// The type of the result where nothing is known of the arguments but what the parameters say.
fn returned(function: &Function) -> Option<Type> {
    let args: Vec<Value> = function
        .params
        .iter()
        .chain(&function.variadic)
        .map(|it| Value::unknown(it.ty.clone()))
        .collect();
    result_type(function, &args).ok()
}

fn reader_type(ty: &Type) -> String {
    value::show::type_name(ty).replace("dynamic", "any")
}

/// Runs what calls itself once for each level of a value, however deep that is.
fn deep<R>(run: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(128 << 10, 2 << 20, run)
}

/// A whole number that fits 64 bits; the call as a whole is to blame where it is none.
fn whole(call: &Call<'_>, at: usize, what: &str) -> Result<i64, CallError> {
    whole_of(&call.arg(at), what).map_err(CallError::new)
}

fn whole_of(value: &Value, what: &str) -> Result<i64, String> {
    let Some(number) = value.as_number() else {
        return Err(format!("{what} must be a number"));
    };
    number.to_i64().ok_or_else(|| {
        if number.is_whole() {
            format!("{what} is too large")
        } else {
            format!("{what} must be a whole number")
        }
    })
}

/// A list of strings.
fn strings<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Value {
    Value::list(
        Type::String,
        texts.into_iter().map(|it| Value::string(it)).collect(),
    )
}

/// An unknown string of which the beginning is known. The last character may yet combine with what follows.
fn unknown_after(prefix: &str) -> Value {
    let unknown = Unknown::of(Type::String).not_null();
    let sure = graphemes::sure_prefix(prefix);
    if sure.is_empty() {
        return unknown.settle();
    }
    unknown.prefix(sure).settle()
}

/// An element's place in error messages and marks taken off, for bodies that look inside arguments with marks.
fn unmarked(value: &Value) -> (Plain, value::Marks) {
    value.clone().split()
}

#[cfg(test)]
mod tests {
    use super::*;
    use diag::{Diagnostics, SourceMap};
    use value::function::World;

    /// A world without files, in which the time stands still.
    struct Still;

    impl World for Still {
        fn read_file(&self, _path: &str) -> Result<Vec<u8>, String> {
            Err("there is no such file".to_owned())
        }
        fn file_exists(&self, _path: &str) -> Result<bool, String> {
            Ok(false)
        }
        fn list_files(&self, _directory: &str) -> Result<Vec<String>, String> {
            Ok(Vec::new())
        }
        fn absolute(&self, path: &str) -> String {
            path.to_owned()
        }
        fn home(&self) -> Option<String> {
            Some("/home/me".to_owned())
        }
        fn now(&self) -> Option<String> {
            Some("2026-01-02T03:04:05Z".to_owned())
        }
        fn plan_time(&self) -> Option<String> {
            self.now()
        }
        fn random(&self, bytes: &mut [u8]) -> bool {
            bytes.fill(7);
            true
        }
        fn render(&self, _name: &str, text: &str, _vars: &Value) -> Result<Value, CallError> {
            Ok(text.into())
        }
    }

    impl crate::Scope for Still {
        fn value(&self, _reference: &addr::Reference, _diags: &mut Diagnostics) -> Value {
            Value::dynamic()
        }
        fn world(&self) -> &dyn World {
            self
        }
    }

    fn console(expr: &str) -> String {
        let mut sources = SourceMap::new();
        let mut diags = Diagnostics::new();
        let source = sources.add("<test>", expr);
        let parsed = hcl::parse_expr(source, expr, 0, &mut diags);
        let value = crate::eval(&parsed, &Still, &mut diags);
        let problems: Vec<String> = diags
            .iter()
            .map(|it| format!("{}: {}", it.summary, it.detail))
            .collect();
        if problems.is_empty() {
            value::show::console(&value)
        } else {
            problems.join("\n")
        }
    }

    #[test]
    fn examples_give_what_they_say() {
        let mut wrong = Vec::new();
        for function in all().values() {
            assert!(
                !function.examples.is_empty() || function.name == "templatestring",
                "{} has no example",
                function.name
            );
            for (expr, expected) in &function.examples {
                let actual = console(expr);
                if actual != *expected {
                    wrong.push(format!("{expr}: {actual}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        for function in terraform().values() {
            for (expr, expected) in &function.examples {
                let inner = expr.trim_end_matches(')').split_once('(').unwrap().1;
                let mut sources = SourceMap::new();
                let mut diags = Diagnostics::new();
                let source = sources.add("<test>", inner);
                let parsed = hcl::parse_expr(source, inner, 0, &mut diags);
                let arg = crate::eval::constant(&parsed, &mut diags);
                let res = value::function::call(function, &[arg], &Still).unwrap();
                assert_eq!(value::show::console(&res), *expected, "{expr}");
            }
        }
    }

    /// Calls with random arguments, and the JSON of what the reference gives; `ERR` for an error.
    #[test]
    fn recorded_calls() {
        let recorded = include_str!("../../../testdata/functions/calls.json");
        let cases: Vec<(String, String)> = serde_json::from_str(recorded).unwrap();
        let mut wrong = Vec::new();
        for (expr, expected) in &cases {
            let actual = json_of(expr);
            if actual != *expected {
                wrong.push(format!("{expr}\n  wanted {expected}\n  actual {actual}"));
            }
        }
        assert!(
            wrong.is_empty(),
            "{} of {}\n{}",
            wrong.len(),
            cases.len(),
            wrong.join("\n")
        );
    }

    fn json_of(expr: &str) -> String {
        let mut sources = SourceMap::new();
        let mut diags = Diagnostics::new();
        let text = format!("jsonencode({expr})");
        let source = sources.add("<test>", text.as_str());
        let parsed = hcl::parse_expr(source, &text, 0, &mut diags);
        let value = crate::eval(&parsed, &Still, &mut diags);
        match value.as_str() {
            Some(text) if !diags.has_errors() => text.to_owned(),
            _ => "ERR".to_owned(),
        }
    }

    /// `UPDATE=1` writes the page.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "the page is a file")]
    fn the_reference_page_is_generated() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../docs/reference/functions.md"
        );
        if std::env::var("UPDATE").is_ok() {
            std::fs::write(path, reference_md()).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), reference_md());
    }

    #[test]
    fn deep_values_do_not_overflow_the_stack() {
        let nested = |it: &str| {
            let depth = 450;
            let (open, close) = ("[".repeat(depth), "]".repeat(depth));
            format!("jsondecode(\"{open}{it}{close}\")")
        };
        for expr in [
            format!("length(yamlencode({}))", nested("1")),
            format!("length(distinct([{0}, {0}]))", nested("1")),
            format!("length(flatten({}))", nested("1")),
        ] {
            let res = console(&expr);
            assert!(res.bytes().all(|it| it.is_ascii_digit()), "{res}");
        }
    }

    #[test]
    fn docs_are_sentences() {
        for function in all().values().chain(terraform().values()) {
            let doc = function.doc;
            assert!(
                doc.ends_with('.') && doc.starts_with(char::is_uppercase),
                "{doc}"
            );
        }
    }

    #[test]
    fn signatures_are_those_of_the_reference() {
        let recorded = include_str!("../../../testdata/functions/signatures.json");
        let mut expected: serde_json::Value = serde_json::from_str(recorded).unwrap();
        let mut actual = metadata();
        for it in [&mut expected, &mut actual] {
            let signatures = it["function_signatures"].as_object_mut().unwrap();
            for signature in signatures.values_mut() {
                let signature = signature.as_object_mut().unwrap();
                signature.remove("description");
                for param in signature
                    .get_mut("parameters")
                    .and_then(|it| it.as_array_mut())
                    .into_iter()
                    .flatten()
                {
                    param.as_object_mut().unwrap().remove("description");
                }
                if let Some(it) = signature.get_mut("variadic_parameter") {
                    it.as_object_mut().unwrap().remove("description");
                }
            }
        }
        let actual = actual["function_signatures"].as_object().unwrap();
        let expected = expected["function_signatures"].as_object().unwrap();
        let different: Vec<String> = expected
            .iter()
            .filter(|(name, it)| actual.get(*name) != Some(it))
            .map(|(name, it)| format!("{name}: {it} {:?}", actual.get(name)))
            .collect();
        assert!(different.is_empty(), "{different:#?}");
        assert_eq!(actual.len(), expected.len());
    }

    /// Any value, not deep; texts are such as functions look into.
    fn any_value() -> impl proptest::strategy::Strategy<Value = Value> {
        use proptest::prelude::*;
        let text = prop_oneof![
            ".{0,12}",
            "[-a-z0-9%\\[\\]{}()*+?.:,/'\"# \n|&!<>=$^\\\\é]{0,16}",
            "[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}/[0-9]{1,3}",
            "20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:00:00Z",
        ];
        let leaf = prop_oneof![
            4 => text.prop_map(Value::from),
            3 => prop_oneof![-3_i64..40, any::<i64>()].prop_map(Value::from),
            1 => any::<f64>().prop_map(|it| value::Number::from_f64(it).into()),
            1 => any::<bool>().prop_map(Value::from),
            1 => Just(Value::null(Type::Dynamic)),
            1 => Just(Value::dynamic()),
            1 => Just(Value::unknown(Type::list(Type::String))),
        ];
        leaf.prop_recursive(2, 12, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::tuple),
                proptest::collection::btree_map("[ab%]{0,2}", inner, 0..3)
                    .prop_map(|it| Value::object(it.into_iter().collect::<Vec<_>>())),
            ]
        })
        .prop_flat_map(
            |it| prop_oneof![3 => Just(it.clone()), 1 => Just(it.mark(value::Mark::Sensitive))],
        )
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]

        #[test]
        fn no_call_panics(args in proptest::collection::vec(any_value(), 0..4)) {
            for function in all().values().chain(terraform().values()) {
                // Hashing passwords is slow by purpose.
                if function.name != "bcrypt" {
                    let _ = value::function::call(function, &args, &Still);
                }
            }
        }
    }
}
