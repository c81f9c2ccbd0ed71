"""What DER that people send is, and where a CSR departs from PKCS#10 (RFC 2986 section 4).

Asked only for what the library does not read as what was wanted: it serves the wording of refusals."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key

from ca.errors import Refusal, refuse
from ca.x509.der import INTEGER, SEQUENCE, SerialNotPositive, elements, load_certificate, outer_length
from ca.x509.keys import key_agreement

# What `what_der_is` and `material` tell apart, as reasons of codes.
KIND_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "request": "request_sent",
        "certificate": "certificate_sent",
        "private_key": "private_key_sent",
        "encrypted_private_key": "private_key_sent",
        "public_key": "public_key_sent",
        "pkcs7": "pkcs7_sent",
        "chain": "certificate_sent",
        "rsa_public_key": "public_key_sent",
        "ssh_public_key": "public_key_sent",
        "ssh2_public_key": "public_key_sent",
    }
)
# id-signedData (RFC 5652 section 5.1) as the first element of a SEQUENCE.
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
# version INTEGER 3, then a ContentInfo: the beginning of a PFX (RFC 7292 section 4).
_PFX_VERSION = bytes.fromhex("02010330")
# EncryptedPrivateKeyInfo (RFC 5958 section 3) begins with an AlgorithmIdentifier whose OID is under PKCS#5 or PKCS#12.
_ENCRYPTED_KEY = (bytes.fromhex("06092a864886f70d0105"), bytes.fromhex("060a2a864886f70d010c01"))
# How far into the DER its first elements stand: two headers of at most six bytes.
_HEAD = 12


def what_der_is(der: bytes) -> str:
    """request, certificate, crl, private_key, encrypted_private_key, public_key, rsa_public_key, pkcs7,
    pkcs12_with_private_key, or "" when it is none of these."""
    if kind := key_agreement(der):
        return kind
    for kind, load in _LOADERS:
        if _loads(load, der):
            return kind
    if is_request(der):
        return "request"
    head = der[: _HEAD + 16]
    if head.find(_PFX_VERSION, 0, _HEAD + 4) in range(2, 7):
        return "pkcs12_with_private_key"
    if _SIGNED_DATA in head:
        return "pkcs7"
    return "encrypted_private_key" if any(mark in head for mark in _ENCRYPTED_KEY) else ""


def _loads(load: Callable[[bytes], object], der: bytes) -> bool:
    try:
        load(der)
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
        return False
    return True


def _private_key(der: bytes) -> object:
    # Only its kind is asked; testing the primes of a large key would take seconds.
    return load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True)


def _certificate(der: bytes) -> object:
    try:
        return load_certificate(der)
    except SerialNotPositive as error:
        return error


_LOADERS: tuple[tuple[str, Callable[[bytes], object]], ...] = (
    ("request", x509.load_der_x509_csr),
    ("certificate", _certificate),
    ("crl", x509.load_der_x509_crl),
    ("private_key", _private_key),
    ("public_key", load_der_public_key),
)


# The names of tags, for PKCS#10.
BIT_STRING_TAG, OID_TAG, SET_TAG, ATTRIBUTES_TAG = 0x03, 0x06, 0x31, 0xA0
_NAMES = {
    0x02: "INTEGER",
    0x03: "BIT STRING",
    0x04: "OCTET STRING",
    0x05: "NULL",
    0x06: "OBJECT IDENTIFIER",
    0x30: "SEQUENCE",
    0x31: "SET",
    0xA0: "[0]",
    0xA1: "[1]",
    0xA3: "[3]",
}


class Deviation(NamedTuple):
    """A field by the name that RFC 2986 has for it, what it is, and what it has to be."""

    field: str
    seen: str
    expected: str


def request_flaw(der: bytes, rule: str) -> Refusal | None:
    """The first field of a CSR that is not as PKCS#10 has it."""
    found = deviation(der)
    if found is None:
        return None
    lacking = found.field == "attributes" and found.seen.startswith("nothing")
    return refuse(
        "certificate.attributes_field_missing" if lacking else "certificate.request_malformed",
        detail=f"the field {found.field} of the CSR is not as PKCS#10 has it",
        seen=found.seen,
        expected=found.expected,
        rule=rule if lacking else "RFC 2986 section 4",
    )


def is_request(der: bytes) -> bool:
    """Whether this has the shape of a certification request, sound or not: a name and a key, and a signature over both;
    no issuer and no times, as a certificate has them."""
    parts = _outer(der)
    if [tag for tag, _ in parts[:1]] != [SEQUENCE]:
        return False
    inside = list(elements(parts[0][1]))
    tags = [tag for tag, _ in inside]
    return tags[:3] == [INTEGER, SEQUENCE, SEQUENCE] and tags[3:4] != [SEQUENCE] and _is_key(inside[2][1])


