"""The key of a CSR stands in its certificate to the byte, or is refused with the command that mends it."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from ca.authority import Authority
from ca.errors import NotIssued, Refusal
from ca.policy.requests import KeyRule
from ca.request.upload import read_certificate
from ca.x509 import der
from ca.x509.der import spki_of
from ca.x509.keys import write_key_pem
from tests.ca.making import CLAIM, NOW, OFFER, POLICY, MemoryWork, armour, csr_der, openssl, shelf

# The files of the guide, which the commands name.
KEY, CSR = "sandbox-PRIVATE-KEY.key", "sandbox-certificate-request.csr"
CERTIFICATE = "sandbox-CERTIFICATE.pem"
NEW_CSR = "client-new.csr"
"""What the commands write."""
ANY = replace(OFFER, policy=replace(POLICY, keys=()))
NAMED = ("-subj", "/C=EU/O=Acme")
EC = ("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out")
PSS = ("genpkey", "-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048", "-out", KEY)
Home = tuple[Authority, MemoryWork]


def refusals(home: Home, csr: bytes) -> tuple[Refusal, ...]:
    authority, work = home
    with pytest.raises(NotIssued) as caught:
        authority.submit(work, csr, ANY, CLAIM, NOW)
    return caught.value.refusals


def same_key(csr: bytes, certificate: str) -> bool:
    """Whether the SubjectPublicKeyInfo is the same to the byte in both."""
    made = x509.load_pem_x509_certificate(certificate.encode())
    return spki_of(x509.load_pem_x509_csr(csr)) == spki_of(made)


def make_csr(folder: Path) -> bytes:
    openssl("req", "-new", "-key", KEY, *NAMED, "-out", CSR, cwd=folder)
    return (folder / CSR).read_bytes()


def ec_key(folder: Path, *form: str) -> None:
    """A key on P-256 in an unusual form, by openssl."""
    openssl(*EC, "plain", cwd=folder)
    openssl("ec", "-in", "plain", *form, "-out", KEY, cwd=folder)


def mend(refusal: Refusal, folder: Path) -> None:
    """What the refusal tells to do, in a shell."""
    command = refusal.next[refusal.next.index("openssl ") :]
    subprocess.run(command, shell=True, cwd=folder, check=True, capture_output=True)


@pytest.mark.parametrize(
    ("form", "seen"),
    [
        (("-conv_form", "compressed"), "a compressed point"),
        (("-conv_form", "hybrid"), "a point in the hybrid form"),
        (("-param_enc", "explicit"), "a curve that is given by its parameters"),
        (("-param_enc", "explicit", "-conv_form", "compressed"), "a curve that is given by its parameters"),
    ],
)
def test_an_unusual_form_is_refused_and_the_command_mends_it(
    form: tuple[str, ...], seen: str, home: Home, tmp_path: Path
) -> None:
    """The same key in its usual form is then certified to the byte."""
    ec_key(tmp_path, *form)
    (refusal,) = refusals(home, make_csr(tmp_path))
    assert (refusal.code, refusal.seen) == ("certificate.key_encoding_refused", seen)
    mend(refusal, tmp_path)
    authority, work = home
    csr = (tmp_path / NEW_CSR).read_bytes()
    assert same_key(csr, authority.submit(work, csr, ANY, CLAIM, NOW).certificate)
    public = openssl("pkey", "-in", KEY, "-pubout", "-ec_conv_form", "uncompressed", cwd=tmp_path)
    mended = openssl("pkey", "-in", "clean.key", "-pubout", cwd=tmp_path)
    assert mended == public or "explicit" in form, "it is the same key"


def test_an_rsa_key_without_null_is_refused_and_the_command_mends_it(home: Home, tmp_path: Path) -> None:
    """RFC 4055 section 1.2 asks for NULL parameters; some programs leave them out."""
    key = shelf("rsa-2048")
    assert isinstance(key, rsa.RSAPrivateKey)
    body, algorithm, _ = der.parts(csr_der(key=key))
    inside = der.parts(body)
    oid, bits = der.parts(der.parts(inside[2])[0])[0], der.parts(inside[2])[1]
    inside[2] = der.wrap(der.SEQUENCE, der.wrap(der.SEQUENCE, oid), bits)
    body = der.wrap(der.SEQUENCE, *inside)
    signature = key.sign(body, padding.PKCS1v15(), hashes.SHA256())
    csr = armour(der.wrap(der.SEQUENCE, body, algorithm, der.wrap(der.BIT_STRING, b"\0", signature)))
    (refusal,) = refusals(home, csr)
    assert (refusal.code, refusal.seen) == (
        "certificate.key_encoding_refused",
        "an RSA key without its NULL parameters",
    )
    (tmp_path / KEY).write_text(write_key_pem(key))
    mend(refusal, tmp_path)
    authority, work = home
    mended = (tmp_path / NEW_CSR).read_bytes()
    assert same_key(mended, authority.submit(work, mended, ANY, CLAIM, NOW).certificate)


@pytest.mark.parametrize(
    "limits", [(), ("-pkeyopt", "rsa_pss_keygen_md:sha256", "-pkeyopt", "rsa_pss_keygen_saltlen:32")]
)
def test_a_key_for_pss_alone_is_refused(limits: tuple[str, ...], home: Home, tmp_path: Path) -> None:
    """With limits and without; the command makes a key that is accepted."""
    openssl(*PSS, *limits, cwd=tmp_path)
    (refusal,) = refusals(home, make_csr(tmp_path))
    assert refusal.code == "certificate.key_rsassa_pss"
    mend(refusal, tmp_path)
    authority, work = home
    csr = (tmp_path / NEW_CSR).read_bytes()
    assert same_key(csr, authority.submit(work, csr, ANY, CLAIM, NOW).certificate)


def test_a_csr_that_an_ordinary_rsa_key_signed_with_pss_is_accepted(home: Home, tmp_path: Path) -> None:
    """The control: the mark is in the key and not in the signature."""
    (tmp_path / KEY).write_text(write_key_pem(shelf("rsa-2048")))
    openssl("req", "-new", "-key", KEY, *NAMED, "-sigopt", "rsa_padding_mode:pss", "-out", CSR, cwd=tmp_path)
    authority, work = home
    csr = (tmp_path / CSR).read_bytes()
    assert same_key(csr, authority.submit(work, csr, ANY, CLAIM, NOW).certificate)


@pytest.mark.parametrize("kind", ["rsa-2048", "rsa-3072", "ec-p256", "ec-p384", "ec-p521", "ed25519"])
def test_usual_keys_stand_in_their_certificates_to_the_byte(kind: str, home: Home, tmp_path: Path) -> None:
    """openssl takes the same public key out of the CSR and of the certificate."""
    authority, work = home
    (tmp_path / KEY).write_text(write_key_pem(shelf(kind)))
    csr = make_csr(tmp_path)
    issued = authority.submit(work, csr, ANY, CLAIM, NOW)
    assert same_key(csr, issued.certificate)
    (tmp_path / CERTIFICATE).write_text(issued.certificate)
    asked = openssl("req", "-in", CSR, "-noout", "-pubkey", cwd=tmp_path)
    assert asked == openssl("x509", "-in", CERTIFICATE, "-noout", "-pubkey", cwd=tmp_path)


def test_every_other_broken_rule_is_told_too(home: Home, tmp_path: Path) -> None:
    """The form of the key is one rule among others."""
    ec_key(tmp_path, "-conv_form", "compressed")
    authority, work = home
    strict = replace(OFFER, policy=replace(POLICY, keys=(KeyRule(kind="RSA"),), required=("OU",)))
    with pytest.raises(NotIssued) as caught:
        authority.submit(work, make_csr(tmp_path), strict, CLAIM, NOW)
    assert [refusal.code.removeprefix("certificate.") for refusal in caught.value.refusals] == [
        "key_kind_refused",
        "key_encoding_refused",
        "attribute_missing",
    ]


def test_an_uploaded_certificate_may_have_any_form_of_key(tmp_path: Path) -> None:
    """It is compared as a whole and never written anew."""
    ec_key(tmp_path, "-conv_form", "compressed")
    openssl("req", "-x509", "-key", KEY, *NAMED, "-days", "2", "-out", CERTIFICATE, cwd=tmp_path)
    uploaded = read_certificate((tmp_path / CERTIFICATE).read_bytes())
    assert (str(uploaded.key), uploaded.signature_ok) == ("EC P-256", True)
    made = x509.load_pem_x509_certificate((tmp_path / CERTIFICATE).read_bytes())
    assert uploaded.certificate.public_bytes(Encoding.DER) == made.public_bytes(Encoding.DER)
