//! The procedures of the simulator against the document.

use std::collections::BTreeSet;

use dokploy_sim::{Kind, Listed, ListedField, procedures};
use serde_json::Value as Json;

use crate::Question;
use crate::document::{Document, Procedure, Schema, Types};
use crate::report::{Finding, Report, Side};

/// Who findings are about.
const BY: &str = "dokploy-sim";

/// Compares the procedures of the version that the document describes, if the simulator plays it.
pub(crate) fn check(document: &Document, question: &Question, report: &mut Report) {
    let Ok(version) = question.version.to_string().parse() else {
        return;
    };
    let mut n = 0;
    for listed in procedures(version) {
        if !question.wants(listed.name) {
            continue;
        }
        n += 1;
        let named = document.named(listed.name);
        match named.iter().find(|it| it.is_change == listed.is_change) {
            Some(procedure) => of_procedure(&listed, procedure, report),
            None if named.is_empty() => {
                let text = "the document has no such procedure".to_owned();
                add(report, &listed, "", "no-procedure", text);
            }
            None => {
                let text = "the document has it with the other method".to_owned();
                add(report, &listed, "", "wrong-method", text);
            }
        }
    }
    report.n_simulated = Some(n);
}

fn add(report: &mut Report, listed: &Listed, field: &str, code: &'static str, text: String) {
    let finding = Finding {
        side: Side::Simulator,
        procedure: listed.name.to_owned(),
        field: field.to_owned(),
        code,
        text,
    };
    report.add(finding, BY);
}

fn of_procedure(listed: &Listed, procedure: &Procedure, report: &mut Report) {
    for field in &listed.fields {
        report.n_fields += 1;
        let name = field.name;
        let Some(member) = procedure.input.members.get(name) else {
            if field.is_required || !procedure.input.is_open {
                let text = format!("`{name}` is taken, and the document does not name it");
                add(report, listed, name, "unknown-field", text);
            }
            continue;
        };
        match (field.is_required, member.is_required) {
            (true, false) => {
                let text =
                    format!("`{name}` is demanded, and the document says that it is optional");
                add(report, listed, name, "demands-optional", text);
            }
            (false, true) => {
                let text =
                    format!("`{name}` is not demanded, and the document says that it is required");
                add(report, listed, name, "lets-off", text);
            }
            _ => {}
        }
        if let Some(text) = wrong_kind(field, &member.schema) {
            add(
                report,
                listed,
                name,
                "wrong-type",
                format!("`{name}` {text}"),
            );
        }
        // In a query there is no null.
        if listed.is_change
            && field.is_nullable != member.schema.types.null
            && field.kind != Kind::Any
        {
            let (code, text) = if field.is_nullable {
                (
                    "takes-null",
                    "may be null, and the document says that it may not",
                )
            } else {
                (
                    "refuses-null",
                    "may not be null, and the document says that it may",
                )
            };
            add(report, listed, name, code, format!("`{name}` {text}"));
        }
    }
    let known: BTreeSet<&str> = listed.fields.iter().map(|it| it.name).collect();
    for (name, member) in &procedure.input.members {
        if known.contains(name.as_str()) {
            continue;
        }
        let (code, text) = if member.is_required {
            (
                "lets-off",
                "is not demanded, and the document says that it is required",
            )
        } else {
            ("passed-over", "is passed over, and the document names it")
        };
        add(report, listed, name, code, format!("`{name}` {text}"));
    }
}

fn wrong_kind(field: &ListedField, schema: &Schema) -> Option<String> {
    let types = schema.types;
    let fits = match field.kind {
        Kind::Text | Kind::OneOf(_) => types.text,
        Kind::Number => types.number,
        Kind::Bool => types.flag,
        Kind::Texts | Kind::Objects => types.list,
        Kind::Object => types.object,
        Kind::Any => types != Types::default(),
    };
    if !fits {
        return Some(format!("must be another thing: the document has {types}"));
    }
    let theirs: Option<BTreeSet<&str>> = schema
        .values
        .as_ref()
        .map(|them| them.iter().filter_map(Json::as_str).collect());
    let ours: Option<BTreeSet<&str>> = match field.kind {
        Kind::OneOf(them) => Some(them.iter().copied().collect()),
        Kind::Any | Kind::Bool | Kind::Number => return None,
        Kind::Text | Kind::Texts | Kind::Objects | Kind::Object => None,
    };
    if ours == theirs {
        return None;
    }
    let list = |them: Option<BTreeSet<&str>>| match them {
        Some(them) => them.into_iter().collect::<Vec<_>>().join(", "),
        None => "any text".to_owned(),
    };
    Some(format!(
        "takes {}, and in the document {}",
        list(ours),
        list(theirs)
    ))
}
