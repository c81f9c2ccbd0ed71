"""The certificates that a peer has shown in its handshake, as records; whether they are good is judged elsewhere."""

import hashlib
from functools import lru_cache

from cryptography import x509
from OpenSSL import SSL, crypto

from ca.record import fingerprint

READ_ONCE = 1_000  # certificates that are kept as they were read: more than a test run has, a megabyte or two


def presented(connection: SSL.Connection) -> tuple[x509.Certificate | None, str]:
    """The peer's certificate and its fingerprint. OpenSSL reads more than cryptography does: what only it could read
    has a fingerprint and no certificate."""
    shown = connection.get_peer_certificate()
    if shown is None:
        return None, ""
    der = _der(shown)
    try:
        return _read(der)
    except (ValueError, x509.InvalidVersion):
        return None, hashlib.sha256(der).hexdigest()


def chain_sent(connection: SSL.Connection) -> tuple[x509.Certificate, ...]:
    """What came beside the leaf; nothing where cryptography cannot read it: only the leaf is judged."""
    try:
        return tuple(_read(_der(one))[0] for one in connection.get_peer_cert_chain() or ())
    except (ValueError, x509.InvalidVersion):
        return ()


def _der(certificate: crypto.X509) -> bytes:
    return crypto.dump_certificate(crypto.FILETYPE_ASN1, certificate)


@lru_cache(maxsize=READ_ONCE)
def _read(der: bytes) -> tuple[x509.Certificate, str]:
    """The certificate and its fingerprint. A client comes back with the same one: it is read, and described, once."""
    certificate = x509.load_der_x509_certificate(der)
    return certificate, fingerprint(certificate)
