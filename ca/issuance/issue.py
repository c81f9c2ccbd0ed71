"""From an approved CSR to its certificate: planned, signed, read back, recorded.

Whether the CSR is good is left to `ca.policy`; keeping the record is left to `authority`. A finding of `lint` is a bug
in Sandbank and stops the certificate. It shares nothing with the signing, so that a fault there is found here."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding

from ca.clock import write_time
from ca.errors import LintFailed, NotIssued, refuse
from ca.issuance.profile import Change, Plan, Profile, plan
from ca.policy.requests import Approved
from ca.records import CertificateRecord, Serials, random_serial, record_of
from ca.x509.der import UNREADABLE, Fields, extensions_of, fields, load_certificate, spki_bits
from ca.x509.extensions import PlannedExtension
from ca.x509.keys import Founded, Issuer, PrivateKey, PublicKey, signing_hash

__all__ = [
    "Founded",
    "IssuedCertificate",
    "Issuer",
    "Serials",
    "certify",
    "checked",
    "issue",
    "issue_certificate",
    "lint",
    "random_serial",
]

# RFC 5280 section 4.1.2.2: at most 20 octets, of which the first bit says that the number is positive.
MAX_SERIAL_BITS = 159

Found = tuple[x509.ExtensionType, bool]
"""The value of an extension, and whether it is critical."""


def issue(approved: Approved, plan: Plan, issuer: Issuer, serial: int) -> bytes:
    """The certificate in DER for the key of an approved CSR."""
    return _sign(approved.csr.public_key, plan, issuer.key, issuer, serial).public_bytes(Encoding.DER)


def certify(key: PrivateKey, plan: Plan, issuer: Issuer | None, serial: int) -> x509.Certificate:
    """A certificate for a key of our own, which we have in hand. Without an issuer it signs itself."""
    return _sign(key.public_key(), plan, issuer.key if issuer else key, issuer, serial)


def _sign(public_key: PublicKey, plan: Plan, key: PrivateKey, issuer: Issuer | None, serial: int) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .issuer_name(issuer.name if issuer else plan.subject)
        .subject_name(plan.subject)
        .public_key(public_key)
        .serial_number(serial)
        .not_valid_before(plan.not_before)
        .not_valid_after(plan.not_after)
    )
    for each in plan.extensions:
        builder = builder.add_extension(each.value, each.critical)
    if plan.subject_key_identifier:
        # The first way of RFC 5280 section 4.2.1.2: the SHA-1 of the bits of the key.
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    if plan.authority_key_identifier and issuer:  # a certificate that signs itself names no other key
        builder = builder.add_extension(issuer.key_identifier, critical=False)
    return builder.sign(key, signing_hash(key))


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCertificate:
    """The answer to a CSR: the certificate, the CA it was issued by, and what differs from the CSR."""

    certificate: str
    chain: str
    serial: str
    not_before: datetime
    not_after: datetime
    changed: tuple[Change, ...]
    record: CertificateRecord

    @property
    def bundle(self) -> str:
        """The certificate and after it its issuer: what a client hands to its TLS library."""
        return self.certificate + self.chain


def issue_certificate(
    approved: Approved,
    profile: Profile,
    issuer: Issuer,
    serial: Callable[[], int],
    now: datetime,
    *,
    pointers: tuple[PlannedExtension, ...] = (),
) -> IssuedCertificate:
    """The answer to an approved CSR, by its issuer; a serial is asked for when nothing can refuse it any more.

    NotIssued where the profile can not be filled, or the issuer is not in time for it."""
    _in_time(issuer, profile, now)
    planned = plan(approved, profile, now, pointers=pointers)
    number = serial()
    made = issue(approved, planned, issuer, number)
    record = record_of(checked(made, planned, number, issuer.certificate), approved.claim, profile.name, now)
    return IssuedCertificate(
        certificate=record.pem,
        chain=issuer.pem,
        serial=record.serial,
        not_before=record.not_before,
        not_after=record.not_after,
        changed=planned.changed,
        record=record,
    )


def _in_time(issuer: Issuer, profile: Profile, now: datetime) -> None:
    """The clock can be moved to where the CA itself is not valid: such a certificate would be good for nothing."""
    begins, ends = issuer.life[0] + profile.backdate, profile.begins_by(issuer.life[1])
    if begins <= now <= ends:
        return
    raise NotIssued(
        (
            refuse(
                "certificate.authority_out_of_time",
                detail="a certificate of this time would outlive its own authority, or be older than it",
                seen=f"now {write_time(now)}",
                expected=f"{write_time(begins)} to {write_time(ends)}",
                rule="RFC 5280 section 6.1.3",
            ),
        )
    )


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
