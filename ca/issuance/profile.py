"""What our CA puts into a client's certificate: subject, validity and extensions, planned before it is signed.

RFC 5280's word "profile". Whether the CSR deserves a certificate is left to `policy`, the signing to `issue`."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509

from ca.clock import whole_second, years_after
from ca.issuance.subject import NAME_KINDS, Change, Naming, alternative_name, changes, fill, subject_name
from ca.policy.requests import Approved, CsrPolicy
from ca.records import SERIAL_OCTETS
from ca.x509.extensions import USAGES, PlannedExtension, extended_usage, leaf_extensions
from ca.x509.names import AlternativeName, oid_of

if TYPE_CHECKING:
    from ca.policy.uploads import UploadPolicy

__all__ = ["Change", "Offer", "Plan", "Profile", "Upload", "plan"]

MAX_SERIAL_OCTETS = 20  # RFC 5280 section 4.1.2.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile(Naming):
    """What goes into the certificates of one kind.

    Templates name in braces what the claim knows: {holder}, {name}, and whatever its `known` has. The life is `years`
    and `days` from now on, whatever `backdate` puts before it. False, or an empty tuple, leaves an extension out.
    `pointers` are those to the CRL, the OCSP responder and the issuer's certificate."""

    years: int = 1
    days: int = 0
    backdate: timedelta = timedelta()
    serial_octets: int = SERIAL_OCTETS
    basic_constraints: bool = True
    key_usage: tuple[str, ...] = ("digitalSignature",)
    extended_key_usage: tuple[str, ...] = ("clientAuth",)
    extended_key_usage_critical: bool = False
    alternative_names: tuple[AlternativeName, ...] = ()
    subject_key_identifier: bool = True
    authority_key_identifier: bool = True
    pointers: bool = True

    def __post_init__(self) -> None:
        """A declaration that could make no certificate is a mistake that shows where it is written."""
        if not 1 <= self.serial_octets <= MAX_SERIAL_OCTETS:
            raise ValueError(f"a serial has 1 to {MAX_SERIAL_OCTETS} octets, not {self.serial_octets}")
        if unknown := set(self.key_usage) - USAGES:
            raise ValueError(f"no key usage of RFC 5280 section 4.2.1.3: {', '.join(sorted(unknown))}")
        if unknown := {name.kind for name in self.alternative_names} - NAME_KINDS:
            raise ValueError(f"no kind of alternative name: {', '.join(sorted(unknown))}")
        for short in (*self.keep, *(short for short, _ in self.template)):
            oid_of(short)  # a ValueError where it is neither a short name nor an OID

    def begins_by(self, end: datetime) -> datetime:
        """The last instant at which such a certificate can be made if it must not outlive the end."""
        return years_after(end - timedelta(days=self.days), -self.years)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What one provider signs: on which conditions, what goes into the certificate, and what it is for."""

    policy: CsrPolicy
    profile: Profile
    purpose: str = "transport"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """What one provider takes: certificates that clients upload, on which conditions, and what for."""

    policy: "UploadPolicy"
    purpose: str = "transport"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A certificate to come: all of it except its serial, its issuer and the values of the two key identifiers."""

    subject: x509.Name
    not_before: datetime
    not_after: datetime
    extensions: tuple[PlannedExtension, ...]
    spki_sha256: str
    subject_key_identifier: bool = True
    authority_key_identifier: bool = True
    serial_octets: int | None = None
    changed: tuple[Change, ...] = ()


def plan(approved: Approved, profile: Profile, now: datetime, *, pointers: tuple[PlannedExtension, ...] = ()) -> Plan:
    """The certificate that this CSR will get: valid from this second (or before it) to the end of the profile's life.

    NotIssued when a template names what is not known of the holder, or what does not fit."""
    csr, words = approved.csr, approved.claim.placeholders()
    made = whole_second(now)
    subject = subject_name(csr, profile, words)
    alternatives = tuple(AlternativeName(kind, fill(text, words)) for kind, text in profile.alternative_names)
    return Plan(
        subject=subject,
        not_before=made - profile.backdate,
        not_after=years_after(made, profile.years) + timedelta(days=profile.days),
        extensions=(*_extensions(profile, alternatives, subject), *pointers),
        spki_sha256=hashlib.sha256(csr.spki).hexdigest(),
        subject_key_identifier=profile.subject_key_identifier,
        authority_key_identifier=profile.authority_key_identifier,
        serial_octets=profile.serial_octets,
        changed=changes(csr, profile, approved.claim.holder, subject, alternatives),
    )


def _extensions(
    profile: Profile, alternatives: tuple[AlternativeName, ...], subject: x509.Name
) -> tuple[PlannedExtension, ...]:
    return (*_usages(profile), *(_alternatives(alternatives, subject) if alternatives else ()))


def _usages(profile: Profile) -> tuple[PlannedExtension, ...]:
    """What is the same in all certificates of a profile."""
    constraints, key_usage = leaf_extensions(profile.key_usage, ())
    return (
        *((constraints,) if profile.basic_constraints else ()),
        *((key_usage,) if profile.key_usage else ()),
        *extended_usage(profile.extended_key_usage, critical=profile.extended_key_usage_critical),
    )


def _alternatives(names: tuple[AlternativeName, ...], subject: x509.Name) -> tuple[PlannedExtension, ...]:
    value = x509.SubjectAlternativeName([alternative_name(each) for each in names])
    # RFC 5280 section 4.2.1.6: where the subject is empty, the names stand in its place and are critical.
    return (PlannedExtension(value=value, critical=not list(subject)),)
