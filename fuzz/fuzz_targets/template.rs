//! No text panics as a bare template, and literal ones say what they say.
#![no_main]

use diag::{Diagnostics, SourceId};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut diags = Diagnostics::new();
    let expr = hcl::parse_template(SourceId(0), text, 0, &mut diags);
    for it in hcl::visit::descendants(&expr) {
        assert!(text.get(it.span.start as usize..it.span.end as usize).is_some());
    }
    let printed = hcl::write::expr(&expr);
    if diags.has_errors() {
        return;
    }
    let again = hcl::parse_expr(SourceId(0), &printed, 0, &mut diags);
    assert!(!diags.has_errors(), "does not parse when printed:\n{printed}");
    assert_eq!(hcl::write::expr(&again), printed);
    if !text.contains("${") && !text.contains("%{") {
        let hcl::ExprKind::Template(template) = &expr.kind else {
            panic!("a template is a template");
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        assert_eq!(template.literal().as_deref(), Some(text));
    }
});
