"""Why a detached signature does not hold; each case differs from a good one in one thing."""

import hashlib
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from joserfc.jwa import RSAAlgorithm

from sandbox.jose.explain.search import MAX_SEARCHED_BYTES
from tests.sandbox.jose.detaching import (
    AT,
    BODY,
    CRIT,
    ISS,
    KID,
    NOW,
    OTHER_SERIAL,
    SCHEME,
    beside,
    header,
    jws,
    key,
    opened,
    over,
    part,
    pretty,
    private,
    refused,
    sign,
)

VALUE = {"amount": 10, "to": "für a/b", "list": [1, {"b": None, "a": True}]}
SENT = json.dumps(VALUE, ensure_ascii=False, indent=2).encode()
HEAD = pretty(header())


# --- the body ---

PAYLOADS: dict[str, tuple[bytes, bytes, str]] = {
    "compact": (json.dumps(VALUE, separators=(",", ":"), ensure_ascii=False).encode(), SENT, "as compact"),
    "sorted": (json.dumps(VALUE, sort_keys=True, ensure_ascii=False).encode(), SENT, "names sorted"),
    "escapes": (json.dumps(VALUE, indent=2).encode(), SENT, "escapes"),
    "CRLF": (SENT.replace(b"\n", b"\r\n"), SENT, "with CRLF instead of LF"),
    "LF": (SENT, SENT.replace(b"\n", b"\r\n"), "with LF instead of CRLF"),
    "a line feed lost": (SENT + b"\n", SENT, "with a line feed at the end"),
    "CR and LF lost": (SENT + b"\r\n", SENT, "with CR and LF at the end"),
    "a line feed added": (SENT, SENT + b"\n", "without the white space"),
    "a byte order mark added": (SENT, b"\xef\xbb\xbf" + SENT, "without the byte order mark"),
    "a byte order mark lost": (b"\xef\xbb\xbf" + SENT, SENT, "with a byte order mark"),
    "windows-1252": (SENT.decode().encode("cp1252"), SENT, "windows-1252"),
    "windows-1252 without a euro": (b'{"a": "?\x80"}', '{"a": "銀€"}'.encode(), "windows-1252"),
    "no JSON, CRLF": (b"a,b\r\nc,d\r\n", b"a,b\nc,d\n", "CRLF"),
    "long, a line feed": (b"x" * 60_000 + b"\n", b"x" * 60_000, "a line feed"),
}


@pytest.mark.parametrize(("signed", "sent", "told"), PAYLOADS.values(), ids=PAYLOADS)
def test_a_body_in_other_bytes_is_found(signed: bytes, sent: bytes, told: str) -> None:
    """The same content; the reason says what was signed, and nothing of what is in it."""
    value = jws(payload=signed)
    reason = refused(value, payload=sent)
    assert reason.code == "signature.payload_reserialized"
    assert told in reason.seen
    assert "amount" not in reason.seen
    assert opened(value, payload=signed).payload == signed


@pytest.mark.parametrize("way", [part, urlsafe_b64encode, b64encode], ids=["base64url", "padded", "plain base64"])
def test_a_body_signed_in_base64url_is_found(way: Callable[[bytes], bytes]) -> None:
    """What a library does that does not know b64: the header says false, the signature is over the encoded body."""
    signature = sign(part(HEAD) + b"." + way(BODY))
    reason = refused(beside(HEAD, signature))
    assert reason.code == "signature.payload_encoded"
    assert reason.expected == "a signature over BASE64URL(header).payload"
    assert opened(jws()).payload == BODY


# Of a length that base64 is padded for.
ODD = HEAD + b" " * (1 + -len(HEAD) % 3)
INPUTS = {
    "the body alone": BODY,
    "JSON and body": ODD + b"." + BODY,
    "no dot": part(ODD) + BODY,
    "two dots": part(ODD) + b".." + BODY,
    "nothing after the dot": part(ODD) + b".",
    "a padded header": urlsafe_b64encode(ODD) + b"." + BODY,
    "a header in plain base64": b64encode(ODD) + b"." + BODY,
    "the body's hash": part(ODD) + b"." + hashlib.sha256(BODY).digest(),
    "the body's hash in hexadecimal": part(ODD) + b"." + hashlib.sha256(BODY).hexdigest().encode(),
    "hashed twice": hashlib.sha256(over(ODD)).digest(),
}


@pytest.mark.parametrize("message", INPUTS.values(), ids=INPUTS)
def test_a_signature_over_something_near_is_found(message: bytes) -> None:
    """What goes wrong when the input is put together by hand."""
    reason = refused(beside(ODD, sign(message)))
    assert reason.code == "signature.input_wrong"
    assert "BASE64URL(header).payload" in reason.expected
    assert opened(jws(ODD)).payload == BODY


