//! Before and after, as a tree of what is the same, added, removed, changed, unknown or hidden. Pure.
//!
//! A renderer walks the tree and prints; it never sees a sensitive value, since the tree does not hold it
//! ([`Kind::Hidden`]). The rules of what is paired with what are those that people know from Terraform's plans.

use std::collections::{BTreeMap, BTreeSet};

use provider::schema::{Attribute, AttributeKind, Block, NestedBlock, Nesting};
use value::{Mark, Marks, Path, Plain, Type, Value};

/// What happens to a part of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    /// Nothing.
    Stay,
    /// It comes.
    Come,
    /// It goes.
    Go,
    /// It changes.
    Change,
}

/// A part of a value before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct Diff {
    /// What happens to it.
    pub does: Does,
    /// Whether that forces a replacement.
    pub replace: bool,
    /// What it is.
    pub kind: Kind,
}

/// What a part of a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A text, number, bool or null: before and after, `None` where there is none.
    Primitive(Option<Value>, Option<Value>),
    /// A list or tuple; with context, unchanged neighbours of changes are shown.
    List(Vec<Diff>, bool),
    /// A set; of nested objects (`true`), the note about replacement stands at the elements.
    Set(Vec<Diff>, bool),
    /// A map by key; of nested objects (`true`), removed leaves say so themselves.
    Map(BTreeMap<String, Diff>, bool),
    /// An object by name; a nested one (`true`), removed leaves say so themselves.
    Object(BTreeMap<String, Diff>, bool),
    /// A block: attributes, and nested blocks by type with their labels.
    Block(
        BTreeMap<String, Diff>,
        BTreeMap<String, Vec<(Option<String>, Diff)>>,
    ),
    /// Will be known after apply; what it was before.
    Unknown(Option<Box<Diff>>),
    /// A sensitive value: whether it was sensitive, will be, and whether the value itself stays the same.
    Hidden {
        /// Was sensitive.
        before: bool,
        /// Will be sensitive.
        after: bool,
        /// Only the sensitivity changes.
        same: bool,
        /// A block, printed with braces.
        block: bool,
    },
    /// Something of another type: gone and come.
    Retyped(Box<Diff>, Box<Diff>),
}

/// Which paths a diff looks at.
#[derive(Debug, Clone, Copy)]
pub struct Focus<'a> {
    /// Attributes that force a replacement.
    pub replace: &'a [Path],
    /// Attributes whose changes matter; `None`: all.
    pub relevant: Option<&'a [Path]>,
}

/// The difference between two values of a block. Null stands for "is not there".
pub fn block(before: &Value, after: &Value, schema: &Block, focus: Focus<'_>) -> Diff {
    let change = Pair::new(before.clone(), after.clone()).implicit();
    diff_block(&change, schema, &At::root(focus))
}

/// The difference between two values of any type (an output).
pub fn any(before: &Value, after: &Value) -> Diff {
    let change = Pair::new(before.clone(), after.clone()).implicit();
    diff_any(
        &change,
        &At::root(Focus {
            replace: &[],
            relevant: None,
        }),
    )
}

/// A value of a known type that stays as it is.
pub fn typed(value: &Value, ty: &Type) -> Diff {
    let change = Pair::new(value.clone(), value.clone()).implicit();
    diff_type(
        &change,
        ty,
        &At::root(Focus {
            replace: &[],
            relevant: None,
        }),
    )
}

/// Where a walk is, with what matters there.
#[derive(Clone)]
struct At<'a> {
    path: Path,
    focus: Focus<'a>,
}

impl<'a> At<'a> {
    fn root(focus: Focus<'a>) -> Self {
        At {
            path: Path::root(),
            focus,
        }
    }

    fn attr(&self, name: &str) -> Self {
        At {
            path: self.path.clone().attr(name),
            focus: self.focus,
        }
    }

    fn key(&self, name: &str) -> Self {
        At {
            path: self.path.clone().index(name),
            focus: self.focus,
        }
    }

    fn element(&self, at: Option<usize>) -> Self {
        match at {
            Some(at) => At {
                path: self.path.clone().at(at),
                focus: self.focus,
            },
            None => self.clone(),
        }
    }

    /// Whether a change exactly here forces a replacement.
    fn replaces(&self) -> bool {
        self.focus.replace.contains(&self.path)
    }

