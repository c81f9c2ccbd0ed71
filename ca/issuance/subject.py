"""The names in a certificate to come, and how they differ from what the CSR asked for."""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from cryptography import x509
from cryptography.x509.oid import NameOID

from ca.errors import NotIssued, Refusal, refuse, visible
from ca.request.csr import Csr
from ca.x509.der import STAND_INS
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

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """The part of a profile that concerns the subject.

    `subject` says where it comes from. "keep": the attributes that `keep` names, in the CSR's order, and the CN as
    `common_name` says: the client id ("holder") or as in the CSR ("csr"). "template": the attributes of `template` and
    nothing of the CSR. "as_is": the CSR's, to the byte. In the `layout` "one_set" all attributes are in one RDN."""

    name: str
    subject: Literal["keep", "template", "as_is"] = "keep"
    keep: tuple[str, ...] = ()
    common_name: Literal["holder", "csr"] = "holder"
    template: tuple[tuple[str, str], ...] = ()
    layout: Literal["ordinary", "one_set"] = "ordinary"


def subject_name(csr: Csr, naming: Naming, words: Mapping[str, str]) -> x509.Name:
    """The subject of the certificate; NotIssued when its template can not be filled."""
    if naming.subject == "template":
        name = x509.Name([_attribute(short, fill(text, words)) for short, text in naming.template])
    elif naming.subject == "as_is":
        name = csr.name
    else:
        name = _kept(csr, naming, words["holder"])
    if unfit := [each for each in name if each.oid in STAND_INS]:
        raise NotIssued(tuple(map(_misfit, attributes(x509.Name(unfit)))))
    return _one_set(name) if naming.layout == "one_set" else name


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
        if name.kind == "IP":
            return x509.IPAddress(ipaddress.ip_address(name.value))
        return _KINDS[name.kind](name.value)
    except ValueError:
        pass
    raise _unfit(f"this is no {name.kind} that a certificate can carry", str(name))


_KINDS: Mapping[str, type[x509.DNSName | x509.UniformResourceIdentifier | x509.RFC822Name]] = {
    "DNS": x509.DNSName,
    "URI": x509.UniformResourceIdentifier,
    "email": x509.RFC822Name,
}
NAME_KINDS = frozenset({*_KINDS, "IP"})


def _kept(csr: Csr, naming: Naming, holder: str) -> x509.Name:
    """The CSR's own attribute values, untouched: taking the objects over keeps each text and its string type."""
    keep = (*naming.keep, "CN") if naming.common_name == "csr" else naming.keep
    rdns = [[each for each in rdn if short_name(each.oid) in keep] for rdn in csr.name.rdns]
    if naming.common_name == "holder":
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
    return NotIssued(
        (
            refuse(
                "certificate.holder_unfit",
                detail=detail,
                seen=seen,
                expected="a client of which everything is known that its certificate names",
                rule="RFC 5280 appendix A.1",
            ),
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that differs between the CSR and the certificate, and why."""

    field: str
    from_: str
    to: str
    why: str

    def as_dict(self) -> dict[str, str]:
        return {"field": self.field, "from": self.from_, "to": self.to, "why": self.why}


def changes(
    csr: Csr, naming: Naming, holder: str, subject: x509.Name, alternatives: tuple[AlternativeName, ...]
) -> tuple[Change, ...]:
    """Everything that differs: subject, its layout, what was asked for, what was added."""
    return (
        *(_replaced(csr, naming, subject) if naming.subject == "template" else ()),
        *(_kept_change(csr, naming, holder) if naming.subject == "keep" else ()),
        *_layout(csr, naming, subject),
        *_alternatives(csr, naming, alternatives),
        *_asked(csr, alternatives),
    )


def _replaced(csr: Csr, naming: Naming, subject: x509.Name) -> Iterator[Change]:
    if name_set(csr.name) != name_set(subject):
        why = f"{naming.name} takes nothing of the subject from the CSR"
        yield Change(field="subject", from_=visible(rfc4514(csr.name)), to=visible(rfc4514(subject)), why=why)


def _kept_change(csr: Csr, naming: Naming, holder: str) -> Iterator[Change]:
    asked = [value for short, value in csr.subject if short == "CN"]
    if naming.common_name == "holder" and asked != [holder]:
        why = "the common name is always the client id"
        yield Change(field="CN", from_=visible(", ".join(asked)), to=holder, why=why)
    for short, value in csr.subject:
        if short not in naming.keep and short != "CN":
            yield Change(field=short, from_=visible(value), to="", why=f"{naming.name} does not keep {short}")


def _layout(csr: Csr, naming: Naming, subject: x509.Name) -> Iterator[Change]:
    if naming.layout == "one_set" and len(csr.name.rdns) > 1:
        why = f"{naming.name} puts all attributes into one RDN"
        were, are = f"{len(csr.name.rdns)} RDNs", f"one RDN of {len(list(subject))} attributes"
        yield Change(field="RDN", from_=were, to=are, why=why)


def _alternatives(csr: Csr, naming: Naming, alternatives: tuple[AlternativeName, ...]) -> Iterator[Change]:
    if alternatives and set(csr.alternative_names) != set(alternatives):
        asked, put = ", ".join(map(str, csr.alternative_names)), ", ".join(map(str, alternatives))
        why = f"{naming.name} gives the alternative names itself"
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
