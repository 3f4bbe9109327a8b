//! The OpenAPI document as what matters here: procedures, and what the input of each may and must hold.
//!
//! Both forms are read that Dokploy's documents have: OpenAPI 3.0 (`nullable`) and 3.1 (`anyOf` with `null`).

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value as Json;

/// How deep references and alternatives are followed, and how many of them in all: a document that refers to itself must
/// end too. What lies beyond may be anything.
const DEPTH: usize = 64;
const BUDGET: usize = 1_000_000;

/// Reads schemas of a document.
struct Reader<'a> {
    root: &'a Json,
    budget: usize,
}

/// A description of an API.
#[derive(Debug, Clone)]
pub struct Document {
    /// What it says its version is.
    pub version: String,
    procedures: BTreeMap<String, Vec<Procedure>>,
}

/// A procedure: a path and a method.
#[derive(Debug, Clone)]
pub(crate) struct Procedure {
    pub(crate) is_change: bool,
    /// The input: an object.
    pub(crate) input: Schema,
}

/// What a value may be.
#[derive(Debug, Clone, Default)]
pub(crate) struct Schema {
    pub(crate) types: Types,
    /// The only values, where it is a closed set; `null` aside.
    pub(crate) values: Option<Vec<Json>>,
    /// How many characters a text needs.
    pub(crate) min_length: u64,
    pub(crate) minimum: Option<f64>,
    pub(crate) maximum: Option<f64>,
    /// The members of an object.
    pub(crate) members: BTreeMap<String, Member>,
    /// Whether an object may have other members.
    pub(crate) is_open: bool,
    /// The elements of a list, where it says something of them.
    pub(crate) items: Option<Box<Schema>>,
    /// Whether it has a value where none is sent. Dokploy's documents call such a member required all the same, as it
    /// is in what comes out of their schemas.
    has_default: bool,
}

/// A member of an object.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) schema: Schema,
    pub(crate) is_required: bool,
}

/// A set of types of JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Types {
    pub(crate) text: bool,
    pub(crate) number: bool,
    pub(crate) flag: bool,
    pub(crate) list: bool,
    pub(crate) object: bool,
    pub(crate) null: bool,
}

/// Why a text is no description of an API.
#[derive(Debug)]
pub enum Malformed {
    /// It is no JSON.
    Json(serde_json::Error),
    /// It is JSON, and has no paths.
    NoPaths,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Malformed::Json(error) => write!(f, "it is no JSON: {error}"),
            Malformed::NoPaths => f.write_str("it has no \"paths\", so it is no OpenAPI document"),
        }
    }
}

impl std::error::Error for Malformed {}

impl Document {
    /// Reads a document. Parts that are not understood say nothing, and so allow everything.
    pub fn parse(text: &str) -> Result<Document, Malformed> {
        let root: Json = serde_json::from_str(text).map_err(Malformed::Json)?;
        let paths = root.get("paths").and_then(Json::as_object);
        let paths = paths.ok_or(Malformed::NoPaths)?;
        let mut reader = Reader {
            root: &root,
            budget: BUDGET,
        };
        let mut procedures: BTreeMap<String, Vec<Procedure>> = BTreeMap::new();
        for (path, methods) in paths {
            let name = path.trim_start_matches('/');
            let name = name.strip_prefix("api/").unwrap_or(name);
            for (method, is_change) in [("get", false), ("post", true)] {
                let Some(operation) = methods.get(method) else {
                    continue;
                };
                let input = if is_change {
                    reader.body(operation)
                } else {
                    reader.parameters(operation)
                };
                let all = procedures.entry(name.to_owned()).or_default();
                all.push(Procedure { is_change, input });
            }
        }
        let version = root.pointer("/info/version").and_then(Json::as_str);
        Ok(Document {
            version: version.unwrap_or_default().to_owned(),
            procedures,
        })
    }

    /// How many procedures it has.
    pub fn len(&self) -> usize {
        self.procedures.values().map(Vec::len).sum()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.procedures.is_empty()
    }

    /// The procedures of a name: none, one, or one for each method.
    pub(crate) fn named(&self, name: &str) -> &[Procedure] {
        self.procedures.get(name).map_or(&[], Vec::as_slice)
    }
}

