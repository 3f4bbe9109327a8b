//! No text panics the parser; mistakes lie inside the text; what parses is the same when printed and parsed again.
#![no_main]

use diag::{Diagnostics, SourceId};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut diags = Diagnostics::new();
    let file = hcl::parse(SourceId(0), text, &mut diags);
    for it in &diags {
        let span = it.subject.expect("every mistake has a place");
        assert!(text.get(span.start as usize..span.end as usize).is_some());
    }
    let _ = hcl::further_errors(SourceId(0), text, &diags);
    hcl::parse_expr(SourceId(0), text, 0, &mut Diagnostics::new());
    hcl::parse_traversal(SourceId(0), text, &mut Diagnostics::new());
    if diags.has_errors() {
        return;
    }
    // The first printing may unwrap and modernise as `fmt` does; from then on nothing changes.
    let printed = hcl::write::file(&file.body);
    let mut last = printed;
    for _ in 0..3 {
        let mut diags = Diagnostics::new();
        let again = hcl::parse(SourceId(0), &last, &mut diags);
        assert!(!diags.has_errors(), "does not parse when printed:\n{last}");
        let next = hcl::write::file(&again.body);
        if next == last {
            return;
        }
        last = next;
    }
    // Each level of `"${"${…}"}"` takes one round.
    assert!(last.contains("\"${"), "printing does not settle:\n{last}");
});
