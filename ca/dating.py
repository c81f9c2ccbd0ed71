"""An OCSP answer dated by the clock of the sandbox, which may be moved.

The library signs and dates every answer by the computer's own clock; what the answer says is left to `ocsp`."""

from collections.abc import Iterator
from datetime import datetime
from typing import cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from ca import der
from ca.errors import LintFailed
from ca.issue import Issuer


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
