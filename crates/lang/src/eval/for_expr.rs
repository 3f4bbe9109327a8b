//! `for` expressions; `%{ for }` directives are the same with a template as the value.

use std::collections::BTreeMap;
use std::sync::Arc;

use diag::{Diagnostic, Diagnostics, Span};
use hcl::{Expr, For, Ident};
use value::{Marks, Plain, Type, Value};

use super::access::{MAX_FAILED, in_iteration};
use super::{Evaluator, Names, code, convert, reason};

/// Keys and values of what is walked, and the marks of the whole.
pub(super) struct Walked {
    /// `None` where they are not known.
    pub(super) entries: Option<Vec<(Value, Value)>>,
    pub(super) marks: Marks,
}

impl Evaluator<'_> {
    /// What a `for` walks; `Err` gives the result where there is nothing to walk (reported where it is a mistake).
    pub(super) fn walked(
        &self,
        collection: &Expr,
        context: Span,
        names: &Names<'_>,
        diags: &mut Diagnostics,
    ) -> Result<Walked, Value> {
        let value = self.value(collection, names, diags);
        if value.is_null() {
            self.report(
                Diagnostic::error(
                    &code::FOR_OF_NULL,
                    "A for walks a collection, and this value is null. To walk nothing instead, use coalesce() or a conditional with an empty list.",
                )
                .at(collection.span)
                .within(context),
                collection,
                names,
                diags,
            );
            return Err(Value::dynamic());
        }
        let ty = value.ty();
        if ty == Type::Dynamic {
            return Err(Value::dynamic().mark(value.marks()));
        }
        let (plain, marks) = value.split();
        let entries = match &plain {
            Plain::List(_, values) | Plain::Tuple(values) => values
                .iter()
                .enumerate()
                .map(|(at, it)| (Value::from(at), it.clone()))
                .collect(),
            Plain::Set(_, values) => values.iter().map(|it| (it.clone(), it.clone())).collect(),
            Plain::Map(_, values) | Plain::Object(values) => values
                .iter()
                .map(|(key, it)| (Value::from(&**key), it.clone()))
                .collect(),
            Plain::Unknown(_) if !ty.is_primitive() => {
                return Ok(Walked {
                    entries: None,
                    marks,
                });
            }
            Plain::Unknown(_)
            | Plain::Null(_)
            | Plain::Bool(_)
            | Plain::Number(_)
            | Plain::String(_) => {
                self.report(
                    Diagnostic::error(
                        &code::FOR_OF_OTHER,
                        format!(
                            "A for walks a list, set, tuple, map or object; this value is a {}.",
                            value::show::friendly_type(&ty)
                        ),
                    )
                    .at(collection.span)
                    .within(context),
                    collection,
                    names,
                    diags,
                );
                return Err(Value::dynamic().mark(marks));
            }
        };
        Ok(Walked {
            entries: Some(entries),
            marks,
        })
    }

    /// Does something with the names of a `for` bound.
    pub(super) fn bound<R>(
        key_name: Option<&Ident>,
        value_name: &Ident,
        key: Value,
        value: Value,
        names: &Names<'_>,
        then: impl FnOnce(&Names<'_>) -> R,
    ) -> R {
        match key_name {
            None => names.with(&value_name.name, value, then),
            Some(ident) => names.with(&ident.name, key, |names| {
                names.with(&value_name.name, value, then)
            }),
        }
    }

    pub(super) fn for_expr(
        &self,
        expr: &Expr,
        it: &For,
        names: &Names<'_>,
        diags: &mut Diagnostics,
    ) -> Value {
        let walked = match self.walked(&it.collection, expr.span, names, diags) {
            Ok(it) => it,
            Err(value) => return value,
        };
        let mut marks = walked.marks;
        if let Some(condition) = &it.condition
            && !self.condition_makes_sense(expr, it, condition, names, diags)
        {
            return Value::dynamic();
        }
        let Some(entries) = walked.entries else {
            return Value::dynamic().mark(marks);
        };
        let mut known = true;
        let mut n_failed = 0;
        let mut list: Vec<Value> = Vec::new();
        let mut object: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
        for (key, value) in entries {
            let mut troubles = Diagnostics::new();
            Self::bound(
                it.key_name.as_ref(),
                &it.value_name,
                key.clone(),
                value,
                names,
                |names| {
                    let troubles = &mut troubles;
                    if let Some(condition) = &it.condition {
                        match self.included(expr, condition, known, names, &mut marks, troubles) {
                            Some(true) => {}
                            Some(false) => return,
                            None => {
                                known = false;
                                return;
                            }
                        }
                    }
                    let Some(key_expr) = &it.key else {
                        list.push(self.value(&it.value, names, troubles));
                        return;
                    };
                    let Some(key) =
                        self.for_key(expr, key_expr, known, names, &mut marks, troubles)
                    else {
                        known = false;
                        return;
                    };
                    let value = self.value(&it.value, names, troubles);
                    let values = object.entry(key).or_default();
                    if !it.group && !values.is_empty() {
                        self.report(
                            Diagnostic::error(
                                &code::FOR_DUPLICATE_KEY,
                                "Two elements of this for expression have the same key. Where that is expected, write ... after the value: the values of one key are then put together in a list.",
                            )
                            .at(key_expr.span)
                            .within(expr.span),
                            key_expr,
                            names,
                            troubles,
                        );
                    } else {
                        values.push(value);
                    }
                },
            );
            n_failed += usize::from(troubles.has_errors());
            diags.append(in_iteration(troubles, &key));
            if n_failed == MAX_FAILED {
                known = false;
                break;
            }
        }
        if !known {
            return Value::dynamic().mark(marks);
        }
        if it.key.is_none() {
            return Value::tuple(list).mark(marks);
        }
        Value::object(object.into_iter().map(|(key, mut values)| {
            let value = if it.group {
                Value::tuple(values)
            } else {
                values.pop().unwrap_or_else(Value::dynamic)
            };
            (key, value)
        }))
        .mark(marks)
    }

    /// Whether the `if` clause can be a condition at all, seen without values: one message instead of one an element.
    fn condition_makes_sense(
        &self,
        expr: &Expr,
        it: &For,
        condition: &Expr,
        names: &Names<'_>,
        diags: &mut Diagnostics,
    ) -> bool {
        let n_errors = diags.n_errors();
        Self::bound(
            it.key_name.as_ref(),
            &it.value_name,
            Value::dynamic(),
            Value::dynamic(),
            names,
            |names| {
                let value = self.value(condition, names, diags);
                if value.is_null() {
                    self.report(
                        Diagnostic::error(
                            &code::FOR_NULL_CONDITION,
                            "The if clause of a for must be true or false; it is null.",
                        )
                        .at(condition.span)
                        .within(expr.span),
                        condition,
                        names,
                        diags,
                    );
                } else if let Err(err) = convert(&value, &Type::Bool) {
                    self.report(
                        Diagnostic::error(
                            &code::FOR_CONDITION,
                            format!(
                                "The if clause of a for must be true or false: {}.",
                                reason(&err)
                            ),
                        )
                        .at(condition.span)
                        .within(expr.span),
                        condition,
                        names,
                        diags,
                    );
                }
            },
        );
        diags.n_errors() == n_errors
    }

    /// Whether the `if` clause takes an element in; `None` where that is not known.
    fn included(
        &self,
        expr: &Expr,
        condition: &Expr,
        report: bool,
        names: &Names<'_>,
        marks: &mut Marks,
        diags: &mut Diagnostics,
    ) -> Option<bool> {
        let value = self.value(condition, names, diags);
        let trouble = if value.is_null() {
            Some("it is null".to_owned())
        } else {
            *marks = marks.union(value.marks());
            if !value.is_known() {
                return None;
            }
            match convert(&value, &Type::Bool) {
                Ok(it) => return it.as_bool(),
                Err(err) => Some(reason(&err)),
            }
        };
        if let Some(trouble) = trouble.filter(|_| report) {
            self.report(
                Diagnostic::error(
                    &code::FOR_CONDITION,
                    format!("The if clause of a for must be true or false: {trouble}."),
                )
                .at(condition.span)
                .within(expr.span),
                condition,
                names,
                diags,
            );
        }
        None
    }

    /// The key of an element's result; `None` where it is not known or wrong.
    fn for_key(
        &self,
        expr: &Expr,
        key: &Expr,
        report: bool,
        names: &Names<'_>,
        marks: &mut Marks,
        diags: &mut Diagnostics,
    ) -> Option<Arc<str>> {
        let value = self.value(key, names, diags);
        let trouble = if value.is_null() {
            Some("it is null".to_owned())
        } else {
            *marks = marks.union(value.marks());
            if !value.is_known() {
                return None;
            }
            match convert(&value, &Type::String) {
                Ok(it) => return it.as_str().map(Arc::from),
                Err(err) => Some(reason(&err)),
            }
        };
        if let Some(trouble) = trouble.filter(|_| report) {
            self.report(
                Diagnostic::error(
                    &code::FOR_KEY,
                    format!("The key of each result of a for must be a text: {trouble}."),
                )
                .at(key.span)
                .within(expr.span),
                key,
                names,
                diags,
            );
        }
        None
    }
}
