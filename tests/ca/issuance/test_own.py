import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.clock import SystemClock
from ca.errors import BadServerName
from ca.issuance.hierarchy import (
    SERVER_LIFE,
    ServerSide,
    found_server_side,
    make_server_certificate,
    name_constraints,
    plan_server,
)
from ca.issuance.issue import Issuer, random_serial
from ca.x509.bundle import pem
from ca.x509.extensions import not_covered, same_names
from ca.x509.keys import write_key_pem
from tests.ca.making import NOW, openssl, shelf

NAMES = ("example.test", "192.0.2.7")


@pytest.fixture(scope="module")
def side() -> ServerSide:
    """A server side made by the real clock: the ssl module judges by no other."""
    return found_server_side(NAMES, SystemClock().now(), random_serial)


def issuer(side: ServerSide) -> Issuer:
    assert side.server.key is not None
    return Issuer(certificate=side.server.certificate, key=side.server.key)


def handshake(side: ServerSide, certified: tuple[str, ...], asked: str, folder: Path) -> None:
    """A client of the standard library that trusts the server root, against a server certified for these names."""
    made = make_server_certificate(certified, issuer(side), SystemClock().now(), random_serial())
    assert made.key is not None
    (folder / "server.pem").write_text(pem([made.certificate, side.server.certificate]) + write_key_pem(made.key))
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(folder / "server.pem")
    client_context = ssl.create_default_context(cadata=pem([side.root.certificate]))
    client_context.verify_flags |= ssl.VERIFY_X509_STRICT
    one, two = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(one, two, server_hostname=asked)
    server = server_context.wrap_bio(two, one, server_side=True)
    waiting = [client, server]
    for _ in range(10):
        for peer in list(waiting):
            try:
                peer.do_handshake()
                waiting.remove(peer)
            except ssl.SSLWantReadError:
                pass
    assert not waiting


@pytest.mark.parametrize(
    "name", ["localhost", "a.localhost", "127.0.0.1", "::1", "example.test", "api.example.test", "192.0.2.7"]
)
def test_a_certificate_for_a_permitted_name_passes_and_a_forged_one_fails(
    name: str, side: ServerSide, tmp_path: Path
) -> None:
    """The server CA's key in the wrong hands can make certificates only for the names of its constraints."""
    handshake(side, (name,), name, tmp_path)
    for forged in ("www.google.com", "192.0.2.8", "notexample.test"):
        with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
            handshake(side, (forged,), forged, tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        handshake(side, (name, "www.google.com"), name, tmp_path)


def test_openssl_accepts_the_whole_server_side(side: ServerSide, tmp_path: Path) -> None:
    """Strictly, as a TLS server and not as a client; the courier's CA the other way round."""
    leaf = make_server_certificate(("localhost",), issuer(side), SystemClock().now(), random_serial())
    files = {"root": side.root, "ca": side.server, "courier": side.courier, "leaf": leaf}
    for name, made in files.items():
        (tmp_path / name).write_bytes(made.certificate.public_bytes(Encoding.PEM))
    verify = ["verify", "-x509_strict", "-CAfile", "root"]
    assert "OK" in openssl(*verify, "-untrusted", "ca", "-purpose", "sslserver", "leaf", cwd=tmp_path)
    refused = openssl(*verify, "-untrusted", "ca", "-purpose", "sslclient", "leaf", cwd=tmp_path, check=False)
    assert "unsuitable certificate purpose" in refused
    for name, uses in (("ca", "TLS Web Server Authentication"), ("courier", "TLS Web Client Authentication")):
        text = openssl("x509", "-noout", "-text", "-in", name, cwd=tmp_path)
        assert uses in text
        assert "CA:TRUE, pathlen:0" in text
        assert "X509v3 Name Constraints: critical" in text
        assert "DNS:localhost" in text
        assert "IP:127.0.0.0/255.0.0.0" in text
    assert "CA:TRUE, pathlen:1" in openssl("x509", "-noout", "-text", "-in", "root", cwd=tmp_path)


def test_a_server_certificate_is_what_browsers_ask() -> None:
    """397 days, from an hour ago, for signatures and servers, all names as alternatives, the first as common name."""
    planned = plan_server(("127.0.0.1", "localhost", "::1"), shelf("ec-p256").public_key(), NOW)
    assert planned.not_before == NOW.replace(microsecond=0) - timedelta(hours=1)
    assert planned.not_after - planned.not_before == SERVER_LIFE == timedelta(days=397)
    assert planned.subject.rfc4514_string() == "CN=localhost"
    assert len(planned.extensions) == 4


def test_a_name_too_long_for_a_common_name_is_an_alternative_name_all_the_same() -> None:
    """A DNS name may have 253 characters, a common name 64; an address alone is no common name either."""
    long = ".".join(["a" * 50] * 3)
    assert plan_server((long,), shelf("ec-p256").public_key(), NOW).subject.rfc4514_string() == "CN=Sandbank server"
    assert plan_server(("::1",), shelf("ec-p256").public_key(), NOW).subject.rfc4514_string() == "CN=Sandbank server"


@pytest.mark.parametrize("names", [(), ("not a name",), ("localhost", "a..b")])
def test_what_is_no_name_gets_no_certificate(names: tuple[str, ...]) -> None:
    """None at all, or a text that is neither a DNS name nor an address."""
    with pytest.raises(BadServerName):
        plan_server(names, shelf("ec-p256").public_key(), NOW)


def test_coverage_is_what_the_constraints_say() -> None:
    """Sub-domains and wildcards of a permitted name, addresses of a permitted network, and nothing else."""
    constraints = name_constraints(("example.test", "*.wild.test", "192.0.2.7", "localhost"))
    assert isinstance(constraints.value, x509.NameConstraints)
    good = ("localhost", "LOCALHOST", "127.1.2.3", "::1", "[::1]", "a.example.test", "*.example.test", "a.wild.test")
    bad = ("www.google.com", "notexample.test", "test", "192.0.2.8", "::2", "", "not a name")
    assert not_covered(constraints.value, (*good, *bad, "192.0.2.7")) == bad
    assert constraints.critical


def test_names_of_a_certificate_compare_as_a_set(side: ServerSide) -> None:
    """In any order and any case; one more or less is another set."""
    made = make_server_certificate(("localhost", "::1"), issuer(side), SystemClock().now(), random_serial())
    assert same_names(made.certificate, ("::1", "LocalHost"))
    assert not same_names(made.certificate, ("localhost",))
    assert not same_names(made.certificate, ("localhost", "::1", "127.0.0.1"))
