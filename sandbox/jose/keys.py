"""Keys of both sides as records: whose signatures are taken and since when, and what we sign with.

Reading what people send as a key is left to ``spki``; where keys are kept, to storage.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from cryptography import x509

from ca.request.weak_keys import weakness
from ca.x509.keys import describe, make_key, read_key_der, write_key_der
from sandbox.jose.algorithms import ALGORITHMS, Algorithm, PrivateKey, PublicKey
from sandbox.jose.refusing import no, shown

KeyStatus = Literal["active", "not_yet_active", "expired", "deleted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyingKey:
    """A client's public key: its name, the one algorithm that it was registered for, and its time."""

    kid: str | None
    """None: registered without a key id."""
    algorithm: str
    public_key: PublicKey = field(repr=False)
    active_from: datetime | None = None
    expires_at: datetime | None = None
    deleted_at: datetime | None = None
    name: x509.Name | None = field(default=None, repr=False)
    """The subject of the certificate that the key comes from; None for a key that was registered without one."""

    def status(self, now: datetime) -> KeyStatus:
        """How the key stands at an instant."""
        return status_at(now, active_from=self.active_from, expires_at=self.expires_at, deleted_at=self.deleted_at)

    def __str__(self) -> str:
        return "the key without a kid" if self.kid is None else f"the key {shown(self.kid)}"


def status_at(
    now: datetime, *, active_from: datetime | None, expires_at: datetime | None, deleted_at: datetime | None
) -> KeyStatus:
    """How a key with these times stands at an instant; at the very instant of its end it has ended."""
    if deleted_at is not None and deleted_at <= now:
        return "deleted"
    if expires_at is not None and expires_at <= now:
        return "expired"
    if active_from is not None and now < active_from:
        return "not_yet_active"
    return "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A private key of the provider's, and the one algorithm that it signs with."""

    algorithm: str
    private_key: PrivateKey = field(repr=False)

    @property
    def public_key(self) -> PublicKey:
        return self.private_key.public_key()


def fits(algorithm: str, key: object) -> bool:
    """Whether a signature of that algorithm can be verified with that key."""
    known = ALGORITHMS.get(algorithm)
    return known is not None and known.fits(key)


def require_fit(algorithm: str, key: PublicKey, *, taken: Sequence[str]) -> Algorithm:
    """The algorithm, if it is *taken*, the key is for it, and the key is sound: what is asked when one is registered.

    Raises Refused with ``signature.alg_unsupported``, ``signature.key_too_weak`` or ``signature.key_does_not_fit``.
    """
    if algorithm not in taken:
        expected = ", ".join(taken) or "none: this provider's calls are not signed"
        raise no("signature.alg_unsupported", seen=shown(algorithm), expected=expected)
    known = ALGORITHMS[algorithm]
    if fault := weakness(key):
        raise no("signature.key_too_weak", seen=f"{describe(key)}: {fault}", expected="a key fresh from openssl")
    if not known.fits(key):
        raise no("signature.key_does_not_fit", seen=f"{algorithm} with {describe(key)}", expected=known.wants)
    return known


def make_signing_key(algorithm: str) -> SigningKey:
    """A new key for one of ALGORITHMS. RSA takes a tenth of a second."""
    made = make_key(ALGORITHMS[algorithm].key_kind)
    return SigningKey(algorithm=algorithm, private_key=_for_signing(made))


def write_signing_key(key: SigningKey) -> bytes:
    """The key as PKCS#8 DER without a password, for a store that is itself private."""
    return write_key_der(key.private_key)


def read_signing_key(der: bytes, *, algorithm: str) -> SigningKey:
    """The key that write_signing_key wrote."""
    return SigningKey(algorithm=algorithm, private_key=_for_signing(read_key_der(der)))


def _for_signing(key: object) -> PrivateKey:
    if not isinstance(key, PrivateKey):
        raise RuntimeError("JWS signs with EC and RSA keys only")
    return key
