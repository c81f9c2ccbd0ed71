"""What came in the place of a JWE, told apart, and other slips that show in it; loaded after a failure."""

import re
from codecs import BOM_UTF8
from collections.abc import Sequence
from datetime import datetime

from ca.clock import write_time
from sandbox.errors import Refused
from sandbox.jose import no, shown
from sandbox.jose.keys import VerifyingKey
from sandbox.jose.reading import decode
from sandbox.jose.scheme import OAEP

COMPACT = "five parts in base64url: header.encrypted key.initialization vector.ciphertext.authentication tag"
# What is looked at for a JWE within something else.
MAX_LOOKED_AT = 65_536
# Names listed to a person who named none of them.
LISTED_KIDS = 5
_WITHIN = re.compile(rb"eyJ[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){4}")
_PARTS, _JWS_PARTS = 5, 3
_SLIPS = {
    "RSA-OAEP": "RSA-OAEP is OAEP with SHA-1; choose RSA-OAEP-256 in the library",
    "RSA1_5": "RSA1_5 is the older padding of PKCS #1 v1.5; choose RSA-OAEP-256 in the library",
    "dir": "only the reply of a direct call is dir: encrypt the call by RSA-OAEP-256, and keep its content key",
}


def not_jwe(body: bytes, *, signed: bool) -> Refused:
    """Why this is not a compact JWE. *signed*: it should have a JWS within it."""
    text = body.strip()
    if text.startswith((b"{", b"[")):
        return _json(text)
    bare = b"".join(text.split())
    parts = bare.split(b".")
    if len(parts) == _JWS_PARTS and bare.startswith(b"eyJ"):
        return _jws(parts[1], signed=signed)
    if not bare:
        seen = "white space and nothing else" if body else "nothing"
        return no("encryption.parts_wrong", seen=seen, expected=COMPACT)
    if len(parts) != _PARTS or not parts[0]:
        empty = ", of which the first is empty" * (len(parts) > 1 and not parts[0])
        seen = f"{len(parts)} part{'s' * (len(parts) > 1)}{empty}"
        return no("encryption.parts_wrong", seen=seen, expected=COMPACT)
    if text.startswith((b'"', b"'")) or b"=eyJ" in bare[:60]:
        return no("encryption.not_alone", seen="a JWE in quotes or in a form", expected=f"it alone: {COMPACT}")
    if bare != body:
        return no("encryption.not_alone", seen="white space in or around a JWE", expected="one line, and no line end")
    return no("encryption.base64_malformed", seen=_alien(bare), expected="base64url without padding: A-Z a-z 0-9 - _")


def _alien(bare: bytes) -> str:
    """What is in it that base64url has not."""
    if bare.startswith(BOM_UTF8):
        return "a byte order mark before the JWE"
    if b"=" in bare:
        return "an = at the end of a part"
    if re.search(rb"[+/]", bare):
        return "a + or a /"
    other = re.search(rb"[^A-Za-z0-9_.-]", bare)
    return f"the byte 0x{other[0].hex().upper()} at {other.start()}" if other else "another character"


def _json(text: bytes) -> Refused:
    if b'"ciphertext"' in text:
        seen = "the JSON serialization of a JWE"
        return no("encryption.json_serialization", seen=seen, expected=f"the compact one, {COMPACT}")
    if _WITHIN.search(text[:MAX_LOOKED_AT]):
        return no("encryption.not_alone", seen="a JWE within JSON", expected=f"it alone: {COMPACT}")
    return no("encryption.plain_json", seen="JSON, not encrypted", expected=COMPACT)


def _jws(payload: bytes, *, signed: bool) -> Refused:
    try:
        within = decode(payload, "payload") if re.fullmatch(rb"[A-Za-z0-9_-]+", payload) else b""
    except Refused:
        within = b""
    if _WITHIN.fullmatch(within):
        seen, step = "a JWS with a JWE within it", "" if signed else "send the inner JWE alone, without signing it"
        expected = "a JWE with a JWS within it: first signed" if signed else "a JWE alone, not signed"
        return no("encryption.order_wrong", seen=seen, expected=expected, next_step=step)
    expected = f"{'a JWE with a JWS within it' if signed else 'a JWE'}, {COMPACT}"
    return no("encryption.signed_only", seen="three parts, which are a JWS", expected=expected)


def other_algorithm(alg: str | None) -> Refused:
    """The refusal of an ``alg`` that is not the one."""
    seen = "no alg in the header" if alg is None else f"alg: {shown(alg)}"
    return no(
        "encryption.alg_wrong", seen=seen, expected=f"alg: {shown(OAEP.name)}", next_step=_SLIPS.get(alg or "", "")
    )


def no_recipient(
    keys: Sequence[VerifyingKey], named: Sequence[VerifyingKey], *, kid: str | None, now: datetime
) -> Refused:
    """Why there is no key to encrypt the reply to. *named* are those for encryption that *kid* names, or all."""
    mine = [key for key in keys if key.algorithm == OAEP.name]
    if named:
        key = named[-1]
        seen = f"{key}, {key.status(now).replace('_', ' ')}"
        return no("encryption.client_key_ended", seen=seen, expected=f"a key that is active at {write_time(now)}")
    if not mine:
        expected = f"a public key of the client for {OAEP.name}"
        return no("encryption.client_key_missing", seen="none to encrypt the reply to", expected=expected)
    signing = kid in [key.kid for key in keys]
    listed = " or ".join(shown(key.kid) for key in mine[-LISTED_KIDS:])
    seen = f"{shown(kid)}{', which is a key for signatures' if signing else ''}"
    return no("encryption.client_key_unknown", seen=seen, expected=f"the id of a key for encryption: {listed}")
