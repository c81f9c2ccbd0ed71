"""What the keys of a CA sign with: the AlgorithmIdentifier as it stands in a certificate, and the signature itself.

Which kinds of key there are is left to `keys`, what is signed to `tbs`."""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from ca.der import NULL, SEQUENCE, object_identifier, wrap
from ca.keys import PrivateKey

# RFC 5758 section 3.2: no parameters. RFC 4055 section 5: NULL. RFC 8410 section 3: none.
_ECDSA_WITH_SHA256 = wrap(SEQUENCE, object_identifier("1.2.840.10045.4.3.2"))
_SHA256_WITH_RSA = wrap(SEQUENCE, object_identifier("1.2.840.113549.1.1.11"), NULL)
_ED25519 = wrap(SEQUENCE, object_identifier("1.3.101.112"))
_SHA256 = hashes.SHA256()
_ECDSA, _PKCS1 = ec.ECDSA(_SHA256), padding.PKCS1v15()


def algorithm(key: PrivateKey) -> bytes:
    """The AlgorithmIdentifier of the signatures that a key makes (RFC 5280 section 4.1.1.2)."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return _ECDSA_WITH_SHA256
    if isinstance(key, rsa.RSAPrivateKey):
        return _SHA256_WITH_RSA
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return _ED25519
    raise ValueError("not a key that can sign a certificate here")


def signature(key: PrivateKey, data: bytes) -> bytes:
    """The signature of a key over these bytes; on a curve, the SEQUENCE of RFC 3279 section 2.2.3."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, _ECDSA)
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, _PKCS1, _SHA256)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(data)
    raise ValueError("not a key that can sign a certificate here")
