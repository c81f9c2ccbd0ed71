"""DER (X.690): taken apart, put together, and the certificates and CSRs of strangers loaded from it without a warning.

The library warns of serials, names and extensions that break RFC 5280. A warning becomes an exception in a program that
runs under `-W error`, and silencing it changes the filters of the whole process. So the DER is looked at first. What
the form of a key means is left to `keys`."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
SEQUENCE = 0x30
CONTEXT_0 = 0xA0
NULL = bytes.fromhex("0500")
# Four octets of length are four gigabytes: whatever says more is no file of ours.
MAX_LENGTH_OCTETS = 4
_MAX_HEADER = 2 + MAX_LENGTH_OCTETS


def contents(element: bytes) -> bytes:
    """What is inside an element of DER, without its tag and length."""
    return element[_header(element, 0) :]


def bits(element: bytes) -> bytes:
    """The octets of a BIT STRING, such as a key or a signature, of which no bit is unused."""
    return contents(element)[1:]


def parts(element: bytes) -> list[bytes]:
    """The elements inside a constructed element, each with its tag and length."""
    found, at = [], _header(element, 0)
    while at < len(element):
        end = _header(element, at) + _length(element, at)
        found.append(element[at:end])
        at = end
    return found


def wrap(tag: int, *inside: bytes) -> bytes:
    """An element with this tag around others, or around plain bytes."""
    body = b"".join(inside)
    if len(body) < 0x80:
        return bytes((tag, len(body))) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + body


def _header(data: bytes, at: int) -> int:
    """Where the contents of the element begin that begins at `at`."""
    return at + 2 + (data[at + 1] & 0x7F if data[at + 1] & 0x80 else 0)


def _length(data: bytes, at: int) -> int:
    first = data[at + 1]
    return int.from_bytes(data[at + 2 : at + 2 + (first & 0x7F)], "big") if first & 0x80 else first


def outer_length(der: bytes) -> int | None:
    """How long the outermost SEQUENCE says the whole is (X.690 section 8.1.3), or None when it is none."""
    header = _sizes(der)
    return None if header is None or der[0] != SEQUENCE else sum(header)


def elements(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and contents of each element in a row; ends early where the bytes are no DER."""
    at = 0
    while (header := _sizes(der[at : at + _MAX_HEADER])) is not None:
        begins, length = at + header[0], header[1]
        if begins + length > len(der):
            return
        yield der[at], der[begins : begins + length]
        at = begins + length


def _sizes(der: bytes) -> tuple[int, int] | None:
    """The sizes of the header and of the contents, by the short form of a length or the long one."""
    if len(der) < 2:
        return None
    if der[1] < 0x80:
        return 2, der[1]
    size = der[1] & 0x7F
    if not 1 <= size <= MAX_LENGTH_OCTETS or len(der) < 2 + size:
        return None  # 0x80 is the indefinite form, which DER does not have
    return 2 + size, int.from_bytes(der[2 : 2 + size], "big")


Signed = x509.Certificate | x509.CertificateSigningRequest

# What the library raises for DER that it cannot read, beside ValueError: each is a class of its own, not a subclass.
UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    KeyError,  # of version 45, for a string type that it does not know
)

# The attributes whose length the library warns of, in octets of UTF-8: countryName, commonName and Microsoft's
# jurisdictionCountryName. Behind each the tag and the first octet of the length of its text.
_COUNTRY, _COMMON_NAME, _JURISDICTION = "2.5.4.6", "2.5.4.3", "1.3.6.1.4.1.311.60.2.1.3"
_BOUNDED = re.compile(
    rb"\x06(?:\x03\x55\x04(?P<last>[\x03\x06])|\x0b\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x03)(?=(?P<tag>.)(?P<size>.))",
    re.DOTALL,
)
_COMMON_NAME_OCTETS = range(1, 65)
_COUNTRY_OCTETS = range(2, 3)
# X.690: the first octet of a length is the length itself under 128, which all bounds are.
_LONG_FORM = 0x80
# String types of which the octets are not those of UTF-8 (X.680 section 41.15).
_WIDE = {0x1E: "utf-16-be", 0x1C: "utf-32-be"}
# An attribute outside its bounds is read under another type, which nobody uses: the same OID in DER with the first
# octet 7F, that is, under 2.47.
_NOBODYS = b"\x7f"
STAND_INS = {
    x509.ObjectIdentifier("2.47.4.3"): _COMMON_NAME,
    x509.ObjectIdentifier("2.47.4.6"): _COUNTRY,
    x509.ObjectIdentifier("2.47.6.1.4.1.311.60.2.1.3"): _JURISDICTION,
}

# PKCS#1's signature algorithms have NULL parameters (RFC 4055); under this arc are all of them.
_PKCS1 = bytes.fromhex("2a864886f70d0101")
_POLICIES = bytes.fromhex("0603551d20")  # certificatePolicies
_VISIBLE_STRING, _CONSTRUCTED = 0x1A, 0x20
# The texts of a user notice stand thirteen levels deep in a CSR, twelve in a certificate.
_LEVELS = 16
# RFC 5280 section 4.1: what a certificate of version 1 consists of, from its serial to its key.
_LEAST_PARTS = 6


class SerialNotPositive(ValueError):
    """The serial of a certificate is zero or negative, against RFC 5280 section 4.1.2.2."""

    def __init__(self, serial: int, copy: bytes) -> None:
        super().__init__(f"the serial number is {serial}")
        self.serial = serial
        self.copy = copy
        """The certificate with another serial, of which all but the signature can be read."""


