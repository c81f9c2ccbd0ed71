"""What the tests of the detached form make things with: certificates, headers as samples print them, and signatures.

None of it uses our own code to sign: a signature is RSA as `cryptography` makes it, or what `openssl dgst` prints.
"""

import json
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PSS, PKCS1v15

from sandbox.errors import Refusal, Refused
from sandbox.jose.jws import Verified, open_detached
from sandbox.jose.keys import VerifyingKey, key_of
from sandbox.jose.scheme import Scheme

NOW = datetime(2026, 11, 22, 10, 27, 38, 123456, tzinfo=UTC)
AT = 1_795_343_258_123
"""The same instant in milliseconds."""
SERIAL = 0x1F23F36A87
KID = "133747141255"
OTHER_SERIAL = 0x9A233E0FF
SUBJECT = (("C", "GB"), ("L", "London"), ("OU", "Acme API"), ("O", "Acme"), ("CN", "a2av3py82w"))
ISS = "C=GB, L=London, OU=Acme API, O=Acme, CN=a2av3py82w"
BODY = b'{"amount": 10.00, "to": "DE00"}'
CRIT = ["b64", "iat", "iss"]
SCHEME = Scheme(
    algorithms=("RS256",),
    required=("kid",),
    critical_exactly=frozenset(CRIT),
    url=False,
    unencoded=True,
    issuer=True,
    issued_at=True,
)
_OIDS = {
    "C": x509.NameOID.COUNTRY_NAME,
    "ST": x509.NameOID.STATE_OR_PROVINCE_NAME,
    "L": x509.NameOID.LOCALITY_NAME,
    "OU": x509.NameOID.ORGANIZATIONAL_UNIT_NAME,
    "O": x509.NameOID.ORGANIZATION_NAME,
    "CN": x509.NameOID.COMMON_NAME,
}


def private(which: int = 0, bits: int = 2048) -> rsa.RSAPrivateKey:
    """A throwaway key, made once per run."""
    return _made(which, bits)


@cache
def _made(_which: int, bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def name_of(*pairs: tuple[str, str], grouped: bool = False) -> x509.Name:
    attributes = [x509.NameAttribute(_OIDS[short], value) for short, value in pairs]
    return x509.Name([x509.RelativeDistinguishedName(attributes)] if grouped else attributes)


def certificate(
    which: int = 0, *, serial: int = SERIAL, subject: x509.Name | None = None, bits: int = 2048
) -> x509.Certificate:
    """A certificate as a provider issues them: for ten years, its serial number of five bytes."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject or name_of(*SUBJECT))
        .issuer_name(name_of(("O", "The Provider")))
        .serial_number(serial)
        .not_valid_before(NOW - timedelta(days=5 * 365))
        .not_valid_after(NOW + timedelta(days=5 * 365))
        .public_key(private(which, bits).public_key())
        .sign(private(9), hashes.SHA256())
    )


@cache
def _key(which: int, serial: int) -> VerifyingKey:
    return key_of(certificate(which, serial=serial), algorithm="RS256")


def key(which: int = 0, *, serial: int = SERIAL, **fields: Any) -> VerifyingKey:
    return replace(_key(which, serial), **fields)


def header(**members: Any) -> dict[str, Any]:
    """The usual header; a member given as ... is left out."""
    usual = {"alg": "RS256", "kid": KID, "iat": 0, "iss": ISS, "b64": False, "crit": CRIT, **members}
    return {name: value for name, value in usual.items() if value is not ...}


def pretty(value: Any) -> bytes:
    """As the samples have it."""
    return json.dumps(value, indent=2).encode()


def part(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")


def sign(
    over: bytes,
    which: int = 0,
    *,
    padding: PKCS1v15 | PSS | None = None,
    digest: Any = hashes.SHA256(),  # noqa: B008
) -> bytes:
    return private(which).sign(over, padding or PKCS1v15(), digest)


def beside(head: dict[str, Any] | bytes, signature: bytes) -> str:
    """The JWS with a signature made elsewhere."""
    return (part(head if isinstance(head, bytes) else pretty(head)) + b".." + part(signature)).decode()


def over(head: dict[str, Any] | bytes | None = None, payload: bytes = BODY) -> bytes:
    """What is to be signed (RFC 7797 section 3)."""
    head = header() if head is None else head
    return part(head if isinstance(head, bytes) else pretty(head)) + b"." + payload


def jws(head: dict[str, Any] | bytes | None = None, payload: bytes = BODY, *, which: int = 0) -> str:
    """A good one; the header may be any bytes."""
    head = header() if head is None else head
    return beside(head, sign(over(head, payload), which))


def opened(
    value: str, *keys: VerifyingKey, payload: bytes = BODY, scheme: Scheme = SCHEME, now: datetime = NOW
) -> Verified:
    return open_detached(value, payload=payload, scheme=scheme, keys=keys or (key(),), now=now)


def refused(value: str, *keys: VerifyingKey, **call: Any) -> Refusal:
    """The one reason for which the call was not taken."""
    with pytest.raises(Refused) as error:
        opened(value, *keys, **call)
    (reason,) = error.value.reasons
    assert reason.seen and reason.expected
    assert all(text.isprintable() and len(text) <= 400 for text in (reason.seen, reason.expected, reason.next))
    return reason


def scheme(**fields: Any) -> Scheme:
    return replace(SCHEME, **fields)
