//! Encryption of states, plans and journals: the envelope that OpenTofu writes.
//!
//! A sealed file is a JSON object: `serial` and `lineage` of a state in clear (a backend compares them without the key),
//! `meta` with what each key provider needs to find its key again (base64 of JSON), `encrypted_data` (base64 of a nonce
//! of twelve bytes, the ciphertext of AES-GCM and its tag of sixteen), and `encryption_version`, which is `v0`. The
//! format is that of OpenTofu 1.7 and newer, so that both tools read each other's states (docs/adr/0025-encryption.md).
//!
//! Pure but for randomness, which comes in as a function. A key from a passphrase is derived once for reading and once
//! for writing in a process, however many records of a journal are sealed with it.

use std::fmt;
use std::sync::{Arc, Mutex};

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::aes::Aes192;
use aes_gcm::aes::cipher::consts::U12;
use aes_gcm::{Aes128Gcm, Aes256Gcm, AesGcm, KeyInit, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value as Json, json};
use zeroize::Zeroizing;

/// The version of the envelope.
const VERSION: &str = "v0";

/// The bytes of a nonce, before the ciphertext.
const NONCE: usize = 12;

/// The largest envelope that is read, as for states.
const SIZE_LIMIT: usize = 1 << 30;

/// The most rounds that a header may ask for: whoever can write the file must not decide that we compute for hours.
const ROUNDS_LIMIT: u32 = 20_000_000;

/// The longest salt that a header may hold.
const SALT_LIMIT: usize = 4096;

/// Fills bytes that nobody can guess; `false` where the system has none.
pub type Random = fn(&mut [u8]) -> bool;

/// Which hash a key is derived with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// `sha256`.
    Sha256,
    /// `sha512`.
    Sha512,
}

impl Hash {
    /// The name in configuration and in headers.
    pub fn name(self) -> &'static str {
        match self {
            Hash::Sha256 => "sha256",
            Hash::Sha512 => "sha512",
        }
    }

    /// The hash of a name.
    pub fn parse(name: &str) -> Option<Hash> {
        [Hash::Sha256, Hash::Sha512]
            .into_iter()
            .find(|it| it.name() == name)
    }
}

/// Where keys come from.
#[derive(Clone)]
pub enum KeySource {
    /// `pbkdf2`: a passphrase.
    Pbkdf2 {
        /// The passphrase.
        passphrase: Zeroizing<String>,
        /// How new keys are derived.
        rounds: u32,
        /// The bytes of new keys: 16, 24 or 32.
        key_length: usize,
        /// The bytes of new salts.
        salt_length: usize,
        /// The hash for new keys.
        hash: Hash,
    },
    /// `static`: the key itself.
    Static(Zeroizing<Vec<u8>>),
}

/// A key provider with the name that headers know it by.
#[derive(Clone)]
pub struct KeyProvider {
    /// `key_provider.pbkdf2.NAME`, or its `encrypted_metadata_alias`.
    pub name: String,
    /// Where its keys come from.
    pub source: KeySource,
}

/// How something is encrypted.
#[derive(Clone)]
pub enum Method {
    /// Not at all.
    Unencrypted,
    /// AES-GCM.
    AesGcm {
        /// The key.
        key: KeyProvider,
        /// Bytes that are authenticated and not stored.
        aad: Vec<u8>,
    },
}

/// Why something cannot be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SealError {
    /// It is encrypted, and no encryption is configured.
    NotConfigured,
    /// It is not encrypted, and the configuration does not allow that.
    Clear,
    /// The envelope has another version than `v0`.
    Version(String),
    /// The envelope is none; a phrase that says why.
    Invalid(String),
    /// No method opens it; a phrase for each that was tried.
    Locked(Vec<String>),
    /// The system has no randomness.
    NoRandom,
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SealError::NotConfigured => f.write_str("it is encrypted, and no encryption is configured. Add the \"encryption\" block with which it was written to the configuration, or set TF_ENCRYPTION"),
            SealError::Clear => f.write_str("it is not encrypted, and the configuration asks for encryption. If it is to be encrypted from now on, add a \"fallback\" block with a method \"unencrypted\", apply once, and remove the block again"),
            SealError::Version(it) => write!(f, "it is encrypted in the version {it:?} of the format, and this dokplan reads {VERSION:?}"),
            SealError::Invalid(why) => write!(f, "it is encrypted, but damaged: {why}"),
            SealError::Locked(why) => write!(f, "none of the configured methods decrypts it: {}. Either the passphrase or key is not the one it was written with, or the file was changed since. If the key was replaced, name the old method in a \"fallback\" block", why.join("; ")),
            SealError::NoRandom => f.write_str("the system gives no random bytes, without which nothing can be encrypted"),
        }
    }
}

