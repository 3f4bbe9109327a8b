//! The final value of a variable: conversion, defaults of optional attributes, null, marks, and its own rules.

use std::sync::Arc;

use addr::{Key, ModuleInstance};
use diag::{Diagnostic, Diagnostics, Span};
use lang::scope::Nothing;
use lang::types::Defaults;
use value::{Marks, Type, Value, convert, show};

use crate::checks::{self, Checks, Verdict};
use crate::expand::Each;
use crate::values::{Phase, Values};
use crate::{Common, code};

/// Where a value comes from, for messages.
struct Origin {
    /// The guilty place.
    span: Span,
    /// What is given: `the value of module.a.var.b`.
    what: String,
}

/// The type that a variable's values have, and the defaults of optional attributes.
pub(crate) fn constraint(declared: &config::Variable, diags: &mut Diagnostics) -> (Type, Defaults) {
    declared.ty.as_ref().map_or_else(
        || (Type::Dynamic, Defaults::default()),
        |expr| lang::types::type_constraint(expr, diags),
    )
}

/// See [`crate::declarations`].
pub(crate) fn declarations(
    config: &config::Config,
    world: &(dyn value::function::World + Sync),
    diags: &mut Diagnostics,
) {
    for module in config.modules.values() {
        for declared in module.variables.values() {
            let n_errors = diags.n_errors();
            let (ty, defaults) = constraint(declared, diags);
            if let Some(expr) = &declared.default
                && diags.n_errors() == n_errors
            {
                default_value(world, declared, expr, (&ty, &defaults), diags);
            }
        }
    }
}

/// The marks of a variable's value.
fn marks(declared: &config::Variable) -> Marks {
    let mut res = Marks::NONE;
    if declared.sensitive {
        res = res.union(Marks::SENSITIVE);
    }
    if declared.ephemeral {
        res = res.union(Marks::EPHEMERAL);
    }
    res
}

/// What a variable is before it has a value.
pub(crate) fn unknown_value(declared: &config::Variable) -> Value {
    let (ty, _) = constraint(declared, &mut Diagnostics::new());
    Value::unknown(ty.without_optional()).mark(marks(declared))
}

/// The final value of a root variable.
pub(crate) fn root_value(
    common: &Common<'_>,
    declared: &config::Variable,
    diags: &mut Diagnostics,
) -> Value {
    let given = common.variables.get(declared.name.name.as_str());
    let origin = Origin {
        span: given.and_then(|it| it.span).unwrap_or(declared.span),
        what: match given {
            Some(it) if it.span.is_none() => {
                format!("The value of var.{} from {}", declared.name.name, it.source)
            }
            _ => format!("The value of var.{}", declared.name.name),
        },
    };
    final_value(
        common,
        declared,
        given.map(|it| it.value.clone()),
        &origin,
        diags,
    )
}

/// The final value of a variable of a called module.
fn child_value(
    values: &Values<'_>,
    module: usize,
    declared: &config::Variable,
    diags: &mut Diagnostics,
) -> Value {
    let here = &values.modules[module];
    let Some(parent) = here.parent else {
        return Value::dynamic();
    };
    let Some((name, call)) = call_of(values, module) else {
        return Value::dynamic();
    };
    let argument = call
        .body
        .attributes
        .iter()
        .find(|it| it.name.name == declared.name.name);
    let n_errors = diags.n_errors();
    let given = argument.map(|it| lang::eval(&it.expr, &values.at(parent, &here.each), diags));
    if diags.n_errors() > n_errors {
        return unknown_value(declared);
    }
    let origin = Origin {
        span: argument.map_or(call.span, |it| it.expr.span),
        what: format!("The value of module.{name}.var.{}", declared.name.name),
    };
    if given.is_none() && declared.default.is_none() {
        // The call says so already.
        return unknown_value(declared);
    }
    let value = final_value(values.common, declared, given, &origin, diags);
    if !declared.ephemeral && value.deep_marks().has(value::Mark::Ephemeral) {
        let detail = format!(
            "{} is ephemeral, and the variable does not say `ephemeral = true`, so that the value could be stored.",
            origin.what
        );
        diags.push(Diagnostic::error(&code::OUTPUT_EPHEMERAL, detail).at(origin.span));
    }
    value
}

fn call_of<'a>(values: &Values<'a>, module: usize) -> Option<(Arc<str>, &'a config::ModuleCall)> {
    let here = &values.modules[module];
    let (_, name, _): (ModuleInstance, Arc<str>, Key) = here.addr.parent()?;
    let call = values.modules[here.parent?].config.calls.get(&name)?;
    Some((name, call))
}

