"""What our CA puts into a client's certificate: subject, validity and extensions, planned before it is signed; and what
of it differs from the CSR.

RFC 5280's word "profile". Whether the CSR deserves a certificate is left to `policy`, the signing to `issue`."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from cryptography import x509
from cryptography.x509.oid import NameOID

from ca.clock import whole_second, years_after
from ca.errors import NotIssued, Refusal, refuse, visible
from ca.policy.requests import Approved, CsrPolicy
from ca.records import SERIAL_OCTETS
from ca.request.csr import Csr
from ca.x509.der import STAND_INS
from ca.x509.extensions import NAME_KINDS, USAGES, PlannedExtension, as_general_name, extended_usage, leaf_extensions
from ca.x509.names import (
    COUNTRY,
    UPPER_BOUNDS,
    AlternativeName,
    Attribute,
    attributes,
    fits_type,
    name_set,
    oid_of,
    rfc4514,
    short_name,
)

if TYPE_CHECKING:
    from ca.policy.uploads import UploadPolicy

MAX_SERIAL_OCTETS = 20  # RFC 5280 section 4.1.2.2
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


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
class Change:
    """One thing that differs between the CSR and the certificate, and why."""

    field: str
    from_: str
    to: str
    why: str

    def as_dict(self) -> dict[str, str]:
        return {"field": self.field, "from": self.from_, "to": self.to, "why": self.why}


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
        extensions=(*_usages(profile), *_named(alternatives, subject), *pointers),
        spki_sha256=hashlib.sha256(csr.spki).hexdigest(),
        subject_key_identifier=profile.subject_key_identifier,
        authority_key_identifier=profile.authority_key_identifier,
        serial_octets=profile.serial_octets,
        changed=changes(csr, profile, approved.claim.holder, subject, alternatives),
    )


def _usages(profile: Profile) -> tuple[PlannedExtension, ...]:
    """What is the same in all certificates of a profile."""
    constraints, key_usage = leaf_extensions(profile.key_usage, ())
    return (
        *((constraints,) if profile.basic_constraints else ()),
        *((key_usage,) if profile.key_usage else ()),
        *extended_usage(profile.extended_key_usage, critical=profile.extended_key_usage_critical),
    )


def _named(names: tuple[AlternativeName, ...], subject: x509.Name) -> tuple[PlannedExtension, ...]:
    if not names:
        return ()
    value = x509.SubjectAlternativeName([alternative_name(each) for each in names])
    # RFC 5280 section 4.2.1.6: where the subject is empty, the names stand in its place and are critical.
    return (PlannedExtension(value=value, critical=not list(subject)),)


def subject_name(csr: Csr, profile: Profile, words: Mapping[str, str]) -> x509.Name:
    """The subject of the certificate; NotIssued when its template can not be filled."""
    if profile.subject == "template":
        name = x509.Name([_attribute(short, fill(text, words)) for short, text in profile.template])
    elif profile.subject == "as_is":
        name = csr.name
    else:
        name = _kept(csr, profile, words["holder"])
    if unfit := [each for each in name if each.oid in STAND_INS]:
        raise NotIssued(tuple(map(_misfit, attributes(x509.Name(unfit)))))
    return _one_set(name) if profile.layout == "one_set" else name


def fill(text: str, words: Mapping[str, str]) -> str:
    """The template with every {word} replaced by what is known under it; NotIssued when nothing is."""

    def word(found: re.Match[str]) -> str:
        if found.group(1) not in words:
            raise _unfit(f"nothing is known of the client as {found.group()}", found.group())
        return words[found.group(1)]

    return _PLACEHOLDER.sub(word, text)


def alternative_name(name: AlternativeName) -> x509.GeneralName:
    """The name for a subjectAltName; NotIssued when it is not one of its kind."""
    try:
        return as_general_name(name)
    except ValueError:
        pass
    raise _unfit(f"this is no {name.kind} that a certificate can carry", str(name))


def _kept(csr: Csr, profile: Profile, holder: str) -> x509.Name:
    """The CSR's own attribute values, untouched: taking the objects over keeps each text and its string type."""
    keep = (*profile.keep, "CN") if profile.common_name == "csr" else profile.keep
    rdns = [[each for each in rdn if short_name(each.oid) in keep] for rdn in csr.name.rdns]
    if profile.common_name == "holder":
        rdns = [[each for each in rdn if each.oid != NameOID.COMMON_NAME] for rdn in rdns]
        rdns.append([x509.NameAttribute(NameOID.COMMON_NAME, holder)])
    return x509.Name([x509.RelativeDistinguishedName(rdn) for rdn in rdns if rdn])


