"""A JWS taken apart, strictly, and its header judged as far as it says how to verify (RFC 7515 sections 2, 4 and 7.1).

The library's reader takes more than one text for the same signature. What the header claims of the call, of the signer
and of the time is left to ``claims``.
"""

import json
import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NoReturn

from sandbox.errors import Refused
from sandbox.jose import no, shown
from sandbox.jose.scheme import ALGORITHMS, Algorithm, Scheme

Header = Mapping[str, object]

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


# --- its header ---

# A header of four short members is 150 bytes, one with a certificate chain (x5c) 6 kB.
MAX_HEADER_BYTES = 8192

_AN_OBJECT = "a JSON object in UTF-8"

# RFC 7515 section 4.1.11: names of RFC 7515 and RFC 7518 themselves must not stand in crit.
_NEVER_CRITICAL = (
    {"alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit"}  # RFC 7515 section 4.1
    | {"enc", "zip", "epk", "apu", "apv", "iv", "tag", "p2s", "p2c"}  # RFC 7518 section 4
)


def read_header(data: bytes) -> Header:
    """The header as JSON. Raises Refused when it is too long, no JSON, no object, or says something twice."""
    if len(data) > MAX_HEADER_BYTES:
        raise no("signature.header_too_large", seen=f"{len(data)} bytes", expected=f"at most {MAX_HEADER_BYTES}")
    try:
        header = _DECODER.decode(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise no("signature.header_not_json", seen=f"not UTF-8 at byte {error.start}", expected=_AN_OBJECT) from None
    except json.JSONDecodeError as error:
        raise no("signature.header_not_json", seen=f"{error.msg} at {error.pos}", expected=_AN_OBJECT) from None
    except (ValueError, RecursionError):
        # A number that Python will not compute with, NaN, or brackets without end.
        raise no("signature.header_not_json", seen="a value that is out of bounds", expected=_AN_OBJECT) from None
    if not isinstance(header, dict):
        raise no("signature.header_not_object", seen=f"JSON: {shown(header)}", expected=_AN_OBJECT)
    return header


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object of the header. RFC 7515 section 4: names must be unique, or two readers see two headers."""
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    names = sorted(name for name, _ in pairs)
    twice = next(name for name, following in pairwise(names) if name == following)
    raise no("signature.header_duplicate", seen=f"{shown(twice)} more than once", expected="each name once")


def _constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity, which Python would read, are not JSON


_DECODER = json.JSONDecoder(object_pairs_hook=_members, parse_constant=_constant)


def text_of(header: Header, name: str) -> str | None:
    """A member that must be a text where it is there at all."""
    value = header.get(name)
    if isinstance(value, str) or name not in header:
        return value if isinstance(value, str) else None
    raise no("signature.header_value_wrong", seen=f"{name}: {shown(value)}", expected=f"{name}: a text")


def algorithm_of(header: Header, scheme: Scheme) -> Algorithm:
    """The algorithm that the header names, if the scheme takes it."""
    name = text_of(header, "alg")
    expected = " or ".join(scheme.algorithms)
    if name in scheme.algorithms:
        return ALGORITHMS[name]
    if name is None:
        raise no("signature.alg_missing", seen="no alg in the header", expected=expected)
    if name.lower() == "none":
        raise no("signature.alg_none", seen=f"alg: {shown(name)}", expected=expected)
    meant = next((f"write it {known}" for known in scheme.algorithms if known == name.upper()), "")
    if not meant and len(scheme.algorithms) == 1:
        meant = f"set alg to {expected}, and sign by it"
    raise no("signature.alg_unsupported", seen=f"alg: {shown(name)}", expected=expected, next_step=meant)


def judge_names(header: Header, scheme: Scheme) -> None:
    """Which members must be there and which may. Asked after the signature, so that one cut out is found as that."""
    for name in scheme.required:
        if name not in header:
            raise no(
                "signature.header_missing",
                seen=f"no {name} in the header",
                expected=f"alg, {', '.join(scheme.required)}",
            )
    for name in header:
        if scheme.allowed is not None and name not in scheme.allowed:
            raise no("signature.header_unexpected", seen=shown(name), expected=", ".join(sorted(scheme.allowed)))


def judge_critical(header: Header, scheme: Scheme) -> None:
    """Raises Refused unless ``b64`` (RFC 7797) and ``crit`` (RFC 7515 section 4.1.11) are what the scheme asks for.

    To be asked before anything is verified: they say what must be understood.
    """
    if scheme.unencoded:
        _require_unencoded(header)
    elif "b64" in header and "b64" not in scheme.critical:
        _judge_b64(header["b64"])
    if "crit" in header:
        _judge_crit(header, scheme)
    elif scheme.critical_exactly:
        raise no("signature.crit_missing", seen="no crit in the header", expected=_exactly(scheme))


def _judge_crit(header: Header, scheme: Scheme) -> None:
    named = header["crit"]
    if not isinstance(named, list) or not named or not all(isinstance(name, str) for name in named):
        raise _malformed(f"crit: {shown(named)}", "a list of texts, not empty", scheme)
    if len(set(named)) != len(named):
        raise _malformed("a name twice in crit", "each name once", scheme)
    for name in named:
        _judge_name(name, header, scheme)
    if missing := (scheme.critical_exactly or frozenset()) - set(named):
        seen = f"a crit without {_names(missing)}"
        raise no("signature.crit_incomplete", seen=seen, expected=_exactly(scheme))


def _judge_name(name: str, header: Header, scheme: Scheme) -> None:
    if name in _NEVER_CRITICAL:
        expected = "only names that RFC 7515 and RFC 7518 do not define themselves"
        raise _malformed(f"{shown(name)} in crit", expected, scheme)
    if scheme.critical_exactly is not None and name not in scheme.critical_exactly:
        raise no("signature.crit_unknown", seen=f"crit: {shown(name)}", expected=_exactly(scheme))
    if name not in header:
        seen = f"{shown(name)} in crit, but not in the header"
        if scheme.critical_exactly is not None:
            raise no("signature.header_missing", seen=seen, expected=f"the member {shown(name)} itself beside crit")
        raise _malformed(seen, "only names that stand in the header", scheme)
    if scheme.critical_exactly is None and name not in scheme.critical:
        understood = ", ".join(sorted(scheme.critical)) or "no crit at all"
        raise no("signature.crit_unknown", seen=f"crit: {shown(name)}", expected=understood)


def _require_unencoded(header: Header) -> None:
    if header.get("b64") is not False:
        # RFC 7797 section 3: without b64 it is true, and the payload signed in base64url.
        seen = f"b64: {shown(header['b64'])}" if "b64" in header else "no b64 in the header, which means b64: true"
        raise no("signature.b64_wrong", seen=seen, expected="b64: false, without quotes")


def _judge_b64(value: object) -> None:
    if value is False:
        raise no("signature.payload_unencoded", seen="b64: false", expected="a payload in base64url, and no b64")
    if value is not True:
        raise no("signature.header_value_wrong", seen=f"b64: {shown(value)}", expected="no b64")


def _malformed(seen: str, expected: str, scheme: Scheme) -> Refused:
    step = f"write {_exactly(scheme)}" if scheme.critical_exactly else ""
    return no("signature.crit_malformed", seen=seen, expected=expected, next_step=step)


def _exactly(scheme: Scheme) -> str:
    return f"crit with exactly {_names(scheme.critical_exactly or frozenset())}, in any order"


def _names(names: frozenset[str]) -> str:
    return ", ".join(map(shown, sorted(names)))
