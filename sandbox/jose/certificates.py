"""The key of a certificate as one that signatures are verified with; whether the certificate is trusted is asked by
whoever keeps it."""

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ca.keys import describe
from sandbox.jose.keys import VerifyingKey
from sandbox.jose.refusing import no


def key_of(certificate: x509.Certificate, *, algorithm: str, deleted_at: datetime | None = None) -> VerifyingKey:
    """The certificate's key under its serial number in decimal, good for as long as the certificate is.

    *deleted_at* is when the certificate was revoked. Raises Refused with ``signature.key_kind_wrong`` for a key that
    no algorithm is for.
    """
    public_key = certificate.public_key()
    if not isinstance(public_key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        seen = f"a certificate with {describe(public_key)}"
        raise no("signature.key_kind_wrong", seen=seen, expected="one with an EC or an RSA key")
    return VerifyingKey(
        kid=str(certificate.serial_number),
        algorithm=algorithm,
        public_key=public_key,
        active_from=certificate.not_valid_before_utc,
        expires_at=certificate.not_valid_after_utc,
        deleted_at=deleted_at,
        name=certificate.subject,
    )
