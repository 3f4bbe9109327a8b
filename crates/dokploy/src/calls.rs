//! What the rows and the driver may call, and what each call may hold: as data, for whoever compares it with a
//! description of Dokploy's API. Pure; nothing here takes part in a plan or an apply.
//!
//! It says the same as `object::create_input`, `object::update_input` and the calls of `driver`, `discover` and `data`,
//! of all configurations at once: a change to one of them belongs here too. The tests hold every call that
//! they make against it: see [`Call::covers`].

use crate::discover;
use crate::driver;
use crate::follow;
use crate::quirk::Quirk;
use crate::table::{
    Answered, Attribute, Call as Update, Created, DataSource, Deploys, Dialect, Field, Form, Kind,
    Literal, Mode, Object, Outside, Resource, Siblings, Source, Unset,
};
use crate::version::Version;

/// A call that is made of a procedure.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Who makes it: a resource type, a data source as `data.TYPE`, or `driver` for what no row names.
    pub by: String,
    /// The procedure.
    pub procedure: String,
    /// Whether it changes something, and so is a POST.
    pub is_change: bool,
    /// What it may hold.
    pub sent: Vec<Sent>,
}

impl Call {
    /// Whether a call that was made is one of these: it holds everything that is always sent, and nothing that never is.
    pub fn covers(&self, procedure: &str, is_change: bool, members: &[&str]) -> bool {
        let outer = |it: &Sent| it.name.split('.').next().unwrap_or_default().to_owned();
        let known: Vec<String> = self.sent.iter().map(outer).collect();
        let mut always = self
            .sent
            .iter()
            .filter(|it| it.presence == Presence::Always);
        self.procedure == procedure
            && self.is_change == is_change
            && members.iter().all(|it| known.iter().any(|name| name == it))
            && always.all(|it| members.contains(&outer(it).as_str()))
    }
}

/// A field that a call may hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    /// Its name; of a member of an object with a dot: `metadata.organizationId`.
    pub name: String,
    /// What it holds.
    pub shape: Shape,
    /// When it is sent.
    pub presence: Presence,
    /// Whether it may be `null`.
    pub null: bool,
    /// The values that tables name for it: defaults, and what an attribute may be where that is a closed set.
    pub values: Vec<Literal>,
    /// Whether the row says that this version's own description leaves it out; see [`Outside::Doubtful`].
    pub undescribed: bool,
}

/// A type of JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A text.
    Text,
    /// A whole number.
    Whole,
    /// True or false.
    Flag,
    /// A list of texts.
    Texts,
    /// An object.
    Object,
    /// Whatever the user writes.
    Any,
}

/// When a field is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// With every call.
    Always,
    /// With every call for an object that has a value in it that is not `null`.
    UnlessNull,
    /// Where it is configured, or has changed.
    Maybe,
}

/// The calls that are made of a Dokploy of a version: of all rows of a dialect, and of the driver itself. Rows of types
/// that the version lacks make none.
pub fn calls(dialect: &Dialect, version: Version) -> Vec<Call> {
    let is_there = |it: &&&Resource| it.object.since.is_none_or(|it| it <= version);
    let mut res = Vec::new();
    for resource in dialect.resources.iter().filter(is_there) {
        of_resource(resource, version, &mut res);
    }
    for row in dialect.data_sources {
        of_data_source(row, &mut res);
    }
    res.extend(driver::own_calls());
    res.extend(discover::own_calls(|name| {
        let mut there = dialect.resources.iter().filter(is_there);
        there.any(|it| it.object.name == name)
    }));
    res
}

/// A query with inputs that are always sent.
pub(crate) fn query(by: &str, procedure: &str, inputs: &[&str]) -> Call {
    Call {
        by: by.to_owned(),
        procedure: procedure.to_owned(),
        is_change: false,
        sent: inputs.iter().map(|it| always(it)).collect(),
    }
}

/// A change with texts that are always sent.
pub(crate) fn change(by: &str, procedure: &str, inputs: &[&str]) -> Call {
    Call {
        is_change: true,
        ..query(by, procedure, inputs)
    }
}

