"""How secrets are kept: in a form that says what it is, that others compute alike, and that is compared evenly."""

import hmac

import pytest

from sandbox.oauth import secrets
from tests.openssl import openssl

SALT = bytes(range(16))
SECRET = "s3crèt$ +%"
WAYS = (secrets.PLAIN, secrets.sha256(SALT), secrets.scrypt(SALT))


def digest_of(*words: str, stdin: bytes = b"") -> str:
    """In hexadecimal, as openssl computes it."""
    return openssl(*words, stdin=stdin).decode().replace(":", "").strip().lower()


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.algorithm)
def test_what_was_written_is_read(way):
    """And is the secret's, and nobody else's."""
    kept = secrets.read(secrets.write(secrets.keep(SECRET, way)))
    assert kept == secrets.keep(SECRET, way)
    assert kept.is_of(SECRET)
    assert not kept.is_of(SECRET[:-1]) and not kept.is_of("") and not kept.is_of(secrets.write(kept))
    assert kept.readable == (SECRET if way is secrets.PLAIN else None)
    assert SECRET not in repr(kept) and (SECRET in secrets.write(kept)) == (way is secrets.PLAIN)


def test_openssl_makes_the_same_digests():
    """SHA-256 over salt and secret, scrypt with the parameters in the text; another secret gives others."""
    _, salt, digest = secrets.write(secrets.keep(SECRET, secrets.sha256(SALT))).split("$")
    assert digest_of("dgst", "-sha256", "-r", stdin=bytes.fromhex(salt) + SECRET.encode()).split()[0] == digest
    _, cost, salt, digest = secrets.write(secrets.keep("s3cret", secrets.scrypt(SALT))).split("$")
    assert cost == "ln=14,r=8,p=1"

    def by_openssl(secret):
        options = (f"pass:{secret}", f"hexsalt:{salt}", f"n:{2**14}", "r:8", "p:1")
        return digest_of("kdf", "-keylen", "32", *(word for each in options for word in ("-kdfopt", each)), "SCRYPT")

    assert by_openssl("s3cret") == digest != by_openssl("s3crets")


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.algorithm)
def test_a_secret_is_taken_as_sent_and_as_decoded(way):
    """curl sends a secret as it is, RFC 6749 percent-encoded: both are taken, others are not."""
    kept = secrets.keep("a+b/c", way)
    assert kept.is_of("a+b/c") and kept.is_of("a%2Bb%2Fc")
    assert not kept.is_of("a+b/d") and not kept.is_of("") and not kept.is_of("a%252Bb%252Fc")
    assert secrets.keep("100%", way).is_of("100%")


def test_digests_are_compared_to_their_end(monkeypatch):
    """By hmac's constant-time comparison, every spelling, whatever the first one gave."""
    compared = []

    def compare(one, other):
        compared.append((one, other))
        return real(one, other)

    real = hmac.compare_digest
    monkeypatch.setattr(secrets.hmac, "compare_digest", compare)
    way = secrets.sha256(SALT)
    kept = secrets.keep("a%2Bb", way)
    assert kept.is_of("a%2Bb") and not kept.is_of("x%2Bb")
    wanted = [way.digest(one) for one in ("a%2Bb", "a+b", "x%2Bb", "x+b")]
    assert compared == [(one, kept.digest) for one in wanted]


@pytest.mark.parametrize("text", ["", "s3cret", "md5$aa$bb", "sha256$aa", "sha256$xx$yy", "scrypt$ln=a$aa$bb"])
def test_what_no_version_has_written_is_not_read(text):
    """Nor repeated."""
    with pytest.raises(ValueError) as wrong:
        secrets.read(text)
    assert "s3cret" not in str(wrong.value)
