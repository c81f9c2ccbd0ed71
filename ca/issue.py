"""Signing: from an approved CSR and its plan to a certificate, and the serial numbers.

What the certificate says is decided in `profile` and `own`; whether it came out so, in `lint`."""

import secrets
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Protocol

from cryptography import x509

from ca.extension import MAX_KEPT
from ca.keys import PrivateKey, spki_der, spki_sha256
from ca.policy import Approved
from ca.profile import SERIAL_OCTETS, Plan, key_identifiers
from ca.signature import algorithm, signature
from ca.tbs import certificate, to_be_signed


class Serials(Protocol):
    """Where serial numbers come from: told how many octets each has."""

    def __call__(self, octets: int = SERIAL_OCTETS, /) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """A CA certificate together with its private key."""

    certificate: x509.Certificate
    key: PrivateKey = field(repr=False)

    @cached_property
    def proven(self) -> bool:
        """Whether the two belong together: then what the key signs verifies with the certificate."""
        return spki_sha256(self.key.public_key()) == spki_sha256(self.certificate.public_key())


def random_serial(octets: int = SERIAL_OCTETS, /) -> int:
    """A positive serial of exactly so many octets: the first bit is 0 (positive in DER), the second 1 (not shorter)."""
    bits = octets * 8
    return secrets.randbits(bits - 2) | 1 << (bits - 2)


def issue(approved: Approved, plan: Plan, issuer: Issuer, serial: int) -> bytes:
    """The certificate in DER for the key of an approved CSR."""
    return _sign(approved.csr.spki, plan, issuer.key, issuer.certificate, serial)


def certify(key: PrivateKey, plan: Plan, issuer: Issuer | None, serial: int) -> x509.Certificate:
    """A certificate for a key of our own, which we have in hand; without an issuer it signs itself."""
    signer, above = (issuer.key, issuer.certificate) if issuer else (key, None)
    return x509.load_der_x509_certificate(_sign(spki_der(key.public_key()), plan, signer, above, serial))


def _sign(public_key: bytes, plan: Plan, key: PrivateKey, issuer: x509.Certificate | None, serial: int) -> bytes:
    by = algorithm(key)
    signed = to_be_signed(
        plan,
        serial=serial,
        algorithm=by,
        issuer=_name(issuer) if issuer else plan.subject_der,
        public_key=public_key,
        extensions=(*plan.extensions, *key_identifiers(plan, public_key, issuer)),
    )
    return certificate(signed, by, signature(key, signed))


@lru_cache(MAX_KEPT)
def _name(issuer: x509.Certificate) -> bytes:
    """The name of an issuer, which has to be as in its own certificate, to the byte: `lint` looks there."""
    return issuer.subject.public_bytes()