fn always(name: &str) -> Sent {
    Sent {
        name: name.to_owned(),
        shape: Shape::Text,
        presence: Presence::Always,
        null: false,
        values: Vec::new(),
        undescribed: false,
    }
}

fn of_resource(resource: &Resource, version: Version, res: &mut Vec<Call>) {
    let object = resource.object;
    let by = resource.kind;
    if !object.one.is_empty() {
        res.push(query(by, object.one, &[object.id_input()]));
    }
    if let Some(all) = object.all {
        res.push(query(by, all, &[]));
    }
    for places in object.held.iter().chain(&object.siblings) {
        in_places(resource, places, res);
    }
    for (procedure, _) in object.apart {
        res.push(query(by, procedure, &[object.id]));
    }
    for call in object.updates {
        res.push(update(resource, call, version));
    }
    let whole = object
        .updates
        .iter()
        .find(|it| it.procedure == object.create && it.form == Form::Whole);
    // A part that is written whole is set by the same call that changes it.
    if object.created != Created::Part || whole.is_none() {
        res.push(create(resource, version));
    }
    if let Some(test) = &object.test {
        let mut call = create(resource, version);
        test.procedure.clone_into(&mut call.procedure);
        call.sent
            .retain(|it| test.fields.contains(&it.name.as_str()));
        res.push(call);
        let mut call = update(resource, test, version);
        call.sent.retain(|it| it.name != object.id_input());
        res.push(call);
    }
    res.push(remove(resource, version));
    if let Some(deploys) = object.deploys {
        of_deployments(resource, deploys, version, res);
    }
    if object.has(Quirk::HasDefault) {
        res.push(query(by, driver::ENVIRONMENTS, &["projectId"]));
    }
    if object.has(Quirk::DomainInput) {
        res.push(change(by, driver::MAKE_UP_HOST, &["appName"]));
    }
}

/// What deploys an object, and what is asked while that is waited for.
fn of_deployments(resource: &Resource, deploys: &Deploys, version: Version, res: &mut Vec<Call>) {
    let (by, id) = (resource.kind, resource.object.id_input());
    res.push(change(by, deploys.procedure, &[id]));
    if let Some(history) = deploys.history {
        res.push(query(by, history, &[id]));
    }
    let mut containers = query(by, follow::CONTAINERS, &["appName", "type"]);
    for it in containers.sent.iter_mut().filter(|it| it.name == "type") {
        it.values.push(Literal::Text(deploys.containers));
    }
    containers.sent.push(Sent {
        presence: Presence::Maybe,
        ..always("serverId")
    });
    res.push(containers);
    if version < follow::HAS_LOGS {
        return;
    }
    let log = deploys.history.map(|_| (follow::LOG, "deploymentId"));
    for (procedure, id) in log.into_iter().chain(deploys.output.map(|it| (it, id))) {
        let mut call = query(by, procedure, &[id]);
        call.sent.push(Sent {
            shape: Shape::Whole,
            ..always("tail")
        });
        res.push(call);
    }
}

/// The queries for what objects are in, or beside.
fn in_places(resource: &Resource, places: &Siblings, res: &mut Vec<Call>) {
    if !places.procedure.is_empty() {
        let inputs: &[&str] = if places.by.is_empty() {
            &[]
        } else {
            &[places.by]
        };
        res.push(query(resource.kind, places.procedure, inputs));
        return;
    }
    for kind in kinds(resource) {
        let input = format!("{kind}Id");
        res.push(query(resource.kind, &format!("{kind}.one"), &[&input]));
    }
}

/// The types of services that objects of a resource type may belong to, as far as the row says.
fn kinds(resource: &Resource) -> Vec<&'static str> {
    let Some(service) = &resource.object.service else {
        return Vec::new();
    };
    let attribute = resource.attribute_of(service.kind);
    match attribute.map(|it| it.one_of) {
        Some(kinds) if !kinds.is_empty() => kinds.to_vec(),
        _ => driver::SERVICE_KINDS.to_vec(),
    }
}