def _one_set(name: x509.Name) -> x509.Name:
    """All attributes in one RDN. It is a SET OF: DER sorts it (X.690 section 11.6), and nothing is in it twice."""
    attributes = list(dict.fromkeys(name))
    return x509.Name([x509.RelativeDistinguishedName(attributes)] if attributes else [])


def _attribute(short: str, text: str) -> x509.NameAttribute[str]:
    # Counted in octets, stricter than RFC 5280: the library that encodes the attribute counts so.
    size = len(text.encode("utf-8", errors="replace"))
    country = short != "C" or COUNTRY.fullmatch(text)
    if not text.strip() or size > UPPER_BOUNDS.get(short, size) or not country or not fits_type(short, text):
        raise _unfit(f"what is known of the client can not be the {short} of a certificate", f"{short}={text}")
    return x509.NameAttribute(oid_of(short), text)


def _misfit(each: Attribute) -> Refusal:
    """An attribute that the library does not write into a certificate: it counts octets."""
    return refuse(
        "certificate.attribute_too_long" if each.value else "certificate.attribute_empty",
        detail=f"{each.short} has {len(each.value.encode())} octets in UTF-8",
        seen=f"{each.short}={each.value}",
        expected="a CN of 1 to 64 octets, a country of two letters",
        rule="RFC 5280 appendix A.1",
    )


def _unfit(detail: str, seen: str) -> NotIssued:
    expected = "a client of which everything is known that its certificate names"
    rule = "RFC 5280 appendix A.1"
    return NotIssued((refuse("certificate.holder_unfit", detail=detail, seen=seen, expected=expected, rule=rule),))


def changes(
    csr: Csr, profile: Profile, holder: str, subject: x509.Name, alternatives: tuple[AlternativeName, ...]
) -> tuple[Change, ...]:
    """Everything that differs: subject, its layout, what was asked for, what was added."""
    return (
        *(_replaced(csr, profile, subject) if profile.subject == "template" else ()),
        *(_kept_change(csr, profile, holder) if profile.subject == "keep" else ()),
        *_layout(csr, profile, subject),
        *_alternatives(csr, profile, alternatives),
        *_asked(csr, alternatives),
    )


def _replaced(csr: Csr, profile: Profile, subject: x509.Name) -> Iterator[Change]:
    if name_set(csr.name) != name_set(subject):
        why = f"{profile.name} takes nothing of the subject from the CSR"
        yield Change(field="subject", from_=visible(rfc4514(csr.name)), to=visible(rfc4514(subject)), why=why)


def _kept_change(csr: Csr, profile: Profile, holder: str) -> Iterator[Change]:
    asked = [value for short, value in csr.subject if short == "CN"]
    if profile.common_name == "holder" and asked != [holder]:
        why = "the common name is always the client id"
        yield Change(field="CN", from_=visible(", ".join(asked)), to=holder, why=why)
    for short, value in csr.subject:
        if short not in profile.keep and short != "CN":
            yield Change(field=short, from_=visible(value), to="", why=f"{profile.name} does not keep {short}")


def _layout(csr: Csr, profile: Profile, subject: x509.Name) -> Iterator[Change]:
    if profile.layout == "one_set" and len(csr.name.rdns) > 1:
        why = f"{profile.name} puts all attributes into one RDN"
        were, are = f"{len(csr.name.rdns)} RDNs", f"one RDN of {len(list(subject))} attributes"
        yield Change(field="RDN", from_=were, to=are, why=why)


def _alternatives(csr: Csr, profile: Profile, alternatives: tuple[AlternativeName, ...]) -> Iterator[Change]:
    if alternatives and set(csr.alternative_names) != set(alternatives):
        asked, put = ", ".join(map(str, csr.alternative_names)), ", ".join(map(str, alternatives))
        why = f"{profile.name} gives the alternative names itself"
        yield Change(field="subjectAltName", from_=visible(asked), to=visible(put), why=why)


def _asked(csr: Csr, alternatives: tuple[AlternativeName, ...]) -> Iterator[Change]:
    for extension in csr.extensions:
        if alternatives and extension.name == "subjectAltName":
            continue  # told already, or the same
        seen = visible(f"{extension.name}: {extension.value}")
        yield Change(field="extension", from_=seen, to="", why="requested extensions are never copied")
    for name in csr.attributes:
        # The value is a secret or of no use: it was not even read.
        yield Change(field=name, from_="(not shown)", to="", why="attributes of the CSR are not used")
