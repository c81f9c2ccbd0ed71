"""What a piece of DER is, when people send the wrong file: request, certificate, key, PKCS#7 or PKCS#12.

A courtesy for the wording of refusals; whether a request is good is left to `csr`."""

from collections.abc import Callable

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key

from ca.x509.loading import SerialNotPositive, key_agreement, load_certificate

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
    from ca.request.pkcs10 import is_request

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
