//! The vocabulary of the tables: *what Dokploy has* ([`Object`], [`Field`], [`Call`]) and, apart from it, *how a
//! dialect names it* ([`Resource`], [`Attribute`], [`DataSource`]).
//!
//! A dialect is the schema of one published provider. Two dialects name the fields of the same objects; neither
//! repeats how an object is created, read or deleted. The rows are in `tables`, and the driver is their only reader.

use crate::quirk::Quirk;
use crate::version::{V0_27, Version};

/// A published provider's names for what Dokploy has.
pub struct Dialect {
    /// The provider addresses that mean it: host, namespace, type.
    pub addresses: &'static [(&'static str, &'static str, &'static str)],
    /// Resource types.
    pub resources: &'static [&'static Resource],
    /// Data sources.
    pub data_sources: &'static [&'static DataSource],
}

/// A type of thing in Dokploy, and the calls that manage it.
pub struct Object {
    /// The router: `registry`.
    pub name: &'static str,
    /// What messages call it, after an article: `registry`, `SSH key`.
    pub noun: &'static str,
    /// The field that identifies it: `registryId`.
    pub id: &'static str,
    /// The query for one object by its id; empty where there is none but the list.
    pub one: &'static str,
    /// The query for all objects, where there is one. What is not in it does not exist.
    pub all: Option<&'static str>,
    /// The call that makes one.
    pub create: &'static str,
    /// What that call answers.
    pub created: Created,
    /// The calls that change one, in order.
    pub updates: &'static [Call],
    /// The call that deletes one.
    pub remove: &'static str,
    /// Everything else that says that the object of a call does not exist: status and exact message.
    pub gone: &'static [(u16, &'static str)],
    /// Its fields, but for the id.
    pub fields: &'static [Field],
    /// The fields that are its key to people: what `adopt_existing` goes by.
    pub found_by: &'static [&'static str],
    /// Where it behaves unlike the others, and why.
    pub quirks: &'static [Quirk],
    /// Where there is no list of all: the list of those with the same parent.
    pub siblings: Option<Siblings>,
    /// The answers that hold such objects whole: by the first whose parent is remembered, all that are in one thing
    /// are read with one query. One that is not there is asked for by itself.
    pub held: &'static [Siblings],
    /// Fields that have a query of their own, asked only where the field is remembered.
    pub apart: &'static [(&'static str, &'static str)],
    /// Whether changes are made one by one: those of one application write one file.
    pub is_serial: bool,
    /// The name of the id in inputs, where it is another than in answers.
    pub id_input: Option<&'static str>,
    /// Where the id of the service that it belongs to is in a field named by the service's type.
    pub service: Option<Service>,
    /// Where the list is in the answer to the query for all: names of members from the outside in.
    pub inside: &'static [&'static str],
    /// What a delete sends besides the id.
    pub removal: &'static [(&'static str, Literal)],
    /// The field that a delete names it by, where that is not the id.
    pub removed_by: Option<&'static str>,
    /// Fields that not all versions of Dokploy take.
    pub spans: &'static [Span],
    /// The first version of Dokploy that has such objects, if there is one that has not.
    pub since: Option<Version>,
    /// The field, and its value, by which objects of this type are told from others in one list.
    pub only: Option<(&'static str, &'static str)>,
    /// The member of an answered object that holds the rest of its fields.
    pub nested: Option<&'static str>,
    /// The call that tries whether what is to be stored works, where the attribute `verify_connection` asks for it.
    pub test: Option<Call>,
    /// How it is deployed, if it has containers.
    pub deploys: Option<&'static Deploys>,
    /// What it is a part of.
    pub part_of: &'static [PartOf],
}

/// How containers are made of what is stored.
pub struct Deploys {
    /// The call that starts it.
    pub procedure: &'static str,
    /// The query for the deployments so far, by the object's id. Where there is none, the call answers when it is over.
    pub history: Option<&'static str>,
    /// The field that says how it went: `idle`, `running`, `done` or `error`.
    pub status: &'static str,
    /// How Dokploy finds its containers: `swarm` by the label of the service, `standalone` by their names.
    pub containers: &'static str,
    /// The query for what its containers print, where that takes no more than the id. Since v0.30.
    pub output: Option<&'static str>,
    /// Fields of the changing calls that its containers do not depend on.
    pub idle: &'static [&'static str],
}

/// A field by which an object is a part of another.
pub struct PartOf {
    /// The field with the id of the other.
    pub field: &'static str,
    /// The name of the other's type; empty where [`Object::service`] says it.
    pub object: &'static str,
    /// Whether the containers of the other know of it only when it is deployed again.
    pub is_used: bool,
}

