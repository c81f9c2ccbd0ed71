"""Who holds a connection, as the app is told; nothing here judges whether they may do anything."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from sandbox.tls.contexts import CIPHER_SUITES
from sandbox.tls.handshake import Handshake

DESCRIBED = 1_000
"""Certificates whose PEM and name are kept: more than a test run has, a few megabytes at most."""
_VERSIONS = {"TLSv1.2": 0x0303, "TLSv1.3": 0x0304}


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """What is known of one connection before its first call. In every scope: `scope["extensions"]["sandbank.peer"]`."""

    id: int
    """Counts the connections of one listener, from 1."""
    door: str
    address: tuple[str, int]
    handshake: Handshake | None
    """None on a plain door."""


def extensions_of(peer: Peer, server_cert: str) -> dict[str, Any]:
    """What a scope says of the peer: ours, and the ASGI TLS extension
    (https://asgi.readthedocs.io/en/latest/specs/tls.html)."""
    extensions: dict[str, Any] = {"sandbank.peer": peer}
    handshake = peer.handshake
    if handshake is not None:
        chain = (handshake.certificate, *handshake.chain_sent) if handshake.certificate else ()
        extensions["tls"] = {
            "server_cert": server_cert,
            "client_cert_chain": [_pem(one) for one in chain],
            "client_cert_name": _subject(handshake.certificate) if handshake.certificate else None,
            "client_cert_error": None,  # a certificate that is refused makes no connection
            "tls_version": _VERSIONS.get(handshake.version),
            "cipher_suite": CIPHER_SUITES.get(handshake.cipher),
        }
    return extensions


# A client comes back with the same certificate again and again: what is written of it is written once.
@lru_cache(maxsize=DESCRIBED)
def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


@lru_cache(maxsize=DESCRIBED)
def _subject(certificate: x509.Certificate) -> str | None:
    try:
        return certificate.subject.rfc4514_string()
    except ValueError:  # OpenSSL accepts names that cryptography does not read
        return None
