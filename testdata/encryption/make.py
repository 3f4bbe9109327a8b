"""Makes the vectors of this directory with Python's `cryptography` (OpenSSL), independently of dokplan.

    python3 make.py

The plain text is plain.tfstate, whose secret is a marker; the passphrase and key are those of the names below.
Salts and nonces are fixed so that the files do not change.
"""

import base64
import hashlib
import json

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PASSPHRASE = "correct horse battery staple"
STATIC = bytes(range(32))


def envelope(plain, name, meta, key, nonce, aad):
    data = nonce + AESGCM(key).encrypt(nonce, plain, aad)
    state = json.loads(plain)
    return {
        "serial": state["serial"],
        "lineage": state["lineage"],
        "meta": {name: base64.b64encode(json.dumps(meta, separators=(",", ":")).encode()).decode()},
        "encrypted_data": base64.b64encode(data).decode(),
        "encryption_version": "v0",
    }


def pbkdf2(plain, file, hash_name, rounds, length, salt):
    key = hashlib.pbkdf2_hmac(hash_name, PASSPHRASE.encode(), salt, rounds, length)
    meta = {
        "salt": base64.b64encode(salt).decode(),
        "iterations": rounds,
        "hash_function": hash_name,
        "key_length": length,
    }
    write(file, envelope(plain, "key_provider.pbkdf2.vector", meta, key, bytes(range(12)), None))


def write(file, document):
    with open(file, "w") as out:
        json.dump(document, out, separators=(",", ":"))


plain = open("plain.tfstate", "rb").read()
pbkdf2(plain, "pbkdf2-sha512-32.tfstate", "sha512", 600000, 32, bytes(range(32)))
pbkdf2(plain, "pbkdf2-sha256-16.tfstate", "sha256", 200000, 16, bytes(range(100, 116)))
write(
    "static-aad.tfstate",
    envelope(plain, "key_provider.static.vector", {"magic": "Hello world!"}, STATIC, bytes(range(50, 62)), b"\x01\x02\x03"),
)