/// Something that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The content in clear.
    pub plain: Vec<u8>,
    /// Whether it is stored as the first method would store it; if not, the next write changes that.
    pub is_current: bool,
    /// What the envelope says in clear about the state inside.
    pub header: Option<(String, u64)>,
}

type SecretKey = Arc<Zeroizing<Vec<u8>>>;

/// How one kind of file is encrypted: the first method writes, all of them read.
#[derive(Default)]
pub struct Seal {
    methods: Vec<Method>,
    random: Option<Random>,
    /// What new envelopes say about their key, and the key.
    writing: Mutex<Option<(Json, SecretKey)>>,
    /// Keys by provider and header.
    reading: Mutex<Vec<(String, SecretKey)>>,
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |it: &Method| match it {
            Method::Unencrypted => "unencrypted".to_owned(),
            Method::AesGcm { key, .. } => format!("aes_gcm by {}", key.name),
        };
        let names: Vec<String> = self.methods.iter().map(name).collect();
        f.debug_tuple("Seal").field(&names).finish()
    }
}

impl Seal {
    /// With methods of which the first writes and all read; without methods nothing is encrypted.
    pub fn new(methods: Vec<Method>, random: Random) -> Seal {
        Seal {
            methods,
            random: Some(random),
            ..Seal::default()
        }
    }

    /// Whether what is written is encrypted.
    pub fn encrypts(&self) -> bool {
        matches!(self.methods.first(), Some(Method::AesGcm { .. }))
    }

    /// Content as it is stored; `header` are lineage and serial of a state.
    pub fn seal(&self, plain: &[u8], header: Option<(&str, u64)>) -> Result<Vec<u8>, SealError> {
        let Some(Method::AesGcm { key, aad }) = self.methods.first() else {
            return Ok(plain.to_vec());
        };
        let (meta, secret) = self.writing_key(key)?;
        let mut data = vec![0; NONCE];
        self.fill(&mut data)?;
        let sealed = crypt(&secret, &data, plain, aad, true)
            .ok_or_else(|| SealError::Invalid("the content is too large".to_owned()))?;
        data.extend_from_slice(&sealed);
        let mut envelope = Map::new();
        if let Some((lineage, serial)) = header {
            envelope.insert("serial".to_owned(), json!(serial));
            envelope.insert("lineage".to_owned(), json!(lineage));
        }
        let entry = Map::from_iter([(key.name.clone(), meta)]);
        envelope.insert("meta".to_owned(), Json::Object(entry));
        envelope.insert("encrypted_data".to_owned(), json!(BASE64.encode(data)));
        envelope.insert("encryption_version".to_owned(), json!(VERSION));
        Ok(Json::Object(envelope).to_string().into_bytes())
    }

    /// The content of something stored.
    pub fn open(&self, bytes: &[u8]) -> Result<Opened, SealError> {
        let Some(envelope) = envelope(bytes) else {
            return self.open_clear(bytes);
        };
        if self.methods.is_empty() {
            return Err(SealError::NotConfigured);
        }
        let invalid = |why: &str| SealError::Invalid(why.to_owned());
        if bytes.len() > SIZE_LIMIT {
            return Err(invalid("it has more than a gigabyte"));
        }
        match envelope["encryption_version"].as_str() {
            Some(VERSION) => {}
            it => return Err(SealError::Version(it.unwrap_or_default().to_owned())),
        }
        let data = envelope["encrypted_data"]
            .as_str()
            .and_then(|it| BASE64.decode(it).ok())
            .ok_or_else(|| invalid("what it holds is not base64"))?;
        let Some((nonce, sealed)) = data.split_at_checked(NONCE) else {
            return Err(invalid("it holds less than a nonce"));
        };
        let header = envelope["lineage"]
            .as_str()
            .zip(envelope["serial"].as_u64())
            .map(|(lineage, serial)| (lineage.to_owned(), serial));
        let mut reasons = Vec::new();
        for (at, method) in self.methods.iter().enumerate() {
            let Method::AesGcm { key, aad } = method else {
                continue;
            };
            let secret = match self.reading_key(key, &envelope["meta"]) {
                Ok(it) => it,
                Err(reason) => {
                    reasons.push(reason);
                    continue;
                }
            };
            match crypt(&secret, nonce, sealed, aad, false) {
                Some(plain) => {
                    return Ok(Opened {
                        plain,
                        is_current: at == 0,
                        header,
                    });
                }
                None => reasons.push(format!("the key of {} does not fit", key.name)),
            }
        }
        if reasons.is_empty() {
            reasons.push("the only method is \"unencrypted\"".to_owned());
        }
        Err(SealError::Locked(reasons))
    }

