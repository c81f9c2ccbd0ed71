from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from ca.errors import NotIssued
from ca.request.upload import Uploaded, read_certificate
from ca.x509.keys import MAX_KEY_BITS, write_key_pem
from tests.ca.making import NOW, armour, certificate_der, name_of, openssl, shelf

FUZZ = settings(max_examples=300, deadline=None, database=None)
GOOD = certificate_der(extensions=(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]),))


def reread(der: bytes) -> Uploaded:
    return read_certificate(armour(der, "CERTIFICATE"))


def codes(data: bytes) -> list[str]:
    with pytest.raises(NotIssued) as caught:
        read_certificate(data)
    return [refusal.code.removeprefix("certificate.") for refusal in caught.value.refusals]


def test_the_facts_of_a_certificate_that_openssl_made(tmp_path: Path) -> None:
    """Subject, key, hash and life; self-signed, with a good signature; no extended key usage, nothing around."""
    (tmp_path / "key").write_text(write_key_pem(shelf("rsa-2048")))
    made = ["-new", "-x509", "-key", "key", "-subj", "/C=EU/O=Acme", "-days", "30"]
    openssl("req", *made, "-out", "certificate", cwd=tmp_path)
    read = read_certificate((tmp_path / "certificate").read_bytes())
    assert read.subject == (("C", "EU"), ("O", "Acme"))
    assert (str(read.key), read.hash, read.self_signed, read.signature_ok) == ("RSA 2048", "sha256", True, True)
    assert (read.extended_key_usage, read.around, read.label) == (None, "", "CERTIFICATE")
    assert (read.not_after - read.not_before).days == 30
    printed = openssl("x509", "-in", "certificate", "-noout", "-enddate", cwd=tmp_path).strip()
    told = datetime.strptime(printed, "notAfter=%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC)
    assert read.not_after == told


def test_a_certificate_of_an_authority_is_not_self_signed() -> None:
    """Its signature can not be tried: the issuer is not here."""
    read = reread(certificate_der(issuer=shelf("ec-p384")))
    assert (read.self_signed, read.signature_ok) == (False, None)


def test_a_certificate_changed_after_it_was_made_is_seen() -> None:
    """The control is the good one; in the other the subject and the issuer were changed alike."""
    assert reread(GOOD).signature_ok is True
    changed = reread(GOOD.replace(b"Acme", b"Acmf"))
    assert (changed.self_signed, changed.signature_ok) == (True, False)


def test_a_key_too_large_is_not_computed_with() -> None:
    """Whatever the certificate says of its issuer, its signature is not tried."""
    huge = rsa.RSAPublicNumbers(65537, (1 << MAX_KEY_BITS) + 1).public_key()
    name = name_of(("O", "Acme"))
    builder = x509.CertificateBuilder(name, name, huge, 1, NOW, NOW + timedelta(days=1))
    read = reread(builder.sign(shelf("ec-p256"), hashes.SHA256()).public_bytes(Encoding.DER))
    assert (read.self_signed, read.signature_ok, read.key_too_large) == (True, None, True)


def test_an_algorithm_that_does_not_fit_the_key_is_no_signature_of_its_own() -> None:
    """Self-issued by its names, signed by a key of another kind."""
    name = name_of(("O", "Acme"))
    builder = x509.CertificateBuilder(name, name, shelf("rsa-2048").public_key(), 1, NOW, NOW + timedelta(days=1))
    read = reread(builder.sign(shelf("ec-p256"), hashes.SHA256()).public_bytes(Encoding.DER))
    assert (read.self_signed, read.signature_ok) == (True, False)


def test_the_extended_key_usage_is_read_by_name() -> None:
    """RFC 5280's names, OIDs for the others; none at all is another thing than none of ours."""
    assert reread(GOOD).extended_key_usage == ("clientAuth",)
    other = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    assert reread(certificate_der(extensions=(other,))).extended_key_usage == ("1.3.6.1.5.5.7.3.8",)
    assert reread(certificate_der()).extended_key_usage is None


def test_the_same_certificate_in_other_clothes() -> None:
    """CRLF, no newline at the end, newlines around, the old label: all the same certificate, with nothing around it."""
    plain = armour(GOOD, "CERTIFICATE")
    same = reread(GOOD)
    for data in (plain.strip(), b"\n" + plain + b"\n\n", armour(GOOD, "X509 CERTIFICATE")):
        assert replace(read_certificate(data), label="CERTIFICATE") == same
    assert read_certificate(plain.replace(b"\n", b"\r\n")) == replace(same, line_ends="CRLF")
    assert read_certificate(b"Bag Attributes\n" + plain).around == "Bag Attributes"


def test_broken_insides_are_told_apart() -> None:
    """Key, subject and extensions that can not be read have a code each; so has what is no certificate."""
    der = certificate_der(key=shelf("rsa-2048"))
    other_kind = der.replace(bytes.fromhex("2a864886f70d010101"), bytes.fromhex("2a864886f70d010163"), 1)
    assert codes(armour(other_kind, "CERTIFICATE")) == ["key_unreadable"]
    assert codes(armour(der.replace(b"Acme", b"\xff\xfe\xfd\xfc"), "CERTIFICATE")) == ["subject_unreadable"]
    twice = certificate_der(
        extensions=(
            x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"x"),
            x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.4"), b"x"),
        )
    ).replace(bytes.fromhex("06022a04"), bytes.fromhex("06022a03"))
    assert codes(armour(twice, "CERTIFICATE")) == ["extensions_unreadable"]
    assert codes(armour(b"\x30\x03\x02\x01\x01", "CERTIFICATE")) == ["not_a_certificate"]


def test_warnings_of_the_library_are_not_ours() -> None:
    """A country of three letters and a serial of zero are read, even where warnings are errors (as in this run)."""
    assert reread(certificate_der(("C", "EUR"), ("CN", "x" * 65))).subject[0] == ("C", "EUR")
    zero = certificate_der(serial=1).replace(b"\x02\x01\x01", b"\x02\x01\x00", 1)
    assert reread(zero).serial == 0


def only_not_issued(data: bytes) -> None:
    try:
        read_certificate(data)
    except NotIssued as error:
        assert error.refusals  # noqa: PT017  either outcome is right: what is judged is that there is no third
        for refusal in error.refusals:
            assert len(refusal.seen) <= 120
            assert refusal.seen.isprintable()


@FUZZ
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_no_broken_certificate_raises_anything_else(changes: list[tuple[int, int]]) -> None:
    """A good certificate with some bytes changed: in PEM and in DER."""
    der = bytearray(GOOD)
    for at, byte in changes:
        der[at] = byte
    only_not_issued(armour(bytes(der), "CERTIFICATE"))
    only_not_issued(bytes(der))


@FUZZ
@given(st.binary(max_size=2000))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    """Whatever comes is a certificate or a refusal."""
    only_not_issued(data)
    only_not_issued(armour(data, "CERTIFICATE"))
