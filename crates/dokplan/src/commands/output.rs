//! `output`: shows output values of the state.

use diag::Diagnostic;

use crate::args::OutputArgs;
use crate::exit::{Exit, Outcome};
use crate::session::Session;
use crate::ui;

mod code {
    use diag::Code;

    /// See [`Code`].
    pub(crate) const NO_OUTPUT: Code = Code::new(
        "no-such-output",
        "Output not found",
        "The state holds no output of that name. Outputs are stored by apply.",
    );
    /// See [`Code`].
    pub(crate) const NOT_RAW: Code = Code::new(
        "output-not-raw",
        "Unsupported value for raw output",
        "`-raw` prints texts, numbers and bools; other values have no form without quotes.",
    );
    /// See [`Code`].
    pub(crate) const BAD_ARGUMENTS: Code = Code::new(
        "invalid-output-arguments",
        "Invalid output format",
        "`output` takes one name, and `-raw` needs it.",
    );
}

/// Shows all outputs or one.
pub(crate) fn output(session: &mut Session, args: &OutputArgs) -> Outcome {
    session.set_style(&args.color);
    let wrong = if args.name.len() > 1 {
        Some((
            "Unexpected argument",
            "The command takes the name of one output, or none for all.",
        ))
    } else if args.json && args.raw {
        Some((
            code::BAD_ARGUMENTS.title,
            "The options -raw and -json exclude each other.",
        ))
    } else if args.raw && args.name.is_empty() {
        Some((
            "Output name required",
            "The option -raw prints one output: name it.",
        ))
    } else {
        None
    };
    if let Some((title, detail)) = wrong {
        let error = Diagnostic::error(&code::BAD_ARGUMENTS, detail).titled(title);
        session.check_arguments(&error.into(), "output")?;
    }
    let state = session.current_state(args.state.as_deref())?.state;
    let Some(name) = args.name.first() else {
        if args.json {
            ui::out(&format!(
                "{}\n",
                view::json::pretty(&view::json::outputs(&state))
            ));
        } else if state.outputs.is_empty() {
            session.show(&Diagnostic::warning(
                &code::NO_OUTPUT,
                "The state holds no outputs. Either the configuration declares none in its root module, or it was not applied since.",
            ).titled("No outputs found").into());
        } else {
            ui::out(&view::outputs::all(&state));
        }
        return Ok(Exit::Success);
    };
    if state.outputs.is_empty() {
        session.show(
            &Diagnostic::warning(
                &code::NO_OUTPUT,
                "The state holds no outputs. Either the configuration declares none in its root module, or it was not applied since.",
            )
            .titled("No outputs found")
            .into(),
        );
        return Ok(Exit::Success);
    }
    let Some(output) = state.outputs.get(name.as_str()) else {
        let detail = format!(
            "The state holds no output \"{name}\".{} An output that was just added is stored by the next apply.",
            diag::suggest::did_you_mean(name, state.outputs.keys().map(|it| &**it))
        );
        return session.fail(
            Diagnostic::error(&code::NO_OUTPUT, detail)
                .titled(format!("Output \"{name}\" not found")),
        );
    };
    if args.json {
        ui::out(&format!(
            "{}\n",
            view::json::go_text(&value::json::plain_json(&output.value))
        ));
    } else if args.raw {
        match value::convert(&output.value, &value::Type::String)
            .ok()
            .as_ref()
            .and_then(value::Value::as_str)
        {
            Some(text) => ui::out(text),
            None => {
                return session.fail(Diagnostic::error(
                    &code::NOT_RAW,
                    format!("The output \"{name}\" is not a text, number or bool, so that -raw cannot print it. Use -json."),
                ));
            }
        }
    } else {
        ui::out(&format!("{}\n", value::show::console(&output.value)));
    }
    Ok(Exit::Success)
}
