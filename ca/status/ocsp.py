"""OCSP (RFC 6960, profile of RFC 5019): reading a question about one certificate, and the signed answer.

An answer is dated by the sandbox's clock, which may be moved."""

import binascii
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from urllib.parse import unquote

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from ca.clock import whole_second
from ca.errors import LintFailed, Refusal, refuse
from ca.status.crl import Revoked, half_over
from ca.x509 import der
from ca.x509.der import spki_bits
from ca.x509.keys import Issuer, PublicKey, spki_der


def dated(response: ocsp.OCSPResponse, responder: Issuer, now: datetime) -> bytes:
    """The same response with `now` as its producedAt, signed anew, read back."""
    if not isinstance(responder.key, ec.EllipticCurvePrivateKey):
        raise ValueError("a responder signs with an EC key")
    state, body = der.parts(response.public_bytes(Encoding.DER))
    kind, basic = der.parts(der.parts(body)[0])
    data, algorithm, _, certificates = der.parts(der.contents(basic))
    data = data.replace(_generalized(response.produced_at_utc), _generalized(now), 1)
    signature = responder.key.sign(data, ec.ECDSA(hashes.SHA256()))
    basic = der.wrap(der.SEQUENCE, data, algorithm, der.wrap(der.BIT_STRING, b"\0", signature), certificates)
    body = der.wrap(der.CONTEXT_0, der.wrap(der.SEQUENCE, kind, der.wrap(der.OCTET_STRING, basic)))
    made = der.wrap(der.SEQUENCE, state, body)
    if findings := tuple(_findings(made, responder.certificate, now)):
        raise LintFailed(findings)
    return made


