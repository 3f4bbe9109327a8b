//! Reference pages from rows. Pure.

use crate::table::{Attribute, DataSource, Import, Kind, Literal, Mode, Modifier, Resource};
use crate::twin::twins;

/// The page of a resource type, as Markdown.
pub fn reference_md(row: &Resource) -> String {
    let mut res = format!(
        "<!-- Generated from crates/dokploy/src/tables: change the row, then run UPDATE=1 cargo test -p dokploy. -->\n# {}\n\n{}\n\n```hcl\n{}\n```\n",
        row.kind, row.doc, row.example
    );
    for (title, is_it) in [
        (
            "Required arguments",
            (|it| it == Mode::Required) as fn(Mode) -> bool,
        ),
        ("Optional arguments", |it| {
            matches!(it, Mode::Optional | Mode::OptionalComputed)
        }),
        ("Attributes that Dokploy decides", |it| it == Mode::Computed),
    ] {
        let chosen: Vec<&Attribute> = row.attributes.iter().filter(|it| is_it(it.mode)).collect();
        if chosen.is_empty() {
            continue;
        }
        res.push_str(&format!(
            "\n## {title}\n\n| name | type | what it is |\n|---|---|---|\n"
        ));
        for it in chosen {
            let kind = row.object.field(it.field).map_or(Kind::Text, |it| it.kind);
            res.push_str(&format!(
                "| `{}` | {} | {} |\n",
                it.name,
                type_name(kind),
                about(it)
            ));
        }
    }
    let secrets: Vec<_> = twins(row).collect();
    if !secrets.is_empty() {
        res.push_str("\n## Write-only arguments\n\nIn place of an argument that must not be shown; see [secrets](../../howto/secrets.md).\n\n| name | what it is |\n|---|---|\n");
    }
    for it in secrets {
        let (plain, value, version) = (it.plain.name, it.value, it.version);
        res.push_str(&format!(
            "| `{value}` | `{plain}`, in no plan and no state. |\n| `{version}` | A number: another one sends `{value}` again. |\n"
        ));
    }
    let (id, about) = match row.import {
        Import::Id => ("ID".to_owned(), "The id is Dokploy's."),
        Import::After(name) => (
            format!("{}:ID", name.to_uppercase()),
            "Both ids are Dokploy's, with a colon between them.",
        ),
        Import::Under(parents) => {
            let forms: Vec<String> = parents
                .iter()
                .map(|(word, name)| format!("{word}:{}:ID", name.to_uppercase()))
                .collect();
            (forms.join("|"), "Both ids are Dokploy's.")
        }
    };
    let id = id.as_str();
    res.push_str(&format!(
        "\n## Import\n\n```sh\ndokplan import {}.NAME {id}\n```\n\n{about} It may begin with `-`: then write `--` before the address.\n",
        row.kind
    ));
    let mut notes: Vec<&str> = row
        .object
        .quirks
        .iter()
        .map(|it| it.note())
        .filter(|it| !it.is_empty())
        .collect();
    if !row.notes.is_empty() {
        notes.insert(0, row.notes);
    }
    if !notes.is_empty() {
        res.push_str("\n## Good to know\n");
        for note in notes {
            res.push_str(&format!("\n{note}\n"));
        }
    }
    res
}

/// The page of a data source, as Markdown.
pub fn data_source_md(row: &DataSource) -> String {
    let mut res = format!(
        "<!-- Generated from crates/dokploy/src/tables: change the row, then run UPDATE=1 cargo test -p dokploy. -->\n# {} (data source)\n\n{}\n",
        row.kind, row.doc
    );
    let mut arguments: Vec<(&str, &str, &str)> = Vec::new();
    for (name, _, doc) in row.inputs {
        arguments.push((name, "yes", doc));
    }
    for (name, _, doc) in row.filters.iter().chain(row.options) {
        let need = if row.must_choose {
            "one of these"
        } else {
            "no"
        };
        arguments.push((name, need, doc));
    }
    if !arguments.is_empty() {
        res.push_str("\n## Arguments\n\n| name | required | what it is |\n|---|---|---|\n");
    }
    for (name, need, doc) in arguments {
        let more = if row.secrets.contains(&name) {
            " Sensitive."
        } else {
            ""
        };
        res.push_str(&format!("| `{name}` | {need} | {doc}{more} |\n"));
    }
    let title = match row.list {
        Some((name, doc)) => format!("`{name}`: {doc} A list of objects with"),
        None => "Attributes".to_owned(),
    };
    res.push_str(&format!(
        "\n## {title}\n\n| name | type | what it is |\n|---|---|---|\n"
    ));
    for it in row.items {
        let more = if it.sensitive { " Sensitive." } else { "" };
        res.push_str(&format!(
            "| `{}` | {} | {}{more} |\n",
            it.name,
            type_name(it.kind),
            it.doc
        ));
    }
    res
}

fn about(attribute: &Attribute) -> String {
    let mut res = attribute.doc.to_owned();
    if let Some(default) = attribute.default {
        let shown = match default {
            Literal::Text(it) => format!("\"{it}\""),
            Literal::Whole(it) => it.to_string(),
            Literal::Flag(it) => it.to_string(),
            Literal::NoTexts => "[]".to_owned(),
            Literal::NoEntries => "{}".to_owned(),
        };
        res.push_str(&format!(" Default: `{shown}`."));
    }
    if !attribute.one_of.is_empty() {
        let choices: Vec<String> = attribute
            .one_of
            .iter()
            .map(|it| format!("`{it}`"))
            .collect();
        res.push_str(&format!(" One of {}.", choices.join(", ")));
    }
    if attribute.sensitive {
        res.push_str(" Sensitive.");
    }
    if attribute.modifiers.contains(&Modifier::RequiresReplace) {
        res.push_str(" A change makes a new object.");
    }
    res
}

fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Json | Kind::Words => "string",
        Kind::Whole | Kind::Digits => "number",
        Kind::Flag => "bool",
        Kind::Texts => "list of string",
        Kind::Env | Kind::Map => "map of string",
    }
}
