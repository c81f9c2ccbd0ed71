"""Signing: from an approved CSR and its plan to a certificate, and the serial numbers.

What the certificate says is decided in `profile` and `own`; whether it came out so, in `lint`."""

import secrets
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from cryptography import x509

from ca.keys import PrivateKey, PublicKey, signing_hash, spki_sha256
from ca.policy import Approved
from ca.profile import SERIAL_OCTETS, Plan, key_identifiers


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


def issue(approved: Approved, plan: Plan, issuer: Issuer, serial: int) -> x509.Certificate:
    """The certificate for the key of an approved CSR."""
    return _sign(approved.csr.public_key, plan, issuer, serial)


def certify(key: PrivateKey, plan: Plan, issuer: Issuer | None, serial: int) -> x509.Certificate:
    """A certificate for a key of our own, which we have in hand; without an issuer it signs itself."""
    return _sign(key.public_key(), plan, issuer, serial, own=key)


def _sign(
    public_key: PublicKey, plan: Plan, issuer: Issuer | None, serial: int, own: PrivateKey | None = None
) -> x509.Certificate:
    signer = issuer.key if issuer else own
    if signer is None:
        raise ValueError("a certificate needs an issuer")
    extensions = (*plan.extensions, *key_identifiers(plan, public_key, issuer.certificate if issuer else None))
    builder = x509.CertificateBuilder(
        issuer_name=issuer.certificate.subject if issuer else plan.subject,
        subject_name=plan.subject,
        public_key=public_key,
        serial_number=serial,
        not_valid_before=plan.not_before,
        not_valid_after=plan.not_after,
        # All at once: one by one, each makes another builder.
        extensions=[each.written for each in extensions],
    )
    return builder.sign(signer, signing_hash(signer))