impl Reader<'_> {
    /// The input of a POST. One that is not JSON may be anything.
    fn body(&mut self, operation: &Json) -> Schema {
        let Some(body) = operation.get("requestBody") else {
            return Schema {
                types: Types::of("object"),
                ..Schema::default()
            };
        };
        match body.pointer("/content/application~1json/schema") {
            Some(it) => self.schema(it, 0),
            None => Schema::anything(),
        }
    }

    /// The input of a GET.
    fn parameters(&mut self, operation: &Json) -> Schema {
        let listed = operation.get("parameters").and_then(Json::as_array);
        let queried = listed
            .into_iter()
            .flatten()
            .filter(|it| it.get("in").and_then(Json::as_str) == Some("query"));
        let members = queried.filter_map(|it| {
            let name = it.get("name")?.as_str()?.to_owned();
            let member = Member {
                schema: it
                    .get("schema")
                    .map_or_else(Schema::anything, |it| self.schema(it, 0)),
                is_required: it.get("required").and_then(Json::as_bool) == Some(true),
            };
            Some((name, member))
        });
        Schema {
            types: Types::of("object"),
            members: members.collect(),
            ..Schema::default()
        }
    }

    fn schema(&mut self, json: &Json, depth: usize) -> Schema {
        self.budget = self.budget.saturating_sub(1);
        if depth > DEPTH || self.budget == 0 {
            return Schema::anything();
        }
        if let Some(to) = json.get("$ref").and_then(Json::as_str) {
            let found = to.strip_prefix('#').and_then(|it| self.root.pointer(it));
            return found.map_or_else(Schema::anything, |it| self.schema(it, depth + 1));
        }
        let list = |name: &str| json.get(name).and_then(Json::as_array);
        if let Some(branches) = list("anyOf").or_else(|| list("oneOf")) {
            let branches = branches.iter().map(|it| self.schema(it, depth + 1));
            let mut res = branches.reduce(Schema::or).unwrap_or_default();
            res.types.null |= is_true(json, "nullable");
            return res;
        }
        if let Some(parts) = list("allOf") {
            let parts = parts.iter().map(|it| self.schema(it, depth + 1));
            return parts.reduce(Schema::and).unwrap_or_default();
        }
        if json
            .get("not")
            .is_some_and(|it| it == &Json::Object(serde_json::Map::new()))
        {
            return Schema::default();
        }
        let values = match (list("enum"), json.get("const")) {
            (Some(it), _) => Some(it.clone()),
            (None, Some(it)) => Some(vec![it.clone()]),
            (None, None) => None,
        };
        let mut types = match (json.get("type"), &values) {
            (Some(Json::String(it)), _) => Types::of(it),
            (Some(Json::Array(them)), _) => {
                let each = them.iter().filter_map(Json::as_str).map(Types::of);
                each.fold(Types::default(), Types::or)
            }
            (_, Some(values)) => values
                .iter()
                .map(Types::of_value)
                .fold(Types::default(), Types::or),
            (_, None) => Types::ALL,
        };
        types.null |= is_true(json, "nullable");
        let required: Vec<&str> = list("required")
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .collect();
        let members = json.get("properties").and_then(Json::as_object);
        let members = members.into_iter().flatten().map(|(name, it)| {
            let schema = self.schema(it, depth + 1);
            let member = Member {
                is_required: required.contains(&name.as_str()) && !schema.has_default,
                schema,
            };
            (name.clone(), member)
        });
        let number = |name: &str| json.get(name).and_then(Json::as_f64);
        Schema {
            types,
            values: values.map(|it| it.into_iter().filter(|it| !it.is_null()).collect()),
            min_length: json.get("minLength").and_then(Json::as_u64).unwrap_or(0),
            minimum: number("minimum"),
            maximum: number("maximum"),
            members: members.collect(),
            // Members that a description does not name are passed over, unless it says what they are.
            is_open: match json.get("additionalProperties") {
                Some(Json::Bool(is_open)) => *is_open,
                Some(_) => true,
                None => json.get("properties").is_none(),
            },
            items: json
                .get("items")
                .map(|it| Box::new(self.schema(it, depth + 1))),
            has_default: json.get("default").is_some(),
        }
    }
}

fn is_true(json: &Json, name: &str) -> bool {
    json.get(name).and_then(Json::as_bool) == Some(true)
}

impl Schema {
    fn anything() -> Schema {
        Schema {
            types: Types::ALL,
            is_open: true,
            ..Schema::default()
        }
    }

