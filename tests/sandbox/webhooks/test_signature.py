"""Signatures as each provider makes them, checked by `openssl`, by `hmac` and by published vectors."""

import base64
import hashlib
import hmac
import json
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sandbox.webhooks.signature import compact_json, hmac_base64, php_json, write
from tests.sandbox.webhooks.providers import BLOCKING, EXPONENTIAL, IN_THE_BODY, THIN

PAYLOAD = {"data": {"resource": {"id": 111}}, "name": "Café/€"}


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def test_a_hexadecimal_hmac_in_a_header() -> None:
    """Over the very bytes of the body; a flipped bit gives another."""
    written = write(PAYLOAD, THIN.signatures, "TOddned3vb", THIN.form)
    told = [(written.body, True), (bytes([written.body[0] ^ 1]) + written.body[1:], False)]
    for body, right in told:
        line = ["openssl", "dgst", "-sha256", "-hmac", "TOddned3vb", "-hex"]
        done = subprocess.run(line, input=body, capture_output=True, check=True, timeout=30)
        assert (done.stdout.decode().split()[-1] == written.headers["x-signature"]) is right


def test_a_prefix_before_it() -> None:
    """``v1=`` and then the same."""
    written = write(PAYLOAD, BLOCKING.signatures, "dev-1234", BLOCKING.form)
    said = hmac.new(b"dev-1234", written.body, hashlib.sha256).hexdigest()
    assert written.headers == {"X-WEBHOOK-SIGN": f"v1={said}"}


@pytest.mark.parametrize(("header", "digest"), [("X-Signature-SHA256", "-sha256"), ("X-Signature", "-sha1")])
def test_rsa_by_openssl(key: rsa.RSAPrivateKey, tmp_path: Path, header: str, digest: str) -> None:
    """Both signatures over one body; a flipped bit is refused."""
    written = write(PAYLOAD, EXPONENTIAL.signatures, key, EXPONENTIAL.form)
    public, signature = tmp_path / "key.pem", tmp_path / "signature"
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    signature.write_bytes(base64.b64decode(written.headers[header], validate=True))
    line = ["openssl", "dgst", digest, "-verify", str(public), "-signature", str(signature)]
    good = subprocess.run(line, input=written.body, capture_output=True, check=False, timeout=30)
    flipped = bytes([written.body[0] ^ 1]) + written.body[1:]
    bad = subprocess.run(line, input=flipped, capture_output=True, check=False, timeout=30)
    assert (good.returncode, bad.returncode) == (0, 1)


def test_a_signature_in_the_body_over_one_member() -> None:
    """The published algorithm, and its published answer; the member stands in the body as it was signed."""
    payload = {
        "payins": [
            {
                "payinId": "123456",
                "amount": "42.00",
                "currency": "EUR",
                "label": "Café 10€ / réf 😀",
                "url": "https://a.b/c",
            }
        ]
    }
    said = {"webhook": "payin.create", "object_payload": payload}
    written = write(said, IN_THE_BODY.signatures, "webhook_secret", IN_THE_BODY.form)
    assert json.loads(written.body)["object_payload_signature"] == "mwN6ViIPzs9dJtvQaQBJroT5uF6nGhrmD8vvhJZfi2w="
    assert php_json(payload) in written.body and written.headers == {}
    other = hmac_base64(php_json({**payload, "more": 1}), "webhook_secret")
    assert other not in written.body.decode()


def test_the_two_forms_of_json() -> None:
    """Compact in UTF-8, and as PHP writes it."""
    assert compact_json({"a": "é/"}) == b'{"a":"\xc3\xa9/"}'
    assert php_json({"a": "é/"}) == b'{"a":"\\u00e9\\/"}'