    /// Whether changes here or below matter.
    fn matters(&self) -> bool {
        self.focus.relevant.is_none_or(|paths| {
            paths
                .iter()
                .any(|it| it.starts_with(&self.path) || self.path.starts_with(it))
        })
    }
}

/// A part before and after. `explicit` tells a null that stands there from nothing.
#[derive(Clone)]
struct Pair {
    before: Value,
    after: Value,
    before_explicit: bool,
    after_explicit: bool,
}

impl Pair {
    fn new(before: Value, after: Value) -> Self {
        Pair {
            before,
            after,
            before_explicit: true,
            after_explicit: true,
        }
    }

    fn parts(before: Option<Value>, after: Option<Value>) -> Self {
        let (before_explicit, after_explicit) = (before.is_some(), after.is_some());
        let absent = || Value::null(Type::Dynamic);
        Pair {
            before: before.unwrap_or_else(absent),
            after: after.unwrap_or_else(absent),
            before_explicit,
            after_explicit,
        }
    }

    fn implicit(mut self) -> Self {
        self.before_explicit = false;
        self.after_explicit = false;
        self
    }

    fn was(&self) -> bool {
        !self.before.is_null() || self.before_explicit
    }

    fn will_be(&self) -> bool {
        !self.after.is_null() || self.after_explicit
    }

    /// What happens, from the values alone.
    fn does(&self) -> Does {
        match (self.was(), self.will_be()) {
            (false, true) => Does::Come,
            (true, false) => Does::Go,
            (false, false) => Does::Stay,
            (true, true) if raw_equal(&self.before, &self.after) => Does::Stay,
            (true, true) => Does::Change,
        }
    }

    /// What a walk over its parts starts with.
    fn base(&self) -> Does {
        match (self.before.is_null(), self.after.is_null()) {
            (true, true) | (false, false) => Does::Stay,
            (true, false) => Does::Come,
            (false, true) => Does::Go,
        }
    }

    fn gone(&self) -> Pair {
        Pair {
            after: Value::null(Type::Dynamic),
            after_explicit: false,
            ..self.clone()
        }
    }

    fn come(&self) -> Pair {
        Pair {
            before: Value::null(Type::Dynamic),
            before_explicit: false,
            ..self.clone()
        }
    }

    /// The same without a change, where changes do not matter.
    fn quiet(&self) -> Pair {
        Pair {
            after: self.before.clone(),
            after_explicit: self.before_explicit,
            ..self.clone()
        }
    }
}

/// One answer for the whole from those of its parts.
fn join(whole: Does, part: Does) -> Does {
    if part == Does::Stay || part == whole {
        whole
    } else {
        Does::Change
    }
}

/// Equality as JSON would have it: marks aside, an unknown like a null.
fn raw_equal(left: &Value, right: &Value) -> bool {
    let empty = |it: &Value| it.is_null() || !it.is_known();
    if empty(left) || empty(right) {
        return empty(left) && empty(right);
    }
    match (left.peek().0, right.peek().0) {
        (Plain::Bool(l), Plain::Bool(r)) => l == r,
        (Plain::Number(l), Plain::Number(r)) => l == r,
        (Plain::String(l), Plain::String(r)) => l == r,
        (
            Plain::List(_, l) | Plain::Set(_, l) | Plain::Tuple(l),
            Plain::List(_, r) | Plain::Set(_, r) | Plain::Tuple(r),
        ) => l.len() == r.len() && l.iter().zip(r.iter()).all(|(l, r)| raw_equal(l, r)),
        (Plain::Map(_, l) | Plain::Object(l), Plain::Map(_, r) | Plain::Object(r)) => {
            let known = |it: &&Value| it.is_known();
            l.values().filter(known).count() == r.values().filter(known).count()
                && l.iter()
                    .filter(|(_, it)| it.is_known())
                    .all(|(key, l)| r.get(key).is_some_and(|r| r.is_known() && raw_equal(l, r)))
        }
        _ => false,
    }
}

fn with_replace(does: Does, at: &At<'_>, kind: Kind) -> Diff {
    Diff {
        does,
        replace: at.replaces(),
        kind,
    }
}

