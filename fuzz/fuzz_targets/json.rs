//! No text panics the JSON reader, nor what turns properties into blocks.
#![no_main]

use diag::{Diagnostics, SourceId};
use hcl::json::BlockShape;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for templates in [true, false] {
        let mut diags = Diagnostics::new();
        let file = hcl::json::parse(SourceId(0), text, templates, &mut diags);
        let shapes = [
            BlockShape { kind: "a", n_labels: 0 },
            BlockShape { kind: "b", n_labels: 1 },
            BlockShape { kind: "c", n_labels: 2 },
        ];
        let mut bodies = vec![file.body];
        while let Some(body) = bodies.pop() {
            let body = hcl::json::with_blocks(&body, &shapes, &mut diags);
            bodies.extend(body.blocks.iter().map(|it| it.body.clone()));
            let _ = hcl::write::file(&body);
        }
        for it in &diags {
            let span = it.subject.expect("every mistake has a place");
            assert!(span.start <= span.end && span.end as usize <= text.len());
        }
    }
});
