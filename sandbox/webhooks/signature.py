"""How a webhook is written and signed: the bytes of its body, the signature over them, and where that stands.

Which of these a provider uses is its declaration (`sending`); whose key it is, is the caller's."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

SigningKey = str | RSAPrivateKey
"""A shared secret, or the provider's own key."""
Signer = Callable[[bytes, SigningKey], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One signature of a message."""

    name: str
    """Of the header, or of the member of the body."""
    sign: Signer
    place: Literal["header", "body"] = "header"
    of: str = ""
    """The member of the body that is signed, as it is written there; empty, for a header only: the whole body."""

    def __post_init__(self) -> None:
        if self.place == "body" and not self.of:
            raise ValueError("a signature in the body is over a member of it: it cannot be over itself")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A message as it goes out."""

    body: bytes
    headers: Mapping[str, str]


def write(
    payload: Mapping[str, Any], signatures: Sequence[Signature], key: SigningKey, form: Callable[[object], bytes]
) -> Written:
    """The message with its signatures: first those that are members of the body, then those over the body."""
    said = dict(payload)
    for one in signatures:
        if one.place == "body":
            said[one.name] = one.sign(form(said[one.of]), key)
    body = form(said)
    headers = {
        one.name: one.sign(form(said[one.of]) if one.of else body, key) for one in signatures if one.place == "header"
    }
    return Written(body=body, headers=headers)


def why_wrong(
    body: bytes,
    headers: Mapping[str, str],
    signatures: Sequence[Signature],
    keys: Sequence[SigningKey],
    form: Callable[[object], bytes],
) -> str:
    """Why a message would be refused by a receiver with one of these keys; empty where it would not. Header names are
    in lower case."""
    for one in signatures:
        try:
            said = json.loads(body) if one.of or one.place == "body" else {}
            signed = form(said[one.of]) if one.of else body
            given = headers.get(one.name.lower()) if one.place == "header" else said[one.name]
        except (ValueError, KeyError, TypeError):
            return f"the body has no {one.of or one.name} that could be checked"
        if not isinstance(given, str):
            return f"there is no {one.name}"
        if not any(hmac.compare_digest(one.sign(signed, key).encode(), given.encode()) for key in keys):
            return f"{one.name} is not that of this body with {'any key' if len(keys) != 1 else 'the key'} known here"
    return ""


def compact_json(value: object) -> bytes:
    """JSON without blanks, in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def php_json(value: object) -> bytes:
    """JSON as PHP writes it by default: slashes escaped, and everything beyond ASCII as lower-case ``\\uXXXX``, half by
    half. Python's own way escapes DEL too, which PHP and JavaScript leave."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")
    return _BEYOND_ASCII.sub(_halves, text).encode("ascii")


_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")


def _halves(found: re.Match[str]) -> str:
    units = found.group().encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def hmac_hex(message: bytes, key: SigningKey) -> str:
    """HMAC-SHA256 (RFC 2104) in lower-case hexadecimal."""
    return _hmac(message, key).hex()


def hmac_base64(message: bytes, key: SigningKey) -> str:
    """HMAC-SHA256 in base64."""
    return base64.b64encode(_hmac(message, key)).decode("ascii")


def prefixed(prefix: str, sign: Signer) -> Signer:
    """The signature with something before it: ``v1=``."""

    def signed(message: bytes, key: SigningKey) -> str:
        return prefix + sign(message, key)

    return signed


def rsa_sha256(message: bytes, key: SigningKey) -> str:
    """RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2) in base64."""
    return _rsa(message, key, hashes.SHA256())


def rsa_sha1(message: bytes, key: SigningKey) -> str:
    """The same with SHA-1, which old receivers still check."""
    return _rsa(message, key, hashes.SHA1())


def _hmac(message: bytes, key: SigningKey) -> bytes:
    if not isinstance(key, str):
        raise RuntimeError("an HMAC is made with a shared secret")
    return hmac.new(key.encode("utf-8", "surrogateescape"), message, hashlib.sha256).digest()


def _rsa(message: bytes, key: SigningKey, hash: hashes.SHA256 | hashes.SHA1) -> str:
    if not isinstance(key, RSAPrivateKey):
        raise RuntimeError("an RSA signature is made with an RSA key")
    return base64.b64encode(key.sign(message, PKCS1v15(), hash)).decode("ascii")
