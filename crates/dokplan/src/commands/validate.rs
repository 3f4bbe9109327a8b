//! `validate`: checks the configuration without state or servers.

use crate::args::ValidateArgs;
use crate::exit::{Exit, Outcome, Reported};
use crate::operation::Operation;
use crate::session::Session;
use crate::ui::{self, Progress};

/// Reports every mistake that can be found without state or servers.
pub(crate) async fn validate(session: &mut Session, args: &ValidateArgs) -> Outcome {
    session.set_style(&args.color);
    let (loaded, mut diags) = session.read_config();
    let mut of_runs = Vec::new();
    if !args.no_tests {
        let files = super::test::read_files(session, &args.test_directory, &[], &mut diags);
        of_runs = super::test::run_modules(session, &files, &mut diags);
    }
    if let Some(loaded) = loaded.filter(|_| !diags.has_errors()) {
        let modules = of_runs.into_iter().map(|(_, it)| it);
        for it in std::iter::once(loaded).chain(modules) {
            let operation = Operation::new(session, it, std::collections::BTreeMap::new(), 1)?;
            let progress = Progress::silent();
            diags.append(engine::validate(&operation.common(session, &progress, false)).await);
        }
    }
    let valid = !diags.has_errors();
    if args.json {
        ui::out(&format!(
            "{:#}\n",
            view::json::validate(&diags, &session.sources)
        ));
    } else {
        session.show(&diags);
        if valid {
            let extra = if diags.is_empty() {
                ""
            } else {
                ", but there were some validation warnings as shown above"
            };
            ui::out(&format!(
                "{} The configuration is valid{extra}.\n\n",
                session.style.bold_green("Success!")
            ));
        }
    }
    if valid {
        Ok(Exit::Success)
    } else {
        Err(Reported)
    }
}
