"""An RS256 signature tells what was signed, whatever it was; a stranger's tells nothing."""

import hashlib
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sandbox.jose.explain.rsa import HASHES, MIN_PADDING, Block, digest_of, read_block
from tests.sandbox.jose.detaching import private, sign


@pytest.mark.parametrize("digest", HASHES, ids=lambda digest: digest.name)
def test_a_signature_shows_its_hash(digest: hashes.HashAlgorithm) -> None:
    """Under the key that made it, and under no other."""
    signature = sign(b"anything", digest=digest)
    block = read_block(private().public_key(), signature)
    assert block == Block(hash_name=digest.name, digest=hashlib.new(digest.name, b"anything").digest())
    assert block.digest == digest_of(b"anything", digest)
    assert read_block(private(1).public_key(), signature) is None


def test_what_openssl_signs_without_a_name_is_read_too(tmp_path: Path) -> None:
    """`openssl pkeyutl` signs any bytes as they are unless it is told of a hash."""
    (tmp_path / "key").write_bytes(private().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    digest = hashlib.sha256(b"anything").digest()
    for options, name in (((), ""), (("-pkeyopt", "digest:sha256"), "sha256")):
        signed = subprocess.run(
            ["openssl", "pkeyutl", "-sign", "-inkey", tmp_path / "key", *options],
            input=digest,
            capture_output=True,
            check=True,
        )
        assert read_block(private().public_key(), signed.stdout) == Block(hash_name=name, digest=digest)


def raw(encoded: bytes) -> bytes:
    """RSA's own operation, without any padding: what a hostile signer can do."""
    numbers = private().private_numbers()
    number = pow(int.from_bytes(encoded, "big"), numbers.d, numbers.public_numbers.n)
    return number.to_bytes(256, "big")


def test_only_the_whole_padding_is_one() -> None:
    """RFC 8017 section 9.2, byte for byte."""
    good = b"\0\1" + b"\xff" * 221 + b"\0" + bytes(32)
    assert read_block(private().public_key(), raw(good)) == Block(hash_name="", digest=bytes(32))
    short = b"\0\1" + b"\xff" * MIN_PADDING + b"\0" + b"\1" * (256 - 3 - MIN_PADDING)
    assert read_block(private().public_key(), raw(short)) is not None
    info = bytes.fromhex("3031300d060960864801650304020105000420")  # RFC 8017 section 9.2 note 1, for SHA-256
    named = b"\0\1" + b"\xff" * 202 + b"\0" + info + bytes(32)
    assert read_block(private().public_key(), raw(named)) == Block(hash_name="sha256", digest=bytes(32))
    # One byte more after the digest (CVE-2006-4339) is no DigestInfo of SHA-256.
    longer = b"\0\1" + b"\xff" * 201 + b"\0" + info + bytes(33)
    assert read_block(private().public_key(), raw(longer)) == Block(hash_name="", digest=info + bytes(33))
    for bad in (
        b"\0\2" + good[2:],
        b"\0\1" + b"\xfe" + good[3:],
        b"\0\1" + b"\xff" * 254,
        b"\0\1" + b"\xff" * (MIN_PADDING - 1) + b"\0" + b"\1" * (256 - 2 - MIN_PADDING),
        bytes(256),
        b"\0\0" + good[2:],
    ):
        assert len(bad) == 256
        assert read_block(private().public_key(), raw(bad)) is None


def test_what_is_no_number_of_the_key_is_none() -> None:
    """Too long, too short, not below the modulus, or PSS."""
    public = private().public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    for signature in (b"", bytes(255), bytes(257), b"\xff" * 256, public.public_numbers().n.to_bytes(256, "big")):
        assert read_block(public, signature) is None
    assert read_block(public, sign(b"x", padding=PSS(MGF1(hashes.SHA256()), 32))) is None
