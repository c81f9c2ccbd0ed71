"""The names in a certificate to come: its subject, from the CSR or from a template, and its alternative names.

Which of the two it is, is the profile's to say; that it is allowed to ask, the policy's."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import NameOID

from ca.csr import Csr
from ca.errors import NotIssued, refuse
from ca.names import COUNTRY, UPPER_BOUNDS, AlternativeName, fits_type, oid_of, short_name

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """What of a profile concerns the subject; its fields are the profile's."""

    profile: str
    subject: str
    keep: tuple[str, ...]
    common_name: str
    template: tuple[tuple[str, str], ...]
    one_set: bool


def subject_name(csr: Csr, naming: Naming, words: Mapping[str, str]) -> x509.Name:
    """The subject of the certificate; NotIssued when its template can not be filled."""
    if naming.subject == "template":
        name = x509.Name([_attribute(short, fill(text, words)) for short, text in naming.template])
    elif naming.subject == "as_is":
        name = csr.name
    else:
        name = _kept(csr, naming, words["holder"])
    return _one_set(name) if naming.one_set else name


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
