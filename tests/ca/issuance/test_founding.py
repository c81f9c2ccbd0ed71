import subprocess
from datetime import datetime
from pathlib import Path

import pytest
from cryptography import x509

from ca.errors import LintFailed
from ca.issuance import issue
from ca.issuance.hierarchy import (
    found_client_authority,
    found_client_root,
    found_production_side,
    found_server_side,
    make_server_certificate,
)
from ca.issuance.issue import Issuer, random_serial
from ca.x509.bundle import pem
from tests.ca.making import NOW


def test_the_server_root_has_no_key_when_it_is_founded() -> None:
    """Its two CAs have theirs, and so has the client root, for providers to come."""
    side = found_server_side((), NOW, random_serial)
    assert side.root.key is None
    assert side.server.key is not None
    assert side.courier.key is not None
    assert found_client_root(NOW, random_serial).key is not None


def test_our_cas_are_valid_wherever_the_clock_is_moved() -> None:
    """From ten years before their making to thirty after."""
    root = found_client_root(NOW, random_serial).certificate
    begin = NOW.replace(microsecond=0, year=2016)
    assert (root.not_valid_before_utc, root.not_valid_after_utc) == (begin, datetime.replace(begin, year=2056))


def test_no_two_authorities_have_one_name() -> None:
    """Each name ends in digits of its key, so that two states can be told apart in one trust store."""
    names = {found_client_root(NOW, random_serial).certificate.subject.rfc4514_string() for _ in range(5)}
    assert len(names) == 5
    assert all(name.startswith("CN=Sandbank client root ") for name in names)
    assert all("not for real trust" in name for name in names)


def test_an_issuing_ca_has_no_extended_key_usage() -> None:
    """And can have no CA under it."""
    root = found_client_root(NOW, random_serial)
    assert root.key is not None
    made = found_client_authority("wise", Issuer(certificate=root.certificate, key=root.key), NOW, random_serial)
    constraints = made.certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert constraints == x509.BasicConstraints(ca=True, path_length=0)
    with pytest.raises(x509.ExtensionNotFound):
        made.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)


def test_a_finding_stops_the_founding(monkeypatch: pytest.MonkeyPatch) -> None:
    """No certificate of ours leaves unread, CA or not."""
    monkeypatch.setattr(issue, "lint", lambda *_, **__: ("something is odd",))
    with pytest.raises(LintFailed, match="something is odd"):
        found_client_root(NOW, random_serial)


def test_a_founded_certificate_does_not_show_its_key() -> None:
    """Not even as an object's name."""
    assert "PrivateKey" not in repr(found_client_root(NOW, random_serial))


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("api.wise.com", True),
        ("acme.secure.treezor.co", True),
        ("localhost", False),
        ("127.0.0.1", False),
        ("192.0.2.1", False),
        ("::1", False),
        ("api.wise-sandbox.com", False),
        ("wise.com", False),
        ("acme.preprod.secure.treezor.co", False),
    ],
)
def test_openssl_lets_the_production_side_speak_for_its_names_only(tmp_path: Path, name: str, good: bool) -> None:
    """Even a certificate that its CA would sign against its own rules: no address, no localhost, no sandbox host, nor
    one that is below a live one. Loopback is for the server's side alone."""
    names = ("api.wise.com", "*.secure.treezor.co")
    root, issuing = found_production_side(names, ("preprod.secure.treezor.co",), NOW, random_serial)
    assert root.key is None and issuing.key is not None
    signer = Issuer(certificate=issuing.certificate, key=issuing.key)
    leaf = make_server_certificate((name,), signer, NOW, random_serial())
    for file, one in (("root", root), ("ca", issuing), ("leaf", leaf)):
        (tmp_path / file).write_text(pem((one.certificate,)))
    at = str(int(NOW.timestamp()))
    command = ["openssl", "verify", "-attime", at, "-CAfile", "root", "-untrusted", "ca", "leaf"]
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode == 0) is good
    assert good or "subtree violation" in done.stderr
