//! Validation of input, with the words and quirks of the zod schemas of Dokploy.
//!
//! A procedure's input is a list of [`Field`]s, written with the functions here:
//! `text("username").trim().min(1)`, `text("description").nullable().nonoptional()`, `number("port")`.
//! Fields that are not in the list are dropped in silence, as Dokploy does.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::settings::Version;

/// One member of a procedure's input.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    shape: Shape,
    presence: Presence,
    nullable: bool,
    coerced: bool,
    /// Coerced once this procedure was called, see [`Field::coerced_after`].
    coerced_after: Option<&'static str>,
    /// Optional in versions before this one.
    required_since: Version,
    /// Dropped in versions before this one.
    since: Version,
    /// Dropped in this version and later ones.
    until: Option<Version>,
}

#[derive(Clone, Copy)]
enum Shape {
    Text {
        min: usize,
        /// The message for texts that are too short; empty for zod's own.
        too_short: &'static str,
        max: usize,
        trim: bool,
        rule: Rule,
    },
    Number {
        min: Option<Bound>,
        max: Option<Bound>,
    },
    Bool,
    OneOf(&'static [&'static str]),
    /// Strings, each of which must have a form.
    Texts(Option<&'static Pattern>),
    /// Objects.
    Objects,
    /// An object with no other members than these; with any if there are none.
    Object(&'static [&'static str]),
    Any,
}

/// What a member of an input takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A number.
    Number,
    /// True or false.
    Bool,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// A list of texts.
    Texts,
    /// A list of objects.
    Objects,
    /// An object.
    Object,
    /// Anything.
    Any,
}

