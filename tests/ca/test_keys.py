import hashlib
import math
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa, x25519
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ca.keys import (
    FERMAT_ROUNDS,
    KeyFacts,
    _fermat_parts,
    describe,
    read_key_der,
    spki_der,
    spki_sha256,
    weakness,
    write_key_der,
    write_key_pem,
)
from tests.ca.making import openssl, shelf

BASE = 2**512


def next_prime(n: int) -> int:
    """Fermat's test is enough to make a test value."""
    n |= 1
    while pow(2, n - 1, n) != 1:
        n += 2
    return n


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


def test_two_close_primes_are_recognised() -> None:
    """CVE-2022-26320: the modulus is parted in a few steps."""
    p = next_prime(BASE)
    q = next_prime(p + 2)
    key = rsa.RSAPublicNumbers(65537, p * q).public_key()
    assert weakness(key) == "its two primes are too close to each other"


def test_fermats_method_goes_so_many_rounds_and_no_further() -> None:
    """Judged by the method as the textbook writes it, with numbers that it parts after 0 to 120 rounds."""

    def rounds(modulus: int) -> int:
        root = math.isqrt(modulus - 1) + 1
        return next(n for n in range(1000) if math.isqrt((root + n) ** 2 - modulus) ** 2 == (root + n) ** 2 - modulus)

    seen = set()
    for wanted in range(120):
        a = BASE + 12345 * wanted
        b = math.isqrt(2 * a * wanted)
        modulus = (a - b) * (a + b)
        seen.add(rounds(modulus))
        assert _fermat_parts(modulus) is (rounds(modulus) < FERMAT_ROUNDS)
    assert {0, FERMAT_ROUNDS - 1, FERMAT_ROUNDS} <= seen


def test_a_small_factor_is_recognised() -> None:
    """A modulus divisible by a small prime was not made by a sound generator."""
    key = rsa.RSAPublicNumbers(65537, 3 * next_prime(BASE * BASE)).public_key()
    assert weakness(key) == "its modulus has a small factor"


@pytest.mark.parametrize("kind", ["rsa-2048", "ec-p256"])
def test_a_sound_key_has_no_weakness(kind: str) -> None:
    """Control: keys made at random pass."""
    assert weakness(shelf(kind).public_key()) == ""
