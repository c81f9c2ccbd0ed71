"""What our CA puts into a client's certificate: subject, validity and extensions, planned before it is signed.

RFC 5280's word "profile". Whether the CSR deserves a certificate is left to `policy`, the signing to `issue`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ca.clock import whole_second, years_after
from ca.csr import Csr
from ca.errors import visible
from ca.keys import PublicKey, spki_sha256
from ca.names import short_name
from ca.policy import Approved, CsrPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What goes into the certificates of one kind.

    `keep` names the subject attributes taken from the CSR, in its order; `common_name` says where the CN is from."""

    name: str
    keep: tuple[str, ...]
    common_name: str = "holder"  # "holder": the client id; "csr": as the CSR has it
    years: int = 1
    key_usage: tuple[str, ...] = ("digitalSignature",)
    extended_key_usage: tuple[str, ...] = ("clientAuth",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What one provider signs: on which conditions, and what goes into the certificate."""

    policy: CsrPolicy
    profile: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that differs between the CSR and the certificate, and why."""

    field: str
    from_: str
    to: str
    why: str

    def as_dict(self) -> dict[str, str]:
        return {"field": self.field, "from": self.from_, "to": self.to, "why": self.why}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedExtension:
    """One extension of a certificate to come."""

    value: x509.ExtensionType
    critical: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A certificate to come: all of it except its serial, its issuer and the two key identifiers."""

    subject: x509.Name
    not_before: datetime
    not_after: datetime
    extensions: tuple[PlannedExtension, ...]
    spki_sha256: str
    changed: tuple[Change, ...] = ()


def plan(approved: Approved, profile: Profile, now: datetime) -> Plan:
    """The certificate that this CSR will get: valid from this second to the same date and time `years` later."""
    csr = approved.csr
    begins = whole_second(now)
    return Plan(
        subject=_subject(csr, profile, approved.claim.holder),
        not_before=begins,
        not_after=years_after(begins, profile.years),
        extensions=leaf_extensions(profile.key_usage, profile.extended_key_usage),
        spki_sha256=spki_sha256(csr.public_key),
        changed=tuple(_changes(csr, profile, approved.claim.holder)),
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


def extended_usage(names: tuple[str, ...]) -> tuple[PlannedExtension, ...]:
    """The extended key usage by RFC 5280's names; none at all for an empty tuple."""
    oids = [_PURPOSES[name] for name in names]
    return (PlannedExtension(value=x509.ExtendedKeyUsage(oids), critical=False),) if oids else ()


def key_identifiers(public_key: PublicKey, issuer: x509.Certificate | None) -> tuple[PlannedExtension, ...]:
    """The key identifiers of RFC 5280 sections 4.2.1.1 and 4.2.1.2; a self-signed certificate names no other key."""
    subject = PlannedExtension(value=x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    if issuer is None:
        return (subject,)
    parent = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    authority = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(parent)
    return subject, PlannedExtension(value=authority, critical=False)


_PURPOSES = {"clientAuth": ExtendedKeyUsageOID.CLIENT_AUTH, "serverAuth": ExtendedKeyUsageOID.SERVER_AUTH}


def _subject(csr: Csr, profile: Profile, holder: str) -> x509.Name:
    """The CSR's own attribute values, untouched: taking the objects over keeps each text and its string type."""
    keep = (*profile.keep, "CN") if profile.common_name == "csr" else profile.keep
    rdns = [[each for each in rdn if short_name(each.oid) in keep] for rdn in csr.name.rdns]
    if profile.common_name == "holder":
        rdns = [[each for each in rdn if each.oid != NameOID.COMMON_NAME] for rdn in rdns]
        rdns.append([x509.NameAttribute(NameOID.COMMON_NAME, holder)])
    return x509.Name([x509.RelativeDistinguishedName(rdn) for rdn in rdns if rdn])


def _changes(csr: Csr, profile: Profile, holder: str) -> Iterator[Change]:
    yield from _common_name_change(csr, profile, holder)
    for short, value in csr.subject:
        if short not in profile.keep and short != "CN":
            yield Change(field=short, from_=visible(value), to="", why=f"{profile.name} does not keep {short}")
    for extension in csr.extensions:
        seen = visible(f"{extension.name}: {extension.value}")
        yield Change(field="extension", from_=seen, to="", why="requested extensions are never copied")
    for name in csr.attributes:
        # The value is a secret or of no use: it was not even read.
        yield Change(field=name, from_="(not shown)", to="", why="attributes of the CSR are not used")


def _common_name_change(csr: Csr, profile: Profile, holder: str) -> Iterator[Change]:
    asked = [value for short, value in csr.subject if short == "CN"]
    if profile.common_name == "holder" and asked != [holder]:
        why = "the common name is always the client id"
        yield Change(field="CN", from_=visible(", ".join(asked)), to=holder, why=why)
