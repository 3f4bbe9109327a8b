//! The calls of the provider against the document.

use dokploy::calls::{Call, Presence, Sent, Shape, calls};
use dokploy::table::{Dialect, Literal};
use serde_json::Value as Json;

use crate::Question;
use crate::document::{Document, Member, Procedure, Schema, Types};
use crate::report::{Finding, Report, Side};

pub(crate) fn check(
    document: &Document,
    dialect: &Dialect,
    question: &Question,
    report: &mut Report,
) {
    for call in calls(dialect, question.version) {
        if !question.wants(&call.procedure) {
            continue;
        }
        report.n_calls += 1;
        let named = document.named(&call.procedure);
        let Some(procedure) = named.iter().find(|it| it.is_change == call.is_change) else {
            let (code, text) = if named.is_empty() {
                ("no-procedure", "the document has no such procedure")
            } else {
                ("wrong-method", "the document has it with the other method")
            };
            add(report, &call, "", code, text.to_owned());
            continue;
        };
        for sent in &call.sent {
            report.n_fields += 1;
            of_field(&call, sent, procedure, report);
        }
        for (name, member) in &procedure.input.members {
            if member.is_required && !is_filled(&call, name, member) {
                let text = format!("`{name}` is demanded, and not always sent");
                add(report, &call, name, "not-sent", text);
            }
        }
    }
}

fn add(report: &mut Report, call: &Call, field: &str, code: &'static str, text: String) {
    let finding = Finding {
        side: Side::Rows,
        procedure: call.procedure.clone(),
        field: field.to_owned(),
        code,
        text,
    };
    report.add(finding, &call.by);
}

/// Whether a demanded member is in every call.
fn is_filled(call: &Call, name: &str, member: &Member) -> bool {
    call.sent.iter().any(|sent| {
        let inside = sent.name.strip_prefix(name);
        inside.is_some_and(|it| it.is_empty() || it.starts_with('.'))
            && match sent.presence {
                Presence::Always => true,
                // What may not be null never is.
                Presence::UnlessNull => !member.schema.types.null,
                Presence::Maybe => false,
            }
    })
}

fn of_field(call: &Call, sent: &Sent, procedure: &Procedure, report: &mut Report) {
    let name = &sent.name;
    let schema = match found(&procedure.input, name) {
        Place::Member(schema) => schema,
        Place::Anything => return,
        Place::Nowhere => {
            if !sent.undescribed {
                let text = format!("`{name}` is sent, and the document does not name it");
                add(report, call, name, "unknown-field", text);
            }
            return;
        }
    };
    let mut wrong = |code, what: String| add(report, call, name, code, format!("`{name}`: {what}"));
    // In a query everything is text.
    if call.is_change && !takes(schema, sent.shape) {
        let what = format!(
            "it is sent as {}, and must be {}",
            word(sent.shape),
            schema.types
        );
        wrong("wrong-type", what);
        return;
    }
    if sent.null && !schema.types.null {
        let what = format!(
            "it is sent as null where nothing is configured, and must be {}",
            schema.types
        );
        wrong("null", what);
    }
    for value in &sent.values {
        let value = json_of(*value);
        // In a query everything is text.
        if let Some(what) = schema.refuses(&value) {
            wrong("wrong-value", format!("{value} is sent, and {what}"));
        }
    }
}

/// What a document says of a name.
enum Place<'a> {
    /// This.
    Member(&'a Schema),
    /// Nothing, and it allows others than it names.
    Anything,
    /// That there is no such member.
    Nowhere,
}

/// What an input has under a name with dots.
fn found<'a>(input: &'a Schema, name: &str) -> Place<'a> {
    let mut schema = input;
    for part in name.split('.') {
        match schema.members.get(part) {
            Some(member) => schema = &member.schema,
            None if schema.is_open => return Place::Anything,
            None => return Place::Nowhere,
        }
    }
    Place::Member(schema)
}

fn takes(schema: &Schema, shape: Shape) -> bool {
    let types = schema.types;
    match shape {
        Shape::Text => types.text,
        Shape::Whole => types.number,
        Shape::Flag => types.flag,
        Shape::Texts => types.list && schema.items.as_ref().is_none_or(|it| it.types.text),
        Shape::Object => types.object,
        Shape::Any => types != Types::default(),
    }
}

fn word(shape: Shape) -> &'static str {
    match shape {
        Shape::Text => "a text",
        Shape::Whole => "a number",
        Shape::Flag => "true or false",
        Shape::Texts => "a list of texts",
        Shape::Object => "an object",
        Shape::Any => "whatever is configured",
    }
}

fn json_of(value: Literal) -> Json {
    match value {
        Literal::Text(it) => Json::from(it),
        Literal::Whole(it) => Json::from(it),
        Literal::Flag(it) => Json::from(it),
        Literal::NoTexts => Json::Array(Vec::new()),
        Literal::NoEntries => Json::Object(serde_json::Map::new()),
    }
}
