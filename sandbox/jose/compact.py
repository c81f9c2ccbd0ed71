"""The compact form, taken apart (RFC 7515 section 7.1): base64url and dots, strictly; nothing is believed yet.

What came instead of the compact form is told apart in ``forms``; what the header says is judged in ``header``.
"""

import re
from binascii import a2b_base64, b2a_base64
from dataclasses import dataclass, field

from sandbox.jose.forms import misshapen
from sandbox.jose.header import Header, read_header
from sandbox.jose.refusing import no

_COMPACT = re.compile(rb"([A-Za-z0-9_-]*)\.([A-Za-z0-9_-]*)\.([A-Za-z0-9_-]*)")
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
_TO_URL = bytes.maketrans(b"+/", b"-_")
# By the length of the last group: what base64 would be padded with, and the bits of the last character that nothing
# uses (RFC 4648 section 3.5). They must be zero, or two texts would stand for the same signature.
_PADDING = {0: b"", 2: b"==", 3: b"="}
_UNUSED = {0: 0, 2: 0b1111, 3: 0b11}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compact:
    """A compact JWS in its three parts, decoded, and the bytes that its signature is over."""

    signing_input: bytes = field(repr=False)
    """The first two parts and their dot, as they came: never written anew from what was decoded."""
    header_bytes: bytes
    header: Header
    payload: bytes = field(repr=False)
    signature: bytes = field(repr=False)


def read_compact(body: bytes) -> Compact:
    """The parts of a JWS. Raises Refused when it is not one, or when its header cannot be read."""
    match = _COMPACT.fullmatch(body)
    if match is None:
        raise misshapen(body)
    header_part, payload_part, signature_part = match.groups()
    header_bytes = decode(header_part, "header")
    return Compact(
        signing_input=body[: match.end(2)],
        header_bytes=header_bytes,
        header=read_header(header_bytes),
        payload=decode(payload_part, "payload"),
        signature=decode(signature_part, "signature"),
    )


def decode(part: bytes, name: str) -> bytes:
    """What a part stands for; its characters have been checked."""
    rest = len(part) % 4
    if rest == 1:
        raise no(
            "signature.base64_malformed",
            seen=f"{len(part)} characters in the {name}, which no bytes encode to",
            expected="base64url, whole",
        )
    if _UNUSED[rest] and _ALPHABET.index(part[-1]) & _UNUSED[rest]:
        raise no(
            "signature.base64_malformed",
            seen=f"a last character of the {name} with bits set that belong to no byte",
            expected="base64url as an encoder writes it (RFC 4648 section 3.5)",
        )
    return a2b_base64(part.translate(_TO_STANDARD) + _PADDING[rest])


def encode(data: bytes) -> bytes:
    """Base64url without padding (RFC 7515 section 2)."""
    return b2a_base64(data, newline=False).translate(_TO_URL).rstrip(b"=")