/// The diff of a wholly sensitive or unknown part; `None` for another.
fn special(change: &Pair, at: &At<'_>, inner: &dyn Fn(&Pair, &At<'_>) -> Diff) -> Option<Diff> {
    let sensitive = |it: &Value| it.has_mark(Mark::Sensitive);
    let (before, after) = (sensitive(&change.before), sensitive(&change.after));
    if before || after {
        let plain = |it: &Value| it.clone().unmark(Mark::Sensitive);
        let open = Pair {
            before: plain(&change.before),
            after: plain(&change.after),
            ..change.clone()
        };
        let inner = inner(&open, at);
        let nothing = !change.was() && !change.will_be();
        let does = match inner.does {
            Does::Stay if before != after && !nothing => Does::Change,
            it => it,
        };
        let same = inner.does == Does::Stay;
        return Some(with_replace(
            does,
            at,
            Kind::Hidden {
                before,
                after,
                same,
                block: false,
            },
        ));
    }
    if !change.after.is_known() {
        if change.before.is_null() {
            return Some(with_replace(Does::Come, at, Kind::Unknown(None)));
        }
        let quiet = At {
            path: at.path.clone(),
            focus: Focus {
                replace: &[],
                relevant: None,
            },
        };
        let mut gone = change.gone();
        if gone.before.as_str() == Some("") {
            // What is to be replaced by something unknown is shown as no text where it is an empty one.
            gone.before = Value::null(Type::String);
            gone.before_explicit = true;
        }
        let gone = inner(&gone, &quiet);
        return Some(with_replace(
            Does::Change,
            at,
            Kind::Unknown(Some(Box::new(gone))),
        ));
    }
    None
}

fn diff_block(change: &Pair, schema: &Block, at: &At<'_>) -> Diff {
    if let Some(diff) = special(change, at, &|change, at| diff_block(change, schema, at)) {
        return diff;
    }
    let mut does = change.base();
    let mut attributes = BTreeMap::new();
    let is_old = !schema.attributes.values().any(|it| match &it.kind {
        AttributeKind::Plain(ty) => ty.has_dynamic(),
        AttributeKind::Nested(..) => true,
    });
    for (name, attribute) in &schema.attributes {
        let at = at.attr(name);
        let mut part = Pair::parts(change.before.get(name), change.after.get(name)).implicit();
        strip_inherited(&mut part, change);
        if attribute.sensitive {
            part.before = part.before.mark(Mark::Sensitive);
            part.after = part.after.mark(Mark::Sensitive);
        }
        if !at.matters() {
            part = part.quiet();
        }
        let absent = part.before.is_null() && part.after.is_null();
        // Old providers cannot tell an empty text from none, so that it is not shown as a change. It is still counted
        // among what is hidden.
        for side in [&mut part.before, &mut part.after] {
            if is_old && side.as_str() == Some("") {
                let marks = side.marks();
                *side = Value::null(Type::String).mark(marks);
            }
        }
        let diff = diff_attribute(&part, attribute, &at);
        if diff.does == Does::Stay && absent {
            continue;
        }
        does = join(does, diff.does);
        attributes.insert(name.to_string(), diff);
    }
    let mut blocks = BTreeMap::new();
    for (name, nested) in &schema.blocks {
        let at = at.attr(name);
        let mut part = Pair::parts(change.before.get(name), change.after.get(name)).implicit();
        strip_inherited(&mut part, change);
        if !at.matters() {
            part = part.quiet();
        }
        let diffs = diff_nested_blocks(&part, nested, &at);
        for (_, diff) in &diffs {
            does = join(does, diff.does);
        }
        if !diffs.is_empty() {
            blocks.insert(name.to_string(), diffs);
        }
    }
    with_replace(does, at, Kind::Block(attributes, blocks))
}

/// Marks of the whole were looked at already: a part shows only its own.
fn strip_inherited(part: &mut Pair, whole: &Pair) {
    for (part, whole) in [
        (&mut part.before, &whole.before),
        (&mut part.after, &whole.after),
    ] {
        if whole.has_mark(Mark::Sensitive) {
            *part = part.clone().unmark(Mark::Sensitive);
        }
    }
}

