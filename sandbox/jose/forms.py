"""What came instead of a compact JWS (RFC 7515 section 7.1), told apart; only ever asked when it is none.

The pieces of it serve ``misplaced`` as well, which does the same for a detached one.
"""

import re
from collections.abc import Iterable

from sandbox.errors import Refused
from sandbox.jose.refusing import no

FORM = "BASE64URL(header).BASE64URL(payload).BASE64URL(signature)"
_NAMES = ("header", "payload", "signature")
_FOREIGN = re.compile(rb"[^A-Za-z0-9_-]")


def misshapen(body: bytes) -> Refused:
    """Why this is not a compact JWS. Nothing of it is repeated: it may be a payload, or anything else."""
    text = body.strip()
    if not text:
        return no("signature.empty", seen=f"{len(body)} bytes", expected=FORM)
    if text.startswith((b"{", b"[")) and text.endswith((b"}", b"]")):
        return _json(text)
    if quoted(text):
        return no("signature.quoted", seen=f"a first byte {text[:1].decode()}", expected=FORM)
    bare = b"".join(body.split())
    parts = bare.count(b".") + 1
    if parts == 5 and bare.startswith(b"eyJ"):
        return no("signature.encrypted", seen="five parts", expected="the three parts of a JWS")
    if parts != 3:
        return no("signature.parts_wrong", seen=f"{parts} part{'s' * (parts > 1)}", expected=f"three: {FORM}")
    if bare != body:
        expected = "one line without white space, also at its end"
        return no("signature.whitespace", seen=where_white(body), expected=expected)
    return odd_characters(zip(_NAMES, bare.split(b"."), strict=True))


def _json(text: bytes) -> Refused:
    # RFC 7515 section 7.2: general ("signatures") and flattened ("signature") JSON serialization.
    if b'"payload"' in text and b'"signature' in text:
        return no("signature.json_serialization", seen="JSON with payload and signature", expected=FORM)
    return no("signature.plain_json", seen="JSON, not signed", expected=FORM)


def where_white(body: bytes) -> str:
    """The first white space and where it is."""
    at, byte = next((match.start(), match.group()) for match in re.finditer(rb"\s", body))
    kind = {b"\n": "a line feed", b"\r": "a carriage return", b" ": "a space", b"\t": "a tab"}.get(
        byte, "of a rare kind"
    )
    place = "at the end" if at >= len(body.rstrip()) else "at the beginning" if at == 0 else f"at byte {at}"
    return f"white space: {kind}, {place}"


def quoted(text: bytes) -> bool:
    """Whether it is a JWS within quotes."""
    return text.startswith((b'"', b"'")) and text.count(b".") == 2


def odd_characters(parts: Iterable[tuple[str, bytes]]) -> Refused:
    """What is wrong with the first part that has a character which base64url does not have."""
    return next(_characters(name, part) for name, part in parts if _FOREIGN.search(part))


def _characters(name: str, part: bytes) -> Refused:
    """A part with a character that base64url does not have."""
    if re.fullmatch(rb"[A-Za-z0-9_+/-]*={1,2}", part):
        return no("signature.base64_padded", seen=f"= at the end of the {name}", expected="base64url without padding")
    if re.fullmatch(rb"[A-Za-z0-9+/]*", part):
        return no("signature.base64_standard", seen=f"+ or / in the {name}", expected="base64url: - and _ instead")
    found = _FOREIGN.search(part)
    what = f"the byte 0x{found.group()[0]:02x} at {found.start()} of the {name}" if found else name
    return no("signature.base64_malformed", seen=what, expected="base64url: A-Z a-z 0-9 - _")