#[derive(Clone, Copy)]
enum Rule {
    Free,
    /// Gives the message of what is wrong.
    Check(fn(&str) -> Option<&'static str>),
    Pattern(&'static Pattern),
}

/// A regular expression that error bodies quote, and a function that decides the same.
pub(crate) struct Pattern {
    pub(crate) regex: &'static str,
    pub(crate) message: &'static str,
    pub(crate) holds: fn(&str) -> bool,
}

/// A limit of a number, and the message when it is passed; an empty message stands for zod's own.
#[derive(Clone, Copy)]
struct Bound {
    limit: i64,
    message: &'static str,
}

#[derive(Clone, Copy, PartialEq)]
enum Presence {
    /// Missing is an error that names the type.
    Required,
    /// Missing is an error that says "nonoptional": the field of a partial schema that was made required again.
    Nonoptional,
    Optional,
    /// Missing is this JSON.
    Default(&'static str),
}

const fn field(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        shape,
        presence: Presence::Required,
        nullable: false,
        coerced: false,
        coerced_after: None,
        required_since: Version::V0_26_5,
        since: Version::V0_26_5,
        until: None,
    }
}

/// A string.
pub(crate) const fn text(name: &'static str) -> Field {
    field(
        name,
        Shape::Text {
            min: 0,
            too_short: "",
            max: usize::MAX,
            trim: false,
            rule: Rule::Free,
        },
    )
}

/// A number.
pub(crate) const fn number(name: &'static str) -> Field {
    field(
        name,
        Shape::Number {
            min: None,
            max: None,
        },
    )
}

/// A truth value.
pub(crate) const fn boolean(name: &'static str) -> Field {
    field(name, Shape::Bool)
}

/// One of some strings.
pub(crate) const fn one_of(name: &'static str, values: &'static [&'static str]) -> Field {
    field(name, Shape::OneOf(values))
}

/// A list of strings.
pub(crate) const fn texts(name: &'static str) -> Field {
    field(name, Shape::Texts(None))
}

/// A list of objects whose members are not looked at.
pub(crate) const fn objects(name: &'static str) -> Field {
    field(name, Shape::Objects)
}

/// An object with these members; with any if there are none.
pub(crate) const fn object(name: &'static str, members: &'static [&'static str]) -> Field {
    field(name, Shape::Object(members))
}

/// Anything that JSON can say.
pub(crate) const fn any(name: &'static str) -> Field {
    field(name, Shape::Any)
}

impl Field {
    /// What it takes.
    pub(crate) fn kind(&self) -> Kind {
        match self.shape {
            Shape::Text { .. } => Kind::Text,
            Shape::Number { .. } => Kind::Number,
            Shape::Bool => Kind::Bool,
            Shape::OneOf(it) => Kind::OneOf(it),
            Shape::Texts(_) => Kind::Texts,
            Shape::Objects => Kind::Objects,
            Shape::Object(_) => Kind::Object,
            Shape::Any => Kind::Any,
        }
    }

    /// Whether a version demands it, or takes false for it where it is missing.
    pub(crate) fn is_required(&self, version: Version) -> bool {
        match self.presence {
            Presence::Required | Presence::Nonoptional => self.required_since <= version,
            Presence::Optional | Presence::Default(_) => false,
        }
    }

    /// Whether it may be null.
    pub(crate) fn is_nullable(&self) -> bool {
        self.nullable
    }

    /// May be missing.
    pub(crate) const fn optional(mut self) -> Field {
        self.presence = Presence::Optional;
        self
    }

    /// Must not be missing, and says so with "nonoptional".
    pub(crate) const fn nonoptional(mut self) -> Field {
        self.presence = Presence::Nonoptional;
        self
    }

    /// Is this JSON when missing.
    pub(crate) const fn default(mut self, json: &'static str) -> Field {
        self.presence = Presence::Default(json);
        self
    }

    /// May be null.
    pub(crate) const fn nullable(mut self) -> Field {
        self.nullable = true;
        self
    }

    /// Takes strings for numbers and anything for truth values, and null for 0 and false.
    pub(crate) const fn coerced(mut self) -> Field {
        self.coerced = true;
        self
    }

    /// Is coerced from the first call of another procedure on: they share a schema object, which coercion changes.
    /// What a server accepts thus depends on what it was asked before.
    pub(crate) const fn coerced_after(mut self, procedure: &'static str) -> Field {
        self.coerced_after = Some(procedure);
        self
    }

    /// Must have this length, or as a number be at least this.
    pub(crate) const fn min(mut self, least: usize) -> Field {
        match &mut self.shape {
            Shape::Text { min, .. } => *min = least,
            Shape::Number { min, .. } => {
                *min = Some(Bound {
                    limit: least as i64,
                    message: "",
                });
            }
            Shape::Bool
            | Shape::OneOf(_)
            | Shape::Texts(_)
            | Shape::Objects
            | Shape::Object(_)
            | Shape::Any => {}
        }
        self
    }

    /// Must not be empty, with a message of its own.
    pub(crate) const fn filled(mut self, message: &'static str) -> Field {
        if let Shape::Text { min, too_short, .. } = &mut self.shape {
            *min = 1;
            *too_short = message;
        }
        self
    }

    /// Must not be longer than this.
    pub(crate) const fn max(mut self, most: usize) -> Field {
        if let Shape::Text { max, .. } = &mut self.shape {
            *max = most;
        }
        self
    }

    /// Must be a number from one to the other, each with its message.
    pub(crate) const fn between(
        mut self,
        least: (i64, &'static str),
        most: (i64, &'static str),
    ) -> Field {
        if let Shape::Number { min, max } = &mut self.shape {
            *min = Some(Bound {
                limit: least.0,
                message: least.1,
            });
            *max = Some(Bound {
                limit: most.0,
                message: most.1,
            });
        }
        self
    }

    /// Loses white space at both ends before it is looked at.
    pub(crate) const fn trim(mut self) -> Field {
        if let Shape::Text { trim, .. } = &mut self.shape {
            *trim = true;
        }
        self
    }

    /// Must pass this check, which gives the message otherwise.
    pub(crate) const fn check(mut self, with: fn(&str) -> Option<&'static str>) -> Field {
        if let Shape::Text { rule, .. } = &mut self.shape {
            *rule = Rule::Check(with);
        }
        self
    }

    /// Must have this form; for a list, each of its items.
    pub(crate) const fn pattern(mut self, form: &'static Pattern) -> Field {
        match &mut self.shape {
            Shape::Text { rule, .. } => *rule = Rule::Pattern(form),
            Shape::Texts(pattern) => *pattern = Some(form),
            Shape::Number { .. }
            | Shape::Bool
            | Shape::OneOf(_)
            | Shape::Objects
            | Shape::Object(_)
            | Shape::Any => {}
        }
        self
    }

    /// Is demanded only by this version and later ones.
    pub(crate) const fn required_since(mut self, version: Version) -> Field {
        self.required_since = version;
        self
    }

    /// Is known only to this version and later ones.
    pub(crate) const fn since(mut self, version: Version) -> Field {
        self.since = version;
        self
    }

    /// Is known only to versions before this one. Where versions want different things of a field, it stands twice.
    pub(crate) const fn until(mut self, version: Version) -> Field {
        self.until = Some(version);
        self
    }

    /// Whether a version knows it.
    pub(crate) fn is_in(&self, version: Version) -> bool {
        self.since <= version && self.until.is_none_or(|it| version < it)
    }
}

/// A problem of one field.
#[derive(Clone, Debug)]
pub(crate) struct Issue {
    pub(crate) field: &'static str,
    pub(crate) message: String,
    pub(crate) detail: Value,
}

/// Where input comes from: in a query everything is text, so numbers and truth values are read from it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Query,
    Body,
}

/// The input as the schema sees it (`called` holds the procedures that were called before), in the schema's order and without unknown fields; or all its problems.
pub(crate) fn validate(
    fields: &[Field],
    input: &Map<String, Value>,
    source: Source,
    version: Version,
    called: &BTreeSet<&'static str>,
) -> Result<Map<String, Value>, Vec<Issue>> {
    let mut res = Map::new();
    let mut issues = Vec::new();
    for field in fields.iter().filter(|it| it.is_in(version)) {
        let mut field = *field;
        field.coerced |= field.coerced_after.is_some_and(|it| called.contains(it));
        if let Some(value) = check(&field, input.get(field.name), source, version, &mut issues) {
            res.insert(field.name.to_owned(), value);
        }
    }
    if issues.is_empty() {
        Ok(res)
    } else {
        Err(issues)
    }
}

/// The value of one field; none if it is left out or wrong.
fn check(
    field: &Field,
    value: Option<&Value>,
    source: Source,
    version: Version,
    issues: &mut Vec<Issue>,
) -> Option<Value> {
    let coerced = field.coerced || source == Source::Query;
    let Some(value) = value else {
        match field.presence {
            Presence::Default(json) => return serde_json::from_str(json).ok(),
            Presence::Optional => return None,
            Presence::Required | Presence::Nonoptional if version < field.required_since => {
                return None;
            }
            Presence::Nonoptional => {
                issues.push(wrong_type(field, "nonoptional", "undefined"));
                return None;
            }
            Presence::Required => {
                if matches!(field.shape, Shape::Bool) && coerced {
                    return Some(json!(false));
                }
                issues.push(mismatch(field, "undefined"));
                return None;
            }
        }
    };
    if value.is_null() && field.nullable {
        return Some(Value::Null);
    }
    match field.shape {
        Shape::Text {
            min,
            too_short,
            max,
            trim,
            rule,
        } => {
            let Value::String(text) = value else {
                issues.push(mismatch(field, kind(value)));
                return None;
            };
            let text = if trim { text.trim() } else { text.as_str() };
            let length = text.encode_utf16().count();
            let before = issues.len();
            if length < min {
                issues.push(size(field, "too_small", "minimum", min, too_short));
            }
            if length > max {
                issues.push(size(field, "too_big", "maximum", max, ""));
            }
            match rule {
                Rule::Free => {}
                Rule::Check(check) => {
                    issues.extend(check(text).map(|it| custom(field.name, it)));
                }
                Rule::Pattern(it) if (it.holds)(text) => {}
                Rule::Pattern(it) => issues.push(malformed(field.name, &json!([field.name]), it)),
            }
            (issues.len() == before).then(|| json!(text))
        }
        Shape::Number { min, max } => {
            let number = match value {
                Value::Number(_) => value.clone(),
                other if coerced => match to_number(other) {
                    Some(number) => number,
                    None => {
                        let message = "Invalid input: expected number, received NaN".to_owned();
                        let detail = json!({"expected": "number", "code": "invalid_type", "received": "NaN",
                            "path": [field.name], "message": message});
                        issues.push(Issue {
                            field: field.name,
                            message,
                            detail,
                        });
                        return None;
                    }
                },
                other => {
                    issues.push(mismatch(field, kind(other)));
                    return None;
                }
            };
            let value = number.as_f64().unwrap_or_default();
            if let Some(min) = min.filter(|it| value < it.limit as f64) {
                issues.push(out_of_bounds(field, "too_small", "minimum", min));
                return None;
            }
            if let Some(max) = max.filter(|it| value > it.limit as f64) {
                issues.push(out_of_bounds(field, "too_big", "maximum", max));
                return None;
            }
            Some(number)
        }
        Shape::Bool => match value {
            Value::Bool(_) => Some(value.clone()),
            other if coerced => Some(json!(truthy(other))),
            other => {
                issues.push(mismatch(field, kind(other)));
                None
            }
        },
        Shape::OneOf(values) => match value.as_str() {
            Some(text) if values.contains(&text) => Some(value.clone()),
            _ => {
                issues.push(mismatch(field, kind(value)));
                None
            }
        },
        Shape::Texts(pattern) => {
            let Value::Array(items) = value else {
                issues.push(mismatch(field, kind(value)));
                return None;
            };
            let before = issues.len();
            for (n, item) in items.iter().enumerate() {
                let path = json!([field.name, n]);
                match (item, pattern) {
                    (Value::String(text), Some(it)) if !(it.holds)(text) => {
                        issues.push(malformed(field.name, &path, it));
                    }
                    (Value::String(_), _) => {}
                    (other, _) => {
                        issues.push(wrong_type_at(field.name, &path, "string", kind(other)));
                    }
                }
            }
            (issues.len() == before).then(|| value.clone())
        }
        Shape::Objects => {
            let Value::Array(items) = value else {
                issues.push(mismatch(field, kind(value)));
                return None;
            };
            let wrong = items.iter().enumerate().filter(|(_, it)| !it.is_object());
            let before = issues.len();
            issues.extend(wrong.map(|(n, it)| {
                wrong_type_at(field.name, &json!([field.name, n]), "object", kind(it))
            }));
            (issues.len() == before).then(|| value.clone())
        }
        Shape::Object(members) => {
            let Value::Object(given) = value else {
                issues.push(mismatch(field, kind(value)));
                return None;
            };
            let is_known = |it: &&String| members.is_empty() || members.contains(&it.as_str());
            let unknown: Vec<&String> = given.keys().filter(|it| !is_known(it)).collect();
            if unknown.is_empty() {
                return Some(value.clone());
            }
            let quoted: Vec<String> = unknown.iter().map(|it| format!("\"{it}\"")).collect();
            let word = if unknown.len() == 1 { "key" } else { "keys" };
            let message = format!("Unrecognized {word}: {}", quoted.join(", "));
            let detail = json!({"code": "unrecognized_keys", "keys": unknown, "path": [field.name],
                "message": message});
            issues.push(Issue {
                field: field.name,
                message,
                detail,
            });
            None
        }
        Shape::Any => Some(value.clone()),
    }
}

/// The problem of a text that does not have the form it must have.
fn malformed(field: &'static str, path: &Value, pattern: &Pattern) -> Issue {
    let message = pattern.message.to_owned();
    let detail = json!({"origin": "string", "code": "invalid_format", "format": "regex",
        "pattern": pattern.regex, "path": path, "message": message});
    Issue {
        field,
        message,
        detail,
    }
}

/// The problem of a number that passes a limit.
fn out_of_bounds(field: &Field, code: &str, name: &str, bound: Bound) -> Issue {
    let word = if code == "too_small" {
        "Too small"
    } else {
        "Too big"
    };
    let sign = if code == "too_small" { ">=" } else { "<=" };
    let limit = bound.limit;
    let message = match bound.message {
        "" => format!("{word}: expected number to be {sign}{limit}"),
        own => own.to_owned(),
    };
    let detail = json!({"origin": "number", "code": code, name: limit, "inclusive": true,
        "path": [field.name], "message": message});
    Issue {
        field: field.name,
        message,
        detail,
    }
}

/// A problem in a router's own words.
pub(crate) fn custom(field: &'static str, message: &str) -> Issue {
    let detail = json!({"code": "custom", "path": [field], "message": message});
    Issue {
        field,
        message: message.to_owned(),
        detail,
    }
}

/// The problem of a value of another type than the field's.
fn mismatch(field: &Field, received: &str) -> Issue {
    let expected = match field.shape {
        Shape::Text { .. } => "string",
        Shape::Number { .. } => "number",
        Shape::Bool => "boolean",
        Shape::Texts(_) | Shape::Objects => "array",
        Shape::Object(_) => "object",
        Shape::Any => "nonoptional",
        Shape::OneOf(values) => {
            let quoted: Vec<String> = values.iter().map(|it| format!("\"{it}\"")).collect();
            let message = match quoted.as_slice() {
                [only] => format!("Invalid input: expected {only}"),
                several => format!("Invalid option: expected one of {}", several.join("|")),
            };
            let detail = json!({"code": "invalid_value", "values": values, "path": [field.name],
                "message": message});
            return Issue {
                field: field.name,
                message,
                detail,
            };
        }
    };
    wrong_type(field, expected, received)
}

fn wrong_type(field: &Field, expected: &str, received: &str) -> Issue {
    wrong_type_at(field.name, &json!([field.name]), expected, received)
}

fn wrong_type_at(field: &'static str, path: &Value, expected: &str, received: &str) -> Issue {
    let message = format!("Invalid input: expected {expected}, received {received}");
    // zod writes the two kinds with their members in different order.
    let detail = if expected == "nonoptional" {
        json!({"code": "invalid_type", "expected": expected, "path": path, "message": message})
    } else {
        json!({"expected": expected, "code": "invalid_type", "path": path, "message": message})
    };
    Issue {
        field,
        message,
        detail,
    }
}

/// The problem of a text that is too short or too long.
fn size(field: &Field, code: &str, bound: &str, limit: usize, message: &str) -> Issue {
    let word = if code == "too_small" {
        "Too small"
    } else {
        "Too big"
    };
    let sign = if code == "too_small" { ">=" } else { "<=" };
    let message = match message {
        "" => format!("{word}: expected string to have {sign}{limit} characters"),
        own => own.to_owned(),
    };
    let detail = json!({"origin": "string", "code": code, bound: limit, "inclusive": true,
        "path": [field.name], "message": message});
    Issue {
        field: field.name,
        message,
        detail,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// `Number(value)` of JavaScript; none for NaN.
fn to_number(value: &Value) -> Option<Value> {
    match value {
        Value::Null | Value::Bool(false) => Some(json!(0)),
        Value::Bool(true) => Some(json!(1)),
        Value::Number(_) => Some(value.clone()),
        Value::String(text) => {
            let text = text.trim();
            if text.is_empty() {
                return Some(json!(0));
            }
            match text.parse::<i64>() {
                Ok(number) => Some(json!(number)),
                Err(_) => text
                    .parse::<f64>()
                    .ok()
                    .filter(|it| it.is_finite())
                    .map(|it| json!(it)),
            }
        }
        // A list is the text of its items with commas between them.
        Value::Array(items) => match items.as_slice() {
            [] => Some(json!(0)),
            [only @ (Value::Null | Value::Number(_) | Value::String(_))] => to_number(only),
            _ => None,
        },
        Value::Object(_) => None,
    }
}

/// `Boolean(value)` of JavaScript.
fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(it) => *it,
        Value::Number(it) => it.as_f64() != Some(0.0),
        Value::String(it) => !it.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};

    use super::{Field, Source, boolean, number, one_of, text, validate};
    use crate::settings::Version;

    #[track_caller]
    fn check(field: Field, value: Value, expected: Result<Value, &str>) {
        let input = json!({ "f": value });
        let Value::Object(input) = input else {
            panic!()
        };
        let got = validate(
            &[field],
            &input,
            Source::Body,
            Version::V0_30_2,
            &BTreeSet::new(),
        );
        let got = got
            .map(|it| it.get("f").cloned().unwrap())
            .map_err(|it| it[0].message.clone());
        assert_eq!(got, expected.map_err(str::to_owned));
    }

    #[test]
    fn coercion() {
        check(number("f").coerced(), json!("8080"), Ok(json!(8080)));
        check(number("f").coerced(), json!(null), Ok(json!(0)));
        check(
            number("f").coerced().nullable(),
            json!(null),
            Ok(json!(null)),
        );
        check(
            number("f").coerced(),
            json!("x"),
            Err("Invalid input: expected number, received NaN"),
        );
        check(
            number("f"),
            json!("22"),
            Err("Invalid input: expected number, received string"),
        );
        check(boolean("f").coerced(), json!("false"), Ok(json!(true)));
        check(boolean("f").coerced(), json!(""), Ok(json!(false)));
        check(boolean("f").coerced(), json!([]), Ok(json!(true)));
        check(boolean("f").coerced(), json!(null), Ok(json!(false)));
        check(
            boolean("f"),
            json!(null),
            Err("Invalid input: expected boolean, received null"),
        );
    }

    #[test]
    fn texts_and_choices() {
        check(text("f").trim().min(1), json!("  a "), Ok(json!("a")));
        check(
            text("f").trim().min(1),
            json!("  "),
            Err("Too small: expected string to have >=1 characters"),
        );
        check(
            text("f").max(2),
            json!("abc"),
            Err("Too big: expected string to have <=2 characters"),
        );
        check(
            one_of("f", &["a"]),
            json!("b"),
            Err("Invalid input: expected \"a\""),
        );
        check(
            one_of("f", &["a", "b"]),
            json!(1),
            Err("Invalid option: expected one of \"a\"|\"b\""),
        );
    }

    #[test]
    fn presence_by_version() {
        let fields = [text("f").nonoptional().required_since(Version::V0_30_2)];
        let empty = serde_json::Map::new();
        assert!(
            validate(
                &fields,
                &empty,
                Source::Body,
                Version::V0_26_5,
                &BTreeSet::new()
            )
            .is_ok()
        );
        let issues = validate(
            &fields,
            &empty,
            Source::Body,
            Version::V0_30_2,
            &BTreeSet::new(),
        )
        .unwrap_err();
        assert_eq!(
            issues[0].message,
            "Invalid input: expected nonoptional, received undefined"
        );
    }
}
