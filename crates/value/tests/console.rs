//! Everything that the reference's console printed in the recorded cases, read and printed again.

use std::sync::Arc;

use value::show::console;
use value::{Mark, Plain, Type, Value, unify};

/// The recorded files, and how many outputs of each are values.
const RECORDED: [(&str, &str); 24] = [
    (
        "conditional",
        include_str!("../../../testdata/conformance/expr/conditional.json"),
    ),
    (
        "console_misc",
        include_str!("../../../testdata/conformance/expr/console_misc.json"),
    ),
    (
        "equality",
        include_str!("../../../testdata/conformance/expr/equality.json"),
    ),
    (
        "fn_cidr",
        include_str!("../../../testdata/conformance/expr/fn_cidr.json"),
    ),
    (
        "fn_collection",
        include_str!("../../../testdata/conformance/expr/fn_collection.json"),
    ),
    (
        "fn_datetime",
        include_str!("../../../testdata/conformance/expr/fn_datetime.json"),
    ),
    (
        "fn_encoding",
        include_str!("../../../testdata/conformance/expr/fn_encoding.json"),
    ),
    (
        "fn_format",
        include_str!("../../../testdata/conformance/expr/fn_format.json"),
    ),
    (
        "fn_numeric",
        include_str!("../../../testdata/conformance/expr/fn_numeric.json"),
    ),
    (
        "fn_regex",
        include_str!("../../../testdata/conformance/expr/fn_regex.json"),
    ),
    (
        "fn_set",
        include_str!("../../../testdata/conformance/expr/fn_set.json"),
    ),
    (
        "fn_string",
        include_str!("../../../testdata/conformance/expr/fn_string.json"),
    ),
    (
        "fn_template",
        include_str!("../../../testdata/conformance/expr/fn_template.json"),
    ),
    (
        "fn_type",
        include_str!("../../../testdata/conformance/expr/fn_type.json"),
    ),
    (
        "for_exprs",
        include_str!("../../../testdata/conformance/expr/for_exprs.json"),
    ),
    (
        "index_traversal",
        include_str!("../../../testdata/conformance/expr/index_traversal.json"),
    ),
    (
        "matrix_arguments",
        include_str!("../../../testdata/conformance/expr/matrix_arguments.json"),
    ),
    (
        "matrix_functions",
        include_str!("../../../testdata/conformance/expr/matrix_functions.json"),
    ),
    (
        "matrix_operators",
        include_str!("../../../testdata/conformance/expr/matrix_operators.json"),
    ),
    (
        "nested",
        include_str!("../../../testdata/conformance/expr/nested.json"),
    ),
    (
        "numbers",
        include_str!("../../../testdata/conformance/expr/numbers.json"),
    ),
    (
        "operators",
        include_str!("../../../testdata/conformance/expr/operators.json"),
    ),
    (
        "splat",
        include_str!("../../../testdata/conformance/expr/splat.json"),
    ),
    (
        "templates",
        include_str!("../../../testdata/conformance/expr/templates.json"),
    ),
];