fn diff_nested_blocks(
    change: &Pair,
    nested: &NestedBlock,
    at: &At<'_>,
) -> Vec<(Option<String>, Diff)> {
    let sensitive = |it: &Value| it.has_mark(Mark::Sensitive);
    let (before, after) = (sensitive(&change.before), sensitive(&change.after));
    let hide = |diff: Diff| {
        let hidden = match diff.does {
            Does::Come => after,
            Does::Go => before,
            Does::Stay | Does::Change => before || after,
        };
        if !hidden {
            return diff;
        }
        let same = diff.does == Does::Stay;
        let does = if same && before != after {
            Does::Change
        } else {
            diff.does
        };
        Diff {
            does,
            replace: diff.replace,
            kind: Kind::Hidden {
                before,
                after,
                same,
                block: true,
            },
        }
    };
    let one = |part: &Pair, at: &At<'_>| hide(diff_block(part, &nested.block, at));
    match nested.nesting {
        Nesting::Single | Nesting::Group => {
            if change.before.is_null() && change.after.is_null() {
                return Vec::new();
            }
            vec![(None, one(change, at))]
        }
        Nesting::List => {
            let (before, after) = (elements(&change.before), elements(&change.after));
            pairs(&before, &after, true)
                .into_iter()
                .map(|(b, a)| {
                    let part = Pair::parts(
                        b.map(|it| before[it].clone()),
                        a.map(|it| after[it].clone()),
                    );
                    (None, one(&part, &at.element(b.or(a))))
                })
                .collect()
        }
        Nesting::Set => {
            let (before, after) = (elements(&change.before), elements(&change.after));
            set_pairs(&before, &after)
                .into_iter()
                .map(|(b, a)| {
                    let part = Pair::parts(
                        b.map(|it| before[it].clone()),
                        a.map(|it| after[it].clone()),
                    );
                    (None, one(&part, &at.element(None)))
                })
                .collect()
        }
        Nesting::Map => keys(change)
            .into_iter()
            .map(|key| {
                let part = Pair::parts(entry(&change.before, &key), entry(&change.after, &key));
                let diff = one(&part, &at.key(&key));
                (Some(key), diff)
            })
            .collect(),
    }
}

fn diff_attribute(change: &Pair, attribute: &Attribute, at: &At<'_>) -> Diff {
    match &attribute.kind {
        AttributeKind::Plain(ty) => diff_type(change, ty, at),
        AttributeKind::Nested(nesting, attributes) => diff_nested(change, *nesting, attributes, at),
    }
}

fn diff_nested(
    change: &Pair,
    nesting: Nesting,
    attributes: &BTreeMap<std::sync::Arc<str>, Attribute>,
    at: &At<'_>,
) -> Diff {
    if let Some(diff) = special(change, at, &|change, at| {
        diff_nested(change, nesting, attributes, at)
    }) {
        return diff;
    }
    let object = |part: &Pair, at: &At<'_>| diff_nested(part, Nesting::Single, attributes, at);
    match nesting {
        Nesting::Single | Nesting::Group => {
            let parts = attributes.iter().map(|(name, attribute)| {
                (
                    name.to_string(),
                    Box::new(move |part: &Pair, at: &At<'_>| {
                        let mut part = part.clone();
                        if attribute.sensitive {
                            part.before = part.before.mark(Mark::Sensitive);
                            part.after = part.after.mark(Mark::Sensitive);
                        }
                        diff_attribute(&part, attribute, at)
                    }) as PartDiff<'_>,
                )
            });
            diff_object(change, parts, at, true)
        }
        Nesting::List => {
            let (diffs, does) = diff_elements(change, at, true, &object);
            with_replace(does, at, Kind::List(diffs, false))
        }
        Nesting::Set => {
            let (diffs, does) = diff_set(change, at, &object);
            with_replace(does, at, Kind::Set(diffs, true))
        }
        Nesting::Map => {
            let (diffs, does) = diff_map(change, at, &object);
            with_replace(does, at, Kind::Map(diffs, true))
        }
    }
}

type PartDiff<'a> = Box<dyn Fn(&Pair, &At<'_>) -> Diff + 'a>;

fn diff_object<'a>(
    change: &Pair,
    parts: impl Iterator<Item = (String, PartDiff<'a>)>,
    at: &At<'_>,
    nested: bool,
) -> Diff {
    let mut does = change.base();
    let mut attributes = BTreeMap::new();
    for (name, diff) in parts {
        let at = at.attr(&name);
        let mut part =
            Pair::parts(entry(&change.before, &name), entry(&change.after, &name)).implicit();
        if !at.matters() {
            part = part.quiet();
        }
        let diff = diff(&part, &at);
        if diff.does == Does::Stay && part.before.is_null() && part.after.is_null() {
            continue;
        }
        does = join(does, diff.does);
        attributes.insert(name, diff);
    }
    with_replace(does, at, Kind::Object(attributes, nested))
}

