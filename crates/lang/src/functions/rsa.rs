//! Decryption with RSA by PKCS #1 v1.5, with keys in PEM of PKCS #1, PKCS #8 or OpenSSH.
//!
//! Not made against an attacker who measures times: the caller has the key and the text at hand.

use num_bigint::BigUint;

/// A private key.
pub(crate) struct Key {
    modulus: BigUint,
    exponent: BigUint,
}

/// How many bits a key may have.
const MAX_BITS: u64 = 16_384;

/// Reads a private key.
pub(crate) fn key(pem: &str) -> Result<Key, String> {
    let wrong = || "it is not a private RSA key in PEM form".to_owned();
    let (_, rest) = pem.split_once("-----BEGIN ").ok_or_else(wrong)?;
    let (label, rest) = rest.split_once("-----").ok_or_else(wrong)?;
    let (body, _) = rest
        .split_once(&format!("-----END {label}-----"))
        .ok_or_else(wrong)?;
    if body.contains("ENCRYPTED") {
        return Err("the private key is protected by a passphrase".to_owned());
    }
    let text: String = body.split_whitespace().collect();
    let bytes = super::encoding::from_base64(&text).ok_or_else(wrong)?;
    let key = match label {
        "RSA PRIVATE KEY" => pkcs1(&bytes),
        "PRIVATE KEY" => pkcs8(&bytes),
        "OPENSSH PRIVATE KEY" => openssh(&bytes),
        _ => None,
    };
    key.filter(|it| it.modulus.bits() <= MAX_BITS && it.modulus.bits() > 0)
        .ok_or_else(wrong)
}

impl Key {
    /// The bytes that were encrypted; none where the padding is wrong.
    pub(crate) fn decrypt(&self, secret: &[u8]) -> Option<Vec<u8>> {
        let length = usize::try_from(self.modulus.bits().div_ceil(8)).ok()?;
        let number = BigUint::from_bytes_be(secret);
        if number >= self.modulus || length < 11 {
            return None;
        }
        let plain = number.modpow(&self.exponent, &self.modulus).to_bytes_be();
        // The leading zero byte is not part of the number: 2, padding without zeros, 0, the text.
        if plain.len() + 1 != length || plain.first() != Some(&2) {
            return None;
        }
        let end = plain.iter().position(|it| *it == 0)?;
        if end < 9 {
            return None;
        }
        Some(plain.get(end + 1..)?.to_vec())
    }
}

/// An element of DER: what follows its tag and length, and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = bytes.split_first()?;
    if *first != tag {
        return None;
    }
    let (length, rest) = rest.split_first()?;
    let (length, rest) = if *length < 0x80 {
        (usize::from(*length), rest)
    } else {
        let n = usize::from(*length & 0x7F);
        if n > 4 || n > rest.len() {
            return None;
        }
        let (digits, rest) = rest.split_at(n);
        let length = digits
            .iter()
            .fold(0_usize, |it, digit| (it << 8) | usize::from(*digit));
        (length, rest)
    };
    (length <= rest.len()).then(|| rest.split_at(length))
}

fn pkcs1(bytes: &[u8]) -> Option<Key> {
    let (sequence, _) = element(bytes, 0x30)?;
    let (_version, rest) = element(sequence, 0x02)?;
    let (modulus, rest) = element(rest, 0x02)?;
    let (_public, rest) = element(rest, 0x02)?;
    let (exponent, _) = element(rest, 0x02)?;
    Some(Key {
        modulus: BigUint::from_bytes_be(modulus),
        exponent: BigUint::from_bytes_be(exponent),
    })
}

fn pkcs8(bytes: &[u8]) -> Option<Key> {
    const RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
    let (sequence, _) = element(bytes, 0x30)?;
    let (_version, rest) = element(sequence, 0x02)?;
    let (algorithm, rest) = element(rest, 0x30)?;
    let (name, _) = element(algorithm, 0x06)?;
    let (key, _) = element(rest, 0x04)?;
    if name != RSA {
        return None;
    }
    pkcs1(key)
}

/// A text of the OpenSSH form, with its length before it, and what follows.
fn ssh_text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_at_checked(4)?;
    let length = length
        .iter()
        .fold(0_usize, |it, digit| (it << 8) | usize::from(*digit));
    rest.split_at_checked(length)
}

fn openssh(bytes: &[u8]) -> Option<Key> {
    let rest = bytes.strip_prefix(b"openssh-key-v1\0")?;
    let (cipher, rest) = ssh_text(rest)?;
    let (_kdf, rest) = ssh_text(rest)?;
    let (_options, rest) = ssh_text(rest)?;
    let rest = rest.get(4..)?;
    let (_public, rest) = ssh_text(rest)?;
    let (private, _) = ssh_text(rest)?;
    if cipher != b"none" {
        return None;
    }
    // Two equal numbers that show that decryption worked.
    let rest = private.get(8..)?;
    let (kind, rest) = ssh_text(rest)?;
    if kind != b"ssh-rsa" {
        return None;
    }
    let (modulus, rest) = ssh_text(rest)?;
    let (_public, rest) = ssh_text(rest)?;
    let (exponent, _) = ssh_text(rest)?;
    Some(Key {
        modulus: BigUint::from_bytes_be(modulus),
        exponent: BigUint::from_bytes_be(exponent),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_panics() {
        for text in [
            "",
            "-----BEGIN RSA PRIVATE KEY-----\nbad\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----",
            "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----",
        ] {
            assert!(key(text).is_err());
        }
    }
}
