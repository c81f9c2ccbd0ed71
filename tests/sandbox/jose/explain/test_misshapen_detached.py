"""What stands in the header in place of a detached JWS is told what it is, and nothing of it is repeated."""

import json
import textwrap
from base64 import b64encode, urlsafe_b64encode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs12,
)

from tests.sandbox.jose.detaching import (
    BODY,
    certificate,
    header,
    jws,
    name_of,
    opened,
    over,
    part,
    pretty,
    private,
    refused,
    sign,
)

GOOD = jws()
HEAD, SIGNATURE = GOOD.split("..")
MIDDLE = part(BODY).decode()
PRIVATE = private().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PRIVATE_DER = private().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
CSR = x509.CertificateSigningRequestBuilder().subject_name(name_of(("O", "Acme"))).sign(private(), hashes.SHA256())
PUBLIC = private().public_key()
PKCS12 = pkcs12.serialize_key_and_certificates(b"x", private(), certificate(), None, BestAvailableEncryption(b"x"))

MISPLACED = {
    "nothing": ("", "signature.empty"),
    "a space": (" ", "signature.empty"),
    "the JSON serialization": (
        json.dumps({"protected": HEAD, "signature": SIGNATURE}),
        "signature.json_serialization",
    ),
    "the JSON serialization, general": (
        json.dumps({"payload": MIDDLE, "signatures": [{"protected": HEAD, "signature": SIGNATURE}]}),
        "signature.json_serialization",
    ),
    "the JOSE header itself": (json.dumps(header()), "signature.plain_json"),
    "quotes": (f'"{GOOD}"', "signature.quoted"),
    "a JWE": ("eyJh.b.c.d.e", "signature.encrypted"),
    "the signature alone": (SIGNATURE, "signature.parts_wrong"),
    "the signature alone in plain base64": (b64encode(sign(over())).decode(), "signature.parts_wrong"),
    "one dot": (f"{HEAD}.{SIGNATURE}", "signature.parts_wrong"),
    "three dots": (f"{HEAD}...{SIGNATURE}", "signature.parts_wrong"),
    "words": ("hello world", "signature.parts_wrong"),
    "the body within": (f"{HEAD}.{MIDDLE}.{SIGNATURE}", "signature.payload_attached"),
    "a body within, padded": (f"{HEAD}.e30=.{SIGNATURE}", "signature.payload_attached"),
    "another body within": (f"{HEAD}.e30.{SIGNATURE}", "signature.payload_attached"),
    "two headers": (f"{GOOD}, {GOOD}", "signature.several"),
    "two headers, one of them empty": (f"{GOOD}, ..", "signature.several"),
    "a comma at the end": (f"{GOOD},", "signature.base64_malformed"),
    "white space": (f"{HEAD}.. {SIGNATURE}", "signature.whitespace"),
    "a folded header": (GOOD[:76] + "\r\n " + GOOD[76:], "signature.whitespace"),
    "a padded header": (
        f"{urlsafe_b64encode(pretty(header(x='y'))).decode()}=..{SIGNATURE}",
        "signature.base64_padded",
    ),
    "a padded signature": (f"{GOOD}==", "signature.base64_padded"),
    "plain base64": (f"{HEAD}..+/AA", "signature.base64_standard"),
    "another character": (f"{HEAD}..{SIGNATURE[:-1]}*", "signature.base64_malformed"),
    "not ASCII": (f"{HEAD}..{SIGNATURE[:-1]}é", "signature.base64_malformed"),
    "not ISO 8859-1": (f"{HEAD}..{SIGNATURE[:-1]}銀", "signature.base64_malformed"),
    "NUL": (f"{HEAD}..{SIGNATURE}\0", "signature.base64_malformed"),
    "a length that no bytes have": (f"{HEAD}..AAAAA", "signature.base64_malformed"),
    "bits that belong to no byte": (f"{HEAD}..AB", "signature.base64_malformed"),
    "no header": (f"..{SIGNATURE}", "signature.header_not_json"),
    "no signature": (f"{HEAD}..", "signature.length_wrong"),
    "a private key": (PRIVATE.replace("\n", " "), "signature.key_private_sent"),
    "a private key with line ends as text": (PRIVATE.replace("\n", "\\n"), "signature.key_private_sent"),
    "a private key in base64": (b64encode(PRIVATE_DER).decode(), "signature.key_private_sent"),
    "a private key in base64 of PEM": (b64encode(PRIVATE.encode()).decode(), "signature.key_private_sent"),
    "PKCS#12": (b64encode(PKCS12).decode(), "signature.key_private_sent"),
    "a private JWK": ('{"kty":"RSA","n":"AQ","e":"AQAB","d":"AQ"}', "signature.key_private_sent"),
    "a certificate": (
        certificate().public_bytes(Encoding.PEM).decode().replace("\n", ""),
        "signature.certificate_sent",
    ),
    "a certificate in base64": (
        b64encode(certificate().public_bytes(Encoding.DER)).decode(),
        "signature.certificate_sent",
    ),
    "a certificate in base64, folded": (
        " ".join(textwrap.wrap(b64encode(certificate().public_bytes(Encoding.DER)).decode(), 64)),
        "signature.certificate_sent",
    ),
    "a certificate in base64 of PEM": (
        b64encode(certificate().public_bytes(Encoding.PEM)).decode(),
        "signature.certificate_sent",
    ),
    "a CSR": (b64encode(CSR.public_bytes(Encoding.DER)).decode(), "signature.certificate_sent"),
    "a public key": (
        b64encode(PUBLIC.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode(),
        "signature.certificate_sent",
    ),
}


@pytest.mark.parametrize(("value", "code"), MISPLACED.values(), ids=MISPLACED)
def test_what_is_no_detached_jws_is_told_what_it_is(value: str, code: str) -> None:
    """Each has a cause of its own, and a good one beside it is taken; no key and no body is repeated."""
    reason = refused(value)
    assert reason.code == code
    told = reason.seen + reason.expected + reason.next
    assert not any(secret in told for secret in (MIDDLE, PRIVATE[40:80], SIGNATURE[:20], "DE00"))
    assert opened(GOOD).payload == BODY


def test_the_body_within_is_told_from_another() -> None:
    """Who attaches the body has a library to change; who attaches another one has a bug as well."""
    assert "the body in base64url" in refused(f"{HEAD}.{MIDDLE}.{SIGNATURE}").seen
    assert "another payload" in refused(f"{HEAD}.e30.{SIGNATURE}").seen


def test_the_dots_are_counted() -> None:
    """One dot is the commonest slip: the parts were joined as if there were two."""
    assert "two dots" in refused(f"{HEAD}.{SIGNATURE}").next
    assert "header's part" in refused(SIGNATURE).next
    assert refused(f"{HEAD}...{SIGNATURE}").next == ""


def test_a_private_key_is_to_be_given_up() -> None:
    """It went over the wire and through who knows which log."""
    reason = refused(PRIVATE.replace("\n", " "))
    assert "not shown" in reason.seen and "revoked" in reason.next


def test_two_values_are_counted() -> None:
    """The first may be good: which of them was meant is not guessed."""
    assert "3 values" in refused(f"{GOOD}, {GOOD}, {GOOD}").seen
