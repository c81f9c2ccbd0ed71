"""Reading back what was made: a finished certificate against its plan, before anyone sees it.

A finding is a bug in Sandbank and stops the certificate. Nothing here is shared with `issue`, so that a fault there is
found here."""

import hashlib
from collections.abc import Iterator

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from ca.errors import LintFailed
from ca.issuance.profile import Plan
from ca.x509.der import UNREADABLE, Fields, extensions_of, fields, load_certificate, spki_bits

# RFC 5280 section 4.1.2.2: at most 20 octets, of which the first bit says that the number is positive.
MAX_SERIAL_BITS = 159

Found = tuple[x509.ExtensionType, bool]
"""The value of an extension, and whether it is critical."""


def checked(made: bytes, plan: Plan, serial: int, issuer: x509.Certificate | None) -> x509.Certificate:
    """The certificate in DER as it is read, or LintFailed: none leaves here that is not as planned."""
    if findings := lint(made, plan, serial, issuer):
        raise LintFailed(findings)
    return load_certificate(made)


def lint(made: bytes, plan: Plan, serial: int, issuer: x509.Certificate | None) -> tuple[str, ...]:
    """What is not as planned in a certificate in DER, one sentence each. No issuer means that it signed itself."""
    try:
        return tuple(_findings(load_certificate(made), plan, serial, issuer))
    except UNREADABLE as error:
        return (f"it cannot be read: {error}",)


def _findings(read: x509.Certificate, plan: Plan, serial: int, issuer: x509.Certificate | None) -> Iterator[str]:
    if read.version is not x509.Version.v3:
        yield "the version is not 3"
        return
    raw = fields(read)
    yield from _body(read, raw, plan, serial)
    yield from _issuer(read, raw, issuer or read)
    yield from _extensions(read, raw, plan, issuer)


def octets(serial: int) -> int:
    """How many octets a positive INTEGER has in DER, the one included that says that it is positive (X.690 8.3)."""
    return serial.bit_length() // 8 + 1


def _body(read: x509.Certificate, raw: Fields, plan: Plan, serial: int) -> Iterator[str]:
    if read.serial_number != serial:
        yield "the serial is not the one that was drawn"
    if not 0 < read.serial_number.bit_length() <= MAX_SERIAL_BITS:
        yield "the serial is not a positive number of at most 20 octets"
    if plan.serial_octets is not None and octets(read.serial_number) > plan.serial_octets:
        yield "the serial is longer than planned"
    if raw.subject != plan.subject.public_bytes():
        yield "the subject is not the planned one"
    if (read.not_valid_before_utc, read.not_valid_after_utc) != (plan.not_before, plan.not_after):
        yield "the validity is not the planned one"
    if plan.not_after < plan.not_before:
        yield "the validity ends before it begins"
    if hashlib.sha256(raw.spki).hexdigest() != plan.spki_sha256:
        yield "the public key is not the planned one"


def _issuer(read: x509.Certificate, raw: Fields, issuer: x509.Certificate) -> Iterator[str]:
    if raw.issuer != issuer.subject.public_bytes():
        yield "the issuer is not the subject of the issuing certificate"
        return
    try:
        read.verify_directly_issued_by(issuer)
    except (InvalidSignature, *UNREADABLE):
        yield "the signature does not verify with the issuer's key"


def _extensions(read: x509.Certificate, raw: Fields, plan: Plan, issuer: x509.Certificate | None) -> Iterator[str]:
    planned: dict[x509.ObjectIdentifier, Found] = {
        each.value.oid: (each.value, each.critical) for each in plan.extensions
    }
    planned |= {value.oid: (value, False) for value in _key_identifiers(raw.spki, plan, issuer)}
    found: dict[x509.ObjectIdentifier, Found] = {each.oid: (each.value, each.critical) for each in extensions_of(read)}
    for oid in sorted(planned.keys() | found.keys(), key=lambda oid: oid.dotted_string):
        if oid not in found:
            yield f"extension {oid.dotted_string} is missing"
        elif oid not in planned:
            yield f"extension {oid.dotted_string} was not planned"
        elif found[oid] != planned[oid]:
            yield f"extension {oid.dotted_string} is not as planned"


def _key_identifiers(spki: bytes, plan: Plan, issuer: x509.Certificate | None) -> Iterator[x509.ExtensionType]:
    """Those of RFC 5280 sections 4.2.1.1 and 4.2.1.2: of the certificate's key, and of the one that its issuer has."""
    if plan.subject_key_identifier:
        yield x509.SubjectKeyIdentifier(hashlib.sha1(spki_bits(spki), usedforsecurity=False).digest())
    if plan.authority_key_identifier and issuer is not None:
        own = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        yield x509.AuthorityKeyIdentifier(own.digest, None, None)
