"""What others sign, we verify; what we sign, others verify: PyJWT for all algorithms, and the openssl command."""

from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from sandbox.jose.jws import seal_compact
from tests.openssl import openssl
from tests.sandbox.jose.making import (
    EVERY,
    KID,
    PATH,
    PAYLOAD,
    compact,
    exchanged,
    header,
    opened,
    part,
    public,
    refused,
    shelf,
    sign,
    signed_otherwise,
    usual_input,
)

PYJWT = jwt.PyJWS()


@EVERY
def test_pyjwt_signs_and_we_verify(algorithm: str) -> None:
    """And we refuse the same with another payload, and under another key."""
    body = PYJWT.encode(
        PAYLOAD, shelf(algorithm).private_key, algorithm=algorithm, headers={"kid": KID, "url": PATH}
    ).encode()
    said = opened(body, public(algorithm))
    assert (said.payload, said.header["kid"], said.key.kid) == (PAYLOAD, KID, KID)
    changed = exchanged(body, payload=b'{"type":"BALANCF"}')
    assert refused(changed, public(algorithm)).code == "signature.does_not_verify"
    assert refused(body, public(algorithm, 1)).code == "signature.does_not_verify"


@EVERY
def test_we_sign_and_pyjwt_verifies(algorithm: str) -> None:
    """And PyJWT refuses the same with another payload, and under another key."""
    sealed = seal_compact(PAYLOAD, key=shelf(algorithm), header={"version": 1, "alg": algorithm})
    key = shelf(algorithm).public_key
    assert PYJWT.decode(sealed, key, algorithms=[algorithm]) == PAYLOAD
    assert jwt.get_unverified_header(sealed) == {"version": 1, "alg": algorithm}
    changed = exchanged(sealed.encode(), payload=b'{"type":"BALANCF"}')
    with pytest.raises(jwt.InvalidSignatureError):
        PYJWT.decode(changed, key, algorithms=[algorithm])
    with pytest.raises(jwt.InvalidSignatureError):
        PYJWT.decode(sealed, shelf(algorithm, 1).public_key, algorithms=[algorithm])


def degenerate(algorithm: str) -> dict[str, bytes]:
    """Signatures that a careless verifier takes for any message, and ones that are nearly good."""
    good = sign(usual_input(algorithm), algorithm)
    size = len(good)
    made = {"zeros": bytes(size), "ones": b"\xff" * size, "one": bytes(size - 1) + b"\1", "empty": b""}
    made |= {"a byte less": good[:-1], "a byte more": good + b"\0", "a zero before": b"\0" + good, "twice": good * 2}
    if algorithm.startswith("ES"):
        r, s, none = good[: size // 2], good[size // 2 :], bytes(size // 2)
        made |= {"r is zero": none + s, "s is zero": r + none, "halves exchanged": s + r, "r for both": r + r}
    return made


@EVERY
def test_no_degenerate_signature_is_taken(algorithm: str) -> None:
    """Neither by us nor by PyJWT; the good one is, by both."""
    key = shelf(algorithm).public_key
    for what, signature in degenerate(algorithm).items():
        body = signed_otherwise(signature, algorithm)
        assert refused(body, public(algorithm)).code.startswith("signature."), what
        with pytest.raises(jwt.InvalidSignatureError):
            PYJWT.decode(body, key, algorithms=[algorithm])
    good = signed_otherwise(sign(usual_input(algorithm), algorithm), algorithm)
    assert opened(good, public(algorithm)).payload == PYJWT.decode(good, key, algorithms=[algorithm])


PSS_OPTIONS = ("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest")


@pytest.mark.parametrize(
    ("algorithm", "options"), [("PS256", ("-sha256", *PSS_OPTIONS)), ("ES512", ("-sha512",))], ids=["PS256", "ES512"]
)
def test_openssl_signs_and_verifies(algorithm: str, options: tuple[str, ...], tmp_path: Path) -> None:
    """The command by hand: its signature is ours (ES512: out of DER), and ours is its; changed input is nobody's."""
    private, key = tmp_path / "jws.key", tmp_path / "PUBLIC.pem"
    signing = shelf(algorithm)
    private.write_bytes(signing.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    key.write_bytes(signing.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    signed = part(compact(header(algorithm))) + b"." + part(PAYLOAD)
    theirs = openssl("dgst", *options, "-sign", private, stdin=signed)
    assert opened(signed + b"." + part(raw(theirs, algorithm)), public(algorithm)).payload == PAYLOAD

    sealed = seal_compact(PAYLOAD, key=signing, header={"version": 1, "alg": algorithm}).encode()
    over, _, ours = sealed.rpartition(b".")
    signature = tmp_path / "signature"
    signature.write_bytes(der(jwt.utils.base64url_decode(ours), algorithm))
    check = ("dgst", *options, "-verify", key, "-signature", signature)
    openssl(*check, stdin=over)
    openssl(*check, stdin=over + b"x", code=1)


def raw(signature: bytes, algorithm: str) -> bytes:
    if algorithm.startswith("PS"):
        return signature
    r, s = decode_dss_signature(signature)
    return r.to_bytes(66, "big") + s.to_bytes(66, "big")


def der(signature: bytes, algorithm: str) -> bytes:
    if algorithm.startswith("PS"):
        return signature
    return encode_dss_signature(int.from_bytes(signature[:66], "big"), int.from_bytes(signature[66:], "big"))
