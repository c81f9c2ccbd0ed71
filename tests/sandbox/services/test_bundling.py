"""A certificate comes in every form that programs want, with its own key or with none."""

import io
import re
import shutil
import ssl
import stat
import subprocess
import zipfile
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)

from sandbox.errors import Misuse, NotThere
from sandbox.services.bundling import BUNDLE_FORMATS, MAX_KEY_FILE, Given, bundle, bundle_with_key
from sandbox.services.issuing import sign
from sandbox.services.making import new_certificate

NO_KEY = Given()


@pytest.fixture(scope="module")
def key():
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def signed(state, key):
    """A certificate whose key is its owner's alone."""
    name = x509.Name.from_rfc4514_string("O=Acme,C=EU")
    csr = x509.CertificateSigningRequestBuilder(name).sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    return sign(state, "wise", "demo", csr, name="own").record


def written(key, *, password="", form=PrivateFormat.PKCS8, encoding=Encoding.PEM):
    encryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    return key.private_bytes(encoding, form, encryption)


def unpacked(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_forms_of_the_certificate_alone(state):
    """Leaf and issuer, leaf alone, DER; another word is a usage error that names those that there are."""
    made = new_certificate(state, "wise", "demo", name="laptop", key="ec-p256")
    assert bundle(state, "wise", "laptop").data == made.certificate.read_bytes()
    leaf, end, _ = made.certificate.read_bytes().partition(b"-----END CERTIFICATE-----\n")
    assert bundle(state, "wise", "laptop", format="leaf").data == leaf + end
    assert bundle(state, "wise", "laptop", format="der").data == made.record.der
    with pytest.raises(Misuse, match=", ".join(BUNDLE_FORMATS)):
        bundle(state, "wise", "laptop", format="jks")


def test_the_chain_verifies_the_leaf(state, tmp_path):
    """By openssl's word: its last certificate as the anchor, all of it between; without the issuing CA it does not."""
    new_certificate(state, "wise", "demo", name="laptop", key="ec-p256")
    chain = bundle(state, "wise", "laptop", format="chain").data
    issuing, root = x509.load_pem_x509_certificates(chain)
    (tmp_path / "chain.pem").write_bytes(chain)
    (tmp_path / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
    (tmp_path / "leaf.pem").write_bytes(bundle(state, "wise", "laptop", format="leaf").data)
    verify = ["openssl", "verify", "-x509_strict", "-CAfile", "root.pem"]
    for more, good in ((("-untrusted", "chain.pem"), True), ((), False)):
        done = subprocess.run([*verify, *more, "leaf.pem"], cwd=tmp_path, capture_output=True, check=False)
        assert (done.returncode == 0) is good
    issuing.verify_directly_issued_by(root)


@pytest.mark.parametrize("format", ["p12", "p12-legacy"])
def test_a_p12_has_the_key_of_certificate_new(state, format):
    """Key, certificate and chain, under the certificate's name, by Java's usual password or another."""
    made = new_certificate(state, "wise", "demo", name="laptop", key="ec-p256")
    for password in ("changeit", "pässword"):
        given = bundle_with_key(state, "wise", "laptop", format=format, password=password, given=NO_KEY)
        assert given.private and given.media_type == "application/x-pkcs12"
        found = pkcs12.load_pkcs12(given.data, password.encode())
        assert written(found.key) == made.key.read_bytes()
        assert found.cert.certificate.public_bytes(Encoding.DER) == made.record.der
        assert found.cert.friendly_name == b"laptop" and len(found.additional_certs) == 2
    with pytest.raises(Misuse, match="needs a password"):
        bundle_with_key(state, "wise", "laptop", format=format, password="", given=NO_KEY)


def test_a_p12_without_a_key_says_both_ways_to_one(state, signed):
    """Name your own, or have both made; the certificate alone is there all the same."""
    with pytest.raises(NotThere) as refused:
        bundle_with_key(state, "wise", "own", format="p12", given=NO_KEY)
    assert "--key FILE" in refused.value.advice() and "sandbank certificate new" in refused.value.advice()
    assert bundle_with_key(state, "wise", "own", format="leaf", given=NO_KEY).data


@pytest.mark.parametrize(
    ("form", "password"),
    [
        ({"form": PrivateFormat.PKCS8}, ""),
        ({"form": PrivateFormat.TraditionalOpenSSL}, ""),
        ({"encoding": Encoding.DER}, ""),
        ({"password": "0pen"}, "0pen"),
        ({"password": "0pen", "form": PrivateFormat.TraditionalOpenSSL}, "0pen"),
        ({"password": "0pen", "encoding": Encoding.DER}, "0pen"),
        ({}, "needless"),
    ],
)
def test_an_own_key_may_come_in_any_form(state, signed, key, form, password):
    """And is in the p12 then, but in no place of the state."""
    data = written(key, **form)
    made = bundle_with_key(state, "wise", "own", format="p12", given=Given(key=data, password=password))
    assert written(pkcs12.load_pkcs12(made.data, b"changeit").key) == written(key)
    assert list(state.folder.path.rglob("*.key")) == []


def test_an_own_key_that_will_not_do_is_refused(state, signed, key):
    """Another's, none, encrypted, too long, or of a kind that signs nothing: told apart, and nothing of it repeated."""
    other = written(ec.generate_private_key(ec.SECP256R1()))
    closed = written(key, password="0pen")
    agreeing = written(x25519.X25519PrivateKey.generate())
    cases = (
        (Given(key=other), "is not that of the certificate 'own', whose public key is another"),
        (Given(key=b""), "an empty file, not a private key"),
        (Given(key=b"-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n"), "not a private key"),
        (Given(key=b"junk"), "not a private key that can be read"),
        (Given(key=bundle(state, "wise", "own", format="leaf").data), "a certificate, not a private key"),
        (Given(key=closed), "the key is encrypted$"),
        (Given(key=closed, password="wr0ng"), "does not open with that password"),
        (Given(key=b"0" * (MAX_KEY_FILE + 1)), "over 65536 bytes"),
        (Given(key=agreeing), "no certificate here can have a key of this kind"),
    )
    for given, sentence in cases:
        with pytest.raises(Misuse, match=sentence) as refused:
            bundle_with_key(state, "wise", "own", format="p12", given=given)
        said = f"{refused.value.detail} {refused.value.advice()}"
        assert "wr0ng" not in said and "MII" not in said and "wr0ng" not in repr(given)


def test_a_key_in_the_state_that_is_another_certificates_is_none(state, signed):
    """The file is found by a serial, and an uploaded certificate's serial can be that of one of ours."""
    made = new_certificate(state, "wise", "demo", name="laptop", key="ec-p256")
    shutil.copy(made.key, made.key.with_name(f"{signed.serial}.key"))
    with pytest.raises(NotThere):
        bundle_with_key(state, "wise", "own", format="p12", given=NO_KEY)


def test_the_archive_has_everything_and_tells_of_it(state, tmp_path):
    """Each file is on the page and each name on the page is a file; the private ones are their owner's alone."""
    made = new_certificate(state, "wise", "demo", name="laptop", key="ec-p256")
    given = bundle_with_key(state, "wise", "laptop", format="zip", given=NO_KEY)
    files = unpacked(given.data)
    page = files.pop("README.txt").decode()
    assert given.private and sorted(files) == sorted(
        ["leaf.pem", "leaf.der", "chain.pem", "fullchain.pem", "private.key", "keystore.p12", "ca.pem",
         "truststore.p12"]
    )  # fmt: skip
    assert set(re.findall(r"\b\w+\.(?:pem|der|key|p12)\b", page)) == files.keys()
    assert all(f"{program}\n" in page for program in ("curl", "openssl", "Python (ssl, httpx)", "Node.js", "Java"))
    assert made.record.serial in page and "{" not in page.replace("https.Agent({", "")
    assert files["private.key"] == made.key.read_bytes() and files["ca.pem"] == state.folder.ca_file.read_bytes()
    assert files["fullchain.pem"] == bundle(state, "wise", "laptop").data
    with zipfile.ZipFile(io.BytesIO(given.data)) as archive:
        rights = {entry.filename: stat.S_IMODE(entry.external_attr >> 16) for entry in archive.infolist()}
    assert {name for name, mode in rights.items() if mode == 0o600} == {"private.key", "keystore.p12"}


def test_the_files_of_the_archive_are_taken_by_the_standard_library(state, tmp_path):
    """Python's lines on the page run as they stand; with another certificate's key they do not."""
    for name in ("laptop", "other"):
        new_certificate(state, "wise", "demo", name=name, key="ec-p256")
        given = bundle_with_key(state, "wise", name, format="zip", given=NO_KEY)
        (tmp_path / name).mkdir()
        for file, data in unpacked(given.data).items():
            (tmp_path / name / file).write_bytes(data)
    context = ssl.create_default_context(cafile=tmp_path / "laptop" / "ca.pem")
    context.load_cert_chain(tmp_path / "laptop" / "fullchain.pem", tmp_path / "laptop" / "private.key")
    with pytest.raises(ssl.SSLError, match=r"(?i)key.values.mismatch"):
        context.load_cert_chain(tmp_path / "laptop" / "fullchain.pem", tmp_path / "other" / "private.key")


def test_an_archive_without_the_key_says_so_and_where_it_goes(state, signed, key):
    """With the way to a key store; made with one's own key, that is in it, and its password is not told."""
    files = unpacked(bundle_with_key(state, "wise", "own", format="zip", given=NO_KEY).data)
    page = files["README.txt"].decode()
    assert not {"private.key", "keystore.p12"} & files.keys()
    assert "private key is not in this archive" in page and f"bundle {signed.serial} --provider wise" in page
    assert "openssl pkcs12 -export -in fullchain.pem -inkey private.key" in page
    own = bundle_with_key(state, "wise", "own", format="zip", password="0pen", given=Given(key=written(key)))
    files = unpacked(own.data)
    assert load_pem_private_key(files["private.key"], None).private_numbers() == key.private_numbers()
    assert pkcs12.load_pkcs12(files["keystore.p12"], b"0pen").key is not None
    assert not [name for name, data in files.items() if b"0pen" in data]


def test_the_chain_of_an_uploaded_certificate_is_not_known(state):
    """chain is refused, the archive says why it has none, and a p12 has key and certificate alone."""
    made = new_certificate(state, "nuapay", "demo", name="laptop", purpose="transport")
    assert made.record.origin == "uploaded"
    with pytest.raises(NotThere, match="who issued laptop is not known here"):
        bundle(state, "nuapay", "laptop", format="chain")
    files = unpacked(bundle_with_key(state, "nuapay", "laptop", format="zip", given=NO_KEY).data)
    assert not {"chain.pem", "fullchain.pem"} & files.keys()
    page = files["README.txt"].decode()
    assert "who issued it is not known" in page and "--cert leaf.pem" in page
    found = pkcs12.load_pkcs12(files["keystore.p12"], b"changeit")
    assert found.key is not None and found.additional_certs == []


def test_a_record_says_nothing_of_the_key(state, signed, key):
    """What services hand around shows neither key nor password when it is printed."""
    given = Given(key=written(key), password="0pen")
    made = bundle_with_key(state, "wise", "own", format="p12", given=given)
    assert "0pen" not in repr(replace(given)) and "PRIVATE" not in repr(given) and str(made.data)[2:9] not in repr(made)
