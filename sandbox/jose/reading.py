"""A JWS taken apart, strictly: base64url and dots (RFC 7515 sections 2 and 7.1). Nothing of it is believed yet.

The library's reader takes more than one text for the same signature. What the header says is judged in ``header``.
"""

import re
from binascii import a2b_base64, b2a_base64
from dataclasses import dataclass, field

from sandbox.jose import no
from sandbox.jose.header import Header, read_header

_COMPACT = re.compile(rb"([A-Za-z0-9_-]*)\.([A-Za-z0-9_-]*)\.([A-Za-z0-9_-]*)")
_DETACHED = re.compile(rb"([A-Za-z0-9_-]*)\.\.([A-Za-z0-9_-]*)")
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
_TO_URL = bytes.maketrans(b"+/", b"-_")
# By the length of the last group: what base64 would be padded with, and the bits of the last character that nothing
# uses (RFC 4648 section 3.5). They must be zero, or two texts would stand for the same signature.
_PADDING = {0: b"", 2: b"==", 3: b"="}
_UNUSED = {0: 0, 2: 0b1111, 3: 0b11}


@dataclass(frozen=True, slots=True, kw_only=True)
class Jws:
    """A JWS in its three parts, decoded, and the bytes that its signature is over."""

    signing_input: bytes = field(repr=False)
    """The header's part, a dot and the payload, as they came: never serialized again from what was decoded."""
    header_bytes: bytes
    header: Header
    payload: bytes = field(repr=False)
    encoded: bool
    """Whether the payload is signed in base64url (RFC 7515) or as it is (RFC 7797)."""
    signature: bytes = field(repr=False)

    @property
    def form(self) -> str:
        """What is signed, as a person would write it."""
        return f"BASE64URL(header).{'BASE64URL(payload)' if self.encoded else 'payload'}"

    def input_for(self, *, header: bytes | None = None, payload: bytes | None = None) -> bytes:
        """What the signature would be over with another header or another payload."""
        header_part, _, payload_part = self.signing_input.partition(b".")
        if header is not None:
            header_part = encode(header)
        if payload is not None:
            payload_part = encode(payload) if self.encoded else payload
        return header_part + b"." + payload_part


def read_compact(body: bytes) -> Jws:
    """The parts of a compact JWS. Raises Refused when it is not one, or when its header cannot be read."""
    match = _COMPACT.fullmatch(body)
    if match is None:
        from sandbox.jose.explain.misshapen import not_compact

        raise not_compact(body)
    header_part, payload_part, signature_part = match.groups()
    header_bytes = decode(header_part, "header")
    return Jws(
        signing_input=body[: match.end(2)],
        header_bytes=header_bytes,
        header=read_header(header_bytes),
        payload=decode(payload_part, "payload"),
        encoded=True,
        signature=decode(signature_part, "signature"),
    )


def read_detached(signature: str, payload: bytes) -> Jws:
    """The parts of a JWS that stands in a header of the call, over *payload*, byte for byte (RFC 7797).

    Raises Refused as ``read_compact`` does.
    """
    # HTTP hands headers on as ISO 8859-1; anything else in it is wrong in any case.
    value = signature.encode("latin-1", "replace")
    match = _DETACHED.fullmatch(value)
    if match is None:
        from sandbox.jose.explain.misshapen import not_detached

        raise not_detached(value, encode(payload))
    header_part, signature_part = match.groups()
    header_bytes = decode(header_part, "header")
    return Jws(
        # RFC 7797 section 3: nothing but the dot parts them, and a dot in the payload is one of its bytes.
        signing_input=header_part + b"." + payload,
        header_bytes=header_bytes,
        header=read_header(header_bytes),
        payload=payload,
        encoded=False,
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
    return a2b_base64(to_standard(part) + _PADDING[rest])


def to_standard(part: bytes) -> bytes:
    """Base64url in the alphabet of base64."""
    return part.translate(_TO_STANDARD)


def encode(data: bytes) -> bytes:
    """Base64url without padding (RFC 7515 section 2)."""
    return b2a_base64(data, newline=False).translate(_TO_URL).rstrip(b"=")
