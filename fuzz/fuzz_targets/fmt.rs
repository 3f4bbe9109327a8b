//! What is formatted parses, and formatting settles.
#![no_main]

use diag::{Diagnostics, SourceId};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let format = |text: &str| hcl::format(SourceId(0), text, &mut Diagnostics::new());
    let Some(mut last) = format(text) else {
        return;
    };
    for _ in 0..3 {
        let next = format(&last).unwrap_or_else(|| panic!("does not parse when formatted:\n{last}"));
        if next == last {
            return;
        }
        last = next;
    }
    // Each level of `"${"${…}"}"` takes one round.
    assert!(last.contains("\"${"), "formatting does not settle:\n{last}");
});