/// The versions whose calls take a field. Outside of them, that it is answered as `null` says nothing.
pub struct Span {
    /// The field.
    pub field: &'static str,
    /// The first version that takes it, if there is one that does not.
    pub from: Option<Version>,
    /// The first version that does not take it any more.
    pub until: Option<Version>,
    /// What is done with it outside.
    pub outside: Outside,
}

/// What is done with a field on a version whose calls do not take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outside {
    /// It is not sent.
    LeftOut,
    /// It is not sent, and a plan that sets it is refused.
    Refused,
    /// It is sent, as the version has a column for it, and may be passed over, as the version's own description does
    /// not name it.
    Doubtful,
    /// It is sent, must have a value, and a plan that leaves it out is refused.
    Demanded,
}

impl Span {
    /// A column that v0.26 has and its description of the calls leaves out.
    pub const fn undescribed(field: &'static str) -> Span {
        Span {
            field,
            from: Some(V0_27),
            until: None,
            outside: Outside::Doubtful,
        }
    }

    /// Whether calls of a version take the field.
    pub fn holds(&self, version: Version) -> bool {
        self.from.is_none_or(|it| it <= version) && self.until.is_none_or(|it| version < it)
    }
}

/// How an object is tied to a service of one of many types.
pub struct Service {
    /// The field that holds the type: `serviceType`.
    pub kind: &'static str,
    /// The name here for the field with the id: `serviceId` for `applicationId`, `postgresId` and so on.
    pub id: &'static str,
    /// Whether a create takes it under its own name instead of this one.
    pub is_renamed: bool,
}

/// The list of objects with the same parent.
pub struct Siblings {
    /// The query for the parent; empty for that of the service, see [`Object::service`].
    pub procedure: &'static str,
    /// The field that identifies the parent, and the name of the query's input; empty where the query has none.
    pub by: &'static str,
    /// The member of the answer that is the list. Of a query without input: the member of each element that makes
    /// it one of these, and holds its own fields.
    pub inside: &'static str,
}

/// What a create answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// The object.
    Object,
    /// An object with the new object under this name.
    Within(&'static str),
    /// Nothing that matters: it is a part of something that exists, whose id is in the input.
    Part,
    /// Nothing: the new object is the one that was not in the list before. Such creates are made one by one.
    Nothing,
}

/// A call that changes an object.
pub struct Call {
    /// The procedure.
    pub procedure: &'static str,
    /// What must be sent with it.
    pub form: Form,
    /// The fields that it takes.
    pub fields: &'static [&'static str],
}

/// What a changing call wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Any of its fields; others stay.
    Partial,
    /// This field, and any of the others.
    With(&'static str),
    /// All of its fields; ones that are left out are reset. Those that the dialect has no attribute for are sent as
    /// they are.
    Whole,
}

/// A field of an object.
#[derive(Clone, Copy)]
pub struct Field {
    /// Dokploy's name of it: `registryName`; of a member of an object `metadata.organizationId`.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What is sent on create where nothing is configured.
    pub create: Unset,
    /// What is sent on update where nothing is configured.
    pub update: Unset,
    /// Which answers hold it.
    pub answered: Answered,
    /// Which texts mean the same in it.
    pub same: Same,
    /// Whether its value must never be shown.
    pub secret: bool,
    /// Where its value comes from.
    pub source: Source,
    /// Another field and the values of it with which this one counts, where it does not count always. With others, that
    /// Dokploy has `null` in it is no difference from the default that is remembered: nobody sent it.
    pub counts_if: Option<(&'static str, &'static [&'static str])>,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A whole number.
    Whole,
    /// True or false.
    Flag,
    /// A list of texts.
    Texts,
    /// A number here, a text with it in Dokploy.
    Digits,
    /// A text with JSON here, the JSON in Dokploy.
    Json,
    /// A text of words here, a list of them in Dokploy.
    Words,
    /// A map of texts here, a text with lines `NAME=value` in Dokploy.
    Env,
    /// A map of texts here, an object in Dokploy.
    Map,
}

/// What is sent of a field that has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unset {
    /// `null`.
    Null,
    /// An empty text.
    Empty,
    /// Nothing: the field is left out.
    Omitted,
    /// This.
    Default(Literal),
    /// This where it had a value before, as Dokploy itself chooses it; else nothing, as it may be chosen elsewhere.
    Restored(Literal),
    /// The call does not take the field at all, with or without a value.
    NotTaken,
}

/// Which answers hold a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// All that hold the object.
    Always,
    /// Lists and creates only.
    InLists,
    /// All that hold the object, but it counts only where it is remembered: otherwise something else manages it.
    IfRemembered,
    /// None: what was sent is all that is known of it.
    Never,
}

