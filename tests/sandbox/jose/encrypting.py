"""What the tests of JWE make things with: keys, and JWE by jwcrypto or by hand, right or wrong."""

import json
import os
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from jwcrypto import jwe as stranger
from jwcrypto import jwk

from sandbox.errors import Refusal, Refused
from sandbox.jose.content import DecryptionKey, make_decryption_key, read_decryption_key
from sandbox.jose.jwe import Decrypted, open_jwe
from tests.sandbox.jose.making import compact, part

HEADER = {"alg": "RSA-OAEP-256", "enc": "A256GCM"}
PAYLOAD = b'{"message":"This is an example from docs.wise.com"}'
SHA1, SHA256 = hashes.SHA1(), hashes.SHA256()
OAEP = padding.OAEP(padding.MGF1(SHA256), SHA256, None)


def own(version: int = 1) -> DecryptionKey:
    """A key of the provider's, made once per run."""
    return _made(version)


@cache
def _made(version: int) -> DecryptionKey:
    return read_decryption_key(make_decryption_key(), version=version)


def to_own(version: int = 1) -> rsa.RSAPublicKey:
    return own(version).private_key.public_key()


def by_jwcrypto(payload: bytes = PAYLOAD, *, header: str | None = None, version: int = 1) -> bytes:
    """The header as the text that it is given as."""
    made = stranger.JWE(payload, json.dumps(HEADER) if header is None else header)
    made.add_recipient(jwk.JWK.from_pyca(to_own(version)))
    return made.serialize(compact=True).encode()


def by_hand(
    head: dict[str, Any] | bytes = HEADER,
    *,
    payload: bytes = PAYLOAD,
    pad: padding.AsymmetricPadding = OAEP,
    to: rsa.RSAPublicKey | None = None,
    content_key: bytes = bytes(32),
    aad: Callable[[bytes], bytes] = part,
) -> bytes:
    """By cryptography; *aad* makes the additional data of the header's bytes."""
    written = head if isinstance(head, bytes) else compact(head)
    iv = os.urandom(12)
    sealed = AESGCM(content_key).encrypt(iv, payload, aad(written))
    key = (to or to_own()).encrypt(content_key, pad)
    return b".".join(map(part, (written, key, iv, sealed[:-16], sealed[-16:])))


def opened(body: bytes, *versions: int, signed: bool = False) -> Decrypted:
    return open_jwe(body, keys=[own(one) for one in versions or (1,)], kids=["mine"], signed=signed)


def refused(body: bytes, *versions: int, signed: bool = False) -> Refusal:
    with pytest.raises(Refused) as caught:
        opened(body, *versions, signed=signed)
    (reason,) = caught.value.reasons
    return reason
