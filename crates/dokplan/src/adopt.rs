//! Configuration for objects that exist: blocks with references in place of ids, secrets apart from them, and the
//! `import` blocks that take the objects over. Pure: objects to texts of files.

use std::collections::{BTreeMap, BTreeSet};

use provider::Discovered;
use provider::schema::{Attribute, Schema, Schemas};
use value::{Plain, Type, Value};

/// The file with values that must not be published.
pub(crate) const SECRETS: &str = "secrets.auto.tfvars";

/// An object with its name in the configuration.
pub(crate) struct Named<'a> {
    /// The object.
    pub object: &'a Discovered,
    /// `ghcr` in `dokploy_registry.ghcr`.
    pub label: String,
}

impl Named<'_> {
    /// `dokploy_registry.ghcr`.
    pub(crate) fn address(&self) -> String {
        format!("{}.{}", self.object.kind, self.label)
    }

    /// The file that its block goes to: one a project, and one a type for what lies in none.
    pub(crate) fn file(&self) -> String {
        match self.object.within.first() {
            Some(project) => format!("project_{}.tf", identifier(project)),
            None => format!("{}.tf", bare(&self.object.kind)),
        }
    }
}

/// What is written of an object besides what it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Adjustment {
    /// Attributes that configuration cannot make what they are, so that differences in them are to be ignored.
    pub ignored: BTreeSet<String>,
}

/// Everything that the texts are made from.
pub(crate) struct Inputs<'a> {
    /// The objects by name.
    pub named: &'a [Named<'a>],
    /// What their types have.
    pub schemas: &'a Schemas,
    /// The provider's source address.
    pub provider: &'a addr::Provider,
    /// The values that attributes have where the configuration leaves them out, by type.
    pub defaults: &'a BTreeMap<String, BTreeMap<String, Value>>,
    /// By address.
    pub adjustments: &'a BTreeMap<String, Adjustment>,
}

/// The texts of files by name, in the canonical layout, and the values of the variables that they declare.
pub(crate) struct Written {
    /// Name to text.
    pub files: BTreeMap<String, String>,
    /// Variable to value.
    pub values: BTreeMap<String, Value>,
}

/// Gives every object a name: from what people call it, with what it lies in where that is not enough.
pub(crate) fn names(objects: &[Discovered]) -> Vec<Named<'_>> {
    let mut taken: BTreeSet<(&str, String)> = BTreeSet::new();
    let mut res = Vec::new();
    for object in objects {
        // A part is known by its service: `web_data` for the mount /data of web.
        let short = match object.within.get(2) {
            Some(service) if *service != object.name => {
                identifier(&format!("{service} {}", object.name))
            }
            _ => identifier(&object.name),
        };
        let long = match object.within.first().map(|it| identifier(it)) {
            Some(project) if project != short => identifier(&format!("{project}_{short}")),
            _ => short.clone(),
        };
        let numbered = (2..).map(|it| format!("{long}_{it}"));
        let label = [short, long.clone()]
            .into_iter()
            .chain(numbered)
            .find(|it| taken.insert((&object.kind, it.clone())))
            .unwrap_or(long);
        res.push(Named { object, label });
    }
    res
}

