"""Signing what the provider says as a JWS (RFC 7515 section 5.1); what stands in the header is the caller's."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ca.x509.keys import read_key_der, write_key_der
from sandbox.jose.keys import imported
from sandbox.jose.reading import encode
from sandbox.jose.scheme import ALGORITHMS, PublicKey

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, RSAKey
    from joserfc.jws import JWSRegistry

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

NEW_RSA_BITS = 2048
"""The least that RFC 7518 allows, and the quickest to make and to sign with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A private key of the provider's, and the one algorithm that it signs with."""

    algorithm: str
    private_key: PrivateKey = field(repr=False)
    _imported: "ECKey | RSAKey | None" = field(default=None, init=False, repr=False, compare=False)
    """As joserfc has it, from the first signature on: importing a key costs as much as signing with it."""

    @property
    def public_key(self) -> PublicKey:
        return self.private_key.public_key()

    @property
    def joserfc(self) -> "ECKey | RSAKey":
        """The key as the library has it. Raises RuntimeError where it is not one for its algorithm: a fault of ours."""
        key = self._imported
        if key is None:
            key = _imported(self)
            object.__setattr__(self, "_imported", key)  # frozen for everybody else
        return key


def make_signing_key(algorithm: str) -> SigningKey:
    """A new key for one of ALGORITHMS. RSA takes a tenth of a second."""
    from joserfc.jwk import ECKey, RSAKey

    curve = ALGORITHMS[algorithm].curve
    made = ECKey.generate_key(curve) if curve else RSAKey.generate_key(NEW_RSA_BITS)
    return SigningKey(algorithm=algorithm, private_key=_for_signing(made.private_key))


def write_signing_key(key: SigningKey) -> bytes:
    """The key as PKCS#8 DER without a password, for a store that is itself private."""
    return write_key_der(key.private_key)


def read_signing_key(der: bytes, *, algorithm: str) -> SigningKey:
    """The key that write_signing_key wrote."""
    return SigningKey(algorithm=algorithm, private_key=_for_signing(read_key_der(der)))


def seal_compact(payload: bytes, *, key: SigningKey, header: Mapping[str, object]) -> str:
    """The JWS of *payload*. The header's members stand in the order given; ``alg`` is one of them, and the key's."""
    from joserfc.jws import serialize_compact

    _require_algorithm(key, header)
    return serialize_compact(dict(header), payload, key.joserfc, registry=_registry())


def seal_detached(payload: bytes, *, key: SigningKey, header: Mapping[str, object]) -> str:
    """The detached JWS of *payload* as it is (RFC 7797); ``b64`` and ``crit`` are members of the header.

    The library only signs. Its own function fails on a payload that is not UTF-8, and attaches one of letters only.
    """
    _require_algorithm(key, header)
    critical = header.get("crit")
    if header.get("b64") is not False or not isinstance(critical, list) or "b64" not in critical:
        raise RuntimeError("a detached JWS without b64: false, or without b64 in crit (RFC 7797 section 6)")
    header_part = encode(json.dumps(dict(header), separators=(",", ":")).encode())
    signature = ALGORITHMS[key.algorithm].joserfc.sign(header_part + b"." + payload, key.joserfc)
    return (header_part + b".." + encode(signature)).decode("ascii")


def _require_algorithm(key: SigningKey, header: Mapping[str, object]) -> None:
    if header.get("alg") != key.algorithm:
        raise RuntimeError(f"a header with alg {header.get('alg')!r} for a key of {key.algorithm}")


@cache
def _registry() -> "JWSRegistry":
    """The library's registry with our own algorithms. Not strict, as providers have members that no RFC registers."""
    from joserfc.jws import JWSRegistry

    registry = JWSRegistry(algorithms=tuple(ALGORITHMS), strict_check_header=False)
    # In place of the table that belongs to the process.
    registry.algorithms = {name: algorithm.joserfc for name, algorithm in ALGORITHMS.items()}
    return registry


def _imported(key: SigningKey) -> "ECKey | RSAKey":
    from joserfc.errors import JoseError

    made = imported(key.private_key)
    try:
        ALGORITHMS[key.algorithm].joserfc.check_key(made)
    except JoseError as error:
        raise RuntimeError(f"a key that does not sign with {key.algorithm}: {error}") from error
    return made


def _for_signing(key: object) -> PrivateKey:
    if not isinstance(key, PrivateKey):
        raise RuntimeError("JWS signs with EC and RSA keys only")
    return key
