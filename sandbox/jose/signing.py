"""Sealing what the provider says as a compact JWS (RFC 7515 section 5.1); what stands in the header is the caller's."""

import json
from collections.abc import Mapping

from sandbox.jose.algorithms import ALGORITHMS
from sandbox.jose.keys import SigningKey
from sandbox.jose.parts import encode

_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def seal_compact(payload: bytes, *, key: SigningKey, header: Mapping[str, object]) -> str:
    """The JWS of *payload*. The header's members stand in the order given; ``alg`` is one of them, and the key's."""
    if header.get("alg") != key.algorithm:
        raise RuntimeError(f"a header with alg {header.get('alg')!r} for a key of {key.algorithm}")
    written = _json(dict(header)).encode()
    signing_input = encode(written) + b"." + encode(payload)
    signature = ALGORITHMS[key.algorithm].sign(key.private_key, signing_input)
    return (signing_input + b"." + encode(signature)).decode("ascii")
