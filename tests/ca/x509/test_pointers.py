from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509

from ca.issuance.issue import certify
from ca.issuance.profile import plan
from ca.x509.extensions import crl_path, issuer_path, ocsp_path, status_urls
from tests.ca.chain import client_chain, write
from tests.ca.making import NOW, PROFILE, approved, openssl, shelf


@pytest.mark.parametrize("url", ["http://127.0.0.1:8441", "http://127.0.0.1:8441/"])
def test_openssl_reads_the_pointers_as_meant(url: str, tmp_path: Path) -> None:
    """A CRL, a responder and the issuer's certificate, all under the authority's URL; without them there are none."""
    ready, ca = approved(), client_chain(NOW).ca
    bare = plan(ready, PROFILE, NOW)
    planned = replace(bare, extensions=(*bare.extensions, *status_urls(url, "client-ca:wise")))
    write(tmp_path, leaf=certify(shelf("ec-p256"), planned, ca, 1), bare=certify(shelf("ec-p256"), bare, ca, 2))
    text = openssl("x509", "-in", "leaf", "-noout", "-text", cwd=tmp_path)
    assert "X509v3 CRL Distribution Points: \n                Full Name:\n" in text
    assert "URI:http://127.0.0.1:8441/crl/client-ca:wise.crl\n" in text
    assert "OCSP - URI:http://127.0.0.1:8441/ocsp/client-ca:wise\n" in text
    assert "CA Issuers - URI:http://127.0.0.1:8441/ca/client-ca:wise.crt\n" in text
    asked = openssl("x509", "-in", "leaf", "-noout", "-ocsp_uri", cwd=tmp_path)
    assert asked == "http://127.0.0.1:8441/ocsp/client-ca:wise\n"
    assert openssl("x509", "-in", "bare", "-noout", "-ocsp_uri", cwd=tmp_path) == ""


def test_pointers_are_not_critical() -> None:
    """Who does not follow them may use the certificate all the same (RFC 5280 sections 4.2.1.13 and 4.2.2.1)."""
    made = status_urls("http://127.0.0.1:8441", "client-ca:wise")
    assert [(type(each.value), each.critical) for each in made] == [
        (x509.CRLDistributionPoints, False),
        (x509.AuthorityInformationAccess, False),
    ]


@pytest.mark.parametrize("name", ["server-ca", "client-ca:wise", "a b", "ä/../ü", "x?y#z%"])
def test_a_name_is_one_segment_of_a_path(name: str) -> None:
    """Whatever the name: no slash, no query, no fragment of its own."""
    for path in (crl_path(name), ocsp_path(name), issuer_path(name)):
        parts = urlsplit("http://127.0.0.1" + path)
        assert parts.path == path and path.count("/") == 2 and " " not in path
    assert crl_path("server-ca") == "/crl/server-ca.crl"