# --- whose it is, and how it was made ---


def test_a_signature_by_another_certificate_of_the_client_is_found() -> None:
    """Both serial numbers are named, and how the other certificate stands; a third one's key is nobody's."""
    keys = (key(1, serial=OTHER_SERIAL, deleted_at=NOW), key())
    reason = refused(jws(which=1), *keys)
    assert reason.code == "signature.other_key"
    assert str(OTHER_SERIAL) in reason.seen and "(deleted)" in reason.seen
    assert KID in reason.expected and "the header names" in reason.expected
    assert "openssl x509" in reason.next
    assert opened(jws(), *keys).payload == BODY
    assert refused(jws(which=2), *keys).code == "signature.does_not_verify"


def test_one_key_in_two_certificates_signs_for_both() -> None:
    """A renewal with the same key: each kid is good, and neither is another's."""
    keys = (key(), key(serial=OTHER_SERIAL))
    assert opened(jws(), *keys).key.kid == KID
    assert opened(jws(header(kid=str(OTHER_SERIAL))), *keys).key.kid == str(OTHER_SERIAL)


@pytest.mark.parametrize("salt", [0, 32, PSS.MAX_LENGTH], ids=["0", "32", "the longest"])
@pytest.mark.parametrize("digest", [hashes.SHA256(), hashes.SHA512()], ids=["SHA-256", "SHA-512"])
def test_pss_is_found(salt: Any, digest: Any) -> None:
    """What PS256 makes, under the name of RS256."""
    reason = refused(beside(HEAD, sign(over(), padding=PSS(MGF1(digest), salt), digest=digest)))
    assert reason.code == "signature.pss_padding"
    assert digest.name in reason.seen and reason.expected == "RSASSA-PKCS1-v1_5 for RS256"


@pytest.mark.parametrize("digest", [hashes.SHA1(), hashes.SHA224(), hashes.SHA384(), hashes.SHA512()])
def test_another_hash_is_found(digest: Any) -> None:
    """SHA-1 is what `openssl dgst -sha1` and old Java code give."""
    reason = refused(beside(HEAD, sign(over(), digest=digest)))
    assert reason.code == "signature.hash_wrong"
    assert digest.name in reason.seen and reason.expected == "sha256 for RS256"


def test_a_bare_hash_is_found() -> None:
    """PKCS #1 v1.5 without a DigestInfo, as `openssl pkeyutl` signs what it is handed."""
    numbers = private().private_numbers()

    def bare(content: bytes) -> bytes:
        encoded = b"\0\1" + b"\xff" * (253 - len(content)) + b"\0" + content
        number = pow(int.from_bytes(encoded, "big"), numbers.d, numbers.public_numbers.n)
        return number.to_bytes(256, "big")

    reason = refused(beside(HEAD, bare(hashlib.sha256(over()).digest())))
    assert (reason.code, "sha256" in reason.seen) == ("signature.digest_bare", True)
    assert refused(beside(HEAD, bare(hashlib.sha256(b"else").digest()))).code == "signature.does_not_verify"
    # A DigestInfo of another hash's name around the right digest is none of ours.
    digest = hashlib.sha256(over()).digest()
    assert sign(digest, digest=Prehashed(hashes.SHA256())) == sign(over())


@pytest.mark.parametrize(
    ("encode", "words"),
    [(b64encode, "base64"), (part, "base64"), (lambda data: data.hex().encode(), "hexadecimal")],
    ids=["base64", "base64url", "hexadecimal"],
)
def test_a_signature_encoded_twice_is_found(encode: Callable[[bytes], bytes], words: str) -> None:
    """A tool printed text, and the text was encoded once more."""
    reason = refused(beside(HEAD, encode(sign(over()))))
    assert reason.code == "signature.length_wrong"
    assert words in reason.seen and "256 bytes" in reason.expected
    other = refused(beside(HEAD, encode(sign(b"else"))))
    assert (other.code, "once more" in other.seen) == ("signature.length_wrong", False)


# --- the header ---

CHANGED: dict[str, tuple[dict[str, Any], str]] = {
    "kid": (header(kid=str(OTHER_SERIAL)), "kid"),
    "kid cut out": (header(kid=...), "kid"),
    "iss": (header(iss="CN=x"), "iss"),
    "iss with other spaces": (header(iss=ISS.replace(", ", ",")), "iss"),
    "iat": (header(iat=AT), "iat"),
    "iat to a text": (header(iat="0"), "iat"),
    "a member put in": (header(typ="JOSE"), "typ"),
}


