import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from ca.issuance.hierarchy import SERVER_ROOT, found_client_authority, found_client_root, plan_authority
from ca.issuance.issue import Issuer, certify, random_serial
from ca.issuance.profile import Plan, Profile, plan
from ca.records import write_serial
from ca.request.csr import read_csr
from ca.x509.keys import write_key_pem
from tests.ca.making import NOW, PROFILE, a_csr, approved, issue, name_of, openssl, shelf


@pytest.fixture(scope="module")
def chain() -> tuple[Issuer, Issuer]:
    """A client root and an issuing CA under it."""
    root = found_client_root(NOW, random_serial)
    assert root.key is not None
    top = Issuer(certificate=root.certificate, key=root.key)
    below = found_client_authority("wise", top, NOW, random_serial)
    assert below.key is not None
    return top, Issuer(certificate=below.certificate, key=below.key)


@pytest.mark.parametrize("kind", ["rsa-2048", "ec-p256", "ec-p384"])
def test_openssl_accepts_what_was_issued(kind: str, chain: tuple[Issuer, Issuer], tmp_path: Path) -> None:
    """Strictly, as a TLS client; not as a TLS server, and not under another root."""
    leaf = issue(approved(a_csr(key=shelf(kind))), plan(approved(a_csr(key=shelf(kind))), PROFILE, NOW), chain[1], 4711)
    other = found_client_root(NOW, random_serial)
    for name, certificate in (("root", chain[0].certificate), ("ca", chain[1].certificate), ("leaf", leaf)):
        (tmp_path / name).write_bytes(certificate.public_bytes(Encoding.PEM))
    (tmp_path / "other").write_bytes(other.certificate.public_bytes(Encoding.PEM))
    at = ["-attime", str(int(NOW.timestamp()))]
    verify = ["verify", "-x509_strict", *at, "-untrusted", "ca"]
    assert "leaf: OK" in openssl(*verify, "-purpose", "sslclient", "-CAfile", "root", "leaf", cwd=tmp_path)
    wrong_use = openssl(*verify, "-purpose", "sslserver", "-CAfile", "root", "leaf", cwd=tmp_path, check=False)
    assert "unsuitable certificate purpose" in wrong_use
    stranger = openssl(*verify, "-purpose", "sslclient", "-CAfile", "other", "leaf", cwd=tmp_path, check=False)
    assert "unable to get" in stranger


def test_the_certificate_is_for_the_key_of_the_csr(chain: tuple[Issuer, Issuer], tmp_path: Path) -> None:
    """Its modulus is the private key's, as the guide has people check it."""
    leaf = issue(approved(a_csr(key=shelf("rsa-2048"))), _plan("rsa-2048"), chain[1], 4711)
    (tmp_path / "key").write_text(write_key_pem(shelf("rsa-2048")))
    (tmp_path / "leaf").write_bytes(leaf.public_bytes(Encoding.PEM))
    of_key = openssl("rsa", "-noout", "-modulus", "-in", "key", cwd=tmp_path)
    assert of_key.startswith("Modulus=")
    assert openssl("x509", "-noout", "-modulus", "-in", "leaf", cwd=tmp_path) == of_key


def test_openssl_reads_the_extensions_as_meant(chain: tuple[Issuer, Issuer], tmp_path: Path) -> None:
    """An end entity for TLS clients: five extensions, two of them critical."""
    (tmp_path / "leaf").write_bytes(issue(approved(), _plan("ec-p256"), chain[1], 1).public_bytes(Encoding.PEM))
    text = openssl("x509", "-noout", "-text", "-in", "leaf", cwd=tmp_path)
    for line in (
        "X509v3 Basic Constraints: critical\n                CA:FALSE",
        "X509v3 Key Usage: critical\n                Digital Signature\n",
        "X509v3 Extended Key Usage: \n                TLS Web Client Authentication\n",
        "X509v3 Subject Key Identifier:",
        "X509v3 Authority Key Identifier:",
    ):
        assert line in text
    assert text.count("            X509v3 ") == 5


def test_the_defaults_of_a_profile_are_what_they_were() -> None:
    """To the byte: this is what version 0.1.0 signed for the same CSR, issuer, serial and time."""
    key, own = (ec.derive_private_key(number, ec.SECP256R1()) for number in (7, 11))
    name = name_of(("C", "EU"), ("O", "Société"), ("CN", "x"))
    csr = x509.CertificateSigningRequestBuilder(name).sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    top = name_of(("CN", "issuer"))
    builder = x509.CertificateBuilder(top, top, own.public_key(), 1, NOW, NOW + timedelta(days=9000))
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
    issuer = Issuer(certificate=builder.sign(own, hashes.SHA256()), key=own)
    kept = approved(read_csr(csr))
    profile = Profile(name="p", keep=("C", "ST", "L", "O", "OU"), common_name="holder", years=1)
    signed = issue(kept, plan(kept, profile, NOW), issuer, 4711).tbs_certificate_bytes
    assert hashlib.sha256(signed).hexdigest() == "2b09c15f084dc9acf614bd047b3f40506c14b6d5d97b69a9cfdb5f07603fdab7"


@pytest.mark.parametrize("serial", [1, 0x10, 0xABC, 2**127 - 1, 0x40 << 120])
def test_a_serial_is_written_as_openssl_prints_it(serial: int, chain: tuple[Issuer, Issuer], tmp_path: Path) -> None:
    """Upper-case hex, two digits for each octet."""
    leaf = issue(approved(), _plan("ec-p256"), chain[1], serial)
    (tmp_path / "leaf").write_bytes(leaf.public_bytes(Encoding.PEM))
    assert openssl("x509", "-noout", "-serial", "-in", "leaf", cwd=tmp_path) == f"serial={write_serial(serial)}\n"


def test_serials_are_random_and_of_one_length() -> None:
    """16 octets, positive, never twice."""
    serials = {random_serial() for _ in range(1000)}
    assert len(serials) == 1000
    assert {len(write_serial(each)) for each in serials} == {32}
    assert all(each.bit_length() == 127 for each in serials)


def test_a_certificate_without_issuer_signs_itself() -> None:
    """Only a key in hand can do that, which certify asks for."""
    key = shelf("ec-p256")
    root = certify(key, plan_authority(SERVER_ROOT, key.public_key(), mark="0", now=NOW), None, 1)
    root.verify_directly_issued_by(root)
    with pytest.raises(x509.ExtensionNotFound):
        root.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)


def test_an_issuer_does_not_show_its_key(chain: tuple[Issuer, Issuer]) -> None:
    """Not even the object's name of it."""
    assert "key" not in repr(chain[1]).lower().replace("x509", "")


def _plan(kind: str) -> Plan:
    return plan(approved(a_csr(key=shelf(kind))), PROFILE, NOW)