/// Which values of a field mean the same, so that no difference between them is worth a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Same {
    /// Equal ones.
    Exactly,
    /// Equal ones, and the empty text and `null`.
    EmptyIsNull,
    /// Texts that differ in surrounding space: Dokploy or those who read it trim it. Taken over trimmed.
    Trimmed,
    /// Texts that differ in surrounding space only, which is kept.
    TrimmedKept,
    /// A name, and the same in lower case with the six random characters that Dokploy appends to names of services.
    WithSuffix,
    /// Equal ones, and `/`, the empty text and `null`.
    RootIsNull,
    /// Lists of the same elements, however often and in whatever order.
    AnyOrder,
    /// Paths with and without `./` in front.
    RelativePath,
    /// JSON of the same content.
    Json,
    /// All texts: Dokploy may make another one of what is sent.
    Anything,
}

/// Where the value of a field comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// An attribute. Where the dialect has none: on create as where nothing is configured; on an update that wants
    /// the whole object, the value that the object has.
    Attribute,
    /// The attribute if there is one with a value, else the organization of the API key.
    Organization,
}

/// A resource type of a dialect.
pub struct Resource {
    /// Its name: `dokploy_registry`.
    pub kind: &'static str,
    /// What it manages.
    pub object: &'static Object,
    /// What it is for, in one sentence.
    pub doc: &'static str,
    /// The title of complaints: `SSH Key` in "Error creating SSH Key".
    pub title: &'static str,
    /// Its attributes.
    pub attributes: &'static [Attribute],
    /// More for the reference page: Markdown.
    pub notes: &'static str,
    /// An example for the reference page: HCL.
    pub example: &'static str,
    /// What its import ids are.
    pub import: Import,
}

/// What an import id is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Import {
    /// The object's id.
    Id,
    /// The value of an attribute, a colon, and the object's id.
    After(&'static str),
    /// A word, the value of the attribute that it stands for, and the object's id, with colons between them.
    Under(&'static [(&'static str, &'static str)]),
}

/// An attribute of a resource type.
pub struct Attribute {
    /// Its name: `registry_name`.
    pub name: &'static str,
    /// The field that it names; the object's id field for `id`.
    pub field: &'static str,
    /// Who sets it.
    pub mode: Mode,
    /// What it is where the configuration does not set it.
    pub default: Option<Literal>,
    /// What decides about it in a plan, in order.
    pub modifiers: &'static [Modifier],
    /// The only texts that it may hold; empty for any.
    pub one_of: &'static [&'static str],
    /// Whether it must not be shown.
    pub sensitive: bool,
    /// Whether the published provider lacks it.
    pub extra: bool,
    /// What it is, in one sentence.
    pub doc: &'static str,
}

/// Who sets an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The configuration.
    Required,
    /// The configuration, or nobody.
    Optional,
    /// The configuration, or Dokploy.
    OptionalComputed,
    /// Dokploy.
    Computed,
}

/// A value in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Literal {
    /// A text.
    Text(&'static str),
    /// A number.
    Whole(i64),
    /// True or false.
    Flag(bool),
    /// A list of no texts.
    NoTexts,
    /// An object without members.
    NoEntries,
}

/// What decides about an attribute in a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modifier {
    /// What Dokploy decides stays as it was.
    UseStateForUnknown,
    /// Another value needs a new object.
    RequiresReplace,
    /// Taking it out of the configuration sets it to the empty text, where it would otherwise keep its value.
    EmptyWhenRemoved,
}