    /// What is one or the other.
    fn or(self, other: Schema) -> Schema {
        // What is null, or nothing, says nothing of other values.
        if self.types.only_null() || other.types.only_null() {
            let (mut res, null) = if self.types.only_null() {
                (other, self)
            } else {
                (self, other)
            };
            res.types = res.types.or(null.types);
            return res;
        }
        let mut members = self.members;
        let mut theirs = other.members;
        for (name, member) in &mut members {
            match theirs.remove(name) {
                Some(it) => {
                    member.is_required &= it.is_required;
                    let own = std::mem::take(&mut member.schema);
                    member.schema = own.or(it.schema);
                }
                None => member.is_required = false,
            }
        }
        members.extend(theirs.into_iter().map(|(name, mut member)| {
            member.is_required = false;
            (name, member)
        }));
        let least = |a: Option<f64>, b: Option<f64>| Some(a?.min(b?));
        let most = |a: Option<f64>, b: Option<f64>| Some(a?.max(b?));
        Schema {
            types: self.types.or(other.types),
            values: match (self.values, other.values) {
                (Some(mut a), Some(b)) => {
                    a.extend(b);
                    Some(a)
                }
                _ => None,
            },
            min_length: self.min_length.min(other.min_length),
            minimum: least(self.minimum, other.minimum),
            maximum: most(self.maximum, other.maximum),
            members,
            is_open: self.is_open || other.is_open,
            items: match (self.items, other.items) {
                (Some(a), Some(b)) => Some(Box::new(a.or(*b))),
                _ => None,
            },
            has_default: self.has_default || other.has_default,
        }
    }

    /// What is both.
    fn and(self, other: Schema) -> Schema {
        let mut members = self.members;
        for (name, theirs) in other.members {
            let is_required = members.get(&name).is_some_and(|it| it.is_required);
            members.insert(
                name,
                Member {
                    is_required: is_required || theirs.is_required,
                    ..theirs
                },
            );
        }
        Schema {
            types: self.types.and(other.types),
            values: self.values.or(other.values),
            min_length: self.min_length.max(other.min_length),
            minimum: self.minimum.or(other.minimum),
            maximum: self.maximum.or(other.maximum),
            members,
            is_open: self.is_open && other.is_open,
            items: self.items.or(other.items),
            has_default: self.has_default || other.has_default,
        }
    }

    /// What is wrong with a value, in words that follow its name; `None` if nothing is.
    pub(crate) fn refuses(&self, value: &Json) -> Option<String> {
        let theirs = Types::of_value(value);
        if self.types.and(theirs) == Types::default() {
            return Some(format!("it must be {}", self.types));
        }
        if let Some(values) = self.values.as_ref().filter(|_| !value.is_null())
            && !values.contains(value)
        {
            let known: Vec<String> = values.iter().map(Json::to_string).collect();
            return Some(format!("it must be one of {}", known.join(", ")));
        }
        if let Some(text) = value.as_str()
            && (text.chars().count() as u64) < self.min_length
        {
            return Some(format!(
                "it must have at least {} characters",
                self.min_length
            ));
        }
        let number = value.as_f64()?;
        if self.minimum.is_some_and(|it| number < it) || self.maximum.is_some_and(|it| number > it)
        {
            return Some("it is out of bounds".to_owned());
        }
        None
    }
}

impl Types {
    pub(crate) const ALL: Types = Types {
        text: true,
        number: true,
        flag: true,
        list: true,
        object: true,
        null: true,
    };

    /// The types of a word; none for a word that names no type.
    pub(crate) fn of(word: &str) -> Types {
        let mut res = Types::default();
        match word {
            "string" => res.text = true,
            "number" | "integer" => res.number = true,
            "boolean" => res.flag = true,
            "array" => res.list = true,
            "object" => res.object = true,
            "null" => res.null = true,
            _ => {}
        }
        res
    }

    fn of_value(value: &Json) -> Types {
        Types::of(match value {
            Json::Null => "null",
            Json::Bool(_) => "boolean",
            Json::Number(_) => "number",
            Json::String(_) => "string",
            Json::Array(_) => "array",
            Json::Object(_) => "object",
        })
    }

    fn only_null(self) -> bool {
        let without = Types {
            null: false,
            ..self
        };
        without == Types::default()
    }

    pub(crate) fn or(self, other: Types) -> Types {
        Types {
            text: self.text || other.text,
            number: self.number || other.number,
            flag: self.flag || other.flag,
            list: self.list || other.list,
            object: self.object || other.object,
            null: self.null || other.null,
        }
    }

    pub(crate) fn and(self, other: Types) -> Types {
        Types {
            text: self.text && other.text,
            number: self.number && other.number,
            flag: self.flag && other.flag,
            list: self.list && other.list,
            object: self.object && other.object,
            null: self.null && other.null,
        }
    }
}

impl fmt::Display for Types {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = [
            (self.text, "a text"),
            (self.number, "a number"),
            (self.flag, "true or false"),
            (self.list, "a list"),
            (self.object, "an object"),
            (self.null, "null"),
        ];
        let words: Vec<&str> = words
            .iter()
            .filter(|(is_it, _)| *is_it)
            .map(|(_, word)| *word)
            .collect();
        f.write_str(&if words.is_empty() {
            "nothing".to_owned()
        } else {
            words.join(" or ")
        })
    }
}
