"""How a handshake went, as a record and as an exception; who performs it is stream.py."""

from dataclasses import dataclass

from cryptography import x509


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """One TLS handshake as the door saw it, finished or refused."""

    ok: bool
    cause: str = ""
    """The row in the table of causes; empty when the handshake succeeded."""
    seen: str = ""
    expected: str = ""
    alert: str = ""
    """The alert that we sent, by its name in RFC 8446; empty if none."""
    alert_received: str = ""
    version: str = ""
    """As OpenSSL writes it: TLSv1.2, TLSv1.3."""
    cipher: str = ""
    alpn: str = ""
    sni: str = ""
    certificate: x509.Certificate | None = None
    """What the peer presented, also when it was refused."""
    fingerprint_sha256: str = ""
    """Of the certificate, as ca.record writes it; each call of the connection is looked up by it."""
    chain_sent: tuple[x509.Certificate, ...] = ()
    """What the peer sent beside its own certificate."""
    started: float = 0.0
    """The event loop's time at the first read; comparable within one process only."""
    duration_us: int = 0


class HandshakeRefused(Exception):
    """There is no TLS connection: the handshake says why, and `farewell` is what the peer still has to be told."""

    def __init__(self, handshake: Handshake, farewell: bytes = b"") -> None:
        super().__init__(f"{handshake.cause}: {handshake.seen}")
        self.handshake = handshake
        self.farewell = farewell
