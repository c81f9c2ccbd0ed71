"""The reading of X.509 names: attributes under their short names, as RFC 4514 text and back, and as sets to compare.

Which attributes a name must or may have is left to `policy` and `profile`."""

import ipaddress
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from cryptography import x509
from cryptography.x509.oid import NameOID

from ca.x509.der import STAND_INS, contents, parts

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
# With those under which `der` reads attributes that the library would warn of.
_SHOWN = SHORT_NAMES | {
    oid: SHORT_NAMES.get(x509.ObjectIdentifier(dotted), dotted) for oid, dotted in STAND_INS.items()
}

# What tools write in their place, in upper case: OIDs, Windows (S, E), `openssl -nameopt lname`.
_KEYWORDS = {oid.dotted_string: short.upper() for oid, short in SHORT_NAMES.items()} | {
    "S": "ST",
    "E": "EMAILADDRESS",
    "EMAIL": "EMAILADDRESS",
    "COMMONNAME": "CN",
    "COUNTRYNAME": "C",
    "LOCALITYNAME": "L",
    "STATEORPROVINCENAME": "ST",
    "ORGANIZATIONNAME": "O",
    "ORGANIZATIONALUNITNAME": "OU",
    "STREETADDRESS": "STREET",
    "DOMAINCOMPONENT": "DC",
    "USERID": "UID",
    "SURNAME": "SN",
    "GIVENNAME": "GN",
}
_KEYWORD = re.compile(r"[A-Za-z][A-Za-z0-9-]*|(?:[Oo][Ii][Dd]\.)?\d+(?:\.\d+)+")
# One attribute after what parts it from the one before: "," or "+" (RFC 4514 section 3), or ";" (RFC 2253 section 4,
# which also has values in quotes).
_PIECE = re.compile(r'(?:\A|[,;+])((?:\\.|"(?:[^"\\]|\\.)*+"|[^\\",;+])*+)', re.DOTALL)
# The same in the old form of OpenSSL, /C=GB/O=Acme: a slash that no attribute follows belongs to the value.
_SLASHED_PIECE = re.compile(r"/((?:\\.|[^\\/]|/(?![A-Za-z0-9.-]+=))*+)", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPED = re.compile(r"((?:\\[0-9A-Fa-f]{2})+)|\\(.)", re.DOTALL)

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
# Attributes whose string type has not every letter (RFC 5280 appendix A.1); X.680 section 41.4 lists PrintableString's.
PRINTABLE_STRINGS = frozenset({"C", "serialNumber", "dnQualifier"})
IA5_STRINGS = frozenset({"DC", "emailAddress"})
_PRINTABLE_STRING = re.compile(r"[A-Za-z0-9 '()+,./:=?-]*")
# Bidirectional overrides and isolates let a name look like another (Unicode TR 36); control characters break logs.
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})

NameSet = frozenset[tuple[str, str]]
"""Attributes as pairs of the short name in upper case and the text."""
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class Attribute(NamedTuple):
    """One attribute of a name: its short name (or dotted OID) and its text."""

    short: str
    value: str


class AlternativeName(NamedTuple):
    """One name of a subjectAltName: its kind (DNS, URI, email, IP, ...) and its text."""

    kind: str
    value: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


# Universal tags (X.680 section 8.6) of the string types that names are written in, and of some that are none.
STRING_TYPES = {
    0x03: "BIT STRING",
    0x04: "OCTET STRING",
    0x0C: "UTF8String",
    0x12: "NumericString",
    0x13: "PrintableString",
    0x14: "TeletexString",
    0x16: "IA5String",
    0x1A: "VisibleString",
    0x1C: "UniversalString",
    0x1E: "BMPString",
}
# RFC 5280 section 4.1.2.4: DirectoryString is one of these.
DIRECTORY_STRINGS = {tag: STRING_TYPES[tag] for tag in (0x0C, 0x13, 0x14, 0x1C, 0x1E)}


def string_types(name: x509.Name) -> Iterator[tuple[str, int]]:
    """Each attribute's short name with the tag of its value, read from the name's own DER."""
    for relative in parts(name.public_bytes()):
        for pair in parts(relative):
            oid, value = parts(pair)
            yield short_name(_oid(contents(oid))), value[0]


