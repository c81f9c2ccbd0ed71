import dataclasses
import ipaddress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AttributeOID, ExtendedKeyUsageOID
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ca.errors import NotIssued
from ca.request.csr import Csr, read_csr
from ca.x509.keys import MAX_KEY_BITS, write_key_pem
from tests.ca.making import armour, csr_der, csr_pem, csr_without_attributes, name_of, openssl, sequence, shelf

FUZZ = settings(max_examples=400, deadline=None, database=None)


def reread(der: bytes) -> Csr:
    return read_csr(armour(der))


def codes(data: bytes) -> list[str]:
    with pytest.raises(NotIssued) as caught:
        read_csr(data)
    return [refusal.code.removeprefix("certificate.") for refusal in caught.value.refusals]


def test_the_facts_of_a_csr_that_openssl_made(tmp_path: Path) -> None:
    """Subject in order, key, hash, proof of possession; nothing asked for and nothing around."""
    (tmp_path / "key").write_text(write_key_pem(shelf("rsa-2048")))
    openssl("req", "-new", "-key", "key", "-subj", "/C=EU/O=Acme/CN=x", "-out", "csr", cwd=tmp_path)
    csr = read_csr((tmp_path / "csr").read_bytes())
    assert csr.subject == (("C", "EU"), ("O", "Acme"), ("CN", "x"))
    assert (str(csr.key), csr.hash, csr.signature_ok) == ("RSA 2048", "sha256", True)
    assert (csr.extensions, csr.attributes, csr.around, csr.label) == ((), (), "", "CERTIFICATE REQUEST")
    assert csr.public_key == shelf("rsa-2048").public_key()
    assert len(csr.sha256) == 64


def test_what_is_asked_for_is_read(tmp_path: Path) -> None:
    """A CA flag and names that openssl puts into a CSR are shown with name and value."""
    (tmp_path / "key").write_text(write_key_pem(shelf("ec-p256")))
    asked = ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "subjectAltName=DNS:a.test,IP:10.0.0.1"]
    openssl("req", "-new", "-key", "key", "-subj", "/O=Acme", *asked, "-out", "csr", cwd=tmp_path)
    csr = read_csr((tmp_path / "csr").read_bytes())
    assert [(each.name, each.value) for each in csr.extensions] == [
        ("basicConstraints", "CA:TRUE"),
        ("subjectAltName", "a.test, 10.0.0.1"),
    ]


def test_every_kind_of_extension_has_a_text() -> None:
    """Known ones in words, unknown ones as hex, all bounded."""
    asked = (
        x509.BasicConstraints(ca=False, path_length=None),
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.TIME_STAMPING]),
        x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("::1"))]),
        x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\x04" * 500),
    )
    values = {each.name: each.value for each in reread(csr_der(extensions=asked)).extensions}
    assert values["basicConstraints"] == "CA:FALSE"
    assert values["extendedKeyUsage"] == "clientAuth, 1.3.6.1.5.5.7.3.8"
    assert values["subjectAltName"] == "::1"
    assert len(values["1.2.3"]) == 120


def test_a_challenge_password_is_named_and_not_read() -> None:
    """It is a secret (RFC 2985 section 5.4.1): nothing of it is in the facts."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(name_of(("O", "Acme")))
    builder = builder.add_attribute(AttributeOID.CHALLENGE_PASSWORD, b"open sesame")
    csr = reread(builder.sign(shelf("ec-p256"), hashes.SHA256()).public_bytes(Encoding.DER))
    assert csr.attributes == ("challengePassword",)
    assert "open sesame" not in repr(csr)


@pytest.mark.parametrize("kind", ["rsa-2048", "ec-p256", "ec-p384", "ec-p521", "ed25519"])
def test_proof_of_possession_for_every_kind(kind: str) -> None:
    """The signature verifies with the key inside; with another key inside, it does not."""
    der = csr_der(key=shelf(kind))
    assert reread(der).signature_ok is True
    changed = der.replace(b"Acme", b"Acmf")
    assert reread(changed).signature_ok is False


def test_the_hash_is_named() -> None:
    """SHA-1 and its successors by name; Ed25519 has none."""
    assert reread(csr_der(hash=hashes.SHA512())).hash == "sha512"
    assert reread(csr_der(key=shelf("ed25519"))).hash == ""
    sha256_with_rsa = bytes.fromhex("06092a864886f70d01010b")
    der = csr_der(key=shelf("rsa-2048"))
    assert reread(der.replace(sha256_with_rsa, bytes.fromhex("06092a864886f70d010105"))).hash == "sha1"
    unknown = reread(der.replace(sha256_with_rsa, bytes.fromhex("06092a864886f70d0101ff")[:10] + b"\x7f"))
    assert (unknown.hash, unknown.signature_ok) == ("1.2.840.113549.1.1.127", False)


@pytest.mark.parametrize(("kind", "old"), [("rsa-2048", "sha1"), ("rsa-2048", "md5"), ("ec-p256", "sha1")])
def test_a_signature_over_an_old_hash_is_not_called_broken(kind: str, old: str, tmp_path: Path) -> None:
    """openssl makes such CSRs still: the hash is named for the policy, the proof of possession tried all the same."""
    (tmp_path / "key").write_text(write_key_pem(shelf(kind)))
    openssl("req", "-new", f"-{old}", "-key", "key", "-subj", "/O=Acme", "-outform", "DER", "-out", "csr", cwd=tmp_path)
    der = (tmp_path / "csr").read_bytes()
    assert (reread(der).hash, reread(der).signature_ok) == (old, True)
    changed = reread(der.replace(b"Acme", b"Acmf"))
    assert (changed.hash, changed.signature_ok) == (old, False)


def test_a_key_too_large_is_not_computed_with() -> None:
    """Its signature is not tried: the cost of that is the sender's to choose."""
    huge = rsa.RSAPublicNumbers(65537, (1 << MAX_KEY_BITS) + 1).public_key()
    assert huge.key_size == MAX_KEY_BITS + 1
    csr = reread(with_key(huge))
    assert csr.signature_ok is None
    assert csr.key.bits == MAX_KEY_BITS + 1


