import base64
import traceback

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs7,
    pkcs12,
)

from ca.errors import NotIssued
from ca.request.csr import read_csr
from ca.request.pem import MAX_CSR_BYTES
from ca.request.upload import read_certificate
from ca.rules import RULES
from tests.ca.making import (
    armour,
    certificate_der,
    certificate_pem,
    csr_der,
    csr_pem,
    csr_without_attributes,
    founded,
    shelf,
)

KEY = shelf("rsa-2048")
assert isinstance(KEY, rsa.RSAPrivateKey)
PKCS8 = KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
SEALED = KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
PKCS1_PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
OPENSSH_PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
PUBLIC = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
SSH = KEY.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
PFX = pkcs12.serialize_key_and_certificates(b"x", KEY, None, None, BestAvailableEncryption(b"x"))
AUTHORITY, WORK = founded()
CERTIFICATE = AUTHORITY.server_root(WORK)
CERTIFICATE_DER = CERTIFICATE.public_bytes(Encoding.DER)
PKCS7 = pkcs7.serialize_certificates([CERTIFICATE], Encoding.DER)
WORK.connection.close()
PEM = csr_pem()
LINES = PEM.splitlines(keepends=True)


def refusal_of(data: bytes) -> NotIssued:
    with pytest.raises(NotIssued) as caught:
        read_csr(data)
    assert len(caught.value.refusals) == 1
    return caught.value


PRIVATE: dict[str, bytes] = {
    "PKCS#8": armour(PKCS8, "PRIVATE KEY"),
    "PKCS#1": PKCS1_PEM,
    "OpenSSH": OPENSSH_PEM,
    "with a password": armour(SEALED, "ENCRYPTED PRIVATE KEY"),
    "beside the CSR": PEM + armour(PKCS8, "PRIVATE KEY"),
    "before the CSR": armour(PKCS8, "PRIVATE KEY") + PEM,
    "in one line": armour(PKCS8, "PRIVATE KEY").replace(b"\n", b""),
    "in lower case": armour(PKCS8, "PRIVATE KEY").lower(),
    "in UTF-16": armour(PKCS8, "PRIVATE KEY").decode().encode("utf-16"),
    "with a BOM": b"\xef\xbb\xbf" + armour(PKCS8, "PRIVATE KEY"),
    "with dashes typeset": "\u2014\u2014BEGIN PRIVATE KEY\u2014\u2014\n".encode() + armour(PKCS8).splitlines()[1],
    "without its END": armour(PKCS8, "PRIVATE KEY")[:400],
    "DER": PKCS8,
    "DER with a password": SEALED,
    "PKCS#12": PFX,
    "under the label of a CSR": armour(PKCS8),
    "PKCS#12 under the label of a CSR": armour(PFX),
    "without any label": b"".join(armour(PKCS8).splitlines(keepends=True)[1:-1]),
}


@pytest.mark.parametrize("how", PRIVATE)
def test_a_private_key_is_told_and_never_repeated(how: str) -> None:
    """Whoever sends a private key hears so, and nothing of it is in the refusal, the exception or its traceback."""
    error = refusal_of(PRIVATE[how])
    (refusal,) = error.refusals
    assert refusal.code == "certificate.private_key_sent"
    shown = repr(refusal) + repr(error) + str(error) + error.advice() + "".join(traceback.format_exception(error))
    for piece in pieces(PRIVATE[how]):
        assert piece not in shown
    assert error.__cause__ is None
    assert error.__context__ is None
    assert "never shared" in RULES[refusal.code].meaning
    assert "Nothing of it was stored" in RULES[refusal.code].meaning
    assert "-newkey rsa:2048" in refusal.next


def pieces(data: bytes) -> list[str]:
    """Every line of what was sent that could be key material, and some of its middle."""
    lines = [line for line in data.decode("latin-1").replace("\x00", "").splitlines() if len(line) > 20]
    return [line[10:30] for line in lines if "BEGIN" not in line and "END" not in line]