fn create(resource: &Resource, version: Version) -> Call {
    let object = resource.object;
    let mut sent = Vec::new();
    for field in object.fields {
        if field.create == Unset::NotTaken {
            continue;
        }
        if field.source == Source::Organization {
            sent.push(always(field.name));
            continue;
        }
        // The driver fills the one, and a plan without the other is refused.
        let filled = ["certificateType", "host"];
        let is_of_domain = object.has(Quirk::DomainInput) && filled.contains(&field.name);
        let presence = if is_of_domain {
            Presence::Always
        } else {
            presence_in_create(resource, field)
        };
        sent.push(Sent {
            presence,
            null: field.create == Unset::Null && may_be_unset(resource, field),
            ..described(resource, field, field.create)
        });
    }
    if object.has(Quirk::DomainInput) {
        let mut kind = always("domainType");
        kind.values = vec![Literal::Text("compose"), Literal::Text("application")];
        sent.push(kind);
    }
    if let Some(service) = object.service.as_ref().filter(|it| it.is_renamed) {
        let ids = kinds(resource).into_iter().map(|kind| Sent {
            presence: Presence::Maybe,
            ..always(&format!("{kind}Id"))
        });
        let at = sent.iter().position(|it| it.name == service.id);
        if let Some(at) = at {
            sent.splice(at..=at, ids);
        }
    }
    if object.created == Created::Part {
        sent.push(always(object.id));
    }
    Call {
        by: resource.kind.to_owned(),
        procedure: object.create.to_owned(),
        is_change: true,
        sent: in_version(object, sent, version),
    }
}

fn update(resource: &Resource, call: &Update, version: Version) -> Call {
    let object = resource.object;
    let mut sent = vec![always(object.id_input())];
    for field in call.fields.iter().filter_map(|it| object.field(it)) {
        let presence = match call.form {
            // What is called for one field holds it, as it is not called otherwise.
            Form::Partial if call.fields.len() == 1 => Presence::Always,
            Form::With(name) if name != field.name => Presence::Maybe,
            Form::Partial => Presence::Maybe,
            Form::Whole | Form::With(_) => presence_in_update(resource, field, call.form),
        };
        sent.push(Sent {
            presence,
            null: field.update == Unset::Null && may_be_unset(resource, field),
            ..described(resource, field, field.update)
        });
    }
    Call {
        by: resource.kind.to_owned(),
        procedure: call.procedure.to_owned(),
        is_change: true,
        sent: in_version(object, sent, version),
    }
}

fn remove(resource: &Resource, version: Version) -> Call {
    let object = resource.object;
    let name = object.removed_by.unwrap_or(object.id_input());
    let mut sent = vec![always(name)];
    for (name, value) in object.removal {
        sent.push(Sent {
            shape: shape_of(*value),
            values: vec![*value],
            ..always(name)
        });
    }
    Call {
        by: resource.kind.to_owned(),
        procedure: object.remove.to_owned(),
        is_change: true,
        sent: in_version(object, sent, version),
    }
}

/// The last attribute that names a field: what it is counts where none has a value.
fn decisive(resource: &Resource, field: &Field) -> Option<&'static Attribute> {
    let named = resource.names_of(field.name);
    named.last().or_else(|| resource.attribute_of(field.name))
}

/// Whether a field can be without a value when it is sent.
fn may_be_unset(resource: &Resource, field: &Field) -> bool {
    decisive(resource, field).is_none_or(|it| it.mode != Mode::Required && it.default.is_none())
}

fn fills(unset: Unset) -> bool {
    matches!(unset, Unset::Null | Unset::Empty | Unset::Default(_))
}

fn presence_in_create(resource: &Resource, field: &Field) -> Presence {
    let is_sent = match decisive(resource, field) {
        // What Dokploy decides is left out, unless the table decides it.
        Some(it) if it.is_computed() && it.default.is_none() => {
            matches!(field.create, Unset::Default(_))
        }
        Some(it) => it.mode == Mode::Required || it.default.is_some() || fills(field.create),
        None => fills(field.create),
    };
    if is_sent {
        Presence::Always
    } else {
        Presence::Maybe
    }
}