def deviation(der: bytes) -> Deviation | None:
    """The first field that is not as RFC 2986 has it; None where each is, as far as is looked at."""
    parts = _outer(der)
    if outer_length(der) != len(der):
        return Deviation("CertificationRequest", f"{len(der)} bytes", f"{outer_length(der)} bytes, as it says itself")
    wanted = (
        ("certificationRequestInfo", SEQUENCE),
        ("signatureAlgorithm", SEQUENCE),
        ("signature", BIT_STRING_TAG),
    )
    if parts and parts[0][0] == SEQUENCE and (found := _info(list(elements(parts[0][1])))):
        return found
    if found := _fields(parts, wanted, "CertificationRequest"):
        return found
    if [tag for tag, _ in elements(parts[1][1])][:1] != [OID_TAG]:
        return Deviation("signatureAlgorithm", "no algorithm", "the OBJECT IDENTIFIER of an algorithm")
    unused = parts[2][1][:1]
    return None if unused == b"\0" else Deviation("signature", f"{unused.hex() or 'no'} unused bits", "whole octets")


def _info(parts: list[tuple[int, bytes]]) -> Deviation | None:
    if not parts or parts[0][0] != INTEGER:
        return Deviation("version", _tag(parts, 0), "the INTEGER 0, which is v1")
    version = parts[0][1]
    if version != b"\0":
        seen = f"version {int.from_bytes(version, 'big', signed=True) if version else 'without a value'}"
        return Deviation("version", seen, "0, which is v1, the only version of PKCS#10")
    if found := _fields(parts[1:3], (("subject", SEQUENCE), ("subjectPKInfo", SEQUENCE)), ""):
        return found
    if found := _name(parts[1][1]):
        return found
    if not _is_key(parts[2][1]):
        return Deviation("subjectPKInfo", "no algorithm with a key", "a SEQUENCE of algorithm and BIT STRING")
    if len(parts) == 3:
        return Deviation("attributes", "nothing after the public key", "[0], which is A0 00 where there are none")
    if parts[3][0] != ATTRIBUTES_TAG:
        return Deviation("attributes", _tag(parts, 3), "[0]")
    if len(parts) > 4:
        return Deviation("attributes", f"{_tag(parts, 4)} after them", "the end of the certificationRequestInfo")
    return _attributes(parts[3][1])


def _name(content: bytes) -> Deviation | None:
    for tag, relative in elements(content):
        pairs = list(elements(relative))
        if tag != SET_TAG or not pairs or any(one != SEQUENCE for one, _ in pairs):
            return Deviation("subject", "a part that is no SET of attributes", "a SEQUENCE of SETs of attributes")
        if any([one for one, _ in elements(pair)][:1] != [OID_TAG] for _, pair in pairs):
            return Deviation("subject", "an attribute without a type", "an OBJECT IDENTIFIER and a value in each")
    return None


def _attributes(content: bytes) -> Deviation | None:
    for tag, attribute in elements(content):
        if tag != SEQUENCE or [one for one, _ in elements(attribute)] != [OID_TAG, SET_TAG]:
            return Deviation("attributes", "one that is no pair", "an OBJECT IDENTIFIER and a SET of values in each")
    return None


def _is_key(content: bytes) -> bool:
    return [tag for tag, _ in elements(content)] == [SEQUENCE, BIT_STRING_TAG]


def _fields(parts: list[tuple[int, bytes]], wanted: tuple[tuple[str, int], ...], whole: str) -> Deviation | None:
    for at, (name, tag) in enumerate(wanted):
        if at >= len(parts) or parts[at][0] != tag:
            return Deviation(name, _tag(parts, at), f"a {_NAMES[tag]}")
    if whole and len(parts) > len(wanted):
        return Deviation(whole, f"{len(parts)} parts", f"{len(wanted)}: {', '.join(name for name, _ in wanted)}")
    return None


def _tag(parts: list[tuple[int, bytes]], at: int) -> str:
    if at >= len(parts):
        return "nothing"
    return f"a {_NAMES.get(parts[at][0], f'tag {parts[at][0]:02X}')}"


def _outer(der: bytes) -> list[tuple[int, bytes]]:
    outer = next(elements(der), None)
    return list(elements(outer[1])) if outer and outer[0] == SEQUENCE else []
