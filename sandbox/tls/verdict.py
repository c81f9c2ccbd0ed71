"""What OpenSSL thought of the peer: its certificates, how the handshake went, and the alerts."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography import x509
from OpenSSL import SSL, crypto
from OpenSSL.SSL import X509VerificationCodes as Verify

from ca.records import fingerprint
from ca.x509.der import UNREADABLE, load_certificate
from sandbox.tls import shim
from sandbox.tls.alerts import ALERTS

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
    except UNREADABLE:
        return None, hashlib.sha256(der).hexdigest()


def chain_sent(connection: SSL.Connection) -> tuple[x509.Certificate, ...]:
    """What came beside the leaf; nothing where cryptography cannot read it: only the leaf is judged."""
    try:
        return tuple(_read(_der(one))[0] for one in connection.get_peer_cert_chain() or ())
    except UNREADABLE:
        return ()


def _der(certificate: crypto.X509) -> bytes:
    return crypto.dump_certificate(crypto.FILETYPE_ASN1, certificate)


@lru_cache(maxsize=READ_ONCE)
def _read(der: bytes) -> tuple[x509.Certificate, str]:
    """The certificate and its fingerprint. A client comes back with the same one: it is read, and described, once."""
    certificate = load_certificate(der)
    return certificate, fingerprint(certificate)


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
    duration_us: int = 0


class HandshakeRefused(Exception):
    """There is no TLS connection: the handshake says why, and `farewell` is what the peer still has to be told."""

    def __init__(self, handshake: Handshake, farewell: bytes = b"") -> None:
        super().__init__(f"{handshake.cause}: {handshake.seen}")
        self.handshake = handshake
        self.farewell = farewell


@dataclass(slots=True, kw_only=True)
class Observed:
    """What was seen of one handshake so far; lives in the connection's app data and is written by the callbacks."""

    error: int = 0
    """OpenSSL's verify error; 0 while nothing was refused."""
    depth: int = 0
    """How far above the leaf the check stopped."""
    chain: tuple[x509.Certificate, ...] = ()
    """The refused chain as OpenSSL built it, leaf first."""
    alert_sent: str = ""
    alert_received: str = ""
    staple: bytes = b""
    """What a client is handed that asks for the status of our certificate; not observed, but needed in a callback."""
    pins: tuple[x509.Certificate, ...] = ()
    revoked: Callable[[int], bool] | None = None
    """Both as the trust book has them."""


def ask_for_certificate(context: SSL.Context) -> None:
    """Make every connection of this context demand a client certificate, and note down why one is refused."""
    shim.set_verify(context, SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, _VERIFY)


def ask_without_judging(context: SSL.Context) -> None:
    """Make every connection of this context ask for a client certificate and take any, or none. That the peer holds
    the key is proved all the same (RFC 8446 section 4.4.3); whether it may do anything is judged elsewhere."""
    shim.set_verify(context, SSL.VERIFY_PEER, _WELCOME)


def watch_alerts(context: SSL.Context) -> None:
    """Note down the alerts of every connection of this context."""
    shim.set_info(context, _INFO)


def _note_alert(ssl: Any, where: int, value: int) -> None:
    # OpenSSL calls this twenty times in a handshake, and hardly ever for an alert.
    if not where & SSL.SSL_CB_ALERT:
        return
    observed = shim.connection_of(ssl).get_app_data()
    if not isinstance(observed, Observed):
        return
    alert = ALERTS.get(value & 0xFF, f"alert {value & 0xFF}")
    if where & SSL.SSL_CB_WRITE:
        observed.alert_sent = alert
    else:
        observed.alert_received = alert


def _verify(ok: bool, chain: shim.StoreContext) -> bool:
    if ok and shim.depth_of(chain):
        return True  # an issuer that is good; nobody revokes one
    observed = shim.connection_judged(chain).get_app_data()
    if not isinstance(observed, Observed):
        return ok
    if ok:
        if not _is_revoked(observed, chain):
            return True
        # OpenSSL sends the alert for this error; for a bare "no" to what it accepts it would send internal_error.
        shim.set_error(chain, Verify.ERR_CERT_REVOKED)
    if not observed.error:
        observed.error = shim.error_of(chain)
        observed.depth = shim.depth_of(chain)
        observed.chain = built_chain(chain)
    return False


def _welcome(_ok: bool, chain: shim.StoreContext) -> bool:
    shim.set_error(chain, 0)
    return True


def _is_revoked(observed: Observed, chain: shim.StoreContext) -> bool:
    """Whether the leaf, which OpenSSL has found to be signed by an authority or to be pinned, is revoked."""
    if observed.revoked is None:
        return False
    if observed.pins and built_chain(chain)[0] in observed.pins:
        return False  # its serial is a stranger's
    return observed.revoked(shim.leaf_serial(chain))


def built_chain(chain: shim.StoreContext) -> tuple[x509.Certificate, ...]:
    """The chain, leaf first. OpenSSL reads more than cryptography does; then it stays unnamed."""
    try:
        return tuple(
            load_certificate(crypto.dump_certificate(crypto.FILETYPE_ASN1, one)) for one in shim.certificates_of(chain)
        )
    except UNREADABLE:
        return ()


# One of each for the process, never freed.
_INFO = shim.info_callback(_note_alert)
_VERIFY = shim.verify_callback(_verify)
_WELCOME = shim.verify_callback(_welcome)