    fn open_clear(&self, bytes: &[u8]) -> Result<Opened, SealError> {
        let allows = |it: &Method| matches!(it, Method::Unencrypted);
        if !self.methods.is_empty() && !self.methods.iter().any(allows) {
            return Err(SealError::Clear);
        }
        Ok(Opened {
            plain: bytes.to_vec(),
            is_current: !self.encrypts(),
            header: None,
        })
    }

    fn fill(&self, bytes: &mut [u8]) -> Result<(), SealError> {
        match self.random {
            Some(random) if random(bytes) => Ok(()),
            _ => Err(SealError::NoRandom),
        }
    }

    /// The key for what is written from now on, and its entry in headers.
    fn writing_key(&self, key: &KeyProvider) -> Result<(Json, SecretKey), SealError> {
        let mut writing = self
            .writing
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(it) = &*writing {
            return Ok(it.clone());
        }
        let (meta, secret) = match &key.source {
            KeySource::Static(it) => (json!({"magic": MAGIC}), it.clone()),
            KeySource::Pbkdf2 {
                passphrase,
                rounds,
                key_length,
                salt_length,
                hash,
            } => {
                let mut salt = vec![0; *salt_length];
                self.fill(&mut salt)?;
                let meta = json!({
                    "salt": BASE64.encode(&salt),
                    "iterations": rounds,
                    "hash_function": hash.name(),
                    "key_length": key_length,
                });
                (meta, derive(passphrase, &salt, *rounds, *key_length, *hash))
            }
        };
        let made = (
            json!(BASE64.encode(meta.to_string())),
            SecretKey::new(secret),
        );
        // What this process wrote it can read without deriving the key again.
        self.remember(&cache_name(key, &made.0), &made.1);
        *writing = Some(made.clone());
        Ok(made)
    }

    fn remember(&self, name: &str, secret: &SecretKey) {
        let mut reading = self
            .reading
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        reading.push((name.to_owned(), secret.clone()));
    }

    /// The key of something stored, by its header; why not, in a phrase.
    fn reading_key(&self, key: &KeyProvider, meta: &Json) -> Result<SecretKey, String> {
        let entry = &meta[key.name.as_str()];
        let name = cache_name(key, entry);
        {
            let reading = self
                .reading
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            if let Some((_, secret)) = reading.iter().find(|(it, _)| *it == name) {
                return Ok(secret.clone());
            }
        }
        let secret = match &key.source {
            KeySource::Static(it) => it.clone(),
            KeySource::Pbkdf2 { passphrase, .. } => {
                if entry.is_null() {
                    return Err(format!("it was not written with {}", key.name));
                }
                let wrong = || format!("what it says about {} is not to be understood", key.name);
                let parsed = entry
                    .as_str()
                    .and_then(|it| BASE64.decode(it).ok())
                    .and_then(|it| serde_json::from_slice::<Json>(&it).ok())
                    .ok_or_else(wrong)?;
                let salt = parsed["salt"]
                    .as_str()
                    .and_then(|it| BASE64.decode(it).ok())
                    .filter(|it| (1..=SALT_LIMIT).contains(&it.len()))
                    .ok_or_else(wrong)?;
                let rounds = parsed["iterations"]
                    .as_u64()
                    .and_then(|it| u32::try_from(it).ok())
                    .filter(|it| *it > 0)
                    .ok_or_else(wrong)?;
                if rounds > ROUNDS_LIMIT {
                    return Err(format!(
                        "what it says about {} asks for more than {ROUNDS_LIMIT} iterations",
                        key.name
                    ));
                }
                let length = parsed["key_length"]
                    .as_u64()
                    .and_then(|it| usize::try_from(it).ok())
                    .filter(|it| KEY_LENGTHS.contains(it))
                    .ok_or_else(wrong)?;
                let hash = parsed["hash_function"]
                    .as_str()
                    .and_then(Hash::parse)
                    .ok_or_else(wrong)?;
                derive(passphrase, &salt, rounds, length, hash)
            }
        };
        let secret = SecretKey::new(secret);
        self.remember(&name, &secret);
        Ok(secret)
    }
}

