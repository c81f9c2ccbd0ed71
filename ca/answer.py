"""From an approved CSR to the answer: the certificate planned, signed and read back, and what is remembered of it.

Whether the CSR is good is left to `policy`; keeping the record, and which CA and which serial it is, to `authority`."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography import x509

from ca.bundle import pem
from ca.claim import Claim
from ca.clock import write_time
from ca.errors import NotIssued, refuse
from ca.extension import MAX_KEPT, PlannedExtension
from ca.issue import Issuer, issue
from ca.lint import checked
from ca.names import rfc4514
from ca.policy import Approved
from ca.profile import Change, Plan, Profile, plan
from ca.record import CertificateRecord, write_serial


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
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


def answer(
    approved: Approved,
    profile: Profile,
    issuer: Issuer,
    serial: Callable[[], int],
    now: datetime,
    *,
    pointers: tuple[PlannedExtension, ...] = (),
) -> Issued:
    """The answer to an approved CSR, by its issuer; a serial is asked for when nothing can refuse it any more.

    NotIssued where the profile can not be filled, or the issuer is not in time for it."""
    _in_time(issuer.certificate, profile, now)
    planned = plan(approved, profile, now, pointers=pointers)
    number = serial()
    certificate = issue(approved, planned, issuer, number)
    checked(certificate, planned, issuer.certificate, proven=issuer.proven)
    record = _record(certificate, number, planned, approved.claim, profile.name, now)
    return Issued(
        certificate=record.pem,
        chain=_chain(issuer.certificate),
        serial=record.serial,
        not_before=record.not_before,
        not_after=record.not_after,
        changed=planned.changed,
        record=record,
    )


def _record(data: bytes, number: int, planned: Plan, claim: Claim, profile: str, now: datetime) -> CertificateRecord:
    """What `record.record_of` would find in the certificate, which was seen to be as planned."""
    serial = write_serial(number)
    return CertificateRecord(
        id=claim.id or serial,
        serial=serial,
        provider=claim.provider,
        holder=claim.holder,
        name=claim.name,
        purpose=claim.purpose,
        profile=profile,
        subject=rfc4514(planned.subject),
        not_before=planned.not_before,
        not_after=planned.not_after,
        issued_at=now,
        fingerprint_sha256=hashlib.sha256(data).hexdigest(),
        spki_sha256=planned.spki_sha256,
        der=data,
    )


@lru_cache(MAX_KEPT)
def _chain(issuer: x509.Certificate) -> str:
    return pem([issuer])


@lru_cache(MAX_KEPT)
def _times(issuer: x509.Certificate, profile: Profile) -> tuple[datetime, datetime]:
    """The first and the last instant at which the issuer can make a certificate of this profile."""
    return issuer.not_valid_before_utc + profile.backdate, profile.begins_by(issuer.not_valid_after_utc)


def _in_time(issuer: x509.Certificate, profile: Profile, now: datetime) -> None:
    """The clock can be moved to where the CA itself is not valid: such a certificate would be good for nothing."""
    begins, ends = _times(issuer, profile)
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
