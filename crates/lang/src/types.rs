//! Type expressions: `list(object({ name = string, port = optional(number, 80) }))`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use diag::{Code, Diagnostic, Diagnostics, Span};
use hcl::{Call, Expr, ExprKind, ObjectKey, TemplateForm};
use value::{Marks, ObjectType, Plain, Type, Value, convert, unify};

use crate::eval::{constant, path_text};
use crate::refs::MAX_DEPTH;

/// The defaults of optional attributes inside a type constraint, by where they stand in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Defaults {
    /// Defaults of this object's attributes.
    pub values: BTreeMap<Arc<str>, Value>,
    /// Defaults inside attributes (by name) or elements (`""` for collections, the position for tuples).
    pub children: BTreeMap<Arc<str>, Defaults>,
}

impl Defaults {
    /// Whether there is none at any depth.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.children.values().all(Defaults::is_empty)
    }

    /// The value with missing and null optional attributes replaced by their defaults; before conversion.
    pub fn apply(&self, value: &Value) -> Value {
        if self.is_empty() || value.is_null() || !value.is_known() {
            return value.clone();
        }
        let (plain, marks) = value.clone().split();
        let res = match &plain {
            Plain::List(_, values) => {
                let values = self.applied(values);
                match common_type(&values) {
                    Some(ty) if !values.is_empty() => converted(&values, &ty)
                        .map_or_else(|| Value::tuple(values), |it| Value::list(ty, it)),
                    _ if values.is_empty() => Value::new(plain),
                    _ => Value::tuple(values),
                }
            }
            Plain::Set(_, values) => {
                let values = self.applied(values);
                match common_type(&values) {
                    Some(ty) if !values.is_empty() => converted(&values, &ty)
                        .map_or_else(|| Value::tuple(values), |it| Value::set(ty, it)),
                    _ if values.is_empty() => Value::new(plain),
                    _ => Value::tuple(values),
                }
            }
            Plain::Tuple(values) => Value::tuple(self.applied(values)),
            Plain::Map(_, entries) => {
                let values = self.filled(entries);
                let list: Vec<Value> = values.values().cloned().collect();
                match common_type(&list) {
                    Some(ty) if !list.is_empty() => match converted(&list, &ty) {
                        Some(list) => Value::map(ty, values.into_keys().zip(list).collect()),
                        None => Value::object(values),
                    },
                    _ if list.is_empty() => Value::new(plain),
                    _ => Value::object(values),
                }
            }
            Plain::Object(entries) => Value::object(self.filled(entries)),
            Plain::Unknown(_)
            | Plain::Null(_)
            | Plain::Bool(_)
            | Plain::Number(_)
            | Plain::String(_) => Value::new(plain),
        };
        res.mark(marks)
    }

    fn applied(&self, values: &[Value]) -> Vec<Value> {
        values
            .iter()
            .enumerate()
            .map(|(at, it)| {
                let child = self
                    .children
                    .get("")
                    .or_else(|| self.children.get(at.to_string().as_str()));
                child.map_or_else(|| it.clone(), |child| child.apply(it))
            })
            .collect()
    }

    fn filled(&self, entries: &BTreeMap<Arc<str>, Value>) -> BTreeMap<Arc<str>, Value> {
        let mut res: BTreeMap<Arc<str>, Value> = entries
            .iter()
            .map(|(name, it)| {
                let child = self.children.get(name).or_else(|| self.children.get(""));
                let value = child.map_or_else(|| it.clone(), |child| child.apply(it));
                (name.clone(), value)
            })
            .collect();
        for (name, default) in &self.values {
            let given = res.get(name);
            if given.is_none_or(Value::is_null) {
                let marks = given.map_or(Marks::NONE, Value::marks);
                let value = match self.children.get(name) {
                    Some(child) => child.apply(default),
                    None => default.clone(),
                };
                res.insert(name.clone(), value.mark(marks));
            }
        }
        res
    }
}

fn common_type(values: &[Value]) -> Option<Type> {
    let types: Vec<Type> = values.iter().map(Value::ty).collect();
    unify(&types)
}

fn converted(values: &[Value], ty: &Type) -> Option<Vec<Value>> {
    values.iter().map(|it| convert(it, ty).ok()).collect()
}

