import pytest
from OpenSSL import SSL, crypto
from OpenSSL._util import ffi, lib

from sandbox.tls.alerts import DISTRUST, VERIFY_CAUSES, VERIFY_NAMES
from sandbox.tls.explain import first_line, not_tls

PARTS = [
    "ASN1_INTEGER_to_BN",
    "BN_bn2hex",
    "BN_free",
    "OPENSSL_free",
    "OPENSSL_malloc",
    "SSL_CTX_set_tlsext_status_cb",
    "SSL_CTX_set_verify",
    "SSL_get_ex_data_X509_STORE_CTX_idx",
    "SSL_set_tlsext_status_ocsp_resp",
    "X509_STORE_CTX_get0_cert",
    "X509_STORE_CTX_get1_chain",
    "X509_STORE_CTX_get_error",
    "X509_STORE_CTX_get_error_depth",
    "X509_STORE_CTX_get_ex_data",
    "X509_STORE_CTX_set_error",
    "X509_get_serialNumber",
    "sk_X509_free",
    "sk_X509_num",
    "sk_X509_value",
]


@pytest.mark.parametrize("name", PARTS)
def test_the_undocumented_parts_of_pyopenssl_are_there(name: str) -> None:
    """The leaf of a refused chain is only to be had from OpenSSL itself: this fails first when a release drops it."""
    assert callable(getattr(lib, name))


def test_the_undocumented_attributes_of_pyopenssl_are_there() -> None:
    """What verdict.py touches beside the library functions."""
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    connection = SSL.Connection(context)
    assert context._context != ffi.NULL
    assert SSL.Connection._reverse_mapping[connection._ssl] is connection
    assert callable(crypto.X509._from_raw_x509_ptr)


def test_every_verdict_has_a_name() -> None:
    """A verdict without a cause of its own is shown by its name, in words."""
    assert VERIFY_NAMES[SSL.X509VerificationCodes.ERR_PATH_LENGTH_EXCEEDED] == "path length exceeded"
    assert set(VERIFY_CAUSES) <= set(VERIFY_NAMES)


def test_alerts_of_distrust_are_about_certificates() -> None:
    """handshake_failure and its like say nothing about our certificate."""
    assert "unknown_ca" in DISTRUST
    assert DISTRUST.isdisjoint({"handshake_failure", "protocol_version", "close_notify", "certificate_required"})


@pytest.mark.parametrize(
    ("head", "shown"),
    [
        (b"GET /a?token=1 HTTP/1.1\r\nhost: x\r\n", "GET /a?... HTTP/1.1"),
        (b"GET /a HTTP/1.1\n", "GET /a HTTP/1.1"),
        (b"GET", "GET"),
        (b"GE\xff\x00T / HTTP/1.1", "GE\\xff\x00T / HTTP/1.1"),
    ],
)
def test_the_first_line_is_shown_without_its_query(head: bytes, shown: str) -> None:
    """A query may hold a secret, a path may not."""
    assert first_line(head) == shown


def test_little_is_shown_of_what_is_not_tls() -> None:
    """Sixteen bytes tell the protocol, and are too few for a password."""
    assert "secret" not in not_tls(b"0123456789abcdefsecret").seen
