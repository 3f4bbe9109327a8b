//! Output values as text.

use state::State;
use value::Mark;

/// All outputs, a line each: `name = value`.
pub fn all(state: &State) -> String {
    state
        .outputs
        .iter()
        .map(|(name, output)| {
            let value = if output.sensitive {
                output.value.clone().mark(Mark::Sensitive)
            } else {
                output.value.clone()
            };
            let text = if output.sensitive {
                "<sensitive>".to_owned()
            } else {
                value::show::console(&value)
            };
            format!("{name} = {}\n", crate::style::safe(&text))
        })
        .collect()
}