/// The type that an expression names, with optional attributes and their defaults.
///
/// `list` and `map` alone stand for `list(any)` and `map(any)`, as old configurations have them. In JSON the type is a
/// text.
pub fn type_constraint(expr: &Expr, diags: &mut Diagnostics) -> (Type, Defaults) {
    if let ExprKind::Template(template) = &expr.kind {
        if template.form == TemplateForm::Bare {
            return match hcl::json::embedded_expr(expr, diags) {
                Some(inner) => type_constraint(&inner, diags),
                None => (Type::Dynamic, Defaults::default()),
            };
        }
        if template.literal().is_none() {
            return constraint(expr, 0, diags);
        }
        let diag = match template.literal().as_deref() {
            Some(word @ ("string" | "list" | "map")) => {
                let better = match word {
                    "list" => "list(string)",
                    "map" => "map(string)",
                    word => word,
                };
                Diagnostic::error(
                    &code::QUOTED_TYPE,
                    format!("A type is written without quotes: type = {better}."),
                )
            }
            _ => Diagnostic::error(
                &code::LEGACY_TYPE,
                "A type is written without quotes, such as string or list(string).",
            ),
        };
        diags.push(diag.at(expr.span));
        return (Type::Dynamic, Defaults::default());
    }
    match keyword(expr) {
        Some("list") => (Type::list(Type::Dynamic), Defaults::default()),
        Some("map") => (Type::map(Type::Dynamic), Defaults::default()),
        _ => constraint(expr, 0, diags),
    }
}

fn keyword(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Traversal(it) if it.steps.is_empty() => Some(&it.root.name),
        ExprKind::Null => Some("null"),
        ExprKind::Bool(true) => Some("true"),
        ExprKind::Bool(false) => Some("false"),
        _ => None,
    }
}

fn constraint(expr: &Expr, depth: u32, diags: &mut Diagnostics) -> (Type, Defaults) {
    let mut invalid = |detail: String, at: Span| {
        diags.push(
            Diagnostic::error(&code::INVALID_TYPE, detail)
                .at(at)
                .within(expr.span),
        );
        (Type::Dynamic, Defaults::default())
    };
    if depth > MAX_DEPTH {
        return invalid("The type nests too many levels.".to_owned(), expr.span);
    }
    if let Some(word) = keyword(expr) {
        return match word {
            "bool" => (Type::Bool, Defaults::default()),
            "number" => (Type::Number, Defaults::default()),
            "string" => (Type::String, Defaults::default()),
            "any" => (Type::Dynamic, Defaults::default()),
            "list" | "set" | "map" => invalid(
                format!("The type {word} needs the type of its elements: {word}(string)."),
                expr.span,
            ),
            "object" => invalid(
                "The type object needs its attributes and their types: object({ name = string })."
                    .to_owned(),
                expr.span,
            ),
            "tuple" => invalid(
                "The type tuple needs the types of its elements: tuple([string, number])."
                    .to_owned(),
                expr.span,
            ),
            word => invalid(
                format!(
                    "There is no type named \"{word}\".{}",
                    diag::suggest::did_you_mean(word, WORDS.iter().copied())
                ),
                expr.span,
            ),
        };
    }
    let ExprKind::Call(call) = &expr.kind else {
        return invalid(
            "A type is a word (string, number, bool, any) or is made of others, such as list(string) or object({ name = string }).".to_owned(),
            expr.span,
        );
    };
    let name = call.name.name.as_str();
    let args_span = call.open.to(call.close);
    match name {
        "bool" | "number" | "string" | "any" => {
            return invalid(
                format!("The type {name} stands alone, without parentheses."),
                args_span,
            );
        }
        "list" | "set" | "map" | "object" | "tuple" if call.args.len() != 1 || call.expand => {
            let at = match (call.args.get(1), call.args.last()) {
                (Some(second), Some(last)) => second.span.to(last.span),
                _ => args_span,
            };
            return invalid(
                match name {
                    "object" => "The type object takes one argument, the attributes and their types in braces: object({ name = string }).".to_owned(),
                    "tuple" => "The type tuple takes one argument, the types of its elements in brackets: tuple([string, number]).".to_owned(),
                    name => format!("The type {name} takes one argument, the type of its elements: {name}(string)."),
                },
                at,
            );
        }
        _ => {}
    }
    let Some(arg) = call.args.first().filter(|_| WORDS.contains(&name)) else {
        return invalid(
            if name == "optional" {
                "The word optional can stand as the type of an object's attribute only.".to_owned()
            } else {
                format!(
                    "There is no type constructor named \"{name}\".{}",
                    diag::suggest::did_you_mean(name, WORDS.iter().copied())
                )
            },
            if name == "optional" {
                call.name.span
            } else {
                expr.span
            },
        );
    };
    match name {
        "list" | "set" | "map" => {
            let (element, child) = constraint(arg, depth + 1, diags);
            let ty = match name {
                "list" => Type::list(element),
                "set" => Type::set(element),
                _ => Type::map(element),
            };
            let mut defaults = Defaults::default();
            if !child.is_empty() {
                defaults.children.insert("".into(), child);
            }
            (ty, defaults)
        }
        "tuple" => tuple(expr, arg, depth, diags),
        _ => object(expr, arg, depth, diags),
    }
}

const WORDS: &[&str] = &[
    "string", "number", "bool", "any", "list", "set", "map", "object", "tuple",
];

