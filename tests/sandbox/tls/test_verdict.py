import pytest
from OpenSSL import SSL

from sandbox.tls.alerts import DISTRUST
from sandbox.tls.explain import first_line, not_tls
from sandbox.tls.shim import words_for


def test_every_verdict_has_a_name() -> None:
    """A verdict without a cause of its own is shown in OpenSSL's words, also one that pyOpenSSL has no name for."""
    assert words_for(SSL.X509VerificationCodes.ERR_PATH_LENGTH_EXCEEDED) == "path length constraint exceeded"
    assert words_for(67) == "CA certificate key too weak"


def test_alerts_of_distrust_are_about_certificates() -> None:
    """handshake_failure and its like say nothing about our certificate."""
    assert "unknown_ca" in DISTRUST
    assert DISTRUST.isdisjoint({"handshake_failure", "protocol_version", "certificate_required"})


@pytest.mark.parametrize(
    ("head", "shown"),
    [
        (b"GET /a?token=1 HTTP/1.1\r\nhost: x\r\n", "GET /a?... HTTP/1.1"),
        (b"GET /a HTTP/1.1\n", "GET /a HTTP/1.1"),
        (b"GET", "GET"),
        (b"GE\xff\x00T / HTTP/1.1", "GE\\xff\\x00T / HTTP/1.1"),
    ],
)
def test_the_first_line_is_shown_without_its_query(head: bytes, shown: str) -> None:
    """A query may hold a secret, a path may not."""
    assert first_line(head) == shown


def test_little_is_shown_of_what_is_not_tls() -> None:
    """Sixteen bytes tell the protocol, and are too few for a password."""
    assert "secret" not in not_tls(b"0123456789abcdefsecret").seen
