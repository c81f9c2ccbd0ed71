"""The key of a certificate as one that signatures are verified with; who trusts the certificate is asked elsewhere."""

from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ca.loading import subject_of
from ca.x509.keys import describe
from sandbox.errors import Refused
from sandbox.jose.algorithms import PublicKey
from sandbox.jose.keys import VerifyingKey
from sandbox.jose.refusing import no


def key_of(certificate: x509.Certificate, *, algorithm: str, deleted_at: datetime | None = None) -> VerifyingKey:
    """The certificate's key under its serial number in decimal, good for as long as the certificate is.

    *deleted_at* is when the certificate was revoked. Raises Refused with ``signature.key_kind_wrong`` for a key that
    no algorithm is for.
    """
    return VerifyingKey(
        kid=str(certificate.serial_number),
        algorithm=algorithm,
        public_key=_public_key(certificate),
        active_from=certificate.not_valid_before_utc,
        expires_at=certificate.not_valid_after_utc,
        deleted_at=deleted_at,
        name=subject_of(certificate),
    )


def _public_key(certificate: x509.Certificate) -> PublicKey:
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        raise _no_use("a key that is not known here") from None
    if not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        raise _no_use(str(describe(key)))
    return key


def _no_use(key: str) -> Refused:
    seen = f"a certificate with {key}"
    return no("signature.key_kind_wrong", seen=seen, expected="one with an EC or an RSA key")
