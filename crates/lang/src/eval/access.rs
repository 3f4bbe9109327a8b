//! Traversals, indexes and splats.

use diag::{Code, Diagnostic, Diagnostics, Span};
use hcl::{Expr, Index, Splat, Step, StepKind, Traversal};
use value::{Marks, Number, Plain, Type, Unknown, Value};

use super::{Evaluator, Names, code, convert, reason};

/// Why a step has no result.
pub(crate) struct Trouble {
    code: &'static Code,
    detail: String,
}

impl Trouble {
    fn new(code: &'static Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
        }
    }

    pub(super) fn at(self, span: Span) -> Diagnostic {
        Diagnostic::error(self.code, self.detail).at(span)
    }
}

impl Evaluator<'_> {
    pub(super) fn traversal(
        &self,
        expr: &Expr,
        traversal: &Traversal,
        names: &Names<'_>,
        diags: &mut Diagnostics,
    ) -> Value {
        let mut troubles = Diagnostics::new();
        let found = self.root(traversal, names, &mut troubles);
        let Some((root, steps)) = found.filter(|_| !troubles.has_errors()) else {
            diags.append(troubles);
            return Value::dynamic();
        };
        self.steps(root, &steps, expr, names, diags)
    }

    /// The value of the first part of a traversal and the steps that are left.
    fn root<'t>(
        &self,
        traversal: &'t Traversal,
        names: &Names<'_>,
        diags: &mut Diagnostics,
    ) -> Option<(Value, std::borrow::Cow<'t, [Step]>)> {
        if let Some(value) = names.get(&traversal.root.name) {
            return Some((value.clone(), traversal.steps.as_slice().into()));
        }
        let Some(scope) = self.scope else {
            diags.push(
                Diagnostic::error(
                    &code::UNKNOWN_VARIABLE,
                    format!(
                        "The template is not given a value named \"{}\".",
                        traversal.root.name
                    ),
                )
                .at(traversal.root.span),
            );
            return None;
        };
        let reference = addr::parse::reference(traversal, diags)?;
        let value = match self.subjects.0.get(&reference.subject) {
            Some(value) => value.clone(),
            None => scope.value(&reference, diags),
        };
        Some((value, reference.rest.into()))
    }

    /// The value of a traversal if it has one, without messages.
    pub(super) fn quietly(&self, traversal: &Traversal, names: &Names<'_>) -> Option<Value> {
        let mut troubles = Diagnostics::new();
        let (mut value, steps) = self.root(traversal, names, &mut troubles)?;
        if troubles.has_errors() {
            return None;
        }
        for it in &*steps {
            value = step(&value, it).ok()?;
        }
        Some(value)
    }

    /// The value after some steps; the first that fails is reported and gives an unknown.
    pub(super) fn steps(
        &self,
        source: Value,
        steps: &[Step],
        expr: &Expr,
        names: &Names<'_>,
        diags: &mut Diagnostics,
    ) -> Value {
        let mut value = source;
        for it in steps {
            value = match step(&value, it) {
                Ok(value) => value,
                Err(trouble) => {
                    self.report(trouble.at(it.span), expr, names, diags);
                    return Value::dynamic();
                }
            };
        }
        value
    }

    pub(super) fn index(
        &self,
        expr: &Expr,
        it: &Index,
        names: &Names<'_>,
        diags: &mut Diagnostics,
    ) -> Value {
        let collection = self.value(&it.collection, names, diags);
        let key = self.value(&it.key, names, diags);
        match index(&collection, &key) {
            Ok(value) => value,
            Err(trouble) => {
                self.report(trouble.at(it.brackets), expr, names, diags);
                Value::dynamic()
            }
        }
    }

    pub(super) fn splat(&self, splat: &Splat, names: &Names<'_>, diags: &mut Diagnostics) -> Value {
        let n_errors = diags.n_errors();
        let source = self.value(&splat.source, names, diags);
        let each = |item: &Value, diags: &mut Diagnostics| {
            let names = Names {
                item: Some(item),
                ..*names
            };
            self.value(&splat.each, &names, diags)
        };
        if diags.n_errors() > n_errors {
            each(&Value::dynamic(), diags);
            return Value::dynamic();
        }
        let ty = source.ty();
        let is_sequence = matches!(ty, Type::Tuple(_) | Type::List(_) | Type::Set(_));
        if source.is_null() {
            if !is_sequence {
                return Value::tuple(Vec::new()).mark(source.marks());
            }
            self.report(
                Diagnostic::error(
                    &code::SPLAT_OF_NULL,
                    "A splat (the * symbol) walks a list, and this one is null.",
                )
                .at(splat.source.span)
                .within(splat.source.span.to(splat.marker)),
                &splat.source,
                names,
                diags,
            );
            return Value::dynamic();
        }
        if ty == Type::Dynamic {
            return Value::dynamic().mark(source.marks());
        }
        let (plain, marks) = source.split();
        if !is_sequence {
            // One value is walked like a list of it. Where it may turn out to be null, the length is not known yet.
            let may_be_null = matches!(&plain, Plain::Unknown(it) if !it.not_null);
            let value = each(&Value::new(plain).mark(marks), diags);
            return if may_be_null {
                Value::dynamic().mark(marks)
            } else if diags.n_errors() > n_errors {
                Value::unknown(Type::tuple([Type::Dynamic])).mark(marks)
            } else {
                Value::tuple(vec![value]).mark(marks)
            };
        }
        let result_type = |diags: &mut Diagnostics| match &ty {
            Type::Tuple(types) => Type::tuple(
                types
                    .iter()
                    .map(|ty| each(&Value::unknown(ty.clone()), diags).ty()),
            ),
            _ => Type::list(
                each(
                    &Value::unknown(ty.element().cloned().unwrap_or(Type::Dynamic)),
                    diags,
                )
                .ty(),
            ),
        };
        let values = match &plain {
            Plain::List(_, values) | Plain::Set(_, values) | Plain::Tuple(values) => values.clone(),
            Plain::Unknown(unknown) => {
                let mut res = Unknown::of(result_type(diags)).not_null();
                if matches!(res.ty, Type::List(_)) {
                    res.min_len = unknown.min_len;
                    res.max_len = unknown.max_len;
                }
                return Value::new(Plain::Unknown(Box::new(res))).mark(marks);
            }
            Plain::Null(_)
            | Plain::Bool(_)
            | Plain::Number(_)
            | Plain::String(_)
            | Plain::Map(..)
            | Plain::Object(_) => return Value::dynamic().mark(marks),
        };
        let n_errors = diags.n_errors();
        let mut results = Vec::with_capacity(values.len());
        let mut n_failed = 0;
        for (at, item) in values.iter().enumerate() {
            let mut troubles = Diagnostics::new();
            results.push(each(item, &mut troubles));
            n_failed += usize::from(troubles.has_errors());
            diags.append(in_iteration(troubles, &Value::from(at)));
            if n_failed == MAX_FAILED {
                break;
            }
        }
        if diags.n_errors() > n_errors {
            return Value::unknown(result_type(&mut Diagnostics::new())).mark(marks);
        }
        let list_type = match (&ty, results.first()) {
            (Type::Tuple(_), _) => None,
            (_, None) => match result_type(diags) {
                Type::List(element) => Some((*element).clone()),
                _ => None,
            },
            (_, Some(first)) => {
                let first = first.ty();
                results.iter().all(|it| it.ty() == first).then_some(first)
            }
        };
        match list_type {
            Some(element) => Value::list(element, results).mark(marks),
            None => Value::tuple(results).mark(marks),
        }
    }
}

