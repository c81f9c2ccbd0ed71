"""A refused certificate is told in words, whatever stands in it; in this run every warning is an error."""

import pytest
from cryptography import x509
from OpenSSL import SSL
from OpenSSL.SSL import X509VerificationCodes as Verify

from ca.x509.der import load_certificate
from sandbox.tls.explain import Progress, client_gave_up, explain
from sandbox.tls.verdict import Observed
from tests.ca.making import certificate_der
from tests.ca.x509.test_loading import NAMES, NOTICE, certificate_named, ill_written


def told(certificate: x509.Certificate, error: int = Verify.ERR_DEPTH_ZERO_SELF_SIGNED_CERT) -> str:
    observed = Observed(error=error, chain=(certificate,))
    return explain(SSL.Error(), observed, None, Progress()).seen


@pytest.mark.parametrize(("name", "short", "text"), NAMES.values(), ids=NAMES.keys())
def test_names_that_the_library_warns_of_are_told(name: bytes, short: str, text: str) -> None:
    """As they are, under their usual short names."""
    assert told(load_certificate(certificate_named(name))) == f"certificate {short}={text}, self-signed"


def test_a_name_that_nobody_reads_is_told_too() -> None:
    """A BIT STRING as country, which the library refuses by an error of another class than usual."""
    name = bytes.fromhex("300d310b3009060355040603020058")
    assert told(load_certificate(certificate_named(name))).startswith("certificate with an unreadable name")


def test_extensions_that_nobody_reads_are_told_too() -> None:
    """A certificate for another use, whose extensions the library warns of."""
    certificate = load_certificate(ill_written(certificate_der(extensions=(NOTICE,))))
    assert told(certificate, Verify.ERR_INVALID_PURPOSE).endswith("for another use only")


@pytest.mark.parametrize(
    "alert", ["unknown_ca", "bad_certificate", "internal_error", "certificate_unknown", "close_notify"]
)
def test_who_leaves_after_our_certificate_distrusts_us(alert: str) -> None:
    """Whatever alert its library has for that: HAProxy's is internal_error. Before our certificate it means nothing of
    the kind, and where the name that was called is not covered, that is the cause."""
    assert client_gave_up(alert, Progress(answered=True)).code == "tls.client_distrusts_server"
    assert client_gave_up(alert, Progress()).code in ("tls.client_alert", "tls.closed_early")
    told = client_gave_up(alert, Progress(answered=True, uncovered="pay.example\n"))
    assert (told.code, "pay.example\\n" in told.seen) == ("tls.name_not_covered", True)
    assert client_gave_up("handshake_failure", Progress(answered=True)).code == "tls.client_alert"


def test_a_client_whose_clock_is_wrong_is_told_of_its_clock() -> None:
    """Our certificate is in time: no CA file mends that. Any other alert is about trust."""
    assert client_gave_up("certificate_expired", Progress(answered=True)).code == "tls.client_clock_wrong"
    assert client_gave_up("certificate_expired", Progress()).code == "tls.client_alert"
    assert client_gave_up("unknown_ca", Progress(answered=True)).code == "tls.client_distrusts_server"