@pytest.mark.parametrize(("sent", "name"), CHANGED.values(), ids=CHANGED)
def test_a_header_changed_after_signing_is_found(sent: dict[str, Any], name: str) -> None:
    """The member is named, with what it was; and the same header signed as it is gets as far as its claims."""
    keys = (key(),) if "kid" not in sent else (key(1, serial=OTHER_SERIAL), key())
    reason = refused(beside(sent, sign(over())), *keys)
    assert reason.code == "signature.header_tampered"
    assert f"{name}: " in reason.seen or f"no {name}" in reason.seen
    assert "signed was" in reason.seen
    if name == "iat":
        assert reason.seen.endswith("signed was iat: the number 0")


@pytest.mark.parametrize(
    "signed",
    [json.dumps(header()).encode(), json.dumps(header(), separators=(",", ":")).encode(), HEAD + b"\n"],
    ids=["spaces", "compact", "a line feed"],
)
def test_a_header_written_anew_is_found(signed: bytes) -> None:
    """Only its white space differs."""
    assert refused(beside(HEAD, sign(over(signed)))).code == "signature.header_reserialized"


def test_what_decides_how_to_verify_is_judged_before() -> None:
    """b64 and crit are never searched for: without them nobody knows what the signature is over."""
    assert refused(beside(header(b64=True), sign(over()))).code == "signature.b64_wrong"
    assert refused(beside(header(crit=["b64"]), sign(over()))).code == "signature.crit_incomplete"
    assert refused(beside(header(crit=CRIT[::-1]), sign(over()))).code == "signature.does_not_verify"


# --- nothing found ---


def test_another_body_is_told_by_its_hash() -> None:
    """RS256 tells the hash of what was signed: with it both sides can be compared byte for byte."""
    signed = over(payload=b'{"amount": 11.00, "to": "DE00"}')
    reason = refused(beside(HEAD, sign(signed)))
    assert reason.code == "signature.does_not_verify"
    assert hashlib.sha256(signed).hexdigest() in reason.seen
    assert hashlib.sha256(over()).hexdigest() in reason.expected
    assert "sha256" in reason.next and "the right private key" in reason.seen
    assert "for RS256" not in reason.expected


def test_another_body_with_another_hash_is_told_by_that_hash() -> None:
    """Two faults: the hashes that are held side by side are of one kind, and the right one is said."""
    reason = refused(beside(HEAD, sign(over(payload=b"else"), digest=hashes.SHA512())))
    assert reason.code == "signature.does_not_verify"
    assert f"sha512 is {hashlib.sha512(over(payload=b'else')).hexdigest()}" in reason.seen
    assert f"sha512 {hashlib.sha512(over()).hexdigest()}" in reason.expected
    assert reason.expected.endswith("sha256 for RS256")


def test_another_key_is_told_so() -> None:
    """It shows no hash; nor does noise."""
    reason = refused(jws(which=1))
    assert "another private key" in reason.seen and "openssl x509" in reason.next
    for filling in (b"\0", b"\1", b"\xff"):
        assert refused(beside(HEAD, filling * 256)).code == "signature.does_not_verify"
    assert refused(beside(HEAD, sign(over())[:-1])).code == "signature.length_wrong"
    assert "HMAC" in refused(beside(HEAD, bytes(32))).seen


def test_pss_over_other_bytes_shows_whose_it_is() -> None:
    """Not what was signed, but that the key is right."""
    signature = sign(b"else", padding=PSS(MGF1(hashes.SHA256()), 32))
    assert "the right private key" in refused(beside(HEAD, signature)).seen
    assert "another private key" in refused(beside(HEAD, sign(b"else", 1, padding=PKCS1v15()))).seen


def test_a_large_body_is_not_searched() -> None:
    """Each try would hash it again."""
    body = b"x" * MAX_SEARCHED_BYTES
    assert refused(jws(payload=body), payload=body + b"\n").code == "signature.does_not_verify"


def test_a_good_signature_is_verified_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search costs only those whose signature is bad, and it is bounded for them too."""
    verified = []
    plain = RSAAlgorithm.verify

    def counted(self: RSAAlgorithm, *words: object) -> bool:
        verified.append(self.name)
        return plain(self, *words)  # type: ignore[arg-type]

    monkeypatch.setattr(RSAAlgorithm, "verify", counted)
    value = jws()
    opened(value)
    assert verified == ["RS256"]
    keys = [key(1, serial=serial) for serial in range(1, 60)]
    body = json.dumps({f"name {n} é/": n for n in range(50)}, ensure_ascii=False).encode()
    refused(value, *keys, key(), payload=body)
    assert 50 < len(verified) < 270
    assert SCHEME.unencoded