/// After so many elements with mistakes, an iteration ends: the others have the same ones.
pub(super) const MAX_FAILED: usize = 50;

/// Says of messages from inside an iteration which element it was at.
pub(super) fn in_iteration(mut troubles: Diagnostics, key: &Value) -> Diagnostics {
    if key.marks().is_empty() {
        let key = match (key.as_str(), key.as_number()) {
            (Some(text), _) => addr::instance::quoted(text),
            (None, Some(number)) => number.to_string(),
            (None, None) => return troubles,
        };
        for it in &mut troubles {
            it.detail.push_str(&format!(" (At the element {key}.)"));
        }
    }
    troubles
}

/// The value after one literal step.
pub(crate) fn step(value: &Value, step: &Step) -> Result<Value, Trouble> {
    match &step.kind {
        StepKind::Attr(name) => attribute(value, name),
        StepKind::Key(key) => index(value, &Value::from(key.as_str())),
        StepKind::Index(number) => match Number::parse(number) {
            Some(number) => index(value, &Value::from(number)),
            None => Err(Trouble::new(
                &code::INVALID_INDEX,
                "This is not a number that can select an element.",
            )),
        },
    }
}

/// `value.name`.
pub(crate) fn attribute(value: &Value, name: &str) -> Result<Value, Trouble> {
    let unsupported = |detail: String| Err(Trouble::new(&code::UNSUPPORTED_ATTRIBUTE, detail));
    if value.is_null() {
        return Err(Trouble::new(
            &code::NULL_ATTRIBUTE_OF,
            format!("The value is null, so that it has no attribute \"{name}\"."),
        ));
    }
    let (plain, marks) = value.peek();
    match plain {
        Plain::Object(values) => match values.get(name) {
            Some(it) => Ok(it.clone().mark(marks)),
            None => unsupported(format!(
                "The object has no attribute \"{name}\".{}",
                suggestion(marks, name, values.keys().map(|it| &**it))
            )),
        },
        Plain::Map(_, values) => match values.get(name) {
            Some(it) => Ok(it.clone().mark(marks)),
            None => Err(Trouble::new(
                &code::MISSING_MAP_ELEMENT,
                format!(
                    "The map has no element with the key \"{name}\".{}",
                    suggestion(marks, name, values.keys().map(|it| &**it))
                ),
            )),
        },
        Plain::Unknown(unknown) => match &unknown.ty {
            Type::Object(object) => match object.attributes.get(name) {
                Some(ty) => Ok(Value::unknown(ty.clone()).mark(marks)),
                None => unsupported(format!(
                    "The object has no attribute \"{name}\".{}",
                    suggestion(marks, name, object.attributes.keys().map(|it| &**it))
                )),
            },
            Type::Map(element) => Ok(Value::unknown((**element).clone()).mark(marks)),
            Type::Dynamic => Ok(Value::dynamic().mark(marks)),
            ty => unsupported(no_attributes(ty, name)),
        },
        Plain::Null(_)
        | Plain::Bool(_)
        | Plain::Number(_)
        | Plain::String(_)
        | Plain::List(..)
        | Plain::Set(..)
        | Plain::Tuple(_) => unsupported(no_attributes(&value.ty(), name)),
    }
}