fn presence_in_update(resource: &Resource, field: &Field, form: Form) -> Presence {
    let is_kept = form == Form::Whole && field.answered != Answered::Never;
    match decisive(resource, field) {
        Some(it) if it.mode == Mode::Required || it.default.is_some() => Presence::Always,
        _ if fills(field.update) => Presence::Always,
        // The value that the object has goes back.
        Some(it) if it.is_computed() && (is_kept || form != Form::Whole) => Presence::UnlessNull,
        None if is_kept => Presence::Always,
        _ => Presence::Maybe,
    }
}

fn described(resource: &Resource, field: &Field, unset: Unset) -> Sent {
    let mut values = Vec::new();
    for attribute in resource.names_of(field.name) {
        values.extend(attribute.one_of.iter().map(|it| Literal::Text(it)));
        values.extend(attribute.default);
    }
    match unset {
        Unset::Default(it) | Unset::Restored(it) => values.push(it),
        Unset::Empty if may_be_unset(resource, field) => values.push(Literal::Text("")),
        Unset::Empty | Unset::Null | Unset::Omitted | Unset::NotTaken => {}
    }
    Sent {
        name: field.name.to_owned(),
        shape: match field.kind {
            Kind::Text | Kind::Digits | Kind::Env => Shape::Text,
            Kind::Whole => Shape::Whole,
            Kind::Flag => Shape::Flag,
            Kind::Texts | Kind::Words => Shape::Texts,
            Kind::Map => Shape::Object,
            Kind::Json => Shape::Any,
        },
        presence: Presence::Maybe,
        null: false,
        values,
        undescribed: false,
    }
}

fn shape_of(value: Literal) -> Shape {
    match value {
        Literal::Text(_) => Shape::Text,
        Literal::Whole(_) => Shape::Whole,
        Literal::Flag(_) => Shape::Flag,
        Literal::NoTexts => Shape::Texts,
        Literal::NoEntries => Shape::Object,
    }
}

/// What is sent to a version: without the fields that it does not take.
fn in_version(object: &Object, mut sent: Vec<Sent>, version: Version) -> Vec<Sent> {
    for span in object.spans.iter().filter(|it| !it.holds(version)) {
        let named = sent.iter_mut().filter(|it| it.name == span.field);
        match span.outside {
            Outside::Doubtful => named.for_each(|it| it.undescribed = true),
            Outside::Demanded => named.for_each(|it| it.values.clear()),
            Outside::LeftOut | Outside::Refused => sent.retain(|it| it.name != span.field),
        }
    }
    sent
}

fn of_data_source(row: &DataSource, res: &mut Vec<Call>) {
    let by = format!("data.{}", row.kind);
    let required: Vec<&str> = row.inputs.iter().map(|(_, input, _)| *input).collect();
    if !row.must_choose && !row.choices.iter().any(|it| it.when.is_empty()) {
        let mut call = query(&by, row.procedure, &required);
        let options = row.options.iter().map(|(_, input, _)| Sent {
            presence: Presence::Maybe,
            ..always(input)
        });
        call.sent.extend(options);
        res.push(call);
    }
    for choice in row.choices {
        let mut call = query(&by, choice.procedure, &required);
        for (name, input, words) in choice.inputs {
            call.sent.push(Sent {
                presence: if choice.when.contains(name) {
                    Presence::Always
                } else {
                    Presence::Maybe
                },
                values: words
                    .iter()
                    .filter(|(_, word)| !word.is_empty())
                    .map(|(_, word)| Literal::Text(word))
                    .collect(),
                ..always(input)
            });
        }
        res.push(call);
    }
    for (procedure, _) in row.apart {
        res.push(query(&by, procedure, &required));
    }
    if let Some((procedure, id)) = row.whole {
        res.push(query(&by, procedure, &[id]));
    }
}
