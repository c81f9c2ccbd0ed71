import base64
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from hypothesis import given
from hypothesis import strategies as st

from ca.clock import SystemClock
from ca.issuance.hierarchy import RESPONDER_LIFE
from ca.issuance.issue import Issuer
from ca.status.crl import FLAGS, Revoked
from ca.status.ocsp import (
    ANSWER_LIFE,
    MALFORMED_REQUEST,
    MAX_NONCE,
    MAX_REQUEST,
    STAPLE_BACKDATE,
    UNAUTHORIZED,
    Malformed,
    Question,
    SerialStatus,
    answer,
    read_path,
    read_request,
    stale_responder,
    staple,
)
from ca.x509 import der
from tests.ca.chain import Chain, client_chain, other_ca, write
from tests.ca.making import NOW, openssl, shelf

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
BEGIN = NOW.replace(microsecond=0)


@cache
def chain() -> Chain:
    """A chain by the sandbox's clock, which stands at another time than the computer's."""
    return client_chain(NOW)


@cache
def real_now() -> datetime:
    """The openssl command judges times by no other clock."""
    return SystemClock().now()


@cache
def real_chain() -> Chain:
    return client_chain(real_now())


def request(algorithm: hashes.HashAlgorithm | None = None, *extensions: tuple[x509.ExtensionType, bool]) -> bytes:
    builder = ocsp.OCSPRequestBuilder().add_certificate(
        chain().good, chain().ca.certificate, algorithm or hashes.SHA1()
    )
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    return builder.build().public_bytes(Encoding.DER)


def question(algorithm: hashes.HashAlgorithm | None = None, nonce: bytes | None = None) -> Question:
    asked = read_request(request(algorithm, *([(x509.OCSPNonce(nonce), False)] if nonce else [])))
    assert isinstance(asked, Question)
    return asked


def good(of: Chain | None = None) -> SerialStatus:
    return SerialStatus(issuer=(of or chain()).ca.certificate, issued=True)


def read(made: bytes) -> ocsp.OCSPResponse:
    return ocsp.load_der_ocsp_response(made)


def asked_by_openssl(folder: Path, *options: str, leaf: str = "good") -> Question:
    """The question that the openssl command asks, in the file `request`."""
    openssl("ocsp", "-issuer", "ca", *options, "-cert", leaf, "-reqout", "request", cwd=folder)
    asked = read_request((folder / "request").read_bytes())
    assert isinstance(asked, Question)
    return asked


def verified(folder: Path, made: bytes, *, root: str = "root") -> str:
    """What openssl says to the answer: its signature, its responder, and the nonce of the file `request`."""
    (folder / "answer").write_bytes(made)
    command = ["ocsp", "-respin", "answer", "-reqin", "request", "-issuer", "ca", "-CAfile", root]
    return openssl(*command, "-verify_other", "ca", cwd=folder, check=False)