/// A name that was meant, unless what has the names is a secret.
fn suggestion<'a>(marks: Marks, name: &str, names: impl Iterator<Item = &'a str>) -> String {
    if marks.is_empty() {
        diag::suggest::did_you_mean(name, names)
    } else {
        String::new()
    }
}

fn no_attributes(ty: &Type, name: &str) -> String {
    let has_it =
        |element: &Type| matches!(element, Type::Object(it) if it.attributes.contains_key(name));
    match ty {
        Type::List(element) if matches!(**element, Type::Object(_)) => {
            if has_it(element) {
                format!(
                    "This is a list of objects, and its elements have the attribute \"{name}\", not the list. Select one element, as in [0].{name}, or ask all of them with [*].{name}."
                )
            } else {
                "This is a list of objects, which has no attributes itself. Select one element, as in [0], or all of them with [*].".to_owned()
            }
        }
        Type::Set(element) if matches!(**element, Type::Object(_)) => format!(
            "This is a set of objects, which has no attributes itself. Ask all of its elements with [*].{name} or a for expression."
        ),
        Type::Bool | Type::Number | Type::String => {
            format!("A {} has no attributes.", value::show::friendly_type(ty))
        }
        _ => format!(
            "A value of the type {} has no attributes.",
            value::show::friendly_type(ty)
        ),
    }
}

