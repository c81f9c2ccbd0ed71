"""Reading back what was made: a certificate against its plan, from its DER, before anyone sees it.

A finding is a bug in Sandbank and stops the certificate; what the plan should be is left to `profile` and `own`."""

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from ca.errors import LintFailed
from ca.issuance.profile import Plan, key_identifiers
from ca.x509 import der
from ca.x509.extensions import MAX_KEPT, PlannedExtension

# RFC 5280 section 4.1.2.2: at most 20 octets, of which the first bit says that the number is positive.
MAX_SERIAL_BITS = 159
# RFC 5280 section 4.1: where, in a certificate of version 3, these stand.
ISSUER, SUBJECT, PUBLIC_KEY, EXTENSIONS = 3, 5, 6, 7


def checked(
    certificate: bytes, plan: Plan, issuer_certificate: x509.Certificate | None, *, proven: bool = False
) -> None:
    """Nothing, or LintFailed: no certificate leaves here that is not as planned."""
    if findings := lint(certificate, plan, issuer_certificate, proven=proven):
        raise LintFailed(findings)


def lint(
    certificate: bytes, plan: Plan, issuer_certificate: x509.Certificate | None, *, proven: bool = False
) -> tuple[str, ...]:
    """What is not as planned in a certificate in DER, one sentence each; no issuer certificate means that it signed
    itself.

    *proven* says that the key which signed is known to be the issuer's, so that its signature is not verified: that
    would take as long as everything else here, for each certificate anew."""
    read = x509.load_der_x509_certificate(certificate)
    if read.version is not x509.Version.v3:
        return ("the version is not 3",)
    # Compared as bytes: equal texts in other string types would be another name to somebody.
    parts = der.parts(der.parts(certificate)[0])
    return (
        *_body(read, parts, plan),
        *_issuer(read, parts, issuer_certificate or read, proven),
        *_extensions(read, parts, (*plan.extensions, *key_identifiers(plan, parts[PUBLIC_KEY], issuer_certificate))),
    )


def _body(read: x509.Certificate, parts: Sequence[bytes], plan: Plan) -> Iterator[str]:
    if not 0 < read.serial_number.bit_length() <= MAX_SERIAL_BITS:
        yield "the serial is not a positive number of at most 20 octets"
    if plan.serial_octets is not None and octets(read.serial_number) > plan.serial_octets:
        yield "the serial is longer than planned"
    if parts[SUBJECT] != plan.subject_der:
        yield "the subject is not the planned one"
    if (read.not_valid_before_utc, read.not_valid_after_utc) != (plan.not_before, plan.not_after):
        yield "the validity is not the planned one"
    if plan.not_after < plan.not_before:
        yield "the validity ends before it begins"
    if hashlib.sha256(parts[PUBLIC_KEY]).hexdigest() != plan.spki_sha256:
        yield "the public key is not the planned one"


def octets(serial: int) -> int:
    """How many octets a positive INTEGER has in DER, the one included that says that it is positive (X.690 8.3)."""
    return serial.bit_length() // 8 + 1


def _issuer(read: x509.Certificate, parts: Sequence[bytes], issuer: x509.Certificate, proven: bool) -> Iterator[str]:
    if parts[ISSUER] != _subject(issuer):
        yield "the issuer is not the subject of the issuing certificate"
        return
    if proven:
        return
    try:
        read.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        yield "the signature does not verify with the issuer's key"


@lru_cache(MAX_KEPT)
def _subject(issuer: x509.Certificate) -> bytes:
    return der.parts(issuer.tbs_certificate_bytes)[SUBJECT]


def _extensions(
    read: x509.Certificate, parts: Sequence[bytes], extensions: Sequence[PlannedExtension]
) -> Iterator[str]:
    # RFC 5280 section 4.2: not two of one kind. Nobody could read them, and whoever planned so would find nothing here.
    if len({each.value.oid for each in extensions}) != len(extensions):
        yield "an extension was planned twice"
    written = der.wrap(der.CONTEXT_3, der.wrap(der.SEQUENCE, *(each.der for each in extensions)))
    if parts[EXTENSIONS:] == ([written] if extensions else []):
        return
    differences = tuple(_differences(read, extensions))
    yield from differences or ("the extensions are not written as planned",)


def _differences(read: x509.Certificate, extensions: Sequence[PlannedExtension]) -> Iterator[str]:
    planned = {each.value.oid: each for each in extensions}
    found = {each.oid: PlannedExtension(value=each.value, critical=each.critical) for each in read.extensions}
    for oid in sorted(planned.keys() | found.keys(), key=lambda oid: oid.dotted_string):
        if oid not in found:
            yield f"extension {oid.dotted_string} is missing"
        elif oid not in planned:
            yield f"extension {oid.dotted_string} was not planned"
        elif found[oid] != planned[oid]:
            yield f"extension {oid.dotted_string} is not as planned"
