//! Functions that change the type or the marks of a value, and those that catch errors.

use value::function::{CallError, Function, any, text};
use value::{Mark, Type, Value, convert, walk};

pub(super) fn rows() -> Vec<Function> {
    vec![
        to("tostring", "Converts a value to a string.", |args| {
            target(args, Type::String)
        })
        .example("tostring(1)", r#""1""#),
        to("tonumber", "Converts a value to a number.", |args| {
            target(args, Type::Number)
        })
        .example(r#"tonumber("1.50")"#, "1.5"),
        to("tobool", "Converts a value to a bool.", |args| {
            target(args, Type::Bool)
        })
        .example(r#"tobool("true")"#, "true"),
        to("tolist", "Converts a value to a list.", |args| {
            target(args, Type::list(Type::Dynamic))
        })
        .example(r#"tolist(["a", 1])"#, "tolist([\n  \"a\",\n  \"1\",\n])"),
        to("toset", "Converts a value to a set.", |args| {
            target(args, Type::set(Type::Dynamic))
        })
        .example(
            r#"toset(["b", "a", "b"])"#,
            "toset([\n  \"a\",\n  \"b\",\n])",
        ),
        to("tomap", "Converts a value to a map.", |args| {
            target(args, Type::map(Type::Dynamic))
        })
        .example("tomap({ a = 1 })", "tomap({\n  \"a\" = 1\n})"),
        Function::new(
            "sensitive",
            "Marks a value as sensitive, so that it is not shown.",
        )
        .takes([any("value")
            .or_null()
            .or_unknown()
            .or_dynamic()
            .with_marks()])
        .gives_by(|args| Ok(same(args)))
        .body(|call| Ok(call.arg(0).mark(Mark::Sensitive)))
        .example("sensitive(1)", "(sensitive value)"),
        Function::new(
            "nonsensitive",
            "Takes off the sensitive mark of a value that may be shown after all.",
        )
        .takes([any("value")
            .or_null()
            .or_unknown()
            .or_dynamic()
            .with_marks()])
        .gives_by(|args| Ok(same(args)))
        .body(|call| Ok(call.arg(0).unmark(Mark::Sensitive)))
        .example("nonsensitive(sensitive(1))", "1"),
        Function::new("issensitive", "Whether a value is marked as sensitive.")
            .takes([any("value")
                .or_null()
                .or_unknown()
                .or_dynamic()
                .with_marks()])
            .gives(Type::Bool)
            .not_null()
            .body(|call| {
                let value = call.arg(0);
                Ok(if value.has_mark(Mark::Sensitive) {
                    true.into()
                } else if value.is_known() {
                    false.into()
                } else {
                    call.unknown()
                })
            })
            .example("issensitive(sensitive(1))", "true"),
        Function::new(
            "ephemeralasnull",
            "Replaces all ephemeral values in a value by null.",
        )
        .takes([any("value")
            .or_null()
            .or_unknown()
            .or_dynamic()
            .with_marks()])
        .gives_by(|args| Ok(same(args)))
        .body(|call| {
            Ok(walk::rebuild(&call.arg(0), &mut |_, it| {
                if it.has_mark(Mark::Ephemeral) {
                    let marks = it.marks().without(Mark::Ephemeral);
                    Value::null(it.ty()).mark(marks)
                } else {
                    it
                }
            }))
        })
        .example(r#"ephemeralasnull("a")"#, r#""a""#),
        // The evaluator calls these three with expressions: the rows are for documentation and messages.
        Function::new(
            "try",
            "Gives the value of the first of several expressions that evaluates without an error.",
        )
        .takes([])
        .takes_more(any("expressions"))
        .gives(Type::Dynamic)
        .body(|call| {
            call.args
                .first()
                .cloned()
                .ok_or_else(|| CallError::new("at least one argument is needed"))
        })
        .example(r#"try({ a = 1 }.b, "none")"#, r#""none""#),
        Function::new("can", "Whether an expression evaluates without an error.")
            .takes([any("expression").or_unknown().or_dynamic()])
            .gives(Type::Bool)
            .not_null()
            .body(|_| Ok(true.into()))
            .example("can({ a = 1 }.b)", "false"),
        Function::new(
            "templatestring",
            "Renders a string that was read from elsewhere as a template.",
        )
        .takes([text("template"), any("vars").or_dynamic()])
        .gives(Type::String)
        .body(|call| {
            let res = call
                .world
                .render("<templatestring argument>", call.text(0), &call.arg(1))?;
            convert(&res, &Type::String).map_err(CallError::from)
        }),
    ]
}

fn to(
    name: &'static str,
    doc: &'static str,
    returns: fn(&[Value]) -> Result<Type, CallError>,
) -> Function {
    Function::new(name, doc)
        .takes([any("v").or_null().or_dynamic().with_marks()])
        .gives_by(returns)
        .body(|call| {
            convert(&call.arg(0), call.returns).map_err(|it| CallError {
                argument: Some(0),
                path: it.path,
                reason: it.reason,
            })
        })
}

fn same(args: &[Value]) -> Type {
    args.first().map_or(Type::Dynamic, Value::ty)
}

/// The wanted type, where a value of the given one can become it.
fn target(args: &[Value], wanted: Type) -> Result<Type, CallError> {
    if let Some(it) = args.first().filter(|it| !it.is_known()) {
        value::convert::converted_type(&it.ty(), &wanted).map_err(|it| CallError {
            argument: Some(0),
            path: it.path,
            reason: it.reason,
        })?;
    }
    Ok(wanted)
}
