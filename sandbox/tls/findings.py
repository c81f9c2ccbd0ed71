"""Why a server and we did not come together, in words: by our judgement of it, or by its judgement of us."""

from ca.errors import Refusal
from ca.records import write_serial
from ca.x509.names import rfc4514
from sandbox.tls.alerts import DISTRUST, UNKNOWN_ISSUER, VERIFY_NAMES
from sandbox.tls.client import EXPIRED, WRONG_NAME, Seen, named_in

_MISSING = ("certificate_required", "handshake_failure", "bad_certificate")
"""What servers send to who shows no certificate: the first in TLS 1.3, the others in TLS 1.2."""
_REFUSING = ("handshake_failure", "access_denied", "decrypt_error", "internal_error")
"""What servers send to who shows one that they do not take, where they say nothing clearer."""
_MOST_SAID = 5
"""CA names that stand in a sentence; the record has all."""


def refused(seen: Seen, reason: str) -> Refusal:
    """TLS came to nothing; *reason* is OpenSSL's."""
    if seen.error:
        return _bad_server(seen)
    if seen.alert_received:
        return alerted(seen)
    said = f"TLS ended: {reason}"
    return Refusal(code="webhook.tls_failed", seen=said, expected="a server that speaks TLS 1.2 or 1.3")


def alerted(seen: Seen) -> Refusal:
    """The server has sent an alert."""
    alert = seen.alert_received
    if seen.asked and seen.shown is None and alert in _MISSING:
        if left_out(seen):
            reason = not_listed(seen)
            return Refusal(code=reason.code, seen=f"{reason.seen}; then alert {alert}", expected=reason.expected)
        said = f"alert {alert} to a sender that showed no certificate"
        return Refusal(code="webhook.certificate_wanted", seen=said, expected="a sender with a certificate")
    if seen.shown is not None and (alert in DISTRUST or alert in _REFUSING):
        said = f"alert {alert} to {shown_words(seen)}"
        return Refusal(code="webhook.certificate_refused", seen=said, expected="a receiver that trusts the sender's CA")
    return Refusal(code="webhook.tls_failed", seen=f"alert {alert}", expected="a server that speaks TLS 1.2 or 1.3")


def left_out(seen: Seen) -> bool:
    """Whether the server asked in vain: it lists CAs, and ours is not one of them."""
    return seen.asked and seen.shows is not None and seen.shown is None


def not_listed(seen: Seen) -> Refusal:
    ours = ", ".join(sorted({rfc4514(one.issuer) for one in seen.shows.chain})) if seen.shows else ""
    more = f" and {len(seen.listed) - _MOST_SAID} more" if len(seen.listed) > _MOST_SAID else ""
    listed = "; ".join(seen.listed[:_MOST_SAID]) + more
    expected = f"one that lists {ours}, or none at all"
    return Refusal(code="webhook.ca_not_listed", seen=f"a request that lists {listed}", expected=expected)


def shown_words(seen: Seen) -> str:
    """What we have shown; empty when nothing."""
    if seen.shown is None:
        return ""
    return f"{rfc4514(seen.shown.subject)[:200]}, serial {write_serial(seen.shown.serial_number)}"


def server_words(seen: Seen) -> str:
    """What the server has shown; empty when it did not come to that."""
    if seen.server is None:
        return ""
    return f"{rfc4514(seen.server.subject)[:200]}, issued by {rfc4514(seen.server.issuer)[:200]}"


def _bad_server(seen: Seen) -> Refusal:
    """The server's own certificate is not good, by our judgement."""
    said = server_words(seen) or "a certificate that cannot be read"
    if seen.error == WRONG_NAME:
        names = ", ".join(named_in(seen.server)) if seen.server else ""
        said = f"a certificate for {names[:300] or 'no name at all'}"
        return Refusal(code="webhook.server_wrong_name", seen=said, expected=f"a certificate for {seen.host}")
    if seen.error in EXPIRED and seen.server:
        begin, end = seen.server.not_valid_before_utc, seen.server.not_valid_after_utc
        said = f"{said}; valid from {begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"
        return Refusal(code="webhook.server_expired", seen=said, expected="a certificate that is valid today")
    if seen.error in UNKNOWN_ISSUER:
        expected = "a certificate from a CA that the sender trusts"
        return Refusal(code="webhook.server_untrusted", seen=said, expected=expected)
    why = VERIFY_NAMES.get(seen.error, f"verify error {seen.error}")
    return Refusal(code="webhook.server_refused", seen=f"{said}: {why}", expected="one for server authentication")