/// A data source of a dialect: one object, or a list of objects, filtered here.
pub struct DataSource {
    /// Its name: `dokploy_servers`.
    pub kind: &'static str,
    /// The query.
    pub procedure: &'static str,
    /// What it gives, in one sentence.
    pub doc: &'static str,
    /// The attribute that holds the list, and what it is; `None` where the attributes are those of one object.
    pub list: Option<(&'static str, &'static str)>,
    /// Arguments that the query wants: argument, name of the query's input, what it is. They are required.
    pub inputs: &'static [(&'static str, &'static str, &'static str)],
    /// The attributes of the object, or of an element of the list.
    pub items: &'static [Item],
    /// Arguments that choose elements by equality: argument, field, what it is.
    pub filters: &'static [(&'static str, &'static str, &'static str)],
    /// Arguments that may be left out, and are then not sent: argument, name of the query's input, what it is.
    pub options: &'static [(&'static str, &'static str, &'static str)],
    /// Other queries, for when certain arguments are set; the first whose arguments all are is asked.
    pub choices: &'static [Choice],
    /// Whether one of the choices must be made.
    pub must_choose: bool,
    /// Where the elements are: names of lists in the elements of lists, from the outside in. Each element also has the
    /// ids of those it is in.
    pub inside: &'static [&'static str],
    /// The query for one element by the field of its id: asked for elements that the list shows in part.
    pub whole: Option<(&'static str, &'static str)>,
    /// Fields of one object with a query of their own, which has the same inputs and may fail.
    pub apart: &'static [(&'static str, &'static str)],
    /// Pairs of arguments that exclude each other.
    pub conflicts: &'static [(&'static str, &'static str)],
    /// Arguments that must not be shown.
    pub secrets: &'static [&'static str],
}

/// A query for a data source with certain arguments.
pub struct Choice {
    /// The arguments: each must be set. A choice of none is the rule.
    pub when: &'static [&'static str],
    /// The query.
    pub procedure: &'static str,
    /// What it is sent of the data source's arguments, where they are set: argument, name of the input, and what the
    /// argument's values are called there; the empty text where that value is not sent.
    pub inputs: &'static [(
        &'static str,
        &'static str,
        &'static [(&'static str, &'static str)],
    )],
    /// Where its elements are; see [`DataSource::inside`].
    pub inside: &'static [&'static str],
}

/// An attribute of a data source's element.
pub struct Item {
    /// Its name.
    pub name: &'static str,
    /// The field; of an object in the object after a dot: `gitProvider.name`.
    pub field: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it must not be shown.
    pub sensitive: bool,
    /// Whether `null` stays `null` instead of becoming the empty text.
    pub nullable: bool,
    /// What it is.
    pub doc: &'static str,
}

impl DataSource {
    /// What most data sources have: for `..` at the end of a row.
    pub const PLAIN: DataSource = DataSource {
        kind: "",
        procedure: "",
        doc: "",
        list: None,
        inputs: &[],
        items: &[],
        filters: &[],
        options: &[],
        choices: &[],
        must_choose: false,
        inside: &[],
        whole: None,
        apart: &[],
        conflicts: &[],
        secrets: &[],
    };
}

impl Object {
    /// What most objects have: for `..` at the end of a row.
    pub const PLAIN: Object = Object {
        name: "",
        noun: "",
        id: "",
        one: "",
        all: None,
        create: "",
        created: Created::Object,
        updates: &[],
        remove: "",
        gone: &[],
        fields: &[],
        found_by: &[],
        quirks: &[],
        siblings: None,
        held: &[],
        apart: &[],
        is_serial: false,
        id_input: None,
        service: None,
        inside: &[],
        removal: &[],
        removed_by: None,
        spans: &[],
        since: None,
        only: None,
        nested: None,
        test: None,
        deploys: None,
        part_of: &[],
    };

    /// The field of a name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|it| it.name == name)
    }

    /// The name of the id in inputs.
    pub fn id_input(&self) -> &'static str {
        self.id_input.unwrap_or(self.id)
    }

    /// Whether it has a quirk.
    pub fn has(&self, quirk: Quirk) -> bool {
        self.quirks.contains(&quirk)
    }
}

impl Resource {
    /// The first attribute that names a field.
    pub fn attribute_of(&self, field: &str) -> Option<&'static Attribute> {
        self.attributes.iter().find(|it| it.field == field)
    }

    /// The attributes that name a field and can be configured. Several are names of one thing: the first that has a
    /// value counts, else the last.
    pub fn names_of(&self, field: &str) -> impl Iterator<Item = &'static Attribute> {
        self.attributes
            .iter()
            .filter(move |it| it.field == field && it.mode != Mode::Computed)
    }
}

/// A text that may be sent with every call, that every answer holds, and that is what it is.
pub const fn text(name: &'static str) -> Field {
    Field {
        name,
        kind: Kind::Text,
        create: Unset::Omitted,
        update: Unset::Omitted,
        answered: Answered::Always,
        same: Same::Exactly,
        secret: false,
        source: Source::Attribute,
        counts_if: None,
    }
}

/// The same, a whole number.
pub const fn whole(name: &'static str) -> Field {
    let mut res = text(name);
    res.kind = Kind::Whole;
    res
}