def status(folder: Path, made: bytes, *options: str, leaf: str = "good") -> str:
    """What openssl reads in the answer about a certificate."""
    (folder / "answer").write_bytes(made)
    command = ["ocsp", "-respin", "answer", "-no_nonce", "-issuer", "ca", *options, "-cert", leaf, "-CAfile", "root"]
    return openssl(*command, "-verify_other", "ca", cwd=folder, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The chain in files, by the real clock."""
    of = real_chain()
    write(tmp_path, root=of.root, ca=of.ca.certificate, good=of.good, bad=of.bad)
    write(tmp_path, other=other_ca(NOW).certificate)
    return tmp_path


# --- judged by openssl ---


@pytest.mark.parametrize("options", [(), ("-sha256",), ("-sha512",), ("-no_nonce",)])
def test_openssl_asks_and_is_answered(options: tuple[str, ...], folder: Path) -> None:
    """Whatever it hashes with, with a nonce or without; under another root the same answer is worth nothing."""
    asked = asked_by_openssl(folder, *options)
    assert (asked.nonce is None) == ("-no_nonce" in options)
    made = answer(asked, good(real_chain()), real_chain().responder, real_now())
    assert "Response verify OK" in verified(folder, made)
    hashed = [each for each in options if each.startswith("-sha")]
    said = status(folder, made, *hashed)
    assert "Response verify OK" in said and "good: good\n" in said and "WARNING" not in said
    assert "Response Verify Failure" in verified(folder, made, root="other")


def test_openssl_refuses_the_answer_to_another_question(folder: Path) -> None:
    """The nonce binds the two: an answer kept from before is noticed."""
    before = answer(asked_by_openssl(folder), good(real_chain()), real_chain().responder, real_now())
    assert "Response verify OK" in verified(folder, before)
    now = answer(asked_by_openssl(folder), good(real_chain()), real_chain().responder, real_now())
    assert "Nonce Verify error" in verified(folder, before)
    assert "Response verify OK" in verified(folder, now)


@pytest.mark.parametrize("reason", FLAGS)
def test_openssl_is_told_of_a_revocation_and_its_reason(reason: str, folder: Path) -> None:
    """Since when, and why; an unspecified reason is not written down."""
    asked = asked_by_openssl(folder, leaf="bad")
    revoked = Revoked(serial=asked.serial, at=real_now() - HOUR, reason=reason)
    made = answer(asked, replace(good(real_chain()), revoked=revoked), real_chain().responder, real_now())
    assert "Response verify OK" in verified(folder, made)
    said = status(folder, made, leaf="bad")
    assert "bad: revoked\n" in said and "Revocation Time: " in said
    # OpenSSL 3.0 has no words for the last two.
    shown = "(UNKNOWN)" if reason in ("privilegeWithdrawn", "aACompromise") and "(UNKNOWN)" in said else reason
    assert (f"Reason: {shown}\n" in said) == (reason != "unspecified")
    # Control: it says nothing about its neighbour.
    assert "No Status found" in status(folder, made, leaf="good")


def test_a_serial_that_was_never_used_is_unknown(folder: Path) -> None:
    """Signed and with the nonce, not an unsigned unauthorized that could be anybody's."""
    asked = asked_by_openssl(folder)
    made = answer(asked, replace(good(real_chain()), issued=False), real_chain().responder, real_now())
    assert "Response verify OK" in verified(folder, made)
    assert "good: unknown\n" in status(folder, made)


def test_another_issuers_certificate_is_nobodys_here(folder: Path) -> None:
    """Unauthorized: whoever signed an answer about it would vouch for what it cannot know."""
    asked = asked_by_openssl(folder)
    elsewhere = SerialStatus(issuer=other_ca(NOW).certificate, issued=True)
    made = answer(asked, elsewhere, real_chain().responder, real_now())
    assert made == UNAUTHORIZED
    assert "Responder Error: unauthorized (6)" in status(folder, made)
    assert "Responder Error: malformedrequest (1)" in status(folder, MALFORMED_REQUEST)


def test_openssl_refuses_an_answer_signed_by_a_mere_client(folder: Path) -> None:
    """A certificate of the same CA without the right to answer for it (RFC 6960 section 4.2.2.2)."""
    client = Issuer(certificate=real_chain().good, key=shelf("ec-p256"))
    made = answer(asked_by_openssl(folder), good(real_chain()), client, real_now())
    said = verified(folder, made)
    assert "Response Verify Failure" in said and "missing ocspsigning usage" in said


def test_openssl_finds_the_responder_in_order(folder: Path) -> None:
    """A leaf for OCSP signing alone, which itself is not to be checked, for a week."""
    write(folder, responder=real_chain().responder.certificate)
    verify = ["verify", "-x509_strict", "-CAfile", "root", "-untrusted", "ca"]
    assert openssl(*verify, "-purpose", "ocsphelper", "responder", cwd=folder) == "responder: OK\n"
    for purpose in ("sslclient", "sslserver"):
        refused = openssl(*verify, "-purpose", purpose, "responder", cwd=folder, check=False)
        assert "unsuitable certificate purpose" in refused
    text = openssl("x509", "-in", "responder", "-noout", "-text", cwd=folder)
    for line in (
        "X509v3 Basic Constraints: critical\n                CA:FALSE",
        "X509v3 Key Usage: critical\n                Digital Signature\n",
        "X509v3 Extended Key Usage: \n                OCSP Signing\n",
        "OCSP No Check:",
    ):
        assert line in text
    life = real_chain().responder.certificate
    assert life.not_valid_after_utc - life.not_valid_before_utc == RESPONDER_LIFE == timedelta(days=7)


# --- what cannot be answered ---


def two_questions() -> bytes:
    """A request about two certificates, put together from one about one of them."""
    (data,) = der.parts(request())
    (listed,) = der.parts(data)
    twice = der.wrap(der.SEQUENCE, *der.parts(listed) * 2)
    return der.wrap(der.SEQUENCE, der.wrap(der.SEQUENCE, twice))


def negative() -> bytes:
    """The first bit of the serial set, so that it is below 0 (X.690 section 8.3)."""
    data = request()
    serial = der.wrap(0x02, chain().good.serial_number.to_bytes(20, "big").lstrip(b"\0"))
    at = data.find(serial) if serial in data else data.find(b"\x02\x14")
    size = data[at + 1]
    return data[: at + 2] + bytes((data[at + 2] | 0x80,)) + data[at + 3 : at + 2 + size] + data[at + 2 + size :]


NO_QUESTIONS = {
    "about two certificates": (two_questions, "more than one certificate"),
    "nothing": (lambda: b"", "cannot be read"),
    "not DER": (lambda: b"GET / HTTP/1.1", "cannot be read"),
    "cut short": (lambda: request()[:-1], "cannot be read"),
    "a certificate": (lambda: chain().good.public_bytes(Encoding.DER), "cannot be read"),
    "too large": (lambda: b"0" * (MAX_REQUEST + 1), "too large"),
    "nonce empty": (lambda: request(None, (x509.OCSPNonce(b""), False)), "nonce is of no allowed length"),
    "nonce long": (lambda: request(None, (x509.OCSPNonce(b"n" * (MAX_NONCE + 1)), False)), "nonce is of no allowed"),
    "a negative serial": (negative, "serial number is not positive"),
    "critical": (lambda: request(None, (x509.OCSPAcceptableResponses([]), True)), "critical extension is unknown"),
}


@pytest.mark.parametrize("case", NO_QUESTIONS)
def test_what_is_no_question_is_malformed(case: str) -> None:
    """Each is told what it was, with a way to ask well; the same bytes without the fault are a question."""
    make, detail = NO_QUESTIONS[case]
    found = read_request(make())
    assert isinstance(found, Malformed)
    assert found.refusal.code == "certificate.ocsp_malformed" and detail in found.refusal.detail
    assert isinstance(read_request(request()), Question)


def test_a_hash_of_another_length_is_malformed() -> None:
    """SHA-256 is announced, and SHA-1's twenty octets follow."""
    sha1, sha256 = bytes.fromhex("06052b0e03021a"), bytes.fromhex("0609608648016503040201")
    (data,) = der.parts(request())
    (asked,) = der.parts(der.parts(data)[0])
    (certificate,) = der.parts(asked)
    algorithm, name, key, serial = der.parts(certificate)
    assert sha1 in algorithm
    other = der.wrap(der.SEQUENCE, der.wrap(der.SEQUENCE, sha256, b"\x05\0"), name, key, serial)
    made = der.wrap(der.SEQUENCE, other)
    for _ in range(3):
        made = der.wrap(der.SEQUENCE, made)
    found = read_request(made)
    assert isinstance(found, Malformed) and "not as long" in found.refusal.detail


@given(place=st.integers(0, 200), gone=st.integers(0, 3), new=st.binary(max_size=3))
def test_whatever_comes_is_a_question_or_is_malformed(place: int, gone: int, new: bytes) -> None:
    """A good request with a few octets taken out and others put in raises nothing."""
    sound = request(None, (x509.OCSPNonce(b"n" * 32), False))
    assert isinstance(read_request(sound[:place] + new + sound[place + gone :]), Question | Malformed)


@pytest.mark.parametrize("length", [1, 16, 32, MAX_NONCE])
def test_nonces_of_every_allowed_length_come_back(length: int) -> None:
    """RFC 9654: 1 to 128 octets; RFC 8954 allowed 32."""
    nonce = b"n" * length
    extensions = read(answer(question(nonce=nonce), good(), chain().responder, NOW)).extensions
    assert [each.value for each in extensions] == [x509.OCSPNonce(nonce)]
    assert list(read(answer(question(), good(), chain().responder, NOW)).extensions) == []


# --- a question in the path of a GET ---


def test_a_question_in_a_path_is_read_however_it_is_written() -> None:
    """URL-encoded (RFC 6960 A.1), decoded by a server on the way, or with its slashes left as they are."""
    # Wherever the nonce falls, one of three shifts makes its octets into slashes and pluses.
    nonces = [b"n" * shift + b"\xff\xef\xbe" * 8 for shift in range(3)]
    texts = [base64.b64encode(request(None, (x509.OCSPNonce(each), False))).decode("ascii") for each in nonces]
    text = next(each for each in texts if "/++" in each)
    for path in (quote(text, safe=""), quote(text, safe="/"), text):
        found = read_path(path)
        assert isinstance(found, Question)
        assert found.nonce == nonces[texts.index(text)]


@pytest.mark.parametrize("path", ["", "favicon.ico", "MFE%", "ä", "MFE wTzBN", "AAAA"])
def test_another_path_is_malformed(path: str) -> None:
    """Nothing, a page that a browser asks for, base64 with a space, and base64 of something else."""
    assert isinstance(read_path(path), Malformed)


# --- times ---


def test_every_date_is_of_the_sandboxes_clock() -> None:
    """The library would date the answer by the computer's; only the responder's end bounds what is promised."""
    made = read(answer(question(), good(), chain().responder, NOW))
    assert (made.produced_at_utc, made.this_update_utc, made.next_update_utc) == (BEGIN, BEGIN, BEGIN + ANSWER_LIFE)
    assert (
        made.responder_key_hash == x509.SubjectKeyIdentifier.from_public_key(chain().responder.key.public_key()).digest
    )
    assert made.certificates == [chain().responder.certificate]
    late = chain().responder.certificate.not_valid_after_utc - SECOND
    assert read(answer(question(), good(), chain().responder, late)).next_update_utc == late + SECOND


def test_a_revocation_later_than_now_is_none_yet() -> None:
    """The clock was moved back to before it."""
    status = replace(good(), revoked=Revoked(serial=1, at=NOW, reason="keyCompromise"))
    before = read(answer(question(), status, chain().responder, NOW - SECOND))
    assert before.certificate_status is ocsp.OCSPCertStatus.GOOD
    after = read(answer(question(), status, chain().responder, NOW))
    assert after.certificate_status is ocsp.OCSPCertStatus.REVOKED
    assert (after.revocation_time_utc, after.revocation_reason) == (BEGIN, x509.ReasonFlags.key_compromise)


def test_responders_are_renewed_in_time() -> None:
    """From half of their life, and when the clock was moved to before they were made."""
    certificate = chain().responder.certificate
    begin = certificate.not_valid_before_utc
    times = (begin - SECOND, begin, begin + RESPONDER_LIFE / 2)
    assert [stale_responder(certificate, at) for at in times] == [True, False, True]


# --- staples ---


def test_a_staple_is_dated_an_hour_back_but_not_before_a_revocation() -> None:
    """Clients' clocks are behind sometimes; what is good now was good then, and what was revoked was not."""
    made = read(staple(chain().good, good(), chain().responder, NOW))
    assert (made.this_update_utc, made.produced_at_utc) == (BEGIN - STAPLE_BACKDATE, BEGIN)
    revoked = replace(good(), revoked=Revoked(serial=chain().good.serial_number, at=NOW - 60 * SECOND))
    made = read(staple(chain().good, revoked, chain().responder, NOW))
    assert made.certificate_status is ocsp.OCSPCertStatus.REVOKED
    assert made.this_update_utc == made.revocation_time_utc == BEGIN - 60 * SECOND