#[test]
fn recorded_outputs() {
    let mut wrong = Vec::new();
    let mut read = 0;
    for (name, text) in RECORDED {
        let cases: serde_json::Value = serde_json::from_str(text).expect("JSON");
        for case in cases.as_array().expect("cases") {
            let Some(output) = case["result"]["output"]
                .as_str()
                .filter(|it| !it.is_empty())
            else {
                continue;
            };
            let expression = &case["expr"];
            match Reader::read(output) {
                Some(value) => {
                    read += 1;
                    let printed = console(&value);
                    if printed != output {
                        wrong.push(format!(
                            "{name}: {expression}\n{output}\n-- but --\n{printed}"
                        ));
                    }
                }
                None if expression.as_str().is_some_and(|it| it.contains("type(")) => {}
                None if expression == "help" || output.contains("Warning:") => {}
                None => wrong.push(format!("{name}: {expression}\nnot read:\n{output}")),
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\n{} wrong of {read}",
        wrong.join("\n"),
        wrong.len()
    );
    assert!(read > 1500, "only {read} outputs were read");
}

#[test]
fn texts() {
    for (text, printed) in [
        ("a", r#""a""#),
        ("", r#""""#),
        ("a\"b\\", r#""a\"b\\""#),
        ("${x} %{y}", r#""${x} %{y}""#),
        (
            "a\tb\u{200b}c\0\u{1f}\u{7f}",
            r#""a\tb\u200bc\x00\x1f\x7f""#,
        ),
        ("é日🎉", r#""é日🎉""#),
        ("\u{e000}\u{10ffff}", r#""\ue000\U0010ffff""#),
        ("\n", "<<EOT\n\n\nEOT"),
        ("a\nb", "<<EOT\na\nb\nEOT"),
        ("EOT\n x", "<<EOT_\nEOT\n x\nEOT_"),
    ] {
        assert_eq!(console(&Value::from(text)), printed);
    }
    let nested = Value::object([("a", Value::tuple(vec![Value::from("x\ny\n")]))]);
    assert_eq!(
        console(&nested),
        "{\n  \"a\" = [\n    <<-EOT\n    x\n    y\n    \n    EOT,\n  ]\n}"
    );
}

#[test]
fn what_is_not_shown() {
    for (value, printed) in [
        (Value::from("x").mark(Mark::Sensitive), "(sensitive value)"),
        (Value::from("x").mark(Mark::Ephemeral), "(ephemeral value)"),
        (Value::unknown(Type::String), "(known after apply)"),
        (
            Value::unknown(Type::String).mark(Mark::Sensitive),
            "(known after apply)",
        ),
        (
            Value::null(Type::String).mark(Mark::Sensitive),
            "(sensitive value)",
        ),
        (Value::null(Type::Dynamic), "null"),
        (Value::null(Type::String), "tostring(null)"),
        (
            Value::null(Type::list(Type::Dynamic)),
            "tolist(null) /* of dynamic */",
        ),
        (
            Value::null(Type::map(Type::set(Type::Bool))),
            "tomap(null) /* of set of bool */",
        ),
        (Value::null(Type::tuple([])), "null /* tuple */"),
        (
            Value::from("list(string)").mark(Mark::ConsoleType),
            "list(string)",
        ),
    ] {
        assert_eq!(console(&value), printed);
    }
}

/// A reader of what the console prints.
struct Reader<'a> {
    rest: &'a str,
    indent: usize,
}

impl<'a> Reader<'a> {
    fn read(text: &'a str) -> Option<Value> {
        let mut reader = Reader {
            rest: text,
            indent: 0,
        };
        let value = reader.value()?;
        reader.rest.is_empty().then_some(value)
    }

    fn takes(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn value(&mut self) -> Option<Value> {
        for (text, value) in [
            ("(sensitive value)", Value::from("x").mark(Mark::Sensitive)),
            ("(ephemeral value)", Value::from("x").mark(Mark::Ephemeral)),
            ("(known after apply)", Value::dynamic()),
            ("tostring(null)", Value::null(Type::String)),
            ("tonumber(null)", Value::null(Type::Number)),
            ("tobool(null)", Value::null(Type::Bool)),
            (
                "null /* object */",
                Value::null(Type::object::<Arc<str>>([])),
            ),
            ("null /* tuple */", Value::null(Type::tuple([]))),
            ("null", Value::null(Type::Dynamic)),
            ("true", Value::from(true)),
            ("false", Value::from(false)),
        ] {
            if self.takes(text) {
                return Some(value);
            }
        }
        for (text, make) in [
            ("tolist(null) /* of ", Type::list as fn(Type) -> Type),
            ("toset(null) /* of ", Type::set),
            ("tomap(null) /* of ", Type::map),
        ] {
            if self.takes(text) {
                let (name, rest) = self.rest.split_once(" */")?;
                self.rest = rest;
                return friendly(name).map(|it| Value::null(make(it)));
            }
        }
        if self.takes("tolist(") {
            let values = self.elements()?;
            let element = common(values.iter());
            return self.takes(")").then(|| Value::list(element, values));
        }
        if self.takes("toset(") {
            let values = self.elements()?;
            let element = common(values.iter());
            return self.takes(")").then(|| Value::set(element, values));
        }
        if self.takes("tomap(") {
            let (plain, _) = self.entries()?.split();
            let Plain::Object(values) = plain else {
                return None;
            };
            let element = common(values.values());
            return self
                .takes(")")
                .then(|| Value::map(element, Arc::unwrap_or_clone(values)));
        }
        if self.rest.starts_with('[') {
            return self.elements().map(Value::tuple);
        }
        if self.rest.starts_with('{') {
            return self.entries();
        }
        if self.rest.starts_with("<<") {
            return self.heredoc();
        }
        if self.rest.starts_with('"') {
            return self.quoted().map(Value::from);
        }
        let end = self.rest.find([',', '\n']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        value::Number::parse(word).map(Value::from)
    }

    fn elements(&mut self) -> Option<Vec<Value>> {
        let mut res = Vec::new();
        if self.takes("[]") {
            return Some(res);
        }
        if !self.takes("[\n") {
            return None;
        }
        self.indent += 2;
        while self.takes(&" ".repeat(self.indent)) {
            res.push(self.value()?);
            if !self.takes(",\n") {
                return None;
            }
        }
        self.indent -= 2;
        (self.takes(&" ".repeat(self.indent)) && self.takes("]")).then_some(res)
    }

    fn entries(&mut self) -> Option<Value> {
        let mut res = Vec::new();
        if self.takes("{}") {
            return Some(Value::object::<Arc<str>>([]));
        }
        if !self.takes("{\n") {
            return None;
        }
        self.indent += 2;
        while self.takes(&" ".repeat(self.indent)) {
            let key = self.quoted()?;
            if !self.takes(" = ") {
                return None;
            }
            res.push((key, self.value()?));
            if !self.takes("\n") {
                return None;
            }
        }
        self.indent -= 2;
        (self.takes(&" ".repeat(self.indent)) && self.takes("}")).then(|| Value::object(res))
    }

    fn heredoc(&mut self) -> Option<Value> {
        let (head, rest) = self.rest.split_once('\n')?;
        let end = head.trim_start_matches('<').trim_start_matches('-');
        let spaces = " ".repeat(self.indent);
        let (text, rest) = rest.split_once(&format!("\n{spaces}{end}"))?;
        self.rest = rest;
        let lines: Option<Vec<&str>> = text
            .split('\n')
            .map(|line| line.strip_prefix(spaces.as_str()))
            .collect();
        Some(Value::from(lines?.join("\n")))
    }

    fn quoted(&mut self) -> Option<String> {
        let mut res = String::new();
        let mut letters = self.rest.char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Some(res);
                }
                '\\' => res.push(match letters.next()?.1 {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'a' => '\u{7}',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'v' => '\u{b}',
                    'x' => letters_code(&mut letters, 2)?,
                    'u' => letters_code(&mut letters, 4)?,
                    'U' => letters_code(&mut letters, 8)?,
                    other => other,
                }),
                _ => res.push(letter),
            }
        }
        None
    }
}

fn letters_code(letters: &mut impl Iterator<Item = (usize, char)>, digits: usize) -> Option<char> {
    let text: String = letters.take(digits).map(|it| it.1).collect();
    u32::from_str_radix(&text, 16).ok().and_then(char::from_u32)
}

fn friendly(name: &str) -> Option<Type> {
    Some(match name {
        "dynamic" => Type::Dynamic,
        "string" => Type::String,
        "number" => Type::Number,
        "bool" => Type::Bool,
        "tuple" => Type::tuple([]),
        "object" => Type::object::<Arc<str>>([]),
        _ => match name.split_once(" of ")? {
            ("list", of) => Type::list(friendly(of)?),
            ("set", of) => Type::set(friendly(of)?),
            ("map", of) => Type::map(friendly(of)?),
            _ => return None,
        },
    })
}

fn common<'a>(values: impl Iterator<Item = &'a Value>) -> Type {
    let types: Vec<Type> = values.map(Value::ty).collect();
    unify(&types).unwrap_or(Type::Dynamic)
}