class Fields(NamedTuple):
    """The parts of a TBSCertificate up to the key (RFC 5280 section 4.1), to the byte.

    Equal texts in other string types are another name to somebody."""

    serial: bytes
    algorithm: bytes
    issuer: bytes
    validity: bytes
    subject: bytes
    spki: bytes


def load_certificate(der: bytes) -> x509.Certificate:
    """The certificate. ValueError, or x509.InvalidVersion, where it cannot be read."""
    digits, algorithm = _serial_and_algorithm(der)
    if digits is not None and (serial := int.from_bytes(digits, "big", signed=True)) <= 0:
        copy = der.replace(wrap(INTEGER, digits), wrap(INTEGER, b"\x01" * len(digits)), 1)
        raise SerialNotPositive(serial, copy)
    # The library warned of it until version 46 and refuses it since.
    if algorithm.endswith(NULL) and _PKCS1 not in algorithm:
        raise ValueError("the signature algorithm has parameters that it does not take")
    return x509.load_der_x509_certificate(der)


def subject_of(signed: Signed) -> x509.Name:
    """The subject; an attribute that is too short or too long for the library stands under an OID of STAND_INS."""
    return _readable(signed).subject


def issuer_of(certificate: x509.Certificate) -> x509.Name:
    """The issuer's name, likewise."""
    readable = _readable(certificate)
    assert isinstance(readable, x509.Certificate)
    return readable.issuer


def extensions_of(signed: Signed) -> x509.Extensions:
    """The extensions. ValueError where they cannot be read."""
    body = _body(signed)
    if _POLICIES in body and _ill_written(body):
        raise ValueError("a text of a certificate policy has characters that its type has not")
    return signed.extensions


def spki_of(signed: Signed) -> bytes:
    """The SubjectPublicKeyInfo to the byte (RFC 5280 section 4.1.2.7, RFC 2986 section 4.1)."""
    if isinstance(signed, x509.CertificateSigningRequest):
        return parts(signed.tbs_certrequest_bytes)[2]
    return fields(signed).spki


def fields(certificate: x509.Certificate) -> Fields:
    """The parts of a certificate; version 1 does not name its version."""
    inside = parts(certificate.tbs_certificate_bytes)
    return Fields(*(inside if certificate.version is x509.Version.v1 else inside[1:])[: len(Fields._fields)])


def spki_bits(spki: bytes) -> bytes:
    """The bits of the key in a SubjectPublicKeyInfo: what key identifiers are the hash of."""
    return bits(parts(spki)[1])


def _body(signed: Signed) -> bytes:
    if isinstance(signed, x509.CertificateSigningRequest):
        return signed.tbs_certrequest_bytes
    return signed.tbs_certificate_bytes


def _readable(signed: Signed) -> Signed:
    """The same, or a copy whose names the library reads without a warning. The copy's signature is void."""
    if all(map(_within, _BOUNDED.finditer(_body(signed)))):
        return signed
    copy = _BOUNDED.sub(_renamed, signed.public_bytes(Encoding.DER))
    if isinstance(signed, x509.CertificateSigningRequest):
        return x509.load_der_x509_csr(copy)
    return x509.load_der_x509_certificate(copy)


def _renamed(found: re.Match[bytes]) -> bytes:
    oid = found.group()
    return oid if _within(found) else oid[:2] + _NOBODYS + oid[3:]


def _within(found: re.Match[bytes]) -> bool:
    """Whether the text of an attribute is of a length that the library takes."""
    size, tag = found["size"][0], found["tag"][0]
    if size >= _LONG_FORM:
        return False
    text = found.string[found.end() + 2 :][:size]
    octets = len(text.decode(_WIDE[tag], "replace").encode()) if tag in _WIDE else size
    return octets in (_COMMON_NAME_OCTETS if found["last"] == b"\x03" else _COUNTRY_OCTETS)


def _serial_and_algorithm(der: bytes) -> tuple[bytes | None, bytes]:
    """The digits of the serial and the AlgorithmIdentifier of what may be a certificate, as far as they are there."""
    outer = list(elements(der))
    inside = list(elements(outer[0][1])) if outer and outer[0][0] == SEQUENCE else []
    body = list(elements(inside[0][1])) if inside and inside[0][0] == SEQUENCE else []
    # A CSR begins with an INTEGER too, and has four parts.
    first = body[:2] if len(body) >= _LEAST_PARTS else []
    digits = next((inner for tag, inner in first if tag == INTEGER), None)
    algorithm = inside[1][1] if len(inside) > 1 else b""
    return digits, algorithm


def _ill_written(der: bytes) -> bool:
    """Whether a VisibleString somewhere in it is not ASCII. Level by level, so that no nesting exhausts the stack."""
    level = [der]
    for _ in range(_LEVELS):
        found = [element for each in level for element in elements(each)]
        if any(tag == _VISIBLE_STRING and not inner.isascii() for tag, inner in found):
            return True
        level = [inner for tag, inner in found if tag & _CONSTRUCTED or tag == OCTET_STRING]
    return False


def hash_of(signed: Signed) -> str:
    """The hash under a signature: its name, "" where the algorithm has none (Ed25519), or the OID when unknown."""
    try:
        algorithm = signed.signature_hash_algorithm
    except UNREADABLE:
        return signed.signature_algorithm_oid.dotted_string
    return algorithm.name if algorithm is not None else ""
