//! No bytes panic the frame of the journal, nor its records, nor folding them into a state.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = state::journal::fold(state::Snapshot::default(), &[bytes.to_vec()]);
    let records = backend::journal_records(bytes);
    let _ = state::journal::fold(state::Snapshot::default(), &records);
});
