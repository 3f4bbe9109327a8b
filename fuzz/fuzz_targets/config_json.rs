//! No JSON configuration panics the loader, nor the reader of values.
#![no_main]

use std::collections::BTreeMap;

use diag::{Diagnostics, SourceMap};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for name in ["main.tf.json", "main.tf"] {
        let files = config::MapFiles(BTreeMap::from([(name.to_owned(), text.to_owned())]));
        let (mut sources, mut diags) = (SourceMap::new(), Diagnostics::new());
        let loaded = config::load(&files, ".", &mut sources, &mut diags);
        if let Some(body) = loaded
            .as_ref()
            .and_then(|it| it.config.root().settings.encryption.as_ref())
        {
            config::encryption::decode(body, &sources, &mut diags);
        }
        let id = sources.add(name, text);
        config::values::parse(id, text, name.ends_with(".json"), &mut diags);
        for it in &diags {
            if let Some(span) = it.subject {
                sources.position(span.source, span.start);
            }
        }
    }
});
