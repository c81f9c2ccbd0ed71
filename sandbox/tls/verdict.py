"""What OpenSSL thought of the peer: its certificates, how the handshake went, and the alerts."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography import x509
from OpenSSL import SSL, crypto
from OpenSSL._util import ffi, lib
from OpenSSL.SSL import X509VerificationCodes as Verify

from ca.records import fingerprint
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
    mode = SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT
    lib.SSL_CTX_set_verify(context._context, mode, _VERIFY)


def ask_without_judging(context: SSL.Context) -> None:
    """Make every connection of this context ask for a client certificate and take any, or none. That the peer holds
    the key is proved all the same (RFC 8446 section 4.4.3); whether it may do anything is judged elsewhere."""
    lib.SSL_CTX_set_verify(context._context, SSL.VERIFY_PEER, _WELCOME)


def watch_alerts(context: SSL.Context) -> None:
    """Note down the alerts of every connection of this context."""
    lib.SSL_CTX_set_info_callback(context._context, _INFO)


def _note_alert(ssl: Any, where: int, value: int) -> None:
    # OpenSSL calls this twenty times in a handshake, and hardly ever for an alert.
    if not where & _ALERT:
        return
    observed = SSL.Connection._reverse_mapping[ssl].get_app_data()
    if not isinstance(observed, Observed):
        return
    alert = ALERTS.get(value & 0xFF, f"alert {value & 0xFF}")
    if where & SSL.SSL_CB_WRITE:
        observed.alert_sent = alert
    else:
        observed.alert_received = alert


def _verify(ok: int, store_context: Any) -> int:
    if ok and lib.X509_STORE_CTX_get_error_depth(store_context):
        return ok  # an issuer that is good; nobody revokes one
    ssl = lib.X509_STORE_CTX_get_ex_data(store_context, lib.SSL_get_ex_data_X509_STORE_CTX_idx())
    observed = SSL.Connection._reverse_mapping[ssl].get_app_data()
    if not isinstance(observed, Observed):
        return ok
    if ok:
        if not _is_revoked(observed, store_context):
            return ok
        # OpenSSL sends the alert for this error; for a bare "no" to what it accepts it would send internal_error.
        lib.X509_STORE_CTX_set_error(store_context, Verify.ERR_CERT_REVOKED)
    if not observed.error:
        observed.error = lib.X509_STORE_CTX_get_error(store_context)
        observed.depth = lib.X509_STORE_CTX_get_error_depth(store_context)
        observed.chain = built_chain(store_context)
    return 0


def _is_revoked(observed: Observed, store_context: Any) -> bool:
    """Whether the leaf, which OpenSSL has found to be signed by an authority or to be pinned, is revoked."""
    if observed.revoked is None:
        return False
    if observed.pins and built_chain(store_context)[0] in observed.pins:
        return False  # its serial is a stranger's
    return observed.revoked(_serial(lib.X509_STORE_CTX_get0_cert(store_context)))


def _serial(certificate: Any) -> int:
    number = lib.ASN1_INTEGER_to_BN(lib.X509_get_serialNumber(certificate), ffi.NULL)
    digits = lib.BN_bn2hex(number)
    try:
        return int(ffi.string(digits), 16)
    finally:
        lib.OPENSSL_free(digits)
        lib.BN_free(number)


_ALERT = SSL.SSL_CB_ALERT
# One of each for the process, never freed; a failure inside the second refuses the certificate.
_INFO = ffi.callback("void (*)(const SSL *, int, int)", _note_alert)
_VERIFY = ffi.callback("int(int, X509_STORE_CTX *)", _verify, error=0)


def _welcome(_ok: int, store_context: Any) -> int:
    lib.X509_STORE_CTX_set_error(store_context, 0)
    return 1


_WELCOME = ffi.callback("int(int, X509_STORE_CTX *)", _welcome, error=0)


def built_chain(store_context: Any) -> tuple[x509.Certificate, ...]:
    """The chain that OpenSSL has built so far, leaf first; nothing where cryptography cannot read it."""
    stack = lib.X509_STORE_CTX_get1_chain(store_context)
    if stack == ffi.NULL:
        return ()
    found = [crypto.X509._from_raw_x509_ptr(lib.sk_X509_value(stack, i)) for i in range(lib.sk_X509_num(stack))]
    lib.sk_X509_free(stack)
    try:
        return tuple(one.to_cryptography() for one in found)
    except (ValueError, x509.InvalidVersion):
        # OpenSSL reads more than cryptography does; then the certificate stays unnamed.
        return ()
