"""Credentials as they are sent: the Authorization header (RFC 6750, RFC 7617), headers of a provider's own, and the
parameters of a token request (RFC 6749 section 2.3.1), as a form, a multipart form or a JSON object."""

import base64
import binascii
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl

from sandbox.errors import Refused, refuse

FORM, MULTIPART, JSON = "application/x-www-form-urlencoded", "multipart/form-data", "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class InBody:
    """Id and secret are members of the body."""

    id: str = "client_id"
    secret: str = "client_secret"
    media_types: tuple[str, ...] = (FORM,)
    """In which bodies: any of FORM, MULTIPART and JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InHeaders:
    """Id and secret are headers of the provider's own, whose names are written here in lower case."""

    id: str
    secret: str


Way = Literal["bearer", "basic", "key", "nobody", "query"] | InBody | InHeaders
"""How a caller says who it is. ``bearer``: a token (RFC 6750). ``basic``: id and secret (RFC 7617). ``key``: the secret
alone, as the user of Basic with an empty password. ``nobody``: whoever sends no credentials is let in as nobody.
``query``: the query names the client as ``client_id``, without proof: for pages that a user's browser opens (RFC 6749
section 4.1.1)."""


def way_of(ways: Sequence[Way], headers: Mapping[str, str]) -> Way:
    """The way that a call uses. If it uses none, the last one, which then refuses it."""
    return next((way for way in ways if _used(way, headers)), ways[-1])


def word_for(way: Way) -> str:
    """A way in one word, for the journal."""
    return way if isinstance(way, str) else "body" if isinstance(way, InBody) else "headers"


def _used(way: Way, headers: Mapping[str, str]) -> bool:
    if isinstance(way, InHeaders):
        return way.id in headers or way.secret in headers
    if isinstance(way, InBody):
        return "authorization" not in headers
    if way in ("nobody", "query"):
        return way == "query" or "authorization" not in headers
    scheme = headers.get("authorization", "").strip().partition(" ")[0].lower()
    return scheme == ("bearer" if way == "bearer" else "basic")


MAX_FIELDS = 50
"""Far over any grant's fields; bounds the work that a hostile form can ask for."""


MULTIPART_BYTES = 8192
"""Of a multipart body that are looked at for the names of its fields."""


