//! Values and types as the tables of `docs/values.md` write them, on one line:
//! `["a", 1]`, `{a = 1}`, `tolist([1])`, `toset([1])`, `tomap({a = 1})`, `empty(list(string))`, `null`,
//! `null(string)`, `unknown`, `unknown(string)`, `notnull(string)`, `sensitive("a")`.

use std::collections::BTreeSet;
use std::sync::Arc;

use value::{Mark, Number, ObjectType, Plain, Type, Unknown, Value, unify};

/// The value that a text says.
pub(crate) fn value(text: &str) -> Value {
    let mut reader = Reader(text);
    let res = reader.value();
    assert_eq!(reader.0.trim(), "", "after the value in {text}");
    res
}

/// The type that a text says.
pub(crate) fn ty(text: &str) -> Type {
    let mut reader = Reader(text);
    let res = reader.ty();
    assert_eq!(reader.0.trim(), "", "after the type in {text}");
    res
}

/// The types that a text says, with commas between.
pub(crate) fn types(text: &str) -> Vec<Type> {
    let mut reader = Reader(text);
    let mut res = vec![reader.ty()];
    while reader.takes(",") {
        res.push(reader.ty());
    }
    assert_eq!(reader.0.trim(), "", "after the types in {text}");
    res
}

/// The rows of the tables under a heading of `docs/values.md`, cell by cell; backticks taken off.
pub(crate) fn rows(heading: &str) -> Vec<Vec<String>> {
    let text = include_str!("../../../docs/values.md");
    let res: Vec<Vec<String>> = text
        .lines()
        .skip_while(|line| line.trim_start_matches('#').trim() != heading)
        .skip(1)
        .take_while(|line| !line.starts_with('#'))
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            line.trim()
                .trim_matches('|')
                .split(" | ")
                .map(|cell| cell.trim().trim_matches('`').to_owned())
                .collect()
        })
        .collect();
    assert!(!res.is_empty(), "no rows under {heading}");
    res
}

struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    fn takes(&mut self, text: &str) -> bool {
        let rest = self.0.trim_start().strip_prefix(text);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn expect(&mut self, text: &str) {
        assert!(self.takes(text), "{text} expected at {}", self.0);
    }

    fn word(&mut self) -> &'a str {
        self.0 = self.0.trim_start();
        let end = self
            .0
            .find(|it: char| !(it.is_alphanumeric() || it == '_' || it == '.' || it == '-'))
            .unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(end);
        self.0 = rest;
        word
    }

    fn value(&mut self) -> Value {
        if self.takes("\"") {
            let (text, rest) = self.0.split_once('"').expect("a closing quote");
            self.0 = rest;
            return Value::from(text.replace("\\n", "\n"));
        }
        if self.takes("[") {
            return Value::tuple(self.elements());
        }
        if self.takes("{") {
            let mut res = Vec::new();
            while !self.takes("}") {
                let name = self.word();
                self.expect("=");
                res.push((name, self.value()));
                self.takes(",");
            }
            return Value::object(res);
        }
        match self.word() {
            "true" => Value::from(true),
            "false" => Value::from(false),
            "null" => Value::null(self.of()),
            "unknown" => Value::unknown(self.of()),
            "notnull" => Value::new(Plain::Unknown(Box::new(Unknown::of(self.of()).not_null()))),
            "sensitive" => {
                self.expect("(");
                let res = self.value().mark(Mark::Sensitive);
                self.expect(")");
                res
            }
            "empty" => match self.of() {
                Type::List(element) => Value::list(Type::clone(&element), vec![]),
                Type::Set(element) => Value::set(Type::clone(&element), vec![]),
                Type::Map(element) => Value::map(Type::clone(&element), [].into()),
                other => panic!("empty {other:?}"),
            },
            "tolist" => {
                self.expect("([");
                let (element, values) = same_type(self.elements());
                self.expect(")");
                Value::list(element, values)
            }
            "toset" => {
                self.expect("([");
                let (element, values) = same_type(self.elements());
                self.expect(")");
                Value::set(element, values)
            }
            "tomap" => {
                self.expect("(");
                let (plain, _) = self.value().split();
                self.expect(")");
                let Plain::Object(values) = plain else {
                    panic!("a map of {plain:?}")
                };
                let (element, list) = same_type(values.values().cloned().collect());
                Value::map(element, values.keys().cloned().zip(list).collect())
            }
            word => {
                Value::from(Number::parse(word).unwrap_or_else(|| panic!("{word} is no value")))
            }
        }
    }

    fn elements(&mut self) -> Vec<Value> {
        let mut res = Vec::new();
        while !self.takes("]") {
            res.push(self.value());
            self.takes(",");
        }
        res
    }

    /// A type in parentheses, or any.
    fn of(&mut self) -> Type {
        if !self.takes("(") {
            return Type::Dynamic;
        }
        let res = self.ty();
        self.expect(")");
        res
    }

    fn ty(&mut self) -> Type {
        match self.word() {
            "any" => Type::Dynamic,
            "bool" => Type::Bool,
            "number" => Type::Number,
            "string" => Type::String,
            "list" => Type::list(self.of()),
            "set" => Type::set(self.of()),
            "map" => Type::map(self.of()),
            "tuple" => {
                self.expect("([");
                let mut res = Vec::new();
                while !self.takes("]") {
                    res.push(self.ty());
                    self.takes(",");
                }
                self.expect(")");
                Type::tuple(res)
            }
            "object" => {
                self.expect("({");
                let mut res = ObjectType::default();
                let mut optional = BTreeSet::new();
                while !self.takes("}") {
                    let name: Arc<str> = self.word().into();
                    self.expect("=");
                    if self.takes("optional(") {
                        optional.insert(name.clone());
                        res.attributes.insert(name, self.ty());
                        self.expect(")");
                    } else {
                        res.attributes.insert(name, self.ty());
                    }
                    self.takes(",");
                }
                self.expect(")");
                res.optional = optional;
                Type::Object(Arc::new(res))
            }
            word => panic!("{word:?} is no type, before {}", self.0),
        }
    }
}

fn same_type(values: Vec<Value>) -> (Type, Vec<Value>) {
    let types: Vec<Type> = values.iter().map(Value::ty).collect();
    let element = unify(&types).unwrap_or(Type::Dynamic);
    let values = values
        .iter()
        .map(|it| value::convert(it, &element).expect("elements of one type"))
        .collect();
    (element, values)
}