/// Writes everything.
pub(crate) fn written(inputs: &Inputs<'_>) -> Written {
    let references = references(inputs.named);
    let mut res = Written {
        files: BTreeMap::new(),
        values: BTreeMap::new(),
    };
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    let mut variables = String::new();
    let mut secrets = String::new();
    let mut imports = String::new();
    for named in inputs.named {
        let kind = named.object.kind.as_str();
        let schema = inputs
            .schemas
            .resource(inputs.provider, addr::Mode::Managed, kind);
        let Some(schema) = schema else { continue };
        let address = named.address();
        let (text, apart) = block(inputs, named, schema, &references);
        for it in apart {
            variables.push_str(&it.declaration());
            secrets.push_str(&format!("{} = {}\n", it.name, literal(&it.value)));
            res.values.insert(it.name, it.value);
        }
        let file = texts.entry(named.file()).or_default();
        if !file.is_empty() {
            file.push('\n');
        }
        file.push_str(&text);
        imports.push_str(&format!(
            "{}import {{\n  to = {address}\n  id = {}\n}}\n",
            if imports.is_empty() { "" } else { "\n" },
            addr::instance::quoted(&named.object.id)
        ));
    }
    texts.insert("providers.tf".to_owned(), provider_text(inputs.provider));
    texts.insert("imports.tf".to_owned(), imports);
    texts.insert("variables.tf".to_owned(), variables);
    texts.insert(SECRETS.to_owned(), secrets);
    for (name, text) in texts {
        if !text.is_empty() {
            res.files.insert(name, laid_out(&text));
        }
    }
    if let Some(text) = res.files.get_mut("variables.tf") {
        // The blank line behind the last declaration.
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    res.files
        .insert(".gitignore".to_owned(), IGNORED_FILES.to_owned());
    res
}

/// What must not be committed.
const IGNORED_FILES: &str = "*.auto.tfvars\n*.tfstate\n*.tfstate.*\n.terraform/\n.dokplan/\n";

fn provider_text(provider: &addr::Provider) -> String {
    format!(
        "terraform {{\n  required_providers {{\n    dokploy = {{\n      source = {}\n    }}\n  }}\n}}\n\n# The URL and the key are in DOKPLOY_HOST and DOKPLOY_API_KEY.\nprovider \"dokploy\" {{}}\n",
        addr::instance::quoted(&provider.for_display())
    )
}

/// Ids to the expressions that mean them. Where a part has the id of its whole, the id is that of the whole.
fn references(named: &[Named<'_>]) -> BTreeMap<String, String> {
    let mut res = BTreeMap::new();
    for it in named {
        let id = it.object.object.get("id");
        if let Some(id) = id.as_ref().and_then(Value::as_str)
            && !id.is_empty()
        {
            res.entry(id.to_owned()).or_insert_with(|| it.address());
        }
    }
    res
}

/// A value that stands in a file of its own.
struct Apart {
    name: String,
    value: Value,
    ty: Type,
    sensitive: bool,
}

impl Apart {
    fn declaration(&self) -> String {
        let sensitive = if self.sensitive {
            "  sensitive = true\n"
        } else {
            ""
        };
        let ty = type_text(&self.ty);
        format!(
            "variable \"{}\" {{\n  type = {ty}\n{sensitive}}}\n\n",
            self.name
        )
    }
}

/// The block of an object, and the values that it refers to.
fn block(
    inputs: &Inputs<'_>,
    named: &Named<'_>,
    schema: &Schema,
    references: &BTreeMap<String, String>,
) -> (String, Vec<Apart>) {
    let address = named.address();
    let object = named.object;
    let defaults = inputs.defaults.get(&object.kind);
    let mut text = format!("resource \"{}\" \"{}\" {{\n", object.kind, named.label);
    let mut apart = Vec::new();
    let (required, optional): (Vec<_>, Vec<_>) = schema
        .block
        .attributes
        .iter()
        .filter(|(_, it)| (it.required || it.optional) && !it.write_only)
        .partition(|(_, it)| it.is_needed());
    for (name, attribute) in required.into_iter().chain(optional) {
        let Some(value) = object.object.get(name) else {
            continue;
        };
        let is_default = defaults.and_then(|it| it.get(&**name)) == Some(&value);
        if !attribute.is_needed() && (value.is_null() || is_default) {
            continue;
        }
        let is_confidential = object.confidential.contains(&&**name) && !is_empty(&value);
        let expression = if attribute.sensitive || is_confidential {
            // One that cannot be read is to be filled in by somebody; until then it is ignored.
            let value = if value.is_null() {
                placeholder(attribute)
            } else {
                value
            };
            let name = format!("{}_{}_{name}", bare(&object.kind), named.label);
            let expression = format!("var.{name}");
            apart.push(Apart {
                name,
                value,
                ty: attribute.ty(),
                sensitive: attribute.sensitive,
            });
            expression
        } else if value.is_null() {
            literal(&placeholder(attribute))
        } else {
            expression(&value, references, &address)
        };
        text.push_str(&format!("  {name} = {expression}\n"));
    }
    let ignored = inputs.adjustments.get(&address).map(|it| &it.ignored);
    if let Some(ignored) = ignored.filter(|it| !it.is_empty()) {
        let names: Vec<&str> = ignored.iter().map(String::as_str).collect();
        text.push_str(&format!(
            "\n  lifecycle {{\n    # Dokploy does not tell these, or has something that cannot be written here.\n    ignore_changes = [{}]\n  }}\n",
            names.join(", ")
        ));
    }
    text.push_str("}\n");
    (text, apart)
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(str::is_empty)
}

/// Something of the type of a required argument whose value nobody knows.
fn placeholder(attribute: &Attribute) -> Value {
    match attribute.ty() {
        Type::Bool => Value::from(false),
        Type::Number => Value::from(0_i64),
        Type::List(element) => Value::list((*element).clone(), Vec::new()),
        Type::Set(element) => Value::set((*element).clone(), Vec::new()),
        Type::Map(element) => Value::map((*element).clone(), BTreeMap::new()),
        Type::String | Type::Dynamic | Type::Object(_) | Type::Tuple(_) => {
            Value::from("not known: Dokploy does not tell it")
        }
    }
}

/// A value as an expression: ids of other objects become references, texts of several lines stand as they are.
fn expression(value: &Value, references: &BTreeMap<String, String>, own: &str) -> String {
    if let Some(text) = value.as_str() {
        return match references.get(text).filter(|it| *it != own) {
            Some(address) => format!("{address}.id"),
            None => lines(text).unwrap_or_else(|| addr::instance::quoted(text)),
        };
    }
    match value.peek().0 {
        Plain::List(_, items) | Plain::Set(_, items) | Plain::Tuple(items) => {
            let items: Vec<String> = items
                .iter()
                .map(|it| match it.as_str().and_then(|it| references.get(it)) {
                    Some(address) if address != own => format!("{address}.id"),
                    _ => literal(it),
                })
                .collect();
            format!("[{}]", items.join(", "))
        }
        _ => literal(value),
    }
}

/// A text of several lines as a heredoc, which people can read; `None` where that could not hold it as it is.
fn lines(text: &str) -> Option<String> {
    if !text.trim_end_matches('\n').contains('\n') {
        return None;
    }
    let is_plain = |it: char| !it.is_control() || it == '\n' || it == '\t';
    let is_free = |mark: &str| !text.lines().any(|it| it.trim() == mark);
    let mark = ["EOT", "END", "TEXT"].into_iter().find(|it| is_free(it))?;
    // Trailing newlines beyond the one of the last line cannot be told apart by chomp.
    let body = text.strip_suffix('\n').unwrap_or(text);
    if !text.chars().all(is_plain) || body.ends_with('\n') {
        return None;
    }
    let body = body.replace("${", "$${").replace("%{", "%%{");
    Some(if text.ends_with('\n') {
        format!("<<{mark}\n{body}\n{mark}")
    } else {
        format!("chomp(<<{mark}\n{body}\n{mark}\n)")
    })
}

/// A value as a constant expression.
pub(crate) fn literal(value: &Value) -> String {
    match value.peek().0 {
        Plain::Unknown(_) | Plain::Null(_) => "null".to_owned(),
        Plain::Bool(it) => it.to_string(),
        Plain::Number(it) => it.to_string(),
        Plain::String(it) => addr::instance::quoted(it),
        Plain::List(_, items) | Plain::Set(_, items) | Plain::Tuple(items) => {
            let items: Vec<String> = items.iter().map(literal).collect();
            format!("[{}]", items.join(", "))
        }
        Plain::Map(_, entries) | Plain::Object(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, it)| format!("{} = {}\n", addr::instance::quoted(key), literal(it)))
                .collect();
            if entries.is_empty() {
                "{}".to_owned()
            } else {
                format!("{{\n{}}}", entries.concat())
            }
        }
    }
}