def read_parameters(content_type: str, body: bytes, media_types: Sequence[str]) -> dict[str, str]:
    """The parameters of a body of one of these kinds; empty for a body of another kind, as the grant is then simply
    missing.

    Raises Refused with ``token.form_malformed``.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in media_types:
        return {}
    if media_type == JSON:
        return _read_json(body)
    pairs = _parts(content_type, body) if media_type == MULTIPART else _pairs(body)
    fields = dict(pairs)
    if len(fields) != len(pairs):
        twice = next(name for name in fields if sum(name == n for n, _ in pairs) > 1)
        raise _malformed(f"the field {twice[:40]!r} twice", "each field once")
    return fields


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise _malformed("a body that is not a form", "name=value&…") from None


_BOUNDARY = re.compile(r';\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))\s*(?:;|$)', re.IGNORECASE)
_PART_NAME = re.compile(rb'\A(?:.*\r\n)?content-disposition:\s*form-data\s*;\s*name="([^"\r\n]*)"', re.I | re.S)


def _parts(content_type: str, body: bytes) -> list[tuple[str, str]]:
    """The fields of a multipart form (RFC 7578); other headers of a part are ignored."""
    expected = "multipart/form-data with a boundary, and each part with a name and a text"
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        raise _malformed("a multipart form without a boundary", expected)
    line = b"\r\n--" + (boundary[1] or boundary[2]).encode("latin-1")
    # The line end before a boundary belongs to the boundary (RFC 2046 section 5.1.1).
    _, *parts = (b"\r\n" + body).split(line)
    if len(parts) > MAX_FIELDS + 1 or not parts or not parts[-1].startswith(b"--"):
        raise _malformed("a multipart form without its last boundary, or with too many parts", expected)
    return [_part(part.lstrip(b" \t"), expected) for part in parts[:-1]]


def _part(part: bytes, expected: str) -> tuple[str, str]:
    head, blank, value = part.partition(b"\r\n\r\n")
    name = _PART_NAME.match(head.removeprefix(b"\r\n"))
    try:
        if name and blank:
            return name[1].decode(), value.decode()
    except UnicodeDecodeError:
        pass
    raise _malformed("a part without a name, or that is no text", expected)


def _read_json(body: bytes) -> dict[str, str]:
    """The members of a JSON object that are texts or whole numbers; null is as if it were not there."""
    expected = "a JSON object whose members are texts or whole numbers"
    try:
        read = json.loads(body.decode(), object_pairs_hook=_once)
        json.dumps(read, ensure_ascii=False).encode()  # half a surrogate pair, which JSON can spell, is no text
    except (ValueError, RecursionError):
        raise _malformed("a body that is not JSON, or that names a member twice", expected) from None
    if not isinstance(read, dict) or not all(map(_plain, read.values())):
        raise _malformed("JSON of another kind", expected)
    return {name: str(value) for name, value in read.items() if value is not None}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a member twice")
    return dict(pairs)


def _plain(value: object) -> bool:
    return value is None or (isinstance(value, str | int) and not isinstance(value, bool))


def _malformed(seen: str, expected: str) -> Refused:
    return refuse("token.form_malformed", seen=seen, expected=expected)


def in_body(content_type: str, body: bytes, way: InBody) -> tuple[str, str]:
    """Client id and secret from the body.

    Raises Refused with ``token.form_malformed`` or ``token.credentials_missing``.
    """
    fields = read_parameters(content_type, body, way.media_types)
    if missing := [name for name in (way.id, way.secret) if not fields.get(name)]:
        sent = content_type.partition(";")[0].strip()[:80] or "no Content-Type"
        raise refuse(
            "token.credentials_missing",
            seen=f"no {' and no '.join(missing)} in the body ({sent})",
            expected=f"{way.id} and {way.secret} in a body of {' or '.join(way.media_types)}",
        )
    return fields[way.id], fields[way.secret]


def in_headers(headers: Mapping[str, str], way: InHeaders) -> tuple[str, str]:
    """Client id and secret from headers of the provider's own. Raises Refused with ``token.credentials_missing``."""
    if missing := [name for name in (way.id, way.secret) if not headers.get(name)]:
        seen, expected = f"no {' and no '.join(missing)} header", f"the headers {way.id} and {way.secret}"
        raise refuse("token.credentials_missing", seen=seen, expected=expected)
    return headers[way.id], headers[way.secret]


def places(content_type: str, body: bytes, query: bytes) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Where else than in a form the fields of a token request may stand, with what stands there."""
    text = body.decode("utf-8", "replace")
    kind = content_type.partition(";")[0].strip().lower() or "no Content-Type"
    if text.lstrip().startswith("{"):
        with suppress(ValueError, RecursionError):
            said = json.loads(text)
            yield "a JSON body", said if isinstance(said, dict) else {}
    elif kind.startswith("multipart/"):
        names = re.findall(r'name="?(\w{1,40})"?\r?\n', text[:MULTIPART_BYTES])
        yield f"a body of {kind}", dict.fromkeys(names, "not read")
    else:
        yield f"a form in a body of {kind}", _lenient(text)
    yield "the query", _lenient(query.decode("latin-1"))


def _lenient(text: str) -> dict[str, object]:
    with suppress(ValueError):
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS))
    return {}


def no_grant(content_type: str, body: bytes, query: bytes, *, expected: str) -> Refused:
    """The refusal of a token request whose form names no grant, by where the grant stands instead."""
    for where, found in places(content_type, body, query):
        if found.get("grant_type"):
            wanted = f"grant_type={expected} in a body of application/x-www-form-urlencoded"
            return refuse("login.grant_elsewhere", seen=f"grant_type in {where}", expected=wanted)
        if misspelt := next(filter(_GRANT_NAMES.fullmatch, found), None):
            seen = f"no grant_type, but {misspelt} in {where}"
            return refuse("token.grant_missing", seen=seen, expected=f"a field of the name grant_type: {expected}")
    return refuse("token.grant_missing", seen="no grant_type in the form", expected=expected)


_GRANT_NAMES = re.compile(r"grant[ _.-]?types?", re.IGNORECASE)


def unknown_grant(sent: str, *, known: Collection[str]) -> Refused:
    """The refusal of a grant type that there is none of; one of *known* in quotes or with a line end is told as that.
    Others are shown only if a standard has them: a secret may stand in their place."""
    from sandbox.oauth.wrapping import peel  # only after a failure

    expected = " or ".join(known)
    for peeled in peel(sent):
        if peeled.text in known:
            seen = f"{peeled.text}, {peeled.around}"
            return refuse("token.grant_unknown", seen=seen, expected=expected, next_step=peeled.mend)
    seen = sent if _GRANT.fullmatch(sent) else f"{len(sent)} characters that are no grant type"
    return refuse("token.grant_unknown", seen=seen, expected=expected)


_GRANT = re.compile(
    r"authorization_code|client_credentials|implicit|password|refresh_token"
    r"|urn:ietf:params:oauth:grant-type:[a-z0-9-]{1,30}"
)
"""RFC 6749 and the registry that its successors share."""


SCHEMES = {"basic", "bearer", "digest", "dpop", "hawk", "hoba", "mutual", "negotiate", "signature", "token"}
"""IANA's registry of authentication schemes, as far as clients of such providers use it."""