def with_key(key: rsa.RSAPublicKey) -> bytes:
    """A CSR around any public key; its signature is nonsense."""
    from ca.x509.keys import spki_der

    name = name_of(("O", "Acme")).public_bytes()
    info = sequence(b"\x02\x01\x00" + name + spki_der(key) + b"\xa0\x00")
    algorithm = sequence(bytes.fromhex("06092a864886f70d01010b0500"))
    return sequence(info + algorithm + b"\x03\x05\x00beef")


def test_the_same_csr_in_other_clothes() -> None:
    """CRLF, trailing newlines, the label of RFC 7468 section 7 and no newline at the end: all the same CSR."""
    der = csr_der()
    plain = armour(der)
    for data in (
        plain.replace(b"\n", b"\r\n"),
        plain + b"\n\n",
        plain.strip(),
        b"\n" + plain,
        armour(der, "NEW CERTIFICATE REQUEST"),
    ):
        csr = read_csr(data)
        assert (csr.der, csr.around) == (der, "")
    assert read_csr(plain.replace(b"\n", b"\r\n")).line_ends == "CRLF"
    assert read_csr(armour(der, "NEW CERTIFICATE REQUEST")).label == "NEW CERTIFICATE REQUEST"


def test_text_around_is_kept_for_the_policy_and_not_shown() -> None:
    """openssl req -text is read; whether it may stand there is not for the reader to say."""
    csr = read_csr(b"Certificate Request:\n    Data: caf\xe9\n" + csr_pem() + b"after\n")
    assert csr.around.splitlines()[0] == "Certificate Request:"
    assert csr.around.splitlines()[-1] == "after"
    assert "Certificate Request:" not in repr(csr)


def test_broken_insides_are_told_apart() -> None:
    """Key, subject and extensions that can not be read have a code each."""
    der = csr_der(key=shelf("rsa-2048"))
    assert codes(armour(der.replace(bytes.fromhex("2a864886f70d010101"), bytes.fromhex("2a864886f70d010163"), 1))) == [
        "key_unreadable"
    ]
    assert codes(armour(der.replace(b"Acme", b"\xff\xfe\xfd\xfc"))) == ["subject_unreadable"]
    twice = csr_der(
        extensions=(
            x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"x"),
            x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.4"), b"x"),
        )
    )
    assert codes(armour(twice.replace(bytes.fromhex("06022a04"), bytes.fromhex("06022a03")))) == [
        "extensions_unreadable"
    ]


def test_a_csr_without_its_attributes_field_is_told_so(tmp_path: Path) -> None:
    """openssl finds its signature good; strictly it is no PKCS#10, and the refusal names the field that is missing."""
    pem = armour(csr_without_attributes())
    (tmp_path / "csr").write_bytes(pem)
    assert "verify OK" in openssl("req", "-in", "csr", "-noout", "-verify", cwd=tmp_path)
    with pytest.raises(NotIssued) as caught:
        read_csr(pem)
    (refusal,) = caught.value.refusals
    assert refusal.code == "certificate.attributes_field_missing"
    assert "A0 00" in refusal.expected
    assert "openssl req -new" in refusal.next


