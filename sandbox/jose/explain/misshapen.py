"""What came in the place of a JWS, told apart; asked only when it is none. Nothing of it is repeated: it may be a key.

The compact form (RFC 7515 section 7.1) first, then the detached one (RFC 7515 appendix F and RFC 7797).
"""

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Iterable

from ca.errors import PRIVATE_KEY
from ca.request.reading import what_der_is
from sandbox.errors import Refused
from sandbox.jose import no
from sandbox.jose.explain.elsewhere import within_json

COMPACT = "BASE64URL(header).BASE64URL(payload).BASE64URL(signature)"
DETACHED = "BASE64URL(header)..BASE64URL(signature)"
# Certificates and keys have some kB; nothing longer is looked at as one.
MAX_MATERIAL_CHARACTERS = 16_384
_NAMES = ("header", "payload", "signature")
_FORM_FIELD = re.compile(rb"([A-Za-z_][A-Za-z0-9_-]{0,40})=eyJ[A-Za-z0-9_-]+\.")
_FOREIGN = re.compile(rb"[^A-Za-z0-9_-]")
_PEM_LABEL = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,40})-----")
# RFC 7518 sections 6.2.2 and 6.3.2: "d" is the private part of EC and RSA keys, "k" a symmetric key.
_PRIVATE_JWK = re.compile(r'"kty".*"[dk]"\s*:|"[dk]"\s*:.*"kty"', re.DOTALL)


def not_compact(body: bytes) -> Refused:
    """Why this is not a compact JWS."""
    text = body.strip()
    if not text:
        return no("signature.empty", seen=f"{len(body)} bytes", expected=COMPACT)
    if text.startswith((b"{", b"[")) and text.endswith((b"}", b"]")):
        return _compact_json(text)
    if _quoted(text):
        return no("signature.quoted", seen=f"a first byte {text[:1].decode()}", expected=COMPACT)
    if field := _FORM_FIELD.match(text):
        seen = f"a form whose field {field.group(1).decode()!r} holds a JWS"
        return no("signature.in_json", seen=seen, expected=f"the JWS alone as the body: {COMPACT}")
    bare = b"".join(body.split())
    parts = bare.count(b".") + 1
    if parts == 5 and bare.startswith(b"eyJ"):
        return no("signature.encrypted", seen="five parts", expected="the three parts of a JWS")
    if parts != 3:
        return no("signature.parts_wrong", seen=f"{parts} part{'s' * (parts > 1)}", expected=f"three: {COMPACT}")
    if bare != body:
        expected = "one line without white space, also at its end"
        return no("signature.whitespace", seen=_where_white(body), expected=expected)
    return _odd_characters(zip(_NAMES, bare.split(b"."), strict=True))


def _compact_json(text: bytes) -> Refused:
    # RFC 7515 section 7.2: general ("signatures") and flattened ("signature") JSON serialization.
    if b'"payload"' in text and b'"signature' in text:
        return no("signature.json_serialization", seen="JSON with payload and signature", expected=COMPACT)
    if inside := within_json(text):
        return no("signature.in_json", seen=inside, expected=f"the JWS alone as the body: {COMPACT}")
    return no("signature.plain_json", seen="JSON, not signed", expected=COMPACT)


def _where_white(body: bytes) -> str:
    """The first white space and where it is."""
    at, byte = next((match.start(), match.group()) for match in re.finditer(rb"\s", body))
    kind = {b"\n": "a line feed", b"\r": "a carriage return", b" ": "a space", b"\t": "a tab"}.get(
        byte, "of a rare kind"
    )
    place = "at the end" if at >= len(body.rstrip()) else "at the beginning" if at == 0 else f"at byte {at}"
    return f"white space: {kind}, {place}"


def _quoted(text: bytes) -> bool:
    """Whether it is a JWS within quotes."""
    return text.startswith((b'"', b"'")) and text.count(b".") == 2


def _odd_characters(parts: Iterable[tuple[str, bytes]]) -> Refused:
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


