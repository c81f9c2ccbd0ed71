import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, x25519
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ca.x509.keys import (
    KeyFacts,
    describe,
    read_key_der,
    signing_hash,
    spki_der,
    spki_sha256,
    write_key_der,
    write_key_pem,
)
from tests.ca.making import openssl, shelf


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("ec-p256", KeyFacts(kind="EC", bits=256, curve="P-256")),
        ("ec-p384", KeyFacts(kind="EC", bits=384, curve="P-384")),
        ("ec-p521", KeyFacts(kind="EC", bits=521, curve="P-521")),
        ("rsa-2048", KeyFacts(kind="RSA", bits=2048)),
        ("ed25519", KeyFacts(kind="Ed25519", bits=256)),
    ],
)
def test_a_key_is_described_and_kept(kind: str, facts: KeyFacts) -> None:
    """Kind, size and curve; written and read back it is the same key."""
    key = shelf(kind)
    assert describe(key.public_key()) == facts
    again = read_key_der(write_key_der(key))
    assert spki_der(again.public_key()) == spki_der(key.public_key())
    assert load_pem_private_key(write_key_pem(key).encode(), None).public_key() == key.public_key()


def test_other_keys_are_described_too() -> None:
    """What a policy will refuse needs a name as well."""
    assert str(describe(ec.generate_private_key(ec.SECP256K1()).public_key())) == "EC secp256k1"
    assert describe(dsa.generate_private_key(1024).public_key()) == KeyFacts(kind="DSA", bits=1024)
    assert describe(x25519.X25519PrivateKey.generate().public_key()).kind == "X25519"


def test_a_key_that_can_not_sign_here_is_not_read() -> None:
    """A store with a DSA key in it was not written by us."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    der = dsa.generate_private_key(1024).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(ValueError, match="not a key"):
        read_key_der(der)


def test_the_hash_of_the_key_is_what_openssl_computes(tmp_path: Path) -> None:
    """SHA-256 over the SubjectPublicKeyInfo."""
    key = shelf("rsa-2048")
    (tmp_path / "key").write_text(write_key_pem(key))
    openssl("pkey", "-in", "key", "-pubout", "-outform", "DER", "-out", "spki", cwd=tmp_path)
    assert spki_sha256(key.public_key()) == hashlib.sha256((tmp_path / "spki").read_bytes()).hexdigest()


def test_a_key_signs_over_sha_256_or_over_the_message_itself() -> None:
    """Ed25519 hashes by itself (RFC 8410 section 3); whoever hands it a hash is refused by the library."""
    for kind in ("ec-p256", "ec-p521", "rsa-2048"):
        assert isinstance(signing_hash(shelf(kind)), hashes.SHA256)
    assert signing_hash(shelf("ed25519")) is None
