//! No bytes panic the reader of encrypted files, and no header makes it work for long.
#![no_main]

use backend::seal::{Hash, KeyProvider, KeySource, Method, Seal};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let key = |source, kind: &str| Method::AesGcm {
        key: KeyProvider {
            name: format!("key_provider.{kind}.k"),
            source,
        },
        aad: Vec::new(),
    };
    let methods = vec![
        key(KeySource::Static(vec![7; 32].into()), "static"),
        key(
            KeySource::Pbkdf2 {
                passphrase: "passphrase".to_owned().into(),
                rounds: 1,
                key_length: 32,
                salt_length: 32,
                hash: Hash::Sha512,
            },
            "pbkdf2",
        ),
    ];
    let _ = Seal::new(methods, |bytes| {
        bytes.fill(1);
        true
    })
    .open(bytes);
});
