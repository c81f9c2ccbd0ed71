"""Detached signatures by others: the openssl command by hand, and PyJWT; and RS256 tokens of ours read by both."""

import json
import os
import subprocess
from pathlib import Path

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from sandbox.jose.jws import seal_compact
from sandbox.jose.keys import key_of
from tests.openssl import openssl
from tests.sandbox.jose.detaching import AT, BODY, CRIT, ISS, KID, NOW, header, opened, part, pretty, private, refused
from tests.sandbox.jose.making import shelf

BODIES = {
    "JSON": BODY,
    "CRLF": b'{\r\n  "a.b": "..",\r\n  "c": 1.50\r\n}\r\n',
    "dots": b"a.b..c",
    "NUL and no UTF-8": b"\0\xff.\n",
    "nothing": b"",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate that openssl has made, with the subject and the serial number of the usual ones."""
    made = tmp_path_factory.mktemp("openssl")
    subject = "/C=GB/L=London/OU=Acme API/O=Acme/CN=a2av3py82w"
    openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "key.pem", cwd=made)
    request = ("req", "-x509", "-new", "-key", "key.pem", "-subj", subject, "-days", "3650", "-multivalue-rdn")
    openssl(*request, "-set_serial", "0x1f23f36a87", "-out", "certificate.pem", cwd=made)
    return made


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_openssl_signs_and_we_verify(folder: Path, body: bytes) -> None:
    """A pretty header, the body as it is, and no code of ours; and one byte of either changed is refused."""
    made = x509.load_pem_x509_certificate((folder / "certificate.pem").read_bytes())
    held = key_of(made, algorithm="RS256")
    now = made.not_valid_before_utc
    printed = openssl("x509", "-in", "certificate.pem", "-noout", "-subject", "-nameopt", "RFC2253", cwd=folder)
    iss = printed.decode().strip().removeprefix("subject=")
    first = part(pretty(header(iss=iss)))
    signature = openssl("dgst", "-sha256", "-sign", "key.pem", stdin=first + b"." + body, cwd=folder)
    value = (first + b".." + part(signature)).decode()

    said = opened(value, held, payload=body, now=now)
    assert (said.payload, said.key.kid, said.header["iss"]) == (body, KID, iss)
    longer = refused(value, held, payload=body + b"x", now=now).code
    assert longer == ("signature.does_not_verify" if body else "signature.input_wrong")
    assert refused(value, payload=body).code == "signature.does_not_verify"
    other = part(pretty(header(iss=iss, typ="x")))
    assert refused(value.replace(first.decode(), other.decode()), held, payload=body, now=now).code == (
        "signature.header_tampered"
    )


def test_pyjwt_signs_and_we_verify() -> None:
    """It knows RFC 7797; its header is compact and in another order."""
    members = {"kid": KID, "iat": AT, "iss": ISS, "crit": CRIT}
    value = jwt.PyJWS().encode(BODY, private(), algorithm="RS256", headers=members, is_payload_detached=True)
    assert ".." in value
    said = opened(value)
    assert said.payload == BODY
    assert {**said.header, "typ": ...} == {**header(iat=AT), "typ": ...}
    assert refused(value, payload=BODY + b" ").code == "signature.payload_reserialized"


def test_pyjwt_with_the_body_within_is_told_so() -> None:
    """What one gets who leaves out is_payload_detached."""
    value = jwt.PyJWS().encode(BODY, private(), algorithm="RS256", headers={"kid": KID, "iss": ISS, "iat": 0})
    assert refused(value).code == "signature.payload_attached"
    first, _, signature = value.split(".")
    assert refused(f"{first}..{signature}").code == "signature.b64_wrong"


def test_our_tokens_are_read_by_pyjwt_and_openssl(tmp_path: Path) -> None:
    """RS256 as providers seal access tokens; and a changed one is nobody's."""
    signing = shelf("RS256")
    claims = {"jti": "3fe40be4", "scope": ["userdirect"], "exp": int(NOW.timestamp()) + 3600}
    token = seal_compact(json.dumps(claims).encode(), key=signing, header={"alg": "RS256", "typ": "JWT"})
    assert token.startswith("eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.")
    options = {"verify_exp": False}
    assert jwt.decode(token, signing.public_key, algorithms=["RS256"], options=options) == claims
    head, payload, signature = token.split(".")
    for changed in (f"{head}.{payload[:-2]}{'A' * 2}.{signature}", f"{head}.{payload}.{'A' * len(signature)}"):
        with pytest.raises(jwt.InvalidTokenError):
            jwt.decode(changed, signing.public_key, algorithms=["RS256"], options=options)
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, private().public_key(), algorithms=["RS256"], options=options)

    pem = signing.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "public.pem").write_bytes(pem)
    (tmp_path / "signature").write_bytes(jwt.utils.base64url_decode(signature))
    check = ("dgst", "-sha256", "-verify", "public.pem", "-signature", "signature")
    openssl(*check, stdin=f"{head}.{payload}".encode(), cwd=tmp_path)
    openssl(*check, stdin=f"{head}.{payload}x".encode(), cwd=tmp_path, code=1)


def test_the_commands_of_the_table_sign_what_is_taken(tmp_path: Path) -> None:
    """What the causes tell one to type makes a signature that we take."""
    from sandbox.journal.causes import CAUSES

    (tmp_path / "KEY").write_bytes(private().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (tmp_path / "BODY").write_bytes(BODY)
    first = part(pretty(header())).decode()
    step = CAUSES["signature.payload_encoded"].next
    command = step[step.index("printf") :]
    for shell, code in ((command, ""), (command.replace("BODY", "/dev/null"), "signature.input_wrong")):
        environment = {"HEADER": first, "PATH": os.environ["PATH"]}
        done = subprocess.run(["sh", "-c", shell], cwd=tmp_path, env=environment, capture_output=True, check=True)
        value = f"{first}..{part(done.stdout).decode()}"
        assert (refused(value).code if code else opened(value).payload) == (code or BODY)