def api_key(authorization: str | None) -> str:
    """The API key: the user of Basic credentials whose password is empty.

    Raises Refused with ``token.credentials_missing``, ``token.scheme_wrong`` or ``token.credentials_malformed``.
    """
    key, password = basic(authorization)
    if password:
        seen = f"a password of {len(password)} characters beside the API key"
        raise refuse("token.credentials_malformed", seen=seen, expected="Authorization: Basic base64(API_KEY:)")
    return key


def bearer(authorization: str | None) -> str:
    """The bearer token of the header. Raises Refused with ``token.missing`` or ``token.scheme_wrong``."""
    if not authorization or not authorization.strip():
        raise refuse("token.missing", seen="no Authorization header", expected="Authorization: Bearer TOKEN")
    scheme, _, token = authorization.strip().partition(" ")
    if scheme.lower() != "bearer":
        raise refuse("token.scheme_wrong", seen=_scheme(scheme), expected="Bearer")
    if not token.strip():
        raise refuse("token.missing", seen="the word Bearer without a token", expected="Authorization: Bearer TOKEN")
    return token.strip()


def basic(authorization: str | None) -> tuple[str, str]:
    """Client id and secret of the header, as they stand there.

    Raises Refused with ``token.credentials_missing``, ``token.scheme_wrong`` or ``token.credentials_malformed``.
    """
    expected = "Authorization: Basic base64(ID:SECRET)"
    if not authorization or not authorization.strip():
        raise refuse("token.credentials_missing", seen="no Authorization header", expected=expected)
    scheme, _, encoded = authorization.strip().partition(" ")
    if scheme.lower() != "basic":
        raise refuse("token.scheme_wrong", seen=_scheme(scheme), expected=expected)
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise refuse(
            "token.credentials_malformed", seen="something that is not base64 of UTF-8", expected=expected
        ) from None
    client_id, colon, secret = text.partition(":")
    if not colon:
        raise refuse("token.credentials_malformed", seen="no colon after the id", expected=expected)
    return client_id, secret


def unencoded(authorization: str, refused: Refused) -> Refused:
    """A refusal of Basic credentials with what they are instead of base64, where that can be seen; else the same."""
    scheme, _, encoded = authorization.strip().partition(" ")
    encoded = encoded.strip()
    if ":" in encoded:
        seen = "id and secret as they are, not in base64"
    elif encoded.partition(" ")[0].lower() == scheme.lower():
        seen = f"the word {encoded.partition(' ')[0]} twice"
    elif set(encoded) & set("-_"):
        seen = "base64url, which has - and _ where base64 has + and /"
    elif " " in encoded:
        seen = "base64 with white space in it"
    elif re.fullmatch(r"[A-Za-z0-9+/]+", encoded) and len(encoded) % 4:
        seen = "base64 without the = at its end, or with its end cut off"
    elif ":" in decoded(decoded(encoded)):
        seen = "base64 of base64"
    else:
        return refused
    return refuse(refused.code, seen=seen, expected=refused.reasons[0].expected)


def decoded(encoded: str) -> str:
    """The text in base64; "" where there is none."""
    with suppress(ValueError):  # binascii.Error and UnicodeDecodeError are two
        return base64.b64decode(encoded.strip(), validate=True).decode()
    return ""


def _scheme(scheme: str) -> str:
    """A scheme by its name, if it is one: what stands in its place may be a token that was sent without one."""
    return f"Authorization of scheme {scheme}" if scheme.lower() in SCHEMES else "Authorization without a known scheme"
