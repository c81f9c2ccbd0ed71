"""A public key is read from base64 of its DER or from PEM; everything else is told what it is, and is not repeated."""

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, x25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from sandbox.errors import Refused
from sandbox.jose.keys import MAX_KEY_CHARACTERS, read_public_key, write_spki
from sandbox.jose.scheme import PublicKey
from tests.openssl import openssl
from tests.sandbox.jose.making import EVERY, shelf

# Sample of a provider's key page: a public key on P-521.
PUBLISHED = (
    "MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQBYAwVICxD0Paq7MOuO34omujHxSrQXZtiTQ/VMteqAeUfM4wE+vTSpbYCqb1pNhhcQpF+FJd2H8jB1H1z"
    "il7qLLcBw+yl4PrnLza1pmNLr+kqQVoVXVyVx/xxMK2WObLn8tHxXtW4k+bm1/ySF+0RQ265IZcw2i8YYX2FY59JkwE2Fac="
)


def pem(key: PublicKey, form: PublicFormat = PublicFormat.SubjectPublicKeyInfo) -> str:
    return key.public_bytes(Encoding.PEM, form).decode()


@EVERY
def test_what_is_written_is_read(algorithm: str) -> None:
    """As one line of base64, folded, and as PEM in all its spellings."""
    key = shelf(algorithm).public_key
    line = write_spki(key)
    assert line == "".join(pem(key).splitlines()[1:-1])
    folded = pem(key)
    for text in (
        line,
        f"  {line}\n",
        base64.encodebytes(base64.b64decode(line)).decode(),
        folded,
        folded.replace("\n", "\r\n"),
        folded.replace("\n", "\\n"),
        folded.replace("\n", ""),
        f"Public-Key: (256 bit)\n{folded}\n",
    ):
        assert read_public_key(text) == key


def test_a_published_key_is_read_and_written() -> None:
    """To the letter."""
    assert write_spki(read_public_key(PUBLISHED)) == PUBLISHED


PRIVATE = shelf("ES256").private_key
RSA_KEY = shelf("PS256").public_key
PKCS8_DER = PRIVATE.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
PKCS8_PEM = PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
SEC1_PEM = PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
RSA_DER = shelf("PS256").private_key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
LINE = write_spki(shelf("ES256").public_key)


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def raw(key: ed25519.Ed25519PrivateKey | x25519.X25519PrivateKey) -> str:
    return encoded(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


REFUSED = {
    "nothing": ("", "empty"),
    "white space": (" \n", "empty"),
    "too much": ("A" * (MAX_KEY_CHARACTERS + 1), "too_large"),
    "private PEM": (PKCS8_PEM, "private_sent"),
    "private PEM of SEC 1": (SEC1_PEM, "private_sent"),
    "private PEM beside the public one": (pem(RSA_KEY) + PKCS8_PEM, "private_sent"),
    "private DER": (encoded(PKCS8_DER), "private_sent"),
    "private DER of PKCS #1": (encoded(RSA_DER), "private_sent"),
    "private JWK": ('{"kty":"EC","crv":"P-256","x":"a","y":"b","d":"c"}', "private_sent"),
    "symmetric JWK": ('{"kty":"oct","k":"c"}', "private_sent"),
    "public JWK": ('{"kty":"EC","crv":"P-256","x":"a","y":"b"}', "jwk_sent"),
    "base64url": (LINE[:9] + "-_" + LINE[11:], "base64_malformed"),
    "cut off base64": (LINE[:-3], "base64_malformed"),
    "words": ("this is my key!", "base64_malformed"),
    "not ASCII": ("schlüssel", "base64_malformed"),
    "cut off DER": (encoded(base64.b64decode(LINE)[:-3]), "not_spki"),
    "random bytes": (encoded(bytes(range(90))), "not_spki"),
    "SPKI with more behind": (encoded(base64.b64decode(LINE) + b"\0"), "not_spki"),
    "PKCS #1": (pem(RSA_KEY, PublicFormat.PKCS1), "not_spki"),
    "base64 of PEM": (encoded(pem(RSA_KEY).encode()), "not_spki"),
    "two PEM": (pem(RSA_KEY) * 2, "not_spki"),
    "PEM without end": (pem(RSA_KEY).partition("-----END")[0], "not_spki"),
    "PEM of base64url": (pem(RSA_KEY).replace("A", "_"), "base64_malformed"),
    "Ed25519": (raw(ed25519.Ed25519PrivateKey.generate()), "kind_wrong"),
    "X25519": (raw(x25519.X25519PrivateKey.generate()), "kind_wrong"),
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_a_public_key_is_told_what_it_is(text: str, reason: str) -> None:
    """Each has a cause of its own, and nothing that was sent is in it."""
    with pytest.raises(Refused) as error:
        read_public_key(text)
    assert error.value.code == f"signature.key_{reason}"
    said = json.dumps([error.value.reasons[0].seen, str(error.value)])
    sent = "".join(line for line in text.splitlines() if "--" not in line)
    assert not any(sent[at : at + 12] in said for at in range(0, len(sent) - 12, 3))


def test_files_of_openssl(tmp_path: Path) -> None:
    """A certificate, a CSR and a key on a curve of binary fields, as the command makes them."""
    key, certificate = tmp_path / "it.key", tmp_path / "it.pem"
    openssl("req", "-x509", "-nodes", "-newkey", "rsa:2048", "-keyout", key, "-out", certificate, "-subj", "/CN=it")
    public = openssl("x509", "-in", certificate, "-noout", "-pubkey").decode()
    assert write_spki(read_public_key(public)) == "".join(public.splitlines()[1:-1])
    expected = {
        certificate.read_text(): "certificate_sent",
        encoded(openssl("x509", "-in", certificate, "-outform", "DER")): "certificate_sent",
        encoded(openssl("req", "-new", "-key", key, "-subj", "/CN=it", "-outform", "DER")): "not_spki",
        binary_curve(tmp_path): "kind_wrong",
    }
    for text, reason in expected.items():
        with pytest.raises(Refused) as error:
            read_public_key(text)
        assert error.value.code == f"signature.key_{reason}"


def binary_curve(folder: Path) -> str:
    openssl("ecparam", "-name", "sect283k1", "-genkey", "-noout", "-out", folder / "binary.key")
    return openssl("pkey", "-in", folder / "binary.key", "-pubout").decode()