def not_detached(value: bytes, encoded: bytes) -> Refused:
    """Why this is not a detached JWS. *encoded* is the body of the call in base64url."""
    text = value.strip()
    if not text:
        return no("signature.empty", seen=f"{len(value)} characters", expected=DETACHED, next_step=f"send {DETACHED}")
    if refused := _material(text.decode("latin-1")):
        return refused
    if text.startswith((b"{", b"[")) and text.endswith((b"}", b"]")):
        return _detached_json(text)
    if _quoted(text):
        return no(
            "signature.quoted",
            seen=f"a first character {text[:1].decode()}",
            expected=DETACHED,
            next_step="send the value of the header without quotes around it",
        )
    return _listed(text) if b"," in text else _parts(value, encoded)


def _parts(value: bytes, encoded: bytes) -> Refused:
    bare = b"".join(value.split())
    count = bare.count(b".") + 1
    if count == 5 and bare.startswith(b"eyJ"):
        return no("signature.encrypted", seen="five parts", expected=DETACHED)
    if count != 3:
        return _counted(count)
    header_part, payload_part, signature_part = bare.split(b".")
    if payload_part:
        return _attached(payload_part, encoded)
    if bare != value:
        return no("signature.whitespace", seen=_where_white(value), expected="one line without white space")
    return _odd_characters((("header", header_part), ("signature", signature_part)))


def _counted(count: int) -> Refused:
    steps = {
        1: "a signature alone says neither algorithm nor key: put the header's part and two dots before it",
        2: "two dots stand between header and signature, for the payload between them is left out",
    }
    seen = f"{count} part{'s' * (count > 1)}"
    return no("signature.parts_wrong", seen=seen, expected=f"three: {DETACHED}", next_step=steps.get(count, ""))


def _attached(payload_part: bytes, encoded: bytes) -> Refused:
    what = "the body in base64url" if payload_part == encoded else "another payload than the body"
    return no(
        "signature.payload_attached",
        seen=f"{len(payload_part)} characters between the two dots: {what}",
        expected=f"{DETACHED}, with nothing between the dots",
    )


def _listed(text: bytes) -> Refused:
    """With a comma, which base64url does not have and which HTTP puts between headers of one name (RFC 9110 5.3)."""
    values = [each.strip() for each in text.split(b",")]
    if all(each.count(b".") == 2 for each in values):
        return no(
            "signature.several", seen=f"{len(values)} values with commas between them", expected=f"one {DETACHED}"
        )
    return no(
        "signature.base64_malformed",
        seen=f"a comma at {text.index(b',')}",
        expected="base64url (A-Z a-z 0-9 - _) and two dots",
    )


def _detached_json(text: bytes) -> Refused:
    # RFC 7515 section 7.2: general ("signatures") and flattened ("signature") JSON serialization.
    if b'"signature' in text and (b'"protected"' in text or b'"payload"' in text):
        step = "join its members protected and signature with two dots"
        return no("signature.json_serialization", seen="JSON with a signature", expected=DETACHED, next_step=step)
    step = "the value is no JSON itself: encode the JOSE header, sign, and put two dots between both"
    return no("signature.plain_json", seen="JSON, not signed", expected=DETACHED, next_step=step)


def _material(text: str) -> Refused | None:
    """A key or a certificate, in PEM, in base64 of DER or of PEM, or as JWK."""
    if PRIVATE_KEY.search(text):
        return _private("PEM")
    if label := _PEM_LABEL.search(text):
        return _public(f"-----BEGIN {label.group(1)}-----")
    if len(text) > MAX_MATERIAL_CHARACTERS:
        return None
    if text.startswith("{") and _PRIVATE_JWK.search(text):
        return _private("JWK")
    try:
        data = b64decode("".join(text.split()), validate=True)
    except (Error, ValueError):
        return None  # a JWS has dots, which are not base64
    if data.startswith(b"-----BEGIN"):
        return _material(data.decode("latin-1"))
    kind = what_der_is(data)
    if "private" in kind:
        return _private("base64")
    return _public(f"base64 of a {kind.replace('_', ' ')}") if kind else None


def _private(form: str) -> Refused:
    return no(
        "signature.key_private_sent",
        seen=f"a private key as {form} (not shown, not stored)",
        expected=DETACHED,
        next_step="treat that key as compromised: have its certificate revoked, and get one for a new key",
    )


def _public(seen: str) -> Refused:
    return no("signature.certificate_sent", seen=seen, expected=DETACHED)
