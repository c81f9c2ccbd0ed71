"""What the tests of jose make things with: a shelf of keys, a call, and JWS built by hand, right or wrong."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import jwt
import pytest

from sandbox.errors import Refusal, Refused
from sandbox.jose.jws import SigningKey, Verified, make_signing_key, open_compact
from sandbox.jose.keys import VerifyingKey
from sandbox.jose.scheme import ALGORITHMS, Scheme

NOW = datetime(2026, 11, 22, 10, 27, 38, 123456, tzinfo=UTC)
PATH = "/v3/profiles/12345/transfers/12345/payments"
KID = "663a0e44-aa4a-4ff0-a9f8-cd99f5fbad71"
OTHER_KID = "e87da464-8e5e-4380-8f2d-4e4e04052672"
PAYLOAD = b'{"type":"BALANCE"}'
SCHEME = Scheme(algorithms=tuple(ALGORITHMS))
EVERY = pytest.mark.parametrize("algorithm", ALGORITHMS)


def shelf(algorithm: str, which: int = 0) -> SigningKey:
    """A throwaway key, made once per run."""
    return _made(algorithm, which)


@cache
def _made(algorithm: str, _which: int) -> SigningKey:
    return make_signing_key(algorithm)


def public(algorithm: str, which: int = 0, *, kid: str | None = KID, **times: datetime) -> VerifyingKey:
    """The same key as the client has registered it."""
    return VerifyingKey(kid=kid, algorithm=algorithm, public_key=shelf(algorithm, which).public_key, **times)


def header(algorithm: str = "ES256", **members: Any) -> dict[str, Any]:
    """The header of the guide; a member given as ... is left out."""
    usual = {"alg": algorithm, "typ": "JWT", "kid": KID, "url": PATH, **members}
    return {name: value for name, value in usual.items() if value is not ...}


def compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def part(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")


def sign(over: bytes, algorithm: str = "ES256", which: int = 0) -> bytes:
    """By PyJWT, so that no test of a signature rests on the library that verifies it."""
    return jwt.get_algorithm_by_name(algorithm).sign(over, shelf(algorithm, which).private_key)


def jws(
    head: dict[str, Any] | bytes | None = None, payload: bytes = PAYLOAD, *, algorithm: str = "ES256", which: int = 0
) -> bytes:
    """A signed body; the header may be any bytes."""
    head = header(algorithm) if head is None else head
    signed = part(head if isinstance(head, bytes) else compact(head)) + b"." + part(payload)
    return signed + b"." + part(sign(signed, algorithm, which))


def exchanged(body: bytes, *, head: bytes | None = None, payload: bytes | None = None) -> bytes:
    """The body with another header or payload and the signature that it had: what a hand in the middle does."""
    first, second, signature = body.split(b".")
    return b".".join((first if head is None else part(head), second if payload is None else part(payload), signature))


def signed_otherwise(signature: bytes, algorithm: str = "ES256") -> bytes:
    """The usual header and payload with a signature made elsewhere."""
    return part(compact(header(algorithm))) + b"." + part(PAYLOAD) + b"." + part(signature)


def usual_input(algorithm: str = "ES256") -> bytes:
    return part(compact(header(algorithm))) + b"." + part(PAYLOAD)


def opened(
    body: bytes,
    *keys: VerifyingKey,
    scheme: Scheme = SCHEME,
    path: str = PATH,
    now: datetime = NOW,
) -> Verified:
    return open_compact(body, scheme=scheme, keys=keys or (public("ES256"),), path=path, now=now)


def refused(body: bytes, *keys: VerifyingKey, **call: Any) -> Refusal:
    """The one reason for which the body was not taken."""
    with pytest.raises(Refused) as error:
        opened(body, *keys, **call)
    reasons: Sequence[Refusal] = error.value.reasons
    assert len(reasons) == 1
    assert reasons[0].seen and reasons[0].expected
    assert all(text.isprintable() and len(text) <= 400 for text in (reasons[0].seen, reasons[0].expected))
    return reasons[0]


def only(*algorithms: str, **fields: Any) -> Scheme:
    return replace(SCHEME, algorithms=algorithms, **fields)