def _findings(made: bytes, responder: x509.Certificate, now: datetime) -> Iterator[str]:
    """What is not as planned in an answer put together by hand, read by the library."""
    read, key = ocsp.load_der_ocsp_response(made), cast("ec.EllipticCurvePublicKey", responder.public_key())
    if read.produced_at_utc != now:
        yield "the OCSP answer is not of this time"
    if read.next_update_utc is None or read.next_update_utc <= now:
        yield "the OCSP answer is over already, since its responder's time is"
    try:
        key.verify(read.signature, read.tbs_response_bytes, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        yield "the OCSP answer's signature does not verify with the responder's key"


def _generalized(at: datetime) -> bytes:
    """GeneralizedTime as DER has it (RFC 5280 section 4.1.2.5.2)."""
    return b"\x18\x0f" + at.strftime("%Y%m%d%H%M%SZ").encode("ascii")


REQUEST_TYPE = "application/ocsp-request"  # RFC 6960 appendix C
ANSWER_TYPE = "application/ocsp-response"
# A request about one certificate is a hundred octets; signed, with its certificates, it is a few thousand.
MAX_REQUEST = 16 * 1024
# RFC 9654 section 2.1; RFC 8954 allowed 32, and a longer one than this is to be refused.
MAX_NONCE = 128
# A client may keep an answer until its nextUpdate: whoever tries out a revocation should not wait for longer.
ANSWER_LIFE = timedelta(hours=1)
# A staple is judged by the computers of others, whose clocks differ: it is dated an hour back. What is good now was
# good then.
STAPLE_BACKDATE = timedelta(hours=1)
STAPLE_LIFE = timedelta(hours=24)

# An OCSPResponse that is nothing but its status, and not signed (RFC 6960 section 4.2.1).
MALFORMED_REQUEST = bytes.fromhex("30030a0101")
# "Not capable of responding authoritatively" (RFC 6960 section 2.3, RFC 5019 section 2.2.3).
UNAUTHORIZED = bytes.fromhex("30030a0106")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which certificate is asked about: its serial, and its issuer's name and key as hashes of one kind."""

    serial: int
    algorithm: hashes.HashAlgorithm
    issuer_name_hash: bytes
    issuer_key_hash: bytes
    nonce: bytes | None = None

    def is_about(self, issuer: x509.Certificate) -> bool:
        """Whether the certificate asked about is one of this issuer's."""
        theirs = question_about(self.serial, issuer, algorithm=self.algorithm)
        own = (self.issuer_name_hash, self.issuer_key_hash)
        return own == (theirs.issuer_name_hash, theirs.issuer_key_hash)


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """What came is no question that can be answered; whoever asked is answered MALFORMED_REQUEST."""

    refusal: Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialStatus:
    """How a serial stands with its issuer: whether the issuer has used it at all, and if so, whether it is revoked."""

    issuer: x509.Certificate
    issued: bool
    revoked: Revoked | None = None


def read_request(request: bytes) -> Question | Malformed:
    """The body of a POST."""
    if len(request) > MAX_REQUEST:
        return _malformed("the request is too large", f"{len(request)} octets", f"{MAX_REQUEST} octets at most")
    try:
        return _question(ocsp.load_der_ocsp_request(request))
    except NotImplementedError:
        return _malformed("the request is about more than one certificate", "a list of certificates", "one at a time")
    except (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension) as error:
        return _malformed("the request cannot be read", str(error), "an OCSPRequest in DER, with SHA-1 or SHA-2")


def read_path(path: str) -> Question | Malformed:
    """What stands behind the responder's URL in a GET: the request in base64, then URL-encoded (RFC 6960 A.1).

    It may be decoded already. Base64 has slashes, which some clients leave as they are: so this is not one segment."""
    try:
        request = b64decode(unquote(path), validate=True)
    except (binascii.Error, ValueError):
        return _malformed("the path is not base64", path, "the request in base64, URL-encoded")
    return read_request(request)


def question_about(serial: int, issuer: x509.Certificate, *, algorithm: hashes.HashAlgorithm) -> Question:
    """The question about a certificate of this issuer."""
    return Question(
        serial=serial,
        algorithm=algorithm,
        issuer_name_hash=_digest(issuer.subject.public_bytes(), algorithm),
        issuer_key_hash=_digest(_key_bits(issuer.public_key()), algorithm),
    )


def answer(question: Question, status: SerialStatus, responder: Issuer, now: datetime) -> bytes:
    """The answer in DER, signed by a responder that the issuer has delegated this to (RFC 6960 section 4.2.2.2).

    Another issuer's certificate is UNAUTHORIZED: nobody here can vouch for it. A serial that this issuer never used
    is `unknown`, signed and with the nonce: we know all of them, and an unsigned answer could be anybody's."""
    if not question.is_about(status.issuer):
        return UNAUTHORIZED
    return _signed(question, status, responder, now, (now, now + ANSWER_LIFE))


def staple(certificate: x509.Certificate, status: SerialStatus, responder: Issuer, now: datetime) -> bytes:
    """The answer that a server hands over with its own certificate (RFC 6066 section 8); `now` is the real time."""
    # SHA-1, since clients look the staple up by the hashes with which they would have asked (RFC 5019 section 2.1.1).
    question = question_about(certificate.serial_number, status.issuer, algorithm=hashes.SHA1())
    begin = now - STAPLE_BACKDATE
    if status.revoked is not None:
        begin = max(begin, min(status.revoked.at, now))
    return _signed(question, status, responder, now, (begin, now + STAPLE_LIFE))


def stale_responder(certificate: x509.Certificate, now: datetime) -> bool:
    """Whether a responder is to be replaced by a new one."""
    return half_over(certificate.not_valid_before_utc, certificate.not_valid_after_utc, now)


def _question(request: ocsp.OCSPRequest) -> Question | Malformed:
    algorithm, nonce = request.hash_algorithm, None
    for extension in request.extensions:
        if isinstance(extension.value, x509.OCSPNonce):
            nonce = extension.value.nonce
        elif extension.critical:  # RFC 6960 section 4.4: what is critical may not be ignored
            return _malformed("a critical extension is unknown", extension.oid.dotted_string, "no such extension")
    if nonce is not None and not 1 <= len(nonce) <= MAX_NONCE:
        return _malformed("the nonce is of no allowed length", f"{len(nonce)} octets", f"1 to {MAX_NONCE} octets")
    if {len(request.issuer_name_hash), len(request.issuer_key_hash)} != {algorithm.digest_size}:
        return _malformed("a hash is not as long as its algorithm's", algorithm.name, "hashes of their own length")
    if request.serial_number <= 0:  # RFC 5280 section 4.1.2.2; no certificate here has such a one
        return _malformed("the serial number is not positive", str(request.serial_number), "a serial over 0")
    return Question(
        serial=request.serial_number,
        algorithm=algorithm,
        issuer_name_hash=request.issuer_name_hash,
        issuer_key_hash=request.issuer_key_hash,
        nonce=nonce,
    )


def _malformed(detail: str, seen: str, expected: str) -> Malformed:
    rule = "RFC 6960 section 4.1.1"
    refusal = refuse("certificate.ocsp_malformed", detail=detail, seen=seen, expected=expected, rule=rule)
    return Malformed(refusal=refusal)


def _signed(
    question: Question, status: SerialStatus, responder: Issuer, now: datetime, life: tuple[datetime, datetime]
) -> bytes:
    # Revoked later than now: the clock was moved back, and the certificate is good again.
    revoked = status.revoked if status.issued and status.revoked and status.revoked.at <= now else None
    # Nobody may rely on an answer for longer than on its responder.
    end = min(whole_second(life[1]), responder.certificate.not_valid_after_utc)
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response_by_hash(
            question.issuer_name_hash,
            question.issuer_key_hash,
            question.serial,
            question.algorithm,
            _cert_status(status, revoked),
            whole_second(life[0]),
            end,
            whole_second(revoked.at) if revoked else None,
            revoked.flag if revoked else None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, responder.certificate)
        .certificates([responder.certificate])
    )
    if question.nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(question.nonce), critical=False)
    return dated(builder.sign(responder.key, hashes.SHA256()), responder, whole_second(now))


def _cert_status(status: SerialStatus, revoked: Revoked | None) -> ocsp.OCSPCertStatus:
    if not status.issued:
        return ocsp.OCSPCertStatus.UNKNOWN
    return ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD


def _key_bits(key: PublicKey) -> bytes:
    """The subjectPublicKey without tag, length and unused bits: what issuerKeyHash is over (RFC 6960 4.1.1)."""
    return spki_bits(spki_der(key))


def _digest(data: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
    digest = hashes.Hash(algorithm)
    digest.update(data)
    return digest.finalize()
