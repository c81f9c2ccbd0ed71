import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from ca.authority import Authority
from ca.x509.bundle import der, keystore_p12, pem, truststore_p12
from ca.x509.keys import spki_sha256
from tests.ca.making import CLAIM, NOW, OFFER, MemoryWork, certificate_der, csr_pem, openssl, shelf


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


MODERN = ("PBES2", "AES-256-CBC", "hmacWithSHA256", "MAC: sha256")
OLD = ("pbeWithSHA1And3-KeyTripleDES-CBC", "MAC: sha1")


@pytest.mark.parametrize(("legacy", "told", "others"), [(False, MODERN, OLD), (True, OLD, MODERN)])
@pytest.mark.parametrize("kind", ["ec-p256", "rsa-2048"])
def test_openssl_finds_key_certificate_and_chain(
    home: tuple[Authority, MemoryWork], tmp_path: Path, kind: str, legacy: bool, told: tuple[str, ...],
    others: tuple[str, ...],
) -> None:  # fmt: skip
    """Encrypted as promised, in either form; another password opens nothing."""
    authority, work = home
    key, leaf = shelf(kind), x509.load_der_x509_certificate(certificate_der(key=shelf(kind)))
    above = (authority.issuing(work, "wise"), authority.client_root(work))
    (tmp_path / "it.p12").write_bytes(keystore_p12("laptop", key, leaf, above, "s3cret", legacy=legacy))
    about = openssl("pkcs12", "-legacy", "-in", "it.p12", "-noout", "-info", "-passin", "pass:s3cret", cwd=tmp_path)
    assert all(word in about for word in told) and not any(word in about for word in others)
    options = ("pkcs12", "-in", "it.p12", "-nodes", *(["-legacy"] if legacy else []))
    wrong = openssl(*options, "-passin", "pass:wrong", cwd=tmp_path, check=False)
    assert "invalid password" in wrong and "BEGIN" not in wrong
    opened = openssl(*options, "-passin", "pass:s3cret", cwd=tmp_path).encode()
    found = serialization.load_pem_private_key(opened, None).public_key()
    assert spki_sha256(found) == spki_sha256(key.public_key())  # type: ignore[arg-type]
    assert x509.load_pem_x509_certificates(opened) == [leaf, *above]


@pytest.mark.skipif(shutil.which("keytool") is None, reason="Java judges its own format, where there is a Java")
@pytest.mark.parametrize("legacy", [False, True])
def test_java_sees_a_key_with_its_chain(home: tuple[Authority, MemoryWork], tmp_path: Path, legacy: bool) -> None:
    """One PrivateKeyEntry, three certificates long; with another password none."""
    authority, work = home
    issued = authority.submit(work, csr_pem(key=shelf("rsa-2048")), OFFER, CLAIM, NOW)
    leaf = x509.load_pem_x509_certificate(issued.certificate.encode())
    above = (authority.issuing(work, "wise"), authority.client_root(work))
    made = keystore_p12("laptop", shelf("rsa-2048"), leaf, above, "s3cret", legacy=legacy)
    (tmp_path / "it.p12").write_bytes(made)
    right, wrong = (
        subprocess.run(
            ["keytool", "-list", "-v", "-keystore", "it.p12", "-storepass", password],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )
        for password in ("s3cret", "wrong1")
    )  # fmt: skip
    assert "PrivateKeyEntry" in right.stdout and "Certificate chain length: 3" in right.stdout
    assert "Alias name: laptop" in right.stdout
    assert wrong.returncode != 0 and "PrivateKeyEntry" not in wrong.stdout