def _oid(content: bytes) -> x509.ObjectIdentifier:
    """An OBJECT IDENTIFIER from its octets (X.690 section 8.19)."""
    arcs, number = [], 0
    for octet in content:
        number = number << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(number)
            number = 0
    first = min(arcs[0] // 40, 2)
    return x509.ObjectIdentifier(".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:]))))


OIDS = {short: oid for oid, short in SHORT_NAMES.items()}


def oid_of(short: str) -> x509.ObjectIdentifier:
    """The attribute type with this short name, or with this dotted OID."""
    return OIDS.get(short) or x509.ObjectIdentifier(short)


def short_name(oid: x509.ObjectIdentifier) -> str:
    """The short name of an attribute type; an unknown type is its dotted OID (RFC 4514 section 2.3)."""
    return _SHOWN.get(oid, oid.dotted_string)


def attributes(name: x509.Name) -> tuple[Attribute, ...]:
    """The attributes in the order of the encoding."""
    return tuple(Attribute(short_name(each.oid), _text(each.value)) for each in name)


def rfc4514(name: x509.Name) -> str:
    """The name as text, most specific attribute first, as RFC 4514 section 2.1 has it."""
    return name.rfc4514_string(_SHOWN)


def spelled(name: x509.Name) -> str:
    """The attributes in the order of the encoding with commas between them, however they are grouped into RDNs."""
    return ", ".join(each.rfc4514_string(_SHOWN) for each in name)


def name_set(name: x509.Name) -> NameSet:
    """The attributes as a set: two names with the same are one, whatever their order and grouping into RDNs."""
    return frozenset((_keyword(each.short), each.value) for each in attributes(name))


def read_name(text: str) -> NameSet | None:
    """The same of a name as people write it, or None when it is no name.

    ``C=GB, O=Acme`` from either end (RFC 4514), with its escapes, with ``+`` within an RDN, and ``/C=GB/O=Acme``.
    """
    found = list((_SLASHED_PIECE if text.startswith("/") else _PIECE).finditer(text))
    pairs = frozenset(map(_pair, (piece.group(1) for piece in found)))
    # What no piece covers is a quote without its end, or a backslash with nothing after it.
    whole = sum(len(piece.group()) for piece in found) == len(text)
    return frozenset(pair for pair in pairs if pair) if whole and None not in pairs else None


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


def fits_type(short: str, text: str) -> bool:
    """Whether a text is printable and can be written in the string type of this attribute."""
    if short in PRINTABLE_STRINGS:
        return _PRINTABLE_STRING.fullmatch(text) is not None
    return not unprintable(text) and (short not in IA5_STRINGS or text.isascii())


def _text(value: str | bytes) -> str:
    # x500UniqueIdentifier is a BIT STRING: RFC 4514 section 2.4 writes such values as # and hex.
    return "#" + value.hex() if isinstance(value, bytes) else value


def _keyword(text: str) -> str:
    """One spelling for each attribute type: short and in upper case, and its OID only where it has no short name."""
    bare = text.upper().removeprefix("OID.")
    return _KEYWORDS.get(bare, bare)


def _pair(piece: str) -> tuple[str, str] | None:
    keyword, equals, value = piece.partition("=")
    if not equals or not _KEYWORD.fullmatch(keyword.strip()):
        return None
    bare = value.strip()
    # A space at the end that is escaped belongs to the value (RFC 4514 section 2.4).
    if (len(bare) - len(bare.rstrip("\\"))) % 2:
        bare += value[len(value.rstrip()) : len(value.rstrip()) + 1]
    quoted = _QUOTED.fullmatch(bare)
    if not quoted and re.search(r'(?<!\\)(?:\\\\)*"', bare):
        return None
    return _keyword(keyword.strip()), _ESCAPED.sub(_unescaped, quoted.group(1) if quoted else bare)


def _unescaped(found: re.Match[str]) -> str:
    """Pairs of hexadecimal digits are bytes of UTF-8; any other character stands for itself (RFC 4514 section 2.4)."""
    pairs, character = found.groups()
    return bytes.fromhex(pairs.replace("\\", "")).decode("utf-8", "replace") if pairs else character
