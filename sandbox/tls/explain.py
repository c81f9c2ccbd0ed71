"""A refused handshake in sentences for a payments engineer: the cause, what was seen, what was expected."""

from dataclasses import dataclass

from cryptography import x509
from OpenSSL import SSL

from ca.errors import Refusal, visible
from sandbox.tls.alerts import DISTRUST, HELLO_CAUSES, LATER_CAUSES
from sandbox.tls.contexts import CIPHER_SUITES, TrustBook
from sandbox.tls.refused import NAME_SHOWN, certificate_refused, named, wanted
from sandbox.tls.verdict import Observed

NOT_READ_BYTES = 16  # of what is not TLS: enough to recognise a protocol, too little for a secret

_VERSIONS = {b"\x03\x00": "SSL 3.0", b"\x03\x01": "TLS 1.0", b"\x03\x02": "TLS 1.1", b"\x03\x03": "TLS 1.2"}
_HANDSHAKE, _CLIENT_HELLO = 0x16, 0x01  # RFC 8446 sections 5.1 and 4
LINE_SHOWN = 300  # characters: what is read of a line, with its bytes escaped
_PROXY_PROTOCOL = (b"PROXY ", b"\r\n\r\n\0\r\nQUIT\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a handshake came, and what the client asked for in it."""

    hello: bytes = b""
    """The first bytes that came."""
    answered: bool = False
    """Whether the client has had our answer to its hello, with our certificate."""
    certificate: x509.Certificate | None = None
    """The client's own, where it came and was not refused."""
    uncovered: str = ""
    """The name or address by which it called the door, if that is not in our certificate."""


def explain(error: SSL.Error, observed: Observed, book: TrustBook | None, progress: Progress) -> Refusal:
    """OpenSSL gave up during a handshake: say it in our words."""
    if observed.alert_received:
        return client_gave_up(observed.alert_received, progress)
    if observed.error:
        return certificate_refused(observed, book)
    reasons = _reasons(error)
    if progress.answered:
        return _after_hello(reasons, observed, book, progress)
    return _at_hello(reasons, progress.hello) if is_hello(progress.hello) else not_tls(progress.hello, reasons[0])


def explain_later(error: SSL.Error, observed: Observed, progress: Progress, *, heard: bool) -> Refusal:
    """OpenSSL gave up after the handshake. *heard*: whether the client has said anything yet."""
    if observed.alert_received:
        progress = Progress(answered=not heard, uncovered=progress.uncovered)
        return client_gave_up(observed.alert_received, progress)
    return _after_hello(_reasons(error), observed, None, progress)


def renegotiated() -> Refusal:
    """A client of TLS 1.2 asked for a second handshake on the same connection."""
    return Refusal(
        code="tls.renegotiation",
        seen="the client wants to negotiate the connection anew; it was answered with the alert no_renegotiation",
        expected="one handshake for a connection: the certificate is asked for in the first one",
    )


def is_hello(data: bytes) -> bool:
    """Whether what came first is the beginning of a ClientHello, as far as it has come."""
    mark = (_HANDSHAKE, 3)
    return tuple(data[:2]) == mark[: len(data)] and data[5:6] in (b"", bytes((_CLIENT_HELLO,)))


def _at_hello(reasons: list[str], hello: bytes) -> Refusal:
    cause = next((HELLO_CAUSES[one] for one in reasons if one in HELLO_CAUSES), "tls.hello_malformed")
    if cause == "tls.version_unsupported":
        offered = _VERSIONS.get(hello[9:11], "an unknown version")
        return Refusal(code=cause, seen=f"the client speaks {offered} at most", expected="TLS 1.2 or TLS 1.3")
    if cause == "tls.no_shared_cipher":
        return Refusal(
            code=cause,
            seen=f"nothing that the client offers is accepted here ({reasons[0]})",
            expected=f"one of the cipher suites {', '.join(CIPHER_SUITES)}",
        )
    return Refusal(
        code=cause,
        seen=f"a ClientHello of {len(hello)} bytes that TLS does not allow ({reasons[0]})",
        expected="a ClientHello as RFC 8446 section 4.1.2 writes it",
    )


def _after_hello(reasons: list[str], observed: Observed, book: TrustBook | None, progress: Progress) -> Refusal:
    cause = next((LATER_CAUSES[one] for one in reasons if one in LATER_CAUSES), "tls.protocol_error")
    holder = f"certificate {named(progress.certificate)}" if progress.certificate else "a certificate"
    told = reasons[0] + (f"; we answered with the alert {observed.alert_sent}" if observed.alert_sent else "")
    seen, expected = {
        "tls.certificate_missing": (
            "the client sent no certificate",
            f"{wanted(book)}, which the client sends with its proof of the private key",
        ),
        "tls.certificate_proof_wrong": (
            f"{holder}, and a signature that its key did not make ({told})",
            "a signature by the private key of the certificate (CertificateVerify, RFC 8446 section 4.4.3)",
        ),
        "tls.certificate_key_unsupported": (
            f"{holder}, whose key is of a kind that is not spoken here ({told})",
            "a key that TLS can sign with: RSA of 2048 bits or more, EC on P-256, P-384 or P-521, or Ed25519",
        ),
        "tls.certificate_too_large": (
            f"a certificate message that is too long ({told})",
            "a certificate with its chain of at most 100 kB",
        ),
        "tls.certificate_unreadable": (
            f"a certificate that cannot be read ({told})",
            "an X.509 certificate in DER (RFC 5280)",
        ),
        "tls.record_corrupt": (
            f"a record that does not decrypt, or is none ({told})",
            "the bytes that the client encrypted",
        ),
        "tls.record_too_long": (f"a record longer than TLS allows ({told})", "at most 16384 bytes in a record"),
        "tls.renegotiation": (told, "one handshake for a connection"),
        "tls.handshake_changed": (
            f"a Finished message that does not fit the handshake ({told})",
            "the same handshake at both ends",
        ),
        "tls.protocol_error": (told, "the next message as RFC 8446 and RFC 5246 write it"),
    }[cause]
    return Refusal(code=cause, seen=seen, expected=expected)


def not_tls(hello: bytes, reason: str = "") -> Refusal:
    """The first bytes are no ClientHello."""
    if hello.startswith(_PROXY_PROTOCOL):
        return Refusal(
            code="tls.proxy_protocol",
            seen="the header of the PROXY protocol, as HAProxy and load balancers send it",
            expected="a TLS ClientHello as the first bytes",
        )
    shown = hello[:NOT_READ_BYTES]
    seen = f"{len(hello)} bytes that are not TLS, starting with {shown!r}"
    if reason:
        seen = f"{seen} ({reason})"
    return Refusal(code="tls.not_tls", seen=seen, expected="a TLS ClientHello (RFC 8446 section 4.1.2)")


def plain_http(head: bytes) -> Refusal:
    """Somebody wrote http:// where https:// is spoken."""
    return Refusal(
        code="tls.plain_http",
        seen=f"plain HTTP: {first_line(head)}",
        expected="TLS first: the same address with https://",
    )


def closed_early(received: int, progress: Progress) -> Refusal:
    """The connection ended before the handshake did."""
    if progress.answered:
        return _distrusts("left after it had seen our certificate, without an alert", progress)
    after = f"after {received} bytes of its hello" if received else "without a byte"
    return Refusal(
        code="tls.closed_early",
        seen=f"the client closed the connection {after}",
        expected="a TLS handshake; a client that cannot load its own certificate or key leaves like this, and a probe",
    )


def left_silent(progress: Progress) -> Refusal:
    """The handshake is done, and the client left without a word. Some libraries look at our certificate only then."""
    return _distrusts("left after the handshake, without one byte of HTTP", progress)


def client_gave_up(alert: str, progress: Progress) -> Refusal:
    """The client ended it with an alert."""
    if alert == "certificate_expired" and progress.answered:
        return Refusal(
            code="tls.client_clock_wrong",
            seen="the client left after it had seen our certificate, with the alert certificate_expired",
            expected="a client whose clock has the real time, in which our certificate is good",
        )
    if alert in DISTRUST and progress.answered:
        return _distrusts(f"left after it had seen our certificate, with the alert {alert}", progress)
    if alert == "close_notify":
        return Refusal(code="tls.closed_early", seen="the client left with close_notify", expected="a TLS handshake")
    return Refusal(
        code="tls.client_alert",
        seen=f"the client broke the connection off with the alert {alert}",
        expected="a client that can go on",
    )


def _distrusts(how: str, progress: Progress) -> Refusal:
    if progress.uncovered:
        name = visible(progress.uncovered, NAME_SHOWN)
        return Refusal(
            code="tls.name_not_covered",
            seen=f"the client called {name}, which is not in our certificate, and {how}",
            expected="a call by a name in our certificate",
        )
    return Refusal(
        code="tls.client_distrusts_server",
        seen=f"the client {how}",
        expected="a client that trusts this sandbox's CA and can load its own certificate and key",
    )


def too_slow(received: int, seconds: float) -> Refusal:
    """The limit for handshakes passed."""
    return Refusal(
        code="tls.handshake_slow",
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
    return visible(shown.decode("ascii", "backslashreplace").strip(), LINE_SHOWN)


def _reasons(error: SSL.Error) -> list[str]:
    """OpenSSL's reasons, those of TLS before those of what it calls for TLS; never empty."""
    entries = error.args[0] if error.args else ()
    if isinstance(entries, list) and entries:
        told = sorted(entries, key=lambda entry: entry[0] != "SSL routines")
        return [str(entry[2]) for entry in told]
    return [str(error) or "no reason given"]