/// The same, true or false.
pub const fn flag(name: &'static str) -> Field {
    let mut res = text(name);
    res.kind = Kind::Flag;
    res
}

impl Field {
    /// What is sent where nothing is configured.
    pub const fn unset(mut self, create: Unset, update: Unset) -> Field {
        self.create = create;
        self.update = update;
        self
    }

    /// Which answers hold it.
    pub const fn answered(mut self, answered: Answered) -> Field {
        self.answered = answered;
        self
    }

    /// Which texts mean the same.
    pub const fn same(mut self, same: Same) -> Field {
        self.same = same;
        self
    }

    /// Never shown.
    pub const fn secret(mut self) -> Field {
        self.secret = true;
        self
    }

    /// Counts only where another field has one of some values.
    pub const fn counts_if(
        mut self,
        field: &'static str,
        values: &'static [&'static str],
    ) -> Field {
        self.counts_if = Some((field, values));
        self
    }

    /// Comes from elsewhere than an attribute.
    pub const fn from(mut self, source: Source) -> Field {
        self.source = source;
        self
    }

    /// Is kept in the state only.
    pub const fn local(self) -> Field {
        self.read_only().answered(Answered::Never)
    }

    /// Holds something else than a text.
    pub const fn kind(mut self, kind: Kind) -> Field {
        self.kind = kind;
        self
    }

    /// Is only ever answered.
    pub const fn read_only(self) -> Field {
        self.unset(Unset::NotTaken, Unset::NotTaken)
    }
}

/// The field behind [`adopt_existing`].
pub const ADOPT: Field = flag("adoptExisting").local();

/// Whether a create takes over what is there with the same key; see [`Object::found_by`].
pub const fn adopt_existing(doc: &'static str) -> Attribute {
    attribute("adopt_existing", "adoptExisting", Mode::Optional, doc).extra()
}

/// The fields behind [`deploy_on_change`], [`wait_for`] and [`wait_timeout`].
pub const DEPLOY_ON_CHANGE: Field = flag("deployOnChange").local();
/// See [`DEPLOY_ON_CHANGE`].
pub const WAIT_FOR: Field = text("waitFor").local();
/// See [`DEPLOY_ON_CHANGE`].
pub const WAIT_TIMEOUT: Field = text("waitTimeout").local();

/// Whether changes deploy it; see [`Object::deploys`].
pub const fn deploy_on_change() -> Attribute {
    let doc = "Whether it is deployed when it is made, and again when something changes that its containers depend on: in it, or in what belongs to it (mounts, ports, variables, domains of a compose). It is deployed once, after all of that.";
    attribute("deploy_on_change", "deployOnChange", Mode::Optional, doc).extra()
}

/// What a deployment is waited for.
pub const fn wait_for() -> Attribute {
    let doc = "What an apply waits for when it deploys it: nothing, or that the deployment is done and its containers run. Without it, nothing.";
    attribute("wait_for", "waitFor", Mode::Optional, doc)
        .one_of(&["none", "healthy"])
        .extra()
}

/// How long a deployment is waited for.
pub const fn wait_timeout() -> Attribute {
    let doc = "How long an apply waits at most, such as `90s` or `1h30m`. Without it, `10m`.";
    attribute("wait_timeout", "waitTimeout", Mode::Optional, doc).extra()
}

/// An attribute that names a field.
pub const fn attribute(
    name: &'static str,
    field: &'static str,
    mode: Mode,
    doc: &'static str,
) -> Attribute {
    Attribute {
        name,
        field,
        mode,
        default: None,
        modifiers: &[],
        one_of: &[],
        sensitive: false,
        extra: false,
        doc,
    }
}

impl Attribute {
    /// One that the published provider lacks: where it is null, states are as that provider's.
    pub const fn extra(mut self) -> Attribute {
        self.extra = true;
        self
    }

    /// With a default.
    pub const fn default(mut self, default: Literal) -> Attribute {
        self.default = Some(default);
        self
    }

    /// With plan modifiers.
    pub const fn modified(mut self, modifiers: &'static [Modifier]) -> Attribute {
        self.modifiers = modifiers;
        self
    }

    /// With a closed set of values.
    pub const fn one_of(mut self, one_of: &'static [&'static str]) -> Attribute {
        self.one_of = one_of;
        self
    }

    /// Never shown.
    pub const fn sensitive(mut self) -> Attribute {
        self.sensitive = true;
        self
    }

    /// Whether Dokploy may decide it.
    pub fn is_computed(&self) -> bool {
        matches!(self.mode, Mode::Computed | Mode::OptionalComputed)
    }
}
