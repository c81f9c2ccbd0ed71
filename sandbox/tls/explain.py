"""A refused handshake in sentences for a payments engineer: the cause, what was seen, what was expected."""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from OpenSSL import SSL

from ca.x509.extensions import purposes
from ca.x509.loading import UNREADABLE, extensions_of, issuer_of, subject_of
from ca.x509.names import rfc4514
from sandbox.tls.alerts import DISTRUST, REASON_CAUSES, VERIFY_CAUSES, VERIFY_NAMES
from sandbox.tls.contexts import CIPHER_SUITES, TrustBook
from sandbox.tls.verdict import Observed

NOT_READ_BYTES = 16  # of what is not TLS: enough to recognise a protocol, too little for a secret

_VERSIONS = {b"\x03\x00": "SSL 3.0", b"\x03\x01": "TLS 1.0", b"\x03\x02": "TLS 1.1", b"\x03\x03": "TLS 1.2"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsReason:
    """Why there is no connection."""

    cause: str
    seen: str
    expected: str


def explain(error: SSL.Error, observed: Observed, book: TrustBook | None, hello: bytes) -> TlsReason:
    """OpenSSL gave up: say it in our words."""
    if observed.alert_received:
        return _client_gave_up(observed.alert_received)
    if observed.error:
        return _certificate_refused(observed, book)
    reason = _reason(error)
    cause = REASON_CAUSES.get(reason, "tls.not_tls")
    match cause:
        case "tls.certificate_missing":
            return TlsReason(
                cause=cause,
                seen="the client sent no certificate",
                expected=f"{_wanted(book)}, which the client sends with its proof of the private key",
            )
        case "tls.version_unsupported":
            offered = _VERSIONS.get(hello[9:11], "an unknown version")
            return TlsReason(cause=cause, seen=f"the client speaks {offered} at most", expected="TLS 1.2 or TLS 1.3")
        case "tls.no_shared_cipher":
            return TlsReason(
                cause=cause,
                seen=f"nothing that the client offers is accepted here ({reason})",
                expected=f"one of the cipher suites {', '.join(CIPHER_SUITES)}",
            )
        case _:
            return not_tls(hello, reason)


def not_tls(hello: bytes, reason: str = "") -> TlsReason:
    """The first bytes are no ClientHello."""
    shown = hello[:NOT_READ_BYTES]
    seen = f"{len(hello)} bytes that are not TLS, starting with {shown!r}"
    if reason:
        seen = f"{seen} ({reason})"
    return TlsReason(cause="tls.not_tls", seen=seen, expected="a TLS ClientHello (RFC 8446 section 4.1.2)")


def plain_http(head: bytes) -> TlsReason:
    """Somebody wrote http:// where https:// is spoken."""
    return TlsReason(
        cause="tls.plain_http",
        seen=f"plain HTTP: {first_line(head)}",
        expected="TLS first: the same address with https://",
    )


def closed_early(received: int, answered: bool) -> TlsReason:
    """The connection ended before the handshake did."""
    if answered:
        seen = "the client closed the connection after it had seen our certificate, without an alert"
        expected = "a complete handshake; a client that does not trust this sandbox's server root may leave like this"
        return TlsReason(cause="tls.closed_early", seen=seen, expected=expected)
    seen = "the client closed the connection" + (f" after {received} bytes" if received else " without a byte")
    return TlsReason(cause="tls.closed_early", seen=seen, expected="a TLS handshake")


def too_slow(received: int, seconds: float) -> TlsReason:
    """The limit for handshakes passed."""
    return TlsReason(
        cause="tls.handshake_slow",
        seen=f"no complete handshake after {seconds:g} s and {received} bytes",
        expected=f"a complete handshake within {seconds:g} s",
    )


def first_line(head: bytes) -> str:
    """The first line of an HTTP head, without its query: that may hold a secret."""
    line = head.partition(b"\n")[0].strip()[:200]
    method, _, rest = line.partition(b" ")
    target, space, version = rest.partition(b" ")
    path, question, _ = target.partition(b"?")
    shown = method + b" " + path + (b"?..." if question else b"") + space + version
    return shown.decode("ascii", "backslashreplace").strip()


def _client_gave_up(alert: str) -> TlsReason:
    seen = f"the client ended the handshake with the alert {alert}"
    if alert in DISTRUST:
        return TlsReason(
            cause="tls.client_distrusts_server", seen=seen, expected="a client that trusts this sandbox's server root"
        )
    return TlsReason(cause="tls.client_alert", seen=seen, expected="a client that completes the handshake")


def _certificate_refused(observed: Observed, book: TrustBook | None) -> TlsReason:
    cause = VERIFY_CAUSES.get(observed.error, "tls.certificate_refused")
    if not observed.chain:
        return TlsReason(cause=cause, seen="a certificate that cannot be read", expected=_wanted(book))
    leaf, stopped = observed.chain[0], observed.chain[min(observed.depth, len(observed.chain) - 1)]
    seen = f"certificate {_name(leaf)}"
    by_clock = f" (the sandbox's clock says {_day(book.at)})" if book and book.at else ""
    expected = _wanted(book)
    match cause:
        case "tls.certificate_expired":
            seen = f"{seen}, expired {_day(stopped.not_valid_after_utc)}{by_clock}"
            expected = f"{expected}, valid today"
        case "tls.certificate_not_yet_valid":
            seen = f"{seen}, not valid before {_day(stopped.not_valid_before_utc)}{by_clock}"
            expected = f"{expected}, valid today"
        case "tls.certificate_wrong_usage":
            seen = f"{seen}, for {_usages(stopped)} only"
            expected = f"{expected}, for client authentication (extended key usage clientAuth)"
        case "tls.certificate_revoked":
            seen = f"{seen}, serial {stopped.serial_number:X}, revoked"
            expected = f"{expected}, not revoked"
        case "tls.certificate_refused":
            seen = f"{seen}: {VERIFY_NAMES.get(observed.error, f'verify error {observed.error}')}"
    if stopped is not leaf and cause != "tls.certificate_unknown_issuer":
        seen = f"{seen}; the check stopped at its issuer {_subject(stopped)}"
    return TlsReason(cause=cause, seen=seen, expected=expected)


def _wanted(book: TrustBook | None) -> str:
    issuers = " or ".join(_subject(one) for one in book.authorities) if book else ""
    return f"a certificate issued by this sandbox for this door (by {issuers})" if issuers else "a pinned certificate"


def _name(certificate: x509.Certificate) -> str:
    subject, issuer = _subject(certificate), _issuer(certificate)
    return f"{subject}, self-signed" if subject == issuer else f"{subject}, issued by {issuer}"


def _subject(certificate: x509.Certificate) -> str:
    try:
        return rfc4514(subject_of(certificate)) or "without a name"
    except UNREADABLE:
        return "with an unreadable name"


def _issuer(certificate: x509.Certificate) -> str:
    try:
        return rfc4514(issuer_of(certificate)) or "somebody without a name"
    except UNREADABLE:
        return "somebody with an unreadable name"


def _usages(certificate: x509.Certificate) -> str:
    try:
        usages = extensions_of(certificate).get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, *UNREADABLE):
        return "another use"
    return ", ".join(purposes(usages))


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _reason(error: SSL.Error) -> str:
    entries = error.args[0] if error.args else ()
    if isinstance(entries, list) and entries:
        return str(entries[0][2])
    return str(error)
