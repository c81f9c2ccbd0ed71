import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from ca.authority import Authority
from ca.bundle import der, pem, truststore_p12
from tests.ca.making import MemoryWork, openssl


def test_openssl_reads_the_files(home: tuple[Authority, MemoryWork], tmp_path: Path) -> None:
    """PEM with two certificates in order, and DER with one."""
    authority, work = home
    root, issuing = authority.client_root(work), authority.issuing(work, "wise")
    (tmp_path / "both.pem").write_text(pem([issuing, root]))
    (tmp_path / "one.der").write_bytes(der(root))
    assert "issuing" not in openssl("x509", "-in", "one.der", "-inform", "DER", "-noout", "-subject", cwd=tmp_path)
    listed = openssl("storeutl", "-noout", "-certs", "both.pem", cwd=tmp_path)
    assert "Total found: 2" in listed
    assert (tmp_path / "both.pem").read_text().index(pem([issuing])) == 0


def test_the_trust_store_has_the_roots_under_their_names(home: tuple[Authority, MemoryWork]) -> None:
    """And no key."""
    authority, work = home
    store = pkcs12.load_pkcs12(truststore_p12([authority.server_root(work)], "changeit"), b"changeit")
    assert store.key is None
    (entry,) = store.additional_certs
    assert entry.certificate == authority.server_root(work)
    assert (entry.friendly_name or b"").startswith(b"sandbank server root ")


@pytest.mark.skipif(shutil.which("keytool") is None, reason="Java judges its own format, where there is a Java")
def test_java_sees_a_trusted_entry(home: tuple[Authority, MemoryWork], tmp_path: Path) -> None:
    """keytool lists nothing in a PKCS#12 file whose entries lack Java's attribute."""
    authority, work = home
    (tmp_path / "trust.p12").write_bytes(truststore_p12([authority.server_root(work)], "changeit"))
    listing = subprocess.run(
        ["keytool", "-list", "-keystore", "trust.p12", "-storepass", "changeit"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "trustedCertEntry" in listing
    assert "sandbank server root" in listing