fn diff_type(change: &Pair, ty: &Type, at: &At<'_>) -> Diff {
    if let Some(diff) = special(change, at, &|change, at| diff_type(change, ty, at)) {
        return diff;
    }
    match ty {
        // Inside a value of any type nothing says that it forces a replacement: the block's header does.
        Type::Dynamic => {
            let focus = Focus {
                replace: &[],
                ..at.focus
            };
            diff_any(
                change,
                &At {
                    path: at.path.clone(),
                    focus,
                },
            )
        }
        Type::Bool | Type::Number | Type::String => diff_primitive(change, at),
        Type::List(element) => {
            let objects = matches!(**element, Type::Object(_));
            let (diffs, does) = diff_elements(change, at, objects, &|part, at| {
                diff_type(part, element, at)
            });
            with_replace(does, at, Kind::List(diffs, true))
        }
        Type::Tuple(types) => {
            let (before, after) = (elements(&change.before), elements(&change.after));
            let mut does = change.base();
            let diffs = (0..before.len().max(after.len()))
                .map(|it| {
                    let part = Pair::parts(before.get(it).cloned(), after.get(it).cloned());
                    let diff = diff_type(
                        &part,
                        types.get(it).unwrap_or(&Type::Dynamic),
                        &at.element(Some(it)),
                    );
                    does = join(does, diff.does);
                    diff
                })
                .collect();
            with_replace(does, at, Kind::List(diffs, true))
        }
        Type::Set(element) => {
            let (diffs, does) = diff_set(change, at, &|part, at| diff_type(part, element, at));
            with_replace(does, at, Kind::Set(diffs, false))
        }
        Type::Map(element) => {
            let (diffs, does) = diff_map(change, at, &|part, at| diff_type(part, element, at));
            with_replace(does, at, Kind::Map(diffs, false))
        }
        Type::Object(object) => {
            let parts = object.attributes.iter().map(|(name, ty)| {
                (
                    name.to_string(),
                    Box::new(move |part: &Pair, at: &At<'_>| diff_type(part, ty, at))
                        as PartDiff<'_>,
                )
            });
            diff_object(change, parts, at, false)
        }
    }
}

/// What JSON would call the type of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Null,
    Bool,
    Number,
    String,
    Array,
    Object,
}

fn shape(value: &Value) -> Shape {
    match value.peek().0 {
        Plain::Unknown(_) | Plain::Null(_) => Shape::Null,
        Plain::Bool(_) => Shape::Bool,
        Plain::Number(_) => Shape::Number,
        Plain::String(_) => Shape::String,
        Plain::List(..) | Plain::Set(..) | Plain::Tuple(_) => Shape::Array,
        Plain::Map(..) | Plain::Object(_) => Shape::Object,
    }
}

fn diff_any(change: &Pair, at: &At<'_>) -> Diff {
    if let Some(diff) = special(change, at, &diff_any) {
        return diff;
    }
    let (before, after) = (shape(&change.before), shape(&change.after));
    let going = after == Shape::Null && !change.after_explicit;
    let coming = before == Shape::Null && !change.before_explicit;
    if before == after || going || coming {
        return diff_shape(
            change,
            if before == Shape::Null { after } else { before },
            at,
        );
    }
    let gone = diff_shape(&change.gone(), before, at);
    let come = diff_shape(&change.come(), after, at);
    with_replace(
        Does::Change,
        at,
        Kind::Retyped(Box::new(gone), Box::new(come)),
    )
}

fn diff_shape(change: &Pair, shape: Shape, at: &At<'_>) -> Diff {
    match shape {
        Shape::Null | Shape::Bool | Shape::Number | Shape::String => diff_primitive(change, at),
        Shape::Array => {
            // What has no schema is compared by position, where something was changed and not only moved.
            let (before, after) = (elements(&change.before), elements(&change.after));
            if is_by_position(&before, &after, raw_equal) {
                let mut does = change.base();
                let diffs = (0..before.len())
                    .map(|it| {
                        let part = Pair::new(before[it].clone(), after[it].clone());
                        let diff = diff_any(&part, &at.element(Some(it)));
                        does = join(does, diff.does);
                        diff
                    })
                    .collect();
                return with_replace(does, at, Kind::List(diffs, true));
            }
            let (diffs, does) = diff_elements(change, at, true, &diff_any);
            with_replace(does, at, Kind::List(diffs, true))
        }
        Shape::Object => {
            let (diffs, does) = diff_map(change, at, &diff_any);
            with_replace(does, at, Kind::Object(diffs, false))
        }
    }
}

