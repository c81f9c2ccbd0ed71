"""Reading back what was made: a certificate against its plan, from its DER, before anyone sees it.

A finding is a bug in Sandbank and stops the certificate; what the plan should be is left to `profile` and `own`."""

from collections.abc import Iterator

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding

from ca.keys import spki_sha256
from ca.profile import Plan, PlannedExtension, key_identifiers

# RFC 5280 section 4.1.2.2: at most 20 octets, of which the first bit says that the number is positive.
MAX_SERIAL_BITS = 159


def lint(certificate: x509.Certificate, plan: Plan, issuer_certificate: x509.Certificate | None) -> tuple[str, ...]:
    """What is not as planned, one sentence each; no issuer certificate means that it signed itself."""
    # Parsed anew: the object in hand may remember what its builder was told.
    read = x509.load_der_x509_certificate(certificate.public_bytes(Encoding.DER))
    return (
        *_body(read, plan),
        *_signature(read, issuer_certificate or read),
        *_extensions(read, plan, issuer_certificate),
    )


def _body(read: x509.Certificate, plan: Plan) -> Iterator[str]:
    if read.version is not x509.Version.v3:
        yield "the version is not 3"
    if not 0 < read.serial_number.bit_length() <= MAX_SERIAL_BITS:
        yield "the serial is not a positive number of at most 20 octets"
    if plan.serial_octets is not None and octets(read.serial_number) > plan.serial_octets:
        yield "the serial is longer than planned"
    # Compared as bytes: equal texts in other string types would be another subject to somebody.
    if read.subject.public_bytes() != plan.subject.public_bytes():
        yield "the subject is not the planned one"
    if (read.not_valid_before_utc, read.not_valid_after_utc) != (plan.not_before, plan.not_after):
        yield "the validity is not the planned one"
    if spki_sha256(read.public_key()) != plan.spki_sha256:
        yield "the public key is not the planned one"


def octets(serial: int) -> int:
    """How many octets a positive INTEGER has in DER, the one included that says that it is positive (X.690 8.3)."""
    return serial.bit_length() // 8 + 1


def _signature(read: x509.Certificate, issuer: x509.Certificate) -> Iterator[str]:
    if read.issuer.public_bytes() != issuer.subject.public_bytes():
        yield "the issuer is not the subject of the issuing certificate"
        return
    try:
        read.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        yield "the signature does not verify with the issuer's key"


def _extensions(read: x509.Certificate, plan: Plan, issuer: x509.Certificate | None) -> Iterator[str]:
    planned = {each.value.oid: each for each in (*plan.extensions, *key_identifiers(plan, read.public_key(), issuer))}
    found = {each.oid: PlannedExtension(value=each.value, critical=each.critical) for each in read.extensions}
    for oid in sorted(planned.keys() | found.keys(), key=lambda oid: oid.dotted_string):
        if oid not in found:
            yield f"extension {oid.dotted_string} is missing"
        elif oid not in planned:
            yield f"extension {oid.dotted_string} was not planned"
        elif found[oid] != planned[oid]:
            yield f"extension {oid.dotted_string} is not as planned"