def test_all_that_is_wrong_with_a_published_example_is_told_at_once(tmp_path: Path) -> None:
    """Six hyphens in the footer and no attributes field: two refusals in one answer. openssl stops at the first."""
    pem = armour(csr_without_attributes()).rstrip(b"\n") + b"-\n"
    assert pem.endswith(b"REQUEST------\n")
    (tmp_path / "csr").write_bytes(pem)
    assert "bad end line" in openssl("req", "-in", "csr", "-noout", "-verify", cwd=tmp_path, check=False)
    assert codes(pem) == ["end_hyphens", "attributes_field_missing"]
    assert codes(csr_pem().rstrip(b"\n") + b"-\n") == ["end_hyphens"]


@pytest.mark.parametrize("cut", [b"", b"\x02\x01\x00"])
def test_other_holes_in_a_csr_are_not_taken_for_that_field(cut: bytes) -> None:
    """A CSR without its version, or with nothing in it, is no CSR, and nothing more is known of it."""
    assert codes(armour(sequence(sequence(cut) + sequence(b"") + b"\x03\x01\x00"))) == ["not_a_request"]


def test_alternative_names_have_a_kind_and_a_text(tmp_path: Path) -> None:
    """As openssl writes them."""
    (tmp_path / "key").write_text(write_key_pem(shelf("ec-p256")))
    names = "subjectAltName=URI:gseid://a/b,DNS:a.test,IP:10.0.0.1,email:a@b.test,RID:1.2.3"
    openssl("req", "-new", "-key", "key", "-subj", "/O=A", "-addext", names, "-out", "csr", cwd=tmp_path)
    found = read_csr((tmp_path / "csr").read_bytes()).alternative_names
    assert ",".join(map(str, found[:4])) == "URI:gseid://a/b,DNS:a.test,IP:10.0.0.1,email:a@b.test"
    assert found[4].kind == "RID"
    assert reread(csr_der()).alternative_names == ()


def test_a_refusal_names_the_page_it_was_given() -> None:
    """The provider's page when there is one, the RFC otherwise."""
    with pytest.raises(NotIssued) as caught:
        read_csr(b"", rule_page="https://provider.test/csr")
    assert caught.value.refusals[0].rule == "https://provider.test/csr"
    with pytest.raises(NotIssued) as caught:
        read_csr(b"")
    assert caught.value.refusals[0].rule == "RFC 7468 section 7"


def test_warnings_of_the_library_are_not_ours() -> None:
    """A country of three letters is for the policy to judge, even where warnings are errors (as in this run)."""
    assert reread(csr_der(("C", "EUR"), ("CN", "x" * 65))).subject[0] == ("C", "EUR")


GOOD = csr_der(("C", "EU"), ("O", "Acme"), extensions=(x509.SubjectAlternativeName([x509.DNSName("a.test")]),))


def only_not_issued(data: bytes) -> None:
    try:
        read_csr(data)
    except NotIssued as error:
        assert error.refusals  # noqa: PT017  either outcome is right: what is judged is that there is no third
        for refusal in error.refusals:
            assert len(refusal.seen) <= 120
            assert refusal.seen.isprintable()


@FUZZ
@given(st.binary(max_size=2000))
@example(b"\x30")
@example(b"0" * 70_000)
@example(b"-----BEGIN CERTIFICATE REQUEST-----")
@example(b"-----BEGIN CERTIFICATE REQUEST----------END CERTIFICATE REQUEST-----")
@example(b"-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----")
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    """Whatever comes is a CSR or a refusal."""
    only_not_issued(data)
    only_not_issued(armour(data))


@FUZZ
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_no_broken_csr_raises_anything_else(changes: list[tuple[int, int]]) -> None:
    """A good CSR with some bytes changed: in PEM and in DER."""
    der = bytearray(GOOD)
    for at, byte in changes:
        der[at] = byte
    only_not_issued(armour(bytes(der)))
    only_not_issued(bytes(der))


@FUZZ
@given(st.integers(0, len(armour(GOOD)) - 1), st.binary(max_size=4), st.integers(0, 4))
def test_no_broken_pem_raises_anything_else(at: int, instead: bytes, cut: int) -> None:
    """A good PEM with a piece replaced."""
    text = armour(GOOD)
    only_not_issued(text[:at] + instead + text[at + cut :])


def test_the_facts_can_not_be_changed() -> None:
    """What was read stays as it was read."""
    csr = reread(GOOD)
    with pytest.raises(dataclasses.FrozenInstanceError):
        csr.hash = "sha1"  # type: ignore[misc]
