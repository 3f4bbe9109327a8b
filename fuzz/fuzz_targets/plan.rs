//! No document panics the reader of saved plans; what it reads it writes and reads back as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(json) = serde_json::from_slice(bytes) else {
        return;
    };
    let Ok(plan) = plan::file::from_json(&json) else {
        return;
    };
    let written = plan::file::to_json(&plan);
    plan::file::from_json(&written).expect("what was written can be read");
});