/// Whether two lists are compared by position: they have one length, and something of the first is nowhere in the second.
/// Observed with Terraform 1.11.4 on some hundred lists and texts.
fn is_by_position<T>(before: &[T], after: &[T], equal: impl Fn(&T, &T) -> bool) -> bool {
    before.len() == after.len()
        && (before.len() > LONGEST
            || before
                .iter()
                .any(|it| !after.iter().any(|other| equal(it, other))))
}

/// The longest list that is compared with another element by element.
const LONGEST: usize = 2_000;

fn diff_primitive(change: &Pair, at: &At<'_>) -> Diff {
    let side = |value: &Value, there: bool| there.then(|| value.clone());
    let kind = Kind::Primitive(
        side(&change.before, change.was()),
        side(&change.after, change.will_be()),
    );
    with_replace(change.does(), at, kind)
}

fn diff_elements(
    change: &Pair,
    at: &At<'_>,
    objects: bool,
    diff: &dyn Fn(&Pair, &At<'_>) -> Diff,
) -> (Vec<Diff>, Does) {
    let (before, after) = (elements(&change.before), elements(&change.after));
    let mut does = change.base();
    let diffs = pairs(&before, &after, objects)
        .into_iter()
        .map(|(b, a)| {
            let part = Pair::parts(
                b.map(|it| before[it].clone()),
                a.map(|it| after[it].clone()),
            );
            let diff = diff(&part, &at.element(a.or(b)));
            does = join(does, diff.does);
            diff
        })
        .collect();
    (diffs, does)
}

fn diff_set(
    change: &Pair,
    at: &At<'_>,
    diff: &dyn Fn(&Pair, &At<'_>) -> Diff,
) -> (Vec<Diff>, Does) {
    let (before, after) = (elements(&change.before), elements(&change.after));
    let mut does = change.base();
    let diffs = set_pairs(&before, &after)
        .into_iter()
        .map(|(b, a)| {
            let part = Pair::parts(
                b.map(|it| before[it].clone()),
                a.map(|it| after[it].clone()),
            );
            let diff = diff(&part, &at.element(None));
            does = join(does, diff.does);
            diff
        })
        .collect();
    (diffs, does)
}

fn diff_map(
    change: &Pair,
    at: &At<'_>,
    diff: &dyn Fn(&Pair, &At<'_>) -> Diff,
) -> (BTreeMap<String, Diff>, Does) {
    let mut does = change.base();
    let diffs = keys(change)
        .into_iter()
        .map(|key| {
            let part = Pair::parts(entry(&change.before, &key), entry(&change.after, &key));
            let diff = diff(&part, &at.key(&key));
            does = join(does, diff.does);
            (key, diff)
        })
        .collect();
    (diffs, does)
}

fn elements(value: &Value) -> Vec<Value> {
    value.elements().map(<[Value]>::to_vec).unwrap_or_default()
}

fn entry(value: &Value, key: &str) -> Option<Value> {
    value.entries()?.get(key).cloned()
}

fn keys(change: &Pair) -> BTreeSet<String> {
    let of = |value: &Value| {
        value
            .entries()
            .map(|it| it.keys().map(ToString::to_string).collect::<Vec<_>>())
    };
    of(&change.before)
        .into_iter()
        .chain(of(&change.after))
        .flatten()
        .collect()
}

type Positions = (Option<usize>, Option<usize>);

/// Pairs the elements of two lists along their longest common subsequence; what is between is gone and come, objects
/// (where `objects` is set) changed.
pub(crate) fn pairs(before: &[Value], after: &[Value], objects: bool) -> Vec<Positions> {
    let is_object = |it: &Value| objects && shape(it) == Shape::Object;
    // Beyond this, the table of the subsequence would take too long: elements are paired by position.
    if before.len().saturating_mul(after.len()) > 4_000_000 {
        let longest = before.len().max(after.len());
        return (0..longest)
            .map(|it| {
                (
                    (it < before.len()).then_some(it),
                    (it < after.len()).then_some(it),
                )
            })
            .collect();
    }
    let common = common_subsequence(before.len(), after.len(), |b, a| {
        raw_equal(&before[b], &after[a])
    });
    let mut res = Vec::new();
    let (mut b, mut a) = (0, 0);
    let mut common = common.into_iter().map(|(b, _)| &before[b]).peekable();
    loop {
        // The first that equals what comes next counts, wherever the subsequence has it.
        let next = common.peek().copied();
        let stop = |list: &[Value], at: usize| {
            at >= list.len() || next.is_some_and(|it| raw_equal(&list[at], it))
        };
        while !stop(before, b) {
            if is_object(&before[b]) && !stop(after, a) && is_object(&after[a]) {
                res.push((Some(b), Some(a)));
                a += 1;
            } else {
                res.push((Some(b), None));
            }
            b += 1;
        }
        while !stop(after, a) {
            res.push((None, Some(a)));
            a += 1;
        }
        let Some(_) = common.next() else { break };
        if b < before.len() && a < after.len() {
            res.push((Some(b), Some(a)));
            b += 1;
            a += 1;
        }
    }
    res
}

/// Pairs of equal lines of two texts, gone and come ones between.
pub fn line_pairs(before: &[&str], after: &[&str]) -> Vec<Positions> {
    let to_value = |it: &&str| Value::string(it);
    pairs(
        &before.iter().map(to_value).collect::<Vec<_>>(),
        &after.iter().map(to_value).collect::<Vec<_>>(),
        false,
    )
}

/// The same for a text that changes: by position where [lists](is_by_position) are, each gone line before the one that
/// takes its place.
pub fn changed_lines(before: &[&str], after: &[&str]) -> Vec<Positions> {
    if !is_by_position(before, after, |b, a| b == a) {
        return line_pairs(before, after);
    }
    (0..before.len())
        .flat_map(|at| {
            if before[at] == after[at] {
                vec![(Some(at), Some(at))]
            } else {
                vec![(Some(at), None), (None, Some(at))]
            }
        })
        .collect()
}

/// Positions of a longest common subsequence.
fn common_subsequence(
    n: usize,
    m: usize,
    equal: impl Fn(usize, usize) -> bool,
) -> Vec<(usize, usize)> {
    if n == 0 || m == 0 {
        return Vec::new();
    }
    let (mut lengths, mut equals) = (vec![0u32; n * m], vec![false; n * m]);
    for y in 0..m {
        for x in 0..n {
            let is_equal = equal(x, y);
            let left = if x > 0 { lengths[n * y + x - 1] } else { 0 };
            let up = if y > 0 { lengths[n * (y - 1) + x] } else { 0 };
            let corner = if x > 0 && y > 0 {
                lengths[n * (y - 1) + x - 1]
            } else {
                0
            };
            equals[n * y + x] = is_equal;
            lengths[n * y + x] = if is_equal { corner + 1 } else { left.max(up) };
        }
    }
    let mut res = Vec::new();
    let (mut x, mut y) = (n, m);
    while x > 0 && y > 0 {
        let at = n * (y - 1) + (x - 1);
        if equals[at] {
            res.push((x - 1, y - 1));
            x -= 1;
            y -= 1;
        } else if x == 1 {
            y -= 1;
        } else if y == 1 || lengths[at - 1] > lengths[at - n] {
            x -= 1;
        } else {
            y -= 1;
        }
    }
    res.reverse();
    res
}

/// Pairs equal elements of two sets; the others are gone or come.
fn set_pairs(before: &[Value], after: &[Value]) -> Vec<Positions> {
    // Each element's neighbours in the order of sets are looked at, not all others: sets may be large.
    let mut order: Vec<usize> = (0..after.len()).collect();
    order.sort_by(|l, r| value::ops::set_order(&after[*l], &after[*r]));
    let mut taken = vec![false; after.len()];
    let mut res = Vec::new();
    for (b, element) in before.iter().enumerate() {
        let from = order.partition_point(|it| value::ops::set_order(&after[*it], element).is_lt());
        let found = order[from..]
            .iter()
            .take_while(|it| value::ops::set_order(&after[**it], element).is_eq())
            .copied()
            .find(|it| {
                !taken[*it]
                    && after[*it].is_known()
                    && raw_equal(element, &after[*it])
                    && after[*it].has_mark(Mark::Sensitive) == element.has_mark(Mark::Sensitive)
            });
        if let Some(a) = found {
            taken[a] = true;
        }
        res.push((Some(b), found));
    }
    res.extend(
        (0..after.len())
            .filter(|it| !taken[*it])
            .map(|it| (None, Some(it))),
    );
    res
}

/// A value with every schema-sensitive attribute marked, for JSON and state views.
pub fn mark_by_schema(value: &Value, schema: &Block) -> Value {
    if value.is_null() || !value.is_known() {
        return value.clone();
    }
    let marks = value.marks();
    let Some(entries) = value.entries() else {
        return value.clone();
    };
    let mut entries = entries.clone();
    for (name, attribute) in &schema.attributes {
        if attribute.extra && entries.get(name).is_some_and(Value::is_null) {
            entries.remove(name);
        }
        if let Some(it) = entries.get_mut(name) {
            *it = mark_attribute(it, attribute);
        }
    }
    for (name, nested) in &schema.blocks {
        if let Some(it) = entries.get_mut(name) {
            *it = each_object(it, nested.nesting, &|it| mark_by_schema(it, &nested.block));
        }
    }
    Value::new(Plain::Object(entries.into())).mark(marks)
}

fn mark_attribute(value: &Value, attribute: &Attribute) -> Value {
    if attribute.sensitive {
        return value.clone().mark(Marks::SENSITIVE);
    }
    match &attribute.kind {
        AttributeKind::Plain(_) => value.clone(),
        AttributeKind::Nested(nesting, attributes) => {
            let block = Block {
                attributes: attributes.clone(),
                ..Block::default()
            };
            each_object(value, *nesting, &|it| mark_by_schema(it, &block))
        }
    }
}

fn each_object(value: &Value, nesting: Nesting, change: &dyn Fn(&Value) -> Value) -> Value {
    if matches!(nesting, Nesting::Single | Nesting::Group) {
        return change(value);
    }
    let marks = value.marks();
    let all = |values: &[Value]| values.iter().map(change).collect::<Vec<_>>();
    let res = match value.peek().0 {
        Plain::List(ty, values) => Value::new(Plain::List(ty.clone(), all(values).into())),
        Plain::Tuple(values) => Value::tuple(all(values)),
        // A set cannot hold marked elements: the whole set is marked.
        Plain::Set(ty, values) => Value::set((**ty).clone(), all(values)),
        Plain::Map(ty, values) => {
            let values = values
                .iter()
                .map(|(key, it)| (key.clone(), change(it)))
                .collect::<BTreeMap<_, _>>();
            Value::new(Plain::Map(ty.clone(), values.into()))
        }
        Plain::Object(values) => {
            Value::object(values.iter().map(|(key, it)| (key.clone(), change(it))))
        }
        Plain::Unknown(_)
        | Plain::Null(_)
        | Plain::Bool(_)
        | Plain::Number(_)
        | Plain::String(_) => value.clone(),
    };
    res.mark(marks)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Letters as lines: `=` stays, `-` goes, `+` comes. Observed with Terraform 1.11.4.
    fn check(before: &str, after: &str, expected: &str) {
        let letters = |it: &str| -> Vec<String> { it.chars().map(String::from).collect() };
        let (before, after) = (letters(before), letters(after));
        let before: Vec<&str> = before.iter().map(String::as_str).collect();
        let after: Vec<&str> = after.iter().map(String::as_str).collect();
        let res: String = changed_lines(&before, &after)
            .into_iter()
            .map(|pair| match pair {
                (Some(b), Some(_)) => format!("={}", before[b]),
                (Some(b), None) => format!("-{}", before[b]),
                (None, Some(a)) => format!("+{}", after[a]),
                (None, None) => String::new(),
            })
            .collect();
        assert_eq!(res, expected, "{before:?} {after:?}");
    }

    #[test]
    fn lines_are_paired_as_the_reference_pairs_them() {
        // As many lines, and one that is nowhere any more: by position.
        check("ab", "bb", "-a+b=b");
        check("abdab", "aabab", "=a-b+a-d+b=a=b");
        check("acdd", "cdyd", "-a+c-c+d-d+y=d");
        check("cbdab", "cbbxb", "=c=b-d+b-a+x=b");
        // As many lines, only moved or added: by what they have in common.
        check("cc", "dc", "+d=c-c");
        check("bab", "bba", "=b-a=b+a");
        check("abad", "yabd", "+y=a=b-a=d");
        check("bdcbb", "bdcxb", "=b=d=c+x=b-b");
        check("cbcbd", "bbccd", "-c=b-c=b+c+c=d");
        // More or fewer.
        check("acdcb", "acyb", "=a=c-d-c+y=b");
        check("aa", "adba", "=a+d+b=a");
        check("fot", "foeot", "=f=o+e+o=t");
        check("adb", "cb", "-a-d+c=b");
    }
}
