//! Visiting declared things other than resources and providers: module calls, variables, locals, outputs, checks.

use std::sync::Arc;

use addr::ModulePath;
use diag::{Diagnostic, Diagnostics};
use value::{Mark, Marks, Value};

use crate::checks::{self, Checks, Kind, Verdict};
use crate::code;
use crate::expand::{self, Each, Expansion};
use crate::nodes::Node;
use crate::values::{Phase, Values, validated_instances};
use crate::variables;

/// Visits a node in every instance of its module. Resources and providers are the business of each walk.
pub(crate) fn visit(
    values: &mut Values<'_>,
    node: &Node,
    checks: &mut Checks,
    diags: &mut Diagnostics,
) {
    match node {
        Node::Module(path) => module(values, path, diags),
        Node::Variable(path, name) => {
            for at in values.instances_of(path) {
                variables::visit(values, at, name, diags);
            }
        }
        Node::Validation(path, name) => {
            for at in values.instances_of(path) {
                variables::validate(values, at, name, checks, diags);
            }
        }
        Node::Local(path, name) => {
            for at in values.instances_of(path) {
                local(values, at, name, diags);
            }
        }
        Node::Output(path, name) => {
            for at in values.instances_of(path) {
                output(values, at, name, checks, diags);
            }
        }
        Node::Check(path, name) => {
            for at in values.instances_of(path) {
                check(values, at, name, checks, diags);
            }
        }
        Node::ModuleEnd(_) | Node::Provider(_) | Node::Resource(_) => {}
    }
}

/// A module call: its arguments are known to the module, and its instances are.
fn module(values: &mut Values<'_>, path: &ModulePath, diags: &mut Diagnostics) {
    let Some((name, front)) = path.0.split_last() else {
        return;
    };
    let parent_path = ModulePath(front.to_vec());
    for parent in values.instances_of(&parent_path) {
        let Some(call) = values.modules[parent].config.calls.get(name) else {
            continue;
        };
        arguments(values, path, call, diags);
        if values.phase == Phase::Validate {
            let none = Each::None;
            let scope = values.at(parent, &none);
            crate::validate::depends_on(values, parent, &call.depends_on, diags);
            expand::expand(&call.repetition, &scope, true, diags);
            let instances = validated_instances(&call.repetition);
            values.set_call(parent, name, instances, false);
            continue;
        }
        let none = Each::None;
        let lenient = values.phase == Phase::Console;
        let expansion = expand::expand(&call.repetition, &values.at(parent, &none), lenient, diags);
        match expansion {
            Some(expansion) => {
                let expanded = expansion != Expansion::Unknown;
                values.set_call(parent, name, expansion.instances(), expanded);
            }
            None => values.set_call(parent, name, Vec::new(), false),
        }
    }
}

/// Whether a call gives a module what it takes.
fn arguments(
    values: &Values<'_>,
    path: &ModulePath,
    call: &config::ModuleCall,
    diags: &mut Diagnostics,
) {
    let Some(module) = values.config.module(path) else {
        return;
    };
    for (name, variable) in &module.variables {
        let given = call.body.attributes.iter().any(|it| it.name.name == **name);
        if variable.default.is_none() && !given {
            let detail = format!(
                "The module has a variable \"{name}\" without a default, so the call must set it: `{name} = …`."
            );
            diags.push(Diagnostic::error(&code::MISSING_ARGUMENT, detail).at(call.span));
        }
    }
    for attribute in &call.body.attributes {
        let name = attribute.name.name.as_str();
        if !module.variables.contains_key(name) {
            let suggestion =
                diag::suggest::did_you_mean(name, module.variables.keys().map(|it| &**it));
            let detail = format!("The module declares no variable \"{name}\".{suggestion}");
            diags.push(
                Diagnostic::error(&code::UNSUPPORTED_ARGUMENT, detail).at(attribute.name.span),
            );
        }
    }
    for block in &call.body.blocks {
        let detail = format!(
            "A module call takes arguments, and no blocks of type \"{}\". To give a variable a value, write `{} = …`.",
            block.kind.name, block.kind.name
        );
        diags.push(Diagnostic::error(&code::UNSUPPORTED_BLOCK, detail).at(block.kind.span));
    }
}

