//! No bytes panic the reader of state files, of any version; what it reads it writes and reads back as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(snapshot) = state::file::read(bytes) else {
        return;
    };
    let written = state::file::write(&snapshot);
    let again = state::file::read(&written).expect("what was written can be read");
    assert_eq!(state::file::write(&again), written);
});
