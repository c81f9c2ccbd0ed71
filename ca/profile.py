"""What our CA puts into a client's certificate: subject, validity and extensions, planned before it is signed.

RFC 5280's word "profile". Whether the CSR deserves a certificate is left to `policy`, the signing to `issue`."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Literal

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from ca import der
from ca.changes import Change, changes
from ca.clock import whole_second, years_after
from ca.names import AlternativeName, oid_of
from ca.naming import NAME_KINDS, Naming, alternative_name, fill, subject_name
from ca.pinning import UploadPolicy
from ca.policy import Approved, CsrPolicy

__all__ = ["Change", "Offer", "Plan", "PlannedExtension", "Profile", "Upload", "plan"]

# RFC 5280 section 4.1.2.2 allows 20 octets; 16 random ones can not be guessed and never meet.
MAX_SERIAL_OCTETS = 20
SERIAL_OCTETS = 16
# Profiles, and issuers, whose extensions are kept ready: a state has a handful of either.
MAX_KEPT = 64
# RFC 5280 section 4.2.1.3, without the two that make sense with keyAgreement only.
USAGES = frozenset(
    [
        "digitalSignature",
        "nonRepudiation",
        "keyEncipherment",
        "dataEncipherment",
        "keyAgreement",
        "keyCertSign",
        "cRLSign",
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What goes into the certificates of one kind.

    `subject` says where it comes from. "keep": the attributes that `keep` names, in the CSR's order, and the CN as
    `common_name` says: the client id ("holder") or as in the CSR ("csr"). "template": the attributes of `template` and
    nothing of the CSR. "as_is": the CSR's, to the byte. In the `layout` "one_set" all attributes are in one RDN.

    Templates name in braces what the claim knows: {holder}, {name}, and whatever its `known` has. The life is `years`
    and `days` from now on, whatever `backdate` puts before it. False, or an empty tuple, leaves an extension out.
    `pointers` are those to the CRL, the OCSP responder and the issuer's certificate."""

    name: str
    subject: Literal["keep", "template", "as_is"] = "keep"
    keep: tuple[str, ...] = ()
    common_name: Literal["holder", "csr"] = "holder"
    template: tuple[tuple[str, str], ...] = ()
    layout: Literal["ordinary", "one_set"] = "ordinary"
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

    @property
    def naming(self) -> Naming:
        return Naming(
            profile=self.name,
            subject=self.subject,
            keep=self.keep,
            common_name=self.common_name,
            template=self.template,
            one_set=self.layout == "one_set",
        )

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

    policy: UploadPolicy
    purpose: str = "transport"


@dataclass(frozen=True, kw_only=True)
class PlannedExtension:
    """One extension of a certificate to come."""

    value: x509.ExtensionType
    critical: bool

    @cached_property
    def der(self) -> bytes:
        """As it stands in the certificate (RFC 5280 section 4.1); what is the same in many is encoded once."""
        critical = (der.TRUE,) if self.critical else ()
        value = der.wrap(der.OCTET_STRING, self.value.public_bytes())
        return der.wrap(der.SEQUENCE, der.object_identifier(self.value.oid.dotted_string), *critical, value)


@dataclass(frozen=True, kw_only=True)
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

    @cached_property
    def subject_der(self) -> bytes:
        """The subject as it stands in the certificate."""
        return self.subject.public_bytes()


def plan(approved: Approved, profile: Profile, now: datetime, *, pointers: tuple[PlannedExtension, ...] = ()) -> Plan:
    """The certificate that this CSR will get: valid from this second (or before it) to the end of the profile's life.

    NotIssued when a template names what is not known of the holder, or what does not fit."""
    csr, words = approved.csr, approved.claim.placeholders()
    made = whole_second(now)
    subject = subject_name(csr, profile.naming, words)
    alternatives = tuple(AlternativeName(kind, fill(text, words)) for kind, text in profile.alternative_names)
    return Plan(
        subject=subject,
        not_before=made - profile.backdate,
        not_after=years_after(made, profile.years) + timedelta(days=profile.days),
        extensions=(*_extensions(profile, alternatives, subject), *pointers),
        spki_sha256=csr.spki_sha256,
        subject_key_identifier=profile.subject_key_identifier,
        authority_key_identifier=profile.authority_key_identifier,
        serial_octets=profile.serial_octets,
        changed=changes(csr, profile.naming, approved.claim.holder, subject, alternatives),
    )


def leaf_extensions(key_usage: tuple[str, ...], extended: tuple[str, ...]) -> tuple[PlannedExtension, ...]:
    """What makes a certificate an end entity's (RFC 5280 sections 4.2.1.9, 4.2.1.3, 4.2.1.12)."""
    return (
        PlannedExtension(value=x509.BasicConstraints(ca=False, path_length=None), critical=True),
        PlannedExtension(value=usage(key_usage), critical=True),
        *extended_usage(extended),
    )


def usage(names: tuple[str, ...]) -> x509.KeyUsage:
    """The key usage of RFC 5280 section 4.2.1.3 by its own names: digitalSignature, keyCertSign, ..."""
    return x509.KeyUsage(
        digital_signature="digitalSignature" in names,
        content_commitment="nonRepudiation" in names,
        key_encipherment="keyEncipherment" in names,
        data_encipherment="dataEncipherment" in names,
        key_agreement="keyAgreement" in names,
        key_cert_sign="keyCertSign" in names,
        crl_sign="cRLSign" in names,
        encipher_only=False,
        decipher_only=False,
    )


def extended_usage(names: tuple[str, ...], *, critical: bool = False) -> tuple[PlannedExtension, ...]:
    """The extended key usage by RFC 5280's names, or by OIDs; none at all for an empty tuple."""
    oids = [_PURPOSES.get(name) or x509.ObjectIdentifier(name) for name in names]
    return (PlannedExtension(value=x509.ExtendedKeyUsage(oids), critical=critical),) if oids else ()


def key_identifiers(planned: Plan, public_key: bytes, issuer: x509.Certificate | None) -> tuple[PlannedExtension, ...]:
    """The key identifiers of RFC 5280 sections 4.2.1.1 and 4.2.1.2, of a SubjectPublicKeyInfo in DER; a self-signed
    certificate names no other key."""
    return (
        *((_subject_key_identifier(public_key),) if planned.subject_key_identifier else ()),
        *((_authority_key_identifier(issuer),) if planned.authority_key_identifier and issuer is not None else ()),
    )


@lru_cache(MAX_KEPT)
def _subject_key_identifier(public_key: bytes) -> PlannedExtension:
    """The first way of section 4.2.1.2: the SHA-1 of the bits of the key. It is asked for twice in a row."""
    bits = der.contents(der.parts(public_key)[1])[1:]
    value = x509.SubjectKeyIdentifier(hashlib.sha1(bits, usedforsecurity=False).digest())
    return PlannedExtension(value=value, critical=False)


@lru_cache(MAX_KEPT)
def _authority_key_identifier(issuer: x509.Certificate) -> PlannedExtension:
    parent = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    value = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(parent)
    return PlannedExtension(value=value, critical=False)


_PURPOSES = {"clientAuth": ExtendedKeyUsageOID.CLIENT_AUTH, "serverAuth": ExtendedKeyUsageOID.SERVER_AUTH}


def _extensions(
    profile: Profile, alternatives: tuple[AlternativeName, ...], subject: x509.Name
) -> tuple[PlannedExtension, ...]:
    return (*_usages(profile), *(_alternatives(alternatives, subject) if alternatives else ()))


@lru_cache(MAX_KEPT)
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