fn final_value(
    common: &Common<'_>,
    declared: &config::Variable,
    given: Option<Value>,
    origin: &Origin,
    diags: &mut Diagnostics,
) -> Value {
    let (ty, defaults) = constraint(declared, diags);
    let unknown = || Value::unknown(ty.without_optional()).mark(marks(declared));
    let default = |diags: &mut Diagnostics| {
        let expr = declared.default.as_ref()?;
        Some(default_value(
            common.world,
            declared,
            expr,
            (&ty, &defaults),
            diags,
        ))
    };
    let value = match given {
        None => match default(diags) {
            Some(value) => value,
            None => {
                let name = &declared.name.name;
                let detail = format!(
                    "The variable \"{name}\" has no default, and nothing gives it a value. Use -var '{name}=…', the environment variable TF_VAR_{name}, or a file terraform.tfvars, or declare a default."
                );
                diags.push(Diagnostic::error(&code::NO_VALUE, detail).at(declared.span));
                return unknown();
            }
        },
        Some(value) if value.is_null() && !declared.nullable => match default(diags) {
            Some(value) => value,
            None => {
                let detail = format!(
                    "{} is null, and the variable says `nullable = false` and has no default.",
                    origin.what
                );
                diags.push(Diagnostic::error(&code::REQUIRED_NOT_SET, detail).at(origin.span));
                return unknown();
            }
        },
        Some(value) => match convert(&defaults.apply(&value), &ty) {
            Ok(value) => value,
            Err(err) => {
                let path = path_text(&err.path);
                let at = if path.is_empty() {
                    String::new()
                } else {
                    format!(" at {path}")
                };
                let detail = format!(
                    "{} does not fit the type {}{at}: {}.",
                    origin.what,
                    show::type_name(&ty),
                    err.reason
                );
                diags.push(Diagnostic::error(&code::INVALID_INPUT, detail).at(origin.span));
                return unknown();
            }
        },
    };
    value.mark(marks(declared))
}

/// The value of a `default`, converted.
fn default_value(
    world: &(dyn value::function::World + Sync),
    declared: &config::Variable,
    expr: &hcl::Expr,
    (ty, defaults): (&Type, &Defaults),
    diags: &mut Diagnostics,
) -> Value {
    let scope = Nothing {
        world,
        reason: "A default is needed before anything else is evaluated, so that it must be a constant.",
    };
    let n_errors = diags.n_errors();
    let value = lang::eval(expr, &scope, diags);
    if diags.n_errors() > n_errors {
        return Value::unknown(ty.without_optional());
    }
    match convert(&defaults.apply(&value), ty) {
        Ok(value) => value,
        Err(err) => {
            let path = path_text(&err.path);
            let at = if path.is_empty() {
                String::new()
            } else {
                format!(" at {path}")
            };
            let detail = format!(
                "The default of var.{} does not fit its type {}{at}: {}.",
                declared.name.name,
                show::type_name(ty),
                err.reason
            );
            diags.push(Diagnostic::error(&code::INVALID_DEFAULT, detail).at(expr.span));
            Value::unknown(ty.without_optional())
        }
    }
}

/// A path as it is written after a name.
pub(crate) fn path_text(path: &value::Path) -> String {
    let mut res = String::new();
    for step in &path.0 {
        match step {
            value::Step::Attr(name) => {
                res.push('.');
                res.push_str(name);
            }
            value::Step::Index(key) => match (key.as_str(), key.as_number()) {
                _ if !key.marks().is_empty() => res.push_str("[…]"),
                (Some(text), _) => res.push_str(&format!("[{}]", addr::instance::quoted(text))),
                (None, Some(number)) => res.push_str(&format!("[{number}]")),
                (None, None) => res.push_str("[…]"),
            },
        }
    }
    res
}

/// Gives a variable its value in one module instance.
pub(crate) fn visit(
    values: &mut Values<'_>,
    module: usize,
    name: &Arc<str>,
    diags: &mut Diagnostics,
) {
    let Some(declared) = values.modules[module].config.variables.get(name) else {
        return;
    };
    let value = if values.modules[module].parent.is_some() {
        child_value(values, module, declared, diags)
    } else if values.phase == Phase::Validate {
        // Root variables have no values yet; their defaults are checked.
        if declared.default.is_some() {
            let origin = Origin {
                span: declared.span,
                what: String::new(),
            };
            final_value(values.common, declared, None, &origin, diags);
        } else {
            constraint(declared, diags);
        }
        unknown_value(declared)
    } else if values.phase == Phase::Console
        && declared.default.is_none()
        && !values.common.variables.contains_key(name)
    {
        unknown_value(declared)
    } else {
        root_value(values.common, declared, diags)
    };
    values.modules[module].variables.insert(name.clone(), value);
}

/// Checks the rules that a variable declares, in one module instance.
pub(crate) fn validate(
    values: &Values<'_>,
    module: usize,
    name: &Arc<str>,
    checks: &mut Checks,
    diags: &mut Diagnostics,
) {
    let here = &values.modules[module];
    let Some(declared) = here.config.variables.get(name) else {
        return;
    };
    let span = if here.parent.is_some() {
        call_of(values, module)
            .and_then(|(_, call)| {
                let argument = call
                    .body
                    .attributes
                    .iter()
                    .find(|it| it.name.name == declared.name.name)?;
                Some(argument.expr.span)
            })
            .unwrap_or(declared.span)
    } else {
        values
            .common
            .variables
            .get(name)
            .and_then(|it| it.span)
            .unwrap_or(declared.span)
    };
    let none = Each::None;
    let scope = values.at(module, &none);
    let mut verdict = Verdict::pass();
    let dot = if here.addr.is_root() { "" } else { "." };
    let object = format!("{}{dot}var.{name}", here.path);
    for rule in &declared.validations {
        let found = checks::condition(
            &object,
            values,
            rule,
            &scope,
            &checks::Kind::Variable(span),
            diags,
        );
        verdict.add(found);
    }
    checks.record(
        "var",
        &object,
        &format!("{}{dot}var.{name}", here.addr),
        verdict,
    );
}
