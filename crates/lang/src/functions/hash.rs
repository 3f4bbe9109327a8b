//! Functions of digests, passwords and unique names.

use sha2::Digest;
use value::function::{Call, CallError, Function, number, text};
use value::{Type, Value};

use super::encoding::{base64, from_base64};
use super::{rsa, whole_of};

pub(super) fn rows() -> Vec<Function> {
    vec![
        digest(
            "md5",
            "Gives the MD5 digest of a string as hexadecimal digits.",
            |call| Ok(hex(&md5(call.text(0).as_bytes())).into()),
        )
        .example(
            r#"md5("hello world")"#,
            r#""5eb63bbbe01eeed093cb22bb8f5acdc3""#,
        ),
        digest(
            "sha1",
            "Gives the SHA-1 digest of a string as hexadecimal digits.",
            |call| Ok(hex(&sha1(call.text(0).as_bytes())).into()),
        )
        .example(
            r#"sha1("hello world")"#,
            r#""2aae6c35c94fcfb415dbe95f408b9ce91ee846ed""#,
        ),
        digest(
            "sha256",
            "Gives the SHA-256 digest of a string as hexadecimal digits.",
            |call| Ok(hex(&sha256(call.text(0).as_bytes())).into()),
        )
        .example(
            r#"sha256("hello world")"#,
            r#""b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9""#,
        ),
        digest(
            "sha512",
            "Gives the SHA-512 digest of a string as hexadecimal digits.",
            |call| Ok(hex(&sha512(call.text(0).as_bytes())).into()),
        )
        .example(
            r#"substr(sha512("hello world"), 0, 16)"#,
            r#""309ecc489c12d6eb""#,
        ),
        digest(
            "base64sha256",
            "Gives the SHA-256 digest of a string as Base64.",
            |call| Ok(base64(&sha256(call.text(0).as_bytes())).into()),
        )
        .example(
            r#"base64sha256("hello world")"#,
            r#""uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=""#,
        ),
        digest(
            "base64sha512",
            "Gives the SHA-512 digest of a string as Base64.",
            |call| Ok(base64(&sha512(call.text(0).as_bytes())).into()),
        )
        .example(
            r#"substr(base64sha512("hello world"), 0, 16)"#,
            r#""MJ7MSJwS1utMxA9Q""#,
        ),
        Function::new("bcrypt", "Hashes a password with bcrypt and a random salt.")
            .takes([text("str")])
            .takes_more(number("cost"))
            .gives(Type::String)
            .not_null()
            .body(bcrypt_hash)
            .example(r#"length(bcrypt("hello", 4))"#, "60"),
        Function::new(
            "rsadecrypt",
            "Decrypts what was encrypted with RSA (PKCS #1 v1.5) and given in Base64.",
        )
        .takes([text("ciphertext"), text("privatekey")])
        .gives(Type::String)
        .not_null()
        .body(|call| {
            let secret =
                from_base64(call.text(0)).ok_or_else(|| CallError::at(0, "it is not Base64"))?;
            let key = rsa::key(call.text(1)).map_err(|it| CallError::at(1, it))?;
            let bytes = key
                .decrypt(&secret)
                .ok_or_else(|| CallError::at(0, "it cannot be decrypted with this key"))?;
            Ok(String::from_utf8_lossy(&bytes).into_owned().into())
        })
        .example(r#"can(rsadecrypt("aGVsbG8=", "no key"))"#, "false"),
        Function::new("uuid", "Gives a new unique name at each call.")
            .gives(Type::String)
            .not_null()
            .body(|call| {
                let mut bytes = [0; 16];
                if !call.world.random(&mut bytes) {
                    return Ok(call.unknown());
                }
                Ok(dashed(&bytes).into())
            })
            .example("length(uuid())", "36"),
        Function::new(
            "uuidv5",
            "Gives the unique name that belongs to a name in a namespace.",
        )
        .takes([text("namespace"), text("name")])
        .gives(Type::String)
        .not_null()
        .body(|call| {
            let namespace = namespace(call.text(0)).ok_or_else(|| {
                CallError::new("the namespace must be a UUID, or one of dns, url, oid and x500")
            })?;
            let mut input = namespace.to_vec();
            input.extend_from_slice(call.text(1).as_bytes());
            let digest = sha1(&input);
            let mut bytes = [0; 16];
            for (to, from) in bytes.iter_mut().zip(&digest) {
                *to = *from;
            }
            bytes[6] = (bytes[6] & 0x0F) | 0x50;
            bytes[8] = (bytes[8] & 0x3F) | 0x80;
            Ok(dashed(&bytes).into())
        })
        .example(
            r#"uuidv5("dns", "www.terraform.io")"#,
            r#""a5008fae-b28c-5ba5-96cd-82b4c53552d6""#,
        ),
    ]
}

fn digest(
    name: &'static str,
    doc: &'static str,
    body: fn(&Call<'_>) -> Result<Value, CallError>,
) -> Function {
    Function::new(name, doc)
        .takes([text("str")])
        .gives(Type::String)
        .not_null()
        .body(body)
}

pub(super) fn md5(bytes: &[u8]) -> Vec<u8> {
    md5::Md5::digest(bytes).to_vec()
}

pub(super) fn sha1(bytes: &[u8]) -> Vec<u8> {
    sha1::Sha1::digest(bytes).to_vec()
}

pub(super) fn sha256(bytes: &[u8]) -> Vec<u8> {
    sha2::Sha256::digest(bytes).to_vec()
}

pub(super) fn sha512(bytes: &[u8]) -> Vec<u8> {
    sha2::Sha512::digest(bytes).to_vec()
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut res, it| {
        let _ = write!(res, "{it:02x}");
        res
    })
}

fn bcrypt_hash(call: &Call<'_>) -> Result<Value, CallError> {
    let cost = match call.count() {
        1 => 10,
        2 => whole_of(&call.arg(1), "the cost").map_err(CallError::new)?,
        _ => return Err(CallError::new("a string and a cost are all it takes")),
    };
    let cost = match u32::try_from(cost) {
        Ok(it @ 4..=31) => it,
        Ok(0..4) | Err(_) => 10,
        Ok(_) => return Err(CallError::new("the cost must be 31 at most")),
    };
    if call.text(0).len() > 72 {
        return Err(CallError::new("the string is longer than 72 bytes"));
    }
    let mut salt = [0; 16];
    if !call.world.random(&mut salt) {
        return Ok(call.unknown());
    }
    let hash = bcrypt::hash_with_salt(call.text(0).as_bytes(), cost, salt)
        .map_err(|_| CallError::new("the string cannot be hashed"))?;
    Ok(hash.format_for_version(bcrypt::Version::TwoA).into())
}

fn namespace(text: &str) -> Option<[u8; 16]> {
    let known = |last: u8| {
        let mut res = [
            0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4,
            0x30, 0xc8,
        ];
        res[3] = last;
        Some(res)
    };
    match text {
        "dns" => return known(0x10),
        "url" => return known(0x11),
        "oid" => return known(0x12),
        "x500" => return known(0x14),
        _ => {}
    }
    let text = match text.len() {
        45 if text
            .get(..9)
            .is_some_and(|it| it.eq_ignore_ascii_case("urn:uuid:")) =>
        {
            text.get(9..)?
        }
        38 => text.get(1..37)?,
        _ => text,
    };
    let digits = match text.len() {
        36 => {
            let bytes = text.as_bytes();
            if [8, 13, 18, 23]
                .iter()
                .any(|at| bytes.get(*at) != Some(&b'-'))
            {
                return None;
            }
            text.replace('-', "")
        }
        32 => text.to_owned(),
        _ => return None,
    };
    if digits.len() != 32 || !digits.bytes().all(|it| it.is_ascii_hexdigit()) {
        return None;
    }
    Some(u128::from_str_radix(&digits, 16).ok()?.to_be_bytes())
}

fn dashed(bytes: &[u8; 16]) -> String {
    let digits = hex(bytes);
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or("").to_owned();
    [
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32),
    ]
    .join("-")
}
