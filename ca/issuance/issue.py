"""From an approved CSR to its certificate: planned, signed, read back, recorded.

Whether the CSR is good is left to `ca.policy`; keeping the record is left to `authority`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.clock import write_time
from ca.errors import NotIssued, refuse
from ca.issuance.lint import checked
from ca.issuance.profile import Change, Plan, Profile, plan
from ca.policy.requests import Approved
from ca.records import CertificateRecord, Serials, random_serial, record_of
from ca.x509.extensions import PlannedExtension
from ca.x509.keys import Founded, Issuer, PrivateKey, PublicKey, signing_hash

__all__ = [
    "Founded",
    "IssuedCertificate",
    "Issuer",
    "Serials",
    "certify",
    "issue",
    "issue_certificate",
    "random_serial",
]


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