/// `collection[key]`.
pub(crate) fn index(collection: &Value, key: &Value) -> Result<Value, Trouble> {
    let invalid = |detail: String| Err(Trouble::new(&code::INVALID_INDEX, detail));
    if collection.is_null() {
        return Err(Trouble::new(
            &code::INDEX_OF_NULL,
            "The value is null, so that it has no elements to select.",
        ));
    }
    if key.is_null() {
        return invalid("The index is null: it must be a number or a text.".to_owned());
    }
    // The types of the elements do not matter here, and there may be thousands.
    let ty = match collection.peek().0 {
        Plain::Tuple(_) => Type::tuple([]),
        Plain::Object(_) => Type::object::<&str>([]),
        _ => collection.ty(),
    };
    let key_ty = key.ty();
    let marks = collection.marks().union(key.marks());
    if key_ty == Type::Dynamic || ty == Type::Dynamic {
        return Ok(Value::dynamic().mark(collection.marks()));
    }
    let wanted = match &ty {
        Type::List(_) | Type::Tuple(_) => Type::Number,
        Type::Map(_) | Type::Object(_) => Type::String,
        Type::Set(_) => {
            return invalid(
                "Elements of a set have no index. Convert it with tolist() if the order does not matter, or walk all of its elements.".to_owned(),
            );
        }
        Type::Bool | Type::Number | Type::String | Type::Dynamic => {
            return invalid(format!(
                "A {} has no elements to select.",
                value::show::friendly_type(&ty)
            ));
        }
    };
    let key = match convert(key, &wanted) {
        Ok(it) => it,
        Err(err) => {
            return invalid(format!(
                "This index cannot select an element: {}.",
                reason(&err)
            ));
        }
    };
    if !key.is_known() {
        // Marks of the key count when it is known.
        return Ok(match &ty {
            Type::List(element) | Type::Map(element) => Value::unknown((**element).clone()),
            _ => Value::dynamic(),
        }
        .mark(collection.marks()));
    }
    let missing_key = |names: &mut dyn Iterator<Item = &str>| {
        let hint = match key.as_str() {
            Some(name) if key_ty == Type::String => suggestion(marks, name, names),
            _ if key_ty == Type::Number && matches!(ty, Type::Object(_)) => {
                " Attributes of an object have names, not positions.".to_owned()
            }
            _ => String::new(),
        };
        format!("There is no element under this key.{hint}")
    };
    let missing_position = |n: Option<usize>| {
        let Some(number) = key.as_number() else {
            return "There is no element at this index.".to_owned();
        };
        if !number.is_whole() {
            return "There is no element at this index: it has a fraction. Division gives fractions; floor() takes them off.".to_owned();
        }
        if number.to_f64() < 0.0 {
            return "There is no element at this index: it is negative, and elements are counted from the start only.".to_owned();
        }
        match n {
            Some(0) => {
                "There is no element at this index: there are no elements at all.".to_owned()
            }
            Some(n) if collection.marks().is_empty() => format!(
                "There is no element at this index: the last of the {n} elements has the index {}.",
                n - 1
            ),
            _ => "There is no element at this index.".to_owned(),
        }
    };
    let position = key
        .as_number()
        .filter(|it| it.is_whole())
        .and_then(Number::to_i64)
        .and_then(|it| usize::try_from(it).ok());
    match (collection.peek().0, &ty) {
        (Plain::List(_, values) | Plain::Tuple(values), _) => {
            match position.and_then(|at| values.get(at)) {
                Some(it) => Ok(it.clone().mark(marks)),
                None => invalid(missing_position(Some(values.len()))),
            }
        }
        (Plain::Map(_, values) | Plain::Object(values), _) => {
            match key.as_str().and_then(|name| values.get(name)) {
                // Which attribute was asked for does not make it a secret; the type of the whole tells their names.
                Some(it) if matches!(ty, Type::Object(_)) => {
                    Ok(it.clone().mark(collection.marks()))
                }
                Some(it) => Ok(it.clone().mark(marks)),
                None => invalid(missing_key(&mut values.keys().map(|it| &**it))),
            }
        }
        (_, Type::Tuple(types)) => match position.and_then(|at| types.get(at)) {
            Some(ty) => Ok(Value::unknown(ty.clone()).mark(marks)),
            None => invalid(missing_position(Some(types.len()))),
        },
        // With a dot, `a.b`, the type decides already; with an index the reference waits for the value.
        (_, Type::List(element) | Type::Map(element)) => {
            Ok(Value::unknown((**element).clone()).mark(marks))
        }
        _ => Ok(Value::dynamic().mark(marks)),
    }
}
