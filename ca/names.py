"""The reading of X.509 names: attributes under their short names, a name as RFC 4514 text, two names compared.

Which attributes a name must or may have is left to `policy` and `profile`."""

import ipaddress
import re
import unicodedata
from typing import NamedTuple

from cryptography import x509
from cryptography.x509.oid import NameOID

# RFC 4514 section 3 and, for the rest, the short names that `openssl req -subj` understands.
SHORT_NAMES: dict[x509.ObjectIdentifier, str] = {
    NameOID.COMMON_NAME: "CN",
    NameOID.LOCALITY_NAME: "L",
    NameOID.STATE_OR_PROVINCE_NAME: "ST",
    NameOID.ORGANIZATION_NAME: "O",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "OU",
    NameOID.COUNTRY_NAME: "C",
    NameOID.STREET_ADDRESS: "STREET",
    NameOID.DOMAIN_COMPONENT: "DC",
    NameOID.USER_ID: "UID",
    NameOID.EMAIL_ADDRESS: "emailAddress",
    NameOID.SERIAL_NUMBER: "serialNumber",
    NameOID.SURNAME: "SN",
    NameOID.GIVEN_NAME: "GN",
    NameOID.INITIALS: "initials",
    NameOID.TITLE: "title",
    NameOID.PSEUDONYM: "pseudonym",
    NameOID.GENERATION_QUALIFIER: "generationQualifier",
    NameOID.DN_QUALIFIER: "dnQualifier",
    NameOID.POSTAL_CODE: "postalCode",
    NameOID.BUSINESS_CATEGORY: "businessCategory",
    NameOID.ORGANIZATION_IDENTIFIER: "organizationIdentifier",
    NameOID.UNSTRUCTURED_NAME: "unstructuredName",
}

# One label of a host name: letters, digits, hyphens inside (RFC 1123 section 2.1), 63 octets at most (RFC 1035 2.3.4).
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
MAX_DNS_NAME = 253  # RFC 1035 section 2.3.4, without the root label

# RFC 5280 appendix A.1, upper bounds, in characters.
UPPER_BOUNDS = {
    "CN": 64,
    "O": 64,
    "OU": 64,
    "L": 128,
    "ST": 128,
    "title": 64,
    "serialNumber": 64,
    "pseudonym": 128,
    "emailAddress": 255,
    "SN": 32768,
    "GN": 32768,
    "initials": 32768,
    "generationQualifier": 32768,
}
# RFC 5280 appendix A.1: X520countryName is a PrintableString of exactly two characters (ISO 3166 in practice).
COUNTRY = re.compile(r"[A-Za-z]{2}")
# Bidirectional overrides and isolates let a name look like another (Unicode TR 36); control characters break logs.
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class Attribute(NamedTuple):
    """One attribute of a name: its short name (or dotted OID) and its text."""

    short: str
    value: str


def short_name(oid: x509.ObjectIdentifier) -> str:
    """The short name of an attribute type; an unknown type is its dotted OID (RFC 4514 section 2.3)."""
    return SHORT_NAMES.get(oid, oid.dotted_string)


def attributes(name: x509.Name) -> tuple[Attribute, ...]:
    """The attributes in the order of the encoding."""
    return tuple(Attribute(short_name(each.oid), _text(each.value)) for each in name)


def rfc4514(name: x509.Name) -> str:
    """The name as text, most specific attribute first, as RFC 4514 section 2.1 has it."""
    return name.rfc4514_string(SHORT_NAMES)


def same_name(a: x509.Name, b: x509.Name) -> bool:
    """Whether two names have the same set of attributes; order and grouping into RDNs do not count."""
    return {(each.oid, each.value) for each in a} == {(each.oid, each.value) for each in b}


def read_ip(text: str) -> IpAddress | None:
    """The IP address that the text is, or None."""
    try:
        return ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None


def read_dns(text: str) -> str | None:
    """The DNS name that the text is, in lower case and with international labels as A-labels, or None."""
    try:
        name = text.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError:
        return None
    labels = name.removeprefix("*.").split(".")
    good = len(name) <= MAX_DNS_NAME and all(_LABEL.fullmatch(label) for label in labels)
    return name if good else None


def unprintable(text: str) -> bool:
    """Whether the text has characters that end a line, ring a bell or turn the writing around."""
    if text.isascii():
        return not text.isprintable()
    return any(unicodedata.category(c) in UNPRINTABLE or c in BIDI_CONTROLS for c in text)


def _text(value: str | bytes) -> str:
    # x500UniqueIdentifier is a BIT STRING: RFC 4514 section 2.4 writes such values as # and hex.
    return "#" + value.hex() if isinstance(value, bytes) else value