fn type_text(ty: &Type) -> String {
    match ty {
        Type::Bool => "bool".to_owned(),
        Type::Number => "number".to_owned(),
        Type::String => "string".to_owned(),
        Type::List(element) => format!("list({})", type_text(element)),
        Type::Set(element) => format!("set({})", type_text(element)),
        Type::Map(element) => format!("map({})", type_text(element)),
        Type::Dynamic | Type::Object(_) | Type::Tuple(_) => "any".to_owned(),
    }
}

/// `registry` for `dokploy_registry`.
fn bare(kind: &str) -> &str {
    kind.split_once('_').map_or(kind, |it| it.1)
}

/// A name that configuration takes, from any text.
fn identifier(text: &str) -> String {
    let mut res = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            res.push(c.to_ascii_lowercase());
        } else if !res.ends_with('_') && !res.is_empty() {
            res.push('_');
        }
    }
    let res = res.trim_matches('_');
    match res.chars().next() {
        None => "unnamed".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("n{res}"),
        Some(_) => res.to_owned(),
    }
}

/// A text in the canonical layout.
pub(crate) fn laid_out(text: &str) -> String {
    let mut sources = diag::SourceMap::new();
    let source = sources.add("<generated>", text);
    hcl::format(source, text, &mut diag::Diagnostics::new()).unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(kind: &str, name: &str, within: &[&str]) -> Discovered {
        Discovered {
            kind: kind.to_owned(),
            id: "id".to_owned(),
            name: name.to_owned(),
            within: within.iter().map(|&it| it.to_owned()).collect(),
            object: Value::object([("id", Value::from("id"))]),
            confidential: Vec::new(),
        }
    }

    #[test]
    fn names_say_where_things_are_only_where_they_must() {
        let objects = [
            object("dokploy_application", "web", &["shop", "production"]),
            object("dokploy_application", "web", &["blog", "production"]),
            object("dokploy_application", "web", &["blog", "staging"]),
            object("dokploy_mount", "/data", &["shop", "production", "web"]),
            object("dokploy_registry", "GHCR (main)", &[]),
            object("dokploy_registry", "42", &[]),
            object("dokploy_registry", "日本", &[]),
        ];
        let labels: Vec<String> = names(&objects).into_iter().map(|it| it.label).collect();
        let expected = [
            "web",
            "blog_web",
            "blog_web_2",
            "web_data",
            "ghcr_main",
            "n42",
            "unnamed",
        ];
        assert_eq!(labels, expected);
    }

    struct Here(crate::world::RealWorld);

    impl lang::Scope for Here {
        fn value(&self, _: &addr::Reference, _: &mut diag::Diagnostics) -> Value {
            Value::dynamic()
        }

        fn world(&self) -> &dyn value::function::World {
            &self.0
        }
    }

    fn world() -> crate::world::RealWorld {
        crate::world::RealWorld {
            plan_time: None,
            applying: false,
        }
    }

    /// What a text becomes, evaluated, is the text.
    #[test]
    fn texts_of_several_lines_mean_what_they_were() {
        let texts = [
            "a\nb\n",
            "a\nb",
            "services:\n  web:\n    image: ${IMAGE:-nginx}\n    command: \"%{x} \\n\"\n",
            "EOT\nEND\n",
            "\n\na\n",
            "a\nb\n\n",
            "\ta\n  b",
        ];
        for text in texts {
            let Some(written) = lines(text) else {
                assert!(
                    text.ends_with("\n\n") || text.starts_with("EOT"),
                    "{text:?}"
                );
                continue;
            };
            let source = format!("x = {written}\n");
            assert_eq!(laid_out(&source), source, "the layout is canonical");
            let mut diags = diag::Diagnostics::new();
            let file = hcl::parse(diag::SourceId(0), &source, &mut diags);
            assert!(!diags.has_errors(), "{source}");
            let value = lang::eval(&file.body.attributes[0].expr, &Here(world()), &mut diags);
            assert_eq!(value.as_str(), Some(text), "{source}");
        }
    }
}
