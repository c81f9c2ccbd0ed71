"""A JWS taken apart, in base64url and dots, strictly (RFC 7515 section 2); nothing of it is believed yet.

Each form has a reader of its own: ``compact`` and ``detached``. What the header says is judged in ``header``.
"""

from binascii import a2b_base64, b2a_base64
from dataclasses import dataclass, field

from sandbox.jose.header import Header
from sandbox.jose.refusing import no

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
    """The header's part, a dot and the payload, as they came: never written anew from what was decoded."""
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