fn tuple(expr: &Expr, arg: &Expr, depth: u32, diags: &mut Diagnostics) -> (Type, Defaults) {
    let ExprKind::Tuple(items) = &arg.kind else {
        diags.push(
            Diagnostic::error(
                &code::INVALID_TYPE,
                "The type tuple takes the types of its elements in brackets: tuple([string, number]).",
            )
            .at(arg.span)
            .within(expr.span),
        );
        return (Type::Dynamic, Defaults::default());
    };
    let mut defaults = Defaults::default();
    let mut types = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let (ty, child) = constraint(item, depth + 1, diags);
        types.push(ty);
        if !child.is_empty() {
            defaults.children.insert(at.to_string().into(), child);
        }
    }
    (Type::tuple(types), defaults)
}

fn object(expr: &Expr, arg: &Expr, depth: u32, diags: &mut Diagnostics) -> (Type, Defaults) {
    let ExprKind::Object(items) = &arg.kind else {
        diags.push(
            Diagnostic::error(
                &code::INVALID_TYPE,
                "The type object takes its attributes and their types in braces: object({ name = string }).",
            )
            .at(arg.span)
            .within(expr.span),
        );
        return (Type::Dynamic, Defaults::default());
    };
    let mut defaults = Defaults::default();
    let mut attributes = BTreeMap::new();
    let mut optional = BTreeSet::new();
    for item in items {
        let name: Arc<str> = match &item.key {
            ObjectKey::Word(word) => word.name.as_str().into(),
            ObjectKey::Expr(key) => {
                diags.push(
                    Diagnostic::error(
                        &code::INVALID_TYPE,
                        "The name of an attribute is written as a bare word here.",
                    )
                    .at(key.span)
                    .within(expr.span),
                );
                continue;
            }
        };
        if attributes.contains_key(&name) {
            diags.push(
                Diagnostic::error(
                    &code::INVALID_TYPE,
                    format!("The attribute \"{name}\" is here already; each has one type."),
                )
                .at(item.key.span())
                .within(expr.span),
            );
            continue;
        }
        let mut ty_expr = &item.value;
        let mut default_expr = None;
        if let ExprKind::Call(call) = &item.value.kind
            && call.name.name == "optional"
        {
            match optional_parts(call, item.value.span, diags) {
                Some((ty, default)) => {
                    ty_expr = ty;
                    default_expr = default;
                    optional.insert(name.clone());
                }
                None => continue,
            }
        }
        let (ty, child) = constraint(ty_expr, depth + 1, diags);
        if let Some(default_expr) = default_expr {
            let n_errors = diags.n_errors();
            let default = constant(default_expr, diags);
            if diags.n_errors() == n_errors {
                match convert(&default, &ty) {
                    Ok(default) => {
                        defaults.values.insert(name.clone(), default);
                    }
                    Err(err) => diags.push(
                        Diagnostic::error(
                            &code::INVALID_DEFAULT,
                            format!(
                                "The default of \"{name}{}\" is not of the attribute's type: {}.",
                                path_text(&err.path),
                                err.reason
                            ),
                        )
                        .at(default_expr.span),
                    ),
                }
            }
        }
        attributes.insert(name.clone(), ty);
        if !child.is_empty() {
            defaults.children.insert(name, child);
        }
    }
    let ty = Type::Object(Arc::new(ObjectType {
        attributes,
        optional,
    }));
    (ty, defaults)
}

/// The type and the default of an `optional(…)`.
fn optional_parts<'e>(
    call: &'e Call,
    span: Span,
    diags: &mut Diagnostics,
) -> Option<(&'e Expr, Option<&'e Expr>)> {
    match call.args.as_slice() {
        [ty] => Some((ty, None)),
        [ty, default] => Some((ty, Some(default))),
        args => {
            diags.push(
                Diagnostic::error(
                    &code::INVALID_TYPE,
                    if args.is_empty() {
                        "The word optional needs the type of the attribute: optional(string)."
                    } else {
                        "The word optional takes the type of the attribute and a default, not more: optional(number, 80)."
                    },
                )
                .at(call.open.to(call.close))
                .within(span),
            );
            None
        }
    }
}

/// The codes of type expressions.
pub mod code {
    use super::Code;

    /// See [`Code`].
    pub const INVALID_TYPE: Code = Code::new(
        "invalid-type",
        "Invalid type specification",
        "What stands where a type is expected is not one.",
    );

    /// See [`Code`].
    pub const INVALID_DEFAULT: Code = Code::new(
        "invalid-optional-default",
        "Invalid default value for optional attribute",
        "The default of an optional attribute does not convert to the attribute's type.",
    );

    /// See [`Code`].
    pub const QUOTED_TYPE: Code = Code::new(
        "quoted-type",
        "Invalid quoted type constraints",
        "A type stands in quotes, as in very old configurations.",
    );

    /// See [`Code`].
    pub const LEGACY_TYPE: Code = Code::new(
        "legacy-type",
        "Invalid legacy variable type hint",
        "A type stands in quotes.",
    );

    /// See [`Code`].
    pub const CODES: &[&Code] = &[&INVALID_TYPE, &INVALID_DEFAULT, &QUOTED_TYPE, &LEGACY_TYPE];
}
