"""Credentials as they are sent: the Authorization header (RFC 6750, RFC 7617) and the form of a token request."""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from urllib.parse import parse_qsl

from sandbox.errors import Refused, refuse

MAX_FIELDS = 50
"""Far over any grant's fields; bounds the work that a hostile form can ask for."""


MULTIPART_BYTES = 8192
"""Of a multipart body that are looked at for the names of its fields."""


def read_form(content_type: str, body: bytes) -> dict[str, str]:
    """The fields. Empty for a body that is not a form, as the grant is then simply missing.

    Raises Refused with ``token.form_malformed``.
    """
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        return {}
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise refuse("token.form_malformed", seen="a body that is not a form", expected="name=value&…") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        twice = next(name for name in fields if sum(name == n for n, _ in pairs) > 1)
        raise refuse("token.form_malformed", seen=f"the field {twice[:40]!r} twice", expected="each field once")
    return fields


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
    return refuse("token.grant_missing", seen="no grant_type in the form", expected=expected)


SCHEMES = {"basic", "bearer", "digest", "dpop", "hawk", "hoba", "mutual", "negotiate", "signature", "token"}
"""IANA's registry of authentication schemes, as far as clients of such providers use it."""


def scheme_of(authorization: str | None, *, among: tuple[str, ...]) -> str:
    """Which of the schemes an endpoint takes is used; where none or another is, the last one, which then says no."""
    scheme = (authorization or "").strip().partition(" ")[0].lower()
    return scheme if scheme in among else among[-1]


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
    _, _, encoded = authorization.strip().partition(" ")
    if ":" in encoded:
        seen = "id and secret as they are, not in base64"
    elif set(encoded) & set("-_"):
        seen = "base64url, which has - and _ where base64 has + and /"
    elif " " in encoded.strip():
        seen = "base64 with white space in it"
    else:
        return refused
    return refuse(refused.code, seen=seen, expected=refused.reasons[0].expected)


def _scheme(scheme: str) -> str:
    """A scheme by its name, if it is one: what stands in its place may be a token that was sent without one."""
    return f"Authorization of scheme {scheme}" if scheme.lower() in SCHEMES else "Authorization without a known scheme"