fn local(values: &mut Values<'_>, at: usize, name: &Arc<str>, diags: &mut Diagnostics) {
    let Some(declared) = values.modules[at].config.locals.get(name) else {
        return;
    };
    let value = lang::eval(&declared.expr, &values.at(at, &Each::None), diags);
    values.modules[at].locals.insert(name.clone(), value);
}

fn output(
    values: &mut Values<'_>,
    at: usize,
    name: &Arc<str>,
    checks: &mut Checks,
    diags: &mut Diagnostics,
) {
    let Some(declared) = values.modules[at].config.outputs.get(name) else {
        return;
    };
    let here = &values.modules[at];
    let n_errors = diags.n_errors();
    let none = Each::None;
    let scope = values.at(at, &none);
    if values.phase == Phase::Validate {
        crate::validate::depends_on(values, at, &declared.depends_on, diags);
    }
    if !declared.preconditions.is_empty() {
        let mut verdict = Verdict::pass();
        let dot = if here.addr.is_root() { "" } else { "." };
        let object = format!("{}{dot}output.{name}", here.path);
        for rule in &declared.preconditions {
            verdict.add(checks::condition(
                &object,
                values,
                rule,
                &scope,
                &Kind::Output,
                diags,
            ));
        }
        checks.record(
            "output_value",
            &object,
            &format!("{}{dot}output.{name}", here.addr),
            verdict,
        );
    }
    if diags.n_errors() > n_errors {
        values.modules[at]
            .outputs
            .insert(name.clone(), Value::dynamic());
        return;
    }
    let mut value = lang::eval(&declared.value, &scope, diags);
    let is_root = here.addr.is_root();
    let marks = value.deep_marks();
    if is_root && declared.ephemeral {
        let detail = format!(
            "The output \"{name}\" of the root module would be stored, and says `ephemeral = true`. Only outputs of called modules can be ephemeral."
        );
        diags.push(Diagnostic::error(&code::OUTPUT_EPHEMERAL_ROOT, detail).at(declared.span));
    } else if marks.has(Mark::Ephemeral) && !declared.ephemeral {
        let detail = format!(
            "The output \"{name}\" would store an ephemeral value.{}",
            if is_root {
                " Outputs of the root module are stored."
            } else {
                " Say `ephemeral = true`."
            }
        );
        diags.push(Diagnostic::error(&code::OUTPUT_EPHEMERAL, detail).at(declared.value.span));
    }
    if is_root
        && matches!(values.phase, Phase::Plan | Phase::Apply)
        && crate::planning::resource::infinite(&value).is_some()
    {
        let detail = format!(
            "The output \"{name}\" would store an infinite number, the result of a division by zero. It cannot be stored."
        );
        diags.push(Diagnostic::error(&code::INFINITE, detail).at(declared.value.span));
    }
    if is_root
        && values.phase != Phase::Console
        && declared.sensitive != Some(true)
        && marks.has(Mark::Sensitive)
    {
        let detail = format!(
            "The output \"{name}\" would show a sensitive value. Say `sensitive = true`, or use nonsensitive() if it may be shown."
        );
        diags.push(Diagnostic::error(&code::OUTPUT_SENSITIVE, detail).at(declared.span));
    }
    // The reference marks sensitive outputs where they leave the root module only; the value itself keeps its marks.
    if is_root && declared.sensitive == Some(true) {
        value = value.mark(Marks::SENSITIVE);
    }
    if declared.ephemeral {
        value = value.mark(Marks::EPHEMERAL);
    }
    values.modules[at].outputs.insert(name.clone(), value);
}

fn check(
    values: &Values<'_>,
    at: usize,
    name: &Arc<str>,
    checks: &mut Checks,
    diags: &mut Diagnostics,
) {
    let here = &values.modules[at];
    let Some(declared) = here.config.checks.get(name) else {
        return;
    };
    let none = Each::None;
    let scope = values.at(at, &none);
    let dot = if here.addr.is_root() { "" } else { "." };
    let address = format!("{}{dot}check.{name}", here.path);
    let instance = format!("{}{dot}check.{name}", here.addr);
    if checks.has_failed("check", &address, &instance) {
        return;
    }
    let mut verdict = Verdict::pass();
    for rule in &declared.asserts {
        verdict.add(checks::condition(
            &address,
            values,
            rule,
            &scope,
            &Kind::Assertion,
            diags,
        ));
    }
    checks.record("check", &address, &instance, verdict);
}