/// The lengths of keys that AES has, in bytes.
pub const KEY_LENGTHS: [usize; 3] = [16, 24, 32];

/// What OpenTofu's static provider writes into headers.
const MAGIC: &str = "Hello world!";

fn cache_name(key: &KeyProvider, entry: &Json) -> String {
    format!("{}\n{entry}", key.name)
}

fn derive(
    passphrase: &str,
    salt: &[u8],
    rounds: u32,
    length: usize,
    hash: Hash,
) -> Zeroizing<Vec<u8>> {
    let mut res = Zeroizing::new(vec![0; length]);
    match hash {
        Hash::Sha256 => {
            pbkdf2::pbkdf2_hmac::<sha2::Sha256>(passphrase.as_bytes(), salt, rounds, &mut res);
        }
        Hash::Sha512 => {
            pbkdf2::pbkdf2_hmac::<sha2::Sha512>(passphrase.as_bytes(), salt, rounds, &mut res);
        }
    }
    res
}

/// Encrypts or decrypts; `None` where the key has a length that AES has not, or does not fit.
fn crypt(key: &[u8], nonce: &[u8], text: &[u8], aad: &[u8], encrypt: bool) -> Option<Vec<u8>> {
    fn with<C: Aead + KeyInit>(
        key: &[u8],
        nonce: &[u8],
        payload: Payload<'_, '_>,
        encrypt: bool,
    ) -> Option<Vec<u8>> {
        let cipher = C::new_from_slice(key).ok()?;
        let nonce = Nonce::try_from(nonce).ok()?;
        if encrypt {
            cipher.encrypt(&nonce, payload).ok()
        } else {
            cipher.decrypt(&nonce, payload).ok()
        }
    }
    let payload = Payload { msg: text, aad };
    match key.len() {
        16 => with::<Aes128Gcm>(key, nonce, payload, encrypt),
        24 => with::<AesGcm<Aes192, U12>>(key, nonce, payload, encrypt),
        32 => with::<Aes256Gcm>(key, nonce, payload, encrypt),
        _ => None,
    }
}

/// Whether bytes are an envelope.
pub fn is_sealed(bytes: &[u8]) -> bool {
    envelope(bytes).is_some()
}