@pytest.mark.parametrize("how", ["without any label", "under the label of a CSR"])
def test_a_piece_of_a_key_without_its_label_is_not_repeated_either(how: str) -> None:
    """Half a key is not recognised as one, and still nothing of it is shown."""
    half = PRIVATE[how][: len(PRIVATE[how]) // 2]
    shown = repr(refusal_of(half).refusals)
    assert all(piece not in shown for piece in pieces(half))


OTHER: dict[str, tuple[bytes, str]] = {
    "a certificate": (CERTIFICATE.public_bytes(Encoding.PEM), "certificate_sent"),
    "a trusted certificate": (armour(CERTIFICATE_DER, "TRUSTED CERTIFICATE"), "certificate_sent"),
    "a certificate in DER": (CERTIFICATE_DER, "certificate_sent"),
    "a certificate under the label of a CSR": (armour(CERTIFICATE_DER), "certificate_sent"),
    "a public key": (armour(PUBLIC, "PUBLIC KEY"), "public_key_sent"),
    "a public key in DER": (PUBLIC, "public_key_sent"),
    "an SSH public key": (SSH, "public_key_sent"),
    "PKCS#7": (armour(PKCS7, "PKCS7"), "pkcs7_sent"),
    "PKCS#7 in DER": (PKCS7, "pkcs7_sent"),
    "another label": (armour(b"x", "ATTRIBUTE CERTIFICATE"), "other_pem_sent"),
    "two CSRs": (PEM + PEM, "two_requests"),
    "folded into one line": (PEM.replace(b"\n", b""), "one_line"),
    "line ends escaped": (PEM.replace(b"\n", b"\\n"), "escaped_line_ends"),
    "line ends escaped in the middle": (b"".join(LINES[:2]) + b"\\n".join(LINES[2:]), "escaped_line_ends"),
    "a byte order mark": (b"\xef\xbb\xbf" + PEM, "byte_order_mark"),
    "UTF-16 of PowerShell": (PEM.decode().encode("utf-16"), "utf16"),
    "UTF-16 without a mark": (PEM.decode().encode("utf-16-be"), "utf16"),
    "DER": (csr_der(), "der"),
    "garbled base64": (PEM.replace(LINES[2][:8], b"!!!!!!!!"), "base64_garbled"),
    "a character lost": (PEM.replace(LINES[2], LINES[2][1:]), "base64_garbled"),
    "a line lost": (PEM.replace(LINES[2], b""), "truncated"),
    "bytes after the end": (armour(csr_der() + b"\x00"), "truncated"),
    "base64 of something else": (armour(b"hello, I am not a request"), "not_a_request"),
    "an empty body": (armour(b""), "not_a_request"),
    "no END line": (b"".join(LINES[:-1]), "end_missing"),
    "an END line of another label": (PEM.replace(b"END CERTIFICATE REQUEST", b"END CERTIFICATE"), "end_missing"),
    "no BEGIN line": (b"".join(LINES[1:]), "begin_missing"),
    "four hyphens": (PEM[1:], "begin_missing"),
    "base64 alone": (b"".join(LINES[1:-1]), "wrapped"),
    "JSON": (b'{"csr": "x"}', "other_file_sent"),
    "a CRL": (armour(b"x", "X509 CRL"), "other_file_sent"),
    "base64 of the PEM": (base64.b64encode(PEM), "wrapped"),
    "in quotes, base64": (b'"' + base64.b64encode(PEM) + b'"', "wrapped"),
    "a web page": (b"<!DOCTYPE html><html>", "other_file_sent"),
    "a ZIP archive": (b"PK\x03\x04" + bytes(40), "other_file_sent"),
    "digits": (b"0123456789", "begin_missing"),
    "nothing": (b"", "empty"),
    "white space": (b" \r\n\t", "empty"),
    "too much": (PEM + b"\n" * MAX_CSR_BYTES, "too_large"),
    "an image": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not_text"),
    "zeros": (bytes(100), "not_text"),
    "Latin-1": ("Société".encode("latin-1"), "not_text"),
}


@pytest.mark.parametrize("what", OTHER)
def test_whatever_is_not_a_csr_is_told_by_its_own_code(what: str) -> None:
    """Each wrong file has a code and a next step of its own."""
    data, reason = OTHER[what]
    (refusal,) = refusal_of(data).refusals
    assert refusal.code == f"certificate.{reason}"
    assert refusal.next


def test_the_advice_for_a_folded_file_is_the_option_that_does_not_fold() -> None:
    """curl -d @file strips the line ends; --data-binary does not."""
    (refusal,) = refusal_of(PEM.replace(b"\n", b"")).refusals
    assert "--data-binary" in refusal.next


def test_the_largest_that_is_read_is_read() -> None:
    """At the limit it is a CSR, one byte beyond it is not."""
    at_the_limit = PEM + b"\n" * (MAX_CSR_BYTES - len(PEM))
    assert read_csr(at_the_limit).signature_ok
    assert refusal_of(at_the_limit + b"\n").refusals[0].code == "certificate.too_large"


@pytest.mark.parametrize("chatter", [b"writing new private key to 'sandbox.key'\n-----\n", b"Trend Private Limited\n"])
def test_talk_of_private_keys_is_no_private_key(chatter: bytes) -> None:
    """What openssl prints beside a CSR raises no false alarm."""
    assert read_csr(chatter + PEM).around


@pytest.mark.parametrize("how", PRIVATE)
def test_a_private_key_is_not_repeated_where_a_certificate_is_asked_for(how: str) -> None:
    """The same care, and the step that makes a certificate."""
    data = PRIVATE[how].replace(PEM, CERTIFICATE_PEM).replace(b"CERTIFICATE REQUEST", b"CERTIFICATE")
    error = upload_refused(data)
    (refusal,) = error.refusals
    assert refusal.code == "certificate.private_key_sent"
    shown = repr(refusal) + str(error) + error.advice() + "".join(traceback.format_exception(error))
    assert all(piece not in shown for piece in pieces(PRIVATE[how].replace(PEM, b"")))
    assert "req -x509" in refusal.next


CERTIFICATE_PEM = certificate_pem()
CERTIFICATE_LINES = CERTIFICATE_PEM.splitlines(keepends=True)

NO_UPLOAD: dict[str, tuple[bytes, str]] = {
    "a CSR": (PEM, "request_sent"),
    "a CSR of the other label": (armour(csr_der(), "NEW CERTIFICATE REQUEST"), "request_sent"),
    "a CSR in DER": (csr_der(), "request_sent"),
    "a CSR in DER without its attributes field": (csr_without_attributes(), "request_sent"),
    "a CSR under the label of a certificate": (armour(csr_der(), "CERTIFICATE"), "request_sent"),
    "a chain": (CERTIFICATE_PEM + certificate_pem(("O", "CA")), "several_certificates"),
    "a trusted certificate": (armour(certificate_der(), "TRUSTED CERTIFICATE"), "other_pem_sent"),
    "a public key": (armour(PUBLIC, "PUBLIC KEY"), "public_key_sent"),
    "an SSH public key": (SSH, "public_key_sent"),
    "PKCS#7": (armour(PKCS7, "PKCS7"), "pkcs7_sent"),
    "DER": (certificate_der(), "der"),
    "folded into one line": (CERTIFICATE_PEM.replace(b"\n", b""), "one_line"),
    "line ends escaped": (CERTIFICATE_PEM.replace(b"\n", b"\\n"), "escaped_line_ends"),
    "a byte order mark": (b"\xef\xbb\xbf" + CERTIFICATE_PEM, "byte_order_mark"),
    "UTF-16": (CERTIFICATE_PEM.decode().encode("utf-16"), "utf16"),
    "garbled base64": (CERTIFICATE_PEM.replace(CERTIFICATE_LINES[2][:8], b"!!!!!!!!"), "base64_garbled"),
    "a line lost": (CERTIFICATE_PEM.replace(CERTIFICATE_LINES[2], b""), "truncated"),
    "base64 of something else": (armour(b"hello", "CERTIFICATE"), "not_a_certificate"),
    "no END line": (b"".join(CERTIFICATE_LINES[:-1]), "end_missing"),
    "six hyphens at the end": (
        CERTIFICATE_PEM.replace(b"-----\n", b"------\n").replace(b"E------", b"E-----", 1),
        "end_hyphens",
    ),
    "no BEGIN line": (b"".join(CERTIFICATE_LINES[1:]), "begin_missing"),
    "nothing": (b"", "empty"),
    "too much": (CERTIFICATE_PEM + b"\n" * MAX_CSR_BYTES, "too_large"),
    "an image": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not_text"),
}


def upload_refused(data: bytes) -> NotIssued:
    with pytest.raises(NotIssued) as caught:
        read_certificate(data)
    assert len(caught.value.refusals) == 1
    return caught.value


@pytest.mark.parametrize("what", NO_UPLOAD)
def test_whatever_is_not_one_certificate_is_told_by_its_own_code(what: str) -> None:
    """Each wrong file has a code, and a next step that makes or mends a certificate and never a CSR."""
    data, reason = NO_UPLOAD[what]
    (refusal,) = upload_refused(data).refusals
    assert refusal.code == f"certificate.{reason}"
    assert refusal.next
    assert "certificate-request" not in refusal.next
    assert "REQUEST" not in refusal.expected


def test_hyphens_too_many_or_too_few_at_the_end_are_counted() -> None:
    """Told with their number."""
    for number in (3, 4, 6, 12):
        (refusal,) = refusal_of(PEM.rstrip(b"-\n") + b"-" * number + b"\n").refusals
        assert (refusal.code, refusal.seen) == ("certificate.end_hyphens", f"{number} hyphens")
        assert refusal.expected == "-----END CERTIFICATE REQUEST-----"


def test_a_block_that_follows_without_a_line_end_is_a_block() -> None:
    """`cat a b` of files that lost their last newline: its hyphens are its own."""
    csr = read_csr(PEM.rstrip(b"\n") + CERTIFICATE_PEM)
    assert csr.around.startswith("-----BEGIN CERTIFICATE-----")
    assert refusal_of(PEM.rstrip(b"\n") + PEM).refusals[0].code == "certificate.two_requests"