/// The envelope that bytes are. A state begins with its version, so that a large one is not parsed here.
fn envelope(bytes: &[u8]) -> Option<Json> {
    let start = bytes
        .trim_ascii_start()
        .strip_prefix(b"{")?
        .trim_ascii_start();
    let first = start.strip_prefix(b"\"")?;
    let members: [&[u8]; 5] = [
        b"serial\"",
        b"lineage\"",
        b"meta\"",
        b"encrypted_data\"",
        b"encryption_version\"",
    ];
    members.iter().find(|it| first.starts_with(it))?;
    let json: Json = serde_json::from_slice(bytes).ok()?;
    let version = json.get("encryption_version")?;
    (version.as_str() != Some("")).then_some(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counting(bytes: &mut [u8]) -> bool {
        for (at, it) in bytes.iter_mut().enumerate() {
            *it = at as u8;
        }
        true
    }

    fn passphrase(name: &str, text: &str) -> Method {
        Method::AesGcm {
            key: KeyProvider {
                name: name.to_owned(),
                source: KeySource::Pbkdf2 {
                    passphrase: Zeroizing::new(text.to_owned()),
                    rounds: 7,
                    key_length: 32,
                    salt_length: 32,
                    hash: Hash::Sha512,
                },
            },
            aad: Vec::new(),
        }
    }

    fn fixed(length: usize) -> Method {
        Method::AesGcm {
            key: KeyProvider {
                name: "key_provider.static.k".to_owned(),
                source: KeySource::Static(Zeroizing::new(vec![7; length])),
            },
            aad: vec![1, 2],
        }
    }

    const P: &str = "key_provider.pbkdf2.p";

    #[test]
    fn what_was_sealed_opens_with_the_same_key_only() {
        for method in [passphrase(P, "one"), fixed(16), fixed(24), fixed(32)] {
            let seal = Seal::new(vec![method.clone()], counting);
            let bytes = seal.seal(b"content", Some(("l", 3))).unwrap();
            assert!(is_sealed(&bytes));
            assert!(!bytes.windows(7).any(|it| it == b"content"));
            // Another process, which derives the key from the header.
            let opened = Seal::new(vec![method], counting).open(&bytes).unwrap();
            assert_eq!(opened.plain, b"content");
            assert_eq!(opened.header, Some(("l".to_owned(), 3)));
            assert!(opened.is_current);
            let other = Seal::new(vec![passphrase(P, "two"), fixed(8)], counting);
            assert!(matches!(other.open(&bytes), Err(SealError::Locked(_))));
            assert_eq!(Seal::default().open(&bytes), Err(SealError::NotConfigured));
        }
    }

    #[test]
    fn a_fallback_reads_and_the_first_writes() {
        let old = Seal::new(vec![passphrase("key_provider.pbkdf2.old", "old")], counting);
        let bytes = old.seal(b"x", None).unwrap();
        let both = Seal::new(
            vec![
                passphrase(P, "new"),
                passphrase("key_provider.pbkdf2.old", "old"),
            ],
            counting,
        );
        let opened = both.open(&bytes).unwrap();
        assert_eq!((&*opened.plain, opened.is_current), (&b"x"[..], false));
        let again = both.seal(b"x", None).unwrap();
        assert!(both.open(&again).unwrap().is_current);
        assert!(old.open(&again).is_err());
    }

    #[test]
    fn clear_text_passes_only_where_a_method_says_so() {
        let strict = Seal::new(vec![passphrase(P, "one")], counting);
        assert_eq!(strict.open(b"{}"), Err(SealError::Clear));
        let migrating = Seal::new(vec![passphrase(P, "one"), Method::Unencrypted], counting);
        assert!(!migrating.open(b"{}").unwrap().is_current);
        let leaving = Seal::new(vec![Method::Unencrypted, passphrase(P, "one")], counting);
        assert!(leaving.open(b"{}").unwrap().is_current);
        assert_eq!(leaving.seal(b"{}", None).unwrap(), b"{}");
        let sealed = strict.seal(b"{}", None).unwrap();
        assert!(!leaving.open(&sealed).unwrap().is_current);
    }

    #[test]
    fn a_changed_or_cut_envelope_is_refused_whatever_was_changed() {
        let seal = Seal::new(vec![passphrase(P, "one")], counting);
        let bytes = seal.seal(b"content", Some(("l", 3))).unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        let data = text.find("encrypted_data").unwrap() + 20;
        let mut changed = bytes.clone();
        changed[data] = if changed[data] == b'A' { b'B' } else { b'A' };
        assert!(matches!(seal.open(&changed), Err(SealError::Locked(_))));
        for cut in 1..bytes.len() {
            assert!(seal.open(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        let newer = text.replace("\"v0\"", "\"v9\"");
        assert_eq!(
            seal.open(newer.as_bytes()),
            Err(SealError::Version("v9".to_owned()))
        );
    }

    #[test]
    fn a_header_cannot_ask_for_hours_of_work() {
        let meta = BASE64.encode(
            r#"{"salt":"AAAA","iterations":4000000000,"hash_function":"sha512","key_length":32}"#,
        );
        let text = format!(
            r#"{{"meta":{{"{P}":"{meta}"}},"encrypted_data":"{}","encryption_version":"v0"}}"#,
            BASE64.encode([0; 40])
        );
        let Err(SealError::Locked(why)) =
            Seal::new(vec![passphrase(P, "one")], counting).open(text.as_bytes())
        else {
            panic!("it was opened");
        };
        assert!(why[0].contains("iterations"), "{why:?}");
    }

    #[test]
    fn without_randomness_nothing_is_written() {
        let seal = Seal::new(vec![passphrase(P, "one")], |_| false);
        assert_eq!(seal.seal(b"x", None), Err(SealError::NoRandom));
    }
}
